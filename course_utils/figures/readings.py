"""Tables beneath drawings: what models read in them, and how many of their kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
    text = [f"drawings: {', '.join(map(str, names if len(names) else labels))}"]
    _show_table(images, names, answers, lambda *row: _draw_row(*row, labels), [says, *text])


@drawing()
def show_shares(
    images: Tensor, shares: Mapping[str, Sequence[float]], *, names: Sequence[str], says: str = ""
) -> None:
    """Show drawings, and beneath each what share of its kind every model reads.

    Args:
        images: (N, 28, 28), one drawing of each kind.
        shares: a name and the share of each kind, (N,), from 0 to 1, of each model.
        names: a word for each kind, beneath its drawing.
        says: what the table shows, for the title and the summary.

    Raises:
        ValueError: the numbers of images, names and shares differ.
    """
    images, n = to_numpy(images, float), len(images)
    if len(names) != n or any(len(row) != n for row in shares.values()):
        counts = {name: len(row) for name, row in shares.items()}
        raise ValueError(f"{n} images came with {len(names)} names and shares {counts}")
    _show_table(images, names, shares, _draw_shares, [says, f"drawings: {', '.join(names)}"])


def _show_table(
    images: np.ndarray,
    names: Sequence[str],
    rows: Mapping[str, object],
    draw: Callable[[Axes, int, object], str],
    text: Sequence[str],
) -> None:
    """Show pictures above a table; `draw` writes a row of it and returns it in words.

    The first line of the text is the title; the rows in words follow it in the summary.
    """
    width = max(len(images), 5)  # in columns of the table: one drawing shall not fill the page
    fig, ax = figure(text[0], size=(1.2 + 0.95 * width, 1.75 + 0.42 * len(rows)))
    _draw_pictures(ax, images, names)
    lines = [draw(ax, row, values) for row, values in enumerate(rows.values(), 1)]
    ax.set(xlim=(-0.6, width - 0.4), ylim=(len(rows) + 0.6, -TOP - 0.1), aspect="auto")
    ax.set_yticks(range(1, len(rows) + 1), list(rows))
    said = [f"{name}: {line}" for name, line in zip(rows, lines, strict=True)]
    show_as(fig, "\n".join([*text, *said]))


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
        _draw_cell(ax, row, column, f"{answer}  {100 * chances[answer]:.0f}%", wrong)
        said.append(f"{answer}{' (wrong)' if wrong and label >= 0 else ''}")
    return ", ".join(said)


def _draw_shares(ax: Axes, row: int, shares: Sequence[float]) -> str:
    """Write one model's shares into the table, below nine tenths in orange; return them."""
    said = [f"{100 * share:.0f}%" for share in shares]
    for column, (share, words) in enumerate(zip(shares, said, strict=True)):
        _draw_cell(ax, row, column, words, share < 0.9)
    return ", ".join(said)


def _draw_cell(ax: Axes, row: int, column: int, words: str, wrong: bool) -> None:
    look = {"color": ORANGE, "alpha": 0.85} if wrong else {"color": BLUE, "alpha": 0.16}
    ax.add_patch(Rectangle((column - 0.47, row - 0.45), 0.94, 0.9, linewidth=0, **look))
    style = {"color": "white", "fontweight": "bold"} if wrong else {"color": INK}
    ax.text(column, row, words, ha="center", va="center", fontsize=12.5, **style)
