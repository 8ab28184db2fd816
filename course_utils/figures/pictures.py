"""Pictures, weights and small matrices: as grey or coloured pixels, or as cells with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure

from course_utils.figures.arrays import to_numpy
from course_utils.figures.base import figure, grid, show, show_as
from course_utils.figures.layout import Box, number
from course_utils.figures.style import AMBER, DIVERGING, GREYS, INK, PAPER, RULE, drawing

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

IN_NUMBERS = 7  # rows and columns up to which pixels are written as numbers
MISTAKES = LinearSegmentedColormap.from_list("mistakes", [PAPER, AMBER])


@drawing()
def draw_image(
    ax: Axes, image: ArrayLike, title: str = "", *, signed: bool = False, framed: bool = False
) -> None:
    """Draw a digit, ink dark on light, or weights (`signed`), orange below and blue above zero.

    Args:
        ax: where to draw.
        image: (H, W).
        title: a line above it.
        signed: colour by sign, white at zero, the same scale to both sides.
        framed: draw the edge of the picture, where it matters how things lie in it.

    Raises:
        ValueError: `image` is not one grey picture.
    """
    image = to_numpy(image, float)
    if image.ndim != 2 or not image.size:
        raise ValueError(f"image must be (H, W), got {image.shape}; of a stack take images[0]")
    reach = float(np.abs(image[np.isfinite(image)]).max(initial=0)) or 1.0
    colours = (
        {"cmap": DIVERGING, "vmin": -reach, "vmax": reach}
        if signed
        else {"cmap": GREYS, "vmin": 0, "vmax": reach}
    )
    ax.imshow(image, interpolation="nearest", **colours)
    ax.set_title(title, loc="center", fontsize=14)
    ax.set(xticks=(), yticks=())
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set(visible=framed, color=RULE)


@drawing()
def plot_images(
    images: ArrayLike,
    titles: Sequence[object] | None = None,
    *,
    says: str = "",
    columns: int = 10,
    signed: bool = False,
    framed: bool = False,
) -> None:
    """Show a grid of pictures.

    Args:
        images: (N, H, W).
        titles: a line above each picture.
        says: what the grid shows, for the title and the summary.
        columns: how many side by side.
        signed, framed: see `draw_image`.

    Raises:
        ValueError: `images` is not a stack of pictures.
    """
    images = to_numpy(images)
    if images.ndim != 3 or len(images) == 0:
        raise ValueError(
            f"images must be (N, H, W) with N at least 1, got {images.shape}; "
            "for one picture pass images[None]"
        )
    if titles is not None:  # also labels, as a tensor
        titles = [title.item() if hasattr(title, "item") else title for title in titles]
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(images)} images came with {len(titles)} titles; give one for each")
    fig, axes = _sheet(len(images), min(columns, len(images)), says)
    for ax, image, title in zip(axes, images, titles or [""] * len(images), strict=False):
        draw_image(ax, image, str(title), signed=signed, framed=framed)
        ax.axison = framed
    height, width = images.shape[1:]
    words = f"{len(images)} picture{'s'[: len(images) > 1]} of {height} × {width}"
    if titles is not None:
        words += ": " + ", ".join(str(title).replace("\n", " ") for title in titles)
    show_as(fig, f"{says}\n{words}" if says else words)


def _sheet(n: int, columns: int, title: str) -> tuple[Figure, np.ndarray]:
    """Return a figure with a title and places for n pictures, row by row."""
    rows, side = -(-n // columns), min(3.0, 9.0 / columns)
    height = rows * (side + 0.3) + (0.4 if title else 0)
    fig, axes = grid(rows, columns, (max(columns * side, 5.0), height))
    if title:
        fig.suptitle(title, x=0.01, ha="left", fontsize=16, fontweight="bold")
    for ax in axes.flat:
        ax.set_axis_off()
    return fig, axes.flat


@drawing()
def draw_numbers(
    ax: Axes,
    matrix: ArrayLike,
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
    texts = np.vectorize(lambda value: number(value, digits))(values)
    size = _size_of(texts, wide / columns, ax)
    dark = cells.to_rgba(values)[..., :3].sum(-1) < 1.3
    for (row, column), below in np.ndenumerate(dark):
        words = {"ha": "center", "va": "center", "color": "white" if below else INK}
        x, y = xs[column : column + 2].mean(), ys[row : row + 2].mean()
        ax.text(x, y, texts[row, column], fontsize=size, **words)
    middle, words = (left + right) / 2, {"ha": "center", "va": "bottom", "fontsize": 14}
    ax.annotate(title, (middle, top), (0, 6), textcoords="offset points", weight="bold", **words)


def _size_of(texts: np.ndarray, wide: float, ax: Axes) -> float:
    """Return the font size at which the longest text fits into a cell so wide."""
    longest = max(map(len, texts.flat))
    inches = wide / np.ptp(ax.get_xlim()) * ax.get_position().width * ax.figure.get_figwidth()
    return min(16.0, 72 * 0.8 * inches / (0.62 * longest))


@drawing()
def draw_pixels(
    ax: Axes, values: ArrayLike, title: str, reach: float, *, signed: bool, digits: int = 2
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
def plot_confusion(counts: ArrayLike, names: Sequence[object] | None = None) -> None:
    """Show a confusion matrix: rows are true classes, columns what the model said.

    Args:
        counts: (K, K), how often class i was called j.
        names: a name for each class; 0, 1, 2, … where left out.

    Raises:
        ValueError: `counts` is not square.
    """
    counts = to_numpy(counts)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(f"counts must be (K, K), a row for each true class, got {counts.shape}")
    names = list(range(len(counts))) if names is None else list(names)
    fig, ax = figure(
        "Rows: the true digit. Columns: the model's answer.",
        xlabel="model's answer",
        ylabel="true class",
        size=(7, 6),
    )
    right, total = int(np.trace(counts)), int(counts.sum())
    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    ax.imshow(mistakes, cmap=MISTAKES)
    for (row, column), count in np.ndenumerate(counts):
        weight = "bold" if row == column else "normal"
        ax.text(column, row, count, ha="center", va="center", fontsize=12, fontweight=weight)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.grid(False)
    show(fig, f"{right} of {total} right; {_commonest(mistakes, names)}")


def _commonest(mistakes: np.ndarray, names: Sequence[object]) -> str:
    if not mistakes.any():
        return "no mistake"
    row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
    times = mistakes[row, column]
    return f"the commonest mistake: {names[row]} called {names[column]} ({times} times)"
