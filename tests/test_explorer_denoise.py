"""The explorer of the denoiser: its pictures and numbers, and the pad that it follows."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.canvas.widget import DigitPad
from course_utils.explorers.denoise import denoiser_explorer
from course_utils.ink.forms import neat
from course_utils.ink.rain import median, rain
from course_utils.microscope.picture import sample_digit


class Dry(nn.Module):
    """A network that knows the sample's digit."""

    def forward(self, X):
        return sample_digit().expand(len(X), 1, 28, 28)


def pictures(explorer):
    return [np.asarray(ax.images[0].get_array(), dtype=float) for ax in explorer.figure.axes]


def errors(explorer):
    return [float(number) for number in re.findall(r"0\.\d{3}", explorer.says.value)]


def test_digit_rain_median_and_network_stand_side_by_side():
    explorer = denoiser_explorer(Dry())
    rainy = rain(sample_digit(), 0.5, seed=0)
    wanted = [sample_digit(), rainy, median(rainy), sample_digit()]
    assert all(np.allclose(a, b) for a, b in zip(pictures(explorer), wanted, strict=True))
    assert all(ax.images[0].get_clim() == (0, 1) for ax in explorer.figure.axes[1:])


def test_the_sentence_says_the_mean_squared_errors():
    explorer = denoiser_explorer(Dry())
    explorer.set(amount=0.8, shower=3)
    _, rainy, other, _ = pictures(explorer)
    digit = sample_digit().numpy()
    wanted = [np.square(rainy - digit).mean(), np.square(other - digit).mean(), 0]
    assert errors(explorer) == pytest.approx(wanted, abs=0.0006)


def test_without_rain_nothing_is_to_be_removed():
    explorer = denoiser_explorer(nn.Identity())
    explorer.set(amount=0)
    before, _, after = errors(explorer)
    assert (before, after) == (0, 0)


def test_the_same_amount_can_fall_as_another_shower():
    explorer = denoiser_explorer(Dry())
    first = pictures(explorer)[1]
    explorer.set(shower=1)
    assert not np.allclose(pictures(explorer)[1], first)
    explorer.set(shower=0)
    assert np.allclose(pictures(explorer)[1], first)


def test_it_follows_a_pad_and_until_then_shows_a_digit_of_mnist():
    pad = DigitPad(lambda X: torch.zeros(len(X), 10))
    explorer = denoiser_explorer(Dry(), pad)
    assert "The pad is empty" in explorer.says.value
    pad.draw(neat("3"))
    assert "The pad is empty" not in explorer.says.value
    assert np.allclose(pictures(explorer)[0], pad.image)


def test_what_is_no_picture_and_what_gives_none_are_refused():
    with pytest.raises(ValueError, match="must be a tensor"):
        denoiser_explorer(Dry(), "seven")
    with pytest.raises(ValueError, match=r"Denoiser\(\) makes one that does"):
        denoiser_explorer(nn.Flatten())
