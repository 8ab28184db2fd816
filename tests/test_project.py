"""The project as a whole: what is installed, imported, and how large it is."""

import ast
import os
import re
import socket
import subprocess
import sys

import pytest
import yaml
from build_notebooks import ROOT, sources
from lab import PATIENCE
from packaging.requirements import Requirement
from packaging.version import Version

CONDA_NAMES = {"pytorch": "torch"}


FILES = {"dependencies": "requirements.txt", "dev": "requirements-dev.txt"}
PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


def ranges(part):
    """Return name -> specifier for what a list of pyproject.toml asks for."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^{part} = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    needs = [Requirement(found) for found in re.findall(r'"([^"]+)"', block)]
    return {need.name: need.specifier for need in needs}


def pins(part="dependencies"):
    lines = (ROOT / FILES[part]).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


@pytest.mark.parametrize("part", FILES)
def test_every_pin_lies_in_the_range_of_pyproject(part):
    allowed = ranges(part)
    assert {pin.name for pin in pins(part)} == set(allowed)
    for pin in pins(part):
        (exact,) = pin.specifier
        assert exact.operator == "=="
        assert allowed[pin.name].contains(Version(exact.version)), pin


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("part", FILES)
def test_every_python_gets_one_pin_of_each_package(part, python):
    fitting = [
        pin.name
        for pin in pins(part)
        if pin.marker is None or pin.marker.evaluate({"python_version": python})
    ]
    assert sorted(fitting) == sorted(ranges(part))


def test_developers_get_what_learners_get_and_more():
    assert "-r requirements.txt" in (ROOT / FILES["dev"]).read_text(encoding="utf-8").splitlines()
    assert not set(ranges("dev")) & set(ranges("dependencies"))


def test_lessons_and_the_package_import_nothing_that_only_developers_have():
    modules = {"axe_playwright_python", "yaml"} | set(ranges("dev")) - {"pyyaml"}
    for path in [*ROOT.glob("course_utils/**/*.py"), *ROOT.glob("notebooks/source/*.py")]:
        text = path.read_text(encoding="utf-8")
        found = set(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE)) & modules
        assert not found, f"{path.name} imports {found}"


def test_conda_environment_agrees_with_pyproject():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    *packages, by_pip = yaml.safe_load(text)["dependencies"]
    needs = [Requirement(text) for text in packages + by_pip["pip"][:-1]]
    assert by_pip["pip"][-1] == "-e ."
    found = {CONDA_NAMES.get(need.name, need.name): need.specifier for need in needs}
    assert found.pop("python") == Requirement("python>=3.10").specifier
    found.pop("pip")
    assert found == ranges("dependencies")


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


def test_what_lessons_import_prints_nothing_where_nothing_was_compiled(tmp_path):
    first = ROOT / "notebooks" / "source" / "03_softmax.py"  # python-mnist, on its own
    imports = [
        ast.unparse(node)
        for lesson in [first, *sources()]
        for node in ast.parse(lesson.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(imports)],
        env=os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
