"""Explorer of lesson 10: the plane of an autoencoder's two codes."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, slider, switch, whole_slider
from course_utils.explorers.following import remembered
from course_utils.figures import (
    AMBER,
    COLOURS_OF_DIGITS,
    GREYS,
    draw_image,
    laid_out,
    number,
    to_numpy,
)
from course_utils.models import load_pretrained
from course_utils.training import Part, predict, to_input

SIZE = (10.4, 4.1)  # inches
BOXES = ((0.95, 0.6, 5.0, 3.05), (6.25, 0.6, 2.4, 2.4), (8.85, 0.6, 1.4, 1.4))
MOST_DOTS = 1000
Window = tuple[tuple[float, float], tuple[float, float]]
MOST_ZOOM = 8
TILES = (16, 10)  # decoded digits across and down, where the plane is filled with them


def latent_plane(model: nn.Module, X: Tensor, y: Tensor, *, name: str = "autoencoder") -> Explorer:
    """Return an explorer: the plane of two codes with digits as dots; touch it, and it is decoded.

    Args:
        model: with `encode`, digits (N, 1, 28, 28) -> codes (N, 2), and `decode`, the way back.
        X: digits that it was not trained on, (N, 28, 28) or (N, 1, 28, 28), uint8 or float from 0
            to 1; the first thousand are shown.
        y: what they are, (N,); for the colours only, the model never sees it.
        name: what to call the model.

    Raises:
        ValueError: the model has not two codes, or X and y do not fit together.

    >>> latent_plane(load_pretrained("autoencoder"), mnist.test_images, mnist.test_labels)
    """
    X, y = _checked(X, y)
    codes, decode = _codes(model, X), Part(model, "decode")
    reader = load_pretrained("cnn", "cpu")
    (left, bottom), (right, top) = _window(codes, 1)
    tiles = remembered(lambda _, zoom: _tiles(model, _window(codes, zoom)))
    seen = {}

    def draw(x: float, y_: float, zoom: int, filled: bool) -> tuple:
        here = torch.tensor([[x, y_]])
        digit = predict(decode, here)
        probs = predict(reader, digit).softmax(1)[0]
        away = (codes - here).norm(dim=1)
        nearest = int(away.argmin())
        fig, (plane, decoded, known) = laid_out(SIZE, BOXES)
        seen["window"] = _draw_window(plane, _window(codes, zoom))
        if filled:
            _draw_tiles(plane, tiles(codes, zoom))
        else:
            plane.set_title(f"{len(y):,} digits, each by its two numbers")
            _draw_dots(plane, codes, y)
        look = {"marker": "o", "markersize": 17, "markeredgewidth": 4, "fillstyle": "none"}
        plane.plot([x], [y_], color=AMBER, label="_here", **look)
        draw_image(decoded, digit[0, 0], "decoded from here", framed=True)
        decoded.images[0].set_clim(0, 1)
        draw_image(known, X[nearest, 0], "nearest dot", framed=True)
        says = (
            f"From the codes {number(x)} and {number(y_)} the {name} draws a digit that the "
            f"course's cnn reads as {int(probs.argmax())} ({100 * float(probs.max()):.0f}%). The "
            f"nearest dot is a {int(y[nearest])}, {number(float(away[nearest]))} away."
        )
        return fig, says

    def touch(x: float, y_: float) -> dict[str, object]:
        (west, south), (east, north) = seen["window"]
        inside = west <= x <= east and south <= y_ <= north
        return {"x": float(x), "y_": float(y_)} if inside else {}

    start = codes[0].clamp(torch.tensor([left, bottom]), torch.tensor([right, top]))
    controls = {
        "x": _code_slider(left, right, float(start[0]), "first code"),
        "y_": _code_slider(bottom, top, float(start[1]), "second code"),
        "zoom": whole_slider(1, MOST_ZOOM, 1, name="zoom into the crowd"),
        "filled": switch("fill the plane with what it decodes", False, width=300),
    }
    title = "What lies between the digits? Touch the plane, or move the two sliders."
    return Explorer(title, draw, controls, touch=touch)


def _checked(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    X = X[:, None] if X.ndim == 3 else X
    if X.ndim != 4 or X.shape[1:] != (1, 28, 28) or len(X) != len(y) or len(X) == 0:
        raise ValueError(
            f"X must be (N, 28, 28) or (N, 1, 28, 28) with a label for each, got {tuple(X.shape)} "
            f"and {tuple(y.shape)}; give test_images and test_labels of load_mnist"
        )
    return to_input(X[:MOST_DOTS], torch.device("cpu")), y[:MOST_DOTS].cpu()


def _codes(model: nn.Module, X: Tensor) -> Tensor:
    """Return the codes of digits, (N, 2), on the CPU."""
    if not (hasattr(model, "encode") and hasattr(model, "decode")):
        raise ValueError(
            f"{type(model).__name__} has no encode and decode; give an Autoencoder(2) or a VAE(2)"
        )
    codes = predict(Part(model, "encode"), X)
    if codes.ndim != 2 or codes.shape[1] != 2:
        raise ValueError(
            f"a plane has two codes, this model gives {codes.shape[1]}; make it with n_codes=2"
        )
    return codes


def _window(codes: Tensor, zoom: int) -> Window:
    """Return the lower left and the upper right corner of what is shown: all but the outermost
    codes, or that much of it around the middle one, where most codes lie.
    """
    low, high = (codes.quantile(share, dim=0) for share in (0.01, 0.99))
    half = (high - low).clamp(min=1e-3) * 0.58
    whole, crowd = (low + high) / 2, codes.median(dim=0).values
    centre = crowd + (whole - crowd) / zoom
    return tuple((centre - half / zoom).tolist()), tuple((centre + half / zoom).tolist())


def _draw_window(plane: Axes, window: Window) -> Window:
    """Set the axes to a part of the plane, and return it."""
    (left, bottom), (right, top) = window
    plane.set(xlim=(left, right), ylim=(bottom, top), xlabel="first code", ylabel="second code")
    return window


def _draw_tiles(plane: Axes, picture: np.ndarray) -> None:
    """Fill the axes with decoded digits."""
    extent = (*plane.get_xlim(), *plane.get_ylim())
    plane.set_title("Every place is a digit")
    plane.imshow(picture, extent=extent, aspect="auto", cmap=GREYS)


def _code_slider(low: float, high: float, value: float, name: str) -> object:
    return slider(low, high, value, step=(high - low) / 200, name=name)


def _tiles(model: nn.Module, window: Window) -> np.ndarray:
    """Return one picture of many digits, each decoded from the middle of its tile."""
    (left, bottom), (right, top) = window
    across, down = TILES
    xs = left + (torch.arange(across) + 0.5) / across * (right - left)
    ys = top - (torch.arange(down) + 0.5) / down * (top - bottom)
    codes = torch.stack([xs.repeat(down), ys.repeat_interleave(across)], dim=1)
    digits = predict(Part(model, "decode"), codes).view(down, across, 28, 28)
    return digits.permute(0, 2, 1, 3).reshape(28 * down, 28 * across).numpy()


def _draw_dots(ax: Axes, codes: Tensor, y: Tensor) -> None:
    """Draw each digit as its own figure at its codes, so that colour is not needed to tell them."""
    for digit, colour in enumerate(COLOURS_OF_DIGITS):
        look = {"marker": f"${digit}$", "s": 52, "linewidths": 0.3, "color": colour}
        ax.scatter(*to_numpy(codes[y == digit]).T, **look, label=f"{digit}")
