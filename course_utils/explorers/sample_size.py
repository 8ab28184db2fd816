"""Explorer of lesson 00: from how many digits a reader learned, and both its errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.explorers.base import Explorer, choice, choice_slider
from course_utils.figures import AMBER, BLUE, ORANGE, TRAINED, draw_image, figure, to_numpy

SHEET = (5, 8)  # rows and columns of new digits that are shown
MOST = 50  # percent; errors above are drawn at this

Answers = Mapping[int, tuple[Tensor, Tensor]]


def sample_size_slider(
    answers: Mapping[str, Answers], labels: Tensor, new_images: Tensor, new_labels: Tensor
) -> Explorer:
    """Return an explorer: choose a reader, and from how many digits it learned.

    Args:
        answers: for each reader by name and each number n of digits, the same for all readers:
            what it answers to those that it learned from, (n,), and to the new ones, (N,).
        labels: of the digits to learn from, at least as many as the largest n; the first n count.
        new_images: (N, 28, 28), N at least 40; the first 40 are shown.
        new_labels: (N,).

    Raises:
        ValueError: there are not as many answers as digits.

    >>> sample_size_slider({"ours": {100: (old_100, new)}}, labels, new_images, new_labels)
    """
    labels, new_labels = labels.cpu(), new_labels.cpu()
    answers = {
        name: {n: tuple(part.cpu() for part in pair) for n, pair in found.items()}
        for name, found in answers.items()
    }
    errors = {
        name: {n: _errors(pair, labels[:n], new_labels) for n, pair in found.items()}
        for name, found in answers.items()
    }
    sizes = list(next(iter(answers.values())))

    def draw(reader: str, n: int) -> tuple:
        fig, (left, right) = figure(columns=2, size=(10, 4.1))
        _draw_errors(left, errors[reader], n)
        _draw_new_digits(right, new_images, answers[reader][n][1], new_labels)
        train, test = errors[reader][n]
        return fig, (
            f"Learned from {n:,} digits: {train:.0%} of these are read wrongly, and {test:.0%} of "
            f"{len(new_labels):,} new ones."
        )

    return Explorer(
        "How many digits does a reader need?",
        draw,
        {
            "reader": choice(list(answers), name="reader"),
            "n": choice_slider(sizes, sizes[0], name="digits to learn from"),
        },
    )


def _errors(answers: tuple[Tensor, Tensor], *labels: Tensor) -> tuple[float, ...]:
    """Return the shares of wrong answers, to old digits and to new ones."""
    for given, right in zip(answers, labels, strict=True):
        if given.shape != right.shape:
            raise ValueError(f"{len(right)} digits came with {tuple(given.shape)} answers")
    return tuple(
        (given != right).float().mean().item() for given, right in zip(answers, labels, strict=True)
    )


def _draw_errors(ax: Axes, errors: Mapping[int, tuple[float, float]], n: int) -> None:
    places = range(len(errors))
    ax.axvline(list(errors).index(n), color=AMBER, linestyle="-", linewidth=12, alpha=0.35)
    train, test = np.minimum(100 * np.array(list(errors.values())).T, MOST)
    new = {"color": ORANGE, "marker": "^", "linestyle": "--", "label": "new digits"}
    old = {"color": BLUE, "marker": "o", "linestyle": "-", "label": "digits learned from"}
    ax.plot(places, test, **new, gid=TRAINED)
    ax.plot(places, train, **old, gid=TRAINED)
    ax.set(title="Read wrongly", xlabel="digits to learn from", ylabel="percent")
    ax.set(ylim=(-1.5, MOST), xlim=(-0.4, len(errors) - 0.6))
    ax.set_xticks(places, [f"{size:,}" for size in errors])
    ax.legend(loc="upper right", fontsize=13, handlelength=2.4)


def _draw_new_digits(ax: Axes, images: Tensor, answers: Tensor, labels: Tensor) -> None:
    """Draw the first new digits, with a frame and the answer where that is wrong."""
    rows, columns = SHEET
    sheet = to_numpy(images[: rows * columns], float).reshape(rows, columns, 28, 28)
    draw_image(ax, sheet.transpose(0, 2, 1, 3).reshape(rows * 28, columns * 28))
    ax.set_title("Forty new digits; in a frame: how it is misread", fontsize=14)
    wrong = (answers != labels)[: rows * columns].nonzero().flatten().tolist()
    for row, column in (divmod(place, columns) for place in wrong):
        corner, answer = (28 * column - 0.5, 28 * row - 0.5), int(answers[row * columns + column])
        ax.add_patch(Rectangle(corner, 28, 28, fill=False, edgecolor=ORANGE, linewidth=2.5))
        ax.text(corner[0] + 24, corner[1] + 7, answer, color=ORANGE, ha="center", va="center")
