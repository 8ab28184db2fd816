"""The pad as one HTML file that needs no kernel, no server and no network."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from torch import nn

from course_utils.canvas.assets import asset, script
from course_utils.canvas.network import pack
from course_utils.datasets.saving import place_for, written_together
from course_utils.ink.normalize import BRUSH

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
        DatasetError: the file cannot be written.

    >>> write_page("digits.html", {"lenet": load_pretrained("lenet")})
    PosixPath('digits.html')
    """
    place = place_for(path, "digits.html")
    page = build_page(models, brush=brush).encode("utf-8", "replace")
    if len(page) > MAX_BYTES:
        raise ValueError(
            f"the page would have {len(page) / 1e6:.2f} MB, at most {MAX_BYTES / 1e6:g} MB is "
            f"allowed: {_what_to_do(models, len(page))}"
        )
    with written_together(place) as (part,):
        part.write_bytes(page)
    return place


def _what_to_do(models: Mapping[str, nn.Module], n_bytes: int) -> str:
    """Return how large each model is in a page that is too large, and how that becomes smaller."""
    packed = {name: pack({name: model}) for name, model in models.items()}
    sizes = {name: len(weights) * 4 // 3 for name, (_, weights) in packed.items()}
    remedies = ["take a smaller network", "leave a model out"][: len(models)]
    halved = sum(_bytes_as_halves(*one) * 4 // 3 for one in packed.values())
    if n_bytes - sum(sizes.values()) + halved <= MAX_BYTES:
        remedies.append("round a model to half the bytes: copy.deepcopy(model).half().float()")
    listed = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in sizes.items())
    return f"{listed}; {', or '.join(remedies)}"


def _bytes_as_halves(layers: Mapping[str, list[dict]], weights: bytes) -> int:
    """Return how many bytes the weights would take if float16 held each of them."""
    stored = (value for model in layers.values() for layer in model for value in layer.values())
    whole = (part for part in stored if isinstance(part, dict) and not part["half"])
    return len(weights) - sum(2 * part["length"] for part in whole)


def build_page(models: Mapping[str, nn.Module], *, brush: float = BRUSH) -> str:
    """Return the text of the page; see `write_page`."""
    layers, weights = pack(models)
    state = {
        "brush": brush, "_names": list(models), "_layers": layers, "_in_page": True,
        "_collect": False, "_n_labelled": 0, "_n_unsaved": 0, "_cell": "",
    }  # fmt: skip
    who = f"{len(models)} models read" if len(models) > 1 else "A model reads"
    style = asset("pad.css") + asset("page.css")
    code = script().replace("export default", "const widget =").replace("export ", "")
    code += _fill(
        asset("page.js"),
        state=json.dumps(state).replace("<", "\\u003c"),
        weights=base64.b64encode(weights).decode(),
    )
    return _fill(
        asset("page.html"),
        style=style,
        style_hash=_hash(style),
        script=code,
        script_hash=_hash(code),
        intro=f"Draw a digit from 0 to 9 with mouse, pen or finger. {who} it while you draw: "
        f"{escape(', '.join(models))}.",
    )


def _fill(template: str, **parts: str) -> str:
    """Put each part where the template names it; what a part itself contains is left alone."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)


def _hash(text: str) -> str:
    """Return what the page's Content Security Policy calls a text that it may run or apply."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
