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


KERNEL = Exercise(
    title="nine weights that see horizontal lines",
    reference=torch.tensor(LINE_KERNEL),
    cases=_windows,
    apply=_answer_of_kernel,
    form="a tensor or a list of three rows with three numbers each",
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


def _conv_loop_by_stride(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    Y = torch.zeros_like(_conv(X, W, padding, stride))
    h, w = Y.shape[1:]
    moved = _conv(X, W, padding, 1)[:, :h, :w]
    Y[:, ::stride, ::stride] = moved[:, ::stride, ::stride]
    return Y


def _conv_one_inside(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    h, w = (
        (n + 2 * padding - k + 1) // stride for n, k in zip(X.shape[1:], W.shape[2:], strict=True)
    )
    return _conv(X, W, padding, stride)[:, :h, :w]


def _conv_end_left_behind(X: Tensor, W: Tensor, padding: int, stride: int) -> Tensor:
    """Begin each window at i * stride, and end it at i + k: it shrinks, and fits no kernel."""
    X, Y = F.pad(X, (padding,) * 4), torch.zeros_like(_conv(X, W, padding, stride))
    k_h, k_w = W.shape[2:]
    for o, i, j in itertools.product(*map(range, Y.shape)):
        Y[o, i, j] = (X[:, stride * i : i + k_h, stride * j : j + k_w] * W[o]).sum()
    return Y


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
        (whole(2, 6, 8), whole(2, 2, 2, 3), 2, 3),
    ]


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
        Mistake(
            _conv_with(steps=(True, False)),
            "Nearly: the window moves by the stride downwards, and by one pixel to the right.",
        ),
        Mistake(
            _conv_with(steps=(False, True)),
            "Nearly: the window moves by the stride to the right, and by one pixel downwards.",
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
            _conv_one_inside,
            "Padding and stride are mended. The 1 is the first place, which needs no step: it is "
            "added behind the division by the stride, not before it.",
        ),
        Mistake(
            _conv_loop_by_stride,
            "The stride stands in range(), so most numbers of the map stay 0. i and j count the "
            "places of the map, one by one; the window begins at i * stride.",
        ),
        Mistake(
            _conv_end_left_behind,
            "The window begins at i * stride, but it still ends at i + k_h, so it shrinks. Move "
            "its end as well.",
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
        (14, 4, 1, 2),
        (9, 5, 0, 3),
        (12, 5, 1, 3),
        (7, 7, 0, 3),
        (224, 11, 2, 4),
    ]


SIZE = Exercise(
    title="how large is the output?",
    reference=_size,
    cases=_size_cases,
    mistakes=(
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel) // stride,
            "One place is missing. A window as large as the picture has one place, not none.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + padding - kernel) // stride + 1,
            "The padding is added at both ends, so it counts twice.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n - kernel) // stride + 1,
            "The padding is forgotten.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: n + 2 * padding - kernel + 1,
            "The stride is forgotten: with a stride of 2 every second place is left out.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel) / stride + 1,
            "Not a whole number every time. A last step that would lead over the edge is not "
            "taken: // rounds down.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: ceil((n + 2 * padding - kernel) / stride) + 1,
            "Rounded up: that counts a window that hangs over the edge.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: round((n + 2 * padding - kernel) / stride) + 1,
            "round() sometimes rounds up, and then a window hangs over the edge. Use //.",
        ),
        Mistake(
            lambda n, kernel, padding, stride: (n + 2 * padding - kernel + 1) // stride,
            "The 1 is the first place; it needs no step. Divide the way that is left, n + 2p − k, "
            "by the stride, and add the 1 after that.",
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
            lambda n, kernel, padding, stride: (n - 2 * padding - kernel) // stride + 1,
            "The padding is taken away. It makes the strip longer, at both ends.",
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


def _field_step_first(layers: list[tuple[int, int]]) -> int:
    size, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        size += (kernel - 1) * step
    return size


def _field_last_stride(layers: list[tuple[int, int]]) -> int:
    size, before = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * before
        before = stride
    return size


def _field_own_stride(layers: list[tuple[int, int]]) -> int:
    return 1 + sum((kernel - 1) * stride for kernel, stride in layers)


def _field_added_strides(layers: list[tuple[int, int]]) -> int:
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step += stride
    return size


def _field_backwards(layers: list[tuple[int, int]]) -> int:
    return _field(layers[::-1])


def _field_kernel_by_step(layers: list[tuple[int, int]]) -> int:
    size, step = 0, 1
    for kernel, stride in layers:
        size += kernel * step
        step *= stride
    return size


def _field_from_zero(layers: list[tuple[int, int]]) -> int:
    return _field(layers) - 1


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
    ]


FIELD = Exercise(
    title="how much of the picture does one value see?",
    reference=_field,
    cases=_field_cases,
    mistakes=(
        Mistake(
            lambda layers: sum(kernel for kernel, _ in layers),
            "The kernels overlap. Two of 3 × 3 in a row see 5 pixels, not 6: each layer adds one "
            "less than its kernel.",
        ),
        Mistake(
            lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers),
            "The strides are forgotten. After a stride of 2, neighbours in the map lie two pixels "
            "apart in the picture.",
        ),
        Mistake(
            lambda layers: prod(kernel for kernel, _ in layers),
            "Windows side by side would multiply. These overlap: each layer adds (kernel − 1) "
            "times the distance between neighbours.",
        ),
        Mistake(
            _field_step_first,
            "A layer's own stride counts only for the layers behind it. First widen by "
            "(kernel − 1) · step, then multiply the step.",
        ),
        Mistake(
            _field_own_stride,
            "You multiply each kernel by its own stride. What counts are the strides of all "
            "layers in front of it.",
        ),
        Mistake(
            _field_last_stride,
            "You use the stride of the layer in front alone. The strides of all layers in front "
            "multiply.",
        ),
        Mistake(
            _field_added_strides,
            "The strides are added. They multiply: after two strides of 2, neighbours lie four "
            "pixels apart, and after three of them eight.",
        ),
        Mistake(
            _field_backwards,
            "You go through the layers from the last to the first. The first one is the one that "
            "looks at the picture. (Backwards works, too, with size = (size − 1) · stride + "
            "kernel.)",
        ),
        Mistake(
            _field_kernel_by_step,
            "Each layer adds kernel − 1 neighbours, not kernel: one it has already. And begin "
            "with 1, the pixel itself.",
        ),
        Mistake(
            _field_from_zero,
            "One pixel too few: without any layer a value sees 1 pixel, so begin with 1.",
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

EXERCISES = {
    "kernel": KERNEL,
    "conv": CONV,
    "size": SIZE,
    "field": FIELD,
}

QUIZ = [
    Question(
        "All pictures are shuffled with one fixed permutation of the pixels. Why does an MLP read "
        "them as well as before?",
        (
            "Its first layer sums over all pixels, and a sum does not care about the order.",
            "Shuffle the columns of its weights in the same way and you have the same network. So "
            "to learn the one is as hard as to learn the other.",
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
            "588; 1,176 would be 24 maps of 7 × 7, or 6 maps of 14 × 14.",
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
            "The adversary's 784 changes all push the loss in the same direction; random ones "
            "mostly cancel.",
            "Many small pushes add up. The gradient tells which direction that is for each pixel.",
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
    Question(
        "Why was AlexNet's victory in 2012 more than one more prize?",
        (
            "Learned features beat hand-made ones by far, on a task with 1,000 classes.",
            "15.3% against 26% top-5 error. The ideas were old; data, graphics cards and a bag of "
            "tricks made them work at that size.",
        ),
        (
            (
                "It was the first convolutional network.",
                "LeCun's networks read digits in 1989; Fukushima's neocognitron is older still.",
            ),
            (
                "It was the first network trained by backpropagation.",
                "That had been popular since 1986.",
            ),
            (
                "It made no mistakes.",
                "For about one picture in seven the right class was not among its five answers.",
            ),
        ),
        place=0,
    ),
]
