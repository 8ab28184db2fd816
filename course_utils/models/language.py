"""Models of text: names letter by letter (counts, an LSTM), reviews word by word (bag, LSTM).

A model of names takes `encode_names(...)` without its last column, int64 (N, T), and gives logits
(N, 28, T): at each step, for the symbol that comes next. `PAD` is among the 28, but never asked
for. A model of reviews takes `encode_reviews(...)`, int64 (N, T), and gives one logit each, (N,).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.datasets.names import END, N_SYMBOLS, PAD, decode_names, encode_names
from course_utils.datasets.reviews import BLANK, WORDS

name_loss = partial(F.cross_entropy, ignore_index=PAD)
"""The loss for `fit`: the cross-entropy of the next symbol, PAD left out."""


class CharLSTM(nn.Module):
    """An LSTM that reads a name letter by letter and says at each step what may come next.

    Args:
        n_hidden: numbers in the state that it carries from letter to letter.
        n_features: numbers that stand for one letter.
        dropout: share of the state's numbers that are left out for the answer while training.

    >>> CharLSTM()(encode_names(["ann"])[:, :-1]).shape
    torch.Size([1, 28, 4])
    """

    encode = staticmethod(encode_names)
    decode = staticmethod(decode_names)

    def __init__(self, n_hidden: int = 64, n_features: int = 24, dropout: float = 0.25) -> None:
        super().__init__()
        self.embedding = nn.Embedding(N_SYMBOLS + 1, n_features)
        self.lstm = nn.LSTM(n_features, n_hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(n_hidden, N_SYMBOLS + 1)

    def forward(self, X: Tensor) -> Tensor:
        """Return logits (N, 28, T) for symbols (N, T)."""
        states, _ = self.lstm(self.embedding(X))  # (N, T) -> (N, T, D) -> (N, T, n_hidden)
        return self.head(self.dropout(states)).transpose(1, 2)  # -> (N, T, 28) -> (N, 28, T)


class CountModel(nn.Module):
    """How often did this symbol come after those before it? Smoothed counts; nothing is trained.

    Where few were counted, the counts with one symbol less before them are trusted instead:

        P(s | context) = (count(context, s) + k · P(s | shorter context)) / (count(context) + k)

    and without any context all 27 symbols are as likely as each other.

    Args:
        names: the names to count in.
        order: symbols that are looked at together: 0 counts nothing, 1 single symbols, 2 pairs,
            up to 5 (a table of 28⁵ numbers).
        k: how many counts the shorter context is worth.

    Raises:
        ValueError: there is no such order, or k is not above 0.

    Source:
        D. MacKay, L. Bauman Peto: A hierarchical Dirichlet language model, 1995.

    >>> CountModel(names.train, order=2)(encode_names(["ann"])[:, :-1]).shape
    torch.Size([1, 28, 4])
    """

    def __init__(self, names: Sequence[str], order: int = 2, k: float = 10.0) -> None:
        super().__init__()
        if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= 5:
            raise ValueError(f"order must be a whole number from 0 to 5, got {order!r}")
        if not 0 < k < math.inf:
            raise ValueError(f"k must be above 0, such as 10, got {k!r}")
        self.order = order
        rows = encode_names(names)
        probs = torch.zeros(N_SYMBOLS + 1)
        probs[:N_SYMBOLS] = 1 / N_SYMBOLS
        for n in range(1, order + 1):
            counts = torch.zeros((N_SYMBOLS + 1,) * n)
            windows = _windows(rows[:, :-1], n - 1)  # (N, T, n - 1), what came before
            seen = torch.cat([windows, rows[:, 1:, None]], dim=2)[rows[:, 1:] != PAD]
            counts.index_put_(tuple(seen.T), torch.ones(len(seen)), accumulate=True)
            probs = (counts + k * probs) / (counts.sum(-1, keepdim=True) + k)
        self.register_buffer("log_probs", probs.clamp_min(1e-30).log())

    def forward(self, X: Tensor) -> Tensor:
        """Return logarithms of probabilities (N, 28, T) for symbols (N, T)."""
        windows = _windows(X, max(self.order - 1, 0))
        found = self.log_probs[tuple(windows.unbind(2))]
        return found.expand(*X.shape, N_SYMBOLS + 1).transpose(1, 2)


def _windows(X: Tensor, n: int) -> Tensor:
    """Return the last n symbols up to each step, (N, T) -> (N, T, n); before the first is END."""
    padded = F.pad(X, (max(n - 1, 0), 0), value=END)
    return padded.unfold(1, n, 1) if n else X.new_empty(*X.shape, 0)


class BagOfWords(nn.Module):
    """A review as a bag: every word has its numbers, they are added up, order is lost.

    Args:
        n_hidden: 0 gives each word one number, its weight for "good"; otherwise so many numbers,
            with a ReLU and a layer behind the sum.

    >>> BagOfWords()(encode_reviews(["the film was not bad"])).shape
    torch.Size([1])
    """

    def __init__(self, n_hidden: int = 0) -> None:
        super().__init__()
        self.weights = nn.Embedding(len(WORDS), n_hidden or 1, padding_idx=BLANK)
        self.weights.weight.data *= 0.1  # nearly nothing is known of any word
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(n_hidden, 1)) if n_hidden else None
        self.bias = nn.Parameter(torch.zeros(n_hidden or 1))

    def forward(self, X: Tensor) -> Tensor:
        """Return logits (N,), above 0 for a good review, for words (N, T)."""
        total = self.weights(X).sum(1) + self.bias  # (N, T) -> (N, T, H) -> (N, H)
        return (self.head(total) if self.head else total).squeeze(1)


class SentimentLSTM(nn.Module):
    """An LSTM that reads a review word by word; its state after the last word tells the verdict.

    Args:
        n_hidden: numbers in the state.
        n_features: numbers that stand for one word.

    >>> SentimentLSTM()(encode_reviews(["the film was not bad"])).shape
    torch.Size([1])
    """

    def __init__(self, n_hidden: int = 32, n_features: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(WORDS), n_features, padding_idx=BLANK)
        self.lstm = nn.LSTM(n_features, n_hidden, batch_first=True)
        self.head = nn.Linear(n_hidden, 1)

    def forward(self, X: Tensor) -> Tensor:
        """Return logits (N,), above 0 for a good review, for words (N, T)."""
        states, _ = self.lstm(self.embedding(X))  # (N, T) -> (N, T, D) -> (N, T, n_hidden)
        last = (X != BLANK).sum(1).clamp_min(1) - 1  # the last word's place, (N,)
        return self.head(states[torch.arange(len(X)), last]).squeeze(1)
