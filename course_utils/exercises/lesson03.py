"""Exercises and quiz of lesson 03, How does one layer read ten digits?"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- softmax: row by row, for scores of any size -----------------------------------------------


def _softmax(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.max(dim=1, keepdim=True).values)
    return power / power.sum(dim=1, keepdim=True)


def _softmax_naive(Z: Tensor) -> Tensor:
    return Z.exp() / Z.exp().sum(dim=1, keepdim=True)


def _softmax_of_columns(Z: Tensor) -> Tensor:
    return torch.softmax(Z, dim=0)


def _softmax_of_everything(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.max(dim=1, keepdim=True).values)
    return power / power.sum()


def _softmax_largest_of_all(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.max())
    return power / power.sum(dim=1, keepdim=True)


def _softmax_largest_of_columns(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.max(dim=0).values)
    return power / power.sum(dim=1, keepdim=True)


def _softmax_minus_mean(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.mean(dim=1, keepdim=True))
    return power / power.sum(dim=1, keepdim=True)


def _softmax_minus_first(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z[:, :1])
    return power / power.sum(dim=1, keepdim=True)


def _softmax_size_of_largest(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.abs().max(dim=1, keepdim=True).values)
    return power / power.sum(dim=1, keepdim=True)


def _softmax_without_keepdim(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.max(dim=1, keepdim=True).values)
    return power / power.sum(dim=1)


def _softmax_without_values(Z: Tensor) -> Tensor:
    power = torch.exp(Z - Z.max(dim=1, keepdim=True))
    return power / power.sum(dim=1, keepdim=True)


def _powers(Z: Tensor) -> Tensor:
    return torch.exp(Z - Z.max(dim=1, keepdim=True).values)


def _softmax_divided(Z: Tensor) -> Tensor:
    power = torch.exp(Z / Z.max(dim=1, keepdim=True).values)
    return power / power.sum(dim=1, keepdim=True)


def _softmax_half_shifted(Z: Tensor) -> Tensor:
    return torch.exp(Z - Z.max(dim=1, keepdim=True).values) / Z.exp().sum(dim=1, keepdim=True)


def _shares(Z: Tensor) -> Tensor:
    return Z / Z.sum(dim=1, keepdim=True)


def _score_cases() -> list[tuple[Tensor]]:
    generator = torch.Generator().manual_seed(3)
    return [
        (torch.tensor([[1.0, 1.0]]),),
        (torch.tensor([[2.0, 1.0, 0.0]]),),
        (torch.tensor([[0.0, 1.0], [2.0, 2.0]]),),
        (torch.tensor([[1000.0, 1000.0]]),),
        (torch.tensor([[1000.0, 1001.0], [-2.0, -1.0]]),),
        (torch.tensor([[1000.0, -1000.0, 0.0]]),),
        (torch.tensor([[-1000.0, 0.0, 1000.0]]),),
        (torch.tensor([[-60.0, -61.0]]),),
        (torch.tensor([[-1000.0, -1001.0]]),),
        (3 * torch.randn(4, 10, generator=generator),),
    ]


SOFTMAX = Exercise(
    title="a softmax that does not overflow",
    reference=_softmax,
    cases=_score_cases,
    mistakes=(
        Mistake(
            _softmax_naive,
            "Right for small scores. exp(1000) overflows to inf, and inf / inf is nan. Subtract "
            "the largest score of each row first.",
        ),
        Mistake(
            _softmax_of_columns,
            "Your columns add up to 1, not your rows. A row is one picture: its ten probabilities "
            "lie along dim=1.",
        ),
        Mistake(
            _softmax_of_everything,
            "All numbers together add up to 1. Each row must: sum with dim=1, keepdim=True.",
        ),
        Mistake(
            _softmax_largest_of_all,
            "You subtract the largest score of the whole tensor. A row far below it becomes 0 / 0. "
            "Take the largest of each row: Z.max(dim=1, keepdim=True).values.",
        ),
        Mistake(
            _softmax_largest_of_columns,
            "Z.max(dim=0) finds the largest of each column. Each row needs its own: "
            "Z.max(dim=1, keepdim=True).values.",
        ),
        Mistake(
            _softmax_minus_mean,
            "Subtracting the mean is allowed, but it is not enough: a score far above the mean "
            "still overflows. After subtracting the largest, no score is above 0.",
        ),
        Mistake(
            _softmax_minus_first,
            "Subtracting the first score is allowed, but another one may lie far above it and "
            "overflow. Subtract the largest.",
        ),
        Mistake(
            _softmax_size_of_largest,
            "You subtract the largest size, sign left out. Where all scores are far below 0 that "
            "pushes them further down, and 0 / 0 is left. Leave the abs() out.",
        ),
        Mistake(
            _softmax_without_keepdim,
            "The sum over a row has lost its axis: of shape (N,), it is laid along the columns. "
            "Write power.sum(dim=1, keepdim=True).",
        ),
        Mistake(
            _softmax_without_values,
            "Z.max(dim=1) gives two things, the largest scores and their places. Take the first "
            "with .values.",
        ),
        Mistake(
            _powers,
            "These are the powers. Divide each row by its sum, so that it adds up to 1.",
        ),
        Mistake(
            lambda Z: torch.log_softmax(Z, dim=1),
            "These are the logarithms of the probabilities. The probabilities themselves are "
            "wanted.",
        ),
        Mistake(
            _softmax_divided,
            "You divide by the largest score. That changes the answer; only subtracting the same "
            "number from all scores leaves it alone.",
        ),
        Mistake(
            _softmax_half_shifted,
            "You subtract the largest score above the fraction line but not below it. Compute the "
            "powers once, then use them in both places.",
        ),
        Mistake(
            _shares,
            "You divide the scores by their sum. Scores may be negative; raise e to each of them "
            "first.",
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


def _entropy_of_naive(Z: Tensor, y: Tensor) -> Tensor:
    return -_softmax_naive(Z)[torch.arange(len(y)), y].log().mean()


def _entropy_log_of_softmax(Z: Tensor, y: Tensor) -> Tensor:
    return -torch.softmax(Z, dim=1)[torch.arange(len(y)), y].log().mean()


def _entropy_naive_logsumexp(Z: Tensor, y: Tensor) -> Tensor:
    return (Z.exp().sum(dim=1).log() - Z[torch.arange(len(y)), y]).mean()


def _entropy_summed(Z: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(Z, y, reduction="sum")


def _entropy_each(Z: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(Z, y, reduction="none")


def _entropy_negative(Z: Tensor, y: Tensor) -> Tensor:
    return -F.cross_entropy(Z, y)


def _entropy_twice(Z: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(torch.softmax(Z, dim=1), y)


def _entropy_largest_of_all(Z: Tensor, y: Tensor) -> Tensor:
    largest = Z.max()
    log_sum_exp = largest + (Z - largest).exp().sum(dim=1).log()
    return (log_sum_exp - Z[torch.arange(len(y)), y]).mean()


def _entropy_not_added_back(Z: Tensor, y: Tensor) -> Tensor:
    largest = Z.max(dim=1, keepdim=True).values
    return ((Z - largest).exp().sum(dim=1).log() - Z[torch.arange(len(y)), y]).mean()


def _entropy_of_columns(Z: Tensor, y: Tensor) -> Tensor:
    return (torch.logsumexp(Z, dim=0) - Z[torch.arange(len(y)), y]).mean()


def _entropy_first_only(Z: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(Z[:1], y[:1]) / len(y)


def _entropy_behind_best(Z: Tensor, y: Tensor) -> Tensor:
    return (Z.max(dim=1).values - Z[torch.arange(len(y)), y]).mean()


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
        Mistake(
            _entropy_of_naive,
            "Right, until a score is large: exp(1000) is inf, and the loss becomes nan. Do not go "
            "through the probabilities; use torch.logsumexp.",
        ),
        Mistake(
            _entropy_log_of_softmax,
            "Your softmax is safe, but it rounds a tiny probability to 0, and log(0) is −inf. "
            "Do not go through the probabilities; use torch.logsumexp.",
        ),
        Mistake(
            _entropy_naive_logsumexp,
            "The formula is right, but exp(1000) is inf before the logarithm sees it. "
            "torch.logsumexp subtracts the largest score first.",
        ),
        Mistake(
            _entropy_summed,
            "You add the losses of all pictures up. Take their mean, so that the number does not "
            "depend on how many there are.",
        ),
        Mistake(_entropy_each, "You return a loss for each picture. Take the mean of them."),
        Mistake(
            _entropy_negative,
            "The sign is turned round. A loss is small when the answer is good, and −log p is "
            "never negative.",
        ),
        Mistake(
            _entropy_twice,
            "Your loss takes the softmax twice. F.cross_entropy wants logits, and computes the "
            "softmax itself.",
        ),
        Mistake(
            _entropy_largest_of_all,
            "You subtract the largest score of the whole tensor. For a row far below it all powers "
            "become 0, and log(0) is −inf. Each row needs its own largest: dim=1.",
        ),
        Mistake(
            _entropy_not_added_back,
            "The largest score m was subtracted before the powers. It has to be added back after "
            "the logarithm: m + log Σ exp(z − m).",
        ),
        Mistake(
            _entropy_of_columns,
            "logsumexp with dim=0 runs down the columns. The scores of one picture stand in a row: "
            "dim=1.",
        ),
        Mistake(
            _entropy_first_only,
            "Only the first picture is counted. Does the return stand inside the loop?",
        ),
        Mistake(
            _entropy_behind_best,
            "That is how far the true score stays behind the largest. log-sum-exp is a little more "
            "than the largest: use torch.logsumexp in its place.",
        ),
        Mistake(
            lambda Z, y: F.nll_loss(torch.softmax(Z, dim=1), y),
            "The logarithm is missing: you return minus the mean probability of the true class.",
        ),
        Mistake(
            _entropy_all_columns,
            "Z[:, y] takes for every picture the columns of all labels. To take one number from "
            "each row write Z[torch.arange(len(y)), y].",
        ),
    ),
    hints=(
        "Write −log of the softmax of the true class, and let the logarithm undo the exponential.",
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


def _slope_one_everywhere(Z: Tensor, y: Tensor) -> Tensor:
    return (torch.softmax(Z, dim=1) - 1) / len(y)


def _slope_minus_label(Z: Tensor, y: Tensor) -> Tensor:
    return (torch.softmax(Z, dim=1) - y[:, None]) / len(y)


def _slope_of_true_only(Z: Tensor, y: Tensor) -> Tensor:
    return _slope(Z, y) * F.one_hot(y, Z.shape[1])


def _slope_all_columns(Z: Tensor, y: Tensor) -> Tensor:
    P = torch.softmax(Z, dim=1)
    P[:, y] -= 1
    return P / len(y)


def _slope_cases() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(6)
    return [
        (torch.tensor([[0.0, 0.0]]), torch.tensor([1])),
        (torch.tensor([[2.0, 1.0, 0.0]]), torch.tensor([1])),
        (torch.tensor([[0.0, 2.0], [3.0, 1.0]]), torch.tensor([0, 1])),
        (torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 3.0]]), torch.tensor([2, 2])),
        (torch.randn(5, 10, generator=generator), torch.tensor([5, 0, 4, 1, 3])),
        (torch.tensor([[1000.0, 0.0]]), torch.tensor([1])),
    ]


SLOPE = Exercise(
    title="the slope of the loss at each score",
    reference=_slope,
    cases=_slope_cases,
    mistakes=(
        Mistake(
            lambda Z, y: torch.softmax(Z, dim=1) - F.one_hot(y, Z.shape[1]),
            "Right for one picture. The loss of N pictures is their mean, so each picture moves it "
            "only by 1/N of its own slope: divide by len(y).",
        ),
        Mistake(
            lambda Z, y: (F.one_hot(y, Z.shape[1]) - torch.softmax(Z, dim=1)) / len(y),
            "The sign is turned round. This is the way down; the slope says which way is up: what "
            "was said minus what is true.",
        ),
        Mistake(
            lambda Z, y: (Z - F.one_hot(y, Z.shape[1])) / len(y),
            "You subtract the one-hot row from the scores. It belongs to the probabilities: take "
            "the softmax first.",
        ),
        Mistake(
            lambda Z, y: (torch.softmax(Z, dim=0) - F.one_hot(y, Z.shape[1])) / len(y),
            "The softmax runs down the columns. The scores of one picture stand in a row: dim=1.",
        ),
        Mistake(
            lambda Z, y: torch.softmax(Z, dim=1) / len(y),
            "These are the probabilities alone. At the true class 1 is subtracted.",
        ),
        Mistake(
            _slope_one_everywhere,
            "You subtract 1 from every class. Only the true class has a 1 in its one-hot row, the "
            "others have a 0.",
        ),
        Mistake(
            _slope_minus_label,
            "You subtract the number of the class. A 7 is no larger a truth than a 1: turn y into "
            "one-hot rows, F.one_hot(y, Z.shape[1]).",
        ),
        Mistake(
            _slope_of_true_only,
            "The true class is right, and the others are left at 0. But raising a wrong score "
            "raises the loss as well: its slope is its probability.",
        ),
        Mistake(
            _slope_all_columns,
            "P[:, y] takes for every picture the columns of all labels. To change one number in "
            "each row write P[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda Z, y: (torch.softmax(Z, dim=1) - F.one_hot(y, Z.shape[1])).mean(dim=0),
            "You took the mean over the pictures. Each picture keeps its own row of slopes; only "
            "divide by their number.",
        ),
        Mistake(
            lambda Z, y: (torch.softmax(Z, dim=1) - F.one_hot(y, Z.shape[1])) / Z.shape[1],
            "You divide by the number of classes. The mean runs over the pictures: len(y).",
        ),
        Mistake(
            lambda Z, y: (torch.softmax(Z, dim=1) - F.one_hot(y)) / len(y),
            "F.one_hot(y) alone takes the largest label in the batch for the last class. Say how "
            "many classes there are: F.one_hot(y, Z.shape[1]).",
        ),
        Mistake(
            lambda Z, y: (_softmax_naive(Z) - F.one_hot(y, Z.shape[1])) / len(y),
            "Right for small scores, but exp(1000) overflows. Use torch.softmax.",
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


def _judge_twice(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    probs = torch.softmax(logits, dim=1)
    return F.cross_entropy(probs, y), (probs.argmax(dim=1) == y).float().mean()


def _judge_twice_and_flat(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    probs = torch.softmax(logits, dim=1)
    return F.cross_entropy(probs, y), (probs.argmax() == y).float().mean()


def _judge_columns_twice(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    probs = torch.softmax(logits, dim=0)
    return F.cross_entropy(probs, y), (probs.argmax(dim=1) == y).float().mean()


def _judge_flat(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return F.cross_entropy(logits, y), (logits.argmax() == y).float().mean()


def _judge_columns(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return F.cross_entropy(logits, y), (logits.argmax(dim=0) == y).float().mean()


def _judge_columns_of_probs(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    probs = torch.softmax(logits, dim=0)
    return F.cross_entropy(logits, y), (probs.argmax(dim=1) == y).float().mean()


def _judge_places_of_values(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return F.cross_entropy(logits, y), (logits.max(dim=1).values == y).float().mean()


def _judge_through_logarithms(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    probs = torch.softmax(logits, dim=1)
    return F.cross_entropy(probs.log(), y), (probs.argmax(dim=1) == y).float().mean()


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
        (3 * torch.randn(8, 10, generator=generator), torch.tensor([5, 0, 4, 1, 9, 2, 1, 3])),
        (torch.tensor([[1000.0, 0.0]]), torch.tensor([1])),
    ]


JUDGE = Exercise(
    title="find the mistakes: loss and accuracy from logits",
    reference=_judge,
    cases=_judge_cases,
    mistakes=(
        Mistake(_judge_as_found, "That is still the snippet: three things in it are wrong."),
        Mistake(
            _judge_twice,
            "The rows add up to 1 now and the accuracy is right. But F.cross_entropy takes the "
            "softmax itself, so it is taken twice: the loss can never fall below 1.46 with ten "
            "classes. Give it the logits.",
        ),
        Mistake(
            _judge_twice_and_flat,
            "The softmax runs along the right axis now. Two mistakes are left: F.cross_entropy "
            "takes the softmax itself, and argmax without dim looks through the whole batch.",
        ),
        Mistake(
            _judge_columns_twice,
            "argmax is right now. Two mistakes are left: the softmax compares pictures with each "
            "other (dim=0), and F.cross_entropy wants logits anyway.",
        ),
        Mistake(
            _judge_flat,
            "The loss is right. argmax() without dim returns one position in the whole batch. "
            "Each row needs its own: dim=1.",
        ),
        Mistake(
            _judge_columns,
            "The loss is right. argmax(dim=0) asks which picture has the highest score for each "
            "class. You want the class for each picture: dim=1.",
        ),
        Mistake(
            _judge_columns_of_probs,
            "The loss is right. The softmax for the accuracy still runs down the columns "
            "(dim=0), so a picture's own scores are not compared with each other.",
        ),
        Mistake(
            lambda logits, y: _judge(logits, y)[::-1],
            "Both numbers are right, in the other order. Loss first, then accuracy.",
        ),
        Mistake(
            lambda logits, y: (_judge(logits, y)[0], 1 - _judge(logits, y)[1]),
            "The loss is right. Your second number is the share of wrong answers.",
        ),
        Mistake(
            lambda logits, y: (_judge(logits, y)[0], (logits.argmax(dim=1) == y).sum()),
            "The loss is right. You count the right answers; their share is wanted: the mean.",
        ),
        Mistake(
            lambda logits, y: _judge(logits, y)[0],
            "Only the loss comes back. Return two things: return loss, accuracy",
        ),
        Mistake(
            _judge_places_of_values,
            "The loss is right. max gives the largest score; which class has it, argmax says.",
        ),
        Mistake(
            _judge_through_logarithms,
            "Right for small scores. But a tiny probability is rounded to 0, and its logarithm is "
            "−inf. F.cross_entropy takes the logits as they are.",
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
        "A fresh model with ten classes knows nothing. About how large is its loss?",
        ("2.3", "It gives each class about 1/10, and −log(1/10) = log 10 ≈ 2.30."),
        (
            ("0.1", "0.1 is the probability of each class. The loss is −log of it."),
            ("0.9", "0.9 is the share of wrong answers, not the cross-entropy."),
            ("10", "A loss of 10 would mean p = e⁻¹⁰: surely wrong, not merely ignorant."),
        ),
        place=0,
    ),
    Question(
        "Why does F.cross_entropy take logits and not probabilities?",
        (
            "The logarithm and the exponential are taken together, so nothing over- or underflows.",
            "log-sum-exp minus the true score never forms a probability that could round to 0.",
        ),
        (
            (
                "Because probabilities need more memory.",
                "They need as much: one number for each score.",
            ),
            (
                "Because logits are always positive.",
                "They may be any number; that is why e is raised to them.",
            ),
            (
                "It is a convention, both work as well.",
                "Given probabilities it runs, takes a second softmax, and its loss for ten classes "
                "stays above 1.46.",
            ),
        ),
        place=2,
    ),
    Question(
        "The model gives the true class 0.8. What is the slope of the loss at that class's score?",
        ("−0.2", "p − 1 = −0.2: raising this score lowers the loss, but only a little."),
        (
            ("0.8", "That is p. For the true class the one-hot 1 is subtracted."),
            ("0.2", "The sign matters: the loss falls as this score rises."),
            ("−0.8", "That would be the pull at p = 0.2. Here the model is nearly right."),
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
        "A test digit is moved by four pixels. Why does the model fail?",
        (
            "Each weight belongs to one fixed pixel, so the ink meets other weights.",
            "To a linear layer a moved digit is a new pattern. Centring, or lesson 06, helps.",
        ),
        (
            (
                "The ink is cut off at the edge.",
                "After four pixels more than 99% of the ink is still in the picture.",
            ),
            (
                "It was trained for too few epochs.",
                "No number of epochs shows it a moved digit, if there is none in the data.",
            ),
            ("Moving makes the picture blurred.", "A move by whole pixels changes no grey value."),
        ),
        place=1,
    ),
]
