"""How results reach the page.

A notebook stores what a cell shows, and the tests compare it strictly with a new run. So there
are two ways to show something: `publish` stores a text (and a picture) that every machine
repeats, `live` shows a widget in the running page only and stores nothing.
"""

from __future__ import annotations

import base64
import html as html_escapes
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from course_utils.cells import hold, in_kernel

if TYPE_CHECKING:
    import ipywidgets

WIDGET = "application/vnd.jupyter.widget-view+json"


def say(
    text: object = "", *, end: str = "\n", file: TextIO | None = None, flush: bool = False
) -> None:
    """Print, wherever the text goes: what the encoding of a stream lacks is written as `?`.

    A stream that is not there, as where Python runs without a console, or that is closed, gets
    nothing.

    Args:
        text: what to print.
        end: what follows it.
        file: the stream; standard output if it is left out.
        flush: let it be seen at once.
    """
    stream = sys.stdout if file is None else file
    if stream is None or getattr(stream, "closed", False):
        return
    line = f"{text}{end}"
    try:
        stream.write(line)
    except UnicodeEncodeError:
        encoding = getattr(stream, "encoding", None) or "ascii"
        stream.write(line.encode(encoding, "replace").decode(encoding))
    if flush:
        stream.flush()


def publish(
    text: str,
    *,
    png: bytes | None = None,
    width: int | None = None,
    html: str | None = None,
    widget: ipywidgets.Widget | None = None,
) -> None:
    """Show one result: the richest form the page can show, with `text` for everybody else.

    Args:
        text: what the result says; stored, compared by the tests, read by screen readers.
        png: a picture of it, whose alternative text is `text`; stored, its bytes not compared.
        width: the width at which the picture is shown, in CSS pixels.
        html: the text with mark-up; stored and compared.
        widget: a live form of it, used instead of the others while the kernel runs.

    Outside a notebook the text is printed.

    Raises:
        ValueError: a picture comes without a text.
    """
    if png is not None and not text.strip():
        raise ValueError(
            f"a picture needs a text that says what it shows, got {text!r}; "
            "give the figure a title or its axes labels"
        )
    if not in_kernel():
        say(text)
        return
    from IPython.display import display

    marked_up = [html] if html is not None else []
    if png is not None:
        marked_up.append(_image(png, text, width))
    bundle = {"text/plain": text}
    if marked_up:
        bundle["text/html"] = "\n".join(marked_up)
    if widget is not None:
        bundle[WIDGET] = _view(widget)
    display(bundle, raw=True)


def _image(png: bytes, alt: str, width: int | None) -> str:
    """Return a picture as HTML: JupyterLab shows no alternative text of an image/png output."""
    size = f' width="{width}"' if width else ""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<img alt="{escape(alt)}"{size} style="max-width:100%" src="{source}">'


def live(widget: ipywidgets.Widget) -> None:
    """Show a widget in the running page only: a progress bar, a measured time.

    The stored notebook keeps nothing of it. When the cell has run again, it is closed. Outside a
    notebook nothing happens.
    """
    if in_kernel():
        from IPython.display import display

        hold(widget)
        display({WIDGET: _view(widget)}, raw=True)


def live_html(html: str) -> None:
    """Show a piece of HTML in the running page only; see `live`."""
    if in_kernel():
        import ipywidgets

        live(ipywidgets.HTML(html))


def widget_of(png: bytes, text: str, width: int) -> ipywidgets.Widget | None:
    """Return a picture as a widget, for `publish` to show live; None outside a notebook.

    Args:
        png: the picture, as the bytes of a PNG file.
        text: what it says, its alternative text.
        width: the width at which it is shown, in CSS pixels.
    """
    if not in_kernel():
        return None
    import ipywidgets

    widget = ipywidgets.HTML(_image(png, text, width))
    hold(widget)
    return widget


def live_table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Show a table in the running page only; see `live`.

    Args:
        names: of the columns.
        rows: what stands in each, as text or anything that has one.
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(entry)}</td>' for entry in row)}</tr>" for row in rows
    )
    live_html(f"<table class='course-table'><tr>{head}</tr>{body}</table>")


def _view(widget: ipywidgets.Widget) -> dict[str, object]:
    return {"model_id": widget.model_id, "version_major": 2, "version_minor": 0}


def escape(text: object) -> str:
    """Return `text` safe to stand inside HTML."""
    return html_escapes.escape(str(text))


def report(
    name: str, value: float, low: float, high: float, *, percent: bool = False, digits: int = 2
) -> None:
    """Print a measured number, rounded, with the band that it must lie in.

    Args:
        name: what was measured, on which data.
        value: the number; a fraction of 1 where `percent` is set.
        low: the least value that is right, on every processor and device.
        high: the largest.
        percent: print in percent, with one decimal fewer than `digits` says.
        digits: decimals to print; few enough that another processor prints the same.

    Raises:
        RuntimeError: the number lies outside its band.

    >>> report("test accuracy", 0.9041, 0.88, 0.93, percent=True)
    test accuracy: 90.4%   (expected: 88.0% to 93.0%)
    """

    def show(number: float) -> str:
        return f"{100 * number:.{digits - 1}f}%" if percent else f"{number:.{digits}f}"

    band = f"{show(low)} to {show(high)}"
    if not low <= value <= high:
        raise RuntimeError(
            f"{name} is {show(value)}, but {band} was expected. If you changed something above, "
            "this is your result: read on. If not, restart the kernel and run all cells again."
        )
    say(f"{name}: {show(value)}   (expected: {band})")
