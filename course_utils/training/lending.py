"""Borrow a model for a while: on which device it is, in which mode."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


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
