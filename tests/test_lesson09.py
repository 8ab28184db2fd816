"""Lesson 09: what its own cell and functions compute, and the figures that it states."""

import copy
import math
import os
from collections import Counter

import pytest
import torch
import torch.nn.functional as F
from lesson_code import lesson_definitions
from torch import nn

from course_utils.datasets import (
    MNIST_SAMPLE,
    load_mnist,
    recall_task,
    source_tensor,
    spoken_dates,
    target_tensors,
)
from course_utils.datasets.captions import DIGIT_WORDS, digit_strips
from course_utils.datasets.names import PAD, encode_names, load_names
from course_utils.exercises.engine import examine
from course_utils.exercises.lesson09 import ATTEND, BIAS, GRU, LATCH, STEP, _cell_after
from course_utils.figures import lstm_diagram
from course_utils.ink.normalize import normalize_drawing
from course_utils.microscope import lstm_steps
from course_utils.models import Recaller, Translator, load_pretrained
from course_utils.models.language import CharLSTM, CountModel, name_loss
from course_utils.training import bits_per_character, fit, one_cycle, predict, sample_names

FULL = os.environ.get("COURSE_FULL_MNIST", "")
SIZES = [(1, 1, 1, 1), (1, 7, 3, 2), (5, 1, 2, 4), (4, 28, 28, 16), (9, 5, 11, 3)]  # N, T, D, H


@pytest.fixture(scope="module")
def lesson():
    """Return the classes and functions that the lesson defines."""
    return lesson_definitions("09")


def random_lstm(D, H, seed=0, dtype=torch.float64):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.LSTM(D, H, batch_first=True).to(dtype)


@pytest.mark.parametrize(("N", "T", "D", "H"), SIZES)
@pytest.mark.parametrize("given", [True, False], ids=["a state", "no state"])
def test_our_lstm_gives_what_pytorchs_gives(lesson, N, T, D, H, given):
    theirs = random_lstm(D, H)
    ours = lesson["like"](theirs)
    draw = torch.Generator().manual_seed(1)
    X = torch.randn(N, T, D, generator=draw, dtype=torch.float64, requires_grad=True)
    h, c = torch.randn(2, N, H, generator=draw, dtype=torch.float64).requires_grad_()
    start = (h, c) if given else None
    states, (last_h, last_c) = ours(X, start)
    known, (known_h, known_c) = theirs(X, (h[None], c[None]) if given else None)
    close = {"rtol": 0, "atol": 1e-10}
    torch.testing.assert_close(states, known, **close)
    torch.testing.assert_close(last_h, known_h[0], **close)
    torch.testing.assert_close(last_c, known_c[0], **close)

    weigh = torch.randn(known.shape, generator=draw, dtype=torch.float64)
    matrices = [ours.W_x.weight, ours.W_h.weight, ours.W_x.bias]
    known_matrices = [theirs.weight_ih_l0, theirs.weight_hh_l0, theirs.bias_ih_l0]
    inputs = [X, h, c] if given else [X]
    slopes = torch.autograd.grad((states * weigh).sum() + last_c.sum(), [*inputs, *matrices])
    wanted = torch.autograd.grad((known * weigh).sum() + known_c.sum(), [*inputs, *known_matrices])
    for ours_slope, their_slope in zip(slopes, wanted, strict=True):
        torch.testing.assert_close(ours_slope, their_slope, **close)


def test_our_lstm_agrees_in_single_precision_as_well(lesson):
    theirs = random_lstm(28, 32, dtype=torch.float32)
    X = torch.randn(8, 28, 28, generator=torch.Generator().manual_seed(2))
    states, (h, c) = lesson["like"](theirs)(X)
    known, (known_h, known_c) = theirs(X)
    torch.testing.assert_close(states, known, rtol=0, atol=1e-6)
    torch.testing.assert_close((h, c), (known_h[0], known_c[0]), rtol=0, atol=1e-6)


def test_our_lstm_reads_on_from_where_it_stopped(lesson):
    ours = lesson["like"](random_lstm(3, 4))
    X = torch.randn(2, 9, 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    whole, last = ours(X)
    first, state = ours(X[:, :4])
    rest, end = ours(X[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)
    torch.testing.assert_close(end, last)


def test_the_exercises_step_is_pytorchs_cell():
    cell = nn.LSTMCell(3, 5)
    x, h, c = torch.randn(4, 3), torch.randn(4, 5), torch.randn(4, 5)
    weights = cell.weight_ih.T, cell.weight_hh.T, cell.bias_ih + cell.bias_hh
    torch.testing.assert_close(STEP.reference(x, h, c, *weights), cell(x, (h, c)))


def test_the_exercises_gru_is_pytorchs_cell():
    cell = nn.GRUCell(3, 5)
    x, h = torch.randn(4, 3), torch.randn(4, 5)
    weights = cell.weight_ih.T, cell.weight_hh.T, cell.bias_ih, cell.bias_hh
    torch.testing.assert_close(GRU.reference(x, h, *weights), cell(x, h))


def test_the_exercises_attention_is_pytorchs():
    query, states = torch.randn(6), torch.randn(9, 6)
    weights, context = ATTEND.reference(query, states)
    theirs = F.scaled_dot_product_attention(query[None], states, states, scale=1.0)[0]
    torch.testing.assert_close(context, theirs)
    assert weights.sum().item() == pytest.approx(1)


@pytest.mark.parametrize("text", ["1" + 500 * ".", "0.1" + 99 * ".", "1101..1..."])
def test_a_latch_with_the_references_gates_holds_its_light(text):
    assert _cell_after(LATCH.reference, text) == pytest.approx(1, abs=0.1)
    assert _cell_after(LATCH.reference, text + "0...") == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("weight", "status"), [(-12.9, "wrong"), (-13.1, "right")])
def test_the_cell_set_by_hand_may_be_off_by_a_twentieth(weight, status):
    gates = [[-20, weight, 10], [20, 0, -10], [10, 0, 0]]  # a 0 leaves σ(10 + weight)
    assert examine(LATCH, gates).status == status


@pytest.mark.parametrize("n_steps", [1, 7, 28, 1000])
def test_the_forget_bias_leaves_one_half(n_steps):
    gate = torch.sigmoid(torch.tensor(BIAS.reference(n_steps), dtype=torch.float64))
    assert gate.item() ** n_steps == pytest.approx(0.5)


def test_an_open_forget_gate_lets_the_gradient_through_and_a_fresh_one_does_not(lesson):
    with torch.random.fork_rng():
        torch.manual_seed(4)
        fresh = {kind: kind(8, 64, batch_first=True) for kind in (nn.RNN, nn.GRU, nn.LSTM)}
    reached = {kind: lesson["reach"](layer)[40].item() for kind, layer in fresh.items()}
    assert max(reached.values()) < 1e-6
    with torch.no_grad():
        fresh[nn.LSTM].bias_hh_l0[64:128] += 3
    opened = lesson["reach"](fresh[nn.LSTM])
    assert 0.2 < opened[10:51].min() < opened[10:51].max() < 0.7  # falls to four tenths, and stays


@pytest.fixture(scope="module")
def reminded(lesson):
    """Return the lesson's LSTM that has learned the recall task with open gates."""
    (X, y), unseen = recall_task(4000, lag=20), recall_task(1000, lag=20, seed=1)
    other = unseen[0].clone()
    other[:, 0, :8] = other[:, 0, :8].roll(1, dims=1)
    lesson |= {"X_static": X, "y_first": y, "unseen": unseen, "other": other}
    with torch.random.fork_rng():
        return lesson["train_recall"]("lstm", gate_bias=3.0)


def test_the_trained_lstm_repeats_the_symbol_to_itself(lesson, reminded):
    apart = lesson["apart"](reminded)
    assert apart[-1] > 5
    assert torch.all(apart.diff() > 0)
    silent = copy.deepcopy(reminded)
    with torch.no_grad():
        silent.rnn.weight_hh_l0.zero_()  # h is 0 before the symbol, so this cuts only the way back
    assert lesson["apart"](silent)[-1].item() == pytest.approx(0.64, abs=0.15)


def test_before_training_open_gates_keep_the_symbol_and_pytorchs_halve_it(lesson, reminded):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        fresh, kept = (lesson["apart"](Recaller("lstm", gate_bias=bias)) for bias in (None, 3.0))
    assert (fresh[1:11] / fresh[:10]).mean().item() == pytest.approx(0.55, abs=0.1)
    assert 0.5 < kept.min() < kept.max() < 2


def test_the_trained_input_gates_open_widest_at_the_symbol(lesson, reminded):
    steps = lstm_steps(reminded.rnn, lesson["unseen"][0])
    at_symbol, then = (steps["i"][:, part].mean().item() for part in (slice(1), slice(1, -1)))
    assert at_symbol == pytest.approx(0.76, abs=0.08)
    assert then == pytest.approx(0.43, abs=0.08)
    assert 0.95 < steps["f"].mean() < 0.99


def smoothed(names, order, k=10):
    """Count groups in tables of their own; return bits per character of names, and the counts."""
    groups, contexts = Counter(), Counter()

    def windows(names):
        padded = ["." * (order - 1) + name + "." for name in names]
        return [row[j - order + 1 : j + 1] for row in padded for j in range(order - 1, len(row))]

    for window in windows(names):
        for start in range(order):
            groups[window[start:]] += 1
            contexts[window[start:-1], order - start] += 1

    def given(window):
        shorter = 1 / 27
        for start in reversed(range(order)):
            part = window[start:]
            n = contexts[part[:-1], len(part)]
            shorter = (groups[part] + k * shorter) / (n + k)
        return shorter

    def bits(others):
        costs = [-math.log2(given(window)) for window in windows(others)]
        return sum(costs) / len(costs)

    return bits, groups


def test_counting_comes_close_and_ends_with_groups_of_five():
    names = load_names()
    bits, groups = smoothed(names.train, 5)
    model = CountModel(names.train, order=5)
    five = bits_per_character(model, names.test)
    assert five == pytest.approx(bits(names.test), abs=1e-3)
    assert five == pytest.approx(2.83, abs=0.005)
    assert smoothed(names.train, 6)[0](names.test) >= five
    assert len(groups) == 19_667
    assert sum(len(group) == 5 for group in groups) < 10_000
    assert sum(p.numel() for p in CharLSTM().parameters()) == 25_532


def test_what_must_wait_longest_is_lost_whichever_way_a_date_is_written():
    texts, dates = spoken_dates(8000)
    asked, wanted = spoken_dates(1000, seed=1, part="test")
    fed, letters = target_tensors(dates)
    letters = torch.cat([letters[:, :-1].flip(1), letters[:, -1:]], dim=1)  # the end stays last
    fed = torch.cat([fed[:, :1], letters[:, :-1]], dim=1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Translator(attention=False, n_hidden=32)
        recipe = {"n_epochs": 4, "lr": 0.01, "schedule": one_cycle}
        fit(model, ((source_tensor(texts), fed), letters), **recipe)
    written = [text[::-1] for text in model.translate(asked)]
    pairs = list(zip(written, wanted, strict=True))
    right = [sum(a[k : k + 1] == b[k] for a, b in pairs) / 1000 for k in range(10)]
    assert min(right[8:]) > 0.75
    assert max(right[2:4]) < 0.65


def test_from_another_start_the_translator_without_attention_is_no_better_than_dateutil(lesson):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Translator(attention=False, n_hidden=32)
        texts, dates = spoken_dates(8000)
        fed, letters = target_tensors(dates)
        recipe = {"n_epochs": 4, "lr": 0.01, "schedule": one_cycle}
        fit(model, ((source_tensor(texts), fed), letters), **recipe)
    asked, lesson["iso_test"] = spoken_dates(1000, seed=1, part="test")
    by_hand = lesson["share_right"](map(lesson["by_dateutil"], asked))
    assert (
        lesson["share_right"](model.translate(asked)) <= by_hand == pytest.approx(0.335, abs=0.01)
    )


def test_the_diagram_says_what_it_draws(capsys):
    lstm_diagram()
    said = capsys.readouterr().out
    for part in ("forget gate", "input gate", "candidate", "output gate", "new cell", "new state"):
        assert part in said


def bits(model, rows, hold):
    states = lstm_steps(model.lstm, model.embedding(rows[:, :-1]), hold)["h"]
    return name_loss(model.head(states).transpose(1, 2), rows[:, 1:]).item() / math.log(2)


def test_what_the_lesson_says_of_forgetting_nothing_and_all():
    names, model = load_names(), load_pretrained("names", "cpu")
    rows = encode_names(names.test)
    pairs, letters = (
        bits_per_character(CountModel(names.train, order=order), names.test) for order in (2, 1)
    )
    free, none, everything = (bits(model, rows, hold) for hold in ({}, {"f": 0.0}, {"f": 1.0}))
    assert free < bits_per_character(CountModel(names.train, order=4), names.test)
    assert none == pytest.approx(pairs, abs=0.05)
    assert everything > letters


@pytest.mark.parametrize(("hold", "sure", "right"), [({}, 41, 39), ({"o": 1.0}, 63, 26)])
def test_with_all_cells_shown_the_network_is_sure_and_wrong(hold, sure, right):
    model, rows = load_pretrained("names", "cpu"), encode_names(load_names().test)
    states = lstm_steps(model.lstm, model.embedding(rows[:, :-1]), hold)["h"]
    asked, letters = rows[:, 1:] != PAD, model.head(states).softmax(dim=2)[..., :PAD]
    best, choice = letters.max(dim=2)
    assert 100 * best[asked].mean().item() == pytest.approx(sure, abs=1)
    hits = (choice == rows[:, 1:])[asked].float()
    assert 100 * hits.mean().item() == pytest.approx(right, abs=1)


def test_with_nothing_forgotten_the_cells_grow_twice_as_large():
    model, rows = load_pretrained("names", "cpu"), encode_names(load_names().test)[:, :-1]
    ninth = rows[:, 8] != PAD
    sizes = [
        lstm_steps(model.lstm, model.embedding(rows), hold)["c"][ninth, 8].abs().mean().item()
        for hold in ({}, {"f": 1.0})
    ]
    assert sizes == pytest.approx([1.4, 2.9], abs=0.1)


@pytest.mark.parametrize(
    ("temperature", "copies", "unseen"), [(0.5, 472, 75), (1.0, 150, 35), (1.5, 41, 8)]
)
def test_how_many_drawn_names_are_copies(temperature, copies, unseen):
    names = load_names()
    drawn = sample_names(load_pretrained("names", "cpu"), 1000, temperature, seed=0)
    assert sum(name in set(names.train) for name in drawn) == pytest.approx(copies, abs=15)
    others = set(names.val) | set(names.test)
    assert sum(name in others for name in drawn) == pytest.approx(unseen, abs=8)


def test_what_the_shipped_translator_makes_of_days_that_do_not_exist():
    model = load_pretrained("translator", "cpu")
    assert model.translate(["13.13.2013"]) == ["2013-13-13"]
    invented = model.explain("march")
    assert invented.text[4:8] == "-03-"
    assert invented.probs.max(-1).values.min() > 0.9


@pytest.fixture
def scissors(lesson):
    """Return the lesson's scissors, with all that they call."""
    lesson |= {"normalize_drawing": normalize_drawing, "predict": predict}
    lesson |= {"DIGIT_WORDS": DIGIT_WORDS, "cnn": load_pretrained("cnn", "cpu")}
    return lesson["scissors"]


def test_the_scissors_read_digits_that_are_parted_and_fail_at_a_parted_digit(lesson, scissors):
    mnist = load_mnist(MNIST_SAMPLE)
    seven, three = (mnist.test_images[mnist.test_labels == digit][0] for digit in (7, 3))
    strip = torch.zeros(1, 1, 28, 84, dtype=torch.uint8)
    strip[0, 0, :, 5:33], strip[0, 0, :, 45:73] = seven, three
    assert scissors(strip) == ["seven three"]
    column = int((seven > 0).any(dim=0).nonzero().float().mean()) + 5
    strip[0, 0, :, column] = 0
    assert len(scissors(strip)[0].split()) == 3


if FULL:

    def test_scissors_and_captioner_on_strips_of_the_official_test_digits(scissors):
        full = load_mnist(FULL)
        captioner, right = load_pretrained("captioner", "cpu"), [0, 0]
        for seed, n in ((0, 5000), (1, 5000), (9, 4000)):
            strips, captions = digit_strips(full.test_images, full.test_labels, n, seed=seed)
            for place, said in enumerate((scissors(strips), captioner.caption(strips))):
                right[place] += sum(map(str.__eq__, said, captions))
        assert [n / 14_000 for n in right] == pytest.approx([0.966, 0.974], abs=0.002)
