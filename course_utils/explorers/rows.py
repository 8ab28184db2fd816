"""The explorer of lesson 08 that reads a digit row by row, and what a model thinks on the way."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, Stepper, choice
from course_utils.explorers.following import follow, remembered
from course_utils.figures import (
    AMBER,
    BLUE,
    PAPER,
    RULE,
    draw_answers,
    draw_image,
    laid_out,
    to_numpy,
)
from course_utils.microscope import CLASSES, ROWS, opinions, pictured

PLACES = ((0.15, 0.6, 2.95, 2.95), (3.75, 0.6, 2.75, 2.95), (7.3, 0.6, 2.75, 2.95))
CONFIDENCE = LinearSegmentedColormap.from_list("confidence", [PAPER, BLUE])


def row_reader(
    model: nn.Module | Mapping[str, nn.Module], image: object = None, *, row: int = 14
) -> Explorer:
    """Return an explorer: read a digit row by row, see what the model thinks after each row.

    Args:
        model: see `opinions`; or several, with a name each. A model is asked as it is when a
            picture is first looked at; make the explorer again after more training.
        image: a grey picture (28, 28), or a drawing pad, whose drawing is followed; a digit of
            the sample where left out.
        row: how many rows are read at first, from 1 to 28.

    Raises:
        ValueError: a model or the picture is none that `opinions` takes.

    >>> row_reader(load_pretrained("rows"), pad)
    """
    models = model if isinstance(model, Mapping) else {"the model": model}
    now, note = pictured(image)
    asked = remembered(lambda picture, name: opinions(models[name], picture))
    for name in models:
        asked(now(), name)  # refuses what does not fit before anything is drawn
    controls = {"row": Stepper(ROWS, start=row, name="rows read")}
    controls["row"].slider.min = 1
    if len(models) > 1:
        controls["name"] = choice(list(models), name="model")

    def draw(row: int, name: str = next(iter(models))) -> tuple:
        picture = now()
        probs = asked(picture, name)
        fig, axes = laid_out((10.2, 3.9), PLACES)
        _draw_read(axes[0], picture, row)
        _draw_opinions(axes[1], probs, row)
        draw_answers(axes[2], probs[row - 1])
        axes[2].set_title(f"now: {int(probs[row - 1].argmax())}", loc="left", fontsize=14)
        return fig, note() + _say(probs, row)

    def touch(_x: float, y: float) -> dict[str, object]:
        return {"row": int(np.clip(round(y) + 1, 1, ROWS))}

    title = "Read a digit row by row: what does the model think on the way? (Touch a row.)"
    return follow(Explorer(title, draw, controls, touch=touch), image)


def _draw_read(ax: Axes, picture: Tensor, row: int) -> None:
    """Draw the rows that are read; hatch the others."""
    read = picture.clone()
    read[row:] = 0
    draw_image(ax, read, "what is read", framed=True)
    ax.images[0].set_clim(0, float(picture.max()) or 1.0)
    edges = {"hatch": "//", "facecolor": PAPER, "edgecolor": RULE, "lw": 0}
    ax.add_patch(Rectangle((-0.5, row - 0.5), ROWS, ROWS - row, **edges))
    ax.axhline(row - 0.5, color=AMBER, lw=3, ls="-", label="_here")


def _draw_opinions(ax: Axes, probs: Tensor, row: int) -> None:
    """Draw the probabilities after each row, beside that row; later ones stay blank."""
    shown = np.where(np.arange(ROWS)[:, None] < row, to_numpy(probs), np.nan)
    colours = {"cmap": CONFIDENCE, "norm": PowerNorm(0.75, 0, 1)}  # so that 10% can be seen
    ax.imshow(shown, aspect="auto", interpolation="nearest", **colours)
    ax.axhline(row - 0.5, color=AMBER, lw=3, ls="-", label="_here")
    ax.set(xticks=range(CLASSES), yticks=(0, 6, 13, 20, 27), xlabel="answer", ylabel="after row")
    ax.set_yticklabels(["1", "7", "14", "21", "28"])
    ax.set_title("the darker, the surer", loc="center", fontsize=14)
    for spine in ax.spines.values():
        spine.set(visible=True, color=RULE)


def runs(probs: Tensor) -> list[tuple[int, int]]:
    """Return where the answer changes: each new answer, and the row (from 1) that brings it.

    >>> runs(torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]))
    [(0, 1), (1, 3)]
    """
    answers = [-1, *probs.argmax(1).tolist()]
    changes = enumerate(pairwise(answers), 1)
    return [(now, row) for row, (before, now) in changes if now != before]


def _say(probs: Tensor, row: int) -> str:
    so_far = runs(probs[:row])
    told = ", ".join(f"{answer} from row {start}" for answer, start in so_far)
    answer, start = so_far[-1]
    return (
        f"After row {row} of {ROWS} it says {answer} with {100 * probs[row - 1, answer]:.0f}%, "
        f"and has said so since row {start}. Its answers so far: {told}."
    )
