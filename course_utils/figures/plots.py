"""What a figure holds: points, boundaries, maps, lines, answers.

The `draw_…` functions put one thing into given axes (so that explorers and lessons share them);
the `plot_…` functions make the figure and show it, all at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator, NullLocator

from course_utils.figures.arrays import to_numpy
from course_utils.figures.base import figure, show
from course_utils.figures.style import (
    BLUE,
    COLOURS,
    DIVERGING,
    INK,
    MARKERS,
    ORANGE,
    RULE,
    drawing,
)
from course_utils.figures.summaries import TRAINED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from course_utils.training import History


@drawing()
def draw_points(
    ax: Axes, X: ArrayLike, y: ArrayLike, *, names: Sequence[str] = ("class 0", "class 1")
) -> None:
    """Draw points of the plane in the colour and marker of their class.

    Args:
        ax: where to draw.
        X: the points, (N, 2).
        y: their classes, whole numbers, (N,).
        names: a name for each class, for the legend.

    Raises:
        ValueError: `X` is not (N, 2), or `y` has not a class for each point.
    """
    X, y = to_numpy(X), to_numpy(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.size != len(X):
        raise ValueError(f"X must be (N, 2) and y (N,), got {X.shape} and {y.shape}")
    colours = (ORANGE, BLUE, *COLOURS[2:])
    for label, name in enumerate(names):
        ax.scatter(
            *X[y.ravel() == label].T,
            s=36 if len(X) > 50 else 150,
            color=colours[label],
            marker=MARKERS[label],
            edgecolors="white",
            linewidths=0.6,
            label=name,
        )


@drawing()
def draw_boundary(
    ax: Axes, w: ArrayLike, b: float, *, label: str = "boundary", color: str = INK
) -> None:
    """Draw the line w·x + b = 0, and an arrow along w to the side where w·x + b > 0.

    Nothing is drawn for w = 0, or what is not finite: there is no line then. The limits of `ax`
    stay as they are.

    Args:
        ax: where to draw; set its limits before.
        w: two weights, (2,), or (1, 2) as a layer of PyTorch has them.
        b: the bias, a number.
        label: what the line is called, in tests.
        color: of line and arrow.

    Raises:
        ValueError: there are not two weights and one bias.
    """
    w, b = to_numpy(w, float), to_numpy(b, float)
    if w.size != 2 or b.size != 1:
        raise ValueError(f"w must be (2,) and b a number, got shapes {w.shape} and {b.shape}")
    w, b = w.ravel(), b.item()
    if not np.isfinite([*w, b]).all() or not w @ w > 0:
        return
    xlim, ylim = ax.get_xlim(), ax.get_ylim()
    foot = -b * w / (w @ w)  # the point of the line nearest to the origin
    along = np.array([-w[1], w[0]]) / np.linalg.norm(w)
    reach = 2 * (np.abs(xlim).max() + np.abs(ylim).max()) + np.linalg.norm(foot)
    ends = np.stack([foot - reach * along, foot + reach * along])
    ax.plot(*ends.T, color=color, linestyle="-", label=f"_{label}")
    step = 0.12 * (xlim[1] - xlim[0]) * w / np.linalg.norm(w)
    ax.annotate(
        "", xy=foot + step, xytext=foot, arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2}
    )
    ax.set(xlim=xlim, ylim=ylim)


@drawing()
def draw_map(
    ax: Axes,
    function: Callable[[np.ndarray], ArrayLike],
    *,
    levels: Sequence[float] | None = None,
    vmin: float = 0.0,
    vmax: float = 1.0,
    steps: int = 160,
) -> object:
    """Colour the plane by a function of its points, within the present limits of `ax`.

    Args:
        ax: where to draw; set its limits before.
        function: takes points (N, 2), gives values (N,).
        levels: values at which to draw contour lines.
        vmin, vmax: the values of full orange and full blue.
        steps: how many points along each side.

    Returns:
        The picture, to which a colour bar can be fixed.

    Raises:
        ValueError: the function gives more or fewer values than it got points.
    """
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    x, y = np.meshgrid(np.linspace(left, right, steps), np.linspace(bottom, top, steps))
    points = np.stack([x.ravel(), y.ravel()], axis=1)  # (steps², 2)
    values = to_numpy(function(points), float)
    if values.size != x.size:
        raise ValueError(f"function got points {points.shape} and gave {values.shape}, not (N,)")
    values, scale = values.reshape(x.shape), {"cmap": DIVERGING, "vmin": vmin, "vmax": vmax}
    where = {"extent": (left, right, bottom, top), "origin": "lower", "aspect": ax.get_aspect()}
    colours = ax.imshow(values, **where, **scale, alpha=0.55, zorder=0)
    if levels is not None:
        lines = ax.contour(x, y, values, levels=levels, colors=INK, linewidths=1.6)
        ax.clabel(lines, fmt="%g", fontsize=12)
    return colours


@drawing()
def plot_lines(
    lines: dict[str, ArrayLike],
    title: str,
    *,
    x: ArrayLike | None = None,
    xlabel: str = "",
    ylabel: str = "",
    ylim: tuple[float, float] | None = None,
    trained: bool = False,
    says: str = "",
) -> None:
    """Show named curves in one figure, each with its own colour and line style.

    Args:
        lines: a name and values (N,) for each curve.
        title: what the figure says.
        x: where the values lie, (N,); 0, 1, 2, … where left out.
        xlabel, ylabel: quantities and units.
        ylim: the limits of the vertical axis.
        trained: see `draw_lines`; `ylim` is wanted then, for the summary tells it.
        says: a sentence for the summary.
    """
    fig, ax = figure(title, xlabel=xlabel, ylabel=ylabel)
    draw_lines(ax, lines, x=x, trained=trained)
    if ylim is not None:
        ax.set_ylim(ylim)
    show(fig, says)


@drawing()
def draw_lines(
    ax: Axes,
    lines: dict[str, ArrayLike],
    *,
    x: ArrayLike | None = None,
    trained: bool = False,
) -> None:
    """Draw named curves, with markers where they have few points, and a legend.

    Args:
        ax: where to draw.
        lines: a name and values (N,) for each curve.
        x: where the values lie, (N,); 0, 1, 2, … where left out.
        trained: the values come from a long training, which ends a little differently on another
            processor: the summary names the curves, but not their last values.
    """
    for index, (name, values) in enumerate(lines.items()):
        values = to_numpy(values, float)
        where = np.arange(len(values)) if x is None else to_numpy(x, float)
        marker = MARKERS[index % len(MARKERS)] if len(values) <= 30 else None
        ax.plot(where, values, marker=marker, label=name, gid=TRAINED if trained else None)
    locator = ax.xaxis.get_major_locator()
    if trained and isinstance(locator, MaxNLocator):
        locator.set_params(integer=True)  # whole epochs
    if len(lines) > 1:
        ax.legend()


@drawing()
def plot_history(history: History) -> None:
    """Show loss and accuracy of a training, epoch by epoch; the loss alone of learnt numbers."""
    names = ["loss"] if np.isnan(history.train_accuracy).all() else ["loss", "accuracy"]
    fig, axes = figure(columns=len(names), size=(5 * len(names), 4.2))
    epochs = np.arange(1, len(history) + 1)
    for ax, name in zip(np.atleast_1d(axes), names, strict=True):
        lines = {"training": getattr(history, f"train_{name}")}
        if getattr(history, f"val_{name}"):
            lines["validation"] = getattr(history, f"val_{name}")
        draw_lines(ax, lines, x=epochs)
        ax.set(title=name.capitalize(), xlabel="epoch", ylabel=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
    show(fig)


@drawing()
def draw_answers(ax: Axes, probs: ArrayLike, label: int | None = None) -> None:
    """Draw ten bars, one for each answer a model may give; the title says what it reads.

    Args:
        ax: where to draw.
        probs: the probability of each digit, (10,) or (1, 10), adding up to 1.
        label: the true digit; the highest bar is blue where it is that one, else orange. Left
            out where nobody knows it, as on a learner's own drawing.

    Raises:
        ValueError: `probs` holds more than one answer.
    """
    percent = 100 * to_numpy(probs, float).squeeze()
    if percent.ndim != 1:
        raise ValueError(f"probs must be (10,), got {np.shape(probs)}; of a batch take probs[0]")
    answer = int(percent.argmax())
    bars = ax.bar(range(len(percent)), percent, color=RULE, edgecolor=INK, linewidth=0.8)
    bars[answer].set_color(BLUE if label in (None, answer) else ORANGE)
    for digit, height in enumerate(percent):
        if height >= 0.5:
            ax.text(digit, height + 2, f"{height:.0f}", ha="center", fontsize=13)
    verdict = ", and that is right" if answer == label else f", but it is a {label}"
    if label is None:
        verdict = ""
    ax.set(
        title=f"The model reads {answer}{verdict}",
        xlabel="answer",
        ylabel="probability in %",
        xticks=range(len(percent)),
        ylim=(0, 112),
        yticks=(0, 50, 100),
    )
    ax.grid(False, axis="x")


@drawing()
def log_axis(ax: Axes, which: str, low: float, high: float, *, most: int = 6) -> None:
    """Give one axis a logarithmic scale from `low` to `high`, with a few powers of ten as ticks.

    Args:
        ax: where to draw.
        which: "x" or "y".
        low, high: the limits, positive.
        most: the largest number of ticks. Matplotlib's own are many more, and slow to draw.

    Raises:
        ValueError: not 0 < low < high.
    """
    low, high = to_numpy(low, float).item(), to_numpy(high, float).item()
    if not 0 < low < high < math.inf:
        raise ValueError(f"a logarithmic axis goes from low > 0 up to high, got {low} and {high}")
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    kept = powers[:: max(1, math.ceil(len(powers) / most))]
    getattr(ax, f"set_{which}scale")("log")
    getattr(ax, f"set_{which}lim")(low, high)
    axis = getattr(ax, f"{which}axis")
    axis.set_minor_locator(NullLocator())
    axis.set_ticks([10.0**power for power in kept], [power_of_ten(power) for power in kept])


def power_of_ten(power: int) -> str:
    """Return a power of ten as people write it: 0.01, 1, 100, and 10⁻⁴ where it is longer."""
    if -3 <= power <= 3:
        return f"{10.0**power:g}"
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
