"""The pad as one HTML file that needs no kernel, no server and no network."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from html import escape
from pathlib import Path

from torch import nn

from course_utils.canvas.network import pack
from course_utils.ink.normalize import BRUSH

HERE = Path(__file__).parent
MAX_BYTES = 1_000_000


def write_page(
    path: str | os.PathLike[str], models: Mapping[str, nn.Module], *, brush: float = BRUSH
) -> Path:
    """Write a page with the pad and some models, and return its path.

    Args:
        path: the HTML file; it is overwritten.
        models: by name; each an nn.Sequential of the layers that `network.PAGE_LAYERS` names.
        brush: diameter of the brush in pixels of a pad of 280.

    Raises:
        ValueError: a model cannot run in a page, or the file would be larger than 1 MB.
        OSError: the file cannot be written.

    >>> write_page("digits.html", {"lenet": load_pretrained("lenet")})
    PosixPath('digits.html')
    """
    page = build_page(models, brush=brush).encode()
    if len(page) > MAX_BYTES:
        sizes = {name: len(pack({name: model})[1]) * 4 // 3 for name, model in models.items()}
        listed = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in sizes.items())
        raise ValueError(
            f"the page would have {len(page) / 1e6:.2f} MB, at most 1 MB is allowed: {listed}; "
            "leave a model out, or store it in half the bytes with "
            "p.data = p.data.half().float() for each of its parameters"
        )
    place = Path(path)
    place.write_bytes(page)
    return place


def build_page(models: Mapping[str, nn.Module], *, brush: float = BRUSH) -> str:
    """Return the text of the page; see `write_page`."""
    from course_utils.canvas.widget import script

    layers, weights = pack(models)
    state = {
        "brush": brush, "_names": list(models), "_layers": layers, "_in_page": True,
        "_collect": False, "_n_labelled": 0, "_cell": "",
    }  # fmt: skip
    who = f"{len(models)} models read" if len(models) > 1 else "A model reads"
    parts = {
        "css": (HERE / "pad.css").read_text(encoding="utf-8"),
        "intro": f"Draw a digit from 0 to 9 with mouse, pen or finger. {who} it while you draw: "
        f"{escape(', '.join(models))}.",
        "script": script().replace("export default", "const widget =").replace("export ", ""),
        "state": json.dumps(state).replace("<", "\\u003c"),
        "weights": base64.b64encode(weights).decode(),
    }
    page = (HERE / "page.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace("{{" + name + "}}", text)
    return page
