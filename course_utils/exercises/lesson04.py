"""Exercises and quiz of lesson 04, What do hidden layers add?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, product

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
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
            "This is XOR, from the cell above. XNOR is its opposite: turn the output unit round.",
        ),
        Mistake(
            (AND, NOR, AND),
            "The two hidden units are a good choice: both 1, and both 0. But they never fire "
            "together, so an AND of them never fires. One of them suffices.",
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
    weights: Sequence[float], divide: bool = True
) -> Callable[[Tensor, float, float], Tensor]:
    """Return a sum of three hinges at the left foot, the top, the right foot."""

    def answer(x: Tensor, top: float, width: float) -> Tensor:
        corners = (top - width, top, top + width)
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


def _bump_without_bend(x: Tensor, top: float, width: float) -> Tensor:
    return 1 - torch.abs(x - top) / width


def _bump_cases() -> list[tuple[Tensor, float, float]]:
    return [
        (torch.tensor([0.0, 1.0, 2.0]), 1.0, 1.0),
        (torch.tensor([-2.0, 0.0, 1.0, 1.5, 2.0, 5.0]), 1.0, 1.0),
        (torch.tensor([0.0, 0.5, 1.0, 3.0]), 0.5, 0.5),
        (torch.linspace(-4, 6, 21), 1.0, 2.0),
    ]


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
            _three((1, -1, 0)),
            "It rises and stays up. To come down the slope must change by −2 at the top, from +1 "
            "to −1.",
        ),
        Mistake(
            _three((1, -2, 0)),
            "It comes down and goes on down for ever. A third hinge at top + width bends it back "
            "to flat.",
        ),
        Mistake(
            _three((1, -1, -1)),
            "The slope is 1, then 0, then −1. Each weight is the *change* of slope at its corner: "
            "+1, then −2, then +1.",
        ),
        Mistake(
            _three((1, -2, -1)),
            "At the last corner the slope should change by +1, from −1 back to 0.",
        ),
        Mistake(
            _three((1, 2, 1)),
            "At the top it bends upward. It must fall behind it: minus twice the hinge at top.",
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
            _bump_narrow,
            "Its feet lie at top ± width/2. They should lie at top − width and top + width.",
        ),
        Mistake(
            _bump_two_ramps,
            "One hinge that falls and one that rises add up to a bowl, not to a bump.",
        ),
        Mistake(
            _bump_without_bend,
            "Right between the feet. Outside it goes on down below 0, where a bump is flat.",
        ),
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


def _count_as_found(widths: Sequence[int]) -> int:
    return math.prod(widths) + widths[-1]


def _count_product_and_biases(widths: Sequence[int]) -> int:
    return math.prod(widths) + sum(widths[1:])


def _count_one_bias_a_layer(widths: Sequence[int]) -> int:
    return sum(n_in * n_out + 1 for n_in, n_out in pairwise(widths))


def _count_input_biases(widths: Sequence[int]) -> int:
    return sum(n_in * n_out + n_in for n_in, n_out in pairwise(widths))


def _count_all_biases(widths: Sequence[int]) -> int:
    return _count(widths) + widths[0]


def _count_no_biases(widths: Sequence[int]) -> int:
    return _count(widths) - sum(widths[1:])


def _count_all_pairs(widths: Sequence[int]) -> int:
    pairs = [a * b for i, a in enumerate(widths) for b in widths[i + 1 :]]
    return sum(pairs) + sum(widths[1:])


COUNT = Exercise(
    title="find the mistake: how many parameters?",
    reference=_count,
    cases=lambda: [((784, 10),), ((2, 2, 1),), ((3, 4, 5, 6),), ((784, 200, 100, 60, 30, 10),)],
    mistakes=(
        Mistake(_count_as_found, "That is still the snippet: two things in it are wrong."),
        Mistake(
            _count_product_and_biases,
            "The biases are right now: one for each unit behind the inputs. But the widths are "
            "still multiplied on. Each matrix joins two neighbours: add up products of two.",
        ),
        Mistake(
            lambda widths: _count_no_biases(widths) + widths[-1],
            "The weights are right. Each layer has biases, not only the last one.",
        ),
        Mistake(_count_no_biases, "The weights are right. Each unit has a bias as well."),
        Mistake(
            _count_one_bias_a_layer,
            "The weights are right. A layer has one bias for each of its units, not one in all.",
        ),
        Mistake(
            _count_input_biases,
            "A bias belongs to the unit where lines arrive, n_out of them, not where they start.",
        ),
        Mistake(
            _count_all_biases,
            "Inputs are no units: they compute nothing and have no bias. You are 784 too high for "
            "MNIST.",
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
            _count_all_pairs,
            "You joined every layer with every later one. Lines run only to the next.",
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


def _through(answer: Callable[[Value], Value], data: float) -> tuple:
    """Return value and slope of answer(2x + x·x) at x; what came where it is no Value."""
    x = Value(data)
    result = answer(2.0 * x + x * x)
    if not hasattr(result, "parents"):
        return (f"a {type(result).__name__}, no Value", None)
    pairs = [pair for pair in result.parents if isinstance(pair, tuple | list) and len(pair) == 2]
    if len(pairs) < len(result.parents) or not all(hasattr(a, "parents") for a, _ in pairs):
        return ("a Value, but its parents are no list of pairs", None)
    result.backward()
    return result.data, x.grad


def _plain(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _made(slope: Callable[[float, float], float]) -> Callable[[Value], Value]:
    """Return a sigmoid whose local slope is computed from input and output as given."""
    return lambda a: Value(_plain(a.data), [(a, slope(a.data, _plain(a.data)))])


def _from_value(a: Value) -> Value:
    return _made(lambda _, g: g * (1 - g))(a)


SIGMOID = Exercise(
    title="the sigmoid for the engine",
    reference=_from_value,
    cases=lambda: [(0.0,), (1.0,), (-0.5,), (-3.0,)],
    apply=_through,
    names=("the value and the slope of sigmoid(2x + x²) at x",),
    mistakes=(
        Mistake(
            lambda a: Value(_plain(a.data)),
            "The value is right. But no slope goes back: give the new Value its parent, "
            "[(a, slope)], with the local slope only. (a.grad is still 0 on the way forward.)",
        ),
        Mistake(
            lambda a: Value(_plain(a.data), [(a, 1.0)]),
            "The value is right. A slope of 1 would be that of a sum; here it is g·(1 − g).",
        ),
        Mistake(
            _made(lambda _, g: g),
            "The slope is the output itself, as that of exp would be. For the sigmoid it is "
            "g·(1 − g).",
        ),
        Mistake(
            _made(lambda z, _: z * (1 - z)),
            "z·(1 − z) with the input. The rule takes the output g: g·(1 − g).",
        ),
        Mistake(
            _made(lambda _, g: 1 - g * g),
            "1 − g² is the slope of tanh. For the sigmoid it is g·(1 − g).",
        ),
        Mistake(
            lambda a: Value(_plain(-a.data), [(a, -_plain(a.data) * _plain(-a.data))]),
            "This is σ(−z): it falls where it should rise. It is e to the power of *minus* z.",
        ),
        Mistake(
            lambda a: Value(_plain(-a.data), [(a, _plain(a.data) * _plain(-a.data))]),
            "This value is that of σ(−z). It is e to the power of *minus* z: math.exp(-a.data).",
        ),
        Mistake(
            lambda a: Value(_plain(a.data), [(a, _plain(a.data) * (1 - a.data))]),
            "g·(1 − z) mixes output and input. The rule takes the output g in both places.",
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

Parts = tuple[Tensor, Tensor, Tensor, Tensor]


def _step(
    *, early: bool = False, bend: str = "", mean: bool = False, sign: float = 1.0
) -> Callable[..., Parts]:
    """Return one step of gradient descent for two layers, with some of the mistakes in it."""

    def answer(
        W: Tensor, b: Tensor, V: Tensor, c: Tensor, X: Tensor, Y: Tensor, lr: float
    ) -> Parts:
        H = torch.tanh(X @ W.T + b)
        D = (torch.softmax(H @ V.T + c, dim=1) - Y) / len(X)
        V_new, c_new = V - sign * lr * D.T @ H, c - sign * lr * D.sum(dim=0)
        slope = {"": 1 - H**2, "h": 1 - H, "sigmoid": H * (1 - H), "none": 1.0}[bend]
        B = (D @ (V_new if early else V)) * slope
        b_slope = B.mean(dim=0) if mean else B.sum(dim=0)
        return W - sign * lr * B.T @ X, b - sign * lr * b_slope, V_new, c_new

    return answer


def _right_step(
    W: Tensor, b: Tensor, V: Tensor, c: Tensor, X: Tensor, Y: Tensor, lr: float
) -> Parts:
    return _step()(W, b, V, c, X, Y, lr)


def _reordered(
    W: Tensor, b: Tensor, V: Tensor, c: Tensor, X: Tensor, Y: Tensor, lr: float
) -> Parts:
    W, b, V, c = _step()(W, b, V, c, X, Y, lr)
    return W, V, b, c


def _step_cases() -> list[tuple]:
    cases, generator = [], torch.Generator().manual_seed(4)
    for n, n_in, n_hidden, n_out in ((2, 1, 2, 2), (5, 3, 4, 2)):
        shapes = (n_hidden, n_in), (n_hidden,), (n_out, n_hidden), (n_out,), (n, n_in)
        W, b, V, c, X = (torch.randn(*shape, generator=generator) for shape in shapes)
        Y = torch.eye(n_out)[torch.arange(n) % n_out]
        cases.append((W, b, V, c, X, Y, 0.5))
    return cases


LEFT = "Two of the three mistakes are mended. Left is this one: "
V_EARLY = "the slope goes back through V after V was changed. Compute B before you change V."
BEND = "the slope of tanh is 1 − H**2, not 1 − H."
MEAN = (
    "D was divided by N already, so b takes the sum over the pictures, like c; with the mean it is "
    "divided twice."
)

ONE_STEP = Exercise(
    title="find the mistakes: one step through two layers",
    reference=_right_step,
    cases=_step_cases,
    mistakes=(
        Mistake(
            _step(early=True, bend="h", mean=True),
            "That is still the snippet: there are three mistakes in it.",
        ),
        Mistake(_step(early=True), LEFT + V_EARLY),
        Mistake(_step(bend="h"), LEFT + BEND),
        Mistake(_step(mean=True), LEFT + MEAN),
        Mistake(_step(early=True, bend="h"), f"b is right now. Left are two: {V_EARLY} And {BEND}"),
        Mistake(
            _step(early=True, mean=True),
            f"The bend is right now. Left are two: {V_EARLY} And {MEAN}",
        ),
        Mistake(
            _step(bend="h", mean=True),
            f"The old V is used now, as it should be. Left are two: {BEND} And {MEAN}",
        ),
        Mistake(
            _step(bend="sigmoid"), "H·(1 − H) is the slope of the sigmoid. For tanh it is 1 − H**2."
        ),
        Mistake(
            _step(bend="none"),
            "The slope goes back through V, but not through the bend: times 1 − H**2.",
        ),
        Mistake(
            _reordered, "All four are right, but they come back in the wrong order: W, b, V, c."
        ),
        Mistake(_step(sign=-1.0), "All slopes are right, and this steps uphill: minus lr · slope."),
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
                "More, since it has 50 times as many parameters.",
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
            "In the lesson 16 computed ReLUs followed the wave closely, 16 learned ones did not.",
        ),
        (
            (
                "Yes, 1,000 units are always enough.",
                "How many are enough depends on the function, and the theorem gives no number.",
            ),
            (
                "No, the theorem holds only for sigmoids.",
                "It holds for ReLUs as well, and for every bend that is not a polynomial.",
            ),
        ),
        place=1,
    ),
    Question(
        "How many parameters has a 3-4-2 network?",
        ("26", "3·4 + 4 = 16, and 4·2 + 2 = 10."),
        (
            ("20", "These are the weights, 12 + 8. Six units have a bias each."),
            ("24", "3·4·2 counts ways through the network, not numbers in it."),
            ("29", "Three too many: inputs have no bias."),
        ),
        place=3,
    ),
    Question(
        "A value is used in two places of a formula. What is its slope?",
        (
            "The sum of what comes back from both places.",
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
            "About 2 ms.",
            "Backward walks the same graph once, and does about twice the work of forward.",
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
        "A network with two tanh layers starts with all weights 0. What happens?",
        (
            "Only the last biases learn; it gives every picture the same answer.",
            "The hidden outputs are 0, and so is what comes back through V. Both wait for ever.",
        ),
        (
            (
                "It learns like any other, as softmax regression did.",
                "Softmax regression has pixels, not hidden zeros, in front of its weights.",
            ),
            (
                "The loss becomes nan.",
                "Nothing overflows. The loss stays near log 10, the price of ignorance.",
            ),
            (
                "It learns, but half as fast.",
                "The hidden slopes are exactly 0, in the first step and in all others.",
            ),
        ),
        place=1,
    ),
    Question(
        "Two recipes are compared after 300 steps, and A is ahead of B by one point. What do you "
        "know?",
        (
            "That A is ahead after 300 steps. See whether B has learned its training digits yet.",
            "In the lesson the order turned round once both had arrived.",
        ),
        (
            ("A is better.", "Perhaps A is only faster at first. Train both until they settle."),
            (
                "Nothing, 300 steps are never enough.",
                "It depends on the network and the data; the training accuracy tells.",
            ),
        ),
        place=0,
    ),
]
