"""Explorer of lesson 00: a curve of adjustable flexibility, and its error on old and new points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import ArrayLike

from course_utils.explorers.base import Explorer, whole_slider
from course_utils.figures import AMBER, BLUE, GREEN, INK, ORANGE, figure, to_numpy

DEGREES = range(10)
FEWEST, MOST = 10, 100  # points to train with; ten points settle a curve of degree 9
N_TEST = 1000
HUGE = 100  # errors above this are not told apart
N_SAMPLES = 10  # how many samples of each size there are to choose from


def fit_curve(x: ArrayLike, y: ArrayLike, degree: int) -> Chebyshev:
    """Return the polynomial of a degree with the least mean squared error on some points.

    Args:
        x, y: the points, (N,) each, with N above `degree`.
        degree: the highest power of x.

    Example:
        >>> curve = fit_curve([0, 1, 2], [1, 2, 5], 2)
        >>> round(curve(3.0))
        10
    """
    x, y = to_numpy(x, float), to_numpy(y, float)
    if len(x) <= degree:
        raise ValueError(
            f"{len(x)} points do not settle a curve of degree {degree}; give at least {degree + 1}"
        )
    return Chebyshev.fit(x, y, degree)


def curve_fitter(
    draw_sample: Callable[[int], tuple[ArrayLike, ArrayLike]],
    rule: Callable[[np.ndarray], ArrayLike],
    *,
    sample: int = 1,
) -> Explorer:
    """Return an explorer: choose how flexible a curve is and from how many points it learns.

    Args:
        draw_sample: takes n, gives x and y, (n,) each, drawn from one distribution. It is called
            once for each training sample and once for the test sample.
        rule: the best curve of all, the mean of y at each x; drawn for comparison.
        sample: which of the training samples to begin with, 1 to 10.
    """
    pool = [_arrays(draw_sample(MOST)) for _ in range(N_SAMPLES)]
    test = _arrays(draw_sample(N_TEST))

    def draw(degree: int, n: int, sample: int) -> tuple:
        x, y = (values[:n] for values in pool[sample - 1])
        curves = [fit_curve(x, y, power) for power in DEGREES]
        train_errors = [squared_error(curve, x, y) for curve in curves]
        test_errors = [squared_error(curve, *test) for curve in curves]
        fig, (left, right) = figure(columns=2, size=(10, 3.9))
        draw_curve(left, x, y, curves[degree], rule, f"Degree {degree}, {n} points")
        _draw_errors(right, train_errors, test_errors, squared_error(rule, *test), degree)
        return fig, (
            f"Mean squared error on the {n} training points: {train_errors[degree]:.2f}. "
            f"On {N_TEST:,} new points: {_number(test_errors[degree])}."
        )

    return Explorer(
        "How flexible should the curve be?",
        draw,
        {
            "degree": whole_slider(DEGREES[0], DEGREES[-1], 9, name="degree"),
            "n": whole_slider(FEWEST, MOST, FEWEST, name="points n"),
            "sample": whole_slider(1, N_SAMPLES, sample, name="which sample"),
        },
    )


def _arrays(sample: tuple[ArrayLike, ArrayLike]) -> tuple[np.ndarray, np.ndarray]:
    x, y = sample
    return to_numpy(x, float), to_numpy(y, float)


def squared_error(curve: Callable[[np.ndarray], ArrayLike], x: np.ndarray, y: np.ndarray) -> float:
    """Return the mean squared error of a curve on points x and y, (N,) each."""
    return float(np.mean((to_numpy(curve(x)) - y) ** 2))


def _number(error: float) -> str:
    return f"{error:.2f}" if error < HUGE else f"more than {HUGE}"


def draw_curve(
    ax: object, x: np.ndarray, y: np.ndarray, curve: Callable, rule: Callable, title: str
) -> None:
    """Draw points, a fitted curve and the rule behind the points, for x from 0 to 1."""
    grid = np.linspace(0, 1, 300)
    behind = {"color": GREEN, "linestyle": ":", "label": "_the rule behind the points"}
    ax.plot(grid, to_numpy(rule(grid)), **behind)
    ax.plot(grid, curve(grid), color=BLUE, linestyle="-", label="_the fitted curve")
    ax.scatter(x, y, s=50, color=AMBER, edgecolors=INK, linewidths=0.8, zorder=3, label="_points")
    ax.set(title=title, xlabel="x", ylabel="y", xlim=(0, 1), ylim=(-2, 2))
    ax.set(xticks=(0, 0.5, 1), yticks=(-2, -1, 0, 1, 2))
    ax.text(0.1, -1.5, "curve", color=BLUE, fontsize=14, fontweight="bold")
    ax.text(0.1, -1.85, "··· rule behind it", color=GREEN, fontsize=14)


def _draw_errors(
    ax: object, train: list[float], test: list[float], noise: float, degree: int
) -> None:
    ax.axvline(degree, color=AMBER, linestyle="-", linewidth=12, alpha=0.35, label="_now")
    train, test = np.round(train, 3), np.minimum(test, HUGE)
    ax.plot(DEGREES, test, color=ORANGE, marker="^", linestyle="--", label="on new points")
    ax.plot(DEGREES, train, color=BLUE, marker="o", linestyle="-", label="on training points")
    ax.axhline(noise, color=GREEN, linestyle=":", zorder=1, label="chance alone")
    ax.set(
        title="The error at each degree",
        xlabel="degree",
        ylabel="mean squared error",
        xticks=list(DEGREES),
        yticks=(0, 0.5, 1),
        xlim=(-0.5, DEGREES[-1] + 0.5),
        ylim=(0, 1),
    )
    ax.legend(loc="upper left", fontsize=13, handlelength=1.8, borderaxespad=0.1, labelspacing=0.25)
