"""The build tool: editions, cell numbers, cleaned outputs."""

import json
import math
import subprocess
import sys

import build_notebooks as build
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

SOURCE = '''# %% [markdown]
# # 09 · A lesson
# About {{minutes}} minutes.

# %%
import torch

# %% [markdown]
# ### Exercise 1

# %%
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    twice = x + x
    return twice
    ### END SOLUTION


# %%
double(2)

# %% tags=["raises-exception"]
1 / 0
'''


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "09_lesson.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def texts(book):
    return [cell.source for cell in book.cells]


def test_the_lesson_shows_stub_check_and_folded_solution(source):
    cells = build.assemble(source).cells
    stub, check, folded = cells[3:6]
    assert stub.source == 'def double(x):\n    """Return twice x."""\n    ...'
    assert stub.metadata.tags == ["exercise"]
    assert check.source == "double(2)"
    assert folded.cell_type == "markdown"
    assert folded.source.startswith("<details><summary>Solution</summary>")
    assert "    twice = x + x\n    return twice" in folded.source


def test_the_solved_edition_holds_the_solution_in_place(source):
    cells = build.assemble(source, "solved").cells
    assert cells[3].source.endswith("    twice = x + x\n    return twice")
    assert not any(
        "details" in text or "SOLUTION" in text for text in texts(build.assemble(source, "solved"))
    )


def test_the_classroom_edition_holds_no_solution(source):
    everything = nbformat.writes(build.assemble(source, "classroom"))
    assert "twice = x + x" not in everything
    assert "SOLUTION" not in everything


def test_cells_are_numbered_by_position_and_keep_their_tags(source):
    book = build.assemble(source)
    assert [cell.id for cell in book.cells] == [f"cell-{n:03d}" for n in range(len(book.cells))]
    assert book.cells[-1].metadata.tags == ["raises-exception"]


def test_the_reading_time_is_filled_in(source):
    assert "About 10 minutes." in build.assemble(source).cells[0].source


def test_an_open_solution_is_refused(source):
    source.write_text(SOURCE.replace("    ### END SOLUTION\n", ""), encoding="utf-8")
    with pytest.raises(ValueError, match="BEGIN SOLUTION without END SOLUTION"):
        build.assemble(source)


def test_an_exercise_without_a_check_is_refused(source):
    source.write_text(SOURCE.partition("# %%\ndouble(2)")[0], encoding="utf-8")
    with pytest.raises(ValueError, match="has no check cell after it"):
        build.assemble(source)


def test_widget_views_are_taken_out_and_what_is_empty_goes():
    view = {build.WIDGET: {"model_id": "abc"}}
    assert build.clean_output(new_output("display_data", data=view)) is None
    kept = build.clean_output(new_output("display_data", data=view | {"text/plain": "still"}))
    assert kept.data == {"text/plain": "still"}


def test_frames_of_libraries_are_taken_out_of_tracebacks():
    frames = [
        "----",
        "File /somewhere/torch/x.py:3, in f()\n code",
        "Cell In[3], line 1\n f()",
        "Error: no",
    ]
    output = build.clean_output(new_output("error", ename="E", evalue="no", traceback=frames))
    assert output.traceback == [frames[0], frames[2], frames[3]]


def test_an_unknown_lesson_is_refused():
    done = subprocess.run(
        [sys.executable, str(build.ROOT / "tools" / "build_notebooks.py"), "77"],
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "no lesson 77" in done.stderr


def test_a_notebook_that_is_run_twice_gives_the_same_bytes(source, tmp_path):
    written = []
    for name in ("one.ipynb", "two.ipynb"):
        build.write(build.run(build.assemble(source, "solved")), tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    cells = json.loads(written[0])["cells"]
    assert [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"] == [
        1,
        2,
        3,
        4,
    ]


def test_a_section_called_deeper_ends_at_the_next_heading_of_its_level():
    cells = [
        new_markdown_cell("# 99 · Why?"),
        new_code_cell("1"),
        new_markdown_cell("### Deeper: a proof"),
        new_code_cell("2"),
        new_markdown_cell("#### A step of it"),
        new_markdown_cell("### On we go"),
        new_markdown_cell("## Break"),
        new_markdown_cell("## Part 2 · More"),
        new_markdown_cell("## Deeper: all of it"),
        new_markdown_cell("### Still deeper in it"),
        new_code_cell("3"),
        new_markdown_cell("## Summary"),
    ]
    one, two, deeper = "part1", "part2", "deeper"
    assert build.sections(cells) == [
        *(one, one, deeper, deeper, deeper, one, one),
        *(two, deeper, deeper, deeper, two),
    ]
    assert [build.is_deeper(cell) for cell in cells].count(True) == 2


def test_minutes_count_words_code_guesses_explorers_exercises_questions_and_pads():
    exercise = new_code_cell("def f(): ...", metadata={"tags": ["exercise"]})
    cells = [
        new_markdown_cell(" ".join(["word"] * 300)),  # 2 minutes
        new_code_cell(
            "from course_utils.explorers.gan import gan_over_time\ngan_over_time()"
        ),  # 3.5
        new_markdown_cell("## Part 2 · Try"),
        new_markdown_cell("**Predict.** How many?"),  # 1
        exercise,  # 6
        new_code_cell("DigitPad(model)"),  # 2.5
        new_code_cell('quiz("10")'),
        new_markdown_cell("## Deeper: why"),
        new_markdown_cell("<details><summary>Solution</summary>" + " word" * 900),
    ]
    quiz = 0.5 + len(build.questions("10"))
    words = (4 + 4) / build.WORDS_A_MINUTE
    minutes = build.reading_minutes(cells)
    assert minutes["part1"] == 10  # 5.5, to the next five
    assert minutes["part2"] == 5 * math.ceil((1 + 6 + 2.5 + quiz + words) / 5)
    assert minutes["deeper"] == 1


def test_a_deeper_section_is_folded_in_the_notebook(tmp_path):
    source = tmp_path / "99_why.py"
    source.write_text(
        "# %% [markdown]\n# # 99 · Why?\n# {{part1}} and {{part2}} and {{deeper}}\n\n"
        "# %% [markdown]\n# ## Deeper: a proof\n\n# %%\n1\n",
        encoding="utf-8",
    )
    title, deeper, code = build.assemble(source).cells
    assert title.source.endswith("1 and 0 and 1")
    assert deeper.metadata == {"jp-MarkdownHeadingCollapsed": True}
    assert title.metadata == code.metadata == {}
