"""Run the solved edition of a lesson on the pretended accelerator."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import build_notebooks as build
import torchgen
import yaml
from lessons import solved_pairs
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell

ASK = "import json, twin; print(json.dumps([twin.module.computed, twin.module.lost]))"
# For these MPS has ways of its own, which it takes without being asked for the fused cells.
ONLY_ELSEWHERE = ("_thnn_fused_",)
COMPOSITES = {
    "CompositeImplicitAutograd",
    "CompositeExplicitAutograd",
    "CompositeExplicitAutogradNonFunctional",
}


class Ran(NamedTuple):
    """How a lesson has fared.

    Attributes:
        fault: the first line of what a cell has raised, or of a check that was not right; "".
        computed: how often the twin has computed each operation, such as "aten.mm.default".
    """

    fault: str
    computed: Mapping[str, int] = {}


def run_on_twin(source: Path, settings: str = "") -> Ran:
    """Run a lesson's solved edition on the twin.

    Args:
        source: its py:percent source.
        settings: what to install, such as "noise=1e-6"; see `twin.install`.
    """
    book = build.assemble(source, "solved")
    book.cells.append(new_code_cell(ASK, id="cell-asked"))
    folders = [build.ROOT / "tests" / "offline", build.ROOT / "tests", build.ROOT]
    told = {
        "COURSE_DEVICE": "twin",
        "COURSE_TWIN": settings,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
    }
    with patch.dict(build.FIXED, told):
        try:
            build.run(book)
        except CellExecutionError as error:
            return Ran(f"{error.ename}: {error.evalue.strip().partition(chr(10))[0]}")
    computed, lost = json.loads(book.cells.pop().outputs[0].text)
    wrong = f"the session of CUDA would have ended: {lost}" if lost else ""
    return Ran(wrong or not_right(book), computed)


def not_right(book: object) -> str:
    """Return what the first check says that is not right; "" where all are."""
    pairs = solved_pairs(book)
    for cell in book.cells:
        if cell.source in pairs:
            said = cell.outputs[-1].data["text/plain"]
            if not said.startswith("✔ Right"):
                return said.partition("\n")[0]
    return ""


def without_kernel(computed: Iterable[str], device: str) -> list[str]:
    """Return the operations for which PyTorch lists no kernel of a device, such as "MPS".

    Source: native_functions.yaml, from which PyTorch is built and which comes with it.
    """
    names = {op.removeprefix("aten.").removesuffix(".default") for op in computed}
    asked = sorted(name for name in names if not name.startswith(ONLY_ELSEWHERE))
    return [name for name in asked if not kernels()[name] & {device, *COMPOSITES}]


@cache
def kernels() -> dict[str, set[str]]:
    """Return for which devices each operation of PyTorch has a kernel."""
    path = Path(torchgen.__file__).parent / "packaged" / "ATen" / "native" / "native_functions.yaml"
    with path.open(encoding="utf-8") as file:
        listed = {
            entry["func"].partition("(")[0]: entry
            for entry in yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        }

    def of(entry: dict) -> set[str]:
        if "structured_delegate" in entry:
            return of(listed[entry["structured_delegate"]])
        keys = ",".join(entry.get("dispatch") or ["CompositeImplicitAutograd"])
        return {key.strip() for key in keys.split(",")}

    return {name: of(entry) for name, entry in listed.items()}
