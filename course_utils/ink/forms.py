"""Drawings made by rule: strokes of digits in the forms that people write, and of other things.

A drawing begins as a template, a few points for each stroke, through which a smooth curve is laid.
`by_hand` draws it as a hand would: with a slant, a turn and a size of its own, somewhere on the
pad, with a wobble and a pen that is thin or thick. These are no people's digits: they stand in for
a learner's own where there are none, and show single habits of writing apart from all others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.ink.normalize import BRUSH, normalize_drawing, rasterize

Points = tuple[tuple[float, float], ...]


class Form(NamedTuple):
    """One way to draw something, in a box of width and height 1; y points down.

    Attributes:
        label: the digit that it shows; None where it shows none.
        strokes: for each stroke the points that it passes; a point named twice is a corner.
    """

    label: int | None
    strokes: tuple[Points, ...]


_ZERO = (
    *((0.5, 0.02), (0.22, 0.12), (0.1, 0.45), (0.18, 0.85)),
    *((0.5, 0.98), (0.82, 0.85), (0.9, 0.5), (0.8, 0.15), (0.5, 0.02)),
)
_TWO = (
    *((0.15, 0.25), (0.3, 0.05), (0.6, 0.0), (0.82, 0.2), (0.75, 0.45)),
    *((0.45, 0.72), (0.12, 1.0), (0.12, 1.0), (0.9, 1.0)),
)
_THREE = (
    *((0.15, 0.12), (0.45, 0.0), (0.78, 0.1), (0.78, 0.33), (0.42, 0.47), (0.42, 0.47)),
    *((0.82, 0.58), (0.88, 0.82), (0.55, 1.0), (0.1, 0.9)),
)
_FIVE = (
    *((0.2, 0.02), (0.15, 0.45), (0.15, 0.45), (0.5, 0.38)),
    *((0.85, 0.55), (0.82, 0.85), (0.5, 1.0), (0.1, 0.9)),
)
_SIX = (
    *((0.75, 0.02), (0.35, 0.25), (0.12, 0.65), (0.25, 0.95), (0.6, 1.0)),
    *((0.85, 0.8), (0.75, 0.55), (0.45, 0.52), (0.15, 0.75)),
)
_EIGHT = (
    *((0.5, 0.48), (0.18, 0.28), (0.3, 0.03), (0.6, 0.0), (0.8, 0.2), (0.5, 0.48)),
    *((0.15, 0.75), (0.3, 0.98), (0.6, 1.0), (0.87, 0.78), (0.5, 0.48)),
)
_NINE = (
    *((0.82, 0.2), (0.5, 0.02), (0.15, 0.2), (0.2, 0.45)),
    *((0.5, 0.52), (0.8, 0.3), (0.85, 0.1), (0.85, 0.1)),
)
_STEM, _FLAG = ((0.5, 0.0), (0.5, 1.0)), ((0.2, 0.32), (0.5, 0.0), (0.5, 0.0), (0.5, 1.0))
_SEVEN = ((0.1, 0.03), (0.88, 0.03), (0.88, 0.03), (0.4, 1.0))

PLAIN: dict[str, Form] = {
    "0": Form(0, (_ZERO,)),
    "1": Form(1, (_STEM,)),
    "2": Form(2, (_TWO,)),
    "3": Form(3, (_THREE,)),
    "4": Form(
        4, (((0.62, 1.0), (0.62, 0.0), (0.62, 0.0), (0.08, 0.68), (0.08, 0.68), (0.95, 0.68)),)
    ),
    "5": Form(5, (_FIVE, ((0.2, 0.02), (0.85, 0.02)))),
    "6": Form(6, (_SIX,)),
    "7": Form(7, (_SEVEN,)),
    "8": Form(8, (_EIGHT,)),
    "9": Form(9, ((*_NINE, (0.82, 0.6), (0.6, 0.95), (0.2, 0.95)),)),
}
"""One plain form for each digit."""

HABITS: dict[str, Form] = {
    "slashed 0": Form(0, (_ZERO, ((0.88, 0.06), (0.12, 0.94)))),
    "flagged 1": Form(1, (_FLAG,)),
    "footed 1": Form(1, (_FLAG, ((0.18, 1.0), (0.82, 1.0)))),
    "open 4": Form(
        4, (((0.2, 0.0), (0.12, 0.52), (0.12, 0.52), (0.9, 0.5)), ((0.72, 0.05), (0.66, 1.0)))
    ),
    "crossed 7": Form(7, (_SEVEN, ((0.22, 0.5), (0.86, 0.46)))),
    "straight 9": Form(9, ((*_NINE, (0.78, 1.0)),)),
}
"""Forms that many people write and MNIST shows seldom."""

_WALLS = ((0.1, 0.45), (0.1, 0.45), (0.1, 1.0), (0.1, 1.0), (0.9, 1.0), (0.9, 1.0), (0.9, 0.45))
_ROOF = ((0.0, 0.5), (0.5, 0.0), (0.5, 0.0), (1.0, 0.5))
_STAR = (
    *((0.2, 1.0), (0.5, 0.0), (0.5, 0.0), (0.8, 1.0), (0.8, 1.0), (0.0, 0.38), (0.0, 0.38)),
    *((1.0, 0.38), (1.0, 0.38), (0.2, 1.0)),
)
_HEART = (
    *((0.5, 0.3), (0.5, 0.3), (0.3, 0.02), (0.02, 0.2), (0.15, 0.6), (0.5, 1.0), (0.5, 1.0)),
    *((0.85, 0.6), (0.98, 0.2), (0.7, 0.02), (0.5, 0.3), (0.5, 0.3)),
)
_SPIRAL = (
    *((0.5, 0.5), (0.6, 0.45), (0.6, 0.6), (0.42, 0.62), (0.36, 0.42), (0.55, 0.28), (0.76, 0.42)),
    *((0.78, 0.7), (0.5, 0.84), (0.2, 0.68), (0.16, 0.32), (0.45, 0.06), (0.85, 0.14), (1.0, 0.5)),
)
_ZIGZAG = ((0.0, 0.3), (0.2, 0.9), (0.32, 0.1), (0.5, 0.95), (0.62, 0.05), (0.8, 0.9), (1.0, 0.2))

OTHER: dict[str, Form] = {
    "house": Form(None, (_WALLS, ((0.1, 0.45), (0.9, 0.45)), _ROOF)),
    "star": Form(None, (_STAR,)),
    "heart": Form(None, (_HEART,)),
    "spiral": Form(None, (_SPIRAL,)),
    "zigzag": Form(None, (_ZIGZAG,)),
    "arrow": Form(
        None, (((0.0, 0.5), (1.0, 0.5)), ((0.65, 0.2), (1.0, 0.5), (1.0, 0.5), (0.65, 0.8)))
    ),
    "fence": Form(
        None, (_STEM, ((0.1, 0.0), (0.1, 1.0)), ((0.9, 0.0), (0.9, 1.0)), ((0.0, 0.5), (1.0, 0.5)))
    ),
    "face": Form(
        None, (_ZERO, ((0.35, 0.35),), ((0.65, 0.35),), ((0.3, 0.65), (0.5, 0.78), (0.7, 0.65)))
    ),
    "A": Form(
        None, (((0.1, 1.0), (0.5, 0.0), (0.5, 0.0), (0.9, 1.0)), ((0.25, 0.62), (0.75, 0.62)))
    ),
    "E": Form(
        None,
        (
            ((0.85, 0.0), (0.15, 0.0), (0.15, 0.0), (0.15, 1.0), (0.15, 1.0), (0.85, 1.0)),
            ((0.15, 0.5), (0.7, 0.5)),
        ),
    ),
    "H": Form(
        None, (((0.15, 0.0), (0.15, 1.0)), ((0.85, 0.0), (0.85, 1.0)), ((0.15, 0.5), (0.85, 0.5)))
    ),
    "K": Form(
        None, (((0.15, 0.0), (0.15, 1.0)), ((0.85, 0.0), (0.18, 0.55), (0.18, 0.55), (0.85, 1.0)))
    ),
    "M": Form(
        None,
        (
            (
                (0.1, 1.0),
                (0.15, 0.0),
                (0.15, 0.0),
                (0.5, 0.6),
                (0.5, 0.6),
                (0.85, 0.0),
                (0.85, 0.0),
                (0.9, 1.0),
            ),
        ),
    ),
    "W": Form(
        None,
        (
            (
                (0.02, 0.0),
                (0.25, 1.0),
                (0.25, 1.0),
                (0.5, 0.3),
                (0.5, 0.3),
                (0.75, 1.0),
                (0.75, 1.0),
                (0.98, 0.0),
            ),
        ),
    ),
    "X": Form(None, (((0.1, 0.0), (0.9, 1.0)), ((0.9, 0.0), (0.1, 1.0)))),
}
"""What is no digit: shapes, a scribble, and letters that no digit looks like."""

FORMS = PLAIN | HABITS | OTHER


class Drawings(NamedTuple):
    """Drawings as a model reads them: MNIST's form, and what each of them is.

    Attributes:
        images: uint8 `(N, 28, 28)`, 0 for paper to 255 for ink.
        labels: int64 `(N,)`; -1 where the drawing is no digit.
        names: for each drawing, the name of its form.
    """

    images: np.ndarray
    labels: np.ndarray
    names: list[str]


def neat(name: str, *, height: float = 0.7) -> list[np.ndarray]:
    """Return the strokes of a form, drawn neatly in the middle of the pad.

    Args:
        name: a name in FORMS, such as "slashed 0".
        height: of the drawing, in fractions of the pad; its width is seven tenths of that.

    Returns:
        The strokes, each `(n_points, 2)`, as `DigitPad.draw` and `rasterize` take them.

    Raises:
        ValueError: there is no such form.

    >>> ink = rasterize(neat("crossed 7"))
    """
    size = height * np.array([0.7, 1.0])
    return [0.5 + (curve - 0.5) * size for curve in _curves(name)]


def by_hand(name: str, random: np.random.RandomState) -> list[np.ndarray]:
    """Return the strokes of a form as one of many hands might draw it.

    Slant, turn, width, height and place are drawn by chance for the whole drawing, each within
    what stays readable; every stroke is moved a little by itself, and bends by two slow waves.

    Args:
        name: a name in FORMS.
        random: where chance comes from; the same state draws the same drawing.

    Raises:
        ValueError: there is no such form.

    >>> by_hand("open 4", np.random.RandomState(0))
    """
    height = random.uniform(0.4, 0.8)
    width = height * random.uniform(0.5, 0.9)
    slant, turn = random.normal(0, 0.16), random.normal(0, 0.07)  # radians
    bend = np.array([[1.0, -np.tan(slant)], [0.0, 1.0]])
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = random.uniform(0.45, 0.55, 2)
    strokes = []
    for curve in _curves(name):
        curve = curve + random.normal(0, 0.02, 2) + _waves(len(curve), random)
        strokes.append(middle + ((curve - 0.5) * (width, height)) @ bend.T @ rotate.T)
    return _held_on_the_pad(strokes)


def _held_on_the_pad(strokes: list[np.ndarray], margin: float = 0.06) -> list[np.ndarray]:
    """Make a drawing smaller, and move it, as far as it would leave the pad."""
    points = np.concatenate(strokes)
    middle, size = (points.min(0) + points.max(0)) / 2, np.ptp(points, axis=0)
    scale = min(1.0, (1 - 2 * margin) / size.max())
    reach = margin + scale * size / 2
    inside = np.clip(middle, reach, 1 - reach)
    return [inside + (stroke - middle) * scale for stroke in strokes]


def draw_by_hand(names: list[str], n_each: int, *, seed: int = 0, side: int = 140) -> Drawings:
    """Draw each of some forms several times and normalise the drawings as the pad does.

    Args:
        names: names in FORMS, such as list(HABITS).
        n_each: how many drawings of each.
        seed: the same seed gives the same drawings.
        side: pixels of ink along the pad, on which is drawn before it becomes 28 × 28.

    Raises:
        ValueError: there is no such form, or nothing to draw.

    >>> images, labels, names = draw_by_hand(list(HABITS), 10)
    """
    if n_each < 1 or not names:
        raise ValueError(f"there must be something to draw, got {len(names)} forms × {n_each}")
    random, images, drawn = np.random.RandomState(seed), [], []
    for name in names:
        for _ in range(n_each):
            strokes, brush = by_hand(name, random), BRUSH * random.uniform(0.6, 1.3)
            picture = normalize_drawing(rasterize(strokes, side=side, brush=brush))
            images.append(np.round(255 * picture).astype(np.uint8))
            drawn.append(name)
    labels = [-1 if FORMS[name].label is None else FORMS[name].label for name in drawn]
    return Drawings(np.stack(images), np.array(labels, dtype=np.int64), drawn)


def _curves(name: str) -> list[np.ndarray]:
    if name not in FORMS:
        raise ValueError(f"there is no form {name!r}; there are: {', '.join(FORMS)}")
    return [_with_corners(np.array(points)) for points in FORMS[name].strokes]


def _with_corners(points: np.ndarray) -> np.ndarray:
    """Lay smooth curves through points, with a corner wherever one stands twice in a row."""
    corners = np.flatnonzero((points[1:] == points[:-1]).all(1)) + 1
    return np.concatenate([curve_through(part) for part in np.split(points, corners)])


def curve_through(points: np.ndarray, n_between: int = 6) -> np.ndarray:
    """Return a smooth curve through points `(n, 2)`, n_between steps from each to the next.

    Source: E. Catmull, R. Rom, "A class of local interpolating splines", 1974.
    """
    if len(points) < 2:
        return points
    before, after = 2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1]
    p = np.concatenate([before, points, after])
    t = np.linspace(0, 1, n_between, endpoint=False)[None, :, None]
    a, b, c, d = (p[k : len(p) - 3 + k, None] for k in range(4))
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def _waves(n: int, random: np.random.RandomState, size: float = 0.025) -> np.ndarray:
    """Return a slow wobble along a stroke of n points: two waves in each direction, `(n, 2)`."""
    along = np.linspace(0, 1, n)[:, None]
    wobble = np.zeros((n, 2))
    for frequency in (0.7, 1.6):
        phase, height = random.uniform(0, 2 * np.pi, 2), random.normal(0, size, 2)
        wobble += height * np.sin(2 * np.pi * frequency * along + phase)
    return wobble
