"""The text of a CSV file: its head, and its size against the memory that a table may take."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autoequivariant.data.formats.gzipped import is_gzipped, open_unzipped
from autoequivariant.data.tables.arrow_file import native_file
from autoequivariant.data.tables.columns import check_column_count
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

_CHUNK = 1 << 22
_HEAD_LINES = 100
_LONGEST_HEAD = 1 << 24
_LINE_ENDS = (ord("\n"), ord("\r"))

# Peak of the process while a table is read, less the text itself: 19 bytes a cell for 200 MB of
# digits, 20 for 200 MB of numbers of 8 characters, 26 for 1.2 GB of digits.
_BYTES_PER_CELL = 24


def read_head(path: Path, delimiters: str) -> list[str]:
    """Return the first lines of a file, without empty ones at the beginning.

    Raises:
        DataError: it is empty, no text, begins with very many empty lines, or its first row is too
            long or has too many cells.
    """
    with open_unzipped(path) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        first, n_empty = "", 0
        while not first.strip():
            n_empty += len(first)
            if n_empty > _LONGEST_HEAD:
                raise DataError(
                    f"{path} begins with more than {_LONGEST_HEAD:,} characters of empty lines: "
                    "remove them."
                )
            first = text.readline(_LONGEST_HEAD)
            if not first:
                raise DataError(
                    f"{path} is empty: give a table with names in the first row and samples below."
                )
        if "\0" in first:
            raise not_utf_8(path)
        check_column_count(1 + max(map(first.count, delimiters)), str(path))
        if len(first) == _LONGEST_HEAD:
            raise DataError(
                f"The first row of {path} has {_LONGEST_HEAD:,} characters or more, but has to "
                "name the columns: add a first row with names."
            )
        lines, left = [first], _LONGEST_HEAD - len(first)
        while len(lines) <= _HEAD_LINES and left and (line := text.readline(left)):
            lines.append(line)
            left -= len(line)
        return lines if left or len(lines) == 1 else lines[:-1]  # the last may be cut off


def text_opener(path: Path, delimiter: str, memory: MemoryBudget) -> Callable[[], Any]:
    """Reserve the memory that a table takes; return what opens its unzipped text for Arrow.

    A gzipped file is unzipped once, piece by piece, because what it says of its size is not
    reliable.

    Raises:
        DataError: the table takes more memory than is left.
    """
    import pyarrow

    packed = is_gzipped(path)
    kept = pyarrow.BufferOutputStream()  # memory of Arrow, whose threads may outlive Python
    with open_unzipped(path) as file:
        while piece := file.read(_CHUNK):
            codes = np.frombuffer(piece, np.uint8)
            # Lines end with one of the two, or with both.
            lines = max(np.count_nonzero(codes == end) for end in _LINE_ENDS)
            cells = int(lines + np.count_nonzero(codes == ord(delimiter)))
            memory.reserve(len(piece) * (2 if packed else 1) + cells * _BYTES_PER_CELL)
            if packed:
                kept.write(piece)
    return partial(pyarrow.BufferReader, kept.getvalue()) if packed else partial(native_file, path)


def not_utf_8(path: Path) -> DataError:
    """Return the error for text in another encoding."""
    return DataError(f"{path} is no text in UTF-8: save it as CSV in UTF-8.")
