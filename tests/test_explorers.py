"""What all explorers share, and the explorers of lesson 01."""

import itertools

import ipywidgets
import numpy as np
import pytest

from course_utils.explorers import base, perceptron
from course_utils.explorers.base import Explorer, Stepper, choice, slider, switch, whole_slider
from course_utils.figures import figure


def draw(height, colour):
    fig, ax = figure(f"A {colour} line at {height:g}", size=(4, 3))
    ax.set(xlim=(0, 10), ylim=(0, 5))
    ax.axhline(height, color=colour)
    return fig, f"It lies at {height:g}."


@pytest.fixture
def explorer():
    return Explorer(
        "How high?",
        draw,
        {
            "height": slider(0, 5, 2, name="height"),
            "colour": choice(["red", "blue"], name="colour"),
        },
        touch=lambda x, y: {"height": y},
    )


def test_every_control_draws_again(explorer):
    pictures = [explorer.picture.png]
    explorer.controls["height"].value = 3
    pictures.append(explorer.picture.png)
    explorer.controls["colour"].value = "blue"
    pictures.append(explorer.picture.png)
    assert len(set(pictures)) == 3
    assert explorer.says.value == "It lies at 3."
    assert "A blue line at 3" in explorer.picture.alt


def test_setting_several_controls_draws_once(explorer, monkeypatch):
    drawn = []
    monkeypatch.setattr(explorer, "draw", lambda **values: drawn.append(values) or draw(**values))
    explorer.set(height=1.0, colour="blue")
    assert drawn == [{"height": 1.0, "colour": "blue"}]


def test_what_cannot_be_drawn_is_said_and_the_explorer_lives_on(explorer, monkeypatch):
    before = explorer.picture.png

    def draws_up_to_three(height, colour):
        if height > 3:
            raise ValueError("<too high>")
        return draw(height, colour)

    monkeypatch.setattr(explorer, "draw", draws_up_to_three)
    explorer.set(height=4)
    assert explorer.says.value == "This cannot be drawn: ValueError: &lt;too high&gt;"
    assert explorer.picture.png == before
    explorer.set(height=1)
    assert explorer.says.value == "It lies at 1."


def test_a_touch_is_turned_into_the_coordinates_of_the_figure(explorer):
    ax = explorer.figure.axes[0]
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    x, y = ax.transData.transform((5, 4))
    explorer.picture.point = [x / width, 1 - y / height]
    assert explorer.values["height"] == pytest.approx(4, abs=0.06)  # the slider's step is 0.1


@pytest.mark.parametrize("place", [[], [0.5], [float("nan"), 0.5], [0.1, 0.2, 0.3]])
def test_a_touch_that_is_no_place_changes_nothing(explorer, place):
    explorer.picture.point = place
    assert explorer.values["height"] == 2


def test_a_touch_beside_the_axes_stays_within_the_slider(explorer):
    explorer.picture.point = [0.0, 1.0]
    assert explorer.values["height"] == 0


def test_the_still_is_the_first_picture_and_the_text_says_it(explorer, monkeypatch):
    stored = {}
    monkeypatch.setattr(base, "publish", lambda text, **rest: stored.update(rest, text=text))
    explorer._ipython_display_()
    assert stored["png"] == explorer.picture.png
    assert stored["text"].startswith("How high? It lies at 2.\nA red line at 2")
    assert isinstance(stored["widget"], ipywidgets.VBox)


def test_stepper_moves_by_buttons_and_stops_at_its_ends():
    stepper = Stepper(3, start=1)
    assert stepper.value == 1
    stepper.back.click()
    stepper.back.click()
    assert stepper.value == 0
    for _ in range(5):
        stepper.next.click()
    assert (stepper.value, stepper.slider.value) == (3, 3)


def test_controls_carry_their_names():
    for control in (slider(0, 1, name="n"), whole_slider(0, 3, name="n"), choice([1], name="n")):
        assert control.description == "n"


# --- lesson 01 ---------------------------------------------------------------------------------


def test_threshold_builder_counts_right_corners():
    explorer = perceptron.threshold_builder()
    explorer.set(gate="AND", w1=1.0, w2=1.0, theta=1.5)
    assert "AND: 4 of 4 corners right" in explorer.text
    explorer.set(gate="XOR")
    assert "XOR: 1 of 4 corners right" in explorer.text
    assert "(1, 1) → 1" in explorer.says.value


def test_trace_of_and_ends_after_eleven_updates_with_all_corners_right():
    y = np.array(perceptron.GATES["AND"])
    updates = perceptron.trace_updates(perceptron.CORNERS, y)
    assert len(updates) == 11
    w = updates[-1].after
    assert ((perceptron.CORNERS @ w[1:] + w[0] >= 0).astype(int) == y).all()
    for one, two in itertools.pairwise(updates):
        assert (one.after == two.before).all()
        assert one.y != one.y_hat


def test_trace_of_xor_goes_on_as_long_as_it_may():
    updates = perceptron.trace_updates(perceptron.CORNERS, perceptron.GATES["XOR"], n_updates=25)
    assert len(updates) == 25
    tips = [tuple(update.after) for update in updates]
    assert len(set(tips[2:])) == 4  # the lesson says so: four weights take turns
    assert tips[2:-4] == tips[6:]


def test_stepper_tells_the_first_updates_of_the_lessons_table():
    corners = perceptron.CORNERS
    explorer = perceptron.perceptron_stepper({"AND": (corners, perceptron.GATES["AND"])})
    told = []
    for step in (1, 2, 3):
        explorer.set(step=step)
        told.append(explorer.says.value.split(" No line")[0].split(" = ")[-1])
    assert told == ["(−1, 0, 0).", "(0, 1, 1).", "(−1, 1, 1)."]


def test_stepper_draws_the_weights_beside_the_line_and_names_before_and_after():
    corners = perceptron.CORNERS
    explorer = perceptron.perceptron_stepper({"AND": (corners, perceptron.GATES["AND"])})
    explorer.set(step=3)
    plane, weights = explorer.figure.axes
    lines = [line.get_label() for line in plane.lines]
    assert lines == ["_before", "_after"]
    names = [text.get_text() for text in explorer.figure.legends[0].get_texts()]
    assert names[2:] == ["before", "after", "x, subtracted"]
    ends = [(arrow.xyann, arrow.xy) for arrow in weights.texts]
    start, before, after = (0, 0), (1, 1), (1, 1)  # x is (0, 0): no arrow of its own
    assert [tuple(map(tuple, pair)) for pair in ends] == [(start, before), (start, after)]


def test_an_update_adds_x_to_the_arrow_and_may_not_be_enough():
    explorer = perceptron.update_explorer()
    explorer.set(x1=-1.5, x2=1.0, y=1)
    assert "z = 2·(−1.5) + 1·1 = −2, so it says 0." in explorer.says.value
    assert "w = (2, 1) + (−1.5, 1) = (0.5, 2)." in explorer.says.value
    assert "z is now 1.25: right." in explorer.says.value
    explorer.set(x1=-1.0, x2=0.0)
    assert "z is now −1: still wrong." in explorer.says.value
    explorer.set(y=0)
    assert explorer.says.value.endswith("That is right, and nothing moves.")
    assert explorer.touch(2.2, -9.0) == {"x1": 2.0, "x2": -3.0}


def test_choosing_other_data_starts_again():
    corners, gates = perceptron.CORNERS, perceptron.GATES
    explorer = perceptron.perceptron_stepper(
        {"AND": (corners, gates["AND"]), "OR": (corners, gates["OR"])}
    )
    explorer.set(step=11)
    explorer.controls["name"].value = "OR"
    assert explorer.values["step"] == 0
    assert "all points are called 1" in explorer.says.value
    assert explorer.controls["step"].slider.max == len(
        perceptron.trace_updates(corners, gates["OR"])
    )


def test_a_control_that_moves_others_has_all_of_it_drawn_once(explorer, monkeypatch):
    drawn = []
    monkeypatch.setattr(explorer, "draw", lambda **values: drawn.append(values) or draw(**values))
    explorer.controls["colour"].unobserve_all("value")
    explorer.controls["colour"].observe(lambda _: explorer.set(height=4.0), names="value")
    explorer.controls["colour"].observe(explorer._redraw, names="value")
    explorer.controls["colour"].value = "blue"
    assert drawn == [{"height": 4.0, "colour": "blue"}]


def test_a_widget_may_stand_beneath_the_picture():
    fold = ipywidgets.HTML("<details></details>")
    explorer = Explorer(
        "?", lambda height: draw(height, "red"), {"height": slider(0, 5, 2, name="h")}, below=fold
    )
    assert explorer.widget().children[-1] is fold


def test_a_box_can_be_ticked():
    box = switch("with noise", False)
    assert (box.description, box.value) == ("with noise", False)


def test_a_drag_is_told_with_the_place_where_the_pointer_went_down():
    seen = []

    def drag(x0, y0, x, y):
        seen.append((x0, y0, x, y))
        return {"height": y}

    colours = choice(["red"], name="colour")
    explorer = Explorer(
        "?", draw, {"height": slider(0, 5, 2, name="height"), "colour": colours}, drag=drag
    )
    assert explorer.picture.touchable
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi

    def place(x, y):
        across, up = explorer.figure.axes[0].transData.transform((x, y))
        return [across / width, 1 - up / height]

    explorer.picture.point = place(9, 1)  # not pressed yet
    assert seen == []
    explorer.picture.pressed, explorer.picture.point = place(2, 1), place(2, 1)
    explorer.picture.point = place(5, 4)
    assert seen == [pytest.approx((2, 1, 2, 1)), pytest.approx((2, 1, 5, 4))]
    assert explorer.values["height"] == pytest.approx(4)
