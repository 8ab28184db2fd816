"""Data for the lessons: MNIST's digits, and point sets with a known rule."""

import warnings

from course_utils.datasets.balls import bouncing_balls, fly
from course_utils.datasets.captions import DIGIT_WORDS, caption_tensors, digit_strips
from course_utils.datasets.dates import source_tensor, spoken_dates, target_tensors
from course_utils.datasets.download import download_mnist
from course_utils.datasets.errors import DatasetError
from course_utils.datasets.idx import read_idx, write_idx
from course_utils.datasets.labelled import read_labelled, write_labelled
from course_utils.datasets.mnist import MNIST_SAMPLE, Mnist, cache_folder, load_mnist
from course_utils.datasets.names import encode_names, load_names
from course_utils.datasets.points import SEPARABLE, pass_probability, pass_the_class, two_squares
from course_utils.datasets.recall import recall_task
from course_utils.datasets.reviews import WORDS, encode_reviews, make_reviews, same_words
from course_utils.datasets.sunspots import load_sunspots

# python-mnist compares with `is`, and Python warns whenever it compiles that: at the first import
# where the installer has not done so (uv), at every import where no .pyc file can be written.
warnings.filterwarnings("ignore", category=SyntaxWarning, module=r"(.*[\\/.])?mnist[\\/.]loader$")

__all__ = [
    "DIGIT_WORDS",
    "MNIST_SAMPLE",
    "SEPARABLE",
    "WORDS",
    "DatasetError",
    "Mnist",
    "bouncing_balls",
    "cache_folder",
    "caption_tensors",
    "digit_strips",
    "download_mnist",
    "encode_names",
    "encode_reviews",
    "fly",
    "load_mnist",
    "load_names",
    "load_sunspots",
    "make_reviews",
    "pass_probability",
    "pass_the_class",
    "read_idx",
    "read_labelled",
    "recall_task",
    "same_words",
    "source_tensor",
    "spoken_dates",
    "target_tensors",
    "two_squares",
    "write_idx",
    "write_labelled",
]
