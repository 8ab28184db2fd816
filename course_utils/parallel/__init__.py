"""Several workers that share one training: real processes, and the rules of how they share."""

from course_utils.parallel.launching import torchrun
from course_utils.parallel.processes import WorkerError, run_workers
from course_utils.parallel.ring import (
    WAYS,
    RingStep,
    Traffic,
    piece_bounds,
    piece_sent,
    ring_steps,
    traffic,
)
from course_utils.parallel.scaling import (
    Parts,
    all_reduce_seconds,
    amdahl,
    efficiency,
    efficient_until,
    gustafson,
    last_that_pays,
    speedup,
    speedup_limit,
    step_seconds,
)

__all__ = [
    "WAYS",
    "Parts",
    "RingStep",
    "Traffic",
    "WorkerError",
    "all_reduce_seconds",
    "amdahl",
    "efficiency",
    "efficient_until",
    "gustafson",
    "last_that_pays",
    "piece_bounds",
    "piece_sent",
    "ring_steps",
    "run_workers",
    "speedup",
    "speedup_limit",
    "step_seconds",
    "torchrun",
    "traffic",
]
