"""The ball thrower: throws by hand and by sliders, the predictions and their distances."""

import math
import re

import pytest
import torch

from course_utils.datasets import bouncing_balls, fly
from course_utils.explorers.balls import ball_thrower
from course_utils.microscope import AHEAD, MODEL, STAYS, STRAIGHT, mean_distances, throw
from course_utils.microscope.balls import predictions
from course_utils.models import card, load_pretrained
from course_utils.models.sequences import NextStep


@pytest.fixture
def idle():
    """A model that says that all stays as it is: its head gives nothing."""
    torch.manual_seed(0)
    model = NextStep("rnn", n_hidden=4)
    for parameter in model.head.parameters():
        torch.nn.init.zeros_(parameter)
    return model


@pytest.fixture
def lively():
    torch.manual_seed(1)
    return NextStep("gru", n_hidden=8)


def place(explorer, x, y):
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    across, up = explorer.figure.axes[0].transData.transform((x, y))
    return [across / width, 1 - up / height]


def drag(explorer, start, *ways):
    """Press at a place of the box, then move on, as the picture reports it."""
    explorer.picture.pressed = place(explorer, *start)
    for here in (start, *ways):
        explorer.picture.point = place(explorer, *here)


def test_flying_straight_on_is_exact_until_a_wall_and_staying_never(lively):
    path = fly((0.0, 0.0), (0.1, 0.05), 14)
    by = predictions(lively, path[:2], 12)
    torch.testing.assert_close(by[STRAIGHT][:8], path[2:10], atol=1e-6, rtol=0)
    assert (by[STRAIGHT][9:] - path[11:]).norm(dim=1).min() > 0.05
    assert torch.equal(by[STAYS], path[1:2].expand(12, 2))


def test_with_one_position_there_is_no_direction_to_fly_on(lively):
    by = predictions(lively, torch.tensor([[0.2, 0.3]]), 5)
    assert torch.equal(by[STRAIGHT], by[STAYS])


def test_a_model_that_has_learned_nothing_is_as_good_as_staying(idle):
    paths = bouncing_balls(20, 15, seed=4)
    means = mean_distances(idle, paths, 5)
    torch.testing.assert_close(means[MODEL], means[STAYS])
    wanted = [(p[5 + 2] - p[4]).norm() for p in paths]
    assert means[STAYS][2].item() == pytest.approx(torch.stack(wanted).mean().item())


@pytest.mark.parametrize("n_seen", [0, 15, 20])
def test_mean_distances_want_something_to_see_and_to_predict(idle, n_seen):
    with pytest.raises(ValueError, match="n_seen from 1 to T − 1"):
        mean_distances(idle, bouncing_balls(3, 15), n_seen)


def test_a_throw_is_the_exact_path(lively):
    found = throw(lively, 0.1, -0.2, 90, 0.1, n_seen=5)
    torch.testing.assert_close(found.path, fly((0.1, -0.2), (0.0, 0.1), 5 + AHEAD))
    dreamt = found.predicted[MODEL]
    torch.testing.assert_close(found.distances[MODEL], (dreamt - found.path[5:]).norm(dim=1))


def test_pressing_and_dragging_throws_the_ball(lively):
    explorer = ball_thrower(lively)
    drag(explorer, (0.5, 0.2), (0.45, 0.35), (0.3, 0.2 + 0.2 * math.sqrt(3)))
    values = explorer.values
    assert (values["x"], values["y"]) == pytest.approx((0.5, 0.2), abs=0.03)
    assert values["angle"] == 120
    assert values["speed"] == pytest.approx(0.1, abs=0.006)  # 0.4 long, four steps


def test_a_press_alone_moves_the_ball_and_keeps_its_direction(lively):
    explorer = ball_thrower(lively, angle=35, speed=0.12)
    drag(explorer, (-0.3, 0.7))
    assert explorer.values["angle"] == 35
    assert explorer.values["speed"] == 0.12
    assert (explorer.values["x"], explorer.values["y"]) == pytest.approx((-0.3, 0.7), abs=0.03)


def test_a_press_on_the_wall_or_beyond_starts_in_the_box(lively):
    explorer = ball_thrower(lively)
    drag(explorer, (1.07, -1.08), (3.0, -1.08))
    assert (explorer.values["x"], explorer.values["y"]) == (1, -1)
    assert explorer.values["speed"] == 0.25


def test_every_control_changes_the_picture(lively, idle):
    explorer = ball_thrower({"one": lively, "two": idle})
    seen = {explorer.picture.png}
    for values in (
        {"n_seen": 5},
        {"x": 0.5},
        {"y": 0.5},
        {"angle": -90},
        {"speed": 0.05},
        {"name": "two"},
    ):
        explorer.set(**values)
        seen.add(explorer.picture.png)
    assert len(seen) == 7


def test_it_says_where_the_prediction_leaves_the_truth(idle):
    explorer = ball_thrower(idle, position=(0.0, 0.0), angle=0, speed=0.04, n_seen=2)
    assert "Shown 2 positions" in explorer.says.value
    assert "off from step 3 on" in explorer.says.value  # 0.12 after three steps of 0.04
    explorer.set(speed=0)
    assert "keeps within" in explorer.says.value
    explorer.set(n_seen=1)
    assert "Shown 1 position " in explorer.says.value


def test_it_says_the_mean_over_other_throws(lively):
    explorer = ball_thrower(lively, n_seen=5)
    paths = bouncing_balls(500, 40, seed=20_081)[:, 5:]
    means = mean_distances(lively, paths, 5)
    for name, distances in means.items():
        wanted = " / ".join(f"{distances[step - 1]:.2f}" for step in (1, 10, 20))
        assert f"{name} {wanted}" in explorer.says.value


def test_the_mean_is_of_the_same_steps_whatever_is_seen(idle):
    explorer = ball_thrower(idle)
    told = set()
    for n_seen in (1, 2, 5, 10):
        explorer.set(n_seen=n_seen)
        told |= set(re.findall(f"{STAYS} [0-9./ ]+", explorer.says.value))
    assert len(told) == 1


def test_a_model_of_other_inputs_is_refused():
    with pytest.raises(ValueError, match=r"must be \(T, 1\)"):
        ball_thrower(NextStep("rnn", n_inputs=1))


def test_the_shipped_model_beats_both_rules_and_reaches_what_its_card_says():
    model = load_pretrained("ball", "cpu")
    means = mean_distances(model, bouncing_balls(1000, 20, seed=2), 10)
    assert means[MODEL][9].item() == pytest.approx(card("ball")["test"], rel=0.05)
    for name in (STAYS, STRAIGHT):
        assert means[MODEL][9] < 0.2 * means[name][9]


def test_two_positions_tell_the_shipped_model_far_more_than_one():
    model = load_pretrained("ball", "cpu")
    paths = bouncing_balls(300, 12, seed=5)
    first = {n: mean_distances(model, paths[:, 10 - n :], n)[MODEL][0] for n in (1, 2)}
    assert first[2] < 0.5 * first[1]
