"""Ask a model: loss and accuracy on data, logits for data."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.device import Stream
from course_utils.models.lending import device_of, rebound, to_be_asked
from course_utils.training.batches import MOVE_AT_ONCE, Inputs, batches, each, float32, to_input
from course_utils.training.checks import (
    call,
    check_inputs,
    check_pair,
    fitting_labels,
    is_yes_or_no,
    try_model,
)
from course_utils.training.history import Evaluation

Loss = Callable[[Tensor, Tensor], Tensor]


class RunningMeans:
    """Means of loss and accuracy over what was seen so far."""

    def __init__(self, loss_fn: Loss) -> None:
        self.n_samples, self.loss_sum, self.n_labels, self.n_right = 0, 0.0, 0, 0.0
        settings = getattr(loss_fn, "keywords", {})  # of a functools.partial
        self.ignored = getattr(loss_fn, "ignore_index", settings.get("ignore_index"))

    def add(self, loss: float, logits: Tensor, y: Tensor) -> None:
        self.n_samples += len(y)
        self.loss_sum += loss * len(y)
        if y.is_floating_point() and not is_yes_or_no(y):  # numbers, which no answer meets
            self.n_labels, self.n_right = y.numel(), math.nan
            return
        counted = y.new_ones(y.shape, dtype=torch.bool)
        if self.ignored is not None:
            counted = y != self.ignored
        self.n_labels += int(counted.count_nonzero())
        self.n_right += int((_right(logits, y) & counted).count_nonzero())

    def means(self) -> Evaluation:
        share = self.n_right / self.n_labels if self.n_labels else math.nan
        return Evaluation(self.loss_sum / self.n_samples, share)


def accuracy(logits: Tensor, y: Tensor) -> float:
    """Return the fraction of labels that the logits get right.

    Args:
        logits: (N, K), the largest one is the answer; or the shape of y for a yes or no, where
            more than 0 (a probability of more than one half) is a yes.
        y: (N,) int64 class numbers; or 0 and 1 as floats in the shape of `logits`.

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
    return int(_right(logits, y).count_nonzero()) / y.numel()


def _right(logits: Tensor, y: Tensor) -> Tensor:
    return (logits > 0) == (y > 0.5) if y.is_floating_point() else logits.argmax(1) == y


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
    device = device_of(model)
    asked, stream = to_be_asked(model), Stream(0, device)
    loss_fn = rebound(loss_fn, model, asked)
    with stream.drawn():
        X, y = prepared(asked, (X, y), loss_fn, device)
    return measure(asked, X, y, batch_size, loss_fn, stream)


@torch.no_grad()
def measure(
    model: nn.Module, X: Inputs, y: Tensor, batch_size: int, loss_fn: Loss, stream: Stream
) -> Evaluation:
    """Return mean loss and accuracy of data that are `prepared`; other threads get turns."""
    running = RunningMeans(loss_fn)
    for X_batch, y_batch in batches(X, y, batch_size, device_of(model)):
        with stream.drawn():
            logits = call(model.eval(), X_batch)
            running.add(loss_fn(logits, y_batch).item(), logits, y_batch)
    return running.means()


@torch.no_grad()
def predict(model: nn.Module, X: Inputs, batch_size: int = 1000) -> Tensor:
    """Return the model's logits for X, (N, K) float32 on the CPU, in eval mode.

    A copy of the model is asked, as in `evaluate`.

    Args:
        model, X: as `fit` takes them.
        batch_size: samples at a time.

    Raises:
        ValueError: X is empty, or the model cannot take it.

    >>> predict(model, test_images).argmax(1)  # the answers, (N,)
    """
    device, n_samples = device_of(model), check_inputs(X)
    asked, stream = to_be_asked(model), Stream(0, device)
    with stream.drawn():
        try_model(asked, to_input(each(X, lambda part: part[:2]), device))
    parts = []
    for X_batch, _ in batches(X, torch.arange(n_samples), batch_size, device):
        with stream.drawn():
            parts.append(call(asked, X_batch).cpu())
    return torch.cat(parts)


def prepared(
    model: nn.Module, data: tuple[Inputs, Tensor], loss_fn: Loss, device: torch.device
) -> tuple[Inputs, Tensor]:
    """Return X and y, checked, the labels as the loss takes them; X on the device if small."""
    X, y = check_pair(data)
    logits = try_model(model, to_input(each(X, lambda part: part[:2]), device))
    y = fitting_labels(logits, float32(y).to(device), loss_fn)

    def moved(part: Tensor) -> Tensor:
        return float32(part).to(device if part.nbytes <= MOVE_AT_ONCE else part.device)

    return each(X, moved), y
