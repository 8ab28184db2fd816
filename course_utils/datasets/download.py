"""Fetch the full MNIST once, into the user's cache folder, so that nothing half-done is left.

Each file is written beside its final place, checked by the SHA-256 of its *content*, and only
then renamed. A lock keeps a second process waiting; a run that was killed leaves at most a
`.part` file, which the next run overwrites and removes.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import filelock

from course_utils.datasets.errors import DatasetError
from course_utils.datasets.idx import CHUNK, open_content, read_idx
from course_utils.datasets.mnist import (
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    cache_folder,
    spellings,
)
from course_utils.display import say


class Content(NamedTuple):
    """What an unpacked file must be: its length in bytes and the SHA-256 of all of them."""

    n_bytes: int
    sha256: str


CONTENTS = {
    TRAIN_IMAGES: Content(
        47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    TRAIN_LABELS: Content(
        60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    TEST_IMAGES: Content(
        7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    TEST_LABELS: Content(
        10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}

PAUSES = (0.0, 0.5, 2.0)  # seconds before each attempt at one address
MIN_RATE = 10_000  # bytes per second; a server slower than this counts as stalled
LOCK_WAIT = 1800.0  # seconds to wait for another process that downloads
GZIP_SLACK = 2**16  # what gzip may add to bytes that it cannot compress

OFFLINE = (
    "The course works with its sample meanwhile. Try again later, or put the four files into "
    "this folder by hand, or set COURSE_DATA to a folder that has them."
)
OTHER_FOLDER = (
    "Make room, or choose another folder that you may write to: set COURSE_CACHE to it, "
    "or call download_mnist(folder)."
)


class _AttemptError(Exception):
    """One attempt at one address failed; `retry` tells whether another may help."""

    def __init__(self, reason: str, retry: bool) -> None:
        super().__init__(" ".join(reason.split())[:300])  # a server's words can be many lines
        self.retry = retry


def download_mnist(
    folder: str | os.PathLike[str] | None = None,
    *,
    mirrors: str | Sequence[str] | None = None,
    timeout: float = 10.0,
    progress: bool = True,
) -> Path:
    """Download the full MNIST (11.6 MB) for `load_mnist`; files that are intact stay as they are.

    A damaged file is replaced. A complete IDX file with other content, which may be your own,
    is kept beside the new one with `.replaced` after its name.

    Args:
        folder: where to put the four files; None: `mnist` in `cache_folder()`, where
            `load_mnist()` finds them by itself.
        mirrors: addresses of folders that hold the four `.gz` files, tried in turn;
            None: torchvision's.
        timeout: seconds after which a server that does not answer, or that sends less than
            10 kB a second, is given up.
        progress: show on stderr how far it is.

    Returns:
        The folder.

    Raises:
        DatasetError: if a file cannot be fetched or stored; it names cause and next step.
        ValueError: if `mirrors` is empty or not of http(s), or `timeout` is not above 0.

    Example:
        >>> load_mnist(download_mnist())
        Full MNIST: 60,000 digits to train, 10,000 to test; ...
    """
    if not timeout > 0:
        raise ValueError(f"timeout must be above 0 seconds, got {timeout}")
    folder = cache_folder() / "mnist" if folder is None else os.path.expanduser(folder)
    folder = Path(os.path.abspath(folder))
    if not _damaged(folder):
        return folder
    addresses = _addresses(mirrors)
    with _storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder, progress):
        for name in _damaged(folder):
            _fetch(name, folder, addresses, timeout, progress)
    return folder


def _damaged(folder: Path) -> list[str]:
    """Which of the four files are not there, or are not what MNIST's authors published."""
    return [name for name in CONTENTS if not _is_intact(_standing_for(name, folder), name)]


def _standing_for(name: str, folder: Path) -> Path:
    """The file that `load_mnist` would read first."""
    paths = [folder / spelling for spelling in spellings(name)]
    return next((path for path in paths if os.path.lexists(path)), paths[0])


def _is_intact(path: Path, name: str) -> bool:
    wanted, n_bytes, digest = CONTENTS[name], 0, hashlib.sha256()
    try:
        with open_content(path) as stream:
            # One byte too many is enough to see that it is too long, however much follows.
            while chunk := stream.read(min(CHUNK, wanted.n_bytes + 1 - n_bytes)):
                n_bytes += len(chunk)
                digest.update(chunk)
    except DatasetError:
        return False
    return Content(n_bytes, digest.hexdigest()) == wanted


def _addresses(mirrors: str | Sequence[str] | None) -> list[str]:
    if mirrors is None:
        try:
            from torchvision.datasets import MNIST
        except (ImportError, RuntimeError, OSError) as error:
            remedy = "Run `python -m course_utils doctor`, or name an address with mirrors=[...]."
            raise DatasetError(
                "torchvision", f"cannot be imported ({error}), and it knows the mirrors", remedy
            ) from error
        mirrors = MNIST.mirrors
    mirrors = [mirrors] if isinstance(mirrors, str) else list(mirrors)
    if not mirrors:
        raise ValueError("mirrors is empty; name at least one address, or None for torchvision's")
    for mirror in mirrors:
        if not mirror.startswith(("http://", "https://")):
            raise ValueError(f"a mirror must begin with http:// or https://, got {mirror!r}")
    return [mirror.rstrip("/") + "/" for mirror in mirrors]


@contextmanager
def _storing(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into a DatasetError."""
    try:
        yield
    except OSError as error:
        cause = f"cannot be written ({error.strerror or error})"
        raise DatasetError(path, cause, OTHER_FOLDER) from error


@contextmanager
def _locked(folder: Path, progress: bool) -> Iterator[None]:
    lock = filelock.FileLock(folder / ".download.lock")
    with _storing(folder):
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            _tell(progress, f"Waiting for another process that downloads into {folder}\n")
            _wait_for(lock, folder)
    try:
        yield
    finally:
        lock.release()


def _wait_for(lock: filelock.BaseFileLock, folder: Path) -> None:
    try:
        lock.acquire(timeout=LOCK_WAIT)
    except filelock.Timeout:
        cause = f"another process has been downloading into it for {LOCK_WAIT:.0f} seconds"
        raise DatasetError(folder, cause, "End that process, then try again.") from None


def _fetch(name: str, folder: Path, addresses: list[str], timeout: float, progress: bool) -> None:
    target = folder / f"{name}.gz"
    part = folder / f".{name}.gz.part"
    failures = []
    try:
        for url in (address + target.name for address in addresses):
            for pause in PAUSES:
                time.sleep(pause)
                try:
                    _receive(url, part, CONTENTS[name].n_bytes + GZIP_SLACK, timeout, progress)
                    _require_intact(part, name)
                    return _install(part, target)
                except _AttemptError as failure:
                    reason = f"{url}: {failure}"
                    if not failure.retry:
                        break
            failures.append(reason)
    finally:
        with _storing(part):
            part.unlink(missing_ok=True)
    raise DatasetError(target, f"could not be downloaded ({'; '.join(failures)})", OFFLINE)


def _receive(url: str, part: Path, limit: int, timeout: float, progress: bool) -> None:
    """Store the body of `url` in `part`; refuse what is longer than `limit`."""
    with _open(url, timeout) as response:
        total = response.length
        if total is not None and total > limit:
            raise _AttemptError(f"{total:,} bytes announced, more than {limit:,}", retry=False)
        bar = _Bar(part.name.strip(".").removesuffix(".part"), total or 0, progress)
        n_bytes = 0
        with _storing(part), part.open("wb") as file:
            for chunk in _chunks(response, timeout):
                n_bytes += len(chunk)
                if n_bytes > limit:
                    raise _AttemptError(f"more than {limit:,} bytes came", retry=False)
                file.write(chunk)
                bar.show(n_bytes)
            file.flush()
            os.fsync(file.fileno())
        bar.close()
    if total is not None and n_bytes < total:
        raise _AttemptError(f"broke off after {n_bytes:,} of {total:,} bytes", retry=True)


def _open(url: str, timeout: float) -> http.client.HTTPResponse:
    """Open `url` within `timeout` seconds in all.

    A socket's timeout bounds each single wait, not the look-up of the name and not a header that
    comes byte by byte; so this runs in a thread that can be left behind.
    """
    answer: queue.Queue = queue.Queue()

    def ask() -> None:
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "course-utils"})
            opener = urllib.request.build_opener()  # urlopen would keep the first proxies it saw
            answer.put(opener.open(request, timeout=timeout))
        except Exception as error:
            answer.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        result = answer.get(timeout=timeout)
    except queue.Empty:
        raise _AttemptError(f"no answer within {timeout:g} s", retry=True) from None
    if isinstance(result, Exception):
        raise _as_failure(result, timeout) from result
    if not isinstance(result, http.client.HTTPResponse):
        raise _AttemptError("redirects to something other than http", retry=False)
    return result


def _as_failure(error: Exception, timeout: float) -> _AttemptError:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        retry = error.code >= 500 or error.code in (408, 429)
        return _AttemptError(f"the server answers {error.code} {error.reason}", retry)
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return _AttemptError(f"no answer within {timeout:g} s", retry=True)
    retry = isinstance(reason, (OSError, http.client.HTTPException))
    return _AttemptError(f"no connection ({reason})", retry)


def _chunks(response: http.client.HTTPResponse, timeout: float) -> Iterator[bytes]:
    """The body as it comes; a server that stalls or drips fails."""
    since, n_bytes = time.monotonic(), 0
    while True:
        try:
            chunk = response.read1(CHUNK)
        except TimeoutError:
            raise _AttemptError(f"stalled for {timeout:g} s", retry=True) from None
        except (OSError, http.client.HTTPException) as error:
            raise _AttemptError(f"broke off ({error!r})", retry=True) from error
        if not chunk:
            return
        yield chunk
        n_bytes += len(chunk)
        if (seconds := time.monotonic() - since) > timeout:
            if n_bytes < MIN_RATE * seconds:
                raise _AttemptError(
                    f"stalled at {n_bytes / seconds:.0f} bytes a second", retry=True
                )
            since, n_bytes = time.monotonic(), 0


def _require_intact(part: Path, name: str) -> None:
    if not _is_intact(part, name):
        raise _AttemptError("the content is not that of MNIST (wrong SHA-256)", retry=False)


def _install(part: Path, target: Path) -> None:
    with _storing(target):
        if _holds_other_data(target):
            os.replace(target, target.with_name(f"{target.name}.replaced"))
        os.replace(part, target)


def _holds_other_data(target: Path) -> bool:
    try:
        read_idx(target)
    except DatasetError:
        return False
    return True


def _tell(progress: bool, text: str) -> None:
    if progress and sys.stderr is not None:
        say(text, end="", file=sys.stderr, flush=True)


class _Bar:
    """One line on stderr that is redrawn in a terminal or a notebook, written once elsewhere."""

    WIDTH = 30

    def __init__(self, name: str, total: int, progress: bool) -> None:
        self.name, self.total, self.progress = name, total, progress
        self.n_bytes, self.shown_at = 0, 0.0
        err = sys.stderr
        self.live = err is not None and (err.isatty() or "ipykernel" in type(err).__module__)

    def show(self, n_bytes: int) -> None:
        self.n_bytes = n_bytes
        if self.live and time.monotonic() - self.shown_at > 0.1:
            self.shown_at = time.monotonic()
            _tell(self.progress, f"\r{self}")

    def close(self) -> None:
        _tell(self.progress, f"\r{self}\n" if self.live else f"{self}\n")

    def __str__(self) -> str:
        done = min(self.n_bytes / self.total, 1.0) if self.total else 1.0
        bar = ("#" * round(self.WIDTH * done)).ljust(self.WIDTH, ".")
        return f"{self.name:27} [{bar}] {self.n_bytes / 1e6:5.2f} MB"
