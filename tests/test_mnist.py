"""Reading IDX files, finding MNIST, and the sample that comes with the course."""

import gzip
import hashlib
import importlib.util
import os
import pickle
import re
import struct
import sys
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from mnist import MNIST  # python-mnist, the oracle

from course_utils.datasets import (
    MNIST_SAMPLE,
    DatasetError,
    cache_folder,
    load_mnist,
    mnist,
    read_idx,
    write_idx,
)
from course_utils.datasets.idx import idx_bytes
from course_utils.datasets.mnist import (
    FILES,
    SAMPLE_FINGERPRINT,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
)

PROJECT = Path(__file__).resolve().parents[1]
PIXELS = torch.arange(4 * 28 * 28).remainder(251).to(torch.uint8).reshape(4, 28, 28)
DIGITS = torch.tensor([5, 0, 4, 9], dtype=torch.uint8)
TINY = {
    TRAIN_IMAGES: PIXELS,
    TRAIN_LABELS: DIGITS,
    TEST_IMAGES: PIXELS[:2].flip(0),
    TEST_LABELS: DIGITS[2:],
}


@pytest.fixture(autouse=True)
def empty_places(monkeypatch, tmp_path):
    """No full set anywhere, whatever the machine has."""
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "MNIST_SHARED", tmp_path / "shared")


def put_tiny(folder, ending=".gz", *, dotted=False):
    """Four images to train and two to test, as IDX files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in TINY.items():
        write_idx(folder / ((name.replace("-idx", ".idx") if dotted else name) + ending), array)
    return folder


def assert_tiny(data):
    assert torch.equal(data.train_images, PIXELS)
    assert data.train_labels.tolist() == [5, 0, 4, 9]
    assert torch.equal(data.test_images, TINY[TEST_IMAGES])
    assert data.test_labels.tolist() == [4, 9]


# --- The sample -----------------------------------------------------------------------------


def test_without_a_full_set_the_sample_is_loaded():
    data = load_mnist()
    assert data.source == "sample"
    assert (data.train_images.shape, data.train_images.dtype) == ((4000, 28, 28), torch.uint8)
    assert (data.test_images.shape, data.test_images.dtype) == ((1000, 28, 28), torch.uint8)
    assert (data.train_labels.shape, data.train_labels.dtype) == ((4000,), torch.int64)
    assert (data.test_labels.shape, data.test_labels.dtype) == ((1000,), torch.int64)
    assert data.train_labels.bincount().tolist() == [400] * 10
    assert data.test_labels.bincount().tolist() == [100] * 10
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_the_description_is_one_line_that_names_the_data_and_the_way_to_the_other():
    data = load_mnist()
    assert repr(data) == str(data) == data.description
    assert data.description.startswith("MNIST sample: 4,000 digits to train, 1,000 to test")
    assert "python -m course_utils download" in data.description
    assert "\n" not in data.description
    assert str(PROJECT) not in data.description


def test_loading_says_nothing_and_warns_of_nothing(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_mnist()
    assert capfd.readouterr() == ("", "")


def test_the_tensors_can_be_written_to():
    data = load_mnist()
    data.train_images[0] += 1
    data.train_labels[0] = 3
    assert not torch.equal(data.train_images[0], load_mnist().train_images[0])


def test_the_reader_agrees_with_python_mnist_on_the_sample():
    data = load_mnist()
    theirs = MNIST(str(MNIST_SAMPLE), gz=True)
    for images, labels, (their_images, their_labels) in (
        (data.train_images, data.train_labels, theirs.load_training()),
        (data.test_images, data.test_labels, theirs.load_testing()),
    ):
        assert images.flatten(1).tolist() == their_images
        assert labels.tolist() == list(their_labels)


def test_a_missing_sample_names_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(mnist, "MNIST_SAMPLE", tmp_path / "mnist-sample")
    with pytest.raises(DatasetError, match=r"no such folder.*pip install -e \..*git restore"):
        load_mnist()


# --- The tool that made the sample, and the table that describes it --------------------------


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("tool", PROJECT / "tools/make_mnist_sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def test_files_table_and_tool_name_the_same_checksums(tool):
    table = re.findall(
        r"^\| `(\S+)\.gz` \| ([\d,]+) \| `(\w{64})` \| `(\w{64})` \|$",
        (PROJECT / "data/README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert [row[0] for row in table] == list(FILES)
    for name, n_items, file_sum, content_sum in table:
        packed = (MNIST_SAMPLE / f"{name}.gz").read_bytes()
        content = gzip.decompress(packed)
        assert int(n_items.replace(",", "")) == int.from_bytes(content[4:8], "big")
        assert (sha256(packed), sha256(content)) == (file_sum, content_sum)
        assert tool.CONTENT_SHA256[name] == content_sum


def test_the_folder_of_the_sample_holds_nothing_else():
    assert sorted(p.name for p in MNIST_SAMPLE.iterdir()) == sorted(f"{n}.gz" for n in FILES)


def test_the_tool_takes_the_first_of_each_class_and_every_fifth_to_test(tool):
    labels = torch.randint(0, 10, (400,), generator=torch.Generator().manual_seed(0))
    train, test = tool.choose(labels, per_class=10)
    for k in range(10):
        places = [i for i, label in enumerate(labels.tolist()) if label == k][:10]
        assert [i for i in train.tolist() if labels[i] == k] == places[:4] + places[5:9]
        assert [i for i in test.tolist() if labels[i] == k] == [places[4], places[9]]
    assert train.tolist() == sorted(train.tolist())
    assert test.tolist() == sorted(test.tolist())


def test_the_tool_refuses_data_with_too_few_digits_of_a_class(tool):
    labels = torch.arange(90).remainder(10)
    labels[3] = 4
    with pytest.raises(ValueError, match="9 digits 3 wanted, got 8"):
        tool.choose(labels, per_class=9)


def test_the_tool_refuses_data_that_are_not_mnist(tool, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(put_tiny(tmp_path)))
    with pytest.raises(DatasetError, match="Point COURSE_DATA to the full MNIST"):
        tool.find_full_training_set()


# --- Reading and writing IDX -----------------------------------------------------------------


def test_a_four_image_file_reads_as_python_mnist_reads_it(tmp_path):
    put_tiny(tmp_path, "")
    images, labels = MNIST(str(tmp_path)).load_training()
    assert read_idx(tmp_path / TRAIN_IMAGES).flatten(1).tolist() == images
    assert read_idx(tmp_path / TRAIN_LABELS).tolist() == list(labels)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("code", "letter", "dtype"),
    [
        (0x08, "B", torch.uint8),
        (0x09, "b", torch.int8),
        (0x0B, "h", torch.int16),
        (0x0C, "i", torch.int32),
        (0x0D, "f", torch.float32),
        (0x0E, "d", torch.float64),
    ],
)
def test_every_type_is_read_from_hand_made_bytes_and_written_back(
    tmp_path, code, letter, dtype, ending
):
    content = struct.pack(f">BBBBII6{letter}", 0, 0, code, 2, 2, 3, 1, 2, 3, 4, 5, 100)
    path = tmp_path / f"numbers{ending}"
    path.write_bytes(gzip.compress(content) if ending else content)
    array = read_idx(path)
    assert array.dtype == dtype
    assert array.tolist() == [[1, 2, 3], [4, 5, 100]]
    write_idx(path, array)
    assert (gzip.decompress(path.read_bytes()) if ending else path.read_bytes()) == content


def test_the_same_array_gives_the_same_gzip_file_whenever_and_wherever(tmp_path, monkeypatch):
    write_idx(tmp_path / "a.gz", PIXELS)
    monkeypatch.setattr("time.time", lambda: 1e9)
    write_idx(tmp_path / "b.gz", PIXELS)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


@pytest.mark.parametrize(
    ("array", "part"),
    [
        (torch.tensor([1, 2]), "IDX has no type for int64"),
        (torch.tensor(1, dtype=torch.uint8), "1 to 8 axes"),
        (np.array(["a"]), "IDX has no type for <U1"),
    ],
)
def test_what_idx_cannot_hold_is_not_written(tmp_path, array, part):
    with pytest.raises(ValueError, match=part):
        write_idx(tmp_path / "x", array)
    assert not (tmp_path / "x").exists()


def test_gzip_is_told_by_its_content_not_by_its_name(tmp_path):
    (tmp_path / "raw.gz").write_bytes(idx_bytes(DIGITS))
    (tmp_path / "packed").write_bytes(gzip.compress(idx_bytes(DIGITS)))
    assert read_idx(tmp_path / "raw.gz").tolist() == [5, 0, 4, 9]
    assert read_idx(tmp_path / "packed").tolist() == [5, 0, 4, 9]


def test_gzip_in_several_members_is_read(tmp_path):
    content = idx_bytes(PIXELS)
    (tmp_path / "x.gz").write_bytes(gzip.compress(content[:100]) + gzip.compress(content[100:]))
    assert torch.equal(read_idx(tmp_path / "x.gz"), PIXELS)


RAW = idx_bytes(PIXELS)
PACKED = gzip.compress(RAW)
BROKEN = {
    "empty": (b"", "is empty"),
    "one byte": (b"\0", "not an IDX file"),
    "magic number alone": (RAW[:4], "breaks off inside its header"),
    "half a header": (RAW[:10], "breaks off inside its header"),
    "wrong magic number": (b"\0\1" + RAW[2:], "magic number is 0x00010803"),
    "little endian": (struct.pack("<IIII", 0x803, 4, 28, 28) + RAW[16:], "0x03080000"),
    "unknown type": (b"\0\0\x0a" + RAW[3:], "magic number is 0x00000a03"),
    "no axes": (b"\0\0\x08\0\5", "has 0 axes"),
    "too many axes": (b"\0\0\x08\xff" + RAW[4:], "has 255 axes"),
    "no items": (struct.pack(">IIII", 0x803, 0, 28, 28), "holds no items"),
    "items of no size": (struct.pack(">IIII", 0x803, 4, 0, 28), "holds no items"),
    "header alone": (RAW[:16], "0 of the 3,136 bytes"),
    "one byte short": (RAW[:-1], "3,135 of the 3,136 bytes"),
    "one byte too many": (RAW + b"\0", "bytes left over"),
    "twice": (RAW + RAW, "bytes left over"),
    "header that claims 1.3 GB": (struct.pack(">IIII", 0x803, 1_700_000, 28, 28), "breaks off"),
    "header that claims 10^28": (struct.pack(">IIII", 0x803, *[2**32 - 1] * 3), "claims"),
    "text": (b"5, 0, 4, 1, 9", "not an IDX file"),
    "web page": (b"\n<!DOCTYPE html><title>404</title>", "web page"),
    "zip": (b"PK\3\4" + RAW, "zip archive"),
    "numpy": (b"\x93NUMPY\1\0", "NumPy file"),
    "git lfs": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
    "gzip of nothing": (gzip.compress(b""), "is empty"),
    "gzip header alone": (PACKED[:6], "cut short"),
    "gzip magic alone": (PACKED[:2], "cut short"),
    "gzip cut short": (PACKED[: len(PACKED) // 2], "cut short"),
    "gzip without its end": (PACKED[:-8], "cut short"),
    "gzip without its last byte": (PACKED[:-1], "cut short"),
    "gzip with a wrong checksum": (PACKED[:-8] + b"CRC!" + PACKED[-4:], "damaged gzip"),
    "gzip with a wrong length": (PACKED[:-4] + b"SIZE", "damaged gzip"),
    "gzip with wrong data": (PACKED[:20] + b"\xff" * 40 + PACKED[60:], "damaged gzip|cut short"),
    "gzip with rubbish after it": (PACKED + b"rubbish", "damaged gzip"),
    "gzip in gzip": (gzip.compress(PACKED), "compressed twice"),
    "gzip of too much": (gzip.compress(RAW + bytes(10**7)), "bytes left over"),
    "gzip of too little": (gzip.compress(RAW[:-1]), "3,135 of the 3,136"),
}


@pytest.mark.parametrize(("content", "cause"), BROKEN.values(), ids=BROKEN)
def test_reader_rejects_a_broken_file(tmp_path, content, cause):
    path = tmp_path / "images.gz"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=cause) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    assert caught.value.remedy.startswith("Replace it with an intact copy")


def test_memory_is_not_taken_on_a_headers_word(tmp_path):
    path = tmp_path / "greedy.gz"
    path.write_bytes(gzip.compress(struct.pack(">IIII", 0x803, 2_700_000, 28, 28)))
    tracemalloc.start()
    with pytest.raises(DatasetError, match="0 of the 2,116,800,000 bytes"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_small_file_does_not_unpack_beyond_the_limit_it_is_read_with(tmp_path):
    path = tmp_path / "bomb.idx"
    header = struct.pack(">IIII", 0x803, 50_000, 28, 28)
    path.write_bytes(gzip.compress(header + bytes(50_000 * 28 * 28)))
    assert path.stat().st_size < 50_000
    tracemalloc.start()
    with pytest.raises(DatasetError, match=r"39,200,000 bytes.*more than the 1,000,000.*max_bytes"):
        read_idx(path, max_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert len(read_idx(path, max_bytes=39_200_000)) == 50_000


def test_reader_names_a_directory_where_a_file_should_be(tmp_path):
    with pytest.raises(DatasetError, match=r"directory where a file should be.*inside"):
        read_idx(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_reader_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match="not a regular file"):
        read_idx(tmp_path / "pipe")


def test_reader_tells_a_missing_file_from_a_broken_link(tmp_path):
    with pytest.raises(DatasetError, match="does not exist"):
        read_idx(tmp_path / "nothing")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    with pytest.raises(DatasetError, match="is a link to nothing"):
        read_idx(tmp_path / "link")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(DatasetError, match="cannot be read"):
        read_idx(tmp_path / "loop")


def deny(*args, **kwargs):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("operation", ["open", "stat"])
def test_reader_explains_a_file_that_may_not_be_read(tmp_path, monkeypatch, operation):
    path = put_tiny(tmp_path) / f"{TRAIN_IMAGES}.gz"
    monkeypatch.setattr(Path, operation, deny)
    with pytest.raises(DatasetError, match=r"may not be read .*right to read"):
        read_idx(path)


def test_reader_explains_a_disk_that_fails(tmp_path, monkeypatch):
    path = put_tiny(tmp_path) / f"{TRAIN_IMAGES}.gz"

    def fail(*args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(gzip.GzipFile, "read", fail)
    with pytest.raises(DatasetError, match=r"cannot be read \(Input/output error\)"):
        read_idx(path)


def test_an_error_about_a_name_that_is_not_unicode_can_be_printed():
    error = DatasetError(Path(os.fsdecode(b"d\xffgits")), "is empty", "Copy it again.")
    assert str(error).encode("utf-8") == b"d\\udcffgits: is empty. Copy it again."
    assert isinstance(error, ValueError)


def test_an_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(DatasetError("a", "is empty", "Copy it.")))
    assert str(error) == "a: is empty. Copy it."
    assert (error.file, error.cause, error.remedy) == ("a", "is empty", "Copy it.")


# --- Where the data are found ----------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("layout", [".", "MNIST/raw", "raw"])
def test_every_layout_and_spelling_is_found(tmp_path, monkeypatch, ending, dotted, layout):
    put_tiny(tmp_path / layout, ending, dotted=dotted)
    assert_tiny(load_mnist(tmp_path))
    assert_tiny(load_mnist(str(tmp_path)))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert_tiny(load_mnist())


def test_the_places_are_searched_in_their_order(tmp_path, monkeypatch):
    put_tiny(cache_folder() / "mnist")
    assert_tiny(load_mnist())

    def put_one(folder, digit):
        put_tiny(folder)
        write_idx(folder / f"{TRAIN_LABELS}.gz", torch.full((4,), digit, dtype=torch.uint8))
        return folder

    put_one(mnist.MNIST_SHARED, 1)
    assert load_mnist().train_labels[0] == 1
    monkeypatch.setenv("COURSE_DATA", str(put_one(tmp_path / "named", 2)))
    assert load_mnist().train_labels[0] == 2
    assert load_mnist(put_one(tmp_path / "given", 3)).train_labels[0] == 3


def test_a_relative_course_data_is_refused_with_the_path_that_was_looked_at(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "digits")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=r"no such folder.*a full path is safe") as caught:
        load_mnist()
    assert str(caught.value).startswith(f"{tmp_path / 'digits'}: ")
    put_tiny(tmp_path / "digits")
    assert_tiny(load_mnist())


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_course_data_counts_as_unset(monkeypatch, value):
    monkeypatch.setenv("COURSE_DATA", value)
    assert load_mnist().source == "sample"


def test_course_data_may_begin_with_a_tilde(tmp_path, monkeypatch):
    put_tiny(tmp_path / "digits")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "~/digits")
    assert_tiny(load_mnist())


def test_a_cache_that_is_half_filled_is_not_used():
    (put_tiny(cache_folder() / "mnist") / f"{TEST_LABELS}.gz").unlink()
    assert load_mnist().source == "sample"


def test_a_cache_that_is_damaged_is_an_error_not_a_silent_sample():
    folder = put_tiny(cache_folder() / "mnist")
    (folder / f"{TEST_LABELS}.gz").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"is empty.*course_utils download"):
        load_mnist()


def test_of_a_gzip_and_a_raw_file_the_good_one_is_taken(tmp_path):
    put_tiny(tmp_path, ".gz")
    put_tiny(tmp_path, "")
    (tmp_path / TRAIN_IMAGES).write_bytes(RAW[:-1])
    (tmp_path / f"{TEST_LABELS}.gz").write_bytes(PACKED[:50])
    assert_tiny(load_mnist(tmp_path))
    (tmp_path / f"{TRAIN_IMAGES}.gz").write_bytes(PACKED[:50])
    with pytest.raises(DatasetError, match="gzip data are cut short"):
        load_mnist(tmp_path)


def test_a_folder_of_the_same_name_beside_the_file_does_no_harm(tmp_path):
    put_tiny(tmp_path, "", dotted=True)
    for name in FILES:
        (tmp_path / name).mkdir()
    assert_tiny(load_mnist(tmp_path))


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="no such names there")
def test_a_folder_whose_name_is_not_unicode_is_read(tmp_path):
    folder = put_tiny(Path(os.fsdecode(os.fsencode(tmp_path) + b"/d\xffgits \xe9")))
    assert_tiny(load_mnist(folder))


def test_a_folder_that_is_named_is_used_or_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for name, cause in (
        ("nothing", "there is no such folder"),
        ("file", "is a file, but a folder"),
        ("empty", "without MNIST's files"),
    ):
        with pytest.raises(DatasetError, match=cause):
            load_mnist(tmp_path / name)
        monkeypatch.setenv("COURSE_DATA", str(tmp_path / name))
        with pytest.raises(DatasetError, match=f"{cause}.*unset it to use the sample"):
            load_mnist()


def test_a_folder_that_may_not_be_opened_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(os.path, "lexists", lambda path: False)  # what it says without the right
    monkeypatch.setattr(os, "listdir", deny)
    with pytest.raises(DatasetError, match=r"cannot be opened \(Permission denied\)"):
        load_mnist(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_one_of_four_files_missing_is_named(tmp_path, name):
    (put_tiny(tmp_path) / f"{name}.gz").unlink()
    with pytest.raises(DatasetError, match=f"has no {name}.*Put it there"):
        load_mnist(tmp_path)


# --- What the data must be -------------------------------------------------------------------

WRONG_FORM = {
    "images and labels swapped": (TRAIN_IMAGES, DIGITS, "holds labels where images"),
    "labels are images": (TEST_LABELS, PIXELS, "holds images where labels"),
    "27 rows": (TRAIN_IMAGES, PIXELS[:, 1:], r"uint8 \(4, 27, 28\), wanted was uint8 \(N, 28"),
    "flat images": (TEST_IMAGES, PIXELS.flatten(1), r"uint8 \(4, 784\)"),
    "float images": (TRAIN_IMAGES, PIXELS.float(), "float32"),
    "colour": (TRAIN_IMAGES, PIXELS[..., None].repeat(1, 1, 1, 3), r"\(4, 28, 28, 3\)"),
    "more labels": (TRAIN_LABELS, DIGITS.repeat(2), "8 labels for the 4 images in train-images"),
    "fewer labels": (TEST_LABELS, DIGITS[:1], "1 labels for the 2 images in t10k-images"),
    "label above 9": (TRAIN_LABELS, DIGITS + 1, "the label 10 at position 3"),
    "label below 0": (TRAIN_LABELS, DIGITS.char() - 1, "the label -1 at position 1"),
    "one-hot labels": (TRAIN_LABELS, torch.eye(10).byte()[:4], r"uint8 \(4, 10\)"),
    "float labels": (TRAIN_LABELS, DIGITS.float(), "whole numbers"),
}


@pytest.mark.parametrize(("name", "array", "cause"), WRONG_FORM.values(), ids=WRONG_FORM)
def test_data_of_another_form_are_refused(tmp_path, name, array, cause):
    put_tiny(tmp_path)
    write_idx(tmp_path / f"{name}.gz", array)
    with pytest.raises(DatasetError, match=cause) as caught:
        load_mnist(tmp_path)
    assert f"{name}.gz" in str(caught.value)
    assert caught.value.remedy


def test_labels_of_another_whole_type_become_int64(tmp_path):
    put_tiny(tmp_path)
    write_idx(tmp_path / f"{TRAIN_LABELS}.gz", DIGITS.int())
    assert load_mnist(tmp_path).train_labels.dtype == torch.int64


def test_other_data_are_not_called_mnist(tmp_path):
    data = load_mnist(put_tiny(tmp_path))
    assert data.source == "full"
    assert "not MNIST's own set: 4 to train, 2 to test" in data.description
    assert str(tmp_path) not in data.description


def test_a_copy_of_the_sample_is_known_as_the_sample_until_one_pixel_differs(tmp_path):
    for name in FILES:
        (tmp_path / name).write_bytes(gzip.decompress((MNIST_SAMPLE / f"{name}.gz").read_bytes()))
    data = load_mnist(tmp_path)
    assert data.source == "sample"
    arrays = data.train_images, data.train_labels, data.test_images, data.test_labels
    assert mnist.fingerprint(arrays) == SAMPLE_FINGERPRINT
    data.test_images[7, 14, 14] ^= 1
    write_idx(tmp_path / TEST_IMAGES, data.test_images)
    assert load_mnist(tmp_path).source == "full"


def test_the_full_mnist_is_called_so(tmp_path, monkeypatch):
    folder = put_tiny(tmp_path)
    data = load_mnist(folder)
    arrays = data.train_images, data.train_labels, data.test_images, data.test_labels
    monkeypatch.setattr(mnist, "FULL_FINGERPRINT", mnist.fingerprint(arrays))
    data = load_mnist(folder)
    assert data.source == "full"
    assert data.description.startswith("Full MNIST: 4 digits to train, 2 to test; ")
    assert "load_mnist(MNIST_SAMPLE)" in data.description


# --- The cache folder ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "variable", "value", "wanted"),
    [
        ("linux", "XDG_CACHE_HOME", "/xdg", "/xdg/course-utils"),
        ("linux", "XDG_CACHE_HOME", "not/absolute", "/home/ada/.cache/course-utils"),
        ("linux", "XDG_CACHE_HOME", "", "/home/ada/.cache/course-utils"),
        ("darwin", "XDG_CACHE_HOME", "/xdg", "/home/ada/Library/Caches/course-utils"),
        ("win32", "LOCALAPPDATA", "/local", "/local/course-utils"),
        ("win32", "LOCALAPPDATA", "", "/home/ada/AppData/Local/course-utils"),
        ("linux", "COURSE_CACHE", "/mine", "/mine"),
        ("win32", "COURSE_CACHE", "~/mine", "/home/ada/mine"),
    ],
)
def test_the_cache_folder_is_where_the_platform_wants_it(
    monkeypatch, platform, variable, value, wanted
):
    monkeypatch.delenv("COURSE_CACHE")
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr("sys.platform", platform)
    assert cache_folder() == Path(wanted)
