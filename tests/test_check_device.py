"""The proof of a device beside the CPU, on the pretended accelerator."""

import re

import check_device
import pytest
import torch

twin = pytest.importorskip("twin", reason="this PyTorch has no back ends in Python")
FEW = ["Linear", "warp", "Dropout", "Adam", "by hand", "LeNet-5", "GAN"]


@pytest.fixture(autouse=True)
def plugged_in():
    twin.install()
    check_device.fault_of.cache_clear()
    yield
    twin.remove()
    check_device.fault_of.cache_clear()


def asked(capsys, *arguments):
    """Return the exit status, the text, and the two differences of each row."""
    status = check_device.main(["--quick", *arguments])
    said = capsys.readouterr().out
    rows = (
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in said.splitlines()
        if line.startswith("| ")
    )
    number = r"\*{0,2}(\d+e[+-]\d+|nan)\*{0,2}"
    found = {
        cells[0]: [float(re.fullmatch(number, cell)[1]) for cell in cells[1:3] if cell]
        for cells in rows
        if len(cells) > 1 and re.fullmatch(number, cells[1])
    }
    return status, said, found


def test_a_device_that_computes_what_the_cpu_computes_is_right(capsys):
    status, said, found = asked(capsys, "--only", *FEW)
    assert status == 0
    assert "All of it is right." in said
    assert len(found) == 8
    assert max(map(max, found.values())) < 1e-5


def test_fewer_bits_are_seen_and_borne(capsys):
    twin.install(bits=10)
    status, _, found = asked(capsys, "--only", "Linear", "LeNet-5")
    assert status == 0
    assert 1e-5 < found["Linear"][0] < 1e-2
    assert 1e-7 < found["06 · LeNet-5"][1] < 1e-2


def test_a_device_that_is_far_off_is_not_right(capsys):
    twin.install(noise=0.1)
    status, said, _ = asked(capsys, "--only", "Linear", "MaxPool2d")
    assert status == 1
    assert "Not right: Linear" in said
    assert "differ from the CPU's" in said


def test_what_a_device_cannot_do_is_told_and_the_rest_is_measured(capsys, monkeypatch):
    def failing(*_):
        raise NotImplementedError("no such kernel\nlong explanation")

    monkeypatch.setitem(
        check_device.LAYERS, "broken", lambda: (check_device.Called(failing), (torch.rand(3),))
    )
    status, said, found = asked(capsys, "--only", "broken", "ReLU")
    assert status == 1
    assert "| broken | **fails:** NotImplementedError: no such kernel |" in said
    assert set(found) == {"ReLU", "LeakyReLU"}


def test_where_there_is_no_accelerator_that_is_said(capsys):
    twin.remove()
    status, said, _ = asked(capsys)
    assert status == 0
    assert "no accelerator on this machine" in said


def test_every_lesson_has_a_row():
    numbers = {number for name in check_device.LESSONS for number in re.findall(r"\b\d\d\b", name)}
    assert numbers >= {f"{n:02}" for n in range(11)}


def test_differences_are_parts_of_the_largest_number_and_nan_is_the_largest():
    ours = [torch.tensor([1.0, 10.0]), torch.tensor([100.0])]
    off = [torch.tensor([2.0, 10.0]), torch.tensor([101.0])]
    assert check_device.difference(ours, off) == pytest.approx(0.1)
    off[1][0] = torch.nan
    assert not check_device.Row("a layer", (check_device.difference(ours, off),)).is_right


def test_the_clock_waits_for_the_device(monkeypatch):
    waits = []
    monkeypatch.setattr(twin.module, "synchronize", lambda *_: waits.append(1))
    check_device.seconds_of(lambda: None, torch.device("twin"), 0)
    assert len(waits) >= 4
