"""Exercises and quiz of lesson 11, What changes when one machine is not enough?"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake, same, slips
from course_utils.exercises.quiz import Question
from course_utils.exercises.workers import GroupError, Talk, run_together

Kind = dict[str, tuple[object, str]]  # ways to do one part of an answer, each with its hint


def some(kind: Kind, *names: str) -> Kind:
    """Return the ways with these names."""
    return {name: kind[name] for name in names}


# --- intensity: operations for each byte of a linear layer -------------------------------------


def _intensity(n: int, n_in: int, n_out: int, size: int) -> float:
    """Return the operations for each byte that a linear layer without a bias moves."""
    operations = 2 * n * n_in * n_out
    return operations / (size * (n * n_in + n_in * n_out + n * n_out))


def _intensity_cases() -> list[tuple[int, int, int, int]]:
    return [
        (1, 1, 1, 1),
        (1, 1, 1, 4),
        (1, 2, 3, 4),
        (64, 784, 200, 4),
        (64, 784, 200, 2),
        (1, 784, 200, 4),
        (7, 5, 3, 8),
    ]


# Each takes n, n_in, n_out: what counts as operations, and which numbers are moved.
_OPERATIONS: dict[str, tuple[Callable[[int, int, int], float], str]] = {
    "right": (lambda n, i, o: 2 * n * i * o, ""),
    "half": (
        lambda n, i, o: n * i * o,
        "A factor of 2 is amiss: for a row, each weight takes two operations, a product and a sum; "
        "and each number is moved once.",
    ),
    "one row": (
        lambda n, i, o: 2 * i * o,
        "The operations are those of one row. All n rows meet every weight.",
    ),
    "half of a row": (
        lambda n, i, o: i * o,
        "There are n rows, and to each product belongs a sum: 2 · n · n_in · n_out operations. "
        "Each number is moved once.",
    ),
    "exact": (
        lambda n, i, o: (2 * i - 1) * n * o,
        "You count one sum fewer than products, which is exact for one dot product. By the usual "
        "count, the one asked for here, each product has its sum: 2 · n · n_in · n_out.",
    ),
    "sides": (
        lambda n, i, o: 2 * n * (i + o),
        "The operations must be multiplied, not added: each of n_out sums has n_in products.",
    ),
    "fourfold": (
        lambda n, i, o: 4 * n * i * o,
        "Twice what is right: for a row, each weight takes two operations, a product and a sum; "
        "and each number takes size bytes.",
    ),
}
_NUMBERS: dict[str, tuple[Callable[[int, int, int], float], str]] = {
    "right": (lambda n, i, o: n * i + i * o + n * o, ""),
    "no input": (lambda n, i, o: i * o + n * o, "The input must be read, too: n · n_in numbers."),
    "no weights": (
        lambda n, i, o: n * i + n * o,
        "The weights must be read, too: n_in · n_out numbers, once for the whole batch.",
    ),
    "no output": (
        lambda n, i, o: n * i + i * o,
        "The output must be written, too: n · n_out numbers.",
    ),
    "only weights": (
        lambda n, i, o: i * o,
        "You move the weights only. The input is read, and the output is written.",
    ),
    "only input": (
        lambda n, i, o: n * i,
        "You move the input only. The weights are read, and the output is written.",
    ),
    "only output": (
        lambda n, i, o: n * o,
        "You move the output only. The input and the weights are read.",
    ),
    "weights each time": (
        lambda n, i, o: n * (i + i * o + o),
        "You read the weights once for each row. They are moved once for the whole batch, which "
        "is what a batch is good for.",
    ),
    "with bias": (
        lambda n, i, o: n * i + i * o + n * o + o,
        "You move a bias, n_out numbers. This layer has none.",
    ),
    "sides of the weights": (
        lambda n, i, o: n * i + i + o + n * o,
        "The weights are a table: n_in · n_out numbers, not a sum.",
    ),
}
_SIZES: dict[str, tuple[Callable[[float, float, int], float], str]] = {
    "right": (lambda flops, numbers, size: flops / (size * numbers), ""),
    "none": (
        lambda flops, numbers, size: flops / numbers,
        "That is for each number. A number takes size bytes.",
    ),
    "float32": (
        lambda flops, numbers, size: flops / (4 * numbers),
        "You always count 4 bytes a number. It is size that says how many.",
    ),
    "times": (
        lambda flops, numbers, size: flops * size / numbers,
        "You multiply by size. More bytes make fewer operations for each of them.",
    ),
    "bits": (
        lambda flops, numbers, size: flops / (8 * size * numbers),
        "Those are operations a bit. size is in bytes already.",
    ),
    "inverted": (
        lambda flops, numbers, size: size * numbers / flops,
        "Those are bytes an operation. Turn the quotient over.",
    ),
}


def _intensity_with(operations: Callable, numbers: Callable, quotient: Callable) -> Callable:
    def intensity(n: int, n_in: int, n_out: int, size: int) -> float:
        return quotient(operations(n, n_in, n_out), numbers(n, n_in, n_out), size)

    return intensity


INTENSITY = Exercise(
    title="the arithmetic intensity of a linear layer",
    reference=_intensity,
    cases=_intensity_cases,
    mistakes=(
        *slips(
            _intensity_with,
            some(_OPERATIONS, "right", "half", "one row", "half of a row"),
            some(
                _NUMBERS,
                *("right", "no input", "no weights", "no output"),
                *("weights each time", "with bias"),
            ),
            _SIZES,
        ),
        *(
            Mistake(_intensity_with(way, _NUMBERS["right"][0], _SIZES["right"][0]), hint)
            for way, hint in some(_OPERATIONS, "exact", "sides", "fourfold").values()
        ),
        *(
            Mistake(_intensity_with(_OPERATIONS["right"][0], way, _SIZES["right"][0]), hint)
            for way, hint in some(
                _NUMBERS,
                *("only weights", "only input", "only output", "sides of the weights"),
            ).values()
        ),
        Mistake(
            lambda n, n_in, n_out, size: (
                (2 * n * n_in * n_out + n * n_out)
                / (size * (n * n_in + n_in * n_out + n * n_out + n_out))
            ),
            "You count a bias, both its sums and its numbers. This layer has none.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: (
                2 * n * n_in * n_out,
                size * (n * n_in + n_in * n_out + n * n_out),
            ),
            "Both counts are right. Return one number: the first divided by the second.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: _intensity(64, 784, 200, 4),
            "That is the layer of the text, whatever comes in. Compute with the arguments.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: _intensity(n, n_in, n_out, size) / 4,
            "You divide by 4 and by size. A number takes size bytes, and that is all.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: 2 * n * n_in * n_out,
            "Those are the operations alone. Divide by the bytes that are moved.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: size * (n * n_in + n_in * n_out + n * n_out),
            "Those are the bytes alone. Operations for each byte are wanted.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: (
                2 * n * n_in * n_out / size * (n * n_in + n_in * n_out + n * n_out)
            ),
            "Brackets: a / b * c divides by b only. Put brackets around all that you divide by.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: (
                2 * n * n_in * n_out / size * n * n_in + n_in * n_out + n * n_out
            ),
            "Brackets: only size stands below the line. All bytes belong there.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: (
                2 * n * n_in * n_out / (size * n * n_in + n_in * n_out + n * n_out)
            ),
            "Brackets: only the input is multiplied by size. All three tensors have such numbers.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: (
                2 * n * n_in * n_out // (size * (n * n_in + n_in * n_out + n * n_out))
            ),
            "// and int() cut off what is behind the point. Divide by /, and return all of it.",
        ),
        Mistake(
            lambda n, n_in, n_out, size: round(_intensity(n, n_in, n_out, size)),
            "Nearly: you round the quotient. Return it as it is.",
        ),
    ),
    hints=(
        "Which three tensors are touched, and how many numbers has each?",
        "Each of the n · n_out results needs n_in products and as many sums. The tensors have "
        "n · n_in, n_in · n_out and n · n_out numbers of size bytes.",
        "2 · n · n_in · n_out, divided by size times the sum of n · n_in, n_in · n_out and "
        "n · n_out.",
    ),
    notice="With n = 1 there is about one operation for two bytes, however large the layer: the "
    "weights are read for a single row. Numbers half as long double the intensity.",
)

# --- scaler: a step with loss scaling ----------------------------------------------------------


def _scaled_step(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple[Tensor, float]:
    """Take a step of SGD with slopes of a scaled loss, or leave it out; return weights, scale."""
    if not slopes.isfinite().all():
        return w, scale / 2
    return w - lr * slopes.float() / scale, scale


def _scaler_cases() -> list[tuple[Tensor, Tensor, float, float]]:
    inf, nan = torch.inf, torch.nan

    def half(*numbers: float) -> Tensor:
        return torch.tensor(numbers, dtype=torch.float16)

    return [
        (torch.tensor([1.0]), half(8), 4.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(8, 16), 4.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(inf, 4), 1024.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(4, -inf), 1024.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(4, inf), 1024.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(nan, 4), 1024.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(inf, nan), 512.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(inf, 4), 1.0, 0.5),  # half of the scale is no whole number
        (torch.zeros(2), half(2.0**-10, 0), 2.0**16, 2.0**24),  # divided in float16 it is 0
        (torch.zeros(2), half(49152, 49152), 4096.0, 4.0),  # their sum is inf in float16
        (torch.tensor([100.0, 0]), half(49152, -49152), 4096.0, 4.0),  # 4 times it is inf there
        (torch.zeros(3), half(0.333, 1000.5, -7.77), 2.0, 0.1),  # rounded more coarsely there
        (torch.tensor([0.5, 1.0, 2.0, 3.0]), half(60000, 2, -3, 0), 64.0, 0.01),
        (torch.tensor([3.0]), half(0), 8.0, 1.0),
        (torch.tensor([3.0]), half(2), 2.0**20, 1.0),  # a scale that float16 does not have
    ]


Unscale = Callable[[Tensor, Tensor, float, float], Tensor]
# How the new weights are made: w, slopes, scale, lr.
_STEPS: dict[str, tuple[Unscale, str]] = {
    "right": (lambda w, g, s, lr: w - lr * g.float() / s, ""),
    "not unscaled": (
        lambda w, g, s, lr: w - lr * g.float(),
        "The slopes belong to the loss times scale. Divide by scale before the step.",
    ),
    "multiplied": (
        lambda w, g, s, lr: w - lr * g.float() * s,
        "You multiply by scale once more. The slopes are too large already: divide.",
    ),
    "divided in half": (
        lambda w, g, s, lr: w - lr * (g / s),
        "The division runs in float16, where a small quotient becomes 0: the very loss that "
        "scaling was to prevent. First .float(), then divide.",
    ),
    "divided in half first": (
        lambda w, g, s, lr: w - lr * (g / s).float(),
        "You divide in float16 and make it float32 then. What has become 0 stays 0: first "
        ".float(), then divide.",
    ),
    "times lr in half": (
        lambda w, g, s, lr: w - lr * g / s,
        "The arithmetic runs in float16: a float16 tensor times a Python number is float16. lr "
        "times a slope may overflow there. Say .float() first.",
    ),
    "quotient in half": (
        lambda w, g, s, lr: w - (lr / s) * g,
        "The product runs in float16, with ten binary digits. Say slopes.float() first.",
    ),
    "uphill": (
        lambda w, g, s, lr: w + lr * g.float() / s,
        "The step goes up the slope. The loss falls against it: subtract.",
    ),
    "no lr": (
        lambda w, g, s, lr: w - g.float() / s,
        "The learning rate is missing.",
    ),
    "half weights": (
        lambda w, g, s, lr: (w.half() - (lr * g.float() / s).half()).float(),
        "The weights went through float16 and lost digits there. They stay float32, which is why "
        "there is a copy in float32 at all.",
    ),
    "no step": (
        lambda w, g, s, lr: w,
        "The weights never move. Where all slopes are finite, a step is wanted.",
    ),
    "slopes only": (
        lambda w, g, s, lr: g.float() / s,
        "Those are the slopes, unscaled. The new weights are wanted.",
    ),
    "clipped": (
        lambda w, g, s, lr: w - lr * (g.float() / s).clamp(-1, 1),
        "The slopes are clipped. Only divide them by scale.",
    ),
}
Test = Callable[[Tensor], bool]
# Whether the slopes may be used.
_TESTS: dict[str, tuple[Test, str]] = {
    "right": (lambda g: bool(g.isfinite().all()), ""),
    "any": (
        lambda g: bool(g.isfinite().any()),
        "One finite slope is enough for yours. All must be finite: .all(), not .any().",
    ),
    "equal to inf": (
        lambda g: not (g == torch.inf).any(),
        "You look for +inf only. −inf and nan slip through: ask .isfinite() of all.",
    ),
    "inf only": (
        lambda g: not g.isinf().any(),
        "You look for infinity only. A nan, such as inf − inf, must stop the step, too.",
    ),
    "nan only": (
        lambda g: not g.isnan().any(),
        "You look for nan only. What is too large for float16 is inf, and that is no nan.",
    ),
    "largest": (
        lambda g: g.max() != torch.inf,
        "You compare the largest slope with infinity. Minus infinity and nan slip through: ask "
        ".isfinite() of all.",
    ),
    "sizes": (
        lambda g: g.abs().max() != torch.inf,
        "You compare the largest size with infinity. A nan slips through: ask .isfinite() of all.",
    ),
    "below inf": (
        lambda g: bool((g < torch.inf).all()),
        "Your test lets −inf through. It is as infinite as +inf: ask .isfinite() of all.",
    ),
    "first": (
        lambda g: bool(g.flatten()[0].isfinite()),
        "You ask the first slope only.",
    ),
    "sum": (
        lambda g: bool(g.sum().isfinite()),
        "You ask the sum of the slopes. In float16 it may be inf where every slope is finite, as "
        "49152 + 49152 is, and a good step is left out: ask each slope.",
    ),
    "sum of sizes": (
        lambda g: bool(g.abs().sum().isfinite()),
        "You ask one number made of all slopes. In float16 it may be inf where every slope is "
        "finite, and a good step is left out: ask each slope.",
    ),
}
# What becomes of the scale: after a step, and where it is left out.
_SCALES: dict[str, tuple[tuple[Callable, Callable], str]] = {
    "right": ((lambda s: s, lambda s: s / 2), ""),
    "kept": (
        (lambda s: s, lambda s: s),
        "The scale stays where a slope was infinite. So the next step will fail as well: halve it.",
    ),
    "doubled": (
        (lambda s: s, lambda s: 2 * s),
        "You double the scale where a slope was infinite. It was too large already: halve it.",
    ),
    "always": (
        (lambda s: s / 2, lambda s: s / 2),
        "You halve the scale after each step. Keep it where all slopes are finite.",
    ),
    "grows": (
        (lambda s: 2 * s, lambda s: s / 2),
        "You double the scale after each good step. GradScaler does so after 2,000 of them; here "
        "it stays.",
    ),
    "one": (
        (lambda s: s, lambda s: 1.0),
        "You set the scale to 1 where a slope was infinite. Halve it.",
    ),
    "swapped": (
        (lambda s: s / 2, lambda s: s),
        "You halve the scale after the good steps, and keep it after the bad ones: the other way "
        "round.",
    ),
    "by ten": (
        (lambda s: s, lambda s: s / 10),
        "You divide the scale by 10 where a slope was infinite. Halve it: a power of two rounds "
        "nothing.",
    ),
    "whole": (
        (lambda s: s, lambda s: s // 2),
        "// and int() cut off what is behind the point: half of a scale of 1 becomes 0, and by 0 "
        "nothing can be divided. Divide by /.",
    ),
    "at least 1": (
        (lambda s: s, lambda s: max(s / 2, 1.0)),
        "In yours the scale does not go below 1. Slopes may be too large even then: halve it, "
        "whatever it is.",
    ),
    "reset after": (
        (lambda s: 1.0, lambda s: s / 2),
        "You return a scale of 1 after a good step. The scale stays.",
    ),
}


def _scaler_with(step: Unscale, test: Test, scales: tuple[Callable, Callable]) -> Callable:
    def scaled_step(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple[Tensor, float]:
        after_step, left_out = scales
        if test(slopes):
            return step(w, slopes, scale, lr), after_step(scale)
        return w, left_out(scale)

    return scaled_step


def _only_good_ones(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple[Tensor, float]:
    good = slopes.isfinite()
    moved = w - lr * torch.where(good, slopes, 0).float() / scale
    return moved, scale if good.all() else scale / 2


def _no_test(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple[Tensor, float]:
    return w - lr * slopes.float() / scale, scale


def _tested_late(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple[Tensor, float]:
    moved = w - lr * slopes.float() / scale
    return moved, scale if slopes.isfinite().all() else scale / 2


def _halved_and_stepped(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple:
    if not slopes.isfinite().all():
        scale = scale / 2
    return w - lr * slopes.float() / scale, scale


def _zeros_for_infinite(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple:
    return w - lr * torch.where(slopes.isfinite(), slopes, 0).float() / scale, scale


def _without_scale(w: Tensor, slopes: Tensor, scale: float, lr: float) -> Tensor:
    return _scaled_step(w, slopes, scale, lr)[0]


def _other_way_round(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple:
    if slopes.isfinite().all():
        return w, scale / 2
    return w - lr * slopes.float() / scale, scale


_RIGHT = (_STEPS["right"][0], _TESTS["right"][0], _SCALES["right"][0])
_PAIRED = (
    some(_STEPS, "right", "not unscaled", "divided in half", "uphill", "multiplied"),
    some(_TESTS, "right", "any", "equal to inf", "inf only", "nan only", "sizes"),
    some(_SCALES, "right", "kept", "doubled", "always", "swapped"),
)


def _alone() -> list[Mistake]:
    """Return the slips that are not combined with others."""
    found = []
    for place, (kind, paired) in enumerate(zip((_STEPS, _TESTS, _SCALES), _PAIRED, strict=True)):
        for name in (name for name in kind if name not in paired):
            part, hint = kind[name]
            found.append(Mistake(_scaler_with(*_RIGHT[:place], part, *_RIGHT[place + 1 :]), hint))
    return found


def _apply_scaler(answer: Callable, *inputs: object) -> object:
    """Return what the answer gives; where its weights are not float32, with their dtype behind."""
    value = answer(*inputs)
    if isinstance(value, tuple | list) and len(value) == 2:
        dtype = str(getattr(value[0], "dtype", "float32"))
        if not dtype.endswith("float32"):
            return (*value, f"weights in {dtype}")
    return value


def _about_scaler(got: object, *inputs: object) -> str:
    """Say what is amiss in a step that is no known mistake: the dtype, or one of the two values."""
    if len(got) == 3 and str(got[2]).startswith("weights in "):
        return (
            f"You return {got[2]}. float32 was asked for, in which the weights came: make the "
            "slopes float32 by .float(), and leave the weights as they are."
        )
    fits = [same(one, right, 1e-6) for one, right in zip(got, _scaled_step(*inputs), strict=True)]
    if fits == [True, False]:
        return "The weights are right here. Look at the scale."
    return "The scale is right here. Look at the weights." if fits == [False, True] else ""


SCALER = Exercise(
    title="a step with loss scaling",
    reference=_scaled_step,
    cases=_scaler_cases,
    apply=_apply_scaler,
    remark=_about_scaler,
    tolerance=1e-6,
    mistakes=(
        *slips(_scaler_with, *_PAIRED),
        *_alone(),
        Mistake(
            _only_good_ones,
            "Only the infinite slopes are left out. Then a part of the weights moves and the rest "
            "does not, which is another direction. Leave out the whole step.",
        ),
        Mistake(
            _no_test,
            "Nothing asks whether the slopes are finite: inf and nan go into the weights, and stay "
            "there for ever.",
        ),
        Mistake(
            _tested_late,
            "The scale is halved, but the step was taken before: the infinite slope is in the "
            "weights.",
        ),
        Mistake(
            _halved_and_stepped,
            "The scale is halved, but the step is taken all the same. It belongs into the other "
            "case: return w as it is, or say else.",
        ),
        Mistake(
            lambda w, slopes, scale, lr: (
                w - lr * torch.nan_to_num(slopes.float() / scale),
                scale,
            ),
            "You put numbers in the place of inf and nan, and take the step. Whatever they are, it "
            "is no slope: leave out the step and halve the scale.",
        ),
        Mistake(
            lambda w, slopes, scale, lr: (w - lr * torch.nan_to_num(slopes).float() / scale, scale),
            "Before the step inf and nan have become other numbers, 65,504 and 0, so no step is "
            "left out. Ask .isfinite() of the slopes as they came.",
        ),
        Mistake(
            lambda w, slopes, scale, lr: (w - lr * torch.nan_to_num(slopes.float()) / scale, scale),
            "Before the step inf and nan have become other numbers, the largest of float32 and 0, "
            "so no step is left out. Ask .isfinite() of the slopes as they came.",
        ),
        Mistake(
            _zeros_for_infinite,
            "An inf or nan counts as a slope of 0 in yours, and the step is taken. Leave out the "
            "whole step, and halve the scale.",
        ),
        Mistake(
            _without_scale,
            "You return the weights only. Return two things: the weights, and the next scale.",
        ),
        Mistake(
            lambda *inputs: _scaled_step(*inputs)[1],
            "You return the scale only. Return two things: the new weights, and the next scale.",
        ),
        Mistake(
            lambda *inputs: _scaled_step(*inputs)[::-1],
            "Both are right, but they stand in another order: first the weights, then the scale.",
        ),
        Mistake(
            _other_way_round,
            "The two cases are swapped: the step belongs to the finite slopes.",
        ),
        Mistake(
            lambda w, slopes, scale, lr: (w - lr * slopes / scale, scale),
            "Two things are missing: ask whether all slopes are finite, and say .float() before "
            "you divide.",
        ),
        Mistake(
            lambda w, slopes, scale, lr: (w - lr * slopes.float(), scale),
            "Two things are missing: ask whether all slopes are finite, and divide by scale.",
        ),
    ),
    hints=(
        "Two things may have happened to the slopes: they were multiplied, and they may have "
        "become infinite. Which is to be asked first?",
        "slopes.isfinite().all() tells whether a step may be taken. In float32 the step is "
        "w − lr · slopes / scale. float16 does the division in float16: convert before it.",
        "If not slopes.isfinite().all(): return w, scale / 2. Else: return w − lr * "
        "slopes.float() / scale, scale.",
    ),
    notice="That is what torch.amp.GradScaler does; it also doubles the scale after 2,000 good "
    "steps, so that the scale finds its size by itself. A step left out now and then costs little.",
)


# --- together: a loop that is data-parallel in three wrong ways --------------------------------

Slope = Callable[[Tensor], Tensor]  # from the weights to the gradient on a worker's own samples


def _own_samples(rank: int, n_workers: int, size: int) -> slice:
    return slice(rank * size, (rank + 1) * size)


def _mean_of_all(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    dist.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _together(
    rank: int,
    n_workers: int,
    w: Tensor,
    X: Tensor,
    y: Tensor,
    lr: float,
    n_steps: int,
    dist: Talk,
    samples: Callable[[int, int, int], slice] = _own_samples,
    step: Callable[[Tensor, Slope, float, int, Talk], Tensor] = _mean_of_all,
) -> Tensor:
    """Learn a linear rule together; the last two say how, rightly or not."""
    mine = samples(rank, n_workers, len(X) // n_workers)

    def slope(w: Tensor) -> Tensor:
        error = X[mine] @ w - y[mine]
        return 2 * error @ X[mine] / len(error)

    for _ in range(n_steps):
        w = step(w, slope, lr, n_workers, dist)
    return w


def _together_reference(
    rank: int, n_workers: int, w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int, dist: Talk
) -> Tensor:
    return _together(rank, n_workers, w, X, y, lr, n_steps, dist)


def _together_with(samples: Callable, step: Callable) -> Callable:
    return lambda *inputs: _together(*inputs, samples=samples, step=step)


def _sum_of_all(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    dist.all_reduce(gradient)
    return w - lr * gradient


def _twice_divided(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w) / n_workers
    dist.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _own_alone(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    return w - lr * slope(w)


def _weights_added(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    w = w - lr * slope(w)
    dist.all_reduce(w)
    return w


def _both_steps(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    own = gradient.clone()
    dist.all_reduce(gradient)
    return w - lr * own - lr * gradient / n_workers


def _only_first_hears(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    own = gradient.clone()
    dist.all_reduce(gradient)
    return w - lr * (gradient / n_workers if dist.get_rank() == 0 else own)


def _waits_alone(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    if dist.get_rank() == 0:
        dist.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _takes_what_comes_back(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> None:
    return w - lr * dist.all_reduce(slope(w)) / n_workers


def _asks_the_real_one(w: Tensor, slope: Slope, lr: float, n_workers: int, dist: Talk) -> Tensor:
    gradient = slope(w)
    torch.distributed.all_reduce(gradient)
    return w - lr * gradient / n_workers


def _together_at_the_end(*inputs: object, divided: bool) -> Tensor:
    """Let each learn alone; put the weights together once, at the end."""
    w = _together(*inputs, step=_own_alone)
    inputs[-1].all_reduce(w)
    return w / inputs[1] if divided else w


# What a worker may take of the samples, and how it may take its step; empty hints are right.
_SAMPLES = {
    "own": (_own_samples, ""),
    "the first": (
        lambda rank, n_workers, size: slice(0, size),
        "Every worker takes the same samples, the first ones, and nobody takes the others: the "
        "slice must depend on rank.",
    ),
    "all": (
        lambda rank, n_workers, size: slice(0, n_workers * size),
        "Every worker takes all samples. The weights may be right, but no work is shared: each "
        "would need as long as one worker alone.",
    ),
    "overlapping": (
        lambda rank, n_workers, size: slice(rank, rank + size),
        "The shares overlap: worker 1 begins at sample 1, where worker 0 still is. Worker rank "
        "begins at rank * size.",
    ),
    "growing": (
        lambda rank, n_workers, size: slice(0, (rank + 1) * size),
        "Each worker begins at sample 0, so the first samples are taken several times. Worker "
        "rank begins at rank * size.",
    ),
    "to the end": (
        lambda rank, n_workers, size: slice(rank * size, None),
        "Each worker goes on to the last sample, so the last ones are taken several times. A "
        "share ends at (rank + 1) * size.",
    ),
}
_TOGETHER_STEPS = {
    "mean": (_mean_of_all, ""),
    "sum": (
        _sum_of_all,
        "The gradients are added up and not divided: the step is n_workers times too long. "
        "all_reduce gives the sum, and the gradient of the whole batch is the mean.",
    ),
    "divided twice": (
        _twice_divided,
        "The gradients are divided by n_workers twice, so the step is too short.",
    ),
    "alone": (
        _own_alone,
        "Each worker takes its step along its own gradient alone. The all_reduce comes too late, "
        "or what comes of it is not used: it belongs between gradient and step.",
    ),
    "both": (
        _both_steps,
        "There are two steps in each round, one along the own gradient and one along the mean. "
        "Take the first one out.",
    ),
    "weights added": (
        _weights_added,
        "The weights themselves are added up over all workers. Put the gradients together, before "
        "the step, and divide.",
    ),
}


TOGETHER_MISTAKES = (
    *slips(_together_with, _SAMPLES, _TOGETHER_STEPS),
    Mistake(
        _together_with(_own_samples, _waits_alone),
        "Only worker 0 calls all_reduce, and it waits for the others for ever. Every worker "
        "has to call it, each time.",
    ),
    Mistake(
        _together_with(_own_samples, _takes_what_comes_back),
        "all_reduce returns nothing: it writes the sum into the tensor that it gets. Call it "
        "on a line of its own.",
    ),
    Mistake(
        _together_with(_own_samples, _asks_the_real_one),
        "Here no real group was started. Use the dist that the function gets as its last "
        "argument, without an import.",
    ),
    Mistake(
        lambda *inputs: _together_at_the_end(*inputs, divided=True),
        "Each worker learns alone, and the weights are averaged once, at the end. After the "
        "first step they have parted: average in each step.",
    ),
    Mistake(
        lambda *inputs: _together_at_the_end(*inputs, divided=False),
        "Each worker learns alone, and the weights are added up at the end. Average the "
        "gradients, in each step.",
    ),
    Mistake(
        _together_with(_own_samples, _only_first_hears),
        "Worker 0 alone uses the mean, the others their own gradient. All must take the same step.",
    ),
)


def _apply_together(answer: Callable, n_workers: int, *inputs: object) -> dict[str, object]:
    """Let all workers learn; then again with one sample of one worker spoilt, to see who uses it.

    What is spoilt is not a number, and so is all that is computed of it.
    """
    ran = run_together(answer, n_workers, inputs)
    w, X, *rest = inputs
    _check_shapes([one.value for one in ran], w)
    uses = torch.zeros(len(X), n_workers)
    hears = torch.zeros(n_workers, n_workers)
    for row in range(len(X)):
        for rank in range(n_workers):
            spoilt = _spoil(X, row, rank)
            ends = [
                _finite(one.value) for one in run_together(answer, n_workers, (w, spoilt, *rest))
            ]
            uses[row, rank] = not all(ends)
            hears[rank] += torch.tensor([not end for end in ends])
    used_by_somebody = uses.any(dim=0)
    return {
        TAKEN: [int(count) for count in uses.sum(dim=1)],
        "every worker learns from all": bool((hears[used_by_somebody] > 0).all()),
        "weights of each worker": [_rounded(one.value) for one in ran],
    }


def _check_shapes(values: list[object], w: Tensor) -> None:
    for value in values:
        shape = tuple(torch.as_tensor(value).shape)
        if shape != w.shape:
            raise GroupError(f"the weights, {tuple(w.shape)}, were wanted, {shape} came back")


def _about_together(
    got: dict[str, object], n_workers: int, w: Tensor, X: Tensor, *_: object
) -> str:
    """Say which part of a loop that is no known mistake does not do what it must."""
    counts, weights = got[TAKEN], got["weights of each worker"]
    for sample, count in enumerate(counts):
        if count != 1:
            how = f"{count} workers learn from" if count else "nothing is learned from"
            return (
                f"In this case {how} sample {sample}. Each sample belongs to one worker: the share "
                "of worker rank goes from rank * size to (rank + 1) * size."
            )
    if weights != weights[:1] * n_workers:
        return "The workers end with different weights: they do not take the same steps."
    return (
        "The shares are right and all workers agree, but their step is not that of one worker with "
        "all samples. It goes once in each round, by lr, against the mean of the gradients."
    )


TAKEN = "workers that take each sample"


def _spoil(X: Tensor, row: int, rank: int) -> Callable[[int], Tensor]:
    def of(other: int) -> Tensor:
        mine = X.clone()
        if other == rank:
            mine[row] = float("nan")
        return mine

    return of


def _finite(value: object) -> bool:
    return bool(torch.as_tensor(value).isfinite().all())


def _rounded(value: object) -> list[float]:
    return [round(number, 3) + 0.0 for number in torch.as_tensor(value).reshape(-1).tolist()]


def _together_cases() -> list[tuple[int, Tensor, Tensor, Tensor, float, int]]:
    generator = torch.Generator().manual_seed(11)

    def whole(*shape: int) -> Tensor:
        return torch.randint(-3, 4, shape, generator=generator).float()

    return [
        (2, torch.zeros(1), torch.ones(2, 1), torch.tensor([1.0, 3.0]), 0.25, 1),
        (2, torch.zeros(1), torch.ones(2, 1), torch.tensor([1.0, 3.0]), 0.25, 2),
        (2, torch.ones(2), whole(4, 2), whole(4), 0.125, 2),
        (3, torch.zeros(2), whole(3, 2), whole(3), 0.0625, 2),
        (1, torch.ones(2), whole(2, 2), whole(2), 0.125, 1),
    ]


TOGETHER = Exercise(
    title="a training on several workers, mended",
    reference=_together_reference,
    cases=_together_cases,
    apply=_apply_together,
    remark=_about_together,
    names=("n_workers", "w", "X", "y", "lr", "n_steps"),
    mistakes=TOGETHER_MISTAKES,
    hints=(
        "Which samples does worker 1 take? Which gradient does it follow? Ask both of each line.",
        "The samples of a worker depend on its rank. What all_reduce gives is a sum. And what is "
        "put together after the step comes too late for it.",
        "mine = slice(rank * size, (rank + 1) * size). Then gradient, all_reduce, divide by "
        "n_workers, step, in this order.",
    ),
    notice="The weights are those of one worker with all samples. Nobody sent any weights: from "
    "the same beginning, the same steps lead to the same place.",
)

# --- ring: all-reduce by sending and receiving -------------------------------------------------

Pieces = list[Tensor]
Pass = Callable[[Tensor, Tensor, int, int, Talk], object]


def _hand_on(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> object:
    """Send a piece to the right while the next comes from the left; return what has come."""
    request = dist.isend(piece, dst=right)
    dist.recv(buffer, src=left)
    request.wait()
    return buffer


def _ring(
    rank: int,
    n_workers: int,
    pieces: Pieces,
    dist: Talk,
    hand_on: Pass = _hand_on,
    rounds: tuple[int, int] = (-1, -1),
    first: Callable[[Tensor, Tensor], Tensor] = torch.add,
    second: Callable[[Tensor, Tensor], Tensor] = lambda old, new: new,
    places: tuple[int, int] = (0, 1),
    moves: tuple[int, int] = (-1, -1),
    puts_here: bool = False,
) -> Pieces:
    """Add up the pieces of all workers along a ring; what follows `dist` says how, or not."""
    right, left = (rank + 1) % n_workers, (rank - 1) % n_workers
    for place, move, n_less, put in zip(places, moves, rounds, (first, second), strict=True):
        for step in range(n_workers + n_less):
            here = (rank + place + move * step) % n_workers
            there = here if puts_here else (here - 1) % n_workers
            buffer = torch.empty_like(pieces[there])
            came = hand_on(pieces[here], buffer, right, left, dist)
            pieces[there] = put(pieces[there], came)
    return pieces


def _ring_reference(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    return _ring(rank, n_workers, pieces, dist)


def _ring_with(**slip: object) -> Callable[[int, int, Pieces, Talk], Pieces]:
    return lambda rank, n_workers, pieces, dist: _ring(rank, n_workers, pieces, dist, **slip)


def _send_first(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> None:
    dist.send(piece, dst=right)
    dist.recv(buffer, src=left)


def _receive_first(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> None:
    dist.recv(buffer, src=left)
    dist.send(piece, dst=right)


def _never_waits(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> object:
    dist.isend(piece, dst=right)
    dist.recv(buffer, src=left)
    return buffer


def _takes_who_sent(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> object:
    request = dist.isend(piece, dst=right)
    sender = dist.recv(buffer, src=left)
    request.wait()
    return sender


def _ring_of_wholes(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    """Let each worker's whole list travel all the way round."""
    right, left = (rank + 1) % n_workers, (rank - 1) % n_workers
    sizes = [len(piece) for piece in pieces]
    on_the_way = total = torch.cat(pieces)
    for _ in range(n_workers - 1):
        buffer = torch.empty_like(total)
        _hand_on(on_the_way, buffer, right, left, dist)
        on_the_way, total = buffer, total + buffer
    return list(total.split(sizes))


def _by_way_of_one(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    """Let worker 0 add up everything and send it to all."""
    sizes, total = [len(piece) for piece in pieces], torch.cat(pieces)
    if rank:
        dist.send(total, dst=0)
        dist.recv(total, src=0)
        return list(total.split(sizes))
    for other in range(1, n_workers):
        buffer = torch.empty_like(total)
        dist.recv(buffer, src=other)
        total = total + buffer
    for other in range(1, n_workers):
        dist.send(total, dst=other)
    return list(total.split(sizes))


def _everybody_a_piece(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    """Let worker p add up piece p and send it to all: as few numbers, but no ring."""
    others = [other for other in range(n_workers) if other != rank]
    requests = [dist.isend(pieces[other], dst=other) for other in others]
    for other in others:
        buffer = torch.empty_like(pieces[rank])
        dist.recv(buffer, src=other)
        pieces[rank] = pieces[rank] + buffer
    requests += [dist.isend(pieces[rank], dst=other) for other in others]
    for other in others:
        dist.recv(pieces[other], src=other)
    for request in requests:
        request.wait()
    return pieces


def _everybody_to_everybody(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    sizes, mine = [len(piece) for piece in pieces], torch.cat(pieces)
    others = [other for other in range(n_workers) if other != rank]
    requests, total = [dist.isend(mine, dst=other) for other in others], mine
    for other in others:
        buffer = torch.empty_like(mine)
        dist.recv(buffer, src=other)
        total = total + buffer
    for request in requests:
        request.wait()
    return list(total.split(sizes))


def _ring_backwards(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    def other_way(piece: Tensor, buffer: Tensor, right: int, left: int, dist: Talk) -> object:
        return _hand_on(piece, buffer, left, right, dist)

    return _ring(rank, n_workers, pieces, dist, hand_on=other_way)


def _ring_of_open_end(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    if n_workers > 1:  # the last worker has no such neighbour, nor has the first
        request = dist.isend(pieces[rank], dst=rank + 1)
        dist.recv(pieces[rank - 1], src=rank - 1)
        request.wait()
    return pieces


def _one_call(rank: int, n_workers: int, pieces: Pieces, dist: Talk) -> Pieces:
    for piece in pieces:
        dist.all_reduce(piece)
    return pieces


def _apply_ring(answer: Callable, n_workers: int, pieces: list[Pieces]) -> dict[str, object]:
    """Return what each worker has in the end, and what it took to get there."""
    ran = run_together(
        answer, n_workers, (lambda rank: [*map(torch.clone, pieces[rank])],), only=RING_CALLS
    )
    return {
        f"what worker {rank} has": _listed(one.value, n_workers) for rank, one in enumerate(ran)
    } | {
        "numbers that each worker sends": [sum(size for _, size in one.sent) for one in ran],
        "workers that each sends to": [len({other for other, _ in one.sent}) for one in ran],
        "sendings nobody waited for": sum(one.open for one in ran),
        ASKED: sum(one.asked for one in ran),
    }


ASKED = "calls of irecv nobody waited for"
RING_CALLS = ("isend", "irecv", "send", "recv")


def _listed(value: object, n_workers: int) -> list[list[float]]:
    if not isinstance(value, list | tuple | Tensor) or len(value) != n_workers:
        raise GroupError(f"a list of {n_workers} pieces was wanted, one tensor for each worker")
    return [torch.as_tensor(piece).reshape(-1).tolist() for piece in value]


def _ring_cases() -> list[tuple[int, list[Pieces]]]:
    def pieces_of(n_workers: int, sizes: list[int]) -> tuple[int, list[Pieces]]:
        numbers = list(torch.arange(1.0, sum(sizes) + 1).split(sizes))
        return n_workers, [[10**rank * piece for piece in numbers] for rank in range(n_workers)]

    return [
        pieces_of(2, [1, 1]),
        pieces_of(3, [1, 1, 1]),
        pieces_of(4, [2, 2, 2, 2]),
        pieces_of(5, [1, 1, 1, 1, 1]),
        pieces_of(1, [2]),
    ]


def _about_ring(got: dict[str, object], n_workers: int, pieces: list[Pieces]) -> str:
    """Say of which worker's numbers there are too many or too few in a piece, or what was sent.

    A piece holds multiples of 1, 10, 100, …, one power for each worker, so a sum tells its parts.
    """
    if got[ASKED]:
        return (
            "irecv only asks: what comes is in the tensor when wait() on what irecv gave has come "
            "back, and not before."
        )
    for rank in range(n_workers):
        for place, piece in enumerate(got[f"what worker {rank} has"]):
            total = round(piece[0] / pieces[0][place][0].item(), 6) if piece else 0.5
            if not total.is_integer() or total < 0:
                return (
                    f"Piece {place} of worker {rank} holds numbers of another piece. What is sent "
                    "as piece p must be put to piece p."
                )
            counts = [int(total) // 10**other % 10 for other in range(n_workers)]
            for other, count in enumerate(counts):
                if count != 1:
                    how = f"{count} times" if count else "not at all"
                    return (
                        f"Piece {place} of worker {rank} holds what worker {other} had of it "
                        f"{how}, and once is right."
                    )
    return (
        "The sums are right. But a ring sends 2 (n − 1) pieces a worker, all to one neighbour, and "
        "waits for each."
    )


RING = Exercise(
    title="all-reduce along a ring",
    reference=_ring_reference,
    cases=_ring_cases,
    apply=_apply_ring,
    remark=_about_ring,
    names=("n_workers", "pieces of each worker"),
    mistakes=(
        Mistake(
            _ring_with(hand_on=_send_first),
            "All send first, and a send that comes back only when somebody has received never "
            "comes back here. Send with isend, receive, then wait() on what isend gave.",
        ),
        Mistake(
            _ring_with(hand_on=_receive_first),
            "All receive first, so nobody has sent anything. Send with isend before you receive.",
        ),
        Mistake(
            _ring_with(hand_on=_never_waits),
            "The sums are right, but nobody waits for what isend has begun: a piece that changes "
            "before it has left arrives changed. Call wait() on what isend gave.",
        ),
        Mistake(
            _ring_with(hand_on=_takes_who_sent),
            "recv writes into the buffer and returns who sent it. Call it on a line of its own.",
        ),
        Mistake(
            _ring_with(rounds=(0, 0)),
            "The sums are right, but both rounds have a step too many: n_workers − 1 are enough.",
        ),
        Mistake(
            _ring_with(rounds=(-1, 0)),
            "The sums are right, but one of the two rounds has a step too many: n_workers − 1 in "
            "each bring every piece everywhere.",
        ),
        Mistake(
            lambda rank, n_workers, pieces, dist: _ring(
                rank, n_workers, pieces, dist, rounds=(-1, -n_workers)
            ),
            "Each worker has one finished piece, and only that one. A second round must bring it "
            "to all others.",
        ),
        Mistake(
            _ring_with(second=torch.add),
            "In the second round you still add. What comes there is finished: it takes the place "
            "of what was there.",
        ),
        Mistake(
            _ring_with(first=lambda old, new: new, second=torch.add),
            "The two rounds are the wrong way round: first add, then replace.",
        ),
        Mistake(
            _ring_with(places=(0, 0)),
            "In the end piece p is everywhere what worker p had of it, with nothing added. Either "
            "the first round replaces where it should add. Or the second begins with piece rank, "
            "which nothing was added to, and not with the finished one, piece rank + 1.",
        ),
        Mistake(
            _ring_with(places=(1, 1)),
            "In the end piece p is everywhere what worker p − 1 had of it: what the first round "
            "adds up, the second does not send. Does the first begin with piece rank, and is what "
            "comes added to the piece before the one that is sent?",
        ),
        Mistake(
            _ring_with(moves=(0, 0)),
            "You send the same piece in every step. What has just come is what has to go on: one "
            "piece further back in each step.",
        ),
        Mistake(
            _ring_with(moves=(0, -1)),
            "In the first round you send the same piece in every step. What has just come, with "
            "your numbers added, is what has to go on.",
        ),
        Mistake(
            _ring_with(moves=(1, 1)),
            "The pieces go the wrong way: in step t worker rank sends piece rank − t, the one "
            "that it has just added to.",
        ),
        Mistake(
            _ring_with(moves=(1, -1)),
            "In the first round the pieces go the wrong way: in step t worker rank sends piece "
            "rank − t, the one that it has just added to.",
        ),
        Mistake(
            _ring_with(puts_here=True),
            "What comes from the left is put to the piece that you have just sent. Your left "
            "neighbour sent another one: piece rank − 1 − t.",
        ),
        Mistake(
            _ring_backwards,
            "Left and right are swapped, but the pieces are those of a ring to the right. Send to "
            "(rank + 1) % n_workers, receive from (rank − 1) % n_workers.",
        ),
        Mistake(
            lambda rank, n_workers, pieces, dist: _ring(rank, n_workers, pieces, torch.distributed),
            "Here no real group was started. Use the dist that the function gets as its last "
            "argument, without an import.",
        ),
        Mistake(
            _ring_of_wholes,
            "The sums are right, but whole lists travel. In a ring only one piece goes in a step, "
            "already added up, and each worker sends about two lists in all.",
        ),
        Mistake(
            _by_way_of_one,
            "The sums are right, but all of them go through worker 0: it sends far more than the "
            "others, and the more, the more workers there are.",
        ),
        Mistake(
            _everybody_to_everybody,
            "The sums are right, but everybody sends everything to everybody. In a ring each sends "
            "one piece a step, to one neighbour.",
        ),
        Mistake(
            _everybody_a_piece,
            "The sums are right, with as few numbers as a ring needs. But each worker sends to all "
            "others; in a ring it only needs a line to its neighbour.",
        ),
        Mistake(
            _ring_of_open_end,
            "The ring is open: behind the last worker comes worker 0 again. % n_workers does it.",
        ),
        Mistake(
            _one_call,
            "all_reduce is what you are to build here, of isend, recv and wait.",
        ),
        Mistake(
            lambda rank, n_workers, pieces, dist: [
                piece / n_workers for piece in _ring(rank, n_workers, pieces, dist)
            ],
            "These are the means. An all-reduce gives the sums; who wants the mean divides.",
        ),
    ),
    hints=(
        "Play it with three people and three coins each: who gives what to the right, and what is "
        "done with what comes from the left?",
        "Two rounds of n_workers − 1 steps. In step t of the first, worker rank sends piece "
        "(rank − t) % n_workers and adds what comes to piece (rank − t − 1) % n_workers. In the "
        "second it begins with piece rank + 1, and replaces.",
        "In each step: request = dist.isend(pieces[here], dst=right); dist.recv(buffer, src=left); "
        "request.wait(). Then pieces[there] = pieces[there] + buffer, or = buffer.",
    ),
    notice="Each worker sent 2 (n − 1) pieces of an n-th, so less than two lists, however many "
    "workers there are. Gloo and NCCL do this inside all_reduce.",
)

# --- efficiency: what a worker is still worth among n ------------------------------------------


def _efficiency(
    n_workers: int,
    fixed: float,
    divided: float,
    n_bytes: float,
    bandwidth: float,
    kept: Callable[[int, float], float] = lambda n, fixed: fixed,
    shared: Callable[[int, float], float] = lambda n, divided: divided / n,
    sent: Callable[[int, float], float] = lambda n, size: 2 * (n - 1) / n * size,
    form: Callable[[int, float, float], float] = lambda n, one, all_: one / all_ / n,
) -> float:
    """Return speed-up a worker; what follows the bandwidth says how each part is counted."""
    together = kept(n_workers, fixed) + shared(n_workers, divided)
    together += sent(n_workers, n_bytes) / bandwidth
    return form(n_workers, fixed + divided, together)


def _efficiency_reference(
    n_workers: int, fixed: float, divided: float, n_bytes: float, bandwidth: float
) -> float:
    return _efficiency(n_workers, fixed, divided, n_bytes, bandwidth)


def _efficiency_with(kept: Callable, sent: Callable, form: Callable) -> Callable:
    return lambda *inputs: _efficiency(*inputs, kept=kept, sent=sent, form=form)


def _ring_seconds(n: int, fixed: float, divided: float, size: float, speed: float) -> float:
    return 2 * (n - 1) / n * size / speed


def _efficiency_undivided(*inputs: float) -> float:
    return _efficiency(*inputs, shared=lambda n, divided: divided)


_KEPT = {
    "whole": (lambda n, fixed: fixed, ""),
    "divided": (
        lambda n, fixed: fixed / n,
        "The fixed part is divided as well. It takes as long however many workers there are.",
    ),
    "left out": (
        lambda n, fixed: 0.0,
        "The fixed part is missing from the time of n workers: each of them needs it, too.",
    ),
}
_SENT = {
    "ring": (lambda n, size: 2 * (n - 1) / n * size, ""),
    "one round": (
        lambda n, size: (n - 1) / n * size,
        "That is one round of the ring. There are two: one adds up, one hands round.",
    ),
    "whole lists": (
        lambda n, size: 2 * (n - 1) * size,
        "In each of the 2 (n − 1) steps only an n-th of the bytes is sent.",
    ),
    "whole lists, one round": (
        lambda n, size: (n - 1) * size,
        "Only an n-th is sent in a step, and there are two rounds.",
    ),
    "once": (
        lambda n, size: size,
        "A ring sends 2 (n − 1) pieces of an n-th: not all bytes once.",
    ),
    "twice": (
        lambda n, size: 2 * size,
        "Twice all bytes is what many workers come near to. It is 2 (n − 1) / n times.",
    ),
    "one step": (
        lambda n, size: size / n,
        "That is one step of the ring, in which an n-th is sent. There are 2 (n − 1) of them.",
    ),
    "nothing": (
        lambda n, size: 0.0,
        "The time for sending is missing.",
    ),
}
_FORM = {
    "efficiency": (lambda n, one, all_: one / all_ / n, ""),
    "speed-up": (
        lambda n, one, all_: one / all_,
        "That is the speed-up. The efficiency is the speed-up for each of the n workers.",
    ),
    "upside down": (
        lambda n, one, all_: all_ / one,
        "That is the time of n workers over that of one. Turn it round, then divide by n.",
    ),
    "times n": (
        lambda n, one, all_: one / all_ * n,
        "The speed-up is multiplied by n. Divide: it is shared out among the workers.",
    ),
    "over n - 1": (
        lambda n, one, all_: one / all_ / max(n - 1, 1),
        "All n workers compute, so divide the speed-up by n, not by n − 1.",
    ),
    "percent": (
        lambda n, one, all_: 100 * one / all_ / n,
        "That is in percent. Return the number itself, 1 at best.",
    ),
    "seconds": (
        lambda n, one, all_: all_,
        "These are the seconds of n workers. Compare them with those of one, then divide by n.",
    ),
    "saved": (
        lambda n, one, all_: 1 - all_ / one,
        "That is the share of the time that is saved. An efficiency is the speed-up, the time of "
        "one worker over that of n, divided by n.",
    ),
}


def _efficiency_cases() -> list[tuple[int, float, float, float, float]]:
    return [
        (2, 1.0, 8.0, 0.0, 1.0),
        (2, 0.0, 8.0, 6.0, 2.0),
        (4, 2.0, 12.0, 8.0, 4.0),
        (8, 0.5, 20.0, 100.0, 40.0),
        (1, 1.0, 3.0, 8.0, 2.0),
    ]


EFFICIENCY = Exercise(
    title="what each of n workers is worth",
    reference=_efficiency_reference,
    cases=_efficiency_cases,
    mistakes=(
        *slips(_efficiency_with, _KEPT, _SENT, _FORM),
        Mistake(
            _efficiency_undivided,
            "The part that divides is not divided: n workers need an n-th of its time.",
        ),
        Mistake(
            lambda n, fixed, divided, size, speed: _efficiency(n, fixed, divided, size, 1 / speed),
            "The bytes are multiplied by the bandwidth. Bytes over bytes a second are seconds.",
        ),
        Mistake(
            lambda n, fixed, divided, size, speed: (
                _efficiency(n, fixed, divided, size, speed) * divided / (fixed + divided)
            ),
            "The fixed part is missing from the time of one worker: it takes fixed + divided.",
        ),
        Mistake(
            lambda n, fixed, divided, size, speed: (
                _efficiency(n, fixed, divided, size, speed)
                * (fixed + divided + size / speed)
                / (fixed + divided)
            ),
            "One worker alone sends nothing: its time is fixed + divided.",
        ),
        Mistake(
            lambda *inputs: (
                _efficiency(*inputs)
                * (inputs[1] + inputs[2] + _ring_seconds(*inputs))
                / (inputs[1] + inputs[2])
            ),
            "The ring's time is in that of one worker, too. One worker sends nothing.",
        ),
        Mistake(
            lambda n, fixed, divided, *more: (
                ((fixed + divided) / fixed + divided / n + _ring_seconds(n, fixed, divided, *more))
                / n
            ),
            "Brackets: all seconds of n workers stand below the line.",
        ),
        Mistake(
            lambda n, fixed, divided, *more: (
                (fixed + divided) / fixed + divided / n + _ring_seconds(n, fixed, divided, *more)
            ),
            "Brackets: all seconds of n workers stand below the line. Then divide all by n.",
        ),
        Mistake(
            lambda n, fixed, divided, *more: (
                (fixed + divided) / fixed
                + divided / n
                + _ring_seconds(n, fixed, divided, *more) / n
            ),
            "Brackets: all seconds of n workers stand below the line, and n divides the whole.",
        ),
        Mistake(
            lambda *inputs: round(_efficiency(*inputs), 2),
            "Nearly: you round to two decimals. Return it unrounded.",
        ),
        Mistake(
            lambda *inputs: round(_efficiency(*inputs), 3),
            "Nearly: you round to three decimals. Return it unrounded.",
        ),
        Mistake(
            lambda *inputs: 1 / _efficiency(*inputs),
            "That is upside down: an efficiency is 1 at best, and yours grows with the waste.",
        ),
    ),
    hints=(
        "First the time of one worker, who sends nothing. Then the time of n workers: three parts.",
        "n workers need fixed + divided / n seconds, and the ring sends 2 (n − 1) / n times the "
        "bytes. Speed-up is the one time over the other, efficiency the speed-up over n.",
        "one = fixed + divided; together = fixed + divided / n_workers + 2 * (n_workers − 1) / "
        "n_workers * n_bytes / bandwidth; return one / together / n_workers.",
    ),
    notice="With n the ring's share stops growing, and divided / n still falls: in the end the "
    "fixed part and the sending are all that is left, and another worker brings next to nothing.",
)


EXERCISES = {
    "intensity": INTENSITY,
    "scaler": SCALER,
    "together": TOGETHER,
    "ring": RING,
    "efficiency": EFFICIENCY,
}

QUIZ = [
    Question(
        "A ReLU takes 30% of a step, and its point lies on the slanted part of the roof. What may "
        "make it faster?",
        right=(
            "Numbers of two bytes in place of four",
            "On the slant the bytes are the limit, and there are half as many of them.",
        ),
        wrong=(
            (
                "A processor that can do twice as many operations a second",
                "The level part of the roof would rise. Under the slant the ReLU waits for memory.",
            ),
            (
                "A larger batch, since its intensity grows with the batch",
                "That holds for a layer with weights. A ReLU has one operation for 8 bytes, "
                "whatever the batch.",
            ),
            (
                "Nothing: it is as fast as the processor can compute",
                "It is as fast as memory can deliver. The processor waits.",
            ),
        ),
        place=1,
    ),
    Question(
        "A network gives 0.91374 on the CPU and 0.91371 on a GPU for the same digit. What has "
        "happened?",
        right=(
            "Sums were added in another order",
            "Each order rounds in its own way, and the layers behind go on from there.",
        ),
        wrong=(
            (
                "One of the two devices must be computing with an error that ought to be reported",
                "Both are right to float32's digits. Neither is exact.",
            ),
            (
                "The GPU draws its random numbers otherwise",
                "Nothing is drawn when a trained network is asked.",
            ),
            (
                "The weights were rounded to float16 on their way to the GPU",
                "A copy changes no bit. And float16 has only three decimals, so the difference "
                "would be larger.",
            ),
        ),
        place=2,
    ),
    Question(
        "Training in float16 with loss scaling: after some hundred good steps one slope is "
        "infinite. What is right?",
        right=(
            "Leave out this step and halve the scale",
            "One step more or less does not matter. An infinite weight does.",
        ),
        wrong=(
            (
                "Set that slope to 0 and take the step with all the others",
                "Then the step has another direction, and the scale is still too large.",
            ),
            (
                "Stop: the training has diverged and its learning rate must be lowered",
                "The loss may be fine. It was multiplied by the scale, and that was too much.",
            ),
            (
                "Double the scale, so that no slope is lost",
                "Slopes that are too small want a larger scale. This one was too large.",
            ),
        ),
        place=0,
    ),
    Question(
        "A data set has 7 batches, and 3 workers take turns. Each calls all_reduce after every "
        "batch of its own. What happens?",
        (
            "Worker 0 waits in its third call.",
            "Workers 1 and 2 have two batches each and are done. all_reduce comes back when all "
            "have called it, and their third call never comes.",
        ),
        (
            (
                "Worker 0 takes its third step alone.",
                "It cannot know that nobody comes. all_reduce waits for everybody.",
            ),
            (
                "PyTorch raises an error at once.",
                "Nobody sees that a call will not come. Only a time-out ends the waiting.",
            ),
            (
                "Worker 1 gets one of worker 0's batches.",
                "Nobody deals out batches. Each worker works out by its rank which are its own.",
            ),
        ),
        place=1,
    ),
    Question(
        "From 8 to 64 workers, the same network: how much more does each worker send for a ring "
        "all-reduce?",
        (
            "An eighth more.",
            "2 (n − 1) / n times the gradients: 1.75 times with 8, 1.97 times with 64.",
        ),
        (
            (
                "Eight times as much.",
                "That would be so if each sent everything to everybody. In the ring the pieces "
                "get smaller as the workers get more.",
            ),
            (
                "Nothing: it sends one piece a step.",
                "One piece a step, yes. But there are more steps, and smaller pieces.",
            ),
            (
                "An eighth as much.",
                "A piece is an eighth as large. But there are nine times as many steps.",
            ),
        ),
        place=2,
    ),
    Question(
        "Eight workers, each with batches of 64, as one worker had before, and the same number of "
        "epochs. What is no longer the same?",
        (
            "The weights move an eighth as often.",
            "A step now uses 512 samples, so an epoch has an eighth of the steps. A larger "
            "learning rate makes up for some of it.",
        ),
        (
            (
                "The gradients are eight times as long.",
                "They are averaged: as long as before, and less noisy.",
            ),
            (
                "Each worker learns a model of its own.",
                "All begin alike and take the same steps: one model, eight times.",
            ),
            (
                "Nothing, if the seed is the same.",
                "The same steps would need the same batches: 64 samples in all, 8 for each worker.",
            ),
        ),
        place=0,
    ),
    Question(
        "A tenth of a step cannot be divided among workers. What is the most that any number of "
        "them can bring?",
        (
            "Ten times the speed.",
            "The tenth remains, even if all the rest took no time: 1 / 0.1 = 10.",
        ),
        (
            (
                "As many times the speed as there are workers.",
                "Only if nothing at all remained that each must do, or wait for.",
            ),
            (
                "Nine tenths of the number of workers.",
                "100 workers bring 9.2 times, by 1 / (0.1 + 0.9 / 100).",
            ),
            (
                "1.1 times the speed.",
                "Two workers already bring 1.8 times: 1 / (0.1 + 0.45).",
            ),
        ),
        place=3,
    ),
]
