"""The browser of lessons 00 and 03, in which digits are picked and a model reads them."""

import pytest
import torch
from yardstick import second, seconds_of

from course_utils.explorers.digits import mnist_browser

LABELS = torch.tensor([3, 7, 3, 1, 7, 7])
ANSWERS = torch.tensor([3, 7, 8, 1, 1, 7])  # rows 2 and 4 are read wrongly


@pytest.fixture(scope="module")
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (6, 28, 28), generator=generator, dtype=torch.uint8)


def reads(answers, sure=0.73):
    """Return a model that gives known answers, each with the same probability."""
    probs = torch.full((len(answers), 10), (1 - sure) / 9)
    probs[torch.arange(len(answers)), answers] = sure
    return lambda _: probs


def test_the_first_picture_is_shown_with_what_the_model_says_of_it(images):
    browser = mnist_browser(images, LABELS, reads(ANSWERS))
    assert browser.values == {"digit": "all", "shown": "all", "number": 1}
    assert "Picture 1 of 6, row 0 of the data: a 3." in browser.says.value
    assert "the answer 3 a probability of 73%. That is right." in browser.says.value
    assert "10 bars" in browser.text
    assert "picture of 28 × 28" in browser.text


def test_next_shows_another_picture(images):
    browser = mnist_browser(images, LABELS, reads(ANSWERS))
    before = browser.picture.png
    browser.controls["number"].next.click()
    assert "Picture 2 of 6, row 1 of the data: a 7." in browser.says.value
    assert browser.picture.png != before


def test_choosing_a_digit_leaves_only_that_digit(images):
    browser = mnist_browser(images, LABELS, reads(ANSWERS), number=4)
    browser.set(digit=7)
    assert "Picture 1 of 3, row 1 of the data" in browser.says.value
    browser.set(number=3)
    assert "Picture 3 of 3, row 5 of the data" in browser.says.value
    assert browser.controls["number"].slider.max == 3


def test_the_wrongly_read_pictures_are_those_whose_largest_probability_is_elsewhere(images):
    browser = mnist_browser(images, LABELS, reads(ANSWERS), shown="read wrongly")
    said = []
    for number in (1, 2):
        browser.set(number=number)
        said.append(browser.says.value)
    assert "of 2, row 2 of the data: a 3." in said[0]
    assert "of 2, row 4 of the data: a 7." in said[1]
    assert "That is wrong." in said[0]
    assert (
        "The model reads 8, but it is a 3"
        in mnist_browser(images, LABELS, reads(ANSWERS), shown="read wrongly").text
    )


def test_an_empty_choice_is_said_and_can_be_left_again(images):
    browser = mnist_browser(images, LABELS, reads(ANSWERS))
    browser.set(digit=9)
    assert browser.says.value == "There is no picture here: digit 9, all."
    browser.set(digit=1)
    assert "Picture 1 of 1, row 3" in browser.says.value


def test_the_model_gets_all_pictures_once_as_floats_from_0_to_1_with_a_channel(images):
    got = []

    def predict(batch):
        got.append(batch)
        return reads(ANSWERS)(batch)

    browser = mnist_browser(images, LABELS, predict)
    browser.set(number=2)
    assert len(got) == 1
    assert got[0].shape == (6, 1, 28, 28)
    assert torch.equal(got[0][:, 0], images.float() / 255)


def test_floats_show_the_same_picture_as_bytes(images):
    as_floats = mnist_browser(images.float() / 255, LABELS, reads(ANSWERS))
    assert as_floats.picture.png == mnist_browser(images, LABELS, reads(ANSWERS)).picture.png


def test_without_a_model_the_pictures_that_follow_are_shown(images):
    half = torch.zeros(28, 28, dtype=torch.uint8)
    half[:14] = 200
    browser = mnist_browser(torch.cat([half[None], images]), torch.cat([LABELS[:1], LABELS]))
    assert list(browser.controls) == ["digit", "number"]
    assert browser.says.value == (
        "Picture 1 of 7, row 0 of the data: a 3. 50% of its 784 pixels have some ink."
    )
    assert "picture of 112 × 196" in browser.text
    before = browser.picture.png
    browser.set(digit=7)
    assert browser.picture.png != before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"images": torch.zeros(28, 28)}, r"images must be \(N, 28, 28\).*image\[None\]"),
        ({"images": torch.zeros(0, 28, 28), "labels": LABELS[:0]}, "at least one picture"),
        ({"labels": LABELS[:4]}, r"labels must be \(6,\)"),
        ({"predict": lambda x: torch.zeros(len(x), 3)}, r"must give \(6, 10\).*got \(6, 3\)"),
        ({"predict": lambda x: 5 * torch.ones(len(x), 10)}, r"softmax\(1\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_remedy(images, change, says):
    arguments = {"images": images, "labels": LABELS, "predict": None} | change
    with pytest.raises(ValueError, match=says):
        mnist_browser(**arguments)


def test_turning_to_the_next_picture_takes_a_moment_only(images):
    browser = mnist_browser(images, LABELS, reads(ANSWERS))
    taken = [seconds_of(lambda n=n: browser.set(number=n)) for n in (2, 3, 4, 5, 6)]
    assert min(taken) < 0.5 * second()
