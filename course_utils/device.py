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
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from course_utils.display import escape, in_kernel, live_html

# TF32, which graphics cards use inside convolutions, keeps ten bits: about three decimals.
TOLERANCE = {"rtol": 1e-2, "atol": 1e-3}


def get_device(name: str | torch.device | None = None) -> torch.device:
    """Return the device to compute on: CUDA, else MPS, else the CPU, whichever proves itself.

    The first call also fits the number of threads to the machine and lets the process keep its
    memory; see `set_threads` and `keep_memory`.

    Args:
        name: "cpu", "cuda", "cuda:1" or "mps" to insist on one; without it the environment
            variable COURSE_DEVICE is asked, and without that the machine.

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
    """Return what PyTorch lists on this machine besides the CPU, best first: "cuda", "mps"."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old driver is told by a warning; the CPU is used
        cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    return ["cuda"] * cuda + ["mps"] * mps


@functools.cache
def fault_of(name: str) -> str:
    """Compute on a device and return why it cannot be trusted; "" where it can.

    A linear layer, a convolution and the cross-entropy are run forward and backward, and the
    logits, the loss and all gradients are compared with those of the CPU.
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


def _small_step(device: torch.device) -> torch.Tensor:
    """Return logits, loss and gradients of one small training step, as one vector on the CPU."""
    generator = torch.Generator().manual_seed(0)

    def values(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator).to(device)

    X, kernels, weights = values(4, 1, 8, 8), values(3, 1, 3, 3), values(5, 108) / 10
    y = torch.arange(4).to(device)
    parameters = [kernels.requires_grad_(), weights.requires_grad_()]
    hidden = F.relu(F.conv2d(X, kernels)).flatten(1)  # (4, 1, 8, 8) -> (4, 3 * 6 * 6)
    logits = F.linear(hidden, weights)  # (4, 108) -> (4, 5)
    loss = F.cross_entropy(logits, y)
    results = [logits, loss, *torch.autograd.grad(loss, parameters)]
    return torch.cat([result.detach().cpu().flatten() for result in results])


def _insist(wish: str, asked: str) -> torch.device:
    name = wish.lower()
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", name):
        raise ValueError(f'{asked}: the device must be "cpu", "cuda", "cuda:1" or "mps"')
    if fault := fault_of(name):
        raise ValueError(
            f'{asked}: "{name}" cannot be used here ({fault}); '
            'ask for "cpu", or for none and the best device that works is taken'
        )
    return torch.device(name)


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
        print(line, file=sys.stderr)


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


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Let PyTorch's random numbers inside the block depend on `seed` alone.

    After the block they go on, on the CPU and on `device`, as if it had not been.
    """
    before, accelerator = torch.get_rng_state(), None
    if device.type == "cuda":
        accelerator = torch.cuda.get_rng_state_all()
    elif device.type == "mps":
        accelerator = torch.mps.get_rng_state()
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(before)
        if device.type == "cuda":
            torch.cuda.set_rng_state_all(accelerator)
        elif device.type == "mps":
            torch.mps.set_rng_state(accelerator)


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
