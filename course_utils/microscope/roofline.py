"""How fast a machine computes and how fast its memory gives: a roof, and layers beneath it.

Source: S. Williams, A. Waterman, D. Patterson: Roofline: an insightful visual performance model
for multicore architectures, 2009.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

EXAMPLE = Path(__file__).parent / "example_machine.json"
BATCH_SIZES = (1, 4, 16, 32, 64, 128, 256)
IDLE = (nn.Flatten, nn.Dropout, nn.Identity)  # layers that compute nothing when a model is asked
POOLS = (nn.MaxPool2d, nn.AvgPool2d)
MATRIX_SIZES = (256, 512, 1024)  # of the matrix products; the fastest counts
FAR, NEAR = 2**24, 2**16  # numbers a row: 64 MB does not fit into a cache, 256 kB does
CLOCK_TICK = 1e-7  # seconds; the coarsest clock of the systems that run the course
Clock = Callable[[], float] | None


class Work(NamedTuple):
    """What a layer has to do for one batch.

    Attributes:
        flops: additions, multiplications and comparisons.
        bytes: input, parameters and output, each moved once.
    """

    flops: float
    bytes: float

    @property
    def intensity(self) -> float:
        """Operations a byte."""
        return self.flops / self.bytes


def work_of(layer: nn.Module, X: Tensor, Y: Tensor) -> Work:
    """Count what a layer does that makes Y of X.

    A linear layer or a convolution takes a multiplication and an addition for each weight that
    meets a number; pooling a comparison or addition for each number of a window; batch
    normalisation two operations, and anything else one, for each number that comes out.

    >>> work_of(nn.Linear(784, 128, bias=False), torch.zeros(1, 784), torch.zeros(1, 128)).flops
    200704.0
    """
    if isinstance(layer, IDLE):
        each = 0.0
    elif isinstance(layer, nn.Linear | nn.Conv2d):
        each = 2.0 * layer.weight[0].numel()
    elif isinstance(layer, POOLS):
        each = float(torch.Size(_pair(layer.kernel_size)).numel())
    else:
        each = 2.0 if isinstance(layer, nn.BatchNorm2d) else 1.0
    moved = [X, Y, *layer.parameters(), *layer.buffers()]
    return Work(each * Y.numel(), float(sum(part.numel() * part.element_size() for part in moved)))


def _pair(size: int | Sequence[int]) -> Sequence[int]:
    return (size, size) if isinstance(size, int) else size


class Roof(NamedTuple):
    """What a machine can do at most, as it was measured.

    Attributes:
        flops: operations a second.
        memory: bytes a second, from memory and back.
        cache: bytes a second of what fits into a cache.
    """

    flops: float
    memory: float
    cache: float

    def limit(self, intensity: float) -> float:
        """Return how many operations a second are possible with so many of them a byte."""
        return min(self.flops, intensity * self.memory)

    @property
    def ridge(self) -> float:
        """Operations a byte from which on computing is the limit, and memory is not."""
        return self.flops / self.memory


@torch.no_grad()
def measure_roof(clock: Clock = None) -> Roof:
    """Measure this machine's CPU with the threads that PyTorch has now; about half a second.

    Computing: products of square float32 matrices. Memory: c = a + b over three long rows, of
    which each number is moved once, as the benchmark STREAM has it; the cache: over short ones.

    Args:
        clock: see `shortest_time`.

    Source: J. D. McCalpin: Memory bandwidth and machine balance in current high performance
    computers, 1995.
    """
    flops = max(2 * n**3 / _product_time(n, clock) for n in MATRIX_SIZES)
    memory, cache = (12 * n / _sum_time(n, clock) for n in (FAR, NEAR))
    return Roof(flops, memory, max(cache, memory))


def _product_time(n: int, clock: Clock) -> float:
    a, b = (_numbers(n, n) for _ in range(2))
    return shortest_time(lambda: a @ b, 0.05, clock=clock)


def _sum_time(n: int, clock: Clock) -> float:
    a, b, c = (torch.ones(n) for _ in range(3))
    return shortest_time(lambda: torch.add(a, b, out=c), 0.05, clock=clock)


def _numbers(*shape: int) -> Tensor:
    """Return numbers by chance, of a stream of their own."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def shortest_time(
    run: Callable[[], object], seconds: float = 0.004, fewest: int = 3, clock: Clock = None
) -> float:
    """Return the seconds of the fastest of several runs, after one to warm up.

    Whatever else the machine does can only add to a time, so the shortest tells most.

    Args:
        run: what to time.
        seconds: go on until the runs together have taken as long, or there were 1,000.
        fewest: but do not stop before so many.
        clock: gives seconds; a clock on the wall where left out. `time.process_time` leaves out
            what other programs do meanwhile.
    """
    now = clock or time.perf_counter
    run()
    taken: list[float] = []
    while len(taken) < fewest or (sum(taken) < seconds and len(taken) < 1000):
        start = now()
        run()
        taken.append(max(now() - start, CLOCK_TICK))
    return min(taken)


class LayerTime(NamedTuple):
    """One layer of a network with one batch: its work, and how long it took.

    Attributes:
        network: what the network is called.
        place: the layer's number in the network, from 0.
        layer: what it is, in words.
        batch_size: pictures.
        flops, bytes: see `Work`.
        seconds: of one forward pass.
    """

    network: str
    place: int
    layer: str
    batch_size: int
    flops: float
    bytes: float
    seconds: float

    @property
    def work(self) -> Work:
        """What it had to do."""
        return Work(self.flops, self.bytes)

    @property
    def speed(self) -> float:
        """Operations a second."""
        return self.flops / self.seconds


@torch.no_grad()
def measure_layers(
    networks: Mapping[str, nn.Sequential],
    batch_sizes: Sequence[int] = BATCH_SIZES,
    shape: Sequence[int] = (1, 28, 28),
    clock: Clock = None,
) -> list[LayerTime]:
    """Time the forward pass of each layer of some networks, on the CPU, in eval mode.

    Args:
        networks: a name for each; an `nn.Sequential` of layers on the CPU.
        batch_sizes: how many pictures at once.
        shape: of a picture, (C, H, W).
        clock: see `shortest_time`.

    Returns:
        A row for each layer that computes anything and each batch size.
    """
    found = []
    for name, network in networks.items():
        was_training = network.training
        network.eval()
        for size in batch_sizes:
            found += _times(name, network, _numbers(size, *shape), clock)
        network.train(was_training)
    return found


def _times(name: str, network: nn.Sequential, X: Tensor, clock: Clock) -> Iterator[LayerTime]:
    for place, layer in enumerate(network):
        Y = layer(X)
        if not isinstance(layer, IDLE):
            taken = shortest_time(lambda layer=layer, X=X: layer(X), clock=clock)
            yield LayerTime(name, place, in_words(layer), len(X), *work_of(layer, X, Y), taken)
        X = Y


def in_words(layer: nn.Module) -> str:
    """Return what a layer is, in a few words.

    >>> in_words(nn.Conv2d(1, 6, 5)), in_words(nn.Linear(84, 10)), in_words(nn.ReLU())
    ('convolution 1 → 6, 5 × 5', 'linear 84 → 10', 'ReLU')
    """
    if isinstance(layer, nn.Conv2d):
        kernel = " × ".join(map(str, layer.kernel_size))
        return f"convolution {layer.in_channels} → {layer.out_channels}, {kernel}"
    if isinstance(layer, nn.Linear):
        return f"linear {layer.in_features} → {layer.out_features}"
    names = {"MaxPool2d": "max-pooling", "AvgPool2d": "mean pooling", "BatchNorm2d": "batch norm"}
    kind = type(layer).__name__
    return names.get(kind, kind)


class Machine(NamedTuple):
    """A machine as it was measured.

    Attributes:
        about: what it is, in words.
        roof: its limits.
        layers: the layers of some networks on it.
    """

    about: str
    roof: Roof
    layers: list[LayerTime]


def measure_machine(networks: Mapping[str, nn.Sequential]) -> Machine:
    """Measure this machine's roof and the layers of some networks beneath it; a few seconds."""
    n = torch.get_num_threads()
    about = f"this machine, {n} thread{'s' * (n > 1)}"
    return Machine(about, measure_roof(), measure_layers(networks))


def example_record() -> dict:
    """Return everything that tools/record_machine.py once measured on one machine."""
    return json.loads(EXAMPLE.read_text(encoding="utf-8"))


def example_machine() -> Machine:
    """Return the machine whose figures come with the course; see `example_record`.

    A lesson stores pictures of it, for another machine's, or the same one's on another day, would
    not be the same.
    """
    record = example_record()
    layers = [LayerTime(*row) for row in record["layers"]]
    return Machine(record["about"], Roof(*record["roof"]), layers)
