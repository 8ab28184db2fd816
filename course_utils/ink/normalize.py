"""From strokes to the 28 × 28 picture that a model reads: ink, and MNIST's own normalisation.

`normalize.js` is the twin of this file for the page; one set of test vectors holds the two
together. No torch is needed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

SIDE = 280  # pixels of ink along each side of the pad
BRUSH = 16  # pixels; thin enough for small loops to stay open
PICTURE = 28  # pixels along each side of the picture that a model reads
DIGIT = 20  # the box of the picture into which MNIST fits a digit
MIDDLE = 14.5  # where the centre of mass goes: the middle of pixel 14, counted from the edge

Stroke = Sequence[Sequence[float]]


def rasterize(strokes: Sequence[Stroke], *, side: int = SIDE, brush: float = BRUSH) -> np.ndarray:
    """Draw strokes with a round brush, with soft edges one pixel wide.

    Args:
        strokes: each a list of points (x, y) in fractions of the pad's side, y pointing down;
            a stroke of one point is a dot. What lies outside 0 to 1 is not seen.
        side: pixels along each side of the result.
        brush: diameter of the brush in pixels of a pad of 280.

    Returns:
        uint8 `(side, side)`: 0 is paper, 255 ink.

    Raises:
        ValueError: a point is not a pair of finite numbers.

    >>> rasterize([[(0.5, 0.2), (0.5, 0.8)]]).max()
    255
    """
    ink = np.zeros((side, side), np.uint8)
    for stroke in check_strokes(strokes):
        points = stroke * side
        if len(points) == 1:
            points = points[[0, 0]]
        for start, end in pairwise(points):
            _draw_segment(ink, start, end, brush * side / SIDE / 2)
    return ink


def check_strokes(strokes: Sequence[Stroke]) -> list[np.ndarray]:
    """Return each stroke as float64 `(n_points, 2)`; strokes without points are left out.

    Raises:
        ValueError: `strokes` is no list of strokes, or a point no pair of finite numbers.
    """
    wanted = "each stroke a list of points (x, y) in fractions of the pad, from 0 to 1"
    try:
        arrays = [np.array(stroke, dtype=float) for stroke in strokes]
    except (TypeError, ValueError) as error:
        raise ValueError(f"strokes must be a list of strokes, {wanted}: {error}") from error
    arrays = [array for array in arrays if array.size]
    for number, array in enumerate(arrays):
        if array.ndim != 2 or array.shape[1] != 2:
            hint = "; put one stroke into a list: [stroke]" if array.ndim == 1 else ""
            raise ValueError(f"stroke {number} has shape {array.shape}, wanted is {wanted}{hint}")
        if not np.isfinite(array).all():
            raise ValueError(f"stroke {number} holds nan or infinite numbers, wanted is {wanted}")
    return arrays


def _draw_segment(ink: np.ndarray, start: np.ndarray, end: np.ndarray, radius: float) -> None:
    """Draw one straight piece into `ink`: a pixel is as dark as the brush covers it."""
    side, reach = len(ink), radius + 1
    low = np.clip(np.floor(np.minimum(start, end) - reach), 0, side).astype(int)
    high = np.clip(np.ceil(np.maximum(start, end) + reach), 0, side).astype(int)
    x = np.arange(low[0], high[0]) + 0.5 - start[0]
    y = np.arange(low[1], high[1])[:, None] + 0.5 - start[1]
    dx, dy = end - start
    length2 = dx * dx + dy * dy
    along = np.clip((x * dx + y * dy) / length2, 0, 1) if length2 > 0 else 0.0
    distance = np.hypot(x - along * dx, y - along * dy)
    drawn = np.floor(255 * np.clip(radius + 0.5 - distance, 0, 1) + 0.5).astype(np.uint8)
    box = ink[low[1] : high[1], low[0] : high[0]]
    np.maximum(box, drawn, out=box)


class Box(NamedTuple):
    """A rectangle of ink in pixels; `right` and `bottom` lie just outside."""

    left: int
    top: int
    right: int
    bottom: int


def ink_box(ink: np.ndarray) -> Box | None:
    """Return the smallest box that holds all ink, None where there is none."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def normalize_drawing(
    ink: np.ndarray, *, crop: bool = True, keep_aspect: bool = True, center: bool = True
) -> np.ndarray:
    """Turn ink of any size into a picture like MNIST's.

    The box of the ink is scaled, with soft edges, to fit 20 × 20 pixels; then it is laid into
    28 × 28 so that its centre of mass falls on pixel 14, counted from 0, in both directions.
    Ink that would leave the picture by that is held inside. The three steps can be switched off
    to see what they are for.

    Args:
        ink: uint8 `(H, W)`, 0 for paper to 255 for ink, of any size; an array or a CPU tensor.
        crop: scale the box of the ink; otherwise the whole pad is scaled to 28 × 28.
        keep_aspect: scale width and height by the same factor.
        center: put the centre of mass in the middle; otherwise the middle of the box.

    Returns:
        float32 `(28, 28)` in [0, 1], in steps of 1/255 as in an 8-bit picture; all 0 where
        there is no ink. A tensor where `ink` is one.

    Raises:
        ValueError: `ink` is not uint8 `(H, W)`.

    Source:
        Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, which
        describes the 20 × 20 box and the centre of mass.

    >>> normalize_drawing(rasterize([[(0.5, 0.2), (0.5, 0.8)]])).shape
    (28, 28)
    """
    pixels = _check_ink(ink)
    picture = _normalize(pixels, crop, keep_aspect, center)
    return picture if isinstance(ink, np.ndarray) else type(ink)(picture)


def _check_ink(ink: object) -> np.ndarray:
    pixels = np.asarray(ink)
    if pixels.ndim != 2 or not pixels.size:
        hint = "; take one picture out with ink[0]" if pixels.ndim > 2 else ""
        raise ValueError(f"ink must be uint8 (H, W), got shape {pixels.shape}{hint}")
    if pixels.dtype != np.uint8:
        hint = "(255 * ink).round() as uint8" if pixels.dtype.kind == "f" else "ink as uint8"
        raise ValueError(
            f"ink must be uint8 from 0 (paper) to 255 (ink), got {pixels.dtype}; "
            f"if it runs from 0 to 1, give {hint}"
        )
    return pixels


def _normalize(ink: np.ndarray, crop: bool, keep_aspect: bool, center: bool) -> np.ndarray:
    drawn = ink_box(ink)
    if drawn is None:
        return np.zeros((PICTURE, PICTURE), np.float32)
    height, width = ink.shape
    box = drawn if crop else Box(0, 0, width, height)
    sizes = box.right - box.left, box.bottom - box.top
    room = DIGIT if crop else PICTURE
    scale_x, scale_y = (room / (max(sizes) if keep_aspect else size) for size in sizes)
    weights = ink.astype(float)
    columns = _resampling(
        weights.sum(0), scale_x, (box.left, box.right), (drawn.left, drawn.right), center
    )
    rows = _resampling(
        weights.sum(1), scale_y, (box.top, box.bottom), (drawn.top, drawn.bottom), center
    )
    levels = np.floor(rows @ weights @ columns.T + 0.5)
    return (np.clip(levels, 0, 255) / 255).astype(np.float32)


def _resampling(
    mass: np.ndarray, scale: float, box: tuple[int, int], drawn: tuple[int, int], center: bool
) -> np.ndarray:
    """Return `(28, n)`: what each of n pixels of ink gives to each pixel of the picture, one axis.

    A pixel of the picture is the mean over the ink that it covers, or over the width of one pixel
    of ink where it covers less (which is linear interpolation).
    """
    edges = np.arange(len(mass) + 1.0)
    if center:
        middle, goal = (mass @ (edges[:-1] + 0.5)) / mass.sum(), MIDDLE
        low, high = (goal + (edge - middle) * scale for edge in drawn)
        goal += max(0.0, -low) - max(0.0, high - PICTURE)  # hold the ink inside
    else:
        middle, goal = (box[0] + box[1]) / 2, PICTURE / 2
    centers = (np.arange(PICTURE) + 0.5 - goal) / scale + middle
    half = max(1 / scale, 1.0) / 2
    starts, ends = centers[:, None] - half, centers[:, None] + half
    overlap = np.minimum(ends, edges[1:]) - np.maximum(starts, edges[:-1])
    return np.maximum(overlap, 0) / (2 * half)
