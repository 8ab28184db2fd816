"""The explorer of lesson 11 that steps through a ring all-reduce."""

import re

import numpy as np
import pytest

from course_utils.explorers.ring import ALL, ring_all_reduce, small_gradients
from course_utils.parallel import piece_sent, ring_steps, traffic


@pytest.fixture(scope="module")
def shared():
    return ring_all_reduce()


@pytest.fixture
def explorer(shared):
    shared.set(n_workers=4)
    shared.set(follow=ALL, step=3)
    return shared


def in_table(explorer):
    """Return the numbers that the picture shows, (n, n)."""
    n = explorer.values["n_workers"]
    texts = [text.get_text() for text in explorer.figure.axes[1].texts]
    numbers = [float(text.replace("−", "-")) for text in texts if re.fullmatch(r"−?\d+\.\d", text)]
    return np.array(numbers).reshape(n, n)


def at(explorer, axes, x, y):
    """Touch the picture at a place given in the coordinates of one of its axes."""
    ax = explorer.figure.axes[axes]
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    across, up = ax.transData.transform((x, y))
    explorer.picture.point = [across / width, 1 - up / height]


def test_gradients_are_real_ones_with_one_decimal():
    chance = np.random.default_rng(43)
    X = chance.standard_normal((3, 8, 3))
    y = X @ [-1, 0, 1] + chance.standard_normal((3, 8))
    loss = lambda w, r: ((X[r] @ w - y[r]) ** 2).mean() / 2  # noqa: E731
    for rank, gradient in enumerate(small_gradients(3)):
        for i in range(3):
            nudge = 1e-4 * np.eye(3)[i]
            slope = (loss(nudge, rank) - loss(-nudge, rank)) / 2e-4
            assert gradient[i] == pytest.approx(slope, abs=0.0501)
    assert np.allclose(10 * small_gradients(8), np.round(10 * small_gradients(8)))


@pytest.mark.parametrize("n", [2, 4, 5])
def test_the_picture_shows_what_the_rule_says_at_each_step(explorer, n):
    explorer.set(n_workers=n)
    for now, step in enumerate(ring_steps(small_gradients(n))):
        explorer.set(step=now)
        assert np.allclose(in_table(explorer), np.round(step.held, 1))
        tokens = [text.get_text() for text in explorer.figure.axes[0].texts]
        pieces = [int(text) for text in tokens if text.isdigit()]
        assert pieces == ([piece_sent(rank, now - 1, n) for rank in range(n)] if now else [])


def test_first_screen_is_the_middle_where_each_has_one_finished_piece(explorer):
    assert "So each has one finished piece (green)" in explorer.says.value
    assert explorer.figure.axes[0].get_title(loc="left") == "Step 3 of 6"
    sums = small_gradients(4).sum(0)
    shown = in_table(explorer)
    assert [shown[(p - 1) % 4, p] for p in range(4)] == pytest.approx(sums)


def test_a_sentence_writes_a_sum_that_is_true(explorer):
    for follow in (ALL, "worker 2", "piece 1"):
        for step in (1, 2, 3):
            explorer.set(follow=follow, step=step)
            found = re.search(
                r"(−?\d+\.\d) \+ \(?(−?\d+\.\d)\)? = (−?\d+\.\d)", explorer.says.value
            )
            own, came, now = (float(text.replace("−", "-")) for text in found.groups())
            assert own + came == pytest.approx(now)


def test_the_sentence_of_a_worker_names_its_neighbours_and_pieces(explorer):
    explorer.set(follow="worker 1", step=2)
    says = explorer.says.value
    assert "Worker 1 sends piece 0 to worker 2 and gets piece 3 from worker 0" in says
    assert "the sum of 3 of 4 gradients" in says
    explorer.set(step=4)
    assert "2 of its 4 pieces are finished" in explorer.says.value
    explorer.set(follow="worker 0", step=1)
    assert "gets piece 3 from worker 3" in explorer.says.value


def test_a_piece_is_followed_from_worker_to_worker(explorer):
    explorer.set(follow="piece 2", step=1)
    assert "Piece 2 goes from worker 2 to worker 3, which adds it" in explorer.says.value
    explorer.set(step=4)
    assert "Piece 2 is finished and goes from worker 1 to worker 2" in explorer.says.value
    assert "2 of 4 workers have it" in explorer.says.value
    explorer.set(step=6)
    assert "4 of 4 workers have it" in explorer.says.value


@pytest.mark.parametrize("n", [2, 4, 8])
def test_the_end_compares_the_three_ways(explorer, n):
    explorer.set(n_workers=n)
    explorer.set(step=2 * (n - 1))
    says = explorer.says.value
    assert f"All {n} workers have all pieces of the sum" in says
    assert f"{2 * (n - 1)} pieces, together {traffic('ring', n).busiest:.3g} gradient" in says
    assert f"{n - 1} by the one, 1 by each other. Everybody to everybody: {n - 1} by each" in says


def test_the_still_tells_the_lines_of_the_third_panel(explorer):
    assert "everybody to everybody: 7 points, the last at 7" in explorer.text
    assert "ring: 7 points, the last at 1.8" in explorer.text
    assert "ring, so far: 1 points, the last at 0.75" in explorer.text


def test_another_number_of_workers_stays_at_the_same_part_of_the_way(explorer):
    explorer.set(follow="worker 3", step=3)
    explorer.controls["n_workers"].value = 6
    assert explorer.values == {"n_workers": 6, "follow": "worker 3", "step": 5}
    assert explorer.controls["step"].slider.max == explorer.controls["step"].clock.max == 10
    explorer.controls["n_workers"].value = 3
    assert explorer.values == {"n_workers": 3, "follow": ALL, "step": 2}
    assert explorer.controls["follow"].options[-1] == "piece 2"
    explorer.set(step=4)
    explorer.controls["n_workers"].value = 8
    assert explorer.values["step"] == 14
    assert "All 8 workers" in explorer.says.value


def test_another_number_of_workers_is_drawn_once(explorer, monkeypatch):
    drawn, draw = [], explorer.draw
    monkeypatch.setattr(explorer, "draw", lambda **values: drawn.append(values) or draw(**values))
    explorer.controls["n_workers"].value = 7
    assert drawn == [{"n_workers": 7, "follow": ALL, "step": 6}]


def test_touching_a_worker_a_piece_or_a_number_of_workers(explorer):
    at(explorer, 0, 3.6, 2.0)
    assert explorer.values["follow"] == "worker 1"
    at(explorer, 1, 2.5, 1.5)
    assert explorer.values["follow"] == "piece 2"
    at(explorer, 1, -0.2, 3.5)
    assert explorer.values["follow"] == "worker 3"
    at(explorer, 1, 0.5, -0.2)
    assert explorer.values["follow"] == "piece 0"
    at(explorer, 0, 2.05, 2.0)
    assert explorer.values["follow"] == ALL
    at(explorer, 2, 6.2, 3)
    assert explorer.values["n_workers"] == 6


def test_playing_moves_the_step(explorer):
    player = explorer.controls["step"]
    player.play.value = True
    assert player.clock.playing
    player.clock.value = 5
    assert explorer.values["step"] == player.slider.value == 5
    assert explorer.figure.axes[0].get_title(loc="left") == "Step 5 of 6"
    player.stepper.next.click()
    assert player.clock.value == 6
    player.clock.playing = False  # as the page does at the last step
    assert not player.play.value


@pytest.mark.parametrize("wrong", [{"n_workers": 1}, {"n_workers": 9}, {"start": 7}, {"start": -1}])
def test_what_cannot_be_shown_is_refused(wrong):
    with pytest.raises(ValueError, match="n_workers must be 2 to 8"):
        ring_all_reduce(**wrong)
