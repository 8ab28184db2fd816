"""fit, evaluate and predict: the numbers, the promises and the refusals."""

import functools
import io
import math
import signal

import pytest
import torch
import torch.nn.functional as F
from lab import PATIENCE
from torch import nn

from course_utils.figures import plots
from course_utils.training import (
    DivergedError,
    EarlyStopping,
    History,
    accuracy,
    evaluate,
    evaluation,
    fit,
    loop,
    one_cycle,
    predict,
    progress,
)

quiet = functools.partial(fit, progress=False, device="cpu")


def blobs(n=120, n_classes=3):
    """Three clouds of points that a linear model tells apart."""
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(n) % n_classes
    centres = torch.tensor([[0.0, 3.0], [3.0, 0.0], [-3.0, -3.0]])
    return centres[y] + torch.randn(n, 2, generator=generator), y


def linear(n_in=2, n_out=3):
    torch.manual_seed(0)
    return nn.Linear(n_in, n_out)


def interrupting(after, value=None):
    """Return a function that raises KeyboardInterrupt at its call number `after`."""
    calls = 0

    def call(*arguments):
        nonlocal calls
        calls += 1
        if calls == after:
            raise KeyboardInterrupt
        return value(*arguments) if value else arguments[0]

    return call


def test_fit_does_exactly_what_the_loop_written_by_hand_does():
    X, y = blobs()
    ours, theirs = linear(), linear()
    optimizer = torch.optim.SGD(ours.parameters(), lr=0.1)
    generator, losses = torch.Generator().manual_seed(3), []
    for _ in range(2):
        total = 0.0
        for index in torch.randperm(len(X), generator=generator).split(32):
            loss = F.cross_entropy(ours(X[index]), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(index)
        losses.append(total / len(X))
    history = quiet(
        theirs, (X, y), n_epochs=2, batch_size=32, lr=0.1, optimizer=torch.optim.SGD, seed=3
    )
    assert torch.equal(ours.weight, theirs.weight)
    assert history.train_loss == pytest.approx(losses)


def test_fit_learns_and_measures_one_number_an_epoch():
    model, data = linear(), blobs()
    history = quiet(model, data, val=data, n_epochs=4, lr=0.05)
    assert len(history) == 4
    assert all(len(getattr(history, n)) == 4 for n in ("train_loss", "val_loss", "lr"))
    assert history.train_loss[-1] < history.train_loss[0] / 2
    assert history.last["val_accuracy"] == evaluate(model, *data).accuracy > 0.95
    assert history.last["val_loss"] == pytest.approx(evaluate(model, *data).loss)


def test_without_validation_there_are_no_validation_numbers():
    history = quiet(linear(), blobs(), n_epochs=2)
    assert history.val_loss == history.val_accuracy == []
    assert set(history.last) == {"train_loss", "train_accuracy", "lr"}


def test_same_seed_same_numbers_dropout_included():
    def run(seed):
        model = nn.Sequential(linear(2, 16), nn.Dropout(0.5), linear(16, 3))
        torch.rand(int(torch.randint(1, 9, ()))), torch.seed()
        return quiet(model, blobs(), n_epochs=2, seed=seed)

    assert run(1) == run(1)
    assert run(1).train_loss != run(2).train_loss


def test_random_augmentation_depends_on_the_seed():
    def drawn(seed):
        draws = []
        quiet(
            linear(), blobs(), augment=lambda X: draws.append(torch.rand(1).item()) or X, seed=seed
        )
        return draws

    assert drawn(1) == drawn(1)
    assert drawn(1)[0] != drawn(2)[0]


def test_random_numbers_outside_go_on_as_if_fit_had_not_been_called():
    model = nn.Sequential(linear(), nn.Dropout())
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    quiet(model, blobs(), n_epochs=1)
    assert torch.equal(torch.rand(3), expected)


def test_model_comes_back_in_the_mode_in_which_it_came_part_by_part():
    X, y = blobs()
    model = nn.Sequential(linear(), nn.BatchNorm1d(3), nn.Dropout())
    model.train()
    model[1].eval()
    for use in (
        lambda: quiet(model, (X, y)),
        lambda: evaluate(model, X, y),
        lambda: predict(model, X),
    ):
        use()
        assert [m.training for m in model.modules()] == [True, True, False, True]


def test_model_comes_back_in_its_mode_after_an_error():
    model = linear().eval()
    with pytest.raises(ValueError, match="labels run"):
        quiet(model, (torch.rand(4, 2), torch.tensor([0, 1, 2, 9])))
    assert not model.training


def test_model_goes_to_the_device_and_comes_home(monkeypatch):
    moves, model = [], linear()
    monkeypatch.setattr(model, "to", lambda on: moves.append(str(on)))
    quiet(model, blobs(), n_epochs=1)
    assert moves == []  # it was there already
    monkeypatch.setattr(loop, "get_device", lambda name: torch.device("meta"))
    monkeypatch.setattr(loop, "prepared", interrupting(1))
    fit(model, blobs())
    assert moves == ["meta"]  # the pretended move leaves it at home, so it need not come back


def test_training_runs_in_train_mode_and_measuring_in_eval_mode():
    seen = []

    class Watcher(nn.Linear):
        def forward(self, X):
            seen.append((self.training, torch.is_grad_enabled()))
            return super().forward(X)

    data = blobs(10)
    quiet(Watcher(2, 3), data, val=data, n_epochs=1)
    assert seen[-2:] == [(True, True), (False, False)]


def test_second_call_goes_on_from_the_weights():
    model, data = linear(), blobs()
    first = quiet(model, data, n_epochs=1, lr=0.01)
    second = quiet(model, data, n_epochs=1, lr=0.01)
    assert second.train_loss[0] < first.train_loss[0]


def test_uint8_pixels_are_scaled_to_one_and_float64_becomes_float32():
    model, (_, y) = linear(4, 3), blobs(30)
    pixels = torch.randint(0, 256, (30, 4), dtype=torch.uint8)
    assert torch.equal(predict(model, pixels), predict(model, pixels.double() / 255))
    assert evaluate(model, pixels, y) == evaluate(model, pixels.float() / 255, y)
    ours, theirs = linear(4, 3), linear(4, 3)
    quiet(ours, (pixels, y)), quiet(theirs, (pixels.double() / 255, y))
    assert torch.equal(ours.weight, theirs.weight)
    assert pixels.dtype == torch.uint8


def test_large_data_stay_where_they_are_and_give_the_same_numbers(monkeypatch):
    history = quiet(linear(), blobs())
    monkeypatch.setattr(evaluation, "MOVE_AT_ONCE", 0)
    assert quiet(linear(), blobs()) == history


def test_augment_changes_the_training_batches_only():
    data, batches = blobs(10), []
    history = quiet(
        linear(), data, val=data, n_epochs=1, augment=lambda X: batches.append(X) or X * 0
    )
    assert [batch.shape for batch in batches] == [(10, 2)]
    assert history.train_loss != history.val_loss


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool])
def test_yes_or_no_models_train_with_the_binary_cross_entropy(shape, dtype):
    X, y = blobs(n_classes=2)
    torch.manual_seed(0)
    last = nn.Flatten(0) if shape == (-1,) else nn.Identity()
    model = nn.Sequential(nn.Linear(2, 1), last)
    loss_fn = F.binary_cross_entropy_with_logits
    quiet(model, (X, y.to(dtype)), loss_fn=loss_fn, lr=0.1)
    measured = evaluate(model, X, y.to(dtype), loss_fn=loss_fn)
    assert measured.accuracy > 0.95
    logits = predict(model, X).flatten()
    assert measured.loss == pytest.approx(loss_fn(logits, y.float()).item(), rel=1e-5)
    assert measured.accuracy == int(((logits > 0) == y.bool()).sum()) / len(y)


def test_numbers_are_learnt_with_a_loss_of_numbers_and_have_no_accuracy():
    X = torch.linspace(-1, 1, 60)[:, None]
    y = torch.cat([2 * X, X - 1], dim=1)
    model = linear(1, 2)
    history = quiet(model, (X, y.double()), val=(X, y), loss_fn=F.mse_loss, lr=0.05, n_epochs=60)
    assert history.val_loss[-1] < 1e-3
    assert all(map(math.isnan, history.train_accuracy + history.val_accuracy))
    assert torch.allclose(predict(model, X), y, atol=0.1)


def test_numbers_take_the_shape_of_what_the_model_returns_and_are_not_broadcast():
    X = torch.linspace(-1, 1, 30)[:, None]
    column = evaluate(linear(1, 1), X, 3 * X, loss_fn=F.mse_loss)
    assert evaluate(linear(1, 1), X, 3 * X[:, 0], loss_fn=F.mse_loss) == pytest.approx(
        column, nan_ok=True
    )


class Sum(nn.Module):
    """Takes two inputs, whole numbers and floats."""

    def __init__(self):
        super().__init__()
        self.letters, self.layer = nn.Embedding(5, 3), nn.Linear(2, 3)

    def forward(self, letters, X):
        return self.letters(letters) + self.layer(X)


def test_a_model_of_several_inputs_takes_a_tuple_of_tensors():
    X, y = blobs()
    letters = torch.arange(len(X)) % 5
    torch.manual_seed(0)
    model = Sum()
    history = quiet(model, ((letters, X), y), val=((letters, X), y), n_epochs=20, lr=0.1)
    assert history.val_accuracy[-1] > 0.95
    logits = predict(model, (letters, X), batch_size=7)
    assert accuracy(logits, y) == history.val_accuracy[-1]
    with torch.no_grad():
        assert torch.allclose(logits, model(letters, X), atol=1e-6)


def test_several_inputs_that_do_not_fit_are_refused_with_a_remedy():
    X, y = blobs()
    letters = torch.arange(len(X)) % 5
    for inputs, message in (
        ((letters[:-1], X), r"\[119, 120\] samples"),
        ((letters, X.tolist()), r"X\[1\] must be a tensor, got list"),
        ((X,), "cannot take a batch of shape"),
    ):
        with pytest.raises(ValueError, match=message):
            quiet(Sum(), (inputs, y))


def test_labels_that_the_loss_ignores_do_not_count_for_the_accuracy():
    logits = torch.zeros(1, 3, 4)
    logits[0, 2, :] = 1  # says class 2 at each of four steps
    y = torch.tensor([[2, 1, 0, 0]])

    class Says(nn.Module):
        def forward(self, X):
            return logits

    for loss_fn in (
        functools.partial(F.cross_entropy, ignore_index=0),
        nn.CrossEntropyLoss(ignore_index=0),
    ):
        assert evaluate(Says(), torch.zeros(1, 1), y, loss_fn=loss_fn).accuracy == 0.5
    assert evaluate(Says(), torch.zeros(1, 1), y).accuracy == 0.25


def test_clip_norm_shortens_a_long_gradient_and_leaves_a_short_one():
    X, y = blobs()

    def moved(clip_norm):
        model = linear()
        before = model.weight.clone()
        quiet(
            model, (100 * X, y), n_epochs=1, batch_size=len(X), lr=1.0,
            optimizer=torch.optim.SGD, clip_norm=clip_norm,
        )  # fmt: skip
        return (model.weight - before).norm().item()

    free = moved(None)
    assert free > 1
    assert moved(0.5) == pytest.approx(0.5, rel=0.01)
    assert moved(10 * free) == free


def test_evaluate_and_predict_do_not_depend_on_the_batch_size():
    model, (X, y) = linear(), blobs(100)
    assert torch.allclose(predict(model, X, batch_size=7), predict(model, X))
    logits = predict(model, X)
    assert logits.shape == (100, 3)
    assert not logits.requires_grad
    whole, parts = evaluate(model, X, y), evaluate(model, X, y, batch_size=7)
    assert parts.accuracy == whole.accuracy == int((logits.argmax(1) == y).sum()) / 100
    assert parts.loss == pytest.approx(whole.loss)


def test_accuracy_counts_the_right_answers_of_each_kind_of_logits():
    classes = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0], [1.0, 2.0]])
    assert accuracy(classes, torch.tensor([0, 1, 0, 0])) == 0.75
    yes_or_no = torch.tensor([-1.0, 0.3, 2.0, -0.2])
    assert accuracy(yes_or_no, torch.tensor([0.0, 1.0, 0.0, 0.0])) == 0.75
    steps = torch.tensor([[[2.0, 0.0], [1.0, 1.0]]])  # (N, K, T) = (1, 2, 2)
    assert accuracy(steps, torch.tensor([[0, 0]])) == 0.5


def test_one_cycle_rises_to_the_learning_rate_and_falls_to_almost_nothing():
    optimizer = torch.optim.SGD(linear().parameters(), lr=0.5)
    scheduler, rates = one_cycle(optimizer, 50), []
    for _ in range(50):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step(), scheduler.step()
    assert rates[0] == pytest.approx(0.5 / 25)
    assert max(rates) == pytest.approx(0.5)
    assert rates[-1] < 0.001


def test_schedule_moves_after_each_step_and_the_history_keeps_each_epochs_first_rate():
    def halve(optimizer, n_steps):
        assert n_steps == 6
        return torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)

    history = quiet(linear(), blobs(), n_epochs=3, lr=0.8, batch_size=60, schedule=halve)
    assert history.lr == pytest.approx([0.8, 0.2, 0.05])
    quiet(linear(), blobs(10), n_epochs=1, lr=0.1, schedule=one_cycle)  # one step in all


def test_optimizer_may_be_a_class_a_function_or_an_instance():
    def run(optimizer, **settings):
        model = linear()
        quiet(
            model,
            blobs(),
            optimizer=optimizer(model) if settings.pop("made", 0) else optimizer,
            **settings,
        )
        return model.weight

    expected = run(torch.optim.SGD, lr=0.2)
    assert torch.equal(expected, run(lambda params: torch.optim.SGD(params, lr=0.2)))
    assert torch.equal(
        expected, run(lambda model: torch.optim.SGD(model.parameters(), lr=0.2), made=1)
    )
    assert not torch.equal(expected, run(None))


def test_best_state_is_a_copy_of_the_epoch_with_the_least_validation_loss():
    model, data = linear(), blobs()

    def schedule(optimizer, _):
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 if step < 2 else 100)

    history = quiet(model, data, val=data, n_epochs=4, batch_size=120, lr=0.3, schedule=schedule)
    best = min(range(4), key=history.val_loss.__getitem__)
    assert history.best_epoch == best < 3
    assert evaluate(model, *data).loss == pytest.approx(history.val_loss[-1])
    history.load_best(model)
    assert evaluate(model, *data).loss == pytest.approx(history.val_loss[best])
    kept = history.best_state["weight"].clone()
    quiet(model, data, n_epochs=1)
    assert torch.equal(history.best_state["weight"], kept)


def test_first_of_equally_good_epochs_is_the_best():
    data = blobs()
    assert quiet(linear(), data, val=data, n_epochs=3, lr=0.0).best_epoch == 0


def test_early_stopping_stops_after_its_patience_and_leaves_the_best_weights():
    model, data = linear(), blobs()
    wrong = (data[0], (data[1] + 1) % 3)  # the better the model, the worse on these
    history = quiet(
        model, data, val=wrong, n_epochs=50, lr=0.1, early_stopping=EarlyStopping(patience=3)
    )
    assert len(history) == history.best_epoch + 4 < 50
    assert evaluate(model, *wrong).loss == pytest.approx(min(history.val_loss))


@pytest.mark.parametrize(
    ("losses", "min_delta", "stops"),
    [
        ([], 0, False),
        ([1, 2], 0, False),
        ([1, 2, 2], 0, True),
        ([1, 1, 1], 0, True),
        ([1, 2, 0.9, 1], 0, False),
        ([1, 0.95, 0.91], 0.1, True),
        ([1, 0.95, 0.85], 0.1, False),
        ([math.nan, math.nan], 0, True),
    ],
)
def test_early_stopping_counts_epochs_without_progress(losses, min_delta, stops):
    assert EarlyStopping(2, min_delta).says_stop(losses) is stops


class Interrupting(nn.Linear):
    """A model at whose call number `at` somebody presses Ctrl+C."""

    def __init__(self, at):
        super().__init__(2, 3)
        self.at, self.calls = at, 0

    def forward(self, X):
        self.calls += 1
        if self.calls == self.at:
            signal.raise_signal(signal.SIGINT)
        return super().forward(X)


@pytest.mark.parametrize("at", range(1, 16))
def test_interruption_at_any_call_of_the_model_keeps_what_was_finished(at):
    # calls: 1 and 2 are the checks of train and val, then 2 batches and 1 validation an epoch
    model, data = Interrupting(at), blobs(20)
    model.eval()
    history = quiet(model, data, val=data, n_epochs=10, batch_size=10)
    assert history.interrupted
    assert len(history) == max(0, at - 3) // 3
    lengths = {
        len(getattr(history, f"{kind}_{what}"))
        for kind in ("train", "val")
        for what in ("loss", "accuracy")
    }
    assert lengths == {len(history)}
    assert (history.best_state is None) == (len(history) == 0)
    assert not model.training


@pytest.mark.parametrize("where", ["augment", "loss_fn", "schedule", "optimizer"])
def test_interruption_in_the_callers_functions_is_kept_quiet_too(where):
    functions = {
        "augment": interrupting(2),
        "loss_fn": interrupting(3, F.cross_entropy),
        "schedule": interrupting(1),
        "optimizer": interrupting(1),
    }
    history = quiet(linear(), blobs(), **{where: functions[where]})
    assert history.interrupted
    assert repr(history) == "History(0 epochs, interrupted)"


@pytest.mark.parametrize("with_val", [True, False])
@pytest.mark.parametrize(
    "field", ["train_loss", "train_accuracy", "val_loss", "val_accuracy", "lr"]
)
def test_interruption_while_numbers_are_written_down_leaves_no_half_epoch(
    field, with_val, monkeypatch
):
    class Breaking(list):
        def append(self, number):
            if len(self) == 2:
                raise KeyboardInterrupt
            super().append(number)

    if field.startswith("val") and not with_val:
        return
    history, data = History(), blobs(20)
    setattr(history, field, Breaking())
    monkeypatch.setattr(loop, "History", lambda: history)
    quiet(linear(), data, val=data if with_val else None, n_epochs=5)
    lists = [history.train_loss, history.train_accuracy, history.lr]
    lists += [history.val_loss, history.val_accuracy] if with_val else []
    assert [len(numbers) for numbers in lists] == [2] * len(lists)
    assert history.best_epoch < 2


def test_interrupted_training_with_early_stopping_ends_with_the_best_weights():
    data = blobs(20)
    model = Interrupting(at=11)
    history = quiet(
        model, data, val=data, n_epochs=9, lr=0.1, early_stopping=EarlyStopping(5), batch_size=10
    )
    assert history.interrupted
    assert torch.equal(model.weight, history.best_state["weight"])


def test_diverging_loss_is_explained_and_keeps_history_and_best_weights():
    model, (X, y) = nn.Sequential(linear(), nn.Linear(3, 3)), blobs()
    X = X * 1000

    def explode(optimizer, _):
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: 1 if s < 4 else 1e30)

    with pytest.raises(DivergedError, match=r"epoch 3, step \d+.*learning rate.*scale") as caught:
        quiet(
            model,
            (X, y),
            n_epochs=9,
            lr=1e-7,
            batch_size=60,
            optimizer=torch.optim.SGD,
            schedule=explode,
        )
    history = caught.value.history
    assert len(history) == 2
    history.load_best(model)
    assert math.isfinite(evaluate(model, X, y).loss)


def test_nan_in_the_data_is_named_as_the_cause():
    X, y = blobs()
    X[5, 0] = math.nan
    with pytest.raises(ValueError, match="X itself holds nan or inf, in 1 of 120 samples"):
        quiet(linear(), (X, y))
    with pytest.raises(DivergedError, match="the batch itself holds nan or inf; look at augment"):
        quiet(linear(), blobs(), augment=lambda X: X / 0)


X, Y = blobs(12)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X, Y[:-1]), "12 samples and y 11 labels"),
        ((X[:0], Y[:0]), "at least one sample"),
        ((torch.tensor(1.0), Y), "at least one sample"),
        ((X.numpy(), Y), "must be a tensor, got ndarray"),
        ((X, Y.tolist()), "must be a tensor, got list"),
        (X, "must be a pair"),
        (torch.utils.data.TensorDataset(X, Y), "must be a pair"),
        ((X, Y.float()), r"y\.long\(\)"),
        ((X, Y + 1), "labels run from 1 to 3, .* 3 logits .* 4 outputs"),
        ((X, Y - 1), "labels run from -1 to 1"),
        ((X, Y[:, None]), r"y must be \(N,\).*y\.squeeze\(1\)"),
        ((X, F.one_hot(Y)), r"y\.argmax\(1\)"),
        ((X[:, :1], Y), r"cannot take a batch of shape \(2, 1\), float32.*wants \(N, 2\)"),
        ((X.long(), Y), "int64.*wants .* float32"),
        ((X[:, None, None].expand(-1, 4, 4, -1).reshape(12, 4, 8), Y), r"nn\.Flatten\(\)"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_a_remedy(data, message):
    with pytest.raises(ValueError, match=message):
        quiet(linear(), data)
    with pytest.raises(ValueError, match=message):
        quiet(linear(), (X, Y), val=data)
    if isinstance(data, tuple):
        with pytest.raises(ValueError, match=message):
            evaluate(linear(), *data)


class Pair(nn.Linear):
    def forward(self, X):
        return super().forward(X), None


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Flatten(), "Flatten has no parameters to train"),
        (nn.Linear(2, 3).requires_grad_(False), "no parameters to train"),
        (nn.Linear(2, 1), "one output a sample.*a last layer with one output a class"),
        (nn.Sequential(nn.Linear(2, 3), nn.Flatten(0)), "the first axis must stay"),
        (Pair(2, 3), "must return one tensor of logits, got tuple"),
        (nn.Sequential(nn.Conv2d(1, 3, 3)), r"Conv2d, wants \(N, 1, H, W\)"),
    ],
)
def test_models_that_do_not_fit_are_refused_with_a_remedy(model, message):
    with pytest.raises(ValueError, match=message):
        quiet(model, (X, Y))


def test_images_without_a_channel_axis_are_explained():
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.Linear(108, 3))
    with pytest.raises(ValueError, match=r"X\[:, None\]"):
        quiet(model, (torch.rand(12, 8, 8), Y))
    with pytest.raises(ValueError, match=r"X\[:, None\]"):
        predict(model, torch.rand(12, 8, 8))


def another_models():
    return torch.optim.SGD(nn.Linear(2, 3).parameters(), lr=0.1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_epochs": 0}, "n_epochs must be .* got 0"),
        ({"n_epochs": 1.5}, "n_epochs must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"clip_norm": 0}, "clip_norm must be a length above 0"),
        ({"early_stopping": EarlyStopping(2)}, "give fit val="),
        ({"optimizer": "adam"}, "optimizer must be a class"),
        ({"optimizer": another_models()}, "none of this model's parameters"),
        ({"optimizer": another_models(), "lr": 0.1}, "leave lr out"),
        ({"loss_fn": F.binary_cross_entropy_with_logits}, r"gives \(N, 3\), but y is \(12,\)"),
        ({"loss_fn": nn.CrossEntropyLoss(reduction="none")}, "must return one number"),
        ({"device": "gpu"}, "device must be"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_a_remedy(settings, message):
    with pytest.raises(ValueError, match=message):
        fit(linear(), (X, Y), **{"progress": False, "device": "cpu"} | settings)


def test_yes_or_no_labels_must_be_0_and_1():
    with pytest.raises(ValueError, match=r"of 0 and 1, got .* from 0 to 2"):
        quiet(linear(2, 1), (X, Y), loss_fn=F.binary_cross_entropy_with_logits)
    with pytest.raises(ValueError, match="patience must be"):
        EarlyStopping(0)


def test_history_prints_the_same_on_every_machine_and_tells_what_it_lacks():
    history = quiet(linear(), blobs(), n_epochs=1)
    assert repr(history) == str(history) == "History(1 epoch)"
    assert repr(quiet(linear(), blobs(), n_epochs=3)) == "History(3 epochs)"
    with pytest.raises(ValueError, match="the history is empty"):
        _ = History().last
    with pytest.raises(ValueError, match="no best weights"):
        History().load_best(linear())


def test_a_history_of_numbers_plots_its_loss_alone(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "show", lambda fig, *rest: shown.append(fig))
    X = torch.linspace(-1, 1, 30)[:, None]
    plots.plot_history(quiet(linear(1, 1), (X, 2 * X), loss_fn=F.mse_loss))
    assert [ax.get_ylabel() for ax in shown[0].axes] == ["loss"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bar_in_a_terminal_is_one_line_on_stderr(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    fit(linear(), blobs(), n_epochs=2, device="cpu")
    text = terminal.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert "epoch 2 of 2 · loss" in text.rpartition("\r")[2]
    fit(Interrupting(at=4), blobs(), device="cpu")
    assert terminal.getvalue().endswith("stopped\n")


def test_bar_is_silent_where_nobody_watches(capsys):
    fit(linear(), blobs(), n_epochs=1, device="cpu")
    assert capsys.readouterr() == ("", "")


def test_bar_redraws_about_ten_times_a_second(monkeypatch):
    terminal, clock = Terminal(), [100.0]
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with progress.Progress(1000) as bar:
        for n in range(1, 1001):
            clock[0] += 0.001
            bar.update(n, 0.5, 0.5)
    assert 8 <= terminal.getvalue().count("\r") <= 13


@pytest.mark.parametrize(
    ("logits", "y"),
    [
        (torch.ones(3, 1), torch.ones(3)),
        (torch.ones(3), torch.ones(3, dtype=torch.long)),
        (torch.ones(3, 2), torch.zeros(4, dtype=torch.long)),
        (torch.ones(0, 2), torch.zeros(0, dtype=torch.long)),
    ],
)
def test_accuracy_refuses_shapes_that_do_not_fit(logits, y):
    with pytest.raises(ValueError, match="do not fit"):
        accuracy(logits, y)


def test_progress_of_a_long_training_sends_few_messages(monkeypatch):
    drawn, clock = [], [0.0]
    face = type(
        "Face", (), {"draw": lambda self, n, label: drawn.append(n), "close": lambda *_, **__: 0}
    )
    monkeypatch.setattr(progress, "_face", lambda total: face())
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with progress.Progress(60_000) as bar:
        for step in range(60_000):
            clock[0] = step / 100  # ten minutes
            bar.update(step + 1, 1.0, 0.5)
    assert 100 < len(drawn) < 400


def test_fit_in_a_kernel_without_a_page_ends_and_prints_nothing():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    source = """
import torch
from course_utils.training import fit
fit(torch.nn.Linear(2, 3), (torch.rand(99, 2), torch.arange(99) % 3), n_epochs=2, device="cpu")
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3").execute()
    bar, history = notebook.cells[0].outputs
    assert set(bar["data"]) == {"application/vnd.jupyter.widget-view+json"}
    assert history["data"] == {"text/plain": "History(2 epochs)"}
