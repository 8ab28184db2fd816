"""A slider of an explorer is moved, and the pad asked, while a cell trains the same model."""

import re

import lab
import pytest

MAKE = """
import hashlib, threading
import torch
from torch import nn
from course_utils.canvas import DigitPad
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.explorers.base import Explorer, whole_slider
from course_utils.figures import draw_answers, figure
from course_utils.training import fit, predict

mnist = load_mnist(MNIST_SAMPLE)
X, y = mnist.train_images[:512, None], mnist.train_labels[:512]
asked_by, modes = set(), set()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=2), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(),
            nn.Dropout(0.3), nn.Linear(1152, 10)
        )

    def forward(self, X):
        asked_by.add(threading.current_thread() is threading.main_thread())
        if torch.is_grad_enabled() and not X.requires_grad:
            modes.add(self.training)
        self.seen = self.layers(X)
        return self.seen


def train(model, n_epochs):
    asked_by.clear(), modes.clear()
    fit(model, (X, y), n_epochs=n_epochs, batch_size=32, seed=4)
    state = b"".join(value.numpy().tobytes() for value in model.state_dict().values())
    print("weights", hashlib.sha256(state).hexdigest()[:16], "modes", sorted(modes),
          "another thread asked", False in asked_by)


def draw(number):
    fig, ax = figure(f"digit {number}")
    draw_answers(ax, predict(model, X[number][None]).softmax(1)[0])
    return fig


def new():
    torch.manual_seed(0)
    return Net()
"""
CELLS = [
    MAKE + "\nprint('made')",
    "train(new(), N_EPOCHS)",
    "model = new(); pad = DigitPad(model); pad",
    "Explorer('Which digit?', draw, {'number': whole_slider(0, 99, 20, name='number')})",
    "train(model, N_EPOCHS)",
]
N_EPOCHS = 60  # some fifteen seconds, on a quiet machine of 2024
SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)]


@pytest.fixture
def lesson(browser, tmp_path):
    cells = [source.replace("N_EPOCHS", str(N_EPOCHS)) for source in CELLS]
    with lab.notebook(browser, tmp_path, cells) as lesson:
        yield lesson


def run(lesson, number, wait=True):
    """Run one cell; wait for what it prints."""
    cell = lesson.page.locator(".jp-CodeCell").nth(number)
    cell.locator(".cm-content").click()
    lesson.page.keyboard.press("Control+Enter")
    if wait:
        cell.get_by_text(re.compile(r"\[\d+\]:")).first.wait_for(timeout=600_000)
    return cell


def result(cell):
    line = cell.get_by_text(re.compile("weights [0-9a-f]{16}")).first
    line.wait_for(timeout=600_000)
    return re.search(r"weights (\w+) modes (\[.*?\]) another thread asked (\w+)", line.inner_text())


def draw_seven(page):
    paper = page.locator(".pad-paper").first
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for x, y in SEVEN:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
    page.mouse.up()


def test_fifty_moves_and_a_drawing_during_a_training_change_no_weight(lesson):
    page = lesson.page
    run(lesson, 0)
    alone = result(run(lesson, 1))
    run(lesson, 2)
    explorer = run(lesson, 3)
    explorer.locator("img.course-picture").wait_for()
    handle = explorer.locator(".noUi-handle").first
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)
    cell = run(lesson, 4, wait=False)
    cell.get_by_text(re.compile(r"epoch \d+ of")).first.wait_for(timeout=120_000)
    handle.focus()
    for move in range(50):
        page.keyboard.press("ArrowRight" if move % 20 < 10 else "ArrowLeft")
        page.wait_for_timeout(60)
    draw_seven(page)
    beside = result(cell)
    assert beside[1] == alone[1]
    assert beside[2] == alone[2] == "[True]"
    assert alone[3] == "False"
    assert beside[3] == "True"
