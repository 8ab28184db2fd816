"""Lesson 11, part 2: its exercises with real processes, and the figures that it states."""

import pytest
import torch
import torch.distributed as dist

from course_utils.exercises import lesson11
from course_utils.figures import sharing
from course_utils.parallel import run_workers


def really_together(rank, n_workers, *inputs):
    return lesson11.TOGETHER.reference(rank, n_workers, *inputs, dist)


def really_a_ring(rank, n_workers, pieces):
    return lesson11.RING.reference(rank, n_workers, pieces[rank], dist)


def by_all_reduce(rank, n_workers, pieces):
    for piece in pieces[rank]:
        dist.all_reduce(piece)
    return pieces[rank]


@pytest.mark.parametrize("case", lesson11._together_cases(), ids=lambda case: f"{case[0]} workers")
def test_real_workers_learn_together_what_one_learns_from_all(case):
    n_workers, *inputs = case
    (alone,) = run_workers(really_together, 1, *inputs)
    for weights in run_workers(really_together, n_workers, *inputs):
        torch.testing.assert_close(weights, alone)


@pytest.mark.parametrize("case", lesson11._ring_cases(), ids=lambda case: f"{case[0]} workers")
def test_a_ring_of_real_workers_gives_what_all_reduce_gives(case):
    n_workers, pieces = case
    ours = run_workers(really_a_ring, n_workers, pieces)
    theirs = run_workers(by_all_reduce, n_workers, pieces)
    assert [[piece.tolist() for piece in one] for one in ours] == [
        [piece.tolist() for piece in one] for one in theirs
    ]


def test_the_bubbles_that_the_lesson_states():
    assert sharing.idle_share(4, 4) == pytest.approx(3 / 7)
    assert sharing.idle_share(4, 16) == pytest.approx(3 / 19)


def test_the_ring_of_the_lesson_sends_what_it_says():
    for n_workers, megabytes in ((8, 175), (80, 197.5)):
        steps = 2 * (n_workers - 1)
        assert steps * 100 / n_workers == megabytes
    assert [round(2 * (n - 1) / n, 2) for n in (8, 64)] == [1.75, 1.97]


def test_amdahls_numbers_are_right():
    bound = [1 / (0.05 + 0.95 / n) for n in (8, 64, 1_000_000)]
    assert [round(times, 1) for times in bound[:2]] == [5.9, 15.4]
    assert 19.9 < bound[2] < 20
    assert round(1 / (0.1 + 0.9 / 100), 1) == 9.2
