"""Make data/mnist-sample from the full MNIST: 500 digits of each class, every fifth to test.

    python tools/make_mnist_sample.py [--out FOLDER]

Takes the full set where `load_mnist` finds it (COURSE_DATA, data/mnist, the user's cache) and
downloads it otherwise. The same files come out, byte for byte, each time; what is printed are
the rows of the table in data/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import torch

from course_utils.datasets import MNIST_SAMPLE, DatasetError, download_mnist, load_mnist, write_idx
from course_utils.datasets.idx import idx_bytes
from course_utils.datasets.mnist import (
    FULL_FINGERPRINT,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    fingerprint,
)

PER_CLASS = 500  # of which every fifth is to test
CONTENT_SHA256 = {
    TRAIN_IMAGES: "1982b358ae459242dd5acd0b52d0c01220af388dd6c62ae8ad4b719d5a3e7e81",
    TRAIN_LABELS: "cb655b9f2fb2fc1511fd97314a2c2755b0bcea25cb512952d502360a70a0de92",
    TEST_IMAGES: "4d685a1a8fc7fffe04d99ba49ddc58af642500692d753247d8e9a4892271429e",
    TEST_LABELS: "cd9e93afb43fb58e2df826fcad1baa40730cc2b0e712210dd6568d9f818d165d",
}


def choose(labels: torch.Tensor, per_class: int = PER_CLASS) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions of the first digits of each class, in their original order.

    Args:
        labels: int64 `(N,)`, the labels of MNIST's training set.
        per_class: how many of each class; every fifth is to test, the others to train.

    Returns:
        Two int64 tensors, ascending: positions to train, positions to test.

    Raises:
        ValueError: if a class has too few digits.
    """
    train, test = [], []
    for digit in range(10):
        places = (labels == digit).nonzero().squeeze(1)[:per_class]
        if len(places) < per_class:
            raise ValueError(f"{per_class} digits {digit} wanted, got {len(places)}")
        fifth = torch.arange(per_class) % 5 == 4
        train.append(places[~fifth])
        test.append(places[fifth])
    return torch.cat(train).sort().values, torch.cat(test).sort().values


def make_sample(images: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
    """The four arrays of the sample by file name, all uint8, from MNIST's training set."""
    train, test = choose(labels)
    small = labels.to(torch.uint8)
    return {
        TRAIN_IMAGES: images[train],
        TRAIN_LABELS: small[train],
        TEST_IMAGES: images[test],
        TEST_LABELS: small[test],
    }


def find_full_training_set() -> tuple[torch.Tensor, torch.Tensor]:
    """MNIST's 60,000 training digits, downloaded only if they are nowhere to be found."""
    mnist = load_mnist()
    if mnist.source == "sample":
        mnist = load_mnist(download_mnist())
    arrays = mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels
    if fingerprint(arrays) != FULL_FINGERPRINT:
        remedy = "Point COURSE_DATA to the full MNIST, or unset it to download."
        raise DatasetError("COURSE_DATA", f"does not name MNIST ({mnist})", remedy)
    return arrays[:2]


def main(out: Path) -> None:
    """Write the four files into `out`, after checking that they are what they have to be."""
    sample = make_sample(*find_full_training_set())
    for name, array in sample.items():
        if hashlib.sha256(idx_bytes(array)).hexdigest() != CONTENT_SHA256[name]:
            raise SystemExit(f"{name} would not be the file that CONTENT_SHA256 describes")
    out.mkdir(parents=True, exist_ok=True)
    for name, array in sample.items():
        path = out / f"{name}.gz"
        write_idx(path, array)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"| `{path.name}` | {len(array):,} | `{sha256}` | `{CONTENT_SHA256[name]}` |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MNIST_SAMPLE, help="where the files go")
    main(parser.parse_args().out)
