"""A control for a place on a map, and what a touch of a picture means."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from course_utils.explorers.base import whole_slider


class Place(widgets.HBox):
    """Back and Next with a slider for row and column: walks over a map in reading order.

    `value` is the pair (row, column), counted from 0.
    """

    value = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0))

    def __init__(self, rows: int, columns: int, start: tuple[int, int] = (0, 0)) -> None:
        self.row = whole_slider(0, max(rows - 1, 0), start[0], name="row")
        self.column = whole_slider(0, max(columns - 1, 0), start[1], name="column")
        self.back = widgets.Button(description="◀ Back", tooltip="one place back")
        self.next = widgets.Button(description="Next ▶", tooltip="one place on")
        self.back.on_click(lambda _: self._move(-1))
        self.next.on_click(lambda _: self._move(+1))
        for button in (self.back, self.next):
            button.layout.width = button.layout.min_width = "90px"
        for pick in (self.row, self.column):
            pick.layout.flex = "1 1 180px"
            pick.observe(self._read, names="value")
        in_line = widgets.Layout(align_items="center", flex="1 1 100%", max_width="860px")
        super().__init__([self.back, self.next, self.row, self.column], layout=in_line)
        self._moving = False
        self._read()
        self.observe(self._write, names="value")

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the map."""
        return self.row.max + 1, self.column.max + 1

    def resize(self, rows: int, columns: int) -> None:
        """Set the size of the map; a place that is no longer on it moves to its edge."""
        place = (min(self.value[0], rows - 1), min(self.value[1], columns - 1))
        self._set(place)
        self.row.max, self.column.max = rows - 1, columns - 1

    def _move(self, by: int) -> None:
        rows, columns = self.size
        step = self.value[0] * columns + self.value[1] + by
        self.value = divmod(min(max(step, 0), rows * columns - 1), columns)

    def _read(self, _change: object = None) -> None:
        if not self._moving:
            self.value = (self.row.value, self.column.value)

    def _write(self, _change: object) -> None:
        self._set(self.value)

    def _set(self, place: tuple[int, int]) -> None:
        self._moving = True
        try:
            self.row.value, self.column.value = place
        finally:
            self._moving = False
        self.value = (self.row.value, self.column.value)


def clipped(x: float, y: float, size: tuple[int, int]) -> tuple[int, int]:
    """Return the pixel (row, column) at a point of a picture; outside, the nearest one."""
    row, column = np.clip(np.round([y, x]), 0, np.array(size) - 1)
    return int(row), int(column)


def touched(fig: Figure, x: float, y: float) -> tuple[int, float, float]:
    """Return which axes lie at a point given in data of the first axes, and the point in theirs.

    The first axes where there are none.
    """
    place = fig.axes[0].transData.transform((x, y))
    for index, ax in enumerate(fig.axes):
        if ax.get_window_extent().contains(*place):
            return index, *ax.transData.inverted().transform(place)
    return 0, x, y
