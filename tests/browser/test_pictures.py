"""Pictures in a real JupyterLab, stored and just drawn: what a screen reader is told of them."""

import build_notebooks as build
import lab
import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_notebook

CELLS = [
    """
from IPython.display import HTML
from course_utils.explorers.base import Explorer, whole_slider
from course_utils.figures import figure, show
HTML("<i class='canary' onclick='sing()'>a canary</i>")
""",
    """
fig, ax = figure('Is w < 0 & b > 1? "Yes", it\\'s so', xlabel="w", ylabel="b")
ax.plot([1, 2], [3, 4], label="a line")
show(fig, "A line.")
""",
    """
def draw(step):
    return figure("Always the same picture")[0], f"This is step {step}."
Explorer("Do the words change?", draw, {"step": whole_slider(0, 9, 2, name="step")})
""",
]
AXE = Axe()


@pytest.fixture(scope="module")
def book():
    cells = [new_code_cell(text.strip(), id=f"cell-{n}") for n, text in enumerate(CELLS)]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return build.run(new_notebook(cells=cells, metadata={"kernelspec": spec}))


@pytest.fixture(scope="module", params=lab.THEMES)
def address(request, book, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    nbformat.write(book, folder / "pictures.ipynb")
    with lab.server(folder, request.param) as address:
        yield address


@pytest.fixture(scope="module")
def lesson(browser, address):
    lesson = lab.Lesson(browser, address, "pictures.ipynb")
    yield lesson
    lesson.page.close()


@pytest.fixture(scope="module")
def live(lesson):
    lesson.run_all()
    lesson.page.wait_for_selector(".course-explorer img[src^='blob:']")
    return lesson


def texts(book):
    return [cell.outputs[0].data["text/plain"] for cell in book.cells[1:]]


def images(lesson):
    return lesson.page.locator(".jp-OutputArea-output img")


def alts(lesson):
    return images(lesson).evaluate_all("images => images.map((image) => image.alt)")


def check_image_alt(page):
    """Check by axe that it saw the pictures and had nothing against their alternative texts."""
    rule = {"runOnly": {"type": "rule", "values": ["image-alt"]}}
    report = AXE.run(page, ".jp-Notebook", rule).response
    assert report["violations"] == []
    assert [len(rule["nodes"]) for rule in report["passes"]] == [len(CELLS) - 1]


def test_a_stored_picture_is_described_before_the_notebook_is_trusted(lesson, book):
    canary = lesson.page.locator(".canary")
    assert canary.inner_text() == "a canary"
    assert canary.get_attribute("onclick") is None, "JupyterLab does not trust this notebook"
    assert alts(lesson) == texts(book)
    check_image_alt(lesson.page)


def test_a_stored_picture_is_painted_at_its_width_in_pixels_of_the_page(lesson):
    for image in images(lesson).all():
        assert image.evaluate("image => image.naturalWidth") == 1200
        assert image.bounding_box()["width"] == 800


def test_a_stored_picture_shrinks_with_a_narrow_page(lesson):
    lesson.page.set_viewport_size({"width": 700, "height": 768})
    narrow = "image => image.getBoundingClientRect().right <= 700"
    try:
        for image in images(lesson).all():
            lesson.page.wait_for_function(narrow, arg=image.element_handle())
            box = image.bounding_box()
            assert 100 < box["width"] < 700
            assert box["x"] + box["width"] <= 700
            assert box["height"] / box["width"] == pytest.approx(4.2 / 8, abs=0.01)
    finally:
        lesson.page.set_viewport_size({"width": 1366, "height": 768})


def test_a_picture_just_drawn_is_described(live, book):
    assert alts(live) == texts(book)
    check_image_alt(live.page)


def test_while_the_kernel_runs_an_explorer_is_its_widget_and_no_still_beside_it(live):
    assert live.cell("Explorer(").locator("img").count() == 1


def test_the_description_follows_where_only_the_words_change(live):
    explorer = live.page.locator(".course-explorer")
    explorer.locator(".noUi-handle").focus()
    live.page.keyboard.press("ArrowRight")
    live.page.wait_for_function(
        "() => document.querySelector('img.course-picture').alt.includes('This is step 3.')",
        timeout=10_000,
    )
