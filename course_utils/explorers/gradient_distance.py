"""The explorer of lesson 08 that measures how far a gradient reaches back, in RNN, GRU and LSTM."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from course_utils.explorers.base import (
    Explorer,
    choice_slider,
    slider,
    switch,
    whole_slider,
)
from course_utils.figures import (
    AMBER,
    BLUE,
    GREEN,
    ORANGE,
    figure,
    log_axis,
    power_of_ten,
)
from course_utils.microscope import CELLS, LONGEST, Reach, gradient_reach

LOOKS = {
    "RNN": {"color": ORANGE, "linestyle": "-", "marker": "o"},
    "GRU": {"color": GREEN, "linestyle": "-.", "marker": "s"},
    "LSTM": {"color": BLUE, "linestyle": "--", "marker": "^"},
}
GRADIENT_TOP, GRADIENT_LOW = 1e6, 1e-12


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
        f"{kind} {rough(_clipped_by(reach, clip) * reach.norms[distance])}"
        for kind, reach in reaches.items()
    ]
    says = f"Of a gradient of norm 1, {distance} steps earlier: {', '.join(parts)}."
    if not clip:
        return says
    norm = reaches["RNN"].weights
    if norm <= 1:
        return f"{says} The RNN's weights have a gradient of {norm:.2g}: nothing to clip."
    return (
        f"{says} The gradient of the RNN's weights has norm {rough(norm)}; clipped, every step's "
        "part of it is shortened by the same factor. The step is safe; what has vanished stays "
        "vanished."
    )


def rough(number: float) -> str:
    """Return a number from 0 with one digit, with a power of ten where it is far from 1."""
    if number == 0 or 0.0005 <= number < 1000:
        return f"{float(f'{number:.1g}'):g}"
    digit, power = f"{number:.0e}".split("e")
    return f"{digit} · {power_of_ten(int(power))}".removeprefix("1 · ")
