"""How a ball goes on by a model's own predictions, and how far off they are."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets.balls import fly
from course_utils.models.sequences import NextStep, roll_out

AHEAD = 30  # steps that are predicted
MODEL, STAYS, STRAIGHT = "the model", "stays where it is", "flies straight on"


def predictions(model: NextStep, seen: Tensor, n_steps: int) -> dict[str, Tensor]:
    """Return how a ball goes on by the model, and by two rules that need no learning.

    Args:
        model: predicts the next position from all before.
        seen: the positions that are known, (T, 2) or (N, T, 2).
        n_steps: how many positions to predict.

    Returns:
        (n_steps, 2) or (N, n_steps, 2) for "the model", which goes on from its own predictions;
        for "stays where it is"; and for "flies straight on", which takes the last two positions
        and knows no wall. With one position nobody knows a direction, and this one stays too.

    Raises:
        ValueError: see `roll_out`.

    >>> predictions(model, path[:2], 20)["flies straight on"]
    """
    dreamt = roll_out(model, seen, n_steps)
    last, before = seen[..., -1:, :], seen[..., -2:, :][..., :1, :]  # the same one of one
    time = torch.arange(1.0, n_steps + 1)[:, None]
    return {MODEL: dreamt, STAYS: last.expand_as(dreamt), STRAIGHT: last + time * (last - before)}


def mean_distances(model: NextStep, paths: Tensor, n_seen: int) -> dict[str, Tensor]:
    """Return how far predictions are from the truth, step by step, as a mean over many balls.

    Args:
        model: see `predictions`.
        paths: true paths, (N, T, 2).
        n_seen: how many positions are known, from 1 to T − 1.

    Returns:
        (T − n_seen,) mean distances, 1 step ahead and more, for "the model", "stays where it is"
        and "flies straight on". The box is 2 wide.

    Raises:
        ValueError: paths and n_seen leave nothing to predict.

    >>> mean_distances(model, bouncing_balls(500, 40, seed=1), n_seen=10)["the model"][9]
    """
    if paths.ndim != 3 or not 1 <= n_seen < paths.shape[1]:
        raise ValueError(
            f"paths must be (N, T, 2) and n_seen from 1 to T − 1, got {tuple(paths.shape)} and "
            f"{n_seen}"
        )
    coming = paths[:, n_seen:]
    by_whom = predictions(model, paths[:, :n_seen], coming.shape[1])
    return {name: (path - coming).norm(dim=2).mean(0) for name, path in by_whom.items()}


class Throw(NamedTuple):
    """One throw: where the ball truly goes, and where each prediction has it.

    Attributes:
        path: the true positions, (n_seen + AHEAD, 2).
        n_seen: how many of them were known.
        predicted: for each name of `predictions`, (AHEAD, 2).
        distances: for each name, from prediction to truth, (AHEAD,).
    """

    path: Tensor
    n_seen: int
    predicted: dict[str, Tensor]
    distances: dict[str, Tensor]


def throw(model: NextStep, x: float, y: float, angle: float, speed: float, n_seen: int) -> Throw:
    """Throw a ball from (x, y), `angle` in degrees, anticlockwise from the right; see `Throw`."""
    direction = torch.tensor([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    path = fly((x, y), speed * direction, n_seen + AHEAD)
    predicted = predictions(model, path[:n_seen], AHEAD)
    coming = path[n_seen:]
    distances = {name: (by - coming).norm(dim=1) for name, by in predicted.items()}
    return Throw(path, n_seen, predicted, distances)
