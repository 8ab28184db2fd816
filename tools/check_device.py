"""Prove a GPU against the CPU, layer by layer and lesson by lesson, and time both.

    python tools/check_device.py [--device cuda] [--quick]

What is computed on the device, forward and backward, is compared with what the CPU computes from
the same numbers; then each lesson's network takes the same few steps on both, and many steps
against the clock. The tables are Markdown, for the README and for letters about a fault. It takes
less than four minutes, needs no network and no other data than the bundled digits.

A difference is the largest one of all numbers of a tensor, in parts of that tensor's largest
number. About 1e-7 is the rounding of float32; about 1e-3 is TF32, which graphics cards use inside
convolutions; beyond `LIMIT` something is wrong, and the exit status is 1. Where there is no
accelerator, that is said, and the exit status is 0.
"""

from __future__ import annotations

import argparse
import copy
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from bench import cpu_name
from lesson_code import lesson_definitions
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from course_utils.datasets import (
    MNIST_SAMPLE,
    bouncing_balls,
    caption_tensors,
    digit_strips,
    encode_names,
    encode_reviews,
    load_mnist,
    load_names,
    make_reviews,
    source_tensor,
    spoken_dates,
    target_tensors,
)
from course_utils.device import fault_of, found_accelerators
from course_utils.display import say
from course_utils.ink.augment import warp
from course_utils.ink.rain import rain
from course_utils.models import (
    VAE,
    Autoencoder,
    Captioner,
    CharLSTM,
    Denoiser,
    Generator,
    NextStep,
    RowLSTM,
    SentimentLSTM,
    Translator,
    discriminator,
    lenet5,
    mlp,
    name_loss,
    quick_cnn,
    softmax_regression,
)
from course_utils.training import fit
from course_utils.training.generative import gan_step

CPU = torch.device("cpu")
LIMIT = 1e-2
SHORTEST = 0.05  # seconds that a layer is called again and again for, to be timed
N = 128  # samples a batch
BY_HAND = 50  # digits that the loop written out by hand learns from in a step: one after the other


class SameNumbers(TorchFunctionMode):
    """Let what is drawn at random in the block be drawn on the CPU, whatever device it is for."""

    def __torch_function__(
        self, function: Callable, types: object, args: tuple = (), kwargs: dict | None = None
    ) -> object:
        kwargs = kwargs or {}
        if function is F.dropout:
            return _dropped(*args, **kwargs)
        if function is torch.randn_like:
            return torch.randn(args[0].shape, dtype=args[0].dtype).to(args[0].device)
        if function in (torch.rand, torch.randn):
            where = kwargs.pop("device", None) or CPU
            return function(*args, **kwargs).to(where)
        return function(*args, **kwargs)


def _dropped(X: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    return X * (torch.rand(X.shape) >= p).to(X.device) / (1 - p) if training else X


# ---- layers


class Called(nn.Module):
    """A function as a layer, with weights or without."""

    def __init__(self, function: Callable[..., Tensor], *weights: Tensor) -> None:
        super().__init__()
        self.function, self.weights = function, nn.ParameterList(weights)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return what the function makes of the inputs."""
        return self.function(*inputs)


class Packed(nn.Module):
    """An LSTM over sequences of different lengths, as the translator's encoder reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(32, 64, batch_first=True)
        self.lengths = 1 + torch.arange(N) % 9

    def forward(self, X: Tensor) -> Tensor:
        """Return the states, (N, T, D) -> (N, T, 64)."""
        packed = nn.utils.rnn.pack_padded_sequence(
            X, self.lengths, batch_first=True, enforce_sorted=False
        )
        return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0]


def attention(states: Tensor, memory: Tensor) -> Tensor:
    """Return what a decoder sees of an encoder's states, as `Translator` does."""
    late = torch.arange(memory.shape[1], device=memory.device) > 6
    scores = (states @ memory.transpose(1, 2)).masked_fill(late, -torch.inf)
    return scores.softmax(dim=2) @ memory


Case = tuple[nn.Module, tuple[Tensor, ...]]  # a layer, and what it is given, both on the CPU
pictures = partial(torch.rand, N, 1, 28, 28)
LAYERS: dict[str, Callable[[], Case]] = {
    "Linear": lambda: (nn.Linear(784, 200), (torch.rand(N, 784),)),
    "Conv2d, 5 × 5": lambda: (nn.Conv2d(1, 16, 5, padding=2), (pictures(),)),
    "Conv2d, 3 × 3": lambda: (nn.Conv2d(32, 48, 3, padding=1), (torch.randn(N, 32, 14, 14),)),
    "ConvTranspose2d": lambda: (
        nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
        (torch.randn(N, 32, 7, 7),),
    ),
    "BatchNorm2d": lambda: (nn.BatchNorm2d(32), (torch.randn(N, 32, 14, 14),)),
    "BatchNorm1d": lambda: (nn.BatchNorm1d(128), (torch.randn(N, 128),)),
    "MaxPool2d": lambda: (nn.MaxPool2d(2), (torch.randn(N, 32, 14, 14),)),
    "AvgPool2d": lambda: (nn.AvgPool2d(5), (torch.randn(N, 64, 5, 5),)),
    "ReLU": lambda: (nn.ReLU(), (torch.randn(N, 200),)),
    "LeakyReLU": lambda: (nn.LeakyReLU(0.2), (torch.randn(N, 200),)),
    "Sigmoid": lambda: (nn.Sigmoid(), (torch.randn(N, 200),)),
    "Tanh": lambda: (nn.Tanh(), (torch.randn(N, 200),)),
    "Dropout": lambda: (nn.Dropout(0.5), (torch.randn(N, 200),)),
    "Embedding": lambda: (nn.Embedding(30, 16), (torch.arange(20 * N).view(N, 20) % 30,)),
    "RNN": lambda: (nn.RNN(28, 64, batch_first=True), (torch.rand(N, 28, 28),)),
    "LSTM": lambda: (nn.LSTM(28, 64, batch_first=True), (torch.rand(N, 28, 28),)),
    "LSTM, different lengths": lambda: (Packed(), (torch.randn(N, 9, 32),)),
    "GRU": lambda: (nn.GRU(28, 64, batch_first=True), (torch.rand(N, 28, 28),)),
    "attention": lambda: (Called(attention), (torch.randn(N, 11, 32), torch.randn(N, 9, 32))),
    "warp": lambda: (Called(warp), (pictures(),)),
    "cross-entropy": lambda: (
        Called(lambda z: F.cross_entropy(z, _classes(z), label_smoothing=0.1)),
        (torch.randn(N, 10),),
    ),
    "cross-entropy of yes and no": lambda: (
        Called(lambda z: F.binary_cross_entropy_with_logits(z, (_classes(z) > 4).float())),
        (torch.randn(N),),
    ),
    "cross-entropy of pixels": lambda: (
        Called(lambda z: F.binary_cross_entropy(z.sigmoid(), (z > 0.5).float())),
        (pictures(),),
    ),
    "squared error": lambda: (Called(lambda z: F.mse_loss(z, z.detach() * 0.9)), (pictures(),)),
}
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "SGD": partial(torch.optim.SGD, lr=0.1),
    "SGD with momentum": partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=1e-3),
    "Adagrad": torch.optim.Adagrad,
    "RMSprop": torch.optim.RMSprop,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
}


def _classes(scores: Tensor) -> Tensor:
    return torch.arange(len(scores), device=scores.device) % 10


def tried(case: Case, device: torch.device) -> tuple[list[Tensor], list[Tensor]]:
    """Return on the CPU what a layer gives on a device, and the gradients of all that it has."""
    layer, inputs = copy.deepcopy(case[0]).to(device), [part.to(device) for part in case[1]]
    wanted = [part.requires_grad_() for part in inputs if part.is_floating_point()]
    wanted += layer.parameters()
    torch.manual_seed(0)
    with SameNumbers():
        answer = layer(*inputs)
        answer = answer[0] if isinstance(answer, tuple) else answer
        direction = torch.randn(answer.shape).to(device)
    gradients = torch.autograd.grad((answer * direction).sum(), wanted)
    return [answer.detach().cpu()], [gradient.cpu() for gradient in gradients]


def stepped(make: Callable[..., torch.optim.Optimizer], device: torch.device) -> list[Tensor]:
    """Return the weights after five steps of an optimizer against slopes that are the same."""
    torch.manual_seed(0)
    weights = [torch.randn(64, 32), torch.randn(64)]
    slopes = [[torch.randn(part.shape) for part in weights] for _ in range(5)]
    weights = [part.to(device).requires_grad_() for part in weights]
    optimizer = make(weights)
    for given in slopes:
        for weight, slope in zip(weights, given, strict=True):
            weight.grad = slope.to(device)
        optimizer.step()
    return [weight.detach().cpu() for weight in weights]


def difference(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """Return the largest difference of all tensors, each in parts of its own largest number."""
    shares = [
        ((a.double() - b.double()).abs().max() / a.double().abs().max().clamp_min(1e-12)).item()
        for a, b in zip(ours, theirs, strict=True)
    ]
    return max(shares, key=lambda share: share if share == share else float("inf"))


# ---- lessons

Run = Callable[[torch.device, int], tuple[list[Tensor], list[Tensor]]]
"""Takes a device and a number of steps, and takes them; gives losses and weights, on the CPU."""


def fitted(make: Callable[[], nn.Module], data: Callable[[], tuple], **options: object) -> Run:
    """Return a training by the course's own loop."""

    def run(device: torch.device, n_steps: int) -> tuple[list[Tensor], list[Tensor]]:
        torch.manual_seed(0)
        model, (X, y) = make(), data()
        few = slice(n_steps * N)
        X = tuple(part[few] for part in X) if isinstance(X, tuple) else X[few]
        told = {"optimizer": partial(torch.optim.SGD, lr=0.05), **options}
        if told.get("loss_fn") == "own":
            told["loss_fn"] = model.loss
        history = fit(
            model, (X, y[few]), n_epochs=1, batch_size=N, device=device, progress=False, **told
        )
        return [torch.tensor(history.train_loss)], list(model.state_dict().values())

    return run


def forged(device: torch.device, n_steps: int) -> tuple[list[Tensor], list[Tensor]]:
    """Let a GAN take steps."""
    torch.manual_seed(0)
    makes, judges = Generator().to(device), discriminator().to(device)
    optimizers = [torch.optim.SGD(part.parameters(), lr=0.05) for part in (makes, judges)]
    real = digits()[0][:N].to(device) / 255
    losses = [gan_step(makes, judges, real, tuple(optimizers)) for _ in range(n_steps)]
    weights = [*makes.state_dict().values(), *judges.state_dict().values()]
    return [torch.tensor(losses)], [weight.cpu() for weight in weights]


def by_hand(device: torch.device, n_steps: int) -> tuple[list[Tensor], list[Tensor]]:
    """Let the perceptron that lesson 01 writes out go through digits, one after the other."""
    X, y = (part[: BY_HAND * n_steps].to(device) for part in digits())
    unit = lesson_definitions("01")["Perceptron"](784, device)
    unit.fit(X.flatten(1) / 255, (y > 4).long(), n_epochs=1)
    return [torch.tensor([float(unit.mistakes[0])])], [unit.w.cpu()]


@cache
def digits() -> tuple[Tensor, Tensor]:
    """Return the bundled digits, uint8 (4000, 1, 28, 28), and their labels."""
    mnist = load_mnist(MNIST_SAMPLE)
    return mnist.train_images[:, None], mnist.train_labels


def themselves() -> tuple[Tensor, Tensor]:
    """Return digits that are their own answers."""
    X = digits()[0] / 255
    return X, X


def names() -> tuple[Tensor, Tensor]:
    """Return names, and the letters that follow."""
    S = encode_names(load_names().train)
    return S[:, :-1], S[:, 1:]


def reviews() -> tuple[Tensor, Tensor]:
    """Return reviews, and whether they are good."""
    texts, labels, _ = make_reviews(4000)
    return encode_reviews(texts), labels


@cache
def translations() -> tuple[tuple[Tensor, Tensor], Tensor]:
    """Return dates in words, and as ISO writes them."""
    spoken, iso = spoken_dates(4000)
    fed, wanted = target_tensors(iso)
    return (source_tensor(spoken), fed), wanted


@cache
def strips() -> tuple[tuple[Tensor, Tensor], Tensor]:
    """Return strips of digits, and their captions."""
    X, y = digits()
    pictures, words = digit_strips(X[:, 0], y, 4000)
    fed, wanted = caption_tensors(words)
    return (pictures, fed), wanted


@cache
def throws() -> tuple[Tensor, Tensor]:
    """Return balls, and where they are a step later."""
    paths = bouncing_balls(4000)
    return paths[:, :-1], paths[:, 1:]


YES = {"loss_fn": F.binary_cross_entropy_with_logits}
NUMBERS = {"loss_fn": F.mse_loss}
LESSONS: dict[str, Run] = {
    f"01 · perceptron, by hand, {BY_HAND} digits": by_hand,
    "02 · logistic regression": fitted(
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 1)),
        lambda: (digits()[0], (digits()[1] > 4).long()),
        **YES,
    ),
    "00, 03 · softmax regression": fitted(softmax_regression, digits),
    "04 · 512-128-10, sigmoid": fitted(lambda: mlp((512, 128), nn.Sigmoid), digits),
    "05 · 200-100-60-30-10 with dropout": fitted(
        lambda: nn.Sequential(mlp(), nn.Dropout(0.1)), digits, clip_norm=1.0
    ),
    "06 · LeNet-5": fitted(lenet5, digits),
    "07 · quick CNN, bent digits": fitted(quick_cnn, digits, augment=warp),
    "08 · LSTM over rows": fitted(RowLSTM, digits),
    "08 · RNN, balls": fitted(NextStep, throws, **NUMBERS),
    "08 · GRU, balls": fitted(lambda: NextStep("gru"), throws, **NUMBERS),
    "09 · LSTM, names": fitted(CharLSTM, names, loss_fn=name_loss),
    "09 · LSTM, reviews": fitted(SentimentLSTM, reviews, **YES),
    "09 · attention, dates": fitted(Translator, translations),
    "09 · captions": fitted(Captioner, strips),
    "10 · autoencoder": fitted(Autoencoder, themselves, **NUMBERS),
    "10 · denoiser, rain": fitted(Denoiser, themselves, augment=partial(rain, seed=0), **NUMBERS),
    "10 · variational autoencoder": fitted(
        VAE, themselves, loss_fn="own", optimizer=partial(torch.optim.SGD, lr=1e-4)
    ),
    "10 · GAN": forged,
}


# ---- the clock, and the tables


class Row(NamedTuple):
    """What was found of one layer or lesson.

    Attributes:
        name: what was tried.
        differences: the two differences of its table, nan where there is none.
        seconds: on the CPU and on the device; () where they were not measured.
        fault: what was raised on the device.
    """

    name: str
    differences: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()
    fault: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the device computed, and what the CPU computed."""
        return not self.fault and all(share <= LIMIT for share in self.differences)

    def __str__(self) -> str:
        if self.fault:
            return f"| {self.name} | **fails:** {self.fault} | | | | |"
        shares = [
            f"{share:.0e}" if share <= LIMIT else f"**{share:.0e}**" for share in self.differences
        ]
        times = [f"{1000 * taken:.2f}" for taken in self.seconds]
        factors = [f"{self.seconds[0] / self.seconds[1]:.1f}"] if self.seconds else []
        cells = [*shares, *[""] * (2 - len(shares)), *times, *[""] * (2 - len(times)), *factors]
        return f"| {' | '.join([self.name, *cells, *[''] * (5 - len(cells))])} |"


def waited(device: torch.device) -> float:
    """Return the time when all that a device was told to do is done."""
    if device.type != "cpu":
        torch.get_device_module(device).synchronize()
    return time.perf_counter()


def seconds_of(work: Callable[[], object], device: torch.device, at_least: float) -> float:
    """Return how long some work takes on a device: the shortest of five times, after a first one.

    It is done so often in a row that each of the five takes `at_least` so many seconds.
    """
    work()
    start = waited(device)
    work()
    once = waited(device) - start
    calls = max(1, round(at_least / max(once, 1e-6)))
    taken = []
    for _ in range(5 if at_least else 1):
        start = waited(device)
        for _ in range(calls):
            work()
        taken.append((waited(device) - start) / calls)
    return min(taken)


def pass_through(case: Case, device: torch.device) -> Callable[[], None]:
    """Return the way of a batch through a layer and back, to be timed."""
    layer, inputs = copy.deepcopy(case[0]).to(device), [part.to(device) for part in case[1]]
    wanted = [part.requires_grad_() for part in inputs if part.is_floating_point()]
    wanted += layer.parameters()

    def work() -> None:
        answer = layer(*inputs)
        answer = answer[0] if isinstance(answer, tuple) else answer
        torch.autograd.grad(answer.sum(), wanted)

    return work


def guarded(row: Callable[..., Row]) -> Callable[..., Row]:
    """Let a row say what went wrong on the device; the rows behind it are measured all the same."""

    def careful(name: str, *given: object) -> Row:
        try:
            return row(name, *given)
        except Exception as error:  # drivers and back ends raise whatever they like
            first_line = str(error).strip().partition("\n")[0]
            return Row(name, fault=f"{type(error).__name__}: {first_line}")

    return careful


@guarded
def layer_row(name: str, device: torch.device, at_least: float) -> Row:
    """Compare and time a layer."""
    torch.manual_seed(0)
    case = LAYERS[name]()
    shares = map(difference, tried(case, CPU), tried(case, device))
    times = [seconds_of(pass_through(case, where), where, at_least) for where in (CPU, device)]
    return Row(name, tuple(shares), tuple(times))


@guarded
def optimizer_row(name: str, device: torch.device) -> Row:
    """Compare the weights after five steps of an optimizer."""
    ours, theirs = (stepped(OPTIMIZERS[name], where) for where in (CPU, device))
    return Row(f"{name}, five steps", (difference(ours, theirs),))


@guarded
def lesson_row(name: str, device: torch.device, n_steps: int) -> Row:
    """Compare four steps of a lesson's training, and time many."""
    run = LESSONS[name]
    with SameNumbers():
        ours, theirs = run(CPU, 4), run(device, 4)
    shares = map(difference, ours, theirs)
    times = []
    for where in (CPU, device):
        short, long = (
            seconds_of(partial(run, where, n), where, 0) for n in (n_steps // 5, n_steps)
        )
        times.append(max(long - short, 1e-9) / (n_steps - n_steps // 5))
    return Row(name, tuple(shares), tuple(times))


HEADS = (
    "| layer, {n} samples | forward | backward | CPU, ms | {device}, ms | times as fast |",
    "| lesson, a step of {n} samples | loss | weights | CPU, ms | {device}, ms | times as fast |",
)
RULE = "|---|--:|--:|--:|--:|--:|"


def measured(device: torch.device, only: list[str], quick: bool) -> Iterator[Row | str]:
    """Yield the rows of both tables, and what stands above them."""

    def chosen(names: Iterable[str]) -> list[str]:
        return [name for name in names if not only or any(word in name for word in only)]

    yield f"{HEADS[0].format(n=N, device=device.type)}\n{RULE}"
    for name in chosen(LAYERS):
        yield layer_row(name, device, 0 if quick else SHORTEST)
    for name in chosen(OPTIMIZERS):
        yield optimizer_row(name, device)
    yield f"\n{HEADS[1].format(n=N, device=device.type)}\n{RULE}"
    for name in chosen(LESSONS):
        yield lesson_row(name, device, 5 if quick else 30)


def about(device: torch.device) -> str:
    """Return what was compared with what."""
    named = getattr(torch.get_device_module(device), "get_device_name", lambda _: device.type)
    return (
        f"{named(device)} beside {torch.get_num_threads()} threads of {cpu_name()}, "
        f"{platform.system()}, Python {platform.python_version()}, PyTorch {torch.__version__}; "
        f"TF32 in convolutions: {torch.backends.cudnn.allow_tf32 and device.type == 'cuda'}, in "
        f"products of matrices: {torch.backends.cuda.matmul.allow_tf32 and device.type == 'cuda'}."
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; return 1 where a row is not right, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--device", help='such as "cuda", "mps", "xpu"; the first found if left out'
    )
    parser.add_argument("--only", nargs="+", default=[], help="words of the rows to print")
    parser.add_argument("--quick", action="store_true", help="compare; hardly look at the clock")
    options = parser.parse_args(arguments)
    names = [options.device] if options.device else found_accelerators()
    if not names:
        say("PyTorch finds no accelerator on this machine; there is nothing to compare.")
        return 0
    device, start = torch.device(names[0]), time.perf_counter()
    fault = fault_of(names[0])
    say(f"The course's own proof of {device}: {fault or 'passed'}.\n")
    rows = []
    for row in measured(device, options.only, options.quick):
        say(row, flush=True)
        rows += [row] if isinstance(row, Row) else []
    wrong = [row.name for row in rows if not row.is_right]
    say(f"\n{about(device)} Measured in {time.perf_counter() - start:.0f} s.")
    say(f"\nNot right: {', '.join(wrong)}." if wrong else "\nAll of it is right.")
    return int(bool(wrong or fault))


if __name__ == "__main__":
    sys.exit(main())
