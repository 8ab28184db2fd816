"""Explorer of lesson 05: how large the gradient is in each layer of a deep network."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.device import seeded
from course_utils.explorers.base import Explorer, choice, switch, whole_slider
from course_utils.figures import AMBER, BLUE, INK, ORANGE, figure, log_axis, power_of_ten
from course_utils.training import check_pair, to_input

WIDTH = 64
DEEPEST = 20
N_SAMPLES = 256
ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU": nn.ReLU}
STEEPEST = {"sigmoid": 0.25, "tanh": 1.0}  # the largest slope of each
HUGE = 1e4  # norms above this are called by their size alone
FLAT = 0.1  # a unit whose slope is below this share of the largest is saturated


def _default(_weight: Tensor) -> None:
    """Leave the weights as nn.Linear has made them: uniform up to 1/√(inputs)."""


def _small(weight: Tensor) -> None:
    nn.init.normal_(weight, std=0.01)


def _large(weight: Tensor) -> None:
    nn.init.normal_(weight, std=1)


def _he(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


INITS = {
    "PyTorch's own": _default,
    "normal, deviation 0.01": _small,
    "normal, deviation 1": _large,
    "Xavier": nn.init.xavier_normal_,
    "He": _he,
}


class Reading(NamedTuple):
    """What was measured in a network, from the first layer to the last.

    Attributes:
        gradients: the norm of the loss's gradient with respect to each weight matrix,
            (depth + 1,): the hidden layers and the output layer.
        idle: the share of units of each hidden layer that pass on no gradient worth the name,
            (depth,): dead ReLUs, 0 for every sample, or the share of saturated sigmoid or tanh.
    """

    gradients: np.ndarray
    idle: np.ndarray


def deep_network(
    n_inputs: int, n_classes: int, depth: int, activation: str, init: str, batch_norm: bool = False
) -> nn.Sequential:
    """Return a new network of `depth` hidden layers with 64 units each.

    Args:
        n_inputs, n_classes: sizes of the input and the output.
        depth: hidden layers, at least 1.
        activation: a name in `ACTIVATIONS`.
        init: a name in `INITS`; biases begin at 0, except with PyTorch's own.
        batch_norm: whether each hidden layer has a batch normalisation before its activation.

    >>> deep_network(784, 10, 3, "ReLU", "He")
    """
    if depth < 1 or activation not in ACTIVATIONS or init not in INITS:
        raise ValueError(
            f"depth must be at least 1, activation one of {list(ACTIVATIONS)} and init one of "
            f"{list(INITS)}, got {depth}, {activation!r} and {init!r}"
        )
    sizes = [n_inputs] + [WIDTH] * depth
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers.append(nn.Linear(n_in, n_out))
        if batch_norm:
            layers.append(nn.BatchNorm1d(n_out))
        layers.append(ACTIVATIONS[activation]())
    network = nn.Sequential(*layers, nn.Linear(WIDTH, n_classes))
    for layer in network:
        if isinstance(layer, nn.Linear) and init != "PyTorch's own":
            INITS[init](layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def read_gradients(network: nn.Sequential, X: Tensor, y: Tensor) -> Reading:
    """Send one batch forward and back; return what is measured in each layer.

    Args:
        network: as `deep_network` makes it; its parameters stay as they are.
        X: a batch, (N, n_inputs), float32.
        y: its classes, (N,).
    """
    outputs, h = [], X
    for layer in network:
        h = layer(h)
        if isinstance(layer, tuple(ACTIVATIONS.values())):
            outputs.append((layer, h.detach()))
    weights = [layer.weight for layer in network if isinstance(layer, nn.Linear)]
    gradients = torch.autograd.grad(F.cross_entropy(h, y), weights)
    return Reading(
        np.array([gradient.norm().item() for gradient in gradients]),
        np.array([_idle(layer, output) for layer, output in outputs]),
    )


def _idle(layer: nn.Module, output: Tensor) -> float:
    """Return the share of dead ReLUs, or of saturated outputs of a sigmoid or tanh."""
    if isinstance(layer, nn.ReLU):
        return (output == 0).all(0).float().mean().item()
    slope, steepest = (
        (output * (1 - output), STEEPEST["sigmoid"])
        if isinstance(layer, nn.Sigmoid)
        else (1 - output**2, STEEPEST["tanh"])
    )
    return (slope < FLAT * steepest).float().mean().item()


def gradient_thermometer(X: Tensor, y: Tensor) -> Explorer:
    """Return an explorer: the gradient in each layer of a new network, before any training.

    Args:
        X: samples (N, ...), floats or uint8 pixels; the first 256 are the batch.
        y: their classes, whole numbers from 0, (N,).

    Raises:
        ValueError: X and y are not two tensors of one length, or y holds no classes.
    """
    X, y = check_pair((X, y))
    if X.ndim < 2 or len(X) < 2 or y.ndim != 1 or y.is_floating_point() or int(y.min()) < 0:
        raise ValueError(
            "X must be at least two samples, (N, ...) with their inputs along further axes, and y "
            f"their classes 0, 1, 2, … as whole numbers, (N,); got {tuple(X.shape)}, and "
            f"{tuple(y.shape)} {y.dtype}"
        )
    cpu = torch.device("cpu")
    batch = to_input(X[:N_SAMPLES], cpu).flatten(1)
    labels, n_classes = y[:N_SAMPLES].to(cpu).long(), int(y.max()) + 1

    @lru_cache(maxsize=128)
    def read(depth: int, activation: str, init: str, batch_norm: bool) -> Reading:
        with seeded(0, cpu):
            network = deep_network(batch.shape[1], n_classes, depth, activation, init, batch_norm)
            return read_gradients(network, batch, labels)

    depth = whole_slider(1, DEEPEST, 8, name="hidden layers")
    layer = whole_slider(1, 9, 1, name="look at layer")

    def follow(_change: object) -> None:
        layer.max = depth.value + 1

    depth.observe(follow, names="value")

    def draw(depth: int, activation: str, init: str, batch_norm: bool, layer: int) -> tuple:
        reading = read(depth, activation, init, batch_norm)
        return _draw_reading(reading, activation, min(layer, depth + 1))

    controls = {
        "depth": depth,
        "activation": choice(list(ACTIVATIONS), name="activation"),
        "init": choice(list(INITS), name="first weights"),
        "batch_norm": switch("batch normalisation", False),
        "layer": layer,
    }
    return Explorer(
        "How much of the gradient reaches the first layer? (Touch a layer to read it.)",
        draw,
        controls,
        touch=lambda x, _y: {"layer": int(np.clip(round(x), 1, depth.value + 1))},
    )


def _draw_reading(reading: Reading, activation: str, layer: int) -> tuple:
    fig, (left, right) = figure(columns=2, size=(10, 3.9))
    _draw_gradients(left, reading.gradients, layer)
    _draw_idle(right, reading.idle, activation, layer)
    return fig, _say_reading(reading, activation, layer)


def _draw_gradients(ax: Axes, gradients: np.ndarray, layer: int) -> None:
    layers = np.arange(1, len(gradients) + 1)
    low, high = 1e-12, max(1e3, 10 * gradients.max())
    shown = np.maximum(gradients, low)
    ax.axvline(layer, color=AMBER, linestyle="-", linewidth=12, alpha=0.35, label="_now")
    ax.vlines(layers, low, shown, color=ORANGE, linewidth=3, label="_stems")
    ax.plot(layers, shown, color=ORANGE, marker="o", linestyle="", label="gradient")
    if (below := gradients < low).any():
        ax.text(0.5, 0.06, "none, or too small to draw", transform=ax.transAxes, ha="center")
        ax.plot(layers[below], shown[below], color=ORANGE, marker="v", linestyle="", label="_below")
    ax.set(title=_headline(gradients), xlabel="layer", ylabel="norm of the gradient")
    ax.set_xlim(0.4, len(layers) + 0.6)
    ax.xaxis.get_major_locator().set_params(integer=True)
    log_axis(ax, "y", low, high)


def _headline(gradients: np.ndarray) -> str:
    first, last = gradients[0], gradients[-1]
    if first == 0 or last == 0:
        return "No gradient at all arrives"
    if gradients.max() > HUGE:
        return f"Gradients of about {power_of_ten(round(np.log10(gradients.max())))}"
    ratio = first / last
    if ratio >= 1:
        return f"First layer: {_about(ratio)} × the last's"
    return f"First layer: 1/{_about(1 / ratio)} of the last's"


def _about(number: float) -> str:
    """Return a number of at least 1 with one significant digit, or two below 10."""
    rounded = float(f"{number:.1g}" if number >= 10 else f"{number:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def _draw_idle(ax: Axes, idle: np.ndarray, activation: str, layer: int) -> None:
    layers = np.arange(1, len(idle) + 1)
    if layer <= len(idle):
        ax.axvline(layer, color=AMBER, linestyle="-", linewidth=12, alpha=0.35, label="_now")
    ax.bar(layers, 100 * idle, color=BLUE, edgecolor=INK, linewidth=0.8)
    if idle.max() < 0.01:
        words = "under 1%" if idle.any() else "none"
        ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", fontsize=16)
    name = "Dead ReLUs" if activation == "ReLU" else f"Saturated {activation} outputs"
    ax.set(title=name, xlabel="hidden layer", ylabel="share in %", ylim=(0, 100))
    ax.set_xlim(0.4, len(layers) + 1.6)
    ax.xaxis.get_major_locator().set_params(integer=True)


def _say_reading(reading: Reading, activation: str, layer: int) -> str:
    norm = f"The gradient's norm there is {reading.gradients[layer - 1]:.1g}"
    if layer > len(reading.idle):
        return f"Layer {layer} is the output layer. {norm}."
    share = f"{100 * reading.idle[layer - 1]:.0f}%"
    idle = (
        f"{share} of its units are 0 for each of the samples"
        if activation == "ReLU"
        else f"{share} of its outputs lie where the slope is under a tenth of the steepest"
    )
    return f"Layer {layer} of {len(reading.gradients)}. {norm}; {idle}."
