"""The roof of a machine and the layers beneath it: the example is stored, this machine is live."""

import pytest
import torch

from course_utils.explorers import roofline as module
from course_utils.explorers.roofline import HERE, THERE, roofline, rows_of
from course_utils.microscope import LayerTime, Machine, Roof, example_machine


def machine(speed=1.0, networks=("LeNet-5",), n_layers=5, sizes=(32, 64)):
    """Return a machine whose layer k does 1000 k operations a byte of 10 for each picture."""
    layers = [
        LayerTime(name, k, f"linear {k}", size, 1e4 * k * size, 1e4 * size, k * size / speed)
        for name in networks
        for size in sizes
        for k in range(1, n_layers + 1)
    ]
    return Machine("a machine of the test", Roof(2e4, 1e4, 4e4), layers)


def test_without_a_machine_the_example_is_shown_alone():
    explorer = roofline()
    assert list(explorer.controls["machine"].options) == [THERE]
    assert example_machine().about in explorer.text


def test_with_a_machine_it_is_shown_and_the_still_is_the_examples(monkeypatch):
    alone, explorer = roofline(), roofline(machine())
    assert explorer.values["machine"] == HERE
    assert "a machine of the test" in explorer.text
    stored = {}
    monkeypatch.setattr(module, "publish", lambda text, **rest: stored.update(rest, text=text))
    explorer._ipython_display_()
    assert (stored["text"], stored["png"]) == (alone.text, alone.picture.png)


def test_only_what_both_machines_have_can_be_chosen():
    explorer = roofline(machine(n_layers=3))
    assert list(explorer.controls["network"].options) == ["LeNet-5"]
    assert [size for _, size in explorer.controls["batch_size"].options] == [32, 64]
    assert explorer.controls["layer"].slider.max == 3
    assert explorer.values["layer"] == 3  # there is no fourth
    explorer.set(machine=THERE)
    assert "Layer 3 of 11" in explorer.says.value


@pytest.mark.parametrize("wrong", [{"network": "AlexNet"}, {"batch_size": 3}])
def test_what_was_not_measured_is_refused(wrong):
    with pytest.raises(ValueError, match="the networks are MLP, LeNet-5, digit_cnn"):
        roofline(**wrong)


def test_it_says_which_limit_a_layer_has_and_how_near_it_is():
    explorer = roofline(machine(speed=1.0), layer=1)
    # 1 operation a byte: memory allows 1e4 a second; 1e4 · 64 operations in 64 seconds are 1e4
    assert "100% of the 1e-05 that memory allows" in explorer.says.value
    explorer.set(layer=5)  # 5 operations a byte: computing allows 2e4, and 1e4 were reached
    assert "50% of the 2e-05 that computing allows" in explorer.says.value


@pytest.mark.parametrize(
    ("speed", "layer", "says"),
    [
        (1.5, 1, "came from the cache"),
        (3.0, 5, "beats the product of matrices"),
        (0.1, 1, "the way this layer is computed"),
        (1.0, 1, "that memory allows."),
    ],
)
def test_a_point_off_the_roof_is_explained(speed, layer, says):
    assert says in roofline(machine(speed), layer=layer).says.value


def test_a_short_layer_far_below_the_roof_spends_its_time_on_the_call():
    assert "the call itself" in roofline(network="MLP", layer=2, batch_size=1).says.value


def test_a_touch_chooses_the_nearest_layer():
    explorer = roofline()
    rows = rows_of(example_machine(), "LeNet-5", 64)
    for place, row in enumerate(rows, 1):
        found = explorer.touch(row.work.intensity, row.speed / 1e9)["layer"]
        assert found == place or rows[found - 1].speed == row.speed
    assert explorer.touch(-1.0, 5.0) == {}


def test_every_layer_of_every_network_can_be_drawn_and_says_its_own():
    explorer, said = roofline(), set()
    for network in explorer.controls["network"].options:
        explorer.set(network=network)
        n = explorer.controls["layer"].slider.max
        for layer in (1, n):
            explorer.set(layer=layer)
            assert f"Layer {layer} of {n}" in explorer.says.value
            said.add(explorer.says.value)
    assert len(said) == 6


def test_a_smaller_network_takes_the_layer_along():
    explorer = roofline(network="digit_cnn", layer=15)
    explorer.set(network="MLP")
    assert explorer.values["layer"] == explorer.controls["layer"].slider.max < 15


def test_the_way_to_a_batch_of_256_goes_up_and_for_a_linear_layer_to_the_right():
    convolution = [rows_of(example_machine(), "LeNet-5", size)[3] for size in (1, 64)]
    linear = [rows_of(example_machine(), "MLP", size)[0] for size in (1, 64)]
    assert convolution[1].speed > 2 * convolution[0].speed
    assert linear[1].work.intensity > 20 * linear[0].work.intensity


def test_nothing_is_measured_while_it_is_used(monkeypatch):
    explorer = roofline(machine())
    monkeypatch.setattr(torch.nn.Module, "__call__", lambda *_: pytest.fail("a layer was asked"))
    explorer.set(layer=2, batch_size=32)
    explorer.set(machine=THERE)
