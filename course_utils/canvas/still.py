"""A still of the pad: what the notebook stores for readers without a kernel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_utils.figures import BLUE, PIXELS_PER_INCH, draw_image, drawing, figure, png, to_numpy
from course_utils.ink.normalize import normalized

MUTED = "#9aa5b1"


@drawing()
def still(ink: np.ndarray, probs: Mapping[str, Tensor | None]) -> tuple[str, bytes, int]:
    """Return the pad as a text, as a PNG, and the width of that in CSS pixels.

    The text names digits but no percentages, so that every processor writes the same.

    Args:
        ink: uint8 `(H, W)`.
        probs: what each model says, `(10,)`; None for one that says nothing.
    """
    readings = {name: p for name, p in probs.items() if p is not None}
    says = [f"{name} reads {int(p.argmax())}" for name, p in readings.items()]
    empty = "empty; run this cell and draw a digit"
    text = f"Drawing pad for {', '.join(probs)}: {', '.join(says) or empty}."
    fig, axes = figure(size=(8, 2.9), columns=3)
    draw_image(axes[0], ink, "the pad", framed=True)
    draw_image(axes[1], normalized(ink), "what the model sees", framed=True)
    if not ink.any():
        _write(axes[0], "run this cell,\nthen draw\na digit here")
        _write(axes[1], "28 × 28 pixels")
    _bars(axes[2], readings or dict.fromkeys(probs, torch.zeros(10)))
    return text, png(fig), round(fig.get_figwidth() * PIXELS_PER_INCH)


def _write(ax: Axes, text: str) -> None:
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=15)


def _bars(ax: Axes, readings: Mapping[str, Tensor]) -> None:
    """Draw a row of ten bars for each model, with the digit it reads."""
    for row, (name, p) in enumerate(readings.items()):
        base, best = len(readings) - 1 - row, int(p.argmax()) if p.any() else ""
        colours = [BLUE if digit == best else MUTED for digit in range(10)]
        ax.bar(range(10), 0.75 * to_numpy(p), bottom=base, width=0.8, color=colours)
        ax.text(10.1, base + 0.3, f"{best}", fontsize=15, va="center", fontweight="bold")
        ax.text(
            -0.6, base + 0.87, "" if list(readings) == ["model"] else name, fontsize=12, va="center"
        )
    ax.set(xticks=range(10), yticks=(), ylim=(-0.05, len(readings)), xlim=(-0.7, 10.8))
    ax.grid(False)
    for spine in ("left", "top", "right"):
        ax.spines[spine].set_visible(False)
