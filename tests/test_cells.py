"""What is left of a pad, an explorer, a quiz or a bar when its cell runs again, in a kernel."""

import gc
import weakref

import numpy as np
import pytest
from ipywidgets import VBox
from ipywidgets.widgets.widget import _instances
from jupyter_client.manager import start_new_kernel

from course_utils.canvas import DigitPad
from course_utils.canvas.widget import encode
from course_utils.explorers.base import Explorer, Stepper, slider
from course_utils.explorers.following import GONE, follow
from course_utils.figures import figure

BEGIN = """
import asyncio, gc, threading, weakref
import ipywidgets, torch
from ipywidgets.widgets.widget import _instances
from course_utils.canvas import DigitPad
from course_utils.display import live_html
from course_utils.exercises import quiz
from course_utils.explorers.base import Explorer, Stepper, slider
from course_utils.explorers.captions import caption_explorer
from course_utils.explorers.convolution import convolution_stepper
from course_utils.explorers.following import PAUSE, follow
from course_utils.figures import figure
from course_utils.training import fit

def draw(height, step=0):
    fig, ax = figure(f"at {height:g}", size=(4, 3))
    ax.axhline(height)
    return fig, f"It lies at {height:g}."

def explorer(draw=draw):
    controls = {"height": slider(0, 5, 2, name="height"), "step": Stepper(3, name="step")}
    return Explorer("How high?", draw, controls)

def follower(pad):
    return follow(explorer(lambda height, step: draw(height + float(pad.image.sum()))), pad)

def state():
    "How many widgets the page can reach, how many explorers there are."
    gc.collect()
    mine = [x for x in gc.get_objects() if type(x) is Explorer]
    return len(_instances), len(mine)

def numbers(explorer):
    return explorer.controls["height"].model_id, explorer.picture.model_id
"""
STROKE = encode([np.array([[0.3, 0.2], [0.7, 0.2], [0.4, 0.8]])])


class Notebook:
    """A kernel as a front end sees it: cells with ids, outputs, messages to widgets."""

    def __init__(self):
        self.manager, self.client = start_new_kernel()
        self.done = set()  # messages that the kernel has dealt with

    def run(self, code, cell=None, **content):
        """Run a cell; return what the kernel sends until it is idle again."""
        content = {"code": code, "silent": False, "store_history": True} | content
        metadata = {"cellId": cell} if cell else {}
        return self.sent_for(self.ask("execute_request", content, metadata=metadata))

    def value(self, expression):
        """Return what an expression is now, asked beside the cells."""
        said = errors(self.run(f"print(repr({expression}))", store_history=False))
        return eval("".join(content["text"] for content in said))

    def update(self, widget, buffers=None, *, subshell=None, **state):
        """Set traits of a widget from the page; return the message's number."""
        paths, buffers = [[name] for name in buffers or {}], list((buffers or {}).values())
        data = {"method": "update", "state": state, "buffer_paths": paths}
        content = {"comm_id": widget, "data": data}
        return self.ask("comm_msg", content, buffers, subshell=subshell)

    def stroke(self, pad):
        """Draw on a pad in the page; return how many pictures are drawn until after the pause."""
        self.paused_after(self.update(pad, {"_strokes": b""}))
        return pictures(self.paused_after(self.update(pad, {"_strokes": STROKE})))

    def paused_after(self, number):
        """Return what is sent until whatever waits for a pause of the pen has had it."""
        return self.sent_for(number) + self.run("await asyncio.sleep(2 * PAUSE)")

    def ask(self, kind, content, buffers=None, metadata=None, subshell=None):
        message = self.client.session.msg(kind, content, metadata=metadata)
        message["header"]["subshell_id"] = subshell
        socket = self.client.shell_channel.socket
        self.client.session.send(socket, message, buffers=buffers)
        return message["header"]["msg_id"]

    def sent_for(self, number):
        """Return what the kernel sends until it has dealt with a message."""
        sent = []
        while number not in self.done:
            told = self.client.get_iopub_msg(timeout=120)
            sent.append(told)
            if told["content"].get("execution_state") == "idle":
                self.done.add(told["parent_header"].get("msg_id"))
        return sent

    def subshell(self):
        """Begin a thread for messages of the page, as JupyterLab does; return its id."""
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        return self.client.control_channel.get_msg(timeout=60)["content"]["subshell_id"]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def errors(sent):
    return [m["content"] for m in sent if m["msg_type"] in ("error", "stream")]


def shown(sent):
    """Return the ids of the widgets that a cell shows."""
    view = "application/vnd.jupyter.widget-view+json"
    outputs = [m["content"]["data"] for m in sent if m["msg_type"] == "display_data"]
    return [data[view]["model_id"] for data in outputs if view in data]


def pictures(sent, of=None):
    """Return how many pictures of explorers, or of one, are among the messages to the page."""
    updates = [m["content"] for m in sent if m["msg_type"] == "comm_msg"]
    mine = [u["data"] for u in updates if of in (None, u["comm_id"])]
    return sum(["png"] in data.get("buffer_paths", ()) for data in mine)


@pytest.fixture(scope="module")
def kernel():
    notebook = Notebook()
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(kernel):
    """The kernel, with no widget of another test."""
    kernel.run("%reset -f", cell="begin")
    kernel.run("import ipywidgets\nipywidgets.Widget.close_all()")
    assert not errors(kernel.run(BEGIN, cell="begin"))
    return kernel


CELLS = {
    "explorer": "explorer()",
    "displayed": "display(explorer())",
    "assigned": "one = explorer()\none",
    "two in a cell": "display(explorer())\nexplorer()",
    "in a loop": "for _ in range(3): display(explorer())",
    "pad": "pad = DigitPad(lambda X: torch.ones(10), collect=True)\npad",
    "pad and its follower": "pad = DigitPad(lambda X: torch.ones(10))\ndisplay(pad, follower(pad))",
    "of a lesson": "convolution_stepper()",
    "quiz": 'quiz("01")',
    "html": 'live_html("0.3 s")',
    "fit": "data = torch.ones(4, 2), torch.arange(4)\n"
    "for _ in range(3): fit(torch.nn.Linear(2, 4), data, n_epochs=1)",
    "captured": "%%capture\ndisplay(explorer())",
    "broken at first": "explorer(lambda height, step: 1 / 0)",
    "broken later": "display(explorer())\n1 / 0",
    "interrupted": "def stop(height, step): raise KeyboardInterrupt\nexplorer(stop)",
}


@pytest.mark.parametrize("code", CELLS.values(), ids=CELLS)
def test_a_cell_run_again_leaves_nothing_of_its_run_before(notebook, code):
    before, states = notebook.value("state()[0]"), []
    for _ in range(3):
        sent = notebook.run(code, cell="it")
        raised = any(m["msg_type"] == "error" for m in sent)
        assert raised == ("1 / 0" in code or "KeyboardInterrupt" in code)
        states.append(notebook.value("state()"))
    assert len(set(states)) == 1
    assert states[0][0] > before or raised
    notebook.run("1", cell="it")  # the learner wrote something else into it
    assert notebook.value("state()[0]") == before


def test_what_an_explorer_held_is_let_go(notebook):
    code = """
class Model: pass
model = Model()
gone = [*globals().get("gone", []), weakref.ref(model)]
explorer(lambda height, step, model=model: draw(height))
"""
    for _ in range(3):
        notebook.run(code, cell="it")
    assert notebook.value("(gc.collect(), [ref() is None for ref in gone])[1]") == [
        True,
        True,
        False,
    ]


def test_one_stroke_draws_each_follower_once_however_often_its_cell_ran(notebook):
    notebook.run("pad = DigitPad(lambda X: torch.ones(10))\npad", cell="pad")
    notebook.run(
        "from course_utils.datasets import load_mnist, MNIST_SAMPLE\n"
        "from course_utils.models import load_pretrained\n"
        "mnist, captioner = load_mnist(MNIST_SAMPLE), load_pretrained('captioner')"
    )
    captions = "caption_explorer(captioner, mnist.test_images, mnist.test_labels, pad=pad)"
    once = []
    for _ in range(4):
        sent = notebook.run("follower(pad)", cell="one") + notebook.run(captions, "two")
        assert not errors(sent)
        once.append(notebook.stroke(notebook.value("pad.model_id")))
    assert once[0] >= 2
    assert len(set(once)) == 1


def test_an_explorer_lives_where_another_cell_shows_it(notebook):
    notebook.run("one = explorer()\nold = weakref.ref(one)", cell="made")
    for _ in range(2):
        sent = notebook.run("one", cell="shown")
        notebook.run("one", cell="shown below")
    height, _ = notebook.value("numbers(one)")
    views = shown(sent)
    notebook.run("one = explorer()", cell="made")
    answer = notebook.sent_for(notebook.update(height, value=3.0))
    assert pictures(answer) == 1, "it is still on the page"
    notebook.run("one", cell="shown")
    notebook.run("one", cell="shown below")
    assert notebook.value(f"{views[0]!r} in _instances") is False
    assert notebook.value("(gc.collect(), old() is None)[1]")


def test_an_explorer_in_a_variable_comes_back_when_it_is_shown(notebook):
    notebook.run("kept = []", cell="list")
    for _ in range(3):
        notebook.run("kept.append(explorer())", cell="made")
    assert notebook.value("[one.closed for one in kept]") == [True, True, False]
    notebook.run("kept[0].set(height=4)", cell="moved meanwhile")
    for _ in range(2):
        assert not errors(notebook.run("for one in kept: display(one)", cell="shown"))
    height, _ = notebook.value("numbers(kept[0])")
    assert pictures(notebook.sent_for(notebook.update(height, value=3.0))) == 1
    assert notebook.value("kept[0].says.value") == "It lies at 3."


def test_an_explorer_that_came_back_follows_its_pad_again(notebook):
    notebook.run("pad = DigitPad(lambda X: torch.ones(10))", cell="pad")
    notebook.run("one = follower(pad)\none.close()", cell="one")
    assert notebook.stroke(notebook.value("pad.model_id")) == 0
    notebook.run("one", cell="shown")
    assert notebook.stroke(notebook.value("pad.model_id")) == 1


def test_an_explorer_says_that_its_pad_is_gone(notebook):
    for _ in range(2):
        notebook.run("pad = DigitPad(lambda X: torch.ones(10))\npad", cell="pad")
        notebook.run("one = follower(pad)\none", cell="one")
        assert GONE not in notebook.value("one.says.value")
    notebook.run("pad = DigitPad(lambda X: torch.ones(10))\npad", cell="pad")
    assert GONE in notebook.value("one.says.value")
    assert notebook.value("(one.set(height=4), one.says.value)[1]") == f"It lies at 4. {GONE}"
    assert notebook.stroke(notebook.value("pad.model_id")) == 0


def test_what_is_shown_stays_where_the_front_end_tells_no_cell(notebook):
    for _ in range(2):
        notebook.run("one = explorer()\none")
    notebook.run("old = Out[min(Out)]; height, _ = numbers(old)")
    answer = notebook.sent_for(notebook.update(notebook.value("height"), value=3.0))
    assert pictures(answer) == 1


def test_a_redraw_under_way_while_the_explorer_is_closed_harms_nothing(notebook):
    code = """
begun, goes_on = threading.Event(), threading.Event()
def slow(height, step):
    if height > 2:
        assert threading.current_thread() is not threading.main_thread()
        begun.set()
        assert goes_on.wait(60)
    return draw(height)
one = explorer(slow)
"""
    notebook.run(code, cell="made")
    notebook.run("old, before = one, state()", cell="kept")
    height, picture = notebook.value("numbers(one)")
    thread = notebook.subshell()
    notebook.sent_for(notebook.update(height, value=1.0, subshell=thread))  # the first: in the main
    redraw = notebook.update(height, value=3.0, subshell=thread)
    sent = notebook.run("assert begun.wait(60)\nwaited = goes_on\none = explorer()", cell="made")
    sent += notebook.run("waited.set()", cell="begun")
    sent += notebook.sent_for(redraw)
    assert errors(sent) == []
    assert pictures(sent, of=picture) == 0
    assert notebook.value("old.says.value") == "It lies at 3."
    assert notebook.value("state()[0]") == notebook.value("before[0]")


def test_a_pause_that_ends_after_the_explorer_draws_nothing(notebook):
    notebook.run("pad = DigitPad(lambda X: torch.ones(10))", cell="pad")
    notebook.run("one = follower(pad)", cell="one")
    pad = notebook.value("pad.model_id")
    notebook.run("one.draw = lambda **values: drawn.append(values)\ndrawn = []")
    notebook.update(pad, {"_strokes": STROKE})
    notebook.paused_after(notebook.ask("execute_request", {"code": "one.close()", "silent": False}))
    assert notebook.value("drawn") == []


def test_a_late_message_of_the_page_is_harmless(notebook):
    notebook.run("one = explorer()\none", cell="it")
    late = notebook.value("numbers(one)")
    notebook.run("one = explorer()\none", cell="it")
    for number in (notebook.update(late[0], value=3.0), notebook.update(late[1], point=[0, 0])):
        sent = notebook.sent_for(number)
        assert pictures(sent) == 0
        assert not [m for m in sent if m["msg_type"] == "error"]
    assert notebook.value("one.values['height']") == 2


# ---- outside a notebook


def draw(height, step=0):
    fig, ax = figure(f"at {height:g}", size=(4, 3))
    ax.axhline(height)
    return fig, f"It lies at {height:g}."


def explorer():
    controls = {"height": slider(0, 5, 2, name="height"), "step": Stepper(3, name="step")}
    return Explorer("How high?", draw, controls)


def test_outside_a_notebook_explorers_live_as_other_objects_do(capsys):
    pad = DigitPad(lambda X: X)
    before = len(_instances)
    gone, one = weakref.ref(follow(explorer(), pad)), follow(explorer(), pad)
    one._ipython_display_()
    gc.collect()
    assert gone() is None
    assert "It lies at 2." in capsys.readouterr().out
    pad.draw([[(0.3, 0.2), (0.7, 0.8)]])
    one.controls["height"].value = 4
    assert one.says.value == "It lies at 4."
    assert len(_instances) == before
    assert VBox([one.widget()]).children[0].children[-1] is one.picture


def test_a_closed_explorer_follows_no_pad(monkeypatch):
    pad, drawn = DigitPad(lambda X: X), []
    one = follow(explorer(), pad)
    monkeypatch.setattr(one, "draw", lambda **values: drawn.append(values) or draw(**values))
    pad.draw([[(0.3, 0.2), (0.7, 0.8)]])
    assert len(drawn) == 1
    one.close()
    one.close()
    pad.clear()
    assert len(drawn) == 1
