"""Explorers of lessons 08 and 09: how far a gradient reaches back, and who can recall what.

`gradient_distance` measures new networks while one looks. `recall_curves` shows trainings that
tools/record_recall.py has run and written into recall.json.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from course_utils.device import seeded
from course_utils.explorers.base import (
    Explorer,
    choice,
    choice_slider,
    slider,
    switch,
    whole_slider,
)
from course_utils.plotting import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PINK,
    figure,
    log_axis,
    power_of_ten,
)

RECORDS = Path(__file__).parent / "recall.json"

# --- how far the gradient reaches ----------------------------------------------------------------

CELLS: dict[str, type[nn.RNNCellBase]] = {"RNN": nn.RNNCell, "GRU": nn.GRUCell, "LSTM": nn.LSTMCell}
N_STATE, N_SEQUENCES, LONGEST = 16, 32, 60
EXACT = torch.float64  # where gradients explode, so do rounding errors
LOOKS = {
    "RNN": {"color": ORANGE, "linestyle": "-", "marker": "o"},
    "GRU": {"color": GREEN, "linestyle": "-.", "marker": "s"},
    "LSTM": {"color": BLUE, "linestyle": "--", "marker": "^"},
}


class Reach(NamedTuple):
    """How the slope of something at the last step depends on the states before.

    Attributes:
        norms: the norm of the gradient with respect to the state k steps ago, k = 0 to T, (T + 1,).
        weights: the norm of the same loss's gradient with respect to all weights of the cell.
    """

    norms: np.ndarray
    weights: float


def gradient_reach(
    kind: str,
    scale: float = 1.0,
    *,
    gate_bias: float = 0.0,
    inputs: float = 0.3,
    n_steps: int = LONGEST,
    seed: int = 0,
) -> Reach:
    """Measure in a new cell how much of a gradient comes back over 0, 1, 2, … steps.

    The loss is one direction of the last state, drawn by chance with length 1, so that its gradient
    with respect to the last state has norm 1. The state is h; in an LSTM it is h and c together.
    What is returned is the root of the mean square over 32 sequences of random inputs.

    Args:
        kind: "RNN", "GRU" or "LSTM"; each has a state of 16 numbers.
        scale: every recurrent matrix (one for each gate) is a random rotation times this.
        gate_bias: the bias of the LSTM's forget gate and of the GRU's update gate, where 0 keeps a
            half; the RNN has none.
        inputs: the deviation of the inputs.
        n_steps: how far to go back, T.
        seed: for the weights and the inputs.

    Raises:
        ValueError: there is no such kind, or no step.

    >>> gradient_reach("RNN", 0.8).norms[[0, 10]]
    """
    if kind not in CELLS or n_steps < 1:
        raise ValueError(
            f"kind must be one of {', '.join(CELLS)} and n_steps at least 1, "
            f"got {kind!r} and {n_steps}"
        )
    with seeded(seed, torch.device("cpu")):
        cell = _new_cell(kind, scale, gate_bias)
        X = inputs * torch.randn(n_steps, N_SEQUENCES, N_STATE, dtype=EXACT)
        width = N_STATE * (2 if kind == "LSTM" else 1)
        directions = torch.randn(N_SEQUENCES, width, dtype=EXACT)
    state = torch.zeros_like(directions, requires_grad=True)
    states = [state]
    for x in X:
        states.append(_step(cell, x, states[-1]))
    directions = directions / directions.norm(dim=1, keepdim=True)
    loss = (directions * states[-1]).sum()
    parameters = list(cell.parameters())
    gradients = torch.autograd.grad(loss, [*states[::-1], *parameters])
    norms = [gradient.square().sum(1).mean().sqrt().item() for gradient in gradients[: len(states)]]
    weights = torch.cat([gradient.flatten() for gradient in gradients[len(states) :]])
    return Reach(np.array(norms), weights.norm().item() / N_SEQUENCES)


def _new_cell(kind: str, scale: float, gate_bias: float) -> nn.RNNCellBase:
    cell = CELLS[kind](N_STATE, N_STATE, dtype=EXACT)
    with torch.no_grad():
        for name, weight in cell.named_parameters():
            if name == "weight_hh":
                for block in weight.split(N_STATE):
                    block.copy_(scale * nn.init.orthogonal_(torch.empty_like(block)))
            elif name == "weight_ih":
                nn.init.normal_(weight, std=N_STATE**-0.5)
            else:
                nn.init.zeros_(weight)
        if kind != "RNN":
            cell.bias_ih[N_STATE : 2 * N_STATE] = gate_bias
    return cell


def _step(cell: nn.RNNCellBase, x: Tensor, state: Tensor) -> Tensor:
    """Return the next state, h, or h and c side by side."""
    if isinstance(cell, nn.LSTMCell):
        h, c = state.split(N_STATE, dim=1)
        return torch.cat(cell(x, (h, c)), dim=1)
    return cell(x, state)


GRADIENT_TOP, GRADIENT_LOW = 1e6, 1e-12
CLIPS = (0.1, 1.0, 10.0)


def gradient_distance(
    scale: float = 0.8, gate_bias: float = 0.0, *, distance: int = 30, clip: bool = False
) -> Explorer:
    """Return an explorer: how much gradient comes back over k steps, in RNN, GRU and LSTM.

    Args:
        scale: of the recurrent weights to begin with, 0.4 to 2.
        gate_bias: of the gates that keep the state, to begin with, -2 to 6.
        distance: the number of steps that is read to begin with, 1 to 60.
        clip: whether to begin with the gradient clipped to norm 1.

    Raises:
        ValueError: a number lies outside its range.

    >>> gradient_distance(scale=1.5, clip=True)
    """
    if not (0.4 <= scale <= 2 and -2 <= gate_bias <= 6 and 1 <= distance <= LONGEST):
        raise ValueError(
            f"scale must be 0.4 to 2, gate_bias -2 to 6 and distance 1 to {LONGEST}, "
            f"got {scale}, {gate_bias} and {distance}"
        )
    read = lru_cache(maxsize=256)(_reach_at)

    def draw(scale: float, gate_bias: float, inputs: float, distance: int, clip: bool) -> tuple:
        reaches = {kind: read(kind, scale, gate_bias, inputs) for kind in CELLS}
        fig = _draw_reaches(reaches, distance, clip)
        return fig, _say_reaches(reaches, distance, clip)

    controls = {
        "scale": slider(0.4, 2, scale, 0.1, name="size of W_hh"),
        "gate_bias": slider(-2, 6, gate_bias, 0.5, name="bias of the gates"),
        "inputs": choice_slider([0.01, 0.1, 0.3, 1, 3], 0.3, name="size of the inputs"),
        "distance": whole_slider(1, LONGEST, distance, name="k to read"),
        "clip": switch("clip the gradient to norm 1", clip),
    }
    return Explorer(
        "How much of the gradient comes back over k steps? (Touch a distance to read it.)",
        draw,
        controls,
        touch=lambda x, _y: {"distance": int(np.clip(round(x), 1, LONGEST))},
    )


def _reach_at(kind: str, scale: float, gate_bias: float, inputs: float) -> Reach:
    """Return `gradient_reach` for the sliders' numbers, of which 0.30000000000000004 is one."""
    return gradient_reach(kind, round(scale, 2), gate_bias=round(gate_bias, 2), inputs=inputs)


def _clipped_by(reach: Reach, clip: bool) -> float:
    """Return the factor by which clipping to norm 1 shortens the whole gradient."""
    return min(1.0, 1 / reach.weights) if clip else 1.0


def _draw_reaches(reaches: dict[str, Reach], distance: int, clip: bool) -> Figure:
    fig, ax = figure(_headline(reaches["RNN"], distance), size=(9.6, 4.0))
    ax.axvline(distance, color=AMBER, linestyle="-", linewidth=9, alpha=0.35, label="_now")
    steps = np.arange(LONGEST + 1)
    for kind, reach in reaches.items():
        factor = _clipped_by(reach, clip)
        if factor < 1:
            ax.plot(steps, reach.norms, **LOOKS[kind] | {"marker": None}, alpha=0.3, label="_whole")
        words = f"{kind}, all times {factor:.1g}" if factor < 1 else kind
        shown = np.maximum(factor * reach.norms, GRADIENT_LOW)
        ax.plot(steps, shown, **LOOKS[kind], markevery=10, label=words)
    log_axis(ax, "y", GRADIENT_LOW, GRADIENT_TOP)
    ax.set(xlabel="k, steps back from the last", ylabel="norm of the gradient", xlim=(-1, 61))
    ax.legend(loc="lower left", fontsize=12)
    return fig


def _headline(rnn: Reach, distance: int) -> str:
    rate = (rnn.norms[distance] / rnn.norms[0]) ** (1 / distance)
    words = "vanishes" if rate < 0.97 else "explodes" if rate > 1.03 else "holds"
    return f"The RNN's gradient {words}: about × {rate:.2f} a step"


def _say_reaches(reaches: dict[str, Reach], distance: int, clip: bool) -> str:
    parts = [
        f"{kind} {_size(_clipped_by(reach, clip) * reach.norms[distance])}"
        for kind, reach in reaches.items()
    ]
    says = f"Of a gradient of norm 1, {distance} steps earlier: {', '.join(parts)}."
    if not clip:
        return says
    norm = reaches["RNN"].weights
    if norm <= 1:
        return f"{says} The RNN's weights have a gradient of {norm:.2g}: nothing to clip."
    return (
        f"{says} The gradient of the RNN's weights has norm {_size(norm)}; clipped, every step's "
        "part of it is shortened by the same factor. The step is safe; what has vanished stays "
        "vanished."
    )


def _size(number: float) -> str:
    """Return a number from 0 with one digit, with a power of ten where it is far from 1."""
    if number == 0 or 0.0005 <= number < 1000:
        return f"{float(f'{number:.1g}'):g}"
    digit, power = f"{number:.0e}".split("e")
    return f"{digit} · {power_of_ten(int(power))}".removeprefix("1 · ")


# --- who can recall what -------------------------------------------------------------------------

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
        "A symbol, then static: which network can still say it? (Touch a lag to read it.)",
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
    norms = ", ".join(f"{name} {_size(records()[name][WHEN[when]][-1])}" for name in names)
    return (
        f"Right after {lag} steps of static, three trainings each: {'; '.join(parts)}. Chance is "
        f"12.5%. The gradient at the symbol itself, 41 steps before the end, {when}: {norms}."
    )
