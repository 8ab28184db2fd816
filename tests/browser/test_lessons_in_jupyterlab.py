"""Lessons in a real JupyterLab in a real Chromium: run them, touch them, see them change."""

import lab
import pytest
from build_notebooks import ROOT
from gallery import EXPLORERS
from lab import PATIENCE
from playwright.sync_api import TimeoutError as PlaywrightTimeout

# Run as they are; and a notebook that has every explorer of the course, without the trainings.
LESSONS = ["01_neuron", "02_logistic", "06_convolution", "explorers"]
GALLERY = [
    f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\nfrom gallery import EXPLORERS",
    *(f"EXPLORERS[{name!r}]()" for name in EXPLORERS),
    "from course_utils.exercises import quiz",
    'quiz("01")',
    "1 / 0",
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lessons")
    lab.prepare(folder)
    lab.write(folder / "explorers.ipynb", GALLERY)
    with lab.server(folder) as address:
        yield address


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request, browser, address):
    lesson = lab.Lesson(browser, address, f"{request.param}.ipynb")
    lesson.run_all()
    lesson.unfold()
    yield lesson
    lesson.end()


def explorers(lesson):
    """Return the explorers of a lesson that are live in the page."""
    lesson.page.wait_for_function(
        """() => {
            const found = [...document.querySelectorAll(".course-explorer")];
            return found.length > 1 && found.every((e) => e.querySelector("img.course-picture"));
        }"""
    )
    return lesson.page.locator(".course-explorer").all()


def into_view(page, explorer):
    """Scroll to an explorer until what is painted above it no longer pushes it away."""
    for _ in range(2 * PATIENCE):
        explorer.scroll_into_view_if_needed()
        before = explorer.bounding_box()
        page.wait_for_timeout(400)
        box = explorer.bounding_box()
        if box == before and box["y"] >= 0 and box["y"] + box["height"] <= 768:
            return
    pytest.fail(f"an explorer of {box['height']:.0f} pixels cannot be brought into view: {box}")


def by_keyboard(page, explorer):
    """Return what moves an explorer's first control by one key."""
    handle, menu = explorer.locator(".noUi-handle"), explorer.locator("select")
    if handle.count():
        at_the_end = handle.first.get_attribute("aria-valuenow") == handle.first.get_attribute(
            "aria-valuemax"
        )
        control, key = handle, "ArrowLeft" if at_the_end else "ArrowRight"
    elif menu.count():
        control, key = menu, "ArrowDown"
    else:
        control, key = explorer.locator("input[type=text]"), "Backspace"
    control.first.focus()
    if key == "Backspace":
        page.keyboard.press("End")
    return lambda: page.keyboard.press(key)


def until_changed(page, explorer, act):
    """Do something to an explorer; wait until its picture and its alt text have changed."""
    image = explorer.locator("img.course-picture")
    before = image.get_attribute("src"), image.get_attribute("alt")
    act()
    try:
        page.wait_for_function(
            "([image, src, alt]) => image.src !== src && image.alt !== alt",
            arg=[image.element_handle(), *before],
        )
    except PlaywrightTimeout:
        pytest.fail(f"this did not change: {before[1]}")


def test_every_cell_ran_without_an_unmeant_error(lesson):
    errors = lesson.page.locator(".jp-OutputArea-output", has_text="Traceback (most recent")
    assert errors.count() == 1, "each of these breaks one thing on purpose"


def test_every_explorer_is_live_and_the_keyboard_moves_it(lesson):
    found = explorers(lesson)
    assert len(found) >= 2
    for explorer in found:
        into_view(lesson.page, explorer)
        until_changed(lesson.page, explorer, by_keyboard(lesson.page, explorer))


def test_a_slider_moves_with_the_mouse(lesson):
    explorer = explorers(lesson)[0]
    into_view(lesson.page, explorer)
    box = explorer.locator(".slider-container").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    handle = explorer.locator(".noUi-handle").first.bounding_box()
    away = 0.9 if handle["x"] < box["x"] + box["width"] / 2 else 0.1  # not on the handle itself
    click = lambda: lesson.page.mouse.click(box["x"] + away * box["width"], middle)  # noqa: E731
    until_changed(lesson.page, explorer, click)


def test_a_picture_that_can_be_touched_follows_the_pointer(lesson):
    touchable = [e for e in explorers(lesson) if e.locator(".course-touchable").count()]
    if not touchable:
        assert lesson.page.title().startswith("01"), "lesson 02 has pictures to touch"
    for explorer in touchable:
        into_view(lesson.page, explorer)
        box = explorer.locator("img.course-picture").bounding_box()

        def drag(box=box):
            mouse = lesson.page.mouse
            mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.4 * box["height"])
            mouse.down()
            mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
            mouse.up()

        until_changed(lesson.page, explorer, drag)


def test_pictures_lie_inside_the_page_and_are_painted(lesson):
    for explorer in explorers(lesson):
        explorer.scroll_into_view_if_needed()
        box = explorer.locator("img.course-picture").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1366
        natural = explorer.locator("img.course-picture").evaluate("image => image.naturalWidth")
        assert natural > 300


def test_an_explorer_fits_one_projector_screen(lesson):
    for explorer in explorers(lesson):
        assert explorer.bounding_box()["height"] <= 640


def test_quiz_answers_have_feedback(lesson):
    cell = lesson.cell("quiz(")
    question = cell.locator(".widget-radio-box").first
    question.locator("input").first.focus()
    lesson.page.keyboard.press("Space")
    cell.locator("[role=status]").first.wait_for()
    assert cell.locator("[role=status]").first.inner_text().startswith(("✔ Right.", "✘ Not quite."))


def test_a_wrong_answer_is_explained_with_a_hint(browser, address):
    lesson = lab.Lesson(browser, address, "01_neuron.ipynb")
    lesson.run_all()
    page = lesson.page
    editor = lesson.cell("def update(w, x, y)").locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(
        "def update(w, x, y):\n    y_hat = int(w @ x >= 0)\n    return w + (y_hat - y) * x"
    )
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    verdict = lesson.cell('check("01.update"').locator(".jp-OutputArea-output")
    page.wait_for_function(
        "cell => cell.textContent.includes('Not yet')",
        arg=verdict.first.element_handle(),
    )
    said = verdict.first.inner_text()
    assert "For w = [0., 0.], x = [1., 2.], y = 0:" in said
    assert "The difference is the wrong way round" in said


def test_stored_lessons_show_their_pictures_without_a_kernel(browser, address):
    lesson = lab.Lesson(browser, address, "01_neuron.ipynb")
    cell = lesson.cell("threshold_builder()")
    assert cell.locator("img").evaluate("image => image.naturalWidth") > 300


def test_dark_theme_takes_light_text_for_what_explorers_say(browser, tmp_path):
    lab.prepare(tmp_path)
    with lab.server(tmp_path, "dark") as address:
        lesson = lab.Lesson(browser, address, "01_neuron.ipynb")
        lesson.run_all()
        explorer = explorers(lesson)[0]
        explorer.scroll_into_view_if_needed()
        colour = explorer.locator(".course-says").last.evaluate("e => getComputedStyle(e).color")
        red, green, blue = (int(n) for n in colour[colour.index("(") + 1 : -1].split(",")[:3])
        assert min(red, green, blue) > 180
