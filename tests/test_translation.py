"""The translator, its attention, and the captioner, as shipped."""

import pytest
import torch

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.datasets.captions import caption_tensors, digit_strips
from course_utils.datasets.dates import LETTERS, source_tensor, spoken_dates, target_tensors
from course_utils.models import load_pretrained
from course_utils.models.translation import Captioner, Translator
from course_utils.training import fit


@pytest.fixture(scope="module")
def translator():
    return load_pretrained("translator", "cpu")


@pytest.fixture(scope="module")
def captioner():
    return load_pretrained("captioner", "cpu")


@pytest.fixture(scope="module")
def dates():
    texts, dates = spoken_dates(40, seed=7)
    return source_tensor(texts), *target_tensors(dates)


@pytest.mark.parametrize("attention", [True, False])
def test_logits_have_an_axis_of_letters_where_the_loss_wants_it(dates, attention):
    source, fed, wanted = dates
    logits = Translator(attention)(source, fed)
    assert logits.shape == (40, 12, 11)
    assert torch.nn.functional.cross_entropy(logits, wanted).item() == pytest.approx(2.48, abs=0.2)


@pytest.mark.parametrize("attention", [True, False])
def test_what_fills_up_a_row_changes_nothing(dates, attention):
    torch.manual_seed(0)
    model = Translator(attention).eval()
    source, fed, _ = dates
    longer = torch.cat([source, torch.zeros(40, 5, dtype=torch.int64)], dim=1)
    torch.testing.assert_close(model(source, fed), model(longer, fed))
    k = int((source != 0).sum(1).argmin())
    short = source[k : k + 1, : int((source[k] != 0).sum())]
    torch.testing.assert_close(model(short, fed[k : k + 1]), model(source, fed)[k : k + 1])


def test_attention_is_what_its_formula_says():
    torch.manual_seed(0)
    model = Translator()
    source, (fed, _) = (
        source_tensor(["march 3 1987", "on may 5 1905"]),
        target_tensors(["1987-03-03", "1905-05-05"]),
    )
    memory, start = model.encode(source)
    logits, _, weights = model.decode(fed, start, memory, source)
    assert weights.shape == (2, 11, 7)
    torch.testing.assert_close(weights.sum(2), torch.ones(2, 11))
    assert (weights[0, :, 6:] == 0).all()  # the shorter text has six words
    states, _ = model.decoder(model.embed_letters(fed), start)
    for step in (0, 10):  # one sample, one letter, by hand
        scores = torch.stack([memory[0, word] @ states[0, step] for word in range(6)])
        by_hand = scores.exp() / scores.exp().sum()
        torch.testing.assert_close(weights[0, step, :6], by_hand)
        context = sum(w * memory[0, word] for word, w in enumerate(by_hand))
        mixed = torch.tanh(model.mix(torch.cat([states[0, step], context])))
        torch.testing.assert_close(logits[0, step], model.head(mixed))


def test_without_attention_the_last_state_is_all_that_passes():
    torch.manual_seed(0)
    model = Translator(attention=False)
    source = source_tensor(["march 3 1987"])
    fed, _ = target_tensors(["1987-03-03"])
    memory, state = model.encode(source)
    logits, _, weights = model.decode(fed, state, memory, source)
    again, _, _ = model.decode(fed, state, torch.zeros_like(memory), source)
    assert weights is None
    assert torch.equal(logits, again)
    assert model.explain("march 3 1987").weights is None


def test_writing_letter_by_letter_is_what_teacher_forcing_says_to_its_own_letters(translator):
    texts, _ = spoken_dates(30, seed=9, part="test")
    written = translator.translate(texts)
    source, (fed, _) = source_tensor(texts), target_tensors(written)
    with torch.no_grad():
        letters = translator(source, fed).argmax(1)[:, :10]
    assert ["".join(LETTERS[k] for k in row) for row in letters.tolist()] == written


def test_the_shipped_translator_is_right_on_days_that_it_never_saw(translator):
    texts, dates = spoken_dates(400, seed=3, part="test")
    assert sum(map(str.__eq__, translator.translate(texts), dates)) >= 396


def test_attention_looks_at_the_word_that_a_letter_comes_from(translator):
    found = translator.explain("tuesday , the third of march nineteen eighty seven")
    assert found.text == "1987-03-03"
    assert found.letters[-1] == "end"
    looked = [found.words[k] for k in found.weights.argmax(1)]
    assert [looked[k] for k in (1, 2, 3, 6, 9)] == ["nineteen", "eighty", "seven", "march", "third"]


def test_answers_do_not_depend_on_the_batch_and_modes_come_back(translator):
    texts, _ = spoken_dates(12, seed=4)
    translator.train()
    assert translator.translate(texts, batch_size=5) == translator.translate(texts)
    assert translator.training
    translator.eval()
    assert translator.explain(texts[0]).text == translator.translate(texts[:1])[0]
    assert not translator.training


def test_an_unknown_word_is_refused_before_anything_is_computed(translator):
    with pytest.raises(ValueError, match="did you mean 'march'"):
        translator.translate(["the third of marhc 1987"])


def test_a_translator_learns_a_few_dates_by_heart():
    texts, dates = spoken_dates(20, seed=1)
    torch.manual_seed(0)
    model = Translator(n_hidden=32)
    fed, wanted = target_tensors(dates)
    data = (source_tensor(texts), fed), wanted
    fit(model, data, n_epochs=150, lr=0.01, batch_size=20, device="cpu", progress=False)
    assert model.translate(texts) == dates


@pytest.fixture(scope="module")
def strips():
    mnist = load_mnist(MNIST_SAMPLE)
    return digit_strips(mnist.test_images, mnist.test_labels, 300, seed=1)


def test_captions_have_an_axis_of_words_where_the_loss_wants_it(strips):
    images, captions = strips
    fed, wanted = caption_tensors(captions[:8])
    logits = Captioner()(images[:8] / 255, fed)
    assert logits.shape == (8, 11, 4)
    assert wanted.shape == (8, 4)


def test_the_shipped_captioner_reads_the_sample(captioner, strips):
    images, captions = strips
    assert sum(map(str.__eq__, captioner.caption(images), captions)) >= 285


def test_bytes_and_fractions_of_ink_get_the_same_caption(captioner, strips):
    images, _ = strips
    said = captioner.caption(images[:20])
    assert captioner.caption(images[:20] / 255, batch_size=7) == said
    assert [captioner.explain(image).text for image in images[:20]] == said


def test_saying_word_by_word_is_what_teacher_forcing_says_to_its_own_words(captioner, strips):
    images, _ = strips
    found = captioner.explain(images[0])
    fed, wanted = caption_tensors([found.text])
    with torch.no_grad():
        probs = captioner(images[:1] / 255, fed).softmax(1)[0].T
    n = len(found.words)
    torch.testing.assert_close(found.probs, probs[:n], atol=1e-5, rtol=1e-4)
    assert found.probs.argmax(1).tolist() == wanted[0, :n].tolist()
