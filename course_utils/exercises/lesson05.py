"""Exercises and quiz of lesson 05, Why is training hard, and what helps?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import combinations

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- schedules: which rules meet both conditions -------------------------------------------------


def _letters(answer: str | Iterable[str]) -> list[str]:
    """Return the letters of an answer, each once, in order, however they were written."""
    parts = [answer] if isinstance(answer, str) else answer
    words = re.findall(r"\b(?:[a-f]+|[a-z])\b", " ".join(parts).lower())
    return sorted(set("".join(words)))


RIGHT = {  # what is said where the letter is missing
    "b": "A factor changes neither sum's being finite: 3/t is like 1/t.",
    "e": "After many steps 5/(t + 100) is nearly 5/t: a late start changes nothing.",
    "f": "The p of f is 3/4, that of its squares 3/2.",
}
WRONG = {  # what is said where the letter should not be there
    "d": "The sum of 1/t² ends at 1.64: such steps cannot go any distance, so d starves.",
    "a": "A constant step is small, but it never becomes smaller: the squares of a add up to "
    "infinity, and the noise stays.",
    "c": "The squares of 1/√t are 1/t, and their sum grows beyond all bounds: c lets too much "
    "noise in.",
}


def _about_letters(letters: tuple[str, ...]) -> str:
    """Return how many of some letters are right, and what is true of one that is not."""
    extra = [letter for letter in WRONG if letter in letters]
    missing = [letter for letter in RIGHT if letter not in letters]
    n = (len(letters) - len(extra), len(extra), len(missing))
    counts = "Of {}: {} right, {} wrong; {} missing.".format(", ".join(letters), *n)
    return f"{counts} {WRONG[extra[0]] if extra else RIGHT[missing[0]]}"


SCHEDULES = Exercise(
    title="which step sizes arrive and rest",
    reference=list(RIGHT),
    cases=lambda: [()],
    apply=_letters,
    form='a list of letters, such as ["a", "d"]',
    mistakes=tuple(
        Mistake(list(letters), _about_letters(letters))
        for n in range(1, 7)
        for letters in combinations("abcdef", n)
        if list(letters) != list(RIGHT)
    ),
    hints=(
        "Two questions for each rule: what is the sum of the steps, and what that of their "
        "squares?",
        "For 1/t^p the first sum needs p ≤ 1, the second 2p > 1. So p lies above 1/2 and is at "
        "most 1. Factors do not matter.",
        "The p are: a 0, b 1, c 1/2, d 2, e 1 (after many steps), f 3/4.",
    ),
    notice="Everything from just above 1/2 up to 1 will do. In practice powers below 1 are "
    "preferred: 1/t becomes short so soon that a poor start is forgotten slowly.",
)

# --- adam: find the mistakes ---------------------------------------------------------------------

Step = tuple[Tensor, Tensor, Tensor]


def _means(g: Tensor, v: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    return 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2


def _adam(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v, s = _means(g, v, s)
    v_hat, s_hat = v / (1 - 0.9**t), s / (1 - 0.999**t)
    return w - lr * v_hat / (s_hat.sqrt() + 1e-8), v, s


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
    "power": "After t steps the weight of the zero start is 0.9 to the power t, 0.9**t. 0.9 * t is "
    "above 1 from the second step on.",
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


def _adam_uncorrected(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v, s = _means(g, v, s)
    return w - lr * v / (s.sqrt() + 1e-8), v, s


def _adam_corrected_memory(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    w, v, s = _adam(w, g, v, s, t, lr)
    return w, v / (1 - 0.9**t), s / (1 - 0.999**t)


def _adam_old_memory(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    return _adam(w, g, v, s, t, lr)[0], v, s


def _adam_from_zero(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v, s = _means(g, v, s)
    v_hat, s_hat = v / (1 - 0.9 ** (t - 1)), s / (1 - 0.999 ** (t - 1))
    return w - lr * v_hat / (s_hat.sqrt() + 1e-8), v, s


def _adam_square_of_mean(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v = 0.9 * v + 0.1 * g
    s = 0.999 * s + 0.001 * v**2
    v_hat, s_hat = v / (1 - 0.9**t), s / (1 - 0.999**t)
    return w - lr * v_hat / (s_hat.sqrt() + 1e-8), v, s


def _adam_without_eps(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v, s = _means(g, v, s)
    return w - lr * (v / (1 - 0.9**t)) / (s / (1 - 0.999**t)).sqrt(), v, s


def _adam_eps_inside(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v, s = _means(g, v, s)
    return w - lr * (v / (1 - 0.9**t)) / (s / (1 - 0.999**t) + 1e-8).sqrt(), v, s


def _adam_decays_swapped(w: Tensor, g: Tensor, v: Tensor, s: Tensor, t: int, lr: float) -> Step:
    v, s = _means(g, v, s)
    return w - lr * (v / (1 - 0.999**t)) / ((s / (1 - 0.9**t)).sqrt() + 1e-8), v, s


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
        (one(0), one(1e-4), one(0), one(0), 1, 0.1),
        (w, g, v, torch.tensor([0.1, 0.5, 1.0, 2.0]), 3, 0.01),
    ]


ADAM = Exercise(
    title="find the mistakes: one step of Adam",
    reference=_adam,
    cases=_adam_cases,
    mistakes=(
        *_partly_mended(),
        Mistake(
            _adam_uncorrected,
            "The correction of the beginning is gone. Both means start at zero: after t steps "
            "divide v by 1 - 0.9**t and s by 1 - 0.999**t.",
        ),
        Mistake(
            _adam_corrected_memory,
            "The step is right. But you return the corrected means: the next step would correct "
            "them once more. Return v and s as they were before the correction.",
        ),
        Mistake(
            _adam_old_memory,
            "The new weights are right. v and s come back as they went in: return the new ones.",
        ),
        Mistake(
            _adam_from_zero,
            "The first step has t = 1, and there 1 - 0.9**0 is zero. Use t, not t - 1.",
        ),
        Mistake(
            _adam_square_of_mean,
            "s must be fed with the square of the slope g, not with that of its mean v.",
        ),
        Mistake(
            _adam_decays_swapped,
            "The corrections are swapped: v fades by 0.9, so it is divided by 1 - 0.9**t, and s by "
            "1 - 0.999**t.",
        ),
        Mistake(
            _adam_without_eps,
            "1e-8 is gone. Where the slope has always been 0, the step is 0/0, which is nan.",
        ),
        Mistake(
            _adam_eps_inside,
            "1e-8 stands under the root. Its root, 0.0001, is as large as many a slope. "
            "Add it behind the root: s_hat.sqrt() + 1e-8.",
        ),
        Mistake(
            lambda w, g, v, s, t, lr: (*_adam(w, g, v, s, t, lr)[1:], _adam(w, g, v, s, t, lr)[0]),
            "All three are right, in another order: first the new w, then v and s.",
        ),
        Mistake(
            lambda w, g, v, s, t, lr: _adam(w, g, v, s, t, lr)[0],
            "Only the weights come back. Return three things: the new w, v and s.",
        ),
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


def _stop_from_zero(val_loss: list[float], patience: int) -> tuple[int, int]:
    best, last = _stop(val_loss, patience)
    return best - 1, last - 1


def _stop_keeping_the_last(val_loss: list[float], patience: int) -> tuple[int, int]:
    last = _stop(val_loss, patience)[1]
    return last, last


def _stop_knowing_the_future(val_loss: list[float], patience: int) -> tuple[int, int]:
    best = val_loss.index(min(val_loss)) + 1
    return best, min(best + patience, len(val_loss))


def _stop_best_of_all(val_loss: list[float], patience: int) -> tuple[int, int]:
    return val_loss.index(min(val_loss)) + 1, _stop(val_loss, patience)[1]


def _stop_too_late(val_loss: list[float], patience: int) -> tuple[int, int]:
    return _stop(val_loss, patience + 1)


def _stop_counting_rises(val_loss: list[float], patience: int) -> tuple[int, int]:
    """Count epochs that were worse than the one before."""
    best, rises = 0, 0
    for epoch, loss in enumerate(val_loss):
        best = epoch if loss < val_loss[best] else best
        rises = rises + 1 if epoch and loss > val_loss[epoch - 1] else 0
        if rises >= patience:
            break
    return best + 1, epoch + 1


def _stop_never_resetting(val_loss: list[float], patience: int) -> tuple[int, int]:
    """Count all epochs without a new best, also those before the best."""
    best, waited = 0, 0
    for epoch, loss in enumerate(val_loss):
        if loss < val_loss[best]:
            best = epoch
        elif epoch:
            waited += 1
        if waited >= patience:
            break
    return best + 1, epoch + 1


def _stop_ties_count(val_loss: list[float], patience: int) -> tuple[int, int]:
    best = 0
    for epoch, loss in enumerate(val_loss):
        if loss <= val_loss[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best + 1, epoch + 1


def _stop_forgetting_the_first(val_loss: list[float], patience: int) -> tuple[int, int]:
    """Begin with the second epoch."""
    best = epoch = min(1, len(val_loss) - 1)
    for epoch in range(1, len(val_loss)):
        if val_loss[epoch] < val_loss[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best + 1, epoch + 1


def _stop_with_the_loss(val_loss: list[float], patience: int) -> tuple[float, int]:
    best, last = _stop(val_loss, patience)
    return val_loss[best - 1], last


def _stop_behind_the_end(val_loss: list[float], patience: int) -> tuple[int, int]:
    best, _ = _stop(val_loss, patience)
    return best, best + patience


def _stop_last_from_zero(val_loss: list[float], patience: int) -> tuple[int, int]:
    best, last = _stop(val_loss, patience)
    return best, last - 1


def _stop_begins_at_one(val_loss: list[float], patience: int) -> tuple[int, int]:
    best, chosen, waited, epoch = 1.0, 0, 0, 0
    for epoch, loss in enumerate(val_loss, 1):
        best, chosen, waited = (loss, epoch, 0) if loss < best else (best, chosen, waited + 1)
        if waited >= patience:
            break
    return chosen, epoch


def _stop_cases() -> list[tuple[list[float], int]]:
    return [
        ([0.9, 0.5], 3),
        ([0.9, 0.5, 0.6, 0.7, 0.8], 1),
        ([0.3, 0.5, 0.6, 0.4], 2),
        ([0.9, 0.5, 0.6, 0.7, 0.1], 2),
        ([0.9, 0.8, 0.8, 0.8, 0.8], 2),
        ([25.0, 24.0, 24.5, 24.6], 2),
        ([0.9, 0.95, 0.7, 0.75, 0.6, 0.65, 0.66], 2),
        ([0.9, 0.5, 0.7, 0.6, 0.8, 0.4], 3),
        ([0.5, 0.6, 0.4, 0.45, 0.3, 0.35, 0.36, 0.37, 0.2], 3),
    ]


STOP = Exercise(
    title="early stopping: the chosen epoch and the last one",
    reference=_stop,
    cases=_stop_cases,
    mistakes=(
        Mistake(
            _stop_begins_at_one,
            "Your best loss begins with a number of your own. Losses may lie above it: begin with "
            "the first loss, or with math.inf.",
        ),
        Mistake(_stop_from_zero, "Your epochs count from 0. Here they count from 1."),
        Mistake(
            lambda val_loss, patience: _stop(val_loss, patience)[::-1],
            "Both numbers are right, in the other order: the chosen epoch first.",
        ),
        Mistake(
            _stop_last_from_zero,
            "The chosen epoch is right. The last one is counted from 0: count it from 1 as well.",
        ),
        Mistake(
            _stop_with_the_loss,
            "The last epoch is right. First return the number of the chosen epoch, not its loss.",
        ),
        Mistake(
            _stop_behind_the_end,
            "Where patience never runs out, training ends with the list. It cannot stop after it.",
        ),
        Mistake(
            lambda val_loss, patience: (val_loss.index(min(val_loss)) + 1, len(val_loss)),
            "Patience is not used: you go to the end of the list and take the best of it.",
        ),
        Mistake(
            _stop_forgetting_the_first,
            "The first epoch can be the best one, too. Begin with it.",
        ),
        Mistake(
            _stop_keeping_the_last,
            "You choose the epoch at which training stops. Its weights have waited too long: go "
            "back to the best epoch.",
        ),
        Mistake(
            _stop_knowing_the_future,
            "You look for the least loss of the whole list. While you train you do not know what "
            "is still to come: go through the epochs one by one.",
        ),
        Mistake(
            _stop_best_of_all,
            "The last epoch is right. But the chosen one may lie behind it, where the training "
            "never came. Choose among the epochs that were trained.",
        ),
        Mistake(
            _stop_too_late,
            "You wait one epoch too long. With a patience of 2, stop as soon as two epochs in a "
            "row have brought no new best.",
        ),
        Mistake(
            _stop_counting_rises,
            "You count epochs that were worse than the one before. A loss that falls a little, "
            "without a new best, is no progress: compare with the best so far.",
        ),
        Mistake(
            _stop_never_resetting,
            "You count all epochs without a new best. After a new best the waiting begins again "
            "at zero.",
        ),
        Mistake(
            _stop_ties_count,
            "A loss equal to the best is no progress here. Compare with <, not with <=.",
        ),
    ),
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

# --- dropout: with the coins given ---------------------------------------------------------------


def _dropout(h: Tensor, kept: Tensor, p: float, training: bool) -> Tensor:
    return h * kept / (1 - p) if training else h


def _dropout_by_share(h: Tensor, kept: Tensor, p: float, training: bool) -> Tensor:
    return h * kept / kept.mean() if training else h


def _dropout_cases() -> list[tuple[Tensor, Tensor, float, bool]]:
    h = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    kept = torch.tensor([[1.0, 0.0, 0.0, 1.0]])
    generator = torch.Generator().manual_seed(6)
    more = torch.rand(3, 5, generator=generator)
    coins = torch.empty(3, 5).bernoulli_(0.8, generator=generator)
    return [
        (h, kept, 0.5, True),
        (h, kept, 0.5, False),
        (h, torch.tensor([[1.0, 1.0, 0.0, 1.0]]), 0.25, True),
        (h, torch.tensor([[1.0, 1.0, 1.0, 1.0]]), 0.25, True),
        (more, coins, 0.2, True),
        (more, coins, 0.2, False),
    ]


DROPOUT = Exercise(
    title="dropout, rescaled at training",
    reference=_dropout,
    cases=_dropout_cases,
    mistakes=(
        Mistake(
            lambda h, kept, p, training: h * kept if training else h,
            "What is kept is not rescaled. In use twice as many units would speak as in training. "
            "Divide by the share that is kept, 1 - p.",
        ),
        Mistake(
            lambda h, kept, p, training: h * kept / p if training else h,
            "You divide by p, the share that is dropped; with p = 0.5 nobody sees it. Divide by "
            "the share that is kept, 1 - p.",
        ),
        Mistake(
            lambda h, kept, p, training: 2 * h * kept if training else h,
            "Twice is right for p = 0.5 only. Divide by the share that is kept, 1 - p.",
        ),
        Mistake(
            lambda h, kept, p, training: h * kept / 1 - p if training else h,
            "Brackets are missing: h * kept / 1 - p divides by 1 and then subtracts p.",
        ),
        Mistake(
            lambda h, kept, p, training: torch.where(kept > 0, h / (1 - p), h) if training else h,
            "What is dropped stays as it was. It should be 0: multiply by kept.",
        ),
        Mistake(
            lambda h, kept, p, training: h * kept * (1 - p) if training else h,
            "You multiply by 1 - p. What is left must become larger: divide.",
        ),
        Mistake(
            lambda h, kept, p, training: h * kept if training else h * (1 - p),
            "That is dropout as it was first published: rescaled in use. It works as well, but "
            "here the rescaling belongs to the training, so that use costs nothing.",
        ),
        Mistake(
            lambda h, kept, p, training: h * kept / (1 - p),
            "The coins are tossed in use as well, and the answers would change by chance. When "
            "`training` is False, return h as it is.",
        ),
        Mistake(
            lambda h, kept, p, training: h if training else h * kept / (1 - p),
            "Turned round: units are dropped in training, and all of them work in use.",
        ),
        Mistake(
            lambda h, kept, p, training: h * kept / (1 - p) if training else h / (1 - p),
            "Training is right. In use nothing is missing, so nothing is rescaled: return h.",
        ),
        Mistake(
            lambda h, kept, p, training: h * (1 - kept) / (1 - p) if training else h,
            "You keep what should go: `kept` is 1 where a number stays.",
        ),
        Mistake(
            _dropout_by_share,
            "You divide by the share that these coins happened to keep. Divide by 1 - p: the "
            "average over all coins counts, and kept.mean() can be 0.",
        ),
        Mistake(
            lambda h, kept, p, training: h[kept == 1] / (1 - p) if training else h,
            "You cut the dropped numbers out. The next layer expects as many as before: set them "
            "to 0, by multiplying with kept.",
        ),
    ),
    hints=(
        "Two cases, training and use. In which of them does anything happen?",
        "In training multiply by `kept` and divide by the share that is kept on average. In use "
        "return h.",
        "return h * kept / (1 - p) if training else h",
    ),
    notice="Where all coins say keep, the numbers still grow by 1/(1 - p). Only the average over "
    "all coins is h.",
)

EXERCISES = {"schedules": SCHEDULES, "adam": ADAM, "stop": STOP, "dropout": DROPOUT}

QUIZ = [
    Question(
        "The batch is made four times as large. What happens to the error of the gradient's "
        "estimate?",
        (
            "It is halved.",
            "The error of a mean falls with 1/√n: four times the work for half the error.",
        ),
        (
            (
                "It falls to a quarter.",
                "That is the variance, the mean square of the error. The error falls with its "
                "root.",
            ),
            (
                "It stays: the estimate is right on average anyway.",
                "It is right on average for every size, but single estimates scatter less.",
            ),
            (
                "It vanishes after one epoch.",
                "An epoch is one round through the digits. It makes no batch less noisy.",
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
            "They are far shorter than those of the last layer.",
            "Each sigmoid passes on at most a quarter. Adam rescales what is left, which helps "
            "until noise drowns it.",
        ),
        (
            (
                "They are far longer than those of the last layer.",
                "Slopes are multiplied by at most a quarter at each sigmoid on the way back.",
            ),
            (
                "They are exactly zero.",
                "A sigmoid's derivative is never exactly zero. That is the illness of dead ReLUs.",
            ),
            (
                "They are as long as the last layer's; the noise is to blame.",
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
            "The same digits are wrong, and the model is ever more sure of them.",
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
            "No: training digits are varied, validation digits are not, so training is harder.",
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
                "Slopes of all steps would pile up: the curves would be wild.",
            ),
        ),
        place=0,
    ),
]
