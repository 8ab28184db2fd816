"""Write tests/js/drawings.json: drawings and the pictures that both twins must make of them.

    python tools/make_pad_vectors.py

Run it when the normalisation is changed on purpose, and look at what changed.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np

from course_utils.ink.normalize import BRUSH, normalize_drawing, rasterize

TARGET = Path(__file__).resolve().parents[1] / "tests" / "js" / "drawings.json"

SEVEN = [[(0.3, 0.2), (0.7, 0.22), (0.45, 0.8)], [(0.35, 0.5), (0.65, 0.5)]]
ZERO = [[(0.5 + 0.2 * np.sin(t), 0.5 - 0.3 * np.cos(t)) for t in np.linspace(0, 6.28, 30)]]
SMALL = [[(0.05 + 0.2 * x, 0.8 + 0.2 * y) for x, y in stroke] for stroke in SEVEN]

# name, strokes, brush, what of the normalisation is switched off
CASES = [
    ("a crossed seven", SEVEN, BRUSH, ()),
    ("a zero", ZERO, BRUSH, ()),
    ("a thin zero", ZERO, 6, ()),
    ("a thick zero", ZERO, 50, ()),
    ("small, in a corner", SMALL, BRUSH, ()),
    ("small, not cropped", SMALL, BRUSH, ("crop",)),
    ("small, not centred", SMALL, BRUSH, ("center",)),
    ("small, neither", SMALL, BRUSH, ("crop", "center")),
    ("a one, stretched", [[(0.5, 0.1), (0.52, 0.9)]], BRUSH, ("keepAspect",)),
    ("a flat line", [[(0.1, 0.5), (0.9, 0.5)]], BRUSH, ()),
    ("a dot", [[(0.3, 0.7)]], BRUSH, ()),
    ("all mass at one end", [[(0.1, 0.1), (0.9, 0.9)], ZERO[0][:4]] * 3, BRUSH, ()),
    ("over the edge", [[(-0.5, 0.2), (0.5, 1.5), (1.4, 0.3)]], BRUSH, ()),
    ("nothing", [], BRUSH, ()),
]
SWITCHES = {"crop": "crop", "keepAspect": "keep_aspect", "center": "center"}


def case(name: str, strokes: list, brush: float, off: tuple[str, ...]) -> dict:
    """Return one drawing with the picture that Python makes of it."""
    strokes = [[[round(float(x), 4), round(float(y), 4)] for x, y in s] for s in strokes]
    switches = {SWITCHES[option]: False for option in off}
    picture = normalize_drawing(rasterize(strokes, brush=brush), **switches)
    return {
        "name": name,
        "strokes": strokes,
        "brush": brush,
        "options": dict.fromkeys(off, False),
        "picture": base64.b64encode(np.rint(255 * picture).astype(np.uint8).tobytes()).decode(),
    }


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case(*row)) for row in CASES)
    TARGET.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(CASES)} drawings, {TARGET.stat().st_size / 1e3:.0f} kB")
