"""Labelled digits of one's own: two IDX files side by side, images and labels, as MNIST's are."""

from __future__ import annotations

import os
from collections import Counter
from itertools import count
from pathlib import Path

import torch
from torch import Tensor

from course_utils.datasets.errors import DatasetError
from course_utils.datasets.idx import write_idx
from course_utils.datasets.mnist import read_pair
from course_utils.datasets.saving import place_for, written_together


def read_labelled(path: str | os.PathLike[str]) -> tuple[Tensor, Tensor]:
    """Read digits and their labels, as `DigitPad.save` and `write_labelled` write them.

    Args:
        path: the file of the images; that of the labels lies beside (see `labels_beside`).

    Returns:
        Images, uint8 `(N, 28, 28)`, and labels, int64 `(N,)`.

    Raises:
        DatasetError: a file is missing or broken, or the two do not belong together.

    >>> images, labels = read_labelled("mine.idx")
    """
    place = Path(os.path.expanduser(path))
    beside = labels_beside(place)
    return read_pair({place.name: [place], beside.name: [beside]}, place.name, beside.name)


def write_labelled(
    path: str | os.PathLike[str], images: Tensor, labels: Tensor, *, overwrite: bool = False
) -> tuple[Path, Path]:
    """Write digits and their labels as two IDX files, both or none, and return their paths.

    Files that are there already are replaced if all their digits are among the new ones too.

    Args:
        path: the file of the images, gzip if it ends in `.gz`; the labels go beside.
        images: uint8 `(N, 28, 28)`.
        labels: `(N,)`, 0 to 9.
        overwrite: replace whatever is there.

    Raises:
        DatasetError: there are other digits, or a file cannot be written.

    >>> write_labelled("mine.idx", images, labels)
    (PosixPath('mine.idx'), PosixPath('mine-labels.idx'))
    """
    place = place_for(path, "mine.idx")
    beside = labels_beside(place)
    if not overwrite and (loss := _what_would_be_lost(place, beside, images, labels)):
        remedy = f"Name another file, such as {_free(place)}, or say overwrite=True to replace it."
        raise DatasetError(place, loss, remedy)
    with written_together(place, beside) as (images_file, labels_file):
        write_idx(images_file, images)
        write_idx(labels_file, labels.to(torch.uint8))
    return place, beside


def labels_beside(path: Path) -> Path:
    """Return where the labels lie that belong to images.

    >>> labels_beside(Path("mine.idx.gz")).name
    'mine-labels.idx.gz'
    """
    return _renamed(path, "-labels")


def _renamed(path: Path, ending: str) -> Path:
    """Put something between the stem of a file's name and its suffix, `.gz` apart."""
    bare, packed = (path.with_suffix(""), ".gz") if path.suffix == ".gz" else (path, "")
    return path.with_name(f"{bare.stem}{ending}{bare.suffix}{packed}")


def _free(place: Path) -> str:
    """Return a name like this one under which there is no file."""
    names = (_renamed(place, f"-{number}") for number in count(2))
    return next(path for path in names if not os.path.lexists(path)).name


def _what_would_be_lost(place: Path, beside: Path, images: Tensor, labels: Tensor) -> str:
    """Return what is there and is not among the new digits, "" if nothing."""
    there = [path for path in (place, beside) if os.path.lexists(path)]
    if not there:
        return ""
    if len(there) == 1:
        return f"cannot be saved safely, since there is a {there[0].name} without its other half"
    try:
        old = Counter(_keys(*read_labelled(place)))
    except DatasetError as error:
        return f"holds something else: {Path(error.file).name} {error.cause}"
    lost = old - Counter(_keys(images, labels))
    return f"holds {lost.total()} digits that are not among these {len(images)}" if lost else ""


def _keys(images: Tensor, labels: Tensor) -> list[tuple[bytes, int]]:
    return [(image.numpy().tobytes(), int(n)) for image, n in zip(images, labels, strict=True)]
