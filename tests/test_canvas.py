"""The drawing pad without a browser: strokes to ink, ink to picture, models, messages, files."""

import base64
import copy
import gc
import hashlib
import itertools
import json
import math
import re
import weakref

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from course_utils import cells
from course_utils.canvas import DigitPad, widget
from course_utils.canvas.network import pack
from course_utils.canvas.page import build_page
from course_utils.canvas.reading import read
from course_utils.canvas.still import still
from course_utils.canvas.widget import decode
from course_utils.datasets import MNIST_SAMPLE, DatasetError, load_mnist, read_idx, read_labelled
from course_utils.explorers.base import Picture
from course_utils.ink.normalize import ink_box, normalize_drawing, rasterize

SEVEN = [[(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)]]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


@pytest.fixture
def pad(model):
    return DigitPad(model)


@pytest.fixture
def sent(monkeypatch):
    """Return what pads send to the page."""
    messages = []
    monkeypatch.setattr(
        DigitPad, "send", lambda self, content, buffers=None: messages.append(content)
    )
    return messages


def mass_center(picture):
    at = np.arange(28)
    return (picture.sum(1) @ at / picture.sum(), picture.sum(0) @ at / picture.sum())


# ---- strokes to ink


def test_a_stroke_is_as_wide_as_the_brush():
    ink = rasterize([[(0.5, 0.1), (0.5, 0.9)]], brush=20)
    across = ink[140].astype(float).sum() / 255
    assert across == pytest.approx(20, abs=0.1)
    assert ink[140, 140] == 255
    assert ink[140, 100] == 0


def test_a_dot_is_round_and_as_large_as_the_brush():
    ink = rasterize([[(0.5, 0.5)]], brush=40).astype(float) / 255
    assert ink.sum() == pytest.approx(math.pi * 20**2, rel=0.01)
    assert np.array_equal(ink, ink.T)


def test_ink_crossing_itself_gets_no_darker():
    once = rasterize([[(0.2, 0.5), (0.8, 0.5)]])
    twice = rasterize([[(0.2, 0.5), (0.8, 0.5)], [(0.2, 0.5), (0.8, 0.5)]])
    assert np.array_equal(once, twice)


def test_ink_outside_the_pad_is_cut_off_without_an_error():
    assert not rasterize([[(2.0, 2.0), (3.0, 3.0)]]).any()
    assert rasterize([[(-1.0, 0.5), (2.0, 0.5)]])[140].min() == 255


@pytest.mark.parametrize(
    ("strokes", "says"),
    [
        ([[(0.1, math.nan)]], "stroke 0 holds nan"),
        ([(0.1, 0.2)], r"put one stroke into a list: \[stroke\]"),
        ([[(0.1, 0.2, 0.3)]], "pairs? |points"),
        (5, "must be a list of strokes"),
        ([["a"]], "must be a list of strokes"),
        ([[("0.1", "0.2")]], "not real numbers"),
        ([[(True, False)]], "not real numbers"),
        ([[0.1 + 0.2j]], "not real numbers"),
        ([np.array([[0.1 + 0.2j, 0.5]])], "not real numbers"),
        ([[(0.1, 0.2), (0.3,)]], "must be a list of strokes"),
        ([torch.rand(3, 2, requires_grad=True)], "detach"),
        ([(0.1, 0.2), (0.3, 0.4)], r"put one stroke into a list: \[stroke\]"),
        (np.full((3, 2), 0.5), r"put one stroke into a list: \[stroke\]"),
        (np.zeros((280, 280), np.uint8), r"shape \(280,\)"),
        (Image.new("L", (28, 28)), "must be a list of strokes"),
        ([[(84, 56), (90, 60)]], "if these are pixels, divide"),
        ([[(1e39, 0.5), (0.5, 0.5)]], "if these are pixels, divide"),
    ],
)
def test_strokes_that_are_none_are_refused_with_the_remedy(strokes, says):
    with pytest.raises(ValueError, match=says):
        rasterize(strokes)


@pytest.mark.parametrize("kind", [np.array, torch.tensor, list, iter])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_strokes_are_read_whatever_holds_them(pad, kind, dtype):
    stroke = np.array([(0.25, 0.5), (0.75, 0.125)], dtype)
    pad.draw(iter([kind(stroke), kind(stroke[:1]), []]))
    assert pad.strokes == [[(0.25, 0.5), (0.75, 0.125)], [(0.25, 0.5)]]


@pytest.mark.parametrize(
    ("strokes", "says"),
    [
        ([[(1e39, 0.5), (0.5, 0.5)]], "from 0 to 1"),
        ([np.full((200_000, 2), 0.5)], "at most 131,072 points"),
        ([[(0.5, 0.5)]] * 70_000, "at most 131,072 points"),
        ([[(3, 4), (2, 2)]], "nothing of these strokes would lie on the pad"),
        ([[(-0.5, -0.5), (1.5, -0.5), (1.5, 1.5)]], "nothing of these strokes"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_the_drawing_stays(pad, strokes, says):
    pad.draw(SEVEN)
    drawn = pad.strokes
    with pytest.raises(ValueError, match=says):
        pad.draw(strokes)
    assert pad.strokes == drawn


# ---- ink to picture


@pytest.mark.parametrize("size", [28, 64, 280, 700])
@pytest.mark.parametrize("place", [(0.1, 0.1), (0.6, 0.5)])
def test_a_drawing_is_the_same_picture_wherever_and_on_whatever_canvas_it_lies(size, place):
    def drawn(side, left, top, scale):
        shape = [(0.1, 0.1), (0.9, 0.15), (0.5, 0.9)]
        stroke = [(left + scale * x, top + scale * y) for x, y in shape]
        return normalize_drawing(rasterize([stroke], side=side, brush=20 * scale / 0.4))

    reference = drawn(280, 0.3, 0.3, 0.4)
    assert np.abs(drawn(max(size, 84), *place, 0.4) - reference).mean() < 0.02


def test_ink_fits_the_box_of_20_and_its_mass_the_middle():
    picture = normalize_drawing(rasterize(SEVEN))
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    assert 20 <= np.ptp(rows) + 1 <= 21  # 20 pixels, laid down between pixels
    assert np.ptp(columns) + 1 <= 21
    assert mass_center(picture) == pytest.approx((14, 14), abs=0.05)


@pytest.fixture(scope="module")
def sample():
    return load_mnist(MNIST_SAMPLE).test_images


def test_real_digits_stay_as_they_are(sample):
    digits = sample[::20].numpy()
    again = np.stack([normalize_drawing(digit) for digit in digits])
    assert np.abs(again - digits / 255).mean() < 0.03
    assert np.mean([mass_center(p) for p in again]) == pytest.approx(14, abs=0.05)


def test_aspect_is_kept_unless_it_is_switched_off():
    thin = rasterize([[(0.5, 0.2), (0.5, 0.8)]])
    width = lambda picture: np.count_nonzero(picture.any(0))  # noqa: E731
    assert width(normalize_drawing(thin)) <= 5
    assert width(normalize_drawing(thin, keep_aspect=False)) >= 20


def test_without_cropping_a_small_drawing_stays_small():
    small = rasterize([[(0.1, 0.1), (0.2, 0.2)]])
    assert normalize_drawing(small, crop=False).sum() < normalize_drawing(small).sum() / 5


def test_without_centering_the_box_lies_in_the_middle():
    picture = normalize_drawing(rasterize(SEVEN), center=False)
    box = ink_box((picture * 255).astype(np.uint8))
    assert (box.top + box.bottom) / 2 == pytest.approx(14, abs=0.5)
    assert mass_center(picture)[0] < 13


def test_ink_is_held_inside_the_picture():
    blot = [(0.1, 0.1), (0.2, 0.1), (0.1, 0.2), (0.2, 0.2)] * 3
    ink = rasterize([blot, [(0.15, 0.15), (0.95, 0.95)]], brush=30)
    picture = normalize_drawing(ink)
    inked = ink.sum() / 255 * (20 / max(ink_box(ink).right - ink_box(ink).left, 1)) ** 2
    assert picture.sum() == pytest.approx(inked, rel=0.01)


def test_nothing_drawn_is_an_empty_picture():
    assert not normalize_drawing(np.zeros((280, 280), np.uint8)).any()


def test_a_tensor_gives_a_tensor():
    picture = normalize_drawing(torch.from_numpy(rasterize(SEVEN)))
    assert isinstance(picture, torch.Tensor)
    assert (picture.shape, picture.dtype) == ((28, 28), torch.float32)


@pytest.mark.parametrize(
    ("ink", "says"),
    [
        (np.zeros((5, 5)), "got float64"),
        (np.zeros((1, 5, 5), np.uint8), r"take one picture out with ink\[0\]"),
        (np.zeros(5, np.uint8), r"got shape \(5,\)"),
        (np.zeros((0, 5), np.uint8), r"got shape \(0, 5\)"),
    ],
)
def test_ink_of_the_wrong_form_is_refused_with_the_remedy(ink, says):
    with pytest.raises(ValueError, match=says):
        normalize_drawing(ink)


INK = rasterize(SEVEN)
MASK = INK > 127
ON_WHITE = np.dstack([255 - INK] * 3)
OPAQUE = np.full_like(INK, 255)
NOTHING = np.zeros_like(INK)


def painted(colour, paper):
    """Return ink of one colour on paper of another, (280, 280, 3)."""
    share = INK[..., None] / 255
    return np.round(share * colour + (1 - share) * paper).astype(np.uint8)


def image(mode):
    """Return the drawing, black on white, as Pillow holds it in a mode."""
    return Image.fromarray(255 - INK).convert("RGB").convert(mode)


AMISS = {
    "RGB": np.dstack([INK] * 3),
    "RGB on white": ON_WHITE,
    "RGB, the channels first": np.moveaxis(painted((255, 0, 0), (0, 0, 0)), -1, 0),
    "red on white": painted((255, 0, 0), (255, 255, 255)),
    "yellow on white": painted((255, 255, 0), (255, 255, 255)),
    "blue on black": painted((0, 0, 255), (0, 0, 0)),
    "RGBA": np.dstack([INK, INK, INK, OPAQUE]),
    "RGBA on white": np.dstack([ON_WHITE, OPAQUE]),
    "RGBA, black on nothing": np.dstack([NOTHING] * 3 + [INK]),
    "RGBA, white on nothing": np.dstack([OPAQUE] * 3 + [INK]),
    "RGBA, a frame transparent": np.dstack([ON_WHITE, np.pad(OPAQUE[9:-9, 9:-9], 9)]),
    "RGBA, floats": np.dstack([ON_WHITE, OPAQUE]) / 255,
    "grey and alpha": np.dstack([255 - INK, OPAQUE]),
    "one channel, last": INK[..., None],
    "one channel, first": INK[None],
    "a batch": np.stack([INK] * 7),
    "a batch of three": np.stack([INK, NOTHING, INK.T]),
    "a batch with channels": np.stack([ON_WHITE] * 5),
    "a batch of tensors": torch.from_numpy(INK)[None, None],
    "rows of pixels": np.stack([normalize_drawing(INK).ravel()] * 3),
    "a row of pixels": normalize_drawing(INK).ravel(),
    "bool": MASK,
    "bool on white": ~MASK,
    "bool RGB": np.dstack([~MASK] * 3),
    "0 and 1": MASK.astype(np.uint8),
    "0 and 1, int64": MASK.astype(np.int64),
    "0.0 and 1.0": MASK.astype(np.float32),
    "0 to 1": INK / 255,
    "0 to 1, float16": (INK / 255).astype(np.float16),
    "0 to 1 and a little more": INK / 255 * 1.001,
    "1 for paper": 1 - INK / 255,
    "0 to 16": np.round(INK / 255 * 16),
    "0 to 16, uint8": np.round(INK / 255 * 16).astype(np.uint8),
    "0 to 255, int64": INK.astype(np.int64),
    "0 to 255, float": INK.astype(float),
    "0 to 65535": INK.astype(np.uint16) * 257,
    "white is 65535": 65535 - INK.astype(np.uint16) * 257,
    "bfloat16": torch.from_numpy(INK).bfloat16(),
    "with gradients": torch.from_numpy(INK / 255).requires_grad_(),
    "a bool tensor": torch.from_numpy(MASK),
    "a tensor on white": torch.from_numpy(255 - INK),
    "black on white": 255 - INK,
    "black on grey": (160 - INK / 255 * 150).astype(np.uint8),
    "black on dark grey": (120 - INK / 255 * 100).astype(np.uint8),
    "white on grey": (60 + INK / 255 * 190).astype(np.uint8),
    "lists": INK.tolist(),
    "negative": (INK / 255 - 0.1307) / 0.3081,
    "-1 to 1": INK / 127.5 - 1,
    "wrapped around": INK.astype(np.int8),
    "nan": np.where(MASK, np.nan, 0),
    "inf": np.where(MASK, np.inf, 0),
    "complex": INK.astype(complex),
    "text": np.full((28, 28), "ink"),
    "objects": INK.astype(object),
    "a white sheet": OPAQUE,
    "nothing": None,
} | {f"Pillow, {mode}": image(mode) for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I", "F")}


def hints(message):
    """Return the expressions that a message tells to give instead of `ink`."""
    return re.findall(r"(?:give|with) (.+?)(?=;|$)", message)


def obeyed(ink, depth=0):
    """Return all pictures that come out when every hint is followed to its end."""
    assert depth < 6, "hints that lead nowhere"
    try:
        return [np.asarray(normalize_drawing(ink))]
    except ValueError as error:
        given = [eval(hint, {"np": np, "ink": ink}) for hint in hints(str(error))]
        return list(itertools.chain.from_iterable(obeyed(ink, depth + 1) for ink in given))


@pytest.mark.parametrize("name", AMISS)
def test_a_hint_that_is_obeyed_gives_the_drawing_or_another_error(name):
    wanted = normalize_drawing(INK)
    with pytest.raises(ValueError, match="ink"):
        normalize_drawing(AMISS[name])
    pictures = obeyed(AMISS[name])
    if name in ("RGB, the channels first", "a batch of three"):  # the message says "if"
        assert any(np.abs(picture - wanted).max() < 0.1 for picture in pictures)
        return
    for picture in pictures:
        assert np.abs(picture - wanted).mean() < 0.02
        assert picture.max() > 0.9, "the ink came out faint"


def test_digits_that_were_cut_out_closely_are_read(sample):
    for digit in sample[::10].numpy():
        columns = np.flatnonzero(digit.any(0))
        piece = digit[:, columns[0] : columns[-1] + 1]
        assert np.array_equal(normalize_drawing(piece), normalize_drawing(digit))


def test_a_speck_is_no_fault():
    speck = np.zeros((28, 2), np.uint8)
    speck[3:9, 0] = 5, 1, 1, 7, 2, 1
    assert normalize_drawing(speck).any()


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_black_on_white_is_seen_though_ink_lies_in_a_corner(corner):
    ink = INK.copy()
    ink[corner] = 255
    with pytest.raises(ValueError, match="give 255 - ink"):
        normalize_drawing(255 - ink)


HELPLESS = ("negative", "-1 to 1", "wrapped around", "nan", "inf", "complex", "text", "objects")


@pytest.mark.parametrize("name", AMISS.keys() - {*HELPLESS, "a white sheet", "nothing"})
def test_ink_that_can_be_mended_is_told_how(name):
    assert obeyed(AMISS[name])


def test_a_pad_that_is_full_of_ink_still_has_a_picture(pad):
    pad.brush = 50
    pad.draw([[(x, 0), (x, 1)] for x in np.linspace(0, 1, 20)])
    assert pad.ink.min() == 255
    assert pad.image.any()
    assert pad.probs is not None


# ---- models


def test_the_pad_reads_what_the_model_says_of_its_picture(pad, model):
    pad.draw(SEVEN)
    assert torch.allclose(pad.probs, model(pad.image[None, None]).softmax(1)[0])
    assert pad.image.shape == (28, 28)
    assert pad.probs.argmax() == model(pad.image[None, None]).argmax()


def test_an_empty_pad_predicts_nothing(pad):
    assert pad.probs is None
    assert not pad.image.any()


def test_several_models_answer_by_name(model):
    pad = DigitPad({"one": model, "two": lambda X: torch.eye(10)[3]})
    pad.draw(SEVEN)
    assert list(pad.probs) == ["one", "two"]
    assert pad.probs["two"][3] == 1


def test_a_model_in_training_stays_in_training_and_keeps_its_statistics():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(1352, 10))
    before = copy.deepcopy(model.state_dict())
    pad = DigitPad(model.train())
    pad.draw(SEVEN)
    assert torch.equal(pad.probs, pad.probs)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_the_pad_asks_the_model_as_it_is_now(pad, model):
    pad.draw(SEVEN)
    before = pad.probs
    with torch.no_grad():
        model[1].bias[4] += 50
    assert before.argmax() != 4
    assert pad.probs.argmax() == 4


@pytest.mark.parametrize(
    "scores", [torch.arange(10.0), torch.arange(10.0)[None], torch.arange(10.0).tolist()]
)
def test_logits_become_probabilities(scores):
    assert read(lambda X: scores, torch.zeros(28, 28)).sum() == pytest.approx(1)


def test_probabilities_stay_as_they_are():
    shares = torch.linspace(0, 1, 10) / torch.linspace(0, 1, 10).sum()
    assert torch.equal(read(lambda X: shares, torch.zeros(28, 28)), shares)


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        (torch.full((10,), math.nan), "gave nan"),
        (torch.tensor([math.inf] + [0.0] * 9), "infinity"),
        (torch.zeros(1, 7), r"ten numbers for one digit, got shape \(1, 7\)"),
        ((torch.zeros(10), torch.zeros(1)), "ten numbers for one digit, got tuple"),
        ("seven", "ten numbers for one digit, got str"),
        (None, "ten numbers for one digit, got NoneType"),
        (torch.zeros(10, dtype=torch.complex64), "complex64"),
    ],
)
def test_a_model_that_gives_no_ten_numbers_is_an_error_that_says_so(scores, says):
    with pytest.raises(ValueError, match=says):
        read(lambda X: scores, torch.zeros(28, 28))


@pytest.mark.parametrize(
    ("predict", "says"),
    [
        (5, "got int"),
        ({}, "at least one model"),
        (nn.Linear, r"make a model of the class with \(\)"),
        ([nn.Identity(), nn.Identity()], "give several models by name"),
        ({1: nn.Identity(), "1": nn.Flatten()}, r"same name as text, got \[1, '1'\]"),
        ({"mine": "model"}, "'mine' must be an nn.Module .* got str"),
    ],
)
def test_what_is_no_model_is_refused(predict, says):
    with pytest.raises(ValueError, match=says):
        DigitPad(predict)


# ---- networks for the page


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (nn.GELU(), "GELU"),
        (nn.Conv2d(1, 1, 3, dilation=2), r"dilation=\(2, 2\)"),
        (nn.Conv2d(1, 1, 4, padding="same"), "even kernel"),
        (nn.MaxPool2d(2, ceil_mode=True), "ceil_mode"),
        (nn.BatchNorm2d(1, track_running_stats=False), "no running mean"),
        (nn.LSTM(28, 10), "LSTM"),
    ],
)
def test_a_layer_that_the_page_cannot_run_is_named(layer, says):
    with pytest.raises(ValueError, match=says):
        DigitPad({"mine": nn.Sequential(layer, nn.Flatten(), nn.Linear(784, 10))}, in_page=True)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (lambda X: X, "'model' is a function"),
        (nn.Sequential(nn.Flatten(), nn.Linear(100, 10)), "cannot read a digit"),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 5)), r"gives \(1, 5\) for one digit"),
    ],
)
def test_a_model_that_is_no_network_for_digits_is_refused(model, says):
    with pytest.raises(ValueError, match=says):
        DigitPad(model, in_page=True)


class Upside(nn.Sequential):
    def forward(self, X):
        return super().forward(1 - X)


def test_a_sequence_with_a_forward_of_its_own_is_not_taken_apart():
    layers = nn.Flatten(), nn.Linear(784, 10)
    for model in (Upside(*layers), nn.Sequential(Upside(*layers))):
        with pytest.raises(ValueError, match="Upside"):
            DigitPad(model, in_page=True)


@pytest.mark.parametrize(
    ("model", "kernel_can"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.GELU()), True),
        (lambda X: X[..., 0, :10], True),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 5)), False),
        (nn.Sequential(nn.Linear(784, 10)), False),
    ],
)
def test_the_kernel_is_recommended_for_what_it_can_run_only(model, kernel_can, tmp_path):
    with pytest.raises(ValueError, match="model") as told:
        DigitPad(model, in_page=True)
    assert ("Leave in_page out" in str(told.value)) == kernel_can
    pad = DigitPad(model)
    pad.draw(SEVEN)
    if kernel_can:
        assert pad.probs.sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="model") as told:
        pad.export(tmp_path / "page.html")
    assert "in_page" not in str(told.value), "an exported page has no kernel"


def test_packing_leaves_the_model_as_it_is(model):
    model.train()
    before = copy.deepcopy(model.state_dict())
    pack({"mine": model})
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_weights_that_fit_two_bytes_take_two(model):
    _, whole = pack({"mine": model})
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
    _, half = pack({"mine": model})
    assert len(half) == len(whole) / 2 == 7850 * 2


# ---- the page of its own


def wide(n):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, n), nn.Linear(n, 10))


@pytest.mark.parametrize(
    "models", [{"a": wide(300)}, {"a": wide(1000)}, {"a": wide(300), "b": wide(9)}]
)
def test_a_page_that_is_too_large_gets_remedies_that_help(models, tmp_path):
    with pytest.raises(ValueError, match="at most 1 MB") as told:
        DigitPad(models).export(tmp_path / "page.html")
    assert ("leave a model out" in str(told.value)) == (len(models) > 1)
    rounded = {name: copy.deepcopy(model).half().float() for name, model in models.items()}
    if "copy.deepcopy(model).half().float()" in str(told.value):
        DigitPad(rounded).export(tmp_path / "page.html")
        return
    with pytest.raises(ValueError, match="at most 1 MB"):
        DigitPad(rounded).export(tmp_path / "page.html")


@pytest.mark.parametrize("name", ["{{script}}", "{{weights}}", "{{state}}", "</script><b>", "\\1"])
def test_no_name_of_a_model_changes_the_page(model, name):
    page = build_page({name: model})
    plain = build_page({"plain": model})
    assert page.count("<script") == plain.count("<script") == 1
    assert len(page) - len(plain) < 200
    state = re.search(r"const state = \{ \.\.\.(.*), _strokes", page)[1]
    assert json.loads(state)["_names"] == [name]


def test_the_page_allows_its_own_script_and_style_and_nothing_else(model):
    page = build_page({"mine": model})
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for rule, block in (
        ("script-src", r'<script type="module">(.*?)</script>'),
        ("style-src", "<style>(.*?)</style>"),
    ):
        (text,) = re.findall(block, page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"


@pytest.mark.parametrize("place", ["none/page.html", "", "page/"])
def test_a_place_that_cannot_hold_the_page_is_refused(pad, tmp_path, place):
    with pytest.raises(DatasetError, match="folder"):
        pad.export(f"{tmp_path}/{place}")


def test_a_page_is_exported_to_the_learners_own_folder(pad, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert pad.export("~/my Łódź page.html") == tmp_path / "my Łódź page.html"
    assert (
        (tmp_path / "my Łódź page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    )


# ---- messages of the page


def picture_of(pad):
    return [memoryview((255 * pad.image).round().to(torch.uint8).numpy().tobytes())]


def test_a_picture_from_the_page_is_answered(pad, sent):
    pad.draw(SEVEN)
    pad._hear(pad, {"kind": "read", "id": 8}, picture_of(pad))
    answer = sent[-1]
    assert (answer["kind"], answer["id"]) == ("readings", 8)
    assert answer["readings"][0]["probs"] == pytest.approx(pad.probs.tolist(), abs=1e-5)


def test_an_exception_of_one_model_is_told_and_the_others_answer(model, sent):
    def broken(X):
        raise RuntimeError("I am broken")

    pad = DigitPad({"broken": broken, "whole": model})
    pad.draw(SEVEN)
    pad._hear(pad, {"kind": "read", "id": 1}, picture_of(pad))
    first, second = sent[-1]["readings"]
    assert first["error"] == "RuntimeError: I am broken"
    assert sum(second["probs"]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("content", "buffers"),
    [
        (None, None),
        ("read", []),
        ({}, []),
        ({"kind": "read", "id": 1}, []),
        ({"kind": "read", "id": 1}, [b"12345"]),
        ({"kind": "read", "id": 1}, [bytes(784), bytes(784)]),
        ({"kind": "read", "id": 1}, 5),
        ({"kind": "label", "digit": 11}, []),
        ({"kind": "label", "digit": "3"}, []),
        ({"kind": "label", "digit": 3}, []),  # the pad is empty
    ],
)
def test_hostile_messages_are_refused_aloud(pad, sent, content, buffers):
    pad._hear(pad, content, buffers)
    assert sent[-1]["kind"] == "refused"
    pad.draw(SEVEN)
    assert pad.probs is not None


@pytest.mark.parametrize(
    "value", [5, 10**12, "text", [1, 2], None, b"12345", np.full((2, 2), np.inf, "<f4").tobytes(),
              bytes(8), bytes(2**21)],
)  # fmt: skip
def test_strokes_that_cannot_be_read_are_refused_and_the_drawing_stays(pad, sent, value):
    pad.draw(SEVEN)
    pad._strokes = value
    assert sent[-1]["kind"] == "refused"
    assert len(pad.strokes) == 1


@pytest.mark.parametrize(("asked", "got"), [(math.nan, 16), (-5, 6), (1e9, 50), (30, 30)])
def test_the_brush_stays_within_reason(pad, asked, got):
    pad.brush = asked
    assert pad.brush == got


@pytest.mark.parametrize("brush", [None, "thick", [16], 2j])
def test_a_brush_that_is_no_number_is_refused(model, brush):
    with pytest.raises(ValueError, match="brush must be a number of pixels from 6 to 50"):
        DigitPad(model, brush=brush)


@pytest.mark.parametrize("brush", [20, np.float32(20), np.int64(20), torch.tensor(20.0), "20"])
def test_a_brush_is_a_number_of_any_kind(model, brush):
    assert DigitPad(model, brush=brush).brush == 20


def test_strokes_come_back_as_they_were_drawn(pad):
    strokes = [[(0.25, 0.5), (0.75, 0.125)], [(1.5, -0.5)]]
    pad.draw(strokes)
    assert pad.strokes == strokes
    assert [len(stroke) for stroke in decode(pad._strokes)] == [2, 1]
    pad.clear()
    assert pad.strokes == []


# ---- one's own test set


def test_labelled_drawings_are_saved_as_idx_and_read_back(pad, tmp_path):
    for digit in (7, 7, 1):
        pad.draw(SEVEN)
        picture = pad.image
        pad.label(digit)
        assert pad.strokes == []
    images, labels = pad.save(tmp_path / "mine.idx")
    assert read_idx(labels).tolist() == [7, 7, 1]
    assert torch.equal(read_idx(images)[2], (255 * picture).round().to(torch.uint8))
    assert images.name == "mine.idx"


def test_nothing_drawn_can_be_neither_labelled_nor_saved(pad, tmp_path):
    with pytest.raises(ValueError, match="the pad is empty"):
        pad.label(3)
    with pytest.raises(ValueError, match="nothing to save"):
        pad.save(tmp_path / "mine.idx")


def labelled(pad, *digits):
    for digit in digits:
        pad.draw(SEVEN)
        pad.label(digit)
    return pad


def test_a_new_pad_does_not_replace_what_an_earlier_one_saved(pad, model, tmp_path):
    labelled(pad, 1, 2).save(tmp_path / "mine.idx")
    other = labelled(DigitPad(model), 3)
    with pytest.raises(DatasetError, match=r"2 digits that are not among these 1.*overwrite=True"):
        other.save(tmp_path / "mine.idx")
    assert read_labelled(tmp_path / "mine.idx")[1].tolist() == [1, 2]
    other.save(tmp_path / "mine.idx", overwrite=True)
    assert read_labelled(tmp_path / "mine.idx")[1].tolist() == [3]


def test_a_pad_saves_again_when_more_is_labelled_and_tells_what_is_unsaved(pad, tmp_path):
    labelled(pad, 1, 2)
    assert (pad._n_labelled, pad._n_unsaved) == (2, 2)
    for digit in (3, 4):
        pad.save(tmp_path / "mine.idx")
        pad.save(tmp_path / "mine.idx")
        assert pad._n_unsaved == 0
        labelled(pad, digit)
        assert pad._n_unsaved == 1
    pad.save(tmp_path / "mine.idx")
    assert read_labelled(tmp_path / "mine.idx")[1].tolist() == [1, 2, 3, 4]


@pytest.fixture
def run_cell(model, monkeypatch):
    """Run a cell of a notebook that makes a pad, and does something with it."""
    runs = itertools.count()

    def run(act=lambda pad: None, pad=None, cell="one"):
        header = {"msg_id": f"run {next(runs)}"}
        request = {"header": header, "metadata": {"cellId": cell}}
        monkeypatch.setattr(cells, "request", lambda: request)
        pad = pad or DigitPad(model, collect=True)
        act(pad)
        return pad

    monkeypatch.setattr(widget, "_unsaved", {})
    return run


def by_hand(pad, digit):
    pad.draw(SEVEN)
    pad._hear(pad, {"kind": "label", "digit": digit}, picture_of(pad))


def test_what_was_labelled_by_hand_outlives_another_run_of_the_cell(run_cell):
    pad = run_cell()
    by_hand(pad, 7)
    run_cell(lambda pad: labelled(pad, 1), pad, cell="below")
    again = run_cell()
    assert again.collected[1].tolist() == [7, 1]
    assert (again._n_labelled, again._n_unsaved) == (2, 2)
    by_hand(again, 5)
    assert run_cell().collected[1].tolist() == [7, 1, 5]
    assert run_cell(cell="another").collected[1].tolist() == []


def test_what_was_saved_or_forgotten_does_not_come_back(run_cell, tmp_path):
    pad = run_cell()
    by_hand(pad, 7)
    pad.save(tmp_path / "anna.idx")
    ben = run_cell()
    assert ben.collected[1].tolist() == []
    by_hand(ben, 3)
    ben.forget()
    assert (len(ben.collected[1]), ben._n_labelled, ben._n_unsaved) == (0, 0, 0)
    assert run_cell().collected[1].tolist() == []


def test_what_a_cell_labels_itself_is_not_doubled_by_another_run(run_cell):
    for _ in range(3):
        assert run_cell(lambda pad: labelled(pad, 1, 2)).collected[1].tolist() == [1, 2]


@pytest.mark.parametrize("digit", [10, -1, "7", 2.5, True, None])
def test_a_label_is_a_digit(pad, digit):
    pad.draw(SEVEN)
    with pytest.raises(ValueError, match="whole number from 0 to 9"):
        pad.label(digit)
    assert pad.strokes


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_lost(pad, tmp_path):
    pad.draw(SEVEN)
    pad.label(7)
    with pytest.raises(DatasetError, match="no-such-folder"):
        pad.save(tmp_path / "no-such-folder" / "mine.idx")
    assert len(pad.collected[0]) == 1


# ---- what a notebook stores


def test_the_still_says_what_each_model_reads(model):
    text, picture, width = still(rasterize(SEVEN), {"a": torch.eye(10)[7], "b": None})
    assert text == "Drawing pad for a, b: a reads 7."
    assert picture.startswith(b"\x89PNG")
    assert width == 800


@pytest.mark.parametrize(
    ("models", "says"),
    [
        (lambda X: torch.eye(10)[3], "with a drawn 3 as an example: model reads 3."),
        (lambda X: torch.eye(10)[0], "with a drawn 0 as an example: model reads 0."),
        (lambda X: torch.eye(10)[5], "with a drawn 3 as an example: model reads 5."),
        (lambda X: 1 / 0, "with a drawn 3 as an example: nothing is read."),
        (
            {"a": lambda X: torch.eye(10)[3], "b": lambda X: torch.eye(10)[0]},
            "with a drawn 3 as an example: a reads 3, b reads 0.",
        ),
    ],
)
def test_the_still_of_an_empty_pad_shows_an_example_and_how_it_is_read(models, says, capsys):
    pad = DigitPad(models)
    pad._ipython_display_()
    said = capsys.readouterr().out
    assert f"{says} Run this cell and draw a digit of your own." in said
    assert not pad.ink.any()
    assert pad.probs is None


def test_a_model_that_fails_does_not_keep_the_pad_from_showing(capsys):
    pad = DigitPad(lambda X: 1 / 0)
    pad.draw(SEVEN)
    pad._ipython_display_()
    assert "Drawing pad" in capsys.readouterr().out


def test_the_name_model_is_shown_where_there_are_several(model):
    several = DigitPad({"model": model, "other": model})
    several.draw(SEVEN)
    assert list(several.probs) == ["model", "other"]


# ---- the end of a pad


def test_a_closed_pad_lets_go_of_its_models_and_is_let_go():
    def make():
        model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
        pad = DigitPad(model, in_page=True)
        pad.draw(SEVEN)
        assert pad.probs is not None
        pad._ipython_display_()
        return pad, weakref.ref(model)

    pad, model = make()
    pad.close()
    gc.collect()
    assert model() is None
    assert pad._weights == b""
    pad = weakref.ref(pad)
    gc.collect()
    assert pad() is None


def test_a_closed_pad_is_harmless_and_keeps_what_was_labelled(pad, tmp_path):
    labelled(pad, 7)
    pad.draw(SEVEN)
    picture = picture_of(pad)
    pad.close()
    pad.close()
    pad._hear(pad, {"kind": "read", "id": 1}, picture)
    pad._hear(pad, {"kind": "nonsense"}, [])
    assert pad.probs is None
    pad.clear()
    pad.save(tmp_path / "mine.idx")
    assert read_labelled(tmp_path / "mine.idx")[1].tolist() == [7]


def test_a_closed_picture_of_an_explorer_is_let_go():
    picture = Picture(png=b"", alt="nothing")
    picture._repr_mimebundle_()
    picture.close()
    picture = weakref.ref(picture)
    gc.collect()
    assert picture() is None
