"""How far a gradient reaches back over the steps of a recurrent cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.device import seeded

CELLS: dict[str, type[nn.RNNCellBase]] = {"RNN": nn.RNNCell, "GRU": nn.GRUCell, "LSTM": nn.LSTMCell}
N_STATE, N_SEQUENCES, LONGEST = 16, 32, 60
EXACT = torch.float64  # where gradients explode, so do rounding errors


class Reach(NamedTuple):
    """How the slope of something at the last step depends on the states before.

    Attributes:
        norms: the norm of the gradient with respect to the state k steps ago, k = 0 to T, (T + 1,).
        weights: the norm of the same loss's gradient with respect to all weights of the cell.
    """

    norms: np.ndarray
    weights: float


def gradient_reach(
    kind: str,
    scale: float = 1.0,
    *,
    gate_bias: float = 0.0,
    inputs: float = 0.3,
    n_steps: int = LONGEST,
    seed: int = 0,
) -> Reach:
    """Measure in a new cell how much of a gradient comes back over 0, 1, 2, … steps.

    The loss is one direction of the last state, drawn by chance with length 1, so that its gradient
    with respect to the last state has norm 1. The state is h; in an LSTM it is h and c together.
    What is returned is the root of the mean square over 32 sequences of random inputs.

    Args:
        kind: "RNN", "GRU" or "LSTM"; each has a state of 16 numbers.
        scale: every recurrent matrix (one for each gate) is a random rotation times this.
        gate_bias: the bias of the LSTM's forget gate and of the GRU's update gate, where 0 keeps a
            half; the RNN has none.
        inputs: the deviation of the inputs.
        n_steps: how far to go back, T.
        seed: for the weights and the inputs.

    Raises:
        ValueError: there is no such kind, or no step.

    >>> gradient_reach("RNN", 0.8).norms[[0, 10]]
    """
    if kind not in CELLS or n_steps < 1:
        raise ValueError(
            f"kind must be one of {', '.join(CELLS)} and n_steps at least 1, "
            f"got {kind!r} and {n_steps}"
        )
    with seeded(seed, torch.device("cpu")):
        cell = _new_cell(kind, scale, gate_bias)
        X = inputs * torch.randn(n_steps, N_SEQUENCES, N_STATE, dtype=EXACT)
        width = N_STATE * (2 if kind == "LSTM" else 1)
        directions = torch.randn(N_SEQUENCES, width, dtype=EXACT)
    state = torch.zeros_like(directions, requires_grad=True)
    states = [state]
    for x in X:
        states.append(_step(cell, x, states[-1]))
    directions = directions / directions.norm(dim=1, keepdim=True)
    loss = (directions * states[-1]).sum()
    parameters = list(cell.parameters())
    gradients = torch.autograd.grad(loss, [*states[::-1], *parameters])
    norms = [gradient.square().sum(1).mean().sqrt().item() for gradient in gradients[: len(states)]]
    weights = torch.cat([gradient.flatten() for gradient in gradients[len(states) :]])
    return Reach(np.array(norms), weights.norm().item() / N_SEQUENCES)


def _new_cell(kind: str, scale: float, gate_bias: float) -> nn.RNNCellBase:
    cell = CELLS[kind](N_STATE, N_STATE, dtype=EXACT)
    with torch.no_grad():
        for name, weight in cell.named_parameters():
            if name == "weight_hh":
                for block in weight.split(N_STATE):
                    block.copy_(scale * nn.init.orthogonal_(torch.empty_like(block)))
            elif name == "weight_ih":
                nn.init.normal_(weight, std=N_STATE**-0.5)
            else:
                nn.init.zeros_(weight)
        if kind != "RNN":
            cell.bias_ih[N_STATE : 2 * N_STATE] = gate_bias
    return cell


def _step(cell: nn.RNNCellBase, x: Tensor, state: Tensor) -> Tensor:
    """Return the next state, h, or h and c side by side."""
    if isinstance(cell, nn.LSTMCell):
        h, c = state.split(N_STATE, dim=1)
        return torch.cat(cell(x, (h, c)), dim=1)
    return cell(x, state)
