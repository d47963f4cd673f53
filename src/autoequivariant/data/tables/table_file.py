"""Tables in files, CSV and Parquet, read by Apache Arrow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.input_spec import InputSpec, RawInput
from autoequivariant.data.messages import reason
from autoequivariant.data.source import DataSource, ReadOptions, file_suffix
from autoequivariant.data.tables.arrow_file import native_file
from autoequivariant.data.tables.checker import check_feature_precision, features_and_targets
from autoequivariant.data.tables.columns import choose_columns, name_all
from autoequivariant.data.tables.csv_file import read_csv
from autoequivariant.data.tables.model_columns import read_model_columns
from autoequivariant.errors import DataError

PARQUET_SUFFIXES = (".parquet", ".pq")
TABLE_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", *PARQUET_SUFFIXES)


class TableFile(DataSource):
    """A table whose rows are samples and whose columns are features and targets."""

    name = "table"
    form = f"a table ({', '.join(TABLE_SUFFIXES)})"
    suffixes = TABLE_SUFFIXES
    options = frozenset({"target", "drop"})

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Read targets, and all other columns as features."""
        return read_table(Path(data), options.target, options.drop)

    def read_input(self, data: str | Path, spec: InputSpec) -> RawInput:
        """Read the columns of a trained model by name, and the targets if there are any."""
        table = open_table(Path(data))
        names = name_all(table.column_names, str(data))
        return read_model_columns(table.rename_columns(names), spec, str(data))


def read_table(path: Path, target: Sequence[str] | None, drop: Sequence[str] | None) -> Arrays:
    """Read a table whose rows are samples.

    Args:
        path: a file with one of `TABLE_SUFFIXES`.
        target: columns to predict; each text is one name or several with commas.
        drop: columns to leave out, written like `target`. Default: none.

    Returns:
        All other columns as float32, shape `(n, columns)`, in their order, and the target as it is
        (several: float64, shape `(n, targets)`), with their names.

    Raises:
        DataError: the file cannot be read as a table, or its values cannot be used.
        SettingsError: no target is named, or a name fits no column.
        OSError: the file cannot be opened.
    """
    table = open_table(path)
    features, targets = choose_columns(table.column_names, target, drop, str(path))
    table = table.rename_columns(name_all(table.column_names, str(path)))
    x, y = features_and_targets(table, features, targets, str(path))
    check_feature_precision(table, features, str(path))
    return Arrays(x, y, columns=features, targets=targets)


def open_table(path: Path) -> Any:
    """Return a file as an Arrow table with at least one row; names of columns may be empty.

    Raises:
        DataError: the file cannot be read as a table.
        OSError: the file cannot be opened.
    """
    table = _read_parquet(path) if file_suffix(path, PARQUET_SUFFIXES) else read_csv(path)
    if not table.num_rows:
        raise DataError(f"{path} has columns but no rows: give at least a few samples.")
    return table


def _read_parquet(path: Path) -> Any:
    # Here and not above: other sources do without it.
    import pyarrow
    import pyarrow.parquet

    with native_file(path) as file:
        try:
            table = pyarrow.parquet.ParquetFile(file).read()
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise DataError(
                f"{path} is damaged or no Parquet file ({reason(error)}): write or fetch it again."
            ) from None
    return table.drop_columns(_index_of_pandas(table))


def _index_of_pandas(table: Any) -> list[str]:
    """Return the columns in which pandas keeps the names of the rows."""
    try:
        kept = json.loads((table.schema.metadata or {}).get(b"pandas", b"{}"))["index_columns"]
        return [name for name in kept if name in table.column_names]
    except (KeyError, TypeError, ValueError):
        return []
