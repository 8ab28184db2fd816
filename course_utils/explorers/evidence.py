"""Explorers of lesson 06: what speaks for an answer, and what a small nudge makes of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, Stepper, choice, slider
from course_utils.explorers.following import follow, remembered
from course_utils.explorers.place import Place, clipped, touched
from course_utils.figures import BLUE, ORANGE, draw_answers, draw_image, frame, laid_out, to_numpy
from course_utils.microscope import (
    Evidence,
    covered,
    evidence,
    is_pad,
    nudged,
    picture_of,
    pictured,
    random_signs,
    saliency,
)
from course_utils.microscope.evidence import checked_label, loss_slope, probabilities

EVIDENCE = ((0.1, 0.4, 2.3, 2.3), (2.55, 0.4, 2.3, 2.3), (5.0, 0.4, 2.3, 2.3))
EVIDENCE += ((8.25, 0.7, 2.05, 1.8),)
SIZES, ANSWER = (3, 5, 7, 9), "its answer"


def evidence_explorer(
    model: nn.Module,
    image: object = None,
    *,
    size: int = 7,
    place: tuple[int, int] | None = None,
) -> Explorer:
    """Return an explorer: cover a part of a digit; beside it the maps of occlusion and saliency.

    Args:
        model: takes (N, 1, 28, 28) from 0 to 1, gives logits (N, 10). It is asked as it is when
            the explorer is made; make it again after more training.
        image: a grey picture (28, 28), or a drawing pad, whose drawing is followed; a digit of
            the sample where left out.
        size: pixels along the square to begin with: 3, 5, 7 or 9.
        place: row and column of its middle; where left out, the place that the answer needs most.

    Raises:
        ValueError: the picture has another shape, or the model cannot take it.

    >>> evidence_explorer(load_pretrained("cnn"), pad)
    """
    now, note = pictured(image)
    asked = remembered(lambda picture, size: evidence(model, picture, size))
    sloped = remembered(lambda picture, label: saliency(model, picture, label))
    first = asked(now(), size)
    answer = int(first.whole.argmax())
    controls = {
        "label": choice([ANSWER, *range(len(first.whole))], name="what speaks for"),
        "size": choice(list(SIZES), size, name="size of the square"),
        "place": Place(*now().shape, place or _hurts_most(first, answer)),
    }

    def draw(label: int | str, size: int, place: tuple[int, int]) -> tuple:
        picture = now()
        found = asked(picture, size)
        label = int(found.whole.argmax()) if label == ANSWER else label
        hidden = covered(picture, size).reshape(*picture.shape, *picture.shape)[place]
        fig, axes = laid_out((10.4, 3.1), EVIDENCE)
        lost = found.whole[label] - found.parts[..., label]
        draw_image(axes[0], hidden, "what the model sees", framed=True)
        draw_image(axes[1], lost, f"occlusion: {label} loses", signed=True, framed=True)
        draw_image(
            axes[2], sloped(picture, label), f"saliency of {label}", signed=True, framed=True
        )
        _draw_square(axes[:3], place, size)
        colours = f"blue speaks for {label}, orange against it"
        fig.text(4.93 / 10.4, 0.06, colours, ha="center", fontsize=14)
        draw_answers(axes[3], found.parts[place])
        return fig, note() + _say_evidence(found, label, place)

    def touch(x: float, y: float) -> dict[str, object]:
        axes, x, y = touched(explorer.figure, x, y)
        return {"place": clipped(x, y, controls["place"].size)} if axes < 3 else {}

    title = "Cover a part of the digit with paper: does the model lose its answer? (Touch it.)"
    explorer = Explorer(title, draw, controls, touch=touch)
    return follow(explorer, image)


def _draw_square(axes: Sequence[Axes], place: tuple[int, int], size: int) -> None:
    top, left = place[0] - size // 2, place[1] - size // 2
    for ax in axes:
        xlim, ylim = ax.get_xlim(), ax.get_ylim()
        frame(ax, top, left, size, size)
        ax.set(xlim=xlim, ylim=ylim)


def _hurts_most(found: Evidence, label: int) -> tuple[int, int]:
    """Return the place of the square that takes most of the probability of an answer."""
    keeps = found.parts[..., label]
    return divmod(int(keeps.argmin()), keeps.shape[1])


def _say_evidence(found: Evidence, label: int, place: tuple[int, int]) -> str:
    here, keeps = found.parts[place], found.parts[..., label]
    row, column = _hurts_most(found, label)
    read = (
        f"Whole, it is read as {_reading(found.whole)}. Covered about row {place[0]}, column "
        f"{place[1]}, it is read as {_reading(here)}"
    )
    if found.whole[label] < 0.005:
        most = math.ceil(100 * float(keeps.max()))
        return f"{read}. {label} has nothing to lose here; no square lifts it above {most}%."
    return (
        f"{read}; {label} keeps {_percent(here[label])} of {_percent(found.whole[label])}. Where "
        f"it hurts {label} most, row {row}, column {column}, {_percent(keeps.min())} are left."
    )


def _reading(probs: Tensor) -> str:
    return f"{int(probs.argmax())} with {_percent(probs.max())}"


def _percent(probability: float) -> str:
    return f"{100 * float(probability):.0f}%"


ADVERSARY = ((0.1, 0.2, 2.3, 2.3), (2.55, 0.2, 2.3, 2.3), (5.0, 0.2, 2.3, 2.3))
ADVERSARY += ((8.25, 0.5, 2.05, 2.0),)
EPSILONS = tuple(step / 100 for step in range(31))
GRADIENT, RANDOM = "the gradient's signs", "random signs"


def adversary_explorer(
    model: nn.Module,
    images: object,
    labels: object,
    *,
    number: int = 1,
    epsilon: float = 0.1,
) -> Explorer:
    """Return an explorer: nudge every pixel a little, by the gradient's sign or by chance.

    Args:
        model: takes (N, 1, 28, 28) from 0 to 1, gives logits (N, 10). It is asked as it is when
            a picture is first looked at; make the explorer again after more training.
        images: (N, 28, 28), uint8 from 0 to 255 or float from 0 to 1; or a drawing pad.
        labels: the true digits (N,); of a pad, the one digit that is drawn.
        number: which picture to begin with, from 1.
        epsilon: how far to begin with, from 0 to 0.3.

    Raises:
        ValueError: images and labels do not fit, or the model cannot take them.

    >>> adversary_explorer(load_pretrained("lenet"), images[:20], labels[:20])
    """
    now, note, y = _rows(images, labels)
    n_labels = probabilities(model, now(0)[None]).shape[1]
    y = [checked_label(label, n_labels) for label in y]
    directions = {
        GRADIENT: lambda picture, label: loss_slope(model, picture, label).sign(),
        RANDOM: lambda picture, _label: random_signs(picture),
    }

    def race(picture: Tensor, label: int, name: str) -> tuple[Tensor, Tensor]:
        signs = directions[name](picture, label)
        steps = torch.stack([nudged(picture, signs, epsilon) for epsilon in EPSILONS])
        return steps, probabilities(model, steps)

    raced = remembered(race)
    pick = Stepper(len(y), start=number, name="picture")
    pick.slider.min = 1
    controls = {
        "number": pick,
        "epsilon": slider(0, EPSILONS[-1], epsilon, 0.01, name="ε, the step of each pixel"),
        "name": choice(list(directions), name="direction"),
    }
    controls["epsilon"].readout_format = ".2f"

    def draw(number: int, epsilon: float, name: str) -> tuple:
        label, step = y[number - 1], round(100 * epsilon)
        steps, probs = raced(now(number - 1), label, name)
        fig, axes = laid_out((10.4, 3.0), ADVERSARY)
        draw_image(axes[0], steps[0], f"read as {_reading(probs[0])}", framed=True)
        change = steps[step] - steps[0]
        draw_image(axes[1], change, f"+ at most {epsilon:.2f}", signed=True, framed=True)
        draw_image(axes[2], steps[step], f"= read as {_reading(probs[step])}", framed=True)
        axes[2].images[0].set_clim(0, 1)
        _draw_before_and_after(axes[3], probs[0], probs[step])
        return fig, note() + _say_nudge(probs, label, step, name)

    title = "A nudge that you hardly see: how small a step changes the answer?"
    return follow(Explorer(title, draw, controls), images)


def _rows(images: object, labels: object) -> tuple[Callable[[int], Tensor], Callable, list]:
    """Return a function for the picture of a row, one for a word on it, and the labels."""
    y = torch.as_tensor(labels).flatten().tolist()
    if is_pad(images):
        if len(y) != 1:
            raise ValueError(f"a pad has one drawing, and it came with {len(y)} labels; give one")
        now, note = pictured(images)
        return lambda _row: now(), note, y
    if (
        not isinstance(images, Tensor)
        or images.ndim not in (3, 4)
        or len(images) != len(y)
        or not y
    ):
        shape = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise ValueError(
            f"images must be (N, H, W) with a label for each, got {shape} and {len(y)} labels; for "
            "a single picture pass image[None] and [label]"
        )
    pictures = [picture_of(image, "each of images") for image in images]
    return lambda row: pictures[row], lambda: "", y


def _draw_before_and_after(ax: Axes, before: Tensor, after: Tensor) -> None:
    places = np.arange(len(before))
    ax.bar(places - 0.2, 100 * to_numpy(before), 0.4, color=BLUE, label="before")
    ax.bar(places + 0.2, 100 * to_numpy(after), 0.4, color=ORANGE, hatch="//", label="after")
    ax.set(xticks=places, ylim=(0, 105), yticks=(0, 50, 100), ylabel="probability in %")
    ax.set_title("before and after", loc="center", fontsize=14)
    ax.legend(fontsize=12)


def _say_nudge(probs: Tensor, label: int, step: int, name: str) -> str:
    answers = probs.argmax(1)
    wrong = (answers != label).nonzero().flatten().tolist()
    first = (
        f"The smallest ε of these that makes the answer wrong is {EPSILONS[wrong[0]]:.2f}."
        if wrong
        else f"No ε up to {EPSILONS[-1]} makes the answer wrong."
    )
    return (
        f"A {label}, read as {_reading(probs[0])}. Every pixel moved by at most "
        f"{EPSILONS[step]:.2f}, by {name}: read as {_reading(probs[step])}. {first}"
    )
