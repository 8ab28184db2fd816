"""What a training has measured, when to stop it, and what is said when it diverges."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor, nn

from course_utils.device import TURN


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
        with TURN:
            model.load_state_dict(self.best_state)

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


class DivergedError(ValueError):
    """The loss became infinite or not a number; `history` is what was reached before."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history
