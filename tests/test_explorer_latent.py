"""The plane of two codes: what is decoded, what lies nearest, and where one may touch."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.explorers.latent import MOST_DOTS, TILES, latent_plane
from course_utils.models import VAE, Autoencoder


class Halves(nn.Module):
    """A model whose codes are the ink of the left and the right half, times ten."""

    n_codes = 2

    def encode(self, X):
        return 10 * torch.stack([X[..., :14].mean((1, 2, 3)), X[..., 14:].mean((1, 2, 3))], dim=1)

    def decode(self, z):
        halves = (z / 10).clamp(0, 1)[:, None, None, :]
        return halves.repeat_interleave(14, dim=3).expand(-1, 1, 28, 28)


@pytest.fixture(scope="module")
def digits():
    generator = torch.Generator().manual_seed(0)
    ink = torch.rand(40, 1, 1, 2, generator=generator)
    return ink.repeat_interleave(14, dim=3).expand(-1, 1, 28, 28), torch.arange(40) % 10


@pytest.fixture
def explorer(digits):
    return latent_plane(Halves(), *digits)


def touch(explorer, x, y):
    """Touch the explorer's picture at a point of its first axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[0].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


def shown(explorer, k):
    return np.asarray(explorer.figure.axes[k].images[0].get_array(), dtype=float)


def test_every_digit_is_a_dot_at_its_codes(explorer, digits):
    X, y = digits
    dots = [paths.get_offsets() for paths in explorer.figure.axes[0].collections]
    for digit in range(10):
        assert np.allclose(np.asarray(dots[digit]), Halves().encode(X[y == digit]), atol=1e-5)


def test_what_is_shown_is_decoded_from_the_place(explorer):
    explorer.set(x=2.0, y_=8.0)
    picture = shown(explorer, 1)
    values = explorer.values
    assert np.allclose(picture[:, :14], values["x"] / 10, atol=1e-6)
    assert np.allclose(picture[:, 14:], values["y_"] / 10, atol=1e-6)
    assert explorer.figure.axes[1].images[0].get_clim() == (0, 1)


def test_the_nearest_dot_is_found_and_said(explorer, digits):
    X, y = digits
    explorer.set(x=4.0, y_=4.0)
    here = torch.tensor([explorer.values["x"], explorer.values["y_"]])
    away = [(float((code - here).norm()), k) for k, code in enumerate(Halves().encode(X))]
    distance, k = min(away)
    assert f"The nearest dot is a {int(y[k])}, " in explorer.says.value
    said = float(re.search(r"is a \d, ([\d.]+) away", explorer.says.value).group(1))
    assert said == pytest.approx(distance, abs=0.006)
    assert np.allclose(shown(explorer, 2), X[k, 0], atol=1e-6)


def test_touching_the_plane_goes_there_and_beside_it_nowhere(explorer):
    touch(explorer, 3.0, 5.0)
    assert explorer.values["x"] == pytest.approx(3, abs=0.1)
    assert explorer.values["y_"] == pytest.approx(5, abs=0.1)
    before = explorer.values
    explorer.picture.point = [0.99, 0.5]
    assert explorer.values == before


def test_the_plane_can_be_filled_with_what_is_decoded(explorer):
    explorer.set(filled=True)
    tiles = shown(explorer, 0)
    assert tiles.shape == (28 * TILES[1], 28 * TILES[0])
    assert tiles[0, 0] < tiles[0, -1 - 14], "the first code grows to the right"
    assert tiles[-1, 27] < tiles[0, 27], "the second code grows upwards"


def test_one_can_zoom_into_the_crowd_and_touch_there(explorer, digits):
    middle = Halves().encode(digits[0]).median(dim=0).values
    whole = explorer.figure.axes[0].get_xlim()
    explorer.set(zoom=8)
    left, right = explorer.figure.axes[0].get_xlim()
    assert right - left == pytest.approx((whole[1] - whole[0]) / 8)
    assert left < middle[0] < right
    bottom, top = explorer.figure.axes[0].get_ylim()
    assert bottom < middle[1] < top
    touch(explorer, (left + 2 * right) / 3, (bottom + top) / 2)
    assert explorer.values["x"] == pytest.approx((left + 2 * right) / 3, abs=0.1)


@pytest.mark.parametrize("network", [Autoencoder, VAE])
def test_the_models_of_the_course_are_taken_with_bytes_and_without_channels(network, digits):
    X, y = digits
    explorer = latent_plane(network(2), (255 * X[:, 0]).to(torch.uint8), y, name="little net")
    assert "the little net draws a digit" in explorer.says.value


def test_no_more_than_a_thousand_dots_are_drawn(digits):
    X, y = digits
    explorer = latent_plane(Halves(), X.repeat(30, 1, 1, 1), y.repeat(30))
    dots = explorer.figure.axes[0].collections
    assert sum(len(paths.get_offsets()) for paths in dots) == MOST_DOTS


def test_a_model_with_other_than_two_codes_is_refused(digits):
    with pytest.raises(ValueError, match="this model gives 3; make it with n_codes=2"):
        latent_plane(Autoencoder(3), *digits)
    with pytest.raises(ValueError, match="Linear has no encode"):
        latent_plane(nn.Linear(2, 2), *digits)


def test_digits_and_labels_must_fit_together(digits):
    X, y = digits
    with pytest.raises(ValueError, match="with a label for each"):
        latent_plane(Halves(), X, y[:-1])
