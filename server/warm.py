"""A process that has imported what a learner's server and kernels import, and becomes one.

    python warm.py SOCKET

A server or kernel of its own imports Jupyter, PyTorch and the rest into memory of its own. One that
this process forks has all of it already, and shares each page until it writes to it. `from_warm.py`
asks for one over the socket. What is forked runs as the user who asks, whom the system names
(SO_PEERCRED), reads nothing that a user sends before that, and ends when the asking process does.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pwd
import resource
import runpy
import signal
import socket
import struct
import sys
import threading
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]
ROOMS = ("canvas", "exercises", "figures", "microscope", "models", "training")
EXPLORERS = sorted(path.stem for path in (COURSE / "course_utils" / "explorers").glob("[a-z]*.py"))
KERNEL = (
    *("debugpy.server.api", "ipykernel.debugger", "ipykernel.kernelapp", "ipykernel.zmqshell"),
    *(
        "matplotlib.figure",
        "matplotlib.pyplot",
        "numpy.random",
        "psutil",
        "tornado.platform.asyncio",
    ),
    "torch._dynamo",  # PyTorch imports it at the first step of an optimizer
    *("matplotlib_inline.backend_inline", "mnist", *(f"course_utils.{room}" for room in ROOMS)),
    *(f"course_utils.explorers.{name}" for name in EXPLORERS),
)
SERVER = (
    *("jupyter_server.serverapp", "jupyter_server.services.contents.handlers", "jupyterlab.labapp"),
    *("jupyter_server.services.kernels.handlers", "jupyter_server.nbconvert.handlers"),
    *("jupyter_server_terminals.app", "jupyterhub.singleuser.extension", "nbformat.v4"),
)
# Settings that a module keeps as they are when it is imported: no inherited one may stay.
AT_IMPORT = {
    "JPY_PARENT_PID": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
TIDY = 20  # seconds between two times that freed memory is handed back
SET_NAME = 15  # PR_SET_NAME of prctl(2)
PEER, CREDENTIALS = (socket.SOL_SOCKET, getattr(socket, "SO_PEERCRED", 17)), struct.Struct("3i")


def warm_up() -> None:
    """Import what is needed; the folder of this file is not on the path then, nor after it."""
    os.environ.update(AT_IMPORT)
    sys.path[0] = str(COURSE)
    for name in (*KERNEL, *SERVER):
        importlib.import_module(name)
    sys.path[:] = [*sys.path[1:], ""]  # a learner's `queue.py` comes last, as with start.py
    if len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit("an import has started a thread, which a fork would lose")


def serve(path: str) -> None:
    """Listen for ever; fork for each who comes."""
    with socket.socket(socket.AF_UNIX) as listener:
        Path(path).unlink(missing_ok=True)
        listener.bind(path)
        os.chmod(path, 0o666)
        listener.listen(256)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who ends is waited for by nobody
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        gc.collect()
        gc.freeze()  # what is here stays, and the collector writes nothing to it
        while True:
            asking, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                become(asking)
            asking.close()


def become(asking: socket.socket) -> None:
    """Become what a user asks for; never return."""
    code = 1
    try:
        _, user, group = CREDENTIALS.unpack(asking.getsockopt(*PEER, CREDENTIALS.size))
        become_user(user, group)
        take_over(*listen(asking))
        asking.sendall(b"%d\n" % os.getpid())
        threading.Thread(target=follow, args=(asking,), daemon=True).start()
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        os._exit(code)


def become_user(user: int, group: int) -> None:
    """Give up every right that the user does not have; keep to the limit of memory."""
    if limit := int(os.environ.get("MEM_LIMIT") or 0):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    if user != os.geteuid():
        os.initgroups(pwd.getpwuid(user).pw_name, group)
        os.setgid(group)
        os.setuid(user)


def listen(asking: socket.socket) -> tuple[dict, list[int]]:
    """Return what is asked for, and the three streams that came with it."""
    told, files, *_ = socket.recv_fds(asking, 2**16, 3)
    while not told.endswith(b"\n"):
        more = asking.recv(2**16)
        if not more:
            raise SystemExit("what is asked for has no end")
        told += more
    return json.loads(told), files


def take_over(told: dict, files: list[int]) -> None:
    """Take the arguments, environment, folder and streams of the process that asks."""
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(told["environment"])
    os.chdir(told["folder"])
    sys.argv[:] = told["arguments"]
    ctypes.CDLL(None).prctl(SET_NAME, f"warm-{sys.argv[0]}".encode())  # what `ps` and `top` show


def follow(asking: socket.socket) -> None:
    """End when the process that asked has ended: whoever started that one knows no other.

    Meanwhile what has been freed goes back to the system every `TIDY` seconds, for the others.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)
    asking.settimeout(TIDY)
    while True:
        try:
            if not asking.recv(64):
                os.kill(os.getpid(), signal.SIGKILL)
        except TimeoutError:
            trim(0)
        except OSError:
            os.kill(os.getpid(), signal.SIGKILL)


def run() -> None:
    """Run the module that the arguments name, as Python's `-m` does."""
    import numpy as np

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    np.random.seed()  # Python's own generator is seeded by the fork, PyTorch's starts as always
    gc.enable()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    kept = {name: text for name, text in os.environ.items() if not name.startswith("JUPYTERHUB_")}
    if len(kept) < len(os.environ):  # the hub's token is for no learner, whose memory this will be
        os.execve(sys.executable, [sys.executable, *sys.argv], kept)
    gc.disable()
    warm_up()
    serve(sys.argv[1])
