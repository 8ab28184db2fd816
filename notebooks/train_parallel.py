"""Train the course's convolutional network with one worker or with many (lesson 11).

    python train_parallel.py                                  # one worker
    torchrun --standalone --nproc-per-node 2 train_parallel.py    # two workers of this machine

The same on two machines, both of which can reach the first; each starts its own part:

    torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint FIRST:29400 \\
        train_parallel.py

Each worker takes its share of every batch; the gradients are averaged, so that all of them keep
the same weights. A worker computes on a GPU of its own where there are enough, else on the CPU.
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DistributedSampler

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import get_device, seed_everything, set_threads
from course_utils.ink.augment import warp
from course_utils.models import lenet5, quick_cnn
from course_utils.training import Checkpoint, evaluate, fit, one_cycle

NETWORKS = {"quick-cnn": quick_cnn, "lenet5": lenet5}
RANK = int(os.environ.get("RANK", 0))  # torchrun tells each worker who it is
N_WORKERS = int(os.environ.get("WORLD_SIZE", 1))
LOCAL_RANK = int(os.environ.get("LOCAL_RANK", 0))  # among the workers of this machine
N_LOCAL = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
N_TRIES = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", 0))  # how often torchrun began again


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--network", choices=NETWORKS, default="quick-cnn")
    parser.add_argument("--data", choices=("sample", "full"), default="sample")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=128, help="of all workers together")
    parser.add_argument("--lr", type=float, default=0.01, help="the peak of one cycle")
    parser.add_argument("--augment", action="store_true", help="bend each digit a little")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", help="file to write to, and to go on from")
    parser.add_argument("--every", type=int, default=20, help="steps between two writings")
    parser.add_argument("--save", help="file for the weights at the end")
    parser.add_argument("--time", action="store_true", help="print how long the training took")
    parser.add_argument("--time-out", type=float, default=60, help="seconds to wait for another")
    parser.add_argument("--die-at", type=int, help="step at which the last worker dies, once")
    options = parser.parse_args()
    if options.batch_size % N_WORKERS:
        parser.error(f"--batch-size {options.batch_size} is not divisible by {N_WORKERS} workers")
    return options


def choose_device() -> torch.device:
    """Give each worker a GPU of its own; where there are too few, all take the CPU."""
    if torch.cuda.is_available() and torch.cuda.device_count() >= N_LOCAL:
        torch.cuda.set_device(LOCAL_RANK)
        return get_device(f"cuda:{LOCAL_RANK}")
    return get_device("cpu" if N_WORKERS > 1 else None)


def in_parallel(model: nn.Module, device: torch.device, time_out: float) -> nn.Module:
    """Join the group of workers, and let it average the gradients of a model."""
    backend = "nccl" if device.type == "cuda" else "gloo"
    meeting = dist.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
    # Without a prefix, workers that are started again may find the addresses of those that died:
    # https://github.com/pytorch/pytorch/issues/167288
    meeting = dist.PrefixStore(f"try {N_TRIES}", meeting)
    time_out = timedelta(seconds=time_out)
    dist.init_process_group(
        backend, store=meeting, rank=RANK, world_size=N_WORKERS, timeout=time_out
    )
    return DistributedDataParallel(model, [device] if device.type == "cuda" else None)


class DieOnce:
    """Bends digits as `change` does, and ends its process at a step: to see what happens then."""

    def __init__(self, step: int | None, change) -> None:
        self.step = step if N_TRIES == 0 and RANK == N_WORKERS - 1 else None
        self.change, self.n = change, 0

    def __call__(self, X: torch.Tensor) -> torch.Tensor:
        self.n += 1
        if self.n == self.step:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        return self.change(X)


def main() -> None:
    options = read_options()
    set_threads(1)
    device = choose_device()
    mnist = load_mnist(MNIST_SAMPLE) if options.data == "sample" else load_mnist()
    X, y = mnist.train_images[:, None], mnist.train_labels
    seed_everything(options.seed)  # all workers begin with the same weights
    network = NETWORKS[options.network]().to(device)
    model = in_parallel(network, device, options.time_out) if N_WORKERS > 1 else network
    start = time.perf_counter()
    history = fit(
        model,
        (X, y),
        n_epochs=options.epochs,
        lr=options.lr,
        batch_size=options.batch_size // N_WORKERS,
        schedule=one_cycle,
        augment=DieOnce(options.die_at, warp if options.augment else lambda X: X),
        sampler=DistributedSampler(y, N_WORKERS, RANK, seed=options.seed),
        checkpoint=options.checkpoint and Checkpoint(options.checkpoint, options.every),
        device=device,
        seed=options.seed + RANK,  # what is drawn at random differs between workers
        progress=False,
    )
    if RANK == 0 and options.time:
        print(f"trained for {time.perf_counter() - start:.3f} seconds", flush=True)
    if RANK == 0:
        report(network, history, mnist, options.save)
    if N_WORKERS > 1:
        dist.destroy_process_group()


def report(network: nn.Module, history, mnist, save: str | None) -> None:
    """Print what the training reached; keep its weights."""
    for epoch, loss in enumerate(history.train_loss, 1):
        print(f"epoch {epoch}: training loss {loss:.4f}", flush=True)
    right = evaluate(network, mnist.test_images[:, None], mnist.test_labels).accuracy
    print(f"{right:.1%} of {len(mnist.test_labels):,} test digits, {N_WORKERS} workers", flush=True)
    if save:
        torch.save(network.cpu().state_dict(), save)


if __name__ == "__main__":
    main()
