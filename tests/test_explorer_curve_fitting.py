"""The curve of lesson 00, and its error on old and on new points."""

import re

import numpy as np
import pytest

from course_utils.explorers.curve_fitting import N_TEST, curve_fitter, fit_curve


def rule(x):
    return np.sin(2 * np.pi * np.asarray(x))


@pytest.fixture
def drawn():
    """Every sample that the explorer draws, in order."""
    return []


@pytest.fixture
def explorer(drawn):
    rng = np.random.default_rng(0)

    def draw_sample(n):
        x = rng.random(n)
        drawn.append((x, rule(x) + 0.25 * rng.standard_normal(n)))
        return drawn[-1]

    return curve_fitter(draw_sample, rule)


def numbers(explorer):
    return [float(n) for n in re.findall(r"points?: (?:more than )?([\d.]+\d)", explorer.text)[:2]]


def test_a_fitted_curve_is_the_least_squares_polynomial():
    rng = np.random.default_rng(1)
    x, y = rng.random(20), rng.standard_normal(20)
    grid = np.linspace(0, 1, 7)
    for degree in range(6):
        ours = fit_curve(x, y, degree)(grid)
        assert np.allclose(ours, np.polyval(np.polyfit(x, y, degree), grid))


def test_too_few_points_for_a_degree_are_refused():
    with pytest.raises(ValueError, match="give at least 4"):
        fit_curve([0, 1, 2], [1, 2, 3], 3)


@pytest.mark.parametrize(("degree", "n", "sample"), [(1, 10, 1), (3, 40, 2), (5, 100, 10)])
def test_the_sentence_gives_the_error_on_training_points_and_on_new_ones(
    explorer, drawn, degree, n, sample
):
    explorer.set(degree=degree, n=n, sample=sample)
    x, y = (values[:n] for values in drawn[sample - 1])
    new_x, new_y = drawn[-1]
    assert len(new_x) == N_TEST
    weights = np.polyfit(x, y, degree)
    wanted = [
        np.mean((np.polyval(weights, x) - y) ** 2),
        np.mean((np.polyval(weights, new_x) - new_y) ** 2),
    ]
    assert numbers(explorer) == pytest.approx(wanted, abs=0.0051)


def test_a_curve_through_every_point_has_no_training_error_and_a_large_one_on_new_points(explorer):
    explorer.set(degree=9, n=10)
    train, test = numbers(explorer)
    assert train == 0
    assert test > 0.5


def test_more_points_close_the_gap(explorer):
    explorer.set(degree=9, n=100)
    train, test = numbers(explorer)
    assert 0 < test - train < 0.1


@pytest.mark.parametrize("change", [{"degree": 2}, {"n": 50}, {"sample": 2}])
def test_each_control_changes_the_picture(explorer, change):
    before = explorer.picture.png
    explorer.set(**change)
    assert explorer.picture.png != before


def test_huge_errors_are_not_spelt_out(explorer):
    for sample in range(1, 11):
        explorer.set(degree=9, n=10, sample=sample)
        assert "e+" not in explorer.text
        assert numbers(explorer)[1] <= 100
