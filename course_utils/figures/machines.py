"""Pictures of what was measured on a machine, and of how it writes numbers."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from matplotlib.patches import Rectangle

from course_utils.display import publish, widget_of
from course_utils.figures.arrays import to_numpy
from course_utils.figures.base import PIXELS_PER_INCH, figure, png, show, show_as
from course_utils.figures.style import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PINK,
    SKY,
    drawing,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

PART_LOOKS = {
    "data": (AMBER, "//"),
    "forward": (BLUE, ""),
    "backward": (SKY, ""),
    "step": (GREEN, ".."),
}
TRICK_LOOKS = ((BLUE, ""), (ORANGE, "//"), (GREEN, ".."), (PINK, "xx"))
EXPONENTS = np.arange(-48, 20)  # of the slopes that are drawn
LOST, TOO_LARGE = -25, 16  # powers of two: smaller is 0 in float16, larger is infinite
Parts = Mapping[str, Mapping[str, float]]


Picture = tuple["Figure", str]  # a figure, and in words what it shows


def show_measured(example: Picture, here: Picture, about: str) -> None:
    """Show what was measured here, live; store the same picture of an example machine.

    Whoever reads the stored lesson, without a kernel, sees the example. Who runs it sees the own
    machine: its figures are others on every machine, and the tests compare what is stored.

    Args:
        example: the picture to store, and what it shows.
        here: the same of what was measured just now.
        about: the machine of the example, in words.
    """
    fig, text = example
    own, own_text = here
    publish(
        f"An example: {about}.\n{text}",
        png=png(fig),
        width=round(fig.get_figwidth() * PIXELS_PER_INCH),
        widget=widget_of(png(own), own_text, round(own.get_figwidth() * PIXELS_PER_INCH)),
    )


@drawing()
def draw_parts(seconds: Parts, machine: str) -> Picture:
    """Return a picture of where the time of a training step goes, in percent, and its words.

    Args:
        seconds: for each row of the picture, such as "LeNet-5, batch of 64", the seconds of each
            part of a step: data, forward, backward, step.
        machine: where it was measured; stands in the title.

    Raises:
        ValueError: there is nothing to draw, or a row has other parts.
    """
    if not seconds or any(list(row) != list(PART_LOOKS) for row in seconds.values()):
        raise ValueError(f"rows with the parts {', '.join(PART_LOOKS)} are wanted, got {seconds}")
    title = f"Where a step's time goes: {machine}"
    fig, ax = figure(title, size=(10, 1.7 + 0.5 * len(seconds)))
    said = [_draw_row(ax, row, name, parts) for row, (name, parts) in enumerate(seconds.items())]
    ax.set(xlabel="percent of the step", xlim=(0, 112), ylim=(len(seconds) - 0.4, -0.6))
    ax.set_yticks(range(len(seconds)), list(seconds))
    ax.set_xticks(range(0, 101, 25))
    ax.grid(False, axis="y")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig, "\n".join([title, *said])


def _draw_row(ax: Axes, row: int, name: str, parts: Mapping[str, float]) -> str:
    """Draw the parts of one step side by side, and behind them how long it takes; say both."""
    left, whole, said = 0.0, sum(parts.values()), []
    box = {"color": "white", "pad": 1.5, "alpha": 0.85}
    for part, (colour, hatch) in PART_LOOKS.items():
        share = 100 * parts[part] / whole
        look = {"color": colour, "hatch": hatch, "edgecolor": "white"}
        ax.barh(row, share, left=left, height=0.7, label="_" if row else part, **look)
        if share >= 6:
            words = {"ha": "center", "va": "center", "fontsize": 13, "bbox": box}
            ax.text(left + share / 2, row, f"{share:.0f}%", color=INK, **words)
        left += share
        said.append(f"{part} {share:.0f}%")
    ax.text(101, row, f"{1000 * whole:.3g} ms", va="center", fontsize=13)
    return f"{name}: {', '.join(said)} of {1000 * whole:.3g} ms"


@drawing()
def draw_tricks(seconds: Mapping[str, Mapping[str, float]], machine: str) -> Picture:
    """Return a picture of how many times as fast a step is with up to four tricks, and its words.

    Args:
        seconds: for each network the seconds of a step, first as it is, then with each trick.
        machine: where it was measured; stands in the title.
    """
    names, (first, *tricks) = list(seconds), list(next(iter(seconds.values())))
    title, said = f"How many times as fast as {first}: {machine}", []
    fig, ax = figure(title, size=(10, 4.2))
    ax.axhline(1, color=INK, linestyle="-", linewidth=1.5, label="_plain")
    width = 0.8 / len(tricks)
    for place, (trick, (colour, hatch)) in enumerate(zip(tricks, TRICK_LOOKS, strict=False)):
        factors = [row[first] / row[trick] for row in seconds.values()]
        where = np.arange(len(names)) + (place - (len(tricks) - 1) / 2) * width
        look = {"color": colour, "hatch": hatch, "edgecolor": "white"}
        ax.bar(where, factors, 0.92 * width, label=trick, **look)
        for x, factor in zip(where, factors, strict=True):
            ax.text(x, factor, f"{factor:.2f}", ha="center", va="bottom", fontsize=12)
        pairs = zip(names, factors, strict=True)
        said.append(f"{trick}: {', '.join(f'{name} {factor:.2f}' for name, factor in pairs)}")
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="times as fast", ylim=(0, 1.1 * max(1.2, ax.get_ylim()[1])))
    ax.grid(False, axis="x")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside right center")
    return fig, "\n".join([title, *said])


#: name -> dtype, bits of the exponent, bits of the fraction
FORMATS = {
    "float32": (torch.float32, 8, 23),
    "bfloat16": (torch.bfloat16, 8, 7),
    "float16": (torch.float16, 5, 10),
}


def bits_of(value: float, name: str) -> tuple[str, float]:
    """Return a number as one of the `FORMATS` writes it, sign first, and what it then is.

    >>> bits_of(1 / 3, "bfloat16")
    ('0011111010101011', 0.333984375)
    """
    dtype, exponent, fraction = FORMATS[name]
    kept = torch.tensor(value, dtype=dtype)
    if dtype == torch.float32:
        (number,) = struct.unpack(">I", struct.pack(">f", kept.item()))
    else:
        number = kept.view(torch.int16).item() % 2**16
    return f"{number:0{1 + exponent + fraction}b}", kept.item()


@drawing()
def show_formats(value: float) -> None:
    """Show how float32, bfloat16 and float16 write a number: sign, exponent, fraction.

    Args:
        value: any number.

    >>> show_formats(1 / 3)
    """
    fig, ax = figure(f"How {value:.10g} is kept", size=(10, 3.1))
    ax.set(xlim=(-4.6, 46), ylim=(3.35, -0.55))
    ax.set_axis_off()
    said = [_draw_bits(ax, row, name, value) for row, name in enumerate(FORMATS)]
    for left, words, colour in ((0, "sign", PINK), (6, "exponent", AMBER), (15, "fraction", SKY)):
        ax.add_patch(Rectangle((left, 2.85), 1, 0.4, facecolor=colour))
        ax.text(left + 1.4, 3.05, words, va="center", fontsize=13)
    show_as(fig, "\n".join([f"How {value:.10g} is kept: sign, exponent, fraction.", *said]))


def _draw_bits(ax: Axes, row: int, name: str, value: float) -> str:
    """Draw a number as one of the `FORMATS` writes it; return it in words."""
    exponent, (bits, kept) = FORMATS[name][1], bits_of(value, name)
    ax.text(-0.4, row, name, ha="right", va="center", fontsize=15, fontweight="bold")
    for place, bit in enumerate(bits):
        colour = PINK if place == 0 else AMBER if place <= exponent else SKY
        cell = {"facecolor": colour, "edgecolor": "white", "linewidth": 1.2}
        ax.add_patch(Rectangle((place, row - 0.34), 1, 0.68, **cell))
        ax.text(place + 0.5, row, bit, ha="center", va="center", fontsize=12)
    ax.text(len(bits) + 0.7, row, f"= {kept:.9g}", va="center", fontsize=15)
    return f"{name}: {bits[0]} {bits[1 : 1 + exponent]} {bits[1 + exponent :]} = {kept:.9g}"


@drawing()
def plot_slopes(slopes: ArrayLike, scale: float = 1.0) -> None:
    """Show how large the slopes of a network are, and which of them float16 keeps.

    Args:
        slopes: any number of them, float32; zeros are left out.
        scale: what the loss was multiplied by: the second histogram shows the slopes times it.
    """
    fig, ax = figure("Multiplied, the slopes come where float16 can see them", size=(10, 3.9))
    lowest, highest = EXPONENTS[0], EXPONENTS[-1]
    for left, right, words in ((lowest, LOST, "in float16: 0"), (TOO_LARGE, highest, "inf")):
        ax.axvspan(left, right, color=ORANGE, alpha=0.22, linewidth=0)
        ax.text(left + 0.4, 10.8, words, color=ORANGE, fontsize=14)
    sizes = np.log2(np.abs(to_numpy(slopes, float).ravel()))
    sizes = sizes[np.isfinite(sizes)]
    for by, label, look in (
        (0.0, "slopes", {"color": BLUE, "alpha": 0.75}),
        (math.log2(scale), f"times {scale:,.0f}", {"color": GREEN, "alpha": 0.6, "hatch": "//"}),
    ):
        share = 100 * np.histogram(sizes + by, EXPONENTS)[0] / len(sizes)
        ax.bar(EXPONENTS[:-1] + 0.5, share, 1, label=label, edgecolor="white", **look)
    powers = range(-48, 17, 8)
    ax.set_xticks(list(powers), [f"$2^{{{power}}}$" for power in powers])
    ax.set(xlabel="size of a slope", ylabel="percent of them", xlim=(lowest, highest), ylim=(0, 12))
    ax.grid(False, axis="x")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    show(fig, "What lies far on the left is 0 in float16.")
