"""Run a function in several real processes that can talk to each other.

Each worker is a process with a memory of its own and a member of a `torch.distributed` group. What
torchrun does for a script on many machines, this does for one function of a notebook on one.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import pickle
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from course_utils.display import say
from course_utils.parallel.travel import pack
from course_utils.parallel.worker import work

MOST_WORKERS = 64
START = 120.0  # seconds that processes may take to start and find each other
GRACE = 0.5  # seconds after a failure in which the others may tell of theirs
ANSWER = 5.0  # seconds in which a worker may say where it stands
TICK = 0.2  # seconds between two looks; Windows lets nobody interrupt a longer one
# What a new process has already; the last is what optimizers and DDP import at their first use.
FASTER = ["torch", "torch.distributed", "course_utils.parallel.worker", "torch._dynamo"]
REMEDY = (
    "A worker that waits for what nobody sends waits for ever. Does each worker call the same "
    "operations of the group, equally often and in the same order? If it only computes for long, "
    "give run_workers a larger timeout="
)


class WorkerError(RuntimeError):
    """A worker raised an error, died, or did not come to an end; all have been ended.

    `rank` is the number of the worker to look at first.
    """

    def __init__(self, message: str, rank: int) -> None:
        super().__init__(message)
        self.rank = rank


@dataclass
class _Worker:
    """What is known of one worker; `state` is starting, running, done, failed or dead."""

    rank: int
    process: BaseProcess
    line: Connection
    state: str = "starting"
    value: bytes = b""
    error: str = ""
    place: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return self.state in ("starting", "running")

    def listen(self) -> None:
        """Take in one report; a line that is cut means that the process is dead."""
        try:
            kind, content = self.line.recv()
        except (EOFError, OSError):
            self.process.join(GRACE)
            self.state = "dead"
            return
        if kind == "said":
            self.said.append(content)
        elif kind == "ready":
            self.state = "running"
        elif kind == "value":
            self.state, self.value = "done", content
        elif kind == "error":
            self.state, (self.error, self.place) = "failed", content
        else:
            self.place = content


def run_workers(
    function: Callable, n_workers: int, *arguments: object, timeout: float = 60.0
) -> list[object]:
    """Run `function(rank, n_workers, *arguments)` in that many processes; return what they return.

    Inside, `torch.distributed` is ready to use: the workers are one group (gloo, over this
    machine's loopback), each with one thread. What they print appears here at the end, rank by
    rank. None of them is left when this returns, raises or is interrupted.

    Args:
        function: made with def, in a cell or a file. It travels as text: modules, what was
            imported from them and other functions of the same notebook come along; data do not.
        n_workers: how many processes, from 1 to 64.
        arguments: what else each worker gets, a copy of its own.
        timeout: seconds that the function may take, the start of the processes left out.

    Returns:
        What each worker returned, by rank.

    Raises:
        WorkerError: a worker raised an error, died or was not done in time; it says which, and in
            which line it stood.
        ValueError: the function or an argument cannot be sent; the message says what to change.

    >>> def total(rank, n_workers):
    ...     number = torch.tensor(rank)
    ...     dist.all_reduce(number)
    ...     return number.item()
    >>> run_workers(total, 3)
    [3, 3, 3]
    """
    _check(n_workers, timeout)
    job = _pickled(pack(function), arguments)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        workers: list[_Worker] = []
        try:
            _start(workers, n_workers, folder, job)
            _watch(workers, timeout)
        finally:
            _end(workers)
            _tell(workers)
    return [pickle.loads(worker.value) for worker in workers]


def _check(n_workers: object, timeout: object) -> None:
    if isinstance(n_workers, bool) or not isinstance(n_workers, int):
        raise ValueError(f"n_workers must be a whole number, got {n_workers!r}")
    if not 1 <= n_workers <= MOST_WORKERS:
        raise ValueError(f"n_workers must be from 1 to {MOST_WORKERS}, got {n_workers}")
    if not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise ValueError(f"timeout must be a number of seconds above 0, got {timeout!r}")


def _pickled(packed: object, arguments: tuple) -> bytes:
    for place, argument in enumerate(arguments, start=1):
        try:
            pickle.dumps(argument)
        except Exception as error:
            raise ValueError(
                f"argument {place} of the function, a {type(argument).__name__}, cannot be sent "
                f"to another process ({error}); send numbers, tensors, lists or a state_dict()"
            ) from error
    return pickle.dumps((packed, arguments))


def _start(workers: list[_Worker], n_workers: int, folder: str, job: bytes) -> None:
    context = _context()
    for rank in range(n_workers):
        ours, theirs = context.Pipe()
        process = context.Process(
            target=work, args=(rank, n_workers, folder, theirs, job), daemon=True
        )
        process.start()
        theirs.close()
        workers.append(_Worker(rank, process, ours))


def _context() -> BaseContext:
    """Return how processes are made: on Linux by a server that has imported torch already.

    A process that is copied after its libraries were loaded is not safe on macOS, and Windows
    cannot copy one: there each begins anew and imports torch itself.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(FASTER)
    return context


def _watch(workers: list[_Worker], timeout: float) -> None:
    """Listen to all until each is done; WorkerError if one is not, or not in time."""
    begun, end = False, time.monotonic() + START
    while any(worker.busy for worker in workers):
        if not begun and all(worker.state != "starting" for worker in workers):
            begun, end = True, time.monotonic() + timeout
        _listen(workers, TICK)
        if any(worker.state in ("failed", "dead") for worker in workers):
            _listen_until(workers, time.monotonic() + GRACE, lambda: False)
            raise _failure(workers)
        if time.monotonic() > end and any(worker.busy for worker in workers):
            raise _too_late(workers, timeout if begun else START)


def _listen(workers: list[_Worker], seconds: float) -> None:
    lines = {worker.line: worker for worker in workers if worker.state != "dead"}
    for line in wait(list(lines), seconds):
        lines[line].listen()


def _listen_until(workers: list[_Worker], end: float, enough: Callable[[], bool]) -> None:
    while not enough() and (left := end - time.monotonic()) > 0:
        if all(worker.state == "dead" for worker in workers):
            return
        _listen(workers, min(left, TICK))


def _failure(workers: list[_Worker]) -> WorkerError:
    """Name who failed first: where one has died, the others only tell of lost connections."""
    dead = [worker for worker in workers if worker.state == "dead"]
    failed = [worker for worker in workers if worker.state == "failed"]
    if dead:
        worker = dead[0]
        return WorkerError(f"worker {worker.rank} {_end_of(worker.process)}", worker.rank)
    worker = failed[0]
    lines = [f"worker {worker.rank} stopped with {worker.error}"]
    lines += [worker.place] if worker.place else []
    return WorkerError("\n".join(lines), worker.rank)


def _end_of(process: BaseProcess) -> str:
    """Say how a process ended that did not report."""
    code = process.exitcode
    if code is None or code >= 0:
        return f"ended its process (exit code {code}) before the function came back"
    names = {number.value: number.name for number in signal.Signals}
    return f"died: it was killed by signal {-code} ({names.get(-code, 'unknown')})"


def _too_late(workers: list[_Worker], seconds: float) -> WorkerError:
    """Ask who is not done yet where it stands."""
    late = [worker for worker in workers if worker.busy]
    for worker in late:
        worker.place = ""
        with contextlib.suppress(OSError):  # it has just died
            worker.line.send("where?")
    _listen_until(workers, time.monotonic() + ANSWER, lambda: all(worker.place for worker in late))
    lines = [f"after {seconds:g} seconds the workers were not done"]
    for worker in workers:
        where = worker.place or "has not begun" * (worker.state == "starting") or "does not answer"
        lines.append(f"worker {worker.rank}: {'still ' + where if worker.busy else 'done'}")
    return WorkerError("\n".join([*lines, REMEDY]), late[0].rank)


def _end(workers: list[_Worker]) -> None:
    """End all processes, whatever they do."""
    for worker in workers:
        worker.process.kill()
    for worker in workers:
        worker.process.join(START)
        worker.line.close()


def _tell(workers: list[_Worker]) -> None:
    """Print what the workers printed, rank by rank."""
    for worker in workers:
        for line in "".join(worker.said).splitlines():
            say(f"worker {worker.rank} | {line}")
