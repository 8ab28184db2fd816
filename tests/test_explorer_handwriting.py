"""The normaliser, the robustness explorer, the rejecter and the table of lesson 07."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.explorers.handwriting import (
    THRESHOLDS,
    YOURS,
    Answers,
    kept,
    normaliser,
    rejecter,
    robustness_explorer,
)
from course_utils.figures import show_readings
from course_utils.ink.disturbances import DISTURBANCES, noisy, shifted, thickened, turned
from course_utils.ink.forms import neat
from course_utils.ink.normalize import normalize_drawing, rasterize


def touch(explorer, x, y):
    """Touch the explorer's picture at a point of its first axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[0].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


def pictures(n=6):
    return torch.rand(n, 28, 28, generator=torch.Generator().manual_seed(0))


# --- disturbances ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DISTURBANCES)
def test_one_strength_leaves_digits_as_they_are_and_the_others_do_not(name):
    apply, strengths, _ = DISTURBANCES[name]
    same = [torch.allclose(apply(pictures(), s), pictures(), atol=1e-5) for s in strengths]
    assert sum(same) == 1
    assert strengths[same.index(True)] == 0
    assert list(strengths) == sorted(strengths)


@pytest.mark.parametrize("name", DISTURBANCES)
def test_disturbed_digits_stay_between_paper_and_ink(name):
    for strength in DISTURBANCES[name].strengths:
        result = DISTURBANCES[name].apply(pictures(), strength)
        assert result.shape == (6, 28, 28)
        assert result.min() >= -1e-6
        assert result.max() <= 1 + 1e-6


def test_a_shift_by_whole_pixels_moves_columns_and_brings_in_paper():
    images = pictures()
    moved = shifted(images, 3)
    assert torch.allclose(moved[:, :, 3:], images[:, :, :-3], atol=1e-5)
    assert moved[:, :, :3].abs().max() < 1e-5


def test_a_quarter_turn_is_clockwise():
    images = pictures()
    assert torch.allclose(turned(images, 90), images.rot90(-1, dims=(1, 2)), atol=1e-4)


def test_thickening_takes_the_darkest_neighbour_and_thinning_the_lightest():
    dot = torch.zeros(1, 28, 28)
    dot[0, 10, 10] = 1
    assert thickened(dot, 1).sum() == 9
    assert thickened(dot, 2).sum() == 25
    assert thickened(dot, 0.5).sum() == pytest.approx(1 + 8 * 0.5)
    assert thickened(dot, -1).sum() == 0
    assert thickened(1 - dot, -1).sum() == 28 * 28 - 9


def test_noise_is_the_same_at_each_call():
    assert torch.equal(noisy(pictures(), 0.3), noisy(pictures(), 0.3))


# --- the robustness explorer -------------------------------------------------------------------


def made_up_curves():
    rising = [step / 8 for step in range(9)]
    return {name: {"one": rising, "two": rising[::-1]} for name in DISTURBANCES}


def test_the_sentence_ranks_the_models_at_the_strength_chosen():
    explorer = robustness_explorer(made_up_curves(), pictures(), step=2)
    assert "Shift, 2 pixels to the right: two 75%, one 25%." in explorer.says.value
    explorer.set(name="turn", step=8)
    assert "Turn, 60 degrees clockwise: one 100%, two 0%." in explorer.says.value
    explorer.set(step=0)
    assert "Turn, −60 degrees" in explorer.says.value


def test_strength_and_disturbance_change_the_picture():
    explorer = robustness_explorer(made_up_curves(), pictures())
    seen = {explorer.picture.png}
    for values in ({"step": 5}, {"name": "noise"}, {"step": 8}):
        explorer.set(**values)
        seen.add(explorer.picture.png)
    assert len(seen) == 4


def test_touching_the_curves_chooses_the_nearest_strength():
    explorer = robustness_explorer(made_up_curves(), pictures())
    explorer.set(name="turn")
    touch(explorer, 32, 0.5)
    assert explorer.values["step"] == DISTURBANCES["turn"].strengths.index(30)


def test_a_curve_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="one for each of the 9 strengths"):
        robustness_explorer({"shift": {"one": [0.5]}}, pictures())


# --- the normaliser ----------------------------------------------------------------------------


class Sums(nn.Module):
    """A model that answers by how much ink there is in the upper half."""

    def forward(self, X):
        upper = (X[:, :, :14].sum((1, 2, 3)) / X.sum((1, 2, 3)) * 9.99).long()
        return 20 * nn.functional.one_hot(upper, 10).float()


class FakePad:
    """A pad as far as the normaliser knows one."""

    def __init__(self, strokes):
        self.strokes = strokes


SWITCHES = ("crop", "keep_aspect", "center")


def test_the_normaliser_shows_what_normalize_drawing_gives():
    explorer = normaliser({"sums": Sums()}, {"7": neat("7")}, size=100, right=0, down=0)
    for off in (None, *SWITCHES):
        explorer.set(**{name: name != off for name in SWITCHES})
        shown = explorer.figure.axes[1].images[0].get_array()
        switches = {} if off is None else {off: False}
        wanted = normalize_drawing(rasterize(neat("7"), side=140), **switches)
        assert np.allclose(shown, wanted, atol=1e-6)


def test_with_all_steps_on_place_does_not_matter_and_without_them_it_does():
    explorer = normaliser({"sums": Sums()}, {"3": neat("3")}, size=50, right=-20, down=-20)

    def shown():
        return np.array(explorer.figure.axes[1].images[0].get_array())

    here = shown()
    explorer.set(right=20, down=10)
    assert np.allclose(shown(), here, atol=0.02)
    explorer.set(crop=False, center=False)
    there = shown()
    explorer.set(right=-20, down=-20)
    assert np.abs(shown() - there).max() > 0.5


def test_the_sentence_names_what_is_switched_off_and_where_the_ink_balances():
    explorer = normaliser({"sums": Sums()}, {"7": neat("7")})
    assert "Centre of mass: row 14.0, column 14.0. Switched off: nothing." in explorer.says.value
    explorer.set(center=False)
    assert "Switched off: centre of mass to the middle." in explorer.says.value
    row = float(re.search(r"row ([\d.]+)", explorer.says.value).group(1))
    assert row < 13.5, "the bar of a seven is at its top"


def test_what_lies_on_the_pad_can_be_chosen_and_is_looked_up_each_time():
    pad = FakePad([])
    explorer = normaliser({"sums": Sums()}, {"7": neat("7")}, pad=pad)
    explorer.set(drawing=YOURS)
    assert "The pad is empty" in explorer.says.value
    pad.strokes = [[(0.3, 0.3), (0.7, 0.3)]]
    explorer.set(size=60)
    assert "sums reads" in explorer.says.value


def test_a_drawing_pushed_off_the_pad_is_said():
    explorer = normaliser({"sums": Sums()}, {"dot": [[(0.95, 0.95)]]})
    explorer.set(size=120, right=40, down=40)
    assert "outside the pad" in explorer.says.value


def test_the_normaliser_wants_models_and_drawings():
    with pytest.raises(ValueError, match="0 models and 1 drawings"):
        normaliser({}, {"7": neat("7")})


# --- the rejecter ------------------------------------------------------------------------------


def answers():
    generator = torch.Generator().manual_seed(1)
    probs = torch.softmax(4 * torch.randn(50, 10, generator=generator), dim=1)
    labels = probs.argmax(1)
    labels[::5] = (labels[::5] + 1) % 10
    others = torch.softmax(2 * torch.randn(30, 10, generator=generator), dim=1)
    return Answers(probs, labels, others, pictures(30))


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_kept_agrees_with_counting_one_by_one(threshold):
    a = answers()
    given = [(p, y) for p, y in zip(a.probs, a.labels, strict=True) if p.max() >= threshold]
    coverage, accuracy, passing = kept(a, threshold)
    assert coverage == pytest.approx(len(given) / 50)
    if given:
        assert accuracy == pytest.approx(np.mean([int(p.argmax()) == int(y) for p, y in given]))
    else:
        assert np.isnan(accuracy)
    assert passing == pytest.approx(np.mean([float(p.max() >= threshold) for p in a.others]))


def test_the_rejecter_says_what_kept_computes():
    a = answers()
    explorer = rejecter({"net": a}, threshold=0.7)
    coverage, accuracy, passing = kept(a, 0.7)
    said = explorer.says.value
    assert f"From 0.7 on, net answers {100 * coverage:.0f}% of the 50 digits" in said
    assert f"{100 * accuracy:.1f}% of these rightly" in said
    assert f"answers {100 * passing:.0f}% of the 30 drawings" in said


def test_a_higher_threshold_shows_fewer_drawings_that_pass():
    explorer = rejecter({"net": answers()}, threshold=0.3)
    numbers = [len(explorer.figure.axes[1].texts)]
    for threshold in (0.8, 0.999):
        explorer.set(threshold=threshold)
        numbers.append(len(explorer.figure.axes[1].texts))
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > numbers[-1]


def test_touching_the_rejecter_sets_the_threshold():
    explorer = rejecter({"net": answers()})
    touch(explorer, THRESHOLDS.index(0.5) + 0.2, 50)
    assert explorer.values["threshold"] == 0.5


# --- the table ---------------------------------------------------------------------------------


def test_the_table_says_what_each_model_reads_and_where_it_is_wrong(capsys):
    probs = torch.eye(10)[[3, 4]]
    show_readings(
        pictures(2), [3, 9], {"a": probs, "b": probs.flip(0)}, names=("x", "y"), says="So"
    )
    said = capsys.readouterr().out.splitlines()
    assert said == ["So", "drawings: x, y", "a: 3, 4 (wrong)", "b: 4 (wrong), 3 (wrong)"]


def test_a_drawing_of_no_digit_has_no_right_answer(capsys):
    show_readings(pictures(1), [-1], {"a": torch.eye(10)[[3]]}, says="Nothing")
    assert "a: 3\n" in capsys.readouterr().out


def test_the_table_refuses_numbers_that_do_not_fit():
    with pytest.raises(ValueError, match="2 images came with 1 labels"):
        show_readings(pictures(2), [1], {"a": torch.eye(10)[:2]})
