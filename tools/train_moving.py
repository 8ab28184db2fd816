"""Train what lesson 08 ships besides: a reader asked at every row, and one who knows the ball.

`rows` and `ball` each give a trained model, its weights rounded to float16, and what its card
says; tools/train_pretrained.py calls them. One thread, some minutes each.
"""

from __future__ import annotations

import hashlib
import time

import torch
import torch.nn.functional as F
from recipes import CPU, gently
from torch import Tensor, nn
from training_data import GENTLY, full_mnist

from course_utils.datasets import bouncing_balls
from course_utils.datasets.mnist import FULL_FINGERPRINT
from course_utils.device import seeded
from course_utils.microscope import mean_distances
from course_utils.microscope.rows import row_probabilities
from course_utils.models import RowLSTM
from course_utils.models.pretrained import round_weights
from course_utils.models.sequences import NextStep
from course_utils.training import Loss, fit, one_cycle

SEED = 0
ROWS_EPOCHS, BALL_EPOCHS = 6, 60
N_BALLS, N_STEPS = 8_000, 30
MEASURED_ROW = 14  # of 28: half of the digit
N_SEEN, AHEAD = 10, 10  # positions seen, and steps after them, at which the ball is measured


class EveryRow(nn.Module):
    """A `RowLSTM` that is asked after each row: (N, 1, 28, 28) -> logits (N, 10, 28)."""

    def __init__(self, reader: RowLSTM) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, X: Tensor) -> Tensor:
        """Return ten logits after each of the 28 rows."""
        states, _ = self.reader.lstm(X.reshape(len(X), 28, 28))  # (N, 28, n_hidden)
        return self.reader.head(states).transpose(1, 2)


def rows() -> tuple[RowLSTM, dict[str, object]]:
    """Return the LSTM that reads digits row by row and was asked for the digit after each row."""
    train, val, test = full_mnist()
    start = time.process_time()
    with seeded(SEED, CPU):
        reader = RowLSTM()
        X, y = train
        data = X, y[:, None].expand(-1, 28).contiguous()
        _train(EveryRow(reader), data, F.cross_entropy, ROWS_EPOCHS, 0.005, 128, augment=gently)
    round_weights(reader)
    return reader, {
        "architecture": "LSTM (128) over 28 rows of 28 pixels, linear, asked after each row",
        "data": f"MNIST: {len(y):,} digits to train, {len(val[1]):,} to validate (all from its "
        f"training set), {len(test[1]):,} to test (its test set)",
        "data_sha256": FULL_FINGERPRINT,
        "augmentation": GENTLY,
        "epochs": ROWS_EPOCHS,
        "seed": SEED,
        "cpu_seconds": round(time.process_time() - start),
        "measure": f"right after row {MEASURED_ROW} of 28",
        "validation": right_after(reader, *val)[MEASURED_ROW - 1],
        "test": right_after(reader, *test)[MEASURED_ROW - 1],
        "validation_accuracy": right_after(reader, *val)[-1],
        "test_accuracy": right_after(reader, *test)[-1],
    }


def right_after(reader: RowLSTM, X: Tensor, y: Tensor) -> list[float]:
    """Return the fraction of digits that is read rightly after each row, 28 numbers."""
    probs = torch.cat([row_probabilities(reader, part) for part in X.split(1000)])  # (N, 28, 10)
    right = (probs.argmax(2) == y[:, None]).float().mean(0)
    return [round(share, 4) for share in right.tolist()]


def ball() -> tuple[NextStep, dict[str, object]]:
    """Return the LSTM that predicts a ball in a box, trained one step ahead."""
    start = time.process_time()
    with seeded(SEED, CPU):
        model = NextStep("lstm", n_inputs=2, n_hidden=128)
        paths = bouncing_balls(N_BALLS, N_STEPS + 1, seed=SEED)
        data = paths[:, :-1], paths[:, 1:]
        _train(model, data, F.mse_loss, BALL_EPOCHS, 0.005, 100, clip_norm=0.5)
    round_weights(model)
    validation, test = (_ahead(model, seed) for seed in (1, 2))
    return model, {
        "architecture": "LSTM (128) over positions, linear, added to the position",
        "data": f"bouncing_balls({N_BALLS}, {N_STEPS + 1}, seed={SEED}): paths made by a rule",
        "data_sha256": hashlib.sha256(paths.numpy().tobytes()).hexdigest(),
        "augmentation": "none",
        "epochs": BALL_EPOCHS,
        "seed": SEED,
        "cpu_seconds": round(time.process_time() - start),
        "measure": f"mean distance {AHEAD} steps after {N_SEEN} positions, box 2 wide",
        "validation": validation,
        "test": test,
    }


def _ahead(model: NextStep, seed: int) -> float:
    throws = bouncing_balls(1000, N_SEEN + AHEAD, seed=seed)
    return round(float(mean_distances(model, throws, N_SEEN)["the model"][AHEAD - 1]), 4)


def _train(
    model: nn.Module,
    data: tuple[Tensor, Tensor],
    loss_fn: Loss,
    n_epochs: int,
    lr: float,
    batch_size: int,
    **more: object,
) -> None:
    fit(
        model,
        data,
        n_epochs=n_epochs,
        lr=lr,
        batch_size=batch_size,
        loss_fn=loss_fn,
        schedule=one_cycle,
        device=CPU,
        seed=SEED,
        progress=False,
        **more,
    )
