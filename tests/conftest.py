"""What every test runs under: no network, one thread, the bundled digits, no user settings."""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OFFLINE = ROOT / "tests" / "offline"
sys.path.insert(0, str(ROOT / "tools"))
runpy.run_path(str(OFFLINE / "sitecustomize.py"))  # blocks the network in this process

from build_notebooks import FIXED  # noqa: E402

os.environ.update(FIXED | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")})
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(OFFLINE), os.environ.get("PYTHONPATH")])
)


class LessonTable:
    """Adds up the seconds of each lesson, prints a table at the end, and refuses skips in CI.

    A plugin of its own, since the hooks of a conftest do not hear of files outside its folder.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.split("::")[0]
        if name.endswith(".ipynb"):
            self.seconds[name] += report.duration
        if report.skipped:
            self.skipped.append(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: object) -> None:
        if self.seconds:
            terminalreporter.section("lessons, run strictly")
            terminalreporter.line(f"{'lesson':40} {'seconds':>8} {'MB':>6} {'cells':>6}")
        for name, taken in sorted(self.seconds.items()):
            path = ROOT / name
            cells = len(json.loads(path.read_text(encoding="utf-8"))["cells"])
            size = path.stat().st_size / 2**20
            terminalreporter.line(f"{path.stem:40} {taken:8.1f} {size:6.2f} {cells:6}")
        if self.skipped and os.environ.get("COURSE_NO_SKIPS"):
            terminalreporter.line("Skipped, though COURSE_NO_SKIPS is set:")
            for name in self.skipped:
                terminalreporter.line(f"  {name}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and os.environ.get("COURSE_NO_SKIPS"):
            session.exitstatus = 1


def pytest_configure(config: pytest.Config) -> None:
    """Let the table hear of every test."""
    config.pluginmanager.register(LessonTable(), "lesson-table")
