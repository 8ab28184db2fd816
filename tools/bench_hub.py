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
import itertools
import json
import platform
import random
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import nbformat
import numpy as np
from bench_pad import p95
from build_notebooks import assemble, reading_minutes, sources
from hub_learner import Learner, LearnerError, text_of, widget_of
from hub_server import BUILD, OWN, SERVER, available_mb, held, hub, install, kernel_mb

from course_utils.canvas.widget import encode
from course_utils.datasets import MNIST_SAMPLE, read_idx
from course_utils.device import cpu_quota

RESULT, COLD, README = BUILD / "bench-hub.json", BUILD / "bench-hub-cold.json", SERVER / "README.md"
BEGIN, END = "<!-- hub: written by make bench-hub -->\n", "<!-- end of hub -->\n"
LESSON, PAD = "deep-learning/03_softmax.ipynb", "DigitPad("
SYSTEM_GB = 2  # left to the system of the machine that is computed
WAIT = 30  # seconds that anybody may wait there when all run the longest cell at once
DATA = """sum(x.nbytes() for x in {x.untyped_storage().data_ptr(): x.untyped_storage() for x in
__import__("gc").get_objects() if type(x) is __import__("torch").Tensor and not x.is_sparse}.values(
)) + sum(
__import__("sys").getsizeof(row) for row in image_lists)"""  # bytes of a learner's own names
WORDS = """A learner adds **{each:.0f} MB**; {once:.0f} MB are there once: hub, proxy and what all \
share. Together {sum:.0f} MB; the system says that {available:.0f} MB more were in use than before \
they came.

Cells took {slower:.1f} times as long as for one learner alone ({alone:.1f} s for the whole \
lesson), log-in until the first cell {start:.1f} times ({started:.1f} s), a reading of the pad \
{reading many:.0f} ms in place of {reading:.0f} (95% within {reading p95:.0f} ms).

Of a kernel's {kernel:.0f} private MB {fresh:.0f} are there before the first cell, and \
{content:.0f} are tensors and lists of the lesson. It grew most with {grown}. At its largest a \
kernel held {peak:.0f} MB, what it shares included; {data:.0f} MB count for `mem_limit`.

**{cores} cores and {gigabytes:g} GB bear {bears} learners**: {memory} by memory, \
({gigabytes:g} − {SYSTEM_GB} GB for the system − {once:.0f} MB) / {each:.0f} MB; {by_cores} by \
cores, if nobody shall wait longer than {WAIT} s when all run the longest cell ({longest:.1f} s) \
at once. Over the lesson's {minutes} minutes a learner takes {cpu:.0f} CPU seconds.
"""
WITHOUT = """
Without `warm.py` (`make bench-hub BENCH=--cold`, here {n} learners) a learner adds {each:.0f} MB, \
{kernel:.0f} of them the kernel's: {fresh:.0f} are there before the first cell, {content:.0f} are \
tensors and lists, and it grows most with {grown}. Log-in until the first cell takes \
{started:.1f} s, alone. The same machine bears {memory} learners by memory.
"""


class Person(NamedTuple):
    """What a learner has seen: seconds a cell, milliseconds a reading of the pad, their texts.

    `held` are MB of the kernel that it shares with nobody: before the first cell, and after each;
    `data` are MB of tensors and lists that the lesson's names hold at its end.
    """

    start: float
    cells: list[float]
    readings: list[float]
    texts: list[str]
    held: list[float]
    data: float


# ---- learners

Watch = Callable[[], float]  # what to look at after each cell


def attend(learner: Learner, rng: random.Random, pause: float, watch: Watch | None) -> Person:
    """Log in, run the lesson with pauses, draw on the pad wherever it stands."""
    start = time.perf_counter()
    learner.log_in(f"the password of {learner.name}")
    cells = learner.open(LESSON)
    person = Person(time.perf_counter() - start, [], [], [], [watch()] if watch else [], 0)
    for cell in cells:
        begin = time.perf_counter()
        outputs = learner.run(cell)
        person.cells.append(time.perf_counter() - begin)
        person.texts.append(text_of(outputs))
        if PAD in cell["source"]:
            person.readings.extend(draw(learner, widget_of(outputs), rng))
        if watch:
            person.held.append(watch())
        time.sleep(rng.uniform(0, 2 * pause))
    return person._replace(data=int(learner.value(DATA)) / 1e6)


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
        watch: gives what a kernel holds, for `Person.held`.
    """

    def __init__(
        self,
        names: list[str],
        address: str,
        spread: float,
        pause: float,
        watch: Watch | None = None,
    ) -> None:
        self.learners = [Learner(name, address) for name in names]
        self.spread, self.pause, self.watch = spread, pause, watch
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
            self.people[learner.name] = attend(learner, rng, self.pause, self.watch)
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
    all run the longest cell of the lesson at once, and the last has waited `WAIT` seconds.
    """
    left = 1000 * (gigabytes - SYSTEM_GB) - figures["once"]
    by_memory = int(left / figures["each"])
    by_cores = int(WAIT * cores / figures["longest"])
    return {"memory": by_memory, "by_cores": by_cores, "bears": min(by_memory, by_cores)}


def lesson() -> nbformat.NotebookNode:
    """Return the lesson that is run, as its source has it."""
    return assemble(sources(["03"])[0])


def lesson_minutes() -> int:
    """Return the honest minutes of both parts of lesson 03."""
    minutes = reading_minutes(lesson().cells)
    return minutes["part1"] + minutes["part2"]


def measure(options: argparse.Namespace, state: Path) -> dict:
    """Run both classes and return what was seen."""
    with hub(state, options.cold) as (address, mark):
        first = Class(["alone"], address, 0, options.pause, partial(kernel_mb, mark))
        print("one learner alone ...", flush=True)
        first.run(options.patience)
        if first.failures:
            raise SystemExit(f"A learner alone fails: {first.failures['alone']}\n{tail(state)}")
        first.leave()
        names, before = [f"learner{k:02d}" for k in range(options.learners)], available_mb()
        everybody = Class(names, address, options.spread, options.pause)
        print(f"{options.learners} learners, who come within {options.spread:g} s ...", flush=True)
        everybody.run(options.patience)
        many, after = held(mark), available_mb()
        everybody.leave()
    alone, people = first.people["alone"], everybody.people
    return {
        "alone": alone._asdict(),
        "people": {name: person._asdict() for name, person in people.items()},
        "failures": everybody.failures | compare_texts(alone, people),
        "memory": many,
        "available": before - after,
        "log": tail(state),
    }


def growth(held: list[float], cells: list[str], n: int = 4) -> str:
    """Name the cells with which a kernel has grown most, each by the line where its work begins."""
    steps = [after - before for before, after in itertools.pairwise(held)]
    most = sorted(range(len(steps)), key=steps.__getitem__)[: -n - 1 : -1]
    return ", ".join(f"cell {k + 1}, `{begin(cells[k])}` (+{steps[k]:.0f})" for k in most)


def begin(cell: str) -> str:
    """Return the first line of a cell that neither imports nor defines nor is empty, cut short."""
    lines = [line for line in cell.splitlines() if re.match(r"(?!import |from |def |@|#)\S", line)]
    return (lines or [cell.strip()])[0][:40].strip()


def tail(state: Path) -> str:
    """Return the last lines of the hub's log."""
    return (state / "hub.log").read_text(errors="replace")[-3000:]


def summary(result: dict, options: argparse.Namespace) -> dict[str, float]:
    """Return the figures that the table shows: of times, of memory, of the machine to compute."""
    figures = times(result["alone"], list(result["people"].values()))
    figures |= cost(result["memory"], len(result["people"])) | kernel(result)
    figures |= {"minutes": lesson_minutes(), "available": result["available"]}
    return figures | capacity(figures, options.cores, options.gigabytes)


def times(alone: dict, people: list[dict]) -> dict[str, float]:
    """Return seconds and milliseconds of one learner alone, and what becomes of them in a class."""
    readings = [ms for person in people for ms in person["readings"]]
    return {
        "alone": sum(alone["cells"]),
        "slower": statistics.median(sum(p["cells"]) for p in people) / sum(alone["cells"]),
        "longest": max(alone["cells"]),
        "started": alone["start"],
        "start": statistics.median(person["start"] for person in people) / alone["start"],
        "reading": statistics.median(alone["readings"]),
        "reading many": statistics.median(readings),
        "reading p95": p95(readings),
    }


def kernel(result: dict) -> dict[str, float | str]:
    """Return what kernels hold, of what it comes, and what a learner's processes took of CPU."""
    many, alone = result["memory"], result["alone"]
    kernels = [*many.get("kernel", ()), *many.get("cold kernel", ())]
    cells = [cell.source for cell in lesson().cells if cell.cell_type == "code"]
    own = [part for role in OWN for part in many.get(role, ())]
    return {
        "peak": max(part["peak"] for part in kernels),
        "data": max(part["data"] for part in kernels),
        "kernel": alone["held"][-1],
        "fresh": alone["held"][0],
        "content": alone["data"],
        "grown": growth(alone["held"], cells),
        "cpu": sum(part["cpu"] for part in own) / len(result["people"]),
    }


def table(result: dict, figures: dict[str, float], options: argparse.Namespace) -> str:
    """Return what was measured, as Markdown."""
    rows = ["| process | how many | private MB each | PSS MB each |", "|---|--:|--:|--:|"]
    for role, parts in sorted(result["memory"].items()):
        private, pss = (
            statistics.mean(part[what] for part in parts) for what in ("private", "pss")
        )
        rows.append(f"| {role} | {len(parts)} | {private:.0f} | {pss:.0f} |")
    machine = f"PyTorch {version('torch')}, Python {platform.python_version()}"
    n, failures = len(result["people"]), len(result["failures"])
    first = f"{n} learners at once, {failures} failures, on {cpu_quota()} cores; {machine}."
    says = WORDS.format(n=n, SYSTEM_GB=SYSTEM_GB, WAIT=WAIT, **figures, **vars(options))
    return "\n".join(rows) + f"\n\n{first}\n\n{says}"


def last_table(result: Path = RESULT, cold: Path = COLD) -> str:
    """Return the table of the last run, and what a learner costs without warm.py, if measured."""
    if not result.exists():
        raise SystemExit(f"{result} is not there; run `make bench-hub` first")
    text = json.loads(result.read_text("utf-8"))["table"]
    if not cold.exists():
        return text
    plain = json.loads(cold.read_text("utf-8"))
    return text + WITHOUT.format(n=len(plain["people"]), **plain["figures"])


def write_readme(text: str, readme: Path = README) -> None:
    """Put the table between its two marks."""
    before, mark, rest = readme.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise SystemExit(f"{readme} has lost the marks around its table; bring them back with git")
    readme.write_text(f"{before}{BEGIN}{text}{END}{after}", "utf-8")


def choices() -> argparse.Namespace:
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
    return parser.parse_args()


def main() -> int:
    options = choices()
    if options.install:
        return install(BUILD) or 0
    if options.readme:
        return write_readme(last_table()) or 0
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
    result["figures"] = summary(result, options)
    result["table"] = table(result, result["figures"], options)
    place = COLD if options.cold else RESULT
    place.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n" + result["table"])
    return int(bool(result["failures"]))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
