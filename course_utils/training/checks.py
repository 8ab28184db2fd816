"""What `fit`, `evaluate` and `predict` refuse, and how they say it: before the first step."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Real

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, ReduceLROnPlateau

from course_utils.models.lending import dtype_of, snapshot
from course_utils.training.advice import advice
from course_utils.training.batches import (
    HALVES,
    Inputs,
    call,
    each,
    to_input,
    training_sizes,
    whole,
)
from course_utils.training.history import EarlyStopping
from course_utils.training.labels import check_loss

BATCH_NORMS = nn.modules.batchnorm._BatchNorm
SCHEDULE_REMEDY = "from course_utils.training import one_cycle, and give schedule=one_cycle"

# ---- settings


def check_settings(
    model: nn.Module,
    n_epochs: int,
    batch_size: int,
    clip_norm: float | None = None,
    lr: float | None = None,
    loss_fn: object = None,
) -> None:
    """Raise ValueError for settings that make no training, whatever the data are."""
    check_model(model)
    check_can_learn(model)
    whole("n_epochs", n_epochs)
    whole("batch_size", batch_size)
    if clip_norm is not None and not (_is_number(clip_norm) and clip_norm > 0):
        raise ValueError(f"clip_norm must be a length above 0, such as 1.0, got {clip_norm!r}")
    if lr is not None and not (_is_number(lr) and 0 <= lr < math.inf):
        raise ValueError(
            f"lr must be a number, 0 or more, such as 0.001, got {lr!r}"
            f"{'; give lr=lr.item()' if isinstance(lr, Tensor) and lr.numel() == 1 else ''}"
        )
    check_loss(loss_fn)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(value)


def check_model(model: object) -> None:
    """Raise ValueError for what is no model."""
    if isinstance(model, type):
        raise ValueError(
            f"model is the class {model.__name__}: make a model of it with brackets, such as "
            f"{model.__name__}(...)"
        )
    if not isinstance(model, nn.Module):
        raise ValueError(
            f"model must be an nn.Module, got {type(model).__name__}; put layers together with "
            "nn.Sequential(...), or a function into the forward of a class of your own"
        )


def check_can_learn(model: nn.Module) -> None:
    """Raise ValueError for a model without weights that can be trained as they are."""
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError(
            f"{type(model).__name__} has no parameters to train; give it a layer such as "
            "nn.Linear, and store layers as attributes (self.layer = ...), a list of them as "
            "nn.ModuleList"
        )
    if not any(parameter.requires_grad for parameter in parameters):
        raise ValueError(
            f"{type(model).__name__} has no parameters to train, all are frozen; "
            "model.requires_grad_(True) frees them"
        )
    _check_weights([p for p in parameters if not nn.parameter.is_lazy(p)])


def _check_weights(weights: list[Tensor]) -> None:
    if any(weight.is_inference() for weight in weights):
        raise ValueError(
            "the model was made under torch.inference_mode(), whose tensors can never learn; make "
            "it outside"
        )
    if any(weight.dtype in HALVES for weight in weights):
        raise ValueError(
            "the model's weights have 16 bits, in which small steps are lost; "
            "model.float() makes 32 of them"
        )
    if not all(bool(torch.isfinite(weight).all()) for weight in weights):
        raise ValueError(
            "the model's weights hold nan or inf, from an earlier training that diverged; make "
            "the model anew, or bring good weights back with history.load_best(model)"
        )


def check_device(model: nn.Module, device: torch.device) -> None:
    """Raise ValueError where a device has not the floats of which a model is made."""
    if device.type == "mps" and dtype_of(model) == torch.float64:
        raise ValueError(
            'the device "mps" knows no float64; model.float() makes the model float32, '
            'or give device="cpu"'
        )


def check_early_stopping(early_stopping: object, val: object | None) -> None:
    """Raise ValueError where there is nothing to watch, or nobody."""
    if early_stopping is None:
        return
    if not isinstance(early_stopping, EarlyStopping):
        raise ValueError(
            "early_stopping must be such as early_stopping=EarlyStopping(patience=3), got "
            f"{early_stopping!r}"
        )
    if val is None:
        raise ValueError("early_stopping watches the validation loss: give fit val=(X_val, y_val)")


def check_together(early_stopping: object | None, together: bool) -> None:
    """Raise ValueError where one of several workers might stop and let the others wait."""
    if together and early_stopping is not None:
        raise ValueError(
            "early_stopping is for one process: of several workers one might stop and let the "
            "others wait; leave it out, and keep the best epoch's weights (history.best_state)"
        )


# ---- data


@contextmanager
def told_of(what: str) -> Iterator[None]:
    """Say of which data a refusal speaks."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from error


def check_pair(data: object) -> tuple[Inputs, Tensor]:
    """Return X and y; raise ValueError unless they are tensors of one length, not empty."""
    if not (isinstance(data, tuple | list) and len(data) == 2):
        raise ValueError(
            f"data must be a pair (X, y) of tensors, got {_what(data)}; "
            "fit shuffles and batches by itself and needs no Dataset or DataLoader"
            f"{_pair_remedy(data)}"
        )
    n_samples, y = check_inputs(data[0]), check_tensor(data[1], "y")
    if n_samples != len(y):
        raise ValueError(
            f"X holds {n_samples} samples and y {len(y)} labels; each sample needs its own label: "
            "were both cut or filtered in the same way?"
        )
    _check_finite(y, "y")
    return data[0], y


def _what(data: object) -> str:
    many = isinstance(data, tuple | list)
    return f"a {type(data).__name__} of {len(data)}" if many else type(data).__name__


def _pair_remedy(data: object) -> str:
    name = "data"
    if isinstance(data, torch.utils.data.DataLoader):
        data, name = data.dataset, "data.dataset"
    if isinstance(data, torch.utils.data.TensorDataset):
        return f"; {name}.tensors holds the pair"
    if isinstance(data, torch.utils.data.Dataset):
        pairs = f"for x, y in {name}]"
        return f"; torch.stack([x {pairs}) is its X, and torch.tensor([y {pairs}) its y"
    return ""


def check_inputs(X: object) -> int:
    """Return how many samples X holds; raise ValueError unless it is made of fitting tensors."""
    if not isinstance(X, tuple):
        return len(_check_finite(check_tensor(X, "X"), "X"))
    if not X:
        raise ValueError("X is an empty tuple; give a tensor for each argument of the model")
    names = [f"X[{k}]" for k in range(len(X))]
    lengths = [
        len(_check_finite(check_tensor(*named), named[1])) for named in zip(X, names, strict=True)
    ]
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
            f"{name} must be a tensor, got {type(data).__name__}; {_tensor_remedy(data, name)}"
        )
    if data.ndim == 0 or data.numel() == 0:
        raise ValueError(
            f"{name} must hold at least one sample, got shape {tuple(data.shape)}; "
            "look at the line that selected the samples"
        )
    if data.is_complex():
        raise ValueError(f"{name} holds complex numbers; take their size, {name}.abs()")
    return data


def _tensor_remedy(data: object, name: str) -> str:
    first = data[0] if isinstance(data, tuple | list) and data else None
    if isinstance(first, Tensor):
        return f"torch.stack({name}) makes one" if first.ndim else f"torch.tensor({name}) makes one"
    if isinstance(first, str):
        return "number the classes from 0, in a tensor of whole numbers"
    if hasattr(data, "to_numpy"):
        return f"torch.as_tensor({name}.to_numpy()) makes one"
    return f"torch.as_tensor({name}) makes one"


def _check_finite(data: Tensor, name: str) -> Tensor:
    """Return `data`; raise ValueError where it holds nan or infinity."""
    if data.is_floating_point() and not bool(torch.isfinite(torch.stack(data.aminmax())).all()):
        bad = int((~torch.isfinite(data.reshape(len(data), -1)).all(1)).count_nonzero())
        raise ValueError(
            f"{name} itself holds nan or inf, in {bad} of {len(data)} samples; leave them out or "
            "mend them first"
        )
    return data


def check_batches(model: nn.Module, X: Inputs, n_samples: int, batch_size: int) -> None:
    """Raise ValueError where batch norm would get a single number to learn from.

    Args:
        model: in any mode; is left in eval mode.
        X: a few samples, as the model takes them.
        n_samples, batch_size: of the training.
    """
    if min(training_sizes(n_samples, batch_size)) > 1:
        return
    model.train()
    learning = [m for m in model.modules() if isinstance(m, BATCH_NORMS) and m.training]
    model.eval()
    for layer in _single_minded(model, learning, X):
        remedy = "train on more" if n_samples == 1 else "give a batch_size of at least 2"
        raise ValueError(
            f"{type(layer).__name__} compares the samples of a batch with each other, and a batch "
            f"would hold one alone; {remedy}"
        )


@torch.no_grad()
def _single_minded(model: nn.Module, layers: list[nn.Module], X: Inputs) -> list[nn.Module]:
    """Return the layers that get one number a channel of each sample."""
    found: list[nn.Module] = []

    def note(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        if given[0].ndim == 2 or given[0][0, 0].numel() == 1:
            found.append(layer)

    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    call(model, X)
    for hook in hooks:
        hook.remove()
    return found


def augmented(
    augment: Callable[[Inputs], Inputs], X: Inputs, model: nn.Module, device: torch.device
) -> Inputs:
    """Return what `augment` makes of a batch; raise ValueError unless the model can take it."""
    changed = augment(X)
    parts, news = (both if isinstance(both, tuple) else (both,) for both in (X, changed))
    alike = len(parts) == len(news) and all(
        isinstance(new, Tensor) and len(new) == len(part)
        for part, new in zip(parts, news, strict=True)
    )
    if not alike:
        came = " and ".join(
            str(tuple(new.shape)) if isinstance(new, Tensor) else type(new).__name__ for new in news
        )
        raise ValueError(
            "augment must return a changed batch of as many samples, of "
            f"{' and '.join(str(tuple(part.shape)) for part in parts)}, got {came}"
            f"{'; did it forget to return?' if changed is None else ''}"
        )
    changed = to_input(changed, device, dtype_of(model))
    if any(new.shape != part.shape for part, new in zip(parts, news, strict=True)):
        with told_of("augment has changed the shape"):
            try_model(model, each(changed, lambda part: part[:2]))
    return changed


# ---- the model's outputs


@torch.no_grad()
def try_model(model: nn.Module, X: Inputs) -> Tensor:
    """Return the logits for a few samples; raise ValueError that explains why there are none."""
    parts = X if isinstance(X, tuple) else (X,)
    if any(part.device.type != "cpu" and not part.is_floating_point() for part in parts):
        # a number that is too large for an nn.Embedding would be the end of a CUDA session
        try_model(snapshot(model).cpu(), each(X, Tensor.cpu))
    model.eval()
    came = "a batch of shape " + " and ".join(
        f"{tuple(part.shape)}, {str(part.dtype).removeprefix('torch.')}" for part in parts
    )
    try:
        logits = call(model, X)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        says = f"the model cannot take {came}: {_first_line(error)}. {_remedy(model, X, error)}"
        raise ValueError(says.strip()) from error
    if not isinstance(logits, Tensor):
        raise ValueError(
            f"the model must return one tensor of logits, got {type(logits).__name__}; "
            f"{'add a return to' if logits is None else 'return only the logits from'} forward"
        )
    if logits.ndim == 0 or len(logits) != len(parts[0]):
        raise ValueError(
            f"the model turned {came}, into shape {tuple(logits.shape)}; the first axis must stay "
            "the samples: flatten with nn.Flatten() or X.flatten(1)"
        )
    return logits


def _remedy(model: nn.Module, X: Inputs, error: Exception) -> str:
    if "not implemented for" in str(error):
        return "model.float() makes its weights float32, which every layer takes."
    if isinstance(error, TypeError) and "positional argument" in str(error):
        return "X is one tensor, or a tuple of one for each argument of forward."
    return advice(model, X)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(". ")


# ---- optimizer and schedule


def make_optimizer(
    optimizer: torch.optim.Optimizer | Callable[..., torch.optim.Optimizer] | None,
    model: nn.Module,
    lr: float | None,
) -> torch.optim.Optimizer:
    """Return an optimizer for the model: the one given, or one that is made.

    Raises:
        ValueError: it would not train this model as the caller thinks.
    """
    if isinstance(optimizer, torch.optim.Optimizer):
        _check_rate_left_out(optimizer, lr)
        made = optimizer
    else:
        made = _made(optimizer or torch.optim.Adam, model, {} if lr is None else {"lr": lr})
    if inspect.signature(made.step).parameters["closure"].default is inspect.Parameter.empty:
        raise ValueError(
            f"{type(made).__name__} measures the loss several times a step, which fit does not; "
            "take torch.optim.Adam or torch.optim.SGD, or write the loop by hand"
        )
    sparse = any(getattr(layer, "sparse", False) for layer in model.modules())
    if isinstance(made, torch.optim.SparseAdam) and not sparse:
        raise ValueError("SparseAdam is for nn.Embedding(..., sparse=True); take torch.optim.Adam")
    _check_parameters(made, model)
    return made


def _check_rate_left_out(optimizer: torch.optim.Optimizer, lr: float | None) -> None:
    if lr is not None:
        raise ValueError(
            "the optimizer has its learning rate already: leave lr out, or give fit the class "
            f"(optimizer=torch.optim.{type(optimizer).__name__}, lr={lr})"
        )


def _made(make: Callable, model: nn.Module, settings: dict[str, float]) -> torch.optim.Optimizer:
    if not callable(make):
        raise ValueError(
            "optimizer must be a class such as optimizer=torch.optim.SGD, or an optimizer made "
            f"from model.parameters(), got {make!r}"
        )
    try:
        made = make(model.parameters(), **settings)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"the optimizer could not be made of the parameters and {settings or 'no lr'}: {error}"
        ) from error
    if not isinstance(made, torch.optim.Optimizer):
        raise ValueError(
            "optimizer must be a class such as optimizer=torch.optim.SGD, or a function that "
            f"returns an optimizer, got one that returns {type(made).__name__}"
        )
    return made


def _check_parameters(optimizer: torch.optim.Optimizer, model: nn.Module) -> None:
    """Refuse an optimizer of another model; warn of parameters that it will not move."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    own = {id(parameter) for parameter in model.parameters()}
    missing = [p for p in model.parameters() if p.requires_grad and id(p) not in held]
    again = "make it again from model.parameters(), after the model is complete"
    if held.isdisjoint(own):
        raise ValueError(
            "the optimizer holds none of this model's parameters: it was made for another model; "
            f"{again}"
        )
    if missing and held - own:
        raise ValueError(
            f"the optimizer lacks {len(missing)} of the model's parameters and holds others: was "
            f"a layer replaced after it was made? {again}"
        )
    if missing:
        warnings.warn(
            f"the optimizer holds {len(own & held)} of the model's {len(own)} parameters, the "
            "others stay as they are. Freeze them with requires_grad_(False) if that is meant, "
            "else make it from model.parameters().",
            stacklevel=2,
        )


def make_scheduler(
    schedule: Callable | None, optimizer: torch.optim.Optimizer, n_steps: int
) -> LRScheduler | None:
    """Return what moves the learning rate after each step, made by `schedule`.

    Raises:
        ValueError: it is no function that makes one.
    """
    if schedule is None:
        return None
    _check_schedule(schedule)
    scheduler = schedule(optimizer, n_steps)
    if isinstance(scheduler, ReduceLROnPlateau):
        raise ValueError(f"ReduceLROnPlateau needs a loss to watch; {SCHEDULE_REMEDY}")
    if not callable(getattr(scheduler, "step", None)):
        raise ValueError(
            "schedule must return a scheduler, one of torch.optim.lr_scheduler, got "
            f"{type(scheduler).__name__}"
            f"{'; did it forget to return?' if scheduler is None else ''}"
        )
    if getattr(scheduler, "optimizer", optimizer) is not optimizer:
        raise ValueError(
            "the scheduler moves the rate of another optimizer; make it for the one that schedule "
            "is given"
        )
    return scheduler


def _check_schedule(schedule: object) -> None:
    if isinstance(schedule, type):
        if issubclass(schedule, LRScheduler) and schedule is not CosineAnnealingLR:
            raise ValueError(
                f"schedule is the class {schedule.__name__}, whose second argument is not the "
                "number of steps; give a function of both, schedule=lambda optimizer, n_steps: "
                f"{schedule.__name__}(optimizer, ...), or {SCHEDULE_REMEDY}"
            )
    elif not callable(schedule):
        made = hasattr(schedule, "step")
        raise ValueError(
            "schedule must be a function of an optimizer and the number of steps, got "
            f"{type(schedule).__name__ if made else repr(schedule)}; {SCHEDULE_REMEDY}"
        )


# ---- on the way


def explain_not_finite(X: Inputs, loss: float, epoch: int, step: int, lr: float) -> str:
    """Return where a loss stopped being finite, why it may be, and what to do."""
    says = f"the loss is {loss} in epoch {epoch}, step {step}"
    parts = [part for part in (X if isinstance(X, tuple) else (X,)) if part.is_floating_point()]
    if not all(bool(torch.isfinite(part).all()) for part in parts):
        return f"{says}: the batch itself holds nan or inf; look at augment, which changed X"
    largest = max((part.abs().max().item() for part in parts), default=0.0)
    scale = f"inputs reach {largest:.3g}: scale them to about 0 to 1" if largest > 20 else ""
    if step == 1:
        cause = scale or "look at what the model gives for a few samples, and at loss_fn"
        return f"{says}, before anything was learned: {cause}"
    return (
        f"{says}: most likely the learning rate {lr:.3g} is too large, try {lr / 10:.3g}"
        f"{'; ' if scale else ''}{scale}. "
        "The model is spoilt: make it anew, or bring its best weights back with "
        "error.history.load_best(model)"
    )
