"""The `.npy` format, read from untrusted bytes: `numpy.lib.format` parses the header alone."""

from __future__ import annotations

import io
import math
import sys
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from autoequivariant.data.arrays import peak_bytes
from autoequivariant.data.formats.gzipped import read_bytes
from autoequivariant.data.messages import library_errors
from autoequivariant.errors import DataError

_LONGEST_HEADER = 1 << 16
_LAST_CODE_POINT = sys.maxunicode


@dataclass(frozen=True)
class NpyHeader:
    """What the header of an array says, checked against the size of the file or member.

    Attributes:
        what: the array, for messages, such as `x_train in data.npz`.
        shape: its axes.
        dtype: numbers or text.
        is_fortran: whether the first axis is the fastest.
        offset: where the values begin.
    """

    what: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_fortran: bool
    offset: int

    def peak_bytes(self, is_label: bool) -> int:
        """Return how much memory the array takes, as in `arrays.peak_bytes`."""
        return peak_bytes(self.shape, self.dtype, is_label)


def read_npy_header(stream: IO[bytes], size: int, what: str) -> NpyHeader | None:
    """Return the header of an array, or None if the stream does not begin with one.

    Args:
        stream: at its beginning.
        size: bytes of the file or member.
        what: the array, for messages.

    Raises:
        DataError: the header is damaged, its shape and type do not add up to `size`, or its type is
            pickled objects or records.
    """
    head = io.BytesIO(stream.read(_LONGEST_HEADER))
    if not head.getvalue().startswith(npy_format.MAGIC_PREFIX):
        return None
    try:
        with library_errors(f"{what} is damaged", "fetch or write it again"):
            version = npy_format.read_magic(head)
            if version not in ((1, 0), (2, 0)):
                raise ValueError(f"version {version} of the format, which holds no plain array")
            parse = getattr(npy_format, f"read_array_header_{version[0]}_0")
            shape, is_fortran, dtype = parse(head)
            shape = _checked_shape(shape)
    except MemoryError:  # of Python's parser, which nested parentheses exhaust
        raise DataError(
            f"{what} is damaged (its header is nested too deeply): fetch or write it again."
        ) from None
    if dtype.hasobject:
        raise DataError(
            f"{what} holds pickled Python objects, which could run code and are not read: save it "
            "as an array of numbers (or, for labels, of text)."
        )
    if dtype.kind == "V" or not dtype.itemsize:
        raise DataError(f"{what} holds records or nothing: save it as an array of numbers.")
    header = NpyHeader(what, shape, dtype, bool(is_fortran), head.tell())
    expected = header.offset + math.prod(shape) * dtype.itemsize
    if expected != size:
        raise DataError(
            f"{what} is damaged (its header announces {expected:,} bytes, but there are {size:,}): "
            "fetch or write it again."
        )
    return header


def read_npy_values(stream: IO[bytes], header: NpyHeader) -> NDArray[Any]:
    """Return the array, from a stream at its beginning.

    Raises:
        DataError: values are missing, or text is not Unicode.
    """
    stream.read(header.offset)
    expected = math.prod(header.shape) * header.dtype.itemsize
    body = read_bytes(stream, expected)
    if len(body) != expected or stream.read(1):  # at the end zipfile checks its sum
        raise DataError(f"{header.what} is damaged (cut short): fetch or write it again.")
    if header.dtype.kind == "U":
        codes = body.view(np.dtype(np.uint32).newbyteorder(header.dtype.byteorder))
        if codes.size and codes.max() > _LAST_CODE_POINT:
            raise DataError(f"{header.what} holds text that is not Unicode: write it again.")
    if header.is_fortran:
        return body.view(header.dtype).reshape(header.shape[::-1]).T
    return body.view(header.dtype).reshape(header.shape)


def _checked_shape(shape: tuple[Any, ...]) -> tuple[int, ...]:
    # NumPy's own check takes True for 1, negative numbers, and numbers beyond any memory.
    if not all(type(side) is int and 0 <= side <= sys.maxsize for side in shape):
        raise ValueError(f"shape {shape}")
    np.empty((0,) * len(shape))  # raises where there are too many axes
    return shape
