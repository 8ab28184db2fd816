"""Where attention lies: a text against what is written of it, and what may come next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from torch import Tensor

from course_utils.figures.arrays import to_numpy
from course_utils.figures.base import figure, show
from course_utils.figures.style import AMBER, BLUE, INK, PAPER, RULE, drawing
from course_utils.models.translation import Translation, Translator

EXAMPLE = "tuesday , the third of march nineteen eighty seven"
ATTENTION = LinearSegmentedColormap.from_list("attention", [PAPER, BLUE])
WRITTEN = 0.095  # attention from which the percentage is written into its cell


@drawing()
def plot_alignment(model: Translator, text: str = EXAMPLE) -> None:
    """Show what a translator writes for a text, and where its attention lay at each letter.

    Raises:
        ValueError: a word of `text` is not known, or the model has no attention.

    >>> plot_alignment(load_pretrained("translator"), "the third of march 1987")
    """
    found = model.explain(text)
    if found.weights is None:
        raise ValueError("this translator has no attention to show; make it Translator()")
    rows = 0.3 * len(found.words)  # inches
    fig, ax = figure(size=(9, rows + 1.2))
    fig.set_layout_engine("none")
    ax.set_position((1.45 / 9, 0.75 / (rows + 1.2), 7.3 / 9, rows / (rows + 1.2)))
    draw_alignment(ax, found)
    ax.set_title(f"Attention while it wrote {found.text}")
    show(fig, f"“{text}” became {found.text}. Each column is a letter and adds up to 100%.")


@drawing()
def draw_alignment(ax: Axes, found: Translation, step: int | None = None) -> None:
    """Draw the attention of a translation: a row for each word, a column for each letter.

    Args:
        ax: where to draw.
        found: from `Translator.explain`.
        step: the letter to frame, from 1; the later ones stay blank. All are drawn without it.
    """
    n_letters, n_words = len(found.letters), len(found.words)
    last = n_letters if step is None else step
    ax.set(xlim=(-0.5, n_letters - 0.5), ylim=(n_words - 0.5, -0.5), xticks=(), yticks=())
    ax.set_xlabel("letters, as written", labelpad=24)
    _name_rows(ax, found.words, min(14, 150 / n_words))
    for place, letter in enumerate(found.letters[:last]):
        below = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "top"}
        ax.text(place, -0.025, letter, fontsize=14, **below)
    if step is not None:
        ax.set_title(f"so far: {''.join(found.letters[:step]).removesuffix('end')}", fontsize=15)
        ax.axvspan(step - 1.5, step - 0.5, fill=False, edgecolor=AMBER, lw=3, clip_on=False)
    if found.weights is None:
        words = (
            "no attention: all that is known of the text\nis the state in which the decoder starts"
        )
        ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", fontsize=13)
        return
    weights = to_numpy(found.weights[:last].T)  # (T, S)
    ax.imshow(
        weights,
        cmap=ATTENTION,
        vmin=0,
        vmax=1,
        aspect="auto",
        extent=(-0.5, last - 0.5, n_words - 0.5, -0.5),
    )
    for (row, column), weight in np.ndenumerate(weights):
        if weight >= WRITTEN:
            colour = "white" if weight > 0.55 else INK
            words = {"ha": "center", "va": "center", "fontsize": 11, "color": colour}
            ax.text(column, row, f"{100 * weight:.0f}", **words)


@drawing()
def draw_choices(ax: Axes, names: Sequence[str], probs: Tensor, title: str) -> None:
    """Draw a bar for each letter or word that may come next, the likeliest one in blue.

    Args:
        ax: where to draw.
        names: what may come, K of them.
        probs: their probabilities, (K,).
        title: a line above.
    """
    percent = 100 * to_numpy(probs)
    bars = ax.barh(range(len(names)), percent, color=RULE, edgecolor=INK, linewidth=0.8)
    bars[int(percent.argmax())].set_color(BLUE)
    for place, width in enumerate(percent):
        if width >= 0.5:
            ax.text(width + 2, place, f"{width:.0f}", va="center", fontsize=12)
    ax.set(xlim=(0, 118), ylim=(len(names) - 0.4, -0.6), xticks=(0, 50, 100), yticks=())
    _name_rows(ax, names, 13)
    ax.set_xlabel("probability in %")
    ax.set_title(title, fontsize=15)


def _name_rows(ax: Axes, names: Sequence[str], fontsize: float) -> None:
    """Write names left of rows 0, 1, 2, …; ticks would take five times as long to draw."""
    beside = {"transform": ax.get_yaxis_transform(), "ha": "right", "va": "center"}
    for place, name in enumerate(names):
        ax.text(-0.015, place, name, fontsize=fontsize, **beside)
