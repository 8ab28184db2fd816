"""Explorers of lesson 07: what a net sees of a drawing, what disturbs it, when to reject it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, choice, choice_slider, switch, whole_slider
from course_utils.figures import (
    AMBER,
    BLUE,
    INK,
    ORANGE,
    RULE,
    draw_image,
    draw_lines,
    figure,
    to_numpy,
)
from course_utils.ink.disturbances import DISTURBANCES
from course_utils.ink.normalize import DIGIT, PICTURE, Stroke, ink_box, normalize_drawing, rasterize
from course_utils.training import predict

Models = Mapping[str, nn.Module]


def robustness_explorer(
    curves: Mapping[str, Mapping[str, Sequence[float]]], images: Tensor, *, step: int = 4
) -> Explorer:
    """Return an explorer: choose a disturbance and its strength, see digits and accuracies.

    Args:
        curves: for each name in DISTURBANCES, and for each model, its accuracy at each strength.
        images: digits to show, (N, 28, 28), float from 0 to 1; the first twelve are drawn.
        step: the strength to begin with, from 0 to 8.

    Raises:
        ValueError: a curve has not as many points as there are strengths.

    >>> robustness_explorer({"shift": {"softmax": accuracies}}, images)
    """
    for name, lines in curves.items():
        for model, accuracies in lines.items():
            if len(accuracies) != len(DISTURBANCES[name].strengths):
                raise ValueError(
                    f"{model} has {len(accuracies)} accuracies for {name!r}, one for each of the "
                    f"{len(DISTURBANCES[name].strengths)} strengths was wanted"
                )
    shown = torch.as_tensor(images[:12]).detach().cpu().float()

    def draw(name: str, step: int) -> tuple:
        how = DISTURBANCES[name]
        strength = how.strengths[step]
        fig, (left, right) = figure(columns=2, size=(10.4, 4.0))
        draw_lines(left, curves[name], x=how.strengths)
        left.axvline(strength, color=AMBER, linestyle="-", linewidth=5, alpha=0.5, label="_here")
        left.set(title=f"Right answers, by {name}", xlabel=how.says, ylim=(-0.02, 1.02))
        left.set_ylabel("share of the digits")
        left.legend(fontsize=11)
        draw_image(right, _sheet(how.apply(shown, strength), columns=4), "what the models see")
        said = sorted(((lines[step], model) for model, lines in curves[name].items()), reverse=True)
        listed = ", ".join(f"{model} {100 * right:.0f}%" for right, model in said)
        return fig, f"{name.capitalize()}, {_minus(strength)} {how.says}: {listed}."

    def touch(x: float, _y: float) -> dict[str, object]:
        strengths = np.array(DISTURBANCES[controls["name"].value].strengths)
        return {"step": int(np.abs(strengths - x).argmin())}

    controls = {
        "name": choice(list(curves), name="what happens"),
        "step": whole_slider(0, 8, step, name="strength, 0 to 8"),
    }
    title = "What happens to the digits, and how much of it? (Touch the curves, or use the slider.)"
    return Explorer(title, draw, controls, touch=touch)


def _sheet(images: Tensor, columns: int) -> Tensor:
    """Lay pictures side by side: (N, H, W) -> (N / columns · H, columns · W)."""
    n, height, width = images.shape
    images = F.pad(images, (0, 0, 0, 0, 0, -n % columns))
    rows = images.reshape(-1, columns, height, width).transpose(1, 2)
    return rows.reshape(-1, columns * width)


def _minus(number: float) -> str:
    """Return a number with a true minus sign."""
    return f"{number:g}".replace("-", "−")


CROP, ASPECT, CENTER = "crop", "keep_aspect", "center"
SWITCHES = {
    CROP: "crop to the ink",
    ASPECT: "keep width : height",
    CENTER: "centre of mass to the middle",
}
PAD_SIDE = 140  # pixels of ink here; fine enough to look at, and four times as fast
YOURS = "yours, on the pad"


class HasStrokes(Protocol):
    """What this file wants of a drawing pad."""

    strokes: Sequence[Stroke]


def normaliser(
    models: Models,
    drawings: Mapping[str, Sequence[Stroke]],
    *,
    pad: HasStrokes | None = None,
    model: str = "",
    size: int = 50,
    right: int = -20,
    down: int = -20,
) -> Explorer:
    """Return an explorer: switch off the steps between the ink and what a model sees.

    Args:
        models: each takes (N, 1, 28, 28) from 0 to 1 and gives logits (N, 10).
        drawings: strokes for each name, as `rasterize` takes them.
        pad: a drawing pad; what lies on it can be chosen as well.
        model: the name of the model to begin with; the last one where left out.
        size, right, down: where the drawing stands at first, all in percent of the pad.

    Raises:
        ValueError: there is no model or no drawing.

    >>> normaliser({"softmax": model}, {"7": neat("crossed 7")}, pad=pad)
    """
    if not models or not drawings:
        raise ValueError(f"{len(models)} models and {len(drawings)} drawings came; give one each")
    names = [*drawings, YOURS] if pad is not None else list(drawings)
    controls = {name: switch(words, width=300) for name, words in SWITCHES.items()} | {
        "drawing": choice(names, name="drawing"),
        "model": choice(list(models), model or list(models)[-1], name="model"),
        "size": whole_slider(20, 120, size, name="size in %"),
        "right": whole_slider(-40, 40, right, name="right in %"),
        "down": whole_slider(-40, 40, down, name="down in %"),
    }
    controls["size"].step = controls["right"].step = controls["down"].step = 5

    def draw(drawing: str, model: str, size: int, right: int, down: int, **switches: bool) -> tuple:
        strokes = pad.strokes if drawing == YOURS else drawings[drawing]
        if not len(strokes):
            return _draw_empty("The pad is empty. Draw on it, then choose it here again.")
        by = np.array([right, down]) / 100
        placed = [0.5 + (np.array(stroke) - 0.5) * size / 100 + by for stroke in strokes]
        ink = rasterize(placed, side=PAD_SIDE)
        if not ink.any():
            return _draw_empty("All ink lies outside the pad. Bring it back with the sliders.")
        seen = torch.as_tensor(normalize_drawing(ink, **switches))
        probs = predict(models[model], seen[None, None]).softmax(1)[0]
        return _draw_normalised(ink, seen, probs, model, switches)

    title = "From the ink to what the model sees. Which step can it do without?"
    return Explorer(title, draw, controls)


def _draw_empty(why: str) -> tuple:
    fig, ax = figure(why, size=(10.4, 3.3))
    ax.set_axis_off()
    return fig, why


def _draw_normalised(
    ink: np.ndarray, seen: Tensor, probs: Tensor, model: str, switches: Mapping[str, bool]
) -> tuple:
    """Draw the ink with its box, the picture of 28 × 28 with its centre of mass, ten bars."""
    fig, (left, middle, right) = figure(columns=3, size=(10.4, 3.3))
    fig.get_layout_engine().set(w_pad=0.1)
    draw_image(left, ink, "the ink on the pad", framed=True)
    box = ink_box(ink)
    wide, high = box.right - box.left, box.bottom - box.top
    corner = (box.left - 0.5, box.top - 0.5)
    colour = AMBER if switches[CROP] else RULE
    left.add_patch(Rectangle(corner, wide, high, fill=False, edgecolor=colour, lw=2.5))

    draw_image(middle, seen, "what the model sees", framed=True)
    edge = (PICTURE - DIGIT) / 2 - 0.5
    middle.add_patch(Rectangle((edge, edge), DIGIT, DIGIT, fill=False, edgecolor=RULE, lw=1.5))
    row, column = _centre_of_mass(seen)
    middle.plot(14, 14, "+", color=RULE, markersize=16, mew=2, label="_pixel 14")
    middle.plot(column, row, "o", color=AMBER, markersize=9, label="_centre of mass")

    answer = _draw_bars(right, probs, model)
    off = [words for name, words in SWITCHES.items() if not switches[name]]
    return fig, (
        f"The box of the ink: {wide / len(ink):.0%} × {high / len(ink):.0%} of the pad. "
        f"Centre of mass: row {row:.1f}, column {column:.1f}. "
        f"Switched off: {', '.join(off) or 'nothing'}.\n"
        f"{model} reads {answer} with {100 * probs[answer]:.0f}%."
    )


def _draw_bars(ax: object, probs: Tensor, model: str) -> int:
    """Draw ten bars, the largest in blue; return the answer."""
    percent, answer = 100 * to_numpy(probs), int(probs.argmax())
    bars = ax.bar(range(10), percent, color=RULE, edgecolor=INK, linewidth=0.8)
    bars[answer].set_color(BLUE)
    ax.text(answer, percent[answer] + 2, f"{percent[answer]:.0f}%", ha="center", fontsize=13)
    ax.set(xticks=range(10), ylim=(0, 115), yticks=(0, 50, 100), xlabel="answer")
    ax.set_title(f"{model} reads {answer}", loc="center", fontsize=14)
    ax.grid(False, axis="x")
    return answer


def _centre_of_mass(image: Tensor) -> tuple[float, float]:
    """Return row and column of the balance point of one picture."""
    pixels = torch.arange(float(PICTURE))
    row = (image.sum(1) @ pixels / image.sum()).item()
    return row, (image.sum(0) @ pixels / image.sum()).item()


THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)


class Answers(NamedTuple):
    """What a model says to digits and to drawings that are none.

    Attributes:
        probs: to the digits, (N, 10).
        labels: which digits they are, (N,).
        others: to the drawings that are no digit, (M, 10).
        drawings: these drawings, (M, 28, 28), from 0 to 1.
    """

    probs: Tensor
    labels: Tensor
    others: Tensor
    drawings: Tensor


def kept(answers: Answers, threshold: float) -> tuple[float, float, float]:
    """Return what happens if answers below a confidence are rejected.

    Returns:
        The share of the digits that is answered; the share of right answers among these, nan
        where none is; the share of the other drawings that is answered, which all are wrong.

    >>> kept(answers, 0.9)
    """
    sure = answers.probs.max(1)
    keep = sure.values >= threshold
    right = (sure.indices == answers.labels)[keep].float().mean().item()
    passing = (answers.others.max(1).values >= threshold).float().mean().item()
    return keep.float().mean().item(), right, passing


def rejecter(models: Mapping[str, Answers], *, threshold: float = 0.9) -> Explorer:
    """Return an explorer: move the confidence below which a model stays silent.

    Args:
        models: a name and what the model says, for each model.
        threshold: the confidence to begin with, one of THRESHOLDS.

    >>> rejecter({"LeNet": Answers(probs, labels, probs_of_others, others)})
    """
    models = {name: Answers(*(part.cpu() for part in said)) for name, said in models.items()}
    curves = {
        name: 100 * np.array([kept(answers, level) for level in THRESHOLDS]).T  # (3, thresholds)
        for name, answers in models.items()
    }

    def draw(model: str, threshold: float) -> tuple:
        fig, (left, right) = figure(columns=2, size=(10.4, 4.0))
        lines = ("digits answered", "of these, right", "other drawings answered")
        draw_lines(left, dict(zip(lines, curves[model], strict=True)))
        here = THRESHOLDS.index(threshold)
        left.axvline(here, color=AMBER, linestyle="-", linewidth=5, alpha=0.5, label="_here")
        left.set_xticks(range(len(THRESHOLDS)), [f"{t:g}" for t in THRESHOLDS], fontsize=11)
        left.set(title=f"{model}: what passes?", ylim=(-2, 103), ylabel="%")
        left.set_xlabel("answer from this confidence on")
        left.legend(fontsize=12, loc="lower left")
        _draw_passing(right, models[model], threshold)
        return fig, _say_kept(model, models[model], threshold)

    def touch(x: float, _y: float) -> dict[str, object]:
        return {"threshold": THRESHOLDS[int(np.clip(round(x), 0, len(THRESHOLDS) - 1))]}

    controls = {
        "model": choice(list(models), name="model"),
        "threshold": choice_slider(THRESHOLDS, threshold, name="threshold"),
    }
    title = "Silent below a confidence: what is gained, and what still passes? (Touch the curves.)"
    return Explorer(title, draw, controls, touch=touch)


def _draw_passing(ax: object, answers: Answers, threshold: float, columns: int = 6) -> None:
    """Draw the other drawings that are answered, the most confident first, with the answers."""
    sure = answers.others.max(1)
    order = sure.values.argsort(descending=True, stable=True)
    order = order[sure.values[order] >= threshold][: 3 * columns]
    shown = torch.zeros(3 * columns, PICTURE, PICTURE)
    shown[: len(order)] = answers.drawings[order]
    draw_image(ax, _sheet(shown, columns))
    ax.set_title("other drawings it answers, and how", loc="center", fontsize=14)
    for place, row in enumerate(order.tolist()):
        x, y = PICTURE * (place % columns) + 1, PICTURE * (place // columns) + 7
        ax.text(x, y, int(sure.indices[row]), color=ORANGE, fontsize=13, fontweight="bold")


def _say_kept(model: str, answers: Answers, threshold: float) -> str:
    coverage, accuracy, passing = kept(answers, threshold)
    right = "" if np.isnan(accuracy) else f", {100 * accuracy:.1f}% of these rightly"
    return (
        f"From {threshold:g} on, {model} answers {100 * coverage:.0f}% of the "
        f"{len(answers.labels)} digits{right}; and it answers {100 * passing:.0f}% of the "
        f"{len(answers.others)} drawings that are no digit."
    )
