"""Dates as people say and write them, with the ISO date that each of them means.

Made by a rule, so that there are as many as one likes, and that what was never seen in training
is known for certain. The rule is told at `spoken_dates`.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
PARTS = {"test": (0,), "val": (1,), "train": tuple(range(2, 10))}  # the day's number modulo 10

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = (
    *("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth"),
)
SUFFIXES = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
OPENINGS = ("on", "born on", "it was on")

PAD = "·"  # fills a row of words up to the longest one
WORDS: tuple[str, ...] = (
    PAD,
    *",.0123456789",
    *("st", "nd", "rd", "th", "the", "of", "and", "oh", "hundred", "thousand", "thirtieth"),
    *("born", "in", "it", "on", "was"),
    *SMALL[1:],
    *TENS[2:],
    *ORDINALS[1:],
    *MONTHS,
    *(month[:3] for month in MONTHS if month != "may"),
    *WEEKDAYS,
    *(day[:3] for day in WEEKDAYS),
)
"""All words, digits and marks that a date may be made of; the first one fills up."""

LETTERS = "0123456789-"
END, START = len(LETTERS), len(LETTERS) + 1
N_LETTERS = len("1987-03-03")
NUMBER_OF = {word: number for number, word in enumerate(WORDS)}


def spoken_dates(n: int, seed: int = 0, *, part: str = "train") -> tuple[list[str], list[str]]:
    """Return dates in words, and the same dates as ISO 8601 writes them.

    The rule. A day from 1900 to 2099 is drawn, each as likely as the others. A form is drawn:

    - day, month, year: "the third of march 1987", "3rd of march 1987", "3 mar 1987";
    - month, day, year: "march the third , nineteen eighty seven", "mar 3 , 1987";
    - year first: "in 1987 , on the third of march", "nineteen eighty seven , march 3";
    - numbers alone, day first: "3.3.1987", "03.03.1987".

    The day is a number, a number with its ending, or an ordinal in words. The month is written
    out, or short. The year is a number, or in words: "nineteen eighty seven", "nineteen oh five",
    "two thousand and five", "twenty fifteen". Three in ten begin with the weekday on which the day
    really falls, one in ten with words such as "born on": neither is of any use for the answer.

    Args:
        n: how many.
        seed: the same seed, the same dates; no global random state is touched.
        part: "train", "val" or "test": no day is in two of them. Days are numbered without a gap;
            those whose number ends in 0 are for the test, those with a 1 for validation.

    Returns:
        The texts, and the ISO dates such as "1987-03-03".

    Raises:
        ValueError: n is not a whole number above 0, or there is no such part.

    >>> texts, dates = spoken_dates(2)
    >>> dates[0]
    '1987-03-03'
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"n must be a whole number above 0, got {n!r}")
    if part not in PARTS:
        raise ValueError(f'part must be "train", "val" or "test", got {part!r}')
    rng = np.random.RandomState(seed)
    days = _days(part)
    drawn = [days[k] for k in rng.randint(len(days), size=n)]
    return [_say(day, rng) for day in drawn], [day.isoformat() for day in drawn]


def _days(part: str) -> list[datetime.date]:
    every = (datetime.date.fromordinal(k) for k in range(FIRST.toordinal(), LAST.toordinal() + 1))
    return [day for day in every if day.toordinal() % 10 in PARTS[part]]


def _say(day: datetime.date, rng: np.random.RandomState) -> str:
    """Return one of the many ways to say a day."""
    form = rng.choice(["day", "month", "year", "numbers"], p=[0.4, 0.3, 0.15, 0.15])
    month = MONTHS[day.month - 1]
    month = month[:3] if rng.rand() < 0.3 else month
    year = str(day.year) if rng.rand() < 0.4 else year_in_words(day.year, rng)
    number = _day_of_month(day.day, rng)
    if form == "numbers":
        width = rng.choice([1, 2])
        text = f"{day.day:0{width}d}.{day.month:0{width}d}.{day.year}"
    elif form == "day":
        of = " of" if number[-1].isalpha() else ""
        text = f"{number}{of} {month}{_comma(rng)} {year}"
    elif form == "month":
        text = f"{month} {number}{_comma(rng)} {year}"
    else:
        day_first = f"{number}{' of' if number[-1].isalpha() else ''} {month}"
        rest = day_first if rng.rand() < 0.5 else f"{month} {number}"
        text = f"{rng.choice(['in ', ''])}{year} , {rest}"
    return _opening(day, rng) + text


def _day_of_month(day: int, rng: np.random.RandomState) -> str:
    """Return 3, 3rd, third or the third."""
    form = rng.randint(4)
    if form == 0:
        return str(day)
    if form == 1:
        return f"{day}{SUFFIXES.get(day, 'th')}"
    return ("the " if form == 2 else "") + ordinal_in_words(day)


def _comma(rng: np.random.RandomState) -> str:
    return rng.choice([" ,", "", ""])


def _opening(day: datetime.date, rng: np.random.RandomState) -> str:
    chance, weekday = rng.rand(), WEEKDAYS[day.weekday()]
    if chance < 0.3:
        return f"{weekday[: rng.choice([3, 9])]}{_comma(rng)} "
    return f"{rng.choice(OPENINGS)} " if chance < 0.4 else ""


def ordinal_in_words(day: int) -> str:
    """Return the ordinal of 1 to 31 in words, such as "twenty first"."""
    if day <= 20:
        return ORDINALS[day]
    return "thirtieth" if day == 30 else f"{TENS[day // 10]} {ORDINALS[day % 10]}"


def number_in_words(number: int) -> str:
    """Return a number from 1 to 99 in words, such as "eighty seven"."""
    if number < 20:
        return SMALL[number]
    return f"{TENS[number // 10]} {SMALL[number % 10] if number % 10 else ''}".strip()


def year_in_words(year: int, rng: np.random.RandomState) -> str:
    """Return a year from 1900 to 2099 as people say it, one of several ways where there are."""
    century, rest = divmod(year, 100)
    if century == 20 and (rest == 0 or rest < 10 or rng.rand() < 0.4):
        link = rng.choice([" ", " and "])
        return f"two thousand{link}{number_in_words(rest)}" if rest else "two thousand"
    if rest == 0:
        return f"{SMALL[century]} hundred"
    first = "nineteen" if century == 19 else "twenty"
    return f"{first} oh {SMALL[rest]}" if rest < 10 else f"{first} {number_in_words(rest)}"


def words_of(text: str) -> list[str]:
    """Return the words, digits and marks of a date, in the order in which they are read.

    Digits stand alone, as 1, 9, 8, 7, and so do the letters behind a number, as 3, rd.

    Raises:
        ValueError: nothing is left of the text, or a word is none of `WORDS`.

    >>> words_of("March 3rd, 1987")
    ['march', '3', 'rd', ',', '1', '9', '8', '7']
    """
    words = re.findall(r"[a-z]+|\d|[^\sa-z\d]", text.lower().replace("-", " "))
    if not words:
        raise ValueError('there is no word in it; write a date, such as "the third of march 1987"')
    for word in words:
        if word not in NUMBER_OF or word == PAD:
            near = difflib.get_close_matches(word, WORDS, 1)
            remedy = f"did you mean {near[0]!r}?" if near else "leave it out"
            raise ValueError(f"the word {word!r} is in no date that was learned from; {remedy}")
    return words


def source_tensor(texts: Sequence[str]) -> Tensor:
    """Return dates in words as numbers of `WORDS`: int64 `(N, T)`, 0 behind the end of a text.

    Raises:
        ValueError: see `words_of`.

    >>> source_tensor(["march 3 1987"]).shape
    torch.Size([1, 6])
    """
    rows = [torch.tensor([NUMBER_OF[word] for word in words_of(text)]) for text in texts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def target_tensors(dates: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return what a decoder is fed, and what it is to say to that: both int64 `(N, 11)`.

    The first row is START and the ten letters of the date, the second the ten letters and END:
    at each step the right letter of the step before is given, and the next one is wanted.

    Raises:
        ValueError: a date is not of the form "1987-03-03".

    >>> fed, wanted = target_tensors(["1987-03-03"])
    >>> wanted
    tensor([[ 1,  9,  8,  7, 10,  0,  3, 10,  0,  3, 11]])
    """
    for date in dates:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
            raise ValueError(f'a date must be of the form "1987-03-03", got {date!r}')
    letters = torch.tensor([[LETTERS.index(letter) for letter in date] for date in dates])
    edge = torch.ones(len(dates), 1, dtype=torch.int64)
    return torch.cat([START * edge, letters], dim=1), torch.cat([letters, END * edge], dim=1)
