"""JupyterLab and its kernels, started beside files and settings of a learner's."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from course_utils import launch

RAISING = "raise RuntimeError('a file of the learner was imported')"


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A folder of lessons, its name neither ASCII nor without a space."""
    folder = tmp_path / "Łódź 数字"
    folder.mkdir()
    shutil.copy(launch.FIRST_LESSON, folder)
    monkeypatch.setattr(launch, "LESSONS", folder)
    monkeypatch.setattr(launch, "FIRST_LESSON", folder / launch.FIRST_LESSON.name)
    return folder


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The learner's settings of Jupyter, still empty."""
    folder = tmp_path / "settings"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    return folder


def test_jupyter_and_a_kernel_start_whatever_a_learner_has_set(
    lessons, settings, tmp_path, monkeypatch
):
    for name in ("queue", "random", "types", "token", "torch"):
        (lessons / f"{name}.py").write_text(RAISING)
    (lessons / "ipykernel").mkdir()
    (lessons / "ipykernel" / "__init__.py").write_text(RAISING)
    elsewhere = {"root_dir": str(tmp_path), "preferred_dir": str(tmp_path)}
    config = {"ServerApp": elsewhere | {"jpserver_extensions": {"jupyterlab": False}}}
    config["FileContentsManager"] = elsewhere
    (settings / "jupyter_server_config.json").write_text(json.dumps(config))
    (settings / "jupyter_lab_config.py").write_text(
        f"c.ServerApp.root_dir = {str(tmp_path)!r}\nc.ServerApp.open_browser = True\n"
        "c.LabApp.default_url = '/tree'\nc.PasswordIdentityProvider.hashed_password = 'argon2:x'\n"
    )
    (settings / "labconfig").mkdir()
    disabled = {"disabledExtensions": dict.fromkeys(launch.WIDGETS, True)}
    (settings / "labconfig" / "page_config.json").write_text(json.dumps(disabled))
    kernel = tmp_path / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    stale = {"argv": ["/nowhere/python"], "display_name": "gone", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(stale))
    (tmp_path / "file").write_text("no folder can be made in this")
    for name, value in {
        "HOME": tmp_path / "file" / "home",
        "JUPYTER_PATH": tmp_path / "data",
        "JUPYTER_PREFER_ENV_PATH": "0",
        "JUPYTERLAB_DIR": tmp_path / "nothing",
        "MPLBACKEND": "no_such_backend",
        "PYTHONOPTIMIZE": "2",
        "PYTHONSAFEPATH": "1",
        "PYTHONWARNINGS": "error",
    }.items():
        monkeypatch.setenv(name, str(value))
    launch.try_jupyter()


def test_a_server_that_cannot_start_is_told_with_its_reason(lessons, settings):
    config = {"ServerApp": {"certfile": str(settings / "missing.pem")}}
    (settings / "jupyter_server_config.json").write_text(json.dumps(config))
    with pytest.raises(launch.JupyterError, match=r"exit code 1: ValueError: certfile"):
        launch.try_jupyter()


def test_a_kernel_that_ends_at_its_start_is_told(lessons, tmp_path, monkeypatch):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with pytest.raises(launch.JupyterError, match="a kernel ends as soon as it is started"):
        launch.try_jupyter()


def test_an_option_of_the_learner_is_not_given_a_second_time():
    assert any("root_dir" in word for word in launch.command(["--no-browser"]))
    for option in ("--notebook-dir=x", "--ServerApp.root_dir=x", "--preferred-dir=x"):
        given = [word for word in launch.command([option]) if "dir" in word.partition("=")[0]]
        assert given == [option]


def test_folders_that_cannot_be_written_are_replaced_while_jupyter_runs(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder can be made in this")
    for name in launch.KEPT_IN:
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "file" / "ipython"))
    with launch.environment() as env:
        assert os.path.isdir(os.path.dirname(env["IPYTHONDIR"]))
        assert env["MPLCONFIGDIR"] == str(tmp_path / "MPLCONFIGDIR")
    assert not os.path.isdir(os.path.dirname(env["IPYTHONDIR"]))
    assert launch.unwritable() == {"IPYTHONDIR": tmp_path / "file" / "ipython"}


def test_folders_of_data_are_passed_on_as_full_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DATA", "digits/")
    monkeypatch.setenv("COURSE_CACHE", "")
    with launch.environment() as env:
        assert env["COURSE_DATA"] == str(tmp_path / "digits")
        assert env["COURSE_CACHE"] == ""


def start(*arguments, folder, **env):
    command = [sys.executable, str(launch.START), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | env, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_no_file_here_or_on_pythonpath_stands_before_a_module_and_all_can_be_imported(tmp_path):
    for folder in ("here", "named"):
        (tmp_path / folder).mkdir()
        for name in ("queue", "numpy", "course_utils"):
            (tmp_path / folder / f"{name}.py").write_text(RAISING)
        (tmp_path / folder / f"only_{folder}.py").write_text(f"print('{folder}')")
    code = "import queue, numpy, only_here, only_named, course_utils; print(course_utils.__file__)"
    printed = start("-c", code, folder=tmp_path / "here", PYTHONPATH=str(tmp_path / "named"))
    assert printed.split("\n")[:2] == ["here", "named"]
    assert printed.split("\n")[2] == str(launch.PACKAGE / "__init__.py")


def test_a_module_that_is_started_sees_its_own_arguments(tmp_path):
    (tmp_path / "tell.py").write_text("import sys; print(__name__, sys.argv[1:])")
    assert start("tell", "-f", "x", folder=tmp_path) == "__main__ ['-f', 'x']\n"
