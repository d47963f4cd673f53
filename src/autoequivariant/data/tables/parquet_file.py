"""Parquet files, whose columns are read one batch at a time against the memory that is left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from autoequivariant.data.messages import check_unique, library_errors
from autoequivariant.data.tables.arrow_file import native_file
from autoequivariant.data.tables.checker import features_and_targets
from autoequivariant.data.tables.columns import BYTES_PER_COLUMN, check_column_count
from autoequivariant.data.tables.model_columns import TableReader
from autoequivariant.memory import MemoryBudget

_ROWS_AT_ONCE = 1 << 16

# Peak of the process while a table is read, measured on 2,000,000 rows of 20 columns of random
# numbers: 22 bytes a cell for float64, 10 for int8.
_BYTES_PER_CELL = 24


@contextmanager
def open_parquet(path: Path, memory: MemoryBudget) -> Iterator[tuple[tuple[str, ...], TableReader]]:
    """Yield the names of the columns, and what reads features and targets as an Arrow table.

    The sizes in the metadata are reserved before anything is read. Where they lie, the batches that
    Arrow has decoded count.

    Raises:
        DataError: damaged, no Parquet, too many columns, a column to read is nested, or the columns
            take more memory than is left.
        OSError: it cannot be opened.
    """
    # Here and not above: other sources do without it.
    import pyarrow
    import pyarrow.parquet

    errors = partial(
        library_errors, f"{path} is damaged or no Parquet file", "write or fetch it again"
    )
    with native_file(path) as file:
        with errors():
            opened = pyarrow.parquet.ParquetFile(file)
            check_column_count(opened.metadata.num_columns, str(path))
            memory.reserve(opened.metadata.num_columns * BYTES_PER_COLUMN)
            schema = opened.schema_arrow
            hidden = _index_of_pandas(schema)

        def read(features: Sequence[str], targets: Sequence[str]) -> Any:
            with errors():
                leaves = list(map(opened.schema.column, range(opened.metadata.num_columns)))
                byte_arrays = {leaf.name for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"}
                flat = {leaf.name for leaf in leaves if leaf.path == leaf.name}
                lists, list_targets = (
                    [name for name in part if name not in flat] for part in (features, targets)
                )
                # Refused by their types, before anything is read: they inflate to any length.
                features_and_targets(schema.empty_table(), lists, list_targets, str(path))
                # Texts as codes, as one long text may stand in all rows.
                texts = [name for name in (*features, *targets) if name in byte_arrays]
                # Without a buffer that holds whole groups of rows beside what is decoded.
                coded = pyarrow.parquet.ParquetFile(file, read_dictionary=texts, pre_buffer=False)
                return _read(coded, schema, [*features, *targets], memory)

        names = tuple(name for name in schema.names if name not in hidden)
        check_unique(names, "columns", str(path))
        yield names, read


def _read(opened: Any, schema: Any, columns: list[str], memory: MemoryBudget) -> Any:
    import pyarrow

    metadata = opened.metadata
    n_rows = max(0, metadata.num_rows)
    reserved = n_rows * len(columns) * _BYTES_PER_CELL
    memory.reserve(reserved)
    pool = pyarrow.default_memory_pool()
    before = pool.bytes_allocated()
    batches = []
    for batch in opened.iter_batches(_ROWS_AT_ONCE, columns=columns):
        batches.append(batch)
        allocated = pool.bytes_allocated() - before
        if allocated > reserved:
            memory.reserve(allocated - reserved)
            reserved = allocated
    chosen = pyarrow.schema([schema.field(name) for name in columns])
    table = pyarrow.Table.from_batches(batches, None if batches else chosen)
    table.validate(full=True)  # codes of texts may lie outside of their dictionary
    return table


def _index_of_pandas(schema: Any) -> list[str]:
    """Return the columns in which pandas keeps the names of the rows."""
    try:
        kept = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))["index_columns"]
        return [name for name in kept if name in schema.names]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []
