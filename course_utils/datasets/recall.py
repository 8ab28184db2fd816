"""The recall task: a symbol is shown first, then comes static, then the symbol is asked for."""

from __future__ import annotations

import torch
from torch import Tensor

N_SYMBOLS = 8
N_INPUTS = N_SYMBOLS + 1  # a number for each symbol, and one that asks


def recall_task(n: int, lag: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Sequences that tell at once what must be said at the end.

    A sequence has lag + 2 steps of nine numbers each. At the first step one of eight symbols is
    shown: a 1 in its place among the first eight numbers, and 0 in the others. Then, for `lag`
    steps, these eight numbers are static: drawn from a normal distribution with mean 0 and
    deviation 1. At the last step they are 0. The ninth number is 0, and 1 at the last step: it
    asks for the symbol. All symbols are equally likely, so that guessing is right in 1 of 8.

    Args:
        n: sequences, 1 or more.
        lag: steps of static between the symbol and the question, 0 or more.
        seed: the same seed gives the same sequences; torch's global generator is not touched.

    Returns:
        X: float32 `(n, lag + 2, 9)`, and y: int64 `(n,)` from 0 to 7.

    Raises:
        ValueError: n or lag is no whole number, or too small.

    Example:
        >>> X, y = recall_task(100, lag=20)
        >>> X.shape, (X[:, 0, :8].argmax(1) == y).all()
        (torch.Size([100, 22, 9]), tensor(True))
    """
    for name, value, least in (("n", n, 1), ("lag", lag, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(0, N_SYMBOLS, (n,), generator=generator)
    X = torch.zeros(n, lag + 2, N_INPUTS)
    X[torch.arange(n), 0, y] = 1
    X[:, 1:-1, :N_SYMBOLS] = torch.randn(n, lag, N_SYMBOLS, generator=generator)
    X[:, -1, N_SYMBOLS] = 1
    return X, y
