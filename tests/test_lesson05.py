"""What lesson 05 writes out by hand, beside PyTorch; its exercises; what its recipe reaches.

The official test digits are not part of the bundled sample. Set COURSE_FULL_MNIST to a folder with
the full MNIST, and the recipe is measured on them.
"""

import os
import random

import pytest
import torch
import torch.nn.functional as F
from lesson_code import lesson_definitions
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.exercises.lesson05 import ADAM, STOP
from course_utils.training import EarlyStopping, evaluate, fit, one_cycle

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


@pytest.mark.parametrize(("n_steps", "peak"), [(20, 0.1), (550, 0.01), (1001, 1.0)])
def test_one_cycle_by_hand_is_the_schedule_of_the_course(n_steps, peak):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    schedule = one_cycle(optimizer, n_steps)
    for step in range(n_steps):
        rate = optimizer.param_groups[0]["lr"]
        assert LESSON["our_cycle"](step, n_steps, peak) == pytest.approx(rate, rel=1e-6, abs=1e-12)
        optimizer.step()
        if step < n_steps - 1:
            schedule.step()


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
