"""What can be done with a model of names: write names, and tell how well it foresees others.

A model is anything that takes symbols (N, T) and gives logits (N, 28, T): see `models.language`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.datasets.names import END, N_SYMBOLS, PAD, decode_names, encode_names
from course_utils.training.evaluation import predict

LONGEST = 20  # letters after which a sampled name is cut off


def bits_per_character(model: nn.Module, names: Sequence[str]) -> float:
    """Return how many yes-or-no questions a symbol of these names costs on average.

    The mean of -log2 P over all letters and ends, where P is what the model gave the symbol that
    came. Guessing among 27 costs log2 27 = 4.75; perfect knowledge would cost 0.

    Args:
        model: takes (N, T), gives logits (N, 28, T).
        names: names it has not seen.

    >>> bits_per_character(CountModel(names.train, order=0), names.test)
    4.75
    """
    rows = encode_names(names)
    wanted = rows[:, 1:]
    logits = predict(model, rows[:, :-1])[:, :N_SYMBOLS]  # PAD, the last, is no answer
    return F.cross_entropy(logits, wanted, ignore_index=PAD).item() / math.log(2)


def next_letter(model: nn.Module, text: str = "", temperature: float = 1.0) -> Tensor:
    """Return how likely each symbol is after a text: END, a, …, z, float32 (27,), sum 1.

    Args:
        model: takes (N, T), gives logits (N, 28, T).
        text: the letters so far; none for the first letter.
        temperature: the logits are divided by it: near 0 the likeliest wins, far above 1 all are
            alike.

    Raises:
        ValueError: the temperature is not above 0, or the text has other signs than letters.

    >>> next_letter(model, "ma").argmax()  # 18 is r
    tensor(18)
    """
    return _next(model, encode_names([text])[:, :-1], temperature)[0]


def _next(model: nn.Module, X: Tensor, temperature: float) -> Tensor:
    if not 0 < temperature < math.inf:
        raise ValueError(f"temperature must be above 0, such as 0.5 or 1, got {temperature!r}")
    logits = predict(model, X)[:, :N_SYMBOLS, -1]
    return (logits / temperature).softmax(1)


def sample_names(
    model: nn.Module, n: int = 10, temperature: float = 1.0, seed: int = 0, start: str = ""
) -> list[str]:
    """Let a model write names: each symbol is drawn by its probability and read as the next.

    Args:
        model: takes (N, T), gives logits (N, 28, T).
        n: how many.
        temperature: see `next_letter`.
        seed: the same seed gives the same names.
        start: letters that each name begins with.

    Returns:
        n texts; those that do not end by themselves end after 20 letters.

    >>> sample_names(model, 3, temperature=0.8, start="ma")
    """
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"n must be a whole number of names, at least 1, got {n!r}")
    generator = torch.Generator().manual_seed(seed)
    rows = encode_names([start])[:, :-1].repeat(n, 1)  # (n, 1 + letters)
    while rows.shape[1] <= LONGEST and not (rows[:, 1:] == END).any(1).all():
        drawn = torch.multinomial(_next(model, rows, temperature), 1, generator=generator)
        rows = torch.cat([rows, drawn], dim=1)
    return decode_names(rows)
