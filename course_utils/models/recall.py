"""A recurrent network that reads a whole sequence and then answers once: many to one."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from course_utils.datasets.recall import N_INPUTS, N_SYMBOLS

Kind = Literal["rnn", "gru", "lstm", "irnn", "ornn"]
LAYERS: dict[str, type[nn.RNNBase]] = {
    "rnn": nn.RNN,
    "gru": nn.GRU,
    "lstm": nn.LSTM,
    "irnn": nn.RNN,
    "ornn": nn.RNN,
}


class Recaller(nn.Module):
    """Read a sequence step by step, then say from the last state which symbol came first.

    Args:
        kind: "rnn", "gru" or "lstm"; or an RNN that begins by keeping its state, with small W_xh
            and no biases: "irnn" has ReLU, and the identity as its W_hh (Le, Jaitly and Hinton,
            2015, arXiv:1504.00941); "ornn" has tanh, and a random rotation as its W_hh (Saxe,
            McClelland and Ganguli, 2014, arXiv:1312.6120).
        n_hidden: numbers in the state.
        gate_bias: where a gate decides how much of the state is kept, its bias at the start: the
            LSTM's forget gate, the GRU's update gate. 0 gives a half, 3 gives 95%. PyTorch's own
            random biases where it is left out; the kinds without a gate do not use it.

    Raises:
        ValueError: there is no such kind, or no state.

    >>> Recaller("lstm", gate_bias=3.0)(torch.zeros(5, 22, 9)).shape
    torch.Size([5, 8])
    """

    def __init__(
        self, kind: Kind = "rnn", n_hidden: int = 32, *, gate_bias: float | None = None
    ) -> None:
        super().__init__()
        if kind not in LAYERS or n_hidden < 1:
            raise ValueError(
                f"kind must be one of {', '.join(map(repr, LAYERS))} and n_hidden at least 1, "
                f"got {kind!r} and {n_hidden}"
            )
        self.kind, self.n_hidden = kind, n_hidden
        more = {"nonlinearity": "relu"} if kind == "irnn" else {}
        self.rnn = LAYERS[kind](N_INPUTS, n_hidden, batch_first=True, **more)
        self.head = nn.Linear(n_hidden, N_SYMBOLS)
        if kind in ("irnn", "ornn"):
            self._keep_the_state()
        elif kind != "rnn" and gate_bias is not None:
            self._open_gate(gate_bias)

    def forward(self, X: Tensor) -> Tensor:
        """Return logits (N, 8) for sequences (N, T, 9)."""
        states, _ = self.rnn(X)  # (N, T, n_hidden)
        return self.head(states[:, -1])

    @torch.no_grad()
    def _keep_the_state(self) -> None:
        if self.kind == "irnn":
            nn.init.eye_(self.rnn.weight_hh_l0)
        else:
            nn.init.orthogonal_(self.rnn.weight_hh_l0)
        nn.init.normal_(self.rnn.weight_ih_l0, std=0.03 if self.kind == "irnn" else 0.1)
        nn.init.zeros_(self.rnn.bias_ih_l0)
        nn.init.zeros_(self.rnn.bias_hh_l0)

    @torch.no_grad()
    def _open_gate(self, bias: float) -> None:
        gate = slice(self.n_hidden, 2 * self.n_hidden)  # the second block of rows, in both layers
        self.rnn.bias_ih_l0[gate] = bias
        self.rnn.bias_hh_l0[gate] = 0
