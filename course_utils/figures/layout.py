"""Figures with axes at fixed places, a board to write on, frames, and how a number is written."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.figures.base import grid
from course_utils.figures.style import AMBER, drawing

Box = tuple[float, float, float, float]


@drawing()
def laid_out(size: tuple[float, float], boxes: Sequence[Box]) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure with axes at fixed places: left, bottom, width and height in inches.

    Faster than a layout that is worked out at each drawing, and nothing moves while one steps.
    Each axes still takes some milliseconds: numbers had better share a `board`.
    """
    fig, axes = grid(1, len(boxes), size, ruled=False)
    fig.set_layout_engine("none")
    for ax, (left, bottom, wide, high) in zip(axes[0], boxes, strict=True):
        ax.set_position((left / size[0], bottom / size[1], wide / size[0], high / size[1]))
    return fig, axes[0]


@drawing()
def board(ax: Axes) -> Axes:
    """Make axes that fill their figure a blank board, on which one writes in inches."""
    wide, high = ax.figure.get_size_inches()
    ax.set(position=(0, 0, 1, 1), xlim=(0, wide), ylim=(0, high))
    ax.set_axis_off()
    return ax


@drawing()
def frame(ax: Axes, top: float, left: float, rows: float, columns: float, **style: object) -> None:
    """Draw a frame around some pixels, from row `top` and column `left` on."""
    style = {"edgecolor": AMBER, "lw": 3, "fill": False} | style
    ax.add_patch(Rectangle((left - 0.5, top - 0.5), columns, rows, **style))


def number(value: float, digits: int = 2) -> str:
    """Return a number with a few decimals at most and a true minus sign, no minus before a zero.

    >>> number(-0.5), number(3.0)
    ('−0.5', '3')
    """
    text = f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if digits else text
