"""Installing: machines that are refused, a user's settings, and `make lab` without a network.

The clone that is installed here is a small stand-in: this project's Makefile and tools/install.py,
one package to install from a file, and a course that prints a word.
"""

import ast
import errno
import inspect
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import install
import pytest
from build_notebooks import ROOT
from install import Machine, RefusedError, refusal, uv_environment

LINUX = Machine("Linux", "x86_64", "", "glibc 2.36", (3, 12, 4))
MAC = Machine("Darwin", "arm64", "14.2", "", (3, 12, 4))
WINDOWS = Machine("Windows", "AMD64", "", "", (3, 12, 4))
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no make")


# --- Machines ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "machine",
    [
        LINUX,
        LINUX._replace(processor="aarch64", libc="glibc 2.28"),
        MAC,
        MAC._replace(macos="26.1"),
        MAC._replace(macos="10.16"),
        WINDOWS,
        LINUX._replace(python=(3, 10, 0)),
        LINUX._replace(python=(3, 14, 2), free_threaded=True),
    ],
)
def test_machines_with_builds_of_pytorch_pass(machine):
    assert refusal(machine) == ""


@pytest.mark.parametrize(
    ("machine", "problem", "remedy"),
    [
        (MAC._replace(processor="x86_64"), "Intel Macs", "conda"),
        (MAC._replace(macos="13.6.1"), "this is 13.6.1", "conda"),
        (MAC._replace(macos="11.7"), "macOS 14 or newer", "conda"),
        (WINDOWS._replace(processor="ARM64"), "Windows on ARM", "WSL"),
        (LINUX._replace(libc=""), "glibc only", "Debian"),
        (LINUX._replace(libc="glibc 2.17"), "has glibc 2.17", "newer release"),
        (LINUX._replace(processor="riscv64"), "Linux on riscv64", ""),
        (LINUX._replace(bits=32), "64 bits", "PYTHON=python3.12"),
        (LINUX._replace(python=(3, 9, 18)), "needs Python 3.10 or newer", "PYTHON=python3.12"),
        (LINUX._replace(python=(3, 15, 0)), "Python 3.15.0 yet", "PYTHON=python3.12"),
        (LINUX._replace(python=(3, 14, 1)), "3.14.1", "PYTHON=python3.12"),
        (LINUX._replace(python=(3, 13, 0), free_threaded=True), "GIL", "PYTHON=python3.12"),
        (LINUX._replace(implementation="pypy"), "CPython only", "PYTHON=python3.12"),
        (MAC._replace(processor="x86_64", python=(3, 8, 2)), "Python 3.10", "PYTHON=python3.12"),
    ],
)
def test_machines_without_a_build_are_told_so_and_what_to_do(machine, problem, remedy):
    told = refusal(machine)
    assert problem in told
    assert remedy in told


def test_the_machine_that_runs_the_tests_is_not_refused():
    assert refusal(install.this_machine()) == ""


def test_an_old_python_can_read_the_installer():
    ast.parse((ROOT / "tools" / "install.py").read_text(encoding="utf-8"), feature_version=(3, 7))


# --- A user's settings ------------------------------------------------------------------------


def test_uv_gets_the_indexes_that_pip_has(monkeypatch):
    for name in [*install.UV_NAMES.values(), *install.UV_INDEXES, "UV_INDEX_STRATEGY"]:
        monkeypatch.delenv(name, raising=False)
    settings = uv_environment(
        "global.index-url='https://one.example/simple'\n"
        "install.index-url='https://two.example/simple'\n"
        "global.extra-index-url='https://a.example/\\nhttps://b.example/'\n"
        ":env:.find-links='wheels other'\n"
        "global.cert='/etc/own.pem'\n"
        "global.timeout='60'\n"
    )
    assert settings["UV_DEFAULT_INDEX"] == "https://two.example/simple"
    assert settings["UV_INDEX"] == "https://a.example/ https://b.example/"
    assert settings["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert settings["UV_FIND_LINKS"] == "wheels,other"
    assert settings["SSL_CERT_FILE"] == "/etc/own.pem"


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE"])
def test_what_the_user_told_uv_itself_stands(monkeypatch, name):
    for other in [*install.UV_NAMES.values(), *install.UV_INDEXES]:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "mine")
    settings = uv_environment("global.index-url='x'\nglobal.extra-index-url='y'\n")
    found = {key: text for key, text in settings.items() if key in install.UV_INDEXES}
    assert found == {name: "mine"}


def test_without_settings_of_pip_uv_keeps_its_own(monkeypatch):
    for name in install.UV_NAMES.values():
        monkeypatch.delenv(name, raising=False)
    assert not set(uv_environment("")) & set(install.UV_NAMES.values())


# --- Places -----------------------------------------------------------------------------------


@on_posix
def test_a_path_with_a_colon_is_refused_with_its_own_remedy(tmp_path):
    with pytest.raises(RefusedError, match=r"(?s)':' in it.*Rename the folder"):
        install.install(tmp_path / "a:b" / ".venv")
    assert not (tmp_path / "a:b").exists()


def test_a_folder_with_files_that_is_no_environment_is_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(RefusedError, match="is no virtual environment"):
        install.check_place(tmp_path)
    assert (tmp_path / "letters.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.EROFS, "Copy the course into a folder of your own"),
        (errno.EACCES, "Copy the course into a folder of your own"),
        (errno.ENOSPC, "Make room"),
        (errno.EIO, ""),
    ],
)
def test_each_fault_of_the_disk_has_its_own_remedy(tmp_path, monkeypatch, code, remedy):
    def refuse(**options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(RefusedError) as refused:
        install.check_place(tmp_path / ".venv")
    first, _, rest = str(refused.value).partition("\n")
    assert os.strerror(code) in first
    assert remedy in rest
    assert bool(remedy) == bool(rest)
    assert "apt install" not in str(refused.value)


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_only_a_python_without_venv_is_told_to_install_it(tmp_path, monkeypatch, module):
    look_up = install.importlib.util.find_spec
    monkeypatch.setattr(
        install.importlib.util, "find_spec", lambda name: None if name == module else look_up(name)
    )
    with pytest.raises(RefusedError, match=r"apt install python3\.\d+-venv"):
        install.make_environment(tmp_path / ".venv")


def test_a_full_disk_is_told_before_anything_is_downloaded(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(RefusedError, match=r"takes 1\.5 GB, .* has 1\.0 GB left"):
        install.check_room(tmp_path, ["--torch-backend=cpu"])


@pytest.mark.parametrize(
    ("nvidia", "answers", "wanted"),
    [
        (False, True, ["--torch-backend=cpu"]),
        (True, True, ["--torch-backend=auto"]),
        (False, False, []),
        (True, False, []),
    ],
)
def test_pytorch_comes_without_cuda_where_there_is_no_nvidia_gpu(
    monkeypatch, capsys, nvidia, answers, wanted
):
    def succeeds(command, **options):
        if command[0] == "nvidia-smi":
            return nvidia
        return answers and any(word.startswith("--torch-backend") for word in command)

    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.delenv("UV_CUDA_DRIVER_VERSION", raising=False)
    monkeypatch.setattr(install, "_succeeds", succeeds)
    assert install.torch_backend(["uv"], {}) == wanted
    assert capsys.readouterr().out.count("\n") == (0 if wanted else 1)


# --- make lab, without a network --------------------------------------------------------------

BACKEND = """
import os, zipfile

def get_requires_for_build_editable(config_settings=None):
    return []

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "course_utils-0.1.0-py3-none-any.whl"
    write_wheel(os.path.join(folder, name), "course_utils", "0.1.0",
                {"__editable__.course_utils-0.1.0.pth": os.getcwd()})
    return name
"""


def write_wheel(path, name, version, files):
    """Write a wheel: a package as a file that pip installs."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for place, text in files.items():
            wheel.writestr(place, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{place},,\n" for place in files))


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """A clone in a folder with a space and foreign letters, installed by `make lab`."""
    clone = tmp_path_factory.mktemp("clones") / "Łódź course"
    for folder in ("tools", "course_utils", "wheels"):
        (clone / folder).mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", clone)
    installer = (ROOT / "tools" / "install.py").read_text(encoding="utf-8")
    small = installer.replace('{"cpu": 1.5, "cuda": 6.0}', '{"cpu": 0.1, "cuda": 0.1}')
    assert small != installer
    (clone / "tools" / "install.py").write_text(small, encoding="utf-8")
    for version in ("1.0", "2.0"):
        wheel = clone / "wheels" / f"tiny-{version}-py3-none-any.whl"
        script = {"tiny.py": f"version = {version!r}\ndef main(): print('tiny', version)\n"}
        entry = {f"tiny-{version}.dist-info/entry_points.txt": "[console_scripts]\ntiny=tiny:main"}
        write_wheel(wheel, "tiny", version, script | entry)
    (clone / "requirements.txt").write_text("tiny==1.0\n")
    (clone / "requirements-dev.txt").write_text("-r requirements.txt\n")
    (clone / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "course_utils"\nversion = "0.1.0"\n'
    )
    (clone / "backend.py").write_text(inspect.getsource(write_wheel) + BACKEND, encoding="utf-8")
    (clone / "course_utils" / "__init__.py").touch()
    (clone / "course_utils" / "__main__.py").write_text("import tiny; print('lab', tiny.version)\n")
    done = make(clone, "lab")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("lab 1.0\n")
    return clone


@pytest.fixture
def clone(stand_in, tmp_path):
    """A copy of the installed clone at another place: moved, as its environment sees it."""
    return Path(shutil.copytree(stand_in, tmp_path / "course", symlinks=True))


def make(clone, *arguments, **variables):
    """Run make in a clone, under settings that would lead pip and uv astray."""
    astray = {
        "PIP_USER": "1",
        "PIP_TARGET": str(clone / "astray"),
        "UV_PYTHON": "3.8",
        "VIRTUAL_ENV": "/nowhere",
        "CONDA_PREFIX": "/nowhere",
        "PYTHONPATH": "/nowhere",
    }
    return subprocess.run(
        ["make", "-s", *arguments, f"PYTHON={sys.executable}"],
        cwd=clone,
        env=os.environ | astray | {"PIP_FIND_LINKS": "wheels", "PIP_NO_INDEX": "1"} | variables,
        capture_output=True,
        text=True,
    )


def said(clone, *command):
    return subprocess.run(
        [clone / ".venv" / "bin" / command[0], *command[1:]], capture_output=True, text=True
    ).stdout


@on_posix
def test_make_lab_installs_whatever_pip_and_uv_are_set_to(stand_in):
    assert not (stand_in / "astray").exists()
    assert said(stand_in, "tiny") == "tiny 1.0\n"


@on_posix
def test_make_lab_on_an_installed_clone_installs_nothing(stand_in):
    before = (stand_in / ".venv" / ".ready").stat().st_mtime_ns
    assert make(stand_in, "lab").stdout == "lab 1.0\n"
    assert (stand_in / ".venv" / ".ready").stat().st_mtime_ns == before


@on_posix
def test_an_installed_clone_opens_where_no_python_is_found(stand_in):
    assert make(stand_in, "lab", "PYTHON=no-python").stdout == "lab 1.0\n"


@on_posix
def test_a_moved_clone_works_at_its_new_place_without_a_network(clone):
    done = make(clone, "lab", PIP_FIND_LINKS="/nowhere")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("The course has moved here from ")
    assert said(clone, "tiny") == "tiny 1.0\n"
    where = said(clone, "python", "-I", "-c", "import course_utils; print(course_utils.__file__)")
    assert Path(where.strip()).parent == clone / "course_utils"
    assert str(clone) in (clone / ".venv" / "bin" / "activate").read_text(encoding="utf-8")
    assert make(clone, "lab").stdout == "lab 1.0\n"


@on_posix
def test_new_requirements_are_installed_and_the_old_ones_stay_where_that_fails(clone):
    (clone / "requirements.txt").write_text("tiny==3.0\n")
    failed = make(clone, "lab")
    assert failed.returncode != 0
    assert "could not be installed" in failed.stderr
    assert said(clone, "python", "-c", "import tiny; print(tiny.version)") == "1.0\n"
    (clone / "requirements.txt").write_text("tiny==2.0\n")
    assert make(clone, "lab").stdout.endswith("lab 2.0\n")


@on_posix
def test_an_installation_cut_short_is_made_anew(clone):
    make(clone, "lab")
    (clone / ".venv" / ".installing").touch()
    (module,) = (clone / ".venv").glob("lib/python*/site-packages/tiny.py")
    module.unlink()
    done = make(clone, "lab")
    assert "cut short" in done.stdout
    assert done.stdout.endswith("lab 1.0\n")


@on_posix
def test_an_environment_whose_python_has_gone_is_made_anew_by_one_of_two_makes(clone):
    for link in (clone / ".venv" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python")
    done = make(clone, "-j2", "lab", "setup")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lab 1.0\n" in done.stdout
    assert "waits for it" in done.stdout
    assert (clone / ".venv" / ".ready-dev").exists()


@on_posix
def test_what_another_make_has_half_made_is_looked_at_only_when_it_has_ended(clone):
    fcntl = pytest.importorskip("fcntl")
    made, hidden = clone / ".venv" / "pyvenv.cfg", clone / "pyvenv.cfg"
    made.rename(hidden)  # as it is for a moment while an environment is made anew
    folder = os.open(clone, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    command = [sys.executable, "-I", "tools/install.py", ".venv"]
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, text=True) as waiting:
        assert "waits for it" in waiting.stdout.readline()
        hidden.rename(made)
        os.close(folder)
        waiting.communicate()
    assert waiting.returncode == 0


@on_posix
def test_an_environment_of_someone_else_keeps_what_it_has(stand_in, tmp_path):
    other = tmp_path / "own env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", other], check=True)
    (other / "mine.txt").write_text("mine")
    done = make(stand_in, "lab", f"VENV={other}")
    assert done.stdout.endswith("lab 1.0\n"), done.stdout + done.stderr
    assert (other / "mine.txt").read_text() == "mine"


@on_posix
@pytest.mark.parametrize(
    ("pretence", "told"),
    [
        (
            "import sys; sys.version_info = (3, 8, 1)",
            "needs Python 3.10 or newer; this is Python 3.8.1",
        ),
        (
            "import platform; platform.system = lambda: 'Darwin'; "
            "platform.machine = lambda: 'x86_64'",
            "Intel Macs",
        ),
    ],
)
def test_make_refuses_such_a_machine_before_it_makes_anything(tmp_path, pretence, told):
    python = tmp_path / "python3"
    run = (
        f"import runpy, sys; {pretence}; sys.argv = sys.argv[2:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{run}" "$@"\n')
    python.chmod(0o755)
    done = subprocess.run(
        ["make", "lab", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert told in done.stderr
    assert not (tmp_path / "venv").exists()
