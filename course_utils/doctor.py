"""Look whether this machine has what the course needs, and say how to mend what it has not.

Everything that could crash is tried in a process of its own, so that a broken library is told
about and does not end the doctor.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from course_utils.display import escape, in_kernel, live_html, say
from course_utils.launch import (
    LESSONS,
    START,
    JupyterError,
    environment,
    settings_folders,
    try_jupyter,
    unwritable,
)
from course_utils.packages import requirements, search_path, shadowing
from course_utils.places import named, named_folder

OK, NOTE, PROBLEM = "OK", "note", "PROBLEM"
ALL_WELL = "Everything the course needs is here."

PROJECT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 10)
IMPORTED_AS = {"pillow": "PIL", "python-mnist": "mnist"}  # names that differ by more than a hyphen
INSTALL = "in the project's folder, run: python -m pip install -e ."
SMALLEST_DISK = 0.2  # GB: the full MNIST, and room for a learner's own files
PATIENCE = 300  # seconds for a process that tries something

TRY_IMPORTS = """
import importlib, json, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        fault = ""
    except BaseException as error:
        fault = f"{type(error).__name__}: {error}"
    print("\\n" + json.dumps([name, fault]), flush=True)
"""
TRY_COURSE = """
import json, torch
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import cpu_quota, fault_of, found_accelerators, get_device

def tell(name, value):
    print("\\n" + json.dumps([name, value]), flush=True)

for name, folder in (("sample", MNIST_SAMPLE), ("digits", None)):
    try:
        mnist = load_mnist(folder)
        tell(name, [mnist.source, mnist.description])
    except Exception as error:
        tell(name, ["", str(error)])
tell("faults", {name: fault_of(name) for name in found_accelerators()})
try:
    tell("device", str(get_device()))
except ValueError as error:
    tell("refused", str(error))
tell("threads", [torch.get_num_threads(), cpu_quota()])
"""


class Finding(NamedTuple):
    """One line of the doctor's table: how it stands, with what, and what to do about it."""

    status: str
    what: str
    says: str
    remedy: str = ""


def doctor() -> int:
    """Print what was found, line by line; return 1 where there is a problem, else 0.

    >>> doctor()  # python -m course_utils doctor
    OK       Python        3.12.4 ...
    """
    problems = 0
    for finding in chain(examine(), _jupyter()):
        say(f"{finding.status:8} {finding.what:14} {finding.says}", flush=True)
        if finding.remedy:
            say(f"{'':8} {'':14} -> {finding.remedy}", flush=True)
        problems += finding.status == PROBLEM
    say(f"\n{_verdict(problems)}")
    return 1 if problems else 0


def check_machine() -> None:
    """Tell a learner whether the course can run here: in one line that every machine stores alike.

    The details (versions, device, folders) are shown in the running page and not stored.

    >>> check_machine()
    Everything the course needs is here.
    """
    findings = list(examine())
    rows = "".join(
        f"<tr><td>{escape(f.status)}</td><td>{escape(f.what)}</td>"
        f"<td>{escape(f.says)}{'<br>→ ' + escape(f.remedy) if f.remedy else ''}</td></tr>"
        for f in findings
    )
    live_html(f"<table class='course-table'>{rows}</table>")
    problems = [finding for finding in findings if finding.status == PROBLEM]
    for finding in problems:
        say(f"{finding.what}: {finding.says}\n  -> {finding.remedy}")
    say(_verdict(len(problems)))


def _verdict(problems: int) -> str:
    if not problems:
        return ALL_WELL
    return "1 problem to solve first." if problems == 1 else f"{problems} problems to solve first."


def examine() -> Iterator[Finding]:
    """Yield one finding after the other: Python, files, packages, data, disk, device, threads."""
    yield _python(sys.version_info[:3])
    yield Finding(OK, "system", f"{platform.platform()}, {platform.machine()}")
    yield from _files()
    torch_works = True
    for finding in _packages():
        torch_works &= not (finding.what == "torch" and finding.status == PROBLEM)
        yield finding
    yield _disk()
    if torch_works:
        answers, end = _try(TRY_COURSE)
        yield from _data(answers, end)
        yield from _device(answers, end)


def _python(version: tuple[int, ...]) -> Finding:
    says = f"{'.'.join(map(str, version))} at {sys.executable}"
    if version[:2] >= OLDEST_PYTHON:
        return Finding(OK, "Python", says)
    return Finding(PROBLEM, "Python", says, "install Python 3.10 or newer, then install again")


def _files() -> Iterator[Finding]:
    """What stands before a module of the same name, in the folders that Python looks into first."""
    on_path = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    here = os.getcwd()
    for folder in dict.fromkeys(map(os.path.abspath, (LESSONS, *on_path, here))):
        harmless = folder == here != str(LESSONS) and not in_kernel()
        for name, file in shadowing(folder).items():
            says = f"{file} stands before the module {name} that the course imports"
            remedy = f"rename it, for example to my_{name}, or move it to another folder"
            yield Finding(NOTE if harmless else PROBLEM, "file", says, remedy)


def _packages() -> Iterator[Finding]:
    try:
        needed = requirements()
    except ImportError as error:
        yield Finding(PROBLEM, "course-utils", f"is not installed ({error})", INSTALL)
        return
    versions = {need.name: _version(need.name) for need in needed}
    there = [name for name, version in versions.items() if version]
    faults = _import_faults([_module(name) for name in there])
    for need in needed:
        yield _package(need, versions, faults.get(_module(need.name), ""))


def _package(need: object, versions: dict[str, str], fault: str) -> Finding:
    name, version = need.name, versions[need.name]
    if not version:
        return Finding(PROBLEM, name, "is not installed", INSTALL)
    if fault:
        return Finding(PROBLEM, name, f"{version} fails at import: {fault}", _mend(name, versions))
    if not need.specifier.contains(version, prereleases=True):
        return Finding(PROBLEM, name, f"{version} does not fit, wanted {need.specifier}", INSTALL)
    return Finding(OK, name, version)


def _mend(name: str, versions: dict[str, str]) -> str:
    together = (
        "remove both (python -m pip uninstall -y torch torchvision), then install both with one "
        "command from one source, or run make lab"
    )
    if name == "torchvision":
        return (
            f"torch {versions.get('torch', '?')} and torchvision {versions[name]} seem to come "
            f"from different builds, such as one for the CPU and one for CUDA: {together}"
        )
    if name == "torch":
        return together
    return f"python -m pip install --force-reinstall {name}"


def _version(name: str) -> str:
    found = next(iter(importlib.metadata.distributions(name=name, path=search_path())), None)
    return found.version if found else ""


def _module(name: str) -> str:
    return IMPORTED_AS.get(name, name.replace("-", "_"))


def _import_faults(modules: list[str]) -> dict[str, str]:
    """Import modules in another process; return a fault for each, "" for those that work.

    One that ends the process has crashed; a new process goes on with those after it.
    """
    faults: dict[str, str] = {}
    while todo := [module for module in modules if module not in faults]:
        answers, end = _try(TRY_IMPORTS, *todo)
        faults |= answers
        if crashed := [module for module in todo if module not in faults]:
            faults[crashed[0]] = f"it ends Python ({end})"
    return faults


def _data(answers: dict, end: str) -> Iterator[Finding]:
    sample, says = answers.get("sample", ["", end])
    source, digits = answers.get("digits", ["", end])
    if not sample:
        remedy = "run: git restore data/mnist-sample, or clone the project again"
        yield Finding(PROBLEM, "sample", says, remedy)
    else:
        yield Finding(OK, "sample", says.partition(";")[0])
    place = named_folder("COURSE_DATA")
    where = f" (COURSE_DATA={place})" if place else ""
    if not source:
        yield Finding(PROBLEM, "full MNIST", digits + where, "unset COURSE_DATA, or correct it")
    elif source == "sample":
        remedy = "not needed; to have it, run: python -m course_utils download"
        yield Finding(NOTE, "full MNIST", "not found, the sample is used", remedy)
    else:
        yield Finding(OK, "full MNIST", digits.partition(";")[0] + where)
    if place and not os.path.isabs(named("COURSE_DATA")):
        says = f"{named('COURSE_DATA')} begins at the present folder; `lab` passes on {place}"
        yield Finding(NOTE, "COURSE_DATA", says, "for every other Jupyter, set it to the full path")


def _disk() -> Finding:
    free = shutil.disk_usage(PROJECT).free / 1e9
    says = f"{free:.1f} GB free at {PROJECT}"
    if free >= SMALLEST_DISK:
        return Finding(OK, "disk", says)
    return Finding(NOTE, "disk", says, f"make room: {SMALLEST_DISK} GB are enough")


def _device(answers: dict, end: str) -> Iterator[Finding]:
    for name, fault in answers.get("faults", {}).items():
        if fault:
            remedy = "the CPU does for every lesson; to use it, renew its driver and torch"
            yield Finding(NOTE, name, f"is not used: {fault}", remedy)
    if "device" in answers:
        proved = "" if answers["device"] == "cpu" else ", proved against the CPU"
        yield Finding(OK, "device", f"{answers['device']}{proved}")
    elif "refused" in answers:
        remedy = "unset COURSE_DEVICE, or set it to cpu"
        yield Finding(PROBLEM, "device", answers["refused"], remedy)
    else:
        remedy = "set the environment variable COURSE_DEVICE to cpu"
        yield Finding(PROBLEM, "device", f"trying the devices failed: {end}", remedy)
    if "threads" in answers:
        threads, quota = answers["threads"]
        yield Finding(OK, "threads", f"{threads} (this process may use {quota} CPUs)")


def _jupyter() -> Iterator[Finding]:
    """What comes of starting JupyterLab and a kernel as `lab` does."""
    for name, place in unwritable().items():
        says = f"{place} cannot be written: what JupyterLab keeps there is lost when it ends"
        yield Finding(NOTE, "folder", says, f"make it writable, or set {name} to another folder")
    try:
        try_jupyter()
    except JupyterError as error:
        remedy = (
            "solve what is named above; if there is nothing, your own settings are left: "
            f"move {' and '.join(settings_folders())} aside, and try again"
        )
        yield Finding(PROBLEM, "JupyterLab", str(error), remedy)
    else:
        yield Finding(OK, "JupyterLab", "and a kernel start as `lab` starts them")


def _try(script: str, *arguments: str) -> tuple[dict, str]:
    """Run a script in another process; return what it told, name by name, and how it ended."""
    try:
        with environment() as env:
            done = subprocess.run(
                [sys.executable, START, "-c", script, *arguments],
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=PATIENCE,
                env=env | {"PYTHONIOENCODING": "utf-8"},
            )
        out, code, err = done.stdout, done.returncode, done.stderr
    except subprocess.TimeoutExpired as error:
        out, code, err = error.stdout or "", "none", f"no answer within {PATIENCE} s"
        out = out.decode("utf-8", "replace") if isinstance(out, bytes) else out
    told = dict(json.loads(line) for line in out.splitlines() if re.match(r'\["\w', line))
    last_line = err.strip().rpartition("\n")[2]
    return told, f"exit code {code}" + (f": {last_line}" if last_line else "")
