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
from course_utils.models.language import BagOfWords, CharLSTM, CountModel, SentimentLSTM, name_loss
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
from course_utils.models.recall import Recaller
from course_utils.models.sequences import NextStep, roll_out
from course_utils.models.translation import Captioner, Translator

__all__ = [
    "PRETRAINED",
    "READERS",
    "VAE",
    "Autoencoder",
    "BagOfWords",
    "Captioner",
    "CharLSTM",
    "CountModel",
    "Denoiser",
    "DenseGenerator",
    "Generator",
    "NextStep",
    "Recaller",
    "RowLSTM",
    "SentimentLSTM",
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
    "name_loss",
    "perceptron",
    "quick_cnn",
    "reparameterise",
    "roll_out",
    "save_pretrained",
    "small_cnn",
    "softmax_regression",
]
