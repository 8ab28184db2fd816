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
            "You added the squares up. Divide by their number, else more data look like more "
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
            "You added up. Take the mean, so that the loss does not grow with the number of "
            "examples.",
        ),
        Mistake(
            lambda probs, y: -probs[:, y].log().mean(),
            "probs[:, y] takes all the columns in y from every row. Wanted is one number from each "
            "row: probs[torch.arange(len(y)), y].",
        ),
        Mistake(
            lambda probs, y: -probs[y].log().mean(),
            "probs[y] takes whole rows, those whose numbers are in y. Wanted is one number from "
            "each row: probs[torch.arange(len(y)), y].",
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


def _accuracy_cases() -> list[tuple]:
    return [
        (is_positive, [1, 2, -1], [1, 1, 0], [3, -3], [1, 1]),
        (is_positive, [1, 2, -1, -2, 3, 4], [1, 1, 0, 0, 0, 1], [5, -5, 6, -6], [1, 0, 1, 1]),
        (is_positive, [1, -1], [0, 1], [2, 3, -4], [1, 1, 0]),
        (last_digit, [40, 51], [0, 1], [17, 23, 98], [7, 8, 8]),
    ]


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
            "You summed over the wrong axis. There is one distance for each mean, that is for "
            "each row: sum over dim=1.",
        ),
        Mistake(
            _nearest_unsquared,
            "Without the square, differences above and below cancel, and very negative sums win. "
            "Square each difference before you sum.",
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
            lambda x, means: ((means - x) ** 2).sum().argmin(),
            "sum() without dim adds up the whole table, to one number, whose position is always "
            "0. Sum each row: dim=1.",
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
            "A function f with a small expected loss over the distribution D.",
            "Small on everything that may come, weighted by how likely it is to come.",
        ),
        (
            (
                "A function f without any error on the training examples.",
                "A lookup table has that, and reads no new digit.",
            ),
            (
                "The distribution D itself.",
                "It stays unknown. A good f needs far less than all of D.",
            ),
            (
                "As many examples as there are.",
                "Examples are the means. They are what f is learned from.",
            ),
        ),
        place=1,
    ),
    Question(
        "A model reads 99.9% of its training digits and 71% of the test digits. What now?",
        (
            "Believe the 71%: it has learned much about these examples that does not carry over.",
            "The test error estimates the expected loss, the training error does not.",
        ),
        (
            ("Report 99.9%.", "Those are examples whose answers it has seen."),
            ("Report the mean of both.", "The mean of a good and a bad estimate is a bad one."),
            (
                "Test on more training digits.",
                "Whatever it was trained on, however much, cannot test it.",
            ),
        ),
        place=0,
    ),
    Question(
        "A model gives the right answer probability 0.5, another gives it 0.01. Their "
        "cross-entropy?",
        (
            "0.69 and 4.6: being sure and wrong is expensive.",
            "−ln 0.5 ≈ 0.69 and −ln 0.01 ≈ 4.6.",
        ),
        (
            ("0.5 and 0.01.", "Those are the probabilities. The loss is minus their logarithm."),
            ("0.5 and 0.99.", "That is 1 − p. The logarithm punishes small p much harder."),
            ("Both 1, since both may be wrong.", "The loss depends on the probability given."),
        ),
        place=2,
    ),
    Question(
        "You want to sort 3,000 letters from a company into groups that nobody has named yet. "
        "Which kind of learning is it?",
        (
            "Unsupervised: there are inputs without wanted outputs.",
            "Structure is looked for in X alone, as in the ten groups of digits above.",
        ),
        (
            ("Supervised: there are many letters.", "Supervised means that answers are given."),
            ("Neither: it cannot be learned.", "Groups can be found by likeness alone."),
        ),
        place=1,
    ),
    Question(
        "In the mail-sorting machine, what is the camera?",
        ("A sensor.", "Through it the environment reaches the agent."),
        (
            ("An actuator.", "Those act on the environment: gates, the printer."),
            ("The performance measure.", "That says how well it does: letters in the right bin."),
            ("The environment.", "That is what the machine works in: letters, belt, writers."),
        ),
        place=2,
    ),
    Question(
        "200 customers, six numbers about each: who will cancel? What do you try first?",
        (
            "A small model with few weights, such as logistic regression.",
            "With little data in a table it is mostly as good, cheaper, and can be explained.",
        ),
        (
            (
                "A deep network, since it can learn everything.",
                "Also the noise: it has far more weights than you have customers.",
            ),
            (
                "A convolutional network, since it won in 2012.",
                "On pictures, where neighbours belong together. Six columns are no picture.",
            ),
        ),
        place=0,
    ),
]
