"""The explorers of memory: how far gradients reach, and what was recorded of the recall task."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils.explorers.gradient_distance import GRADIENT_LOW, gradient_distance
from course_utils.explorers.recall import RECORDS, recall_curves, records
from course_utils.microscope import gradient_reach

sys.path.append(str(Path(__file__).parents[1] / "tools"))
from record_recall import (
    GRADIENT_LAG,
    LAGS,
    NETWORKS,
    RATES,
    SEEDS,
    fresh_accuracy,
    gradient_norms,
    new_network,
    trained,
)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


# --- gradient_distance ---------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7])
def test_where_tanh_is_a_line_the_rnn_multiplies_by_the_size_of_its_matrix(scale):
    norms = gradient_reach("RNN", scale, inputs=0.0, n_steps=20).norms
    assert np.allclose(norms, scale ** np.arange(21.0), rtol=1e-4)


@pytest.mark.parametrize("bias", [-1.0, 0.0, 4.0])
def test_without_recurrent_weights_a_gate_alone_decides_what_comes_back(bias):
    gru = gradient_reach("GRU", 0.0, gate_bias=bias, inputs=0.0, n_steps=12).norms
    assert np.allclose(gru, sigmoid(bias) ** np.arange(13.0), rtol=1e-4)
    lstm = gradient_reach("LSTM", 0.0, gate_bias=bias, inputs=0.0, n_steps=12).norms
    assert np.allclose(lstm[2:] / lstm[1:-1], sigmoid(bias), rtol=1e-4)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_every_gradient_begins_with_norm_1(kind):
    reach = gradient_reach(kind, 0.9, n_steps=5)
    assert reach.norms.shape == (6,)
    assert math.isclose(reach.norms[0], 1, rel_tol=1e-5)


def test_large_inputs_flatten_tanh_and_the_gradient_vanishes_sooner():
    small, large = (gradient_reach("RNN", 1.0, inputs=size).norms[30] for size in (0.1, 1.0))
    assert large < small / 1000


def test_the_lstm_vanishes_too_unless_its_forget_gate_keeps():
    half, most = (gradient_reach("LSTM", 0.8, gate_bias=bias).norms[30] for bias in (0.0, 3.0))
    assert half < 1e-4
    assert most > 0.1


def test_one_explorer_shows_vanishing_holding_and_exploding():
    explorer = gradient_distance(scale=0.8)
    assert "vanishes" in explorer.text
    explorer.set(scale=1.4)
    assert "holds" in explorer.text
    explorer.set(scale=2.0)
    assert "explodes" in explorer.text


def lines(explorer):
    """Return the values of the curves in the legend by their first word."""
    named = [line for line in explorer.figure.axes[0].lines if line.get_label()[0] != "_"]
    return {line.get_label().split(",")[0]: np.array(line.get_ydata()) for line in named}


def test_clipping_shortens_every_distance_by_one_factor_and_cures_nothing():
    explorer = gradient_distance(scale=2.0)
    free = lines(explorer)["RNN"]
    explorer.set(clip=True)
    factor = lines(explorer)["RNN"] / free
    assert factor[0] < 0.01
    assert np.allclose(factor, factor[0])
    assert "shortened by the same factor" in explorer.says.value


def test_a_gradient_below_the_limit_is_not_clipped():
    explorer = gradient_distance(scale=0.6)
    free = lines(explorer)["RNN"]
    explorer.set(clip=True)
    assert np.array_equal(lines(explorer)["RNN"], free)
    assert "nothing to clip" in explorer.says.value


def test_touching_a_distance_reads_it():
    explorer = gradient_distance()
    explorer.set(**explorer.touch(12.3, 1e-3))
    assert explorer.values["distance"] == 12
    assert "12 steps earlier" in explorer.says.value
    assert explorer.touch(-4, 1) == {"distance": 1}


def test_curves_end_at_the_bottom_of_the_picture_and_never_leave_it():
    explorer = gradient_distance(scale=0.4)
    explorer.set(inputs=3)
    assert lines(explorer)["RNN"].min() == GRADIENT_LOW


@pytest.mark.parametrize("wrong", [{"scale": 3}, {"gate_bias": 9.0}, {"distance": 0}])
def test_numbers_off_the_sliders_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        gradient_distance(**wrong)


def test_an_unknown_cell_is_named_in_the_error():
    with pytest.raises(ValueError, match="'TCN'"):
        gradient_reach("TCN")


# --- recall_curves -------------------------------------------------------------------------------


def accuracy(name, lag):
    return np.array(records()[name]["accuracy"][records()["lags"].index(lag)])


def test_the_records_hold_every_network_lag_and_seed():
    assert records()["lags"] == list(LAGS)
    assert set(records()) == {"lags", *NETWORKS}
    for name in NETWORKS:
        assert np.shape(records()[name]["accuracy"]) == (len(LAGS), len(SEEDS))
        assert records()[name]["lr"] in RATES
        for when in ("before", "after"):
            assert len(records()[name][when]) == GRADIENT_LAG + 2
    assert RECORDS.stat().st_size < 20_000


def test_gru_and_lstm_solve_a_lag_at_which_every_rnn_fails():
    assert accuracy("RNN", 5).mean() > 0.9
    assert accuracy("RNN", 20).max() < 0.3
    for name in (name for name in NETWORKS if name.startswith("RNN")):
        assert accuracy(name, 40).max() < 0.2
    for name in ("GRU", "LSTM"):
        assert accuracy(name, 20).min() > 0.95
        assert accuracy(name, 40).min() > 0.95


def test_where_a_network_solves_the_task_more_gradient_arrived_from_the_symbol():
    at_symbol = {name: records()[name]["before"][-1] for name in NETWORKS}
    assert min(at_symbol["GRU"], at_symbol["LSTM"]) > 1e4 * at_symbol["RNN"]
    assert at_symbol["LSTM, PyTorch's start"] < 1e-2 * at_symbol["LSTM"]


@pytest.mark.parametrize("name", list(NETWORKS))
def test_recorded_gradients_before_training_are_measured_again(name):
    """They need no training, so every machine repeats them; small ones lose digits."""
    again = [gradient_norms(new_network(name, seed), GRADIENT_LAG) for seed in SEEDS]
    mean = np.mean(again, axis=0)
    recorded = np.array(records()[name]["before"])
    assert np.allclose(mean, recorded, rtol=0.02, atol=1e-30)


@pytest.mark.parametrize(("name", "low", "high"), [("RNN", 0.05, 0.5), ("LSTM", 0.95, 1.0)])
def test_a_recorded_training_repeats(name, low, high):
    model = trained(name, 20, records()[name]["lr"], SEEDS[0])
    assert low <= fresh_accuracy(model, 20) <= high
    assert low <= accuracy(name, 20)[0] <= high


def test_the_picture_says_what_was_recorded():
    explorer = recall_curves(lag=20)
    drawn = {line.get_label(): line.get_ydata() for line in explorer.figure.axes[0].lines}
    means = 100 * np.mean(records()["LSTM"]["accuracy"], axis=1)
    assert np.allclose(drawn["LSTM"], means)
    assert "after 20 steps of static" in explorer.says.value
    assert "LSTM 100%" in explorer.says.value


def test_other_networks_and_gradients_can_be_chosen():
    explorer = recall_curves()
    before = explorer.picture.png
    explorer.set(shown="gates as PyTorch starts them")
    assert "LSTM, PyTorch&#x27;s start" in explorer.says.value
    middle = explorer.picture.png
    explorer.set(when="after training")
    assert len({before, middle, explorer.picture.png}) == 3


def test_touching_near_a_lag_chooses_it():
    explorer = recall_curves(lag=5)
    assert explorer.touch(35.0, 50.0) == {"lag": 40}
    assert explorer.touch(-3.0, 50.0) == {"lag": 5}


def test_a_lag_that_was_not_recorded_is_refused():
    with pytest.raises(ValueError, match="one of 5, 10"):
        recall_curves(lag=7)
