"""The convolution stepper, and what the explorers of lesson 06 share."""

import asyncio
import re

import pytest
import torch
import torch.nn.functional as F

from course_utils.canvas import DigitPad
from course_utils.explorers.convolution import (
    BY_HAND,
    CORNER,
    KERNELS,
    OWN,
    _step,
    convolution_stepper,
    corner_from_edges,
    map_size,
    parse_kernel,
    worked_example,
)
from course_utils.explorers.following import PAUSE
from course_utils.explorers.place import Place
from course_utils.figures import number
from course_utils.ink.forms import neat
from course_utils.microscope import picture_of
from course_utils.microscope.picture import sample_digit


def touch(explorer, axes, x, y):
    """Touch the explorer's picture at a point of one of its axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[axes].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


def shown_map(explorer):
    """Return the numbers of the map as the figure has them."""
    return torch.tensor(explorer.figure.axes[-2].images[0].get_array().data)


def silent(X):
    """A model for a pad whose answers do not matter."""
    return torch.zeros(1, 10)


# --- the numbers, against PyTorch ----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_the_map_is_that_of_conv2d(seed):
    generator = torch.Generator().manual_seed(seed)
    c, k, l, stride, padding = (  # noqa: E741
        int(torch.randint(low, high, (), generator=generator))
        for low, high in ((1, 4), (1, 6), (1, 6), (1, 4), (0, 3))
    )
    X, W = torch.randn(c, 9, 11, generator=generator), torch.randn(c, k, l, generator=generator)
    step = _step(X, W, stride, padding, (0, 0))
    theirs = F.conv2d(X[None], W[None], stride=stride, padding=padding)[0, 0]
    assert torch.allclose(step.Y, theirs, atol=1e-5)
    assert step.Y.shape == (map_size(9, k, stride, padding), map_size(11, l, stride, padding))
    row, column = theirs.shape[0] - 1, theirs.shape[1] // 2
    step = _step(X, W, stride, padding, (row, column))
    assert (step.window * step.W).sum().item() == pytest.approx(
        theirs[row, column].item(), abs=1e-4
    )


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_of_the_menu_draws_the_map_of_conv2d(name):
    explorer = convolution_stepper(kernel=name)
    picture = (10 * sample_digit()).round() / 10
    theirs = F.conv2d(picture[None, None], KERNELS[name][None, None], padding=1)[0, 0]
    assert torch.allclose(shown_map(explorer).float(), theirs, atol=1e-5)


def test_the_corner_kernel_is_silent_along_straight_edges_and_speaks_at_corners():
    square = torch.zeros(12, 12)
    square[4:9, 4:9] = 1
    Y = F.conv2d(square[None, None], KERNELS["corners"][None, None], padding=1)[0, 0]
    assert Y[6].abs().max() == 0
    assert Y[:, 6].abs().max() == 0
    assert Y[4, 4] != 0


def test_the_second_layer_finds_the_upper_left_corner_of_a_square():
    square = torch.zeros(14, 14)
    square[4:10, 4:10] = 1
    X, W = corner_from_edges(square)
    Y = F.conv2d(X[None], W[None], padding=1)[0, 0]
    row, column = divmod(int(Y.argmax()), 14)
    assert abs(row - 4) <= 1
    assert abs(column - 4) <= 1
    assert Y.eq(Y.max()).sum() == 1


# --- what it says --------------------------------------------------------------------------------


def test_the_worked_example_begins_with_56():
    explorer = convolution_stepper()
    explorer.set(stride=2, padding=2)
    explorer.controls["kernel"].value = BY_HAND
    assert "Row 0, column 0 of the map: 19 + 37 = 56, channel by channel." in explorer.says.value
    assert "The map has 2 rows, 2 columns; 1 of its 4 numbers" in explorer.says.value
    X, W = worked_example()
    assert F.conv2d(X[None], W[None])[0, 0].tolist() == [[56, 72], [104, 120]]
    sums = []
    for _ in range(3):
        explorer.controls["place"].next.click()
        sums.append(int(re.search(r"= (\d+), channel", explorer.says.value).group(1)))
    assert sums == [72, 104, 120]


@pytest.mark.parametrize(("stride", "padding", "size"), [(1, 0, 26), (2, 1, 14), (3, 2, 10)])
def test_the_sentence_says_the_size_that_conv2d_gives(stride, padding, size):
    explorer = convolution_stepper()
    explorer.set(stride=stride, padding=padding)
    assert f"The map has {size} rows, {size} columns" in explorer.says.value
    assert shown_map(explorer).shape == (size, size)
    assert explorer.controls["place"].size == (size, size)


def test_every_control_changes_the_picture():
    explorer = convolution_stepper()
    seen = {explorer.picture.png}
    changes = (
        {"place": (10, 20)},
        {"whole": True},
        {"kernel": "blur"},
        {"stride": 2},
        {"padding": 0},
        {"kernel": CORNER},
    )
    for change in changes:
        explorer.set(**change)
        seen.add(explorer.picture.png)
    assert len(seen) == 1 + len(changes)


def test_what_is_not_computed_yet_is_hidden():
    explorer = convolution_stepper()
    explorer.set(place=(5, 5))
    assert "146 of its 784 numbers so far" in explorer.says.value  # five rows of 28, then six
    explorer.set(whole=True)
    assert "all 784 numbers are shown" in explorer.says.value


# --- a kernel of one's own -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kernel"),
    [
        ("1 0; 0 -1", [[1, 0], [0, -1]]),
        ("1, 0 ;0, −1;", [[1, 0], [0, -1]]),
        ("0.5", [[0.5]]),
        ("1 2 3", [[1, 2, 3]]),
    ],
)
def test_a_kernel_can_be_written(text, kernel):
    assert parse_kernel(text).tolist() == kernel


@pytest.mark.parametrize(
    "text", ["", ";", "1 2; 3", "a b; c d", "1 2; nan 0", "__import__('os')", "1 inf"]
)
def test_a_text_that_is_no_kernel_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="rows parted by ; and numbers by spaces, as -1 1; -1 1"):
        parse_kernel(text)


def test_rows_of_different_lengths_are_counted():
    with pytest.raises(ValueError, match="its rows have 3, 2 numbers"):
        parse_kernel("1 2 3; 4 5")


def test_a_kernel_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="1 × 6 is too large; at most 5 × 5"):
        parse_kernel("1 1 1 1 1 1")


def test_writing_a_kernel_chooses_it_and_a_wrong_one_is_said():
    explorer = convolution_stepper()
    explorer.controls["own"].value = "1 1; 1 1"
    assert explorer.values["kernel"] == OWN
    assert "the 4 products" in explorer.says.value
    explorer.controls["own"].value = "1 x"
    assert "is no kernel: write rows parted by ;" in explorer.says.value
    explorer.controls["own"].value = "2"
    assert "the 1 products" not in explorer.says.value
    assert "the product is" in explorer.says.value


def test_more_kernels_can_be_given():
    explorer = convolution_stepper(kernels={"learned": torch.eye(5)}, kernel="learned")
    assert "the 25 products" in explorer.says.value


@pytest.mark.parametrize("kernel", [torch.ones(2, 3, 3), torch.ones(6, 6), [[1]], torch.ones(0, 3)])
def test_a_given_kernel_of_another_shape_is_refused(kernel):
    with pytest.raises(ValueError, match=r"layer\.weight\[0, 0\]"):
        convolution_stepper(kernels={"mine": kernel})


# --- mouse and keyboard --------------------------------------------------------------------------


def test_touching_the_input_brings_the_window_there():
    explorer = convolution_stepper()
    touch(explorer, 0, 8, 5)  # column and row of the padded picture
    assert explorer.values["place"] == (4, 7)  # the window's middle lies on the pixel
    explorer.set(stride=2)
    touch(explorer, 0, 9, 13)
    assert explorer.values["place"] == (6, 4)


def test_touching_the_map_brings_the_window_there():
    explorer = convolution_stepper()
    touch(explorer, 1, 20, 3)
    assert explorer.values["place"] == (3, 20)
    explorer.set(kernel=CORNER)
    touch(explorer, 2, 6, 11)
    assert explorer.values["place"] == (11, 6)
    touch(explorer, 1, 10, 9)  # of the padded second channel
    assert explorer.values["place"] == (8, 9)


def test_touching_the_numbers_changes_nothing():
    explorer = convolution_stepper()
    touch(explorer, 2, 4.2, 2.5)
    assert explorer.values["place"] == (17, 14)


def test_a_place_walks_in_reading_order_and_stops_at_its_ends():
    place = Place(2, 3)
    walked = [place.value]
    for _ in range(7):
        place.next.click()
        walked.append(place.value)
    assert walked == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 2), (1, 2)]
    place.back.click()
    assert (place.row.value, place.column.value) == (1, 1)


def test_the_sliders_of_a_place_move_it_once():
    place, moves = Place(5, 5, (1, 2)), []
    place.observe(lambda change: moves.append(change["new"]), names="value")
    place.row.value = 4
    place.value = (0, 3)
    assert moves == [(4, 2), (0, 3)]
    assert (place.row.value, place.column.value) == (0, 3)


def test_a_place_stays_on_a_map_that_shrinks_and_may_grow_again():
    place = Place(28, 28, (27, 5))
    place.resize(14, 14)
    assert place.value == (13, 5)
    place.resize(1, 1)
    assert place.value == (0, 0)
    place.resize(28, 28)
    place.value = (27, 27)
    assert (place.row.value, place.column.value) == (27, 27)


# --- the learner's own drawing -------------------------------------------------------------------


def test_an_empty_pad_shows_a_digit_and_says_so_and_a_drawing_takes_its_place():
    pad = DigitPad(silent)
    explorer = convolution_stepper(pad, kernel="copy")
    assert explorer.says.value.startswith("The pad is empty")
    pad.draw(neat("3"))
    assert explorer.says.value.startswith("Row 17")
    assert torch.allclose(shown_map(explorer).float(), pad.image, atol=0.05 + 1e-6)
    before = explorer.picture.png
    pad.draw(neat("8"))
    assert explorer.picture.png != before


def test_in_a_notebook_the_explorer_waits_for_a_pause_of_the_pen(monkeypatch):
    pad = DigitPad(silent)
    explorer, drawn = convolution_stepper(pad), []
    draw = explorer.draw
    monkeypatch.setattr(explorer, "draw", lambda **values: drawn.append(1) or draw(**values))

    async def strokes():
        for name in ("1", "3", "8"):
            pad.draw(neat(name))
        at_once = len(drawn)
        await asyncio.sleep(2 * PAUSE)
        return at_once

    assert asyncio.run(strokes()) == 0
    assert len(drawn) == 1
    assert explorer.says.value.startswith("Row 17")


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (1, 1, 28, 28)])
def test_a_picture_may_come_in_three_shapes_as_bytes_or_floats(shape):
    image = torch.arange(784).reshape(shape) % 256
    taken = picture_of(image.to(torch.uint8))
    assert taken.shape == (28, 28)
    assert taken.max() == 1
    assert torch.allclose(picture_of(image / 255), taken)


@pytest.mark.parametrize("image", [torch.zeros(5, 28, 28), torch.zeros(784), torch.zeros(0, 28)])
def test_a_picture_of_another_shape_is_refused(image):
    with pytest.raises(ValueError, match=r"of a stack take one with images\[0\]"):
        picture_of(image)


def test_what_is_no_picture_is_refused():
    with pytest.raises(ValueError, match="image must be a tensor"):
        convolution_stepper("seven")
    with pytest.raises(ValueError, match="holds nan or infinity"):
        convolution_stepper(torch.full((28, 28), torch.nan))
    with pytest.raises(ValueError, match="nothing is drawn on the pad"):
        picture_of(DigitPad(silent))


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(-0.004, 2, "0"), (-1.5, 2, "−1.5"), (10, 0, "10"), (2.0, 2, "2")]
)
def test_numbers_are_short_and_have_a_true_minus(value, digits, text):
    assert number(value, digits) == text
