"""Make data/mnist-sample from the full MNIST: 500 digits of each class, 400 of them to train.

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

N_TRAIN, N_TEST = 400, 100  # of each class
CONTENT_SHA256 = {
    TRAIN_IMAGES: "1edb0376ad770d05deea6c696693f5882c993d72d1a2f8ea7f0e3f057f1cfb2f",
    TRAIN_LABELS: "eff120e01f651c4673776d501e2c9cb8986959930f915af888eeda19e96879f6",
    TEST_IMAGES: "af0e8803969c5c2f6a0d83ab42f82a1cb41bf1342a970b35c892ec2e156a5eb3",
    TEST_LABELS: "cdcf773408af8745d01de5bef0d186422d9969c8d219f6c85cb6e0d62082fc6e",
}


def choose(
    labels: torch.Tensor, n_train: int = N_TRAIN, n_test: int = N_TEST
) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions of the first digits of each class, in their original order.

    Args:
        labels: int64 `(N,)`, the labels of MNIST's training set.
        n_train: how many of each class come first, to train.
        n_test: how many of each class come next, to test.

    Returns:
        Two int64 tensors, ascending: positions to train, positions to test.

    Raises:
        ValueError: if a class has too few digits.
    """
    train, test = [], []
    for digit in range(10):
        places = (labels == digit).nonzero().squeeze(1)
        if len(places) < n_train + n_test:
            raise ValueError(f"{n_train + n_test} digits {digit} wanted, got {len(places)}")
        train.append(places[:n_train])
        test.append(places[n_train : n_train + n_test])
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
