"""Exercises and quiz of lesson 08, How does a network remember?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- step: one step of the cell ----------------------------------------------------------------

Cell = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


def _step(x: Tensor, h: Tensor, W_xh: Tensor, W_hh: Tensor, b: Tensor) -> Tensor:
    return torch.tanh(x @ W_xh.T + h @ W_hh.T + b)


def _step_parts(bend: Callable[[Tensor], Tensor] = torch.tanh, **counts: bool) -> Cell:
    """Return a cell that leaves out what is False in `counts`: x, h or b."""

    def cell(x: Tensor, h: Tensor, W_xh: Tensor, W_hh: Tensor, b: Tensor) -> Tensor:
        from_x, from_h = x @ W_xh.T, h @ W_hh.T
        parts = {"x": from_x, "h": from_h, "b": b.expand(from_h.shape)}
        return bend(sum(part for name, part in parts.items() if counts.get(name, True)))

    return cell


def _step_cases() -> list[tuple[Tensor, ...]]:
    generator = torch.Generator().manual_seed(8)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).mul(10).round() / 10

    def case(n: int, d: int, width: int) -> tuple[Tensor, ...]:
        return normal(n, d), normal(n, width), normal(width, d), normal(width, width), normal(width)

    one = tuple(torch.tensor(value) for value in ([[1.0]], [[0.5]], [[2.0]], [[-1.0]], [0.25]))
    return [one, case(2, 2, 2), case(1, 1, 2), case(2, 3, 2), case(3, 2, 4)]


def _step_of_one(x: Tensor, h: Tensor, W_xh: Tensor, W_hh: Tensor, b: Tensor) -> object:
    return math.tanh(x @ W_xh.T + h @ W_hh.T + b)


STEP = Exercise(
    title="one step of the cell, for a batch",
    reference=_step,
    cases=_step_cases,
    mistakes=(
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h @ W_hh + b),
            "W_hh is not transposed. It is square, so nothing complains: rows and columns are "
            "swapped without a word.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh + h @ W_hh + b),
            "Neither matrix is transposed. A row of W_xh belongs to one unit and has a column for "
            "each input, so the product is x @ W_xh.T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh + h @ W_hh.T + b),
            "W_xh is not transposed: (N, D) times (D, H) is needed, and W_xh is (H, D).",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(W_xh @ x + W_hh @ h + b),
            "That is the formula for one column vector. A batch has its samples as rows: "
            "x @ W_xh.T in place of W_xh @ x.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_hh.T + h @ W_xh.T + b),
            "The matrices are swapped. W_xh leads from x to h, W_hh from h to h.",
        ),
        Mistake(
            _step_parts(h=False),
            "The old state is left out, so this cell remembers nothing.",
        ),
        Mistake(_step_parts(x=False), "The input is left out: this cell hears nothing new."),
        Mistake(_step_parts(b=False), "The bias b is left out."),
        Mistake(_step_parts(h=False, b=False), "Two are left out: the old state and the bias b."),
        Mistake(_step_parts(x=False, b=False), "Two are left out: the input and the bias b."),
        Mistake(_step_parts(torch.tan), "That is tan, the tangent. This cell has tanh."),
        Mistake(
            _step_parts(lambda sums: sums, b=False), "Two are left out: the tanh and the bias b."
        ),
        Mistake(
            _step_parts(torch.sigmoid, b=False),
            "That is a sigmoid, this cell has a tanh; and the bias b is left out.",
        ),
        Mistake(
            _step_parts(lambda sums: sums, h=False),
            "Two are left out: the tanh and the old state.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T) + torch.tanh(h @ W_hh.T + b),
            "There are two tanhs, one for the input and one for the rest. Add all three first, "
            "then take one tanh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + b) + torch.tanh(h @ W_hh.T),
            "There are two tanhs, one for the old state and one for the rest. Add all three first, "
            "then take one tanh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + b) + torch.tanh(h @ W_hh.T + b),
            "There are two tanhs, with the bias in both. Add all three first, then take one tanh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h @ W_hh.T + b.sum()),
            "The bias was added up to one number. Each unit has its own: b as it is.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T @ W_hh.T + b),
            "The input goes through both matrices, one after the other, and the old state through "
            "none. h is multiplied by W_hh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh((x + h) @ W_xh.T + b),
            "x and h are added before they are multiplied. Each has a matrix of its own.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h.T @ W_hh + b),
            "The wrong one is transposed: h has its samples as rows already. W_hh gets the .T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x.T @ W_xh + h @ W_hh.T + b),
            "The wrong one is transposed: x has its samples as rows already. W_xh gets the .T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.nn.Tanh(x),
            "nn.Tanh is a layer, to be made first and then called. As a function it is torch.tanh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x, dim=1),
            "tanh goes number by number and knows no dim.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h @ W_hh.T - b),
            "The bias is subtracted. All three parts are added.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h + b),
            "The old state goes in as it is. It has to be multiplied by W_hh first, h @ W_hh.T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + torch.tanh(h @ W_hh.T) + b),
            "There are two tanhs, one in the other. Take one, around the whole sum.",
        ),
        Mistake(_step_parts(bend=lambda sums: sums), "The tanh around the sum is missing."),
        Mistake(
            _step_parts(bend=torch.sigmoid),
            "That is a sigmoid, from 0 to 1. This cell has a tanh, from −1 to 1.",
        ),
        Mistake(_step_parts(bend=torch.relu), "That is a ReLU. This cell has a tanh."),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T) + torch.tanh(h @ W_hh.T) + b,
            "Each part got a tanh of its own. Add all three first, then take one tanh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h @ W_hh.T) + b,
            "The bias is added outside. It belongs into the sum, before the tanh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: h + torch.tanh(x @ W_xh.T + h @ W_hh.T + b),
            "You add the result to the old state. The new state replaces the old one.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(W_xh @ x.T + W_hh @ h.T + b),
            "Your products are (H, N), one column a sample. Wanted are rows, (N, H): x @ W_xh.T, "
            "and b then falls to the right unit.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(W_xh @ x.T + W_hh @ h.T + b[:, None]),
            "All is right but the axes: your result is (H, N), one column a sample. Wanted are "
            "rows, (N, H): a .T at the end, or x @ W_xh.T from the start.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h @ W_hh.T + b[:, None]),
            "Each sample got a bias of its own. b belongs to the units, the last axis of the "
            "result: with rows, x @ W_xh.T + h @ W_hh.T, b alone fits.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + W_hh @ h + b),
            "The input is used rightly. For the state, W_hh @ h would be the formula of one column "
            "vector; rows are wanted: h @ W_hh.T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(W_xh @ x + h @ W_hh.T + b),
            "The state is used rightly. For the input, W_xh @ x would be the formula of one column "
            "vector; rows are wanted: x @ W_xh.T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(h @ W_xh.T + h @ W_hh.T + b),
            "h is multiplied by both matrices, and x by none. W_xh leads from x to h.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + x @ W_hh.T + b),
            "x is multiplied by both matrices, and h by none. W_hh leads from h to h.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h * W_hh + b),
            "h * W_hh multiplies number by number. A product of matrices is written @: h @ W_hh.T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x * W_xh + h @ W_hh.T + b),
            "x * W_xh multiplies number by number. A product of matrices is written @: x @ W_xh.T.",
        ),
        Mistake(
            _step_of_one,
            "math.tanh takes a single number. For whole tensors there is torch.tanh.",
        ),
        Mistake(
            lambda *inputs: (_step(*inputs), _step(*inputs)),
            "The new state came twice, as a pair. One step gives one state: return it alone.",
        ),
        Mistake(
            lambda *inputs: (_step(*inputs), _step(*inputs)[-1]),
            "Two things came back, as from a whole layer. One step gives one state: return it "
            "alone, (N, H).",
        ),
        Mistake(
            lambda *inputs: _step(*inputs)[0],
            "Only the first sample came back. All N rows are wanted.",
        ),
        Mistake(
            lambda *inputs: _step(*inputs)[-1],
            "Only the last sample came back. All N rows are wanted.",
        ),
        Mistake(
            lambda *inputs: _step(*inputs).mean(),
            "One single number came back, the mean over all. The whole state is wanted, (N, H).",
        ),
        Mistake(
            lambda *inputs: _step(*inputs).sum(dim=1),
            "You added up the units of each sample. The whole state is wanted, (N, H).",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(W_xh.T @ x + W_hh.T @ h + b),
            "Here the samples are rows, so x and h stand in front: x @ W_xh.T and h @ W_hh.T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x.T @ W_xh + h.T @ W_hh + b),
            "The wrong ones are transposed. x and h have their samples as rows already; the "
            "matrices get the .T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.dot(x, W_xh),
            "torch.dot takes two vectors. A product of matrices is written @.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + torch.tanh(h) @ W_hh.T + b),
            "The old state has been through the tanh already. It goes in as it is: h @ W_hh.T.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh((h + x @ W_xh.T) @ W_hh.T + b),
            "The part of the input goes through W_hh as well. Only h is multiplied by W_hh.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h @ W_hh.T + 2 * b),
            "The bias is added twice. This cell has one.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.softmax(x @ W_xh.T + h @ W_hh.T + b, dim=1),
            "That is a softmax, which makes probabilities of scores. The state has a tanh.",
        ),
        Mistake(
            lambda *inputs: _step(*inputs).mean(dim=0),
            "You took the mean over the samples. Each sample has a state of its own, a row.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x * W_xh + h * W_hh + b),
            "* multiplies number by number. A product of matrices is written @.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: x @ W_xh.T + torch.tanh(h @ W_hh.T) + b,
            "Only the part of the old state goes through the tanh. It belongs around the sum.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: x @ W_xh.T + torch.tanh(h @ W_hh.T + b),
            "The part of the input stands outside the tanh. It belongs into the sum.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T) + h @ W_hh.T + b,
            "Only the part of the input goes through the tanh. Look where its bracket closes: it "
            "belongs around the sum.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + b) + h @ W_hh.T,
            "The part of the old state stands outside the tanh. It belongs into the sum.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T - h @ W_hh.T + b),
            "The part of the old state is subtracted. All three parts are added.",
        ),
        Mistake(
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h * W_hh.diagonal() + b),
            "Each unit hears its own old value only. W_hh lets every unit hear every other: "
            "use @, not *.",
        ),
    ),
    hints=(
        "Three things are added: something from x, something from h, and b. Which shape must the "
        "sum have?",
        "As in a layer of lesson 04: rows are samples, so a weight matrix (H, D) is used as "
        "x @ W_xh.T. The same for h. One tanh around everything.",
        "torch.tanh(x @ W_xh.T + … + b), and the dots are h @ W_hh.T.",
    ),
    notice="Both products have the shape (N, H). One cell, five tensors; a sequence of any length "
    "uses these same five again and again.",
)

# --- bptt: find the mistakes in backpropagation through time -----------------------------------


def _bptt(
    xs: Sequence[float],
    w_x: float,
    w_h: float,
    target: float,
    *,
    adds: bool = True,
    before: bool = True,
    through: str = "w_h",
    bend: str = "own",
    inputs: bool = False,
    forward: bool = False,
) -> float:
    """Return the slope of w_h; each switch puts one mistake in."""
    h = [0.0]
    for x in xs:
        h.append(math.tanh(w_x * x + w_h * h[-1]))
    delta, slope = h[-1] - target, 0.0
    steps = range(1, len(xs) + 1)
    for t in steps if forward else reversed(steps):
        delta *= {"own": 1 - h[t] ** 2, "before": 1 - h[t - 1] ** 2, "none": 1.0}[bend]
        share = delta * (xs[t - 1] if inputs else h[t - 1 if before else t])
        slope = slope + share if adds else share
        delta *= {"w_h": w_h, "w_x": w_x, "none": 1.0}[through]
    return slope


def _bptt_with(**mistakes: object) -> Callable[..., float]:
    return lambda xs, w_x, w_h, target: _bptt(xs, w_x, w_h, target, **mistakes)


def _bptt_last_only(xs: Sequence[float], w_x: float, w_h: float, target: float) -> float:
    h = [0.0]
    for x in xs:
        h.append(math.tanh(w_x * x + w_h * h[-1]))
    return (h[-1] - target) * (1 - h[-1] ** 2) * h[-2]


def _back(n: int) -> range:
    return range(n, 0, -1)


def _bptt_over(
    steps: Callable[[int], Sequence[int]] = _back,
    *,
    first: Callable[[float, float], float] = lambda last, target: last - target,
    bend: Callable[[float], float] = lambda h: 1 - h**2,
    share: Callable[[float, list[float], int, float], float] = lambda d, h, t, w_h: d * h[t - 1],
    back: Callable[[float, float, float], float] = lambda d, w_h, w_x: d * w_h,
    anew: bool = False,
    gives: Callable[[float, float], object] = lambda slope, delta: slope,
) -> Callable[..., float]:
    """Return a slope of w_h with another loop, another beginning or another slope of the tanh."""

    def slope_of_w_h(xs: Sequence[float], w_x: float, w_h: float, target: float) -> float:
        h = [0.0]
        for x in xs:
            h.append(math.tanh(w_x * x + w_h * h[-1]))
        delta, slope = first(h[-1], target), 0.0
        for t in steps(len(xs)):
            delta = (first(h[-1], target) if anew else delta) * bend(h[t])
            slope += share(delta, h, t, w_h)
            delta = back(delta, w_h, w_x)
        return gives(slope, delta)

    return slope_of_w_h


#: What the snippet has wrong, and what may be broken on the way; two at once are met as well.
LEFT = (
    ({"share": lambda d, h, t, w_h: d * h[t]}, "w_h was multiplied by the state before, h[t - 1]"),
    ({"back": lambda d, w_h, w_x: d * w_x}, "from state to state leads w_h, not w_x"),
)
BROKEN = (
    (
        {"first": lambda last, target: target - last},
        "the first delta was the last state less the target",
    ),
    ({"bend": lambda h: 1.0}, "the slope of the tanh, 1 − h², which is gone"),
    ({"bend": lambda h: h * (1 - h)}, "the slope of the tanh is 1 − h²"),
    ({"steps": lambda n: range(1, n + 1)}, "the last step comes first"),
)


def _two_at_once() -> tuple[Mistake, ...]:
    return tuple(
        Mistake(
            _bptt_over(**left, **broken),
            f"Two things. Wrong in the snippet: {says}. Right as it stood: {stood}.",
        )
        for left, says in LEFT
        for broken, stood in BROKEN
    )


def _bptt_cases() -> list[tuple[list[float], float, float, float]]:
    return [
        ([1.0], 1.0, 0.5, 0.0),
        ([1.0, 0.0], 1.0, 0.5, 0.0),
        ([1.0, 0.0, 0.0], 2.0, 0.5, 1.0),
        ([0.5, -1.0, 2.0], 0.75, -1.5, 0.5),
        ([1.0, 1.0, -1.0, 0.5, 0.0], -0.5, 1.25, -1.0),
    ]


BPTT = Exercise(
    title="find the mistakes: a slope through time that is wrong in three places",
    reference=lambda xs, w_x, w_h, target: _bptt(xs, w_x, w_h, target),
    cases=_bptt_cases,
    mistakes=(
        Mistake(
            _bptt_with(adds=False, before=False, through="w_x"),
            "That is the snippet as it was. Take the first case, one single step: w_h is "
            "multiplied by h[0] = 0 there, so its slope must be 0.",
        ),
        Mistake(
            _bptt_with(adds=False),
            "Your slope is 0 every time. Are the shares of all steps added? With slope = in place "
            "of slope += only that of step 1 is left, and it is 0, since h[0] is. (And does delta "
            "go back by the weight that leads from state to state?)",
        ),
        Mistake(
            _bptt_with(before=False),
            "Nearly. In step t the weight w_h is multiplied by the state that was there before, "
            "h[t - 1].",
        ),
        Mistake(
            _bptt_with(through="w_x"),
            "Nearly. From one state back to the one before it leads w_h; w_x leads to the input.",
        ),
        Mistake(
            _bptt_with(adds=False, before=False),
            "delta now goes back through w_h. Two are left: which state w_h was multiplied by, and "
            "what becomes of the shares of the other steps.",
        ),
        Mistake(
            _bptt_with(before=False, through="w_x"),
            "The shares are added now. Two are left: which state w_h was multiplied by, and by "
            "which weight delta goes back.",
        ),
        Mistake(
            _bptt_with(through="none"),
            "delta goes back without any weight. From h[t] to h[t - 1] leads w_h.",
        ),
        Mistake(
            _bptt_with(bend="before"),
            "The slope of the tanh is taken one step too early. It belongs to the state that the "
            "step made, h[t], with t from len(xs) down to 1, as it stood.",
        ),
        Mistake(
            _bptt_with(bend="none"),
            "The slope of the tanh is gone, 1 − h². It was right as it stood.",
        ),
        Mistake(
            _bptt_last_only,
            "Only the last step counts here. w_h was used in every step, and all shares are added. "
            "(Or does a return stand inside the loop?)",
        ),
        Mistake(
            lambda xs, w_x, w_h, target: -_bptt(xs, w_x, w_h, target),
            "The sign is turned round. The first delta was right, the last state less the target, "
            "and shares are added.",
        ),
        Mistake(
            _bptt_with(inputs=True),
            "That is the slope of w_x, which is multiplied by the inputs. w_h is multiplied by the "
            "state that was there before.",
        ),
        Mistake(
            _bptt_with(forward=True),
            "Your loop runs forward. The slope comes from the end: the last step first, as it "
            "stood.",
        ),
        Mistake(
            lambda xs, w_x, w_h, target: _bptt(xs, w_x, w_h, target) / len(xs),
            "That is the mean of the shares. Slopes of a weight that is used several times are "
            "added (lesson 04).",
        ),
        Mistake(
            _bptt_with(before=False, through="none"),
            "Two are left: which state w_h was multiplied by, and delta goes back without any "
            "weight. From h[t] to h[t - 1] leads w_h.",
        ),
        Mistake(
            _bptt_with(adds=False, before=False, through="none"),
            "Three are left: which state w_h was multiplied by, what becomes of the shares of the "
            "other steps, and delta goes back without any weight.",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: d * w_h * h[t - 1]),
            "Each share has a factor w_h too much. Is delta sent back before the share of its own "
            "step is taken? First the share, delta · h[t − 1], then delta · w_h.",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: d * w_h),
            "The share is delta times what w_h was multiplied by. That is the state before, "
            "h[t - 1], not w_h itself.",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: h[t - 1]),
            "delta is missing from the shares: delta · h[t − 1].",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: d + h[t - 1]),
            "delta and the state before are added. The share is their product.",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: d * h[-1]),
            "Each share takes the last state. In step t the weight w_h was multiplied by the state "
            "before that step, h[t - 1].",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: d * h[t + 1]),
            "An index runs beyond the end of h, which is h[len(xs)]. Step t needs h[t] and the "
            "state before, h[t - 1], with t from len(xs) down to 1.",
        ),
        Mistake(
            _bptt_over(back=lambda d, w_h, w_x: d * w_h * w_x),
            "delta goes back through both weights. From h[t] to h[t - 1] leads w_h alone.",
        ),
        Mistake(
            _bptt_over(back=lambda d, w_h, w_x: d + w_h),
            "delta and w_h are added. On the way back delta is multiplied by w_h.",
        ),
        Mistake(
            _bptt_over(back=lambda d, w_h, w_x: w_h),
            "What delta was is forgotten at each step. It is multiplied by w_h, not replaced.",
        ),
        Mistake(
            lambda xs, w_x, w_h, target: _bptt(xs, w_x, w_h, target, inputs=True, through="w_x"),
            "Two are left. w_h was multiplied by the state before, not by the input; and from "
            "state to state leads w_h.",
        ),
        Mistake(
            _bptt_over(anew=True),
            "In each step delta begins anew at the loss. It has to come back from the step after, "
            "with what that one left of it.",
        ),
        Mistake(
            _bptt_over(bend=lambda h: 1 - h),
            "The square is gone from the slope of the tanh. It was right as it stood, 1 − h².",
        ),
        Mistake(
            _bptt_over(bend=lambda h: h * (1 - h)),
            "That is the slope of the sigmoid. The cell has a tanh: 1 − h², as it stood.",
        ),
        Mistake(
            _bptt_over(bend=lambda h: 1 - math.tanh(h) ** 2),
            "h[t] has been through the tanh already: with h = tanh(a) the slope is 1 − h², as it "
            "stood.",
        ),
        Mistake(
            _bptt_over(first=lambda last, target: 2 * (last - target)),
            "Twice the slope. The loss has a half in front, so its slope is the last state less "
            "the target.",
        ),
        Mistake(
            _bptt_over(first=lambda last, target: 0.5 * (last - target)),
            "Half of the slope. The half of the loss is cancelled by the 2 of the square: delta "
            "begins as the last state less the target, as it stood.",
        ),
        Mistake(
            _bptt_over(first=lambda last, target: 0.5 * (last - target) ** 2),
            "delta begins as the loss itself. It was right as it stood: the slope of the loss is "
            "the last state less the target.",
        ),
        Mistake(
            _bptt_over(bend=lambda h: 1 + h**2),
            "The slope of the tanh has a minus, 1 − h². It was right as it stood.",
        ),
        Mistake(
            _bptt_over(bend=lambda h: h**2 - 1),
            "The slope of the tanh is turned round. It was right as it stood, 1 − h².",
        ),
        Mistake(
            _bptt_over(bend=lambda h: (1 - h) ** 2),
            "Only h is squared in the slope of the tanh, 1 − h². It was right as it stood.",
        ),
        Mistake(
            _bptt_over(bend=lambda h: (1 - h**2) ** 2),
            "The slope of the tanh comes twice in each step. Once is enough, as it stood.",
        ),
        Mistake(
            _bptt_over(back=lambda d, w_h, w_x: d / w_h),
            "On the way back delta is multiplied by w_h, not divided.",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: d),
            "The shares are delta alone, which is the slope of a bias. delta is multiplied by what "
            "w_h was multiplied by, h[t - 1].",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: h[t]),
            "delta is missing from the shares, and the state is not the one before: delta · "
            "h[t − 1].",
        ),
        Mistake(
            _bptt_over(share=lambda d, h, t, w_h: d * h[t - 2]),
            "That is one state too far back. In step t the weight w_h was multiplied by h[t - 1].",
        ),
        Mistake(
            _bptt_over(lambda n: range(n, -1, -1)),
            "The loop runs one step too far, to 0. It was right as it stood, down to 1.",
        ),
        Mistake(
            _bptt_over(first=lambda last, target: abs(last - target)),
            "The first delta has lost its sign. It was right as it stood.",
        ),
        Mistake(
            _bptt_over(gives=lambda slope, delta: round(slope, 2)),
            "That is rounded. Return the number as it comes.",
        ),
        Mistake(
            _bptt_over(first=lambda last, target: (last - target) ** 2),
            "delta begins as the squared error. It was right as it stood: the slope of the loss is "
            "the last state less the target.",
        ),
        Mistake(
            _bptt_over(first=lambda last, target: last),
            "The target does not count any more. The first delta was right as it stood.",
        ),
        Mistake(
            _bptt_over(first=lambda last, target: last + target),
            "The target is added. The first delta was right as it stood, the last state less the "
            "target.",
        ),
        Mistake(
            _bptt_over(range),
            "Your loop runs forward, from 0. The slope comes from the end: the last step first, as "
            "it stood.",
        ),
        Mistake(
            _bptt_over(lambda n: range(n - 1, 0, -1)),
            "The last step is left out: the loop was right as it stood, from len(xs) down to 1.",
        ),
        Mistake(
            _bptt_over(lambda n: range(n - 1, -1, -1)),
            "The loop runs one step lower than it should, from len(xs) − 1 down to 0. h has one "
            "number more than xs, for h[0], so it was right as it stood.",
        ),
        Mistake(
            _bptt_over(gives=lambda slope, delta: delta),
            "That is delta, the slope at the state before the first. The slope of w_h is wanted: "
            "return slope.",
        ),
        Mistake(
            _bptt_over(gives=lambda slope, delta: (slope, delta)),
            "Two numbers came back. Return the slope of w_h alone.",
        ),
        Mistake(
            _bptt_over(gives=lambda slope, delta: abs(slope)),
            "The sign is lost. It says in which direction w_h should go.",
        ),
        *_two_at_once(),
    ),
    hints=(
        "There is one mistake in each of the last two lines of the loop that multiply, and one in "
        "what happens to `slope`. Compute the case with two steps on paper.",
        "In step t, a = w_x · x + w_h · h[t − 1]. So what is the slope of a with respect to w_h, "
        "and what with respect to the state before?",
        "slope += delta * h[t - 1], and then delta = delta * w_h.",
    ),
    notice="With one step the slope is 0: there was nothing to remember yet. A test with one step "
    "alone would have missed two of the three mistakes.",
)

# --- clip: the gradient as one long vector -----------------------------------------------------


def _norm(gradients: Sequence[Tensor]) -> Tensor:
    return torch.stack([(gradient**2).sum() for gradient in gradients]).sum().sqrt()


def _scaled(gradients: Sequence[Tensor], factor: Tensor | float) -> list[Tensor]:
    return [gradient * factor for gradient in gradients]


def _clip(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
    norm = _norm(gradients)
    return _scaled(gradients, most / norm if norm > most else 1.0)


def _clip_each(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
    return [_clip([gradient], most)[0] for gradient in gradients]


def _clip_by(measure: Callable[[Sequence[Tensor]], Tensor]) -> Callable[..., list[Tensor]]:
    """Return a clipping that takes something else for the norm."""

    def clip(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
        size = measure(gradients)
        return _scaled(gradients, most / size if size > most else 1.0)

    return clip


def _always(measure: Callable[[Sequence[Tensor]], Tensor]) -> Callable[..., list[Tensor]]:
    """Return a clipping that scales short gradients, too, by something else for the norm."""
    return lambda gradients, most: _scaled(gradients, most / measure(gradients))


def _clip_with(factor: Callable[[Tensor, float], Tensor | float]) -> Callable[..., list[Tensor]]:
    """Return a clipping that scales what is too long by another factor, of norm and most."""

    def clip(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
        norm = _norm(gradients)
        return _scaled(gradients, factor(norm, most) if norm > most else 1.0)

    return clip


def _clip_cases() -> list[tuple[list[Tensor], float]]:
    generator = torch.Generator().manual_seed(8)
    random = [torch.randn(2, 3, generator=generator), torch.randn(3, generator=generator)]
    return [
        ([torch.tensor([3.0, 4.0])], 1.0),
        ([torch.tensor([3.0, 4.0])], 10.0),
        ([torch.tensor([3.0]), torch.tensor([[0.0], [4.0]])], 2.0),
        ([torch.tensor([-0.6, 0.0]), torch.tensor([0.8])], 1.0),
        ([torch.tensor([0.3, -0.4]), torch.tensor([1.2])], 0.65),
        (random, 0.5),
        (random, 100.0),
    ]


CLIP = Exercise(
    title="clip a gradient to a norm",
    reference=_clip,
    cases=_clip_cases,
    mistakes=(
        Mistake(
            lambda gradients, most: [g.clamp(-most, most) for g in gradients],
            "You cut off each number by itself. That turns the gradient: it no longer points down "
            "the slope. Make the whole arrow shorter, and keep its direction.",
        ),
        Mistake(
            _clip_each,
            "Each tensor is clipped by itself. They are parts of one arrow: one norm over all of "
            "them, and one factor for all.",
        ),
        Mistake(
            lambda gradients, most: _scaled(gradients, most / _norm(gradients)),
            "A gradient that is short enough became longer. It must stay as it is.",
        ),
        Mistake(
            _clip_by(lambda gradients: sum(g.norm() for g in gradients)),
            "The norms of the tensors are added. Lengths at right angles add up by their squares: "
            "add all squares, then take one root.",
        ),
        Mistake(
            _clip_by(lambda gradients: _norm(gradients) ** 2),
            "The root is missing: you divide by the square of the norm.",
        ),
        Mistake(
            _clip_by(lambda gradients: sum(g.abs().sum() for g in gradients)),
            "You added absolute values. The norm is the root of the sum of squares.",
        ),
        Mistake(
            _clip_by(lambda gradients: torch.stack([g.norm() for g in gradients]).max()),
            "You took the norm of the longest tensor. All tensors are one arrow: add the squares "
            "of all of them, then take one root.",
        ),
        Mistake(
            _clip_by(lambda gradients: gradients[0].norm()),
            "Only the first tensor was measured. The norm goes over all of them.",
        ),
        Mistake(
            _clip_by(lambda gradients: sum((g**2).mean() for g in gradients).sqrt()),
            "You took means of squares. The norm is the root of their sum.",
        ),
        Mistake(
            lambda gradients, most: [g.clamp(max=most) for g in gradients],
            "You cut off each number that is larger than `most`. Make the whole arrow shorter, and "
            "keep its direction.",
        ),
        Mistake(
            lambda gradients, most: _scaled(gradients, min(1.0, float(_norm(gradients)) / most)),
            "The fraction is upside down: a long arrow must be multiplied by most / norm.",
        ),
        Mistake(
            lambda gradients, most: _scaled(
                gradients, most / _norm(gradients) if _norm(gradients) ** 2 > most else 1.0
            ),
            "You compare the square of the norm with `most`, so a gradient that is short enough is "
            "changed. Take the root first.",
        ),
        Mistake(
            _clip_by(lambda gradients: torch.stack([g.abs().max() for g in gradients]).max()),
            "You took the largest number for the norm. The norm is the root of the sum of all "
            "squares.",
        ),
        Mistake(
            lambda gradients, most: _scaled(
                gradients, 1 / _norm(gradients) if _norm(gradients) > most else 1.0
            ),
            "A long gradient gets the norm 1. It should get the norm `most`.",
        ),
        Mistake(
            lambda gradients, most: (
                list(gradients)
                if _norm(gradients) > most
                else _scaled(gradients, most / _norm(gradients))
            ),
            "The comparison is turned round: long gradients are left alone, short ones grow.",
        ),
        Mistake(
            _clip_with(lambda norm, most: 0.0),
            "A gradient that is too long became 0. Then nothing is learned from this step.",
        ),
        Mistake(
            _clip_with(lambda norm, most: most),
            "You multiply a long gradient by `most` itself. To get the norm `most` it must be "
            "divided by its own norm as well: most / norm.",
        ),
        Mistake(
            _clip_with(lambda norm, most: 1 / most),
            "You divide a long gradient by `most`. It gets the norm `most` when it is multiplied "
            "by most / norm.",
        ),
        Mistake(
            _clip_with(lambda norm, most: norm / most),
            "A long gradient became longer still: the fraction is upside down, most / norm is "
            "wanted.",
        ),
        Mistake(
            _clip_with(lambda norm, most: most / norm**2),
            "You compare the norm, and divide by its square. Divide by the norm itself.",
        ),
        Mistake(
            lambda gradients, most: list(gradients),
            "Nothing was shortened. Is the scaled list the one that comes back? (PyTorch's own "
            "function looks at .grad, which these tensors do not have.)",
        ),
        Mistake(
            lambda gradients, most: _scaled(gradients, 1 / _norm(gradients)),
            "Every gradient gets the norm 1, whatever `most` says. Only one that is too long is "
            "shortened, to `most`.",
        ),
        Mistake(
            lambda gradients, most: [most * g / g.norm() for g in gradients],
            "Each tensor gets the norm `most` by itself. They are parts of one arrow: one norm "
            "over all of them, one factor for all, and only if the arrow is too long.",
        ),
        Mistake(
            lambda gradients, most: [
                g * (most / _norm(gradients) if g.norm() > most else 1.0) for g in gradients
            ],
            "You ask of each tensor by itself whether it is too long. Ask it of the whole arrow: "
            "if its norm is larger than `most`, all of them shrink.",
        ),
        Mistake(
            _clip_by(lambda gradients: gradients[-1].norm()),
            "Only the last tensor was measured. The norm goes over all of them.",
        ),
        Mistake(
            _clip_by(lambda gradients: torch.stack([g.norm() for g in gradients]).mean()),
            "You took the mean of the norms. All tensors are one arrow: add the squares of all of "
            "them, then take one root.",
        ),
        Mistake(
            _clip_by(lambda gradients: sum(g.sum() for g in gradients)),
            "You added the numbers themselves. The norm is the root of the sum of their squares.",
        ),
        Mistake(
            _clip_by(lambda gradients: _norm(gradients) / sum(g.numel() for g in gradients) ** 0.5),
            "You took a mean of squares. The norm is the root of their sum.",
        ),
        Mistake(
            lambda gradients, most: _clip(gradients, most)[0],
            "Only the first tensor came back. Does the return stand inside the loop?",
        ),
        Mistake(
            lambda gradients, most: _clip(gradients, most)[:1],
            "The list holds the first tensor only. Does the return stand inside the loop?",
        ),
        Mistake(
            lambda gradients, most: torch.cat([g.flatten() for g in _clip(gradients, most)]),
            "The numbers are right, but they came as one long vector. Give back a list of tensors, "
            "each in the shape in which it came.",
        ),
        Mistake(
            lambda gradients, most: (_clip(gradients, most), _norm(gradients)),
            "Two things came back, the list and the norm. Return the list alone.",
        ),
        Mistake(
            lambda gradients, most: _norm(gradients),
            "That is the norm. The shortened tensors are wanted, in a list.",
        ),
        Mistake(
            lambda gradients, most: (most / _norm(gradients)).clamp(max=1),
            "That is the factor. The tensors are wanted, each multiplied by it, in a list.",
        ),
        Mistake(
            lambda gradients, most: [g.flatten() for g in _clip(gradients, most)],
            "The tensors lost their shapes. Measure them laid end to end, but give each back in "
            "the shape in which it came.",
        ),
        Mistake(
            lambda gradients, most: sum(_clip(gradients, most)),
            "The tensors were added up. They are wanted one by one, in a list.",
        ),
        Mistake(
            lambda gradients, most: _clip(gradients, most) if _norm(gradients) > most else [],
            "Nothing comes back of a gradient that is short enough. It is wanted as it came.",
        ),
        Mistake(
            lambda gradients, most: _scaled(gradients, most),
            "Every tensor is multiplied by `most`. What is too long is multiplied by most / norm, "
            "the rest stays.",
        ),
        Mistake(
            lambda gradients, most: [
                torch.where(g.abs() > most, g * min(1.0, most / float(_norm(gradients))), g)
                for g in gradients
            ],
            "Only the numbers larger than `most` shrink. That turns the gradient: all numbers "
            "shrink by one factor, or none.",
        ),
        Mistake(
            lambda gradients, most: [
                g - (_norm(gradients) - most) if _norm(gradients) > most else g for g in gradients
            ],
            "You subtract from each number. That turns the arrow; multiply by most / norm instead.",
        ),
        Mistake(
            _clip_by(lambda gradients: torch.stack([g.sum() ** 2 for g in gradients]).sum().sqrt()),
            "You sum up each tensor, then square. It is the other way: square each number, then "
            "sum up.",
        ),
        Mistake(
            _always(lambda gradients: _norm(gradients) ** 2),
            "Two things: the root of the sum of squares is missing, and a gradient that is short "
            "enough must stay as it is.",
        ),
        Mistake(
            _always(lambda gradients: sum(g.norm() for g in gradients)),
            "Two things: add the squares of all tensors and take one root, not a root of each; and "
            "a gradient that is short enough must stay as it is.",
        ),
        Mistake(
            _always(lambda gradients: sum(g.abs().sum() for g in gradients)),
            "Two things: the norm is the root of the sum of squares, not the sum of the absolute "
            "values; and a gradient that is short enough must stay as it is.",
        ),
        Mistake(
            lambda gradients, most: [g / g.norm() for g in gradients],
            "Each tensor gets the norm 1 by itself. They are parts of one arrow, which is "
            "shortened to `most`, and only if it is too long.",
        ),
        Mistake(
            _clip_with(lambda norm, most: (most / norm) ** 2),
            "The factor is squared. It is most / norm.",
        ),
        Mistake(
            _clip_with(lambda norm, most: (most / norm) ** 0.5),
            "There is a root around the factor. It is most / norm.",
        ),
        Mistake(
            _clip_with(lambda norm, most: 1 - most / norm),
            "That factor takes away what should be left. It is most / norm.",
        ),
        Mistake(
            lambda gradients, most: _scaled(
                gradients, most / _norm(gradients) if _norm(gradients) > most else 0.0
            ),
            "A gradient that is short enough became 0. It must stay as it is.",
        ),
        Mistake(
            lambda gradients, most: [g.clamp(0, most) for g in gradients],
            "You cut off each number by itself, and made the negative ones 0. Make the whole arrow "
            "shorter, and keep its direction.",
        ),
        Mistake(
            _clip_by(lambda gradients: torch.stack([g.max() for g in gradients]).max()),
            "You took the largest number, signs and all. The norm is the root of the sum of all "
            "squares.",
        ),
        Mistake(
            _clip_by(lambda gradients: sum(g.abs().sum() for g in gradients).sqrt()),
            "You took the root of absolute values. The norm is the root of the sum of squares.",
        ),
        Mistake(
            _clip_by(lambda gradients: sum(gradients).norm()),
            "The tensors were added up, number by number, before they were measured. Measure them "
            "laid end to end: square and sum up each, then add.",
        ),
        Mistake(
            _clip_by(np.linalg.norm),
            "numpy cannot take tensors of different shapes as one. Square and sum up each, then "
            "add.",
        ),
        Mistake(
            lambda gradients, most: (
                gradients * (most / _norm(gradients)) if _norm(gradients) > most else gradients
            ),
            "A list cannot be multiplied by a number. Multiply each tensor in it.",
        ),
        Mistake(
            _clip_by(lambda gradients: sum(sum(g**2) for g in gradients) ** 0.5),
            "Python's sum adds up rows only. Of a tensor (g**2).sum() adds up all numbers.",
        ),
        Mistake(
            _clip_by(torch.norm),
            "torch.norm takes one tensor, not a list. Square and sum up each of them, then add.",
        ),
        Mistake(
            _clip_by(lambda gradients: torch.stack(gradients).norm()),
            "Tensors of different shapes cannot be stacked. Square and sum up each, then add.",
        ),
        Mistake(
            _clip_by(lambda gradients: torch.cat(gradients).norm()),
            "Tensors of different shapes cannot be laid end to end as they are. Flatten each "
            "first, or square and sum up each, then add.",
        ),
        Mistake(
            _clip_by(lambda gradients: math.sqrt(sum(g**2 for g in gradients))),
            "A tensor of several numbers cannot become one number as it is. Square and sum up "
            "each, (g**2).sum(), then add.",
        ),
    ),
    hints=(
        "Think of all tensors laid end to end: one long arrow. How long is it, and by which factor "
        "must it shrink?",
        "The norm is the root of the sum of all squares, over all tensors. If it is larger than "
        "`most`, multiply every tensor by the same factor.",
        "norm = torch.sqrt(sum((g**2).sum() for g in gradients)); the factor is most / norm where "
        "norm > most, else 1.",
    ),
    notice="The direction stayed. Clipping says only: never a step longer than this.",
)

# --- roll: feed a network its own predictions --------------------------------------------------

Step = Callable[[float, float], tuple[float, float]]


def counts_on(x: float, h: float) -> tuple[float, float]:
    """Say one more than the last number; the state is not used."""
    return x + 1, h


def adds_the_last_two(x: float, h: float) -> tuple[float, float]:
    """Say the sum of the last two numbers; the state is the number before."""
    return x + h, x


def flies_straight_on(x: float, h: float) -> tuple[float, float]:
    """Say where a ball will be that goes on as before; the state is its last place."""
    return 2 * x - h, x


def sums_up(x: float, h: float) -> tuple[float, float]:
    """Say half of the sum of all numbers so far; the state is that sum."""
    return (x + h) / 2, x + h


def _roll(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    for _ in range(n):
        says.append(prediction)
        prediction, h = step(prediction, h)
    return says


def _roll_true_again(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    for _ in range(n):
        says.append(prediction)
        prediction, h = step(seen[-1], h)
    return says


def _roll_no_state(step: Step, seen: Sequence[float], n: int) -> list[float]:
    says, x = [], seen[-1]
    for _ in range(n):
        x, _ = step(x, 0.0)
        says.append(x)
    return says


def _roll_state_lost(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    for _ in range(n):
        says.append(prediction)
        prediction, _ = step(prediction, 0.0)
    return says


def _roll_state_frozen(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    for _ in range(n):
        says.append(prediction)
        prediction, _ = step(prediction, h)
    return says


def _roll_only_last_seen(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll(step, seen[-1:], n)


def _roll_last_twice(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll(step, [*seen, seen[-1]], n)


def _roll_one_late(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll(step, seen, n + 1)[1:]


def _roll_one_short(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll(step, seen, n - 1)


def _roll_with_seen(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return [*seen, *_roll(step, seen, n)]


def _roll_from_last_seen(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return [seen[-1], *_roll(step, seen, n - 1)]


def _roll_returns_early(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll(step, seen, n)[:1]


def _roll_new_state(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    h = 0.0
    for _ in range(n):
        says.append(prediction)
        prediction, h = step(prediction, h)
    return says


def _roll_states(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    for _ in range(n):
        says.append(h)
        prediction, h = step(prediction, h)
    return says


def _roll_swapped(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        h, prediction = step(x, h)
    for _ in range(n):
        says.append(prediction)
        h, prediction = step(prediction, h)
    return says


def _roll_reads_again(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, line = 0.0, list(seen)
    for _ in range(n):
        for x in line:
            prediction, h = step(x, h)
        line.append(prediction)
    return line[len(seen) :]


def _roll_begun_with(first: Callable[[Sequence[float]], object]) -> Callable[..., list[float]]:
    """Return a rolling out whose state is not 0 at the beginning."""

    def go_on(step: Step, seen: Sequence[float], n: int) -> list[float]:
        h, says = first(seen), []
        for x in seen:
            prediction, h = step(x, h)
        for _ in range(n):
            says.append(prediction)
            prediction, h = step(prediction, h)
        return says

    return go_on


def _roll_turned(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll(lambda x, h: step(h, x), seen, n)


def _roll_turned_later(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    for _ in range(n):
        says.append(prediction)
        prediction, h = step(h, prediction)
    return says


def _roll_from_last_seen_twice(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return [seen[-1], *_roll_last_twice(step, seen, n - 1)]


def _roll_by(
    next_step: Callable[[Step, float, float, list[float]], tuple[float, float]],
) -> Callable[..., list[float]]:
    """Return a rolling out with another step in its second loop, from prediction, state, list."""

    def go_on(step: Step, seen: Sequence[float], n: int) -> list[float]:
        h, says = 0.0, []
        for x in seen:
            prediction, h = step(x, h)
        for _ in range(n):
            says.append(prediction)
            prediction, h = next_step(step, prediction, h, says)
        return says

    return go_on


def _roll_states_late(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return [_last_state(step, seen, k) for k in range(1, n + 1)]


def _roll_state_late(step: Step, seen: Sequence[float], n: int) -> list[float]:
    prediction, h = step(seen[-1], 0.0)
    says = [prediction]
    h = 0.0
    for _ in range(n - 1):
        prediction, h = step(prediction, h)
        says.append(prediction)
    return says


def _roll_state_is_prediction(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll_by(lambda step, p, h, says: step(p, p if len(says) == 1 else h))(step, seen, n)


def _roll_unpacked_late(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        h = step(x, h)
    if n < 0:
        prediction = 0.0  # so that there is none where it is wanted
    for _ in range(n):
        says.append(prediction)
        prediction, h = step(prediction, h)
    return says


def _roll_pairs(step: Step, seen: Sequence[float], n: int) -> list[tuple[float, float]]:
    says = _roll(step, seen, n)
    return [(says[k], _last_state(step, seen, k)) for k in range(n)]


def _roll_one_name(step: Step, seen: Sequence[float], n: int) -> list[float]:
    prediction = step(seen[0], 0.0)
    return step(prediction, 0.0)


def _roll_over_seen(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for t in range(n):
        prediction, h = step(seen[t], h)
        says.append(prediction)
    return says


def _last_state(step: Step, seen: Sequence[float], n: int) -> float:
    h = 0.0
    for x in [*seen, *_roll(step, seen, n)]:
        _, h = step(x, h)
    return h


def _roll_with_warm_up(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
        says.append(prediction)
    for _ in range(n):
        prediction, h = step(prediction, h)
        says.append(prediction)
    return says


def _roll_guess_as_state(step: Step, seen: Sequence[float], n: int) -> list[float]:
    prediction, says = 0.0, []
    for x in seen:
        prediction, _ = step(x, prediction)
    for _ in range(n):
        says.append(prediction)
        prediction, _ = step(prediction, prediction)
    return says


def _roll_feeds_the_state(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
    for _ in range(n):
        says.append(prediction)
        prediction, h = step(h, h)
    return says


def _roll_same_again(step: Step, seen: Sequence[float], n: int) -> list[float]:
    return _roll(step, seen, 1) * n


def _roll_cases() -> list[tuple[Step, list[float], int]]:
    return [
        (counts_on, [1.0], 1),
        (counts_on, [5.0], 3),
        (adds_the_last_two, [1.0, 1.0, 2.0], 4),
        (flies_straight_on, [0.0, 0.5], 3),
        (sums_up, [2.0, 4.0], 3),
        (sums_up, [1.0, -3.0, 5.0, 1.0], 4),
    ]


ROLL = Exercise(
    title="roll out: feed a network its own predictions",
    reference=_roll,
    cases=_roll_cases,
    mistakes=(
        Mistake(
            _roll_true_again,
            "After the numbers that were seen, you feed the last of them again and again. What "
            "comes in then is the network's own last prediction.",
        ),
        Mistake(
            _roll_no_state,
            "The state is 0 in every step, so only the last number counts. Hand on the h that "
            "step returns.",
        ),
        Mistake(
            _roll_state_lost,
            "While it predicts, the state is 0 again. It must be handed on there, too.",
        ),
        Mistake(
            _roll_state_frozen,
            "While it predicts, the state stays as it was after the last number seen. Take the "
            "new h from each step.",
        ),
        Mistake(
            _roll_only_last_seen,
            "Only the last number that was seen counts. Do the others go through the network "
            "first, each with the state that the one before left?",
        ),
        Mistake(
            _roll_last_twice,
            "The last number that was seen goes in twice. Its prediction is already the first "
            "that is wanted.",
        ),
        Mistake(
            _roll_one_late,
            "The first prediction is missing: what comes out with the last number seen is the "
            "first answer.",
        ),
        Mistake(_roll_one_short, "One prediction too few."),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n + 1),
            "One prediction too many: the list ends after n.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n)[-1],
            "Only the last prediction came back. All n are wanted, in a list.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n)[0],
            "Only the first prediction came back, and not in a list. All n are wanted.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n)[::-1],
            "The predictions are in the wrong order: the first one first.",
        ),
        Mistake(
            lambda step, seen, n: (_roll(step, seen, n), _last_state(step, seen, n)),
            "Two things came back, the list and the state. Return the list alone.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen[1:], n),
            "The first number that was seen did not go in. All of them do, in their order.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen[:-1], n),
            "The last number that was seen did not go in. All of them do, in their order.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen[:1], n),
            "Only the first number that was seen goes in. The others must go through the network "
            "as well.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen[::-1], n),
            "The numbers that were seen go in from the last to the first. Time runs the other way.",
        ),
        Mistake(
            _roll_guess_as_state,
            "The prediction is handed on as the state. step gives two things: the prediction "
            "becomes the next x, the second one the next h.",
        ),
        Mistake(
            _roll_begun_with(lambda seen: 1.0),
            "The state begins as 1. It begins as 0: nothing was noted yet.",
        ),
        Mistake(
            _roll_begun_with(lambda seen: seen[0]),
            "The state begins as the first number seen. It begins as 0: nothing was noted yet.",
        ),
        Mistake(
            _roll_begun_with(lambda seen: None),
            "The state begins as None, and step computes with it. Begin with the number 0.",
        ),
        Mistake(
            _roll_turned,
            "step gets its arguments in the wrong order: first what is seen, then the state.",
        ),
        Mistake(
            _roll_turned_later,
            "While it predicts, step gets its arguments in the wrong order: first the prediction, "
            "then the state.",
        ),
        Mistake(
            _roll_from_last_seen_twice,
            "Your list begins with the last number seen, which goes in twice. What step gave for "
            "it the first time is the first prediction that is wanted.",
        ),
        Mistake(
            _roll_pairs,
            "Your list holds pairs of prediction and state. Only the predictions are wanted.",
        ),
        Mistake(
            lambda step, seen, n: [[x] for x in _roll(step, seen, n)],
            "Each prediction stands in a list of its own. A plain list of numbers is wanted.",
        ),
        Mistake(
            _roll_one_name,
            "step returns two things. Give both a name: prediction, h = step(x, h).",
        ),
        Mistake(
            _roll_by(lambda step, p, h, says: step(says[0], h)),
            "While it predicts, the first prediction goes in again and again. Feed the newest one.",
        ),
        Mistake(
            _roll_by(lambda step, p, h, says: step(*step(p, h))),
            "Between two predictions of your list step is called twice. Call it once for each.",
        ),
        Mistake(
            _roll_state_is_prediction,
            "Between the two loops the state became the prediction. step gives the state itself: "
            "hand that on.",
        ),
        Mistake(
            _roll_state_late,
            "What was seen leaves no state behind: only the last number counts, and the state is "
            "0 again when the predictions begin. Take the h that step returns.",
        ),
        Mistake(
            _roll_states_late,
            "Those are states, and the first one is missing. step gives two things, the prediction "
            "first: list that.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, [*seen, *seen], n),
            "What was seen goes in twice. Once is enough.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, range(len(seen)), n),
            "The places 0, 1, 2, … go in, not the numbers that stand there: for x in seen.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n)[-1:],
            "The list holds the last prediction only. Is a new list made in each step?",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n + len(seen)),
            "n counts the predictions alone. Your list is longer by the numbers that were seen.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n + 1)[-1],
            "One number came back, the prediction after the last that is wanted. All n are wanted, "
            "in a list.",
        ),
        Mistake(
            lambda step, seen, n: [round(x) for x in _roll(step, seen, n)],
            "The predictions are rounded. List them as they come.",
        ),
        Mistake(
            lambda step, seen, n: sum(_roll(step, seen, n)),
            "The predictions were added up. All n are wanted, in a list.",
        ),
        Mistake(
            _roll_unpacked_late,
            "No prediction is there when the second loop begins. Keep both things that step "
            "returns in the first loop: prediction, h = step(x, h).",
        ),
        Mistake(
            lambda step, seen, n: [*seen, *_roll(step, seen, n)][:n],
            "Your list begins with what was seen. Only the n predictions after it are wanted.",
        ),
        Mistake(
            lambda step, seen, n: step(seen[0]),
            "step takes two things, the number and the state: step(x, h).",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, len(seen)),
            "As many predictions came as numbers were seen. n are wanted.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n - len(seen)),
            "n counts the predictions alone, without the numbers that were seen.",
        ),
        Mistake(
            lambda step, seen, n: _roll(step, seen, n)[1:],
            "The first prediction is missing, and one is too few.",
        ),
        Mistake(
            _roll_over_seen,
            "The second loop still reads what was seen, and that may end before n. After it the "
            "network's own prediction goes in.",
        ),
        Mistake(
            lambda step, seen, n: _roll_with_warm_up(step, seen, 0) + _roll(step, seen, n),
            "What comes out while the seen numbers go in is in your list as well, and the last of "
            "it twice. Only what comes after what was seen is wanted.",
        ),
        Mistake(
            _roll_feeds_the_state,
            "While it predicts, the state goes in as x. What goes in is the network's own last "
            "prediction.",
        ),
        Mistake(
            _roll_same_again,
            "The same prediction stands there n times. Feed it to the network, with the state, "
            "and take the next one.",
        ),
        Mistake(
            _roll_returns_early,
            "Only the first prediction came back. Does the return stand inside the loop?",
        ),
        Mistake(
            _roll_new_state,
            "Between the two loops the state became 0 again. What was noted of the numbers seen "
            "must go along.",
        ),
        Mistake(
            _roll_states,
            "Those are the states. step gives two things, the prediction first: list the first.",
        ),
        Mistake(
            _roll_swapped,
            "Prediction and state are swapped: step returns the prediction first, then the state.",
        ),
        Mistake(
            _roll_reads_again,
            "Everything is read again for each prediction, with the state of the time before. "
            "Feed only the new number, or begin with the state 0 each time.",
        ),
        Mistake(
            _roll_with_seen,
            "The numbers that were seen stand in front. Only the predictions are wanted.",
        ),
        Mistake(
            _roll_from_last_seen,
            "Your list begins with the last number seen. The first wanted is the prediction after "
            "it.",
        ),
        Mistake(
            _roll_with_warm_up,
            "What comes out while the seen numbers go in is in your list as well. There, the truth "
            "is known; only what comes after it is wanted.",
        ),
    ),
    hints=(
        "Two loops, one after the other: first over what was seen, then n times over what the "
        "network says itself. Which two things go from step to step?",
        "In the first loop keep the last prediction and h. In the second, note the prediction, "
        "then feed it: prediction, h = step(prediction, h).",
        "for x in seen: prediction, h = step(x, h). Then n times: append prediction, and "
        "prediction, h = step(prediction, h).",
    ),
    notice="In the first loop the world tells what comes next, in the second the network tells "
    "itself. From there on it builds on its own mistakes.",
)

EXERCISES = {
    "step": STEP,
    "bptt": BPTT,
    "clip": CLIP,
    "roll": ROLL,
}

QUIZ = [
    Question(
        "A network has learned from 100,000 throws. It sees one frame of a flying ball and shall "
        "say where the ball is in the next. What will it say?",
        (
            "A place near to where the ball is now.",
            "Balls at this place fly in all directions. The guess with the least squared error is "
            "the mean over all of them, and that is near the place itself.",
        ),
        (
            (
                "The right place: from so many throws it knows how balls fly.",
                "No data can tell what is not in the input. Two throws with the same first frame "
                "part at once.",
            ),
            (
                "One of the possible places, drawn by lot.",
                "A network is a function: the same frame gives the same answer, and training moves "
                "it to the mean.",
            ),
            (
                "The middle of the box.",
                "That would be the mean over all balls. It does see where this one is.",
            ),
        ),
        place=1,
    ),
    Question(
        "A digit is read as 28 steps of 28 pixels by a cell with 64 units. Now the pictures become "
        "56 rows high. How many weights does the cell need in addition?",
        (
            "None.",
            "64 · 28 + 64 · 64 + 64 = 5,952, for 28 steps or for 56. The work doubles, the weights "
            "stay.",
        ),
        (
            (
                "As many again: 28 more steps, 28 more layers.",
                "That would be so if every step had weights of its own, as the layers of lesson "
                "04 have.",
            ),
            (
                "28 · 64, for the new rows.",
                "The new rows come later, through the same W_xh.",
            ),
            (
                "28, one for each new step.",
                "A cell does not know at which step it is. Nothing in it belongs to one step.",
            ),
        ),
        place=0,
    ),
    Question(
        "Translation: a sentence of seven words goes in, one of nine words comes out. Which shape "
        "is that?",
        (
            "Many to many.",
            "And the two lengths differ. Lesson 09 does it with two networks, one that reads and "
            "one that writes.",
        ),
        (
            ("Many to one.", "That is a sentence in and one answer out, such as glad or angry."),
            ("One to many.", "That is one thing in and a sequence out: a picture and its caption."),
            (
                "One to one.",
                "Counted are steps, not sentences. The network reads and writes word by word.",
            ),
        ),
        place=2,
    ),
    Question(
        "Only the last state has a loss. The slope of W_hh is a sum over all steps nevertheless. "
        "Why?",
        (
            "The same weights acted in every step.",
            "A weight that is used several times moves the loss in several ways, and their slopes "
            "are added, as for a value that is used twice in the graph of lesson 04.",
        ),
        (
            (
                "Each step adds a loss of its own.",
                "Not here: the question says that only the last state has one.",
            ),
            (
                "A sum is more stable than a product.",
                "There is a product as well: one factor for each step on the way back.",
            ),
            (
                "Each step has a W_hh of its own, and they are added up.",
                "There is one W_hh. If each step had one, each would get a slope of its own.",
            ),
        ),
        place=3,
    ),
    Question(
        "Your network does not learn what lies 100 steps back. You clip the gradient to a norm of "
        "1. Does that help?",
        (
            "No: what comes from there is too short already.",
            "Clipping is the cure for exploding. Against vanishing other cells help, those of "
            "lesson 09.",
        ),
        (
            (
                "Yes: near and far, all steps then have the norm 1.",
                "There is one norm, of the whole gradient, and one factor. The share from 100 "
                "steps back stays as small beside the others.",
            ),
            (
                "Yes, if the learning rate is raised as well.",
                "That scales everything, the near and the far. Their proportion stays.",
            ),
            (
                "No: clipping turns the gradient into another direction.",
                "It keeps the direction. That is the point of one factor for all.",
            ),
        ),
        place=0,
    ),
    Question(
        "Somebody forecasts sunspots one year ahead, and draws the test years by lot from all "
        "years. Why is the result worth little?",
        (
            "The network may have trained on the year after.",
            "A lot mixes past and future, and a year between two known ones can be filled in. "
            "Split in time: train on the past, test on what came after.",
        ),
        (
            (
                "Test years drawn by lot are not representative.",
                "They are more like the training years than any future is. That is the trouble.",
            ),
            (
                "Cycles of eleven years need a test set of whole cycles.",
                "A few years more or less at its ends do little harm. What matters is who comes "
                "after whom.",
            ),
            (
                "Nothing is wrong: a lot is the fairest split.",
                "For digits it is. Neighbouring years are not independent of each other.",
            ),
        ),
        place=2,
    ),
]
