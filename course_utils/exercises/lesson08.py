"""Exercises and quiz of lesson 08, How does a network remember?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

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
            lambda x, h, W_xh, W_hh, b: torch.tanh(x @ W_xh.T + h @ W_hh.T + b[:, None]),
            "The bias was made a column, so each sample got another one. b belongs to the units, "
            "the last axis: b alone fits.",
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
            "The state is the right one now. But only the share of step 1 is left at the end, and "
            "that one is always 0, since h[0] is. The shares of all steps are added. (And does "
            "delta go back by the weight that leads from state to state?)",
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
            "The slope of the tanh was right as it stood: with h = tanh(a) it is 1 − h², of the "
            "same step.",
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
            lambda gradients, most: _scaled(gradients, 0.0 if _norm(gradients) > most else 1.0),
            "A gradient that is too long became 0. Then nothing is learned from this step.",
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


def _roll_with_warm_up(step: Step, seen: Sequence[float], n: int) -> list[float]:
    h, says = 0.0, []
    for x in seen:
        prediction, h = step(x, h)
        says.append(prediction)
    for _ in range(n):
        prediction, h = step(prediction, h)
        says.append(prediction)
    return says


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
            "Only the last number that was seen goes in. The others must go through the network "
            "first: that is how the state gets to know them.",
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
        "A network sees one frame of a flying ball and shall say where the ball is in the next. It "
        "has learned from 100,000 throws. What will it say?",
        (
            "About where the ball is now.",
            "Balls at this place fly in all directions. The guess with the least squared error is "
            "the mean over all of them, and that is near the place itself.",
        ),
        (
            (
                "The right place: with enough data it finds out.",
                "No data can tell what is not in the input. Two throws with the same first frame "
                "part at once.",
            ),
            (
                "A place chosen at random.",
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
            "None: the same weights are used in every step.",
            "64 · 28 + 64 · 64 + 64 = 5,952, for 28 steps or for 56. The work doubles, the weights "
            "stay.",
        ),
        (
            (
                "Twice as many.",
                "That would be so if every step had weights of its own, as the layers of lesson "
                "04 have.",
            ),
            (
                "28 · 64 more, for the new rows.",
                "The new rows come later, through the same W_xh.",
            ),
            (
                "64 more, one for each unit.",
                "A unit does not know at which step it is.",
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
                "One to one: one sentence, one sentence.",
                "Counted are steps, not sentences. The network reads and writes word by word.",
            ),
        ),
        place=2,
    ),
    Question(
        "In backpropagation through time the slope of W_hh is a sum over the steps. Why?",
        (
            "The same weights act in every step, and the loss feels each of these ways.",
            "Slopes of a weight that is used several times are added, as for a value that is used "
            "twice in the graph of lesson 04.",
        ),
        (
            (
                "The loss is a sum over the steps.",
                "Here only the last step had a loss, and the slope was a sum all the same.",
            ),
            (
                "A sum is more stable than a product.",
                "There is a product as well: one factor for each step on the way back.",
            ),
            (
                "Each step has its own W_hh.",
                "Then each would have a slope of its own, and nothing would be added.",
            ),
        ),
        place=3,
    ),
    Question(
        "Per step a gradient is multiplied by 0.8. What is left of it after 50 steps, and what "
        "does that mean?",
        (
            "About 0.00001: what was read 50 steps ago hardly moves the weights.",
            "0.8 to the power of 50 is 0.000014. The network could keep it, but it is not told "
            "that it should.",
        ),
        (
            (
                "About 0.02, so learning is 50 times as slow.",
                "That would be one fiftieth. Factors multiply: 0.8 · 0.8 · 0.8 and so on.",
            ),
            (
                "0.8: the weights are the same in every step.",
                "The same factor, but once for each step.",
            ),
            (
                "It explodes, as 50 slopes are added.",
                "They are added, but those from far back are tiny. A factor above 1 makes it "
                "explode.",
            ),
        ),
        place=1,
    ),
    Question(
        "Your network does not learn what lies 100 steps back. You clip the gradient to a norm of "
        "1. Does that help?",
        (
            "No: clipping makes long gradients shorter, and this one is too short already.",
            "Clipping is the cure for exploding. Against vanishing other cells help, those of "
            "lesson 09.",
        ),
        (
            (
                "Yes, all gradients get the norm 1.",
                "Only those that are longer than 1 are changed. Even if all were scaled up, the "
                "share from 100 steps back would stay as small beside the others.",
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
        "Somebody forecasts sunspots and draws the test years by lot from all years. Why is the "
        "result worth little?",
        (
            "Years to the left and right of each test year were trained on; a forecast never has "
            "the years after it.",
            "A lot mixes past and future. Split in time: train on the past, test on what came "
            "after.",
        ),
        (
            (
                "The test years are then not representative.",
                "They are more like the training years than any future is. That is the trouble.",
            ),
            (
                "A lot gives too few test years.",
                "It gives as many as one likes.",
            ),
            (
                "Nothing is wrong: a lot is the fairest split.",
                "For digits it is. Neighbouring years are not independent of each other.",
            ),
        ),
        place=2,
    ),
]
