"""Exercises and quiz of lesson 10, Can a network dream digits?"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- code: squeeze pictures into a few numbers and unfold them again ---------------------------


def _code(X: Tensor, mean: Tensor, axes: Tensor) -> Tensor:
    return mean + (X - mean) @ axes.T @ axes


def _code_one_row(X: Tensor, mean: Tensor, axes: Tensor) -> Tensor:
    return mean + ((X - mean) @ axes.T)[:, :1] @ axes[:1]


def _code_last_row(X: Tensor, mean: Tensor, axes: Tensor) -> Tensor:
    return mean + ((X - mean) @ axes.T)[:, -1:] @ axes[-1:]


def _code_all_mixed(X: Tensor, mean: Tensor, axes: Tensor) -> Tensor:
    codes = ((X - mean) @ axes.T).sum(dim=1, keepdim=True)
    return mean + codes * axes.sum(dim=0)


def _code_cases() -> list[tuple[Tensor, Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(10)
    three = torch.randint(-4, 5, (3, 3), generator=generator).float()
    planes = torch.tensor([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    turned = torch.tensor([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0], [0.8, -0.6, 0.0]])
    return [
        (torch.tensor([[3.0, 1.0]]), torch.zeros(2), torch.tensor([[1.0, 0.0]])),
        (torch.tensor([[3.0, 1.0]]), torch.ones(2), torch.tensor([[0.0, 1.0]])),
        (torch.tensor([[5.0, 0.0], [0.0, 5.0]]), torch.zeros(2), torch.tensor([[0.6, 0.8]])),
        (three, torch.tensor([1.0, -1.0, 2.0]), planes),
        (three, torch.tensor([1.0, 0.0, -1.0]), turned),
    ]


CODE = Exercise(
    title="squeeze and unfold",
    reference=_code,
    cases=_code_cases,
    mistakes=(
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes.T,
            "These are the codes. They are only half of the way: unfold them again, so that a row "
            "has as many numbers as at the beginning.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes.T @ axes,
            "The mean was taken away before squeezing, and it is still missing. Add it behind the "
            "unfolding.",
        ),
        Mistake(
            lambda X, mean, axes: mean + X @ axes.T @ axes,
            "The mean is added at the end, but it was not taken away at the beginning. So it "
            "counts twice along the axes.",
        ),
        Mistake(
            lambda X, mean, axes: X @ axes.T @ axes,
            "The mean does not appear at all. The axes tell how a picture differs *from the mean*.",
        ),
        Mistake(
            lambda X, mean, axes: X.mean(dim=0) + (X - X.mean(dim=0)) @ axes.T @ axes,
            "You take the mean of the rows that came. The mean that is wanted was given: it "
            "belongs to the training pictures, and one test picture alone would be its own mean.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes,
            "The axes lie in rows, (K, D). To get from D numbers to K, multiply by axes.T. And "
            "then the codes have to be unfolded again.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes.T @ axes.T,
            "Squeezing is right: times axes.T. Unfolding goes back, from K numbers to D: times "
            "axes.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes.T @ axes.T,
            "Squeezing is right: times axes.T. Unfolding goes back, from K numbers to D: times "
            "axes. And at the end add the mean.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes @ axes.T,
            "The two matrices are swapped. Squeezing goes from D numbers to K, so it is times "
            "axes.T; unfolding goes back, times axes.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes @ axes.T,
            "The two matrices are swapped: squeezing is times axes.T, unfolding times axes. And at "
            "the end the mean is missing.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes @ axes,
            "Squeezing goes from D numbers to K. The axes are (K, D), so it is times axes.T, not "
            "axes. (Unfolding is right.)",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes @ axes,
            "Squeezing goes from D numbers to K: times axes.T, not axes. And at the end the mean "
            "is missing.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes,
            "The axes lie in rows, (K, D). Squeezing is times axes.T. Then unfold, times axes, "
            "before the mean is added.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes.T,
            "The codes are right, (X - mean) @ axes.T. But the mean is added to codes: unfold them "
            "first, times axes.",
        ),
        Mistake(
            lambda X, mean, axes: axes @ (X - mean),
            "The matrix stands in front. A picture is a row of X, so the matrices come behind: "
            "(X - mean) @ axes.T.",
        ),
        Mistake(
            lambda X, mean, axes: axes.T @ (axes @ (X - mean)),
            "The matrices stand in front. A picture is a row of X, so they come behind: "
            "(X - mean) @ axes.T @ axes. And the mean is missing at the end.",
        ),
        Mistake(
            lambda X, mean, axes: mean + axes.T @ (axes @ (X - mean)),
            "The matrices stand in front, as they would for a picture in a column. Here it is a "
            "row of X, so they come behind: (X - mean) @ axes.T @ axes.",
        ),
        Mistake(
            lambda X, mean, axes: axes @ (X - mean).T,
            "These are the codes, and they lie in columns, (K, N). Write (X - mean) @ axes.T, and "
            "then unfold.",
        ),
        Mistake(
            lambda X, mean, axes: mean[:, None] + axes.T @ (axes @ (X - mean).T),
            "The numbers are right, but each picture lies in a column. Turn the result round at "
            "the end: .T.",
        ),
        Mistake(
            lambda X, mean, axes: X @ axes.T,
            "These are codes, and of X itself. Take the mean away first, and at the end unfold: "
            "times axes, plus the mean.",
        ),
        Mistake(
            lambda X, mean, axes: mean - (X - mean) @ axes.T @ axes,
            "The sign is turned round: what was unfolded is added to the mean, not subtracted.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) - (X - mean) @ axes.T @ axes,
            "That is what was lost. Wanted is what is left.",
        ),
        Mistake(
            lambda X, mean, axes: X - (X - mean) @ axes.T @ axes,
            "That is the mean and what was lost. Wanted is the mean and what is left.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes.T @ axes / len(axes),
            "Unfolding adds up the directions. You divide by how many there are.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) * (axes**2).sum(dim=0),
            "You weigh each pixel by itself. The code mixes pixels: it is a product of matrices, "
            "(X - mean) @ axes.T.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean.mean()) @ axes.T @ axes + mean.mean(),
            "You take one mean over all pixels. Each pixel has a mean of its own, and mean holds "
            "them all.",
        ),
        Mistake(
            lambda X, mean, axes: axes.T @ (axes @ (X - mean).T),
            "Each picture lies in a column, and the mean is missing. Turn the result round (.T), "
            "and add the mean.",
        ),
        Mistake(
            lambda X, mean, axes: _code(X, X.mean(dim=1, keepdim=True), axes),
            "You take a mean of each picture over its own pixels. The mean that is wanted was "
            "given: one for each pixel.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes.T @ axes - mean,
            "The mean is taken away twice. At the end it comes back: + mean.",
        ),
        Mistake(
            lambda X, mean, axes: mean + mean + (X - mean) @ axes.T @ axes,
            "The mean is added twice.",
        ),
        Mistake(
            lambda X, mean, axes: (X @ axes.T - mean) @ axes + mean,
            "The mean is taken from the codes. A code has K numbers, the mean has D: take it from"
            " X, before squeezing.",
        ),
        Mistake(
            lambda X, mean, axes: mean + X @ axes.T @ axes - mean @ axes.T,
            "The mean that you subtract was squeezed and not unfolded. The shortest way is to "
            "take it from X before anything else.",
        ),
        Mistake(
            lambda X, mean, axes: ((X - mean) @ axes.T, _code(X, mean, axes)),
            "Two things came back, codes and pictures. Return the pictures only.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes.T * axes,
            "The star multiplies number by number. Unfolding is a product of matrices: @.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) * axes.T * axes,
            "The star multiplies number by number. Squeezing and unfolding are products of "
            "matrices: @.",
        ),
        Mistake(
            lambda X, mean, axes: mean + 0.5 * (X - mean) @ axes.T @ axes,
            "You halve what was unfolded. The directions have length 1, so no factor is needed.",
        ),
        Mistake(
            lambda X, mean, axes: mean.expand_as(X),
            "That is the mean picture for every row, the answer of a code with no numbers. X and "
            "the axes do not appear.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ torch.linalg.inv(axes) @ axes,
            "axes is (K, D) and has no inverse if K is below D. Its rows stand at right angles, "
            "so axes.T does it.",
        ),
        Mistake(
            _code_last_row,
            "Only the last axis is left: each round of the loop writes over the one before. Add "
            "them up, or take all at once: (X - mean) @ axes.T @ axes.",
        ),
        Mistake(
            _code_all_mixed,
            "The numbers of a code are added up before unfolding. Each belongs to a direction of "
            "its own: codes @ axes.",
        ),
        Mistake(
            lambda X, mean, axes: (X + mean) @ axes.T @ axes - mean,
            "The mean is turned round: take it away before squeezing, add it behind the unfolding.",
        ),
        Mistake(
            lambda X, mean, axes: X,
            "Nothing was squeezed: X comes back as it went in. What points along none of the axes "
            "has to be lost.",
        ),
        Mistake(
            lambda X, mean, axes: mean + axes,
            "That is the picture of the code 1, the same for every row. The code has to come from "
            "X.",
        ),
        Mistake(
            _code_one_row,
            "Only the first axis is used. There are K of them, and the product of matrices takes "
            "all at once.",
        ),
    ),
    hints=(
        "Three steps: take the mean away, multiply by one matrix, multiply by another. What is "
        "missing at the end?",
        "Codes: (N, D) times (D, K). Back: (N, K) times (K, D). The axes are (K, D).",
        "codes = (X - mean) @ axes.T; then mean + codes @ axes.",
    ),
    notice="In the last case there were as many axes as numbers, and all came back. With fewer, "
    "what points along none of the axes is lost.",
)

# --- purity: how much do groups know of labels? ------------------------------------------------


def _purity(groups: Tensor, labels: Tensor) -> float:
    right = 0
    for group in groups.unique():
        right += labels[groups == group].bincount().max().item()
    return right / len(labels)


def _purity_unweighted(groups: Tensor, labels: Tensor) -> float:
    shares = [_purity(groups[groups == g], labels[groups == g]) for g in groups.unique()]
    return sum(shares) / len(shares)


def _purity_counts(groups: Tensor, labels: Tensor) -> float:
    return _purity(groups, labels) * len(labels)


def _purity_of_all_numbers(groups: Tensor, labels: Tensor) -> float:
    right = 0
    for group in range(10):
        right += labels[groups == group].bincount().max().item()
    return right / len(labels)


def _purity_shares_added(groups: Tensor, labels: Tensor) -> float:
    return sum(_purity(groups[groups == g], labels[groups == g]) for g in groups.unique())


def _purity_of_labels(groups: Tensor, labels: Tensor) -> float:
    right = sum(labels[labels == g].bincount().max().item() for g in groups.unique())
    return right / len(labels)


def _purity_of_groups(groups: Tensor, labels: Tensor) -> float:
    right = sum(groups[labels == g].bincount().max().item() for g in groups.unique())
    return right / len(labels)


def _purity_counted_from_0(groups: Tensor, labels: Tensor) -> float:
    right = 0
    for group in range(len(groups.unique())):
        right += labels[groups == group].bincount().max().item()
    return right / len(labels)


def _purity_divided_by_groups(groups: Tensor, labels: Tensor) -> float:
    return _purity_counts(groups, labels) / len(groups.unique())


def _purity_last_group(groups: Tensor, labels: Tensor) -> float:
    last = groups == groups.max()
    return _purity_counts(groups[last], labels[last]) / len(labels)


def _purity_first_group(groups: Tensor, labels: Tensor) -> float:
    first = groups == groups.min()
    return _purity_counts(groups[first], labels[first]) / len(labels)


def _purity_digits_added(groups: Tensor, labels: Tensor) -> float:
    return sum(labels[groups == g].bincount().argmax().item() for g in groups.unique()) / len(
        labels
    )


def _purity_each_name_once(groups: Tensor, labels: Tensor) -> float:
    right, free = 0, torch.ones(10)
    for group in groups.unique():
        counts = labels[groups == group].bincount(minlength=10) * free
        right += counts.max().item()
        free[counts.argmax()] = 0
    return right / len(labels)


def _purity_per_picture(groups: Tensor, labels: Tensor) -> float:
    return sum(labels[groups == g].bincount().max().item() for g in groups) / len(labels)


def _purity_by_digit(groups: Tensor, labels: Tensor) -> float:
    """Give each digit its commonest group, not the other way round."""
    return _purity(labels, groups)


def _purity_cases() -> list[tuple[Tensor, Tensor]]:
    pairs = [
        ([0, 0, 1], [3, 3, 5]),
        ([0, 0, 0, 1], [3, 3, 5, 5]),
        ([0, 0, 0, 1, 1], [3, 3, 5, 3, 3]),
        ([2, 2, 7, 7, 7, 7], [1, 1, 1, 4, 9, 9]),
        ([4, 0, 4, 0, 4, 4, 9, 4], [4, 8, 8, 8, 4, 9, 9, 0]),
    ]
    return [(torch.tensor(groups), torch.tensor(labels)) for groups, labels in pairs]


PURITY = Exercise(
    title="name the groups, count what is right",
    reference=_purity,
    cases=_purity_cases,
    mistakes=(
        Mistake(
            lambda groups, labels: (groups == labels).float().mean().item(),
            "You compare the number of the group with the digit. The groups come without names: "
            "group 0 may be the threes.",
        ),
        Mistake(
            _purity_unweighted,
            "You take the mean over groups. A small group then counts as much as a large one; add "
            "up the pictures that are right, and divide by all pictures.",
        ),
        Mistake(
            _purity_by_digit,
            "You gave each digit its commonest group. Asked is the other way: give each group its "
            "commonest digit. Two groups may get the same one.",
        ),
        Mistake(
            _purity_counts,
            "That is how many are right. Divide by how many there are.",
        ),
        Mistake(
            lambda groups, labels: labels.bincount().max().item() / len(labels),
            "That is the share of the commonest digit of all. The groups do not appear.",
        ),
        Mistake(
            _purity_of_all_numbers,
            "Somewhere labels[...] is empty, and nothing is the commonest of none. Compare "
            "`groups` (not `labels`) with a number, and only with those of groups.unique().",
        ),
        Mistake(
            _purity_counted_from_0,
            "Groups need not be numbered 0, 1, 2 without a gap: in the case shown a number is "
            "missing, so labels[...] is empty there. Go through groups.unique().",
        ),
        Mistake(
            _purity_divided_by_groups,
            "You divide by the number of groups. A share of pictures is wanted.",
        ),
        Mistake(
            _purity_last_group,
            "Only one group is counted. Add each to those before: += in place of =, and the return "
            "behind the loop.",
        ),
        Mistake(
            _purity_first_group,
            "Only the first group is counted: the return stands inside the loop, so it ends after "
            "one round.",
        ),
        Mistake(
            _purity_digits_added,
            "argmax() tells *which* digit is the commonest. Add up how often it appears: max().",
        ),
        Mistake(
            _purity_each_name_once,
            "You give each name to one group only. Two groups may have the same commonest digit.",
        ),
        Mistake(
            _purity_per_picture,
            "You go through the pictures, so a large group is counted many times. Go through "
            "groups.unique().",
        ),
        Mistake(
            _purity_shares_added,
            "You add up the shares of the groups. Add up how many are right in each, and divide "
            "by all at the end.",
        ),
        Mistake(
            _purity_of_labels,
            "labels[labels == group] compares the digits with the number of a group. Which "
            "pictures are in the group? groups == group.",
        ),
        Mistake(
            _purity_of_groups,
            "groups[labels == group] are groups, not digits, and of the wrong pictures. Take "
            "labels[groups == group].",
        ),
        Mistake(
            lambda groups, labels: int(_purity_counts(groups, labels)) // len(labels),
            "// drops what is behind the point. Divide with /.",
        ),
        Mistake(
            lambda groups, labels: 1 - _purity(groups, labels),
            "That is the share that is wrong. The purity is the other part.",
        ),
        Mistake(
            lambda groups, labels: (
                sum(labels[groups == g].max().item() for g in groups.unique()) / len(labels)
            ),
            ".max() of the labels is the largest digit. First count each digit, .bincount(), then"
            " take .max().",
        ),
        Mistake(
            lambda groups, labels: (
                sum(len(labels[groups == g].unique()) for g in groups.unique()) / len(labels)
            ),
            "You count the kinds in each group. How often does the commonest of them appear?",
        ),
        Mistake(
            lambda groups, labels: [
                _purity(groups[groups == g], labels[groups == g]) for g in groups.unique()
            ],
            "One share for each group came back. Wanted is one number for all pictures.",
        ),
        Mistake(
            lambda groups, labels: (
                sum(labels[groups == g].bincount().min().item() for g in groups.unique())
                / len(labels)
            ),
            ".min() is how often the rarest digit appears, often 0. Take .max().",
        ),
        Mistake(
            lambda groups, labels: groups.bincount().max().item() / len(groups),
            "That is the share of the largest group. The labels do not appear.",
        ),
        Mistake(
            lambda groups, labels: 1.0,
            "Everything is right, by your count. In each group only the commonest digit is: max() "
            "of its counts, not their sum.",
        ),
        Mistake(
            lambda groups, labels: 100 * _purity(groups, labels),
            "That is right in percent. Wanted is a share, from 0 to 1.",
        ),
        Mistake(
            lambda groups, labels: len(groups.unique()) / len(labels),
            "One for each group: you count the groups, not the pictures that have their group's "
            "commonest digit.",
        ),
    ),
    hints=(
        "Go through the groups. Which labels lie in this one, and how often does the commonest of "
        "them appear?",
        "labels[groups == group] are the labels of one group; .bincount() counts each digit in it; "
        ".max() is how many would be right.",
        "right += labels[groups == group].bincount().max().item(), for each group of "
        "groups.unique(); at the end right / len(labels).",
    ),
    notice="The labels were needed to give the groups names, not to find them. With as many groups "
    "as pictures this share is always 1, so compare it only at the same number of groups.",
)

# --- kl: how far is a cloud from the standard one ----------------------------------------------


def _kl(mu: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1)


def _kl_cases() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(11)
    wide = float(torch.tensor(4.0).log())  # sigma = 2
    pairs = [
        ([[0.0]], [[0.0]]),
        ([[1.0]], [[0.0]]),
        ([[-2.0]], [[0.0]]),
        ([[0.0]], [[wide]]),
        ([[1.0, 0.0]], [[0.0, -wide]]),
        ([[1.0, 2.0], [0.0, 3.0]], [[-1.0, 0.5], [0.0, -2.0]]),
    ]
    drawn = torch.randn(2, 4, 3, generator=generator).mul(10).round() / 10
    return [(torch.tensor(mu), torch.tensor(log_var)) for mu, log_var in pairs] + [tuple(drawn)]


KL = Exercise(
    title="the distance from the standard cloud, in closed form",
    reference=_kl,
    cases=_kl_cases,
    mistakes=(
        Mistake(
            lambda mu, log_var: (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "Twice as much as it should be: the ½ is missing.",
        ),
        Mistake(
            lambda mu, log_var: -0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "The sign is turned round. A KL divergence is never below 0.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 + log_var).sum(dim=1),
            "The logarithm is subtracted: it is large where the cloud is wide, and σ² pays for "
            "that already.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - log_var).sum(dim=1),
            "The −1 is missing. For μ = 0 and σ = 1 the two clouds are one, and the answer is 0.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu + log_var.exp() - 1 - log_var).sum(dim=1),
            "μ enters squared: a cloud on the left is as far away as one on the right.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (log_var / 2).exp() - 1 - log_var).sum(dim=1),
            "exp(log_var / 2) is σ. The formula wants σ², and that is exp(log_var).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (2 * log_var).exp() - 1 - 2 * log_var).sum(dim=1),
            "You took log_var for ln σ. It is ln σ², so σ² is its exponential.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (2 * log_var).exp() - 1 - log_var).sum(dim=1),
            "log_var.exp() is σ² already, and you square it once more.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var.log()).sum(dim=1),
            "ln σ² is log_var itself. It needs no other logarithm.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() + 1 - log_var).sum(dim=1),
            "The 1 is subtracted. For μ = 0 and σ = 1 the two clouds are one, and the answer is 0.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * ((mu**2 + log_var.exp() - log_var).sum(dim=1) - 1),
            "The −1 belongs to each number of the code. You subtract it once for all of them: put "
            "it into the sum.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var - 1 - log_var).sum(dim=1),
            "You took log_var for σ², and it cancels with itself. σ² is log_var.exp().",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var**2 - 1 - (log_var**2).log()).sum(dim=1),
            "You took log_var for σ, and squared it. It is ln σ²: σ² is log_var.exp(), and ln σ² "
            "is log_var.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var / 2).sum(dim=1),
            "log_var / 2 is ln σ. The formula wants ln σ², log_var itself.",
        ),
        Mistake(
            lambda mu, log_var: (
                0.5 * (mu.sum(dim=1) ** 2 + log_var.exp().sum(dim=1) - 1 - log_var.sum(dim=1))
            ),
            "You add up first, and then square and subtract 1. Each number of the code has its "
            "own μ² and its own −1: bracket first, then .sum(dim=1).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (-log_var).exp() - 1 - log_var).sum(dim=1),
            "exp(−log_var) is 1/σ². σ² is log_var.exp(), without the minus.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (-log_var).exp() - 1 + log_var).sum(dim=1),
            "Both signs of log_var are turned round: this is right for 1/σ in place of σ.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + 2 * log_var.exp() - 1 - log_var).sum(dim=1),
            "σ² is log_var.exp(), once.",
        ),
        Mistake(
            lambda mu, log_var: 2 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "Times 2, where it should be times ½.",
        ),
        Mistake(
            lambda mu, log_var: 0.25 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "The ½ counts twice.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu.exp() ** 2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "μ needs no exp(). Only the variance came as a logarithm.",
        ),
        Mistake(
            lambda mu, log_var: (
                0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1) / math.log(2)
            ),
            "That is right in bits. Wanted are nats, so nothing is divided by ln 2.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + 10**log_var - 1 - log_var).sum(dim=1),
            "The logarithm is the natural one, so its inverse is exp(), not 10 to the power.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (2 * mu + log_var.exp() - 1 - log_var).sum(dim=1),
            "mu * 2 is twice μ. μ² is mu**2.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var**2 - 1 - 2 * log_var.log()).sum(dim=1),
            "You took log_var for σ. It is ln σ²: σ² is log_var.exp(), and ln σ² is there already.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var - 1 - log_var.log()).sum(dim=1),
            "You took log_var for σ². It is ln σ²: σ² is log_var.exp(), and ln σ² needs no other "
            "logarithm.",
        ),
        Mistake(
            lambda mu, log_var: (0.5 * mu**2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "The ½ stands before μ² only. It belongs to the whole bracket.",
        ),
        Mistake(
            lambda mu, log_var: (0.5 * (mu**2 + log_var.exp()) - 1 - log_var).sum(dim=1),
            "The ½ belongs to the whole bracket, also to −1 and to the logarithm.",
        ),
        Mistake(
            lambda mu, log_var: (0.5 * (mu**2 + log_var.exp() - 1) - log_var).sum(dim=1),
            "The logarithm counts twice as much as it should. The ½ belongs to it, too, and ln σ²"
            " is log_var, once.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - log_var).sum(dim=1) - 1,
            "The −1 stands outside the bracket. It belongs to each number of the code, and the ½ "
            "to it: put it into the sum.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (log_var.exp() - 1 - log_var).sum(dim=1),
            "μ does not appear. A cloud away from 0 costs, too: + mu**2.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2).sum(dim=1),
            "σ does not appear. A cloud that is too narrow or too wide costs, too.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu.abs() + log_var.exp() - 1 - log_var).sum(dim=1),
            "You take the size of μ. It enters squared: mu**2.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu + log_var.exp() - 1 - log_var).sum(dim=1) ** 2,
            "You square the sum. Only μ is squared, in each number of the code.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var**2 - 1 - log_var).sum(dim=1),
            "log_var**2 is not σ². log_var is ln σ², so σ² is log_var.exp().",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var - 1 - log_var.exp()).sum(dim=1),
            "log_var and its exponential are swapped: σ² is log_var.exp(), ln σ² is log_var.",
        ),
        Mistake(
            lambda mu, log_var: (
                0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1, keepdim=True)
            ),
            "The numbers are right, but in a column, (N, 1). Wanted is (N,): without keepdim.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).mean(),
            "One mean over everything. Wanted is one number for each picture: .sum(dim=1).",
        ),
        Mistake(
            lambda mu, log_var: mu**2 + log_var.exp() - 1 - log_var,
            "That is the bracket, for each number of the code. Take half of it, and add up the "
            "numbers of each picture: .sum(dim=1).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var),
            "Right for each number of the code. Their sum is wanted, one number for each picture: "
            ".sum(dim=1).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).mean(dim=1),
            "You take the mean over the numbers of the code. Independent directions add up.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=0),
            "You added up the pictures. dim=0 is the batch, dim=1 are the numbers of a code.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(),
            "You added up everything. One number for each picture is wanted: .sum(dim=1).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1).mean(),
            "That is the mean over the batch. Here one number for each picture is wanted.",
        ),
    ),
    hints=(
        "Write the four terms in the bracket one after the other. Which of them do you have, and "
        "which needs exp()?",
        "σ² is log_var.exp(), ln σ² is log_var itself. Sum over the numbers of the code, the last "
        "axis.",
        "0.5 * (mu**2 + log_var.exp() - 1 - log_var), and .sum(dim=1) behind the bracket.",
    ),
    notice="It is 0 for μ = 0 and σ = 1 only. A cloud that shrinks to a point, σ → 0, costs as "
    "much as you like: this keeps the encoder from giving every picture a point of its own.",
)

# --- elbo: find the mistakes in a variational autoencoder's loss -------------------------------


def _elbo(
    x: Tensor,
    mu: Tensor,
    log_var: Tensor,
    noise: Tensor,
    decode: Callable[[Tensor], Tensor],
    *,
    half: bool = True,
    all_pixels: bool = True,
    sign: int = 1,
    weight: float = 1.0,
) -> Tensor:
    """Return the loss; each switch puts one of the mistakes back."""
    sigma = (log_var / (2 if half else 1)).exp()
    pixels = F.binary_cross_entropy(decode(mu + sigma * noise), x, reduction="none")
    pixels = pixels.sum(dim=1) if all_pixels else pixels.mean()
    kl = 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)
    return (pixels + sign * weight * kl).mean()


def _elbo_reference(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, noise, decode)


def _elbo_with(**mistakes: object) -> Callable:
    return lambda x, mu, log_var, noise, decode: _elbo(x, mu, log_var, noise, decode, **mistakes)


def _elbo_sum(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable) -> Tensor:
    return len(x) * _elbo(x, mu, log_var, noise, decode)


def _elbo_no_noise(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, torch.zeros_like(noise), decode)


def _elbo_each(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable) -> Tensor:
    rows = [part[:, None] for part in (x, mu, log_var, noise)]
    return torch.stack([_elbo(*row, decode) for row in zip(*rows, strict=True)])


def _elbo_pixels_over_batch(
    x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable
) -> Tensor:
    """Add up the pixels of the whole batch, and the mean of the divergences once."""
    sigma = (log_var / 2).exp()
    pixels = F.binary_cross_entropy(decode(mu + sigma * noise), x, reduction="sum")
    return (pixels + 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)).mean()


def _elbo_halved(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    sigma = log_var.exp() / 2
    pixels = F.binary_cross_entropy(decode(mu + sigma * noise), x, reduction="none").sum(dim=1)
    return (pixels + 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)).mean()


def _elbo_kl_mean(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, noise, decode, weight=1 / mu.shape[1])


def _elbo_sigmoid_twice(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, noise, lambda z: torch.sigmoid(decode(z)))


def _elbo_of(
    pixels: Callable[[Tensor, Tensor], Tensor] | None = None,
    sigma: Callable[[Tensor], Tensor] = lambda log_var: (log_var / 2).exp(),
    kl: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None,
) -> Callable:
    """Return the loss with one of its lines replaced; pixels of each picture, (N,)."""

    def loss(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable) -> Tensor:
        made = decode(mu + sigma(log_var) * noise)
        paid = (pixels or _pixels)(made, x)
        price = (kl or _price)(mu, sigma(log_var), log_var)
        return (paid + price).mean()

    return loss


def _pixels(made: Tensor, x: Tensor) -> Tensor:
    return F.binary_cross_entropy(made, x, reduction="none").sum(dim=1)


def _price(mu: Tensor, sigma: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)


def _elbo_with_code(code: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable:
    """Return the loss with another second line."""

    def loss(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable) -> Tensor:
        sigma = (log_var / 2).exp()
        return (_pixels(decode(code(mu, sigma, noise)), x) + _price(mu, sigma, log_var)).mean()

    return loss


def _elbo_own_noise(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, torch.randn_like(mu), decode)


def _elbo_itself(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return -_elbo(x, mu, log_var, noise, decode)


def _elbo_pixels_turned(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return -_elbo(x, mu, log_var, noise, decode, sign=-1)


def _elbo_two_numbers(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    made = decode(mu + (log_var / 2).exp() * noise)
    return _pixels(made, x).mean(), _price(mu, (log_var / 2).exp(), log_var).mean()


def half(z: Tensor) -> Tensor:
    """Decode every code into two pixels of one half."""
    return torch.full((len(z), 2), 0.5)


def one_pixel(z: Tensor) -> Tensor:
    """Decode a code into one pixel."""
    return torch.sigmoid(z[:, :1])


def two_pixels(z: Tensor) -> Tensor:
    """Decode a code into a pixel and its opposite."""
    return torch.sigmoid(torch.cat([z[:, :1], -z[:, :1]], dim=1))


#: so that a learner who is shown a case can compute it
half.__name__ = "that gives 0.5 for both pixels, whatever z"
one_pixel.__name__ = "torch.sigmoid(z[:, :1])"
two_pixels.__name__ = "torch.sigmoid(torch.cat([z[:, :1], -z[:, :1]], dim=1))"


def _elbo_cases() -> list[tuple]:
    one, ink = torch.ones(1, 1), torch.tensor([[1.0, 0.0]])
    few = [[[0.5], [-1.0]], [[-1.0], [0.5]], [[2.0], [-1.0]]]
    more = [[[0.5, 1.0], [0.0, -1.0]], [[-1.0, 0.5], [1.0, -0.5]], [[1.0, -0.5], [-2.0, 0.5]]]
    return [
        (ink, 0 * one, 0 * one, 0 * one, half),
        (ink, 2 * one, 0 * one, 0 * one, half),
        (one, 0 * one, -2 * one, one, one_pixel),
        (torch.tensor([[1.0, 0.0], [0.5, 1.0]]), *map(torch.tensor, few), two_pixels),
        (torch.tensor([[1.0, 0.0], [0.0, 0.5]]), *map(torch.tensor, more), two_pixels),
    ]


ELBO = Exercise(
    title="find the mistakes: the loss of a variational autoencoder, wrong in three places",
    reference=_elbo_reference,
    cases=_elbo_cases,
    mistakes=(
        Mistake(
            _elbo_with(half=False, all_pixels=False, sign=-1),
            "That is the snippet as it was. Start with the first case: two pixels of one "
            "half cost ln 2 each, so 2 · 0.693 together.",
        ),
        Mistake(
            _elbo_with(half=False, all_pixels=False),
            "The sign is mended. Two are left: what is σ if log_var is ln σ²? And do the pixels "
            "add up, as the divergence does?",
        ),
        Mistake(
            _elbo_with(half=False, sign=-1),
            "The pixels are mended. Two are left: what is σ if log_var is ln σ²? And should a "
            "larger divergence lower the loss?",
        ),
        Mistake(
            _elbo_with(all_pixels=False, sign=-1),
            "σ is mended. Two are left: do the pixels add up, as the divergence does? And should "
            "a larger divergence lower the loss?",
        ),
        Mistake(
            _elbo_with(half=False),
            "Sign and pixels are mended. log_var is ln σ², so half of it is ln σ: "
            "σ = (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_with(all_pixels=False),
            "Sign and σ are mended. The pixels are still a mean: for a digit that makes them 784 "
            'times too light beside the divergence. Use reduction="none" and .sum(dim=1).',
        ),
        Mistake(
            _elbo_with(sign=-1),
            "Pixels and σ are mended. The divergence is still subtracted: so the further the "
            "clouds fly away, the lower the loss.",
        ),
        Mistake(
            _elbo_of(sigma=lambda log_var: log_var),
            "You took log_var for σ. It is ln σ², so half of it is ln σ: (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_of(sigma=lambda log_var: log_var / 2),
            "Half of log_var is ln σ. The exp() is missing: (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_of(sigma=lambda log_var: log_var.sqrt()),
            "The root of log_var is not σ (and below 0 it has none). log_var is ln σ²: σ is "
            "(log_var / 2).exp().",
        ),
        Mistake(
            _elbo_of(sigma=lambda log_var: (2 * log_var).exp()),
            "That is σ to the fourth power. Half of log_var is ln σ: (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_of(sigma=lambda log_var: (-log_var / 2).exp()),
            "The sign in exp() is turned round: σ grows with log_var. (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_of(kl=lambda mu, sigma, log_var: _price(mu, sigma.sqrt(), log_var)),
            "σ is mended. But the divergence wants σ², sigma**2, as in the snippet.",
        ),
        Mistake(
            _elbo_of(kl=lambda mu, sigma, log_var: _price(mu, sigma**2, log_var)),
            "The divergence squares σ twice. σ² is sigma**2, which is log_var.exp().",
        ),
        Mistake(
            _elbo_of(kl=lambda mu, sigma, log_var: _price(mu, sigma, log_var / 2)),
            "The divergence wants ln σ², which is log_var itself; ln σ is half of it. The fourth "
            "line was right.",
        ),
        Mistake(
            _elbo_of(kl=lambda mu, sigma, log_var: _price(mu, sigma, -log_var)),
            "The logarithm in the divergence is subtracted. That was right in the snippet.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: _pixels(x, made)),
            "The two arguments of binary_cross_entropy are swapped: first what was decoded, then "
            "the picture.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: ((made - x) ** 2).sum(dim=1)),
            "That is the squared error. The price of a pixel is its cross-entropy, as in the "
            "snippet.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: ((made - x) ** 2).mean()),
            "That is the mean squared error. The price of a pixel is its cross-entropy, and all "
            "pixels of a picture add up.",
        ),
        Mistake(
            _elbo_of(
                pixels=lambda made, x: F.binary_cross_entropy(made, x, reduction="none").sum(dim=0)
            ),
            "You added up the pictures. dim=0 is the batch, dim=1 are the pixels of a picture.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: F.binary_cross_entropy(x, made)),
            "Two things about the pixels: the arguments are swapped (first what was decoded, then"
            " the picture), and all pixels of a picture add up.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: F.binary_cross_entropy_with_logits(made, x)),
            "Two things about the pixels: decode gives probabilities already, so "
            "binary_cross_entropy it is; and all pixels of a picture add up.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: -(x * made.log()).sum(dim=1)),
            "You count the ink only. Paper has its price, too: − (1 − x) ln(1 − decoded). "
            "binary_cross_entropy takes both.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: (x * made.log()).sum(dim=1)),
            "Prices are −ln, with a minus. And paper has its price, too: binary_cross_entropy "
            "takes both.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: 784 * F.binary_cross_entropy(made, x)),
            '784 is right for a digit only. Add up the pixels that are there: reduction="none", '
            "then .sum(dim=1).",
        ),
        Mistake(
            _elbo_of(
                kl=lambda mu, sigma, log_var: 0 * mu.sum(dim=1) + _price(mu, sigma, log_var).sum()
            ),
            "The divergences of all pictures are added up. Wanted is their mean, as for the "
            "pixels.",
        ),
        Mistake(
            _elbo_of(
                kl=lambda mu, sigma, log_var: 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=0)
            ),
            "The divergence adds up pictures. dim=0 is the batch, dim=1 are the numbers of a "
            "code, as in the snippet.",
        ),
        Mistake(
            _elbo_of(pixels=lambda made, x: 0 * x.sum(dim=1)),
            "The pixels are gone. What is left lets every code be the standard cloud.",
        ),
        Mistake(
            _elbo_of(sigma=lambda log_var: (log_var.abs() / 2).exp()),
            "Below 0 the logarithm is that of a narrow cloud. Leave its sign: (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_of(sigma=lambda log_var: log_var.log()),
            "log_var is a logarithm already. To come back from it take exp(): (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_with_code(lambda mu, sigma, noise: mu + noise),
            "The noise is not multiplied by σ. z = mu + sigma * noise was right.",
        ),
        Mistake(
            _elbo_with_code(lambda mu, sigma, noise: mu + sigma + noise),
            "σ is added. It is what the noise is multiplied by: z = mu + sigma * noise was right.",
        ),
        Mistake(
            _elbo_with_code(lambda mu, sigma, noise: mu + sigma**2 * noise),
            "The noise is multiplied by σ², not by σ. The second line of the snippet was right, "
            "with σ in it.",
        ),
        Mistake(
            _elbo_with_code(lambda mu, sigma, noise: mu - sigma * noise),
            "The noise is subtracted. That would do as well for training, but the check wants z ="
            " mu + sigma * noise.",
        ),
        Mistake(
            _elbo_with_code(lambda mu, sigma, noise: noise),
            "μ and σ do not appear in z, so the code says nothing about the picture. z = mu + "
            "sigma * noise was right.",
        ),
        Mistake(
            _elbo_with_code(lambda mu, sigma, noise: mu * noise + sigma),
            "μ and σ are swapped in z: z = mu + sigma * noise was right.",
        ),
        Mistake(
            _elbo_of(
                pixels=lambda made, x: _pixels(made, x) / x.shape[1],
                kl=lambda mu, sigma, log_var: _price(mu, sigma, log_var) / 2,
            ),
            "Both parts are averaged. The pixels add up, and the divergence has its ½ already.",
        ),
        Mistake(
            lambda x, mu, log_var, noise, decode: _elbo(x, mu, log_var, noise, decode) / 2,
            "Half of what it should be: the two prices are added, not averaged.",
        ),
        Mistake(
            lambda x, mu, log_var, noise, decode: _elbo(x, mu, log_var, noise, decode) / len(x),
            "You divide by the number of pictures twice. One mean is enough.",
        ),
        Mistake(
            _elbo_own_noise,
            "You draw noise of your own. Use the noise that was given, so that the answer can be "
            "checked.",
        ),
        Mistake(
            _elbo_itself,
            "That is the ELBO itself, which should be large. The loss is its negative: both prices "
            "are positive.",
        ),
        Mistake(
            _elbo_pixels_turned,
            "The pixels are subtracted. They are a price, as the divergence is: both are added.",
        ),
        Mistake(
            _elbo_two_numbers,
            "Both parts are right. Wanted is one number, their sum.",
        ),
        Mistake(
            _elbo_halved,
            "exp(log_var) / 2 is half of σ². Take the half first, and then exp: "
            "(log_var / 2).exp().",
        ),
        Mistake(
            _elbo_kl_mean,
            "The numbers of the code are averaged. Independent directions add up: .sum(dim=1), as "
            "in the snippet.",
        ),
        Mistake(
            _elbo_sigmoid_twice,
            "decode gives probabilities already. binary_cross_entropy_with_logits takes the "
            "sigmoid once more; use binary_cross_entropy.",
        ),
        Mistake(
            _elbo_with(weight=0.0),
            "The divergence is gone altogether. What is left is an autoencoder with noise in it.",
        ),
        Mistake(
            _elbo_with(weight=0.5),
            "Nearly. The ½ of the divergence counts twice.",
        ),
        Mistake(
            _elbo_with(weight=2.0),
            "Nearly. The ½ of the divergence is missing.",
        ),
        Mistake(
            _elbo_sum,
            "Right for one picture. For a batch the *mean* over its pictures is wanted, so that "
            "the learning rate need not change with the size of the batch.",
        ),
        Mistake(
            _elbo_no_noise,
            "The noise is not used: z = μ. That was right in the snippet: z = μ + σ · noise.",
        ),
        Mistake(
            _elbo_each,
            "Right for each picture. The mean over the batch is missing: one number is wanted.",
        ),
        Mistake(
            _elbo_pixels_over_batch,
            'reduction="sum" adds up the pixels of all pictures, so they grow with the batch and '
            'the divergence does not. Add up each picture by itself: reduction="none", then '
            ".sum(dim=1).",
        ),
    ),
    hints=(
        "One mistake in the first line, one in the third, one in the last. The first case needs "
        "only the third line.",
        "σ = exp(½ ln σ²). The pixels of one picture add up. Loss = pixels + divergence.",
        'sigma = (log_var / 2).exp(); reduction="none" and .sum(dim=1) behind it; '
        "(pixels + kl).mean().",
    ),
    notice="None of the three raises an error, and with each of them the loss falls during "
    "training. A case that you can compute by hand finds what a falling curve hides.",
)

# --- gan: the two losses of a generator and a discriminator ------------------------------------

BCE = F.binary_cross_entropy_with_logits


def _says(logits: Tensor, label: float) -> Tensor:
    """Return the mean cross-entropy of logits if all of them should have said `label`."""
    return BCE(logits, torch.full_like(logits, label))


def _gan(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z)
    loss_d = _says(D(real), 1) + _says(D(fake.detach()), 0)
    return loss_d, _says(D(fake), 1)


def _gan_no_detach(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z)
    return _says(D(real), 1) + _says(D(fake), 0), _says(D(fake), 1)


def _gan_losses(
    D: nn.Module,
    G: nn.Module,
    real: Tensor,
    z: Tensor,
    *,
    labels: tuple[float, float] = (1, 0),
    wish: float = 1,
    share: tuple[float, float] = (1, 1),
    sign: float = 1,
) -> tuple[Tensor, Tensor]:
    """Return both losses; the settings put one of the mistakes in."""
    fake = G(z)
    loss_d = share[0] * _says(D(real), labels[0]) + share[1] * _says(D(fake.detach()), labels[1])
    return loss_d, sign * _says(D(fake), wish)


def _gan_with(**mistakes: object) -> Callable:
    return lambda D, G, real, z: _gan_losses(D, G, real, z, **mistakes)


def _gan_cut_off(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z).detach()
    return _says(D(real), 1) + _says(D(fake), 0), _says(D(fake), 1)


def _gan_deaf(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Cut off what the discriminator says of the fakes, and not the fakes."""
    fake = G(z)
    return _says(D(real), 1) + _says(D(fake).detach(), 0), _says(D(fake), 1)


def _gan_blind(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z)
    return _says(D(real).detach(), 1) + _says(D(fake.detach()), 0), _says(D(fake), 1)


def _gan_one_mean(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    logits = torch.cat([D(real), D(G(z).detach())])
    labels = torch.cat([torch.ones(len(real), 1), torch.zeros(len(z), 1)])
    return BCE(logits, labels), _says(D(G(z)), 1)


def _gan_backward(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, loss_g = _gan(D, G, real, z)
    loss_d.backward()
    loss_g.backward()
    return loss_d, loss_g


def _gan_from_z(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Show the discriminator the codes in place of what the generator makes of them."""
    return _gan(D, nn.Identity(), real, z)


def _gan_sums(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    on_real, fake = _says(D(real), 1), G(z)
    loss_d = len(real) * on_real + len(z) * _says(D(fake.detach()), 0)
    return loss_d, len(z) * _says(D(fake), 1)


def _gan_logits(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Take the logits themselves for losses."""
    fake = G(z)
    return D(fake.detach()).mean() - D(real).mean(), -D(fake).mean()


def _gan_squares(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z)
    loss_d = ((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()
    return loss_d, ((D(fake) - 1) ** 2).mean()


def _gan_wrong_detach(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple:
    """Cut off the fake for the generator's loss, and not for the discriminator's."""
    fake = G(z)
    return _says(D(real), 1) + _says(D(fake), 0), _says(D(fake.detach()), 1)


def _gan_all_real(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    return _gan_losses(D, G, real, z, labels=(1, 1))


def _gan_swapped_arguments(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple:
    """Give binary_cross_entropy_with_logits the labels first."""

    def says(logits: Tensor, label: float) -> Tensor:
        return BCE(torch.full_like(logits, label), logits)

    fake = G(z)
    return says(D(real), 1) + says(D(fake.detach()), 0), says(D(fake), 1)


def _gan_minus_d(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, _ = _gan(D, G, real, z)
    return loss_d, -loss_d


def _gan_minus_d_with_pull(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple:
    loss_d, _ = _gan_no_detach(D, G, real, z)
    return loss_d, -loss_d


def _gan_three(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, ...]:
    fake = G(z)
    return _says(D(real), 1), _says(D(fake.detach()), 0), _says(D(fake), 1)


def _gan_real_1(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, loss_g = _gan(D, G, real, z)
    return loss_d, loss_g + _says(D(real), 1)


def _gan_of_real(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    return _gan(D, G, real, real)


def _gan_without_d(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    return _gan(nn.Identity(), G, real, z)


def _gan_own_z(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    return _gan(D, G, real, torch.randn_like(z))


@torch.no_grad()
def _gan_no_grad(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    return _gan(D, G, real, z)


def _gan_unreduced(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    def says(logits: Tensor, label: float) -> Tensor:
        return BCE(logits, torch.full_like(logits, label), reduction="none")

    fake = G(z)
    return says(D(real), 1) + says(D(fake.detach()), 0), says(D(fake), 1)


def _gan_doubled(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, loss_g = _gan(D, G, real, z)
    return loss_d, 2 * loss_g


def _gan_one_label(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Make all labels for one picture only."""
    one, fake = torch.ones(1, 1), G(z)
    return BCE(D(real), one) + BCE(D(fake.detach()), 0 * one), BCE(D(fake), one)


def _gan_numbers(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[float, float]:
    loss_d, loss_g = _gan(D, G, real, z)
    return loss_d.item(), loss_g.item()


def _gan_both_in_one(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> Tensor:
    return sum(_gan(D, G, real, z))


def _gan_swapped(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    return _gan(D, G, real, z)[::-1]


def _gan_squeezed_twice(
    D: nn.Module, G: nn.Module, real: Tensor, z: Tensor
) -> tuple[Tensor, Tensor]:
    return _gan(nn.Sequential(D, nn.Sigmoid()), G, real, z)


def _gan_no_logits(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    real_logits, fake_logits = D(real), D(G(z))
    loss_d = F.binary_cross_entropy(real_logits, torch.ones_like(real_logits))
    return loss_d, F.binary_cross_entropy(fake_logits, torch.ones_like(fake_logits))


def _gan_also_real(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, loss_g = _gan(D, G, real, z)
    return loss_d, loss_g + _says(D(real), 0)


def _gan_same_loss(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, _ = _gan_no_detach(D, G, real, z)
    return _gan(D, G, real, z)[0], -loss_d


def _both_losses(
    answer: Callable[[nn.Module, nn.Module, Tensor, Tensor], object],
    d_weight: float,
    g_weight: float,
    real: Tensor,
    z: Tensor,
) -> dict[str, object]:
    """Return both losses, and how strongly they pull at the weights."""
    D, G = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(D.weight, d_weight)
    nn.init.constant_(G.weight, g_weight)
    losses = answer(D, G, real, z)
    form = _form(losses)
    if form != TWO_LOSSES:
        return {"what comes back": form}
    loss_d, loss_g = losses
    called = D.weight.grad is not None or G.weight.grad is not None
    pulls = [0.0 if called else _slope(loss, G.weight) for loss in losses]
    return {
        "what comes back": form,
        "slopes that backward() has left": called,
        "the discriminator's loss": _rounded(loss_d),
        "the generator's loss": _rounded(loss_g),
        "slope of the discriminator's loss for its weight": 0.0
        if called
        else _slope(loss_d, D.weight),
        "slope of the discriminator's loss for the generator's weight": pulls[0],
        "slope of the generator's loss for its weight": pulls[1],
    }


TWO_LOSSES = "two losses, (loss_d, loss_g)"


def _form(losses: object) -> str:
    """Say what came back where two losses, a number each, were wanted."""
    if isinstance(losses, Tensor) and losses.numel() == 1:
        return "one loss"
    if not isinstance(losses, tuple | list):
        return type(losses).__name__
    if len(losses) != 2:
        return f"{len(losses)} things"
    if not all(isinstance(loss, Tensor) for loss in losses):
        return "two plain numbers, without slopes"
    if any(loss.numel() != 1 for loss in losses):
        return "losses of several numbers, " + ", ".join(str(tuple(each.shape)) for each in losses)
    return TWO_LOSSES


def _slope(loss: Tensor, weight: Tensor) -> float:
    if not loss.requires_grad:
        return 0.0
    (slope,) = torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)
    return 0.0 if slope is None else _rounded(slope)


def _rounded(number: Tensor) -> float:
    return round(number.item(), 3) + 0.0  # -0.0 looks odd


def _gan_cases() -> list[tuple[float, float, Tensor, Tensor]]:
    column = [[[1.0]], [[2.0], [1.0]], [[3.0], [-1.0], [0.5]]]
    one, two, three = (torch.tensor(numbers) for numbers in column)
    return [
        (0.0, 1.0, one, one),
        (1.0, 2.0, one, one),
        (2.0, -1.0, two, one),
        (-1.0, 0.5, two, three),
    ]


GAN = Exercise(
    title="both losses of the game",
    reference=_gan,
    cases=_gan_cases,
    apply=_both_losses,
    names=("D(x) = d·x, G(z) = g·z with d", "g", "real", "z"),
    mistakes=(
        Mistake(
            _gan_no_detach,
            "Both losses are right. But the discriminator's loss pulls at the generator, too, and "
            "in the wrong direction: it would teach the forger to be caught. Cut it off: "
            "D(fake.detach()).",
        ),
        Mistake(
            _gan_cut_off,
            "The fakes are cut off for both. Then the generator learns nothing at all: only the "
            "discriminator's loss wants fake.detach().",
        ),
        Mistake(
            _gan_deaf,
            "Both losses are right, but you cut off what D *says* of the fakes, so D learns "
            "nothing from them. Cut off the fakes before D sees them: D(fake.detach()).",
        ),
        Mistake(
            _gan_blind,
            "Both losses are right, but D(real) is cut off, so D learns nothing from real ones. "
            "Only the fakes want detach().",
        ),
        Mistake(
            _gan_one_mean,
            "You take one mean over real and fake pictures together. Wanted is the sum of two "
            "means, one over the real ones and one over the fakes.",
        ),
        Mistake(
            _gan_numbers,
            "Plain numbers have no slope, and nobody could learn from them. Leave the losses as "
            "tensors, without .item().",
        ),
        Mistake(
            _gan_backward,
            "Only the losses are wanted. backward() comes later, in the loop, where each optimizer "
            "takes its own turn.",
        ),
        Mistake(
            _gan_with(labels=(0, 1), wish=0),
            "All labels are swapped. D should give a 1 to real pictures and a 0 to fakes; G "
            "wishes a 1.",
        ),
        Mistake(
            _gan_minus_d_with_pull,
            "Two things: the discriminator's loss pulls at the generator (cut it off with "
            "fake.detach()), and the generator takes all of it with the sign turned round. Use the "
            "cross-entropy of D(fake) with the label 1.",
        ),
        Mistake(
            _gan_minus_d,
            "The generator takes the whole of the discriminator's loss, with the sign turned "
            "round, and its fakes cut off: so nothing reaches G. Use the cross-entropy of D(fake)"
            " with the label 1.",
        ),
        Mistake(
            _gan_three,
            "Three losses came back. The first two belong to D: add them.",
        ),
        Mistake(
            _gan_with(share=(1, -1)),
            "The discriminator's two parts are added: it wants both to be small.",
        ),
        Mistake(
            _gan_with(share=(-1, 1)),
            "The discriminator's part for real pictures has the wrong sign.",
        ),
        Mistake(
            _gan_real_1,
            "The generator has no part in real pictures: D(real) does not belong into its loss.",
        ),
        Mistake(
            _gan_of_real,
            "The generator was given real pictures. It makes its fakes from z: G(z).",
        ),
        Mistake(
            _gan_without_d,
            "D is never asked. What the losses compare are its logits, D(real) and D(fake).",
        ),
        Mistake(
            _gan_own_z,
            "You draw codes of your own. Use the z that was given, so that the answer can be "
            "checked.",
        ),
        Mistake(
            _gan_with(labels=(0, 0)),
            "The discriminator's label for real pictures is 1: torch.ones_like.",
        ),
        Mistake(
            _gan_no_grad,
            "Nothing here remembers its history (no_grad, or detach everywhere), so nobody can "
            "learn. Only the fakes in the discriminator's loss are cut off.",
        ),
        Mistake(
            _gan_unreduced,
            "A loss for each picture came back. Their mean is wanted, which "
            "binary_cross_entropy_with_logits takes by itself.",
        ),
        Mistake(
            _gan_doubled,
            "The generator's loss counts twice.",
        ),
        Mistake(
            _gan_one_label,
            "The labels need the shape of the logits they stand beside, and there may be more "
            "real pictures than fakes: torch.ones_like(logits).",
        ),
        Mistake(
            _gan_from_z,
            "The codes z went into D. The fakes are G(z).",
        ),
        Mistake(
            _gan_sums,
            "You take sums over the batch. Means are wanted: so that the losses do not grow with "
            "it.",
        ),
        Mistake(
            _gan_logits,
            "You take the logits themselves. The losses are cross-entropies of them, with the "
            "labels 1 and 0.",
        ),
        Mistake(
            _gan_squares,
            "These are squared errors. Wanted are cross-entropies: "
            "binary_cross_entropy_with_logits.",
        ),
        Mistake(
            _gan_wrong_detach,
            "detach() stands at the wrong loss. Cut off the fake for the *discriminator's*; the "
            "generator's needs the way back.",
        ),
        Mistake(
            _gan_all_real,
            "The discriminator's label for fakes is 0: torch.zeros_like.",
        ),
        Mistake(
            _gan_swapped_arguments,
            "The arguments are swapped: first the logits, then the labels.",
        ),
        Mistake(
            _gan_both_in_one,
            "One loss came back. Two are wanted, for two optimizers: return loss_d, loss_g.",
        ),
        Mistake(
            _gan_with(labels=(0, 1)),
            "The discriminator's labels are swapped: real pictures should get a 1, fakes a 0.",
        ),
        Mistake(
            _gan_with(wish=0),
            "The generator's label is 1: it wishes that its fakes were taken for real. With 0 it "
            "would learn to be caught.",
        ),
        Mistake(
            _gan_with(wish=0, sign=-1),
            "That is the game as it was first written down: the generator raises the "
            "discriminator's loss. It has the same goal, but hardly a slope where the fakes are "
            "still bad. Use the cross-entropy with the label 1.",
        ),
        Mistake(
            _gan_same_loss,
            "The generator takes the whole of the discriminator's loss, with the sign turned "
            "round. The goal is the same, but where the fakes are still bad there is hardly a "
            "slope. Use the cross-entropy of D(fake) with the label 1.",
        ),
        Mistake(
            _gan_with(share=(1, 0)),
            "The discriminator is never shown a fake. To call everything real would be its best "
            "answer.",
        ),
        Mistake(
            _gan_with(share=(0, 1)),
            "The discriminator is never shown a real picture. To call everything a fake would be "
            "its best answer.",
        ),
        Mistake(
            _gan_with(share=(0.5, 0.5)),
            "Right but for a factor: here the two parts of the discriminator's loss are added, not "
            "averaged.",
        ),
        Mistake(
            _gan_swapped,
            "The two losses are swapped: the discriminator's comes first.",
        ),
        Mistake(
            _gan_squeezed_twice,
            "D gives logits, and binary_cross_entropy_with_logits takes the sigmoid itself. With "
            "another sigmoid before it the scores are squeezed twice.",
        ),
        Mistake(
            _gan_no_logits,
            "binary_cross_entropy wants probabilities. D gives logits: use "
            "binary_cross_entropy_with_logits.",
        ),
        Mistake(
            _gan_also_real,
            "The generator has no part in real pictures. Its loss is about its fakes only.",
        ),
    ),
    hints=(
        "Three cross-entropies: D(real), D(fake) for the discriminator, D(fake) for the generator. "
        "Which label does each want?",
        "The discriminator wants real 1, fake 0. The generator wants fake 1. Let no slope of the "
        "first loss reach G.",
        "loss_d = bce(D(real), ones) + bce(D(fake.detach()), zeros); loss_g = bce(D(fake), ones); "
        "torch.ones_like(logits) makes the ones.",
    ),
    notice="The same fake stands in both losses with opposite labels. That is the whole game: what "
    "lowers one loss raises a part of the other. Where D is undecided, the losses are 2 ln 2 "
    "and ln 2.",
)

EXERCISES = {"code": CODE, "purity": PURITY, "kl": KL, "elbo": ELBO, "gan": GAN}

QUIZ = [
    Question(
        "A linear autoencoder (two layers, no activation) squeezes digits into 2 numbers. Can its "
        "error on the training digits be lower than that of PCA with 2 numbers?",
        (
            "No. It can come as near as you like, and never below.",
            "PCA is the best straight squeeze for the pictures it was computed from. It takes "
            "bends to be better: a nonlinear activation.",
        ),
        (
            (
                "Yes, if it is trained for long enough.",
                "Long training brings it nearer to PCA. Without an activation it is a product of "
                "matrices, and no such product is better.",
            ),
            (
                "Yes: it has more parameters.",
                "More parameters, but the same set of functions: two layers without a bend make "
                "one.",
            ),
            (
                "No, since gradient descent always ends in a bad minimum.",
                "It ends near PCA here. The reason is another: nothing straight is better than "
                "PCA.",
            ),
        ),
        place=0,
    ),
    Question(
        "A pen failed, so the ring of a 0 has a gap of four pixels. You give it to the lesson's "
        "denoiser and to the autoencoder with sixteen numbers. Which of the two can close the gap?",
        (
            "The autoencoder only.",
            "It draws the whole picture anew, from its sixteen numbers. The denoiser multiplies "
            "the ink that is there by a share, and where there is none, none comes.",
        ),
        (
            (
                "The denoiser only: it mends small faults.",
                "Those that add ink. Its answer is input times share, so where there is no ink it "
                "can put none.",
            ),
            (
                "Both: they were trained on whole digits.",
                "That says what they would like to answer. What they can answer is decided by "
                "their shape, and the denoiser cannot add ink.",
            ),
            (
                "Neither: no gap was among their examples.",
                "The autoencoder needs none. Whatever comes in, it draws something like a digit.",
            ),
        ),
        place=2,
    ),
    Question(
        "The encoder says μ = 3 and σ = 1 for a picture, code of one number. What is the KL "
        "divergence from the standard normal distribution?",
        (
            "4.5",
            "½ (3² + 1 − 1 − ln 1) = ½ · 9 = 4.5 nats.",
        ),
        (
            ("0", "That would be μ = 0, σ = 1: both clouds the same."),
            ("9", "That is μ². The formula has a ½ before it."),
            ("1.5", "μ counts squared: ½ · 3², not ½ · 3."),
        ),
        place=3,
    ),
    Question(
        "You make the divergence so dear that every cloud becomes the standard one. What does the "
        "decoder make of ten standard normal codes?",
        (
            "Ten times nearly the same soft picture.",
            "The codes say nothing about the digits any more, so the best answer to each of them "
            "is the mean of all.",
        ),
        (
            (
                "Ten digits, better than before: there are no gaps between the clouds.",
                "There are no gaps, but nothing to tell digits apart, either: all clouds are one.",
            ),
            (
                "Ten pictures of dust, since no code was ever near such a place.",
                "That is the other end of the dial: too cheap a divergence, and the clouds lie far "
                "from where codes are drawn.",
            ),
            (
                "Ten sharp copies of training digits.",
                "A copy would need a code that tells which digit it is.",
            ),
        ),
        place=1,
    ),
    Question(
        "You train a GAN. For the last ten epochs neither loss has fallen. What do you do?",
        (
            "Look at samples: the losses do not tell how good they are.",
            "If both players get better at the same pace, both losses stay where they are.",
        ),
        (
            (
                "Stop the training: it has learned nothing for ten epochs.",
                "That would be right for a reader. Here each loss is measured against the other "
                "player, who learns as well.",
            ),
            (
                "Wait until the generator's loss is 0, as a perfect forger's is.",
                "A perfect forger's is 0.69, and the discriminator guesses. At 0 the discriminator "
                "has given up, and nobody teaches the generator any more.",
            ),
            (
                "Raise the learning rate until one of them falls.",
                "They need not fall at all. Higher rates often end the balance of the two.",
            ),
        ),
        place=1,
    ),
    Question(
        "All samples of a GAN are good ones, and every one of them is a 1. How do you notice, and "
        "what is it called?",
        (
            "Count the classes among many samples: mode collapse.",
            "The discriminator judges one picture at a time, and each of them is good. Only many "
            "together show what is missing.",
        ),
        (
            (
                "By the discriminator's loss: overfitting.",
                "The loss need not show it. And the training digits are not learned by heart here: "
                "most of them are never drawn.",
            ),
            (
                "By the error of each picture: underfitting.",
                "There is no picture to compare a sample with, and each by itself is good.",
            ),
            (
                "By the accuracy on the test digits: distribution shift.",
                "A generator reads nothing, so it has no accuracy.",
            ),
        ),
        place=2,
    ),
]
