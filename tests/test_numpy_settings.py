"""What a learner sets in NumPy, and warnings made errors, do not reach into the course."""

import warnings

import numpy as np
import pytest
import torch

from course_utils.canvas import DigitPad
from course_utils.explorers.base import Explorer, slider
from course_utils.explorers.logistic import bce, sigmoid
from course_utils.explorers.softmax import softmax
from course_utils.figures import figure, png
from course_utils.ink.forms import FORMS, draw_by_hand
from course_utils.ink.normalize import normalize_drawing, rasterize
from course_utils.models import mlp

FAR_OUT = [-2000.0, -1.0, 0.0, 1e-300, 2000.0]


@pytest.fixture(autouse=True)
def strict():
    """Set NumPy and warnings as strictly, and as oddly, as one can."""
    before = np.seterr(all="raise")
    with warnings.catch_warnings(), np.printoptions(precision=1, threshold=2, suppress=True):
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)  # what other tests left to be collected
        yield
    assert np.seterr(**before) == dict.fromkeys(before, "raise"), "the settings are the learner's"


def test_a_pad_takes_weights_that_float16_cannot_hold():
    torch.manual_seed(0)
    model = mlp()
    with torch.no_grad():
        next(model.parameters())[0, :3] = torch.tensor([1e-30, 1e30, 1e-42])
    pad = DigitPad(model, in_page=True)
    pad.draw([[(1e-60, 0.5), (0.5, 0.5), (0.5 + 1e-12, 0.5)]])
    assert pad.probs.shape == (10,)
    assert len(pad._weights) > 4 * 3


def test_a_page_is_exported(tmp_path):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    assert DigitPad(model).export(tmp_path / "page.html").stat().st_size > 50_000


def test_a_pad_shows_its_still(capsys):
    pad = DigitPad(lambda X: torch.tensor([1e-40] * 9 + [1.0]))
    pad.draw([[(0.2, 0.2), (0.8, 0.8)]])
    pad._ipython_display_()
    assert "model reads 9" in capsys.readouterr().out


def test_drawings_are_made():
    assert len(draw_by_hand(list(FORMS), 1).images) == len(FORMS)
    ink = rasterize([[(0.5, 0.5), (0.5, 0.5 + 1e-170)]])
    assert normalize_drawing(ink).any()


def test_functions_far_out_are_what_they_are():
    assert sigmoid(FAR_OUT)[[0, -1]].tolist() == [0, 1]
    assert bce(FAR_OUT, 1)[[0, -1]].tolist() == [2000, 0]
    assert softmax(FAR_OUT)[[0, -1]].tolist() == [0, 1]


def test_an_explorer_draws_what_underflows_overflows_and_is_nan():
    def draw(x):
        fig, ax = figure()
        ax.plot(np.exp([-x, x]) / np.zeros(2))
        return fig, f"{np.float64(x) - np.inf}"

    explorer = Explorer("Far out", draw, {"x": slider(1, 2000, 1, name="x")})
    explorer.set(x=2000)
    assert "cannot be drawn" not in explorer.says.value


def test_a_figure_of_tiny_numbers_is_painted():
    fig, ax = figure()
    ax.plot([0, 1e-310, 1e-300], [1e-310, 0, 1e-320])
    assert png(fig).startswith(b"\x89PNG")
