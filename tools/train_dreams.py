"""How the networks of lesson 10 are trained whose weights come with the course.

    python tools/train_pretrained.py autoencoder denoiser vae generator

They learn from the digits of MNIST's training set that are neither in the course's sample nor among
the last 5,000, which validate. So the sample is as new to them as MNIST's test set is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from gan_recipes import Run, digits, train_gan
from torch import Tensor, nn

from course_utils.datasets.mnist import FULL_FINGERPRINT
from course_utils.device import seeded
from course_utils.ink.rain import rain
from course_utils.models import (
    VAE,
    Autoencoder,
    Denoiser,
    Generator,
    discriminator,
    load_pretrained,
)
from course_utils.models.pretrained import round_weights
from course_utils.training import evaluate, fit, one_cycle, predict
from course_utils.training.generative import dream

CPU = torch.device("cpu")
SEED = 0
RAIN = 0.5
N_DREAMS = 1000
SURE = 0.9


def shipped(
    name: str,
    train: Callable[[], nn.Module],
    architecture: str,
    epochs: int,
    measured: str,
    augmentation: str = "none",
) -> tuple[nn.Module, dict[str, object]]:
    """Train a network, round its weights, measure it; return it and what its card says."""
    X, X_val, X_test = digits()
    start = time.process_time()
    model = train()
    seconds = time.process_time() - start
    round_weights(model)
    validation, test = measure(name, model)
    return model, {
        "architecture": architecture,
        "data": f"MNIST: {len(X):,} digits to train, none of the course's sample among them, "
        f"{len(X_val):,} to validate (all from its training set), {len(X_test):,} to test (its "
        "test set); no labels",
        "data_sha256": FULL_FINGERPRINT,
        "augmentation": augmentation,
        "epochs": epochs,
        "seed": SEED,
        "cpu_seconds": round(seconds),
        "measure": measured,
        "validation": round(validation, 5),
        "test": round(test, 5),
    }


def _trained(network: Callable[[], nn.Module], n_epochs: int, lr: float, **settings) -> nn.Module:
    """Return a network that learned to give back each digit as it is."""
    X = digits()[0].float() / 255
    with seeded(SEED, CPU):
        model = network()
        loss_fn = getattr(model, "loss", F.mse_loss)
        fit(
            model,
            (X, X),
            n_epochs=n_epochs,
            lr=lr,
            schedule=one_cycle,
            loss_fn=loss_fn,
            device=CPU,
            seed=SEED,
            progress=False,
            **settings,
        )
    return model


def autoencoder() -> tuple[nn.Module, dict[str, object]]:
    """Return the autoencoder with two codes, and what its card says."""
    return shipped(
        "autoencoder",
        lambda: _trained(partial(Autoencoder, 2), 60, 0.003, batch_size=128),
        "784-100-50-2-50-100-784, ReLU; logistic function at the end",
        60,
        "mean squared error of a pixel",
    )


def vae() -> tuple[nn.Module, dict[str, object]]:
    """Return the variational autoencoder with two codes, and what its card says."""
    return shipped(
        "vae",
        lambda: _trained(partial(VAE, 2), 60, 0.003, batch_size=128),
        "784-100-50-2·2, 2-50-100-784, ReLU; logistic function at the end",
        60,
        "negative evidence lower bound of a digit in nats",
    )


def denoiser() -> tuple[nn.Module, dict[str, object]]:
    """Return the network that takes rain off digits, and what its card says."""
    return shipped(
        "denoiser",
        lambda: _trained(Denoiser, 2, 0.004, batch_size=64, augment=_in_the_rain),
        "convolutions 4x4 stride 2 (16), 3x3 (32), 3x3 (32), 3x3 (32), transposed 4x4 stride 2, "
        "ReLU; logistic function at the end, times the input",
        2,
        f"mean squared error of a pixel, rain of amount {RAIN}",
        "rain, of an amount from 0 to 1 in each batch",
    )


def _in_the_rain(X: Tensor) -> Tensor:
    return rain(X, float(torch.rand(())), seed=None)


def generator() -> tuple[nn.Module, dict[str, object]]:
    """Return the generator of a GAN of convolutions, and what its card says."""
    run = Run("convolutions", Generator, discriminator, 9000, 0.002, last_lr=0.02, batch_size=32)
    return shipped(
        "generator",
        lambda: train_gan(run, digits()[0]).generator,
        "32-1568, transposed convolutions 4x4 stride 2 (16), 4x4 stride 2 (1), "
        "batch normalisation, ReLU; logistic function at the end",
        round(run.n_steps * run.batch_size / len(digits()[0])),
        f"share of {N_DREAMS:,} dreams of which the cnn is at least {SURE:.0%} sure",
    )


def measure(name: str, model: nn.Module) -> tuple[float, float]:
    """Return the figures of a card, for the digits that validate and those that test.

    Those of the generator, which no digits test, are for the codes of two seeds.
    """
    if name == "generator":
        reader = load_pretrained("cnn", CPU)
        probs = (predict(reader, dream(model, N_DREAMS, seed)).softmax(1) for seed in (1, 2))
        return tuple((p.max(1).values >= SURE).float().mean().item() for p in probs)
    return tuple(_loss(name, model, X.float() / 255) for X in digits()[1:])


def _loss(name: str, model: nn.Module, X: Tensor) -> float:
    seen = rain(X, RAIN, seed=SEED) if name == "denoiser" else X
    with seeded(SEED, CPU):
        return evaluate(model, seen, X, loss_fn=getattr(model, "loss", F.mse_loss)).loss
