"""Data frames in memory, of pandas, Polars and the like, known by their methods alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.tables.columns import quoted
from autoequivariant.errors import DataError


def is_frame(values: object) -> bool:
    """Whether something has columns with names and can become an array."""
    return hasattr(values, "columns") and hasattr(values, "to_numpy")


def arrays_of_frame(x: Any, y: Any) -> Arrays:
    """Return samples and labels with the names of their columns.

    Args:
        x: a data frame, shape `(n, features)`, or an array of any shape.
        y: a series, an array of shape `(n,)` or `(n, m)`, or a data frame of `m` targets.

    Returns:
        Numbers of a data frame as an array of one type; whatever is no data frame or series as it
        is. Names are texts; what has none gets none.

    Raises:
        DataError: columns of `x` that hold something else than numbers, or have missing values.
    """
    columns: tuple[str, ...] = ()
    if is_frame(x):
        columns, x = _names(x), _numbers(x)
    targets: tuple[str, ...] = ()
    if is_frame(y):
        targets, y = _names(y), y.to_numpy()
    elif hasattr(y, "to_numpy"):
        name, y = getattr(y, "name", None), y.to_numpy()
        targets = () if name is None or name == "" else (str(name),)
    return Arrays(x, y, columns=columns, targets=targets)


def _names(frame: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in frame.columns)


def check_columns(x: Any) -> None:
    """Refuse a data frame with columns that hold something else than numbers; values may be
    missing. Whatever is no data frame passes.

    Raises:
        DataError: names the columns, what they hold, and what to do.
    """
    if not is_frame(x):
        return
    values = np.asarray(x.to_numpy())
    if values.dtype.kind in "biuf":
        return
    strangers = {}
    for name, column in zip(_names(x), _columns(values), strict=True):
        wrong = [value for value in column if not _is_number(value)]
        if wrong:
            strangers[name] = wrong[0]
    if strangers:
        several, shown = len(strangers) > 1, next(iter(strangers.values()))
        like = "such as a column of 0 and 1 for each value"
        if isinstance(shown, date | np.datetime64):
            like = "such as days since the first"
        raise DataError(
            f"The column{'s' if several else ''} {quoted(list(strangers))} of the data frame "
            f"{'hold' if several else 'holds'} something else than numbers (such as "
            f"{str(shown)[:40]!r}): turn {'them' if several else 'it'} into numbers ({like}) or "
            f"leave {'them' if several else 'it'} out."
        )


def _columns(values: NDArray[Any]) -> list[NDArray[Any]]:
    """Return what each column holds, as objects of Python where they are no text."""
    return list(values.reshape(len(values), -1).astype(object).T)


def _numbers(frame: Any) -> NDArray[Any]:
    check_columns(frame)
    values = np.asarray(frame.to_numpy())
    if values.dtype.kind not in "biuf":
        columns = [
            [np.nan if _is_missing(value) else float(value) for value in column]
            for column in _columns(values)
        ]
        values = np.array(columns, np.float64).T
    _refuse_missing(values, _names(frame))
    return values


def _is_missing(value: Any) -> bool:
    # pandas.NA is not equal to itself, and says so by itself.
    return value is None or type(value).__name__ == "NAType"


def _is_number(value: Any) -> bool:
    if isinstance(value, str | bytes):
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return _is_missing(value)
    return True


def _refuse_missing(values: NDArray[Any], names: tuple[str, ...]) -> None:
    if values.dtype.kind != "f":
        return
    missing = np.isnan(values)
    lacking = [names[int(place)] for place in np.flatnonzero(missing.any(axis=0))]
    if lacking:
        several = "s" if len(lacking) > 1 else ""
        rows = int(missing.any(axis=1).sum())
        raise DataError(
            f"The column{several} {quoted(lacking)} of the data frame "
            f"{'have' if several else 'has'} missing values, in {rows:,} of {len(values):,} rows: "
            "fill them or leave those rows out."
        )
