"""Files that may be gzipped, recognised by their contents and not by their names."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import BinaryIO, cast


def is_gzipped(path: Path) -> bool:
    """Return whether a file begins as gzip does."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_unzipped(path: Path) -> BinaryIO:
    """Open a file, gzipped or not, for reading what it holds."""
    # A GzipFile is a binary stream for every use here; only its declared type is not.
    return cast(BinaryIO, gzip.open(path)) if is_gzipped(path) else path.open("rb")
