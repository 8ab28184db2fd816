"""The course on the pretended accelerator: what would only fail on a GPU fails here.

Whatever takes a device is tried: trainings with every option, questions to models, changes of
pictures, the pad, explorers, shipped models, checks. The lessons themselves run on it in
`test_lessons_on_twin.py`, which `make twin` calls.
"""

import inspect

import gallery
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import device as devices
from course_utils.canvas import DigitPad
from course_utils.canvas.network import pack
from course_utils.canvas.reading import read
from course_utils.datasets import dates, pass_probability
from course_utils.device import Stream, fault_of, found_accelerators, get_device
from course_utils.exercises import find_exercise
from course_utils.exercises.clean import clean_room
from course_utils.exercises.engine import examine, same
from course_utils.explorers.approximation import hidden_layer_explorer
from course_utils.explorers.convolution import convolution_stepper
from course_utils.explorers.digits import mnist_browser
from course_utils.explorers.sample_size import sample_size_slider
from course_utils.explorers.softmax import digit_mover
from course_utils.figures.arrays import to_numpy
from course_utils.ink.augment import warp
from course_utils.ink.disturbances import DISTURBANCES
from course_utils.ink.rain import rain
from course_utils.microscope.evidence import loss_slope, occlusion
from course_utils.microscope.layers import layers_of
from course_utils.microscope.rows import row_probabilities
from course_utils.models import (
    PRETRAINED,
    READERS,
    VAE,
    Captioner,
    Generator,
    NextStep,
    RowLSTM,
    SentimentLSTM,
    Translator,
    discriminator,
    load_pretrained,
    pretrained,
    roll_out,
    save_pretrained,
)
from course_utils.training import (
    Checkpoint,
    DivergedError,
    EarlyStopping,
    evaluate,
    find_lr,
    fit,
    one_cycle,
    predict,
    sample_names,
)
from course_utils.training.generative import dream, gan_step

twin = pytest.importorskip("twin", reason="this PyTorch has no back ends in Python")
TWIN = "twin"


def forget():
    """Let the course look at the machine anew."""
    devices.fault_of.cache_clear()


@pytest.fixture(autouse=True)
def plugged_in(monkeypatch):
    """Plug the device in, alive; after a test that did not mean to end it, it still is."""
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    twin.install()
    forget()
    yield
    lost = twin.module.lost
    twin.remove()
    forget()
    assert not lost, f"on CUDA the session would have ended: {lost}"


@pytest.fixture
def no_float64():
    twin.install(float64=False)


# ---- finding it, and its random numbers


def test_the_device_is_found_and_proved(monkeypatch):
    assert found_accelerators() == ["twin"]
    assert fault_of("twin") == ""
    assert get_device() == torch.device(TWIN)
    monkeypatch.setenv("COURSE_DEVICE", "twin")
    assert get_device() == torch.device(TWIN)


@pytest.mark.parametrize("options", [{"noise": 1e-6}, {"bits": 10}, {"float64": False}], ids=str)
def test_a_device_that_computes_as_devices_do_is_trusted(options):
    twin.install(**options)
    assert fault_of("twin") == ""


def test_a_device_is_proved_where_gradients_are_switched_off():
    for switched_off in (torch.no_grad, torch.inference_mode):
        forget()
        with switched_off():
            assert fault_of("twin") == ""


def test_a_device_that_is_far_off_is_not_trusted():
    twin.install(noise=0.1)
    assert "differ" in fault_of("twin")


def test_streams_and_the_clean_room_leave_the_devices_random_numbers():
    torch.manual_seed(0)
    expected = torch.rand(4, device=TWIN).cpu()
    torch.manual_seed(0)
    stream, drawn = Stream(7, torch.device(TWIN)), []
    for _ in range(2):
        with stream.drawn():
            drawn.append(torch.rand(2, device=TWIN).cpu())
    with clean_room():
        torch.rand(2, device=TWIN)
    assert torch.equal(torch.rand(4, device=TWIN).cpu(), expected)
    with Stream(7, torch.device(TWIN)).drawn():
        assert torch.equal(torch.rand(4, device=TWIN).cpu(), torch.cat(drawn))


# ---- trainings


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 5), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(),
        nn.Linear(144, 10),
    )  # fmt: skip


def digits(n=192):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(n, 1, 28, 28, generator=generator), torch.arange(n) % 10


def as_bytes(n=192):
    X, y = digits(n)
    return (X * 255).to(torch.uint8), y


def yes_or_no(n=192):
    X, y = digits(n)
    return X, (y > 4).float()


class Dropping(nn.Module):
    """Flattens, drops at random, answers; the random numbers are those of the device."""

    def __init__(self, n_outputs=10):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, n_outputs))

    def forward(self, X):
        return self.layers(X)


def made(kind, *options):
    torch.manual_seed(0)
    return kind(*options)


class Tried:
    """A training to be tried: the model, the data, and what `fit` is given besides."""

    def __init__(self, model=network, train=digits, **options):
        self.model, self.train, self.options = model, train, options


def as_optimizer(model):
    return {"optimizer": torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)}


def as_loss(model):
    return {"loss_fn": model.loss}


def brier(probs, y):
    """A loss of one's own, of probabilities, which the course has to find out about."""
    return ((probs.softmax(1) - F.one_hot(y, 10)) ** 2).mean()


# Every option of `fit`; a new one must be tried here, too (test_every_option_of_fit_is_tried).
OPTIONS = {
    "plain": Tried(),
    "epochs and batches": Tried(n_epochs=3, batch_size=50),
    "validation": Tried(val=digits(64)),
    "early stopping": Tried(val=digits(64), early_stopping=EarlyStopping(patience=1)),
    "one cycle": Tried(schedule=one_cycle, optimizer=torch.optim.Adam, lr=0.01),
    "an optimizer made before": Tried(extra=as_optimizer),
    "AdamW": Tried(optimizer=torch.optim.AdamW),
    "RMSprop": Tried(optimizer=torch.optim.RMSprop),
    "Adagrad": Tried(optimizer=torch.optim.Adagrad),
    "clipped": Tried(clip_norm=0.1),
    "augmented": Tried(augment=lambda batch: batch.roll(1, -1)),
    "bent": Tried(augment=warp),
    "rain": Tried(augment=lambda batch: rain(batch, seed=None)),
    "another seed": Tried(seed=3),
    "a sampler": Tried(sampler=range(3, 63)),
    "with a bar": Tried(progress=True),
    "bytes": Tried(train=as_bytes, val=as_bytes(64)),
    "dropout": Tried(lambda: made(Dropping)),
    "smooth labels": Tried(loss_fn=nn.CrossEntropyLoss(label_smoothing=0.1)),
    "shares": Tried(train=lambda: (digits()[0], F.one_hot(digits()[1], 10).float())),
    "ignored labels": Tried(loss_fn=nn.CrossEntropyLoss(ignore_index=3)),
    "a loss of one's own": Tried(loss_fn=brier),
    "yes or no": Tried(
        lambda: made(Dropping, 1), yes_or_no, loss_fn=F.binary_cross_entropy_with_logits
    ),
    "chances": Tried(
        lambda: nn.Sequential(made(Dropping, 1), nn.Sigmoid()),
        yes_or_no,
        loss_fn=F.binary_cross_entropy,
    ),
    "numbers": Tried(lambda: made(VAE), lambda: (digits()[0],) * 2, loss_fn=F.mse_loss),
    "a loss of the model": Tried(
        lambda: made(VAE), lambda: (digits()[0],) * 2, extra=as_loss, val=(digits(64)[0],) * 2
    ),
    "two inputs": Tried(
        lambda: made(Translator, True, 8, 8),
        lambda: (
            (dates.source_tensor(TEXTS), dates.target_tensors(ISO)[0]),
            dates.target_tensors(ISO)[1],
        ),
    ),
    "rows": Tried(lambda: made(RowLSTM, 8), lambda: digits(64)),
    "words": Tried(
        lambda: made(SentimentLSTM, 8, 4),
        lambda: (torch.arange(60).view(10, 6) % 7, torch.arange(10) % 2),
        loss_fn=F.binary_cross_entropy_with_logits,
    ),
    "captions": Tried(
        lambda: made(Captioner, 8, 4),
        lambda: ((torch.rand(16, 1, 28, 84), torch.arange(64).view(16, 4) % 10),
                 torch.arange(64).view(16, 4) % 10),
        optimizer=torch.optim.SGD,
    ),
}  # fmt: skip
TEXTS = ["the third of march 1987", "4 may 2001"] * 8
ISO = ["1987-03-03", "2001-05-04"] * 8


def trained(tried, lives, on):
    model = tried.model().to(lives)
    options = {"n_epochs": 2, "progress": False} | tried.options
    options |= options.pop("extra", lambda _: {})(model)
    torch.manual_seed(0)
    history = fit(model, tried.train(), device=on, **options)
    assert {part.device.type for part in model.state_dict().values()} == {torch.device(lives).type}
    return {name: value.cpu() for name, value in model.state_dict().items()}, history


@pytest.mark.parametrize("tried", OPTIONS.values(), ids=OPTIONS)
def test_a_training_on_the_device_gives_the_weights_of_one_on_the_cpu(tried):
    ours, here = trained(tried, "cpu", "cpu")
    for lives in ("cpu", "twin"):
        theirs, there = trained(tried, lives, TWIN)
        torch.testing.assert_close(theirs, ours, rtol=1e-3, atol=3e-4)
        assert there.train_loss == pytest.approx(here.train_loss, rel=1e-3)
        assert there.val_accuracy == pytest.approx(here.val_accuracy, abs=0.02, nan_ok=True)
        assert {part.device.type for part in there.best_state.values()} == {"cpu"}


def test_a_model_that_is_there_is_not_moved(monkeypatch):
    model, moves = network().to(TWIN), []
    monkeypatch.setattr(model, "to", moves.append)
    fit(model, digits(), n_epochs=1, progress=False, device=TWIN)
    assert moves == []


def test_a_training_that_was_cut_goes_on_on_the_device(tmp_path):
    """The twin draws from a stream of its own, which must be kept as the CPU's is."""
    trained_to_the_end, cut = (made(Dropping) for _ in range(2))
    options = {"n_epochs": 2, "batch_size": 16, "progress": False, "device": TWIN}
    fit(trained_to_the_end, digits(), **options)
    calls = iter(range(1000))

    def cut_once(batch):
        if next(calls) == 9:
            raise KeyboardInterrupt
        return batch

    for _ in range(2):
        kept = Checkpoint(tmp_path / "run.pt", every=2)
        fit(cut, digits(), augment=cut_once, checkpoint=kept, **options)
    for ours, theirs in zip(trained_to_the_end.parameters(), cut.parameters(), strict=True):
        assert ours.equal(theirs)


def test_every_option_of_fit_is_tried():
    named = {name for tried in OPTIONS.values() for name in tried.options}
    told = {"model", "train", "device", "checkpoint"}  # the last in a test of its own
    assert inspect.signature(fit).parameters.keys() - named - told == set()


def test_a_model_in_double_precision_is_refused_where_there_is_none(no_float64):
    fit(network(), digits(), n_epochs=1, progress=False, device=TWIN)
    with pytest.raises((TypeError, ValueError), match="float64"):
        fit(network().double(), digits(), n_epochs=1, progress=False, device=TWIN)


WRONG = {
    "a class that there is not": lambda: fit(
        network(), (digits()[0], digits()[1] + 1), device=TWIN
    ),
    "a word that there is not": lambda: fit(
        nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 2)),
        (torch.tensor([[0, 1], [2, 7]]), torch.tensor([0, 1])),
        device=TWIN,
    ),
    "asked for a word that there is not": lambda: predict(
        nn.Embedding(5, 4).to(TWIN), torch.tensor([[0, 1], [2, 7]])
    ),
    "chances that are none": lambda: fit(
        made(Dropping, 1), yes_or_no(), loss_fn=F.binary_cross_entropy, device=TWIN
    ),
    "the wrong shape": lambda: fit(network(), (digits()[0][:, 0], digits()[1]), device=TWIN),
    "too fast": lambda: fit(
        made(Dropping), digits(), lr=1e38, optimizer=torch.optim.SGD, progress=False, device=TWIN
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused_before_it_ends_a_session_of_cuda(wrong):
    with pytest.raises((ValueError, DivergedError)):
        wrong()
    assert not twin.module.lost


# ---- questions to models


def test_the_model_is_asked_where_it_is():
    model, (X, y) = network(), digits()
    ours = predict(model, X), evaluate(model, X, y), read(model, X[0, 0])
    model.to(TWIN)
    theirs = predict(model, X), evaluate(model, X, y), read(model, X[0, 0])
    torch.testing.assert_close(theirs, ours)
    torch.testing.assert_close(predict(model, X.to(TWIN)), ours[0])
    assert next(model.parameters()).device == torch.device("twin:0")


def test_a_learning_rate_is_looked_for_on_the_device(monkeypatch, no_float64):
    curves = []
    for where in ("cpu", "twin"):
        monkeypatch.setenv("COURSE_DEVICE", where)
        curves.append(find_lr(network(), digits())[1])
    torch.testing.assert_close(*curves, equal_nan=True)


def test_a_gan_takes_its_steps_on_the_device():
    losses = []
    for where in ("cpu", TWIN):
        torch.manual_seed(0)
        makes, judges = Generator().to(where), discriminator().to(where)
        both = torch.optim.Adam(makes.parameters()), torch.optim.Adam(judges.parameters())
        X = digits(8)[0].to(where)
        losses.append([gan_step(makes, judges, X, both) for _ in range(2)])
    assert np.allclose(*losses, rtol=1e-3)


def test_a_sequence_goes_on_by_itself_on_the_device():
    start = torch.rand(6, 2, generator=torch.Generator().manual_seed(0))
    for kind in ("rnn", "gru", "lstm"):
        model = made(NextStep, kind, 2, 8)
        ours = roll_out(model, start, 5)
        torch.testing.assert_close(roll_out(model.to(TWIN), start, 5), ours)


# ---- pictures


def test_augmentation_bends_a_batch_where_it_is(no_float64):
    X, _ = digits(8)
    bent = [warp(X.to(TWIN)) for _ in range(2)]
    assert {part.device.type for part in bent} == {"twin"}
    assert not torch.equal(*(part.cpu() for part in bent))
    torch.manual_seed(0)
    ours = warp(X)
    torch.manual_seed(0)
    torch.testing.assert_close(warp(X.to(TWIN)).cpu(), ours)


def test_rain_falls_where_the_batch_is(no_float64):
    X, _ = digits(8)
    assert torch.equal(rain(X.to(TWIN)).cpu(), rain(X))


@pytest.mark.parametrize("how", DISTURBANCES.values(), ids=DISTURBANCES)
def test_digits_are_disturbed_where_they_are(how, no_float64):
    X = digits(4)[0][:, 0]
    for strength in (how.strengths[0], how.strengths[-1]):
        theirs = how.apply(X.to(TWIN), strength)
        assert theirs.device.type == "twin"
        torch.testing.assert_close(theirs.cpu(), how.apply(X, strength))


# ---- shipped models, the pad, what is found in a model


@pytest.mark.parametrize("name", READERS)
def test_shipped_models_read_there_what_they_read_here(name, no_float64):
    picture = digits(1)[0][0, 0]
    torch.testing.assert_close(
        read(load_pretrained(name, TWIN), picture), read(load_pretrained(name, "cpu"), picture)
    )


ASKED = {
    "rows": lambda model: row_probabilities(model, digits(3)[0]),
    "ball": lambda model: roll_out(model, torch.rand(9, 2, generator=torch.manual_seed(0)), 5),
    "names": lambda model: sample_names(model, 3, start="ma"),
    "translator": lambda model: (model.translate(TEXTS[:2]), model.explain(TEXTS[0])),
    "captioner": lambda model: model.explain(torch.rand(28, 84, generator=torch.manual_seed(0))),
    "autoencoder": lambda model: predict(model, digits(4)[0]),
    "denoiser": lambda model: predict(model, digits(4)[0]),
    "vae": lambda model: dream(model, 4),
    "generator": lambda model: dream(model, 4),
    "cnn": lambda model: [layer.maps for layer in layers_of(model, digits(1)[0])],
    "lenet": lambda model: loss_slope(model, digits(1)[0][0, 0], 3),
    "mlp": lambda model: occlusion(model, digits(1)[0][0, 0], 3),
}


@pytest.mark.parametrize("name", ASKED)
def test_shipped_models_answer_there_what_they_answer_here(name, no_float64):
    theirs, ours = (ASKED[name](load_pretrained(name, where)) for where in (TWIN, "cpu"))
    if name == "translator":
        assert theirs[0] == ours[0]
        theirs, ours = theirs[1], ours[1]
    if name in ("translator", "captioner"):
        assert theirs.text == ours.text
        theirs, ours = ([part for part in said if torch.is_tensor(part)] for said in (theirs, ours))
    if name == "names":
        assert theirs == ours
    else:
        torch.testing.assert_close(theirs, ours, rtol=1e-3, atol=1e-4)


def test_every_shipped_model_is_asked():
    assert set(PRETRAINED) - set(READERS) - set(ASKED) == set()


def test_a_model_on_the_device_is_shipped(tmp_path, monkeypatch):
    model = load_pretrained("softmax", TWIN)
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    save_pretrained("softmax", model, {})
    assert list(tmp_path.iterdir())


def test_the_pad_asks_models_on_the_device():
    models = {name: load_pretrained(name, TWIN) for name in ("softmax", "lenet")}
    pad = DigitPad(models, in_page=True)
    pad.draw([[(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)]])
    assert {name: int(probs.argmax()) for name, probs in pad.probs.items()}["lenet"] == 7
    here = {name: load_pretrained(name, "cpu") for name in models}
    assert pack(models)[1] == pack(here)[1]


def test_a_function_on_the_device_may_answer_the_pad():
    model = load_pretrained("softmax", TWIN)
    assert read(lambda X: model(X.to(TWIN)), digits(1)[0][0, 0]).device.type == "cpu"


def test_answers_and_figures_take_numbers_of_the_device():
    values = torch.tensor([[0.25, 1.0]], device=TWIN, requires_grad=True)
    assert same(values, torch.tensor([[0.25, 1.0]]), 1e-6)
    assert to_numpy(values).tolist() == [[0.25, 1.0]]
    torch.testing.assert_close(
        pass_probability(torch.ones(2, 2, device=TWIN)).cpu(), pass_probability(torch.ones(2, 2))
    )


@pytest.mark.parametrize("slip", [lambda right: right, lambda right: 3 * right, torch.cos])
def test_an_answer_on_the_device_is_judged_as_one_on_the_cpu(slip):
    exercise = find_exercise("01.update")

    def answer(where):
        return lambda *given: slip(exercise.reference(*given)).to(where)

    theirs, ours = (examine(exercise, answer(where)) for where in (TWIN, "cpu"))
    assert (theirs.status, theirs.message) == (ours.status, ours.message)
    assert getattr(theirs.mistake, "hint", "") == getattr(ours.mistake, "hint", "")


# ---- explorers


MODELLED = [
    name
    for name, make in gallery.EXPLORERS.items()
    if {"model", "probs", "templates", "sample_sizes", "answers", "small_net", "xor_network",
        "sentiment", "digits", "pixels"} & {*make.__code__.co_names}
    or make in (gallery.templates, gallery.sample_sizes)
]  # fmt: skip


@pytest.mark.parametrize("name", MODELLED)
def test_an_explorer_says_of_a_model_on_the_device_what_it_says_on_the_cpu(name, monkeypatch):
    ours = gallery.EXPLORERS[name]().text
    there = {}

    def model(name="softmax"):
        return there.setdefault(name, load_pretrained(name, TWIN))

    def to_device(make):
        return lambda *given: make(*given).to(TWIN)

    monkeypatch.setattr(gallery, "model", model)
    monkeypatch.setattr(gallery, "xor_network", to_device(gallery.xor_network))
    monkeypatch.setattr(gallery, "sentiment", on_device(gallery.sentiment))
    monkeypatch.setattr(gallery, "digits", on_device(gallery.digits))
    monkeypatch.setattr(gallery, "pixels", on_device(gallery.pixels))
    assert gallery.EXPLORERS[name]().text == ours


def points(X_on, y_on):
    X, y = torch.tensor(gallery.CORNERS).to(X_on), torch.tensor([0, 1, 1, 0]).to(y_on)
    return hidden_layer_explorer({"a": gallery.xor_network().to(X_on)}, X, y)


def browser(X_on, y_on):
    """Here the model is a function: it takes pictures of the CPU, and may answer on the device."""
    (X, y), softmax = gallery.digits(), load_pretrained("softmax", "cpu")
    said = {"predict": lambda X: softmax(X).softmax(1).to(y_on), "shown": "read wrongly"}
    return mnist_browser(X.to(X_on), y.to(y_on), **said)


def mover(X_on, y_on):
    (X, y), softmax = gallery.digits(), load_pretrained("softmax", "cpu")
    return digit_mover(lambda X: softmax(X).softmax(1).to(y_on), X.to(X_on), y.to(y_on))


def kernels(X_on, y_on):
    weights = load_pretrained("lenet", X_on)[0].weight
    return convolution_stepper(kernels={"learned": weights[0, 0]}, kernel="learned")


def sizes(X_on, y_on):
    (X, y), said = gallery.digits(), torch.arange(200) % 10
    answers = {"ours": {n: (said[:n].to(y_on), said.to(y_on)) for n in (50, 99)}}
    return sample_size_slider(answers, y.to(X_on), X.to(X_on), y.to(X_on))


@pytest.mark.parametrize("make", [points, browser, mover, kernels, sizes])
@pytest.mark.parametrize("where", [(TWIN, TWIN), (TWIN, "cpu"), ("cpu", TWIN)], ids=str)
def test_an_explorer_takes_pictures_labels_and_answers_from_wherever_they_are(make, where):
    assert make(*where).text == make("cpu", "cpu").text


def on_device(make):
    def made_there():
        return torch.utils._pytree.tree_map(lambda part: part.to(TWIN), make())

    return made_there
