"""A bar that shows how a training goes: in a notebook live, in a terminal on one line."""

from __future__ import annotations

import math
import sys
import time
from typing import TextIO

from course_utils.display import in_kernel, live, say

SECONDS_BETWEEN = 0.1  # redrawing more often costs time and shows nothing more
# In a long training it is redrawn each time a 40th longer has passed: the messages of one cell wait
# in a queue of 1,000 until it ends, where a notebook is tested, and what comes later is lost.
SHARE_BETWEEN = 1 / 40


class Progress:
    """A progress bar with loss and accuracy; nothing of it is stored in the notebook.

    In a terminal it is one line on stderr; where stderr is a file, nothing is written.

    Args:
        total: how many steps there are.
        n_epochs: in how many epochs they fall, for the label.
        shown: False makes a bar that shows nothing.

    >>> with Progress(total=100, n_epochs=2) as bar:
    ...     bar.update(1, loss=2.3, accuracy=0.1)
    """

    def __init__(self, total: int, n_epochs: int = 1, *, shown: bool = True) -> None:
        self.total, self.n_epochs = total, n_epochs
        self.n = 0  # steps done
        self._loss = self._accuracy = float("nan")
        self._due = 0.0
        self._start = time.monotonic()
        self._face = _face(total) if shown else None

    def update(self, n: int, loss: float, accuracy: float) -> None:
        """Tell that `n` steps are done, with the mean loss and accuracy (0..1, or nan) so far."""
        self.n, self._loss, self._accuracy = n, loss, accuracy
        now = time.monotonic()
        if self._face is not None and now >= self._due:
            self._draw()
            self._due = now + max(SECONDS_BETWEEN, SHARE_BETWEEN * (now - self._start))

    def close(self) -> None:
        """Draw the last state and end the line; the bar shows whether all steps were done."""
        if self._face is not None:
            self._draw()
            self._face.close(done=self.n >= self.total)
            self._face = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draw(self) -> None:
        if self.n == 0:
            return
        epoch = (self.n - 1) * self.n_epochs // self.total + 1
        says = [f"epoch {epoch} of {self.n_epochs}", f"loss {self._loss:.4f}"]
        if not math.isnan(self._accuracy):
            says.append(f"accuracy {100 * self._accuracy:.1f}%")
        says.append(f"{time.monotonic() - self._start:.1f} s")
        self._face.draw(self.n, " · ".join(says))


def _face(total: int) -> _Widget | _Line | None:
    if in_kernel():
        return _Widget(total)
    return _Line(total, sys.stderr) if sys.stderr and sys.stderr.isatty() else None


class _Widget:
    """The bar in a notebook."""

    def __init__(self, total: int) -> None:
        import ipywidgets

        self._bar = ipywidgets.IntProgress(max=total)
        self._label = ipywidgets.Label()
        live(ipywidgets.HBox([self._bar, self._label]))

    def draw(self, n: int, label: str) -> None:
        self._bar.value, self._label.value = n, label

    def close(self, *, done: bool) -> None:
        self._bar.bar_style = "success" if done else "warning"


class _Line:
    """The bar in a terminal: one line that is written over."""

    WIDTH = 24

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total, self._stream = total, stream

    def draw(self, n: int, label: str) -> None:
        filled = self.WIDTH * n // self._total
        bar = "#" * filled + "." * (self.WIDTH - filled)
        say(f"\r[{bar}] {label}  ", end="", file=self._stream, flush=True)

    def close(self, *, done: bool) -> None:
        say("" if done else "  stopped", file=self._stream, flush=True)
