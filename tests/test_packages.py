"""Files of a learner's that stand before a module of the same name."""

import importlib.metadata
import site
import sys

from course_utils import packages
from course_utils.packages import requirements, search_path, shadowing


def test_files_and_packages_with_the_name_of_an_imported_module_are_found(tmp_path):
    for name in ("queue.py", "torch.py", "jupyterlab.py", "course_utils.py", "json.pyc"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("")
    found = shadowing(tmp_path)
    assert found["queue"] == tmp_path / "queue.py"
    assert found["numpy"] == tmp_path / "numpy"
    assert set(found) == {"queue", "torch", "jupyterlab", "course_utils", "json", "numpy"}


def test_what_stands_before_nothing_is_not_told(tmp_path):
    for name in ("mine.py", "sys.py", "time.py", "test.py", "queue.txt", "no_such_package.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "torch").mkdir()  # without __init__.py Python looks further
    assert shadowing(tmp_path) == {}
    assert shadowing(tmp_path / "missing") == {}


def test_the_project_and_its_lessons_stand_before_nothing():
    assert shadowing(packages.PACKAGE.parent) == {}
    assert shadowing(packages.PACKAGE.parent / "notebooks") == {}


def test_requirements_leave_out_the_tools_of_developers():
    names = {need.name for need in requirements()}
    assert {"torch", "jupyterlab"} <= names
    assert "pytest" not in names


def test_packages_of_the_user_are_passed_over_only_where_nothing_is_missing(tmp_path, monkeypatch):
    info = tmp_path / "user_only-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: user-only\nVersion: 1\n")
    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    for needed, passed_over in (("filelock", True), ("user-only", False)):
        monkeypatch.setattr(importlib.metadata, "requires", lambda _, needed=needed: [needed])
        assert (str(tmp_path) not in search_path()) is passed_over
    assert str(tmp_path) in sys.path
