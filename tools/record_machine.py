"""Measure one machine, and write what comes out as the example that lesson 11 stores.

    OMP_NUM_THREADS=1 python tools/record_machine.py

It takes about three minutes, two of them for `torch.compile`. All times are processor time of one
thread, so that other programs do not count. What the lesson shows live is measured where it runs;
only its stored pictures are of this record.
"""

from __future__ import annotations

import copy
import datetime
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import get_device, set_threads
from course_utils.microscope import (
    EXAMPLE_MACHINE,
    PARTS,
    measure_layers,
    measure_roof,
    profiled,
    seconds_of,
    shortest_time,
    train_steps,
)
from course_utils.models import digit_cnn, lenet5, mlp, softmax_regression

NETWORKS: dict[str, Callable[[], nn.Sequential]] = {
    "MLP": mlp,
    "LeNet-5": lenet5,
    "digit_cnn": digit_cnn,
}
PROFILED = (("MLP", 1), ("MLP", 64), ("LeNet-5", 1), ("LeNet-5", 64), ("digit_cnn", 64))
N_RUNS = 60
LONG = 0.5  # seconds for each of the times that are compared with others


def step(model: nn.Module, X: Tensor, y: Tensor, half: torch.dtype | None = None) -> None:
    """Go forward, with autocast to a half where one is given, and backward."""
    with torch.autocast("cpu", half, enabled=half is not None):
        loss = F.cross_entropy(model(X), y)
    loss.backward()


def parts_of_a_step() -> list[list[object]]:
    """Return network, batch size and the least seconds of each of the four parts of a step."""
    digits, found = load_mnist(MNIST_SAMPLE), []
    X, y = digits.train_images[:, None], digits.train_labels
    for name, size in PROFILED:
        model = NETWORKS[name]()
        train_steps(model, X, y, size, 3)
        runs = [_profiled_step(model, X, y, size) for _ in range(N_RUNS)]
        found.append([name, size, {part: min(run[part] for run in runs) for part in PARTS}])
    return found


def _profiled_step(model: nn.Module, X: Tensor, y: Tensor, size: int) -> dict[str, float]:
    with profiled() as prof:
        train_steps(model, X, y, size, 2)
    return seconds_of(prof, 2)


def least(run: Callable[[], object], seconds: float = LONG) -> float:
    """Return the least processor time of several runs of one thread."""
    return shortest_time(run, seconds, clock=time.process_time)


def tricks() -> dict[str, dict[str, float]]:
    """Return the seconds of a step of 64 digits with each trick, for each network."""
    return {name: _tricks_with(make()) for name, make in NETWORKS.items()}


def _tricks_with(model: nn.Module) -> dict[str, float]:
    X, y = torch.rand(64, 1, 28, 28), torch.arange(64) % 10
    last = copy.deepcopy(model).to(memory_format=torch.channels_last)
    last_X = X.to(memory_format=torch.channels_last)
    ways = {
        "plain": lambda: step(model, X, y),
        "channels last": lambda: step(last, last_X, y),
        "bfloat16": lambda: step(model, X, y, torch.bfloat16),
        "both": lambda: step(last, last_X, y, torch.bfloat16),
        "float16": lambda: step(model, X, y, torch.float16),
    }
    return {name: least(run) for name, run in ways.items()}


def compiled() -> dict[str, dict[str, float]]:
    """Return the processor seconds of a first step and of a later one with compiled networks.

    The first row is a single layer: it loads the compiler, which the others find loaded.
    """
    found, (X, y) = {}, (torch.rand(64, 1, 28, 28), torch.arange(64) % 10)
    with tempfile.TemporaryDirectory() as folder:  # where nothing compiled lies yet
        os.environ |= {"TORCHINDUCTOR_CACHE_DIR": folder, "TORCHINDUCTOR_COMPILE_THREADS": "1"}
        for name, make in ({"one layer": softmax_regression} | NETWORKS).items():
            model, start = torch.compile(make()), sum(os.times()[:4])  # its own, its children's
            step(model, X, y)
            first = sum(os.times()[:4]) - start
            found[name] = {"first": first, "later": least(lambda m=model: step(m, X, y))}
    return found


def batches() -> dict[str, dict[str, float]]:
    """Return the seconds that 64 digits take in batches of several sizes, for each network."""
    found: dict[str, dict[str, float]] = {}
    X, y = torch.rand(64, 1, 28, 28), torch.arange(64) % 10
    for name, make in NETWORKS.items():
        model, found[name] = make(), {}
        for size in (1, 32, 64):
            one = least(lambda m=model, n=size: step(m, X[:n], y[:n]))
            found[name][str(size)] = 64 / size * one
    return found


def processor() -> str:
    """Return what the machine calls its processor."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Measure everything, and write it."""
    get_device("cpu")
    set_threads(1)
    torch.manual_seed(0)
    today = datetime.date.today()
    version = torch.__version__.partition("+")[0]
    about = f"one core of a server ({processor()}, PyTorch {version}, measured in {today.year})"
    record = {
        "about": about,
        "source": "tools/record_machine.py",
        "roof": list(measure_roof(time.process_time)),
        "parts": parts_of_a_step(),
        "tricks": tricks(),
        "batches": batches(),
        "compiled": compiled(),
        "layers": measure_layers(
            {name: make() for name, make in NETWORKS.items()}, clock=time.process_time
        ),
    }
    EXAMPLE_MACHINE.write_text(in_lines(rounded(record)), encoding="utf-8")


def rounded(thing: object) -> object:
    """Return a record whose floats have four significant digits."""
    if isinstance(thing, float):
        return float(f"{thing:.4g}")
    if isinstance(thing, dict):
        return {key: rounded(value) for key, value in thing.items()}
    return [rounded(one) for one in thing] if isinstance(thing, list | tuple) else thing


def in_lines(record: dict) -> str:
    """Return a record as JSON with a line for each entry, and for each row of a list of rows."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").replace("], [", "],\n [")


if __name__ == "__main__":
    main()
