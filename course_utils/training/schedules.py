"""How the learning rate moves during a training."""

from __future__ import annotations

import torch

Scheduler = torch.optim.lr_scheduler.LRScheduler
CYCLE = "one_cycle"  # under this name a group of parameters keeps where a cycle left it


def one_cycle(optimizer: torch.optim.Optimizer, n_steps: int) -> Scheduler:
    """Let the learning rate rise from a 25th to the optimizer's own, then fall to almost nothing.

    It rises for three tenths of the steps. After the last step the optimizer has its own rate
    again; a cycle that begins where another was interrupted has the same peak as that.

    Nothing else moves, but for one number of Adam and its kin: their beta1, the share of the old
    gradients, mirrors the rate, from 0.95 to 0.85 and back, as the paper does with momentum. The
    momentum of SGD and RMSprop stays as it is.

    Args:
        optimizer: any; each group of its parameters has its own peak.
        n_steps: after how many calls of `step` the cycle ends.

    Source: L. N. Smith and N. Topin, "Super-Convergence", 2018, arXiv:1708.07120.

    >>> fit(model, (X, y), lr=0.01, schedule=one_cycle)
    """
    return _OneCycle(optimizer, n_steps)


class _OneCycle(torch.optim.lr_scheduler.OneCycleLR):
    """PyTorch's, which would give SGD a momentum, and leave the optimizer with no rate to go on."""

    def __init__(self, optimizer: torch.optim.Optimizer, n_steps: int) -> None:
        self.n_steps = n_steps
        self.own = [_own_settings(group) for group in optimizer.param_groups]
        super().__init__(
            optimizer,
            max_lr=[settings["lr"] for settings in self.own],
            total_steps=max(n_steps, 2),  # of a single step PyTorch's has the end only: no rate
            cycle_momentum="betas" in optimizer.defaults,
        )

    def step(self) -> None:
        """Set the rate of the next step; after the last one, the optimizer's own settings."""
        super().step()
        for group, settings in zip(self.optimizer.param_groups, self.own, strict=True):
            if self.last_epoch == self.n_steps:
                group.update(settings)
            group[CYCLE] = {"left": float(group["lr"]), "own": settings}


def _own_settings(group: dict) -> dict[str, object]:
    """Return rate and betas of a group; where a cycle was interrupted, those from before it.

    A rate that was set by hand since then is the group's own.
    """
    before = group.get(CYCLE)
    if before is not None and before["left"] == float(group["lr"]):
        return before["own"]
    return {"lr": float(group["lr"])} | {k: group[k] for k in ("betas",) if k in group}
