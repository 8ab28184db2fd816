"""Exercises and quiz of lesson 11, What changes when one machine is not enough?"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake, slips
from course_utils.exercises.quiz import Question
from course_utils.exercises.workers import GroupError, Talk, run_together

# --- together: a loop that is data-parallel in three wrong ways --------------------------------

Slope = Callable[[Tensor], Tensor]  # from the weights to the gradient on a worker's own samples


def _own_samples(rank: int, n_workers: int, size: int) -> slice:
    return slice(rank * size, (rank + 1) * size)


def _mean_of_all(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    dist.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _together(
    rank: int,
    n_workers: int,
    w: Tensor,
    X: Tensor,
    y: Tensor,
    lr: float,
    n_steps: int,
    dist: Talk,
    samples: Callable[[int, int, int], slice] = _own_samples,
    step: Callable[[Tensor, Slope, float, int, Talk], Tensor] = _mean_of_all,
) -> Tensor:
    """Learn a linear rule together; the last two say how, rightly or not."""
    mine = samples(rank, n_workers, len(X) // n_workers)

    def slope(w: Tensor) -> Tensor:
        error = X[mine] @ w - y[mine]
        return 2 * error @ X[mine] / len(error)

    for _ in range(n_steps):
        w = step(w, slope, lr, n_workers, dist)
    return w


def _together_reference(
    rank: int, n_workers: int, w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int, dist: Talk
) -> Tensor:
    return _together(rank, n_workers, w, X, y, lr, n_steps, dist)


def _together_with(samples: Callable, step: Callable) -> Callable:
    return lambda *inputs: _together(*inputs, samples=samples, step=step)


def _sum_of_all(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    dist.all_reduce(gradient)
    return w - lr * gradient


def _twice_divided(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w) / n_workers
    dist.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _own_alone(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    return w - lr * slope(w)


def _weights_added(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    w = w - lr * slope(w)
    dist.all_reduce(w)
    return w


def _both_steps(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    own = gradient.clone()
    dist.all_reduce(gradient)
    return w - lr * own - lr * gradient / n_workers


def _only_first_hears(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    own = gradient.clone()
    dist.all_reduce(gradient)
    return w - lr * (gradient / n_workers if dist.get_rank() == 0 else own)


def _waits_alone(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    if dist.get_rank() == 0:
        dist.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _takes_what_comes_back(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> None:
    return w - lr * dist.all_reduce(slope(w)) / n_workers


def _asks_the_real_one(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    torch.distributed.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _together_at_the_end(*inputs: object, divided: bool) -> Tensor:
    """Let each learn alone; put the weights together once, at the end."""
    w = _together(*inputs, step=_own_alone)
    inputs[-1].all_reduce(w)
    return w / inputs[1] if divided else w


# What a worker may take of the samples, and how it may take its step; empty hints are right.
_SAMPLES = {
    "own": (_own_samples, ""),
    "the first": (
        lambda rank, n_workers, size: slice(0, size),
        "Every worker takes the same samples, the first ones, and nobody takes the others: the "
        "slice must depend on rank.",
    ),
    "all": (
        lambda rank, n_workers, size: slice(0, n_workers * size),
        "Every worker takes all samples. The weights may be right, but no work is shared: each "
        "would need as long as one worker alone.",
    ),
    "overlapping": (
        lambda rank, n_workers, size: slice(rank, rank + size),
        "The shares overlap: worker 1 begins at sample 1, where worker 0 still is. Worker rank "
        "begins at rank * size.",
    ),
    "growing": (
        lambda rank, n_workers, size: slice(0, (rank + 1) * size),
        "Each worker begins at sample 0, so the first samples are taken several times. Worker "
        "rank begins at rank * size.",
    ),
    "to the end": (
        lambda rank, n_workers, size: slice(rank * size, None),
        "Each worker goes on to the last sample, so the last ones are taken several times. A "
        "share ends at (rank + 1) * size.",
    ),
}
_STEPS = {
    "mean": (_mean_of_all, ""),
    "sum": (
        _sum_of_all,
        "The gradients are added up and not divided: the step is n_workers times too long. "
        "all_reduce gives the sum, and the gradient of the whole batch is the mean.",
    ),
    "divided twice": (
        _twice_divided,
        "The gradients are divided by n_workers twice, so the step is too short.",
    ),
    "alone": (
        _own_alone,
        "Each worker takes its step along its own gradient alone. The all_reduce comes too late, "
        "or what comes of it is not used: it belongs between gradient and step.",
    ),
    "both": (
        _both_steps,
        "There are two steps in each round, one along the own gradient and one along the mean. "
        "Take the first one out.",
    ),
    "weights added": (
        _weights_added,
        "The weights themselves are added up over all workers. Put the gradients together, before "
        "the step, and divide.",
    ),
}


TOGETHER_MISTAKES = (
    *slips(_together_with, _SAMPLES, _STEPS),
    Mistake(
        _together_with(_own_samples, _waits_alone),
        "Only worker 0 calls all_reduce, and it waits for the others for ever. Every worker "
        "has to call it, each time.",
    ),
    Mistake(
        _together_with(_own_samples, _takes_what_comes_back),
        "all_reduce returns nothing: it writes the sum into the tensor that it gets. Call it "
        "on a line of its own.",
    ),
    Mistake(
        _together_with(_own_samples, _asks_the_real_one),
        "Here no real group was started. Use the dist that the function gets as its last "
        "argument, without an import.",
    ),
    Mistake(
        lambda *inputs: _together_at_the_end(*inputs, divided=True),
        "Each worker learns alone, and the weights are averaged once, at the end. After the "
        "first step they have parted: average in each step.",
    ),
    Mistake(
        lambda *inputs: _together_at_the_end(*inputs, divided=False),
        "Each worker learns alone, and the weights are added up at the end. Average the "
        "gradients, in each step.",
    ),
    Mistake(
        _together_with(_own_samples, _only_first_hears),
        "Worker 0 alone uses the mean, the others their own gradient. All must take the same step.",
    ),
)


def _apply_together(answer: Callable, n_workers: int, *inputs: object) -> dict[str, object]:
    """Let all workers learn; then again with one sample of one worker spoilt, to see who uses it.

    What is spoilt is not a number, and so is all that is computed of it.
    """
    ran = run_together(answer, n_workers, inputs)
    w, X, *rest = inputs
    _check_shapes([one.value for one in ran], w)
    uses = torch.zeros(len(X), n_workers)
    hears = torch.zeros(n_workers, n_workers)
    for row in range(len(X)):
        for rank in range(n_workers):
            spoilt = _spoil(X, row, rank)
            ends = [
                _finite(one.value) for one in run_together(answer, n_workers, (w, spoilt, *rest))
            ]
            uses[row, rank] = not all(ends)
            hears[rank] += torch.tensor([not end for end in ends])
    used_by_somebody = uses.any(dim=0)
    return {
        TAKEN: [int(count) for count in uses.sum(dim=1)],
        "every worker learns from all": bool((hears[used_by_somebody] > 0).all()),
        "weights of each worker": [_rounded(one.value) for one in ran],
    }


def _check_shapes(values: list[object], w: Tensor) -> None:
    for value in values:
        shape = tuple(torch.as_tensor(value).shape)
        if shape != w.shape:
            raise GroupError(f"the weights, {tuple(w.shape)}, were wanted, {shape} came back")


def _about_together(
    got: dict[str, object], n_workers: int, w: Tensor, X: Tensor, *_: object
) -> str:
    """Say which part of a loop that is no known mistake does not do what it must."""
    counts, weights = got[TAKEN], got["weights of each worker"]
    for sample, count in enumerate(counts):
        if count != 1:
            how = f"{count} workers learn from" if count else "nothing is learned from"
            return (
                f"In this case {how} sample {sample}. Each sample belongs to one worker: the share "
                "of worker rank goes from rank * size to (rank + 1) * size."
            )
    if weights != weights[:1] * n_workers:
        return "The workers end with different weights: they do not take the same steps."
    return (
        "The shares are right and all workers agree, but their step is not that of one worker with "
        "all samples. It goes once in each round, by lr, against the mean of the gradients."
    )


TAKEN = "workers that take each sample"


def _spoil(X: Tensor, row: int, rank: int) -> Callable[[int], Tensor]:
    def of(other: int) -> Tensor:
        mine = X.clone()
        if other == rank:
            mine[row] = float("nan")
        return mine

    return of


def _finite(value: object) -> bool:
    return bool(torch.as_tensor(value).isfinite().all())


def _rounded(value: object) -> list[float]:
    return [round(number, 3) + 0.0 for number in torch.as_tensor(value).reshape(-1).tolist()]


def _together_cases() -> list[tuple[int, Tensor, Tensor, Tensor, float, int]]:
    generator = torch.Generator().manual_seed(11)

    def whole(*shape: int) -> Tensor:
        return torch.randint(-3, 4, shape, generator=generator).float()

    return [
        (2, torch.zeros(1), torch.ones(2, 1), torch.tensor([1.0, 3.0]), 0.25, 1),
        (2, torch.zeros(1), torch.ones(2, 1), torch.tensor([1.0, 3.0]), 0.25, 2),
        (2, torch.ones(2), whole(4, 2), whole(4), 0.125, 2),
        (3, torch.zeros(2), whole(3, 2), whole(3), 0.0625, 2),
        (1, torch.ones(2), whole(2, 2), whole(2), 0.125, 1),
    ]


TOGETHER = Exercise(
    title="a training on several workers, mended",
    reference=_together_reference,
    cases=_together_cases,
    apply=_apply_together,
    remark=_about_together,
    names=("n_workers", "w", "X", "y", "lr", "n_steps"),
    mistakes=TOGETHER_MISTAKES,
    hints=(
        "Which samples does worker 1 take? Which gradient does it follow? Ask both of each line.",
        "The samples of a worker depend on its rank. What all_reduce gives is a sum. And what is "
        "put together after the step comes too late for it.",
        "mine = slice(rank * size, (rank + 1) * size). Then gradient, all_reduce, divide by "
        "n_workers, step, in this order.",
    ),
    notice="The weights are those of one worker with all samples. Nobody sent any weights: from "
    "the same beginning, the same steps lead to the same place.",
)

# --- ring: all-reduce by sending and receiving -------------------------------------------------

Pieces = list[Tensor]
Pass = Callable[[Tensor, Tensor, int, int, Talk], None]


def _hand_on(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> None:
    """Send a piece to the right while the next comes from the left."""
    request = dist.isend(piece, dst=right)
    dist.recv(buffer, src=left)
    request.wait()


def _ring(
    rank: int,
    n_workers: int,
    pieces: Pieces,
    dist: Talk,
    hand_on: Pass = _hand_on,
    rounds: tuple[int, int] = (-1, -1),
    first: Callable[[Tensor, Tensor], Tensor] = torch.add,
    second: Callable[[Tensor, Tensor], Tensor] = lambda old, new: new,
    places: tuple[int, int] = (0, 1),
    moves: tuple[int, int] = (-1, -1),
    puts_here: bool = False,
) -> Pieces:
    """Add up the pieces of all workers along a ring; what follows `dist` says how, or not."""
    right, left = (rank + 1) % n_workers, (rank - 1) % n_workers
    for place, move, n_less, put in zip(places, moves, rounds, (first, second), strict=True):
        for step in range(n_workers + n_less):
            here = (rank + place + move * step) % n_workers
            there = here if puts_here else (here - 1) % n_workers
            buffer = torch.empty_like(pieces[there])
            hand_on(pieces[here], buffer, right, left, dist)
            pieces[there] = put(pieces[there], buffer)
    return pieces


def _ring_reference(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    return _ring(rank, n_workers, pieces, dist)


def _ring_with(**slip: object) -> Callable[[int, int, Pieces, Talk], Pieces]:
    return lambda rank, n_workers, pieces, dist: _ring(rank, n_workers, pieces, dist, **slip)


def _send_first(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> None:
    dist.send(piece, dst=right)
    dist.recv(buffer, src=left)


def _receive_first(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> None:
    dist.recv(buffer, src=left)
    dist.send(piece, dst=right)


def _never_waits(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> None:
    dist.isend(piece, dst=right)
    dist.recv(buffer, src=left)


def _ring_of_wholes(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    """Let each worker's whole list travel all the way round."""
    right, left = (rank + 1) % n_workers, (rank - 1) % n_workers
    sizes = [len(piece) for piece in pieces]
    on_the_way = total = torch.cat(pieces)
    for _ in range(n_workers - 1):
        buffer = torch.empty_like(total)
        _hand_on(on_the_way, buffer, right, left, dist)
        on_the_way, total = buffer, total + buffer
    return list(total.split(sizes))


def _by_way_of_one(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    """Let worker 0 add up everything and send it to all."""
    sizes, total = [len(piece) for piece in pieces], torch.cat(pieces)
    if rank:
        dist.send(total, dst=0)
        dist.recv(total, src=0)
        return list(total.split(sizes))
    for other in range(1, n_workers):
        buffer = torch.empty_like(total)
        dist.recv(buffer, src=other)
        total = total + buffer
    for other in range(1, n_workers):
        dist.send(total, dst=other)
    return list(total.split(sizes))


def _everybody_a_piece(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    """Let worker p add up piece p and send it to all: as few numbers, but no ring."""
    others = [other for other in range(n_workers) if other != rank]
    requests = [dist.isend(pieces[other], dst=other) for other in others]
    for other in others:
        buffer = torch.empty_like(pieces[rank])
        dist.recv(buffer, src=other)
        pieces[rank] = pieces[rank] + buffer
    requests += [dist.isend(pieces[rank], dst=other) for other in others]
    for other in others:
        dist.recv(pieces[other], src=other)
    for request in requests:
        request.wait()
    return pieces


def _everybody_to_everybody(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    sizes, mine = [len(piece) for piece in pieces], torch.cat(pieces)
    others = [other for other in range(n_workers) if other != rank]
    requests, total = [dist.isend(mine, dst=other) for other in others], mine
    for other in others:
        buffer = torch.empty_like(mine)
        dist.recv(buffer, src=other)
        total = total + buffer
    for request in requests:
        request.wait()
    return list(total.split(sizes))


def _ring_backwards(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    def other_way(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> None:
        _hand_on(piece, buffer, left, right, dist)

    return _ring(rank, n_workers, pieces, dist, hand_on=other_way)


def _ring_of_open_end(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    if n_workers > 1:  # the last worker has no such neighbour, nor has the first
        request = dist.isend(pieces[rank], dst=rank + 1)
        dist.recv(pieces[rank - 1], src=rank - 1)
        request.wait()
    return pieces


def _one_call(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    for piece in pieces:
        dist.all_reduce(piece)
    return pieces


def _apply_ring(answer: Callable, n_workers: int, pieces: list[Pieces]) -> dict[str, object]:
    """Return what each worker has in the end, and what it took to get there."""
    ran = run_together(
        answer, n_workers, (lambda rank: [*map(torch.clone, pieces[rank])],), only=RING_CALLS
    )
    return {
        f"what worker {rank} has": _listed(one.value, n_workers) for rank, one in enumerate(ran)
    } | {
        "numbers that each worker sends": [sum(size for _, size in one.sent) for one in ran],
        "workers that each sends to": [len({other for other, _ in one.sent}) for one in ran],
        "sendings nobody waited for": sum(one.open for one in ran),
    }


RING_CALLS = ("isend", "send", "recv")


def _listed(value: object, n_workers: int) -> list[list[float]]:
    if not isinstance(value, list | tuple | Tensor) or len(value) != n_workers:
        raise GroupError(f"a list of {n_workers} pieces was wanted, one tensor for each worker")
    return [torch.as_tensor(piece).reshape(-1).tolist() for piece in value]


def _ring_cases() -> list[tuple[int, list[Pieces]]]:
    def pieces_of(n_workers: int, sizes: list[int]) -> tuple[int, list[Pieces]]:
        numbers = list(torch.arange(1.0, sum(sizes) + 1).split(sizes))
        return n_workers, [[10**rank * piece for piece in numbers] for rank in range(n_workers)]

    return [
        pieces_of(2, [1, 1]),
        pieces_of(3, [1, 1, 1]),
        pieces_of(4, [2, 2, 2, 2]),
        pieces_of(5, [1, 1, 1, 1, 1]),
        pieces_of(1, [2]),
    ]


def _about_ring(got: dict[str, object], n_workers: int, pieces: list[Pieces]) -> str:
    """Say of which worker's numbers there are too many or too few in a piece, or what was sent.

    A piece holds multiples of 1, 10, 100, …, one power for each worker, so a sum tells its parts.
    """
    for rank in range(n_workers):
        for place, piece in enumerate(got[f"what worker {rank} has"]):
            total = round(piece[0] / pieces[0][place][0].item(), 6) if piece else 0.5
            if not total.is_integer() or total < 0:
                return (
                    f"Piece {place} of worker {rank} holds numbers of another piece. What is sent "
                    "as piece p must be put to piece p."
                )
            counts = [int(total) // 10**other % 10 for other in range(n_workers)]
            for other, count in enumerate(counts):
                if count != 1:
                    how = f"{count} times" if count else "not at all"
                    return (
                        f"Piece {place} of worker {rank} holds what worker {other} had of it "
                        f"{how}, and once is right."
                    )
    return (
        "The sums are right. But a ring sends 2 (n − 1) pieces a worker, all to one neighbour, and "
        "waits for each."
    )


RING = Exercise(
    title="all-reduce along a ring",
    reference=_ring_reference,
    cases=_ring_cases,
    apply=_apply_ring,
    remark=_about_ring,
    names=("n_workers", "pieces of each worker"),
    mistakes=(
        Mistake(
            _ring_with(hand_on=_send_first),
            "All send first, and a send that comes back only when somebody has received never "
            "comes back here. Send with isend, receive, then wait() on what isend gave.",
        ),
        Mistake(
            _ring_with(hand_on=_receive_first),
            "All receive first, so nobody has sent anything. Send with isend before you receive.",
        ),
        Mistake(
            _ring_with(hand_on=_never_waits),
            "The sums are right, but nobody waits for what isend has begun: a piece that changes "
            "before it has left arrives changed. Call wait() on what isend gave.",
        ),
        Mistake(
            _ring_with(rounds=(0, 0)),
            "The sums are right, but both rounds have a step too many: n_workers − 1 are enough.",
        ),
        Mistake(
            _ring_with(rounds=(-1, 0)),
            "The sums are right, but one of the two rounds has a step too many: n_workers − 1 in "
            "each bring every piece everywhere.",
        ),
        Mistake(
            lambda rank, n_workers, pieces, dist: _ring(
                rank, n_workers, pieces, dist, rounds=(-1, -n_workers)
            ),
            "Each worker has one finished piece, and only that one. A second round must bring it "
            "to all others.",
        ),
        Mistake(
            _ring_with(second=torch.add),
            "In the second round you still add. What comes there is finished: it takes the place "
            "of what was there.",
        ),
        Mistake(
            _ring_with(first=lambda old, new: new, second=torch.add),
            "The two rounds are the wrong way round: first add, then replace.",
        ),
        Mistake(
            _ring_with(places=(0, 0)),
            "In the end piece p is everywhere what worker p had of it, with nothing added. Either "
            "the first round replaces where it should add. Or the second begins with piece rank, "
            "which nothing was added to, and not with the finished one, piece rank + 1.",
        ),
        Mistake(
            _ring_with(places=(1, 1)),
            "In the end piece p is everywhere what worker p − 1 had of it: what the first round "
            "adds up, the second does not send. Does the first begin with piece rank, and is what "
            "comes added to the piece before the one that is sent?",
        ),
        Mistake(
            _ring_with(moves=(0, 0)),
            "You send the same piece in every step. What has just come is what has to go on: one "
            "piece further back in each step.",
        ),
        Mistake(
            _ring_with(moves=(0, -1)),
            "In the first round you send the same piece in every step. What has just come, with "
            "your numbers added, is what has to go on.",
        ),
        Mistake(
            _ring_with(moves=(1, 1)),
            "The pieces go the wrong way: in step t worker rank sends piece rank − t, the one "
            "that it has just added to.",
        ),
        Mistake(
            _ring_with(moves=(1, -1)),
            "In the first round the pieces go the wrong way: in step t worker rank sends piece "
            "rank − t, the one that it has just added to.",
        ),
        Mistake(
            _ring_with(puts_here=True),
            "What comes from the left is put to the piece that you have just sent. Your left "
            "neighbour sent another one: piece rank − 1 − t.",
        ),
        Mistake(
            _ring_backwards,
            "Left and right are swapped, but the pieces are those of a ring to the right. Send to "
            "(rank + 1) % n_workers, receive from (rank − 1) % n_workers.",
        ),
        Mistake(
            lambda rank, n_workers, pieces, dist: _ring(rank, n_workers, pieces, torch.distributed),
            "Here no real group was started. Use the dist that the function gets as its last "
            "argument, without an import.",
        ),
        Mistake(
            _ring_of_wholes,
            "The sums are right, but whole lists travel. In a ring only one piece goes in a step, "
            "already added up, and each worker sends about two lists in all.",
        ),
        Mistake(
            _by_way_of_one,
            "The sums are right, but all of them go through worker 0: it sends far more than the "
            "others, and the more, the more workers there are.",
        ),
        Mistake(
            _everybody_to_everybody,
            "The sums are right, but everybody sends everything to everybody. In a ring each sends "
            "one piece a step, to one neighbour.",
        ),
        Mistake(
            _everybody_a_piece,
            "The sums are right, with as few numbers as a ring needs. But each worker sends to all "
            "others; in a ring it only needs a line to its neighbour.",
        ),
        Mistake(
            _ring_of_open_end,
            "The ring is open: behind the last worker comes worker 0 again. % n_workers does it.",
        ),
        Mistake(
            _one_call,
            "all_reduce is what you are to build here, of isend, recv and wait.",
        ),
        Mistake(
            lambda rank, n_workers, pieces, dist: [
                piece / n_workers for piece in _ring(rank, n_workers, pieces, dist)
            ],
            "These are the means. An all-reduce gives the sums; who wants the mean divides.",
        ),
    ),
    hints=(
        "Play it with three people and three coins each: who gives what to the right, and what is "
        "done with what comes from the left?",
        "Two rounds of n_workers − 1 steps. In step t of the first, worker rank sends piece "
        "(rank − t) % n_workers and adds what comes to piece (rank − t − 1) % n_workers. In the "
        "second it begins with piece rank + 1, and replaces.",
        "In each step: request = dist.isend(pieces[here], dst=right); dist.recv(buffer, src=left); "
        "request.wait(). Then pieces[there] = pieces[there] + buffer, or = buffer.",
    ),
    notice="Each worker sent 2 (n − 1) pieces of an n-th, so less than two lists, however many "
    "workers there are. Gloo and NCCL do this inside all_reduce.",
)

# --- efficiency: what a worker is still worth among n ------------------------------------------


def _efficiency(
    n_workers: int,
    fixed: float,
    divided: float,
    n_bytes: float,
    bandwidth: float,
    kept: Callable[[int, float], float] = lambda n, fixed: fixed,
    shared: Callable[[int, float], float] = lambda n, divided: divided / n,
    sent: Callable[[int, float], float] = lambda n, size: 2 * (n - 1) / n * size,
    form: Callable[[int, float, float], float] = lambda n, one, all_: one / all_ / n,
) -> float:
    """Return speed-up a worker; what follows the bandwidth says how each part is counted."""
    together = kept(n_workers, fixed) + shared(n_workers, divided)
    together += sent(n_workers, n_bytes) / bandwidth
    return form(n_workers, fixed + divided, together)


def _efficiency_reference(
    n_workers: int, fixed: float, divided: float, n_bytes: float, bandwidth: float
) -> float:
    return _efficiency(n_workers, fixed, divided, n_bytes, bandwidth)


def _efficiency_with(kept: Callable, sent: Callable, form: Callable) -> Callable:
    return lambda *inputs: _efficiency(*inputs, kept=kept, sent=sent, form=form)


def _efficiency_undivided(*inputs: float) -> float:
    return _efficiency(*inputs, shared=lambda n, divided: divided)


_KEPT = {
    "whole": (lambda n, fixed: fixed, ""),
    "divided": (
        lambda n, fixed: fixed / n,
        "The fixed part is divided as well. It takes as long however many workers there are.",
    ),
    "left out": (
        lambda n, fixed: 0.0,
        "The fixed part is missing from the time of n workers: each of them needs it, too.",
    ),
}
_SENT = {
    "ring": (lambda n, size: 2 * (n - 1) / n * size, ""),
    "one round": (
        lambda n, size: (n - 1) / n * size,
        "That is one round of the ring. There are two: one adds up, one hands round.",
    ),
    "whole lists": (
        lambda n, size: 2 * (n - 1) * size,
        "In each of the 2 (n − 1) steps only an n-th of the bytes is sent.",
    ),
    "once": (
        lambda n, size: size,
        "A ring sends 2 (n − 1) pieces of an n-th: not all bytes once.",
    ),
    "twice": (
        lambda n, size: 2 * size,
        "Twice all bytes is what many workers come near to. It is 2 (n − 1) / n times.",
    ),
    "one step": (
        lambda n, size: size / n,
        "That is one step of the ring, in which an n-th is sent. There are 2 (n − 1) of them.",
    ),
    "nothing": (
        lambda n, size: 0.0,
        "The time for sending is missing.",
    ),
}
_FORM = {
    "efficiency": (lambda n, one, all_: one / all_ / n, ""),
    "speed-up": (
        lambda n, one, all_: one / all_,
        "That is the speed-up. The efficiency is the speed-up for each of the n workers.",
    ),
    "upside down": (
        lambda n, one, all_: all_ / one,
        "That is the time of n workers over that of one. Turn it round, then divide by n.",
    ),
    "times n": (
        lambda n, one, all_: one / all_ * n,
        "The speed-up is multiplied by n. Divide: it is shared out among the workers.",
    ),
    "over n - 1": (
        lambda n, one, all_: one / all_ / max(n - 1, 1),
        "All n workers compute, so divide the speed-up by n, not by n − 1.",
    ),
    "percent": (
        lambda n, one, all_: 100 * one / all_ / n,
        "That is in percent. Return the number itself, 1 at best.",
    ),
    "seconds": (
        lambda n, one, all_: all_,
        "These are the seconds of n workers. Compare them with those of one, then divide by n.",
    ),
}


def _efficiency_cases() -> list[tuple[int, float, float, float, float]]:
    return [
        (2, 1.0, 8.0, 0.0, 1.0),
        (2, 0.0, 8.0, 6.0, 2.0),
        (4, 2.0, 12.0, 8.0, 4.0),
        (8, 0.5, 20.0, 100.0, 40.0),
        (1, 1.0, 3.0, 8.0, 2.0),
    ]


EFFICIENCY = Exercise(
    title="what each of n workers is worth",
    reference=_efficiency_reference,
    cases=_efficiency_cases,
    mistakes=(
        *slips(_efficiency_with, _KEPT, _SENT, _FORM),
        Mistake(
            _efficiency_undivided,
            "The part that divides is not divided: n workers need an n-th of its time.",
        ),
        Mistake(
            lambda n, fixed, divided, size, speed: _efficiency(n, fixed, divided, size, 1 / speed),
            "The bytes are multiplied by the bandwidth. Bytes over bytes a second are seconds.",
        ),
        Mistake(
            lambda n, fixed, divided, size, speed: (
                _efficiency(n, fixed, divided, size, speed) * divided / (fixed + divided)
            ),
            "The fixed part is missing from the time of one worker: it takes fixed + divided.",
        ),
        Mistake(
            lambda n, fixed, divided, size, speed: (
                _efficiency(n, fixed, divided, size, speed)
                * (fixed + divided + size / speed)
                / (fixed + divided)
            ),
            "One worker alone sends nothing: its time is fixed + divided.",
        ),
        Mistake(
            lambda *inputs: 1 / _efficiency(*inputs),
            "That is upside down: an efficiency is 1 at best, and yours grows with the waste.",
        ),
    ),
    hints=(
        "First the time of one worker, who sends nothing. Then the time of n workers: three parts.",
        "n workers need fixed + divided / n seconds, and the ring sends 2 (n − 1) / n times the "
        "bytes. Speed-up is the one time over the other, efficiency the speed-up over n.",
        "one = fixed + divided; together = fixed + divided / n_workers + 2 * (n_workers − 1) / "
        "n_workers * n_bytes / bandwidth; return one / together / n_workers.",
    ),
    notice="With n the ring's share stops growing, and divided / n still falls: in the end the "
    "fixed part and the sending are all that is left, and another worker only costs.",
)

EXERCISES = {
    "together": TOGETHER,
    "ring": RING,
    "efficiency": EFFICIENCY,
}

QUIZ = [
    Question(
        "A data set has 5 batches, and 2 workers take turns. Each calls all_reduce after every "
        "batch of its own. What happens?",
        (
            "Worker 0 waits in its third call.",
            "Worker 1 has two batches and is done. all_reduce comes back when all have called it, "
            "and the third call of worker 1 never comes.",
        ),
        (
            (
                "Worker 0 takes its third step alone.",
                "It cannot know that nobody comes. all_reduce waits for everybody.",
            ),
            (
                "PyTorch raises an error at once.",
                "Nobody sees that a call will not come. Only a time-out ends the waiting.",
            ),
            (
                "Worker 1 gets one of worker 0's batches.",
                "Nobody deals out batches. Each worker works out by its rank which are its own.",
            ),
        ),
        place=1,
    ),
    Question(
        "From 8 to 64 workers, the same network: how much more does each worker send for a ring "
        "all-reduce?",
        (
            "An eighth more.",
            "2 (n − 1) / n times the gradients: 1.75 times with 8, 1.97 times with 64.",
        ),
        (
            (
                "Eight times as much.",
                "That would be so if each sent everything to everybody. In the ring the pieces "
                "get smaller as the workers get more.",
            ),
            (
                "Nothing: it sends one piece a step.",
                "One piece a step, yes. But there are more steps, and smaller pieces.",
            ),
            (
                "An eighth as much.",
                "A piece is an eighth as large. But there are nine times as many steps.",
            ),
        ),
        place=2,
    ),
    Question(
        "Eight workers, each with batches of 64, as one worker had before, and the same number of "
        "epochs. What is no longer the same?",
        (
            "The weights move an eighth as often.",
            "A step now uses 512 samples, so an epoch has an eighth of the steps. A larger "
            "learning rate makes up for some of it.",
        ),
        (
            (
                "The gradients are eight times as long.",
                "They are averaged: as long as before, and less noisy.",
            ),
            (
                "Each worker learns a model of its own.",
                "All begin alike and take the same steps: one model, eight times.",
            ),
            (
                "Nothing, if the seed is the same.",
                "The same steps would need the same batches: 64 samples in all, 8 for each worker.",
            ),
        ),
        place=0,
    ),
    Question(
        "A tenth of a step cannot be divided among workers. What is the most that any number of "
        "them can bring?",
        (
            "Ten times the speed.",
            "The tenth remains, even if all the rest took no time: 1 / 0.1 = 10.",
        ),
        (
            (
                "As many times the speed as there are workers.",
                "Only if nothing at all remained that each must do, or wait for.",
            ),
            (
                "Nine tenths of the number of workers.",
                "100 workers bring 9.2 times, by 1 / (0.1 + 0.9 / 100).",
            ),
            (
                "1.1 times the speed.",
                "Two workers already bring 1.8 times: 1 / (0.1 + 0.45).",
            ),
        ),
        place=3,
    ),
]
