"""Batches of data in memory, as a model takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

Inputs = Tensor | tuple[Tensor, ...]  # what a model takes: one tensor, or one for each argument
MOVE_AT_ONCE = 2**29  # bytes; larger data sets travel to the device batch by batch


def batches(
    X: Inputs,
    y: Tensor,
    batch_size: int,
    device: torch.device,
    shuffle: torch.Generator | None = None,
) -> Iterator[tuple[Inputs, Tensor]]:
    """Yield batches of X and y on `device`, in a new order where a generator is given.

    uint8 pixels from 0 to 255 become float32 from 0 to 1, other floats float32. Where X is a
    tuple of tensors, so is each batch of it.

    >>> for X_batch, y_batch in batches(X, y, 64, get_device(), torch.Generator()): ...
    """
    order = torch.arange(len(y)) if shuffle is None else torch.randperm(len(y), generator=shuffle)
    for index in order.split(batch_size):
        # index_select gives what X[index] gives, and for bytes ten times as fast
        X_batch = each(X, lambda part, index=index: part.index_select(0, index.to(part.device)))
        y_batch = y.index_select(0, index.to(y.device))
        yield to_input(X_batch, device), y_batch.to(device)


def each(X: Inputs, change: Callable[[Tensor], Tensor]) -> Inputs:
    """Return X changed, or each of its tensors where it is a tuple."""
    return tuple(map(change, X)) if isinstance(X, tuple) else change(X)


def to_input(X: Inputs, device: torch.device) -> Inputs:
    """Return X as the model takes it: uint8 pixels as float32 from 0 to 1, floats as float32."""
    return each(X, lambda part: _to_input(part, device))


def _to_input(X: Tensor, device: torch.device) -> Tensor:
    if X.dtype == torch.uint8:
        return X.to(device).float().div_(255)
    return float32(X).to(device)


def float32(data: Tensor) -> Tensor:
    """Return floats as float32, the only kind that every device has; the rest as it came."""
    return data.float() if data.is_floating_point() else data
