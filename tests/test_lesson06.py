"""Lesson 06: what its own functions compute, and the figures that it states."""

import os

import pytest
import torch
import torch.nn.functional as F
from lesson_code import lesson_definitions
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.microscope import saliency
from course_utils.microscope.evidence import adversary, occlusion
from course_utils.models import conv_4_8_12, lenet5, load_pretrained
from course_utils.training import predict

FULL = os.environ.get("COURSE_FULL_MNIST", "")
SETTINGS = [
    (c_i, c_o, kernel, padding, stride)
    for c_i, c_o in ((1, 1), (2, 3), (4, 2))
    for kernel in ((2, 2), (3, 1), (5, 4))
    for padding in (0, 1, 2)
    for stride in (1, 2, 3)
]


@pytest.fixture(scope="module")
def lesson():
    """Return the functions that the lesson defines."""
    return lesson_definitions("06", device=torch.device("cpu"))


@pytest.fixture(scope="module")
def lenet():
    return load_pretrained("lenet", "cpu")


@pytest.fixture(scope="module")
def sample():
    return load_mnist(MNIST_SAMPLE)


@pytest.mark.parametrize("way", ["conv_by_matrix", "convolve"])
@pytest.mark.parametrize(("c_i", "c_o", "kernel", "padding", "stride"), SETTINGS)
def test_both_convolutions_agree_with_pytorch(lesson, way, c_i, c_o, kernel, padding, stride):
    generator = torch.Generator().manual_seed(c_i + 10 * padding + 100 * stride)
    X = torch.randn(c_i, 8, 6, generator=generator)
    W = torch.randn(c_o, c_i, *kernel, generator=generator)
    theirs = F.conv2d(X[None], W, padding=padding, stride=stride)[0]
    torch.testing.assert_close(lesson[way](X, W, padding, stride), theirs)


def test_the_worked_example_with_two_channels_gives_56(lesson):
    picture = torch.arange(9.0).reshape(3, 3)
    X = torch.stack([picture, picture + 1])
    W = torch.tensor([[[[0.0, 1], [2, 3]], [[1, 2], [3, 4]]]])
    assert lesson["convolve"](X, W, 0, 1).tolist() == [[[56.0, 72.0], [104.0, 120.0]]]


def test_the_network_of_the_slides_flattens_588_values(lesson):
    model = lesson["slide_network"](588)
    sizes, maps = [], torch.zeros(1, 1, 28, 28)
    for layer in model:
        maps = layer(maps)
        if isinstance(layer, nn.Conv2d):
            sizes.append(tuple(maps.shape[1:]))
    assert sizes == [(4, 28, 28), (8, 14, 14), (12, 7, 7)]
    assert maps.shape == (1, 10)
    assert sum(parameter.numel() for parameter in model.parameters()) == 121_982
    with pytest.raises(RuntimeError, match="1x588 and 1176x200"):
        lesson["slide_network"](1176)(torch.zeros(1, 1, 28, 28))


def test_the_lesson_and_the_package_build_the_same_network_of_the_slides(lesson):
    ours, theirs = lesson["slide_network"](588), conv_4_8_12()
    ours.load_state_dict(theirs.state_dict())
    X = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(ours(X), theirs(X))


def test_the_lessons_lenet_with_norm_is_lenet_with_two_layers_more(lesson):
    layers = lesson["lenet_with_norm"]()
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in layers) == 2
    rest = nn.Sequential(*(layer for layer in layers if not isinstance(layer, nn.BatchNorm2d)))
    theirs = lenet5()
    rest.load_state_dict(theirs.state_dict())
    X = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(rest(X), theirs(X))


def test_the_mean_of_weights_is_their_mean(lesson):
    one, other = nn.Linear(2, 1), nn.Linear(2, 1)
    mean = lesson["mean_of"]([one.state_dict(), other.state_dict()])
    torch.testing.assert_close(mean["weight"], (one.weight + other.weight).detach() / 2)


@pytest.mark.parametrize("row", [0, 3, 8])
def test_the_lesson_and_the_package_find_the_same_evidence(lesson, lenet, sample, row):
    image, label = sample.test_images[row].float() / 255, int(sample.test_labels[row])
    covered = lesson["occlusion_map"](lenet, image, label)
    torch.testing.assert_close(covered, occlusion(lenet, image, label, size=5), atol=1e-5, rtol=0)
    slope = lesson["saliency_map"](lenet, image, label)
    torch.testing.assert_close(slope, saliency(lenet, image, label), atol=1e-5, rtol=1e-4)


def test_the_lesson_and_the_package_take_the_same_step(lesson, lenet, sample):
    images, labels = sample.test_images[:8].float() / 255, sample.test_labels[:8]
    ours = lesson["one_step"](lenet, images[:, None], labels, 0.2)[:, 0]
    theirs = torch.stack(
        [adversary(lenet, image, label, 0.2) for image, label in zip(images, labels, strict=True)]
    )
    assert ((ours - theirs).abs() > 1e-6).float().mean() < 0.001  # a slope of nearly 0 has any sign


def test_most_fours_become_sevens_where_a_square_of_paper_hurts_most(lesson, lenet, sample):
    fours = sample.test_images[sample.test_labels == 4].float() / 255
    covered = fours.clone()
    for four in covered:
        row, column = divmod(int(lesson["occlusion_map"](lenet, four, 4).argmax()), 28)
        four[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = 0
    answers = predict(lenet, covered[:, None]).argmax(dim=1)
    assert (len(fours), 67 <= int((answers == 7).sum()) <= 75) == (100, True)


if FULL:

    @pytest.mark.parametrize(
        ("name", "n_wrong", "pairs"),
        [
            ("lenet", 58, {(3, 5): 9, (4, 9): 6, (2, 7): 5, (7, 9): 5}),
            ("cnn", 48, {(4, 9): 7, (1, 7): 6}),
            ("softmax", 719, {(3, 5): 54, (4, 9): 57}),
        ],
    )
    def test_the_pairs_that_are_confused_among_the_official_test_digits(name, n_wrong, pairs):
        full = load_mnist(FULL)
        answers = predict(load_pretrained(name, "cpu"), full.test_images[:, None]).argmax(dim=1)
        counts = torch.bincount(10 * full.test_labels + answers, minlength=100).reshape(10, 10)
        both = counts + counts.T
        assert abs(int((answers != full.test_labels).sum()) - n_wrong) <= 2
        assert all(abs(int(both[pair]) - n) <= 1 for pair, n in pairs.items())
