"""A run of the tests that is ended leaves no JupyterLab and no kernel behind, however it ends."""

import os
import signal
import sys
import time

import psutil
import pytest
from build_notebooks import ROOT
from lab import PATIENCE

LONG = """
import os, time, urllib.request
import lab
from nbval.kernel import RunningKernel

def test_that_takes_long(tmp_path):
    cells = RunningKernel("python3")  # as nbval has it
    with lab.server(tmp_path) as address:
        place, _, token = address.partition("lab/tree/{name}?")
        wanted = urllib.request.Request(f"{place}api/kernels?{token}", b"{}", method="POST")
        urllib.request.urlopen(wanted).close()
        open(os.environ["STARTED"], "w").close()
        time.sleep(3600)
"""


@pytest.fixture
def start(tmp_path):
    """Starts the tests with one that takes long, in a process group; gives what then runs."""
    started, runs = tmp_path / "started", []
    (tmp_path / "test_long.py").write_text(LONG)

    def start_with(option):
        command = [sys.executable, "-m", "pytest", str(tmp_path / "test_long.py"), option]
        command += ["-c", str(ROOT / "pyproject.toml"), "-p", "conftest", "-p", "no:cacheprovider"]
        paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
        environment = os.environ | {"STARTED": str(started), "PYTHONPATH": paths}
        run = psutil.Popen(command, env=environment, cwd=tmp_path, start_new_session=True)
        runs.append(run)
        while not started.exists():
            assert run.poll() is None, "the run ended before its test had begun"
            time.sleep(0.05)
        runs.extend(run.children(recursive=True))
        return runs

    yield start_with
    for process in runs:
        if process.is_running():
            process.kill()


def command_of(process):
    """Return a process's command line; "" for one that has ended meanwhile, as small helpers do."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("ending", "n_processes"), [("SIGTERM", 0), ("SIGHUP", 2), ("SIGKILL", 2), ("Ctrl+C", 2)]
)
def test_a_run_that_is_ended_leaves_nothing_behind(start, ending, n_processes):
    run, *started = start(f"-n{n_processes}")
    commands = [command_of(process) for process in started]
    assert sum("jupyterlab" in command for command in commands) == 1
    assert sum("ipykernel" in command for command in commands) == 2
    if ending == "Ctrl+C":
        os.killpg(run.pid, signal.SIGINT)  # a terminal sends it to the whole group
    else:
        run.send_signal(getattr(signal, ending))
    _, left = psutil.wait_procs([run, *started], timeout=PATIENCE)
    assert left == []
