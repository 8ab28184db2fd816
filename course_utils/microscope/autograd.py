"""A small automatic differentiator for single numbers: the one that lesson 04 builds.

Each `Value` remembers the values from which it was computed and, for each of them, the local slope:
by how much it changes per change of that parent. `backward` multiplies these slopes along every
way and adds up the ways, which is the chain rule. The idea of so small an engine is that of Andrej
Karpathy's micrograd.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


class Value:
    """A number that remembers how it was computed.

    Args:
        data: the number.
        parents: pairs of a Value from which it was computed and the local slope ∂self/∂parent.

    Attributes:
        data: the number, a float.
        grad: the slope of the value on which `backward` was called, with respect to this one.
        parents: as given.

    >>> a, b = Value(2.0), Value(3.0)
    >>> (a * b + a).backward()
    >>> a.grad, b.grad
    (4.0, 2.0)
    """

    def __init__(self, data: float, parents: Sequence[tuple[Value, float]] = ()) -> None:
        self.data, self.grad, self.parents = float(data), 0.0, tuple(parents)

    def __add__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __sub__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data - other.data, [(self, 1.0), (other, -1.0)])

    def __truediv__(self, other: Value | float) -> Value:
        other = as_value(other)
        quotient = self.data / other.data
        return Value(quotient, [(self, 1 / other.data), (other, -quotient / other.data)])

    def __pow__(self, exponent: float) -> Value:
        """Return the power with a plain number as exponent.

        Raises:
            ArithmeticError: there is no such real number, as for a root of a negative number.
        """
        if not isinstance(exponent, int | float):
            return NotImplemented
        power = self.data**exponent
        if isinstance(power, complex):
            raise ArithmeticError(
                f"{self.data:g} ** {exponent:g} is no real number; take a whole number as exponent"
            )
        slope = exponent * self.data ** (exponent - 1) if exponent else 0.0
        return Value(power, [(self, slope)])

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: float) -> Value:
        return as_value(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return as_value(other) / self

    def __neg__(self) -> Value:
        return Value(-self.data, [(self, -1.0)])

    def tanh(self) -> Value:
        """Return the hyperbolic tangent; its slope is 1 − tanh²."""
        t = math.tanh(self.data)
        return Value(t, [(self, 1 - t * t)])

    def relu(self) -> Value:
        """Return the larger of the number and 0; its slope is 1 above 0, else 0."""
        return Value(max(self.data, 0.0), [(self, float(self.data > 0))])

    def backward(self) -> None:
        """Set `grad` of this value and of all from which it was computed; it is set anew each time.

        Source of the order: a topological sort, in which every value stands behind its parents.
        """
        order = in_order(self)
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for parent, slope in value.parents:
                parent.grad += slope * value.grad

    def __repr__(self) -> str:
        return f"Value({self.data:.4g}, grad={self.grad:.4g})"


def as_value(number: Value | float) -> Value:
    """Return a Value as it is, and a plain number as a Value without parents."""
    return number if isinstance(number, Value) else Value(number)


def in_order(last: Value) -> list[Value]:
    """Return all values from which `last` was computed, parents first, itself at the end.

    Works with a list of its own in place of recursion, so that long sums do not overflow Python's
    stack.

    >>> [value.data for value in in_order(Value(1.0) + Value(2.0))]
    [1.0, 2.0, 3.0]
    """
    order, seen = [], set()
    waiting = [(last, False)]
    while waiting:
        value, parents_done = waiting.pop()
        if parents_done:
            order.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            waiting.append((value, True))
            waiting += [(parent, False) for parent, _ in reversed(value.parents)]
    return order
