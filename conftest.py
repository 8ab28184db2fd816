"""What every test runs under: no network, one thread, the bundled digits, the CPU.

It stands at the top because it governs tests/ and notebooks/ alike.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
OFFLINE = ROOT / "tests" / "offline"
sys.path.insert(0, str(ROOT / "tools"))
runpy.run_path(str(OFFLINE / "sitecustomize.py"))  # blocks the network in this process

from build_notebooks import FIXED  # noqa: E402

os.environ.update(FIXED | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")})
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(OFFLINE), os.environ.get("PYTHONPATH")])
)


def pytest_configure(config: pytest.Config) -> None:
    """Compare what `report` printed by its band, which the lesson itself has checked."""
    config.option.nbval_sanitize_with = str(ROOT / "tests" / "nbval.cfg")


seconds: dict[str, float] = defaultdict(float)
skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the seconds of each lesson; note what was skipped."""
    name = report.nodeid.split("::")[0]
    if name.endswith(".ipynb"):
        seconds[name] += report.duration
    if report.skipped:
        skipped.append(report.nodeid)


def pytest_terminal_summary(terminalreporter: object) -> None:
    """Print seconds, megabytes and cells of each lesson that was run."""
    if seconds:
        terminalreporter.section("lessons, run strictly")
        terminalreporter.line(f"{'lesson':40} {'seconds':>8} {'MB':>6} {'cells':>6}")
    for name, taken in sorted(seconds.items()):
        path = ROOT / name
        cells = len(json.loads(path.read_text(encoding="utf-8"))["cells"])
        size = path.stat().st_size / 2**20
        terminalreporter.line(f"{path.stem:40} {taken:8.1f} {size:6.2f} {cells:6}")
    if skipped and os.environ.get("COURSE_NO_SKIPS"):
        terminalreporter.line("Skipped, though COURSE_NO_SKIPS is set:")
        for name in skipped:
            terminalreporter.line(f"  {name}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped something where nothing may be skipped (in CI)."""
    if skipped and os.environ.get("COURSE_NO_SKIPS"):
        session.exitstatus = 1
