"""How the learning rate moves during a training."""

from __future__ import annotations

import torch

Scheduler = torch.optim.lr_scheduler.LRScheduler


def one_cycle(optimizer: torch.optim.Optimizer, n_steps: int) -> Scheduler:
    """Let the learning rate rise from a 25th to the optimizer's own, then fall to almost nothing.

    Source: L. N. Smith and N. Topin, "Super-Convergence", 2018, arXiv:1708.07120.

    >>> fit(model, (X, y), lr=0.01, schedule=one_cycle)
    """
    peaks = [group["lr"] for group in optimizer.param_groups]
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=peaks, total_steps=n_steps)
