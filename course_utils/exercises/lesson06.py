"""Exercises and quiz of lesson 06, What does a convolution see?"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from math import ceil, prod

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- kernel: nine weights that see horizontal lines --------------------------------------------

LINE_KERNEL = [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]


def _answer_of_kernel(kernel: object, window: Tensor) -> float:
    """Return what a kernel answers to one window of the picture."""
    weights = torch.as_tensor(kernel)
    if weights.shape != (3, 3) or weights.is_complex():
        raise ValueError(f"a kernel of 3 × 3 numbers was wanted, {tuple(weights.shape)} came")
    return float((weights.float() * window).sum())


def _windows() -> list[tuple[Tensor]]:
    """Even ink, a horizontal line, a vertical one in each column, edges, a line on grey."""
    line = torch.tensor([[0.0, 0, 0], [1, 1, 1], [0, 0, 0]])
    columns = [torch.eye(3)[column].expand(3, 3).clone() for column in (1, 0, 2)]
    two = [(line + line.roll(shift, 0),) for shift in (-1, 1)]  # the upper two rows, the lower two
    even = [(torch.ones(3, 3),), (line,), *[(column,) for column in columns]]
    return [*even, *two, (line / 2 + 0.5,)]


def _about_kernel(kernel: object, _window: Tensor) -> str:
    """Say which sums of a kernel's rows and columns are not as they must be."""
    weights = torch.as_tensor(kernel).double()
    rows, columns = weights.sum(1), weights.sum(0)
    if columns.abs().max() > 1e-4:
        sums = ", ".join(f"{total:g}" for total in columns.tolist())
        return f"Your columns add up to {sums}. For a vertical line each of them must give 0."
    if abs(rows[1] - 6) > 1e-4:
        return (
            "Your columns add up to 0, as they must. Your middle row adds up to "
            f"{rows[1]:g}, and 6 is wanted."
        )
    return (
        f"The middle row is right. The row above it adds up to {rows[0]:g}, the row below it to "
        f"{rows[2]:g}. Two rows of ink are to give 3, so −3 is wanted of each."
    )


KERNEL = Exercise(
    title="nine weights that see horizontal lines",
    reference=torch.tensor(LINE_KERNEL),
    cases=_windows,
    apply=_answer_of_kernel,
    form="a tensor or a list of three rows with three numbers each",
    remark=_about_kernel,
    names=("window",),
    mistakes=(
        Mistake(
            [[-1, 2, -1]] * 3,
            "These nine weights see vertical lines. Rows and columns are swapped: the positive "
            "weights belong where the ink of a horizontal line lies.",
        ),
        Mistake(
            [[0, 0, 0], [2, 2, 2], [0, 0, 0]],
            "The line gets its 6, but so does every window full of ink: a window that is dark "
            "everywhere is no line. Weights below zero above and below the line take that away.",
        ),
        Mistake(
            [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
            "That sees edges, where ink begins or ends. In the middle of a thin line both edges "
            "cancel each other.",
        ),
        Mistake(
            [[0, 0, 0], [2, 2, 2], [-2, -2, -2]],
            "The line gets its 6, but an edge with ink above it gets 6 as well. Share the −2 "
            "between the row above and the row below.",
        ),
        Mistake(
            [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
            "That sees edges, with ink above and paper below. A thin line has one of each kind, "
            "and they cancel each other.",
        ),
        Mistake(
            [[-2, -2, -2], [2, 2, 2], [0, 0, 0]],
            "The line gets its 6, but an edge with ink below it gets 6 as well. Share the −2 "
            "between the row above and the row below.",
        ),
        Mistake(
            [[-2, -2, -2], [2, 2, 2], [-2, -2, -2]],
            "The line gets its 6, but an even window gets −6. The nine weights must add up to 0: "
            "the two outer rows share the −2.",
        ),
        Mistake(
            [[-1, -1, -1], [1, 1, 1], [-1, -1, -1]],
            "The pattern is right in its signs. The line gets 3 and an even window −3: the middle "
            "row must be as large as both others together.",
        ),
        Mistake(
            [[0, 0, 0], [1, 1, 1], [0, 0, 0]],
            "The line gets 3, and so does every window full of ink. Double the row, and put "
            "weights below zero above and below it.",
        ),
        Mistake(
            [[-3, -3, -3], [6, 6, 6], [-3, -3, -3]],
            "The right pattern, three times too large: three pixels of ink lie in the middle row, "
            "and together they give 6.",
        ),
        Mistake(
            [[0, 0, 0], [-2, 4, -2], [0, 0, 0]],
            "A line that runs with the row gives 0 here: the three weights of the middle row must "
            "add up to 6.",
        ),
        Mistake(
            [[0, 0, 0], [6, 6, 6], [0, 0, 0]],
            "The line gets 18: three pixels of ink are in the row. And an even window must give "
            "0, so weights below zero are needed above and below.",
        ),
        Mistake(
            [[-1, -1, -1], [2, 2, 2], [0, 0, 0]],
            "The row below the line is empty. In each column the weights must add up to 0: share "
            "the −2 between above and below.",
        ),
        Mistake(
            [[0, 0, 0], [2, 2, 2], [-1, -1, -1]],
            "The row above the line is empty. In each column the weights must add up to 0: share "
            "the −2 between above and below.",
        ),
        Mistake(
            [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
            "Sobel's kernel sees edges. A thin line has an edge above and one below, and they "
            "cancel each other.",
        ),
        Mistake(
            [[-1, -2, -1], [2, 4, 2], [-1, -2, -1]],
            "The columns are right, each adds up to 0. The middle row adds up to 8, and 6 is "
            "wanted.",
        ),
        Mistake(
            [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
            "That sees dots and lines in any direction. The middle row must add up to 6, each "
            "column to 0.",
        ),
        Mistake(
            [[-1, -1, -1], [3, 3, 3], [-1, -1, -1]],
            "The line gets 9 and an even window 3. The middle row must add up to 6, all nine to 0.",
        ),
        Mistake(
            [[1, 1, 1]] * 3,
            "Nine equal weights count the ink, wherever it lies. Weights below zero are needed "
            "where no ink is wanted.",
        ),
        Mistake(
            [[1 / 9] * 3] * 3,
            "That is the blur. A mean of all nine does not know in which row the ink lies.",
        ),
        Mistake(
            [[-1, 0, 1]] * 3,
            "That is “left and right”: it sees where ink begins or ends along a row.",
        ),
        Mistake(
            [[0, 0, 0]] * 3,
            "Nine zeros answer 0 to everything. The line must give 6.",
        ),
        Mistake(
            [[0, 0, 0], [-1, 8, -1], [0, 0, 0]],
            "The middle row adds up to 6. But an even window gives 6 as well: weights below zero "
            "must lie above and below the line.",
        ),
        Mistake(
            [[-0.5, 1, -0.5]] * 3,
            "These weights see vertical lines, and half as strongly as wanted. Swap rows and "
            "columns first.",
        ),
        Mistake(
            [[1, 1, 1], [-2, -2, -2], [1, 1, 1]],
            "All signs are turned round: the answer to the line is −6, not 6.",
        ),
        Mistake(
            [[-0.5, -0.5, -0.5], [1, 1, 1], [-0.5, -0.5, -0.5]],
            "The right pattern, but its answer to the line is 3. Double all weights.",
        ),
        Mistake(
            [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
            "That sees dots: it answers to a line in any direction. Along a vertical line the "
            "weights must add up to 0, so look at each column.",
        ),
        Mistake(
            [[0, 0, 0], [0, 6, 0], [0, 0, 0]],
            "A single weight copies the picture, six times as dark. It cannot know what lies "
            "beside the pixel.",
        ),
    ),
    hints=(
        "Which three pixels of the window have ink when a horizontal line runs through its middle?",
        "The middle row must add up to 6. An even window must give 0, so all nine must add up to "
        "0. A vertical line covers one column, so each column must add up to 0.",
        "The middle row is 2, 2, 2. In each column the weights above and below share the −2 that "
        "is missing, half and half.",
    ),
    notice="There are many such kernels: each column must add up to 0, the middle row to 6, the "
    "two others to −3 each. In a network nobody finds them. They are learned.",
)

# --- conv: find the mistakes in a convolution --------------------------------------------------


def _conv(
    X: Tensor,
    W: Tensor,
    padding: int,
    stride: int,
    *,
    all_sides: bool = True,
    last_window: bool = True,
    steps: tuple[bool, bool] = (True, True),
) -> Tensor:
    """Cross-correlate by loops; each switch puts one of the mistakes back."""
    c_o, _, k_h, k_w = W.shape
    X = F.pad(X, (padding,) * (4 if all_sides else 2))
    m_h = (X.shape[1] - k_h) // stride + last_window
    m_w = (X.shape[2] - k_w) // stride + last_window
    down, right = (stride if step else 1 for step in steps)
    Y = torch.zeros(c_o, m_h, m_w)
    for o in range(c_o):
        for i in range(m_h):
            for j in range(m_w):
                window = X[:, down * i : down * i + k_h, right * j : right * j + k_w]
                Y[o, i, j] = (window * W[o]).sum()
    return Y


def _conv_reference(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    return _conv(X, W, padding, stride)


def _conv_with(**mistakes: object) -> Callable[[Tensor, Tensor, int, int], Tensor]:
    return lambda X, W, padding, stride: _conv(X, W, padding, stride, **mistakes)


def _conv_one_size(*, short: int, **mistakes: object) -> Callable:
    """Return a wrong answer that leaves out the last window along one axis of the map."""

    def conv(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
        Y = _conv(X, W, padding, stride, **mistakes)
        return Y.narrow(short, 0, Y.shape[short] - 1)

    return conv


def _conv_flipped(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    return _conv(X, W.flip(2, 3), padding, stride)


def _conv_first_channel(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    return _conv(X[:1], W[:, :1], padding, stride)


def _conv_mean(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    return _conv(X, W, padding, stride) / W[0].numel()


def _conv_swapped_size(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    return _conv(X, W, padding, stride).transpose(1, 2)


def _conv_first_map(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    Y = torch.zeros_like(_conv(X, W, padding, stride))
    Y[:1] = _conv(X, W[:1], padding, stride)
    return Y


def _conv_first_row(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    Y = torch.zeros_like(_conv(X, W, padding, stride))
    Y[:1, :1] = _conv(X, W[:1], padding, stride)[:, :1]
    return Y


def _conv_loop_by_stride(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    Y = torch.zeros_like(_conv(X, W, padding, stride))
    h, w = Y.shape[1:]
    moved = _conv(X, W, padding, 1)[:, :h, :w]
    Y[:, ::stride, ::stride] = moved[:, ::stride, ::stride]
    return Y


def _conv_square(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    """Take the height for the width of the map as well."""
    X, (k_h, k_w) = F.pad(X, (padding,) * 4), W.shape[2:]
    m = _places(X.shape[1], k_h, padding, stride)
    Y = torch.zeros(len(W), m, m)
    for o, i, j in itertools.product(*map(range, Y.shape)):
        Y[o, i, j] = (X[:, _cut(i, k_h, stride), _cut(j, k_w, stride)] * W[o]).sum()
    return Y


def _conv_of_width(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    """Take the height for the width of the window as well."""
    Y, X = torch.zeros_like(_conv(X, W, padding, stride)), F.pad(X, (padding,) * 4)
    k = W.shape[2]
    for o, i, j in itertools.product(*map(range, Y.shape)):
        Y[o, i, j] = (X[:, _cut(i, k, stride), _cut(j, k, stride)] * W[o]).sum()
    return Y


def _places(n: int, k: int, padding: int, stride: int) -> int:
    return (n - k) // stride + 1


def _cut(i: int, k: int, stride: int) -> slice:
    return slice(stride * i, stride * i + k)


def _conv_in_loops(
    places: Callable = _places,
    cut: Callable = _cut,
    total: Callable = lambda window, W, o: (window * W[o]).sum(),
    sides: tuple[int, ...] = (1, 1, 1, 1),
) -> Callable[[Tensor, Tensor, int, int], Tensor]:
    """Return a convolution that pads, counts, cuts or adds in its own way, and may raise by it."""

    def conv(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
        X, (k_h, k_w) = F.pad(X, [padding * side for side in sides]), W.shape[2:]
        m_h = places(X.shape[1], k_h, padding, stride)
        m_w = places(X.shape[2], k_w, padding, stride)
        Y = torch.zeros(len(W), m_h, m_w)
        for o, i, j in itertools.product(*map(range, Y.shape)):
            Y[o, i, j] = total(X[:, cut(i, k_h, stride), cut(j, k_w, stride)], W, o)
        return Y

    return conv


def _conv_cases() -> list[tuple[Tensor, Tensor, int, int]]:
    generator = torch.Generator().manual_seed(6)
    small, kernel = torch.arange(9.0).reshape(1, 3, 3), torch.arange(4.0).reshape(1, 1, 2, 2)

    def whole(*shape: int) -> Tensor:
        return torch.randint(-3, 4, shape, generator=generator).float()

    return [
        (small, kernel, 0, 1),
        (torch.cat([small, small + 1]), torch.cat([kernel, kernel + 1], dim=1), 0, 1),
        (small, kernel, 1, 1),
        (torch.arange(16.0).reshape(1, 4, 4), kernel, 0, 2),
        (whole(2, 4, 5), whole(3, 2, 3, 2), 0, 1),
        (whole(3, 7, 6), whole(2, 3, 3, 3), 1, 2),
        (whole(1, 4, 4), whole(1, 1, 3, 3), 1, 3),  # the same places if padding counts twice
        (whole(2, 6, 8), whole(2, 2, 2, 3), 2, 3),
        (whole(1, 4, 5), whole(2, 1, 1, 1), 0, 2),  # here no wrong window raises an error
    ]


# How each of the three may be mended wrongly: the part, and what to say about it.
_CONV_SLIPS: dict[str, tuple[tuple[object, str], ...]] = {
    "sides": (
        (
            (0, 0, 1, 1),
            "The padding is above and below only. F.pad takes four widths: left, right, top, "
            "bottom.",
        ),
        (
            (1, 1, 1, 0),
            "Three widths are not enough, or the last is 0: the lower edge has no padding.",
        ),
        (
            (1, 0, 1, 0),
            "The padding is on the left and above only. It belongs on all four sides.",
        ),
        (
            (2, 2, 2, 2),
            "Twice too much padding: each of the four sides gets padding, not 2 · padding.",
        ),
        ((0, 0, 0, 0), "There is no padding at all."),
    ),
    "places": (
        (
            lambda n, k, padding, stride: (n - k + 1) // stride,
            "The 1 is the first place, which needs no step: it is added behind the division by the "
            "stride, not before it.",
        ),
        (
            lambda n, k, padding, stride: (n + 2 * padding - k) // stride + 1,
            "X is padded already when its shape is asked for, so 2 · padding counts twice here.",
        ),
        (
            lambda n, k, padding, stride: n - k // stride + 1,
            "Brackets: // comes before −, so only the kernel is divided by the stride here.",
        ),
        (
            lambda n, k, padding, stride: n - k + 1,
            "The number of places does not know the stride: with a stride of 2 there are about "
            "half as many.",
        ),
        (
            lambda n, k, padding, stride: (n - k) // stride + 2,
            "One place too many along each side: as many as there are steps, and one for the "
            "first.",
        ),
    ),
    "cut": (
        (
            lambda i, k, stride: slice(i + stride, i + stride + k),
            "The stride is added to i. Place i begins i strides further on: i * stride.",
        ),
        (
            lambda i, k, stride: slice(stride * i, stride * (i + k)),
            "The window grows with the stride. It begins at i * stride and ends k_h further on.",
        ),
        (
            lambda i, k, stride: slice(stride * i, i + k),
            "The window begins at i * stride, but it still ends at i + k_h, so it shrinks. Move "
            "its end as well.",
        ),
        (
            lambda i, k, stride: slice(i, i + k, stride),
            "A stride in the slice leaves out pixels inside the window. The window stays whole; it "
            "begins at i * stride.",
        ),
    ),
}
# The three as the snippet has them, and what to say where one of them is left.
_CONV_GIVEN: dict[str, tuple[object, str]] = {
    "sides": ((1, 1, 0, 0), "where padding is added"),
    "places": (lambda n, k, padding, stride: (n - k) // stride, "how many places there are"),
    "cut": (lambda i, k, stride: slice(i, i + k), "where the window begins"),
}


def _conv_slips() -> tuple[Mistake, ...]:
    """Return each wrong way to mend one of the three, with each of the two others mended or not."""
    found = []
    for part, ways in _CONV_SLIPS.items():
        others = [name for name in _CONV_GIVEN if name != part]
        for (way, hint), mended in itertools.product(ways, ((1, 1), (1, 0), (0, 1), (0, 0))):
            left = [name for name, done in zip(others, mended, strict=True) if not done]
            given = {name: _CONV_GIVEN[name][0] for name in left}
            more = " and ".join(_CONV_GIVEN[name][1] for name in left)
            says = f"{hint} And look at {more}." if left else hint
            found.append(Mistake(_conv_in_loops(**{part: way}, **given), says))
    return tuple(found)


CONV = Exercise(
    title="find the mistakes: a convolution that is wrong in three places",
    reference=_conv_reference,
    cases=_conv_cases,
    mistakes=(
        Mistake(
            _conv_with(all_sides=False, last_window=False, steps=(False, False)),
            "That is the snippet as it was. Start with the first case, a 3 × 3 picture and a "
            "2 × 2 kernel: how many places are there for the window along one side?",
        ),
        Mistake(
            _conv_with(last_window=False),
            "Padding and stride are mended. One window is still missing along each side: a "
            "2 × 2 kernel has two places along three pixels, 3 − 2 + 1.",
        ),
        Mistake(
            _conv_with(all_sides=False),
            "Size and stride are mended. The padding is still on the left and right only: F.pad "
            "takes the last axis first, two numbers for each axis, so four of them are needed.",
        ),
        Mistake(
            _conv_with(steps=(False, False)),
            "Padding and size are mended. The window still moves by one pixel at a time: place i "
            "begins at row i * stride.",
        ),
        Mistake(
            _conv_with(all_sides=False, last_window=False),
            "The stride is mended. Two are left: how many places there are, and where padding is "
            "added.",
        ),
        Mistake(
            _conv_with(all_sides=False, steps=(False, False)),
            "The size is mended. Two are left: where padding is added, and where window i begins.",
        ),
        Mistake(
            _conv_with(last_window=False, steps=(False, False)),
            "The padding is mended. Two are left: how many places there are, and where window i "
            "begins.",
        ),
        *(
            Mistake(
                _conv_with(steps=steps, **left),
                f"Nearly: the window moves by the stride {by_stride}, and by one pixel "
                f"{by_one}.{more}",
            )
            for steps, by_stride, by_one in (
                ((True, False), "downwards", "to the right"),
                ((False, True), "to the right", "downwards"),
            )
            for left, more in (
                ({}, ""),
                ({"all_sides": False}, " And the padding is left."),
                ({"last_window": False}, " And the count of places is left."),
                (
                    {"all_sides": False, "last_window": False},
                    " The padding is left, and the count of places.",
                ),
            )
        ),
        *(
            Mistake(
                _conv_one_size(**{"short": short} | left),
                f"The count of places is mended for the {mended} only. It stands in two lines, one "
                f"for m_h, one for m_w.{more}",
            )
            for mended, short in (("rows", 2), ("columns", 1))
            for left, more in (
                ({}, ""),
                ({"all_sides": False}, " The padding is left, too."),
                ({"steps": (False, False)}, " And where the window begins is left."),
                (
                    {"all_sides": False, "steps": (False, False)},
                    " The padding is left, and where the window begins.",
                ),
            )
        ),
        Mistake(
            _conv_flipped,
            "The kernel is flipped. That is the convolution of mathematics; networks lay the "
            "kernel down as it is.",
        ),
        Mistake(
            _conv_first_channel,
            "Only the first channel counts. All channels of the window are multiplied by their own "
            "kernel and summed.",
        ),
        Mistake(
            _conv_mean,
            "You take the mean of the products. Their sum is wanted.",
        ),
        Mistake(
            _conv_first_map,
            "Only the first map is filled. Does the return stand inside the loop over o?",
        ),
        Mistake(
            _conv_swapped_size,
            "Rows and columns of the result are swapped: i runs over m_h, j over m_w.",
        ),
        Mistake(
            _conv_loop_by_stride,
            "The stride stands in range(), so most numbers of the map stay 0. i and j count the "
            "places of the map, one by one; the window begins at i * stride.",
        ),
        *_conv_slips(),
        Mistake(
            _conv_in_loops(total=lambda window, W, o: (window * W).sum()),
            "Each number adds up the kernels of all maps. For map o only W[o] counts.",
        ),
        Mistake(
            _conv_in_loops(total=lambda window, W, o: window * W[o]),
            "The products are not added up: one number of the map is their sum.",
        ),
        Mistake(
            _conv_in_loops(total=lambda window, W, o: (window * W[0]).sum()),
            "Every map gets the kernel of the first one. Map o has the kernel W[o].",
        ),
        Mistake(
            _conv_in_loops(total=lambda window, W, o: (window * W[o, 0]).sum()),
            "All channels are multiplied by the square of the first. Each has its own: W[o] has "
            "one for each channel.",
        ),
        Mistake(
            _conv_in_loops(total=lambda window, W, o: (window[o] * W[o]).sum()),
            "X[o] is the o-th channel that comes in, and o counts the maps that go out. The window "
            "takes all channels: X[:, …].",
        ),
        Mistake(
            _conv_in_loops(total=lambda window, W, o: (window @ W[o]).sum()),
            "@ is the product of matrices. Window and kernel are multiplied number by number: *.",
        ),
        Mistake(
            lambda X, W, padding, stride: _conv(X, W, padding, stride)[None],
            "The numbers are right. There is an axis too many in front, that of a batch: [0] takes "
            "it away.",
        ),
        Mistake(
            _conv_in_loops(places=lambda n, k, padding, stride: (n - k) / stride + 1),
            "/ gives a number with a point, and zeros() and range() want whole ones. // rounds "
            "down.",
        ),
        Mistake(
            _conv_square,
            "m_w is computed from the height. It is X.shape[2], the width, and k_w.",
        ),
        Mistake(
            _conv_of_width,
            "The window takes k_h columns. Its width is k_w.",
        ),
        Mistake(
            _conv_in_loops(sides=(1, 1, 1, 1, 1, 1)),
            "Six widths pad the channels, too. Four are wanted: left, right, top, bottom.",
        ),
        Mistake(
            _conv_first_row,
            "Only the first row of the first map is filled. Does the return stand inside the "
            "loops?",
        ),
    ),
    hints=(
        "There is one mistake in each of: the padding, the size, the window. Compute by hand what "
        "the first case should give, and compare.",
        "F.pad takes (left, right, top, bottom). Along n pixels a window of k has n − k + 1 places "
        "at stride 1. Window i begins at pixel i · stride.",
        "F.pad(X, (padding,) * 4); (… - k) // stride + 1, twice; "
        "X[:, i * stride : i * stride + k_h, j * stride : j * stride + k_w].",
    ),
    notice="The first inputs were small enough to compute by hand. A test with padding 0 and "
    "stride 1 alone would have missed two of the three mistakes.",
)

# --- size: how large is the output -------------------------------------------------------------


def _size(n: int, kernel: int, padding: int, stride: int) -> int:
    return (n + 2 * padding - kernel) // stride + 1


def _size_cases() -> list[tuple[int, int, int, int]]:
    return [
        (3, 2, 0, 1),
        (28, 5, 0, 1),
        (28, 5, 2, 1),
        (28, 6, 2, 1),
        (28, 2, 0, 2),
        (5, 3, 0, 2),
        (6, 3, 0, 2),
        (8, 3, 0, 2),
        (10, 5, 0, 3),
        (14, 4, 1, 2),
        (9, 5, 0, 3),
        (12, 5, 1, 3),
        (7, 7, 0, 3),
        (224, 11, 2, 4),
    ]


# What may be wrong in each of the three, and what to say about it; the first of each is right.
_SIZE_PADS: dict[str, Callable[[int], int]] = {
    "": lambda p: 2 * p,
    "The padding is added at both ends, so it counts twice.": lambda p: p,
    "The padding is forgotten.": lambda p: 0,
    "The padding is halved. It stands at both ends, so it counts twice.": lambda p: p // 2,
    "The padding is taken away. It makes the strip longer, at both ends.": lambda p: -2 * p,
}
_SIZE_DIVISIONS: dict[str, Callable[[float, int], float]] = {
    "": lambda way, s: way // s,
    "/ does not always give a whole number. A last step that would lead over the edge is not "
    "taken: // rounds down.": lambda way, s: way / s,
    "Rounded up: that counts a window that hangs over the edge.": lambda way, s: ceil(way / s),
    "round() goes to the nearest whole number, so sometimes up, and then a window hangs over the "
    "edge. Use //.": lambda way, s: round(way / s),
    "The stride is forgotten: with a stride of 2 every second place is left out.": lambda way, s: (
        way
    ),
}
_SIZE_ONES: dict[str, tuple[int, int]] = {  # what is added before the division, and behind it
    "": (0, 1),
    "The first place is missing. It needs no step: add 1 behind the division.": (0, 0),
    "The 1 is the first place, which needs no step. It is added behind the division, not before "
    "it.": (1, 0),
}


def _size_slips() -> tuple[Mistake, ...]:
    """Return each choice of slips in padding, division and the 1 that can be told from others."""
    found = []
    ways = itertools.product(_SIZE_PADS.items(), _SIZE_DIVISIONS.items(), _SIZE_ONES.items())
    for (pad_hint, pad), (hint, divide), (one_hint, (before, behind)) in ways:
        hints = [says for says in (pad_hint, hint, one_hint) if says]
        forgotten = before and (
            "forgotten" in hint or "up" in hint
        )  # the 1 has no place of its own
        if hints and not forgotten:
            found.append(Mistake(_size_with(pad, divide, before, behind), " ".join(hints)))
    return tuple(found)


def _size_with(pad: Callable, divide: Callable, before: int, behind: int) -> Callable:
    """Return a size with its own padding, division, and 1 before or behind the division."""
    return lambda n, kernel, padding, stride: (
        divide(n + pad(padding) - kernel + before, stride) + behind
    )


def _about_size(places: float, n: int, kernel: int, padding: int, stride: int) -> str:
    """Say where the last of so many windows would end."""
    strip, end = n + 2 * padding, (int(places) - 1) * stride + kernel
    if places != int(places) or places < 1:
        return "A window can have 1, 2, 3 … places: a whole number, and at least one."
    last = (
        f"The last of {int(places)} windows ends at pixel {end}, and the padded strip has {strip}"
    )
    if end > strip:
        return f"{last}: it hangs over the edge."
    return f"{last}: there is room for one window more."


SIZE = Exercise(
    title="how large is the output?",
    remark=_about_size,
    reference=_size,
    cases=_size_cases,
    mistakes=(
        *_size_slips(),
        Mistake(
            lambda n, kernel, padding, stride: round((n + 2 * padding - kernel) / stride + 1),
            "Rounded to the nearest: sometimes that is up, and then a window hangs over the edge. "
            "// always rounds down.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: int((n + 2 * padding - kernel) / stride + 1.5),
            "A half is rounded up here, and then a window hangs over the edge. // rounds down.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: ((n + 2 * padding - kernel) // stride + 1) ** 2,
            "That is the number of places in the whole map. The places along one side are asked "
            "for.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: range(0, n + 2 * padding - kernel + 1, stride),
            "These are the places where the window begins. How many they are is asked for: len().",
        ),
        Mistake(
            lambda n, kernel, padding, stride: ((n + 2 * padding - kernel) // stride + 1,) * 2,
            "One side is asked for, so one number. Return it alone.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel) // stride + 2,
            "One place too many: as many places as steps, and one for the first.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding) // stride - kernel + 1,
            "Only the strip is divided by the stride here. First take the kernel away: what is "
            "left is the way that the window can move.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel) // stride - 1,
            "The 1 is taken away. It is added: the first place needs no step.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel) % stride + 1,
            "% gives what is left over. Asked for is how often the stride fits in: //.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (kernel + 2 * padding - n) // stride + 1,
            "The strip and the kernel have changed places: n + 2p is the longer one.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel) // (stride + 1),
            "The 1 stands below the line. Divide by the stride alone, and add 1 after that.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - 2 * kernel) // stride + 1,
            "The kernel is taken away twice.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel + 1) // stride + 1,
            "The 1 counts twice: the way that is left is n + 2p − k, without it.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: ceil(n / stride),
            "That is the size only if the padding is chosen to make it so, and rounded up.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: f"{(n + 2 * padding - kernel) // stride + 1}",
            "That is a text. The number itself is asked for.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding + kernel) // stride + 1,
            "A larger kernel has fewer places: it is taken away, not added.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel) * stride + 1,
            "A larger stride leaves fewer places: divide by it.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n - kernel) // stride + 1 + 2 * padding,
            "The padding is added to the map. It belongs to the strip, before the stride divides.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: ceil((n + 2 * padding) / stride),
            "That would be right if the window could begin at every pixel. Its last pixel must "
            "stay inside, too.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: n + 2 * padding - kernel // stride + 1,
            "Brackets: // comes before + and −, so only the kernel is divided here.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding) // stride,
            "The kernel is forgotten. The window must stay inside, so it can only begin at the "
            "first n + 2p − k + 1 pixels.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: n // stride,
            "That is the size only if the padding is chosen to make it so. Try a kernel of 5 "
            "without padding.",
        ),
    ),
    hints=(
        "Lay a window of 2 on a strip of 3 pixels: at which pixels can it begin? Then one of 3 on "
        "a strip of 7, in steps of 2.",
        "Padded, the strip has n + 2p pixels. The window can move by n + 2p − k before it reaches "
        "the end. How many steps fit in, and how many places are that?",
        "return (n + 2 * padding - kernel) // stride + 1",
    ),
    notice="For an odd kernel k and stride 1, a padding of (k − 1) / 2 keeps the size. For an even "
    "one nothing does, unless one side gets more than the other.",
)

# --- field: how much of the picture one value sees ---------------------------------------------


def _field(layers: list[tuple[int, int]]) -> int:
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step *= stride
    return size


def _field_backwards(layers: list[tuple[int, int]]) -> int:
    return _field(layers[::-1])


def _steps(layers: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return each kernel with the step of its neighbours, in pixels of the picture."""
    strides = [stride for _, stride in layers]
    return [(kernel, prod(strides[:place])) for place, (kernel, _) in enumerate(layers)]


def _field_with(rule: Callable[[int, int, int], int], start: int = 1) -> Callable:
    """Return a wrong answer that goes from the last layer to the first."""

    def field(layers: list[tuple[int, int]]) -> int:
        size = start
        for kernel, stride in reversed(layers):
            size = rule(size, kernel, stride)
        return size

    return field


def _field_cases() -> list[tuple[list[tuple[int, int]]]]:
    return [
        ([(3, 1)],),
        ([(5, 2)],),
        ([(3, 1), (3, 1)],),
        ([(2, 2), (3, 1)],),
        ([(3, 1), (2, 2)],),
        ([(3, 2), (3, 2), (3, 2)],),
        ([(5, 1), (2, 2), (5, 1), (2, 2)],),
        ([(6, 1), (5, 2), (4, 2)],),
        ([(2, 2), (3, 1), (2, 3), (3, 1)],),
        ([(7, 2), (3, 2), (3, 2), (3, 2)],),
    ]


# How far apart neighbours are taken to lie at each layer, and what to say about it. `strides` are
# those of all layers, `k` counts the layers from 0.
_FIELD_STEPS: dict[str, Callable[[list[int], int], int]] = {
    "": lambda strides, k: prod(strides[:k]),
    "The strides are forgotten. After a stride of 2, neighbours in the map lie two pixels apart in "
    "the picture.": lambda strides, k: 1,
    "A layer's own stride counts only for the layers behind it. First widen, then multiply the "
    "step.": lambda strides, k: prod(strides[: k + 1]),
    "You multiply each kernel by its own stride. What counts are the strides of all layers in "
    "front of it.": lambda strides, k: strides[k],
    "You use the stride of the layer in front alone. The strides of all layers in front "
    "multiply.": lambda strides, k: strides[k - 1] if k else 1,
    "The strides are added. They multiply: after two strides of 2, neighbours lie four pixels "
    "apart, and after three of them eight.": lambda strides, k: 1 + sum(strides[:k]),
    "Each stride adds what it is above 1. They multiply: after three strides of 2, neighbours lie "
    "eight pixels apart.": lambda strides, k: 1 + sum(strides[:k]) - k,
    "You multiply each kernel by all strides. Only those of the layers in front of it count.": (
        lambda strides, k: prod(strides)
    ),
}
_FIELD_ADDS: dict[str, int] = {  # what is taken from the kernel
    "": 1,
    "Each layer adds kernel − 1 neighbours, not kernel: one it has already.": 0,
}
_FIELD_STARTS: dict[str, int] = {
    "": 1,
    "And begin with 1: without any layer a value sees one pixel.": 0,
}


def _field_slips() -> tuple[Mistake, ...]:
    """Return each choice of slips in step, kernel and start."""
    ways = itertools.product(_FIELD_STEPS.items(), _FIELD_ADDS.items(), _FIELD_STARTS.items())
    return tuple(
        Mistake(_field_of(step, less, start), " ".join(filter(None, hints)))
        for (hints, (step, less, start)) in (zip(*way, strict=True) for way in ways)
        if any(hints)
    )


def _field_of(step: Callable, less: int, start: int) -> Callable[[list[tuple[int, int]]], int]:
    """Return a rule with its own distance of neighbours, size of a kernel, and start."""
    return lambda layers: (
        start
        + sum(
            (kernel - less) * step([stride for _, stride in layers], k)
            for k, (kernel, _) in enumerate(layers)
        )
    )


FIELD = Exercise(
    title="how much of the picture does one value see?",
    reference=_field,
    cases=_field_cases,
    mistakes=(
        *_field_slips(),
        Mistake(
            lambda layers: (_field(layers), prod(stride for _, stride in layers)),
            "The first number is right. Return it alone, without the step.",
        ),
        Mistake(
            lambda layers: (_steps(layers)[-1][0] - 1) * _steps(layers)[-1][1],
            "Each layer writes over what was there. Add to it: size += (kernel − 1) · step.",
        ),
        Mistake(
            lambda layers: 1 + (_steps(layers)[-1][0] - 1) * _steps(layers)[-1][1],
            "Only the last layer is added. Each adds to what the layers in front of it see.",
        ),
        Mistake(
            lambda layers: 1 + (layers[-1][0] - 1) * prod(stride for _, stride in layers),
            "The size is computed once, behind the loop. It grows in each round.",
        ),
        Mistake(
            lambda layers: _field(layers[:-1]),
            "The last layer is left out.",
        ),
        Mistake(
            lambda layers: max(kernel for kernel, _ in layers),
            "That is the largest kernel. Each layer widens what is seen, also a small one.",
        ),
        Mistake(
            lambda layers: prod(kernel for kernel, _ in layers),
            "Windows side by side would multiply. These overlap: each layer adds (kernel − 1) "
            "times the distance between neighbours.",
        ),
        Mistake(
            _field_backwards,
            "The order and the rule do not fit. From the first layer to the last the rule is: "
            "size += (kernel − 1) · step, then step *= stride. From the last to the first it is: "
            "size = (size − 1) · stride + kernel. You have one of them in the order of the other.",
        ),
        Mistake(
            lambda layers: _field(layers) + 1,
            "One pixel too many. Without any layer a value sees 1 pixel, so begin with 1.",
        ),
        Mistake(
            lambda layers: min(28, _field(layers)),
            "Nobody said that the picture has 28 pixels. Leave the limit out.",
        ),
        Mistake(
            lambda layers: [_field(layers[: depth + 1]) for depth in range(len(layers))],
            "These are the fields behind all layers, one after the other. The last one alone is "
            "asked for.",
        ),
        Mistake(
            lambda layers: (_field(layers), _field(layers)),
            "One number is asked for, the length of one side.",
        ),
        Mistake(
            _field_with(lambda size, k, s: (size - 1) * s + k, start=0),
            "Backwards begins with 1: a value sees itself.",
        ),
        Mistake(
            _field_with(lambda size, k, s: size * s + k - 1),
            "From the last layer to the first the rule is size = (size − 1) · stride + kernel. You "
            "take the 1 away after the stride, not before it.",
        ),
        Mistake(
            lambda layers: _field([(k + 2, s) for k, s in layers]),
            "A window of k has k − 1 neighbours besides the first, not k + 1.",
        ),
        Mistake(
            lambda layers: _field([(s, k) for k, s in layers]),
            "Kernel and stride have changed places: each pair is (kernel, stride).",
        ),
        Mistake(
            lambda layers: 1 + sum(k - 1 * step for k, step in _steps(layers)),
            "Brackets: it is (kernel − 1) · step, not kernel − 1 · step.",
        ),
        Mistake(
            lambda layers: _field_with(lambda size, k, s: size * s + k - 1)(layers[::-1]),
            "From the first layer to the last the size is not multiplied: size += (kernel − 1) · "
            "step, and then step *= stride.",
        ),
        Mistake(
            lambda layers: 1 + sum(k * step - 1 for k, step in _steps(layers)),
            "Brackets: it is (kernel − 1) · step, not kernel · step − 1.",
        ),
        Mistake(
            lambda layers: prod(stride for _, stride in layers),
            "That is the step between neighbours in the last map. How far does each layer widen "
            "what is seen?",
        ),
        Mistake(
            _field_with(lambda size, k, s: size * s + k),
            "Backwards is right, but the rule is size = (size − 1) · stride + kernel: between "
            "size values there are size − 1 steps.",
        ),
        Mistake(
            lambda layers: layers[-1][0],
            "That is what the last layer sees of the map in front of it. How much of the picture "
            "does each value of that map see?",
        ),
        Mistake(
            lambda layers: layers[0][0],
            "Only the first layer counts. Does the return stand inside the loop?",
        ),
        Mistake(
            lambda layers: _field(layers) ** 2,
            "That is the number of pixels. The length of one side is asked for.",
        ),
    ),
    hints=(
        "Two layers of 3, stride 1, on paper: mark the three values that the last one sees, then "
        "what each of those sees.",
        "Carry two numbers along: the size of the field, 1 at first, and the step between "
        "neighbours, measured in pixels of the picture, 1 at first.",
        "For each layer: size += (kernel - 1) * step, and after that step *= stride.",
    ),
    notice="Strides and pooling pay twice: the maps become smaller, and every layer behind them "
    "sees further.",
)

# --- anywhere: scores from the mean of each map -------------------------------------------------


def _anywhere(maps: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return maps.mean(dim=(2, 3)) @ W.T + b


def _anywhere_from(means: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """Return a wrong answer that takes something else than the means for its linear layer."""
    return lambda maps, W, b: means(maps) @ W.T + b


def _anywhere_cases() -> list[tuple[Tensor, Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(6)

    def whole(*shape: int) -> Tensor:
        return torch.randint(-4, 5, shape, generator=generator).float()

    shapes = [(1, 1, 2, 2, 1), (1, 2, 2, 3, 3), (2, 3, 3, 2, 4), (3, 2, 1, 4, 10), (2, 3, 3, 3, 3)]
    shapes += [(1, 4, 2, 2, 3)]  # as many places as maps
    plain = (torch.tensor([[[[1.0, 2], [3, 6]]]]), torch.tensor([[2.0]]), torch.tensor([1.0]))
    drawn = [(whole(n, c, h, w), whole(k, c), whole(k) + 0.5) for n, c, h, w, k in shapes[1:]]
    return [plain, *drawn]


ANYWHERE = Exercise(
    title="scores that do not know where anything is",
    reference=_anywhere,
    cases=_anywhere_cases,
    mistakes=(
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)) @ W.T,
            "The means and their weights are right. The bias b is missing: add one number to each "
            "score.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.amax(dim=(2, 3))),
            "You take the largest value of each map. That forgets where, too; asked for is the "
            "mean.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.sum(dim=(2, 3))),
            "You add the values of a map up. Divide by how many there are: maps.mean(...).",
        ),
        Mistake(
            lambda maps, W, b: maps.sum(dim=(2, 3)) @ W.T / maps.shape[2] + b,
            "A map has height · width places. You divide by the height alone.",
        ),
        Mistake(
            lambda maps, W, b: maps.sum(dim=(2, 3)) @ W.T / maps.shape[3] + b,
            "A map has height · width places. You divide by the width alone.",
        ),
        Mistake(
            lambda maps, W, b: maps.sum(dim=(2, 3)) @ W.T / 49 + b,
            "49 places are in maps of 7 × 7 only. mean() counts them by itself.",
        ),
        Mistake(
            lambda maps, W, b: F.linear(F.adaptive_avg_pool2d(maps, 1).squeeze(), W, b),
            "squeeze() takes away every axis of length 1: also that of the pictures or of the "
            "maps, where there is one only. flatten(1) keeps both.",
        ),
        Mistake(
            _anywhere_from(lambda maps: F.avg_pool2d(maps, 2).flatten(1)),
            "A pooling of 2 × 2 leaves several places for each map. Take the mean of all of them.",
        ),
        Mistake(
            _anywhere_from(lambda maps: F.avg_pool2d(maps, maps.shape[2]).flatten(1)),
            "This fits square maps only: the window is as wide as the map is high. mean() takes "
            "any.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)).squeeze() @ W.T + b,
            "squeeze() takes away every axis of length 1: also that of the pictures, where there "
            "is one only. Leave it out.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)) @ W.T + 2 * b,
            "The bias is added twice. F.linear(means, W, b) adds it by itself.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3))[:, -1:] @ W[:, -1:].T + b,
            "Only the last map counts: in the loop each one writes over what was there. Add: +=.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)) @ W.T + maps.shape[1] * b,
            "The bias is added once for each map. It is added once.",
        ),
        Mistake(
            lambda maps, W, b: torch.stack([maps.mean((2, 3)) @ W[k] + b[k] for k in range(10)], 1),
            "It goes through ten classes, also where there are fewer. Take as many as W has rows.",
        ),
        Mistake(
            lambda maps, W, b: maps.sum(dim=(2, 3)) / maps[0].numel() @ W.T + b,
            "You divide by the values of all maps together. A map has height · width of them.",
        ),
        Mistake(
            lambda maps, W, b: (maps.mean(dim=(2, 3)) @ W.T + b).sigmoid(),
            "These go through a sigmoid. Asked for are the scores before it.",
        ),
        Mistake(
            lambda maps, W, b: torch.dot(maps.mean(dim=(2, 3)), W) + b,
            "dot() takes two vectors. For matrices it is @, with W.T.",
        ),
        Mistake(
            lambda maps, W, b: torch.nn.Linear(maps.shape[1], len(W))(maps.mean(dim=(2, 3))),
            "nn.Linear draws weights of its own. Use W and b: means @ W.T + b.",
        ),
        Mistake(
            lambda maps, W, b: maps[0].mean(dim=(1, 2)) @ W.T + b,
            "That is one row of scores, for the first picture. A row for each picture is wanted.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean() * W.sum(dim=1) + b,
            "One mean of everything stands for each map. Name the two axes of the places.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=1).flatten(1)),
            "That is a mean over the maps, one for each place. Take it over the places, one for "
            "each map: axes 2 and 3.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)) @ W.T - b,
            "The bias is taken away. It is added.",
        ),
        Mistake(
            lambda maps, W, b: (maps.mean(dim=(2, 3)) + b) @ W.T,
            "The bias belongs to the scores: it is added after the weights, not before.",
        ),
        Mistake(
            lambda maps, W, b: (maps.mean(dim=(2, 3)) @ W.T + b).log_softmax(dim=1),
            "These are logarithms of probabilities. Asked for are the scores before any softmax.",
        ),
        Mistake(
            lambda maps, W, b: (maps.mean(dim=(2, 3)) @ W.T + b).argmax(dim=1),
            "That is the class with the largest score. The scores themselves are asked for.",
        ),
        Mistake(
            lambda maps, W, b: (W @ maps.mean(dim=(2, 3)).T + b).T,
            "Transposed, the classes are rows, and b no longer fits: turn the product first, then "
            "add b.",
        ),
        Mistake(
            lambda maps, W, b: W @ maps.mean(dim=(2, 3)).T + b[:, None],
            "The scores are right, but classes are rows here. One row for each picture: transpose.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean() * W.T + b,
            "mean() without axes is one number for everything. Name the two axes of the places.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean() @ W.T + b,
            "mean() without axes leaves one number, which @ cannot take. Name the two axes.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=(1, 2))),
            "Axes are counted from 0: pictures 0, maps 1, rows 2, columns 3. Rows and columns go.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=(1, 2, 3))),
            "Axis 1 counts the maps. Each of them keeps its own mean.",
        ),
        Mistake(
            lambda maps, W, b: (maps @ W.T).mean(dim=(2, 3)) + b,
            "@ works on the last axis, here the columns of the maps. First take the means.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)) * W + b,
            "* multiplies entry by entry. The scores are a product of matrices: @ W.T.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.flatten(2).median(dim=2).values),
            "You take the median of each map. The mean is asked for.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=(2, 3)).relu()),
            "A ReLU behind the means is not asked for: a mean may lie below zero.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.relu().mean(dim=(2, 3))),
            "A ReLU before the means is not asked for: the maps are taken as they are.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.std(dim=(2, 3))),
            "That is the spread of each map. The mean is asked for.",
        ),
        Mistake(
            lambda maps, W, b: (maps.mean(dim=(2, 3)) @ W.T + b).softmax(dim=1),
            "These are probabilities. Asked for are the scores before any softmax.",
        ),
        Mistake(
            lambda maps, W, b: (maps.mean(dim=(2, 3)) @ W.T + b).relu(),
            "Scores may lie below zero: no ReLU behind the last layer.",
        ),
        Mistake(
            lambda maps, W, b: (maps.mean(dim=(0, 2, 3)) @ W.T + b).expand(len(maps), -1),
            "You take the mean over all pictures of the batch as well, so every picture gets the "
            "same scores. Axis 0 stays.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(0, 2, 3)) @ W.T + b,
            "Axis 0 counts the pictures. It stays: the mean is over axes 2 and 3 only.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=1)),
            "Axis 1 counts the maps. The mean of one map is over its rows and columns, axes 2 "
            "and 3.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=3)),
            "That is the mean of each row. Take it over the rows, too: axes 2 and 3.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=2)),
            "That is the mean of each column. Take it over the columns, too: axes 2 and 3.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)) @ W + b,
            "W has a row for each class. Its columns belong to the maps, so the product is with "
            "W.T.",
        ),
        Mistake(
            lambda maps, W, b: W @ maps.mean(dim=(2, 3)) + b,
            "The means are (N, C) and W is (K, C). The C must meet: means @ W.T.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.flatten(1)),
            "Flattened, each place of each map would need a weight of its own. Take the mean of "
            "each map first.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps.mean(dim=(2, 3), keepdim=True)),
            "The means keep two axes of length 1 here. They are (N, C) without keepdim=True, and "
            "a pooling needs flatten(1) behind it.",
        ),
        Mistake(
            lambda maps, W, b: maps.mean(dim=(2, 3)),
            "These are the means. The linear layer that makes scores of them is missing.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps[:, :, 0, 0]),
            "That is the value in one corner. The mean of all places is asked for.",
        ),
        Mistake(
            _anywhere_from(lambda maps: maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2]),
            "That is the value in the middle. The mean of all places is asked for.",
        ),
    ),
    hints=(
        "Which of the four axes of maps count places? These must go.",
        "maps.mean(dim=...) takes several axes in brackets. It leaves (N, C). Each row of W holds "
        "the C weights of one class.",
        "means = maps.mean(dim=(2, 3)), and then the linear layer: means @ W.T + b.",
    ),
    notice="The height and the width of the maps are nowhere in it: this network takes pictures of "
    "any size.",
)

EXERCISES = {
    "kernel": KERNEL,
    "conv": CONV,
    "size": SIZE,
    "field": FIELD,
    "anywhere": ANYWHERE,
}

QUIZ = [
    Question(
        "All pictures are shuffled with one fixed permutation of the pixels. Why does an MLP read "
        "them as well as before?",
        (
            "With the columns of its first weights shuffled alike, it is the same network.",
            "So to learn the one is as hard as to learn the other.",
        ),
        (
            (
                "It learns to put the pixels back in their places.",
                "It need not: it never knew the places. No layer of it has any notion of "
                "neighbours.",
            ),
            (
                "A fixed permutation does not change a picture much.",
                "You could not read one of them. The CNN lost several points.",
            ),
            (
                "It has more parameters than the CNN.",
                "An MLP with few parameters would not care either. It is a matter of structure.",
            ),
        ),
        place=2,
    ),
    Question(
        "A convolution takes 3 channels to 8, kernels of 5 × 5. How many parameters has it?",
        (
            "8 · 3 · 5 · 5 + 8 = 608",
            "For each of 8 outputs a kernel for each of 3 inputs, and one bias.",
        ),
        (
            (
                "5 · 5 + 1 = 26",
                "That is one kernel for one input and one output channel.",
            ),
            (
                "8 · 5 · 5 + 8 = 208",
                "Every output channel has a kernel of its own for each input channel.",
            ),
            (
                "It depends on how large the picture is.",
                "It does not: the same weights are used everywhere. The dense layer behind it "
                "depends on it.",
            ),
        ),
        place=1,
    ),
    Question(
        "A 28 × 28 picture, kernel 5, padding 2, stride 2. How large is the map?",
        (
            "14 × 14",
            "(28 + 4 − 5) // 2 + 1 = 13 + 1.",
        ),
        (
            ("13 × 13", "27 // 2 is 13 steps, and that makes 14 places."),
            ("28 × 28", "That would be it with a stride of 1."),
            ("12 × 12", "That is what comes out without padding: 23 // 2 + 1."),
        ),
        place=3,
    ),
    Question(
        "A digit moves by one pixel. What happens behind a convolution with stride 1?",
        (
            "The maps move by one pixel, too.",
            "The same weights look at every place. This is called equivariance. (At the edge the "
            "padding makes a difference.)",
        ),
        (
            (
                "Nothing: the maps stay as they were.",
                "That would be invariance. Pooling gives a little of it, a convolution does not.",
            ),
            (
                "The maps are entirely different.",
                "That is the dense layer: there, every pixel has weights of its own.",
            ),
            (
                "The kernel moves by one pixel.",
                "The kernel is nine or 25 numbers. It is laid on every place anyway.",
            ),
        ),
        place=0,
    ),
    Question(
        "A slide says that maps of 7 × 7 × 12 are flattened to a 1176-D vector. What is right?",
        (
            "588; 24 maps would give 1,176.",
            "7 · 7 · 12 = 588. The number on the slide belongs to another network.",
        ),
        (
            (
                "1,176, since bias and weight count.",
                "Flattening has no parameters. It puts the values in a row.",
            ),
            (
                "1,176, since the kernel is even.",
                "The kernel decides how large the maps are; here they are 7 × 7.",
            ),
            (
                "784, as many as pixels came in.",
                "Convolutions change how many numbers there are. Strides make fewer, channels "
                "more.",
            ),
        ),
        place=1,
    ),
    Question(
        "The adversary changes each pixel by at most 0.2 and fools LeNet on most digits. Random "
        "changes of the same size hardly fool it. Why?",
        (
            "Its changes all push the loss one way.",
            "Many small pushes add up; random ones mostly cancel. The gradient tells for each "
            "pixel which way it is.",
        ),
        (
            (
                "The adversary changes more pixels.",
                "Both change every pixel that can be changed, by the same amount.",
            ),
            (
                "The adversary draws a part of another digit.",
                "Look at the changes: they lie all over the picture, and they are no darker than "
                "the random ones.",
            ),
            (
                "LeNet was trained with random changes of that kind.",
                "It was trained with digits that were turned, stretched and moved. Noise was not "
                "among it.",
            ),
        ),
        place=2,
    ),
]
