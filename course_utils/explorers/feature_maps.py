"""Explorer of lesson 06: what every layer of a network makes of a picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, Stepper, whole_slider
from course_utils.explorers.following import follow
from course_utils.explorers.place import Place, clipped, touched
from course_utils.figures import BLUE, INK, RULE, draw_image, draw_pixels, frame, laid_out, number
from course_utils.microscope import Layer, layers_of, pictured, receptive_fields

HEIGHT = 3.25
MAPS = ((0.1, 0.45, 2.4, 2.4), (2.7, 0.05, 2.8, 2.8), (5.75, 0.55, 2.3, 2.3))
MAPS += ((8.25, 0.8, 2.05, 2.05),)
FLAT = (MAPS[0], MAPS[1], (6.5, 0.05, 2.8, 2.8))
BARS = (3.15, 0.4, 2.5, 2.45)
FEW = 12  # numbers of a vector that are drawn as bars


def feature_microscope(
    model: nn.Module,
    image: object = None,
    *,
    layer: int = 1,
    channel: int = 0,
    place: tuple[int, int] = (9, 9),
) -> Explorer:
    """Return an explorer: every layer's maps of a picture, the kernel of one, and what it sees.

    Args:
        model: any module that takes the picture as (1, 1, 28, 28), or (1, C, H, W). It is asked
            anew at each drawing, in eval mode; its mode and its hooks stay as they are.
        image: a picture (28, 28) or (C, H, W), or a drawing pad, whose drawing is followed; a
            digit of the sample where left out.
        layer: the layer to begin with, from 1.
        channel, place: the map to begin with, and the row and column in it, from 0.

    Raises:
        ValueError: the model cannot take the picture, or has no layer that gives numbers.

    >>> feature_microscope(load_pretrained("lenet"), pad)
    """
    now, note = pictured(image, colours=True)
    layers = layers_of(model, now()[None])
    if not layers:
        raise ValueError(f"{type(model).__name__} has no layer whose first axis is the pictures")
    fields = receptive_fields(model, now().shape)
    pick = Stepper(len(layers), start=min(layer, len(layers)), name="layer")
    pick.slider.min = 1
    controls = {
        "layer": pick,
        "channel": whole_slider(0, 10**6, channel, name="channel"),
        "place": Place(1000, 1000, place),
    }

    def resize(_change: object = None) -> None:
        channels, height, width = layers[pick.value - 1].maps.shape[1:]
        controls["channel"].max = channels - 1
        controls["place"].resize(height, width)

    def draw(layer: int, channel: int, place: tuple[int, int]) -> tuple:
        picture = now()
        *earlier, shown = layers_of(model, picture[None])[:layer]
        field = fields[layer - 1].at((channel, 0) if shown.flat else place)
        before = [one for one in earlier if not one.flat]
        view = View(picture, shown, channel, place, field, before[-1].maps if before else None)
        name = "" if shown.name.isdigit() else f" “{shown.name}”"
        head = f"{note()}Layer {layer} of {len(layers)}, {shown.kind}{name}"
        return _draw_view(view), f"{head}: {_say_view(view)}"

    def touch(x: float, y: float) -> dict[str, object]:
        axes, x, y = touched(explorer.figure, x, y)
        shown, size = layers[pick.value - 1], controls["place"].size
        if axes == 1:
            return {"channel": _touched_channel(shown, x, y)}
        if shown.flat:
            return {}
        if axes == 0:
            return {"place": fields[pick.value - 1].nearest(y, x)}
        return {"place": clipped(x, y, size)} if axes == 2 else {}

    resize()
    pick.observe(resize, names="value")
    title = "Layer by layer: what is left of the digit? (Touch the digit, a map, a place in it.)"
    explorer = Explorer(title, draw, controls, touch=touch)
    return follow(explorer, image)


class View(NamedTuple):
    """What the microscope shows."""

    picture: Tensor  # (C, H, W)
    layer: Layer  # of this picture alone
    channel: int
    place: tuple[int, int]
    field: tuple[int, int, int, int] | None
    before: Tensor | None  # the maps (1, C, h, w) that the layer was made of, where it is a vector

    @property
    def value(self) -> float:
        """The number at the chosen place."""
        return float(self.layer.maps[(0, self.channel, *self.place)])


def _say_view(view: View) -> str:
    maps, (row, column) = view.layer.maps, view.place
    where = f"Channel {view.channel}, row {row}, column {column}"
    if view.layer.flat:
        where = f"Number {view.channel}"
    zeros = float((maps == 0).float().mean())
    rest = f" Of all numbers here, {100 * zeros:.0f}% are 0." if zeros > 0.005 else ""
    seen = "no pixel of the picture"
    if view.field is not None:
        top, left, rows, columns = view.field
        seen = f"{rows} × {columns} pixels, from row {top} and column {left} on"
    return f"{view.layer.size} numbers. {where} is {number(view.value)}; it sees {seen}.{rest}"


def _touched_channel(layer: Layer, x: float, y: float) -> int:
    channels, height, width = layer.maps.shape[1:]
    if layer.flat and channels <= FEW:
        return int(np.clip(round(x), 0, channels - 1))
    gap = 0 if layer.flat else 1
    columns = _columns(channels)
    column = int(np.clip((x + 0.5) // (width + gap), 0, columns - 1))
    row = int(np.clip((y + 0.5) // (height + gap), 0, (channels - 1) // columns))
    return min(row * columns + column, channels - 1)


def _columns(n: int) -> int:
    """Return how many of n maps stand side by side, so that the sheet is about square."""
    return int(np.ceil(np.sqrt(n)))


def _sheet(maps: Tensor, gap: int) -> Tensor:
    """Lay maps (C, h, w) out in rows, with a gap of zeros between them."""
    columns = _columns(len(maps))
    missing = -len(maps) % columns
    maps = F.pad(maps, (0, gap, 0, gap, 0, missing))
    height, width = maps.shape[1:]
    rows = maps.reshape(-1, columns, height, width).transpose(1, 2)
    sheet = rows.reshape(-1, columns * width)
    return sheet[: len(sheet) - gap, : sheet.shape[1] - gap]


def _draw_view(view: View) -> Figure:
    flat = view.layer.flat
    boxes = list(FLAT if flat else MAPS)
    if bars := flat and len(view.layer.maps[0]) <= FEW:
        boxes[1] = BARS
    fig, axes = laid_out((10.4, HEIGHT), boxes)
    for ax in axes:
        ax.set_anchor("N")
    draw_image(axes[0], view.picture.mean(0), "the picture", framed=True)
    if view.field is not None:
        frame(axes[0], *view.field)
    if bars:
        _draw_bars(axes[1], view)
    else:
        _draw_sheet(axes[1], view)
    if not flat:
        _draw_map(axes[2], view)
    _draw_weights(axes[-1], view)
    return fig


def _draw_bars(ax: Axes, view: View) -> None:
    values = view.layer.maps[0, :, 0, 0].numpy()
    bars = ax.bar(range(len(values)), values, color=RULE, edgecolor=INK, linewidth=0.8)
    bars[view.channel].set_color(BLUE)
    ax.axhline(0, color=INK, linewidth=1, linestyle="-", label="_zero")
    ax.set_xticks(range(len(values)))
    ax.set_title(f"its {len(values)} numbers", loc="center", fontsize=14)


def _draw_sheet(ax: Axes, view: View) -> None:
    """Draw all maps of the layer on one scale, the chosen one in a frame."""
    maps, gap = view.layer.maps[0], 0 if view.layer.flat else 1
    channels, height, width = maps.shape
    draw_image(ax, _sheet(maps, gap), signed=bool((maps < 0).any()))
    what = "numbers" if view.layer.flat else f"map{'s'[: channels > 1]}, {height} × {width}"
    ax.set_title(f"{channels} {what}", loc="center", fontsize=14)
    _rule(ax, maps, gap)
    row, column = divmod(view.channel, _columns(channels))
    frame(ax, row * (height + gap), column * (width + gap), height, width)


def _rule(ax: Axes, maps: Tensor, gap: int) -> None:
    """Draw the edge of a sheet, and lines in the gaps between its maps."""
    columns, (height, width) = _columns(len(maps)), maps.shape[1:]
    rows = -(-len(maps) // columns)
    right, bottom = columns * (width + gap) - gap, rows * (height + gap) - gap
    if gap:
        lines = {"colors": RULE, "linewidths": 1, "label": "_edges"}
        ax.hlines(np.arange(1, rows) * (height + gap) - 1, -0.5, right - 0.5, **lines)
        ax.vlines(np.arange(1, columns) * (width + gap) - 1, -0.5, bottom - 0.5, **lines)
    frame(ax, 0, 0, bottom, right, edgecolor=RULE, lw=1)


def _draw_map(ax: Axes, view: View) -> None:
    """Draw the chosen map large, on the scale of its layer."""
    maps = view.layer.maps[0]
    signed, reach = bool((maps < 0).any()), float(maps.abs().max()) or 1.0
    title = f"channel {view.channel}"
    digits = 0 if reach >= 10 else 1
    draw_pixels(ax, maps[view.channel], title, reach, signed=signed, digits=digits)
    frame(ax, *view.place, 1, 1)


def _draw_weights(ax: Axes, view: View) -> None:
    """Draw the weights that lead to the chosen number, or else the part of the picture it sees."""
    weights = _weights(view)
    if weights is not None:
        gap = 0 if view.layer.flat else 1
        draw_image(ax, _sheet(weights, gap), signed=True)
        ax.set_title("its weights" if gap == 0 else "its kernel", loc="center", fontsize=14)
        _rule(ax, weights, gap)
    elif view.field is not None:
        top, left, rows, columns = view.field
        seen = view.picture.mean(0)[top : top + rows, left : left + columns]
        draw_image(ax, seen, "what it sees", framed=True)
        ax.images[0].set_clim(0, float(view.picture.max()) or 1.0)
    else:
        ax.set_axis_off()


def _weights(view: View) -> Tensor | None:
    """Return the chosen unit's weights as maps (C, h, w); None where the layer has none."""
    module, channel = view.layer.module, view.channel
    if isinstance(module, nn.Conv2d):
        return module.weight[channel].detach().cpu().float()
    if not isinstance(module, nn.Linear) or not view.layer.flat:
        return None
    row = module.weight[channel].detach().cpu().float()
    for maps in (view.before, view.picture[None]):
        if maps is not None and maps.numel() == len(row):
            return row.reshape(maps.shape[1:])
    return row[:, None, None]
