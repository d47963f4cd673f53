"""Tables in files, CSV and Parquet, read by Apache Arrow."""

from __future__ import annotations

import json
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
        """Read the targets, and all columns that are not dropped as features.

        Returns:
            Features as float32, shape `(n, columns)`, in their order, and the target as it is
            (several: float64, shape `(n, targets)`), with their names.
        """
        table, origin = _open(Path(data)), str(data)
        features, targets = choose_columns(table.column_names, options.target, options.drop, origin)
        table = table.rename_columns(name_all(table.column_names, origin))
        x, y = features_and_targets(table, features, targets, origin)
        check_feature_precision(table, features, origin)
        return Arrays(x, y, columns=features, targets=targets)

    def read_input(self, data: str | Path, spec: InputSpec) -> RawInput:
        """Read the columns of a trained model by name, and the targets if there are any."""
        table, origin = _open(Path(data)), str(data)
        table = table.rename_columns(name_all(table.column_names, origin))
        return read_model_columns(table, spec, origin)


def _open(path: Path) -> Any:
    """Return a file as an Arrow table with at least one row; names of columns may be empty."""
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
