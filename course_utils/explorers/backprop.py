"""Explorer of lesson 04: a formula as a graph, walked forward for values and backward for slopes.

The formula is the learner's own. It is taken apart with Python's `ast` and never evaluated as code:
only numbers, the given names, + − * / **, and a few functions are known.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from matplotlib.axes import Axes

from course_utils.explorers.base import Explorer, Stepper, slider, text_box
from course_utils.figures import AMBER, BLUE, INK, ORANGE, PAPER, figure
from course_utils.microscope import Value, as_value, in_order

MOST_NODES, MOST_NAMES, LONGEST = 24, 8, 200


def _slope_of(value: Callable[[float], float], slope: Callable[[float, float], float]) -> Callable:
    """Return a function of a Value from g and from its slope as a function of x and g(x)."""

    def apply(a: Value) -> Value:
        result = value(a.data)
        return Value(result, [(a, slope(a.data, result))])

    return apply


def _log(x: float) -> float:
    if x <= 0:
        raise ArithmeticError(f"log takes numbers above 0, got {x:g}")
    return math.log(x)


FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "tanh": Value.tanh,
    "relu": Value.relu,
    "sigmoid": _slope_of(lambda x: 0.5 + 0.5 * math.tanh(x / 2), lambda _, s: s * (1 - s)),
    "exp": _slope_of(math.exp, lambda _, e: e),
    "log": _slope_of(_log, lambda x, _: 1 / x),
}
KNOWN = f"numbers, + − * / **, brackets, and {', '.join(FUNCTIONS)}"


OPERATORS: dict[type, tuple[str, Callable[[Value, Value], Value]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("−", operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
}


@dataclass
class Graph:
    """A formula as a graph: its values in the order in which they are computed.

    Attributes:
        nodes: every value, parents first; the result is the last.
        labels: what to write on each node: a name, a number or an operation.
        leaves: the names in the formula and their values.
    """

    nodes: list[Value]
    labels: list[str]
    leaves: dict[str, Value]

    @property
    def result(self) -> Value:
        """The value of the whole formula."""
        return self.nodes[-1]

    def place(self, value: Value) -> int:
        """Return which node a value is, from 0."""
        return next(index for index, node in enumerate(self.nodes) if node is value)


@dataclass
class _Reader:
    """Turns the nodes of Python's syntax tree into Values; knows nothing but arithmetic."""

    inputs: dict[str, float]
    text: str
    leaves: dict[str, Value] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    kept: list[Value] = field(default_factory=list)  # so that no id is used twice

    def note(self, value: Value, label: str) -> Value:
        self.labels[id(value)] = label
        self.kept.append(value)
        return value

    def read(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Name) and node.id not in FUNCTIONS:
            return self._name(node.id)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return self.note(as_value(node.value), f"{node.value:g}")
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._negative(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            sign, apply = OPERATORS[type(node.op)]
            return self.note(apply(self.read(node.left), self.read(node.right)), sign)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            exponent = _number(node.right)
            return self.note(self.read(node.left) ** exponent, f"power {exponent:g}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node)
        said = ast.get_source_segment(self.text, node) or type(node).__name__
        raise ValueError(f"{said!r} is not known here; use names, {KNOWN}")

    def _name(self, name: str) -> Value:
        if name not in self.inputs:
            given = ", ".join(self.inputs) or "none"
            raise ValueError(
                f"the formula holds {name!r}, which has no value (given: {given}); "
                f"use those, or pass {name}=1.0 as well"
            )
        if name not in self.leaves:
            self.leaves[name] = self.note(Value(self.inputs[name]), name)
        return self.leaves[name]

    def _negative(self, operand: ast.expr) -> Value:
        if isinstance(operand, ast.Constant) and type(operand.value) in (int, float):
            return self.note(as_value(-operand.value), f"−{operand.value:g}")
        return self.note(-self.read(operand), "× −1")

    def _call(self, node: ast.Call) -> Value:
        name = node.func.id
        if name not in FUNCTIONS or len(node.args) != 1 or node.keywords:
            raise ValueError(
                f"{ast.get_source_segment(self.text, node)!r} is not known here; functions of one "
                f"number are {', '.join(FUNCTIONS)}"
            )
        return self.note(FUNCTIONS[name](self.read(node.args[0])), name)


def _number(node: ast.expr) -> float:
    """Return an exponent, which must be a plain number."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = None
    if type(value) not in (int, float) or abs(value) > 10:
        raise ValueError("an exponent must be a plain number from -10 to 10, such as ** 2")
    return float(value)


def read_formula(text: str, inputs: dict[str, float]) -> Graph:
    """Return the graph of a formula, with all values computed and all slopes sent back.

    Args:
        text: arithmetic in Python's spelling, such as "tanh(w * x + b)".
        inputs: the value of each name.

    Raises:
        ValueError: the text is no such formula, a name has no value, or it cannot be computed.

    >>> graph = read_formula("w * x + b", {"w": 2.0, "x": 3.0, "b": -1.0})
    >>> graph.result.data, graph.leaves["w"].grad
    (5.0, 3.0)
    """
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise ValueError(
            f"a formula must be text of 1 to {LONGEST} characters, such as 'w * x + b'"
        )
    text = text.strip().replace("−", "-").replace("×", "*").replace("^", "**")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = getattr(error, "offset", None)
        place = f" near {text[: where - 1][-12:]!r}" if where and where > 1 else ""
        raise ValueError(
            f"{text!r} is no formula{place}; write it as in Python, such as 'tanh(w * x + b)'"
        ) from None
    reader = _Reader(inputs, text)
    try:
        result = reader.read(tree.body)
    except ArithmeticError as error:
        raise ValueError(f"{text!r} cannot be computed for these numbers: {error}") from None
    except RecursionError:
        raise ValueError("the formula is nested too deeply; write a shorter one") from None
    nodes = in_order(result)
    if len(nodes) > MOST_NODES:
        raise ValueError(
            f"the formula has {len(nodes)} values; {MOST_NODES} can be shown: write a shorter one"
        )
    if not all(math.isfinite(node.data) for node in nodes):
        raise ValueError(f"{text!r} is not finite for these numbers; take smaller ones")
    result.backward()
    return Graph(nodes, [reader.labels[id(node)] for node in nodes], reader.leaves)


def backprop_graph(
    formula: str = "tanh(w * x + b)", *, start: int | None = None, **inputs: float
) -> Explorer:
    """Return an explorer: walk a formula forward, value by value, and backward, slope by slope.

    Args:
        formula: arithmetic in Python's spelling with + - * / **, tanh, relu, sigmoid, exp, log.
            The learner can type another one with the same names.
        start: the step to begin with, from 0; the last where left out.
        inputs: the value of each name, from -5 to 5; each gets a slider.

    Raises:
        ValueError: the formula cannot be read, an input is missing or out of range, or there is no
            such step.

    >>> backprop_graph("tanh(w * x + b)", w=2.0, x=1.0, b=-1.0)
    """
    if len(inputs) > MOST_NAMES or not all(-5 <= value <= 5 for value in inputs.values()):
        raise ValueError(
            f"give at most {MOST_NAMES} inputs, each from -5 to 5, got {inputs}; "
            "larger numbers can stand in the formula itself"
        )
    taken = {"formula", "step"} & set(inputs) | set(FUNCTIONS) & set(inputs)
    if taken:
        raise ValueError(f"the name {sorted(taken)[0]!r} is taken; call the input otherwise")
    n_steps = _n_steps(read_formula(formula, inputs))
    start = n_steps if start is None else start
    if not 0 <= start <= n_steps:
        raise ValueError(f"start must be a step from 0 to {n_steps}, got {start}")
    box = text_box(formula, name="formula", width=430, at_once=False)
    stepper = Stepper(n_steps, start, name="step")
    controls = {"formula": box, "step": stepper}
    for name, value in inputs.items():
        controls[name] = slider(-5, 5, value, 0.1, name=name)

    def draw(formula: str, step: int, **inputs: float) -> tuple:
        graph = read_formula(formula, inputs)
        n = _n_steps(graph)
        if stepper.slider.max != n:
            stepper.slider.max = n  # another formula has another number of steps
            step = min(step, n)
        return _draw_graph(graph, step), _say_step(graph, step)

    title = "Walk forward for the values, then backward for the slopes. Type a formula of your own."
    return Explorer(title, draw, controls)


def _inner(graph: Graph) -> list[int]:
    """Return which nodes are computed from others, in order."""
    return [index for index, node in enumerate(graph.nodes) if node.parents]


def _n_steps(graph: Graph) -> int:
    """Return the number of the last step: forward, the slope 1 of the result, backward."""
    return 2 * len(_inner(graph)) + 1


def _state(graph: Graph, step: int) -> tuple[set[int], set[int], int | None, list[float]]:
    """Return which values and which slopes are known after a step, where it is, and the slopes."""
    inner, n = _inner(graph), len(graph.nodes)
    done = inner[:step]
    values = {index for index in range(n) if not graph.nodes[index].parents} | set(done)
    grads, reached = [0.0] * n, set()
    if step <= len(inner):
        return values, reached, done[-1] if done else None, grads
    grads[-1], at = 1.0, n - 1
    reached.add(n - 1)
    for index in inner[::-1][: step - len(inner) - 1]:
        at = index
        for parent, slope in graph.nodes[index].parents:
            place = graph.place(parent)
            grads[place] += slope * grads[index]
            reached.add(place)
    return values, reached, at, grads


def _layout(graph: Graph) -> list[tuple[float, float]]:
    """Return a place for each node: columns from left to right, rows from 0 at the top."""
    columns = _columns(graph)
    rows: list[float] = []
    for index, node in enumerate(graph.nodes):
        above = [rows[graph.place(parent)] for parent, _ in node.parents]
        leaves = sum(not earlier.parents for earlier in graph.nodes[:index])
        rows.append(sum(above) / len(above) if above else float(leaves))
    for column in set(columns):  # push apart what would overlap
        members = sorted((i for i, c in enumerate(columns) if c == column), key=rows.__getitem__)
        for upper, lower in pairwise(members):
            rows[lower] = max(rows[lower], rows[upper] + 1.0)
    return list(zip(map(float, columns), rows, strict=True))


def _columns(graph: Graph) -> list[int]:
    """Return how far right each node stands: behind its parents, a leaf just before its user."""
    columns: list[int] = []
    for node in graph.nodes:
        before = [columns[graph.place(parent)] for parent, _ in node.parents]
        columns.append(1 + max(before) if before else 0)
    for index, leaf in enumerate(graph.nodes[:-1]):
        if not leaf.parents:
            users = [
                column
                for column, node in zip(columns, graph.nodes, strict=True)
                if any(parent is leaf for parent, _ in node.parents)
            ]
            columns[index] = min(users) - 1
    return columns


def _draw_graph(graph: Graph, step: int) -> object:
    values, reached, at, grads = _state(graph, step)
    places = _layout(graph)
    columns, rows = max(x for x, _ in places), max(y for _, y in places)
    backward = step > len(_inner(graph))
    fig, ax = figure("Backward: slopes" if backward else "Forward: values", size=(10, 4))
    ax.set_axis_off()
    ax.set(xlim=(-0.55, columns + 0.55), ylim=(rows + 0.75, -0.5))
    size = 14 if columns < 7 and rows < 4 else 12 if columns < 9 else 10
    texts = [_node_text(graph, index, index in values) for index in range(len(places))]
    for index, node in enumerate(graph.nodes):
        for parent, slope in node.parents:
            now = index == at and step > 0 and not (backward and step == len(_inner(graph)) + 1)
            first = graph.place(parent)
            ends = [(places[place], _width(texts[place], size)) for place in (first, index)]
            _draw_edge(ax, *ends, slope, now, backward)
    for index, ((x, y), text) in enumerate(zip(places, texts, strict=True)):
        color = AMBER if index == at else PAPER
        box = {"boxstyle": "round,pad=0.35", "facecolor": color, "edgecolor": INK, "lw": 1.6}
        ax.text(x, y, text, ha="center", va="center", fontsize=size, bbox=box, zorder=3)
        if index in reached:
            lines = 1 + text.count("\n")
            below = {"xytext": (0, -(0.65 * lines + 0.95) * size), "textcoords": "offset points"}
            style = {"fontsize": size, "color": ORANGE, "fontweight": "bold", "zorder": 4}
            says = f"slope {_short(grads[index])}"
            ax.annotate(says, (x, y), ha="center", va="center", **below, **style)
    return fig


def _draw_edge(
    ax: Axes,
    start: tuple[tuple[float, float], float],
    end: tuple[tuple[float, float], float],
    slope: float,
    now: bool,
    backward: bool,
) -> None:
    """Draw the way from a parent to a value; the one that is walked carries its local slope.

    Each end is a place and the half width of what stands there, in points.
    """
    (start, room_before), (end, room_behind) = start, end
    color = (ORANGE if backward else BLUE) if now else "#8a9099"
    style = "<|-" if backward and now else "-|>"
    arrow = {"arrowstyle": style, "color": color, "lw": 3 if now else 1.6}
    arrow |= {"shrinkA": room_before, "shrinkB": room_behind}
    ax.annotate("", end, start, arrowprops=arrow, zorder=2)
    if now and backward:
        place = [0.4 * a + 0.6 * b for a, b in zip(start, end, strict=True)]
        box = {"boxstyle": "round,pad=0.15", "facecolor": PAPER, "edgecolor": "none"}
        says = f"× {_short(slope)}"
        ax.text(*place, says, ha="center", va="center", fontsize=12, color=INK, bbox=box, zorder=5)


def _width(text: str, size: float) -> float:
    """Return about half the width of a node with its frame, in points."""
    return 10 + 0.31 * size * max(map(len, text.split("\n")))


def _node_text(graph: Graph, index: int, known: bool) -> str:
    label, node = graph.labels[index], graph.nodes[index]
    if not node.parents and label not in graph.leaves:
        return label  # a number in the formula
    if not node.parents:
        return f"{label} = {_short(node.data)}"
    return f"{label}\n{_short(node.data)}" if known else f"{label}\n?"


def _short(number: float) -> str:
    """Return a number with three digits or so, a true minus sign, and no minus before a zero."""
    digits = 3 if abs(number) < 1 else 2
    return f"{round(number, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".").replace("-", "−")


def _say_step(graph: Graph, step: int) -> str:
    """Say what is computed in a step, with its numbers."""
    inner = _inner(graph)
    where = f"Step {step} of {_n_steps(graph)}"
    if step == 0:
        return f"{where}. The inputs are given. Press Next."
    if step <= len(inner):
        return f"{where}, forward. {_say_forward(graph, inner[step - 1])}"
    if step == len(inner) + 1:
        return (
            f"{where}, backward. The result is {_short(graph.result.data)}. "
            "Its slope with respect to itself is 1."
        )
    at = inner[::-1][step - len(inner) - 2]
    return f"{where}, backward. {_say_backward(graph, at, step)}"


def _say_forward(graph: Graph, at: int) -> str:
    node, label = graph.nodes[at], graph.labels[at]
    parts = [_short(parent.data) for parent, _ in node.parents]
    made = f" {label} ".join(parts) if len(parts) == 2 else f"{label} of {parts[0]}"
    return f"{made} = {_short(node.data)}."


def _say_backward(graph: Graph, at: int, step: int) -> str:
    grads, before = _state(graph, step)[3], _state(graph, step - 1)[3]
    arriving = _short(grads[at])
    sentences = [f"At {graph.labels[at]} the slope {arriving} has arrived."]
    gained: dict[int, list[str]] = {}
    for parent, slope in graph.nodes[at].parents:
        gained.setdefault(graph.place(parent), []).append(f"{arriving} × {_short(slope)}")
    for place, products in gained.items():
        name = graph.labels[place]
        had = f"{_short(before[place])} + " if before[place] else ""
        sums = had + " + ".join(products)
        sentences.append(f"{name} gets {sums} = {_short(grads[place])}.")
    return " ".join(sentences)
