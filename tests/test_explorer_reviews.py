"""The reader of reviews: the chances it draws are the models' own, word by word."""

import pytest
import torch
from torch import nn

from course_utils.datasets.reviews import encode_reviews
from course_utils.explorers.reviews import LONGEST, review_reader, verdicts
from course_utils.models.language import BagOfWords, SentimentLSTM


@pytest.fixture
def models():
    torch.manual_seed(0)
    return {"bag": BagOfWords(), "lstm": SentimentLSTM()}


def lines(explorer):
    return {line.get_label(): line.get_ydata() for line in explorer.figure.axes[0].lines}


def test_each_word_has_the_verdict_on_the_words_so_far(models):
    found = verdicts(models["lstm"], "the film was not bad")
    for n, part in enumerate(("the", "the film", "the film was", "the film was not"), 0):
        wanted = models["lstm"](encode_reviews([part])).sigmoid().item()
        assert found[n].item() == pytest.approx(wanted, abs=1e-5)
    assert found.shape == (5,)


def test_the_lines_and_the_sentence_are_the_models_verdicts(models):
    explorer = review_reader(models, "the film was not bad")
    for name, model in models.items():
        probs = verdicts(model, "the film was not bad")
        assert lines(explorer)[name] == pytest.approx(100 * probs.numpy(), abs=1e-3)
        word = "good" if probs[-1] > 0.5 else "bad"
        assert f"{name}: {word} ({100 * probs[-1]:.0f}% good)" in explorer.text


def test_typing_draws_another_picture_and_unknown_words_are_named(models):
    explorer = review_reader(models)
    before = explorer.picture.png
    explorer.controls["text"].value = "The soup was splendid, not bad!"
    assert explorer.picture.png != before
    assert "Not in the vocabulary: soup, splendid." in explorer.text
    labels = [label.get_text() for label in explorer.figure.axes[0].get_xticklabels()]
    assert labels == ["the", "was", ",", "not", "bad"]


@pytest.mark.parametrize("text", ["", "xyz", "?!"])
def test_where_nothing_is_known_it_says_which_words_are(models, text):
    explorer = review_reader(models, text)
    assert "Known are words such as: the, was, not" in explorer.text
    explorer.controls["text"].value = "bad"
    assert len(lines(explorer)["lstm"]) == 1


def test_a_long_review_is_cut(models):
    assert len(lines(review_reader(models, "not bad " * 40))["bag"]) == LONGEST


def test_models_keep_their_mode(models):
    models["lstm"].train()
    review_reader({"lstm": nn.Sequential(models["lstm"])})
    assert models["lstm"].training
