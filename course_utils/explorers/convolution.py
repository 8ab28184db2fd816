"""Explorer of lesson 06: a convolution, one window at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import ipywidgets as widgets
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.explorers.base import Explorer, choice
from course_utils.explorers.following import follow, remembered
from course_utils.explorers.place import Place, clipped, touched
from course_utils.figures import (
    DIVERGING,
    GREYS,
    INK,
    RULE,
    Box,
    board,
    draw_numbers,
    draw_pixels,
    frame,
    laid_out,
    number,
)
from course_utils.microscope import pictured

LARGEST = 5  # rows and columns of a kernel of one's own

KERNELS: dict[str, Tensor] = {
    "left and right": torch.tensor([[-1.0, 0, 1]] * 3),
    "above and below": torch.tensor([[-1.0] * 3, [0.0] * 3, [1.0] * 3]),
    "outline": torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "corners": torch.tensor([[1.0, 0, -1], [0, 0, 0], [-1, 0, 1]]),
    "blur": torch.full((3, 3), 1 / 9),
    "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "copy": torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
}
"""Kernels (3, 3) made by hand."""

OWN = "your own"
BY_HAND = "two channels, by hand"
CORNER = "two channels: corners"
LEFT_AND_TOP = ("left and right", "above and below")  # of a stroke, after a ReLU


class Layer(NamedTuple):
    """What a convolution with one output channel works on: input (C, H, W), kernel (C, k, l)."""

    X: Tensor
    W: Tensor


def worked_example() -> Layer:
    """Return the example of two channels with numbers small enough to work it out by hand."""
    X = torch.arange(9.0).reshape(3, 3)
    W = torch.arange(4.0).reshape(2, 2)
    return Layer(torch.stack([X, X + 1]), torch.stack([W, W + 1]))


def corner_from_edges(picture: Tensor) -> Layer:
    """Return a second layer, from two edge maps of a picture to its upper left corners.

    A corner is where a left edge goes on downwards and an upper edge goes on to the right.
    """
    filters = torch.stack([KERNELS[name] for name in LEFT_AND_TOP])[:, None]  # (2, 1, 3, 3)
    edges = F.conv2d(picture[None, None], filters, padding=1)[0].relu()  # (2, H, W)
    W = torch.zeros(2, 3, 3)
    W[0, 1:, 1] = W[1, 1, 1:] = 1
    return Layer(edges, W)


def parse_kernel(text: str) -> Tensor:
    """Return the kernel (k, l) that a text describes: rows parted by ; and numbers by spaces.

    Raises:
        ValueError: it is no rectangle of numbers, or larger than 5 × 5.

    >>> parse_kernel("1 0; 0 -1")
    tensor([[ 1.,  0.],
            [ 0., -1.]])
    """
    says = f"{text!r} is no kernel: write rows parted by ; and numbers by spaces, as -1 1; -1 1"
    rows = [
        row.replace("−", "-").replace(",", " ").split() for row in text.strip("; \n").split(";")
    ]
    try:
        if len({len(row) for row in rows}) > 1:
            raise ValueError(f"its rows have {', '.join(str(len(row)) for row in rows)} numbers")
        kernel = torch.tensor([[float(entry) for entry in row] for row in rows])
    except ValueError as error:
        raise ValueError(f"{says} ({error})") from error
    if kernel.ndim != 2 or not kernel.numel() or not kernel.isfinite().all():
        raise ValueError(says)
    if max(kernel.shape) > LARGEST:
        rows, columns = kernel.shape
        raise ValueError(f"a kernel of {rows} × {columns} is too large; at most 5 × 5, please")
    return kernel


def map_size(n: int, k: int, stride: int, padding: int) -> int:
    """Return how many places a window of k has along n pixels with padding on both sides.

    >>> map_size(28, 5, stride=1, padding=2)
    28
    """
    return (n + 2 * padding - k) // stride + 1


def convolution_stepper(
    image: object = None,
    *,
    kernels: Mapping[str, Tensor] | None = None,
    kernel: str = "left and right",
    place: tuple[int, int] = (17, 14),
) -> Explorer:
    """Return an explorer: a window moves over a picture, times a kernel, summed up, makes a map.

    Args:
        image: a grey picture (28, 28), or a drawing pad, whose drawing is followed; a digit of
            the sample where left out. Its pixels are rounded to tenths, so that what is shown
            can be checked by hand.
        kernels: more kernels (k, l) for the menu, such as learned ones.
        kernel: the one to begin with.
        place: row and column of the map to begin with.

    Raises:
        ValueError: the picture or a kernel has another shape.

    >>> convolution_stepper(pad)
    """
    now, note = pictured(image)
    known = KERNELS | _checked_kernels(kernels or {})
    corners = remembered(corner_from_edges)
    controls = {
        "kernel": choice([*known, OWN, CORNER, BY_HAND], kernel, name="kernel"),
        "own": _own_kernel("1 2 1; 0 0 0; -1 -2 -1"),
        "stride": choice([1, 2, 3], name="stride"),
        "padding": choice([0, 1, 2], 1, name="padding"),
        "whole": widgets.Checkbox(value=False, description="whole map", indent=False),
        "place": Place(28, 28, place),
    }
    for name, wide in (("stride", 115), ("padding", 125), ("whole", 120)):
        layout = controls[name].layout
        layout.width, layout.flex, layout.max_width = f"{wide}px", None, None
    controls["kernel"].layout.flex = "1 1 225px"

    def layer(kernel: str, own: str) -> Layer:
        if kernel == BY_HAND:
            return worked_example()
        picture = (10 * now()).round() / 10
        if kernel == CORNER:
            return corners(picture)
        return Layer(picture[None], (parse_kernel(own) if kernel == OWN else known[kernel])[None])

    def resize(_change: object) -> None:
        values = {name: controls[name].value for name in ("kernel", "own", "stride", "padding")}
        try:
            X, W = layer(values["kernel"], values["own"])
        except ValueError:
            return  # the drawing says it
        controls["place"].resize(*_size(X, W, values["stride"], values["padding"]))

    def draw(
        kernel: str, own: str, stride: int, padding: int, place: tuple[int, int], whole: bool
    ) -> tuple:
        X, W = layer(kernel, own)
        sentence = "" if kernel == BY_HAND else note()
        step = _step(X, W, stride, padding, place)
        return _draw_step(step, whole), sentence + _say_step(step, whole)

    def touch(x: float, y: float) -> dict[str, object]:
        X, W = layer(controls["kernel"].value, controls["own"].value)
        axes, x, y = touched(explorer.figure, x, y)
        stride = controls["stride"].value
        if axes < len(X):  # an input: the window's middle goes there
            x, y = (x - (W.shape[2] - 1) / 2) / stride, (y - (W.shape[1] - 1) / 2) / stride
        elif axes > len(X):
            return {}
        return {"place": clipped(x, y, controls["place"].size)}

    resize(None)
    for name in ("kernel", "own", "stride", "padding"):
        controls[name].observe(resize, names="value")
    controls["own"].observe(lambda _: setattr(controls["kernel"], "value", OWN), names="value")
    title = "Window × kernel, summed: one number of the map. (Touch the picture or the map.)"
    explorer = Explorer(title, draw, controls, touch=touch)

    def begin(change: dict) -> None:  # the example by hand is known for its first number, 56
        if change["new"] == BY_HAND:
            explorer.set(stride=1, padding=0, place=(0, 0))

    controls["kernel"].observe(begin, names="value")
    return follow(explorer, image)


def _checked_kernels(kernels: Mapping[str, Tensor]) -> dict[str, Tensor]:
    for name, kernel in kernels.items():
        fits = isinstance(kernel, Tensor) and kernel.ndim == 2 and kernel.numel()
        if not fits or max(kernel.shape) > LARGEST:
            shape = tuple(kernel.shape) if isinstance(kernel, Tensor) else type(kernel).__name__
            raise ValueError(
                f"kernel {name!r} must be a tensor of at most 5 × 5, got {shape}; "
                "of a layer's weights take one with layer.weight[0, 0]"
            )
    return {name: kernel.detach().cpu().float() for name, kernel in kernels.items()}


def _own_kernel(text: str) -> widgets.Text:
    return widgets.Text(
        value=text,
        description="your own",
        continuous_update=False,
        layout=widgets.Layout(width="auto", flex="1 1 200px", max_width="280px"),
        style={"description_width": "initial"},
    )


class Step(NamedTuple):
    """One step of a convolution: padded input, kernel, map so far and what it took."""

    X: Tensor  # (C, H, W) without padding
    W: Tensor  # (C, k, l)
    Y: Tensor  # (h, w)
    padded: Tensor  # (C, H + 2p, W + 2p)
    window: Tensor  # (C, k, l)
    stride: int
    padding: int
    place: tuple[int, int]


def _size(X: Tensor, W: Tensor, stride: int, padding: int) -> tuple[int, int]:
    rows, columns = zip(X.shape[1:], W.shape[1:], strict=True)
    return map_size(*rows, stride, padding), map_size(*columns, stride, padding)


def _step(X: Tensor, W: Tensor, stride: int, padding: int, place: tuple[int, int]) -> Step:
    """Work out the whole map as the windows do it, and the window at one place."""
    padded = F.pad(X, (padding,) * 4)
    k, l = W.shape[1:]  # noqa: E741
    windows = padded.unfold(1, k, stride).unfold(2, l, stride)  # (C, h, w, k, l)
    Y = torch.einsum("chwkl,ckl->hw", windows, W)
    row, column = min(place[0], len(Y) - 1), min(place[1], Y.shape[1] - 1)
    return Step(X, W, Y, padded, windows[:, row, column], stride, padding, (row, column))


def _say_step(step: Step, whole: bool) -> str:
    row, column = step.place
    parts = [(w * x).sum() for w, x in zip(step.W, step.window, strict=True)]
    made = number(step.Y[row, column])
    if step.W.numel() == 1:
        made = f"the product is {made}"
    elif len(parts) == 1:
        made = f"the {step.W.numel()} products add up to {made}"
    else:
        added = " + ".join(map(number, parts)).replace("+ −", "− ")
        made = f"{added} = {made}, channel by channel"
    h, w = step.Y.shape
    shown = f"all {h * w}" if whole else f"{row * w + column + 1} of its {h * w}"
    return (
        f"Row {row}, column {column} of the map: {made}. The map has {h} rows, {w} columns; "
        f"{shown} numbers{' are shown' if whole else ' so far'}."
    )


# --- the drawing ----------------------------------------------------------------------------------

SIDE, GAP = 1.45, 1.95  # of a small matrix; from one to the next
ONE: tuple[Box, ...] = ((0.1, 0.3, 3.0, 3.0), (7.3, 0.3, 3.0, 3.0))  # input and map
TWO: tuple[Box, ...] = ((0.1, 2.05, 1.55, 1.55), (0.1, 0.1, 1.55, 1.55), (8.2, 0.75, 2.1, 2.1))


def _draw_step(step: Step, whole: bool) -> Figure:
    """Draw inputs, windows, kernels, products, each channel below the other, and the map."""
    n = len(step.X)
    size, boxes = ((10.4, 3.75), ONE) if n == 1 else ((10.4, 4.05), TWO)
    fig, axes = laid_out(size, [*boxes, (0, 0, *size)])
    for channel in range(n):
        _draw_input(axes[channel], step, channel)
    _draw_map(axes[n], step, whole)
    write = board(axes[n + 1])
    words = {"fontsize": 20, "fontweight": "bold", "va": "center", "ha": "center"}
    total = number(step.Y[step.place])
    if n == 1:
        _draw_product(write, step, 0, [(3.5, GAP), (3.5 + GAP, GAP), (3.5, 0.1)])
        write.text(6.15, 0.83, f"sum\n{total}", **words)
        return fig
    for channel, (_, bottom, _, high) in enumerate(boxes[:n]):
        _draw_product(write, step, channel, [(2.1 + GAP * i, bottom + 0.05) for i in range(3)])
        part = (step.window * step.W)[channel].sum()
        write.text(7.78, bottom + high / 2, number(part), **words)
    write.text(7.78, 1.83, "+", **words)
    write.text(9.25, 0.4, f"sum {total}", **words)
    return fig


def _draw_product(ax: Axes, step: Step, channel: int, corners: list[tuple[float, float]]) -> None:
    """Write one channel's window, kernel and product as numbers, each at its lower left corner."""
    reach, largest = (float(each.abs().max()) or 1.0 for each in (step.X, step.W))
    window, kernel = step.window[channel], step.W[channel]
    boxes = [(*corner, SIDE, SIDE) for corner in corners]
    draw_numbers(ax, window, boxes[0], "window", colours=GREYS, reach=reach)
    draw_numbers(ax, kernel, boxes[1], "× kernel", colours=DIVERGING, reach=largest)
    product = {"colours": DIVERGING, "reach": reach * largest}
    draw_numbers(ax, window * kernel, boxes[2], "= product", **product)


def _draw_input(ax: Axes, step: Step, channel: int) -> None:
    """Draw one channel with its padding, grey, and the window in it."""
    shown, p = step.padded[channel], step.padding
    high, wide = shown.shape
    title = f"channel {channel}" if len(step.X) > 1 else f"input {high - 2 * p} × {wide - 2 * p}"
    draw_pixels(ax, shown, title, float(step.X.abs().max()) or 1.0, signed=False)
    for top, left, rows, columns in (
        *((0, 0, p, wide), (high - p, 0, p, wide)),
        *((p, 0, high - 2 * p, p), (p, wide - p, high - 2 * p, p)),
    ):
        frame(ax, top, left, rows, columns, fill=True, facecolor=RULE, alpha=0.6, lw=0)
    frame(ax, p, p, high - 2 * p, wide - 2 * p, edgecolor=INK, lw=1)
    row, column = step.place
    frame(ax, row * step.stride, column * step.stride, *step.W.shape[1:])


def _draw_map(ax: Axes, step: Step, whole: bool) -> None:
    """Draw the map as far as it has grown, in reading order; what is to come is grey."""
    Y, (row, column) = step.Y, step.place
    reach = float(Y.abs().max()) or 1.0
    h, w = Y.shape
    draw_pixels(ax, Y, f"the map, {h} × {w}", reach, signed=True)
    if not whole:
        style = {"facecolor": RULE, "edgecolor": "none", "lw": 0, "zorder": 4}
        ax.add_patch(Rectangle((column + 0.5, row - 0.5), w - column - 1, 1, **style))
        ax.add_patch(Rectangle((-0.5, row + 0.5), w, h - row - 1, **style))
    frame(ax, 0, 0, h, w, edgecolor=INK, lw=1, zorder=5)
    frame(ax, row, column, 1, 1, zorder=6)
