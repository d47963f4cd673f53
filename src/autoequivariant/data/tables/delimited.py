"""CSV of the usual kinds: commas, semicolons or tabs, gzipped or not, names in the first row."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from autoequivariant.data.formats.arrow_file import native_file
from autoequivariant.errors import DataError

_DELIMITERS = ";\t,"  # commas last: they stand in numbers and in text, too
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_COMMA_NUMBER = re.compile(r"\s*[+-]?\d+,\d+\s*")
_POINT_NUMBER = re.compile(r"\s*[+-]?\d*\.\d+\s*")
_LINES_LOOKED_AT = 100
_LONGEST_LINE = 1 << 26
_LONGEST_REASON = 200
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class _Form:
    """How a file is written.

    Attributes:
        names: of the columns.
        delimiter: what stands between cells.
        decimal: what stands in a number.
    """

    names: tuple[str, ...]
    delimiter: str
    decimal: str


def read_csv(path: Path) -> Any:
    """Read a CSV file as an Arrow table.

    The delimiter is the one of `,`, `;` and the tab that fits the first lines. After `;` and
    tabs numbers may have a decimal comma. Empty cells, `NA`, `NaN`, `null` and `?` are missing.

    Raises:
        DataError: it is empty, no text in UTF-8, has no names in its first row, or its rows differ
            in length.
        OSError: it cannot be opened.
    """
    # Here and not above: other sources do without it.
    from pyarrow import ArrowInvalid

    with _said_of(path):
        form = _form(path)
        try:
            table = _read(path, form, use_threads=True)
        except ArrowInvalid:
            table = _read(path, form, use_threads=False)  # slow, but names the row that is wrong
        return table.rename_columns(form.names)


def _read(path: Path, form: _Form, use_threads: bool) -> Any:
    import pyarrow
    import pyarrow.csv as arrow

    nulls = [*arrow.ConvertOptions().null_values, "?"]
    with native_file(path) as file:
        return arrow.read_csv(
            pyarrow.CompressedInputStream(file, "gzip") if _is_zipped(path) else file,
            read_options=arrow.ReadOptions(use_threads=use_threads, block_size=1 << 23),
            parse_options=arrow.ParseOptions(delimiter=form.delimiter, newlines_in_values=True),
            convert_options=arrow.ConvertOptions(
                strings_can_be_null=True, null_values=nulls, decimal_point=form.decimal
            ),
        )


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file's contents into a sentence."""
    from pyarrow import ArrowException

    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        if getattr(error, "errno", None) is not None:  # of the system, not of the contents
            raise
        reason = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} is damaged ({reason}): fetch or write it again.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is no text in UTF-8: save it as CSV in UTF-8.") from None
    except ArrowException as error:
        reason = " ".join(str(error).split()).rstrip(".")[:_LONGEST_REASON]
        raise DataError(
            f"{path} cannot be read as a table ({reason}): give every row as many cells as the "
            "first has names."
        ) from None


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with gzip.open(path) if _is_zipped(path) else path.open("rb") as file:
        yield file  # type: ignore[misc]


def _is_zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _GZIP


def _form(path: Path) -> _Form:
    with _opened(path) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        first = ""
        while not first.strip():
            first = text.readline(_LONGEST_LINE)
            if not first:
                raise DataError(
                    f"{path} is empty: give a table with names in the first row and samples below."
                )
        if "\0" in first:
            raise DataError(f"{path} is no text in UTF-8: save it as CSV in UTF-8.")
        lines = [first, *itertools.islice(text, _LINES_LOOKED_AT)]
    read = {delimiter: _rows(lines, delimiter) for delimiter in _DELIMITERS}
    delimiter = max(read, key=lambda one: _fit(read[one]))
    rows = read[delimiter]
    names = tuple(name.strip() for name in rows[0])
    if _are_data(names):
        raise DataError(
            f"The first row of {path} is all numbers ({', '.join(names[:3])}"
            f"{', ...' if len(names) > 3 else ''}), but has to name the columns: add a first row "
            "with names."
        )
    return _Form(names, delimiter, _decimal(rows[1:], delimiter))


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:  # a long line without this delimiter is a cell that is too long
        return [["".join(lines[:1]).strip()]]


def _fit(rows: list[list[str]]) -> tuple[bool, float, int]:
    """Return how well a delimiter fits: rows of one length, and then the longest."""
    lengths = [len(row) for row in rows if row]
    return lengths[0] > 1, lengths.count(lengths[0]) / len(lengths), lengths[0]


def _are_data(names: tuple[str, ...]) -> bool:
    """Whether all are numbers, and not 0, 1, 2, ..., which pandas calls columns without names."""
    if not all(_NUMBER.fullmatch(name) for name in names):
        return False
    return len(names) < 3 or names != tuple(map(str, range(len(names))))


def _decimal(rows: list[list[str]], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    cells = [cell for row in rows for cell in row]
    if any(_POINT_NUMBER.fullmatch(cell) for cell in cells):
        return "."
    return "," if any(_COMMA_NUMBER.fullmatch(cell) for cell in cells) else "."
