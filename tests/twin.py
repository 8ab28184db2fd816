"""A pretended accelerator, `twin`, which computes with real numbers on the CPU.

It forbids what a graphics card forbids: mixing its tensors with the CPU's, `numpy()`, a generator
of another device, lengths of sequences that are not on the CPU and, on request, float64 (as MPS
does). A number out of range, such as a label of a class that there is not, ends it, as it ends a
session of CUDA. On request its numbers are a little off, as those of another device are. So what
would only fail on a machine with a GPU fails here.

    import twin
    twin.install(noise=1e-6)
    model.to("twin")

In a kernel or a program of its own it is there where `tests/offline` and `tests` are on PYTHONPATH
and COURSE_DEVICE is "twin"; COURSE_TWIN says what to install, such as "noise=1e-6 bits=10".

The ways in are PyTorch's for back ends written in Python; they are private and may change.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree
from torch.utils import backend_registration
from torch.utils._mode_utils import no_dispatch

if not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"):
    raise ModuleNotFoundError("this PyTorch has no back ends that are written in Python")

NAME = "twin"
CPU = torch.device("cpu")
aten = torch.ops.aten
# What carries values from one device to another, or takes indices of the CPU.
MOVES = {aten.copy_.default, aten._copy_from.default, aten._to_copy.default}
INDEXES = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default}
INDEXES |= {aten._index_put_impl_.default}
# How long the sequences are that are packed into one: an argument that must be on the CPU.
LENGTHS = {
    aten._pack_padded_sequence.default: 1,
    aten._pack_padded_sequence_backward.default: 2,
    aten._pad_packed_sequence.default: 1,
}
# Layers that a graphics card computes as a whole, and so does the twin: step by step it is slow.
RECURRENT = [f"{kind}.input" for kind in ("lstm", "gru", "rnn_tanh", "rnn_relu")] + ["lstm.data"]
LENGTHS[aten.lstm.data] = 1  # batch_sizes
# What takes a number of the CPU, a tensor without axes, besides what works number by number.
NUMBERS = {aten.fill.Tensor, aten.fill_.Tensor, aten.masked_fill.Tensor, aten.masked_fill_.Tensor}
# What `torch.autocast` computes in halves, and what it keeps in float32, as CUDA's does.
IN_HALVES = ("linear", "matmul", "mm", "addmm", "bmm", "conv1d", "conv2d", "conv_transpose2d.input")
IN_FLOATS = ("softmax.int", "log_softmax.int", "cross_entropy_loss", "nll_loss_nd", "mse_loss")
IN_FLOATS += ("binary_cross_entropy_with_logits", "layer_norm", "exp", "log", "norm.Scalar")
_CASTING = torch._C.DispatchKey.AutocastPrivateUse1
# Where a graphics card has units that multiply numbers of ten bits.
PRODUCTS = {"mm", "addmm", "bmm", "baddbmm", "linear"}
PRODUCTS |= {"convolution", "convolution_overrideable", "convolution_backward"}
PRODUCTS |= {"convolution_backward_overrideable"}
# What a kernel of CUDA finds only while it computes, and ends the session with.
FATAL = re.compile(
    r"out of range in self|Target -?\d+ is out of bounds|[Ii]ndex -?\d+ is out of (bounds|range)|"
    r"elements of (input|target) should be between 0 and 1|probability tensor contains|"
    r"index \S+ is out of bounds for dimension|out of bounds: "
)
# What PyTorch would make of an empty tensor that it resizes, which a shell cannot follow.
FACTORIES = ["arange", "arange.start", "arange.start_step", "linspace", "logspace", "eye", "eye.m"]
FACTORIES += ["randperm", "tril_indices", "triu_indices"]
# What hands values on, or rounds in one way everywhere, or must not leave 0 to 1: never off.
EXACT = {"clone", "detach", "full", "zeros", "ones", "arange", "eye", "cat", "stack", "where"}
EXACT |= {"_to_copy", "copy", "index", "index_select", "gather", "embedding", "masked_fill", "fill"}
EXACT |= {"add", "sub", "rsub", "mul", "div", "neg", "abs", "sign", "round", "relu", "clamp"}
EXACT |= {"clamp_min", "clamp_max", "maximum", "minimum", "max", "min", "amax", "amin", "sort"}
EXACT |= {"topk", "max_pool2d_with_indices", "sigmoid", "_softmax", "constant_pad_nd", "flip"}


class TwinTensor(Tensor):
    """A tensor of the device: a shell around one of the CPU, `held`, that it shares nothing with.

    Views of it hold views of `held`, so that what is written into one is seen in the other.
    """

    held: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, held: Tensor) -> TwinTensor:
        made = Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=f"{NAME}:0",
        )
        made.held = held
        return made

    def __init__(self, held: Tensor) -> None:
        pass

    @classmethod
    def __torch_dispatch__(cls, op: Callable, types: object, args=(), kwargs=None) -> object:
        return compute(op, args, kwargs or {})

    def __format__(self, spec: str) -> str:
        return format(self.held, spec)

    def __repr__(self, *, tensor_contents: object = None) -> str:
        return f"{repr(self.held)[:-1]}, device='{self.device}')"

    def data_ptr(self) -> int:
        return self.held.data_ptr()

    def tolist(self) -> object:
        return self.held.tolist()

    def numpy(self, *, force: bool = False) -> object:
        if force:
            return self.detach().cpu().numpy()
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy "
            "the tensor to host memory first."
        )

    def __deepcopy__(self, memo: dict) -> TwinTensor:
        if id(self) not in memo:
            made = TwinTensor(self.held.detach().clone()).requires_grad_(self.requires_grad)
            memo[id(self)] = made
            kept = {name: value for name, value in self.__dict__.items() if name != "held"}
            made.__dict__.update(copy.deepcopy(kept, memo))
            made.grad = copy.deepcopy(self.grad, memo)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: int) -> tuple:
        """Be saved as tensors of such devices are, so that `torch.load` says where they go."""
        kept = (self.detach().cpu(), self.dtype, str(self.device), self.requires_grad)
        return torch._utils._rebuild_device_tensor_from_cpu_tensor, kept


class Module:
    """What `torch.twin` offers, as `torch.cuda` does."""

    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(0)
        self.plugged_in = False
        self.lost = ""
        self.computed: Counter[str] = Counter()

    def is_available(self) -> bool:
        return self.plugged_in

    def is_initialized(self) -> bool:
        return True

    def _is_in_bad_fork(self) -> bool:
        return False

    def current_device(self) -> int:
        return 0

    def device_count(self) -> int:
        return 1

    def synchronize(self, device: object = None) -> None:
        pass

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16, torch.float16]

    def manual_seed(self, seed: int) -> None:
        self.generator.manual_seed(seed)

    manual_seed_all = manual_seed

    def get_rng_state(self, device: object = None) -> Tensor:
        return self.generator.get_state()

    def set_rng_state(self, state: Tensor, device: object = None) -> None:
        self.generator.set_state(state)


module = Module()
"""What the device is like: `lost` says why it computes nothing any more, "" while it does;
`computed` counts its operations by name."""
options = {"noise": 0.0, "bits": 23, "float64": True}
_libraries: list[torch.library.Library] = []


def install(noise: float = 0.0, bits: int = 23, float64: bool = True) -> None:
    """Make the device known to PyTorch, or change what it does; `remove` pretends it away.

    Args:
        noise: standard deviation of what every computed number is off by, relative to it.
        bits: of the mantissa, that factors of a matrix product or a convolution keep: 10 as TF32.
        float64: whether the device has such numbers.
    """
    options.update(noise=noise, bits=bits, float64=float64)
    module.plugged_in, module.lost = True, ""
    nn.Module._apply = _apply
    if _libraries:
        return
    backend_registration._setup_privateuseone_for_python_backend(NAME, module)
    everything, ours = (torch.library.Library(name, "IMPL") for name in ("_", "aten"))
    everything.fallback(lambda op, *args, **kwargs: compute(op, args, kwargs), "PrivateUse1")
    ours.impl("_copy_from", _copy_from, "PrivateUse1")
    for name in FACTORIES:
        ours.impl(name, partial(_made, _op(name)), "PrivateUse1")
    everything.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    for names, dtype in ((IN_HALVES, None), (IN_FLOATS, torch.float32)):
        for name in names:
            ours.impl(name, partial(_cast, _op(name), dtype), "AutocastPrivateUse1")
    for name in RECURRENT:
        ours.impl(name, partial(_whole, _op(name)), "AutogradPrivateUse1")
    _libraries.extend([everything, ours])


def settings(text: str) -> dict[str, float]:
    """Return what to install as a text says it, such as "noise=1e-6 bits=10"."""
    pairs = (setting.split("=") for setting in text.split())
    return {name: type(options[name])(float(value)) for name, value in pairs}


def _op(name: str) -> Callable:
    packet, _, overload = name.partition(".")
    return getattr(getattr(aten, packet), overload or "default")


def remove() -> None:
    """Let the machine have no such device any more."""
    module.plugged_in = False
    nn.Module._apply = _plain_apply


_plain_apply = nn.Module._apply


def _apply(module: nn.Module, change: Callable, recurse: bool = True) -> nn.Module:
    """Move a module and keep its parameters the same objects, as a real device does.

    PyTorch cannot where a graph still holds them: then they become new ones.
    """
    torch.__future__.set_swap_module_params_on_conversion(True)
    try:
        return _plain_apply(module, change, recurse)
    except RuntimeError as error:
        if "Couldn't swap" not in str(error):
            raise
    finally:
        torch.__future__.set_swap_module_params_on_conversion(False)
    return _plain_apply(module, change, recurse)


def _cast(op: Callable, dtype: torch.dtype | None, *args: object, **kwargs: object) -> object:
    """Call an operation under `torch.autocast` with tensors of the kind that it is to have."""
    dtype = dtype or torch.get_autocast_dtype(NAME)

    def cast(value: object) -> object:
        floats = isinstance(value, TwinTensor) and value.is_floating_point()
        return value.to(dtype) if floats and value.dtype != torch.float64 else value

    with torch._C._ExcludeDispatchKeyGuard(torch._C.DispatchKeySet(_CASTING)):
        return op(*pytree.tree_map(cast, args), **pytree.tree_map(cast, kwargs))


def _made(op: Callable, *args: object, **kwargs: object) -> object:
    return compute(op, args, kwargs)


def compute(op: Callable, args: tuple, kwargs: dict) -> object:
    """Compute an operation of the device on the CPU, where a real device would compute it."""
    forbid(op, args, kwargs)
    module.computed[str(op)] += 1
    inside = pytree.tree_map(_held, (args, kwargs))
    if _name(op) in PRODUCTS:
        inside = pytree.tree_map(_rounded, inside)
    stays = kwargs.get("device") is None or torch.device(kwargs["device"]).type == NAME
    result = _run(op, *inside)
    written = {id(_held(tensor)): tensor for tensor in _written(op, args, kwargs)}
    if torch.Tag.inplace_view in op.tags:  # the shell changes its shape as well
        with no_dispatch():
            op(*args, **kwargs)
    for shell in written.values():
        if shell.size() != _held(shell).size():
            raise NotImplementedError(f"{op} resizes a tensor of the device, which {NAME} cannot")

    def outside(value: object) -> object:
        if not isinstance(value, Tensor) or not stays:
            return value
        return written[id(value)] if id(value) in written else _shell(op, value)

    if op is aten._pack_padded_sequence.default:  # the sizes of its batches stay with the CPU
        return outside(result[0]), result[1]
    return pytree.tree_map(outside, result)


def _shell(op: Callable, value: Tensor) -> TwinTensor:
    if value.dtype == torch.float64 and not options["float64"]:
        raise TypeError(f"Cannot convert a {NAME} Tensor to float64 dtype: it has none.")
    return TwinTensor(_a_little_off(op, value))


def _run(op: Callable, args: tuple, kwargs: dict) -> object:
    try:
        return _drawn(op, args, kwargs) if _draws(op) else CELLS.get(op, op)(*args, **kwargs)
    except (IndexError, RuntimeError) as error:
        if FATAL.search(str(error)) and not _is_view(op):
            module.lost = str(error).strip().partition("\n")[0]
        raise


def forbid(op: Callable, args: tuple, kwargs: dict) -> None:
    """Raise what a real device raises where it is asked for what it cannot do."""
    if module.lost:
        raise RuntimeError(f"{NAME}: device-side assert triggered before ({module.lost})")
    _forbid_strangers(op, args, kwargs)
    if isinstance(kwargs.get("generator"), torch.Generator):
        raise RuntimeError(f"Expected a '{NAME}' device type for generator but found 'cpu'")


def _forbid_strangers(op: Callable, args: tuple, kwargs: dict) -> None:
    """Raise for tensors of the CPU where the device takes none, and for those it cannot write."""
    if op in MOVES:
        return
    if op in LENGTHS:
        if isinstance(args[LENGTHS[op]], TwinTensor):
            raise RuntimeError(f"'lengths' argument should be a 1D CPU int64 tensor, not {NAME}")
        args = (*args[: LENGTHS[op]], *args[LENGTHS[op] + 1 :])
    if op in INDEXES:
        args = (args[0], *args[2:])
    tensors = [value for value in pytree.tree_leaves((args, kwargs)) if isinstance(value, Tensor)]
    strangers = [value for value in tensors if not isinstance(value, TwinTensor)]
    written = {id(value) for value in _written(op, args, kwargs)}
    mixes = torch.Tag.pointwise in op.tags or op in NUMBERS | INDEXES
    if any(value.dim() or not mixes or id(value) in written for value in strangers):
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{NAME}:0 and cpu! (when computing {op})"
        )


def _name(op: Callable) -> str:
    return op._schema.name.partition("::")[2]


def _is_view(op: Callable) -> bool:
    return any(result.alias_info is not None for result in op._schema.returns)


def _held(value: object) -> object:
    if isinstance(value, TwinTensor):
        return value.held
    return CPU if isinstance(value, torch.device) else value


def _written(op: Callable, args: tuple, kwargs: dict) -> Iterable[Tensor]:
    """Return the arguments that an operation writes into, as its schema says."""
    for place, argument in enumerate(op._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[place] if place < len(args) else kwargs.get(argument.name)
            yield from (leaf for leaf in pytree.tree_leaves(value) if isinstance(leaf, Tensor))


def _draws(op: Callable) -> bool:
    return torch.Tag.nondeterministic_seeded in op.tags


def _drawn(op: Callable, args: tuple, kwargs: dict) -> object:
    """Draw from the device's own generator; the CPU's stays where it is."""
    outside = torch.get_rng_state()
    torch.set_rng_state(module.get_rng_state())
    try:
        return op(*args, **kwargs)
    finally:
        module.set_rng_state(torch.get_rng_state())
        torch.set_rng_state(outside)


def _a_little_off(op: Callable, value: Tensor) -> Tensor:
    exact = not options["noise"] or _is_view(op) or _name(op).rstrip("_") in EXACT
    if exact or not value.is_floating_point():
        return value
    noise = torch.randn(value.shape, generator=_noise, dtype=value.dtype)
    return value.mul_(1 + options["noise"] * noise)


_noise = torch.Generator().manual_seed(1)


def _rounded(value: object) -> object:
    """Return a factor as the units for products take it: with fewer bits, the nearest such one."""
    if not isinstance(value, Tensor) or value.dtype != torch.float32 or options["bits"] == 23:
        return value
    dropped = 23 - options["bits"]
    whole = value.contiguous().view(torch.int32)
    return ((whole + 2 ** (dropped - 1)) >> dropped << dropped).view(torch.float32)


# ---- what PyTorch asks a device for, and a fallback cannot give


def _copy_from(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
    _held(target).copy_(_held(source))
    return target


def _lstm_cell(from_x, from_h, c, bias_x=None, bias_h=None) -> tuple[Tensor, Tensor, Tensor]:
    gates = from_x + from_h if bias_x is None else from_x + bias_x + from_h + bias_h
    i, f, g, o = gates.chunk(4, 1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    cell = f * c + i * g
    return o * cell.tanh(), cell, torch.cat([i, f, g, o], 1)


def _lstm_cell_backward(grad_h, grad_c, c, cell, gates, has_bias) -> tuple:
    i, f, g, o = gates.chunk(4, 1)
    squashed = cell.tanh()
    grad_h = torch.zeros_like(cell) if grad_h is None else grad_h
    grad = grad_h * o * (1 - squashed * squashed) + (0 if grad_c is None else grad_c)
    slopes = torch.cat(
        [
            grad * g * i * (1 - i),
            grad * c * f * (1 - f),
            grad * i * (1 - g * g),
            grad_h * squashed * o * (1 - o),
        ],
        1,
    )
    return slopes, grad * f, slopes.sum(0) if has_bias else None


def _gru_cell(from_x, from_h, h, bias_x=None, bias_h=None) -> tuple[Tensor, Tensor]:
    if bias_x is not None:
        from_x, from_h = from_x + bias_x, from_h + bias_h
    (rx, zx, nx), (rh, zh, nh) = from_x.chunk(3, 1), from_h.chunk(3, 1)
    r, z = (rx + rh).sigmoid(), (zx + zh).sigmoid()
    n = (nx + r * nh).tanh()
    return n + z * (h - n), torch.cat([r, z, n, h, nh], 1)


def _gru_cell_backward(grad, kept, has_bias) -> tuple:
    r, z, n, h, nh = kept.chunk(5, 1)
    for_n = grad * (1 - z) * (1 - n * n)
    for_z = grad * (h - n) * z * (1 - z)
    for_r = for_n * nh * r * (1 - r)
    to_x, to_h = torch.cat([for_r, for_z, for_n], 1), torch.cat([for_r, for_z, for_n * r], 1)
    return to_x, to_h, grad * z, *((to_x.sum(0), to_h.sum(0)) if has_bias else (None, None))


class _Whole(torch.autograd.Function):
    """A layer computed on the CPU, whose slopes are then those of the CPU."""

    @staticmethod
    def forward(ctx: object, op: Callable, run: Callable, *tensors: TwinTensor) -> tuple:
        ctx.op, ctx.inside = op, [_rounded(part.held.detach()) for part in tensors]
        with torch.enable_grad():
            ctx.results = run(*(part.requires_grad_() for part in ctx.inside))
        return tuple(_shell(op, part.detach().clone()) for part in ctx.results)

    @staticmethod
    def backward(ctx: object, *slopes: TwinTensor) -> tuple:
        given = [part.held for part in slopes]
        found = torch.autograd.grad(ctx.results, ctx.inside, given, retain_graph=True)
        return None, None, *(_shell(ctx.op, part.clone()) for part in found)


def _whole(op: Callable, *args: object) -> object:
    """Run a recurrent layer; its tensors are on the device, its sizes of batches on the CPU."""
    forbid(op, args, {})
    module.computed[str(op)] += 1
    flat, shape = pytree.tree_flatten(args)
    ours = [k for k, value in enumerate(flat) if isinstance(value, TwinTensor)]

    def run(*inside: Tensor) -> tuple[Tensor, ...]:
        told = dict(zip(ours, inside, strict=True))
        return op(*pytree.tree_unflatten([told.get(k, flat[k]) for k in range(len(flat))], shape))

    return _Whole.apply(op, run, *(flat[k] for k in ours))


CELLS = {  # fused on a graphics card, and unknown to the CPU
    aten._thnn_fused_lstm_cell.default: _lstm_cell,
    aten._thnn_fused_lstm_cell_backward_impl.default: _lstm_cell_backward,
    aten._thnn_fused_gru_cell.default: _gru_cell,
    aten._thnn_fused_gru_cell_backward.default: _gru_cell_backward,
}


# Autograd counts the devices of a process once, at its first backward pass.
install()
torch.ones(1, device=NAME, requires_grad=True).sum().backward()
remove()
