"""What a model says about one picture, whatever kind of model it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from course_utils.device import seeded
from course_utils.models.lending import borrowed, device_of

Predict = Callable[[Tensor], Tensor]

PREDICTS = "a function from (1, 1, 28, 28) float32 in [0, 1] to ten logits or probabilities"


def named(predict: Predict | Mapping[str, Predict]) -> dict[str, Predict]:
    """Return the models by name; a model without a name is called "model".

    Raises:
        ValueError: there is no model, or one cannot be called.
    """
    models = dict(predict) if isinstance(predict, Mapping) else {"model": predict}
    if not models:
        raise ValueError("the pad needs at least one model: DigitPad(model)")
    if len({str(name) for name in models}) < len(models):
        raise ValueError(f"two models have the same name as text, got {list(models)}; rename one")
    for name, model in models.items():
        if isinstance(model, type) or not callable(model):
            kind, hint = type(model).__name__, ""
            if isinstance(model, type):
                kind, hint = model.__name__, "; make a model of the class with ()"
            elif isinstance(model, list | tuple) and model is predict:
                hint = '; give several models by name: DigitPad({"one": one, "two": two})'
            raise ValueError(f"{name!r} must be an nn.Module or {PREDICTS}, got {kind}{hint}")
    return {str(name): model for name, model in models.items()}


def read(model: Predict, picture: Tensor) -> Tensor:
    """Return the probabilities (10,), float32 on the CPU, that a model gives to one picture.

    A module is asked through a copy in eval mode, also in the middle of a training; see
    `models.lending`. Random numbers outside go on as if nothing had been asked.

    Args:
        model: an nn.Module on any device, or a function, from (1, 1, 28, 28) to ten numbers.
        picture: float32 (28, 28) in [0, 1].

    Raises:
        ValueError: what comes back is not ten numbers.

    >>> read(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), torch.zeros(28, 28)).sum()
    tensor(1.)
    """
    X = picture[None, None].clone()
    with torch.no_grad(), _asked(model) as (ask, device):
        return probabilities(_ten_numbers(ask(X.to(device))))


def _ten_numbers(answer: object) -> Tensor:
    wanted = "the model must give ten numbers for one digit"
    try:
        scores = torch.as_tensor(answer).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{wanted}, got {type(answer).__name__}: {error}") from error
    if scores.numel() != 10 or scores.is_complex():
        raise ValueError(f"{wanted}, got shape {tuple(scores.shape)} of {scores.dtype}")
    return scores.flatten().to(torch.float32)


@contextmanager
def _asked(model: Predict) -> Iterator[tuple[Predict, torch.device]]:
    """Lend what is to be called, and the device on which it wants the picture."""
    if isinstance(model, nn.Module):
        with borrowed(model) as asked:
            yield asked, device_of(asked)
    else:
        with seeded(0, torch.device("cpu")):
            yield model, torch.device("cpu")


def probabilities(scores: Tensor) -> Tensor:
    """Return ten scores as probabilities: as they are if they sum to 1, else their softmax.

    Raises:
        ValueError: the scores hold nan or infinity.
    """
    if scores.isnan().any() or scores.isposinf().any() or scores.isneginf().all():
        raise ValueError(
            "the model gave nan or infinity; did its training diverge? Make it anew and train it "
            "with a smaller learning rate"
        )
    if bool((scores >= 0).all()) and abs(float(scores.sum()) - 1) < 1e-3:
        return scores
    return scores.softmax(0)
