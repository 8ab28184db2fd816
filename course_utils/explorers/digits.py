"""Explorer of lessons 00 and 03: leaf through handwritten digits, and see what a model reads."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.explorers.base import Explorer, Stepper, choice
from course_utils.figures import draw_answers, draw_image, figure

Predict = Callable[[Tensor], Tensor]

ALL, RIGHT, WRONG = "all", "read rightly", "read wrongly"
SHEET = (4, 7)  # rows and columns of small pictures, where no model reads


def mnist_browser(
    images: Tensor,
    labels: Tensor,
    predict: Predict | None = None,
    *,
    title: str = "Leaf through the digits.",
    shown: str = ALL,
    number: int = 1,
) -> Explorer:
    """Return an explorer in which the learner picks a digit, and a model, if given, reads it.

    Args:
        images: (N, 28, 28), uint8 from 0 to 255 or float from 0 to 1.
        labels: (N,) int64, the digit that each picture shows, 0 to 9.
        predict: takes float32 (N, 1, 28, 28) from 0 to 1, gives probabilities (N, 10). It is
            called once, with all pictures. Without it, the pictures that follow are shown.
        title: what there is to find out.
        shown: which pictures to begin with: "all", "read rightly" or "read wrongly".
        number: which of them to begin with, from 1.

    Raises:
        ValueError: images, labels or probabilities have the wrong shape.

    >>> mnist_browser(mnist.test_images, mnist.test_labels)
    >>> mnist_browser(images, labels, lambda x: training.predict(model, x).softmax(1))
    """
    images, labels = _checked(images), torch.as_tensor(labels).cpu()
    if labels.shape != (len(images),):
        raise ValueError(
            f"labels must be ({len(images)},), one for each image, got {tuple(labels.shape)}"
        )
    probs = None if predict is None else _probabilities(predict, _pixels(images))
    controls = {"digit": choice([ALL, *range(10)], name="digit")}
    if probs is not None:
        controls["shown"] = choice([ALL, RIGHT, WRONG], shown, name="show")
    rows = _rows(labels, probs, ALL, shown)
    controls["number"] = pick = Stepper(max(1, len(rows)), start=number, name="picture")
    pick.slider.min, pick.slider.style.description_width = 1, "80px"

    def restart(_change: object) -> None:
        values = {name: control.value for name, control in controls.items() if control is not pick}
        pick.slider.value = 1
        pick.slider.max = max(1, len(_rows(labels, probs, **values)))

    for name in controls.keys() - {"number"}:
        controls[name].observe(restart, names="value")

    def draw(digit: str | int, number: int, shown: str = ALL) -> tuple:
        rows = _rows(labels, probs, digit, shown)
        if not len(rows):
            return _draw_nothing(f"There is no picture here: digit {digit}, {shown}.")
        number = min(number, len(rows))
        row = int(rows[number - 1])
        place = f"Picture {number:,} of {len(rows):,}, row {row} of the data:"
        if probs is None:
            following = rows[number - 1 : number + SHEET[0] * SHEET[1]]
            return _draw_sheet(_pixels(images[following]), int(labels[row]), place)
        return _draw_reading(_pixels(images[row]), int(labels[row]), probs[row], place)

    return Explorer(title, draw, controls)


def _checked(images: Tensor) -> Tensor:
    images = torch.as_tensor(images).cpu()
    if images.ndim != 3 or images.shape[1:] != (28, 28) or not len(images):
        raise ValueError(
            f"images must be (N, 28, 28) with at least one picture, got {tuple(images.shape)}; "
            "for a single picture pass image[None]"
        )
    return images


def _pixels(images: Tensor) -> Tensor:
    """Return pixels as float32 from 0 to 1."""
    return images.float() / 255 if images.dtype == torch.uint8 else images.float()


def _probabilities(predict: Predict, images: Tensor) -> Tensor:
    """Return what the model says to all pictures, (N, 10) on the CPU."""
    probs = torch.as_tensor(predict(images[:, None])).detach().cpu()  # (N, 28, 28) -> (N, 10)
    if probs.shape != (len(images), 10):
        raise ValueError(
            f"predict must give ({len(images)}, 10) probabilities for {len(images)} images, got "
            f"{tuple(probs.shape)}"
        )
    if not torch.allclose(probs.sum(1), torch.ones(len(probs), dtype=probs.dtype), atol=1e-3):
        raise ValueError(
            "predict must give probabilities, which add up to 1 for each image; take "
            "logits.softmax(1)"
        )
    return probs


def _rows(labels: Tensor, probs: Tensor | None, digit: str | int, shown: str = ALL) -> Tensor:
    """Return the row numbers of the pictures that the menus ask for."""
    keep = torch.ones(len(labels), dtype=torch.bool)
    if digit != ALL:
        keep &= labels == digit
    if probs is not None and shown != ALL:
        keep &= (probs.argmax(1) == labels) == (shown == RIGHT)
    return keep.nonzero().flatten()


def _draw_reading(image: Tensor, label: int, probs: Tensor, place: str) -> tuple:
    """Draw one picture beside ten bars, one for each answer of the model."""
    answer = int(probs.argmax())
    fig, (left, right) = figure(columns=2, size=(9, 3.6))
    draw_image(left, image, framed=True)
    draw_answers(right, probs, label)
    return fig, (
        f"{place} a {label}. The model gives the answer {answer} a probability of "
        f"{100 * probs[answer]:.0f}%. That is {'right' if answer == label else 'wrong'}."
    )


def _draw_sheet(images: Tensor, label: int, place: str) -> tuple:
    """Draw the first picture large, with those that follow it small beside it."""
    rows, columns = SHEET
    sheet = torch.zeros(rows * columns, 28, 28)
    sheet[: len(images) - 1] = images[1:]
    sheet = sheet.reshape(rows, columns, 28, 28).transpose(1, 2).reshape(rows * 28, columns * 28)
    fig, (left, right) = figure(columns=2, size=(9, 3.6))
    draw_image(left, images[0], f"a {label}", framed=True)
    draw_image(right, sheet, "those that follow")
    ink = (images[0] > 0).float().mean()
    return fig, f"{place} a {label}. {100 * ink:.0f}% of its 784 pixels have some ink."


def _draw_nothing(why: str) -> tuple:
    fig, ax = figure(why, size=(9, 3.6))
    ax.set_axis_off()
    return fig, why
