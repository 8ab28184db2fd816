"""What all explorers share: controls, a picture that follows them, a sentence that says it.

An explorer is a function that draws a figure from the values of its controls. Its still picture,
drawn with the first values, is what the notebook stores and what readers without a kernel see.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets
from matplotlib.figure import Figure

from course_utils.cells import close_parts, hold, in_kernel, open_parts
from course_utils.display import escape, publish
from course_utils.figures import PIXELS_PER_INCH, drawing, png, summary

HERE = Path(__file__).parent


def _label(name: str) -> dict[str, object]:
    """Return how every control carries its name."""
    return {
        "description": name,
        "layout": widgets.Layout(width="auto", flex="1 1 275px", max_width="400px"),
        "style": {"description_width": "initial"},
    }


class Picture(anywidget.AnyWidget):
    """The picture of an explorer in the page; where `touchable`, it reports pointer positions.

    `point` is where the pointer is, `pressed` where it was when it went down.
    """

    # text, not paths: anywidget would watch a path, and keep every picture alive for that
    _esm = (HERE / "picture.js").read_text(encoding="utf-8")
    _css = (HERE / "explorer.css").read_text(encoding="utf-8")

    png = traitlets.CBytes(b"").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    width = traitlets.Int(800).tag(sync=True)
    touchable = traitlets.Bool(False).tag(sync=True)
    point = traitlets.List(trait=traitlets.Float(), default_value=[]).tag(sync=True)
    pressed = traitlets.List(trait=traitlets.Float(), default_value=[]).tag(sync=True)


class Explorer:
    """A figure with controls; every change of a control draws it again.

    It is on the page until the cell that made it, and each that shows it, has run again.

    Args:
        title: what there is to find out, shown above the figure.
        draw: takes the value of each control by name, returns a figure, or a figure and a
            sentence that says what is seen.
        controls: a widget with a `value` for each argument of `draw`.
        touch: takes x and y in the coordinates of the figure's first axes where a pointer
            touches it, returns the control values to set. Whatever can be touched must also be
            reachable by a control, for those who use the keyboard.
        drag: in place of `touch`, takes x and y where the pointer went down, then x and y where
            it is now; also returns the control values to set.
        below: a widget to stand beneath the picture.

    Example:
        >>> Explorer("How steep?", lambda slope: draw_line(slope), {"slope": slider(0, 2)})
    """

    def __init__(
        self,
        title: str,
        draw: Callable[..., Figure | tuple[Figure, str]],
        controls: dict[str, widgets.Widget],
        *,
        touch: Callable[[float, float], dict[str, object]] | None = None,
        drag: Callable[[float, float, float, float], dict[str, object]] | None = None,
        below: widgets.Widget | None = None,
    ) -> None:
        self.title, self.draw, self.controls = title, draw, controls
        self.touch, self.drag, self.below = touch, drag, below
        self.picture = Picture(touchable=touch is not None or drag is not None)
        self.says = widgets.HTML()
        self.says.add_class("course-says")
        self._quiet, self._drawn = False, None
        self.closed, self._note = False, ""
        self._watched: list[tuple[traitlets.HasTraits, str, Callable, Callable]] = []
        self._to_page = threading.RLock()  # the page's answers may be drawn in another thread
        self._whole = self._arranged()
        try:
            self._redraw()
        except BaseException:
            self.close()
            raise
        for control in controls.values():
            control.observe(self._redraw, names="value")
        self.picture.observe(self._touched, names="point")
        hold(self)
        if not in_kernel():
            close_parts(self._whole)  # of a page, which no script has: it lives as any other object

    @property
    def values(self) -> dict[str, object]:
        """The present value of each control."""
        return {name: control.value for name, control in self.controls.items()}

    def set(self, **values: object) -> None:
        """Move controls from Python, all at once, as a learner would by hand."""
        self._quiet = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self._quiet = False
        self._redraw()

    @drawing()
    def _redraw(self, change: object = None) -> None:
        values = self.values
        if self._quiet or (change is not None and values == self._drawn):
            return  # a control that moves others has had all of it drawn
        self._drawn = values
        try:
            drawn = self.draw(**values)
        except Exception as error:
            if not self.picture.png:
                raise
            # called from the page, where an exception would be lost: say it, keep the picture
            self.says.value = escape(f"This cannot be drawn: {type(error).__name__}: {error}")
            return
        self.figure, sentence = drawn if isinstance(drawn, tuple) else (drawn, "")
        self.text = summary(self.figure, f"{self.title} {sentence}".strip())
        with self._to_page, self.picture.hold_sync():
            self.says.value = escape(sentence + self._note).replace("\n", "<br>")
            self.picture.alt = self.text
            self.picture.width = round(self.figure.get_figwidth() * PIXELS_PER_INCH)
            self.picture.png = png(self.figure)

    def _touched(self, change: dict) -> None:
        here, start = self._in_data(change["new"]), self._in_data(self.picture.pressed)
        if self.touch is not None and here:
            self.set(**self.touch(*here))
        elif self.drag is not None and here and start:
            self.set(**self.drag(*start, *here))

    def _in_data(self, place: list[float]) -> tuple[float, ...]:
        """Turn a place in the picture into coordinates of the first axes; nothing if it is none."""
        if len(place) != 2 or not all(map(math.isfinite, place)):
            return ()
        width, height = self.figure.get_size_inches() * self.figure.dpi
        inside = self.figure.axes[0].transData.inverted()
        return tuple(map(float, inside.transform((place[0] * width, (1 - place[1]) * height))))

    def watch(self, other: traitlets.HasTraits, name: str, heard: Callable[[dict], None]) -> None:
        """Call a function when a trait of something else changes, a pad's, until the explorer ends.

        The other holds neither explorer nor function: it may well outlive them.
        """
        function = weakref.ref(heard)

        def told(change: dict) -> None:
            if (listens := function()) is not None:
                listens(change)
            else:
                other.unobserve(told, names=name)

        other.observe(told, names=name)
        self._watched.append((other, name, told, heard))

    def tell(self, note: str) -> None:
        """Add a note to what the explorer says, from now on."""
        with self._to_page:
            self._note = f" {note}"
            self.says.value += escape(self._note)

    def close(self) -> None:
        """Take the explorer from the page; it follows no pad then. Showing it brings it back."""
        for other, name, told, _ in () if self.closed else self._watched:
            other.unobserve(told, names=name)
        self.closed = True
        with self._to_page:
            close_parts(self._whole)

    def _open(self) -> None:
        """Bring back an explorer that was closed, with what its controls and its pad say now."""
        self.closed = False
        for other, name, told, _ in self._watched:
            other.observe(told, names=name)
        self._redraw()

    def widget(self) -> widgets.Widget:
        """Return the whole explorer as one widget: title, controls, sentence, picture."""
        if self.closed:
            self._open()
        open_parts(self._whole)
        hold(self)
        return self._whole

    def _arranged(self) -> widgets.Widget:
        heading = widgets.HTML(f"<b>{escape(self.title)}</b>")
        heading.add_class("course-says")
        flow = widgets.Layout(flex_flow="row wrap", align_items="center", max_width="1000px")
        controls = widgets.Box(list(self.controls.values()), layout=flow)
        parts = [heading, controls, self.says, self.picture]
        whole = widgets.VBox(parts if self.below is None else [*parts, self.below])
        whole.add_class("course-explorer")
        return whole

    def _ipython_display_(self) -> None:
        if in_kernel():
            self.widget()
        publish(self.text, png=self.picture.png, width=self.picture.width, widget=self._whole)


def slider(
    low: float, high: float, value: float | None = None, step: float = 0.1, *, name: str
) -> widgets.FloatSlider:
    """Return a slider for a number; `name` is the label that stands before it."""
    start = (low + high) / 2 if value is None else value
    return widgets.FloatSlider(value=start, min=low, max=high, step=step, **_label(name))


def choice_slider(options: Sequence[float], value: float, *, name: str) -> widgets.SelectionSlider:
    """Return a slider that stops only at the given numbers, such as 0.1, 0.3, 1, 3, 10."""
    pairs = [(f"{option:g}", option) for option in options]
    return widgets.SelectionSlider(options=pairs, value=value, **_label(name))


def whole_slider(low: int, high: int, value: int | None = None, *, name: str) -> widgets.IntSlider:
    """Return a slider for a whole number."""
    start = low if value is None else value
    return widgets.IntSlider(value=start, min=low, max=high, **_label(name))


def choice(options: list, value: object = None, *, name: str) -> widgets.Dropdown:
    """Return a menu with one of several options."""
    start = options[0] if value is None else value
    return widgets.Dropdown(options=options, value=start, **_label(name))


def text_box(value: str, *, name: str, width: int = 275, at_once: bool = True) -> widgets.Text:
    """Return a line to type into.

    Args:
        value: what stands there at first.
        name: the label that stands before it.
        width: in pixels, about how long a text it has room for.
        at_once: whether every letter that is typed draws again; else Enter does.
    """
    label = _label(name)
    label["layout"] = widgets.Layout(
        width="auto", flex=f"1 1 {width}px", max_width=f"{max(width, 560)}px"
    )
    return widgets.Text(value=value, continuous_update=at_once, **label)


def switch(words: str, value: bool = True, *, width: int = 200) -> widgets.Checkbox:
    """Return a box to tick; `width` in pixels tells how many of them fit into one row."""
    flow = widgets.Layout(width="auto", flex=f"1 1 {width}px", max_width="400px")
    return widgets.Checkbox(value=value, description=words, indent=False, layout=flow)


class Stepper(widgets.HBox):
    """Back and Next buttons with a slider: walks through steps 0 … n; `value` is the step."""

    value = traitlets.Int(0)

    def __init__(self, n: int, start: int = 0, *, name: str = "step") -> None:
        self.slider = whole_slider(0, n, start, name=name)
        self.back = widgets.Button(description="◀ Back", tooltip=f"one {name} back")
        self.next = widgets.Button(description="Next ▶", tooltip=f"one {name} on")
        self.back.on_click(lambda _: self._move(-1))
        self.next.on_click(lambda _: self._move(+1))
        self.back.layout.width = self.next.layout.width = "90px"
        self.slider.layout.flex = "1 1 180px"
        self.slider.style.description_width = "initial"
        in_line = widgets.Layout(align_items="center", flex="1 1 430px", max_width="560px")
        super().__init__([self.back, self.next, self.slider], layout=in_line)
        traitlets.link((self.slider, "value"), (self, "value"))

    def _move(self, by: int) -> None:
        self.slider.value = min(self.slider.max, max(self.slider.min, self.slider.value + by))
