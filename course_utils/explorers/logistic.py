"""Explorers of lesson 02: descent on a loss surface, and a map of how sure a neuron is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike

from course_utils.explorers.base import Explorer, Stepper, choice, choice_slider, slider
from course_utils.figures import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PAPER,
    RULE,
    SKY,
    draw_boundary,
    draw_map,
    figure,
)

N_STEPS = 40
LEARNING_RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 20, 30)
FLOOR = np.array([[0, 1, 1, 0, 0], [0, 0, 1, 1, 0]])  # the corners of a square, round once
HEIGHTS = LinearSegmentedColormap.from_list("heights", [BLUE, SKY, "#e8f1f7"])


@np.errstate(all="ignore")
def sigmoid(z: ArrayLike) -> np.ndarray:
    """Return 1 / (1 + exp(−z)) for any z, without overflow; values from 0 to 1.

    >>> sigmoid([0.0, -1000.0])
    array([0.5, 0. ])
    """
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


@np.errstate(all="ignore")
def bce(z: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return the binary cross-entropy of each net input z for labels y of 0 and 1; values ≥ 0.

    >>> bce([0.0, 2.0], [1, 1]).round(3)
    array([0.693, 0.127])
    """
    return np.logaddexp(0, z) - np.asarray(y) * np.asarray(z)


def probability_map() -> Explorer:
    """Return an explorer: the plane coloured by a neuron's probability, and one point in it."""
    limit = 4.0

    def draw(b: float, w1: float, w2: float, times: float, x1: float, x2: float) -> tuple:
        w, bias = times * np.array([w1, w2]), times * b
        z = float(w @ (x1, x2) + bias)
        fig, ax = figure(
            f"ŷ = {_number(float(sigmoid(z)))} at ({_number(x1)}, {_number(x2)})",
            xlabel="x₁",
            ylabel="x₂",
            size=(7.4, 4.6),
        )
        ax.set(xlim=(-limit, limit), ylim=(-3, 3), aspect="equal")  # so w is seen at right angles
        draw_map(ax, lambda points: sigmoid(points @ w + bias), steps=160)
        draw_boundary(ax, w, bias)
        _draw_band(ax, w, bias)
        ax.plot(x1, x2, marker="o", markersize=13, color=INK, markeredgecolor="white", label="_")
        return fig, (
            f"z = {_number(bias)} + {_term(w[0])}·{_term(x1)} + {_term(w[1])}·{_term(x2)} "
            f"= {_number(z)}, so ŷ = σ({_number(z)}) = {_number(float(sigmoid(z)))}. "
            f"The neuron says {int(z >= 0)}."
        )

    def touch(x: float, y: float) -> dict[str, object]:
        return {
            "x1": round(min(limit, max(-limit, x)), 1),
            "x2": round(min(3.0, max(-3.0, y)), 1),
        }

    return Explorer(
        "Touch the plane: how sure is the neuron there? Then multiply bias and weights together.",
        draw,
        {
            "b": slider(-4, 4, 1, 0.5, name="bias w₀"),
            "w1": slider(-4, 4, 3, 0.5, name="weight w₁"),
            "w2": slider(-4, 4, -2, 0.5, name="weight w₂"),
            "times": slider(0.25, 3, 1, 0.25, name="all three ×"),
            "x1": slider(-limit, limit, -1, 0.1, name="x₁"),
            "x2": slider(-3, 3, 2, 0.1, name="x₂"),
        },
        touch=touch,
    )


def _draw_band(ax: Axes, w: np.ndarray, bias: float) -> None:
    """Draw thin lines where ŷ is 0.1 and 0.9, each with its number."""
    if not np.any(w):
        return
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    for said in (0.1, 0.9):
        rest = bias - np.log(said / (1 - said))  # w·x + rest = 0 on the line
        edges = [np.array([-(rest + w[1] * y) / w[0], y]) for y in (bottom, top) if w[0]]
        edges += [np.array([x, -(rest + w[0] * x) / w[1]]) for x in (left, right) if w[1]]
        ends = [p for p in edges if left <= p[0] <= right and bottom <= p[1] <= top]
        if len(ends) < 2:
            continue
        low, high = min(ends, key=lambda p: (p[1], p[0])), max(ends, key=lambda p: (p[1], p[0]))
        ax.plot(*np.stack([low, high]).T, color=INK, linestyle="-", linewidth=1.2, label="_band")
        ax.text(
            *(high + (0.08 if said < 0.5 else 0.92) * (low - high)),  # at opposite ends
            f"{said}",
            ha="center",
            va="center",
            fontsize=12,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": PAPER, "edgecolor": "none"},
        )


@dataclass(frozen=True)
class Surface:
    """The mean cross-entropy of a neuron with one input, as a function of its w and b.

    Args:
        x: the feature of each student, (N,).
        y: passed or failed, 1 or 0, (N,).
        w_range, b_range: the part of the plane that is drawn.
        top: the height at which the drawing is cut off.
    """

    x: np.ndarray
    y: np.ndarray
    w_range: tuple[float, float]
    b_range: tuple[float, float]
    top: float

    def loss(self, w: ArrayLike, b: ArrayLike) -> np.ndarray:
        """Return the mean loss for weights w and biases b of one shape (...), as (...)."""
        w, b = np.asarray(w, dtype=float), np.asarray(b, dtype=float)
        return bce(w[..., None] * self.x + b[..., None], self.y).mean(-1)

    def slope(self, w: float, b: float) -> np.ndarray:
        """Return the gradient (∂L/∂w, ∂L/∂b) at one place, (2,)."""
        error = sigmoid(w * self.x + b) - self.y
        return np.array([(error * self.x).mean(), error.mean()])

    def descend(self, start: tuple[float, float], lr: float, n_steps: int = N_STEPS) -> np.ndarray:
        """Return the places that gradient descent visits, start first: (n_steps + 1, 2)."""
        path = [np.array(start, dtype=float)]
        for _ in range(n_steps):
            path.append(path[-1] - lr * self.slope(*path[-1]))
        return np.stack(path)

    def at(self, across: ArrayLike, up: ArrayLike) -> tuple[ArrayLike, ArrayLike]:
        """Return the (w, b) that lies at a fraction of the drawn part's width and height."""
        (left, right), (bottom, top) = self.w_range, self.b_range
        return left + across * (right - left), bottom + up * (top - bottom)

    def holds(self, path: np.ndarray, losses: np.ndarray) -> np.ndarray:
        """Tell which places (n, 2), with their losses (n,), lie in the part that is drawn, (n,)."""
        low, high = np.array([self.w_range, self.b_range]).T
        return ((path >= low) & (path <= high)).all(1) & (losses <= self.top)

    def seen_from(
        self, turn: float, w: ArrayLike, b: ArrayLike, loss: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray]:
        """Project points of the surface on the page: right and up (..., 2), and depth (...).

        Args:
            turn: how far the surface is turned about its upright axis, in degrees.
            w, b, loss: coordinates of one shape (...); heights above `top` are cut.
        """
        (left, right), (bottom, top) = self.w_range, self.b_range
        x = (np.asarray(w) - left) / (right - left) - 0.5
        y = (np.asarray(b) - bottom) / (top - bottom) - 0.5
        z = 0.75 * np.minimum(loss, self.top) / self.top
        angle, tilt = np.radians(turn), np.radians(32)
        across, away = (
            np.cos(angle) * x - np.sin(angle) * y,
            np.sin(angle) * x + np.cos(angle) * y,
        )
        up, depth = np.sin(tilt) * away + np.cos(tilt) * z, np.cos(tilt) * away - np.sin(tilt) * z
        return np.stack([across, up], axis=-1), depth

    @cached_property
    def grid(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The part that is drawn: w, b and the loss, (25, 25) each."""
        w, b = np.meshgrid(np.linspace(*self.w_range, 25), np.linspace(*self.b_range, 25))
        return w, b, self.loss(w, b)

    @cached_property
    def least(self) -> tuple[np.ndarray, float]:
        """The lowest place (2,) and the loss there, by Newton's method."""
        place, rows = np.zeros(2), np.column_stack([self.x, np.ones(len(self.x))])
        for _ in range(30):
            p = sigmoid(rows @ place)
            place = place - np.linalg.solve((rows.T * p * (1 - p)) @ rows, rows.T @ (p - self.y))
        return place, float(self.loss(*place))


HOURS = np.array([4, 8, 11, 15, 18, 21, 25, 29, 32, 36, 41, 46], dtype=float)
PASSED = np.array([0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1])


@cache
def surfaces() -> dict[str, Surface]:
    """Return the loss of twelve students, with their hours scaled and as they come."""
    scaled = (HOURS - HOURS.mean()) / HOURS.std()
    return {
        "hours, scaled": Surface(scaled, PASSED, (-3, 7), (-4, 4), 3.0),
        "hours, as they come": Surface(HOURS, PASSED, (-0.4, 0.6), (-10, 6), 8.0),
    }


def descent_explorer() -> Explorer:
    """Return an explorer: gradient descent, step by step, on a surface that can be turned."""
    menu = choice(list(surfaces()), name="input")
    start_w = slider(-3, 7, -2, 0.1, name="start at w")
    start_b = slider(-4, 4, 3, 0.1, name="start at b")
    controls = {
        "name": menu,
        "lr": choice_slider(LEARNING_RATES, 3, name="learning rate"),
        "turn": slider(0, 360, 250, 5, name="turn the surface"),
        "w": start_w,
        "b": start_b,
        "step": Stepper(N_STEPS, start=8),
    }

    def new_start(change: dict) -> None:
        surface = surfaces()[change["new"]]
        for control, (low, high) in ((start_w, surface.w_range), (start_b, surface.b_range)):
            control.min, control.max = min(low, control.min), max(high, control.max)
            control.step = (high - low) / 100
            control.value = round(low + 0.1 * (high - low), 3)
            control.min, control.max = low, high

    menu.observe(new_start, names="value")

    def touch(x: float, y: float) -> dict[str, object]:
        return _touched(surfaces()[menu.value], x, y)

    return Explorer(
        "Touch the map to choose a start; drag across the surface to turn it. "
        "Which learning rate reaches the cross?",
        _draw_descent,
        controls,
        touch=touch,
    )


def _touched(surface: Surface, x: float, y: float) -> dict[str, object]:
    """Return what a touch means: on the map a start, right of it a turn of the surface."""
    (left, right), (bottom, top) = surface.w_range, surface.b_range
    across = (x - left) / (right - left)  # 0 to 1 on the map, more on the surface beside it
    if across > 1.1:
        return {"turn": 5.0 * round(min(1.0, (across - 1.1) / 1.1) * 360 / 5)}
    return {
        "w": round(min(right, max(left, x)), 3),
        "b": round(min(top, max(bottom, y)), 3),
    }


def _draw_descent(name: str, lr: float, turn: float, w: float, b: float, step: int) -> tuple:
    surface = surfaces()[name]
    path = surface.descend((w, b), lr)[: step + 1]
    losses = surface.loss(*path.T)
    fig, (flat, beside) = figure(
        f"After {step} steps: loss {_number(losses[-1])}",
        xlabel="weight w",
        ylabel="bias b",
        size=(10, 4.2),
        columns=2,
    )
    _draw_flat(flat, surface, path)
    _draw_solid(beside, surface, path, losses, turn)
    return fig, _say_descent(surface, path, losses, lr)


def _draw_flat(ax: Axes, surface: Surface, path: np.ndarray) -> None:
    levels = np.geomspace(1.08 * surface.least[1], surface.grid[2].max(), 12)
    ax.contour(*surface.grid, levels=levels, colors=SKY, linewidths=1.3)
    ax.plot(*path.T, marker="o", markersize=6, color=ORANGE, linestyle="-", label="descent")
    ax.plot(*path[0], marker="s", markersize=11, color=INK, linestyle="", label="start")
    ax.plot(*surface.least[0], marker="X", markersize=13, color=GREEN, linestyle="", label="lowest")
    ax.set(xlim=surface.w_range, ylim=surface.b_range)
    ax.grid(False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, fontsize=12)


def _draw_solid(
    ax: Axes, surface: Surface, path: np.ndarray, losses: np.ndarray, turn: float
) -> None:
    """Draw the surface as it is seen from one side, its cells from the back to the front."""
    flat, depth = surface.seen_from(turn, *surface.grid)
    corners = [np.s_[:-1, :-1], np.s_[:-1, 1:], np.s_[1:, 1:], np.s_[1:, :-1]]
    cells = np.stack([flat[corner].reshape(-1, 2) for corner in corners], axis=1)
    heights = sum(surface.grid[2][corner] for corner in corners).ravel() / 4
    order = np.argsort(-sum(depth[corner] for corner in corners).ravel())
    shades = HEIGHTS(np.clip(heights / surface.top, 0, 1))
    ax.add_collection(
        PolyCollection(cells[order], facecolors=shades[order], edgecolors="white", linewidths=0.4)
    )
    inside = surface.holds(path, losses)
    track, _ = surface.seen_from(turn, *np.where(inside, np.stack([*path.T, losses]), np.nan))
    ax.plot(*track.T, marker="o", markersize=6, color=ORANGE, linestyle="-", label="_path")
    lowest, _ = surface.seen_from(turn, *surface.least[0], surface.least[1])
    ax.plot(*lowest, marker="X", markersize=13, color=GREEN, label="_lowest")
    floor, _ = surface.seen_from(turn, *surface.at(*FLOOR), np.zeros(5))
    ax.plot(*floor.T, color=RULE, linestyle="-", linewidth=1.5, label="_floor", zorder=0)
    for name, places in _arrows(surface, turn).items():
        tail, head, beside = surface.seen_from(turn, *surface.at(*places.T), np.zeros(3))[0]
        ax.annotate("", xy=head, xytext=tail, arrowprops={"arrowstyle": "-|>", "color": INK})
        ax.text(*beside, f"{name} grows", ha="center", va="center", fontsize=12)
    ax.set(xlim=(-0.85, 0.85), ylim=(-0.5, 0.95), title=f"seen from {turn:.0f}°")
    ax.set_axis_off()


def _arrows(surface: Surface, turn: float) -> dict[str, np.ndarray]:
    """Return for w and b an arrow along the edge of the floor that is nearest to the eye.

    Each as tail, head and a place for its name, (3, 2), in fractions of the floor's sides.
    """
    arrows = {}
    for name, columns in (("w", [0, 1]), ("b", [1, 0])):
        edges = [
            np.array([[0.25, edge], [0.75, edge], [0.5, name_at]])[:, columns]
            for edge, name_at in ((-0.08, -0.24), (1.08, 1.24))
        ]
        depths = [surface.seen_from(turn, *surface.at(*edge[2]), 0)[1] for edge in edges]
        arrows[name] = edges[int(np.argmin(depths))]
    return arrows


def _say_descent(surface: Surface, path: np.ndarray, losses: np.ndarray, lr: float) -> str:
    least = _number(surface.least[1])
    if len(path) == 1:
        return f"The start, with loss {_number(losses[0])}.\nThe lowest possible loss is {least}."
    slope = surface.slope(*path[-2])
    rises = int((np.diff(losses) > 1e-9).sum())
    return (
        f"Last step: gradient ({_number(slope[0])}, {_number(slope[1])}), times −{_number(lr)}, "
        f"leads to w = {_number(path[-1, 0])}, b = {_number(path[-1, 1])}.\n"
        f"The lowest possible loss is {least}. "
        f"The loss went up in {rises} of {len(path) - 1} steps."
    )


def _number(value: float) -> str:
    """Return a number with three significant digits, and with a minus sign that reads as one."""
    return f"{float(f'{value:.3g}') + 0.0:.10g}".replace("-", "−")


def _term(value: float) -> str:
    """Return a number as a factor: negative ones in brackets."""
    return f"({_number(value)})" if value < 0 else _number(value)
