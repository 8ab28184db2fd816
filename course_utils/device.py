"""Which device to compute on, proved by computing on it; seeds; threads.

A graphics card that is listed is not always one that works: the driver may be too old for it, or
the library may not know it and give wrong numbers. So a device is used only after a small network
ran on it, forward and backward, and gave what the CPU gives.
"""

from __future__ import annotations

import ctypes
import functools
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from course_utils.cells import in_kernel
from course_utils.display import escape, live_html, say

# TF32, which graphics cards use inside convolutions, keeps ten bits: about three decimals.
TOLERANCE = {"rtol": 1e-2, "atol": 1e-3}

TURN = threading.RLock()
"""Held for a moment by who moves a model, copies it, takes a step of its training, or draws random
numbers from a stream of its own: JupyterLab runs a cell and its sliders in two threads."""


def get_device(name: str | torch.device | None = None) -> torch.device:
    """Return the device to compute on: an accelerator that proves itself, else the CPU.

    The first call also fits the number of threads to the machine and lets the process keep its
    memory; see `set_threads` and `keep_memory`.

    Args:
        name: "cpu", "cuda", "cuda:1", "mps", "xpu", or whatever else this PyTorch knows, to insist
            on one; without it the environment variable COURSE_DEVICE is asked, and without that
            the machine.

    Raises:
        ValueError: the device that was insisted on is misspelt or fails its proof.

    >>> get_device("cpu")
    device(type='cpu')
    """
    _prepare_once()
    if name is not None:
        return _insist(str(name), f"get_device({str(name)!r})")
    wish = os.environ.get("COURSE_DEVICE", "").strip()
    return _insist(wish, f"COURSE_DEVICE={wish}") if wish else _first_that_works()


def found_accelerators() -> list[str]:
    """Return what PyTorch lists on this machine besides the CPU, best first, such as "cuda"."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old driver is told by a warning; the CPU is used
        cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
        other = torch.accelerator.current_accelerator(check_available=True)
    found = ["cuda"] * cuda + ["mps"] * mps
    return found or ([other.type] if other is not None else [])


@functools.cache
def fault_of(name: str) -> str:
    """Compute on a device and return why it cannot be trusted; "" where it can.

    What the course's networks and `warp` are made of is run forward and backward: convolution,
    batch normalisation, a linear layer, an LSTM, a picture bent over a grid, the cross-entropy.
    Values, losses and all gradients are compared with those of the CPU.
    """
    if name == "cpu":
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = _small_step(torch.device(name))
    except Exception as error:  # drivers and back ends raise whatever they like
        first_line = str(error).strip().partition("\n")[0]
        return f"{type(error).__name__}: {first_line}"
    ours = _small_step(torch.device("cpu"))
    if torch.allclose(theirs, ours, **TOLERANCE):
        return ""
    return f"its numbers differ from the CPU's by up to {(theirs - ours).abs().max().item():.2g}"


@torch.inference_mode(False)
@torch.enable_grad()
def _small_step(device: torch.device) -> torch.Tensor:
    """Return values, losses and gradients of small training steps, as one vector on the CPU."""
    generator = torch.Generator().manual_seed(0)

    def values(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator).to(device)

    results = [*_bent_pictures(values), *_convolution_step(values), *_lstm_step(values)]
    return torch.cat([result.detach().cpu().flatten() for result in results])


Values = Callable[..., torch.Tensor]  # normal numbers of a shape, on the device to try


def _bent_pictures(values: Values) -> list[torch.Tensor]:
    """Look up pixels on a grid that a bicubic enlargement bends, as `warp` does."""
    bend = F.interpolate(values(4, 2, 3, 3) / 10, (8, 8), mode="bicubic", align_corners=True)
    straight = torch.eye(2, 3, device=bend.device).expand(4, 2, 3)
    grid = F.affine_grid(straight, (4, 1, 8, 8), align_corners=False)
    return [F.grid_sample(values(4, 1, 8, 8), grid + bend.movedim(1, 3), align_corners=False)]


def _convolution_step(values: Values) -> list[torch.Tensor]:
    X, kernels, weights = values(4, 1, 8, 8), values(3, 1, 3, 3), values(5, 108) / 10
    parameters = [kernels.requires_grad_(), weights.requires_grad_()]
    maps = F.batch_norm(F.conv2d(X, kernels), None, None, training=True)
    logits = F.linear(F.relu(maps).flatten(1), weights)  # (4, 3, 6, 6) -> (4, 5)
    loss = F.cross_entropy(logits, torch.arange(4, device=X.device))
    return [logits, loss, *torch.autograd.grad(loss, parameters)]


def _lstm_step(values: Values) -> list[torch.Tensor]:
    lstm = torch.nn.LSTM(3, 4, batch_first=True, device=values(1).device, dtype=torch.float32)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.copy_(values(*weight.shape) / 2)
    X = values(2, 6, 3).requires_grad_()
    states, _ = lstm(X)  # (2, 6, 3) -> (2, 6, 4)
    loss = states.square().sum()
    return [states, loss, *torch.autograd.grad(loss, [X, *lstm.parameters()])]


def _insist(wish: str, asked: str) -> torch.device:
    name = wish.lower()
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(
            f'{asked}: the device must be "cpu", "cuda", "cuda:1", "mps" or another that PyTorch '
            "knows"
        ) from None
    if fault := fault_of(name):
        raise ValueError(
            f'{asked}: "{name}" cannot be used here ({fault}); '
            'ask for "cpu", or for none and the best device that works is taken'
        )
    return device


def _first_that_works() -> torch.device:
    for name in found_accelerators():
        fault = fault_of(name)
        if not fault:
            return torch.device(name)
        _tell_once(f"{name} is not used: {fault}")
    return torch.device("cpu")


@functools.cache
def _tell_once(line: str) -> None:
    """Print one line, at most once in a process; in a notebook without storing it."""
    if in_kernel():
        live_html(escape(line))
    else:
        say(line, file=sys.stderr)


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's random numbers, on all devices.

    Args:
        seed: a whole number from 0 to 2**32 - 1, which is what NumPy takes.

    >>> seed_everything(0)
    >>> float(torch.rand(1)) == (seed_everything(0) or float(torch.rand(1)))
    True
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be from 0 to 2**32 - 1, got {seed}; 0 is as good as any")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Stream:
    """PyTorch's random numbers, as a stream of its own that depends on a seed alone.

    Inside `with stream.drawn():` numbers go on where the stream's last block ended; after it they
    go on, on the CPU and on the device, as if the block had not been. NumPy and Python have
    streams of their own, which stay as they are.

    Args:
        seed: what the stream begins with.
        device: where numbers are drawn besides the CPU; no other device is touched.

    >>> stream = Stream(0, torch.device("cpu"))
    >>> with stream.drawn():
    ...     torch.rand(3)
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self.seed, self.generators = seed, _generators(device)
        self.states: list[torch.Tensor] | None = None  # where the last block ended

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Draw from this stream in the block, which no other thread enters meanwhile."""
        with TURN:
            outside = [generator.get_state() for generator in self.generators]
            try:
                self._begin()
                yield
            finally:
                self.states = [generator.get_state() for generator in self.generators]
                for generator, state in zip(self.generators, outside, strict=True):
                    generator.set_state(state)

    def _begin(self) -> None:
        for k, generator in enumerate(self.generators):
            if self.states is None:
                generator.manual_seed(self.seed)
            else:
                generator.set_state(self.states[k])


class _OtherGenerator:
    """The random numbers of a device through its own module, such as `torch.xpu`."""

    def __init__(self, device: torch.device) -> None:
        module = torch.get_device_module(device)
        self.get_state, self.set_state = module.get_rng_state, module.set_rng_state
        self.manual_seed = module.manual_seed


def _generators(device: torch.device) -> list[torch.Generator | _OtherGenerator]:
    """Return PyTorch's own generators of the CPU and of a device.

    `torch.manual_seed` would put those of every device back to their beginning.
    """
    if device.type == "cuda":
        torch.cuda.init()
        index = torch.cuda.current_device() if device.index is None else device.index
        return [torch.default_generator, torch.cuda.default_generators[index]]
    if device.type == "mps":
        return [torch.default_generator, torch.mps._get_default_mps_generator()]
    if device.type == "cpu" or not hasattr(torch, device.type):  # "meta" draws nothing
        return [torch.default_generator]
    return [torch.default_generator, _OtherGenerator(device)]


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Let PyTorch's random numbers inside the block depend on `seed` alone; see `Stream`."""
    with Stream(seed, device).drawn():
        yield


def cpu_quota() -> int:
    """Return how many CPUs this process may use: at least 1, and no more than there are.

    A container on a machine with 64 processors often has a quota of two; starting 64 threads
    there is slower than starting one. Asked are Linux's control groups (both versions), the
    processors the process is bound to, and how many there are.
    """
    limits = [float(os.cpu_count() or 1)]
    if hasattr(os, "sched_getaffinity"):
        limits.append(len(os.sched_getaffinity(0)))
    limits += _group_limits(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))
    return max(1, int(min(limits)))


def _group_limits(listing: Path, root: Path) -> list[float]:
    """Return the CPU quotas of the control groups that `listing` names, and of their parents."""
    limits = []
    for line in _read(listing).splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        for base in (root, root / controllers, root / "cpu"):
            here = base / group.lstrip("/")
            folders = [here, *here.parents]
            limits += [_limit_in(folder) for folder in folders if folder.is_relative_to(root)]
    return [limit for limit in limits if limit > 0]


def _limit_in(folder: Path) -> float:
    """Return a control group's quota in CPUs; 0 where it has none."""
    words = _read(folder / "cpu.max").split() or [  # version 2: "quota period" in microseconds
        *_read(folder / "cpu.cfs_quota_us").split(),  # version 1: a file for each
        *_read(folder / "cpu.cfs_period_us").split(),
    ]
    if len(words) != 2 or words[0] in ("max", "-1"):
        return 0
    return int(words[0]) / int(words[1])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def set_threads(n: int | None = None) -> int:
    """Set how many threads PyTorch computes with, and return the number.

    Args:
        n: the number; without it PyTorch's own choice, but no more than `cpu_quota()`. An
            environment variable OMP_NUM_THREADS counts more than that, and less than `n`.

    Raises:
        ValueError: n is less than 1.
    """
    if n is not None and n < 1:
        raise ValueError(f"n must be at least 1 thread, got {n}")
    if n is not None:
        torch.set_num_threads(n)
    elif not os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(min(torch.get_num_threads(), cpu_quota()))
    return torch.get_num_threads()


def keep_memory() -> bool:
    """Let this process keep the memory that it frees, for the next batch; return whether it does.

    glibc hands large blocks back to the system and asks for them again at every step of a
    training, which costs a CPU about a fifth of its time. The numbers that come out are the same.
    Elsewhere than on Linux with glibc nothing is changed.

    Source: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    m_trim_threshold, m_mmap_threshold = -1, -3
    return bool(
        mallopt and mallopt(m_mmap_threshold, 2**25) and mallopt(m_trim_threshold, 2**31 - 1)
    )


@functools.cache
def _prepare_once() -> None:
    set_threads()
    keep_memory()
