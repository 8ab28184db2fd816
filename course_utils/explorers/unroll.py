"""Explorer of lesson 08: a recurrent network of two hidden units, unrolled over a word.

It was trained on "hellohellohello" to say the letter that comes next, and its weights were rounded
to one decimal, so that every step can be computed again by hand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.explorers.base import Explorer, Stepper, text_box
from course_utils.figures import AMBER, BLUE, GREEN, INK, ORANGE, PAPER, laid_out

LETTERS = "helo"
LONGEST = 6
W_XH = np.array([[1.0, 0.2, 0.0, -0.1], [-1.1, -0.2, 0.9, -0.8]])  # a column for each letter
W_HH = np.array([[1.4, -1.8], [1.2, 0.3]])
W_HY = np.array([[-2.1, -1.8], [1.6, -2.3], [2.6, 2.3], [-2.1, 1.7]])  # a row for each letter
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
GREY = "#8a9099"


class Unrolled(NamedTuple):
    """What the small network computes for a text of T letters.

    Attributes:
        states: h_0 to h_T, (T + 1, 2); h_0 is zero.
        scores: y_1 to y_T, a score for each of the letters h, e, l, o, (T, 4).
        probs: their softmax, (T, 4).
        slopes: the slope of the last answer's score with respect to h_1 to h_T, (T, 2).
        answer: the last answer, an index into "helo".
    """

    states: np.ndarray
    scores: np.ndarray
    probs: np.ndarray
    slopes: np.ndarray
    answer: int


def unroll(text: str) -> Unrolled:
    """Let the small network read a text: h_t = tanh(W_xh x_t + W_hh h_{t-1}), y_t = W_hy h_t.

    Args:
        text: 1 to 6 of the letters h, e, l, o.

    Raises:
        ValueError: there is another letter, none at all, or too many.

    >>> [LETTERS[step.argmax()] for step in unroll("hell").probs]
    ['e', 'l', 'l', 'o']
    """
    if not 1 <= len(text) <= LONGEST or set(text) - set(LETTERS):
        raise ValueError(
            f"the network knows the letters {', '.join(LETTERS)}: give 1 to {LONGEST} of them, "
            f"such as 'hell', got {text!r}"
        )
    states = [np.zeros(2)]
    for letter in text:
        states.append(np.tanh(W_XH[:, LETTERS.index(letter)] + W_HH @ states[-1]))
    scores = np.array(states[1:]) @ W_HY.T  # (T, 2) -> (T, 4)
    powers = np.exp(scores - scores.max(1, keepdims=True))
    answer = int(scores[-1].argmax())
    slopes = [W_HY[answer]]
    for state in states[:1:-1]:  # h_T back to h_2
        slopes.append(W_HH.T @ ((1 - state**2) * slopes[-1]))
    probs = powers / powers.sum(1, keepdims=True)
    return Unrolled(np.array(states), scores, probs, np.array(slopes[::-1]), answer)


def unrolling_stepper(text: str = "hell", start: int | None = None) -> Explorer:
    """Return an explorer: walk through a recurrent network letter by letter, then back.

    Args:
        text: what it reads at first, 1 to 6 of the letters h, e, l, o.
        start: the step to begin with, from 0; where left out, the last one forward.

    Raises:
        ValueError: the text has another letter, or there is no such step.

    >>> unrolling_stepper("hell")
    """
    n_steps = _n_steps(unroll(text))
    start = 2 * len(text) if start is None else start
    if not 0 <= start <= n_steps:
        raise ValueError(f"start must be a step from 0 to {n_steps}, got {start}")
    box = text_box(text, name="letters of h, e, l, o", at_once=False)
    stepper = Stepper(n_steps, start, name="step")

    def draw(text: str, step: int) -> tuple:
        text = text.strip().lower()
        net = unroll(text)
        if stepper.slider.max != _n_steps(net):
            stepper.slider.max = _n_steps(net)  # another text has another number of steps
        step = min(step, _n_steps(net))
        return _draw_network(net, text, step), _say_step(net, text, step)

    def touch(x: float, y: float) -> dict[str, object]:
        column, n = round(x), len(box.value.strip())
        return {"step": 2 * column - (y < 1.5)} if 1 <= column <= n else {}

    return Explorer(
        "One cell, used again at every letter: what comes next? (Touch a letter or an answer.)",
        draw,
        {"text": box, "step": stepper},
        touch=touch,
    )


def _n_steps(net: Unrolled) -> int:
    """Return the number of the last step: a state and an answer a letter, then a slope each."""
    return 3 * len(net.scores)


def _place(net: Unrolled, step: int) -> tuple[str, int]:
    """Return what a step computes, "start", "state", "answer" or "slope", and at which letter."""
    n = len(net.scores)
    if step == 0:
        return "start", 0
    if step <= 2 * n:
        return ("answer", step // 2) if step % 2 == 0 else ("state", (step + 1) // 2)
    return "slope", 3 * n - step + 1


# --- the picture ---------------------------------------------------------------------------------

SIZE, PLACES = (10.4, 4.0), ((0.05, 0.05, 7.3, 3.55), (7.5, 0.05, 2.85, 3.6))
X_ROW, H_ROW, Y_ROW = 0.0, 1.3, 2.6
#: how an arrow and the numbers of its matrix look where they are used
LOOKS = {"W_xh": BLUE, "W_hh": ORANGE, "W_hy": GREEN}


def _draw_network(net: Unrolled, text: str, step: int) -> Figure:
    fig, (ax, table) = laid_out(SIZE, PLACES)
    ax.set_title(_heading(net, step))
    for axes in (ax, table):
        axes.set_axis_off()
    ax.set(xlim=(-0.45, max(len(text), 4) + 0.45), ylim=(-0.3, 2.9))
    now = _place(net, step)
    _draw_box(ax, (0, H_ROW), f"h₀\n{_vector(net.states[0])}", now == ("start", 0))
    for t, letter in enumerate(text, 1):
        _draw_arrows(ax, t, now)
        _draw_box(ax, (t, X_ROW), letter, False, size=16)
        state = _vector(net.states[t]) if step >= 2 * t - 1 else "?\n?"
        _draw_box(ax, (t, H_ROW), f"h{_sub(t)}\n{state}", now in (("state", t), ("slope", t)))
        answer = _answer(net, t) if step >= 2 * t else "?"
        _draw_box(ax, (t, Y_ROW), answer, now == ("answer", t), size=14)
        if now[0] == "slope" and t >= now[1]:
            _draw_slope(ax, t, net.slopes[t - 1])
    _write_weights(table, text, now)
    return fig


def _heading(net: Unrolled, step: int) -> str:
    kind, at = _place(net, step)
    words = {"state": "forward: the state h", "answer": "forward: the answer y"}
    words |= {"slope": "backward: the slopes at h"}
    return f"Step {step}, {words[kind]}{_sub(at)}" if step else "Before the first letter"


def _draw_arrows(ax: Axes, t: int, now: tuple[str, int]) -> None:
    """Draw the three arrows of one letter, those of the present step in colour."""
    kind, at = now
    back = now == ("slope", t - 1)  # the slopes have just walked from h_t to the state before
    forth = ((t - 0.68, H_ROW), (t - 0.31, H_ROW))
    for name, (start, end), used, place, side in (
        ("W_xh", ((t, 0.23), (t, H_ROW - 0.36)), now == ("state", t), (t + 0.05, 0.55), "left"),
        (
            "W_hh",
            forth[::-1] if back else forth,
            back or now == ("state", t),
            (t - 0.5, 1.4),
            "center",
        ),
        (
            "W_hy",
            ((t, H_ROW + 0.36), (t, Y_ROW - 0.21)),
            now == ("answer", t),
            (t + 0.05, 1.95),
            "left",
        ),
    ):
        arrow = {"arrowstyle": "-|>", "color": LOOKS[name] if used else GREY}
        arrow |= {"lw": 3.5 if used else 1.5, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", end, start, arrowprops=arrow, zorder=2)
        if not (name == "W_xh" and kind == "slope" and t >= at):  # its place is needed for slopes
            ax.text(*place, _weight(name), ha=side, fontsize=13, color=LOOKS[name])


def _draw_slope(ax: Axes, t: int, slope: np.ndarray) -> None:
    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
    look = {"fontsize": 13, "color": ORANGE, "fontweight": "bold", "linespacing": 1.05}
    ax.text(t, 0.59, _vector(slope), ha="center", va="center", bbox=box, zorder=4, **look)


def _answer(net: Unrolled, t: int) -> str:
    best = int(net.probs[t - 1].argmax())
    return f"{LETTERS[best]}  {100 * net.probs[t - 1, best]:.0f}%"


def _draw_box(
    ax: Axes, place: tuple[float, float], text: str, now: bool, *, size: float = 13
) -> None:
    color = AMBER if now else PAPER
    box = {"boxstyle": "round,pad=0.3", "facecolor": color, "edgecolor": INK, "lw": 1.4}
    ax.text(*place, text, ha="center", va="center", fontsize=size, bbox=box, zorder=3)


def _write_weights(ax: Axes, text: str, now: tuple[str, int]) -> None:
    """Write the three matrices; numbers that this step uses are bold and in colour."""
    kind, at = now
    ax.set(xlim=(0, 5.2), ylim=(11.6, -0.7))
    letter = [LETTERS.index(text[at - 1])] if kind == "state" else []
    walked = [0, 1] if kind == "state" or (kind == "slope" and at < len(text)) else []
    answered = [0, 1, 2, 3] if kind == "answer" else []
    if kind == "slope" and at == len(text):
        answered = [unroll(text).answer]
    for j, name in enumerate(LETTERS):
        ax.text(2.0 + j, 0, name, ha="right", fontsize=14)
        ax.text(0.45, 8.1 + j, name, fontsize=14)
    _write_matrix(ax, 0.0, "W_xh", W_XH, [(i, j) for i in (0, 1) for j in letter])
    _write_matrix(ax, 3.6, "W_hh", W_HH, [(i, j) for i in walked for j in walked])
    _write_matrix(ax, 7.1, "W_hy", W_HY, [(i, j) for i in answered for j in (0, 1)])


def _write_matrix(
    ax: Axes, top: float, name: str, matrix: np.ndarray, used: list[tuple[int, int]]
) -> None:
    color = LOOKS[name]
    ax.text(0, top, _weight(name), fontsize=16, color=color)
    for (i, j), number in np.ndenumerate(matrix):
        look = {"color": color, "fontweight": "bold"} if (i, j) in used else {"color": INK}
        says = _short(number, 1)
        ax.text(2.0 + j, top + 1 + i, says, ha="right", fontsize=13, **look)


def _sub(number: int) -> str:
    return str(number).translate(SUBSCRIPTS)


def _weight(name: str) -> str:
    """Return a name such as W_xh in the type of formulas."""
    return f"$W_{{{name[2:]}}}$"


def _short(number: float, digits: int = 2) -> str:
    """Return a number with a true minus sign, and none before a zero."""
    return f"{round(float(number), digits) + 0.0:.{digits}f}".replace("-", "−")


def _vector(numbers: np.ndarray) -> str:
    return "\n".join(map(_short, numbers))


# --- the sentence --------------------------------------------------------------------------------


def _say_step(net: Unrolled, text: str, step: int) -> str:
    """Say what a step computes, with the numbers of one unit."""
    kind, at = _place(net, step)
    where = f"Step {step} of {_n_steps(net)}."
    if kind == "start":
        return f"{where} Nothing was read: the state is (0, 0). Press Next."
    if kind == "state":
        return f"{where} {_say_state(net, text, at)}"
    if kind == "answer":
        return f"{where} {_say_answer(net, text, at)}"
    return f"{where} {_say_slope(net, at)}"


def _say_state(net: Unrolled, text: str, t: int) -> str:
    column, before, now = W_XH[:, LETTERS.index(text[t - 1])], net.states[t - 1], net.states[t]
    kept = " + ".join(
        f"{_signed(w)} · {_signed(_short(h))}" for w, h in zip(W_HH[0], before, strict=True)
    )
    return (
        f"‘{text[t - 1]}’ picks a column of W_xh: ({_pair(column, 1)}). The state before was "
        f"({_pair(before)}). First number of h{_sub(t)}: tanh({_short(column[0], 1)} + {kept}) = "
        f"{_short(now[0])}; the second in the same way: {_short(now[1])}."
    )


def _signed(number: float | str) -> str:
    text = number if isinstance(number, str) else _short(number, 1)
    return f"({text})" if text.startswith("−") else text


def _pair(numbers: np.ndarray, digits: int = 2) -> str:
    return ", ".join(_short(number, digits) for number in numbers)


def _say_answer(net: Unrolled, text: str, t: int) -> str:
    scores = ", ".join(
        f"{letter} {_short(score)}"
        for letter, score in zip(LETTERS, net.scores[t - 1], strict=True)
    )
    best = int(net.probs[t - 1].argmax())
    says = (
        f"Scores y{_sub(t)} = W_hy h{_sub(t)}: {scores}. Softmax makes of them "
        f"{100 * net.probs[t - 1, best]:.0f}% for ‘{LETTERS[best]}’."
    )
    earlier = [i for i in range(1, t) if text[i - 1] == text[t - 1]]
    others = [i for i in earlier if int(net.probs[i - 1].argmax()) != best]
    if others:
        old = LETTERS[int(net.probs[others[-1] - 1].argmax())]
        says += (
            f" At letter {others[-1]} it read the same ‘{text[t - 1]}’ and said ‘{old}’: only the "
            "state has changed."
        )
    return says


def _say_slope(net: Unrolled, t: int) -> str:
    last, slope = len(net.scores), net.slopes[t - 1]
    letter = LETTERS[net.answer]
    if t == last:
        return (
            f"How does the score of the last answer, ‘{letter}’, depend on h{_sub(t)}? Its slopes "
            f"are the row ‘{letter}’ of W_hy: ({_pair(slope)})."
        )
    after, state = net.slopes[t], net.states[t + 1]
    sent = (1 - state**2) * after
    return (
        f"Through tanh at h{_sub(t + 1)}, each slope times 1 − h²: ({_pair(sent)}). Then back over "
        f"W_hh, its columns: ({_pair(slope)}). Length {_short(np.linalg.norm(slope))}; at "
        f"h{_sub(last)} it was {_short(np.linalg.norm(net.slopes[-1]))}."
    )
