"""The slider of lesson 05: least squares, the three verdicts, and what the picture says."""

import re

import numpy as np
import pytest

from course_utils.explorers.overfitting import (
    BY_COUNT,
    BY_SIZE,
    COUNTS,
    N_TEST,
    NETWORK,
    POLYNOMIAL,
    SIZES,
    WIDTHS,
    fit_ridge,
    fitted,
    network,
    overfitting_slider,
    polynomial,
    rule,
    samples,
    verdict,
)

PERFECT = 0.087  # about the error of the rule itself


@pytest.fixture(scope="module")
def explorer():
    return overfitting_slider()


def test_without_decay_a_polynomial_is_the_one_of_numpy():
    x, y = (values[:30] for values in samples())
    grid = np.linspace(0, 1, 9)
    for degree in (0, 1, 4, 7):
        ours = fit_ridge(polynomial(degree), x, y)(grid)
        assert np.allclose(ours, np.polyval(np.polyfit(x, y, degree), grid))


def test_with_decay_the_weights_solve_the_normal_equations():
    x, y = (values[:20] for values in samples())
    rows, decay = network(6)(x), 0.03
    pull = 20 * decay * np.diag([0.0] + [1.0] * 6)
    w = np.linalg.solve(rows.T @ rows + pull, rows.T @ y)
    assert np.allclose(fit_ridge(network(6), x, y, decay)(x), rows @ w)


def test_decay_does_not_pull_at_the_bias():
    curve = fit_ridge(polynomial(5), [0.1, 0.5, 0.9], [7.0, 7.0, 7.0], 1e6)
    assert curve(np.linspace(0, 1, 5)) == pytest.approx(7)


def test_a_narrow_network_is_part_of_a_wider_one():
    x = np.linspace(0, 1, 7)
    assert np.array_equal(network(4)(x), network(WIDTHS[-1])(x)[:, :5])


def test_a_unit_of_the_network_is_a_relu():
    x = np.linspace(0, 1, 101)
    for h in network(10)(x)[:, 1:].T:
        slopes = np.diff(h) * 100
        assert (h >= 0).all()
        assert h.min() == 0
        assert {round(slope) for slope in slopes} <= {-1, 0, 1}


def test_more_flexible_never_has_a_larger_training_error():
    for model, (_, sizes) in SIZES.items():
        for n in COUNTS:
            errors = np.array([fitted(model, size, n, 0)[1] for size in sizes])
            assert (np.diff(errors) < 1e-6).all()


def test_the_test_points_are_none_of_the_training_points():
    x, _ = samples()
    assert len(np.unique(x)) == len(x) == COUNTS[-1] + N_TEST


@pytest.mark.parametrize(
    ("train", "test", "wanted"),
    [(0.5, 0.6, "underfit"), (0.01, 0.6, "overfit"), (0.06, 0.11, "a good fit")],
)
def test_the_three_verdicts(train, test, wanted):
    assert verdict(train, test, 0.09) == wanted


def test_the_degree_leads_from_underfit_by_a_fit_to_overfit():
    told = [verdict(*fitted(POLYNOMIAL, d, 15, 0)[1:], PERFECT) for d in (1, 2, 3, 8, 10, 14)]
    assert told == ["underfit"] * 2 + ["a good fit"] + ["overfit"] * 3


def test_the_width_does_so_too_and_the_worst_error_lies_where_every_point_is_met():
    told = [verdict(*fitted(NETWORK, width, 15, 0)[1:], PERFECT) for width in (1, 2, 4, 20, 50)]
    assert told == ["underfit"] * 2 + ["a good fit"] + ["overfit"] * 2
    errors = {width: fitted(NETWORK, width, 15, 0)[2] for width in WIDTHS[2:]}
    assert max(errors, key=errors.get) == 30
    assert errors[300] < 0.7 * errors[30]


def test_more_samples_mend_overfitting_and_not_underfitting():
    assert verdict(*fitted(POLYNOMIAL, 10, 15, 0)[1:], PERFECT) == "overfit"
    assert verdict(*fitted(POLYNOMIAL, 10, 100, 0)[1:], PERFECT) == "a good fit"
    for n in COUNTS:
        assert verdict(*fitted(POLYNOMIAL, 1, n, 0)[1:], PERFECT) == "underfit"


def test_weight_decay_mends_overfitting():
    assert fitted(POLYNOMIAL, 10, 15, 0)[2] > 2
    assert fitted(POLYNOMIAL, 10, 15, 0.1)[2] < 0.2


@pytest.mark.parametrize("along", [BY_SIZE, BY_COUNT])
@pytest.mark.parametrize("model", [POLYNOMIAL, NETWORK])
def test_the_sentence_tells_the_errors_of_the_drawn_curve(explorer, model, along):
    explorer.set(model=model, degree=4, width=6, n=20, decay=0.001, along=along)
    x, y = samples()
    size = 4 if model == POLYNOMIAL else 6
    curve = fit_ridge(
        {POLYNOMIAL: polynomial, NETWORK: network}[model](size), x[:20], y[:20], 0.001
    )
    wanted = [
        np.mean((curve(x[:20]) - y[:20]) ** 2),
        np.mean((curve(x[-N_TEST:]) - y[-N_TEST:]) ** 2),
        np.mean((rule(x[-N_TEST:]) - y[-N_TEST:]) ** 2),
    ]
    told = [float(n) for n in re.findall(r": ([\d.]+\d)\.(?: |\n)", explorer.text)[:3]]
    assert told == pytest.approx(wanted, rel=0.06)


@pytest.mark.parametrize(
    "change",
    [{"model": NETWORK}, {"degree": 3}, {"n": 50}, {"decay": 0.1}, {"along": BY_COUNT}],
)
def test_each_control_changes_the_picture_and_the_text(explorer, change):
    explorer.set(model=POLYNOMIAL, degree=10, n=15, decay=0, along=BY_SIZE)
    before = explorer.picture.png, explorer.text
    explorer.set(**change)
    assert explorer.picture.png != before[0]
    assert explorer.text != before[1]


def test_only_the_size_of_the_chosen_model_can_be_set(explorer):
    explorer.set(model=NETWORK)
    assert explorer.controls["degree"].layout.display == "none"
    assert explorer.controls["width"].layout.display is None
    explorer.set(model=POLYNOMIAL)
    assert explorer.controls["degree"].layout.display is None


def test_a_touch_of_the_errors_chooses_what_lies_there(explorer):
    explorer.set(model=POLYNOMIAL, along=BY_SIZE)
    assert explorer.touch(2.6, 1.0) == {"degree": 3}
    explorer.set(model=NETWORK)
    assert explorer.touch(0.2, 1.0) == {"width": 1}
    explorer.set(along=BY_COUNT)
    assert explorer.touch(7.2, 1.0) == {"n": 200}
    assert explorer.touch(12.0, 1.0) == {}


def test_points_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="at least one point"):
        fit_ridge(polynomial(1), [0.0, 1.0], [1.0])
    with pytest.raises(ValueError, match="decay at least 0"):
        fit_ridge(polynomial(1), [0.0], [1.0], -1)
