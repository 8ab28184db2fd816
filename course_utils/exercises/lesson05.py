"""Exercises and quiz of lesson 05, Why is training hard, and what helps?"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Iterable
from functools import cache
from itertools import combinations, pairwise

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question
from course_utils.training import DivergedError, fit

# --- adam: find the mistakes ---------------------------------------------------------------------

Step = tuple[Tensor, Tensor, Tensor]


def _means(g: Tensor, v: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    return 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2


def _corrected(v: Tensor, s: Tensor, t: float) -> tuple[Tensor, Tensor]:
    return v / (1 - 0.9**t), s / (1 - 0.999**t)


def _moved(w: Tensor, _g: Tensor, v_hat: Tensor, s_hat: Tensor, lr: float) -> Tensor:
    return w - lr * v_hat / (s_hat.sqrt() + 1e-8)


def _adam(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v, s = _means(g, v, s)
    return _moved(w, g, *_corrected(v, s, t), lr), v, s


def _adam_with(faults: Iterable[str]) -> Callable[..., Step]:
    """Return the step with some of the snippet's mistakes left in it, by their names in `LEFT`."""

    def step(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
        v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * (g if "square" in faults else g**2)
        old_v, old_s = (0.9 * t, 0.999 * t) if "power" in faults else (0.9**t, 0.999**t)
        v_hat, s_hat = v / (1 - old_v), s / (1 - old_s)
        size = s_hat if "root" in faults else s_hat.sqrt()
        return w - (-lr if "sign" in faults else lr) * v_hat / (size + 1e-8), v, s

    return step


LEFT = {
    "square": "s is a mean of the squares: 0.001 * g**2. With g alone it may become negative, and "
    "has no root.",
    "power": "Both corrections need a power, 0.9**t and 0.999**t: that share is left of the zero "
    "start. 0.9 * t is above 1 from the second step on.",
    "root": "You divide by the mean square, not by its root. Then a slope twice as large would "
    "make a step half as long.",
    "sign": "A step goes against the slope. This one climbs.",
}


def _partly_mended() -> tuple[Mistake, ...]:
    """Return the snippet as it was found, and with one, two or three of its mistakes mended."""
    found = [Mistake(_adam_with(LEFT), "That is still the snippet: four things in it are wrong.")]
    for n in (3, 2, 1):
        for faults in combinations(LEFT, n):
            mended = " and ".join(name for name in LEFT if name not in faults)
            hint = f"Mended: {mended}. Still wrong of the four: {n}. {LEFT[faults[0]]}"
            found.append(Mistake(_adam_with(faults), hint))
    return tuple(found)


def _step_with(
    *,
    means: Callable[..., tuple[Tensor, Tensor]] = _means,
    correct: Callable[..., tuple[Tensor, Tensor]] = _corrected,
    move: Callable[..., Tensor] = _moved,
) -> Callable[..., Step]:
    """Return a step of Adam with one of its three lines as someone has written it."""

    def step(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
        v, s = means(g, v, s)
        v_hat, s_hat = correct(v, s, t)
        return move(w, g, v_hat, s_hat, lr), v, s

    return step


_LINE_SLIPS: tuple[tuple[str, Callable, str], ...] = (
    (
        "correct",
        lambda v, s, t: (v, s),
        "The correction of the beginning is gone. Both means start at zero: after t steps "
        "divide v by 1 - 0.9**t and s by 1 - 0.999**t.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.9**t), s),
        "v is corrected, s is not. It starts at zero as well: divide it by 1 - 0.999**t.",
    ),
    (
        "correct",
        lambda v, s, t: (v, s / (1 - 0.999**t)),
        "s is corrected, v is not. It starts at zero as well: divide it by 1 - 0.9**t.",
    ),
    (
        "correct",
        lambda v, s, t: _corrected(v, s, t - 1),
        "The first step has t = 1, and there 1 - 0.9**0 is zero. Use t, not t - 1.",
    ),
    (
        "correct",
        lambda v, s, t: _corrected(v, s, t + 1),
        "t is 1 in the first step already: use t, not t + 1.",
    ),
    (
        "correct",
        lambda v, s, t: _corrected(v, s, 1),
        "You divide by 1 - 0.9 and 1 - 0.999 in every step. The power t is missing: the "
        "correction fades as the means fill up.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.9**t), s / (1 - 0.9**t)),
        "s fades by 0.999, not by 0.9: divide it by 1 - 0.999**t.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.999**t), s / (1 - 0.999**t)),
        "v fades by 0.9, not by 0.999: divide it by 1 - 0.9**t.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.9) ** t, s / (1 - 0.999) ** t),
        "The power belongs to 0.9 alone: 1 - 0.9**t, without brackets around 1 - 0.9.",
    ),
    (
        "correct",
        lambda v, s, t: (v / 0.9**t, s / 0.999**t),
        "You divide by what is missing, 0.9**t. Divide by the weight that is there: 1 - 0.9**t.",
    ),
    (
        "correct",
        lambda v, s, t: (v * (1 - 0.9**t), s * (1 - 0.999**t)),
        "You multiply by 1 - 0.9**t. The means are too small at first: divide.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.999**t), s / (1 - 0.9**t)),
        "The corrections are swapped: v fades by 0.9, so it is divided by 1 - 0.9**t, and s by "
        "1 - 0.999**t.",
    ),
    (
        "means",
        lambda g, v, s: (0.999 * v + 0.001 * g, 0.9 * s + 0.1 * g**2),
        "The two means are swapped: v keeps 0.9 and takes 0.1 of g, s keeps 0.999 and takes 0.001 "
        "of g**2.",
    ),
    (
        "means",
        lambda g, v, s: (_means(g, v, s)[0], 0.999 * s + 0.001 * 2 * g),
        "You double the slope. Squaring it is g**2, or g * g.",
    ),
    (
        "means",
        lambda g, v, s: (0.1 * v + 0.9 * g, 0.001 * s + 0.999 * g**2),
        "Old and new are swapped: the means keep 0.9 and 0.999 of what they were.",
    ),
    (
        "means",
        lambda g, v, s: (0.9 * v + g, 0.999 * s + g**2),
        "Those are fading sums, not means. What comes in has the weights 0.1 and 0.001.",
    ),
    (
        "means",
        lambda g, v, s: (_means(g, v, s)[0], 0.999 * s + 0.001 * g.abs()),
        "s takes the size of the slope. It should take its square, g**2: the root comes later.",
    ),
    (
        "means",
        lambda g, v, s: (0.9 * v + 0.1 * g, 0.999 * s + 0.001 * (0.9 * v + 0.1 * g) ** 2),
        "s must be fed with the square of the slope g, not with that of its mean v.",
    ),
    (
        "means",
        lambda g, v, s: (0.9 * v + 0.1 * g, 0.999 * s + (0.001 * g) ** 2),
        "You square 0.001 as well. Only the slope is squared: 0.001 * g**2.",
    ),
    (
        "means",
        lambda g, v, s: (0.9 * v + 0.1 * g**2, 0.999 * s + 0.001 * g**2),
        "The square belongs to s alone. v is a mean of the slopes themselves, with their signs.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v / s.sqrt(),
        "1e-8 does not stand in the divisor, (s_hat.sqrt() + 1e-8). Where the slope has always "
        "been 0, the step is 0/0, which is nan.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v / (s + 1e-8).sqrt(),
        "1e-8 stands under the root. Its root, 0.0001, is as large as many a slope. "
        "Add it behind the root: s_hat.sqrt() + 1e-8.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v / (math.sqrt(s) + 1e-8),
        "math.sqrt takes one number, and s_hat is a tensor of many. Use s_hat.sqrt().",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v * (s.sqrt() + 1e-8),
        "You multiply by the root. A weight with large slopes needs short steps: divide.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v / (s**2 + 1e-8),
        "You square s_hat, which is a mean of squares already. Take its root: s_hat.sqrt().",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * g / (s.sqrt() + 1e-8),
        "The step follows g alone: that is RMSProp with a correction. Above the fraction line "
        "stands v_hat.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - v / (s.sqrt() + 1e-8),
        "The learning rate is gone: multiply the step by lr.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * (v / (s + 1e-8)).sqrt(),
        "The root covers the whole fraction. Only s_hat stands under it.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v / (s**0.25 + 1e-8),
        "You take the root twice. Once is enough.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: lr * v / (s.sqrt() + 1e-8),
        "That is the step alone, and it would climb. Return where it leads: w minus the step.",
    ),
    (
        "move",
        lambda w, g, v, s, lr: -lr * v / (s.sqrt() + 1e-8),
        "That is the step alone. Return where it leads: w minus the step.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.9 * t), s / (1 - 0.999**t)),
        "s is corrected by a power now, v is not yet: divide it by 1 - 0.9**t.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.9**t), s / (1 - 0.999 * t)),
        "v is corrected by a power now, s is not yet: divide it by 1 - 0.999**t.",
    ),
    (
        "correct",
        lambda v, s, t: (v / (1 - 0.9) * t, s / (1 - 0.999) * t),
        "The means are multiplied by t here. The power belongs to 0.9: divide by 1 - 0.9**t.",
    ),
    (
        "means",
        lambda g, v, s: (_means(g, v, s)[0], (0.999 * s + 0.001 * g) ** 2),
        "You square the whole mean. Only the new slope is squared: 0.001 * g**2.",
    ),
    (
        "means",
        lambda g, v, s: (_means(g, v, s)[0], 0.999 * s**2 + 0.001 * g**2),
        "s holds squares already. Only the new slope is squared: 0.999 * s + 0.001 * g**2.",
    ),
    (
        "means",
        lambda g, v, s: (_means(g, v, s)[0], 0.999 * s + 0.001 * (g**2).sum()),
        "You add up the squares of all slopes. Each weight has its own s: no sum().",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v / (s.norm() + 1e-8),
        "The norm is one length for all weights. Each divides by its own root: s_hat.sqrt().",
    ),
    (
        "move",
        lambda w, g, v, s, lr: w - lr * v.sqrt() / (s.sqrt() + 1e-8),
        "Only s_hat has a root. v_hat keeps its size and its sign.",
    ),
)

LINES = {"means": ("square",), "correct": ("power",), "move": ("root", "sign")}  # where they are


def _beside(line: str, written: Callable, fault: str) -> Callable[..., Step]:
    """Return a step with one line as someone has written it and one of the snippet's mistakes."""
    lines = {
        "square": {"means": lambda g, v, s: (0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g)},
        "power": {"correct": lambda v, s, t: (v / (1 - 0.9 * t), s / (1 - 0.999 * t))},
        "root": {"move": lambda w, g, v, s, lr: w - lr * v / (s + 1e-8)},
        "sign": {"move": lambda w, g, v, s, lr: _moved(w, g, v, s, -lr)},
    }
    return _step_with(**lines[fault], **{line: written})


def _slips_beside_what_is_left() -> Iterable[Mistake]:
    """Give each slip in one of the three lines alone, and beside a mistake left in another."""
    for line, written, hint in _LINE_SLIPS:
        yield Mistake(_step_with(**{line: written}), hint)
        for fault, left in LEFT.items():
            if fault not in LINES[line]:
                yield Mistake(_beside(line, written, fault), f"{hint} And still: {left}")


def _returning(choose: Callable[..., object]) -> Callable[..., object]:
    """Return a right step of which `choose` makes what comes back, from (w, v, s), v, s and t."""
    return lambda w, g, v, s, t, lr: choose(_adam(w, g, v, s, t, lr), v, s, t)


def _adam_cases() -> list[tuple]:
    def one(value: float) -> Tensor:  # each its own, so that a change of one is seen as that
        return torch.tensor([float(value)])

    generator = torch.Generator().manual_seed(5)
    w, g, v = torch.randn(3, 4, generator=generator).unbind()
    return [
        (one(0), one(2), one(0), one(0), 1, 0.1),
        (one(1), one(2), one(1), one(1), 2, 0.1),
        (one(1), one(-0.5), one(1), one(4), 10, 0.1),
        (one(1), one(0), one(0), one(0), 1, 0.1),
        (one(0), one(5e-3), one(0), one(0), 1, 0.1),
        (one(0), one(0), one(1e-9), one(0), 2, 0.1),
        (w, g, v, torch.tensor([0.1, 0.5, 1.0, 2.0]), 3, 0.01),
    ]


_ADAM_SLIPS = (
    (
        lambda w, g, v, s, t, lr: (
            _moved(w, g, *_corrected(v, s, t), lr),
            *_means(g, v, s),
        ),
        "The step is made of the old v and s. First take the slope into both, then correct them.",
    ),
    (
        _returning(lambda new, v, s, t: (new[0], *_corrected(new[1], new[2], t))),
        "The step is right. But you return the corrected means: the next step would correct "
        "them once more. Return v and s as they were before the correction.",
    ),
    (
        _returning(lambda new, v, s, t: (new[0], v, s)),
        "The new weights are right. v and s come back as they went in: return the new ones.",
    ),
    (
        _returning(lambda new, v, s, t: (new[1], new[2], new[0])),
        "All three are right, in another order: first the new w, then v and s.",
    ),
    (
        _returning(lambda new, v, s, t: (new[0], new[2], new[1])),
        "All three are right, but s comes before v: return w, v, s.",
    ),
    (
        _returning(lambda new, v, s, t: new[::2]),
        "v is missing. Return three things: the new w, v and s.",
    ),
    (
        _returning(lambda new, v, s, t: new[:2]),
        "s is missing. Return three things: the new w, v and s.",
    ),
    (
        _returning(lambda new, v, s, t: new[0]),
        "Only the weights come back. Return three things: the new w, v and s.",
    ),
    (
        _step_with(means=lambda g, v, s: (_means(g, v, s)[0], 0.99 * s + 0.01 * g**2)),
        "s keeps 0.999 of what it was and takes 0.001 of g**2, not 0.99 and 0.01.",
    ),
    (
        _step_with(means=lambda g, v, s: (_means(g, v, s)[0], 0.999 * s + 0.01 * g**2)),
        "s takes 0.001 of g**2: 0.999 and 0.001 make 1.",
    ),
    (
        _step_with(
            means=lambda g, v, s: (0.999 * v + 0.001 * g, 0.9 * s + 0.1 * g**2),
            correct=lambda v, s, t: (v / (1 - 0.999**t), s / (1 - 0.9**t)),
        ),
        "0.9 and 0.999 are swapped: v keeps 0.9, s keeps 0.999, and so are they corrected.",
    ),
    (
        _returning(lambda new, v, s, t: (new[0], new[1:])),
        "All three are right. Return them side by side, w, v, s, without brackets inside.",
    ),
    (
        lambda w, g, v, s, t, lr: 0.9 ^ t,
        "A power is ** in Python: 0.9**t.",
    ),
)

ADAM = Exercise(
    title="find the mistakes: one step of Adam",
    reference=_adam,
    cases=_adam_cases,
    mistakes=(
        *_partly_mended(),
        *_slips_beside_what_is_left(),
        *(Mistake(answer, hint) for answer, hint in _ADAM_SLIPS),
    ),
    hints=(
        "Put the snippet beside the rule in the lesson and compare line by line: square, power, "
        "root, sign.",
        "s takes g**2; the corrections are 1 - 0.9**t and 1 - 0.999**t; the step divides by the "
        "root of s_hat, and goes against the slope.",
        "return w - lr * v_hat / (s_hat.sqrt() + 1e-8), v, s with v_hat = v / (1 - 0.9**t) and "
        "s_hat = s / (1 - 0.999**t)",
    ),
    notice="In the first step v_hat is g and √s_hat is |g|: the step is the learning rate, "
    "whatever the slope. Without the correction it would be 3.2 times as long.",
    tolerance=1e-5,
)

# --- stop: early stopping ------------------------------------------------------------------------


def _stop(val_loss: list[float], patience: int) -> tuple[int, int]:
    best = 0
    for epoch, loss in enumerate(val_loss):
        if loss < val_loss[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best + 1, epoch + 1


Stop = tuple[int, int]


def _counting(
    *,
    first: float | None = math.inf,
    chosen: int = 0,
    ends: Callable[[int, int], bool] = operator.ge,
    better: Callable[[float, float], bool] = operator.lt,
    resets: bool = True,
    previous: bool = False,
) -> Callable[[list[float], int], Stop]:
    """Return the loop that most people write, with a counter of epochs, and with some slip in it.

    Args:
        first: the best loss at the beginning; None for that of the first epoch.
        chosen: the chosen epoch at the beginning.
        ends: compares the counter with patience.
        better: compares a loss with the best so far.
        resets: whether a new best puts the counter back to 0.
        previous: compare with the epoch before instead of with the best.
    """

    def stop(val_loss: list[float], patience: int) -> Stop:
        best, kept, waited, epoch = val_loss[0] if first is None else first, chosen, 0, 0
        for epoch, loss in enumerate(val_loss, 1):
            if better(loss, best):
                best, kept, waited = loss, epoch, 0 if resets else waited
            else:
                waited += 1
            best = loss if previous else best
            if ends(waited, patience):
                break
        return kept, epoch

    return stop


COUNTING_SLIPS: tuple[tuple[str, object, str], ...] = (
    (
        "previous",
        True,
        "You compare each epoch with the one before. A loss that falls a little, without a new "
        "best, is no progress: compare with the best so far.",
    ),
    (
        "resets",
        False,
        "You count all epochs without a new best. After a new best the waiting begins again at "
        "zero.",
    ),
    (
        "better",
        operator.le,
        "A loss equal to the best is no progress here. Compare with <, not with <=.",
    ),
    (
        "ends",
        operator.gt,
        "You wait one epoch too long. With a patience of 2, stop as soon as two epochs in a row "
        "have brought no new best.",
    ),
    (
        "ends",
        lambda waited, patience: waited >= patience - 1,
        "You stop one epoch too early. With a patience of 2, two epochs in a row must have brought "
        "no new best.",
    ),
)
ANSWERS: tuple[tuple[Callable[[int, int], object], str], ...] = (
    (lambda best, last: (best - 1, last - 1), "Your epochs count from 0. Here they count from 1."),
    (
        lambda best, last: (best - 1, last),
        "The chosen epoch is counted from 0: count it from 1, as the last one.",
    ),
    (
        lambda best, last: (best, last - 1),
        "The last epoch is counted from 0: count it from 1, as the chosen one.",
    ),
    (lambda best, last: (last, best), "The order is the other way: the chosen epoch first."),
    (
        lambda best, last: (last - 1, best - 1),
        "The order is the other way, the chosen epoch first, and epochs count from 1.",
    ),
    (lambda best, last: best, "Return two numbers: the chosen epoch, and the last one trained."),
)


def _searches() -> Iterable[Mistake]:
    """Give the loop with one slip or two, and each of these with a slip in what comes back."""
    for n in (0, 1, 2):
        for slips in combinations(COUNTING_SLIPS, n):
            names = {name: value for name, value, _ in slips}
            if len(names) == n:
                search, hint = _counting(**names), " And: ".join(says for *_, says in slips)
                if n:
                    yield Mistake(search, hint)
                for choose, says in ANSWERS:
                    yield Mistake(_choosing(choose, search), f"{says} And: {hint}" if n else says)


def _choosing(choose: Callable, search: Callable[[list[float], int], Stop]) -> Callable:
    return lambda val_loss, patience: choose(*search(val_loss, patience))


def _answering(choose: Callable[..., object]) -> Callable[[list[float], int], object]:
    """Return a right search of which `choose` makes the answer: from chosen, last and inputs."""
    return lambda val_loss, patience: choose(*_stop(val_loss, patience), val_loss, patience)


def _stop_knowing_the_future(val_loss: list[float], patience: int) -> Stop:
    best = val_loss.index(min(val_loss)) + 1
    return best, min(best + patience, len(val_loss))


def _stop_counting_rises(val_loss: list[float], patience: int) -> Stop:
    """Count epochs that were worse than the one before."""
    best, rises = 0, 0
    for epoch, loss in enumerate(val_loss):
        best = epoch if loss < val_loss[best] else best
        rises = rises + 1 if epoch and loss > val_loss[epoch - 1] else 0
        if rises >= patience:
            break
    return best + 1, epoch + 1


def _stop_before_looking(val_loss: list[float], patience: int) -> Stop:
    """Ask for patience before the epoch's own loss has been looked at."""
    best = 0
    for epoch, loss in enumerate(val_loss):
        if epoch - best >= patience:
            break
        best = epoch if loss < val_loss[best] else best
    return best + 1, epoch + 1


def _stop_at_the_next(val_loss: list[float], patience: int) -> Stop:
    """Ask for patience in the next round, when an epoch more has been trained."""
    best, last = _stop(val_loss, patience)
    return best, last + 1 if _ran_out(val_loss, patience) and last < len(val_loss) else last


def _stop_not_counting_ties(val_loss: list[float], patience: int) -> Stop:
    best, waited = 0, 0
    for epoch, loss in enumerate(val_loss):
        if loss < val_loss[best]:
            best, waited = epoch, 0
        waited += loss > val_loss[best]
        if waited >= patience:
            break
    return best + 1, epoch + 1


def _stop_at_the_first_rise(val_loss: list[float], patience: int) -> Stop:
    falls = [later < before for before, later in pairwise(val_loss)] + [False]
    best = falls.index(False) + 1
    return best, min(best + patience, len(val_loss))


def _stop_window(val_loss: list[float], patience: int) -> Stop:
    for epoch in range(patience, len(val_loss)):
        if val_loss[epoch] >= val_loss[epoch - patience]:
            return epoch - patience + 1, epoch + 1
    return val_loss.index(min(val_loss)) + 1, len(val_loss)


def _stop_with_the_next_loss(val_loss: list[float], patience: int) -> Stop:
    best = 1
    for epoch in range(1, len(val_loss) + 1):
        best = epoch if val_loss[epoch] < val_loss[best] else best
        if epoch - best >= patience:
            break
    return best, epoch


def _stop_waiting_from_one(val_loss: list[float], patience: int) -> Stop:
    best, waited = 0, 1
    for epoch, loss in enumerate(val_loss[1:], 1):
        best, waited = (epoch, 1) if loss < val_loss[best] else (best, waited + 1)
        if waited >= patience:
            break
    return best + 1, epoch + 1


def _ran_out(val_loss: list[float], patience: int) -> bool:
    best, last = _stop(val_loss, patience)
    return last - best >= patience


def _stop_forgetting_the_first(val_loss: list[float], patience: int) -> Stop:
    """Begin with the second epoch."""
    best, last = _stop(val_loss[1:], patience)
    return best + 1, last + 1


def _stop_cases() -> list[tuple[list[float], int]]:
    return [
        ([0.9, 0.5], 3),
        ([0.9, 0.5, 0.6], 3),
        ([0.9, 0.5, 0.6, 0.7, 0.8], 1),
        ([0.3, 0.5, 0.6, 0.4], 2),
        ([0.9, 0.5, 0.6, 0.7, 0.1], 2),
        ([0.9, 0.8, 0.8, 0.8, 0.8], 2),
        ([0.5, 0.3, 0.6, 0.2], 2),
        ([25.0, 24.0, 24.5, 24.6], 2),
        ([0.9, 0.95, 0.7, 0.75, 0.6, 0.65, 0.66], 2),
        ([0.9, 0.5, 0.7, 0.6, 0.8, 0.4], 3),
        ([0.5, 0.6, 0.4, 0.45, 0.3, 0.35, 0.36, 0.37, 0.2], 3),
    ]


_STOP_SLIPS = (
    (
        _counting(first=1.0),
        "Your best loss begins with a number of your own. Losses may lie above it: begin with "
        "the first loss, or with math.inf.",
    ),
    (
        _counting(first=1.0, chosen=1),
        "Your best loss begins with a number of your own, so where all losses lie above it epoch 1 "
        "stays the best. Begin with the first loss, or with math.inf.",
    ),
    (
        _counting(first=0.0),
        "Your best loss begins at 0, and no loss is below that. Begin with the first loss, or "
        "with math.inf.",
    ),
    (
        _counting(first=0.0, chosen=1),
        "Your best loss begins at 0, so epoch 1 stays the best for ever. Begin with the first "
        "loss, or with math.inf.",
    ),
    (
        _counting(first=None, chosen=1),
        "You count epoch 1 as one without a new best: its loss is not below itself. It is the "
        "best so far, and the waiting begins after it.",
    ),
    (
        _counting(first=None),
        "Epoch 1 is compared with its own loss, so it is never chosen, and it counts as waiting. "
        "Let best begin with math.inf.",
    ),
    (
        _stop_counting_rises,
        "You count epochs that were worse than the one before. A loss that falls a little, "
        "without a new best, is no progress: compare with the best so far.",
    ),
    (
        _counting(better=operator.gt, first=-math.inf),
        "You keep the largest loss. It is a loss: the smallest is the best.",
    ),
    (
        _stop_before_looking,
        "You ask for patience before you look at the epoch's own loss. That epoch may be the new "
        "best: compare first, then ask.",
    ),
    (
        _stop_at_the_next,
        "You ask whether patience has run out when the next epoch has begun. Ask at the end of "
        "each epoch, after its loss has been compared.",
    ),
    (
        lambda val_loss, patience: (
            _stop(val_loss, patience) if _ran_out(val_loss, patience) else None
        ),
        "The return stands inside the loop only. Where patience never runs out the loop ends "
        "without it: return behind the loop.",
    ),
    (
        lambda val_loss, patience: (
            val_loss.index(min(val_loss)) + 1,
            val_loss.index(min(val_loss)) + 1 + patience,
        ),
        "You look for the least loss of the whole list, and you stop behind the end of the list. "
        "Go through the epochs one by one.",
    ),
    (_stop_forgetting_the_first, "The first epoch can be the best one, too. Begin with it."),
    (
        _answering(lambda best, last, val_loss, _: (val_loss[best - 1], last)),
        "The last epoch is right. First return the number of the chosen epoch, not its loss.",
    ),
    (
        _answering(lambda best, last, _, patience: (best, best + patience)),
        "Where patience never runs out, training ends with the list. It cannot stop after it.",
    ),
    (
        _answering(lambda best, last, val_loss, _: (best, len(val_loss))),
        "The chosen epoch is right. The last one trained is where patience runs out, and that may "
        "be long before the end of the list.",
    ),
    (
        lambda val_loss, patience: (val_loss.index(min(val_loss)) + 1, len(val_loss)),
        "Patience is not used: you go to the end of the list and take the best of it.",
    ),
    (
        _answering(lambda best, last, *_: (last, last)),
        "You choose the epoch at which training stops. Its weights have waited too long: go "
        "back to the best epoch.",
    ),
    (
        _stop_knowing_the_future,
        "You look for the least loss of the whole list. While you train you do not know what "
        "is still to come: go through the epochs one by one.",
    ),
    (
        _answering(lambda _, last, val_loss, __: (val_loss.index(min(val_loss)) + 1, last)),
        "The last epoch is right. But the chosen one may lie behind it, where the training "
        "never came. Choose among the epochs that were trained.",
    ),
    (
        _answering(
            lambda best, last, val_loss, patience: (
                (best, last) if last - best >= patience else (last, last)
            )
        ),
        "Where patience never runs out you choose the last epoch. Choose the best one there, too.",
    ),
    (
        _answering(
            lambda best, last, _, patience: (best, last - (last - best >= patience)),
        ),
        "The chosen epoch is right. Training stops after the epoch in which patience runs out, "
        "not before it.",
    ),
    (
        _answering(
            lambda best, last, _, patience: (best - 1, last - (last - best >= patience)),
        ),
        "Your loop counts epochs from 0, and only the end of the list is counted from 1. Let it "
        "count from 1: enumerate(val_loss, 1).",
    ),
    (
        _answering(lambda best, last, val_loss, _: (val_loss[best - 1], val_loss[last - 1])),
        "These are the losses of the right epochs. Return the numbers of the epochs.",
    ),
    (
        _stop_at_the_first_rise,
        "You choose the epoch before the first rise. The loss may fall below it again before "
        "patience runs out.",
    ),
    (
        _stop_not_counting_ties,
        "A loss equal to the best is no progress either: it counts as waiting. Here only larger "
        "losses do.",
    ),
    (
        _stop_window,
        "You compare each epoch with the one that lies patience epochs before it. Compare with the "
        "best of all so far.",
    ),
    (
        _answering(lambda best, last, _, patience: (last - patience, last)),
        "The last epoch is right. The chosen one is not always patience epochs before it: "
        "where patience never runs out, it is the best so far.",
    ),
    (
        lambda val_loss, patience: (1, 1),
        "You always stop after the first epoch. Does a return or a break stand in the loop, "
        "without its if?",
    ),
    (
        _answering(lambda best, last, *_: (best, last - best)),
        "The chosen epoch is right. The second number is how long you waited after it; the last "
        "epoch itself was wanted.",
    ),
    (
        lambda val_loss, patience: _stop(val_loss[:-1], patience),
        "Your loop leaves the last epoch out: range(len(val_loss)) ends one before its number.",
    ),
    (
        _stop_with_the_next_loss,
        "Epochs count from 1 and lists from 0: the loss of an epoch is val_loss[epoch - 1].",
    ),
    (
        _stop_waiting_from_one,
        "You begin to count at 1, with the best epoch itself. The waiting begins at 0, and is 1 "
        "after the first epoch without a new best.",
    ),
    (
        _answering(
            lambda best, last, val_loss, patience: (
                (best, last) if last - best >= patience else (best, last + 1)
            )
        ),
        "The chosen epoch is right. Where patience never runs out, the last epoch is that of the "
        "list's end, not one more.",
    ),
)

STOP = Exercise(
    title="early stopping: the chosen epoch and the last one",
    reference=_stop,
    cases=_stop_cases,
    mistakes=(*_searches(), *(Mistake(answer, hint) for answer, hint in _STOP_SLIPS)),
    hints=(
        "Go through the epochs as they come and remember one thing: which was the best so far.",
        "If a loss is below the best, its epoch is the new best. If it lies `patience` epochs or "
        "more behind the best, stop.",
        "for epoch, loss in enumerate(val_loss): if loss < val_loss[best]: best = epoch; if epoch "
        "- best >= patience: break. Then return best + 1, epoch + 1.",
    ),
    notice="In 0.9, 0.5, 0.6, 0.7, 0.1 patience ran out just before the best loss of all. A longer "
    "patience costs time, a shorter one such chances.",
)

# --- cure: a deep network that plain SGD can train -----------------------------------------------

UNITS, ENOUGH = 60, 0.75
STRAIGHT = (nn.Linear, nn.BatchNorm1d, nn.LayerNorm, nn.Dropout, nn.Flatten, nn.Identity)
LIKE_RELU = dict.fromkeys(("GELU", "SiLU", "Mish", "PReLU", "RReLU", "Hardtanh"), "ReLU")
STARTS = {"PyTorch's": 3**-0.5, "Xavier's": 1.0, "He's": 2**0.5}  # spread × root of the inputs


@cache
def _digits() -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return training and validation digits of the sample: uint8 (N, 1, 28, 28) and labels."""
    mnist = load_mnist(MNIST_SAMPLE)
    X, y = mnist.train_images[:, None], mnist.train_labels
    return (X[:3500], y[:3500]), (X[3500:], y[3500:])


def _examined(answer: Callable[[int], object], n_hidden: int) -> dict[str, object]:
    """Return the findings on the network that an answer makes, if it is not itself a network."""
    own = inspect.getclosurevars(answer).nonlocals.get("answer", answer)  # out of its wrapping
    if isinstance(own, nn.Module):
        return _healthy(n_hidden) | {"what comes back": "an error, as a network is no function"}
    return _findings(answer(n_hidden), n_hidden)


def _findings(network: object, n_hidden: int) -> dict[str, object]:
    """Return what the examination of a network finds, up to the first thing that is wrong.

    What stands under "seen" tells apart networks that fail alike; it is not shown.
    """
    healthy = _healthy(n_hidden)
    if not isinstance(network, nn.Module):
        return healthy | {"what comes back": f"of the type {type(network).__name__}"}
    if any(is_lazy(part) for part in network.parameters()):
        network(_pixels(2))  # its layers get their sizes now
    linear = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    fault = _wrong_build(network, linear, n_hidden) or _wrong_training(network, linear)
    return healthy | fault


def _healthy(n_hidden: int) -> dict[str, object]:
    return {
        "what comes back": "a network",
        "linear layers": _sizes(pairwise([784, *[UNITS] * n_hidden, 10])),
        "units of the hidden layers": f"{UNITS} in each",
        "activations": "behind each hidden layer",
        "behind the last layer": "nothing",
        "the gradient": "arrives",
        "the best of five epochs of plain SGD": f"{ENOUGH:.0%} or more are right",
    }


def _sizes(pairs: Iterable[tuple[int, int]]) -> str:
    return ", ".join(f"{n_in}→{n_out}" for n_in, n_out in pairs) or "none"


def _wrong_build(network: nn.Module, linear: list[nn.Linear], n_hidden: int) -> dict[str, object]:
    """Return what is wrong with the layers; nothing where all is as it was asked for."""
    sizes = [(layer.in_features, layer.out_features) for layer in linear]
    if sizes != list(pairwise([784, *[UNITS] * n_hidden, 10])):
        widths = [784, *(n_out for _, n_out in sizes)]
        if len(sizes) == n_hidden + 1 and sizes == list(pairwise(widths)) and widths[-1] == 10:
            return {"units of the hidden layers": f"not {UNITS} in each"}
        return {"linear layers": _sizes(sizes)}
    leaves = _leaves(network)
    places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, nn.Linear)]
    if len(places) != len(linear):  # a class of the learner's own: its layers cannot be looked at
        return {"activations": _behind(0, n_hidden)} if _is_straight(network) else {}
    between = [leaves[start:end] for start, end in pairwise([*places, len(leaves)])]
    bent = [
        [type(leaf).__name__ for leaf in part if not isinstance(leaf, STRAIGHT)] for part in between
    ]
    if not all(bent[:-1]):
        return {"activations": _behind(sum(map(bool, bent[:-1])), n_hidden)}
    return {"behind the last layer": ", ".join(bent[-1])} if bent[-1] else {}


def _behind(n: int, n_hidden: int) -> str:
    return f"behind {n} of {n_hidden} hidden layers"


def _is_straight(network: nn.Module) -> bool:
    """Tell whether what a network says halfway between two digits is halfway between its words."""
    one, other = _pixels(64).chunk(2)
    network.eval()
    with torch.no_grad():
        said, then, halfway = network(one), network(other), network((one + other) / 2)
    return bool(((said + then) / 2 - halfway).abs().max() < 1e-4 * (said - then).abs().max())


def _pixels(n: int) -> Tensor:
    """Return some training digits, (n, 1, 28, 28), from 0 to 1."""
    return _digits()[0][0][:n].float() / 255


def _leaves(module: nn.Module) -> list[nn.Module]:
    """Return the layers of nested nn.Sequential in order; one that is used twice comes twice."""
    if not isinstance(module, nn.Sequential):
        return [module]
    return [leaf for layer in module for leaf in _leaves(layer)]


def _wrong_training(network: nn.Module, linear: list[nn.Linear]) -> dict[str, object]:
    """Return what goes wrong with the gradient or the training; nothing where it learns."""
    (X, y), val = _digits()
    loss = nn.functional.cross_entropy(network.train()(_pixels(256)), y[:256])
    slopes = torch.autograd.grad(loss, [layer.weight for layer in linear])
    first, last = slopes[0].norm().item(), slopes[-1].norm().item()
    if not first < 1e3:
        return {"the gradient": "explodes"}
    if first < 1e-3 * last or first < 1e-6:
        where = {"the gradient": "vanishes on its way to the first layer"}
        return where | {"seen": _seen(network, linear)}
    settings = {"lr": 0.1, "optimizer": torch.optim.SGD, "device": "cpu", "progress": False}
    seen = _seen(network, linear)  # before the training changes it
    best = "the best of five epochs of plain SGD"
    fault = {best: f"fewer than {ENOUGH:.0%} are right", "seen": seen}
    try:
        history = fit(network, (X, y), val=val, n_epochs=5, **settings)
    except DivergedError as error:
        history, fault = error.history, {best: "the loss is infinite"}
    return {} if max(history.val_accuracy, default=0) >= ENOUGH else fault


def _seen(network: nn.Module, linear: list[nn.Linear]) -> tuple[str, ...]:
    """Return the kinds of layers, and by whose rule the first and the others seem to begin."""
    plain = [layer for layer in network.modules() if next(layer.children(), None) is None]
    kinds = sorted(LIKE_RELU.get(name := type(layer).__name__, name) for layer in plain)
    ratios = [layer.weight.std().item() * layer.in_features**0.5 for layer in linear[:-1]]
    middle = sum(ratios[1:]) / max(len(ratios) - 1, 1)
    return (*kinds, *_starts(ratios[0]), *_starts(middle))


def _starts(ratio: float) -> list[str]:
    if ratio < 1e-6:
        return ["equal"]
    near = [name for name, wanted in STARTS.items() if abs(ratio / wanted - 1) < 0.15]
    return near or ["small" if ratio < 1 else "large"]


def _he(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def _deep(
    n_hidden: int,
    activation: Callable[[], nn.Module] | None = nn.ReLU,
    start: Callable[[Tensor], object] | None = None,
    *,
    norm: bool = False,
    tail: tuple[nn.Module, ...] = (),
    units: int = UNITS,
    flat: bool = True,
) -> nn.Sequential:
    """Return hidden layers of `units`, each with what is asked for behind it."""
    layers: list[nn.Module] = [nn.Flatten()] if flat else []
    width = 784
    for _ in range(n_hidden):
        layers.append(nn.Linear(width, units))
        layers += [nn.BatchNorm1d(units)] if norm else []
        layers += [activation()] if activation else []
        width = units
    network = nn.Sequential(*layers, nn.Linear(width, 10), *tail)
    for layer in network:
        if isinstance(layer, nn.Linear) and start:
            start(layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def _one_layer_for_all(n_hidden: int) -> nn.Sequential:
    first, shared = nn.Linear(784, UNITS), nn.Linear(UNITS, UNITS)
    hidden = [part for _ in range(n_hidden - 1) for part in (shared, nn.ReLU())]
    network = nn.Sequential(nn.Flatten(), first, nn.ReLU(), *hidden, nn.Linear(UNITS, 10))
    _he(first.weight), _he(shared.weight)
    return network


def _first_by_he(n_hidden: int) -> nn.Sequential:
    network = _deep(n_hidden, nn.ReLU)
    _he(network[1].weight)
    return network


def _one_norm(n_hidden: int) -> nn.Sequential:
    """Put one batch norm behind the first layer."""
    flat, first, *others = _deep(n_hidden, nn.Sigmoid)
    return nn.Sequential(flat, first, nn.BatchNorm1d(UNITS), *others)


def _shared_norm(n_hidden: int) -> nn.Sequential:
    norm = nn.BatchNorm1d(UNITS)
    layers: list[nn.Module] = []
    for layer in _deep(n_hidden, nn.Sigmoid):
        layers += [norm, layer] if isinstance(layer, nn.Sigmoid) else [layer]
    return nn.Sequential(*layers)


class _Own(nn.Module):
    """A network as people write it who write a class; `kept` keeps its layers."""

    def __init__(self, n_hidden: int, bend: Callable, kept: Callable = nn.ModuleList) -> None:
        super().__init__()
        layers = _deep(n_hidden, None, _he if kept is list else None)
        self.layers, self.bend = kept(layers[1:]), bend

    def forward(self, X: Tensor) -> Tensor:
        h = X.flatten(1)
        for layer in self.layers[:-1]:
            h = self.bend(layer(h))
        return self.layers[-1](h)


def _normed(
    n_hidden: int, norm: Callable[[int, int], nn.Module], activation: Callable = nn.Sigmoid
) -> nn.Sequential:
    """Return PyTorch's start with a norm behind each layer, made from the layer's sizes."""
    layers: list[nn.Module] = []
    for layer in _deep(n_hidden, activation):
        layers.append(layer)
        if isinstance(layer, nn.Linear) and layer.out_features == UNITS:
            layers.append(norm(layer.in_features, layer.out_features))
    return nn.Sequential(*layers)


def _one_activation(n_hidden: int) -> nn.Sequential:
    """Put the activation behind the loop instead of into it."""
    *layers, last = _deep(n_hidden, None, _he)
    return nn.Sequential(*layers, nn.ReLU(), last)


CURE = Exercise(
    title="cure a deep network",
    reference=lambda n_hidden: _deep(n_hidden, nn.ReLU, _he, norm=True),
    cases=lambda: [(8,), (3,)],  # eight first: most faults show there without a training
    apply=_examined,
    names=("n_hidden",),
    mistakes=(
        Mistake(
            lambda n: _deep(n, nn.Sigmoid),
            "That is the patient as it came. Each sigmoid lets at most a quarter of the slope "
            "through: choose another activation with a start that fits it, or batch norm.",
        ),
        Mistake(
            lambda n: _deep(n, nn.Sigmoid, _he),
            "He's rule is made for ReLUs. It cannot make up for the quarter that each sigmoid "
            "leaves of the slope. Change the activation, or add batch norm.",
        ),
        Mistake(
            lambda n: _deep(n, nn.Sigmoid, nn.init.xavier_normal_),
            "Xavier's rule reckons with a slope of 1, and a sigmoid's is at most a quarter. Change "
            "the activation, or add batch norm.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU),
            "These activations let the slope through. But the hidden layers still have PyTorch's "
            "start, too small for so many of them: start all by He's rule, or add batch norm.",
        ),
        Mistake(
            lambda n: _deep(n, nn.LeakyReLU),
            "A leaky ReLU keeps units alive; it does not mend the start. The hidden layers still "
            "have PyTorch's: start them by He's rule, or add batch norm.",
        ),
        Mistake(
            lambda n: _deep(n, nn.Tanh),
            "Tanh lets the slope through near 0. But PyTorch's start is too small for so many "
            "layers: Xavier's rule is made for tanh.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, nn.init.normal_),
            "The first weights are far too large: the numbers grow with each layer, and so does "
            "the gradient. Divide the spread by the root of the number of inputs: He's rule.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, lambda weight: nn.init.normal_(weight, std=0.01)),
            "The first weights are far too small: the numbers shrink with each layer, and so does "
            "the gradient. He's rule has a spread of √(2/n), for 60 inputs 0.18.",
        ),
        Mistake(
            lambda n: _deep(n, None, _he),
            "Nothing bends between the layers: all of them together are one linear layer. Put an "
            "activation behind each hidden layer.",
        ),
        Mistake(
            _one_activation,
            "One activation stands behind all the layers. It belongs into the loop, behind each "
            "hidden layer.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, _he, tail=(nn.Softmax(dim=1),)),
            "cross_entropy takes the softmax itself. Return the scores of the last layer.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, _he, tail=(nn.LogSoftmax(dim=1),)),
            "cross_entropy takes the softmax and its logarithm itself. Return the scores.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, _he, tail=(nn.Sigmoid(),)),
            "A sigmoid behind the last layer squeezes the scores into 0 to 1. The last layer has "
            "no activation.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, _he, tail=(nn.ReLU(),)),
            "A ReLU behind the last layer cuts the scores off at 0. The last layer has no "
            "activation.",
        ),
        Mistake(
            lambda n: _deep(n - 1, nn.ReLU, _he),
            "One hidden layer is missing. The layer from 784 to 60 is one of them, the last, from "
            "60 to 10, is not.",
        ),
        Mistake(
            lambda n: _deep(n + 1, nn.ReLU, _he),
            "One hidden layer too many. The layer from 784 to 60 is one of them as well.",
        ),
        Mistake(
            lambda _: _deep(8, nn.ReLU, _he),
            "Your network always has eight hidden layers. Let the loop run n_hidden times.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, _he, flat=False),
            "The digits come as 28 × 28 pixels: begin with nn.Flatten().",
        ),
        Mistake(
            lambda n: list(_deep(n, nn.ReLU, _he)),
            "A list of layers is no network yet: return nn.Sequential(*layers).",
        ),
        Mistake(
            lambda n: nn.Sequential(list(_deep(n, nn.ReLU, _he))),
            "nn.Sequential takes layers, not a list of them: put a star before it, as in "
            "nn.Sequential(*layers).",
        ),
        Mistake(
            lambda n: nn.Sequential(
                *[nn.Linear(784, UNITS) for _ in range(n)], nn.Linear(UNITS, 10)
            ),
            "Each layer takes as many numbers as the one before gives: after the first, set "
            "width = 60 in the loop.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, nn.init.zeros_),
            "All weights of a layer are equal: its units are twins and stay twins, and where they "
            "are 0 no slope gets through. Weights must be drawn.",
        ),
        Mistake(
            _first_by_he,
            "Only the first layer has begun by He's rule. Is there a return inside the loop? All "
            "layers need it.",
        ),
        Mistake(
            _one_norm,
            "One batch norm mends one place. The sigmoids elsewhere go on shrinking the slope: "
            "put a new one behind each nn.Linear of the loop.",
        ),
        Mistake(
            _shared_norm,
            "One and the same batch norm stands in all places, and its running means mix the "
            "layers. Make a new nn.BatchNorm1d in each round of the loop.",
        ),
        Mistake(
            lambda n: _deep(n, nn.Sigmoid, nn.init.normal_),
            "Such large weights saturate the sigmoids, and a saturated one has almost no slope. "
            "Change the activation and take its start, or add batch norm.",
        ),
        Mistake(
            nn.Flatten(),
            "You pass a network. Pass the function that makes it, without brackets: "
            'check("05.cure", cured).',
        ),
        Mistake(
            lambda n: [_he(layer.weight) for layer in _deep(n)],
            "Not every layer has weights. Ask isinstance(layer, nn.Linear) first, as start_as_he "
            "does.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, _he, units=100),
            "The widths stay as they are: 60 units in each hidden layer.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ReLU, _he)[:-1],
            "The last layer is missing, from 60 to 10: a score for each digit.",
        ),
        Mistake(
            lambda n: _normed(n, lambda n_in, n_out: nn.BatchNorm1d(n_in)),
            "A batch norm takes as many numbers as the layer before it gives: nn.BatchNorm1d(60).",
        ),
        Mistake(
            lambda n: _normed(n, lambda n_in, n_out: nn.BatchNorm2d(n_out)),
            "BatchNorm2d is made for pictures. Behind nn.Linear stands nn.BatchNorm1d(60).",
        ),
        Mistake(
            lambda n: _deep(n, lambda: nn.Sequential(nn.ReLU(), nn.Dropout(0.5)), _he),
            "Dropout is a remedy against overfitting. Here it is in the way: half of 60 units in "
            "each layer is too little.",
        ),
        Mistake(
            lambda n: _deep(n, nn.ELU, _he),
            "The gradient arrives, but the steps of 0.1 are too large for this network: the loss "
            "leaps away. ReLUs with He's start bear them, and so does batch norm.",
        ),
        Mistake(
            lambda n: _Own(n, torch.sigmoid),
            "The start is PyTorch's, there is no batch norm, and the slope shrinks at each "
            "activation, as with sigmoids. Add batch norm, or take ReLUs with He's start.",
        ),
        Mistake(
            lambda n: _Own(n, torch.relu),
            "The slope gets through. But the hidden layers still have PyTorch's start: start them "
            "by He's rule, or add batch norm. (start_as_he knows nn.Sequential only: in a class "
            "go through self.modules().)",
        ),
        Mistake(
            lambda n: _Own(n, torch.relu, list),
            "No nn.Linear is found in it. Layers in a plain list are not seen by PyTorch, and not "
            "trained: keep them in nn.Sequential or nn.ModuleList.",
        ),
        Mistake(
            lambda n: _normed(n, lambda n_in, n_out: nn.LayerNorm(n_out), nn.ReLU),
            "A layer norm alone does not bring it there in five epochs. Add He's start, or take a "
            "batch norm.",
        ),
        Mistake(
            lambda n: (_deep(n, nn.ReLU, _he), None),
            "More than one thing comes back. Return the network alone.",
        ),
        Mistake(
            _one_layer_for_all,
            "One and the same layer stands in all places: its weights are shared. Make a new "
            "nn.Linear in each round of the loop.",
        ),
    ),
    hints=(
        "Two treatments of the chart brought more than 85% with plain SGD. Either will do here.",
        "ReLUs with He's start, or batch norm between each layer and its activation; both "
        "together are safest.",
        "In patient_two put nn.BatchNorm1d(60) behind the nn.Linear of the loop, take nn.ReLU() "
        "for nn.Sigmoid(), and return start_as_he(nn.Sequential(...)).",
    ),
    notice="There is more than one cure: batch norm with the old sigmoids, tanh with Xavier's "
    "start and ReLUs with He's all pass. In each the gradient reaches the first layer.",
)

EXERCISES = {"adam": ADAM, "stop": STOP, "cure": CURE}

QUIZ = [
    Question(
        "Dropout switches off 20% of the units in each step. What happens to the numbers that are "
        "kept, and when?",
        (
            "They are divided by 0.8, in training only.",
            "So each number stays what it was on average, and use costs nothing.",
        ),
        (
            (
                "They are doubled, in training only.",
                "Twice is right where half is dropped. Here four of five units speak: divide by "
                "0.8.",
            ),
            (
                "They are divided by 0.2, in training only.",
                "0.2 is the share that is dropped: the sums would be four times too large.",
            ),
            (
                "They are divided by 0.8, in training and in use.",
                "In use nothing is missing, so nothing is rescaled.",
            ),
        ),
        place=1,
    ),
    Question(
        "A weight's slope is 0.0001 in every step. Plain SGD and Adam both have lr = 0.001. How "
        "far does one step of Adam move the weight?",
        (
            "By about 0.001.",
            "The slope divided by its own usual size is 1, so the step is the learning rate. SGD "
            "moves it by 0.0000001.",
        ),
        (
            ("By about 0.0000001.", "That is SGD: learning rate times slope."),
            (
                "By about 0.0001.",
                "That is the slope itself. Adam divides it by its own usual size.",
            ),
            ("Not at all: the slope is too small.", "For Adam the size of a slope cancels."),
        ),
        place=2,
    ),
    Question(
        "A deep network of sigmoids does not learn, and the same one under Adam does, slowly. What "
        "do the gradients of its first layer look like?",
        (
            "Far shorter than those of the last layer.",
            "Each sigmoid passes on at most a quarter. Adam rescales what is left, which helps "
            "until noise drowns it.",
        ),
        (
            (
                "Far longer than those of the last layer.",
                "Slopes are multiplied by at most a quarter at each sigmoid on the way back.",
            ),
            (
                "Exactly zero.",
                "On paper a sigmoid's derivative is never exactly zero, and near z = 0 it is far "
                "from it. Exact zeros are the illness of dead ReLUs.",
            ),
            (
                "As long as the last layer's: the noise is to blame.",
                "You measured it: five hundred times shorter with four hidden layers.",
            ),
        ),
        place=0,
    ),
    Question(
        "A model with batch norm reads test digits well in shuffled batches of 100, and terribly "
        "one user at a time, or crashes. What was forgotten?",
        (
            "model.eval()",
            "In training mode it normalises by the batch. A hundred shuffled digits hide that, one "
            "digit cannot.",
        ),
        (
            (
                "torch.no_grad()",
                "That saves memory and time; it changes no answer.",
            ),
            ("optimizer.zero_grad()", "That matters while training. Here nothing is trained."),
            (
                "Dividing the pixels by 255",
                "Then the shuffled batches would suffer as well.",
            ),
        ),
        place=3,
    ),
    Question(
        "Validation loss has risen for ten epochs, validation accuracy is level. What is going on?",
        (
            "It is ever more sure of its wrong answers.",
            "Cross-entropy charges for wrong sureness, accuracy does not.",
        ),
        (
            (
                "There is a bug: both must move together.",
                "Accuracy asks only for the largest score, the loss how sure it was. They may "
                "part.",
            ),
            (
                "The learning rate is too small.",
                "Then the training would be slow. Here it goes on, in the wrong direction.",
            ),
            (
                "The model underfits.",
                "An underfitted model has a high training loss as well, and its validation loss "
                "does not turn round.",
            ),
        ),
        place=1,
    ),
    Question(
        "With strong augmentation the training loss ends higher than the validation loss. Is that "
        "a reason for alarm?",
        (
            "No: the training digits are varied, so they are harder.",
            "Compare methods by their validation numbers only.",
        ),
        (
            (
                "Yes: the validation digits must have leaked into training.",
                "Leaks make validation too good, but here a plain reason comes first: varied "
                "digits are harder to read.",
            ),
            (
                "Yes: the model underfits and augmentation must go.",
                "It might, if the validation loss were high, too. In the lesson it was the lowest "
                "of all.",
            ),
        ),
        place=2,
    ),
    Question(
        "A ten-class model trains smoothly, and its loss settles just above 1.46 though 99% of the "
        "answers are right. What do you look for?",
        (
            "A softmax before the loss.",
            "log(e + 9) − 1 ≈ 1.46 is the least loss of probabilities that are taken for logits.",
        ),
        (
            (
                "A learning rate that is too large.",
                "Then the loss would jump, and not settle at this very number.",
            ),
            (
                "Shuffled labels.",
                "Then there would be nothing to get right: about 10% would be.",
            ),
            (
                "A forgotten zero_grad.",
                "Slopes of all steps would pile up: the loss would fall, then rise and stay high.",
            ),
        ),
        place=0,
    ),
]
