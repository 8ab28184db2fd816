"""How long ink and readings take on the drawing pad, beside pads of ipycanvas in one run.

    make bench-pad            or: python tools/bench_pad.py [--strict] [--rounds 5] [--moves 50]

All pads stand in one notebook, on one kernel, in a real JupyterLab in a real Chromium; the mouse
draws a spiral on each in turn, round after round. The first round warms up and is not counted.

A move's *ink* takes from the time stamp of its pointer event until a frame is painted in which the
front edge of the brush, where no ink was, is inked on the visible canvas. Its *reading* takes until
a frame is painted after the shown numbers changed in the DOM. A frame counts as painted in the
task after its animation frame callbacks. The definitions are the same for every pad. What is asked
of DigitPad is asked beside both pads of ipycanvas; bench_ipycanvas.py says what each of them does.

Three hands draw. A patient one waits for ink and reading of each move, so that they pair up, and a
random moment more, so that moves fall anywhere between two frames. A fast one moves 60 times a
second and waits for nothing; "final" is how long after its last move the numbers changed last. The
third draws while another cell sleeps. Ink that never showed counts until the last look for it.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from build_notebooks import ROOT
from lab import Lesson, browser, notebook

from course_utils.device import cpu_quota

HERE = Path(__file__).parent
HOOKS = (HERE / "bench_pad.js").read_text(encoding="utf-8")
SETUP = """import time
from course_utils.canvas import DigitPad
from course_utils.models import load_pretrained
lenet, cnn, pause = load_pretrained("lenet"), load_pretrained("cnn"), 0"""
BUSY = "# busy\ntime.sleep(pause)\npause = 10"
FIGURES = [f"{what}{p95}" for what in ("ink", "reading") for p95 in ("", " p95")]
FIGURES += ["fast p95", "fast max", "fast final", "busy p95", "busy max"]


class Pad(NamedTuple):
    """A pad of the notebook: its cell, its visible canvas, and where it shows numbers."""

    name: str
    cell: str
    canvas: str = ".pad-paper"
    numbers: str = ".pad-readings"


RIVAL = (HERE / "bench_ipycanvas.py").read_text(encoding="utf-8")
PADS = [
    Pad(
        "ipycanvas, synced",
        f"# pad A\n{RIVAL}\nshow_pad(False)",
        ".lm-Widget canvas",
        ".widget-html",
    ),
    Pad("DigitPad, kernel", "# pad B\nDigitPad(lenet, brush=20)"),
    Pad("DigitPad, page", "# pad C\nDigitPad(lenet, in_page=True, brush=20)"),
    Pad("page, best CNN", "# pad D\nDigitPad(cnn, in_page=True, brush=20)"),
    Pad("ipycanvas, own", "# pad E\nshow_pad(True)", ".lm-Widget canvas", ".widget-html"),
]


def spiral(n_moves: int) -> Iterator[tuple[float, float]]:
    """Yield points (x, y) in fractions of a pad, 0.03 apart, on a line that never meets itself."""
    for i in range(n_moves + 1):
        r = math.sqrt(0.01 + i * 0.03 * 0.13 / math.pi)
        angle = math.tau * r / 0.13
        yield 0.5 + r * math.cos(angle), 0.5 + r * math.sin(angle)


class Bench:
    """A notebook with all pads, open in JupyterLab."""

    def __init__(self, lesson: Lesson) -> None:
        self.page, self.lesson = lesson.page, lesson
        lesson.run_all()
        self.page.keyboard.press("Control+b")
        for pad in PADS:
            self.output(pad).locator(pad.numbers).first.wait_for(state="attached", timeout=60_000)
        self.page.evaluate(HOOKS)

    def output(self, pad: Pad) -> object:
        return self.lesson.cell(pad.cell.split("\n")[0])

    def patient(self, pad: Pad, n_moves: int) -> list[dict]:
        def wait() -> None:
            self.page.evaluate("() => bench.settle(true, 3000)")
            time.sleep(random.uniform(0.005, 0.04))

        return self.draw(pad, n_moves, wait)

    def fast(self, pad: Pad, n_moves: int) -> list[dict]:
        return self.draw(pad, n_moves, every(1 / 60), "() => bench.settle(false, 5000)")

    def busy(self, pad: Pad) -> list[dict]:
        """Draw for about seven of the ten seconds that a cell sleeps."""
        cell = self.lesson.cell("# busy")
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        runs = cell.locator(".jp-InputArea-prompt", has_text="[*]")
        runs.wait_for(timeout=5000)
        moves = self.draw(pad, 80, every(0.08, until=time.perf_counter() + 7))
        if not runs.count() or len(moves) < 50:
            raise RuntimeError("the cell woke before the drawing ended: this machine is too busy")
        runs.wait_for(state="detached", timeout=60_000)
        self.page.wait_for_timeout(1000)
        return moves

    def draw(
        self, pad: Pad, n_moves: int, wait: Callable[[], bool | None], settle: str = "() => 0"
    ) -> list[dict]:
        """Draw one stroke on a wiped pad; return the times of its moves in ms."""
        page, cell = self.page, self.output(pad)
        cell.get_by_role("button", name="Clear").click()
        canvas = cell.locator(pad.canvas).first
        canvas.evaluate("canvas => canvas.scrollIntoView({ block: 'center' })")
        page.wait_for_timeout(300)
        nodes = [canvas.element_handle(), cell.locator(pad.numbers).first.element_handle()]
        page.evaluate("nodes => bench.watch(...nodes)", nodes)
        box = canvas.bounding_box()
        for i, (x, y) in enumerate(spiral(n_moves)):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if i == 0:
                page.mouse.down()
                page.wait_for_timeout(300)
            elif wait():
                break
        page.evaluate(settle)
        moves = page.evaluate("() => bench.report()")
        page.mouse.up()
        return moves


def every(seconds: float, until: float = math.inf) -> Callable[[], bool]:
    """Return a function that sleeps to the next of moments so far apart, true after the last."""
    moment = time.perf_counter()

    def wait() -> bool:
        nonlocal moment
        moment = max(moment + seconds, time.perf_counter())
        time.sleep(max(0, moment - time.perf_counter()))
        return moment > until

    return wait


def measure(bench: Bench, n_rounds: int, n_moves: int) -> dict[str, dict[str, list]]:
    """Return pad -> hand -> strokes of the counted rounds, the pads taking turns."""
    strokes = {pad.name: {"patient": [], "fast": [], "busy": []} for pad in PADS}
    for number in range(n_rounds):
        for pad in PADS:
            for hand, draw in (("patient", bench.patient), ("fast", bench.fast)):
                stroke = draw(pad, n_moves if number else 15)
                if number:
                    strokes[pad.name][hand].append(stroke)
        print(f"round {number} of {n_rounds - 1}" if number else "warmed up", flush=True)
    for pad in PADS[:3]:
        strokes[pad.name]["busy"].append(bench.busy(pad))
        print(f"drawn while a cell slept: {pad.name}", flush=True)
    return strokes


def p95(values: list[float]) -> float:
    """Return the smallest of the values that at least 95% of them do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def summary(strokes: dict[str, list]) -> dict[str, float]:
    """Return the FIGURES of one pad in ms, and the share of moves whose ink showed in time."""
    moves = {hand: [move for stroke in strokes[hand] for move in stroke] for hand in strokes}
    figures = {}
    for what in ("ink", "reading"):
        times = [move[what] for move in moves["patient"]]
        figures |= {what: statistics.median(times), f"{what} p95": p95(times)}
    for hand in ("fast", "busy"):
        if moves[hand]:
            times = [move["ink"] for move in moves[hand]]
            shown = sum(move["shown"] for move in moves[hand]) / len(times)
            figures |= {
                f"{hand} p95": p95(times),
                f"{hand} max": max(times),
                f"{hand} shown": shown,
            }
    final = statistics.median(stroke[-1]["final"] for stroke in strokes["fast"])
    return figures | {"fast final": final}


def asked(figures: dict[str, dict[str, float]]) -> list[tuple[str, float, str, bool]]:
    """Return what is asked of the pad: what, its value, what is wanted, whether it is met."""
    pads = {"kernel": figures["DigitPad, kernel"], "page": figures["DigitPad, page"]}
    most = [("page: reading, ms", pads["page"]["reading"], 30)]
    least = []
    for name, pad in pads.items():
        most.append((f"{name}: ink p95, ms", pad["ink p95"], 20))
        most.append((f"{name}: longest wait for ink in a busy cell, ms", pad["busy max"], 100))
    for rival in ("synced", "own"):
        plain = figures[f"ipycanvas, {rival}"]
        for name, pad in pads.items():
            least.append((f"{name}: ink, times {rival}", plain["ink"] / pad["ink"], 8))
        times = plain["reading"] / pads["kernel"]["reading"]
        least.append((f"kernel: reading, times {rival}", times, 2.5))
    met = [(what, value, f"at most {limit}", value <= limit) for what, value, limit in most]
    return met + [
        (what, value, f"at least {limit}", value >= limit) for what, value, limit in least
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="the first is not counted")
    parser.add_argument("--moves", type=int, default=50, help="in a stroke, at most 120")
    parser.add_argument("--strict", action="store_true", help="exit code 1 if a limit is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        cells = [SETUP, *(pad.cell for pad in PADS), BUSY]
        with (
            browser(width=1366, height=768) as chromium,
            notebook(chromium, Path(name), cells) as lesson,
        ):
            strokes = measure(Bench(lesson), options.rounds, options.moves)
            machine = {"cores": cpu_quota(), "Chromium": chromium.browser.version}
    machine |= {name: version(name) for name in ("jupyterlab", "ipykernel", "ipycanvas", "torch")}
    figures = {name: summary(pad) for name, pad in strokes.items()}
    verdicts = asked(figures)
    print("\n" + ", ".join(f"{name} {value}" for name, value in machine.items()))
    print("ms, medians".ljust(17), *(name.rjust(11) for name in FIGURES))
    for name, row in figures.items():
        cells = (f"{row[figure]:.1f}" if figure in row else "" for figure in FIGURES)
        print(name.ljust(17), *(cell.rjust(11) for cell in cells))
    shown = figures["ipycanvas, synced"]["busy shown"]
    print(f"ink of ipycanvas that showed while the cell slept: {shown:.0%}")
    for what, value, wanted, met in verdicts:
        print(f"{what:<48}{value:>7.1f}  {wanted:<14}{'met' if met else 'MISSED'}")
    out = ROOT / "build" / "bench-pad.json"
    out.parent.mkdir(exist_ok=True)
    content = {"machine": machine, "ms": figures, "asked": verdicts, "strokes": strokes}
    out.write_text(json.dumps(content, indent=1) + "\n")
    return int(options.strict and not all(met for *_, met in verdicts))


if __name__ == "__main__":
    sys.exit(main())
