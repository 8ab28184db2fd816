"""How digits are dreamt: codes drawn at random, and the step by which a GAN learns.

Both networks of a GAN learn in turns, from different losses. That is why it has a step of its own
here and is not trained by `fit`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.training.evaluation import predict

Optimizer = torch.optim.Optimizer
binary = F.binary_cross_entropy_with_logits


def dream(model: nn.Module, n: int, seed: int = 0) -> Tensor:
    """Return n digits that nobody wrote, made from standard normal codes.

    Args:
        model: with `n_codes`; either its `decode` or the model itself takes codes (n, n_codes).
        n: how many.
        seed: of the codes: the same model and seed, the same digits.

    Returns:
        (n, 1, 28, 28), float32 from 0 to 1, on the CPU.

    Raises:
        ValueError: the model has no codes.

    >>> dream(load_pretrained("generator"), 20).shape
    torch.Size([20, 1, 28, 28])
    """
    maker = Part(model, "decode") if hasattr(model, "decode") else model
    return predict(maker, noise(model, n, seed))


def noise(model: nn.Module, n: int, seed: int | None = 0) -> Tensor:
    """Return n standard normal codes as `model` takes them, (n, n_codes), on the CPU.

    With `seed=None` they come from PyTorch's own random numbers.
    """
    if not hasattr(model, "n_codes"):
        raise ValueError(
            f"{type(model).__name__} makes no digits from codes: it has no n_codes; give a "
            "Generator, a VAE or an Autoencoder"
        )
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    return torch.randn(n, model.n_codes, generator=generator)


def to_twin(pictures: Tensor) -> Tensor:
    """Return how far each picture is from the most similar other one: small where few are made.

    Args:
        pictures: (N, ...), N at least 2; a thousand take ten milliseconds.

    Returns:
        (N,), the root of the sum of the squared differences of all pixels.

    Raises:
        ValueError: there is no other picture.

    >>> to_twin(dream(model, 1000)).mean() / to_twin(mnist.test_images[:1000] / 255).mean()
    """
    if len(pictures) < 2:
        raise ValueError(f"a twin needs two pictures at least, got {tuple(pictures.shape)}")
    away = torch.cdist(pictures.flatten(1), pictures.flatten(1))
    return away.fill_diagonal_(math.inf).min(dim=1).values


class Part(nn.Module):
    """One way through an autoencoder, its `encode` or its `decode`, as a model for `predict`.

    >>> codes = predict(Part(autoencoder, "encode"), mnist.test_images[:, None])  # (N, n_codes)
    """

    def __init__(self, model: nn.Module, name: str) -> None:
        super().__init__()
        self.model, self.name = model, name

    def forward(self, X: Tensor) -> Tensor:
        """Return what that part of the model makes of X."""
        return getattr(self.model, self.name)(X)


def gan_step(
    generator: nn.Module,
    discriminator: nn.Module,
    X: Tensor,
    optimizers: tuple[Optimizer, Optimizer],
) -> tuple[float, float]:
    """Let a GAN take one step: first the discriminator, then the generator.

    Args:
        generator: takes codes (N, n_codes), gives digits.
        discriminator: takes digits, gives one logit each, above 0 for real.
        X: real digits, (N, 1, 28, 28), float32.
        optimizers: the generator's, then the discriminator's.

    Returns:
        The loss of the discriminator and that of the generator, each before its step. A
        discriminator that can only guess has 2 ln 2 = 1.39, a generator then ln 2 = 0.69.

    Source:
        I. Goodfellow and others: Generative adversarial nets, 2014, with the generator's loss that
        they recommend, −log D(G(z)).

    >>> gan_step(generator, discriminator, X[:64], (optimizer_g, optimizer_d))
    """
    device, ones, zeros = X.device, torch.ones(len(X), 1), torch.zeros(len(X), 1)
    ones, zeros = ones.to(device), zeros.to(device)
    optimizer_g, optimizer_d = optimizers

    made = generator(noise(generator, len(X), None).to(device)).detach()
    loss_d = binary(discriminator(X), ones) + binary(discriminator(made), zeros)
    optimizer_d.zero_grad()
    loss_d.backward()
    optimizer_d.step()

    made = generator(noise(generator, len(X), None).to(device))
    loss_g = binary(discriminator(made), ones)
    optimizer_g.zero_grad()
    loss_g.backward()
    optimizer_g.step()
    return loss_d.item(), loss_g.item()
