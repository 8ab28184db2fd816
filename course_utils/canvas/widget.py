"""The drawing pad as a widget.

Ink is drawn, normalised and, with `in_page=True`, read in the page (pad.js). What Python knows of
a drawing are its strokes, which the page sends at the end of each; picture and probabilities are
computed from them here when they are asked for.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import anywidget
import numpy as np
import torch
import traitlets
from torch import Tensor

from course_utils.canvas.assets import asset, script
from course_utils.canvas.network import PageError, pack
from course_utils.canvas.reading import Predict, named, read
from course_utils.canvas.still import example, still
from course_utils.cells import hold, this_cell, this_run
from course_utils.datasets.labelled import write_labelled
from course_utils.display import publish
from course_utils.ink.normalize import BRUSH, PICTURE, Stroke, check_strokes, ink_of, normalized

BRUSHES = (6.0, 50.0)
# Jupyter's server first sends that the kernel is busy, a small packet, and holds the next small one
# until the browser has acknowledged that: 40 ms later (Nagle's algorithm and delayed ACK). What
# fills a packet goes at once; on the machine's own network, the only one where an answer carries
# this ballast, a packet holds nearly 64 KiB.
HURRY = bytes(2**16)
MAX_BYTES = 2**20  # of strokes; the page stops at less than half


class DigitPad(anywidget.AnyWidget):
    """A pad to draw a digit on, which one or more models read while it is drawn.

    Args:
        predict: an nn.Module, or any function from (1, 1, 28, 28) float32 in [0, 1] to ten
            logits or probabilities; or several by name. A module is asked as it is at the time,
            through a copy in eval mode.
        in_page: send the weights to the page, where the models answer without the kernel; each
            must be an nn.Sequential of the layers that `network.PAGE_LAYERS` names. The page
            keeps the weights of this moment.
        collect: show buttons that label a drawing and add it to `collected`. What was labelled
            by hand and not saved yet outlives another run of the cell, not another kernel.
        brush: diameter of the brush in pixels of a pad of 280, held within 6 and 50.

    Raises:
        ValueError: a model cannot be called, or cannot run in the page, or the brush is no
            number; it says why.

    >>> pad = DigitPad({"softmax": softmax, "lenet": lenet})
    >>> pad.draw([[(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)]])
    >>> pad.probs["lenet"].argmax()
    tensor(7)
    """

    _esm = script()
    _css = asset("pad.css")

    brush = traitlets.CFloat(BRUSH).tag(sync=True)
    _strokes = traitlets.TraitType(b"").tag(sync=True, echo_update=False)
    _names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _layers = traitlets.Dict().tag(sync=True)
    _weights = traitlets.Any(b"").tag(sync=True)
    _in_page = traitlets.Bool(False).tag(sync=True)
    _collect = traitlets.Bool(False).tag(sync=True)
    _n_labelled = traitlets.Int(0).tag(sync=True)
    _n_unsaved = traitlets.Int(0).tag(sync=True)
    _cell = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        predict: Predict | Mapping[str, Predict],
        *,
        in_page: bool = False,
        collect: bool = False,
        brush: float = BRUSH,
    ) -> None:
        self._models, self._several = named(predict), isinstance(predict, Mapping)
        layers, weights = self._packed() if in_page else ({}, b"")
        cell, self._run = _this_cell(), this_run()
        self._labelled = [*_unsaved.get(cell, ())] if collect else []
        super().__init__(
            brush=_brush(brush),
            _names=list(self._models),
            _layers=layers,
            _weights=weights,
            _in_page=in_page,
            _collect=collect,
            _cell=cell,
            _n_labelled=len(self._labelled),
            _n_unsaved=len(self._labelled),
        )
        self.on_msg(self._hear)
        hold(self)

    def _packed(self) -> tuple[dict[str, list[dict]], bytes]:
        try:
            return pack(self._models)
        except PageError as error:
            hint = "Leave in_page out, and the kernel runs the model."
            raise ValueError(f"{error}. {hint}") from None

    def close(self) -> None:
        """Take the pad from the page, and let go of its models; what was labelled stays."""
        super().close()
        self.layout.close()
        self.on_msg(self._hear, remove=True)
        self._models, self._layers, self._weights = {}, {}, b""

    # ---- the drawing

    @property
    def strokes(self) -> list[list[tuple[float, float]]]:
        """The strokes, each a list of points (x, y) in fractions of the pad, y pointing down."""
        return [[(float(x), float(y)) for x, y in stroke] for stroke in decode(self._strokes)]

    @property
    def ink(self) -> np.ndarray:
        """The drawing as pixels: uint8 `(280, 280)`, 0 for paper to 255 for ink."""
        return ink_of(decode(self._strokes), brush=self.brush)

    @property
    def image(self) -> Tensor:
        """What the models see: float32 `(28, 28)` in [0, 1]; all 0 on an empty pad."""
        return torch.from_numpy(normalized(self.ink))

    @property
    def probs(self) -> Tensor | dict[str, Tensor] | None:
        """What the models say now: float32 `(10,)`, by name where several have one, or None.

        An empty pad predicts nothing: None. Neither does one that was closed.
        """
        picture = self.image
        if not picture.any() or not self._models:
            return None
        readings = {name: read(model, picture) for name, model in self._models.items()}
        return readings if self._several else readings["model"]

    def draw(self, strokes: Iterable[Stroke]) -> None:
        """Put ink on the pad in place of what is there, as if it had been drawn by hand.

        Args:
            strokes: each a list of points (x, y) in fractions of the pad's side, y down.

        Raises:
            ValueError: `strokes` are none, too many, or would leave nothing on the pad; what was
                drawn before is still there.
        """
        checked = check_strokes(strokes)
        data = encode(checked)
        if len(data) > MAX_BYTES:
            raise ValueError(
                f"a drawing has at most {MAX_BYTES // 8:,} points, counting one more for the end "
                f"of each stroke, got {len(data) // 8:,}; leave points out"
            )
        if checked and not ink_of(checked, brush=self.brush).any():
            raise ValueError(
                "nothing of these strokes would lie on the pad, whose points go from 0 to 1; "
                f"theirs start at {tuple(checked[0][0].tolist())}. If these are pixels, divide "
                "them by the width of their picture"
            )
        self._strokes = data

    def clear(self) -> None:
        """Wipe the pad."""
        self._strokes = b""

    # ---- one's own test set

    @property
    def collected(self) -> tuple[Tensor, Tensor]:
        """The labelled drawings: uint8 `(N, 28, 28)` and int64 `(N,)`, as MNIST's are kept."""
        images = [picture for picture, _ in self._labelled]
        labels = torch.tensor([digit for _, digit in self._labelled], dtype=torch.int64)
        empty = torch.zeros(0, PICTURE, PICTURE, dtype=torch.uint8)
        return torch.stack(images) if images else empty, labels

    def label(self, digit: int) -> None:
        """Add the drawing, with the digit that it is, to `collected`, and wipe the pad.

        Raises:
            ValueError: nothing is drawn, or `digit` is not 0 to 9.
        """
        self._label(self.image, digit, by_hand=self._run != this_run())
        self.clear()

    def _label(self, picture: Tensor, digit: object, by_hand: bool) -> None:
        """Collect a drawing; the cell's next run takes it over unless that labels it again."""
        if isinstance(digit, bool) or digit not in range(10):
            raise ValueError(f"digit must be a whole number from 0 to 9, got {digit!r}")
        if not picture.any():
            raise ValueError("the pad is empty: draw a digit first, then label it")
        labelled = (255 * picture).round().to(torch.uint8), int(digit)
        self._labelled.append(labelled)
        if by_hand and self._collect and self._cell:
            _unsaved.setdefault(self._cell, []).append(labelled)
        self._n_labelled = len(self._labelled)
        self._n_unsaved += 1

    def forget(self) -> None:
        """Throw away all that was labelled, also for the next run of the cell."""
        self._labelled = []
        _unsaved.pop(self._cell, None)
        self._n_labelled = self._n_unsaved = 0

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> tuple[Path, Path]:
        """Write the labelled drawings as two IDX files, as MNIST's are, and return their paths.

        Saving again, when more is labelled, replaces the files. Files that hold other digits are
        not replaced unless that is wanted.

        Args:
            path: for the images, such as "mine.idx"; the labels go beside, to "mine-labels.idx".
                `read_labelled` reads both, `read_idx` each.
            overwrite: replace whatever is there.

        Raises:
            ValueError: nothing was labelled.
            DatasetError: other digits are there, or a file cannot be written; what was labelled
                is still in `collected`.
        """
        images, labels = self.collected
        if not len(images):
            raise ValueError(
                "there is nothing to save: draw a digit, label it with pad.label(7), then save"
            )
        files = write_labelled(path, images, labels, overwrite=overwrite)
        rest = self._labelled[len(images) :]  # labelled in the page meanwhile
        if self._cell in _unsaved:
            _unsaved[self._cell] = rest
        self._n_unsaved = len(rest)
        return files

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the pad with its models as one HTML file that needs no kernel and no network.

        Raises:
            ValueError: a model cannot run in a page, or the file would be larger than 1 MB.
            DatasetError: the file cannot be written.
        """
        from course_utils.canvas.page import write_page

        return write_page(path, self._models, brush=self.brush)

    # ---- the page

    @traitlets.validate("_strokes")
    def _check_strokes(self, proposal: dict) -> bytes:
        try:
            data = bytes(memoryview(proposal["value"]))
            decode(data)
        except (TypeError, ValueError) as error:
            self.send({"kind": "refused", "error": f"These strokes cannot be read: {error}"})
            return self._trait_values.get("_strokes", b"")
        return data

    @traitlets.validate("brush")
    def _check_brush(self, proposal: dict) -> float:
        brush = float(proposal["value"])
        return min(max(brush, BRUSHES[0]), BRUSHES[1]) if math.isfinite(brush) else float(BRUSH)

    def _hear(self, _widget: object, content: object, buffers: object) -> None:
        """Answer a message of the page, whatever it is; never raise, for nobody would see it."""
        message = content if isinstance(content, dict) else {}
        kind, number = message.get("kind"), message.get("id")
        try:
            if kind == "read":
                picture = _picture(buffers)
                answer = {"kind": "readings", "id": number, **self._readings(picture)}
                self.send(answer, buffers=[HURRY] if message.get("here") is True else None)
            elif kind == "label":
                self._label(_picture(buffers), message.get("digit"), by_hand=True)
            else:
                raise ValueError("it is of no kind that the pad knows")
        except Exception as error:
            refusal = {"kind": "refused", "id": number, "error": f"A message was refused: {error}"}
            self.send(refusal)

    def _readings(self, picture: Tensor) -> dict[str, list[dict]]:
        readings = []
        for name, model in self._models.items():
            try:
                answer = {"probs": [round(p, 6) for p in read(model, picture).tolist()]}
            except (Exception, KeyboardInterrupt, SystemExit) as error:  # whatever a model raises
                answer = {"error": f"{type(error).__name__}: {error}"[:500]}
            readings.append({"name": name, **answer})
        return {"readings": readings}

    def _ipython_display_(self) -> None:
        ink, shows = self.ink, None
        probs = self._safe_probs(ink)
        if not ink.any():
            shows, ink, probs = example(self._safe_probs)
        text, picture, width = still(ink, probs, shows)
        hold(self)
        publish(text, png=picture, width=width, widget=None if self.comm is None else self)

    def __repr__(self) -> str:
        return f"DigitPad({', '.join(self._models)})"

    def _safe_probs(self, ink: np.ndarray) -> dict[str, Tensor | None]:
        """Return what each model says to some ink, None where it says nothing."""
        picture, probs = torch.from_numpy(normalized(ink)), dict.fromkeys(self._models)
        for name, model in self._models.items() if picture.any() else ():
            try:
                probs[name] = read(model, picture)
            except Exception:  # shown in the live pad; a still shows the drawing without bars
                continue
        return probs


@np.errstate(all="ignore")
def encode(strokes: Sequence[np.ndarray]) -> bytes:
    """Return strokes as bytes: float32 x, y for each point, and a pair of nan after each stroke."""
    end = np.full((1, 2), np.nan)
    return b"".join(np.concatenate([s, end]).astype("<f4").tobytes() for s in strokes)


def decode(data: bytes) -> list[np.ndarray]:
    """Return the strokes in `data`, each float32 `(n_points, 2)`; the inverse of `encode`.

    Raises:
        ValueError: the bytes are no strokes.
    """
    if len(data) % 8 or len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes, wanted are 8 a point and at most {MAX_BYTES}")
    points = np.frombuffer(data, "<f4").reshape(-1, 2)
    ends = np.flatnonzero(np.isnan(points).all(1))
    if len(points) and (not len(ends) or ends[-1] != len(points) - 1):
        raise ValueError("the last stroke has no end")
    strokes = [stroke[:-1] for stroke in np.split(points, ends + 1)[:-1]]
    if not all(np.isfinite(stroke).all() for stroke in strokes):
        raise ValueError("a point is nan or infinite")
    return [stroke for stroke in strokes if len(stroke)]


def _picture(buffers: object) -> Tensor:
    sizes = [len(memoryview(buffer).cast("B")) for buffer in buffers or []]
    if sizes != [PICTURE * PICTURE]:
        raise ValueError(f"it holds {sizes} bytes, wanted are {PICTURE * PICTURE}")
    pixels = np.frombuffer(bytes(buffers[0]), np.uint8).reshape(PICTURE, PICTURE)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def _brush(brush: object) -> float:
    try:
        return float(brush)
    except (TypeError, ValueError):
        low, high = BRUSHES
        raise ValueError(
            f"brush must be a number of pixels from {low:g} to {high:g}, got {brush!r}"
        ) from None


# What was labelled by hand and not saved yet, by the name of the pad's cell.
_unsaved: dict[str, list[tuple[Tensor, int]]] = {}

_made = ("", 0)  # the cell execution that made the last pad, and how many pads it made


def _this_cell() -> str:
    """Name the notebook cell that runs, so that the page finds the drawing of its last run.

    "" outside a notebook, and where the front end does not tell which cell it is.
    """
    global _made
    cell, run = this_cell(), this_run()
    if not cell:
        return ""
    _made = (run, _made[1] + 1 if _made[0] == run else 0)
    return f"digit-pad:{os.environ.get('JPY_SESSION_NAME', '')}:{cell}:{_made[1]}"
