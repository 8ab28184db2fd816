"""A table of drawings and of what models read in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.figures.arrays import to_numpy
from course_utils.figures.base import figure, show_as
from course_utils.figures.style import BLUE, GREYS, INK, ORANGE, drawing

TOP = 2.4  # the height of the row of pictures, in rows of the table


@drawing()
def show_readings(
    images: Tensor,
    labels: Sequence[int],
    answers: Mapping[str, Tensor],
    *,
    names: Sequence[str] = (),
    says: str = "",
) -> None:
    """Show some drawings, and beneath each what every model reads and how sure it is.

    Args:
        images: (N, 28, 28), up to twelve.
        labels: the digit that each shows; -1 where it shows none, so that every answer is wrong.
        answers: a name and the probabilities, (N, 10), of each model.
        names: a word for each drawing, beneath it.
        says: what the table shows, for the title and the summary.

    Raises:
        ValueError: the numbers of images, labels and answers differ.
    """
    images, labels = to_numpy(images, float), to_numpy(labels).tolist()
    answers = {name: to_numpy(probs) for name, probs in answers.items()}
    n = len(images)
    if len(labels) != n or any(probs.shape != (n, 10) for probs in answers.values()):
        shapes = {name: probs.shape for name, probs in answers.items()}
        raise ValueError(f"{n} images came with {len(labels)} labels and answers {shapes}")
    width = max(n, 5)  # in columns of the table: one drawing shall not fill the page
    fig, ax = figure(says, size=(1.2 + 0.95 * width, 1.75 + 0.42 * len(answers)))
    _draw_pictures(ax, images, names)
    lines = [_draw_row(ax, row, probs, labels) for row, probs in enumerate(answers.values(), 1)]
    ax.set(xlim=(-0.6, width - 0.4), ylim=(len(answers) + 0.6, -TOP - 0.1), aspect="auto")
    ax.set_yticks(range(1, len(answers) + 1), list(answers))
    text = [f"{name}: {line}" for name, line in zip(answers, lines, strict=True)]
    drawn = ", ".join(map(str, names)) if len(names) else ", ".join(map(str, labels))
    show_as(fig, "\n".join([says, f"drawings: {drawn}", *text]))


def _draw_pictures(ax: Axes, images: np.ndarray, names: Sequence[str]) -> None:
    """Draw the row of drawings above the table, which has no lines of its own."""
    for column, image in enumerate(images):
        extent = (column - 0.45, column + 0.45, -0.55, -TOP)
        ax.imshow(image, cmap=GREYS, vmin=0, vmax=float(image.max()) or 1.0, extent=extent)
        if len(names):
            ax.text(column, -0.22, names[column], ha="center", va="center", fontsize=11)
    ax.set_xticks(())
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)


def _draw_row(ax: Axes, row: int, probs: np.ndarray, labels: Sequence[int]) -> str:
    """Write one model's answers into the table; return them in words."""
    said = []
    for column, (chances, label) in enumerate(zip(probs, labels, strict=True)):
        answer, wrong = int(chances.argmax()), int(chances.argmax()) != int(label)
        ax.add_patch(
            Rectangle(
                (column - 0.47, row - 0.45),
                0.94,
                0.9,
                color=ORANGE if wrong else BLUE,
                alpha=0.85 if wrong else 0.16,
                linewidth=0,
            )
        )
        ax.text(
            column,
            row,
            f"{answer}  {100 * chances[answer]:.0f}%",
            ha="center",
            va="center",
            fontsize=12.5,
            color="white" if wrong else INK,
            fontweight="bold" if wrong else "normal",
        )
        said.append(f"{answer}{' (wrong)' if wrong and label >= 0 else ''}")
    return ", ".join(said)
