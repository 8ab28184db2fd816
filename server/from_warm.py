"""Runs a module in a process that `warm.py` forks, and stands for it as long as it lives.

    python from_warm.py ipykernel_launcher -f CONNECTION_FILE

Where nobody listens at the socket that COURSE_WARM names, the module is run as everywhere.
"""

import json
import os
import signal
import socket
import sys

START = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "course_utils", "start.py")
PATIENCE = 60  # seconds for the fork


def ask(path: str) -> tuple[socket.socket, int]:
    """Return the connection to the process that is forked, and its number."""
    asking = socket.socket(socket.AF_UNIX)
    asking.settimeout(PATIENCE)
    asking.connect(path)
    environment = {name: text for name, text in os.environ.items() if name != "JPY_PARENT_PID"}
    told = {"arguments": sys.argv[1:], "environment": environment, "folder": os.getcwd()}
    message = (json.dumps(told) + "\n").encode()
    sent = socket.send_fds(asking, [message], [0, 1, 2])
    asking.sendall(message[sent:])
    return asking, int(asking.recv(64))


def stand_for(asking: socket.socket, process: int) -> None:
    """Hand signals on; end when the process or the parent does, the process then with it."""
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(process, number))
    asking.settimeout(1)
    while os.getppid() == parent:
        try:
            if not asking.recv(64):
                return
        except TimeoutError:
            continue
        except ConnectionError:
            return


if __name__ == "__main__":
    warm = os.environ.get("COURSE_WARM", "")
    try:
        found = ask(warm)
    except (OSError, ValueError) as error:
        if warm:
            print(
                f"{sys.argv[1]} starts by itself, for {warm} gives none: {error}", file=sys.stderr
            )
        os.execv(sys.executable, [sys.executable, START, *sys.argv[1:]])
    stand_for(*found)
