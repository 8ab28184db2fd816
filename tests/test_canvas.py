"""The drawing pad without a browser: strokes to ink, ink to picture, models, messages, files."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.canvas.network import pack
from course_utils.canvas.reading import read
from course_utils.canvas.still import still
from course_utils.canvas.widget import decode
from course_utils.datasets import DatasetError, read_idx
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
    ],
)
def test_strokes_that_are_none_are_refused_with_the_remedy(strokes, says):
    with pytest.raises(ValueError, match=says):
        rasterize(strokes)


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


def test_real_digits_stay_as_they_are():
    from course_utils.datasets import MNIST_SAMPLE, load_mnist

    digits = load_mnist(MNIST_SAMPLE).test_images[::20].numpy()
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


def test_the_still_of_an_empty_pad_invites(pad, capsys):
    pad._ipython_display_()
    assert "draw a digit" in capsys.readouterr().out


def test_a_model_that_fails_does_not_keep_the_pad_from_showing(capsys):
    pad = DigitPad(lambda X: 1 / 0)
    pad.draw(SEVEN)
    pad._ipython_display_()
    assert "Drawing pad" in capsys.readouterr().out
