"""The digits that shipped models are trained on: MNIST's, and what people add to theirs."""

from __future__ import annotations

import torch
from handwriting import pen_digits
from recipes import Data

from course_utils.datasets import DatasetError, load_mnist
from course_utils.datasets.mnist import FULL_FINGERPRINT, fingerprint
from course_utils.ink.augment import add_forms

SEED = 0
N_TRAIN = 55_000
N_FORMS = 12_000  # zeros, ones and sevens that get lines drawn in
N_PENS = 40_000  # digits from stroke templates
GENTLY = "each batch a bit turned, slanted, stretched, moved and bent"
PEOPLE = (
    f"{N_FORMS:,} of MNIST's zeros, ones and sevens with slash, flag, foot or bar drawn in; "
    f"{N_PENS:,} digits from stroke templates"
)


def full_mnist() -> tuple[Data, Data, Data]:
    """Return MNIST's digits to train, to validate and to test.

    Raises:
        DatasetError: `load_mnist` does not find the full MNIST.
    """
    mnist = load_mnist()
    arrays = mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels
    if fingerprint(arrays) != FULL_FINGERPRINT:
        remedy = (
            "Run `python -m course_utils download`, or point COURSE_DATA to the four files of "
            "MNIST."
        )
        raise DatasetError("MNIST", f"the full set is needed, found was: {mnist}", remedy)
    X, y = mnist.train_images[:, None], mnist.train_labels  # (N, 28, 28) -> (N, 1, 28, 28)
    test = mnist.test_images[:, None], mnist.test_labels
    return (X[:N_TRAIN], y[:N_TRAIN]), (X[N_TRAIN:], y[N_TRAIN:]), test


def digits_of_people(train: Data) -> Data:
    """Return `train` and what it hardly has: forms drawn into its digits, and pen strokes."""
    X, y = train
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))
    chosen = order[torch.isin(y[order], torch.tensor([0, 1, 7]))][:N_FORMS]
    with_forms = add_forms(X[chosen, 0], y[chosen], seed=SEED)
    pens, pen_labels = pen_digits(N_PENS, seed=SEED)
    images = torch.cat([X, with_forms[:, None], pens[:, None]])
    return images, torch.cat([y, y[chosen], pen_labels])
