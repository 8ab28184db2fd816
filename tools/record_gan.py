"""Train the two GANs of lesson 10's explorer, and write what was seen on the way into the package.

    python tools/record_gan.py

It needs the full MNIST and takes two minutes of one CPU.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor, nn
from torch.optim.lr_scheduler import LinearLR

from course_utils.device import seeded, set_threads
from course_utils.dreams import dream, gan_step, to_twin
from course_utils.explorers.gan import RECORDS
from course_utils.models import DenseGenerator, dense_discriminator, load_pretrained
from course_utils.training import predict, to_input

CPU = torch.device("cpu")
STEPS_A_POINT = 50
ROWS, COLUMNS = 6, 8  # of the sheet
GREYS = 16  # of the sheet: enough to look at, and a third of the bytes


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


def record(run: Run, X: Tensor) -> dict:
    """Train a GAN and return what is kept of it; see `course_utils.explorers.gan.records`."""
    reader = load_pretrained("cnn", CPU)
    kept: dict[str, list] = {"steps": [], "counts": [], "sure": [], "twins": [], "sheet": []}
    real = to_twin(X[:1000].float() / 255).mean()

    def look(step: int, generator: nn.Module) -> None:
        dreams = dream(generator, 1000)
        probs = predict(reader, dreams).softmax(1)
        kept["steps"].append(step)
        kept["counts"].append(probs.argmax(1).bincount(minlength=10).tolist())
        kept["sure"].append(round((probs.max(1).values >= 0.9).float().mean().item(), 3))
        kept["twins"].append(round((to_twin(dreams).mean() / real).item(), 3))
        kept["sheet"].append(sheet(dreams[: ROWS * COLUMNS, 0]))
        print(step, *(kept[name][-1] for name in ("counts", "sure", "twins")), flush=True)

    trained = train_gan(run, X, look)
    return {
        "recipe": run.recipe,
        **kept,
        "steps_a_point": STEPS_A_POINT,
        "discriminator": _means(trained.losses_d),
        "generator": _means(trained.losses_g),
    }


def _means(losses: list[float]) -> list[float]:
    return [
        round(each, 2) for each in torch.tensor(losses).view(-1, STEPS_A_POINT).mean(1).tolist()
    ]


def sheet(digits: Tensor) -> str:
    """Return digits (48, 28, 28) side by side, as PNG in base64."""
    greys = (digits * (GREYS - 1)).round() * 255 / (GREYS - 1)
    rows = greys.view(ROWS, COLUMNS, 28, 28).permute(0, 2, 1, 3).reshape(28 * ROWS, 28 * COLUMNS)
    file = io.BytesIO()
    Image.fromarray(rows.byte().numpy()).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def main() -> None:
    """Record both, a line of the file for each."""
    from train_dreams import digits

    set_threads(1)
    X = digits()[0]
    lines = [f"{json.dumps(name)}: {json.dumps(record(run, X))}" for name, run in RUNS.items()]
    RECORDS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    print(f"{len(lines)} trainings recorded in {RECORDS.name}, {RECORDS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
