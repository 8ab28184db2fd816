"""Sunspots, counted year by year since 1700: a real series with a beat of about eleven years."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.datasets.mnist import DATA
from course_utils.datasets.shipped import read_table

SUNSPOTS = DATA / "sequences" / "sunspots.csv"
SUNSPOTS_SHA256 = "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b"


def load_sunspots() -> tuple[Tensor, Tensor]:
    """Return the yearly mean sunspot number of the sun, 1700 to 2008.

    A sunspot number counts groups of dark spots on the sun ten times and single spots once
    (R. Wolf, 1848), so that it has no unit. Before 1749 it rests on few observations.

    Returns:
        The years, int64 (309,), and the numbers, float32 (309,), from 0 to 190.2.

    Raises:
        DatasetError: the file is missing or is not, number by number, what it should be.

    Source:
        National Geophysical Data Center (USA), public domain; taken from the Python package
        statsmodels, which ships it as `statsmodels.datasets.sunspots`.

    >>> years, numbers = load_sunspots()
    >>> years[257], numbers[257]
    (tensor(1957), tensor(190.2000))
    """
    rows = read_table(SUNSPOTS, SUNSPOTS_SHA256)
    years, numbers = zip(*rows, strict=True)
    return torch.tensor([int(year) for year in years]), torch.tensor([float(n) for n in numbers])
