"""Batches of data in memory, as a model takes them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.utils.data import Sampler

Inputs = Tensor | tuple[Tensor, ...]  # what a model takes: one tensor, or one for each argument
HALVES = (torch.float16, torch.bfloat16)
MOVE_AT_ONCE = 2**29  # bytes; larger data sets travel to the device batch by batch


def batches(
    X: Inputs,
    y: Tensor,
    batch_size: int,
    device: torch.device,
    order: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
    first: int = 0,
) -> Iterator[tuple[Inputs, Tensor]]:
    """Yield batches of X and y on `device`: to train on, where an order of samples is given.

    They begin with the batch number `first`.

    uint8 pixels from 0 to 255 become floats from 0 to 1, other floats become `dtype`. Where X is
    a tuple of tensors, so is each batch of it.

    >>> for X_batch, y_batch in batches(X, y, 64, get_device(), torch.randperm(len(y))): ...
    """
    if order is None:
        parts = torch.arange(len(y)).split(whole("batch_size", batch_size))
    else:
        parts = order.split(training_sizes(len(order), batch_size))
    for index in parts[first:]:
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


class Order:
    """In which order a training takes the samples of each epoch: by lot, or as a sampler says.

    Args:
        n_samples: how many there are.
        seed: of the lot.
        sampler: an iterable over indices from 0 to n_samples - 1 that knows its length, such as
            `torch.utils.data.DistributedSampler`. It may draw from PyTorch's random numbers;
            `set_epoch` is called where it has one.

    Raises:
        ValueError: the sampler is none, or not one of these samples.

    >>> Order(4, seed=0).of_epoch(0)
    tensor([2, 0, 1, 3])
    """

    def __init__(self, n_samples: int, seed: int, sampler: Sampler | None = None) -> None:
        self.n_samples, self.sampler = n_samples, sampler
        self._lot = torch.Generator().manual_seed(seed)
        known = hasattr(sampler, "__iter__") and hasattr(sampler, "__len__")
        if sampler is not None and not (known and len(sampler) > 0):
            raise ValueError(
                "sampler must give the indices of some samples and know how many, as "
                f"torch.utils.data.DistributedSampler does, got {sampler!r}"
            )

    def __len__(self) -> int:
        """Return how many samples an epoch has."""
        return self.n_samples if self.sampler is None else len(self.sampler)

    def of_epoch(self, epoch: int) -> Tensor:
        """Return the indices of the samples of an epoch, counted from 0: (n,), int64."""
        if self.sampler is None:
            return torch.randperm(self.n_samples, generator=self._lot)
        if hasattr(self.sampler, "set_epoch"):
            self.sampler.set_epoch(epoch)
        indices = torch.as_tensor(list(self.sampler))
        whole_numbers = indices.ndim == 1 and indices.dtype == torch.int64
        if not (whole_numbers and indices.min() >= 0 and indices.max() < self.n_samples):
            raise ValueError(
                f"sampler must give whole numbers from 0 to {self.n_samples - 1}, one a sample "
                "(a BatchSampler gives lists of them: give batch_size instead)"
            )
        return indices

    @property
    def state(self) -> Tensor:
        """Where the lot is, to be put back."""
        return self._lot.get_state()

    @state.setter
    def state(self, state: Tensor) -> None:
        self._lot.set_state(state)


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
