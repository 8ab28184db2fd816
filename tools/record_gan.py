"""Train the two GANs of lesson 10's explorer, and write what was seen on the way into the package.

    python tools/record_gan.py

It needs the full MNIST and takes two minutes of one CPU.
"""

from __future__ import annotations

import base64
import io
import json

import torch
from gan_recipes import CPU, RUNS, Run, digits, train_gan
from PIL import Image
from torch import Tensor, nn

from course_utils.device import set_threads
from course_utils.explorers.gan import RECORDS
from course_utils.models import load_pretrained
from course_utils.training import predict
from course_utils.training.generative import dream, to_twin

STEPS_A_POINT = 50
ROWS, COLUMNS = 6, 8  # of the sheet
GREYS = 16  # of the sheet: enough to look at, and a third of the bytes


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
    set_threads(1)
    X = digits()[0]
    lines = [f"{json.dumps(name)}: {json.dumps(record(run, X))}" for name, run in RUNS.items()]
    RECORDS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    print(f"{len(lines)} trainings recorded in {RECORDS.name}, {RECORDS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
