"""Ask a model: loss and accuracy on data, logits for data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.training.batches import (
    MOVE_AT_ONCE,
    Inputs,
    batches,
    call,
    dtype_of,
    each,
    floats,
    to_input,
)
from course_utils.training.checks import check_inputs, check_model, check_pair, try_model
from course_utils.training.history import Evaluation
from course_utils.training.labels import check_loss, fitting_labels, warn_of_wasted_slopes
from course_utils.training.lending import device_of, lent
from course_utils.training.losses import Answers, Loss, above, answers_of, largest


class RunningMeans:
    """Means of loss and accuracy over what was seen so far."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.n_samples, self.loss_sum, self.n_labels, self.n_right = 0, 0.0, 0, 0.0

    def add(self, loss: float, logits: Tensor, y: Tensor) -> None:
        self.n_samples += len(y)
        self.loss_sum += loss * len(y)
        n_right, n_labels = self.answers.count(logits, y)
        self.n_right += n_right
        self.n_labels += n_labels

    def means(self) -> Evaluation:
        share = self.n_right / self.n_labels if self.n_labels else math.nan
        return Evaluation(self.loss_sum / self.n_samples, share)


def accuracy(logits: Tensor, y: Tensor, *, threshold: float = 0.0) -> float:
    """Return the fraction of labels that the logits get right.

    Args:
        logits: (N, K), the largest one is the answer; or the shape of y for a yes or no.
        y: (N,) int64 class numbers; or 0 and 1 (or -1 and 1) as floats in the shape of `logits`.
        threshold: what lies above it is a yes: 0 for logits, which is a probability of one half;
            0.5 where `logits` holds probabilities, such as those of a sigmoid.

    Raises:
        ValueError: there are no labels, or the shapes do not fit.

    >>> accuracy(torch.tensor([[2.0, 1.0], [0.0, 3.0]]), torch.tensor([0, 0]))
    0.5
    """
    fitting = logits.shape if y.is_floating_point() else logits.shape[:1] + logits.shape[2:]
    if y.numel() == 0 or fitting != y.shape or (logits.ndim < 2 and not y.is_floating_point()):
        raise ValueError(
            f"logits {tuple(logits.shape)} and labels {tuple(y.shape)} ({y.dtype}) do not fit: "
            "(N, K) goes with (N,) whole numbers, (N,) with (N,) floats; logits.squeeze(1) makes "
            "(N,) of (N, 1)"
        )
    right = above(logits, y, threshold) if y.is_floating_point() else largest(logits, y)
    return int(right.count_nonzero()) / y.numel()


@torch.no_grad()
def evaluate(
    model: nn.Module,
    X: Inputs,
    y: Tensor,
    batch_size: int = 1000,
    loss_fn: Loss = F.cross_entropy,
) -> Evaluation:
    """Measure loss and accuracy of `model`, in eval mode and without gradients.

    The model works on the device on which it is, and keeps its mode.

    Args:
        model, X, y, loss_fn: as `fit` takes them.
        batch_size: samples at a time; changes the memory that is needed, not the result.

    Raises:
        ValueError: model and data do not fit together.

    >>> evaluate(model, test_images, test_labels).accuracy
    """
    check_model(model)
    check_loss(loss_fn)
    device = device_of(model)
    with lent(model, device):
        data = prepared(model, (X, y), loss_fn, device)
        return measure(model, data, batch_size, loss_fn)


@torch.no_grad()
def measure(model: nn.Module, data: Prepared, batch_size: int, loss_fn: Loss) -> Evaluation:
    model.eval()
    running = RunningMeans(data.answers)
    for X_batch, y_batch in data.batches(batch_size):
        logits = call(model, X_batch)
        running.add(loss_fn(logits, y_batch).item(), logits, y_batch)
    return running.means()


@torch.no_grad()
def predict(model: nn.Module, X: Inputs, batch_size: int = 1000) -> Tensor:
    """Return the model's logits for X, (N, K) on the CPU, in eval mode.

    They are float32; float64 of a model of float64.

    Args:
        model, X: as `fit` takes them.
        batch_size: samples at a time.

    Raises:
        ValueError: X is empty, or the model cannot take it.

    >>> predict(model, test_images).argmax(1)  # the answers, (N,)
    """
    check_model(model)
    device, dtype = device_of(model), dtype_of(model)
    with lent(model, device):
        n_samples = check_inputs(X)
        try_model(model, to_input(few_samples(X), device, dtype))
        indices = torch.arange(n_samples)
        parts = (X_batch for X_batch, _ in batches(X, indices, batch_size, device, None, dtype))
        return torch.cat([call(model, part).cpu() for part in parts])


class Prepared(NamedTuple):
    """Data that fit a model and a loss: checked, the labels as the loss takes them.

    Attributes:
        X, y: on the device, if small.
        few: a few samples of X as the model takes them.
        answers: how right answers are counted.
        device, dtype: the model's.
    """

    X: Inputs
    y: Tensor
    few: Inputs
    answers: Answers
    device: torch.device
    dtype: torch.dtype

    def batches(
        self, batch_size: int, shuffle: torch.Generator | None = None
    ) -> Iterator[tuple[Inputs, Tensor]]:
        """Yield batches as the model takes them; see `batches`."""
        return batches(self.X, self.y, batch_size, self.device, shuffle, self.dtype)


def prepared(
    model: nn.Module, data: tuple[Inputs, Tensor], loss_fn: Loss, device: torch.device
) -> Prepared:
    """Return data ready for a model on a device; raise ValueError where they do not fit."""
    X, y = check_pair(data)
    dtype = dtype_of(model)
    few = to_input(few_samples(X), device, dtype)
    try:
        logits = try_model(model, few)
    except ValueError as error:
        if isinstance(X, Tensor) and X.ndim == 1 < y.ndim:
            raise ValueError(f"{error} Were X and y swapped? The pair is (X, y).") from error
        raise
    y = fitting_labels(logits, y.detach(), loss_fn)
    if torch.is_grad_enabled():
        warn_of_wasted_slopes(logits, loss_fn)

    def moved(part: Tensor) -> Tensor:
        there = device if part.nbytes <= MOVE_AT_ONCE else part.device
        return floats(part.detach(), dtype).to(there)

    answers = answers_of(loss_fn, logits.detach(), y)
    return Prepared(each(X, moved), y.to(device), few, answers, device, dtype)


def few_samples(X: Inputs) -> Inputs:
    """Return two samples, and those with the least and the largest whole numbers.

    What a model does with whole numbers may hang on how large they are, as in nn.Embedding.
    """
    parts = X if isinstance(X, tuple) else (X,)
    rows = set(range(min(2, len(parts[0]))))
    for part in parts:
        if part.dtype in (torch.int16, torch.int32, torch.int64):
            each_row = part.reshape(len(part), -1)
            rows |= {int(each_row.amin(1).argmin()), int(each_row.amax(1).argmax())}
    index = torch.tensor(sorted(rows))
    return each(X, lambda part: part.detach().index_select(0, index.to(part.device)))
