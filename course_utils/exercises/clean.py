"""A clean room: a block runs under the libraries' own settings and leaves everything as it was.

So a verdict does not depend on what the learner set before, and nothing that an answer does to
random numbers, settings, figures or the process reaches the learner's next cell.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import math
import operator
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import matplotlib
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib._pylab_helpers import Gcf

MISSING = object()
PRINTING = {"precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "suppress": False}
PRINTING |= {"nanstr": "nan", "infstr": "inf", "sign": "-", "floatmode": "maxprec"}


def _no_input(prompt: object = "") -> str:
    """Stand in for input() in the clean room, where nobody can be asked."""
    raise EOFError("nothing can be typed in while an answer is checked")


# What a learner may replace by functions of their own, and a reference calls: as it was at first.
OWNERS = (math, random, np, torch, torch.nn, F, torch.Tensor)
FUNCTIONS = [
    {name: value for name, value in vars(owner).items() if name[0] != "_" and callable(value)}
    for owner in OWNERS
]
BUILTINS = vars(builtins)
OWN_BUILTINS = {name: value for name, value in BUILTINS.items() if callable(value)}
OWN_BUILTINS["input"] = _no_input

# Settings that PyTorch and Python keep for the whole process: read, write, in the clean room.
SETTINGS: tuple[tuple[Callable, Callable, object], ...] = (
    (torch.get_default_dtype, torch.set_default_dtype, torch.float32),
    (torch.get_num_threads, torch.set_num_threads, 1),  # so that one thread's clock tells all
    (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0),
    (sys.getrecursionlimit, sys.setrecursionlimit, 1000),
    *(
        (
            partial(getattr, torch.backends.cudnn, name),
            partial(setattr, torch.backends.cudnn, name),
            False,
        )
        for name in ("benchmark", "deterministic")
    ),
)


@contextmanager
def clean_room() -> Iterator[None]:
    """Run a block under default settings and seed 0; afterwards everything is as it was before.

    That is: random numbers of Python, NumPy and PyTorch, on all devices; gradients, dtype, device,
    threads and other settings of PyTorch; how errors and numbers are shown; warnings; matplotlib's
    settings and open figures; environment, folder, search path, standard streams; and functions of
    these libraries that were replaced. Nobody can be asked for input, and no kernel can be ended.
    """
    with ExitStack() as stack:
        for part in (_builtins, _functions, kept_generators, _settings, _torch_modes, _printing):
            stack.enter_context(part())
        for part in (_warnings, _figures, _process, _no_exit):
            stack.enter_context(part())
        stack.callback(start_afresh)  # the way out needs its functions
        start_afresh()
        yield


def start_afresh() -> None:
    """Undo what code in a clean room did to that which decides what other code there gives."""
    restore_builtins()
    _restore_functions()
    for _, write, inside in SETTINGS:
        write(inside)
    random.seed(0)
    np.random.seed(0)
    torch.default_generator.manual_seed(0)  # torch.manual_seed would reseed all devices


@contextmanager
def kept_generators() -> Iterator[None]:
    """Let all random numbers, on all devices, go on after a block as if it had not been."""
    generators = [
        (random.getstate, random.setstate),
        (np.random.get_state, np.random.set_state),
        (torch.default_generator.get_state, torch.default_generator.set_state),
    ]
    if torch.cuda.is_available():
        generators.append((torch.cuda.get_rng_state_all, torch.cuda.set_rng_state_all))
    if torch.backends.mps.is_available():
        generators.append((torch.mps.get_rng_state, torch.mps.set_rng_state))
    other = torch.accelerator.current_accelerator(check_available=True)
    if other is not None and other.type not in ("cuda", "mps"):
        module = torch.get_device_module(other)
        generators.append((module.get_rng_state, module.set_rng_state))
    with _put_back(generators):
        yield


@contextmanager
def _settings() -> Iterator[None]:
    with _put_back([(read, write) for read, write, _ in SETTINGS]):
        yield


@contextmanager
def _put_back(pairs: list[tuple[Callable, Callable]]) -> Iterator[None]:
    """Read each state before a block, and write it back behind the block."""
    with ExitStack() as stack:
        for read, write in pairs:
            stack.callback(write, read())
        yield


@contextmanager
def _torch_modes() -> Iterator[None]:
    """Record gradients, compute on the CPU, and let nan pass, whatever was chosen outside."""
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        contextlib.nullcontext() if _on_cpu() else torch.device("cpu"),
        torch.autograd.set_detect_anomaly(False),
    ):
        yield


def _on_cpu() -> bool:
    """Tell whether new tensors come to lie on the CPU; to say so where they do costs time."""
    try:
        return torch.empty(0).device.type == "cpu"
    except Exception:  # a device that this machine does not have
        return False


@contextmanager
def _printing() -> Iterator[None]:
    tensors = dict(vars(torch._tensor_str.PRINT_OPTS))
    try:
        torch.set_printoptions(profile="default")
        with np.printoptions(**PRINTING), np.errstate(all="warn", under="ignore", call=None):
            yield
    finally:
        torch.set_printoptions(**tensors)


@contextmanager
def _warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _figures() -> Iterator[None]:
    """Put the open figures aside; close those that the block opens."""
    figures, settings = dict(Gcf.figs), dict.copy(matplotlib.rcParams)
    Gcf.figs.clear()
    try:
        yield
    finally:
        Gcf.destroy_all()
        Gcf.figs.update(figures)
        dict.update(matplotlib.rcParams, settings)  # unread and unchecked, as rc_context() does


@contextmanager
def _process() -> Iterator[None]:
    """Keep environment, folder, search path and standard streams."""
    environment, variables = os.environ, dict(os.environ)
    path, folders = sys.path, list(sys.path)
    streams = {name: getattr(sys, name) for name in ("stdin", "stdout", "stderr", "displayhook")}
    folder = _folder()
    try:
        sys.stdin = io.StringIO()  # exit() closes it
        yield
    finally:
        vars(sys).update(streams)
        sys.path, os.environ = path, environment
        path[:] = folders
        if folder is not None and folder != _folder():
            os.chdir(folder)
        for name in variables.keys() ^ dict(environment).keys():
            environment.pop(name, None)
        for name, value in variables.items():
            if environment.get(name) != value:
                environment[name] = value


def _folder() -> str | None:
    with contextlib.suppress(OSError):  # the folder may have been deleted
        return os.getcwd()
    return None


@contextmanager
def _no_exit() -> Iterator[None]:
    """Let exit() raise SystemExit in a kernel, too, in place of ending it."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    with contextlib.nullcontext() if shell is None else _replaced(shell, "ask_exit", sys.exit):
        yield


@contextmanager
def _replaced(owner: object, name: str, value: object) -> Iterator[None]:
    before = _put(owner, name, value)
    try:
        yield
    finally:
        _put(owner, name, before)


def _put(owner: object, name: str, value: object) -> object:
    """Set an attribute of a module, class or object (or delete it); return what was there."""
    before = vars(owner).get(name, MISSING)
    if value is not MISSING:
        setattr(owner, name, value)
    elif before is not MISSING:
        delattr(owner, name)
    return before


@contextmanager
def _builtins() -> Iterator[None]:
    before = BUILTINS.copy()
    restore_builtins()
    try:
        yield
    finally:
        BUILTINS.update(before)
        for name in BUILTINS.keys() - before.keys():
            del BUILTINS[name]


def restore_builtins() -> None:
    """Put Python's own functions back; needs none of them itself."""
    BUILTINS.update(OWN_BUILTINS)


@contextmanager
def _functions() -> Iterator[None]:
    """Put back the libraries' own functions; after the block, the learner's again."""
    replaced = _restore_functions()
    try:
        yield
    finally:
        for owner, name, value in replaced:
            _put(owner, name, value)


def _restore_functions() -> list[tuple[object, str, object]]:
    """Undo what was done to the libraries' functions; return what was there in their place."""
    return [
        (owner, name, _put(owner, name, functions.get(name, MISSING)))
        for owner, functions in zip(OWNERS, FUNCTIONS, strict=True)
        for name in _foreign(owner, functions)
    ]


def _foreign(owner: object, functions: dict[str, Callable]) -> list[str]:
    """Return the names under which an owner does not hold its own functions.

    A method that was added to a class may hide an inherited one; added to a module it hides none.
    """
    there, names = vars(owner), []
    if not all(map(operator.is_, map(there.get, functions), functions.values())):
        names = [name for name, value in functions.items() if there.get(name) is not value]
    if isinstance(owner, type):
        added = there.keys() - functions.keys()
        names += [name for name in added if name[0] != "_" and callable(there[name])]
    return names
