"""Train the models whose weights come with the course.

    python tools/train_pretrained.py [NAME ...]

Writes weights and cards into data/pretrained, and prints the rows of the tables in data/README.md.
All that see digits are trained on the first 55,000 of the full MNIST's training set; the last
5,000 chose the recipes. One thread is used, so that the same machine gives the same weights each
time. The seconds are on the cards. How the readers of digits are trained, which give ten logits,
stands here; the others have a module for each subject, which `OTHERS` names.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
import train_dreams
import train_moving
import train_names
import train_translation
from recipes import Data, Recipe, gently
from torch import nn
from training_data import GENTLY, PEOPLE, SEED, digits_of_people, full_mnist

from course_utils.datasets.mnist import FULL_FINGERPRINT
from course_utils.device import set_threads
from course_utils.ink.augment import vary
from course_utils.models.pretrained import PRETRAINED, READERS, round_weights, save_pretrained
from course_utils.training import evaluate


class Shipped(NamedTuple):
    """How one model is trained, and the words for its card."""

    architecture: str
    recipe: Recipe
    augmentation: str = "none"
    for_people: bool = False  # whether the digits of `digits_of_people` are added


SHIPPED = {
    "perceptron": Shipped(
        "784-1, threshold; Rosenblatt's rule, zeros and ones only",
        Recipe(READERS["perceptron"], 30),
    ),
    "softmax": Shipped("784-10", Recipe(READERS["softmax"], 5)),
    "mlp512": Shipped("784-512-128-10, sigmoid", Recipe(READERS["mlp512"], 12, 0.005)),
    "mlp": Shipped(
        "784-200-100-60-30-10, ReLU", Recipe(READERS["mlp"], 12, 0.004, augment=gently), GENTLY
    ),
    "lenet": Shipped(
        "LeNet-5, ReLU, max pooling", Recipe(READERS["lenet"], 6, 0.005, augment=gently), GENTLY
    ),
    "cnn": Shipped(
        "convolutions 5x5 stride 2 (32), 3x3 (48), max pooling, 3x3 (64), 3x3 (64), mean, linear; "
        "batch normalisation, ReLU",
        Recipe(READERS["cnn"], 14, augment=vary, smoothing=0.05),
        f"{GENTLY}, thicker or thinner; {PEOPLE}",
        for_people=True,
    ),
    "rnn": Shipped(
        "LSTM (128) over 28 rows of 28 pixels, linear",
        Recipe(READERS["rnn"], 6, 0.005, augment=gently),
        GENTLY,
    ),
}


OTHERS: dict[str, Callable[[], tuple[nn.Module, dict[str, object]]]] = {
    "rows": train_moving.rows,
    "ball": train_moving.ball,
    "names": train_names.names,
    "translator": train_translation.translator,
    "captioner": train_translation.captioner,
    "autoencoder": train_dreams.autoencoder,
    "denoiser": train_dreams.denoiser,
    "vae": train_dreams.vae,
    "generator": train_dreams.generator,
}  # each gives the trained model, its weights rounded, and what its card says


def train_perceptron(data: Data, n_epochs: int) -> nn.Module:
    """Run Rosenblatt's rule from zero weights until an epoch passes without a mistake."""
    torch.manual_seed(SEED)
    X, y = data[0].flatten(1) / 255, data[1]  # (N, 1, 28, 28) -> (N, D)
    X = torch.cat([X, torch.ones(len(X), 1)], dim=1)  # the bias is a weight: -> (N, D + 1)
    w = torch.zeros(X.shape[1])
    for _ in range(n_epochs):
        n_mistakes = 0
        for k in torch.randperm(len(X)):
            fires = int(w @ X[k] > 0)
            w += (y[k] - fires) * X[k]
            n_mistakes += int(fires != y[k])
        if n_mistakes == 0:
            break
    model = READERS["perceptron"]()
    with torch.no_grad():
        model[1].weight[1], model[1].bias[1] = w[:-1], w[-1]
    return model


def train(name: str, data: Data) -> nn.Module:
    """Return the model of that name, trained on `data`, its weights rounded to float16."""
    shipped = SHIPPED[name]
    if name == "perceptron":
        model = train_perceptron(data, shipped.recipe.n_epochs)
    else:
        model = shipped.recipe.train(digits_of_people(data) if shipped.for_people else data, SEED)
    round_weights(model)
    return model


def make(name: str, parts: tuple[Data, Data, Data]) -> dict[str, object]:
    """Train one model, measure it, write its files, and return its card."""
    if name == "perceptron":
        parts = tuple((X[y < 2], y[y < 2]) for X, y in parts)
    train_part, val, test = parts
    start = time.process_time()
    model = train(name, train_part)
    shipped = SHIPPED[name]
    about = {
        "architecture": shipped.architecture,
        "data": f"MNIST: {len(train_part[1]):,} digits to train, {len(val[1]):,} to validate (all "
        f"from its training set), {len(test[1]):,} to test (its test set)"
        + (", zeros and ones only" if name == "perceptron" else ""),
        "data_sha256": FULL_FINGERPRINT,
        "augmentation": shipped.augmentation,
        "label_smoothing": shipped.recipe.smoothing,
        "epochs": shipped.recipe.n_epochs,
        "seed": SEED,
        "cpu_seconds": round(time.process_time() - start),
        "validation_accuracy": round(evaluate(model, *val).accuracy, 4),
        "test_accuracy": round(evaluate(model, *test).accuracy, 4),
    }
    return save(name, model, about)


def save(name: str, model: nn.Module, about: Mapping[str, object]) -> dict[str, object]:
    """Write weights and card of a trained model."""
    return save_pretrained(
        name, model, {**about, "command": f"python tools/train_pretrained.py {name}"}
    )


def row(made: Mapping[str, object]) -> str:
    """Return the line of the table in data/README.md that a card makes."""
    figure = f"{made['measure']}: {made['test']:g}" if "measure" in made else ""
    return (
        f"| `{made['name']}.safetensors` | {made['parameters']:,} "
        f"| {figure or format(made['test_accuracy'], '.2%')} | `{made['sha256']}` |"
    )


def main(names: list[str]) -> None:
    """Make the models of these names, all of them where there are none."""
    set_threads(1)
    for name in names or PRETRAINED:
        made = save(name, *OTHERS[name]()) if name in OTHERS else make(name, full_mnist())
        print(row(made), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PRETRAINED))
    chosen = parser.parse_args().names
    if unknown := set(chosen) - set(PRETRAINED):
        parser.error(f"no such model: {', '.join(sorted(unknown))}")
    main(chosen)
