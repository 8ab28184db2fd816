"""The recipe of lesson 03: what softmax regression reaches, trained as the lesson trains it.

The official test digits are not part of the bundled sample. Set COURSE_FULL_MNIST to a folder with
the full MNIST, and two more figures of the lesson are measured.
"""

import os

import pytest
import torch
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, Mnist, load_mnist
from course_utils.training import evaluate, fit, one_cycle

FULL = os.environ.get("COURSE_FULL_MNIST", "")
SEEDS = (0, 1, 2)


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
    sample = load_mnist(MNIST_SAMPLE)
    assert 0.905 <= reached(sample, sample, n_epochs=10, seed=seed) <= 0.925


if FULL:

    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_sample_reaches_ninety_percent_of_the_official_test_digits(seed):
        sample, full = load_mnist(MNIST_SAMPLE), load_mnist(FULL)
        assert 0.90 <= reached(sample, full, n_epochs=10, seed=seed) <= 0.915

    @pytest.mark.parametrize("seed", SEEDS)
    def test_all_of_mnist_reaches_ninety_two_and_a_half_percent(seed):
        full = load_mnist(FULL)
        assert 0.925 <= reached(full, full, n_epochs=3, seed=seed) <= 0.935
