"""Helpers of the course: data, training, figures, explorers, exercises.

Each lesson imports what it needs by name, for example
``from course_utils.datasets import load_mnist``. Importing the package alone loads nothing.
"""

__version__ = "0.1.0"
