"""What may happen to a digit before a model sees it: shifted, turned, thickened, noisy."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.ink.normalize import PICTURE


class Disturbance(NamedTuple):
    """Something that may happen to digits.

    Attributes:
        apply: takes pictures (N, 28, 28), float from 0 to 1, and a strength; gives such pictures.
        strengths: the strengths to try, in rising order.
        says: what the strength means, for the axis of a figure.
    """

    apply: Callable[[Tensor, float], Tensor]
    strengths: tuple[float, ...]
    says: str


def shifted(images: Tensor, pixels: float) -> Tensor:
    """Move pictures to the right, paper coming in from the left: (N, 28, 28) -> (N, 28, 28)."""
    return _warped(images, torch.tensor([[1.0, 0.0, -2 * pixels / PICTURE], [0.0, 1.0, 0.0]]))


def turned(images: Tensor, degrees: float) -> Tensor:
    """Turn pictures clockwise about their middle: (N, 28, 28) -> (N, 28, 28)."""
    angle = torch.tensor(degrees * torch.pi / 180)
    cos, sin = torch.cos(angle), torch.sin(angle)
    return _warped(images, torch.stack([cos, sin, 0 * cos, -sin, cos, 0 * cos]).reshape(2, 3))


def _warped(images: Tensor, theta: Tensor) -> Tensor:
    """Look up each pixel where a matrix (2, 3) sends it; outside there is paper."""
    n = len(images)
    grid = F.affine_grid(theta.expand(n, 2, 3), (n, 1, PICTURE, PICTURE), align_corners=False)
    return F.grid_sample(images[:, None], grid.to(images), align_corners=False)[:, 0]


def thickened(images: Tensor, steps: float) -> Tensor:
    """Make strokes thicker, by about two pixels for each step; thinner where steps are negative.

    One step gives each pixel the darkest of the 3 × 3 about it, a negative one the lightest; parts
    of a step blend. (N, 28, 28) -> (N, 28, 28).
    """
    sign = 1 if steps >= 0 else -1
    result, left = sign * images, abs(steps)
    while left > 0:
        widened = F.max_pool2d(result[:, None], 3, stride=1, padding=1)[:, 0]
        result = result + min(left, 1.0) * (widened - result)
        left -= 1
    return sign * result


def noisy(images: Tensor, sigma: float) -> Tensor:
    """Add normal noise to each pixel, the same at each call, and cut off below 0 and above 1."""
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    return (images + sigma * noise.to(images)).clamp(0, 1)


DISTURBANCES: dict[str, Disturbance] = {
    "shift": Disturbance(shifted, (0, 1, 2, 3, 4, 5, 6, 7, 8), "pixels to the right"),
    "turn": Disturbance(turned, (-60, -45, -30, -15, 0, 15, 30, 45, 60), "degrees clockwise"),
    "thickness": Disturbance(
        thickened, (-1, -0.75, -0.5, -0.25, 0, 0.5, 1, 1.5, 2), "steps, thinner or thicker"
    ),
    "noise": Disturbance(
        noisy, (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), "standard deviation of the noise"
    ),
}
"""Four disturbances, each with nine strengths; one of them leaves the digits as they are."""
