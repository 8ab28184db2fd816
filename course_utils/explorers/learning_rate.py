"""The learning-rate finder of lesson 05: a range test, and a short training with a rate."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, choice_slider
from course_utils.plotting import AMBER, BLUE, GREEN, ORANGE, RULE, TRAINED, figure, log_axis
from course_utils.training import DivergedError, Loss, fit
from course_utils.training_checks import check_pair

Data = tuple[Tensor, Tensor]
Optimizer = Callable[..., torch.optim.Optimizer]

EXPLODED = 4.0  # three losses in a row of so many times the least one end a training
NEIGHBOURS = 4  # how many on either side go into a smoothed loss
N_SHORT = 40  # steps of the short training
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


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
    losses = _losses(
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


def _losses(
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
    X, _ = check_pair(data)
    losses: list[float] = []

    def watched(logits: Tensor, y: Tensor) -> Tensor:
        loss = loss_fn(logits, y)
        if loss.requires_grad:  # a step, not what `fit` tries beforehand
            losses.append(loss.item())
            if len(losses) == n_steps or _exploded(losses):
                raise _EnoughError
        return loss

    with contextlib.suppress(_EnoughError, DivergedError):
        fit(
            copy.deepcopy(model),
            data,
            n_epochs=math.ceil(n_steps / math.ceil(len(X) / batch_size)),
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


def suggest_lr(lrs: Tensor, losses: Tensor) -> float:
    """Return the rate at which the smoothed loss falls fastest, before it is at its lowest.

    Args:
        lrs, losses: what `find_lr` returns.

    Raises:
        ValueError: the loss does not fall at any rate.
    """
    means = smooth(losses)
    lowest = int(np.nanargmin(means))
    if lowest == 0:
        raise ValueError(
            "the loss falls at no rate of this test; begin with a smaller lowest rate, and look "
            "whether the model can learn at all"
        )
    return float(lrs[int(np.diff(means[: lowest + 1]).argmin())])


def lr_finder(
    model: nn.Module,
    data: Data,
    *,
    optimizer: Optimizer = torch.optim.Adam,
    lr: float | None = None,
    loss_fn: Loss = F.cross_entropy,
    seed: int = 0,
) -> Explorer:
    """Return an explorer: the range test, and what a short training does with a chosen rate.

    Args:
        model, data, optimizer, loss_fn, seed: see `find_lr`. The model stays as it is.
        lr: the rate to begin with; the nearest of the slider's is taken. Where left
            out, the highest that is not above `suggest_lr`.
    """
    lrs, losses = find_lr(model, data, optimizer=optimizer, loss_fn=loss_fn, seed=seed)
    fastest = suggest_lr(lrs, losses)
    suggested = max((rate for rate in RATES if rate <= fastest), default=RATES[0])
    settings = {"optimizer": optimizer, "loss_fn": loss_fn, "seed": seed, "batch_size": 64}

    @cache
    def train(lr: float) -> list[float]:
        return _losses(model, data, lr, N_SHORT, **settings)

    def draw(lr: float) -> tuple:
        fig, (left, right) = figure(columns=2, size=(10, 3.9))
        _draw_test(left, lrs, losses, lr, suggested)
        _draw_short(right, train(lr), train(suggested), lr, suggested)
        return fig, _say_short(train(lr), lr, suggested)

    start = suggested if lr is None else _nearest(lr)
    return Explorer(
        "Choose a learning rate, or touch the curve. What does a short training do with it?",
        draw,
        {"lr": choice_slider(RATES, start, name="learning rate")},
        touch=lambda x, _y: {"lr": _nearest(x)} if x < 10 * RATES[-1] else {},
    )


def _nearest(rate: float) -> float:
    """Return the rate of the slider that is nearest, on a logarithmic scale."""
    if not rate > 0:
        raise ValueError(f"a learning rate must be positive, got {rate}")
    return min(RATES, key=lambda each: abs(math.log(each / rate)))


def _draw_test(ax: Axes, lrs: Tensor, losses: Tensor, lr: float, suggested: float) -> None:
    means = smooth(losses)
    ax.axvline(lr, color=AMBER, linestyle="-", linewidth=12, alpha=0.35, label="_now")
    ax.axvline(suggested, color=GREEN, linestyle=":", label="_suggested")
    ax.plot(lrs, losses, color=RULE, linestyle="-", linewidth=1.5, label="_each batch")
    ax.plot(lrs, means, color=ORANGE, linestyle="-", label="loss, smoothed", gid=TRAINED)
    ax.set(title="The loss while the rate grows", xlabel="learning rate", ylabel="loss")
    ax.set_ylim(0, _room(float(means[0])))
    log_axis(ax, "x", RATES[0], RATES[-1])


def _room(first: float) -> float:
    """Return how high an axis must reach for losses that begin at `first`: a whole number."""
    return float(math.ceil(1.3 * first))


def _draw_short(
    ax: Axes, chosen: list[float], best: list[float], lr: float, suggested: float
) -> None:
    if lr != suggested:
        ax.plot(
            best, color=GREEN, linestyle=":", label=f"rate {suggested:g}, suggested", gid=TRAINED
        )
    ax.plot(chosen, color=BLUE, linestyle="-", label=f"rate {lr:g}", gid=TRAINED)
    if len(chosen) < N_SHORT:
        ax.plot(len(chosen) - 1, chosen[-1], marker="x", markersize=12, color=BLUE, label="_lost")
    ax.set(title=f"{N_SHORT} steps with rate {lr:g}", xlabel="step", ylabel="loss")
    ax.set(xlim=(0, N_SHORT - 1), ylim=(0, _room(chosen[0])))
    ax.legend(loc="upper right", fontsize=13)


def _say_short(losses: list[float], lr: float, suggested: float) -> str:
    """Say how a short training with a rate went."""
    first, last = losses[0], float(smooth(losses)[-1])
    if len(losses) < N_SHORT:
        return f"Rate {lr:g}: the loss explodes. Far too large."
    change = f"from {first:.1f} to {last:.1f} in {N_SHORT} steps"
    if last < 0.95 * first:
        return f"Rate {lr:g}: the loss falls {change}."
    if lr > suggested:
        return f"Rate {lr:g}: the loss jumps about and comes {change}. Too large."
    return f"Rate {lr:g}: the loss hardly moves, {change}. Too small to get anywhere soon."
