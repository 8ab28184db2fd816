"""Strips of digits and their captions."""

from itertools import pairwise

import pytest
import torch

from course_utils.datasets.captions import (
    DIGIT_WORDS,
    END,
    START,
    caption_tensors,
    digit_strips,
    lay,
)


def marked_digits():
    """Ten pictures in whose middle stands a square as grey as the digit is high."""
    images = torch.zeros(10, 28, 28, dtype=torch.uint8)
    for digit in range(10):
        images[digit, 10:18, 10:18] = 20 * (digit + 1)
    return images, torch.arange(10)


def seen_on(strip):
    """Return the digits on a strip of `marked_digits`, from left to right."""
    columns = [0, *strip[0].max(0).values.tolist()]
    return [here // 20 - 1 for before, here in pairwise(columns) if here and not before]


def test_captions_name_the_digits_from_left_to_right():
    strips, captions = digit_strips(*marked_digits(), 300)
    assert strips.shape == (300, 1, 28, 84)
    assert strips.dtype == torch.uint8
    for strip, caption in zip(strips, captions, strict=True):
        assert [DIGIT_WORDS[digit] for digit in seen_on(strip)] == caption.split()


def test_one_two_and_three_digits_are_as_frequent_and_none_loses_ink():
    images, labels = marked_digits()
    strips, captions = digit_strips(images, labels, 900)
    counts = [sum(len(caption.split()) == k for caption in captions) for k in (1, 2, 3)]
    assert min(counts) > 250
    for strip, caption in zip(strips, captions, strict=True):
        assert (strip > 0).sum() == 64 * len(caption.split())


def test_digits_move_about_their_place():
    images, labels = marked_digits()
    strips, captions = digit_strips(images, labels, 400)
    tops = {int(strip[0].max(1).values.nonzero()[0]) for strip in strips}
    full = [
        strip for strip, caption in zip(strips, captions, strict=True) if len(caption.split()) == 3
    ]
    lefts = {int(strip[0].max(0).values.nonzero()[0]) for strip in full}
    assert tops == set(range(7, 14))
    assert lefts == set(range(8, 13))


def test_same_seed_same_strips_and_the_global_random_state_is_untouched():
    before = torch.get_rng_state()
    first, again = (digit_strips(*marked_digits(), 20, seed=3) for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert first[1] == again[1]
    assert first[1] != digit_strips(*marked_digits(), 20, seed=4)[1]
    assert torch.equal(before, torch.get_rng_state())


def test_laying_keeps_the_darker_ink_and_cuts_what_leaves_the_strip():
    strip = torch.zeros(28, 84, dtype=torch.uint8)
    lay(strip, torch.full((28, 28), 50, dtype=torch.uint8), 70, 3)
    assert (strip > 0).sum() == 25 * 14
    lay(strip, torch.full((28, 28), 20, dtype=torch.uint8), 60, 0)
    assert strip[27, 75] == 50
    assert strip[27, 65] == 20
    lay(strip, torch.full((28, 28), 90, dtype=torch.uint8), -20, -25)
    assert (strip == 90).sum() == 3 * 8


def test_behind_the_end_of_a_caption_comes_the_end():
    fed, wanted = caption_tensors(["seven three", "one two three", "nine"])
    assert wanted.tolist() == [[7, 3, END, END], [1, 2, 3, END], [9, END, END, END]]
    assert fed.tolist() == [[START, 7, 3, END], [START, 1, 2, 3], [START, 9, END, END]]


@pytest.mark.parametrize("caption", ["", "seven eleven", "one two three four"])
def test_what_is_no_caption_is_refused(caption):
    with pytest.raises(ValueError, match="one to three of zero, one"):
        caption_tensors([caption])


def test_impossible_strips_are_refused():
    images, labels = marked_digits()
    with pytest.raises(ValueError, match=r"uint8 \(N, 28, 28\), got torch.float32"):
        digit_strips(images / 255, labels, 5)
    with pytest.raises(ValueError, match=r"got torch.uint8 \(10, 1, 28, 28\)"):
        digit_strips(images[:, None], labels, 5)
    with pytest.raises(ValueError, match=r"labels must be \(10,\)"):
        digit_strips(images, labels[:3], 5)
    with pytest.raises(ValueError, match="n must be a whole number above 0"):
        digit_strips(images, labels, 0)
