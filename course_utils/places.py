"""Folders that an environment variable names."""

from __future__ import annotations

import os
from pathlib import Path

COURSE_FOLDERS = ("COURSE_DATA", "COURSE_CACHE")


def named(variable: str) -> str:
    """Return what an environment variable names, "" if it is unset; `~` is the home folder.

    Quotes around it are left out, for `set NAME="..."` on Windows keeps them.
    """
    text = os.environ.get(variable, "").strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return os.path.expanduser(text)


def named_folder(variable: str) -> Path | None:
    """Return the full path that an environment variable names, None if it is unset.

    A relative path begins at the present folder. `lab` hands on full paths, so that it is the
    folder where the learner said it.

    >>> os.environ["COURSE_DATA"] = "~/digits/"
    >>> named_folder("COURSE_DATA")
    PosixPath('/home/ada/digits')
    """
    text = named(variable)
    return Path(os.path.abspath(text)) if text else None
