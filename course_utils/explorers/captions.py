"""Explorer of lesson 09: a strip of digits, picked or drawn, and what a captioner says to it."""

from __future__ import annotations

import ipywidgets as widgets
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_utils.datasets.captions import DIGIT_WORDS, MOST, STRIP, lay
from course_utils.explorers.base import Explorer, Stepper, choice, whole_slider
from course_utils.explorers.following import follow
from course_utils.figures import AMBER, BLUE, RULE, board, draw_choices, draw_image, laid_out
from course_utils.microscope import is_pad
from course_utils.models.translation import WORD_NAMES, Caption, Captioner

PLACES = ((0, 0, 10.4, 3.4), (0.15, 1.2, 6.0, 2.0), (7.6, 0.62, 2.5, 2.35))
PICKED, DRAWN, NONE = "digits picked here", "what I draw on the pad", "none"
NEAREST, WIDEST = -12, 14  # pixels between the pictures of two digits


class Drawn:
    """The drawings of a strip: those that were kept, and the one on the pad now."""

    def __init__(self, pad: object) -> None:
        self.pad, self.kept = pad, []

    @property
    def images(self) -> list[Tensor]:
        """All of them, each uint8 `(28, 28)`; at most three."""
        now = (255 * self.pad.image).round().to(torch.uint8)
        return [*self.kept, now][:MOST] if now.any() else list(self.kept)

    def keep(self) -> None:
        """Keep the drawing on the pad and wipe it for the next, while there is room."""
        if self.pad.image.any() and len(self.kept) < MOST:
            self.kept = self.images
            self.pad.clear()

    def start_anew(self) -> None:
        """Forget all drawings."""
        self.kept = []
        self.pad.clear()


def caption_explorer(
    model: Captioner,
    images: Tensor,
    labels: Tensor,
    *,
    pad: object = None,
    digits: tuple[int | str, int | str, int | str] = (7, 3, NONE),
    word: int = 2,
) -> Explorer:
    """Return an explorer: lay up to three digits side by side, and read the caption word by word.

    Args:
        model: a trained captioner.
        images: digits, such as those of the test, uint8 `(N, 28, 28)`.
        labels: which digits they are, int64 `(N,)`; each of 0 to 9 must be there.
        pad: a drawing pad; the learner draws one digit after another, and keeps each by a button.
        digits: the digits to begin with; "none" leaves a place free.
        word: the word to begin with, 1 to 4.

    Raises:
        ValueError: images and labels do not fit, or `pad` is none.

    >>> caption_explorer(load_pretrained("captioner"), mnist.test_images, mnist.test_labels)
    """
    examples = _examples(images, labels)
    if pad is not None and not is_pad(pad):
        raise ValueError(f"pad must be a DigitPad, got {type(pad).__name__}")
    drawn = None if pad is None else Drawn(pad)
    controls: dict[str, widgets.Widget] = {}
    if drawn is not None:
        controls["source"] = choice([PICKED, DRAWN], name="strip of")
    for name, digit in zip(("first", "second", "third"), digits, strict=True):
        controls[name] = choice([NONE, *range(10)], digit, name=name)
        controls[name].layout.flex, controls[name].layout.max_width = "1 1 150px", "190px"
    controls["writer"] = whole_slider(1, min(map(len, examples)), 1, name="hand")
    controls["gap"] = whole_slider(NEAREST, WIDEST, 6, name="pixels between")
    controls["word"] = Stepper(MOST + 1, word, name="word")
    controls["word"].slider.min = 1

    def draw(
        first: object,
        second: object,
        third: object,
        writer: int,
        gap: int,
        word: int,
        source: str = PICKED,
    ) -> tuple:
        wanted = [digit for digit in (first, second, third) if digit != NONE]
        parts, truth = [examples[digit][writer - 1] for digit in wanted], wanted
        if source == DRAWN:
            parts, truth = drawn.images, None
        strip = strip_of(parts, gap)
        found = model.explain(strip)
        step = min(word, len(found.words))
        fig, (under, left, right) = laid_out((10.4, 3.4), PLACES)
        draw_image(left, strip, framed=True)
        _draw_words(board(under), found, step)
        draw_choices(right, WORD_NAMES, found.probs[step - 1], f"word {step}")
        sentence = _say(found, step, truth, len(parts))
        laid = f" Hand {writer}, {gap} pixels between." if source == PICKED and parts else ""
        return fig, sentence + laid

    do = "Lay digits side by side" if drawn is None else "Pick digits, or draw them on the pad"
    title = f"{do}. What does it say, word by word, and when does it stop?"
    buttons = None if drawn is None else _buttons(drawn)
    explorer = Explorer(title, draw, controls, below=buttons)
    return explorer if drawn is None else _following(explorer, drawn, buttons)


def strip_of(images: list[Tensor], gap: int) -> Tensor:
    """Return a strip uint8 (28, 84) with up to three digits in its middle.

    Args:
        images: the digits, each uint8 (28, 28).
        gap: pixels from one to the next, less than 0 where they overlap; fewer where the strip
            has not room for so many.
    """
    n, strip = len(images), torch.zeros(STRIP, dtype=torch.uint8)
    if n > 1:
        gap = min(gap, (STRIP[1] - 28 * n) // (n - 1))
    left = (STRIP[1] - 28 * n - gap * (n - 1)) // 2
    for k, image in enumerate(images):
        lay(strip, image, left + k * (28 + gap))
    return strip


def _examples(images: Tensor, labels: Tensor) -> list[Tensor]:
    """Return some pictures of each digit, a list of ten stacks."""
    if images.dtype != torch.uint8 or images.shape[1:] != (28, 28) or len(images) != len(labels):
        raise ValueError(
            f"images must be uint8 (N, 28, 28) with a label for each, got {images.dtype} "
            f"{tuple(images.shape)} and {len(labels)} labels; give them as load_mnist does"
        )
    images, labels = images.cpu(), labels.cpu()
    found = [images[labels == digit][:50] for digit in range(10)]
    if missing := [digit for digit in range(10) if not len(found[digit])]:
        raise ValueError(f"there is no picture of {missing}; give some of each digit")
    return found


def _buttons(drawn: Drawn) -> widgets.HBox:
    keep = widgets.Button(description="Keep it, draw the next")
    anew = widgets.Button(description="Start anew")
    keep.on_click(lambda _: drawn.keep())
    anew.on_click(lambda _: drawn.start_anew())
    for button in (keep, anew):
        button.layout.width = "auto"
    return widgets.HBox([keep, anew])


def _following(explorer: Explorer, drawn: Drawn, buttons: widgets.HBox) -> Explorer:
    """Let the explorer show what is drawn as soon as something is."""

    def to_drawings(_change: object = None) -> None:
        if drawn.images:
            explorer.controls["source"].value = DRAWN

    explorer.watch(drawn.pad, "_strokes", to_drawings)
    for button in buttons.children:
        button.on_click(lambda _: explorer.set())
    return follow(explorer, drawn.pad)


def _draw_words(ax: Axes, found: Caption, step: int) -> None:
    """Write the words so far beneath the strip, each with its probability, the last one framed."""
    for k in range(MOST + 1):
        x, now = 0.95 + 1.5 * k, k == step - 1
        if k >= step:
            ax.text(x, 0.72, "…", ha="center", va="center", fontsize=18, color=RULE)
            continue
        edge = {"facecolor": "white", "edgecolor": AMBER if now else RULE, "lw": 3 if now else 1}
        ax.text(
            *(x, 0.74, found.words[k]),
            **{"ha": "center", "va": "center", "fontsize": 19, "weight": "bold", "color": BLUE},
            bbox={"boxstyle": "round,pad=0.35", **edge},
        )
        share = f"{100 * found.probs[k].max():.0f}%"
        ax.text(x, 0.2, share, ha="center", va="center", fontsize=13)


def _say(found: Caption, step: int, truth: list[int] | None, n_digits: int) -> str:
    best = found.probs[step - 1].topk(2)
    (first, second), (p, q) = best.indices.tolist(), best.values.tolist()
    says = f"It says “{found.text}”. Word {step} is “{WORD_NAMES[first]}” with {100 * p:.0f}%"
    says += f"; next comes “{WORD_NAMES[second]}” with {100 * q:.0f}%." if q >= 0.005 else "."
    if truth is None:
        if not n_digits:
            return f"Nothing is drawn yet: draw a digit on the pad. To empty paper, {_low(says)}"
        full = ", which is full" if n_digits == MOST else ""
        return f"Your strip of {n_digits}{full}. {says}"
    right = " ".join(DIGIT_WORDS[digit] for digit in truth)
    if not truth:
        return f"{says} The strip is empty: it was never shown one, and cannot say so."
    return f"{says} That is {'right' if found.text == right else f'wrong: {right}'}."


def _low(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
