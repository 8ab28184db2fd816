"""What the course makes is float32, whatever the default is; a learner's model of float64 works."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.datasets import load_mnist
from course_utils.datasets.mnist import MNIST_SAMPLE
from course_utils.ink.augment import vary
from course_utils.ink.rain import rain
from course_utils.microscope import layers_of, receptive_fields, saliency
from course_utils.microscope.rows import row_probabilities
from course_utils.models import PRETRAINED, READERS, load_pretrained
from course_utils.training import evaluate, find_lr, fit, predict
from course_utils.training.generative import dream

SEVEN = [[(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)]]


@pytest.fixture
def doubles():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="module")
def digits():
    mnist = load_mnist(MNIST_SAMPLE)
    return mnist.train_images[:40, None], mnist.train_labels[:40]


def dense(dtype=None):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).to(dtype)


@pytest.mark.parametrize("name", PRETRAINED)
def test_shipped_models_are_the_same_whatever_the_default_is(name):
    before = load_pretrained(name, "cpu").state_dict()
    torch.set_default_dtype(torch.float64)
    try:
        after = load_pretrained(name, "cpu").state_dict()
    finally:
        torch.set_default_dtype(torch.float32)
    for key, value in before.items():
        assert after[key].dtype == value.dtype
        assert torch.equal(after[key], value)


@pytest.mark.parametrize("name", [*READERS, "a learner's own"])
@pytest.mark.usefixtures("doubles")
def test_everything_that_asks_a_reader_of_digits_works_with_doubles_as_default(name, digits):
    model = dense() if name not in READERS else load_pretrained(name, "cpu")
    X, y = digits
    assert predict(model, X / 255).shape == (40, 10)
    assert 0 <= evaluate(model, X, y).accuracy <= 1
    pad = DigitPad(model)
    pad.draw(SEVEN)
    assert pad.probs.dtype == torch.float32
    assert layers_of(model, X[:2] / 255)
    assert saliency(model, X[0, 0], 3).shape == (28, 28)
    history = fit(model, (X, y), n_epochs=1, augment=vary, progress=False, device="cpu")
    assert history.last["train_loss"] > 0


@pytest.mark.usefixtures("doubles")
def test_pages_fields_rows_dreams_and_rain_work_with_doubles_as_default(digits, tmp_path):
    models = {"softmax": load_pretrained("softmax", "cpu"), "own": dense()}
    assert DigitPad(models).export(tmp_path / "pad.html").stat().st_size > 10_000
    assert receptive_fields(models["own"], (1, 28, 28))
    assert row_probabilities(load_pretrained("rnn", "cpu"), digits[0]).shape == (40, 28, 10)
    assert dream(load_pretrained("generator", "cpu"), 3).shape == (3, 1, 28, 28)
    assert rain(digits[0]).dtype == torch.float32
    rates, losses = find_lr(dense(), digits, n_steps=5)
    assert losses.isfinite().any()
    assert len(rates) == 5


def test_a_model_of_float64_is_trained_and_asked_in_float64(digits):
    X, y = digits[0].double() / 255, digits[1]
    model, twin = dense(torch.float64), dense(torch.float64)
    fit(model, (X, y), n_epochs=1, lr=0.1, batch_size=40, optimizer=torch.optim.SGD, device="cpu")
    loss = F.cross_entropy(twin(X), y)
    slope = torch.autograd.grad(loss, twin[1].weight)[0]
    assert torch.allclose(model[1].weight, twin[1].weight - 0.1 * slope, rtol=0, atol=1e-12)
    with torch.no_grad():
        assert torch.allclose(predict(model, X), model(X), rtol=0, atol=1e-12)
    assert predict(model, digits[0]).equal(predict(model, X))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_who_asks_a_model_of_other_floats_gets_what_its_float32_twin_says(dtype, digits):
    X, y = digits
    model = dense(dtype)
    twin = copy.deepcopy(model).float()
    pads = [DigitPad(each) for each in (model, twin)]
    for pad in pads:
        pad.draw(SEVEN)
    assert torch.equal(pads[0].probs, pads[1].probs)
    assert torch.allclose(predict(model, X).float(), predict(twin, X), atol=0.05)
    assert evaluate(model, X, y).loss == pytest.approx(evaluate(twin, X, y).loss, abs=0.02)
    assert {part.dtype for part in model.parameters()} == {dtype}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_model_of_16_bits_is_not_trained_but_told_how_to_be(dtype, digits):
    model = dense(dtype)
    with pytest.raises(ValueError, match=r"16 bits.*model\.float\(\)"):
        fit(model, digits, progress=False)
    fit(model.float(), digits, n_epochs=1, progress=False, device="cpu")
