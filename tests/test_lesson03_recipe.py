"""The recipe of lesson 03: what softmax regression reaches, trained as the lesson trains it.

The official test digits are not part of the bundled sample. Set COURSE_FULL_MNIST to a folder with
the full MNIST, and two more figures of the lesson are measured.
"""

import os

import pytest
import torch
from lesson_code import lesson_definitions
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, Mnist, load_mnist
from course_utils.training import evaluate, fit, one_cycle, predict

FULL = os.environ.get("COURSE_FULL_MNIST", "")
SEEDS = (0, 1, 2)
LESSON = lesson_definitions("03")
SAMPLE = load_mnist(MNIST_SAMPLE)
X_TEST, Y_TEST = LESSON["to_rows"](SAMPLE.test_images), SAMPLE.test_labels


def reached(trained_on: Mnist, tested_on: Mnist, *, n_epochs: int, seed: int) -> float:
    """Train the lesson's layer and return its accuracy on the test digits."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    data = trained_on.train_images, trained_on.train_labels
    fit(
        model,
        data,
        n_epochs=n_epochs,
        lr=0.01,
        schedule=one_cycle,
        device="cpu",
        seed=seed,
        progress=False,
    )
    return evaluate(model, tested_on.test_images, tested_on.test_labels).accuracy


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sample_alone_teaches_nine_digits_out_of_ten(seed):
    assert 0.905 <= reached(SAMPLE, SAMPLE, n_epochs=10, seed=seed) <= 0.925


def split():
    """Return the lesson's rows and labels to train, and those to validate."""
    X, y = LESSON["to_rows"](SAMPLE.train_images), SAMPLE.train_labels
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))
    val, train = order[: len(y) // 8], order[len(y) // 8 :]
    return (X[train], y[train]), (X[val], y[val])


def trained(data, *, seed=0, n_epochs=10, **options):
    """Return a layer that learned from rows of pixels as the lesson's does, and its history."""
    torch.manual_seed(seed)
    model = nn.Linear(784, 10)
    recipe = {"lr": 0.01, "schedule": one_cycle, "device": "cpu", "seed": seed, "progress": False}
    history = fit(model, data, n_epochs=n_epochs, **recipe, **options)
    return model, history


@pytest.fixture(scope="module", params=SEEDS)
def final(request):
    X = LESSON["to_rows"](SAMPLE.train_images)
    return trained((X, SAMPLE.train_labels), seed=request.param)[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_three_of_the_viewer_is_read_by_its_upper_half(seed):
    (X, y), (X_val, y_val) = split()
    torch.manual_seed(seed)
    W, b = LESSON["train_from_scratch"](X, y)
    x = X_val[51 - 1]
    assert y_val[51 - 1] == 3
    first, *next_two = (W @ x + b).topk(3).indices.tolist()
    assert (first, sorted(next_two)) == (3, [2, 5])
    upper, lower = ((W[[3, 2, 5]] * x).reshape(3, 2, 392).sum(dim=2)).T.tolist()
    assert min(lower) > 2
    assert upper[0] > 5
    assert max(upper[1:]) < 0.5


def test_after_forty_epochs_the_gap_between_the_losses_is_wide():
    train, val = split()
    last = trained(train, val=val, n_epochs=40)[1].last
    assert last["train_loss"] == pytest.approx(0.07, abs=0.005)
    assert last["val_loss"] == pytest.approx(0.36, abs=0.01)


def test_it_says_how_often_it_is_right_in_each_group(final):
    said, right = LESSON["said_and_right"](predict(final, X_TEST).softmax(dim=1), Y_TEST)
    assert said == pytest.approx(right, abs=0.09)
    assert right[-1] > said[-1]
    assert right[-2] > said[-2]


def test_the_groups_are_those_of_the_probabilities():
    probs = torch.tensor([[0.45, 0.3, 0.25], [0.6, 0.4, 0.0], [0.2, 0.8, 0.0], [0.0, 0.05, 0.95]])
    said, right = LESSON["said_and_right"](probs, torch.tensor([1, 0, 1, 2]))
    assert said == pytest.approx([0.45, 0.6, 0.8, 0.95])
    assert right == [0, 1, 1, 1]


def test_moved_by_four_pixels_it_stays_sure_and_is_wrong(final):
    moved = LESSON["shift_right"](X_TEST.reshape(-1, 28, 28), 4).flatten(1)
    said, answers = predict(final, moved).softmax(dim=1).max(dim=1)
    assert said.mean() == pytest.approx(0.73, abs=0.02)
    assert (answers == Y_TEST)[said > 0.9].float().mean() < 1 / 3


def test_a_digit_that_kept_its_ink_is_read_as_before_once_it_is_centred(final):
    pictures = X_TEST.reshape(-1, 28, 28)
    moved = LESSON["shift_right"](pictures, 6)
    whole = (moved.sum(dim=(1, 2)) - pictures.sum(dim=(1, 2))).abs() < 1e-3
    assert 0.45 < whole.float().mean() < 0.55, "every second one has lost a little"
    again = predict(final, LESSON["centre"](moved).flatten(1)).argmax(dim=1)
    before = predict(final, X_TEST).argmax(dim=1)
    assert torch.equal(again[whole], before[whole])


def test_bytes_hardly_change_the_accuracy_and_blow_up_the_loss(final):
    from_bytes = evaluate(final, SAMPLE.test_images.flatten(1).float(), Y_TEST)
    scaled = evaluate(final, X_TEST, Y_TEST)
    assert scaled.accuracy - 0.01 < from_bytes.accuracy <= scaled.accuracy
    assert from_bytes.loss == pytest.approx(41, abs=1)
    assert scaled.loss == pytest.approx(0.29, abs=0.01)


if FULL:

    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_sample_reaches_ninety_percent_of_the_official_test_digits(seed):
        full = load_mnist(FULL)
        assert 0.90 <= reached(SAMPLE, full, n_epochs=10, seed=seed) <= 0.915

    @pytest.mark.parametrize("seed", SEEDS)
    def test_all_of_mnist_reaches_ninety_two_and_a_half_percent(seed):
        full = load_mnist(FULL)
        assert 0.925 <= reached(full, full, n_epochs=3, seed=seed) <= 0.935
