"""Pack small networks for the page, where network.js runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.models.lending import snapshot

PAGE_LAYERS = (
    "Linear, Conv2d, BatchNorm1d, BatchNorm2d, ReLU, Sigmoid, Tanh, MaxPool2d, AvgPool2d, "
    "Flatten, Dropout, Dropout2d, Identity"
)


class PageError(ValueError):
    """A model that is a model, but not one that the page can run."""


def pack(models: Mapping[str, nn.Module]) -> tuple[dict[str, list[dict]], bytes]:
    """Return the layers of each model as the page takes them, and all weights as bytes.

    A tensor whose numbers float16 holds exactly, as those of the shipped models, is stored in
    two bytes a number, every other in four (float32): nothing is rounded.

    Args:
        models: by name; each an nn.Sequential of the layers in PAGE_LAYERS, from (N, 1, 28, 28)
            to ten logits (N, 10).

    Raises:
        ValueError: a model is no such network; it names the model and the layer.
            PageError if the kernel may run it all the same.

    >>> layers, weights = pack({"softmax": nn.Sequential(nn.Flatten(), nn.Linear(784, 10))})
    >>> layers["softmax"][1]["kind"], len(weights)
    ('linear', 31400)
    """
    weights = bytearray()
    return {name: _pack_one(name, model, weights) for name, model in models.items()}, bytes(weights)


def _pack_one(name: str, model: object, weights: bytearray) -> list[dict]:
    what = type(model).__name__
    if not _is_sequence(model):
        raise PageError(f"{name!r} is a {what}; the page can run an nn.Sequential of {PAGE_LAYERS}")
    model = snapshot(model).float().cpu().eval()
    packed, shape = [], torch.zeros(1, 1, 28, 28, dtype=torch.float32)
    for layer in _flat(model):
        pack_layer = PACKERS.get(type(layer))
        fault = "is not among the layers" if pack_layer is None else _unsupported(layer)
        if fault:
            raise PageError(
                f"{name!r} holds {layer}, which {fault} that the page can run: {PAGE_LAYERS}, "
                "without dilation and groups"
            )
        try:
            with torch.no_grad():
                shape = layer(shape)
        except RuntimeError as error:
            raise ValueError(f"{name!r} cannot read a digit (1, 1, 28, 28): {error}") from error
        packed += [_store(part, weights) for part in pack_layer(layer)]
    if tuple(shape.shape) != (1, 10):
        raise ValueError(f"{name!r} gives {tuple(shape.shape)} for one digit, wanted is (1, 10)")
    return packed


def _is_sequence(model: object) -> bool:
    """Tell whether a model does nothing but run its layers one after the other."""
    return isinstance(model, nn.Sequential) and type(model).forward is nn.Sequential.forward


def _flat(model: nn.Sequential) -> Iterator[nn.Module]:
    for layer in model:
        if _is_sequence(layer):
            yield from _flat(layer)
        else:
            yield layer


def _unsupported(layer: nn.Module) -> str:
    """Return what in the settings of a known layer the page cannot do, "" if nothing."""
    plain = {
        nn.Conv2d: {"dilation": (1, 1), "groups": 1, "padding_mode": "zeros"},
        nn.MaxPool2d: {"dilation": 1, "ceil_mode": False, "return_indices": False},
        nn.AvgPool2d: {"padding": 0, "ceil_mode": False, "divisor_override": None},
        nn.Flatten: {"start_dim": 1, "end_dim": -1},
    }
    for setting, value in plain.get(type(layer), {}).items():
        if getattr(layer, setting) not in (value, (value, value)):
            return f"has {setting}={getattr(layer, setting)}, unlike the layers"
    if getattr(layer, "padding", None) == "same" and not all(n % 2 for n in layer.kernel_size):
        return 'has padding="same" on an even kernel, unlike the layers'
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and layer.running_mean is None:
        return "keeps no running mean, unlike the layers"
    return ""


def _linear(layer: nn.Linear) -> list[dict]:
    return [{"kind": "linear", **_parameters(layer.weight, layer.bias)}]


def _conv(layer: nn.Conv2d) -> list[dict]:
    padding = layer.padding
    if padding == "valid":
        padding = (0, 0)
    elif padding == "same":
        padding = tuple((size - 1) // 2 for size in layer.kernel_size)
    geometry = _geometry(layer.kernel_size, layer.stride, padding)
    return [{"kind": "conv", **geometry, **_parameters(layer.weight, layer.bias)}]


def _pool(kind: str) -> Callable[[nn.Module], list[dict]]:
    return lambda layer: [
        {"kind": kind, **_geometry(layer.kernel_size, layer.stride, layer.padding)}
    ]


def _batch_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> list[dict]:
    """Fold mean, variance, factor and summand into one factor and one summand a channel."""
    factor = torch.rsqrt(layer.running_var + layer.eps)
    if layer.affine:
        factor = factor * layer.weight
    summand = -layer.running_mean * factor + (layer.bias if layer.affine else 0)
    return [{"kind": "scale", **_parameters(factor, summand)}]


def _parameters(weight: Tensor, bias: Tensor | None) -> dict[str, Tensor]:
    return {"weight": weight, "bias": weight.new_zeros(len(weight)) if bias is None else bias}


def _geometry(kernel: object, stride: object, padding: object) -> dict[str, list[int]]:
    pair = lambda size: [size, size] if isinstance(size, int) else list(size)  # noqa: E731
    return {"kernel": pair(kernel), "stride": pair(stride), "padding": pair(padding)}


PACKERS: dict[type, Callable[[nn.Module], list[dict]]] = {
    nn.Linear: _linear,
    nn.Conv2d: _conv,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.MaxPool2d: _pool("maxpool"),
    nn.AvgPool2d: _pool("avgpool"),
    nn.ReLU: lambda _: [{"kind": "relu"}],
    nn.Sigmoid: lambda _: [{"kind": "sigmoid"}],
    nn.Tanh: lambda _: [{"kind": "tanh"}],
    nn.Flatten: lambda _: [{"kind": "flatten"}],
    nn.Dropout: lambda _: [],
    nn.Dropout2d: lambda _: [],
    nn.Identity: lambda _: [],
}


def _store(layer: dict, weights: bytearray) -> dict:
    """Append the tensors of a layer to `weights`; leave in their place where they lie."""
    stored = {}
    for key, value in layer.items():
        stored[key] = value
        if isinstance(value, Tensor):
            numbers = value.detach().numpy().astype("<f4").ravel()
            with np.errstate(all="ignore"):
                halves = numbers.astype("<f2")
                exact = bool((np.isfinite(halves) & (halves.astype("<f4") == numbers)).all())
            stored[key] = {"start": len(weights), "length": len(numbers), "half": exact}
            weights += halves.tobytes() if exact else numbers.tobytes()
    return stored
