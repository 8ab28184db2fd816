"""How a model is lent, to whoever asks it while somebody else may be training it.

In JupyterLab a slider or the drawing pad is answered by a second thread of the kernel, also while
a cell trains. So nobody but the trainer moves a model or changes its mode. Who asks borrows a
snapshot of it: the same network, with the weights of this moment and a mode of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from course_utils.device import TURN, seeded

# What nn.Module and the recurrent layers keep about themselves; never handed back.
BOOKKEEPING = frozenset(vars(nn.Module())) | {"_flat_weights", "_flat_weight_refs"}


def device_of(model: nn.Module) -> torch.device:
    """Return the device on which a model is; the CPU where it has no parameters."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))


def dtype_of(model: nn.Module) -> torch.dtype:
    """Return of which floats a model is made; float32 where it has none."""
    kinds = (parameter.dtype for parameter in model.parameters() if parameter.is_floating_point())
    return next(kinds, torch.float32)


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the model that is in DistributedDataParallel, or the model itself."""
    return model.module if isinstance(model, DistributedDataParallel) else model


@contextmanager
def lent(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Move a model to a device for the block; then bring it back, each part in its old mode.

    Only for who trains it. It is not moved where it is there already.
    """
    home = device_of(model)
    modes = [(module, module.training) for module in model.modules()]
    try:
        _move(model, device)
        yield
    finally:
        _move(model, home)
        for module, training in modes:
            module.training = training


def _move(model: nn.Module, device: torch.device) -> None:
    tensors = [*model.parameters(), *model.buffers()]
    if any(not _is_on(tensor, device) for tensor in tensors):
        with TURN:
            model.to(device)


def _is_on(tensor: Tensor, device: torch.device) -> bool:
    """Tell whether a tensor is on a device; one without a number is the present one."""
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", torch.cuda.current_device())
    number = tensor.device.index if device.index is None else device.index
    return tensor.device == torch.device(device.type, number)


@contextmanager
def borrowed(model: nn.Module) -> Iterator[nn.Module]:
    """Lend a snapshot of a model to be asked, in eval mode, on the device on which it is.

    It is a snapshot in float32, of which pictures and the course's data are made: a model of
    float64, or of 16 bits, is asked like any other.

    Random numbers that are drawn in the block, as a variational autoencoder draws them, depend on
    nothing outside and move nothing outside.

    >>> with borrowed(model) as asked:
    ...     asked(X)  # whatever else is done with the model meanwhile
    """
    with seeded(0, device_of(model)):
        yield to_be_asked(model).float()


def to_be_asked(model: nn.Module) -> nn.Module:
    """Return a snapshot in eval mode, for who asks in several turns; else see `borrowed`.

    What its `forward` keeps (`self.seen = ...`) is handed back to the model itself where a cell
    asks; not where another thread does, in the middle of the cell's own work.
    """
    asks_a_cell = threading.current_thread() is threading.main_thread()
    return snapshot(model, hand_back=asks_a_cell).eval()


def snapshot(model: nn.Module, *, hand_back: bool = False) -> nn.Module:
    """Return a copy of a model as it is now, with weights of its own.

    Copied are the layers, their parameters and buffers. Whatever else a model holds, such as an
    activation that it kept, a generator or a data set, is shared and not copied: `copy.deepcopy`
    refuses many of these.

    Args:
        model: any module; a compiled one is copied as it was before.
        hand_back: after each call of the copy, give what its `forward` has kept to the model.

    >>> (snapshot(model)(X) == model(X)).all()
    tensor(True)
    """
    model = getattr(model, "_orig_mod", model)  # what torch.compile has wrapped
    copies: dict[int, object] = {}
    with TURN:
        copy = _copied(model, copies)
    if hand_back and not isinstance(copy, torch.jit.ScriptModule):  # which takes no hook
        _hand_back_after_each_call(model, copy, copies)
    return copy


def _copied(module: nn.Module, copies: dict[int, object]) -> nn.Module:
    """Return a copy of a module; `copies` holds what was copied before, by the original's id."""
    if id(module) in copies:
        return copies[id(module)]
    if _is_lazy(module):  # its first call gives it its size
        return module
    if isinstance(module, torch.jit.ScriptModule):
        return copies.setdefault(id(module), deepcopy(module))
    copy = copies[id(module)] = module.__new__(type(module))
    copy.__dict__ = dict(vars(module))
    for name in BOOKKEEPING & vars(module).keys():
        if isinstance(vars(module)[name], dict | set):  # hooks of the copy are its own
            copy.__dict__[name] = vars(module)[name].copy()
    copy._modules = {
        name: None if part is None else _copied(part, copies)
        for name, part in module._modules.items()
    }
    copy._parameters = {name: _own(part, copies) for name, part in module._parameters.items()}
    copy._buffers = {name: _own(part, copies) for name, part in module._buffers.items()}
    for name, value in vars(module).items():
        if name not in BOOKKEEPING or name == "_flat_weights":
            copy.__dict__[name] = _replaced(value, copies)
    if isinstance(copy, nn.RNNBase):
        copy.flatten_parameters()
    return copy


def _is_lazy(module: nn.Module) -> bool:
    own = (*module._parameters.values(), *module._buffers.values())
    return any(isinstance(each, nn.parameter.UninitializedTensorMixin) for each in own)


def _own(tensor: Tensor | None, copies: dict[int, object]) -> Tensor | None:
    if tensor is None:
        return None
    if id(tensor) not in copies:
        own = tensor.detach().clone()
        if isinstance(tensor, nn.Parameter):
            own = nn.Parameter(own, requires_grad=tensor.requires_grad)
        copies[id(tensor)] = own
    return copies[id(tensor)]


def _replaced(value: object, copies: dict[int, object]) -> object:
    """Return an attribute with the layers and weights in it, if any, replaced by their copies."""
    if id(value) in copies:
        return copies[id(value)]
    if type(value) in (list, tuple) and any(id(part) in copies for part in value):
        return type(value)(copies.get(id(part), part) for part in value)
    if type(value) is dict and any(id(part) in copies for part in value.values()):
        return {name: copies.get(id(part), part) for name, part in value.items()}
    return value


def _hand_back_after_each_call(
    model: nn.Module, copy: nn.Module, copies: dict[int, object]
) -> None:
    pairs = [(part, copies[id(part)]) for part in model.modules() if id(part) in copies]
    before = [dict(vars(own)) for _, own in pairs]

    def hand_back(*_: object) -> None:
        for (part, own), old in zip(pairs, before, strict=True):
            for name, value in vars(own).items():
                if name not in BOOKKEEPING and old.get(name, old) is not value:
                    vars(part)[name] = value

    copy._forward_hooks = copy._forward_hooks.copy()
    copy.register_forward_hook(hand_back)


def rebound(function: Callable, model: nn.Module, copy: nn.Module) -> Callable:
    """Return a method of a model as the method of its copy; any other function as it is.

    >>> rebound(vae.loss, vae, snapshot(vae))
    """
    if getattr(function, "__self__", None) is model:
        return getattr(copy, function.__name__)
    return function
