"""Where the time of a training step goes, by PyTorch's profiler."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile, record_function

PARTS = ("data", "forward", "backward", "step")
# What the profiler's C++ half writes into stderr: below this level, nothing.
SILENT = {"KINETO_LOG_LEVEL": "9"}


@contextmanager
def profiled() -> Iterator[profile]:
    """Profile on the CPU what the block does: `torch.profiler.profile` without its log.

    >>> with profiled() as prof:
    ...     model(X)
    >>> print(prof.key_averages().table(sort_by="self_cpu_time_total", row_limit=5))
    """
    for name, value in SILENT.items():
        os.environ.setdefault(name, value)
    with profile(activities=[ProfilerActivity.CPU]) as prof:
        yield prof


def seconds_of(prof: profile, n_steps: int = 1) -> dict[str, float]:
    """Return the seconds a step that a profile found in each of the four `PARTS`.

    Args:
        prof: of code whose parts ran inside `record_function("data")` and so on.
        n_steps: how many steps it saw.

    Raises:
        ValueError: one of the parts was not recorded.
    """
    found = {event.key: event.cpu_time_total for event in prof.key_averages()}
    if missing := [part for part in PARTS if part not in found]:
        raise ValueError(
            f"the profile has no part called {', '.join(missing)}; put it inside "
            f'`with record_function("{missing[0]}"):`'
        )
    return {part: found[part] / 1e6 / n_steps for part in PARTS}  # it counts microseconds


def train_steps(model: nn.Module, X: Tensor, y: Tensor, batch_size: int, n_steps: int) -> None:
    """Train for some steps, as lesson 11 writes it out, with a name for each part of a step.

    Args:
        model: takes float pictures (N, ...), returns logits (N, K).
        X: bytes from 0 to 255, (N, ...), on the CPU.
        y: labels, (N,).
        batch_size, n_steps: how many samples a step, how many steps.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for _ in range(n_steps):
        with record_function("data"):
            rows = torch.randint(len(X), (batch_size,))
            X_batch, y_batch = X[rows].float() / 255, y[rows]
        with record_function("forward"):
            loss = F.cross_entropy(model(X_batch), y_batch)
        with record_function("backward"):
            optimizer.zero_grad()
            loss.backward()
        with record_function("step"):
            optimizer.step()
