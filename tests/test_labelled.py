"""Labelled digits of one's own: saved in pairs, found again, never lost."""

import errno
import gzip
import os
import tempfile

import pytest
import torch

from course_utils.datasets import DatasetError, read_idx, read_labelled, write_idx, write_labelled
from course_utils.datasets.saving import written_together


def digits(*labels, shade=255):
    """Return as many pictures as labels, all different, and the labels."""
    images = torch.zeros(len(labels), 28, 28, dtype=torch.uint8)
    for place, image in enumerate(images):
        image[place] = shade
    return images, torch.tensor(labels)


def same(path, images, labels):
    read = read_labelled(path)
    return torch.equal(read[0], images) and torch.equal(read[1], labels)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("mine.idx", "mine-labels.idx"),
        ("mine.idx.gz", "mine-labels.idx.gz"),
        ("mine", "mine-labels"),
        ("mine.gz", "mine-labels.gz"),
        ("my Łódź digits.v2.idx", "my Łódź digits.v2-labels.idx"),
    ],
)
def test_labels_lie_beside_under_a_name_of_the_same_kind(tmp_path, name, labels):
    mine = digits(1, 2)
    assert write_labelled(tmp_path / name, *mine) == (tmp_path / name, tmp_path / labels)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, labels])
    assert same(tmp_path / name, *mine)
    packed = (tmp_path / labels).read_bytes()[:2] == b"\x1f\x8b"
    assert packed == name.endswith(".gz")


@pytest.mark.parametrize("kind", [str, os.fspath, lambda path: path])
def test_a_path_may_be_text_or_an_object(tmp_path, kind):
    write_labelled(kind(tmp_path / "mine.idx"), *digits(3))
    assert same(kind(tmp_path / "mine.idx"), *digits(3))


def test_the_tilde_is_the_learners_own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    images, labels = write_labelled("~/mine.idx", *digits(3))
    assert images.parent == labels.parent == tmp_path
    assert same("~/mine.idx", *digits(3))
    assert read_idx("~/mine-labels.idx").tolist() == [3]


def test_saving_again_with_more_digits_simply_works(tmp_path):
    few, many = digits(1, 2), digits(1, 2, 3, 4)
    for mine in (few, few, many):
        write_labelled(tmp_path / "mine.idx", *mine)
        assert same(tmp_path / "mine.idx", *mine)


@pytest.mark.parametrize(
    "other", [digits(5), digits(1, 3), digits(1, 2, shade=9), digits(1), digits(2, 1)]
)
def test_digits_that_are_not_among_the_new_ones_are_not_replaced(tmp_path, other):
    mine, path = digits(1, 2), tmp_path / "mine.idx"
    write_labelled(path, *mine)
    with pytest.raises(DatasetError, match=r"not among these.*mine-2\.idx.*overwrite=True"):
        write_labelled(path, *other)
    assert same(path, *mine)
    write_labelled(tmp_path / "mine-2.idx", *other)
    write_labelled(path, *other, overwrite=True)
    assert same(path, *other)


def test_two_digits_alike_are_two_digits(tmp_path):
    images, labels = digits(1)
    write_labelled(tmp_path / "mine.idx", images.repeat(2, 1, 1), labels.repeat(2))
    with pytest.raises(DatasetError, match="holds 1 digits"):
        write_labelled(tmp_path / "mine.idx", images, labels)


@pytest.mark.parametrize("name", ["mine.idx", "mine-labels.idx"])
@pytest.mark.parametrize("content", [b"a diary", b""])
def test_a_file_that_is_something_else_is_not_replaced(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match="overwrite=True"):
        write_labelled(tmp_path / "mine.idx", *digits(1))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [content]


@pytest.mark.parametrize("missing", ["mine.idx", "mine-labels.idx"])
def test_half_a_pair_is_neither_read_nor_replaced(tmp_path, missing):
    write_labelled(tmp_path / "mine.idx", *digits(1))
    (tmp_path / missing).unlink()
    with pytest.raises(DatasetError, match=missing):
        read_labelled(tmp_path / "mine.idx")
    with pytest.raises(DatasetError, match="other half"):
        write_labelled(tmp_path / "mine.idx", *digits(1))


def test_a_pair_of_different_lengths_is_refused(tmp_path):
    write_labelled(tmp_path / "mine.idx", *digits(1, 2))
    write_labelled(tmp_path / "other.idx", *digits(1, 2, 3))
    os.replace(tmp_path / "other-labels.idx", tmp_path / "mine-labels.idx")
    with pytest.raises(DatasetError, match="3 labels for the 2 images"):
        read_labelled(tmp_path / "mine.idx")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "is a folder"),
        ("new/", "is a folder"),
        ("none/mine.idx", r"there is no such folder.*mkdir\(parents=True\)"),
        ("file/mine.idx", "is a file, not a folder"),
    ],
)
def test_a_place_that_cannot_hold_a_file_is_refused_with_the_remedy(tmp_path, path, says):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match=says):
        write_labelled(f"{tmp_path}/{path}", *digits(1))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("step", range(4))
def test_a_failure_at_any_step_leaves_no_mismatched_pair(tmp_path, monkeypatch, step):
    """Whatever fails, the old pair, the new pair, or a pair that reading refuses is left."""
    old, new, path = digits(1, 2), digits(3, 4), tmp_path / "mine.idx"
    write_labelled(path, *old)
    steps = iter(range(10))

    def failing(act):
        def acted(*args, **options):
            if next(steps) == step:
                raise OSError("no space left")
            return act(*args, **options)

        return acted

    module = "course_utils.datasets.labelled.write_idx"
    monkeypatch.setattr(module, failing(write_idx))
    monkeypatch.setattr(os, "replace", failing(os.replace))
    with pytest.raises(DatasetError, match="still in memory"):
        write_labelled(path, *new, overwrite=True)
    try:
        assert same(path, *old)
    except DatasetError:
        assert step >= 2, "the old pair may go only when the new one is written"
    assert not list(tmp_path.glob(".saving-*"))


def test_a_disk_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    def refuse(*args, **options):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(DatasetError, match=r"cannot be written \(Read-only"):
        write_labelled(tmp_path / "mine.idx", *digits(1))


def test_what_fails_while_files_are_written_leaves_the_old_ones(tmp_path):
    place = tmp_path / "page.html"
    place.write_text("old")

    def interrupted():
        with written_together(place) as (part,):
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_before_it_does(tmp_path):
    path = tmp_path / "theirs.idx.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (10**6, 28, 28)))
    write_idx(tmp_path / "theirs-labels.idx.gz", digits(1)[1].to(torch.uint8))
    with pytest.raises(DatasetError, match=r"784,000,000 bytes"):
        read_labelled(path)
