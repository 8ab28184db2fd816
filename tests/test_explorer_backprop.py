"""The graph of lesson 04 on which slopes are walked back."""

import math
import re

import pytest
import torch

from course_utils.explorers.backprop import FUNCTIONS, backprop_graph, read_formula

INPUTS = {"w": 0.7, "x": 1.3, "b": -0.4}
FORMULAS = [
    "tanh(w * x + b)",
    "0.5 * (relu(w * x) - b) ** 2",
    "sigmoid(w) * exp(b) / x",
    "log(x) - w * -b",
    "w * x + w * x + w",
    "(w - 2 ** 2) ** -1 + (-x) ** 3",
    "-(w + b) * -1.5",
    "x ** 0 + w",
]


def pytorch(formula):
    """Return the value and the slopes that PyTorch finds for a formula."""
    leaves = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for name, value in INPUTS.items()
    }
    result = eval(formula, {name: getattr(torch, name) for name in FUNCTIONS} | leaves)
    result.backward()
    slopes = {name: 0.0 if t.grad is None else t.grad.item() for name, t in leaves.items()}
    return result.item(), slopes


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_has_the_value_and_the_slopes_that_pytorch_finds(formula):
    graph = read_formula(formula, INPUTS)
    value, slopes = pytorch(formula)
    assert graph.result.data == pytest.approx(value)
    for name, leaf in graph.leaves.items():
        assert leaf.grad == pytest.approx(slopes[name], abs=1e-12), name


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("", "a formula must be text"),
        ("w *", "is no formula"),
        ("w * q", "'q', which has no value"),
        ("__import__('os').system('ls')", "is not known here"),
        ("w.real", "'w.real' is not known here"),
        ("sqrt(w)", "functions of one number are tanh, relu"),
        ("tanh(w, x)", "functions of one number"),
        ("[w]", "is not known here"),
        ("w if x else b", "is not known here"),
        ("'w'", "is not known here"),
        ("True", "is not known here"),
        ("w ** x", "an exponent must be a plain number"),
        ("w / (x - x)", "cannot be computed"),
        ("log(b)", "log takes numbers above 0"),
        ("b ** 0.5", "no real number"),
        ("exp(exp(exp(w * 9)))", "cannot be computed"),
        ("+".join(["w * x"] * 20), "write a shorter one"),
        ("(" * 150 + "w" + ")" * 40, "is no formula"),
        ("w" * 300, "1 to 200 characters"),
    ],
)
def test_what_is_no_formula_is_refused_with_a_remedy(formula, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        read_formula(formula, INPUTS)


def test_signs_as_people_type_them_are_understood():
    typed = read_formula("w × x − b ^ 2", INPUTS)
    assert typed.result.data == pytest.approx(0.7 * 1.3 - 0.16)


def test_an_explorer_refuses_names_and_numbers_that_it_cannot_show():
    with pytest.raises(ValueError, match="from -5 to 5"):
        backprop_graph("w", w=7.0)
    with pytest.raises(ValueError, match="the name 'step' is taken"):
        backprop_graph("step", step=1.0)
    with pytest.raises(ValueError, match=r"pass b=1\.0 as well"):
        backprop_graph("w + b", w=1.0)
    with pytest.raises(ValueError, match="a step from 0 to 3, got 4"):
        backprop_graph("w * x", start=4, w=1.0, x=2.0)


def test_a_walk_can_begin_where_only_the_values_are_known():
    explorer = backprop_graph("tanh(w * x + b)", start=4, w=2.0, x=1.0, b=-1.0)
    assert "Its slope with respect to itself is 1" in explorer.says.value


def test_walking_forward_and_back_says_each_step():
    explorer = backprop_graph("tanh(w * x + b)", w=2.0, x=1.0, b=-1.0)
    pictures, said = [], []
    for step in range(8):
        explorer.controls["step"].slider.value = step
        pictures.append(explorer.picture.png)
        said.append(explorer.says.value)
    assert said[0].startswith("Step 0 of 7.")
    assert "2 × 1 = 2" in said[1]
    assert "2 + −1 = 1" in said[2]
    assert "tanh of 1 = 0.762" in said[3]
    assert "Its slope with respect to itself is 1" in said[4]
    assert "+ gets 1 × 0.42 = 0.42" in said[5]
    assert "b gets 0.42 × 1 = 0.42" in said[6]
    assert "w gets 0.42 × 1 = 0.42. x gets 0.42 × 2 = 0.84" in said[7]
    assert len(set(pictures)) == 8


def test_the_buttons_step_back_as_well():
    explorer = backprop_graph("w * x", w=2.0, x=3.0)
    assert explorer.values["step"] == 3
    explorer.controls["step"].back.click()
    assert "Step 2 of 3" in explorer.says.value
    explorer.controls["step"].next.click()
    assert "w gets 1 × 3 = 3. x gets 1 × 2 = 2." in explorer.says.value


def test_slopes_of_two_ways_are_added_where_they_meet():
    explorer = backprop_graph("w * x + w", w=2.0, x=3.0)
    assert "w gets 1 + 1 × 3 = 4" in explorer.says.value
    explorer = backprop_graph("w * w", w=3.0)
    assert "w gets 1 × 3 + 1 × 3 = 6" in explorer.says.value


def test_a_typed_formula_replaces_the_first_and_has_its_own_number_of_steps():
    explorer = backprop_graph("w * x", w=2.0, x=3.0)
    explorer.controls["formula"].value = "tanh(w) * x + w"
    assert explorer.controls["step"].slider.max == 7
    explorer.controls["step"].slider.value = 7
    slope = 3 * (1 - math.tanh(2.0) ** 2) + 1
    assert f"= {slope:.2f}." in explorer.says.value
    explorer.controls["formula"].value = "w"
    assert "Step 1 of 1" in explorer.says.value


def test_a_formula_that_cannot_be_read_is_explained_and_the_picture_stays():
    explorer = backprop_graph("w * x", w=2.0, x=3.0)
    before = explorer.picture.png
    explorer.controls["formula"].value = "w * zebra"
    assert "zebra" in explorer.says.value
    assert explorer.picture.png == before
    explorer.controls["formula"].value = "w + x"
    assert explorer.picture.png != before


def test_a_slider_changes_the_numbers_on_the_graph():
    explorer = backprop_graph("w * x", w=2.0, x=3.0)
    explorer.controls["x"].value = -1.5
    assert "w gets 1 × −1.5 = −1.5" in explorer.says.value
