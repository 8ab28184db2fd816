"""The lessons as they are committed, and their solved and classroom editions.

(That every cell of a lesson still shows what is stored is tested by nbval on notebooks/ itself.)
"""

import json
import re
import time

import build_notebooks as build
import nbformat
import pytest

SOURCES = build.sources()
LARGEST = 1.5 * 2**20
TAGS_OF_ERRORS = {"raises-exception", "nbval-raises-exception"}
lessons = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


def stored(source):
    return nbformat.read(build.target(source), as_version=4)


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def outputs(book):
    return [(cell, output) for cell in code_cells(book) for output in cell.outputs]


def test_there_is_a_notebook_for_each_source_and_no_other():
    there = sorted(path.name for path in (build.ROOT / "notebooks").glob("*.ipynb"))
    assert there == sorted(build.target(source).name for source in SOURCES)
    assert len(there) >= 4


@lessons
def test_the_notebook_is_what_its_source_says(source):
    """If this fails: make notebooks."""

    def bones(book):
        return [(c.cell_type, c.id, c.source, dict(c.metadata)) for c in book.cells]

    book = stored(source)
    fresh = build.assemble(source)
    assert bones(book) == bones(fresh)
    assert book.metadata == fresh.metadata


@lessons
def test_every_cell_was_run_once_and_in_order(source):
    counts = [cell.execution_count for cell in code_cells(stored(source))]
    assert counts == list(range(1, len(counts) + 1))
    assert len(counts) >= 10


@lessons
def test_errors_are_stored_where_they_are_meant_and_nowhere_else(source):
    for cell in code_cells(stored(source)):
        meant = bool(TAGS_OF_ERRORS & set(cell.metadata.get("tags", [])))
        raised = any(output.output_type == "error" for output in cell.outputs)
        assert raised == meant, cell.source


@lessons
def test_nothing_of_one_machine_is_stored(source):
    for cell, output in outputs(stored(source)):
        text = json.dumps({k: v for k, v in output.items() if k != "metadata"})
        text = re.sub(r'"image/png": "[^"]*"', "", text)
        assert not re.search(r"(?<![\w/])/(?:root|home|tmp|Users|work)/|[A-Z]:\\\\", text), (
            cell.source
        )
        assert str(build.ROOT) not in text
        assert not re.search(r"\b0x[0-9a-f]{6,}\b", text), cell.source
        assert build.WIDGET not in text
        assert "it/s" not in text


@lessons
def test_every_picture_has_its_text(source):
    pictures = [
        output for _, output in outputs(stored(source)) if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 5
    for picture in pictures:
        assert len(picture.data["text/plain"]) > 20
        assert picture.metadata["image/png"]["alt"] == picture.data["text/plain"]


@lessons
def test_notebooks_are_small(source):
    assert build.target(source).stat().st_size < LARGEST


@lessons
def test_the_solved_edition_runs_in_time_and_every_check_is_right(source):
    start = time.perf_counter()
    book = build.run(build.assemble(source, "solved"))
    taken = time.perf_counter() - start
    checked = [
        output.data["text/plain"]
        for cell, output in outputs(book)
        if cell.source.startswith("check(")
    ]
    assert len(checked) >= 3
    assert [text for text in checked if not text.startswith("✔ Right")] == []
    promised = re.search(r"run in under\s+(\d+)\s+seconds", book.cells[0].source)
    assert taken < float(promised[1])


@lessons
def test_no_solution_leaks_into_the_classroom_edition(source):
    text = source.read_text(encoding="utf-8")
    solutions = [
        {line.strip() for line in solution.splitlines() if len(line.strip()) > 12}
        for _, solution in build.SOLUTION.findall(text)
    ]
    assert any(solutions)
    book = build.assemble(source, "classroom")
    shown = {line.strip() for cell in book.cells for line in cell.source.splitlines()}
    assert [line for lines in solutions for line in lines if line in shown] == []
    assert "### " + "BEGIN" not in nbformat.writes(book)


@lessons
def test_every_lesson_has_its_parts(source):
    book = stored(source)
    prose = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    for part in (
        r"^# \d\d · .+",
        r"After this lesson you can",
        r"^## Quiz",
        r"^## Summary",
        r"^## Sources",
    ):
        assert re.search(part, prose, re.MULTILINE), part
    assert prose.count("**Predict.**") >= 4
    assert any(cell.source.startswith(f'quiz("{source.name[:2]}")') for cell in code_cells(book))
