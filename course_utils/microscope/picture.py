"""The picture that is looked at: a tensor, or the drawing on a pad."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
import traitlets
from torch import Tensor

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.training import to_input

SAMPLE_ROW = 79  # among the test images of the sample: a 7 with a straight bar
EMPTY_PAD = "The pad is empty, so this is a digit of MNIST: draw, and yours comes here. "


@cache
def sample_digit() -> Tensor:
    """Return the digit that is shown where a learner gave none: float32 (28, 28), a 7."""
    return load_mnist(MNIST_SAMPLE).test_images[SAMPLE_ROW].float() / 255


def picture_of(image: object, name: str = "image", *, colours: bool = False) -> Tensor:
    """Return a grey picture as float32 (H, W) on the CPU; with `colours`, (C, H, W).

    Args:
        image: a tensor (H, W), (1, H, W) or (1, 1, H, W), uint8 from 0 to 255 or float from 0 to
            1; or a drawing pad, of which the drawing is taken.
        name: what to call it where it is refused.
        colours: take (C, H, W) and (1, C, H, W) as well.

    Raises:
        ValueError: it is no such picture, holds nan or infinity, or the pad is empty.

    >>> picture_of(mnist.test_images[0]).shape
    torch.Size([28, 28])
    """
    if is_pad(image) and not image.image.any():
        raise ValueError("nothing is drawn on the pad: draw a digit on it, then try again")
    given = image.image if is_pad(image) else image
    if not isinstance(given, Tensor | np.ndarray):
        raise ValueError(
            f"{name} must be a tensor such as mnist.test_images[0], or a drawing pad, got "
            f"{type(given).__name__}"
        )
    picture = to_input(torch.as_tensor(given).detach(), torch.device("cpu")).float()
    shape = tuple(picture.shape)
    while picture.ndim > (3 if colours else 2) and len(picture) == 1:
        picture = picture[0]
    picture = picture[None] if colours and picture.ndim == 2 else picture
    if picture.ndim != (3 if colours else 2) or not picture.numel():
        raise ValueError(
            f"{name} must be one {'' if colours else 'grey '}picture, (H, W), (1, H, W) or "
            f"(1, 1, H, W), got {shape}; of a stack take one with images[0]"
        )
    if not picture.isfinite().all():
        raise ValueError(f"{name} holds nan or infinity; look at the line that made it")
    return picture


def is_pad(image: object) -> bool:
    """Tell whether this is a drawing pad: a widget with an image."""
    return isinstance(image, traitlets.HasTraits) and hasattr(image, "image")


def pictured(
    image: object, *, colours: bool = False
) -> tuple[Callable[[], Tensor], Callable[[], str]]:
    """Return two functions, for the present picture and for a word on where it comes from.

    A pad is looked at anew at each call; while it is empty, a digit of the sample stands in.

    Raises:
        ValueError: `image` is no picture; see `picture_of`.
    """

    def empty() -> bool:
        return is_pad(image) and not image.image.any()

    def now() -> Tensor:
        given = sample_digit() if image is None or empty() else image
        return picture_of(given, colours=colours)

    now()  # refuses what is no picture before anything is drawn
    return now, lambda: EMPTY_PAD if empty() else ""
