"""What results leave behind in a notebook, and the helper for measured numbers."""

import ast
import base64
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import ipywidgets
import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import IPyNbFile, get_sanitize_patterns
from pages import images

from course_utils import display
from course_utils.training import compare_times

RULES = Path(__file__).parent / "nbval.cfg"  # what nbval does to outputs before it compares them


@pytest.fixture
def shown(monkeypatch):
    """Collect what would be displayed, as if a kernel ran."""
    bundles = []
    monkeypatch.setattr(display, "in_kernel", lambda: True)
    monkeypatch.setattr(
        "IPython.display.display",
        lambda data, metadata=None, raw=False: bundles.append((data, metadata)),
    )
    return bundles


@pytest.mark.parametrize("text", ["a dot", 'w > 0 & x < 1:\nthe "dot" isn\'t </b>seen\n  é × 2'])
def test_publish_stores_the_text_beside_the_picture_and_as_alt_text(shown, text):
    display.publish(text, png=b"\x89PNG", width=80)
    ((data, _),) = shown
    assert set(data) == {"text/plain", "text/html"}, "the picture is stored once"
    assert data["text/plain"] == text
    (image,) = images(data["text/html"])
    assert (image["alt"], image["width"]) == (text, "80")
    head, _, picture = image["src"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(picture) == b"\x89PNG"


def test_a_live_form_is_stored_beside_the_picture_and_not_instead(shown):
    display.publish("a dot", png=b"\x89PNG", widget=ipywidgets.IntProgress())
    ((data, _),) = shown
    assert set(data) == {"text/plain", "text/html", display.WIDGET}


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_picture_without_a_text_is_refused(text):
    with pytest.raises(ValueError, match="a picture needs a text that says what it shows"):
        display.publish(text, png=b"\x89PNG")


@pytest.fixture
def same_for_nbval(request, tmp_path):
    """Return whether nbval, set up as for the lessons, takes two results for the same."""
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("publish()")]), path)
    file = IPyNbFile.from_parent(request.session, path=path)
    file.setup_sanitize_files()
    (cell,) = file.collect()

    def same(stored, now):
        return cell.compare_outputs(
            [new_output("display_data", now)], [new_output("display_data", stored)]
        )

    return same


DOT = {"text": "a dot", "png": b"\x89PNG one", "width": 80}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"png": b"\x89PNG another, of another processor"}, True),
        ({"text": "a line"}, False),
        ({"width": 90}, False),
        ({"png": None}, False),
    ],
)
def test_a_lesson_is_compared_by_the_words_of_a_picture_and_not_its_bytes(
    shown, same_for_nbval, change, same
):
    display.publish(**DOT)
    display.publish(**DOT | change)
    (stored, _), (now, _) = shown
    assert same_for_nbval(stored, now) is same


def test_a_picture_whose_alt_text_alone_differs_is_another_one(shown, same_for_nbval):
    display.publish(**DOT)
    ((stored, _),) = shown
    changed = stored["text/html"].replace('alt="a dot"', 'alt="a line"')
    assert not same_for_nbval(stored, stored | {"text/html": changed})


def test_live_leaves_nothing_but_the_widget_view(shown):
    display.live(ipywidgets.IntProgress())
    display.live_html("<b>0.3 s</b>")
    assert [list(data) for data, _ in shown] == [[display.WIDGET], [display.WIDGET]]


def test_outside_a_kernel_the_text_is_printed_and_live_is_silent(capsys):
    display.publish("a dot", png=b"")
    display.live_html("<b>0.3 s</b>")
    assert capsys.readouterr().out == "a dot\n"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "Łódź ✘ é"),
        ("cp1252", "?ód? ? é"),
        ("cp437", "?ód? ? é"),
        ("latin-1", "?ód? ? é"),
        ("ascii", "??d? ? ?"),
    ],
)
def test_what_an_encoding_lacks_is_written_as_a_question_mark(monkeypatch, encoding, written):
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    display.publish("Łódź ✘ é")
    display.report("Łódź ✘ é", 1, 0, 2)
    stream.flush()
    first, second = stream.buffer.getvalue().decode(encoding).splitlines()
    assert first == written
    assert second == f"{written}: 1.00   (expected: 0.00 to 2.00)"


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_a_stream_that_is_not_there_or_closed_gets_nothing(monkeypatch, stream):
    if stream is not None:
        stream.close()
    monkeypatch.setattr(sys, "stdout", stream)
    display.say("lost")


def test_a_check_in_a_script_survives_a_narrow_encoding():
    code = "from course_utils.exercises import check; check('01.update', lambda *_: 1)"
    env = os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert done.stdout.startswith(b"? Not yet")


def test_the_package_prints_by_say_alone():
    package = Path(display.__file__).parent
    printing = [
        f"{path.relative_to(package)}:{node.lineno}"
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert printing == []


def test_report_prints_the_rounded_number_and_its_band(capsys):
    display.report("accuracy", 0.90449, 0.88, 0.93, percent=True)
    display.report("loss", 0.12345, 0.1, 0.2)
    assert capsys.readouterr().out == (
        "accuracy: 90.4%   (expected: 88.0% to 93.0%)\nloss: 0.12   (expected: 0.10 to 0.20)\n"
    )


@pytest.mark.parametrize(
    ("value", "name", "same"),
    [(0.91, "accuracy", True), (0.9045, "accuracy", True), (0.9045, "precision", False)],
)
def test_a_lesson_is_compared_by_the_band_of_a_reported_number(capsys, value, name, same):
    pattern, replace = get_sanitize_patterns(RULES.read_text("utf-8"))[0]
    display.report("accuracy", 0.9045, 0.88, 0.93, percent=True)
    display.report(name, value, 0.88, 0.93, percent=True)
    stored, now = (re.sub(pattern, replace, line) for line in capsys.readouterr().out.splitlines())
    assert stored == "accuracy: within 88.0% to 93.0%"
    assert (stored == now) is same


@pytest.mark.parametrize("value", [0.87, 0.94, float("nan")])
def test_report_raises_outside_the_band(value):
    with pytest.raises(RuntimeError, match=r"88\.0% to 93\.0% was expected"):
        display.report("accuracy", value, 0.88, 0.93, percent=True)


def test_compare_times_prints_claims_and_no_times(capsys):
    ways = {"slow": lambda: sum(range(100_000)), "fast": lambda: None}
    medians = compare_times(ways, at_least={"fast": 2})
    assert capsys.readouterr().out == "fast: more than 2 times as fast as slow\n"
    assert medians["slow"] > medians["fast"] > 0


def test_compare_times_leaves_the_random_numbers_alone():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    compare_times({"one": lambda: torch.rand(3), "other": lambda: torch.rand(3)}, at_least={})
    assert torch.rand(1) == expected


def test_compare_times_says_when_a_claim_does_not_hold(capsys):
    ways = {"fast": lambda: None, "slow": lambda: sum(range(100_000))}
    compare_times(ways, at_least={"slow": 2})
    assert capsys.readouterr().out == "slow: NOT more than 2 times as fast as fast\n"
