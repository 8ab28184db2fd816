"""The checker: runs an answer on fresh inputs beside a reference and explains the difference.

An exercise is a row of a table (`Exercise`): the reference, the inputs to try, and typical wrong
answers. A wrong answer of a learner is recognised by running it beside the known wrong ones: the
mistake that behaves alike on every input is the one that is named.
"""

from __future__ import annotations

import contextlib
import copy
import dis
import inspect
import io
import linecache
import re
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

DOING_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
MOST_NUMBERS = 1_000_000  # a longer list is not looked at
SECONDS = 10  # an answer that runs longer than this on one input is stopped


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer, of the same kind as the reference, and what to say about it."""

    answer: object
    hint: str


def _call(answer: Callable, *inputs: object) -> object:
    return answer(*inputs)


@dataclass(frozen=True)
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


class TookTooLongError(BaseException):
    """An answer did not come back in time; not an Exception, which an answer might catch."""


class NothingReturnedError(Exception):
    """An answer came back without a value."""


def examine(exercise: Exercise, answer: object) -> Verdict:
    """Judge one answer: not attempted yet, wrong (with the smallest input that shows it), right."""
    if _is_stub(answer):
        return _open()
    if callable(exercise.reference) and not callable(answer):
        kind = type(answer).__name__
        return Verdict(
            "wrong",
            f"A function was wanted, {_article(kind)} came. Pass the function itself to the check, "
            "without brackets after its name.",
        )
    cases = list(exercise.cases())
    wanted = [_run(exercise, exercise.reference, case) for case in cases]
    got = []
    for case, right in zip(cases, wanted, strict=True):
        got.append(_run(exercise, answer, case))
        if got[-1].changed is not None or not _alike(got[-1], right, exercise.tolerance):
            break
    else:
        return Verdict("right", exercise.notice)
    known = _recognise(exercise, answer, cases, got)
    return Verdict("wrong", _explain(exercise, cases[len(got) - 1], got[-1], right), known)


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


def _run(exercise: Exercise, answer: object, case: tuple) -> Outcome:
    """Let an answer meet one input: a copy of it, a fixed seed, a time limit, its prints kept."""
    printed = io.StringIO()
    state = torch.get_rng_state()
    inputs = copy.deepcopy(case)
    try:
        torch.manual_seed(0)
        with contextlib.redirect_stdout(printed), _time_limit(SECONDS):
            value = exercise.apply(_returning(answer), *inputs)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever the learner's code raises is explained, not dumped
        return Outcome(error=error, printed=printed.getvalue())
    finally:
        torch.set_rng_state(state)
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
    if not isinstance(before, torch.Tensor | np.ndarray | list):
        return False
    return not same(before, after, 0.0)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise TookTooLongError in the block after some seconds, where the system can do that."""
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)  # again, for a bare except in an answer
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _recognise(
    exercise: Exercise, answer: object, cases: list[tuple], got: list[Outcome]
) -> Mistake | None:
    """Return the known mistake that does the same as the answer on every input, if there is one."""
    if isinstance(got[-1].error, TookTooLongError):  # the others would take as long
        return None
    rest = [_run(exercise, answer, case) for case in cases[len(got) :]]
    for mistake in exercise.mistakes:
        pairs = zip(cases, [*got, *rest], strict=True)
        if all(
            _fails_alike(_run(exercise, mistake.answer, case), outcome, exercise.tolerance)
            for case, outcome in pairs
        ):
            return mistake
    return None


def _fails_alike(one: Outcome, other: Outcome, tolerance: float) -> bool:
    """Tell whether two wrong answers do the same; errors must complain about the same, too."""
    return _alike(one, other, tolerance) and _complaint(one.error) == _complaint(other.error)


def _complaint(error: BaseException | None) -> str:
    """Return the first line of an error's message without its names and numbers."""
    first_line = str(error).strip().partition("\n")[0]
    return re.sub(r"'[^']*'|\w*\d\w*|\w+\(\)", "", first_line)


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
            return bool(one == other)
        return False
    return a.shape == b.shape and bool(
        np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
    )


def _array(value: object) -> np.ndarray:
    """Return a number, list or tensor as float64; TypeError or ValueError for anything else."""
    if isinstance(value, torch.Tensor):
        if value.is_complex() or value.is_meta:
            raise TypeError("complex numbers, or none at all, are no answer of this course")
        value = value.detach().cpu().to_dense().to(torch.float64).numpy()
    if isinstance(value, list) and len(value) > MOST_NUMBERS:
        raise ValueError("too long to be an answer of this course")
    if np.iscomplexobj(value):
        raise TypeError("complex numbers are no answer of this course")
    return np.asarray(value, dtype=float)


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
        lines.append(f"your answer gives {_show(got.value)}")
        lines.append(f"right would be    {_show(wanted.value)}")
        if wanted.error is not None:
            lines[-1] = f"right would be    an error, {type(wanted.error).__name__}"
        lines += _about_shape(got.value, wanted.value)
    if got.printed:
        lines.append(f"Your code printed: {got.printed.strip()[:300]}")
    return "\n".join(lines)


def _differences(got: dict, wanted: dict) -> list[str]:
    """Say which of several properties are not as they should be."""
    return [
        f"{name}: your answer gives {_show(got.get(name))}, right would be {_show(value)}"
        for name, value in wanted.items()
        if not same(got.get(name), value)
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
        return _short(value)
    except Exception:  # a learner's code may return anything, even what cannot be shown
        return _article(type(value).__name__)


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


MEANINGS: tuple[tuple[type[BaseException], str], ...] = (
    (
        TookTooLongError,
        f"It was still running after {SECONDS} seconds and was stopped. Look for a loop that never "
        "ends.",
    ),
    (NothingReturnedError, "Does it end with a return?"),
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
        "A part of it is not written yet, or PyTorch cannot do this with such numbers: a mean "
        "needs floats, so put .float() before it.",
    ),
    (
        RuntimeError,
        "PyTorch cannot do this with these tensors. Most often two shapes do not fit, or the "
        "dtypes differ: print .shape and .dtype of both.",
    ),
)


def explain_error(error: BaseException) -> str:
    """Explain an exception raised by a learner's code: what, in which line, what to look for."""
    first_line = str(error).partition("\n")[0][:160]
    lines = [
        f"your code stops with {type(error).__name__}" + (f": {first_line}" * bool(first_line))
    ]
    if isinstance(error, TookTooLongError):
        lines = ["your code does not come to an end."]
    elif isinstance(error, NothingReturnedError):
        lines = ["your function returns nothing (None)."]
    place = _learners_line(error)
    if place:
        lines.append(place)
    lines += [text for kind, text in MEANINGS if isinstance(error, kind)][:1]
    return "\n".join(lines)


def _learners_line(error: BaseException) -> str:
    """Return the last line of the learner's own cell that the error passed through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "ipykernel" in frame.filename or "<ipython-input" in frame.filename:
            source = linecache.getline(frame.filename, frame.lineno or 0).strip()
            return f"In line {frame.lineno} of your cell: {source}"
    return ""
