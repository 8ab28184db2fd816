"""Exercises and quiz of lesson 01, How does a single neuron learn?"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise, product

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- majority: weights and threshold by hand ---------------------------------------------------

ORDINALS = ("first", "second", "third")


def _corners() -> list[tuple]:
    return [(corner,) for corner in sorted(product((0, 1), repeat=3), key=sum)]


def _fires(answer: tuple, x: tuple[int, int, int]) -> int:
    w, theta = answer
    if len(w) != 3:
        raise ValueError(f"three weights were wanted, {len(w)} came")
    return int(sum(weight * value for weight, value in zip(w, x, strict=True)) >= theta)


def _turned(w: tuple[int, int, int], place: int) -> tuple[int, ...]:
    """Return weights whose first number stands at another place."""
    return (*w[1 : place + 1], w[0], *w[place + 1 :])


def _majority_mistakes(place: int) -> tuple[Mistake, ...]:
    """Return mistakes that treat one of the three inputs unlike the others."""
    one, others = ORDINALS[place], " and the ".join(ORDINALS[:place] + ORDINALS[place + 1 :])
    return (
        Mistake(
            (_turned((0, 1, 1), place), 2),
            f"The {one} input has no vote: yours fires only where the {others} are both 1.",
        ),
        Mistake((_turned((1, 0, 0), place), 1), f"Only the {one} input has a vote."),
        Mistake(
            (_turned((2, 1, 1), place), 2),
            f"The {one} input alone reaches the threshold. No single input may.",
        ),
        Mistake(
            (_turned((2, 1, 1), place), 3),
            f"The {others} together do not reach the threshold. Any two inputs must.",
        ),
        Mistake(
            (_turned((0, 1, 1), place), 1),
            f"The {one} input has no vote, and each of the others reaches the threshold alone.",
        ),
    )


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
        Mistake(
            ((1, 1, 1), 0),
            "It always fires: even the smallest sum reaches the threshold. (A threshold is a bias "
            "with its sign turned: it is 2 where the bias is −2.)",
        ),
        Mistake(((1, 1, 1), 4), "It never fires: even the largest sum stays below the threshold."),
        Mistake(
            ((-1, -1, -1), -1),
            "It fires where at most one input is 1: the opposite. Turn the signs of the weights.",
        ),
        Mistake(
            ((-1, -1, -1), -2),
            "It fires unless all three inputs are 1. Votes in favour need positive weights.",
        ),
        Mistake(
            ((-1, -1, -1), 0), "It fires only where no input is 1. Votes need positive weights."
        ),
        *(mistake for place in range(3) for mistake in _majority_mistakes(place)),
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


def _says(w: Tensor, x: Tensor) -> int:
    return int(w @ x >= 0)


def _update(w: Tensor, x: Tensor, y: int) -> Tensor:
    return w + (y - _says(w, x)) * x


def _update_bools(w: Tensor, x: Tensor, y: int) -> Tensor:
    return w + (y - (w @ x >= 0)) * x


def _update_leaves_right_ones_out(w: Tensor, x: Tensor, y: int) -> Tensor | None:
    return None if y == _says(w, x) else _update(w, x, y)


def _update_bias_left(w: Tensor, x: Tensor, y: int) -> Tensor:
    return torch.cat([w[:1], _update(w, x, y)[1:]])


def _update_moved(kept: slice, w: Tensor, x: Tensor, y: int) -> Tensor:
    """Return what the rule makes of part of the weights, or of part of the example."""
    return w + (y - int(w[kept] @ x[kept] >= 0)) * x


def _update_cases() -> list[tuple]:
    def case(w: list[float], x: list[float], y: int) -> tuple:
        return torch.tensor(w), torch.tensor(x), y

    plain = [
        case([0.0, 0.0], [1.0, 2.0], 1),
        case([0.0, 0.0], [1.0, 2.0], 0),
        case([-1.0, 0.0], [1.0, 2.0], 1),
        case([3.0, 1.0], [1.0, -2.0], 1),
        case([0.5, -0.6], [1.0, 1.0], 0),  # z = −0.1: as a whole number it would be 0
        case([0.2, 0.1], [1.0, 1.0], 0),  # z = 0.3: below a half, yet it fires
        case([2.0, 1.0], [1.0, -3.0], 1),  # z = −1, but it would be 1 with the bias counted twice
        case([2.0, -1.0], [1.0, 1.0], 0),  # z = 1, but it would be −1 without the bias
    ]
    generator = torch.Generator().manual_seed(1)
    draws = torch.randn(6, 2, 5, generator=generator)
    draws[:, 1, 0] = 1.0  # the constant of x
    return plain + [(w, x, number % 2) for number, (w, x) in enumerate(draws)]


UPDATE = Exercise(
    title="one step of the perceptron rule",
    reference=_update,
    cases=_update_cases,
    mistakes=(
        Mistake(
            lambda w, x, y: w + (_says(w, x) - y) * x,
            "The difference is the wrong way round: ŷ − y pushes the line away from every mistake. "
            "It must be y − ŷ.",
        ),
        Mistake(
            _update_bools,
            "w @ x >= 0 gives True or False, and PyTorch does not subtract those. Make a number of "
            "it first: int(w @ x >= 0).",
        ),
        Mistake(
            lambda w, x, y: w + y * x,
            "You add x for every point of class 1, right or wrong, and never subtract. The rule "
            "moves only after a mistake: (y − ŷ) is 0 where the answer was right.",
        ),
        Mistake(
            lambda w, x, y: w + x,
            "You add x every time. It is added after one kind of mistake, subtracted after the "
            "other, and left alone after a right answer.",
        ),
        Mistake(
            lambda w, x, y: w - x,
            "You subtract x every time. That is right only where the unit fired and should not.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w @ x > 0)) * x,
            "At z = 0 exactly your unit says 0. In this lesson it fires at z ≥ 0: write >=.",
        ),
        Mistake(
            lambda w, x, y: w + (y - w @ x) * x,
            "You took y − z, the distance to the net input. The perceptron compares y with the "
            "output ŷ, which is 0 or 1. (Your rule exists: it is Widrow and Hoff's, of 1960.)",
        ),
        Mistake(
            lambda w, x, y: w + (y - _says(w, x)),
            "You add y − ŷ to every weight alike. Each weight must move in proportion to its own "
            "input: times x.",
        ),
        Mistake(
            lambda w, x, y: w + y - _says(w, x) * x,
            "Brackets are missing: × comes before −, so only ŷ is multiplied with x. Write "
            "(y − ŷ) in brackets.",
        ),
        Mistake(
            lambda w, x, y: w + (y - (1 if w @ x >= 0 else -1)) * x,
            "Your unit says −1 where it should say 0. Here the two answers are 0 and 1, as y is.",
        ),
        Mistake(
            lambda w, x, y: w + (y - torch.sign(w @ x)) * x,
            "The sign is −1, 0 or 1. Here the unit says 1 where z ≥ 0, and 0 elsewhere.",
        ),
        Mistake(
            lambda w, x, y: w + 2 * (y - _says(w, x)) * x,
            "The steps are twice as long. With answers −1 and 1 the difference is ±2; here they "
            "are 0 and 1, and it is ±1.",
        ),
        Mistake(
            lambda w, x, y: w + (2 * y - 1 - _says(w, x)) * x,
            "You made −1 and 1 of y, but the unit says 0 and 1. Here y is 0 or 1 as it comes.",
        ),
        Mistake(
            lambda w, x, y: w + x if y and w @ x <= 0 else w,
            "You never subtract, and you add x also at z = 0, where the unit fires. (Rules that "
            "ask for y·z ≤ 0 are made for classes −1 and 1; with y = 0 they add nothing.)",
        ),
        Mistake(
            lambda w, x, y: w + y * (1 - _says(w, x)) * x,
            "You never subtract: of the two kinds of mistakes, yours learns only from the silent "
            "unit that should have fired. (y·x is 0 for class 0.)",
        ),
        Mistake(
            lambda w, x, y: w - (1 - y) * _says(w, x) * x,
            "You never add: of the two kinds of mistakes, yours learns only from the unit that "
            "fired and should not have.",
        ),
        Mistake(
            lambda w, x, y: w + abs(y - _says(w, x)) * x,
            "You add x after every mistake. Where the unit fired and should not have, y − ŷ is −1, "
            "and x is subtracted.",
        ),
        Mistake(
            lambda w, x, y: w - abs(y - _says(w, x)) * x,
            "You subtract x after every mistake. Where the unit was silent and should have fired, "
            "y − ŷ is +1, and x is added.",
        ),
        Mistake(
            lambda w, x, y: w + (y == _says(w, x)) * x,
            "You add x where the answer was right. There nothing must move.",
        ),
        Mistake(
            lambda w, x, y: w + (1 if y else -1) * x,
            "You add or subtract x whether the answer was right or wrong. After a right answer "
            "nothing moves: the unit's own ŷ is needed.",
        ),
        Mistake(
            _update_leaves_right_ones_out,
            "After a mistake it is right, but after a right answer nothing comes back. Return w as "
            "it is then.",
        ),
        Mistake(
            lambda w, x, y: w + (y - (int(w @ x) >= 0)) * x,
            "int(w @ x) cuts off what stands behind the point, so −0.1 becomes 0 and fires. "
            "Compare first: int(w @ x >= 0).",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w @ x >= 0.5)) * x,
            "Your unit fires only from z = 0.5 on. With the bias inside it fires at z ≥ 0.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w @ x >= 1)) * x,
            "Your unit fires only from z = 1 on. With the bias inside it fires at z ≥ 0.",
        ),
        Mistake(
            lambda w, x, y: w + (y - torch.sigmoid(w @ x)) * x,
            "Yours is a soft answer between 0 and 1: that is lesson 02. The perceptron's ŷ is 0 "
            "or 1.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w @ x < 0)) * x,
            "Your unit fires where z is negative. It fires where z ≥ 0.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w @ x <= 0)) * x,
            "Your unit fires where z ≤ 0. The comparison is turned round: it fires where z ≥ 0.",
        ),
        Mistake(
            lambda w, x, y: w + (y - (w * x >= 0).long()) * x,
            "w * x multiplies number by number and does not add up, so yours has an answer for "
            "each weight. The net input is one number: w @ x.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w * x >= 0)) * x,
            "There is a whole row of numbers where int() wants one: w * x multiplies number by "
            "number and does not add up. The net input is w @ x.",
        ),
        Mistake(
            lambda w, x, y: w + (y - (1 if (w * x >= 0) else 0)) * x,
            "A whole row is compared where one number is wanted. The net input is one: w @ x, not "
            "w * x.",
        ),
        Mistake(
            lambda w, x, y: w + int(y - w @ x >= 0) * x,
            "You compare y − z with 0. First find ŷ, with z ≥ 0; then take the difference y − ŷ.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w[1:] @ x[1:] >= w[0])) * x,
            "The bias is a threshold with its sign turned, so it is added, not compared with: z is "
            "w @ x, and the unit fires at z ≥ 0.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w @ torch.cat([torch.ones(1), x]) >= 0)) * x,
            "Two lengths do not fit. x has its constant 1 in front already; it needs no other.",
        ),
        Mistake(lambda w, x, y: w @ x, "That is the net input z. Return the new weights."),
        Mistake(
            lambda w, x, y: (_update(w, x, y), y - _says(w, x)),
            "The new weights come with y − ŷ. Return the weights alone.",
        ),
        Mistake(
            lambda w, x, y: w + x if y > _says(w, x) else w - x if y < int(w @ x > 0) else w,
            "You subtract only where z > 0. At z = 0 the unit fires as well, so for class 0 that "
            "is a mistake, too.",
        ),
        Mistake(
            partial(_update_moved, slice(1, None)),
            "The net input leaves out the bias. It stands at place 0 of w, with the constant 1 at "
            "place 0 of x: w @ x has it all.",
        ),
        Mistake(
            lambda w, x, y: w + (y - int(w @ x + w[0] >= 0)) * x,
            "The bias counts twice in yours. It stands inside already: z is w @ x.",
        ),
        Mistake(
            _update_bias_left,
            "The bias does not move. It is a weight like the others, with the input 1.",
        ),
        Mistake(
            lambda w, x, y: w + 0.5 * (y - _says(w, x)) * x,
            "You halve the step. The rule adds or subtracts all of x.",
        ),
        Mistake(
            lambda w, x, y: (y - _says(w, x)) * x,
            "That is the change alone. Return the new weights: w plus the change.",
        ),
        Mistake(lambda w, x, y: _says(w, x), "That is ŷ. Return the new weights."),
        Mistake(lambda w, x, y: y - _says(w, x), "That is y − ŷ. Return the new weights."),
        Mistake(lambda w, x, y: w, "The weights come back as they went in, after every example."),
        Mistake(
            lambda w, x, y: w + 0.1 * (y - _says(w, x)) * x,
            "You shrink the step to a tenth. The rule adds or subtracts all of x. (A learning rate "
            "comes in lesson 02; here it would change only the length of w, not its line.)",
        ),
        Mistake(
            lambda w, x, y: w + 0.01 * (y - _says(w, x)) * x,
            "You shrink the step to a hundredth. The rule adds or subtracts all of x.",
        ),
        Mistake(
            lambda w, x, y: w + (y - _says(w, x)) * w,
            "You add the weights to themselves. It is the example x that is added.",
        ),
        Mistake(
            lambda w, x, y: x + (y - _says(w, x)) * w,
            "w and x have changed places. The weights learn, and the example stays as it is.",
        ),
        Mistake(
            lambda w, x, y: w + (1 - _says(w, x)) * x,
            "y has no part in yours: it adds x wherever the unit is silent, also where it should "
            "be.",
        ),
        Mistake(
            lambda w, x, y: w - _says(w, x) * x,
            "y has no part in yours: it subtracts x wherever the unit fires, also where it should.",
        ),
        Mistake(
            lambda w, x, y: w + (y - _says(w, x)) * x.sum(),
            "You add up the numbers of x. Each weight moves by its own one.",
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

Weights = list[Tensor]


def _wrong(w: Tensor, X: Tensor, y: Tensor) -> int:
    return int(((X @ w >= 0).long() != y).sum())


def _least(count: Callable[[Tensor, Tensor, Tensor], object]) -> Callable:
    """Return a pocket rule that takes the first weights with the smallest count."""
    return lambda candidates, X, y: min(candidates, key=lambda w: count(w, X, y))


_pocket = _least(_wrong)


def _pocket_stale(candidates: Weights, X: Tensor, y: Tensor) -> Tensor:
    wrong = [_wrong(w, X, y) for w in candidates]
    better = [w for w, n in zip(candidates, wrong, strict=True) if n < wrong[0]]
    return better[-1] if better else candidates[0]


def _pocket_of_neighbours(candidates: Weights, X: Tensor, y: Tensor) -> Tensor:
    best, before = candidates[0], _wrong(candidates[0], X, y)
    for w in candidates[1:]:
        best = w if _wrong(w, X, y) < before else best
        before = _wrong(w, X, y)
    return best


def _pocket_unless_all_wrong(candidates: Weights, X: Tensor, y: Tensor) -> Tensor | None:
    best = _pocket(candidates, X, y)
    return best if _wrong(best, X, y) < len(y) else None


def _pocket_or_zeros(candidates: Weights, X: Tensor, y: Tensor) -> Tensor:
    best = _pocket_unless_all_wrong(candidates, X, y)
    return torch.zeros(X.shape[1]) if best is None else best


def _pocket_perfect(candidates: Weights, X: Tensor, y: Tensor) -> Tensor | None:
    return next((w for w in candidates if not _wrong(w, X, y)), None)


def _pocket_perfect_or_last(candidates: Weights, X: Tensor, y: Tensor) -> Tensor:
    return next((w for w in candidates if not _wrong(w, X, y)), candidates[-1])


def _pocket_index(candidates: Weights, X: Tensor, y: Tensor) -> int:
    wrong = [_wrong(w, X, y) for w in candidates]
    return wrong.index(min(wrong))


def _pocket_of_lengths(candidates: Weights, X: Tensor, y: Tensor) -> Tensor:
    """Fail as one does who puts a second constant in front of X."""
    return min(candidates, key=lambda w: _wrong(w, torch.cat([X[:, :1], X], dim=1), y))


def _pocket_cases() -> list[tuple]:
    X = torch.tensor([[1.0, -1.0], [1.0, 1.0]])
    y = torch.tensor([0, 1])
    right, wrong, half = (torch.tensor(w) for w in ([0.0, 1.0], [0.0, -1.0], [1.0, 0.0]))
    silent, on_the_line = torch.tensor([-1.0, 0.0]), torch.tensor([1.0, 1.0])
    generator = torch.Generator().manual_seed(2)
    many = torch.randn(40, 3, generator=generator)
    many[:, 0] = 1.0
    labels = (many[:, 1] + 0.5 * torch.randn(40, generator=generator) > 0.3).long()
    candidates = list(torch.randn(9, 3, generator=generator))
    return [
        ([right, wrong], X, y),
        ([half, right, wrong], X, y),
        ([half, right, 3 * right, half], X, y),
        ([silent, right], X, y),  # silent calls everything 0: no false alarm, but a mistake
        ([half, right], X, y),  # half calls everything 1: no miss, but a mistake
        ([on_the_line, right], X[:1], y[:1]),  # z = 0 at the only point: it fires there
        ([right, on_the_line], X[:1], 1 - y[:1]),  # and there that is right
        ([half, 0.2 * right], X, y),  # z = 0.2 is below a half, yet it fires
        ([5 * right, half], X, y),  # z = 5 is far from 1, yet right
        ([wrong, 2 * wrong], X, y),  # all wrong everywhere: still the earliest
        ([right, wrong, half], X, y),  # after a better one a worse one, then one between
        (candidates, many, labels),
        (candidates[::-1], many, labels),
    ]


POCKET = Exercise(
    title="the pocket rule: keep the best weights seen",
    reference=_pocket,
    cases=_pocket_cases,
    mistakes=(
        Mistake(
            lambda candidates, X, y: candidates[-1],
            "You return the last weights. On data that overlap the last update may have been a bad "
            "one: compare the number of mistakes.",
        ),
        Mistake(
            lambda candidates, X, y: candidates[0],
            "You return the first weights. Does a return inside your loop end it at once? Or are "
            "the weights not exchanged when better ones come?",
        ),
        Mistake(
            _least(lambda w, X, y: int(((X @ w >= 0).long() > y).sum())),
            "You count only points of class 0 that are called 1. Points of class 1 that are called "
            "0 are mistakes as well: compare with !=.",
        ),
        Mistake(
            _least(lambda w, X, y: int(((X @ w >= 0).long() < y).sum())),
            "You count only points of class 1 that are called 0. Points of class 0 that are called "
            "1 are mistakes as well: compare with !=.",
        ),
        Mistake(
            _least(lambda w, X, y: int(((X @ w >= 0).long() - y).sum())),
            "In yours the two kinds of mistakes cancel: ŷ − y is +1 for one and −1 for the other. "
            "Count where ŷ != y.",
        ),
        Mistake(
            _least(lambda w, X, y: int((y - (X @ w >= 0).long()).sum())),
            "In yours the two kinds of mistakes cancel: y − ŷ is +1 for one and −1 for the other. "
            "Count where they differ, with !=.",
        ),
        Mistake(
            _least(lambda w, X, y: abs(int(((X @ w >= 0).long() - y).sum()))),
            "You compare how many are called 1 with how many are of class 1. The two kinds of "
            "mistakes cancel in that. Count point by point, with !=.",
        ),
        Mistake(
            _least(lambda w, X, y: int(((X @ w > 0).long() != y).sum())),
            "At z = 0 exactly your unit says 0. In this lesson it fires at z ≥ 0: write >=.",
        ),
        Mistake(
            _least(lambda w, X, y: int(((X @ w >= 0.5).long() != y).sum())),
            "Your unit fires only from z = 0.5 on. With the bias inside it fires at z ≥ 0.",
        ),
        Mistake(
            _least(lambda w, X, y: int((torch.sign(X @ w) != y).sum())),
            "The sign is −1, 0 or 1, so a point of class 0 counts as wrong where z is negative. "
            "Make 0 or 1 of z: X @ w >= 0.",
        ),
        Mistake(
            _least(lambda w, X, y: int((X @ w != y).sum())),
            "You compare the net input itself with y. First make 0 or 1 of it: X @ w >= 0.",
        ),
        Mistake(
            _least(lambda w, X, y: float(((X @ w - y) ** 2).sum())),
            "You measure how far the net inputs are from y. The perceptron counts mistakes: points "
            "where X @ w >= 0 does not agree with y.",
        ),
        Mistake(
            _least(lambda w, X, y: int(((X[:, 1:] @ w[1:] >= 0).long() != y).sum())),
            "You leave out the bias. X has its constant 1 in front, so X @ w has it all.",
        ),
        Mistake(
            _least(lambda w, X, y: int(((w @ X >= 0).long() != y).sum())),
            "w @ X multiplies the weights with the columns of X. Wanted is a net input for each "
            "row: X @ w.",
        ),
        Mistake(
            _pocket_of_lengths,
            "The rows and the weights differ in length. X has its constant 1 in front already, and "
            "the lesson's accuracy would add another one. Use X @ w as they come.",
        ),
        Mistake(_pocket_index, "That is the place of the best weights: return candidates[i]."),
        Mistake(
            lambda candidates, X, y: min(_wrong(w, X, y) for w in candidates),
            "That is the number of mistakes; wanted are the weights.",
        ),
        Mistake(
            lambda candidates, X, y: 1 - min(_wrong(w, X, y) for w in candidates) / len(y),
            "That is the accuracy of the best weights; wanted are the weights themselves.",
        ),
        Mistake(
            lambda candidates, X, y: [_wrong(w, X, y) for w in candidates],
            "These are the numbers of mistakes. Return the weights that have the fewest.",
        ),
        Mistake(
            lambda candidates, X, y: (
                _pocket(candidates, X, y),
                min(_wrong(w, X, y) for w in candidates),
            ),
            "The weights come with their number of mistakes. Return the weights alone.",
        ),
        Mistake(
            lambda candidates, X, y: max(candidates, key=lambda w: _wrong(w, X, y)),
            "You keep the weights with the most mistakes. Take the fewest.",
        ),
        Mistake(
            lambda candidates, X, y: max(reversed(candidates), key=lambda w: _wrong(w, X, y)),
            "You keep the weights with the most mistakes, and of equals the latest. Take the "
            "fewest, and compare with <.",
        ),
        Mistake(
            lambda candidates, X, y: min(reversed(candidates), key=lambda w: _wrong(w, X, y)),
            "Among equally good weights you return the latest; the pocket is only exchanged for "
            "something better, so the earliest stays. Compare with <, not <=.",
        ),
        Mistake(
            _pocket_stale,
            "Each one is compared with the first. When you exchange the weights, exchange their "
            "number of mistakes, too.",
        ),
        Mistake(
            _pocket_of_neighbours,
            "Each one is compared with the one before it. Compare with the best so far: its number "
            "of mistakes changes only when the pocket does.",
        ),
        Mistake(
            _pocket_unless_all_wrong,
            "Where all candidates get every point wrong, nothing comes back. Begin with the first "
            "candidate in the pocket, or with a count that any candidate beats.",
        ),
        Mistake(
            _pocket_or_zeros,
            "Where all candidates get every point wrong, zeros come back, which are no candidate. "
            "Begin with the first candidate in the pocket.",
        ),
        Mistake(
            _pocket_perfect,
            "You look for weights without any mistake. Where there are none, nothing comes back: "
            "take those with the fewest.",
        ),
        Mistake(
            _pocket_perfect_or_last,
            "You look for weights without any mistake, and take the last where there are none. "
            "Take those with the fewest.",
        ),
        Mistake(
            lambda candidates, X, y: torch.stack(candidates).mean(0),
            "You return the mean of all weights. That is a good rule too (the averaged perceptron, "
            "Freund and Schapire 1999), but not the pocket rule.",
        ),
        Mistake(
            lambda candidates, X, y: min(candidates),
            "min(candidates) cannot tell which tensor is smaller. Say what to compare: "
            "min(candidates, key=...), with a function that counts the mistakes.",
        ),
        Mistake(
            lambda candidates, X, y: min((_wrong(w, X, y), w) for w in candidates)[1],
            "Where two are equally good, the pairs (mistakes, weights) are compared by their "
            "weights, and tensors cannot be ordered. Use min(candidates, key=...).",
        ),
        Mistake(
            lambda candidates, X, y: _pocket(candidates[1:], X, y),
            "The first candidate is left out.",
        ),
        Mistake(
            lambda candidates, X, y: _pocket(candidates[:-1], X, y),
            "The last candidate is left out.",
        ),
        Mistake(
            lambda candidates, X, y: [
                w for w in candidates if _wrong(w, X, y) == _wrong(_pocket(candidates, X, y), X, y)
            ],
            "You return a list of all that are equally good. Return one: the earliest.",
        ),
        Mistake(
            _least(lambda w, X, y: _wrong(w, X[:1], y[:1])),
            "Only the first point is looked at. Count the mistakes on all rows of X.",
        ),
        Mistake(
            _least(lambda w, X, y: _wrong(w, X, y) > 0),
            "You ask whether there is any mistake. Count how many there are.",
        ),
        Mistake(
            _least(lambda w, X, y: float(w.norm())),
            "You take the shortest weights. What counts are the mistakes on X and y.",
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

Split = tuple[Sequence[int], Sequence[int]]


def _order(n: int) -> list[int]:
    return torch.randperm(n).tolist()


def _cut(first: Callable[[int, int], object], second: Callable[[int, int], object]) -> Callable:
    """Return a split that shuffles once and takes two slices: their end and their beginning."""

    def split(n: int, n_train: int) -> Split:
        order = _order(n)
        return order[: first(n, n_train)], order[second(n, n_train) :]

    return split


_split = _cut(lambda n, n_train: n_train, lambda n, n_train: n_train)


def _split_swapped(n: int, n_train: int) -> Split:
    return _split(n, n_train)[::-1]


def _split_every(n: int, n_train: int) -> Split:
    test = range(0, n, n // (n - n_train))[: n - n_train]
    return [row for row in range(n) if row not in test], test


def _split_same_rows(n: int, n_train: int) -> Split:
    train = _order(n)[:n_train]
    return train, train


def _split_with_replacement(n: int, n_train: int) -> Split:
    return [torch.randint(n, (size,)).tolist() for size in (n_train, n - n_train)]


def _split_slices_a_number(n: int, n_train: int) -> Split:
    return n[:n_train], n[n_train:]


def _gaps(rows: Iterable[int]) -> set[int]:
    return {after - before for before, after in pairwise(sorted(rows))}


def _by_chance(train: list[int], test: list[int]) -> str:
    """Tell which of two parts follow no pattern; in a row, or every k-th, is one."""
    chance = [name for name, part in (("train", train), ("test", test)) if len(_gaps(part)) > 2]
    return " and ".join(chance) or "none"


def _never(rows: set[int], n: int) -> str:
    """Tell which of n rows are not among those used."""
    missing = set(range(n)) - rows
    names = {(): "none", (0,): "the first", (n - 1,): "the last"}
    return names.get(tuple(missing), "some")


def _parts(parts: object) -> list[list[object]]:
    """Return the two parts as lists; ValueError if they are not two."""
    if not isinstance(parts, tuple | list) or len(parts) != 2:
        came = f"a {type(parts).__name__}"
        if isinstance(parts, tuple | list):
            came = "one" if all(isinstance(part, int) for part in parts) else f"{len(parts)}"
        raise ValueError(f"two lists were wanted, (train, test); {came} came")
    return [[row.item() if hasattr(row, "item") else row for row in part] for part in parts]


def _properties(answer: object, n: int, n_train: int) -> dict[str, object]:
    """Return what must hold of a split; the order itself is free."""
    train, test = _parts(answer(n, n_train))
    early = sum(row < n // 2 for row in test) / max(len(test), 1)  # class 0, if sorted by class
    few = n < 100  # a small part may look like anything by chance
    return {
        "rows to train with": len(train),
        "rows to test with": len(test),
        "no row in both": not set(train) & set(test),
        "no row twice in one of them": all(len(set(part)) == len(part) for part in (train, test)),
        "only rows 0 to n − 1": set(train) | set(test) <= set(range(n)),
        "rows never used": _never(set(train) | set(test), n),
        "whole numbers": all(isinstance(row, int) for row in train + test),
        "drawn by chance": "train and test" if few else _by_chance(train, test),
        "rows to test with come from": "both halves"
        if few or 0.25 < early < 0.75
        else f"the {'first' if early > 0.5 else 'second'} half",
    }


SPLIT = Exercise(
    title="find the mistake: split into training and test rows",
    reference=_split,
    cases=lambda: [(12, 9), (30, 20), (400, 300)],
    apply=_properties,
    mistakes=(
        Mistake(
            lambda n, n_train: (range(n_train), range(n_train // 3, n)),
            "That is still the lecture's code: rows are trained with and tested with, and nothing "
            "is shuffled.",
        ),
        Mistake(
            lambda n, n_train: (range(n_train), range(n_train, n)),
            "No row is in both now, but the test rows are still the last ones: with data sorted by "
            "class, nothing of class 0. Shuffle all rows before you cut, not each part afterwards.",
        ),
        Mistake(
            lambda n, n_train: (range(n - n_train, n), range(n - n_train)),
            "No row is in both now, but the test rows are the first ones: with data sorted by "
            "class, nothing of class 1. Turned round is not shuffled.",
        ),
        Mistake(
            _split_every,
            "The parts fit together, but the rows are taken by a fixed pattern. With data that "
            "follow one, too, such as days of the week, the test sees one kind only. Shuffle.",
        ),
        Mistake(
            lambda n, n_train: (range(300), range(100, n)),
            "The numbers 300 and 100 stand in your code. It must work for every n and n_train.",
        ),
        Mistake(
            lambda n, n_train: (range(300), range(300, n)),
            "The number 300 stands in your code, and nothing is shuffled. It must work for every "
            "n and n_train.",
        ),
        Mistake(
            _cut(lambda n, n_train: 300, lambda n, n_train: 300),
            "The number 300 stands in your code. It must work for every n and n_train.",
        ),
        Mistake(
            _cut(lambda n, n_train: 300, lambda n, n_train: 100),
            "It shuffles, but the numbers 300 and 100 of the lecture's code are still there.",
        ),
        Mistake(
            lambda n, n_train: (range(300), range(100, 400)),
            "The lecture's numbers stand in your code: 300, 100 and 400. It must work for every n "
            "and n_train.",
        ),
        Mistake(
            lambda n, n_train: ([row for row in range(n) if row % 4], range(0, n, 4)),
            "You test on every fourth row, whatever n_train says, and by a fixed pattern. Shuffle, "
            "then cut at n_train.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train, lambda n, n_train: 100),
            "The 100 of the lecture's code is still there. The test part begins where the "
            "training part ends: at n_train.",
        ),
        Mistake(
            _cut(lambda n, n_train: int(0.75 * n), lambda n, n_train: int(0.75 * n)),
            "You train with three quarters of the rows, whatever n_train says.",
        ),
        Mistake(
            _cut(lambda n, n_train: int(0.8 * n), lambda n, n_train: int(0.8 * n)),
            "You train with four fifths of the rows, whatever n_train says.",
        ),
        Mistake(
            _cut(lambda n, n_train: n // 2, lambda n, n_train: n // 2),
            "You cut in the middle, whatever n_train says.",
        ),
        Mistake(_split_swapped, "The two parts are swapped: first the rows to train with."),
        Mistake(
            lambda n, n_train: (_order(n)[:n_train], _order(n)[n_train:]),
            "You draw twice. The second draw knows nothing of the first, so rows stand in both "
            "parts. Shuffle once, then cut.",
        ),
        Mistake(
            lambda n, n_train: (range(n_train), range(n - n_train)),
            "The test rows begin at 0 again. They are those of the n rows that are not trained "
            "with: shuffle 0 … n − 1 once, then cut.",
        ),
        Mistake(
            lambda n, n_train: (_order(n)[:n_train], range(n_train, n)),
            "The training rows are drawn from all, but the test rows are the last ones as they "
            "were, so rows stand in both. Cut both parts from one shuffled list.",
        ),
        Mistake(
            lambda n, n_train: (range(n_train), _order(n)[n_train:]),
            "The test rows are drawn from all, but the training rows are the first ones as they "
            "were, so rows stand in both. Cut both parts from one shuffled list.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train, lambda n, n_train: n_train // 3),
            "Shuffled, but the two parts still overlap: the test part must begin where the "
            "training part ends.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train, lambda n, n_train: n - n_train),
            "The two parts overlap: the test part must begin at n_train, where the training part "
            "ends, not at n − n_train.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train, lambda n, n_train: 0),
            "You test on all rows, those trained with among them. The test part begins where the "
            "training part ends.",
        ),
        Mistake(
            lambda n, n_train: (range(n_train), range(n)),
            "Nothing is shuffled, and you test on all rows, those trained with among them.",
        ),
        Mistake(_split_same_rows, "You test on the very rows that were trained with."),
        Mistake(
            lambda n, n_train: (range(n_train), range(n_train)),
            "You test on the very rows that were trained with, and nothing is shuffled.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train, lambda n, n_train: n_train + 1),
            "One row is lost between the parts: the end of a slice is open, "
            "so [:n] and [n:] fit together.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train - 1, lambda n, n_train: n_train),
            "One row is lost between the parts, and the training part is one too short: the end of "
            "a slice is open, so [:n] has n rows.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train, lambda n, n_train: n_train - 1),
            "One row is in both parts: the test part begins one too early.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train + 1, lambda n, n_train: n_train),
            "One row is in both parts: the training part is one too long, since [:n] has n rows.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train - 1, lambda n, n_train: n_train - 1),
            "The parts fit together, but you train with one row too few: [:n] has n rows.",
        ),
        Mistake(
            _cut(lambda n, n_train: n_train + 1, lambda n, n_train: n_train + 1),
            "The parts fit together, but you train with one row too many: [:n] has n rows.",
        ),
        Mistake(
            lambda n, n_train: _split(n - 1, n_train),
            "The last row is never used: torch.randperm(n) gives 0 … n − 1 already.",
        ),
        Mistake(
            lambda n, n_train: [[row + 1 for row in part] for part in _split(n, n_train)],
            "Your rows count from 1 to n. Counting starts at 0, so the last one is n − 1.",
        ),
        Mistake(
            lambda n, n_train: [[float(row) for row in part] for part in _split(n, n_train)],
            "The parts are right, but the row numbers are not whole: they cannot be used as an "
            "index.",
        ),
        Mistake(
            lambda n, n_train: (torch.arange(n) < n_train, torch.arange(n) >= n_train),
            "These are True and False for every row. Wanted are the numbers of the rows.",
        ),
        Mistake(
            lambda n, n_train: (_order(n), []),
            "All rows are trained with, and none is left to test with: cut at n_train.",
        ),
        Mistake(
            lambda n, n_train: random.shuffle(range(n)),
            "A range cannot be shuffled in its place. Make a list of it first: list(range(n)).",
        ),
        Mistake(
            _split_with_replacement,
            "Some rows are drawn twice and others never: randint and choices put each number back. "
            "torch.randperm takes every one once.",
        ),
        Mistake(
            lambda n, n_train: _order(n)[:n_train],
            "Only one list came. Return two, with a comma between: return train, test.",
        ),
        Mistake(
            _split_slices_a_number,
            "Something that is no list is cut. n is a number, and random.shuffle and list.sort "
            "return None: they change the list itself.",
        ),
    ),
    hints=(
        "Two things are wrong. Which rows are in both parts? Which class do the first rows have?",
        "Shuffle the row numbers once, then cut that one list in two.",
        "order = torch.randperm(n).tolist(); the parts are order[:n_train] and order[n_train:].",
    ),
    notice="A leak lets a learner that remembers look better than it is, and sorted rows can leave "
    "the test with one class. Neither raises an error: only looking finds them.",
)

# --- device: find the mistake ------------------------------------------------------------------


def _device(cuda: bool, mps: bool) -> str:
    if cuda:
        return "cuda"
    return "mps" if mps else "cpu"


def _chosen(answer: Callable, cuda: bool, mps: bool) -> object:
    device = answer(cuda, mps)
    return str(device) if isinstance(device, torch.device) else device


DEVICE = Exercise(
    title="find the mistake: choose a device",
    reference=_device,
    cases=lambda: [(False, False), (True, False), (False, True), (True, True)],
    apply=_chosen,
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
            lambda cuda, mps: "mps" if mps else "cpu",
            "This never breaks, but it leaves an NVIDIA GPU unused.",
        ),
        Mistake(
            lambda cuda, mps: "mps" if mps else "cuda" if cuda else "cpu",
            "Where both are there, CUDA comes first in this course.",
        ),
        Mistake(
            lambda cuda, mps: "mps" if mps else "cuda",
            "The snippet turned round: a laptop with neither is told to use CUDA.",
        ),
        Mistake(
            lambda cuda, mps: "cpu",
            "It says cpu whatever comes in. If you asked torch what this machine has: use the two "
            "arguments instead, so that the function can be tried for machines you do not have.",
        ),
        Mistake(
            lambda cuda, mps: "cuda",
            "It says cuda whatever comes in. Use the two arguments, not what torch says of this "
            "machine.",
        ),
        Mistake(
            lambda cuda, mps: "mps",
            "It says mps whatever comes in. Use the two arguments, not what torch says of this "
            "machine.",
        ),
        Mistake(
            lambda cuda, mps: "cuda" if cuda else "mps" if mps else None,
            "Where neither is there, nothing comes back. The CPU is always there.",
        ),
        Mistake(
            lambda cuda, mps: "CUDA" if cuda else "MPS" if mps else "CPU",
            "PyTorch writes its devices in small letters.",
        ),
        Mistake(
            lambda cuda, mps: "gpu" if cuda else "mps" if mps else "cpu",
            "PyTorch's name for an NVIDIA GPU is cuda.",
        ),
        Mistake(
            lambda cuda, mps: cuda or mps,
            "That is True or False. Return a name: cuda, mps or cpu.",
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
        "A unit without bias has w = (2, 1). It meets x = (1, −3), which is of class 1. What is w "
        "afterwards?",
        (
            "(3, −2)",
            "z = 2 − 3 = −1: silent, where it should have fired, so x is added. For this x, z is "
            "now 3 + 6 = 9, larger by 1² + 3² = 10.",
        ),
        (
            ("(2, 1)", "z = 2·1 + 1·(−3) = −1, so it says 0, and that is a mistake."),
            ("(1, 4)", "That is w − x. It was silent and should have fired: x is added."),
            ("(3, 4)", "The second number of x is −3, and it is added with its sign."),
        ),
        place=2,
    ),
    Question(
        "Why does the perceptron never settle on the two overlapping squares?",
        (
            "Every line makes mistakes, and each of them moves it.",
            "The rule stops only after an epoch without a mistake, and there is none.",
        ),
        (
            (
                "400 points are more than three weights can learn.",
                "With a gap between the squares, 400 points are easy.",
            ),
            (
                "It started from zero weights, far away from the best line.",
                "It never settles from any other start either.",
            ),
            (
                "20 epochs are too few; the mistakes fall slowly.",
                "They do not fall: the mistakes of each epoch go up and down for ever.",
            ),
        ),
        place=0,
    ),
    Question(
        "What does Novikoff's bound (R/γ)² count?",
        (
            "Mistakes on the training data, in all epochs.",
            "And since every epoch but the last has one, there are at most that many epochs and "
            "one more.",
        ),
        (
            (
                "Examples shown, until all of them are right.",
                "It counts mistakes; most examples shown are no mistakes.",
            ),
            (
                "Mistakes on new data, once the rule has stopped.",
                "It is about the data trained on, nothing else.",
            ),
            (
                "Mistakes in the worst of the epochs.",
                "It counts those of all epochs together, so it holds for the worst one, too.",
            ),
        ),
        place=1,
    ),
    Question(
        "Two thirds of the test rows were also trained on. Whose score does that lift most?",
        (
            "That of a learner that can remember single rows.",
            "It has seen the answers to two thirds of the examination, and has kept them.",
        ),
        (
            (
                "That of a neuron with three weights, which soon knows all rows.",
                "Three numbers cannot hold hundreds of rows: the leak hardly helps it.",
            ),
            (
                "That of all learners, by the same two thirds.",
                "Only what was remembered helps, and they remember very differently.",
            ),
            (
                "Nobody's, if the rows were shuffled before.",
                "Shuffling does not take rows out of the test again.",
            ),
        ),
        place=3,
    ),
]
