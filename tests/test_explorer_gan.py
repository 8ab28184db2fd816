"""A GAN over time: the records are whole, and the explorer says what they say."""

import numpy as np
import pytest
import torch
from gan_recipes import RUNS, train_gan
from record_gan import record

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.explorers.gan import HIGHEST, RARE, gan_over_time, records, sheet
from course_utils.training.generative import to_twin


@pytest.mark.parametrize("name", ["healthy", "collapsed"])
def test_a_record_is_whole(name):
    run = records()[name]
    steps = run["steps"]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert all(len(run[kept]) == len(steps) for kept in ("counts", "sure", "twins", "sheet"))
    assert all(sum(counts) == 1000 and len(counts) == 10 for counts in run["counts"])
    losses = [run["discriminator"], run["generator"]]
    assert all(len(each) * run["steps_a_point"] == steps[-1] for each in losses)
    assert 0 <= np.min(losses) <= np.max(losses) < HIGHEST


@pytest.mark.parametrize("name", ["healthy", "collapsed"])
def test_a_sheet_is_a_picture_of_48_digits(name):
    run = records()[name]
    for look in range(len(run["steps"])):
        picture = sheet(run, look)
        assert picture.shape == (6 * 28, 8 * 28)
        assert picture.min() >= 0
        assert picture.max() <= 1


def test_the_recorder_keeps_what_the_explorer_reads(monkeypatch):
    monkeypatch.setattr("gan_recipes.LOOKS", (0, 50))
    X = load_mnist(MNIST_SAMPLE).train_images[:, None]
    short = RUNS["healthy"]._replace(n_steps=50)
    kept = record(short, X)
    assert kept.keys() == records()["healthy"].keys()
    assert kept["steps"] == [0, 50]
    assert len(kept["discriminator"]) == 1
    again = train_gan(short, X)
    assert np.mean(again.losses_d) == pytest.approx(kept["discriminator"][0], abs=0.006)


def kinds(run, look=-1):
    return sum(count >= RARE for count in run["counts"][look])


def test_the_healthy_run_draws_all_digits_and_the_collapsed_one_a_few_pictures():
    healthy, collapsed = records()["healthy"], records()["collapsed"]
    assert kinds(healthy) == 10
    assert healthy["twins"][-1] > 0.5
    assert kinds(collapsed) < 6
    assert all(share < 0.25 for share in collapsed["twins"][1:])


def test_the_pictures_of_the_collapsed_run_are_alike_to_the_eye():
    def alike(name):
        digits = sheet(records()[name], -1).reshape(6, 28, 8, 28).transpose(0, 2, 1, 3)
        return to_twin(torch.from_numpy(digits.reshape(48, -1).copy())).mean()

    assert alike("collapsed") < 0.3 * alike("healthy")


def test_the_sentence_says_what_was_recorded():
    explorer = gan_over_time()
    for name, run in records().items():
        for look in (0, 5, len(run["steps"]) - 1):
            explorer.set(run=name, look=look)
            counts = run["counts"][look]
            said = explorer.says.value
            assert run["recipe"].split("\n")[0] in said
            assert f"After {run['steps'][look]:,} steps" in said
            assert f"finds {kinds(run, look)} of the 10 digits" in said
            assert f"{max(counts) / 10:.0f}% it reads as {counts.index(max(counts))}." in said
            assert f"a dream is {100 * run['twins'][look]:.0f}% as far away" in said


def test_the_sheet_shown_and_the_bars_are_those_of_the_look():
    explorer = gan_over_time()
    explorer.set(run="collapsed", look=3)
    _, answers, made = explorer.figure.axes
    run = records()["collapsed"]
    assert np.allclose(made.images[0].get_array(), sheet(run, 3))
    assert [bar.get_height() for bar in answers.patches] == run["counts"][3]


def test_losses_are_drawn_up_to_the_look():
    explorer = gan_over_time()
    run = records()["healthy"]
    explorer.set(run="healthy", look=4)
    lines = {line.get_label(): line for line in explorer.figure.axes[0].lines}
    for name in ("discriminator", "generator"):
        ends = lines[name].get_xdata()
        assert len(ends) == run["steps"][4] // run["steps_a_point"]
        assert len(lines[f"_all of {name}"].get_xdata()) == len(run[name])


def test_touching_the_losses_goes_to_the_nearest_look():
    explorer = gan_over_time()
    steps = records()["healthy"]["steps"]
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[0].transData.transform((steps[8] + 20, 1))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]
    assert explorer.values["look"] == 8
