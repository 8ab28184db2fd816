"""What is found in a trained model: layers, receptive fields, evidence, gates, gradients."""

from course_utils.microscope.autograd import Value, as_value, in_order
from course_utils.microscope.balls import (
    AHEAD,
    MODEL,
    STAYS,
    STRAIGHT,
    Throw,
    mean_distances,
    throw,
)
from course_utils.microscope.evidence import (
    Evidence,
    covered,
    evidence,
    nudged,
    random_signs,
    saliency,
)
from course_utils.microscope.gates import lstm_steps
from course_utils.microscope.gradients import CELLS, LONGEST, Reach, gradient_reach
from course_utils.microscope.layers import Layer, layers_of, receptive_fields
from course_utils.microscope.perceptron import Update, trace_updates
from course_utils.microscope.picture import is_pad, picture_of, pictured
from course_utils.microscope.rows import CLASSES, ROWS, opinions

__all__ = [
    "AHEAD",
    "CELLS",
    "CLASSES",
    "LONGEST",
    "MODEL",
    "ROWS",
    "STAYS",
    "STRAIGHT",
    "Evidence",
    "Layer",
    "Reach",
    "Throw",
    "Update",
    "Value",
    "as_value",
    "covered",
    "evidence",
    "gradient_reach",
    "in_order",
    "is_pad",
    "layers_of",
    "lstm_steps",
    "mean_distances",
    "nudged",
    "opinions",
    "picture_of",
    "pictured",
    "random_signs",
    "receptive_fields",
    "saliency",
    "throw",
    "trace_updates",
]
