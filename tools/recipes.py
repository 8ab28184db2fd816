"""How a network is trained: one kind of recipe for the benchmark and for the shipped weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.device import seeded
from course_utils.ink.augment import warp
from course_utils.training import fit, one_cycle

CPU = torch.device("cpu")
Data = tuple[Tensor, Tensor]  # images uint8 (N, 1, 28, 28), labels int64 (N,)

gently = partial(warp, turn=8, slant=0.15, scale=0.1, shift=1.0, bend=0.5)


@dataclass(frozen=True)
class Recipe:
    """A network and its training with Adam, which nothing but data and a seed is missing from.

    Args:
        network: makes the network, untrained.
        n_epochs, lr, batch_size, augment: as `fit` takes them; with `one_cycle`, lr is the peak.
        schedule: as `fit` takes it; None keeps the learning rate.
        smoothing: of the labels, 0 to 1; see `torch.nn.functional.cross_entropy`.
    """

    network: Callable[[], nn.Module]
    n_epochs: int
    lr: float = 0.01
    batch_size: int = 128
    augment: Callable[[Tensor], Tensor] | None = None
    schedule: Callable[..., object] | None = one_cycle
    smoothing: float = 0.0

    def train(self, data: Data, seed: int) -> nn.Module:
        """Return the network, trained on the CPU; the same data and seed give the same weights.

        Convolutions take their channels last, which a CPU computes faster.
        """
        with seeded(seed, CPU):
            model = self.network().to(memory_format=torch.channels_last)
            fit(
                model,
                data,
                n_epochs=self.n_epochs,
                lr=self.lr,
                batch_size=self.batch_size,
                loss_fn=partial(F.cross_entropy, label_smoothing=self.smoothing),
                schedule=self.schedule,
                augment=self.augment,
                device=CPU,
                seed=seed,
                progress=False,
            )
        return model
