"""The command line: python -m course_utils lab | doctor | download | page."""

from __future__ import annotations

import os
import sys

from course_utils.start import put_own_files_last

if __name__ == "__main__":  # before anything is imported that a file here could stand before
    put_own_files_last()

import argparse
import subprocess
from collections.abc import Sequence

from course_utils.display import say

PAGE_MODELS = ("softmax", "mlp", "lenet", "cnn")


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
    """Open JupyterLab at the first lesson, with the course's settings beside the user's own."""
    from course_utils import launch

    if not launch.FIRST_LESSON.exists():
        says = f"{launch.FIRST_LESSON} is not there. Run this in a clone of the project."
        say(says, file=sys.stderr)
        return 1
    for place in launch.unwritable().values():
        says = f"{place} cannot be written: what JupyterLab keeps there is lost when it ends."
        say(says, file=sys.stderr)
    try:
        with launch.environment() as env:
            code = subprocess.call(launch.command(options), cwd=launch.LESSONS, env=env)
    except KeyboardInterrupt:
        return 0
    if code > 0:
        say("JupyterLab did not start. `python -m course_utils doctor` says why.", file=sys.stderr)
    return code


def _download(folder: str | None) -> int:
    from course_utils.datasets import DatasetError, download_mnist, load_mnist

    try:
        place = download_mnist(folder)
        say(f"{load_mnist(place)}\nIt lies in {place}")
    except DatasetError as error:
        say(error, file=sys.stderr)
        return 1
    if folder is not None:
        say("Set the environment variable COURSE_DATA to this folder, and the course uses it.")
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
        say(error, file=sys.stderr)
        return 1
    size = place.stat().st_size / 1e6
    say(f"{place}: {len(models)} models, {size:.2f} MB. Open it in any browser, online or not.")
    return 0


if __name__ == "__main__":
    try:
        code = main()
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # nobody reads on, as after `| head`; nothing more can be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
