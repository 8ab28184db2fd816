"""Lesson 08: its own cell and backpropagation against PyTorch, and the figures that it states."""

import pytest
import torch
from lesson_code import lesson_definitions
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.datasets import MNIST_SAMPLE, bouncing_balls, fly, load_mnist, load_sunspots
from course_utils.exercises import lesson08
from course_utils.explorers.rows import runs
from course_utils.ink.forms import neat
from course_utils.microscope import gradient_reach, opinions
from course_utils.models import card, load_pretrained
from course_utils.models.sequences import roll_out

SIZES = [
    (n, n_steps, n_inputs, n_hidden)
    for n, n_steps in ((1, 1), (2, 7), (5, 28))
    for n_inputs, n_hidden in ((1, 1), (3, 8), (28, 5))
]


@pytest.fixture(scope="module")
def lesson():
    """Return the cell and the functions that the lesson defines."""
    return lesson_definitions("08")


@pytest.fixture
def pair(lesson):
    """Return a function that makes our cell and PyTorch's, with the same weights, in float64."""

    def make(n_inputs, n_hidden):
        ours = lesson["OurRNN"](n_inputs, n_hidden).double()
        theirs = nn.RNN(n_inputs, n_hidden, batch_first=True).double()
        weights = ours.W_xh.weight, ours.W_hh.weight, ours.W_xh.bias, torch.zeros(n_hidden)
        theirs.load_state_dict(dict(zip(theirs.state_dict(), weights, strict=True)))
        return ours, theirs

    return make


def slopes_of(ours, theirs):
    return [
        (ours.W_xh.weight.grad, theirs.weight_ih_l0.grad),
        (ours.W_hh.weight.grad, theirs.weight_hh_l0.grad),
        (ours.W_xh.bias.grad, theirs.bias_ih_l0.grad),
    ]


@pytest.mark.parametrize("sizes", SIZES)
def test_our_cell_gives_pytorchs_states_and_gradients(pair, sizes):
    n, n_steps, n_inputs, n_hidden = sizes
    torch.manual_seed(sum(sizes))
    ours, theirs = pair(n_inputs, n_hidden)
    X, factors = torch.randn(n, n_steps, n_inputs), torch.randn(n, n_steps, n_hidden)
    start = torch.randn(n, n_hidden).double()
    found = []
    for cell, h in ((ours, start), (theirs, start[None])):
        inputs, h = X.double().requires_grad_(), h.clone().requires_grad_()
        states, last = cell(inputs, h)
        ((states * factors).sum() + last.sum()).backward()
        found.append((states, last.reshape(n, n_hidden), inputs.grad, h.grad.reshape(n, -1)))
    for mine, its in [*zip(*found, strict=True), *slopes_of(ours, theirs)]:
        torch.testing.assert_close(mine, its, rtol=0, atol=1e-6)


def test_without_a_state_the_cell_begins_with_zeros(lesson):
    cell, X = lesson["OurRNN"](3, 4), torch.randn(2, 5, 3)
    torch.testing.assert_close(cell(X), cell(X, torch.zeros(2, 4)))


def test_a_sequence_cut_in_two_is_the_same_if_the_state_is_handed_on(lesson):
    cell, X = lesson["OurRNN"](3, 4), torch.randn(2, 10, 3)
    whole, last = cell(X)
    first, h = cell(X[:, :6])
    second, end = cell(X[:, 6:], h)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(end, last)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_lessons_backpropagation_through_time_is_autograds(lesson, sizes):
    n, n_steps, n_inputs, n_hidden = sizes
    torch.manual_seed(sum(sizes))
    cell = lesson["OurRNN"](n_inputs, n_hidden).double()
    X = torch.randn(n, n_steps, n_inputs, dtype=torch.float64)
    _, last = cell(X)
    (0.5 * ((last - 1) ** 2).sum()).backward()
    with torch.no_grad():
        W_xh, W_hh, b = lesson["through_time"](cell, X, last - 1)
    for mine, its in ((W_xh, cell.W_xh.weight), (W_hh, cell.W_hh.weight), (b, cell.W_xh.bias)):
        torch.testing.assert_close(mine, its.grad, rtol=0, atol=1e-6)


@pytest.mark.parametrize("case", lesson08.BPTT.cases())
def test_the_exercise_on_time_has_autograds_slope(case):
    xs, w_x, w_h, target = case
    w = torch.tensor(w_h, dtype=torch.float64, requires_grad=True)
    h = torch.zeros((), dtype=torch.float64)
    for x in xs:
        h = torch.tanh(w_x * x + w * h)
    (0.5 * (h - target) ** 2).backward()
    assert lesson08.BPTT.reference(*case) == pytest.approx(w.grad.item(), abs=1e-9)


@pytest.mark.parametrize(("gradients", "most"), lesson08.CLIP.cases())
def test_the_exercise_on_clipping_does_what_pytorch_does(gradients, most):
    weights = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient.clone()
    nn.utils.clip_grad_norm_(weights, most)
    ours = lesson08.CLIP.reference(gradients, most)
    for mine, weight in zip(ours, weights, strict=True):
        torch.testing.assert_close(mine, weight.grad, rtol=1e-4, atol=1e-5)


def test_the_exercise_on_rolling_out_flies_a_ball():
    path = fly((-0.5, 0.0), (0.1, 0.0), 8)[:, 0].tolist()
    gone_on = lesson08.ROLL.reference(lesson08.flies_straight_on, path[:2], 6)
    assert gone_on == pytest.approx(path[2:], abs=1e-6)


def test_only_the_first_noun_tells_the_form_of_the_verb(lesson):
    say = lesson["sentence"]
    assert say("dog", "cat", "run", True, False) == ["the", "dogs", "near", "the", "cat", "run"]
    assert say("dog", "cat", "run", False, True) == ["the", "dog", "near", "the", "cats", "runs"]


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM])
def test_a_row_reader_asked_on_the_way_ends_where_one_asked_at_the_end_does(lesson, kind):
    end, way = lesson["RowReader"](kind), lesson["RowReader"](kind, every_row=True)
    way.load_state_dict(end.state_dict())
    X = torch.rand(3, 1, 28, 28)
    assert way(X).shape == (3, 10, 28)
    torch.testing.assert_close(way(X)[:, :, -1], end(X))


def test_the_shipped_ball_meets_no_more_trouble_where_it_met_a_wall():
    paths = bouncing_balls(1000, n_steps=41, seed=3)
    guessed = roll_out(load_pretrained("ball", "cpu"), paths[:, :10], 10)
    off = (guessed[:, 9] - paths[:, 19]).norm(dim=1)
    moves = paths[:, 8:20].diff(dim=1)
    met = (moves[:, 1:] * moves[:, :-1] < 0).any(dim=2).any(dim=1)
    assert off[~met].mean().item() == pytest.approx(0.035, abs=0.008)
    assert off[met].mean().item() == pytest.approx(0.028, abs=0.008)
    assert off[met].mean() < off[~met].mean()


def test_the_errors_of_the_neighbours_rules_for_sunspots():
    years, spots = load_sunspots()
    test = (years >= 1920).nonzero()[:, 0]

    def error(guess, places=test):
        return ((guess - spots[places]) ** 2).mean().sqrt().item()

    assert error(spots[test - 1]) == pytest.approx(30.4, abs=0.05)
    assert error(spots[test - 11]) == pytest.approx(34.1, abs=0.05)
    between = test[:-1]
    cheat = error((spots[between - 1] + spots[between + 1]) / 2, between)
    assert cheat == pytest.approx(13.9, abs=0.05)
    assert (len(test), int((years < 1920).sum())) == (89, 220)
    both_known = (220 / 309) ** 2  # of test years drawn by lot, those between training years
    assert both_known == pytest.approx(0.5, abs=0.01)


def test_the_years_of_validation_were_quiet():
    years, spots = load_sunspots()
    learned, new = (spots[(years >= a) & (years < a + n)] for a, n in ((1720, 160), (1880, 40)))
    assert new.std() / learned.std() == pytest.approx(0.75, abs=0.02)


def test_the_gradients_that_the_explorer_shows_are_those_of_the_text():
    small, large = (gradient_reach("RNN", size).norms for size in (0.8, 2.0))
    assert small[10] == pytest.approx(0.03, abs=0.005)
    assert small[30] == pytest.approx(3e-5, rel=0.2)
    assert large[30] == pytest.approx(80, rel=0.1)
    assert gradient_reach("LSTM", 0.8).norms[30] < small[30] * 3
    assert gradient_reach("LSTM", 0.8, gate_bias=3).norms[30] > 0.1


def test_to_keep_the_graph_leads_from_one_error_to_the_next(lesson):
    cell = lesson["OurRNN"](3, 5)
    optimizer = torch.optim.SGD(cell.parameters(), lr=0.1)
    first, second = torch.randn(1, 20, 3).split(10, dim=1)
    states, h = cell(first)
    states.pow(2).mean().backward(retain_graph=True)
    optimizer.step()
    states, _ = cell(second, h)
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        states.pow(2).mean().backward(retain_graph=True)


def test_the_last_four_rows_of_half_of_the_digits_are_paper():
    last = load_mnist(MNIST_SAMPLE).test_images[:, 24:]
    assert (last.amax(dim=(1, 2)) == 0).float().mean().item() == pytest.approx(0.5, abs=0.03)


def test_the_two_of_the_lesson_is_known_before_its_foot():
    pad = DigitPad(load_pretrained("rows", "cpu"))
    pad.draw(neat("2"))
    thought = opinions(load_pretrained("rows", "cpu"), pad)
    assert runs(thought)[-2:] == [(8, 6), (2, 11)]
    assert thought[10:, 2].min() > 0.7


def test_the_cards_say_what_the_lesson_says():
    assert card("rnn")["test_accuracy"] == pytest.approx(0.991, abs=0.0006)
    assert card("rows")["test_accuracy"] == pytest.approx(0.988, abs=0.0006)
    assert card("rows")["test"] == pytest.approx(0.93, abs=0.003)  # after row 14
