"""An explorer of lesson 09: names that a model writes, from timid to wild."""

from __future__ import annotations

from functools import cache

from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.datasets.names import keep_letters, load_names
from course_utils.explorers.base import Explorer, slider, text_box, whole_slider
from course_utils.explorers.gates import draw_next, likeliest
from course_utils.figures import BLUE, GREEN, INK, figure
from course_utils.training import next_letter, sample_names

N_NAMES, COLUMNS = 18, 3
LONGEST_START = 8
LEARNED, UNSEEN, NEW = "learned from", "real, not seen", "made up"
LOOKS = {LEARNED: (INK, "•"), UNSEEN: (GREEN, "★"), NEW: (BLUE, "")}


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    names = load_names()
    return frozenset(names.train), frozenset(names.val + names.test)


def kind_of(name: str) -> str:
    """Tell whether a name was learned from, is in the census but was not seen, or is made up."""
    train, rest = _known()
    return LEARNED if name in train else UNSEEN if name in rest else NEW


def temperature_sampler(model: nn.Module, start: str = "al") -> Explorer:
    """Return an explorer: a temperature and first letters, the names that come of them.

    Args:
        model: takes symbols (N, T), gives logits (N, 28, T), as `load_pretrained("names")` does.
        start: the first letters to begin with.

    >>> temperature_sampler(load_pretrained("names"))
    """

    def draw(start: str, temperature: float, seed: int) -> tuple:
        start = keep_letters(start)[:LONGEST_START]
        written = sample_names(model, N_NAMES, temperature, seed, start)
        probs = next_letter(model, start, temperature)
        fig, (left, right) = figure(columns=2, size=(10.4, 4.1))
        _draw_names(left, written, temperature)
        draw_next(right, probs, next_letter(model, start))
        right.set_title(f"After “{start}”; outlines: T = 1" if start else "First; outlines: T = 1")
        return fig, _say(written, probs, start)

    return Explorer(
        "Turn the temperature. Which names does the model write?",
        draw,
        {
            "start": text_box(start, name="first letters"),
            "temperature": slider(0.1, 2, 0.8, 0.1, name="temperature T"),
            "seed": whole_slider(0, 30, 0, name="draw"),
        },
    )


def _draw_names(ax: Axes, names: list[str], temperature: float) -> None:
    rows = -(-len(names) // COLUMNS)
    ax.set(
        title=f"{len(names)} names at T = {temperature:.1f}", xlim=(0, COLUMNS), ylim=(-0.5, rows)
    )
    for index, name in enumerate(names):
        column, row = divmod(index, rows)
        colour, sign = LOOKS[kind_of(name)]
        y = rows - 1 - row
        ax.text(column + 0.02, y, sign, color=colour, va="center", fontsize=14)
        ax.text(column + 0.14, y, name[:13], color=colour, va="center", fontsize=14)
    ax.set(xticks=(), yticks=())
    ax.grid(False)
    ax.spines[:].set_visible(False)


def _say(names: list[str], probs: Tensor, start: str) -> str:
    counts = [sum(kind_of(name) == kind for name in names) for kind in LOOKS]
    entropy = -(probs * probs.clamp_min(1e-30).log2()).sum().item()
    return (
        f"{counts[0]} of {len(names)} it had learned from (•), {counts[1]} are real but were not "
        f"seen (★), {counts[2]} are made up.\n"
        f"Next letter{f' after “{start}”' if start else ''}: {likeliest(probs)}; "
        f"{entropy:.1f} bits of doubt."
    )
