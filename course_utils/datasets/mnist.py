"""MNIST's handwritten digits: the full set where it is, otherwise the sample of the course.

`load_mnist` looks in this order and takes the first that is there:

1. the folder that it is given;
2. the folder that the environment variable COURSE_DATA names;
3. `data/mnist` in the project, where a teacher can put the full set for everybody;
4. `mnist` in the user's cache folder, where `download_mnist` puts it (see `cache_folder`);
5. `data/mnist-sample` in the project: 4,000 digits to train, 1,000 to test.

Whoever names a folder (1, 2) means it: if it cannot be used, that is an error. The others are
used when all four files are there.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from course_utils.datasets.errors import DatasetError
from course_utils.datasets.idx import NEW_COPY, read_idx
from course_utils.places import named, named_folder

DATA = Path(__file__).resolve().parents[2] / "data"
MNIST_SHARED = DATA / "mnist"
MNIST_SAMPLE = DATA / "mnist-sample"

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)

# SHA-256 over the pixels and labels of the four arrays: what is called MNIST here is MNIST.
FULL_FINGERPRINT = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
SAMPLE_FINGERPRINT = "2bdc997aad38ba213eee2ff03ed96b5784e05d373f431d729933ac3e4da95b7f"

GET_SAMPLE = "for the sample of 5,000 digits: load_mnist(MNIST_SAMPLE)"
MOST_BYTES = 10**8  # of one file, unpacked; all training images of MNIST take half of that
FOUR_FILES = f"The four files are {', '.join(FILES)}, raw or with .gz."


@dataclass(frozen=True, eq=False, repr=False)
class Mnist:
    """Images and labels, to train and to test.

    Attributes:
        train_images, test_images: uint8 `(N, 28, 28)`, 0 (paper) to 255 (ink).
        train_labels, test_labels: int64 `(N,)`, 0 to 9.
        source: "sample" for the 5,000 digits that come with the course, "full" for all that
            another folder holds: MNIST, Fashion-MNIST, or images of your own.
        description: one line: which data, how many, and how to get the other.
    """

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    source: Literal["sample", "full"]
    description: str

    def __repr__(self) -> str:
        return self.description


def load_mnist(folder: str | os.PathLike[str] | None = None) -> Mnist:
    """Load MNIST, or other IDX files of the same form, into memory. Never downloads.

    Args:
        folder: where the four IDX files are, raw or gzip, directly or in `MNIST/raw` or `raw`
            (as torchvision leaves them), named `train-images-idx3-ubyte` or
            `train-images.idx3-ubyte`. Where there are both, gzip is taken first because it
            carries a checksum, and the raw file if the gzip file is damaged.
            None: search (see the top of this module).

    Returns:
        An `Mnist`; printing it tells which data it holds.

    Raises:
        DatasetError: if a file is missing or broken; it names file, cause and remedy.

    Source:
        Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits.

    Example:
        >>> mnist = load_mnist()
        >>> mnist.train_images[0].shape, mnist.train_labels[0]
        (torch.Size([28, 28]), tensor(5))
    """
    files = _find_files(folder)
    train_images, train_labels = read_pair(files, TRAIN_IMAGES, TRAIN_LABELS)
    test_images, test_labels = read_pair(files, TEST_IMAGES, TEST_LABELS)
    arrays = (train_images, train_labels, test_images, test_labels)
    return Mnist(*arrays, *_describe(arrays))


def cache_folder() -> Path:
    """The user's cache folder of the course; it need not exist yet.

    COURSE_CACHE if that is set, otherwise `course-utils` in the platform's place for caches:
    `%LOCALAPPDATA%` on Windows, `~/Library/Caches` on macOS, else `$XDG_CACHE_HOME` or `~/.cache`.

    Example:
        >>> cache_folder() / "mnist"
        PosixPath('/home/ada/.cache/course-utils/mnist')
    """
    if chosen := named_folder("COURSE_CACHE"):
        return chosen
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else os.path.join(home, ".cache")
    return Path(base, "course-utils")


def spellings(name: str) -> tuple[str, ...]:
    """The names under which one of the four files is found, in the order of preference."""
    dotted = name.replace("-idx", ".idx")
    return f"{name}.gz", f"{dotted}.gz", name, dotted


def _find_files(folder: str | os.PathLike[str] | None) -> dict[str, list[Path]]:
    if folder is not None:
        return _files_or_error(Path(os.path.abspath(os.path.expanduser(folder))), "")
    if place := named_folder("COURSE_DATA"):
        remedy = " Correct COURSE_DATA, or unset it to use the sample."
        if not os.path.isabs(named("COURSE_DATA")):
            remedy += f" It begins at the present folder, {os.getcwd()}; a full path is safe."
        return _files_or_error(place, remedy)
    for place in (MNIST_SHARED, cache_folder() / "mnist"):
        files = _files_in(place)
        if all(files.values()):
            return files
    remedy = (
        " The sample comes with the course: clone the repository and install it with "
        "`pip install -e .`, or run `git restore data/mnist-sample`."
    )
    return _files_or_error(MNIST_SAMPLE, remedy)


def _files_in(folder: Path) -> dict[str, list[Path]]:
    """The files that stand for each of the four names, in the layout that has most of them."""
    layouts = [
        {name: [p for s in spellings(name) if os.path.lexists(p := place / s)] for name in FILES}
        for place in (folder, folder / "MNIST" / "raw", folder / "raw")
    ]
    return max(layouts, key=lambda files: sum(map(bool, files.values())))


def _files_or_error(folder: Path, remedy: str) -> dict[str, list[Path]]:
    files = _files_in(folder)
    missing = [name for name, paths in files.items() if not paths]
    if len(missing) == len(FILES):
        raise DatasetError(folder, _why_no_files(folder), FOUR_FILES + remedy)
    if missing:
        cause = f"has no {' and no '.join(missing)}"
        place = next(paths[0] for paths in files.values() if paths).parent
        raise DatasetError(place, cause, f"Put it there, raw or with .gz.{remedy}")
    return files


def _why_no_files(folder: Path) -> str:
    try:
        os.listdir(folder)
        os.stat(folder / ".")  # needs the right to enter, which listing does not
    except FileNotFoundError:
        return "there is no such folder"
    except NotADirectoryError:
        return "is a file, but a folder with four IDX files was wanted"
    except OSError as error:
        return f"cannot be opened ({error.strerror}), you need the right to read it"
    return "is a folder without MNIST's files"


def read_pair(
    files: dict[str, list[Path]], images: str, labels: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Read two files that belong together, each at the first of its places that is whole.

    Args:
        files: the places of each name.
        images, labels: the names of the two.

    Returns:
        uint8 `(N, 28, 28)` and int64 `(N,)`.

    Raises:
        DatasetError: one is missing or broken, or they are of different lengths.
    """
    X, _ = _first_good(files[images], _read_images)
    y, path = _first_good(files[labels], _read_labels)
    if len(X) != len(y):
        cause = f"holds {len(y):,} labels for the {len(X):,} images in {images}"
        raise DatasetError(path, cause, "Take both files from the same data set.")
    return X, y


def _first_good(
    paths: list[Path], read: Callable[[Path], torch.Tensor]
) -> tuple[torch.Tensor, Path]:
    errors = []
    for path in paths:
        try:
            return read(path), path
        except DatasetError as error:
            errors.append(error)
    raise errors[0]


def _read_images(path: Path) -> torch.Tensor:
    images = read_idx(path, max_bytes=MOST_BYTES)
    if images.ndim == 1:
        cause = "holds labels where images were wanted"
        raise DatasetError(path, cause, "Are the names of the two files swapped?")
    if images.dtype != torch.uint8 or images.shape[1:] != (28, 28):
        cause = f"holds {_form(images)}, wanted was uint8 (N, 28, 28)"
        remedy = "Bring the images to 28 × 28 bytes, or read the file with read_idx(path)."
        raise DatasetError(path, cause, remedy)
    return images


def _read_labels(path: Path) -> torch.Tensor:
    labels = read_idx(path, max_bytes=MOST_BYTES)
    if labels.ndim == 3:
        cause = "holds images where labels were wanted"
        raise DatasetError(path, cause, "Are the names of the two files swapped?")
    if labels.ndim != 1 or labels.is_floating_point():
        cause = f"holds {_form(labels)}, wanted were whole numbers (N,)"
        raise DatasetError(path, cause, NEW_COPY)
    wrong = ((labels < 0) | (labels > 9)).nonzero()
    if len(wrong):
        first = int(wrong[0])
        cause = f"has the label {int(labels[first])} at position {first}, wanted are 0 to 9"
        remedy = "Take data with ten classes, or read the file with read_idx(path)."
        raise DatasetError(path, cause, remedy)
    return labels.to(torch.int64)


def _form(array: torch.Tensor) -> str:
    return f"{str(array.dtype).removeprefix('torch.')} {tuple(array.shape)}"


def fingerprint(arrays: tuple[torch.Tensor, ...]) -> str:
    """SHA-256 over the numbers of some uint8 or int64 tensors, each counted as bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.to(torch.uint8).numpy())
    return digest.hexdigest()


def _describe(arrays: tuple[torch.Tensor, ...]) -> tuple[Literal["sample", "full"], str]:
    n_train, n_test = len(arrays[0]), len(arrays[2])
    known = fingerprint(arrays)
    if known == SAMPLE_FINGERPRINT:
        return "sample", (
            f"MNIST sample: {n_train:,} digits to train, {n_test:,} to test; "
            "for the full 60,000 + 10,000: python -m course_utils download"
        )
    if known == FULL_FINGERPRINT:
        return "full", f"Full MNIST: {n_train:,} digits to train, {n_test:,} to test; {GET_SAMPLE}"
    return "full", (
        f"Images that are not MNIST's own set: {n_train:,} to train, {n_test:,} to test; "
        f"{GET_SAMPLE}"
    )
