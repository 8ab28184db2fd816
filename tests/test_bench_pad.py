"""What the pad's benchmark computes; what it measures needs a browser and is not tried here."""

import math
from itertools import combinations, pairwise

import bench_pad
import pytest


def test_the_spiral_stays_on_the_pad_and_off_its_own_ink():
    points = list(bench_pad.spiral(120))
    assert all(1 / 28 < at < 1 - 1 / 28 for point in points for at in point)
    assert [math.dist(*pair) for pair in pairwise(points)] == pytest.approx([0.03] * 120, abs=0.002)
    apart = [math.dist(points[i], points[j]) for i, j in combinations(range(121), 2) if j > i + 5]
    assert min(apart) > 1 / 14


@pytest.mark.parametrize(("n", "wanted"), [(1, 1), (20, 19), (100, 95), (21, 20)])
def test_p95_is_a_value_that_was_measured(n, wanted):
    assert bench_pad.p95(list(range(n, 0, -1))) == wanted


def test_a_limit_is_met_at_its_very_value_and_missed_beyond():
    one = {"ink": 5, "ink p95": 20, "reading": 30, "busy max": 100.5}
    rivals = {
        "ipycanvas, synced": one | {"ink": 40, "reading": 74},
        "ipycanvas, own": one | {"ink": 39, "reading": 75},
    }
    verdicts = bench_pad.asked({pad.name: one for pad in bench_pad.PADS} | rivals)
    assert [what for what, *_, met in verdicts if not met] == [
        "kernel: longest wait for ink in a busy cell, ms",
        "page: longest wait for ink in a busy cell, ms",
        "kernel: reading, times synced",
        "kernel: ink, times own",
        "page: ink, times own",
    ]
