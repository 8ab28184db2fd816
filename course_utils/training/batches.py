"""Batches of data in memory, as a model takes them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

Inputs = Tensor | tuple[Tensor, ...]  # what a model takes: one tensor, or one for each argument
HALVES = (torch.float16, torch.bfloat16)
MOVE_AT_ONCE = 2**29  # bytes; larger data sets travel to the device batch by batch


def batches(
    X: Inputs,
    y: Tensor,
    batch_size: int,
    device: torch.device,
    shuffle: torch.Generator | None = None,
    dtype: torch.dtype = torch.float32,
) -> Iterator[tuple[Inputs, Tensor]]:
    """Yield batches of X and y on `device`: to train in a new order, where a generator is given.

    uint8 pixels from 0 to 255 become floats from 0 to 1, other floats become `dtype`. Where X is
    a tuple of tensors, so is each batch of it.

    >>> for X_batch, y_batch in batches(X, y, 64, get_device(), torch.Generator()): ...
    """
    if shuffle is None:
        parts = torch.arange(len(y)).split(whole("batch_size", batch_size))
    else:
        order = torch.randperm(len(y), generator=shuffle)
        parts = order.split(training_sizes(len(y), batch_size))
    for index in parts:
        # index_select gives what X[index] gives, and for bytes ten times as fast
        X_batch = each(X, lambda part, index=index: part.index_select(0, index.to(part.device)))
        y_batch = y.index_select(0, index.to(y.device))
        yield to_input(X_batch, device, dtype), y_batch.to(device)


def training_sizes(n_samples: int, batch_size: int) -> list[int]:
    """Return the sizes of the batches of an epoch of training.

    The last may be smaller; but of one sample alone batch norm can learn nothing, so a single one
    that is left over goes into the batch before it.

    >>> training_sizes(10, 4), training_sizes(9, 4)
    ([4, 4, 2], [4, 5])
    """
    size = whole("batch_size", batch_size)
    sizes = [size] * (n_samples // size)
    left = n_samples % size
    if left == 1 and sizes:
        sizes[-1] += 1
    elif left:
        sizes.append(left)
    return sizes


def whole(name: str, number: object) -> int:
    """Return a count as an int; raise ValueError unless it is a whole number of at least 1."""
    try:
        count = 0 if isinstance(number, bool) else operator.index(number)
    except TypeError:
        count = 0
    if count < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {number!r}")
    return count


def each(X: Inputs, change: Callable[[Tensor], Tensor]) -> Inputs:
    """Return X changed, or each of its tensors where it is a tuple."""
    return tuple(map(change, X)) if isinstance(X, tuple) else change(X)


def call(model: nn.Module, X: Inputs) -> Tensor:
    """Return what the model makes of X, halves as float32; a tuple holds its arguments."""
    outputs = model(*X) if isinstance(X, tuple) else model(X)
    is_half = isinstance(outputs, Tensor) and outputs.dtype in HALVES
    return outputs.float() if is_half else outputs


def to_input(X: Inputs, device: torch.device, dtype: torch.dtype = torch.float32) -> Inputs:
    """Return X as a model of that dtype takes it: uint8 pixels as floats from 0 to 1, floats so."""
    return each(X, lambda part: _to_input(part, device, dtype))


def _to_input(X: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    if X.dtype == torch.uint8:
        return X.to(device).to(dtype).div_(255)
    return floats(X, dtype).to(device)


def floats(data: Tensor, dtype: torch.dtype) -> Tensor:
    """Return floats as floats of one kind; the rest as it came."""
    return data.to(dtype) if data.is_floating_point() else data
