"""Exercises and quiz of lesson 07, Which model reads your digit?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- crop: the smallest box with all the ink ---------------------------------------------------


def _places(inked: Tensor) -> tuple[list[int], list[int]]:
    """Return the rows and the columns that have any ink: bool (H, W)."""
    return tuple(inked.any(dim=dim).nonzero().flatten().tolist() for dim in (1, 0))


def _crop(ink: Tensor) -> Tensor:
    return _crop_with()(ink)


def _crop_with(
    top: int = 0, left: int = 0, bottom: int = 1, right: int = 1, above: int = 0
) -> Callable[[Tensor], Tensor]:
    """Return a crop whose edges are moved, or that takes only what is above a level for ink."""

    def crop(ink: Tensor) -> Tensor:
        rows, columns = _places(ink > above)
        first, start = max(0, rows[0] + top), max(0, columns[0] + left)
        return ink[first : rows[-1] + bottom, start : columns[-1] + right]

    return crop


def _crop_by(cut: Callable[[Tensor, list[int], list[int]], object]) -> Callable[[Tensor], object]:
    """Return a wrong crop that knows the right rows and columns and does something else."""
    return lambda ink: cut(ink, *_places(ink > 0))


def _crop_axes_swapped(ink: Tensor) -> Tensor:
    columns, rows = _places(ink > 0)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop_all(ink: Tensor) -> Tensor:
    rows = (ink > 0).all(dim=1).nonzero().flatten()
    columns = (ink > 0).all(dim=0).nonzero().flatten()
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop_any_of_all(ink: Tensor) -> Tensor:
    rows = (ink > 0).any().nonzero().flatten()
    return ink[rows[0] : rows[-1] + 1]


def _crop_full_ink(ink: Tensor) -> Tensor:
    rows = (ink == 255).any(dim=1).nonzero().flatten()
    columns = (ink == 255).any(dim=0).nonzero().flatten()
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop_above(level: int) -> Callable[[Tensor], Tensor]:
    """Return a crop that takes only what is above a level for ink, and fails where nothing is."""

    def crop(ink: Tensor) -> Tensor:
        rows = (ink > level).any(dim=1).nonzero().flatten()
        columns = (ink > level).any(dim=0).nonzero().flatten()
        return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    return crop


def _crop_without_nonzero(ink: Tensor) -> Tensor:
    rows, columns = (ink > 0).any(dim=1), (ink > 0).any(dim=0)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop_one_span(ink: Tensor) -> Tensor:
    places = (ink > 0).nonzero()
    return ink[places.min() : places.max() + 1, places.min() : places.max() + 1]


def _crop_first_and_last_pixel(ink: Tensor) -> Tensor:
    (top, left), (bottom, right) = (ink > 0).nonzero()[[0, -1]].tolist()
    return ink[top : bottom + 1, left : right + 1]


def _crop_square(ink: Tensor, rows: list[int], columns: list[int]) -> Tensor:
    side = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    return ink[rows[0] : rows[0] + side, columns[0] : columns[0] + side]


def _ink_cases() -> list[tuple[Tensor]]:
    generator = torch.Generator().manual_seed(7)
    large = torch.zeros(12, 15, dtype=torch.uint8)
    large[3:8, 6:9] = torch.randint(1, 256, (5, 3), generator=generator).to(torch.uint8)
    parts = torch.zeros(6, 7, dtype=torch.uint8)
    parts[1, 2], parts[4, 5] = 255, 200  # two dots, with empty rows and columns between them
    return [
        (torch.tensor([[0, 0, 0], [0, 9, 0]], dtype=torch.uint8),),
        (torch.tensor([[0, 255, 0, 0], [0, 255, 255, 0], [0, 0, 0, 0]], dtype=torch.uint8),),
        (torch.tensor([[0, 0, 40, 0], [40, 255, 0, 0]], dtype=torch.uint8),),
        (torch.tensor([[0, 1, 0, 0], [0, 3, 255, 0], [0, 0, 2, 0]], dtype=torch.uint8),),
        (parts,),
        (large,),
        (large.T.contiguous(),),
        (torch.tensor([[0, 7], [8, 9]], dtype=torch.uint8),),
    ]


_CROP_SLIPS = (
    Mistake(
        _crop_with(bottom=0, right=0),
        "The last row and the last column of ink are missing: the end of a slice is open, so "
        "it must be one further.",
    ),
    Mistake(
        _crop_with(bottom=0),
        "The columns are right. The last row of ink is missing: the end of a slice is open.",
    ),
    Mistake(
        _crop_with(right=0),
        "The rows are right. The last column of ink is missing: the end of a slice is open.",
    ),
    Mistake(
        _crop_with(top=-1, left=-1, bottom=2, right=2),
        "Your box has an empty border. The first row of it is rows[0]; only the end of a slice "
        "must be one further than the last row.",
    ),
    Mistake(
        _crop_with(top=-1, left=-1),
        "Your box has an empty row above, or an empty column at the left. It begins at rows[0] and "
        "columns[0]; only the ends of the slices are one further.",
    ),
    Mistake(
        _crop_with(bottom=2, right=2),
        "One row or column too many below and at the right: one further than the last is enough.",
    ),
    Mistake(
        _crop_with(top=1, left=1),
        "The first row and the first column of ink are missing: a slice begins at its start.",
    ),
    Mistake(
        _crop_with(top=1, left=1, bottom=0, right=0),
        "The outermost rows and columns of ink are missing on all four sides.",
    ),
    Mistake(
        _crop_with(above=1),
        "Ink of 1 is left out. The softest edge is ink as well: everything above 0.",
    ),
)

CROP = Exercise(
    title="cut the box of the ink out of the pad",
    reference=_crop,
    cases=_ink_cases,
    mistakes=(
        *_CROP_SLIPS,
        Mistake(
            _crop_axes_swapped,
            "Rows and columns are swapped. (ink > 0).any(dim=1) looks along each row and says "
            "whether it has ink; that is the one for the rows.",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: ink[rows[0] : rows[-1] + 1]),
            "The empty rows are gone. The empty columns at the left and right are still there.",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: ink[:, columns[0] : columns[-1] + 1]),
            "The empty columns are gone. The empty rows above and below are still there.",
        ),
        Mistake(
            _crop_by(
                lambda ink, rows, columns: ink[rows[0] : rows[-1] + 1][columns[0] : columns[-1] + 1]
            ),
            "Two pairs of brackets one behind the other both cut rows. The columns come behind a "
            "comma: ink[top:bottom, left:right].",
        ),
        Mistake(
            lambda ink: ink[(ink > 0).any(dim=1)][:, (ink > 0).any(dim=0)],
            "You take out every empty row and column, also those between two parts of the ink. "
            "That moves strokes together. Keep all from the first to the last.",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: ink[torch.tensor(rows), torch.tensor(columns)]),
            "ink[rows, columns] takes the numbers in pairs, one pixel for each pair. A box needs "
            "two slices, ink[top:bottom, left:right].",
        ),
        Mistake(
            _crop_by(
                lambda ink, rows, columns: ink[
                    rows[0] : rows[0] + len(rows), columns[0] : columns[0] + len(columns)
                ]
            ),
            "Your box is as high as the count of rows with ink. Where an empty row lies between "
            "two parts of the ink that is too low: go to the last row, rows[-1].",
        ),
        Mistake(
            _crop_by(
                lambda ink, rows, columns: ink[rows[0] : len(rows), columns[0] : len(columns)]
            ),
            "len(rows) says how many rows have ink, not which is the last. That one is rows[-1].",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: ink[: len(rows), : len(columns)]),
            "The size fits, but you cut at the upper left corner of the pad. Begin at the first "
            "row and column with ink.",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: ink[: rows[-1] + 1, : columns[-1] + 1]),
            "The paper below and to the right is gone. Cut above and to the left as well: begin at "
            "the first row and column with ink.",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: ink[rows[0] :, columns[0] :]),
            "The paper above and to the left is gone. Cut below and to the right as well: end "
            "behind the last row and column with ink.",
        ),
        Mistake(
            _crop_by(_crop_square),
            "Your box is a square. The smallest box has the height and the width of the ink.",
        ),
        Mistake(
            _crop_by(
                lambda ink, rows, columns: ink[rows[0] : rows[-1] + 1, rows[0] : rows[-1] + 1]
            ),
            "Both slices use the rows. The second one, behind the comma, is for the columns.",
        ),
        Mistake(
            _crop_by(
                lambda ink, rows, columns: ink[
                    columns[0] : columns[-1] + 1, columns[0] : columns[-1] + 1
                ]
            ),
            "Both slices use the columns. The first one is for the rows.",
        ),
        Mistake(
            _crop_one_span,
            "You take the least and the largest of rows and columns together. Look for them "
            "separately, for the rows and for the columns.",
        ),
        Mistake(
            _crop_first_and_last_pixel,
            "The first and the last inked pixel, row by row, give the right rows. But the ink that "
            "is furthest left need not be in the first row.",
        ),
        Mistake(
            _crop_all,
            ".all asks whether a whole row is inked, and few are. A row counts as soon as any of "
            "its pixels has ink: .any",
        ),
        Mistake(
            _crop_any_of_all,
            "any() without a dim asks for the whole picture at once. any(dim=1) asks each row, "
            "any(dim=0) each column.",
        ),
        Mistake(
            _crop_without_nonzero,
            "Which rows have ink is still True or False here, and a slice needs numbers: "
            ".nonzero() says at which places True stands.",
        ),
        Mistake(
            _crop_full_ink,
            "Only ink of 255 counts here. The soft edges of a stroke are ink as well: everything "
            "above 0.",
        ),
        Mistake(
            lambda ink: _crop(ink * (ink > 127)),
            "Ink below one half is wiped out. The soft edges of a stroke are ink as well: "
            "everything above 0.",
        ),
        Mistake(
            _crop_above(127),
            "Your box holds the dark ink only. The soft edges of a stroke are ink as well: "
            "everything above 0.",
        ),
        Mistake(
            _crop_above(10),
            "Faint ink, up to 10, counts as paper here. The box must hold everything above 0.",
        ),
        Mistake(
            _crop_above(50),
            "Ink up to 50 counts as paper here. The box must hold everything above 0.",
        ),
        Mistake(
            lambda ink: ink[(ink > 0).any(dim=1)],
            "The empty rows are gone, also those between two parts of the ink. Cut from the first "
            "to the last, and the columns as well.",
        ),
        Mistake(
            lambda ink: ink[:, (ink > 0).any(dim=0)],
            "The empty columns are gone, also those between two parts of the ink. Cut from the "
            "first to the last, and the rows as well.",
        ),
        Mistake(
            lambda ink: ink[(ink > 0).all(dim=1)][:, (ink > 0).all(dim=0)],
            ".all asks for rows and columns that are inked from end to end. And a box is cut by "
            "slices, from the first row with any ink to the last.",
        ),
        Mistake(
            lambda ink: torch.zeros_like(_crop(ink)),
            "The size is right, but all is paper. Cut the box out of ink.",
        ),
        Mistake(
            lambda ink: _crop(ink).flatten(),
            "The right pixels, in one line. The box keeps its rows: leave out .flatten() here.",
        ),
        Mistake(
            lambda ink: _crop(ink) * 255,
            "The box is right. Leave its grey values as they are.",
        ),
        Mistake(
            lambda ink: 255 - _crop(ink),
            "The box is right, but its ink and paper are exchanged.",
        ),
        Mistake(
            lambda ink: ink[ink.nonzero()],
            "nonzero() gives places, and as an index each of them picks a whole row. Find the "
            "first and last row and column, and cut: ink[top:bottom, left:right].",
        ),
        Mistake(
            lambda ink: (ink > 0).any(dim=1).nonzero().flatten(),
            "These are the rows with ink. Find the columns in the same way, then cut: "
            "ink[top:bottom, left:right].",
        ),
        Mistake(
            _crop_by(
                lambda ink, rows, columns: ink[
                    rows[0] - 1 : rows[-1] + 1, columns[0] - 1 : columns[-1] + 1
                ]
            ),
            "You begin one row and one column too early (and where that is −1, at the other end). "
            "The box begins at rows[0] and columns[0].",
        ),
        Mistake(
            lambda ink: ink[ink > 0],
            "That takes the inked pixels one by one and forgets where they lie. Cut out rows and "
            "columns: ink[top:bottom, left:right].",
        ),
        Mistake(
            lambda ink: _crop(ink).T,
            "The box is right, and then turned over: its rows stand as columns.",
        ),
        Mistake(
            lambda ink: _crop(ink) > 0,
            "The box is right. But it holds True and False, where the grey values are wanted: cut "
            "it out of ink itself.",
        ),
        Mistake(
            lambda ink: _crop(ink) / 255,
            "The box is right. Leave its grey values as they are, from 0 to 255.",
        ),
        Mistake(
            lambda ink: ink > 0,
            "That says which pixels have ink. The box is still to be cut out.",
        ),
        Mistake(
            lambda ink: ink,
            "The whole picture comes back. Nothing is cut off yet.",
        ),
        Mistake(
            lambda ink: tuple(_crop(ink).shape),
            "That is the size of the box. The box itself is wanted, with its pixels.",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: (rows[0], rows[-1], columns[0], columns[-1])),
            "These numbers say where the box is. Cut it out: ink[top:bottom, left:right].",
        ),
        Mistake(
            _crop_by(
                lambda ink, rows, columns: (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
            ),
            "These are the edges of the right box. Cut it out: ink[top:bottom, left:right].",
        ),
        Mistake(
            _crop_by(lambda ink, rows, columns: (rows, columns)),
            "Rows and columns are the right ones. Now cut: ink[top:bottom, left:right].",
        ),
    ),
    hints=(
        "Which is the first row with any ink, and which the last? Then the same for the columns.",
        "rows = (ink > 0).any(dim=1).nonzero().flatten() lists the rows with ink; slice from "
        "rows[0] to rows[-1], both included.",
        "With columns from (ink > 0).any(dim=0) in the same way: "
        "return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]",
    ),
    notice="From here on it does not matter where on the pad the digit stood: two drawings that "
    "differ only in place give the same box. One speck in a corner is enough to spoil that.",
)

# --- to_ink: a photo of dark ink on bright, grainy paper ---------------------------------------

MARGIN = 25


def _to_ink(photo: Tensor) -> Tensor:
    return _ink_with()(photo)


def _middle(light: Tensor) -> Tensor:
    return light.median()


def _ink_with(
    paper: Callable[[Tensor], Tensor] = _middle,
    margin: float = MARGIN,
    low: float | None = 0,
    high: float | None = None,
    divisor: Callable[[Tensor, Tensor], object] = lambda light, depth: depth.max(),
) -> Callable[[Tensor], Tensor]:
    """Return a way from photo to ink that measures, cuts off or scales in its own way."""

    def to_ink(photo: Tensor) -> Tensor:
        light = photo.float()
        depth = paper(light) - margin - light
        if (low, high) != (None, None):
            depth = depth.clamp(min=low, max=high)
        return depth / divisor(light, depth)

    return to_ink


def _ink_in_bytes(photo: Tensor) -> Tensor:
    depth = (photo.median() - MARGIN - photo).clamp(min=0)
    return depth / depth.max()


def _ink_scaled_first(photo: Tensor) -> Tensor:
    return _ink_with()(photo.float() / 255)


def _ink_where(kept: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Return a way that finds the ink rightly and gives it other numbers."""

    def to_ink(photo: Tensor) -> Tensor:
        light = photo.float()
        return torch.where(light < light.median() - MARGIN, kept(light), torch.zeros(()))

    return to_ink


def _stretched(photo: Tensor) -> Tensor:
    light = photo.float()
    return (light.max() - light) / (light.max() - light.min())


def _below_median(light: Tensor) -> Tensor:
    return (light.median() - light) / (light.median() - light.min())


def _above_paper(photo: Tensor) -> Tensor:
    rise = (photo.float() - photo.median() + MARGIN).clamp(min=0)
    return rise / rise.max()


def _brighter(margin: float) -> Callable[[Tensor], Tensor]:
    """Return a way that takes for ink what is brighter than the paper."""

    def to_ink(photo: Tensor) -> Tensor:
        rise = (photo.float() - photo.float().median() - margin).clamp(min=0)
        return rise / rise.max()

    return to_ink


def _photo_cases() -> list[tuple[Tensor]]:
    generator = torch.Generator().manual_seed(8)
    paper = torch.randint(185, 216, (7, 5), generator=generator)
    paper[2:6, 2] = torch.tensor([20, 35, 20, 90])
    rows = [
        [[210, 210, 210], [210, 10, 110], [210, 210, 210]],
        [[215, 215, 195, 215], [215, 115, 215, 215], [215, 140, 190, 215]],
        [[176, 176, 176], [180, 60, 181], [182, 120, 183], [184, 150, 185], [255, 178, 183]],
    ]
    return [*((torch.tensor(row, dtype=torch.uint8),) for row in rows), (paper.to(torch.uint8),)]


_INK_NAIVE = (
    Mistake(
        _stretched,
        "That is the ink of the cell above: 0 for the brightest speck, so most of the paper is "
        "faint ink. Measure from the median, less 25, and cut off below 0.",
    ),
    Mistake(
        lambda photo: photo.float() / 255,
        "Scaled, but not turned round: the paper is nearly 1 and the ink nearly 0.",
    ),
    Mistake(
        lambda photo: 1 - photo.float() / 255,
        "Right for paper of pure white without grain. Here all of it becomes faint ink, and the "
        "box of the ink is the whole photo. Measure from the median, less 25.",
    ),
    Mistake(
        lambda photo: 255 - photo,
        "Turned round, but still from 0 to 255, and the paper is not 0.",
    ),
    Mistake(
        lambda photo: -photo.float(),
        "A minus alone makes dark pixels the largest, but ink must lie between 0 and 1.",
    ),
    Mistake(
        lambda photo: (photo < 128).float(),
        "A threshold in the middle makes every pixel 0 or 1. The greys at the edges of a "
        "stroke are lost, and MNIST's digits have them.",
    ),
    Mistake(
        lambda photo: (photo.float() - photo.min()) / (photo.float().max() - photo.min()),
        "Stretched from 0 to 1, but not turned round: the paper must be 0.",
    ),
)


def _deepest(light: Tensor, depth: Tensor) -> Tensor:
    return light.median() - MARGIN - light.min()


_INK_PAPERS = {
    "The paper is the median, not the mean, which counts the ink as well.": Tensor.mean,
    "The paper is the median, not the brightest pixel, which is a speck.": Tensor.max,
    "Real paper is not 255; its brightness is the median.": lambda light: torch.full((), 255.0),
    "": _middle,
}
_INK_SLIPS = (
    {"The 25 is missing.": {"margin": 0}, "": {}},
    {"What is below 0 is not cut off.": {"low": None}, "": {}},
    {
        "The darkest is not 1: divide by the largest.": {"divisor": lambda light, depth: 1},
        "Divide by the largest, not by 255.": {"divisor": lambda light, depth: 255},
        "": {},
    },
)


def _ink_several() -> tuple[Mistake, ...]:
    """Return the answers in which two or more of the usual slips come together."""
    found = []
    for (about, paper), *slips in itertools.product(
        _INK_PAPERS.items(), *(kinds.items() for kinds in _INK_SLIPS)
    ):
        said = [words for words in (about, *(words for words, _ in slips)) if words]
        options = {"paper": paper} | {k: v for _, one in slips for k, v in one.items()}
        known = paper not in (_middle, Tensor.mean) and "margin" in options  # has its own hint
        if len(said) > 1 and not known:
            found.append(Mistake(_ink_with(**options), " ".join(said)))
    return tuple(found)


TO_INK = Exercise(
    title="from a photo with grain to ink: 1 on 0",
    reference=_to_ink,
    cases=_photo_cases,
    mistakes=(
        *_INK_NAIVE,
        Mistake(
            _ink_with(low=None),
            "All right but for what is brighter: it is below 0 now. Cut it off: .clamp(min=0)",
        ),
        Mistake(
            _ink_with(margin=0),
            "The 25 is missing: half of the paper is darker than the median, so its grain is ink.",
        ),
        Mistake(
            _ink_with(margin=-MARGIN),
            "The 25 is added. Then paper that is a bit brighter than usual is ink as well: take "
            "the 25 away from the median.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: 1),
            "Cut off at the right place. Now divide by the largest, so that the darkest is 1.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: 255),
            "The darkest pixel must be 1, and ink is seldom pure black: divide by the largest that "
            "is there, not by 255.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: light.median() - light.min()),
            "Nearly. The darkest pixel is not quite 1, since the 25 was taken away above the "
            "fraction line only. Divide by the largest of the numbers above it.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: light.median() - MARGIN),
            "You divide by the brightness of the paper. That would be right for pure black ink; "
            "divide by the largest depth that is there.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: light.median()),
            "You divide by the median. The darkest pixel must be 1: divide by the largest depth.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: light.max()),
            "You divide by the brightest pixel of the photo. Divide by the largest depth, so that "
            "the darkest ink is 1.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: light.max() - light.min()),
            "You divide by brightest minus darkest. What is above the fraction line begins 25 "
            "below the median: divide by its largest.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: MARGIN),
            "You divide by 25, and ink must end at 1: divide by the largest depth.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: depth.sum()),
            "Divided by the sum, all of the ink together is 1. The darkest pixel must be 1.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: depth.mean()),
            "Divided by the mean, the darkest pixel is above 1. Divide by the largest.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: depth.max() / 255),
            "The right ink, but up to 255. The models want 0 to 1.",
        ),
        Mistake(
            _ink_with(high=1),
            "Every pixel is 0 or 1. The greys at the edges of a stroke are lost, and MNIST's "
            "digits have them: only cut off below 0, then divide by the largest.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: -depth.max()),
            "The right numbers with the wrong sign: take the pixel from the paper, not the paper "
            "from the pixel.",
        ),
        Mistake(
            _above_paper,
            "The wrong way round: what is *brighter* than 25 below the paper becomes ink. Take the "
            "pixel from the paper.",
        ),
        Mistake(
            _ink_with(low=None, high=0),
            "clamp(max=0) keeps what is below 0, which is the paper. Keep the ink: clamp(min=0)",
        ),
        Mistake(
            lambda photo: (
                (photo.float().median() - MARGIN - photo.float()).abs()
                / (photo.float().median() - MARGIN - photo.float()).abs().max()
            ),
            "abs makes ink of what is brighter than the paper as well. Cut it off at 0 instead.",
        ),
        Mistake(
            _ink_with(paper=Tensor.mean),
            "The mean counts the ink as well, so it is darker than the paper. The median, the "
            "middle one of all pixels, does not care how dark the ink is.",
        ),
        Mistake(
            _ink_with(paper=Tensor.max),
            "You measure from the brightest pixel, and that is a single speck of the grain. The "
            "paper is the median.",
        ),
        Mistake(
            _ink_with(paper=lambda light: light.flatten().mode().values),
            "The commonest value may be any of the grain's. The paper is the median.",
        ),
        Mistake(
            _ink_with(paper=lambda light: torch.full((), 255.0)),
            "Real paper is not 255. Its brightness is the median of the photo.",
        ),
        Mistake(
            _ink_with(paper=lambda light: light.median(dim=1, keepdim=True).values),
            "You take a median for each row. Where ink fills most of a row, that is the ink: take "
            "one median of the whole photo.",
        ),
        Mistake(
            _ink_with(paper=lambda light: light.median(dim=0).values),
            "You take a median for each column. Where ink fills most of a column, that is the ink: "
            "take one median of the whole photo.",
        ),
        Mistake(
            _ink_with(paper=lambda light: light.median(dim=1)),
            "With a dim, median gives two things for each row or column, the values and their "
            "places. median() alone is the middle one of all pixels.",
        ),
        Mistake(
            _ink_in_bytes,
            "The photo is bytes, and bytes know no minus: below 0 they begin again at 255. Take "
            ".float() first.",
        ),
        Mistake(
            _ink_scaled_first,
            "Nowhere is the photo darker than your paper by more than 25, so nothing is left, and "
            "0 is divided by 0. The paper is the median, in the photo's own numbers up to 255.",
        ),
        Mistake(
            _ink_where(lambda light: light),
            "The paper is 0 now. But the ink has kept its light: the darkest must be the largest.",
        ),
        Mistake(
            _ink_where(lambda light: 1 - light / 255),
            "The paper is 0 now. The ink begins with a jump, and its darkest is not 1: measure it "
            "from 25 below the median, and divide by the largest.",
        ),
        Mistake(
            _ink_where(lambda light: 255 - light),
            "The paper is 0 now. The ink is measured from 255 and still up to 255: measure it from "
            "25 below the median, and divide by the largest.",
        ),
        Mistake(
            _ink_where(_below_median),
            "Cut off at the right place. But the ink begins with a jump there: measure it from 25 "
            "below the median, so that it begins at 0.",
        ),
        Mistake(
            _ink_where(lambda light: light.median() - light),
            "Cut off at the right place. Now measure the ink from there, 25 below the median, and "
            "divide by the largest.",
        ),
        Mistake(
            _ink_with(margin=0, low=MARGIN),
            "clamp(min=25) lifts the paper to 25. It must be 0: take 25 away, then cut off at 0.",
        ),
        Mistake(
            lambda photo: 1 - _to_ink(photo),
            "The right numbers, turned round once too often: paper is 0, ink is 1.",
        ),
        Mistake(
            lambda photo: _to_ink(photo).T,
            "The right ink, with rows and columns exchanged.",
        ),
        Mistake(
            lambda photo: _to_ink(photo).round(),
            "Rounded to 0 and 1. The greys at the edges of a stroke are lost.",
        ),
        Mistake(
            _ink_with(margin=0.25),
            "0.25 instead of 25: the photo goes from 0 to 255, so half of the paper is ink here.",
        ),
        Mistake(
            _ink_with(paper=lambda light: torch.full((), 215.0)),
            "The paper is written in as 215. Another photo has other paper: take its median.",
        ),
        Mistake(
            _ink_with(paper=lambda light: light.median(dim=1).values),
            "You take a median for each row, and then it is laid along the columns. Take one "
            "median of the whole photo.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: light.max() - MARGIN - light.min()),
            "You divide by brightest less 25 less darkest. Above the line stands the median: "
            "divide by the largest of what is there.",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: torch.ones(()) / 0),
            "All is 0 here. Is the photo scaled to 0 to 1 before 25 is taken away? Scale at the "
            "end only.",
        ),
        Mistake(
            _brighter(MARGIN),
            "The wrong way round: what is brighter than the paper by 25 becomes ink, and most "
            "photos have nothing so bright. Take the pixel from the paper.",
        ),
        Mistake(
            _brighter(0),
            "The wrong way round, and without the 25: what is brighter than the paper becomes ink. "
            "Take the pixel from the paper.",
        ),
        Mistake(
            _ink_where(lambda light: light / 255),
            "The paper is 0 now. But the ink has kept its light, between 0 and 1: the darkest must "
            "be 1.",
        ),
        Mistake(
            _ink_where(lambda light: (light.max() - light) / (light.max() - light.min())),
            "The paper is 0 now. But the ink is measured from the brightest speck, so it begins "
            "with a jump: measure it from 25 below the median.",
        ),
        Mistake(
            lambda photo: photo.float().median(),
            "That is the brightness of the paper. Take 25 and the pixels from it, cut off below 0, "
            "divide by the largest.",
        ),
        Mistake(
            lambda photo: photo.float() - photo.float().median(),
            "That says how much brighter than the paper each pixel is. Turn it round, take 25 "
            "away, cut off below 0, divide by the largest.",
        ),
        Mistake(
            lambda photo: photo.float() - photo.float().median() + MARGIN,
            "The wrong way round: ink is below 0 here. Take the pixel from the paper, cut off "
            "below 0, divide by the largest.",
        ),
        Mistake(
            _ink_with(low=None, high=0, divisor=_deepest),
            "Divided rightly, but clamp(max=0) keeps what is below 0, the paper. Keep the ink: "
            "clamp(min=0)",
        ),
        Mistake(
            _ink_with(divisor=lambda light, depth: light.median() - MARGIN - light.max()),
            "You divide by the smallest, which is below 0, and the sign turns. Divide by the "
            "largest.",
        ),
        Mistake(
            _ink_with(margin=0, low=MARGIN, divisor=lambda light, depth: 1),
            "clamp(min=25) lifts the paper to 25. It must be 0: take 25 away, then cut off at 0, "
            "and divide by the largest.",
        ),
        Mistake(
            _ink_with(low=MARGIN, divisor=_deepest),
            "25 is taken away, and then clamp(min=25) lifts the paper again. Cut off at 0.",
        ),
        Mistake(
            lambda photo: (photo.median() - MARGIN - photo).clamp(min=0) / 255,
            "The photo is bytes, and bytes know no minus: below 0 they begin again at 255. Take "
            ".float() first, and divide by the largest.",
        ),
        Mistake(
            lambda photo: (photo.median() - MARGIN - photo).clamp(min=0),
            "The photo is bytes, and bytes know no minus: below 0 they begin again at 255. Take "
            ".float() first, and divide by the largest at the end.",
        ),
        Mistake(
            _ink_with(
                paper=lambda light: light.median(dim=0).values, divisor=lambda light, depth: 1
            ),
            "You take a median for each column, and nothing is divided. Take one median of the "
            "whole photo, and divide by the largest.",
        ),
        Mistake(
            lambda photo: (255 * _to_ink(photo)).round(),
            "The right ink, rounded and up to 255. The models want 0 to 1.",
        ),
        Mistake(
            lambda photo: _to_ink(photo)[photo.float() < photo.float().median() - MARGIN],
            "The ink is right, but only the inked pixels come back, in one line. Keep the shape.",
        ),
        *_ink_several(),
        Mistake(
            lambda photo: photo.float().median() - MARGIN,
            "That is the brightness below which ink begins. Take the pixels from it, cut off below "
            "0, divide by the largest.",
        ),
    ),
    hints=(
        "How bright is the paper: which number does not care about specks, nor about the ink?",
        "From the median less 25 take the photo, in floats. What is below 0 is paper: cut it off. "
        "Then divide by the largest.",
        "light = photo.float(), depth = (light.median() - 25 - light).clamp(min=0), and "
        "depth / depth.max().",
    ),
    notice="Now a pixel is ink only if it is darker than the paper by more than the grain. For one "
    "paper under one lamp that holds; where the light changes along the page, one number for the "
    "paper is not enough.",
    tolerance=2e-3,  # also for who computes in float16
)

# --- halves: find the mistakes in a fine-tuning ------------------------------------------------

COMES, WHOLE = "what comes back", "two lists of rows: whole people, half of them in each"


def _halves(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique()
    people = people[torch.randperm(len(people))]
    first = torch.isin(writers, people[: len(people) // 2])
    return first.nonzero().flatten(), (~first).nonzero().flatten()


def _split_by(first: Tensor) -> tuple[Tensor, Tensor]:
    return first.nonzero().flatten(), (~first).nonzero().flatten()


def _half_of_the_people(writers: Tensor) -> Tensor:
    people = writers.unique()
    return torch.isin(writers, people[: len(people) // 2])


def _halves_by_rows(writers: Tensor) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(writers))
    return order[: len(order) // 2], order[len(order) // 2 :]


def _halves_in_order(writers: Tensor) -> tuple[Tensor, Tensor]:
    return _split_by(torch.arange(len(writers)) < len(writers) // 2)


def _halves_people(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique()
    return people[: len(people) // 2], people[len(people) // 2 :]


def _halves_rows_as_people(writers: Tensor) -> tuple[Tensor, Tensor]:
    return writers[: len(writers) // 2], writers[len(writers) // 2 :]


def _halves_one_row_each(writers: Tensor) -> tuple[Tensor, Tensor]:
    rows = [int((writers == person).nonzero()[0]) for person in writers.unique().tolist()]
    return torch.tensor(rows[: len(rows) // 2]), torch.tensor(rows[len(rows) // 2 :])


def _halves_repeated_rows(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique().tolist()
    lists = [], []
    for person in writers.tolist():  # each person as often as there are digits by them
        side = people.index(person) >= len(people) // 2
        lists[side].extend((writers == person).nonzero().flatten().tolist())
    return torch.tensor(lists[0]), torch.tensor(lists[1])


def _halves_sorted_rows(writers: Tensor) -> tuple[Tensor, Tensor]:
    order = writers.argsort(stable=True)
    return order[: len(order) // 2], order[len(order) // 2 :]


def _halves_lists_within(writers: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    rows = [(writers == person).nonzero().flatten() for person in writers.unique()]
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def _halves_one_left_out(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique()
    rest = torch.isin(writers, people[len(people) // 2 + 1 :])
    return _half_of_the_people(writers).nonzero().flatten(), rest.nonzero().flatten()


def _halves_of_the_numbers(writers: Tensor) -> tuple[Tensor, Tensor]:
    return _split_by(writers <= (writers.min() + writers.max()) / 2)


def _in_words(answer: object, writers: Tensor) -> dict[str, str]:
    """Return in words what an answer does with people; who is in which list is free."""
    parts = answer(writers)
    if isinstance(parts, Tensor | np.ndarray) or not isinstance(parts, Iterable):
        one = "one tensor" if isinstance(parts, Tensor | np.ndarray) else type(parts).__name__
        return {COMES: f"{one}, not two lists"}
    parts = [_as_rows(part) for part in parts]
    if len(parts) != 2:
        return {COMES: f"{len(parts)} things, not two lists"}
    wrong = [part for part in parts if isinstance(part, str)]
    if not wrong and all(len(part) == len(writers) and {*part} == {0, 1} for part in parts):
        wrong = ["0 or 1 for each row, no row numbers"]
    return {COMES: wrong[0] if wrong else _fault_of(parts[0], parts[1], writers) or WHOLE}


def _as_rows(part: object) -> list[int] | str:
    """Return row numbers, whatever holds them; or say what came in place of them."""
    if isinstance(part, tuple | list) and len(part) == 1 and np.ndim(part[0]) == 1:
        part = part[0]  # as np.where(mask) and torch.where(mask) give them
    if isinstance(part, Iterable) and not isinstance(part, Tensor | np.ndarray | str):
        part = list(part)  # also a set or a generator
        if any(np.ndim(one) for one in part):
            return "lists within a list"
    rows = np.asarray(part.cpu() if isinstance(part, Tensor) else part)
    if rows.ndim != 1:
        return "a number, where a list was wanted" if rows.ndim == 0 else "a table, no flat list"
    if rows.dtype.kind == "b":
        return "True or False for each row, no row numbers"
    if rows.size and rows.dtype.kind not in "iu":
        return "numbers with a point, such as 1.0, no row numbers"
    return rows.tolist()


def _fault_of(tuned: list[int], tested: list[int], writers: Tensor) -> str:
    """Return the first thing that is wrong with two lists of rows, "" if they are right."""
    one, other = set(tuned), set(tested)
    people = [{int(writers[row]) for row in rows if row < len(writers)} for rows in (one, other)]
    faults = {
        "row numbers that there are not": not one | other <= set(range(len(writers))),
        "every row in both lists": len(one) == len(other) == len(writers),
        "the same rows in both lists": one == other,
        "some rows in both lists": bool(one & other),
        "nothing in one of the lists": not one or not other,
        "people in both lists": bool(people[0] & people[1]),
        "a row more than once": len(one) < len(tuned) or len(other) < len(tested),
        "not all of the rows": len(one | other) < len(writers),
        "more people in one list than in the other": abs(len(people[0]) - len(people[1])) > 1,
    }
    return next((fault for fault, there in faults.items() if there), "")


def _writers_cases() -> list[tuple[Tensor]]:
    """Return people whose numbers are no row numbers; each wrote several digits."""
    turns = torch.tensor([21, 32, 43, 54] * 5)
    return [
        (torch.tensor([25] * 6 + [38] * 6),),
        (torch.tensor([22] * 6 + [24] * 5 + [26] * 8 + [28] * 3),),
        (turns,),
        (torch.tensor([47] * 4 + [31] * 12 + [33] * 4 + [49] * 6 + [52] * 3),),
        (torch.tensor([41, 40, 40, 40, 40, 90, 40, 41, 40, 90, 42, 91, 40, 42, 43, 40, 91, 43]),),
        (torch.arange(30, 36).repeat_interleave(5).flip(0),),
        (torch.tensor([60] * 12 + [61] * 2 + [62] * 2 + [63] * 2),),
        (torch.tensor([40, 41, 42, 99] * 3),),
    ]


HALVES = Exercise(
    title="find the mistakes: who is tuned on, who is tested on",
    reference=_halves,
    cases=_writers_cases,
    apply=_in_words,
    mistakes=(
        Mistake(
            _halves_by_rows,
            "No row is in both halves, but people are: they wrote on both sides. The model "
            "learns their hands and is then tested on the same hands. Share out people, not rows.",
        ),
        Mistake(
            _halves_in_order,
            "Cut in the middle, the rows of one person fall to both sides, or those of all if they "
            "took turns. Share out people, not rows.",
        ),
        Mistake(
            lambda writers: _split_by(writers % 2 == 1),
            "Odd or even says nothing about how many people there are: the numbers may all be "
            "even. List the people with writers.unique(), then halve that list.",
        ),
        Mistake(
            lambda writers: (torch.arange(len(writers)),) * 2,
            "Every digit is tuned on and tested on. A model that learned them by heart would score "
            "100%.",
        ),
        Mistake(
            _halves_people,
            "You return people. The rows that they wrote are wanted: torch.isin(writers, people) "
            "says of each row whether one of them wrote it.",
        ),
        Mistake(
            lambda writers: (_half_of_the_people(writers), ~_half_of_the_people(writers)),
            "You return True or False for each row. Row numbers are wanted: "
            "mask.nonzero().flatten().",
        ),
        Mistake(
            _halves_one_row_each,
            "Rows are left out: all that a person wrote belongs to one of the sides.",
        ),
        Mistake(
            lambda writers: _split_by(writers != writers.unique()[-1]),
            "One person stands against all others. That is a good plan with few people, but half "
            "of them was asked for.",
        ),
        Mistake(
            lambda writers: tuple(rows[:, None] for rows in _halves(writers)),
            "The rows are not in flat lists: nonzero() gives a table with one column. Make it "
            "flat: .nonzero().flatten()",
        ),
        Mistake(
            lambda writers: _split_by(writers <= writers.float().median()),
            "You cut where half of the digits is reached. Somebody who wrote many of them then "
            "counts as many people. List each person once, with writers.unique(), and halve that.",
        ),
        Mistake(
            _halves_of_the_numbers,
            "You cut in the middle between the lowest and the highest number. Numbers may have "
            "gaps: list the people with writers.unique(), and halve that list.",
        ),
        Mistake(
            lambda writers: _split_by(torch.isin(writers, writers[: len(writers) // 2])),
            "You halve the rows and take whoever stands in the first half of them. Each person "
            "must be listed once: people = writers.unique()",
        ),
        Mistake(
            lambda writers: (_halves(writers)[0],) * 2,
            "Both lists are the same: you test on what was tuned on. The second one is for all who "
            "are not in the first: (~first).nonzero().flatten()",
        ),
        Mistake(
            lambda writers: (_halves(writers)[0], torch.arange(len(writers))),
            "One list shares rows with the other: you test on what was tuned on.",
        ),
        Mistake(
            lambda writers: _halves(writers)[0],
            "One thing comes back, where two lists are wanted: return tune, test",
        ),
        Mistake(
            _halves_repeated_rows,
            "The right people on each side, but their rows come again and again. Go through the "
            "people, each once: writers.unique()",
        ),
        Mistake(
            lambda writers: tuple(rows.float() for rows in _halves(writers)),
            "Row numbers are whole numbers. These have a point, and cannot pick a row.",
        ),
        Mistake(
            lambda writers: (torch.arange(0), torch.arange(len(writers))),
            "One list is empty. People may have any numbers: list them with writers.unique(), and "
            "halve that list.",
        ),
        Mistake(
            lambda writers: _split_by(writers < writers.float().mean()),
            "You cut at the mean of the numbers, and that depends on gaps and on who wrote most. "
            "List each person once, with writers.unique(), and halve that list.",
        ),
        Mistake(
            lambda writers: _split_by(writers < writers.max() / 2),
            "You cut at half of the largest number. Numbers do not begin at 0 and may have gaps: "
            "list the people with writers.unique(), and halve that list.",
        ),
        Mistake(
            _halves_sorted_rows,
            "Sorted by writer, the rows are cut in the middle, and that may be in the middle of a "
            "person. Halve the list of people.",
        ),
        Mistake(
            lambda writers: (_half_of_the_people(writers).int(), ~_half_of_the_people(writers) + 0),
            "You return 0 or 1 for each row. Row numbers are wanted: mask.nonzero().flatten().",
        ),
        Mistake(
            lambda writers: (torch.arange(len(writers))[::2], torch.arange(len(writers))[1::2]),
            "Every second row falls to each side, and so do the rows of nearly every person. Share "
            "out people, not rows.",
        ),
        Mistake(
            lambda writers: _split_by(writers < writers.unique()[len(writers.unique()) // 2 - 1]),
            "One person too few is in the first list: a slice people[: len(people) // 2] takes "
            "half of them, < the last of these takes one less.",
        ),
        Mistake(
            lambda writers: len(writers.unique()) // 2,
            "One number comes back. Two lists of rows are wanted: return tune, test",
        ),
        Mistake(
            _halves_lists_within,
            "Each list holds a list for each person. Join them: torch.cat(parts)",
        ),
        Mistake(
            lambda writers: tuple(rows.sum() for rows in _halves(writers)),
            "Numbers come back, sums or counts perhaps. The rows themselves are wanted.",
        ),
        Mistake(
            _halves_one_left_out,
            "One person is left out in the middle: where the first slice ends, the second begins.",
        ),
        Mistake(
            lambda writers: (*_halves(writers), writers.unique()),
            "Three things come back, where two lists are wanted.",
        ),
    ),
    hints=(
        "What must not be on both sides: a picture, a digit, or the hand that wrote it?",
        "List the people (writers.unique()), halve that list, and find the rows of the first half.",
        "first = torch.isin(writers, people[: len(people) // 2]); the rows are "
        "first.nonzero().flatten() and (~first).nonzero().flatten().",
    ),
    notice="A person's digits resemble each other. Sharing out rows would answer the question how "
    "the model reads people it knows; sharing out people answers how it reads the next one.",
)

# --- reject: coverage and accuracy -------------------------------------------------------------


def _reject(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    return _reject_with()(probs, y, threshold)


Numbers = Callable[[Tensor, Tensor, Tensor, Tensor], object]  # of confidence, answer, y and keep


def _coverage(confidence: Tensor, answer: Tensor, y: Tensor, keep: Tensor) -> Tensor:
    return keep.float().mean()


def _right(confidence: Tensor, answer: Tensor, y: Tensor, keep: Tensor) -> Tensor:
    return (answer == y)[keep].float().mean()


def _reject_with(
    first: Numbers = _coverage,
    second: Numbers = _right,
    keep: Callable[[Tensor, float], Tensor] = lambda confidence, threshold: confidence >= threshold,
    dim: int = 1,
) -> Callable[[Tensor, Tensor, float], tuple]:
    """Return a rejection with one of its parts replaced."""

    def reject(probs: Tensor, y: Tensor, threshold: float) -> tuple:
        confidence, answer = probs.max(dim=dim)
        parts = confidence, answer, y, keep(confidence, threshold)
        return first(*parts), second(*parts)

    return reject


def _reject_by_truth(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    keep = probs[torch.arange(len(y)), y] >= threshold
    return keep.float().mean(), (probs.argmax(dim=1) == y)[keep].float().mean()


def _counted(probs: Tensor, y: Tensor) -> Tensor:
    return (probs.argmax(dim=1) == y).sum()


def _reject_swapped(answer: Tensor, confidence: Tensor, y: Tensor, threshold: float) -> tuple:
    keep = confidence >= threshold
    return keep.float().mean(), (answer == y)[keep].float().mean()


def _reject_zeroed(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=1)
    keep = confidence >= threshold
    return keep.float().mean(), (answer * keep == y).float().mean()


def _reject_cases() -> list[tuple[Tensor, Tensor, float]]:
    generator = torch.Generator().manual_seed(9)
    probs = torch.softmax(3 * torch.randn(40, 10, generator=generator), dim=1)
    y = probs.argmax(dim=1)
    y[::4] = (y[::4] + 1) % 10
    return [
        (torch.tensor([[0.25, 0.75]]), torch.tensor([1]), 0.5),
        (torch.tensor([[0.25, 0.75], [0.625, 0.375]]), torch.tensor([1, 1]), 0.7),
        (
            torch.tensor([[0.25, 0.75], [0.875, 0.125], [0.5, 0.5]]),
            torch.tensor([1, 1, 0]),
            0.75,
        ),
        (
            torch.tensor([[0.5, 0.25, 0.25], [0.0, 0.875, 0.125], [0.125, 0.0, 0.875]]),
            torch.tensor([0, 1, 1]),
            0.8,
        ),
        (probs, y, 0.6),
    ]


_REJECT_COVERAGES = (
    Mistake(
        _reject_with(first=lambda c, answer, y, keep: 1 - keep.float().mean()),
        "The accuracy is right. Your first number is the share that is rejected; the share "
        "answered is wanted.",
    ),
    Mistake(
        _reject_with(first=lambda c, answer, y, keep: (keep & (answer == y)).float().mean()),
        "The accuracy is right. The coverage counts all answers given, also the wrong ones.",
    ),
    Mistake(
        lambda probs, y, threshold: (
            (probs >= threshold).float().mean(),
            _reject(probs, y, threshold)[1],
        ),
        "The accuracy is right. For the coverage you count all entries of the table; each "
        "picture counts once, by its largest probability.",
    ),
    Mistake(
        _reject_with(first=lambda c, answer, y, keep: keep.sum()),
        "The accuracy is right. The coverage is a share: divide the count by the number of "
        "pictures.",
    ),
    Mistake(
        _reject_with(first=lambda c, answer, y, keep: c.mean()),
        "The accuracy is right. Your first number is the mean confidence; wanted is the share of "
        "pictures whose confidence reaches the threshold.",
    ),
    Mistake(
        _reject_with(first=lambda c, answer, y, keep: c[keep].mean()),
        "The accuracy is right. Your first number is the mean confidence of the answers given; "
        "wanted is their share of all pictures.",
    ),
    Mistake(
        _reject_with(first=lambda c, answer, y, keep: keep),
        "The accuracy is right. The first thing says of each picture whether it is answered; its "
        "mean, as floats, is the coverage.",
    ),
    Mistake(
        _reject_with(first=lambda c, answer, y, keep: (answer == y).float().mean()),
        "The second number is right. The first one is the accuracy of all answers; the share that "
        "is answered is wanted.",
    ),
)

_REJECT_ACCURACIES = (
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: ((answer == y) & keep).float().mean()),
        "The coverage is right. For the accuracy you divide by all pictures; divide by those "
        "that are answered, as (answer == y)[keep].float().mean() does.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (answer == y).float().mean()),
        "The coverage is right. The accuracy is that of all answers; only those given, of "
        "which the model is sure enough, shall count.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: c[keep].mean()),
        "The coverage is right. Your second number says how sure the model is of the answers "
        "that it gives; wanted is how many of them are right: compare them with y.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (c == y)[keep].float().mean()),
        "The coverage is right. But you compare y with the confidence; the answer is where the "
        "largest probability stands, the second thing that probs.max(dim=1) gives.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (answer == y)[keep].sum()),
        "The coverage is right. The second number is a count: divide it by the number of answers "
        "given.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (answer == y)[~keep].float().mean()),
        "The coverage is right. The accuracy is that of the answers held back; ~ turns round who "
        "is kept.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (answer != y)[keep].float().mean()),
        "The coverage is right. The second number is the share of mistakes: == where you have !=.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (answer == y)[keep]),
        "The coverage is right. The second thing says of each answer whether it is right; its "
        "mean, as floats, is the accuracy.",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (answer[keep] == y).float().mean()),
        "You compare the answers given with all of y. Cut both down to keep: "
        "answer[keep] == y[keep].",
    ),
    Mistake(
        _reject_with(second=lambda c, answer, y, keep: (answer == y[keep]).float().mean()),
        "You compare all answers with those of y that are kept. Cut both down to keep: "
        "answer[keep] == y[keep].",
    ),
    Mistake(
        _reject_zeroed,
        "The coverage is right. Multiplied by keep, a rejected answer becomes a 0 and still "
        "counts. Leave it out: [keep] behind the comparison.",
    ),
)

_FIRST: dict[str, Numbers] = {
    "the share that is rejected": lambda c, answer, y, keep: 1 - keep.float().mean(),
    "the share answered rightly": lambda c, answer, y, keep: (keep & (answer == y)).float().mean(),
    "a count": lambda c, answer, y, keep: keep.sum(),
    "the mean confidence": lambda c, answer, y, keep: c.mean(),
    "the number of all pictures": lambda c, answer, y, keep: len(keep),
}
_SECOND: dict[str, Numbers] = {
    "divided by all pictures": lambda c, answer, y, keep: ((answer == y) & keep).float().mean(),
    "the accuracy of all answers": lambda c, answer, y, keep: (answer == y).float().mean(),
    "how sure the answers are": lambda c, answer, y, keep: c[keep].mean(),
    "the share of mistakes": lambda c, answer, y, keep: (answer != y)[keep].float().mean(),
    "the accuracy of those held back": lambda c, answer, y, keep: (
        (answer == y)[~keep].float().mean()
    ),
}


def _reject_both() -> tuple[Mistake, ...]:
    """Return the answers in which both numbers are wrong in one of the usual ways."""
    return tuple(
        Mistake(
            _reject_with(first=first, second=second),
            f"Your first number is {one}, wanted is the share answered. Your second is {other}, "
            "wanted is how many of the answers given are right.",
        )
        for (one, first), (other, second) in itertools.product(_FIRST.items(), _SECOND.items())
        if one != "the share that is rejected"
        or other not in ("the share of mistakes", "the accuracy of those held back")
    )


REJECT = Exercise(
    title="reject by confidence: coverage and accuracy",
    reference=_reject,
    cases=_reject_cases,
    mistakes=(
        *_REJECT_COVERAGES,
        *_REJECT_ACCURACIES,
        Mistake(
            _reject_with(keep=lambda confidence, threshold: confidence < threshold),
            "You keep the answers below the threshold and reject those of which the model is sure.",
        ),
        Mistake(
            _reject_with(keep=lambda confidence, threshold: confidence <= threshold),
            "You keep the answers up to the threshold and reject those of which the model is sure.",
        ),
        Mistake(
            _reject_with(keep=lambda confidence, threshold: confidence > threshold),
            "A confidence of exactly the threshold is answered: >= where you have >.",
        ),
        Mistake(
            _reject_with(keep=lambda confidence, threshold: confidence >= 0.5),
            "The threshold is written in as a half. Use the one that comes in.",
        ),
        Mistake(
            _reject_with(keep=lambda confidence, threshold: confidence >= 0.9),
            "The threshold is written in as 0.9. Use the one that comes in.",
        ),
        Mistake(
            _reject_by_truth,
            "You ask how sure the model is of the true digit. On the day it is used nobody knows "
            "that one. Take the largest probability of each row.",
        ),
        Mistake(
            _reject_with(dim=0),
            "You look down the columns. Each picture is a row: its largest probability is "
            "probs.max(dim=1).",
        ),
        Mistake(
            lambda probs, y, threshold: (
                (keep := probs.mean(dim=1) >= threshold).float().mean(),
                (probs.argmax(dim=1) == y)[keep].float().mean(),
            ),
            "The mean of a row is always one over the number of classes. The confidence is its "
            "largest number.",
        ),
        Mistake(
            lambda probs, y, threshold: probs.max(dim=1) >= threshold,
            "probs.max(dim=1) gives two things, the largest numbers and their places: "
            "confidence, answer = probs.max(dim=1)",
        ),
        Mistake(
            _reject_with(
                first=lambda c, answer, y, keep: keep.sum(),
                second=lambda c, answer, y, keep: (answer == y)[keep].sum(),
            ),
            "These are counts. Shares are wanted: the mean of True and False as floats.",
        ),
        Mistake(
            _reject_with(
                first=lambda c, answer, y, keep: 100 * keep.float().mean(),
                second=lambda c, answer, y, keep: 100 * (answer == y)[keep].float().mean(),
            ),
            "Both are right, in percent. Shares from 0 to 1 are wanted.",
        ),
        Mistake(
            _reject_with(
                first=lambda c, answer, y, keep: 1 - keep.float().mean(),
                second=lambda c, answer, y, keep: (answer != y)[keep].float().mean(),
            ),
            "These are the shares of silence and of mistakes. Wanted are those of answers, and of "
            "right ones among them.",
        ),
        Mistake(
            lambda probs, y, threshold: _reject(probs, y, threshold)[::-1],
            "Both numbers are right, in the other order: first the coverage, then the accuracy.",
        ),
        Mistake(
            lambda probs, y, threshold: _reject(probs, y, threshold)[0],
            "Only the coverage comes back. Return two numbers: return coverage, accuracy",
        ),
        Mistake(
            lambda probs, y, threshold: _reject(probs, y, threshold)[1],
            "Only the accuracy comes back. Return two numbers: return coverage, accuracy",
        ),
        Mistake(
            lambda probs, y, threshold: probs.max(dim=1).values >= threshold,
            "That says of each picture whether it is answered. Two numbers are wanted: the share "
            "of these, and how many of them are right.",
        ),
        *_reject_both(),
        Mistake(
            lambda probs, y, threshold: (*_reject(probs, y, threshold), threshold),
            "Both numbers are right. A third comes back with them: return coverage, accuracy",
        ),
        Mistake(
            lambda probs, y, threshold: torch.stack(_reject(probs, y, threshold)).prod(),
            "One number comes back, the product of the two. Return both: return coverage, accuracy",
        ),
        Mistake(
            _reject_with(
                first=lambda c, answer, y, keep: (answer == y).float().mean(), second=_coverage
            ),
            "The coverage is your second number, and the first is the accuracy of all answers. "
            "First the coverage, then the accuracy of the answers given.",
        ),
        Mistake(
            lambda probs, y, threshold: ((probs >= threshold).sum(), _counted(probs, y)),
            "These are counts, the first of entries of the table, the second of all answers. "
            "Shares are wanted, of the pictures and of the answers given.",
        ),
        Mistake(
            lambda probs, y, threshold: (
                _reject(probs, y, threshold)[0],
                (probs.argmin(dim=1) == y)[probs.amax(dim=1) >= threshold].float().mean(),
            ),
            "The coverage is right. argmin is the least likely digit; the answer is argmax.",
        ),
        Mistake(
            lambda probs, y, threshold: (
                _reject(probs, y, threshold)[0],
                (probs.argmax(dim=0) == y)[probs.amax(dim=1) >= threshold].float().mean(),
            ),
            "For the answers you look down the columns. Each picture is a row: dim=1.",
        ),
        Mistake(
            lambda probs, y, threshold: (
                _reject(probs, y, threshold)[0],
                (probs.argmax() == y)[probs.amax(dim=1) >= threshold].float().mean(),
            ),
            "The coverage is right. argmax() without a dim looks for one place in the whole table: "
            "probs.argmax(dim=1) answers for each picture.",
        ),
        Mistake(
            lambda probs, y, threshold: (
                _reject(probs, y, threshold)[0],
                (probs[probs.amax(dim=1) >= threshold] == y).float().mean(),
            ),
            "You compare y with probabilities. The answer is where the largest stands, "
            "probs.argmax(dim=1); compare it with y, both cut down to keep.",
        ),
        Mistake(
            _reject_with(first=_FIRST["the number of all pictures"]),
            "The accuracy is right. len(keep) counts all pictures, also those with False: take the "
            "mean of keep, as floats.",
        ),
        Mistake(
            lambda probs, y, threshold: (
                (probs >= threshold).float().mean(),
                (probs.argmax(dim=1) == y).float().mean(),
            ),
            "For the coverage you count all entries of the table, where each picture counts once, "
            "by its largest; the accuracy is that of all answers, also of those held back.",
        ),
        Mistake(
            _reject_with(
                keep=lambda confidence, threshold: (confidence.max() >= threshold).expand(
                    len(confidence)
                )
            ),
            "You ask the largest probability of all pictures once. Each picture has its own: "
            "probs.max(dim=1).",
        ),
        Mistake(
            _reject_with(
                first=lambda c, answer, y, keep: keep,
                second=lambda c, answer, y, keep: (answer == y)[keep],
            ),
            "These say of each picture whether it is answered, and of each answer whether it is "
            "right. Their means, as floats, are wanted.",
        ),
        Mistake(
            lambda probs, y, threshold: _reject_swapped(*probs.max(dim=1), y, threshold),
            "probs.max(dim=1) gives first the largest numbers, then their places: "
            "confidence, answer = probs.max(dim=1), in this order.",
        ),
        Mistake(
            _reject_with(
                second=lambda c, answer, y, keep: (answer == y).float().mean() / keep.float().mean()
            ),
            "The coverage is right. Your accuracy counts right answers that are not given, too: "
            "first keep, then count.",
        ),
        Mistake(
            _reject_with(first=lambda c, answer, y, keep: keep.mean()),
            "The mean of True and False needs floats: .float().mean(), for both numbers.",
        ),
    ),
    hints=(
        "First find out which rows are answered. Then look at these rows only.",
        "The confidence is the largest probability of a row. keep = confidence >= threshold; the "
        "accuracy is the mean of (answer == y) over the rows where keep is True.",
        "confidence, answer = probs.max(dim=1), then return keep.float().mean() and "
        "(answer == y)[keep].float().mean().",
    ),
    notice="The two numbers pull against each other: a higher threshold answers less, and mostly "
    "with fewer mistakes. Which pair is best depends on what a mistake costs and what silence "
    "costs.",
)

EXERCISES = {
    "crop": CROP,
    "to_ink": TO_INK,
    "halves": HALVES,
    "reject": REJECT,
}

QUIZ = [
    Question(
        "A photo has grain, and a shadow lies on one half of the page. Ink is what is darker than "
        "the median of the photo, less 25. What does the model get?",
        (
            "The shadow as ink.",
            "One number stands for all of the paper. Where the light is weaker, the paper itself "
            "is darker than that number.",
        ),
        (
            (
                "The digit alone: the median does not care about extremes.",
                "It does not care how dark the ink is. But half a page of darker paper is no "
                "extreme, and lies below the median.",
            ),
            (
                "The digit, in the light half only.",
                "In the shadow the ink is darkest of all, and so is ink as well.",
            ),
            (
                "The grain as ink.",
                "For that the 25 is taken away: grain that is weaker than this stays paper.",
            ),
        ),
        place=2,
    ),
    Question(
        "A model's card says 93%. Of 30 of your digits it reads 26, which is 87%; the 95% interval "
        "goes from 70 to 95%. What do you know?",
        (
            "It may read your hand as its card says, or much worse.",
            "All of these shares agree with 26 of 30. Some hundred digits more would tell.",
        ),
        (
            (
                "It reads your hand worse than its card says.",
                "On these 30, yes. The next 30 may be 29 right: 93% lies within the interval.",
            ),
            (
                "The card is wrong: the true number is 87%.",
                "The card was measured on 10,000 other digits, and 87% on 30 of yours.",
            ),
            (
                "Of your digits it reads between 70 and 95 in 100, for certain.",
                "Not for certain: in 5 of 100 such tests the interval misses the true share. And "
                "30 digits of one sitting are more alike than your next ones.",
            ),
        ),
        place=1,
    ),
    Question(
        "You add slashed zeros to the training digits. The accuracy on MNIST's test digits stays "
        "as it was. What does that say about the slashed zeros?",
        (
            "Nothing, as hardly one is among the test digits.",
            "A test set shows only what is in it. Test on slashed zeros.",
        ),
        (
            (
                "They are still misread, or the accuracy would have risen.",
                "It could not rise by what is not tested.",
            ),
            (
                "They are read as well as the plain zeros now.",
                "Perhaps. But no slashed zero was read to measure it.",
            ),
            (
                "They did no good; leave them out.",
                "They may have mended what the test digits cannot show.",
            ),
        ),
        place=0,
    ),
    Question(
        "A softmax gives a drawing of a house 97% for a 4. What does the 97% mean?",
        (
            "Among the ten digits, the scores speak for the 4 by far the most.",
            "The ten shares add up to 1 whatever was drawn. There is no share for 'none of them'.",
        ),
        (
            (
                "97 of 100 such houses are fours.",
                "That is what it would mean for pictures like those it learned from. A house is "
                "not one of them.",
            ),
            (
                "The house looks more like a 4 than 97 of 100 drawings that are no digits.",
                "A probability compares classes for one picture, not pictures with each other.",
            ),
            (
                "The model has a bug.",
                "It does what it was trained for: to choose among ten.",
            ),
        ),
        place=1,
    ),
    Question(
        "Model A is almost never more than 96% sure, also where it is right. Model B often says "
        "99.9%. Both get the threshold 0.97. What follows?",
        (
            "A is silent nearly always, however well it reads.",
            "How sure a model sounds depends on how it was trained. Choose a threshold for each, "
            "on digits that it has not learned from.",
        ),
        (
            (
                "Both answer about equally often, since they have the same threshold.",
                "The threshold is the same, the confidences are not.",
            ),
            (
                "A makes more mistakes among the answers that it gives.",
                "It gives hardly any. How often these are right, the threshold does not say.",
            ),
            (
                "B is the better reader.",
                "It sounds surer. Whether it is right more often, only labelled digits tell.",
            ),
        ),
        place=3,
    ),
]
