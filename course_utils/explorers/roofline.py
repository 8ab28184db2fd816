"""Explorer of lesson 11: the roof of a machine, and the layers of a network beneath it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from course_utils.cells import in_kernel
from course_utils.display import publish
from course_utils.explorers.base import Explorer, Stepper, choice, choice_slider
from course_utils.figures import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    PINK,
    PIXELS_PER_INCH,
    figure,
    log_axis,
)
from course_utils.microscope import LayerTime, Machine, Roof, example_machine

HERE, THERE = "this machine", "the example"
KINDS = (("convolution", BLUE, "o"), ("linear", GREEN, "^"), ("", PINK, "s"))
FEW_SECONDS = 1e-4  # of which the call of a layer is a good part
INTENSITIES = (0.05, 500.0)  # operations a byte, the width of the picture


class RooflineExplorer(Explorer):
    """An explorer whose still picture is the example's, whatever is shown live."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        width = round(self.figure.get_figwidth() * PIXELS_PER_INCH)
        self.still = {"text": self.text, "png": self.picture.png, "width": width}

    def _ipython_display_(self) -> None:
        if in_kernel():
            self.widget()
        publish(**self.still, widget=self._whole)


def roofline(
    here: Machine | None = None, *, network: str = "LeNet-5", layer: int = 4, batch_size: int = 64
) -> Explorer:
    """Return an explorer: the layers of a network, with a batch size, beneath a machine's roof.

    The still picture shows the example machine that comes with the course, so that it is the same
    wherever it is made; live the explorer begins with `here`. Nothing is measured while it is used.

    Args:
        here: this machine, from `measure_machine`; without it there is the example only.
        network: the one to begin with.
        layer: the layer to begin with, from 1, among those that compute anything.
        batch_size: the batch to begin with.

    Raises:
        ValueError: a machine has no such network, or there is no such batch size.

    >>> roofline(measure_machine({"LeNet-5": lenet5()}))
    """
    machines = {THERE: example_machine()} | ({HERE: here} if here else {})
    networks, sizes = _in_common(list(machines.values()))
    if network not in networks or batch_size not in sizes:
        raise ValueError(
            f"the networks are {', '.join(networks)}, the batch sizes "
            f"{', '.join(map(str, sizes))}; got {network!r} with {batch_size}"
        )
    controls = {
        "machine": choice(list(machines), THERE, name="machine"),
        "network": choice(networks, network, name="network"),
        "layer": Stepper(1, name="layer"),
        "batch_size": choice_slider(sizes, batch_size, name="batch size"),
    }
    controls["layer"].slider.min = 1

    def resize(_change: object = None) -> None:
        name = controls["network"].value
        n_layers = min(len(rows_of(machine, name, sizes[0])) for machine in machines.values())
        controls["layer"].slider.max = n_layers

    def draw(machine: str, network: str, layer: int, batch_size: int) -> tuple:
        shown = machines[machine]
        rows = rows_of(shown, network, batch_size)
        row = rows[layer - 1]
        way = [rows_of(shown, network, size)[layer - 1] for size in _in_common([shown])[1]]
        fig, (left, right) = figure(columns=2, size=(10.5, 4.6))
        _draw_roof(left, shown.roof)
        _draw_layers(left, rows, way, row)
        _draw_batches(right, shown.roof, way, row)
        return fig, f"{shown.about}. {_say(shown.roof, row, layer, len(rows))}"

    def touch(x: float, y: float) -> dict[str, object]:
        now = explorer.values
        rows = rows_of(machines[now["machine"]], now["network"], now["batch_size"])
        return {"layer": 1 + _nearest(rows, x, y)} if x > 0 and y > 0 else {}

    resize()
    controls["layer"].slider.value = min(layer, controls["layer"].slider.max)
    controls["network"].observe(resize, names="value")
    title = "Which limit does a layer run into: computing, memory, or the call itself?"
    explorer = RooflineExplorer(title, draw, controls, touch=touch)
    if here:
        explorer.set(machine=HERE)
    return explorer


def _in_common(machines: Sequence[Machine]) -> tuple[list[str], list[int]]:
    """Return the networks and the batch sizes that were timed on all machines."""
    named = [networks_of(machine) for machine in machines]
    networks = [name for name in named[0] if all(name in names for names in named)]
    sizes = set.intersection(*({row.batch_size for row in m.layers} for m in machines))
    return networks, sorted(sizes)


def networks_of(machine: Machine) -> list[str]:
    """Return the names of the networks that were timed on a machine."""
    return list(dict.fromkeys(row.network for row in machine.layers))


def rows_of(machine: Machine, network: str, batch_size: int) -> list[LayerTime]:
    """Return the layers of a network on a machine with one batch size, in their order."""
    return [row for row in machine.layers if (row.network, row.batch_size) == (network, batch_size)]


def _look_of(row: LayerTime) -> tuple[str, str, str]:
    return next(kind for kind in KINDS if row.layer.startswith(kind[0]))


def _nearest(rows: Sequence[LayerTime], x: float, y: float) -> int:
    """Return the place of the layer whose point is nearest, on the scales of the picture."""
    far = [
        math.log(row.work.intensity / x) ** 2 + math.log(row.speed / 1e9 / y) ** 2 for row in rows
    ]
    return far.index(min(far))


def _draw_roof(ax: Axes, roof: Roof) -> None:
    """Draw the three limits, each with its name."""
    top = roof.flops / 1e9
    low = top / 2e4
    ridge = roof.flops / roof.cache
    for reach, style, name, side, by in (
        (roof.memory, "-", "memory", "left", 1.3),
        (roof.cache, ":", "cache", "right", 0.75),
    ):
        slant = [INTENSITIES[0], roof.flops / reach]
        heights = [slant[0] * reach / 1e9, top]
        ax.plot(slant, heights, color=INK, linestyle=style, linewidth=2, label=f"_{name}")
        ax.text(0.3 * by * slant[1], 0.3 * top, name, ha=side, va="center", fontsize=13)
    ax.plot([ridge, INTENSITIES[1]], [top, top], color=INK, linestyle="-", label="_computing")
    ax.text(INTENSITIES[1], 1.15 * top, "computing", ha="right", fontsize=13)
    ax.set(xlabel="operations a byte", ylabel="billion operations a second")
    log_axis(ax, "x", *INTENSITIES)
    log_axis(ax, "y", low, 3 * top)


def _draw_layers(ax: Axes, rows: list[LayerTime], way: list[LayerTime], chosen: LayerTime) -> None:
    """Draw all layers of the network, and the way of the chosen one as batches grow."""
    ax.plot(*_points(way), color=AMBER, linestyle="-", linewidth=4, alpha=0.5, label="_way")
    for kind, colour, marker in KINDS:
        some = [row for row in rows if _look_of(row)[0] == kind]
        look = {"color": colour, "marker": marker, "linestyle": "", "markersize": 9}
        ax.plot(*_points(some), label=kind or "others", **look)
    ring = {"markerfacecolor": "none", "markeredgecolor": AMBER, "markeredgewidth": 4}
    ax.plot(*_points([chosen]), "o", markersize=19, linestyle="", label="_chosen", **ring)
    ax.set_title(f"{chosen.network}, batch of {chosen.batch_size}")
    ax.legend(loc="lower right", fontsize=12, handletextpad=0.2)


def _points(rows: Sequence[LayerTime]) -> tuple[list[float], list[float]]:
    return [row.work.intensity for row in rows], [row.speed / 1e9 for row in rows]


def _draw_batches(ax: Axes, roof: Roof, way: list[LayerTime], row: LayerTime) -> None:
    """Draw the time a picture as the batch grows, and what the roof would allow."""
    sizes = [one.batch_size for one in way]
    each = [1e6 * one.seconds / one.batch_size for one in way]
    allowed = [1e6 * one.flops / roof.limit(one.work.intensity) / one.batch_size for one in way]
    ax.axvline(row.batch_size, color=AMBER, linestyle="-", linewidth=12, alpha=0.35, label="_now")
    ax.plot(sizes, allowed, color=INK, linestyle="-", linewidth=2, label="under the roof")
    ax.plot(sizes, each, color=BLUE, linestyle="--", marker="o", label="measured")
    ax.set(title="Time for one picture of the batch", xlabel="batch size", ylabel="microseconds")
    log_axis(ax, "x", 0.8, 1.25 * sizes[-1])
    ax.set_xticks(sizes, [f"{size}" if size != 32 else "" for size in sizes])
    low, high = 0.5 * min(each + allowed), 2 * max(each + allowed)
    log_axis(ax, "y", low, high)
    ticks = [k * 10.0**power for power in range(-4, 6) for k in (1, 2, 5)]
    ticks = [tick for tick in ticks if low <= tick <= high]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.legend(loc="upper right", fontsize=13)


def _say(roof: Roof, row: LayerTime, layer: int, n: int) -> str:
    work, allowed = row.work, roof.limit(row.work.intensity)
    share = row.speed / allowed
    side = "computing" if work.intensity > roof.ridge else "memory"
    verdict = f"{100 * share:.0f}% of the {allowed / 1e9:.3g} that {side} allows"
    if share > 1.1 and side == "memory":
        verdict += ": its numbers came from the cache"
    elif share > 1.1:
        verdict += ": it beats the product of matrices by which that was measured"
    elif share < 0.15 and row.seconds < FEW_SECONDS:
        verdict += ": most of the time goes into the call itself"
    elif share < 0.15:
        verdict += ": neither is the limit, but the way this layer is computed"
    return (
        f"Layer {layer} of {n}, {row.layer}: {_short(work.flops)} operations, "
        f"{_short(work.bytes)} bytes, so {work.intensity:.3g} operations a byte. In "
        f"{1e6 * row.seconds:,.0f} microseconds that makes {row.speed / 1e9:.3g} billion a second, "
        f"{verdict}."
    )


def _short(number: float) -> str:
    """Return a large count in words.

    >>> _short(15_360_000.0)
    '15.4 million'
    """
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if number >= size:
            return f"{number / size:.3g}{word}"
    return f"{number:.0f}"
