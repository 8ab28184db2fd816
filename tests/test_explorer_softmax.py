"""The softmax dial, the template viewer and the digit mover of lesson 03."""

import re

import numpy as np
import pytest
import torch

from course_utils.explorers.softmax import (
    digit_mover,
    moved,
    softmax,
    softmax_dial,
    template_viewer,
)


def numbers(text):
    """Return all numbers in a sentence, in order."""
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def touch(explorer, x, y):
    """Touch the explorer's picture at a point of its first axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[0].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


# --- softmax and the dial ----------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("scores", [(0.0, 0.0), (2.0, 1.0, 0.0), (-1000.0, 1000.0, 999.0)])
def test_softmax_agrees_with_pytorch(scores, temperature):
    theirs = torch.softmax(torch.tensor(scores, dtype=torch.float64) / temperature, dim=0)
    assert np.allclose(softmax(scores, temperature), theirs.numpy())


def test_the_dial_says_the_powers_their_sum_and_the_shares():
    explorer = softmax_dial((2.0, 1.0, 0.0))
    assert numbers(explorer.says.value) == [7.39, 2.72, 1, 11.1, 66.5, 24.5, 9.0]


def test_the_dial_is_blind_to_a_common_shift_of_all_scores():
    explorer = softmax_dial((2.0, 1.0, 0.0))
    shares = numbers(explorer.says.value)[-3:]
    explorer.set(z0=-1.0, z1=-2.0, z2=-3.0)
    assert numbers(explorer.says.value)[-3:] == shares


def test_a_higher_temperature_evens_the_chances_out():
    explorer = softmax_dial((2.0, 1.0, 0.0))
    largest = {}
    for temperature in (0.2, 1.0, 5.0):
        explorer.controls["temperature"].value = temperature
        largest[temperature] = numbers(explorer.says.value)[-3]
    assert largest[0.2] > 99 > largest[1.0] > 45 > largest[5.0] > 100 / 3


def test_touching_a_bar_of_the_dial_sets_its_score():
    explorer = softmax_dial((2.0, 1.0, 0.0))
    before = explorer.picture.png
    touch(explorer, 2.1, 3.9)
    assert explorer.values == {"z0": 2.0, "z1": 1.0, "z2": 4.0, "temperature": 1.0}
    assert explorer.picture.png != before


# --- the template viewer -----------------------------------------------------------------------


@pytest.fixture
def layer():
    generator = torch.Generator().manual_seed(0)
    W, b = torch.randn(10, 784, generator=generator), torch.randn(10, generator=generator)
    images = torch.rand(6, 28, 28, generator=generator)
    return W / 10, b, images, torch.tensor([3, 1, 4, 1, 5, 9])


@pytest.mark.parametrize(("number", "template"), [(1, 3), (4, 0), (6, 9)])
def test_the_viewer_says_the_score_that_the_layer_computes(layer, number, template):
    W, b, images, labels = layer
    explorer = template_viewer(*layer)
    explorer.controls["number"].slider.value = number
    explorer.controls["template"].value = template
    score = float(images[number - 1].flatten() @ W[template] + b[template])
    said = re.search(rf"the score of {template} is (−?[\d.]+)", explorer.says.value).group(1)
    assert numbers(said)[0] == pytest.approx(score, abs=0.051)
    assert f"Picture {number}, a {labels[number - 1]}." in explorer.says.value


def test_votes_for_and_against_and_the_bias_add_up_to_the_score(layer):
    explorer = template_viewer(*layer)
    said = numbers(explorer.says.value.partition("Votes")[2])
    votes_for, against, bias, _, score = said[:5]
    assert votes_for + against + bias == pytest.approx(score, abs=0.21)
    assert votes_for > 0 > against


def test_the_votes_of_the_two_halves_and_the_bias_add_up_to_the_score(layer):
    explorer = template_viewer(*layer)
    votes, _, halves = explorer.says.value.partition("Votes")[2].partition("Upper half")
    bias, score = numbers(votes)[2], numbers(votes)[4]
    upper, lower = numbers(halves)[:2]
    assert upper + lower + bias == pytest.approx(score, abs=0.21)
    votes = layer[2][0] * layer[0][3].reshape(28, 28)
    assert [upper, lower] == pytest.approx([float(v.sum()) for v in votes.split(14)], abs=0.051)


def test_the_viewer_names_the_template_that_wins(layer):
    W, b, images, _ = layer
    winner = int((images[0].flatten() @ W.T + b).argmax())
    explorer = template_viewer(*layer)
    explorer.controls["template"].value = winner
    assert "the highest of all" in explorer.says.value
    explorer.controls["template"].value = (winner + 1) % 10
    assert f"the highest is that of {winner}" in explorer.says.value


def test_touching_a_pixel_asks_it_for_its_vote(layer):
    W, _, images, _ = layer
    explorer = template_viewer(*layer)
    touch(explorer, 5, 20)
    assert (explorer.values["row"], explorer.values["column"]) == (20, 5)
    pixel, weight = images[0, 20, 5].item(), W[3].reshape(28, 28)[20, 5].item()
    said = numbers(explorer.says.value.partition("marked pixel")[2])
    assert said == pytest.approx([20, 5, pixel, weight, pixel * weight], abs=0.006)


def test_a_touch_beside_the_digit_finds_the_nearest_pixel(layer):
    explorer = template_viewer(*layer)
    touch(explorer, 40, -3)
    assert (explorer.values["row"], explorer.values["column"]) == (0, 27)


def test_the_viewer_begins_with_the_picture_asked_for_and_its_own_template(layer):
    explorer = template_viewer(*layer, number=5)
    assert (explorer.values["number"], explorer.values["template"]) == (5, 5)


def test_the_viewer_refuses_shapes_that_do_not_fit(layer):
    W, b, images, labels = layer
    with pytest.raises(ValueError, match=r"images must be \(N, 28, 28\)"):
        template_viewer(W, b, images.flatten(1), labels)
    with pytest.raises(ValueError, match=r"W \(10, 784\)"):
        template_viewer(W.T, b, images, labels)


# --- the digit mover ---------------------------------------------------------------------------


def dot(row, column):
    """Return a picture with a 2 × 2 dot of ink whose upper left pixel is given."""
    image = torch.zeros(28, 28)
    image[row : row + 2, column : column + 2] = 1
    return image


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (0, -2), (-5, 4)])
def test_a_move_by_whole_pixels_changes_no_grey_value(right, down):
    image = dot(13, 13)
    assert torch.allclose(moved(image, right, down), dot(13 + down, 13 + right), atol=1e-5)


def test_half_the_size_leaves_a_quarter_of_the_ink_about_the_middle():
    image = torch.zeros(28, 28)
    image[6:22, 6:22] = 1
    small = moved(image, size=0.5)
    assert small.sum() == pytest.approx(64, rel=0.05)
    assert torch.allclose(small, small.flip(0), atol=1e-5)
    assert small[:9].sum() == 0


def test_what_leaves_the_frame_is_lost():
    assert moved(dot(0, 0), right=-2).sum() == pytest.approx(0, abs=1e-5)


def reads_the_column(images):
    """A model that reads in which column the balance point of the ink lies, 0 to 9."""
    assert images.shape[1:] == (1, 28, 28)
    columns = images[:, 0].sum(1) @ torch.arange(28.0) / images.sum((1, 2, 3))
    return torch.eye(10)[(columns - 10).round().clamp(0, 9).long()]


def test_the_mover_shows_the_model_the_moved_picture():
    explorer = digit_mover(reads_the_column, dot(13, 13)[None], torch.tensor([4]))
    before = explorer.picture.png
    assert "it reads 4 with 100%, right" in explorer.says.value
    explorer.controls["right"].value = 3
    assert "Moved 3 right and 0 down" in explorer.says.value
    assert "it reads 6 with 100%, wrong, it is a 4" in explorer.says.value
    assert explorer.picture.png != before


def test_the_mover_repairs_the_picture_where_the_menu_says_so():
    explorer = digit_mover(
        reads_the_column,
        dot(13, 13)[None],
        torch.tensor([4]),
        repair=lambda images: dot(13, 13).expand_as(images),
        right=5,
    )
    assert "wrong" in explorer.says.value
    explorer.controls["seen"].value = "centred"
    assert "the model sees it centred: it reads 4 with 100%, right" in explorer.says.value


def test_dragging_puts_the_digit_under_the_pointer():
    explorer = digit_mover(reads_the_column, dot(13, 13)[None], torch.tensor([4]))
    touch(explorer, 16.5, 11.5)
    assert (explorer.values["right"], explorer.values["down"]) == (3, -2)


def test_the_mover_refuses_labels_that_do_not_match():
    with pytest.raises(ValueError, match=r"images must be \(N, 28, 28\) and labels \(N,\)"):
        digit_mover(reads_the_column, dot(1, 1)[None], torch.tensor([1, 2]))
