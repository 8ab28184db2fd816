"""All-reduce as a ring: what each worker holds, sends and has summed after each step."""

import numpy as np
import pytest
import torch

from course_utils.parallel import WAYS, piece_bounds, piece_sent, ring_steps, traffic

SIZES = range(1, 9)


def gradients(n, size=24, dtype=np.float32):
    return np.random.default_rng(n).standard_normal((n, size)).astype(dtype)


@pytest.mark.parametrize("n", SIZES)
def test_in_the_end_every_worker_has_the_sum(n):
    G = gradients(n, dtype=float)
    steps = ring_steps(G)
    assert len(steps) == 2 * (n - 1) + 1
    assert np.allclose(steps[-1].held, G.sum(0), atol=1e-12)
    assert steps[-1].summed.all()


@pytest.mark.parametrize("n", SIZES)
def test_every_worker_ends_with_the_same_bits_though_each_piece_is_added_in_another_order(n):
    G = gradients(n)
    held = ring_steps(G)[-1].held
    assert held.dtype == np.float32
    assert (held == held[0]).all()
    if n == 8:  # the sum in the order of the ranks rounds otherwise somewhere
        in_order = np.add.accumulate(G)[-1]
        assert (held[0] != in_order).any()
        assert np.allclose(held[0], in_order, atol=1e-5)


@pytest.mark.parametrize("size", [1, 3, 7, 13])
def test_sizes_that_do_not_divide_are_cut_as_tensor_split_cuts_them(size):
    G = gradients(4, size, float)
    assert np.allclose(ring_steps(G)[-1].held, G.sum(0), atol=1e-12)
    cut = [len(part) for part in torch.arange(size).tensor_split(4)]
    assert [piece.stop - piece.start for piece in piece_bounds(size, 4)] == cut


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_what_is_said_to_be_summed_is_what_the_numbers_are_the_sum_of(n):
    G = gradients(n, 3 * n, float)
    for step in ring_steps(G):
        for worker in range(n):
            for piece, where in enumerate(piece_bounds(3 * n, n)):
                whose = step.summed[worker, piece]
                assert np.allclose(step.held[worker, where], G[whose][:, where].sum(0))


@pytest.mark.parametrize("n", [2, 3, 8])
def test_after_the_first_half_each_worker_has_one_finished_piece_that_of_its_right(n):
    half = ring_steps(gradients(n))[n - 1]
    assert half.phase == "reduce-scatter"
    finished = half.summed.all(2)
    assert finished.sum() == n
    assert all(finished[rank, (rank + 1) % n] for rank in range(n))


def test_nothing_is_changed_but_what_arrives_from_the_left():
    before, after = ring_steps(gradients(5))[:2]
    changed = {
        (worker, piece)
        for worker in range(5)
        for piece, where in enumerate(piece_bounds(24, 5))
        if (before.held[worker, where] != after.held[worker, where]).any()
    }
    assert after.sent == (0, 1, 2, 3, 4)
    assert changed == {(1, 0), (2, 1), (3, 2), (4, 3), (0, 4)}


def test_the_rule_of_the_lesson_counts_the_second_half_from_nought_again():
    n = 5
    for rank in range(n):
        for t in range(n - 1):
            assert piece_sent(rank, t, n) == (rank - t) % n
            assert piece_sent(rank, n - 1 + t, n) == (rank + 1 - t) % n


def test_a_worker_sends_on_what_it_has_just_received():
    for t in range(1, 6):
        for rank in range(4):
            assert piece_sent(rank, t, 4) == piece_sent((rank - 1) % 4, t - 1, 4)


def worker(rank, n, own):
    """The ring as one worker does it, as lesson 11 asks for: yields what it sends to its right."""
    pieces = list(own.tensor_split(n))
    for t in range(n - 1):
        came = yield pieces[(rank - t) % n].clone()
        pieces[(rank - 1 - t) % n] += came
    for t in range(n - 1):
        came = yield pieces[(rank + 1 - t) % n].clone()
        pieces[(rank - t) % n][:] = came
    yield


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_workers_who_know_only_their_neighbours_hold_the_same_at_each_step(n):
    own = torch.tensor(gradients(n))
    steps = ring_steps(own.numpy())
    workers = [
        worker(
            rank,
            n,
            own[rank],
        )
        for rank in range(n)
    ]
    sent = [next(each) for each in workers]
    for step in steps[1:]:
        sent = [each.send(sent[rank - 1]) for rank, each in enumerate(workers)]
        assert (own.numpy() == step.held).all()


@pytest.mark.parametrize("n", [2, 3, 4, 8])
def test_bytes_sent_by_the_ring_are_those_that_its_steps_send(n):
    steps = ring_steps(gradients(n, 3 * n))
    each = (len(steps) - 1) * 3 * 4  # bytes: 3 numbers of float32 a piece
    ring = traffic("ring", n, size=3 * n * 4)
    assert (ring.busiest, ring.others, ring.total) == (each, each, n * each)


@pytest.mark.parametrize("n", SIZES)
def test_the_ring_sends_no_less_in_total_than_all_to_one_but_no_worker_sends_two(n):
    ring, one, every = (traffic(way, n) for way in WAYS)
    assert ring.total == one.total == one.busiest + (n - 1) * one.others
    assert every.total == n * every.busiest
    assert one.busiest == every.busiest == n - 1
    assert ring.busiest < 2


@pytest.mark.parametrize("wrong", [[1.0, 2.0], [[]], np.zeros((2, 2, 2))])
def test_what_is_no_row_of_numbers_a_worker_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\(n, D\).*np\.stack"):
        ring_steps(wrong)


def test_what_there_is_not_is_refused():
    with pytest.raises(ValueError, match="t 0 to 5"):
        piece_sent(0, 6, 4)
    with pytest.raises(ValueError, match="rank must be 0 to 3"):
        piece_sent(4, 0, 4)
    for wrong in (("tree", 4), ("ring", 0), ("ring", 4, -1)):
        with pytest.raises(ValueError, match="everybody to everybody"):
            traffic(*wrong)
