"""The lessons as they are committed, and their solved and classroom editions.

(That every cell of a lesson still shows what is stored, that its solutions are right and that it
keeps the time it promises is tested on notebooks/ itself, by nbval and lessons.py.)
"""

import ast
import json
import re
import symtable

import build_notebooks as build
import nbformat
import pytest
from lessons import PROMISE, solved_pairs
from nbconvert import HTMLExporter
from pages import images

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
        text = re.sub(r"base64,[\w+/=]*", "", text)
        assert not re.search(r"(?<![\w/])/(?:root|home|tmp|Users|work)/|[A-Z]:\\\\", text), (
            cell.source
        )
        assert str(build.ROOT) not in text
        assert not re.search(r"\b0x[0-9a-f]{6,}\b", text), cell.source
        assert build.WIDGET not in text
        assert "it/s" not in text


@lessons
def test_every_picture_has_its_text(source):
    found = 0
    for _, output in outputs(stored(source)):
        data = output.get("data", {})
        assert not [kind for kind in data if kind.startswith("image/")], "its text reaches no page"
        for image in images(data.get("text/html", "")):
            assert image["alt"] == data["text/plain"]
            assert len(image["alt"]) > 20
            found += 1
    assert found >= 5


@lessons
@pytest.mark.parametrize("template", ["lab", "classic"])
def test_every_picture_of_the_page_that_nbconvert_makes_is_described(source, template):
    page, _ = HTMLExporter(template_name=template).from_filename(str(build.target(source)))
    described = [image.get("alt") for image in images(page)]
    assert len(described) >= 5
    assert all(alt and alt.strip() for alt in described)
    assert "No description has been provided for this image" not in page


@lessons
def test_notebooks_are_small(source):
    assert build.target(source).stat().st_size < LARGEST


def read_by(cell):
    """Return the names of the notebook that a cell reads, at any depth."""

    def scopes(table):
        yield table
        for inner in table.get_children():
            yield from scopes(inner)

    top = symtable.symtable(cell.source, "cell", "exec")
    return {
        symbol.get_name()
        for scope in scopes(top)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (scope is top or symbol.is_global())
    }


@lessons
def test_no_cell_but_its_check_reads_what_an_exercise_gives(source):
    """So the other cells of the solved edition are those of the lesson, and need no second run."""
    cells = code_cells(build.assemble(source, "solved"))
    whole = [cell for cell in cells if "raises-exception" not in cell.metadata.get("tags", [])]
    exercises = [cell for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    assert len(exercises) >= 3
    for exercise in exercises:
        answer = ast.parse(exercise.source).body
        given = {name for node in answer for name in given_by(node)}
        readers = [
            cell.source for cell in whole[whole.index(exercise) + 1 :] if given & read_by(cell)
        ]
        (check,) = readers
        assert check.startswith("check(")


def given_by(node):
    """Return the names that a statement at the top of a cell binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(name.asname or name.name).partition(".")[0] for name in node.names}
    stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return {name.id for name in stored if isinstance(name.ctx, ast.Store)}


@lessons
def test_each_solution_is_followed_by_its_check_and_a_minute_is_promised(source):
    book = build.assemble(source, "solved")
    exercises = [c for c in code_cells(book) if "exercise" in c.metadata.get("tags", [])]
    pairs = solved_pairs(book)
    assert len(pairs) == len(exercises)
    assert all(check.startswith("check(") for check in pairs)
    assert float(PROMISE.search(book.cells[0].source)[1]) <= 60


in_parts = pytest.mark.parametrize(
    "source",
    [path for path in SOURCES if "\n# ## Part 2 " in path.read_text(encoding="utf-8")],
    ids=lambda source: source.stem,
)


@in_parts
def test_each_part_of_a_lesson_takes_at_most_fifty_minutes(source):
    book = build.assemble(source)
    minutes = build.reading_minutes(book.cells)
    assert 0 < minutes["part1"] <= 50
    assert 0 < minutes["part2"] <= 50
    stated = " ".join(book.cells[0].source.split())
    assert (
        f"Part 1 takes about {minutes['part1']} minutes, part 2 about {minutes['part2']};" in stated
    )
    assert f"nothing later needs, {minutes['deeper']} more." in stated


@in_parts
def test_there_is_a_break_before_the_second_part(source):
    cells = build.assemble(source).cells
    (start,) = [k for k, cell in enumerate(cells) if cell.source.startswith("## Part 2 · ")]
    assert cells[start - 1].source.startswith("## Break\n")


@lessons
def test_nothing_reads_a_name_that_only_a_deeper_section_gives(source):
    cells = build.assemble(source, "solved").cells
    given, given_deeper = set(), set()
    for cell, place in zip(cells, build.sections(cells), strict=True):
        if cell.cell_type != "code":
            continue
        new = {name for node in ast.parse(cell.source).body for name in given_by(node)}
        if place == "deeper":
            given_deeper |= new
        else:
            assert not read_by(cell) & (given_deeper - given - new), cell.source
            given |= new


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
