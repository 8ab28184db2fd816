"""Occlusion, saliency and adversary, and the two explorers on them."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.explorers.evidence import (
    EPSILONS,
    GRADIENT,
    RANDOM,
    adversary_explorer,
    evidence_explorer,
)
from course_utils.ink.forms import neat
from course_utils.microscope import covered, random_signs, saliency
from course_utils.microscope.evidence import adversary, occlusion
from course_utils.microscope.picture import sample_digit
from course_utils.models import RowLSTM, digit_cnn, load_pretrained


def small_net(n_classes=4, side=9):
    """A small network with batch norm and dropout, in training mode, in double the usual range."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1),
        nn.BatchNorm2d(3),
        nn.Tanh(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(3 * side * side, n_classes),
    )


def picture(side=9):
    image = torch.rand(side, side, generator=torch.Generator().manual_seed(1))
    return image * (image > 0.5)


@torch.no_grad()
def asked(model, image):
    """The logits of one picture, in eval mode."""
    return model.eval()(image[None, None])[0]


def touch(explorer, axes, x, y):
    """Touch the explorer's picture at a point of one of its axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[axes].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


# --- the numbers, against loops and differences --------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 5, 17])
def test_occlusion_agrees_with_a_loop_over_all_places(size):
    model, image = small_net(), picture()
    ours = occlusion(model, image, 2, size=size)
    whole = asked(model, image).softmax(0)[2]
    reach = size // 2
    for row in range(9):
        for column in range(9):
            hidden = image.clone()
            top, left = max(row - reach, 0), max(column - reach, 0)
            hidden[top : row + reach + 1, left : column + reach + 1] = 0
            lost = whole - asked(model, hidden).softmax(0)[2]
            assert ours[row, column].item() == pytest.approx(lost.item(), abs=1e-5)


def test_covering_paper_takes_nothing_away():
    image = torch.zeros(9, 9)
    image[:3, :3] = 1
    lost = occlusion(small_net(), image, 0, size=3)
    assert (lost[5:, 5:] == 0).all()
    assert lost.abs().max() > 0


def test_saliency_agrees_with_finite_differences():
    model, image = small_net().double(), picture().double()
    model.eval()
    step, slopes = 1e-5, torch.zeros(9, 9)
    for row in range(9):
        for column in range(9):
            up, down = image.clone(), image.clone()
            up[row, column] += step
            down[row, column] -= step
            rise = asked(model, up)[1] - asked(model, down)[1]
            slopes[row, column] = (rise / (2 * step)).item()
    ours = saliency(model.float(), image, 1)
    assert torch.allclose(ours, slopes, atol=1e-5)
    assert slopes.abs().max() > 1e-3


def test_adversary_steps_along_the_sign_of_autograds_gradient():
    model, image = small_net(), picture()
    nudged = adversary(model, image, 3, 0.07)
    model.eval()
    X = image[None, None].clone().requires_grad_()
    F.cross_entropy(model(X), torch.tensor([3])).backward()
    wanted = (image + 0.07 * X.grad[0, 0].sign()).clamp(0, 1)
    assert torch.allclose(nudged, wanted)


def test_adversary_raises_the_loss_and_stays_between_paper_and_ink():
    model, image = load_pretrained("lenet", "cpu"), sample_digit()
    before = asked(model, image).log_softmax(0)[7]
    for epsilon in (0.02, 0.1, 0.3):
        nudged = adversary(model, image, 7, epsilon)
        assert nudged.min() >= 0
        assert nudged.max() <= 1
        assert (nudged - image).abs().max() <= epsilon + 1e-6
        assert asked(model, nudged).log_softmax(0)[7] < before
    assert torch.equal(adversary(model, image, 7, 0.0), image)


def test_an_adversary_can_change_an_answer_that_random_signs_leave():
    model, image = load_pretrained("lenet", "cpu"), sample_digit()
    assert asked(model, image).argmax() == 7
    assert asked(model, adversary(model, image, 7, 0.25)).argmax() != 7
    noisy = (image + 0.25 * random_signs(image)).clamp(0, 1)
    assert asked(model, noisy).argmax() == 7


# --- the model comes back as it was --------------------------------------------------------------


@pytest.mark.parametrize("function", [occlusion, saliency, adversary])
def test_modes_gradients_and_statistics_stay_as_they_are(function):
    model = small_net().train()
    model[3].eval()
    model[0].weight.grad = torch.ones_like(model[0].weight)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rest = (0.1,) if function is adversary else ()
    with torch.no_grad():  # where a learner has switched gradients off
        function(model, picture(), 0, *rest)
    assert [part.training for part in model] == [True, True, True, False, True, True]
    assert (model[0].weight.grad == 1).all()
    assert model[5].weight.grad is None
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_frozen_models_and_lstms_have_a_saliency():
    frozen = small_net().requires_grad_(False)
    assert saliency(frozen, picture(), 0).abs().max() > 0
    assert saliency(RowLSTM(), sample_digit(), 0).abs().max() > 0


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("label", [-1, 4, 1.5, True, "7", None])
def test_a_label_that_the_model_does_not_have_is_refused(label):
    with pytest.raises(ValueError, match="label must be a whole number from 0 to 3"):
        saliency(small_net(), picture(), label)


def test_a_label_may_be_a_tensor():
    model = small_net()
    assert torch.equal(saliency(model, picture(), torch.tensor(2)), saliency(model, picture(), 2))


@pytest.mark.parametrize("size", [0, 4, -1, 2.5, True])
def test_a_square_without_a_middle_is_refused(size):
    with pytest.raises(ValueError, match="size must be an odd number of pixels"):
        occlusion(small_net(), picture(), 0, size=size)


@pytest.mark.parametrize("epsilon", [-0.1, float("nan"), float("inf"), "0.1", None])
def test_an_epsilon_that_is_no_distance_is_refused(epsilon):
    with pytest.raises(ValueError, match="epsilon must be a number from 0 on"):
        adversary(small_net(), picture(), 0, epsilon)


def test_a_model_that_cannot_take_the_picture_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"put nn\.Flatten\(\) in front"):
        occlusion(nn.Linear(81, 4), picture(), 0)
    with pytest.raises(ValueError, match="the model cannot take"):
        evidence_explorer(small_net(side=9))  # the sample's digits have 28
    with pytest.raises(ValueError, match=r"must be an nn\.Module, got str"):
        saliency("lenet", picture(), 0)


def test_a_model_without_a_slope_is_refused():
    class Counts(nn.Module):
        def forward(self, X):
            return (X > 0.5).float().flatten(1)[:, :4]

    with pytest.raises(ValueError, match="Counts has no slope"):
        saliency(Counts(), picture(), 0)


def test_a_model_with_one_output_is_refused():
    with pytest.raises(ValueError, match=r"logits \(N, K\) with K answers"):
        occlusion(nn.Sequential(nn.Flatten(), nn.Linear(81, 1)), picture(), 0)


# --- the explorer of evidence --------------------------------------------------------------------


def test_the_explorer_begins_where_covering_hurts_most():
    model, image = load_pretrained("lenet", "cpu"), sample_digit()
    explorer = evidence_explorer(model, image, size=7)
    lost = occlusion(model, image, 7, size=7)
    row, column = divmod(int(lost.argmax()), 28)
    assert explorer.values == {"label": "its answer", "size": 7, "place": (row, column)}
    hidden = covered(image, 7)[28 * row + column]
    probs = asked(model, hidden).softmax(0)
    answer, sure = int(probs.argmax()), 100 * float(probs.max())
    said = explorer.says.value
    assert "Whole, it is read as 7 with 100%." in said
    assert f"row {row}, column {column}, it is read as {answer} with {sure:.0f}%" in said
    assert f"7 keeps {100 * float(probs[7]):.0f}% of 100%" in said


def test_the_pictures_are_those_of_the_functions():
    model, image = load_pretrained("lenet", "cpu"), sample_digit()
    explorer = evidence_explorer(model, image)
    explorer.set(label=4, size=5)
    arrays = [torch.tensor(ax.images[0].get_array().data) for ax in explorer.figure.axes[:3]]
    assert torch.allclose(arrays[1].float(), occlusion(model, image, 4, size=5), atol=1e-6)
    assert torch.allclose(arrays[2].float(), saliency(model, image, 4), atol=1e-6)


def test_nobody_is_told_what_is_right_where_nobody_knows_it():
    explorer = evidence_explorer(load_pretrained("lenet", "cpu"))
    assert explorer.figure.axes[3].get_title(loc="left") == "The model reads 7"


def test_an_answer_without_probability_has_nothing_to_lose():
    explorer = evidence_explorer(load_pretrained("lenet", "cpu"))
    explorer.set(label=0)
    assert "0 has nothing to lose here" in explorer.says.value
    explorer.set(label=7)
    assert "Where it hurts 7 most" in explorer.says.value


def test_every_control_of_the_evidence_changes_the_picture():
    explorer = evidence_explorer(load_pretrained("lenet", "cpu"))
    seen = {explorer.picture.png}
    for change in ({"label": 1}, {"size": 9}, {"place": (3, 4)}):
        explorer.set(**change)
        seen.add(explorer.picture.png)
    assert len(seen) == 4


@pytest.mark.parametrize("axes", [0, 1, 2])
def test_touching_any_of_the_pictures_moves_the_square(axes):
    explorer = evidence_explorer(load_pretrained("softmax", "cpu"))
    touch(explorer, axes, 20, 6)
    assert explorer.values["place"] == (6, 20)


def test_the_evidence_follows_a_pad():
    pad = DigitPad(load_pretrained("softmax", "cpu"))
    explorer = evidence_explorer(load_pretrained("softmax", "cpu"), pad)
    assert explorer.says.value.startswith("The pad is empty")
    before = explorer.picture.png
    pad.draw(neat("0"))
    assert explorer.says.value.startswith("Whole, it is read as 0")
    assert explorer.picture.png != before


# --- the explorer of adversaries -----------------------------------------------------------------


def images():
    return torch.stack([sample_digit(), sample_digit().flip(1)])


def test_the_sentence_says_what_the_nudged_picture_is_read_as():
    model = load_pretrained("lenet", "cpu")
    explorer = adversary_explorer(model, images(), [7, 7], epsilon=0.2)
    probs = asked(model, adversary(model, sample_digit(), 7, 0.2)).softmax(0)
    says = f"Every pixel moved by at most 0.20, by {GRADIENT}: read as {int(probs.argmax())} with"
    assert f"{says} {100 * float(probs.max()):.0f}%" in explorer.says.value.replace("&#x27;", "'")


def test_the_smallest_epsilon_is_the_first_that_changes_the_answer():
    model = load_pretrained("lenet", "cpu")
    explorer = adversary_explorer(model, images(), [7, 7])
    wrong = [
        epsilon
        for epsilon in EPSILONS
        if asked(model, adversary(model, sample_digit(), 7, epsilon)).argmax() != 7
    ]
    assert f"makes the answer wrong is {wrong[0]:.2f}." in explorer.says.value
    explorer.set(name=RANDOM)
    assert "No ε up to 0.3 makes the answer wrong." in explorer.says.value


def test_the_three_pictures_add_up():
    explorer = adversary_explorer(load_pretrained("lenet", "cpu"), images(), [7, 7], epsilon=0.15)
    before, change, after = (
        torch.tensor(ax.images[0].get_array().data) for ax in explorer.figure.axes[:3]
    )
    assert torch.allclose(before + change, after)
    assert change.abs().max() <= 0.15 + 1e-6


def test_every_control_of_the_adversary_changes_the_picture():
    explorer = adversary_explorer(load_pretrained("lenet", "cpu"), images(), [7, 7])
    seen = {explorer.picture.png}
    for change in ({"epsilon": 0.25}, {"name": RANDOM}, {"number": 2}):
        explorer.set(**change)
        seen.add(explorer.picture.png)
    assert len(seen) == 4


def test_the_adversary_takes_a_pad_and_its_one_label():
    pad = DigitPad(load_pretrained("lenet", "cpu"))
    pad.draw(neat("2"))
    explorer = adversary_explorer(load_pretrained("lenet", "cpu"), pad, 2)
    assert explorer.says.value.startswith("A 2, read as")
    with pytest.raises(ValueError, match="came with 2 labels"):
        adversary_explorer(load_pretrained("lenet", "cpu"), pad, [2, 3])


@pytest.mark.parametrize(("pictures", "labels"), [(images(), [7]), (images()[0], [7]), (None, [7])])
def test_images_and_labels_that_do_not_fit_are_refused(pictures, labels):
    with pytest.raises(ValueError, match=r"pass image\[None\] and \[label\]"):
        adversary_explorer(digit_cnn(), pictures, labels)
