"""The checker engine, and every row of every lesson's table."""

import builtins
import functools
import itertools
import math
import re
import sys
import threading
import time
import types

import numpy as np
import pytest
import torch
from build_notebooks import SOURCES
from torch import nn

from course_utils import exercises
from course_utils.exercises import check, engine, find_exercise
from course_utils.exercises.engine import Exercise, Mistake, examine, same
from course_utils.exercises.quiz import Question, _live

LESSONS = sorted(path.name[:2] for path in SOURCES.glob("[0-9][0-9]_*.py"))
NAMES = [f"{lesson}.{key}" for lesson in LESSONS for key in exercises._lesson(lesson).EXERCISES]


def unfinished(*inputs):
    """Do nothing yet."""
    ...


# --- every exercise of every lesson ------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_is_right(name):
    exercise = find_exercise(name)
    verdict = examine(exercise, exercise.reference)
    assert (verdict.status, verdict.message) == ("right", exercise.notice)


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_is_not_attempted_yet(name):
    exercise = find_exercise(name)
    assert examine(exercise, ...).status == "open"
    assert examine(exercise, None).status == "open"
    if callable(exercise.reference):
        assert examine(exercise, unfinished).status == "open"


@pytest.mark.parametrize("name", NAMES)
def test_each_typical_mistake_gets_its_own_hint(name):
    exercise = find_exercise(name)
    assert len(exercise.mistakes) >= 3
    for mistake in exercise.mistakes:
        verdict = examine(exercise, mistake.answer)
        assert verdict.status == "wrong", mistake.hint
        assert verdict.mistake is mistake, f"{mistake.hint!r} was taken for {verdict.mistake}"
    assert len({mistake.hint for mistake in exercise.mistakes}) == len(exercise.mistakes)


@pytest.mark.parametrize("name", NAMES)
def test_three_different_hints_and_something_to_notice(name):
    exercise = find_exercise(name)
    assert len(set(exercise.hints)) == 3
    assert all(len(hint) > 15 for hint in (*exercise.hints, exercise.notice))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_asks_for_each_of_its_exercises_once_and_has_three(lesson):
    (source,) = SOURCES.glob(f"{lesson}_*.py")
    asked = re.findall(r'^check\("([^"]+)"', source.read_text(encoding="utf-8"), re.MULTILINE)
    assert asked == [name for name in NAMES if name.startswith(lesson)]
    assert len(asked) >= 3


@pytest.mark.parametrize("lesson", LESSONS)
def test_quiz_has_four_questions_with_feedback_for_each_answer(lesson):
    questions = exercises._lesson(lesson).QUIZ
    assert len(questions) >= 4
    for question in questions:
        answers = [answer for answer, _ in question.answers]
        assert len(set(answers)) == len(answers) >= 3
        assert all(len(says) > 10 for _, says in question.answers)
        assert question.answers[question.place] == question.right
    assert len({question.place for question in questions}) > 1, "the right answer is not always 1st"


# --- the engine --------------------------------------------------------------------------------

DOUBLE = Exercise(
    title="twice a number",
    reference=lambda x: 2 * x,
    cases=lambda: [(0.0,), (2.0,), (3.0,)],
    mistakes=(
        Mistake(lambda x: x * x, "You squared it."),
        Mistake(lambda x: x, "You gave it back."),
        Mistake(lambda x: 1 / x, "You turned it over."),
    ),
    hints=("one", "two", "three"),
    notice="Adding it to itself is the same.",
)


def test_a_wrong_answer_is_shown_the_smallest_input_that_shows_it():
    verdict = examine(DOUBLE, lambda x: x + 2)
    assert verdict.message == "For x = 0:\nyour answer gives 2\nright would be    0"
    assert verdict.mistake is None
    verdict = examine(DOUBLE, lambda x: x * x)  # right for 0 and 2
    assert verdict.message.startswith("For x = 3:")
    assert verdict.mistake.hint == "You squared it."


def test_a_mistake_that_raises_is_recognised_by_its_error():
    verdict = examine(DOUBLE, lambda x: 5 / x if x == 0 else 1 / x)
    assert verdict.mistake.hint == "You turned it over."
    assert "ZeroDivisionError: float division by zero" in verdict.message
    assert "Which input makes the divisor 0?" in verdict.message


def test_two_errors_of_one_type_are_not_yet_the_same_mistake():
    mistakes = (Mistake(lambda x: x + "1", "You added a text."),)
    exercise = Exercise("one more", lambda x: x + 1, lambda: [(0.0,)], mistakes, (), "")

    assert examine(exercise, lambda x: x + "one").mistake is mistakes[0]
    assert examine(exercise, lambda x: len(x)).mistake is None  # a TypeError as well


def test_a_forgotten_return_is_told_apart_from_a_stub():
    def forgot(x):
        x * 2

    verdict = examine(DOUBLE, forgot)
    assert verdict.status == "wrong"
    assert "returns nothing (None).\nDoes it end with a return?" in verdict.message


@pytest.mark.parametrize(
    ("answer", "explained"),
    [
        (lambda x: undefined_name, "A name is not known here"),  # noqa: F821
        (lambda: 1, "wrong number of arguments"),
        (lambda x: [1, 2][5], "Counting starts at 0"),
        (lambda x: torch.ones(2) @ torch.ones(3), "print .shape and .dtype"),
        (lambda x: x.mean(), "no such attribute"),
        (lambda x: int("seven"), "Print the shapes"),
        (lambda x: max(0, torch.ones(2)), "a single truth value"),
        (lambda x: 0.5 ^ 2, "A power is ** in Python"),
        (lambda x: torch.ones(2) ^ 2, "A power is ** in Python"),
        (lambda x: nn.Sequential(nn.Flatten(), nn.ReLU), "made with brackets"),
    ],
)
def test_an_exception_is_explained_and_not_dumped(answer, explained):
    verdict = examine(DOUBLE, answer)
    assert verdict.status == "wrong"
    assert explained in verdict.message
    assert "Traceback" not in verdict.message
    assert "site-packages" not in verdict.message


@pytest.mark.parametrize("caught", [(), Exception, BaseException], ids=lambda what: str(what))
def test_a_loop_without_end_is_stopped(monkeypatch, caught):
    def endless(x):
        while True:
            try:
                x + 1
            except caught:
                continue

    monkeypatch.setattr(engine, "SECONDS", 0.1)
    verdict = examine(DOUBLE, endless)
    assert verdict.status == "wrong"
    assert "does not come to an end" in verdict.message
    assert "Look for a loop that never ends" in verdict.message


def test_an_answer_that_waits_is_stopped_and_told_so(monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 0.1)
    verdict = examine(DOUBLE, lambda x: time.sleep(3))
    assert "Does it wait for something?" in verdict.message


def test_a_check_beside_the_main_thread_stops_a_loop_too(monkeypatch):
    def endless(x):
        while True:
            pass

    monkeypatch.setattr(engine, "SECONDS", 0.1)
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(examine(DOUBLE, endless)))
    thread.start()
    thread.join()
    assert "does not come to an end" in verdicts[0].message


class Unshowable:
    def __repr__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


LOOP = []
LOOP.append(LOOP)
STRANGE = [
    torch.ones(2, dtype=torch.bfloat16),
    torch.ones(2, dtype=torch.complex64),
    torch.ones(2, device="meta"),
    torch.eye(2).to_sparse(),
    torch.ones(2, requires_grad=True),
    np.array(["a", "b"]),
    np.array([None, {}], dtype=object),
    10**400,
    LOOP,
    Unshowable(),
    float("inf"),
    {1, 2},
    (n for n in range(3)),
    int,
    b"bytes",
]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_an_answer_returns_gets_a_verdict(name):
    exercise = find_exercise(name)
    for strange in STRANGE:
        answer = (lambda *inputs, it=strange: it) if callable(exercise.reference) else strange
        verdict = examine(exercise, answer)
        assert verdict.status == "wrong", type(strange)
        assert len(verdict.message) < 2000, type(strange)


def gives_it_one_by_one(x):
    yield x


class Endless:
    """An object whose methods never come back."""

    def __array__(self, *_, **__):
        while True:
            pass

    def __eq__(self, other):
        while True:
            pass

    __hash__ = None


def recurses(x):
    return recurses(x)


HOSTILE = {
    "exit": (lambda x: sys.exit(), "A function gives its result back with return"),
    "interrupt": (lambda x: exec("raise KeyboardInterrupt"), "stops with KeyboardInterrupt"),
    "input": (lambda x: input("x?"), "comes as its arguments"),
    "recursion": (recurses, "calls itself without end"),
    "too large a tensor": (lambda x: torch.ones(10**13), "more memory than there is"),
    "too large a list": (lambda x: [0] * 10**13, "more memory than there is"),
    "whole numbers": (lambda x: torch.tensor([1, 2]).mean(), "put .float() before it"),
    "generator": (gives_it_one_by_one, "a generator"),
    "without end": (lambda x: itertools.count(), "The type is count"),
    "long range": (lambda x: range(10**12), "The type is range"),
    "list of long lists": (lambda x: [[0] * 10**6] * 10**6, "The type is list"),
    "expanded": (lambda x: torch.ones(1).expand(10**12), "a tensor of shape (1000000000000,)"),
    "object": (lambda x: Endless(), "The type is Endless"),
    "nan": (lambda x: x * float("nan"), "your answer gives nan"),
    "class": (Endless, "stops with TypeError"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_is_wrong_and_told_why(kind):
    answer, says = HOSTILE[kind]
    verdict = examine(DOUBLE, answer)
    assert verdict.status == "wrong"
    assert says in verdict.message


class Doubles:
    def __call__(self, x):
        return 2 * x


def in_a_thread(x):
    found = []
    thread = threading.Thread(target=lambda: found.append(2 * x))
    thread.start()
    thread.join()
    return found[0]


def closes_stdout(x):
    sys.stdout.close()
    return 2 * x


def breaks_the_builtins(x):
    own = ("len", "max", "isinstance", "setattr", "zip", "all", "map", "callable", "vars")
    vars(builtins).update(dict.fromkeys(own))
    return 2 * x


RIGHT = {
    "object": Doubles(),
    "partial": functools.partial(lambda factor, x: factor * x, 2),
    "default": lambda x, factor=2: factor * x,
    "thread": in_a_thread,
    "closes stdout": closes_stdout,
    "breaks the builtins": breaks_the_builtins,
    "prints without end": lambda x: [print("x" * 99) for _ in range(9999)] and 2 * x,
    "float64": lambda x: torch.tensor(2 * x, dtype=torch.float64),
    "numpy": lambda x: np.float32(2 * x),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_a_right_answer_of_another_kind_is_right(kind):
    assert examine(DOUBLE, RIGHT[kind]).status == "right"
    assert len([1]) == max(1, 0)


def test_a_model_handed_in_stays_as_it_is():
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    exercise = Exercise("", lambda x: x, lambda: [(torch.ones(3, 2),)], (), (), "")

    for answer in (model, model.forward):
        assert examine(exercise, answer).status == "wrong"
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_functions_that_the_learner_replaced_do_not_reach_the_reference(monkeypatch):
    exercise = find_exercise("03.slope")
    engine._known.cache_clear()
    mine = lambda *_, **__: torch.zeros(1)  # noqa: E731
    monkeypatch.setattr(torch, "softmax", mine)
    monkeypatch.setattr(torch.Tensor, "softmax", mine, raising=False)
    monkeypatch.setattr(np, "allclose", lambda *_, **__: True)

    def by_hand(Z, y):
        return (Z.softmax(1) - torch.eye(Z.shape[1])[y]) / len(y)

    assert examine(exercise, by_hand).status == "right"
    assert examine(exercise, lambda Z, y: Z * 0).status == "wrong"
    assert torch.softmax is mine
    assert torch.Tensor.softmax is mine


def test_an_answer_that_replaces_functions_is_not_judged_by_them():
    def replaces(x):
        torch.softmax = np.allclose = torch.Tensor.numpy = lambda *_, **__: True
        return 0.0

    exercise = Exercise("", lambda x: torch.softmax(x, 0), lambda: [(torch.ones(2),)], (), (), "")
    own = torch.softmax
    assert examine(exercise, replaces).status == "wrong"
    assert torch.softmax is own


def test_a_kernel_is_not_ended_by_an_answer(monkeypatch):
    shell = types.SimpleNamespace(ask_exit=lambda: pytest.fail("the kernel was ended"))
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert "stops with SystemExit" in examine(DOUBLE, lambda x: shell.ask_exit()).message


def test_an_answer_that_changes_its_inputs_cannot_spoil_the_check():
    swap = Exercise(
        title="sum",
        reference=lambda x: x.sum(),
        cases=lambda: [(torch.ones(3),)],
        mistakes=(),
        hints=("a", "b", "c"),
        notice="",
    )

    def spoils(x):
        x *= 0
        return x.sum()

    verdict = examine(swap, spoils)
    assert "For x = [1., 1., 1.]:" in verdict.message
    assert verdict.status == "wrong"
    assert examine(swap, lambda x: x.sum()).status == "right"


def test_a_right_answer_that_changes_its_input_is_told_so():
    grow = Exercise(
        title="one more",
        reference=lambda x: x + 1,
        cases=lambda: [(torch.zeros(2),)],
        mistakes=(),
        hints=("a", "b", "c"),
        notice="",
    )

    def in_place(x):
        x += 1
        return x

    verdict = examine(grow, in_place)
    assert verdict.status == "wrong"
    assert "the answer is right, but your code changes its input x on the way" in verdict.message
    assert verdict.mistake is None


ROW = Exercise(
    title="a number and twice the number",
    reference=lambda x: torch.tensor([x, 2 * x]),
    cases=lambda: [(0.0,), (-1.0,), (3.0,)],
    mistakes=(),
    hints=("one", "two", "three"),
    notice="Two numbers.",
)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x: torch.tensor([-x, -2 * x]), "The sign is turned round"),
        (lambda x: [abs(x), abs(2 * x)], "The signs are lost"),
        (lambda x: [2 * x, 4 * x], "2 times the right one"),
        (lambda x: [2 * x, x], "in the reverse order"),
        (lambda x: 3 * x, "the sum of the right numbers"),
        (lambda x: ([x, 2 * x], "more"), "among the things that you return"),
        (lambda x: [[x], [2 * x]], "Only the shape is another one"),
    ],
)
def test_what_was_done_to_the_right_numbers_is_said(answer, says):
    verdict = examine(ROW, answer)
    assert verdict.status == "wrong"
    assert says in verdict.mistake.hint


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: [math.nan, math.nan],  # the logarithm of −1, but not of 3
        lambda x: [x, -2 * x],
    ],
)
def test_what_holds_on_some_inputs_only_is_not_said(answer):
    assert examine(ROW, answer).mistake is None


def test_nothing_is_said_of_an_outcome_that_is_not_what_came_back():
    twice = Exercise(
        "", ROW.reference, ROW.cases, (), (), "", lambda answer, x: answer(answer(x)[0])
    )
    verdict = examine(twice, lambda x: torch.tensor([2 * x, 4 * x]))  # 4 times too much in the end
    assert verdict.status == "wrong"
    assert verdict.mistake is None


def test_a_loop_that_takes_a_mean_is_known_by_what_it_leaves_out():
    def each(x):
        return x**2

    mistakes = engine.loop_slips(each, "number")
    cases = lambda: [(torch.tensor([1.0, 2.0, 4.0]),), (torch.tensor([3.0, 1.0]),)]  # noqa: E731
    exercise = Exercise("a mean", lambda x: each(x).mean(), cases, mistakes, (), "")

    def returns_too_early(x):
        total = 0
        for x_i in x:
            total += x_i**2
            return total / len(x)

    def forgets(x):
        for x_i in x:
            total = x_i**2
        return total / len(x)

    assert examine(exercise, returns_too_early).mistake is mistakes[0]
    assert "writes over the sum" in examine(exercise, forgets).mistake.hint
    for mistake in mistakes:
        assert examine(exercise, mistake.answer).mistake is mistake


def test_a_list_of_tensors_that_keep_a_record_is_read():
    def softmax(Z):
        return [torch.softmax(row.clone().requires_grad_(), dim=0) for row in Z]

    assert examine(find_exercise("03.softmax"), softmax).status == "right"


def test_shapes_that_do_not_fit_are_one_complaint_in_numpy_and_pytorch():
    def softmax(Z):
        powers = np.exp(Z.numpy() - Z.numpy().max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1)

    assert "has lost its axis" in examine(find_exercise("03.softmax"), softmax).mistake.hint


@pytest.mark.parametrize(
    ("message", "explained"),
    [
        (
            "Expected floating point type for target with class probabilities, got Long",
            "(N, K) first",
        ),
        ("expected target dtype to be Long or Byte, but got Float", "leave .float() out"),
        ("element 0 of tensors does not require grad", "requires_grad_()"),
        ("math domain error", "no logarithm"),
        ("math range error", "Print its exponent"),
        ("too many indices for tensor of dimension 1", "fewer axes"),
    ],
)
def test_a_message_that_misleads_is_explained(message, explained):
    assert explained in engine.explain_error(RuntimeError(message))


def test_an_answer_of_another_form_is_told_the_form():
    message = examine(find_exercise("01.majority"), (1, 1, 1, 2)).message
    assert message == (
        "This does not have the wanted form, ((w1, w2, w3), theta): three numbers in brackets, "
        "then one number."
    )


def test_of_several_properties_only_those_that_differ_are_shown():
    message = examine(
        find_exercise("01.split"), lambda n, n_train: (range(1, 9), range(9, 12))
    ).message
    assert message == (
        "For n = 12, n_train = 9:\nrows to train with: your answer gives 8, right would be 9\n"
        "rows never used: your answer gives 'the first', right would be 'none'"
    )


@pytest.mark.parametrize("answer", [lambda x: [0] * 10**7, lambda x: "ab" * 10**6, lambda x: 1j])
def test_huge_and_strange_results_are_survived_briefly(answer):
    verdict = examine(DOUBLE, answer)
    assert verdict.status == "wrong"
    assert len(verdict.message) < 400


def test_random_answers_get_the_same_verdict_twice_and_leave_the_generator_alone():
    before = torch.get_rng_state()
    verdicts = {examine(DOUBLE, lambda x: float(torch.rand(1))).message for _ in range(2)}
    assert len(verdicts) == 1
    assert torch.equal(torch.get_rng_state(), before)


def test_missing_brackets_are_noticed():
    assert "Are the brackets () missing?" in examine(DOUBLE, lambda x: torch.ones(2).mean).message


def test_whole_numbers_are_shown_as_whole_numbers():
    assert "your answer gives [1, 0]" in examine(DOUBLE, lambda x: torch.tensor([1, 0])).message


def test_a_wrong_shape_is_named():
    exercise = Exercise(
        title="a column",
        reference=lambda x: x[:, None],
        cases=lambda: [(torch.arange(3.0),)],
        mistakes=(),
        hints=("a", "b", "c"),
        notice="",
    )
    assert "The shape is (3,), wanted was (3, 1)." in examine(exercise, lambda x: x).message


THIRDS = torch.full((2, 20), 1 / 3)


@pytest.mark.parametrize(
    ("right", "answer", "says"),
    [
        (THIRDS[0, :2], THIRDS[0, :2].half(), "0.333251953 at [0]"),
        (THIRDS[0, 0], THIRDS[0, 0].half(), "0.3333, exactly 0.333251953\n"),
        (THIRDS, torch.where(torch.eye(2, 20) == 1, 5, THIRDS), "(2, 20), exactly 5 at [0, 0]"),
        (THIRDS, torch.full((2, 20), float("nan")), "(2, 20), exactly nan at [0, 0]"),
        ({"loss": 123.41}, {"loss": 123.44}, "loss: your answer gives 123.4, exactly 123.44"),
    ],
)
def test_an_answer_that_reads_like_the_right_one_is_shown_more_exactly(right, answer, says):
    exercise = Exercise("", lambda x: right, lambda: [(0,)], (), (), "", tolerance=1e-5)
    message = examine(exercise, lambda x: answer).message
    assert says in message
    assert message.count("exactly") == 2


COLUMNS = Exercise(
    title="mean and spread of each column",
    reference=lambda X: (X.mean(0), X.std(0)),
    cases=lambda: [(torch.eye(3)[:2],), (torch.arange(12.0).reshape(4, 3),)],
    mistakes=(),
    hints=("a", "b", "c"),
    notice="",
)
STEPPED = Exercise(
    title="how many places",
    reference=lambda n, step: (n - 1) // step + 1,
    cases=lambda: [(3, 1), (5, 1), (5, 2), (9, 4)],
    mistakes=(),
    hints=("a", "b", "c"),
    notice="",
)


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        (DOUBLE, lambda x: str(2 * x), "it came as a text"),
        (DOUBLE, lambda x: [x, 2 * x], "among the things that you return"),
        (DOUBLE, lambda x: torch.tensor([2 * x]), "among|Only the shape"),
        (DOUBLE, lambda x: -2 * x, "The sign is turned round"),
        (DOUBLE, lambda x: 2 * x + 3, "too large by 3, everywhere"),
        (DOUBLE, lambda x: 5 * x, r"2\.5 times the right one"),
        (COLUMNS, lambda X: X.std(0), "one of the 2 values"),
        (COLUMNS, lambda X: (X.std(0), X.mean(0)), "in another order"),
        (COLUMNS, lambda X: (X.mean(0), X.sum(0)), "the first is right .* Look at the second"),
        (STEPPED, lambda n, step: n, "right on each input with step = 1, and on no other"),
    ],
)
def test_what_a_wrong_answer_has_in_common_with_the_right_one_is_said(exercise, answer, says):
    verdict = examine(exercise, answer)
    assert verdict.status == "wrong"
    assert re.search(says, verdict.mistake.hint)


@pytest.mark.parametrize(
    "answer", [lambda x: x + 2, lambda x: None, lambda x: "many", lambda x: {x}, lambda x: 1 / 0]
)
def test_nothing_is_said_that_does_not_hold_on_all_inputs(answer):
    assert examine(DOUBLE, answer).mistake is None


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("06.kernel", [[-1] * 3, [6] * 3, [-1] * 3], "Your columns add up to 4, 4, 4."),
        ("06.kernel", [[-2] * 3, [4] * 3, [-2] * 3], "Your middle row adds up to 12"),
        (
            "06.kernel",
            [[-4, 0, -1], [4, 1, 1], [0, -1, 0]],
            "adds up to -5, the row below it to -1",
        ),
        ("09.latch", [[-20, -20, 10], [0, 20, -10], [0, 10, 0]], "At a 1 .* 0.00 comes in"),
        ("09.latch", [[-20, -20, 5], [20, 0, -10], [10, 0, 0]], "0.9933, of which 51% is left"),
    ],
)
def test_a_wrong_value_is_told_what_it_does(name, answer, says):
    assert re.search(says, examine(find_exercise(name), answer).mistake.hint)


def test_the_result_of_a_call_instead_of_the_function_is_explained():
    verdict = examine(DOUBLE, 4.0)
    assert "A function was wanted, a float came" in verdict.message


def test_what_the_answer_printed_is_shown_with_the_failing_input(capsys):
    def chatty(x):
        print("x is", x)
        return 1.0

    assert "Your code printed: x is 0.0" in examine(DOUBLE, chatty).message
    assert capsys.readouterr().out == ""


def test_a_wrong_value_does_not_give_the_right_one_away():
    exercise = Exercise(
        title="how many weights",
        reference=7850,
        cases=lambda: [()],
        apply=lambda answer: answer,
        mistakes=(Mistake(7840, "The biases are missing."),),
        hints=("a", "b", "c"),
        notice="784 · 10 weights and 10 biases.",
    )
    verdict = examine(exercise, 7840)
    assert verdict.mistake.hint == "The biases are missing."
    assert "7850" not in verdict.message
    assert examine(exercise, 7850).status == "right"
    assert examine(exercise, torch.tensor(7850)).status == "right"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (1, 1.0, True),
        (torch.tensor([1.0, 2.0]), [1, 2], True),
        (torch.tensor([1.0]), 1.0, False),
        (float("nan"), float("nan"), True),
        ((1, torch.ones(2)), [1, [1, 1]], True),
        ((1, 2), (1, 2, 3), False),
        ("cpu", "cpu", True),
        ("cpu", 1, False),
        ({"a": 1}, {"a": 1}, True),
        (torch.ones(2, requires_grad=True), torch.ones(2), True),
        (1.0, 1.001, False),
        ([[1, 2], [3]], [[1, 2], [3]], True),
    ],
)
def test_results_are_compared_by_shape_and_value(one, other, alike):
    assert same(one, other) is alike


def test_a_choice_of_a_quiz_can_be_taken_back():
    question = Question("1 + 1?", ("2", "Right you are."), (("1", "More."), ("3", "Fewer.")))
    _, buttons, feedback = _live(1, question).children

    buttons.value = "2"
    assert "Right you are." in feedback.value
    buttons.value = None
    assert feedback.value == ""


def test_an_unknown_exercise_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no exercise '01\.nothing'; lesson 01 has: 01\.majority"):
        check("01.nothing", 1)
    with pytest.raises(ValueError, match="write two digits"):
        check("1.update", 1)


def test_check_says_in_words_what_it_shows(capsys):
    check("01.majority", ((1, 1, 1), 1))
    printed = capsys.readouterr().out
    assert printed.startswith("✘ Not yet: a unit that takes a vote of three\nFor x = (0, 0, 1):")
    assert "it is OR, not a majority" in printed


def test_a_verdict_in_html_folds_its_hints_and_escapes_the_learners_text():
    verdict = examine(DOUBLE, lambda x: "<script>")
    page = exercises._html(DOUBLE, verdict)
    assert "<script>" not in page
    assert page.count("<details>") == len(DOUBLE.hints)
    assert "&lt;script&gt;" in page
