"""Headers of arrays, checked before anything is allocated."""

import io
import struct
import warnings

import numpy as np
import pytest

from autoequivariant.data.formats.npy import read_npy_header, read_npy_values
from autoequivariant.errors import DataError

BODY = np.arange(12, dtype=np.uint8).tobytes()


def npy(header: str, body: bytes = BODY, version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(header) + 1)
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode("latin-1") + b"\n" + body


def described(shape: str, descr: str = "'|u1'", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}"


def array_of(content: bytes) -> np.ndarray:
    header = read_npy_header(io.BytesIO(content), len(content), "x in a.npz")
    assert header is not None
    return read_npy_values(io.BytesIO(content), header)


READ = [
    (described("(3, 4)"), (3, 4)),
    (described("(12,)"), (12,)),
    (described("(3, 1, 4)", order="True"), (3, 1, 4)),
    (described("(3,)", "'<f4'"), (3,)),
    (described("(3,)", "'<U1'"), (3,)),
    (described("(12L,)"), (12,)),  # as Python 2 wrote it
]


@pytest.mark.parametrize(("header", "shape"), READ)
@pytest.mark.parametrize("version", [1, 2])
def test_headers_that_are_read(header: str, shape: tuple[int, ...], version: int) -> None:
    body = "abc".encode("utf-32-le") if "U1" in header else BODY
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert array_of(npy(header, body, version)).shape == shape


def test_values_are_those_of_numpy() -> None:
    grid = np.arange(6.0).reshape(2, 3)
    for array in (grid, np.asfortranarray(grid), np.array(["a", "é"])):
        file = io.BytesIO()
        np.save(file, array)
        assert np.array_equal(array_of(file.getvalue()), array)


REFUSED = [
    (described(f"({10**30}, 4)"), "damaged .*shape"),
    (described("(True, 12)"), "damaged .*shape"),
    (described("(-3, -4)"), "damaged .*shape"),
    (described("(3.0, 4)"), "damaged"),
    (described("(1,) * 70"), "damaged"),
    (described(str((1,) * 70)), "damaged"),
    (described("(2**3, 4)"), "damaged"),
    (described("(3, 5)"), "announces .* bytes, but there are"),
    (described("(3, 3)"), "announces .* bytes, but there are"),
    (described("(0,)", "'<U0'"), "records or nothing"),
    (described("(3,)", "[('a', '<f4')]"), "records or nothing"),
    (described("(3,)", "'|O'"), "pickled Python objects"),
    (described("(3,)", "'<x9'"), "damaged"),
    ("(" * 5000, "damaged"),
    ("-" * 9000 + "1", "damaged"),
    (described("(" + "9" * 5000 + ",)"), "damaged"),
    ("{" + "'a': 1, " * 5000 + "}", "damaged"),
]


@pytest.mark.parametrize(("header", "message"), REFUSED, ids=range(len(REFUSED)))
@pytest.mark.parametrize("version", [1, 2])
def test_headers_that_are_refused(header: str, message: str, version: int) -> None:
    with warnings.catch_warnings(), pytest.raises(DataError, match=f"^x in a.npz .*{message}"):
        warnings.simplefilter("error")
        array_of(npy(header, version=version))


def test_a_header_that_claims_gigabytes() -> None:
    good = npy(described("(12,)"), version=2)
    assert array_of(good).shape == (12,)
    with pytest.raises(DataError, match="damaged"):
        array_of(good[:8] + struct.pack("<I", 2**32 - 1) + good[12:])


def test_text_that_is_not_unicode() -> None:
    header = described("(3,)", "'<U1'")
    assert array_of(npy(header, "abc".encode("utf-32-le"))).tolist() == ["a", "b", "c"]
    with pytest.raises(DataError, match="text that is not Unicode"):
        array_of(npy(header, b"\xff" * 12))


def test_what_is_no_array() -> None:
    assert read_npy_header(io.BytesIO(b"text"), 4, "x") is None
