"""Make the virtual environment and install the course into it: what `make` calls.

    python3 tools/install.py .venv           what learners need
    python3 tools/install.py .venv --dev     and what tests and builds need
    python3 tools/install.py .venv --ready   only look: exit code 0 where all of it is in place

uv installs; where uv cannot, pip does. This file imports the standard library alone and keeps to
the syntax of Python 3.7, so that an old Python gets as far as being told what is wrong.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import errno
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
UV = "uv==0.13.9"
HALF_DONE = ".installing"  # lies in an environment while it is being filled
PATIENCE = 15  # seconds that PyTorch's index may take to answer
GIGABYTES = {"cpu": 1.5, "cuda": 6.0}  # what the environment takes, by PyTorch's build

# What PyTorch's wheels run on; pypi.org/project/torch lists the files of each version.
OLDEST_PYTHON, NEWEST_PYTHON = (3, 10), (3, 14)
WHEELS = {
    ("Linux", "x86_64"),
    ("Linux", "aarch64"),
    ("Darwin", "arm64"),
    ("Windows", "AMD64"),
}
OLDEST_GLIBC, OLDEST_MACOS = (2, 28), (14,)

OTHER_PYTHON = "With another Python: make lab PYTHON=python3.12"
CONDA = "conda has builds for it; the README shows how, under 'Other ways to install'."

# Settings that would send packages elsewhere than into the environment.
ELSEWHERE = (
    *("CONDA_PREFIX", "PIP_DRY_RUN", "PIP_NO_COMPILE", "PIP_NO_DEPS", "PIP_PREFIX", "PIP_PYTHON"),
    *("PIP_ROOT", "PIP_TARGET", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT", "UV_PYTHON"),
    *("UV_SYSTEM_PYTHON", "UV_WORKING_DIR", "VIRTUAL_ENV"),
)
UV_NAMES = {  # pip's settings, which uv does not read
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "constraint": "UV_CONSTRAINT",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "proxy": "ALL_PROXY",
    "trusted-host": "UV_INSECURE_HOST",
}
UV_INDEXES = {
    "UV_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX",
    "UV_INDEX_URL",
}


class RefusedError(Exception):
    """The course cannot be installed here; the message says why, and what to do."""


class Machine(NamedTuple):
    """What decides whether PyTorch has a build for this Python on this machine."""

    system: str
    processor: str
    macos: str  # version, "" elsewhere
    libc: str  # such as "glibc 2.36" on Linux, "" where it is another
    python: tuple[int, ...]
    implementation: str = "cpython"
    free_threaded: bool = False
    bits: int = 64


def this_machine() -> Machine:
    """Look at the Python that runs, and at the machine below it."""
    libc = ""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    return Machine(
        platform.system(),
        platform.machine(),
        platform.mac_ver()[0],
        libc,
        tuple(sys.version_info[:3]),
        sys.implementation.name,
        bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        64 if sys.maxsize > 2**32 else 32,
    )


def refusal(machine: Machine) -> str:
    """Say why PyTorch has no build for a machine and what to do; "" where it has one."""
    return _refused_python(machine) or _refused_platform(machine)


def _refused_python(machine: Machine) -> str:
    version = ".".join(map(str, machine.python))
    if machine.python < OLDEST_PYTHON:
        problem = f"The course needs Python 3.10 or newer; this is Python {version}."
    elif machine.python[:2] > NEWEST_PYTHON:
        problem = f"Not all packages have a build for Python {version} yet; take 3.10 to 3.14."
    elif machine.python == (3, 14, 1):
        problem = "torchvision refuses Python 3.14.1, which had a fault; take 3.14.2 or 3.13."
    elif machine.implementation != "cpython":
        problem = f"PyTorch runs on CPython only; this Python is {machine.implementation}."
    elif machine.free_threaded and machine.python < (3, 14):
        problem = f"PyTorch has no build for Python {version} without the GIL; take one with it."
    elif machine.bits != 64:
        problem = "PyTorch needs a Python of 64 bits; this one has 32."
    else:
        return ""
    return f"{problem}\nIt runs from {sys.executable}. {OTHER_PYTHON}"


def _refused_platform(machine: Machine) -> str:
    if machine.system == "Linux" and not machine.libc.startswith("glibc"):
        return (
            "PyTorch has builds for Linux with glibc only, and this Linux (Alpine, say) has "
            "another C library.\nRun the course in a container or machine with Debian, Ubuntu, "
            "Fedora or the like."
        )
    if machine.system == "Linux" and _numbers(machine.libc.split()[-1]) < OLDEST_GLIBC:
        return (
            f"PyTorch needs glibc 2.28 or newer; this Linux has {machine.libc}.\n"
            "Take a newer release of the system (Debian 10, Ubuntu 20.04, RHEL 8 or later)."
        )
    if machine.system == "Darwin" and machine.processor == "x86_64":
        return (
            "PyTorch has had no pip build for Intel Macs since version 2.2.\n"
            f"On an Intel Mac: {CONDA}\n"
            "On a Mac with an M processor this Python is one for Intel: install one from "
            "python.org, then: make lab PYTHON=/usr/local/bin/python3.12"
        )
    unknown = machine.macos.startswith("10.16")  # so do some Pythons call every newer macOS
    if machine.system == "Darwin" and not unknown and _numbers(machine.macos) < OLDEST_MACOS:
        return f"PyTorch's pip build needs macOS 14 or newer; this is {machine.macos}.\n{CONDA}"
    if machine.system == "Windows" and machine.processor == "ARM64":
        return "PyTorch has no pip build for Windows on ARM.\nInstall the course in WSL (Ubuntu)."
    if (machine.system, machine.processor) not in WHEELS:
        return f"PyTorch has no pip build for {machine.system} on {machine.processor}."
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def install(venv: Path, dev: bool = False) -> None:
    """Make the environment, or mend it, and install the course into it.

    Raises:
        RefusedError: it cannot be done here, or did not succeed.
    """
    problem = refusal(this_machine())
    if problem:
        raise RefusedError(problem)
    if os.pathsep in str(venv):
        raise RefusedError(
            f"No virtual environment can lie in a path with '{os.pathsep}' in it: {venv}\n"
            "Rename the folder whose name has it."
        )
    with only_one(venv.parent):
        check_place(venv)
        mend_moved(venv)
        if is_ready(venv, dev):
            return
        make_environment(venv)
        was_ready = stamp(venv).exists()
        (venv / HALF_DONE).touch()
        try:
            install_packages(venv, dev)
        except RefusedError:
            if was_ready:  # the old packages are there still
                (venv / HALF_DONE).unlink()
            raise
        write_stamps(venv, dev)
        (venv / HALF_DONE).unlink()


def requirements(dev: bool) -> Path:
    """Return the file of what is to be installed."""
    return ROOT / ("requirements-dev.txt" if dev else "requirements.txt")


def stamp(venv: Path, dev: bool = False) -> Path:
    """Return the file that says what has been installed into an environment."""
    return venv / (".ready-dev" if dev else ".ready")


def expected(venv: Path, dev: bool) -> str:
    """Return what the stamp holds if all is in place: the two folders, a hash of what was asked."""
    files = [ROOT / "pyproject.toml", requirements(False)] + [requirements(True)] * dev
    asked = b"".join(path.read_bytes() for path in files)
    return f"{venv}\n{ROOT}\n{hashlib.sha256(asked).hexdigest()}\n"


def is_ready(venv: Path, dev: bool = False) -> bool:
    """Tell whether the environment works and holds what the requirements ask for."""
    return (
        _text(stamp(venv, dev)) == expected(venv, dev)
        and not (venv / HALF_DONE).exists()
        and works(venv)
    )


def works(venv: Path) -> bool:
    """Tell whether the environment's Python runs and has pip."""
    return _succeeds([_python(venv), "-I", "-c", "import pip"])


def write_stamps(venv: Path, dev: bool) -> None:
    """Note what was installed; what tests need includes what learners need."""
    for kind in {False, dev}:
        stamp(venv, kind).write_text(expected(venv, kind), encoding="utf-8")


def mend_moved(venv: Path) -> None:
    """Tell an environment that was moved with its clone where it lies now; no network is needed.

    What pip and uv write into it names the old place: the scripts' first lines, and the link to
    the course.
    """
    old_venv, old_root = [*_text(stamp(venv)).splitlines(), "", ""][:2]
    if not old_root or (old_venv, old_root) == (str(venv), str(ROOT)) or not works(venv):
        return
    print(f"The course has moved here from {old_root}: its environment is told so.")
    renew = [sys.executable, "-I", "-m", "venv", "--without-pip", str(venv)]  # writes `activate`
    subprocess.run(renew, env=environment(), check=False)
    for script in (venv / "bin").iterdir():
        _readdress(script, _python(venv))
    for link in venv.glob("lib/python*/site-packages/__editable__*"):
        text = link.read_text(encoding="utf-8")
        places = [f"{old_root}/course_utils", f"{ROOT}/course_utils"]
        if link.suffix == ".py":  # as Python writes a path
            text = text.replace(*map(repr, places))
        else:
            text = text.replace(old_root, str(ROOT))
        link.write_text(text, encoding="utf-8")
    if (ROOT / "course_utils").samefile(_course_of(venv)):
        for kind in (False, True):
            text = _text(stamp(venv, kind)).partition(f"{old_venv}\n{old_root}\n")[2]
            if text:
                stamp(venv, kind).write_text(f"{venv}\n{ROOT}\n{text}", encoding="utf-8")


def _course_of(venv: Path) -> Path:
    """Return the folder from which an environment imports the course; / where it cannot."""
    code = "import course_utils, os; print(os.path.dirname(course_utils.__file__))"
    return Path(_output([_python(venv), "-I", "-c", code]).strip() or "/")


def _readdress(script: Path, python: str) -> None:
    """Give a script its Python's new place, in a form that allows for spaces in the path."""
    text = b"" if script.is_symlink() or not script.is_file() else script.read_bytes()
    head, _, body = text.partition(b"\n' '''\n" if text.startswith(b"#!/bin/sh\n'''") else b"\n")
    if head.startswith(b"#!/") and b"/bin/python" in head:
        start = b"#!/bin/sh\n'''exec' %b \"$0\" \"$@\"\n' '''\n" % os.fsencode(shlex.quote(python))
        script.write_bytes(start + body)


def check_place(venv: Path) -> None:
    """Refuse a place where no environment can be made, and say why.

    Raises:
        RefusedError: with the remedy for this cause, where there is one.
    """
    if venv.exists() and not (venv / "pyvenv.cfg").exists() and any(venv.iterdir()):
        raise RefusedError(
            f"{venv} holds files and is no virtual environment; it is left alone.\n"
            "Name a new folder: make lab VENV=$HOME/course-venv"
        )
    for folder in (ROOT, venv if venv.exists() else venv.parent):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"0" * 2**16)
        except OSError as error:
            raise RefusedError(_cannot_write(folder, error)) from None


def _cannot_write(folder: Path, error: OSError) -> str:
    remedy = ""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "\nCopy the course into a folder of your own, and call make there."
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = f"\nMake room: the course takes {GIGABYTES['cpu']} GB or more."
    return f"{folder} cannot be written: {error.strerror}.{remedy}"


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Wait until no other process installs into a folder; a process that ends lets go of it.

    Raises:
        RefusedError: there is no such folder, and it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RefusedError(_cannot_write(folder, error)) from None
    try:
        import fcntl
    except ImportError:  # Windows, where there is no make either
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make is installing; this one waits for it.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_environment(venv: Path) -> None:
    """Make the environment where it is missing, was left half filled, or has lost its Python.

    One that someone else made, and that runs, is not emptied; it gets pip if it has none.
    """
    cut_short = (venv / HALF_DONE).exists()
    if works(venv) and not cut_short:
        return
    if cut_short:
        print("The last installation was cut short: the environment is made anew.")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        version = "{}.{}".format(*sys.version_info)
        raise RefusedError(
            f"{sys.executable} comes without venv and ensurepip, which make virtual environments.\n"
            f"On Debian or Ubuntu: sudo apt install python{version}-venv\n{OTHER_PYTHON}"
        )
    command = [sys.executable, "-I", "-m", "venv", "--clear", str(venv)]
    ours = cut_short or stamp(venv).exists()
    if not ours and _succeeds([_python(venv), "-I", "-c", ""]):
        command = [_python(venv), "-I", "-m", "ensurepip"]
    if subprocess.run(command, env=environment(), check=False).returncode:
        raise RefusedError("The virtual environment could not be made; the reason stands above.")


def install_packages(venv: Path, dev: bool) -> None:
    """Install with uv, and with pip where uv cannot.

    Raises:
        RefusedError: there is no room, or pip cannot either.
    """
    wanted = ["-r", str(requirements(dev)), "-e", "."]
    pip = [_python(venv), "-I", "-m", "pip"]
    once = ["--quiet", "--retries", "1", "--timeout", "10", "--only-binary", ":all:"]
    if _succeeds([*pip, "install", *once, UV]):
        uv = [str(venv / "bin" / "uv"), "pip", "install", "--python", _python(venv)]
        settings = uv_environment(_output([*pip, "config", "list"]))
        backend = torch_backend(uv, settings)
        check_room(venv, backend)
        done = subprocess.run(
            [*uv, "--compile-bytecode", *backend, *wanted], cwd=ROOT, env=settings, check=False
        )
        if not done.returncode:
            return
    else:
        check_room(venv, [])
    print("uv could not install it; pip does, which takes longer.")
    done = subprocess.run(
        [*pip, "install", "--compile", *wanted], cwd=ROOT, env=environment(), check=False
    )
    if done.returncode:
        free = shutil.disk_usage(venv).free / 1e9
        raise RefusedError(
            f"The packages could not be installed; the reason stands above. {free:.1f} GB are free."
        )


def torch_backend(uv: list[str], settings: dict[str, str]) -> list[str]:
    """Return uv's option for a build of PyTorch from PyTorch's own index, or [] for that of PyPI.

    PyPI's build for Linux brings gigabytes of CUDA along. `auto` looks at the GPU; without an
    NVIDIA one it is not asked, for it takes any graphics by Intel as a reason for XPU's gigabytes.
    """
    lines = requirements(False).read_text(encoding="utf-8").splitlines()
    torch = [line for line in lines if line.startswith("torch")]
    probe = [*uv, "--quiet", "--dry-run", "--no-deps", *torch]
    offline = {name: text for name, text in settings.items() if name != "UV_FIND_LINKS"}
    if (
        "UV_TORCH_BACKEND" in settings  # what the user says, uv reads itself
        or platform.system() != "Linux"
        or _succeeds([*probe, "--no-index"], env=offline)  # is installed
    ):
        return []
    option = "--torch-backend=" + ("auto" if has_nvidia() else "cpu")
    quick = {**settings, "UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}
    if _succeeds([*probe, option], env=quick, timeout=PATIENCE):
        return [option]
    print("PyTorch's own index does not offer it here: PyTorch comes from PyPI, with CUDA.")
    return []


def has_nvidia() -> bool:
    """Tell whether a driver for an NVIDIA GPU is at work."""
    return "UV_CUDA_DRIVER_VERSION" in os.environ or _succeeds(["nvidia-smi", "-L"], timeout=10)


def check_room(venv: Path, backend: list[str]) -> None:
    """Refuse a disk on which a new environment has no room.

    Raises:
        RefusedError: with what is free and what it takes.
    """
    cuda = platform.system() == "Linux" and backend != ["--torch-backend=cpu"]
    needed = GIGABYTES["cuda" if cuda else "cpu"]
    free = shutil.disk_usage(venv).free / 1e9
    if free < needed and not any(venv.glob("lib/python*/site-packages/torch/version.py")):
        raise RefusedError(f"The course takes {needed} GB, and {venv} has {free:.1f} GB left.")


def environment() -> dict[str, str]:
    """Return the environment's variables without those that would send packages elsewhere."""
    kept = {name: text for name, text in os.environ.items() if name not in ELSEWHERE}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}


def uv_environment(pip_config: str) -> dict[str, str]:
    """Return the variables for uv: it uses the indexes, proxy and certificates that pip has.

    What the user has told uv itself stands.

    Args:
        pip_config: what `pip config list` prints, a line such as `global.proxy='http://…'` each.
    """
    ours = environment()
    found = dict(line.partition("=")[::2] for line in pip_config.splitlines())
    told = UV_INDEXES & set(ours)
    for section in ("global.", "install.", ":env:."):  # the later one wins
        for key, name in UV_NAMES.items():
            text = _literal(found.get(section + key, ""))
            if text and name not in os.environ and not (told and key.endswith("index-url")):
                ours[name] = ("," if key == "find-links" else " ").join(text.split())
    if "UV_INDEX" in ours and not told:
        ours.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip takes several indexes
    return ours


def _literal(text: str) -> str:
    return str(ast.literal_eval(text)) if text.startswith(("'", '"')) else text


def _python(venv: Path) -> str:
    return str(venv / "bin" / "python")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _run(command: list[str], **options: object) -> subprocess.CompletedProcess | None:
    """Run a command and keep what it prints; None where it cannot be run or takes too long."""
    try:
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, **{"env": environment(), **options}
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _succeeds(command: list[str], **options: object) -> bool:
    done = _run(command, **options)
    return done is not None and done.returncode == 0


def _output(command: list[str]) -> str:
    done = _run(command)
    return done.stdout.decode("utf-8", "replace") if done is not None else ""


def main(arguments: list[str] | None = None) -> int:
    """Install, or look whether it is installed, and return the exit code."""
    parser = argparse.ArgumentParser(description="Install the course into a virtual environment.")
    parser.add_argument("venv", help="the environment's folder")
    parser.add_argument("--dev", action="store_true", help="also what tests and builds need")
    parser.add_argument("--ready", action="store_true", help="only look whether all is in place")
    options = parser.parse_args(arguments)
    venv = Path(options.venv).absolute()
    if options.ready:
        return 0 if is_ready(venv, options.dev) else 1
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    try:
        install(venv, options.dev)
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
