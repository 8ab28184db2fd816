"""Every lesson's solved edition on the pretended accelerator: with its numbers, and a little off.

Half an hour of one processor core, so only where it is asked for: `make twin`, or
`pytest --twin tests/test_lessons_on_twin.py`; `-k "06 and bits"` runs one of them.
"""

import build_notebooks as build
import pytest
from lessons_on_twin import run_on_twin, without_kernel

pytest.importorskip("twin", reason="this PyTorch has no back ends in Python")
pytestmark = pytest.mark.twin


@pytest.mark.parametrize("source", build.sources(), ids=lambda source: source.stem)
@pytest.mark.parametrize("settings", ["", "noise=1e-6 float64=0", "bits=10 float64=0"])
def test_the_lesson_runs_and_its_checks_are_right(source, settings):
    ran = run_on_twin(source, settings)
    assert ran.fault == ""
    assert sum(ran.computed.values()) > 100
    assert without_kernel(ran.computed, "MPS") == []
