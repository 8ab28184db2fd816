"""The training clinic of lesson 05: eight broken trainings, to be diagnosed from their curves.

The code of a case is the healthy code with one line changed. tools/record_clinic.py runs it to the
letter, and writes what it measures into clinic.json, which is shown here.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from course_utils.display import escape
from course_utils.explorers.base import Explorer, Stepper, choice, switch, whole_slider
from course_utils.figures import AMBER, BLUE, GREEN, INK, ORANGE, figure, log_axis

RECORDS = Path(__file__).parent / "clinic.json"
HEALTHY = """\
import torch
import torch.nn.functional as F
from torch import nn
from course_utils.datasets import load_mnist
from course_utils.datasets.mnist import MNIST_SAMPLE

torch.manual_seed(0)
mnist = load_mnist(MNIST_SAMPLE)


def prepare(images):
    return images.flatten(1) / 255


X, y = prepare(mnist.train_images), mnist.train_labels
X_train, y_train = X[:2000], y[:2000]
X_val, y_val = X[2000:3000], y[2000:3000]

model = nn.Sequential(
    nn.Linear(784, 100),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.Linear(100, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
losses, train_accuracy, val_accuracy = [], [], []


def share_right(X, y):
    n_right = 0
    for X_batch, y_batch in zip(X.split(10), y.split(10)):
        n_right += (model(X_batch).argmax(dim=1) == y_batch).sum().item()
    return n_right / len(y)


for epoch in range(10):
    model.train()
    for index in torch.randperm(len(X_train)).split(50):
        loss = F.cross_entropy(model(X_train[index]), y_train[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    model.eval()
    with torch.no_grad():
        train_accuracy.append(share_right(X_train, y_train))
        val_accuracy.append(share_right(X_val, y_val))
"""
N_EPOCHS = 10
N_TRIES = 3  # after so many diagnoses the answer is given
CHOOSE = "choose one …"
MARK = "# ◀"


@dataclass(frozen=True)
class Case:
    """A fault in a training.

    Attributes:
        fault: its name, as a diagnosis.
        right: the line of the healthy code that is changed.
        wrong: what stands there instead; empty where the line is missing.
        sign: by what one would know it, said to who suspects it in another case.
        clue: where to look, said after a wrong diagnosis.
        why: what the fault does, and the cure.
    """

    fault: str
    right: str
    wrong: str
    sign: str
    clue: str
    why: str


CASES = (
    Case(
        "softmax is applied twice",
        "    nn.Linear(100, 10),",
        "    nn.Linear(100, 10), nn.Softmax(dim=1),",
        "A second softmax squeezes the scores into 0 to 1, so that the loss could never fall below "
        "1.46, however many digits are right.",
        "How can 9 of 10 digits be right while the loss stays so high?",
        "cross_entropy takes the softmax itself. Of numbers between 0 and 1 it makes at best "
        "e/(e + 9) = 23%, a loss of 1.46. The answers may be right, but learning is slow. Cure: "
        "let the model return scores.",
    ),
    Case(
        "the validation digits leaked into training",
        "X_val, y_val = X[2000:3000], y[2000:3000]",
        "X_val, y_val = X[1000:2000], y[1000:2000]",
        "Digits that the model has trained on would be read as well as all training digits: there "
        "would be no gap between the accuracies, and fresh digits would be read worse.",
        "Compare the two accuracies with each other. What does the laboratory find?",
        "All validation digits are among the training digits. 98% is praise for learning by heart; "
        "on fresh digits it is 92%. Cure: split first, and check that nothing is in both parts.",
    ),
    Case(
        "the learning rate is too large",
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.003)",
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.3)",
        "With far too large a rate the loss would leap above its first value within the first "
        "steps, and never come back far below it.",
        "What does the loss do within the first epoch?",
        "The first steps throw the weights far away, and in the end every hidden ReLU is dead: 0 "
        "for each digit, so that no gradient comes back. Cure: a rate from the learning-rate "
        "finder. Here 0.003 is good, a hundredth.",
    ),
    Case(
        "argmax runs along the wrong dimension",
        "        n_right += (model(X_batch).argmax(dim=1) == y_batch).sum().item()",
        "        n_right += (model(X_batch).argmax(dim=0) == y_batch).sum().item()",
        "The loss does not use argmax: it would fall as in the healthy run, and only the measured "
        "accuracies would be near chance.",
        "Which curve is ill, and which is as healthy as can be?",
        "argmax(dim=0) asks of each class in which row of the batch its score is highest. With "
        "batches of 10 and ten classes the shapes fit, so nothing fails. The model is good: the "
        "laboratory finds 92%. Cure: dim=1, and a look at the shapes.",
    ),
    Case(
        "the labels were shuffled",
        "X_train, y_train = X[:2000], y[:2000]",
        "X_train, y_train = X[:2000], y[torch.randperm(2000)]",
        "Shuffled labels can only be learned by heart: the loss would creep down from 2.3, the "
        "training accuracy creep up, and the validation accuracy stay at chance.",
        "What is learned, and what of it holds for digits that were not trained on?",
        "Digits and labels do not belong together any more: it is easy to shuffle one and not the "
        "other. The network learns by heart, slowly. Cure: one order for both; look at a few "
        "digits with their labels before training.",
    ),
    Case(
        "eval() was forgotten",
        "    model.eval()",
        "",
        "Dropout would still be on while the accuracies are measured: both would lie some percent "
        "below the healthy run's, with a healthy loss; fresh digits, measured in eval mode, would "
        "be read better.",
        "Lay the healthy run beside it: the loss is the same. The accuracies?",
        "Half of the hidden units are switched off at random while the accuracy is measured. The "
        "model is better than it looks. Cure: model.eval() before measuring, model.train() before "
        "training.",
    ),
    Case(
        "the pixels are not scaled",
        "    return images.flatten(1) / 255",
        "    return images.flatten(1).float()",
        "Pixels up to 255 make large scores: the loss would be ten times 2.3 or more before the "
        "first step is taken.",
        "What is the loss before anything is learned, and what should it be with ten classes?",
        "Inputs of 0 to 255 make scores, a first loss and gradients that are far too large. In the "
        "end three of four hidden ReLUs are dead, 0 for each digit; in the healthy run it is one "
        "of five. Cure: divide by 255.",
    ),
    Case(
        "zero_grad is missing",
        "        optimizer.zero_grad()",
        "",
        "Each step would go along the sum of all gradients so far: the loss would fall in the "
        "first epoch, as it should, and then rise and stay high.",
        "When does it begin to go wrong: at once, or after a good start?",
        "backward adds to the gradients that are there. Without zero_grad the old ones stay for "
        "ever, and soon outweigh the new. Cure: optimizer.zero_grad() before each backward.",
    ),
)
#: the diagnoses of the menu, in the order of the alphabet: it tells nothing about the cases
DIAGNOSES = tuple(sorted(case.fault for case in CASES))


def case_code(k: int) -> str:
    """Return the code of a case to the letter as it was run, its fault marked by a comment.

    Args:
        k: the number of the case, 1 to 8; 0 for the healthy training.

    >>> print(case_code(1))
    """
    if k not in range(len(CASES) + 1):
        raise ValueError(f"there are cases 1 to {len(CASES)}, and 0 is the healthy one; got {k!r}")
    if k == 0:
        return HEALTHY
    case = CASES[k - 1]
    indent = case.right[: len(case.right) - len(case.right.lstrip())]
    missing = f"{indent}{MARK} missing here: {case.right.strip()}"
    here = f"{case.wrong}  {MARK} here" if case.wrong else missing
    return HEALTHY.replace(f"{case.right}\n", f"{here}\n")


@cache
def records() -> list[dict]:
    """Return what was recorded: the healthy training first, then the cases in their order.

    In each, "first" is the loss before the first step; "loss" the mean of each 10 steps;
    "train_accuracy" and "val_accuracy" are what the case's own code measured after each epoch;
    "fresh" is the accuracy on 1,000 other digits, measured as it should be; "dead" is the share of
    hidden units that are 0 for each training digit at the end.
    """
    return json.loads(RECORDS.read_text())


class Patients:
    """Which diagnoses were made so far, case by case."""

    def __init__(self) -> None:
        self.tried: dict[int, list[str]] = {k: [] for k in range(1, len(CASES) + 1)}

    def diagnose(self, k: int, diagnosis: str) -> None:
        """Note a diagnosis of case k, unless the case is solved or the diagnosis known."""
        if diagnosis in DIAGNOSES and diagnosis not in self.tried[k] and not self.open(k):
            self.tried[k].append(diagnosis)

    def open(self, k: int) -> bool:
        """Tell whether the code of case k may be seen: it was solved, or tried often enough."""
        return CASES[k - 1].fault in self.tried[k] or len(self.tried[k]) >= N_TRIES

    def answer(self, k: int, diagnosis: str) -> str:
        """Return what is said to a diagnosis of case k."""
        case = CASES[k - 1]
        if diagnosis == case.fault:
            return f"Right: {case.fault}. {case.why} The code is below."
        if diagnosis not in DIAGNOSES:
            n_solved = sum(case.fault in self.tried[i] for i, case in enumerate(CASES, 1))
            return f"What is wrong with it? ({n_solved} of {len(CASES)} cases solved.)"
        sign = next(other.sign for other in CASES if other.fault == diagnosis)
        if self.open(k):
            return f"No. {sign} The answer: {case.fault}. {case.why} The code is below."
        return f"No. {sign} {case.clue}"


def training_clinic() -> Explorer:
    """Return an explorer: the curves of eight broken trainings; first diagnose, then the code."""
    patients, fold = Patients(), widgets.HTML()
    case, diagnosis = (
        Stepper(len(CASES), 1, name="case"),
        choice([CHOOSE, *DIAGNOSES], name="fault"),
    )
    case.slider.min = 1

    def draw(case: int, fault: str, epoch: int, healthy: bool, fresh: bool) -> tuple:
        patients.diagnose(case, fault)
        fold.value = _fold(case) if patients.open(case) else ""
        run, sound = records()[case], records()[0] if healthy else None
        fig = _draw_run(run, sound, f"Case {case}", epoch, fresh)
        return fig, f"{_read(run, epoch, fresh)}\n{patients.answer(case, fault)}"

    explorer = Explorer(
        "Eight trainings are ill. Find the fault from the curves, then see the code.",
        draw,
        {
            "case": case,
            "fault": diagnosis,
            "epoch": whole_slider(0, N_EPOCHS, N_EPOCHS, name="read at epoch"),
            "healthy": switch("beside a healthy training"),
            "fresh": switch("laboratory: fresh digits", False),
        },
        touch=lambda x, _y: {"epoch": round(x)} if 0 <= round(x) <= N_EPOCHS else {},
        below=fold,
    )
    case.observe(lambda _: explorer.set(fault=CHOOSE), names="value")
    return explorer


def _fold(k: int) -> str:
    """Return the code of a case as a fold of the page, the fault marked."""
    lines = [
        f"<mark>{escape(line)}</mark>" if MARK in line else escape(line)
        for line in case_code(k).splitlines()
    ]
    return (
        f"<details class='course-says'><summary>The code of case {k}, as it was run</summary>"
        f"<pre>{chr(10).join(lines)}</pre></details>"
    )


def _read(run: dict, epoch: int, fresh: bool) -> str:
    """Say the numbers at the end of an epoch; epoch 0 is before the first step."""
    says = f"Before the first step: loss {run['first']:.1f}."
    if epoch:
        loss = run["loss"][epoch * len(run["loss"]) // N_EPOCHS - 1]
        train, val = (100 * run[f"{part}_accuracy"][epoch - 1] for part in ("train", "val"))
        says = (
            f"After epoch {epoch}: loss {loss:.2f}; right are {train:.0f}% of the training digits "
            f"and {val:.0f}% of the validation digits."
        )
    if fresh:
        says += f" The laboratory, at the end: {100 * run['fresh']:.0f}% of fresh digits right."
    return says


def _draw_run(run: dict, healthy: dict | None, name: str, epoch: int, fresh: bool) -> object:
    fig, (left, right) = figure(f"{name}: training loss", columns=2, size=(10, 3.5))
    for ax in (left, right):
        ax.axvline(epoch, color=AMBER, linestyle="-", linewidth=10, alpha=0.35, label="_now")
        ax.set(xlabel="epoch", xlim=(-0.3, N_EPOCHS + 0.8), xticks=range(0, N_EPOCHS + 1, 2))
    _draw_loss(left, run, healthy)
    _draw_accuracy(right, run, healthy, fresh)
    return fig


def _draw_loss(ax: Axes, run: dict, healthy: dict | None) -> None:
    ax.axhline(math.log(10), color=INK, linestyle=":", linewidth=1.3, label="_guessing")
    ax.text(N_EPOCHS, 3.2, "guessing: ln 10", ha="right", fontsize=12)
    for record, look in ((healthy, HEALTHY_LOOK), (run, {"color": BLUE, "label": "this training"})):
        if record:
            losses = [record["first"], *record["loss"]]
            ends = np.linspace(0, N_EPOCHS, len(losses))
            ax.plot(ends, losses, linestyle="-", **look)
    log_axis(ax, "y", 0.1, 100)
    ax.legend(loc="upper right", fontsize=12)


HEALTHY_LOOK = {"color": "#8a9099", "linewidth": 1.8, "label": "healthy"}


def _draw_accuracy(ax: Axes, run: dict, healthy: dict | None, fresh: bool) -> None:
    epochs = np.arange(1, N_EPOCHS + 1)
    ax.axhline(10, color=INK, linestyle=":", linewidth=1.3, label="_guessing")
    if healthy:
        for part, style in (("train", "-"), ("val", "--")):
            accuracy = 100 * np.array(healthy[f"{part}_accuracy"])
            ax.plot(epochs, accuracy, **HEALTHY_LOOK | {"label": "_healthy"}, linestyle=style)
    for part, words, look in (
        ("train", "training", {"color": BLUE, "marker": "o", "linestyle": "-"}),
        ("val", "validation", {"color": ORANGE, "marker": "^", "linestyle": "--"}),
    ):
        ax.plot(epochs, 100 * np.array(run[f"{part}_accuracy"]), **look, label=words)
    if fresh:
        look = {"color": GREEN, "marker": "D", "markersize": 11, "linestyle": ""}
        ax.plot(N_EPOCHS + 0.45, 100 * run["fresh"], **look, label="fresh digits")
    ax.set(title="Digits read right, in %", ylim=(0, 104), yticks=(0, 10, 50, 100))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 0.26), fontsize=11, ncols=2, columnspacing=1)
