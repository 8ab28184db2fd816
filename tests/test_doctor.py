"""The doctor on machines that lack something: packages, data, a working device."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils import __main__, doctor, launch
from course_utils.datasets import DatasetError
from course_utils.doctor import ALL_WELL, OK, PROBLEM, Finding

ANSWERS = {
    "sample": ["sample", "MNIST sample: 5,000 digits; more"],
    "digits": ["sample", "MNIST sample: 5,000 digits; more"],
    "faults": {},
    "device": "cpu",
    "threads": [2, 2],
}


def by_name(findings):
    return {finding.what: finding for finding in findings}


def fake_package(folder, name, code, monkeypatch):
    """Put a package beside the installed ones, for the processes that the doctor starts."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_doctor_finds_this_machine_well(capsys, monkeypatch):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    monkeypatch.delenv("COURSE_DATA", raising=False)
    assert __main__.main(["doctor"]) == 0
    printed = capsys.readouterr().out
    for name in ("Python", "torch", "torchvision", "python-mnist", "sample", "device"):
        assert f"\nOK       {name} " in f"\n{printed}", name
    assert "\nOK       JupyterLab " in printed
    assert printed.endswith(f"\n{ALL_WELL}\n")
    assert PROBLEM not in printed


def test_lab_opens_the_first_lesson_with_the_settings_of_the_course(monkeypatch):
    called = {}
    monkeypatch.setattr(
        __main__.subprocess,
        "call",
        lambda command, **rest: called.update(rest, command=command) or 0,
    )
    assert __main__.main(["lab", "--no-browser"]) == 0
    assert str(launch.FIRST_LESSON) in called["command"]
    assert "--no-browser" in called["command"]
    assert called["env"]["JUPYTER_CONFIG_PATH"].startswith(str(launch.PACKAGE))


def test_lab_without_the_lessons_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(launch, "FIRST_LESSON", tmp_path / "00_welcome.ipynb")
    assert __main__.main(["lab"]) == 1
    assert "Run this in a clone" in capsys.readouterr().err


def test_lab_that_does_not_start_points_to_the_doctor(monkeypatch, capsys):
    monkeypatch.setattr(__main__.subprocess, "call", lambda *_, **__: 1)
    assert __main__.main(["lab"]) == 1
    assert "python -m course_utils doctor" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("place", "kernel", "status"),
    [
        ("lessons", False, PROBLEM),
        ("named", False, PROBLEM),
        ("here", False, "note"),
        ("here", True, PROBLEM),
    ],
)
def test_file_that_stands_before_a_module_is_named(tmp_path, monkeypatch, place, kernel, status):
    for folder in ("lessons", "here", "named"):
        (tmp_path / folder).mkdir()
    (tmp_path / place / "queue.py").write_text("")
    monkeypatch.setattr(doctor, "LESSONS", tmp_path / "lessons")
    monkeypatch.setattr(doctor, "in_kernel", lambda: kernel)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "named"))
    monkeypatch.chdir(tmp_path / "here")
    (finding,) = doctor._files()
    assert finding.status == status
    assert str(tmp_path / place / "queue.py") in finding.says
    assert "rename it" in finding.remedy


def test_packages_are_tried_without_the_files_that_stand_before_them(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise RuntimeError('mine')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert doctor._import_faults(["numpy", "torch"]) == {"numpy": "", "torch": ""}


def test_commands_work_beside_files_with_the_names_of_modules(tmp_path):
    for name in ("argparse", "subprocess", "json", "re"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('mine')")
    command = [sys.executable, "-m", "course_utils"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_command_ends_quietly_when_nobody_reads_on():
    command = [sys.executable, "-m", "course_utils"]
    env = os.environ | {"PYTHONUNBUFFERED": ""}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 1


def test_jupyter_that_does_not_start_is_a_problem_and_its_folders_are_named(monkeypatch, tmp_path):
    def fail():
        raise launch.JupyterError("JupyterLab ends with exit code 1: ValueError: mine")

    monkeypatch.setattr(doctor, "try_jupyter", fail)
    monkeypatch.setattr(doctor, "unwritable", lambda: {"IPYTHONDIR": tmp_path})
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "settings"))
    folder, jupyter = doctor._jupyter()
    assert (folder.status, jupyter.status) == ("note", PROBLEM)
    assert "ValueError: mine" in jupyter.says
    assert str(tmp_path / "settings") in jupyter.remedy
    assert "IPYTHONDIR" in folder.remedy


def test_relative_folder_of_data_is_told_with_the_full_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DATA", "digits")
    answers = ANSWERS | {"digits": ["full", "Full MNIST: 70,000; more"]}
    found = by_name(doctor._data(answers, "exit code 0"))
    assert str(tmp_path / "digits") in found["full MNIST"].says
    assert str(tmp_path / "digits") in found["COURSE_DATA"].says


def test_torchvision_of_another_build_is_explained(monkeypatch):
    fault = "RuntimeError: operator torchvision::nms does not exist"
    monkeypatch.setattr(doctor, "_import_faults", lambda modules: {"torchvision": fault})
    found = by_name(doctor._packages())
    assert found["torch"].status == OK
    assert found["torchvision"].status == PROBLEM
    assert "operator torchvision::nms does not exist" in found["torchvision"].says
    assert "different builds" in found["torchvision"].remedy
    assert "one command" in found["torchvision"].remedy


def test_package_that_crashes_python_is_named_and_the_next_are_still_tried(tmp_path, monkeypatch):
    fake_package(tmp_path, "first_module", "", monkeypatch)
    fake_package(tmp_path, "crashing_module", "import os; os.abort()", monkeypatch)
    fake_package(tmp_path, "leaving_module", "import sys; sys.exit(3)", monkeypatch)
    modules = ["first_module", "crashing_module", "json", "leaving_module", "no_such_module"]
    faults = doctor._import_faults(modules)
    assert faults["first_module"] == faults["json"] == ""
    assert "ends Python (exit code" in faults["crashing_module"]
    assert faults["leaving_module"] == "SystemExit: 3"
    assert "ModuleNotFoundError" in faults["no_such_module"]


def needing(monkeypatch, *lines):
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: list(lines))
    return by_name(doctor._packages())


def test_missing_or_too_old_package_is_a_problem_and_a_tool_for_developers_is_not(monkeypatch):
    found = needing(
        monkeypatch, "no-such-package>=1", "filelock>=99", 'no-such-tool; extra == "dev"'
    )
    assert found["no-such-package"][2:] == ("is not installed", doctor.INSTALL)
    assert "wanted >=99" in found["filelock"].says
    assert set(found) == {"no-such-package", "filelock"}


def test_course_that_is_not_installed_is_a_problem(monkeypatch):
    def requires(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    (finding,) = doctor._packages()
    assert (finding.status, finding.remedy) == (PROBLEM, doctor.INSTALL)


def test_broken_torch_is_told_and_nothing_that_needs_it_is_tried(monkeypatch):
    broken = Finding(PROBLEM, "torch", "fails at import", "install it again")
    monkeypatch.setattr(doctor, "_packages", lambda: iter([broken]))
    monkeypatch.setattr(doctor, "_try", lambda *_: pytest.fail("torch was tried"))
    assert [finding.what for finding in doctor.examine()][-2:] == ["torch", "disk"]


def test_old_python_is_a_problem():
    assert doctor._python((3, 9, 1)).status == PROBLEM
    assert doctor._python((3, 10, 0)).status == OK


@pytest.mark.parametrize(
    ("change", "what", "status"),
    [
        ({}, "device", "OK"),
        ({}, "full MNIST", "note"),
        ({"digits": ["full", "Full MNIST: 70,000; more"]}, "full MNIST", "OK"),
        ({"digits": ["", "x: is empty. Copy it."]}, "full MNIST", "PROBLEM"),
        ({"sample": ["", "x: is empty. Copy it."]}, "sample", "PROBLEM"),
        ({"sample": None}, "sample", "PROBLEM"),
        ({"faults": {"cuda": "RuntimeError: too old"}}, "cuda", "note"),
        ({"device": None, "refused": "COURSE_DEVICE=gpu: wrong"}, "device", "PROBLEM"),
        ({"device": None}, "device", "PROBLEM"),
    ],
)
def test_each_answer_of_the_trial_becomes_its_line(monkeypatch, change, what, status):
    answers = {name: value for name, value in (ANSWERS | change).items() if value is not None}
    findings = by_name([*doctor._data(answers, "exit code 1"), *doctor._device(answers, "code 1")])
    assert findings[what].status == status
    assert bool(findings[what].remedy) == (status != "OK")


def test_misspelt_device_in_the_environment_is_told(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "gpu")
    monkeypatch.setattr(doctor, "_packages", lambda: iter([]))
    found = by_name(doctor.examine())
    assert found["device"].status == PROBLEM
    assert "COURSE_DEVICE=gpu" in found["device"].says


def test_trial_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(doctor, "PATIENCE", 1)
    script = "import time; print('[\"a\", 1]', flush=True); time.sleep(30)"
    assert doctor._try(script) == ({"a": 1}, "exit code none: no answer within 1 s")


def test_exit_code_is_1_and_the_remedy_is_printed_where_there_is_a_problem(monkeypatch, capsys):
    problem = Finding(PROBLEM, "thing", "is broken", "mend it")
    monkeypatch.setattr(doctor, "examine", lambda: iter([Finding(OK, "a", "1"), problem]))
    monkeypatch.setattr(doctor, "_jupyter", lambda: iter([Finding(OK, "JupyterLab", "starts")]))
    assert doctor.doctor() == 1
    printed = capsys.readouterr().out
    assert "-> mend it" in printed
    assert printed.endswith("\n1 problem to solve first.\n")


def test_check_machine_prints_one_constant_line_where_all_is_well(monkeypatch, capsys):
    shown = []
    findings = [Finding(OK, "torch", "2.<5>"), Finding("note", "cuda", "is not used", "none")]
    monkeypatch.setattr(doctor, "examine", lambda: iter(findings))
    monkeypatch.setattr(doctor, "live_html", shown.append)
    doctor.check_machine()
    assert capsys.readouterr().out == "Everything the course needs is here.\n"
    assert "2.&lt;5&gt;" in shown[0]


def test_check_machine_prints_what_is_wrong(monkeypatch, capsys):
    problem = Finding(PROBLEM, "torch", "is not installed", "install it")
    monkeypatch.setattr(doctor, "examine", lambda: iter([problem, problem]))
    doctor.check_machine()
    expected = "torch: is not installed\n  -> install it\n" * 2 + "2 problems to solve first.\n"
    assert capsys.readouterr().out == expected


def test_download_prints_where_the_digits_lie(monkeypatch, capsys, tmp_path):
    asked = []
    monkeypatch.setattr(
        "course_utils.datasets.download_mnist", lambda f: asked.append(f) or tmp_path
    )
    monkeypatch.setattr("course_utils.datasets.load_mnist", lambda f: "Full MNIST")
    assert __main__.main(["download", "--folder", "there"]) == 0
    printed = capsys.readouterr().out
    assert asked == ["there"]
    assert printed.startswith(f"Full MNIST\nIt lies in {tmp_path}\n")
    assert "COURSE_DATA" in printed


def test_failed_download_is_one_message_and_exit_code_1(monkeypatch, capsys):
    def download(_):
        raise DatasetError("digits.gz", "could not be downloaded", "Try again later.")

    monkeypatch.setattr("course_utils.datasets.download_mnist", download)
    assert __main__.main(["download"]) == 1
    assert capsys.readouterr().err == "digits.gz: could not be downloaded. Try again later.\n"


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_is_printed_without_importing_torch(arguments):
    code = (
        "import sys; from course_utils.__main__ import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert done.returncode == 0
    assert "doctor" in done.stdout
    assert "download" in done.stdout
