"""Exercises and quiz of lesson 09, How does an LSTM forget?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- latch: one unit whose gates are set by hand -----------------------------------------------

SYMBOLS = {"1": (1.0, 0.0, 1.0), "0": (0.0, 1.0, 1.0), ".": (0.0, 0.0, 1.0)}  # on, off, bias


def _cell_after(gates: object, text: str) -> float:
    """Return the cell of one LSTM unit after reading a text; `gates` are the rows f, i, g.

    Within 0.05 of a whole number it is that number. ValueError for another form of the gates.
    """
    rows = torch.as_tensor(gates)
    if rows.shape != (3, 3) or rows.is_complex():
        raise ValueError(f"three rows of three numbers were wanted, {tuple(rows.shape)} came")
    c = torch.zeros(())
    for letter in text:
        f, i, g = rows.float() @ torch.tensor(SYMBOLS[letter])
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return float(c.round() if (c - c.round()).abs() <= 0.05 else c)


def _about_latch(gates: object, _text: str) -> str:
    """Say at which symbol the old cell is not kept, or not forgotten, as it must be, or the new."""
    for symbol, kept, new in (("1", 0, 1), ("0", 0, 0), (".", 1, 0)):
        f, i, g = torch.as_tensor(gates).double() @ torch.tensor(SYMBOLS[symbol]).double()
        f, i, g = f.sigmoid(), i.sigmoid(), g.tanh() + 0.0  # no −0.00
        if max(abs(f - kept), abs(i * g - new)) > 0.02:
            at = "a dot" if symbol == "." else f"a {symbol}"
            return (
                f"At {at} your forget gate is {f:.2f}, and {i * g:.2f} comes in: an input gate of "
                f"{i:.2f} times a candidate of {g:.2f}. Wanted are {kept} and {new}."
            )
    return (
        f"Nearly right at each symbol. But at a dot your forget gate is {f:.4f}, of which "
        f"{f**99:.0%} is left after 99 dots, and {i * g:.4f} comes in each time. There only the "
        "biases count: take them further from 0."
    )


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
    remark=_about_latch,
    names=("text",),
    tolerance=0.025,
    mistakes=(
        Mistake(
            [[20, 0, -10], [-20, -20, 10], [10, 0, 0]],
            "Nothing ever comes in: at a 1 the input gate is shut, or the candidate is 0. Are rows "
            "f and i swapped (the forget gate is the first)? Are signs turned? Positive opens.",
        ),
        Mistake(
            [[20, 20, -10], [20, 0, -10], [10, 0, 0]],
            "It forgets at each dot: your forget gate is shut there. Open means that the old value "
            "stays, so it must be open at a dot and shut at the symbols.",
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
            "It leaks. At a dot your forget gate is about 0.95, and 0.95⁹⁹ is hardly "
            "anything. Take a larger bias: a 10 gives 0.99995.",
        ),
        Mistake(
            [[-20, -20, 2], [20, 0, -10], [10, 0, 0]],
            "It leaks fast: at a dot your forget gate is about 0.88. Its bias should be about 10.",
        ),
        Mistake(
            [[-20, -20, 1], [20, 0, -10], [10, 0, 0]],
            "It leaks fast: at a dot your forget gate is about 0.73. Its bias should be about 10.",
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
            [[-1, -1, 1], [1, 0, -1], [1, 0, 0]],
            "The right directions, but too small: σ(1) is 0.73, σ(−1) is 0.27. For an open gate "
            "the sum must be about 10, for a shut one about −10.",
        ),
        Mistake(
            [[-3, -3, 3], [3, 0, -3], [3, 0, 0]],
            "The right directions. But at a symbol −3 and 3 cancel, and at a dot σ(3) = 0.95 is "
            "not open enough. Take 10 for the biases, and weights that outdo them.",
        ),
        Mistake(
            [[-5, -5, 5], [5, 0, -5], [5, 0, 0]],
            "The right directions. But at a symbol −5 and 5 cancel, and over 99 dots half of it is "
            "lost. Take 10 for the biases, and weights that outdo them.",
        ),
        Mistake(
            [[-20, -20, 3], [20, 0, -10], [1, 0, 0]],
            "Two things: tanh(1) is only 0.76, so no full 1 is stored; and at a dot the forget "
            "gate is about 0.95, which leaks. Both numbers must be larger.",
        ),
        Mistake(
            [[-6, -6, 3], [6, 0, -3], [3, 0, 0]],
            "The right directions, but too small: σ(3) is 0.95, and 0.95⁹⁹ is hardly anything. "
            "Take 10 for the biases, and weights that outdo them.",
        ),
        Mistake(
            [[-20, -20, 10], [0, 0, 10], [0, 0, 10]],
            "At each dot a 1 comes in, and the cell counts up. The input gate is to open at a 1 "
            "only, or the candidate is to be 0 at a dot.",
        ),
        Mistake(
            [[-20, -20, -10], [20, 0, -10], [10, 0, 0]],
            "Your forget gate is never open, so a dot wipes out all. Its bias should be about +10.",
        ),
        Mistake(
            [[0, 0, 0], [0, 0, 0], [10, 0, 0]],
            "The candidate is right. With zeros a gate is half open at every step. Now say for f "
            "and i when they open.",
        ),
        Mistake(
            [[0, 0, 1], [1, 0, 0], [1, -1, 0]],
            "These look like gates and candidate themselves. But they still go through sigmoid and "
            "tanh: σ(0) is one half, σ(1) is 0.73. And let nothing in at a 0, only forget.",
        ),
        Mistake(
            [[10, 0, 0], [20, 0, -10], [-20, -20, 10]],
            "Rows f and g are swapped: first the forget gate, then the input gate, then the "
            "candidate.",
        ),
        Mistake(
            [[20, 0, -10], [10, 0, 0], [-20, -20, 10]],
            "The rows stand in the order i, g, f. The order is f, i, g.",
        ),
        Mistake(
            [[-20, -20, 10], [10, 0, 0], [20, 0, -10]],
            "Rows i and g are swapped: the input gate is the second row, the candidate the third.",
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
    twice: bool = False,
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM; each switch puts a mistake in, the first three those of the lesson."""
    i, f, g, o = (x @ W_x + h @ W_h + b).chunk(4, dim=1)
    i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
    if bounded:
        g = (g.sigmoid() if twice else g).tanh() if candidate else g.sigmoid()
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


def _step_of(mix: Callable[..., tuple[Tensor, Tensor]]) -> Step:
    """Make a step of what a function does with i, f, g, o before they are squashed, and c."""

    def step(
        x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor
    ) -> tuple[Tensor, Tensor]:
        return mix(*(x @ W_x + h @ W_h + b).chunk(4, dim=1), c)

    return step


def _closed(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """The end of a step, given gates and candidate as they are to be used."""
    new = f * c + i * g
    return o * new.tanh(), new


def _both_squashed(h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    return h, c.tanh()


def _gates(x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> list[Tensor]:
    """Return i, f, g, o, each squashed as it must be."""
    i, f, g, o = (x @ W_x + h @ W_h + b).chunk(4, dim=1)
    return [i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()]


# What may go wrong while some of the three are mended, by the switch of `_step`, and what to say.
_STEP_SLIPS = {
    "squashed": "The tanh around the cell got lost: h = o · tanh(c).",
    "weighed": "The input gate is not used: all of the candidate comes in.",
    "covered": "The output gate is not used: h = o · tanh(c).",
    "twice": "The candidate goes through sigmoid and tanh. It needs the tanh alone.",
    "swapped": "You return c, h. Return h, c.",
}
# The three of the lesson, each by its switch.
_STEP_LEFT = {
    "candidate": "the candidate",
    "own_gate": "the gate before it",
    "new_cell": "which cell is shown",
}


def _step_slips() -> tuple[Mistake, ...]:
    """Return each slip with one or two of the three mistakes left."""
    found = []
    chosen = [[name] for name in _STEP_LEFT] + [*map(list, itertools.combinations(_STEP_LEFT, 2))]
    apart = ({"twice", "candidate"}, {"weighed", "own_gate"})  # both about the same place
    for (slip, hint), left in itertools.product(_STEP_SLIPS.items(), chosen):
        if not any(pair <= {slip, *left} for pair in apart):
            switches = dict.fromkeys([*left, *({slip} & {"squashed", "weighed", "covered"})], False)
            more = " and ".join(_STEP_LEFT[name] for name in left)
            answer = _step_slip(slip, switches)
            found.append(Mistake(answer, f"{hint} And look at {more}."))
    return tuple(found)


def _step_slip(slip: str, switches: dict[str, bool]) -> Step:
    """Return a step with some switches off, the candidate squashed twice, or c before h."""

    def step(*inputs: Tensor) -> tuple[Tensor, Tensor]:
        h, c = _step(*inputs, **switches, twice=slip == "twice")
        return (c, h) if slip == "swapped" else (h, c)

    return step


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
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(i, f.sigmoid(), g.tanh(), o.sigmoid(), c)),
            "The input gate is no gate: it needs a sigmoid.",
        ),
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(i.sigmoid(), f, g.tanh(), o.sigmoid(), c)),
            "The forget gate is no gate: it needs a sigmoid.",
        ),
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(i.sigmoid(), f.sigmoid(), g.tanh(), o, c)),
            "The output gate is no gate: it needs a sigmoid.",
        ),
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(*(part.tanh() for part in (i, f, g, o)), c)),
            "tanh belongs to the candidate alone. The three gates keep their sigmoid.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(i.sigmoid(), f.sigmoid(), g.tanh(), o.tanh(), c)
            ),
            "tanh stands where the output gate needs a sigmoid: from 0, shut, to 1, open.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(i.tanh(), f.sigmoid(), g.tanh(), o.sigmoid(), c)
            ),
            "tanh stands where the input gate needs a sigmoid: from 0, shut, to 1, open.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(i.sigmoid(), f.tanh(), g.tanh(), o.sigmoid(), c)
            ),
            "tanh stands where the forget gate needs a sigmoid: from 0, shut, to 1, open.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(
                    i.sigmoid(), 1 - i.sigmoid(), g.tanh(), o.sigmoid(), c
                )
            ),
            "1 − i stands where the forget gate belongs: f · c + i · g.",
        ),
        Mistake(
            lambda x, h, *rest: (
                _gates(x, h, *rest)[3] * h.tanh(),
                _step(x, h, *rest)[1],
            ),
            "The cell is right. The state is made of it, not of the old h: h = o · tanh(c).",
        ),
        Mistake(
            lambda x, h, c, *weights: (_step(x, h, c, *weights)[1],) * 2,
            "The cell is returned twice. The first is to be h = o · tanh(c).",
        ),
        Mistake(
            lambda *inputs: (_step(*inputs)[0],) * 2,
            "h is right, and it is returned twice. The second is to be the new cell.",
        ),
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(0, f.sigmoid(), g.tanh(), o.sigmoid(), c)),
            "Nothing new comes in: the cell is f · c + i · g.",
        ),
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(i.sigmoid(), 0, g.tanh(), o.sigmoid(), c)),
            "Nothing of the old cell stays: the new one is f · c + i · g.",
        ),
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(i, f, g.tanh(), o, c)),
            "The three gates need a sigmoid: i, f and o.",
        ),
        Mistake(
            _step_of(_closed),
            "Gates and candidate go through nothing: i, f and o need a sigmoid, g a tanh.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(-i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), c)
            ),
            "The new is taken away. It is added: f · c + i · g.",
        ),
        Mistake(
            lambda *inputs: (
                (_gates(*inputs)[3] * _step(*inputs)[1]).tanh(),
                _step(*inputs)[1],
            ),
            "A bracket ends too late: tanh is for the cell alone, and o stands before it.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: (
                    o.sigmoid() @ (f.sigmoid() @ c + i.sigmoid() @ g.tanh()).tanh(),
                    f.sigmoid() @ c + i.sigmoid() @ g.tanh(),
                )
            ),
            "@ is the product of matrices. Gates are multiplied number by number: *.",
        ),
        *_step_slips(),
        Mistake(
            _step_of(lambda i, f, g, o, c: _closed(i.sigmoid(), 1, g.tanh(), o.sigmoid(), c)),
            "The old cell is kept in full. The forget gate stands before it: f · c + i · g.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(
                    i.sigmoid(), 1 - f.sigmoid(), g.tanh(), o.sigmoid(), c
                )
            ),
            "1 − f stands before the old cell. An open forget gate keeps: f · c.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(
                    1 - i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), c
                )
            ),
            "1 − i stands before the candidate. An open input gate lets it in: i · g.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: (
                    o.sigmoid() * (f.sigmoid() * c + i.sigmoid() * g.tanh()).sigmoid(),
                    f.sigmoid() * c + i.sigmoid() * g.tanh(),
                )
            ),
            "The cell is right. It is shown through tanh, not through a sigmoid.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: (
                    o.sigmoid() * g.tanh(),
                    f.sigmoid() * c + i.sigmoid() * g.tanh(),
                )
            ),
            "The cell is right, but the state shows the candidate. It shows the new cell.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: (
                    o.sigmoid() * c.tanh(),
                    f.sigmoid() * c + i.sigmoid() * g.tanh().tanh(),
                )
            ),
            "Two are left: the candidate goes through tanh twice, and h shows the old cell.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(
                    i.sigmoid(), f.sigmoid(), g.sigmoid().tanh(), o.sigmoid(), c
                )
            ),
            "One is left: the candidate still goes through the sigmoid, and then through tanh. "
            "Take its sigmoid away.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(i.sigmoid(), f.sigmoid(), g.relu(), o.sigmoid(), c)
            ),
            "The candidate goes through a ReLU, so the cell could only grow. It needs a tanh.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _both_squashed(
                    *_closed(i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), c)
                )
            ),
            "h is right, but you give tanh(c) back as the cell. The cell itself is wanted.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(
                    i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), c.tanh()
                )
            ),
            "The old cell goes through tanh before it is kept. It stays as it is: f · c.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(
                    f.sigmoid() * i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), c
                )
            ),
            "f weighs the new as well. A bracket too many? It is f · c + i · g.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: _closed(
                    i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid().tanh(), c
                )
            ),
            "The output gate goes through tanh as well as through the sigmoid. Its sigmoid is "
            "enough.",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: (
                    f.sigmoid() * (f.sigmoid() * c + i.sigmoid() * g.tanh()).tanh(),
                    f.sigmoid() * c + i.sigmoid() * g.tanh(),
                )
            ),
            "The cell is right, but f stands before the state. It is the output gate: o · tanh(c).",
        ),
        Mistake(
            _step_of(
                lambda i, f, g, o, c: (
                    i.sigmoid() * (f.sigmoid() * c + i.sigmoid() * g.tanh()).tanh(),
                    f.sigmoid() * c + i.sigmoid() * g.tanh(),
                )
            ),
            "The cell is right, but i stands before the state. It is the output gate: o · tanh(c).",
        ),
        Mistake(
            lambda *inputs: torch.cat(_step(*inputs)),
            "The numbers are right, but joined in one tensor. Return two: h, c.",
        ),
        Mistake(
            lambda *inputs: torch.stack(_step(*inputs), dim=-1),
            "The numbers are right, but joined in one tensor. Return two, h and c.",
        ),
        Mistake(
            lambda x, h, *rest: (h, _step(x, h, *rest)[1]),
            "The cell is right, but you give the old h back. Return the new one.",
        ),
        Mistake(
            lambda x, h, c, *weights: _step(x, h, h, *weights),
            "f stands before h. It belongs before the old *cell*: f · c + i · g.",
        ),
        Mistake(
            lambda x, *rest: _step(torch.zeros_like(x), *rest),
            "The three mistakes are mended, but the gates do not see x any more: z = x W_x + "
            "h W_h + b.",
        ),
        Mistake(
            _step_in_order(3, 1, 2, 0),
            "Input gate and output gate are swapped: the first block of z is i, the last o.",
        ),
        Mistake(
            _step_in_order(3, 0, 1, 2),
            "You cut in the order f, g, o, i. PyTorch's order is i, f, g, o.",
        ),
        Mistake(
            _step_in_order(1, 0, 3, 2),
            "You cut in the order f, i, o, g. PyTorch's order is i, f, g, o.",
        ),
        Mistake(
            lambda *inputs: (*_step(*inputs), inputs[2]),
            "The first two are right. Return these two alone: h, c.",
        ),
        Mistake(
            lambda *inputs: (_step(*inputs)[0], *_step(*inputs)),
            "Three came. nn.LSTM gives all states as well, but one step gives two: h, c.",
        ),
        Mistake(
            lambda *inputs: _step(*inputs)[1],
            "That is the new cell. The state is wanted as well: return h, c.",
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


def _gru_of(mix: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Make a step of what a function does with the r, z, n of x and those of h, and with h."""

    def step(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
        return mix((x @ W_x + b_x).chunk(3, dim=1), (h @ W_h + b_h).chunk(3, dim=1), h)

    return step


def _gru_mixed(mix: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Make a step with a right gate z and candidate n, and another mixture of n and h."""

    def step(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
        r, z = ((from_x[k] + from_h[k]).sigmoid() for k in (0, 1))
        return mix(z, (from_x[2] + r * from_h[2]).tanh(), h)

    return _gru_of(step)


def _gru_gates(which: str) -> Callable[..., Tensor]:
    """Return a step in which only one gate, "r" or "z", goes through the sigmoid."""

    def mix(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
        r, z = from_x[0] + from_h[0], from_x[1] + from_h[1]
        r, z = (r.sigmoid(), z) if which == "r" else (r, z.sigmoid())
        return (1 - z) * (from_x[2] + r * from_h[2]).tanh() + z * h

    return _gru_of(mix)


def _gru_z_for_r(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
    z = (from_x[1] + from_h[1]).sigmoid()
    return (1 - z) * (from_x[2] + z * from_h[2]).tanh() + z * h


def _gru_reset_other_way(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
    r, z = ((from_x[k] + from_h[k]).sigmoid() for k in (0, 1))
    return (1 - z) * (from_x[2] + (1 - r) * from_h[2]).tanh() + z * h


def _gru_weighs_x(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
    r, z = ((from_x[k] + from_h[k]).sigmoid() for k in (0, 1))
    return (1 - z) * (r * from_x[2] + from_h[2]).tanh() + z * h


def _gru_reset_kept(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
    r, z = ((from_x[k] + from_h[k]).sigmoid() for k in (0, 1))
    return (1 - z) * (from_x[2] + r * from_h[2]).tanh() + z * r * h


# The candidate made in other ways, of the parts of x and h and the gate r, and what to say.
_GRU_CANDIDATES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "": lambda n_x, n_h, r: (n_x + r * n_h).tanh(),
    "r stands before a tanh of its own. There is one tanh, around the sum: n = tanh(x part + "
    "r · (h part)).": lambda n_x, n_h, r: n_x.tanh() + r * n_h.tanh(),
    "r is added. It is multiplied: r · (h part).": lambda n_x, n_h, r: (n_x + n_h + r).tanh(),
    "r stands before the tanh. Inside it weighs the h part alone.": (
        lambda n_x, n_h, r: r * (n_x + n_h).tanh()
    ),
    "r is not used: r · (h part).": lambda n_x, n_h, r: (n_x + n_h).tanh(),
    "r weighs the x part as well.": lambda n_x, n_h, r: (r * (n_x + n_h)).tanh(),
    "r weighs the x part, not the h part.": lambda n_x, n_h, r: (r * n_x + n_h).tanh(),
    "The candidate goes through the sigmoid, not through tanh.": (
        lambda n_x, n_h, r: (n_x + r * n_h).sigmoid()
    ),
}
_GRU_MIXES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "": lambda z, n, h: (1 - z) * n + z * h,
    "And an open z keeps the old state: (1 − z) · n + z · h.": lambda z, n, h: z * n + (1 - z) * h,
}
_GRU_GATES: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {  # for r and z: from x, from h
    "": ((1, 1), (1, 1)),
    "z does not look at h: its h part is missing.": ((1, 1), (1, 0)),
    "r does not look at h: its h part is missing.": ((1, 0), (1, 1)),
    "r and z do not look at h: their h part is missing.": ((1, 0), (1, 0)),
    "r and z do not look at x: their x part is missing.": ((0, 1), (0, 1)),
}


def _gru_slips() -> tuple[Mistake, ...]:
    """Return each choice of one slip in candidate or gates, and of the mixture turned or not."""
    known = ("r is not used", "r weighs the x", "The candidate goes")  # alone they have their row
    found = []
    for hints in itertools.product(_GRU_GATES, _GRU_CANDIDATES, _GRU_MIXES):
        gates, candidate, mix = hints
        alone = not mix and (candidate.startswith(known) or not gates + candidate)
        turned = not gates + candidate  # this one has its row, too
        if not (gates and candidate) and not alone and not turned:
            parts = _GRU_GATES[gates], _GRU_CANDIDATES[candidate], _GRU_MIXES[mix]
            found.append(Mistake(_gru_made_of(*parts), " ".join(filter(None, hints))))
    return tuple(found)


def _gru_made_of(gates: tuple, candidate: Callable, mix: Callable) -> Callable[..., Tensor]:
    """Make a step of the shares of x and h in its gates, a candidate and a mixture."""

    def step(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
        r, z = ((a * from_x[k] + b * from_h[k]).sigmoid() for k, (a, b) in enumerate(gates))
        return mix(z, candidate(from_x[2], from_h[2], r), h)

    return _gru_of(step)


def _gru_mixed_by_r(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
    r = (from_x[0] + from_h[0]).sigmoid()
    return (1 - r) * (from_x[2] + r * from_h[2]).tanh() + r * h


def _gru_bare_state(from_x: tuple, from_h: tuple, h: Tensor) -> Tensor:
    r, z = ((from_x[k] + from_h[k]).sigmoid() for k in (0, 1))
    return (1 - z) * (from_x[2] + r * h).tanh() + z * h


def _gru_without_b_x(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    return _gru(x, h, W_x, W_h, torch.zeros_like(b_x), b_h)


def _gru_without_biases(
    x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor
) -> Tensor:
    return _gru(x, h, W_x, W_h, torch.zeros_like(b_x), torch.zeros_like(b_h))


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


def _gru_in_order(*order: int) -> Callable[..., Tensor]:
    """Take the three blocks of the weights for others than they are."""

    def step(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
        parts = ([part.chunk(3, -1)[k] for k in order] for part in weights)
        return _gru(x, h, *(torch.cat(part, -1) for part in parts))

    return step


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
    x: Tensor,
    h: Tensor,
    W_x: Tensor,
    W_h: Tensor,
    b_x: Tensor,
    b_h: Tensor,
    *,
    keep_old: bool = True,
) -> Tensor:
    """The state is reset before it meets its weights, as in the paper of 2014."""
    r, z, _ = (x @ W_x + b_x + h @ W_h + b_h).sigmoid().chunk(3, dim=1)
    W, b = W_h.chunk(3, -1)[2], b_h.chunk(3, -1)[2]
    n = ((x @ W_x + b_x).chunk(3, dim=1)[2] + (r * h) @ W + b).tanh()
    return (1 - z) * n + z * h if keep_old else z * n + (1 - z) * h


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
            _gru_in_order(1, 0, 2),
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
        *_gru_slips(),
        Mistake(
            lambda *inputs: _gru_reset_first(*inputs, keep_old=False),
            "Two things, both found in other texts: here r is applied after the weights, "
            "r · (h W + b), and an open z keeps the old state.",
        ),
        Mistake(
            _gru_of(
                lambda from_x, from_h, h: (
                    (1 - (from_x[1] + from_h[1]).tanh())
                    * (from_x[2] + (from_x[0] + from_h[0]).tanh() * from_h[2]).tanh()
                    + (from_x[1] + from_h[1]).tanh() * h
                )
            ),
            "r and z go through tanh. Gates need a sigmoid: from 0, shut, to 1, open.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: n + h),
            "z is not used: it says how much of each, (1 − z) · n + z · h.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: (1 - z) * n + z * h.tanh()),
            "The old state goes through a tanh. It is kept as it is: z · h.",
        ),
        Mistake(
            _gru_of(_gru_reset_kept),
            "r weighs what is kept as well. It belongs into the candidate alone: + z · h.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: 1 - z * n + z * h),
            "The brackets are missing: 1 - z * n is 1 − (z · n). Write (1 - z) * n.",
        ),
        Mistake(_gru_gates("r"), "z is no gate yet: it needs a sigmoid."),
        Mistake(_gru_gates("z"), "r is no gate yet: it needs a sigmoid."),
        Mistake(_gru_of(_gru_z_for_r), "In the candidate stands z where r belongs."),
        Mistake(
            _gru_of(_gru_reset_other_way),
            "r the other way round: n = tanh(x part + r · (h part)), without 1 − r.",
        ),
        Mistake(
            _gru_of(_gru_weighs_x),
            "r weighs the wrong part: it belongs before what comes from h, not from x.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: ((1 - z) * n + z * h).tanh()),
            "The mixture goes through one tanh too many. Only the candidate needs one.",
        ),
        Mistake(_gru_without_b_x, "The bias b_x got lost: what comes from x is x W_x + b_x."),
        Mistake(_gru_without_biases, "Both biases got lost: x W_x + b_x, and h W_h + b_h."),
        Mistake(
            _gru_of(_gru_mixed_by_r),
            "The mixture at the end is made with r. z decides what is kept.",
        ),
        Mistake(
            _gru_of(_gru_bare_state),
            "r weighs the bare h. It weighs what comes from it: r · (h W_h + b_h).",
        ),
        Mistake(
            lambda x, h, W_x, W_h, b_x, b_h: _gru(x, h, W_x, W_h, b_h, b_x),
            "b_x and b_h are swapped. In the candidate it makes a difference: r weighs b_h only.",
        ),
        Mistake(
            _gru_in_order(1, 2, 0),
            "You cut in the order n, r, z. The order is r, z, n.",
        ),
        Mistake(
            _gru_in_order(2, 1, 0),
            "You cut in the order n, z, r. The order is r, z, n.",
        ),
        Mistake(
            lambda x, h, *weights: (_gru(x, h, *weights), h),
            "The new h is right. It is all that is wanted: return it alone.",
        ),
        Mistake(
            lambda x, h, *weights: h,
            "That is the old h.",
        ),
        Mistake(
            _gru_of(lambda from_x, from_h, h: (from_x[1] + from_h[1]).sigmoid() * h),
            "That is what is kept. The candidate is missing: (1 − z) · n.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: (1 - z) * n + h),
            "The old state is kept in full. z weighs it: + z · h.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: z * n + z * h),
            "z weighs both. The candidate gets what is left: (1 − z) · n + z · h.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: (1 - z) * (n + z * h)),
            "1 − z weighs both. A bracket ends too late? It is (1 − z) · n + z · h.",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: (1 - z) * n + (1 - z) * h),
            "1 − z weighs both. The old state is weighed by z.",
        ),
        Mistake(
            _gru_of(
                lambda from_x, from_h, h: torch.lerp(
                    from_x[2].tanh(), h, (from_x[1] + from_h[1]).sigmoid()
                )
            ),
            "The candidate does not see the old state: n = tanh(x part + r · (h part)).",
        ),
        Mistake(
            _gru_mixed(lambda z, n, h: (1 - z) * n - z * h),
            "The part that is kept has the wrong sign: + z · h.",
        ),
        Mistake(
            lambda *inputs: (_gru(*inputs), _gru(*inputs)),
            "A GRU has one state. Return it once, not as a pair.",
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


def _logit(gate: float) -> float:
    """Return the number that the sigmoid turns into this gate."""
    return math.log(gate / (1 - gate))


def _bias(n_steps: int) -> float:
    return _logit(0.5 ** (1 / n_steps))


def _about_bias(bias: float, n_steps: int) -> str:
    """Say what a forget gate with this bias leaves."""
    gate = 1 / (1 + math.exp(-bias))
    steps = "step" if n_steps == 1 else f"{n_steps} steps"
    return (
        f"A bias of {bias:.4g} makes a gate of {gate:.4g}. After {steps} {gate**n_steps:.1%} of "
        "the cell is left with it, and 50% is wanted."
    )


BIAS = Exercise(
    title="a forget gate with a given half-life",
    remark=_about_bias,
    reference=_bias,
    cases=lambda: [(2,), (3,), (1,), (10,), (28,), (100,), (1000,)],  # log(0) shows at 1 only
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
            lambda n_steps: math.log((1 - 1 / n_steps) / (1 / n_steps)),
            "A gate of 1 − 1 / n_steps sounds right, but after many such steps about 37% is left "
            "(1/e), and nothing after one.",
        ),
        Mistake(
            lambda n_steps: math.log(n_steps - 1) if n_steps > 1 else -math.inf,
            "That is a gate of 1 − 1 / n_steps. After n_steps such steps about 37% is left where "
            "they are many (1/e), and nothing after one.",
        ),
        Mistake(
            lambda n_steps: math.log(n_steps - 1) if n_steps > 1 else 0.0,
            "That is a gate of 1 − 1 / n_steps. It would be right for one step and for none else: "
            "of many steps it leaves about 37% (1/e).",
        ),
        Mistake(
            lambda n_steps: math.log(0.5 ** (1 / n_steps)) / math.log(1 - 0.5 ** (1 / n_steps)),
            "A quotient of two logarithms is not the logarithm of the quotient: log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: math.log(2 ** (1 / n_steps) / (1 - 2 ** (1 / n_steps))),
            "A logarithm of a number below 0: 1 − f, or the quotient. Is your gate above 1? It is "
            "one half to the power of 1 / n_steps.",
        ),
        Mistake(
            lambda n_steps: -math.log(n_steps),
            "A bias below 0 closes the gate. Which gate, n_steps times multiplied, is one half?",
        ),
        Mistake(
            lambda n_steps: 0.5 ** (-1 / n_steps),
            "That is 1 / f. The bias is log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: 1 / (1 + math.exp(-n_steps)),
            "You sent the number of steps through the sigmoid. Find the gate first, then what σ "
            "turns into it.",
        ),
        Mistake(
            lambda n_steps: _logit(0.5**0.5),
            "That is right for two steps only: the gate is the n-th root of one half, not the "
            "square root.",
        ),
        Mistake(
            lambda n_steps: n_steps * math.log(0.5),
            "That is the logarithm of what n_steps gates of one half leave. Which gate, n_steps "
            "times multiplied, leaves one half? And what does σ turn into it?",
        ),
        Mistake(
            lambda n_steps: _bias(n_steps - 1),
            "One step too few: after n_steps steps the gate was used n_steps times, also in the "
            "first.",
        ),
        Mistake(
            lambda n_steps: _bias(max(1, n_steps - 1)),
            "One step too few, from two on: after n_steps steps the gate was used n_steps times.",
        ),
        Mistake(
            lambda n_steps: -math.log(0.5 ** (-1 / n_steps)) - 1,
            "A bracket ends too early: the 1 is taken away inside the logarithm, −log(1 / f − 1).",
        ),
        Mistake(
            lambda n_steps: 1 - 0.5 / n_steps,
            "That looks like a gate, from 0 to 1. The bias is what stands in front of the sigmoid. "
            "And gates are multiplied: which number, n_steps times multiplied, is one half?",
        ),
        Mistake(
            lambda n_steps: 0.5**n_steps,
            "That is what n_steps gates of one half leave. Which *gate* leaves one half after "
            "n_steps steps? And which number does σ turn into it?",
        ),
        Mistake(
            lambda n_steps: 0.5 / n_steps,
            "That is 0.5 / n_steps. (0.5 ** 1 / n_steps is that, too: it needs brackets.) Which "
            " gate, n_steps times multiplied, gives one half? What does σ turn into it?",
        ),
        Mistake(
            lambda n_steps: 1 - 1 / n_steps,
            "That looks like a gate, from 0 to 1, and after many such steps 37% is left. Find the "
            "gate of which half is left; the bias is what σ turns into it.",
        ),
        Mistake(
            lambda n_steps: 0.5 ** (1 / n_steps) / (1 - 0.5 ** (1 / n_steps)),
            "That is f / (1 − f). Its logarithm is the bias.",
        ),
        Mistake(
            lambda n_steps: math.log(0.5 ** (1 / n_steps)) / (1 - 0.5 ** (1 / n_steps)),
            "A bracket ends too early: the logarithm of the whole quotient is wanted, "
            "log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: math.log(0.5 / n_steps),
            "That is the logarithm of 0.5 / n_steps. The gate is 0.5 ** (1 / n_steps), with "
            "brackets, and the bias log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: 1 - 0.5 ** (1 / n_steps),
            "That is what a step loses, 1 − f. The bias is log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: -math.log(1 - 0.5 ** (1 / n_steps)),
            "Only half of the inverse: log(f / (1 − f)) is log(f) − log(1 − f). Here log(f) is "
            "missing.",
        ),
        Mistake(
            lambda n_steps: math.log(1 - 0.5 ** (1 / n_steps)),
            "That is log(1 − f), one number of the two that are needed: log(f) − log(1 − f).",
        ),
        Mistake(
            lambda n_steps: math.log(0.5 ** (1 / n_steps)) + math.log(1 - 0.5 ** (1 / n_steps)),
            "Plus where a minus belongs: log(f / (1 − f)) is log(f) − log(1 − f).",
        ),
        Mistake(
            lambda n_steps: math.log(0.5 ** (1 / n_steps) / (1 + 0.5 ** (1 / n_steps))),
            "Plus where a minus belongs: log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: -math.log(math.exp(1 / n_steps) - 1),
            "With this bias 1/e is left, about 37%. One *half* is wanted.",
        ),
        Mistake(
            lambda n_steps: float(n_steps),
            "That is the number of steps. Begin with the gate: which number, n_steps times "
            "multiplied, is one half?",
        ),
        Mistake(
            lambda n_steps: math.log(n_steps / 2),
            "It grows as it should, but too low: with it less than 15% is left of many steps. "
            "Begin with the gate: 0.5 ** (1 / n_steps).",
        ),
        Mistake(
            lambda n_steps: math.log(2 * n_steps),
            "That leaves about 61% of many steps. Begin with the gate: 0.5 ** (1 / n_steps).",
        ),
        Mistake(
            lambda n_steps: 10.0,
            "The same bias for all. It depends on n_steps: which gate, n_steps times multiplied, "
            "is one half?",
        ),
        Mistake(
            lambda n_steps: _bias(n_steps + 1),
            "That is the bias for one step more. After n_steps steps the gate was used n_steps "
            "times.",
        ),
        Mistake(
            lambda n_steps: _bias(2 * n_steps),
            "With this bias a half is left after twice as many steps.",
        ),
        Mistake(
            lambda n_steps: _logit(0.5 ** (1 // n_steps)),
            "1 // n_steps is a whole number, 0 from two steps on. Divide with /.",
        ),
        Mistake(
            lambda n_steps: str(_bias(n_steps)),
            "The number is right, but it came as a text. Return the number itself.",
        ),
        Mistake(
            lambda n_steps: [_bias(n_steps)],
            "The number is right, but wrapped in a list, tuple or tensor. Return it alone.",
        ),
        Mistake(
            lambda n_steps: math.atanh(0.5 ** (1 / n_steps)),
            "That undoes a tanh. A gate has a sigmoid: log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: 3.0,
            "A bias of 3 is a gate of 0.95 and leaves a half after 14 steps. For other numbers of "
            "steps it must be another one.",
        ),
        Mistake(
            lambda n_steps: -math.log(0.5) / n_steps,
            "That is −log f: one number of the two that are needed. The inverse of the sigmoid is "
            "log(f / (1 − f)).",
        ),
        Mistake(
            lambda n_steps: math.log(0.5**n_steps / (1 - 0.5**n_steps)),
            "You took one half to the power of n_steps: that is what so many gates of one half "
            "leave. The gate that leaves one half is one half to the power of 1 / n_steps.",
        ),
        Mistake(
            lambda n_steps: 0.0,
            "A bias of 0 is a gate of one half, and then half of the cell is lost at *each* step. "
            "Only after all n_steps steps shall half be gone.",
        ),
        Mistake(
            lambda n_steps: math.log((0.5 / n_steps) / (1 - 0.5 / n_steps)),
            "That makes a gate of 0.5 / n_steps. (0.5 ** 1 / n_steps is that, too: brackets around "
            "1 / n_steps.) Gates are multiplied: which number, n_steps times, gives one half?",
        ),
        Mistake(
            lambda n_steps: math.log((1 - 0.5 / n_steps) / (0.5 / n_steps)),
            "You lose an equal part of the half at each step, but gates are multiplied. Which "
            "number, n_steps times multiplied by itself, is one half?",
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
            lambda n_steps: math.log(n_steps),
            "It grows as it should, but stays too small: of many steps only about 37% would be "
            "left. Begin with the gate: which number, n_steps times multiplied, is one half?",
        ),
        Mistake(
            lambda n_steps: math.log(n_steps / math.log(2)),
            "Close for many steps, for then f is nearly 1 − 0.69 / n_steps. But it is not exact: "
            "for one step the bias must be 0. Take f = 0.5 ** (1 / n_steps).",
        ),
        Mistake(
            lambda n_steps: torch.tensor(_bias(n_steps)).sigmoid() ** n_steps,
            "That is what is left after so many steps. The bias is wanted.",
        ),
    ),
    hints=(
        "Two steps. Which gate f, n_steps times multiplied, gives one half? Which number becomes "
        "f in the sigmoid?",
        "f = 0.5 to the power of 1 / n_steps. The inverse of the sigmoid is log(f / (1 − f)).",
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


def _attend_with_scores(scores: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights = scores.softmax(dim=0)
    return weights, weights @ states


def _attend_mean(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    return _attend(query, states)[0], states.mean(dim=0)


def _attend_to_query(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights = _attend(query, states)[0]
    return weights, (weights[:, None] * query).sum(dim=0)


def _attend_products(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights = _attend(query, states)[0]
    return weights, weights[:, None] * states


def _attend_column(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    """Weights and context as matrices, (T, 1) and (1, H)."""
    weights, context = _attend(query, states)
    return weights[:, None], context[None]


def _attend_row(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    weights, context = _attend(query, states)
    return weights[None], context[None]


def _attend_numbers(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    """Score number by number, and never add up what belongs to one place."""
    weights = (states * query).softmax(dim=0)
    return weights, (weights * states).sum(dim=0)


def _attend_cosine(query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    scores = torch.cosine_similarity(states, query[None], dim=1)
    return scores.softmax(dim=0), scores.softmax(dim=0) @ states


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


def _about_attend(value: tuple[Tensor, Tensor], _query: Tensor, states: Tensor) -> str:
    """Say what is wrong with the weights, or with the context that they make."""
    weights, context = map(torch.as_tensor, value)
    if weights.shape != states.shape[:1]:
        return f"The weights have the shape {tuple(weights.shape)}: one for each place is wanted."
    if abs(weights.sum() - 1) > 1e-3:
        return f"Your weights add up to {weights.sum():.3g}. The softmax makes it 1."
    mixed = weights @ states
    if context.shape == mixed.shape and torch.allclose(context, mixed, atol=1e-4):
        return "The context fits your weights, and they add up to 1. So look at the scores."
    return "The context is not the states, weighted by your weights and added up."


ATTEND = Exercise(
    title="attention for one step",
    remark=_about_attend,
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
            _attend_column,
            "The numbers are right, the shapes are not: (T, 1) and (1, H). Multiply states by the "
            "query as it is, (H,); then the scores are (T,).",
        ),
        Mistake(
            lambda query, states: (_attend_column(query, states)[0], _attend(query, states)[1]),
            "The numbers are right, but the weights have the shape (T, 1). They are to be (T,).",
        ),
        Mistake(
            lambda query, states: (
                _attend(query, states)[0],
                _attend_column(query, states)[1],
            ),
            "The numbers are right, but the context has the shape (1, H). It is to be (H,).",
        ),
        Mistake(
            lambda query, states: (
                _attend(query, states)[0],
                _attend_column(query, states)[1].T,
            ),
            "The numbers are right, but the context has the shape (H, 1). It is to be (H,).",
        ),
        Mistake(
            _attend_row,
            "The numbers are right, the shapes are not: (1, T) and (1, H). Leave the query as it "
            "is, (H,); then the scores are (T,).",
        ),
        Mistake(
            lambda query, states: (_attend_row(query, states)[0], _attend(query, states)[1]),
            "The numbers are right, but the weights have the shape (1, T). They are to be (T,).",
        ),
        Mistake(
            _attend_numbers,
            "You multiply number by number. A score is a dot product, one number for each place: "
            "states @ query.",
        ),
        Mistake(
            _attend_cosine,
            "You divide the scores by the lengths (a cosine). Here they are plain dot products.",
        ),
        Mistake(
            lambda query, states: ((states @ query).softmax(dim=1), 0),
            "states @ query has one axis, (T,). Its softmax goes along dim=0.",
        ),
        Mistake(
            lambda query, states: ((states.T @ query).softmax(dim=0), 0),
            "states.T is (H, T) and does not fit a query (H,). Write states @ query.",
        ),
        Mistake(
            lambda query, states: (_attend(query, states)[0], _attend(query, states)[0] @ query),
            "The weights, (T,), do not fit the query, (H,). The context is made of the states: "
            "weights @ states.",
        ),
        Mistake(
            lambda query, states: (torch.dot(states, query).softmax(dim=0), 0),
            "dot() takes two vectors. For a matrix and a vector it is @.",
        ),
        Mistake(
            _attend_with(lambda scores: scores.exp() / scores.exp().max()),
            "You divide by the largest. Divide by the sum, so that the weights add up to 1.",
        ),
        Mistake(
            lambda query, states: (*_attend(query, states), query),
            "The first two are right. Return these two alone: weights, context.",
        ),
        Mistake(
            lambda query, states: torch.cat(_attend(query, states)),
            "The numbers are right, but joined in one tensor. Return two: weights, context.",
        ),
        Mistake(
            lambda query, states: (states @ query.softmax(0), states @ query.softmax(0) @ states),
            "You take the softmax of the query. First the scores, then their softmax.",
        ),
        Mistake(
            lambda query, states: _attend(query.softmax(dim=0), states),
            "The query goes through a softmax as well. Only the scores do.",
        ),
        Mistake(
            lambda query, states: (
                states.softmax(dim=0) @ query,
                states.softmax(dim=0) @ query @ states,
            ),
            "You take the softmax of the states. First the scores, then their softmax.",
        ),
        Mistake(
            lambda query, states: (
                states.softmax(dim=1) @ query,
                states.softmax(dim=1) @ query @ states,
            ),
            "You take the softmax of each state. First the scores, then the softmax of these.",
        ),
        Mistake(
            _attend_with(lambda scores: scores.softmax(dim=0).softmax(dim=0)),
            "Softmax once is enough. Twice it makes all weights nearly equal.",
        ),
        Mistake(
            _attend_with(lambda scores: scores.log_softmax(dim=0)),
            "Those are logarithms of the weights. Take softmax, not log_softmax.",
        ),
        Mistake(
            _attend_with(torch.ones_like),
            "All weights are 1. Was softmax taken along an axis of length 1? It goes over the "
            "places.",
        ),
        Mistake(
            _attend_with(lambda scores: torch.full_like(scores, 1 / len(scores))),
            "All weights are equal: the query is not asked. Scores are states @ query.",
        ),
        Mistake(
            _attend_with(lambda scores: scores.abs() / scores.abs().sum()),
            "Shares of sizes make a strong *no* count like a strong *yes*. Take the softmax.",
        ),
        Mistake(
            lambda query, states: (torch.ones(len(states), 1), states.sum(0)[None]),
            "All weights are 1: softmax went along an axis of length 1. It goes over the places, "
            "and the weights are to be (T,).",
        ),
        Mistake(
            lambda query, states: (torch.ones(len(states), 1), states.sum(0)),
            "All weights are 1, for softmax went along an axis of length 1, not over the places.",
        ),
        Mistake(
            lambda query, states: (torch.ones(1, len(states)), states.sum(0)[None]),
            "All weights are 1: softmax went along the axis of length 1 in front. It goes over the "
            "places.",
        ),
        Mistake(
            lambda query, states: _attend(query / len(query), states),
            "You divide the scores by the size of the query. Here they are plain dot products.",
        ),
        Mistake(
            lambda query, states: _attend(query / len(states), states),
            "You divide the scores by the number of places. Here they are plain dot products.",
        ),
        Mistake(
            lambda query, states: (
                _attend(query, states)[0],
                _attend_products(query, states)[1].sum(1),
            ),
            "The weights are right, but you add up along the wrong axis: over the places, dim=0.",
        ),
        Mistake(
            lambda query, states: (
                _attend(query, states)[0],
                states[(states @ query).argmax()],
            ),
            "The weights are right, but the context is the best place only. Mix all of them.",
        ),
        Mistake(
            lambda query, states: (
                _attend(query, states)[0],
                query + _attend(query, states)[1],
            ),
            "The weights are right, but the query is in the context. It only asks.",
        ),
        Mistake(
            lambda query, states: states @ query,
            "Those are the scores. Softmax makes weights of them, and then comes the context.",
        ),
        Mistake(
            lambda query, states: (states @ query, *_attend(query, states)),
            "The last two are right. Return these two alone: weights, context.",
        ),
        Mistake(
            _attend_with(torch.relu),
            "A ReLU drops what is below 0, but the rest does not add up to 1. Take the softmax.",
        ),
        Mistake(
            lambda query, states: (
                _attend(query, states)[0],
                _attend_products(query, states)[1].sum(),
            ),
            "The weights are right, but all is added up to one number. Add over the places: dim=0.",
        ),
        Mistake(
            _attend_with(lambda scores: scores.softmax(dim=0) / len(scores)),
            "The weights add up to 1 already. Do not divide them by the number of places.",
        ),
        Mistake(
            _attend_with(lambda scores: scores / scores.max()),
            "You divide by the largest score. Weights must be above 0 and add up to 1: softmax.",
        ),
        Mistake(
            _attend_with(lambda scores: scores / scores.norm()),
            "You divide by the length of the scores. The weights must be above 0 and add up to 1.",
        ),
        Mistake(
            lambda query, states: ((states @ query).argmax(), _attend(query, states)[1]),
            "The context is right. For the weights you return where the best place is. Return all "
            "of them, (T,).",
        ),
        Mistake(
            lambda query, states: _attend_with_scores(states.sum(dim=1), states),
            "The query is not asked: you add up each state. The score is states @ query.",
        ),
        Mistake(
            lambda query, states: _attend_with_scores(-(states - query).norm(dim=1), states),
            "You score by distance. Here the score is the dot product.",
        ),
        Mistake(
            _attend_with(torch.tanh),
            "tanh judges each place on its own, and may be below 0. Take the softmax.",
        ),
        Mistake(
            lambda query, states: _attend_with_scores(query @ states, states),
            "query @ states does not fit: it runs over the places. Write states @ query, or turn "
            "states with .T.",
        ),
        Mistake(
            lambda query, states: (_attend(query, states)[0], states @ _attend(query, states)[0]),
            "The weights are right. For the context the weights stand in front: weights @ states.",
        ),
        Mistake(
            lambda query, states: (states @ query, _attend(query, states)[1]),
            "The context is right, but you return the scores. Return the weights.",
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
            "It decides what of the cell is seen now.",
            "The cell itself keeps what it has. So a unit can remember in silence.",
        ),
        (
            (
                "It takes away from the cell what was said.",
                "That would be the forget gate. Showing the cell takes nothing from it.",
            ),
            (
                "It decides what of the candidate comes into the cell.",
                "That is the input gate.",
            ),
            (
                "It makes the network's answer of the state.",
                "A layer behind the state h makes the answer. The gate only covers or shows.",
            ),
        ),
        place=0,
    ),
    Question(
        "Why do gradients reach further back in an LSTM than in a plain RNN?",
        (
            "From cell to cell they are multiplied by f, which can be close to 1.",
            "Where a plain RNN multiplies by a weight matrix and by the slope of tanh, which is "
            "below 1 except at 0.",
        ),
        (
            (
                "From cell to cell they are multiplied by i, which lets the input in.",
                "i weighs what is new. Along the cell stands f · c, so the slope is f.",
            ),
            (
                "They are clipped, so that none of them can be lost on its way back.",
                "Clipping makes large gradients smaller. It cannot bring back what has vanished.",
            ),
            (
                "Its gates use sigmoids, whose slope is steeper than that of tanh.",
                "Its slope is at most 1/4, that of tanh at most 1.",
            ),
        ),
        place=1,
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
            (
                "Wild: all letters come about as often as each other.",
                "That is a high temperature.",
            ),
            (
                "Shorter: the end becomes likelier than all the letters.",
                "Only where it is the likeliest already. The order of the logits stays.",
            ),
            (
                "Real: with certainty they are names from the training data.",
                "Many are copies, but nothing forces it: they are the likeliest letters in a row.",
            ),
        ),
        place=0,
    ),
    Question(
        "A text is filled up to the length of the longest. What must attention do about that?",
        (
            "Give what fills up the score −∞, before the softmax.",
            "Then its weight is exactly 0, and the others add up to 1. That is the mask.",
        ),
        (
            (
                "Give what fills up the score 0, before the softmax.",
                "exp(0) is 1: a score of 0 gets a weight, often more than a word with a score "
                "below 0.",
            ),
            (
                "Set the weights of what fills up to 0, after the softmax.",
                "Nearly: then those of the words no longer add up to 1.",
            ),
            (
                "Nothing: the network learns that there is nothing to see.",
                "It might learn to look away a little. But the answer would depend on how long "
                "the other texts are.",
            ),
        ),
        place=2,
    ),
]
