"""Drawn diagrams that several readers of a lesson need once: a neuron and its model."""

from __future__ import annotations

import numpy as np

from course_utils.plotting import AMBER, BLUE, GREEN, INK, ORANGE, figure, show

INPUTS = ("x₁", "x₂", "x₃")


def neuron_diagram() -> None:
    """Show a biological neuron above the unit that McCulloch and Pitts made of it."""
    fig, (left, right) = figure(columns=2, size=(10, 4))
    for ax, title in ((left, "A neuron"), (right, "Its model")):
        ax.set(title=title, xlim=(0, 10), ylim=(0, 6))
        ax.set_axis_off()
    _draw_cell(left)
    _draw_unit(right)
    show(
        fig,
        "Left: dendrites bring signals into the cell body, one axon leaves it. Right: inputs times "
        "weights are summed, the sum z is compared with a threshold, one output leaves.",
    )


def _draw_cell(ax: object) -> None:
    body = np.array([3.6, 3.0])
    for y, bend in ((5.2, 0.5), (3.9, 0.2), (2.1, -0.2), (0.8, -0.5)):
        x = np.linspace(0.4, body[0], 40)
        way = np.linspace(y, body[1], 40) + bend * np.sin(np.linspace(0, np.pi, 40))
        ax.plot(x, way, color=GREEN, linestyle="-", linewidth=4)
        for twig in (0.35, -0.35):
            ax.plot([x[0] - 0.3, x[8]], [y + twig, way[8]], color=GREEN, linestyle="-", linewidth=2)
    x = np.linspace(body[0], 8.4, 60)
    ax.plot(x, 3 + 0.25 * np.sin(x * 1.6), color=BLUE, linestyle="-", linewidth=5)
    for y in (3.9, 3.1, 2.3):
        ax.plot([8.3, 9.4], [3 + 0.25 * np.sin(8.4 * 1.6), y], color=BLUE, linestyle="-")
        ax.plot(9.5, y, marker="o", color=BLUE, markersize=9)
    ax.plot(*body, marker="o", markersize=58, color=AMBER, markeredgecolor=INK)
    ax.text(*body, "cell\nbody", ha="center", va="center", fontsize=13)
    ax.text(0.2, 5.75, "dendrites: signals come in", color=GREEN, fontsize=14)
    ax.text(5.0, 3.6, "axon", color=BLUE, fontsize=14)
    ax.text(7.0, 1.4, "synapses: on to\nother neurons", color=BLUE, fontsize=13)


def _draw_unit(ax: object) -> None:
    arrow = {"arrowstyle": "-|>", "lw": 2.5, "shrinkA": 0, "shrinkB": 0}
    for index, (name, y) in enumerate(zip(INPUTS, (5.0, 3.0, 1.0), strict=True)):
        ax.annotate(
            "", (3.9, 3 + 0.35 * (1 - index)), (1.0, y), arrowprops=arrow | {"color": GREEN}
        )
        ax.text(0.6, y, name, ha="center", va="center", fontsize=17, color=GREEN)
        middle = (2.1, 0.55 * y + 0.45 * 3 + 0.45 if index == 0 else 0.62 * y + 0.38 * 3 + 0.3)
        ax.text(*middle, f"· w{name[1]}", fontsize=16, color=ORANGE, ha="center")
    ax.plot(4.6, 3, marker="o", markersize=52, color=AMBER, markeredgecolor=INK)
    ax.text(4.6, 3, "sum\nz", ha="center", va="center", fontsize=14)
    ax.annotate("", (6.4, 3), (5.4, 3), arrowprops=arrow | {"color": INK})
    ax.plot([6.4, 7.1, 7.1, 7.8], [2.6, 2.6, 3.6, 3.6], color=INK, linestyle="-", linewidth=4)
    ax.text(7.1, 1.7, "z ≥ 0 ?", ha="center", fontsize=15)
    ax.annotate("", (9.0, 3), (7.9, 3), arrowprops=arrow | {"color": BLUE})
    ax.text(9.4, 3, "ŷ", va="center", fontsize=19, color=BLUE)
