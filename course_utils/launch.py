"""How JupyterLab is started: with what the course needs, and the rest as the learner has set it.

`lab` starts it for the learner, `try_jupyter` in the same way for the doctor.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import course_utils
from course_utils.packages import search_path
from course_utils.places import COURSE_FOLDERS, named_folder

if TYPE_CHECKING:
    from jupyter_client import BlockingKernelClient

PACKAGE = Path(__file__).resolve().parent
START = PACKAGE / "start.py"
LESSONS = PACKAGE.parent / "notebooks"
FIRST_LESSON = LESSONS / "00_welcome.ipynb"
KERNEL = [sys.executable, str(START), "ipykernel_launcher", "-f", "{connection_file}"]
WIDGETS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")  # what shows explorers and the pad
PATIENCE = 180  # seconds for JupyterLab or a kernel to answer
# A kernel that fails is told at once, and a JupyterLab that a killed doctor leaves behind ends.
TRIAL = (
    "--ServerApp.open_browser=False",
    "--KernelRestarter.restart_limit=0",
    "--ServerApp.shutdown_no_activity_timeout=300",
    "--MappingKernelManager.cull_idle_timeout=300",
)

# What changes how Python runs code, or where JupyterLab and the figures of a kernel are.
LEFT_OUT = (
    "JUPYTERLAB_DIR",
    "MPLBACKEND",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONSAFEPATH",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)
KEPT_IN = (
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
    "MPLCONFIGDIR",
)


class JupyterError(RuntimeError):
    """JupyterLab or its kernel does not start, or not as the course needs it."""


def command(options: Sequence[str] = ()) -> list[str]:
    """Return the command that opens JupyterLab at the first lesson, with `options` of its own."""
    command = [sys.executable, str(START), "jupyterlab", str(FIRST_LESSON), *options]
    # A configuration file may name another folder for other work; who gives an option means it.
    if not any(re.match(r"--[\w.]*(notebook|root|preferred)[-_]dir\b", o) for o in options):
        owners = ("ServerApp", "AsyncLargeFileManager")
        names = ("root_dir", "preferred_dir")
        command += [f"--{owner}.{name}={LESSONS}" for owner in owners for name in names]
        if not any("default_url" in option for option in options):  # where no browser opens
            command.append(f"--LabApp.default_url=/lab/tree/{FIRST_LESSON.name}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container, say; JupyterLab refuses root otherwise
    return command


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """Give the environment variables for JupyterLab, its kernels, and what the doctor tries.

    What needs a package that is not installed is left out, and told by whatever starts next.
    JupyterLab finds the settings of `labconfig`, and a kernel that begins with `start.py`. Folders
    that are `unwritable` are replaced by temporary ones for as long as the context lasts.
    """
    env = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    env |= {name: str(place) for name in COURSE_FOLDERS if (place := named_folder(name))}
    with suppress(ImportError):
        if len(search_path()) < len(sys.path):
            env["PYTHONNOUSERSITE"] = "1"
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as spare:
        with suppress(ImportError):
            from ipykernel.kernelspec import write_kernel_spec

            write_kernel_spec(os.path.join(spare, "kernels", "python3"), {"argv": KERNEL})
        for name, first in {"JUPYTER_CONFIG_PATH": PACKAGE, "JUPYTER_PATH": spare}.items():
            env[name] = os.pathsep.join(filter(None, [str(first), os.environ.get(name)]))
        yield env | {name: os.path.join(spare, name) for name in unwritable()}


def unwritable() -> dict[str, Path]:
    """Return the folders that Jupyter or Matplotlib want to write and cannot, by their variables.

    >>> unwritable()
    {'JUPYTER_RUNTIME_DIR': PosixPath('/home/ada/.local/share/jupyter/runtime')}
    """
    with suppress(ImportError):
        return {name: place for name, place in _kept_in().items() if not _is_writable(place)}
    return {}


def settings_folders() -> list[str]:
    """Return the folders of the learner's own settings of Jupyter and of its kernels."""
    ipython = os.environ.get("IPYTHONDIR") or os.path.join(os.path.expanduser("~"), ".ipython")
    with suppress(ImportError, RuntimeError):
        from jupyter_core.paths import jupyter_config_dir

        return [jupyter_config_dir(), ipython]
    return [ipython]


def _kept_in() -> dict[str, Path]:
    from jupyter_core.paths import jupyter_config_dir, jupyter_runtime_dir

    try:
        lab, home = Path(jupyter_config_dir(), "lab"), Path.home()
        runtime = Path(jupyter_runtime_dir())
    except RuntimeError:  # an account without a home folder
        return {"HOME": Path("~")} | {name: Path(os.environ.get(name) or "~") for name in KEPT_IN}
    matplotlib = home / ".matplotlib"
    if sys.platform not in ("darwin", "win32"):
        matplotlib = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "matplotlib"
    usual = (runtime, lab / "user-settings", lab / "workspaces", home / ".ipython", matplotlib)
    return {n: Path(os.environ.get(n) or place) for n, place in zip(KEPT_IN, usual, strict=True)}


def _is_writable(folder: Path) -> bool:
    if not folder.is_absolute():
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def try_jupyter() -> None:
    """Start JupyterLab and a kernel as `lab` does, without a browser, and end both.

    Raises:
        JupyterError: what does not start, or is not what the course needs.
    """
    with environment() as env, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        token, log = secrets.token_hex(16), Path(folder, "log")
        with log.open("wb") as out:
            process = subprocess.Popen(
                command([*TRIAL, f"--IdentityProvider.token={token}"]),
                cwd=LESSONS,
                env=env | {"JUPYTER_RUNTIME_DIR": folder},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            _examine(_Server(_address(Path(folder), process), token), Path(folder))
        except JupyterError as error:
            raise JupyterError(f"{error}{_reason(log)}") from None
        finally:
            _end(process)


class _Server:
    """A running JupyterLab, asked over HTTP past every proxy."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token
        unverified = ssl._create_unverified_context()  # a certificate that the learner has made
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unverified)
        )

    def ask(self, path: str, data: dict | None = None) -> str:
        body = None if data is None else json.dumps(data).encode()
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.address + path, body, headers)
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            error.close()
            raise JupyterError(f"JupyterLab answers {error.code} to {path}") from error
        except OSError as error:
            raise JupyterError(f"JupyterLab does not answer at {self.address} ({error})") from error


def _address(runtime: Path, process: subprocess.Popen) -> str:
    """Wait until JupyterLab has written where it can be reached."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise JupyterError(f"JupyterLab ends with exit code {process.returncode}")
        for file in runtime.glob("jpserver-*.json"):
            with suppress(ValueError, OSError):
                return json.loads(file.read_text(encoding="utf-8"))["url"]
        time.sleep(0.1)
    raise JupyterError(f"JupyterLab does not answer within {PATIENCE} s")


def _examine(server: _Server, runtime: Path) -> None:
    server.ask(f"api/contents/{FIRST_LESSON.name}?content=0")
    page = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', server.ask("lab"), re.DOTALL)
    config = json.loads(page[1]) if page else {}
    there = {found["name"] for found in config.get("federated_extensions", ())}
    disabled = {name.partition(":")[0] for name in config.get("disabledExtensions", ())}
    for name in WIDGETS:
        if name not in there or name in disabled:
            raise JupyterError(f"JupyterLab does not load its extension {name}")
    kernel = json.loads(server.ask("api/kernels", {"name": "python3"}))["id"]
    found = _course_of_kernel(server, runtime, kernel)
    if found != repr(course_utils.__file__):
        raise JupyterError(f"a kernel takes the course from elsewhere: {found}")
    server.ask("api/shutdown", {})


def _course_of_kernel(server: _Server, runtime: Path, kernel: str) -> str:
    """Wait for a kernel, and ask it for the file of the course that it imports."""
    from jupyter_client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        _wait_for_kernel(server, kernel, client)
        asked = {"file": "__import__('course_utils').__file__"}
        reply = client.execute("", user_expressions=asked, reply=True, timeout=PATIENCE)
    finally:
        client.stop_channels()
    answer = reply["content"]["user_expressions"]["file"]
    return answer["data"]["text/plain"] if answer["status"] == "ok" else answer["evalue"]


def _wait_for_kernel(server: _Server, kernel: str, client: BlockingKernelClient) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(RuntimeError):  # it is not ready yet
            return client.wait_for_ready(timeout=2)
        kernels = {k["id"]: k["execution_state"] for k in json.loads(server.ask("api/kernels"))}
        if kernels.get(kernel, "dead") in ("dead", "restarting"):
            raise JupyterError("a kernel ends as soon as it is started")
    raise JupyterError(f"a kernel does not answer within {PATIENCE} s")


def _reason(log: Path) -> str:
    """The last line of a log that names an error."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    named = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Warning)\b|\[E ", line)]
    return f": {named[-1].strip()}" if named else ""


def _end(process: subprocess.Popen) -> None:
    for stop in (lambda: None, process.terminate, process.kill):
        stop()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
            return
