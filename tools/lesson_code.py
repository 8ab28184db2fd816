"""What a lesson writes out: its functions and classes, without running its trainings."""

from __future__ import annotations

import ast
import contextlib

from build_notebooks import solved, sources

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def lesson_definitions(lesson: str, **names: object) -> dict[str, object]:
    """Return what a lesson imports and defines at the top of its cells, solutions included.

    So are its constants, literals under a name in capitals. A function that needs a value of the
    lesson when it is defined, for a default say, is left out where `names` does not give it.

    Args:
        lesson: its number, such as "09".
        names: what its functions find besides, such as device=torch.device("cpu").
    """
    (path,) = sources([lesson])
    found = {"__name__": path.stem, **names}
    for node in ast.parse(solved(path.read_text(encoding="utf-8"))).body:
        if isinstance(node, DEFINITIONS) or _is_constant(node):
            with contextlib.suppress(NameError):
                exec(compile(ast.Module([node], []), path.name, "exec"), found)
    return found


def _is_constant(node: ast.stmt) -> bool:
    """Tell whether a statement gives literals to names in capitals."""
    if not isinstance(node, ast.Assign):
        return False
    targets = [part for target in node.targets for part in ast.walk(target)]
    names = [part.id for part in targets if isinstance(part, ast.Name)]
    literal = all(
        isinstance(part, ast.Constant | ast.Tuple | ast.Load) for part in ast.walk(node.value)
    )
    return literal and all(name.isupper() for name in names)
