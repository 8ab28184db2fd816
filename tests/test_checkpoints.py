"""A training that was killed and goes on: the same weights, and what is in the way of that."""

import functools
import itertools
import multiprocessing
import os
import random
import signal
import sys

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.training import Checkpoint, EarlyStopping, checkpoints, fit, loop, one_cycle

X = torch.randn(90, 6, generator=torch.Generator().manual_seed(0))
Y = torch.arange(90) % 3
N_STEPS = 4 * 6  # four epochs of six batches


def network():
    torch.manual_seed(0)
    layers = nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)
    return nn.Sequential(*layers)


class Calls:
    """An augmentation that draws at random, and does something at a call."""

    def __init__(self, at, act):
        self.at, self.act, self.n = at, act, 0

    def __call__(self, batch):
        self.n += 1
        if self.n == self.at:
            self.act()
        return batch + 0.01 * torch.randn_like(batch)


def train(path, at=None, act=None, **settings):
    """Train a new network, with a checkpoint every five steps if a path is given."""
    model = network()
    kept = Checkpoint(path, every=5) if path else None
    options = {"n_epochs": 4, "batch_size": 16, "lr": 0.01, "schedule": one_cycle} | settings
    augment = Calls(at, act)
    history = fit(
        model, (X, Y), augment=augment, checkpoint=kept, progress=False, device="cpu", **options
    )
    return model, history, augment.n


def kill_at(path, step, in_writing):
    """Train until the process is killed: at a step, or amid the writing that follows it."""
    die = functools.partial(os.kill, os.getpid(), signal.SIGKILL)
    if in_writing:
        replace, calls = os.replace, itertools.count(1)
        checkpoints.os.replace = lambda *a: die() if next(calls) == step else replace(*a)
        train(path)
    else:
        train(path, step, die)


def go_on(path, queue):
    model, history, n = train(path)
    queue.put(([p.tolist() for p in model.state_dict().values()], history.train_loss, n))


def same(model, weights):
    return all(
        a.equal(torch.tensor(b)) for a, b in zip(model.state_dict().values(), weights, strict=True)
    )


needs_kill = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


@needs_kill
def test_killed_ten_times_at_random_and_taken_up_in_a_new_process_the_weights_are_the_same(
    tmp_path,
):
    whole, history, _ = train(None)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["course_utils.training", "pytest"])
    queue, lot = processes.SimpleQueue(), random.Random(0)
    for trial in range(10):
        path, in_writing = tmp_path / f"{trial}.pt", trial % 3 == 2
        step = lot.randint(3, 8) if in_writing else lot.randint(1, N_STEPS)
        killed = processes.Process(target=kill_at, args=(path, step, in_writing))
        killed.start()
        killed.join()
        assert killed.exitcode == -signal.SIGKILL
        resumed = processes.Process(target=go_on, args=(path, queue))
        resumed.start()
        weights, losses, n = queue.get()
        resumed.join()
        assert same(whole, weights), (trial, step)
        assert losses == history.train_loss
        written = max(n for n in range(step) if n % 5 == 0 or n % 6 == 0)
        assert in_writing or n == N_STEPS - written


def stop():
    raise KeyboardInterrupt


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.RMSprop, torch.optim.AdamW])
@pytest.mark.parametrize("settings", [{"schedule": None}, {"clip_norm": 0.1}])
def test_every_optimizer_goes_on_from_where_it_was(tmp_path, optimizer, settings):
    settings = {"optimizer": optimizer} | settings
    whole, _, _ = train(None, **settings)
    _, interrupted, _ = train(tmp_path / "a.pt", 14, stop, **settings)
    assert interrupted.interrupted
    resumed, history, n = train(tmp_path / "a.pt", **settings)
    assert n == N_STEPS - 12  # 13 steps were done; it was written down after the second epoch
    assert not history.interrupted
    for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert a.equal(b)


def test_the_best_epoch_and_the_patience_survive(tmp_path):
    options = {"val": (X + 2, Y), "early_stopping": EarlyStopping(2), "lr": 0.3, "n_epochs": 30}
    whole, history, _ = train(None, **options)
    assert len(history) < 30
    train(tmp_path / "a.pt", 14, stop, **options)
    resumed, again, _ = train(tmp_path / "a.pt", **options)
    assert again == history
    assert again.best_epoch == history.best_epoch
    assert all(a.equal(b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_a_training_that_has_ended_comes_back_at_once(tmp_path):
    first, history, _ = train(tmp_path / "a.pt")
    second, again, n = train(tmp_path / "a.pt")
    assert n == 0
    assert again == history
    assert all(a.equal(b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_a_sampler_that_draws_from_pytorchs_numbers_is_taken_up(tmp_path):
    options = {"sampler": torch.utils.data.RandomSampler(Y, num_samples=90)}
    whole, _, _ = train(None, **options)
    train(tmp_path / "a.pt", 14, stop, **options)
    resumed, _, _ = train(tmp_path / "a.pt", **options)
    assert all(a.equal(b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_a_damaged_file_is_said_and_the_one_before_it_is_taken(tmp_path, capsys):
    whole, _, _ = train(None)
    path = tmp_path / "a.pt"
    train(path, 22, stop)
    path.write_bytes(path.read_bytes()[:1000])
    resumed, _, n = train(path)
    said = capsys.readouterr().out
    assert "a.pt cannot be read" in said
    assert "goes on from" in said
    assert n == N_STEPS - 18
    assert all(a.equal(b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_two_damaged_files_are_told_and_left_as_they_are(tmp_path):
    path = tmp_path / "a.pt"
    train(path, 22, stop)
    for file in (path, checkpoints.previous(path)):
        file.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="remove them to begin anew"):
        train(path)
    assert path.read_bytes() == b"nothing"


def test_a_file_of_another_kind_is_not_overwritten(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(network().state_dict(), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not written by fit; name another file"):
        train(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"n_epochs": 5}, "n_epochs=4, and this one has 5"),
        ({"batch_size": 32}, "batch_size=16"),
        ({"lr": 0.02}, "lr=0.01, and this one has 0.02"),
        ({"optimizer": torch.optim.SGD}, "optimizer='Adam'"),
        ({"sampler": torch.utils.data.SubsetRandomSampler(range(40))}, "n_samples=90"),
    ],
)
def test_another_training_is_refused_by_what_differs(tmp_path, settings, said):
    train(tmp_path / "a.pt", 10, stop)
    with pytest.raises(ValueError, match=said) as error:
        train(tmp_path / "a.pt", **settings)
    assert "begin anew" in str(error.value)


def test_another_network_is_refused(tmp_path, monkeypatch):
    train(tmp_path / "a.pt", 10, stop)
    monkeypatch.setitem(globals(), "network", lambda: nn.Linear(6, 3))
    with pytest.raises(ValueError, match="is of another model or optimizer"):
        train(tmp_path / "a.pt")


def test_a_disk_that_is_full_is_told_and_the_training_goes_on(tmp_path, monkeypatch):
    whole, _, _ = train(None)
    train(tmp_path / "a.pt", 8, stop)
    before = (tmp_path / "a.pt").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints.torch, "save", full)
    with pytest.warns(UserWarning, match="No space left on device.*the training goes on"):
        model, _, _ = train(tmp_path / "a.pt")
    assert (tmp_path / "a.pt").read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"a.pt", "a.pt.previous"}
    assert all(a.equal(b) for a, b in zip(whole.parameters(), model.parameters(), strict=True))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: Checkpoint(folder), "is a folder"),
        (lambda folder: Checkpoint(folder / "none" / "a.pt"), "there is no such folder"),
        (lambda folder: Checkpoint(folder / "a.pt", every=0), "every must be a whole number"),
        (lambda folder: str(folder / "a.pt"), "checkpoint must be such as"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_told_before_the_first_step(tmp_path, make, said):
    with pytest.raises(ValueError, match=said):
        fit(network(), (X, Y), checkpoint=make(tmp_path), progress=False)


def test_a_schedule_that_cannot_be_written_down_is_refused(tmp_path):
    class Still:
        def step(self):
            pass

    with pytest.raises(ValueError, match="Still cannot be written down"):
        train(tmp_path / "a.pt", schedule=lambda optimizer, n_steps: Still())


def test_without_a_checkpoint_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train(None)
    assert list(tmp_path.iterdir()) == []


# ---- samplers


def test_a_sampler_says_which_samples_are_learned_from():
    seen = []
    sampler = torch.utils.data.SubsetRandomSampler(range(10, 30))

    def watched(logits, y):
        seen.append(len(y))
        return F.cross_entropy(logits, y)

    fit(nn.Linear(6, 3), (X, Y), sampler=sampler, batch_size=8, n_epochs=1, loss_fn=watched,
        progress=False, device="cpu")  # fmt: skip
    assert seen[-3:] == [8, 8, 4]


@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_shares_of_a_distributed_sampler_make_up_each_batch_and_change_by_epoch(n_workers):
    make = functools.partial(torch.utils.data.DistributedSampler, Y, n_workers, seed=3)
    orders = [loop.Order(90, 0, make(rank)) for rank in range(n_workers)]
    for epoch in range(2):
        shares = torch.stack([order.of_epoch(epoch) for order in orders], 1)
        alone = loop.Order(90, 0, torch.utils.data.DistributedSampler(Y, 1, 0, seed=3))
        assert shares.flatten().equal(alone.of_epoch(epoch))
    assert not shares.flatten().equal(alone.of_epoch(0))


@pytest.mark.parametrize(
    ("sampler", "said"),
    [
        (5, "must give the indices"),
        ((i for i in range(9)), "know how many"),
        ([], "must give the indices of some samples"),
        ([0, 90], "whole numbers from 0 to 89"),
        ([-1, 3], "whole numbers from 0 to 89"),
        ([0.5, 1.0], "whole numbers"),
        (torch.utils.data.BatchSampler(range(90), 8, drop_last=True), "give batch_size instead"),
    ],
)
def test_what_is_no_sampler_of_these_samples_is_refused(sampler, said):
    with pytest.raises(ValueError, match=said):
        fit(nn.Linear(6, 3), (X, Y), sampler=sampler, progress=False, device="cpu")
