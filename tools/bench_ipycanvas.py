"""Pads made with ipycanvas: the cell of a notebook that bench_pad.py measures DigitPad beside.

As in ipycanvas' example "hand drawing", Python hears of every move of the mouse and draws a segment
of the line. There are two ways to the pixels that a model needs. The *synced* pad has them from
ipycanvas: the canvas sends its picture to the kernel whenever it has changed (`sync_image_data`).
The pad with its *own* picture draws every segment a second time, with Pillow in the kernel. Both
get what a careful person adds: round ends, ink in one message, a model called as it is, ten numbers
in one widget. Neither normalises the picture (less work than DigitPad does). The count of moves
among the numbers is the benchmark's: it makes an answer that changed nothing visible.
"""

import numpy as np
import torch
from ipycanvas import Canvas, hold_canvas
from IPython.display import display
from ipywidgets import HTML, Button, HBox, VBox
from PIL import Image, ImageDraw

from course_utils.models import load_pretrained


def show_pad(own):
    """Display a pad that LeNet reads."""
    model = load_pretrained("lenet")
    canvas = Canvas(width=280, height=280, sync_image_data=not own)
    numbers, wipe = HTML(), Button(description="Clear")
    canvas.layout.border, canvas.layout.width = "1px solid gray", "282px"
    canvas.line_width, canvas.line_cap = 20, "round"
    paper = Image.new("L", (280, 280))
    position, count = None, 0

    def mouse_down(x, y):
        nonlocal position
        position = x, y

    def mouse_move(x, y):
        nonlocal position
        if position is None:
            return
        with hold_canvas():
            canvas.stroke_line(*position, x, y)
        if own:
            pen = ImageDraw.Draw(paper)
            pen.line([position, (x, y)], fill=255, width=20)
            pen.ellipse([x - 10, y - 10, x + 10, y + 10], fill=255)
            predict(paper)
        position = x, y

    def mouse_up(x, y):
        nonlocal position
        position = None

    def synced(_):
        if position is not None:
            predict(Image.fromarray(canvas.get_image_data()[:, :, 3]))  # how opaque: the ink

    def predict(ink):
        nonlocal count
        count += 1
        picture = np.asarray(ink.resize((28, 28), Image.BOX), np.float32) / 255
        with torch.inference_mode():
            probs = model(torch.from_numpy(picture)[None, None]).softmax(1)[0].tolist()
        rows = "".join(f"<div>{digit}: {p:.1%}</div>" for digit, p in enumerate(probs))
        numbers.value = f"<div data-count={count}>{rows}</div>"

    def clear(_):
        canvas.clear()
        paper.paste(0, (0, 0, 280, 280))

    canvas.on_mouse_down(mouse_down)
    canvas.on_mouse_move(mouse_move)
    canvas.on_mouse_up(mouse_up)
    canvas.observe(synced, "image_data")
    wipe.on_click(clear)
    display(HBox([VBox([canvas, wipe]), numbers]))
