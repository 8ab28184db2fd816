"""An explorer of lesson 09: what the gates of an LSTM do while it reads the learner's own text."""

from __future__ import annotations

import math

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from torch import Tensor

from course_utils.datasets.names import (
    LETTERS,
    N_SYMBOLS,
    PAD,
    encode_names,
    keep_letters,
    load_names,
)
from course_utils.explorers.base import Explorer, Stepper, choice, text_box
from course_utils.figures import AMBER, BLUE, DIVERGING, INK, PAPER, figure, to_numpy
from course_utils.microscope import lstm_steps
from course_utils.models.language import CharLSTM
from course_utils.models.lending import borrowed, device_of

SHOWN = {
    "f: forget gate": "f",
    "i: input gate": "i",
    "g: candidate": "g",
    "c: cell": "c",
    "o: output gate": "o",
    "h: state": "h",
}
NOTHING = "no gate"
HOLDS = {NOTHING: {}} | {
    f"{gate} at {value} ({words})": {gate: float(value)}
    for gate, value, words in (
        ("f", 0, "forget all"),
        ("f", 1, "keep all"),
        ("i", 0, "let nothing in"),
        ("i", 1, "let all in"),
        ("o", 0, "say nothing"),
        ("o", 1, "say all"),
    )
}
LONGEST = 16  # letters of a text that are read
START, STOP = "▸", "■"  # how the sign before the first letter, and the end, are written
VOWELS, PROGRESS, FIRST = "vowel or not", "letters read so far", "first letter or not"
SORTS = {  # what the units are sorted by, as a number for each symbol of (N, T)
    PROGRESS: lambda X: torch.arange(X.shape[-1]).expand_as(X),
    VOWELS: lambda X: torch.isin(X, encode_names(["aeiou"])[0, 1:-1]),
    FIRST: lambda X: torch.arange(X.shape[-1]).expand_as(X) == 1,
}
TOP = {
    PROGRESS: "grow with the letters read",
    VOWELS: "larger at vowels",
    FIRST: "larger at the first letter",
}
OPEN = LinearSegmentedColormap.from_list("open", [PAPER, BLUE])  # a gate from 0, shut, to 1, open
REACH = {"g": 1.0, "c": 2.0, "h": 1.0}  # where the colours of what has a sign end


class Reading:
    """A text as an LSTM reads it, with its gates as they are or with some of them held.

    Args:
        model: as `load_pretrained("names")` gives it.
        text: letters a to z.
        hold: see `lstm_steps`.

    Attributes:
        steps: f, i, o, g, c and h after the start and after each letter, each (1 + letters, H).
        probs: how likely each of the 27 symbols is next, (1 + letters, 27).

    >>> Reading(model, "ann", {"f": 0.0}).probs.shape
    torch.Size([4, 27])
    """

    def __init__(self, model: CharLSTM, text: str, hold: dict[str, float] | None = None) -> None:
        self.text = text
        with borrowed(model) as asked, torch.no_grad():
            self.steps = _steps(asked, encode_names([text])[0, :-1], hold or {})
            logits = asked.head(self.steps["h"].to(device_of(asked)))
        self.probs = logits[:, :N_SYMBOLS].softmax(1).cpu()

    @property
    def bits(self) -> float:
        """Bits per letter that the text itself costs, its end not counted; nan without letters."""
        wanted = encode_names([self.text])[0, 1:-1]
        given = self.probs[torch.arange(len(wanted)), wanted]
        return float(-given.log2().mean())


def gate_theatre(model: CharLSTM, text: str = "marianna") -> Explorer:
    """Return an explorer: type a text, see each gate at each letter, hold a gate.

    Args:
        model: as `load_pretrained("names")` gives it.
        text: what it reads at first; only the letters a to z count, up to 16 of them.

    >>> gate_theatre(load_pretrained("names"))
    """
    orders = orders_of_units(model)
    box, steps = text_box(text, name="your text"), Stepper(len(_read(text)), name="letter")
    steps.value = min(3, steps.slider.max)

    def follow(change: dict) -> None:
        at_end, n = steps.value == steps.slider.max, len(_read(change["new"]))
        steps.slider.max = n
        steps.value = n if at_end else min(steps.value, n)

    box.observe(follow, names="value")  # before the explorer hears of it: it draws once

    def draw(text: str, show: str, sort: str, hold: str, step: int) -> tuple:
        free = Reading(model, _read(text))
        held = free if hold == NOTHING else Reading(model, _read(text), HOLDS[hold])
        fig, (left, right) = figure(columns=2, size=(10.4, 4.1))
        _draw_units(left, held, SHOWN[show], orders[SHOWN[show], sort], step)
        left.set(title=_title(show, hold), ylabel=f"units; top: {TOP[sort]}")
        draw_next(right, held.probs[step], None if held is free else free.probs[step])
        outline = "" if held is free else "; outline: none held"
        right.set_title(f"After {_quoted(free.text[:step])}{outline}")
        return fig, _say(free, held, hold, step)

    return Explorer(
        "Type a text. What does each gate do at each letter, and what if one is held?",
        draw,
        {
            "text": box,
            "step": steps,
            "show": choice(list(SHOWN), "c: cell", name="show"),
            "sort": choice(list(SORTS), PROGRESS, name="sort units by"),
            "hold": choice(list(HOLDS), NOTHING, name="hold"),
        },
        touch=lambda x, _y: {"step": int(np.clip(round(x), 0, steps.slider.max))},
    )


def orders_of_units(model: CharLSTM, n_names: int = 200) -> dict[tuple[str, str], Tensor]:
    """Return how to sort the units, (H,), for each of f, i, g, c, o, h and each of `SORTS`.

    First come the units whose values, over names the model was not trained on, go most with what
    they are sorted by (in the sense of correlation), last those that go most against it.
    """
    rows = encode_names(load_names().val[:n_names])
    X, counted = rows[:, :-1], rows[:, 1:] != PAD
    with borrowed(model) as asked:
        steps = _steps(asked, X, {})
    return {
        (name, sort): _correlation(values[counted], by(X)[counted].float()).argsort(descending=True)
        for name, values in steps.items()
        for sort, by in SORTS.items()
    }


def _correlation(values: Tensor, other: Tensor) -> Tensor:
    """Return how each column goes with a number: (M, H) and (M,) -> (H,), from -1 to 1."""
    centred, shift = values - values.mean(0), other - other.mean()
    together = (centred * shift[:, None]).sum(0)
    return together / (centred.norm(dim=0) * shift.norm()).clamp_min(1e-12)


@torch.no_grad()
def _steps(model: CharLSTM, X: Tensor, hold: dict[str, float]) -> dict[str, Tensor]:
    """Return the model's gates, cells and states for symbols (..., T), on the CPU."""
    device = device_of(model)
    steps = lstm_steps(model.lstm, model.embedding(X.to(device)), hold)
    return {name: values.cpu() for name, values in steps.items()}


def _read(text: str) -> str:
    return keep_letters(text)[:LONGEST]


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "the start"


def _title(show: str, hold: str) -> str:
    short, words = show.split(": ")
    return f"{words.capitalize()} {short}" + ("" if hold == NOTHING else f", {hold[:6]}")


def _draw_units(ax: Axes, reading: Reading, name: str, order: Tensor, step: int) -> None:
    reach = REACH.get(name)
    look = {"cmap": DIVERGING, "vmin": -reach} if reach else {"cmap": OPEN, "vmin": 0}
    values = to_numpy(reading.steps[name][:, order].T)  # (H, 1 + letters)
    ax.imshow(values, **look, vmax=reach or 1, aspect="auto", interpolation="nearest")
    ax.axvspan(step - 0.5, step + 0.5, facecolor="none", edgecolor=AMBER, linewidth=3)
    ax.set_xticks(range(len(reading.text) + 1), [START, *reading.text])
    scale = f"orange: −{reach:g}, white: 0, blue: {reach:g}" if reach else "white: 0, blue: 1"
    ax.set(xlabel=f"letter that was read ({scale})", yticks=())
    ax.grid(False)


def draw_next(ax: Axes, probs: Tensor, before: Tensor | None = None) -> None:
    """Draw how likely each symbol is next, in percent; as outlines, how likely it was before."""
    ax.bar(range(N_SYMBOLS), 100 * to_numpy(probs.roll(-1)), color=BLUE, label="_now")
    top = float(probs.max())
    if before is not None:
        heights = 100 * to_numpy(before.roll(-1))
        ax.bar(range(N_SYMBOLS), heights, facecolor="none", edgecolor=INK, label="_before")
        top = max(top, float(before.max()))
    top = 100 * min(1.0, 1.1 * top)
    for place, letter in enumerate([*LETTERS, STOP]):  # much faster than 27 ticks
        ax.text(place, -0.055 * top, letter, ha="center", fontsize=12, in_layout=False)
    ax.set(ylabel="probability in %", ylim=(0, top), xlim=(-0.8, N_SYMBOLS - 0.2), xticks=())
    ax.set_xlabel(f"next letter, {STOP}: the end", labelpad=22)


def likeliest(probs: Tensor, n: int = 3) -> str:
    """Say the likeliest symbols: "a 31%, e 20%, the end 12%"."""
    names = ["the end", *LETTERS]
    return ", ".join(f"{names[k]} {100 * probs[k]:.0f}%" for k in probs.topk(n).indices.tolist())


def _say(free: Reading, held: Reading, hold: str, step: int) -> str:
    after = f"After {_quoted(free.text[:step])} the likeliest: {likeliest(free.probs[step])}."
    if held is not free:
        after += f" With {hold[:6]}: {likeliest(held.probs[step])}."
    if math.isnan(free.bits):
        return after
    costs = f"The whole text costs {free.bits:.1f} bits a letter"
    return f"{after}\n{costs}" + ("." if held is free else f", with {hold[:6]} {held.bits:.1f}.")
