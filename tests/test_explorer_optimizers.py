"""The race of lesson 05: PyTorch's own optimizers, and what the explorer says of them."""

import re

import numpy as np
import pytest
import torch

from course_utils.explorers.optimizers import (
    ARRIVED,
    N_STEPS,
    OPTIMIZERS,
    SURFACES,
    X_RANGE,
    Y_RANGE,
    arrivals,
    optimizer_race,
    race,
)

RAVINE, TURNED = "ravine", "ravine, turned by 45°"


@pytest.fixture(scope="module")
def explorer():
    return optimizer_race()


def heights_of(surface, places):
    return surface.height(*torch.from_numpy(places).permute(2, 0, 1)).numpy()


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_is_flat_and_at_height_0_in_its_lowest_places(name):
    surface = SURFACES[name]
    places = torch.tensor(surface.lowest, dtype=torch.float64, requires_grad=True)
    heights = surface.height(*places.T)
    (slopes,) = torch.autograd.grad(heights.sum(), places)
    assert heights.detach().numpy() == pytest.approx(0, abs=1e-9)
    assert slopes.numpy() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", SURFACES)
def test_no_place_of_the_map_is_lower_than_the_lowest(name):
    grid = torch.cartesian_prod(
        torch.linspace(*X_RANGE, 81, dtype=torch.float64),
        torch.linspace(*Y_RANGE, 81, dtype=torch.float64),
    )
    assert SURFACES[name].height(*grid.T).min() > -1e-9


def test_the_turned_ravine_is_the_ravine_turned():
    x, y = torch.randn(2, 50, dtype=torch.float64, generator=torch.manual_seed(0))
    along, across = (x + y) / 2**0.5, (y - x) / 2**0.5
    turned, straight = SURFACES[TURNED].height(x, y), SURFACES[RAVINE].height(along, across)
    assert torch.allclose(turned, straight)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_path_is_what_one_parameter_of_two_numbers_does_in_pytorch(name):
    surface = SURFACES["two minima"]
    w = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    optimizer = OPTIMIZERS[name]([w], lr=0.02)
    ours = race(surface, surface.start, dict.fromkeys(OPTIMIZERS, 0.02), 30)
    for _ in range(30):
        optimizer.zero_grad()
        surface.height(*w).backward()
        optimizer.step()
    assert np.allclose(ours[list(OPTIMIZERS).index(name), -1], w.detach())


def test_who_flies_away_is_lost_for_good():
    places = race(SURFACES[RAVINE], (-3.0, 1.0), {"SGD": 1.0, "Adam": 0.1})
    lost = np.isnan(places).any(axis=2)
    assert lost[0, -1]
    assert not lost[1].any()
    assert (np.diff(lost[0].astype(int)) >= 0).all()


@pytest.mark.parametrize("rates", [{"SGD": 0.0}, {"SGD": float("nan")}, {"Adamant": 0.1}])
def test_an_unknown_optimizer_or_rate_is_refused(rates):
    with pytest.raises(ValueError, match="positive learning rate for some of"):
        race(SURFACES[RAVINE], (0.0, 1.0), rates)


def test_arrival_is_the_step_from_which_on_the_height_stays_low():
    heights = np.array(
        [[1, 0.005, 0.5, 0.01, 0.002], [1, 0.5, 0.2, 0.1, 0.05], [1, 0, 0, 0, np.nan]]
    )
    assert arrivals(heights) == [3, None, None]


def test_turning_the_ravine_costs_the_adaptive_ones_their_lead_and_momentum_nothing():
    arrived = {}
    for name in (RAVINE, TURNED):
        surface = SURFACES[name]
        # the turned start is the straight one, turned
        x, y = SURFACES[RAVINE].start
        start = (x, y) if name == RAVINE else ((x - y) / 2**0.5, (x + y) / 2**0.5)
        places = race(surface, start, dict.fromkeys(OPTIMIZERS, 0.1))
        arrived[name] = dict(zip(OPTIMIZERS, arrivals(heights_of(surface, places)), strict=True))
    assert arrived[RAVINE]["momentum"] == arrived[TURNED]["momentum"] < N_STEPS
    assert arrived[RAVINE]["RMSProp"] < arrived[RAVINE]["Adam"] < arrived[RAVINE]["momentum"]
    assert arrived[TURNED]["RMSProp"] is None
    assert arrived[TURNED]["Adam"] is None


def test_momentum_alone_rolls_over_the_hill_to_the_deeper_minimum():
    surface = SURFACES["two minima"]
    ends = race(surface, surface.start, dict.fromkeys(OPTIMIZERS, 0.03))[:, -1, 0]
    over = {name for name, x in zip(OPTIMIZERS, ends, strict=True) if x < 0}
    assert over == {"momentum"}


def test_the_sentence_says_who_has_arrived_and_when(explorer):
    explorer.set(surface=RAVINE, x=-3.6, y=0.6, lr=0.1, step=40)
    assert "RMSProp (step 7), Adam (step 34)" in explorer.text
    explorer.set(step=20)
    assert "RMSProp (step 7)." in explorer.text
    explorer.set(step=80)
    assert "momentum (step 45)" in explorer.text


def test_on_the_turned_ravine_the_explorer_tells_that_momentum_alone_arrives(explorer):
    explorer.controls["surface"].value = TURNED
    explorer.set(lr=0.1, step=80)
    assert (
        "good: momentum (step 45). Not yet: SGD, Adagrad, RMSProp, Adadelta, Adam." in explorer.text
    )


def test_the_sentence_names_those_who_flew_off(explorer):
    explorer.set(surface=RAVINE, lr=3, step=80)
    assert "Flown off the map: SGD, momentum." in explorer.text


def test_the_heights_told_are_those_of_the_path(explorer):
    surface = SURFACES["saddle"]
    explorer.controls["surface"].value = "saddle"
    explorer.set(lr=0.1, step=80)
    heights = heights_of(surface, race(surface, surface.start, {"SGD": 0.1}))
    told = float(re.search(r"SGD: 81 points, the last at ([\d.e-]+)", explorer.text)[1])
    assert told == pytest.approx(heights[0, -1], rel=0.06)
    assert heights[0, -1] < ARRIVED * heights[0, 0]


def test_a_surface_brings_its_start_and_draws_once(monkeypatch):
    explorer, drawn = optimizer_race(), []
    draw = explorer.draw
    monkeypatch.setattr(explorer, "draw", lambda **values: drawn.append(values) or draw(**values))
    explorer.controls["surface"].value = "two minima"
    assert (explorer.values["x"], explorer.values["y"]) == SURFACES["two minima"].start
    assert [values["x"] for values in drawn][-1] == 2.2
    assert len(drawn) <= 2


def test_a_touch_of_the_map_sets_the_start_and_one_beside_it_nothing(explorer):
    assert explorer.touch(1.02, -9.0) == pytest.approx({"x": 1.0, "y": -3.0})
    assert explorer.touch(6.0, 0.0) == {}


@pytest.mark.parametrize(
    "change", [{"lr": 0.01}, {"step": 3}, {"x": 2.0}, {"y": 2.0}, {"Adam": False}]
)
def test_each_control_changes_the_picture(explorer, change):
    explorer.set(surface=RAVINE, lr=0.1, step=40, x=-3.6, y=0.6, Adam=True)
    before = explorer.picture.png
    explorer.set(**change)
    assert explorer.picture.png != before


def test_nobody_need_run(explorer):
    explorer.set(**dict.fromkeys(OPTIMIZERS, False))
    assert "tick an optimizer" in explorer.text
    explorer.set(**dict.fromkeys(OPTIMIZERS, True))
