"""The learning-rate range test: a short training whose rate grows at each step."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.lending import rebound, snapshot
from course_utils.training.batches import training_sizes
from course_utils.training.checks import check_pair
from course_utils.training.history import DivergedError
from course_utils.training.loop import fit
from course_utils.training.losses import Loss

Data = tuple[Tensor, Tensor]
Optimizer = Callable[..., torch.optim.Optimizer]
EXPLODED = 4.0  # three losses in a row of so many times the least one end a training
NEIGHBOURS = 4  # how many on either side go into a smoothed loss


class _EnoughError(Exception):
    """Raised in the middle of a training that has shown what it was started for."""


def find_lr(
    model: nn.Module,
    data: Data,
    *,
    lowest: float = 1e-5,
    highest: float = 10.0,
    n_steps: int = 100,
    batch_size: int = 64,
    optimizer: Optimizer = torch.optim.Adam,
    loss_fn: Loss = F.cross_entropy,
    seed: int = 0,
) -> tuple[Tensor, Tensor]:
    """Return learning rates and the loss that a training has with each: the range test.

    A copy of the model is trained with a rate that grows by the same factor at each step, until
    it has reached `highest` or the loss has risen far above its least value; for the rates that
    were not tried any more the loss is nan. The model itself stays as it is.

    Args:
        model, data: as `fit` takes a model and its training data.
        lowest, highest: the first rate and the last.
        n_steps: in how many steps the rate goes from one to the other, at least 2.
        batch_size: samples a step.
        optimizer: a class such as torch.optim.SGD; it gets the parameters and the rate.
        loss_fn, seed: as `fit` takes them.

    Returns:
        Two tensors (n_steps,) of float64: the rates, and the losses of the batches.

    Raises:
        ValueError: the range is empty, or model and data do not fit together.

    Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017,
    arXiv:1506.01186.

    >>> lrs, losses = find_lr(model, (images, labels))
    >>> plot_lines({"loss": losses}, "Range test", x=torch.log10(lrs))
    """
    if not 0 < lowest < highest or n_steps < 2:
        raise ValueError(
            "the range test needs 0 < lowest < highest and n_steps of at least 2, "
            f"got {lowest}, {highest} and {n_steps}"
        )
    growth = (highest / lowest) ** (1 / (n_steps - 1))
    losses = losses_of_steps(
        model,
        data,
        lowest,
        n_steps,
        schedule=lambda used, _: torch.optim.lr_scheduler.ExponentialLR(used, growth),
        batch_size=batch_size,
        optimizer=optimizer,
        loss_fn=loss_fn,
        seed=seed,
    )
    lrs = lowest * growth ** torch.arange(n_steps, dtype=torch.float64)
    losses += [math.nan] * (n_steps - len(losses))
    return lrs, torch.tensor(losses, dtype=torch.float64)


def losses_of_steps(
    model: nn.Module,
    data: Data,
    lr: float,
    n_steps: int,
    *,
    loss_fn: Loss,
    batch_size: int,
    **settings: object,
) -> list[float]:
    """Return the loss at each of the first steps of a training of a copy, until it explodes."""
    _, y = check_pair(data)
    losses: list[float] = []
    learner = snapshot(model, hand_back=True)
    loss_fn = rebound(loss_fn, model, learner)

    @functools.wraps(loss_fn, updated=())
    def watched(logits: Tensor, y: Tensor) -> Tensor:
        loss = loss_fn(logits, y)
        if learner.training:  # a step, not what `fit` tries beforehand
            losses.append(loss.item())
            if len(losses) == n_steps or _exploded(losses):
                raise _EnoughError
        return loss

    with contextlib.suppress(_EnoughError, DivergedError):
        fit(
            learner,
            data,
            n_epochs=math.ceil(n_steps / len(training_sizes(len(y), batch_size))),
            lr=lr,
            loss_fn=watched,
            batch_size=batch_size,
            progress=False,
            **settings,
        )
    return [loss for loss in losses if math.isfinite(loss)]


def smooth(losses: Sequence[float] | Tensor) -> np.ndarray:
    """Return noisy losses (n,), each replaced by the mean of it and its neighbours: (n,).

    A loss that is nan stays nan, and is no neighbour.

    >>> smooth([1.0, 1.0, 1.0])
    array([1., 1., 1.])
    """
    values = np.asarray(losses, dtype=float)
    means = np.full(len(values), np.nan)
    for i in np.flatnonzero(np.isfinite(values)):
        means[i] = np.nanmean(values[max(0, i - NEIGHBOURS) : i + NEIGHBOURS + 1])
    return means


def _exploded(losses: list[float]) -> bool:
    return not math.isfinite(losses[-1]) or min(losses[-3:]) > EXPLODED * min(losses)
