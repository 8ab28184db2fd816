"""Processor time as the tests ask for it: in multiples of a small training measured beside it.

A clock on the wall measures whatever else the machine does. Processor time does not, and the
yardstick makes one limit fit slow and fast machines: a limit of three seconds is three times what
the training took here, `second()`, whatever a clock says.
"""

import functools
import os

import torch
import torch.nn.functional as F
from torch import nn

N_STEPS, A_SECOND = 12, 4  # so many steps, so many times: about a second of one core of 2024


def cpu_seconds() -> float:
    """Return the seconds of processor time of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def seconds_of(work) -> float:
    """Return the seconds of processor time that a function without arguments takes."""
    start = cpu_seconds()
    work()
    return cpu_seconds() - start


def train_a_little() -> None:
    """Train a small convolutional network on noise, always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        X, y = torch.rand(64, 1, 28, 28), torch.arange(64) % 10
        layers = nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2)
        model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4608, 10))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(N_STEPS):
            optimizer.zero_grad()
            F.cross_entropy(model(X), y).backward()
            optimizer.step()


def second_now() -> float:
    """Return the seconds of processor time that stand at this moment for one of a core of 2024."""
    _warm_up()
    return A_SECOND * seconds_of(train_a_little)


@functools.cache
def second() -> float:
    """Return the same, measured once a process."""
    return second_now()


@functools.cache
def _warm_up() -> None:
    train_a_little()
