"""NextStep and its roll-out, against PyTorch's cells and by hand."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models.sequences import NextStep, roll_out
from course_utils.training import fit

KINDS = ("rnn", "gru", "lstm")


@pytest.mark.parametrize("kind", KINDS)
def test_it_gives_a_prediction_for_each_step_and_learns_from_all(kind):
    torch.manual_seed(0)
    model = NextStep(kind, n_inputs=3, n_hidden=8)
    X = torch.randn(4, 6, 3)
    predicted = model(X)
    assert predicted.shape == X.shape
    predicted.sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_no_prediction_knows_what_comes_after_it(kind):
    torch.manual_seed(0)
    model = NextStep(kind)
    X = torch.randn(2, 9, 2)
    changed = X.clone()
    changed[:, 5:] += 1
    assert torch.equal(model(X)[:, :5], model(changed)[:, :5])
    assert not torch.allclose(model(X)[:, 5:], model(changed)[:, 5:])


def test_its_steps_are_those_of_pytorchs_cell():
    torch.manual_seed(1)
    model = NextStep("gru", n_inputs=2, n_hidden=5)
    cell = nn.GRUCell(2, 5)
    for name, parameter in cell.named_parameters():
        parameter.data = getattr(model.rnn, f"{name}_l0").data
    X, h = torch.randn(1, 4, 2), torch.zeros(1, 5)
    for t in range(4):
        h = cell(X[:, t], h)
        torch.testing.assert_close(model(X)[:, t], X[:, t] + model.head(h))


@pytest.mark.parametrize("kind", KINDS)
def test_rolling_out_is_appending_each_prediction_to_what_is_known(kind):
    torch.manual_seed(2)
    model = NextStep(kind)
    known = torch.randn(3, 5, 2)
    by_hand = known
    with torch.no_grad():
        for _ in range(7):
            by_hand = torch.cat([by_hand, model(by_hand)[:, -1:]], dim=1)
    torch.testing.assert_close(roll_out(model, known, 7), by_hand[:, 5:])
    torch.testing.assert_close(roll_out(model, known[1], 7), by_hand[1, 5:])


def test_reading_in_two_parts_is_reading_at_once():
    torch.manual_seed(3)
    model, X = NextStep("lstm"), torch.randn(2, 8, 2)
    first, state = model.read(X[:, :3])
    second, _ = model.read(X[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), model(X))


def test_fit_teaches_it_a_wave():
    torch.manual_seed(0)
    phases = 6.3 * torch.rand(160, 1)
    waves = torch.sin(0.7 * torch.arange(13) + phases)[..., None]  # (N, T, 1)
    X, y = waves[:, :-1], waves[:, 1:]
    model, recipe = NextStep("rnn", 1, 8), {"lr": 0.02, "batch_size": 16, "n_epochs": 10}
    fit(model, (X, y), loss_fn=F.mse_loss, progress=False, **recipe)
    assert F.mse_loss(model(X)[:, 2:], y[:, 2:]) < 0.1 * F.mse_loss(X[:, 2:], y[:, 2:])


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("cnn",), "kind must be one of 'rnn', 'gru', 'lstm', got 'cnn'"),
        (("rnn", 0), "must be at least 1, got 0 and 64"),
    ],
)
def test_impossible_models_are_refused(arguments, part):
    with pytest.raises(ValueError, match=part):
        NextStep(*arguments)


@pytest.mark.parametrize(
    ("start", "n_steps", "part"),
    [
        (torch.zeros(2), 3, r"got \(2,\); a single step becomes"),
        (torch.zeros(5, 3), 3, r"must be \(T, 2\)"),
        (torch.zeros(0, 2), 3, "at least one step"),
        ([[0.0, 0.0]], 3, "got list"),
        (torch.zeros(1, 2), 0, "n_steps must be at least 1"),
    ],
)
def test_a_start_that_is_no_sequence_is_refused(start, n_steps, part):
    with pytest.raises(ValueError, match=part):
        roll_out(NextStep(), start, n_steps)


def test_rolling_out_wants_a_next_step():
    with pytest.raises(ValueError, match="model must be a NextStep, got RNN"):
        roll_out(nn.RNN(2, 3), torch.zeros(1, 2), 3)
