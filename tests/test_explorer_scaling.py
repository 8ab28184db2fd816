"""The explorer of lesson 11 that says how much sooner n workers are done."""

import numpy as np
import pytest

from course_utils.explorers.scaling import EXAMPLE, STRONG, WEAK, scaling
from course_utils.parallel import Parts, efficiency, last_that_pays, speedup

SLOW = Parts.measured(divides=0.0213, fixed=0.00173, all_reduce=0.0037, tiny=0.0011)


def line(explorer, axes, label):
    found = [line for line in explorer.figure.axes[axes].lines if line.get_label() == label]
    return found[0].get_ydata() if found else None


def at(explorer, axes, x, y):
    """Touch the picture at a place given in the coordinates of one of its axes."""
    ax = explorer.figure.axes[axes]
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    across, up = ax.transData.transform((x, y))
    explorer.picture.point = [across / width, 1 - up / height]


@pytest.mark.parametrize(
    "parts", [EXAMPLE, SLOW, Parts(1, 0), Parts(0, 1), Parts(0.01, 0.03, 1, 1)]
)
@pytest.mark.parametrize("batch", [STRONG, WEAK])
def test_the_curves_are_those_of_the_parts_that_went_in(parts, batch):
    explorer = scaling(parts)
    explorer.set(batch=batch)
    numbers, growing = np.arange(1, 65), batch == WEAK
    for axes, of in enumerate((speedup, efficiency)):
        expected = of(parts, numbers, growing=growing)
        near = {"rtol": 0.01}  # the sliders have steps of 0.1% and of 1%
        assert np.allclose(line(explorer, axes, "with communication"), expected, **near)
        assert np.allclose(line(explorer, axes, "_here"), expected[7], **near)
        silent = of(Parts(parts.divides, parts.fixed), numbers, growing=growing)
        law = "Gustafson's law" if growing else "Amdahl's law"
        assert np.allclose(line(explorer, axes, law), silent, **near)
    assert np.allclose(line(explorer, 0, "ideal"), numbers)


def test_first_screen_shows_one_worker_too_many():
    explorer = scaling()
    assert last_that_pays(EXAMPLE) == 7
    assert "From 7 workers on, another one no longer pays" in explorer.says.value
    assert "One batch by 8 workers: 38.8 ms, by one 100 ms; efficiency 32%" in explorer.says.value
    assert "With more than 5 workers the efficiency is below 50%" in explorer.says.value
    texts = [text.get_text() for text in explorer.figure.axes[0].texts]
    assert texts == ["fastest: 7"]


def test_the_bars_add_up_to_the_time_that_is_said():
    explorer = scaling()
    tops = [
        sum(bars[i].get_height() for bars in explorer.figure.axes[2].containers) for i in (0, 1)
    ]
    assert tops == pytest.approx([100, 38.75])


def test_where_each_worker_still_pays_the_sentence_says_what_is_never_reached():
    explorer = scaling()
    explorer.set(waits=0)
    assert "adds speed, but less and less: never 5.56 times" in explorer.says.value
    explorer.set(sends=0.0)
    assert "never 10 times" in explorer.says.value
    explorer.set(share=0.0)
    assert "Every further worker still adds speed. The efficiency stays" in explorer.says.value
    assert explorer.figure.axes[0].get_title(loc="left") == "8 workers: 8 times as fast"


def test_a_batch_for_each_is_compared_with_one_worker_who_does_all():
    explorer = scaling()
    explorer.set(batch=WEAK)
    assert "8 batches by 8 workers: 118 ms, by one 730 ms" in explorer.says.value
    assert "never 45 times" in explorer.says.value


def test_one_worker_has_nobody_to_send_to():
    explorer = scaling(n_workers=1)
    assert "1 worker: 100 ms a step, 10 of them do not divide" in explorer.says.value
    assert explorer.figure.axes[0].get_title(loc="left") == "1 worker: 1 times as fast"


@pytest.mark.parametrize("batch", [STRONG, WEAK])
def test_pulling_the_curve_finds_the_share_that_leads_there(batch):
    explorer = scaling()
    explorer.set(batch=batch, sends=2.0)
    wanted = 2.2 if batch == STRONG else 2.5
    at(explorer, 0, 4, wanted)
    assert explorer.values["n"] == 4
    assert line(explorer, 0, "with communication")[3] == pytest.approx(wanted, rel=0.02)


def test_pulling_too_far_stops_at_the_ends_of_the_share():
    explorer = scaling()
    at(explorer, 0, 16, 60)
    assert (explorer.values["n"], explorer.values["share"]) == (16, 0)
    at(explorer, 0, 16, 0.7)
    assert explorer.values["share"] == explorer.controls["share"].max


def test_touching_the_efficiency_reads_a_number_of_workers_only():
    explorer = scaling()
    at(explorer, 1, 32, 0.2)
    assert (explorer.values["n"], explorer.values["share"]) == (32, pytest.approx(10))
    before = explorer.values
    at(explorer, 2, 0.5, 10)
    assert explorer.values == before


@pytest.mark.parametrize("n", [0, 65])
def test_a_number_that_is_not_drawn_is_refused(n):
    with pytest.raises(ValueError, match="n_workers must be 1 to 64"):
        scaling(n_workers=n)
