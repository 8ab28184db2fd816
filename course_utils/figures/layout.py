"""Figures with axes at fixed places; small matrices as cells with their numbers; frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.figures.arrays import to_numpy
from course_utils.figures.base import grid
from course_utils.figures.plots import draw_image
from course_utils.figures.style import AMBER, DIVERGING, GREYS, INK, RULE, drawing

IN_NUMBERS = 7  # rows and columns up to which pixels are written as numbers
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
def draw_numbers(
    ax: Axes,
    matrix: Tensor,
    box: Box,
    title: str = "",
    *,
    colours: Colormap,
    reach: float,
    digits: int = 2,
) -> None:
    """Draw a small matrix as coloured cells with the numbers in them.

    Args:
        ax: where to draw, such as a `board`.
        matrix: (H, W).
        box: where in `ax`, in its coordinates: left, bottom, width and height.
        title: a line above it.
        colours: a colour map, from −reach (or 0 for GREYS) to reach.
        reach: the value of the full colour.
        digits: decimals of the numbers, at most.
    """
    values, (left, bottom, wide, high) = to_numpy(matrix, float), box
    rows, columns = values.shape
    right, top = left + wide, bottom + high
    limits = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim(), "aspect": "auto"}
    low = 0.0 if colours is GREYS else -reach
    shown = {"cmap": colours, "vmin": low, "vmax": reach, "alpha": 0.8}
    cells = ax.imshow(values, extent=(left, right, bottom, top), **shown)
    lines = {"colors": RULE, "linewidths": 1, "label": "_edges"}
    ys, xs = np.linspace(top, bottom, rows + 1), np.linspace(left, right, columns + 1)
    ax.hlines(ys, left, right, **lines)
    ax.vlines(xs, bottom, top, **lines)
    ax.set(**limits)
    texts = [[number(value, digits) for value in row] for row in values]
    longest = max(len(text) for row in texts for text in row)
    inches = wide / columns / np.ptp(limits["xlim"]) * ax.get_position().width
    size = min(16.0, 72 * 0.8 * inches * ax.figure.get_figwidth() / (0.62 * longest))
    dark = cells.to_rgba(values)[..., :3].sum(-1) < 1.3
    for (row, column), below in np.ndenumerate(dark):
        words = {"ha": "center", "va": "center", "color": "white" if below else INK}
        x, y = xs[column : column + 2].mean(), ys[row : row + 2].mean()
        ax.text(x, y, texts[row][column], fontsize=size, **words)
    middle, words = (left + right) / 2, {"ha": "center", "va": "bottom", "fontsize": 14}
    ax.annotate(title, (middle, top), (0, 6), textcoords="offset points", weight="bold", **words)


@drawing()
def draw_pixels(
    ax: Axes, values: Tensor, title: str, reach: float, *, signed: bool, digits: int = 2
) -> None:
    """Draw a picture or a map, (H, W), from −reach or 0 to reach; a small one with its numbers."""
    draw_image(ax, values, title, signed=signed, framed=True)
    ax.images[0].set_clim(-reach if signed else 0, reach)
    rows, columns = np.shape(values)
    if max(rows, columns) <= IN_NUMBERS:
        ax.images[0].remove()
        box, colours = (-0.5, rows - 0.5, columns, -rows), DIVERGING if signed else GREYS
        draw_numbers(ax, values, box, colours=colours, reach=reach, digits=digits)


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
