"""The slider of lesson 00: from how many digits a reader learned, with both errors."""

import pytest
import torch

from course_utils.explorers.sample_size import sample_size_slider

LABELS = torch.arange(40) % 10
NEW = torch.arange(50) % 10


def answers(labels, n_wrong):
    """Return the labels with the first few answers wrong."""
    return torch.where(torch.arange(len(labels)) < n_wrong, (labels + 1) % 10, labels)


@pytest.fixture
def explorer():
    found = {
        "ours": {20: (answers(LABELS[:20], 1), answers(NEW, 30)), 40: (LABELS, answers(NEW, 3))},
        "theirs": {20: (LABELS[:20], answers(NEW, 40)), 40: (LABELS, NEW)},
    }
    return sample_size_slider(found, LABELS, torch.rand(50, 28, 28), NEW)


@pytest.mark.parametrize(
    ("values", "old", "new"),
    [
        ({"reader": "ours", "n": 20}, "5%", "60%"),
        ({"reader": "ours", "n": 40}, "0%", "6%"),
        ({"reader": "theirs", "n": 20}, "0%", "80%"),
        ({"reader": "theirs", "n": 40}, "0%", "0%"),
    ],
)
def test_the_sentence_gives_both_errors(explorer, values, old, new):
    explorer.set(**values)
    assert explorer.text.splitlines()[0].endswith(
        f"Learned from {values['n']} digits: {old} of these are read wrongly, and {new} of 50 new "
        "ones."
    )


def test_each_misread_digit_has_a_frame_and_what_was_read(explorer):
    explorer.set(reader="ours", n=40)
    _, sheet = explorer.figure.axes
    assert len(sheet.patches) == 3
    assert [text.get_text() for text in sheet.texts] == ["1", "2", "3"]
    assert [patch.get_xy() for patch in sheet.patches] == [(28 * k - 0.5, -0.5) for k in range(3)]


def test_each_control_changes_the_picture(explorer):
    pictures = {explorer.picture.png}
    for change in ({"n": 40}, {"reader": "theirs"}):
        explorer.set(**change)
        pictures.add(explorer.picture.png)
    assert len(pictures) == 3


def test_the_stored_text_holds_no_number_of_the_curves(explorer):
    """A trained curve differs a little from processor to processor."""
    assert "the last at" not in explorer.text


def test_answers_to_other_digits_are_refused():
    with pytest.raises(ValueError, match=r"20 digits came with \(19,\) answers"):
        sample_size_slider({"ours": {20: (LABELS[:19], NEW)}}, LABELS, torch.rand(50, 28, 28), NEW)
