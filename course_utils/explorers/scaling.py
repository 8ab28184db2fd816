"""Explorer of lesson 11: how much sooner n workers are done, and when another no longer pays."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.explorers.base import Explorer, choice, slider, whole_slider
from course_utils.explorers.place import touched
from course_utils.figures import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PAPER,
    PINK,
    SKY,
    laid_out,
    log_axis,
)
from course_utils.parallel import (
    Parts,
    all_reduce_seconds,
    efficiency,
    efficient_until,
    last_that_pays,
    speedup,
    speedup_limit,
    step_seconds,
)

MOST = 64  # workers that are drawn
LOW = 0.65  # the least speed-up that is drawn
HALF = 0.5  # of the efficiency
STRONG, WEAK = "one, divided (Amdahl)", "one for each (Gustafson)"
EXAMPLE = Parts(divides=0.09, fixed=0.01, latency=0.001, transfer=0.002)
SIZE = (10.4, 4.3)
PLACES = ((0.75, 0.7, 4.0, 3.15), (5.65, 0.7, 2.35, 3.15), (8.85, 0.7, 1.45, 3.15))


def scaling(parts: Parts | None = None, *, n_workers: int = 8) -> Explorer:
    """Return an explorer: speed-up and efficiency of n workers, from what a step is made of.

    Args:
        parts: what a training step is made of, as measured; where left out, an example of 100 ms.
        n_workers: how many workers to read first, 1 to 64.

    Raises:
        ValueError: there are fewer or more workers.

    >>> scaling(Parts.measured(divides=0.09, fixed=0.01, all_reduce=0.006, tiny=0.002))
    """
    if not 1 <= n_workers <= MOST:
        raise ValueError(f"n_workers must be 1 to {MOST}, got {n_workers}")
    first = EXAMPLE if parts is None else parts
    work, share, sends, waits = first.work, 100 * first.share, *_sent(first)

    def draw(batch: str, share: float, sends: float, waits: float, n: int) -> tuple:
        now = _parts(work, share, sends, waits)
        return _draw_scaling(now, n, batch == WEAK), _say(now, n, batch == WEAK)

    controls = {
        "share": _per_cent("does not divide, %", share, 50),
        "sends": _per_cent("all-reduce of two, %", sends, 50),
        "waits": whole_slider(0, 100, round(waits), name="of it latency, %"),
        "n": whole_slider(1, MOST, n_workers, name="workers"),
        "batch": choice([STRONG, WEAK], name="batch"),
    }

    def touch(x: float, y: float) -> dict[str, object]:
        return _touched(explorer.figure, explorer.values, x, y)

    explorer = Explorer(
        "How much sooner are n workers done? (Pull the curve, or touch a number of workers.)",
        draw,
        controls,
        touch=touch,
    )
    return explorer


def _per_cent(name: str, value: float, most: float) -> widgets.FloatSlider:
    """Return a slider from 0, in steps of 0.1; the page would round to a step anyhow."""
    control = slider(0, max(most, round(value, 1)), round(value, 1), name=name)
    control.layout = widgets.Layout(width="auto", flex="1 1 440px", max_width="480px")
    control.readout_format = ".1f"
    return control


def _sent(parts: Parts) -> tuple[float, float]:
    """Return an all-reduce of two in % of a step on one worker, and how much of it is latency."""
    both = float(all_reduce_seconds(parts, 2))
    return 100 * both / parts.work, 100 * 2 * parts.latency / both if both else 0.0


def _parts(work: float, share: float, sends: float, waits: float) -> Parts:
    """Return what a step is made of for the sliders' per cents."""
    fixed, both, waiting = work * share / 100, work * sends / 100, waits / 100
    divides = max(0.0, work - fixed)
    return Parts.measured(divides, fixed, both, tiny=both * waiting)


def _touched(fig: Figure, values: dict, x: float, y: float) -> dict[str, object]:
    """Return the number of workers at a touch and, for the speed-up, the share that leads there."""
    axes, x, y = touched(fig, x, y)
    if axes == 2:
        return {}
    n = int(np.clip(round(x), 1, MOST))
    if axes == 1 or n == 1:
        return {"n": n}
    share = _share_for(max(y, 0.1), n, values["sends"], values["waits"], values["batch"] == WEAK)
    return {"n": n, "share": round(float(np.clip(100 * share, 0, 100)), 1)}


def _share_for(wanted: float, n: int, sends: float, waits: float, growing: bool) -> float:
    """Return the share that does not divide with which n workers are `wanted` times as fast."""
    sending = float(all_reduce_seconds(_parts(1.0, 0.0, sends, waits), n))
    if growing:
        return (n - wanted * (1 + sending)) / (n - 1)
    return (1 / wanted - sending - 1 / n) / (1 - 1 / n)


# --- the picture ---------------------------------------------------------------------------------


def _draw_scaling(parts: Parts, n: int, growing: bool) -> Figure:
    fig, (left, middle, right) = laid_out(SIZE, PLACES)
    _draw_curves(left, speedup, parts, n, growing)
    _draw_fastest(left, parts, growing)
    _draw_curves(middle, efficiency, parts, n, growing)
    left.set(title=_heading(parts, n, growing), ylabel="times as fast", ylim=(LOW, 1.1 * MOST))
    _doubling(left, "y")
    left.legend(loc="upper left", fontsize=12, borderaxespad=0.2)
    middle.set(title="Efficiency", ylim=(0, 1.05))
    middle.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])
    middle.axhline(HALF, color=INK, linestyle="-", linewidth=1.2, label="_half")
    _draw_step(right, parts, n, growing)
    return fig


def _draw_curves(ax: Axes, of: Callable, parts: Parts, n: int, growing: bool) -> None:
    """Draw speed-up or efficiency: ideal, by the law, and with communication."""
    numbers = np.arange(1, MOST + 1)
    law = "Gustafson's law" if growing else "Amdahl's law"
    silent = of(Parts(parts.divides, parts.fixed), numbers, growing=growing)
    values = of(parts, numbers, growing=growing)
    ax.axvline(n, color=AMBER, linestyle="-", linewidth=9, alpha=0.35, label="_now")
    ideal = of(Parts(1.0, 0.0), numbers)
    ax.plot(numbers, ideal, color=INK, linestyle=":", linewidth=2, label="ideal")
    ax.plot(numbers, silent, color=GREEN, linestyle="--", label=law)
    ax.plot(numbers, values, color=BLUE, linestyle="-", label="with communication")
    here = {"marker": "o", "markersize": 12, "color": BLUE, "markeredgecolor": INK}
    ax.plot(n, values[n - 1], **here, linestyle="", label="_here")
    ax.set(xlabel="workers", xlim=(0.9, 1.2 * MOST))
    _doubling(ax, "x")
    ax.grid(True)


def _draw_fastest(ax: Axes, parts: Parts, growing: bool) -> None:
    """Draw a line down from where another worker adds no speed, if that is in the picture."""
    last = last_that_pays(parts, growing=growing)
    if last is None or last > MOST:
        return
    height = float(speedup(parts, last, growing=growing))
    ax.plot([last, last], [LOW, height], color=INK, linestyle="-", linewidth=1.6, label="_fastest")
    look = {"va": "bottom", "fontsize": 12, "ha": "left" if last < 4 else "right"}
    look["bbox"] = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1}
    ax.text(last * (1.07 if last < 4 else 0.93), 1.05 * LOW, f"fastest: {last}", **look)


def _doubling(ax: Axes, which: str) -> None:
    """Give one axis a logarithmic scale with ticks at 1, 2, 4 and so on; its limits stay."""
    limits = getattr(ax, f"get_{which}lim")()
    log_axis(ax, which, *limits)
    ticks = [2**power for power in range(MOST.bit_length())]
    getattr(ax, f"set_{which}ticks")(ticks, list(map(str, ticks)))


def _draw_step(ax: Axes, parts: Parts, n: int, growing: bool) -> None:
    """Draw what the time of one step is spent on, by one worker and by n."""
    bottom = np.zeros(2)
    for (name, seconds), colour, hatch in zip(
        _spent(parts, n, growing).items(), (ORANGE, SKY, PINK), ("", "//", ".."), strict=True
    ):
        heights = 1000 * np.array([_spent(parts, 1, growing)[name], seconds])
        look = {"color": colour, "hatch": hatch, "edgecolor": PAPER, "width": 0.7, "label": name}
        ax.bar([0, 1], heights, bottom=bottom, **look)
        bottom += heights
    ax.set(title="One step, ms", xlabel="workers", ylim=(0, 1.5 * bottom.max()), xlim=(-0.5, 1.5))
    ax.set_xticks([0, 1], ["1", str(n)])
    ax.legend(loc="upper center", fontsize=11, reverse=True, borderaxespad=0, handlelength=1.4)


def _spent(parts: Parts, n: int, growing: bool) -> dict[str, float]:
    """Return the seconds of each part of a step of n workers, by name."""
    return {
        "fixed": parts.fixed,
        "own batch" if growing else "divides": parts.divides / (1 if growing else n),
        "all-reduce": float(all_reduce_seconds(parts, n)),
    }


def _heading(parts: Parts, n: int, growing: bool) -> str:
    times = float(speedup(parts, n, growing=growing))
    return f"{_workers(n)}: {times:.2g} times as fast"


# --- the sentence --------------------------------------------------------------------------------


def _say(parts: Parts, n: int, growing: bool) -> str:
    """Say what n workers bring, and at which number another one no longer pays."""
    if n == 1:
        own = f"1 worker: {_ms(parts.work)} ms a step, {_ms(parts.fixed)} of them do not divide."
        return f"{own} {_say_end(parts, growing)} {_say_half(parts, growing)}"
    step, sent = float(step_seconds(parts, n, growing=growing)), float(all_reduce_seconds(parts, n))
    alone = parts.fixed + parts.divides * (n if growing else 1)
    share = float(efficiency(parts, n, growing=growing))
    return (
        f"{f'{n} batches' if growing else 'One batch'} by {n} workers: {_ms(step)} ms, by one "
        f"{_ms(alone)} ms; efficiency {100 * share:.0f}%. Of the {_ms(step)} ms, {_ms(sent)} are "
        f"communication. {_say_end(parts, growing)} {_say_half(parts, growing)}"
    )


def _say_end(parts: Parts, growing: bool) -> str:
    last = last_that_pays(parts, growing=growing)
    if last is not None:
        return f"From {_workers(last)} on, another one no longer pays: it adds no speed."
    most = speedup_limit(parts, growing=growing)
    if np.isinf(most):
        return "Every further worker still adds speed."
    return f"Every further worker still adds speed, but less and less: never {most:.3g} times."


def _say_half(parts: Parts, growing: bool) -> str:
    until = efficient_until(parts, HALF, growing=growing)
    if until is None:
        return "The efficiency stays above 50%."
    return f"With more than {_workers(until)} the efficiency is below 50%."


def _workers(n: int) -> str:
    return "1 worker" if n == 1 else f"{n:,} workers"


def _ms(seconds: float) -> str:
    """Return milliseconds with three digits at most."""
    return f"{float(f'{1000 * seconds:.3g}'):,.10g}"
