"""Exercises and quiz of lesson 02, How sure is the neuron?"""

from __future__ import annotations

import math
import warnings
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- gradient: all students at once ------------------------------------------------------------


def _gradient(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ (torch.sigmoid(X @ w) - y) / len(y)


def _gradient_sum(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ (torch.sigmoid(X @ w) - y)


def _gradient_threshold(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ ((X @ w >= 0).to(X.dtype) - y) / len(y)


def _gradient_squared(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(X @ w)
    return X.T @ (2 * (y_hat - y) * y_hat * (1 - y_hat)) / len(y)


def _errors(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return torch.sigmoid(X @ w) - y


def _gradient_each(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return _errors(w, X, y)[:, None] * X


def _gradient_times_slope_only(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(X @ w)
    return X.T @ (y_hat * (1 - y_hat)) / len(y)


def _gradient_over_slope(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(X @ w)
    return X.T @ ((y_hat - y) / (y_hat * (1 - y_hat))) / len(y)


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
        Mistake(
            _gradient_sum,
            "You forgot the mean: divide by the number of students. Otherwise a learning rate that "
            "suits 100 students is far too large for 10,000.",
        ),
        Mistake(
            lambda w, X, y: -_gradient(w, X, y),
            "The sign is turned. The gradient points uphill, so it is (ŷ − y)x; the minus comes "
            "later, in the step.",
        ),
        Mistake(
            lambda w, X, y: X.T @ (X @ w - y) / len(y),
            "You compare y with the net input z. The error is ŷ − y with ŷ = σ(z).",
        ),
        Mistake(
            _gradient_threshold,
            "You compare y with the hard answer 0 or 1: that is the perceptron's rule. Here ŷ is "
            "the probability σ(z).",
        ),
        Mistake(
            _gradient_squared,
            "That is the gradient of the squared error. With the cross-entropy the factor "
            "ŷ(1 − ŷ) cancels.",
        ),
        Mistake(
            lambda w, X, y: _gradient_squared(w, X, y) / 2,
            "You multiply by the slope ŷ(1 − ŷ) of the sigmoid. With the cross-entropy it cancels: "
            "the error ŷ − y alone is multiplied with the inputs.",
        ),
        Mistake(
            lambda w, X, y: _gradient_sum(w, X, y) / len(w),
            "You divide by the number of weights. A mean over students divides by the number of "
            "students, len(y).",
        ),
        Mistake(
            lambda w, X, y: _gradient_sum(w, X[:1], y[:1]) / len(y),
            "Only the first student counts in yours. A return inside a loop ends the function in "
            "its first round; X.T @ errors needs no loop.",
        ),
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
            lambda w, X, y: -_gradient_sum(w, X, y),
            "Two things: the sign is turned (it is ŷ − y, not y − ŷ), and the mean is missing: "
            "divide by the number of students.",
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
            "X @ errors multiplies along a student's numbers. The sum goes over the students: "
            "X.T @ errors.",
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
            lambda w, X, y: X.T @ torch.sigmoid(X @ w - y) / len(y),
            "y is subtracted inside the sigmoid: a bracket closes too late. The error is σ(z) − y.",
        ),
        Mistake(
            lambda w, X, y: X.T @ torch.sigmoid(X @ w) / len(y),
            "The labels have no part in yours. The error is ŷ − y.",
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
            lambda w, X, y: X.T @ (torch.sigmoid(X @ w) - y / len(y)),
            "Only y is divided by the number of students: / comes before −. Put (ŷ − y) in "
            "brackets.",
        ),
        Mistake(
            lambda w, X, y: X.T @ _errors(w, X, y).mean(),
            "The errors are averaged too early: one number is left of them. Each has to meet its "
            "own row first: X.T @ errors, then divide by their number.",
        ),
        Mistake(
            _gradient_times_slope_only,
            "ŷ(1 − ŷ) is the slope of the sigmoid alone. In the product of the three links it "
            "cancels, and ŷ − y is left.",
        ),
        Mistake(
            lambda w, X, y: X.T @ _errors(w, X, y).abs() / len(y),
            "You drop the sign of the error. It says in which direction the weights must go.",
        ),
        Mistake(
            lambda w, X, y: X.T @ _errors(w, X, y) ** 2 / len(y),
            "You square the error. In the gradient it stands as it is: (ŷ − y)x.",
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
            lambda w, X, y: X.T @ (X @ w - y),
            "Two things: you compare y with the net input z in place of ŷ = σ(z), and the mean is "
            "missing.",
        ),
        Mistake(
            lambda w, X, y: 2 * X.T @ (X @ w - y) / len(y),
            "That is the gradient of the squared error of z. Put z through the sigmoid, and leave "
            "the 2 out: with the cross-entropy the error ŷ − y stands alone.",
        ),
        Mistake(
            lambda w, X, y: _gradient_sum(w, X, y) / X.numel(),
            "You divide by all numbers of X. A mean over students divides by their number, len(y).",
        ),
        Mistake(
            _gradient_over_slope,
            "You divide by ŷ(1 − ŷ): that is the first link alone. The second link multiplies "
            "with it, so that it cancels.",
        ),
        Mistake(
            lambda w, X, y: _gradient(w, X, y)[None],
            "The numbers are right, but they stand in a row, (1, D). Wanted is (D,), like w.",
        ),
        Mistake(
            lambda w, X, y: _errors(w, X, y) @ X.T / len(y),
            "errors @ X.T multiplies along a student's numbers. The sum goes over the students: "
            "X.T @ errors, or errors @ X.",
        ),
        Mistake(
            lambda w, X, y: X @ _errors(w, X, y),
            "X @ errors multiplies along a student's numbers, where the sum goes over the "
            "students: X.T @ errors. And the mean is missing.",
        ),
        Mistake(
            lambda w, X, y: X.T @ (1 / (1 + torch.exp(X @ w)) - y) / len(y),
            "The minus in exp(−z) is missing: your ŷ falls where z grows.",
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
            lambda w, X, y: _gradient_sum(w, X, y) / max(1, len(y) - 1),
            "You divide by N − 1. The mean over N students divides by N.",
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


def _stable_naive(z: Tensor, y: Tensor) -> Tensor:
    return _stable_each_naive(z, y).mean()


def _bend(z: Tensor) -> Tensor:
    return torch.log1p(torch.exp(-z.abs()))


def _stable_max_with_zero(z: Tensor, y: Tensor) -> Tensor:
    return (torch.max(z, 0) - y * z + _bend(z)).mean()  # dim 0: a pair comes back


def _stable_maximum_with_zero(z: Tensor, y: Tensor) -> Tensor:
    return (torch.maximum(z, 0) - y * z + _bend(z)).mean()  # wants two tensors


def _stable_guarded(z: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(z).clamp(1e-7, 1 - 1e-7)
    return -(y * y_hat.log() + (1 - y) * (1 - y_hat).log()).mean()


def _stable_each_naive(z: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(z)
    return -(y * y_hat.log() + (1 - y) * (1 - y_hat).log())


def _stable_plus_little(little: float, z: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(z)
    return -(y * (y_hat + little).log() + (1 - y) * (1 - y_hat + little).log()).mean()


def _stable_by_cases(z: Tensor, y: Tensor) -> Tensor:
    return torch.where(y == 1, torch.log1p(torch.exp(-z)), torch.log1p(torch.exp(z))).mean()


def _stable_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(4)
    pairs = [(0.0, 1.0), (2.0, 1.0), (2.0, 0.0), (-2.0, 0.0), (-2.0, 1.0), (20.0, 1.0)]
    pairs += [(200.0, 0.0), (-200.0, 1.0)]
    small = [(torch.tensor([z]), torch.tensor([y])) for z, y in pairs]
    many = (30 * torch.randn(12, generator=generator), (torch.arange(12) % 2).float())
    few = (torch.tensor([2.0, -1.0, 0.5]), torch.tensor([1.0, 0.0, 0.0]))
    return [*small, few, many]


STABLE = Exercise(
    title="a loss that does not break",
    reference=_stable,
    cases=_stable_cases,
    mistakes=(
        Mistake(
            _stable_naive,
            "You go through ŷ = σ(z). At z = 20 it is exactly 1 in 32 bits, and the logarithm of "
            "1 − ŷ is −∞. Stay with z.",
        ),
        Mistake(
            lambda z, y: F.binary_cross_entropy(torch.sigmoid(z), y),
            "PyTorch's loss for probabilities cuts logarithms off at −100: no crash, but the loss "
            "of a very wrong student is too small. Stay with z.",
        ),
        Mistake(
            lambda z, y: (torch.log1p(torch.exp(-z)) + (1 - y) * z).mean(),
            "The formula is right, but exp(−z) overflows for very negative z. Use "
            "exp(−|z|) and max(z, 0).",
        ),
        Mistake(
            lambda z, y: (torch.log1p(torch.exp(z)) - y * z).mean(),
            "The formula is right, but exp(z) overflows for large z. Use exp(−|z|) and max(z, 0).",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z))).mean(),
            "In ln(1 + exp(−|z|)) you left out the |·|. For negative z, exp(−z) grows and "
            "overflows, and the sum is wrong before: write z.abs().",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(torch.exp(z))).mean(),
            "The third term is ln(1 + exp(−|z|)), with a minus and with |z|. exp(z) overflows for "
            "large z, and the sum is wrong before.",
        ),
        Mistake(
            _stable_guarded,
            "You keep ŷ a little away from 0 and 1. There is no crash, but no loss can exceed some "
            "16, whatever z is. Stay with z.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(-z.abs())).mean(),
            "The exp is missing: the third term is ln(1 + exp(−|z|)), the minus inside the exp.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(-torch.exp(z.abs()))).mean(),
            "The minus stands before the exp in yours. It belongs to |z|: exp(−|z|).",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + 1 + torch.exp(-z.abs())).mean(),
            "The logarithm is missing: the third term is ln(1 + exp(−|z|)), which torch.log1p "
            "works out.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - z + _bend(z)).mean(),
            "You subtract z; the term is y times z. Every student counts as passed in yours.",
        ),
        Mistake(
            lambda z, y: (z.max() - y * z + _bend(z)).mean(),
            "z.max() is the largest of all net inputs, and may be negative. max(z, 0) is worked "
            "out for each: z.clamp(min=0).",
        ),
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
            lambda z, y: torch.nan_to_num(_stable_each_naive(z, y)).mean(),
            "You replace nan and inf by other numbers. There is no crash, but the losses are "
            "wrong. Stay with z.",
        ),
        Mistake(
            lambda z, y: torch.nan_to_num(_stable_naive(z, y)),
            "You replace a mean of nan or inf by another number. There is no crash, but it is "
            "wrong. Stay with z.",
        ),
        *(
            Mistake(
                partial(_stable_plus_little, little),
                f"You add {little:g} before the logarithm. There is no crash, but no loss can "
                f"exceed {-math.log(little):.0f}, whatever z is. Stay with z.",
            )
            for little in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
        ),
        Mistake(
            lambda z, y: -_stable(z, y),
            "The sign is turned round: −y·z is in the form already, and a loss is never negative.",
        ),
        Mistake(
            lambda z, y: (_bend(z) - y * z).mean(),
            "The first term, max(z, 0), is missing. Without it a sure and wrong answer costs "
            "nothing.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z - _bend(z)).mean(),
            "The third term, ln(1 + exp(−|z|)), is added.",
        ),
        Mistake(
            lambda z, y: (z.abs() - y * z + _bend(z)).mean(),
            "The first term is |z| in yours. It is max(z, 0), 0 for every negative z.",
        ),
        Mistake(
            lambda z, y: (z - y * z + _bend(z)).mean(),
            "The first term is z in yours. It is max(z, 0): z.clamp(min=0).",
        ),
        Mistake(
            lambda z, y: (z.clamp(0, 1) - y * z + _bend(z)).mean(),
            "z.clamp(0, 1) cuts off what lies above 1, too. max(z, 0) has no upper end: "
            "z.clamp(min=0).",
        ),
        Mistake(
            lambda z, y: _stable(z, 1 - y),
            "The two labels have changed places: yours is the loss of 1 − y.",
        ),
        Mistake(
            lambda z, y: (z.max().clamp(min=0) - y * z + _bend(z)).mean(),
            "z.max() is the largest of all net inputs. max(z, 0) is worked out for each: "
            "z.clamp(min=0).",
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
        Mistake(
            lambda z, y: _stable(z[:1], y[:1]),
            "Only the first student counts in yours. Does a return stand inside a loop?",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(torch.sigmoid(-z.abs()))).mean(),
            "The third term holds exp(−|z|), not σ(−|z|).",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(z.abs())).mean(),
            "The exp is missing: the third term is ln(1 + exp(−|z|)).",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.exp(-z.abs())).mean(),
            "The logarithm is missing: the third term is ln(1 + exp(−|z|)).",
        ),
        Mistake(
            _stable_by_cases,
            "The two formulas are right, but exp overflows where its argument is large. Use "
            "exp(−|z|) and max(z, 0).",
        ),
        Mistake(lambda z, y: _stable(z, y) * len(y), "You add the losses up; take their mean."),
        Mistake(
            lambda z, y: z.clamp(min=0) - y * z + _bend(z),
            "The losses are right, one for each student. Wanted is their mean.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) + y * z + _bend(z)).mean(),
            "A sign is turned: the term y·z is subtracted.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y + _bend(z)).mean(),
            "You subtract y; the term is y times z.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z).mean(),
            "The third term, ln(1 + exp(−|z|)), is missing. It matters where z is near 0.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log(torch.exp(-z.abs()))).mean(),
            "ln(exp(−|z|)) is just −|z|. The 1 is missing: ln(1 + exp(−|z|)), which torch.log1p "
            "works out.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(1 + torch.exp(-z.abs()))).mean(),
            "You add 1 twice: torch.log1p(a) is ln(1 + a) already.",
        ),
        Mistake(
            lambda z, y: (z.clamp(max=0) - y * z + _bend(z)).mean(),
            "z.clamp(max=0) cuts off what lies above 0. max(z, 0) is z.clamp(min=0).",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) - y * z + torch.log1p(torch.exp(z.abs()))).mean(),
            "The minus in exp(−|z|) is missing: yours grows with |z| and overflows.",
        ),
        Mistake(
            lambda z, y: _stable(torch.sigmoid(z), y),
            "You put z through the sigmoid first. The form takes z itself.",
        ),
        Mistake(
            lambda z, y: (z.clamp(min=0) + _bend(z)).mean(),
            "The labels have no part in yours: the term −y·z is missing, so that every student "
            "counts as failed.",
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
    for _ in range(n_steps):
        w = w - lr * _gradient_threshold(w, X, y)
    return w


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
            "Only one step is made, whatever n_steps is. Does your return stand inside the loop?",
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
            "loss"
            "must be computed from that copy, without detach() and outside torch.no_grad().",
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
            "If w.grad.zero_() is what stops: in the first round w.grad is still None. Write "
            "w.grad = None, which works in every round.",
        ),
        Mistake(
            lambda w, X, y, lr, n_steps: w.clone(),
            "Your weights never change. Either no step is made, or the slopes are forgotten after "
            "backward() and before the step.",
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
