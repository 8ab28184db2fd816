"""The training loop of the course: fit, evaluate, predict. It draws nothing.

`fit` is the loop that lesson 03 writes out by hand, together with what a long training needs:
validation, the best weights kept, early stopping, and an interruption that loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.device import get_device, seeded
from course_utils.progress import Progress
from course_utils.training_checks import (
    call,
    check_early_stopping,
    check_inputs,
    check_optimizer,
    check_pair,
    check_settings,
    explain_not_finite,
    fitting_labels,
    is_yes_or_no,
    try_model,
)

Loss = Callable[[Tensor, Tensor], Tensor]
Inputs = Tensor | tuple[Tensor, ...]  # what a model takes: one tensor, or one for each argument
Scheduler = torch.optim.lr_scheduler.LRScheduler

MOVE_AT_ONCE = 2**29  # bytes; larger data sets travel to the device batch by batch


@dataclass(repr=False)
class History:
    """What `fit` measured: one number an epoch in each list.

    Attributes:
        train_loss, train_accuracy: means over the epoch, taken while the weights still move.
        val_loss, val_accuracy: measured after the epoch; empty without validation data.
        lr: the learning rate of the epoch's first step.
        interrupted: whether the training was stopped by hand.
        best_epoch: index of the epoch with the least validation loss (training loss without
            validation data); None before the first epoch is finished.
        best_state: the weights after that epoch, a copy on the CPU; None before.
    """

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    interrupted: bool = False
    best_epoch: int | None = None
    best_state: dict[str, Tensor] | None = field(default=None, compare=False)

    def __len__(self) -> int:
        """Return the number of finished epochs."""
        return min(len(numbers) for numbers in self._lists().values())

    def __repr__(self) -> str:
        epochs = "1 epoch" if len(self) == 1 else f"{len(self)} epochs"
        return f"History({epochs}, interrupted)" if self.interrupted else f"History({epochs})"

    @property
    def last(self) -> dict[str, float]:
        """The numbers of the last finished epoch, by name, such as last["train_loss"]."""
        if len(self) == 0:
            raise ValueError("the history is empty: no epoch was finished; call fit again")
        return {name: numbers[len(self) - 1] for name, numbers in self._lists().items()}

    def load_best(self, model: nn.Module) -> None:
        """Put the weights of the best epoch into `model`."""
        if self.best_state is None:
            raise ValueError("there are no best weights: no epoch was finished with a finite loss")
        model.load_state_dict(self.best_state)

    def plot(self) -> None:
        """Show loss and accuracy, epoch by epoch."""
        from course_utils.plotting import plot_history

        plot_history(self)

    def _lists(self) -> dict[str, list[float]]:
        names = ["train_loss", "train_accuracy", "lr"]
        if self.val_loss:
            names += ["val_loss", "val_accuracy"]
        return {name: getattr(self, name) for name in names}

    def _add(self, lr: float, train: Evaluation, val: Evaluation | None, model: nn.Module) -> None:
        watched = self.train_loss if val is None else self.val_loss
        best = min(filter(math.isfinite, watched), default=math.inf)
        if val is not None:
            self.val_loss.append(val.loss)
            self.val_accuracy.append(val.accuracy)
        self.train_loss.append(train.loss)
        self.train_accuracy.append(train.accuracy)
        self.lr.append(lr)
        if watched[-1] < best:
            state = {k: v.detach().to("cpu", copy=True) for k, v in model.state_dict().items()}
            self.best_epoch, self.best_state = len(self) - 1, state

    def _cut(self) -> None:
        """Drop the numbers of an epoch that was interrupted while it was written down."""
        for numbers in self._lists().values():
            del numbers[len(self) :]


class Evaluation(NamedTuple):
    """Mean loss over the samples, and the fraction of them that the model got right (0..1)."""

    loss: float
    accuracy: float


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the validation loss has not fallen for some epochs.

    Args:
        patience: after how many epochs in a row without progress to stop, at least 1.
        min_delta: a fall of the loss counts as progress when it is larger than this.

    >>> EarlyStopping(patience=2).says_stop([0.9, 0.5, 0.6, 0.7])
    True
    """

    patience: int
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        if self.patience < 1 or self.min_delta < 0:
            raise ValueError(
                f"patience must be at least 1 and min_delta at least 0, got {self.patience} and "
                f"{self.min_delta}; EarlyStopping(patience=3) is a good start"
            )

    def says_stop(self, val_loss: list[float]) -> bool:
        """Tell whether to stop after these validation losses, one an epoch."""
        best, waited = math.inf, 0
        for loss in val_loss:
            progress = loss < best - self.min_delta
            best, waited = (loss, 0) if progress else (best, waited + 1)
        return waited >= self.patience


def fit(
    model: nn.Module,
    train: tuple[Inputs, Tensor],
    *,
    val: tuple[Inputs, Tensor] | None = None,
    n_epochs: int = 5,
    lr: float | None = None,
    batch_size: int = 64,
    optimizer: torch.optim.Optimizer | Callable[..., torch.optim.Optimizer] | None = None,
    loss_fn: Loss = F.cross_entropy,
    schedule: Callable[[torch.optim.Optimizer, int], Scheduler] | None = None,
    augment: Callable[[Inputs], Inputs] | None = None,
    clip_norm: float | None = None,
    early_stopping: EarlyStopping | None = None,
    device: str | torch.device | None = None,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train `model` and return what was measured on the way.

    The model is trained where `device` says, and comes back on the device and in the mode in
    which it came. It keeps the weights of the last step (of the best epoch with `early_stopping`),
    so a second call goes on from there. PyTorch's random numbers inside depend on `seed` alone,
    dropout included, and those outside go on as if `fit` had not been called.

    Args:
        model: takes a batch (N, ...) and returns logits: (N, K) for K classes, (N, K, T) for a
            class at each of T steps; or (N,) or (N, 1) for a yes or no, with
            `loss_fn=F.binary_cross_entropy_with_logits`; or numbers of any shape (N, ...).
        train: X (N, ...) and y (N,) in memory. uint8 is taken for pixels: each batch becomes
            float32 from 0 to 1. Other floats become float32. Labels are whole numbers from 0 to
            K - 1, (N,) or (N, T); for a yes or no 0 and 1, as whole numbers or floats. To learn
            numbers instead, y holds floats in the shape of what the model returns, with a
            `loss_fn` such as `F.mse_loss`; their accuracy is nan. X may also be a tuple of
            tensors, one for each argument of the model.
        val: data of the same kind, measured after each epoch, never trained on.
        n_epochs: how often each sample is seen.
        lr: learning rate; 0.001 where neither it nor an optimizer is given.
        batch_size: samples a step; the last batch of an epoch may be smaller.
        optimizer: a class such as torch.optim.SGD, which gets the parameters and `lr` if that is
            given; or an optimizer made from model.parameters(). Adam where left out.
        loss_fn: takes logits and labels, gives their mean loss. Labels that are its
            `ignore_index`, if it has one, do not count for the accuracy either.
        schedule: takes the optimizer and the number of steps, gives a scheduler, which moves
            after each step; `one_cycle` is one.
        augment: takes a batch on the device as the model would see it, gives a changed one.
        clip_norm: the largest norm that the gradient of all parameters together may have; a
            longer one is scaled down to it.
        early_stopping: needs `val`; the model ends with the weights of the best epoch.
        device: see `get_device`.
        seed: for the order of the samples, dropout and `augment`.
        progress: whether to show a bar.

    Returns:
        The history. Interrupt the kernel (or press Ctrl+C) and it comes with all epochs that
        were finished, their best weights, and `interrupted` set.

    Raises:
        ValueError: data, model and settings do not fit together; the message says how to mend it.
        DivergedError: the loss is not finite any more; its `history` holds what was reached.

    >>> history = fit(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), (images, labels), n_epochs=3)
    >>> history.last["train_accuracy"], history.plot()
    """
    history = History()
    try:
        check_settings(model, n_epochs, batch_size, clip_norm)
        if early_stopping is not None:
            check_early_stopping(val)
        device = get_device(device)
        with lent(model, device), seeded(seed, device):
            X, y = _ready(model, train, loss_fn, device)
            val = None if val is None else _ready(model, val, loss_fn, device)
            n_steps = n_epochs * math.ceil(len(y) / batch_size)
            optimizer = _make_optimizer(optimizer, model, lr)
            scheduler = None if schedule is None else schedule(optimizer, n_steps)
            shuffle = torch.Generator().manual_seed(seed)
            with Progress(n_steps, n_epochs, shown=progress) as bar:
                for _ in range(n_epochs):
                    epoch_lr = optimizer.param_groups[0]["lr"]
                    data = batches(X, y, batch_size, device, shuffle)
                    trained = _train_epoch(
                        model, data, optimizer, loss_fn, scheduler, augment, clip_norm, bar, history
                    )
                    measured = None if val is None else _evaluate(model, *val, 1000, loss_fn)
                    history._add(epoch_lr, trained, measured, model)
                    if early_stopping and early_stopping.says_stop(history.val_loss):
                        break
    except KeyboardInterrupt:
        history.interrupted = True
        history._cut()
    if early_stopping and history.best_state is not None:
        history.load_best(model)
    return history


def _train_epoch(
    model: nn.Module,
    data: Iterator[tuple[Tensor, Tensor]],
    optimizer: torch.optim.Optimizer,
    loss_fn: Loss,
    scheduler: Scheduler | None,
    augment: Callable[[Inputs], Inputs] | None,
    clip_norm: float | None,
    bar: Progress,
    history: History,
) -> Evaluation:
    model.train()
    running = _Running(loss_fn)
    for X_batch, y_batch in data:
        if augment is not None:
            X_batch = augment(X_batch)
        logits = call(model, X_batch)
        loss = loss_fn(logits, y_batch)
        if not math.isfinite(loss.item()):
            lr = optimizer.param_groups[0]["lr"]
            where = {"epoch": len(history) + 1, "step": bar.n + 1, "lr": lr}
            raise DivergedError(explain_not_finite(X_batch, loss.item(), **where), history)

        optimizer.zero_grad()
        loss.backward()
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()

        running.add(loss.item(), logits, y_batch)
        bar.update(bar.n + 1, *running.means())
    return running.means()


class _Running:
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


class DivergedError(ValueError):
    """The loss became infinite or not a number; `history` is what was reached before."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


def one_cycle(optimizer: torch.optim.Optimizer, n_steps: int) -> Scheduler:
    """Let the learning rate rise from a 25th to the optimizer's own, then fall to almost nothing.

    Source: L. N. Smith and N. Topin, "Super-Convergence", 2018, arXiv:1708.07120.

    >>> fit(model, (X, y), lr=0.01, schedule=one_cycle)
    """
    peaks = [group["lr"] for group in optimizer.param_groups]
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=peaks, total_steps=n_steps)


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
    return _float32(X).to(device)


def _float32(data: Tensor) -> Tensor:
    """Return floats as float32, the only kind that every device has; the rest as it came."""
    return data.float() if data.is_floating_point() else data


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

    The model works on the device on which it is, and keeps its mode.

    Args:
        model, X, y, loss_fn: as `fit` takes them.
        batch_size: samples at a time; changes the memory that is needed, not the result.

    Raises:
        ValueError: model and data do not fit together.

    >>> evaluate(model, test_images, test_labels).accuracy
    """
    device = device_of(model)
    with lent(model, device):
        X, y = _ready(model, (X, y), loss_fn, device)
        return _evaluate(model, X, y, batch_size, loss_fn)


@torch.no_grad()
def _evaluate(model: nn.Module, X: Inputs, y: Tensor, batch_size: int, loss_fn: Loss) -> Evaluation:
    model.eval()
    running = _Running(loss_fn)
    for X_batch, y_batch in batches(X, y, batch_size, device_of(model)):
        logits = call(model, X_batch)
        running.add(loss_fn(logits, y_batch).item(), logits, y_batch)
    return running.means()


@torch.no_grad()
def predict(model: nn.Module, X: Inputs, batch_size: int = 1000) -> Tensor:
    """Return the model's logits for X, (N, K) float32 on the CPU, in eval mode.

    Args:
        model, X: as `fit` takes them.
        batch_size: samples at a time.

    Raises:
        ValueError: X is empty, or the model cannot take it.

    >>> predict(model, test_images).argmax(1)  # the answers, (N,)
    """
    device = device_of(model)
    with lent(model, device):
        n_samples = check_inputs(X)
        try_model(model, to_input(each(X, lambda part: part[:2]), device))
        indices = torch.arange(n_samples)
        parts = (X_batch for X_batch, _ in batches(X, indices, batch_size, device))
        return torch.cat([call(model, part).cpu() for part in parts])


def _ready(
    model: nn.Module, data: tuple[Inputs, Tensor], loss_fn: Loss, device: torch.device
) -> tuple[Inputs, Tensor]:
    """Return X and y, checked, the labels as the loss takes them; X on the device if small."""
    X, y = check_pair(data)
    logits = try_model(model, to_input(each(X, lambda part: part[:2]), device))
    y = fitting_labels(logits, _float32(y).to(device), loss_fn)

    def moved(part: Tensor) -> Tensor:
        return _float32(part).to(device if part.nbytes <= MOVE_AT_ONCE else part.device)

    return each(X, moved), y


def device_of(model: nn.Module) -> torch.device:
    """Return the device on which a model is; the CPU where it has no parameters."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))


@contextmanager
def lent(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Move a model to a device for the block; then bring it back, each part in its old mode."""
    home = device_of(model)
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.to(device)
        yield
    finally:
        model.to(home)
        for module, training in modes:
            module.training = training


def _make_optimizer(
    optimizer: torch.optim.Optimizer | Callable[..., torch.optim.Optimizer] | None,
    model: nn.Module,
    lr: float | None,
) -> torch.optim.Optimizer:
    check_optimizer(optimizer, model, lr)
    if isinstance(optimizer, torch.optim.Optimizer):
        return optimizer
    settings = {} if lr is None else {"lr": lr}
    return (optimizer or torch.optim.Adam)(model.parameters(), **settings)
