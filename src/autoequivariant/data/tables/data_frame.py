"""Data frames in memory, of pandas, Polars and the like, recognised by their methods alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.tables.checker import features_and_targets
from autoequivariant.data.tables.columns import name_all


def check_frame(x: Any) -> None:
    """Refuse a data frame with columns that cannot be features; pass anything else.

    Raises:
        DataError: values that are missing, infinite or no numbers; names the columns.
    """
    if not _is_frame(x):
        return
    # Here and not above: arrays do without it.
    import pyarrow

    names = name_all([str(name) for name in x.columns], "the data frame")
    values = np.asarray(x.to_numpy())
    table = pyarrow.table(dict(zip(names, map(_column, values.T), strict=True)))
    features_and_targets(table, names, (), "the data frame", drop="")


def target_names(y: Any) -> tuple[str, ...]:
    """Return the names of a series or of the columns of a data frame; empty for anything else."""
    if _is_frame(y):
        return tuple(str(name) for name in y.columns)
    name = getattr(y, "name", None) if hasattr(y, "to_numpy") else None
    return () if name is None or name == "" else (str(name),)


def _is_frame(values: object) -> bool:
    return hasattr(values, "columns") and hasattr(values, "to_numpy")


def _column(values: NDArray[Any]) -> Any:
    """Return a column as an array of Arrow; text where it mixes text and numbers."""
    import pyarrow

    try:
        return pyarrow.array(values, from_pandas=True)
    except (pyarrow.ArrowException, TypeError, ValueError):
        return pyarrow.array([None if value is None else str(value) for value in values])
