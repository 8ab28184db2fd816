"""Photos made up by rule: dark ink on bright paper, with grain and with a shadow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.ink.normalize import SIDE, Stroke, rasterize

PAPER, INK = 215, 37  # how bright they are in full light, of 255
LIT = 0.6  # of the width lies in full light where there is a shadow
EDGE = 5  # pixels over which light goes over into shadow


def photograph(
    strokes: Sequence[Stroke], *, grain: float = 0.0, shadow: float = 0.0, seed: int = 0
) -> np.ndarray:
    """Return a photo of a drawing, as a camera might take it.

    Args:
        strokes: as `rasterize` takes them.
        grain: standard deviation of the paper's grain, in grey values.
        shadow: how much light is missing at the right, from 0 to 1.
        seed: the same seed gives the same grain.

    Returns:
        uint8 `(280, 280)`, the large numbers where it is bright.

    Raises:
        ValueError: `strokes` are none, or the shadow is not from 0 to 1.

    >>> photograph(neat("2"), grain=5, shadow=0.3)
    """
    if not 0 <= shadow <= 1:
        raise ValueError(f"shadow must be from 0 to 1, got {shadow}")
    light = PAPER - (PAPER - INK) * (rasterize(strokes) / 255)
    light *= 1 - shadow / (1 + np.exp((LIT * SIDE - np.arange(SIDE)) / EDGE))
    light += grain * np.random.RandomState(seed).normal(size=light.shape)
    return np.clip(light, 0, 255).round().astype(np.uint8)
