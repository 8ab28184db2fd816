"""The sunspot series: what it holds, and that damage is noticed."""

import pytest
import torch

from course_utils.datasets import DatasetError, load_sunspots, sunspots


def test_it_holds_every_year_from_1700_to_2008():
    years, numbers = load_sunspots()
    assert years.tolist() == list(range(1700, 2009))
    assert (years.dtype, numbers.dtype) == (torch.int64, torch.float32)
    assert numbers.shape == years.shape


def test_known_years_have_their_known_numbers():
    years, numbers = load_sunspots()
    known = {1700: 5, 1712: 0, 1778: 154.4, 1957: 190.2, 2008: 2.9}
    for year, number in known.items():
        assert numbers[years == year].item() == pytest.approx(number)
    assert years[numbers.argmax()] == 1957


def test_it_beats_about_every_eleven_years():
    _, numbers = load_sunspots()
    centred = numbers - numbers.mean()
    likeness = [(centred[lag:] * centred[: len(centred) - lag]).mean() for lag in range(5, 16)]
    assert 5 + int(torch.stack(likeness).argmax()) in (10, 11)


def test_line_ends_of_windows_do_no_harm(tmp_path, monkeypatch):
    copy = tmp_path / "sunspots.csv"
    copy.write_bytes(sunspots.SUNSPOTS.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.setattr(sunspots, "SUNSPOTS", copy)
    assert load_sunspots()[1].sum() > 15_000


def test_a_changed_number_is_noticed(tmp_path, monkeypatch):
    copy = tmp_path / "sunspots.csv"
    copy.write_bytes(sunspots.SUNSPOTS.read_bytes().replace(b"1957,190.2", b"1957,109.2"))
    monkeypatch.setattr(sunspots, "SUNSPOTS", copy)
    with pytest.raises(DatasetError, match=r"is damaged.*git restore data/sequences"):
        load_sunspots()


def test_a_missing_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sunspots, "SUNSPOTS", tmp_path / "none.csv")
    with pytest.raises(DatasetError, match="cannot be read"):
        load_sunspots()
