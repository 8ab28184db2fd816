"""What a model thinks of a digit after each row that it has read."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.microscope.picture import picture_of
from course_utils.models.lending import borrowed, device_of
from course_utils.training import to_input

ROWS, CLASSES = 28, 10


def opinions(model: nn.Module, image: object) -> Tensor:
    """Return what a model that reads row by row thinks of a digit after each row.

    The head is applied to the state after each row. A model that was trained on the last row's
    answer alone was never asked before: what it says there is no honest guess.

    Args:
        model: has a recurrent layer over 28 rows of 28 pixels and a `head` that makes ten logits
            of a state, such as `RowLSTM`.
        image: a grey picture (28, 28), uint8 from 0 to 255 or float from 0 to 1; or a drawing pad.

    Returns:
        (28, 10) float32: the probabilities after row 1, …, 28.

    Raises:
        ValueError: the model has no such layers, or the picture another shape.

    >>> opinions(load_pretrained("rows"), images[0])[-1].argmax()
    """
    return row_probabilities(model, picture_of(image)[None])[0]


@torch.no_grad()
def row_probabilities(model: nn.Module, images: Tensor) -> Tensor:
    """Return the probabilities after each row of many digits: (N, 28, 28) -> (N, 28, 10).

    Args:
        model: see `opinions`.
        images: (N, 28, 28) or (N, 1, 28, 28), uint8 from 0 to 255 or float from 0 to 1.

    Raises:
        ValueError: the model has no such layers, or the pictures another shape.

    >>> (row_probabilities(model, images).argmax(2) == labels[:, None]).float().mean(0)
    """
    _recurrent_layer(model)
    if images.shape[-2:] != (ROWS, ROWS):
        raise ValueError(f"images must be (N, 28, 28), got {tuple(images.shape)}")
    with borrowed(model) as asked:
        rows = to_input(images, device_of(asked)).reshape(-1, ROWS, ROWS)  # rows are the T steps
        states, _ = _recurrent_layer(asked)(rows)  # (N, T, D) -> (N, T, n_hidden)
        return asked.head(states).softmax(2).cpu()


def _recurrent_layer(model: nn.Module) -> nn.RNNBase:
    """Return the one recurrent layer of a model.

    Raises:
        ValueError: there is none that reads rows of 28, or no head.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, nn.RNNBase)]
    if len(layers) != 1 or not isinstance(getattr(model, "head", None), nn.Module):
        raise ValueError(
            f"{type(model).__name__} must have one recurrent layer, such as "
            "self.lstm = nn.LSTM(28, 128, batch_first=True), and a layer self.head that makes ten "
            "logits of a state"
        )
    if layers[0].input_size != ROWS or not layers[0].batch_first:
        raise ValueError(
            "the recurrent layer must read rows of 28 pixels, samples first: "
            "nn.LSTM(28, n_hidden, batch_first=True)"
        )
    return layers[0]
