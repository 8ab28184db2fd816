"""Digits changed for training: warped, thickened, with forms drawn in, and from templates."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from handwriting import FORMS, pen_digits, write_digit

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.ink.augment import add_forms, change_thickness, vary, warp
from course_utils.ink.normalize import ink_box


@pytest.fixture(scope="module")
def sample():
    return load_mnist(MNIST_SAMPLE)


@pytest.fixture(scope="module")
def digits(sample):
    return sample.test_images[:200, None].float() / 255


def seeded(change, X):
    torch.manual_seed(0)
    return change(X)


@pytest.mark.parametrize("change", [vary, warp, change_thickness])
def test_shape_and_range_stay_and_a_seed_fixes_the_result(change, digits):
    once = seeded(change, digits)
    assert once.shape == digits.shape
    assert once.dtype == torch.float32
    assert once.min() >= 0
    assert once.max() <= 1
    assert torch.equal(once, seeded(change, digits))
    assert not torch.equal(once, change(digits))


def test_without_strength_nothing_changes(digits):
    assert torch.equal(change_thickness(digits, 0.0), digits)
    still = warp(digits, turn=0, slant=0, scale=0, shift=0, bend=0)
    torch.testing.assert_close(still, digits, rtol=0, atol=1e-4)


def test_each_image_of_a_batch_is_changed_in_its_own_way(digits):
    same = digits[:1].expand(20, -1, -1, -1)
    for change in (warp, change_thickness):
        changed = seeded(change, same).flatten(1)
        assert len(changed.unique(dim=0)) == 20


def test_bending_moves_pixels_by_smooth_waves(digits):
    """The oracle: the same random numbers, interpolated by PyTorch and looked up here."""
    X = digits[:3, :, :20]  # 20 rows, 28 columns
    torch.manual_seed(1)
    bent = warp(X, turn=0, slant=0, scale=0, shift=0, bend=1.0)
    torch.manual_seed(1)
    for _ in range(6):
        torch.rand(3)  # turn, slant, two scales, two shifts
    waves = F.interpolate(
        torch.randn(3, 2, 5, 5) * 2 / 28, (20, 28), mode="bicubic", align_corners=True
    )
    x = (torch.arange(28) * 2 + 1) / 28 - 1 + waves[:, 0]
    y = ((torch.arange(20) * 2 + 1) / 20 - 1)[:, None] + waves[:, 1]
    wanted = F.grid_sample(X, torch.stack([x, y], dim=-1), align_corners=False)
    torch.testing.assert_close(bent, wanted, rtol=0, atol=1e-4)


@pytest.mark.parametrize("sign", [-1, 1])
def test_thickness_goes_with_the_ink(digits, monkeypatch, sign):
    monkeypatch.setattr("course_utils.ink.augment._uniform", lambda X, s: torch.full((len(X),), s))
    changed = change_thickness(digits, 0.5 * sign)
    assert (((changed - digits).mean((1, 2, 3)) * sign) > 0).all()


def test_a_shift_moves_the_centre_of_mass_by_so_many_pixels(monkeypatch):
    monkeypatch.setattr("course_utils.ink.augment._uniform", lambda X, s: torch.full((len(X),), s))
    dot = torch.zeros(1, 1, 28, 28)
    dot[0, 0, 14, 14] = 1
    moved = warp(dot, turn=0, slant=0, scale=0, shift=3, bend=0)
    assert moved[0, 0, 11, 11] == pytest.approx(1, abs=1e-4)


def test_a_turn_keeps_a_ring_and_turns_a_line(monkeypatch):
    monkeypatch.setattr("course_utils.ink.augment._uniform", lambda X, s: torch.full((len(X),), s))
    line = torch.zeros(1, 1, 29, 29)
    line[..., 14] = 1
    turned = warp(line, turn=90, slant=0, scale=0, shift=0, bend=0)
    torch.testing.assert_close(turned, line.transpose(2, 3), rtol=0, atol=1e-4)


def test_forms_add_ink_to_zeros_ones_and_sevens_and_leave_the_rest(sample):
    images, labels = sample.test_images[:300], sample.test_labels[:300]
    formed = add_forms(images, labels)
    assert (formed.shape, formed.dtype) == (images.shape, torch.uint8)
    changed = (formed != images).flatten(1).any(1)
    assert torch.equal(changed, torch.isin(labels, torch.tensor([0, 1, 7])))
    assert torch.equal(formed, add_forms(images, labels))
    assert not torch.equal(formed, add_forms(images, labels, seed=1))


def test_forms_are_not_drawn_into_empty_paper():
    paper = torch.zeros(3, 28, 28, dtype=torch.uint8)
    assert torch.equal(add_forms(paper, torch.tensor([0, 1, 7])), paper)


@pytest.mark.parametrize("images", [torch.zeros(2, 28, 28), torch.zeros(2, 1, 28, 28).byte()])
def test_forms_want_images_as_mnist_has_them(images):
    with pytest.raises(ValueError, match=r"uint8 \(N, 28, 28\), got torch\."):
        add_forms(images, torch.tensor([0, 7]))


def test_there_is_no_eleventh_digit():
    with pytest.raises(ValueError, match="0 to 9, got 10"):
        write_digit(10, np.random.default_rng(0))


def test_a_slash_fills_the_hole_of_a_zero(sample):
    zeros = sample.test_images[sample.test_labels == 0]
    formed = add_forms(zeros, torch.zeros(len(zeros), dtype=torch.int64))
    middle = (slice(None), slice(12, 17), slice(12, 17))
    assert formed[middle].float().mean() > 3 * zeros[middle].float().mean()


def test_flag_and_foot_make_ones_wider_and_keep_them_in_the_box(sample):
    ones = sample.test_images[sample.test_labels == 1]
    formed = add_forms(ones, torch.ones(len(ones), dtype=torch.int64))

    def widths(images):
        boxes = [ink_box(image) for image in images.numpy()]
        return np.array([box.right - box.left for box in boxes])

    assert np.mean(widths(formed) - widths(ones)) > 2
    assert widths(formed).max() <= 21  # 20, and a pixel that both edges share


def test_pen_digits_are_pictures_of_all_ten_digits_fixed_by_their_seed():
    images, labels = pen_digits(50, seed=3)
    assert (images.shape, images.dtype) == ((50, 28, 28), torch.uint8)
    assert labels.bincount().tolist() == [5] * 10
    assert (images.flatten(1).max(1).values > 100).all()
    assert torch.equal(images, pen_digits(50, seed=3)[0])
    assert not torch.equal(images, pen_digits(50, seed=4)[0])


@pytest.mark.parametrize("digit", range(10))
def test_every_form_of_a_digit_can_be_written_on_the_pad(digit, monkeypatch):
    rng = np.random.default_rng(0)
    for form in FORMS[digit]:
        monkeypatch.setitem(FORMS, digit, {form: 1.0})
        strokes = write_digit(digit, rng)
        assert len(strokes) == form.count("/") + 1
        points = np.concatenate(strokes)
        assert points.shape[1] == 2
        assert points.min() > 0
        assert points.max() < 1
