"""Explorer of lesson 10: rain falls on a digit, and a network takes it off again."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.explorers.base import Explorer, slider, whole_slider
from course_utils.explorers.following import follow
from course_utils.figures import draw_image, laid_out
from course_utils.ink.rain import median, rain
from course_utils.microscope import pictured
from course_utils.models import load_pretrained
from course_utils.training import predict

SIZE = (10.4, 3.5)  # inches
BOXES = tuple((0.1 + 2.6 * k, 0.1, 2.4, 2.4) for k in range(4))


def denoiser_explorer(model: nn.Module, pad: object = None) -> Explorer:
    """Return an explorer: a digit, the same in the rain, and what two ways make of that.

    Args:
        model: takes rainy digits (N, 1, 28, 28), gives dry ones.
        pad: a drawing pad, whose drawing is followed; or a picture (28, 28). A digit of MNIST where
            it is left out, and while the pad is empty.

    Raises:
        ValueError: `pad` is neither, or the model does not give pictures.

    >>> denoiser_explorer(load_pretrained("denoiser"), pad)
    """
    now, source = pictured(pad)
    reader = load_pretrained("cnn", "cpu")

    def draw(amount: float, shower: int) -> tuple:
        digit = now()[None, None]
        rainy = rain(digit, amount, seed=shower)
        dry = predict(model, rainy)
        if dry.shape != digit.shape:
            raise ValueError(
                f"the model must give pictures as it gets them, {tuple(digit.shape)}, got "
                f"{tuple(dry.shape)}; Denoiser() makes one that does"
            )
        steps = {"in the rain": rainy, "median of 3 × 3": median(rainy), "the network": dry}
        fig, axes = laid_out(SIZE, BOXES)
        draw_image(axes[0], digit[0, 0], f"drawn\n{_reading(reader, digit)}\n", framed=True)
        for ax, (name, picture) in zip(axes[1:], steps.items(), strict=True):
            words = f"{name}\n{_reading(reader, picture)}\nerror {_error(picture, digit):.3f}"
            draw_image(ax, picture[0, 0], words, framed=True)
            ax.images[0].set_clim(0, 1)
        before, other, after = (_error(picture, digit) for picture in steps.values())
        says = f"{source()}Mean squared error of the pixels: {before:.3f} in the rain"
        says += f", {other:.3f} by the median, {after:.3f} by the network."
        return fig, says

    controls = {
        "amount": slider(0, 1, 0.5, step=0.05, name="rain"),
        "shower": whole_slider(0, 50, 0, name="another shower"),
    }
    explorer = Explorer("How much rain can be taken off a digit again?", draw, controls)
    return follow(explorer, pad)


def _error(picture: Tensor, digit: Tensor) -> float:
    return F.mse_loss(picture, digit).item()


def _reading(reader: nn.Module, picture: Tensor) -> str:
    probs = predict(reader, picture).softmax(1)[0]
    return f"read as {int(probs.argmax())} ({100 * float(probs.max()):.0f}%)"
