"""The explorer of lesson 09 that shows who can recall what over growing lags.

It shows trainings that tools/record_recall.py has run and written into recall.json.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from course_utils.explorers.base import (
    Explorer,
    choice,
    choice_slider,
)
from course_utils.explorers.gradient_distance import GRADIENT_LOW, LOOKS, rough
from course_utils.figures import (
    AMBER,
    INK,
    PINK,
    figure,
    log_axis,
)

RECORDS = Path(__file__).parent / "recall.json"
CHANCE = 100 / 8
OTHERS = {"GRU, PyTorch's start": "GRU", "LSTM, PyTorch's start": "LSTM"}
KEEPING = {
    "RNN, identity start": LOOKS["GRU"],
    "RNN, rotation start": {"color": PINK, "linestyle": ":", "marker": "D"},
}


@cache
def records() -> dict:
    """Return what tools/record_recall.py has measured.

    "lags" are the steps of static. For each kind of network, "lr" is the learning rate that was
    best for it; "accuracy" what it reached on fresh sequences, a row for each lag, a number for
    each seed; "before" and "after" the norm of the loss's gradient with respect to the input
    0, 1, 2, … steps before the end, at a lag of 40, without and with training.
    """
    return json.loads(RECORDS.read_text())


def recall_curves(lag: int = 40) -> Explorer:
    """Return an explorer: what RNN, GRU and LSTM recall over growing lags, and why.

    Args:
        lag: the lag that is read to begin with, one of those that were recorded.

    Raises:
        ValueError: it was not recorded.

    >>> recall_curves()
    """
    lags = records()["lags"]
    if lag not in lags:
        raise ValueError(f"lag must be one of {', '.join(map(str, lags))}, got {lag}")

    def draw(lag: int, shown: str, when: str) -> tuple:
        names = SHOWN[shown]
        fig, (left, right) = figure(columns=2, size=(10.4, 4.0))
        _draw_accuracies(left, names, lag)
        _draw_gradients(right, names, when)
        return fig, _say_recall(names, lag, when)

    return Explorer(
        "A symbol, then static: which network can still say it? (Touch a lag: a stripe marks it.)",
        draw,
        {
            "lag": choice_slider(lags, lag, name="lag"),
            "shown": choice(list(SHOWN), name="networks"),
            "when": choice(list(WHEN), name="gradient"),
        },
        touch=lambda x, _y: {"lag": min(lags, key=lambda lag: abs(np.log(lag / max(x, 1))))},
    )


SHOWN = {
    "gates that begin by keeping (bias 3)": ("RNN", "GRU", "LSTM"),
    "gates as PyTorch starts them": ("RNN", *OTHERS),
    "RNNs that begin by keeping": ("RNN", *KEEPING, "LSTM"),
}
WHEN = {"before training": "before", "after training": "after"}


def _look(name: str) -> dict[str, object]:
    return KEEPING[name] if name in KEEPING else LOOKS[OTHERS.get(name, name)]


def _draw_accuracies(ax: Axes, names: tuple[str, ...], lag: int) -> None:
    """Draw the mean over the seeds, and a band from the worst to the best of them."""
    lags = records()["lags"]
    ax.axvline(lag, color=AMBER, linestyle="-", linewidth=11, alpha=0.35, label="_now")
    ax.axhline(CHANCE, color=INK, linestyle=":", linewidth=1.3, label="_guessing")
    ax.text(lags[0], CHANCE + 2, "guessing", fontsize=12)
    for name in names:
        percent = 100 * np.array(records()[name]["accuracy"])  # (lags, seeds)
        color = _look(name)["color"]
        ax.fill_between(lags, percent.min(1), percent.max(1), color=color, alpha=0.15, lw=0)
        ax.plot(lags, percent.mean(1), **_look(name), label=name)
    ax.set_xscale("log")
    ax.set_xticks(lags, map(str, lags))
    ax.minorticks_off()
    ax.set(title="Right on fresh sequences, in %", xlabel="lag, steps of static", ylim=(0, 105))


def _draw_gradients(ax: Axes, names: tuple[str, ...], when: str) -> None:
    for name in names:
        norms = np.array(records()[name][WHEN[when]])
        ax.plot(norms, **_look(name), markevery=8, label=name)
    log_axis(ax, "y", GRADIENT_LOW, 10)
    ax.set(title=f"The loss's gradient, {when}", xlabel="steps before the end, at a lag of 40")
    ax.legend(fontsize=12, loc="lower left")


def _say_recall(names: tuple[str, ...], lag: int, when: str) -> str:
    row = records()["lags"].index(lag)
    parts = []
    for name in names:
        percent = 100 * np.array(records()[name]["accuracy"][row])
        spread = f"{percent.min():.0f} to {percent.max():.0f}%"
        parts.append(f"{name} {spread if np.ptp(percent) >= 1 else f'{percent.mean():.0f}%'}")
    norms = ", ".join(f"{name} {rough(records()[name][WHEN[when]][-1])}" for name in names)
    return (
        f"Right after {lag} steps of static, three trainings each: {'; '.join(parts)}. Chance is "
        f"12.5%. The gradient at the symbol itself, 41 steps before the end, {when}: {norms}."
    )
