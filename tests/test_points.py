"""The point sets: their rule, their form, and that nothing else is disturbed."""

import pytest
import torch

from course_utils.datasets import SEPARABLE, pass_probability, pass_the_class, two_squares


@pytest.mark.parametrize("make", [two_squares, pass_the_class])
def test_same_seed_gives_same_points_and_another_seed_others(make):
    X, y = make(50, seed=3)
    X_again, y_again = make(50, seed=3)
    assert torch.equal(X, X_again)
    assert torch.equal(y, y_again)
    assert not torch.equal(X, make(50, seed=4)[0])


@pytest.mark.parametrize("make", [two_squares, pass_the_class])
def test_the_global_random_state_is_untouched(make):
    before = torch.get_rng_state()
    make(50, seed=3)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(("make", "n_rows"), [(two_squares, 100), (pass_the_class, 50)])
def test_points_are_float32_and_labels_int64(make, n_rows):
    X, y = make(50)
    assert (X.shape, X.dtype) == ((n_rows, 2), torch.float32)
    assert (y.shape, y.dtype) == ((n_rows,), torch.int64)
    assert set(y.tolist()) == {0, 1}


def test_squares_have_their_place_and_fill_it():
    X, y = two_squares(2000)
    for k, centre in enumerate([-0.5, 0.5]):
        lowest, highest = X[y == k].aminmax(dim=0)
        assert ((lowest >= centre - 1) & (lowest < centre - 0.99)).all()
        assert ((highest <= centre + 1) & (highest > centre + 0.99)).all()


def test_squares_come_in_the_order_of_their_classes():
    _, y = two_squares(3)
    assert y.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_quarter_of_each_class_lies_in_the_overlap():
    X, _ = two_squares(4000)
    overlap = (X.abs() <= 0.5).all(dim=1)
    assert overlap.float().mean().item() == pytest.approx(0.25, abs=0.02)


def test_a_line_parts_the_separable_squares_and_not_the_overlapping_ones():
    for centres, parted in ((SEPARABLE, True), (((-0.5, -0.5), (0.5, 0.5)), False)):
        X, y = two_squares(centres=centres)
        side_of_line = X.sum(dim=1)
        assert (side_of_line[y == 0].max() < side_of_line[y == 1].min()).item() is parted


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"n_per_class": 0}, "n_per_class must be"),
        ({"n_per_class": 2.5}, "got 2.5"),
        ({"side": -1.0}, "side must be a length above 0"),
        ({"side": float("nan")}, "got nan"),
        ({"centres": ((0, 0), (1, 1), (2, 2))}, "two points in the plane"),
    ],
)
def test_impossible_squares_are_refused(arguments, part):
    with pytest.raises(ValueError, match=part):
        two_squares(**arguments)


def test_passing_follows_the_stated_rule():
    X = torch.tensor([[10.0, 25.0], [0.0, 0.0], [20.0, 50.0]])
    z = -4.5 + 0.2 * X[:, 0] + 0.1 * X[:, 1]
    torch.testing.assert_close(pass_probability(X), 1 / (1 + torch.exp(-z)))
    torch.testing.assert_close(pass_probability(X[0]), torch.tensor(0.5))


def test_as_many_pass_as_the_rule_says_in_every_band_of_probability():
    X, y = pass_the_class(40_000, seed=1)
    probs = pass_probability(X)
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        band = (probs >= low) & (probs < low + 0.2)
        assert y[band].float().mean().item() == pytest.approx(probs[band].mean().item(), abs=0.02)


def test_lectures_are_whole_numbers_and_hours_are_in_range():
    X, _ = pass_the_class(5000)
    lectures, hours = X.T
    assert lectures.unique().tolist() == [float(k) for k in range(21)]
    assert hours.min() >= 0
    assert hours.max() <= 50


def test_pass_probability_refuses_other_than_two_features():
    with pytest.raises(ValueError, match=r"got \(4, 3\)"):
        pass_probability(torch.zeros(4, 3))
    with pytest.raises(ValueError, match="n must be a whole number above 0"):
        pass_the_class(0)
