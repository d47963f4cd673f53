"""Tables in files, CSV and Parquet, read by Apache Arrow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.input_spec import InputSpec, RawInput
from autoequivariant.data.source import DataSource, ReadOptions, file_suffix
from autoequivariant.data.tables.categories import names_and_values
from autoequivariant.data.tables.checker import check_feature_precision, features_and_targets
from autoequivariant.data.tables.columns import choose_columns, name_all
from autoequivariant.data.tables.csv_file import read_csv
from autoequivariant.data.tables.model_columns import TableReader, read_model_columns
from autoequivariant.data.tables.parquet_file import open_parquet
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

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
            Features as float32, shape `(n, columns)`, in their order, text as codes, and the target
            as it is (several: float64, shape `(n, targets)`), with their names and alphabets.
        """
        origin = str(data)
        with _open(Path(data), options.memory) as (headers, read):
            features, targets = choose_columns(headers, options.target, options.drop, origin)
            table = read(features, targets)
        x, y, categories = features_and_targets(table, features, targets, origin)
        check_feature_precision(table, features, origin)
        return Arrays(x, y, columns=features, targets=targets, categories=categories)

    def read_input(self, data: str | Path, spec: InputSpec, memory: MemoryBudget) -> RawInput:
        """Read the columns of a trained model by name, and the targets if there are any."""
        texts = names_and_values(spec.columns, spec.categories)
        with _open(Path(data), memory, texts) as (headers, read):
            return read_model_columns(name_all(headers, str(data)), read, spec, str(data))


@contextmanager
def _open(
    path: Path, memory: MemoryBudget, texts: Collection[str] = ()
) -> Iterator[tuple[tuple[str, ...], TableReader]]:
    """Yield the columns' names, which may be empty, and what reads columns as an Arrow table.

    Columns called as in `texts` are text, also if all of it looks like numbers.
    """
    if not file_suffix(path, PARQUET_SUFFIXES):
        table = read_csv(path, memory, texts)
        headers = tuple(table.column_names)
        yield headers, lambda *_: _with_rows(table, name_all(headers, str(path)), path)
        return
    with open_parquet(path, memory) as (headers, read):

        def read_named(*parts: Sequence[str]) -> Any:
            names = name_all(headers, str(path))
            header_of = dict(zip(names, headers, strict=True))
            name_of = dict(zip(headers, names, strict=True))
            table = read(*([header_of[name] for name in part] for part in parts))
            return _with_rows(table, [name_of[header] for header in table.column_names], path)

        yield headers, read_named


def _with_rows(table: Any, names: Sequence[str], path: Path) -> Any:
    """Return a table with its columns named, and refuse one without rows."""
    if not table.num_rows:
        raise DataError(f"{path} has columns but no rows: give at least a few samples.")
    return table.rename_columns(names)
