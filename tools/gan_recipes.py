"""How the GANs of lesson 10 are trained, and on which digits."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LinearLR
from training_data import full_mnist

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import seeded
from course_utils.models import DenseGenerator, dense_discriminator
from course_utils.training import to_input
from course_utils.training.generative import gan_step

CPU = torch.device("cpu")


class Run(NamedTuple):
    """How a GAN is trained.

    Attributes:
        recipe: what distinguishes it, in words.
        generator, discriminator: make the two networks.
        n_steps: how many steps of both.
        lr: the learning rate of both networks, which falls in a straight line.
        last_lr: what it falls to, as a share of `lr`.
        batch_size: real digits a step.
    """

    recipe: str
    generator: Callable[[], nn.Module] = DenseGenerator
    discriminator: Callable[[], nn.Module] = dense_discriminator
    n_steps: int = 5000
    lr: float = 0.0005
    last_lr: float = 0.0
    batch_size: int = 64


RUNS = {
    "healthy": Run("The generator has batch normalisation behind its hidden layers."),
    "collapsed": Run(
        "The generator has no batch normalisation; all else is the same.",
        partial(DenseGenerator, normalise=False),
    ),
}
LOOKS = (0, 50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000)


class Trained(NamedTuple):
    """A trained GAN, and the losses of each step."""

    generator: nn.Module
    discriminator: nn.Module
    losses_d: list[float]
    losses_g: list[float]


def train_gan(
    run: Run, X: Tensor, look: Callable[[int, nn.Module], None] = lambda step, generator: None
) -> Trained:
    """Train a GAN on digits.

    Args:
        run: how.
        X: the digits, uint8 (N, 1, 28, 28).
        look: is called with the number of steps taken and the generator, at each of LOOKS.
    """
    with seeded(0, CPU):
        nets = run.generator(), run.discriminator()
        optimizers = tuple(
            torch.optim.Adam(net.parameters(), lr=run.lr, betas=(0.5, 0.999)) for net in nets
        )
        slower = [LinearLR(each, 1, run.last_lr, run.n_steps) for each in optimizers]
        trained = Trained(*nets, [], [])
        look(0, nets[0])
        for step in range(1, run.n_steps + 1):
            batch = to_input(X[torch.randint(len(X), (run.batch_size,))], CPU)
            losses = gan_step(*nets, batch, optimizers)
            for schedule in slower:
                schedule.step()
            trained.losses_d.append(losses[0])
            trained.losses_g.append(losses[1])
            if step in LOOKS:
                look(step, nets[0])
    return trained


@cache
def digits() -> tuple[Tensor, Tensor, Tensor]:
    """Return digits to train, to validate and to test, uint8 (N, 1, 28, 28)."""
    (X, _), (X_val, _), (X_test, _) = full_mnist()
    sample = load_mnist(MNIST_SAMPLE)
    known = {x.numpy().tobytes() for x in (*sample.train_images, *sample.test_images)}
    new = torch.tensor([x.numpy().tobytes() not in known for x in X])
    return X[new], X_val, X_test
