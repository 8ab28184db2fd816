"""Scripts that are started by torchrun from a cell; they need no PyTorch, so that it is quick."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_utils.parallel import torchrun
from course_utils.parallel.loopback import loopback_settings

HELLO = """
import os, sys
if os.environ["RANK"] == "1":
    print(os.environ["WORLD_SIZE"], os.environ["MASTER_ADDR"], sys.argv[1:], flush=True)
"""
FAILS_ONCE = """
import os, sys
from pathlib import Path
tries = int(os.environ["TORCHELASTIC_RESTART_COUNT"])
if os.environ["RANK"] == "0" and tries == 0:
    sys.exit("the first try fails")
if os.environ["RANK"] == "0":
    print("try", tries, flush=True)
"""
WAITS = """
import os, sys, time
from pathlib import Path
Path(sys.argv[1], os.environ["RANK"]).write_text(str(os.getpid()))
time.sleep(600)
"""


def script(folder, text):
    path = folder / "script.py"
    path.write_text(text)
    return path


def is_gone(pid):
    for _ in range(3000):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_each_worker_is_told_who_it_is_and_only_prints_come_back(tmp_path, capfd):
    said = torchrun(script(tmp_path, HELLO), "--epochs", 1, n_workers=2)
    assert said.split("\n") == ["2 127.0.0.1 ['--epochs', '1']", ""]
    assert capfd.readouterr() == ("", "")


def test_a_script_that_fails_is_told_with_its_log(tmp_path):
    with pytest.raises(RuntimeError, match=r"torchrun ended with code 1:[\s\S]*exitcode"):
        torchrun(script(tmp_path, FAILS_ONCE), n_workers=1)


def test_workers_are_started_anew_as_often_as_allowed(tmp_path):
    assert torchrun(script(tmp_path, FAILS_ONCE), n_workers=2, max_restarts=1) == "try 1\n"


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_what_is_not_done_in_time_is_ended_with_its_workers(tmp_path):
    with pytest.raises(RuntimeError, match=r"was not done after 10 seconds; give torchrun more"):
        torchrun(script(tmp_path, WAITS), tmp_path, n_workers=2, timeout=10)
    pids = [int((tmp_path / rank).read_text()) for rank in "01"]
    assert all(map(is_gone, pids))


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_an_interrupted_caller_leaves_no_worker(tmp_path):
    call = (
        f"from course_utils.parallel import torchrun; torchrun({str(script(tmp_path, WAITS))!r}, "
    )
    call += f"{str(tmp_path)!r}, n_workers=2)"
    caller = subprocess.Popen([sys.executable, "-c", call], start_new_session=True)
    try:
        for _ in range(6000):
            if all((tmp_path / rank).exists() and (tmp_path / rank).read_text() for rank in "01"):
                break
            time.sleep(0.01)
        pids = [int((tmp_path / rank).read_text()) for rank in "01"]
        os.killpg(caller.pid, signal.SIGINT)
        assert caller.wait(timeout=60) != 0
        assert all(map(is_gone, pids))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(caller.pid, signal.SIGKILL)


def test_windows_is_told_that_it_has_no_libuv(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert loopback_settings()["USE_LIBUV"] == "0"
    monkeypatch.setattr(sys, "platform", "linux")
    assert "USE_LIBUV" not in loopback_settings()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows names its interfaces otherwise")
def test_gloo_is_kept_on_the_loopback():
    assert loopback_settings()["GLOO_SOCKET_IFNAME"] in ("lo", "lo0")
