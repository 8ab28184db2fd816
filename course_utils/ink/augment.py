"""Augmentation: the same digit, written again and again in a slightly different way.

`vary` changes a batch while a network is trained, on the device, and goes into `fit(augment=...)`.
`add_forms` draws what some people add to their digits, and needs the labels for that; it is done
once, before the training.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.ink.normalize import SIDE, ink_box, normalize_drawing, rasterize

ZOOM = 4  # pixels of the raster on which forms are added, for each pixel of the picture


def vary(X: Tensor) -> Tensor:
    """Change thickness, position, size, slant and shape of each digit a bit.

    Args:
        X: float32 `(N, 1, H, W)` in [0, 1].

    Returns:
        The same shape and range.

    >>> fit(model, (images[:, None], labels), augment=vary)
    """
    return warp(change_thickness(X))


def change_thickness(X: Tensor, strength: float = 0.4) -> Tensor:
    """Make the strokes of each image thicker or thinner.

    Each image is mixed with a copy whose pixels took the largest value among their neighbours
    (strokes grow by a pixel on each side), or the smallest (they shrink).

    Args:
        X: float32 `(N, 1, H, W)`, 0 for paper to 1 for ink.
        strength: the largest share of the copy, 0 to 1. Below zero lie shares of the thinner
            copy, so that the shares are drawn evenly from -strength to strength.

    >>> change_thickness(X, 0.0).equal(X)
    True
    """
    share = _uniform(X, strength)[:, None, None, None]
    thicker = F.max_pool2d(X, 3, stride=1, padding=1)
    thinner = -F.max_pool2d(-X, 3, stride=1, padding=1)
    return X + share.clamp(min=0) * (thicker - X) + (-share).clamp(min=0) * (thinner - X)


def warp(
    X: Tensor,
    turn: float = 10.0,
    slant: float = 0.2,
    scale: float = 0.1,
    shift: float = 1.2,
    bend: float = 0.5,
) -> Tensor:
    """Turn, slant, stretch, move and bend each image, all in one resampling.

    Args:
        X: float32 `(N, C, H, W)`.
        turn: the largest turn in degrees, to either side.
        slant: the largest slant, in pixels to the side for each pixel of height.
        scale: width and height are each stretched by a factor of up to exp(scale), or shrunk.
        shift: the largest shift in pixels, along each axis.
        bend: how far smooth waves move the pixels, as a standard deviation in pixels.

    Returns:
        The same shape; what comes from outside is 0.

    Source:
        Bending: P. Y. Simard, D. Steinkraus, J. C. Platt: Best practices for convolutional neural
        networks applied to visual document analysis, 2003.

    >>> warp(X, turn=0, slant=0, scale=0, shift=2, bend=0)  # shifts alone
    """
    N, _, H, W = X.shape
    angle = _uniform(X, math.radians(turn))
    lean = _uniform(X, slant)
    wide, high = _uniform(X, scale).exp(), _uniform(X, scale).exp()
    cos, sin = angle.cos(), angle.sin()
    right = torch.stack([cos * wide, (lean * cos - sin) * high, _uniform(X, 2 * shift / W)], dim=1)
    down = torch.stack([sin * wide, (lean * sin + cos) * high, _uniform(X, 2 * shift / H)], dim=1)
    amounts = torch.stack([right, down], dim=1)  # (N, 2, 3)
    patterns = _slopes(X)  # (3, H * W)
    if bend:
        waves = torch.randn(N, 2, 25, device=X.device, dtype=X.dtype) * 2 * bend / W
        amounts = torch.cat([amounts, waves], dim=2)
        patterns = torch.cat([patterns, _waves(X)])
    # where each pixel takes its value from: a sum of patterns, all images in one product
    grid = (amounts.flatten(0, 1) @ patterns).view(N, 2, H, W).permute(0, 2, 3, 1)
    return F.grid_sample(X, grid, align_corners=False)


def _slopes(X: Tensor) -> Tensor:
    """Return x, y and 1 for each pixel, `(3, H * W)`; the picture's edges are at -1 and 1."""
    H, W = X.shape[-2:]
    y, x = ((2 * torch.arange(n, device=X.device, dtype=X.dtype) + 1) / n - 1 for n in (H, W))
    return torch.stack([x.repeat(H), y.repeat_interleave(W), X.new_ones(H * W)])


def _waves(X: Tensor) -> Tensor:
    """Return 25 smooth bumps, `(25, H * W)`, one around each point of a 5 x 5 lattice.

    Their weighted sum is the bicubic interpolation of the 25 weights.
    """
    one_each = torch.eye(5, device=X.device, dtype=X.dtype)[None, None]
    down, across = (
        F.interpolate(one_each, (5, n), mode="bicubic", align_corners=True)[0, 0]
        for n in X.shape[-2:]
    )
    return torch.kron(down, across)


def add_forms(images: Tensor, labels: Tensor, seed: int = 0) -> Tensor:
    """Slash the zeros, cross the sevens, give the ones a flag, a foot or both.

    The lines are as thick as the digit's own, and the result is normalised again, since a foot
    or a flag makes a digit wider.

    Args:
        images: uint8 `(N, 28, 28)`, 0 for paper to 255 for ink.
        labels: int64 `(N,)`.
        seed: the same seed, the same lines.

    Returns:
        uint8 `(N, 28, 28)`; digits other than 0, 1 and 7 as they came.

    Raises:
        ValueError: `images` is of another shape or type.

    >>> more = add_forms(images[labels == 7], labels[labels == 7])
    """
    if images.dtype != torch.uint8 or images.shape[1:] != (28, 28):
        raise ValueError(
            f"images must be uint8 (N, 28, 28), got {images.dtype} {tuple(images.shape)}; give "
            "them as load_mnist does, without an axis for channels"
        )
    rng = np.random.default_rng(seed)
    changed = images.clone()
    for k, label in enumerate(labels.tolist()):
        if label in ADDED and images[k].max() > 200:
            ink = _zoom(images[k])
            lines = ADDED[label](ink > 127, rng)
            brush = _thickness(ink > 127) * SIDE / len(ink)
            ink = np.maximum(ink, rasterize(lines, side=len(ink), brush=brush))
            changed[k] = torch.from_numpy(np.round(255 * normalize_drawing(ink)))
    return changed


def _zoom(image: Tensor) -> np.ndarray:
    """Return the image with ZOOM times as many pixels each way, uint8."""
    larger = F.interpolate(image[None, None].float(), scale_factor=ZOOM, mode="bilinear")
    return larger[0, 0].round().to(torch.uint8).numpy()


def _thickness(ink: np.ndarray) -> float:
    """Return how thick a stroke is, in pixels: twice its area for the length of its outline.

    The outline is counted along the pixels' edges, which is 4 / pi times too long on average.
    """
    edges = np.count_nonzero(np.diff(ink, axis=0)) + np.count_nonzero(np.diff(ink, axis=1))
    return 2 * np.count_nonzero(ink) / max(edges * math.pi / 4, 1)


def _slash(ink: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """From the upper right to the lower left, a bit too short or too long."""
    left, top, right, bottom = ink_box(ink)
    more = np.array([right - left, top - bottom]) * rng.uniform(-0.2, 0.15, (2, 1))
    return [np.array([[right, top] + more[0], [left, bottom] - more[1]]) / len(ink)]


def _bar(ink: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Across the stem, about halfway down."""
    _, top, _, bottom = ink_box(ink)
    height = bottom - top
    y = top + rng.uniform(0.4, 0.72) * height
    x = np.flatnonzero(ink[int(y)]).mean() if ink[int(y)].any() else len(ink) / 2
    reach = rng.uniform(0.15, 0.35, 2) * height
    tilt = rng.normal(0, 0.05) * height
    return [np.array([[x - reach[0], y + tilt], [x + reach[1], y - tilt]]) / len(ink)]


def _flag_and_foot(ink: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Left of the upper end, falling; and under the lower end, level."""
    _, top, _, bottom = ink_box(ink)
    height = bottom - top
    ends = [np.flatnonzero(ink[row]).mean() for row in (top, bottom - 1)]
    angle, length = rng.uniform(0.5, 1.1), rng.uniform(0.2, 0.5) * height
    tip = [ends[0] - length * math.cos(angle), top + length * math.sin(angle)]
    reach = rng.uniform(0.12, 0.3, 2) * height
    foot = [[ends[1] - reach[0], bottom - 2], [ends[1] + reach[1], bottom - 2]]
    lines = [[tip, [ends[0], top + 2]], foot]
    chosen = [[0], [1], [0, 1]][rng.choice(3, p=[0.5, 0.15, 0.35])]
    return [np.array(lines[k]) / len(ink) for k in chosen]


ADDED = {0: _slash, 1: _flag_and_foot, 7: _bar}  # what is drawn into which digit


def _uniform(X: Tensor, largest: float) -> Tensor:
    """Return one random number from -largest to largest for each image of X, `(N,)`."""
    return (torch.rand(len(X), device=X.device, dtype=X.dtype) * 2 - 1) * largest
