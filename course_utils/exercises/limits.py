"""Runs a function in a thread of its own, and ends it when it does not come to an end.

A thread can be stopped on every system and wherever the check itself runs, and it can be given up
where nothing stops it. What counts is the thread's own processor time, without what it spends on
imports: a busy machine, or the first use of a large library, makes no answer late.
"""

from __future__ import annotations

import _thread
import contextlib
import ctypes
import functools
import sys
import time
from collections.abc import Callable

TICK = 0.02  # seconds between two looks at the thread
GRACE = 1.0  # seconds that a thread has to end itself when it is told to

_raise_in = ctypes.PYFUNCTYPE(None, ctypes.c_ulong, ctypes.py_object)(
    ("PyThreadState_SetAsyncExc", ctypes.pythonapi)
)


class TookTooLongError(SystemExit):
    """A function computed for too long. As a SystemExit it ends a thread without a word."""


class WaitedTooLongError(TookTooLongError):
    """A function did not come back, though it computed little."""


def run_limited(
    call: Callable[[], object], seconds: float, patience: float
) -> tuple[object, BaseException | None]:
    """Call a function in a new thread; return its value, and what it raised or None.

    Args:
        call: the function.
        seconds: processor time that it may take, imports left out.
        patience: time that may pass, whatever the function does.

    Whatever is raised in the calling thread meanwhile, such as KeyboardInterrupt, ends the function
    and passes through. A function that waits inside a call into the system is left behind; it ends
    as soon as that call returns.
    """
    worker = _Worker(call)
    try:
        worker.start()
        late = worker.watch(seconds, patience)
    except BaseException:
        worker.stop(TookTooLongError)
        raise
    if late is None:
        return worker.value, worker.error
    worker.stop(late)
    return None, late().with_traceback(getattr(worker.error, "__traceback__", None))


class _Worker:
    """A thread that calls one function and keeps what comes of it.

    While it runs, nothing here needs Python's own functions, which the called one may replace.
    """

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call
        self.ident = 0
        self.clock: Callable[[], float] | None = None
        self.value: object = None
        self.error: BaseException | None = None
        self.told = False  # to end
        self.running = _thread.allocate_lock()

    def start(self) -> None:
        self.running.acquire()
        self.ident = _thread.start_new_thread(self._run, ())

    def _run(self) -> None:
        ident = _thread.get_ident()
        self.clock = _clock_of_this_thread()
        try:
            self.value = self.call()
        except BaseException as error:
            self.error = error
            if self.told:  # one that can be put down takes the place of the insistent one
                _raise_in(ident, TookTooLongError)
        finally:
            self.running.release()

    def watch(self, seconds: float, patience: float) -> type[TookTooLongError] | None:
        """Wait for the end of the thread; return why it has to be stopped, None if it ended."""
        end, used, before = time.monotonic() + patience, 0.0, None
        while not self.running.acquire(True, TICK):
            now = self._processor_time()
            if before is not None and not self._imports():
                used += now - before
            before = now
            if used > seconds:
                return TookTooLongError
            if time.monotonic() > end:
                return WaitedTooLongError
        return None

    def stop(self, why: type[TookTooLongError]) -> None:
        """Raise an exception in the thread; where it is caught, one that cannot be put down."""
        self.told = True
        for exception in (why, _insistent(why, self.ident)):
            _raise_in(self.ident, exception)
            if self.running.acquire(True, GRACE):
                break
        _take_notice()

    def _processor_time(self) -> float:
        if self.clock is None:  # not begun yet
            return 0.0
        with contextlib.suppress(OSError):  # it has just ended
            return self.clock()
        return 0.0

    def _imports(self) -> bool:
        """Tell whether the thread is importing a module right now."""
        frame = sys._current_frames().get(self.ident)
        while frame is not None:
            if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
                return True
            frame = frame.f_back
        return False


def _clock_of_this_thread() -> Callable[[], float]:
    """Return a clock of this thread's processor time that every thread can read.

    Where the system has none (Windows, macOS) it is the clock of the whole process.
    """
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.process_time
    return functools.partial(time.clock_gettime, time.pthread_getcpuclockid(_thread.get_ident()))


def _take_notice() -> None:
    """Raise an exception in this thread and catch it.

    That takes down the sign which says to all threads that one was raised in some thread. A thread
    that waits, or ended first, leaves it up, and then Python 3.11 hangs under a debugger.
    """
    with contextlib.suppress(TookTooLongError):
        _raise_in(_thread.get_ident(), TookTooLongError)
        while True:  # it comes at the next jump at the latest
            pass


def _insistent(why: type[TookTooLongError], ident: int | None) -> type[TookTooLongError]:
    """Return an exception that is raised anew in its thread as soon as somebody catches it.

    Python makes the exception's object when it is caught at the latest, and to make it is to have
    the next one raised, at the next jump or call. So `except BaseException: continue` ends, too.
    """
    again = type(why.__name__, (why,), {})
    again.__init__ = staticmethod(functools.partial(_raise_in, ident, again))
    return again
