"""Exercises and quiz of lesson 01, How does a single neuron learn?"""

from __future__ import annotations

from itertools import product

import torch

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- majority: weights and threshold by hand ---------------------------------------------------


def _corners() -> list[tuple]:
    return [(corner,) for corner in sorted(product((0, 1), repeat=3), key=sum)]


def _fires(answer: tuple, x: tuple[int, int, int]) -> int:
    w, theta = answer
    if len(w) != 3:
        raise ValueError(f"three weights were wanted, {len(w)} came")
    return int(sum(weight * value for weight, value in zip(w, x, strict=True)) >= theta)


MAJORITY = Exercise(
    title="a unit that takes a vote of three",
    reference=((1, 1, 1), 2),
    cases=_corners,
    apply=_fires,
    names=("x",),
    form="((w1, w2, w3), theta): three numbers in brackets, then one number",
    mistakes=(
        Mistake(((1, 1, 1), 1), "This fires as soon as one input is 1: it is OR, not a majority."),
        Mistake(((1, 1, 1), 3), "This wants all three inputs: it is AND, not a majority."),
        Mistake(((1, 1, 0), 2), "The third input has no vote: its weight is 0."),
        Mistake(
            ((1, 1, 1), 0), "The threshold is reached even by no inputs at all: it always fires."
        ),
        Mistake(((2, 1, 1), 2), "The first input has two votes: alone it reaches the threshold."),
    ),
    hints=(
        "How many of the three inputs are 1 when they are a majority?",
        "Equal weights make the weighted sum a count. The threshold is the count that suffices.",
        "With weights (1, 1, 1) the sum is 0, 1, 2 or 3. Let it fire from 2 on.",
    ),
    notice="Many answers are right: with weights (1, 1, 1) any threshold above 1 and up to 2. "
    "Learning does not look for the answer, but for one of them.",
)

# --- update: Rosenblatt's rule -----------------------------------------------------------------


def _update(w: torch.Tensor, x: torch.Tensor, y: int) -> torch.Tensor:
    y_hat = int(w @ x >= 0)
    return w + (y - y_hat) * x


def _update_flipped(w: torch.Tensor, x: torch.Tensor, y: int) -> torch.Tensor:
    return w + (int(w @ x >= 0) - y) * x


def _update_always(w: torch.Tensor, x: torch.Tensor, y: int) -> torch.Tensor:
    return w + y * x


def _update_strict(w: torch.Tensor, x: torch.Tensor, y: int) -> torch.Tensor:
    return w + (y - int(w @ x > 0)) * x


def _update_net_input(w: torch.Tensor, x: torch.Tensor, y: int) -> torch.Tensor:
    return w + (y - w @ x) * x


def _update_without_x(w: torch.Tensor, x: torch.Tensor, y: int) -> torch.Tensor:
    return w + (y - int(w @ x >= 0))


def _update_adds(w: torch.Tensor, x: torch.Tensor, y: int) -> torch.Tensor:
    return w + x


def _update_cases() -> list[tuple]:
    plain = [
        (torch.tensor([0.0, 0.0]), torch.tensor([1.0, 2.0]), 1),
        (torch.tensor([0.0, 0.0]), torch.tensor([1.0, 2.0]), 0),
        (torch.tensor([-1.0, 0.0]), torch.tensor([1.0, 2.0]), 1),
        (torch.tensor([3.0, 1.0]), torch.tensor([1.0, -2.0]), 1),
    ]
    generator = torch.Generator().manual_seed(1)
    random = [
        (
            torch.randn(5, generator=generator),
            torch.randn(5, generator=generator),
            number % 2,
        )
        for number in range(6)
    ]
    return plain + random


UPDATE = Exercise(
    title="one step of the perceptron rule",
    reference=_update,
    cases=_update_cases,
    mistakes=(
        Mistake(
            _update_flipped,
            "The difference is the wrong way round: ŷ − y pushes the line away from every mistake. "
            "It must be y − ŷ.",
        ),
        Mistake(
            _update_always,
            "You add x for every point of class 1, right or wrong, and never subtract. The rule "
            "moves only after a mistake: (y − ŷ) is 0 where the answer was right.",
        ),
        Mistake(
            _update_adds,
            "You add x every time. It is added after one kind of mistake, subtracted after the "
            "other, and left alone after a right answer.",
        ),
        Mistake(
            _update_strict,
            "At z = 0 exactly your unit says 0. In this lesson it fires at z ≥ 0: write >=.",
        ),
        Mistake(
            _update_net_input,
            "You took y − z, the distance to the net input. The perceptron compares y with the "
            "output ŷ, which is 0 or 1. (Your rule exists: it is Widrow and Hoff's, of 1960.)",
        ),
        Mistake(
            _update_without_x,
            "You add y − ŷ to every weight alike. Each weight must move in proportion to its own "
            "input: times x.",
        ),
    ),
    hints=(
        "First work out what the unit says now; then compare with y.",
        "ŷ is 1 where w·x ≥ 0 and 0 elsewhere. New weights: w + (y − ŷ)·x.",
        "Two lines: y_hat = int(w @ x >= 0), then return w + (y - y_hat) * x.",
    ),
    notice="There is no if for the three cases: y − ŷ is +1, −1 or 0, and the last one leaves w "
    "as it is.",
)

# --- pocket: keep the best weights seen --------------------------------------------------------


Weights = list[torch.Tensor]


def _wrong(w: torch.Tensor, X: torch.Tensor, y: torch.Tensor) -> int:
    return int(((X @ w >= 0).long() != y).sum())


def _pocket(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    wrong = [_wrong(w, X, y) for w in candidates]
    return candidates[wrong.index(min(wrong))]


def _pocket_last(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return candidates[-1]


def _pocket_first(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return candidates[0]


def _pocket_worst(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return max(candidates, key=lambda w: _wrong(w, X, y))


def _pocket_latest_of_equals(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return min(reversed(candidates), key=lambda w: _wrong(w, X, y))


def _pocket_false_alarms(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return min(candidates, key=lambda w: int(((X @ w >= 0).long() > y).sum()))


def _pocket_strict(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return min(candidates, key=lambda w: int(((X @ w > 0).long() != y).sum()))


def _pocket_mean(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.stack(candidates).mean(0)


def _pocket_index(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> int:
    wrong = [_wrong(w, X, y) for w in candidates]
    return wrong.index(min(wrong))


def _pocket_count(candidates: Weights, X: torch.Tensor, y: torch.Tensor) -> int:
    return min(_wrong(w, X, y) for w in candidates)


def _pocket_cases() -> list[tuple]:
    X = torch.tensor([[1.0, -1.0], [1.0, 1.0]])
    y = torch.tensor([0, 1])
    right, wrong, half = (torch.tensor(w) for w in ([0.0, 1.0], [0.0, -1.0], [1.0, 0.0]))
    silent, on_the_line = torch.tensor([-1.0, 0.0]), torch.tensor([1.0, 1.0])
    generator = torch.Generator().manual_seed(2)
    many = torch.randn(40, 3, generator=generator)
    labels = (many[:, 0] > 0.3).long()
    candidates = list(torch.randn(9, 3, generator=generator))
    return [
        ([right, wrong], X, y),
        ([half, right, wrong], X, y),
        ([half, right, 3 * right, half], X, y),
        ([silent, right], X, y),  # silent calls everything 0: no false alarm, but a mistake
        ([on_the_line, right], X[:1], y[:1]),  # z = 0 at the only point: it fires there
        (candidates, many, labels),
    ]


POCKET = Exercise(
    title="the pocket rule: keep the best weights seen",
    reference=_pocket,
    cases=_pocket_cases,
    mistakes=(
        Mistake(
            _pocket_last,
            "You return the last weights. On data that overlap the last update may have been a bad "
            "one: compare the number of mistakes.",
        ),
        Mistake(
            _pocket_first,
            "You return the first weights. Does your loop reach the others, or does a return "
            "inside it end it at once?",
        ),
        Mistake(
            _pocket_false_alarms,
            "You count only points of class 0 that are called 1. Points of class 1 that are called "
            "0 are mistakes as well: compare with !=.",
        ),
        Mistake(
            _pocket_strict,
            "At z = 0 exactly your unit says 0. In this lesson it fires at z ≥ 0: write >=.",
        ),
        Mistake(_pocket_index, "That is the place of the best weights: return candidates[i]."),
        Mistake(_pocket_count, "That is the number of mistakes; wanted are the weights."),
        Mistake(_pocket_worst, "You keep the weights with the most mistakes. Take the fewest."),
        Mistake(
            _pocket_latest_of_equals,
            "Among equally good weights you return the latest; the pocket is only exchanged for "
            "something better, so the earliest stays. Compare with <, not <=.",
        ),
        Mistake(
            _pocket_mean,
            "You return the mean of all weights. That is a good rule too (the averaged perceptron, "
            "Freund and Schapire 1999), but not the pocket rule.",
        ),
    ),
    hints=(
        "For each candidate, how many of all points does it get wrong?",
        "Go through the candidates, keep the best one so far and its number of mistakes, exchange "
        "both when you meet something strictly better.",
        "The number of mistakes of w is int(((X @ w >= 0).long() != y).sum()); "
        "min(candidates, key=...) keeps the first of equals.",
    ),
    notice="The pocket looks at all the data for every candidate: safety is paid for with time.",
)

# --- split: find the mistake in lecture code ---------------------------------------------------


def _split(n: int, n_train: int) -> tuple[list[int], list[int]]:
    order = torch.randperm(n).tolist()
    return order[:n_train], order[n_train:]


def _split_lecture(n: int, n_train: int) -> tuple[list[int], list[int]]:
    return list(range(n_train)), list(range(n_train // 3, n))


def _split_unshuffled(n: int, n_train: int) -> tuple[list[int], list[int]]:
    return list(range(n_train)), list(range(n_train, n))


def _split_twice(n: int, n_train: int) -> tuple[list[int], list[int]]:
    return torch.randperm(n)[:n_train].tolist(), torch.randperm(n)[n_train:].tolist()


def _split_shuffled_overlap(n: int, n_train: int) -> tuple[list[int], list[int]]:
    order = torch.randperm(n).tolist()
    return order[:n_train], order[n_train // 3 :]


def _split_loses_rows(n: int, n_train: int) -> tuple[list[int], list[int]]:
    order = torch.randperm(n).tolist()
    return order[:n_train], order[n_train + 1 :]


def _split_literal(n: int, n_train: int) -> tuple[list[int], list[int]]:
    return list(range(300)), list(range(100, n))


def _split_reversed(n: int, n_train: int) -> tuple[list[int], list[int]]:
    order = list(range(n))[::-1]
    return order[:n_train], order[n_train:]


def _split_swapped(n: int, n_train: int) -> tuple[list[int], list[int]]:
    order = torch.randperm(n).tolist()
    return order[n_train:], order[:n_train]


def _properties(answer: object, n: int, n_train: int) -> dict[str, object]:
    """Return what must hold of a split; the order itself is free."""
    parts = answer(n, n_train)
    if not isinstance(parts, tuple | list) or len(parts) != 2:
        raise ValueError(f"two lists were wanted, (train, test); a {type(parts).__name__} came")
    train, test = ([row.item() if hasattr(row, "item") else row for row in part] for part in parts)
    early = sum(row < n // 2 for row in test)  # rows of class 0, if they come sorted by class
    return {
        "rows to train with": len(train),
        "rows to test with": len(test),
        "rows in both": len(set(train) & set(test)),
        "every row used": set(train) | set(test) == set(range(n)),
        "whole numbers": all(isinstance(row, int) for row in train + test),
        "shuffled": train != sorted(train),
        "both classes to test with": n < 100 or 0.25 < early / max(len(test), 1) < 0.75,
    }


SPLIT = Exercise(
    title="find the mistake: split into training and test rows",
    reference=_split,
    cases=lambda: [(12, 9), (30, 20), (400, 300)],
    apply=_properties,
    mistakes=(
        Mistake(
            _split_lecture,
            "That is still the lecture's code: rows are trained with and tested with, and nothing "
            "is shuffled.",
        ),
        Mistake(
            _split_unshuffled,
            "No row is in both now, but the rows still lie in order: the training set holds all of "
            "class 0 and half of class 1, the test set nothing of class 0.",
        ),
        Mistake(
            _split_literal,
            "The numbers 300 and 100 stand in your code. It must work for every n and n_train.",
        ),
        Mistake(
            _split_reversed,
            "Turned round is not shuffled: the test part still holds one class only.",
        ),
        Mistake(_split_swapped, "The two parts are swapped: first the rows to train with."),
        Mistake(
            _split_twice,
            "You shuffle twice. The second order knows nothing of the first, so rows stand in both "
            "parts. Shuffle once, then cut.",
        ),
        Mistake(
            _split_shuffled_overlap,
            "Shuffled, but the two parts still overlap: the test part must begin where the "
            "training part ends.",
        ),
        Mistake(
            _split_loses_rows,
            "One row is lost between the parts: the end of a slice is open, "
            "so [:n] and [n:] fit together.",
        ),
    ),
    hints=(
        "Two things are wrong. Which rows are in both parts? Which class do the first rows have?",
        "Shuffle the row numbers once, then cut that one list in two.",
        "order = torch.randperm(n).tolist(); the parts are order[:n_train] and order[n_train:].",
    ),
    notice="The first mistake makes the result look better than it is, the second makes the test "
    "meaningless. Neither raises an error: only looking finds them.",
)

# --- device: find the mistake ------------------------------------------------------------------


def _device(cuda: bool, mps: bool) -> str:
    if cuda:
        return "cuda"
    return "mps" if mps else "cpu"


DEVICE = Exercise(
    title="find the mistake: choose a device",
    reference=_device,
    cases=lambda: [(False, False), (True, False), (False, True), (True, True)],
    mistakes=(
        Mistake(
            lambda cuda, mps: "cuda" if cuda else "mps",
            "That is the snippet's line: a laptop with neither CUDA nor MPS is told to use MPS.",
        ),
        Mistake(
            lambda cuda, mps: "cuda" if cuda else "cpu",
            "This never breaks, but it leaves Apple's GPU unused.",
        ),
        Mistake(
            lambda cuda, mps: "mps" if mps else "cuda" if cuda else "cpu",
            "Where both are there, CUDA comes first in this course.",
        ),
        Mistake(
            lambda cuda, mps: "cpu",
            "It says cpu whatever comes in. If you asked torch what this machine has: use the two "
            "arguments instead, so that the function can be tried for machines you do not have.",
        ),
        Mistake(
            lambda cuda, mps: "CUDA" if cuda else "MPS" if mps else "CPU",
            "PyTorch writes its devices in small letters.",
        ),
    ),
    hints=(
        "Go through the four machines: CUDA or not, MPS or not.",
        "CUDA if there is CUDA, else MPS if there is MPS, else the CPU.",
        'return "cuda" if cuda else "mps" if mps else "cpu"',
    ),
    notice="The snippet breaks on every machine with neither: most laptops, and the computers "
    "that run tests. The course's get_device goes one step further: it runs a small computation "
    "on the device and compares it with the CPU before it trusts it.",
)

EXERCISES = {
    "majority": MAJORITY,
    "update": UPDATE,
    "pocket": POCKET,
    "split": SPLIT,
    "device": DEVICE,
}

QUIZ = [
    Question(
        "A unit has weights (2, −1) and bias −1. What does it say at x = (1, 1)?",
        (
            "It fires: z = 0.",
            "2·1 − 1·1 − 1 = 0. The boundary itself belongs to class 1 in this lesson.",
        ),
        (
            ("It does not fire: z = 0.", "z is 0, and the unit fires at z ≥ 0, so at 0 as well."),
            ("It does not fire: z = −1.", "Check the sum: 2·1 − 1·1 − 1 = 0."),
            (
                "It cannot be known without a threshold.",
                "The bias is the threshold with its sign turned: θ = 1.",
            ),
        ),
        place=1,
    ),
    Question(
        "A point of class 0 was called 1. What does the rule do?",
        ("It subtracts x from the weights.", "Then w·x falls by |x|², towards a negative z."),
        (
            ("It adds x to the weights.", "That would raise w·x, and it is too high already."),
            ("It subtracts w from x.", "The data stay as they are; only weights are learned."),
            ("Nothing: only class 1 teaches.", "Both kinds of mistakes move the line."),
        ),
        place=2,
    ),
    Question(
        "Why does the perceptron never settle on the two overlapping squares?",
        (
            "No line has zero mistakes, and every mistake moves the weights.",
            "The rule stops only after an epoch without a mistake, and there is none.",
        ),
        (
            ("400 points are too many.", "With a gap between the squares, 400 points are easy."),
            ("The weights started at zero.", "It never settles from any other start either."),
            ("It needs more epochs.", "Try: the mistakes of each epoch go up and down for ever."),
        ),
        place=0,
    ),
    Question(
        "What does Novikoff's bound (R/γ)² count?",
        (
            "Mistakes on the training data, over all epochs together.",
            "And since every epoch but the last has one, there are at most that many epochs and "
            "one more.",
        ),
        (
            ("Examples shown.", "It counts mistakes; most examples shown are no mistakes."),
            ("Mistakes on new data.", "It is about the data trained on, nothing else."),
            ("Weights.", "Their number is fixed from the start: one an input, and the bias."),
        ),
        place=1,
    ),
    Question(
        "A student tests on rows that were also trained on. The reported accuracy is …",
        ("most likely too high.", "The model has seen the answers to part of the examination."),
        (
            ("most likely too low.", "Rows that were trained on are easier, not harder."),
            ("unaffected, if the rows are shuffled.", "Shuffling does not take rows out again."),
        ),
        place=0,
    ),
]
