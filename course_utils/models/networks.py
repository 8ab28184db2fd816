"""The reference models, untrained: from one perceptron to a convolutional network.

Each takes digits `(N, 1, 28, 28)`, float32 in [0, 1], and gives logits `(N, 10)`. All but the
LSTM are an `nn.Sequential` of plain layers, which is what the drawing pad can run in the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

PIXELS, CLASSES = 28 * 28, 10
NEVER = -10_000.0  # the logit of a digit that the perceptron does not know


def perceptron() -> nn.Sequential:
    """Return Rosenblatt's perceptron for 0 against 1, with ten logits like the other models.

    Row 1 of the layer is the unit that learns: its weighted sum is the logit of a 1. The logit of
    a 0 is always 0, so that the larger of the two is a 1 where the unit fires. The other eight
    digits have a logit of -10,000: it never says them.

    >>> perceptron()(torch.zeros(1, 1, 28, 28))[0, :3]
    tensor([     0.,      0., -10000.], grad_fn=...)
    """
    layer = nn.Linear(PIXELS, CLASSES)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.bias[2:] = NEVER
    return nn.Sequential(nn.Flatten(), layer)


def softmax_regression() -> nn.Sequential:
    """Return one layer from the pixels to ten logits: 7,850 parameters."""
    return mlp(())


def mlp(
    hidden: Sequence[int] = (200, 100, 60, 30), activation: Callable[[], nn.Module] = nn.ReLU
) -> nn.Sequential:
    """Return a network of fully connected layers, without an activation behind the last.

    Args:
        hidden: the width of each hidden layer; none gives softmax regression.
        activation: the class of the layer behind each hidden layer.

    >>> mlp((512, 128), nn.Sigmoid)(torch.zeros(1, 1, 28, 28)).shape
    torch.Size([1, 10])
    """
    layers: list[nn.Module] = [nn.Flatten()]
    width = PIXELS
    for n_hidden in hidden:
        layers += [nn.Linear(width, n_hidden), activation()]
        width = n_hidden
    return nn.Sequential(*layers, nn.Linear(width, CLASSES))


def lenet5() -> nn.Sequential:
    """Return LeNet-5 with rectifiers and max pooling: 61,706 parameters.

    Source:
        Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
        recognition, 1998. There, tanh, trained pooling and a sparse second layer.

    >>> sum(parameter.numel() for parameter in lenet5().parameters())
    61706
    """
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),  # (N, 1, 28, 28) -> (N, 6, 28, 28)
        nn.ReLU(),
        nn.MaxPool2d(2),  # -> (N, 6, 14, 14)
        nn.Conv2d(6, 16, 5),  # -> (N, 16, 10, 10)
        nn.ReLU(),
        nn.MaxPool2d(2),  # -> (N, 16, 5, 5)
        nn.Flatten(),  # -> (N, 400)
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, CLASSES),
    )


def conv_4_8_12() -> nn.Sequential:
    """Return three convolutions of 4, 8 and 12 channels and a layer of 200: 121,982 parameters.

    The network that lecture slides draw as 28 x 28 x 4, 14 x 14 x 8, 7 x 7 x 12, 200, 10. Steps of
    two pixels take the place of pooling.

    >>> conv_4_8_12()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    return nn.Sequential(
        nn.Conv2d(1, 4, 5, padding=2),  # (N, 1, 28, 28) -> (N, 4, 28, 28)
        nn.ReLU(),
        nn.Conv2d(4, 8, 4, stride=2, padding=1),  # -> (N, 8, 14, 14)
        nn.ReLU(),
        nn.Conv2d(8, 12, 4, stride=2, padding=1),  # -> (N, 12, 7, 7)
        nn.ReLU(),
        nn.Flatten(),  # -> (N, 588)
        nn.Linear(588, 200),
        nn.ReLU(),
        nn.Linear(200, CLASSES),
    )


def quick_cnn(widths: tuple[int, int, int, int] = (16, 32, 48, 64)) -> nn.Sequential:
    """Return a convolutional network that learns digits in little time: 52,570 parameters.

    The first convolution takes steps of two pixels, so that the others have few places to look at.

    Args:
        widths: channels of each of the four convolutions.

    >>> quick_cnn()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    a, b, c, d = widths
    return nn.Sequential(
        *convolution(1, a, 5, stride=2, padding=2),  # (N, 1, 28, 28) -> (N, a, 14, 14)
        *convolution(a, b, 3, pool=2),  # -> (N, b, 12, 12) -> (N, b, 6, 6)
        *convolution(b, c, 3, padding=1, pool=2),  # -> (N, c, 6, 6) -> (N, c, 3, 3)
        *convolution(c, d, 3, padding=1),
        nn.Flatten(),
        nn.Linear(9 * d, CLASSES),
    )


def small_cnn() -> nn.Sequential:
    """Return a network of fewer than 5,000 parameters: 4,834.

    >>> sum(parameter.numel() for parameter in small_cnn().parameters())
    4834
    """
    return nn.Sequential(
        *convolution(1, 8, 5, stride=2, padding=2),  # (N, 1, 28, 28) -> (N, 8, 14, 14)
        *convolution(8, 12, 3, padding=1),
        *convolution(12, 12, 3, padding=1),
        nn.MaxPool2d(2),  # -> (N, 12, 7, 7)
        *convolution(12, 16, 3),  # -> (N, 16, 5, 5)
        nn.MaxPool2d(2),  # -> (N, 16, 2, 2)
        nn.Flatten(),
        nn.Linear(64, CLASSES),
    )


def digit_cnn() -> nn.Sequential:
    """Return the course's best reader of drawings: 80,202 parameters, 5.1 million products a digit.

    Four convolutions with batch normalisation. The first takes steps of two pixels, so that the
    others have only a quarter of the places to look at.

    >>> digit_cnn()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    return nn.Sequential(
        *convolution(1, 32, 5, stride=2, padding=2),  # (N, 1, 28, 28) -> (N, 32, 14, 14)
        *convolution(32, 48, 3, padding=1),
        nn.MaxPool2d(2),  # -> (N, 48, 7, 7)
        *convolution(48, 64, 3, padding=1),
        *convolution(64, 64, 3),  # -> (N, 64, 5, 5)
        nn.AvgPool2d(5),  # -> (N, 64, 1, 1)
        nn.Flatten(),
        nn.Linear(64, CLASSES),
    )


def convolution(
    n_in: int, n_out: int, kernel_size: int, stride: int = 1, padding: int = 0, pool: int = 1
) -> list[nn.Module]:
    """Return a convolution, batch normalisation (which has the bias) and a rectifier.

    Max pooling, if there is any, comes right after the convolution, so that the others have fewer
    numbers to work on.
    """
    return [
        nn.Conv2d(n_in, n_out, kernel_size, stride, padding, bias=False),
        *([nn.MaxPool2d(pool)] if pool > 1 else []),
        nn.BatchNorm2d(n_out),
        nn.ReLU(),
    ]


class RowLSTM(nn.Module):
    """An LSTM that reads a digit as text is read: 28 rows from the top, 28 pixels each.

    Args:
        n_hidden: numbers in the state that it carries from row to row.

    >>> RowLSTM()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, n_hidden: int = 128) -> None:
        super().__init__()
        self.lstm = nn.LSTM(28, n_hidden, batch_first=True)
        self.head = nn.Linear(n_hidden, CLASSES)

    def forward(self, X: Tensor) -> Tensor:
        """Return logits `(N, 10)` for digits `(N, 1, 28, 28)` or `(N, 28, 28)`."""
        rows = X.reshape(len(X), 28, 28)  # (N, T, D): rows are the steps
        states, _ = self.lstm(rows)  # (N, T, D) -> (N, T, n_hidden)
        return self.head(states[:, -1])  # the last row's state -> (N, 10)
