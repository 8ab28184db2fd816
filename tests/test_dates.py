"""Spoken dates: the rule, the parts, the words and the numbers."""

import datetime
import re

import numpy as np
import pytest
import torch

from course_utils.datasets.dates import (
    END,
    MONTHS,
    SMALL,
    START,
    TENS,
    WEEKDAYS,
    WORDS,
    number_in_words,
    ordinal_in_words,
    source_tensor,
    spoken_dates,
    target_tensors,
    words_of,
    year_in_words,
)

NUMBERS = {word: number for number, word in enumerate(SMALL)} | {
    word: 10 * number for number, word in enumerate(TENS) if word
}
ORDINALS = {ordinal_in_words(day): day for day in range(1, 32)}


def meant(text):
    """Read a date by rules of our own, not those that made it."""
    text = re.sub(r"^(born on|it was on|on) ", "", text.replace(" ,", " "))
    text = re.sub(rf"^({'|'.join(f'{day}|{day[:3]}' for day in WEEKDAYS)}) ", "", text)
    if found := re.fullmatch(r"(\d+)\.(\d+)\.(\d{4})", text.strip()):
        day, month, year = map(int, found.groups())
        return f"{year}-{month:02d}-{day:02d}"
    words = [word for word in text.split() if word not in ("the", "of", "in", "and", "on")]
    month = next(k for k, word in enumerate(words) if word[:3] in {m[:3] for m in MONTHS})
    number = next(m for m, name in enumerate(MONTHS, 1) if name[:3] == words[month][:3])
    for year, day in _splits(words[:month], words[month + 1 :]):
        if year is not None and day is not None:
            return f"{year}-{number:02d}-{day:02d}"
    raise AssertionError(text)


def _splits(before, after):
    yield _year(after), _day(before)  # day, month, year
    for k in range(1, len(after)):  # month, day, year
        yield (_year(after[k:]), _day(after[:k])) if not before else (None, None)
    yield _year(before), _day(after)  # year, month, day
    for k in range(1, len(before)):  # year, day, month
        yield (_year(before[:k]), _day(before[k:])) if not after else (None, None)


def _day(words):
    text = " ".join(words)
    if found := re.fullmatch(r"(\d{1,2})(st|nd|rd|th)?", text):
        return int(found.group(1))
    return ORDINALS.get(text)


def _year(words):
    if len(words) == 1 and re.fullmatch(r"\d{4}", words[0]):
        return int(words[0])
    if words[:2] == ["two", "thousand"]:
        return 2000 + _sum(words[2:]) if all(word in NUMBERS for word in words[2:]) else None
    if words[:1] not in (["nineteen"], ["twenty"]) or len(words) < 2:
        return None
    century, rest = 100 * NUMBERS[words[0]], words[1:]
    if rest == ["hundred"]:
        return century
    if rest[0] == "oh":
        return century + NUMBERS[rest[1]] if len(rest) == 2 else None
    known = all(word in NUMBERS for word in rest)
    return century + _sum(rest) if known and _sum(rest) >= 10 else None


def _sum(words):
    return sum(NUMBERS[word] for word in words)


def test_every_text_means_its_date_when_read_by_other_rules():
    for part in ("train", "test"):
        texts, dates = spoken_dates(1500, seed=5, part=part)
        assert [meant(text) for text in texts] == dates


def test_no_day_is_in_two_parts_and_all_days_are_valid():
    parts = ("train", "val", "test")
    days = {part: set(spoken_dates(4000, seed=1, part=part)[1]) for part in parts}
    assert not days["train"] & days["val"]
    assert not days["train"] & days["test"]
    assert not days["val"] & days["test"]
    years = {datetime.date.fromisoformat(day).year for part in days.values() for day in part}
    assert (min(years), max(years)) == (1900, 2099)


def test_the_weekday_that_is_said_is_the_true_one():
    said = 0
    for text, date in zip(*spoken_dates(500, seed=2), strict=True):
        true = WEEKDAYS[datetime.date.fromisoformat(date).weekday()]
        if text[:3] in {day[:3] for day in WEEKDAYS}:
            said += 1
            assert text.split()[0] in (true, true[:3])
    assert 100 < said < 200


def test_same_seed_same_dates_and_the_global_random_state_is_untouched():
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    assert spoken_dates(20, seed=3) == spoken_dates(20, seed=3)
    assert spoken_dates(20, seed=3) != spoken_dates(20, seed=4)
    assert torch.equal(torch_before, torch.get_rng_state())
    assert (numpy_before == np.random.get_state()[1]).all()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"n": 0}, "n must be a whole number above 0, got 0"),
        ({"n": 2.5}, "got 2.5"),
        ({"n": 2, "part": "tests"}, '"train", "val" or "test", got \'tests\''),
    ],
)
def test_impossible_wishes_are_refused(arguments, part):
    with pytest.raises(ValueError, match=part):
        spoken_dates(**arguments)


def test_numbers_and_ordinals_in_words():
    assert [number_in_words(n) for n in (1, 19, 20, 87)] == [
        *("one", "nineteen", "twenty", "eighty seven")
    ]
    assert [ordinal_in_words(n) for n in (3, 12, 20, 21, 30, 31)] == [
        *("third", "twelfth", "twentieth", "twenty first", "thirtieth", "thirty first")
    ]


@pytest.mark.parametrize(
    ("year", "ways"),
    [
        (1900, {"nineteen hundred"}),
        (1905, {"nineteen oh five"}),
        (1987, {"nineteen eighty seven"}),
        (2000, {"two thousand"}),
        (2005, {"two thousand five", "two thousand and five"}),
        (2015, {"two thousand fifteen", "two thousand and fifteen", "twenty fifteen"}),
    ],
)
def test_years_are_said_as_people_say_them(year, ways):
    rng = np.random.RandomState(0)
    assert {year_in_words(year, rng) for _ in range(60)} == ways


def test_digits_and_endings_stand_alone():
    assert words_of("March 3rd, 1987") == ["march", "3", "rd", ",", "1", "9", "8", "7"]
    assert words_of("03.11.2031") == [*"03.11.2031"]


def test_an_unknown_word_is_named_and_a_near_one_proposed():
    with pytest.raises(ValueError, match=r"'thrid' .* did you mean 'third'\?"):
        words_of("the thrid of march")
    with pytest.raises(ValueError, match="there is no word in it"):
        words_of("  ")


def test_every_word_is_used_and_every_word_that_is_used_is_known():
    used = {word for text in spoken_dates(6000)[0] for word in words_of(text)}
    assert used == set(WORDS[1:])
    assert len(set(WORDS)) == len(WORDS)


def test_rows_of_words_are_filled_up_with_zeros_behind_their_end():
    X = source_tensor(["march 3 1987", "may third 1987"])
    assert X.dtype == torch.int64
    assert [[WORDS[k] for k in row if k] for row in X.tolist()] == [
        ["march", "3", "1", "9", "8", "7"],
        ["may", "third", "1", "9", "8", "7"],
    ]
    longer = source_tensor(["march 3 1987", "on tuesday march 3 1987"])
    assert longer[0].tolist() == [*X[0].tolist(), 0, 0]


def test_the_decoder_is_fed_the_letter_before_the_one_that_is_wanted():
    fed, wanted = target_tensors(["1987-03-03", "2045-12-21"])
    assert fed.shape == wanted.shape == (2, 11)
    assert torch.equal(fed[:, 1:], wanted[:, :-1])
    assert (fed[:, 0] == START).all()
    assert (wanted[:, -1] == END).all()
    assert wanted[0, :10].tolist() == [1, 9, 8, 7, 10, 0, 3, 10, 0, 3]


def test_what_is_no_iso_date_is_refused():
    with pytest.raises(ValueError, match=r"got '3\.3\.1987'"):
        target_tensors(["3.3.1987"])
