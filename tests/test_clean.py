"""What a check leaves behind, and what of the learner's settings it lets in: nothing."""

import _thread
import builtins
import io
import os
import random
import sys
import warnings

import matplotlib
import numpy as np
import pytest
import torch
from build_notebooks import SOURCES
from matplotlib import pyplot as plt

from course_utils import exercises
from course_utils.exercises import clean, engine, find_exercise
from course_utils.exercises.clean import clean_room
from course_utils.exercises.engine import Exercise, examine

LESSONS = sorted(path.name[:2] for path in SOURCES.glob("[0-9][0-9]_*.py"))
NAMES = [f"{lesson}.{key}" for lesson in LESSONS for key in exercises._lesson(lesson).EXERCISES]
ANYTHING = Exercise("", lambda x: 2 * x, lambda: [(1.0,), (2.0,)], (), (), "")


def everything():
    """Return all that a check must leave as it is, by name."""
    return {
        "random": random.getstate(),
        "numpy": str(np.random.get_state()),
        "torch": torch.get_rng_state().tolist(),
        "gradients": torch.is_grad_enabled(),
        "dtype": torch.get_default_dtype(),
        "device": torch.empty(0).device,
        "threads": torch.get_num_threads(),
        "deterministic": torch.get_deterministic_debug_mode(),
        "cudnn": (torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic),
        "anomalies": torch.is_anomaly_enabled(),
        "tensors shown": dict(vars(torch._tensor_str.PRINT_OPTS)),
        "arrays shown": np.get_printoptions(),
        "errors of numpy": np.geterr(),
        "warnings": list(warnings.filters),
        "rcParams": dict(matplotlib.rcParams),
        "figures": {n: len(plt.figure(n).axes) for n in plt.get_fignums()},
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "path": (id(sys.path), list(sys.path)),
        "streams": [sys.stdin, sys.stdout, sys.stderr],
        "stdin closed": sys.stdin.closed,
        "recursion": sys.getrecursionlimit(),
        "functions": [builtins.len, builtins.input, torch.softmax, np.allclose, random.random],
        "names": sorted({*vars(builtins)} - {"_"}),
        "tensor": "softly" in vars(torch.Tensor),
    }


def spoil():
    """Change each of them."""
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_num_threads(3)
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = torch.backends.cudnn.deterministic = True
    torch.autograd.set_detect_anomaly(True)
    torch.set_printoptions(precision=1, sci_mode=True)
    np.set_printoptions(precision=1)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    matplotlib.rcParams["lines.linewidth"] = 9
    plt.close("all")
    plt.plot([1, 2])
    os.environ["PATH"] = "here"
    os.environ["NEW"] = "new"
    os.environ.pop("HOME", None)
    os.chdir(os.sep)
    sys.path.insert(0, "somewhere")
    sys.path = ["elsewhere"]
    sys.stdin.close()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), io.StringIO(), io.StringIO()
    sys.setrecursionlimit(900)
    builtins.len = builtins.input = builtins.new = torch.softmax = np.allclose = random.random = (
        print
    )
    torch.Tensor.softly = print


def returns(x):
    spoil()
    return 2 * x


def raises(x):
    spoil()
    raise ValueError


def exits(x):
    spoil()
    sys.exit()


def does_not_end(x):
    spoil()
    while True:
        pass


@pytest.fixture
def figure(monkeypatch):
    """Open a figure with two axes; give the process a standard input of its own."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed"))
    plt.subplots(1, 2)
    yield
    plt.close("all")


@pytest.mark.parametrize("answer", [returns, raises, exits, does_not_end], ids=lambda f: f.__name__)
def test_a_check_leaves_everything_as_it_was(monkeypatch, figure, answer):
    monkeypatch.setattr(engine, "SECONDS", 0.3)
    before = everything()
    verdict = examine(ANYTHING, answer)
    assert everything() == before
    assert verdict.status == ("right" if answer is returns else "wrong")


def test_a_reference_that_changes_things_leaves_them_as_they_were(figure):
    before = everything()
    assert examine(Exercise("", returns, lambda: [(1.0,)], (), (), ""), returns).status == "right"
    assert everything() == before


def test_an_interrupted_check_leaves_everything_as_it_was(figure):
    def interrupted(x):
        spoil()
        _thread.interrupt_main()
        does_not_end(x)

    before = everything()
    with pytest.raises(KeyboardInterrupt):
        examine(ANYTHING, interrupted)
    assert everything() == before


def test_a_folder_that_is_gone_and_no_stdin_do_not_stop_a_check(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setattr(sys, "stdin", None)
    if sys.platform != "win32":
        gone.rmdir()
    assert examine(ANYTHING, lambda x: 2 * x).status == "right"


@pytest.fixture
def odd_settings(monkeypatch):
    """Set all that a learner might have set, and let the known answers be worked out anew."""
    engine._cases.cache_clear()
    engine._known.cache_clear()
    with clean_room():
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.use_deterministic_algorithms(True)
        torch.autograd.set_detect_anomaly(True)
        np.seterr(all="raise")
        np.set_printoptions(precision=1, linewidth=20)
        warnings.resetwarnings()
        warnings.simplefilter("error")
        torch.manual_seed(99)
        with torch.device("meta"):
            yield
    engine._cases.cache_clear()
    engine._known.cache_clear()


@pytest.mark.parametrize("name", NAMES)
def test_a_verdict_is_the_same_under_odd_settings(odd_settings, name):
    exercise = find_exercise(name)
    assert examine(exercise, exercise.reference).status == "right"
    for mistake in exercise.mistakes[:2]:
        assert examine(exercise, mistake.answer).mistake is mistake
    assert torch.get_default_dtype() == torch.float64
    assert torch.empty(0).is_meta


def test_a_message_is_the_same_under_odd_settings(odd_settings):
    verdict = examine(ANYTHING, lambda x: torch.full((2, 2), 1 / 3))
    assert "your answer gives [[0.3333, 0.3333], [0.3333, 0.3333]]" in verdict.message


@pytest.mark.parametrize("around", [torch.no_grad, torch.inference_mode])
def test_gradients_are_recorded_inside_a_check(around):
    def slope(x):
        w = torch.tensor(x, requires_grad=True)
        (w * w).backward()
        return w.grad

    with around():
        assert examine(ANYTHING, slope).status == "right"


def test_a_lesson_that_is_read_under_odd_settings_has_its_usual_tensors(odd_settings, monkeypatch):
    monkeypatch.delitem(sys.modules, "course_utils.exercises.lesson06")
    reference = find_exercise("06.kernel").reference
    assert reference.device.type == "cpu"
    assert torch.equal(reference.sum(dim=0), torch.zeros(3, dtype=reference.dtype, device="cpu"))


class FakeCard:
    """A graphics card's generator: one number that seeding and drawing change."""

    def __init__(self):
        self.state = torch.tensor([7], dtype=torch.uint8)

    def seed(self, seed):
        self.state = torch.tensor([seed % 100], dtype=torch.uint8)

    def get(self):
        return [self.state.clone()]

    def set(self, states):
        (self.state,) = states


@pytest.mark.parametrize("kind", ["cuda", "mps"])
@pytest.mark.parametrize("answer", [lambda x: 2 * x, lambda x: torch.manual_seed(3) and 2 * x])
def test_a_check_leaves_the_generators_of_a_graphics_card(monkeypatch, kind, answer):
    card = FakeCard()
    if kind == "cuda":
        monkeypatch.setattr("torch.cuda.is_available", lambda: True)
        monkeypatch.setattr("torch.cuda.get_rng_state_all", card.get)
        monkeypatch.setattr("torch.cuda.set_rng_state_all", card.set)
        monkeypatch.setattr("torch.cuda.manual_seed_all", card.seed)
    else:
        monkeypatch.setattr("torch.backends.mps.is_available", lambda: True)
        monkeypatch.setattr("torch.mps.get_rng_state", lambda: card.get()[0])
        monkeypatch.setattr("torch.mps.set_rng_state", lambda state: card.set([state]))
        monkeypatch.setattr("torch.mps.manual_seed", card.seed)
    assert examine(ANYTHING, answer).status == "right"
    assert card.state.item() == 7


def test_the_clean_room_itself_seeds_no_graphics_card(monkeypatch):
    monkeypatch.setattr("torch.cuda.manual_seed_all", lambda seed: pytest.fail("seeded"))
    with clean_room():
        clean.start_afresh()
