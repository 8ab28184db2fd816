"""How a run of the tests proves the solutions of a lesson, and counts what it skipped."""

import os
import subprocess
import sys

import pytest
from build_notebooks import ROOT
from lessons import PROVE, answer
from nbval.kernel import RunningKernel

UPDATE = "def update(w, x, y):\n    return w + (y - int(w @ x >= 0)) * x"
CHECK = 'print("beside it"); check("01.update", update)'


@pytest.fixture(scope="module")
def kernel():
    kernel = RunningKernel("python3")
    answer(kernel, "import random, torch\nfrom course_utils.exercises import check", "0")
    yield kernel
    kernel.stop()


def proved(kernel, solution):
    return answer(kernel, PROVE, f"_prove({[solution, CHECK]!r})")


def test_a_right_solution_is_told_from_a_wrong_one_and_from_a_stub(kernel):
    assert proved(kernel, UPDATE).startswith("✔ Right")
    assert proved(kernel, UPDATE.replace("y -", "y +")).startswith("✘ Not yet")
    assert proved(kernel, "def update(w, x, y):\n    ...").startswith("○ Not attempted")


def test_a_proof_leaves_neither_names_nor_random_numbers_changed(kernel):
    answer(kernel, "update = 'mine'\nrandom.seed(1)\ntorch.manual_seed(1)", "0")
    before = answer(kernel, "", "(random.getstate()[1], torch.get_rng_state().tolist())")
    proved(kernel, f"{UPDATE}\nrandom.random(), torch.rand(9)")
    assert answer(kernel, "", "(random.getstate()[1], torch.get_rng_state().tolist())") == before
    assert answer(kernel, "", "update") == "mine"


def test_a_solution_that_raises_is_no_proof(kernel):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        proved(kernel, "update = 1 / 0")


def test_what_is_skipped_fails_a_run_where_nothing_may_be(tmp_path):
    (tmp_path / "test_it.py").write_text("import pytest\ndef test_it(): pytest.skip('no reason')\n")
    command = [sys.executable, "-m", "pytest", str(tmp_path), "-n2"]
    command += ["-c", str(ROOT / "pyproject.toml"), "-p", "conftest", "-p", "no:cacheprovider"]
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    environment = os.environ | {"PYTHONPATH": paths, "COURSE_NO_SKIPS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "test_it.py::test_it" in done.stdout.partition("COURSE_NO_SKIPS is set")[2]
