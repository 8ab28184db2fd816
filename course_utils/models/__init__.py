"""The reference models of the course, and the trained weights that come with it."""

from course_utils.models.networks import (
    RowLSTM,
    conv_4_8_12,
    digit_cnn,
    lenet5,
    mlp,
    perceptron,
    quick_cnn,
    small_cnn,
    softmax_regression,
)
from course_utils.models.pretrained import PRETRAINED, card, load_pretrained, save_pretrained

__all__ = [
    "PRETRAINED",
    "RowLSTM",
    "card",
    "conv_4_8_12",
    "digit_cnn",
    "lenet5",
    "load_pretrained",
    "mlp",
    "perceptron",
    "quick_cnn",
    "save_pretrained",
    "small_cnn",
    "softmax_regression",
]
