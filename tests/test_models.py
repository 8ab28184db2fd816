"""The reference models and the trained weights that come with the course.

The official test digits are not part of the bundled sample. Set COURSE_FULL_MNIST to a folder with
the full MNIST, and the figures on the cards are measured again.
"""

import json
import os
import pickle
import re
import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch
import train_pretrained as tool
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, DatasetError, load_mnist
from course_utils.datasets.mnist import FULL_FINGERPRINT
from course_utils.ink.normalize import normalize_drawing, rasterize
from course_utils.models import (
    PRETRAINED,
    READERS,
    RowLSTM,
    card,
    digit_cnn,
    lenet5,
    load_pretrained,
    mlp,
    perceptron,
    pretrained,
    quick_cnn,
    save_pretrained,
    small_cnn,
    softmax_regression,
)
from course_utils.training import evaluate, fit, predict

PROJECT = Path(__file__).resolve().parents[1]
FULL = os.environ.get("COURSE_FULL_MNIST", "")
WANTED = {
    "perceptron": 0.998,
    "softmax": 0.925,
    "mlp512": 0.980,
    "mlp": 0.983,
    "lenet": 0.990,
    "cnn": 0.995,
    "rnn": 0.985,
}
IN_THE_PAGE = (
    nn.Flatten,
    nn.Linear,
    nn.Conv2d,
    nn.ReLU,
    nn.Sigmoid,
    nn.Tanh,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.BatchNorm2d,
    nn.Dropout,
)


@pytest.fixture(scope="module")
def sample():
    return load_mnist(MNIST_SAMPLE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of softmax's weights and card, to be spoilt."""
    for ending in ("safetensors", "json"):
        shutil.copy(pretrained.FOLDER / f"softmax.{ending}", tmp_path)
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    return tmp_path


def count_parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


# --- The networks -----------------------------------------------------------------------------


@pytest.mark.parametrize("make", READERS.values(), ids=READERS)
def test_every_network_takes_digits_and_gives_ten_logits(make):
    for n in (1, 3):
        logits = make()(torch.rand(n, 1, 28, 28))
        assert logits.shape == (n, 10)
        assert logits.dtype == torch.float32


@pytest.mark.parametrize(
    ("model", "n_parameters"),
    [
        (perceptron(), 7850),
        (softmax_regression(), 7850),
        (mlp((512, 128), nn.Sigmoid), 468_874),
        (mlp(), 785 * 200 + 201 * 100 + 101 * 60 + 61 * 30 + 31 * 10),
        (lenet5(), 61_706),
        (quick_cnn(), 52_570),
        (small_cnn(), 4_834),
        (digit_cnn(), 80_202),
        (RowLSTM(128), 4 * 128 * (28 + 128 + 2) + 129 * 10),
    ],
)
def test_networks_have_as_many_parameters_as_their_descriptions_say(model, n_parameters):
    assert count_parameters(model) == n_parameters


def test_the_best_network_is_small_enough_for_a_page():
    model = digit_cnn()
    assert count_parameters(model) <= 100_000
    products = []

    def count(layer, inputs, output):
        products.append(layer.weight.numel() * output[0].numel() // output.shape[1])

    for layer in model:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    model(torch.zeros(2, 1, 28, 28))
    assert sum(products) <= 6_000_000


@pytest.mark.parametrize("name", [name for name in READERS if name != "rnn"])
def test_all_but_the_lstm_are_made_of_layers_that_the_page_knows(name):
    model = pretrained.NETWORKS[name]()
    assert type(model) is nn.Sequential
    for layer in model:
        assert type(layer) in IN_THE_PAGE
        if isinstance(layer, nn.Conv2d):
            assert (layer.dilation, layer.groups) == ((1, 1), 1)


def test_an_untrained_perceptron_says_zero_or_one_never_another_digit():
    model = perceptron()
    with torch.no_grad():
        model[1].weight[1] = torch.linspace(-1, 1, 784)
    answers = model(torch.rand(200, 1, 28, 28)).argmax(1)
    assert set(answers.tolist()) == {0, 1}


# --- The trained weights ----------------------------------------------------------------------


@pytest.mark.parametrize("name", PRETRAINED)
def test_trained_models_come_in_eval_mode_on_the_device_as_float32(name):
    model = load_pretrained(name, "cpu")
    assert not any(module.training for module in model.modules())
    for value in model.state_dict().values():
        assert value.device.type == "cpu"
        assert value.dtype in (torch.float32, torch.int64)
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("name", PRETRAINED)
def test_cards_hold_what_is_wanted_of_them(name):
    described = card(name)
    assert described["parameters"] == count_parameters(load_pretrained(name, "cpu"))
    assert re.fullmatch(r"[0-9a-f]{64}", described["data_sha256"])
    assert described["command"] == f"python tools/train_pretrained.py {name}"
    if name in READERS:
        assert described["data_sha256"] == FULL_FINGERPRINT
        assert WANTED[name] <= described["test_accuracy"] <= 1
        assert WANTED[name] - 0.005 <= described["validation_accuracy"] <= 1
    else:
        assert described["measure"]
    assert re.fullmatch(r"[0-9a-f]{64}", described["sha256"])
    assert described["architecture"]
    assert described["augmentation"]


def test_all_weights_together_are_under_four_megabytes():
    files = list(pretrained.FOLDER.iterdir())
    assert sorted(path.name for path in files) == sorted(
        f"{name}.{ending}" for name in PRETRAINED for ending in ("json", "safetensors")
    )
    assert sum(path.stat().st_size for path in files) < 4_000_000


def test_weights_are_stored_as_float16():
    for path in pretrained.FOLDER.glob("*.safetensors"):
        content = path.read_bytes()
        assert {value.dtype for value in safetensors.torch.load(content).values()} == {
            torch.float16
        }


def test_loading_a_model_unpickles_nothing(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("something was unpickled")

    for module, name in (
        (pickle, "load"),
        (pickle, "loads"),
        (pickle, "Unpickler"),
        (torch, "load"),
    ):
        monkeypatch.setattr(module, name, refuse)
    for name in PRETRAINED:
        load_pretrained(name, "cpu")


def test_the_table_of_the_data_readme_names_the_weights():
    table = re.findall(
        r"^\| `\w+\.safetensors` \|.*\|$",
        (PROJECT / "data/README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert table == [tool.row(card(name)) for name in PRETRAINED]


@pytest.mark.parametrize("name", READERS)
def test_the_weights_read_digits_of_the_sample(name, sample):
    """Most of these digits were trained on: a bound for sanity, no measure of quality."""
    X, y = sample.test_images[:, None], sample.test_labels
    if name == "perceptron":
        X, y = X[y < 2], y[y < 2]
    assert evaluate(load_pretrained(name, "cpu"), X, y).accuracy > WANTED[name] - 0.02


def test_a_trained_model_can_be_trained_further(sample):
    model = load_pretrained("softmax", "cpu")
    before = model[1].weight.clone()
    data = sample.train_images[:128, None], sample.train_labels[:128]
    fit(model, data, n_epochs=1, device="cpu", progress=False)
    assert not torch.equal(model[1].weight, before)
    assert torch.equal(load_pretrained("softmax", "cpu")[1].weight, before)


# --- What people write and MNIST hardly shows --------------------------------------------------

RING = [
    (0.5 + 0.2 * x, 0.5 + 0.33 * y)
    for x, y in [
        (0, -1), (-0.5, -0.87), (-0.87, -0.5), (-1, 0), (-0.87, 0.5), (-0.5, 0.87),
        (0, 1), (0.5, 0.87), (0.87, 0.5), (1, 0), (0.87, -0.5), (0.5, -0.87), (0, -1),
    ]
]  # fmt: skip
DRAWN = {
    "a plain zero": (0, [RING]),
    "a slashed zero": (0, [RING, [(0.66, 0.25), (0.34, 0.75)]]),
    "a zero whose slash is too long": (0, [RING, [(0.74, 0.12), (0.26, 0.88)]]),
    "a plain one": (1, [[(0.5, 0.15), (0.5, 0.85)]]),
    "a slanted one": (1, [[(0.6, 0.15), (0.4, 0.85)]]),
    "a one with a flag": (1, [[(0.35, 0.35), (0.52, 0.15), (0.52, 0.85)]]),
    "a one with a long flag": (1, [[(0.27, 0.45), (0.52, 0.15), (0.52, 0.85)]]),
    "a one with flag and foot": (
        1,
        [[(0.37, 0.32), (0.52, 0.15), (0.52, 0.85)], [(0.35, 0.85), (0.69, 0.85)]],
    ),
    "a plain seven": (7, [[(0.3, 0.17), (0.7, 0.17), (0.45, 0.85)]]),
    "a crossed seven": (
        7,
        [[(0.3, 0.17), (0.7, 0.17), (0.45, 0.85)], [(0.4, 0.52), (0.72, 0.5)]],
    ),
    "an open four": (
        4,
        [[(0.38, 0.15), (0.3, 0.52), (0.72, 0.52)], [(0.62, 0.3), (0.6, 0.85)]],
    ),
    "a closed four": (
        4,
        [[(0.58, 0.85), (0.58, 0.15), (0.28, 0.6), (0.75, 0.6)]],
    ),
}


@pytest.mark.parametrize("brush", [14, 20, 28])
@pytest.mark.parametrize(("digit", "strokes"), DRAWN.values(), ids=DRAWN)
def test_the_best_network_reads_what_people_add_to_their_digits(digit, strokes, brush):
    picture = torch.from_numpy(normalize_drawing(rasterize(strokes, brush=brush)))
    logits = predict(load_pretrained("cnn", "cpu"), picture[None, None])
    assert int(logits.argmax()) == digit


# --- Refusals -----------------------------------------------------------------------------------


def test_an_unknown_name_is_answered_with_the_names():
    for look_up in (load_pretrained, card):
        with pytest.raises(ValueError, match=r"'resnet'.*perceptron, softmax, mlp512, mlp, lenet"):
            look_up("resnet")


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match="must be"):
        load_pretrained("softmax", "gpu")


@pytest.mark.parametrize("ending", ["safetensors", "json"])
def test_a_missing_file_names_the_remedy(folder, ending):
    (folder / f"softmax.{ending}").unlink()
    with pytest.raises(DatasetError, match=rf"softmax\.{ending}: does not exist.*git restore"):
        load_pretrained("softmax")


def test_weights_cut_short_are_refused(folder):
    path = folder / "softmax.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=r"breaks off after 15,7\d\d of 15,8\d\d bytes.*restore"):
        load_pretrained("softmax")


def test_one_changed_byte_is_noticed(folder):
    path = folder / "softmax.safetensors"
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"SHA-256.*train_pretrained\.py softmax"):
        load_pretrained("softmax")


def test_an_empty_file_is_refused(folder):
    (folder / "softmax.safetensors").write_bytes(b"")
    with pytest.raises(DatasetError, match="breaks off after 0 of"):
        load_pretrained("softmax")


def change_card(folder, **changes):
    path = folder / "softmax.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


BROKEN_CARDS = {
    "no JSON": ("{", "not the JSON of a card"),
    "not UTF-8": (b"\xff\xfe{", "not the JSON of a card"),
    "a list": ("[1]", "holds a list where a card was wanted"),
    "empty": ("{}", "a card without 'name'"),
}


@pytest.mark.parametrize(("content", "cause"), BROKEN_CARDS.values(), ids=BROKEN_CARDS)
def test_a_broken_card_is_refused(folder, content, cause):
    content = content if isinstance(content, bytes) else content.encode()
    (folder / "softmax.json").write_bytes(content)
    for look_up in (load_pretrained, card):
        with pytest.raises(DatasetError, match=rf"softmax\.json: .*{cause}.*git restore"):
            look_up("softmax")


def test_a_card_with_a_wrong_field_or_of_another_model_is_refused(folder):
    change_card(folder, sha256=7)
    with pytest.raises(DatasetError, match="has 7 as 'sha256'"):
        card("softmax")
    change_card(folder, sha256="", name="cnn")
    with pytest.raises(DatasetError, match="is the card of 'cnn'"):
        card("softmax")


def test_weights_of_another_shape_are_refused(folder):
    about = dict(card("softmax"))
    save_pretrained("softmax", mlp((3,)), about)
    with pytest.raises(DatasetError, match=r"\(3, 784\) as '1.weight' where .* \(10, 784\)"):
        load_pretrained("softmax")


def test_what_is_saved_is_loaded_and_the_same_weights_give_the_same_file(folder):
    model = softmax_regression()
    pretrained.round_weights(model)
    about = dict(card("softmax"))
    first = save_pretrained("softmax", model, about)
    content = (folder / "softmax.safetensors").read_bytes()
    assert save_pretrained("softmax", model, about) == first == card("softmax")
    assert (folder / "softmax.safetensors").read_bytes() == content
    assert torch.equal(load_pretrained("softmax", "cpu")[1].weight, model[1].weight)


# --- The tool -----------------------------------------------------------------------------------


def test_the_tool_has_a_recipe_for_every_model():
    assert list(tool.SHIPPED) == list(READERS)
    assert [*tool.SHIPPED, *tool.OTHERS] == list(PRETRAINED)


def test_the_tool_needs_the_full_mnist_and_says_so(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(MNIST_SAMPLE))
    with pytest.raises(DatasetError, match=r"full set is needed.*course_utils download"):
        tool.full_mnist()


def test_the_tools_perceptron_learns_zeros_and_ones(sample):
    def zeros_and_ones(X, y):
        return X[y < 2, None], y[y < 2]

    data = zeros_and_ones(sample.train_images[:1500], sample.train_labels[:1500])
    model = tool.train_perceptron(data, n_epochs=3)
    test = zeros_and_ones(sample.test_images, sample.test_labels)
    assert evaluate(model, *test).accuracy > 0.97


if FULL:

    @pytest.mark.parametrize("name", READERS)
    def test_the_figure_on_the_card_is_what_the_official_test_digits_give(name):
        full = load_mnist(FULL)
        X, y = full.test_images[:, None], full.test_labels
        if name == "perceptron":
            X, y = X[y < 2], y[y < 2]
        measured = evaluate(load_pretrained(name, "cpu"), X, y).accuracy
        assert measured == pytest.approx(card(name)["test_accuracy"], abs=2e-4)
        assert measured >= WANTED[name]
