"""Ask a model: loss and accuracy on data, logits for data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.device import Stream
from course_utils.models.lending import device_of, dtype_of, rebound, to_be_asked
from course_utils.training.batches import (
    MOVE_AT_ONCE,
    Inputs,
    batches,
    call,
    each,
    floats,
    to_input,
)
from course_utils.training.checks import check_inputs, check_model, check_pair, try_model
from course_utils.training.history import Evaluation
from course_utils.training.labels import check_loss, fitting_labels
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


def evaluate(
    model: nn.Module,
    X: Inputs,
    y: Tensor,
    batch_size: int = 1000,
    loss_fn: Loss = F.cross_entropy,
) -> Evaluation:
    """Measure loss and accuracy of `model`, in eval mode and without gradients.

    A copy of the model is asked, on the device on which it is: it may be trained meanwhile. What
    it draws at random is the same at every call.

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
    asked, stream = to_be_asked(model), Stream(0, device)
    loss_fn = rebound(loss_fn, model, asked)
    with stream.drawn():
        data = prepared(asked, (X, y), loss_fn, device)
    return measure(asked, data, batch_size, loss_fn, stream)


@torch.no_grad()
def measure(
    model: nn.Module, data: Prepared, batch_size: int, loss_fn: Loss, stream: Stream
) -> Evaluation:
    """Return mean loss and accuracy of data that are `prepared`; other threads get turns."""
    running = RunningMeans(data.answers)
    for X_batch, y_batch in data.batches(batch_size):
        with stream.drawn():
            logits = call(model.eval(), X_batch)
            running.add(loss_fn(logits, y_batch).item(), logits, y_batch)
    return running.means()


@torch.no_grad()
def predict(model: nn.Module, X: Inputs, batch_size: int = 1000) -> Tensor:
    """Return the model's logits for X, (N, K) on the CPU, in eval mode.

    They are float32, of a model of float64 float64. A copy of the model is asked, as in `evaluate`.

    Args:
        model, X: as `fit` takes them.
        batch_size: samples at a time.

    Raises:
        ValueError: X is empty, or the model cannot take it.

    >>> predict(model, test_images).argmax(1)  # the answers, (N,)
    """
    check_model(model)
    device, dtype, indices = device_of(model), dtype_of(model), torch.arange(check_inputs(X))
    asked, stream = to_be_asked(model), Stream(0, device)
    with stream.drawn():
        try_model(asked, to_input(few_samples(X), device, dtype))
    parts = []
    for X_batch, _ in batches(X, indices, batch_size, device, dtype=dtype):
        with stream.drawn():
            parts.append(call(asked, X_batch).cpu())
    return torch.cat(parts)


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
        self, batch_size: int, order: Tensor | None = None, first: int = 0
    ) -> Iterator[tuple[Inputs, Tensor]]:
        """Yield batches as the model takes them, from the batch `first` on; see `batches`."""
        return batches(self.X, self.y, batch_size, self.device, order, self.dtype, first)


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

    def moved(part: Tensor) -> Tensor:
        there = device if part.nbytes <= MOVE_AT_ONCE else part.device
        return floats(part.detach(), dtype).to(there)

    answers = answers_of(loss_fn, logits, y)
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
