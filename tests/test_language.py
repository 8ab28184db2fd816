"""The models of names: counts against loops, the LSTM against counts, sampling against chances."""

import math
from collections import Counter

import pytest
import torch
import torch.nn.functional as F

from course_utils.datasets.names import END, LETTERS, N_SYMBOLS, PAD, encode_names, load_names
from course_utils.microscope import lstm_steps
from course_utils.models import card, load_pretrained
from course_utils.models.language import CharLSTM, CountModel, name_loss
from course_utils.training import bits_per_character, fit, next_letter, one_cycle, sample_names
from course_utils.training.sampling import LONGEST

TOY = ["ab", "abb", "ba"]


@pytest.fixture(scope="module")
def names():
    return load_names()


@pytest.fixture(scope="module")
def model():
    return load_pretrained("names", "cpu")


def pairs_of(names):
    """All pairs of neighbours, with "." for the start and the end."""
    return Counter(pair for name in names for pair in zip(f".{name}", f"{name}.", strict=True))


def number(sign):
    return END if sign == "." else 1 + LETTERS.index(sign)


# --- counts --------------------------------------------------------------------------------------


def test_without_context_every_symbol_is_as_likely(names):
    assert bits_per_character(CountModel(TOY, 0), names.test) == pytest.approx(math.log2(27))
    assert next_letter(CountModel(TOY, 0), "ab") == pytest.approx(torch.full((27,), 1 / 27))


def test_single_symbols_are_counted_with_the_ends():
    probs = next_letter(CountModel(TOY, 1, k=1e-6), "b")
    counts = {"a": 3, "b": 4, ".": 3}
    for sign, count in counts.items():
        assert probs[number(sign)].item() == pytest.approx(count / 10, abs=1e-4)


@pytest.mark.parametrize("k", [0.5, 10.0])
def test_pairs_are_smoothed_as_the_formula_says(k):
    counts, model = pairs_of(TOY), CountModel(TOY, 2, k)
    singles = next_letter(CountModel(TOY, 1, k), "")
    for first in ".ab":
        total = sum(counts[first, sign] for sign in f".{LETTERS}")
        probs = next_letter(model, "" if first == "." else first)
        for sign in f".{LETTERS}":
            wanted = (counts[first, sign] + k * singles[number(sign)].item()) / (total + k)
            assert probs[number(sign)].item() == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("order", range(6))
def test_counts_look_back_no_farther_than_their_order(names, order):
    model, seen = CountModel(names.train, order), "anna"[4 - max(order - 1, 0) :]
    probs = next_letter(model, f"x{seen}")
    assert torch.equal(probs, next_letter(model, f"zz{seen}"))
    assert probs.sum().item() == pytest.approx(1, abs=1e-5)
    if order > 1:
        assert not torch.allclose(probs, next_letter(model, f"x{seen[1:]}"), atol=1e-3)


def test_more_context_foresees_better_and_the_lstm_best(names, model):
    counts = [bits_per_character(CountModel(names.train, order), names.test) for order in range(6)]
    assert counts == sorted(counts, reverse=True)
    assert counts[2] == pytest.approx(3.37, abs=0.01)
    assert counts[4] == pytest.approx(2.87, abs=0.01)
    assert bits_per_character(model, names.test) < counts[4] - 0.1


@pytest.mark.parametrize("order", [-1, 6, 2.0, True])
def test_other_orders_are_refused(order):
    with pytest.raises(ValueError, match="order must be a whole number from 0 to 5"):
        CountModel(TOY, order)


@pytest.mark.parametrize("k", [0, -1, math.inf, math.nan])
def test_smoothing_needs_a_positive_number(k):
    with pytest.raises(ValueError, match="k must be above 0"):
        CountModel(TOY, 2, k)


# --- the LSTM ------------------------------------------------------------------------------------


def test_the_card_tells_the_bits_that_are_measured(names, model):
    for part, held in (("validation", names.val), ("test", names.test)):
        assert bits_per_character(model, held) == pytest.approx(card("names")[part], abs=2e-4)
    assert "bits per character" in card("names")["measure"]


def test_what_comes_later_changes_nothing_before(model):
    with torch.no_grad():
        short, long = (model(encode_names([text])[:, :-1]) for text in ("mar", "martha"))
    assert short.shape == (1, N_SYMBOLS + 1, 4)
    assert torch.allclose(short, long[:, :, :4], atol=1e-6)


def test_bits_are_the_mean_over_symbols_whatever_the_padding(model):
    single = [(bits_per_character(model, [name]), len(name) + 1) for name in ("al", "christopher")]
    mean = sum(bits * n for bits, n in single) / sum(n for _, n in single)
    assert bits_per_character(model, ["al", "christopher"]) == pytest.approx(mean, abs=1e-5)


def test_bits_of_a_name_are_those_of_its_symbols_one_by_one(model):
    costs = [
        -next_letter(model, "mary"[:n])[number(sign)].log2().item()
        for n, sign in enumerate("mary.")
    ]
    assert bits_per_character(model, ["mary"]) == pytest.approx(sum(costs) / 5, abs=1e-4)


def test_an_lstm_that_forgets_all_is_as_good_as_counted_pairs(names, model):
    rows = encode_names(names.test)
    wanted, bits = rows[:, 1:], {}
    for hold in (None, 0.0, 1.0):
        steps = lstm_steps(
            model.lstm, model.embedding(rows[:, :-1]), {} if hold is None else {"f": hold}
        )
        loss = F.cross_entropy(model.head(steps["h"]).transpose(1, 2), wanted, ignore_index=PAD)
        bits[hold] = loss.item() / math.log(2)
    pairs = bits_per_character(CountModel(names.train, 2), names.test)
    letters = bits_per_character(CountModel(names.train, 1), names.test)
    assert bits[None] == pytest.approx(bits_per_character(model, names.test), abs=0.05)
    assert bits[0.0] == pytest.approx(pairs, abs=0.05)
    assert bits[1.0] > letters > pairs > bits[None] + 0.5


def test_ten_quick_epochs_beat_counted_pairs_by_far(names):
    rows = encode_names(names.train)
    torch.manual_seed(0)
    model = CharLSTM()
    fit(
        model,
        (rows[:, :-1], rows[:, 1:]),
        n_epochs=10,
        lr=0.01,
        batch_size=32,
        schedule=one_cycle,
        loss_fn=name_loss,
        progress=False,
    )
    assert 2.7 < bits_per_character(model, names.val) < 2.92


# --- what is drawn from them ---------------------------------------------------------------------


def test_the_same_seed_writes_the_same_names_that_begin_as_asked(model):
    first = sample_names(model, 20, temperature=1.0, seed=3, start="Jo")
    assert first == sample_names(model, 20, temperature=1.0, seed=3, start="Jo")
    assert first != sample_names(model, 20, temperature=1.0, seed=4, start="Jo")
    assert all(name.startswith("jo") for name in first)
    assert len(first) == 20


def test_cold_sampling_takes_the_likeliest_letter_each_time(model):
    text = ""
    while (best := int(next_letter(model, text).argmax())) != END:
        text += LETTERS[best - 1]
    assert set(sample_names(model, 5, temperature=0.001)) == {text}


def test_letters_are_drawn_as_often_as_they_are_likely(names):
    model = CountModel(names.train, 1)
    wanted = next_letter(model, "")
    drawn = Counter(name[:1] for name in sample_names(model, 4000, seed=1))
    for sign in (".", "a", "e", "n"):
        share = drawn["" if sign == "." else sign] / 4000
        assert share == pytest.approx(wanted[number(sign)].item(), abs=0.025)


def test_heat_evens_the_chances_out_and_cold_sharpens_them(model):
    logits = torch.log(next_letter(model, "ma"))
    for temperature in (0.3, 2.0):
        found = next_letter(model, "ma", temperature)
        assert torch.allclose(found, (logits / temperature).softmax(0), atol=1e-5)
    assert next_letter(model, "ma", 1e4).max().item() == pytest.approx(1 / 27, rel=0.01)


def test_a_name_without_an_end_is_cut_off():
    endless = CountModel(["a" * 50] * 50, 2, k=1e-3)
    assert sample_names(endless, 2, temperature=0.1, start="a") == ["a" * LONGEST] * 2


def test_wrong_wishes_are_explained(model):
    for temperature in (0, -1, math.inf):
        with pytest.raises(ValueError, match="temperature must be above 0"):
            next_letter(model, "a", temperature)
    with pytest.raises(ValueError, match="n must be a whole number of names"):
        sample_names(model, 0)
    with pytest.raises(ValueError, match="keep_letters"):
        sample_names(model, 1, start="a b")
