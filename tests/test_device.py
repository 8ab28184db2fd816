"""Devices that fail, lie or are misspelt; seeds; the CPU quota; threads. No accelerator needed."""

import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from course_utils import device
from course_utils.device import cpu_quota, fault_of, get_device, seed_everything, seeded

CPU_STEP = device._small_step


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch):
    """Let each test begin as a new process would, and leave the threads as they were."""
    threads = torch.get_num_threads()
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    for cached in (device.fault_of, device._tell_once, device._prepare_once):
        cached.cache_clear()
    yield
    for cached in (device.fault_of, device._tell_once, device._prepare_once):
        cached.cache_clear()
    torch.set_num_threads(threads)


def pretend(monkeypatch, cuda=False, mps=False, step=None):
    """Let PyTorch list accelerators on which one training step gives what `step` gives."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    calls = []

    def small_step(on):
        calls.append(on.type)
        return CPU_STEP(on) if on.type == "cpu" else step(on)

    monkeypatch.setattr(device, "_small_step", small_step)
    return calls


def good(_):
    return CPU_STEP(torch.device("cpu"))


def lying(_):
    return good(_) + 0.5


def failing(_):
    raise RuntimeError("no kernel image is available\nlong explanation")


def test_cpu_is_taken_where_nothing_else_is_listed(monkeypatch):
    pretend(monkeypatch)
    assert get_device() == torch.device("cpu")


def test_cuda_that_gives_the_cpus_numbers_is_taken_before_mps(monkeypatch):
    pretend(monkeypatch, cuda=True, mps=True, step=good)
    assert get_device() == torch.device("cuda")


def test_small_rounding_differences_pass_the_proof(monkeypatch):
    pretend(monkeypatch, cuda=True, step=lambda on: good(on) * 1.001)
    assert get_device().type == "cuda"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (lying, "its numbers differ from the CPU's by up to 0.5"),
        (failing, "RuntimeError: no kernel image is available"),
        (lambda on: good(on) * float("nan"), "its numbers differ from the CPU's by up to nan"),
    ],
)
def test_cuda_without_proof_is_not_used_and_told_once_in_one_line(
    monkeypatch, capsys, step, reason
):
    pretend(monkeypatch, cuda=True, step=step)
    assert get_device() == get_device() == torch.device("cpu")
    assert capsys.readouterr().err == f"cuda is not used: {reason}\n"


def test_mps_is_taken_where_cuda_fails(monkeypatch):
    pretend(
        monkeypatch, cuda=True, mps=True, step=lambda on: {"cuda": lying, "mps": good}[on.type](on)
    )
    assert get_device() == torch.device("mps")


def test_a_device_is_proved_once_in_a_process(monkeypatch):
    calls = pretend(monkeypatch, cuda=True, step=good)
    get_device(), get_device(), get_device("cuda")
    assert calls.count("cuda") == 1


def test_the_proof_catches_a_device_that_is_not_there():
    assert fault_of("cuda:99") != ""


def test_the_proof_covers_convolution_linear_layer_and_loss():
    logits, loss, conv, linear = CPU_STEP(torch.device("cpu")).split([20, 1, 27, 540])
    assert all(part.abs().max() > 0.001 for part in (logits, loss, conv, linear))


def test_environment_overrides_the_machine_and_argument_the_environment(monkeypatch):
    pretend(monkeypatch, cuda=True, step=good)
    monkeypatch.setenv("COURSE_DEVICE", " CPU ")
    assert get_device() == torch.device("cpu")
    assert get_device("cuda:1") == torch.device("cuda:1")
    assert get_device(torch.device("cuda")) == torch.device("cuda")
    monkeypatch.setenv("COURSE_DEVICE", "")
    assert get_device() == torch.device("cuda")


@pytest.mark.parametrize("name", ["gpu", "cuda1", "cuda:", "cuda:x", "cpu:0", "", "meta"])
def test_misspelt_device_is_refused_with_the_right_spellings(name):
    with pytest.raises(ValueError, match='must be "cpu", "cuda", "cuda:1" or "mps"'):
        get_device(name)


def test_misspelt_environment_is_named_in_the_error(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "gpu")
    with pytest.raises(ValueError, match="COURSE_DEVICE=gpu"):
        get_device()


def test_unusable_override_is_refused_with_reason_and_remedy(monkeypatch):
    pretend(monkeypatch, cuda=True, step=lying)
    monkeypatch.setenv("COURSE_DEVICE", "cuda")
    with pytest.raises(ValueError, match=r'COURSE_DEVICE=cuda: .*differ.*ask for "cpu"'):
        get_device()


def test_seed_everything_repeats_all_three_generators():
    def draw():
        seed_everything(7)
        return random.random(), np.random.rand(), torch.rand(1).item()

    assert draw() == draw()
    with pytest.raises(ValueError, match="seed must be"):
        seed_everything(-1)


def test_seeded_block_depends_on_its_seed_alone_and_leaves_the_outside_alone():
    cpu = torch.device("cpu")
    torch.manual_seed(1)
    with seeded(5, cpu):
        first = torch.rand(3)
    after = torch.rand(3)
    torch.manual_seed(1)
    assert torch.equal(after, torch.rand(3))
    with seeded(5, cpu):
        assert torch.equal(first, torch.rand(3))


@pytest.mark.parametrize(
    ("listing", "files", "limit"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000\n", "a/b/cpu.max": "max 100000\n"}, 2.0),
        (
            "5:cpu,cpuacct:/box\n2:memory:/box\n",
            {
                "cpu,cpuacct/box/cpu.cfs_quota_us": "300000\n",
                "cpu,cpuacct/box/cpu.cfs_period_us": "100000\n",
            },
            3.0,
        ),
        (
            "5:cpu:/not/mounted/here\n",
            {"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"},
            0.5,
        ),
    ],
)
def test_quota_is_read_from_both_versions_of_control_groups(tmp_path, listing, files, limit):
    (tmp_path / "listing").write_text(listing)
    for name, text in files.items():
        path = tmp_path / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert min(device._group_limits(tmp_path / "listing", tmp_path / "groups")) == limit


@pytest.mark.parametrize("text", ["max 100000\n", "-1\n"])
def test_no_quota_is_no_limit(tmp_path, text):
    (tmp_path / "listing").write_text("0::/\n")
    (tmp_path / "cpu.max").write_text(text)
    assert device._group_limits(tmp_path / "listing", tmp_path) == []
    assert device._group_limits(tmp_path / "missing", tmp_path) == []


def test_cpu_quota_is_whole_at_least_one_and_the_smallest_limit(monkeypatch):
    monkeypatch.setattr(device, "_group_limits", lambda *_: [0.5])
    assert cpu_quota() == 1
    monkeypatch.setattr(device, "_group_limits", lambda *_: [2.9, 3])
    monkeypatch.setattr(device.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(device.os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert cpu_quota() == 2


def test_threads_follow_the_quota_unless_the_environment_or_the_caller_says(monkeypatch):
    monkeypatch.setattr(device, "cpu_quota", lambda: 1)
    torch.set_num_threads(2)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert device.set_threads() == 2
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert device.set_threads() == 1
    assert device.set_threads(2) == 2
    with pytest.raises(ValueError, match="at least 1"):
        device.set_threads(0)


def test_get_device_fits_the_threads_once(monkeypatch):
    monkeypatch.setattr(device, "cpu_quota", lambda: 1)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    torch.set_num_threads(2)
    get_device("cpu")
    assert torch.get_num_threads() == 1
    torch.set_num_threads(2)
    get_device("cpu")
    assert torch.get_num_threads() == 2


def test_importing_the_package_imports_no_torch():
    code = "import course_utils, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


FAULTS = """
import resource, torch
from course_utils.device import get_device

if {ready}:
    get_device("cpu")


def step():
    return [torch.ones(1_000_000) for _ in range(20)]  # 80 MB, freed at once


step()  # the first time, memory is asked of the system in any case
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not device.keep_memory(), reason="memory is kept on Linux with glibc only")
def test_memory_that_is_kept_is_not_asked_for_again():
    def faults(ready):
        code = FAULTS.format(ready=ready)
        return int(subprocess.check_output([sys.executable, "-c", code], text=True))

    assert faults(True) * 5 < faults(False)


def test_elsewhere_than_on_linux_memory_is_left_alone(monkeypatch):
    monkeypatch.setattr("course_utils.device.sys.platform", "darwin")
    assert device.keep_memory() is False
