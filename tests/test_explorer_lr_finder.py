"""The learning-rate finder: the range test is a real training, of a copy."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.explorers.lr_finder import N_SHORT, RATES, lr_finder
from course_utils.training import find_lr, smooth


@pytest.fixture(scope="module")
def data():
    generator = torch.manual_seed(0)
    centres = 2 * torch.randn(4, 10, generator=generator)
    y = torch.arange(512) % 4
    return centres[y] + torch.randn(512, 10, generator=generator), y


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(10, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Dropout(0.1), nn.Linear(20, 4)
    )


@pytest.fixture
def explorer(model, data):
    return lr_finder(model, data, optimizer=torch.optim.SGD)


def test_the_model_and_the_learners_random_numbers_stay_as_they_are(model, data):
    before, mode = copy.deepcopy(model.state_dict()), model.training
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    find_lr(model, data)
    assert torch.equal(torch.rand(1), wanted)
    assert model.training == mode
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_rates_grow_by_one_factor_and_reach_the_highest(model, data):
    lrs, losses = find_lr(model, data, lowest=1e-6, highest=1e-4, n_steps=21)
    assert lrs.shape == losses.shape == (21,)
    assert lrs[0] == pytest.approx(1e-6)
    assert lrs[-1] == pytest.approx(1e-4)
    assert torch.allclose(lrs[1:] / lrs[:-1], torch.tensor(100 ** (1 / 20), dtype=lrs.dtype))


def test_the_losses_are_those_of_a_training_with_these_rates(data):
    X, y = data
    model = nn.Linear(10, 4)
    lrs, losses = find_lr(
        model, data, lowest=0.001, highest=0.1, n_steps=6, batch_size=512, optimizer=torch.optim.SGD
    )
    ours, wanted = copy.deepcopy(model), []
    for lr in lrs:
        loss = F.cross_entropy(ours(X), y)
        wanted.append(loss.item())
        for parameter, slope in zip(
            ours.parameters(), torch.autograd.grad(loss, ours.parameters()), strict=True
        ):
            parameter.data -= float(lr) * slope
    assert losses.tolist() == pytest.approx(wanted, rel=1e-4)


def test_the_test_ends_early_when_the_loss_explodes(model, data):
    lrs, losses = find_lr(model, data, highest=1e6, optimizer=torch.optim.SGD)
    assert len(lrs) == len(losses) == 100  # as many, wherever it explodes
    tried = int(torch.isfinite(losses).sum())
    assert 10 < tried < 100
    assert torch.isfinite(losses[:tried]).all()
    assert losses[tried:].isnan().all()
    assert np.isfinite(smooth(losses)).tolist() == torch.isfinite(losses).tolist()


def test_it_is_repeatable(model, data):
    once, again = find_lr(model, data)[1], find_lr(model, data)[1]
    assert torch.equal(once.nan_to_num(-1), again.nan_to_num(-1))


@pytest.mark.parametrize("settings", [{"lowest": 0}, {"lowest": 2, "highest": 1}, {"n_steps": 1}])
def test_an_empty_range_is_refused(model, data, settings):
    with pytest.raises(ValueError, match="needs 0 < lowest < highest"):
        find_lr(model, data, **settings)


def test_data_that_do_not_fit_the_model_are_refused(model, data):
    with pytest.raises(ValueError, match="the model cannot take"):
        find_lr(model, (data[0][:, :5], data[1]))
    with pytest.raises(ValueError, match="must be a pair"):
        find_lr(model, data[0])


def test_smoothing_keeps_straight_lines_straight_and_their_length():
    line = np.arange(30.0)
    assert np.allclose(smooth(line)[4:-4], line[4:-4])
    assert smooth([5.0]).tolist() == [5.0]


def test_the_suggested_rate_is_at_most_a_tenth_of_where_the_loss_is_least(model, data, explorer):
    lrs, losses = find_lr(model, data, optimizer=torch.optim.SGD)
    least = float(lrs[np.nanargmin(smooth(losses))])
    nearby = [rate for rate in RATES if rate <= least / 10]
    assert explorer.values["lr"] == nearby[-1]


def test_the_suggested_rate_learns_and_the_smallest_hardly(explorer):
    assert "the loss falls" in explorer.text
    explorer.set(lr=RATES[0])
    assert "Too small" in explorer.text


def test_the_largest_rate_is_called_too_large(model, data):
    explorer = lr_finder(model[:2] + nn.Sequential(nn.Linear(20, 4)), data)
    explorer.set(lr=RATES[-1])
    assert "oo large" in explorer.text


def test_each_rate_changes_the_picture_and_the_text(explorer):
    before = explorer.picture.png, explorer.text
    explorer.set(lr=0.001)
    assert explorer.picture.png != before[0]
    assert explorer.text != before[1]
    assert f"{N_SHORT} points" in explorer.text


def test_one_can_begin_with_a_rate_of_ones_own(model, data):
    assert lr_finder(model, data, lr=0.0101).values["lr"] == 0.01
    with pytest.raises(ValueError, match="must be positive"):
        lr_finder(model, data, lr=0)


def test_a_touch_chooses_the_nearest_rate_and_one_beside_the_curve_none(explorer):
    assert explorer.touch(0.02, 1.0) == {"lr": 0.03}
    assert explorer.touch(1e-9, 1.0) == {"lr": RATES[0]}
    assert explorer.touch(1e4, 1.0) == {}
