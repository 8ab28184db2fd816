"""Start a script by torchrun, as a command line would, and hear what it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from course_utils.parallel.loopback import loopback_settings

LAST = 2000  # letters of what torchrun says when it fails
GRACE = 30.0  # seconds that torchrun has to end its workers when it is told to


def torchrun(
    script: str | Path,
    *options: object,
    n_workers: int = 2,
    max_restarts: int = 0,
    timeout: float = 300.0,
) -> str:
    """Run a script in several processes of this machine; return what it prints.

    It is the command `torchrun --standalone --nproc-per-node 2 script options`, kept on the
    loopback. What torchrun itself logs is told only when it fails.

    Args:
        script: a file of Python.
        options: what stands behind it on the command line.
        n_workers: how many processes.
        max_restarts: how often all of them are started anew when one has died.
        timeout: seconds that everything together may take.

    Raises:
        RuntimeError: a worker failed, or they were not done in time; with the end of the log.

    >>> torchrun("train_parallel.py", "--epochs", 1, n_workers=2)
    """
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--local-addr", "127.0.0.1", "--nproc-per-node", str(n_workers)]
    command += ["--max-restarts", str(max_restarts), str(script), *map(str, options)]
    environment = {"OMP_NUM_THREADS": "1"} | os.environ | loopback_settings()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe) as agent:
        try:
            out, log = (part.decode(errors="replace") for part in agent.communicate(None, timeout))
        except subprocess.TimeoutExpired:
            _, log = _ended(agent)
            message = f"{script} was not done after {timeout:g} seconds; give torchrun more time"
            raise RuntimeError(f"{message}, or look where a worker waits:\n{log[-LAST:]}") from None
        finally:
            _ended(agent)
    if agent.returncode:
        raise RuntimeError(f"torchrun ended with code {agent.returncode}:\n{log[-LAST:]}")
    return out


def _ended(agent: subprocess.Popen) -> tuple[str, str]:
    """Let torchrun end its workers, which are in sessions of their own, and itself."""
    if agent.poll() is not None:
        return "", ""
    agent.terminate()
    try:
        out, log = agent.communicate(None, GRACE)
    except subprocess.TimeoutExpired:
        agent.kill()
        out, log = agent.communicate()
    return out.decode(errors="replace"), log.decode(errors="replace")
