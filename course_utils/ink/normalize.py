"""From strokes to the 28 × 28 picture that a model reads: ink, and MNIST's own normalisation.

`normalize.js` is the twin of this file for the page; one set of test vectors holds the two
together. No torch is needed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

SIDE = 280  # pixels of ink along each side of the pad
BRUSH = 16  # pixels; thin enough for small loops to stay open
PICTURE = 28  # pixels along each side of the picture that a model reads
DIGIT = 20  # the box of the picture into which MNIST fits a digit
MIDDLE = 14.5  # where the centre of mass goes: the middle of pixel 14, counted from the edge
FAR = 5  # pads; no hand leaves the pad as far as that, but coordinates in pixels do
FAINT = 32  # of 255; where there is more than a speck of ink, some of it is darker than that

Stroke = Sequence[Sequence[float]]
STROKE = "each stroke a list of points (x, y) in fractions of the pad, from 0 to 1"


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
        ValueError: `strokes` are none (see `check_strokes`), or the brush has no width.

    >>> rasterize([[(0.5, 0.2), (0.5, 0.8)]]).max()
    255
    """
    if not brush > 0:
        raise ValueError(f"brush must be a number of pixels above 0, got {brush}")
    return ink_of(check_strokes(strokes), side, brush)


@np.errstate(all="ignore")
def ink_of(strokes: Sequence[np.ndarray], side: int = SIDE, brush: float = BRUSH) -> np.ndarray:
    """Draw strokes that are known to be some, each `(n_points, 2)`; see `rasterize`."""
    ink = np.zeros((side, side), np.uint8)
    for stroke in strokes:
        points = stroke.astype(float) * side
        if len(points) == 1:
            points = points[[0, 0]]
        for start, end in pairwise(points):
            _draw_segment(ink, start, end, brush * side / SIDE / 2)
    return ink


def check_strokes(strokes: Iterable[Stroke]) -> list[np.ndarray]:
    """Return each stroke as float64 `(n_points, 2)`; strokes without points are left out.

    Raises:
        ValueError: `strokes` is no list of strokes, a point no pair of finite numbers, or it lies
            so far outside the pad that it must be meant otherwise.
    """
    try:
        arrays = [_points(stroke) for stroke in strokes]
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"strokes must be a list of strokes, {STROKE}: {error}") from error
    arrays = [array for array in arrays if array.size]
    for number, array in enumerate(arrays):
        if array.ndim != 2 or array.shape[1] != 2:
            hint = "; put one stroke into a list: [stroke]" if array.shape == (2,) else ""
            raise ValueError(f"stroke {number} has shape {array.shape}, wanted is {STROKE}{hint}")
        if not np.isfinite(array).all():
            raise ValueError(f"stroke {number} holds nan or infinite numbers, wanted is {STROKE}")
        if np.abs(array).max() > FAR:
            x, y = array[np.abs(array).max(1).argmax()]
            raise ValueError(
                f"stroke {number} has a point at ({x:g}, {y:g}), wanted is {STROKE}; if these are "
                "pixels, divide them by the width of their picture"
            )
    return arrays


def _points(stroke: Iterable[Sequence[float]]) -> np.ndarray:
    array = np.asarray(stroke if hasattr(stroke, "__len__") else list(stroke))
    if array.size and array.dtype.kind not in "fiuO":
        raise ValueError(f"it holds {array.dtype}, not real numbers")
    return array.astype(float)


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
    to see what they are for. What is given must be bright ink on black paper: a picture whose
    paper is not 0 along most of its edge is refused, not guessed at.

    Args:
        ink: uint8 `(H, W)`, 0 for paper to 255 for ink, of any size; an array or a CPU tensor.
        crop: scale the box of the ink; otherwise the whole pad is scaled to 28 × 28.
        keep_aspect: scale width and height by the same factor.
        center: put the centre of mass in the middle; otherwise the middle of the box.

    Returns:
        float32 `(28, 28)` in [0, 1], in steps of 1/255 as in an 8-bit picture; all 0 where
        there is no ink. A tensor where `ink` is one.

    Raises:
        ValueError: `ink` is not uint8 `(H, W)`, or not bright on black; the message gives an
            expression that mends what it names.

    Source:
        Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, which
        describes the 20 × 20 box and the centre of mass.

    >>> normalize_drawing(rasterize([[(0.5, 0.2), (0.5, 0.8)]])).shape
    (28, 28)
    """
    picture = normalized(_check_ink(ink), crop, keep_aspect, center)
    if not hasattr(ink, "detach"):
        return picture
    import torch  # it is loaded already, or there would be no tensor

    return torch.from_numpy(picture)


def _check_ink(ink: object) -> np.ndarray:
    """Return ink as an array, or say what it is instead and which expression mends that."""
    pixels = _as_numbers(ink)
    fault = _wrong_shape(pixels) or _wrong_range(pixels) or _wrong_paper(pixels)
    if fault:
        raise ValueError(f"ink must be uint8 (H, W), 0 for paper to 255 for ink; {fault}")
    return pixels


def _as_numbers(ink: object) -> np.ndarray:
    if hasattr(ink, "getbands"):  # an image of Pillow, which cannot colour wide pixels
        hint = "np.asarray(ink)" if ink.mode[0] in "IF" else 'np.asarray(ink.convert("RGBA"))'
        raise ValueError(f"ink must be an array, got an image of Pillow: give {hint}")
    try:
        pixels = np.asarray(ink)
    except (TypeError, ValueError, RuntimeError) as error:
        hint = "; give ink.detach().cpu()" if hasattr(ink, "detach") else ""
        hint += ".float()" if "bfloat16" in str(getattr(ink, "dtype", "")) else ""
        raise ValueError(f"ink cannot be read as an array: {error}{hint}") from error
    if pixels.dtype.kind not in "biuf":
        raise ValueError(f"ink must be numbers, got {pixels.dtype}")
    if not np.isfinite(pixels).all():
        raise ValueError("ink must be numbers from 0 to 255, got nan or infinity among them")
    return pixels


def _wrong_shape(pixels: np.ndarray) -> str:
    """Return what is wrong with the shape and what to do, "" where it is `(H, W)`."""
    shape, one = pixels.shape, "take one picture out with ink[0]"
    if pixels.ndim == 0 or not pixels.size:
        return f"got shape {shape}"
    if pixels.ndim <= 2 and shape[-1] == PICTURE**2 and shape[:-1] != (PICTURE**2,):
        rows = f"np.asarray(ink).reshape(-1, {PICTURE}, {PICTURE})"
        return f"got shape {shape}, rows of pixels: give {rows}"
    if pixels.ndim == 1:
        return f"got shape {shape}"
    if pixels.ndim == 2:
        return ""
    if pixels.ndim == 3 and shape[-1] <= 4 < min(shape[:2]):
        return f"got shape {shape}, a picture in colours: give {_without_colours(pixels)}"
    if pixels.ndim == 3 and 1 < len(pixels) <= 4 and (pixels != pixels[0]).any():
        colours = "give np.moveaxis(np.asarray(ink), 0, -1)"
        return f"got shape {shape}; if these are pictures, {one}; if colours of one, {colours}"
    return f"got shape {shape}; {one}"


def _without_colours(pixels: np.ndarray) -> str:
    """Return the expression that makes one channel of `(H, W, 1 to 4)`, the last of 2 or 4 alpha.

    What is transparent in places, and of one colour elsewhere, is a mask; otherwise it is laid on
    white paper. Of colours the one counts that differs most from the paper.
    """
    ink, alpha, channels = "np.asarray(ink)", pixels[..., -1], pixels.shape[-1]
    if channels == 1:
        return f"{ink}[..., 0]"
    if channels == 3:
        return f"{ink}.{'min' if _is_dark_on_bright(pixels) else 'max'}(-1)"
    if alpha.min() == alpha.max():
        return f"{ink}[..., :-1]"
    seen = pixels[..., :-1][alpha > 0]
    if (seen == seen[0]).all():
        return f"{ink}[..., -1]"
    full = next((n for n in (1, 255, 65535) if pixels.max() <= n), pixels.max())
    return f"{full} - ({full} - {ink}[..., :-1].astype(float)) * ({ink}[..., -1:] / {full})"


def _wrong_range(pixels: np.ndarray) -> str:
    """Return what is wrong with the numbers and what to do, "" where they are those of ink."""
    low, high = pixels.min(), pixels.max()
    got = f"got {pixels.dtype} from {low} to {high}"
    if low < 0:
        return f"{got}; first undo what made them negative, a standardisation or a cast"
    if pixels.dtype == np.uint8 and (high >= FAINT or np.count_nonzero(pixels) < DIGIT):
        return ""
    factor = "255 * " if high <= 1 else "" if FAINT <= high <= 255 else f"255 / {high} * "
    return f'{got}: give np.round({factor}np.asarray(ink, dtype=float)).astype("uint8")'


def _wrong_paper(pixels: np.ndarray) -> str:
    """Return what is wrong where edge and corners are not 0, and what to do."""
    paper, low, high = int(_paper(pixels)), int(pixels.min()), int(pixels.max())
    if paper == 0:
        return ""
    if low == high:
        return f"got nothing but paper, which is {paper} everywhere"
    if _is_dark_on_bright(pixels):
        return f"got dark ink on paper that is {paper} along the edge: give 255 - ink"
    bright = f"np.where(ink > {(paper + high) // 2}, ink, 0)"
    return f'got paper that is {paper} along the edge: give {bright}.astype("uint8")'


def _is_dark_on_bright(pixels: np.ndarray) -> bool:
    paper = _paper(pixels)
    return bool(paper - pixels.min() > pixels.max() - paper)


def _paper(pixels: np.ndarray) -> float:
    """Return how bright the paper of a picture `(H, W)` or `(H, W, C)` is.

    Ink may cover most of the edge, as that of a 1 that was cut out, or two corners, but not both.
    """
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    return float(min(np.median(edge), np.sort(corners, axis=0)[1].min()))


@np.errstate(all="ignore")
def normalized(
    ink: np.ndarray, crop: bool = True, keep_aspect: bool = True, center: bool = True
) -> np.ndarray:
    """Return the picture of pixels that are known to be ink; see `normalize_drawing`."""
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
