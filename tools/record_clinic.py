"""Run the trainings of the clinic of lesson 05, and write what they measure into the package.

    python tools/record_clinic.py

The code that is run is, to the letter, the one that `case_code` shows. It takes about ten seconds.
"""

from __future__ import annotations

import json

import torch

from course_utils.device import seeded, set_threads
from course_utils.explorers.clinic import CASES, RECORDS, case_code
from course_utils.training import evaluate

STEPS_A_POINT = 10


def record(k: int) -> dict:
    """Run the code of case k, 0 for the healthy training, and return what is kept of it."""
    names: dict[str, object] = {}
    with seeded(0, torch.device("cpu")):
        exec(compile(case_code(k), f"<case {k}>", "exec"), names)
    mnist, losses = names["mnist"], torch.tensor(names["losses"])
    X_fresh = names["prepare"](mnist.test_images)
    fresh = evaluate(names["model"], X_fresh, mnist.test_labels).accuracy
    hidden = names["model"][:2](names["X_train"])  # (2000, 100), after the ReLU
    measured = {
        "first": losses[0].item(),
        "loss": losses.reshape(-1, STEPS_A_POINT).mean(1).tolist(),
        "train_accuracy": names["train_accuracy"],
        "val_accuracy": names["val_accuracy"],
        "fresh": fresh,
        "dead": (hidden == 0).all(0).float().mean().item(),
    }
    return {name: _rounded(value) for name, value in measured.items()}


def _rounded(value: float | list[float]) -> float | list[float]:
    return [round(each, 4) for each in value] if isinstance(value, list) else round(value, 4)


def main() -> None:
    """Record all of them, a line of the file for each."""
    set_threads(1)
    lines = [json.dumps(record(k)) for k in range(len(CASES) + 1)]
    RECORDS.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{len(lines)} trainings recorded in {RECORDS.name}, {RECORDS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
