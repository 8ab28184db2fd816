"""Right answers are counted as the loss wants them, whatever the loss."""

import functools
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.training import accuracy, evaluate, fit

generator = torch.Generator().manual_seed(0)
X = torch.randn(64, 3, generator=generator)
YES = (X[:, 0] + 0.4 * torch.randn(64, generator=generator) > 0.3).long()
SIGNS = 2 * YES - 1
SHARES = 0.8 * F.one_hot(YES).float() + 0.1
weight = torch.tensor([1.0, 3.0])


def focal(p, y):
    return -(0.25 * y * (1 - p) ** 2 * p.log() + 0.75 * (1 - y) * p**2 * (1 - p).log()).mean()


class Hinge(nn.Module):
    def forward(self, z, y):
        return (1 - (2 * y - 1) * z).clamp(min=0).mean()


PROBABILITIES = {
    "BCELoss": nn.BCELoss(),
    "F.binary_cross_entropy": F.binary_cross_entropy,
    "weighted": functools.partial(F.binary_cross_entropy, weight=torch.tensor(2.0)),
    "a lambda": lambda p, y: F.binary_cross_entropy(p, y),
    "by hand": lambda p, y: -(y * p.log() + (1 - y) * (1 - p).log()).mean(),
    "focal": focal,
    "mean squared error": F.mse_loss,
    "mean distance": nn.L1Loss(),
}
LOGITS = {
    "F.binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "pos_weight": nn.BCEWithLogitsLoss(pos_weight=torch.tensor(4.0)),
    "pos_weight in a partial": functools.partial(
        F.binary_cross_entropy_with_logits, pos_weight=torch.tensor(4.0)
    ),
    "pos_weight in a lambda": lambda z, y: F.binary_cross_entropy_with_logits(
        z, y, pos_weight=torch.tensor(4.0)
    ),
    "hinge": Hinge(),
}
OF_SIGNS = {
    "SoftMarginLoss": nn.SoftMarginLoss(),
    "hinge by hand": lambda z, y: (1 - y * z).clamp(min=0).mean(),
    "mean squared error": nn.MSELoss(),
}
CLASSES = {
    "cross-entropy": F.cross_entropy,
    "smoothed": nn.CrossEntropyLoss(label_smoothing=0.1, weight=weight),
    "nll": lambda z, y: F.nll_loss(z.log_softmax(1), y),
    "MultiMarginLoss": nn.MultiMarginLoss(),
    "a lambda": lambda z, y: F.cross_entropy(z, y, weight=weight),
}


def trained(loss_fn, y, n_outputs, last=None):
    """Return the accuracies that fit and evaluate tell, and what the model gives."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, n_outputs), last or nn.Identity())
    fit(model, (X, y), n_epochs=30, lr=0.05, loss_fn=loss_fn, progress=False, device="cpu")
    history = fit(
        model, (X, y), n_epochs=1, lr=0.0, batch_size=64, optimizer=torch.optim.SGD,
        loss_fn=loss_fn, progress=False, device="cpu",
    )  # fmt: skip
    with torch.no_grad():
        outputs = model(X)
    measured = evaluate(model, X, y, loss_fn=loss_fn, batch_size=7).accuracy
    assert history.last["train_accuracy"] == pytest.approx(measured, nan_ok=True)
    return measured, outputs


def share(answers, y):
    return (answers == (y == 1)).float().mean().item()


@pytest.mark.parametrize("name", PROBABILITIES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_probability_of_more_than_one_half_is_a_yes(name, dtype):
    measured, p = trained(PROBABILITIES[name], YES.to(dtype), 1, nn.Sigmoid())
    assert measured == pytest.approx(share(p[:, 0] > 0.5, YES))
    assert measured > 0.7
    assert accuracy(p[:, 0], YES.float(), threshold=0.5) == pytest.approx(measured)
    assert accuracy(p[:, 0], YES.float()) != pytest.approx(measured)


@pytest.mark.parametrize("name", LOGITS)
def test_a_logit_above_0_is_a_yes(name):
    measured, z = trained(LOGITS[name], YES.float(), 1)
    assert measured == pytest.approx(share(z[:, 0] > 0, YES))
    assert measured == pytest.approx(accuracy(z[:, 0], YES.float()))


@pytest.mark.parametrize("name", OF_SIGNS)
def test_a_score_above_0_is_a_plus_where_labels_are_signs(name):
    measured, z = trained(OF_SIGNS[name], SIGNS.float(), 1)
    assert measured == pytest.approx(share(z[:, 0] > 0, SIGNS))
    assert measured == pytest.approx(accuracy(z[:, 0], SIGNS.float()))


def test_signs_are_known_in_a_batch_of_nothing_but_plus():
    """An epoch's accuracy may not hang on which labels fell into a batch."""
    model = nn.Linear(3, 1)
    whole, single = (
        evaluate(model, X, SIGNS, loss_fn=F.mse_loss, batch_size=n).accuracy for n in (64, 1)
    )
    assert whole == single


@pytest.mark.parametrize("name", CLASSES)
def test_the_largest_output_is_the_class(name):
    measured, z = trained(CLASSES[name], YES, 2)
    assert measured == pytest.approx(share(z.argmax(1) == 1, YES))


def test_shares_of_classes_are_met_by_the_likeliest():
    measured, z = trained(F.cross_entropy, SHARES, 2)
    assert measured == pytest.approx(share(z.argmax(1) == 1, YES))


def test_several_yes_or_no_are_counted_one_by_one():
    both = torch.stack([YES, (X[:, 1] > 0).long()], dim=1)
    measured, z = trained(nn.BCEWithLogitsLoss(), both, 2)
    assert measured == pytest.approx(((z > 0) == (both == 1)).float().mean().item())


@pytest.mark.parametrize(
    ("loss_fn", "y", "n_outputs"),
    [
        (lambda z, y: F.cross_entropy(-z, y), YES, 2),  # the smallest is the answer
        (nn.HingeEmbeddingLoss(), SIGNS, 1),  # a distance
        (F.mse_loss, X[:, :2], 2),
        (F.binary_cross_entropy_with_logits, 0.8 * YES + 0.1, 1),
        (lambda z, y: (z**2).mean() + 0 * y.sum(), YES.float(), 1),  # does not tell
    ],
)
def test_where_the_loss_does_not_tell_the_accuracy_is_nan(loss_fn, y, n_outputs):
    assert math.isnan(trained(loss_fn, y, n_outputs)[0])


@pytest.mark.parametrize("ignored", [-100, -1, 1])
def test_labels_that_a_loss_ignores_do_not_count_wherever_they_lie(ignored):
    y = YES.clone()
    y[:20] = ignored
    counted = y != ignored
    for loss_fn in (
        nn.CrossEntropyLoss(ignore_index=ignored),
        functools.partial(F.cross_entropy, ignore_index=ignored),
    ):
        measured, z = trained(loss_fn, y, 2)
        right = (z.argmax(1) == y)[counted].float().mean().item()
        assert measured == pytest.approx(right)


@pytest.mark.parametrize(
    ("model", "loss_fn", "y", "advice"),
    [
        (nn.Sequential(nn.Linear(3, 2), nn.Softmax(1)), F.cross_entropy, YES, "softmax out of"),
        (nn.Linear(3, 2), nn.NLLLoss(), YES, "LogSoftmax"),
        (nn.Sequential(nn.Linear(3, 2), nn.Softmax(1)), F.nll_loss, YES, "LogSoftmax"),
        (
            nn.Sequential(nn.Linear(3, 1), nn.Sigmoid(), nn.Flatten(0)),
            nn.BCEWithLogitsLoss(),
            YES,
            "sigmoid twice",
        ),
    ],
)
def test_a_softmax_twice_or_never_is_warned_of(model, loss_fn, y, advice):
    with pytest.warns(UserWarning, match=advice):
        fit(model, (X, y), n_epochs=1, loss_fn=loss_fn, progress=False, device="cpu")


@pytest.mark.parametrize(
    ("model", "loss_fn"),
    [
        (nn.Linear(3, 2), F.cross_entropy),
        (nn.Sequential(nn.Linear(3, 2), nn.LogSoftmax(1)), F.nll_loss),
        (nn.Sequential(nn.Linear(3, 2), nn.Sigmoid()), F.cross_entropy),
        (nn.Sequential(nn.Linear(3, 1), nn.Sigmoid()), F.binary_cross_entropy),
        (nn.Linear(3, 1), F.binary_cross_entropy_with_logits),
    ],
)
def test_nothing_else_is_warned_of(model, loss_fn, recwarn):
    fit(model, (X, YES), n_epochs=1, loss_fn=loss_fn, progress=False, device="cpu")
    assert not recwarn.list
