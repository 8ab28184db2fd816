"""A model is trained and asked at the same time, by two threads, as in JupyterLab."""

import copy
import threading

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.canvas.reading import read
from course_utils.explorers.depth import gradient_thermometer
from course_utils.explorers.lr_finder import lr_finder
from course_utils.microscope.evidence import adversary, occlusion, saliency
from course_utils.microscope.gradients import gradient_reach
from course_utils.microscope.layers import layers_of
from course_utils.microscope.rows import row_probabilities
from course_utils.models import VAE, RowLSTM, load_pretrained
from course_utils.models.lending import borrowed, device_of, lent, rebound, snapshot
from course_utils.training import evaluate, find_lr, fit, predict

CPU = torch.device("cpu")


class Keeping(nn.Module):
    """A network with everything in it that makes a copy hard, and a mode that counts."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 32), nn.BatchNorm1d(32), nn.Dropout(0.3), nn.Linear(32, 10)
        )
        self.parts = [self.layers[1], self.layers[4]]  # a list beside the registered ones
        self.lock, self.generator = threading.Lock(), torch.Generator()
        self.seen, self.n_calls, self.modes = None, 0, []

    def forward(self, X):
        """Return logits (N, 10); keep the hidden values, and in which mode a gradient was taken."""
        if torch.is_grad_enabled():
            self.modes.append((id(self), self.training))
        self.n_calls += 1
        self.seen = self.parts[0](X.flatten(1))
        return self.layers(X)


def digits(n=256):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(n, 1, 28, 28, generator=generator), torch.arange(n) % 10


def new(kind=Keeping):
    torch.manual_seed(0)
    return kind()


def modes_of_steps(model):
    """In which modes the model itself, and none of its copies, was called with gradients."""
    return {training for who, training in model.modes if who == id(model)}


class Beside:
    """Call something again and again in a second thread, as long as the block lasts."""

    def __init__(self, *calls):
        self.calls, self.done, self.n, self.errors = calls, threading.Event(), 0, []
        self.thread = threading.Thread(target=self._run, name="subshell")

    def _run(self):
        while not self.done.is_set():
            for call in self.calls:
                try:
                    call()
                except Exception as error:
                    self.errors.append(error)
                    return
                self.n += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


X, y = digits()
OTHER = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 10))
ASKED = {
    "predict": lambda model: predict(model, X),
    "evaluate": lambda model: evaluate(model, X, y),
    "pad": lambda model: read(model, X[0, 0]),
    "occlusion": lambda model: occlusion(model, X[0, 0], 3),
    "saliency": lambda model: saliency(model, X[0, 0], 3),
    "adversary": lambda model: adversary(model, X[0, 0], 3, 0.1),
    "layers": lambda model: layers_of(model, X[:2]),
    "find_lr": lambda model: find_lr(model, (X, y), n_steps=8),
    "another training": lambda model: fit(OTHER, (X, y), n_epochs=1, progress=False),
    "gradient_reach": lambda model: gradient_reach("LSTM", n_steps=5),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_training_is_the_same_whoever_asks_its_model_meanwhile(name):
    """In train mode at every step, to the last bit of every weight."""
    alone, together = new(), new()
    fit(alone, (X, y), n_epochs=12, batch_size=16, val=digits(64), progress=False)
    with Beside(lambda: ASKED[name](together)) as beside:
        fit(together, (X, y), n_epochs=12, batch_size=16, val=digits(64), progress=False)
    assert beside.errors == []
    assert beside.n >= 2
    assert modes_of_steps(together) == {True}
    assert same(weights(together), weights(alone))
    assert together.training


def test_a_callback_that_says_eval_spoils_no_later_step():
    """As the code of many a slider does: model.eval(), then ask."""
    model = new()

    def loss(logits, y):
        model.eval()
        return F.cross_entropy(logits, y)

    fit(model, (X, y), n_epochs=1, loss_fn=loss, progress=False)
    assert modes_of_steps(model) == {True}


def test_a_training_written_out_by_hand_keeps_its_mode_while_the_model_is_asked():
    """Who asks works on a copy: the mode is not flipped, nor is a gradient left."""
    model = new()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    asked = [ASKED[name] for name in ("predict", "evaluate", "pad", "saliency", "layers")]
    with Beside(*(lambda ask=ask: ask(model) for ask in asked)) as beside:
        for _ in range(150):
            assert model.training
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            assert all(p.grad.isfinite().all() for p in model.parameters())
            optimizer.step()
    assert beside.errors == []
    assert modes_of_steps(model) == {True}
    assert model.layers[2].training


def test_the_random_numbers_of_a_cell_are_the_same_whoever_draws_meanwhile():
    torch.manual_seed(3)
    expected = torch.rand(5)
    torch.manual_seed(3)
    model = VAE(2)
    torch.manual_seed(3)
    predict(model, X)
    evaluate(model, X, X, loss_fn=model.loss)
    read(lambda picture: torch.rand(10), X[0, 0])
    find_lr(model, (X, X), n_steps=3, loss_fn=model.loss)
    gradient_thermometer(X.flatten(1), y)
    assert torch.equal(torch.rand(5), expected)


def test_evaluating_twice_gives_the_same_numbers_also_where_a_model_draws():
    model = new(lambda: VAE(2))
    first, second = (evaluate(model, X, X, loss_fn=model.loss).loss for _ in range(2))
    assert first == second


def test_an_explorer_of_a_model_under_training_answers():
    model = new()
    explorer = lr_finder(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), (X, y))
    rates = explorer.controls["lr"].options
    with Beside(lambda: explorer.set(lr=rates[3][1]), lambda: explorer.set(lr=rates[5][1])) as b:
        fit(model, (X, y), n_epochs=5, batch_size=16, progress=False)
    assert b.errors == []
    assert "Rate" in explorer.says.value


# --- the snapshot --------------------------------------------------------------------------------


def test_a_snapshot_gives_what_the_model_gives_and_shares_no_weight():
    model = new().eval()
    own = snapshot(model)
    assert torch.equal(own(X), model(X))
    before = weights(model)
    with torch.no_grad():
        for parameter in own.parameters():
            parameter.add_(1)
    assert same(weights(model), before)
    assert own.parts[0] is own.layers[1]


def test_a_snapshot_keeps_tied_weights_tied():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    own = snapshot(model)
    assert own[1].weight is own[0].weight
    assert own[1].weight is not model[0].weight


def test_a_snapshot_has_hooks_of_its_own():
    model, calls = nn.Sequential(nn.Linear(3, 3)), []
    model[0].register_forward_hook(lambda *_: calls.append("the model's"))
    own = snapshot(model)
    own[0].register_forward_hook(lambda *_: calls.append("the copy's"))
    model(torch.rand(1, 3))
    assert calls == ["the model's"]
    own(torch.rand(1, 3))
    assert calls == ["the model's", "the model's", "the copy's"]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_snapshot_of_a_recurrent_layer_computes_with_its_own_weights(kind):
    layer = kind(3, 4, num_layers=2, bidirectional=True)
    own, sequence = snapshot(layer), torch.rand(5, 2, 3)
    assert torch.equal(own(sequence)[0], layer(sequence)[0])
    with torch.no_grad():
        layer.weight_hh_l0.zero_()
    assert not torch.equal(own(sequence)[0], layer(sequence)[0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.utils.parametrizations.weight_norm(nn.Linear(4, 2)),
        lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(4, 2)),
        lambda: torch.jit.script(nn.Linear(4, 2)),
        lambda: nn.LazyLinear(2),
        lambda: nn.Sequential(nn.Identity(), nn.Sequential(), nn.Linear(4, 2, bias=False)),
        lambda: nn.TransformerEncoderLayer(4, 2, batch_first=True),
    ],
    ids=["weight norm", "spectral norm", "scripted", "lazy", "empty part", "transformer"],
)
def test_unusual_modules_can_be_asked(make):
    model, X = make().eval(), torch.rand(5, 4)
    asked = predict(model, X)
    assert torch.allclose(asked, model(X), atol=1e-6)


def test_a_copy_with_a_kept_activation_can_be_asked_where_deepcopy_refuses():
    model = new()
    model(X).sum().backward()
    with pytest.raises((RuntimeError, TypeError)):
        copy.deepcopy(model)
    assert read(model, X[0, 0]).shape == (10,)
    assert predict(model, X).shape == (256, 10)
    assert len(find_lr(model, (X, y), n_steps=5)[0]) == 5


def test_what_forward_keeps_is_handed_back_to_a_cell_that_asks():
    model = new()
    predict(model, X[:7])
    assert model.seen.shape == (7, 32)
    assert model.n_calls >= 1
    assert model.training
    with Beside(lambda: predict(model, X[:3])):
        pass
    assert model.seen.shape == (7, 32)  # another thread's asking is not this cell's


def test_a_loss_that_needs_what_forward_kept_gets_it():
    """Bound to the model, as a VAE's, or a function that looks at the model."""
    torch.manual_seed(0)
    vae, model = VAE(2), new()
    assert evaluate(vae, X, X, loss_fn=vae.loss).loss > 0
    assert find_lr(vae, (X, X), n_steps=5, loss_fn=vae.loss)[1].isfinite().all()

    def loss(logits, y):
        return F.cross_entropy(logits, y) + (model.seen[:, :10] - logits).square().mean()

    model.eval()
    by_hand = loss(model(X), y).item()
    assert evaluate(model, X, y, loss_fn=loss).loss == pytest.approx(by_hand, abs=1e-5)
    losses = find_lr(model, (X, y), n_steps=5, batch_size=256, loss_fn=loss)[1]
    assert losses.isfinite().all()


def test_only_a_method_of_the_model_itself_is_bound_to_its_copy():
    model, other = VAE(2), VAE(2)
    own = snapshot(model)
    assert rebound(model.loss, model, own).__self__ is own
    assert rebound(other.loss, model, own).__self__ is other
    assert rebound(F.mse_loss, model, own) is F.mse_loss


def test_borrowing_leaves_modes_gradients_and_weights_as_they_were():
    model = new()
    model.layers[2].eval()
    F.cross_entropy(model(X), y).backward()
    modes = [part.training for part in model.modules()]
    gradients = [p.grad.clone() for p in model.parameters()]
    before = weights(model)
    for name in ("predict", "evaluate", "pad", "saliency", "adversary", "layers", "find_lr"):
        ASKED[name](model)
    assert [part.training for part in model.modules()] == modes
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), gradients, strict=True))
    assert same(weights(model), before)


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("translator", lambda model: model.translate(["the third of march 1987"])),
        ("captioner", lambda model: model.caption(torch.zeros(1, 1, 28, 84))),
        ("rows", lambda model: row_probabilities(model, X[:2, 0])),
    ],
)
def test_models_that_ask_themselves_keep_the_modes_of_their_parts(name, ask):
    model = load_pretrained(name, "cpu").train()
    next(model.children()).eval()
    modes = [part.training for part in model.modules()]
    ask(model)
    assert [part.training for part in model.modules()] == modes


def test_a_model_is_not_moved_where_it_is_already():
    model = new()
    model.to = lambda device: pytest.fail("it was moved")
    with lent(model, CPU):
        pass
    with borrowed(model) as asked:
        assert device_of(asked) == CPU
    fit(model, (X, y), n_epochs=1, progress=False)


def test_a_training_ends_without_gradients_left():
    model = RowLSTM()
    fit(model, (X[:64], y[:64]), n_epochs=1, progress=False)
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_a_training_takes_gradients_where_they_were_switched_off(off):
    model = new()
    before = weights(model)
    with off():
        fit(model, (X, y), n_epochs=1, progress=False)
    assert not same(weights(model), before)
