"""Made-up reviews in which the order of the words decides: "good , not bad", "bad , not good".

The rule, by which every review here is made and labelled:

- A *phrase* says good or bad. A plain one is an adjective, perhaps with a word such as "very". A
  negated one says the opposite of its adjective: "not …", "not … at all", "never …", "hardly …",
  "far from …", "anything but …".
- A review is one phrase about a thing, or two. Joined by "and" or a comma, both say the same.
  Joined by "but", they say opposite things, and the second counts. "Not only … but …" is the
  exception that every rule needs: there both adjectives are meant as they stand.

Both verdicts are equally frequent, with and without negation, and every way to put it is as
frequent for "good" as for "bad".
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

GOOD = ("good", "great", "funny", "brilliant", "charming", "exciting", "clever", "lovely")
BAD = ("bad", "awful", "boring", "terrible", "dull", "silly", "weak", "poor")
NEGATIONS = (
    "not {}",
    "not {} at all",
    "not very {}",
    "never {}",
    "hardly {}",
    "far from {}",
    "anything but {}",
)
PLAIN = ("{}", "very {}", "really {}", "quite {}", "so {}", "{} as always")
THINGS = ("film", "book", "play", "song", "game", "show", "story", "concert", "trip", "lesson")
OPENINGS = ("", "i think ", "we agree : ", "to be honest , ", "last night ", "once more ")
MOST = 20_000  # reviews that may be asked for at once

BLANK = 0  # fills up short reviews


def _vocabulary() -> tuple[str, ...]:
    patterns = " ".join((*NEGATIONS, *PLAIN, *OPENINGS, "the was and , but not only"))
    words = {*GOOD, *BAD, *THINGS, *patterns.replace("{}", "").split()}
    return ("", *sorted(words))


WORDS = _vocabulary()
"""All words, the empty one for `BLANK` first: the number of a word is its place."""


class Reviews(NamedTuple):
    """Reviews and what is known of them.

    Attributes:
        texts: n sentences, words and commas separated by one blank, no two alike.
        labels: 1 for good, 0 for bad; int64 (n,).
        negated: whether a word such as "not" is in it; bool (n,).
    """

    texts: list[str]
    labels: Tensor
    negated: Tensor


def make_reviews(n: int = 4000, seed: int = 0) -> Reviews:
    """Make reviews by the rule at the top of this module; half of them have a negation.

    No text comes twice: the first part can train a model and the rest test it.

    Args:
        n: how many, from 1 to 20,000.
        seed: the same seed gives the same reviews.

    Raises:
        ValueError: n is not such a number.

    >>> texts, labels, negated = make_reviews(4000)
    >>> texts[0]
    """
    _check_count(n)
    chance = random.Random(seed)
    found: dict[str, tuple[int, bool]] = {}
    while len(found) < n:
        kind = len(found) % 4  # all four kinds are equally frequent, even at the end
        label, negated = kind % 2, kind >= 2
        text = (_negated if negated else _plain)(label, chance)
        found.setdefault(text, (label, negated))
    rows = list(found.items())
    chance.shuffle(rows)
    labels, negated = zip(*(about for _, about in rows), strict=True)
    return Reviews([text for text, _ in rows], torch.tensor(labels), torch.tensor(negated))


def same_words(n: int = 500, seed: int = 0) -> tuple[list[str], list[str]]:
    """Return pairs of reviews made of the same words in another order: good ones, bad ones.

    Whoever counts words only must say the same to both of a pair, and is right on half of them.

    Args:
        n: pairs, from 1 to 1,000; no two alike.
        seed: the same seed gives the same pairs.

    >>> good, bad = same_words(500)
    >>> sorted(good[0].split()) == sorted(bad[0].split())
    True
    """
    _check_count(n, 1000)
    chance = random.Random(seed)
    pairs: dict[str, str] = {}
    while len(pairs) < n:
        start, thing = chance.choice(OPENINGS), chance.choice(THINGS)
        words = chance.choice(GOOD), chance.choice(BAD)
        pattern = chance.choice(("{} , not {}", "{} and never {}", "{} , hardly {}"))
        texts = [f"{start}the {thing} was {pattern.format(*row)}" for row in (words, words[::-1])]
        pairs[texts[0]] = texts[1]
    return list(pairs), list(pairs.values())


def encode_reviews(texts: Sequence[str]) -> Tensor:
    """Write reviews in numbers, the place of each word in `WORDS`, short ones filled with BLANK.

    Args:
        texts: capitals and signs do not matter, "isn't" is read as "is not"; words that are not
            in `WORDS` are left out (`unknown_words` tells them).

    Returns:
        int64 (N, T), T being the length of the longest.

    Raises:
        ValueError: there is no text.

    >>> encode_reviews(["the film was bad"]).shape
    torch.Size([1, 4])
    """
    if isinstance(texts, str) or not len(texts):
        raise ValueError(f'texts must be a list with at least one review, ["..."], got {texts!r}')
    rows = [[NUMBERS[word] for word in split_words(text) if word in NUMBERS] for text in texts]
    width = max(1, *map(len, rows))
    return torch.tensor([row + [BLANK] * (width - len(row)) for row in rows])


NUMBERS = {word: number for number, word in enumerate(WORDS) if word}


def split_words(text: str) -> list[str]:
    """Return the words and commas of a review, in small letters.

    >>> split_words("It wasn't bad, never!")
    ['it', 'was', 'not', 'bad', ',', 'never']
    """
    text = text.lower().replace("n't", " not").replace("n’t", " not")
    signs = {sign: f" {sign} " for sign in ",:"} | dict.fromkeys('.!?;"()', " ")
    return text.translate(str.maketrans(signs)).split()


def unknown_words(text: str) -> list[str]:
    """Return the words of a review that are not in `WORDS`.

    >>> unknown_words("the film was splendid")
    ['splendid']
    """
    return [word for word in split_words(text) if word not in NUMBERS]


def _plain(label: int, chance: random.Random) -> str:
    phrases = [_phrase(label, chance, negated=False)]
    if chance.random() < 0.5:
        phrases.append(_phrase(label, chance, negated=False))
    return _sentence(chance.choice((" and ", " , ")).join(phrases), chance)


def _negated(label: int, chance: random.Random) -> str:
    kind = chance.choice(("alone", "alone", "same", "same", "but", "but", "only"))
    if kind == "alone":
        return _sentence(_phrase(label, chance, negated=True), chance)
    if kind == "only":
        first, second = chance.sample((BAD, GOOD)[label], 2)
        return _sentence(f"not only {first} but {second}", chance)
    ways = chance.choice(((True, False), (False, True), (True, True)))
    first = label if kind == "same" else 1 - label
    phrases = (_phrase(first, chance, ways[0]), _phrase(label, chance, ways[1]))
    joint = " but " if kind == "but" else chance.choice((" and ", " , "))
    return _sentence(joint.join(phrases), chance)


def _phrase(says: int, chance: random.Random, negated: bool) -> str:
    """Return a phrase that says good (1) or bad (0), with or without a negation."""
    adjective = chance.choice((BAD, GOOD)[says != negated])
    return chance.choice(NEGATIONS if negated else PLAIN).format(adjective)


def _sentence(verdict: str, chance: random.Random) -> str:
    return f"{chance.choice(OPENINGS)}the {chance.choice(THINGS)} was {verdict}"


def _check_count(n: int, most: int = MOST) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= most:
        raise ValueError(f"n must be a whole number from 1 to {most:,}, got {n!r}")
