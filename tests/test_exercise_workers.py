"""The workers in threads with which exercises are checked: they talk, and nobody waits in vain."""

import sys
import threading

import pytest
import torch

from course_utils.exercises import workers
from course_utils.exercises.limits import TookTooLongError
from course_utils.exercises.workers import GroupError, ReduceOp, WaitsForEverError, run_together


def values(answer, n_workers, *arguments):
    return [ran.value for ran in run_together(answer, n_workers, arguments)]


def test_all_reduce_gives_everybody_the_sum_or_the_mean():
    def both(rank, n_workers, dist):
        total, mean = torch.tensor(float(rank)), torch.tensor(float(rank))
        dist.all_reduce(total)
        dist.all_reduce(mean, op=ReduceOp.AVG)
        return total.item(), mean.item()

    assert values(both, 4) == [(6.0, 1.5)] * 4


def test_tensors_travel_in_the_order_in_which_they_were_sent():
    def hand_over(rank, n_workers, dist):
        if rank == 0:
            requests = [dist.isend(torch.tensor([k]), dst=1) for k in range(3)]
            return [request.wait() for request in requests]
        received = torch.zeros(1, dtype=torch.int64)
        return [dist.recv(received, src=0) or received.item() for _ in range(3)]

    assert values(hand_over, 2)[1] == [0, 1, 2]


def test_a_tensor_that_changes_after_isend_arrives_as_it_was():
    def change(rank, n_workers, dist):
        tensor = torch.full((1,), float(rank))
        request = dist.isend(tensor, dst=1 - rank)
        tensor += 10
        received = torch.zeros(1)
        dist.recv(received, src=1 - rank)
        request.wait()
        return received.item()

    assert values(change, 2) == [1.0, 0.0]


def test_what_was_sent_and_not_waited_for_is_counted():
    def send(rank, n_workers, dist):
        dist.isend(torch.zeros(5), dst=(rank + 1) % 3)
        dist.recv(torch.zeros(5), src=(rank - 1) % 3)

    ran = run_together(send, 3, ())
    assert [one.sent for one in ran] == [[(1, 5)], [(2, 5)], [(0, 5)]]
    assert [one.open for one in ran] == [1, 1, 1]


def test_who_has_asked_takes_what_is_sent_before_it_waits():
    def ask_first(rank, n_workers, dist):
        buffer = torch.zeros(1)
        request = dist.irecv(buffer, src=(rank - 1) % n_workers)
        dist.send(torch.full((1,), float(rank)), dst=(rank + 1) % n_workers)
        request.wait()
        request.wait()  # once more, and nothing happens
        return buffer.item()

    assert values(ask_first, 3) == [2.0, 0.0, 1.0]


def test_what_was_asked_for_and_not_waited_for_is_counted():
    def ask(rank, n_workers, dist):
        dist.irecv(torch.zeros(1), src=1 - rank)
        dist.send(torch.zeros(1), dst=1 - rank)

    assert [(one.open, one.asked) for one in run_together(ask, 2, ())] == [(0, 1), (0, 1)]


def test_each_worker_has_arguments_of_its_own():
    def fill(rank, n_workers, given, made, dist):
        given += rank
        return given.item(), made

    assert values(fill, 2, torch.zeros(()), lambda rank: 10 * rank) == [(0.0, 0), (1.0, 10)]


def test_broadcast_and_barrier():
    def copy_first(rank, n_workers, dist):
        tensor = torch.tensor(float(rank + 5))
        dist.barrier()
        dist.broadcast(tensor, src=1)
        return tensor.item(), dist.get_rank(), dist.get_world_size()

    assert values(copy_first, 2) == [(6.0, 0, 2), (6.0, 1, 2)]


def sends_first(rank, n_workers, dist):
    dist.send(torch.zeros(1), dst=1 - rank)
    dist.recv(torch.zeros(1), src=1 - rank)


def receives_first(rank, n_workers, dist):
    dist.recv(torch.zeros(1), src=1 - rank)


def one_stays_away(rank, n_workers, dist):
    if rank:
        dist.all_reduce(torch.zeros(1))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (sends_first, "worker 0 waits for ever until worker 1 receives what it sent"),
        (receives_first, "worker 0 waits for ever for worker 1 to send it something"),
        (one_stays_away, "worker 1 waits for ever in all_reduce for those who do not come to it"),
    ],
)
def test_who_waits_for_ever_is_told_so_at_once(answer, says, monkeypatch):
    monkeypatch.setattr(workers, "LOOK", 600)  # nobody has to look again to notice
    with pytest.raises(WaitsForEverError, match=says):
        run_together(answer, 2, ())


def test_an_error_is_raised_and_not_what_the_others_then_wait_for():
    def fails(rank, n_workers, dist):
        if rank == 1:
            raise KeyError("mine")
        dist.all_reduce(torch.zeros(1))

    with pytest.raises(KeyError, match="mine"):
        run_together(fails, 3, ())


def test_a_worker_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(workers, "SECONDS", 0.1)

    def endless(rank, n_workers, dist):
        while rank == 0:
            pass
        dist.all_reduce(torch.zeros(1))

    before = sys._current_frames().keys()
    with pytest.raises(TookTooLongError):
        run_together(endless, 2, ())
    assert threading.active_count() < 50
    assert len(sys._current_frames().keys() - before) == 0


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (
            lambda dist: dist.send(torch.zeros(1), dst=2),
            "worker 0 sends to worker 2, and there are",
        ),
        (lambda dist: dist.recv(torch.zeros(1), src=-1), "worker 0 receives from worker -1"),
        (lambda dist: dist.isend(torch.zeros(1), dst=0), "worker 0 sends to itself"),
    ],
)
def test_a_worker_that_is_not_there_is_refused(act, says):
    def only_first(rank, n_workers, dist):
        if rank == 0:
            act(dist)

    with pytest.raises(GroupError, match=says):
        run_together(only_first, 2, ())


def test_shapes_that_do_not_fit_are_told():
    def send(rank, n_workers, dist):
        if rank == 0:
            dist.send(torch.zeros(2), dst=1)
        else:
            dist.recv(torch.zeros(3), src=0)

    def reduce(rank, n_workers, dist):
        dist.all_reduce(torch.zeros(rank + 1))

    with pytest.raises(GroupError, match=r"sent a tensor of shape \(2,\), .* of shape \(3,\)"):
        run_together(send, 2, ())
    with pytest.raises(GroupError, match=r"all_reduce with shape \(1,\), worker 1 all_reduce"):
        run_together(reduce, 2, ())


def test_what_an_exercise_does_not_lend_is_refused():
    with pytest.raises(GroupError, match=r"dist.all_reduce is not there: only isend, recv are"):
        run_together(one_stays_away, 2, (), only=("isend", "recv"))


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (
            lambda dist, one: dist.all_gather([one], one),
            r"dist.all_gather is not there: all_reduce",
        ),
        (lambda dist, one: dist.all_reduce(one, async_op=True), "all_reduce has no async_op here"),
        (lambda dist, one: dist.all_reduce(one, "sum"), "op of all_reduce is dist.ReduceOp.SUM"),
    ],
)
def test_what_is_not_there_is_said_plainly(act, says):
    with pytest.raises(GroupError, match=says):
        run_together(lambda rank, n_workers, dist: act(dist, torch.zeros(1)), 2, ())


def test_no_tensor_is_refused():
    with pytest.raises(TypeError, match="all_reduce wants a tensor, got float"):
        run_together(lambda rank, n_workers, dist: dist.all_reduce(1.0), 2, ())
