"""The LSTM taken apart, against nn.LSTM."""

import pytest
import torch
from torch import nn

from course_utils.microscope import lstm_steps
from course_utils.microscope.gates import GATES


@pytest.mark.parametrize(("n_in", "n_hidden", "n_steps"), [(1, 1, 1), (7, 13, 11), (28, 64, 28)])
@pytest.mark.parametrize("bias", [True, False])
def test_states_and_cell_are_those_of_the_library(n_in, n_hidden, n_steps, bias):
    torch.manual_seed(n_hidden)
    lstm, x = nn.LSTM(n_in, n_hidden, batch_first=True, bias=bias), torch.randn(3, n_steps, n_in)
    with torch.no_grad():
        states, (_, cell) = lstm(x)
    steps = lstm_steps(lstm, x)
    assert torch.allclose(steps["h"], states, atol=1e-6)
    assert torch.allclose(steps["c"][:, -1], cell[0], atol=1e-6)
    assert torch.allclose(lstm_steps(lstm, x[1])["h"], states[1], atol=1e-6)


def test_the_gates_make_the_cell_and_the_state():
    lstm, x = nn.LSTM(3, 5), torch.randn(6, 3)
    steps = lstm_steps(lstm, x)
    before = torch.cat([torch.zeros(1, 5), steps["c"][:-1]])
    assert torch.allclose(steps["c"], steps["f"] * before + steps["i"] * steps["g"])
    assert torch.allclose(steps["h"], steps["o"] * steps["c"].tanh())
    for gate in "fio":
        assert (steps[gate] > 0).all()
        assert (steps[gate] < 1).all()
    assert not any(values.requires_grad for values in steps.values())


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_held_gate_has_its_value_everywhere_and_the_cell_follows(gate, value):
    lstm, x = nn.LSTM(3, 5), torch.randn(2, 6, 3)
    steps = lstm_steps(lstm, x, {gate: value})
    assert (steps[gate] == value).all()
    before = torch.cat([torch.zeros(2, 1, 5), steps["c"][:, :-1]], dim=1)
    assert torch.allclose(steps["c"], steps["f"] * before + steps["i"] * steps["g"])
    assert not torch.allclose(steps["h"], lstm_steps(lstm, x)["h"])


def test_with_nothing_let_in_the_state_stays_zero():
    assert (lstm_steps(nn.LSTM(3, 5), torch.randn(6, 3), {"i": 0.0})["h"] == 0).all()


def test_what_does_not_fit_is_explained():
    lstm, x = nn.LSTM(3, 5), torch.randn(6, 3)
    with pytest.raises(ValueError, match="one layer and one direction"):
        lstm_steps(nn.LSTM(3, 5, num_layers=2), x)
    with pytest.raises(ValueError, match=r"x must be \(T, 3\) or \(N, T, 3\)"):
        lstm_steps(lstm, torch.randn(6, 4))
    with pytest.raises(ValueError, match="no gate 'c' to hold; there are: f, i, o, g"):
        lstm_steps(lstm, x, {"c": 1.0})
    for hold in ({"f": -0.5}, {"g": 1.5}):
        with pytest.raises(ValueError, match="cannot be held at"):
            lstm_steps(lstm, x, hold)
