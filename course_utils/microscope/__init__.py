"""What is found in a model: layers, receptive fields, evidence, gates, gradients; time it takes."""

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
from course_utils.microscope.profile import PARTS, profiled, seconds_of, train_steps
from course_utils.microscope.roofline import EXAMPLE as EXAMPLE_MACHINE
from course_utils.microscope.roofline import (
    LayerTime,
    Machine,
    Roof,
    Work,
    example_machine,
    example_record,
    measure_layers,
    measure_machine,
    measure_roof,
    shortest_time,
    work_of,
)
from course_utils.microscope.rows import CLASSES, ROWS, opinions

__all__ = [
    "AHEAD",
    "CELLS",
    "CLASSES",
    "EXAMPLE_MACHINE",
    "LONGEST",
    "MODEL",
    "PARTS",
    "ROWS",
    "STAYS",
    "STRAIGHT",
    "Evidence",
    "Layer",
    "LayerTime",
    "Machine",
    "Reach",
    "Roof",
    "Throw",
    "Update",
    "Value",
    "Work",
    "as_value",
    "covered",
    "evidence",
    "example_machine",
    "example_record",
    "gradient_reach",
    "in_order",
    "is_pad",
    "layers_of",
    "lstm_steps",
    "mean_distances",
    "measure_layers",
    "measure_machine",
    "measure_roof",
    "nudged",
    "opinions",
    "picture_of",
    "pictured",
    "profiled",
    "random_signs",
    "receptive_fields",
    "saliency",
    "seconds_of",
    "shortest_time",
    "throw",
    "trace_updates",
    "train_steps",
    "work_of",
]
