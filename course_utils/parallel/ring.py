"""All-reduce as a ring, step by step, without any process: who sends which piece, who holds what.

Every worker has a gradient of the same size; in the end every worker has their sum. The ring is the
bandwidth-optimal way of P. Patarasuk and X. Yuan (Bandwidth optimal all-reduce algorithms for
clusters of workstations, Journal of Parallel and Distributed Computing 69, 2009). Baidu brought it
to deep learning in 2017, Horovod spread it (A. Sergeev and M. Del Balso, arXiv:1802.05799, 2018).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

WAYS = ("ring", "all to one, one to all", "everybody to everybody")


class RingStep(NamedTuple):
    """What n workers hold after one step of the ring, and what was sent in it.

    Attributes:
        phase: "start" before the first step, then "reduce-scatter" (what arrives is added), then
            "all-gather" (what arrives replaces what was there).
        sent: the piece that each worker sent to its right neighbour, n whole numbers; none at the
            start.
        held: the numbers that each worker holds, (n, D).
        summed: `summed[r, p, q]` says whether piece p of worker r has worker q's numbers in it,
            (n, n, n), bool.
    """

    phase: str
    sent: tuple[int, ...]
    held: np.ndarray
    summed: np.ndarray


def piece_sent(rank: int, t: int, n_workers: int) -> int:
    """Return the piece that a worker sends to its right neighbour in step t: (rank − t) mod n.

    Args:
        rank: the worker, 0 to n - 1; its right neighbour is (rank + 1) mod n.
        t: the step, from 0; the first n - 1 are the reduce-scatter, the next n - 1 the all-gather.
            Who counts the all-gather from 0 again finds (rank + 1 − t) mod n there: the same.
        n_workers: how many there are, n, at least 1.

    Raises:
        ValueError: there is no such worker or no such step.

    >>> [piece_sent(1, t, 4) for t in range(6)]
    [1, 0, 3, 2, 1, 0]
    """
    if not (0 <= rank < n_workers and 0 <= t < 2 * (n_workers - 1)):
        raise ValueError(
            f"of {n_workers} workers, rank must be 0 to {n_workers - 1} and t 0 to "
            f"{2 * (n_workers - 1) - 1}, got {rank} and {t}"
        )
    return (rank - t) % n_workers


def piece_bounds(size: int, n_workers: int) -> list[slice]:
    """Return where each of n pieces lies in a gradient, as `tensor.tensor_split(n)` cuts it.

    Where `size` does not divide, the first pieces have one number more.

    >>> piece_bounds(5, 2)
    [slice(0, 3, None), slice(3, 5, None)]
    """
    ends = np.cumsum([0, *(len(part) for part in np.array_split(np.arange(size), n_workers))])
    return [slice(int(start), int(end)) for start, end in pairwise(ends)]


def ring_steps(gradients: ArrayLike) -> list[RingStep]:
    """Sum the gradients of n workers by a ring; return what they hold after each step.

    In every step all workers send at once: worker r one piece to (r + 1) mod n, see `piece_sent`.
    After n - 1 steps worker r holds the finished piece (r + 1) mod n, after 2 (n - 1) all have all.

    Args:
        gradients: the gradient of each worker, (n, D); its type is kept, whole numbers too.

    Returns:
        2 (n - 1) + 1 steps, the first of which is the start.

    Raises:
        ValueError: `gradients` is not (n, D) with n and D at least 1.

    >>> ring_steps([[1.0, 2.0], [10.0, 20.0]])[-1].held.tolist()
    [[11.0, 22.0], [11.0, 22.0]]
    """
    held = np.array(gradients)
    if held.ndim != 2 or 0 in held.shape:
        raise ValueError(
            "gradients must be (n, D), a row of D numbers for each of n workers, "
            f"got shape {held.shape}; put them together by np.stack"
        )
    n = len(held)
    summed = np.repeat(np.eye(n, dtype=bool)[:, None], n, axis=1)  # (n, n, n): only one's own
    steps = [RingStep("start", (), held, summed)]
    for t in range(2 * (n - 1)):
        steps.append(_next(steps[-1], t))
    return steps


def _next(before: RingStep, t: int) -> RingStep:
    """Let every worker send a piece; what was sent is what was held *before* the step."""
    n = len(before.held)
    adds = t < n - 1
    held, summed = before.held.copy(), before.summed.copy()
    sent = tuple(piece_sent(rank, t, n) for rank in range(n))
    pieces = piece_bounds(held.shape[1], n)
    for rank, piece in enumerate(sent):
        right, where = (rank + 1) % n, pieces[piece]
        numbers, whose = before.held[rank, where], before.summed[rank, piece]
        held[right, where] = held[right, where] + numbers if adds else numbers
        summed[right, piece] = summed[right, piece] | whose if adds else whose
    return RingStep("reduce-scatter" if adds else "all-gather", sent, held, summed)


class Traffic(NamedTuple):
    """What is sent so that all of n workers have the sum of their gradients.

    Attributes:
        busiest: bytes that the busiest worker sends; nobody is done before it is.
        others: bytes that each of the other workers sends.
        total: bytes that all of them send together.
    """

    busiest: float
    others: float
    total: float


def traffic(way: str, n_workers: int, size: float = 1.0) -> Traffic:
    """Return how many bytes are sent by one of three ways to sum gradients.

    - "ring": each worker 2 (n − 1) pieces of size/n (Patarasuk and Yuan, 2009: no way has less).
    - "all to one, one to all": n − 1 workers send their gradient to one, which sends each the sum.
      In total the same as the ring, but almost half of it by one worker.
    - "everybody to everybody": each sends its whole gradient to n − 1 others.

    Args:
        way: one of `WAYS`.
        n_workers: n, at least 1.
        size: of a gradient in bytes; where left out, the unit is one gradient.

    Raises:
        ValueError: there is no such way, no worker, or a negative size.

    >>> traffic("ring", 4, size=1000).busiest
    1500.0
    """
    if way not in WAYS or n_workers < 1 or not size >= 0:
        raise ValueError(
            f"way must be one of {', '.join(map(repr, WAYS))}, n_workers at least 1 and size at "
            f"least 0, got {way!r}, {n_workers} and {size}"
        )
    rest = n_workers - 1
    if way == "ring":
        each = 2 * rest * size / n_workers
        return Traffic(each, each, 2.0 * rest * size)
    if way == "everybody to everybody":
        return Traffic(1.0 * rest * size, 1.0 * rest * size, 1.0 * n_workers * rest * size)
    return Traffic(1.0 * rest * size, size if rest else 0.0, 2.0 * rest * size)
