"""Exercises and quiz of lesson 00, Can a computer read your handwriting?"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- mse: mean squared error -------------------------------------------------------------------


def _mse(y_hat: Tensor, y: Tensor) -> Tensor:
    return ((y_hat - y) ** 2).mean()


def _mse_unsquared(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y).mean()


def _mse_absolute(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y).abs().mean()


def _mse_sum(y_hat: Tensor, y: Tensor) -> Tensor:
    return ((y_hat - y) ** 2).sum()


def _mse_each(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y) ** 2


def _mse_of_mean(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y).mean() ** 2


def _mse_first(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat[0] - y[0]) ** 2 / len(y)


def _mse_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(2)
    random = [
        (torch.randn(n, generator=generator), torch.randn(n, generator=generator)) for n in (4, 30)
    ]
    return [
        (torch.tensor([4.0]), torch.tensor([1.0])),
        (torch.tensor([1.0, 3.0]), torch.tensor([2.0, 1.0])),
        (torch.tensor([3.0, 1.0]), torch.tensor([2.0, 2.0])),
        *random,
    ]


MSE = Exercise(
    title="the mean squared error",
    reference=_mse,
    cases=_mse_cases,
    mistakes=(
        Mistake(
            _mse_unsquared,
            "The square is missing, so errors above and below cancel: a reader that is 1 too high "
            "and then 1 too low would count as perfect.",
        ),
        Mistake(
            _mse_absolute,
            "That is the mean absolute error, another good loss. Here each error is squared.",
        ),
        Mistake(
            _mse_sum,
            "That is the sum of the squares. Divide by their number, else more data look like more "
            "error.",
        ),
        Mistake(
            _mse_each,
            "These are the squared errors, one for each prediction. Take their mean: one number.",
        ),
        Mistake(
            _mse_of_mean,
            "First square, then take the mean. You did it the other way round, so errors above "
            "and below cancel before they are squared.",
        ),
        Mistake(
            _mse_first,
            "Only the first prediction was counted. Does a return stand inside the loop? It ends "
            "the function in the first round.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat[-1] - y[-1]) ** 2 / len(y),
            "Only the last prediction was counted: = forgets what was there, += adds to it.",
        ),
        Mistake(
            lambda y_hat, y: sum((y_hat[i] - y[i]) ** 2 for i in range(3)) / 3,
            "Three rounds fit the table only. Write range(len(y)), or do without a loop.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y**2).mean(),
            "Only y is squared here: ** comes before −. Put brackets round the difference.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y) ^ 2,
            "In Python ^ is no power. Write ** 2.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).sum() / 3,
            "The table has three predictions, other tensors more or fewer: divide by len(y), or "
            "let .mean() count.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).mean().sqrt(),
            "That is the root of the mean squared error. Leave the root out.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) * 2).mean(),
            "* 2 doubles. The square is ** 2.",
        ),
        Mistake(
            lambda y_hat, y: (y - y_hat).mean(),
            "The square is missing, so errors above and below cancel. With it, y - y_hat is as "
            "good as y_hat - y.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).mean() / 2,
            "Half of it. There is no 2 in the formula: the sum is divided by n alone.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y).abs().sum(),
            "Two things: the errors are not squared, only made positive, and the mean is missing.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y).sum(),
            "Two things: the square is missing, so errors cancel, and the mean is missing.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y).sum() ** 2,
            "First square each error, then add up and divide by their number. You add up first, so "
            "errors above and below cancel.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y).sum() ** 2 / len(y),
            "First square each error, then add up. You do it the other way round, so errors above "
            "and below cancel.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat**2 - y**2).mean(),
            "You square both and subtract then. Subtract first: (y_hat - y) ** 2.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat + y) ** 2).mean(),
            "You add prediction and truth. The error is their difference, ŷ − y.",
        ),
        Mistake(
            lambda y_hat, y: y_hat - y,
            "These are the errors. Square each, then take the mean: one number.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y).abs(),
            "These are the sizes of the errors. Square each error, then take the mean: one number.",
        ),
        Mistake(
            lambda y_hat, y: y_hat - y**2,
            "Only y is squared: ** comes before −. Put brackets round the difference, then take "
            "the mean.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y) ** 2 / len(y),
            "Divided by n, but not added up: one number is left of all.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).mean(dim=1),
            "dim=1 asks for a second axis, and these tensors have one only. .mean() needs no dim.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).sum() / (len(y) - 1),
            "You divide by n − 1. A mean of n numbers divides by n.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat - y).var(),
            "That is the variance of the errors: their own mean is subtracted first. A reader that "
            "is always 1 too high would count as perfect.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).median(),
            "That is the median, the one in the middle. Wanted is the mean.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat[0] - y[0]) ** 2,
            "That is the square of the first error alone. Does a return stand inside the loop? It "
            "ends the function in the first round.",
        ),
        Mistake(
            lambda y_hat, y: (y_hat[-1] - y[-1]) ** 2,
            "Only the last prediction was counted, and nothing is divided: add up with +=, then "
            "divide by len(y).",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat[1:] - y[1:]) ** 2).sum() / len(y),
            "The first prediction is left out. Counting starts at 0: range(len(y)).",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat[:-1] - y[:-1]) ** 2).sum() / len(y),
            "The last prediction is left out. range(n) ends before n by itself: range(len(y)).",
        ),
        Mistake(
            lambda y_hat, y: sum((y_hat[i] - y[i]) ** 2 for i in range(1, len(y) + 1)) / len(y),
            "Counting starts at 0, so the last of n numbers is number n − 1: range(len(y)).",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).sum().sqrt(),
            "That is the length of the vector of errors. Leave the root out, and divide by n.",
        ),
        Mistake(
            lambda y_hat, y: ((y_hat - y) ** 2).max(),
            "Only the largest counts in yours. Wanted is the mean of all.",
        ),
        Mistake(
            lambda y_hat, y: 0.0,
            "Always 0: nothing is added up. total + … alone forgets its result; write total += …",
        ),
    ),
    hints=(
        "Follow the columns of the table: error, squared, mean.",
        "Subtract y from ŷ, square each difference, take the mean of all.",
        "On tensors: ** 2 squares every number, .mean() gives the mean.",
    ),
    notice="One line works for three predictions and for three million: tensors subtract, square "
    "and average all their numbers at once.",
)

# --- cross_entropy: how surprised by the truth ------------------------------------------------


def _truth(probs: Tensor, y: Tensor) -> Tensor:
    """Return the probability given to the right answer in each row: (N, K), (N,) -> (N,)."""
    return probs[torch.arange(len(y)), y]


def _cross_entropy(probs: Tensor, y: Tensor) -> Tensor:
    return -_truth(probs, y).log().mean()


def _cross_entropy_sign(probs: Tensor, y: Tensor) -> Tensor:
    return _truth(probs, y).log().mean()


def _cross_entropy_no_log(probs: Tensor, y: Tensor) -> Tensor:
    return 1 - _truth(probs, y).mean()


def _cross_entropy_of_mean(probs: Tensor, y: Tensor) -> Tensor:
    return -_truth(probs, y).mean().log()


def _cross_entropy_all(probs: Tensor, y: Tensor) -> Tensor:
    return -probs.log().mean()


def _cross_entropy_largest(probs: Tensor, y: Tensor) -> Tensor:
    return -probs.max(dim=1).values.log().mean()


def _cross_entropy_log10(probs: Tensor, y: Tensor) -> Tensor:
    return -_truth(probs, y).log10().mean()


def _cross_entropy_sum(probs: Tensor, y: Tensor) -> Tensor:
    return -_truth(probs, y).log().sum()


def _cross_entropy_first(probs: Tensor, y: Tensor) -> Tensor:
    return -_truth(probs, y).log()[0] / len(y)


def _cross_entropy_math_log(probs: Tensor, y: Tensor) -> float:
    return -math.log(_truth(probs, y))


def _cross_entropy_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(3)
    random = torch.randn(6, 10, generator=generator).softmax(1)
    return [
        (torch.tensor([[0.75, 0.25]]), torch.tensor([0])),
        (torch.tensor([[0.75, 0.25]]), torch.tensor([1])),
        (torch.tensor([[0.5, 0.5], [0.1, 0.9]]), torch.tensor([1, 0])),
        (random, torch.tensor([3, 1, 4, 1, 5, 9])),
    ]


CROSS_ENTROPY = Exercise(
    title="the cross-entropy",
    reference=_cross_entropy,
    cases=_cross_entropy_cases,
    mistakes=(
        Mistake(
            _cross_entropy_sign,
            "The sign is turned. The logarithm of a probability is never above 0; the minus makes "
            "a loss of it, which is large when things are bad.",
        ),
        Mistake(
            _cross_entropy_no_log,
            "There is no logarithm here. Being sure and wrong (p near 0) must cost far more than "
            "1.",
        ),
        Mistake(
            _cross_entropy_of_mean,
            "First the logarithm of each probability, then the mean. You took the logarithm of "
            "the mean.",
        ),
        Mistake(
            _cross_entropy_all,
            "You averaged over all classes. Only the probability of the right answer counts in "
            "each row.",
        ),
        Mistake(
            _cross_entropy_largest,
            "You took the largest probability of each row, as if the model were always right. "
            "Take the one that stands at position y.",
        ),
        Mistake(
            _cross_entropy_log10,
            "That is the logarithm to base 10. The loss takes the natural one: .log().",
        ),
        Mistake(
            _cross_entropy_sum,
            "That is the sum of all losses. Take their mean, so that the loss does not grow with "
            "the number of examples.",
        ),
        Mistake(
            lambda probs, y: -probs[:, y].log().mean(),
            "Yours takes all the columns in y from every row, as probs[:, y] does. Wanted is one "
            "number from each row: probs[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda probs, y: -probs[y].log().mean(),
            "Yours takes whole rows, those whose numbers are in y, as probs[y] does. Wanted is one "
            "number from each row: probs[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log(),
            "These are the losses of the single examples. Take their mean: one number.",
        ),
        Mistake(
            _cross_entropy_first,
            "Only the first example was counted. Does a return stand inside the loop? It ends the "
            "function in the first round.",
        ),
        Mistake(
            lambda probs, y: (-_truth(probs, y)).log().mean(),
            "The logarithm of a negative number does not exist (nan: not a number). First the "
            "logarithm, then the minus.",
        ),
        Mistake(
            _cross_entropy_math_log,
            "math.log takes a single number. For all numbers of a tensor at once write t.log().",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).mean(),
            "The logarithm was left out: the loss of an example is −ln p, not −p. (PyTorch's "
            "nll_loss does not take it either; it wants logarithms given.)",
        ),
        Mistake(
            F.cross_entropy,
            "PyTorch's cross_entropy does not want probabilities but the numbers before the "
            "softmax; lesson 03 has them. Take -ln of the probabilities yourself.",
        ),
        Mistake(
            lambda probs, y: _truth(probs, y).log().sum(),
            "Two things: the sign is turned, and the losses are added up. Take minus their mean.",
        ),
        Mistake(
            lambda probs, y: _truth(probs, y).log(),
            "Two things: the minus is missing, and the mean. −ln p for each, then one number.",
        ),
        Mistake(
            lambda probs, y: _truth(probs, y),
            "These are the right probabilities p. The loss of each is −ln p; take the mean of "
            "those.",
        ),
        Mistake(
            lambda probs, y: _truth(probs, y).mean(),
            "That is the mean probability of the right answers. Their logarithm is missing, and "
            "the minus before it.",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log2().mean(),
            "That is the logarithm to base 2. The loss takes the natural one: .log().",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log1p().mean(),
            "log1p is ln(1 + p). The loss takes ln p: .log().",
        ),
        Mistake(
            lambda probs, y: -(1 - _truth(probs, y)).log().mean(),
            "You take the logarithm of 1 − p, the probability of being wrong. Take that of p "
            "itself.",
        ),
        Mistake(
            lambda probs, y: -(_truth(probs, y) * _truth(probs, y).log()).mean(),
            "You multiply the logarithm by p once more. The loss of an example is −ln p alone.",
        ),
        Mistake(
            lambda probs, y: -(probs * probs.log()).sum(dim=1).mean(),
            "That is the entropy: how unsure the model is. The right answers y have no part in it. "
            "Take −ln of the probability in column y.",
        ),
        Mistake(
            lambda probs, y: -probs.log().sum(dim=1).mean(),
            "You add up over all classes. Only the probability of the right answer counts in each "
            "row.",
        ),
        Mistake(
            lambda probs, y: -probs.log(),
            "These are −ln of all probabilities. Only the one in column y counts in each row; take "
            "the mean of those.",
        ),
        Mistake(
            lambda probs, y: (probs.argmax(dim=1) == y).float().mean(),
            "That is the accuracy. The loss asks for more: which probability did the right answer "
            "get?",
        ),
        Mistake(
            lambda probs, y: (probs.argmax(dim=1) != y).float().mean(),
            "That is the share of wrong answers. The loss asks for more: which probability did the "
            "right answer get?",
        ),
        Mistake(
            lambda probs, y: ((1 - _truth(probs, y)) ** 2).mean(),
            "You square 1 − p. The loss of an example is −ln p, which grows without end as p nears "
            "0.",
        ),
        Mistake(
            lambda probs, y: (1 / _truth(probs, y)).mean(),
            "1/p is what stands inside: −ln p is the logarithm of 1/p. It is missing.",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).sum().log(),
            "First the logarithm of each probability, then the mean. You added the probabilities "
            "up first.",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log().sum() / probs.shape[1],
            "You divide by the number of classes. The mean is taken over the examples: len(y).",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log().mean() / probs.shape[1],
            "Too small by the number of classes: the mean goes over all places of the table. Only "
            "the examples count, one number from each row.",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log().sum() / 3,
            "The table has three examples, other tensors more or fewer: divide by len(y), or let "
            ".mean() count.",
        ),
        Mistake(
            lambda probs, y: F.binary_cross_entropy(
                probs, F.one_hot(y, probs.shape[1]).to(probs.dtype)
            ),
            "That asks each class by itself, yes or no, and counts the wrong ones, too. Only the "
            "probability of the right answer counts.",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log()[0],
            "That is the loss of the first example alone. Does a return stand inside the loop? It "
            "ends the function in the first round.",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log()[-1],
            "Only the last example was counted: add up with +=, then divide by len(y).",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log()[-1] / len(y),
            "Only the last example was counted: = forgets what was there, += adds to it.",
        ),
        Mistake(
            lambda probs, y: -probs[0, y].log().mean(),
            "You look into the first row only. Each example has a row of its own: "
            "probs[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda probs, y: -probs[y, torch.arange(len(y))].log().mean(),
            "Rows and columns are exchanged. The row comes first: probs[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda probs, y: -probs[torch.arange(probs.shape[1]), y].log().mean(),
            "torch.arange must count the rows, that is the examples: torch.arange(len(y)).",
        ),
        Mistake(
            lambda probs, y: -probs.gather(1, y).log().mean(),
            "gather wants y as a column, (N, 1): y[:, None]. Or write probs[torch.arange(len(y)), "
            "y].",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log().mean,
            "mean is a function; brackets call it: .mean().",
        ),
        Mistake(
            lambda probs, y: -sum(probs[i, y[i]].log() for i in range(3)) / 3,
            "Three rounds fit the table only. Write range(len(y)), or do without a loop.",
        ),
        Mistake(
            lambda probs, y: -_truth(probs, y).log().mean(dim=1),
            "dim=1 asks for a second axis, and p has one only. .mean() needs no dim.",
        ),
        Mistake(
            lambda probs, y: -probs.gather(1, y[:, None]).log(),
            "These are the losses of the single examples, in a column. Take their mean: one "
            "number.",
        ),
        Mistake(
            lambda probs, y: 0.0,
            "Always 0: nothing is added up. total + … alone forgets its result; write total += …",
        ),
    ),
    hints=(
        "Which numbers of the table of probabilities does the loss look at?",
        "In row i the one in column y[i]. Take −log of each, then the mean.",
        "p = probs[torch.arange(len(y)), y] picks them; then −p.log().mean().",
    ),
    notice="A model that gives the truth probability 1 has loss 0. One that gives it probability "
    "0 has an infinite loss: never say never.",
)

# --- accuracy: find the mistake ----------------------------------------------------------------

Classifier = Callable[[float], int]


def _right(classify: Classifier, X: list, y: list) -> int:
    return sum(int(classify(x) == label) for x, label in zip(X, y, strict=True))


def _accuracy(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return _right(classify, X_test, y_test) / len(y_test)


def _accuracy_as_given(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return _right(classify, X_train, y_train) / len(y_test)


def _accuracy_train(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return _right(classify, X_train, y_train) / len(y_train)


def _accuracy_divisor(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return _right(classify, X_test, y_test) / len(y_train)


def _accuracy_count(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> int:
    return _right(classify, X_test, y_test)


def _accuracy_errors(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return 1 - _accuracy(classify, X_train, y_train, X_test, y_test)


def _accuracy_first(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return _right(classify, X_test[:1], y_test[:1]) / len(y_test)


def _accuracy_last(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return _right(classify, X_test[-1:], y_test[-1:]) / len(y_test)


def _accuracy_mixed(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    pairs = zip(X_test, y_train, strict=False)  # stops where the shorter one ends
    return sum(classify(x) == label for x, label in pairs) / len(y_test)


def _accuracy_whole(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return _accuracy(classify, [], [], X_train + X_test, y_train + y_test)


def _accuracy_percent(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return 100 * _accuracy(classify, X_train, y_train, X_test, y_test)


def is_positive(x: float) -> int:
    """Classify a number: 1 if it is above 0, else 0. A model for the cases of this exercise."""
    return int(x > 0)


def last_digit(x: int) -> int:
    """Classify a whole number by its last digit, 0 to 9. Another model for the cases."""
    return x % 10


def to_thousands(x: int) -> int:
    """Classify a whole number by the thousands that are nearest. Its answers are large numbers."""
    return 1000 * round(x / 1000)


def _accuracy_cases() -> list[tuple]:
    return [
        (is_positive, [1, 2, -1], [1, 1, 0], [3, -3], [1, 1]),
        (is_positive, [1, 2, -1, -2, 3, 4], [1, 1, 0, 0, 0, 1], [5, -5, 6, -6], [1, 0, 1, 1]),
        (is_positive, [1, -1], [0, 1], [1, 3, -4], [1, 1, 0]),
        (is_positive, [1, -1], [0, 0], [-2, 3, -4], [1, 1, 0]),  # the first are read wrongly
        (last_digit, [40, 51], [0, 1], [17, 23, 98], [7, 8, 8]),
        (to_thousands, [900], [1000], [2100, 4900, 3300], [2000, 5000, 4000]),
    ]


def _accuracy_is(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return sum(classify(x) is label for x, label in zip(X_test, y_test, strict=True)) / len(y_test)


def _accuracy_plus_sign(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return min(_right(classify, X_test, y_test), 1) / len(y_test)


def _accuracy_unzipped(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return sum(classify(x) == y for x, y in (X_test, y_test)) / len(y_test)


def _accuracy_by_place(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return sum(classify(X_test[i]) == y_train[i] for i in range(len(y_test))) / len(y_test)


def _accuracy_mixed_back(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    pairs = zip(X_train, y_test, strict=False)
    return sum(classify(x) == label for x, label in pairs) / len(y_test)


def _accuracy_as_many_as_train(
    classify: Classifier, X_train: list, y_train: list, X_test: list, y_test: list
) -> float:
    return sum(classify(X_test[i]) == y_test[i] for i in range(len(y_train))) / len(y_test)


ACCURACY = Exercise(
    title="the share of new examples that a model gets right",
    reference=_accuracy,
    cases=_accuracy_cases,
    mistakes=(
        Mistake(
            _accuracy_as_given,
            "This is the function as it was given. It counts on one set and divides by the size "
            "of another, and the set on which it counts is the wrong one.",
        ),
        Mistake(
            _accuracy_train,
            "The division is right now, but you still ask about examples that the model was "
            "trained on. That is not the question.",
        ),
        Mistake(
            _accuracy_divisor,
            "You count on the test examples now. Divide by how many of those there are.",
        ),
        Mistake(_accuracy_count, "That is the number of right answers. Their share is wanted."),
        Mistake(_accuracy_errors, "That is the share of wrong answers: 1 minus the accuracy."),
        Mistake(
            _accuracy_first,
            "Only the first test example was counted. Does the return stand inside the loop? It "
            "ends the function in the first round.",
        ),
        Mistake(
            _accuracy_last,
            "Only the last test example was counted: = forgets what was there, += adds to it.",
        ),
        Mistake(
            _accuracy_mixed,
            "You compare the answers on test examples with the labels of training examples. Both "
            "must come from the same set.",
        ),
        Mistake(
            _accuracy_whole,
            "You count training and test examples together. Only the new ones are asked for.",
        ),
        Mistake(_accuracy_percent, "That is in percent. A share lies between 0 and 1."),
        Mistake(
            _accuracy_is,
            "is asks whether both are one and the same object, and equal numbers need not be. "
            "Compare with ==.",
        ),
        Mistake(
            _accuracy_plus_sign,
            "It stops counting at 1. r =+ 1 puts +1 there; r += 1 adds 1.",
        ),
        Mistake(
            _accuracy_unzipped,
            "zip is missing: without it the loop goes over the two lists themselves, not over "
            "pairs of an x and its y.",
        ),
        Mistake(
            _accuracy_by_place,
            "y_train[i] is no label of X_test[i]. Take both from the test set.",
        ),
        Mistake(
            _accuracy_mixed_back,
            "You compare the answers on training examples with the labels of test examples. Both "
            "must come from the test set.",
        ),
        Mistake(
            _accuracy_as_many_as_train,
            "The test set is walked through as many times as there are training examples. Count to "
            "len(y_test).",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                _right(classify, X_test, y_test) // len(y_test)
            ),
            "// divides without a remainder, so only 0 and 1 come out. Write /.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                _right(classify, X_train, y_train) // len(y_test)
            ),
            "Two things: you count on training examples, and // divides without a remainder. "
            "Count on the test examples, and divide by their number with /.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                _right(classify, X_test, y_test) / len(X_test + X_train)
            ),
            "You divide by the number of all examples. Only the test examples were counted.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                (
                    _accuracy(classify, [], [], X_train, y_train)
                    + _accuracy(classify, [], [], X_test, y_test)
                )
                / 2
            ),
            "You take the mean of both accuracies. The one on training examples is too kind; leave "
            "it out.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                1 - _right(classify, X_train, y_train) / len(y_train)
            ),
            "That is the share of wrong answers, and on training examples. Wanted is the share of "
            "right ones among the test examples.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                len(y_test) - _right(classify, X_test, y_test)
            ),
            "That is the number of wrong answers. Wanted is the share of right ones.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: _right(classify, X_train, y_train),
            "That is the number of right answers on training examples. Wanted is their share on "
            "test examples.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                _right(classify, X_test[1:], y_test[1:]) / len(y_test)
            ),
            "The first test example is left out. Counting starts at 0.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                _right(classify, X_test[:-1], y_test[:-1]) / len(y_test)
            ),
            "The last test example is left out. range(n) ends before n by itself.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: classify(X_test[0]) == y_test[0],
            "Only the first test example was looked at. Does the return stand inside the loop? It "
            "ends the function in the first round.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: classify(X_test[-1]) == y_test[-1],
            "Only the last test example was looked at. Count the right ones, and divide by "
            "len(y_test).",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                _right(classify, X_train[:1], y_train[:1]) / len(y_test)
            ),
            "Two things: you ask about training examples, and only about the first. A return "
            "inside the loop ends the function in its first round.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                sum(x == y for x, y in zip(X_test, y_test, strict=True)) / len(y_test)
            ),
            "The model is never asked about the examples. Compare classify(x), its answer, with y.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                sum(classify(x) for x in X_test) / len(y_test)
            ),
            "You add the answers up. Count how many of them equal y: classify(x) == y.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: classify(X_test) == y_test,
            "This model takes one example at a time. Loop over the test examples.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: [
                classify(x) == y for x, y in zip(X_test, y_test, strict=True)
            ],
            "This says for each test example whether it was right. Wanted is the share: their sum, "
            "divided by their number.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                f"{_accuracy(classify, X_train, y_train, X_test, y_test):.0%}"
            ),
            "That is a text. Return the number itself; whoever wants to can print it in percent.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: _right(classify, X_test, y_test) > 0,
            "This says whether any is right: a return inside the loop ends it at the first. Count "
            "first, divide after the loop.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                len(y_test) / _right(classify, X_test, y_test)
            ),
            "Upside down: the right ones, divided by all.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                2 * _accuracy(classify, X_train, y_train, X_test, y_test) - 1
            ),
            "A wrong answer takes one away in yours. For a share it adds nothing.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                sum(classify(x) in y_test for x in X_test) / len(y_test)
            ),
            "You ask whether the answer is somewhere in y_test. It must equal the y of its own "
            "example: zip(X_test, y_test).",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                sum(classify(x) - y for x, y in zip(X_test, y_test, strict=True)) / len(y_test)
            ),
            "You subtract. Whether two are equal says ==.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: (
                _right(classify, X_train + X_test, y_train + y_test) / len(y_test)
            ),
            "Training and test examples are counted together. Only the new ones are asked for.",
        ),
        Mistake(
            lambda classify, X_train, y_train, X_test, y_test: 0.0,
            "Always 0: nothing is counted. right + 1 alone forgets its result; write right += 1.",
        ),
    ),
    hints=(
        "On which examples should a model be judged? And can a share be above 1?",
        "Count right answers on the test examples, and divide by the number of test examples.",
        "Loop over zip(X_test, y_test) and divide by len(y_test).",
    ),
    notice="The wrong divisor betrays itself by 372%. The wrong examples do not: 93% looks well. "
    "The mistakes that look well are the ones to fear.",
)

# --- nearest: which mean is the nearest? -------------------------------------------------------


def _distances(x: Tensor, means: Tensor) -> Tensor:
    return ((means - x) ** 2).sum(dim=1)  # (K, D) -> (K,)


def _nearest(x: Tensor, means: Tensor) -> Tensor:
    return _distances(x, means).argmin()


def _nearest_farthest(x: Tensor, means: Tensor) -> Tensor:
    return _distances(x, means).argmax()


def _nearest_column(x: Tensor, means: Tensor) -> Tensor:
    return ((means - x) ** 2).sum(dim=0).argmin()


def _nearest_unsquared(x: Tensor, means: Tensor) -> Tensor:
    return (means - x).sum(dim=1).argmin()


def _nearest_distance(x: Tensor, means: Tensor) -> Tensor:
    return _distances(x, means).min()


def _nearest_no_dim(x: Tensor, means: Tensor) -> Tensor:
    return ((means - x) ** 2).argmin()


def _nearest_ten(x: Tensor, means: Tensor) -> int:
    distances = [((means[k] - x) ** 2).sum().item() for k in range(10)]
    return distances.index(min(distances))


def _nearest_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(4)
    plain = [
        (torch.tensor([4.0, 1.0]), torch.tensor([[0.0, 0.0], [4.0, 2.0], [9.0, 9.0]])),
        (torch.tensor([8.0, 8.0]), torch.tensor([[0.0, 0.0], [4.0, 2.0], [9.0, 9.0]])),
        (torch.tensor([0.0, 1.0]), torch.tensor([[-5.0, 6.0], [1.0, 1.0], [-3.0, -4.0]])),
        (torch.tensor([1.0, 1.0]), torch.tensor([[4.0, 4.0], [6.0, 1.0]])),  # across beats along
        (torch.tensor([1.0, 1.0]), torch.tensor([[5.0, 5.0], [6.0, 1.0]])),
    ]
    random = [
        (torch.rand(6, generator=generator), torch.rand(10, 6, generator=generator))
        for _ in range(5)
    ]
    return plain + random


NEAREST = Exercise(
    title="the nearest of several means",
    reference=_nearest,
    cases=_nearest_cases,
    mistakes=(
        Mistake(
            _nearest_farthest,
            "You return the mean that is farthest away. The smallest distance wins: argmin.",
        ),
        Mistake(
            _nearest_column,
            "That is the wrong axis: yours has a number for each column. There is one distance for "
            "each mean, that is for each row: dim=1.",
        ),
        Mistake(
            _nearest_unsquared,
            "Nothing is squared in yours, or x alone, where brackets are missing. So differences "
            "above and below cancel, and the mean with the smallest sum wins, whatever x is. Write "
            "(means - x) ** 2.",
        ),
        Mistake(
            _nearest_distance,
            "You return the smallest distance. Wanted is its position: argmin instead of min.",
        ),
        Mistake(
            _nearest_no_dim,
            "You look for the smallest single difference of all. First sum the squares of each "
            "row (dim=1), then take argmin.",
        ),
        Mistake(
            lambda x, means: 0,
            "Yours answers 0 to all. sum() without dim adds up the whole table, to one number, "
            "whose position is 0: write dim=1. In a loop, a return may stand too far in, or best "
            "start at 0, which no distance beats.",
        ),
        Mistake(
            lambda x, means: (means - x).abs().sum(dim=1).argmin(),
            "You add up the distances along the axes, as if one had to walk round corners. Square "
            "the differences instead.",
        ),
        Mistake(
            lambda x, means: ((means - x).sum(dim=1) ** 2).argmin(),
            "First square each difference, then sum. You did it the other way round, so "
            "differences above and below cancel.",
        ),
        Mistake(_distances, "These are the distances. Wanted is the position of the least."),
        Mistake(
            lambda x, means: means[_nearest(x, means)],
            "You return the nearest mean itself. Wanted is its position in the table.",
        ),
        Mistake(
            _nearest_ten,
            "The digits have ten means, but the check also gives fewer. Loop over "
            "range(len(means)), or do without a loop.",
        ),
        Mistake(
            lambda x, means: ((means - x) ^ 2).sum(dim=1).argmin(),
            "In Python ^ is no power. Write ** 2.",
        ),
        Mistake(
            lambda x, means: _distances(x, means).sum(),
            "That is the sum of all distances. Wanted is the position of the smallest.",
        ),
        Mistake(
            lambda x, means: (means - x).argmin(),
            "You look for the smallest single difference of all, and it is not squared. Square, "
            "sum each row (dim=1), then take argmin.",
        ),
        Mistake(
            lambda x, means: (means - x).abs().max(dim=1).values.argmin(),
            "Only the largest difference of each row counts in yours. All count: square them and "
            "add them up.",
        ),
        Mistake(
            lambda x, means: ((means + x) ** 2).sum(dim=1).argmin(),
            "You add x and the means. A distance is made of differences: means - x.",
        ),
        Mistake(
            lambda x, means: (means**2 - x**2).sum(dim=1).argmin(),
            "The difference must be squared, not each of the two: (means - x) ** 2. As it is, the "
            "mean with the least ink wins, whatever x is.",
        ),
        Mistake(
            lambda x, means: (means * x).sum(dim=1).argmax(),
            "You take the largest product. It grows with the ink of a mean, not with its nearness. "
            "Square the differences instead, and take the smallest sum.",
        ),
        Mistake(
            lambda x, means: (means * x).sum(dim=1).argmin(),
            "You multiply means and x. A distance is made of differences: (means - x) ** 2.",
        ),
        Mistake(
            lambda x, means: _nearest(x, means) + 1,
            "One too many: positions count from 0, as the digits do.",
        ),
        Mistake(
            lambda x, means: len(means) - 1,
            "Yours always gives the last row. In a loop, does each round compare with the best so "
            "far, and is that updated?",
        ),
        Mistake(
            lambda x, means: 1 + _nearest(x, means[1:]),
            "The first row is left out. Counting starts at 0: range(len(means)).",
        ),
        Mistake(
            lambda x, means: _distances(x, means).sort(),
            "sort() gives all distances and all positions. Wanted is one position: argmin().",
        ),
        Mistake(
            lambda x, means: _distances(x, means)[:, None].argmin(dim=1),
            "keepdim=True makes a column of the sums, and argmin(dim=1) looks along its rows of "
            "one. Leave both out: .sum(dim=1).argmin().",
        ),
        Mistake(
            lambda x, means: ((means.T - x) ** 2).sum(dim=1).argmin(),
            "means.T exchanges rows and columns. Leave it out: means - x subtracts x from each "
            "row.",
        ),
        Mistake(
            lambda x, means: _distances(x, means).argsort(),
            "These are all rows, from the nearest to the farthest. Wanted is the first of them.",
        ),
        Mistake(
            lambda x, means: _distances(x, means).min(dim=0),
            "min(dim=0) gives both the smallest distance and its position. Only the position is "
            "wanted: argmin().",
        ),
        Mistake(
            lambda x, means: ((means - x) ** 2).argmin(dim=1),
            "Yours has an answer for each row: where its smallest difference is. First sum each "
            "row (dim=1), then argmin() of the sums.",
        ),
        Mistake(
            lambda x, means: ((means - x) ** 2).argmin(dim=0),
            "Yours has an answer for each column. First sum each row (dim=1), then argmin() of the "
            "sums.",
        ),
        Mistake(
            lambda x, means: ((means - x) ** 2).sum(dim=2).argmin(),
            "Axes count from 0: a table has dim=0 and dim=1. Sum each row with dim=1.",
        ),
        Mistake(
            lambda x, means: torch.cdist(x, means).argmin(),
            "cdist wants two tables. Make a table of one row of x: x[None]. Or subtract, square, "
            "sum.",
        ),
        Mistake(
            lambda x, means: _nearest(x, means)[None],
            "Right, but as a row of one number. Wanted is the number itself.",
        ),
        Mistake(
            lambda x, means: (means - x) ** 2,
            "These are the squared differences. Sum each row (dim=1), then take the position of "
            "the smallest.",
        ),
        Mistake(
            lambda x, means: (means - x).norm(dim=1),
            "These are the distances, with the root. Wanted is the position of the least.",
        ),
        Mistake(
            lambda x, means: _distances(x, means).min().sqrt(),
            "That is how far the nearest mean is. Wanted is which one it is: argmin instead of "
            "min.",
        ),
    ),
    hints=(
        "How far is x from the first mean? Do the same for each, then find the smallest.",
        "Squared distance to each row of means: subtract, square, sum over dim=1. Then argmin.",
        "((means - x) ** 2).sum(dim=1) holds the distances; .argmin() is the row of the least.",
    ),
    notice="Subtracting x from a whole table works row by row; this is called broadcasting. You "
    "have written a classifier that has learned: its means come from data.",
)

EXERCISES = {
    "mse": MSE,
    "cross_entropy": CROSS_ENTROPY,
    "accuracy": ACCURACY,
    "nearest": NEAREST,
}

QUIZ = [
    Question(
        "What does learning look for?",
        (
            "A function f whose expected loss is small.",
            "Small on everything that may come, weighted by how likely it is to come.",
        ),
        (
            (
                "A function f without any error on the training examples.",
                "The dictionary has that, and reads no new digit.",
            ),
            (
                "The distribution D.",
                "It stays unknown. A good f needs far less than all of D.",
            ),
            (
                "As many i.i.d. examples from D as there are.",
                "Examples are the means. They are what f is learned from.",
            ),
        ),
        place=1,
    ),
    Question(
        "A model reads 99.9% of its training digits and 71% of the test digits. How many of a new "
        "hundred do you promise?",
        (
            "About 71.",
            "The test error estimates the expected loss, the training error does not.",
        ),
        (
            ("About 100.", "Those are examples whose answers it has seen."),
            ("About 85.", "The mean of a good and a bad estimate is a bad one."),
            (
                "None: it must first be tested on more of its training digits.",
                "Whatever it was trained on, however much, cannot test it.",
            ),
        ),
        place=3,
    ),
    Question(
        "A model gives the right answer probability 0.5, another gives it 0.01. Their "
        "cross-entropy?",
        (
            "0.69 and 4.6.",
            "−ln 0.5 ≈ 0.69 and −ln 0.01 ≈ 4.6. Being sure and wrong is expensive.",
        ),
        (
            ("0.5 and 0.01.", "Those are the probabilities. The loss is minus their logarithm."),
            ("0.5 and 0.99.", "That is 1 − p. The logarithm punishes small p much harder."),
            ("−0.69 and −4.6.", "The logarithms are negative; the minus makes a loss of them."),
        ),
        place=2,
    ),
    Question(
        "The one-layer reader learns from 4,000 digits instead of 100, and its training error "
        "rises. Why?",
        (
            "The same 7,850 numbers must suit more digits.",
            "Any hundred digits can be suited, four thousand cannot.",
        ),
        (
            (
                "Fewer steps are left for each of the digits, so they are forgotten.",
                "Few looks at many digits do not hurt: its test error is the lowest of all.",
            ),
            (
                "The later digits are harder.",
                "They are i.i.d. like the first hundred: neither easier nor harder.",
            ),
            (
                "It learns worse from more digits.",
                "It learns better: on new digits, which count, its error falls.",
            ),
        ),
        place=0,
    ),
    Question(
        "200 customers, six numbers about each: who will cancel? What do you try first?",
        (
            "A model with few weights, and its error on customers kept apart.",
            "With little data in a table it is mostly as good, cheaper, and can be explained.",
        ),
        (
            (
                "A deep network: it finds its own features.",
                "From 200 examples? It can remember them all and know nothing of the next.",
            ),
            (
                "k-means with two groups: one will be those who cancel, one those who stay.",
                "The groups come without a promise that they are the ones you wanted.",
            ),
            (
                "A convolutional network, since it won in 2012.",
                "On pictures, where neighbours belong together. Six columns are no picture.",
            ),
        ),
        place=2,
    ),
]
