"""The perceptron rule, update by update."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Update:
    """One step of the perceptron rule: the point, its label, what was said, weights around it."""

    x: np.ndarray
    y: int
    y_hat: int
    before: np.ndarray
    after: np.ndarray


def trace_updates(X: ArrayLike, y: ArrayLike, n_updates: int = 30) -> list[Update]:
    """Run the perceptron rule from zero weights and record each update.

    Args:
        X: points, (N, D).
        y: labels 0 or 1, (N,).
        n_updates: stop after so many; earlier, where an epoch passes without a mistake.

    Returns:
        The updates in order; weights are (D + 1,) with the bias first.

    Source of the rule: F. Rosenblatt, The Perceptron, Psychological Review 65 (1958).
    """
    X = np.asarray(X, dtype=float)
    rows = np.column_stack([np.ones(len(X)), X])  # (N, D) -> (N, D + 1)
    w, updates = np.zeros(rows.shape[1]), []
    while True:
        seen = len(updates)
        for x, label in zip(rows, np.asarray(y), strict=True):
            y_hat = int(w @ x >= 0)
            if y_hat != label:
                before, w = w, w + (label - y_hat) * x
                updates.append(Update(x[1:], int(label), y_hat, before, w))
                if len(updates) == n_updates:
                    return updates
        if len(updates) == seen:
            return updates
