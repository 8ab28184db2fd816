"""The drawing pad in a real JupyterLab and as a page of its own: drawn on, broken, read again."""

import ast
import contextlib
import json
import time

import lab
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyter_client import BlockingKernelClient
from lab import PATIENCE
from playwright.sync_api import TimeoutError as PlaywrightTimeout

SEVEN = [(0.3, 0.2), (0.5, 0.2), (0.7, 0.2), (0.6, 0.4), (0.5, 0.6), (0.45, 0.8)]
ONE = [(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]
MANY = ["perceptron", "softmax", "MLP 512", "MLP", "LeNet", "best CNN", "row LSTM"]

CELLS = [
    """
import os, time
import torch
from course_utils.canvas import DigitPad
from course_utils.models import load_pretrained
softmax, lenet = load_pretrained("softmax"), load_pretrained("lenet")
behave, asked = lenet, []
def trial(X):
    asked.append(1)
    return behave(X)
def wait_for(file):
    while not os.path.exists(file):
        time.sleep(0.01)
def says(picture):
    return lenet(torch.tensor(picture).reshape(1, 1, 28, 28) / 255).softmax(1)[0].tolist()
""",
    "pad = DigitPad({'softmax': softmax, 'lenet': lenet}, collect=True)\npad",
    "pad  # again",
    """
import anywidget
class Stranger(anywidget.AnyWidget):
    _esm = "export default { render({ model }) { window.manager = model.widget_manager; } };"
Stranger()
""",
    "tried = DigitPad({'trial': trial, 'lenet': lenet})\ntried",
    "inside = DigitPad(lenet, in_page=True)\ninside",
    f"names = {MANY}\nmany = DigitPad(dict.fromkeys(names, lenet))\nmany",
]


class Kernel:
    """A kernel, asked beside JupyterLab: `kernel("pad.brush")` gives a value as JSON holds it."""

    def __init__(self, connection):
        self.client = BlockingKernelClient(connection_file=str(connection))
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def __call__(self, expression):
        asked = {"value": f"__import__('json').dumps({expression})"}
        reply = self.client.execute(
            "", user_expressions=asked, reply=True, timeout=PATIENCE, store_history=False
        )
        value = reply["content"]["user_expressions"]["value"]
        assert value["status"] == "ok", value
        return json.loads(ast.literal_eval(value["data"]["text/plain"]))

    def run(self, code):
        reply = self.client.execute(code, reply=True, timeout=PATIENCE, store_history=False)
        assert reply["content"]["status"] == "ok", reply["content"]

    def start(self, code):
        self.client.execute(code, store_history=False)


class Pad:
    """A pad in a page: hands that draw on it, and what it shows."""

    def __init__(self, root):
        self.root, self.page, self.mouse = root, root.page, root.page.mouse
        self.paper, self.status = root.locator(".pad-paper"), root.locator(".pad-status")
        self.paper.scroll_into_view_if_needed()

    def at(self, x, y):
        """Return whole pixels of the page near a place on the pad, given in fractions."""
        box = self.paper.bounding_box()
        return round(box["x"] + x * box["width"]), round(box["y"] + y * box["height"])

    def fractions(self, points):
        """Return where on the pad the pixels `at` some places are."""
        box = self.paper.bounding_box()
        pixels = (self.at(*point) for point in points)
        return [((x - box["x"]) / box["width"], (y - box["y"]) / box["height"]) for x, y in pixels]

    def draw(self, points, lift=True):
        self.paper.scroll_into_view_if_needed()
        self.mouse.move(*self.at(*points[0]))
        self.mouse.down()
        for point in points[1:]:
            self.mouse.move(*self.at(*point))
        if lift:
            self.mouse.up()

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def do(self, script, argument=None):
        """Run a JavaScript function of the pad's element."""
        return self.root.evaluate(script, argument)

    def ink(self):
        """Return how many pixels of the canvas are inked."""
        return self.paper.evaluate(
            """paper => paper.getContext("2d").getImageData(0, 0, paper.width, paper.height)
                .data.filter((value, i) => i % 4 === 3 && value > 0).length"""
        )

    def picture(self):
        """Return the 28 × 28 bytes that are shown as what the model sees."""
        step = self.root.locator(".pad-step").last
        script = """step => [...step.getContext("2d").getImageData(0, 0, 28, 28).data]
            .filter((value, i) => i % 4 === 3)"""
        return np.array(step.evaluate(script)).reshape(28, 28)

    def shown(self):
        """Return for each model the ten probabilities that its bars show, 0 without."""
        return self.do(
            """pad => [...pad.querySelectorAll(".pad-strip")].map((strip) =>
                [...strip.querySelectorAll(".pad-bar")].map((bar) =>
                    parseFloat(bar.style.height || 0) / 100))"""
        )

    def digits(self):
        return self.root.locator(".pad-digit").all_inner_texts()

    def faults(self):
        return self.root.locator(".pad-fault").all_inner_texts()

    def until(self, check):
        """Wait until something holds of the pad, and return it."""
        for _ in range(50 * PATIENCE):
            if found := check():
                return found
            self.page.wait_for_timeout(20)
        said = f"{self.digits()} {self.faults()} {self.status.inner_text()!r}"
        pytest.fail(f"waited in vain; the pad shows {said}")

    def read(self, *digits):
        """Wait until the models read these digits."""
        self.until(lambda: self.digits() == [str(digit) for digit in digits])

    def is_late(self):
        """Wait until the pad says that the kernel's answer is late."""
        self.until(lambda: "The kernel is busy" in self.status.inner_text())

    def wipe(self):
        """Clear the pad and wait until it is quiet."""
        self.press("Clear")
        self.until(lambda: not any(self.digits()) and not self.ink())


def cell(lesson, text):
    return lesson.page.locator(".jp-CodeCell", has_text=text).first


def pad_of(lesson, text):
    root = cell(lesson, text).locator(".pad")
    root.wait_for()
    return Pad(root)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pads")


@pytest.fixture(scope="module")
def lesson(browser, folder):
    with lab.notebook(browser, folder, CELLS) as lesson:
        lesson.complaints = []
        lesson.page.on("pageerror", lambda error: lesson.complaints.append(str(error)))
        lesson.page.keyboard.press("Control+b")  # the file browser away
        lesson.run_all()
        yield lesson


@pytest.fixture(scope="module")
def kernel(lesson, folder):
    (connection,) = (folder / "home" / "runtime").glob("kernel-*.json")
    kernel = Kernel(connection)
    yield kernel
    kernel.client.stop_channels()


@pytest.fixture
def pad(lesson):
    """The pad of the notebook, empty; no error may have reached the page afterwards."""
    lesson.complaints.clear()
    pad = pad_of(lesson, "pad = DigitPad")
    pad.wipe()
    yield pad
    pad.mouse.up()
    assert lesson.complaints == []


@pytest.fixture
def tried(lesson, kernel):
    """A pad with a model that each test makes behave as it likes, and LeNet beside it."""
    lesson.complaints.clear()
    kernel.run("behave = lenet; asked.clear()")
    pad = pad_of(lesson, "tried = DigitPad")
    pad.wipe()
    pad.until(lambda: pad.status.inner_text() == "")
    yield pad
    pad.mouse.up()
    kernel.run("behave = lenet")
    assert lesson.complaints == []


class Gate:
    """A file that the kernel waits for: it is busy until the test opens the gate."""

    def __init__(self, file):
        self.file, self.reached = file, file.with_name("reached")
        self.waiting = f"open({str(self.reached)!r}, 'w').close(); wait_for({str(file)!r})"

    def hold(self, kernel):
        """Let the kernel run up to the gate; return when it stands there."""
        kernel.start(self.waiting)
        end = time.monotonic() + PATIENCE
        while not self.reached.exists():
            assert time.monotonic() < end, "the kernel did not come to the gate"
            time.sleep(0.05)

    def open(self):
        self.file.touch()


@pytest.fixture
def gate(tmp_path):
    gate = Gate(tmp_path / "open")
    yield gate
    gate.open()


# ---- drawing


def test_ink_and_readings_appear_while_the_mouse_is_down(pad):
    assert pad.ink() == 0
    pad.draw(SEVEN, lift=False)
    assert pad.ink() > 2000
    pad.read(7, 7)


def test_python_sees_what_the_page_shows(pad, kernel):
    drawn = pad.fractions(SEVEN)
    pad.draw(SEVEN)
    pad.read(7, 7)
    (stroke,) = pad.until(lambda: kernel("pad.strokes"))
    assert np.allclose(stroke, drawn, atol=1e-6)
    image = 255 * np.array(kernel("pad.image.tolist()"))
    assert np.abs(pad.picture() - image).max() <= 2
    probs = kernel("[probs.tolist() for probs in pad.probs.values()]")
    pad.until(lambda: np.abs(np.array(pad.shown()) - probs).max() < 0.01)


def test_what_python_draws_is_shown_and_read(pad, kernel):
    kernel.run(f"pad.draw([{ONE}])")
    pad.read(1, 1)
    assert pad.ink() > 2000
    kernel.run("pad.clear()")
    pad.until(lambda: not pad.ink() and not any(pad.digits()))


def test_a_finger_draws_and_the_page_stays_in_place(pad):
    fingers = Fingers(pad)
    scrolled = "() => document.querySelector('.jp-WindowedPanel-outer').scrollTop"
    before = pad.page.evaluate(scrolled)
    fingers.put(SEVEN[0])
    for point in SEVEN[1:]:
        fingers.move(point)
    pad.read(7, 7)
    fingers.lift()
    assert pad.page.evaluate(scrolled) == before


def test_a_second_finger_does_not_disturb_the_first(pad, kernel):
    fingers = Fingers(pad)
    fingers.put(ONE[0])
    fingers.put(ONE[0], (0.9, 0.9))
    for point in ONE[1:]:
        fingers.move(point, (0.1, point[1]))
    fingers.lift()
    pad.read(1, 1)
    (stroke,) = pad.until(lambda: kernel("pad.strokes"))
    assert np.abs(np.array(stroke)[:, 0] - 0.5).max() < 0.01


def test_a_pen_draws(pad, kernel):
    devtools = pad.page.context.new_cdp_session(pad.page)
    kinds = ["mousePressed", *["mouseMoved"] * (len(ONE) - 2), "mouseReleased"]
    pad.do(
        """pad => pad.addEventListener("pointerdown", (event) => {
            pad.dataset.pointer = event.pointerType;
        }, { once: true, capture: true })"""
    )
    for kind, point in zip(kinds, ONE, strict=True):
        x, y = pad.at(*point)
        pen = {"pointerType": "pen", "button": "left", "buttons": 1, "clickCount": 1}
        devtools.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **pen})
    assert pad.do("pad => pad.dataset.pointer") == "pen"
    pad.until(lambda: kernel("pad.strokes"))
    assert pad.ink() > 1000


def test_a_stroke_goes_on_outside_the_pad(pad, kernel):
    pad.draw([(0.5, 0.5), (1.3, 0.5), (1.3, 0.8), (0.6, 0.8)])
    (stroke,) = pad.until(lambda: kernel("pad.strokes"))
    assert max(x for x, _ in stroke) > 1.2
    assert len(stroke) == 4


def test_a_cancelled_touch_ends_the_stroke_and_the_next_begins(pad, kernel):
    fingers = Fingers(pad)
    fingers.put(ONE[0])
    fingers.move(ONE[1])
    fingers.cancel()
    pad.until(lambda: len(kernel("pad.strokes")) == 1)
    fingers.put(ONE[2])
    fingers.move(ONE[3])
    fingers.lift()
    pad.until(lambda: len(kernel("pad.strokes")) == 2)


class Fingers:
    """Fingers on a pad, put down and moved by the browser itself."""

    def __init__(self, pad):
        self.pad, self.devtools = pad, pad.page.context.new_cdp_session(pad.page)

    def send(self, kind, *points):
        pixels = [self.pad.at(*point) for point in points]
        touches = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(pixels)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def put(self, *points):
        self.send("touchStart", *points)

    def move(self, *points):
        self.send("touchMove", *points)

    def lift(self):
        self.send("touchEnd")

    def cancel(self):
        self.send("touchCancel")


# ---- tools


def test_undo_takes_strokes_back_one_by_one_and_a_clearing_too(pad):
    inks = []
    for x in (0.3, 0.6):
        inks.append(pad.ink())
        pad.draw([(x, 0.3), (x, 0.7)])
    both = pad.ink()
    pad.press("Clear")
    assert pad.ink() == 0
    pad.press("Undo")
    assert pad.ink() == pytest.approx(both, rel=0.01), "repainted in one piece, its edges differ"
    for ink in reversed(inks):
        pad.press("Undo")
        assert pad.ink() == pytest.approx(ink, rel=0.01)
    pad.press("Undo")
    assert pad.ink() == 0


def test_the_brush_changes_the_ink_and_pythons_brush(pad, kernel):
    pad.draw(ONE)
    thin = pad.ink()
    brush = pad.root.get_by_role("slider", name="Brush")
    brush.focus()
    for _ in range(4):
        pad.page.keyboard.press("ArrowRight")
    assert pad.ink() > 1.2 * thin
    pad.until(lambda: kernel("pad.brush") == 24)
    image = 255 * np.array(kernel("pad.image.tolist()"))
    pad.until(lambda: np.abs(pad.picture() - image).max() <= 2)
    kernel.run("pad.brush = 16")
    pad.until(lambda: brush.input_value() == "16")
    assert pad.ink() == pytest.approx(thin, rel=0.01), "repainted in one piece, its edges differ"


def test_xray_shows_four_steps_inside_the_pad(pad):
    pad.draw(SEVEN)
    pad.press("X-ray")
    room = pad.root.bounding_box()
    steps = pad.root.locator(".pad-step").all()
    assert len(steps) == 4
    for step in steps:
        box = step.bounding_box()
        assert room["x"] <= box["x"] < box["x"] + box["width"] <= room["x"] + room["width"]
        assert step.evaluate(
            """step => step.getContext("2d").getImageData(0, 0, step.width, step.height)
                .data.some((value, i) => i % 4 === 3 && value > 200)"""
        )
    assert pad.root.locator("figcaption:visible").count() == 4
    pad.press("X-ray")
    assert pad.root.locator(".pad-step:visible").count() == 1


def test_labelling_keeps_the_drawing_under_its_digit_and_wipes_the_pad(pad, kernel):
    pad.draw(SEVEN)
    pad.read(7, 7)
    shown = pad.picture()
    pad.press("7")
    pad.until(lambda: pad.ink() == 0 and kernel("pad.collected[1].tolist()") == [7])
    assert np.abs(shown - kernel("pad.collected[0][0].tolist()")).max() <= 2
    pad.until(lambda: "1 labelled" in pad.root.inner_text())
    assert kernel("pad.strokes") == []


def test_what_is_drawn_at_once_after_labelling_stays(pad, kernel, gate):
    """A hand is quicker than the kernel: neither picture may be cut."""
    before = kernel("len(pad.collected[1])")
    kernel.start(gate.waiting)
    pad.draw(SEVEN)
    pad.press("7")
    pad.draw(ONE)
    ink = pad.ink()
    gate.open()
    pad.read(1, 1)
    pad.until(lambda: kernel("pad.collected[1].tolist()")[before:] == [7])
    seven = np.array(kernel(f"pad.collected[0][{before}].tolist()"))
    assert seven[:14].sum() > 1.2 * seven[14:].sum(), "a seven is heavy above"
    assert pad.ink() == ink
    pad.until(lambda: len(kernel("pad.strokes")) == 1)


# ---- the keyboard


def test_a_digit_is_drawn_and_wiped_from_the_keyboard_alone(pad, kernel):
    press = pad.page.keyboard.press
    pad.root.get_by_role("button", name="Undo").focus()
    press("Shift+Tab")
    assert pad.paper.evaluate("paper => paper === document.activeElement")
    for _ in range(8):
        press("ArrowUp")
    press("Space")
    for _ in range(16):
        press("ArrowDown")
    press("Space")
    press("ArrowRight")  # the pen is up: no ink
    pad.read(1, 1)
    (stroke,) = pad.until(lambda: kernel("pad.strokes"))
    assert len(stroke) == 17
    spoken = pad.root.locator(".pad-spoken[role=status]")
    pad.until(lambda: "softmax reads 1" in spoken.inner_text())
    press("u")
    assert pad.ink() == 0
    press("Space")
    press("ArrowLeft")
    assert pad.ink() > 0
    press("c")
    assert pad.ink() == 0
    press("Tab")
    assert pad.page.evaluate("document.activeElement.textContent") == "Undo"


def test_letters_typed_on_the_pad_do_nothing_to_the_notebook(pad, lesson):
    cells = "() => [...document.querySelectorAll('.jp-Cell .cm-content')].map(e => e.innerText)"
    before = lesson.page.evaluate(cells)
    pad.draw(ONE)
    for key in "abxcvzdduumyr":
        lesson.page.keyboard.press(key)
    lesson.page.wait_for_timeout(200)
    assert lesson.page.evaluate(cells) == before
    assert pad.paper.evaluate("paper => paper === document.activeElement")


def test_shift_enter_runs_the_cell_and_control_s_saves_though_the_pad_has_the_focus(
    tried, lesson, folder
):
    stored = folder / "notebook.ipynb"
    tried.draw(ONE)
    saved = stored.stat().st_mtime_ns
    lesson.page.keyboard.press("Control+s")
    tried.until(lambda: stored.stat().st_mtime_ns > saved)
    number = cell(lesson, "tried = DigitPad").locator(".jp-InputArea-prompt").first
    before = number.inner_text()
    lesson.page.keyboard.press("Shift+Enter")
    tried.until(lambda: number.inner_text() not in (before, "[*]:"))
    pad_of(lesson, "tried = DigitPad").read(1, 1)


# ---- models that fail


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        ("{}['the weights']", "KeyError: 'the weights'"),
        ("torch.full((1, 10), torch.nan)", "nan or infinity"),
        ("torch.full((1, 10), -torch.inf)", "nan or infinity"),
        ("torch.zeros(1, 7)", "ten numbers for one digit, got shape (1, 7)"),
        ("'seven'", "Error"),
        ("None", "Error"),
        ("[0.1] * 10 + [{}]", "Error"),
        ("leave()", "SystemExit"),
        ("interrupt()", "KeyboardInterrupt"),
    ],
)
def test_a_model_that_fails_says_why_and_the_next_still_answers(tried, kernel, behaviour, says):
    kernel.run("def interrupt(): raise KeyboardInterrupt\ndef leave(): raise SystemExit")
    kernel.run(f"def behave(X): return {behaviour}")
    tried.draw(ONE)
    tried.read("", 1)
    assert says in tried.faults()[0]
    assert tried.faults()[1] == ""
    kernel.run("behave = lenet")
    tried.draw([(0.45, 0.8), (0.55, 0.8)])
    tried.read(1, 1)
    assert tried.faults() == ["", ""]


def test_a_long_error_stays_inside_the_pad(tried, kernel):
    kernel.run("def behave(X): raise ValueError('a' * 300 + ' <b>bold</b> ' + 200 * 'long ')")
    tried.draw(ONE)
    tried.until(lambda: "ValueError: aaa" in tried.faults()[0])
    assert tried.root.locator(".pad-fault b").count() == 0
    assert tried.do("pad => pad.scrollWidth <= pad.clientWidth")


def test_a_slow_model_holds_up_neither_ink_nor_the_newest_drawing(tried, kernel, gate):
    kernel.run(f"def behave(X): {gate.waiting}; return lenet(X)")
    tried.draw(SEVEN, lift=False)
    assert tried.ink() > 2000
    tried.is_late()
    tried.mouse.up()
    tried.wipe()
    tried.draw(ONE)
    tried.is_late()
    gate.open()
    tried.read(1, 1)
    assert len(kernel("asked")) < len(SEVEN), "what was drawn in between is not asked for any more"
    tried.until(lambda: tried.status.inner_text() == "")


def test_a_cleared_pad_stays_empty_when_a_late_answer_comes(tried, kernel, gate):
    kernel.run("answered = []")
    kernel.run(f"def behave(X): {gate.waiting}; answered.append(1); return lenet(X)")
    tried.draw(ONE)
    tried.is_late()
    tried.press("Clear")
    tried.until(lambda: tried.status.inner_text() == "")  # nobody waits any more
    assert kernel("answered") == []
    gate.open()
    tried.until(lambda: kernel("answered"))
    tried.page.wait_for_timeout(500)  # for an answer that would show
    assert tried.digits() == ["", ""]
    assert not np.any(tried.shown())
    assert kernel("tried.probs is None")
    assert tried.status.inner_text() == ""


# ---- messages that make no sense


@pytest.mark.parametrize(
    "message",
    [
        "{}",
        "{ kind: 'dance' }",
        "'read'",
        "{ kind: 'read', id: 1 }",
        "{ kind: 'label', digit: 11 }",
    ],
)
def test_nonsense_from_the_page_is_refused_aloud_and_the_pad_goes_on(pad, kernel, message):
    from_page(pad, kernel, f"model.send({message}, undefined, [new Uint8Array(5).buffer])")
    pad.until(lambda: "refused" in pad.status.inner_text())
    pad.draw(ONE)
    pad.read(1, 1)
    assert pad.status.inner_text() == ""


@pytest.mark.parametrize(
    "strokes",
    [
        "value(5)",
        "value('text')",
        "value([1, 2])",
        "value(null)",
        "bytes(new ArrayBuffer(5))",
        "bytes(new ArrayBuffer(1e7))",
        "bytes(Float32Array.of(Infinity, 0.5, NaN, NaN).buffer)",
    ],
)
def test_strokes_that_make_no_sense_are_refused_and_the_pad_goes_on(pad, kernel, strokes):
    pad.draw(SEVEN)
    pad.until(lambda: kernel("len(pad.strokes)") == 1)
    from_page(pad, kernel, strokes)
    pad.until(lambda: "cannot be read" in pad.status.inner_text())
    pad.until(lambda: pad.ink() > 2000)
    pad.wipe()
    pad.draw(ONE)
    pad.read(1, 1)
    pad.until(lambda: kernel("len(pad.strokes)") == 1)


@pytest.mark.parametrize(("brush", "becomes"), [("nan", 16), ("-5", 6), ("1e9", 50)])
def test_a_brush_beyond_reason_is_brought_back(pad, kernel, brush, becomes):
    kernel.run(f"pad.brush = float('{brush}')")
    pad.draw(ONE)
    pad.read(1, 1)
    slider = pad.root.get_by_role("slider", name="Brush")
    pad.until(lambda: slider.input_value() == str(becomes))
    kernel.run("pad.brush = 16")
    pad.until(lambda: slider.input_value() == "16")


def test_answers_that_nobody_asked_for_change_nothing(pad, kernel):
    answers = [{}, {"kind": "readings"}, {"kind": "readings", "id": 0, "readings": 5}, "text", None]
    kernel.run(f"for answer in {answers}: pad.send(answer)")
    pad.draw(ONE)
    pad.read(1, 1)


def from_page(pad, kernel, script):
    """Let a stranger in the page act on the pad's widget model."""
    pad.page.evaluate(
        """async ([id, script]) => {
            const model = await window.manager.get_model(id);
            const bytes = (buffer) => model.comm.send(
                { method: "update", state: {}, buffer_paths: [["_strokes"]] }, {}, {}, [buffer]);
            const value = (strokes) => model.comm.send(
                { method: "update", state: { _strokes: strokes }, buffer_paths: [] }, {});
            new Function("model", "bytes", "value", script)(model, bytes, value);
        }""",
        [kernel("pad.model_id"), script],
    )


# ---- views, runs, restarts


def test_a_second_view_follows_and_can_draw_and_undo_as_well(pad, lesson):
    other = pad_of(lesson, "pad  # again")
    pad.draw(SEVEN, lift=False)
    assert other.ink() == pad.ink() > 2000
    other.read(7, 7)
    pad.mouse.up()
    other.draw([(0.3, 0.5), (0.7, 0.5)])
    assert other.ink() == pad.ink()
    other.press("Undo")
    other.press("Undo")
    assert pad.ink() == other.ink() == 0


def test_a_second_run_of_the_cell_keeps_the_ink(pad, lesson, kernel):
    pad.draw(SEVEN)
    pad.read(7, 7)
    ink = pad.ink()
    pad.do("pad => pad.classList.add('old')")
    cell(lesson, "pad = DigitPad").locator(".jp-InputArea-prompt").first.click()
    lesson.page.keyboard.press("Control+Enter")
    cell(lesson, "pad = DigitPad").locator(".pad:not(.old)").wait_for()
    again = pad_of(lesson, "pad = DigitPad")
    again.read(7, 7)
    assert again.ink() == pytest.approx(ink, rel=0.01)
    again.until(lambda: len(kernel("pad.strokes")) == 1)
    again.wipe()
    run_again(lesson, again)
    assert pad_of(lesson, "pad = DigitPad").ink() == 0, "what was cleared stays away"


def run_again(lesson, pad):
    """Run the cell of the pad again; when it has run, return the new pad."""
    number = cell(lesson, "pad = DigitPad").locator(".jp-InputArea-prompt").first
    before = number.inner_text()
    number.click()
    lesson.page.keyboard.press("Control+Enter")
    pad.until(lambda: number.inner_text() not in (before, "[*]:"))
    return pad_of(lesson, "pad = DigitPad")


def test_a_second_run_of_the_cell_keeps_what_was_labelled_until_it_is_saved(pad, lesson, kernel):
    says = lambda words: lambda: words in pad.root.inner_text()  # noqa: E731
    kernel.run("pad.forget()")
    pad.draw(SEVEN)
    pad.press("7")
    pad.until(says("1 labelled, not saved yet"))
    pad = run_again(lesson, pad)
    pad.until(says("1 labelled, not saved yet"))
    assert kernel("pad.collected[1].tolist()") == [7]
    kernel.run("pad.save('mine.idx')")
    pad.until(says("1 labelled, saved"))
    pad = run_again(lesson, pad)
    pad.until(lambda: "labelled" not in pad.root.inner_text())
    assert kernel("pad.collected[1].tolist()") == []


ONE_THREAD = """
class OneThread(type(get_ipython().kernel)):
    @property
    def kernel_info(self):
        return {**super().kernel_info, "supported_features": []}

get_ipython().kernel.__class__ = OneThread
"""


@pytest.fixture(scope="module")
def reloaded(lesson, kernel):
    """The page loaded anew, the kernel alive and like one that answers in one thread only.

    JupyterLab's own setting would not do: a page whose widgets ask for a second thread before the
    setting is loaded keeps using it.
    """
    pad = pad_of(lesson, "pad = DigitPad")
    pad.wipe()
    pad.draw(SEVEN)
    pad.read(7, 7)
    kernel.run(ONE_THREAD)
    lesson.page.keyboard.press("Control+s")
    lesson.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    lesson.page.reload()
    lesson.wait()
    return lesson


def test_a_reloaded_page_still_has_the_ink(reloaded):
    pad = pad_of(reloaded, "pad = DigitPad")
    pad.read(7, 7)
    assert pad.ink() > 2000


def test_ink_does_not_wait_for_a_busy_kernel_and_few_messages_do(reloaded, tried, kernel, gate):
    tried.draw(ONE)  # ipykernel hands a message to the thread that spoke last: the one thread, now
    tried.until(lambda: all(tried.digits()))
    tried.wipe()
    kernel.run("asked.clear()")
    gate.hold(kernel)
    inks = []
    for x in np.linspace(0.1, 0.9, 9):
        tried.draw([(x, 0.2), (x, 0.4), (x, 0.6)])
        inks.append(tried.ink())
    assert np.diff(inks).min() > 500
    tried.is_late()
    assert not any(tried.digits())
    gate.open()
    tried.until(lambda: all(tried.digits()))
    assert len(kernel("asked")) < 9
    tried.until(lambda: tried.status.inner_text() == "")


def test_models_in_the_page_answer_while_the_kernel_is_busy(lesson, kernel, gate):
    pad = pad_of(lesson, "inside = DigitPad")
    pad.wipe()
    kernel.start(gate.waiting)
    pad.draw(SEVEN)
    pad.read(7)
    gate.open()
    pad.until(lambda: kernel("inside.probs is not None"))
    assert np.abs(np.array(pad.shown()[0]) - kernel("inside.probs.tolist()")).max() < 0.01


# ---- a long sitting


@pytest.mark.parametrize("clearing", [False, True])
def test_two_thousand_strokes_leave_no_trace_but_their_ink(tried, kernel, clearing):
    devtools = tried.page.context.new_cdp_session(tried.page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def metrics():
        found = devtools.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in found}

    def weigh():
        devtools.send("HeapProfiler.collectGarbage")
        rss = kernel("__import__('psutil').Process().memory_info().rss")
        return np.array([metrics()["JSHeapUsedSize"] / 1e6, metrics()["Nodes"], rss / 1e6])

    def cpu_ms_a_stroke(n):
        before = metrics()["ScriptDuration"]
        tried.do(SCRIBBLE, [n, clearing])
        return 1000 * (metrics()["ScriptDuration"] - before) / n

    tried.do(SCRIBBLE, [100, clearing])
    tried.until(lambda: all(tried.digits()) or clearing)
    before = weigh()
    early = cpu_ms_a_stroke(100)
    tried.do(SCRIBBLE, [1700, clearing])
    late = cpu_ms_a_stroke(100)
    if clearing:
        tried.draw(ONE)
    picture = tried.picture().ravel()
    tried.until(
        lambda: (
            np.abs(np.array(tried.shown()[0]) - kernel(f"says({picture.tolist()})")).max() < 0.01
        )
    )
    heap, nodes, memory = weigh() - before
    print(
        f"\nheap {heap:+.1f} MB, {nodes:+.0f} nodes, kernel {memory:+.1f} MB, "
        f"{early:.2f} CPU-ms then {late:.2f} a stroke, {len(kernel('asked'))} questions"
    )
    assert heap < 15
    assert nodes < 200
    assert memory < 60
    assert late < 4 * early


SCRIBBLE = """async (pad, [n, clearing]) => {
    const paper = pad.querySelector(".pad-paper");
    const clear = [...pad.querySelectorAll("button")].find((b) => b.textContent === "Clear");
    const box = paper.getBoundingClientRect();
    const fire = (type, x, y) => paper.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, isPrimary: true, bubbles: true, button: 0, buttons: 1,
        clientX: box.left + x * box.width, clientY: box.top + y * box.height,
    }));
    for (let i = 0; i < n; i++) {
        const [x, y] = [0.1 + 0.6 * ((i * 0.618) % 1), 0.1 + 0.6 * ((i * 0.387) % 1)];
        fire("pointerdown", x, y);
        for (let k = 1; k < 12; k++) fire("pointermove", x + 0.02 * k, y + 0.1 * Math.sin(k));
        fire("pointerup", x + 0.2, y);
        if (clearing && i % 5 === 4) clear.click();
        if (i % 8 === 0) await new Promise(requestAnimationFrame);
    }
}"""


# ---- a page of its own, without kernel, server and network


@pytest.fixture(scope="module")
def exported(lesson, kernel, folder):
    """A page with two models, and one with seven."""
    kernel.run("page = DigitPad({'softmax': softmax, 'lenet': lenet})\npage.export('two.html')")
    kernel.run("DigitPad(dict.fromkeys(names, softmax)).export('seven.html')")
    kernel.run("DigitPad(lenet).export('one.html')")
    return folder


@pytest.fixture
def opened(browser, exported):
    """Opens an exported page in a browser without a network; it may ask and complain of nothing."""
    contexts, asked, said = [], [], []

    def open_page(name="two", width=1366, height=768, **options):
        size = {"width": width, "height": height}
        context = browser.browser.new_context(viewport=size, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda line: line.type == "error" and said.append(line.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((exported / f"{name}.html").as_uri())
        return Pad(page.locator(".pad"))

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


DRAWINGS = {
    "seven": [SEVEN],
    "one": [ONE],
    "small, in a corner": [[(0.7, 0.7), (0.8, 0.7), (0.75, 0.8), (0.8, 0.85), (0.72, 0.88)]],
    "four": [[(0.35, 0.2), (0.3, 0.5), (0.7, 0.5)], [(0.6, 0.15), (0.6, 0.85)]],
    "a dot": [[(0.4, 0.6)]],
}


def test_an_exported_page_reads_as_python_does(opened, kernel):
    pad = opened()
    for strokes in DRAWINGS.values():
        pad.press("Clear")
        drawn = [pad.fractions(stroke) for stroke in strokes]
        for stroke in strokes:
            pad.draw(stroke)
        kernel.run(f"page.draw({drawn})")
        pad.until(lambda: all(pad.digits()))
        image = 255 * np.array(kernel("page.image.tolist()"))
        pad.until(lambda image=image: np.abs(pad.picture() - image).max() <= 2)
        probs = kernel("[probs.tolist() for probs in page.probs.values()]")
        assert np.abs(np.array(pad.shown()) - probs).max() < 0.01


def test_an_exported_page_is_drawn_on_with_a_finger(opened):
    pad = opened(width=390, height=844, has_touch=True, is_mobile=True, device_scale_factor=3)
    fingers = Fingers(pad)
    fingers.put(SEVEN[0])
    for point in SEVEN[1:]:
        fingers.move(point)
    pad.read(7, 7)
    fingers.lift()
    assert pad.page.evaluate("scrollY") == 0


def test_a_dense_screen_gets_a_dense_canvas_which_follows_the_size_of_the_page(opened):
    pad = opened(device_scale_factor=2)
    size = lambda: pad.paper.evaluate("paper => [paper.width, paper.clientWidth]")  # noqa: E731
    pad.draw(ONE)
    dense, wide = size()
    assert dense == pytest.approx(2 * wide, abs=1)
    ink = pad.ink() / dense**2
    pad.page.set_viewport_size({"width": 320, "height": 700})
    pad.until(lambda: size()[1] != wide and size()[0] == pytest.approx(2 * size()[1], abs=1))
    assert pad.ink() / size()[0] ** 2 == pytest.approx(ink, rel=0.1)
    devtools = pad.page.context.new_cdp_session(pad.page)
    to_projector = {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": False}
    devtools.send("Emulation.setDeviceMetricsOverride", to_projector)
    pad.draw(ONE)
    assert size()[0] == size()[1], "moved to another screen"


# ---- for everybody

AXE = Axe()


def faults_of(page, context=".pad"):
    report = AXE.run(page, context)
    return [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]])
        for fault in report.response["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["one", "two", "seven"])
def test_axe_finds_nothing_on_an_exported_page(opened, scheme, name):
    pad = opened(name, color_scheme=scheme)
    assert faults_of(pad.page, None) == []
    pad.draw(SEVEN)
    pad.until(lambda: all(pad.digits()))
    pad.press("X-ray")
    assert faults_of(pad.page, None) == []


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_jupyterlab(tried, lesson, kernel, theme):
    lesson.menu("Settings", "Theme", f"JupyterLab {theme}")
    light = f"body[data-jp-theme-light={str(theme == 'Light').lower()}]"
    lesson.page.wait_for_selector(light, state="attached")
    kernel.run("def behave(X): raise ValueError('it is broken')")
    for pad in (tried, pad_of(lesson, "pad = DigitPad")):
        pad.press("Clear")
        pad.draw(SEVEN)
        pad.until(lambda pad=pad: pad.digits()[1] == "7")
    assert faults_of(lesson.page) == []
    tried.press("X-ray")
    assert faults_of(lesson.page) == []
    tried.press("X-ray")


FAULTS_OF_LAYOUT = """pad => {
    const faults = [], room = pad.getBoundingClientRect();
    const seen = [...pad.querySelectorAll("*")].filter((part) =>
        part.checkVisibility() && !part.closest(".pad-spoken"));
    if (pad.scrollWidth > pad.clientWidth) faults.push("the pad is wider than its place");
    for (const part of seen) {
        const box = part.getBoundingClientRect(), name = part.className || part.tagName;
        if (box.left < room.left - 1 || box.right > room.right + 1) faults.push(`${name}: cut off`);
        if (part.tagName === "BUTTON" && box.height < 40) faults.push(`${part.textContent}: low`);
        const text = [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (text && parseFloat(getComputedStyle(part).fontSize) < 12) faults.push(`${name}: text`);
        if (text && part.scrollWidth > part.clientWidth + 1 && part.clientWidth) {
            faults.push(`${name}: "${part.textContent}" is wider than its box`);
        }
    }
    return faults;
}"""


def check_layout(pad):
    """Check that nothing lies outside the pad, is too small to read, or to touch."""
    for _ in ("X-ray closed", "X-ray open"):
        assert pad.do(FAULTS_OF_LAYOUT) == []
        pad.press("X-ray")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("name", ["one", "seven"])
def test_an_exported_page_fits_phone_and_projector(opened, name, width, height):
    pad = opened(name, width, height)
    pad.draw(SEVEN)
    pad.until(lambda: all(pad.digits()))
    check_layout(pad)
    assert pad.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_seven_models_fit_one_projector_screen_in_jupyterlab(lesson):
    many = pad_of(lesson, "many = DigitPad")
    many.draw(SEVEN)
    many.read(*[7] * 7)
    check_layout(many)
    assert many.root.bounding_box()["height"] <= 640


# ---- the kernel goes


def test_a_restarted_kernel_is_noticed_and_the_ink_outlives_it(lesson, kernel):
    pad = pad_of(lesson, "pad = DigitPad")
    pad.wipe()
    pad.draw(SEVEN[:3])
    pad.read(*pad.until(lambda: all(pad.digits()) and pad.digits()))
    lesson.menu("Kernel", "Restart Kernel…")
    lesson.page.locator(".jp-Dialog .jp-mod-accept").first.click()
    pad.until(lambda: pad.status.inner_text().startswith("Not connected to a kernel"))
    assert "Your ink is kept" in pad.status.inner_text()
    ink = pad.ink()
    pad.draw(SEVEN[2:])
    assert pad.ink() > ink > 0
    assert pad.digits() == ["", ""]
    assert faults_of(lesson.page) == []
    lesson.wait()
    lesson.run_all()
    pad = pad_of(lesson, "pad = DigitPad")
    pad.read(7, 7)
    pad.until(lambda: len(kernel("pad.strokes")) == 2)


def test_a_kernel_that_died_is_noticed_at_the_next_stroke(lesson, kernel):
    pad = pad_of(lesson, "pad = DigitPad")
    kernel.start("import os; os._exit(1)")
    lesson.page.wait_for_function(
        "() => !document.querySelector('#jp-main-statusbar').textContent.includes('| Idle')"
    )
    pad.page.keyboard.press("Escape")
    with contextlib.suppress(PlaywrightTimeout):
        lesson.page.locator(".jp-Dialog button").first.click(timeout=3000)
    pad.draw(ONE)
    pad.until(lambda: pad.status.inner_text().startswith("Not connected"))
