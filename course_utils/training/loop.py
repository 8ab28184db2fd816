"""The training loop of the course. It draws nothing.

`fit` is the loop that lesson 03 writes out by hand, together with what a long training needs:
validation, the best weights kept, early stopping, checkpoints, and an interruption that loses
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Sampler

from course_utils.device import Stream, get_device
from course_utils.models.lending import lent, unwrapped
from course_utils.training.batches import Inputs, Order, call, training_sizes
from course_utils.training.checkpoints import Checkpoint, Keeper, Progressing
from course_utils.training.checks import (
    augmented,
    check_batches,
    check_device,
    check_early_stopping,
    check_settings,
    check_together,
    explain_not_finite,
    make_optimizer,
    make_scheduler,
    told_of,
)
from course_utils.training.evaluation import Prepared, RunningMeans, measure, prepared
from course_utils.training.history import DivergedError, EarlyStopping, Evaluation, History
from course_utils.training.labels import check_first_step
from course_utils.training.losses import Loss
from course_utils.training.progress import Progress
from course_utils.training.schedules import Scheduler


@torch.inference_mode(False)
@torch.enable_grad()
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
    sampler: Sampler | None = None,
    checkpoint: Checkpoint | None = None,
    device: str | torch.device | None = None,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train `model` and return what was measured on the way.

    The model is trained where `device` says, and comes back on the device and in the mode in
    which it came. It keeps the weights of the last step (of the best epoch with `early_stopping`),
    so a second call goes on from there. PyTorch's random numbers inside depend on `seed` alone,
    dropout included, and those outside go on as if `fit` had not been called. Meanwhile another
    thread, such as a slider or the drawing pad, may ask the model: see `models.lending`.

    Args:
        model: takes a batch (N, ...) and returns logits: (N, K) for K classes, (N, K, T) for a
            class at each of T steps; or (N,) or (N, 1) for a yes or no, with
            `loss_fn=F.binary_cross_entropy_with_logits`; or numbers of any shape (N, ...).
        train: X (N, ...) and y (N,) in memory. uint8 is taken for pixels: each batch becomes
            float32 from 0 to 1. Other floats become float32 (float64 for a model of float64).
            Labels are whole numbers from 0 to K - 1, (N,) or (N, T), or the share of each class,
            floats (N, K); for a yes or no 0 and 1, as whole numbers or floats. To learn numbers
            instead, y holds them in the shape of what the model returns, with a `loss_fn` such as
            `F.mse_loss`; their accuracy is nan. X may also be a tuple of tensors, one for each
            argument of the model.
        val: data of the same kind, measured after each epoch, never trained on.
        n_epochs: how often each sample is seen.
        lr: learning rate; 0.001 where neither it nor an optimizer is given.
        batch_size: samples a step; the last batch of an epoch may be smaller, but a single sample
            that is left over goes into the batch before it.
        optimizer: a class such as torch.optim.SGD, which gets the parameters and `lr` if that is
            given; or an optimizer made from model.parameters(). Adam where left out.
        loss_fn: takes logits and labels, gives their mean loss. The accuracy goes by it: a yes
            lies above 0 where it takes logits, above 0.5 where it takes probabilities; it is nan
            where the loss does not tell. Labels that are its `ignore_index` do not count.
        schedule: takes the optimizer and the number of steps, gives a scheduler, which moves
            after each step; `one_cycle` is one.
        augment: takes a batch on the device as the model would see it, gives a changed one.
        clip_norm: the largest norm that the gradient of all parameters together may have; a
            longer one is scaled down to it.
        early_stopping: needs `val`; the model ends with the weights of the best epoch.
        sampler: gives the indices of an epoch's samples in their order, where they shall not be
            all and by lot: such as torch.utils.data.DistributedSampler. With it, and a model in
            DistributedDataParallel, several processes train one model: each calls `fit` with
            data and settings alike, and a batch is `batch_size` samples of each. Loss and accuracy
            of an epoch are then this process's own.
        checkpoint: writes the training down on the way, and goes on from there where the file is.
            What `augment` draws from PyTorch's random numbers is kept, not what it draws elsewhere.
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
    >>> history.last["train_accuracy"]
    """
    history, core = History(), unwrapped(model)
    try:
        check_settings(core, n_epochs, batch_size, clip_norm, lr, loss_fn)
        check_early_stopping(early_stopping, val)
        check_together(early_stopping, core is not model)
        device = get_device(device)
        check_device(core, device)
        stream = Stream(seed, device)
        with lent(model, device):
            with stream.drawn():
                data = prepared(core, train, loss_fn, device)
                if val is not None:
                    with told_of("val"):
                        val = prepared(core, val, loss_fn, device)
                order = Order(len(data.y), seed, sampler)
                check_batches(core, data.few, len(order), batch_size)
                optimizer = make_optimizer(optimizer, core, lr)
                n_steps = int(n_epochs) * len(training_sizes(len(order), batch_size))
                scheduler = make_scheduler(schedule, optimizer, n_steps)
            now = Progressing(
                core, optimizer, scheduler, stream, order, history, RunningMeans(data.answers)
            )
            settings = {"n_epochs": n_epochs, "batch_size": batch_size, "lr": lr, "seed": seed}
            settings |= {"n_samples": len(order), "optimizer": type(optimizer).__name__}
            keeper = Keeper(checkpoint, now, settings, together=core is not model)
            with Progress(n_steps, n_epochs, shown=progress) as bar:
                training = _Training(model, now, loss_fn, augment, clip_norm, bar, keeper)
                bar.n = now.epoch * (n_steps // n_epochs) + now.n_batches
                while now.epoch < n_epochs:
                    if early_stopping and early_stopping.says_stop(history.val_loss):
                        break
                    trained = training.epoch(data, batch_size)
                    measured = val and measure(core, val, 1000, loss_fn, stream)
                    history._add(now.epoch_lr, trained, measured, core)
                    now.end_epoch()
                    keeper.write()
            optimizer.zero_grad()
    except KeyboardInterrupt:
        history.interrupted = True
        history._cut()
    if early_stopping and history.best_state is not None:
        history.load_best(core)
    return history


@dataclass
class _Training:
    """A training under way: what each of its steps needs."""

    model: nn.Module
    now: Progressing
    loss_fn: Loss
    augment: Callable[[Inputs], Inputs] | None
    clip_norm: float | None
    bar: Progress
    keeper: Keeper

    def epoch(self, data: Prepared, batch_size: int) -> Evaluation:
        """Take a step for each batch; between two of them other threads get their turns."""
        now = self.now
        if now.indices is None:
            with now.stream.drawn():
                now.begin_epoch()
        for X, y in data.batches(batch_size, now.indices, now.n_batches):
            with now.stream.drawn():
                loss, logits = self.step(X, y)
                now.running.add(loss, logits, y)
                now.n_batches += 1
            self.bar.update(self.bar.n + 1, *now.running.means())
            self.keeper.after_step(self.bar.n)
        return now.running.means()

    def step(self, X: Inputs, y: Tensor) -> tuple[float, Tensor]:
        """Learn from one batch; return its loss and its logits before the step."""
        now = self.now
        if self.augment is not None:
            X = augmented(self.augment, X, now.model, y.device)
        logits = call(self.model.train(), X)  # each time: a callback may have said eval meanwhile
        loss = self.loss_fn(logits, y)
        if self.bar.n == 0:
            check_first_step(loss, logits, self.loss_fn)
        value = loss.item()
        if not math.isfinite(value):
            raise self._diverged(X, value)
        now.optimizer.zero_grad()
        loss.backward()
        if self.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm)
        now.optimizer.step()
        if now.scheduler is not None:
            now.scheduler.step()
        return value, logits

    def _diverged(self, X: Inputs, loss: float) -> DivergedError:
        lr = self.now.optimizer.param_groups[0]["lr"]
        where = {"epoch": self.now.epoch + 1, "step": self.bar.n + 1, "lr": lr}
        return DivergedError(explain_not_finite(X, loss, **where), self.now.history)
