"""The explorer of lesson 05 that shows a range test, and a short training with a rate."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, choice_slider
from course_utils.figures import AMBER, BLUE, GREEN, ORANGE, RULE, TRAINED, figure, log_axis
from course_utils.training import (
    Data,
    Loss,
    Optimizer,
    find_lr,
    smooth,
)
from course_utils.training.lr_range import losses_of_steps

N_SHORT = 40  # steps of the short training
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


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
            out, the highest that is not above a tenth of the rate at which the loss is least.
    """
    lrs, losses = find_lr(model, data, optimizer=optimizer, loss_fn=loss_fn, seed=seed)
    cautious = float(lrs[int(np.nanargmin(smooth(losses)))]) / 10
    suggested = max((rate for rate in RATES if rate <= cautious), default=RATES[0])
    settings = {"optimizer": optimizer, "loss_fn": loss_fn, "seed": seed, "batch_size": 64}

    @cache
    def train(lr: float) -> list[float]:
        return losses_of_steps(model, data, lr, N_SHORT, **settings)

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
