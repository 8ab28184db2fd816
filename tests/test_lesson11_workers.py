"""Lesson 11, part 2: its exercises with real processes, and the figures that it states."""

import pytest
import torch
import torch.distributed as dist

from course_utils.exercises import lesson11
from course_utils.exercises.engine import examine
from course_utils.figures import sharing
from course_utils.parallel import run_workers


def really_together(rank, n_workers, *inputs):
    return lesson11.TOGETHER.reference(rank, n_workers, *inputs, dist)


def really_a_ring(rank, n_workers, pieces):
    return lesson11.RING.reference(rank, n_workers, pieces[rank], dist)


def ask_first(piece, buffer, right, left, talk):
    request = talk.irecv(buffer, src=left)
    talk.send(piece, dst=right)
    request.wait()
    return buffer


def really_asked_for(rank, n_workers, pieces):
    return lesson11._ring(rank, n_workers, pieces[rank], dist, hand_on=ask_first)


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
    ours, asked, theirs = (
        [[piece.tolist() for piece in one] for one in run_workers(way, n_workers, pieces)]
        for way in (really_a_ring, really_asked_for, by_all_reduce)
    )
    assert ours == asked == theirs


def test_a_ring_that_asks_before_it_sends_is_right_too():
    answer = lesson11._ring_with(hand_on=ask_first)
    assert examine(lesson11.RING, answer).status == "right"


def asks_and_does_not_wait(piece, buffer, right, left, talk):
    talk.irecv(buffer.zero_(), src=left)
    talk.send(piece, dst=right)
    return buffer


def gathers(w, slope, lr, n_workers, talk):
    talk.all_gather([w, w], slope(w))
    return w


def adds_in_the_background(w, slope, lr, n_workers, talk):
    gradient = slope(w)
    talk.all_reduce(gradient, async_op=True).wait()
    return w - lr * gradient / n_workers


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("ring", lesson11._ring_with(hand_on=asks_and_does_not_wait), "irecv only asks"),
        ("together", lesson11._together_with(lesson11._own_samples, gathers), "all_gather is not"),
        (
            "together",
            lesson11._together_with(lesson11._own_samples, adds_in_the_background),
            "has no async_op here: all_reduce(tensor) is all",
        ),
    ],
)
def test_what_is_asked_of_a_group_in_vain_is_said_plainly(name, answer, says):
    verdict = examine(lesson11.EXERCISES[name], answer)
    said = verdict.message + (verdict.mistake.hint if verdict.mistake else "")
    assert verdict.status == "wrong"
    assert says in said
    assert "spelling" not in said
    assert "number of arguments" not in said


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda n, f, d, size, speed: (f + d) / (f + d / n + (n - 1) * size / speed) / n, "n-th"),
        (
            lambda n, f, d, size, speed: ((f + d) / f + d / n + 2 * (n - 1) / n * size / speed) / n,
            "Brackets",
        ),
        (
            lambda n, f, d, size, speed: 1 - (f + d / n + 2 * (n - 1) / n * size / speed) / (f + d),
            "share of the time that is saved",
        ),
        (lambda *inputs: round(lesson11._efficiency(*inputs), 2), "unrounded"),
    ],
)
def test_natural_slips_with_the_efficiency_get_a_hint(answer, says):
    assert says in examine(lesson11.EFFICIENCY, answer).mistake.hint


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
