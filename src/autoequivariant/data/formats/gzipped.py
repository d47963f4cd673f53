"""Files that may be gzipped, recognised by their contents and not by their names."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 24
_LARGEST_RATIO = 1032  # of deflate: 258 bytes for 2 bits


def is_gzipped(path: Path) -> bool:
    """Return whether a file begins as gzip does."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_unzipped(path: Path) -> BinaryIO:
    """Open a file, gzipped or not, for reading what it holds."""
    # A GzipFile is a binary stream for every use here; only its declared type is not.
    return cast(BinaryIO, gzip.open(path)) if is_gzipped(path) else path.open("rb")


def most_unzipped(path: Path) -> int:
    """Return an upper bound of the bytes that a file, gzipped or not, can hold."""
    return path.stat().st_size * (_LARGEST_RATIO if is_gzipped(path) else 1)


def read_bytes(stream: IO[bytes], count: int) -> NDArray[np.uint8]:
    """Return the next bytes of a stream, or fewer where it ends earlier.

    Args:
        stream: where to read.
        count: memory for as many bytes is allocated at once, and taken as they come.
    """
    body = np.empty(count, np.uint8)
    filled = 0
    while filled < count and (piece := stream.read(min(_CHUNK, count - filled))):
        body[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
        filled += len(piece)
    return body[:filled]
