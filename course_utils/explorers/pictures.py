"""What the explorers of lesson 06 share: the picture they look at, places in it, their layout."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cache

import ipywidgets as widgets
import matplotlib
import numpy as np
import torch
import traitlets
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.explorers.base import Explorer, whole_slider
from course_utils.plotting import AMBER, DIVERGING, INK, RULE, draw_image, figure
from course_utils.training import to_input

SAMPLE_ROW = 79  # among the test images of the sample: a 7 with a straight bar
IN_NUMBERS = 7  # rows and columns up to which pixels are written as numbers
MOST_REMEMBERED = 60  # answers, each at most a few megabytes
PAUSE = 0.2  # seconds
EMPTY_PAD = "The pad is empty, so this is a digit of MNIST: draw, and yours comes here. "


@cache
def sample_digit() -> Tensor:
    """Return the digit that is shown where a learner gave none: float32 (28, 28), a 7."""
    return load_mnist(MNIST_SAMPLE).test_images[SAMPLE_ROW].float() / 255


def picture_of(image: object, name: str = "image", *, colours: bool = False) -> Tensor:
    """Return a grey picture as float32 (H, W) on the CPU; with `colours`, (C, H, W).

    Args:
        image: a tensor (H, W), (1, H, W) or (1, 1, H, W), uint8 from 0 to 255 or float from 0 to
            1; or a drawing pad, of which the drawing is taken.
        name: what to call it where it is refused.
        colours: take (C, H, W) and (1, C, H, W) as well.

    Raises:
        ValueError: it is no such picture, holds nan or infinity, or the pad is empty.

    >>> picture_of(mnist.test_images[0]).shape
    torch.Size([28, 28])
    """
    if is_pad(image) and not image.image.any():
        raise ValueError("nothing is drawn on the pad: draw a digit on it, then try again")
    given = image.image if is_pad(image) else image
    if not isinstance(given, Tensor | np.ndarray):
        raise ValueError(
            f"{name} must be a tensor such as mnist.test_images[0], or a drawing pad, got "
            f"{type(given).__name__}"
        )
    picture = to_input(torch.as_tensor(given).detach(), torch.device("cpu")).float()
    shape = tuple(picture.shape)
    while picture.ndim > (3 if colours else 2) and len(picture) == 1:
        picture = picture[0]
    picture = picture[None] if colours and picture.ndim == 2 else picture
    if picture.ndim != (3 if colours else 2) or not picture.numel():
        raise ValueError(
            f"{name} must be one {'' if colours else 'grey '}picture, (H, W), (1, H, W) or "
            f"(1, 1, H, W), got {shape}; of a stack take one with images[0]"
        )
    if not picture.isfinite().all():
        raise ValueError(f"{name} holds nan or infinity; look at the line that made it")
    return picture


def is_pad(image: object) -> bool:
    """Tell whether this is a drawing pad: a widget with an image."""
    return isinstance(image, traitlets.HasTraits) and hasattr(image, "image")


def pictured(
    image: object, *, colours: bool = False
) -> tuple[Callable[[], Tensor], Callable[[], str]]:
    """Return two functions, for the present picture and for a word on where it comes from.

    A pad is looked at anew at each call; while it is empty, a digit of the sample stands in.

    Raises:
        ValueError: `image` is no picture; see `picture_of`.
    """

    def empty() -> bool:
        return is_pad(image) and not image.image.any()

    def now() -> Tensor:
        given = sample_digit() if image is None or empty() else image
        return picture_of(given, colours=colours)

    now()  # refuses what is no picture before anything is drawn
    return now, lambda: EMPTY_PAD if empty() else ""


def follow(explorer: Explorer, image: object) -> Explorer:
    """Let an explorer draw again when something is drawn on its pad; return the explorer.

    In a notebook it waits for a pause of the pen, so that the pad itself is answered first.
    """
    waiting: list[asyncio.TimerHandle] = []

    def drawn(_change: object) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # not in a notebook
            explorer.set()
            return
        while waiting:
            waiting.pop().cancel()
        waiting.append(loop.call_later(PAUSE, explorer.set))

    if is_pad(image):
        image.observe(drawn, names="_strokes")
    return explorer


def remembered(function: Callable) -> Callable:
    """Return a function of a picture and more that works out each answer once.

    >>> asked = remembered(lambda picture, size: occlusion(model, picture, 7, size=size))
    """
    known: dict[tuple, object] = {}

    def asked(picture: Tensor, *rest: object) -> object:
        key = (picture.numpy().tobytes(), *rest)
        if key not in known:
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            known[key] = function(picture, *rest)
        return known[key]

    return asked


class Place(widgets.HBox):
    """Back and Next with a slider for row and column: walks over a map in reading order.

    `value` is the pair (row, column), counted from 0.
    """

    value = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0))

    def __init__(self, rows: int, columns: int, start: tuple[int, int] = (0, 0)) -> None:
        self.row = whole_slider(0, max(rows - 1, 0), start[0], name="row")
        self.column = whole_slider(0, max(columns - 1, 0), start[1], name="column")
        self.back = widgets.Button(description="◀ Back", tooltip="one place back")
        self.next = widgets.Button(description="Next ▶", tooltip="one place on")
        self.back.on_click(lambda _: self._move(-1))
        self.next.on_click(lambda _: self._move(+1))
        for button in (self.back, self.next):
            button.layout.width = button.layout.min_width = "90px"
        for pick in (self.row, self.column):
            pick.layout.flex = "1 1 180px"
            pick.observe(self._read, names="value")
        in_line = widgets.Layout(align_items="center", flex="1 1 100%", max_width="860px")
        super().__init__([self.back, self.next, self.row, self.column], layout=in_line)
        self._moving = False
        self._read()
        self.observe(self._write, names="value")

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the map."""
        return self.row.max + 1, self.column.max + 1

    def resize(self, rows: int, columns: int) -> None:
        """Set the size of the map; a place that is no longer on it moves to its edge."""
        place = (min(self.value[0], rows - 1), min(self.value[1], columns - 1))
        self._set(place)
        self.row.max, self.column.max = rows - 1, columns - 1

    def _move(self, by: int) -> None:
        rows, columns = self.size
        step = self.value[0] * columns + self.value[1] + by
        self.value = divmod(min(max(step, 0), rows * columns - 1), columns)

    def _read(self, _change: object = None) -> None:
        if not self._moving:
            self.value = (self.row.value, self.column.value)

    def _write(self, _change: object) -> None:
        self._set(self.value)

    def _set(self, place: tuple[int, int]) -> None:
        self._moving = True
        try:
            self.row.value, self.column.value = place
        finally:
            self._moving = False
        self.value = (self.row.value, self.column.value)


def clipped(x: float, y: float, size: tuple[int, int]) -> tuple[int, int]:
    """Return the pixel (row, column) at a point of a picture; outside, the nearest one."""
    row, column = np.clip(np.round([y, x]), 0, np.array(size) - 1)
    return int(row), int(column)


def touched(fig: Figure, x: float, y: float) -> tuple[int, float, float]:
    """Return which axes lie at a point given in data of the first axes, and the point in theirs.

    The first axes where there are none.
    """
    place = fig.axes[0].transData.transform((x, y))
    for index, ax in enumerate(fig.axes):
        if ax.get_window_extent().contains(*place):
            return index, *ax.transData.inverted().transform(place)
    return 0, x, y


Box = tuple[float, float, float, float]


def laid_out(size: tuple[float, float], boxes: Sequence[Box]) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure with axes at fixed places: left, bottom, width and height in inches.

    Faster than a layout that is worked out at each drawing, and nothing moves while one steps.
    Each axes still takes some milliseconds: numbers had better share a `board`.
    """
    with matplotlib.rc_context({"axes.grid": False}):  # making its ticks takes most of the time
        fig, axes = figure(columns=len(boxes), size=size)
    fig.set_layout_engine("none")
    for ax, (left, bottom, wide, high) in zip(axes, boxes, strict=True):
        ax.set_position((left / size[0], bottom / size[1], wide / size[0], high / size[1]))
    return fig, axes


def draw_numbers(
    ax: Axes,
    matrix: Tensor,
    box: Box,
    title: str = "",
    *,
    colours: str | Colormap,
    reach: float,
    digits: int = 2,
) -> None:
    """Draw a small matrix as coloured cells with the numbers in them.

    Args:
        ax: where to draw, such as a `board`.
        matrix: (H, W).
        box: where in `ax`, in its coordinates: left, bottom, width and height.
        title: a line above it.
        colours: a colour map, from −reach (or 0 for "gray_r") to reach.
        reach: the value of the full colour.
        digits: decimals of the numbers, at most.
    """
    values, (left, bottom, wide, high) = np.asarray(matrix, dtype=float), box
    rows, columns = values.shape
    right, top = left + wide, bottom + high
    limits = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim(), "aspect": "auto"}
    low = 0.0 if colours == "gray_r" else -reach
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


def draw_pixels(
    ax: Axes, values: Tensor, title: str, reach: float, *, signed: bool, digits: int = 2
) -> None:
    """Draw a picture or a map, (H, W), from −reach or 0 to reach; a small one with its numbers."""
    draw_image(ax, values, title, signed=signed, framed=True)
    ax.images[0].set_clim(-reach if signed else 0, reach)
    rows, columns = values.shape
    if max(rows, columns) <= IN_NUMBERS:
        ax.images[0].remove()
        box, colours = (-0.5, rows - 0.5, columns, -rows), DIVERGING if signed else "gray_r"
        draw_numbers(ax, values, box, colours=colours, reach=reach, digits=digits)


def board(ax: Axes) -> Axes:
    """Make axes that fill their figure a blank board, on which one writes in inches."""
    wide, high = ax.figure.get_size_inches()
    ax.set(position=(0, 0, 1, 1), xlim=(0, wide), ylim=(0, high))
    ax.set_axis_off()
    return ax


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
