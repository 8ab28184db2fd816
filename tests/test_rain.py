"""Rain on digits: only ink is added, the same seed gives the same rain; and the median."""

import numpy as np
import pytest
import torch

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.ink.rain import INK, LENGTHS, MOST, median, rain


@pytest.fixture(scope="module")
def digits():
    return load_mnist(MNIST_SAMPLE).test_images[::20, None].float() / 255


def test_rain_only_adds_ink_and_stays_between_paper_and_ink(digits):
    rainy = rain(digits, 0.5)
    assert (rainy.shape, rainy.dtype) == (digits.shape, torch.float32)
    assert (rainy >= digits).all()
    assert rainy.max() <= 1
    assert (rainy > digits).flatten(1).any(1).all(), "each digit gets its share"


def test_no_rain_leaves_the_digits_and_more_rain_wets_more(digits):
    assert torch.equal(rain(digits, 0), digits)
    wet = [(rain(digits, amount) - digits).mean() for amount in (0.1, 0.3, 0.6, 1)]
    assert wet == sorted(wet)
    assert wet[0] > 0


def test_the_same_seed_gives_the_same_rain_and_none_a_new_one(digits):
    assert torch.equal(rain(digits, seed=3), rain(digits, seed=3))
    assert not torch.equal(rain(digits, seed=3), rain(digits, seed=4))
    assert not torch.equal(rain(digits, seed=None), rain(digits, seed=None))
    torch.manual_seed(0)
    once = rain(digits, seed=None)
    torch.manual_seed(0)
    assert torch.equal(once, rain(digits, seed=None)), "PyTorch's own random numbers are used"


def test_each_picture_of_a_batch_has_drops_of_its_own():
    assert len(rain(torch.zeros(20, 1, 28, 28)).flatten(1).unique(dim=0)) == 20


def test_bytes_and_floats_and_any_axes_in_front_are_rained_on_alike(digits):
    as_bytes = (255 * digits).round().to(torch.uint8)
    assert torch.allclose(rain(as_bytes), rain(digits), atol=1e-6)
    assert torch.equal(rain(digits[:, 0]), rain(digits)[:, 0])
    assert rain(digits[0, 0]).shape == (28, 28)


def test_a_drop_is_one_pixel_wide_slanted_to_the_left_and_not_too_long():
    paper = torch.zeros(400, 60, 60)
    drops = rain(paper, 1 / MOST)  # one drop each
    whole = drops[(drops[:, 0] == 0).all(1) & (drops[:, -1] == 0).all(1)]
    rows = whole.sum(2)
    seen = rows.max(1).values > 0
    assert seen.sum() > 100
    for drop in whole[seen & (whole[:, :, 0] == 0).all(1) & (whole[:, :, -1] == 0).all(1)]:
        ink = drop.sum(1)
        high = np.flatnonzero(ink)
        assert LENGTHS[0] <= len(high) <= LENGTHS[1]
        assert INK[0] - 1e-5 <= ink[high].min() <= INK[1] + 1e-5
        assert torch.allclose(ink[high], ink[high][0], atol=1e-5), "the same ink in each row"
        where = (drop[high] * torch.arange(60)).sum(1) / ink[high]
        assert -0.6 - 1e-4 <= float((where[1:] - where[:-1]).mean()) <= -0.2 + 1e-4


@pytest.mark.parametrize("amount", [-0.1, 1.5, float("nan")])
def test_an_amount_of_rain_that_is_none_is_refused(amount, digits):
    with pytest.raises(ValueError, match=r"from 0 \(no rain\) to 1 \(a downpour\)"):
        rain(digits, amount)


@pytest.mark.parametrize("images", [torch.zeros(28), torch.zeros(2, 28, 28).long()])
def test_what_is_no_picture_is_refused(images):
    with pytest.raises(ValueError, match=r"images must be \(\.\.\., H, W\)"):
        rain(images)


def test_the_median_agrees_with_numpy(digits):
    padded = np.pad(digits[0, 0].numpy(), 1)
    around = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    assert np.array_equal(median(digits[:1])[0, 0], np.median(around, axis=(2, 3)))
    assert torch.equal(median(digits, 1), digits)


def test_the_median_removes_a_speck_and_keeps_an_area():
    paper = torch.zeros(1, 9, 9)
    paper[0, 2, 2] = 1
    assert median(paper).max() == 0
    paper[0, 3:8, 3:8] = 1
    assert median(paper)[0, 4:7, 4:7].min() == 1


def test_the_median_wants_a_square_with_a_middle(digits):
    with pytest.raises(ValueError, match="odd number of pixels"):
        median(digits, 4)
