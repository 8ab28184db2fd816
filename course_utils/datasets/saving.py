"""Files that a learner saves: named as people name files, and written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course_utils.datasets.errors import DatasetError


def place_for(path: str | os.PathLike[str], example: str) -> Path:
    """Return where a file named by a learner goes; `~` is the learner's own folder.

    Args:
        path: the file.
        example: a name for it, for the message to one who named a folder.

    Raises:
        DatasetError: there is a folder, or none to hold the file.

    >>> place_for("~/digits.idx", "mine.idx")
    PosixPath('/home/ada/digits.idx')
    """
    name = os.path.expanduser(os.fspath(path))
    place = Path(name)
    if place.is_dir() or name.endswith((os.sep, "/")):
        raise DatasetError(place, "is a folder", f"Name a file in it, such as {place / example}")
    if place.parent.exists() and not place.parent.is_dir():
        raise DatasetError(place.parent, "is a file, not a folder", "Name another place.")
    if not place.parent.exists():
        remedy = f"Make it first: Path({str(place.parent)!r}).mkdir(parents=True)"
        raise DatasetError(place.parent, "there is no such folder", remedy)
    return place


@contextmanager
def written_together(*places: Path) -> Iterator[list[Path]]:
    """Give a file to write for each place in one folder; all are moved there when all are done.

    Whatever fails on the way leaves the places as they were. A crash between two moves leaves the
    later ones without a file: never an old file beside a new one.

    Raises:
        DatasetError: a file cannot be written.

    >>> with written_together(Path("a.txt"), Path("b.txt")) as (a, b):
    ...     a.write_text("both")
    ...     b.write_text("or none")
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".saving-", dir=places[0].parent) as folder:
            parts = [Path(folder, place.name) for place in places]
            yield parts
            for place in places[1:]:
                place.unlink(missing_ok=True)
            for part, place in zip(parts, places, strict=True):
                os.replace(part, place)
    except OSError as error:
        remedy = "Name another place; what you wanted to save is still in memory."
        cause = f"cannot be written ({error.strerror or error})"
        raise DatasetError(places[0], cause, remedy) from error
