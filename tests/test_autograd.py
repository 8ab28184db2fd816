"""The engine of lesson 04 in the package, and its twin in the lesson, against PyTorch."""

import math
import random

import jupytext
import pytest
import torch
from build_notebooks import SOURCES

from course_utils.microscope import autograd

LESSON = next(SOURCES.glob("04_*.py"))


def lesson_engine():
    """Return Value as lesson 04 defines it, from the cells that define it."""
    book = jupytext.read(LESSON, fmt="py:percent")
    names = {"math": math}
    for cell in book.cells:
        if cell.cell_type == "code" and (
            "class Value:" in cell.source or "def in_order" in cell.source
        ):
            exec(cell.source, names)
    return names["Value"]


ENGINES = pytest.mark.parametrize(
    "make", [autograd.Value, lesson_engine()], ids=["package", "lesson"]
)
UNARY = ("tanh", "relu")


def random_result(numbers, rng, n_operations=10):
    """Combine numbers at random; the same for Values and for tensors, given the same rng."""
    made = list(numbers)
    for _ in range(n_operations):
        kind = rng.choice(["add", "multiply", "constant", *UNARY])
        one, other = rng.choice(made), rng.choice(made)
        if kind in UNARY:
            made.append(getattr(one, kind)())
        elif kind == "constant":
            made.append(rng.uniform(-1, 1) * one + rng.uniform(-1, 1))
        else:
            made.append(one + other if kind == "add" else (one * other).tanh())
    return sum(made[len(numbers) :], start=made[0] * 0.5)


@ENGINES
@pytest.mark.parametrize("seed", range(60))
def test_values_and_slopes_of_random_expressions_agree_with_pytorch(make, seed):
    start = [random.Random(seed).uniform(-2, 2) for _ in range(3)]
    ours = [make(number) for number in start]
    theirs = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in start]
    result = random_result(ours, random.Random(seed))
    wanted = random_result(theirs, random.Random(seed))
    result.backward()
    wanted.backward()
    assert result.data == pytest.approx(wanted.item(), abs=1e-10)
    slopes = [0.0 if their.grad is None else their.grad.item() for their in theirs]
    assert [our.grad for our in ours] == pytest.approx(slopes, rel=1e-9, abs=1e-10)


@ENGINES
def test_slopes_of_all_ways_add_up(make):
    a = make(2.0)
    b = a * a
    (b * b + b).backward()  # a⁴ + a²
    assert a.grad == 4 * 2.0**3 + 2 * 2.0


@ENGINES
def test_a_second_backward_starts_anew(make):
    a = make(3.0)
    result = a * a + a
    result.backward()
    result.backward()
    assert a.grad == 7.0


@ENGINES
def test_the_slope_of_relu_is_nothing_at_and_below_zero(make):
    for number, slope in ((-1.0, 0.0), (0.0, 0.0), (2.0, 1.0)):
        a = make(number)
        a.relu().backward()
        assert a.grad == slope


@ENGINES
def test_plain_numbers_may_stand_on_either_side(make):
    a = make(2.0)
    result = 3 * a + 1 + a * 2 + (4 + a)
    result.backward()
    assert (result.data, a.grad) == (17.0, 6.0)


def test_differences_and_signs():
    a, b = autograd.Value(2.0), autograd.Value(5.0)
    result = 1 - (a - b) * -a
    result.backward()
    assert (result.data, a.grad, b.grad) == (1 - 6.0, 2 * 2.0 - 5.0, -2.0)


def test_the_order_puts_parents_first_and_each_value_once():
    a = autograd.Value(2.0)
    b = a * a
    result = b * a + b
    order = autograd.in_order(result)
    assert len(order) == len({id(value) for value in order}) == 4
    places = {id(value): place for place, value in enumerate(order)}
    for value in order:
        assert all(places[id(parent)] < places[id(value)] for parent, _ in value.parents)


def test_a_chain_longer_than_pythons_stack_has_its_slope():
    a = autograd.Value(1.0)
    total = a
    for _ in range(5000):
        total = total + a
    total.backward()
    assert a.grad == 5001


def test_a_value_shows_its_number_and_its_slope_and_no_address():
    assert repr(autograd.Value(1.5)) == "Value(1.5, grad=0)"
