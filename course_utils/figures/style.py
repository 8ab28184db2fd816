"""The look of every figure: its colours, and the settings of matplotlib that it is drawn with.

A figure of the course looks the same whatever settings a learner has, and leaves them as they are.
It lies on a light card of its own, so it also looks the same in a light and a dark page.
Importing this module gives a learner's own `plt` figures the same look, unless one was chosen.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import threading
from collections.abc import Iterator

import numpy as np
from cycler import cycler
from matplotlib import RcParams, rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

# Okabe and Ito's palette, which colour-blind readers can tell apart (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, PINK, SKY, AMBER = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
)
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, AMBER)
MARKERS = ("o", "^", "s", "D", "v", "P")
INK, PAPER, RULE = "#1b1f24", "#fcfcfa", "#c9ccd1"
#: orange for class 0 or a negative weight, white between, blue for class 1 or a positive weight
DIVERGING = LinearSegmentedColormap.from_list("course", [ORANGE, "#ffffff", BLUE])
#: white for paper, black for ink
GREYS = LinearSegmentedColormap.from_list("greys", ["#ffffff", "#000000"])
STYLE = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "font.size": 14,
    "axes.titlesize": 16,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 14,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 2.5,
    "lines.markersize": 7,
    "legend.frameon": False,
    "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=["-", "--", "-.", ":", "-", "--"]),
}
NOT_OF_THE_LOOK = ("backend", "interactive")  # they say where and when, not how
LOOK = copy.deepcopy(
    {name: rcParamsDefault._get(name) for name in rcParamsDefault if name not in NOT_OF_THE_LOOK}
    | dict(RcParams(STYLE))
    | {
        "axes.grid": False,  # drawn where it is wanted: making it is most of the work of an axes
        "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib
    }
)


class _Settings:
    """Matplotlib's settings, exchanged for the course's while anybody draws.

    Matplotlib has one set for all threads, and JupyterLab answers controls in a thread of their
    own: who comes first puts the course's in, who leaves last puts the learner's back. Nobody
    waits for anybody, so what is computed during a drawing may take other locks.
    """

    def __init__(self) -> None:
        self.lock, self.users, self.theirs = threading.Lock(), 0, {}
        self.here = threading.local()  # .drawing: whether this thread is one of the users

    def put_in(self) -> None:
        with self.lock:
            if not self.users:
                now = {name: rcParams._get(name) for name in LOOK}
                self.theirs = {name: now[name] for name in LOOK if now[name] is not LOOK[name]}
                for name in self.theirs:
                    rcParams._set(name, LOOK[name])  # is valid: to ask again would take 30 ms
            self.users += 1

    def put_back(self) -> None:
        with self.lock:
            self.users -= 1
            if not self.users:
                for name, value in self.theirs.items():
                    if rcParams._get(name) is LOOK[name]:  # else another thread has just set it
                        rcParams._set(name, value)


_settings = _Settings()


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """Draw with the course's settings of matplotlib and NumPy, whatever a learner has set.

    Matplotlib reads its settings when an artist is made and again when it is drawn; so do both
    inside. Also a decorator: `@drawing()`.

    >>> with drawing():
    ...     ax.add_patch(Rectangle((0, 0), 1, 1))
    """
    if getattr(_settings.here, "drawing", False):
        yield
        return
    _settings.put_in()
    _settings.here.drawing = True
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        _settings.here.drawing = False
        _settings.put_back()


def _in_the_look(kind: type) -> type:
    """Make the public methods of a class of artists draw with the course's settings.

    What only looks is left alone, for speed, but ticks are made when they are first looked at.
    """
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith(("_", "get_")) or name.endswith(("ticklabels", "lines")):
            setattr(kind, name, drawing()(method))
    return kind


@_in_the_look
class CourseAxes(Axes):
    """Axes on which also a learner's own cell draws in the look of the course."""


@_in_the_look
class CourseFigure(Figure):
    """A figure whose titles, legends and colour bars have the look of the course."""


if all(repr(rcParams[name]) == repr(rcParamsDefault[name]) for name in STYLE):
    rcParams.update(STYLE)
