"""Explorers of lesson 04 about what hidden layers can do: bumps that follow a curve, and hidden
units that cut the plane into pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, Stepper, choice, slider
from course_utils.figures import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    RULE,
    draw_boundary,
    draw_map,
    draw_points,
    figure,
)

CURVES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "a wave": lambda x: 0.5 + 0.4 * np.sin(2 * np.pi * x),
    "a valley": lambda x: np.abs(2 * x - 1),
    "a step": lambda x: np.where(x < 0.6, 0.2, 0.8),
    "a ripple": lambda x: 0.5 + 0.35 * np.sin(6 * np.pi * x),
}
BY_HAND, COMPUTED = 5, (9, 17, 33)
LOW, HIGH = -0.2, 1.2
GRID = 80  # points along each side of a map


def hinges(x: ArrayLike, corners: ArrayLike, weights: ArrayLike) -> np.ndarray:
    """Return Σ weight · max(0, x − corner): one hidden layer of ReLUs, on a line.

    Args:
        x: where to compute it, (N,).
        corners: where each hidden unit switches on, (H,).
        weights: the output's weights, (H,).

    >>> hinges([0.0, 0.5, 1.0], [0, 0.5, 1], [2, -4, 2])
    array([0., 1., 0.])
    """
    reach = np.subtract.outer(np.asarray(x, dtype=float), np.asarray(corners, dtype=float))
    return np.maximum(0, reach) @ np.asarray(weights, dtype=float)  # (N, H) @ (H,) -> (N,)


def bump(x: ArrayLike, top: float, width: float) -> np.ndarray:
    """Return a bump of height 1 made of three ReLUs: 0 up to top − width, 0 again from top + width.

    >>> bump([0.0, 0.25, 0.5, 0.75, 1.0], top=0.5, width=0.25)
    array([0., 0., 1., 0., 0.])
    """
    corners = [top - width, top, top + width]
    return hinges(x, corners, np.array([1, -2, 1]) / width)


def bump_builder(curve: str = "a wave") -> Explorer:
    """Return an explorer: bumps of three ReLUs each, stacked until their sum follows a curve.

    Five bumps are set by hand, with a slider each or by touching the picture; larger numbers of
    bumps are set to the curve's own height.

    Args:
        curve: the curve to begin with, a name in CURVES.

    Raises:
        ValueError: there is no such curve.
    """
    if curve not in CURVES:
        raise ValueError(f"curve must be one of {', '.join(CURVES)}, got {curve!r}")
    start = CURVES[curve](_tops(BY_HAND)).round(2)
    controls = {"curve": choice(list(CURVES), curve, name="follow")}
    numbers = [(f"{BY_HAND}, set by you", BY_HAND)] + [(f"{n}, computed", n) for n in COMPUTED]
    controls["n_bumps"] = choice(numbers, BY_HAND, name="bumps")
    for index, height in enumerate(start, 1):
        controls[f"h{index}"] = slider(LOW, HIGH, float(height), 0.02, name=f"height {index}")

    def draw(curve: str, n_bumps: int, **by_hand: float) -> tuple:
        goal = CURVES[curve]
        tops = np.array(list(by_hand.values())) if n_bumps == BY_HAND else goal(_tops(n_bumps))
        return _draw_bumps(goal, tops)

    def touch(x: float, y: float) -> dict[str, object]:
        index = int(np.argmin(np.abs(_tops(BY_HAND) - x))) + 1
        height = float(np.clip(round(y / 0.02) * 0.02, LOW, HIGH))
        return {"n_bumps": BY_HAND, f"h{index}": height}

    title = "Pull the bumps (or move their sliders) until the sum follows the curve."
    return Explorer(title, draw, controls, touch=touch)


def _tops(n_bumps: int) -> np.ndarray:
    return np.linspace(0, 1, n_bumps)


def _draw_bumps(goal: Callable[[np.ndarray], np.ndarray], heights: np.ndarray) -> tuple:
    """Draw the curve, each bump, their sum, and say how far they are apart."""
    x, tops = np.linspace(0, 1, 401), _tops(len(heights))
    parts = [h * bump(x, top, tops[1]) for top, h in zip(tops, heights, strict=True)]
    total, wanted = np.sum(parts, axis=0), goal(x)  # (401,) both
    gaps = np.abs(total - wanted).round(9)  # so that of equal ones the first is named
    gap, worst = gaps.max(), x[gaps.argmax()]
    fig, ax = figure(
        f"{len(heights)} bumps: the largest gap is {gap:.2g}", xlabel="x", size=(9, 3.7)
    )
    ax.set(xlim=(-0.01, 1.01), ylim=(LOW - 0.05, HIGH + 0.05))
    corners = np.array([-tops[1], 0, tops[1]])  # of a bump, about its top
    for top, height in zip(tops, heights, strict=True):
        ax.fill(
            top + corners, [0, height, 0], facecolor=GREEN + "40", edgecolor=GREEN, lw=1, ls="-"
        )
    ax.plot(x, wanted, color=ORANGE, linestyle="--", label="the curve")
    ax.plot(x, total, color=BLUE, linestyle="-", label="sum of the bumps")
    if len(heights) == BY_HAND:
        ax.plot(tops, heights, "o", color=BLUE, markersize=10, label="_tops")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return fig, (
        f"{len(heights)} bumps of 3 ReLUs each. The largest gap, {gap:.2g}, is at x = {worst:.2f}."
    )


@dataclass(frozen=True)
class _Net:
    """A network from the plane to one score, taken apart for drawing; NumPy throughout."""

    W: np.ndarray  # (H, 2)
    b: np.ndarray  # (H,)
    v: np.ndarray  # (H,)
    c: float
    activation: nn.Module

    def hidden(self, points: np.ndarray) -> np.ndarray:
        """Return the hidden units' outputs: (N, 2) -> (N, H)."""
        with torch.no_grad():
            return self.activation(torch.from_numpy(points @ self.W.T + self.b)).numpy()

    def score(self, points: np.ndarray) -> np.ndarray:
        """Return the output before any sigmoid: (N, 2) -> (N,)."""
        return self.hidden(points) @ self.v + self.c


def _take_apart(name: str, model: nn.Module) -> _Net:
    """Return the parts of an nn.Sequential(Linear(2, H), activation, Linear(H, 1))."""
    layers = list(model) if isinstance(model, nn.Sequential) else []
    first, last = (layers[0], layers[-1]) if len(layers) == 3 else (None, None)
    if not (isinstance(first, nn.Linear) and isinstance(last, nn.Linear)) or (
        (first.in_features, last.out_features) != (2, 1) or isinstance(layers[1], nn.Linear)
    ):
        raise ValueError(
            f"{name!r} must be nn.Sequential(nn.Linear(2, H), an activation, nn.Linear(H, 1)), "
            f"got {type(model).__name__}({', '.join(type(layer).__name__ for layer in layers)})"
        )
    W, b, v, c = (p.detach().cpu().double().numpy().copy() for p in _parameters(first, last))
    return _Net(W, b, v[0], float(c[0]), layers[1])


def _parameters(first: nn.Linear, last: nn.Linear) -> tuple[Tensor, ...]:
    biases = [
        torch.zeros(layer.out_features) if layer.bias is None else layer.bias
        for layer in (first, last)
    ]
    return first.weight, biases[0], last.weight, biases[1]


def hidden_layer_explorer(
    models: Mapping[str, nn.Module], X: Tensor, y: Tensor, *, step: str = "model", start: int = 0
) -> Explorer:
    """Return an explorer: the lines of the hidden units, and the boundary bent out of them.

    With two hidden units the second picture shows where each point lies for the output unit, which
    can part the classes there by one straight line. With another number it shows what each hidden
    unit adds to the score of a point that the learner chooses.

    Args:
        models: by name, in the order in which to step through them; each an
            nn.Sequential(nn.Linear(2, H), activation, nn.Linear(H, 1)); the score's sign decides.
        X: points, (N, 2).
        y: their classes, 0 or 1, (N,).
        step: what the stepper calls one model.
        start: which model to begin with, from 0.

    Raises:
        ValueError: there is no model, a model is of another kind, or X is not (N, 2).
    """
    X, y = torch.as_tensor(X).detach().cpu().double(), torch.as_tensor(y).detach().cpu()
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1] or not models:
        raise ValueError(
            f"X must be (N, 2), y (N,) and models at least one, got {tuple(X.shape)}, "
            f"{tuple(y.shape)} and {len(models)}"
        )
    points, labels, names = X.numpy(), y.long().numpy(), list(models)
    nets = [_take_apart(name, model) for name, model in models.items()]
    middle, reach = (points.max(0) + points.min(0)) / 2, 0.62 * np.ptp(points, axis=0).max()

    def draw(at: int, x1: float, x2: float) -> tuple:
        net, here = nets[at], np.array([[x1, x2]])
        fig, (left, right) = figure(names[at], columns=2, size=(9.6, 4))
        left.set(xlim=(middle[0] - reach, middle[0] + reach), xlabel="x₁", ylabel="x₂")
        left.set(ylim=(middle[1] - reach, middle[1] + reach), aspect="equal")
        left.locator_params(nbins=4)  # tick labels take most of the time of a drawing
        _draw_plane(left, net, points, labels)
        left.plot(x1, x2, "o", markersize=15, fillstyle="none", color=INK, mew=2.5, label="_here")
        drawing = _draw_hidden_space if len(net.v) == 2 else _draw_votes
        drawing(right, net, points, labels, here)
        return fig, _say_plane(net, points, labels, here)

    def touch(x: float, y: float) -> dict[str, object]:
        return {
            name: float(np.clip(round(value, 1), control.min, control.max))
            for name, value, control in (("x1", x, controls["x1"]), ("x2", y, controls["x2"]))
        }

    controls: dict[str, object] = {"at": Stepper(len(nets) - 1, start, name=step)}
    for axis, name in enumerate(("x1", "x2")):
        low, high = (round(middle[axis] + side * reach, 1) for side in (-1, 1))
        label = "point " + "x₁x₂"[2 * axis : 2 * axis + 2]
        controls[name] = slider(low, high, round(float(points[-1, axis]), 1), 0.1, name=label)
    title = "Where do the hidden units cut? (Touch the plane to move the ring.)"
    return Explorer(title, draw, controls, touch=touch)


def _draw_plane(ax: Axes, net: _Net, points: np.ndarray, labels: np.ndarray) -> None:
    scores: list[np.ndarray] = []

    def shade(grid: np.ndarray) -> np.ndarray:
        scores.append(net.score(grid).reshape(GRID, GRID))
        return np.tanh(scores[0])

    draw_map(ax, shade, vmin=-1, steps=GRID)
    for w, b in zip(net.W, net.b, strict=True):
        draw_boundary(ax, w, b, color=GREEN, label="hidden unit")
    if scores[0].min() < 0 < scores[0].max():
        sides = [np.linspace(*limits, GRID) for limits in (ax.get_xlim(), ax.get_ylim())]
        ax.contour(*sides, scores[0], levels=[0], colors=INK, linewidths=3)
    draw_points(ax, points, labels)


def _draw_hidden_space(
    ax: Axes, net: _Net, points: np.ndarray, labels: np.ndarray, here: np.ndarray
) -> None:
    """Draw where the two hidden units put each point, and the line of the output unit."""
    places = net.hidden(points)
    low, high = places.min(), places.max()
    room = 0.25 * (high - low) or 1.0
    limits = (low - room, high + room)
    ax.set(title="seen through the hidden units", xlabel="h₁", ylabel="h₂", aspect="equal")
    ax.set(xlim=limits, ylim=limits)
    ax.locator_params(nbins=4)
    draw_boundary(ax, net.v, net.c)
    draw_points(ax, places, labels)
    ax.plot(*net.hidden(here)[0], "o", markersize=15, fillstyle="none", color=INK, mew=2.5)
    ax.lines[-1].set_label("_here")


def _draw_votes(
    ax: Axes, net: _Net, points: np.ndarray, labels: np.ndarray, here: np.ndarray
) -> None:
    """Draw what each hidden unit, and the bias, adds to the score of one point."""
    votes = np.append(net.hidden(here)[0] * net.v, net.c)
    ax.barh(range(len(votes)), votes, color=np.where(votes > 0, BLUE, ORANGE), edgecolor=RULE)
    ax.axvline(0, color=INK, linewidth=1, linestyle="-", label="_zero")
    ax.set(title="what each adds to the score", xlabel="weight × output, at the ring")
    names = [f"unit {index}" for index in range(1, len(votes))]
    ax.set_yticks(range(len(votes)), [*names, "bias"] if len(votes) <= 12 else [""] * len(votes))
    ax.locator_params(axis="x", nbins=4)
    ax.invert_yaxis()
    ax.grid(False, axis="y")


def _say_plane(net: _Net, points: np.ndarray, labels: np.ndarray, here: np.ndarray) -> str:
    right = int(((net.score(points) > 0) == (labels == 1)).sum())
    n, score = len(net.v), float(net.score(here)[0])
    units = "1 hidden unit" if n == 1 else f"{n} hidden units"
    sign = "class 1" if score > 0 else "class 0"
    at = f"({here[0, 0]:.1f}, {here[0, 1]:.1f})".replace("-", "−")
    return (
        f"{units}; {right} of {len(labels)} points right. The score at {at} is "
        f"{round(score, 1) + 0.0:.1f}, {sign}.".replace("is -", "is −")
    )
