"""What happens inside an LSTM: each gate, cell and state, step by step, in the equations' words."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

GATES = ("f", "i", "o", "g")
"""Forget, input and output gate, each from 0 to 1, and the candidate, from -1 to 1."""


@torch.no_grad()
def lstm_steps(
    lstm: nn.LSTM, x: Tensor, hold: Mapping[str, float] | None = None
) -> dict[str, Tensor]:
    """Read a sequence with an LSTM's own weights, and keep all that `nn.LSTM` hides.

        i = σ(W_xi x + W_hi h + b_i)        f, o alike; g with tanh instead of σ
        c = f ∘ c + i ∘ g
        h = o ∘ tanh(c)

    Args:
        lstm: one layer, one direction; H numbers in its state.
        x: its input, (T, D), or (N, T, D) for several sequences. State and cell begin at 0.
        hold: gates to hold, such as {"f": 1.0}: in all units and at each step they have this value
            instead of their own. f, i and o from 0 to 1, g from -1 to 1.

    Returns:
        f, i, o, g, c and h, each (T, H), or (N, T, H).

    Raises:
        ValueError: the LSTM has more layers or directions, x does not fit it, or there is no such
            gate or value.

    Source:
        S. Hochreiter, J. Schmidhuber: Long short-term memory, 1997; the forget gate: F. Gers,
        J. Schmidhuber, F. Cummins: Learning to forget, 2000.

    >>> lstm_steps(nn.LSTM(3, 5), torch.randn(7, 3), hold={"f": 1.0})["c"].shape
    torch.Size([7, 5])
    """
    hold = dict(hold or {})
    _check(lstm, x, hold)
    from_x = x @ lstm.weight_ih_l0.T  # for all steps at once: (..., T, 4H)
    bias = lstm.bias_ih_l0 + lstm.bias_hh_l0 if lstm.bias else 0
    h = c = x.new_zeros(*x.shape[:-2], lstm.hidden_size)
    steps = []
    for t in range(x.shape[-2]):
        sums = from_x[..., t, :] + h @ lstm.weight_hh_l0.T + bias  # (..., 4H)
        i, f, g, o = sums.chunk(4, dim=-1)  # PyTorch's order
        now = {"f": f.sigmoid(), "i": i.sigmoid(), "o": o.sigmoid(), "g": g.tanh()}
        now |= {gate: torch.full_like(c, value) for gate, value in hold.items()}
        c = now["f"] * c + now["i"] * now["g"]
        h = now["o"] * c.tanh()
        steps.append(now | {"c": c, "h": h})
    return {
        name: torch.stack([step[name] for step in steps], dim=-2) for name in (*GATES, "c", "h")
    }


def _check(lstm: nn.LSTM, x: Tensor, hold: dict[str, float]) -> None:
    if lstm.num_layers > 1 or lstm.bidirectional or lstm.proj_size:
        raise ValueError("lstm must have one layer and one direction; give nn.LSTM(D, H)")
    if x.ndim not in (2, 3) or x.shape[-1] != lstm.input_size or x.shape[-2] == 0:
        raise ValueError(
            f"x must be (T, {lstm.input_size}) or (N, T, {lstm.input_size}) with T at least 1, "
            f"got {tuple(x.shape)}"
        )
    for gate, value in hold.items():
        if gate not in GATES:
            raise ValueError(f"there is no gate {gate!r} to hold; there are: {', '.join(GATES)}")
        if not (-1 if gate == "g" else 0) <= value <= 1:
            raise ValueError(f"gate {gate} cannot be held at {value!r}: 0 to 1 (g: -1 to 1)")
