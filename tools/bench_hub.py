"""A class at a real JupyterHub on this machine: what a learner costs, and how long cells take.

    make bench-hub            or: python tools/bench_hub.py [--learners 20] [--pause 2] [--cores 8]

The hub is started with `server/jupyterhub_config.py`, its proxy and `server/` as a class has them,
but for accounts: every server runs as the user who started this, in a folder of its own. First one
learner alone logs in through the form, opens lesson 03 in a copy of her own, runs all its cells
with pauses between them and draws on the pad. Then so many do, each coming at a time of its own.
Everything stays on the loopback, and whatever was started has ended when this ends, also by Ctrl+C.

Memory is PSS, of /proc/PID/smaps_rollup: a page that n processes share counts 1/n in each, so that
a sum counts it once. "private" are pages that nobody shares. Linux only.

`--install` makes the environment of the hub, `build/hub-venv`, and its proxy, `build/hub-proxy`.
`--readme` puts the table of the last run into server/README.md.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import random
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from bench_pad import p95
from build_notebooks import ROOT, assemble, reading_minutes, sources
from hub_learner import Learner, LearnerError, text_of, widget_of

from course_utils.canvas.widget import encode
from course_utils.datasets import MNIST_SAMPLE, read_idx
from course_utils.device import cpu_quota

SERVER, BUILD = ROOT / "server", ROOT / "build"
RESULT, README = BUILD / "bench-hub.json", SERVER / "README.md"
BEGIN, END = "<!-- hub: written by make bench-hub -->\n", "<!-- end of hub -->\n"
LESSON, PAD = "deep-learning/03_softmax.ipynb", "DigitPad("
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
SYSTEM_GB = 2  # left to the system of the machine that is computed
BUSY = 0.5  # how much of its cores a class may keep busy on average, so that cells answer at once
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


class Person(NamedTuple):
    """What a learner has seen: seconds a cell, milliseconds a reading of the pad, their texts."""

    start: float
    cells: list[float]
    readings: list[float]
    texts: list[str]


# ---- the hub


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
    names = {"base": str(venv), "platbase": str(venv)}
    return sysconfig.get_path("purelib", "venv" if os.name == "posix" else None, vars=names)


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
    """Start the hub and its proxy; give its address and the mark of all that it starts."""
    mark, ports = secrets.token_hex(8), free_ports(3)
    path, address = state / "config.py", f"http://127.0.0.1:{ports[0]}"
    extensions = state / "jupyter_server_config.d"
    extensions.mkdir()
    (extensions / "learner.json").write_text(json.dumps(AS_LEARNER))
    path.write_text(configuration(state, mark, ports, cold), encoding="utf-8")
    python = str(BUILD / "hub-venv" / "bin" / "python")
    environment = os.environ | {MARK: mark, "HUB_STATE": str(state)}
    environment["COURSE_WARM"] = str(state / "warm")
    environment.pop("PYTHONPATH", None)
    with (state / "hub.log").open("w") as log:
        process = subprocess.Popen(
            [python, "-c", TIED, "-f", str(path)],
            cwd=state,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl+C is for the process that asked
        )
    try:
        _wait_for_hub(process, address, state / "hub.log")
        _wait_for_warm(state / "warm", cold)
        yield address, mark
    finally:
        _end(process, mark)


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


def available_mb() -> float:
    """Return what the system says can still be had without swapping, in MB."""
    text = Path("/proc/meminfo").read_text()
    return int(text.partition("MemAvailable:")[2].split()[0]) * 1.024 / 1000


# ---- learners


def attend(learner: Learner, rng: random.Random, pause: float) -> Person:
    """Log in, run the lesson with pauses, draw on the pad wherever it stands."""
    start = time.perf_counter()
    learner.log_in(f"the password of {learner.name}")
    cells = learner.open(LESSON)
    started, seconds, readings, texts = time.perf_counter() - start, [], [], []
    for cell in cells:
        begin = time.perf_counter()
        outputs = learner.run(cell)
        seconds.append(time.perf_counter() - begin)
        texts.append(text_of(outputs))
        if PAD in cell["source"]:
            readings += draw(learner, widget_of(outputs), rng)
        time.sleep(rng.uniform(0, 2 * pause))
    return Person(started, seconds, readings, texts)


def draw(learner: Learner, pad: str, rng: random.Random, n_digits: int = 5) -> list[float]:
    """Draw digits: some readings each while the ink grows, then the strokes, as the page sends."""
    images = read_idx(MNIST_SAMPLE / "t10k-images-idx3-ubyte.gz")
    times: list[float] = []
    for k in range(n_digits):
        picture = images[rng.randrange(len(images))].numpy()
        for rows in (7, 14, 21, 28):
            grown = np.where(np.arange(28)[:, None] < rows, picture, 0).astype(np.uint8)
            times.append(learner.read(pad, len(times) + 1, grown.tobytes()))
            time.sleep(0.1)
        stroke = np.array([[0.3, 0.2], [0.7, 0.2], [0.4, 0.5 + k / 10]], np.float32)
        learner.draw(pad, encode([stroke]))
        if learner.value("len(pad.strokes), len(pad.strokes[0])") != "(1, 3)":
            raise LearnerError("the pad in the kernel does not hold the stroke that was drawn")
    return times


class Class:
    """Learners who come one after the other and stay until all are done.

    Args:
        names: to log in with.
        address: of the hub.
        spread: seconds within which they come.
        pause: seconds between two cells, on average.
    """

    def __init__(self, names: list[str], address: str, spread: float, pause: float) -> None:
        self.learners = [Learner(name, address) for name in names]
        self.spread, self.pause = spread, pause
        self.people: dict[str, Person] = {}
        self.failures: dict[str, str] = {}
        self.threads = [
            threading.Thread(target=self._attend, args=(k,), daemon=True) for k in range(len(names))
        ]

    def run(self, patience: float) -> None:
        """Let all of them attend; who is not done in time has failed."""
        for thread in self.threads:
            thread.start()
        end = time.monotonic() + patience
        for thread, learner in zip(self.threads, self.learners, strict=True):
            while thread.is_alive() and time.monotonic() < end:
                thread.join(0.5)  # Ctrl+C is heard between two of these
            if thread.is_alive():
                self.failures[learner.name] = f"not done after {patience:.0f} s"

    def _attend(self, k: int) -> None:
        learner, rng = self.learners[k], random.Random(k)
        time.sleep(self.spread * (k + rng.random()) / len(self.learners))
        try:
            self.people[learner.name] = attend(learner, rng, self.pause)
        except Exception as error:  # whatever went wrong is what is looked for
            self.failures[learner.name] = f"{type(error).__name__}: {error}"

    def leave(self) -> None:
        """Stop every server, as its owner would."""
        for learner in self.learners:
            try:
                learner.log_out()
            except (LearnerError, OSError) as error:
                self.failures.setdefault(learner.name, f"leaving: {error}")


# ---- what it comes to


def compare_texts(alone: Person, people: dict[str, Person]) -> dict[str, str]:
    """Return who saw other words than a learner alone did, and in which cell first."""
    wrong = {}
    for name, person in people.items():
        pairs = enumerate(zip(alone.texts, person.texts, strict=True))
        differ = [k for k, (one, other) in pairs if one != other]
        if differ:
            wrong[name] = f"cell {differ[0]} says something else than to a learner alone"
    return wrong


def cost(parts: dict[str, list[dict[str, float]]], n: int) -> dict[str, float]:
    """Return in MB what n learners share, what each adds, and the sum, hub and proxy included.

    What each adds are the private pages of server, kernel and their stand-ins. The rest of their
    PSS is shared: it is there once, however many they are.
    """
    own = [part for role in OWN for part in parts.get(role, ())]
    common = [part for role in parts.keys() - set(OWN) for part in parts[role]]
    private = sum(part["private"] for part in own)
    pss = sum(part["pss"] for part in own)
    hub_mb = sum(part["pss"] for part in common)
    return {"once": hub_mb + pss - private, "each": private / n, "sum": hub_mb + pss}


def capacity(figures: dict[str, float], cores: int, gigabytes: float) -> dict[str, float]:
    """Return how many learners a machine bears: by its memory, by its cores, and the lesser.

    By memory: what is left besides the system and what all share, over what each adds. By cores:
    the busy share of them, over the cores that a learner needs on average, who spends the CPU
    seconds of the lesson in the minutes that it takes to read and try.
    """
    left = 1000 * (gigabytes - SYSTEM_GB) - figures["once"]
    by_memory = int(left / figures["each"])
    by_cores = int(BUSY * cores * 60 * figures["minutes"] / figures["cpu"])
    return {"memory": by_memory, "cores": by_cores, "learners": min(by_memory, by_cores)}


def lesson_minutes() -> int:
    """Return the honest minutes of both parts of lesson 03."""
    minutes = reading_minutes(assemble(sources(["03"])[0]).cells)
    return minutes["part1"] + minutes["part2"]


def measure(options: argparse.Namespace, state: Path) -> dict:
    """Run both classes and return all figures."""
    with hub(state, options.cold) as (address, mark):
        first = Class(["alone"], address, 0, options.pause)
        print("one learner alone ...", flush=True)
        first.run(options.patience)
        if first.failures:
            raise SystemExit(f"A learner alone fails: {first.failures['alone']}\n{tail(state)}")
        one = held(mark)
        first.leave()
        empty, before = held(mark), available_mb()
        names = [f"learner{k:02d}" for k in range(options.learners)]
        everybody = Class(names, address, options.spread, options.pause)
        print(f"{options.learners} learners, who come within {options.spread:g} s ...", flush=True)
        begin = time.perf_counter()
        everybody.run(options.patience)
        seconds = time.perf_counter() - begin
        many, after = held(mark), available_mb()
        everybody.leave()
    failures = everybody.failures | compare_texts(first.people["alone"], everybody.people)
    return {
        "alone": first.people["alone"]._asdict(),
        "people": {name: person._asdict() for name, person in everybody.people.items()},
        "failures": failures,
        "seconds": seconds,
        "memory": {"empty": empty, "one": one, "many": many, "available": before - after},
        "minutes": lesson_minutes(),
        "log": tail(state) if failures else "",
    }


def tail(state: Path) -> str:
    """Return the last lines of the hub's log."""
    return (state / "hub.log").read_text(errors="replace")[-3000:]


def summary(result: dict, options: argparse.Namespace) -> dict[str, float]:
    """Return the figures that the table shows."""
    alone, people = result["alone"], list(result["people"].values())
    many = result["memory"]["many"]
    n = max(1, len(people))
    kernels = [*many.get("kernel", ()), *many.get("cold kernel", ())]
    figures = cost(many, n)
    figures |= {
        "minutes": result["minutes"],
        "cpu": sum(part["cpu"] for role in OWN for part in many.get(role, ())) / n,
        "slower": statistics.median(sum(p["cells"]) for p in people) / sum(alone["cells"]),
        "alone": sum(alone["cells"]),
        "start": statistics.median(p["start"] for p in people) / alone["start"],
        "started": alone["start"],
        "reading": statistics.median(alone["readings"]),
        "reading many": statistics.median([ms for p in people for ms in p["readings"]]),
        "reading p95": p95([ms for p in people for ms in p["readings"]]),
        "peak": max(part["peak"] for part in kernels),
        "data": max(part["data"] for part in kernels),
        "available": result["memory"]["available"],
        "longest": max(alone["cells"]),
    }
    return figures | capacity(figures, options.cores, options.gigabytes)


def table(result: dict, figures: dict[str, float], options: argparse.Namespace) -> str:
    """Return what was measured, as Markdown."""
    many = result["memory"]["many"]
    rows = ["| process | how many | private MB each | PSS MB each |", "|---|--:|--:|--:|"]
    for role, parts in sorted(many.items()):
        private = statistics.mean(part["private"] for part in parts)
        pss = statistics.mean(part["pss"] for part in parts)
        rows.append(f"| {role} | {len(parts)} | {private:.0f} | {pss:.0f} |")
    n, f = len(result["people"]), figures
    words = [
        f"{n} learners at once, {len(result['failures'])} failures, on {cpu_quota()} cores; "
        f"PyTorch {version('torch')}, Python {platform.python_version()}.",
        f"A learner adds **{f['each']:.0f} MB**; {f['once']:.0f} MB are there once: hub, proxy and "
        f"what all share. Together {f['sum']:.0f} MB; the system says {f['available']:.0f} MB "
        "more were in use than before they came.",
        f"Cells took {f['slower']:.1f} times as long as for one learner alone ({f['alone']:.1f} s "
        f"for all of the lesson), log-in until the first cell {f['start']:.1f} times "
        f"({f['started']:.1f} s), a reading of the pad {f['reading many']:.0f} ms in place of "
        f"{f['reading']:.0f} (95% within {f['reading p95']:.0f} ms).",
        f"A learner takes {f['cpu']:.0f} CPU seconds for the lesson's {f['minutes']} minutes; the "
        f"largest kernel held {f['peak']:.0f} MB, and {f['data']:.0f} MB count for `mem_limit`.",
        f"**{options.cores} cores and {options.gigabytes:g} GB bear {f['learners']} learners**: "
        f"{f['memory']} by memory, ({options.gigabytes:g} GB − {SYSTEM_GB} GB for the system − "
        f"{f['once'] / 1000:.1f} GB) / {f['each']:.0f} MB; {f['cores']} by cores, {BUSY:.0%} of "
        f"{options.cores} × {f['minutes']} × 60 s / {f['cpu']:.0f} s. When all {f['learners']} run "
        f"the longest cell ({f['longest']:.1f} s) at once, the last waits "
        f"{f['learners'] * f['longest'] / options.cores:.0f} s.",
    ]
    return "\n".join(rows) + "\n\n" + "\n\n".join(words) + "\n"


def write_readme(text: str, readme: Path = README) -> None:
    """Put the table between its two marks."""
    before, mark, rest = readme.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise SystemExit(f"{readme} has lost the marks around its table; bring them back with git")
    readme.write_text(f"{before}{BEGIN}{text}{END}{after}", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="only make the hub's environment")
    parser.add_argument("--readme", action="store_true", help="only write the last table")
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--pause", type=float, default=2, help="mean seconds between two cells")
    parser.add_argument("--spread", type=float, default=60, help="seconds within which they come")
    parser.add_argument("--patience", type=float, default=1500, help="seconds for a whole class")
    parser.add_argument("--cold", action="store_true", help="nothing is forked from warm.py")
    parser.add_argument("--cores", type=int, default=8, help="of the machine to compute")
    parser.add_argument("--gigabytes", type=float, default=32, help="of the machine to compute")
    options = parser.parse_args()
    if options.install:
        return install(BUILD) or 0
    if options.readme:
        return write_readme(json.loads(RESULT.read_text())["table"]) or 0
    if not Path("/proc/self/smaps_rollup").exists():
        raise SystemExit("This looks at /proc/PID/smaps_rollup, which Linux has from 4.14 on.")
    for name in ("SIGTERM", "SIGHUP"):  # as Ctrl+C: what runs is wound up
        signal.signal(getattr(signal, name), signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder:
        result = measure(options, Path(folder))
    for name, fault in sorted(result["failures"].items()):
        print(f"{name}: {fault}")
    if not result["people"]:
        raise SystemExit(f"Nobody came to the end.\n{result['log']}")
    figures = summary(result, options)
    result |= {"figures": figures, "table": table(result, figures, options)}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n" + result["table"])
    return int(bool(result["failures"]))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
