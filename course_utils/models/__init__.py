"""The reference models of the course, and the trained weights that come with it."""

from course_utils.models.generative import (
    VAE,
    Autoencoder,
    Denoiser,
    DenseGenerator,
    Generator,
    dense_discriminator,
    discriminator,
    kl_normal,
    reparameterise,
)
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
from course_utils.models.pretrained import (
    PRETRAINED,
    READERS,
    card,
    load_pretrained,
    save_pretrained,
)
from course_utils.models.translation import Captioner, Translator

__all__ = [
    "PRETRAINED",
    "READERS",
    "VAE",
    "Autoencoder",
    "Captioner",
    "Denoiser",
    "DenseGenerator",
    "Generator",
    "RowLSTM",
    "Translator",
    "card",
    "conv_4_8_12",
    "dense_discriminator",
    "digit_cnn",
    "discriminator",
    "kl_normal",
    "lenet5",
    "load_pretrained",
    "mlp",
    "perceptron",
    "quick_cnn",
    "reparameterise",
    "save_pretrained",
    "small_cnn",
    "softmax_regression",
]
