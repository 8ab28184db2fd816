"""What a strict run of a lesson proves besides its outputs, in the same kernel.

nbval runs each cell of the lesson edition and compares. After each `check(...)` cell, which finds
a stub there, the exercise's solution is tried at this very place, in a copy of the lesson's names:
so the lesson runs once, and each check of the solved edition is still proved in the context of its
lesson. After the last cell the processor time is held against what the first cell promises, in
seconds of the yardstick, which has been laid on beside each exercise.
"""

import ast
import re
import statistics
from collections.abc import Iterator
from itertools import groupby, pairwise

import build_notebooks as build
import nbformat
import pytest
from lab import PATIENCE
from nbval.plugin import IPyNbFile
from yardstick import second_now

PROMISE = re.compile(r"run in under\s+(\d+)\s+seconds of one\s+processor\s+core")
# Run in the kernel. What the solution defines, prints, shows and draws by lot leaves no trace.
PROVE = """
def _prove(cells):
    import random, numpy, torch
    from IPython.utils.capture import capture_output
    states = random.getstate(), numpy.random.get_state(), torch.get_rng_state()
    names = dict(globals())
    try:
        with capture_output() as shown:
            for cell in cells:
                exec(compile(cell, "the solved edition", "exec"), names)
    finally:
        random.setstate(states[0])
        numpy.random.set_state(states[1])
        torch.set_rng_state(states[2])
    return shown.outputs[-1].data["text/plain"]
"""


def solved_pairs(book: nbformat.NotebookNode) -> dict[str, list[str]]:
    """Return for each check cell of a solved edition the cell with the solution, and itself."""
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    return {
        check.source: [solution.source, check.source]
        for solution, check in pairwise(cells)
        if "exercise" in solution.metadata.get("tags", [])
    }


def answer(kernel, code: str, expression: str) -> object:
    """Run code in a kernel, unseen, and return the value of an expression."""
    asked = {"store_history": False, "allow_stdin": False, "user_expressions": {"it": expression}}
    reply = kernel.kc.execute(code, **asked, reply=True, timeout=10 * PATIENCE)["content"]
    assert reply["status"] == "ok", reply
    value = reply["user_expressions"]["it"]
    assert value["status"] == "ok", f"{value.get('ename')}: {value.get('evalue')}"
    return ast.literal_eval(value["data"]["text/plain"])


class SolvedCheck(pytest.Item):
    """The check of one exercise says that its solution is right, where it stands in the lesson."""

    def __init__(self, *, cells: list[str], **options: object) -> None:
        super().__init__(**options)
        self.cells = cells

    def runtest(self) -> None:
        said = answer(self.parent.kernel, PROVE, f"_prove({self.cells!r})")
        assert said.startswith("✔ Right"), said
        self.parent.seconds.append(second_now())


class Promise(pytest.Item):
    """A lesson takes no more processor time than it promises."""

    def runtest(self) -> None:
        taken = answer(self.parent.kernel, "", "__import__('time').process_time()")
        self.user_properties.append(("cpu_s", taken))
        second = statistics.mean(self.parent.seconds)
        promised = float(PROMISE.search(self.parent.solved.cells[0].source)[1])
        assert taken / second < promised, (
            f"{taken:.0f} s; one second of the yardstick: {second:.2f}"
        )


def outside_deeper(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the items without the cells of those sections of a lesson that are called Deeper."""
    for book, group in groupby(items, key=lambda item: item.parent):
        if isinstance(book, IPyNbFile):
            places = zip(book.nb.cells, build.sections(book.nb.cells), strict=True)
            kept = {cell["id"] for cell, place in places if place != "deeper"}
            yield from (item for item in group if item.cell["id"] in kept)
        else:
            yield from group


def with_proofs(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the items, and among the cells of each lesson what is proved beside them."""
    for book, group in groupby(items, key=lambda item: item.parent):
        if isinstance(book, IPyNbFile):
            yield from _proofs_of(book, list(group))
        else:
            yield from group


def _proofs_of(book: IPyNbFile, cells: list[pytest.Item]) -> Iterator[pytest.Item]:
    (source,) = build.sources([book.path.name[:2]])
    book.solved, book.seconds = build.assemble(source, "solved"), []
    pairs = solved_pairs(book.solved)
    for cell in cells:
        cell.output_timeout = PATIENCE
        yield cell
        if pair := pairs.get(cell.cell.source):
            name = f"solved {pair[1].split(chr(34))[1]}"
            yield SolvedCheck.from_parent(book, name=name, cells=pair)
    if len(cells) == sum(cell.cell_type == "code" for cell in book.nb.cells):
        yield Promise.from_parent(book, name="promised time")
