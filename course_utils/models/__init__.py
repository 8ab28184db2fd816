"""The reference models of the course, and the trained weights that come with it."""

from course_utils.models.networks import (
    RowLSTM,
    digit_cnn,
    lenet5,
    mlp,
    perceptron,
    softmax_regression,
)
from course_utils.models.pretrained import PRETRAINED, card, load_pretrained, save_pretrained

__all__ = [
    "PRETRAINED",
    "RowLSTM",
    "card",
    "digit_cnn",
    "lenet5",
    "load_pretrained",
    "mlp",
    "perceptron",
    "save_pretrained",
    "softmax_regression",
]
