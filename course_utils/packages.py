"""What the course needs installed, and a learner's files that stand before it."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import site
import sys
from importlib.machinery import FrozenImporter, PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

COURSE = "course-utils"
PACKAGE = Path(__file__).resolve().parent
NOT_IMPORTED = {"test", "this", "antigravity"}  # modules of Python that no package imports


def requirements(name: str = COURSE) -> list[Requirement]:
    """Return what an installed package needs on this machine.

    Raises:
        ImportError: the package, or the reader of requirements, is not installed.
    """
    from packaging.requirements import Requirement

    needs = [Requirement(line) for line in importlib.metadata.requires(name) or []]
    return [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]


def search_path() -> list[str]:
    """Return Python's path without the folder of packages of this user, if it can do without.

    Packages of other versions may lie there, and would come first.
    """
    own = site.getusersitepackages() if site.ENABLE_USER_SITE else None
    path = [folder for folder in sys.path if folder != own]
    return path if all(_is_installed(need.name, path) for need in requirements()) else sys.path


def _is_installed(name: str, path: list[str]) -> bool:
    return any(importlib.metadata.distributions(name=name, path=path))


def shadowing(folder: str | os.PathLike[str]) -> dict[str, Path]:
    """Find the files of a folder that bear the name of a module that the course imports.

    Python takes them for that module wherever the folder comes first on its path.

    Returns:
        The name of each such module, and the file that stands before it.

    >>> shadowing("notebooks")
    {'queue': PosixPath('notebooks/queue.py')}
    """
    try:
        names = {entry.partition(".")[0] for entry in os.listdir(folder)}
    except OSError:
        return {}
    importlib.invalidate_caches()
    files = {name: _module_file(name, folder) for name in sorted(names & _imported())}
    return {name: file for name, file in files.items() if file is not None}


def _module_file(name: str, folder: str | os.PathLike[str]) -> Path | None:
    """The file of a module in a folder; none for a folder without __init__.py, which is passed."""
    spec = PathFinder.find_spec(name, [os.fspath(folder)])
    if spec is None or spec.origin is None or Path(spec.origin).is_relative_to(PACKAGE):
        return None
    found = Path(spec.origin)
    return found.parent if found.stem == "__init__" else found


def _imported() -> set[str]:
    """Names of the modules that the course and its packages import, and a file could shadow."""
    python = {name for name in sys.stdlib_module_names if not _comes_first(name)} - NOT_IMPORTED
    needed = _closure()
    modules = importlib.metadata.packages_distributions().items()
    return python | {name for name, owners in modules if needed & set(map(_plain, owners))}


def _comes_first(name: str) -> bool:
    """Tell whether Python carries a module inside itself, where no file can stand before it."""
    return name in sys.builtin_module_names or FrozenImporter.find_spec(name) is not None


def _closure() -> set[str]:
    """The course, what it needs, what that needs, and so on."""
    todo, found = [COURSE], set()
    while todo:
        name = _plain(todo.pop())
        if name not in found:
            found.add(name)
            todo += [need.name for need in _requirements_or_none(name)]
    return found


def _requirements_or_none(name: str) -> list[Requirement]:
    try:
        return requirements(name)
    except (ImportError, ValueError):
        return []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
