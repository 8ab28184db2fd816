"""Turn notebooks/source/NN_topic.py into notebooks, run them and store what they show.

    python tools/build_notebooks.py                      the lessons that learners open
    python tools/build_notebooks.py --edition solved     with every solution filled in
    python tools/build_notebooks.py --edition classroom  with no solution anywhere, not run
    python tools/build_notebooks.py 01 03                only these lessons

The lesson edition goes to notebooks/, the two others to build/<edition>/. Two builds in a row give
the same bytes.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import re
import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.display import WIDGET

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "notebooks" / "source"
EDITIONS = ("lesson", "solved", "classroom")
SOLUTION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION\n?", re.MULTILINE | re.DOTALL
)
# How long a reader takes: words a minute, and minutes for each of the others.
WORDS_A_MINUTE = 150
MINUTES = {"code": 0.5, "predict": 1, "question": 1, "explorer": 3, "exercise": 6, "pad": 2}
HEADING = re.compile(r"^(#{1,6}) ")
COLLAPSED = "jp-MarkdownHeadingCollapsed"  # how JupyterLab and Notebook fold what is below

# One thread, the bundled digits, the CPU: what every machine that builds or tests has.
FIXED = {
    "OMP_NUM_THREADS": "1",
    "COURSE_DEVICE": "cpu",
    "COURSE_DATA": str(ROOT / "data" / "mnist-sample"),
    "PYTHONHASHSEED": "0",
}


def sources(numbers: list[str] | None = None) -> list[Path]:
    """Return the lesson sources in order, or those whose numbers are given."""
    found = sorted(SOURCES.glob("[0-9][0-9]_*.py"))
    if not numbers:
        return found
    unknown = set(numbers) - {path.name[:2] for path in found}
    if unknown:
        raise SystemExit(f"no lesson {', '.join(sorted(unknown))} in notebooks/source")
    return [path for path in found if path.name[:2] in numbers]


def target(source: Path, edition: str = "lesson") -> Path:
    """Return where the notebook of a source belongs."""
    folder = ROOT / "notebooks" if edition == "lesson" else ROOT / "build" / edition
    return folder / source.with_suffix(".ipynb").name


def assemble(source: Path, edition: str = "lesson") -> nbformat.NotebookNode:
    """Return the notebook of a source, not run yet: exercises cut, cells numbered."""
    if edition not in EDITIONS:
        raise ValueError(f"edition must be one of {EDITIONS}, got {edition!r}")
    read = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    cells, folded = [], None
    for cell in read.cells:
        cut = cut_solution(cell, edition)
        cells.append(cut)
        if cell.cell_type == "code" and folded:  # the check cell has passed
            cells.append(folded)
            folded = None
        if cut.source != cell.source and edition == "lesson":
            folded = new_markdown_cell(fold(solved(cell.source)))
    if folded:
        raise ValueError(f"{source.name}: the last exercise has no check cell after it")
    minutes = reading_minutes(cells)
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position:03d}"
        for part, taken in minutes.items():
            cell.source = cell.source.replace(f"{{{{{part}}}}}", str(taken))
        tags = cell.metadata.get("tags")
        kept = {"tags": tags} if tags else {}
        cell.metadata = nbformat.from_dict(kept | ({COLLAPSED: True} if is_deeper(cell) else {}))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    language = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": language})


def cut_solution(cell: nbformat.NotebookNode, edition: str) -> nbformat.NotebookNode:
    """Return the cell as the edition shows it: with `...` or the answer between the marks."""
    text = cell.source + "\n"
    if cell.cell_type != "code":
        return new_markdown_cell(cell.source)
    if text.count("### BEGIN SOLUTION") != len(SOLUTION.findall(text)):
        raise ValueError(f"BEGIN SOLUTION without END SOLUTION in:\n{cell.source}")
    cut = solved(cell.source) if edition == "solved" else SOLUTION.sub(r"\1...\n", text).rstrip()
    metadata = dict(cell.metadata)
    if SOLUTION.search(text):
        metadata["tags"] = sorted({*metadata.get("tags", []), "exercise"})
    return new_code_cell(cut, metadata=metadata)


def solved(text: str) -> str:
    """Return the text of a cell with its solution in place and the marks gone."""
    return SOLUTION.sub(r"\2", text + "\n").rstrip()


def fold(solution: str) -> str:
    """Return markdown that shows a solution when it is unfolded."""
    return f"<details><summary>Solution</summary>\n\n```python\n{solution}\n```\n\n</details>"


def is_deeper(cell: nbformat.NotebookNode) -> bool:
    """Tell whether a cell begins a section that is folded when the lesson opens."""
    return cell.cell_type == "markdown" and bool(re.match(r"#+ Deeper: ", cell.source))


def sections(cells: list[nbformat.NotebookNode]) -> list[str]:
    """Return where each cell of a lesson belongs: "part1", "part2" or "deeper".

    A section called Deeper goes on to the next heading of its own level or a higher one.
    """
    part, level, places = "part1", None, []
    for cell in cells:
        heading = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if heading and (level is None or len(heading[1]) <= level):
            level = len(heading[1]) if is_deeper(cell) else None
            part = "part2" if cell.source.startswith("## Part 2 ") else part
        places.append(part if level is None else "deeper")
    return places


def reading_minutes(cells: list[nbformat.NotebookNode]) -> dict[str, int]:
    """Return how many minutes each part of a lesson takes who reads, guesses, tries and answers.

    Up to five they are whole minutes, then to the next five. "minutes" is all of it.
    """
    explorers = explorer_names(cells)
    taken = dict.fromkeys(("part1", "part2", "deeper"), 0.0)
    for cell, place in zip(cells, sections(cells), strict=True):
        taken[place] += minutes_of(cell, explorers)
    taken["minutes"] = sum(taken.values())
    return {name: math.ceil(t) if t <= 5 else 5 * math.ceil(t / 5) for name, t in taken.items()}


def minutes_of(cell: nbformat.NotebookNode, explorers: set[str]) -> float:
    """Return how many minutes one cell takes; see `MINUTES`."""
    text = cell.source
    if cell.cell_type == "markdown":
        words = 0 if text.startswith("<details>") else len(text.split())
        return words / WORDS_A_MINUTE + MINUTES["predict"] * text.count("**Predict.**")
    exercise = "exercise" in cell.metadata.get("tags", [])
    taken = MINUTES["exercise" if exercise else "code"]
    if quiz := re.match(r'quiz\("(\d\d)"', text):
        taken += MINUTES["question"] * len(questions(quiz[1]))
    shown = re.findall(r"^(\w+)\(", text, re.MULTILINE)
    taken += MINUTES["explorer"] * sum(name in explorers for name in shown)
    return taken + MINUTES["pad"] * text.count("DigitPad(")


def explorer_names(cells: list[nbformat.NotebookNode]) -> set[str]:
    """Return the names that a lesson imports from the explorers."""
    imports = r"from course_utils\.explorers\.\w+ import (\([^)]*\)|.*)"
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return {name for names in re.findall(imports, code) for name in re.findall(r"\w+", names)}


def questions(lesson: str) -> list[object]:
    """Return the quiz questions of a lesson."""
    return importlib.import_module(f"course_utils.exercises.lesson{lesson}").QUIZ


def run(book: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run a notebook in a fresh kernel, in the folder of the lessons, and clean its outputs."""
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(
        book,
        timeout=600,
        kernel_name="python3",
        resources=folder,
        record_timing=False,
        coalesce_streams=True,
    ).execute(env=os.environ | FIXED)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = [clean for output in cell.outputs if (clean := clean_output(output))]
            cell.metadata.pop("execution", None)
    book.metadata.pop("widgets", None)
    book.metadata.language_info = nbformat.from_dict(
        {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    )
    return book


def clean_output(output: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """Return what of one output every machine repeats; None if nothing is left of it.

    Widgets live only while a kernel does; frames of a traceback name this machine's files.
    """
    if "data" in output:
        output.data.pop(WIDGET, None)
        if not output.data:
            return None
    if output.output_type == "error":
        output.traceback = [
            frame
            for frame in output.traceback
            if "File " not in frame.splitlines()[0] or "Cell" in frame.splitlines()[0]
        ]
    return output


def write(book: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook as JSON that is the same for the same content."""
    nbformat.validate(book)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)


def main(arguments: list[str] | None = None) -> int:
    """Build the lessons that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lessons", nargs="*", metavar="NN", help="two digits; all if left out")
    parser.add_argument("--edition", choices=EDITIONS, default="lesson")
    parser.add_argument("--no-run", action="store_true", help="leave the cells unexecuted")
    options = parser.parse_args(arguments)
    for source in sources(options.lessons):
        start = time.perf_counter()
        book = assemble(source, options.edition)
        if not options.no_run and options.edition != "classroom":  # checks would store their hints
            book = run(book)
        path = target(source, options.edition)
        write(book, path)
        size = path.stat().st_size / 2**20
        seconds = time.perf_counter() - start
        print(f"{path.relative_to(ROOT)}: {len(book.cells)} cells, {size:.2f} MB, {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
