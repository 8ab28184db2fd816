"""Train a model and ask it: the loop, its checks, schedules, what was measured. Nothing draws."""

from course_utils.training.batches import to_input
from course_utils.training.checkpoints import Checkpoint
from course_utils.training.checks import check_pair, try_model
from course_utils.training.evaluation import accuracy, evaluate, predict
from course_utils.training.generative import Part
from course_utils.training.history import DivergedError, EarlyStopping, History
from course_utils.training.intervals import wilson
from course_utils.training.loop import fit
from course_utils.training.losses import Loss
from course_utils.training.lr_range import Data, Optimizer, find_lr, smooth
from course_utils.training.sampling import bits_per_character, next_letter, sample_names
from course_utils.training.schedules import one_cycle
from course_utils.training.timing import compare_times

__all__ = [
    "Checkpoint",
    "Data",
    "DivergedError",
    "EarlyStopping",
    "History",
    "Loss",
    "Optimizer",
    "Part",
    "accuracy",
    "bits_per_character",
    "check_pair",
    "compare_times",
    "evaluate",
    "find_lr",
    "fit",
    "next_letter",
    "one_cycle",
    "predict",
    "sample_names",
    "smooth",
    "to_input",
    "try_model",
    "wilson",
]
