"""Exercises and quiz of lesson 04, What do hidden layers add?"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, combinations, pairwise, product

import numpy as np
import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake, same
from course_utils.exercises.quiz import Question
from course_utils.microscope import Value

# --- xnor: three units by hand -----------------------------------------------------------------


def _corners() -> list[tuple]:
    return [(corner,) for corner in product((0, 1), repeat=2)]


def _network(answer: tuple, x: tuple[int, int]) -> int:
    if len(answer) != 3:
        raise ValueError(f"three units were wanted, {len(answer)} came")
    first, second, last = answer
    return _fires(last, (_fires(first, x), _fires(second, x)))


def _fires(unit: tuple, x: tuple[int, int]) -> int:
    w, theta = unit
    if len(w) != 2:
        raise ValueError(f"two weights were wanted, {len(w)} came")
    return int(sum(weight * value for weight, value in zip(w, x, strict=True)) >= theta)


AND, OR, NAND, NOR = ((1, 1), 2), ((1, 1), 1), ((-1, -1), -1), ((-1, -1), 0)
FIRST, SECOND, NEVER = ((1, 0), 1), ((0, 1), 1), ((0, 0), 1)
ONLY_FIRST, ONLY_SECOND = ((1, -1), 1), ((-1, 1), 1)  # x1 and not x2; x2 and not x1


def _not(unit: tuple) -> tuple:
    """Return the unit that fires where this one, with whole numbers, does not."""
    (w1, w2), theta = unit
    return (-w1, -w2), 1 - theta


def _alone(unit: tuple) -> tuple:
    """Return a network that answers as its first hidden unit does."""
    return unit, NEVER, FIRST


def _one_input(unit: tuple, name: str, other: str) -> Mistake:
    return Mistake(
        _alone(unit),
        f"The answer depends on {name} alone. Whether both are equal needs {other} as well.",
    )


def _one_too_many(unit: tuple, corner: str) -> Mistake:
    return Mistake(
        _alone(_not(unit)),
        f"This fires in three corners. {corner} should stay silent as well: there the inputs "
        "differ.",
    )


XNOR = Exercise(
    title="XNOR from three units",
    reference=(AND, NOR, OR),
    cases=_corners,
    apply=_network,
    names=("x",),
    form="((w1, w2), theta) three times, for h1, h2 and the output, with commas between",
    mistakes=(
        Mistake(
            (OR, NAND, AND),
            "This is XOR. XNOR is its opposite: turn the output unit round.",
        ),
        Mistake(
            (AND, NOR, AND),
            "This never fires. Which two corners should? (AND and NOR never fire together: there "
            "one of them has to suffice. With OR and NAND the output should fire unless both do.)",
        ),
        Mistake(
            (AND, AND, OR),
            "This fires for (1, 1) only. What fires for (0, 0)? Negative weights make a unit that "
            "wants zeros.",
        ),
        Mistake(
            (NOR, NOR, OR),
            "This fires for (0, 0) only. (1, 1) is equal, too: one hidden unit can be AND.",
        ),
        Mistake(
            (OR, NAND, OR),
            "This fires in every corner. With OR and NAND as hidden units the output should fire "
            "unless both do. With AND and NOR: does one of them fire where it should not?",
        ),
        Mistake(
            (OR, AND, OR),
            "This is OR: the wrong way round in three corners of four. (0, 0) should fire, (0, 1) "
            "and (1, 0) should not.",
        ),
        Mistake(
            (NAND, NOR, OR),
            "This is NAND: it fires for (0, 1) and (1, 0), where it should not, and is silent for "
            "(1, 1). Is a sign or a threshold of your AND turned round?",
        ),
        _one_input(FIRST, "x1", "x2"),
        _one_input(SECOND, "x2", "x1"),
        _one_input(_not(FIRST), "the opposite of x1", "x2"),
        _one_input(_not(SECOND), "the opposite of x2", "x1"),
        _one_too_many(ONLY_FIRST, "(0, 1)"),
        _one_too_many(ONLY_SECOND, "(1, 0)"),
        Mistake(
            _alone(ONLY_FIRST),
            "This fires for (1, 0) alone, where the inputs differ. Do two signs differ that should "
            "be alike?",
        ),
        Mistake(
            _alone(ONLY_SECOND),
            "This fires for (0, 1) alone, where the inputs differ. Do two signs differ that should "
            "be alike?",
        ),
        Mistake(
            (AND, NOR),
            "Three units are wanted, side by side: h1, h2 and the output, each with its weights "
            "and its threshold.",
        ),
        Mistake(
            ((1, 1, 2), (-1, -1, 0), (1, 1, 1)),
            "The two weights of a unit stand in brackets of their own: ((1, 1), 2).",
        ),
        Mistake(
            ((1, 1), (-1, -1), (1, 1)),
            "A unit is a pair: first its two weights in brackets, then its threshold.",
        ),
    ),
    hints=(
        "In which two corners are the inputs equal? Which unit fires in one of them alone?",
        "AND fires for (1, 1) alone, NOR for (0, 0) alone. The output asks: one of them?",
        "((1, 1), 2), ((-1, -1), 0) and OR as the output. Or take XOR's hidden units, OR and NAND, "
        "and NAND as the output.",
    ),
    notice="Other answers are right as well, such as OR and NAND joined by NAND. There are always "
    "several networks for one task; even to exchange h1 and h2 makes another one.",
)

# --- bump: three hinges ------------------------------------------------------------------------


def _three(
    weights: Sequence[float], divide: bool = True, at: Sequence[float] = (-1, 0, 1)
) -> Callable[[Tensor, float, float], Tensor]:
    """Return a sum of three hinges at the left foot, the top, the right foot."""

    def answer(x: Tensor, top: float, width: float) -> Tensor:
        corners = [top + side * width for side in at]
        total = sum(w * torch.relu(x - at) for w, at in zip(weights, corners, strict=True))
        return total / width if divide else total

    return answer


def _bump_product(x: Tensor, top: float, width: float) -> Tensor:
    return torch.relu(x - (top - width)) * torch.relu(top + width - x) / width


def _bump_narrow(x: Tensor, top: float, width: float) -> Tensor:
    return _three((1, -2, 1))(x, top, width / 2)


def _bump_two_ramps(x: Tensor, top: float, width: float) -> Tensor:
    return (torch.relu(x - (top - width)) + torch.relu(top + width - x)) / width


def _bump_divided_in_part(x: Tensor, top: float, width: float) -> Tensor:
    rise = torch.relu(x - (top - width)) - 2 * torch.relu(x - top)
    return rise + torch.relu(x - (top + width)) / width


def _bump_one_relu(x: Tensor, top: float, width: float) -> Tensor:
    return torch.relu((x - (top - width)) - 2 * (x - top) + (x - (top + width))) / width


def _bump_first_mirrored(x: Tensor, top: float, width: float) -> Tensor:
    fall = torch.relu((top - width) - x) - 2 * torch.relu(x - top)
    return (fall + torch.relu(x - (top + width))) / width


def _bump_divided_first(x: Tensor, top: float, width: float) -> Tensor:
    rise = torch.relu(x - (top - width)) / width - 2 * torch.relu(x - top)
    return rise + torch.relu(x - (top + width))


def _bump_divided_inside(x: Tensor, top: float, width: float) -> Tensor:
    return _three((1, -2, 1), divide=False)(x / width, top, width)


def _bump_without_bend(x: Tensor, top: float, width: float) -> Tensor:
    return 1 - torch.abs(x - top) / width


def _bump_away_from(x: Tensor, top: float, width: float) -> Tensor:
    return _three((1, -2, 1))(x, -top, width)


def _bump_box(x: Tensor, top: float, width: float) -> Tensor:
    return ((x > top - width) & (x < top + width)).float()


def _bump_cases() -> list[tuple[Tensor, float, float]]:
    return [
        (torch.tensor([0.0, 1.0, 2.0]), 1.0, 1.0),
        (torch.tensor([-2.0, 0.0, 1.0, 1.5, 2.0, 5.0]), 1.0, 1.0),
        (torch.tensor([0.0, 0.5, 1.0, 3.0]), 0.5, 0.5),
        (torch.linspace(-4, 6, 21), 1.0, 2.0),
    ]


BUMP_HINTS = {  # weights of the three hinges, divided by width
    (0.5, -1, 0.5): (
        "The form is right, but the top is ½ high. Before the division it is width high: "
        "divide by width once."
    ),
    (2, -4, 2): (
        "The form is right, but the top is 2 high. The slope should be 1 / width on the way up."
    ),
    (-1, 2, -1): "This is a bump that hangs down. Turn all three signs round.",
    (1, -3, 1): (
        "It falls too steeply and does not come to rest. At the top the slope changes by −2, "
        "from +1 to −1."
    ),
    (1, -2, 2): (
        "Behind the right foot it rises again. There the slope should change by +1, from −1 to 0."
    ),
    (0, 1, -1): "It begins to rise at the top only. The first hinge stands at top - width.",
    (0, -2, 1): "It never rises. The first hinge, at top - width, is missing.",
    (1, -1, 1): (
        "After the top it stays flat and then rises again. At the top the slope must change by "
        "−2, from +1 to −1."
    ),
    (1, -1, 0): (
        "It rises and stays up. To come down the slope must change by −2 at the top, and by +1 "
        "at the right foot."
    ),
    (1, -2, 0): (
        "It comes down and goes on down for ever. A third hinge at top + width bends it back "
        "to flat."
    ),
    (1, -1, -1): (
        "The slope is 1, then 0, then −1. Each weight is the *change* of slope at its corner: "
        "+1, then −2, then +1."
    ),
    (1, -2, -1): "At the last corner the slope should change by +1, from −1 back to 0.",
    (1, 2, 1): "At the top it bends upward. It must fall behind it: minus twice the hinge at top.",
    (1, 0, -1): (
        "It rises up to the right foot, to a height of 2, and stays there. The hinge at top, "
        "twice, is missing."
    ),
    (1, 0, 1): "It never comes down. The hinge at top, with weight −2, is missing.",
    (0, -2, 2): (
        "Two hinges stand at top + width: x - top - width is x - (top + width). For the left foot "
        "write x - (top - width)."
    ),
    (2, -2, 0): (
        "Two hinges stand at top - width: x - top + width is x - (top - width). For the right foot "
        "write x - (top + width)."
    ),
    (-2, 1, 1): "The hinge with weight −2 belongs to the top, not to the left foot.",
    (1, 1, -2): "The hinge with weight −2 belongs to the top, not to the right foot.",
}


def _bump_weights() -> Iterable[Mistake]:
    """Give the sums of three hinges with other weights, each divided by width and not divided."""
    some = product((0, 1), range(-2, 3), range(-2, 3))
    for weights in dict.fromkeys((*BUMP_HINTS, *some)):
        if weights == (1, -2, 1) or not any(weights):
            continue
        slopes = ", ".join(f"{slope:g}".replace("-", "−") for slope in accumulate(weights))
        rule = "should be 1, −1, 0: each weight is the change of slope at its corner."
        hint = f"Times width, your slopes behind the three corners are {slopes}. They {rule}"
        yield Mistake(_three(weights), BUMP_HINTS.get(weights, hint))
        hint = f"Your slopes behind the three corners are {slopes}. Times width they {rule}"
        yield Mistake(_three(weights, divide=False), hint)


BUMP = Exercise(
    title="a bump from three ReLUs",
    reference=_three((1, -2, 1)),
    cases=_bump_cases,
    mistakes=(
        Mistake(
            _three((1, -2, 1), divide=False),
            "The form is right. The height is width in place of 1: divide by it.",
        ),
        Mistake(
            lambda x, top, width: _three((1, -2, 1), divide=False)(x, top, width) * width,
            "The form is right. To bring the height to 1, divide by width; do not multiply.",
        ),
        Mistake(
            lambda x, top, width: _three((1, -2, 1))(x, top, width) / width,
            "The form is right, but the sum is divided by width twice.",
        ),
        Mistake(
            _bump_first_mirrored,
            "The first hinge is the wrong way round: torch.relu(x - corner) rises to the right of "
            "its corner.",
        ),
        Mistake(
            _bump_one_relu,
            "The three straight lines cancel to 0 before they are bent. Each needs a torch.relu of "
            "its own, with its corner inside: torch.relu(x - corner).",
        ),
        Mistake(
            _bump_divided_first,
            "Only the first hinge is divided by width, as / comes before + and −. Put brackets "
            "round all three.",
        ),
        Mistake(
            _bump_divided_inside,
            "x is divided before the corners are subtracted. Divide at the end, the sum of all "
            "three.",
        ),
        Mistake(
            _bump_divided_in_part,
            "Only the last hinge is divided by width, as / comes before + and −. Put brackets "
            "round all three.",
        ),
        Mistake(
            _bump_product,
            "A product of two hinges is a curve of second degree. A layer adds hinges, it does not "
            "multiply them.",
        ),
        Mistake(
            lambda x, top, width: _bump_product(x, top, width) / width,
            "Height and feet are right, but the sides are bent: a product of two hinges is a curve "
            "of second degree. A layer adds hinges.",
        ),
        Mistake(
            _bump_narrow,
            "Its feet lie at top ± width/2. They should lie at top − width and top + width.",
        ),
        Mistake(
            _three((1, -2, 1), at=(-0.5, 0, 0.5)),
            "Its feet lie at top ± width/2, and its height is ½. They should lie at top − width "
            "and top + width.",
        ),
        Mistake(
            _bump_two_ramps,
            "One hinge that falls and one that rises add up to a bowl, not to a bump.",
        ),
        Mistake(
            _bump_without_bend,
            "Right between the feet. Outside it goes on down below 0, where a bump is flat.",
        ),
        Mistake(
            _bump_away_from,
            "A hinge with its corner at a is torch.relu(x - a). With x + top, the top lies at "
            "-top.",
        ),
        Mistake(
            lambda x, top, width: _three((1, -2, 1))(x, top, 1.0),
            "Your feet lie at top ± 1, whatever the width. They should lie at top − width and "
            "top + width.",
        ),
        Mistake(
            lambda x, top, width: _three((1, -2, 1), divide=False)(x, top, 1.0) / width,
            "You divide by width, but your feet lie at top ± 1. They should lie at top − width "
            "and top + width.",
        ),
        Mistake(
            lambda x, top, width: _three((1, -2, 1))(x, 0.0, width),
            "Your bump stands at 0. Its corners are top - width, top and top + width.",
        ),
        Mistake(
            lambda x, top, width: [torch.relu(x - top + side * width) for side in (1, 0, -1)],
            "The three hinges come back one by one. Add them up, with the weights 1, −2 and 1.",
        ),
        Mistake(
            _three((1, -2, 1), at=(0, 1, 2)),
            "Your bump begins at top. Its corners are top - width, top and top + width.",
        ),
        Mistake(
            _bump_box,
            "This is 1 everywhere between the feet. It should rise in a straight line to the top, "
            "and fall again.",
        ),
        Mistake(
            lambda x, top, width: torch.exp(-(((x - top) / width) ** 2)),
            "This is a smooth bell. Three straight pieces were wanted, from three hinges.",
        ),
        Mistake(
            lambda x, top, width: max(0, x - top),
            "if, and, or and max() want a single truth value. torch.relu takes all numbers of x "
            "at once.",
        ),
        *_bump_weights(),
    ),
    hints=(
        "Draw it. Where are the corners, and what is the slope before and behind each of them?",
        "A hinge at a corner changes the slope there and from there on, by its weight. The changes "
        "are +1, −2 and +1, divided by the width.",
        "(torch.relu(x - (top - width)) - 2 * torch.relu(x - top) + ...) / width, with one hinge "
        "more, at top + width",
    ),
    notice="Far to the right all three hinges are large, and yet the sum is 0 there: their slopes "
    "1 − 2 + 1 cancel, and so do their heights. (Written with abs, it is right as well, but no sum "
    "of hinges yet; the layer needs that.)",
)

# --- count: find the mistake -------------------------------------------------------------------


def _count(widths: Sequence[int]) -> int:
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(widths))


def _count_neighbours(widths: Sequence[int]) -> int:
    return sum(a * b for a, b in pairwise(widths))


def _count_all_pairs(widths: Sequence[int]) -> int:
    return sum(a * b for i, a in enumerate(widths) for b in widths[i + 1 :])


def _count_added_up(widths: Sequence[int]) -> int:
    return sum(widths[:-1]) * widths[-1]


def _count_from_inputs(widths: Sequence[int]) -> int:
    return widths[0] * sum(widths[1:])


WEIGHTS = {  # what somebody may count as weights, and what to say of it
    _count_neighbours: "The weights are right.",
    math.prod: "The widths are multiplied on. Each matrix joins two neighbours: add up products "
    "of two.",
    _count_all_pairs: "You joined every layer with every later one. Lines run only to the next.",
    _count_from_inputs: "This joins the inputs with every layer. Lines run only to the next layer: "
    "multiply two neighbours, then add the products.",
    _count_added_up: "This joins each layer with the output. Lines run only to the next layer: "
    "multiply two neighbours, then add the products.",
}
BIASES: tuple[tuple[Callable, str], ...] = (
    (lambda widths: sum(widths[1:]), "The biases are right."),
    (lambda widths: 0, "Each unit has a bias as well."),
    (lambda widths: widths[-1], "Each layer has biases, not only the last one."),
    (
        lambda widths: sum(widths[1:-1]),
        "The last biases are missing: the output units have one each as well.",
    ),
    (
        lambda widths: sum(widths[:-1]),
        "A bias belongs to the unit where lines arrive, n_out of them, not where they start.",
    ),
    (
        sum,
        "Inputs are no units: they compute nothing and have no bias.",
    ),
    (
        lambda widths: len(widths) - 1,
        "A layer has one bias for each of its units, not one in all.",
    ),
    (lambda widths: 1, "There is one bias for each unit behind the inputs, not one in all."),
    (lambda widths: 2 * sum(widths[1:]), "The biases are counted twice."),
    (
        lambda widths: widths[0],
        "Inputs compute nothing and have no bias. Each unit of the later layers has one.",
    ),
    (
        lambda widths: sum(widths[1:]) + sum(widths[:-1]),
        "Biases belong to the units where lines arrive, n_out of them, not to both ends.",
    ),
)


def _count_in_two_parts() -> Iterable[Mistake]:
    """Give each way to count weights beside each way to count biases, but for the right pair."""
    for (weights, said), (biases, then) in product(WEIGHTS.items(), BIASES):
        if weights is math.prod and biases is BIASES[2][0]:
            said, then = "That is still the snippet:", "two things in it are wrong."
        if weights is not _count_neighbours or biases is not BIASES[0][0]:
            yield Mistake(
                lambda widths, w=weights, b=biases: w(widths) + b(widths), f"{said} {then}"
            )


def _count_chained(widths: Sequence[int]) -> int:
    n = widths[0]
    for width in widths[1:]:
        n = n * width + width
    return n


COUNT = Exercise(
    title="find the mistake: how many parameters?",
    reference=_count,
    cases=lambda: [((784, 10),), ((2, 2, 1),), ((3, 4, 5, 6),), ((784, 200, 100, 60, 30, 10),)],
    mistakes=(
        *_count_in_two_parts(),
        Mistake(
            lambda widths: _count(widths) + 1,
            "One too many: does your sum begin at 1? A product does; a sum begins at 0.",
        ),
        Mistake(
            lambda widths: [_count(pair) for pair in pairwise(widths)],
            "Each layer is counted rightly. One number was wanted: add them up.",
        ),
        Mistake(
            _count_chained,
            "The total so far is multiplied by the next width. Lines join neighbours: add "
            "n_in · n_out + n_out for each pair.",
        ),
        Mistake(
            lambda widths: math.prod(a * b for a, b in pairwise(widths)) + sum(widths[1:]),
            "The biases are right. Each matrix is counted rightly, too, but layers are added, not "
            "multiplied.",
        ),
        Mistake(
            sum,
            "These are all units, the inputs as well. Parameters sit on the lines between two "
            "layers, n_in · n_out of them, and one on each unit behind the inputs.",
        ),
        Mistake(
            lambda widths: (1 + sum(widths[:-1])) * widths[-1] + widths[-1],
            "Widths are added here, and then multiplied by the last one. Lines join neighbours: "
            "multiply two neighbours, then add the products.",
        ),
        Mistake(
            lambda widths: sum(a + b for a, b in pairwise(widths)),
            "Between two layers each unit has a line to each: n_in times n_out of them, not plus.",
        ),
        Mistake(
            lambda widths: sum((a + 1) * (b + 1) for a, b in pairwise(widths)),
            "Only the inputs of a layer get a 1 for the bias: (n_in + 1) · n_out.",
        ),
        Mistake(
            lambda widths: sum(_count(pair) for pair in pairwise(widths[1:])),
            "The first matrix is missing, the one behind the inputs.",
        ),
        Mistake(
            lambda widths: sum(a * b + b for a, b in zip(widths[::2], widths[1::2], strict=False)),
            "Every second matrix is missing: each width but the outer two belongs to two pairs.",
        ),
        Mistake(
            lambda widths: sum(widths[i] * widths[i + 1] for i in range(len(widths))),
            "With n widths there are n − 1 pairs: range(len(widths) - 1).",
        ),
        Mistake(
            lambda widths: _count(widths[:2]),
            "Only the first matrix is counted. Is the return inside the loop?",
        ),
        Mistake(
            lambda widths: _count(widths[-2:]),
            "Only the last matrix is counted. Add each one to those before: += in place of =.",
        ),
        Mistake(
            lambda widths: math.prod(_count(pair) for pair in pairwise(widths)),
            "Each layer is counted rightly. But layers are added, not multiplied.",
        ),
        Mistake(
            lambda widths: _count(widths) - _count(widths[-2:]),
            "The last layer is missing: with n widths there are n − 1 matrices.",
        ),
    ),
    hints=(
        "Draw 2-2-1 and count its lines and its biases. Then run the snippet for (2, 2, 1).",
        "A matrix stands between each two neighbours: n_in · n_out weights, and n_out biases. The "
        "layers are added.",
        "sum(n_in * n_out + n_out for n_in, n_out in zip(widths, widths[1:]))",
    ),
    notice="The snippet is right for every network of one layer, such as (784, 10). A test with "
    "one layer could never have found the mistake.",
)

# --- sigmoid: a new function for the engine ----------------------------------------------------


def _class_of(answer: Callable) -> type:
    """Return the class Value that an answer knows, the learner's own; if it is not whole, ours.

    Numbers of one engine cannot be added to those of another.
    """
    own = inspect.getclosurevars(answer).nonlocals.get("answer", answer)  # out of its wrapping
    theirs = getattr(own, "__globals__", {}).get("Value", Value)
    parts = ("__add__", "__rmul__", "__rsub__", "__rtruediv__", "__pow__", "tanh", "backward")
    return theirs if all(hasattr(theirs, part) for part in parts) else Value


def _through(answer: Callable[[Value], Value], data: float) -> tuple:
    """Return value and slope of answer(2x + x·x) at x; what came where it is no Value."""
    x = _class_of(answer)(data)
    result = answer(given := 2.0 * x + x * x)
    if result is given:
        return ("the Value that went in", None)
    if not hasattr(result, "parents"):
        return (f"a {type(result).__name__}, no Value", None)
    pairs = [pair for pair in result.parents if isinstance(pair, tuple | list) and len(pair) == 2]
    if len(pairs) < len(result.parents):
        return ("a Value, but its parents are no list of pairs", None)
    if not all(hasattr(a, "parents") for a, _ in pairs):
        return ("a Value, but the first of a pair is no Value", None)
    result.backward()
    return result.data, x.grad


def _plain(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _made(
    slope: Callable[[float, float], float], value: Callable[[float], float] = _plain
) -> Callable[[Value], Value]:
    """Return a sigmoid that computes its value from z, and its local slope from z and the value."""

    def answer(a: Value) -> Value:
        g = value(a.data)
        return Value(g, [(a, slope(a.data, g))])

    return answer


def _from_value(a: Value) -> Value:
    return _made(lambda _, g: g * (1 - g))(a)


MIRRORED = "The value is that of σ(−z): it is e to the power of *minus* z, math.exp(-a.data)."
NO_BRACKETS = "The value is 1 + e to the power of −z. Put brackets round the sum: 1 / (1 + ...)."
VALUES: tuple[tuple[Callable[[float], float], str], ...] = (
    (_plain, "The value is right."),
    (lambda z: _plain(-z), MIRRORED),
    (lambda z: 1 + math.exp(-z), NO_BRACKETS),
    (lambda z: math.exp(-z), "This is e to the power of −z only. It belongs into 1 / (1 + …)."),
)
LOCAL_SLOPES: tuple[tuple[Callable[[float, float], float], str], ...] = (
    (lambda z, g: g * (1 - g), "The local slope is made of it by the right rule."),
    (
        lambda z, g: 1.0,
        "But slopes come through unchanged, times 1, as in a sum. Make a new Value whose local "
        "slope is g·(1 − g).",
    ),
    (
        lambda z, g: g,
        "The slope is the output itself, as that of exp would be. For the sigmoid it is g·(1 − g).",
    ),
    (
        lambda z, g: z * (1 - z),
        "The slope is z·(1 − z), with the input. The rule takes the output g: g·(1 − g).",
    ),
    (lambda z, g: 1 - g * g, "1 − g² is the slope of tanh. For the sigmoid it is g·(1 − g)."),
    (
        lambda z, g: g * (1 - z),
        "g·(1 − z) mixes output and input. The rule takes the output g in both places.",
    ),
    (lambda z, g: 1 - g, "The slope is 1 − g here. One factor is missing: g·(1 − g)."),
    (lambda z, g: g * (1 + g), "A sign: the slope is g·(1 − g), with a minus."),
    (lambda z, g: -g * (1 - g), "The slope has the wrong sign: it is g·(1 − g)."),
    (lambda z, g: (1 - g) ** 2, "The slope is (1 − g)² here. It is g·(1 − g)."),
    (lambda z, g: g * g, "The slope is g² here. It is g·(1 − g)."),
    (lambda z, g: 2 * g * (1 - g), "The slope comes twice. One pair with g·(1 − g) is enough."),
    (
        lambda z, g: _plain(g) * (1 - _plain(g)),
        "g is the sigmoid already. Its slope is g·(1 − g), with no second sigmoid.",
    ),
    (
        lambda z, g: _plain(z) * _plain(-z),
        "The local slope is right.",
    ),
)


def _sigmoid_in_two_parts() -> Iterable[Mistake]:
    """Give each value beside each local slope, but not the two where both belong together."""
    kept = [[(_plain(s * z), s * _plain(z) * _plain(-z)) for z in (1.0, -0.5)] for s in (1, -1)]
    for (value, said), (slope, then) in product(VALUES, LOCAL_SLOPES):
        numbers = [(value(z), slope(z, value(z))) for z in (1.0, -0.5)]
        if not any(same(numbers, others) for others in kept):
            kept.append(numbers)
            yield Mistake(_made(slope, value), f"{said} {then}")


SIGMOID = Exercise(
    title="the sigmoid for the engine",
    reference=_from_value,
    cases=lambda: [(0.0,), (1.0,), (-0.5,), (-3.0,)],
    apply=_through,
    names=("the value and the slope of sigmoid(2x + x²) at x",),
    mistakes=(
        Mistake(
            lambda a: Value(_plain(a.data)),
            "The value is right. But no slope goes back to a: give the new Value its parent, "
            "[(a, slope)], with the local slope only. (a.grad is still 0 on the way forward.)",
        ),
        *_sigmoid_in_two_parts(),
        Mistake(
            lambda a: Value(_plain(-a.data), [(a, -_plain(a.data) * _plain(-a.data))]),
            "This is σ(−z): it falls where it should rise. It is e to the power of *minus* z.",
        ),
        Mistake(
            lambda a: (_plain(a.data), 0.25),
            "Value and slope belong into one new Value: Value(g, [(a, slope)]).",
        ),
        Mistake(
            lambda a: Value(_plain(a.data), (a, 1.0)),
            "The second argument is a list of pairs, and the value comes first in a pair: "
            "Value(g, [(a, slope)]), with both kinds of brackets.",
        ),
        Mistake(
            lambda a: Value(_plain(a.data), [(a.data, 0.25)]),
            "In a pair the Value itself comes first, a (not a.data), then its local slope: "
            "[(a, slope)].",
        ),
        Mistake(
            lambda a: Value(_plain(a.data), a, 1.0),
            "Value takes the number and one list of pairs: Value(g, [(a, slope)]).",
        ),
        Mistake(
            lambda a: Value(_plain(a.data), 0.25),
            "The slope stands beside its parent, in a list of pairs: Value(g, [(a, slope)]).",
        ),
        Mistake(
            lambda a: torch.tensor(_plain(a.data)),
            "A tensor comes back, which forgets where it came from. Wrap its number: "
            "Value(g, [(a, slope)]).",
        ),
        Mistake(
            lambda a: a,
            "a itself comes back. Leave it as it is, and make a new Value: Value(g, [(a, slope)]).",
        ),
        Mistake(
            lambda a: lambda: a,
            "A function came back, no Value. Return Value(g, [(a, slope)]).",
        ),
        Mistake(
            lambda a: float(Value(_plain(a.data))),
            "Value, float and math take plain numbers. The number of a Value is its .data.",
        ),
        Mistake(
            lambda a: np.exp(a),
            "NumPy knows nothing of your Value. Take its number, a.data, and give the new Value "
            "its local slope yourself.",
        ),
        Mistake(
            _made(lambda _, g: g * (1 - g), lambda z: 1 / (1 - math.exp(-z))),
            "At z = 0 you divide by 0. A sign: it is 1 / (1 + e to the power of −z).",
        ),
        Mistake(
            lambda a: (0.5 * a).tanh(),
            "This reaches from −1 to 1. Halve it and lift it: σ(z) = (1 + tanh(z/2)) / 2.",
        ),
        Mistake(
            _made(lambda _, g: g * (1 - g), math.tanh),
            "The value is that of tanh, from −1 to 1. The sigmoid reaches from 0 to 1.",
        ),
        Mistake(
            _made(lambda z, _: _plain(z), lambda z: _plain(z) * _plain(-z)),
            "Value and slope are swapped: Value(g, [(a, g * (1 - g))]).",
        ),
        Mistake(
            lambda a: a.tanh(),
            "This is tanh, from −1 to 1. The sigmoid reaches from 0 to 1.",
        ),
        Mistake(
            lambda a: 0.5 * (0.5 * a).tanh() + 1,
            "This lies too high by a half: σ(z) = (1 + tanh(z/2)) / 2.",
        ),
        Mistake(
            lambda a: 0.5 * (a.tanh() + 1),
            "This is σ(2z): tanh z = 2·σ(2z) − 1. So take tanh of half of a.",
        ),
        Mistake(
            lambda a: Value(math.exp(-a.data), [(a, -math.exp(-a.data))]),
            "This is e to the power of −z only, with its slope. It belongs into 1 / (1 + …).",
        ),
        Mistake(
            lambda a: 1 / (1 + (-a).exp()),
            "The engine knows no exp of a Value. Take its number, a.data, and give the new Value "
            "its local slope yourself.",
        ),
        Mistake(
            lambda a: 1 / (1 + math.e**-a),
            "The engine knows a Value to the power of a number, not a number to the power of a "
            "Value. Take a.data, and give the new Value its local slope yourself.",
        ),
        Mistake(
            lambda a: torch.sigmoid(a),
            "PyTorch knows nothing of your Value. Take its number, a.data, and give the new Value "
            "its local slope yourself.",
        ),
        Mistake(
            lambda a: _plain(a.data),
            "A plain number comes back, which forgets where it came from. Wrap it: "
            "Value(g, [(a, slope)]).",
        ),
        Mistake(
            lambda a: 1 / (1 + math.exp(-a)),
            "If math.exp or / complains: a is a Value, and its number is a.data. If Value "
            "complains: it takes the number and one list of pairs, [(a, slope)].",
        ),
    ),
    hints=(
        "Look at tanh in the class: it makes a number, then a Value that knows its parent.",
        "Compute g with math.exp(-a.data). The local slope is g·(1 − g).",
        "return Value(g, [(a, g * (1 - g))])",
    ),
    notice="The check sent 2x + x² through your function and asked for the slope at x: your local "
    "slope, times 2 + 2x from the rest of the graph.",
)

# --- one_step: find the mistakes ---------------------------------------------------------------

Four = tuple[Tensor, Tensor, Tensor, Tensor]


class _Parts(dict):
    """What came back, by name; equal where all numbers agree as far as they should."""

    def __eq__(self, other: object) -> bool:
        return self.keys() == other.keys() and all(same(self[name], other[name]) for name in self)

    __hash__ = None


def _by_name(answer: Callable[..., Four], *inputs: object) -> _Parts | str:
    """Return the four parts by their names, so that the check can say which of them differ."""
    parts = answer(*inputs)
    if not isinstance(parts, tuple | list) or len(parts) != 4:
        return "no four parts W, b, V, c"
    return _Parts(zip("WbVc", parts, strict=True))


def _step(
    *,
    early: bool = False,
    D: Callable = lambda S, Y: (torch.softmax(S, dim=1) - Y) / len(S),
    bend: Callable = lambda H, Z: 1 - H**2,
    W: Callable = lambda B, X: B.T @ X,
    b: Callable = lambda B: B.sum(dim=0),
    V: Callable = lambda D, H: D.T @ H,
    c: Callable = lambda D: D.sum(dim=0),
    through: Callable = lambda D, V: D @ V,
    rate: float = -1.0,
) -> Callable[..., Four]:
    """Return one step of gradient descent for two layers; each formula of the table may be wrong.

    `early` uses V when it has been changed already; `rate` multiplies the step.
    """

    def answer(*inputs: object) -> Four:
        W_old, b_old, V_old, c_old, X, Y, lr = inputs
        Z = X @ W_old.T + b_old
        H = torch.tanh(Z)
        said = D(H @ V_old.T + c_old, Y)
        V_new = V_old + rate * lr * V(said, H)
        B = through(said, V_new if early else V_old) * bend(H, Z)
        return (
            W_old + rate * lr * W(B, X),
            b_old + rate * lr * b(B),
            V_new,
            c_old + rate * lr * c(said),
        )

    return answer


def _mean(B: Tensor) -> Tensor:
    return B.mean(dim=0)


def _right_step(
    W: Tensor, b: Tensor, V: Tensor, c: Tensor, X: Tensor, Y: Tensor, lr: float
) -> Four:
    return _step()(W, b, V, c, X, Y, lr)


def _made_of(change: Callable[..., Four]) -> Callable[..., Four]:
    """Return an answer that makes its four parts from the right ones, the inputs and the rate."""

    def answer(*inputs: object) -> Four:
        return change(_right_step(*inputs), inputs[:4], inputs[-1])

    return answer


def _step_cases() -> list[tuple]:
    cases, generator = [], torch.Generator().manual_seed(4)
    for n, n_in, n_hidden, n_out in ((2, 1, 2, 2), (5, 3, 4, 2)):
        shapes = (n_hidden, n_in), (n_hidden,), (n_out, n_hidden), (n_out,), (n, n_in)
        W, b, V, c, X = (torch.randn(*shape, generator=generator) for shape in shapes)
        Y = torch.eye(n_out)[torch.arange(n) % n_out]
        cases.append((W, b, V, c, X, Y, 0.5))
    return cases


def _looking_again(*, both: bool) -> Callable[..., Four]:
    """Return a step whose V, or V and c, see what the new W and b say."""

    def answer(*inputs: object) -> Four:
        W, b, V, c, X, Y, lr = inputs
        right = _right_step(*inputs)
        H = torch.tanh(X @ right[0].T + right[1])
        D = (torch.softmax((H if both else torch.tanh(X @ W.T + b)) @ V.T + c, dim=1) - Y) / len(X)
        return (*right[:2], V - lr * D.T @ H, c - lr * D.sum(dim=0))

    return answer


def _total(D: Tensor, Y: Tensor) -> Tensor:
    return torch.softmax(D, dim=1) - Y


LEFT = {  # the mistakes of the snippet: by their place in `_step`, and what to say of each
    "early": (
        True,
        "The slope goes back through V after V was changed. Compute B before you change V.",
    ),
    "bend": (lambda H, Z: 1 - H, "The slope of tanh is 1 − H**2, not 1 − H."),
    "b": (
        _mean,
        "D was divided by N already, so b takes the sum over the pictures, like c; with the mean "
        "it is divided twice.",
    ),
}
STEP_SLIPS: tuple[tuple[str, object, str], ...] = (
    (
        "bend",
        lambda H, Z: H * (1 - H),
        "H·(1 − H) is the slope of the sigmoid. For tanh it is 1 − H**2.",
    ),
    (
        "bend",
        lambda H, Z: 1.0,
        "The slope goes back through V, but not through the bend: times 1 − H**2.",
    ),
    (
        "bend",
        lambda H, Z: 1 - torch.tanh(H) ** 2,
        "H is tanh of the net input already. The slope is 1 − H**2, with no second tanh.",
    ),
    (
        "bend",
        lambda H, Z: (1 - H) ** 2,
        "(1 − H)**2 squares too much. The slope of tanh is 1 − H**2: only H is squared.",
    ),
    (
        "bend",
        lambda H, Z: 1 - Z**2,
        "The square belongs to the output H, not to the net input: 1 − H**2.",
    ),
    (
        "bend",
        lambda H, Z: 1 + H**2,
        "A sign: the slope of tanh is 1 − H**2. It is never above 1.",
    ),
    (
        "bend",
        lambda H, Z: (Z > 0).float(),
        "0 or 1 is the slope of the ReLU. These units are tanh: 1 − H**2.",
    ),
    (
        "bend",
        lambda H, Z: 1 - 2 * H,
        "H * 2 is twice H; its square is H**2. The slope of tanh is 1 − H**2.",
    ),
    ("bend", lambda H, Z: H**2, "H**2 is half of it: the slope of tanh is 1 − H**2."),
    (
        "bend",
        lambda H, Z: 1 - H @ H,
        "H @ H is a product of matrices. H**2 squares number by number.",
    ),
    (
        "c",
        _mean,
        "c takes the sum over the pictures: D was divided by N already, with the mean it is "
        "divided twice.",
    ),
    (
        "W",
        lambda B, X: B.T @ X / len(X),
        "The slope of W is divided by N once more. D was divided already, so B is, too.",
    ),
    (
        "V",
        lambda D, H: D.T @ H / len(H),
        "The slope of V is divided by N once more. D was divided already.",
    ),
    (
        "b",
        lambda B: B.sum(dim=1),
        "b has a number for each hidden unit: sum over the pictures, dim=0.",
    ),
    (
        "b",
        lambda B: B.sum(),
        "b has a number for each hidden unit. Without dim=0 all of them get the same sum.",
    ),
    (
        "b",
        lambda B: B.sum(dim=0, keepdim=True),
        "b comes back as one row, (1, U). It has the shape (U,): no keepdim here.",
    ),
    (
        "b",
        lambda B: B,
        "b is to change by a sum over the pictures, B.sum(dim=0). All of B gives a row for each.",
    ),
    (
        "W",
        lambda B, X: X.T @ B,
        "X.T @ B is (I, U), and W is (U, I): B.T @ X. Where it runs, the shapes fit by chance.",
    ),
    (
        "V",
        lambda D, H: H.T @ D,
        "H.T @ D is (U, K), and V is (K, U): D.T @ H. Where it runs, the shapes fit by chance.",
    ),
    (
        "through",
        lambda D, V: D @ V.T,
        "Backward goes through V as it is: D is (N, K) and V is (K, U). V.T fits only by "
        "chance, where K and U are equal.",
    ),
    (
        "D",
        lambda S, Y: (torch.softmax(S, dim=0) - Y) / len(S),
        "The softmax goes over the classes of a picture, dim=1. dim=0 compares pictures.",
    ),
    (
        "D",
        lambda S, Y: (S - Y) / len(S),
        "D is probabilities minus truth. The softmax of the scores is missing.",
    ),
    (
        "D",
        lambda S, Y: torch.softmax(S, dim=1) / len(S),
        "D is what was said minus what is true. Y is missing.",
    ),
    (
        "D",
        lambda S, Y: torch.softmax(S, dim=1) - Y / len(S),
        "Only Y is divided by N, as / comes before −. Put brackets round the difference.",
    ),
    ("D", _total, "The division of D by len(X), which makes a mean of the loss, is missing."),
    (
        "rate",
        1.0,
        "This steps uphill: D is what was said minus what is true, a step minus lr · slope.",
    ),
)


def _partly_mended() -> Iterable[Mistake]:
    """Give what is left of the snippet's mistakes, alone and beside one other slip."""
    yield Mistake(
        _step(**{place: fault for place, (fault, _) in LEFT.items()}),
        "That is still the snippet: there are three mistakes in it.",
    )
    for n in (1, 2):
        for some in combinations(LEFT, n):
            faults = {place: LEFT[place][0] for place in some}
            left = " ".join(LEFT[place][1] for place in some)
            mended = "Two of the three mistakes are" if n == 1 else "One of the three mistakes is"
            yield Mistake(_step(**faults), f"{mended} mended. Left: {left}")
            for place, slip, hint in STEP_SLIPS:
                if place not in some and not ("b" in some and (place == "c" or slip is _total)):
                    yield Mistake(_step(**faults, **{place: slip}), f"{hint} And still: {left}")
    yield from (Mistake(_step(**{place: slip}), hint) for place, slip, hint in STEP_SLIPS)


def _divided_elsewhere() -> Iterable[Mistake]:
    """Give steps that divide by N in the biases in place of D, with other mistakes left or not."""
    for n in (0, 1, 2):
        for some in combinations(("early", "bend"), n):
            faults = {place: LEFT[place][0] for place in some}
            left = "".join(f" And still: {LEFT[place][1]}" for place in some)
            for means, says in (({}, "W, V and c"), ({"c": _mean}, "W and V")):
                hint = f"D is not divided by N, and the slopes of {says} are N times too large."
                rule = "Divide D by len(X), and let the biases take sums."
                step = _step(b=_mean, D=_total, **means, **faults)
                yield Mistake(step, f"{hint} {rule}{left}")


ONE_STEP = Exercise(
    title="find the mistakes: one step through two layers",
    reference=_right_step,
    cases=_step_cases,
    apply=_by_name,
    mistakes=(
        *_partly_mended(),
        *(
            Mistake(
                _step(b=_mean, c=_mean, early=early),
                "D was divided by N already. Both biases take the sum over the pictures; with the "
                "mean they are divided twice." + early * f" And: {LEFT['early'][1]}",
            )
            for early in (False, True)
        ),
        *_divided_elsewhere(),
        Mistake(
            _looking_again(both=False),
            "V's slope is D.T @ H with the H of the way forward. Here H is computed again, from "
            "the new W and b.",
        ),
        Mistake(
            _looking_again(both=True),
            "All slopes belong to the old numbers. Here H and D are computed again, from the new "
            "W and b.",
        ),
        Mistake(
            _made_of(
                lambda new, old, lr: [old[i] + (new[i] - old[i]) / lr ** (i % 2) for i in range(4)]
            ),
            "W and V are right. b and c take their step without lr.",
        ),
        Mistake(
            _step(rate=0.0),
            "All four come back as they went in. Are the changed ones returned?",
        ),
        Mistake(
            _made_of(
                lambda new, old, lr: [a - (a - b) / lr for a, b in zip(old, new, strict=True)]
            ),
            "All slopes are right, and the learning rate is missing: minus lr · slope.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: [(a - b) / lr for a, b in zip(old, new, strict=True)]),
            "These are the slopes, and they are right. Take the step as well: W − lr · slope.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: [a - b for a, b in zip(old, new, strict=True)]),
            "This is only what is taken away, lr · slope. Subtract it from W, b, V and c.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: (new[0], new[2], new[1], new[3])),
            "All four are right, but they come back in the wrong order: W, b, V, c.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: (new[2], new[3], new[0], new[1])),
            "All four are right, but the output's come back first. The order is W, b, V, c.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: new[:2]),
            "What comes back is not four parts side by side. Return W, b, V, c.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: (*new[:2], *old[2:])),
            "Only W and b have changed. The output's V and c take their step as well.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: (new[0], old[1], new[2], old[3])),
            "Only W and V have changed. The biases b and c take their step as well.",
        ),
        Mistake(
            _made_of(lambda new, old, lr: (*old[:2], *new[2:])),
            "Only V and c have changed. The hidden layer's W and b take their step as well.",
        ),
    ),
    hints=(
        "Compare line by line with the table. Which numbers does each line need, and do they still "
        "have the values of the way forward?",
        "The bend of tanh has the slope 1 − H². All slopes are computed before anything is "
        "changed. The sum over the pictures is a mean already, since D was divided by N.",
        "First B = (D @ V) * (1 - H**2), then all four: W - lr * B.T @ X, b - lr * B.sum(dim=0), "
        "V - lr * D.T @ H, c - lr * D.sum(dim=0)",
    ),
    notice="With all three mistakes the loss still falls: on the sample from 2.3 to 0.6 in 200 "
    "steps of 0.5, where the right step reaches 0.18. With V changed too early it falls as fast as "
    "without. A falling loss is no proof; test the slopes against autograd.",
)

EXERCISES = {
    "xnor": XNOR,
    "bump": BUMP,
    "count": COUNT,
    "sigmoid": SIGMOID,
    "one_step": ONE_STEP,
}

QUIZ = [
    Question(
        "nn.Sequential(nn.Linear(784, 500), nn.Linear(500, 10)) is trained. What can it read that "
        "nn.Linear(784, 10) cannot?",
        (
            "Nothing: two linear layers without a bend are one linear layer.",
            "The product of the two matrices is one 10 × 784 matrix.",
        ),
        (
            (
                "More of each digit, since it has 50 times as many parameters to tell them apart.",
                "It has 397,510 numbers, but all they can do is set one 10 × 784 matrix.",
            ),
            (
                "Moved digits.",
                "For those neither has an idea; and these two layers compute what one can compute.",
            ),
            (
                "XOR-like patterns of two pixels.",
                "These need a bend between the layers, such as nn.ReLU().",
            ),
        ),
        place=2,
    ),
    Question(
        "The universal approximation theorem holds. Your network with 1,000 hidden units fits "
        "badly. Is that a contradiction?",
        (
            "No: it says that weights exist for enough units, not that training finds them.",
            "In the lesson two ReLUs could do XOR, and one random start in five found them.",
        ),
        (
            (
                "Yes, 1,000 units are always enough.",
                "How many are enough depends on the function, and the theorem gives no number.",
            ),
            (
                "No: it holds for sigmoids only, as Cybenko proved it, and your network has ReLUs.",
                "It holds for ReLUs as well, and for every bend that is not a polynomial.",
            ),
        ),
        place=1,
    ),
    Question(
        "A value is used in two places of a formula. What is its slope?",
        (
            "The sum of both.",
            "Its change reaches the result on both ways, and the changes add up.",
        ),
        (
            ("The product of both.", "Slopes multiply along one way; where ways meet, they add."),
            (
                "The one that comes back last.",
                "That is what = in place of += would do. The other way would be forgotten.",
            ),
            (
                "The larger of both.",
                "Both ways carry a change. Nothing is lost from the smaller one.",
            ),
        ),
        place=0,
    ),
    Question(
        "One forward pass of a network takes 1 ms. About how long does backward take for all of "
        "its 100,000 slopes?",
        (
            "One to two milliseconds.",
            "Backward walks the same graph once, and does at most twice the work of forward.",
        ),
        (
            (
                "About 200 seconds.",
                "So long would differences take: two forward passes for each weight.",
            ),
            (
                "No time: the slopes are known after forward.",
                "The local ones are. They still have to be multiplied and added up, from the end.",
            ),
        ),
        place=2,
    ),
    Question(
        "Two recipes are compared with the same learning rate, and A is ahead of B by one point. "
        "What do you know?",
        (
            "That A is ahead with this learning rate, on these data.",
            "In the lesson ten times the learning rate turned the order round. Try some for both.",
        ),
        (
            ("That A is better.", "With another learning rate the order may turn, as it did here."),
            (
                "That B has not arrived yet: after enough epochs the order will turn.",
                "In the lesson both arrived, and the order had not turned. Waiting was not it.",
            ),
            (
                "Nothing, because two recipes can never be compared.",
                "They can: each with a learning rate that suits it, and on enough data.",
            ),
        ),
        place=0,
    ),
]
