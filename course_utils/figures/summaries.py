"""What a figure shows, in words: for strict tests and for screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


TRAINED = "trained"  # marks lines whose values another processor does not repeat exactly


def summary(fig: Figure, says: str = "") -> str:
    """Return what `show` stores beside the picture: `says`, then a line for each axes."""
    return "\n".join([*([says] if says else []), *filter(None, map(describe, fig.axes))])


def describe(ax: Axes) -> str:
    """Say in one line what one axes shows: title, ranges, and what is drawn into it.

    Numbers are rounded to two significant digits, so that they are the same on every processor.
    """
    title = ax.get_title(loc="left") or ax.get_title() or ax.get_title(loc="right")
    parts = [title.replace("\n", " ")] if title else []
    if ax.axison:
        for name, (low, high) in (("x", ax.get_xlim()), ("y", ax.get_ylim())):
            label = getattr(ax, f"get_{name}label")()
            if label:
                parts.append(f"{name}: {label}, {_round(low)} to {_round(high)}")
    parts += [_line(line) for line in ax.lines if _has_name(line) and len(line.get_xdata())]
    parts += [
        f"{dots.get_label()}: {len(dots.get_offsets())} points"
        for dots in ax.collections
        if _has_name(dots) and hasattr(dots, "get_offsets")
    ]
    parts += [f"{len(bars)} bars" for bars in ax.containers if len(bars)]
    parts += [
        f"picture of {image.get_array().shape[0]} × {image.get_array().shape[1]}"
        for image in ax.images
    ]
    return "; ".join(parts)


def _has_name(artist: object) -> bool:
    return not str(artist.get_label()).startswith("_")


def _line(line: object) -> str:
    if line.get_gid() == TRAINED:
        return f"{line.get_label()}: {len(line.get_xdata())} points"
    last = _round(np.asarray(line.get_ydata(orig=False), dtype=float)[-1])
    return f"{line.get_label()}: {len(line.get_xdata())} points, the last at {last}"


def _round(number: float) -> str:
    return f"{float(f'{number:.2g}') + 0.0:g}"
