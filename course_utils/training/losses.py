"""What is known of a loss: to which family it belongs, its settings, and what answer it wants."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]
Family = dict[Callable, type[nn.Module]]  # each loss as a function and as a layer
CROSS_ENTROPY: Family = {F.cross_entropy: nn.CrossEntropyLoss}
NLL: Family = {F.nll_loss: nn.NLLLoss}
CLASSES: Family = CROSS_ENTROPY | NLL | {F.multi_margin_loss: nn.MultiMarginLoss}
PROBABILITIES: Family = {F.binary_cross_entropy: nn.BCELoss}
BINARY_LOGITS: Family = {F.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss}
BINARY: Family = PROBABILITIES | BINARY_LOGITS
SIGNS: Family = {
    F.soft_margin_loss: nn.SoftMarginLoss,
    F.hinge_embedding_loss: nn.HingeEmbeddingLoss,
}
NUMBERS: Family = {
    F.mse_loss: nn.MSELoss,
    F.l1_loss: nn.L1Loss,
    F.smooth_l1_loss: nn.SmoothL1Loss,
    F.huber_loss: nn.HuberLoss,
    F.poisson_nll_loss: nn.PoissonNLLLoss,
    F.kl_div: nn.KLDivLoss,
}
KNOWN: Family = CLASSES | BINARY | SIGNS | NUMBERS


def is_among(loss_fn: Loss, family: Family) -> bool:
    """Tell whether a loss is one of a family, bound to settings or not.

    >>> is_among(partial(F.cross_entropy, label_smoothing=0.1), CLASSES)
    True
    """
    plain = _layers_of(loss_fn)[-1]
    return any(plain is function for function in family) or isinstance(
        plain, tuple(family.values())
    )


def setting(loss_fn: Loss, name: str) -> object:
    """Return a setting of a loss, however it was given, or its default; None if it has none.

    >>> setting(nn.CrossEntropyLoss(ignore_index=0), "ignore_index")
    0
    >>> setting(F.mse_loss, "reduction")
    'mean'
    """
    for layer in _layers_of(loss_fn):
        if name in getattr(layer, "keywords", {}):
            return layer.keywords[name]
        if hasattr(layer, name):
            return getattr(layer, name)
    try:
        default = inspect.signature(loss_fn).parameters[name].default
    except (KeyError, TypeError, ValueError):
        return None
    return None if default is inspect.Parameter.empty else default


def _layers_of(loss_fn: Loss) -> list[object]:
    """Return a loss, then what a functools.partial or a wrapper of it holds, down to the last."""
    layers = [loss_fn]
    while inner := getattr(layers[-1], "func", None) or getattr(layers[-1], "__wrapped__", None):
        layers.append(inner)
    return layers


class Answers(NamedTuple):
    """How right answers are counted.

    Attributes:
        right: takes outputs and labels, tells of each label whether it was met; None where no
            answer can be right or wrong.
        ignored: a label that does not count.
    """

    right: Callable[[Tensor, Tensor], Tensor] | None
    ignored: object = None

    def count(self, outputs: Tensor, y: Tensor) -> tuple[float, int]:
        """Return how many labels were met (nan where that has no sense), and how many count."""
        if self.right is None:
            return math.nan, y.numel()
        right = self.right(outputs, y)
        if self.ignored is None or y.is_floating_point():
            return int(right.count_nonzero()), right.numel()
        counted = y != self.ignored
        return int((right & counted).count_nonzero()), int(counted.count_nonzero())


def answers_of(loss_fn: Loss, outputs: Tensor, y: Tensor) -> Answers:
    """Return how to count the right answers of a model that learns by this loss.

    The answer is what the loss likes best. Of classes that is the largest output. Of yes and no
    it is a yes above 0 for logits, above one half for probabilities: the loss itself is asked.

    Args:
        loss_fn: any loss.
        outputs: what the model gives for a few samples.
        y: all labels, as the loss takes them: whole numbers for classes, else floats.
    """
    if not y.is_floating_point():
        known = is_among(loss_fn, CLASSES) or _prefers_the_largest(loss_fn, outputs, y)
        return Answers(largest if known else None, setting(loss_fn, "ignore_index"))
    if is_among(loss_fn, CROSS_ENTROPY):
        return Answers(largest)
    no = 0.0 if is_either(y, 0, 1) else -1.0 if is_either(y, -1, 1) else None
    threshold = None if no is None else _threshold(loss_fn, outputs, no)
    return Answers(None if threshold is None else partial(above, threshold=threshold))


def largest(outputs: Tensor, y: Tensor) -> Tensor:
    """Tell where the largest of K outputs is that of the class, or of the likeliest one."""
    return outputs.argmax(1) == (y.argmax(1) if y.is_floating_point() else y)


def above(outputs: Tensor, y: Tensor, threshold: float) -> Tensor:
    """Tell where an output lies above a threshold just if the label is a yes (1; a no is 0, -1)."""
    return (outputs > threshold) == (y > 0)


def is_either(y: Tensor, low: float, high: float) -> bool:
    """Tell whether all labels are one or the other of two numbers."""
    return bool(((y == low) | (y == high)).all())


@torch.no_grad()
def _prefers_the_largest(loss_fn: Loss, outputs: Tensor, y: Tensor) -> bool:
    """Tell whether a loss is smaller where the output of the label's class is the largest."""
    if outputs.ndim < 2 or y.shape[1:] != outputs.shape[2:]:
        return False
    y = y[: len(outputs)].to(outputs.device)

    def cost(said: int, label: int) -> float:
        scores = torch.full_like(outputs, 0.1)
        scores[:, said] = 0.9
        return float(loss_fn(scores, torch.full_like(y, label)))

    try:
        gains = [cost(1 - label, label) - cost(label, label) for label in (0, 1)]
    except Exception:  # a loss of one's own may raise whatever it likes
        return False
    return max(gains) > 0 and not min(gains) < 0


@torch.no_grad()
def _threshold(loss_fn: Loss, outputs: Tensor, no: float) -> float | None:
    """Return above which output a loss wants a yes; None where that cannot be told.

    It is the middle m of the loss: with a yes, m + d costs what m - d costs with a no, but for a
    factor that weighs yes against no.
    """

    def cost(output: float, label: float) -> float:
        return float(loss_fn(torch.full_like(outputs, output), torch.full_like(outputs, label)))

    for middle in (0.5, 0.0):
        if middle == 0 and not is_among(loss_fn, KNOWN):
            outputs = outputs.cpu()  # a probability below 0 would be the end of a CUDA session
        try:
            costs = [(cost(middle + d, 1), cost(middle - d, no)) for d in (-0.4, -0.2, 0.1, 0.4)]
        except Exception:  # a loss of one's own may raise whatever it likes
            continue
        (yes, other), rises = costs[0], costs[0][0] > costs[-1][0]
        if rises and all(math.isclose(a * other, b * yes, rel_tol=1e-3) for a, b in costs):
            return middle
    return None
