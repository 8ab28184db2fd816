"""Trained weights: `data/pretrained/NAME.safetensors`, each with a card, `NAME.json`.

The card says what the weights are, how they were made and how well they read, and holds their
SHA-256. Nothing is loaded that is not, byte for byte, what the card describes. The weights are
stored as float16, to which they were rounded before the card's figures were measured.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from course_utils.datasets.errors import DatasetError
from course_utils.datasets.mnist import DATA
from course_utils.device import get_device
from course_utils.models.generative import VAE, Autoencoder, Denoiser, Generator
from course_utils.models.language import CharLSTM
from course_utils.models.networks import (
    RowLSTM,
    digit_cnn,
    lenet5,
    mlp,
    perceptron,
    softmax_regression,
)
from course_utils.models.sequences import NextStep
from course_utils.models.translation import Captioner, Translator

FOLDER = DATA / "pretrained"
READERS: Mapping[str, Callable[[], nn.Module]] = {  # of a digit, which give ten logits
    "perceptron": perceptron,
    "softmax": softmax_regression,
    "mlp512": lambda: mlp((512, 128), nn.Sigmoid),
    "mlp": mlp,
    "lenet": lenet5,
    "cnn": digit_cnn,
    "rnn": RowLSTM,
}
OTHERS: Mapping[str, Callable[[], nn.Module]] = {  # lessons 09 and 10: other inputs, other outputs
    "rows": RowLSTM,
    "ball": lambda: NextStep("lstm", n_inputs=2, n_hidden=128),
    "names": CharLSTM,
    "translator": Translator,
    "captioner": Captioner,
    "autoencoder": Autoencoder,
    "denoiser": Denoiser,
    "vae": VAE,
    "generator": Generator,
}
NETWORKS = {**READERS, **OTHERS}
PRETRAINED = tuple(NETWORKS)
CARD_FIELDS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "architecture": str,
    "parameters": int,
    "data": str,
    "data_sha256": str,
    "augmentation": str,
    "seed": int,
    "command": str,
    "bytes": int,
    "sha256": str,
}
FIGURES_OF_READERS = {"validation_accuracy": float, "test_accuracy": float}
FIGURES_OF_OTHERS = {"measure": str, "validation": float, "test": float}
RESTORE = (
    "Bring it back with `git restore data/pretrained`, or make it again with "
    "`python tools/train_pretrained.py {}`."
)


def load_pretrained(name: str, device: str | torch.device | None = None) -> nn.Module:
    """Return one of the course's trained models, in eval mode.

    Args:
        name: one of `PRETRAINED`.
        device: see `get_device`.

    Returns:
        A module of float32 whose parameters can be trained further. One of `READERS` takes digits
        `(N, 1, 28, 28)`, float32 in [0, 1], and gives logits `(N, 10)`; what the others take and
        give, their classes say.

    Raises:
        ValueError: there is no model of that name, or no such device.
        DatasetError: weights or card are missing, damaged or not each other's.

    >>> load_pretrained("softmax")(images[:5, None] / 255).argmax(1)
    tensor([7, 2, 1, 0, 4])
    """
    described = card(name)
    model = NETWORKS[name]()
    weights = _checked_weights(_weights_path(name), described, name)
    _fill(model, weights, _weights_path(name), name)
    return model.to(get_device(device), torch.float32).eval()


def card(name: str) -> dict[str, Any]:
    """Return what is known of a trained model: data, recipe, figures, SHA-256.

    Raises:
        ValueError: there is no model of that name.
        DatasetError: its card is missing or damaged.

    >>> card("cnn")["test_accuracy"]
    """
    if name not in PRETRAINED:
        raise ValueError(f"there is no trained model {name!r}; there are: {', '.join(PRETRAINED)}")
    path = FOLDER / f"{name}.json"
    content = _read(path, name)
    try:
        found = json.loads(content)
    except ValueError as error:
        cause = f"is not the JSON of a card ({error})"
        raise DatasetError(path, cause, RESTORE.format(name)) from error
    if fault := _fault_of_card(found, name):
        raise DatasetError(path, fault, RESTORE.format(name))
    return found


def save_pretrained(name: str, model: nn.Module, about: Mapping[str, Any]) -> dict[str, Any]:
    """Write weights and card, for `tools/train_pretrained.py`; the same weights, the same bytes.

    Args:
        name: one of `PRETRAINED`.
        model: trained, with weights that float16 holds exactly; see `round_weights`.
        about: the card, but for what the file itself tells (name, parameters, bytes, SHA-256).

    Returns:
        The card.
    """
    weights = {key: value.half().cpu().contiguous() for key, value in _weights_of(model).items()}
    content = safetensors.torch.save(weights)
    n_parameters = sum(parameter.numel() for parameter in model.parameters())
    described = {"name": name, "parameters": n_parameters} | dict(about)
    described |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    _weights_path(name).write_bytes(content)
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
    return described


@torch.no_grad()
def round_weights(model: nn.Module) -> None:
    """Round all weights to float16, in place: what is measured then is what will be stored."""
    for value in _weights_of(model).values():
        value.copy_(value.half())


def _weights_of(model: nn.Module) -> dict[str, Tensor]:
    """What is stored: parameters and running statistics, but not batch norm's count of steps."""
    return {key: value for key, value in model.state_dict().items() if value.is_floating_point()}


def _weights_path(name: str) -> Path:
    return FOLDER / f"{name}.safetensors"


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(path, "does not exist", RESTORE.format(name)) from error
    except OSError as error:
        cause = f"cannot be read ({os.strerror(error.errno or 0)})"
        raise DatasetError(path, cause, RESTORE.format(name)) from error


def _fault_of_card(found: object, name: str) -> str:
    """Say what keeps this from being the card of a model; "" where it is one."""
    if not isinstance(found, dict):
        return f"holds a {type(found).__name__} where a card was wanted"
    figures = FIGURES_OF_READERS if name in READERS else FIGURES_OF_OTHERS
    for field, kind in (CARD_FIELDS | figures).items():
        if field not in found:
            return f"is a card without {field!r}"
        if not isinstance(found[field], kind):
            return f"has {found[field]!r} as {field!r}"
    if found["name"] != name:
        return f"is the card of {found['name']!r}"
    return ""


def _checked_weights(path: Path, described: Mapping[str, Any], name: str) -> dict[str, Tensor]:
    content = _read(path, name)
    if len(content) < described["bytes"]:
        cause = f"breaks off after {len(content):,} of {described['bytes']:,} bytes"
        raise DatasetError(path, cause, RESTORE.format(name))
    if hashlib.sha256(content).hexdigest() != described["sha256"]:
        cause = "does not have the SHA-256 that its card names: the one or the other was changed"
        raise DatasetError(path, cause, RESTORE.format(name))
    try:
        return safetensors.torch.load(content)
    except SafetensorError as error:
        cause = f"is not a safetensors file ({error})"
        raise DatasetError(path, cause, RESTORE.format(name)) from error


@torch.no_grad()
def _fill(model: nn.Module, weights: dict[str, Tensor], path: Path, name: str) -> None:
    wanted = _weights_of(model)
    came, shapes = (
        {key: tuple(value.shape) for key, value in each.items()} for each in (weights, wanted)
    )
    if came != shapes:
        key = next(key for key in [*shapes, *came] if came.get(key) != shapes.get(key))
        cause = f"has {came.get(key)} as {key!r} where the model has {shapes.get(key)}"
        raise DatasetError(path, cause, RESTORE.format(name))
    for key, value in wanted.items():
        value.copy_(weights[key])
