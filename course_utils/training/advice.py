"""Why a model cannot take an input: which of its layers fails, what it wants, what to do."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.training.batches import Inputs, call

CONVOLUTIONS: dict[type[nn.Module], int] = {nn.Conv1d: 1, nn.Conv2d: 2, nn.Conv3d: 3}


class Failure(NamedTuple):
    """A layer that raised an error, and the tensor that it was given.

    Attributes:
        name, layer: the layer, and its name in the model.
        came: what it was given.
        is_input: whether that is X itself, which can be changed before it goes in.
    """

    name: str
    layer: nn.Module
    came: Tensor
    is_input: bool


def advice(model: nn.Module, X: Inputs) -> str:
    """Return which layer of the model cannot take X and what to do; "" where that is unknown."""
    failure = _find_failure(model, X)
    if failure is None:
        return ""
    known = (kind for kind in WANTED if isinstance(failure.layer, kind))
    kind = next(known, None)
    if kind is None:
        return ""
    layer, came = failure.layer, failure.came
    weight = next(layer.parameters(), None)
    dtype = torch.int64 if kind is nn.Embedding or weight is None else weight.dtype
    where = f" {failure.name}" if failure.name else ""
    remedy = _dtype_remedy(failure, dtype) or REMEDIES[kind](failure)
    return (
        f"Its layer{where}, {type(layer).__name__}, wants {WANTED[kind](layer)} {_kind(dtype)} and "
        f"got {tuple(came.shape)} {_kind(came.dtype)}{'; ' if remedy else ''}{remedy}."
    )


def _find_failure(model: nn.Module, X: Inputs) -> Failure | None:
    """Call the model again, and note which layer was entered last and never left."""
    entered: list[tuple[nn.Module, tuple]] = []
    hooks = [
        hook
        for layer in model.modules()
        for hook in (
            layer.register_forward_pre_hook(lambda layer, given: entered.append((layer, given))),
            layer.register_forward_hook(lambda *_: entered.pop() and None),
        )
    ]
    with contextlib.suppress(Exception):
        call(model, X)
    for hook in hooks:
        hook.remove()
    if not entered or not entered[-1][1] or not isinstance(entered[-1][1][0], Tensor):
        return None
    layer, (came, *_) = entered[-1]
    name = next(name for name, part in model.named_modules() if part is layer)
    is_input = isinstance(X, Tensor) and (came.data_ptr(), came.shape) == (X.data_ptr(), X.shape)
    return Failure(name, layer, came, is_input)


def _dtype_remedy(failure: Failure, wanted: torch.dtype) -> str:
    came = failure.came
    if came.dtype == wanted or (wanted == torch.int64 and not came.is_floating_point()):
        return ""
    if came.is_floating_point() and wanted.is_floating_point:
        return "model.float() makes all weights of one kind"
    if not failure.is_input:
        return ""
    if wanted.is_floating_point:
        return "X.float() makes it so"
    return "X.long() makes it so" if bool((came == came.round()).all()) else ""


def _linear_remedy(failure: Failure) -> str:
    layer, came = failure.layer, failure.came
    flat, last = came[0].numel(), came.shape[-1]
    if came.ndim > 2 and flat == layer.in_features:
        return "put nn.Flatten() in front of it"
    if came.ndim > 2:
        return (
            f"put nn.Flatten() in front of it and make it nn.Linear({flat}, {layer.out_features})"
        )
    return f"make it nn.Linear({last}, {layer.out_features})"


def _convolution_remedy(failure: Failure) -> str:
    came, wanted = failure.came, failure.layer.in_channels
    dims = next(dims for kind, dims in CONVOLUTIONS.items() if isinstance(failure.layer, kind))
    remedy = _picture_remedy(came, wanted, dims) if failure.is_input else ""
    if not remedy and came.ndim == dims + 2 and came.shape[1] != wanted:
        return f"make its in_channels {came.shape[1]}"
    return remedy


def _picture_remedy(came: Tensor, wanted: int, dims: int) -> str:
    """Return how X becomes pictures with the wanted number of channels."""
    rest = ", -1" * dims
    if came.ndim == dims + 1:
        spread = f".expand(-1, {wanted}{rest})" if wanted > 1 else ""
        return f"add the channel axis with X[:, None]{spread}"
    if came.ndim == dims + 2 and came.shape[-1] == wanted != came.shape[1]:
        return "put the channels first with X.movedim(-1, 1)"
    if came.ndim == dims + 2 and came.shape[1] == 1 != wanted:
        return f"repeat the channel with X.expand(-1, {wanted}{rest})"
    side = math.isqrt(came[0].numel() // wanted)
    if came.ndim == dims == 2 and wanted * side * side == came.shape[1]:
        return f"make pictures of the rows with X.reshape(-1, {wanted}, {side}, {side})"
    return ""


def _recurrent_remedy(failure: Failure) -> str:
    came, wanted = failure.came, failure.layer.input_size
    if failure.is_input:
        if came.ndim == 2 and wanted == 1:
            return "add the axis of the numbers at each step with X[:, :, None]"
        if came.ndim == 4 and came.shape[1] == 1 and came.shape[3] == wanted:
            return "X.squeeze(1) makes it so"
        if came.ndim == 3 and came.shape[1] == wanted:
            return "X.transpose(1, 2) makes it so"
    return f"make its input_size {came.shape[-1]}" if came.shape[-1] != wanted else ""


def _embedding_remedy(failure: Failure) -> str:
    low, high = int(failure.came.min()), int(failure.came.max())
    if low < 0:
        return f"its numbers run from {low}; they must be 0 or more"
    width = failure.layer.embedding_dim
    return f"its numbers run up to {high}: make it nn.Embedding({high + 1}, {width})"


def _norm_remedy(failure: Failure) -> str:
    came = failure.came
    if came.ndim < 2 or came.shape[1] == failure.layer.num_features:
        return ""
    return f"make its num_features {came.shape[1]}"


def _kind(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


# What a layer wants, and what to do where it came otherwise.
WANTED: dict[type[nn.Module], Callable[[nn.Module], str]] = {
    nn.Linear: lambda layer: f"(N, {layer.in_features})",
    nn.Conv1d: lambda layer: f"(N, {layer.in_channels}, L)",
    nn.Conv2d: lambda layer: f"(N, {layer.in_channels}, H, W)",
    nn.Conv3d: lambda layer: f"(N, {layer.in_channels}, D, H, W)",
    nn.RNNBase: lambda layer: f"(N, T, {layer.input_size})",
    nn.Embedding: lambda layer: f"numbers from 0 to {layer.num_embeddings - 1},",
    nn.BatchNorm1d: lambda layer: f"(N, {layer.num_features}) or (N, {layer.num_features}, L)",
    nn.BatchNorm2d: lambda layer: f"(N, {layer.num_features}, H, W)",
}
REMEDIES: dict[type[nn.Module], Callable[[Failure], str]] = {
    nn.Linear: _linear_remedy,
    nn.RNNBase: _recurrent_remedy,
    nn.Embedding: _embedding_remedy,
    nn.BatchNorm1d: _norm_remedy,
    nn.BatchNorm2d: _norm_remedy,
    **dict.fromkeys(CONVOLUTIONS, _convolution_remedy),
}
