"""CSV of the usual kinds: commas, semicolons or tabs, gzipped or not, names in the first row."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.data.messages import library_errors, reason
from autoequivariant.data.tables.columns import BYTES_PER_COLUMN, check_column_count
from autoequivariant.data.tables.csv_text import not_utf_8, read_head, text_opener
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

_BLOCK_BYTES = 1 << 23  # Arrow reads no longer row
_DELIMITERS = ";\t,"  # commas last, because they also occur in numbers and text
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_COMMA_NUMBER = re.compile(r"\s*[+-]?\d+,\d+\s*")
_POINT_NUMBER = re.compile(r"\s*[+-]?\d*\.\d+\s*")


@dataclass(frozen=True)
class _Dialect:
    """How a file is written.

    Attributes:
        names: of the columns; may be empty texts.
        delimiter: between cells.
        decimal: the decimal point of its numbers.
    """

    names: tuple[str, ...]
    delimiter: str
    decimal: str


def read_csv(path: Path, memory: MemoryBudget, texts: Collection[str] = ()) -> Any:
    """Read a CSV file as an Arrow table.

    The delimiter is the one of `,`, `;` and the tab that fits the first lines. With `;` and tabs
    numbers may have a decimal comma. Empty cells, `NA`, `NaN`, `null` and `?` are missing.

    Args:
        path: of the file.
        memory: what reading may take; the text is counted before Arrow reads it.
        texts: columns that are text, whatever they look like. Default: none.

    Raises:
        DataError: it is empty, no text in UTF-8, has no names in its first row, too many columns,
            rows that differ in length, or takes more memory than is left.
        OSError: it cannot be opened.
    """
    # Here and not above: other sources do without it.
    from pyarrow import ArrowInvalid

    with _content_errors(path):
        dialect = _dialect(path)
        memory.reserve(len(dialect.names) * BYTES_PER_COLUMN)
        open_text = text_opener(path, dialect.delimiter, memory)
        try:
            table = _read(open_text, dialect, texts, use_threads=True)
        except ArrowInvalid:
            table = _read(
                open_text, dialect, texts, use_threads=False
            )  # slow, but names the faulty row
        return table.rename_columns(dialect.names)


def _read(
    open_text: Callable[[], Any], dialect: _Dialect, texts: Collection[str], use_threads: bool
) -> Any:
    import pyarrow
    import pyarrow.csv as arrow

    nulls = [*arrow.ConvertOptions().null_values, "?"]
    with open_text() as text:
        return arrow.read_csv(
            text,
            read_options=arrow.ReadOptions(use_threads=use_threads, block_size=_BLOCK_BYTES),
            parse_options=arrow.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True),
            convert_options=arrow.ConvertOptions(
                strings_can_be_null=True,
                null_values=nulls,
                decimal_point=dialect.decimal,
                column_types={name: pyarrow.string() for name in texts},
            ),
        )


@contextmanager
def _content_errors(path: Path) -> Iterator[None]:
    """Turn errors about the contents of a file into sentences; let those of the system pass."""
    from pyarrow import ArrowException

    with library_errors(f"{path} is damaged", "fetch or write it again"):
        try:
            yield
        except MemoryError:  # also one of Arrow's own errors
            raise
        except UnicodeDecodeError:
            raise not_utf_8(path) from None
        except ArrowException as error:
            if "straddl" in str(error):
                raise DataError(
                    f"A row of {path} has more than {_BLOCK_BYTES:,} bytes: write long samples as "
                    "arrays with numpy.savez."
                ) from None
            raise DataError(
                f"{path} cannot be read as a table ({reason(error)}): give every row as many cells "
                "as the first has names."
            ) from None


def _dialect(path: Path) -> _Dialect:
    lines = read_head(path, _DELIMITERS)
    read = {delimiter: _rows(lines, delimiter) for delimiter in _DELIMITERS}
    delimiter = max(read, key=lambda one: _fit(read[one]))
    rows = read[delimiter]
    names = tuple(name.strip() for name in rows[0])
    check_column_count(len(names), str(path))
    if _are_data(names):
        raise DataError(
            f"The first row of {path} is all numbers ({', '.join(names[:3])}"
            f"{', ...' if len(names) > 3 else ''}), but has to name the columns: add a first row "
            "with names."
        )
    return _Dialect(names, delimiter, _decimal(rows[1:], delimiter))


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:  # a long line without this delimiter is a cell that is too long
        return [["".join(lines[:1]).strip()]]


def _fit(rows: list[list[str]]) -> tuple[bool, float, int]:
    """Return how well a delimiter fits: rows of equal length first, then the longest."""
    lengths = [len(row) for row in rows if row]
    return lengths[0] > 1, lengths.count(lengths[0]) / len(lengths), lengths[0]


def _are_data(names: tuple[str, ...]) -> bool:
    """Return whether all are numbers, but not 0, 1, 2, ..., pandas' names for nameless columns."""
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
