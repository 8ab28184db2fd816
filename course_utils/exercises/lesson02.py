"""Exercises and quiz of lesson 02, How sure is the neuron?"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake, loop_slips, slips
from course_utils.exercises.quiz import Question

# --- gradient: all students at once ------------------------------------------------------------


def _gradient(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ (torch.sigmoid(X @ w) - y) / len(y)


def _errors(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return torch.sigmoid(X @ w) - y


def _errors_bent(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(X @ w)
    return (y_hat - y) * y_hat * (1 - y_hat)


def _errors_over_slope(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(X @ w)
    return (y_hat - y) / (y_hat * (1 - y_hat))


def _slope_of_sigmoid(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(X @ w)
    return y_hat * (1 - y_hat)


# What the inputs of each student are multiplied with, and what their sum is divided by.
GRADIENT_ERRORS: dict[str, tuple[Callable, str]] = {
    "right": (_errors, ""),
    "negative": (
        lambda w, X, y: -_errors(w, X, y),
        "The sign is turned. The gradient points uphill, so it is (ŷ − y)x; the minus comes "
        "later, in the step.",
    ),
    "net input": (
        lambda w, X, y: X @ w - y,
        "You compare y with the net input z. The error is ŷ − y with ŷ = σ(z).",
    ),
    "net input, twice": (
        lambda w, X, y: 2 * (X @ w - y),
        "That is the gradient of the squared error of z. Put z through the sigmoid, and leave "
        "the 2 out: with the cross-entropy the error ŷ − y stands alone.",
    ),
    "threshold": (
        lambda w, X, y: (X @ w >= 0).to(X.dtype) - y,
        "You compare y with the hard answer 0 or 1: that is the perceptron's rule. Here ŷ is "
        "the probability σ(z).",
    ),
    "perceptron": (
        lambda w, X, y: y - (X @ w >= 0).to(X.dtype),
        "That is the perceptron's rule: a hard answer 0 or 1, and the way down. Here ŷ is the "
        "probability σ(z), and the gradient points uphill, ŷ − y.",
    ),
    "squared": (
        lambda w, X, y: 2 * _errors_bent(w, X, y),
        "That is the gradient of the squared error. With the cross-entropy the factor "
        "ŷ(1 − ŷ) cancels.",
    ),
    "bent": (
        _errors_bent,
        "You multiply by the slope ŷ(1 − ŷ) of the sigmoid. With the cross-entropy it cancels: "
        "the error ŷ − y alone is multiplied with the inputs.",
    ),
    "over slope": (
        _errors_over_slope,
        "You divide by ŷ(1 − ŷ): that is the first link alone. The second link multiplies "
        "with it, so that it cancels.",
    ),
    "slope only": (
        _slope_of_sigmoid,
        "ŷ(1 − ŷ) is the slope of the sigmoid alone. In the product of the three links it "
        "cancels, and ŷ − y is left.",
    ),
    "inside": (
        lambda w, X, y: torch.sigmoid(X @ w - y),
        "y is subtracted inside the sigmoid: a bracket closes too late. The error is σ(z) − y.",
    ),
    "no labels": (
        lambda w, X, y: torch.sigmoid(X @ w),
        "The labels have no part in yours. The error is ŷ − y.",
    ),
    "size": (
        lambda w, X, y: _errors(w, X, y).abs(),
        "You drop the sign of the error. It says in which direction the weights must go.",
    ),
    "square": (
        lambda w, X, y: _errors(w, X, y) ** 2,
        "You square the error. In the gradient it stands as it is: (ŷ − y)x.",
    ),
    "minus lost": (
        lambda w, X, y: torch.sigmoid(-(X @ w)) - y,
        "The minus in exp(−z) is missing: your ŷ falls where z grows.",
    ),
    "softmax": (
        lambda w, X, y: torch.softmax(X @ w, dim=0) - y,
        "The softmax shares 1 out among all students. Each has a probability of its own: "
        "torch.sigmoid.",
    ),
    "mean label": (
        lambda w, X, y: torch.sigmoid(X @ w) - y.mean(),
        "You subtract the mean of the labels. Each student has a label of its own: ŷ − y.",
    ),
    "early": (
        lambda w, X, y: torch.sigmoid(X @ w) - y / len(y),
        "Only y is divided by the number of students: / comes before −. Put (ŷ − y) in brackets.",
    ),
}
GRADIENT_DIVISORS: dict[str, tuple[Callable, str]] = {
    "right": (lambda w, X: len(X), ""),
    "none": (
        lambda w, X: 1,
        "You forgot the mean: divide by the number of students. Otherwise a learning rate that "
        "suits 100 students is far too large for 10,000.",
    ),
    "weights": (
        lambda w, X: len(w),
        "You divide by the number of weights. A mean over students divides by the number of "
        "students, len(y).",
    ),
    "all": (
        lambda w, X: X.numel(),
        "You divide by all numbers of X. A mean over students divides by their number, len(y).",
    ),
    "one less": (
        lambda w, X: max(1, len(X) - 1),
        "You divide by N − 1. The mean over N students divides by N.",
    ),
}


def _gradient_with(errors: Callable, divisor: Callable) -> Callable:
    return lambda w, X, y: X.T @ errors(w, X, y) / divisor(w, X)


def _gradient_sum(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ _errors(w, X, y)


def _gradient_each(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return _errors(w, X, y)[:, None] * X


def _gradient_bias_left(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    slopes = _gradient(w, X, y)
    slopes[0] = 0
    return slopes


def _gradient_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(3)
    X = torch.cat([torch.ones(12, 1), torch.randn(12, 3, generator=generator)], dim=1)
    return [
        (torch.zeros(2), torch.tensor([[1.0, 2.0]]), torch.tensor([1.0])),
        (
            torch.tensor([0.0, 1.0]),
            torch.tensor([[1.0, 2.0], [1.0, -1.0]]),
            torch.tensor([1.0, 0.0]),
        ),
        (torch.zeros(2), torch.tensor([[1.0, 2.0], [1.0, 0.0], [1.0, 3.0]]), torch.ones(3)),
        (torch.randn(4, generator=generator), X, (torch.arange(12) % 2).float()),
        (torch.randn(4, generator=generator), X[:4], torch.ones(4)),  # as many rows as weights
    ]


GRADIENT = Exercise(
    title="the gradient of the loss, without a loop",
    reference=_gradient,
    cases=_gradient_cases,
    mistakes=(
        *slips(_gradient_with, GRADIENT_ERRORS, GRADIENT_DIVISORS),
        *loop_slips(_gradient_each, "student"),
        Mistake(
            lambda w, X, y: w - _gradient(w, X, y),
            "You have made a step already: w minus the gradient. Wanted is the gradient alone.",
        ),
        Mistake(
            lambda w, X, y: (X.T * (torch.sigmoid(X @ w) - y)).mean(),
            "You take the mean over everything. Wanted is one slope for each weight: a mean over "
            "the students only.",
        ),
        Mistake(
            lambda w, X, y: (X.T * (torch.sigmoid(X @ w) - y)).mean(0),
            "You take the mean over the weights, and get a number for each student. Take it over "
            "the students, to get a number for each weight.",
        ),
        Mistake(
            lambda w, X, y: _gradient(w, X, y)[:, None],
            "The numbers are right, but they stand in a column, (D, 1). Wanted is (D,), like w.",
        ),
        Mistake(
            lambda w, X, y: (_errors(w, X, y) * X).mean(0),
            "The errors, (N,), times X, (N, D), are laid along the columns: that stops, or takes "
            "one student's error for one weight's. Make a column of them, errors[:, None], or use "
            "X.T @ errors.",
        ),
        Mistake(
            lambda w, X, y: (_errors(w, X, y) * X).sum(0),
            "Two things. The errors, (N,), are laid along the columns of X, (N, D): use "
            "X.T @ errors. And the mean is missing: divide by the number of students.",
        ),
        Mistake(
            _gradient_each,
            "These are the gradients of the students, one in each row. Wanted is their mean, over "
            "the students: .mean(0), or X.T @ errors / len(y).",
        ),
        Mistake(
            lambda w, X, y: _gradient_each(w, X, y) / len(y),
            "You divide by the number of students but do not add their rows up: .sum(0), or "
            "X.T @ errors.",
        ),
        Mistake(
            lambda w, X, y: X @ _errors(w, X, y) / len(y),
            "X @ errors, or errors @ X.T, multiplies along a student's numbers. The sum goes over "
            "the students: X.T @ errors.",
        ),
        Mistake(
            lambda w, X, y: X.T @ (torch.sigmoid(w @ X) - y) / len(y),
            "w @ X multiplies the weights with the columns of X. The net inputs take a row for "
            "each student: X @ w.",
        ),
        Mistake(
            lambda w, X, y: _gradient_sum(w, X, y).mean(),
            "You take a mean over the weights. X.T @ errors has summed over the students already; "
            "divide that sum by their number.",
        ),
        Mistake(
            lambda w, X, y: _gradient(w, X, y).sum(),
            "You add the slopes of all weights up. Wanted is one for each weight.",
        ),
        Mistake(
            lambda w, X, y: X.mean(0) * _errors(w, X, y).mean(),
            "You multiply the mean error with the mean of each input. Multiply first, student by "
            "student, then take the mean: a mean of products is no product of means.",
        ),
        Mistake(
            lambda w, X, y: X.T @ torch.sigmoid(X @ w) - y / len(y),
            "A pair of brackets is missing: @ and / come before −. Subtract first: (ŷ − y).",
        ),
        Mistake(
            lambda w, X, y: X.T @ torch.sigmoid(X @ w) - y,
            "A pair of brackets is missing, since @ comes before −: (ŷ − y). And the mean is "
            "missing, too.",
        ),
        Mistake(
            lambda w, X, y: X.T @ _errors(w, X, y).mean(),
            "The errors are averaged too early: one number is left of them. Each has to meet its "
            "own row first: X.T @ errors, then divide by their number.",
        ),
        Mistake(
            lambda w, X, y: F.binary_cross_entropy_with_logits(X @ w, y),
            "That is the loss. Wanted is its gradient: one slope for each weight.",
        ),
        Mistake(
            lambda w, X, y: _errors(w, X, y),
            "These are the errors, one for each student. Multiply them with the inputs and take "
            "the mean over the students: one number for each weight.",
        ),
        Mistake(
            lambda w, X, y: _errors(w, X, y).mean(),
            "That is the mean error: the slope for the bias alone. The other weights' errors are "
            "multiplied with their inputs.",
        ),
        Mistake(
            lambda w, X, y: _gradient(w, X, y)[None],
            "The numbers are right, but they stand in a row, (1, D). Wanted is (D,), like w.",
        ),
        Mistake(
            lambda w, X, y: X @ _errors(w, X, y),
            "X @ errors multiplies along a student's numbers, where the sum goes over the "
            "students: X.T @ errors. And the mean is missing.",
        ),
        Mistake(
            _gradient_bias_left,
            "The bias has a slope, too: the mean error, since its input is the constant 1.",
        ),
        Mistake(
            lambda w, X, y: X[:, 1:].T @ _errors(w, X, y) / len(y),
            "The first column of X, its constant 1, belongs to the bias, which has a slope as "
            "well. Use all of X.",
        ),
        Mistake(
            lambda w, X, y: X.T @ (torch.sigmoid(X[:, 1:] @ w[1:]) - y) / len(y),
            "The bias has no part in your net input. X has its constant 1 in front already: z is "
            "X @ w.",
        ),
        Mistake(
            lambda w, X, y: X.T * _errors(w, X, y),
            "These are the gradients of the students, one in each column. Wanted is their mean "
            "over the students: .mean(1), or X.T @ errors / len(y).",
        ),
        Mistake(
            lambda w, X, y: (X.T * _errors(w, X, y)).sum(0),
            "You add up along a student's numbers. Add over the students, to get a number for "
            "each weight.",
        ),
        Mistake(
            lambda w, X, y: (X * _errors(w, X, y)).mean(),
            "Everything is averaged into one number. Wanted is one slope for each weight: X.T @ "
            "errors, then divide by the number of students.",
        ),
        Mistake(
            lambda w, X, y: (torch.sigmoid(X @ w) - y).mean().expand(len(w)),
            "You give every weight the mean error. Each weight's slope is the mean of the error "
            "times its own input.",
        ),
        Mistake(
            lambda w, X, y: (X.T @ torch.sigmoid(X @ w) - y) / len(y),
            "y is subtracted after the product: @ comes before −. Put (ŷ − y) in brackets.",
        ),
        Mistake(
            lambda w, X, y: X.T * _errors(w, X, y) / len(y),
            "You divide the gradients of the students, one in each column, by their number, but do "
            "not add them up: X.T @ errors adds.",
        ),
        Mistake(
            lambda w, X, y: _gradient_each(w, X, y).sum(1) / len(y),
            "You add along a student's numbers. Add over the students: .sum(0), or X.T @ errors.",
        ),
        Mistake(
            lambda w, X, y: X @ w,
            "These are the net inputs. The gradient is made of the errors σ(z) − y.",
        ),
        Mistake(
            lambda w, X, y: torch.sigmoid(X @ w),
            "These are the probabilities ŷ. Subtract y, multiply with the inputs, take the mean.",
        ),
        Mistake(
            lambda w, X, y: _stable(X @ w, y).backward(),  # no record: RuntimeError
            "PyTorch kept no record of the loss: w wants no slopes. Either write X.T @ errors, or "
            "begin with w = w.clone().requires_grad_().",
        ),
        Mistake(
            lambda w, X, y: X[:, 1:] @ w,
            "X has its constant 1 in front already, and w its bias: X @ w fits as it is, with "
            "nothing put in front of X or taken away.",
        ),
        Mistake(
            lambda w, X, y: X.T @ (torch.sigmoid(X * w) - y) / len(y),
            "X * w multiplies number by number. A net input adds the products up, too: X @ w.",
        ),
    ),
    hints=(
        "First the errors ŷ − y of all students, shape (N,). What is each of them multiplied with?",
        "Errors times rows, added up: X.T @ errors. Then divide by N.",
        "X.T @ (torch.sigmoid(X @ w) - y), divided by len(y).",
    ),
    notice="Check the shapes: (D, N) @ (N,) gives (D,), one slope for each weight. The shape "
    "alone almost writes the formula. (A loop gives the same numbers, only far more slowly.)",
)

# --- stable: a loss from logits that does not break --------------------------------------------


def _stable(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))).mean()


def _bend(z: Tensor) -> Tensor:
    return torch.log1p(torch.exp(-z.abs()))


def _stable_naive(z: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(z)
    return -(y * y_hat.log() + (1 - y) * (1 - y_hat).log())


def _stable_kept_away(little: float, z: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(z).clamp(little, 1 - little)
    return -(y * y_hat.log() + (1 - y) * (1 - y_hat).log()).mean()


def _stable_plus_little(little: float, z: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(z)
    return -(y * (y_hat + little).log() + (1 - y) * (1 - y_hat + little).log()).mean()


def _stable_by_cases(z: Tensor, y: Tensor) -> Tensor:
    return torch.where(y == 1, torch.log1p(torch.exp(-z)), torch.log1p(torch.exp(z)))


def _stable_by_loop(z: Tensor, y: Tensor) -> float:
    y_hat = torch.sigmoid(z).tolist()
    losses = [-math.log(p if y_i == 1 else 1 - p) for p, y_i in zip(y_hat, y, strict=True)]
    return sum(losses) / len(losses)


def _stable_by_math(z: Tensor, y: Tensor) -> float:
    y_hat = [1 / (1 + math.exp(-z_i)) for z_i in z.tolist()]  # OverflowError from z = -710 on
    losses = [-math.log(p if y_i == 1 else 1 - p) for p, y_i in zip(y_hat, y, strict=True)]
    return sum(losses) / len(losses)


def _stable_powers_by_math(z: Tensor, y: Tensor) -> float:
    pairs = zip(z.tolist(), y.tolist(), strict=True)
    return sum(math.log1p(math.exp(-z_i if y_i else z_i)) for z_i, y_i in pairs) / len(z)


def _stable_max_with_zero(z: Tensor, y: Tensor) -> Tensor:
    return (torch.max(z, 0) - y * z + _bend(z)).mean()  # dim 0: a pair comes back


def _stable_maximum_with_zero(z: Tensor, y: Tensor) -> Tensor:
    return (torch.maximum(z, 0) - y * z + _bend(z)).mean()  # wants two tensors


def _with_third(third: Callable) -> Callable:
    return lambda z, y: z.clamp(min=0) - y * z + third(z)


def _with_first(first: Callable) -> Callable:
    return lambda z, y: first(z) - y * z + _bend(z)


# The loss of each student, and what is made of all of them.
STABLE_LOSSES: dict[str, tuple[Callable, str]] = {
    "right": (_with_third(_bend), ""),
    "naive": (
        _stable_naive,
        "You go through ŷ = σ(z). At z = 20 it is exactly 1 in 32 bits, and the logarithm of "
        "1 − ŷ is −∞. Stay with z.",
    ),
    "naive, by cases": (
        lambda z, y: -torch.where(y == 1, torch.sigmoid(z).log(), (1 - torch.sigmoid(z)).log()),
        "You go through ŷ = σ(z). At z = 200 it is exactly 1, and the logarithm of 1 − ŷ is −∞. "
        "Stay with z.",
    ),
    "naive, 64 bits": (
        lambda z, y: _stable_naive(z.double(), y),
        "You go through ŷ = σ(z), in 64 bits. That only moves the edge: at z = 200 ŷ is exactly 1 "
        "in them, too, and the logarithm of 1 − ŷ is −∞. Stay with z.",
    ),
    "cut off": (
        lambda z, y: F.binary_cross_entropy(torch.sigmoid(z), y, reduction="none"),
        "PyTorch's loss for probabilities cuts logarithms off at −100: no crash, but the loss "
        "of a very wrong student is too small. Stay with z.",
    ),
    "exp(−z)": (
        lambda z, y: torch.log1p(torch.exp(-z)) + (1 - y) * z,
        "The formula is right, but exp(−z) overflows for very negative z. Use "
        "exp(−|z|) and max(z, 0).",
    ),
    "exp(z)": (
        lambda z, y: torch.log1p(torch.exp(z)) - y * z,
        "The formula is right, but exp(z) overflows for large z. Use exp(−|z|) and max(z, 0).",
    ),
    "exp(−z), 64 bits": (
        lambda z, y: torch.log1p(torch.exp(-z.double())) + (1 - y) * z,
        "The formula is right, and 64 bits hold exp(200). But exp(1000) overflows in them as well, "
        "for z = −1000. Use exp(−|z|) and max(z, 0).",
    ),
    "exp(z), 64 bits": (
        lambda z, y: torch.log1p(torch.exp(z.double())) - y * z,
        "The formula is right, and 64 bits hold exp(200). But exp(1000) overflows in them as well. "
        "Use exp(−|z|) and max(z, 0).",
    ),
    "by cases": (
        _stable_by_cases,
        "The two formulas are right, but exp overflows where its argument is large. Use "
        "exp(−|z|) and max(z, 0).",
    ),
    "nan replaced": (
        lambda z, y: torch.nan_to_num(_stable_naive(z, y)),
        "You replace nan and inf by other numbers. There is no crash, but the losses are "
        "wrong. Stay with z.",
    ),
    "exp(−z) beside max": (
        _with_third(lambda z: torch.log1p(torch.exp(-z))),
        "In ln(1 + exp(−|z|)) you left out the |·|. For negative z, exp(−z) grows and "
        "overflows, and the sum is wrong before: write z.abs().",
    ),
    "exp(z) beside max": (
        _with_third(lambda z: torch.log1p(torch.exp(z))),
        "The third term is ln(1 + exp(−|z|)), with a minus and with |z|. exp(z) overflows for "
        "large z, and the sum is wrong before.",
    ),
    "exp(|z|)": (
        _with_third(lambda z: torch.log1p(torch.exp(z.abs()))),
        "The minus in exp(−|z|) is missing: yours grows with |z| and overflows.",
    ),
    "no exp": (
        _with_third(lambda z: torch.log1p(-z.abs())),
        "The exp is missing: the third term is ln(1 + exp(−|z|)), the minus inside the exp.",
    ),
    "no exp, no minus": (
        _with_third(lambda z: torch.log1p(z.abs())),
        "The exp is missing: the third term is ln(1 + exp(−|z|)).",
    ),
    "no logarithm": (
        _with_third(lambda z: 1 + torch.exp(-z.abs())),
        "The logarithm is missing: the third term is ln(1 + exp(−|z|)), which torch.log1p "
        "works out.",
    ),
    "no logarithm, no 1": (
        _with_third(lambda z: torch.exp(-z.abs())),
        "The logarithm is missing: the third term is ln(1 + exp(−|z|)).",
    ),
    "no 1": (
        _with_third(lambda z: torch.log(torch.exp(-z.abs()))),
        "ln(exp(−|z|)) is just −|z|. The 1 is missing: ln(1 + exp(−|z|)), which torch.log1p "
        "works out.",
    ),
    "1 twice": (
        _with_third(lambda z: torch.log1p(1 + torch.exp(-z.abs()))),
        "You add 1 twice: torch.log1p(a) is ln(1 + a) already.",
    ),
    "sigmoid in third": (
        _with_third(lambda z: torch.log1p(torch.sigmoid(-z.abs()))),
        "The third term holds exp(−|z|), not σ(−|z|).",
    ),
    "logarithm of base 10": (
        _with_third(lambda z: torch.log10(1 + torch.exp(-z.abs()))),
        "log10 is the logarithm with base 10. The natural one is torch.log, or torch.log1p.",
    ),
    "third subtracted": (
        _with_third(lambda z: -_bend(z)),
        "The third term, ln(1 + exp(−|z|)), is added.",
    ),
    "no third": (
        _with_third(lambda z: 0),
        "The third term, ln(1 + exp(−|z|)), is missing. It matters where z is near 0.",
    ),
    "no first": (
        _with_first(lambda z: 0),
        "The first term, max(z, 0), is missing. Without it a sure and wrong answer costs nothing.",
    ),
    "size": (
        _with_first(torch.abs),
        "The first term is |z| in yours. It is max(z, 0), 0 for every negative z.",
    ),
    "z": (
        _with_first(lambda z: z),
        "The first term is z in yours. It is max(z, 0): z.clamp(min=0).",
    ),
    "−z": (
        _with_first(lambda z: (-z).clamp(min=0)),
        "The first term is max(−z, 0) in yours. Beside −y·z it is max(z, 0).",
    ),
    "cut at 1": (
        _with_first(lambda z: z.clamp(0, 1)),
        "z.clamp(0, 1) cuts off what lies above 1, too. max(z, 0) has no upper end: "
        "z.clamp(min=0).",
    ),
    "smaller": (
        _with_first(lambda z: z.clamp(max=0)),
        "z.clamp(max=0) cuts off what lies above 0. max(z, 0) is z.clamp(min=0).",
    ),
    "largest": (
        _with_first(lambda z: z.max()),
        "z.max() is the largest of all net inputs, and may be negative. max(z, 0) is worked "
        "out for each: z.clamp(min=0).",
    ),
    "largest or 0": (
        _with_first(lambda z: z.max().clamp(min=0)),
        "z.max() is the largest of all net inputs. max(z, 0) is worked out for each: "
        "z.clamp(min=0).",
    ),
    "z subtracted": (
        lambda z, y: z.clamp(min=0) - z + _bend(z),
        "You subtract z; the term is y times z. Every student counts as passed in yours.",
    ),
    "brackets": (
        lambda z, y: (z.clamp(min=0) - y) * z + _bend(z),
        "You subtract y from max(z, 0), then multiply. Only y is multiplied with z: no brackets "
        "there.",
    ),
    "y subtracted": (
        lambda z, y: z.clamp(min=0) - y + _bend(z),
        "You subtract y; the term is y times z.",
    ),
    "added": (
        lambda z, y: z.clamp(min=0) + y * z + _bend(z),
        "A sign is turned: the term y·z is subtracted.",
    ),
    "no labels": (
        lambda z, y: z.clamp(min=0) + _bend(z),
        "The labels have no part in yours: the term −y·z is missing, so that every student "
        "counts as failed.",
    ),
    "labels exchanged": (
        lambda z, y: z.clamp(min=0) - (1 - y) * z + _bend(z),
        "The two labels have changed places: yours is the loss of 1 − y.",
    ),
    "negative": (
        lambda z, y: -_with_third(_bend)(z, y),
        "The sign is turned round: −y·z is in the form already, and a loss is never negative.",
    ),
    "sigmoid first": (
        lambda z, y: _with_third(_bend)(torch.sigmoid(z), y),
        "You put z through the sigmoid first. The form takes z itself.",
    ),
}
STABLE_MEANS: dict[str, tuple[Callable, str]] = {
    "right": (torch.mean, ""),
    "sum": (torch.sum, "You add the losses up; take their mean."),
    "none": (lambda losses: losses, "You return a loss for each student. Wanted is their mean."),
}


def _stable_with(losses: Callable, mean: Callable) -> Callable:
    return lambda z, y: mean(losses(z, y))


def _stable_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(4)
    pairs = [(0.0, 1.0), (2.0, 1.0), (2.0, 0.0), (-2.0, 0.0), (-2.0, 1.0), (20.0, 1.0)]
    pairs += [(200.0, 0.0), (-200.0, 1.0), (1000.0, 0.0), (-1000.0, 1.0)]
    small = [(torch.tensor([z]), torch.tensor([y])) for z, y in pairs]
    many = (30 * torch.randn(12, generator=generator), (torch.arange(12) % 2).float())
    few = (torch.tensor([0.5, -0.9, 0.25]), torch.tensor([1.0, 0.0, 0.0]))
    return [*small, few, many]


STABLE = Exercise(
    title="a loss that does not break",
    reference=_stable,
    cases=_stable_cases,
    mistakes=(
        *slips(_stable_with, STABLE_LOSSES, STABLE_MEANS),
        *loop_slips(_with_third(_bend), "student"),
        Mistake(
            lambda z, y: F.binary_cross_entropy_with_logits(y, z),
            "The two arguments have changed places: first the logits z, then y.",
        ),
        Mistake(
            lambda z, y: z.clamp(min=0).mean() - y * z.mean() + _bend(z).mean(),
            "y is multiplied with the mean of z. Multiply student by student, then take the mean "
            "of the whole sum.",
        ),
        Mistake(
            lambda z, y: torch.nan_to_num(_stable_naive(z, y).mean()),
            "You replace a mean of nan or inf by another number. There is no crash, but it is "
            "wrong. Stay with z.",
        ),
        Mistake(
            _stable_max_with_zero,
            "torch.max(z, 0) gives a pair, the largest number along axis 0 and its place. The "
            "larger of z and 0 is z.clamp(min=0).",
        ),
        Mistake(
            _stable_maximum_with_zero,
            "torch.maximum wants two tensors, and 0 is a plain number. Write z.clamp(min=0).",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + math.log1p(math.exp(-abs(z)))).mean(),
            "Python's math works on one number; of several it can make none. Use torch.exp and "
            "torch.log1p.",
        ),
        Mistake(
            lambda z, y: (max(z, 0) - y * z + _bend(z)).mean(),
            "Python's max asks whether all of z is larger than 0, which has no answer for several "
            "numbers. Use z.clamp(min=0).",
        ),
        Mistake(
            lambda z, y: z.clamp(min=0) - y * z + _bend(z).mean(),
            "Only the last term is averaged. Put the whole sum in brackets before .mean().",
        ),
        *(
            Mistake(
                partial(_stable_kept_away, 10.0**-k),
                f"You keep ŷ 1e-{k} away from 0 and 1. There is no crash, but no loss can exceed "
                f"some {k * math.log(10):.0f}, whatever z is. Stay with z.",
            )
            for k in range(2, 8)
        ),
        *(
            Mistake(
                partial(_stable_kept_away, 10.0**-k),
                f"1e-{k} is too little to keep ŷ away from 1: in 32 bits they are the same number. "
                "The logarithm of 1 − ŷ is still −∞. Stay with z.",
            )
            for k in range(8, 17)
        ),
        *(
            Mistake(
                partial(_stable_plus_little, 10.0**-k),
                f"1e-{k} keeps the logarithm from meeting 0. There is no crash, but no loss can "
                f"exceed {k * math.log(10):.0f}, whatever z is. Stay with z.",
            )
            for k in range(2, 17)
        ),
        Mistake(
            lambda z, y: _with_third(lambda z: torch.log1p(-torch.exp(z.abs())))(z, y).mean(),
            "The minus stands before the exp in yours. It belongs to |z|: exp(−|z|).",
        ),
        *(
            Mistake(
                lambda z, y, end=end: _stable(z.clamp(-end, end), y),
                f"You cut z off at {end}. There is no crash, but a wrong answer of z = 200 costs "
                f"no more than {end}.",
            )
            for end in (20, 50, 80, 100)
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y @ z + _bend(z)).mean(),
            "y @ z adds up over all students. Multiply student by student: y * z.",
        ),
        Mistake(
            lambda z, y: _stable_naive(z, y).nanmean(),
            "nanmean leaves the students out whose loss is nan. Nothing may become nan in the "
            "first place: stay with z.",
        ),
        Mistake(
            _stable_by_loop,
            "You go through ŷ = σ(z), as the loop of this lesson does. Far out it is exactly 1 or "
            "0, and 0 has no logarithm. Stay with z.",
        ),
        Mistake(
            _stable_by_math,
            "You go through ŷ = σ(z). At z = 200 it is exactly 1, and the logarithm of 1 − ŷ has "
            "no value. Stay with z.",
        ),
        Mistake(
            _stable_powers_by_math,
            "The formulas are right, but math.exp(1000) overflows. Use exp(−|z|) and max(z, 0).",
        ),
    ),
    hints=(
        "Three terms, and none of them may overflow or take the logarithm of 0.",
        "max(z, 0) − y·z + ln(1 + exp(−|z|)), then the mean.",
        "(z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))) and .mean().",
    ),
    notice="exp(−|z|) lies between 0 and 1 whatever z is. Making the argument of exp never "
    "positive is the whole trick; lesson 03 uses it again for ten classes.",
)

# --- train: find the two mistakes --------------------------------------------------------------


def _train_by(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int, **flaws: bool) -> Tensor:
    """Gradient descent by autograd, with the flaws that are switched on."""
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        if not flaws.get("keeps_slopes"):
            w.grad = None
        z = X @ w
        z = torch.sigmoid(z) if flaws.get("sigmoid_twice") else z
        F.binary_cross_entropy_with_logits(z, y).backward()
        with torch.no_grad():
            w += (lr if flaws.get("uphill") else -lr) * w.grad
    return w.detach()


def _train(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps)


def _train_handed_in(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps, keeps_slopes=True, sigmoid_twice=True)


def _train_on_probabilities(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy(torch.sigmoid(X @ w), y).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_gives_the_loss(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    before = _train_by(w, X, y, lr, n_steps - 1)
    return F.binary_cross_entropy_with_logits(X @ before, y)


def _train_forgets_too_late(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        F.binary_cross_entropy_with_logits(X @ w, y).backward()
        w.grad = None
        with torch.no_grad():
            w -= lr * w.grad  # a number times None: TypeError
    return w.detach()


def _train_records_the_step(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(X @ w, y).backward()
    w -= lr * w.grad  # a leaf, changed in place while the record is on: RuntimeError
    return w


def _train_wants_no_slope(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    F.binary_cross_entropy_with_logits(X @ w, y).backward()  # no record: RuntimeError
    return w


def _train_new_tensor(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy_with_logits(X @ w, y).backward()
        with torch.no_grad():
            w = w - lr * w.grad  # no slope is wanted for this one: RuntimeError in round two
    return w


def _train_recorded_tensor(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        F.binary_cross_entropy_with_logits(X @ w, y).backward()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that .grad of such a tensor stays empty
            w = w - lr * w.grad  # computed from the old one: its .grad is None in round two
    return w


def _train_one_record(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    loss = F.binary_cross_entropy_with_logits(X @ w, y)
    for _ in range(n_steps):
        w.grad = None
        loss.backward()  # the record was thrown away: RuntimeError in round two
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_keeps_record(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    first = _train_by(w, X, y, 1.0, 1) - w
    return w + n_steps * lr * first


def _train_keeps_record_and_slopes(
    w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int
) -> Tensor:
    return _train_keeps_record(w, X, y, lr, n_steps * (n_steps + 1) // 2)


def _train_probabilities_wanted(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy(X @ w, y).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_line_fit(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.mse_loss(X @ w, y).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_loss_of_each(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy_with_logits(X @ w, y, reduction="none").backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_perceptron(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    hard = _gradient_with(GRADIENT_ERRORS["threshold"][0], GRADIENT_DIVISORS["right"][0])
    for _ in range(n_steps):
        w = w - lr * hard(w, X, y)
    return w


def _train_naive_loss(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        _stable_naive(X @ w, y).mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_of_columns(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy_with_logits(w @ X, y).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_by_adam(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    optimizer = torch.optim.Adam([w], lr=lr)
    for _ in range(n_steps):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(X @ w, y).backward()
        optimizer.step()
    return w.detach()


def _train_empties_nothing(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    w.grad.zero_()  # None has no zero_: AttributeError
    return w


def _train_sum_keeps(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr * len(y), n_steps, keeps_slopes=True)


def _train_sum_twice(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr * len(y), n_steps, sigmoid_twice=True)


def _train_uphill_keeps(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps, uphill=True, keeps_slopes=True)


def _train_probabilities_keep(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        F.binary_cross_entropy(torch.sigmoid(X @ w), y).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_squared(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.mse_loss(torch.sigmoid(X @ w), y).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_turned_round(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy_with_logits(y, X @ w).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_gives_the_gradient(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    before = _train_by(w, X, y, lr, n_steps - 1)
    return _gradient(before, X, y)


def _train_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(5)
    X = torch.cat([torch.ones(20, 1), torch.randn(20, 2, generator=generator)], dim=1)
    y = (X[:, 1] + torch.randn(20, generator=generator) > 0).float()
    X_two, y_two = torch.tensor([[1.0, 1.0], [1.0, -2.0]]), torch.tensor([1.0, 0.0])
    return [
        (torch.zeros(2), X_two, y_two, 1.0, 1),
        (torch.zeros(2), X_two, y_two, 1.0, 2),
        (torch.tensor([0.5, -1.0, 1.0]), X, y, 0.5, 10),
        (torch.tensor([0.0, 40.0]), 5 * X_two, 1 - y_two, 1.0, 2),  # z = 200: sure, and wrong
    ]


TRAIN = Exercise(
    title="find the mistake: train with autograd",
    reference=_train,
    cases=_train_cases,
    mistakes=(
        Mistake(
            _train_handed_in,
            "That is still the code that was handed in. The loss gets probabilities where it wants "
            "logits, and old slopes are never forgotten.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr, n_steps, keeps_slopes=True),
            "One of the two is mended. But backward() adds to w.grad: from the second step on you "
            "walk along the sum of all slopes so far. Set w.grad = None before each backward().",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr, n_steps, sigmoid_twice=True),
            "One of the two is mended. But the loss takes logits and applies the sigmoid itself; "
            "you apply it twice. Give it X @ w.",
        ),
        Mistake(
            _train_on_probabilities,
            "You give the loss for probabilities, and while z is small it does the same. But at "
            "z = 200 σ(z) is exactly 1, its slope 0, and the neuron cannot learn from its worst "
            "mistake. Give the loss for logits X @ w.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr, n_steps, uphill=True),
            "Your steps go uphill: subtract the gradient, do not add it.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr, 1),
            "Only one step is made, whatever n_steps is. The step belongs inside the loop, the "
            "return behind it.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr, n_steps - 1),
            "You make one step too few. range(n) runs n times, and in each round the step comes "
            "after backward().",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(torch.zeros_like(w), X, y, lr, n_steps),
            "You begin with zeros. Begin with the w that was handed in.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr * len(y), n_steps),
            "You take the sum of the losses. Their mean is wanted, which the loss takes by itself.",
        ),
        Mistake(
            _train_gives_the_loss,
            "You return the last loss. Wanted are the weights.",
        ),
        Mistake(
            _train_forgets_too_late,
            "In the first round w.grad is None when the step needs it: backward() has not been "
            "called yet, or its slopes are forgotten already, or w is not the tensor that wants "
            "them (first clone(), then requires_grad_()). The order: forget, loss, backward, step.",
        ),
        Mistake(
            _train_records_the_step,
            "The step itself is recorded, and w may not be changed in place then. Put it inside "
            "with torch.no_grad():",
        ),
        Mistake(
            _train_wants_no_slope,
            "PyTorch kept no record of the loss. The copy of w needs requires_grad_(), and the "
            "loss must be computed from that copy, without detach() and outside torch.no_grad().",
        ),
        Mistake(
            _train_new_tensor,
            "Right for one step, then it stops: w = w − … inside torch.no_grad(), or from "
            "w.detach(), makes a new tensor that wants no slope. Change the old one, inside "
            "torch.no_grad(), with w -= …",
        ),
        Mistake(
            _train_recorded_tensor,
            "Right for one step, then w.grad is None: w = w − … outside torch.no_grad() makes a "
            "new tensor, computed from the old one, and only the old one is given slopes. Write "
            "w -= … inside with torch.no_grad():",
        ),
        Mistake(
            _train_one_record,
            "Right for one step. Then the record of the loss has been used, and thrown away. "
            "Compute X @ w and the loss anew in each round, inside the loop.",
        ),
        Mistake(
            _train_keeps_record,
            "All your steps use the slopes of the first w. Compute the loss anew in each round, "
            "inside the loop; then nothing needs retain_graph.",
        ),
        Mistake(
            _train_keeps_record_and_slopes,
            "Two things. All slopes are those of the first w: compute the loss anew in each round. "
            "And backward() adds them up: set w.grad = None before it.",
        ),
        Mistake(
            _train_sum_keeps,
            "Two things: the loss adds the students up where their mean is wanted, and "
            "backward() adds each round's slopes to the old ones. Set w.grad = None before it.",
        ),
        Mistake(
            _train_sum_twice,
            "Two things: the loss adds the students up where their mean is wanted, and it applies "
            "the sigmoid itself. Give it X @ w.",
        ),
        Mistake(
            _train_uphill_keeps,
            "Two things: your steps go uphill, and backward() adds each round's slopes to the old "
            "ones. Set w.grad = None before it.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, 1.0, n_steps),
            "The learning rate has no part in your step: subtract lr times the slopes.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, 1 / lr, n_steps),
            "You divide by lr. Multiply the slopes with it.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr, n_steps + 1),
            "You make one step too many. range(n) runs n times.",
        ),
        Mistake(
            _train_probabilities_keep,
            "Two things: old slopes are never forgotten, so that backward() adds to them. And the "
            "loss for probabilities cannot learn from z = 200: give the one for logits X @ w.",
        ),
        Mistake(
            _train_probabilities_wanted,
            "F.binary_cross_entropy wants probabilities, and you give it z. The loss for logits "
            "is F.binary_cross_entropy_with_logits.",
        ),
        Mistake(
            _train_line_fit,
            "You take the squared error of z. Take the cross-entropy: "
            "F.binary_cross_entropy_with_logits.",
        ),
        Mistake(
            _train_loss_of_each,
            "backward() starts from one number, and your loss is one for each student. Take their "
            "mean, as the loss does without reduction.",
        ),
        Mistake(
            _train_perceptron,
            "Your error is hard, 0 or 1: that is the perceptron's rule. Here ŷ is the probability "
            "σ(z).",
        ),
        Mistake(
            _train_squared,
            "You take the squared error. It is flat where the neuron is sure and wrong. Take the "
            "cross-entropy, F.binary_cross_entropy_with_logits.",
        ),
        Mistake(
            _train_turned_round,
            "The two arguments of the loss have changed places: first the logits X @ w, then y.",
        ),
        Mistake(
            _train_gives_the_gradient,
            "You return the last slopes. Wanted are the weights.",
        ),
        Mistake(
            _train_empties_nothing,
            "In the first round w.grad is still None, which has no zero_(); and a tensor has no "
            "zero_grad(). Write w.grad = None, which works in every round.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: w.clone(),
            "Your weights never change. Is a step made, before the slopes are forgotten, and with "
            "the tensor that you return?",
        ),
        Mistake(
            _train_naive_loss,
            "You take the logarithm of ŷ, as the loss of this lesson does. At z = 200 ŷ is exactly "
            "1, and the slopes become nan. Give F.binary_cross_entropy_with_logits X @ w and y.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: (X @ w)[:, 0],
            "X @ w has the shape (N,) already. [:, 0] belongs to the column that nn.Linear gives.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: X[:, 1:] @ w,
            "X has its constant 1 in front already, and w its bias: X @ w fits as it is.",
        ),
        Mistake(
            _train_of_columns,
            "w @ X multiplies the weights with the columns of X. The net inputs take a row for "
            "each student: X @ w.",
        ),
        Mistake(
            _train_by_adam,
            "Adam gives each weight a step size of its own. Wanted is plain gradient descent: lr "
            "times the slopes.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: _train_by(w, X, y, lr / len(y), n_steps),
            "You divide by the number of students once more: the loss has taken the mean.",
        ),
    ),
    hints=(
        "Compare with the four lines of train: forget, loss, backward, step. Which is missing?",
        "The loss wants z, not ŷ; and w.grad must be emptied in each round.",
        "Begin each round with w.grad = None, and give the loss X @ w and y.",
    ),
    notice="Neither mistake raises an error, and the loss falls at first with both. A check "
    "against gradient descent by hand finds them.",
)

EXERCISES = {
    "gradient": GRADIENT,
    "stable": STABLE,
    "train": TRAIN,
}

QUIZ = [
    Question(
        "The neuron says 0.01 for a student who passed. Why does the cross-entropy teach better?",
        (
            "It is steep there, the squared error flat.",
            "Its slope in z is ŷ − y, about −1. That of the squared error has a factor ŷ(1 − ŷ), "
            "which is tiny here.",
        ),
        (
            ("It cannot become infinite, so no step is too long.", "It can, for ŷ = 0."),
            ("Its factor ŷ(1 − ŷ) makes such errors count.", "That factor cancels in it."),
            ("It is the smaller of the two there.", "It is larger: 4.6 against 0.98."),
        ),
        place=1,
    ),
    Question(
        "The loss jumps up and down and ends higher than it began. What do you try first?",
        (
            "Lower the learning rate.",
            "The steps shoot over the valley. Scaled features help as well.",
        ),
        (
            ("Let it run for more steps.", "They would shoot over the valley again and again."),
            ("Raise the learning rate.", "The steps are too long already."),
            ("Take the squared error.", "The length of the steps is the problem, not the loss."),
        ),
        place=3,
    ),
    Question(
        "You compute the loss and call backward(), then do both once more, without forgetting in "
        "between. What is in .grad?",
        (
            "Their sum.",
            "backward() adds. That is why each step begins with zero_grad().",
        ),
        (
            ("The second gradient.", "It would be so if backward() replaced; it adds."),
            ("The mean of both.", "Nothing is divided; they are added."),
            (
                "Nothing: an error is raised.",
                "That would be so for backward() twice through one record. Here the loss was "
                "computed anew, and nothing warns you.",
            ),
        ),
        place=0,
    ),
    Question(
        "Mini-batches of 32 reach in one epoch what the full batch needs many for. Why?",
        (
            "They make more steps.",
            "Each is rougher, but leads about as far as an exact one, for a part of the work.",
        ),
        (
            ("Their gradients are more exact.", "They are noisier: means over fewer examples."),
            ("They see more examples in an epoch.", "An epoch shows each example once to both."),
            (
                "They can use a larger learning rate.",
                "Noise asks for smaller steps, never for larger.",
            ),
        ),
        place=2,
    ),
    Question(
        "A neuron says “90%” in 1,000 cases, and 700 of them come true. It is …",
        (
            "too sure: not calibrated.",
            "A calibrated neuron would be right in about 900 of them.",
        ),
        (
            ("calibrated, since most came true.", "90% said should mean about 90% that come true."),
            ("too timid.", "It claimed more than came true, not less."),
            ("of an accuracy below 70% here.", "Said 90%, it says yes each time: right in 70%."),
        ),
        place=1,
    ),
]
