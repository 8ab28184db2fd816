"""The project as a whole: what is installed, imported, and how large it is."""

import os
import re
import socket
import subprocess
import sys

import pytest
import yaml
from build_notebooks import ROOT
from lab import PATIENCE
from packaging.requirements import Requirement
from packaging.version import Version

CONDA_NAMES = {"pytorch": "torch"}


def ranges_of_pyproject():
    """Return name -> specifier for all that pyproject.toml asks for, dev included."""
    text = (ROOT / "pyproject.toml").read_text()
    lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert len(lists) == 2
    needs = [Requirement(found) for part in lists for found in re.findall(r'"([^"]+)"', part)]
    return {need.name: need.specifier for need in needs}


def pins():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_every_pin_lies_in_the_range_of_pyproject():
    ranges = ranges_of_pyproject()
    assert {pin.name for pin in pins()} == set(ranges)
    for pin in pins():
        (exact,) = pin.specifier
        assert exact.operator == "=="
        assert ranges[pin.name].contains(Version(exact.version)), pin


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_every_python_gets_one_pin_of_each_package(python):
    fitting = [
        pin.name
        for pin in pins()
        if pin.marker is None or pin.marker.evaluate({"python_version": python})
    ]
    assert sorted(fitting) == sorted(ranges_of_pyproject())


def test_conda_environment_agrees_with_pyproject():
    *packages, by_pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    needs = [Requirement(text) for text in packages + by_pip["pip"][:-1]]
    assert by_pip["pip"][-1] == "-e ."
    found = {CONDA_NAMES.get(need.name, need.name): need.specifier for need in needs}
    assert found.pop("python") == Requirement("python>=3.10").specifier
    found.pop("pip")
    assert found == ranges_of_pyproject()


def run_python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", ["lab --help", "doctor --help", "download --help"])
def test_the_command_line_answers_without_loading_torch(command):
    code = (
        f"import runpy, sys; sys.argv = ['course_utils', *{command.split()}]\n"
        "try: runpy.run_module('course_utils', run_name='__main__')\n"
        "except SystemExit as end: print(end.code)\n"
        "print({'torch', 'numpy', 'matplotlib', 'ipywidgets', 'torchvision'} & set(sys.modules))"
    )
    assert run_python(code).splitlines()[-2:] == ["0", "set()"]


def test_helpers_of_lessons_do_not_import_torchvision():
    code = (
        "import sys; import course_utils.datasets, course_utils.exercises.lesson01; "
        "import course_utils.training; print('torchvision' in sys.modules)"
    )
    assert run_python(code) == "False\n"


def test_what_is_committed_is_under_30_megabytes():
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    files = listed.stdout.split("\0")
    if listed.returncode:  # not a clone: what a ZIP file holds
        files = [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]
    total = sum((ROOT / name).stat().st_size for name in files if name and (ROOT / name).exists())
    assert 100_000 < total < 30 * 2**20


def test_the_network_is_blocked_in_this_process_and_its_children():
    with pytest.raises(OSError, match="run without a network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OSError, match="run without a network"):
        socket.getaddrinfo("example.org", 80)
    code = (
        "import socket\n"
        "try: socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
        "except OSError as error: print(error)"
    )
    assert "run without a network" in run_python(code)


def test_code_is_clean_and_formatted():
    for options in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *options, "."]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_readme_names_the_tested_versions_of_pytorch():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    newest = {pin.name: pin for pin in reversed(pins())}
    for name in ("torch", "torchvision"):
        assert f"{name}{newest[name].specifier} " in readme


with_make = pytest.mark.skipif(os.name == "nt", reason="Windows has no make")


@with_make
def test_make_alone_prints_what_there_is():
    printed = subprocess.run(
        ["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("lab", "test", "notebooks", "check"):
        assert re.search(rf"^  make {target} +\w", printed, re.MULTILINE)


@with_make
def test_make_refuses_an_old_python_and_names_the_remedy(tmp_path):
    old = tmp_path / "python3"
    old.write_text(
        '#!/bin/sh\nif [ "$1" = "--version" ]; then echo "Python 3.8.1"; else exit 1; fi\n'
    )
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "setup", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "needs Python 3.10 or newer" in done.stdout
    assert "Python 3.8.1" in done.stdout
    assert not (tmp_path / "venv").exists()
