"""The checks of lesson 04 on what learners hand in: their own engine, and answers by name."""

import contextlib
import itertools
import math

import pytest
import torch
from lesson_code import lesson_definitions
from test_autograd import lesson_engine

from course_utils.exercises import find_exercise
from course_utils.exercises.engine import examine
from course_utils.microscope import Value

SIGMOIDS = {
    "by its rule": "lambda a: Value(s(a.data), [(a, s(a.data) * (1 - s(a.data)))])",
    "by tanh": "lambda a: Value(0.5) * ((Value(0.5) * a).tanh() + Value(1.0))",
    "by a power": "lambda a: (Value(1.0) + exp(-a)) ** -1",
    "by a division": "lambda a: 1 / (1 + exp(Value(-1.0) * a))",
    "by a quotient": "lambda a: exp(a) / (exp(a) + 1)",
    "as 1 minus its mirror": "lambda a: 1 - 1 / (exp(a) + 1)",
    "of any number": "lambda a: 1 - 0.5 * (1 - (as_value(a) / 2).tanh())",
}


def notebook(make):
    """Return the names of a notebook in which a learner's functions find this Value."""

    def exp(a):
        return make(math.exp(a.data), [(a, math.exp(a.data))])

    def as_value(number):
        return number if isinstance(number, make) else make(number)

    return {"Value": make, "s": lambda z: 1 / (1 + math.exp(-z)), "exp": exp, "as_value": as_value}


@pytest.mark.parametrize("make", [Value, lesson_engine()], ids=["package", "lesson"])
@pytest.mark.parametrize("answer", SIGMOIDS.values(), ids=SIGMOIDS)
def test_a_sigmoid_made_of_the_learners_own_values_is_right(answer, make):
    verdict = examine(find_exercise("04.sigmoid"), eval(answer, notebook(make)))
    assert verdict.status == "right", verdict.message


@pytest.mark.parametrize("theirs", [None, type("Value", (), {"tanh": None})])
def test_a_sigmoid_beside_an_unfinished_engine_is_tried_with_the_packages(theirs):
    answer = eval(SIGMOIDS["by its rule"], notebook(Value) | {"Value": theirs})
    verdict = examine(find_exercise("04.sigmoid"), answer)
    assert verdict.status == "wrong"  # it cannot make a Value, and is told so
    assert "your code stops with TypeError" in verdict.message


def test_a_wrong_step_is_told_which_of_the_four_parts_differ():
    exercise = find_exercise("04.one_step")

    def doubled(*inputs):
        W, b, V, c = exercise.reference(*inputs)
        return W, 2 * b, V, c

    message = examine(exercise, doubled).message
    assert "b: your answer gives" in message
    assert not any(f"{name}: your answer" in message for name in "WVc")


def test_a_step_with_other_than_four_parts_is_told_so():
    exercise = find_exercise("04.one_step")
    verdict = examine(exercise, lambda *inputs: exercise.reference(*inputs)[:3])
    assert verdict.status == "wrong"
    assert "no four parts W, b, V, c" in verdict.message


def test_the_lessons_slopes_make_a_right_step():
    slopes_by_hand = lesson_definitions("04", mnist=None)["slopes_by_hand"]

    def step(W, b, V, c, X, Y, lr):
        parts = W, b, V, c
        slopes = slopes_by_hand(X, Y.argmax(dim=1), *parts)
        return [part - lr * slope for part, slope in zip(parts, slopes, strict=True)]

    assert examine(find_exercise("04.one_step"), step).status == "right"


@pytest.mark.parametrize(
    "never", [("OR", "NAND", "NOR"), ("AND", "NAND", "AND"), ("AND", "NOR", "AND")]
)
def test_whoever_never_fires_gets_a_hint_that_fits(never):
    units = {"AND": ((1, 1), 2), "OR": ((1, 1), 1), "NAND": ((-1, -1), -1), "NOR": ((-1, -1), 0)}
    verdict = examine(find_exercise("04.xnor"), tuple(units[name] for name in never))
    assert verdict.mistake.hint.startswith("This never fires. Which two corners should?")


def test_every_wrong_table_of_four_corners_has_a_hint():
    """16 tables can come out of three units; 15 are wrong, and each is spoken of."""
    exercise, tables = find_exercise("04.xnor"), set()
    for mistake in exercise.mistakes:
        with contextlib.suppress(TypeError, ValueError):  # of another form
            tables.add(tuple(exercise.apply(mistake.answer, *case) for case in exercise.cases()))
    assert len(tables) == 15


FORMS = {
    "two units": (((1, 1), 2), ((-1, -1), 0)),
    "a table of truth": (1, 0, 0, 1),
    "flat": ((1, 1, 2), (-1, -1, 0), (1, 1, 1)),
    "weights only": ((1, 1), (-1, -1), (1, 1)),
    "theta first": ((2, (1, 1)), (0, (-1, -1)), (1, (1, 1))),
}


@pytest.mark.parametrize("answer", FORMS.values(), ids=FORMS)
def test_units_of_another_form_get_a_hint(answer):
    assert examine(find_exercise("04.xnor"), answer).mistake


def bump_of(a, b, c):
    """Return a sum of three hinges with these weights, not divided by width."""

    def bump(x, top, width):
        corners = top - width, top, top + width
        return sum(w * torch.relu(x - at) for w, at in zip((a, b, c), corners, strict=True))

    return bump


@pytest.mark.parametrize("weights", [(1, 1, 1), (1, -1, -2), (1, -1, 1), (1, -2, 0)])
def test_whoever_adds_other_hinges_hears_of_their_own_slopes(weights):
    hint = examine(find_exercise("04.bump"), bump_of(*weights)).mistake.hint
    slopes = ", ".join(str(slope).replace("-", "−") for slope in itertools.accumulate(weights))
    assert f"behind the three corners are {slopes}." in hint


def test_if_and_max_on_a_tensor_are_explained():
    message = examine(find_exercise("04.bump"), lambda x, top, width: max(0, x - top)).message
    assert "want a single truth value" in message


def test_what_comes_back_unchanged_is_no_new_value():
    def sigmoid(a):
        a.data = 1 / (1 + math.exp(-a.data))
        a.parents = [(a, a.data * (1 - a.data))]
        return a

    assert "a itself comes back" in examine(find_exercise("04.sigmoid"), sigmoid).mistake.hint


def test_a_pair_without_its_value_is_told_so():
    answer = eval("lambda a: Value(s(a.data), [(a.data, 1.0)])", notebook(Value))
    assert "not a.data" in examine(find_exercise("04.sigmoid"), answer).mistake.hint


def test_a_step_with_one_old_mistake_and_a_new_one_hears_of_both():
    def step(W, b, V, c, X, Y, lr):
        H = torch.tanh(X @ W.T + b)
        D = (torch.softmax(H @ V.T + c, dim=1) - Y) / len(X)
        B = (D @ V) * (1 - H) ** 2
        return W - lr * B.T @ X, b - lr * B.mean(dim=0), V - lr * D.T @ H, c - lr * D.sum(dim=0)

    hint = examine(find_exercise("04.one_step"), step).mistake.hint
    assert "squares too much" in hint
    assert "with the mean it is divided twice" in hint
