"""A cell with an explorer that is run again and again, in a real JupyterLab."""

import lab
import pytest
from lab import PATIENCE

CELLS = [
    "from course_utils.explorers.perceptron import threshold_builder",
    "threshold_builder()",
    "import gc\n"
    "from ipywidgets.widgets.widget import _instances\n"
    "from course_utils.explorers.base import Explorer\n"
    "gc.collect()\n"
    "n_explorers = sum(type(x) is Explorer for x in gc.get_objects())\n"
    "print(n_explorers, 'explorer,', len(_instances), 'widgets')",
]


@pytest.fixture
def lesson(browser, tmp_path):
    with lab.notebook(browser, tmp_path, CELLS) as lesson:
        yield lesson


def test_a_cell_run_five_times_shows_one_explorer_which_answers(lesson):
    held = set()
    for _ in range(5):
        lesson.run_all()
        cell = lesson.cell("threshold_builder()")
        picture = cell.locator("img.course-picture")
        picture.wait_for()
        assert picture.count() == 1
        held.add(lesson.cell("gc.collect()").locator(".jp-OutputArea-output").inner_text())
    (said,) = held
    assert said.startswith("1 explorer, ")

    before = picture.get_attribute("src")
    cell.locator(".noUi-handle").first.focus()
    lesson.page.keyboard.press("ArrowRight")
    lesson.page.wait_for_function(
        "([image, src]) => image.src !== src",
        arg=[picture.element_handle(), before],
        timeout=1000 * PATIENCE,
    )
