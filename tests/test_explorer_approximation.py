"""The bump builder and the hidden units' explorer of lesson 04."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.explorers.approximation import (
    CURVES,
    bump,
    bump_builder,
    hidden_layer_explorer,
    hinges,
)

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = torch.tensor([0, 1, 1, 0])


def touch(explorer, x, y):
    """Touch the explorer's picture at a point of its first axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[0].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


def gap(explorer):
    return float(re.search(r"largest gap, ([\d.]+),", explorer.says.value)[1])


# --- bumps -------------------------------------------------------------------------------------


def test_hinges_are_a_hidden_layer_of_relus():
    x, corners, weights = (
        torch.linspace(-1, 2, 31),
        torch.tensor([0.0, 0.4]),
        torch.tensor([2.0, -3]),
    )
    wanted = torch.relu(x[:, None] - corners) @ weights
    ours = hinges(x.numpy(), corners.numpy(), weights.numpy())
    assert np.allclose(ours, wanted.numpy(), atol=1e-5)


def test_a_bump_is_one_at_its_top_straight_on_both_sides_and_nothing_elsewhere():
    x = np.linspace(-2, 3, 101)
    wanted = np.clip(1 - np.abs(x - 0.5) / 0.25, 0, None)
    assert np.allclose(bump(x, top=0.5, width=0.25), wanted)


@pytest.mark.parametrize("curve", CURVES)
def test_bumps_pass_through_the_curve_at_their_tops(curve):
    tops = np.linspace(0, 1, 9)
    total = sum(h * bump(tops, t, 1 / 8) for t, h in zip(tops, CURVES[curve](tops), strict=True))
    assert np.allclose(total, CURVES[curve](tops))


def test_twice_the_bumps_leave_a_quarter_of_the_gap_for_a_wave_and_all_of_it_for_a_step():
    gaps = {}
    for curve in ("a wave", "a step"):
        explorer = bump_builder(curve)
        for n in (9, 17, 33):
            explorer.controls["n_bumps"].value = n
            gaps[curve, n] = gap(explorer)
    for n in (9, 17):
        assert gaps["a wave", n] / gaps["a wave", 2 * n - 1] == pytest.approx(4, rel=0.15)
    assert gaps["a step", 33] > 0.25


def test_where_several_gaps_are_equal_the_first_is_named_and_no_gap_is_zero():
    explorer = bump_builder("a wave")
    assert "0.084, is at x = 0.14" in explorer.says.value
    explorer = bump_builder("a valley")
    explorer.controls["n_bumps"].value = 9
    assert gap(explorer) == 0


def test_a_slider_and_a_touch_pull_a_bump():
    explorer = bump_builder()
    before, picture = gap(explorer), explorer.picture.png
    explorer.controls["h3"].value = 1.1
    assert gap(explorer) > before
    assert explorer.picture.png != picture
    touch(explorer, 0.48, 0.5)
    assert explorer.values["h3"] == pytest.approx(0.5)
    assert gap(explorer) == pytest.approx(before)


def test_a_touch_takes_the_bumps_back_into_the_learners_hand():
    explorer = bump_builder()
    explorer.controls["n_bumps"].value = 33
    touch(explorer, 0.99, -3)
    assert explorer.values["n_bumps"] == 5
    assert explorer.values["h5"] == pytest.approx(-0.2)


def test_an_unknown_curve_is_refused():
    with pytest.raises(ValueError, match="curve must be one of a wave"):
        bump_builder("a cloud")


# --- hidden units ------------------------------------------------------------------------------


def xor_network():
    network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    network[0].load_state_dict({"weight": torch.ones(2, 2), "bias": torch.tensor([0.0, -1.0])})
    network[2].load_state_dict(
        {"weight": torch.tensor([[1.0, -2.0]]), "bias": torch.tensor([-0.5])}
    )
    return network


def test_the_explorer_says_how_many_are_right_and_the_models_own_score():
    wide = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1, bias=False))
    models = {"by hand": xor_network(), "wide": wide}
    explorer = hidden_layer_explorer(models, CORNERS, XOR)
    assert "2 hidden units; 4 of 4 points right." in explorer.says.value
    explorer.set(at=1, x1=0.4, x2=0.9)
    with torch.no_grad():
        score = wide(torch.tensor([0.4, 0.9])).item()
        right = int(((wide(CORNERS)[:, 0] > 0) == (XOR == 1)).sum())
    assert f"5 hidden units; {right} of 4 points right." in explorer.says.value
    said = re.search(r"is (−?[\d.]+), class (\d)", explorer.says.value)
    assert float(said[1].replace("−", "-")) == pytest.approx(score, abs=0.051)
    assert int(said[2]) == int(score > 0)


def test_two_hidden_units_show_the_points_where_the_output_unit_sees_them():
    explorer = hidden_layer_explorer({"by hand": xor_network()}, CORNERS, XOR)
    drawn = [dots.get_offsets() for dots in explorer.figure.axes[1].collections]
    assert sorted(map(tuple, np.concatenate(drawn).tolist())) == [(0, 0), (1, 0), (1, 0), (2, 1)]


def test_touching_the_plane_moves_the_ring():
    explorer = hidden_layer_explorer({"by hand": xor_network()}, CORNERS, XOR)
    before = explorer.picture.png
    touch(explorer, 0.42, 0.08)
    assert (explorer.values["x1"], explorer.values["x2"]) == (0.4, 0.1)
    assert explorer.picture.png != before
    touch(explorer, 0.5, 50)
    assert explorer.values["x2"] == explorer.controls["x2"].max


def test_the_models_are_not_changed_and_not_followed():
    network = xor_network()
    explorer = hidden_layer_explorer({"by hand": network}, CORNERS, XOR)
    said = explorer.says.value
    with torch.no_grad():
        network[0].weight.zero_()
    explorer.set(x1=0.0)
    explorer.set(x1=1.0)
    assert explorer.says.value == said


@pytest.mark.parametrize(
    "model",
    [
        nn.Linear(2, 1),
        nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)),
        nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 3)),
        nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)),
    ],
)
def test_another_kind_of_network_is_refused_by_name(model):
    with pytest.raises(ValueError, match=r"'odd' must be nn\.Sequential\(nn\.Linear\(2, H\)"):
        hidden_layer_explorer({"odd": model}, CORNERS, XOR)


def test_points_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"X must be \(N, 2\)"):
        hidden_layer_explorer({"by hand": xor_network()}, CORNERS[:, :1], XOR)
    with pytest.raises(ValueError, match=r"models at least one"):
        hidden_layer_explorer({}, CORNERS, XOR)
