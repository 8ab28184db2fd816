"""The made-up reviews: labels by the rule, read by another reader; and what models make of them."""

import re

import pytest
import torch
import torch.nn.functional as F

from course_utils.datasets.reviews import (
    BAD,
    BLANK,
    GOOD,
    WORDS,
    encode_reviews,
    make_reviews,
    same_words,
    split_words,
    unknown_words,
)
from course_utils.models.language import BagOfWords, SentimentLSTM
from course_utils.training import fit, one_cycle, predict, wilson

N_TRAIN = 3000
SAYS_NO = re.compile(r"\b(not|never|hardly|far from|anything but)\b")


@pytest.fixture(scope="module")
def reviews():
    return make_reviews(2 * N_TRAIN)


def train(model, reviews, n_epochs, lr):
    X, y = encode_reviews(reviews.texts)[:N_TRAIN], reviews.labels[:N_TRAIN]
    settings = {"loss_fn": F.binary_cross_entropy_with_logits, "schedule": one_cycle}
    fit(model, (X, y), n_epochs=n_epochs, lr=lr, **settings, progress=False)
    return model


@pytest.fixture(scope="module")
def bag(reviews):
    torch.manual_seed(0)
    return train(BagOfWords(), reviews, 10, 0.02)


@pytest.fixture(scope="module")
def lstm(reviews):
    torch.manual_seed(0)
    return train(SentimentLSTM(), reviews, 8, 0.01)


def phrase_is_good(phrase):
    """Read one phrase: its adjective, turned round by a negation."""
    (adjective,) = [word for word in phrase.split() if word in GOOD + BAD]
    return (adjective in GOOD) != bool(SAYS_NO.search(phrase))


def by_the_rule(text):
    """Read a review as a person would; gives its label and whether it has a negation."""
    verdict = text.split(" was ")[1]
    if verdict.startswith("not only "):
        first, second = (word in GOOD for word in re.split(" but |only ", verdict)[1:])
        assert first == second
        return int(second), True
    parts = re.split(r"(?<!anything) but ", verdict)
    if len(parts) == 2:
        first, second = map(phrase_is_good, parts)
        assert first != second
        return int(second), bool(SAYS_NO.search(verdict))
    said = {phrase_is_good(part) for part in re.split(" and | , ", verdict)}
    assert len(said) == 1
    return int(said.pop()), bool(SAYS_NO.search(verdict))


def test_every_label_is_what_the_rule_says(reviews):
    for text, label, negated in zip(*reviews, strict=True):
        assert by_the_rule(text) == (label, negated), text


def test_no_review_comes_twice_and_all_kinds_are_equally_frequent(reviews):
    assert len(set(reviews.texts)) == 2 * N_TRAIN
    for negated in (True, False):
        labels = reviews.labels[reviews.negated == negated]
        assert labels.sum() == len(labels) / 2 == N_TRAIN / 2


def test_the_kinds_are_mixed(reviews):
    assert 0.45 < reviews.negated[:N_TRAIN].float().mean() < 0.55
    assert 0.45 < reviews.labels[:N_TRAIN].float().mean() < 0.55


def test_the_same_seed_makes_the_same_reviews():
    first = make_reviews(50, seed=1)
    assert first.texts == make_reviews(50, seed=1).texts
    assert first.texts != make_reviews(50, seed=2).texts
    assert (first.labels.dtype, first.negated.dtype) == (torch.int64, torch.bool)


def test_the_words_that_turn_an_adjective_round_tell_nothing_by_themselves(reviews):
    texts = [text for text, negated in zip(reviews.texts, reviews.negated, strict=True) if negated]
    labels = reviews.labels[reviews.negated]
    for word in ("not", "never", "hardly", "far", "anything", "but", "only", "and", ","):
        has = torch.tensor([word in text.split() for text in texts])
        assert 0.42 < labels[has].float().mean() < 0.58, word


def test_pairs_have_the_same_words_and_other_labels():
    for good, bad in zip(*same_words(300), strict=True):
        assert sorted(good.split()) == sorted(bad.split())
        assert by_the_rule(good) == (1, True)
        assert by_the_rule(bad) == (0, True)
    assert len(set(same_words(300)[0])) == 300


@pytest.mark.parametrize(
    ("make", "n"), [(make_reviews, 20_001), (make_reviews, 0), (same_words, 1001)]
)
def test_impossible_numbers_are_refused(make, n):
    with pytest.raises(ValueError, match=r"n must be a whole number from 1 to"):
        make(n)


def test_a_review_is_read_whatever_its_signs():
    assert split_words("It wasn’t BAD; good, not bad!") == [
        *("it", "was", "not", "bad", "good", ",", "not", "bad")
    ]
    assert unknown_words("The film isn't splendid") == ["is", "splendid"]
    rows = encode_reviews(["The film was bad", "bad, xyz bad", "xyz"])
    assert [[WORDS[k] for k in row if k != BLANK] for row in rows.tolist()] == [
        ["the", "film", "was", "bad"],
        ["bad", ",", "bad"],
        [],
    ]
    for wrong in ("the film was bad", []):
        with pytest.raises(ValueError, match="texts must be a list"):
            encode_reviews(wrong)


def test_every_word_of_the_reviews_is_in_the_vocabulary(reviews):
    assert not any(map(unknown_words, reviews.texts))
    assert len(set(WORDS)) == len(WORDS)
    assert WORDS[BLANK] == ""


@pytest.mark.parametrize("make", [BagOfWords, lambda: BagOfWords(8), SentimentLSTM])
def test_blanks_behind_the_end_change_nothing(make):
    X, model = encode_reviews(["the film was not bad at all", "the book was dull"]), make()
    wider = F.pad(X, (0, 5), value=BLANK)
    assert model(X).shape == (2,)
    assert torch.allclose(model(X), model(wider), atol=1e-6)
    assert torch.allclose(model(X)[1], model(encode_reviews(["the book was dull"]))[0], atol=1e-6)


@pytest.mark.parametrize("make", [BagOfWords, lambda: BagOfWords(8)])
def test_a_bag_does_not_see_the_order_and_an_lstm_does(make):
    torch.manual_seed(1)
    good, bad = map(encode_reviews, same_words(50))
    model = make()
    assert torch.allclose(model(good), model(bad), atol=1e-6)
    assert not torch.allclose(SentimentLSTM()(good), SentimentLSTM()(bad), atol=1e-6)


def share_right(model, reviews, negated):
    chosen = (reviews.negated == negated) & (torch.arange(2 * N_TRAIN) >= N_TRAIN)
    said = predict(model, encode_reviews(reviews.texts))[chosen] > 0
    right = said == (reviews.labels[chosen] == 1)
    return int(right.sum()), len(right)


def test_both_read_plain_reviews(reviews, bag, lstm):
    for model in (bag, lstm):
        n_right, n = share_right(model, reviews, negated=False)
        assert n_right / n > 0.99


def test_negated_reviews_need_order_and_the_intervals_are_far_apart(reviews, bag, lstm):
    bags, lstms = (wilson(*share_right(model, reviews, negated=True)) for model in (bag, lstm))
    assert share_right(lstm, reviews, negated=True)[1] >= 1000
    assert bags[1] < 0.5 < 0.97 < lstms[0]


def test_of_same_words_a_bag_reads_half_and_the_lstm_nearly_all(bag, lstm):
    good, bad = map(encode_reviews, same_words(300))
    right = [
        int((predict(model, good) > 0).sum() + (predict(model, bad) <= 0).sum())
        for model in (bag, lstm)
    ]
    assert right[0] == pytest.approx(300, abs=5)  # ties of rounding apart: exactly half
    assert right[1] > 590
