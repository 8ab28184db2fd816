"""Rain: short slanted streaks of ink that fall on digits, for the denoiser of lesson 10."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

MOST = 40  # drops on a picture of 28 × 28 at full rain
LENGTHS = (4, 9)  # pixels from the upper to the lower end of a drop, the shortest and the longest
WIND = (0.2, 0.6)  # pixels to the left for each pixel down, the least and the most
INK = (0.5, 1.0)  # how dark a drop is, at least and at most


def rain(images: Tensor, amount: float = 0.5, seed: int | None = 0) -> Tensor:
    """Let rain fall on digits: every picture gets drops of its own, all with the wind of its own.

    A drop is a straight streak, one pixel wide with soft edges, 4 to 9 pixels high, slanted to
    the left by 0.2 to 0.6 pixels for each pixel down, of 0.5 to 1 times full ink. Where a drop
    crosses the digit, the darker of the two is seen. 40 drops fall where `amount` is 1.

    Args:
        images: pictures `(..., H, W)`, float from 0 (paper) to 1 (ink), or uint8 from 0 to 255.
        amount: how much rain, 0 (none) to 1.
        seed: the same seed, the same rain. With None the drops come from PyTorch's own random
            numbers, new ones at each call, as `fit(augment=...)` wants it.

    Returns:
        float32 from 0 to 1, of the same shape, on the same device.

    Raises:
        ValueError: `amount` is not from 0 to 1, or `images` are no pictures.

    >>> rainy = rain(images[:10, None], amount=0.5)
    >>> fit(denoiser, (X, X), augment=lambda X: rain(X, 0.5, seed=None), loss_fn=F.mse_loss)
    """
    if not 0 <= amount <= 1:
        raise ValueError(f"amount must be from 0 (no rain) to 1 (a downpour), got {amount!r}")
    if images.ndim < 2 or not (images.dtype == torch.uint8 or images.is_floating_point()):
        raise ValueError(
            f"images must be (..., H, W), floats from 0 to 1 or uint8, got {tuple(images.shape)} "
            f"{images.dtype}; of a batch of digits (N, 28, 28) or (N, 1, 28, 28) all are rained on"
        )
    X = images.float() / 255 if images.dtype == torch.uint8 else images.float()
    H, W = X.shape[-2:]
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    drops = _drops(X.numel() // (H * W), H, W, round(amount * MOST), generator)
    return torch.maximum(X, drops.to(X.device).view_as(X))


def _drops(n: int, H: int, W: int, n_drops: int, generator: torch.Generator | None) -> Tensor:
    """Return n pictures of rain alone, float32 `(n, H, W)`."""

    def between(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(n, *shape, generator=generator, dtype=torch.float32)

    shortest, longest = LENGTHS
    wind = between(*WIND, 1, 1)
    length = between(shortest, longest + 1, n_drops, 1).floor()
    top = between(-shortest, H, n_drops, 1).floor()
    left = between(0, W * (1 + 0.3), n_drops, 1)  # some fall in from beyond the right edge
    ink = between(*INK, n_drops, 1)
    step = torch.arange(longest)  # each drop has at most so many rows
    y, x = top + step, left - wind * step  # (n, n_drops, longest)
    beside = x - x.floor()  # what share of a pixel's ink lies in the column to the right
    paper = torch.zeros(n, H * W, dtype=torch.float32)
    for column, share in ((x.floor(), 1 - beside), (x.floor() + 1, beside)):
        inside = (step < length) & (y >= 0) & (y < H) & (column >= 0) & (column < W)
        pixel = torch.where(inside, y * W + column, 0).long().flatten(1)
        values = torch.where(inside, share * ink, 0).flatten(1)
        paper.scatter_reduce_(1, pixel, values, "amax")
    return paper.view(n, H, W)


def median(images: Tensor, size: int = 3) -> Tensor:
    """Give each pixel the median of the square around it: the oldest remedy against specks.

    Args:
        images: float `(..., H, W)`.
        size: pixels along each side of the square, odd. Outside the picture there is paper.

    Returns:
        The same shape.

    Raises:
        ValueError: `size` is not odd.

    >>> median(rain(images[:10] / 255))
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"size must be an odd number of pixels, such as 3, got {size!r}")
    H, W = images.shape[-2:]
    X = images.reshape(-1, 1, H, W)
    around = F.unfold(X, size, padding=size // 2)  # (N, size², H · W)
    return around.median(dim=1).values.view_as(images)
