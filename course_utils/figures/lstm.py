"""A drawn diagram of one step of an LSTM: the cell runs through, gates decide what it keeps."""

from __future__ import annotations

from course_utils.figures.base import figure, show
from course_utils.figures.style import AMBER, BLUE, GREEN, INK, ORANGE, PAPER, drawing

BELT, BUS = 4.6, 0.9  # heights of the cell above and of what the gates see below
GATES = (
    ("f", 2.3, "σ", "forget", ORANGE),
    ("i", 4.3, "σ", "input", ORANGE),
    ("g", 5.9, "tanh", "candidate", GREEN),
    ("o", 8.3, "σ", "output", ORANGE),
)
ARROW = {"arrowstyle": "-|>", "lw": 2.5, "shrinkA": 0, "shrinkB": 0}


@drawing()
def lstm_diagram() -> None:
    """Show one step of an LSTM: old cell and state come from the left, the new ones go right."""
    fig, ax = figure("The cell runs through; three gates decide", size=(10, 4.1))
    ax.set(xlim=(0, 11.6), ylim=(0.1, 5.6))
    ax.set_axis_off()
    _draw_ways(ax)
    for name, x, squash, words, colour in GATES:
        ax.plot([x, x], [BUS, 1.5], color=INK, linestyle="-", linewidth=1.8)
        ax.plot(x, 1.85, marker="s", markersize=34, color=colour, markeredgecolor=INK)
        ax.text(x, 1.85, squash, ha="center", va="center", fontsize=14, color="white")
        ax.text(x + 0.12, 2.55, f"${name}$", fontsize=17, color=colour)
        ax.text(x, 1.06, words, ha="center", fontsize=12, bbox={"color": PAPER, "pad": 1})
    for x, y, sign in ((2.3, BELT, "×"), (5.1, BELT, "+"), (5.1, 3.3, "×"), (8.3, 3.0, "×")):
        ax.plot(x, y, marker="o", markersize=23, color=AMBER, markeredgecolor=INK, zorder=5)
        ax.text(x, y, sign, ha="center", va="center", fontsize=18, zorder=6)
    ax.plot(8.3, 3.95, marker="s", markersize=27, color=BLUE, markeredgecolor=INK)
    ax.text(8.3, 3.95, "tanh", ha="center", va="center", fontsize=11, color="white")
    show(
        fig,
        "The old cell c runs through from the left. It is multiplied by the forget gate f; the "
        "product of input gate i and candidate g is added: that is the new cell. A copy of it goes "
        "through tanh and is multiplied by the output gate o: that is the new state h. All four "
        "are made of the input x and the old state h.",
    )


def _draw_ways(ax: object) -> None:
    """Draw the lines along which numbers travel, and their names at both ends."""
    blue, green = {"color": BLUE}, {"color": GREEN}
    ax.annotate("", (10.6, BELT), (0.9, BELT), arrowprops=ARROW | blue | {"lw": 7}, zorder=1)
    ax.plot([0.9, 8.3], [BUS, BUS], color=INK, linestyle="-", linewidth=2.5)
    ax.annotate("", (2.3, BELT - 0.3), (2.3, 2.2), arrowprops=ARROW | {"color": ORANGE})
    ax.plot([4.3, 4.3, 4.85], [2.2, 3.3, 3.3], color=ORANGE, linestyle="-")
    ax.plot([5.9, 5.9, 5.35], [2.2, 3.3, 3.3], color=GREEN, linestyle="-")
    ax.annotate("", (5.1, BELT - 0.3), (5.1, 3.6), arrowprops=ARROW | green)
    ax.annotate("", (8.3, 4.25), (8.3, BELT), arrowprops=ARROW | blue)
    ax.plot([8.3, 8.3], [3.7, 3.0], color=BLUE, linestyle="-")
    ax.annotate("", (8.3, 2.7), (8.3, 2.2), arrowprops=ARROW | {"color": ORANGE})
    ax.annotate("", (10.6, 3.0), (8.55, 3.0), arrowprops=ARROW | {"color": INK})
    for x, y, words, colour in (
        (0.45, BELT, "$c_{t-1}$", BLUE),
        (11.05, BELT, "$c_t$", BLUE),
        (11.05, 3.0, "$h_t$", INK),
        (0.45, BUS + 0.22, "$h_{t-1}$", INK),
        (0.45, BUS - 0.32, "$x_t$", INK),
    ):
        ax.text(x, y, words, ha="center", va="center", fontsize=18, color=colour)
