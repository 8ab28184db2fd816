"""Devices that fail, lie or are misspelt; seeds; the CPU quota; threads. No accelerator needed."""

import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from course_utils import device
from course_utils.device import Stream, cpu_quota, fault_of, get_device, seed_everything, seeded

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


@pytest.mark.parametrize("switched_off", [torch.no_grad, torch.inference_mode])
def test_the_proof_takes_its_slopes_where_gradients_are_switched_off(switched_off):
    expected = CPU_STEP(torch.device("cpu"))
    with switched_off():
        assert torch.equal(CPU_STEP(torch.device("cpu")), expected)


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


@pytest.mark.parametrize(
    "part", ["_bent_pictures", "_convolution_step", "_lstm_step"], ids=lambda part: part[1:]
)
def test_the_proof_notices_a_wrong_number_in_any_of_its_parts(monkeypatch, part):
    """Each value, loss and gradient counts, and each of them is something."""
    whole, honest = CPU_STEP(torch.device("cpu")), getattr(device, part)
    n_parts = len(honest(lambda *shape: torch.ones(shape)))
    for wrong in range(n_parts):

        def lie(values, wrong=wrong):
            results = list(honest(values))
            results[wrong] = results[wrong] * 1.2
            return results

        monkeypatch.setattr(device, part, lie)
        assert not torch.allclose(CPU_STEP(torch.device("cpu")), whole, **device.TOLERANCE), wrong


def test_environment_overrides_the_machine_and_argument_the_environment(monkeypatch):
    pretend(monkeypatch, cuda=True, step=good)
    monkeypatch.setenv("COURSE_DEVICE", " CPU ")
    assert get_device() == torch.device("cpu")
    assert get_device("cuda:1") == torch.device("cuda:1")
    assert get_device(torch.device("cuda")) == torch.device("cuda")
    monkeypatch.setenv("COURSE_DEVICE", "")
    assert get_device() == torch.device("cuda")


@pytest.mark.parametrize("name", ["gpu", "cuda1", "cuda:", "cuda:x", ""])
def test_misspelt_device_is_refused_with_the_right_spellings(name):
    with pytest.raises(ValueError, match='must be "cpu", "cuda", "cuda:1", "mps" or another'):
        get_device(name)


def test_a_device_that_holds_no_numbers_is_refused():
    with pytest.raises(ValueError, match='"meta" cannot be used here'):
        get_device("meta")


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


class Pretended:
    """A generator of a graphics card that is not here."""

    def __init__(self):
        self.state, self.seeds = torch.tensor([0]), []

    def get_state(self):
        return self.state.clone()

    def set_state(self, state):
        self.state = state.clone()

    def manual_seed(self, seed):
        self.seeds.append(seed)
        self.state = torch.tensor([seed])


@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps"])
def test_a_stream_seeds_and_restores_the_cpu_and_its_own_device_alone(monkeypatch, name):
    cards, mps = (Pretended(), Pretended()), Pretended()
    monkeypatch.setattr(torch.cuda, "init", lambda: None)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "default_generators", cards)
    monkeypatch.setattr(torch.mps, "_get_default_mps_generator", lambda: mps)
    mine = {"cuda": cards[0], "cuda:1": cards[1], "mps": mps}[name]
    stream = Stream(7, torch.device(name))
    with stream.drawn():
        assert int(mine.state) == 7
        mine.state += 1  # something is drawn
    assert int(mine.state) == 0
    with stream.drawn():
        assert int(mine.state) == 8
    assert [card.seeds for card in (*cards, mps)] == [
        [7] if c is mine else [] for c in (*cards, mps)
    ]


def test_on_the_cpu_no_other_device_is_seeded(monkeypatch):
    monkeypatch.setattr(torch.cuda, "manual_seed_all", lambda seed: pytest.fail("CUDA was seeded"))
    monkeypatch.setattr(torch.mps, "manual_seed", lambda seed: pytest.fail("MPS was seeded"))
    with seeded(3, torch.device("cpu")):
        torch.rand(1)


def test_two_streams_that_take_turns_do_not_mix():
    def alone(seed):
        with seeded(seed, torch.device("cpu")):
            return torch.rand(4)

    streams, drawn = [Stream(seed, torch.device("cpu")) for seed in (1, 2)], [[], []]
    for _ in range(4):
        for stream, numbers in zip(streams, drawn, strict=True):
            with stream.drawn():
                numbers.append(torch.rand(1))
    assert torch.equal(torch.cat(drawn[0]), alone(1))
    assert torch.equal(torch.cat(drawn[1]), alone(2))


def test_an_interruption_inside_a_stream_leaves_the_outside_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)

    def interrupted():
        with seeded(5, torch.device("cpu")):
            torch.rand(3)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert torch.equal(torch.rand(3), expected)


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


KEPT = """
import torch
from course_utils.device import get_device

if {ready}:
    get_device("cpu")


def megabytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


before = megabytes()
batches = [torch.ones(1_000_000) for _ in range(20)]  # 80 MB
del batches
print(megabytes() - before)
"""


@pytest.mark.skipif(not device.keep_memory(), reason="memory is kept on Linux with glibc only")
def test_memory_that_is_kept_stays_with_the_process():
    def kept(ready):
        code = KEPT.format(ready=ready)
        return float(subprocess.check_output([sys.executable, "-c", code], text=True))

    assert kept(True) > 70
    assert kept(False) < 20


def test_elsewhere_than_on_linux_memory_is_left_alone(monkeypatch):
    monkeypatch.setattr("course_utils.device.sys.platform", "darwin")
    assert device.keep_memory() is False
