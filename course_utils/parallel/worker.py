"""What runs in a worker's process: it joins the group, calls the function, reports what came."""

from __future__ import annotations

import linecache
import os
import pickle
import signal
import sys
import threading
import traceback
from datetime import timedelta
from io import TextIOBase
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

import torch
import torch.distributed as dist

from course_utils.parallel.loopback import loopback_settings
from course_utils.parallel.travel import TITLE, Packed, unpack

FOR_EVER = timedelta(days=1)  # whoever started the workers waits less long
MOST_SAID = 100_000  # letters


class Reports:
    """The worker's end of the line: what it sends, from whichever of its threads."""

    def __init__(self, line: Connection) -> None:
        self.line, self.lock = line, threading.Lock()

    def send(self, kind: str, content: object = None) -> None:
        with self.lock:
            self.line.send((kind, content))


class Voice(TextIOBase):
    """Stands in for print's stream: what is printed goes down the line at once, up to a limit."""

    def __init__(self, reports: Reports) -> None:
        self.reports, self.left = reports, MOST_SAID

    def write(self, text: str) -> int:
        if self.left > 0:
            self.reports.send("said", text[: self.left])
            self.left -= len(text)
        return len(text)


def work(rank: int, n_workers: int, folder: str, line: Connection, job: bytes) -> None:
    """Run one worker: this is the first function of its process.

    Args:
        rank: its number, from 0.
        n_workers: how many there are.
        folder: an empty folder in which the workers find each other.
        line: the end of a pipe: reports go out, the question "where?" comes in. When the other
            end is closed, or its process dies, the worker ends.
        job: the packed function and its arguments, pickled.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted kernel ends its workers itself
    reports = Reports(line)
    _be_silent()
    sys.stdout = sys.stderr = Voice(reports)
    thread = threading.get_ident()
    packed, arguments = pickle.loads(job)
    titles = _titles(packed)
    threading.Thread(target=_answer, args=(reports, thread, titles), daemon=True).start()
    _call(rank, n_workers, folder, reports, packed, arguments)
    while True:  # until it is told to go: a process that ends closes its connections to others
        threading.Event().wait(3600)


def _call(
    rank: int, n_workers: int, folder: str, reports: Reports, packed: Packed, arguments: tuple
) -> None:
    try:
        torch.set_num_threads(1)  # n workers on n cores, one for each
        function = unpack(packed)
        _join(rank, n_workers, folder)
        reports.send("ready")
        value = function(rank, n_workers, *arguments)
        reports.send("value", _pickled(value))
    except BaseException as error:  # whatever it is, it is told to who started this
        said = "".join(traceback.format_exception_only(type(error), error)).strip()
        frames = list(traceback.walk_tb(error.__traceback__))
        reports.send("error", (said, _place(frames, _titles(packed))))


def _pickled(value: object) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception as error:
        kind = type(value).__name__
        raise ValueError(
            f"what the function returns, a {kind}, cannot be sent to another process ({error}); "
            "return numbers, tensors, lists, dicts"
        ) from error


def _join(rank: int, n_workers: int, folder: str) -> None:
    """Make this process a member of the group, over gloo and the loopback alone."""
    os.environ.update(loopback_settings())
    store = dist.FileStore(str(Path(folder) / "store"), n_workers)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=n_workers, timeout=FOR_EVER)


def _be_silent() -> None:
    """Send what libraries write below Python's own streams to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _answer(reports: Reports, thread: int, titles: list[str]) -> None:
    """Say where the worker stands whenever it is asked; end the process when nobody listens."""
    try:
        while True:
            reports.line.recv()
            frame = sys._current_frames().get(thread)
            reports.send("stands", _place(_frames_to(frame), titles))
    except (EOFError, OSError):
        os._exit(0)


def _frames_to(frame: FrameType | None) -> list[tuple[FrameType, int]]:
    """Return a frame and those that called it, the outermost first, each with its line."""
    frames = []
    while frame is not None:
        frames.insert(0, (frame, frame.f_lineno))
        frame = frame.f_back
    return frames


def _titles(packed: Packed) -> list[str]:
    return [TITLE.format(name) for name in packed.texts]


def _place(frames: list[tuple[FrameType, int]], titles: list[str]) -> str:
    """Return the innermost line of the sent text among these frames, "" where there is none."""
    for frame, number in reversed(frames):
        title = frame.f_code.co_filename
        if title in titles:
            return f"in line {number} of {title[1:-1]}: {linecache.getline(title, number).strip()}"
    return ""
