"""Drawn diagrams of three ways to share a network that one device cannot hold or is too slow for.

All three show the same network of four layers on devices; what differs is who holds what, and when.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.figures.base import figure, show
from course_utils.figures.style import AMBER, BLUE, GREEN, INK, ORANGE, PAPER, RULE, drawing

LAYERS = (BLUE, ORANGE, GREEN, AMBER)  # the colour of each layer, and of the device that holds it
N = len(LAYERS)
ARROW = {"arrowstyle": "-|>", "lw": 2.5, "shrinkA": 0, "shrinkB": 0, "color": INK}
MIDDLE = {"ha": "center", "va": "center"}
FORWARD, BACKWARD = 1, 2  # cells of time that a micro-batch takes on a device


def busy(n_devices: int, n_parts: int) -> list[list[tuple[int, int, str]]]:
    """Return when each device works in a pipeline: (start, length, what), a list for each device.

    Forward passes follow each other, the backward passes come when all of them are done, in the
    reverse order of parts and devices. One part alone is model parallel without a pipeline.

    Source: Huang and others, GPipe, 2019, figure 2. A backward pass takes twice as long.

    >>> busy(2, 1)
    [[(0, 1, '0'), (4, 2, '0')], [(1, 1, '0'), (2, 2, '0')]]
    """
    turn = n_devices - 1 + n_parts  # when the last forward pass is done
    return [
        [(device + part, FORWARD, str(part)) for part in range(n_parts)]
        + [
            (turn + BACKWARD * (n_devices - 1 - device + later), BACKWARD, str(n_parts - 1 - later))
            for later in range(n_parts)
        ]
        for device in range(n_devices)
    ]


def idle_share(n_devices: int, n_parts: int) -> float:
    """Return the share of the time that a device of a pipeline waits, its bubble, 0 to 1.

    >>> idle_share(4, 4) == 3 / 7
    True
    """
    plan = busy(n_devices, n_parts)
    end = max(start + length for row in plan for start, length, _ in row)
    works = sum(length for row in plan for _, length, _ in row)
    return 1 - works / (end * n_devices)


@drawing()
def model_parallel() -> None:
    """Show four layers on four devices, and when each device works."""
    fig, (left, right) = figure(columns=2, size=(10, 3.8))
    left.set(title="A layer on each device", xlim=(0, 10), ylim=(-0.2, 4.6))
    left.set_axis_off()
    for device, colour in enumerate(LAYERS):
        y = 3.6 - device
        _draw_block(left, (3.4, y - 0.32, 3.4, 0.64), f"layer {device}", colour)
        left.text(3.1, y, f"device {device}", fontsize=14, ha="right", va="center")
        if device < N - 1:
            left.annotate("", (4.6, y - 0.68), (4.6, y - 0.32), arrowprops=ARROW)
            left.annotate("", (5.6, y - 0.32), (5.6, y - 0.68), arrowprops=ARROW)
    left.text(7.1, 2.1, "down: activations\nup: gradients", fontsize=13, va="center")
    _draw_plan(right, 1, "One works, the others wait")
    show(
        fig,
        "Left: layer 0 on device 0, layer 1 on device 1, and so on to 3; activations go down, "
        "gradients come back up. Right: in time, one device works after the other, forward and "
        f"then backward; each waits for {idle_share(N, 1):.0%} of the time.",
    )


@drawing()
def pipeline_parallel() -> None:
    """Show four micro-batches that follow each other through four devices."""
    fig, ax = figure(size=(10, 3.6))
    _draw_plan(ax, N, "Four micro-batches follow each other")
    show(
        fig,
        "In time, devices 0 to 3, and micro-batches 0 to 3 that follow each other through them, "
        "first forward, then backward, which takes twice as long. In the corners and in the middle "
        f"devices wait: {idle_share(N, N):.0%} of the time.",
    )


def _draw_plan(ax: Axes, n_parts: int, title: str) -> None:
    """Draw a row for each device, with a cell for each piece of work."""
    plan = busy(N, n_parts)
    end = max(start + length for row in plan for start, length, _ in row)
    ax.set(title=title, xlim=(-0.2, end + 0.2), ylim=(-0.9, N))
    ax.set_axis_off()
    for device, (row, colour) in enumerate(zip(plan, LAYERS, strict=True)):
        bottom = N - 1 - device + 0.1
        ax.add_patch(Rectangle((0, bottom), end, 0.8, facecolor=RULE, alpha=0.4, lw=0))
        for start, length, part in row:
            name = part if n_parts > 1 else ""
            _draw_block(ax, (start, bottom, length, 0.8), name, colour, faded=length == BACKWARD)
    ax.annotate("", (end, -0.25), (0, -0.25), arrowprops=ARROW | {"lw": 1.5})
    ax.text(0, -0.75, "pale: backward, grey: waits", fontsize=13)
    ax.text(end, -0.75, "time", fontsize=13, ha="right")


@drawing()
def sharded_parallel() -> None:
    """Show what each of four workers keeps of four layers, and what it has while it needs one."""
    fig, (left, right) = figure(columns=2, size=(10, 3.9))
    for ax, title in ((left, "Between uses: a quarter of each"), (right, "While layer 1 computes")):
        ax.set(title=title, xlim=(-1.9, 8.4), ylim=(-1.0, 4.6))
        ax.set_axis_off()
        for worker in range(N):
            ax.text(-0.2, 3.4 - worker, f"worker {worker}", fontsize=13, ha="right", va="center")
            for layer, colour in enumerate(LAYERS):
                whole = ax is right and layer == 1
                _draw_shards(ax, 0.1 + 2.1 * layer, 3.05 - worker, colour, worker, whole=whole)
        for layer in range(N):
            ax.text(1.0 + 2.1 * layer, 4.15, f"layer {layer}", fontsize=13, **MIDDLE)
    left.text(3.2, -0.65, "each also has its share of the batch", fontsize=13, ha="center")
    right.text(3.2, -0.65, "gathered, used, thrown away", fontsize=13, ha="center")
    show(
        fig,
        "Left: of each of four layers, worker 0 keeps the first quarter, worker 1 the second, and "
        "so on. Right: while layer 1 computes, each worker has the whole of it, and of the others "
        "still its quarter; afterwards three quarters are thrown away.",
    )


def _draw_shards(ax: Axes, x: float, y: float, colour: str, worker: int, *, whole: bool) -> None:
    """Draw a layer in four pieces: those that a worker has are filled."""
    for piece in range(N):
        has = whole or piece == worker
        fill = colour if has else PAPER
        place = (x + 0.45 * piece, y)
        ax.add_patch(Rectangle(place, 0.45, 0.7, facecolor=fill, edgecolor=INK, lw=0.8))


def _draw_block(
    ax: Axes, place: tuple[float, float, float, float], text: str, colour: str, faded: bool = False
) -> None:
    """Draw a filled frame at (left, bottom, width, height) with a text inside."""
    left, bottom, width, height = place
    ax.add_patch(Rectangle((left, bottom), width, height, facecolor=PAPER, edgecolor=INK, lw=1.2))
    ax.add_patch(
        Rectangle((left, bottom), width, height, facecolor=colour, alpha=0.35 if faded else 1, lw=0)
    )
    ink = INK if faded or colour == AMBER else "white"
    ax.text(left + width / 2, bottom + height / 2, text, fontsize=14, color=ink, **MIDDLE)
