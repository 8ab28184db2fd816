"""Explorer of lesson 05: underfit, fit, overfit: by degree, by width, by the number of samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import ArrayLike

from course_utils.explorers.base import Explorer, choice, choice_slider
from course_utils.explorers.curve_fitting import draw_curve, squared_error
from course_utils.figures import AMBER, BLUE, GREEN, ORANGE, figure, log_axis

DEGREES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14)
WIDTHS = (1, 2, 4, 6, 8, 10, 15, 20, 30, 50, 100, 300)
COUNTS = (8, 10, 15, 20, 30, 50, 100, 200)
DECAYS = (0, 1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.1, 1)
NOISE = 0.3  # the standard deviation of y around the rule
N_TEST = 1000
GOLDEN = (5**0.5 - 1) / 2
LOWEST, HIGHEST = 0.004, 20  # errors outside are drawn at these
POLYNOMIAL, NETWORK = "polynomial", "network, hidden layer left random"
SIZES = {POLYNOMIAL: ("degree", DEGREES), NETWORK: ("width", WIDTHS)}
BY_SIZE, BY_COUNT = "degree or width", "number of samples"
CLOSE = 1.6  # a test error below so many times the noise is as good as can be hoped for
SHARE = 0.45  # a training error above this share of the test error has not followed the points
LEGEND = {"fontsize": 12, "handlelength": 2.2, "labelspacing": 0.25}

Curve = Callable[[np.ndarray], np.ndarray]


def rule(x: ArrayLike) -> np.ndarray:
    """Return the mean of y at each x: sin(2πx), of any shape."""
    return np.sin(2 * np.pi * np.asarray(x, dtype=float))


@cache
def samples() -> tuple[np.ndarray, np.ndarray]:
    """Return x and y, (1200,) each: the first 200 to train with, the last 1,000 to test.

    The x are spread evenly over 0 … 1, each prefix of them too: i times the golden ratio, modulo 1.
    """
    rng = np.random.default_rng(0)
    x = (0.5 + GOLDEN * np.arange(COUNTS[-1] + N_TEST)) % 1
    return x, rule(x) + NOISE * rng.standard_normal(len(x))


def fit_ridge(
    features: Callable[[np.ndarray], np.ndarray], x: ArrayLike, y: ArrayLike, decay: float = 0.0
) -> Curve:
    """Return the curve with the least mean squared error + decay × (squared weights).

    Args:
        features: takes x (N,), gives a column for each weight, (N, K); the first belongs to the
            bias, which does not decay.
        x, y: the points, (N,) each.
        decay: weight decay, at least 0. Where many curves are best, the one with the smallest
            weights is taken.

    >>> curve = fit_ridge(polynomial(1), [0.0, 1.0], [1.0, 3.0])
    >>> round(float(curve(0.5)))
    2
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or len(x) == 0 or decay < 0:
        raise ValueError(
            "x and y must be (N,) with at least one point, and decay at least 0, "
            f"got {x.shape}, {y.shape} and {decay}"
        )
    rows, goal = features(x), y
    if decay:  # a row for each weight that pulls it to 0: least squares knows no other way
        pull = np.sqrt(len(x) * decay) * np.eye(rows.shape[1])[1:]
        rows, goal = np.concatenate([rows, pull]), np.concatenate([y, np.zeros(len(pull))])
    w = np.linalg.lstsq(rows, goal, rcond=None)[0]
    return lambda at: features(np.asarray(at, dtype=float)) @ w


def polynomial(degree: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return the features of polynomials on 0 … 1: (...) -> (..., degree + 1)."""
    return lambda x: np.polynomial.chebyshev.chebvander(2 * x - 1, degree)


def network(width: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return 1 and the outputs of `width` ReLUs with random weights: (...) -> (..., width + 1).

    The units of a narrow layer are among those of a wider one.
    """
    rng = np.random.default_rng(0)
    corners = rng.random(WIDTHS[-1])[:width]  # where z is 0
    w = rng.choice([-1.0, 1.0], WIDTHS[-1])[:width]

    def features(x: np.ndarray) -> np.ndarray:
        z = w * (x[..., None] - corners)
        return np.concatenate([np.ones((*x.shape, 1)), np.maximum(z, 0)], axis=-1)

    return features


FEATURES = {POLYNOMIAL: polynomial, NETWORK: network}


@lru_cache(maxsize=2048)
def fitted(model: str, size: int, n: int, decay: float) -> tuple[Curve, float, float]:
    """Return a curve fitted to the first n samples, its training error and its test error."""
    x, y = samples()
    curve = fit_ridge(FEATURES[model](size), x[:n], y[:n], decay)
    test = x[-N_TEST:], y[-N_TEST:]
    return curve, squared_error(curve, x[:n], y[:n]), squared_error(curve, *test)


def verdict(train: float, test: float, noise: float) -> str:
    """Name what two mean squared errors say: "underfit", "overfit" or "a good fit".

    Args:
        train, test: the errors on the training points and on new ones.
        noise: the error of the rule itself, below which no curve comes on the average.
    """
    if test <= CLOSE * noise:
        return "a good fit"
    return "underfit" if train >= SHARE * test else "overfit"


def overfitting_slider() -> Explorer:
    """Return an explorer: how flexible a curve is, from how many samples it learns, with decay."""
    controls = {
        "model": choice(list(SIZES), name="model"),
        "degree": choice_slider(DEGREES, 10, name="degree"),
        "width": choice_slider(WIDTHS, 10, name="width"),
        "n": choice_slider(COUNTS, 15, name="samples"),
        "decay": choice_slider(DECAYS, 0, name="weight decay"),
        "along": choice([BY_SIZE, BY_COUNT], name="errors against"),
    }

    def only_one_size(_change: object = None) -> None:
        for model, (name, _) in SIZES.items():
            shown = controls["model"].value == model
            controls[name].layout.display = None if shown else "none"

    controls["model"].observe(only_one_size, names="value")
    only_one_size()

    def touch(x: float, _y: float) -> dict[str, object]:
        name, places = SIZES[controls["model"].value]
        if controls["along"].value == BY_COUNT:
            name, places = "n", COUNTS
        inside = -1 < x < len(places)  # not on the curve beside it
        return {name: places[int(np.clip(round(x), 0, len(places) - 1))]} if inside else {}

    title = "When does it underfit, when overfit? (Touch the errors to choose.)"
    return Explorer(title, _draw_overfitting, controls, touch=touch)


def _draw_overfitting(
    model: str, degree: int, width: int, n: int, decay: float, along: str
) -> tuple:
    name, sizes = SIZES[model]
    size = degree if model == POLYNOMIAL else width
    curve, train, test = fitted(model, size, n, decay)
    noise = squared_error(rule, *(values[-N_TEST:] for values in samples()))
    fig, (left, right) = figure(columns=2, size=(10, 3.7))
    if along == BY_SIZE:
        fits = [fitted(model, each, n, decay) for each in sizes]
        _draw_errors(left, fits, noise, name, sizes, size)
        left.legend(loc="lower left" if model == POLYNOMIAL else "upper left", **LEGEND)
    else:
        fits = [fitted(model, size, each, decay) for each in COUNTS]
        _draw_errors(left, fits, noise, BY_COUNT, COUNTS, n)
        left.legend(loc="upper right", **LEGEND)
    named = verdict(train, test, noise)
    left.set_title(f"{name.capitalize()} {size}, {n} samples: {named}")
    x, y = samples()
    draw_curve(right, x[:n], y[:n], curve, rule, "")
    return fig, (
        f"Mean squared error on the {n} training points: {_number(train)}. "
        f"On {N_TEST:,} new points: {_number(test)}. The rule itself: {_number(noise)}."
    )


def _draw_errors(
    ax: Axes, fits: list[tuple], noise: float, name: str, places: Sequence[int], now: int
) -> None:
    """Draw the training and the test error at each place, and mark the present one."""
    where = np.arange(len(places))
    here = places.index(now)
    ax.axvline(here, color=AMBER, linestyle="-", linewidth=12, alpha=0.35, label="_now")
    train, test = np.clip(np.array([fit[1:] for fit in fits]).T, LOWEST, HIGHEST)
    ax.plot(where, test, color=ORANGE, marker="^", linestyle="--", label="on new points")
    ax.plot(where, train, color=BLUE, marker="o", linestyle="-", label="on training points")
    ax.axhline(noise, color=GREEN, linestyle=":", zorder=1, label="of the rule itself")
    ax.set(xlabel=name, ylabel="mean squared error", xlim=(-0.5, len(places) - 0.5))
    ax.tick_params(axis="x", labelsize=11)
    ax.xaxis.set_major_locator(FixedLocator(where))  # makes each tick once, set_xticks twice
    ax.xaxis.set_major_formatter(FixedFormatter([f"{place}" for place in places]))
    log_axis(ax, "y", LOWEST, HIGHEST)


def _number(error: float) -> str:
    """Return an error with two digits; very large and very small ones only by their order."""
    if error > HIGHEST:
        return f"more than {HIGHEST}"
    return f"{error:.2g}" if error >= LOWEST else f"less than {LOWEST}"
