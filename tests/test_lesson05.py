"""What lesson 05 writes out by hand, beside PyTorch; its exercises; what its recipe reaches.

The official test digits are not part of the bundled sample. Set COURSE_FULL_MNIST to a folder with
the full MNIST, and the recipe is measured on them.
"""

import os
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lesson_code import lesson_definitions
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.exercises.engine import examine
from course_utils.exercises.lesson05 import ADAM, CURE, STOP
from course_utils.explorers.depth import deep_network, read_gradients
from course_utils.models import mlp
from course_utils.training import EarlyStopping, evaluate, find_lr, fit, one_cycle, smooth

FULL = os.environ.get("COURSE_FULL_MNIST", "")
LESSON = lesson_definitions("05")

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "adagrad": (torch.optim.Adagrad, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adadelta": (torch.optim.Adadelta, {}),
    "adam": (torch.optim.Adam, {}),
    "sgd_decay": (torch.optim.SGD, {"weight_decay": 0.1}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.1}),
}


def slopes(w, t):
    """Return noisy slopes of a bowl, level along one axis and steep along another."""
    generator = torch.Generator().manual_seed(t)
    steepness = torch.logspace(-2, 1, w.numel()).reshape(w.shape).to(w.dtype)
    noise = torch.randn(w.shape, generator=generator, dtype=torch.float64).to(w.dtype)
    return steepness * w + 0.1 * noise


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("lr", [0.001, 0.05])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_rule_stays_with_pytorch_for_a_hundred_steps(name, lr, dtype):
    make, settings = OPTIMIZERS[name]
    start = torch.linspace(-1, 1, 6, dtype=dtype).reshape(2, 3)
    ours, theirs, memory = start.clone(), start.clone().requires_grad_(), {}
    optimizer = make([theirs], lr=lr, **settings)
    for t in range(100):
        theirs.grad = slopes(theirs.detach(), t)
        optimizer.step()
        LESSON[name](ours, slopes(ours, t), memory, lr)
        assert (ours - theirs).abs().max() < 1e-6
    assert (ours - start).abs().max() > 1e-5


def test_the_adam_of_the_exercise_is_pytorchs():
    ours = torch.linspace(-1, 1, 5)
    theirs = ours.clone().requires_grad_()
    v, s, optimizer = torch.zeros(5), torch.zeros(5), torch.optim.Adam([theirs], lr=0.05)
    for t in range(1, 101):
        theirs.grad = slopes(theirs.detach(), t)
        optimizer.step()
        ours, v, s = ADAM.reference(ours, slopes(ours, t), v, s, t, 0.05)
    assert (ours - theirs).abs().max() < 1e-6


def test_batch_norm_by_hand_is_pytorchs_in_both_modes_and_backwards():
    torch.manual_seed(0)
    ours, theirs = LESSON["OurBatchNorm"](6).double(), nn.BatchNorm1d(6).double()
    for _ in range(30):
        Z = torch.randn(16, 6).double() * torch.tensor([0.01, 0.1, 1, 2, 10, 100]) + 3
        one, other = Z.clone().requires_grad_(), Z.clone().requires_grad_()
        weights = torch.randn(16, 6).double()
        assert torch.allclose(ours(one), theirs(other), atol=1e-8)
        (ours(one) * weights).sum().backward()
        (theirs(other) * weights).sum().backward()
        assert torch.allclose(one.grad, other.grad, atol=1e-8)
    assert torch.allclose(ours.running_mean, theirs.running_mean)
    assert torch.allclose(ours.running_var, theirs.running_var)
    ours.eval(), theirs.eval()
    assert torch.allclose(ours(Z[:1]), theirs(Z[:1]), atol=1e-8)
    assert "running_mean" in ours.state_dict()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_by_hand_is_pytorchs_for_the_same_coins(p):
    h = torch.rand(50, 40)
    torch.manual_seed(1)
    ours = LESSON["our_dropout"](h, p)
    torch.manual_seed(1)
    assert torch.allclose(ours, F.dropout(h, p))
    assert LESSON["our_dropout"](h, p, training=False).equal(h)


def test_the_mean_of_numbers_is_what_steps_of_one_over_t_follow():
    x = torch.randn(500, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    path = LESSON["follow"](x, lambda t: 1 / t)
    assert torch.allclose(path.double(), x.cumsum(0) / torch.arange(1, 501), atol=1e-6)


def test_steps_that_are_too_short_leave_half_of_the_way_for_ever():
    path = LESSON["follow"](torch.zeros(5000), lambda t: 1 / (t + 1) ** 2, w=20.0)
    assert float(path[-1]) == pytest.approx(10, abs=0.01)


def test_the_exercise_on_early_stopping_agrees_with_the_course():
    rng = random.Random(0)
    for _ in range(200):
        losses = [rng.randint(1, 9) / 10 for _ in range(rng.randint(1, 12))]
        patience = rng.randint(1, 4)
        rule = EarlyStopping(patience)
        ends = [n for n in range(1, len(losses) + 1) if rule.says_stop(losses[:n])]
        last = min([*ends, len(losses)])
        chosen = losses.index(min(losses[:last])) + 1
        assert STOP.reference(losses, patience) == (chosen, last)
        assert LESSON["stop_early"](losses, patience) == (chosen, last)


def test_the_start_of_the_lesson_keeps_numbers_at_their_size():
    deep = nn.Sequential(*[layer for _ in range(8) for layer in (nn.Linear(200, 200), nn.ReLU())])
    torch.manual_seed(0)
    X = torch.randn(500, 200)
    with torch.no_grad():
        before = deep(X).square().mean()
        after = LESSON["start_as_he"](deep)(X).square().mean()
    assert before < 0.01 < 0.3 < after < 3


@pytest.fixture(scope="module")
def train():
    """Train on the digits of the lesson; gives the history."""
    mnist = load_mnist(MNIST_SAMPLE)
    X, y = mnist.train_images[:, None], mnist.train_labels
    val, rest = torch.randperm(len(y), generator=torch.Generator().manual_seed(0)).split(
        [500, 3500]
    )
    data = {"val": (X[val], y[val]), "device": "cpu", "progress": False}
    return lambda model, **settings: fit(model, (X[rest], y[rest]), **data, **settings)


@pytest.mark.parametrize("lr", [0.01, 1, 3, 10])
def test_no_size_of_the_steps_helps_the_patient(train, lr):
    torch.manual_seed(0)
    patient = mlp((200, 100, 60, 30), nn.Sigmoid)
    history = train(patient, lr=lr, optimizer=torch.optim.SGD)
    assert history.last["val_accuracy"] < 0.15


def test_xaviers_start_does_not_help_the_patient_either(train):
    torch.manual_seed(0)
    patient = mlp((200, 100, 60, 30), nn.Sigmoid)
    for layer in patient:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    history = train(patient, lr=0.1, optimizer=torch.optim.SGD)
    assert history.last["val_accuracy"] < 0.15


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_from_a_fair_start_sgd_is_close_behind_adam(train, seed):
    reached = {}
    for optimizer, lr in ((torch.optim.SGD, 0.1), (torch.optim.Adam, 0.003)):
        model = LESSON["start_as_he"](LESSON["build"](seed=seed))
        reached[optimizer] = train(model, lr=lr, optimizer=optimizer).last
    behind = reached[torch.optim.SGD]["train_loss"] - reached[torch.optim.Adam]["train_loss"]
    assert 0 < behind < 0.15
    assert 0.86 < reached[torch.optim.SGD]["val_accuracy"] < 0.95
    assert 0.9 < reached[torch.optim.Adam]["val_accuracy"] < 0.96


def test_what_is_said_of_the_thermometer_with_eight_layers():
    mnist = load_mnist(MNIST_SAMPLE)
    rows = torch.randperm(4000, generator=torch.Generator().manual_seed(0))[500:756]
    X, y = mnist.train_images[rows].flatten(1) / 255, mnist.train_labels[rows]

    def read(activation, start):
        torch.manual_seed(0)
        gradients = read_gradients(deep_network(784, 10, 8, activation, start), X, y).gradients
        return gradients, gradients[0] / gradients[-1]

    assert 2e6 < 1 / read("sigmoid", "PyTorch's own")[1] < 3e6
    assert read("tanh", "PyTorch's own")[1] == pytest.approx(0.2, abs=0.05)
    assert 1 / read("ReLU", "PyTorch's own")[1] == pytest.approx(50, abs=15)
    assert read("ReLU", "He")[1] > 1
    assert read("ReLU", "normal, deviation 1")[0].min() > 1e6
    small, ratio = read("ReLU", "normal, deviation 0.01")
    assert small.max() < 3e-10
    assert 0.5 < ratio < 2


def test_with_batch_norm_the_loss_is_least_at_a_larger_rate():
    mnist = load_mnist(MNIST_SAMPLE)
    data = mnist.train_images[:3500, None], mnist.train_labels[:3500]
    least = {}
    for norm in (False, True):
        lrs, losses = find_lr(LESSON["start_as_he"](LESSON["build"](norm=norm)), data)
        least[norm] = float(lrs[np.nanargmin(smooth(losses))])
    assert 0.001 < least[False] < least[True]
    assert 0.01 < least[True] < 0.2


@pytest.mark.parametrize("name", ["sigmoids with batch norm", "tanh, Xavier", "leaky, He", "plain"])
def test_a_deep_network_may_be_cured_in_many_ways(name):
    def cured(n_hidden):
        layers, width = [nn.Flatten()], 784
        for _ in range(n_hidden):
            layers.append(nn.Linear(width, 60))
            if name == "tanh, Xavier":
                nn.init.xavier_uniform_(layers[-1].weight)
            if name in ("leaky, He", "plain"):
                nn.init.kaiming_normal_(layers[-1].weight)
            layers += {
                "sigmoids with batch norm": [nn.BatchNorm1d(60), nn.Sigmoid()],
                "tanh, Xavier": [nn.Tanh()],
                "leaky, He": [nn.LeakyReLU(0.01)],
                "plain": [nn.ReLU()],
            }[name]
            width = 60
        return nn.Sequential(*layers, nn.Linear(width, 10))

    assert examine(CURE, cured).status == "right"


class ByHand(nn.Module):
    """A network in a class of its own, with a function between its layers."""

    def __init__(self, n_hidden, bend):
        super().__init__()
        sizes = [784, *[60] * n_hidden, 10]
        self.layers, self.bend = nn.ModuleList(map(nn.Linear, sizes, sizes[1:])), bend
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight)

    def forward(self, X):
        h = X.flatten(1)
        for layer in self.layers[:-1]:
            h = self.bend(layer(h))
        return self.layers[-1](h)


def lazy(n_hidden):
    parts = (nn.LazyLinear, nn.LazyBatchNorm1d, nn.ReLU)
    hidden = [
        part(60) if part is nn.LazyLinear else part() for _ in range(n_hidden) for part in parts
    ]
    return nn.Sequential(nn.Flatten(), *hidden, nn.LazyLinear(10))


def test_layers_that_learn_their_sizes_later_are_right():
    assert examine(CURE, lazy).status == "right"


def test_a_class_of_ones_own_needs_bends_too():
    assert examine(CURE, lambda n_hidden: ByHand(n_hidden, torch.relu)).status == "right"
    verdict = examine(CURE, lambda n_hidden: ByHand(n_hidden, lambda h: h))
    assert verdict.status == "wrong"
    assert verdict.mistake.hint.startswith("Nothing bends between the layers")


def test_a_layer_without_weights_is_not_taken_for_a_passed_network():
    def cured(n_hidden):
        network = mlp((60,) * n_hidden)
        for layer in network:
            nn.init.kaiming_normal_(layer.weight)
        return network

    assert "Not every layer has weights" in examine(CURE, cured).mistake.hint
    verdict = examine(CURE, mlp((60,) * 8))
    assert "You pass a network" in verdict.mistake.hint


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_equal_weights_are_told_from_small_ones(value):
    def equal(n_hidden):
        network = nn.Sequential(nn.Flatten(), *mlp((60,) * n_hidden)[1:])
        for part in network.parameters():
            nn.init.constant_(part, value)
        return network

    assert "All weights of a layer are equal" in examine(CURE, equal).mistake.hint


@pytest.mark.parametrize(("line", "left"), [("v", "s is not yet"), ("s", "v is not yet")])
def test_one_correction_of_adam_mended_is_told_from_two(line, left):
    def step(w, g, v, s, t, lr):
        v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
        v_hat = v / (1 - (0.9**t if line == "v" else 0.9 * t))
        s_hat = s / (1 - (0.999**t if line == "s" else 0.999 * t))
        return w - lr * v_hat / (s_hat.sqrt() + 1e-8), v, s

    assert left in examine(ADAM, step).mistake.hint


def test_the_best_epoch_is_chosen_where_patience_never_runs_out():
    def stop(val_loss, patience):
        best, last = STOP.reference(val_loss, patience)
        return (best, last) if last - best >= patience else (last, last)

    assert "never runs out you choose the last" in examine(STOP, stop).mistake.hint


def test_to_compare_with_the_epoch_patience_before_is_not_enough():
    def stop(val_loss, patience):
        for epoch in range(patience, len(val_loss)):
            if val_loss[epoch] >= val_loss[epoch - patience]:
                return epoch - patience + 1, epoch + 1
        return val_loss.index(min(val_loss)) + 1, len(val_loss)

    assert "patience epochs before" in examine(STOP, stop).mistake.hint


if FULL:

    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_all_remedies_together_read_ninety_seven_percent_of_the_official_digits(seed):
        sample, full = load_mnist(MNIST_SAMPLE), load_mnist(FULL)
        model = LESSON["start_as_he"](LESSON["build"](norm=True, seed=seed))
        fit(
            model,
            (sample.train_images[:, None], sample.train_labels),
            n_epochs=16,
            lr=0.01,
            schedule=one_cycle,
            augment=LESSON["vary"],
            device="cpu",
            seed=seed,
            progress=False,
        )
        X, y = full.test_images[:, None], full.test_labels
        assert 0.967 <= evaluate(model, X, y).accuracy <= 0.98
