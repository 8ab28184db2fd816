"""The thermometer of lesson 05: the gradients it reads are autograd's."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.explorers.depth import (
    ACTIVATIONS,
    INITS,
    WIDTH,
    deep_network,
    gradient_thermometer,
    read_gradients,
)


@pytest.fixture(scope="module")
def data():
    generator = torch.manual_seed(0)
    return torch.rand(300, 6, 6, generator=generator), torch.arange(300) % 10


@pytest.fixture
def explorer(data):
    return gradient_thermometer(*data)


def read(data, depth, activation, init, batch_norm=False):
    torch.manual_seed(1)
    network = deep_network(36, 10, depth, activation, init, batch_norm)
    return read_gradients(network, data[0].flatten(1), data[1])


def test_the_norms_are_those_of_backward_and_the_network_is_left_alone(data):
    network = deep_network(36, 10, 3, "tanh", "Xavier")
    X, y = data[0].flatten(1), data[1]
    reading = read_gradients(network, X, y)
    assert all(parameter.grad is None for parameter in network.parameters())
    F.cross_entropy(network(X), y).backward()
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    assert reading.gradients == pytest.approx([x.weight.grad.norm().item() for x in layers])


def test_the_share_of_idle_units_is_counted_in_the_outputs(data):
    X, y = data[0].flatten(1), data[1]
    network = deep_network(36, 10, 2, "ReLU", "He")
    with torch.no_grad():
        network[0].bias[:16], network[0].bias[16:] = -1e6, 1e6  # a quarter never fires
    assert read_gradients(network, X, y).idle[0] == 16 / WIDTH
    network = deep_network(36, 10, 2, "tanh", "normal, deviation 1")
    h = torch.tanh(network[0](X))
    wanted = ((1 - h**2) < 0.1).float().mean().item()
    assert read_gradients(network, X, y).idle[0] == pytest.approx(wanted)


def test_a_sigmoid_has_at_most_a_quarter_of_the_slope_so_depth_makes_gradients_vanish(data):
    sigmoid = read(data, 10, "sigmoid", "PyTorch's own").gradients
    assert sigmoid[0] < 1e-5 * sigmoid[-1]
    he = read(data, 10, "ReLU", "He").gradients
    assert 0.05 < he[0] / he[-1] < 50


def test_too_small_weights_leave_no_gradient_and_too_large_ones_too_much(data):
    small = read(data, 20, "tanh", "normal, deviation 0.01").gradients
    large = read(data, 20, "ReLU", "normal, deviation 1").gradients
    assert small.max() < 1e-12
    assert large.min() > 1e8


def test_batch_normalisation_mends_a_bad_start(data):
    for activation in ACTIVATIONS:
        gradients = read(data, 10, activation, "normal, deviation 0.01", True).gradients
        assert 0.01 < gradients.min() < gradients.max() < 100


@pytest.mark.parametrize("init", INITS)
def test_every_start_gives_weights_of_its_own(init):
    deviation = deep_network(400, 10, 1, "ReLU", init)[0].weight.std().item()
    wanted = {
        "PyTorch's own": (1 / 400 / 3) ** 0.5,
        "normal, deviation 0.01": 0.01,
        "normal, deviation 1": 1,
        "Xavier": (2 / (400 + WIDTH)) ** 0.5,
        "He": (2 / 400) ** 0.5,
    }[init]
    assert deviation == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize(
    "change",
    [{"depth": 3}, {"activation": "ReLU"}, {"init": "He"}, {"batch_norm": True}, {"layer": 4}],
)
def test_each_control_changes_the_picture_and_the_text(explorer, change):
    before = explorer.picture.png, explorer.text
    explorer.set(**change)
    assert explorer.picture.png != before[0]
    assert explorer.text != before[1]


def test_the_same_network_is_drawn_again_and_the_learners_random_numbers_go_on(data):
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    first, second = gradient_thermometer(*data), gradient_thermometer(*data)
    assert torch.equal(torch.rand(1), wanted)
    assert first.picture.png == second.picture.png


def test_a_shallower_network_has_no_deeper_layer_to_look_at(explorer):
    explorer.set(layer=9)
    explorer.controls["depth"].value = 2
    assert "Layer 3 is the output layer" in explorer.text
    assert explorer.touch(99.0, 0.0) == {"layer": 3}


def test_pixels_may_come_as_bytes(data):
    X = (255 * data[0]).byte()
    assert np.frombuffer(gradient_thermometer(X, data[1]).picture.png, np.uint8).size > 1000


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (torch.rand(5), torch.arange(5)),
        (torch.rand(5, 3), torch.rand(5)),
        (torch.rand(5, 3), torch.eye(5).long()),
        (torch.rand(1, 3), torch.tensor([0])),
        (torch.rand(5, 3), torch.arange(5) - 1),
    ],
)
def test_data_without_inputs_or_classes_is_refused(X, y):
    with pytest.raises(ValueError, match="X must be at least two samples"):
        gradient_thermometer(X, y)


def test_an_unknown_activation_or_start_is_refused():
    with pytest.raises(ValueError, match="activation one of"):
        deep_network(4, 2, 1, "swish", "He")
    with pytest.raises(ValueError, match="depth must be at least 1"):
        deep_network(4, 2, 0, "ReLU", "He")
