"""Workers in threads that talk as `torch.distributed` does, for the checks of exercises.

No process is started and nobody waits in vain: as soon as each worker waits for another or is done,
those that wait are told what for. Like gloo's, this `send` comes back only when the other side has
received, or has asked for it by `irecv`.
"""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import torch
from torch import Tensor

from course_utils.exercises.clean import restore_builtins
from course_utils.exercises.limits import run_limited

SECONDS = 5  # processor time of one worker
PATIENCE = 20  # seconds in all, for code that waits for something else than a worker
LOOK = 1.0  # seconds between two looks of a worker that waits


class GroupError(Exception):
    """What a worker asks of its group cannot be done."""


class WaitsForEverError(GroupError):
    """A worker waits for what no other worker will send."""


class ReduceOp(Enum):
    """How `all_reduce` puts the tensors of all workers together."""

    SUM = "sum"
    AVG = "mean"


@dataclass(eq=False)
class _Letter:
    tensor: Tensor
    taken: bool = False


@dataclass(eq=False)
class _Wish:
    """A tensor that somebody wants to receive, and what has come for it."""

    letter: _Letter | None = None


@dataclass(eq=False)
class _Group:
    """What the workers of one group know together; all of it is used under `changed`."""

    n_workers: int
    changed: threading.Condition = field(default_factory=threading.Condition)
    mail: dict[tuple[int, int], deque[_Letter]] = field(default_factory=dict)
    wishes: dict[tuple[int, int], deque[_Wish]] = field(default_factory=dict)
    rounds: list[dict[int, tuple[str, Tensor]]] = field(default_factory=list)
    waiting: dict[int, tuple[str, Callable[[], bool]]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    stuck: bool = False

    def wait(self, rank: int, what: str, ready: Callable[[], bool]) -> None:
        """Wait until something is so; WaitsForEverError when it cannot become so any more."""
        self.waiting[rank] = what, ready
        self.look()
        while not ready():
            if self.stuck:
                raise WaitsForEverError(f"worker {rank} waits for ever {what}")
            self.changed.wait(LOOK)
        del self.waiting[rank]

    def look(self) -> None:
        """Notice when nobody is left who could do what others wait for."""
        idle = self.waiting.keys() | self.done
        if len(idle) == self.n_workers and not any(ready() for _, ready in self.waiting.values()):
            self.stuck = True
        self.changed.notify_all()

    def post(self, way: tuple[int, int], one: _Letter | _Wish) -> None:
        """Put up what one worker sends or wants on its way to or from another; join what fits."""
        mail, wishes = (kind.setdefault(way, deque()) for kind in (self.mail, self.wishes))
        (mail if isinstance(one, _Letter) else wishes).append(one)
        if mail and wishes:
            wish, letter = wishes.popleft(), mail.popleft()
            wish.letter, letter.taken = letter, True
        self.look()

    def give_up(self) -> None:
        """Let everybody go who still waits."""
        with self.changed:
            self.stuck = True
            self.changed.notify_all()

    def finish(self, rank: int) -> None:
        """Note that a worker is done, whichever way."""
        with self.changed:
            self.waiting.pop(rank, None)
            self.done.add(rank)
            self.look()


class Request:
    """What `isend` and `irecv` give: call `wait()` before the tensor is used again."""

    def __init__(self, finish: Callable[[], None]) -> None:
        self._finish, self._done = finish, False

    def wait(self) -> None:
        if not self._done:
            self._finish()
        self._done = True


class Talk:
    """One worker's end of a group: the functions of `torch.distributed` that exercises need.

    `sent` holds, for each tensor sent to another worker, whom it went to and how many numbers it
    has; `open` counts the requests of `isend` on which nobody called `wait()`, `asked` those of
    `irecv`.
    """

    ReduceOp = ReduceOp

    def __init__(self, group: _Group, rank: int, *, only: tuple[str, ...] = ()) -> None:
        self._group, self._rank, self._only = group, rank, only
        self._round = 0
        self.sent: list[tuple[int, int]] = []
        self.open = self.asked = 0

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):  # Python and its libraries ask for those
            raise AttributeError(name)
        raise GroupError(f"dist.{name} is not there: {self._there()}")

    def _there(self) -> str:
        if self._only:
            return f"only {', '.join(self._only)} are there in this exercise"
        return "all_reduce(tensor) is all that this exercise needs"

    def get_rank(self) -> int:
        return self._rank

    def get_world_size(self) -> int:
        return self._group.n_workers

    def isend(self, tensor: Tensor, dst: int) -> Request:
        """Hand a tensor over to worker `dst` and go on."""
        letter, group = _Letter(_checked("isend", tensor).detach().clone()), self._group
        self._other("sends to", dst)
        self.sent.append((dst, tensor.numel()))
        with group.changed:
            group.post((self._rank, dst), letter)
        self.open += 1

        def finish() -> None:
            self.open -= 1
            with group.changed:
                what = f"until worker {dst} receives what it sent"
                group.wait(self._rank, what, lambda: letter.taken)

        return Request(finish)

    def send(self, tensor: Tensor, dst: int) -> None:
        """Send a tensor to worker `dst`; come back when it has been received."""
        self.isend(tensor, dst).wait()

    def irecv(self, tensor: Tensor, src: int) -> Request:
        """Ask for a tensor from worker `src` and go on; it is there after `wait()`."""
        _checked("recv", tensor)
        self._other("receives from", src)
        wish, group = _Wish(), self._group
        with group.changed:
            group.post((src, self._rank), wish)
        self.asked += 1

        def finish() -> None:
            self.asked -= 1
            self._take(tensor, src, wish)

        return Request(finish)

    def recv(self, tensor: Tensor, src: int) -> int:
        """Write into a tensor what worker `src` sends next."""
        self.irecv(tensor, src).wait()
        return src

    def _take(self, tensor: Tensor, src: int, wish: _Wish) -> None:
        group = self._group
        with group.changed:
            what = f"for worker {src} to send it something"
            group.wait(self._rank, what, lambda: wish.letter is not None)
        letter = wish.letter
        if letter.tensor.shape != tensor.shape:
            raise GroupError(
                f"worker {src} sent a tensor of shape {tuple(letter.tensor.shape)}, worker "
                f"{self._rank} receives it into one of shape {tuple(tensor.shape)}"
            )
        with torch.no_grad():
            tensor.copy_(letter.tensor)

    def all_reduce(self, tensor: Tensor, op: ReduceOp = ReduceOp.SUM, **other: object) -> None:
        """Write into each worker's tensor the sum of all (the mean, with ReduceOp.AVG)."""
        if other:
            raise GroupError(f"all_reduce has no {', '.join(other)} here: {self._there()}")
        if not isinstance(op, ReduceOp):
            raise GroupError("op of all_reduce is dist.ReduceOp.SUM or dist.ReduceOp.AVG here")
        all_of_them = torch.stack(self._together("all_reduce", tensor))
        total = all_of_them.sum(0) if op is ReduceOp.SUM else all_of_them.mean(0)
        with torch.no_grad():
            tensor.copy_(total)

    def broadcast(self, tensor: Tensor, src: int) -> None:
        """Write worker `src`'s tensor into those of all others."""
        with torch.no_grad():
            tensor.copy_(self._together("broadcast", tensor)[src])

    def barrier(self) -> None:
        """Wait until each worker has come here."""
        self._together("barrier", torch.zeros(()))

    def _together(self, name: str, tensor: Tensor) -> list[Tensor]:
        """Give a tensor, wait for those of all others in this round, and return all by rank."""
        if self._only:
            raise GroupError(f"dist.{name} is not there: {self._there()}")
        group, tensor = self._group, _checked(name, tensor)
        with group.changed:
            if self._round == len(group.rounds):
                group.rounds.append({})
            these = group.rounds[self._round]
            these[self._rank] = name, tensor.detach().clone()
            self._round += 1
            everybody = group.n_workers
            what = f"in {name} for those who do not come to it"
            group.wait(self._rank, what, lambda: len(these) == everybody)
        return _alike([these[rank] for rank in range(everybody)])

    def _other(self, does: str, rank: object) -> None:
        n = self._group.n_workers
        if isinstance(rank, bool) or not isinstance(rank, int) or not 0 <= rank < n:
            raise GroupError(
                f"worker {self._rank} {does} worker {rank}, and there are the workers 0 to {n - 1}"
            )
        if rank == self._rank:
            raise GroupError(f"worker {rank} {does} itself")


def _checked(name: str, tensor: object) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name} wants a tensor, got {type(tensor).__name__}")
    return tensor


def _alike(given: list[tuple[str, Tensor]]) -> list[Tensor]:
    """Return the tensors of one round; GroupError where not all came for the same."""
    kinds = [(name, tuple(tensor.shape)) for name, tensor in given]
    for rank, kind in enumerate(kinds):
        if kind != kinds[0]:
            (one, here), (other, there) = kinds[0], kind
            raise GroupError(
                f"worker 0 calls {one} with shape {here}, worker {rank} {other} with shape {there}"
            )
    return [tensor for _, tensor in given]


@dataclass(frozen=True)
class Ran:
    """What one worker returned, whom it sent how many numbers, and requests not waited for.

    `open` are those of `isend`, `asked` those of `irecv`.
    """

    value: object
    sent: list[tuple[int, int]]
    open: int
    asked: int


def run_together(
    answer: Callable, n_workers: int, arguments: tuple, *, only: tuple[str, ...] = ()
) -> list[Ran]:
    """Call `answer(rank, n_workers, *arguments, talk)` as each of n workers, in threads.

    An endless loop of one worker is ended, too; see `run_limited`.

    Args:
        answer: the learner's function; `talk` stands in for `torch.distributed`.
        n_workers: how many.
        arguments: each worker gets a copy of its own; callables are called with the rank for it.
        only: names of the functions that it may use, where not all.

    Raises:
        GroupError: a worker waits for what no other does, or sends what nobody can take.
        BaseException: whatever the answer raises, of the first worker that does.
    """
    group = _Group(n_workers)
    talks = [Talk(group, rank, only=only) for rank in range(n_workers)]
    ends: list[tuple[object, BaseException | None]] = [(None, None)] * n_workers

    def be_worker(rank: int) -> None:
        own = tuple(part(rank) if callable(part) else copy.deepcopy(part) for part in arguments)
        call = _restoring(lambda: answer(rank, n_workers, *own, talks[rank]))
        ends[rank] = run_limited(call, SECONDS, PATIENCE)
        group.finish(rank)

    threads = [threading.Thread(target=be_worker, args=(n,), daemon=True) for n in range(n_workers)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        group.give_up()
    _raise_first([error for _, error in ends])
    return [
        Ran(value, talk.sent, talk.open, talk.asked)
        for (value, _), talk in zip(ends, talks, strict=True)
    ]


def _restoring(call: Callable[[], object]) -> Callable[[], object]:
    def restoring() -> object:
        try:
            return call()
        finally:
            restore_builtins()

    return restoring


def _raise_first(errors: list[BaseException | None]) -> None:
    """Raise what went wrong first: who waits for a worker that has failed is not to blame."""
    wrong = [error for error in errors if error is not None]
    if wrong:
        raise min(wrong, key=lambda error: isinstance(error, WaitsForEverError))
