"""The checker: runs an answer on fresh inputs beside a reference and explains the difference.

An exercise is a row of a table (`Exercise`): the reference, the inputs to try, and typical wrong
answers. A wrong answer of a learner is recognised by running it beside the known wrong ones: the
mistake that behaves alike on every input is the one that is named.
"""

from __future__ import annotations

import contextlib
import copy
import dis
import functools
import inspect
import io
import itertools
import linecache
import math
import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from numbers import Number
from typing import Literal

import numpy as np
import torch

from course_utils.exercises.almost import Tried, relation
from course_utils.exercises.clean import clean_room, restore_builtins, start_afresh
from course_utils.exercises.limits import TookTooLongError, WaitedTooLongError, run_limited

DOING_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
NUMBERS = (Number, str, bytes, list, tuple, range, np.ndarray, np.generic, torch.Tensor)
MOST_NUMBERS = 1_000_000  # a longer list is not looked at
MOST_LETTERS = 600  # what is longer is cut off
SECONDS = 10  # an answer that computes for longer than this on one input is stopped
PATIENCE = 60  # seconds after which an answer is stopped that does not compute, but waits


@dataclass(frozen=True, eq=False)
class Mistake:
    """A typical wrong answer, of the same kind as the reference, and what to say about it."""

    answer: object
    hint: str


def slips(build: Callable, *kinds: dict[str, tuple[Callable, str]]) -> tuple[Mistake, ...]:
    """Return a mistake for each choice of one slip or more, with what is to say of each.

    Args:
        build: makes an answer of one part of each kind.
        kinds: the parts by name, each with its hint; the hint of a right part is empty.
    """
    return tuple(
        Mistake(build(*(part for part, _ in chosen)), " ".join(hint for _, hint in chosen if hint))
        for chosen in itertools.product(*(kind.values() for kind in kinds))
        if any(hint for _, hint in chosen)
    )


def loop_slips(each: Callable, one: str) -> tuple[Mistake, ...]:
    """Return the mistakes of a loop that takes a mean.

    Args:
        each: gives a row for each example, (N, ...), from the inputs of the exercise.
        one: what an example is, for the hints.
    """
    ways: tuple[tuple[Callable, str], ...] = (
        (
            lambda rows: rows[0] / len(rows),
            f"Only the first {one} counts in yours. Does the return stand inside the loop?",
        ),
        (
            lambda rows: rows[0],
            f"You return what the first {one} gives. Go through all, then take the mean.",
        ),
        (
            lambda rows: rows[-1],
            f"You return what the last {one} gives. Add them up in the loop, then divide.",
        ),
        (
            lambda rows: rows[-1] / len(rows),
            f"Only the last {one} counts in yours: each round writes over the sum. += adds to it.",
        ),
        (
            lambda rows: rows[1:].sum(0) / len(rows),
            f"The first {one} is missing. Counting starts at 0.",
        ),
        (
            lambda rows: rows[:-1].sum(0) / len(rows),
            f"The last {one} is missing. range(n) goes as far as n − 1 by itself.",
        ),
        (
            lambda rows: rows.mean(0) / len(rows),
            "You divide by the number of examples twice: a mean has done it.",
        ),
        (
            lambda rows: rows.mean(0) * len(rows) ** 2,
            "You multiply by the number of examples. A mean divides by it.",
        ),
    )
    return tuple(Mistake(partial(_in_way, way, each), hint) for way, hint in ways)


def _in_way(way: Callable, each: Callable, *inputs: object) -> object:
    return way(each(*inputs))


def _call(answer: Callable, *inputs: object) -> object:
    return answer(*inputs)


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise.

    Args:
        title: what is asked, in a few words.
        reference: a right answer; a function or a value.
        cases: gives the inputs to try, a tuple for each, the smallest and plainest first.
        mistakes: at least three typical wrong answers.
        hints: three steps: a nudge, the rule, almost the answer.
        notice: what a learner with the right answer should notice.
        apply: how an answer meets the inputs; calls the answer where left out.
        form: of a value that is asked for, how it is written; said where it is not.
        remark: what to say of a wrong answer that is no known mistake, "" for nothing; takes the
            value, or what the function gave, and the inputs that show it.
        names: names of the inputs, for messages; taken from the reference where left out.
        tolerance: the largest difference that counts as equal, absolute and relative.
    """

    title: str
    reference: object
    cases: Callable[[], Iterable[tuple]]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, str, str]
    notice: str
    apply: Callable[..., object] = _call
    form: str = ""
    remark: Callable[..., str] | None = None
    names: tuple[str, ...] = ()
    tolerance: float = 1e-4


@dataclass(frozen=True)
class Verdict:
    """What the checker found: `status`, what to say, and the known mistake behind it, if any."""

    status: Literal["open", "wrong", "right"]
    message: str
    mistake: Mistake | None = None


@dataclass(frozen=True)
class Outcome:
    """What an answer did with one input: a value, or the error that it raised.

    `changed` is the place of an input that it changed, None where it left all as they were.
    """

    value: object = None
    error: BaseException | None = None
    printed: str = ""
    changed: int | None = None


class Printed(io.StringIO):
    """Keeps the beginning of what is printed, and cannot be closed."""

    def write(self, text: str) -> int:
        return super().write(text) if self.tell() < MOST_LETTERS else len(text)

    def close(self) -> None:
        pass


class NothingReturnedError(Exception):
    """An answer came back without a value."""


def examine(exercise: Exercise, answer: object) -> Verdict:
    """Judge one answer: not attempted yet, wrong (with the smallest input that shows it), right.

    Whatever the learner has set, and whatever the answer does, see `clean_room`.
    """
    with clean_room():
        return _judge(exercise, _own_copy(answer))


def _judge(exercise: Exercise, answer: object) -> Verdict:
    if _is_stub(answer):
        return _open()
    if callable(exercise.reference) and not callable(answer):
        kind = type(answer).__name__
        return Verdict(
            "wrong",
            f"A function was wanted, {_article(kind)} came. Pass the function itself to the check, "
            "without brackets after its name.",
        )
    cases, got = _cases(exercise), []
    for place, case in enumerate(cases):
        right = _known(exercise, place)
        got.append(_run(exercise, answer, case, SECONDS))
        if got[-1].changed is not None or not _alike(got[-1], right, exercise.tolerance):
            message = _explain(exercise, case, got[-1], right)
            mistake = _recognise(exercise, answer, got)
            return Verdict("wrong", message, mistake or _remark(exercise, answer, got, place))
    return Verdict("right", exercise.notice)


def _own_copy(answer: object) -> object:
    """Return a copy of a model that is handed in, so that calling it cannot change the learner's.

    Other answers, and models that cannot be copied, come back as they are.
    """
    if isinstance(getattr(answer, "__self__", answer), torch.nn.Module):
        with contextlib.suppress(Exception):
            return copy.deepcopy(answer)
    return answer


@functools.cache
def _cases(exercise: Exercise) -> list[tuple]:
    return list(exercise.cases())


@functools.cache
def _known(exercise: Exercise, place: int, mistake: Mistake | None = None) -> Outcome:
    """Return what the reference, or a known mistake, does with one of the inputs."""
    answer = exercise.reference if mistake is None else mistake.answer
    return _run(exercise, answer, _cases(exercise)[place], math.inf)


def _open() -> Verdict:
    return Verdict("open", "Replace the ... in the cell above, run it, then run this cell.")


def _is_stub(answer: object) -> bool:
    """Tell whether a value is still `...`, or a function does nothing but that."""
    if isinstance(answer, tuple | list):
        return len(answer) > 0 and all(part is None or part is ... for part in answer)
    code = getattr(answer, "__code__", None)
    if code is None:
        return answer is None or answer is ...
    steps = list(dis.get_instructions(code))
    constants = [step.argval for step in steps if "CONST" in step.opname]
    return {step.opname for step in steps} <= DOING_NOTHING and set(constants) <= {None, ...}


def _run(exercise: Exercise, answer: object, case: tuple, seconds: float) -> Outcome:
    """Let an answer meet one input: a copy of it, a fixed seed, a time limit, its prints kept."""
    inputs, printed = copy.deepcopy(case), Printed()

    def call() -> object:
        try:
            return exercise.apply(_returning(answer), *inputs)
        finally:
            restore_builtins()  # at once: who waits for this thread needs them, too

    with contextlib.redirect_stdout(printed):
        value, error = run_limited(call, seconds, PATIENCE)
        start_afresh()
    if error is not None:  # whatever the learner's code raises is explained, not dumped
        return Outcome(error=error, printed=printed.getvalue())
    changed = [place for place, pair in enumerate(zip(case, inputs, strict=True)) if _moved(*pair)]
    return Outcome(value=value, printed=printed.getvalue(), changed=next(iter(changed), None))


def _returning(answer: object) -> object:
    """Return a function that raises where the answer returns nothing; other answers as they are."""
    if not callable(answer):
        return answer

    def call(*inputs: object, **options: object) -> object:
        value = answer(*inputs, **options)
        if value is None:
            raise NothingReturnedError
        return value

    return call


def _moved(before: object, after: object) -> bool:
    """Tell whether numbers that went into an answer came out of it as others."""
    if not isinstance(before, torch.Tensor | np.ndarray | list | tuple):
        return False
    if isinstance(before, torch.Tensor) and torch.equal(before, after):  # the usual case, quickly
        return False
    return not same(before, after, 0.0)


def _recognise(exercise: Exercise, answer: object, got: list[Outcome]) -> Mistake | None:
    """Return the known mistake that does the same as the answer on every input, if there is one.

    What the answer does with the inputs behind the first failure is found out where it matters.
    """
    if isinstance(got[-1].error, TookTooLongError):  # the others would take as long
        return None
    alike = list(exercise.mistakes)
    for place, case in enumerate(_cases(exercise)):
        if alike and place == len(got):
            got.append(_run(exercise, answer, case, SECONDS))
        alike = [
            mistake
            for mistake in alike
            if _fails_alike(_known(exercise, place, mistake), got[place], exercise.tolerance)
        ]
        if not alike:
            return None
    return alike[0]


def _remark(exercise: Exercise, answer: object, got: list[Outcome], failed: int) -> Mistake | None:
    """Return what can be said of a wrong answer that is no known mistake; `failed` shows it."""
    is_function, says = callable(exercise.reference), ""
    returned = is_function and exercise.apply is _call  # else the outcome is made of what came back
    if returned and not isinstance(got[failed].error, TookTooLongError):
        with contextlib.suppress(Exception):  # a list may hold itself
            says = _relation(exercise, answer, got)
    if not says and exercise.remark and got[failed].error is None:
        value = got[failed].value if is_function else answer
        with contextlib.suppress(Exception):  # it may be of any form
            says = exercise.remark(value, *_cases(exercise)[failed])
    return Mistake(answer, says) if says else None


def _is_short(value: object) -> bool:
    return isinstance(value, NUMBERS) and _count(value, MOST_NUMBERS) <= MOST_NUMBERS


def _relation(exercise: Exercise, answer: object, got: list[Outcome]) -> str:
    """Compare an answer with the right one on all inputs; "" for what is no number or too long."""
    cases = _cases(exercise)
    got = got + [_run(exercise, answer, case, SECONDS) for case in cases[len(got) :]]
    right = (_known(exercise, place).value for place in range(len(cases)))
    values = [outcome.value for outcome in got]
    if not all(value is None or _is_short(value) for value in values):
        return ""
    tried = [Tried(*one) for one in zip(cases, values, right, strict=True)]
    return relation(
        tried, _names(exercise), lambda one, other: same(one, other, exercise.tolerance)
    )


def _fails_alike(one: Outcome, other: Outcome, tolerance: float) -> bool:
    """Tell whether two wrong answers do the same; errors must complain about the same, too."""
    if one.error is not None and other.error is not None:
        return _complaint(one.error) == _complaint(other.error)
    return _alike(one, other, tolerance)


def _complaint(error: BaseException) -> str:
    """Return what an error complains about: its type and the first line, names and numbers out.

    Shapes that do not fit are one complaint, whether PyTorch or NumPy says so.
    """
    first_line = _text(error).strip().partition("\n")[0]
    for complaint, phrases in SHAPES.items():
        if any(phrase in first_line for phrase in phrases):
            return complaint
    return type(error).__name__ + re.sub(r"'[^']*'|\w*\d\w*|\w+\(\)", "", first_line)


SHAPES = {
    "shapes": ("must match the size of tensor", "could not be broadcast together"),
    "shapes of a product": (
        "size mismatch, got",
        "shapes cannot be multiplied",
        "mismatch in its core dimension",
    ),
}


def _text(error: BaseException | None) -> str:
    with contextlib.suppress(Exception):  # a learner's exception may have no text to show
        return str(error)
    return ""


def _alike(one: Outcome, other: Outcome, tolerance: float) -> bool:
    if one.error is not None or other.error is not None:
        return type(one.error) is type(other.error)
    return same(one.value, other.value, tolerance)


def same(one: object, other: object, tolerance: float = 1e-4) -> bool:
    """Tell whether two results agree: numbers and tensors by shape and value, else by ==."""
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        if len(one) != len(other):
            return False
        return all(same(a, b, tolerance) for a, b in zip(one, other, strict=True))
    try:
        a, b = _array(one), _array(other)
    except Exception:  # no numbers, but anything that a learner's code may return
        with contextlib.suppress(Exception):
            return type(one) is type(other) and bool(one == other)
        return False
    if a.shape != b.shape:
        return False
    return np.array_equal(a, b) or np.allclose(a, b, tolerance, tolerance, equal_nan=True)


def _array(value: object) -> np.ndarray:
    """Return a number, list or tensor as float64; TypeError or ValueError for anything else."""
    if not isinstance(value, NUMBERS):  # an object's own methods might never come back
        raise TypeError(f"{_article(type(value).__name__)} is no answer of this course")
    if _count(value, MOST_NUMBERS) > MOST_NUMBERS:
        raise ValueError("too long to be an answer of this course")
    if isinstance(value, torch.Tensor):
        if value.is_complex() or value.is_meta:
            raise TypeError("complex numbers, or none at all, are no answer of this course")
        value = value.detach().cpu().to_dense().to(torch.float64).numpy()
    if isinstance(value, tuple | list):
        value = [part if isinstance(part, Number) else _array(part) for part in value]
    if np.iscomplexobj(value):
        raise TypeError("complex numbers are no answer of this course")
    return np.asarray(value, dtype=float)


def _count(value: object, most: int) -> int:
    """Return how many items a value holds, nested ones too; or a number above `most`."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return math.prod(value.shape)
    if not isinstance(value, tuple | list | range):
        return 1
    n = len(value)
    if n <= most and not isinstance(value, range):
        for part in value:
            if isinstance(part, tuple | list | range):
                n += _count(part, most - n)
            if n > most:
                break
    return n


def _explain(exercise: Exercise, case: tuple, got: Outcome, wanted: Outcome) -> str:
    """Say what went wrong on the smallest input that shows it."""
    where = _inputs(exercise, case)
    lines = [f"For {where}:"] if where else []
    if got.error is not None and exercise.form:
        lines = [f"This does not have the wanted form, {exercise.form}."]
    elif got.error is not None:
        lines.append(explain_error(got.error))
    elif got.changed is not None and _alike(got, wanted, exercise.tolerance):
        name = _names(exercise)[got.changed]
        lines.append(
            f"the answer is right, but your code changes its input {name} on the way, as += and "
            "methods like sort() or pop() do. Whoever called it still needs it: work on a copy."
        )
    elif not where:  # a value: naming what was wanted would give the answer away
        lines.append(f"Your answer is {_show(got.value)}. That is not it yet.")
    elif isinstance(got.value, dict) and isinstance(wanted.value, dict):
        lines += _differences(got.value, wanted.value)
    else:
        mine, right = _show_apart(got.value, wanted.value)
        lines += [f"your answer gives {mine}", f"right would be    {right}"]
        if wanted.error is not None:
            lines[-1] = f"right would be    an error, {type(wanted.error).__name__}"
        lines += _about_shape(got.value, wanted.value)
    if got.printed:
        lines.append(f"Your code printed: {got.printed.strip()[:300]}")
    return "\n".join(lines)


def _differences(got: dict, wanted: dict) -> list[str]:
    """Say which of several properties are not as they should be; of those missing, if no other."""
    wrong = [name for name, value in wanted.items() if not same(got.get(name), value)]
    apart = {
        name: _show_apart(got.get(name), wanted[name])
        for name in [name for name in wrong if name in got] or wrong
    }
    return [
        f"{name}: your answer gives {mine}, right would be {right}"
        for name, (mine, right) in apart.items()
    ]


def _about_shape(got: object, wanted: object) -> list[str]:
    if callable(got) and not callable(wanted):
        return ["A function came back instead of its value. Are the brackets () missing?"]
    try:
        a, b = _array(got).shape, _array(wanted).shape
    except Exception:
        one, other = type(got).__name__, type(wanted).__name__
        return [] if one == other else [f"The type is {one}, wanted was {other}."]
    return [] if a == b else [f"The shape is {_shape(a)}, wanted was {_shape(b)}."]


def _shape(shape: tuple[int, ...]) -> str:
    return str(tuple(shape)) if shape else "() (one number)"


def _inputs(exercise: Exercise, case: tuple) -> str:
    pairs = zip(_names(exercise), case, strict=False)
    return ", ".join(f"{name} = {_show(value)}" for name, value in pairs)


def _names(exercise: Exercise) -> tuple[str, ...]:
    if exercise.names or not callable(exercise.reference):
        return exercise.names
    return tuple(inspect.signature(exercise.reference).parameters)


def _show(value: object) -> str:
    """Return a short, constant form of a value: whole if it is small, else its shape and type."""
    try:
        text = _short(value)
        return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]} …"
    except Exception:  # a learner's code may return anything, even what cannot be shown
        return _article(type(value).__name__)


def _show_apart(one: object, other: object) -> list[str]:
    """Return two values in a short form; where that reads alike, with the numbers furthest apart.

    So one of half precision is told from the right one, and one large tensor from another.
    """
    texts = [_show(one), _show(other)]
    with contextlib.suppress(Exception), np.errstate(all="ignore"):  # there may be no numbers
        pair = [_array(one), _array(other)]
        if texts[0] == texts[1] and pair[0].shape == pair[1].shape:
            one_is_nan = np.isnan(pair[0]) != np.isnan(pair[1])
            gaps = np.where(one_is_nan, np.inf, np.abs(pair[0] - pair[1]))
            place = np.unravel_index(np.nanargmax(gaps), gaps.shape)
            where = f" at {[int(index) for index in place]}" if place else ""
            return [
                f"{text}, exactly {array[place]:.9g}{where}"
                for text, array in zip(texts, pair, strict=True)
            ]
    return texts


def _short(value: object) -> str:
    if isinstance(value, torch.Tensor | np.ndarray):
        array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value
        if array.size > 24:
            return f"a tensor of shape {tuple(array.shape)}"
        if array.dtype.kind == "f":  # -0. looks odd
            array = array + 0.0
        text = np.array2string(array, precision=4, suppress_small=True, separator=", ")
        return text.replace("\n", "")
    if value is ...:
        return "..."
    if isinstance(value, str):
        return repr(value) if len(value) < 120 else f"{value[:100]!r} and more"
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple | list):
        inside = ", ".join(map(_show, value[:12])) + (", …" if len(value) > 12 else "")
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    if callable(value):
        return f"the function {getattr(value, '__name__', 'you passed')}"
    text = repr(value)
    return text if len(text) < 120 and " at 0x" not in text else _article(type(value).__name__)


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


TOO_LARGE = "It asks for more memory than there is. Look at the sizes: which of them is too large?"
NO_VALUE = (
    "0 has no logarithm, and a negative number neither a logarithm nor a root. Print what goes in."
)
# What PyTorch's messages say, where its errors are all of one type; looked through first.
PHRASES = (
    ("return_types", "max and min along an axis give two things: add .values."),
    (
        "values to unpack",
        "On the left of = stand more or fewer names than values come. Into how many parts was it "
        "cut, and along which axis?",
    ),
    ("allocate", TOO_LARGE),
    (
        "class probabilities",
        "F.cross_entropy wants the logits (N, K) first, then the classes (N,), as whole numbers.",
    ),
    (
        "expected target dtype",
        "F.cross_entropy wants the classes as whole numbers: leave .float() out.",
    ),
    (
        "does not require grad",
        "PyTorch kept no record of this. Say requires_grad_() of the tensor whose slope you want, "
        "before you compute with it, outside torch.no_grad().",
    ),
    ("builtin_function_or_method", "Brackets () are missing after the name of a function."),
    ("floating point", "This can be done with floats only: put .float() before it."),
    (
        "Boolean value of Tensor",
        "if, and, or and max() want a single truth value, and a tensor holds many. Compute with "
        "all of it at once, as torch.where and torch.relu do.",
    ),
    ("operand type(s) for ^", "A power is ** in Python; ^ is something else."),
    ("bitwise_xor", "A power is ** in Python; ^ is something else."),
    (
        "is not a Module subclass",
        "nn.Sequential takes layers, made with brackets, as nn.ReLU(): neither the class nn.ReLU "
        "nor the function torch.relu.",
    ),
    ("before Module.__init__()", "__init__ of your class has to begin with super().__init__()."),
    ("too many indices", "It has fewer axes than the index asks for: print its .shape."),
    ("math domain", NO_VALUE),
    ("expected a positive", NO_VALUE),  # the same, since Python 3.14
    ("math range", "A power is too large for a number to hold. Print its exponent."),
    ("numel() == 0", "A tensor is empty here, and nothing is the largest of none."),
)
MEANINGS: tuple[tuple[type[BaseException], str], ...] = (
    (
        WaitedTooLongError,
        f"After {PATIENCE} seconds it had not come back, and it hardly computes. Does it wait for "
        "something?",
    ),
    (
        TookTooLongError,
        f"It was still computing after {SECONDS} seconds and was stopped. Look for a loop that "
        "never ends.",
    ),
    (
        NothingReturnedError,
        "Does it end with a return? (What it returns may be None, too, as an empty .grad is.)",
    ),
    (MemoryError, TOO_LARGE),
    (
        SystemExit,
        "exit() and quit() end the program. A function gives its result back with return.",
    ),
    (
        EOFError,
        "Here nobody can type anything in: all that the function needs comes as its arguments.",
    ),
    (RecursionError, "The function calls itself without end. Where does it stop?"),
    (
        UnboundLocalError,
        "A name is used before it gets a value inside the function. Give it one first.",
    ),
    (
        NameError,
        "A name is not known here. Is it spelt rightly, and did it get a value before this line?",
    ),
    (
        IndexError,
        "An index points outside. Counting starts at 0, so the last of n items is n − 1.",
    ),
    (KeyError, "A key is not in the dictionary."),
    (ZeroDivisionError, "Something is divided by zero. Which input makes the divisor 0?"),
    (AttributeError, "The object has no such attribute or method. Check spelling and type."),
    (
        TypeError,
        "A function got the wrong number of arguments or a type that it cannot use. Compare the "
        "first line of your function with the call.",
    ),
    (ValueError, "A value has the wrong form. Print the shapes of what goes in."),
    (
        NotImplementedError,
        "A part of it is not written yet, or PyTorch cannot do this with numbers of this dtype.",
    ),
    (
        RuntimeError,
        "PyTorch cannot do this with these tensors. Most often two shapes do not fit, or the "
        "dtypes differ: print .shape and .dtype of both.",
    ),
)


def explain_error(error: BaseException) -> str:
    """Explain an exception raised by a learner's code: what, in which line, what to look for."""
    first_line = _text(error).partition("\n")[0]
    lines = [
        f"your code stops with {type(error).__name__}"
        + (f": {first_line[:160]}" * bool(first_line))
    ]
    if isinstance(error, TookTooLongError):
        lines = ["your code does not come to an end."]
    elif isinstance(error, NothingReturnedError):
        lines = ["your function returns nothing (None)."]
    place = _learners_line(error)
    if place:
        lines.append(place)
    meanings = [text for phrase, text in PHRASES if phrase in first_line]
    meanings += [text for kind, text in MEANINGS if isinstance(error, kind)]
    lines += meanings[:1]
    return "\n".join(lines)


def _learners_line(error: BaseException) -> str:
    """Return the last line of the learner's own cell that the error passed through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "ipykernel" in frame.filename or "<ipython-input" in frame.filename:
            source = linecache.getline(frame.filename, frame.lineno or 0).strip()
            return f"In line {frame.lineno} of your cell: {source}"
    return ""
