"""Exercises and quiz of lesson 09, How does an LSTM forget?"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- latch: one unit whose gates are set by hand -----------------------------------------------

SYMBOLS = {"1": (1.0, 0.0, 1.0), "0": (0.0, 1.0, 1.0), ".": (0.0, 0.0, 1.0)}  # on, off, bias


def _cell_after(gates: object, text: str) -> float:
    """Return the cell of one LSTM unit after reading a text; `gates` are the rows f, i, g."""
    rows = torch.as_tensor(gates)
    if rows.shape != (3, 3) or rows.is_complex():
        raise ValueError(f"three rows of three numbers were wanted, {tuple(rows.shape)} came")
    c = torch.zeros(())
    for letter in text:
        f, i, g = rows.float() @ torch.tensor(SYMBOLS[letter])
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return float(c)


LATCH_ROWS = [[-20, -20, 10], [20, 0, -10], [10, 0, 0]]

LATCH = Exercise(
    title="one unit that remembers the last switch",
    reference=LATCH_ROWS,
    cases=lambda: [
        ("1",),
        ("...",),
        ("0",),
        ("1..",),
        ("11",),
        ("10",),
        ("10..",),
        ("0.1.",),
        ("1" + 99 * ".",),
        (100 * ".",),
        ("1.1..1.0..1.",),
    ],
    apply=_cell_after,
    form="three rows of three numbers, for f, i and g",
    names=("text",),
    tolerance=0.1,
    mistakes=(
        Mistake(
            [[20, 0, -10], [-20, -20, 10], [10, 0, 0]],
            "Nothing ever comes in. Most likely rows f and i are swapped: the first row is the "
            "forget gate, and open means that the old value stays. (Or the candidate is 0 at 1: "
            "then there is nothing to let in.)",
        ),
        Mistake(
            [[0, 0, 10], [20, 0, -10], [10, 0, 0]],
            "It keeps, and it stores, but it never forgets: a second 1 is added to the first, and "
            "a 0 changes nothing. The forget gate must close at both symbols.",
        ),
        Mistake(
            [[0, -20, 10], [20, 0, -10], [10, 0, 0]],
            "A 0 clears it, but a second 1 is added to the first. When something new comes in, the "
            "old must go: close the forget gate at 1, too.",
        ),
        Mistake(
            [[-20, 0, 10], [20, 0, -10], [10, 0, 0]],
            "A 0 does not clear it. The forget gate must close at both symbols.",
        ),
        Mistake(
            [[-20, -20, 3], [20, 0, -10], [10, 0, 0]],
            "It leaks. A bias of 3 is a gate of 0.95, and after 99 steps 0.95⁹⁹ is hardly "
            "anything. Take a larger bias: a 10 gives 0.99995.",
        ),
        Mistake(
            [[-20, -20, 10], [20, 0, -10], [1, 0, 0]],
            "Nearly: tanh(1) is only 0.76, so that is what is stored. Give the candidate a larger "
            "weight.",
        ),
        Mistake(
            [[-20, -20, 10], [20, 20, -10], [10, -10, 0]],
            "A 0 stores −1. The cell is to be 0 then: let nothing in, only forget.",
        ),
        Mistake(
            [[-20, -20, 10], [20, 20, -10], [0, 0, 10]],
            "A 0 stores a 1 as well. The input gate is to open at 1 only.",
        ),
        Mistake(
            [[-20, -20, 0], [20, 0, -10], [10, 0, 0]],
            "With a bias of 0 the forget gate is half open at each dot, and half of the cell is "
            "lost at every step. It should be open unless a symbol closes it.",
        ),
        Mistake(
            [[-20, -20, 10], [20, 0, 0], [10, 0, 10]],
            "Its input gate is half open at a dot, and the candidate is not 0 there: something "
            "comes in when nothing was said.",
        ),
        Mistake(
            [[0, 0, 1], [1, 0, 0], [1, 0, 0]],
            "These look like the gates themselves, 0 for shut and 1 for open. But they still go "
            "through the sigmoid: σ(0) is one half, σ(1) is 0.73. For an open gate the sum must be "
            "about 10, for a shut one about −10.",
        ),
        Mistake(
            [[10, -20, -20], [-10, 20, 0], [0, 10, 0]],
            "The bias stands first in your rows. The order is: weight of 1, weight of 0, bias.",
        ),
        Mistake(
            [[-20, 20, 10], [-20, 0, 0], [10, -10, 0]],
            "Rows and columns are swapped: a row for each of f, i and g, and in it the weight of "
            "1, the weight of 0 and the bias.",
        ),
        Mistake(
            [[-20, -20, 10], [10, 0, -10], [10, 0, 0]],
            "At 1 the sum of the input gate is 0 (10 − 10, say), so it is only half open. The "
            "weight must outdo the bias.",
        ),
        Mistake(
            [[-10, -10, 10], [20, 0, -10], [10, 0, 0]],
            "At a symbol the sum of the forget gate is 0 (−10 + 10, say): it only half closes. The "
            "weight must outdo the bias.",
        ),
        Mistake(
            [[-10, -10, 10], [10, 0, -10], [10, 0, 0]],
            "At a symbol weight and bias cancel, −10 + 10 = 0, and σ(0) is one half: no gate quite "
            "opens or closes. The weights must outdo the biases.",
        ),
        Mistake(
            [[-20, -20, 10], [20, 0, -10], [-10, 0, 0]],
            "The candidate at 1 is −1, so that is what is stored: change its sign.",
        ),
        Mistake(
            [[0, 0, 10], [20, 20, -10], [10, -10, 0]],
            "You let a 0 take away 1 instead of forgetting. It does for one switch; a second 1 "
            "makes 2, and a 0 at the beginning −1. Close the forget gate at both symbols.",
        ),
    ),
    hints=(
        "For each of the three symbols decide first: keep the old value, or not? Let something in, "
        "or not? What?",
        "σ(10) is nearly 1, σ(−10) nearly 0. At a dot only the bias counts. At 1 the first weight "
        "is added to the bias, at 0 the second.",
        "f: bias 10, and −20 at both symbols. i: bias −10, and 20 at 1. g: 10 at 1.",
    ),
    notice="Three gates, nine numbers, and a memory of one bit that lasts as long as you like. A "
    "network has to find such numbers by itself, by going downhill.",
)

# --- step: find the mistakes in a step of an LSTM ----------------------------------------------


def _step(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    W_x: Tensor,
    W_h: Tensor,
    b: Tensor,
    *,
    candidate: bool = True,
    own_gate: bool = True,
    new_cell: bool = True,
    squashed: bool = True,
    weighed: bool = True,
    covered: bool = True,
    bounded: bool = True,
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM; each switch puts a mistake in, the first three those of the lesson."""
    i, f, g, o = (x @ W_x + h @ W_h + b).chunk(4, dim=1)
    i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
    if bounded:
        g = g.tanh() if candidate else g.sigmoid()
    gate = i if own_gate else 1 - f
    updated = f * c + (gate * g if weighed else g)
    shown = updated if new_cell else c
    shown = shown.tanh() if squashed else shown
    return (o * shown if covered else shown), updated


Step = Callable[..., tuple[Tensor, Tensor]]


def _step_reference(
    x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    return _step(x, h, c, W_x, W_h, b)


def _step_with(**mistakes: bool) -> Step:
    return lambda *inputs: _step(*inputs, **mistakes)


def _step_in_order(*order: int) -> Step:
    """Take the four blocks of the weights for other gates than they are."""

    def step(
        x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor
    ) -> tuple[Tensor, Tensor]:
        blocks = [torch.cat([part.chunk(4, -1)[k] for k in order], -1) for part in (W_x, W_h, b)]
        return _step(x, h, c, *blocks)

    return step


def _step_swapped(*inputs: Tensor) -> tuple[Tensor, Tensor]:
    h, c = _step(*inputs)
    return c, h


def _step_old_cell(
    x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute the new cell under another name and give the old one back."""
    return _step(x, h, c, W_x, W_h, b)[0], c


def _step_without_state(
    x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    return _step(x, torch.zeros_like(h), c, W_x, W_h, b)


def _step_without_bias(
    x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    return _step(x, h, c, W_x, W_h, torch.zeros_like(b))


def _step_cases() -> list[tuple[Tensor, ...]]:
    generator = torch.Generator().manual_seed(9)

    def weights(n: int, n_inputs: int, n_hidden: int) -> tuple[Tensor, ...]:
        sizes = [(n, n_inputs), (n, n_hidden), (n, n_hidden)]
        sizes += [(n_inputs, 4 * n_hidden), (n_hidden, 4 * n_hidden), (4 * n_hidden,)]
        return tuple(torch.randn(size, generator=generator) for size in sizes)

    one, zero = torch.ones(1, 1), torch.zeros(1, 1)
    plain = torch.tensor([[1.0, 0.0, -1.0, 2.0]])
    return [  # no tensor twice in a row, so that it can be said which one was changed
        (one, zero, one.clone(), plain, torch.zeros(1, 4), torch.zeros(4)),
        (zero, one, one.clone(), plain, plain.roll(1), torch.zeros(4)),
        (zero, zero.clone(), 2 * one, plain, plain.clone(), torch.tensor([1.0, -1.0, 0.5, 1.0])),
        weights(1, 2, 1),
        weights(3, 2, 2),
        weights(4, 3, 5),
    ]


STEP = Exercise(
    title="find the mistakes: a step of an LSTM that is wrong in three places",
    reference=_step_reference,
    cases=_step_cases,
    mistakes=(
        Mistake(
            _step_with(candidate=False, own_gate=False, new_cell=False),
            "That is the snippet as it was. Lay it beside the six equations, line by line: which "
            "gate does it never use?",
        ),
        Mistake(
            _step_with(own_gate=False, new_cell=False),
            "The candidate is mended. Two are left: what is stored, and which cell is shown.",
        ),
        Mistake(
            _step_with(candidate=False, new_cell=False),
            "The input gate does its work now. Two are left: the candidate, and which cell is "
            "shown.",
        ),
        Mistake(
            _step_with(candidate=False, own_gate=False),
            "The order of the last two lines is mended. Two are left: the candidate, and the gate "
            "in front of it.",
        ),
        Mistake(
            _step_with(candidate=False),
            "One is left: the candidate is squashed into 0 to 1. So the cell could only grow. "
            "tanh lets it go down as well.",
        ),
        Mistake(
            _step_with(own_gate=False),
            "One is left: 1 − f stands where the input gate belongs. So this cell can only store "
            "as much as it forgets. (A GRU does that.)",
        ),
        Mistake(
            _step_with(new_cell=False),
            "One is left: h is made of the old cell. First update c, then show it.",
        ),
        Mistake(
            _step_with(squashed=False),
            "All three are mended, but the tanh around the cell got lost: h = o · tanh(c).",
        ),
        Mistake(
            _step_with(weighed=False),
            "The input gate is not used: c = f · c + i · g. Here all of the candidate comes in.",
        ),
        Mistake(
            _step_with(covered=False),
            "The cell is right, but it is shown in full. The output gate comes in front: "
            "h = o · tanh(c).",
        ),
        Mistake(
            _step_with(bounded=False),
            "The candidate goes through nothing now. It needs a tanh, to stay between −1 and 1.",
        ),
        Mistake(
            _step_old_cell,
            "h is right, but you give the old cell back. Return the new one.",
        ),
        Mistake(
            lambda *inputs: _step(*inputs)[0],
            "h is right. The next step needs the cell as well: return h, c.",
        ),
        Mistake(
            _step_in_order(1, 0, 2, 3),
            "Input gate and forget gate are swapped: the first block of z is i, the second f.",
        ),
        Mistake(
            _step_in_order(0, 1, 3, 2),
            "Candidate and output gate are swapped: the third block of z is g, the fourth o.",
        ),
        Mistake(_step_swapped, "The two are right, but in the other order: return h, c."),
        Mistake(
            _step_without_state,
            "The three mistakes are mended, but the gates do not see h any more: z = x W_x + "
            "h W_h + b.",
        ),
        Mistake(
            _step_without_bias,
            "The three mistakes are mended, but the bias got lost: z = x W_x + h W_h + b.",
        ),
    ),
    hints=(
        "Compare with the equations, one after the other: the candidate, the new cell, the state.",
        "The candidate goes through tanh. The cell is f · c + i · g. The state shows the new cell.",
        "g = g.tanh(), then c = f * c + i * g, and behind that line h = o * c.tanh().",
    ),
    notice="A network with these mistakes would have learned something, only worse. Nothing but a "
    "comparison with a step that is known to be right finds them.",
)

# --- gru: a step with two gates ----------------------------------------------------------------


def _gru(
    x: Tensor,
    h: Tensor,
    W_x: Tensor,
    W_h: Tensor,
    b_x: Tensor,
    b_h: Tensor,
    *,
    keep_old: bool = True,
    squash: Callable[[Tensor], Tensor] = torch.tanh,
) -> Tensor:
    r_x, z_x, n_x = (x @ W_x + b_x).chunk(3, dim=1)
    r_h, z_h, n_h = (h @ W_h + b_h).chunk(3, dim=1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = squash(n_x + r * n_h)
    return (1 - z) * n + z * h if keep_old else z * n + (1 - z) * h


def _gru_unbounded(*inputs: Tensor) -> Tensor:
    return _gru(*inputs, squash=lambda n: n)


def _gru_one_bias(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    return _gru(x, h, W_x, W_h, b_x, torch.zeros_like(b_h))


def _gru_raw_gates(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    r_x, z_x, n_x = (x @ W_x + b_x).chunk(3, dim=1)
    r_h, z_h, n_h = (h @ W_h + b_h).chunk(3, dim=1)
    r, z = r_x + r_h, z_x + z_h
    return (1 - z) * (n_x + r * n_h).tanh() + z * h


def _gru_candidate(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    r_x, _, n_x = (x @ W_x + b_x).chunk(3, dim=1)
    r_h, _, n_h = (h @ W_h + b_h).chunk(3, dim=1)
    return (n_x + (r_x + r_h).sigmoid() * n_h).tanh()


def _gru_reference(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    return _gru(x, h, W_x, W_h, b_x, b_h)


def _gru_other_way(*inputs: Tensor) -> Tensor:
    return _gru(*inputs, keep_old=False)


def _gru_sigmoid(*inputs: Tensor) -> Tensor:
    return _gru(*inputs, squash=torch.sigmoid)


def _gru_swapped(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    parts = ([part.chunk(3, -1)[k] for k in (1, 0, 2)] for part in (W_x, W_h, b_x, b_h))
    return _gru(x, h, *(torch.cat(part, -1) for part in parts))


def _gru_without_reset(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    _, z, n = (x @ W_x + b_x + h @ W_h + b_h).chunk(3, dim=1)
    return (1 - z.sigmoid()) * n.tanh() + z.sigmoid() * h


def _gru_bias_outside(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    third = torch.zeros_like(b_h)
    third[-len(b_h) // 3 :] = b_h[-len(b_h) // 3 :]
    return _gru(x, h, W_x, W_h, b_x + third, b_h - third)


def _gru_reset_first(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    """The form of the paper of 2014: the state is reset before it meets its weights."""
    r, z, _ = (x @ W_x + b_x + h @ W_h + b_h).sigmoid().chunk(3, dim=1)
    W, b = W_h.chunk(3, -1)[2], b_h.chunk(3, -1)[2]
    n = ((x @ W_x + b_x).chunk(3, dim=1)[2] + (r * h) @ W + b).tanh()
    return (1 - z) * n + z * h


def _gru_reset_all(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    r, z, _ = (x @ W_x + b_x + h @ W_h + b_h).sigmoid().chunk(3, dim=1)
    n_x, n_h = ((v @ W + b).chunk(3, dim=1)[2] for v, W, b in ((x, W_x, b_x), (h, W_h, b_h)))
    return (1 - z) * (r * (n_x + n_h)).tanh() + z * h


def _gru_only_new(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    kept = (x @ W_x + b_x + h @ W_h + b_h).chunk(3, dim=1)[1].sigmoid() * h
    return _gru(x, h, W_x, W_h, b_x, b_h) - kept


def _gru_only_kept(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    """The candidate without the 1 − z in front."""
    z = (x @ W_x + b_x + h @ W_h + b_h).chunk(3, dim=1)[1].sigmoid()
    return (_gru(x, h, W_x, W_h, b_x, b_h) - z * h) / (1 - z) + z * h


def _gru_cases() -> list[tuple[Tensor, ...]]:
    generator = torch.Generator().manual_seed(10)

    def weights(n: int, n_inputs: int, n_hidden: int) -> tuple[Tensor, ...]:
        sizes = [(n, n_inputs), (n, n_hidden), (n_inputs, 3 * n_hidden), (n_hidden, 3 * n_hidden)]
        sizes += [(3 * n_hidden,), (3 * n_hidden,)]
        return tuple(torch.randn(size, generator=generator) for size in sizes)

    one, zero = torch.ones(1, 1), torch.zeros(1, 1)
    plain, none = torch.tensor([[0.0, 1.0, -1.0]]), torch.zeros(3)
    return [
        (one, one.clone(), plain, torch.zeros(1, 3), none, none.clone()),
        (zero, one, plain, plain.clone(), none, none.clone()),
        (one, 2 * one, plain, plain.roll(1), none, torch.tensor([0.0, 0.0, 1.0])),
        weights(1, 2, 1),
        weights(3, 2, 2),
        weights(4, 3, 5),
    ]


GRU = Exercise(
    title="a step of a GRU",
    reference=_gru_reference,
    cases=_gru_cases,
    mistakes=(
        Mistake(
            _gru_other_way,
            "z the other way round: an open z keeps the old state, and 1 − z lets the candidate "
            "in. (There are papers that define it so. Follow the equations above.)",
        ),
        Mistake(
            _gru_swapped,
            "r and z are swapped: the first third of the weights is for r, the second for z.",
        ),
        Mistake(
            _gru_without_reset,
            "The reset gate is not used: n = tanh(x part + r · (h part)).",
        ),
        Mistake(
            _gru_reset_first,
            "You multiply h by r before it meets its weights. That is the form of the paper of "
            "2014. PyTorch multiplies afterwards, as the equation above says: r · (h W + b).",
        ),
        Mistake(
            _gru_bias_outside,
            "Nearly: the bias b_h of the candidate belongs inside, r · (h W + b_h).",
        ),
        Mistake(
            _gru_reset_all,
            "r weighs only what comes from h. What comes from x enters in full.",
        ),
        Mistake(_gru_sigmoid, "The candidate goes through tanh; the sigmoid is for the gates."),
        Mistake(
            _gru_unbounded,
            "The candidate goes through nothing. It needs a tanh, to stay between −1 and 1.",
        ),
        Mistake(
            _gru_raw_gates,
            "r and z are no gates yet: each sum must go through the sigmoid.",
        ),
        Mistake(_gru_one_bias, "The bias b_h got lost: what comes from h is h W_h + b_h."),
        Mistake(
            _gru_candidate,
            "That is the candidate n. The new state mixes it with the old: (1 − z) · n + z · h.",
        ),
        Mistake(_gru_only_new, "The part that is kept is missing: + z · h."),
        Mistake(
            _gru_only_kept,
            "The candidate comes in at full strength. It must make room for what is kept: "
            "(1 − z) · n.",
        ),
    ),
    hints=(
        "Compute x @ W_x + b_x and h @ W_h + b_h apart, and cut each into three with "
        ".chunk(3, dim=1).",
        "r and z add up their two parts and go through the sigmoid. n adds its x part and r times "
        "its h part, and goes through tanh.",
        "n = (n_x + r * n_h).tanh(), and return (1 - z) * n + z * h.",
    ),
    notice="One state instead of two, and one gate z does the work of two: whatever is not kept is "
    "replaced. PyTorch's form differs from the paper's in where r is applied; with both forms in "
    "use, weights from elsewhere may not fit.",
)

# --- bias: how far open must the forget gate be ------------------------------------------------


def _bias(n_steps: int) -> float:
    kept = 0.5 ** (1 / n_steps)
    return math.log(kept / (1 - kept))


BIAS = Exercise(
    title="a forget gate with a given half-life",
    reference=_bias,
    cases=lambda: [(1,), (2,), (3,), (10,), (28,), (100,), (1000,)],
    names=("n_steps",),
    mistakes=(
        Mistake(
            lambda n_steps: 0.5 ** (1 / n_steps),
            "That is the gate, from 0 to 1. The bias is what stands in front of the sigmoid: "
            "which number does σ turn into this gate?",
        ),
        Mistake(
            lambda n_steps: -_bias(n_steps),
            "The sign is turned round: a gate above one half needs a bias above 0. "
            "σ⁻¹(f) = log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: math.log(0.5 ** (1 / n_steps)),
            "Only half of the inverse: log(f / (1 − f)) undoes the sigmoid, log(f) alone does not.",
        ),
        Mistake(
            lambda n_steps: math.log((1 - 1 / n_steps) * n_steps) if n_steps > 1 else -math.inf,
            "A gate of 1 − 1/T sounds right, but after T such steps only about 37% is left (1/e), "
            "not half.",
        ),
        Mistake(
            lambda n_steps: -math.log(0.5) / n_steps,
            "That is −log f: one number of the two that are needed. The inverse of the sigmoid is "
            "log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: math.log(0.5**n_steps / (1 - 0.5**n_steps)),
            "You took one half to the power of T: that is what T gates of one half leave. Which "
            "gate leaves one half after T steps? One half to the power of 1 / T.",
        ),
        Mistake(
            lambda n_steps: 0.0,
            "A bias of 0 is a gate of one half, and then half of the cell is lost at *each* step. "
            "Only after all n_steps steps shall half be gone.",
        ),
        Mistake(
            lambda n_steps: math.log((0.5 / n_steps) / (1 - 0.5 / n_steps)),
            "The loss is not shared out evenly by dividing: T gates are multiplied. Which number, "
            "T times multiplied by itself, is one half?",
        ),
        Mistake(
            lambda n_steps: math.log((1 - 0.5 / n_steps) / (0.5 / n_steps)),
            "Losing a T-th of the half at each step is not the same: T gates are multiplied. Which "
            "number, T times multiplied by itself, is one half?",
        ),
        Mistake(
            lambda n_steps: 1 / (1 + math.exp(-(0.5 ** (1 / n_steps)))),
            "You sent the gate through the sigmoid once more. It must be undone.",
        ),
        Mistake(
            lambda n_steps: math.log10(0.5 ** (1 / n_steps) / (1 - 0.5 ** (1 / n_steps))),
            "The right formula with logarithms to base 10. The sigmoid has e in it, so it is "
            "math.log.",
        ),
        Mistake(
            lambda n_steps: math.log2(0.5 ** (1 / n_steps) / (1 - 0.5 ** (1 / n_steps))),
            "The right formula with logarithms to base 2. The sigmoid has e in it, so it is "
            "math.log.",
        ),
        Mistake(
            lambda n_steps: math.log(n_steps) if n_steps > 0 else math.nan,
            "Close for large T, for then f is nearly 1 − 0.69/T. But it is not exact: for T = 1 "
            "the gate must be one half, bias 0 (that fits), for T = 2 it must be 0.71, bias 0.88.",
        ),
    ),
    hints=(
        "Two steps. Which gate f, multiplied with itself T times, gives one half? Which number "
        "becomes f in the sigmoid?",
        "f = 0.5 to the power of 1 / T. The inverse of the sigmoid is log(f / (1 − f)).",
        "kept = 0.5 ** (1 / n_steps), then math.log(kept / (1 - kept)).",
    ),
    notice="For 28 rows of a digit a bias of 3.7, for 1,000 steps 7.3. Biases this large have been "
    "suggested as the start of a training; a fresh nn.LSTM has biases near 0 and a half-life of "
    "about one step.",
)

# --- attend: look where it matters -------------------------------------------------------------


def _attend(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights = (states @ query).softmax(dim=0)
    return weights, weights @ states


def _attend_with(weigh: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], object]:
    """Return attention that makes its weights of the scores in another way."""

    def attend(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
        weights = weigh(states @ query)
        return weights, weights @ states

    return attend


def _attend_scaled(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights = (states @ query / len(query) ** 0.5).softmax(dim=0)
    return weights, weights @ states


def _attend_mean(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    return _attend(query, states)[0], states.mean(dim=0)


def _attend_to_query(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights = _attend(query, states)[0]
    return weights, (weights[:, None] * query).sum(dim=0)


def _attend_products(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights = _attend(query, states)[0]
    return weights, weights[:, None] * states


def _attend_cases() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(11)
    places = torch.tensor([[2.0, 0], [0, 2], [1, 1]])
    return [
        (torch.tensor([1.0, 0.0]), places),
        (torch.tensor([0.0, 3.0]), places),
        (torch.tensor([-1.0, 0.5]), places[:2]),
        (torch.randn(3, generator=generator), torch.randn(5, 3, generator=generator)),
        (torch.randn(4, generator=generator), torch.randn(4, 4, generator=generator)),
        (torch.randn(8, generator=generator), torch.randn(3, 8, generator=generator)),
    ]


ATTEND = Exercise(
    title="attention for one step",
    reference=_attend,
    cases=_attend_cases,
    mistakes=(
        Mistake(
            _attend_with(lambda scores: scores),
            "The scores are used as they are. Softmax makes weights of them that are above 0 and "
            "add up to 1.",
        ),
        Mistake(
            _attend_with(lambda scores: scores / scores.sum()),
            "Scores can be below 0, and then shares of their sum make no sense. Take the softmax.",
        ),
        Mistake(
            _attend_with(lambda scores: (scores == scores.max()).float()),
            "You look at the best place only. That cannot be learned by gradients, for a choice "
            "has no slope. Softmax looks everywhere, mostly at the best.",
        ),
        Mistake(
            _attend_with(torch.sigmoid),
            "The sigmoid judges each place on its own, so the weights do not add up to 1. Take the "
            "softmax over all places.",
        ),
        Mistake(
            _attend_with(lambda scores: (-scores).softmax(dim=0)),
            "A high score means that a place fits, so it must get much weight: no minus.",
        ),
        Mistake(
            _attend_scaled,
            "You divide the scores by the square root of the size. Transformers do that; here the "
            "scores are the plain dot products.",
        ),
        Mistake(
            _attend_with(torch.exp),
            "Weights must add up to 1: divide the exponentials by their sum. Softmax does both.",
        ),
        Mistake(
            lambda query, states: (_attend(query, states)[0], (states @ query) @ states),
            "The weights are right, but the context is made with the scores. Use the weights.",
        ),
        Mistake(
            lambda query, states: (
                _attend(query, states)[0],
                _attend_products(query, states)[1].mean(0),
            ),
            "The weights add up to 1 already, so add the weighted states up: sum, not mean.",
        ),
        Mistake(
            _attend_mean,
            "The weights are right, but the context is the plain mean. Weigh the states.",
        ),
        Mistake(
            _attend_to_query,
            "The weights are right, but you weigh the query. The context is made of the states.",
        ),
        Mistake(
            _attend_products,
            "The weighted states are there, (T, H). Add them up over the places: weights @ states.",
        ),
        Mistake(
            lambda query, states: _attend(query, states)[::-1],
            "Both are right, but in the other order: return weights, context.",
        ),
        Mistake(
            lambda query, states: _attend(query, states)[1],
            "The context is right. Return the weights as well: weights, context.",
        ),
        Mistake(
            lambda query, states: _attend(query, states)[0],
            "The weights are right. Now the context: the states, weighted and added up.",
        ),
    ),
    hints=(
        "Three lines: a score for each place, a weight for each place, one sum.",
        "The score is the dot product of a state with the query. Softmax over the places makes "
        "weights. The context is the sum of weight times state.",
        "weights = (states @ query).softmax(dim=0), and the context is weights @ states.",
    ),
    notice="There is nothing to learn in these three lines. What is learned is how to make queries "
    "and states that find each other.",
)

EXERCISES = {"latch": LATCH, "step": STEP, "gru": GRU, "bias": BIAS, "attend": ATTEND}

QUIZ = [
    Question(
        "A unit's forget gate stays at 0.9 and its input gate at 0. What is left of its cell after "
        "20 steps?",
        ("About 12%.", "0.9²⁰ = 0.12. A gate must be much nearer to 1 to remember for long."),
        (
            ("90%.", "That is what is left after one step. The next step takes 90% of that."),
            ("Nothing: 20 steps of 10% are more than all.", "Each takes a tenth of what is left."),
            ("All: nothing new came in.", "Nothing came in, but at each step a tenth went out."),
        ),
        place=2,
    ),
    Question(
        "What does the output gate do?",
        (
            "It decides which part of the cell the rest of the network gets to see now.",
            "The cell itself keeps what it has. So a unit can remember in silence.",
        ),
        (
            ("It takes away from the cell what was said.", "That would be the forget gate."),
            (
                "It decides what comes into the cell.",
                "That is the input gate, together with the candidate.",
            ),
            (
                "It is the network's answer.",
                "A layer behind the state h makes the answer. The gate only covers or shows.",
            ),
        ),
        place=0,
    ),
    Question(
        "Why do gradients reach further back in an LSTM than in a plain RNN?",
        (
            "From cell to cell they are multiplied by the forget gate, which can be close to 1.",
            "Where a plain RNN multiplies by a weight matrix and by the slope of tanh, which is "
            "below 1 except at 0.",
        ),
        (
            ("Because it has four times the parameters.", "A wider RNN does not remember longer."),
            (
                "Because gradients are clipped.",
                "Clipping makes large gradients smaller. It cannot bring back what has vanished.",
            ),
            (
                "Because the sigmoid has a steeper slope than tanh.",
                "Its slope is at most 1/4, that of tanh at most 1.",
            ),
        ),
        place=1,
    ),
    Question(
        "An nn.LSTM with 10 inputs and 20 units has 4 · (10 · 20 + 20 · 20 + 2 · 20) = 2,560 "
        "parameters. How many has an nn.GRU of the same size?",
        ("1,920", "Three blocks of weights instead of four: r, z and n."),
        (
            ("2,560", "A GRU has no cell apart from its state, and one gate fewer."),
            ("640", "That is a plain nn.RNN: one block."),
            ("1,280", "Two gates, yes. But the candidate has weights, too."),
        ),
        place=3,
    ),
    Question(
        "A model gives the letter that really comes next a probability of 1/8 at each place. How "
        "many bits per character are that?",
        ("3", "−log₂(1/8) = 3: as much surprise as three tosses of a coin."),
        (
            ("0.125", "That is the probability. Bits are its negative logarithm to base 2."),
            ("8", "It is as unsure as a choice among 8 letters, and 8 = 2³."),
            ("2.08", "That is the same in nats, by the natural logarithm."),
        ),
        place=1,
    ),
    Question(
        "You draw names with a very low temperature. What will they be like?",
        (
            "Much alike: the likeliest letter comes nearly every time.",
            "Dividing the logits by a small number makes the largest probability nearly 1.",
        ),
        (
            ("Wild: all letters are about as likely.", "That is a high temperature."),
            (
                "The same as with temperature 1, only slower.",
                "Temperature changes the probabilities, not the speed.",
            ),
            (
                "Names from the training data.",
                "They may be, but nothing forces it: they are the likeliest letters in a row.",
            ),
        ),
        place=0,
    ),
    Question(
        "What does attention change in an encoder–decoder?",
        (
            "At each step the decoder looks at all states of the encoder, weighted by how well "
            "they fit.",
            "So nothing has to be squeezed into one state, and where it looks can be seen.",
        ),
        (
            (
                "The encoder reads the sentence twice.",
                "It reads once, and its states are kept, all of them.",
            ),
            (
                "The last state becomes larger.",
                "It stays as large. It is not the only way from one to the other any more.",
            ),
            (
                "The decoder is told where to look by hand-made rules.",
                "Nobody tells it. The weights come from dot products and are learned with the "
                "rest.",
            ),
        ),
        place=2,
    ),
]
