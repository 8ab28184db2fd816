"""Functions that run in several real processes: what comes back, and what is left of them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from nbval.kernel import RunningKernel
from torch import nn

from course_utils.parallel import WorkerError, run_workers
from course_utils.parallel.travel import pack

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows, SIGTERM ends a process at once
OUTSIDE = torch.ones(2)


def twice(number):
    return 2 * number


def total(rank, n_workers, first):
    number = torch.tensor(float(rank + first))
    dist.all_reduce(number)
    return twice(number)


def prints(rank, n_workers):
    for step in range(2):
        print(f"step {step} of {rank}")
        if rank == 0:
            dist.recv(torch.zeros(1), src=1)  # so the last worker prints first
        else:
            dist.send(torch.zeros(1), dst=0)
    print("no end of line", end="")


def ranks(rank, n_workers):
    return rank, n_workers, torch.get_num_threads(), os.getpid()


def raises(rank, n_workers):
    if rank == 1:
        raise ValueError("no such digit")
    dist.barrier()


def raises_deeper(rank, n_workers):
    print("before")
    return twice(None)


def dies(rank, n_workers, number):
    if rank == n_workers - 1:
        os.kill(os.getpid(), number)
    dist.barrier()


def leaves(rank, n_workers):
    if rank == 0:
        os._exit(3)
    dist.barrier()


def one_waits(rank, n_workers):
    print(f"worker {rank} begins")
    if rank == 0:
        dist.all_reduce(torch.ones(1))


def one_computes(rank, n_workers):
    while rank == 1:
        pass


def gives_a_generator(rank, n_workers):
    return (number for number in range(3))


def is_gone(pid):
    """Wait until a process has ended; False after half a minute."""
    for _ in range(3000):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def written_pids(folder):
    """Wait until both workers have written their process ids, and return them."""
    files = [folder / f"{rank}.pid" for rank in (0, 1)]
    for _ in range(6000):
        if all(file.exists() and file.read_text() for file in files):
            break
        time.sleep(0.01)
    return [int(file.read_text()) for file in files]


# --- what comes back ---------------------------------------------------------------------------


def test_workers_add_up_and_run_twice():
    assert run_workers(total, 2, 3) == [torch.tensor(14.0)] * 2
    assert run_workers(total, 3, 0) == [torch.tensor(6.0)] * 3


def test_each_worker_has_its_rank_one_thread_and_a_process_of_its_own():
    found = run_workers(ranks, 3)
    assert [one[:3] for one in found] == [(rank, 3, 1) for rank in range(3)]
    assert len({one[3] for one in found} | {os.getpid()}) == 4


def test_one_worker_alone_is_a_group_too():
    assert run_workers(total, 1, 5) == [torch.tensor(10.0)]


def test_arguments_are_copies():
    numbers = torch.zeros(3)

    def fill(rank, n_workers, numbers):
        numbers += rank + 1
        return numbers

    assert [one.tolist() for one in run_workers(fill, 2, numbers)] == [[1.0] * 3, [2.0] * 3]
    assert numbers.tolist() == [0.0] * 3


def test_prints_come_by_rank_whoever_was_first(capfd):
    run_workers(prints, 2)
    out, err = capfd.readouterr()
    lines = [f"worker {rank} | {text}" for rank in (0, 1) for text in texts_of(rank)]
    assert out.splitlines() == lines
    assert err == ""


def texts_of(rank):
    return f"step 0 of {rank}", f"step 1 of {rank}", "no end of line"


def test_nothing_is_left_of_the_workers():
    pids = [one[3] for one in run_workers(ranks, 2)]
    assert all(map(is_gone, pids))


# --- what goes wrong ---------------------------------------------------------------------------


def test_an_exception_is_told_with_rank_and_line():
    with pytest.raises(WorkerError) as told:
        run_workers(raises, 2)
    assert told.value.rank == 1
    assert str(told.value) == (
        "worker 1 stopped with ValueError: no such digit\n"
        'in line 3 of raises: raise ValueError("no such digit")'
    )


def test_an_exception_in_a_helper_names_the_line_there_and_keeps_the_prints(capsys):
    with pytest.raises(WorkerError, match="worker 0 stopped with TypeError") as told:
        run_workers(raises_deeper, 1)
    assert str(told.value).endswith("in line 2 of twice: return 2 * number")
    assert capsys.readouterr().out == "worker 0 | before\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_killed_worker_is_named_not_those_who_lost_it():
    for _ in range(3):
        with pytest.raises(WorkerError, match=r"^worker 2 died: it was .* signal 9 \(SIGKILL\)$"):
            run_workers(dies, 3, int(KILL))


def test_a_worker_that_ends_its_process_is_named():
    with pytest.raises(WorkerError, match=r"worker 0 ended its process \(exit code 3\)"):
        run_workers(leaves, 2)


def test_a_worker_that_waits_for_ever_is_ended_and_the_message_says_where(capsys):
    with pytest.raises(WorkerError) as told:
        run_workers(one_waits, 2, timeout=3)
    first, second, third, remedy = str(told.value).splitlines()
    assert first == "after 3 seconds the workers were not done"
    assert second == "worker 0: still in line 4 of one_waits: dist.all_reduce(torch.ones(1))"
    assert third == "worker 1: done"
    assert "the same operations of the group" in remedy
    assert capsys.readouterr().out == "worker 0 | worker 0 begins\nworker 1 | worker 1 begins\n"


def test_an_endless_loop_is_ended_and_the_message_says_where():
    with pytest.raises(WorkerError, match=r"worker 1: still in line [23] of one_computes"):
        run_workers(one_computes, 2, timeout=2)


def test_after_a_failure_the_next_run_is_whole():
    with pytest.raises(WorkerError):
        run_workers(raises, 2)
    assert run_workers(total, 2, 0) == [torch.tensor(2.0)] * 2


def test_a_value_that_cannot_be_sent_is_said():
    with pytest.raises(WorkerError, match=r"a generator, cannot be sent .*\n*.*return numbers"):
        run_workers(gives_a_generator, 1)


CALLER = """
import os, sys, time
from course_utils.parallel import run_workers

def sleeps(rank, n_workers, folder):
    import os, time
    with open(os.path.join(folder, f"{rank}.pid"), "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)

if __name__ == "__main__":
    run_workers(sleeps, 2, sys.argv[1], timeout=600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, KILL], ids=["interrupted", "killed"])
def test_whoever_started_them_and_is_ended_leaves_no_worker(tmp_path, number):
    script = tmp_path / "caller.py"
    script.write_text(CALLER)
    caller = subprocess.Popen(
        [sys.executable, script, tmp_path], stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        pids = written_pids(tmp_path)
        os.killpg(caller.pid, number) if number == signal.SIGINT else caller.send_signal(number)
        _, err = caller.communicate(timeout=60)
        assert (b"KeyboardInterrupt" in err) == (number == signal.SIGINT)
        assert all(map(is_gone, pids))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(caller.pid, KILL)


# --- what can travel ---------------------------------------------------------------------------


def uses_data(rank, n_workers):
    return OUTSIDE + rank


def with_default(rank, n_workers, layer=nn.ReLU):
    return type(layer()).__name__


class Own:
    pass


def uses_a_class(rank, n_workers):
    return Own()


@contextlib.contextmanager
def decorated(rank, n_workers):
    yield rank


def around():
    inner = 3
    return lambda rank, n_workers: inner, uses_inner(inner)


def uses_inner(inner):
    def function(rank, n_workers):
        return inner

    return function


one_of_two, other_of_two = lambda rank, n_workers: rank, lambda rank, n_workers: 0


def test_modules_classes_and_functions_beside_it_come_along():
    packed = pack(total)
    assert packed.modules == {"dist": "torch.distributed", "torch": "torch"}
    assert list(packed.texts) == ["total", "twice"]
    assert run_workers(with_default, 1) == ["ReLU"]


def test_a_function_under_another_name_is_refused(monkeypatch):
    monkeypatch.setitem(globals(), "twice", total)
    with pytest.raises(ValueError, match="total uses twice"):  # under another name
        pack(total)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (one_of_two, "the source text of <lambda> cannot be sent to a worker; write it with def"),
        (print, "got a builtin_function_or_method; write it with def"),
        (partial(total, first=1), "got a partial; write it with def"),
        (Own, "got a type; write it with def"),
        (decorated, "decorated has a decorator, which cannot be sent to a worker; take it off"),
        (uses_inner(2), "function uses inner of the function around it"),
        (uses_data, r"run_workers\(uses_data, n_workers, OUTSIDE\)"),
        (uses_a_class, "uses Own, which a worker cannot import; define it inside uses_a_class"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_function_that_cannot_travel_is_refused_with_the_remedy(function, says):
    with pytest.raises(ValueError, match=says):
        run_workers(function, 2)


def test_a_function_made_from_a_text_without_a_file_is_refused():
    names = {}
    exec("def made(rank, n_workers):\n    return rank", names)
    with pytest.raises(ValueError, match="the source text of made cannot be sent"):
        run_workers(names["made"], 2)


def test_an_argument_that_cannot_be_sent_is_refused():
    with pytest.raises(ValueError, match="argument 2 of the function, a function, cannot be sent"):
        run_workers(total, 2, 1, lambda: 0)


@pytest.mark.parametrize("n_workers", [0, -1, 65, 1.5, True, "2"])
def test_a_number_of_workers_that_is_none_is_refused(n_workers):
    with pytest.raises(ValueError, match="n_workers must be"):
        run_workers(total, n_workers, 1)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), None])
def test_a_timeout_that_never_comes_is_refused(timeout):
    with pytest.raises(ValueError, match="timeout must be"):
        run_workers(total, 2, 1, timeout=timeout)


# --- in a notebook -----------------------------------------------------------------------------

CELL = """
import os, time
import torch, torch.distributed as dist
from course_utils.parallel import run_workers
def half(x):
    return x / 2
def mean(rank, n_workers):
    x = torch.tensor(float(rank))
    dist.all_reduce(x)
    print("sum", x.item())
    return half(x).item()
def sleeps(rank, n_workers, folder):
    with open(os.path.join(folder, f"{rank}.pid"), "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
result = run_workers(mean, 2)
"""


@pytest.fixture(scope="module")
def kernel():
    kernel = RunningKernel("python3")
    yield kernel
    kernel.stop()


def printed(kernel, code):
    """Run code in a kernel; return what it printed."""
    return printed_by(kernel, kernel.kc.execute(code))


def printed_by(kernel, asked):
    """Return what a cell that was sent to a kernel prints until it has ended."""
    texts = []
    while True:
        message = kernel.get_message(stream="iopub", timeout=120)
        if message["parent_header"].get("msg_id") != asked:
            continue
        if message["msg_type"] == "stream":
            texts.append(message["content"]["text"])
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return "".join(texts)


def test_a_notebooks_functions_travel(kernel):
    """The cells of a notebook are no module; what workers print is its cell's output."""
    assert printed(kernel, CELL) == "worker 0 | sum 1.0\nworker 1 | sum 1.0\n"
    assert printed(kernel, "print(result)") == "[0.5, 0.5]\n"


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_an_interrupted_notebook_leaves_no_worker_and_goes_on(kernel, tmp_path):
    printed(kernel, CELL)
    asked = kernel.kc.execute(f"run_workers(sleeps, 2, {str(tmp_path)!r}, timeout=600)")
    pids = written_pids(tmp_path)
    kernel.km.interrupt_kernel()
    printed_by(kernel, asked)
    assert all(map(is_gone, pids))
    assert printed(kernel, "print(run_workers(mean, 2))").endswith("[0.5, 0.5]\n")
