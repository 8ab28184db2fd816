"""The temperature sampler: its names, its bars and what it says of them."""

import pytest

from course_utils.datasets.names import load_names
from course_utils.explorers.sampler import (
    LEARNED,
    N_NAMES,
    NEW,
    UNSEEN,
    kind_of,
    temperature_sampler,
)
from course_utils.models import load_pretrained
from course_utils.models.language import CountModel
from course_utils.training import next_letter, sample_names


@pytest.fixture(scope="module")
def model():
    return load_pretrained("names", "cpu")


@pytest.fixture
def sampler(model):
    return temperature_sampler(model)


def written(explorer):
    """The names in the picture, without their signs."""
    texts = [text.get_text() for text in explorer.figure.axes[0].texts]
    return [text for text in texts if text not in ("", "•", "★")]


def test_names_are_those_that_the_model_writes(sampler, model):
    sampler.set(start="jo", temperature=0.6, seed=3)
    names = sample_names(model, N_NAMES, 0.6, 3, "jo")
    assert written(sampler) == [name[:13] for name in names]


def test_bars_are_at_this_temperature_and_outlines_at_one(sampler, model):
    sampler.set(start="jo", temperature=0.4)
    now, at_one = sampler.figure.axes[1].containers
    for bars, temperature in ((now, 0.4), (at_one, 1.0)):
        heights = [bar.get_height() for bar in bars]  # a to z, then the end
        wanted = 100 * next_letter(model, "jo", temperature).roll(-1)
        assert heights == pytest.approx(wanted.tolist(), abs=1e-3)


def test_every_control_draws_another_picture(sampler):
    pictures = {sampler.picture.png}
    for change in ({"start": ""}, {"temperature": 1.5}, {"seed": 7}):
        sampler.set(**change)
        pictures.add(sampler.picture.png)
    assert len(pictures) == 4


def test_it_says_what_is_real_and_what_is_made_up(sampler, model):
    names = load_names()
    assert [kind_of(names.train[0]), kind_of(names.test[0])] == [LEARNED, UNSEEN]
    assert [kind_of(names.val[0]), kind_of("qqq")] == [UNSEEN, NEW]
    sampler.set(start="", temperature=0.5)
    drawn = sample_names(model, N_NAMES, 0.5, 0)
    n_learned = sum(name in names.train for name in drawn)
    n_unseen = sum(name in names.val + names.test for name in drawn)
    assert f"{n_learned} of {N_NAMES} it had learned from" in sampler.text
    assert f"{n_unseen} are real but were not seen" in sampler.text
    assert f"{N_NAMES - n_learned - n_unseen} are made up" in sampler.text


def test_cold_copies_more_than_heat(model):
    copied = [
        sum(kind_of(name) == LEARNED for name in sample_names(model, 300, temperature))
        for temperature in (0.3, 1.0, 2.0)
    ]
    assert copied == sorted(copied, reverse=True)
    assert copied[0] > 3 * copied[2]


def test_doubt_grows_with_the_temperature(sampler):
    doubts = []
    for temperature in (0.3, 1.0, 2.0):
        sampler.set(temperature=temperature)
        doubts.append(float(sampler.text.split(" bits of doubt")[0].split()[-1]))
    assert doubts == sorted(doubts)


def test_counts_can_write_too_and_anything_can_be_typed():
    explorer = temperature_sampler(CountModel(load_names().train, 2), start="")
    assert len(written(explorer)) >= N_NAMES - 3  # a name may be empty
    explorer.controls["start"].value = "O'Brien the third"
    assert all(name.startswith("obrienth") for name in written(explorer))
