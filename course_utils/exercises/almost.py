"""What a wrong answer has in common with the right one, where no known mistake explains it.

Each sentence tells what was found by comparing the two on all inputs, so it is true of them.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from torch import Tensor

Same = Callable[[object, object], bool]
# What may have been done to the right numbers.
CHANGES: tuple[tuple[Callable[[np.ndarray], np.ndarray], str], ...] = (
    (np.negative, "The sign is turned round, on all inputs."),
    (np.abs, "The signs are lost: these are the sizes of the right numbers."),
    (lambda right: 1 - right, "Each number is 1 minus the right one."),
    (np.square, "These are the squares of the right numbers."),
    (np.exp, "This is e to the power of the right numbers."),
    (np.log, "These are the logarithms of the right numbers."),
    (np.transpose, "The numbers are right, but rows and columns are swapped."),
    (np.flip, "The numbers are right, but they stand in the reverse order."),
    (np.sum, "This is the sum of the right numbers, and not the numbers."),
    (np.mean, "This is the mean of the right numbers, and not the numbers."),
)
ORDINALS = ("first", "second", "third", "fourth")


class Tried(NamedTuple):
    """One input: what went in, what the answer made of it (None for an error), what is right."""

    case: tuple
    got: object
    right: object


def relation(tried: list[Tried], names: tuple[str, ...], same: Same) -> str:
    """Return what holds between a wrong answer and the right one on all inputs, "" if nothing."""
    if all(same(got, right) for _, got, right in tried):  # it changes its input, say
        return ""
    if all(got is not None for _, got, _ in tried):
        for find in (_wrapped, _parts, _numbers):
            with contextlib.suppress(Exception), np.errstate(all="ignore"):  # it may be anything
                if says := find(tried, same):
                    return says
    return _where(tried, names, same)


def _wrapped(tried: list[Tried], same: Same) -> str:
    if all(isinstance(got, str) and same(float(got), right) for _, got, right in tried):
        return "The number is right, but it came as a text. Return the number itself."
    if all(isinstance(got, tuple | list) and _among(right, got, same) for _, got, right in tried):
        return "The right answer is among the things that you return. Return it alone."
    return ""


def _among(value: object, things: object, same: Same) -> bool:
    return any(same(thing, value) for thing in things)


def _parts(tried: list[Tried], same: Same) -> str:
    """Compare two values or more that are wanted, one by one."""
    if not all(isinstance(right, tuple | list) for _, _, right in tried):
        return ""
    n = len(tried[0].right)
    if all(_among(got, right, same) for _, got, right in tried):
        return f"That is one of the {n} values that are wanted. Return all of them."
    if not 2 <= n <= len(ORDINALS) or any(len(got) != n for _, got, _ in tried):
        return ""
    for order in itertools.permutations(range(n)):
        if all(same([got[k] for k in order], right) for _, got, right in tried):
            return "The values are right, but they stand in another order."
    fits = [all(same(got[k], right[k]) for _, got, right in tried) for k in range(n)]
    good, bad = (" and ".join(np.array(ORDINALS[:n])[np.equal(fits, fit)]) for fit in (True, False))
    return f"Of the {n} values the {good} is right on all inputs. Look at the {bad}." * any(fits)


def _numbers(tried: list[Tried], same: Same) -> str:
    """Compare numbers or tensors: changed, of another shape, moved, stretched."""
    pairs = [(_array(got), _array(right)) for _, got, right in tried]
    for change, says in CHANGES:
        if all(same(a, change(b)) for a, b in pairs):
            return says
    if all(a.size == b.size and same(a.ravel(), b.ravel()) for a, b in pairs):
        return "The numbers are right on all inputs. Only the shape is another one."
    if any(a.shape != b.shape for a, b in pairs):
        return ""
    a, b = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
    largest = np.abs(b).argmax()
    by, times = a[largest] - b[largest], a[largest] / b[largest]
    if not np.isfinite([by, times]).all():
        return ""
    if same(a, b + by):
        return f"Each number is too {'large' if by > 0 else 'small'} by {abs(by):.4g}, everywhere."
    return f"Each number is {times:.4g} times the right one." if same(a, b * times) else ""


def _array(value: object) -> np.ndarray:
    """Return numbers as an array; TypeError or ValueError for anything else."""
    value = value.detach().cpu() if isinstance(value, Tensor) else value
    return np.asarray(value, dtype=float)


def _where(tried: list[Tried], names: tuple[str, ...], same: Same) -> str:
    """Say which whole number among the inputs parts those it is right on from the others."""
    right = [same(got, wanted) for _, got, wanted in tried]
    for name, values in zip(names, zip(*(case for case, _, _ in tried), strict=True), strict=False):
        if any(right) and all(type(value) is int for value in values):
            value, n = Counter(itertools.compress(values, right)).most_common(1)[0]
            if n > 1 and [v == value for v in values] == right:
                return f"It is right on each input with {name} = {value}, and on no other."
    return ""
