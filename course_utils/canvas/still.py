"""A still of the pad: what the notebook stores for readers without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_utils.figures import BLUE, PIXELS_PER_INCH, draw_image, drawing, figure, png, to_numpy
from course_utils.ink.forms import neat
from course_utils.ink.normalize import normalized, rasterize

MUTED = "#9aa5b1"
EXAMPLES = (3, 0)  # what is drawn where nothing is; the 0 for readers that know only 0 and 1

Probs = Mapping[str, Tensor | None]


def example(read: Callable[[np.ndarray], Probs]) -> tuple[int, np.ndarray, Probs]:
    """Return a digit, its ink uint8 `(280, 280)`, and what the models say to it.

    It is the first of EXAMPLES that all of them read as what it is, else the first of all.

    Args:
        read: takes ink, gives what each model says, as `still` takes it.
    """
    found = []
    for digit in EXAMPLES:
        ink = rasterize(neat(str(digit)))
        found.append((digit, ink, read(ink)))
        if all(p is not None and int(p.argmax()) == digit for p in found[-1][2].values()):
            return found[-1]
    return found[0]


@drawing()
def still(ink: np.ndarray, probs: Probs, shows: int | None = None) -> tuple[str, bytes, int]:
    """Return the pad as a text, as a PNG, and the width of that in CSS pixels.

    The text names digits but no percentages, so that every processor writes the same.

    Args:
        ink: uint8 `(H, W)`.
        probs: what each model says, `(10,)`; None for one that says nothing.
        shows: the digit that an example shows; None where the learner has drawn.
    """
    readings = {name: p for name, p in probs.items() if p is not None}
    says = ", ".join(f"{name} reads {int(p.argmax())}" for name, p in readings.items())
    with_it, then = "", ""
    if shows is not None:
        with_it = f", with a drawn {shows} as an example"
        then = " Run this cell and draw a digit of your own."
    text = f"Drawing pad for {', '.join(probs)}{with_it}: {says or 'nothing is read'}.{then}"
    fig, axes = figure(size=(8, 2.9), columns=3)
    fig.get_layout_engine().set(h_pad=0.08)  # room above the titles, in inches
    draw_image(axes[0], ink, "the pad" if shows is None else "an example", framed=True)
    draw_image(axes[1], normalized(ink), "what the model sees", framed=True)
    axes[2].set_title("what it reads", loc="center", fontsize=14)
    _bars(axes[2], readings or dict.fromkeys(probs, torch.zeros(10)))
    return text, png(fig), round(fig.get_figwidth() * PIXELS_PER_INCH)


def _bars(ax: Axes, readings: Mapping[str, Tensor]) -> None:
    """Draw a row of ten bars for each model, with its name before it and its answer behind."""
    for row, p in enumerate(readings.values()):
        base, best = len(readings) - 1 - row, int(p.argmax()) if p.any() else ""
        colours = [BLUE if digit == best else MUTED for digit in range(10)]
        ax.bar(range(10), 0.75 * to_numpy(p), bottom=base, width=0.8, color=colours)
        ax.text(10.1, base + 0.3, f"{best}", fontsize=15, va="center", fontweight="bold")
    ax.set(xticks=range(10), yticks=(), ylim=(-0.05, len(readings)), xlim=(-0.7, 10.8))
    if list(readings) != ["model"]:
        ax.set_yticks([row + 0.35 for row in reversed(range(len(readings)))], list(readings))
        ax.tick_params(axis="y", length=0, labelsize=12)
    ax.grid(False)
    for spine in ("left", "top", "right"):
        ax.spines[spine].set_visible(False)
