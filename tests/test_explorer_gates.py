"""The gate theatre: what it draws and says is what the LSTM does with the learner's text."""

import pytest
import torch

from course_utils.datasets.names import encode_names, load_names
from course_utils.explorers.gates import (
    HOLDS,
    LONGEST,
    NOTHING,
    PROGRESS,
    SHOWN,
    SORTS,
    VOWELS,
    Reading,
    gate_theatre,
    likeliest,
    orders_of_units,
)
from course_utils.models import load_pretrained
from course_utils.training import bits_per_character, next_letter

FORGET = "f at 0 (forget all)"


@pytest.fixture(scope="module")
def model():
    return load_pretrained("names", "cpu")


@pytest.fixture
def theatre(model):
    return gate_theatre(model)


def heat_map(explorer):
    return torch.tensor(explorer.figure.axes[0].images[0].get_array())  # (H, 1 + letters)


def bars(explorer, which=0):
    return [bar.get_height() for bar in explorer.figure.axes[1].containers[which]]


def test_a_reading_foresees_what_the_model_foresees(model):
    reading = Reading(model, "mar")
    for n in range(4):
        assert torch.allclose(reading.probs[n], next_letter(model, "mar"[:n]), atol=1e-5)
    costs = [bits_per_character(model, ["mar"]) * 4, -reading.probs[3, 0].log2().item()]
    assert reading.bits == pytest.approx((costs[0] - costs[1]) / 3, abs=1e-4)


def test_every_control_draws_another_picture(theatre):
    pictures = {theatre.picture.png}
    for change in (
        {"text": "peter"},
        {"step": 1},
        {"show": "o: output gate"},
        {"sort": VOWELS},
        {"hold": FORGET},
    ):
        theatre.set(**change)
        pictures.add(theatre.picture.png)
    assert len(pictures) == 6


@pytest.mark.parametrize(("show", "name"), SHOWN.items())
def test_the_heat_map_holds_the_values_of_what_is_shown(theatre, model, show, name):
    theatre.set(show=show, text="peter")
    values = Reading(model, "peter").steps[name]
    assert torch.allclose(heat_map(theatre).sort(0).values, values.T.sort(0).values)
    assert heat_map(theatre).shape == (64, 6)


@pytest.mark.parametrize("hold", [hold for hold in HOLDS if hold != NOTHING])
def test_a_held_gate_is_one_colour_and_the_outlines_are_as_before(theatre, hold):
    free = bars(theatre)
    ((gate, value),) = HOLDS[hold].items()
    theatre.set(hold=hold, show=next(show for show, name in SHOWN.items() if name == gate))
    assert (heat_map(theatre) == value).all()
    assert bars(theatre, 1) == pytest.approx(free)
    assert bars(theatre, 0) != pytest.approx(free, abs=1)
    assert f"With {gate} at {value:.0f}:" in theatre.text
    assert "outline: none held" in theatre.text


def test_the_sentence_tells_the_likeliest_letters_and_the_bits(theatre, model):
    theatre.set(text="ann", step=2)
    assert likeliest(next_letter(model, "an")) in theatre.text
    assert f"costs {Reading(model, 'ann').bits:.1f} bits a letter." in theatre.text
    theatre.set(hold=FORGET)
    held = Reading(model, "ann", {"f": 0.0})
    assert f"with f at 0 {held.bits:.1f}." in theatre.text
    assert likeliest(held.probs[2]) in theatre.text


def test_forgetting_costs_bits_on_more_names_than_not(model):
    names = load_names().test[:100]
    dearer = [Reading(model, n, {"f": 0.0}).bits > Reading(model, n).bits for n in names]
    assert sum(dearer) > 60


def test_while_typing_at_the_end_the_step_follows(theatre):
    theatre.set(step=8)
    theatre.controls["text"].value = "mariannas"
    assert theatre.values["step"] == 9
    assert "After “mariannas”" in theatre.text
    theatre.set(step=4)
    theatre.controls["text"].value = "mariannasa"
    assert theatre.values["step"] == 4
    theatre.controls["text"].value = "mo"
    assert theatre.values["step"] == 2


@pytest.mark.parametrize(("typed", "read"), [("", ""), ("Zoë 7!", "zo"), ("x" * 40, "x" * LONGEST)])
def test_whatever_is_typed_is_read_as_letters(theatre, typed, read):
    theatre.controls["text"].value = typed
    labels = [label.get_text() for label in theatre.figure.axes[0].get_xticklabels()]
    assert "".join(labels[1:]) == read
    assert ("costs" in theatre.text) == bool(read)


def test_typing_draws_once(theatre, monkeypatch):
    drawn, draw = [], theatre.draw
    monkeypatch.setattr(theatre, "draw", lambda **values: drawn.append(values) or draw(**values))
    theatre.set(step=8)
    theatre.controls["text"].value = "mariannas"
    assert len(drawn) == 2


def test_touching_a_column_goes_to_that_letter(theatre):
    width, height = theatre.figure.get_size_inches() * theatre.figure.dpi
    x, y = theatre.figure.axes[0].transData.transform((5, 20))
    theatre.picture.point = [x / width, 1 - y / height]
    assert theatre.values["step"] == 5


def test_units_are_sorted_by_how_they_go_with_what_is_asked(model):
    orders = orders_of_units(model)
    assert set(orders) == {(name, sort) for name in SHOWN.values() for sort in SORTS}
    rows = encode_names(load_names().test)[:, :-1]
    cells = torch.stack([Reading(model, name).steps["c"][-1] for name in load_names().test[:200]])
    starts = torch.stack([Reading(model, name).steps["c"][1] for name in load_names().test[:200]])
    grown = (cells - starts).mean(0)[orders["c", PROGRESS]]
    assert grown[:8].mean() > 0.5 > -0.5 > grown[-8:].mean()
    for order in orders.values():
        assert sorted(order.tolist()) == list(range(64))
    assert SORTS[VOWELS](rows).float().mean() > 0.2


def test_the_models_gradients_and_mode_are_left_alone(model):
    model.train()
    gate_theatre(model)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())
    model.eval()
