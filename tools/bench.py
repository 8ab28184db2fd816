"""The course's trainings, run and measured: what accuracy for how many seconds of one CPU.

    make bench                or: python tools/bench.py [--only NAME ...] [--seeds N] [--readme]

Trains on the full MNIST where `load_mnist` finds it (COURSE_DATA), and on the bundled sample; where
only the sample is there, on that alone, and says so. The recipes were chosen on the last 5,000
or 10,000 digits of the training set, never on the test set; here they train on all of it.
Everything runs on one thread. Seconds are those of the CPU while it trains, without reading files
and testing. Convolutional networks are trained from three seeds, and the medians are shown.

A second is not the same on two machines, nor on one that is busy. So time is asked for in epochs
of a peer, the network and loop of PyTorch's own MNIST example: some of its steps are taken before
and after each training, on the same digits.

The rows of a whole run go into build/bench.json: model, parameters, epochs, cpu_s,
example_epochs, accuracy and reported (0 to 1; null where nothing was), data, and beside them what
is asked of a row and each seed's accuracy. In the same run are measured, and written into
build/bench_machine.json: the loop over a tensor in memory beside torchvision's data set and a
DataLoader, the course's augmentation beside torchvision's, how much of what this CPU can convolve
the course's CNN makes use of, the cells that lessons 08 and 09 write out beside PyTorch's, and two
workers beside one.
`--readme` puts the results of the last whole run into README.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from build_notebooks import ROOT
from lesson_code import lesson_definitions
from recipes import CPU, Data, Recipe, gently
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from course_utils.datasets import MNIST_SAMPLE, load_mnist, write_idx
from course_utils.datasets.mnist import (
    FULL_FINGERPRINT,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    Mnist,
    fingerprint,
)
from course_utils.device import cpu_quota, seeded, set_threads
from course_utils.display import say
from course_utils.ink.augment import warp
from course_utils.models import (
    RowLSTM,
    conv_4_8_12,
    lenet5,
    mlp,
    quick_cnn,
    small_cnn,
    softmax_regression,
)
from course_utils.training import evaluate
from course_utils.training.batches import batches

ROWS = ROOT / "build" / "bench.json"
MACHINE = ROOT / "build" / "bench_machine.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- bench: written by make bench -->\n", "<!-- end of bench -->\n"

sigmoids = partial(mlp, (512, 128), nn.Sigmoid)
one_wide = partial(mlp, (800,))
wider = partial(quick_cnn, (32, 48, 64, 96))
moved = partial(warp, turn=0, slant=0, scale=0, shift=1.5, bend=0)


class Task(NamedTuple):
    """One row of the table: a recipe, and what is known and asked of it (shares of 1)."""

    model: str
    recipe: Recipe
    reported: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    most_epochs: float | None = None  # the most time, in epochs of PyTorch's example
    n_seeds: int = 1
    scaled: bool = True  # pixels from 0 to 1; else from 0 to 255


REPORTED = Recipe(sigmoids, 20, 0.001, 256, schedule=None)  # as Keras had it
FULL_TASKS = (
    Task("softmax regression", Recipe(softmax_regression, 3), 0.92, 0.925, most_epochs=0.03),
    Task("512-128-10, sigmoid, one-cycle", Recipe(sigmoids, 20, 0.003, 256), None, 0.98),
    Task("512-128-10, sigmoid, one rate", REPORTED),
    Task("the same, pixels 0 to 255", REPORTED, 0.955, 0.95, 0.96, scaled=False),
    Task(
        "200-100-60-30-10, ReLU",
        Recipe(mlp, 6, 0.003, augment=moved),
        0.982,
        0.983,
        most_epochs=0.2,
    ),
    Task("LeNet-5", Recipe(lenet5, 2, 0.008, 64), 0.989, 0.99, most_epochs=0.25, n_seeds=3),
    Task("28x28x4, 14x14x8, 7x7x12, 200, 10", Recipe(conv_4_8_12, 3, 0.004), n_seeds=3),
    Task(
        "quick CNN, one epoch",
        Recipe(quick_cnn, 1, 0.02, augment=gently),
        None,
        0.99,
        most_epochs=0.2,
        n_seeds=3,
    ),
    Task(
        "quick CNN",
        Recipe(quick_cnn, 6, augment=gently, smoothing=0.05),
        0.993,
        0.995,
        most_epochs=1,
        n_seeds=3,
    ),
    Task(
        "quick CNN, wider",
        Recipe(wider, 12, augment=gently, smoothing=0.05),
        0.993,
        n_seeds=3,
    ),
    Task("small CNN", Recipe(small_cnn, 12, 0.02, augment=gently), None, 0.993, n_seeds=3),
    Task("LSTM over 28 rows", Recipe(RowLSTM, 3), None, 0.985, n_seeds=3),
)
LADDER = (
    Task("softmax regression", Recipe(softmax_regression, 10), None, 0.90),
    Task("800-10, ReLU, smooth labels", Recipe(one_wide, 20, 0.003, 64, smoothing=0.1), None, 0.94),
    Task("200-100-60-30-10, ReLU", Recipe(mlp, 15, 0.004)),
    Task("the same, augmented", Recipe(mlp, 40, 0.004, 64, gently), None, 0.97),
    Task("LeNet-5, augmented", Recipe(lenet5, 40, 0.005, 64, gently), None, 0.987, n_seeds=3),
    Task("quick CNN, augmented", Recipe(quick_cnn, 25, 0.01, 64, gently), None, 0.99, n_seeds=3),
)


def pixels(images: Tensor, scaled: bool) -> Tensor:
    """Return `(N, 28, 28)` bytes as `(N, 1, 28, 28)`; not scaled, as floats from 0 to 255."""
    return images[:, None] if scaled else images[:, None].float()


def example_network() -> nn.Sequential:
    """Return the network of PyTorch's MNIST example, 1,199,882 weights, not trained."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU()),
        *(nn.Conv2d(32, 64, 3), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()),
        *(nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.Linear(128, 10), nn.LogSoftmax(dim=1)),
    )


def example_epoch(data: Data, n_steps: int = 15, batch_size: int = 64) -> float:
    """Return the CPU seconds of an epoch of PyTorch's MNIST example: 60,000 digits, Adadelta.

    They are reckoned from some of its steps, on the first digits of `data`; reading them and the
    steps that warm up are left out.
    """
    with seeded(0, CPU):
        model = example_network().train()
        optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
        X, y = (part[:batch_size] for part in data)
        X = (X.reshape(-1, 1, 28, 28) / 255 - 0.1307) / 0.3081
        for step in range(-3, n_steps):
            if step == 0:
                start = time.process_time()
            optimizer.zero_grad()
            F.nll_loss(model(X), y).backward()
            optimizer.step()
        return (time.process_time() - start) / (n_steps * len(X)) * 60_000


def measure(task: Task, train: Data, test: Data, n_seeds: int, data: str) -> dict[str, object]:
    """Train from each seed, and return a row of the table, with medians."""
    seconds, accuracies, epochs = [], [], [example_epoch(train)]
    for seed in range(min(task.n_seeds, n_seeds)):
        start = time.process_time()
        model = task.recipe.train((pixels(train[0], task.scaled), train[1]), seed)
        seconds.append(time.process_time() - start)
        epochs.append(example_epoch(train))
        accuracies.append(evaluate(model, pixels(test[0], task.scaled), test[1]).accuracy)
    beside = [s / statistics.mean(pair) for s, pair in zip(seconds, pairwise(epochs), strict=True)]
    row = {
        "model": task.model,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "epochs": task.recipe.n_epochs,
        "cpu_s": round(statistics.median(seconds), 2),
        "example_epochs": round(statistics.median(beside), 4),
        "accuracy": round(statistics.median(accuracies), 4),
        "reported": task.reported,
        "data": data,
        "seeds": len(accuracies),
        "accuracies": [round(accuracy, 4) for accuracy in accuracies],
    }
    met = is_met(task, row["accuracy"], row["example_epochs"])
    return row | {"asked": asked(task), "met": met}


def asked(task: Task) -> str:
    """Say what a task must reach, in words; "" where nothing is asked."""
    words = "" if task.at_least is None else f"≥ {100 * task.at_least:g}%"
    words = f"{100 * task.at_least:g} to {100 * task.at_most:g}%" if task.at_most else words
    return words + (f", ≤ {task.most_epochs:g} of the example's epoch" if task.most_epochs else "")


def is_met(task: Task, accuracy: float, example_epochs: float) -> bool:
    """Tell whether what is asked of a task is reached; its limits count as reached."""
    enough = (task.at_least or 0) <= accuracy <= (task.at_most or 1)
    return enough and example_epochs <= (task.most_epochs or example_epochs)


def is_mnist(data: Mnist) -> bool:
    """Tell whether these are MNIST's own 60,000 and 10,000 digits."""
    return fingerprint((*train_of(data), *test_of(data))) == FULL_FINGERPRINT


def train_of(data: Mnist) -> Data:
    """Return the images to train with, `(N, 28, 28)`, and their labels."""
    return data.train_images, data.train_labels


def test_of(data: Mnist) -> Data:
    """Return the images to test with, `(N, 28, 28)`, and their labels."""
    return data.test_images, data.test_labels


def jobs(found: Mnist, sample: Mnist) -> Iterable[tuple[str, Task, Data, Data]]:
    """Yield what to train: name of the data, task, data to train and data to test."""
    if found.source == "full":
        for task in FULL_TASKS:
            if is_mnist(found):
                yield "MNIST", task, train_of(found), test_of(found)
            else:  # what is asked and was reported holds for MNIST
                free = Task(task.model, task.recipe, n_seeds=task.n_seeds, scaled=task.scaled)
                yield "other images", free, train_of(found), test_of(found)
    digits = found if is_mnist(found) else sample
    name = f"sample of {len(sample.train_labels):,}, tested on {len(digits.test_labels):,}"
    for task in LADDER:
        yield name, task, train_of(sample), test_of(digits)


def pass_over(model: nn.Module, data: Iterable[Data]) -> int:
    """Train on each batch once, and return how many images there were."""
    optimizer, n_images = torch.optim.SGD(model.parameters(), lr=0.01), 0
    for X, y in data:
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        n_images += len(X)
    return n_images


def images_per_second(run: Callable[[], int]) -> float:
    """Return how many images a second of CPU time `run` works through."""
    start = time.process_time()
    n_images = run()
    return n_images / (time.process_time() - start)


def turns(ways: dict[str, Callable[[], int]], repeats: int = 5) -> dict[str, float]:
    """Measure several ways in turn, after one run to warm up; medians of images a second."""
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(repeats + 1):
        for name, run in ways.items():
            speed = images_per_second(run)
            if repeat:
                speeds[name].append(speed)
    return {name: statistics.median(found) for name, found in speeds.items()}


def loading(sample: Mnist, batch_size: int = 64) -> float:
    """Return how often as fast LeNet-5 learns from a tensor in memory as from a DataLoader.

    The loader reads torchvision's MNIST with `ToTensor`, shuffled, without worker processes.
    """
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    X, y = sample.train_images[:, None], sample.train_labels
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "MNIST", "raw")
        raw.mkdir(parents=True)
        names = TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS
        for name, array in zip(names, (*train_of(sample), *test_of(sample)), strict=True):
            write_idx(raw / name, array.to(torch.uint8))
        loader = DataLoader(MNIST(folder, transform=ToTensor()), batch_size, shuffle=True)
        model, order = lenet5().train(), torch.randperm(len(y))
        speeds = turns(
            {
                "loader": lambda: pass_over(model, loader),
                "memory": lambda: pass_over(model, batches(X, y, batch_size, CPU, order)),
            }
        )
    return speeds["memory"] / speeds["loader"]


def augmenting(sample: Mnist, batch_size: int = 128) -> float:
    """Return how often as fast `warp` without bending is as torchvision's RandomAffine.

    RandomAffine draws one change a call, so it is called for each image, to do the same.
    """
    from torchvision.transforms import v2

    X = sample.train_images[:batch_size, None].float() / 255
    affine = v2.RandomAffine(8, (0.04, 0.04), (0.9, 1.1), 8, v2.InterpolationMode.BILINEAR)
    speeds = turns(
        {
            "torchvision": lambda: len(torch.stack([affine(image) for image in X])),
            "warp": lambda: sum(len(warp(X, bend=0)) for _ in range(10)),
        }
    )
    return speeds["warp"] / speeds["torchvision"]


def convolving(sample: Mnist, batch_size: int = 128) -> dict[str, float]:
    """Return GFLOP a second of the quick CNN's convolutions while it learns, and of this CPU.

    The CPU's limit is the fastest of a few large convolutions, forward and without a gradient.
    """
    model = quick_cnn().to(memory_format=torch.channels_last).train()
    X, y = sample.train_images[:, None], sample.train_labels
    X_batch = X[:batch_size].float()
    with FlopCounterMode(display=False) as counter:
        F.cross_entropy(model(X_batch), y[:batch_size]).backward()
    counts = counter.get_flop_counts()["Global"]
    of_convolutions = sum(n for op, n in counts.items() if "convolution" in str(op)) / batch_size
    ways: dict[str, Callable[[], int]] = {
        "network": lambda: pass_over(model, batches(X, y, batch_size, CPU))
    }
    flops = {"network": of_convolutions}
    for n_channels, side in ((64, 28), (64, 14), (128, 14), (256, 14)):
        name = f"{n_channels} channels, {side} x {side}"
        images = torch.rand(32, n_channels, side, side).to(memory_format=torch.channels_last)
        layer = nn.Conv2d(n_channels, n_channels, 3, padding=1, bias=False)
        layer = layer.to(memory_format=torch.channels_last).requires_grad_(False)
        ways[name] = partial(_convolve, layer, images)
        flops[name] = 2 * 9 * n_channels**2 * side**2
    rates = {name: speed * flops[name] / 1e9 for name, speed in turns(ways).items()}
    network = rates.pop("network")
    return {"network": network, "limit": max(rates.values())}


def _convolve(layer: nn.Module, images: Tensor, times: int = 4) -> int:
    for _ in range(times):
        layer(images)
    return times * len(images)


def cells(n_samples: int = 32, n_steps: int = 28, n_hidden: int = 128) -> dict[str, float]:
    """Return how many times as long as PyTorch's the lessons' own cells take to learn.

    Forwards and backwards over sequences of 28 steps of 28 numbers, in turn with `nn.RNN` and
    `nn.LSTM`.
    """
    X = torch.rand(n_samples, n_steps, 28)

    def ways_of(layer: nn.Module) -> Callable[[], int]:
        def run() -> int:
            for _ in range(4):
                layer.zero_grad()
                layer(X)[0].square().mean().backward()
            return 4 * len(X)

        return run

    slower = {}
    for lesson, name, layer in (("08", "OurRNN", nn.RNN), ("09", "OurLSTM", nn.LSTM)):
        ours = lesson_definitions(lesson)[name](28, n_hidden)
        theirs = layer(28, n_hidden, batch_first=True)
        speeds = turns({"ours": ways_of(ours), "theirs": ways_of(theirs)}, repeats=15)
        slower[name] = speeds["theirs"] / speeds["ours"]
    return slower


def sharing(n_workers: int = 2, repeats: int = 3) -> float:
    """Return how many times as fast workers train together as one alone, in turn: a median.

    It is the script of lesson 11, on the sample, under torchrun: one thread and one process each.
    """
    seconds: dict[int, list[float]] = {1: [], n_workers: []}
    for _ in range(repeats):
        for n, taken in seconds.items():
            command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
            command += [f"--nproc-per-node={n}", str(ROOT / "notebooks" / "train_parallel.py")]
            command += ["--epochs", "4", "--batch-size", "128", "--time"]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            taken.append(float(re.search(r"trained for ([\d.]+) seconds", printed)[1]))
    return statistics.median(seconds[1]) / statistics.median(seconds[n_workers])


def cpu_name() -> str:
    """Return what the CPU is called, as far as the system tells it."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def machine(sample: Mnist) -> dict[str, object]:
    """Describe the machine, and measure what is put beside the table."""
    rates, slower = convolving(sample), cells()
    return {
        "cpu": cpu_name(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
        "memory_beside_dataloader": round(loading(sample), 2),
        "warp_beside_torchvision": round(augmenting(sample), 1),
        "gflops_of_convolutions": round(rates["network"], 1),
        "gflops_limit": round(rates["limit"], 1),
        "share_of_limit": round(rates["network"] / rates["limit"], 2),
        "our_rnn_beside_nn_rnn": round(slower["OurRNN"], 2),
        "our_lstm_beside_nn_lstm": round(slower["OurLSTM"], 2),
        "two_workers": round(sharing(), 2),
        "n_cores": cpu_quota(),
    }


def table(rows: list[dict[str, object]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| model | parameters | epochs | seeds | CPU seconds | example's epochs | accuracy "]
    lines[0] += "| reported | asked |"
    lines += ["|---|--:|--:|--:|--:|--:|--:|--:|---|"]
    data = None
    for row in rows:
        if row["data"] != data:
            data = row["data"]
            lines.append(f"| **{data}** | | | | | | | | |")
        reported = "" if row["reported"] is None else f"{row['reported']:.1%}"
        wanted = row["asked"] + ("" if row["met"] else " **missed**")
        lines.append(
            f"| {row['model']} | {row['parameters']:,} | {row['epochs']} | {row['seeds']} "
            f"| {row['cpu_s']:.1f} | {row['example_epochs']:.3f} "
            f"| {row['accuracy']:.2%} | {reported} | {wanted} |"
        )
    return "\n".join(lines)


def words(about: dict[str, object]) -> str:
    """Return what was measured of the machine, as a paragraph."""
    return (
        "Example's epochs: how long the training takes, in epochs of PyTorch's own MNIST example "
        "(two convolutions, Adadelta), measured beside it. "
        f"Measured on one thread of: {about['cpu']} ({about['instructions']}), {about['system']}, "
        f"Python {about['python']}, PyTorch {about['torch']}. From a tensor in memory, LeNet-5 "
        f"learns {about['memory_beside_dataloader']:.1f} times as fast as from torchvision's data "
        "set with a `DataLoader` without workers. The course's `warp` changes a batch "
        f"{about['warp_beside_torchvision']:.0f} times as fast as torchvision's `RandomAffine` "
        "called for each image. While the quick CNN learns, its convolutions make "
        f"{about['gflops_of_convolutions']:.0f} GFLOP/s, {about['share_of_limit']:.0%} of the "
        f"{about['gflops_limit']:.0f} GFLOP/s of the fastest large convolution found here. The "
        "cells that lessons 08 and 09 write out (batch 32, 28 steps, 128 hidden, forwards and "
        f"backwards) take {about['our_rnn_beside_nn_rnn']:.1f} times `nn.RNN`'s time and "
        f"{about['our_lstm_beside_nn_lstm']:.1f} times `nn.LSTM`'s. Two workers of lesson 11's "
        "`train_parallel.py` (the quick CNN, batches of 128) train "
        f"{about['two_workers']:.2f} times as fast as one on {about['n_cores']} cores, an "
        f"efficiency of {about['two_workers'] / 2:.0%}."
    )


def write_readme() -> None:
    """Put the rows and words of the last whole run into README.md.

    Raises:
        SystemExit: there was none.
    """
    try:
        rows, about = (json.loads(path.read_text("utf-8")) for path in (ROWS, MACHINE))
    except FileNotFoundError as error:
        raise SystemExit(f"{error.filename} is missing: run `make bench` first") from error
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}{table(rows)}\n\n{words(about)}\n{END}{after}", "utf-8")


def run(only: list[str], n_seeds: int) -> list[dict[str, object]]:
    """Run the tasks whose model or data contain one of the words, all where there are none."""
    set_threads(1)
    found, sample = load_mnist(), load_mnist(MNIST_SAMPLE)
    say(found)
    if found.source == "sample":
        say("Only the sample is here, so only its part of the table is measured.")
    rows = []
    few = sample.train_images[:256, None], sample.train_labels[:256]
    Recipe(quick_cnn, 1).train(few, seed=0)  # PyTorch loads parts of itself in the first training
    for data, task, train, test in jobs(found, sample):
        if not only or any(word in f"{task.model}, {data}" for word in only):
            rows.append(measure(task, train, test, n_seeds, data))
            say(table(rows[-1:]).splitlines()[-1], flush=True)
    return rows


def main() -> None:
    """Measure, print the table, write it into build/."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], help="words of the rows to print")
    parser.add_argument("--seeds", type=int, default=3, help="at most so many for a row")
    parser.add_argument("--readme", action="store_true", help="only write the README's table")
    chosen = parser.parse_args()
    if chosen.readme:
        write_readme()
        return
    rows = run(chosen.only, chosen.seeds)
    say(f"\n{table(rows)}\n")
    if not chosen.only:
        ROWS.parent.mkdir(exist_ok=True)
        ROWS.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
        about = machine(load_mnist(MNIST_SAMPLE))
        MACHINE.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
        say(words(about))


if __name__ == "__main__":
    main()
