"""Train the networks of the recall task over growing lags, and write what comes out.

    python tools/record_recall.py

Every network has the same recipe, and a learning rate of its own: the best of three on sequences
that serve for nothing else. It takes about a quarter of an hour on one core.
"""

from __future__ import annotations

import json

import torch
import torch.nn.functional as F

from course_utils.datasets.recall import recall_task
from course_utils.device import seeded, set_threads
from course_utils.explorers.recall import RECORDS
from course_utils.models.recall import Recaller
from course_utils.training import evaluate, fit, one_cycle

LAGS, SEEDS, RATES = (5, 10, 20, 40, 80), (0, 1, 2), (0.003, 0.01, 0.03)
CHOOSING_LAGS, CHOOSING_SEED, FRESH_SEED = (10, 20, 40), 7, 1000
RECIPE = {"n_epochs": 15, "batch_size": 50, "clip_norm": 1.0}
N_TRAIN, N_TEST, N_GRADIENT, GRADIENT_LAG = 4000, 1000, 500, 40
NOISE = 0.02  # of a mean accuracy: two rates at chance differ by as much
#: name -> what is given to Recaller
NETWORKS = {
    "RNN": {"kind": "rnn"},
    "GRU": {"kind": "gru", "gate_bias": 3.0},
    "LSTM": {"kind": "lstm", "gate_bias": 3.0},
    "GRU, PyTorch's start": {"kind": "gru"},
    "LSTM, PyTorch's start": {"kind": "lstm"},
    "RNN, identity start": {"kind": "irnn"},
    "RNN, rotation start": {"kind": "ornn"},
}


def new_network(name: str, seed: int) -> Recaller:
    """Return an untrained network of `NETWORKS`."""
    with seeded(seed, torch.device("cpu")):
        return Recaller(**NETWORKS[name])


def trained(name: str, lag: int, lr: float, seed: int) -> Recaller:
    """Return a network of `NETWORKS` after its training on one lag."""
    model = new_network(name, seed)
    settings = RECIPE | {"lr": lr, "schedule": one_cycle, "seed": seed, "progress": False}
    fit(model, recall_task(N_TRAIN, lag, seed), device="cpu", **settings)
    return model


def fresh_accuracy(model: Recaller, lag: int, seed: int = FRESH_SEED) -> float:
    """Return the share of fresh sequences that a network answers rightly."""
    return evaluate(model, *recall_task(N_TEST, lag, seed)).accuracy


def gradient_norms(model: Recaller, lag: int) -> list[float]:
    """Return the norm of the loss's gradient with respect to the input k steps before the end.

    It is the root of the mean square over sequences, for k = 0 to lag + 1.
    """
    X, y = recall_task(N_GRADIENT, lag, FRESH_SEED)
    loss = F.cross_entropy(model(X.requires_grad_()), y, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, X)  # (N, lag + 2, 9)
    norms = gradient.square().sum(2).mean(0).sqrt()
    return norms.flip(0).tolist()


def best_rate(name: str) -> float:
    """Return the smallest learning rate that is as good as any on the lags that serve to choose.

    As good: its mean accuracy lies within NOISE of the best.
    """

    def mean_accuracy(lr: float) -> float:
        models = {lag: trained(name, lag, lr, CHOOSING_SEED) for lag in CHOOSING_LAGS}
        right = [fresh_accuracy(model, lag, CHOOSING_SEED + 1) for lag, model in models.items()]
        return sum(right) / len(right)

    reached = {lr: mean_accuracy(lr) for lr in RATES}
    return min(lr for lr in RATES if reached[lr] > max(reached.values()) - NOISE)


def record(name: str) -> dict:
    """Train one kind of network with each lag and seed; return what is kept of it."""
    lr = best_rate(name)
    accuracy, after = [], []
    for lag in LAGS:
        models = [trained(name, lag, lr, seed) for seed in SEEDS]
        accuracy.append([fresh_accuracy(model, lag) for model in models])
        if lag == GRADIENT_LAG:
            after = [gradient_norms(model, lag) for model in models]
    before = [gradient_norms(new_network(name, seed), GRADIENT_LAG) for seed in SEEDS]
    print(name, lr, accuracy, flush=True)
    return {"lr": lr, "accuracy": accuracy, "before": _rounded(before), "after": _rounded(after)}


def _rounded(rows: list[list[float]]) -> list[float]:
    """Return the mean over the seeds, three digits of each."""
    return [float(f"{sum(values) / len(values):.3g}") for values in zip(*rows, strict=True)]


def main() -> None:
    """Record all of them, a line of the file for each."""
    set_threads(1)
    lines = [f'"{name}": {json.dumps(record(name))}' for name in NETWORKS]
    head = f'"lags": {json.dumps(LAGS)}'
    RECORDS.write_text("{\n" + ",\n".join([head, *lines]) + "\n}\n")
    print(f"{len(lines)} kinds recorded in {RECORDS.name}, {RECORDS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
