"""The look of every figure: colours, an empty figure, how it is shown.

The figures lie on a light card of their own, so they look the same in a light and a dark page.
Importing this module sets matplotlib's style, so that a learner's own `plt` figures match.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image

from course_utils.display import publish
from course_utils.figures.summaries import summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes


PIXELS_PER_INCH = 100  # on the page; stored pictures are sharper by SHARPNESS
SHARPNESS = 1.5
SMALLEST_TITLE = 7.0  # points
# Okabe and Ito's palette, which colour-blind readers can tell apart (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, PINK, SKY, AMBER = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
)
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, AMBER)
MARKERS = ("o", "^", "s", "D", "v", "P")
INK, PAPER, RULE = "#1b1f24", "#fcfcfa", "#c9ccd1"
#: orange for class 0 or a negative weight, white between, blue for class 1 or a positive weight
DIVERGING = LinearSegmentedColormap.from_list("course", [ORANGE, "#ffffff", BLUE])
STYLE = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "font.size": 14,
    "axes.titlesize": 16,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 14,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 2.5,
    "lines.markersize": 7,
    "legend.frameon": False,
    "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=["-", "--", "-.", ":", "-", "--"]),
}
matplotlib.rcParams.update(STYLE)


def figure(
    title: str = "",
    *,
    xlabel: str = "",
    ylabel: str = "",
    size: tuple[float, float] = (8, 4.2),
    columns: int = 1,
) -> tuple[Figure, Axes | np.ndarray]:
    """Return an empty figure in the style of the course and its axes.

    Args:
        title: what the figure says, not what it is made of.
        xlabel, ylabel: quantity and unit, for the first axes.
        size: width and height in inches; 8 inches are 800 pixels on the page.
        columns: how many axes stand side by side; with more than one, an array of axes comes back.

    The figure is not known to pyplot: nothing is shown before `show` and nothing leaks.
    """
    fig, axes = grid(1, columns, size)
    axes[0, 0].set(title=title, xlabel=xlabel, ylabel=ylabel)
    return fig, axes[0, 0] if columns == 1 else axes[0]


def grid(rows: int, columns: int, size: tuple[float, float]) -> tuple[Figure, np.ndarray]:
    fig = Figure(figsize=size, dpi=PIXELS_PER_INCH)
    FigureCanvasAgg(fig)
    return fig, fig.subplots(rows, columns, squeeze=False)


def show(fig: Figure, says: str = "") -> None:
    """Display a figure, with a text summary for strict tests and screen readers.

    Args:
        fig: a figure from `figure`.
        says: a sentence to put before the automatic summary of `describe`.
    """
    publish(summary(fig, says), png=png(fig), width=round(fig.get_figwidth() * PIXELS_PER_INCH))


@np.errstate(all="ignore")
def png(fig: Figure) -> bytes:
    """Return the figure as the bytes of a PNG file, the same for the same figure.

    A palette of 256 colours makes it four times smaller and faster to write than true colour.
    """
    fig.set_dpi(PIXELS_PER_INCH * SHARPNESS)
    _lay_out(fig)
    fig.canvas.draw()
    picture = Image.fromarray(np.asarray(fig.canvas.buffer_rgba())).convert("RGB")
    fig.set_dpi(PIXELS_PER_INCH)
    file = io.BytesIO()
    picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        file, "PNG"
    )
    return file.getvalue()


def _lay_out(fig: Figure) -> None:
    """Place everything, once; make titles smaller that run out of the figure or into another.

    Once, because it takes most of the time of a drawing, and `savefig` would do it again.
    """
    if fig.get_layout_engine() is not None:
        fig.get_layout_engine().execute(fig)
        fig.set_layout_engine("none")
    for ax in fig.axes:
        ax.apply_aspect()  # an equal scale on both axes makes them narrower than the layout says
    lefts = [ax.get_window_extent().x0 for ax in fig.axes]
    for ax in fig.axes:
        title = ax._left_title  # the only way to its font; the course's titles stand left
        start = title.get_window_extent().x0
        end = min([left - 8 for left in lefts if left > start + 8] + [fig.bbox.x1 - 8])
        while title.get_window_extent().x1 > end and title.get_fontsize() > SMALLEST_TITLE:
            title.set_fontsize(title.get_fontsize() - 0.5)
