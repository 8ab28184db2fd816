"""What every test runs under: no network, one thread, the bundled digits, the CPU.

It stands at the top because it governs tests/ and notebooks/ alike.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
OFFLINE = ROOT / "tests" / "offline"
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests")]
runpy.run_path(str(OFFLINE / "sitecustomize.py"))  # blocks the network in this process

from build_notebooks import FIXED  # noqa: E402

os.environ.update(FIXED | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")})
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(OFFLINE), os.environ.get("PYTHONPATH")])
)
N_PROCESSES = 3  # on two cores: browsers and kernels are often waited for


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer what is too much for every run."""
    parser.addoption("--twin", action="store_true", help="run the lessons on a pretended GPU")
    parser.addoption(
        "--without-deeper", action="store_true", help="run no cell of a section called Deeper"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Compare what `report` printed by its band, which the lesson itself has checked."""
    config.addinivalue_line("markers", "twin: runs only with --twin")
    config.option.nbval_sanitize_with = str(ROOT / "tests" / "nbval.cfg")
    config.option.nbval_lax = config.option.without_deeper  # other numbers by lot may be drawn
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a shell starts its background jobs
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):  # as Ctrl+C: what runs is wound up
            signal.signal(getattr(signal, name), signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Share the tests among processes, unless one file alone is asked for."""
    files = {argument.split("::")[0] for argument in config.args}
    return 0 if len(files) == 1 and Path(*files).is_file() else N_PROCESSES


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `--twin` asks for; prove beside the cells of each lesson that its
    solutions are right and its promise kept."""
    if not config.option.twin:
        items[:] = [item for item in items if not item.get_closest_marker("twin")]
    if any(item.path.suffix == ".ipynb" for item in items):
        from lessons import outside_deeper, with_proofs  # imports torch

        items[:] = with_proofs(outside_deeper(items) if config.option.without_deeper else items)


cpu_seconds: dict[str, float] = {}
skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the processor time of each lesson, and what was skipped, in whatever process."""
    if report.when == "call":
        for seconds in (value for name, value in report.user_properties if name == "cpu_s"):
            cpu_seconds[report.nodeid.split("::")[0]] = seconds
    if report.skipped:
        skipped.append(report.nodeid)


def pytest_terminal_summary(terminalreporter: object) -> None:
    """Print seconds, megabytes and cells of each lesson that was run."""
    if cpu_seconds:
        terminalreporter.section("lessons, run strictly")
        terminalreporter.line(f"{'lesson':40} {'CPU s':>8} {'MB':>6} {'cells':>6}")
    for name, taken in sorted(cpu_seconds.items()):
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
