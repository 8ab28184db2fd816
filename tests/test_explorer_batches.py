"""The race of full batch, mini-batches and single samples: one rate each, the lesson's own code."""

import pytest

from course_utils.explorers.batches import LEARNING_RATES, N_EPOCHS, batch_race

SIZES = {"full batch": 8, "mini-batches": 4, "single samples": 1}


def halving(calls):
    """Return a training whose loss is lr / examples seen, and which notes how it was called."""

    def run(size, lr, n_epochs):
        calls.append((size, lr, n_epochs))
        seen = list(range(size, 8 * n_epochs + 1, size))
        return [0, *seen], [1.0, *(lr / n for n in seen)]

    return run


def test_each_batch_size_has_a_rate_of_its_own_and_only_its_training_runs_again():
    calls = []
    explorer = batch_race(halving(calls), SIZES)
    assert calls == [(8, 0.1, N_EPOCHS), (4, 0.1, N_EPOCHS), (1, 0.1, N_EPOCHS)]
    before = explorer.picture.png
    explorer.set(**{"mini-batches": 2})
    assert calls[3:] == [(4, 2, N_EPOCHS)]
    assert explorer.picture.png != before
    explorer.set(**{"mini-batches": 0.1})
    assert len(calls) == 4


def test_it_says_the_loss_of_each_after_one_epoch():
    explorer = batch_race(halving([]), SIZES)
    explorer.set(**{"full batch": 2, "mini-batches": 0.5, "single samples": 0.02})
    assert "full batch 0.25, mini-batches 0.062, single samples 0.0025" in explorer.says.value


def test_the_rates_are_a_fair_start():
    explorer = batch_race(halving([]), SIZES)
    for control in explorer.controls.values():
        assert [value for _, value in control.options] == list(LEARNING_RATES)
        assert control.value == 0.1


@pytest.mark.parametrize("rate", [LEARNING_RATES[0], LEARNING_RATES[-1]])
def test_every_rate_can_be_drawn(rate):
    explorer = batch_race(halving([]), SIZES)
    explorer.set(**dict.fromkeys(SIZES, rate))
    assert explorer.says.value.startswith("Loss after one epoch")
