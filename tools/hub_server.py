"""A JupyterHub on the loopback, with the files of server/; what its processes hold.

The hub, its proxy, servers and kernels bear a mark in their environment, by which they are found,
measured and ended. Linux only.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from build_notebooks import ROOT

SERVER, BUILD = ROOT / "server", ROOT / "build"
PATIENCE = 60  # seconds for the hub to answer, or to end
MARK = "COURSE_BENCH_HUB"  # in the environment of every process that the hub starts
ROLES = {  # by what stands in name and command line; the first that fits
    "stand-in": "from_warm.py",
    "kernel": "warm-ipykernel",
    "server": "warm-jupyterhub",
    "cold kernel": "ipykernel_launcher",
    "cold server": "jupyterhub.singleuser",
    "warm": "server/warm.py",
    "proxy": "configurable-http-proxy",
    "hub": "jupyterhub",
}
OWN = ("kernel", "server", "cold kernel", "cold server", "stand-in")  # of one learner each
# The hub ends when its standard input does: that is when whoever started it has ended.
TIED = """
import os, signal, sys, threading
def follow():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=follow, daemon=True).start()
from jupyterhub.app import main
main()
"""
# A developer's JupyterLab loads what a learner's does not have.
AS_LEARNER = {"ServerApp": {"jpserver_extensions": {"jupyterlab_jupytext": False}}}
CONFIG = """
from firstuseauthenticator import FirstUseAuthenticator
load_subconfig({shipped!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.authenticator_class = FirstUseAuthenticator  # the shipped one, but for accounts
c.FirstUseAuthenticator.dbm_path = {state!r} + "/passwords"
c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
c.SimpleLocalProcessSpawner.home_dir_template = {state!r} + "/home/{{username}}"
c.Spawner.cmd = [{python!r}, *c.Spawner.cmd[1:], *{options!r}]
c.Spawner.environment |= {environment!r}
c.JupyterHub.services[0]["command"][0] = {python!r}
c.JupyterHub.services[0]["environment"] |= {environment!r}
"""


def install(build: Path) -> None:
    """Make the environment of the hub beside the course's, which stays as it is."""
    venv, proxy = build / "hub-venv", build / "hub-proxy"
    build.mkdir(exist_ok=True)
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    packages = sysconfig.get_path("purelib")
    Path(_packages(venv), "course.pth").write_text(f"{packages}\n")  # what is there is not fetched
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    env = os.environ | {"PIP_USER": "0"}
    subprocess.run([*pip, "-r", str(SERVER / "requirements.txt")], check=True, env=env)
    npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(proxy)]
    wanted = proxy_version()
    if not (proxy / "node_modules" / wanted.partition("@")[0]).exists():
        proxy.mkdir(exist_ok=True)
        try:
            subprocess.run([*npm, wanted], check=True)
        except FileNotFoundError:
            raise SystemExit("The hub's proxy needs node and npm: apt install nodejs npm") from None


def proxy_version() -> str:
    """Return what server/requirements.txt says of the proxy, such as `name@5.3.0`."""
    text = (SERVER / "requirements.txt").read_text(encoding="utf-8")
    return next(word for word in text.split() if word.startswith("configurable-http-proxy@"))


def _packages(venv: Path) -> str:
    return str(venv / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages")


def free_ports(n: int) -> list[int]:
    """Return ports of the loopback that nobody uses at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def configuration(state: Path, mark: str, ports: list[int], cold: bool = False) -> str:
    """Return what stands in place of accounts, ports and commands in the shipped configuration.

    Args:
        state: folder for what the hub keeps, and for its users.
        mark: for the environment of all that is started.
        ports: for pages, the hub and the proxy.
        cold: let servers and kernels start by themselves, as TLJH does.
    """
    environment = {MARK: mark, "PYTHONPATH": _packages(BUILD / "hub-venv")}
    environment["JUPYTER_CONFIG_PATH"] = f"{state}:{SERVER}:{ROOT / 'course_utils'}"
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return CONFIG.format(
        shipped=str(SERVER / "jupyterhub_config.py"),
        state=str(state),
        ports=ports,
        proxy=str(BUILD / "hub-proxy" / "node_modules" / ".bin" / "configurable-http-proxy"),
        python=sys.executable,
        options=root,
        environment=environment | ({"COURSE_WARM": ""} if cold else {}),
    ) + ("c.JupyterHub.services = []\n" if cold else "")


@contextlib.contextmanager
def hub(state: Path, cold: bool = False) -> Iterator[tuple[str, str]]:
    """Start the hub and its proxy; give its address and the mark of all that it starts.

    Args:
        state: an empty folder, for what the hub keeps and its users.
        cold: let servers and kernels start by themselves.
    """
    mark, ports = secrets.token_hex(8), free_ports(3)
    address = f"http://127.0.0.1:{ports[0]}"
    (state / "config.py").write_text(configuration(state, mark, ports, cold), encoding="utf-8")
    extensions = state / "jupyter_server_config.d"
    extensions.mkdir()
    (extensions / "learner.json").write_text(json.dumps(AS_LEARNER))
    process = _start(state, mark)
    try:
        _wait_for_hub(process, address, state / "hub.log")
        _wait_for_warm(state / "warm", cold)
        yield address, mark
    finally:
        _end(process, mark)


def _start(state: Path, mark: str) -> subprocess.Popen:
    paths = {"HUB_STATE": str(state), "COURSE_WARM": str(state / "warm")}
    environment = os.environ | paths | {MARK: mark}
    environment.pop("PYTHONPATH", None)
    python = str(BUILD / "hub-venv" / "bin" / "python")
    with (state / "hub.log").open("w") as log:
        return subprocess.Popen(
            [python, "-c", TIED, "-f", str(state / "config.py")],
            cwd=state,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl+C is for the process that asked
        )


def _wait_for_hub(process: subprocess.Popen, address: str, log: Path) -> None:
    end, past_proxies = time.monotonic() + PATIENCE, urllib.request.ProxyHandler({})
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            opener = urllib.request.build_opener(past_proxies)
            return opener.open(f"{address}/hub/health", timeout=PATIENCE).close()
        time.sleep(0.2)
    raise SystemExit(f"The hub did not start:\n{log.read_text()[-2000:]}")


def _wait_for_warm(path: Path, cold: bool) -> None:
    end = time.monotonic() + PATIENCE
    while not (cold or path.is_socket()):
        if time.monotonic() > end:
            raise SystemExit(f"server/warm.py does not listen at {path}; see the hub's log")
        time.sleep(0.2)


def _end(process: subprocess.Popen, mark: str) -> None:
    """End the hub, which ends its servers and they their kernels; then what is left of them."""
    with contextlib.suppress(OSError):
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        process.wait(PATIENCE)
    for stop in (signal.SIGTERM, signal.SIGKILL):
        left = marked(mark)
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, stop)
        if left:
            time.sleep(3)


# ---- what processes hold


def marked(mark: str) -> dict[int, str]:
    """Return the processes that bear the mark in their environment: name and command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "comm").read_bytes() + (folder / "cmdline").read_bytes()
                found[int(folder.name)] = words.replace(b"\0", b" ").decode(errors="replace")
    return found


def role_of(command: str) -> str:
    """Return which part of a hub a command line starts: kernel, server, proxy, hub or other."""
    return next((role for role, words in ROLES.items() if words in command), "other")


def memory_of(pid: int, root: Path = Path("/proc")) -> dict[str, float]:
    """Return what a process holds now, in MB, and the CPU seconds that it took.

    "pss" counts shared pages in parts, "private" leaves them out, "peak" was resident at most,
    "data" counts for the limit of memory.
    """
    fields = {}
    for name in ("smaps_rollup", "status"):
        for line in (root / str(pid) / name).read_text().splitlines():
            if line.endswith(" kB"):
                field, _, amount = line[:-3].partition(":")
                fields[field] = int(amount) * 1.024 / 1000
    ticks = (root / str(pid) / "stat").read_text().rpartition(")")[2].split()[11:13]
    return {
        "pss": fields["Pss"],
        "private": fields["Private_Clean"] + fields["Private_Dirty"],
        "peak": fields["VmHWM"],
        "data": fields["VmData"],
        "cpu": sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"),
    }


def held(mark: str) -> dict[str, list[dict[str, float]]]:
    """Return role -> what each process of it holds now."""
    found: dict[str, list] = {}
    for pid, command in marked(mark).items():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found.setdefault(role_of(command), []).append(memory_of(pid))
    return found


def kernel_mb(mark: str) -> float:
    """Return what the only kernel shares with nobody, in MB."""
    parts = held(mark)
    (kernel,) = [*parts.get("kernel", ()), *parts.get("cold kernel", ())]
    return kernel["private"]


def available_mb() -> float:
    """Return what the system says can still be had without swapping, in MB."""
    text = Path("/proc/meminfo").read_text()
    return int(text.partition("MemAvailable:")[2].split()[0]) * 1.024 / 1000
