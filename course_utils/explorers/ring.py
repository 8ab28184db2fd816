"""Explorer of lesson 11: workers in a ring sum their gradients, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.explorers.base import Explorer, Stepper, choice, whole_slider
from course_utils.explorers.place import touched
from course_utils.figures import AMBER, BLUE, GREEN, INK, ORANGE, PAPER, PINK, RULE, Box, laid_out
from course_utils.parallel import WAYS, RingStep, ring_steps, traffic

FEWEST, MOST = 2, 8
ALL = "all of them"
PACE = 1500  # milliseconds between two steps that are played


def small_gradients(n_workers: int) -> np.ndarray:
    """Return a gradient of n numbers for each of n workers, (n, n), with one decimal.

    They are real ones: of half the mean squared error of a linear model with n weights, all zero,
    on eight examples that only this worker has. Rounded, so that they can be added by hand.
    """
    chance = np.random.default_rng(43)
    X = chance.standard_normal((n_workers, 8, n_workers))
    y = X @ np.linspace(-1, 1, n_workers) + chance.standard_normal((n_workers, 8))
    return np.round(-np.einsum("rbd,rb->rd", X, y) / 8, 1)


class Player(widgets.HBox):
    """A stepper with a button before it that walks on by itself, up to the last step."""

    value = traitlets.Int(0)

    def __init__(self, n: int, start: int) -> None:
        self.stepper = Stepper(n, start)
        self.slider = self.stepper.slider
        # the clock that ticks in the page; its own buttons bear no words
        self.clock = widgets.Play(value=start, max=n, interval=PACE)
        self.clock.layout.display = "none"
        self.play = widgets.ToggleButton(description="Play", tooltip="walk through the steps")
        self.play.layout = widgets.Layout(width="80px", flex="0 0 auto")
        in_line = widgets.Layout(align_items="center", flex="1 1 560px", max_width="700px")
        super().__init__([self.play, self.clock, self.stepper], layout=in_line)
        traitlets.link((self.stepper, "value"), (self, "value"))
        traitlets.link((self.slider, "value"), (self.clock, "value"))
        traitlets.link((self.slider, "max"), (self.clock, "max"))
        traitlets.link((self.play, "value"), (self.clock, "playing"))


class Look(NamedTuple):
    """What is looked at: the ring's steps so far, the present one, and who is followed."""

    steps: list[RingStep]
    now: int
    kind: str  # "all", "worker" or "piece"
    which: int

    @property
    def n(self) -> int:
        return len(self.steps[0].held)

    @property
    def step(self) -> RingStep:
        return self.steps[self.now]

    @property
    def before(self) -> np.ndarray:
        """What was held before this step; there must be one."""
        return self.steps[self.now - 1].held

    def strength(self, worker: int, piece: int) -> float:
        """Return 1 for a cell that is followed, little for another."""
        followed = {"all": -1, "worker": worker, "piece": piece}[self.kind]
        return 1.0 if self.which == followed else FAINT

    def arrived(self, worker: int) -> int:
        """Return the piece that has just come to a worker; -1 at the start."""
        return self.step.sent[worker - 1] if self.now else -1

    def is_new(self, worker: int, piece: int) -> bool:
        """Return whether a piece has just come to a worker, and is followed."""
        return piece == self.arrived(worker) and self.strength(worker, piece) == 1

    def finished(self, worker: int) -> int:
        """Return how many pieces of a worker are sums of all."""
        return int(self.step.summed[worker].all(1).sum())


def ring_all_reduce(n_workers: int = 4, *, start: int | None = None) -> Explorer:
    """Return an explorer: workers in a ring sum their gradients; step, play, follow one.

    Args:
        n_workers: how many there are to begin with, 2 to 8.
        start: the step to begin with, 0 to 2 (n - 1); where left out, the middle, at which each
            worker has one finished piece.

    Raises:
        ValueError: there are fewer or more workers, or there is no such step.

    >>> ring_all_reduce(n_workers=4)
    """
    last = 2 * (n_workers - 1)
    start = last // 2 if start is None else start
    if not (FEWEST <= n_workers <= MOST and 0 <= start <= last):
        raise ValueError(
            f"n_workers must be {FEWEST} to {MOST} and start a step from 0 to 2 (n_workers - 1), "
            f"got {n_workers} and {start}"
        )
    workers = whole_slider(FEWEST, MOST, n_workers, name="workers")
    player, menu = Player(last, start), choice(_followable(n_workers), name="follow")

    def resize(change: dict) -> None:
        """Stay at the same part of the way, and with who is followed where that is there."""
        old, new = (2 * (change[name] - 1) for name in ("old", "new"))
        followed, step = menu.value, round(player.value * new / old)
        menu.options = _followable(change["new"])
        player.slider.max = max(old, new)
        explorer.set(follow=followed if followed in menu.options else ALL, step=step)
        player.slider.max = new

    workers.observe(resize, names="value")
    explorer = Explorer(
        "Who has what after each step? (Touch a worker, a piece or a number of workers.)",
        _draw_all,
        {"n_workers": workers, "follow": menu, "step": player},
        touch=lambda x, y: _touched(explorer.figure, workers.value, x, y),
    )
    return explorer


def _followable(n: int) -> list[str]:
    return [ALL, *(f"worker {r}" for r in range(n)), *(f"piece {p}" for p in range(n))]


def _draw_all(n_workers: int, follow: str, step: int) -> tuple:
    steps = ring_steps(small_gradients(n_workers))
    kind, which = ("all", -1) if follow == ALL else (follow.split()[0], int(follow.split()[1]))
    look = Look(steps, min(step, len(steps) - 1), kind, which)
    fig, (ring, table, panel) = laid_out(SIZE, PLACES)
    _draw_ring(ring, look)
    _draw_table(table, look)
    _draw_sent(panel, look)
    return fig, _say(look)


# --- the picture ---------------------------------------------------------------------------------

SIZE = (10.4, 4.5)
PLACES = ((0.05, 0.05, 4.1, 4.05), (4.3, 0.05, 3.2, 4.05), (8.2, 0.7, 2.1, 3.4))
MIDDLE, RADIUS = np.array([2.05, 2.0]), 1.55
WIDE, HIGH = 0.8, 0.66  # of a worker's card, in inches
FAINT = 0.18  # what is not followed


def _card(worker: int, n: int) -> np.ndarray:
    """Return the middle of a worker's card; worker 0 is at the top, the next to its right."""
    angle = np.pi / 2 - 2 * np.pi * worker / n
    return MIDDLE + RADIUS * np.array([np.cos(angle), np.sin(angle)])


def _draw_ring(ax: Axes, look: Look) -> None:
    ax.set(xlim=(0, 4.1), ylim=(0, 4.05), title=_heading(look))
    ax.set_axis_off()
    for worker in range(look.n):
        _draw_card(ax, look, worker)
    for worker, piece in enumerate(look.step.sent):
        right = (worker + 1) % look.n
        sides = {"all": (-1,), "worker": (worker, right), "piece": (piece,)}[look.kind]
        _draw_arrow(ax, worker, look.n, piece, 1.0 if look.which in sides else FAINT)
    _draw_bars(ax, look)
    phases = {"start": "nothing\nsent", "reduce-scatter": "reduce-\nscatter"}
    phase = phases.get(look.step.phase, "all-\ngather")
    ax.text(*MIDDLE, phase, ha="center", va="center", fontsize=15)
    ax.text(0, 0.02, f"bar: how many of\nthe {look.n} are added", fontsize=11)


def _draw_card(ax: Axes, look: Look, worker: int) -> None:
    left, low = _card(worker, look.n) - (WIDE / 2, HIGH / 2)
    followed = look.kind == "worker" and look.which == worker
    edge = {"fc": PAPER, "ec": INK, "lw": 3 if followed else 1.2}
    ax.add_patch(Rectangle((left, low), WIDE, HIGH, zorder=2, **edge))
    name = {"ha": "center", "va": "top", "fontsize": 11, "zorder": 3}
    name["fontweight"] = "bold" if followed else "normal"
    ax.text(left + WIDE / 2, low + HIGH - 0.03, f"worker {worker}", **name)


def _draw_arrow(ax: Axes, worker: int, n: int, piece: int, strength: float) -> None:
    """Draw an arrow to the right neighbour, and on it the number of the piece that goes there."""
    bend = 0.5 if n == 2 else 0.12
    ends = np.array([_card(worker, n), _card((worker + 1) % n, n)])
    along = ends[1] - ends[0]
    token = ends.mean(0) + bend / 2 * np.array([-along[1], along[0]])
    start, end = (middle + _to_edge(token - middle) for middle in ends)
    arrow = {"arrowstyle": "-|>,head_length=.5,head_width=.28", "color": AMBER, "lw": 3}
    arrow |= {"connectionstyle": f"arc3,rad={-bend}", "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=arrow | {"alpha": strength}, zorder=1)
    box = {"boxstyle": "circle,pad=0.2", "fc": AMBER, "ec": "none", "alpha": strength}
    look = {"ha": "center", "va": "center", "fontsize": 11, "fontweight": "bold", "zorder": 4}
    ax.text(*token, piece, bbox=box, alpha=max(strength, 0.35), **look)


def _to_edge(way: np.ndarray) -> np.ndarray:
    """Return the part of a way from the middle of a card that lies within it, and a little more."""
    sides = 1.05 * np.array([WIDE, HIGH]) / 2
    return way * (sides / np.maximum(np.abs(way), 1e-9)).min()


def _draw_bars(ax: Axes, look: Look) -> None:
    """Draw each worker's pieces as bars: how many of the n gradients are in each."""
    wide = (WIDE - 0.12) / look.n
    cells = list(_cells(look.n))
    starts = [_card(worker, look.n) - (WIDE / 2 - 0.06, HIGH / 2 - 0.06) for worker, _ in cells]
    places = [(x + (p + 0.1) * wide, y) for (x, y), (_, p) in zip(starts, cells, strict=True)]
    rooms = [(*place, 0.8 * wide, 0.37) for place in places]
    filled = [
        (*place, 0.8 * wide, 0.37 * look.step.summed[cell].mean())
        for place, cell in zip(places, cells, strict=True)
    ]
    _paint(ax, rooms, [(RULE, 0.6)] * len(cells))
    _paint(ax, filled, [(_colour(look, *cell), look.strength(*cell)) for cell in cells])
    new = [place for place, cell in zip(filled, cells, strict=True) if look.is_new(*cell)]
    _paint(ax, new, ["none"] * len(new), edge=1.8)


def _cells(n: int) -> Iterator[tuple[int, int]]:
    """Yield worker and piece, for each piece of each worker."""
    return product(range(n), repeat=2)


def _paint(ax: Axes, boxes: list[Box], colours: list, *, edge: float = 0) -> None:
    """Draw rectangles, left, bottom, width and height each, at once; an `edge` is amber."""
    corners = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in boxes]
    edges = {"edgecolors": AMBER if edge else "none", "linewidths": edge}
    ax.add_collection(PolyCollection(corners, facecolors=colours, zorder=3, **edges))


def _colour(look: Look, worker: int, piece: int) -> str:
    """Return green for a finished sum, blue for another."""
    return GREEN if look.step.summed[worker, piece].all() else BLUE


def _draw_table(ax: Axes, look: Look) -> None:
    """Write the numbers that each worker holds, a row each; the deeper, the more are in a sum."""
    n, cells = look.n, list(_cells(look.n))
    ax.set(xlim=(-0.16 * n, n), ylim=(n, -0.16 * n), title="What each holds")
    ax.set_axis_off()
    tints = [0.4 * look.step.summed[c].mean() * look.strength(*c) ** 0.5 for c in cells]
    colours = [(_colour(look, *cell), tint) for cell, tint in zip(cells, tints, strict=True)]
    _paint(ax, [(p + 0.03, w + 0.03, 0.94, 0.94) for w, p in cells], colours)
    new = [(p + 0.05, w + 0.05, 0.9, 0.9) for w, p in cells if look.is_new(w, p)]
    _paint(ax, new, ["none"] * len(new), edge=3)
    size = {"fontsize": min(14, 17.5 - n), "ha": "center", "va": "center", "zorder": 4}
    for worker, piece in cells:
        alpha = 1 if look.strength(worker, piece) == 1 else 0.45
        number = _short(look.step.held[worker, piece])
        ax.text(piece + 0.5, worker + 0.5, number, alpha=alpha, **size)
    _name_sides(ax, look)


def _name_sides(ax: Axes, look: Look) -> None:
    """Number the columns and rows of the table; the one that is followed is bold."""
    n, look_of = look.n, {"ha": "center", "va": "center", "fontsize": 13}
    ax.text(n / 2, -0.13 * n, "piece", **look_of)
    ax.text(-0.13 * n, n / 2, "worker", rotation=90, **look_of)
    for index in range(n):
        for kind, x, y in (
            ("piece", index + 0.5, -0.05 * n),
            ("worker", -0.05 * n, index + 0.5),
        ):
            weight = "bold" if (look.kind, look.which) == (kind, index) else "normal"
            ax.text(x, y, index, fontweight=weight, **look_of)


NAMES = dict(zip(WAYS, ("ring", "all to one: the one", "everybody to everybody"), strict=True))
LINES = {
    "everybody to everybody": {"color": PINK, "linestyle": "-", "linewidth": 7},
    "all to one, one to all": {"color": ORANGE, "linestyle": "--", "marker": "s"},
    "ring": {"color": BLUE, "linestyle": "-", "marker": "o"},
}


def _draw_sent(ax: Axes, look: Look) -> None:
    """Draw how many gradients the busiest worker sends, for each number of workers."""
    numbers = np.arange(FEWEST, MOST + 1)
    ax.axvline(look.n, color=AMBER, linestyle="-", linewidth=11, alpha=0.35, label="_now")
    for way, style in LINES.items():
        ax.plot(numbers, [traffic(way, n).busiest for n in numbers], **style, label=NAMES[way])
    so_far = {"color": AMBER, "marker": "o", "markersize": 12, "markeredgecolor": INK, "ls": ""}
    ax.plot(look.n, look.now / look.n, **so_far, label="ring, so far")
    ax.set(title="Sent by the busiest", xlabel="workers", ylabel="gradients")
    ax.set(xlim=(1.6, 8.4), ylim=(-0.25, 10.4), xticks=numbers, yticks=range(0, 8))
    ax.grid(True)
    ax.legend(loc="upper left", fontsize=10, handlelength=1.6, borderaxespad=0, labelspacing=0.3)


def _heading(look: Look) -> str:
    return f"Step {look.now} of {len(look.steps) - 1}" if look.now else "Before the first step"


def _short(number: float) -> str:
    """Return a number with one decimal and a true minus sign, and none before a zero."""
    return f"{round(float(number), 1) + 0.0:.1f}".replace("-", "−")


def _touched(fig: Figure, n: int, x: float, y: float) -> dict[str, object]:
    """Return what to follow, or how many workers there shall be, for a touch of the picture."""
    axes, x, y = touched(fig, x, y)
    if axes == 2:
        return {"n_workers": int(np.clip(round(x), FEWEST, MOST))}
    if axes == 1:
        row, column = int(np.clip(y, 0, n - 1)), int(np.clip(x, 0, n - 1))
        return {"follow": f"worker {row}" if x < 0 else f"piece {column}"}
    away = [np.linalg.norm(_card(worker, n) - (x, y)) for worker in range(n)]
    in_the_middle = np.linalg.norm(MIDDLE - (x, y)) < min(away)
    return {"follow": ALL if in_the_middle else f"worker {int(np.argmin(away))}"}


# --- the sentence --------------------------------------------------------------------------------


def _say(look: Look) -> str:
    """Say what this step does, to all, or to the worker or piece that is followed."""
    says = {"all": _say_all, "worker": _say_worker, "piece": _say_piece}[look.kind](look)
    return f"{says} {_say_sent(look)}".strip()


def _say_all(look: Look) -> str:
    if not look.now:
        return (
            f"{look.n} workers, each with the gradient of its own examples, cut into {look.n} "
            "pieces. Wanted: the sum of all, at every worker. Press play or Next."
        )
    if look.now == len(look.steps) - 1:
        return f"All {look.n} workers have all pieces of the sum, the same numbers."
    if look.step.phase == "all-gather":
        return (
            "Nothing is added any more: every worker sends a finished piece to its right, where it "
            f"replaces what was there. {look.finished(0)} of {look.n} pieces are finished at each."
        )
    says = (
        "Every worker sends a piece to its right and adds the one from its left: piece "
        f"{look.arrived(0)} at worker 0 is now {_sum(look, 0)}."
    )
    return says + (" So each has one finished piece (green)." if look.now == look.n - 1 else "")


def _say_worker(look: Look) -> str:
    worker, n = look.which, look.n
    if not look.now:
        numbers = ", ".join(map(_short, look.step.held[worker]))
        return f"Worker {worker} begins with the gradient of its own examples: {numbers}."
    piece = look.arrived(worker)
    says = (
        f"Worker {worker} sends piece {look.step.sent[worker]} to worker {(worker + 1) % n} and "
        f"gets piece {piece} from worker {(worker - 1) % n}: "
    )
    if look.step.phase == "all-gather":
        done = look.finished(worker)
        return f"{says}{_change(look, worker)}. {done} of its {n} pieces are finished."
    inside = look.step.summed[worker, piece].sum()
    return f"{says}{_sum(look, worker)}, the sum of {inside} of {n} gradients."


def _say_piece(look: Look) -> str:
    piece, n = look.which, look.n
    if not look.now:
        numbers = ", ".join(map(_short, look.step.held[:, piece]))
        return f"Piece {piece} of the {n} gradients: {numbers}. Wanted is their sum."
    start = look.step.sent.index(piece)
    end = (start + 1) % n
    if look.step.phase == "all-gather":
        done = int(look.step.summed[:, piece].all(1).sum())
        return (
            f"Piece {piece} is finished and goes from worker {start} to worker {end}: "
            f"{_change(look, end)}. {done} of {n} workers have it."
        )
    inside = look.step.summed[end, piece].sum()
    return (
        f"Piece {piece} goes from worker {start} to worker {end}, which adds it: "
        f"{_sum(look, end)}, the sum of {inside} of {n} gradients."
    )


def _sum(look: Look, worker: int) -> str:
    """Write out what was added at a worker: "1.2 + (−0.4) = 0.8"."""
    piece = look.arrived(worker)
    own, came, now = (
        _short(held[at, piece])
        for held, at in (
            (look.before, worker),
            (look.before, worker - 1),
            (look.step.held, worker),
        )
    )
    return f"{own} + {f'({came})' if came.startswith('−') else came} = {now}"


def _change(look: Look, worker: int) -> str:
    """Write out what was replaced at a worker."""
    piece = look.arrived(worker)
    return f"{_short(look.step.held[worker, piece])} replaces {_short(look.before[worker, piece])}"


def _say_sent(look: Look) -> str:
    """Say how much was sent, in gradients; at the end also by the other ways."""
    if not look.now:
        return ""
    sent = f"{_count(look.now, 'piece')}, together {_count(look.now / look.n, 'gradient')}"
    if look.now < len(look.steps) - 1:
        return f"Sent so far by each: {sent}."
    one, every = (traffic(way, look.n) for way in WAYS[1:])
    return (
        f"Sent by each: {sent}. All to one, one to all: {one.busiest:g} by the one, "
        f"{one.others:g} by each other. Everybody to everybody: {every.busiest:g} by each."
    )


def _count(number: float, what: str) -> str:
    return f"{number:.3g} {what}{'' if number == 1 else 's'}"
