"""Exercises and quiz of lesson 11, What changes when one machine is not enough?"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake, slips
from course_utils.exercises.quiz import Question

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
        "Each weight takes two operations: a product, and a sum to add it up.",
    ),
    "one row": (
        lambda n, i, o: 2 * i * o,
        "The operations are those of one row. All n rows meet every weight.",
    ),
    "half of a row": (
        lambda n, i, o: i * o,
        "You count one product for each weight. There are n rows, and to each product belongs a "
        "sum: 2 · n · n_in · n_out.",
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
        "Operations twice as many as there are: a product and a sum for each weight and row is 2.",
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
            for way, hint in some(_NUMBERS, "only weights", "only input", "only output").values()
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
            "// cuts off what is behind the point. Divide by /.",
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
        (torch.tensor([1.0, -2.0]), half(nan, 4), 1024.0, 0.5),
        (torch.tensor([1.0, -2.0]), half(inf, nan), 512.0, 0.5),
        (torch.zeros(2), half(2.0**-10, 0), 2.0**16, 1024.0),  # divided in float16 it is 0
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
    "first": (
        lambda g: bool(g.flatten()[0].isfinite()),
        "You ask the first slope only.",
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


def _without_scale(w: Tensor, slopes: Tensor, scale: float, lr: float) -> Tensor:
    return _scaled_step(w, slopes, scale, lr)[0]


def _other_way_round(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple:
    if slopes.isfinite().all():
        return w, scale / 2
    return w - lr * slopes.float() / scale, scale


def _infinite_after(w: Tensor, slopes: Tensor, scale: float, lr: float) -> tuple[Tensor, float]:
    if not (slopes / scale).isfinite().all():
        return w, scale / 2
    return w - lr * (slopes * scale).float() / scale**2, scale


_RIGHT = (_STEPS["right"][0], _TESTS["right"][0], _SCALES["right"][0])
_PAIRED = (
    some(_STEPS, "right", "not unscaled", "divided in half", "uphill", "multiplied"),
    some(_TESTS, "right", "any", "inf only", "nan only", "sizes"),
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


SCALER = Exercise(
    title="a step with loss scaling",
    reference=_scaled_step,
    cases=_scaler_cases,
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
            _without_scale,
            "You return the weights only. Return two things: the weights, and the next scale.",
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

EXERCISES = {"intensity": INTENSITY, "scaler": SCALER}

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
]
