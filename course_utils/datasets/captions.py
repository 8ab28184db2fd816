"""Strips of one to three handwritten digits, with a caption in words."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
STRIP = (28, 84)  # height and width in pixels
MOST = 3  # digits on a strip
END, START = len(DIGIT_WORDS), len(DIGIT_WORDS) + 1
HIGHER, ASIDE = 3, 2  # pixels by which a digit leaves its place, at most


def digit_strips(images: Tensor, labels: Tensor, n: int, seed: int = 0) -> tuple[Tensor, list[str]]:
    """Lay one, two or three digits side by side, and say in words which they are.

    The rule. The number of digits is drawn, then the digits, each as likely as the others. The
    width that they leave free is shared out by chance before, between and behind them. Each digit
    then moves by up to 2 pixels to the side and 3 up or down.

    Args:
        images: uint8 `(N, 28, 28)`, 0 for paper to 255 for ink, as `load_mnist` gives them.
        labels: int64 `(N,)`, which digits they are.
        n: how many strips.
        seed: the same seed, the same strips; no global random state is touched.

    Returns:
        uint8 `(n, 1, 28, 84)`, and n captions such as "seven three".

    Raises:
        ValueError: the images are of another form, the labels do not fit, or n is not above 0.

    >>> strips, captions = digit_strips(mnist.train_images, mnist.train_labels, 5000)
    """
    _check(images, labels, n)
    lot = torch.Generator().manual_seed(seed)
    counts = torch.randint(1, MOST + 1, (n,), generator=lot)
    chosen = torch.randint(0, len(labels), (n, MOST), generator=lot)
    gaps = torch.rand(n, MOST + 1, generator=lot)
    aside = torch.randint(-ASIDE, ASIDE + 1, (n, MOST), generator=lot)
    higher = torch.randint(-HIGHER, HIGHER + 1, (n, MOST), generator=lot)
    strips = torch.zeros(n, 1, *STRIP, dtype=torch.uint8)
    for k, count in enumerate(counts.tolist()):
        share = gaps[k, : count + 1].cumsum(0) / gaps[k, : count + 1].sum()
        free = STRIP[1] - 28 * count
        for j in range(count):
            left = round(free * share[j].item()) + 28 * j + int(aside[k, j])
            lay(strips[k, 0], images[chosen[k, j]], left, int(higher[k, j]))
    words = [
        " ".join(DIGIT_WORDS[d] for d in labels[row[:c]].tolist())
        for row, c in zip(chosen, counts.tolist(), strict=True)
    ]
    return strips, words


def lay(strip: Tensor, image: Tensor, left: int, down: int = 0) -> None:
    """Lay a digit (28, 28) on a strip (28, W), in place; what leaves the strip is cut off.

    Ink stays ink: where both have some, the darker one is seen.
    """
    height, width = strip.shape
    low, high = max(0, left), min(width, left + 28)
    up, bottom = max(0, down), min(height, 28 + down)
    part = image[up - down : bottom - down, low - left : high - left]
    torch.maximum(strip[up:bottom, low:high], part, out=strip[up:bottom, low:high])


def caption_tensors(captions: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return what a decoder is fed, and what it is to say to that: both int64 `(N, 4)`.

    The first begins with START; the second is the same words one step earlier, and then END, as
    often as there is room: behind the end comes the end.

    Raises:
        ValueError: a caption is not one to three of `DIGIT_WORDS`.

    >>> fed, wanted = caption_tensors(["seven three"])
    >>> fed, wanted
    (tensor([[11,  7,  3, 10]]), tensor([[ 7,  3, 10, 10]]))
    """
    wanted = torch.full((len(captions), MOST + 1), END)
    for k, caption in enumerate(captions):
        words = caption.split()
        if not 1 <= len(words) <= MOST or not set(words) <= set(DIGIT_WORDS):
            raise ValueError(
                f'a caption must be one to three of zero, one, … nine, such as "seven three", got '
                f"{caption!r}"
            )
        wanted[k, : len(words)] = torch.tensor([DIGIT_WORDS.index(word) for word in words])
    start = torch.full((len(captions), 1), START)
    return torch.cat([start, wanted[:, :-1]], dim=1), wanted


def _check(images: object, labels: object, n: object) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"n must be a whole number above 0, got {n!r}")
    if (
        not isinstance(images, Tensor)
        or images.dtype != torch.uint8
        or images.ndim != 3
        or (images.shape[1:] != (28, 28) or not len(images))
    ):
        came = f"{images.dtype} {tuple(images.shape)}" if isinstance(images, Tensor) else images
        raise ValueError(
            f"images must be uint8 (N, 28, 28), got {came}; give them as load_mnist does"
        )
    if not isinstance(labels, Tensor) or labels.shape != images.shape[:1]:
        raise ValueError(f"labels must be ({len(images)},), one for each image")
