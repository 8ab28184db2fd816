"""What `fit`, `evaluate` and `predict` refuse, and how they say it: before the first step."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def check_settings(
    model: nn.Module, n_epochs: int, batch_size: int, clip_norm: float | None = None
) -> None:
    """Raise ValueError for a model that cannot learn, or counts that are not positive."""
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError(
            f"{type(model).__name__} has no parameters to train; give it a layer such as nn.Linear,"
            " store layers as attributes (self.layer = ...), and do not freeze all of them"
        )
    for name, number in (("n_epochs", n_epochs), ("batch_size", batch_size)):
        if not isinstance(number, Integral) or isinstance(number, bool) or number < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, got {number!r}")
    if clip_norm is not None and not clip_norm > 0:
        raise ValueError(f"clip_norm must be a length above 0, such as 1.0, got {clip_norm!r}")


def check_early_stopping(val: object | None) -> None:
    """Raise ValueError where there is nothing to watch."""
    if val is None:
        raise ValueError("early_stopping watches the validation loss: give fit val=(X_val, y_val)")


def check_pair(data: object) -> tuple[Tensor | tuple[Tensor, ...], Tensor]:
    """Return X and y; raise ValueError unless they are tensors of one length, not empty."""
    if not (isinstance(data, tuple | list) and len(data) == 2):
        raise ValueError(
            f"data must be a pair (X, y) of tensors, got {type(data).__name__}; "
            "fit shuffles and batches by itself and needs no Dataset or DataLoader"
        )
    n_samples, y = check_inputs(data[0]), check_tensor(data[1], "y")
    if n_samples != len(y):
        raise ValueError(
            f"X holds {n_samples} samples and y {len(y)} labels; each sample needs its own label: "
            "were both cut or filtered in the same way?"
        )
    return data[0], y


def check_inputs(X: object) -> int:
    """Return how many samples X holds; raise ValueError unless it is made of fitting tensors."""
    if not isinstance(X, tuple):
        return len(check_tensor(X, "X"))
    lengths = [len(check_tensor(part, f"X[{k}]")) for k, part in enumerate(X)]
    if len(set(lengths)) != 1:
        raise ValueError(
            f"X is a tuple of tensors with {lengths} samples: one for each argument of the model, "
            "and as many samples in each"
        )
    return lengths[0]


def check_tensor(data: object, name: str) -> Tensor:
    """Return `data`; raise ValueError unless it is a tensor with at least one sample."""
    if not isinstance(data, Tensor):
        raise ValueError(
            f"{name} must be a tensor, got {type(data).__name__}; torch.as_tensor({name}) makes one"
        )
    if data.ndim == 0 or len(data) == 0:
        raise ValueError(
            f"{name} must hold at least one sample, got shape {tuple(data.shape)}; "
            "look at the line that selected the samples"
        )
    return data


def call(model: nn.Module, X: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Return what the model makes of X; a tuple holds its arguments."""
    return model(*X) if isinstance(X, tuple) else model(X)


@torch.no_grad()
def try_model(model: nn.Module, X: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Return the logits for a few samples; raise ValueError that explains why there are none."""
    model.eval()
    parts = X if isinstance(X, tuple) else (X,)
    came = "a batch of shape " + " and ".join(
        f"{tuple(part.shape)}, {str(part.dtype).removeprefix('torch.')}" for part in parts
    )
    try:
        logits = call(model, X)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise ValueError(
            f"the model cannot take {came}: {error}. {_advice(model, parts[0])}".strip()
        ) from error
    if not isinstance(logits, Tensor):
        raise ValueError(
            f"the model must return one tensor of logits, got {type(logits).__name__}; "
            "return only the logits from forward"
        )
    if logits.ndim == 0 or len(logits) != len(parts[0]):
        raise ValueError(
            f"the model turned {came}, into shape {tuple(logits.shape)}; the first axis must stay "
            "the samples: flatten with nn.Flatten() or X.flatten(1)"
        )
    return logits


def _advice(model: nn.Module, X: Tensor) -> str:
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    if not layers:
        return ""
    if isinstance(layers[0], nn.Conv2d):
        wanted = f"(N, {layers[0].in_channels}, H, W)"
        remedy = "; add the channel axis with X[:, None]" if X.ndim == 3 else ""
        return f"Its first layer, Conv2d, wants {wanted}{remedy}."
    remedy = "; put nn.Flatten() in front of it" if X.ndim > 2 else ""
    return f"Its first layer, Linear, wants (N, {layers[0].in_features}) float32{remedy}."


def fitting_labels(logits: Tensor, y: Tensor, loss_fn: Callable) -> Tensor:
    """Return all labels `y` as the loss takes them, given the logits of a few samples.

    They become int64 for K logits a sample, and floats 0 and 1 in the shape of the logits for
    one logit a sample. As many floats as logits a sample, with a loss other than the
    cross-entropy, are numbers to learn: they take the shape of the logits.

    Raises:
        ValueError: the labels do not fit the logits or the loss.
    """
    if _are_numbers(logits, y, loss_fn):
        y = y.reshape(len(y), *logits.shape[1:])
    elif logits.ndim == 1 or logits.shape[1] == 1:
        y = _yes_or_no(logits, y, loss_fn)
    else:
        y = _class_numbers(logits, y)
    try:
        loss = loss_fn(logits, y[: len(logits)])
    except (RuntimeError, ValueError, IndexError) as error:
        raise ValueError(
            f"loss_fn failed on logits {tuple(logits.shape)} and labels "
            f"{tuple(y[: len(logits)].shape)}: {error}. For K classes use F.cross_entropy; for "
            "one logit a sample F.binary_cross_entropy_with_logits"
        ) from error
    if loss.numel() != 1:
        raise ValueError(
            f"loss_fn must return one number, the mean over the batch, got {tuple(loss.shape)}; "
            'use reduction="mean"'
        )
    return y


def is_yes_or_no(y: Tensor) -> bool:
    """Tell whether all labels are 0 or 1."""
    return bool(((y == 0) | (y == 1)).all())


def _is(loss_fn: Callable, function: Callable, layer: type) -> bool:
    """Tell whether a loss is this one: the function, bound to settings or not, or the layer."""
    return getattr(loss_fn, "func", loss_fn) is function or isinstance(loss_fn, layer)


def _are_numbers(logits: Tensor, y: Tensor, loss_fn: Callable) -> bool:
    """Tell whether y holds numbers to come close to, and no classes."""
    one_logit = logits[0].numel() == 1
    of_yes_or_no = _is(loss_fn, F.binary_cross_entropy_with_logits, nn.BCEWithLogitsLoss)
    return (
        y.is_floating_point()
        and y[0].numel() == logits[0].numel()
        and not _is(loss_fn, F.cross_entropy, nn.CrossEntropyLoss)
        and not (one_logit and of_yes_or_no)
    )


def _yes_or_no(logits: Tensor, y: Tensor, loss_fn: Callable) -> Tensor:
    if _is(loss_fn, F.cross_entropy, nn.CrossEntropyLoss):
        raise ValueError(
            "the model gives one logit a sample, of which the cross-entropy learns nothing; use "
            "loss_fn=F.binary_cross_entropy_with_logits, or a last layer with one output a class"
        )
    if y[0].numel() != logits[0].numel() or not is_yes_or_no(y):
        raise ValueError(
            "with one logit a sample, y must be (N,) of 0 and 1, "
            f"got shape {tuple(y.shape)} with values from {y.min().item()} to {y.max().item()}"
        )
    return y.float().reshape(len(y), *logits.shape[1:])


def _class_numbers(logits: Tensor, y: Tensor) -> Tensor:
    if y.is_floating_point():
        raise ValueError(
            f"labels must be whole numbers (int64), got {str(y.dtype).removeprefix('torch.')}; "
            "y.long() makes them so"
        )
    if y.shape[1:] != logits.shape[2:]:
        raise ValueError(
            f"y must be {_shape(logits.shape[2:])} for logits {_shape(logits.shape[1:])}, got "
            f"{tuple(y.shape)}; from (N, 1) y.squeeze(1), from one-hot rows y.argmax(1) makes it so"
        )
    n_classes, low, high = logits.shape[1], int(y.min()), int(y.max())
    if low < 0 or high >= n_classes:
        raise ValueError(
            f"labels run from {low} to {high}, but the model gives {n_classes} logits a sample, "
            f"for classes 0 to {n_classes - 1}; give the last layer {high + 1} outputs, "
            "or number the classes from 0"
        )
    return y.long()


def _shape(rest: torch.Size) -> str:
    return "(N" + "".join(f", {size}" for size in rest) + ("," if not rest else "") + ")"


def check_optimizer(optimizer: object, model: nn.Module, lr: float | None) -> None:
    """Raise ValueError for an optimizer that would not train this model as the caller thinks."""
    if optimizer is None:
        return
    if not isinstance(optimizer, torch.optim.Optimizer):
        if not callable(optimizer):
            raise ValueError(
                "optimizer must be a class such as torch.optim.SGD, or an optimizer, "
                f"got {optimizer!r}"
            )
        return
    if lr is not None:
        raise ValueError(
            "the optimizer has its learning rate already: leave lr out, or give fit the class "
            f"(optimizer=torch.optim.{type(optimizer).__name__}, lr={lr})"
        )
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if held.isdisjoint(id(parameter) for parameter in model.parameters()):
        raise ValueError(
            "the optimizer holds none of this model's parameters: it was made for another model; "
            "make it again from model.parameters()"
        )


def explain_not_finite(
    X: Tensor | tuple[Tensor, ...], loss: float, epoch: int, step: int, lr: float
) -> str:
    """Return where a loss stopped being finite, why it may be, and what to do."""
    says = f"the loss is {loss} in epoch {epoch}, step {step}"
    parts = [part for part in (X if isinstance(X, tuple) else (X,)) if part.is_floating_point()]
    if not all(bool(torch.isfinite(part).all()) for part in parts):
        return f"{says}: the batch itself holds nan or inf; clean X (and check augment) first"
    largest = max((part.abs().max().item() for part in parts), default=0.0)
    scale = f"; inputs reach {largest:.3g}: scale them to about 0 to 1" if largest > 20 else ""
    return (
        f"{says}: most likely the learning rate {lr:.3g} is too large, try {lr / 10:.3g}{scale}. "
        "The model is spoilt: make it anew, or bring its best weights back with "
        "error.history.load_best(model)"
    )
