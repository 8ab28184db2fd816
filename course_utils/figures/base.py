"""An empty figure, the picture of a full one, and how it is shown."""

from __future__ import annotations

import io
import threading

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course_utils.display import publish
from course_utils.figures.style import CourseAxes, CourseFigure, drawing
from course_utils.figures.summaries import summary

PIXELS_PER_INCH = 100  # on the page; stored pictures are sharper by SHARPNESS
SHARPNESS = 1.5
SMALLEST_TITLE = 7.0  # points
RENDERING = threading.Lock()  # matplotlib's reader of formulas is one for all threads


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


@drawing()
def grid(
    rows: int, columns: int, size: tuple[float, float], *, ruled: bool = True
) -> tuple[Figure, np.ndarray]:
    """Return an empty figure and its axes, (rows, columns), `ruled` with grid lines or blank."""
    fig = CourseFigure(figsize=size, dpi=PIXELS_PER_INCH)
    FigureCanvasAgg(fig)
    axes = fig.subplots(rows, columns, squeeze=False, subplot_kw={"axes_class": CourseAxes})
    for ax in axes.flat if ruled else ():
        ax.grid(True)
    return fig, axes


def show(fig: Figure, says: str = "") -> None:
    """Display a figure, with a text summary for strict tests and screen readers.

    Args:
        fig: a figure from `figure`.
        says: a sentence to put before the automatic summary of `describe`.
    """
    show_as(fig, summary(fig, says))


def show_as(fig: Figure, text: str) -> None:
    """Display a figure with this text in place of a summary."""
    publish(text, png=png(fig), width=round(fig.get_figwidth() * PIXELS_PER_INCH))


def png(fig: Figure) -> bytes:
    """Return the figure as the bytes of a PNG file, the same for the same figure.

    A palette of 256 colours makes it four times smaller and faster to write than true colour. A
    figure that a learner made with `plt` keeps the learner's settings.
    """
    ours = isinstance(fig, CourseFigure)
    with RENDERING, drawing() if ours else np.errstate(all="ignore"):
        picture = _rendered(fig)
    file = io.BytesIO()
    picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        file, "PNG"
    )
    return file.getvalue()


def _rendered(fig: Figure) -> Image.Image:
    """Draw at once, as a learner's own canvas may draw lines only, or later."""
    dpi, canvas = fig.dpi, fig.canvas
    pixels = canvas if hasattr(canvas, "buffer_rgba") else FigureCanvasAgg(fig)
    fig.set_dpi(PIXELS_PER_INCH * SHARPNESS)
    try:
        _lay_out(fig)
        pixels.draw()
        return Image.fromarray(np.asarray(pixels.buffer_rgba())).convert("RGB")
    finally:
        fig.set_dpi(dpi)
        fig.set_canvas(canvas)


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
