"""Explorer of lesson 10: two trainings of a GAN, step by step, as they were recorded.

The recordings are made by tools/record_gan.py.
"""

from __future__ import annotations

import base64
import io
import json
import math
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from PIL import Image

from course_utils.explorers.base import Explorer, Stepper, choice
from course_utils.figures import AMBER, BLUE, INK, ORANGE, draw_image, laid_out

RECORDS = Path(__file__).with_name("gan.json")
SIZE = (10.4, 4.1)  # inches
BOXES = ((0.7, 2.5, 4.4, 1.15), (0.7, 0.6, 4.4, 1.0), (5.5, 0.1, 4.75, 3.56))
HIGHEST = 12  # loss
RARE = 10  # of 1,000 dreams: a digit that is read less often counts as forgotten


@cache
def records() -> dict[str, dict]:
    """Return what was recorded of each training, by its name: "healthy" and "collapsed".

    In each, "recipe" says in words how it was trained; "steps" is when it was looked at. For each
    of these times, "counts" are the answers of the course's cnn to 1,000 dreams, digit by digit;
    "sure" the share of them of which it is at least 90% sure; "twins" how far each is from the
    most similar other one, on average, compared with 1,000 real digits; "sheet" a picture of the
    same 48 codes, 6 rows of 8, PNG in base64. "discriminator" and "generator" are the losses, each
    the mean of "steps_a_point" steps.
    """
    return json.loads(RECORDS.read_text(encoding="utf-8"))


def sheet(run: dict, look: int) -> np.ndarray:
    """Return the picture of what a recorded GAN made at one look: float (168, 224), 1 for ink."""
    with Image.open(io.BytesIO(base64.b64decode(run["sheet"][look]))) as picture:
        return np.asarray(picture.convert("L"), dtype=float) / 255


def gan_over_time() -> Explorer:
    """Return an explorer: what a GAN makes of the same codes, step by step, and both its losses."""
    runs = records()
    first = next(iter(runs.values()))
    steps = first["steps"]

    def draw(run: str, look: int) -> tuple:
        record = runs[run]
        fig, (losses, answers, made) = laid_out(SIZE, BOXES)
        _draw_losses(losses, record, steps[look])
        _draw_answers(answers, record["counts"][look])
        draw_image(made, sheet(record, look), framed=True)
        made.set_title(f"the same 48 codes after {steps[look]:,} steps", loc="left", fontsize=14)
        return fig, _says(record, look)

    def touch(x: float, _y: float) -> dict[str, object]:
        return {"look": int(np.abs(np.array(steps) - x).argmin())}

    controls = {
        "run": choice(list(runs), name="training"),
        "look": Stepper(len(steps) - 1, len(steps) - 1, name="look"),
    }
    title = "How does a GAN learn to draw, and what if it collapses? (Touch the losses.)"
    return Explorer(title, draw, controls, touch=touch)


def _says(record: dict, look: int) -> str:
    counts = np.array(record["counts"][look])
    kinds, often = int((counts >= RARE).sum()), int(counts.argmax())
    return (
        f"{record['recipe']}\nAfter {record['steps'][look]:,} steps the course's cnn finds "
        f"{kinds} of the 10 digits among 1,000 dreams (each at least {RARE} times); "
        f"{100 * counts[often] / counts.sum():.0f}% it reads as {often}. From its most similar "
        f"fellow a dream is {100 * record['twins'][look]:.0f}% as far away as a real digit is from "
        "its own."
    )


def _draw_losses(ax: Axes, record: dict, step: int) -> None:
    """Draw both losses up to a step, pale beyond it."""
    for name, colour, style, guessing in (
        ("discriminator", BLUE, "-", 2 * math.log(2)),
        ("generator", ORANGE, "--", math.log(2)),
    ):
        losses = np.array(record[name])
        ends = record["steps_a_point"] * np.arange(1, len(losses) + 1)
        past = ends <= step
        look = {"color": colour, "linestyle": style, "linewidth": 1.8}
        ax.plot(ends, losses, **look, alpha=0.2, label=f"_all of {name}")
        ax.plot(ends[past], losses[past], **look, label=name)
        ax.axhline(guessing, color=colour, linestyle=":", linewidth=1.2, label=f"_guessing {name}")
    ax.axvline(step, color=AMBER, linestyle="-", linewidth=8, alpha=0.35, label="_now")
    ax.set(
        title="Losses (dotted: guessing)",
        yticks=(0, 5, 10),
        xlim=(0, ends[-1]),
        ylim=(0, HIGHEST),
        xlabel="step",
    )
    ax.legend(loc="upper left", ncols=2, fontsize=11)


def _draw_answers(ax: Axes, counts: list[int]) -> None:
    """Draw how often each digit is read among the dreams."""
    ax.axhline(100, color=INK, linestyle=":", linewidth=1.3, label="_equal shares", zorder=0)
    bars = ax.bar(range(10), counts, color=BLUE)
    ax.bar_label(bars, [count or "" for count in counts], fontsize=11)
    top = 1.35 * max(*counts, 250)
    ax.set(title="What the cnn reads in 1,000 dreams", xticks=range(10), ylim=(0, top), yticks=())
