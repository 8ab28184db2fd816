"""An explorer of lesson 09: two verdicts on the learner's own review, word by word."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.datasets.reviews import (
    BAD,
    GOOD,
    NUMBERS,
    THINGS,
    encode_reviews,
    split_words,
    unknown_words,
)
from course_utils.explorers.base import Explorer, text_box
from course_utils.figures import INK, draw_lines, figure
from course_utils.training import predict

LONGEST = 16  # words of a review that are read


def verdicts(model: nn.Module, text: str) -> Tensor:
    """Return how likely a review is good after its first word, its first two, …: (T,), 0 to 1.

    Args:
        model: takes words (N, T), gives logits (N,).
        text: at least one of its words must be known.

    >>> verdicts(SentimentLSTM(), "not bad at all")
    tensor([...])
    """
    words = _known(text)
    parts = [" ".join(words[:n]) for n in range(1, len(words) + 1)]
    return predict(model, encode_reviews(parts)).sigmoid()


def review_reader(
    models: Mapping[str, nn.Module], text: str = "the film was not bad at all"
) -> Explorer:
    """Return an explorer: type a review, see after each word what models make of it.

    Args:
        models: a name and a model for each; they take words (N, T) and give logits (N,).
        text: what they read at first.

    >>> review_reader({"bag of words": bag, "LSTM": lstm})
    """

    def draw(text: str) -> tuple:
        strange = unknown_words(text)
        unread = f"Not in the vocabulary: {', '.join(dict.fromkeys(strange))}. " if strange else ""
        words = _known(text)
        if not words:
            fig, _ = figure("Nothing to read yet", size=(9.5, 3.8))
            return fig, unread + _help()
        chances = {name: verdicts(model, text) for name, model in models.items()}
        fig, ax = figure("How good does the review sound?", size=(9.5, 3.8))
        _draw_verdicts(ax, words, chances)
        ends = [f"{name}: {_word(probs[-1])}" for name, probs in chances.items()]
        return fig, f"{unread}After the last word: {'; '.join(ends)}."

    return Explorer(
        "Type a review, such as “the film was good, not bad”. Turn the two round. What changes?",
        draw,
        {"text": text_box(text, name="review", width=800)},
    )


def _known(text: str) -> list[str]:
    return [word for word in split_words(text) if word in NUMBERS][:LONGEST]


def _help() -> str:
    things, good, bad = (", ".join(words[:4]) for words in (THINGS, GOOD, BAD))
    return f"Known are words such as: the, was, not, never, hardly, but; {things}; {good}; {bad}."


def _word(chance: Tensor) -> str:
    return f"{'good' if chance > 0.5 else 'bad'} ({100 * chance:.0f}% good)"


def _draw_verdicts(ax: Axes, words: list[str], chances: dict[str, Tensor]) -> None:
    ax.axhline(50, color=INK, linestyle=":", linewidth=1.3, label="_even")
    draw_lines(ax, {name: 100 * probs for name, probs in chances.items()})
    ax.set_xticks(range(len(words)), words, fontsize=13 if len(words) <= 10 else 10)
    ax.set(ylabel="probability of good, %", ylim=(-4, 104), yticks=(0, 50, 100))
    ax.set(xlabel="word that was read last", xlim=(-0.5, len(words) - 0.5))
