"""Downloading, against a real HTTP server on this machine that behaves badly in many ways."""

import contextlib
import errno
import gzip
import hashlib
import http.server
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import filelock
import pytest
import torch
from lab import PATIENCE

from course_utils.datasets import DatasetError, cache_folder, download, download_mnist, load_mnist
from course_utils.datasets.download import Content
from course_utils.datasets.idx import idx_bytes
from course_utils.datasets.mnist import FILES, TRAIN_IMAGES, TRAIN_LABELS

NOISE = torch.randint(0, 256, (40, 28, 28), generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(40).remainder(10).to(torch.uint8)
RAW = {name: idx_bytes(LABELS if "labels" in name else NOISE.to(torch.uint8)) for name in FILES}
BODIES = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in RAW.items()}
CONTENTS = {name: Content(len(c), hashlib.sha256(c).hexdigest()) for name, c in RAW.items()}
REAL_CONTENTS = download.CONTENTS  # before the tests put the small ones in their place
IMAGES_GZ, LABELS_GZ = f"{TRAIN_IMAGES}.gz", f"{TRAIN_LABELS}.gz"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers well, unless the server has a `trick` for the file that is asked for."""

    def do_GET(self):
        name = self.path.rsplit("/", 1)[-1]
        self.server.asked.append(name)
        trick = self.server.tricks.get(name, self.server.trick)
        # The client may hang up first; that is what many of these tests are about.
        with contextlib.suppress(ConnectionError):
            trick(self, BODIES.get(name, b""))

    def log_message(self, *args):
        pass

    def reply(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        headers["Content-Length"] = len(body) if length is None else length
        for key, value in headers.items():
            self.send_header(key, str(value))
        self.end_headers()
        self.wfile.write(body)


def well(handler, body):
    handler.reply(200, body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.ended, self.tricks, self.trick = [], [], {}, well
        self.release = threading.Event()  # lets the tricks that wait go on
        self.url = f"http://127.0.0.1:{self.server_port}/mnist/"


@pytest.fixture
def new_server():
    servers = []

    def start():
        servers.append(Server())
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.release.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def server(new_server):
    return new_server()


@pytest.fixture(autouse=True)
def small_data(monkeypatch, tmp_path):
    monkeypatch.setattr(download, "CONTENTS", CONTENTS)
    monkeypatch.setattr(download, "PAUSES", (0.0, 0.01, 0.01))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "COURSE_DATA"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def fetch(server, tmp_path):
    def fetch(**options):
        options = {"mirrors": server.url, "timeout": PATIENCE, "progress": False} | options
        return download_mnist(tmp_path / "mnist", **options)

    return fetch


def assert_complete(folder):
    for name, body in BODIES.items():
        assert (folder / name).read_bytes() == body
    assert_nothing_half_done(folder)


def assert_nothing_half_done(folder):
    """Under a final name there is a good file or none; and no leftovers."""
    for path in folder.iterdir() if folder.exists() else ():
        assert path.name == ".download.lock" or path.read_bytes() == BODIES[path.name]


def refusal(fetch, tmp_path, **options):
    """The message of the DatasetError that has to come, nothing bad being left."""
    with pytest.raises(DatasetError) as caught:
        fetch(**options)
    assert_nothing_half_done(tmp_path / "mnist")
    assert "The course works with its sample" in caught.value.remedy
    return str(caught.value)


# --- What goes well --------------------------------------------------------------------------


def test_four_files_are_fetched_and_load(server, fetch, tmp_path):
    folder = fetch()
    assert folder == tmp_path / "mnist"
    assert sorted(server.asked) == sorted(BODIES)
    assert_complete(folder)
    assert torch.equal(load_mnist(folder).train_labels, LABELS.long())


def test_the_cache_is_the_target_and_load_mnist_finds_it_there(server, monkeypatch, tmp_path):
    from course_utils.datasets import mnist

    monkeypatch.setattr(mnist, "MNIST_SHARED", tmp_path / "shared")
    assert download_mnist(mirrors=[server.url], progress=False) == cache_folder() / "mnist"
    assert len(load_mnist().train_images) == 40


def test_torchvisions_mirrors_are_used_when_none_are_named(server, fetch, monkeypatch):
    import torchvision

    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [server.url.rstrip("/")])
    assert_complete(fetch(mirrors=None))


def test_torchvision_is_not_imported_before_it_is_needed():
    code = "import sys, course_utils.datasets; print('torchvision' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_torchvision_that_cannot_be_imported_is_explained(fetch, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(DatasetError, match=r"torchvision: cannot be imported.*doctor"):
        fetch(mirrors=None)


def test_a_relative_folder_is_told_as_a_full_path(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert download_mnist("digits", mirrors=server.url, progress=False) == tmp_path / "digits"


def test_good_files_are_kept_and_nothing_is_asked(server, fetch):
    folder = fetch()
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    server.asked.clear()
    fetch()
    assert server.asked == []
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_good_raw_file_is_kept_too(server, fetch, tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / TRAIN_IMAGES).write_bytes(RAW[TRAIN_IMAGES])
    fetch()
    assert sorted(server.asked) == sorted(BODIES.keys() - {IMAGES_GZ})


@pytest.mark.parametrize("bad", [b"", b"rubbish", BODIES[IMAGES_GZ][:-1], BODIES[LABELS_GZ]])
def test_a_bad_file_is_replaced(server, fetch, bad):
    folder = fetch()
    server.asked.clear()
    (folder / IMAGES_GZ).write_bytes(bad)
    fetch()
    assert server.asked == [IMAGES_GZ]
    assert (folder / IMAGES_GZ).read_bytes() == BODIES[IMAGES_GZ]


def test_complete_data_of_another_kind_are_put_aside_not_lost(fetch):
    folder = fetch()
    own = gzip.compress(idx_bytes(NOISE[:3].to(torch.uint8)))
    (folder / IMAGES_GZ).write_bytes(own)
    fetch()
    assert (folder / IMAGES_GZ).read_bytes() == BODIES[IMAGES_GZ]
    assert (folder / f"{IMAGES_GZ}.replaced").read_bytes() == own


def test_a_redirect_is_followed(server, fetch, new_server):
    elsewhere = new_server()
    server.trick = lambda handler, body: handler.reply(
        302, Location=elsewhere.url + handler.path.rsplit("/", 1)[-1]
    )
    assert_complete(fetch())
    assert sorted(elsewhere.asked) == sorted(BODIES)


def test_a_body_in_chunks_is_read(server, fetch):
    def in_chunks(handler, body):
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in (body[:100], body[100:]):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")

    server.trick = in_chunks
    assert_complete(fetch())


def test_a_proxy_of_the_environment_is_used(server, fetch, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    assert_complete(fetch(mirrors="http://mirror.invalid/mnist"))


# --- What goes wrong on the way --------------------------------------------------------------


def first_then_well(trick):
    """`trick` for the first request of each file, a good answer afterwards."""
    seen = set()

    def answer(handler, body):
        again = handler.path in seen
        seen.add(handler.path)
        (well if again else trick)(handler, body)

    return answer


def cut(handler, body):
    handler.reply(200, body[: len(body) // 2], length=len(body))


def hang_up(handler, body):
    handler.connection.shutdown(socket.SHUT_RDWR)


def nonsense(handler, body):
    handler.wfile.write(b"this is no HTTP\r\n\r\n")


@pytest.mark.parametrize(
    "trick",
    [lambda handler, body: handler.reply(503), cut, hang_up, nonsense],
    ids=["503", "cut", "hang up", "nonsense"],
)
def test_a_fault_that_passes_is_tried_again(server, fetch, trick):
    server.trick = first_then_well(trick)
    assert_complete(fetch())
    assert len(server.asked) == 2 * len(BODIES)


def test_404_is_told_at_once(server, fetch, tmp_path):
    server.trick = lambda handler, body: handler.reply(404)
    message = refusal(fetch, tmp_path)
    assert "the server answers 404 Not Found" in message
    assert server.url + IMAGES_GZ in message
    assert str(tmp_path / "mnist") in message
    assert len(server.asked) == 1


def test_a_503_that_stays_is_told_after_three_attempts(server, fetch, tmp_path):
    server.trick = lambda handler, body: handler.reply(503)
    assert "503 Service Unavailable" in refusal(fetch, tmp_path)
    assert server.asked == [IMAGES_GZ] * 3


def test_a_body_that_is_always_cut_is_told(server, fetch, tmp_path):
    server.trick = cut
    n_bytes = len(BODIES[IMAGES_GZ])
    assert f"broke off after {n_bytes // 2:,} of {n_bytes:,}" in refusal(fetch, tmp_path)


def test_a_body_that_is_cut_without_a_length_is_told(server, fetch, tmp_path):
    def cut_silently(handler, body):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body[:-10])

    server.trick = cut_silently
    assert "wrong SHA-256" in refusal(fetch, tmp_path)


def flip(body):
    return body[:50] + bytes([body[50] ^ 1]) + body[51:]


WRONG = {
    "a flipped bit": flip(BODIES[IMAGES_GZ]),
    "good gzip of other pixels": gzip.compress(flip(RAW[TRAIN_IMAGES])),
    "other bytes of the same length": bytes(len(BODIES[IMAGES_GZ])),
    "a web page": b"<html>Please log in</html>",
    "nothing": b"",
    "too much behind it": gzip.compress(RAW[TRAIN_IMAGES] + b"x"),
    "a bomb": gzip.compress(bytes(2 * 10**7)),
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_wrong_content_is_refused_and_the_next_mirror_asked(
    server, fetch, tmp_path, new_server, body
):
    server.tricks[IMAGES_GZ] = lambda handler, _: handler.reply(200, body)
    assert "wrong SHA-256" in refusal(fetch, tmp_path)
    assert_complete(fetch(mirrors=[server.url, new_server().url]))


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_without_end_is_given_up(server, fetch, tmp_path, announced):
    def flood(handler, body):
        handler.send_response(200)
        if announced:
            handler.send_header("Content-Length", "10000000000")
        handler.end_headers()
        while not server.release.is_set():
            handler.wfile.write(bytes(100_000))

    server.trick = flood
    assert f"more than {len(RAW[TRAIN_IMAGES]) + 65536:,}" in refusal(fetch, tmp_path)
    assert len(server.asked) == 1


def keep_waiting(handler):
    handler.server.release.wait(PATIENCE)
    handler.server.ended.append(handler.path)


def silent(handler, body):
    keep_waiting(handler)


def stall(handler, body):
    handler.reply(200, body[:1000], length=len(body))
    handler.wfile.flush()
    keep_waiting(handler)


def drip(handler, body):
    handler.reply(200, b"", length=len(body))
    for byte in body:
        handler.wfile.write(bytes([byte]))
        if handler.server.release.wait(0.02):
            return


def drip_header(handler, body):
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
    while not handler.server.release.wait(0.02):
        handler.wfile.write(b"x")


@pytest.mark.parametrize(
    ("trick", "told"),
    [
        (silent, "no answer within 0.5 s"),
        (stall, "stalled for 0.5 s"),
        (drip, "bytes a second"),
        (drip_header, "no answer within 0.5 s"),
    ],
)
def test_a_server_that_stalls_is_given_up_soon(server, fetch, tmp_path, trick, told):
    server.trick = trick
    assert told in refusal(fetch, tmp_path, timeout=0.5)
    wait_until(lambda: len(server.asked) == 3)
    assert not server.ended, "the server was still at it"


def test_a_redirect_that_goes_in_circles_is_told_in_one_line(server, fetch, tmp_path):
    server.trick = lambda handler, body: handler.reply(302, Location=handler.path)
    message = refusal(fetch, tmp_path)
    assert "302" in message
    assert "\n" not in message


def test_a_machine_that_does_not_answer_is_told(fetch, tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        message = refusal(fetch, tmp_path, mirrors=f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert "no connection (" in message
    assert "refused" in message


def test_a_machine_without_network_is_told_what_to_do(fetch, tmp_path, monkeypatch):
    def no_such_name(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    message = refusal(fetch, tmp_path, mirrors=["http://one.invalid", "https://two.invalid"])
    assert message.count("Name or service not known") == 2
    assert "put the four files into this folder by hand, or set COURSE_DATA" in message


def test_the_next_mirror_is_asked_when_one_is_down(server, fetch, new_server):
    server.trick = lambda handler, body: handler.reply(404)
    assert_complete(fetch(mirrors=[server.url, new_server().url]))


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"mirrors": []}, "mirrors is empty"),
        ({"mirrors": "file:///etc"}, "must begin with http"),
        ({"timeout": 0}, "timeout must be above 0"),
    ],
)
def test_impossible_arguments_are_refused(fetch, options, part):
    with pytest.raises(ValueError, match=part):
        fetch(**options)


# --- What is there stays good ----------------------------------------------------------------


@pytest.mark.parametrize("trick", [cut, nonsense, lambda handler, body: handler.reply(200, b"x")])
def test_nothing_good_is_overwritten_by_something_bad(server, fetch, tmp_path, trick):
    folder = fetch()
    (folder / LABELS_GZ).unlink()
    server.trick = trick
    refusal(fetch, tmp_path)
    assert sorted(path.name for path in folder.glob("*.gz")) == sorted(BODIES.keys() - {LABELS_GZ})


def test_a_bad_file_stays_until_a_good_one_is_complete(server, fetch, tmp_path):
    folder = fetch()
    (folder / LABELS_GZ).write_bytes(b"bad")
    server.trick = cut
    with pytest.raises(DatasetError):
        fetch()
    assert (folder / LABELS_GZ).read_bytes() == b"bad"


def test_an_interrupt_leaves_nothing_half_done(server, fetch, tmp_path, monkeypatch):
    def interrupt(self, n_bytes):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(download._Bar, "show", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert [path.name for path in (tmp_path / "mnist").iterdir()] == [".download.lock"]
    assert_complete(fetch())


# --- Folders that cannot be written ----------------------------------------------------------


def test_a_file_where_the_folder_should_be_is_told(fetch, tmp_path):
    (tmp_path / "mnist").write_text("mine")
    with pytest.raises(DatasetError, match=r"cannot be written.*COURSE_CACHE"):
        fetch()
    assert (tmp_path / "mnist").read_text() == "mine"


def test_a_directory_under_a_final_name_is_told(fetch, tmp_path):
    (tmp_path / "mnist" / IMAGES_GZ).mkdir(parents=True)
    with pytest.raises(DatasetError, match=r"cannot be written.*irectory"):
        fetch()
    assert not list((tmp_path / "mnist").glob(".*.part"))


def failing(code):
    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("target", "code", "told"),
    [
        ("pathlib.Path.mkdir", errno.EACCES, "Permission denied"),
        ("filelock.FileLock.acquire", errno.EROFS, "Read-only file system"),
        ("os.fsync", errno.ENOSPC, "No space left on device"),
        ("os.replace", errno.EACCES, "Permission denied"),
    ],
)
def test_a_read_only_folder_and_a_full_disk_are_told(
    fetch, tmp_path, monkeypatch, target, code, told
):
    with monkeypatch.context() as patch:
        patch.setattr(target, failing(code))
        with pytest.raises(DatasetError, match=f"cannot be written.*{told}.*COURSE_CACHE"):
            fetch()
    assert_nothing_half_done(tmp_path / "mnist")
    assert_complete(fetch())


def test_a_read_only_folder_with_good_files_is_enough(fetch, monkeypatch):
    fetch()
    monkeypatch.setattr("pathlib.Path.mkdir", failing(errno.EACCES))
    monkeypatch.setattr(filelock.FileLock, "acquire", failing(errno.EACCES))
    assert_complete(fetch())


# --- Several processes -----------------------------------------------------------------------

CHILD = """
import json, sys
from course_utils.datasets import download
folder, url, contents = json.loads(sys.argv[1])
download.CONTENTS = {name: download.Content(*rest) for name, rest in contents.items()}
download.download_mnist(folder, mirrors=url)
"""


@pytest.fixture
def spawn(server, tmp_path):
    children = []

    def spawn():
        argument = json.dumps([str(tmp_path / "mnist"), server.url, CONTENTS])
        command = [sys.executable, "-c", CHILD, argument]
        children.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return children[-1]

    yield spawn
    for child in children:
        child.kill()
        child.communicate()


def wait_until(condition):
    for _ in range(100 * PATIENCE):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("waited in vain")


def test_two_processes_at_once_download_once(server, spawn, tmp_path):
    def wait_for_both(handler, body):
        server.release.wait(PATIENCE)
        well(handler, body)

    server.tricks[IMAGES_GZ] = wait_for_both
    first, second = spawn(), spawn()
    # The one that did not get the lock says so; only then may the other go on.
    lines = []
    for child in (first, second):
        threading.Thread(target=lambda c=child: lines.extend(c.stderr), daemon=True).start()
    wait_until(lambda: any("Waiting for another process" in line for line in lines))
    server.release.set()
    assert first.wait(PATIENCE) == second.wait(PATIENCE) == 0
    assert sorted(server.asked) == sorted(BODIES)
    assert_complete(tmp_path / "mnist")


def test_a_process_killed_half_way_leaves_no_file_and_the_next_run_succeeds(
    server, spawn, fetch, tmp_path
):
    server.tricks[LABELS_GZ] = lambda handler, body: (
        handler.reply(200, body[:20], length=len(body)),
        server.release.wait(PATIENCE),
    )
    child = spawn()
    part = tmp_path / "mnist" / f".{LABELS_GZ}.part"
    wait_until(part.exists)
    child.kill()
    assert child.wait(PATIENCE) != 0
    assert part.exists()
    assert sorted(path.name for path in part.parent.glob("*.gz")) == [IMAGES_GZ]
    server.tricks.clear()
    assert_complete(fetch())


def test_a_process_that_never_ends_is_not_waited_for_without_end(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "LOCK_WAIT", 0.1)
    (tmp_path / "mnist").mkdir()
    with (
        filelock.FileLock(tmp_path / "mnist" / ".download.lock"),
        pytest.raises(DatasetError, match=r"another process.*End that process"),
    ):
        fetch()
    assert_complete(fetch())


# --- Progress --------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_a_bar_that_ends_full(fetch, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    fetch(progress=True)
    last = sys.stderr.getvalue().splitlines()[-1]
    assert f"[{'#' * 30}]" in last
    assert sys.stderr.getvalue().count("\n") == len(BODIES)
    assert "\r" in sys.stderr.getvalue()


def test_a_log_file_gets_one_line_for_each_file(fetch, capfd):
    fetch(progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert [line.split()[0] for line in err.splitlines()] == list(BODIES)
    assert "\r" not in err


def test_without_progress_or_without_stderr_nothing_is_written(fetch, capfd, monkeypatch):
    folder = fetch(progress=False)
    assert capfd.readouterr() == ("", "")
    (folder / LABELS_GZ).unlink()
    monkeypatch.setattr(sys, "stderr", None)
    assert_complete(fetch(progress=True))


def test_the_checksums_are_those_of_the_table_in_the_data_folder():
    table = (Path(__file__).resolve().parents[1] / "data/README.md").read_text(encoding="utf-8")
    for name, content in REAL_CONTENTS.items():
        assert f"| `{name}` | {content.n_bytes:,} | `{content.sha256}` |" in table
