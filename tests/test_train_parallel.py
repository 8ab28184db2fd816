"""The script of lesson 11: two processes train what one trains, also when one of them dies."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from lab import PATIENCE

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "notebooks" / "train_parallel.py"
SETTINGS = ("--network", "lenet5", "--batch-size", "200", "--save")  # 20 steps


def run_alone(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


def run_workers(folder, n, *arguments):
    """Return what torchrun printed, and how it ended."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={n}", "--max-restarts=1", str(SCRIPT), *map(str, arguments)]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=5 * PATIENCE
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_two_workers_of_which_one_is_killed_end_with_the_weights_of_one(
    tmp_path, monkeypatch, capsys
):
    """The killed worker takes the other along; torchrun starts both again, from the checkpoint."""
    killed = "--checkpoint", tmp_path / "run.pt", "--every", 4, "--die-at", 11
    ended = run_workers(tmp_path, 2, *SETTINGS, tmp_path / "two.pt", *killed)
    assert ended.returncode == 0, ended.stderr
    assert "failed (exitcode: -9) local_rank: 1" in ended.stderr
    assert "1,000 test digits, 2 workers" in ended.stdout
    run_alone(monkeypatch, *SETTINGS, tmp_path / "one.pt")
    one, two = torch.load(tmp_path / "one.pt"), torch.load(tmp_path / "two.pt")
    apart = max(float((one[name] - two[name]).abs().max()) for name in one)
    assert apart < 1e-5
    n_right = [out.partition("%")[0].split()[-1] for out in (ended.stdout, capsys.readouterr().out)]
    assert n_right[0] == n_right[1]


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(SystemExit):
        run_alone(monkeypatch, "--batch-size", 200)
    assert "--batch-size 200 is not divisible by 3 workers" in capsys.readouterr().err
