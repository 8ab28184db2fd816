"""Functions that are ended when they do not come to an end."""

import _thread
import contextlib
import cProfile
import importlib
import sys
import threading
import time

import pytest

from course_utils.exercises import limits
from course_utils.exercises.limits import TookTooLongError, WaitedTooLongError, run_limited

LONG = 1000.0


def compute(seconds):
    """Use the processor for some seconds of this thread's own time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def endless():
    while True:
        pass


def catches_everything():
    while True:
        try:
            sum(range(9))
        except BaseException:
            continue


def catches_outside_a_loop():
    while True:
        with contextlib.suppress(BaseException):
            endless()


def goes_on_in_finally():
    try:
        endless()
    finally:
        endless()


def begins_again():
    try:
        endless()
    except BaseException:
        begins_again()


STUBBORN = [
    endless,
    catches_everything,
    catches_outside_a_loop,
    goes_on_in_finally,
    begins_again,
]


def all_gone(before):
    """Wait until no thread is left that was not there before; False after half a minute."""
    for _ in range(3000):
        if sys._current_frames().keys() <= before:
            return True
        time.sleep(0.01)
    return False


def test_value_and_error_come_back():
    assert run_limited(lambda: 42, LONG, LONG) == (42, None)
    value, error = run_limited(lambda: 1 / 0, LONG, LONG)
    assert value is None
    assert type(error) is ZeroDivisionError
    assert error.__traceback__.tb_next.tb_frame.f_code.co_name == "<lambda>"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_whatever_is_raised_stays_inside(error):
    def raises():
        raise error

    assert type(run_limited(raises, LONG, LONG)[1]) is error


@pytest.mark.parametrize("call", STUBBORN, ids=lambda call: call.__name__)
def test_who_computes_too_long_is_ended_whatever_it_catches(call):
    before = set(sys._current_frames())
    _, error = run_limited(call, 0.05, LONG)
    assert type(error) is TookTooLongError
    assert all_gone(before)


def test_an_import_is_not_on_the_account(tmp_path, monkeypatch):
    slow = "import time\nend = time.thread_time() + 0.4\nwhile time.thread_time() < end: pass\n"
    for name in ("slow_by_statement", "slow_by_name"):
        (tmp_path / f"{name}.py").write_text(slow)
    monkeypatch.syspath_prepend(tmp_path)

    def by_statement():
        import slow_by_statement

        return slow_by_statement.__name__

    assert run_limited(by_statement, 0.2, LONG) == ("slow_by_statement", None)
    by_name = run_limited(lambda: importlib.import_module("slow_by_name").__name__, 0.2, LONG)
    assert by_name == ("slow_by_name", None)


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="no clock for each thread")
def test_what_other_threads_compute_is_not_on_the_account():
    def beside():
        other = threading.Thread(target=compute, args=(0.5,))
        other.start()
        other.join()
        return "back"

    assert run_limited(beside, 0.2, LONG) == ("back", None)


def test_who_waits_too_long_is_left_behind(monkeypatch):
    monkeypatch.setattr(limits, "GRACE", 0.01)
    awake = threading.Event()
    value, error = run_limited(awake.wait, LONG, 0.05)
    assert value is None
    assert type(error) is WaitedTooLongError
    awake.set()


def test_an_interrupt_ends_the_function_and_passes_through():
    def interrupted():
        _thread.interrupt_main()
        endless()

    before = set(sys._current_frames())
    with pytest.raises(KeyboardInterrupt):
        run_limited(interrupted, LONG, LONG)
    assert all_gone(before)


def test_python_code_can_be_traced_after_a_function_was_stopped(monkeypatch):
    monkeypatch.setattr(limits, "GRACE", 0.01)
    awake = threading.Event()
    run_limited(awake.wait, LONG, 0.05)
    run_limited(endless, 0.05, LONG)
    assert cProfile.Profile().runcall(lambda: 42) == 42  # Python 3.11 would hang here
    awake.set()
