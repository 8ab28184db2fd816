"""The caption explorer of lesson 09: digits picked, digits drawn."""

import pytest
import torch

from course_utils.canvas import DigitPad
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.explorers.captions import DRAWN, NONE, Drawn, caption_explorer, strip_of
from course_utils.ink.forms import neat
from course_utils.models import load_pretrained


@pytest.fixture(scope="module")
def captioner():
    return load_pretrained("captioner", "cpu")


@pytest.fixture(scope="module")
def digits():
    mnist = load_mnist(MNIST_SAMPLE)
    return mnist.test_images, mnist.test_labels


def new_pad():
    return DigitPad(lambda X: torch.zeros(10))


def keep_button(explorer):
    return explorer.below.children[0]


def test_the_sentence_tells_caption_word_and_truth(captioner, digits):
    explorer = caption_explorer(captioner, *digits)
    assert "It says “seven three”. Word 2 is “three” with" in explorer.says.value
    assert "That is right." in explorer.says.value
    explorer.set(first=4, second=0, third=9, word=3)
    assert "It says “four zero nine”. Word 3 is “nine”" in explorer.says.value


def test_the_end_comes_after_the_last_digit(captioner, digits):
    explorer = caption_explorer(captioner, *digits, digits=(5, NONE, NONE))
    assert "It says “five”. Word 2 is “end”" in explorer.says.value
    explorer.set(word=4)
    assert "Word 2 is “end”" in explorer.says.value


@pytest.mark.parametrize("values", [{"writer": 2}, {"gap": -12}, {"word": 3}, {"first": 1}])
def test_each_control_changes_the_picture(captioner, digits, values):
    explorer = caption_explorer(captioner, *digits)
    before = explorer.picture.png
    explorer.set(**values)
    assert explorer.picture.png != before


def test_a_strip_without_digits_is_named_as_one(captioner, digits):
    explorer = caption_explorer(captioner, *digits, digits=(NONE, NONE, NONE))
    assert "The strip is empty" in explorer.says.value


def test_digits_stand_in_the_middle_as_far_apart_as_the_strip_allows():
    square = torch.full((28, 28), 9, dtype=torch.uint8)
    assert strip_of([], 5).sum() == 0
    columns = {
        (n, gap): strip_of([square] * n, gap)[0].nonzero().flatten().tolist()
        for n, gap in ((1, 5), (2, 6), (3, 14), (3, -12))
    }
    assert columns[1, 5] == list(range(28, 56))
    assert columns[2, 6] == [*range(11, 39), *range(45, 73)]
    assert columns[3, 14] == list(range(84))
    assert columns[3, -12] == list(range(12, 72))


def test_drawings_are_captioned_as_they_are_drawn_and_kept_one_after_another(captioner, digits):
    pad = new_pad()
    explorer = caption_explorer(captioner, *digits, pad=pad)
    assert "That is" in explorer.says.value
    pad.draw(neat("7"))
    assert explorer.values["source"] == DRAWN
    assert "Your strip of 1. It says “seven”." in explorer.says.value
    keep_button(explorer).click()
    assert not pad.strokes
    pad.draw(neat("3"))
    assert "Your strip of 2. It says “seven three”." in explorer.says.value
    keep_button(explorer).click()
    pad.draw(neat("0"))
    assert "Your strip of 3, which is full. It says “seven three zero”." in explorer.says.value
    explorer.below.children[1].click()
    assert "Nothing is drawn yet" in explorer.says.value


def test_no_more_than_three_drawings_are_kept_and_an_empty_pad_is_none():
    pad = new_pad()
    drawn = Drawn(pad)
    drawn.keep()
    assert drawn.images == []
    for _ in range(4):
        pad.draw(neat("1"))
        drawn.keep()
    assert len(drawn.kept) == len(drawn.images) == 3
    assert drawn.images[0].dtype == torch.uint8


def test_what_cannot_be_laid_on_a_strip_is_refused(captioner, digits):
    images, labels = digits
    with pytest.raises(ValueError, match=r"uint8 \(N, 28, 28\) with a label for each"):
        caption_explorer(captioner, images / 255, labels)
    with pytest.raises(ValueError, match=r"there is no picture of \[3\]"):
        caption_explorer(captioner, images[labels != 3], labels[labels != 3])
    with pytest.raises(ValueError, match="pad must be a DigitPad, got int"):
        caption_explorer(captioner, images, labels, pad=3)
