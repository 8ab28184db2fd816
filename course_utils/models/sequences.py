"""A recurrent network that says at each step of a sequence what comes next."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from course_utils.models.lending import borrowed, device_of

Kind = Literal["rnn", "gru", "lstm"]
State = Tensor | tuple[Tensor, Tensor]
LAYERS: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class NextStep(nn.Module):
    """Read a sequence; at each step, predict the next one: x̂_{t+1} = x_t + W h_t + b.

    What the state adds is the change from one step to the next: a network that knows nothing yet
    says that all stays as it is.

    Args:
        kind: "rnn", "gru" or "lstm".
        n_inputs: numbers at each step, D.
        n_hidden: numbers in the state that it carries from step to step.

    Raises:
        ValueError: there is no such kind, or a count is below 1.

    >>> NextStep("gru", n_inputs=2, n_hidden=64)(torch.zeros(5, 30, 2)).shape
    torch.Size([5, 30, 2])
    """

    def __init__(self, kind: Kind = "rnn", n_inputs: int = 2, n_hidden: int = 64) -> None:
        super().__init__()
        if kind not in LAYERS:
            raise ValueError(f"kind must be one of {', '.join(map(repr, LAYERS))}, got {kind!r}")
        if n_inputs < 1 or n_hidden < 1:
            raise ValueError(
                f"n_inputs and n_hidden must be at least 1, got {n_inputs} and {n_hidden}"
            )
        self.kind, self.n_inputs = kind, n_inputs
        self.rnn = LAYERS[kind](n_inputs, n_hidden, batch_first=True)
        self.head = nn.Linear(n_hidden, n_inputs)

    def forward(self, X: Tensor) -> Tensor:
        """Return at each step of (N, T, D) a prediction of the next one, (N, T, D)."""
        return self.read(X)[0]

    def read(self, X: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read on from a state: return predictions (N, T, D) and the state after the last step."""
        states, state = self.rnn(X, state)  # (N, T, n_hidden)
        return X + self.head(states), state


@torch.no_grad()
def roll_out(model: NextStep, start: Tensor, n_steps: int) -> Tensor:
    """Let a model dream on: it reads `start`, then its own predictions, one after the other.

    Args:
        model: it works on the device on which it is.
        start: what is known, (T, D) with T of at least 1, or (N, T, D) for N sequences.
        n_steps: how many predictions to make.

    Returns:
        The predictions on the CPU, (n_steps, D) or (N, n_steps, D).

    Raises:
        ValueError: the model is no `NextStep`, or `start` is no such sequence.

    >>> roll_out(model, path[:10], 20).shape
    torch.Size([20, 2])
    """
    if not isinstance(model, NextStep):
        raise ValueError(f"model must be a NextStep, got {type(model).__name__}")
    _check_start(start, model.n_inputs)
    if n_steps < 1:
        raise ValueError(f"n_steps must be at least 1, got {n_steps}")
    with borrowed(model) as asked:
        known = start.float().to(device_of(asked))
        predicted, state = asked.read(known if start.ndim == 3 else known[None])
        dreamt = [predicted[:, -1:]]  # (N, 1, D): what follows the last known step
        while len(dreamt) < n_steps:
            predicted, state = asked.read(dreamt[-1], state)
            dreamt.append(predicted)
    path = torch.cat(dreamt, dim=1).cpu()
    return path if start.ndim == 3 else path[0]


def _check_start(start: object, n_inputs: int) -> None:
    shape = tuple(start.shape) if isinstance(start, Tensor) else type(start).__name__
    if (
        not isinstance(start, Tensor)
        or start.ndim not in (2, 3)
        or 0 in start.shape
        or start.shape[-1] != n_inputs
    ):
        raise ValueError(
            f"start must be (T, {n_inputs}) or (N, T, {n_inputs}) with at least one step, got "
            f"{shape}; a single step becomes a sequence with step[None]"
        )
