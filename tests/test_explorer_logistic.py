"""The explorers of lesson 02: right numbers, pictures that follow the controls and the pointer."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course_utils.explorers.logistic import (
    HOURS,
    LEARNING_RATES,
    PASSED,
    _draw_band,
    bce,
    descent_explorer,
    probability_map,
    sigmoid,
    surfaces,
)
from course_utils.figures import figure

SCALED, RAW = "hours, scaled", "hours, as they come"


def test_sigmoid_and_loss_agree_with_pytorch_far_out_too():
    z = torch.tensor([-1000.0, -20, -1, 0, 3, 20, 1000], dtype=torch.float64)
    assert np.allclose(sigmoid(z.numpy()), torch.sigmoid(z))
    for y in (0.0, 1.0):
        theirs = F.binary_cross_entropy_with_logits(z, torch.full_like(z, y), reduction="none")
        assert np.allclose(bce(z.numpy(), y), theirs)


def test_probability_map_starts_with_the_worked_example():
    explorer = probability_map()
    assert "z = 1 + 3·(−1) + (−2)·2 = −6" in explorer.says.value
    assert "σ(−6) = 0.00247" in explorer.says.value
    assert "says 0" in explorer.says.value


def test_multiplying_all_weights_keeps_the_answer_and_makes_it_surer():
    explorer = probability_map()
    explorer.set(x1=1.0, x2=1.5)  # z = 1 + 3 − 3 = 1
    assert "σ(1) = 0.731" in explorer.says.value
    before = explorer.picture.png
    explorer.set(times=3.0)
    assert "σ(3) = 0.953" in explorer.says.value
    assert explorer.picture.png != before


@pytest.mark.parametrize("w", [(3.0, -2.0), (0.0, 0.5), (2.0, 0.0)])
def test_the_thin_lines_lie_where_the_probability_is_what_they_say(w):
    _, ax = figure()
    ax.set(xlim=(-8, 8), ylim=(-8, 8))
    _draw_band(ax, np.array(w), 1.0)
    said = [float(text.get_text()) for text in ax.texts]
    assert said == [0.1, 0.9]
    for probability, line in zip(said, ax.lines, strict=True):
        assert np.allclose(sigmoid(line.get_xydata() @ w + 1.0), probability)


def test_probability_map_without_weights_is_drawn_and_undecided():
    explorer = probability_map()
    explorer.set(w1=0.0, w2=0.0, b=0.0)
    assert "σ(0) = 0.5" in explorer.says.value
    assert "says 1" in explorer.says.value


def test_touching_the_probability_map_moves_the_point_inside_the_plane():
    explorer = probability_map()
    assert explorer.touch(0.52, -1.26) == {"x1": 0.5, "x2": -1.3}
    assert explorer.touch(-50.0, 50.0) == {"x1": -4.0, "x2": 3.0}


@pytest.mark.parametrize("name", [SCALED, RAW])
def test_surface_loss_and_slope_agree_with_autograd(name):
    surface = surfaces()[name]
    place = torch.tensor([0.3, -0.7], dtype=torch.float64, requires_grad=True)
    z = place[0] * torch.tensor(surface.x) + place[1]
    loss = F.binary_cross_entropy_with_logits(z, torch.tensor(PASSED, dtype=torch.float64))
    loss.backward()
    assert np.isclose(surface.loss(0.3, -0.7), loss.item())
    assert np.allclose(surface.slope(0.3, -0.7), place.grad)


@pytest.mark.parametrize("name", [SCALED, RAW])
def test_the_lowest_place_has_no_slope_and_lies_in_the_picture(name):
    surface = surfaces()[name]
    place, loss = surface.least
    assert np.allclose(surface.slope(*place), 0, atol=1e-9)
    assert surface.holds(place[None], np.array([loss])).all()
    assert surface.grid[2].min() >= loss


def test_scaling_the_hours_changes_the_place_but_not_the_least_loss():
    (scaled, least), (raw, least_raw) = surfaces()[SCALED].least, surfaces()[RAW].least
    assert least == pytest.approx(least_raw)
    assert scaled[0] / HOURS.std() == pytest.approx(raw[0])


def test_descent_makes_the_steps_that_torch_sgd_makes():
    surface = surfaces()[SCALED]
    place = torch.tensor([-2.0, 3.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([place], lr=3.0)
    for _ in range(5):
        optimizer.zero_grad()
        z = place[0] * torch.tensor(surface.x) + place[1]
        F.binary_cross_entropy_with_logits(z, torch.tensor(PASSED).double()).backward()
        optimizer.step()
    assert np.allclose(surface.descend((-2, 3), 3.0, 5)[-1], place.detach())


def test_learning_rates_of_the_lesson_creep_arrive_and_jump():
    surface = surfaces()[SCALED]
    losses = {lr: surface.loss(*surface.descend((-2, 3), lr).T) for lr in (0.1, 3, 30)}
    least = surface.least[1]
    assert losses[0.1][-1] > least + 0.5
    assert (np.diff(losses[0.1]) < 0).all()
    assert losses[3][10] < least + 0.002
    assert (np.diff(losses[30]) > 0).sum() > 10
    assert {0.1, 3, 30} <= set(LEARNING_RATES)


def test_too_small_a_rate_goes_less_than_half_the_way_and_too_large_a_one_comes_near_once():
    surface = surfaces()[SCALED]

    def distances(lr):
        return np.linalg.norm(surface.descend((-2, 3), lr) - surface.least[0], axis=1)

    creeping, jumping = distances(0.1), distances(30)
    assert 0.5 < creeping[-1] / creeping[0] < 0.6
    first = surface.descend((-2, 3), 30)[1]
    assert first[0] > surface.w_range[1]
    assert (jumping[6:9] < 0.15 * jumping[0]).all()
    assert jumping[9:].max() > jumping[0]


def test_with_unscaled_hours_no_learning_rate_arrives():
    surface = surfaces()[RAW]
    start = (-0.3, -8.4)
    for lr in LEARNING_RATES:
        assert surface.loss(*surface.descend(start, lr)[-1]) > surface.least[1] + 0.05


def test_the_line_and_the_arrow_of_the_probability_map_stand_at_right_angles_on_the_page():
    assert probability_map().figure.axes[0].get_aspect() == 1


@pytest.mark.parametrize("turn", [10, 60, 130, 250, 320])
def test_arrows_point_to_where_w_and_b_grow_on_the_near_side_of_the_surface(turn):
    explorer = descent_explorer()
    explorer.set(turn=float(turn))
    ax = explorer.figure.axes[1]
    surface = surfaces()[SCALED]
    arrows = [text for text in ax.texts if text.get_text() == ""]
    names = [text.get_text() for text in ax.texts if text.get_text()]
    assert names == ["w grows", "b grows"]
    origin = surface.seen_from(turn, 0, 0, 0)[0]
    for arrow, step in zip(arrows, ((1, 0), (0, 1)), strict=True):
        grows = surface.seen_from(turn, *step, 0)[0] - origin
        along = np.subtract(arrow.xy, arrow.xyann)
        assert along @ grows == pytest.approx(np.linalg.norm(along) * np.linalg.norm(grows))
    middle = surface.seen_from(turn, *surface.at(0.5, 0.5), 0)[0]
    assert all(text.get_position()[1] < middle[1] for text in ax.texts if text.get_text())


def test_no_legend_lies_on_the_map_of_the_descent():
    explorer = descent_explorer()
    for name in (SCALED, RAW):
        explorer.set(name=name)
        ax = explorer.figure.axes[0]
        assert ax.get_legend().get_window_extent().y1 < ax.get_window_extent().y0


def test_turning_changes_the_view_and_keeps_heights_in_order():
    surface = surfaces()[SCALED]
    front, _ = surface.seen_from(0, 2.0, 0.0, 1.0)
    back, _ = surface.seen_from(180, 2.0, 0.0, 1.0)
    assert front == pytest.approx(back)  # the middle of the map turns about itself
    low, _ = surface.seen_from(70, 5.0, 2.0, 0.5)
    high, _ = surface.seen_from(70, 5.0, 2.0, 2.5)
    assert low[0] == pytest.approx(high[0])
    assert low[1] < high[1]


def test_descent_explorer_follows_each_control():
    explorer = descent_explorer()
    seen = {explorer.picture.png}
    changes = [{"lr": 0.1}, {"turn": 60.0}, {"w": 1.0}, {"b": -2.0}, {"step": 20}, {"name": RAW}]
    for number, change in enumerate(changes, 2):
        explorer.set(**change)
        seen.add(explorer.picture.png)
        assert len(seen) == number, change


def test_descent_explorer_says_the_loss_and_how_often_it_rose():
    explorer = descent_explorer()
    assert "loss went up in 0 of 8 steps" in explorer.says.value
    explorer.set(lr=30, step=40)
    surface = surfaces()[SCALED]
    losses = surface.loss(*surface.descend((-2, 3), 30).T)
    assert f"went up in {(np.diff(losses) > 0).sum()} of 40 steps" in explorer.says.value
    explorer.set(step=0)
    assert "The start, with loss 2.36." in explorer.says.value


def test_new_data_bring_a_start_inside_their_map():
    explorer = descent_explorer()
    for name in (RAW, SCALED):
        explorer.set(name=name)
        surface = surfaces()[name]
        assert surface.w_range[0] <= explorer.values["w"] <= surface.w_range[1]
        assert surface.b_range[0] <= explorer.values["b"] <= surface.b_range[1]
        assert explorer.controls["w"].max == surface.w_range[1]


def test_touching_the_map_sets_the_start_and_touching_beside_it_turns():
    explorer = descent_explorer()
    assert explorer.touch(1.25, -2.5) == {"w": 1.25, "b": -2.5}
    assert explorer.touch(-9.0, 9.0) == {"w": -3.0, "b": 4.0}
    turned = explorer.touch(13.5, 0.0)
    assert set(turned) == {"turn"}
    assert 0 <= turned["turn"] <= 360
    explorer.set(**turned)
    assert f"seen from {turned['turn']:.0f}°" in explorer.text
