"""Networks that make pictures: autoencoder, denoiser, variational autoencoder, and a GAN's two.

All take and give digits `(N, 1, 28, 28)`, float32 from 0 (paper) to 1 (ink), and call the numbers
from which a picture is made its code, z.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.networks import PIXELS

PICTURE = (1, 28, 28)


def encoder(n_outputs: int) -> nn.Sequential:
    """Return a network from digits to a few numbers: (N, 1, 28, 28) -> (N, n_outputs)."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(PIXELS, 100),
        nn.ReLU(),
        nn.Linear(100, 50),
        nn.ReLU(),
        nn.Linear(50, n_outputs),
    )


def decoder(n_codes: int) -> nn.Sequential:
    """Return the way back: (N, n_codes) -> (N, 1, 28, 28), each pixel from 0 to 1."""
    return nn.Sequential(
        nn.Linear(n_codes, 50),
        nn.ReLU(),
        nn.Linear(50, 100),
        nn.ReLU(),
        nn.Linear(100, PIXELS),
        nn.Sigmoid(),
        nn.Unflatten(1, PICTURE),
    )


class Autoencoder(nn.Module):
    """A digit through a bottleneck of a few numbers and back.

    Args:
        n_codes: how many numbers are left of a digit.

    >>> model = Autoencoder(2)
    >>> fit(model, (X, X), loss_fn=F.mse_loss)  # the picture is its own answer
    >>> model.decode(torch.tensor([[0.5, -1.0]])).shape
    torch.Size([1, 1, 28, 28])
    """

    def __init__(self, n_codes: int = 2) -> None:
        super().__init__()
        self.n_codes = n_codes
        self.encode = encoder(n_codes)
        self.decode = decoder(n_codes)

    def forward(self, X: Tensor) -> Tensor:
        """Return the digits as they come back, (N, 1, 28, 28) -> (N, 1, 28, 28)."""
        return self.decode(self.encode(X))


class VAE(nn.Module):
    """A variational autoencoder: each digit becomes a normal distribution of codes, not one code.

    `forward` draws a code from it at each call; `model.decode(model.encode(X))` takes its mean.
    `loss` is the negative evidence lower bound; it needs what `forward` worked out last, so that
    `fit` and `evaluate` can be used as ever.

    Args:
        n_codes: how many numbers are left of a digit.

    Source:
        D. P. Kingma, M. Welling: Auto-encoding variational Bayes, 2013, arXiv:1312.6114.

    >>> model = VAE(2)
    >>> fit(model, (X, X), loss_fn=model.loss)
    >>> dream(model, 10).shape
    torch.Size([10, 1, 28, 28])
    """

    def __init__(self, n_codes: int = 2) -> None:
        super().__init__()
        self.n_codes = n_codes
        self.spread = encoder(2 * n_codes)
        self.decode = decoder(n_codes)
        self._seen: tuple[Tensor, Tensor] | None = None

    def distribution(self, X: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and logarithm of the variance of each digit's codes, both (N, n_codes)."""
        return self.spread(X).chunk(2, dim=1)

    def encode(self, X: Tensor) -> Tensor:
        """Return the mean code of each digit: (N, 1, 28, 28) -> (N, n_codes)."""
        return self.distribution(X)[0]

    def forward(self, X: Tensor) -> Tensor:
        """Return the digits as they come back, (N, 1, 28, 28) -> (N, 1, 28, 28)."""
        self._seen = self.distribution(X)
        return self.decode(reparameterise(*self._seen))

    def loss(self, X_hat: Tensor, X: Tensor) -> Tensor:
        """Return the negative evidence lower bound in nats a digit, of what `forward` gave last.

        Cross-entropy of all pixels, plus the divergence of the codes' distribution from the
        standard normal one; the mean over the batch.

        Raises:
            ValueError: `forward` was not called since the last time.
        """
        if self._seen is None:
            raise ValueError("loss belongs to the last forward pass: call model(X) before it")
        divergence = kl_normal(*self._seen)
        self._seen = None
        pixels = F.binary_cross_entropy(X_hat, X, reduction="none").flatten(1).sum(1)
        return (pixels + divergence).mean()


def reparameterise(mu: Tensor, log_var: Tensor) -> Tensor:
    """Draw z = μ + σ · ε with ε standard normal, so that gradients reach μ and σ.

    Args:
        mu, log_var: mean and logarithm of the variance, (N, D).
    """
    return mu + (0.5 * log_var).exp() * torch.randn_like(mu)


def kl_normal(mu: Tensor, log_var: Tensor) -> Tensor:
    """Return the divergence of N(μ, σ²) from the standard normal distribution, in nats.

    KL = ½ Σ (μ² + σ² − 1 − log σ²), summed over the codes.

    Args:
        mu, log_var: mean and logarithm of the variance, (N, D).

    Returns:
        (N,), never negative.

    >>> kl_normal(torch.zeros(1, 2), torch.zeros(1, 2))
    tensor([0.])
    """
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)


class Denoiser(nn.Module):
    """A convolutional network that takes rain off digits.

    Rain only adds ink, so the network says for each pixel what share of its ink is to stay. It
    works at half the picture's size, and so judges each pixel by a square of 18 × 18 around it.

    >>> fit(Denoiser(), (X, X), augment=lambda X: rain(X, seed=None), loss_fn=F.mse_loss)
    """

    def __init__(self) -> None:
        super().__init__()
        self.share = nn.Sequential(
            nn.Conv2d(1, 16, 4, stride=2, padding=1),  # (N, 1, 28, 28) -> (N, 16, 14, 14)
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1),  # -> (N, 1, 28, 28)
            nn.Sigmoid(),
        )

    def forward(self, X: Tensor) -> Tensor:
        """Return the digits without their rain, (N, 1, 28, 28) -> (N, 1, 28, 28)."""
        return X * self.share(X)


class Generator(nn.Module):
    """The half of a GAN that makes digits from random codes, by convolutions run backwards.

    Args:
        n_codes: how many random numbers a digit is made from.

    Source:
        I. Goodfellow and others: Generative adversarial nets, 2014, arXiv:1406.2661. The layers
        follow A. Radford, L. Metz, S. Chintala, 2015, arXiv:1511.06434.

    >>> dream(load_pretrained("generator"), 5).shape
    torch.Size([5, 1, 28, 28])
    """

    def __init__(self, n_codes: int = 32) -> None:
        super().__init__()
        self.n_codes = n_codes
        self.layers = nn.Sequential(
            nn.Linear(n_codes, 32 * 7 * 7, bias=False),
            nn.BatchNorm1d(32 * 7 * 7),
            nn.ReLU(),
            nn.Unflatten(1, (32, 7, 7)),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1, bias=False),  # -> (N, 16, 14, 14)
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),  # -> (N, 1, 28, 28)
            nn.Sigmoid(),
        )

    def forward(self, z: Tensor) -> Tensor:
        """Return digits made from codes, (N, n_codes) -> (N, 1, 28, 28)."""
        return self.layers(z)


def discriminator() -> nn.Sequential:
    """Return the half of a GAN that tells real digits (logit above 0) from made ones (below).

    >>> discriminator()(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 1])
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1),  # (N, 1, 28, 28) -> (N, 16, 14, 14)
        nn.LeakyReLU(0.2),
        nn.Conv2d(16, 32, 4, stride=2, padding=1),  # -> (N, 32, 7, 7)
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 1),
    )


class DenseGenerator(nn.Module):
    """A generator of fully connected layers, of which the course keeps two recorded trainings.

    Args:
        n_codes: how many random numbers a digit is made from.
        normalise: whether batch normalisation stands behind the hidden layers. Without it, the
            recorded training collapses.

    >>> DenseGenerator()(torch.randn(5, 32)).shape
    torch.Size([5, 1, 28, 28])
    """

    def __init__(self, n_codes: int = 32, *, normalise: bool = True) -> None:
        super().__init__()
        self.n_codes = n_codes
        self.layers = nn.Sequential(
            nn.Linear(n_codes, 128),
            nn.BatchNorm1d(128) if normalise else nn.Identity(),
            nn.ReLU(),
            nn.Linear(128, 160),
            nn.BatchNorm1d(160) if normalise else nn.Identity(),
            nn.ReLU(),
            nn.Linear(160, PIXELS),
            nn.Sigmoid(),
            nn.Unflatten(1, PICTURE),
        )

    def forward(self, z: Tensor) -> Tensor:
        """Return digits made from codes, (N, n_codes) -> (N, 1, 28, 28)."""
        return self.layers(z)


def dense_discriminator() -> nn.Sequential:
    """Return the opponent of `DenseGenerator`: (N, 1, 28, 28) -> (N, 1).

    Dropout keeps it from learning the real digits by heart.
    """
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(PIXELS, 200),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(200, 100),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(100, 1),
    )
