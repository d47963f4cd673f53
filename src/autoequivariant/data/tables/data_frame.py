"""Data frames in memory, of pandas, Polars and the like, recognised by their methods alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.tables.categories import Alphabet
from autoequivariant.data.tables.checker import features_and_targets
from autoequivariant.data.tables.columns import name_all


def coded_frame(
    x: Any, known: Mapping[str, Alphabet] | None = None
) -> tuple[Any, dict[str, Alphabet]]:
    """Return a data frame with text as codes, and the alphabet of each column, by its name.

    A frame without text is returned as it is, as is anything else; then there are no alphabets.

    Args:
        x: a data frame, or anything else.
        known: the alphabets of an earlier frame. Default: they follow from this one.

    Raises:
        DataError: columns that cannot be features; names them.
    """
    if not _is_frame(x):
        return x, {}
    # Here and not above: arrays do without it.
    import pyarrow

    names = name_all([str(name) for name in x.columns], "the data frame")
    values = np.asarray(x.to_numpy())
    table = pyarrow.table(dict(zip(names, map(_column, values.T), strict=True)))
    texts = None
    if known is not None:
        texts = {name: known[name] for name in names if known.get(name)}
    codes, _, categories = features_and_targets(
        table, names, (), "the data frame", drop="", known=texts
    )
    if not categories:
        return x, {}
    import pandas

    numbers = [
        own if alphabet else column.astype(np.float64)
        for own, column, alphabet in zip(codes.T, values.T, categories, strict=True)
    ]
    coded = pandas.DataFrame(np.stack(numbers, axis=1, dtype=np.float64), columns=list(x.columns))
    return coded, dict(zip(names, categories, strict=True))


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
