"""Drawings by rule: the templates, the hand with the wobble, and what becomes of them."""

import numpy as np
import pytest

from course_utils.ink.forms import FORMS, HABITS, OTHER, PLAIN, by_hand, draw_by_hand, neat
from course_utils.ink.normalize import rasterize


def test_there_is_one_plain_form_for_each_digit_and_no_name_twice():
    assert [form.label for form in PLAIN.values()] == list(range(10))
    assert len(FORMS) == len(PLAIN) + len(HABITS) + len(OTHER)
    assert all(form.label is None for form in OTHER.values())


@pytest.mark.parametrize("name", FORMS)
def test_a_neat_drawing_lies_on_the_pad_and_has_the_height_asked_for(name):
    points = np.concatenate(neat(name, height=0.5))
    assert points.min() > 0
    assert points.max() < 1
    if len(FORMS[name].strokes[0]) > 2:  # curves may swing out a little
        assert 0.3 < np.ptp(points, axis=0).max() < 0.6


def test_a_curve_passes_through_its_points_and_keeps_its_corners():
    curve = neat("7", height=1.0)[0]
    corner = 0.5 + (np.array([0.88, 0.03]) - 0.5) * (0.7, 1.0)
    assert np.abs(curve - corner).sum(1).min() < 1e-12
    bar = curve[curve[:, 1] < 0.1]
    assert np.allclose(bar[:, 1], bar[0, 1], atol=0.02), "no swing at the corner"


def test_every_hand_keeps_its_drawing_on_the_pad():
    random = np.random.RandomState(0)
    for name in FORMS:
        for _ in range(10):
            points = np.concatenate(by_hand(name, random))
            assert points.min() > 0.05
            assert points.max() < 0.95


def test_the_same_seed_gives_the_same_drawings_and_another_seed_others():
    one, same, other = (draw_by_hand(["open 4", "A"], 3, seed=seed) for seed in (5, 5, 6))
    assert (one.images == same.images).all()
    assert (one.images != other.images).any()


def test_drawings_come_normalised_with_labels_and_names():
    drawings = draw_by_hand(["slashed 0", "house"], 2)
    assert drawings.images.shape == (4, 28, 28)
    assert drawings.images.dtype == np.uint8
    assert drawings.labels.tolist() == [0, 0, -1, -1]
    assert drawings.names == ["slashed 0", "slashed 0", "house", "house"]
    for image in drawings.images.astype(float):
        rows, columns = np.indices((28, 28))
        assert (rows * image).sum() / image.sum() == pytest.approx(14, abs=0.2)
        assert (columns * image).sum() / image.sum() == pytest.approx(14, abs=0.2)


def test_a_slash_puts_ink_into_the_hole_of_a_zero():
    hole = (slice(130, 150), slice(130, 150))
    assert rasterize(neat("0"))[hole].max() == 0
    assert rasterize(neat("slashed 0"))[hole].mean() > 100


def test_an_unknown_form_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no form 'eleven'; there are: 0, 1"):
        neat("eleven")
    with pytest.raises(ValueError, match="something to draw"):
        draw_by_hand([], 3)
