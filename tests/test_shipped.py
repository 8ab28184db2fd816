"""The small tables of data/sequences: all of them described, and checked when they are read."""

import re

import pytest

from course_utils.datasets import DatasetError
from course_utils.datasets.mnist import DATA
from course_utils.datasets.names import NAMES_FILE, NAMES_SHA256
from course_utils.datasets.shipped import read_table
from course_utils.datasets.sunspots import SUNSPOTS, SUNSPOTS_SHA256

CHECKED = {NAMES_FILE: NAMES_SHA256, SUNSPOTS: SUNSPOTS_SHA256}


def test_every_table_stands_in_the_readme_with_its_rows_and_checksum():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+\.csv)` \| ([\d,]+) \| `(\w{64})` \|$", text, re.MULTILINE)
    assert {name for name, *_ in listed} == {path.name for path in SUNSPOTS.parent.iterdir()}
    assert listed == [
        (path.name, f"{len(read_table(path, sha256)):,}", sha256)
        for path, sha256 in CHECKED.items()
    ]


@pytest.mark.parametrize(("path", "sha256"), CHECKED.items())
def test_line_ends_may_be_those_of_another_system(path, sha256, tmp_path):
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_table(copy, sha256) == read_table(path, sha256)


def test_what_is_missing_cut_short_or_a_folder_is_refused_with_a_remedy(tmp_path):
    copy = tmp_path / "names.csv"
    with pytest.raises(DatasetError, match=r"cannot be read \(No such file.*git restore"):
        read_table(copy, NAMES_SHA256)
    copy.write_bytes(NAMES_FILE.read_bytes()[:-5])
    with pytest.raises(DatasetError, match=r"damaged: its 58,820 bytes .*git restore"):
        read_table(copy, NAMES_SHA256)
    with pytest.raises(DatasetError, match="cannot be read"):
        read_table(tmp_path, NAMES_SHA256)
