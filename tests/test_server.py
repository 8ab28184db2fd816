"""The files for a class on one server, as far as they need no hub."""

import ast
import json
import os
import re
import subprocess
import sys
import types
from importlib.util import find_spec

import pytest
from build_notebooks import ROOT
from jupyter_client import KernelManager
from lab import PATIENCE
from packaging.requirements import Requirement
from traitlets.config.loader import PyFileConfigLoader

SERVER = ROOT / "server"
CONFIGURATIONS = ("jupyter_server_config.py", "jupyterhub_config.py", "tljh.py")
linux = pytest.mark.skipif(sys.platform != "linux", reason="JupyterHub's servers run on Linux")


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("MEM_LIMIT", raising=False)
    return tmp_path


@pytest.fixture
def hub_packages(monkeypatch):
    """Stand-ins for the two packages that only a hub has."""
    for name, thing in (
        ("firstuseauthenticator", "FirstUseAuthenticator"),
        ("jupyterhub", None),
        ("jupyterhub.auth", "LocalAuthenticator"),
    ):
        module = types.ModuleType(name)
        if thing:
            setattr(module, thing, type(thing, (), {}))
        monkeypatch.setitem(sys.modules, name, module)


def load(name):
    return PyFileConfigLoader(name, path=str(SERVER)).load_config()


@linux
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_paths_in_a_configuration_are_there(name, home, hub_packages):
    ours = re.findall(re.escape(str(ROOT)) + r"[\w./-]*", repr(load(name)))
    assert [path for path in ours if not os.path.exists(path)] == []
    assert ours or name == "jupyter_server_config.py"


@linux
@pytest.mark.parametrize("name", ["jupyterhub_config.py", "tljh.py"])
def test_a_hub_opens_a_lesson_and_gives_one_thread_and_a_limit(name, home, hub_packages):
    spawner = load(name).Spawner
    folder, lesson = spawner.default_url.removeprefix("/lab/tree/").split("/")
    load("jupyter_server_config.py")
    assert (home / folder / lesson).exists()
    assert spawner.environment["OMP_NUM_THREADS"] == "1"
    assert spawner.mem_limit


@linux
def test_configurations_stay_short():
    for name in CONFIGURATIONS:
        tree = ast.parse((SERVER / name).read_text(encoding="utf-8"))
        lines = {node.lineno for node in ast.walk(tree) if hasattr(node, "lineno")}
        assert len(lines) <= 50, name


@linux
def test_a_learner_gets_the_lessons_and_keeps_what_is_changed(home):
    load("jupyter_server_config.py")
    mine = home / "deep-learning"
    lessons = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(path.name for path in mine.iterdir()) == lessons
    (mine / lessons[0]).write_text("my answer")
    (mine / lessons[1]).unlink()
    load("jupyter_server_config.py")
    assert (mine / lessons[0]).read_text() == "my answer"
    assert (mine / lessons[1]).exists()


@linux
def test_an_instructor_may_hand_out_another_edition(home, monkeypatch):
    (home / "edition").mkdir()
    (home / "edition" / "03_other.ipynb").write_text("{}")
    monkeypatch.setenv("COURSE_LESSONS", str(home / "edition"))
    load("jupyter_server_config.py")
    assert [path.name for path in (home / "deep-learning").iterdir()] == ["03_other.ipynb"]


@linux
def test_a_server_starts_where_the_lessons_cannot_be_copied(home, capsys):
    (home / "deep-learning").write_text("a file in the way")
    assert load("jupyter_server_config.py").MappingKernelManager.cull_idle_timeout
    assert "could not be copied" in capsys.readouterr().out


@linux
def test_who_asks_for_more_than_the_limit_gets_an_error(home):
    code = "from test_server import load; load('jupyter_server_config.py'); bytearray(10**9)"
    path = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "tools"), str(ROOT)])
    env = os.environ | {"MEM_LIMIT": str(10**9), "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("MemoryError")


def test_versions_are_the_same_wherever_they_stand():
    needs = (SERVER / "requirements.txt").read_text(encoding="utf-8")
    image = (SERVER / "Dockerfile").read_text(encoding="utf-8")
    proxies = re.findall(r"configurable-http-proxy@[\d.]+\d", needs + image)
    assert len(proxies) == 2
    assert len(set(proxies)) == 1
    page = (SERVER / "README.md").read_text(encoding="utf-8")
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    newest = {
        str(Requirement(line).name) + str(Requirement(line).specifier)
        for line in pinned
        if line.startswith("torch") and "<" not in line
    }
    assert set(re.findall(r"torch(?:vision)?==[\d.]+\d", page)) == newest


def test_the_image_is_made_of_files_that_are_there():
    text = (SERVER / "Dockerfile").read_text(encoding="utf-8")
    named = re.findall(r"(?:/opt/course/)?((?:tools|server)/[\w.]+\w)", text)
    assert len(named) >= 3
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_page_names_every_file_of_the_folder():
    page = (SERVER / "README.md").read_text(encoding="utf-8")
    names = {path.name for path in SERVER.iterdir()} - {"README.md", "__pycache__"}
    assert [name for name in names - {"requirements.txt"} if name not in page] == []


# ---- servers and kernels that share their imports

WARM_ONE = """
import sys
sys.path[0] = {folder!r}
import warm
warm.KERNEL, warm.SERVER = ("colorsys", "ipykernel.kernelapp", "ipykernel.zmqshell"), ()
warm.gc.disable()
warm.warm_up()
warm.serve({path!r})
"""


@pytest.fixture
def warm(tmp_path):
    """A process to fork kernels from; gives the socket where it listens."""
    path = tmp_path / "warm"
    code = WARM_ONE.format(folder=str(SERVER), path=str(path))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        for _ in range(10 * PATIENCE):
            if path.is_socket() or process.poll() is not None:
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.1)
        yield str(path)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Start kernels as a server of the class does, and end them."""
    monkeypatch.setenv("JUPYTER_PATH", str(SERVER))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    kernels = []

    def start(socket):
        monkeypatch.setenv("COURSE_WARM", socket)
        kernel = KernelManager(kernel_name="python3")
        kernel.start_kernel(cwd=str(tmp_path))
        client = kernel.client()
        client.start_channels()
        kernels.append((kernel, client))
        client.wait_for_ready(timeout=PATIENCE)
        return kernel, client

    yield start
    for kernel, client in kernels:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)


def run(client, code):
    said = []
    keep = lambda message: said.append(message["content"])  # noqa: E731
    reply = client.execute_interactive(code, timeout=PATIENCE, output_hook=keep)
    return reply["content"], "".join(part.get("text", "") for part in said)


@linux
def test_a_kernel_that_is_forked_has_its_imports_and_its_own_folder_and_numbers(
    warm, start, tmp_path
):
    ask = "import os, sys, json, numpy; print(json.dumps(['colorsys' in sys.modules, os.getcwd(),"
    ask += "numpy.random.rand(), __import__('random').random(), __name__, sys.path[-1]]))"
    first, second = (json.loads(run(start(warm)[1], ask)[1]) for _ in range(2))
    assert first[0] is True
    assert first[1] == str(tmp_path)
    assert first[2] != second[2]
    assert first[3] != second[3]
    assert first[4:] == ["__main__", ""]


@linux
def test_a_forked_kernel_is_interrupted_and_ends_with_the_process_that_stands_for_it(warm, start):
    kernel, client = start(warm)
    number = int(run(client, "import os; print(os.getpid())")[1])
    code = "import os, signal, time; os.kill(os.getppid(), 0); print('here', flush=True)"
    client.execute("import time; time.sleep(600)")
    while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "execute_input":
        pass
    kernel.interrupt_kernel()
    assert client.get_shell_msg(timeout=PATIENCE)["content"]["ename"] == "KeyboardInterrupt"
    assert run(client, code)[1] == "here\n"
    kernel.provisioner.process.kill()
    for _ in range(10 * PATIENCE):
        if not os.path.exists(f"/proc/{number}"):
            break
        subprocess.run(["sleep", "0.1"], check=True)
    assert not os.path.exists(f"/proc/{number}")


@linux
def test_a_kernel_starts_by_itself_where_nobody_listens(start, tmp_path, capfd):
    _, client = start(str(tmp_path / "nobody"))
    assert run(client, "import sys; print('colorsys' in sys.modules)")[1] == "False\n"
    assert "starts by itself" in capfd.readouterr().err


@linux
def test_what_is_imported_ahead_exists(monkeypatch):
    monkeypatch.syspath_prepend(str(SERVER))
    import warm

    names = [name for name in warm.KERNEL + warm.SERVER if not name.startswith("jupyterhub")]
    assert [name for name in names if find_spec(name) is None] == []
    assert len(names) == len(set(names))
