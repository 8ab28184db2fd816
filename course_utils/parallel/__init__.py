"""Several workers that share one training: real processes, and the rules of how they share."""

from course_utils.parallel.launching import torchrun
from course_utils.parallel.processes import WorkerError, run_workers

__all__ = ["WorkerError", "run_workers", "torchrun"]
