"""Wilson's interval: against its definition, and against chance."""

import math

import pytest
import torch

from course_utils.training import wilson
from course_utils.training.intervals import Z_95


@pytest.mark.parametrize(("n_right", "n"), [(0, 10), (5, 10), (10, 10), (988, 1000), (1, 1)])
def test_its_ends_are_the_shares_that_lie_just_so_far_from_the_count(n_right, n):
    for end in wilson(n_right, n):
        distance = abs(n_right / n - end)
        assert distance == pytest.approx(Z_95 * math.sqrt(end * (1 - end) / n), abs=1e-7)


def test_it_stays_between_nothing_and_all():
    assert wilson(0, 20)[0] == 0
    assert wilson(20, 20)[1] == pytest.approx(1)
    assert wilson(20, 20)[0] < 0.9 < wilson(2000, 2000)[0]


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_it_holds_the_true_share_95_times_of_100(share):
    generator = torch.Generator().manual_seed(0)
    counts = (torch.rand(4000, 200, generator=generator) < share).sum(1)
    held = sum(low <= share <= high for low, high in (wilson(int(k), 200) for k in counts))
    assert held / 4000 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("n_right", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(n_right, n):
    with pytest.raises(ValueError, match="n_right from 0 to n"):
        wilson(n_right, n)
