"""How much sooner n workers are done: Amdahl's and Gustafson's laws, with communication.

G. M. Amdahl (Validity of the single processor approach to achieving large scale computing
capabilities, AFIPS 1967): the work is given, and n workers share what divides of it.
J. L. Gustafson (Reevaluating Amdahl's law, Communications of the ACM 31, 1988): the work grows with
the workers, as when every worker keeps its batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

MOST = 4096  # workers, where nothing else is said


@dataclass(frozen=True)
class Parts:
    """What one training step is made of, in seconds.

    Attributes:
        divides: work that n workers do in an n-th of the time: forward and backward of one batch.
        fixed: work that takes as long however many workers there are, such as the optimizer's step.
        latency: what one message costs before its first byte arrives.
        transfer: one whole gradient through one connection, its bytes over the bandwidth.

    Raises:
        ValueError: a part is negative or not finite, or there is no work at all.

    >>> Parts(divides=0.09, fixed=0.01, latency=0.001, transfer=0.004).share
    0.1
    """

    divides: float
    fixed: float
    latency: float = 0.0
    transfer: float = 0.0

    def __post_init__(self) -> None:
        for part in fields(self):
            seconds = getattr(self, part.name)
            if not (math.isfinite(seconds) and seconds >= 0):
                raise ValueError(f"{part.name} must be seconds from 0 up, got {seconds}")
        if not self.work > 0:
            raise ValueError("there is no work: divides or fixed must be more than 0 seconds")

    @property
    def work(self) -> float:
        """Seconds of one step on one worker, which sends nothing."""
        return self.divides + self.fixed

    @property
    def share(self) -> float:
        """The share of the work that does not divide, 0 to 1; Amdahl's s."""
        return self.fixed / self.work

    @classmethod
    def measured(
        cls, divides: float, fixed: float, all_reduce: float, *, tiny: float = 0, n_workers: int = 2
    ) -> Parts:
        """Return the parts for what a stopwatch gives.

        Args:
            divides, fixed: seconds of work on one worker, as above.
            all_reduce: seconds of one all-reduce of the whole gradient by `n_workers`.
            tiny: seconds of one all-reduce of a single number by the same workers: all latency.
                Left out, the latency counts as zero. What is more than `all_reduce` (a stopwatch
                errs) counts as `all_reduce`.
            n_workers: with how many it was measured, at least 2.

        Raises:
            ValueError: a time is negative, or fewer than two workers cannot have sent anything.

        >>> Parts.measured(0.09, 0.01, all_reduce=0.006, tiny=0.002)
        Parts(divides=0.09, fixed=0.01, latency=0.001, transfer=0.004)
        """
        if n_workers < 2 or not (tiny >= 0 and all_reduce >= 0):
            raise ValueError(
                "measure an all-reduce between at least 2 workers, in seconds from 0 up, got "
                f"n_workers={n_workers}, all_reduce={all_reduce}, tiny={tiny}"
            )
        waiting = min(tiny, all_reduce)
        messages = 2 * (n_workers - 1)
        return cls(
            divides, fixed, waiting / messages, (all_reduce - waiting) * n_workers / messages
        )


def amdahl(share: float, n: ArrayLike) -> np.ndarray:
    """Return the speed-up of work of which a share does not divide: 1 / (s + (1 − s) / n).

    Args:
        share: s, 0 to 1.
        n: numbers of workers, each at least 1.

    Source: Amdahl 1967. However many workers there are, it stays below 1 / s.

    >>> amdahl(0.1, [1, 10]).round(2).tolist()
    [1.0, 5.26]
    """
    n = _workers(n)
    return 1 / (_share(share) + (1 - share) / n)


def gustafson(share: float, n: ArrayLike) -> np.ndarray:
    """Return the speed-up where every worker brings its own work: s + (1 − s) n.

    Args:
        share: s, of one worker's time the part that does not divide, 0 to 1.
        n: numbers of workers, each at least 1.

    Source: Gustafson 1988. It compares with one worker who does all of the larger work.

    >>> gustafson(0.1, [1, 10]).round(2).tolist()
    [1.0, 9.1]
    """
    n = _workers(n)
    return _share(share) + (1 - share) * n


def all_reduce_seconds(parts: Parts, n: ArrayLike) -> np.ndarray:
    """Return the seconds of a ring all-reduce: 2 (n − 1) messages of an n-th of the gradient.

    Source: see `course_utils.parallel.ring`. One worker sends nothing.
    """
    n = _workers(n)
    return 2 * (n - 1) * (parts.latency + parts.transfer / n)


def step_seconds(parts: Parts, n: ArrayLike, *, growing: bool = False) -> np.ndarray:
    """Return how long one training step of n workers takes, in seconds.

    Args:
        parts: what a step is made of. Nothing is sent while anybody computes; what
            `DistributedDataParallel` sends during the backward pass should not be counted.
        n: numbers of workers, each at least 1.
        growing: whether every worker keeps its batch (weak scaling), so that the batch of all grows
            with n; otherwise one batch is divided among them (strong scaling).
    """
    n = _workers(n)
    computes = parts.divides if growing else parts.divides / n
    return parts.fixed + computes + all_reduce_seconds(parts, n)


def speedup(parts: Parts, n: ArrayLike, *, growing: bool = False) -> np.ndarray:
    """Return how many times sooner n workers are done than one worker with the same batch.

    Without communication this is `amdahl`, and `gustafson` where the batch is `growing`.

    >>> speedup(Parts(0.09, 0.01, transfer=0.02), [1, 2, 4]).round(2).tolist()
    [1.0, 1.33, 1.6]
    """
    n = _workers(n)
    alone = parts.fixed + parts.divides * (n if growing else 1)
    return alone / step_seconds(parts, n, growing=growing)


def speedup_limit(parts: Parts, *, growing: bool = False) -> float:
    """Return what the speed-up comes to with ever more workers; `math.inf` where nothing holds it.

    Without communication this is Amdahl's 1 / s, and no limit for a growing batch. Where latency
    makes a divided batch slower and slower, it is 0: see `last_that_pays`.

    >>> speedup_limit(Parts(divides=0.3, fixed=0.1))
    4.0
    """
    if growing:
        return parts.divides / (2 * parts.latency) if parts.latency else math.inf
    stays = parts.fixed + 2 * parts.transfer
    return 0.0 if parts.latency else parts.work / stays if stays else math.inf


def efficiency(parts: Parts, n: ArrayLike, *, growing: bool = False) -> np.ndarray:
    """Return the speed-up a worker: 1 where each brings as much as the first, less otherwise."""
    return speedup(parts, n, growing=growing) / _workers(n)


def last_that_pays(parts: Parts, *, growing: bool = False, most: int = MOST) -> int | None:
    """Return the number of workers to which one more adds no speed; None if there is none.

    Args:
        parts: what a step is made of.
        growing: see `step_seconds`.
        most: how far to look.

    >>> last_that_pays(Parts(0.09, 0.01, latency=0.001))
    7
    """
    gains = np.diff(speedup(parts, np.arange(1, most + 2), growing=growing))
    return _first(gains <= 1e-12)


def efficient_until(
    parts: Parts, least: float = 0.5, *, growing: bool = False, most: int = MOST
) -> int | None:
    """Return the largest number of workers whose efficiency is `least` or more; None if all are.

    >>> efficient_until(Parts(0.09, 0.01))
    11
    """
    below = efficiency(parts, np.arange(2, most + 2), growing=growing) < least - 1e-12
    return _first(below)


def _first(found: np.ndarray) -> int | None:
    """Return the first place, counted from 1, at which something was found."""
    return int(found.argmax()) + 1 if found.any() else None


def _workers(n: ArrayLike) -> np.ndarray:
    n = np.asarray(n, dtype=float)
    if not (n >= 1).all():
        raise ValueError(f"numbers of workers must be 1 or more, got {n.tolist()}")
    return n


def _share(share: float) -> float:
    if not 0 <= share <= 1:
        raise ValueError(f"share must be 0 to 1, such as 0.1 for ten per cent, got {share}")
    return share
