"""Exercises and quiz of lesson 03, How does one layer read ten digits?"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake, loop_slips, slips
from course_utils.exercises.quiz import Question

# --- softmax: row by row, for scores of any size -----------------------------------------------


def _softmax(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.max(dim=1, keepdim=True).values)
    return power / power.sum(dim=1, keepdim=True)


def _softmax_naive(Z: Tensor) -> Tensor:
    return Z.exp() / Z.exp().sum(dim=1, keepdim=True)


def _largest(Z: Tensor) -> Tensor:
    return Z.max(dim=1, keepdim=True).values


def _mean(Z: Tensor) -> Tensor:
    return Z.mean(dim=1, keepdim=True)


def _smallest(Z: Tensor) -> Tensor:
    return Z.min(dim=1, keepdim=True).values


# What is subtracted before the powers, what they are divided by, and what to say of each.
SHIFTS: dict[str, tuple[Callable, str]] = {
    "right": (_largest, ""),
    "nothing": (
        lambda Z: 0,
        "exp(1000) overflows to inf, and inf / inf is nan. Subtract the largest score of each row "
        "first.",
    ),
    "lying": (
        lambda Z: Z.max(dim=1).values,
        "Without keepdim the largest scores have the shape (N,), and are laid along the columns: "
        "row 1's is subtracted from column 1. Write Z.max(dim=1, keepdim=True).values.",
    ),
    "of all": (
        lambda Z: Z.max(),
        "You subtract the largest score of the whole tensor. In a row far below it all powers "
        "become 0. Take the largest of each row: Z.max(dim=1, keepdim=True).values.",
    ),
    "of the first": (
        lambda Z: Z[0].max(),
        "You subtract the largest score of the first row from all rows. Each row needs its own: "
        "Z.max(dim=1, keepdim=True).values.",
    ),
    "lying place": (
        lambda Z: Z.argmax(dim=1),
        "You subtract places, and without keepdim they are laid along the columns. The scores "
        "themselves are Z.max(dim=1, keepdim=True).values.",
    ),
    "place": (
        lambda Z: Z.max(dim=1, keepdim=True).indices,
        "You subtract the places of the largest scores. The scores themselves are .values.",
    ),
}
SUMS: dict[str, tuple[Callable, str]] = {
    "right": (lambda power: power.sum(dim=1, keepdim=True), ""),
    "lying": (
        lambda power: power.sum(dim=1),
        "The sum over a row has lost its axis: of shape (N,), it is laid along the columns. Write "
        "power.sum(dim=1, keepdim=True).",
    ),
    "of all": (
        lambda power: power.sum(),
        "You divide by the sum of all numbers. Each row must add up to 1: sum with dim=1, "
        "keepdim=True.",
    ),
    "of columns": (
        lambda power: power.sum(dim=0),
        "You divide by the sums of the columns. A row is one picture: its probabilities lie along "
        "dim=1.",
    ),
    "mean": (
        lambda power: power.mean(dim=1, keepdim=True),
        "You divide by the mean of a row, so it adds up to the number of classes. Divide by its "
        "sum.",
    ),
    "one": (lambda power: 1, "These are the powers. Divide each row by its sum."),
}


def _softmax_with(shift: Callable, total: Callable) -> Callable:
    def answer(Z: Tensor) -> Tensor:
        power = torch.exp(Z - shift(Z))
        return power / total(power)

    return answer


def _softmax_by_math(Z: Tensor) -> list[list[float]]:
    powers = [[math.exp(z) for z in row] for row in Z.tolist()]  # OverflowError from 710 on
    return [[power / sum(row) for power in row] for row in powers]


def _softmax_divided(Z: Tensor) -> Tensor:
    power = torch.exp(Z / _largest(Z))
    return power / power.sum(dim=1, keepdim=True)


def _shares(Z: Tensor) -> Tensor:
    return Z / Z.sum(dim=1, keepdim=True)


def _of_powers(powers: Callable) -> Callable:
    return lambda Z: _shares(powers(Z))


def _score_cases() -> list[tuple[Tensor]]:
    generator = torch.Generator().manual_seed(3)
    return [
        (torch.tensor([[1.0, 1.0]]),),
        (torch.tensor([[2.0, 1.0, 0.0]]),),
        (torch.tensor([[0.0, 1.0], [2.0, 2.0]]),),
        (torch.tensor([[1000.0, 1000.0]]),),
        (torch.tensor([[0.0, 89.0]]),),  # e⁸⁹ is inf, e⁸⁸ is not
        (torch.tensor([[0.0, 100.0]]),),  # e⁹⁹ is inf as well, but not in 64 bits
        (torch.tensor([[1000.0, 1001.0], [-2.0, -1.0]]),),
        (torch.tensor([[-2.0, -1.0], [1000.0, 1001.0]]),),
        (torch.tensor([[-45.0, -45.0, -46.0]]),),  # minus their sum they are above 88
        (torch.tensor([[1000.0, -1000.0, 0.0]]),),
        (torch.tensor([[-1000.0, 0.0, 1000.0]]),),
        (torch.tensor([[-60.0, -61.0]]),),
        (torch.tensor([[-1000.0, -1001.0]]),),
        (torch.tensor([[0.0, *[-20.0] * 9]]),),  # nine times e⁻¹⁰ would be seen
        (3 * torch.randn(4, 10, generator=generator),),
    ]


SOFTMAX = Exercise(
    title="a softmax that does not overflow",
    reference=_softmax,
    cases=_score_cases,
    mistakes=(
        *slips(_softmax_with, SHIFTS, SUMS),
        Mistake(
            lambda Z: torch.softmax(Z, dim=0),
            "Your columns add up to 1, not your rows. A row is one picture: its ten probabilities "
            "lie along dim=1.",
        ),
        Mistake(
            _softmax_with(lambda Z: Z.max(dim=0).values, SUMS["right"][0]),
            "Z.max(dim=0) finds the largest of each column. Each row needs its own: "
            "Z.max(dim=1, keepdim=True).values.",
        ),
        Mistake(
            _softmax_with(_mean, SUMS["right"][0]),
            "Subtracting the mean is allowed, but it is not enough: a score far above the mean "
            "still overflows. After subtracting the largest, no score is above 0.",
        ),
        Mistake(
            _softmax_with(lambda Z: Z[:, :1], SUMS["right"][0]),
            "Subtracting the first score is allowed, but another one may lie far above it and "
            "overflow. Subtract the largest.",
        ),
        Mistake(
            _softmax_with(_smallest, SUMS["right"][0]),
            "You subtract the smallest score. That leaves the others above 0, and a large one "
            "still overflows. Subtract the largest.",
        ),
        Mistake(
            _softmax_with(lambda Z: Z.sum(dim=1, keepdim=True), SUMS["right"][0]),
            "You subtract the sum of the scores. That is allowed, but large scores may be left, "
            "and overflow. Subtract the largest.",
        ),
        Mistake(
            lambda Z: Z.exp() / _largest(Z).exp(),
            "You divide by the largest power. Divide by the sum of the row's powers, and subtract "
            "the largest score before you take them.",
        ),
        Mistake(
            lambda Z: Z - _largest(Z),
            "The scores are shifted, and no more. Take torch.exp of them, and divide each row by "
            "its sum.",
        ),
        Mistake(
            _softmax_with(lambda Z: Z.abs().max(dim=1, keepdim=True).values, SUMS["right"][0]),
            "You subtract the largest size, sign left out. Where all scores are far below 0 that "
            "pushes them further down, and 0 / 0 is left. Leave the abs() out.",
        ),
        Mistake(
            _softmax_with(lambda Z: 1000, SUMS["right"][0]),
            "You subtract a fixed number. Scores far below it become 0 / 0, and larger ones may "
            "come. Each row has its own largest score.",
        ),
        Mistake(
            _softmax_with(lambda Z: -_largest(Z), SUMS["right"][0]),
            "You add the largest score where it has to be subtracted.",
        ),
        Mistake(
            lambda Z: torch.softmax(-Z, dim=1),
            "The sign is turned round: your lowest score gets the highest probability. Take exp "
            "of the score minus the largest.",
        ),
        Mistake(
            _softmax_with(_largest, lambda power: -power.sum(dim=1, keepdim=True)),
            "The sign is turned round. Powers are positive, and so is their sum.",
        ),
        Mistake(
            _of_powers(lambda Z: torch.exp(_largest(Z) - Z)),
            "You subtract the score from the largest. Turn it round, the score minus the largest: "
            "the highest score gets the highest probability.",
        ),
        Mistake(
            lambda Z: Z.exp() / (Z.exp().sum(dim=1, keepdim=True) + 1e-9),
            "A small number below the fraction line does not help: exp(1000) is inf already. "
            "Subtract the largest score of each row first.",
        ),
        Mistake(
            _of_powers(lambda Z: torch.exp(Z) - _largest(Z)),
            "You subtract the largest score from the powers. Subtract it from the scores, inside "
            "the brackets of exp.",
        ),
        Mistake(
            _of_powers(lambda Z: torch.exp(Z) - torch.exp(_largest(Z))),
            "You take the powers first and subtract then. Subtract from the scores, inside the "
            "brackets of exp.",
        ),
        Mistake(
            _of_powers(lambda Z: torch.exp(Z) / torch.exp(_largest(Z))),
            "On paper that is the same. But exp(1000) is inf before you divide: subtract from the "
            "scores, inside the brackets of exp.",
        ),
        Mistake(
            _softmax_with(lambda Z: Z.max(dim=1, keepdim=True), SUMS["right"][0]),
            "Z.max(dim=1) gives two things, the largest scores and their places. Take the first "
            "with .values.",
        ),
        Mistake(
            lambda Z: _softmax_naive(Z.double()),
            "64 bits only move the edge: exp(1000) overflows in them, too. Subtract the largest "
            "score of each row first.",
        ),
        Mistake(
            lambda Z: torch.exp(Z - Z.exp().sum(dim=1, keepdim=True).log()),
            "On paper that is the softmax. But exp(1000) is inf before the logarithm sees it: "
            "subtract the largest score of each row first.",
        ),
        Mistake(
            lambda Z: torch.softmax(_shares(Z), dim=1),
            "You share the scores out before you take powers. That changes the answer: only "
            "subtracting the same number from all scores leaves it alone.",
        ),
        *(
            Mistake(
                _of_powers(
                    lambda Z, shift=shift, scale=scale: torch.exp((Z - shift(Z)) / scale(Z))
                ),
                f"You divide the scores by {what}. That changes the answer; only subtracting the "
                "same number from all scores leaves it alone.",
            )
            for shift, scale, what in (
                (_smallest, lambda Z: _largest(Z) - _smallest(Z), "their range"),
                (_mean, lambda Z: Z.std(dim=1, keepdim=True), "their standard deviation"),
                (lambda Z: 0, lambda Z: 1000, "1000"),
                (_largest, lambda Z: 2, "2"),
            )
        ),
        Mistake(
            lambda Z: Z.argmax(dim=1),
            "These are the answers. A probability is wanted for each score, (N, K).",
        ),
        Mistake(
            _softmax_by_math,
            "math.exp(1000) is too large for a number to hold. Subtract the largest score of each "
            "row first.",
        ),
        Mistake(
            lambda Z: math.exp(Z - _largest(Z)),
            "math.exp takes one number. torch.exp takes a whole tensor.",
        ),
        Mistake(
            lambda Z: torch.log_softmax(Z, dim=1),
            "These are the logarithms of the probabilities. The probabilities themselves are "
            "wanted.",
        ),
        Mistake(
            lambda Z: torch.exp(Z - torch.logsumexp(Z, dim=1)),
            "The formula is right. But logsumexp has lost the axis of the classes: give it "
            "keepdim=True.",
        ),
        Mistake(
            _softmax_divided,
            "You divide by the largest score. That changes the answer; only subtracting the same "
            "number from all scores leaves it alone.",
        ),
        Mistake(
            _of_powers(lambda Z: torch.exp(Z / Z.abs().max(dim=1, keepdim=True).values)),
            "You scale the scores down. That changes the answer; only subtracting the same number "
            "from all scores leaves it alone.",
        ),
        Mistake(
            lambda Z: torch.exp(Z - _largest(Z)) / Z.exp().sum(dim=1, keepdim=True),
            "You subtract the largest score above the fraction line but not below it. Compute the "
            "powers once, then use them in both places.",
        ),
        Mistake(
            lambda Z: Z.exp() / torch.exp(Z - _largest(Z)).sum(dim=1, keepdim=True),
            "You subtract the largest score below the fraction line but not above it. Compute the "
            "powers once, then use them in both places.",
        ),
        *(
            Mistake(
                _of_powers(lambda Z, low=low, high=high: torch.exp(Z.clamp(low, high))),
                f"Cut off at {high}, {says} scores look alike, and their differences are gone. "
                "Subtracting the largest keeps them.",
            )
            for low, high, says in ((None, 88, "large"), (-80, 80, "large and small"))
        ),
        *(
            Mistake(
                lambda Z, value=value: torch.nan_to_num(_softmax_naive(Z), nan=value),
                f"You write {value} where nan stood. The differences between large scores are lost "
                "with it: nothing may overflow in the first place.",
            )
            for value in (0, 1)
        ),
        Mistake(
            _shares,
            "You divide the scores by their sum. Scores may be negative; raise e to each of them "
            "first.",
        ),
        Mistake(
            _of_powers(lambda Z: Z - _largest(Z)),
            "You subtract the largest score, but the powers are missing: take torch.exp of the "
            "difference before you divide.",
        ),
        Mistake(
            _of_powers(lambda Z: 2 ** (Z - _largest(Z))),
            "These are powers of 2. The softmax takes powers of e: torch.exp.",
        ),
        Mistake(
            lambda Z: torch.sigmoid(Z),
            "That is the sigmoid, each score for itself. Here the classes share 100%: powers "
            "divided by their sum.",
        ),
        Mistake(
            _of_powers(torch.sigmoid),
            "You share out sigmoids. Powers are wanted: torch.exp.",
        ),
        Mistake(
            lambda Z: F.one_hot(Z.argmax(dim=1), Z.shape[1]),
            "The winner gets all. Each class gets its share: powers divided by their sum.",
        ),
        Mistake(
            lambda Z: torch.softmax(Z, dim=1).T,
            "Rows and columns are exchanged. A row of scores gives a row of probabilities.",
        ),
        Mistake(
            lambda Z: torch.softmax(Z, dim=1).squeeze(),
            "A batch of one has lost its first axis. (1, K) goes in and comes out.",
        ),
        Mistake(
            lambda Z: torch.softmax(Z[0], dim=0),
            "Only the first row is answered, and without its axis. All N rows are wanted.",
        ),
        Mistake(
            lambda Z: torch.softmax(Z[:1], dim=1),
            "Only the first row is answered. Does the return stand inside the loop?",
        ),
    ),
    hints=(
        "What happens to the probabilities when the same number is subtracted from every score of "
        "a row?",
        "In each row subtract its largest score, then take exp, then divide by the row's sum.",
        "power = torch.exp(Z - Z.max(dim=1, keepdim=True).values), then divide power by "
        "power.sum(dim=1, keepdim=True).",
    ),
    notice="After the subtraction the largest power is e⁰ = 1, so nothing can overflow, and the "
    "sum is at least 1, so nothing is divided by 0.",
)

# --- cross_entropy: from logits ----------------------------------------------------------------


def _cross_entropy(Z: Tensor, y: Tensor) -> Tensor:
    rows = torch.arange(len(y))
    return (torch.logsumexp(Z, dim=1) - Z[rows, y]).mean()


def _true_scores(Z: Tensor, y: Tensor) -> Tensor:
    return Z[torch.arange(len(y)), y]


def _naive_log_sum(Z: Tensor) -> Tensor:
    return Z.exp().sum(dim=1).log()


def _log_sum_largest_of_all(Z: Tensor) -> Tensor:
    return Z.max() + (Z - Z.max()).exp().sum(dim=1).log()


def _log_sum_not_added_back(Z: Tensor) -> Tensor:
    return (Z - _largest(Z)).exp().sum(dim=1).log()


# The losses of the pictures, and what is made of them.
LOSSES: dict[str, tuple[Callable, str]] = {
    "right": (lambda Z, y: torch.logsumexp(Z, dim=1) - _true_scores(Z, y), ""),
    "negative": (
        lambda Z, y: _true_scores(Z, y) - torch.logsumexp(Z, dim=1),
        "The sign is turned round. A loss is small when the answer is good, and −ln p is never "
        "negative.",
    ),
    "plus": (
        lambda Z, y: torch.logsumexp(Z, dim=1) + _true_scores(Z, y),
        "You add the true score. A higher true score makes the loss smaller: subtract it.",
    ),
    "of naive": (
        lambda Z, y: -_true_scores(_softmax_naive(Z), y).log(),
        "Your probabilities overflow: exp(1000) is inf, and the loss becomes nan. Do not go "
        "through them; use torch.logsumexp.",
    ),
    "log of softmax": (
        lambda Z, y: -_true_scores(torch.softmax(Z, dim=1), y).log(),
        "Your softmax is safe, but it rounds a tiny probability to 0, and ln 0 is −inf. Do not go "
        "through the probabilities; use torch.logsumexp.",
    ),
    "naive": (
        lambda Z, y: _naive_log_sum(Z) - _true_scores(Z, y),
        "The formula is right, but exp(1000) is inf before the logarithm sees it. "
        "torch.logsumexp subtracts the largest score first.",
    ),
    "no logarithm": (
        lambda Z, y: -_true_scores(torch.softmax(Z, dim=1), y),
        "The logarithm is missing: this is minus the probability of the true class.",
    ),
    "twice": (
        lambda Z, y: F.cross_entropy(torch.softmax(Z, dim=1), y, reduction="none"),
        "Your loss takes the softmax twice. It wants logits, and takes the softmax itself.",
    ),
    "of columns": (
        lambda Z, y: torch.logsumexp(Z, dim=0) - _true_scores(Z, y),
        "logsumexp with dim=0 runs down the columns. The scores of one picture stand in a row: "
        "dim=1.",
    ),
    "softmax of columns": (
        lambda Z, y: -_true_scores(torch.log_softmax(Z, dim=0), y),
        "Your softmax runs down the columns. The scores of one picture stand in a row: dim=1.",
    ),
    "turned scores": (
        lambda Z, y: F.cross_entropy(-Z, y, reduction="none"),
        "The scores have the wrong sign. Log-sum-exp and the true score take Z as it is.",
    ),
    "of all": (
        lambda Z, y: torch.logsumexp(Z, dim=(0, 1)) - _true_scores(Z, y),
        "You take log-sum-exp over the whole batch. Each picture has its own, over its row: dim=1.",
    ),
    "logarithm twice": (
        lambda Z, y: torch.logsumexp(Z, dim=1).log() - _true_scores(Z, y),
        "You take the logarithm twice: torch.logsumexp has taken it.",
    ),
    "powers twice": (
        lambda Z, y: torch.logsumexp(Z.exp(), dim=1) - _true_scores(Z, y),
        "You take powers twice: torch.logsumexp takes them itself. Give it Z.",
    ),
    "logarithm of score": (
        lambda Z, y: torch.logsumexp(Z, dim=1) - _true_scores(Z, y).log(),
        "You take the logarithm of the true score. The score itself is subtracted: the logarithm "
        "has undone its power.",
    ),
    "mean of powers": (
        lambda Z, y: torch.logsumexp(Z, dim=1) - math.log(Z.shape[1]) - _true_scores(Z, y),
        "You take the mean of the powers in a row. Their sum is wanted: torch.logsumexp(Z, dim=1).",
    ),
    "all scores": (
        lambda Z, y: torch.logsumexp(Z, dim=1) - Z.sum(dim=1),
        "You subtract all scores of a row. Only the true class's score is subtracted: "
        "Z[torch.arange(len(y)), y].",
    ),
    "not added back": (
        lambda Z, y: _log_sum_not_added_back(Z) - _true_scores(Z, y),
        "The largest score m was subtracted before the powers. It has to be added back after the "
        "logarithm: m + ln Σ exp(z − m).",
    ),
}
MEANS: dict[str, tuple[Callable, str]] = {
    "right": (torch.mean, ""),
    "sum": (
        torch.sum,
        "You add the losses of all pictures up. Take their mean, so that the number does not "
        "depend on how many there are.",
    ),
    "none": (lambda losses: losses, "You return a loss for each picture. Take the mean of them."),
}


def _entropy_with(losses: Callable, mean: Callable) -> Callable:
    return lambda Z, y: mean(losses(Z, y))


def _entropy_each_minus(score: Callable) -> Callable:
    """Return a cross-entropy that subtracts another score than the true class's."""
    return lambda Z, y: (torch.logsumexp(Z, dim=1) - score(Z, y)).mean()


def _entropy_instead(sums: Callable) -> Callable:
    """Return a cross-entropy that has something else in the place of log-sum-exp."""
    return lambda Z, y: (sums(Z) - _true_scores(Z, y)).mean()


def _entropy_guarded(little: float, Z: Tensor, y: Tensor) -> Tensor:
    return -(_true_scores(torch.softmax(Z, dim=1), y) + little).log().mean()


def _true_scores_beside_zeros(Z: Tensor, y: Tensor) -> Tensor:
    return Z * F.one_hot(y, Z.shape[1])


def _entropy_all_columns(Z: Tensor, y: Tensor) -> Tensor:
    return (torch.logsumexp(Z, dim=1) - Z[:, y]).mean()


def _labelled_cases() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(4)
    large = torch.tensor([[1000.0, 0.0]])
    return [
        (torch.tensor([[0.0, 0.0]]), torch.tensor([0])),
        (torch.tensor([[2.0, 1.0, 0.0]]), torch.tensor([0])),
        (torch.tensor([[0.0, 2.0], [3.0, 1.0]]), torch.tensor([0, 1])),
        (torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 3.0]]), torch.tensor([2, 2])),
        (torch.tensor([[2.0, 1.0, 0.5], [0.5, 1.0, 3.0]]), torch.tensor([0, 1])),  # have logarithms
        (torch.randn(6, 10, generator=generator), torch.tensor([5, 0, 4, 1, 9, 2])),
        (large, torch.tensor([0])),
        (large, torch.tensor([1])),
        (torch.tensor([[1000.0, 1000.0], [0.0, 0.0]]), torch.tensor([0, 1])),
    ]


CROSS_ENTROPY = Exercise(
    title="cross-entropy, straight from the logits",
    reference=_cross_entropy,
    cases=_labelled_cases,
    mistakes=(
        *slips(_entropy_with, LOSSES, MEANS),
        *loop_slips(LOSSES["right"][0], "picture"),
        Mistake(
            _entropy_instead(_log_sum_largest_of_all),
            "You subtract the largest score of the whole tensor. For a row far below it all powers "
            "become 0, and ln 0 is −inf. Each row needs its own largest: dim=1.",
        ),
        Mistake(
            _entropy_instead(lambda Z: Z.max(dim=1).values),
            "That is how far the true score stays behind the largest. log-sum-exp is a little more "
            "than the largest: use torch.logsumexp in its place.",
        ),
        Mistake(
            _entropy_instead(lambda Z: Z.exp().sum(dim=1)),
            "You add the powers up, and the logarithm of the sum is missing: torch.logsumexp.",
        ),
        Mistake(
            _entropy_instead(lambda Z: Z.sum(dim=1).log()),
            "You take the logarithm of the sum of the scores. The powers come first: "
            "torch.logsumexp(Z, dim=1).",
        ),
        Mistake(
            _entropy_instead(lambda Z: torch.logsumexp(Z)),
            "logsumexp wants to know along which axis: dim=1, the scores of one picture.",
        ),
        Mistake(
            lambda Z, y: F.nll_loss(Z, y),
            "That is minus the score of the true class alone. log-sum-exp of the row belongs "
            "before it.",
        ),
        Mistake(
            lambda Z, y: _true_scores(Z, y).mean(),
            "That is the score of the true class alone. The loss is log-sum-exp minus this score.",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: 0),
            "That is log-sum-exp alone. Subtract the score of the true class.",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: y),
            "You subtract the number of the class. Its score is wanted: "
            "Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: Z.max(dim=1).values),
            "You subtract the largest score, whatever the label. The true class's score is wanted: "
            "Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda Z, y: (torch.logsumexp(Z, dim=1, keepdim=True) - Z).mean(),
            "You take the mean over all classes. Only the true class counts: "
            "Z[torch.arange(len(y)), y].",
        ),
        *(
            Mistake(
                partial(_entropy_guarded, 10.0**-k),
                f"1e-{k} keeps the logarithm from meeting 0. There is no crash, but no loss can "
                f"exceed {k * math.log(10):.0f}, and here it is 1000. Use torch.logsumexp.",
            )
            for k in range(2, 17)
        ),
        *(
            Mistake(
                lambda Z, y, k=k: -_true_scores(_said(Z).clamp(min=10.0**-k), y).log().mean(),
                f"You keep the probabilities above 1e-{k}. There is no crash, but no loss can "
                f"exceed {k * math.log(10):.0f}, and here it is 1000. Use torch.logsumexp.",
            )
            for k in range(2, 5)
        ),
        Mistake(
            _entropy_each_minus(_true_scores_beside_zeros),
            "Z times the one-hot rows has K numbers for each picture, most of them 0. Add them "
            "up first: .sum(dim=1).",
        ),
        Mistake(
            lambda Z, y: (torch.logsumexp(Z, 1, True) - _true_scores_beside_zeros(Z, y)).mean(),
            "Z times the one-hot rows has K numbers for each picture, and you take the mean over "
            "all of them. Add them up first: .sum(dim=1).",
        ),
        Mistake(
            lambda Z, y: torch.logsumexp(Z, dim=0).mean() - _true_scores(Z, y).mean(),
            "logsumexp with dim=0 gives a number for each class. Each picture needs one: dim=1.",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: Z.argmax(dim=1)),
            "You subtract the number of the answer. The true class's score is wanted: "
            "Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: _true_scores(Z, y + 1)),
            "You take the score of the class after the true one. Classes count from 0, so y is "
            "the place itself.",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: Z[torch.arange(Z.shape[1]), y]),
            "torch.arange has to count the pictures, and Z.shape[1] is the number of classes: "
            "Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda Z, y: _true_scores(_said(Z), y),
            "These are the probabilities of the true classes. The loss is the mean of −ln of them, "
            "which torch.logsumexp gives.",
        ),
        Mistake(
            lambda Z, y: (torch.logsumexp(Z, dim=1) - _true_scores(Z, y)).max(),
            "You take the largest loss. The mean is wanted.",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: Z.gather(1, y)),
            "gather wants an index with as many axes as Z. Simpler is Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda Z, y: torch.logsumexp(Z, dim=1) - _true_scores(Z, y).mean(),
            "Only the true scores are averaged. Put the whole difference in brackets before "
            ".mean().",
        ),
        Mistake(
            lambda Z, y: torch.logsumexp(Z, dim=1).mean() - _true_scores(Z, y),
            "Only log-sum-exp is averaged. Put the whole difference in brackets before .mean().",
        ),
        Mistake(
            _entropy_all_columns,
            "Z[:, y] takes for every picture the columns of all labels. To take one number from "
            "each row write Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: Z[0, y]),
            "You take all true scores from the first row. Each picture has its own row: "
            "Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda Z, y: torch.logsumexp(Z, dim=1).sum() - _true_scores(Z, y).mean(),
            "Sum and mean are mixed: log-sum-exp is added up, and of the true scores you take the "
            "mean. Take the mean of the difference.",
        ),
        Mistake(
            lambda Z, y: torch.logsumexp(Z, dim=1).mean() - _true_scores(Z, y).sum(),
            "Mean and sum are mixed: the true scores are added up, and of log-sum-exp you take the "
            "mean. Take the mean of the difference.",
        ),
        Mistake(
            lambda Z, y: (torch.logsumexp(Z, dim=1) - Z[y]).mean(),
            "Z[y] takes whole rows: it reads the labels as numbers of pictures. One number from "
            "each row is Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: Z[y, torch.arange(len(y))]),
            "The two indices are exchanged: first the row, then the class, "
            "Z[torch.arange(len(y)), y].",
        ),
        Mistake(
            _entropy_each_minus(lambda Z, y: _true_scores(Z, y - 1)),
            "You take the score of the class before the true one. Classes count from 0, so y is "
            "the place itself.",
        ),
        Mistake(
            lambda Z, y: torch.logsumexp(Z, dim=1, keepdim=True) - _true_scores(Z, y),
            "With keepdim log-sum-exp has the shape (N, 1), and every picture meets every label. "
            "Leave keepdim out, and take the mean.",
        ),
        Mistake(
            lambda Z, y: _true_scores(torch.softmax(Z, dim=1), y).mean(),
            "That is the mean probability of the true class, not a loss. The loss is −ln of it, "
            "which torch.logsumexp gives.",
        ),
        Mistake(
            lambda Z, y: 1 - _true_scores(torch.softmax(Z, dim=1), y).mean(),
            "1 − p is another loss. The cross-entropy is −ln p, and −ln p is log-sum-exp minus the "
            "true score.",
        ),
        Mistake(
            lambda Z, y: -_true_scores(torch.softmax(Z, dim=1), y).mean().log(),
            "The mean comes after the logarithm: each picture has a loss, and then the mean.",
        ),
        Mistake(
            lambda Z, y: F.cross_entropy(Z, y).exp(),
            "You raise e to the loss. The loss itself is wanted.",
        ),
        *(
            Mistake(
                lambda Z, y, base=base: F.cross_entropy(Z, y) / math.log(base),
                f"That is the logarithm with base {base}. The natural one is wanted, with base e.",
            )
            for base in (2, 10)
        ),
        Mistake(
            lambda Z, y: F.cross_entropy(Z, y, reduction="sum") / Z.shape[1],
            "You divide the sum by the number of classes. The mean runs over the pictures: len(y).",
        ),
        Mistake(
            lambda Z, y: F.cross_entropy(Z, y, reduction="sum") / Z.numel(),
            "You divide by N · K, as a mean over one-hot rows does. Add along the classes first, "
            "then take the mean over the N pictures.",
        ),
        Mistake(
            lambda Z, y: -(_one_hot(Z, y) * _said(Z).log()).sum(dim=1).mean(),
            "Right for small scores. A tiny probability is rounded to 0, its logarithm is −inf, "
            "and 0 · inf is nan. Use torch.logsumexp.",
        ),
        Mistake(
            lambda Z, y: (torch.logsumexp(Z, dim=1) - _true_scores(Z, y)).median(),
            "You take the median. The mean is wanted.",
        ),
        Mistake(
            lambda Z, y: F.mse_loss(torch.softmax(Z, dim=1), F.one_hot(y, Z.shape[1]).float()),
            "That is the squared error of the probabilities. Cross-entropy is log-sum-exp minus "
            "the true score.",
        ),
        Mistake(
            lambda Z, y: F.binary_cross_entropy_with_logits(Z, F.one_hot(y, Z.shape[1]).float()),
            "That is ten yes-or-no questions of lesson 02. Here the classes share one softmax.",
        ),
    ),
    hints=(
        "Write −ln of the softmax of the true class, and let the logarithm undo the exponential.",
        "The loss of one picture is log-sum-exp of its scores minus the score of the true class; "
        "then take the mean.",
        "return (torch.logsumexp(Z, dim=1) - Z[torch.arange(len(y)), y]).mean()",
    ),
    notice="No probability is ever computed. That is why the loss for (1000, 0) with the true "
    "class 1 is a plain 1000, and not infinite.",
)

# --- slope: what was said minus what is true -----------------------------------------------------


def _slope(Z: Tensor, y: Tensor) -> Tensor:
    return (torch.softmax(Z, dim=1) - F.one_hot(y, Z.shape[1])) / len(y)


def _one_hot(Z: Tensor, y: Tensor) -> Tensor:
    return F.one_hot(y, Z.shape[1])


def _slope_all_columns(Z: Tensor, y: Tensor) -> Tensor:
    P = torch.softmax(Z, dim=1)
    P[:, y] -= 1
    return P


def _slope_each_column(Z: Tensor, y: Tensor) -> Tensor:
    P = torch.softmax(Z, dim=1)
    for k in y:
        P[:, k] -= 1
    return P


def _slope_each_row(Z: Tensor, y: Tensor) -> Tensor:
    P = torch.softmax(Z, dim=1)
    for k in y:
        P[k] -= 1
    return P


def _slope_of_two_softmaxes(Z: Tensor, y: Tensor) -> Tensor:
    Z = Z.clone().requires_grad_()
    F.cross_entropy(torch.softmax(Z, dim=1), y).backward()
    return Z.grad


def _slope_all_rows(Z: Tensor, y: Tensor) -> Tensor:
    P = torch.softmax(Z, dim=1)
    P[y] -= 1
    return P


def _said(Z: Tensor) -> Tensor:
    return torch.softmax(Z, dim=1)


# What stands above the fraction line, and what it is divided by.
ERRORS: dict[str, tuple[Callable, str]] = {
    "right": (lambda Z, y: _said(Z) - _one_hot(Z, y), ""),
    "negative": (
        lambda Z, y: _one_hot(Z, y) - _said(Z),
        "The sign is turned round. This is the way down; the slope says which way is up: what was "
        "said minus what is true.",
    ),
    "scores": (
        lambda Z, y: Z - _one_hot(Z, y),
        "You subtract the one-hot row from the scores. It belongs to the probabilities: take the "
        "softmax first.",
    ),
    "columns": (
        lambda Z, y: torch.softmax(Z, dim=0) - _one_hot(Z, y),
        "The softmax runs down the columns. The scores of one picture stand in a row: dim=1.",
    ),
    "said": (
        lambda Z, y: _said(Z),
        "These are the probabilities alone. At the true class 1 is subtracted.",
    ),
    "one": (
        lambda Z, y: _said(Z) - 1,
        "You subtract 1 from every class. Only the true class has a 1 in its one-hot row, the "
        "others have a 0.",
    ),
    "label": (
        lambda Z, y: _said(Z) - y[:, None],
        "You subtract the number of the class. A 7 is no larger a truth than a 1: turn y into "
        "one-hot rows, F.one_hot(y, Z.shape[1]).",
    ),
    "labels": (
        lambda Z, y: _said(Z) - y,
        "You subtract y itself, which is laid along the classes. Turn it into one-hot rows first: "
        "F.one_hot(y, Z.shape[1]).",
    ),
    "true only": (
        lambda Z, y: (_said(Z) - 1) * _one_hot(Z, y),
        "The true class is right, and the others are left at 0. But raising a wrong score raises "
        "the loss as well: its slope is its probability.",
    ),
    "all columns": (
        _slope_all_columns,
        "P[:, y] takes for every picture the columns of all labels. To change one number in each "
        "row write P[torch.arange(len(y)), y].",
    ),
    "each column": (
        _slope_each_column,
        "P[:, k] takes a whole column, the class of every picture. Change one number in each row: "
        "P[i, y[i]].",
    ),
    "each row": (
        _slope_each_row,
        "P[k] takes a whole row: it reads a label as the number of a picture. Change one number in "
        "each row: P[i, y[i]].",
    ),
    "all rows": (
        _slope_all_rows,
        "P[y] takes whole rows: it reads the labels as numbers of pictures. To change one number "
        "in each row write P[torch.arange(len(y)), y].",
    ),
    "short one-hot": (
        lambda Z, y: _said(Z) - F.one_hot(y),
        "F.one_hot(y) alone takes the largest label in the batch for the last class. Say how many "
        "classes there are: F.one_hot(y, Z.shape[1]).",
    ),
    "naive": (
        lambda Z, y: _softmax_naive(Z) - _one_hot(Z, y),
        "exp(1000) overflows. Use torch.softmax.",
    ),
    "plus": (
        lambda Z, y: _said(Z) + _one_hot(Z, y),
        "You add the one-hot rows. What is true is subtracted from what was said.",
    ),
    "of all": (
        lambda Z, y: torch.softmax(Z.flatten(), dim=0).reshape(Z.shape) - _one_hot(Z, y),
        "Your softmax shares 1 out among all pictures. Each row adds up to 1: dim=1.",
    ),
    "logarithms": (
        lambda Z, y: torch.log_softmax(Z, dim=1) - _one_hot(Z, y),
        "You have the logarithms of the probabilities. The slope needs the probabilities: "
        "torch.softmax.",
    ),
    "sigmoids": (
        lambda Z, y: torch.sigmoid(Z) - _one_hot(Z, y),
        "The sigmoid is for two classes. Here they share one softmax: torch.softmax(Z, dim=1).",
    ),
    "answers": (
        lambda Z, y: _one_hot(Z, Z.argmax(dim=1)) - _one_hot(Z, y),
        "You take the answer for what was said, as Rosenblatt did. The slope needs the "
        "probabilities: torch.softmax(Z, dim=1).",
    ),
    "true": (
        lambda Z, y: _one_hot(Z, y),
        "These are the one-hot rows alone. They are subtracted from the probabilities.",
    ),
    "minus true": (
        lambda Z, y: -_one_hot(Z, y),
        "That is minus the one-hot rows. The probabilities are missing: what was said minus what "
        "is true.",
    ),
    "size": (
        lambda Z, y: (_said(Z) - _one_hot(Z, y)).abs(),
        "You leave the sign out. At the true class the slope is negative.",
    ),
    "believed": (
        lambda Z, y: _said(Z) - _one_hot(Z, Z.argmax(dim=1)),
        "You take the model's answer for the truth. The truth is in y.",
    ),
    "squared": (
        lambda Z, y: (_said(Z) - _one_hot(Z, y)) ** 2,
        "You square the differences. The slope is the difference itself.",
    ),
    "bent": (
        lambda Z, y: (_said(Z) - _one_hot(Z, y)) * _said(Z) * (1 - _said(Z)),
        "The factor p(1 − p) belongs to a squared error. With cross-entropy it cancels.",
    ),
    "twice": (
        lambda Z, y: _said(_said(Z)) - _one_hot(Z, y),
        "You take the softmax twice. Z are scores, and one softmax makes probabilities of them.",
    ),
    "inside": (
        lambda Z, y: _said(Z - _one_hot(Z, y)),
        "You subtract the one-hot rows before the softmax. Subtract them from its probabilities.",
    ),
}
DIVISORS: dict[str, tuple[Callable, str]] = {
    "right": (lambda Z: len(Z), ""),
    "none": (
        lambda Z: 1,
        "The loss of N pictures is their mean, so each picture moves it only by 1/N of its own "
        "slope: divide by len(y).",
    ),
    "classes": (
        lambda Z: Z.shape[1],
        "You divide by the number of classes. The mean runs over the pictures: len(y).",
    ),
    "all": (
        lambda Z: Z.numel(),
        "You divide by N · K. The mean of the loss runs over the N pictures: len(y).",
    ),
    "twice": (lambda Z: len(Z) ** 2, "You divide by the number of pictures twice."),
}


def _slope_with(error: Callable, divisor: Callable) -> Callable:
    return lambda Z, y: error(Z, y) / divisor(Z)


def _gap(Z: Tensor, y: Tensor) -> Tensor:
    return _said(Z) - _one_hot(Z, y)


def _slope_cases() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(6)
    return [
        (torch.tensor([[0.0, 0.0]]), torch.tensor([1])),
        (torch.tensor([[2.0, 1.0, 0.0]]), torch.tensor([1])),
        (torch.tensor([[0.0, 2.0], [3.0, 1.0]]), torch.tensor([0, 1])),
        (torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 3.0]]), torch.tensor([2, 2])),
        (torch.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 1.0]]), torch.tensor([1, 0, 1])),
        (torch.randn(5, 10, generator=generator), torch.tensor([5, 0, 4, 1, 3])),
        (torch.tensor([[1000.0, 0.0]]), torch.tensor([1])),
    ]


SLOPE = Exercise(
    title="the slope of the loss at each score",
    reference=_slope,
    cases=_slope_cases,
    mistakes=(
        *slips(_slope_with, ERRORS, DIVISORS),
        Mistake(
            lambda Z, y: _said(Z) - _one_hot(Z, y) / len(y),
            "Only the one-hot rows are divided by len(y): brackets are missing round the "
            "difference.",
        ),
        Mistake(
            lambda Z, y: _said(Z) / len(y) - _one_hot(Z, y),
            "Only the probabilities are divided by len(y): brackets are missing round the "
            "difference.",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y) * len(y),
            "You multiply by the number of pictures. The mean divides by it.",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y).mean(dim=0),
            "You took the mean over the pictures. Each picture keeps its own row of slopes; only "
            "divide by their number.",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y).sum(dim=0),
            "You added the pictures up. Each keeps its own row of slopes; divide by their number.",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y).mean(dim=1),
            "You took the mean over the classes, which is always 0. Each score has its own slope; "
            "only divide by len(y).",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y).mean(dim=1, keepdim=True),
            "You added along the classes, which always gives 0. Each score has its own slope; only "
            "divide by len(y).",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y).mean(),
            "You made one number of all slopes, and it is always 0. Each score has its own; only "
            "divide by len(y).",
        ),
        Mistake(
            lambda Z, y: F.cross_entropy(Z, y).backward(),  # no record: RuntimeError
            "PyTorch kept no record of the loss: Z wants no slopes. Either write said minus true, "
            "or begin with Z = Z.clone().requires_grad_().",
        ),
        Mistake(
            lambda Z, y: (_said(Z).log() - _one_hot(Z, y)) / len(y),
            "You take the logarithms of the probabilities. The slope needs the probabilities "
            "themselves.",
        ),
        Mistake(
            _slope_of_two_softmaxes,
            "That is the slope of F.cross_entropy(softmax(Z), y), which takes the softmax twice. "
            "Give it Z.",
        ),
        Mistake(
            lambda Z, y: Z,
            "You return the scores as they came. With autograd the slopes lie in Z.grad.",
        ),
        Mistake(
            lambda Z, y: Z - _gap(Z, y) / len(y),
            "You have made a step already: Z minus the slope. Wanted is the slope alone.",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y)[0] / len(y),
            "Only the first picture is answered, and without its axis. All N rows are wanted.",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y).mean(dim=0, keepdim=True),
            "You took the mean over the pictures. Each keeps its own row of slopes; divide by "
            "their number.",
        ),
        Mistake(
            lambda Z, y: (_said(Z).round() - _one_hot(Z, y)) / len(y),
            "You round the probabilities. The slope takes them as they are.",
        ),
        Mistake(
            lambda Z, y: _gap(Z, y) // len(y),
            "// gives whole numbers. Divide with /.",
        ),
        Mistake(
            lambda Z, y: (_said(Z), _one_hot(Z, y)),
            "You return both parts. Subtract the second from the first, and divide by len(y).",
        ),
        Mistake(
            lambda Z, y: F.cross_entropy(Z, y),
            "That is the loss. Its slope at each score is wanted, (N, K).",
        ),
        Mistake(
            lambda Z, y: (_gap(Z, y) / len(y)).T,
            "Rows and columns are exchanged. Z has a row for each picture, and so has its slope.",
        ),
        Mistake(
            lambda Z, y: _true_scores(_said(Z) - 1, y) / len(y),
            "These are the slopes at the true classes alone. Every score has one: (N, K).",
        ),
        Mistake(
            lambda Z, y: (_said(Z) - F.one_hot(y, len(y))) / len(y),
            "F.one_hot wants the number of classes, and len(y) is the number of pictures: "
            "F.one_hot(y, Z.shape[1]).",
        ),
        Mistake(
            lambda Z, y: (_said(Z) - F.one_hot(y, 10)) / len(y),
            "Ten classes are the digits' number. Ask Z how many there are: Z.shape[1].",
        ),
        Mistake(
            lambda Z, y: (
                (_said(Z) - _one_hot(Z, y) * (torch.arange(len(y)) == 0)[:, None]) / len(y)
            ),
            "Only the first picture has lost its 1. Does the return stand inside the loop?",
        ),
        Mistake(
            lambda Z, y: _said(Z) * _one_hot(Z, y) / len(y),
            "You multiply by the one-hot rows. They are subtracted from the probabilities.",
        ),
        Mistake(
            lambda Z, y: -_one_hot(Z, y) / _said(Z) / len(y),
            "That is the slope at the probabilities. At the scores the softmax has its say, too, "
            "and what is left is said minus true.",
        ),
    ),
    hints=(
        "What was said minus what is true: which tensor of shape (N, K) says each of them?",
        "The softmax of each row, minus the one-hot rows, divided by the number of pictures.",
        "P = torch.softmax(Z, dim=1), T = F.one_hot(y, Z.shape[1]); subtract, then divide by "
        "len(y).",
    ),
    notice="Each row adds up to 0: what the true score gains, the others lose.",
)

# --- judge: find the mistakes ------------------------------------------------------------------


def _judge(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return F.cross_entropy(logits, y), (logits.argmax(dim=1) == y).float().mean()


def _judge_as_found(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    probs = torch.softmax(logits, dim=0)
    return F.cross_entropy(probs, y), (probs.argmax() == y).float().mean()


def _share(answers: Callable) -> Callable:
    return lambda logits, y: (answers(logits) == y).float().mean()


# The loss, and the accuracy, and what to say of each.
JUDGED_LOSSES: dict[str, tuple[Callable, str]] = {
    "right": (F.cross_entropy, ""),
    "twice": (
        lambda logits, y: F.cross_entropy(_said(logits), y),
        "The softmax is taken twice, for F.cross_entropy takes it itself: with ten classes the "
        "loss can never fall below 1.46. Give it the logits.",
    ),
    "columns": (
        lambda logits, y: F.cross_entropy(torch.softmax(logits, dim=0), y),
        "The softmax compares pictures with each other (dim=0), and F.cross_entropy wants logits "
        "anyway.",
    ),
}
OTHER_LOSSES: dict[str, tuple[Callable, str]] = {
    "sum": (
        lambda logits, y: F.cross_entropy(logits, y, reduction="sum"),
        "You add the losses up. Their mean is wanted.",
    ),
    "each": (
        lambda logits, y: F.cross_entropy(logits, y, reduction="none"),
        "You return a loss for each picture. Their mean is wanted.",
    ),
    "negative": (
        lambda logits, y: -F.cross_entropy(logits, y),
        "The sign of the loss is turned round.",
    ),
    "of scores": (
        F.nll_loss,
        "nll_loss wants logarithms of probabilities, and takes no softmax. For logits it is "
        "F.cross_entropy.",
    ),
    "of probabilities": (
        lambda logits, y: F.nll_loss(_said(logits), y),
        "nll_loss wants logarithms of probabilities, not probabilities. With logits use "
        "F.cross_entropy.",
    ),
    "squared": (
        lambda logits, y: F.mse_loss(_said(logits), _one_hot(logits, y).float()),
        "That is the squared error of the probabilities. Take F.cross_entropy of the logits.",
    ),
    "yes or no": (
        lambda logits, y: F.binary_cross_entropy_with_logits(logits, _one_hot(logits, y).float()),
        "That is a yes-or-no question for each class, as in lesson 02. Here the classes share one "
        "softmax: F.cross_entropy.",
    ),
}
JUDGED_SHARES: dict[str, tuple[Callable, str]] = {
    "right": (_share(lambda logits: logits.argmax(dim=1)), ""),
    "flat": (
        _share(lambda logits: logits.argmax()),
        "argmax() without dim returns one position in the whole batch. Each row needs its own: "
        "dim=1.",
    ),
    "flat, of rows": (
        _share(lambda logits: _said(logits).argmax()),
        "argmax() without dim looks through the probabilities of the whole batch. Each row needs "
        "its own: dim=1.",
    ),
    "columns": (
        _share(lambda logits: logits.argmax(dim=0)),
        "argmax(dim=0) asks which picture has the highest score for each class. You want the "
        "class for each picture: dim=1.",
    ),
    "columns, of rows": (
        _share(lambda logits: _said(logits).argmax(dim=0)),
        "argmax(dim=0) asks which picture has the highest probability for each class. You want "
        "the class for each picture: dim=1.",
    ),
    "of columns": (
        _share(lambda logits: torch.softmax(logits, dim=0).argmax(dim=1)),
        "The softmax for the accuracy still runs down the columns (dim=0), so a picture's own "
        "scores are not compared with each other.",
    ),
    "wrong ones": (
        lambda logits, y: (logits.argmax(dim=1) != y).float().mean(),
        "Your second number is the share of wrong answers.",
    ),
    "count": (
        lambda logits, y: (logits.argmax(dim=1) == y).sum(),
        "You count the right answers; their share is wanted: the mean.",
    ),
    "each": (
        lambda logits, y: logits.argmax(dim=1) == y,
        "You say of each picture whether it is right. The share is wanted: .float().mean().",
    ),
    "percent": (
        lambda logits, y: 100 * (logits.argmax(dim=1) == y).float().mean(),
        "You give the accuracy in percent. A share from 0 to 1 is wanted.",
    ),
    "values": (
        _share(lambda logits: logits.max(dim=1).values),
        "max gives the largest score; which class has it, argmax says.",
    ),
    "least": (
        _share(lambda logits: logits.argmin(dim=1)),
        "argmin finds the lowest score. The answer is the class with the highest.",
    ),
    "kept": (
        _share(lambda logits: logits.argmax(dim=1, keepdim=True)),
        "With keepdim every answer is compared with every label. Leave it out.",
    ),
    "confidence": (
        lambda logits, y: _said(logits).amax(dim=1).mean(),
        "That is how sure the model is, not how often it is right. Compare its answers with y.",
    ),
    "true ones": (
        lambda logits, y: _true_scores(_said(logits), y).mean(),
        "That is the mean probability of the true class. Accuracy counts the right answers.",
    ),
    "whole": (
        lambda logits, y: int((logits.argmax(dim=1) == y).float().mean()),
        "Your second number is 1 where every answer is right, and 0 otherwise, as all() and int() "
        "give. The share is wanted: the mean.",
    ),
    "half": (
        lambda logits, y: (_true_scores(_said(logits), y) > 0.5).float().mean(),
        "You ask whether the true class has more than 50%. With three classes or more the largest "
        "probability may be less: compare argmax with y.",
    ),
    "by halves": (
        lambda logits, y: ((_said(logits) > 0.5) == _one_hot(logits, y)).float().mean(),
        "You ask of every class whether it is right to have more or less than 50%. Each picture "
        "has one answer: compare argmax with y.",
    ),
    "of the loss": (
        lambda logits, y: torch.exp(-F.cross_entropy(logits, y)),
        "That is e to the power of minus the loss. Accuracy counts the right answers.",
    ),
    "by classes": (
        lambda logits, y: (logits.argmax(dim=1) == y).sum() / logits.shape[1],
        "You divide the number of right answers by the number of classes. Divide by the number of "
        "pictures: the mean.",
    ),
    "answers": (
        lambda logits, y: logits.argmax(dim=1),
        "You return the answers. Compare them with y, and take the mean.",
    ),
}


def _judge_with(loss: Callable, share: Callable) -> Callable:
    return lambda logits, y: (loss(logits, y), share(logits, y))


def _judge_cases() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(5)
    return [
        (torch.tensor([[3.0, 1.0], [1.0, 0.0]]), torch.tensor([0, 0])),
        (torch.tensor([[0.0, 4.0], [5.0, 6.0]]), torch.tensor([1, 0])),
        (
            torch.tensor([[0.0, 9.0, 1.0], [5.0, 0.0, 0.0], [2.0, 0.0, 1.0]]),
            torch.tensor([1, 0, 0]),
        ),
        (
            torch.tensor([[0.0, 4.0, 1.0], [5.0, 6.0, 0.0], [9.0, 0.0, 3.0]]),
            torch.tensor([1, 1, 2]),
        ),
        (torch.tensor([[0.0, 4.0, 1.0], [-9.0, 3.0, 0.9]]), torch.tensor([0, 0])),
        (torch.tensor([[0.0, 4.0, 1.0], [5.0, 3.0, 0.9]]), torch.tensor([1, 0])),  # N is not K
        (torch.tensor([[0.4, 0.2, 0.0], [0.1, 0.3, 0.2]]), torch.tensor([0, 2])),  # none above 50%
        (3 * torch.randn(8, 10, generator=generator), torch.tensor([5, 0, 4, 1, 9, 2, 1, 3])),
        (torch.tensor([[1000.0, 0.0]]), torch.tensor([1])),
    ]


JUDGE = Exercise(
    title="find the mistakes: loss and accuracy from logits",
    reference=_judge,
    cases=_judge_cases,
    mistakes=(
        Mistake(_judge_as_found, "That is still the snippet: three things in it are wrong."),
        *slips(_judge_with, JUDGED_LOSSES, JUDGED_SHARES),
        *slips(_judge_with, OTHER_LOSSES, {"right": JUDGED_SHARES["right"]}),
        Mistake(
            lambda logits, y: (F.cross_entropy(_said(logits).log(), y), _judge(logits, y)[1]),
            "Your loss is right for small scores. But a tiny probability is rounded to 0, and its "
            "logarithm is −inf. F.cross_entropy takes the logits as they are.",
        ),
        Mistake(
            lambda logits, y: (F.cross_entropy(logits, y) / len(y), _judge(logits, y)[1]),
            "You divide the loss by the number of pictures. F.cross_entropy has taken the mean.",
        ),
        Mistake(
            lambda logits, y: (F.cross_entropy(torch.sigmoid(logits), y), _judge(logits, y)[1]),
            "No sigmoid belongs before F.cross_entropy. Give it the logits.",
        ),
        Mistake(
            lambda logits, y: (F.cross_entropy(logits, y), _judge_as_found(logits, y)[1]),
            "The loss is right. The accuracy is still that of the snippet: both its dim=0 and the "
            "argmax without dim are wrong.",
        ),
        Mistake(
            lambda logits, y: (
                F.cross_entropy(logits, y),
                (logits.max(dim=1) == y).float().mean(),
            ),
            "max(dim=1) gives two things, the largest scores and their places. argmax gives the "
            "places alone.",
        ),
        Mistake(
            lambda logits, y: (F.cross_entropy(logits, y), (logits.argmax(dim=1) == y).mean()),
            "mean() wants numbers, and == gives yes or no. Put .float() between them.",
        ),
        Mistake(
            lambda logits, y: _judge(logits, y)[::-1],
            "Both numbers are right, in the other order. Loss first, then accuracy.",
        ),
        Mistake(
            lambda logits, y: _judge(logits, y)[0],
            "Only the loss comes back. Return two things: return loss, accuracy",
        ),
        Mistake(
            lambda logits, y: _judge(logits, y)[1],
            "Only the accuracy comes back. Return two things: return loss, accuracy",
        ),
        Mistake(
            lambda logits, y: (_said(logits), *_judge(logits, y)),
            "Three things come back. Leave the probabilities out: return loss, accuracy",
        ),
        Mistake(
            lambda logits, y: (F.cross_entropy(logits.T, y), _judge(logits, y)[1]),
            "You turn rows and columns round. A row of logits is one picture already.",
        ),
        Mistake(
            lambda logits, y: (F.cross_entropy(_said(_said(logits)), y), _judge(logits, y)[1]),
            "The softmax is taken three times, for F.cross_entropy takes it itself. Give it the "
            "logits.",
        ),
        Mistake(
            lambda logits, y: (F.cross_entropy(y, logits), _judge(logits, y)[1]),
            "The two inputs of F.cross_entropy are exchanged: logits first, then y.",
        ),
        Mistake(
            lambda logits, y: (
                F.cross_entropy(logits, y),
                (_one_hot(logits, logits.argmax(dim=1)) == _one_hot(logits, y)).float().mean(),
            ),
            "You compare one-hot rows number by number, and most of them are 0 in both. Compare "
            "the classes: argmax with y.",
        ),
        Mistake(
            lambda logits, y: (
                F.cross_entropy(logits, y),
                (_said(logits).round() == y[:, None]).float().mean(),
            ),
            "Rounding gives 0 or 1 for each class, and y is the number of a class. The answer is "
            "the argmax of a row.",
        ),
    ),
    hints=(
        "Ask of each line along which axis it works, and what F.cross_entropy wants to be given.",
        "F.cross_entropy takes logits. The answer for each picture is the argmax along dim=1, and "
        "it is the same for logits and probabilities.",
        "return F.cross_entropy(logits, y), (logits.argmax(dim=1) == y).float().mean()",
    ),
    notice="No softmax is left at all: the largest score has the largest probability, and the loss "
    "takes logits. The softmax is for readers who want to know how sure the model is.",
)

EXERCISES = {
    "softmax": SOFTMAX,
    "cross_entropy": CROSS_ENTROPY,
    "slope": SLOPE,
    "judge": JUDGE,
}

QUIZ = [
    Question(
        "100 is added to all ten scores of a picture. What happens to the probabilities that "
        "torch.softmax gives?",
        (
            "Nothing.",
            "Every power is multiplied by the same e¹⁰⁰, above and below the fraction line.",
        ),
        (
            ("They all become larger.", "They cannot: they still add up to 1."),
            (
                "The largest comes nearer to 1.",
                "Multiplying all scores by a number above 1 does that. Adding does not.",
            ),
            (
                "They become nan.",
                "The naive softmax would. PyTorch's subtracts the largest score first and does not "
                "even notice.",
            ),
        ),
        place=1,
    ),
    Question(
        "A fresh model with ten classes begins with a loss of 6.9. What does that tell you?",
        (
            "It is sure of wrong answers already.",
            "6.9 is −ln 0.001. Knowing nothing costs ln 10 ≈ 2.30, so its scores lie far apart "
            "before it has learned anything.",
        ),
        (
            (
                "It knows nothing, as a fresh model should.",
                "Knowing nothing costs ln 10 ≈ 2.30 with ten classes.",
            ),
            (
                "It is wrong on 69% of the pictures.",
                "The loss is no share of wrong answers. It is the mean of −ln p.",
            ),
            (
                "Its true classes get about a seventh each.",
                "1/7 would cost ln 7 ≈ 1.95. A loss of 6.9 means about e⁻⁶·⁹ = 0.001.",
            ),
        ),
        place=0,
    ),
    Question(
        "All weights and biases of the trained layer are multiplied by 10. What changes on the "
        "test digits?",
        (
            "The loss, not the accuracy.",
            "All scores grow tenfold, so the largest stays the largest. But the model is nearly "
            "sure of everything, also where it is wrong.",
        ),
        (
            (
                "Nothing: only differences between scores count.",
                "Right, and the differences have grown tenfold.",
            ),
            (
                "Loss and accuracy.",
                "The largest of ten scores stays the largest, so each answer stays.",
            ),
            (
                "The accuracy, not the loss.",
                "The answers stay. The probabilities move nearer to 0 and 1, and the loss sees it.",
            ),
        ),
        place=2,
    ),
    Question(
        "An nn.Linear(784, 10) was trained. What is a weight in a corner where no training digit "
        "has ink?",
        (
            "What it was at the start: its gradient is always 0.",
            "The slope of a weight is the error times the pixel, and the pixel is 0.",
        ),
        (
            (
                "0, because the corner does not matter.",
                "0 only if it started at 0. nn.Linear starts with small random numbers.",
            ),
            (
                "Negative, since ink there speaks against the digit.",
                "No ink was ever seen there, so nothing was learned from it.",
            ),
        ),
        place=0,
    ),
    Question(
        "On the test digits the answers of a model to which it gave 95% were right in 95 of 100. "
        "It says 95% of photos from another camera. What do you know?",
        (
            "How sure it is, and not how often it is right.",
            "Calibration was measured on one distribution. The digits moved by four pixels showed "
            "what it is worth on another: label some photos, and count.",
        ),
        (
            (
                "About 95 of 100 of these answers are right, too.",
                "So it was on the digits like those it learned from. The digits moved by four "
                "pixels kept 73% and were right in one of five.",
            ),
            (
                "Most of these answers are wrong.",
                "They may be right: a mean value and a new camera do not tell. Label some, and "
                "count.",
            ),
            (
                "It would say less if it did not know the photos.",
                "The softmax shares out 100% among the ten classes, whatever comes in.",
            ),
        ),
        place=1,
    ),
]
