"""IDX, the file format of MNIST: a tiny header, then the numbers.

The header is two zero bytes, one byte for the type, one for the number of axes, and the
length of each axis as a big-endian 32-bit integer. The numbers follow, big-endian, the last
axis running fastest. Source: "The IDX file format" on the MNIST page of LeCun, Cortes, Burges.
"""

from __future__ import annotations

import gzip
import math
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from course_utils.datasets.errors import DatasetError

DTYPES = {
    code: np.dtype(name)
    for code, name in {
        0x08: "u1",
        0x09: "i1",
        0x0B: ">i2",
        0x0C: ">i4",
        0x0D: ">f4",
        0x0E: ">f8",
    }.items()
}
MAX_AXES = 8
MAX_BYTES = 2**31  # EMNIST, the largest relative of MNIST, needs 0.55 GB
CHUNK = 2**20

NEW_COPY = (
    "Replace it with an intact copy: `python -m course_utils download` fetches MNIST, "
    "`git restore data/mnist-sample` brings the sample back."
)
GZIP = b"\x1f\x8b"
# What people save under the name of an IDX file, by its first bytes.
MISTAKEN = {
    b"<": "is a web page, not an IDX file",
    b"PK": "is a zip archive, not an IDX file",
    b"\x93NUMPY": "is a NumPy file, not an IDX file",
    b"version https://git-lfs": "is a Git LFS pointer, not the file itself",
    GZIP: "is compressed twice with gzip",
}


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> torch.Tensor:
    """Read one IDX file, raw or gzip (told by its content, whatever its name).

    Args:
        path: the file.
        max_bytes: the most that its numbers may take, unpacked; a file of somebody else's can be
            small and unpack to gigabytes.

    Returns:
        A writable tensor of the shape in the header; uint8, int8, int16, int32, float32
        or float64. MNIST's images are uint8 `(N, 28, 28)` in 0..255, its labels uint8 `(N,)`.

    Raises:
        DatasetError: if the file is missing, cannot be read, is not exactly one IDX array, or
            holds more than `max_bytes`.

    Example:
        >>> images = read_idx("data/mnist-sample/t10k-images-idx3-ubyte.gz")
        >>> images.shape
        torch.Size([1000, 28, 28])
    """
    path = Path(os.path.expanduser(path))
    with open_content(path) as stream:
        dtype, shape = _read_header(stream, path)
        data = _read_body(stream, path, dtype.itemsize * math.prod(shape), max_bytes)
    array = np.frombuffer(data, dtype).reshape(shape)
    return torch.from_numpy(array.astype(dtype.newbyteorder("="), copy=False))


def write_idx(path: str | os.PathLike[str], array: torch.Tensor | np.ndarray) -> None:
    """Write one array as IDX; gzip if the name ends in `.gz`. Same array, same bytes.

    Args:
        path: the file; it is overwritten.
        array: 1 to 8 axes; uint8, int8, int16, int32, float32 or float64.

    Raises:
        ValueError: if IDX has no such type or shape.

    Example:
        >>> write_idx("my-labels-idx1-ubyte.gz", torch.tensor([5, 0, 4], dtype=torch.uint8))
        >>> read_idx("my-labels-idx1-ubyte.gz")
        tensor([5, 0, 4], dtype=torch.uint8)
    """
    content = idx_bytes(array)
    with open(os.path.expanduser(path), "wb") as file:
        if os.fspath(path).endswith(".gz"):
            # No name and no time in the header, so that the same array gives the same file.
            with gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed:
                packed.write(content)
        else:
            file.write(content)


def idx_bytes(array: torch.Tensor | np.ndarray) -> bytes:
    """The content of an IDX file that holds `array` (see `write_idx`)."""
    array = np.asarray(array)
    big_endian = array.dtype.newbyteorder(">")
    code = next((code for code, dtype in DTYPES.items() if dtype == big_endian), None)
    if code is None:
        raise ValueError(
            f"IDX has no type for {array.dtype}; convert first, labels with .to(torch.uint8)"
        )
    if not 1 <= array.ndim <= MAX_AXES:
        raise ValueError(f"IDX arrays have 1 to {MAX_AXES} axes, got shape {array.shape}")
    header = bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(big_endian).tobytes()


@contextmanager
def open_content(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file, unpacked if it is gzip; what fails inside becomes a DatasetError."""
    try:
        _require_regular_file(path)
        with path.open("rb") as file:
            packed = file.peek(2)[:2] == GZIP
            with gzip.open(file) if packed else nullcontext(file) as stream:
                yield stream
    except EOFError:
        raise DatasetError(path, "breaks off: its gzip data are cut short", NEW_COPY) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DatasetError(path, f"has damaged gzip data ({error})", NEW_COPY) from error
    except FileNotFoundError as error:
        cause = "is a link to nothing" if path.is_symlink() else "does not exist"
        raise DatasetError(path, cause, "Check the path, or put the file there.") from error
    except PermissionError as error:
        remedy = "Give yourself the right to read it, or copy it to a folder of your own."
        raise DatasetError(path, "may not be read (permission denied)", remedy) from error
    except OSError as error:
        reason = error.strerror or error
        raise DatasetError(path, f"cannot be read ({reason})", NEW_COPY) from error


def _require_regular_file(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        remedy = "Put the file itself there; it may lie inside this directory."
        raise DatasetError(path, "is a directory where a file should be", remedy)
    if not stat.S_ISREG(mode):  # opening a pipe would wait for ever
        raise DatasetError(path, "is not a regular file", NEW_COPY)


def _read_header(stream: BinaryIO, path: Path) -> tuple[np.dtype, tuple[int, ...]]:
    magic = stream.read(4)
    if not magic:
        raise DatasetError(path, "is empty", NEW_COPY)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        raise DatasetError(path, _why_not_idx(magic + stream.read(20)), NEW_COPY)
    n_axes = magic[3]
    if not 1 <= n_axes <= MAX_AXES:
        cause = f"has {n_axes} axes according to its header, 1 to {MAX_AXES} were expected"
        raise DatasetError(path, cause, NEW_COPY)
    lengths = stream.read(4 * n_axes)
    if len(lengths) < 4 * n_axes:
        raise DatasetError(path, "breaks off inside its header", NEW_COPY)
    return DTYPES[magic[2]], tuple(np.frombuffer(lengths, ">u4").tolist())


def _why_not_idx(start: bytes) -> str:
    for signature, cause in MISTAKEN.items():
        if start.lstrip().startswith(signature):
            return cause
    return f"is not an IDX file: its magic number is 0x{start[:4].hex()}, not like 0x00000803"


def _read_body(stream: BinaryIO, path: Path, n_bytes: int, max_bytes: int) -> bytearray:
    """Read to the end, in chunks: a header's word is not enough to allocate memory."""
    if n_bytes == 0:
        raise DatasetError(path, "holds no items", NEW_COPY)
    if n_bytes > max_bytes:
        cause = f"claims {n_bytes:,} bytes of data, more than the {max_bytes:,} read at most"
        remedy = NEW_COPY if max_bytes == MAX_BYTES else "If it is to be so large, raise max_bytes."
        raise DatasetError(path, cause, remedy)
    data = bytearray()
    while chunk := stream.read(min(CHUNK, n_bytes + 1 - len(data))):
        data += chunk
    if len(data) < n_bytes:
        cause = f"breaks off: {len(data):,} of the {n_bytes:,} bytes that its header announces"
        raise DatasetError(path, cause, NEW_COPY)
    if len(data) > n_bytes:
        cause = f"has bytes left over after the {n_bytes:,} that its header announces"
        raise DatasetError(path, cause, NEW_COPY)
    return data
