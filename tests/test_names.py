"""The names of the census: whole, each once, split by name; and how they are written in numbers."""

import pytest
import torch
from make_names import LISTS, table

from course_utils.datasets import DatasetError
from course_utils.datasets.names import (
    END,
    HEADER,
    LETTERS,
    NAMES_FILE,
    PAD,
    decode_names,
    encode_names,
    keep_letters,
    load_names,
)


@pytest.fixture(scope="module")
def names():
    return load_names()


def test_every_name_comes_once_the_commonest_first(names):
    assert len(names.all) == len(set(names.all)) == 5163
    assert names.all[:3] == ["james", "john", "robert"]
    shares = names.women + names.men
    assert (shares[1:] <= shares[:-1]).all()
    assert set("".join(names.all)) == set(LETTERS)


def test_the_shares_are_those_of_the_census(names):
    assert names.women[names.all.index("mary")] == 2629  # of 100,000
    assert names.men[names.all.index("james")] == 3318
    assert int((names.women > 0).sum()) == 4275
    assert int((names.men > 0).sum()) == 1219
    assert 85_000 < names.women.sum() < 100_000  # the rare ones are not on the list


def test_no_name_is_in_two_parts_and_none_is_lost(names):
    parts = names.train, names.val, names.test
    assert [len(part) for part in parts] == [3663, 500, 1000]
    assert sorted([name for part in parts for name in part]) == sorted(names.all)
    assert parts == (load_names().train, load_names().val, load_names().test)
    assert "3,663 to train" in repr(names)


def test_the_parts_are_alike(names):
    lengths = [sum(map(len, part)) / len(part) for part in (names.train, names.val, names.test)]
    assert max(lengths) - min(lengths) < 0.15


def test_a_damaged_or_missing_table_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"names.csv: cannot be read .*git restore"):
        load_names(tmp_path / "names.csv")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(NAMES_FILE.read_bytes().replace(b"mary,", b"mario,"))
    with pytest.raises(DatasetError, match=r"is damaged.*git restore"):
        load_names(copy)


def test_the_tool_joins_both_lists_and_sorts_by_share(tmp_path):
    (tmp_path / LISTS[0]).write_text("MARY 2.629 2.629 1\nLEE 0.010 2.639 2\n")
    (tmp_path / LISTS[1]).write_text("JAMES 3.318 3.318 1\nLEE 0.196 3.514 2\n")
    assert table(tmp_path) == f"{HEADER}james,0,3318\nmary,2629,0\nlee,10,196\n"


def test_names_come_back_from_their_numbers(names):
    assert decode_names(encode_names(names.all)) == names.all
    assert decode_names(encode_names(names.all)[:, 1:]) == names.all


def test_a_row_begins_and_ends_with_end_and_is_filled_with_pad():
    rows = encode_names(["Ab", "c", ""])
    assert rows.dtype == torch.int64
    assert rows.tolist() == [[END, 1, 2, END], [END, 3, END, PAD], [END, END, PAD, PAD]]


def test_other_signs_are_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"\"o'neil\" has \"'\"; keep_letters"):
        encode_names(["ann", "o'neil"])
    for wrong in ("ann", []):
        with pytest.raises(ValueError, match="names must be a list"):
            encode_names(wrong)
    assert encode_names([keep_letters("O'Neil 3")]).tolist() == encode_names(["oneil"]).tolist()
