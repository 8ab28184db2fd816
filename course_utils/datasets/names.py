"""First names of the US Census of 1990, each once, and how they are written in numbers.

A name is a row of symbols: `END` (which also stands before the first letter), its letters, `END`.
Rows of different lengths are filled up with `PAD`, which never counts as an answer.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from course_utils.datasets.mnist import DATA
from course_utils.datasets.shipped import read_table

NAMES_FILE = DATA / "sequences" / "names.csv"
NAMES_SHA256 = "b838cdf73ed05bf17cf118bb619dd50e8cf37199b41f880fac13c5387544a341"
HEADER = "name,per_100000_women,per_100000_men\n"

LETTERS = string.ascii_lowercase
END, PAD = 0, 27  # a to z are 1 to 26
SYMBOLS = "." + LETTERS + "_"  # what the numbers 0 to 27 stand for
N_SYMBOLS = 27  # that a name is made of: the letters and the end

N_TEST, N_VAL = 1000, 500


@dataclass(frozen=True, repr=False)
class Names:
    """The names of the census, in lower case, each once, and their split by name.

    Attributes:
        all: 5,163 names, the commonest first.
        women, men: how many of 100,000 women (or men) had each name; int64 (5163,).
        train, val, test: 3,663, 500 and 1,000 of them in an order of chance; none is in two parts.
    """

    all: list[str]
    women: Tensor
    men: Tensor
    train: list[str]
    val: list[str]
    test: list[str]

    def __repr__(self) -> str:
        return (
            f"{len(self.all):,} first names: {len(self.train):,} to train, {len(self.val):,} to "
            f"validate, {len(self.test):,} to test"
        )


def load_names(path: Path = NAMES_FILE) -> Names:
    """Load the first names that came with the course.

    Args:
        path: the table; another file than the one shipped is refused.

    Raises:
        DatasetError: the file is missing, or not byte for byte the one that was shipped.

    Source:
        US Census Bureau: Frequently occurring first names, Census 1990; in the public domain.

    >>> load_names().all[:3]
    ['james', 'john', 'robert']
    """
    rows = read_table(path, NAMES_SHA256)
    names = [row[0] for row in rows]
    shares = torch.tensor([[int(women), int(men)] for _, women, men in rows])  # (N, 2)
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(0)).tolist()
    shuffled = [names[index] for index in order]
    return Names(
        names,
        *shares.unbind(1),
        train=shuffled[N_TEST + N_VAL :],
        val=shuffled[N_TEST : N_TEST + N_VAL],
        test=shuffled[:N_TEST],
    )


def encode_names(names: Sequence[str]) -> Tensor:
    """Write names in numbers: END, the letters, END, then PAD up to the longest.

    Args:
        names: made of the letters a to z; capitals are taken as small letters.

    Returns:
        int64 (N, L + 2), L being the length of the longest name. Without its last column it is
        what a model reads, without its first column what it should say at each step.

    Raises:
        ValueError: there is no name, or one has another sign than a letter.

    >>> encode_names(["ab", "c"])
    tensor([[ 0,  1,  2,  0],
            [ 0,  3,  0, 27]])
    """
    if isinstance(names, str) or not len(names):
        raise ValueError(f'names must be a list with at least one text, such as ["ann"]: {names!r}')
    width = max(map(len, names)) + 2
    rows = torch.full((len(names), width), PAD)
    for row, name in zip(rows, names, strict=True):
        if strange := sorted(set(name.lower()) - set(LETTERS)):
            raise ValueError(
                f"names are made of the letters a to z, but {name!r} has {strange[0]!r}; "
                "keep_letters(text) leaves out all else"
            )
        numbers = [END, *(1 + LETTERS.index(letter) for letter in name.lower()), END]
        row[: len(numbers)] = torch.tensor(numbers)
    return rows


def decode_names(rows: Tensor) -> list[str]:
    """Write numbers as names again: the letters before the first END that ends something.

    Args:
        rows: whole numbers from 0 to 27, (N, T), with or without the END before the first letter.

    >>> decode_names(encode_names(["ab", "c"]))
    ['ab', 'c']
    """
    texts = ("".join(SYMBOLS[number] for number in row) for row in rows.tolist())
    return [text.removeprefix(".").split(".")[0].rstrip("_") for text in texts]


def keep_letters(text: str) -> str:
    """Return the letters a to z of a text, in lower case: what a learner typed, as a name.

    >>> keep_letters("Mary-Ann 2")
    'maryann'
    """
    return "".join(letter for letter in text.lower() if letter in LETTERS)
