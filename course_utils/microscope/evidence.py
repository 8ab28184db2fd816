"""What speaks for an answer: occlusion, saliency, and a nudge that changes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.microscope.picture import picture_of
from course_utils.models.lending import borrowed, device_of
from course_utils.training import predict


def occlusion(model: nn.Module, image: object, label: int, *, size: int = 5) -> Tensor:
    """Cover the picture with a square of paper, place by place: how much probability is lost?

    Args:
        model: takes (N, 1, H, W) from 0 to 1, gives logits (N, K).
        image: a grey picture (H, W), or a drawing pad.
        label: the answer whose probability is looked at.
        size: pixels along each side of the square; odd, so that it has a middle.

    Returns:
        (H, W) float32: at each pixel, the probability of `label` for the whole picture minus that
        with the square centred there. Positive where the covered pixels speak for `label`.

    Raises:
        ValueError: the model cannot take the picture, it has no such answer, or `size` is not an
            odd number from 1 on.

    Source:
        M. D. Zeiler, R. Fergus: Visualizing and understanding convolutional networks, 2014.

    >>> occlusion(model, images[0], 7, size=5).shape
    torch.Size([28, 28])
    """
    picture = picture_of(image)
    found = evidence(model, picture, size)
    label = checked_label(label, len(found.whole))
    return found.whole[label] - found.parts[..., label]


class Evidence(NamedTuple):
    """What a model says to a picture, and to it with a square covered at each pixel.

    Attributes:
        whole: probabilities for the picture as it is, (K,).
        parts: probabilities for the picture with a square of paper at each pixel, (H, W, K).
    """

    whole: Tensor
    parts: Tensor


def evidence(model: nn.Module, picture: Tensor, size: int) -> Evidence:
    """Ask a model about a picture (H, W) with each square covered; see `occlusion`."""
    pictures = torch.cat([picture[None], covered(picture, size)])  # (1 + H · W, H, W)
    changed = (pictures != picture).flatten(1).any(1)  # paper on paper needs no asking
    changed[0] = True
    asked = probabilities(model, pictures[changed])
    probs = asked[:1].repeat(len(pictures), 1)
    probs[changed] = asked
    return Evidence(probs[0], probs[1:].reshape(*picture.shape, -1))


def covered(picture: Tensor, size: int) -> Tensor:
    """Return a picture (H, W) once for each pixel, with a square of paper there: (H · W, H, W).

    Raises:
        ValueError: `size` is not an odd number from 1 on.
    """
    if not isinstance(size, Integral) or isinstance(size, bool) or size < 1 or size % 2 == 0:
        raise ValueError(f"size must be an odd number of pixels, such as 5, got {size!r}")
    rows, columns = (torch.arange(n) for n in picture.shape)
    over = [(line[:, None] - line).abs() <= size // 2 for line in (rows, columns)]
    square = over[0][:, None, :, None] & over[1][None, :, None, :]  # (H, W, H, W)
    return picture.masked_fill(square, 0).flatten(0, 1)


def saliency(model: nn.Module, image: object, label: int) -> Tensor:
    """Return how the logit of `label` grows with each pixel: the gradient by the picture.

    Args:
        model, image, label: see `occlusion`.

    Returns:
        (H, W) float32: positive where more ink would raise the logit, negative where it would
        lower it. Its absolute value is what papers show as a saliency map.

    Raises:
        ValueError: the model cannot take the picture, has no such answer, or no slope.

    Source:
        K. Simonyan, A. Vedaldi, A. Zisserman: Deep inside convolutional networks, 2014.

    >>> saliency(model, images[0], 7).abs().max()
    """
    return _slope(model, image, label, lambda logits, label: logits[0, label])


def adversary(model: nn.Module, image: object, label: int, epsilon: float) -> Tensor:
    """Nudge every pixel by at most `epsilon` so that the loss for `label` grows; one step.

    Args:
        model, image: see `occlusion`.
        label: the true answer.
        epsilon: how far each pixel goes, in the direction of its gradient's sign; 1 is from paper
            to ink.

    Returns:
        (H, W) float32 from 0 to 1: clamp(x + ε · sign(∂L/∂x)), L being the cross-entropy.

    Raises:
        ValueError: as `saliency`; or `epsilon` is negative or no number.

    Source:
        I. Goodfellow, J. Shlens, C. Szegedy: Explaining and harnessing adversarial examples, 2015.

    >>> adversary(model, images[0], 7, epsilon=0.1)
    """
    if not isinstance(epsilon, int | float) or not 0 <= epsilon < math.inf:
        raise ValueError(f"epsilon must be a number from 0 on, such as 0.1, got {epsilon!r}")
    return nudged(picture_of(image), loss_slope(model, image, label).sign(), epsilon)


def nudged(picture: Tensor, direction: Tensor, epsilon: float) -> Tensor:
    """Return a picture moved by `epsilon` in a direction, kept between paper and ink."""
    return (picture + epsilon * direction).clamp(0, 1)


def loss_slope(model: nn.Module, image: object, label: int) -> Tensor:
    return _slope(
        model, image, label, lambda logits, label: F.cross_entropy(logits, torch.tensor([label]))
    )


def _slope(
    model: nn.Module, image: object, label: int, goal: Callable[[Tensor, int], Tensor]
) -> Tensor:
    """Return the gradient of a number made of the logits by the picture, (H, W) on the CPU.

    The model's own gradients are not touched.
    """
    picture = picture_of(image)
    label = checked_label(label, probabilities(model, picture[None]).shape[1])
    slow = torch.backends.cudnn.flags(enabled=False)  # cuDNN's LSTM has no slope in eval mode
    with borrowed(model) as asked, torch.enable_grad(), slow:
        X = picture[None, None].to(device_of(asked)).requires_grad_()
        height = goal(asked(X).cpu(), label)
        if not height.requires_grad:
            raise ValueError(
                f"{type(model).__name__} has no slope: somewhere in its forward it leaves the "
                "graph, through detach(), a comparison, argmax or round"
            )
        (gradient,) = torch.autograd.grad(height, X)
    return gradient[0, 0].cpu()


def probabilities(model: nn.Module, pictures: Tensor) -> Tensor:
    """Return the model's probabilities for pictures (N, H, W) as (N, K) on the CPU.

    Raises:
        ValueError: it cannot take them, or does not give K logits for each.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be an nn.Module, got {type(model).__name__}")
    logits = predict(model, pictures[:, None])
    if logits.ndim != 2 or logits.shape[1] < 2:
        raise ValueError(
            "the model must give logits (N, K) with K answers, at least 2, got "
            f"{tuple(logits.shape)}"
        )
    return logits.softmax(1)


def checked_label(label: object, n_labels: int) -> int:
    if isinstance(label, Tensor) and label.numel() == 1:
        label = label.item()
    if isinstance(label, bool) or not isinstance(label, Integral) or not 0 <= label < n_labels:
        raise ValueError(f"label must be a whole number from 0 to {n_labels - 1}, got {label!r}")
    return int(label)


def random_signs(picture: Tensor) -> Tensor:
    """Return +1 or −1 for each pixel, by chance, but the same at each call."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 2, picture.shape, generator=generator) * 2.0 - 1
