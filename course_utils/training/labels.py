"""Labels as a loss takes them: what `fit` and `evaluate` accept, refuse and advise."""

from __future__ import annotations

import math
import warnings

import torch
from torch import Tensor, nn

from course_utils.training.losses import (
    BINARY,
    BINARY_LOGITS,
    CLASSES,
    CROSS_ENTROPY,
    KNOWN,
    NLL,
    NUMBERS,
    PROBABILITIES,
    SIGNS,
    Loss,
    is_among,
    is_either,
    setting,
)

BINARY_REMEDY = "loss_fn=F.binary_cross_entropy_with_logits"
# What stands between a sigmoid and the output, and changes no number.
RESHAPING = ("Squeeze", "Unsqueeze", "View", "UnsafeView", "Reshape", "Select", "Slice", "Permute")


def fitting_labels(logits: Tensor, y: Tensor, loss_fn: Loss) -> Tensor:
    """Return all labels `y` as the loss takes them, given what the model gives for a few samples.

    They become int64 for classes, else floats in the shape of the outputs and of their dtype.
    For a loss that PyTorch does not name the shape decides.

    Raises:
        ValueError: labels, outputs and loss do not fit together.
    """
    known = (fitting for family, fitting in FITTING if is_among(loss_fn, family))
    fitting = next(known, _whatever_fits)
    y = fitting(logits, y, loss_fn)
    _try_loss(loss_fn, logits, y)
    return y


# ---- classes


def _class_labels(logits: Tensor, y: Tensor, loss_fn: Loss) -> Tensor:
    if logits[0].numel() == 1 or (logits.shape[1] == 1 and y.shape[1:] == logits.shape[2:]):
        _refuse_one_output(y)
    if y.is_floating_point():
        if is_among(loss_fn, CROSS_ENTROPY) and y.shape[1:] == logits.shape[1:]:
            return _shares(logits, y)
        _refuse_float_classes(logits, y)
    if y.shape[1:] != logits.shape[2:]:
        raise ValueError(
            f"y must be {_shape(logits.shape[2:])} for outputs {_shape(logits.shape[1:])}, got "
            f"{tuple(y.shape)}{_class_shape_remedy(logits, y)}"
        )
    ignored = setting(loss_fn, "ignore_index")
    counted = y if ignored is None else y[y != ignored]
    if counted.numel() == 0:
        raise ValueError(f"all labels are {ignored}, which the loss ignores: look at y")
    _check_range(int(counted.min()), int(counted.max()), logits.shape[1])
    return y.long()


def _refuse_one_output(y: Tensor) -> None:
    remedy = BINARY_REMEDY if is_either(y, 0, 1) else "loss_fn=F.mse_loss for numbers to learn"
    raise ValueError(
        "the model gives one output a sample, of which a loss of classes such as the cross-entropy "
        f"learns nothing; use {remedy}, or a last layer with one output a class"
    )


def _shares(logits: Tensor, y: Tensor) -> Tensor:
    """Return soft labels, the share of each class."""
    sums = y.sum(1)
    if bool((y < 0).any()) or not torch.allclose(sums, torch.ones_like(sums), atol=1e-3):
        raise ValueError(
            f"floats in the shape of the outputs, {_shape(y.shape[1:])}, are taken for the share "
            "of each class, which are at least 0 and sum to 1 along axis 1; to learn numbers "
            "instead give loss_fn=F.mse_loss, to answer several questions with yes or no "
            f"{BINARY_REMEDY}"
        )
    return y.to(logits.dtype)


def _refuse_float_classes(logits: Tensor, y: Tensor) -> None:
    whole = bool((y == y.round()).all())
    remedy = (
        "y.long() makes them so"
        if whole
        else f"the share of each class goes in the shape {_shape(logits.shape[1:])} with "
        "loss_fn=F.cross_entropy; numbers to learn go with loss_fn=F.mse_loss"
    )
    if whole and _is_one_hot(logits, y):
        remedy = f"{_argmax(y)} makes one-hot rows so"
    raise ValueError(f"labels must be whole numbers (int64), got {_kind(y)}; {remedy}")


def _is_one_hot(logits: Tensor, y: Tensor) -> bool:
    return y.shape[1:] == logits.shape[1:] and is_either(y, 0, 1) and bool((y.sum(1) == 1).all())


def _argmax(y: Tensor) -> str:
    return "y.int().argmax(1)" if y.dtype == torch.bool else "y.argmax(1)"


def _class_shape_remedy(logits: Tensor, y: Tensor) -> str:
    if y.shape[1:] == (1, *logits.shape[2:]):
        return "; y.squeeze(1) makes it so"
    if _is_one_hot(logits, y):
        return f"; from one-hot rows {_argmax(y)} makes it so"
    if y.shape[1:] == logits.shape[1:] and is_either(y, 0, 1):
        return f"; for several yes or no answers a sample give {BINARY_REMEDY}"
    if y.shape[1:] == logits.shape[1:-1]:
        return "; the classes must be axis 1: let forward return logits.movedim(-1, 1)"
    if y.ndim == 1:
        return ", one class a sample; put nn.Flatten() in front of the model's linear layers"
    if y.shape[1:] == logits.shape[1:]:
        return "; for numbers to learn give loss_fn=F.mse_loss"
    return ": one class for each answer of the model"


def _check_range(low: int, high: int, n_classes: int) -> None:
    if low >= 0 and high < n_classes:
        return
    shift = f"y - {low}" if low > 0 else f"y + {-low}"
    remedies = [f"number the classes from 0 with {shift}"] if low else []
    if low >= 0:
        remedies.append(f"give the last layer {high + 1} outputs")
    elif high - low >= n_classes:
        remedies[0] += f", and give the last layer {high - low + 1} outputs"
    raise ValueError(
        f"labels run from {low} to {high}, but the model gives {n_classes} logits a sample, "
        f"for classes 0 to {n_classes - 1}; {', or '.join(remedies)}"
    )


# ---- yes or no, and numbers


def _binary_labels(logits: Tensor, y: Tensor, loss_fn: Loss) -> Tensor:
    _check_size(logits, y)
    low, high = y.min().item(), y.max().item()
    if not 0 <= low <= high <= 1:
        remedies = {(-1, 1): "(y + 1) / 2 makes it so", (1, 2): "y - 1 makes it so"}
        remedy = remedies.get((low, high), "classes 0 to K - 1 go with F.cross_entropy")
        if y.dtype == torch.uint8 and high > 2:
            remedy = "y / 255 makes it so of pixels"
        raise ValueError(
            f"with {_named(loss_fn)}, y must be of 0 and 1, got shape {tuple(y.shape)} with values "
            f"from {low} to {high}; {remedy}"
        )
    if is_among(loss_fn, PROBABILITIES) and not bool(((logits >= 0) & (logits <= 1)).all()):
        raise ValueError(
            f"{_named(loss_fn)} takes probabilities from 0 to 1, but the model gives "
            f"{logits.min().item():.3g} to {logits.max().item():.3g}; give {BINARY_REMEDY}, or "
            "let the model end with nn.Sigmoid()"
        )
    return _floats(logits, y)


def _sign_labels(logits: Tensor, y: Tensor, loss_fn: Loss) -> Tensor:
    _check_size(logits, y)
    if not is_either(y, -1, 1):
        remedy = "; 2 * y - 1 makes it so" if is_either(y, 0, 1) else ""
        raise ValueError(
            f"with {_named(loss_fn)}, y must be of -1 and 1, got values from {y.min().item()} to "
            f"{y.max().item()}{remedy}"
        )
    return _floats(logits, y)


def _numbers(logits: Tensor, y: Tensor, loss_fn: Loss) -> Tensor:
    _check_size(logits, y)
    if y.dtype == torch.uint8 and int(y.max()) > 1:
        raise ValueError(
            "uint8 is taken for pixels, of which X becomes 0 to 1; as numbers to learn give "
            "y / 255 or y.float()"
        )
    return _floats(logits, y)


def _check_size(logits: Tensor, y: Tensor) -> None:
    """Raise ValueError unless there are as many labels as outputs a sample."""
    if y[0].numel() == logits[0].numel():
        return
    remedy = f"give the last layer as many outputs as y has numbers a sample, {y[0].numel()}"
    if y[0].numel() == 1 and logits.ndim == 2 and not y.is_floating_point():
        remedy = f"classes 0 to {logits.shape[1] - 1} go with loss_fn=F.cross_entropy"
    raise ValueError(
        f"the model gives {_shape(logits.shape[1:])}, but y is {tuple(y.shape)}; with this loss "
        f"each output needs its own label: {remedy}"
    )


def _floats(logits: Tensor, y: Tensor) -> Tensor:
    return y.reshape(len(y), *logits.shape[1:]).to(logits.dtype)


def _whatever_fits(logits: Tensor, y: Tensor, loss_fn: Loss) -> Tensor:
    """Return the labels for a loss of the learner's own: the shape decides, then the loss."""
    as_many = y[0].numel() == logits[0].numel()
    if as_many and (y.is_floating_point() or logits[0].numel() == 1 or is_either(y, 0, 1)):
        return _floats(logits, y)
    if y.is_floating_point() or y.shape[1:] != logits.shape[2:]:
        return y.to(logits.dtype) if y.is_floating_point() else y
    low, high = int(y.min()), int(y.max())  # below 0 may be a label that the loss ignores
    _check_range(max(low, 0), high, logits.shape[1])
    return y.long()


FITTING = (
    (CLASSES, _class_labels),
    (BINARY, _binary_labels),
    (SIGNS, _sign_labels),
    (NUMBERS, _numbers),
)


# ---- the loss


def check_loss(loss_fn: object) -> None:
    """Raise ValueError for what is no loss, whatever model and data are."""
    if isinstance(loss_fn, type):
        raise ValueError(
            f"loss_fn is the class {loss_fn.__name__}: make a loss of it with brackets, "
            f"loss_fn=nn.{loss_fn.__name__}()"
        )
    if not callable(loss_fn):
        raise ValueError(
            "loss_fn must be a function of outputs and labels, such as loss_fn=F.cross_entropy, "
            f"got {loss_fn!r}"
        )
    if setting(loss_fn, "reduction") in ("none", "sum"):
        raise ValueError(
            "loss_fn must return one number, the mean over the batch, got "
            f'reduction="{setting(loss_fn, "reduction")}"; use reduction="mean"'
        )


@torch.no_grad()
def _try_loss(loss_fn: Loss, logits: Tensor, y: Tensor) -> None:
    rows = y[: len(logits)].to(logits.device)
    try:
        loss = loss_fn(logits, rows)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise ValueError(
            f"loss_fn failed on outputs {tuple(logits.shape)}, {_kind(logits)}, and labels "
            f"{tuple(rows.shape)}, {_kind(rows)}: {error}. For K classes use F.cross_entropy; for "
            "one logit a sample F.binary_cross_entropy_with_logits"
        ) from error
    if not isinstance(loss, Tensor) or not loss.is_floating_point():
        raise ValueError(
            f"loss_fn must return a tensor of one float, got {_what(loss)}; work it out with "
            "tensors, without .item()"
        )
    if loss.numel() != 1:
        raise ValueError(
            f"loss_fn must return one number, the mean over the batch, got {tuple(loss.shape)}; "
            'use reduction="mean" or .mean()'
        )
    if not is_among(loss_fn, KNOWN) and _is_a_sum(loss_fn, logits, rows, loss.item()):
        raise ValueError(
            "loss_fn must return the mean over the batch, got its sum: of the same samples twice "
            'it gives twice as much; use reduction="mean" or .mean()'
        )


@torch.no_grad()
def _is_a_sum(loss_fn: Loss, logits: Tensor, y: Tensor, loss: float) -> bool:
    try:
        twice = float(loss_fn(torch.cat([logits, logits]), torch.cat([y, y])))
    except Exception:  # a loss of one's own may raise whatever it likes
        return False
    return loss != 0 and math.isclose(twice, 2 * loss, rel_tol=1e-4)


def check_first_step(loss: Tensor, logits: Tensor, loss_fn: Loss) -> None:
    """Refuse a loss without a slope; warn where model and loss both take the softmax, or neither.

    Args:
        loss, logits: of the first batch, with their slopes.
    """
    if not loss.requires_grad:
        raise ValueError(
            "the loss has no slope: somewhere in forward or in loss_fn the tensors are left, with "
            ".detach(), .item(), .argmax() or no_grad(); leave that out"
        )
    if advice := _softmax_advice(logits, loss_fn):
        warnings.warn(advice, stacklevel=2)


def _softmax_advice(logits: Tensor, loss_fn: Loss) -> str:
    if is_among(loss_fn, BINARY_LOGITS) and _last_step(logits) == "Sigmoid":
        return (
            "the model ends with a sigmoid, and the loss takes one itself: of a sigmoid twice it "
            "learns slowly. Leave it out of the model, or give loss_fn=F.binary_cross_entropy."
        )
    logits = logits.detach()
    if is_among(loss_fn, CROSS_ENTROPY) and bool((logits >= 0).all()) and _sums_to_one(logits):
        return (
            "the model's outputs are probabilities, and F.cross_entropy takes the softmax itself: "
            "of a softmax twice it learns slowly. Leave the softmax out of the model."
        )
    if is_among(loss_fn, NLL) and not _sums_to_one(logits.exp()):
        return (
            "F.nll_loss takes log-probabilities, and the model's outputs are none. End it with "
            "nn.LogSoftmax(dim=1), or give loss_fn=F.cross_entropy, which takes logits."
        )
    return ""


def _sums_to_one(outputs: Tensor) -> bool:
    sums = outputs.sum(1)
    return torch.allclose(sums, torch.ones_like(sums), atol=1e-3)


def _last_step(outputs: Tensor) -> str:
    """Return by which operation outputs were made, such as "Sigmoid"; "" where that is unknown."""
    step = outputs.grad_fn
    while step is not None and step.name().startswith(RESHAPING):
        step = step.next_functions[0][0]
    return "" if step is None else step.name().partition("Backward")[0]


# ---- words


def _shape(rest: torch.Size) -> str:
    return "(N" + "".join(f", {size}" for size in rest) + ("," if not rest else "") + ")"


def _kind(data: Tensor) -> str:
    return str(data.dtype).removeprefix("torch.")


def _what(loss: object) -> str:
    return _kind(loss) if isinstance(loss, Tensor) else type(loss).__name__


def _named(loss_fn: Loss) -> str:
    if isinstance(loss_fn, nn.Module):
        return type(loss_fn).__name__
    return getattr(getattr(loss_fn, "func", loss_fn), "__name__", "this loss")
