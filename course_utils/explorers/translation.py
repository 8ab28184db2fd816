"""The explorer of lesson 09 that translates a date letter by letter: where does attention look?"""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets as widgets
import numpy as np

from course_utils.datasets.dates import N_LETTERS
from course_utils.explorers.base import Explorer, Stepper, choice, text_box
from course_utils.figures import (
    EXAMPLE,
    draw_alignment,
    draw_choices,
    laid_out,
)
from course_utils.models.translation import LETTER_NAMES, Translation, Translator

PLACES = ((1.45, 0.62, 5.35, 2.95), (8.0, 0.62, 2.1, 2.95))


def alignment_explorer(
    model: Translator | Mapping[str, Translator], text: str = EXAMPLE, *, letter: int = N_LETTERS
) -> Explorer:
    """Return an explorer: type a date, see it written letter by letter, and where it looks.

    Args:
        model: a trained translator, or several by name. One without attention shows only the
            probabilities of its letters.
        text: the date to begin with.
        letter: the letter to begin with, 1 to 11.

    Raises:
        ValueError: a word of `text` is not known.

    >>> alignment_explorer(load_pretrained("translator"))
    """
    models = dict(model) if isinstance(model, Mapping) else {"": model}
    known = {"text": text}
    next(iter(models.values())).explain(text)  # refuses what cannot be read before it is drawn
    controls: dict[str, widgets.Widget] = {
        "text": text_box(text, name="a date in words", width=900)
    }
    if len(models) > 1:
        controls["name"] = choice(list(models), name="model")
    controls["letter"] = Stepper(N_LETTERS + 1, letter, name="letter")
    controls["letter"].slider.min = 1

    def draw(text: str, letter: int, name: str = next(iter(models))) -> tuple:
        trouble = ""
        try:
            found = models[name].explain(text)
            known["text"] = text
        except ValueError as error:
            found = models[name].explain(known["text"])
            why = str(error) if str(error).endswith("?") else f"{error}."
            trouble = f"Not yet a date: {why} The picture is of “{known['text']}”.\n"
        step = min(letter, len(found.letters))
        fig, (left, right) = laid_out((10.4, 4.0), PLACES)
        draw_alignment(left, found, step)
        draw_choices(right, LETTER_NAMES, found.probs[step - 1], f"letter {step}")
        return fig, trouble + _say(found, step)

    def touch(x: float, _y: float) -> dict[str, object]:
        return {"letter": int(np.clip(round(x) + 1, 1, N_LETTERS + 1))}

    title = "Type a date. Which word is each letter taken from? (Touch a letter, or step.)"
    return Explorer(title, draw, controls, touch=touch)


def _say(found: Translation, step: int) -> str:
    said, probs = found.letters[step - 1], found.probs[step - 1]
    named = "the end" if said == "end" else f"“{said}”"
    says = f"It writes {found.text}. Letter {step} is {named} with {100 * probs.max():.0f}%"
    if found.weights is None:
        return f"{says}."
    most = int(found.weights[step - 1].argmax())
    share = 100 * found.weights[step - 1, most]
    return f"{says}; it looks most at “{found.words[most]}” ({share:.0f}% of its attention)."
