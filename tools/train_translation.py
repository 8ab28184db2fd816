"""Train the models of lesson 09 whose weights come with the course: translator and captioner.

`train_pretrained.py` calls them. The translator's dates are made by `spoken_dates`; the captioner
sees strips of the digits that the convolutional network was trained on.
"""

from __future__ import annotations

import hashlib
import time

import torch
from torch import Tensor, nn
from training_data import GENTLY, PEOPLE, digits_of_people, full_mnist

from course_utils.datasets.captions import caption_tensors, digit_strips
from course_utils.datasets.dates import source_tensor, spoken_dates, target_tensors
from course_utils.datasets.mnist import FULL_FINGERPRINT
from course_utils.device import seeded
from course_utils.ink.augment import vary
from course_utils.models.pretrained import NETWORKS, round_weights
from course_utils.training import fit, one_cycle

SEED = 0
CPU = torch.device("cpu")
N_DATES, DATE_EPOCHS = 20_000, 12
N_STRIPS, STRIP_EPOCHS = 60_000, 4
N_MEASURED = 5000

Figures = dict[str, object]


def exact(said: list[str], wanted: list[str]) -> float:
    """Return the share of answers that are right to the letter."""
    return round(sum(map(str.__eq__, said, wanted)) / len(wanted), 4)


def translator() -> tuple[nn.Module, Figures]:
    """Return the translator with attention, trained, and what its card says."""
    start = time.process_time()
    texts, dates = spoken_dates(N_DATES, SEED)
    fed, wanted = target_tensors(dates)
    with seeded(SEED, CPU):
        model = NETWORKS["translator"]()
    settings = {"n_epochs": DATE_EPOCHS, "lr": 0.01, "schedule": one_cycle, "seed": SEED}
    fit(model, ((source_tensor(texts), fed), wanted), **settings, device=CPU, progress=False)
    round_weights(model)
    content = "\n".join(map(" = ".join, zip(texts, dates, strict=True)))
    return model, {
        "architecture": "LSTM (64) over words, LSTM (64) over letters, attention by products",
        "data": f"spoken_dates: {N_DATES:,} dates to train, {N_MEASURED:,} of other days to "
        f"validate, {N_MEASURED:,} of still other days to test",
        "data_sha256": hashlib.sha256(content.encode()).hexdigest(),
        "augmentation": "none",
        "epochs": DATE_EPOCHS,
        "seed": SEED,
        "cpu_seconds": round(time.process_time() - start),
        "measure": "dates right to the letter",
        "validation": measure_translator(model, "val"),
        "test": measure_translator(model, "test"),
    }


def measure_translator(model: nn.Module, part: str) -> float:
    """Return the share of dates of a part that are written right to the letter."""
    texts, dates = spoken_dates(N_MEASURED, SEED, part=part)
    return exact(model.translate(texts), dates)


def captioner() -> tuple[nn.Module, Figures]:
    """Return the captioner, trained on strips of varied digits, and what its card says."""
    start = time.process_time()
    train, val, test = full_mnist()
    images, labels = digits_of_people(train)
    with seeded(SEED, CPU):
        model = NETWORKS["captioner"]()
        varied = torch.cat([_varied(part) for part in images.split(5000)])
    strips, captions = digit_strips(varied[:, 0], labels, N_STRIPS, SEED)
    fed, wanted = caption_tensors(captions)
    settings = {"n_epochs": STRIP_EPOCHS, "lr": 0.01, "schedule": one_cycle, "seed": SEED}
    fit(model, ((strips, fed), wanted), **settings, device=CPU, progress=False)
    round_weights(model)
    return model, {
        "architecture": "four convolutions with batch normalisation, linear, LSTM (96) over words",
        "data": f"digit_strips of MNIST: {N_STRIPS:,} strips of {len(train[1]):,} digits to train, "
        f"{N_MEASURED:,} of {len(val[1]):,} others to validate (all from its training set), "
        f"{N_MEASURED:,} of {len(test[1]):,} to test (its test set)",
        "data_sha256": FULL_FINGERPRINT,
        "augmentation": f"each digit once {GENTLY.removeprefix('each batch ')}, thicker or "
        f"thinner; {PEOPLE}",
        "epochs": STRIP_EPOCHS,
        "seed": SEED,
        "cpu_seconds": round(time.process_time() - start),
        "measure": "captions right to the word",
        "validation": measure_captioner(model, *val),
        "test": measure_captioner(model, *test),
    }


def _varied(images: Tensor) -> Tensor:
    return (255 * vary(images.float() / 255)).round().clamp(0, 255).to(torch.uint8)


def measure_captioner(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the share of strips of these digits, (N, 1, 28, 28), that are captioned exactly."""
    strips, captions = digit_strips(images[:, 0], labels, N_MEASURED, SEED)
    return exact(model.caption(strips), captions)
