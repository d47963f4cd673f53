"""Tables in files, CSV and Parquet, read by Apache Arrow: one column or more are the targets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.arrow_file import native_file
from autoequivariant.data.tables.columns import check_unique, choose_columns, named
from autoequivariant.data.tables.delimited import read_csv
from autoequivariant.data.tables.values import features_and_targets, refuse_rounded
from autoequivariant.errors import DataError

CSV_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
PARQUET_SUFFIXES = (".parquet", ".pq")
TABLE_SUFFIXES = (*CSV_SUFFIXES, *PARQUET_SUFFIXES)


def table_suffix(path: Path) -> str:
    """Return the ending that says that a file is a table, or nothing where it is none."""
    name = path.name.lower()
    return next((suffix for suffix in TABLE_SUFFIXES if name.endswith(suffix)), "")


def read_table(path: Path, target: Sequence[str] | None, drop: Sequence[str] | None) -> Arrays:
    """Read a table whose rows are samples.

    Args:
        path: a file with one of `TABLE_SUFFIXES`.
        target: the columns to predict; each may be several with commas between them.
        drop: the columns to leave out, likewise. Default: none.

    Returns:
        All other columns as float32, shape `(n, columns)`, in their order, and the target as it is
        (several: numbers, shape `(n, targets)`), with their names.

    Raises:
        DataError: the file cannot be read as a table, or its values cannot be used.
        SettingsError: no target is named, or a name fits no column.
        OSError: the file cannot be opened.
    """
    table = _read(path)
    names = named(table.column_names)
    nameless = [name for name, own in zip(names, table.column_names, strict=True) if not own]
    features, targets = choose_columns(names, target, drop, str(path), nameless)
    _refuse_no_rows(table, path)
    table = table.rename_columns(names)
    x, y = features_and_targets(table, features, targets, str(path))
    refuse_rounded(table, features, str(path))
    return Arrays(x, y, columns=features, targets=targets)


def open_table(path: Path) -> Any:
    """Return a table of Arrow whose columns all have names.

    Raises:
        DataError: the file cannot be read as a table, or two columns have one name.
        OSError: the file cannot be opened.
    """
    table = _read(path)
    names = named(table.column_names)
    check_unique(names, str(path))
    _refuse_no_rows(table, path)
    return table.rename_columns(names)


def _read(path: Path) -> Any:
    return _read_parquet(path) if table_suffix(path) in PARQUET_SUFFIXES else read_csv(path)


def _refuse_no_rows(table: Any, path: Path) -> None:
    if not table.num_rows:
        raise DataError(f"{path} has columns but no rows: give at least a few samples.")


def _read_parquet(path: Path) -> Any:
    # Here and not above: other sources do without it.
    import pyarrow
    import pyarrow.parquet

    with native_file(path) as file:
        try:
            table = pyarrow.parquet.ParquetFile(file).read()
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            reason = " ".join(str(error).split()).rstrip(".")[:200]
            raise DataError(
                f"{path} is damaged or no Parquet file ({reason}): write or fetch it again."
            ) from None
    return table.drop_columns(_index_of_pandas(table))


def _index_of_pandas(table: Any) -> list[str]:
    """Return the columns in which pandas keeps the names of the rows."""
    try:
        kept = json.loads((table.schema.metadata or {}).get(b"pandas", b"{}"))["index_columns"]
        return [name for name in kept if name in table.column_names]
    except (KeyError, TypeError, ValueError):
        return []
