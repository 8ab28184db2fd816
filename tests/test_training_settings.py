"""What `fit` accepts, and what it refuses before the first step and leaves as it was."""

import functools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import lr_scheduler

from course_utils.training import EarlyStopping, evaluate, fit, one_cycle, predict
from course_utils.training.batches import batches, training_sizes

quiet = functools.partial(fit, progress=False, device="cpu")
generator = torch.Generator().manual_seed(0)
X, Y = torch.randn(30, 4, generator=generator), torch.arange(30) % 3
CPU = torch.device("cpu")


def linear(n_in=4, n_out=3):
    torch.manual_seed(0)
    return nn.Linear(n_in, n_out)


def normed(*layers):
    return nn.Sequential(linear(4, 6), nn.BatchNorm1d(6), *layers, nn.Linear(6, 3))


class Returning(nn.Module):
    """A model whose forward makes something of its logits."""

    def __init__(self, make):
        super().__init__()
        self.layer, self.make = linear(), make

    def forward(self, X):
        return self.make(self.layer(X))


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": np.int64(16), "n_epochs": np.int32(2), "schedule": one_cycle},
        {"batch_size": torch.tensor(16), "lr": np.float32(0.1)},
        {"schedule": lr_scheduler.CosineAnnealingLR},
        {"lr": 0},
        {"augment": lambda X: X.double()},
        {"augment": lambda X: (255 * X.clamp(0, 1)).byte()},
    ],
)
def test_what_is_natural_is_accepted(settings):
    history = quiet(linear(), (X, Y), **settings)
    assert all(map(math.isfinite, history.train_loss))


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_fit_learns_where_gradients_are_off_on_data_that_were_made_there(off):
    model = linear()
    before = model.weight.clone()
    with off():
        quiet(model, (X + 0, Y + 0))
    assert not torch.equal(model.weight, before)
    assert torch.equal(model.weight, (lambda twin: quiet(twin, (X, Y)) and twin)(linear()).weight)


def test_models_that_are_wrapped_or_lazy_train():
    for model in (torch.compile(linear(), backend="eager"), nn.DataParallel(linear())):
        quiet(model, (X, Y), n_epochs=1)
    lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(3))
    quiet(lazy, (X, Y), n_epochs=1)
    assert lazy[1].weight.shape == (3, 4)


def test_data_that_ask_for_gradients_get_none():
    wanting = X.clone().requires_grad_()
    model = linear()
    quiet(model, (wanting, Y), val=(wanting, Y), n_epochs=1)
    assert wanting.grad is None
    assert all(parameter.grad is None for parameter in model.parameters())


def spoilt():
    model = linear()
    with torch.no_grad():
        model.weight[0, 0] = math.nan
    return model


def listed():
    model = nn.Module()
    model.layers = [linear()]
    return model


def made(model):
    return isinstance(model, nn.Module)


def of_another(make_scheduler):
    return make_scheduler(torch.optim.SGD(linear().parameters(), lr=0.1), 5)


def cross_entropy(reduction):
    return lambda z, y: F.cross_entropy(z, y, reduction=reduction)


REFUSED = {
    "a class as model": (lambda: nn.Linear, {}, r"class Linear.*Linear\(\.\.\.\)"),
    "a function as model": (lambda: torch.relu, {}, "must be an nn.Module"),
    "nothing to train": (nn.Flatten, {}, "no parameters"),
    "all frozen": (lambda: linear().requires_grad_(False), {}, r"requires_grad_\(True\)"),
    "spoilt weights": (spoilt, {}, "hold nan or inf"),
    "a list of layers": (listed, {}, "ModuleList"),
    "a tuple comes back": (lambda: Returning(lambda z: (z, z)), {}, "tensor of logits, got tuple"),
    "a dict comes back": (lambda: Returning(lambda z: {"z": z}), {}, "tensor of logits, got dict"),
    "nothing comes back": (lambda: Returning(lambda z: None), {}, "add a return"),
    "no slope comes back": (lambda: Returning(torch.Tensor.detach), {}, "no slope"),
    "n_epochs=True": (linear, {"n_epochs": True}, "n_epochs must be a whole number"),
    "n_epochs=1.5": (linear, {"n_epochs": 1.5}, "n_epochs must be a whole number"),
    "batch_size as text": (linear, {"batch_size": "64"}, "batch_size must be a whole number"),
    "lr as text": (linear, {"lr": "0.1"}, "lr must be a number"),
    "lr nan": (linear, {"lr": math.nan}, "lr must be a number"),
    "lr infinite": (linear, {"lr": math.inf}, "lr must be a number"),
    "lr negative": (linear, {"lr": -0.1}, "lr must be a number"),
    "clip_norm as text": (linear, {"clip_norm": "1"}, "clip_norm must be"),
    "loss as class": (
        linear,
        {"loss_fn": nn.CrossEntropyLoss},
        r"brackets.*nn\.CrossEntropyLoss\(\)",
    ),
    "loss as text": (linear, {"loss_fn": "mse"}, "loss_fn must be a function"),
    "a sum": (linear, {"loss_fn": nn.CrossEntropyLoss(reduction="sum")}, 'reduction="mean"'),
    "a sum in a partial": (
        linear,
        {"loss_fn": functools.partial(F.cross_entropy, reduction="sum")},
        'reduction="mean"',
    ),
    "a sum in a lambda": (linear, {"loss_fn": cross_entropy("sum")}, "got its sum"),
    "a loss for each": (linear, {"loss_fn": cross_entropy("none")}, "one number"),
    "a loss as float": (
        linear,
        {"loss_fn": lambda z, y: F.cross_entropy(z, y).item()},
        "got float",
    ),
    "a loss without slope": (
        linear,
        {"loss_fn": lambda z, y: F.cross_entropy(z, y).detach()},
        "no slope",
    ),
    "no loss": (linear, {"loss_fn": lambda z, y: None}, "got NoneType"),
    "LBFGS": (linear, {"optimizer": torch.optim.LBFGS}, "several times a step"),
    "SparseAdam": (linear, {"optimizer": torch.optim.SparseAdam}, "sparse=True"),
    "an optimizer that takes no lr": (
        linear,
        {"optimizer": lambda params: torch.optim.SGD(params, lr=0.1), "lr": 0.1},
        "could not be made",
    ),
    "an optimizer that is none": (linear, {"optimizer": lambda params: None}, "returns NoneType"),
    "ReduceLROnPlateau": (linear, {"schedule": lr_scheduler.ReduceLROnPlateau}, "one_cycle"),
    "ReduceLROnPlateau, made": (
        linear,
        {"schedule": lambda o, n: lr_scheduler.ReduceLROnPlateau(o)},
        "one_cycle",
    ),
    "a class of schedule": (
        linear,
        {"schedule": lr_scheduler.ExponentialLR},
        "lambda optimizer, n_steps: ExponentialLR",
    ),
    "a schedule as text": (linear, {"schedule": "one_cycle"}, "import one_cycle"),
    "a schedule, made": (linear, {"schedule": of_another(one_cycle)}, "must be a function"),
    "a schedule that returns nothing": (
        linear,
        {"schedule": lambda o, n: None},
        "forget to return",
    ),
    "a schedule of another": (
        linear,
        {"schedule": lambda o, n: of_another(one_cycle)},
        "another optimizer",
    ),
    "early stopping as a number": (linear, {"early_stopping": 3, "val": (X, Y)}, "patience=3"),
    "early stopping without val": (linear, {"early_stopping": EarlyStopping(3)}, "val="),
    "augment returns nothing": (linear, {"augment": lambda X: None}, "forget to return"),
    "augment loses samples": (linear, {"augment": lambda X: X[:3]}, "as many samples"),
    "augment loses features": (
        linear,
        {"augment": lambda X: X[:, :2]},
        "augment has changed the shape",
    ),
    "val of another shape": (linear, {"val": (X[:, :2], Y)}, "val: the model cannot take"),
    "val of other classes": (linear, {"val": (X, Y + 3)}, "val: labels run from 3 to 5"),
    "val no pair": (linear, {"val": X}, "val: data must be a pair"),
    "batches of one": (normed, {"batch_size": 1}, "batch_size of at least 2"),
    "a device of another name": (linear, {"device": "gpu"}, "device must be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_what_to_do_and_leaves_weights_and_random_numbers_as_they_were(name):
    make, settings, message = REFUSED[name]
    model = make()
    state = {k: v.clone() for k, v in model.state_dict().items()} if made(model) else {}
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    with pytest.raises(ValueError, match=message):
        fit(model, (X, Y), **{"progress": False, "device": "cpu"} | settings)
    assert torch.equal(torch.rand(1), expected)
    for key, value in state.items():
        assert torch.allclose(model.state_dict()[key], value, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("ask", [predict, lambda model, X: evaluate(model, X, Y)])
@pytest.mark.parametrize("model", [nn.Linear, torch.relu, "linear"])
def test_who_asks_needs_a_model_too(ask, model):
    with pytest.raises(ValueError, match="model"):
        ask(model, X)


@pytest.mark.parametrize(
    "data",
    [
        torch.utils.data.TensorDataset(X, Y),
        torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), batch_size=7),
        torch.utils.data.DataLoader([(x, int(y)) for x, y in zip(X, Y, strict=True)]),
    ],
)
def test_data_sets_and_loaders_are_told_how_to_become_a_pair(data):
    with pytest.raises(ValueError, match=r"must be a pair \(X, y\) of tensors") as caught:
        quiet(linear(), data)
    if "tensors holds" in str(caught.value):
        code = str(caught.value).split("; ")[-1].split(" holds")[0]
        quiet(linear(), eval(code, {"data": data}))


def test_an_optimizer_from_before_a_layer_was_replaced_is_refused():
    model = nn.Sequential(linear(4, 6), nn.ReLU(), nn.Linear(6, 5))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model[2] = nn.Linear(6, 3)
    with pytest.raises(ValueError, match="was a layer replaced"):
        quiet(model, (X, Y), optimizer=optimizer)


def test_an_optimizer_of_a_part_of_the_model_is_warned_of_unless_the_rest_is_frozen(recwarn):
    model = nn.Sequential(linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    optimizer = torch.optim.SGD(model[2].parameters(), lr=0.1)
    with pytest.warns(UserWarning, match="holds 2 of the model's 4 parameters"):
        quiet(model, (X, Y), optimizer=optimizer)
    recwarn.clear()
    model[0].requires_grad_(False)
    quiet(model, (X, Y), optimizer=optimizer)
    assert not recwarn.list


def test_an_optimizer_of_two_groups_trains_both_at_their_rates():
    model = nn.Sequential(linear(4, 6), nn.Linear(6, 3))
    before = [part.weight.clone() for part in model]
    groups = [{"params": model[0].parameters(), "lr": 0.0}, {"params": model[1].parameters()}]
    quiet(model, (X, Y), optimizer=torch.optim.SGD(groups, lr=0.1), schedule=one_cycle)
    assert torch.equal(model[0].weight, before[0])
    assert not torch.equal(model[1].weight, before[1])


# ---- batches


@pytest.mark.parametrize(("n", "batch_size"), [(5, 4), (65, 64), (9, 2), (3, 2)])
def test_a_single_sample_left_over_goes_into_the_batch_before(n, batch_size):
    model, steps = normed(), []

    def schedule(optimizer, n_steps):
        steps.append(n_steps)
        return one_cycle(optimizer, n_steps)

    data = (torch.randn(n, 4, generator=generator), torch.arange(n) % 3)
    history = quiet(model, data, batch_size=batch_size, n_epochs=2, schedule=schedule)
    sizes = training_sizes(n, batch_size)
    assert steps == [2 * len(sizes)]
    assert sum(sizes) == n
    assert min(sizes) > 1
    assert len(history) == 2


def test_each_sample_is_in_one_batch_of_an_epoch_and_only_a_training_merges_them():
    rows = torch.arange(9)[:, None].float()
    for order, sizes in ((None, [4, 4, 1]), (torch.randperm(9), [4, 5])):
        parts = [X for X, _ in batches(rows, torch.arange(9), 4, CPU, order)]
        assert [len(part) for part in parts] == sizes
        assert torch.cat(parts).flatten().sort().values.equal(rows.flatten())


def test_one_sample_trains_without_batch_norm_and_where_batch_norm_sees_many_pixels():
    quiet(linear(), (X[:1], Y[:1]))
    pictures = torch.rand(6, 1, 8, 8, generator=generator)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(72, 3))
    quiet(model, (pictures, Y[:6]), batch_size=1)
    with pytest.raises(ValueError, match=r"BatchNorm1d compares.*train on more"):
        quiet(normed(), (X[:1], Y[:1]))


class Frozen(nn.BatchNorm1d):
    """Batch norm that stays in eval mode, as where a trained network is tuned."""

    def train(self, mode=True):
        return super().train(False)


def test_batch_norm_that_does_not_learn_needs_no_company():
    model = nn.Sequential(linear(4, 6), Frozen(6), nn.Linear(6, 3))
    quiet(model, (X, Y), batch_size=1, n_epochs=1)


# ---- the schedule


OPTIMIZERS = ("SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW", "NAdam", "Adamax", "Rprop")


def moved(model, optimizer, **settings):
    before = model.weight.detach().clone()
    quiet(model, (X, Y), optimizer=optimizer, n_epochs=3, batch_size=5, **settings)
    return (model.weight.detach() - before).norm().item()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_cycle_moves_the_rate_of_any_optimizer_and_gives_it_back(name):
    model = linear()
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.1)
    before = {k: v for k, v in optimizer.param_groups[0].items() if k != "params"}
    first, second = (moved(model, optimizer, schedule=one_cycle) for _ in range(2))
    assert second > first / 20
    after = optimizer.param_groups[0]
    assert {key: after[key] for key in before} == before


def test_one_cycle_gives_no_momentum_to_who_has_none_and_takes_none_away():
    for name, momentum in (("SGD", 0.0), ("SGD", 0.9), ("RMSprop", 0.0)):
        optimizer = getattr(torch.optim, name)(linear().parameters(), lr=0.1, momentum=momentum)
        scheduler = one_cycle(optimizer, 20)
        for _ in range(20):
            assert optimizer.param_groups[0]["momentum"] == momentum
            optimizer.step(), scheduler.step()


def test_one_cycle_mirrors_the_rate_in_adams_beta1():
    optimizer = torch.optim.Adam(linear().parameters(), lr=0.1)
    scheduler, seen = one_cycle(optimizer, 30), []
    for _ in range(30):
        group = optimizer.param_groups[0]
        seen.append((group["lr"], group["betas"]))
        optimizer.step(), scheduler.step()
    assert {beta2 for _, (_, beta2) in seen} == {0.999}
    assert max(seen)[1][0] == pytest.approx(0.85)
    assert seen[0][1][0] == seen[-1][1][0] == pytest.approx(0.95)


def test_a_cycle_after_an_interrupted_one_has_the_same_peak_unless_the_rate_was_set_by_hand():
    optimizer = torch.optim.SGD(linear().parameters(), lr=0.4)

    def peak(n_steps):
        scheduler, rates = one_cycle(optimizer, 50), []
        for _ in range(n_steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step(), scheduler.step()
        return max(rates)

    peak(40)
    assert optimizer.param_groups[0]["lr"] < 0.1
    assert peak(50) == pytest.approx(0.4)
    peak(40)
    optimizer.param_groups[0]["lr"] = 0.05
    assert peak(50) == pytest.approx(0.05)


@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_a_cycle_of_few_steps_moves_something(n_steps):
    model = linear()
    before = model.weight.detach().clone()
    quiet(
        model, (X, Y), optimizer=torch.optim.SGD, lr=1.0, n_epochs=n_steps, batch_size=30,
        schedule=one_cycle,
    )  # fmt: skip
    assert (model.weight - before).norm() > 0.01


# ---- a loss that is not finite


def test_a_loss_that_is_nan_before_anything_was_learned_does_not_blame_the_rate():
    with pytest.raises(ValueError, match="before anything was learned") as caught:
        quiet(linear(), (X, Y), loss_fn=lambda z, y: F.cross_entropy(z, y) * math.nan)
    assert "learning rate" not in str(caught.value)
