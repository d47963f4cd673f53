import gzip
import struct

import numpy as np
import pytest

from autoequivariant.data.formats.idx import read_idx
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

CODES = {"u1": 0x08, "i1": 0x09, ">i2": 0x0B, ">i4": 0x0C, ">f4": 0x0D, ">f8": 0x0E}


def idx_bytes(array):
    code = CODES[array.dtype.newbyteorder(">").str.lstrip("|")]
    return (
        struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
GOOD = idx_bytes(IMAGES)


@pytest.mark.parametrize("type_", CODES)
@pytest.mark.parametrize("zipped", [False, True])
def test_every_type_comes_back(tmp_path, type_, zipped):
    array = np.array([[1, -2, 300], [4, 5, 6]]).astype(type_)
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(idx_bytes(array)) if zipped else idx_bytes(array))
    found = read_idx(path, MemoryBudget())
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


def test_the_contents_and_not_the_name_tell_gzip(tmp_path):
    path = tmp_path / "plain.gz"
    path.write_bytes(GOOD)
    assert np.array_equal(read_idx(path, MemoryBudget()), IMAGES)


def with_header(*lengths):
    return struct.pack(f">BBBB{len(lengths)}I", 0, 0, 8, len(lengths), *lengths) + bytes(24)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "cut short: 4 bytes were expected but 0 were found"),
        (GOOD[:9], "cut short: 16 bytes were expected but 9 were found"),
        (GOOD[:-5], "cut short: 40 bytes were expected but 35 were found"),
        (GOOD + b"x", "goes on after the 40 bytes that its header announces"),
        (b"\x89PNG" + GOOD, "wrong magic number.*89 50 4e 47"),
        (b"\0\0\x0a\3" + GOOD[4:], "wrong magic number"),
        (b"\0\0\x08\0", "wrong magic number"),
        (with_header(2**32 - 1, 2**32 - 1, 2**32 - 1), "cut short: 7922816"),
        (with_header(60000, 28, 28), "cut short: 47040016 bytes were expected but 40"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_damaged_files(tmp_path, contents, message, zipped):
    path = tmp_path / "damaged-idx3"
    path.write_bytes(gzip.compress(contents) if zipped else contents)
    with pytest.raises(DataError, match=f"damaged-idx3.*{message}"):
        read_idx(path, MemoryBudget())


ZIPPED = gzip.compress(GOOD, mtime=0)


@pytest.mark.parametrize(
    "contents",
    [
        ZIPPED[:-3],  # in the check sum
        ZIPPED[:20],  # in the middle
        ZIPPED[:5],  # in the header
        ZIPPED[:-8] + bytes(8),  # a wrong check sum
        ZIPPED[:12] + b"\xff" * 8 + ZIPPED[20:],  # no deflate stream
    ],
)
def test_damaged_gzip_files(tmp_path, contents):
    path = tmp_path / "a.gz"
    path.write_bytes(contents)
    with pytest.raises(DataError, match="gzip file .*a.gz is damaged or cut short .*fetch it"):
        read_idx(path, MemoryBudget())


@pytest.mark.parametrize("axes", [1, 5, 6, 65, 255])
def test_the_number_of_axes(tmp_path, axes):
    path = tmp_path / "a-idx"
    path.write_bytes(struct.pack(f">BBBB{axes}I", 0, 0, 8, axes, *[1] * axes) + b"x")
    if axes <= 5:
        assert read_idx(path, MemoryBudget()).shape == (1,) * axes
        return
    with pytest.raises(DataError, match=f"axes of 1 to 5, .* 00 00 08 {axes:02x}"):
        read_idx(path, MemoryBudget())


@pytest.mark.parametrize("lengths", [(0, 28, 28), (3, 0, 2**32 - 1), (0,)])
def test_axes_without_length(tmp_path, lengths):
    path = tmp_path / "a-idx"
    path.write_bytes(GOOD)
    assert read_idx(path, MemoryBudget()).size
    path.write_bytes(with_header(*lengths)[: 4 + 4 * len(lengths)])
    with pytest.raises(DataError, match="holds no values"):
        read_idx(path, MemoryBudget())


def test_the_size_is_checked_before_values_are_read(tmp_path, monkeypatch):
    path = tmp_path / "a-idx.gz"
    path.write_bytes(gzip.compress(with_header(1000, 1000)[:-24] + bytes(10**6)))
    assert path.stat().st_size < 10_000
    assert read_idx(path, MemoryBudget(limit=2 * 10**6)).shape == (1000, 1000)
    monkeypatch.setattr("autoequivariant.data.formats.idx.read_bytes", None)
    with pytest.raises(DataError, match="--memory-limit"):
        read_idx(path, MemoryBudget(limit=2 * 10**6 - 1))
