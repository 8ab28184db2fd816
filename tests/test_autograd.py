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
        if cell.cell_type == "code" and any(
            mark in cell.source for mark in ("class Value:", "Value.__", "def in_order")
        ):
            exec(cell.source, names)
    return names["Value"]


ENGINES = pytest.mark.parametrize(
    "make", [autograd.Value, lesson_engine()], ids=["package", "lesson"]
)
UNARY = ("tanh", "relu", "__neg__")
BINARY = {
    "add": lambda one, other: one + other,
    "subtract": lambda one, other: one - other,
    "multiply": lambda one, other: (one * other).tanh(),
    "divide": lambda one, other: one / (other**2 + 1),
    "power": lambda one, other: (one.tanh() + 2) ** -1.5 - other.tanh() ** 3,
}


def random_result(numbers, rng, n_operations=10):
    """Combine numbers at random; the same for Values and for tensors, given the same rng."""
    made = list(numbers)
    for _ in range(n_operations):
        kind = rng.choice(["constant", *UNARY, *BINARY])
        one, other = rng.choice(made), rng.choice(made)
        if kind in UNARY:
            made.append(getattr(one, kind)())
        elif kind == "constant":
            made.append(rng.uniform(-1, 1) * one + rng.uniform(-1, 1))
            made.append(rng.uniform(1, 2) - 1 / (one.relu() + 2))
        else:
            made.append(BINARY[kind](one, other))
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


def mixed(a):
    """Combine one number with itself, with plain numbers on either side, and with a ReLU."""
    b = 1.5 * a - 4 + a
    c = b.relu() - b * a
    return c + (a * a).relu() + c * a


def rewritten(a, b):
    """Write names anew with +=, -= and the like, so that a name stands for several values."""
    c = a - b
    d = a / b + b**3
    c -= 2 * c - 1
    c *= 1 + c + (-a)
    d += d * 3 + (a + b).relu()
    d -= 0.5 / d - (b - a).relu()
    e = (c - d) ** 2 / 8.0
    return e + 10.0 / e + (3 - e) ** -1


@ENGINES
@pytest.mark.parametrize(
    ("formula", "numbers"), [(mixed, [-3.0]), (mixed, [2.5]), (rewritten, [-4.0, 2.0])]
)
def test_all_operations_in_one_formula_agree_with_pytorch(make, formula, numbers):
    ours = [make(number) for number in numbers]
    theirs = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]
    result, wanted = formula(*ours), formula(*theirs)
    result.backward()
    wanted.backward()
    assert result.data == pytest.approx(wanted.item(), rel=1e-12)
    assert [our.grad for our in ours] == pytest.approx([t.grad.item() for t in theirs], rel=1e-10)


@ENGINES
@pytest.mark.parametrize(("exponent", "slope"), [(0, 0.0), (1, 1.0), (2, 0.0), (2.5, 0.0)])
def test_powers_of_zero_have_the_slopes_that_pytorch_finds(make, exponent, slope):
    a, theirs = make(0.0), torch.tensor(0.0, requires_grad=True)
    (a**exponent).backward()
    (theirs**exponent).backward()
    assert a.grad == theirs.grad.item() == slope


@ENGINES
def test_what_has_no_value_is_refused(make):
    with pytest.raises(ZeroDivisionError):
        1 / (make(2.0) - 2)
    with pytest.raises(TypeError, match="unsupported operand"):
        make(2.0) ** make(2.0)


def test_a_root_of_a_negative_number_is_refused_with_a_remedy():
    with pytest.raises(ArithmeticError, match=r"-2 \*\* 0.5 is no real number; take a whole"):
        autograd.Value(-2.0) ** 0.5


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
