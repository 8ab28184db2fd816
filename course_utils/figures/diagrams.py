"""Drawn diagrams that readers of a lesson need once: a neuron, a timeline, a map of the lessons."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from course_utils.figures.base import figure, show
from course_utils.figures.style import AMBER, BLUE, GREEN, INK, ORANGE, PAPER, drawing

INPUTS = ("x₁", "x₂", "x₃")
SUBSCRIPTS = "₁₂₃₄₅"
FROM_0 = "₀₁₂"  # classes count from 0, as digits do


@drawing()
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
        "weights are summed, the sum is compared with a threshold θ, one output leaves.",
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
        ax.text(*middle, f"× w{name[1]}", fontsize=16, color=ORANGE, ha="center")
    ax.plot(4.6, 3, marker="o", markersize=52, color=AMBER, markeredgecolor=INK)
    ax.text(4.6, 3, "sum", ha="center", va="center", fontsize=14)
    ax.annotate("", (6.4, 3), (5.4, 3), arrowprops=arrow | {"color": INK})
    ax.plot([6.4, 7.1, 7.1, 7.8], [2.6, 2.6, 3.6, 3.6], color=INK, linestyle="-", linewidth=4)
    ax.text(7.1, 1.7, "sum ≥ θ ?", ha="center", fontsize=15)
    ax.annotate("", (9.0, 3), (7.9, 3), arrowprops=arrow | {"color": BLUE})
    ax.text(9.4, 3, "ŷ", va="center", fontsize=19, color=BLUE)


EVENTS = (
    (1943, "1943", "McCulloch and Pitts: nerve cells as threshold logic"),
    (1951, "1951", "Robbins and Monro: stochastic approximation"),
    (1952, "1952", "Kiefer and Wolfowitz: the same for finding a maximum"),
    (1957.5, "1957/58", "Rosenblatt: the perceptron learns its weights"),
    (1958, "1958", "Cox: logistic regression"),
    (1969, "1969", "Minsky and Papert: one layer cannot do XOR"),
    (1986, "1986", "Rumelhart, Hinton, Williams: backpropagation made popular"),
    (1989, "1989", "LeCun: convolutional nets read digits (1998: LeNet-5)"),
    (1997, "1997", "Hochreiter and Schmidhuber: the LSTM"),
    (2012, "2012", "AlexNet: ImageNet top-5 error 15.3%, the runner-up 26%"),
    (2014, "2014", "Kingma and Ba: Adam"),
    (2017, "2017", "Vaswani and others: attention without recurrence, the transformer"),
)


@drawing()
def timeline() -> None:
    """Show what this course rests on, from 1943 to 2017, on an axis of years."""
    first, last, n = EVENTS[0][0], EVENTS[-1][0], len(EVENTS)
    fig, ax = figure("From threshold units to transformers", size=(10, 5.4))
    ax.set(xlim=(0, 10), ylim=(n - 0.4, -0.6))
    ax.set_axis_off()
    for decade in range(1950, 2011, 10):
        height = (decade - first) / (last - first) * (n - 1)
        ax.plot([0.75, 0.95], [height] * 2, color=INK, linestyle="-", linewidth=1.2)
        ax.text(0.65, height, decade, ha="right", va="center", fontsize=12, color="#5b6169")
    ax.plot([0.85, 0.85], [0, n - 1], color=INK, linestyle="-", linewidth=3)
    for row, (year, name, what) in enumerate(EVENTS):
        height = (year - first) / (last - first) * (n - 1)
        ax.plot([0.85, 1.9, 2.1], [height, row, row], color=BLUE, linestyle="-", linewidth=1.5)
        ax.plot(0.85, height, marker="o", color=BLUE, markersize=8)
        ax.text(2.2, row, name, va="center", fontsize=14, fontweight="bold", color=BLUE)
        ax.text(3.3, row, what, va="center", fontsize=14)
    show(fig, "\n".join(f"{name}: {what}." for _, name, what in EVENTS))


@drawing()
def agent_loop() -> None:
    """Show the loop of agent and environment, for a machine that sorts letters."""
    fig, ax = figure("A mail-sorting machine as an agent", size=(10, 3.4))
    ax.set(xlim=(0, 10), ylim=(0.5, 4.4))
    ax.set_axis_off()
    _box(ax, (0.1, 1.2, 2.9, 2.6), "environment", "letters on a belt,\nmany handwritings", GREEN)
    _box(ax, (7.0, 1.2, 2.9, 2.6), "agent", "$f$: picture → digits\n→ which bin", BLUE)
    arrow = {"arrowstyle": "-|>", "lw": 3, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (6.9, 3.4), (3.1, 3.4), arrowprops=arrow | {"color": GREEN})
    ax.annotate("", (3.1, 1.6), (6.9, 1.6), arrowprops=arrow | {"color": BLUE})
    ax.text(5, 3.9, "sensors: a camera", ha="center", fontsize=15, color=GREEN)
    ax.text(5, 0.8, "actuators: gates, a printer", ha="center", fontsize=15, color=BLUE)
    ax.text(5, 2.5, "performance measure:\nletters in the right bin", ha="center", va="center")
    show(
        fig,
        "The environment (letters on a belt) reaches the agent through its sensor, a camera. The "
        "agent answers through its actuators, gates and a printer. The performance measure counts "
        "letters in the right bin.",
    )


def _box(
    ax: object, place: tuple[float, float, float, float], title: str, text: str, color: str
) -> None:
    """Draw a frame at (left, bottom, width, height) with a title and a text inside."""
    left, bottom, width, height = place
    ax.add_patch(Rectangle((left, bottom), width, height, fill=False, edgecolor=color, lw=3))
    middle = left + width / 2
    style = {"ha": "center", "va": "center"}
    ax.text(middle, bottom + 0.78 * height, title, fontsize=17, color=color, **style)
    ax.text(middle, bottom + 0.38 * height, text, fontsize=14, **style)


LESSONS = (
    ("00", "Can a computer read your handwriting?"),
    ("01", "How does a single neuron learn?"),
    ("02", "How sure is the neuron?"),
    ("03", "How does one layer read ten digits?"),
    ("04", "What do hidden layers add?"),
    ("05", "Why is training hard, and what helps?"),
    ("06", "What does a convolution see?"),
    ("07", "Which model reads your digit?"),
    ("08", "How does a network remember?"),
    ("09", "How does an LSTM forget?"),
    ("10", "Can a network dream digits?"),
    ("11", "What changes when one machine is not enough?"),
)
PARTS = (
    ("start", GREEN, ("00",)),
    ("one layer", BLUE, ("01", "02", "03")),
    ("many layers", ORANGE, ("04", "05")),
    ("pictures", GREEN, ("06", "07")),
    ("sequences", BLUE, ("08", "09")),
    ("further", ORANGE, ("10", "11")),
)


@drawing()
def lesson_map() -> None:
    """Show the lessons of the course, part by part."""
    fig, ax = figure("The course, lesson by lesson", size=(10, 5.2))
    ax.set(xlim=(0, 10), ylim=(len(LESSONS) - 0.4, -0.6))
    ax.set_axis_off()
    titles, row = dict(LESSONS), 0
    for part, color, numbers in PARTS:
        bottom = row + len(numbers) - 0.72
        ax.plot([1.9, 1.9], [row - 0.28, bottom], color=color, linestyle="-", linewidth=6)
        middle = row + (len(numbers) - 1) / 2
        ax.text(1.7, middle, part, ha="right", va="center", fontsize=15, color=color)
        for number in numbers:
            style = {"va": "center", "fontsize": 15, "fontweight": "bold"}
            ax.text(2.2, row, number, color=color, **style)
            ax.text(2.9, row, titles[number], **style)
            row += 1
    show(fig, "\n".join(f"{number} {title}" for number, title in LESSONS))


@drawing()
def softmax_network_diagram() -> None:
    """Show softmax regression as a network of one layer: five inputs, three classes."""
    fig, ax = figure("One layer: every input has a line to every class", size=(9, 4.6))
    ax.set(xlim=(0, 12), ylim=(-0.2, 6.3))
    ax.set_axis_off()
    rows, classes = np.linspace(5.2, 0.6, 5), np.linspace(4.6, 1.2, 3)
    for k, (z, colour) in enumerate(zip(classes, (BLUE, ORANGE, GREEN), strict=True)):
        for x in rows:
            ax.plot([1.3, 4.9], [x, z], color=colour, linestyle="-", linewidth=1.6)
        _draw_class(ax, k, z, colour)
    for i, y in enumerate(rows):
        _draw_node(ax, 1.0, y, f"x{SUBSCRIPTS[i]}", PAPER)
    ax.text(7.85, 2.9, "softmax", ha="center", va="center", fontsize=15, rotation=90)
    ax.plot([7.4, 8.3, 8.3, 7.4, 7.4], [0.6, 0.6, 5.2, 5.2, 0.6], color=INK, linestyle="-", lw=2)
    for x, words in ((1.0, "inputs"), (5.2, "scores"), (9.8, "probabilities")):
        ax.text(x, 5.75, words, ha="center", fontsize=14)
    show(
        fig,
        "Five inputs x₁ to x₅; a weight on each of the 15 lines to three scores z₀ to z₂; the "
        "softmax takes all three scores and gives three probabilities ŷ₀ to ŷ₂ that add up to 1.",
    )


def _draw_class(ax: object, k: int, y: float, colour: str) -> None:
    """Draw one class of the layer: its score, the arrows into and out of the softmax, its ŷ."""
    arrow = {"arrowstyle": "-|>", "lw": 2.5, "shrinkA": 0, "shrinkB": 0, "color": colour}
    _draw_node(ax, 5.2, y, f"z{FROM_0[k]}", colour, "white")
    ax.text(5.2, y + 0.62, f"+ b{FROM_0[k]}", fontsize=14, color=colour, ha="center")
    ax.annotate("", (7.35, y), (5.75, y), arrowprops=arrow)
    ax.annotate("", (9.3, y), (8.35, y), arrowprops=arrow)
    _draw_node(ax, 9.8, y, f"ŷ{FROM_0[k]}", colour, "white")


def _draw_node(ax: object, x: float, y: float, name: str, fill: str, ink: str = INK) -> None:
    ax.plot(x, y, marker="o", markersize=38, color=fill, markeredgecolor=INK)
    ax.text(x, y, name, ha="center", va="center", fontsize=16, color=ink)


@drawing()
def two_layer_diagram() -> None:
    """Show a network of two inputs, two hidden units and one output, with its parts named."""
    fig, ax = figure("Two layers: every unit hears all units of the layer before", size=(9, 4.2))
    ax.set(xlim=(0, 12), ylim=(0.2, 6.3))
    ax.set_axis_off()
    inputs, hidden, output = ((1.2, 4.5), (1.2, 1.5)), ((5.8, 4.5), (5.8, 1.5)), (10.2, 3.0)
    arrow = {"arrowstyle": "-|>", "lw": 2.5, "shrinkA": 21, "shrinkB": 21}
    for i, colour in ((1, BLUE), (2, ORANGE)):
        (x, y), unit = hidden[i - 1], SUBSCRIPTS[i - 1]
        for j, start in enumerate(inputs, 1):
            ax.annotate("", (x, y), start, arrowprops=arrow | {"color": colour})
            at = (2.5, start[1] + (y - start[1]) * 0.29 + 0.32)
            label = f"w{unit}{SUBSCRIPTS[j - 1]}"
            ax.text(*at, label, fontsize=15, color=colour, ha="center", va="center")
        ax.annotate("", output, (x, y), arrowprops=arrow | {"color": GREEN})
        ax.text(8.0, 3 + (y - 3) * 0.5 + 0.38, f"v{unit}", fontsize=15, color=GREEN, ha="center")
        _draw_node(ax, x, y, f"h{unit}", colour, "white")
        ax.text(x, y + 0.85, f"+ b{unit}", fontsize=14, color=colour, ha="center")
    for j, start in enumerate(inputs):
        _draw_node(ax, *start, f"x{SUBSCRIPTS[j]}", PAPER)
    _draw_node(ax, *output, "s", GREEN, "white")
    ax.text(output[0], output[1] + 0.85, "+ c", fontsize=14, color=GREEN, ha="center")
    for x, words in ((1.2, "inputs"), (5.8, "hidden layer"), (10.2, "output")):
        ax.text(x, 6.0, words, ha="center", fontsize=14)
    show(
        fig,
        "Inputs x₁ and x₂; hidden units h₁ and h₂, each with two weights and a bias; the output s "
        "with the weights v₁ and v₂ and the bias c.",
    )
