"""Explorers of lesson 03: turn scores into chances, see a template vote, move a digit about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor

from course_utils.explorers.base import Explorer, Stepper, choice, slider, whole_slider
from course_utils.explorers.digits import Predict
from course_utils.figures import (
    AMBER,
    BLUE,
    COLOURS,
    INK,
    ORANGE,
    RULE,
    draw_answers,
    draw_image,
    figure,
    to_numpy,
)

SIDE = 28
MIDDLE = (SIDE - 1) / 2  # 13.5, the centre of the picture in pixels counted from 0
AS_IS, REPAIRED = "as it is", "centred"


@np.errstate(all="ignore")
def softmax(z: ArrayLike, temperature: float = 1.0) -> np.ndarray:
    """Return the probabilities of some scores, (K,) -> (K,), without overflow.

    Args:
        z: the scores.
        temperature: the scores are divided by it; above 1 evens the chances out.

    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    """
    scores = np.asarray(z, dtype=float) / temperature
    power = np.exp(scores - scores.max())
    return power / power.sum()


def softmax_dial(start: tuple[float, ...] = (2.0, 1.0, 0.0)) -> Explorer:
    """Return an explorer: move the scores of some classes and a temperature, see the chances.

    Args:
        start: the first scores, one for each class, from -5 to 5.
    """
    names = [f"z{index}" for index in range(len(start))]

    def draw(temperature: float, **scores: float) -> tuple:
        z = np.array([scores[name] for name in names])
        return _draw_dial(z, softmax(z, temperature), temperature)

    def touch(x: float, y: float) -> dict[str, object]:
        index = int(np.clip(round(x), 0, len(names) - 1))
        return {names[index]: float(np.clip(round(2 * y) / 2, -5, 5))}

    controls = {
        name: slider(-5, 5, value, 0.5, name=f"score {_sub('z', index)}")
        for index, (name, value) in enumerate(zip(names, start, strict=True))
    }
    controls["temperature"] = slider(0.2, 5, 1, 0.2, name="temperature T")
    title = "Move the scores (or touch the left bars). What happens to the probabilities?"
    return Explorer(title, draw, controls, touch=touch)


def _draw_dial(z: np.ndarray, probs: np.ndarray, temperature: float) -> tuple:
    fig, (left, right) = figure("The scores", columns=2, size=(9, 3.8))
    where, colours = range(len(z)), COLOURS[: len(z)]
    left.bar(where, z, color=colours)
    left.axhline(0, color=INK, linewidth=1, linestyle="-", label="_zero")
    left.set(ylim=(-5.5, 5.5), ylabel="score")
    left.set_xticks(where, [_sub("z", k) for k in where])
    right.bar(where, 100 * probs, color=colours)
    for k, prob in zip(where, probs, strict=True):
        right.text(k, 100 * prob + 2, f"{100 * prob:.1f}%", ha="center")
    right.set(title="Their softmax", ylim=(0, 112), ylabel="probability in %")
    right.set_xticks(where, [_sub("ŷ", k) for k in where])
    for ax in (left, right):
        ax.grid(False, axis="x")
    powers = np.exp(z / temperature)
    exponent = "e^z" if temperature == 1 else f"e^(z/{temperature:g})"
    listed = ", ".join(f"{power:.3g}" for power in powers)
    shares = ", ".join(f"{100 * prob:.1f}%" for prob in probs)
    return fig, f"{exponent} is {listed}; together {powers.sum():.3g}. The shares: {shares}."


def _sub(letter: str, index: int) -> str:
    return letter + "₀₁₂₃₄₅₆₇₈₉"[index]


def template_viewer(
    W: Tensor, b: Tensor, images: Tensor, labels: Tensor, *, number: int = 1
) -> Explorer:
    """Return an explorer: lay a template over a digit, see the score and what adds up to it.

    Args:
        W: weights (10, 784), a template for each digit.
        b: biases (10,).
        images: (N, 28, 28), float from 0 to 1.
        labels: the true digits, (N,).
        number: which picture to begin with, from 1.

    Raises:
        ValueError: a shape is another.
    """
    X = torch.as_tensor(images).detach().cpu().float()
    if X.ndim != 3 or X.shape[1:] != (SIDE, SIDE) or W.shape != (10, SIDE**2) or len(b) != 10:
        raise ValueError(
            "images must be (N, 28, 28), W (10, 784) and b (10,), got "
            f"{tuple(images.shape)}, {tuple(W.shape)} and {tuple(b.shape)}"
        )
    pictures, y = X.numpy(), torch.as_tensor(labels).tolist()
    templates, biases = to_numpy(W).reshape(10, SIDE, SIDE), to_numpy(b)
    scores = np.einsum("nij,kij->nk", pictures, templates) + biases  # (N, 10)

    def draw(number: int, template: int, row: int, column: int) -> tuple:
        image, k, n = pictures[number - 1], template, number - 1
        votes, pixel = image * templates[k], (row, column)
        sentence = (
            f"Picture {number}, a {y[n]}. {_say_vote(votes, biases[k], scores[n], k)}\n"
            f"The marked pixel, row {row}, column {column}: {image[pixel]:.2f} × "
            f"{_signed(templates[k][pixel], 2)} = {_signed(votes[pixel], 2)}."
        )
        return _draw_vote(image, templates[k], scores[n], k, pixel), sentence

    def touch(x: float, y: float) -> dict[str, object]:
        return {"row": _pixel(y), "column": _pixel(x)}

    pick = Stepper(len(pictures), start=number, name="picture")
    pick.slider.min = 1
    controls = {
        "number": pick,
        "template": choice(list(range(10)), y[number - 1], name="template"),
        "row": whole_slider(0, SIDE - 1, 14, name="pixel's row"),
        "column": whole_slider(0, SIDE - 1, 14, name="and column"),
    }
    title = "Lay a template over a digit. (Touch the digit, or use the sliders, to ask one pixel.)"
    return Explorer(title, draw, controls, touch=touch)


def _pixel(place: float) -> int:
    return int(np.clip(round(place), 0, SIDE - 1))


def _draw_vote(
    image: np.ndarray, template: np.ndarray, scores: np.ndarray, k: int, pixel: tuple[int, int]
) -> Figure:
    """Draw digit, template, their product and the ten scores; mark one pixel in the pictures."""
    fig, axes = figure(columns=4, size=(10.4, 3))
    draw_image(axes[0], image, "the digit", framed=True)
    draw_image(axes[1], template, f"× template {k}", signed=True, framed=True)
    draw_image(axes[2], image * template, "= votes, by pixel", signed=True, framed=True)
    row, column = pixel
    for ax in axes[:3]:
        ax.plot(column, row, "s", color=AMBER, markersize=10, mew=2.5, fillstyle="none", label="_")
    axes[3].set_box_aspect(1)  # as high as the pictures
    _draw_scores(axes[3], scores, k)
    return fig


def _say_vote(votes: np.ndarray, bias: float, scores: np.ndarray, k: int) -> str:
    winner = int(scores.argmax())
    best = "the highest of all" if k == winner else f"the highest is that of {winner}"
    upper, lower = votes[: SIDE // 2].sum(), votes[SIDE // 2 :].sum()
    return (
        f"Votes for it {votes[votes > 0].sum():.1f}, against it "
        f"{_signed(votes[votes < 0].sum())}, bias {_signed(bias)}: "
        f"the score of {k} is {_signed(scores[k])}; {best}. "
        f"Upper half {_signed(upper)}, lower half {_signed(lower)}."
    )


def _draw_scores(ax: object, scores: np.ndarray, k: int) -> None:
    bars = ax.barh(range(10), scores, color=RULE, edgecolor=INK, linewidth=0.8)
    bars[k].set_color(BLUE if scores[k] > 0 else ORANGE)
    ax.axvline(0, color=INK, linewidth=1, linestyle="-", label="_zero")
    ax.set(yticks=range(10), ylim=(9.6, -0.6))
    ax.set_title("ten scores", loc="center", fontsize=14)
    ax.grid(False, axis="y")


def _signed(number: float, digits: int = 1) -> str:
    """Return a rounded number with a true minus sign, and no minus before a zero."""
    return f"{round(float(number), digits) + 0.0:.{digits}f}".replace("-", "−")


def moved(image: Tensor, right: float = 0, down: float = 0, size: float = 1) -> Tensor:
    """Move and resize one picture; what leaves the frame is lost, what enters is paper.

    Args:
        image: (28, 28) float.
        right, down: pixels.
        size: 1 leaves it, 0.5 halves it, about the centre of the picture.

    Returns:
        (28, 28) float, interpolated linearly between pixels.

    >>> moved(torch.eye(28), right=3)[0, 3]
    tensor(1.)
    """
    x, y = -2 * right / SIDE / size, -2 * down / SIDE / size
    theta = torch.tensor([[[1 / size, 0, x], [0, 1 / size, y]]])  # (1, 2, 3)
    grid = F.affine_grid(theta, (1, 1, SIDE, SIDE), align_corners=False)
    return F.grid_sample(image[None, None], grid, align_corners=False)[0, 0]


def digit_mover(
    predict: Predict,
    images: Tensor,
    labels: Tensor,
    *,
    repair: Callable[[Tensor], Tensor] | None = None,
    right: int = 0,
) -> Explorer:
    """Return an explorer: push and resize a digit, and see what a model then reads.

    Args:
        predict: takes float32 (N, 1, 28, 28) from 0 to 1, gives probabilities (N, 10).
        images: (N, 28, 28) float from 0 to 1.
        labels: the true digits, (N,).
        repair: takes (N, 28, 28), gives them made ready for the model, such as centred; with it
            a menu chooses whether the model sees the picture before or after.
        right: how many pixels to the right it stands at first.

    Raises:
        ValueError: there is no picture, or `images` and `labels` differ in length.
    """
    X, y = torch.as_tensor(images).detach().cpu().float(), torch.as_tensor(labels).tolist()
    if X.ndim != 3 or X.shape[1:] != (SIDE, SIDE) or len(X) != len(y) or not y:
        raise ValueError(
            f"images must be (N, 28, 28) and labels (N,), got {tuple(images.shape)} and {len(y)}"
        )
    pick = Stepper(len(X), start=1, name="picture")
    pick.slider.min = 1
    controls = {
        "number": pick,
        "right": whole_slider(-8, 8, right, name="pixels right"),
        "down": whole_slider(-8, 8, 0, name="pixels down"),
        "size": whole_slider(40, 140, 100, name="size in %"),
    }
    controls["size"].step = 10
    if repair is not None:
        controls["seen"] = choice([AS_IS, REPAIRED], name="model sees it")

    def draw(number: int, right: int, down: int, size: int, seen: str = AS_IS) -> tuple:
        image = moved(X[number - 1], right, down, size / 100)
        if seen == REPAIRED:
            image = repair(image[None])[0]
        with torch.no_grad():
            probs = torch.as_tensor(predict(image[None, None])).detach().cpu()[0]
        place = f"Moved {right} right and {down} down, {size}% of its size".replace("-", "−")
        return _draw_moved(image, probs, y[number - 1], f"{place}; the model sees it {seen}")

    def touch(x: float, y: float) -> dict[str, object]:
        return {
            "right": int(np.clip(round(x - MIDDLE), -8, 8)),
            "down": int(np.clip(round(y - MIDDLE), -8, 8)),
        }

    title = "Push the digit about (or drag it) and resize it. When does the reader fail?"
    return Explorer(title, draw, controls, touch=touch)


def _draw_moved(image: Tensor, probs: Tensor, label: int, place: str) -> tuple:
    fig, (left, right) = figure(columns=2, size=(9, 3.5))
    draw_image(left, image, "what the model sees", framed=True)
    left.axhline(MIDDLE, color=AMBER, linewidth=1, linestyle=":", label="_middle")
    left.axvline(MIDDLE, color=AMBER, linewidth=1, linestyle=":", label="_middle")
    draw_answers(right, probs, label)
    answer = int(probs.argmax())
    verdict = "right" if answer == label else f"wrong, it is a {label}"
    return fig, f"{place}: it reads {answer} with {100 * probs[answer]:.0f}%, {verdict}."
