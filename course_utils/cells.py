"""Which notebook cell runs, and how long what it shows stays alive.

ipywidgets keeps every widget until it is closed. Here a pad, an explorer, a quiz or a bar is held
by each run of a cell that made or showed it. When the cell has run again, its run before holds
nothing any more, and what no other cell holds is closed. Where the front end does not tell which
cell it runs, what is shown stays, for nobody can know whether it is still on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    import ipywidgets


@dataclass
class _Run:
    """The last run of a cell."""

    id: str
    things: WeakSet = field(default_factory=WeakSet)  # made or shown in it
    former: WeakSet = field(default_factory=WeakSet)  # in the runs before it


_runs: dict[str, _Run] = {}  # by the cell's id

OUTPUT = re.compile(r"_\d+|_{1,3}")  # IPython's names for the last outputs


def in_kernel() -> bool:
    """Tell whether this code runs in a Jupyter kernel (and not in a script or a test)."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def this_cell() -> str:
    """Return the id of the cell that runs.

    "" outside a notebook, where the front end does not tell it, and in an answer to the page.
    """
    return request().get("metadata", {}).get("cellId") or ""


def this_run() -> str:
    """Return what tells one run of a cell from the next; "" outside a notebook."""
    return request().get("header", {}).get("msg_id", "")


def request() -> dict:
    """Return the message that made the kernel run this code; {} outside a notebook."""
    if not in_kernel():
        return {}
    from IPython import get_ipython

    return get_ipython().kernel.get_parent("shell")


def hold(thing: object) -> None:
    """Let the cell that runs hold a thing until it has run again; then `thing.close()` is called.

    Of a widget also all widgets are closed that it consists of. Outside a notebook, and where the
    cell is not known, nothing happens.
    """
    if in_kernel() and (cell := this_cell()):
        _watch()
        _now(cell, this_run()).things.add(thing)


def parts(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    """Return a widget and all widgets it consists of, each after those that it needs."""
    found: list[ipywidgets.Widget] = []
    seen: set[int] = set()

    def visit(part: ipywidgets.Widget) -> None:
        seen.add(id(part))
        for name in part.keys:
            for inner in _widgets_in(getattr(part, name)):
                if id(inner) not in seen:
                    visit(inner)
        found.append(part)

    visit(widget)
    return found


def close_parts(widget: ipywidgets.Widget) -> None:
    """Take a widget and all that it consists of from the page; Python still has their values."""
    for part in reversed(parts(widget)):
        part.close()


def open_parts(widget: ipywidgets.Widget) -> None:
    """Bring a widget that was closed back, so that it can be shown again."""
    for part in parts(widget):
        vars(part).pop("_repr_mimebundle_", None)  # ipywidgets leaves None there
        part.open()


def _widgets_in(value: object) -> Iterator[ipywidgets.Widget]:
    from ipywidgets import Widget

    if isinstance(value, Widget):
        yield value
    elif isinstance(value, list | tuple | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _widgets_in(inner)


def _now(cell: str, run: str) -> _Run:
    """Return the present run of a cell; a new one starts with nothing."""
    present = _runs.setdefault(cell, _Run(run))
    if present.id != run:
        present.id = run
        present.former, present.things = present.former | present.things, WeakSet()
    return present


def _watch() -> None:
    """Have the kernel tell when a cell has run, however it ended."""
    from IPython import get_ipython

    events = get_ipython().events
    if _has_run not in events.callbacks["post_run_cell"]:
        events.register("post_run_cell", _has_run)


def _has_run(_result: object = None) -> None:
    """Close what the runs of this cell before held, unless a cell's last run holds it."""
    cell, run = this_cell(), this_run()
    if cell not in _runs:
        return
    present = _now(cell, run)
    left, present.former = present.former, WeakSet()
    for other in [*_runs.values()]:
        left -= other.things
    for thing in left:
        _forget_outputs(thing)
    with ExitStack() as stack:  # each is closed, also where one before it raises
        for thing in left:
            stack.callback(_close, thing)


def _close(thing: object) -> None:
    from ipywidgets import Widget

    close_parts(thing) if isinstance(thing, Widget) else thing.close()


def _forget_outputs(thing: object) -> None:
    """Take a thing out of IPython's cache of outputs: Out[3] and _3, and _, __, ___."""
    from IPython import get_ipython

    shell = get_ipython()
    for names in (shell.user_ns, shell.user_ns_hidden, vars(shell.displayhook)):
        for name in [name for name, value in names.items() if value is thing]:
            if OUTPUT.fullmatch(name):
                names[name] = ""
    outputs = shell.user_ns["_oh"]
    for number in [number for number, value in outputs.items() if value is thing]:
        del outputs[number]
