"""Explorers of lesson 01: a threshold unit to turn by hand, the perceptron step by step."""

from __future__ import annotations

from itertools import product

import numpy as np
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
WORDS = ("output 0", "output 1")


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
    menu, step = choice(list(sets), name="data"), Stepper(len(traces[next(iter(sets))]), start=1)

    def restart(change: dict) -> None:
        step.slider.value = 0
        step.slider.max = len(traces[change["new"]])

    menu.observe(restart, names="value")

    def draw(name: str, step: int) -> tuple:
        return _draw_step(*sets[name], traces[name], min(step, len(traces[name])))

    return Explorer(
        "Each update moves the line. Step through them.", draw, {"name": menu, "step": step}
    )


def _draw_step(X: np.ndarray, y: np.ndarray, updates: list[Update], step: int) -> tuple:
    """Draw points, the line before and after one update, and the point that caused it."""
    now = updates[step - 1] if step else None
    w = now.after if now else np.zeros(3)
    wrong = int(((X @ w[1:] + w[0] >= 0).astype(int) != y).sum())
    fig, ax = figure(
        f"After {step} of {len(updates)} updates: {wrong} of {len(y)} points wrong",
        xlabel="x₁",
        ylabel="x₂",
        size=(8, 4.1),
    )
    low, high = X.min(0), X.max(0)
    room = 0.35 * (high - low)
    ax.set(
        xlim=(low[0] - 2 * room[0], high[0] + 2 * room[0]),
        ylim=(low[1] - room[1], high[1] + room[1]),
    )
    ax.set_aspect("equal")
    draw_points(ax, X, y)
    if now is None:
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
        return fig, "The weights are zero: there is no line yet, and every point is called 1."
    draw_boundary(ax, now.before[1:], now.before[0], color="#9aa0a8", label="before")
    draw_boundary(ax, w[1:], w[0], label="after")
    ring = BLUE if now.y else ORANGE
    ax.scatter(*now.x, s=420, facecolors="none", edgecolors=ring, linewidths=3.5, label="_")
    ax.scatter(*now.x, s=520, facecolors="none", edgecolors=RULE, linewidths=1, label="_")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    sign = "+" if now.y else "−"
    said = (
        f"The ringed point ({_numbers(now.x)}) is of class {now.y} and was called {now.y_hat}, "
        f"so it is {'added' if now.y else 'subtracted'}: "
        f"(b, w₁, w₂) = ({_numbers(now.before)}) {sign} (1, {_numbers(now.x)}) "
        f"= ({_numbers(w)})."
    )
    if not w[1:].any():
        said += f" No line yet: w₁ = w₂ = 0, so every point is called {int(w[0] >= 0)}."
    return fig, said


def _numbers(values: np.ndarray) -> str:
    return ", ".join(f"{round(float(value), 2) + 0.0:g}" for value in values).replace("-", "−")
