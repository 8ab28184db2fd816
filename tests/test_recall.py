"""The recall task, and the networks that are trained on it."""

import pytest
import torch

from course_utils.datasets.recall import N_SYMBOLS, recall_task
from course_utils.models.recall import Recaller

KINDS = ("rnn", "gru", "lstm", "irnn", "ornn")


def test_the_symbol_is_shown_first_and_asked_for_last():
    X, y = recall_task(500, lag=6)
    assert X.shape == (500, 8, 9)
    assert X.dtype == torch.float32
    assert y.dtype == torch.int64
    assert (X[:, 0, :N_SYMBOLS].argmax(1) == y).all()
    assert (X[:, 0].sum(1) == 1).all()
    question = torch.eye(9)[8]
    assert (X[:, -1] == question).all()
    assert (X[:, :-1, 8] == 0).all()


def test_between_them_is_static_that_tells_nothing():
    X, y = recall_task(4000, lag=5, seed=3)
    static = X[:, 1:-1, :N_SYMBOLS]
    assert static.mean().abs() < 0.02
    assert abs(static.std() - 1) < 0.02
    guessed = static.sum(1).argmax(1)
    assert abs((guessed == y).float().mean() - 1 / 8) < 0.03


def test_every_symbol_is_as_likely_as_the_other():
    counts = recall_task(8000, lag=0)[1].bincount(minlength=N_SYMBOLS)
    assert len(counts) == N_SYMBOLS
    assert ((counts > 850) & (counts < 1150)).all()


def test_the_seed_decides_and_the_global_generator_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (recall_task(10, 4, seed)[0] for seed in (1, 1, 2))
    assert torch.rand(1) == expected
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("wrong", [(0, 5), (5, -1), (2.5, 3), (True, 3)])
def test_counts_that_make_no_sequence_are_refused(wrong):
    with pytest.raises(ValueError, match="whole number of at least"):
        recall_task(*wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_answers_once_for_each_sequence(kind):
    X, _ = recall_task(5, lag=7)
    assert Recaller(kind, 12)(X).shape == (5, N_SYMBOLS)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_the_gate_bias_is_how_much_is_kept_of_a_state(kind):
    """With no input and no other weights, the state shrinks by σ(bias) at each step."""
    cell = Recaller(kind, 4, gate_bias=3.0).rnn
    with torch.no_grad():
        cell.weight_ih_l0.zero_()
        cell.weight_hh_l0.zero_()
        gate = slice(4, 8)
        for bias in (cell.bias_ih_l0, cell.bias_hh_l0):
            bias[:4] = bias[8:] = 0
        assert torch.equal(cell.bias_ih_l0[gate] + cell.bias_hh_l0[gate], torch.full((4,), 3.0))
        memory = torch.ones(1, 1, 4)
        if kind == "gru":
            after = cell(torch.zeros(1, 1, 9), memory)[1]
        else:
            after = cell(torch.zeros(1, 1, 9), (torch.zeros(1, 1, 4), memory))[1][1]
    assert torch.allclose(after, torch.full((1, 1, 4), 3.0).sigmoid())


def test_the_identity_keeps_a_positive_state_as_it_is():
    rnn = Recaller("irnn", 6).rnn
    memory = torch.rand(1, 1, 6)
    with torch.no_grad():
        after = rnn(torch.zeros(1, 30, 9), memory)[1]
    assert torch.allclose(after, memory)


def test_the_rotation_keeps_the_length_of_a_small_state():
    rnn = Recaller("ornn", 6).rnn
    memory = 0.01 * torch.rand(1, 1, 6)
    with torch.no_grad():
        after = rnn(torch.zeros(1, 30, 9), memory)[1]
    assert torch.allclose(after.norm(), memory.norm(), rtol=0.01)
    assert not torch.allclose(after, memory, rtol=0.1)


def test_without_a_gate_bias_pytorchs_own_start_is_kept():
    torch.manual_seed(0)
    ours = Recaller("lstm", 8).rnn
    torch.manual_seed(0)
    theirs = torch.nn.LSTM(9, 8, batch_first=True)
    assert all(map(torch.equal, ours.parameters(), theirs.parameters()))


def test_an_unknown_kind_is_named_in_the_error():
    with pytest.raises(ValueError, match="'tcn'"):
        Recaller("tcn")
