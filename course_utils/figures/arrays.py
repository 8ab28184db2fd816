"""Numbers to draw, whatever they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


def to_numpy(values: ArrayLike, dtype: DTypeLike | None = None) -> np.ndarray:
    """Return an array of what came: numbers, arrays, tensors, or lists of them.

    Args:
        values: a tensor may lie on any device, follow its gradient, and be of any dtype.
        dtype: of the result; where left out, as it came, and float32 for bfloat16.

    >>> to_numpy([torch.tensor(0.5, requires_grad=True), 1])
    array([0.5, 1. ])
    """
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        values = (values.float() if values.dtype == torch.bfloat16 else values).numpy()
    elif isinstance(values, list | tuple):
        many = (Tensor, list, tuple)
        values = [to_numpy(value) if isinstance(value, many) else value for value in values]
    return np.asarray(values, dtype=dtype)
