"""The row-by-row reader: what a model thinks after each row, and how it is told."""

import numpy as np
import pytest
import torch
from torch import nn
from train_moving import EveryRow

from course_utils.canvas import DigitPad
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.explorers.rows import row_reader, runs
from course_utils.ink.forms import neat
from course_utils.microscope import opinions
from course_utils.microscope.rows import row_probabilities
from course_utils.models import RowLSTM, card, load_pretrained


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return RowLSTM(n_hidden=8).eval()


@pytest.fixture(scope="module")
def digits():
    return load_mnist(MNIST_SAMPLE).test_images[:5]


def touch(explorer, x, y):
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[0].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


def test_the_last_opinion_is_the_models_answer(model, digits):
    wanted = model(digits[:1, None].float() / 255).softmax(1)[0]
    torch.testing.assert_close(opinions(model, digits[0])[-1], wanted.detach())


def test_an_opinion_is_the_answer_to_a_shorter_reading(model, digits):
    rows = digits[:1].float() / 255
    states, _ = model.lstm(rows[:, :11])
    wanted = model.head(states[:, -1]).softmax(1)[0]
    torch.testing.assert_close(opinions(model, digits[0])[10], wanted.detach())


def test_rows_that_are_not_read_yet_change_nothing(model, digits):
    changed = digits[0].clone()
    changed[20:] = 255
    before, after = opinions(model, digits[0]), opinions(model, changed)
    assert torch.equal(before[:20], after[:20])
    assert not torch.allclose(before[20:], after[20:])


def test_many_digits_are_read_as_each_alone(model, digits):
    together = row_probabilities(model, digits[:, None])
    assert together.shape == (5, 28, 10)
    torch.testing.assert_close(together, torch.stack([opinions(model, one) for one in digits]))
    torch.testing.assert_close(together.sum(2), torch.ones(5, 28))


def test_any_module_with_one_recurrent_layer_and_a_head_can_be_asked(digits):
    class Rows(nn.Module):
        def __init__(self, **more):
            super().__init__()
            self.reader, self.head = nn.RNN(28, 6, **more), nn.Linear(6, 10)

    assert opinions(Rows(batch_first=True), digits[0]).shape == (28, 10)
    with pytest.raises(ValueError, match="batch_first=True"):
        opinions(Rows(), digits[0])


@pytest.mark.parametrize("other", [nn.Linear(784, 10), nn.Sequential(nn.RNN(28, 6))])
def test_a_model_that_does_not_read_rows_is_refused(other, digits):
    with pytest.raises(ValueError, match="must have one recurrent layer"):
        row_reader(other, digits[0])


def test_a_picture_of_another_size_is_refused(model):
    with pytest.raises(ValueError, match=r"must be \(N, 28, 28\), got \(1, 20, 28\)"):
        opinions(model, torch.zeros(20, 28))


def test_runs_tell_where_the_answer_changes():
    probs = torch.eye(3)[[1, 1, 0, 0, 0, 1]]
    assert runs(probs) == [(1, 1), (0, 3), (1, 6)]


def test_the_sentence_tells_answer_confidence_and_changes(model, digits):
    explorer = row_reader(model, digits[0], row=28)
    probs = opinions(model, digits[0])
    answer, start = runs(probs)[-1]
    said = explorer.says.value
    assert f"After row 28 of 28 it says {answer} with {100 * probs[-1].max():.0f}%" in said
    assert f"since row {start}." in said
    explorer.set(row=1)
    assert f"Its answers so far: {runs(probs)[0][0]} from row 1." in explorer.says.value


def test_only_what_is_read_is_drawn(model, digits):
    explorer = row_reader(model, digits[0], row=9)
    picture, chart = (
        np.ma.filled(ax.images[0].get_array(), np.nan) for ax in explorer.figure.axes[:2]
    )
    torch.testing.assert_close(torch.tensor(picture[:9]).float(), digits[0, :9].float() / 255)
    assert not picture[9:].any()
    assert np.isfinite(chart[:9]).all()
    assert np.isnan(chart[9:]).all()


def test_a_touch_chooses_the_row(model, digits):
    explorer = row_reader(model, digits[0])
    touch(explorer, 14, 6.2)
    assert explorer.values["row"] == 7
    touch(explorer, 14, -3)
    assert explorer.values["row"] == 1


def test_of_several_models_one_is_chosen(model, digits):
    torch.manual_seed(5)
    explorer = row_reader({"one": model, "other": RowLSTM(8)}, digits[0])
    before = explorer.picture.png
    explorer.set(name="other")
    assert explorer.picture.png != before


def test_it_follows_the_drawing_on_a_pad(model):
    pad = DigitPad(model)
    explorer = row_reader(model, pad)
    assert "The pad is empty" in explorer.says.value
    before = explorer.picture.png
    pad.draw(neat("3"))
    assert "The pad is empty" not in explorer.says.value
    assert explorer.picture.png != before
    shown = np.array(explorer.figure.axes[0].images[0].get_array())
    assert np.allclose(shown[:14], pad.image[:14], atol=1e-6)


# --- the shipped reader that was asked after every row --------------------------------------------


def test_training_after_every_row_asks_for_what_opinions_tell(model, digits):
    logits = EveryRow(model)(digits[:, None].float() / 255)
    assert logits.shape == (5, 10, 28)
    torch.testing.assert_close(
        logits.softmax(1).transpose(1, 2).detach(), row_probabilities(model, digits)
    )


def test_who_was_asked_after_every_row_knows_half_a_digit_and_who_was_not_does_not():
    sample = load_mnist(MNIST_SAMPLE)
    right = {}
    for name in ("rows", "rnn"):
        probs = row_probabilities(load_pretrained(name, "cpu"), sample.test_images)
        right[name] = (probs.argmax(2) == sample.test_labels[:, None]).float().mean(0)
    assert right["rows"][13] > 0.9
    assert right["rnn"][13] < 0.3
    assert min(right["rows"][27], right["rnn"][27]) > 0.98


def test_the_card_of_rows_tells_half_a_digit_and_the_whole():
    described = card("rows")
    assert described["measure"] == "right after row 14 of 28"
    assert 0.91 < described["test"] < described["test_accuracy"]
    assert described["test_accuracy"] > 0.985
