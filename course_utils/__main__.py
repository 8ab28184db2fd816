"""The command line: python -m course_utils lab | doctor | download | page."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
PAGE_MODELS = ("softmax", "mlp", "lenet", "cnn")
FIRST_LESSON = PACKAGE.parent / "notebooks" / "00_welcome.ipynb"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 where all is well."""
    parser = _parser()
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command != "lab":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if chosen.command == "lab":
        return _lab(rest)
    if chosen.command == "doctor":
        from course_utils.doctor import doctor

        return doctor()
    if chosen.command == "download":
        return _download(chosen.folder)
    if chosen.command == "page":
        return _page(chosen.out)
    parser.print_help()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m course_utils", description="Commands of the course."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("lab", help="open the course; what follows goes to JupyterLab")
    commands.add_parser("doctor", help="look whether this machine has what the course needs")
    download = commands.add_parser("download", help="fetch the full MNIST, 70,000 digits")
    download.add_argument("--folder", help="where to put it; the user's cache folder if left out")
    page = commands.add_parser("page", help="write the drawing pad as one HTML file")
    page.add_argument("out", metavar="OUT.html", help="the file; it is overwritten")
    return parser


def _lab(options: Sequence[str]) -> int:
    """Open JupyterLab at the first lesson, with the course's settings beside the user's own.

    The folder `labconfig` of this package keeps JupyterLab from asking the network for news.
    """
    if not FIRST_LESSON.exists():
        print(f"{FIRST_LESSON} is not there. Run this in a clone of the project.", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "jupyterlab", str(FIRST_LESSON), *options]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container, say; JupyterLab refuses root otherwise
    paths = {"JUPYTER_CONFIG_PATH": PACKAGE, "PYTHONPATH": PACKAGE.parent}  # also if it was moved
    environment = os.environ | {
        name: os.pathsep.join(filter(None, [str(first), os.environ.get(name)]))
        for name, first in paths.items()
    }
    try:
        return subprocess.call(command, cwd=FIRST_LESSON.parent, env=environment)
    except KeyboardInterrupt:
        return 0


def _download(folder: str | None) -> int:
    from course_utils.datasets import DatasetError, download_mnist, load_mnist

    try:
        place = download_mnist(folder)
        print(f"{load_mnist(place)}\nIt lies in {place}")
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 1
    if folder is not None:
        print("Set the environment variable COURSE_DATA to this folder, and the course uses it.")
    return 0


def _page(out: str) -> int:
    """Write a page with the pad and the shipped models that a page can run."""
    from course_utils.canvas.page import write_page
    from course_utils.datasets import DatasetError
    from course_utils.models import load_pretrained

    try:
        models = {name: load_pretrained(name, "cpu") for name in PAGE_MODELS}
        place = write_page(out, models)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 1
    size = place.stat().st_size / 1e6
    print(f"{place}: {len(models)} models, {size:.2f} MB. Open it in any browser, online or not.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
