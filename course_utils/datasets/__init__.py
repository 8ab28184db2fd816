"""Data for the lessons: MNIST's digits, and point sets with a known rule."""

from course_utils.datasets.download import download_mnist
from course_utils.datasets.errors import DatasetError
from course_utils.datasets.idx import read_idx, write_idx
from course_utils.datasets.mnist import MNIST_SAMPLE, Mnist, cache_folder, load_mnist
from course_utils.datasets.points import SEPARABLE, pass_probability, pass_the_class, two_squares

__all__ = [
    "MNIST_SAMPLE",
    "SEPARABLE",
    "DatasetError",
    "Mnist",
    "cache_folder",
    "download_mnist",
    "load_mnist",
    "pass_probability",
    "pass_the_class",
    "read_idx",
    "two_squares",
    "write_idx",
]
