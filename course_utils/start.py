"""Run a module, or a line of Python, with Python's own modules and the packages first on its path.

    python start.py jupyterlab --no-browser
    python start.py -c "import course_utils"

`python -m` puts the present folder first, where a learner's `queue.py` would stand before Python's
own. The package `course_utils` is the one that this file lies in, wherever another is installed.
"""

import os
import sys

PACKAGE = os.path.dirname(os.path.abspath(__file__))


def put_own_files_last() -> None:
    """Move the present folder and those that PYTHONPATH names to the end of the path."""
    named = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    own = {"", os.getcwd(), *map(os.path.abspath, named)}
    sys.path.sort(key=lambda folder: folder in own)


def main() -> None:
    """Run what the command line names; the rest of the command line is for it."""
    sys.path[:] = [os.path.dirname(PACKAGE), *(f for f in sys.path if f not in ("", PACKAGE))]
    import course_utils  # noqa: F401

    del sys.path[0]
    sys.path.append("")
    put_own_files_last()
    del sys.argv[0]
    if sys.argv[0] == "-c":
        exec(sys.argv.pop(1), {"__name__": "__main__"})
    else:
        import runpy

        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
