"""Folders that an environment variable names."""

from pathlib import Path

import pytest

from course_utils.places import named_folder


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("digits", "{here}/digits"),
        ("./digits/", "{here}/digits"),
        ("../Łódź 1", "{above}/Łódź 1"),
        (" '~/digits' ", "{here}/home/digits"),
        ('"{here}/digits/"', "{here}/digits"),
    ],
)
def test_a_folder_that_is_named_becomes_a_full_path(tmp_path, monkeypatch, value, wanted):
    places = {"here": tmp_path, "above": tmp_path.parent}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_DATA", value.format(**places))
    assert named_folder("COURSE_DATA") == Path(wanted.format(**places))


@pytest.mark.parametrize("value", ["", "  ", "''", '" "'])
def test_a_variable_of_nothing_names_no_folder(monkeypatch, value):
    monkeypatch.setenv("COURSE_DATA", value)
    assert named_folder("COURSE_DATA") is None
