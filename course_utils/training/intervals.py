"""How sure a measured share is."""

from __future__ import annotations

import math

Z_95 = 1.959964  # a normal variable lies within so many standard deviations 95 times of 100


def wilson(n_right: int, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share, from n_right of n counted.

    If the true share were outside, a count like this one would be rare. Near 0 and 1 it stays
    between them, as the mean plus or minus two standard deviations does not.

    Args:
        n_right: how many were right, from 0 to n.
        n: how many were counted, independent of each other, at least 1.

    Raises:
        ValueError: n is below 1, or n_right is not from 0 to n.

    Source:
        E. B. Wilson: Probable inference, the law of succession, and statistical inference, 1927.

    >>> wilson(90, 100)
    (0.8256..., 0.9447...)
    """
    if n < 1 or not 0 <= n_right <= n:
        raise ValueError(
            f"n must be at least 1 and n_right from 0 to n, got n_right={n_right}, n={n}"
        )
    share, z2 = n_right / n, Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)
