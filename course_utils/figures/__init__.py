"""Arrays or a History in, a figure with its text out; diagrams."""

from course_utils.figures.arrays import to_numpy
from course_utils.figures.attention import EXAMPLE, draw_alignment, draw_choices, plot_alignment
from course_utils.figures.base import PIXELS_PER_INCH, figure, png, show
from course_utils.figures.clouds import COLOURS_OF_DIGITS, draw_clouds
from course_utils.figures.diagrams import (
    agent_loop,
    lesson_map,
    neuron_diagram,
    softmax_network_diagram,
    timeline,
    two_layer_diagram,
)
from course_utils.figures.layout import Box, board, frame, laid_out, number
from course_utils.figures.lstm import lstm_diagram
from course_utils.figures.pictures import (
    draw_image,
    draw_numbers,
    draw_pixels,
    plot_confusion,
    plot_images,
)
from course_utils.figures.plots import (
    draw_answers,
    draw_boundary,
    draw_lines,
    draw_map,
    draw_points,
    log_axis,
    plot_history,
    plot_lines,
    power_of_ten,
)
from course_utils.figures.readings import show_readings, show_shares
from course_utils.figures.sharing import model_parallel, pipeline_parallel, sharded_parallel
from course_utils.figures.style import (
    AMBER,
    BLUE,
    COLOURS,
    DIVERGING,
    GREEN,
    GREYS,
    INK,
    ORANGE,
    PAPER,
    PINK,
    RULE,
    SKY,
    drawing,
)
from course_utils.figures.summaries import TRAINED, summary

__all__ = [
    "AMBER",
    "BLUE",
    "COLOURS",
    "COLOURS_OF_DIGITS",
    "DIVERGING",
    "EXAMPLE",
    "GREEN",
    "GREYS",
    "INK",
    "ORANGE",
    "PAPER",
    "PINK",
    "PIXELS_PER_INCH",
    "RULE",
    "SKY",
    "TRAINED",
    "Box",
    "agent_loop",
    "board",
    "draw_alignment",
    "draw_answers",
    "draw_boundary",
    "draw_choices",
    "draw_clouds",
    "draw_image",
    "draw_lines",
    "draw_map",
    "draw_numbers",
    "draw_pixels",
    "draw_points",
    "drawing",
    "figure",
    "frame",
    "laid_out",
    "lesson_map",
    "log_axis",
    "lstm_diagram",
    "model_parallel",
    "neuron_diagram",
    "number",
    "pipeline_parallel",
    "plot_alignment",
    "plot_confusion",
    "plot_history",
    "plot_images",
    "plot_lines",
    "png",
    "power_of_ten",
    "sharded_parallel",
    "show",
    "show_readings",
    "show_shares",
    "softmax_network_diagram",
    "summary",
    "timeline",
    "to_numpy",
    "two_layer_diagram",
]
