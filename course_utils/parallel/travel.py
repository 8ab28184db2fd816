"""How a function gets from a notebook into another process: as its source text.

Python's pickle sends a function by the name of its module, and the cells of a notebook are no
module that another process could import.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import dis
import importlib
import inspect
import linecache
import pickle
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType

FLAGS = __future__.annotations.compiler_flag  # a worker needs no type hints
WRITE_IT = "write it with def, in a cell or a file"
TITLE = "<{}>"  # the file name under which a worker's tracebacks know a function's text


@dataclass(frozen=True)
class Packed:
    """A function on its way.

    `texts` holds its source and those of the functions beside it that it calls, `modules` what
    they call imported modules, `things` what they imported from modules, pickled.
    """

    name: str
    texts: dict[str, str]
    modules: dict[str, str]
    things: bytes


def pack(function: Callable) -> Packed:
    """Return a function as text, with what it needs of the names around it.

    Modules, what was imported from them, and other functions of the same notebook or file come
    along. Data do not: a worker gets them as arguments.

    Raises:
        ValueError: it is no function made with def, or it needs what cannot come along.
    """
    texts: dict[str, str] = {}
    modules: dict[str, str] = {}
    things: dict[str, object] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        texts[one.__name__] = _source(one)
        for name, value in _around(one, texts[one.__name__]):
            if isinstance(value, ModuleType):
                modules[name] = value.__name__
            elif _is_beside(value, name, function):
                waiting += [value] if name not in texts else []
            elif _can_be_imported(value, function.__module__):
                things[name] = value
            elif not (callable(value) and hasattr(builtins, name)):  # IPython has its own open()
                raise ValueError(_stays_here(one.__name__, name, value))
    return Packed(function.__name__, texts, modules, pickle.dumps(things))


def unpack(packed: Packed) -> Callable:
    """Return the function in this process; its lines are known to tracebacks."""
    names: dict[str, object] = {"__name__": "worker", **pickle.loads(packed.things)}
    for name, module in packed.modules.items():
        names[name] = importlib.import_module(module)
    for name, text in packed.texts.items():
        title = TITLE.format(name)
        linecache.cache[title] = (len(text), None, text.splitlines(keepends=True), title)
        exec(compile(text, title, "exec", flags=FLAGS, dont_inherit=True), names)
    return names[packed.name]


def _source(function: Callable) -> str:
    """Return the text of a function; ValueError where there is none that could be sent."""
    if not isinstance(function, FunctionType):
        kind = type(function).__name__
        raise ValueError(f"a function was wanted that workers can run, got a {kind}; {WRITE_IT}")
    name = function.__name__
    try:
        text = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
        (definition,) = ast.parse(text).body
    except (OSError, TypeError, ValueError, SyntaxError):
        definition = None
    if not isinstance(definition, ast.FunctionDef) or definition.name != name:
        raise ValueError(f"the source text of {name} cannot be sent to a worker; {WRITE_IT}")
    if definition.decorator_list:
        raise ValueError(f"{name} has a decorator, which cannot be sent to a worker; take it off")
    if function.__code__.co_freevars:
        names = ", ".join(function.__code__.co_freevars)
        raise ValueError(
            f"{name} uses {names} of the function around it, which a worker does not have; "
            "hand over what it needs as arguments of run_workers"
        )
    return text


def _around(function: FunctionType, text: str) -> Iterator[tuple[str, object]]:
    """Yield name and value of what a function uses of the names around it."""
    arguments = ast.parse(text).body[0].args
    defaults = [part for part in [*arguments.defaults, *arguments.kw_defaults] if part]
    used = {node.id for part in defaults for node in ast.walk(part) if isinstance(node, ast.Name)}
    for name in sorted(used | _global_names(function.__code__)):
        if name in function.__globals__:  # the others are Python's own, or missing
            yield name, function.__globals__[name]


def _global_names(code: CodeType) -> set[str]:
    names = {
        step.argval
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return names.union(*map(_global_names, inner))


def _is_beside(value: object, name: str, function: FunctionType) -> bool:
    """Tell whether a value is another function of the same notebook or file, under its own name."""
    return (
        isinstance(value, FunctionType)
        and value.__module__ == function.__module__
        and value.__name__ == name
    )


def _can_be_imported(value: object, home: str) -> bool:
    """Tell whether a value is a class or function that pickle sends by the name of its module."""
    if not _is_code(value) or getattr(value, "__module__", None) in (home, "__main__"):
        return False
    try:
        pickle.dumps(value)
    except Exception:  # of a module that has no such name, say
        return False
    return True


def _is_code(value: object) -> bool:
    return isinstance(value, type) or inspect.isroutine(value)


def _stays_here(function: str, name: str, value: object) -> str:
    if _is_code(value):
        return f"{function} uses {name}, which a worker cannot import; define it inside {function}"
    return (
        f"{function} uses {name}, and a worker has no data of this notebook: each process has a "
        f"memory of its own. Give {function} one argument more and write "
        f"run_workers({function}, n_workers, {name})"
    )
