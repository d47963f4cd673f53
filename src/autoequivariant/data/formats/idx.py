"""The IDX format of MNIST: http://yann.lecun.com/exdb/mnist/, section "The IDX file format".

A file is two zero bytes, a type code, the number of axes, each axis as a big-endian 32-bit length,
then the values, big-endian, last axis fastest.
"""

from __future__ import annotations

import math
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import peak_bytes
from autoequivariant.data.formats.gzipped import most_unzipped, open_unzipped, read_bytes
from autoequivariant.data.messages import library_errors
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

_TYPES = MappingProxyType(
    {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
)
_MOST_AXES = 5  # volumes with channels


def read_idx(path: Path, memory: MemoryBudget) -> NDArray[Any]:
    """Return the array in an IDX file, gzipped or not (by its contents, not by its name).

    Args:
        path: of the file.
        memory: what reading may take; the header is checked against it before anything is read.

    Raises:
        DataError: wrong magic number, no values, cut short, bytes left over, a damaged gzip file,
            or too large for `memory`.
        OSError: the file cannot be opened.
    """
    with (
        library_errors(f"The gzip file {path} is damaged or cut short", "fetch it again"),
        open_unzipped(path) as stream,
    ):
        return _read_stream(stream, path, memory)


def _read_stream(stream: BinaryIO, path: Path, memory: MemoryBudget) -> NDArray[Any]:
    dtype, shape = _read_header(stream, path)
    header = 4 + 4 * len(shape)
    expected = math.prod(shape) * dtype.itemsize
    held = min(expected, most_unzipped(path))  # a file cannot hold more, whatever its header says
    memory.reserve(peak_bytes((held // dtype.itemsize,), dtype, is_label=len(shape) == 1))
    body = read_bytes(stream, held)
    if len(body) < expected:
        raise _cut_short(path, header + expected, header + len(body))
    if stream.read(1):  # also makes gzip check its sum
        raise DataError(
            f"{path} goes on after the {header + expected} bytes that its header announces "
            f"(shape {shape}): it is damaged or no IDX file, so fetch it again."
        )
    return body.view(dtype).reshape(shape)


def _read_header(stream: BinaryIO, path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = stream.read(4)
    if len(magic) < 4:
        raise _cut_short(path, 4, len(magic))
    if magic[:2] != b"\0\0" or magic[2] not in _TYPES or not 1 <= magic[3] <= _MOST_AXES:
        raise DataError(
            f"{path} has the wrong magic number: an IDX file begins with the bytes 00 00, a type "
            f"and a number of axes of 1 to {_MOST_AXES}, such as 00 00 08 03, but this one with "
            f"{magic.hex(' ')}."
        )
    lengths = stream.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise _cut_short(path, 4 + 4 * magic[3], 4 + len(lengths))
    shape = tuple(np.frombuffer(lengths, ">u4").tolist())
    if 0 in shape:
        raise DataError(f"{path} holds no values (shape {shape}): fetch it again.")
    return np.dtype(_TYPES[magic[2]]), shape


def _cut_short(path: Path, expected: int, found: int) -> DataError:
    return DataError(
        f"{path} is cut short: {expected} bytes were expected but {found} were found "
        "(uncompressed), so fetch it again."
    )


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """Return the contents of an IDX file, as `read_idx` reads it."""
    header = bytes([0, 0, 0x08, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + np.ascontiguousarray(array).tobytes()
