"""Explorers of lesson 01: a threshold unit to turn by hand, the perceptron step by step."""

from __future__ import annotations

from itertools import product

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils.explorers.base import Explorer, Stepper, choice, slider
from course_utils.figures import (
    BLUE,
    INK,
    ORANGE,
    RULE,
    draw_boundary,
    draw_map,
    draw_points,
    figure,
    to_numpy,
)
from course_utils.microscope import Update, trace_updates

CORNERS = np.array(list(product((0, 1), repeat=2)), dtype=float)  # (4, 2)
GATES = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "NAND": (1, 1, 1, 0), "XOR": (0, 1, 1, 0)}
W = np.array([2.0, 1.0])  # of the unit that meets one example
BEFORE = "#8b929b"
HAPPENS = {0: "Right: nothing moves", 1: "Too low: x is added", -1: "Too high: x is subtracted"}
SIGNED = {0: "x, not needed", 1: "x, added", -1: "x, subtracted"}


def threshold_builder() -> Explorer:
    """Return an explorer: turn two weights and a threshold until the unit is the wanted gate."""

    def draw(gate: str, w1: float, w2: float, theta: float) -> tuple:
        w, wanted = np.array([w1, w2]), np.array(GATES[gate])
        said = (CORNERS @ w >= theta - 1e-9).astype(int)
        right = int((said == wanted).sum())
        fig, ax = figure(
            f"{gate}: {right} of 4 corners right", xlabel="x₁", ylabel="x₂", size=(7, 3.9)
        )
        ax.set(xlim=(-0.6, 1.6), ylim=(-0.6, 1.6), xticks=(0, 1), yticks=(0, 1))
        ax.set_aspect("equal")
        draw_map(ax, lambda points: points @ w >= theta - 1e-9)
        draw_boundary(ax, w, -theta)
        draw_points(ax, CORNERS, wanted, names=("wanted 0", "wanted 1"))
        wrong = CORNERS[said != wanted]
        ax.scatter(*wrong.T, s=700, facecolors="none", edgecolors=INK, linewidths=3, label="_")
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
        table = ", ".join(
            f"({x[0]:.0f}, {x[1]:.0f}) → {out}" for x, out in zip(CORNERS, said, strict=True)
        )
        return fig, f"The unit fires where {w1:g}·x₁ + {w2:g}·x₂ ≥ {theta:g}: {table}."

    return Explorer(
        "Turn the weights and the threshold. Which gates can one unit be?",
        draw,
        {
            "gate": choice(list(GATES), name="wanted"),
            "w1": slider(-2, 2, 1, 0.5, name="weight w₁"),
            "w2": slider(-2, 2, 1, 0.5, name="weight w₂"),
            "theta": slider(-2.5, 2.5, 0.5, 0.5, name="threshold θ"),
        },
    )


def update_explorer() -> Explorer:
    """Return an explorer: a unit without bias meets one example, and its weights are an arrow."""

    def draw(x1: float, x2: float, y: int) -> tuple:
        x = np.array([x1, x2])
        sign, colour = y - int(W @ x >= 0), BLUE if y else ORANGE
        fig, ax = figure(HAPPENS[sign], xlabel="x₁ and w₁", ylabel="x₂ and w₂", size=(9, 4.4))
        ax.set(xlim=(-4, 6), ylim=(-3.4, 4.4), aspect="equal")
        for (w1, w2), color in ((W, BEFORE), (W + sign * x, INK)):
            if w1 or w2:
                ax.axline((0, 0), (-w2, w1), color=color, linestyle="-", label="_line")
        ax.plot((0, x1), (0, x2), color=colour, linestyle=":", linewidth=2, label="_x")
        ax.plot(*x, marker="o^"[y], markersize=14, color=colour, ls="", label=f"x, of class {y}")
        _draw_sum(ax, W, sign * x, colour, SIGNED[sign])
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
        return fig, _met(x, y, sign)

    def touch(x: float, y: float) -> dict[str, object]:
        return {"x1": round(2 * np.clip(x, -3, 3)) / 2, "x2": round(2 * np.clip(y, -3, 3)) / 2}

    return Explorer(
        "Touch the plane to move the point x. Is it right after one update?",
        draw,
        {
            "x1": slider(-3, 3, -1.5, 0.5, name="x₁"),
            "x2": slider(-3, 3, 1, 0.5, name="x₂"),
            "y": choice([1, 0], name="its class y"),
        },
        touch=touch,
    )


def _met(x: np.ndarray, y: int, sign: int) -> str:
    """Say what the unit without bias says of x, and what the rule does about it."""
    z, w = W @ x, W + sign * x
    said = f"z = {_products(W, x)} = {_numbers([z])}, so it says {int(z >= 0)}. "
    if not sign:
        return f"{said}That is right, and nothing moves."
    right = int(w @ x >= 0) == y
    return (
        f"{said}The class is {y}, so w = ({_numbers(W)}) {'+' if sign > 0 else '−'} "
        f"({_numbers(x)}) = ({_numbers(w)}). For the same x, z is now {_numbers([w @ x])}: "
        f"{'right' if right else 'still wrong'}."
    )


def _products(w: np.ndarray, x: np.ndarray) -> str:
    """Write a dot product out; negative factors behind the dot stand in brackets."""
    numbers = [(_numbers([a]), _numbers([b])) for a, b in zip(w, x, strict=True)]
    return " + ".join(f"{a}·({b})" if b[0] == "−" else f"{a}·{b}" for a, b in numbers)


def perceptron_stepper(
    data: dict[str, tuple[ArrayLike, ArrayLike]], *, n_updates: int = 30
) -> Explorer:
    """Return an explorer that walks through the updates of the perceptron rule.

    Args:
        data: a name and points X (N, 2) with labels y (N,) for each data set in the menu.
        n_updates: how many updates to record of each.
    """
    sets = {name: (to_numpy(X, float), to_numpy(y)) for name, (X, y) in data.items()}
    traces = {name: trace_updates(X, y, n_updates) for name, (X, y) in sets.items()}
    menu, step = choice(list(sets), name="data"), Stepper(len(traces[next(iter(sets))]), start=2)

    def restart(change: dict) -> None:
        step.slider.value = 0
        step.slider.max = len(traces[change["new"]])

    menu.observe(restart, names="value")

    def draw(name: str, step: int) -> tuple:
        return _draw_step(*sets[name], traces[name], min(step, len(traces[name])))

    return Explorer(
        "Each update changes w, and with it the line. Step through them.",
        draw,
        {"name": menu, "step": step},
    )


def _draw_step(X: np.ndarray, y: np.ndarray, updates: list[Update], step: int) -> tuple:
    """Draw points with the line before and after one update, and beside them the weights."""
    now = updates[step - 1] if step else None
    w = now.after if now else np.zeros(3)
    wrong = int(((X @ w[1:] + w[0] >= 0).astype(int) != y).sum())
    fig, (plane, weights) = figure(
        f"{step} of {len(updates)} updates: {wrong} of {len(y)} points wrong",
        xlabel="x₁",
        ylabel="x₂",
        columns=2,
        size=(10, 4.4),
    )
    low, high = X.min(0), X.max(0)
    room = 0.35 * (high - low)
    plane.set(xlim=(low[0] - room[0], high[0] + room[0]), aspect="equal")
    plane.set(ylim=(low[1] - room[1], high[1] + room[1]))
    draw_points(plane, X, y)
    _draw_way(weights, updates, step)
    if now:
        _draw_update(plane, weights, now)
    fig.legend(loc="outside lower center", ncols=5)
    return fig, _told(now) if now else "The weights are zero: no line yet, all points are called 1."


def _draw_way(ax: Axes, updates: list[Update], step: int) -> None:
    """Draw the plane of w₁ and w₂, large enough for all updates, and the way of w so far."""
    tips = np.array([np.zeros(2), *(update.after[1:] for update in updates)])
    reach = 1.15 * max(1.0, np.abs(tips).max())
    ax.set(title="The weights", xlabel="w₁", ylabel="w₂", aspect="equal")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.plot(*tips[: step + 1].T, color=RULE, linestyle="-", linewidth=1.5, label="_way")


def _draw_update(plane: Axes, weights: Axes, now: Update) -> None:
    """Draw one update: lines and ring among the points, arrows among the weights."""
    sign, colour = now.y - now.y_hat, BLUE if now.y else ORANGE
    draw_boundary(plane, now.before[1:], now.before[0], color=BEFORE, label="before")
    draw_boundary(plane, now.after[1:], now.after[0], label="after")
    for size, width, edge in ((420, 3.5, colour), (520, 1, RULE)):
        plane.scatter(*now.x, s=size, facecolors="none", edgecolors=edge, lw=width, label="_ring")
    _draw_sum(weights, now.before[1:], sign * now.x, colour, SIGNED[sign])


def _draw_sum(ax: Axes, w: np.ndarray, change: np.ndarray, colour: str, name: str) -> None:
    """Draw w, the change at its tip, and their sum, as arrows that a legend names."""
    zero, after = np.zeros(2), w + change
    arrows = (
        (zero, w, BEFORE, "before", 2.5),
        (zero, after, INK, "after", 4),
        (w, after, colour, name, 2),  # last and thin: from zero weights it lies on their sum
    )
    for start, end, color, label, width in arrows:
        style = {"arrowstyle": "-|>", "color": color, "lw": width, "shrinkA": 0, "shrinkB": 0}
        if (start != end).any():
            ax.annotate("", xy=end, xytext=start, arrowprops=style)
        ax.plot([], [], color=color, linestyle="-", label=label)


def _told(now: Update) -> str:
    """Say what caused one update, and what became of the weights."""
    w = _numbers(now.after)
    said = (
        f"The ringed point ({_numbers(now.x)}) is of class {now.y} and was called {now.y_hat}, "
        f"so it is {'added' if now.y else 'subtracted'}: (b, w₁, w₂) = ({_numbers(now.before)}) "
        f"{'+' if now.y else '−'} (1, {_numbers(now.x)}) = ({w})."
    )
    if not now.after[1:].any():
        said += f" No line: w₁ = w₂ = 0, so every point is called {int(now.after[0] >= 0)}."
    return said


def _numbers(values: ArrayLike) -> str:
    return ", ".join(f"{round(float(value), 2) + 0.0:g}" for value in values).replace("-", "−")
