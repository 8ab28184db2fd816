"""Point sets in the plane whose rule is known, so that what is learned can be compared with it."""

from __future__ import annotations

from collections.abc import Sequence

import torch

SEPARABLE = ((-1.25, -1.25), (1.25, 1.25))
"""Centres for `two_squares` that leave a gap between squares of side 2: a line can part them."""

PASS_BIAS = -4.5
PASS_WEIGHTS = (0.2, 0.1)
N_LECTURES = 20
MAX_HOURS = 50.0


def two_squares(
    n_per_class: int = 200,
    centres: Sequence[Sequence[float]] = ((-0.5, -0.5), (0.5, 0.5)),
    side: float = 2.0,
    seed: int = 0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Two classes, each spread evenly over a square.

    With the centres given here the squares overlap in one of side 1: a quarter of each class
    lies there, and no line parts the classes. With `centres=SEPARABLE` many lines do.

    Args:
        n_per_class: points in each class, 1 or more.
        centres: the middle of the square of class 0 and of class 1, two numbers each.
        side: length of a side, above 0.
        seed: the same seed gives the same points; torch's global generator is not touched.

    Returns:
        X: float32 `(2 * n_per_class, 2)`, and y: int64 `(2 * n_per_class,)` of 0 and 1.
        The rows are **not** shuffled: first all of class 0, then all of class 1.

    Raises:
        ValueError: if there is no point to draw, no area, or not two centres in the plane.

    Example:
        >>> X, y = two_squares(200)
        >>> X.shape, y.sum()
        (torch.Size([400, 2]), tensor(200))
    """
    _require_count(n_per_class, "n_per_class")
    if not 0 < side < float("inf"):
        raise ValueError(f"side must be a length above 0, got {side}")
    middle = torch.tensor(centres, dtype=torch.float32)
    if middle.shape != (2, 2):
        raise ValueError(
            f"centres must be two points in the plane, ((x, y), (x, y)), got {centres!r}"
        )
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(2).repeat_interleave(n_per_class)  # (2n,)
    offset = torch.rand(2 * n_per_class, 2, generator=generator) - 0.5  # (2n, 2)
    return middle[y] + side * offset, y


def pass_the_class(n: int = 300, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Made-up students: did those who came and worked pass?

    Column 0 is the number of lectures attended, a whole number from 0 to 20, each as likely
    as the other. Column 1 is the hours spent on the project, spread evenly from 0 to 50.
    Who passes is drawn by chance with the probability that `pass_probability` gives:

        P(pass) = σ(−4.5 + 0.2 · lectures + 0.1 · hours),   σ(z) = 1 / (1 + exp(−z))

    Args:
        n: students, 1 or more.
        seed: the same seed gives the same students; torch's global generator is not touched.

    Returns:
        X: float32 `(n, 2)`, and y: int64 `(n,)`, 1 for passed, 0 for failed.

    Raises:
        ValueError: if n is not a whole number above 0.

    Example:
        >>> X, y = pass_the_class(300)
        >>> X.shape, y.shape
        (torch.Size([300, 2]), torch.Size([300]))
    """
    _require_count(n, "n")
    generator = torch.Generator().manual_seed(seed)
    lectures = torch.randint(0, N_LECTURES + 1, (n,), generator=generator)
    hours = MAX_HOURS * torch.rand(n, generator=generator)
    X = torch.stack([lectures.float(), hours], dim=1)  # (n, 2)
    chance = torch.rand(n, generator=generator)
    return X, (chance < pass_probability(X)).long()


def pass_probability(X: torch.Tensor) -> torch.Tensor:
    """The true probability of passing, the rule behind `pass_the_class`.

    Args:
        X: `(..., 2)`, lectures attended and hours on the project.

    Returns:
        float32 `(...,)` between 0 and 1: σ(−4.5 + 0.2 · lectures + 0.1 · hours).

    Raises:
        ValueError: if the last axis does not hold two features.

    Example:
        >>> pass_probability(torch.tensor([[10.0, 25.0]]))
        tensor([0.5000])
    """
    X = torch.as_tensor(X, dtype=torch.float32)
    if X.ndim == 0 or X.shape[-1] != 2:
        raise ValueError(f"X must be (..., 2), lectures and hours, got {tuple(X.shape)}")
    return torch.sigmoid(PASS_BIAS + X @ torch.tensor(PASS_WEIGHTS, device=X.device))


def _require_count(n: int, name: str) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"{name} must be a whole number above 0, got {n!r}")
