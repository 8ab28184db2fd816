"""Reads the small tables that come with the course, in `data/sequences`, and checks them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from course_utils.datasets.errors import DatasetError

RESTORE = "Bring it back with `git restore data/sequences`."


def read_table(path: Path, sha256: str) -> list[list[str]]:
    """Return the rows of a table with commas between its columns, without the row of names.

    Args:
        path: the file.
        sha256: of its content with line ends as Unix has them, which Git may have changed.

    Raises:
        DatasetError: the file is missing, or is not the one that came with the course.
    """
    try:
        content = path.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        cause = f"cannot be read ({os.strerror(error.errno or 0)})"
        raise DatasetError(path, cause, RESTORE) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        cause = f"is damaged: its {len(content):,} bytes do not have the right SHA-256"
        raise DatasetError(path, cause, RESTORE)
    return [line.split(",") for line in content.decode("ascii").splitlines()[1:]]
