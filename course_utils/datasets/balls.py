"""A ball that flies in a box without friction: a sequence whose rule is known exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

WALL = 1.0  # the ball's middle stays between −WALL and WALL on both axes
SLOWEST, FASTEST = 0.06, 0.18  # how far a ball of `bouncing_balls` goes from one step to the next

Vector = Tensor | Sequence[float]


def bouncing_balls(n: int, n_steps: int = 40, seed: int = 0) -> Tensor:
    """Return the paths of balls that fly in a box and bounce off its four walls.

    The rule: a ball starts anywhere in the box, each place as likely as the other, in any
    direction, each as likely, and goes between 0.06 and 0.18 a step, each speed as likely. It
    keeps its speed. At a wall the velocity across the wall changes its sign; see `fly`.

    Args:
        n: how many balls, 1 or more.
        n_steps: positions of each ball, 1 or more.
        seed: the same seed gives the same balls; torch's global generator is not touched.

    Returns:
        float32 (n, n_steps, 2), x and y from −1 to 1.

    Raises:
        ValueError: a count is not a whole number above 0.

    >>> bouncing_balls(3, n_steps=5).shape
    torch.Size([3, 5, 2])
    """
    _check_count(n, "n")
    generator = torch.Generator().manual_seed(seed)
    position = WALL * (2 * torch.rand(n, 2, generator=generator, dtype=torch.float64) - 1)
    chance = torch.rand(n, 2, generator=generator, dtype=torch.float64)
    speed = SLOWEST + (FASTEST - SLOWEST) * chance[:, 0]  # (n,)
    angle = 2 * math.pi * chance[:, 1]
    velocity = speed[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)  # (n, 2)
    return fly(position, velocity, n_steps)


def fly(position: Vector, velocity: Vector, n_steps: int) -> Tensor:
    """Return the exact path of a throw: where the ball is at steps 0, 1, …, n_steps − 1.

    Without walls it would be at p + t·v. Each wall is a mirror: the line is folded back into the
    box, along x and y alone, x ← 1 − |((x + 1) mod 4) − 2|. So nothing adds up from bounce to
    bounce, and a ball that meets a wall between two steps is mirrored at the right moment.

    Args:
        position: x and y at step 0, between −1 and 1; (2,), or (N, 2) for N balls.
        velocity: how far it goes along x and y from one step to the next; as `position`.
        n_steps: how many positions, 1 or more.

    Returns:
        float32 (n_steps, 2), or (N, n_steps, 2).

    Raises:
        ValueError: position and velocity are no such vectors, or the ball starts outside.

    >>> fly((0.5, 0.0), (0.2, 0.0), 5)[:, 0]
    tensor([0.5000, 0.7000, 0.9000, 0.9000, 0.7000])
    """
    _check_count(n_steps, "n_steps")
    position, velocity = (torch.as_tensor(v, dtype=torch.float64) for v in (position, velocity))
    shapes = f"{tuple(position.shape)} and {tuple(velocity.shape)}"
    if position.shape != velocity.shape or position.ndim not in (1, 2) or position.shape[-1] != 2:
        raise ValueError(
            f"position and velocity must be two vectors (2,), or (N, 2) both, got {shapes}"
        )
    if not (position.isfinite().all() and velocity.isfinite().all()):
        raise ValueError("position and velocity must be finite, and one of them holds nan or inf")
    if (position.abs() > WALL).any():
        raise ValueError(
            f"the ball must start in the box, x and y from −1 to 1, got {position.tolist()}"
        )
    time = torch.arange(n_steps, dtype=torch.float64)[:, None]  # (T, 1)
    straight = position[..., None, :] + time * velocity[..., None, :]  # (..., T, 2)
    return _folded(straight).float()


def _folded(x: Tensor) -> Tensor:
    """Fold a line back into the box, mirrored at each wall."""
    return WALL - ((x + WALL).remainder(4 * WALL) - 2 * WALL).abs()


def _check_count(n: object, name: str) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"{name} must be a whole number above 0, got {n!r}")
