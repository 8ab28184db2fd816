"""What the pad brings into the page: its JavaScript and its style.

Both are text, not paths: anywidget would watch a path, and keep every pad alive for that.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = ("../ink/normalize.js", "network.js", "pad.js")  # one module in the page, in this order


def asset(name: str) -> str:
    """Return the text of one of the files beside this one."""
    return (HERE / name).read_text(encoding="utf-8")


def script() -> str:
    """Return the pad's JavaScript, one module without imports."""
    return "\n".join(asset(name) for name in SCRIPTS)
