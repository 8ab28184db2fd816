"""What lets an explorer follow a pad: draw again after a stroke, work out each answer once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from torch import Tensor

from course_utils.explorers.base import Explorer
from course_utils.microscope import is_pad

MOST_REMEMBERED = 60  # answers, each at most a few megabytes
PAUSE = 0.2  # seconds
GONE = "Its pad is gone: run the cell that made this explorer again, and it follows the new pad."


def follow(explorer: Explorer, image: object) -> Explorer:
    """Let an explorer draw again when something is drawn on its pad; return the explorer.

    It says so when the pad is gone, as after another run of the pad's cell.

    In a notebook it waits for a pause of the pen, so that the pad itself is answered first.
    """
    waiting: list[asyncio.TimerHandle] = []

    def drawn(_change: object) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # not in a notebook
            explorer.set()
            return
        while waiting:
            waiting.pop().cancel()
        waiting.append(loop.call_later(PAUSE, paused))

    def paused() -> None:
        if not explorer.closed:
            explorer.set()

    def ended(change: dict) -> None:
        if change["new"] is None:
            explorer.tell(GONE)

    if is_pad(image):
        explorer.watch(image, "_strokes", drawn)
        explorer.watch(image, "comm", ended)
    return explorer


def remembered(function: Callable) -> Callable:
    """Return a function of a picture and more that works out each answer once.

    >>> asked = remembered(lambda picture, size: occlusion(model, picture, 7, size=size))
    """
    known: dict[tuple, object] = {}

    def asked(picture: Tensor, *rest: object) -> object:
        key = (picture.numpy().tobytes(), *rest)
        if key not in known:
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            known[key] = function(picture, *rest)
        return known[key]

    return asked
