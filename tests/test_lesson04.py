"""The checks of lesson 04 on what learners hand in: their own engine, and answers by name."""

import math

import pytest
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
    exercise = find_exercise("04.xnor")
    tables = {
        tuple(exercise.apply(mistake.answer, *case) for case in exercise.cases())
        for mistake in exercise.mistakes
    }
    assert len(tables) == 15
