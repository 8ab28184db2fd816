"""Exercises and quiz of lesson 07, Which model reads your digit?"""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- crop: the smallest box with all the ink ---------------------------------------------------


def _crop(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=1).nonzero().flatten()
    columns = (ink > 0).any(dim=0).nonzero().flatten()
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop_open_end(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=1).nonzero().flatten()
    columns = (ink > 0).any(dim=0).nonzero().flatten()
    return ink[rows[0] : rows[-1], columns[0] : columns[-1]]


def _crop_axes_swapped(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=0).nonzero().flatten()
    columns = (ink > 0).any(dim=1).nonzero().flatten()
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop_rows_only(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=1).nonzero().flatten()
    return ink[rows[0] : rows[-1] + 1]


def _crop_columns_only(ink: Tensor) -> Tensor:
    columns = (ink > 0).any(dim=0).nonzero().flatten()
    return ink[:, columns[0] : columns[-1] + 1]


def _crop_gaps_too(ink: Tensor) -> Tensor:
    return ink[(ink > 0).any(dim=1)][:, (ink > 0).any(dim=0)]


def _crop_pairs(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=1).nonzero().flatten()
    columns = (ink > 0).any(dim=0).nonzero().flatten()
    return ink[rows, columns]


def _crop_one_more_around(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=1).nonzero().flatten().tolist()
    columns = (ink > 0).any(dim=0).nonzero().flatten().tolist()
    top, left = max(0, rows[0] - 1), max(0, columns[0] - 1)
    return ink[top : rows[-1] + 2, left : columns[-1] + 2]


def _crop_dark_only(ink: Tensor) -> Tensor:
    return _crop(ink * (ink > 127))


def _crop_dark_box(ink: Tensor) -> Tensor:
    dark = ink > 127
    rows = dark.any(dim=1).nonzero().flatten()
    columns = dark.any(dim=0).nonzero().flatten()
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop_from_the_corner(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=1).nonzero().flatten()
    columns = (ink > 0).any(dim=0).nonzero().flatten()
    return ink[: rows[-1] + 1, : columns[-1] + 1]


def _crop_square(ink: Tensor) -> Tensor:
    rows = (ink > 0).any(dim=1).nonzero().flatten()
    columns = (ink > 0).any(dim=0).nonzero().flatten()
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
        (torch.tensor([[0, 0, 0, 0], [40, 255, 40, 0]], dtype=torch.uint8),),
        (torch.tensor([[0, 1, 0, 0], [0, 3, 255, 0], [0, 0, 2, 0]], dtype=torch.uint8),),
        (parts,),
        (large,),
        (large.T.contiguous(),),
    ]


CROP = Exercise(
    title="cut the box of the ink out of the pad",
    reference=_crop,
    cases=_ink_cases,
    mistakes=(
        Mistake(
            _crop_open_end,
            "The last row and the last column of ink are missing: the end of a slice is open, so "
            "it must be one further.",
        ),
        Mistake(
            _crop_axes_swapped,
            "Rows and columns are swapped. (ink > 0).any(dim=1) looks along each row and says "
            "whether it has ink; that is the one for the rows.",
        ),
        Mistake(
            _crop_rows_only,
            "The empty rows are gone. The empty columns at the left and right are still there.",
        ),
        Mistake(
            _crop_columns_only,
            "The empty columns are gone. The empty rows above and below are still there.",
        ),
        Mistake(
            _crop_gaps_too,
            "You take out every empty row and column, also those between two parts of the ink. "
            "That moves strokes together. Keep all from the first to the last.",
        ),
        Mistake(
            _crop_pairs,
            "ink[rows, columns] takes the numbers in pairs, one pixel for each pair. A box needs "
            "two slices, ink[top:bottom, left:right].",
        ),
        Mistake(
            _crop_one_more_around,
            "Your box has an empty border. The first row of it is rows[0]; only the end of a slice "
            "must be one further than the last row.",
        ),
        Mistake(
            _crop_dark_only,
            "Ink below one half is wiped out. The soft edges of a stroke are ink as well: "
            "everything above 0.",
        ),
        Mistake(
            _crop_dark_box,
            "Your box holds the dark ink only. The soft edges of a stroke are ink as well: "
            "everything above 0.",
        ),
        Mistake(
            _crop_from_the_corner,
            "The paper below and to the right is gone. Cut above and to the left as well: begin at "
            "the first row and column with ink.",
        ),
        Mistake(
            _crop_square,
            "Your box is a square. The smallest box has the height and the width of the ink.",
        ),
        Mistake(
            lambda ink: ink[ink > 0],
            "That takes the inked pixels one by one and forgets where they lie. Cut out rows and "
            "columns: ink[top:bottom, left:right].",
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
    "differ only in place give the same box.",
)

# --- to_ink: a photo of dark ink on bright paper -----------------------------------------------


def _to_ink(photo: Tensor) -> Tensor:
    light = photo.float()
    return (light.max() - light) / (light.max() - light.min())


def _photo_cases() -> list[tuple[Tensor]]:
    generator = torch.Generator().manual_seed(8)
    paper = torch.randint(180, 221, (6, 5), generator=generator)
    paper[2:5, 2] = torch.tensor([20, 35, 20])
    return [
        (torch.tensor([[255, 0]], dtype=torch.uint8),),
        (torch.tensor([[255, 255, 0], [255, 51, 255]], dtype=torch.uint8),),
        (torch.tensor([[210, 10], [110, 210]], dtype=torch.uint8),),
        (torch.tensor([[200, 180, 60], [200, 120, 200]], dtype=torch.uint8),),
        (paper.to(torch.uint8),),
    ]


TO_INK = Exercise(
    title="from a photo to ink: 1 on 0",
    reference=_to_ink,
    cases=_photo_cases,
    mistakes=(
        Mistake(
            lambda photo: photo.float() / 255,
            "Scaled, but not turned round: the paper is 1 and the ink is 0.",
        ),
        Mistake(
            lambda photo: 1 - photo.float() / 255,
            "Right for paper of pure white. Real paper is a light grey, so all of it becomes faint "
            "ink, and the box of the ink is the whole photo. Let the brightest pixel be 0.",
        ),
        Mistake(
            lambda photo: (photo.float() - photo.min()) / (photo.float().max() - photo.min()),
            "Stretched from 0 to 1, but not turned round: the brightest pixel must be 0.",
        ),
        Mistake(
            lambda photo: 255 - photo,
            "Turned round, but still from 0 to 255 and not stretched. The darkest pixel must be 1.",
        ),
        Mistake(
            lambda photo: (photo.max() - photo).float() / photo.max(),
            "The paper is 0 now. But ink is seldom pure black: divide by the darkest that is left, "
            "which is the brightest pixel minus the darkest one.",
        ),
        Mistake(
            lambda photo: (photo.max() - photo).float() / 255,
            "The paper is 0 now. The darkest pixel must be 1: divide by brightest minus darkest.",
        ),
        Mistake(
            lambda photo: -_to_ink(photo),
            "Right but for the sign: take the pixel from the brightest, not the brightest from the "
            "pixel.",
        ),
        Mistake(
            lambda photo: -photo.float(),
            "A minus alone makes dark pixels the largest, but ink must lie between 0 and 1.",
        ),
        Mistake(
            lambda photo: (-photo).float() / 255,
            "The minus was taken of bytes, which know no minus: 200 became 56. Take .float() "
            "first.",
        ),
        Mistake(
            lambda photo: (photo < 128).float(),
            "A threshold in the middle makes every pixel 0 or 1. The greys at the edges of a "
            "stroke are lost, and MNIST's digits have them.",
        ),
        Mistake(
            lambda photo: _to_ink(photo) * 255,
            "Turned round and stretched, but up to 255. The models want 0 to 1.",
        ),
    ),
    hints=(
        "Which pixel must become 0, and which 1? Look for both in the photo itself.",
        "The brightest pixel is paper, the darkest is ink: (brightest − pixel) divided by "
        "(brightest − darkest), in floats.",
        "light = photo.float(), then (light.max() - light) / (light.max() - light.min()).",
    ),
    notice="These lines look into the one photo that they are given, and nowhere else. So they "
    "work for every lamp and every pen, one picture at a time.",
)

# --- halves: find the mistakes in a fine-tuning ------------------------------------------------


def _halves(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique()
    people = people[torch.randperm(len(people))]
    first = torch.isin(writers, people[: len(people) // 2])
    return first.nonzero().flatten(), (~first).nonzero().flatten()


def _halves_by_rows(writers: Tensor) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(writers))
    return order[: len(order) // 2], order[len(order) // 2 :]


def _halves_in_order(writers: Tensor) -> tuple[Tensor, Tensor]:
    rows = torch.arange(len(writers))
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def _halves_odd_numbers(writers: Tensor) -> tuple[Tensor, Tensor]:
    odd = writers % 2 == 1
    return odd.nonzero().flatten(), (~odd).nonzero().flatten()


def _halves_everything(writers: Tensor) -> tuple[Tensor, Tensor]:
    rows = torch.arange(len(writers))
    return rows, rows


def _halves_people(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique()
    return people[: len(people) // 2], people[len(people) // 2 :]


def _halves_masks(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique()
    first = torch.isin(writers, people[: len(people) // 2])
    return first, ~first


def _halves_one_row_each(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique().tolist()
    rows = [int((writers == person).nonzero()[0]) for person in people]
    return torch.tensor(rows[: len(rows) // 2]), torch.tensor(rows[len(rows) // 2 :])


def _halves_one_person_out(writers: Tensor) -> tuple[Tensor, Tensor]:
    last = writers == writers.unique()[-1]
    return (~last).nonzero().flatten(), last.nonzero().flatten()


def _halves_not_flat(writers: Tensor) -> tuple[Tensor, Tensor]:
    people = writers.unique()
    first = torch.isin(writers, people[: len(people) // 2])
    return first.nonzero(), (~first).nonzero()


def _halves_of_the_digits(writers: Tensor) -> tuple[Tensor, Tensor]:
    first = writers <= writers.float().median()
    return first.nonzero().flatten(), (~first).nonzero().flatten()


def _halves_of_the_numbers(writers: Tensor) -> tuple[Tensor, Tensor]:
    first = writers <= (writers.min() + writers.max()) / 2
    return first.nonzero().flatten(), (~first).nonzero().flatten()


def _halves_people_repeated(writers: Tensor) -> tuple[Tensor, Tensor]:
    first = torch.isin(writers, writers[: len(writers) // 2])
    return first.nonzero().flatten(), (~first).nonzero().flatten()


def _halves_first_rows(writers: Tensor) -> Tensor:
    people = writers.unique()
    return torch.isin(writers, people[: len(people) // 2]).nonzero().flatten()


def _halves_twice_the_same(writers: Tensor) -> tuple[Tensor, Tensor]:
    return _halves_first_rows(writers), _halves_first_rows(writers)


def _halves_test_on_all(writers: Tensor) -> tuple[Tensor, Tensor]:
    return _halves_first_rows(writers), torch.arange(len(writers))


def _sides(answer: object, writers: Tensor) -> dict[str, object]:
    """Return what must hold of two halves; who is in which of them is free."""
    parts = answer(writers)
    if not isinstance(parts, tuple | list) or len(parts) != 2:
        raise ValueError(f"two lists of rows were wanted; a {type(parts).__name__} came")
    tuned, tested = (torch.as_tensor(part) for part in parts)
    right = {"row numbers": True, "flat lists": True, "rows that exist": True}
    right |= {"rows in both": 0, "people in both": 0, "rows in neither": 0}
    right |= {"people too many on one side": 0}
    if tuned.dtype == torch.bool or tested.dtype == torch.bool:
        return right | {"row numbers": False}
    if tuned.ndim != 1 or tested.ndim != 1:
        return right | {"flat lists": False}
    rows = [part.long().tolist() for part in (tuned, tested)]
    if any(not 0 <= row < len(writers) for part in rows for row in part):
        return right | {"rows that exist": False}
    people = [{int(writers[row]) for row in part} for part in rows]
    return right | {
        "rows in both": len(set(rows[0]) & set(rows[1])),
        "people in both": len(people[0] & people[1]),
        "rows in neither": len(writers) - len(set(rows[0]) | set(rows[1])),
        "people too many on one side": max(0, abs(len(people[0]) - len(people[1])) - 1),
    }


def _writers_cases() -> list[tuple[Tensor]]:
    return [
        (torch.tensor([5, 5, 8, 8]),),
        (torch.tensor([2, 2, 2, 4, 4, 6, 6, 6, 6, 8]),),
        (torch.tensor([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]),),
        (torch.tensor([7, 7, 1, 1, 1, 1, 1, 3, 3, 9, 9, 9, 12]),),
        (torch.tensor([1, 0, 0, 0, 0, 0, 0, 40, 0, 0, 2, 41, 3]),),
        (torch.arange(6).repeat_interleave(10),),
    ]


HALVES = Exercise(
    title="find the mistakes: who is tuned on, who is tested on",
    reference=_halves,
    cases=_writers_cases,
    apply=_sides,
    mistakes=(
        Mistake(
            _halves_by_rows,
            "No row is in both halves, but people are: most of them wrote on both sides. The model "
            "learns their hands and is then tested on the same hands. Share out people, not rows.",
        ),
        Mistake(
            _halves_in_order,
            "Cut in the middle, the rows of one person fall to both sides, or those of all if they "
            "took turns. Share out people, not rows.",
        ),
        Mistake(
            _halves_odd_numbers,
            "Odd or even says nothing about how many people there are: the numbers may all be "
            "even. List the people with writers.unique(), then halve that list.",
        ),
        Mistake(
            _halves_everything,
            "Every digit is tuned on and tested on. A model that learned them by heart would score "
            "100%.",
        ),
        Mistake(
            _halves_people,
            "You return people. The rows that they wrote are wanted: torch.isin(writers, people) "
            "says of each row whether one of them wrote it.",
        ),
        Mistake(
            _halves_masks,
            "You return True or False for each row. Row numbers are wanted: "
            "mask.nonzero().flatten().",
        ),
        Mistake(
            _halves_one_row_each,
            "Only one digit of each person is used. All that a person wrote belongs to one side.",
        ),
        Mistake(
            _halves_one_person_out,
            "One person is tested on, all others are tuned on. That is a good plan with few "
            "people, but half of them was asked for.",
        ),
        Mistake(
            _halves_not_flat,
            "The rows are right, but each stands in a list of its own: nonzero() gives a table "
            "with one column. Make it flat: .nonzero().flatten()",
        ),
        Mistake(
            _halves_of_the_digits,
            "You cut where half of the digits is reached. Somebody who wrote many of them then "
            "counts as many people. List each person once, with writers.unique(), and halve that.",
        ),
        Mistake(
            _halves_of_the_numbers,
            "You cut in the middle between the lowest and the highest number. Numbers may have "
            "gaps: list the people with writers.unique(), and halve that list.",
        ),
        Mistake(
            _halves_people_repeated,
            "You halve the rows and take whoever stands in the first half of them. Each person "
            "must be listed once: people = writers.unique()",
        ),
        Mistake(
            _halves_twice_the_same,
            "Both lists are the same: you test on what was tuned on. The second one is for all who "
            "are not in the first: (~first).nonzero().flatten()",
        ),
        Mistake(
            _halves_test_on_all,
            "The rows to tune on are right, but you test on all rows, also on those.",
        ),
        Mistake(
            lambda writers: _halves(writers)[0],
            "One thing comes back, where two lists are wanted: return tune, test",
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
    confidence, answer = probs.max(dim=1)
    keep = confidence >= threshold
    return keep.float().mean(), (answer == y)[keep].float().mean()


def _reject_right_of_all(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=1)
    keep = confidence >= threshold
    return keep.float().mean(), ((answer == y) & keep).float().mean()


def _reject_all_answers(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=1)
    return (confidence >= threshold).float().mean(), (answer == y).float().mean()


def _reject_silent_share(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    coverage, right = _reject(probs, y, threshold)
    return 1 - coverage, right


def _reject_the_sure(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=1)
    keep = confidence < threshold
    return keep.float().mean(), (answer == y)[keep].float().mean()


def _reject_strictly(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=1)
    keep = confidence > threshold
    return keep.float().mean(), (answer == y)[keep].float().mean()


def _reject_by_truth(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    keep = probs[torch.arange(len(y)), y] >= threshold
    return keep.float().mean(), (probs.argmax(dim=1) == y)[keep].float().mean()


def _reject_counts(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=1)
    keep = confidence >= threshold
    return keep.sum(), (answer == y)[keep].sum()


def _reject_down_the_columns(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=0)
    keep = confidence >= threshold
    return keep.float().mean(), (answer == y)[keep].float().mean()


def _reject_how_sure(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence = probs.max(dim=1).values
    keep = confidence >= threshold
    return keep.float().mean(), confidence[keep].mean()


def _reject_right_and_sure(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    confidence, answer = probs.max(dim=1)
    keep = confidence >= threshold
    return (keep & (answer == y)).float().mean(), (answer == y)[keep].float().mean()


def _reject_all_entries(probs: Tensor, y: Tensor, threshold: float) -> tuple[float, float]:
    return (probs >= threshold).float().mean(), _reject(probs, y, threshold)[1]


def _reject_confidence_for_answer(probs: Tensor, y: Tensor, threshold: float) -> tuple:
    confidence = probs.max(dim=1).values
    keep = confidence >= threshold
    return keep.float().mean(), (confidence == y)[keep].float().mean()


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


REJECT = Exercise(
    title="reject by confidence: coverage and accuracy",
    reference=_reject,
    cases=_reject_cases,
    mistakes=(
        Mistake(
            _reject_right_of_all,
            "The coverage is right. For the accuracy you divide by all pictures; divide by those "
            "that are answered, as (answer == y)[keep].float().mean() does.",
        ),
        Mistake(
            _reject_all_answers,
            "The coverage is right. The accuracy is that of all answers; only those given, of "
            "which the model is sure enough, shall count.",
        ),
        Mistake(
            _reject_silent_share,
            "The accuracy is right. Your first number is the share that is rejected; the share "
            "answered is wanted.",
        ),
        Mistake(
            _reject_the_sure,
            "You keep the answers below the threshold and reject those of which the model is sure.",
        ),
        Mistake(
            _reject_strictly,
            "A confidence of exactly the threshold is answered: >= where you have >.",
        ),
        Mistake(
            _reject_by_truth,
            "You ask how sure the model is of the true digit. On the day it is used nobody knows "
            "that one. Take the largest probability of each row.",
        ),
        Mistake(
            _reject_down_the_columns,
            "You look down the columns. Each picture is a row: its largest probability is "
            "probs.max(dim=1).",
        ),
        Mistake(
            _reject_how_sure,
            "The coverage is right. Your second number says how sure the model is of the answers "
            "that it gives; wanted is how many of them are right: compare them with y.",
        ),
        Mistake(
            _reject_right_and_sure,
            "The accuracy is right. The coverage counts all answers given, also the wrong ones.",
        ),
        Mistake(
            _reject_all_entries,
            "The accuracy is right. For the coverage you count all entries of the table; each "
            "picture counts once, by its largest probability.",
        ),
        Mistake(
            _reject_confidence_for_answer,
            "The coverage is right. But you compare y with the confidence; the answer is where the "
            "largest probability stands, the second thing that probs.max(dim=1) gives.",
        ),
        Mistake(
            _reject_counts,
            "These are counts. Shares are wanted: the mean of True and False as floats.",
        ),
        Mistake(
            lambda probs, y, threshold: _reject(probs, y, threshold)[::-1],
            "Both numbers are right, in the other order: first the coverage, then the accuracy.",
        ),
        Mistake(
            lambda probs, y, threshold: _reject(probs, y, threshold)[0],
            "Only the coverage comes back. Return two numbers: return coverage, accuracy",
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
    "halves": HALVES,
    "reject": REJECT,
    "to_ink": TO_INK,
}

QUIZ = [
    Question(
        "A digit is drawn at half its size in a corner of the pad. Which step does most for it?",
        (
            "Cropping to the ink and scaling the box.",
            "Size and place of the box are taken out in one step. Without it the models see a "
            "digit a fraction as high as those that they learned from.",
        ),
        (
            (
                "Keeping width and height in proportion.",
                "That saves the ones from becoming blocks, but a tiny digit stays tiny.",
            ),
            (
                "Moving the centre of mass to the middle.",
                "That mends the place, not the size.",
            ),
            (
                "Dividing by 255.",
                "That sets the range of the grey values; it moves and scales nothing.",
            ),
        ),
        place=1,
    ),
    Question(
        "The shipped models were trained on 55,000 of MNIST's training digits. Most score nearly "
        "100% on the sample's 1,000 test digits. What does that say?",
        (
            "Little: these 1,000 are among the 55,000.",
            "They were tested on what they were trained on. The cards tell what they reach on "
            "MNIST's official test digits.",
        ),
        (
            (
                "That they will read 100% of anybody's digits.",
                "Neither these digits nor these people are new to them.",
            ),
            (
                "That 1,000 digits are too few to count.",
                "1,000 would tell the accuracy to about one percentage point, if they were unseen.",
            ),
            (
                "That the models are overfitted and useless.",
                "Their cards show that they read unseen digits, too. The number is only empty.",
            ),
        ),
        place=0,
    ),
    Question(
        "You fine-tune on half of a class set and score on the other half. How do you halve it?",
        (
            "By people: whoever is tuned on is not tested on.",
            "Then the score tells how the model reads somebody whom it has never met.",
        ),
        (
            (
                "By rows, after a good shuffle.",
                "Then nearly everybody is on both sides, and the score tells how the model reads "
                "people it knows.",
            ),
            (
                "Not at all: more digits are better for both.",
                "A score on digits that were tuned on says nothing.",
            ),
            (
                "By digits: 0 to 4 to tune, 5 to 9 to test.",
                "Then no 7 was ever tuned on, and the score is about something else altogether.",
            ),
        ),
        place=2,
    ),
    Question(
        "A photo of black ink on white paper is given to a model as it is. What happens?",
        (
            "It answers, perhaps with confidence, and there is no error.",
            "The shape is right and the numbers are in range. That 0 must mean paper, nothing "
            "checks.",
        ),
        (
            ("PyTorch raises a ValueError.", "Shape and type fit, so PyTorch has no reason to."),
            (
                "All ten probabilities become 10%.",
                "A picture full of ink is far from nothing: its scores are large, not equal.",
            ),
            (
                "The answer is the same, with the sign turned round.",
                "The pixels become 1 − ink, not −ink. So not even the scores of a linear model "
                "only turn their sign.",
            ),
        ),
        place=3,
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
                "The house looks more like a 4 than 97% of all fours.",
                "A probability compares classes for one picture, not pictures with each other.",
            ),
            (
                "The model has a bug.",
                "It does what it was trained for: to choose among ten.",
            ),
        ),
        place=2,
    ),
    Question(
        "The threshold for an answer is raised from 0.9 to 0.99. What happens to the coverage?",
        (
            "It falls or stays: nothing that was rejected is answered now.",
            "What reaches 0.99 reaches 0.9 as well. The accuracy of what is left mostly rises.",
        ),
        (
            (
                "It rises, because the model becomes surer.",
                "The model is the same. Only the bar is higher.",
            ),
            (
                "It stays, and only the accuracy rises.",
                "It stays only if no answer lies between 0.9 and 0.99.",
            ),
        ),
        place=0,
    ),
    Question(
        "What is a distribution shift?",
        (
            "The pictures that come in use are drawn from another distribution than those learned "
            "from.",
            "Other people, pens, cameras, habits: the promise of a test score holds for the "
            "distribution that it was measured on.",
        ),
        (
            (
                "A digit that stands too far to the right.",
                "A single picture is no distribution. But if all your digits stand there, it is "
                "one.",
            ),
            (
                "A change of the weights during fine-tuning.",
                "That changes the model. The shift is in the data.",
            ),
            (
                "The gap between training and test accuracy.",
                "That gap is there even if both sets come from the same distribution.",
            ),
        ),
        place=1,
    ),
]
