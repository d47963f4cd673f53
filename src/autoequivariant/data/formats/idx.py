"""The IDX format of MNIST: http://yann.lecun.com/exdb/mnist/, section "The IDX file format".

A file is two zero bytes, a type code, the number of axes, each axis as a big-endian 32-bit length,
then the values, big-endian, last axis fastest.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.formats.gzipped import open_unzipped
from autoequivariant.data.messages import reason
from autoequivariant.errors import DataError

_TYPES = MappingProxyType(
    {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
)
_CHUNK = 1 << 24


def read_idx(path: Path) -> NDArray[Any]:
    """Return the array in an IDX file, gzipped or not (by its contents, not by its name).

    The memory it takes is bounded by the contents of the file, whatever its header says.

    Raises:
        DataError: wrong magic number, cut short, bytes left over, or a damaged gzip file.
        OSError: the file cannot be opened.
    """
    try:
        with open_unzipped(path) as stream:
            return _read_stream(stream, path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"The gzip file {path} is damaged or cut short ({reason(error)}): fetch it again."
        ) from None


def _read_stream(stream: BinaryIO, path: Path) -> NDArray[Any]:
    dtype, shape = _read_header(stream, path)
    header = 4 + 4 * len(shape)
    expected = math.prod(shape) * dtype.itemsize
    # One byte more than expected shows what is left over, and makes gzip check its sum at the end.
    body = _read_up_to(stream, expected + 1)
    if len(body) < expected:
        raise _cut_short(path, header + expected, header + len(body))
    if len(body) > expected:
        raise DataError(
            f"{path} goes on after the {header + expected} bytes that its header announces "
            f"(shape {shape}): it is damaged or no IDX file, so fetch it again."
        )
    return np.frombuffer(body, dtype).reshape(shape)


def _read_header(stream: BinaryIO, path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = stream.read(4)
    if len(magic) < 4:
        raise _cut_short(path, 4, len(magic))
    if magic[:2] != b"\0\0" or magic[2] not in _TYPES or magic[3] == 0:
        raise DataError(
            f"{path} has the wrong magic number: an IDX file begins with the bytes 00 00, a type "
            f"and a number of axes, such as 00 00 08 03, but this one with {magic.hex(' ')}."
        )
    lengths = stream.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise _cut_short(path, 4 + 4 * magic[3], 4 + len(lengths))
    return np.dtype(_TYPES[magic[2]]), tuple(np.frombuffer(lengths, ">u4").tolist())


def _read_up_to(stream: BinaryIO, limit: int) -> bytearray:
    # In pieces, because `read(limit)` would allocate the limit at once, and headers can lie.
    body = bytearray()
    while len(body) < limit and (piece := stream.read(min(_CHUNK, limit - len(body)))):
        body += piece
    return body


def _cut_short(path: Path, expected: int, found: int) -> DataError:
    return DataError(
        f"{path} is cut short: {expected} bytes were expected but {found} were found "
        "(uncompressed), so fetch it again."
    )


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """Return the contents of an IDX file, as `read_idx` reads it."""
    header = bytes([0, 0, 0x08, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + np.ascontiguousarray(array).tobytes()
