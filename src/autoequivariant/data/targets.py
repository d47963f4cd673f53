"""Targets of regression: one number or several for each sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.data.messages import check_names, is_number
from autoequivariant.data.precision import check_precision
from autoequivariant.errors import DataError

_Targets = NDArray[np.float32]


def encode_targets(
    train: ArrayLike, test: ArrayLike | None, names: tuple[str, ...], origin: str
) -> tuple[tuple[str, ...], _Targets, _Targets | None]:
    """Return the names of the targets, and the targets of train and test.

    Args:
        train: numbers, shape `(n,)` or `(n, m)`; whole numbers and booleans are numbers, too.
        test: those of the test samples, or None.
        names: one for each of the `m`. Default: `target`, or `target_0`, `target_1`, ...
        origin: the data set's name or path, for messages.

    Returns:
        `m` names, and float32 of shapes `(n, m)` and, where there is a test set, `(n_test, m)`.

    Raises:
        DataError: targets that are no numbers, NaN or infinite in float32, the same in all training
            samples, too far from 0 for float32, or of another number in test than in train; names
            that do not fit.
    """
    rows = _as_rows(train, "train", origin)
    y = _as_float32(rows)
    names = names or _default_names(y.shape[1])
    check_names(names, y.shape[1], "targets", origin)
    _check_finite(y, names, "train", origin)
    constant = [name for name, column in zip(names, y.T, strict=True) if np.ptp(column) == 0]
    if constant:
        value = float(y[0, names.index(constant[0])])
        raise DataError(
            f"The target {constant[0]!r} of {origin} is {value:g} in all training samples: there "
            "is nothing to predict, so choose another target."
        )
    columns = zip(names, rows.T, strict=True)
    check_precision(columns, "target", origin, lambda names: ", and add it to the predictions")
    if test is None:
        return names, y, None
    y_test = _as_float32(_as_rows(test, "test", origin))
    if y_test.shape[1] != y.shape[1]:
        raise DataError(
            f"{origin} has {y.shape[1]} targets in train but {y_test.shape[1]} in test: give "
            "as many in both."
        )
    _check_finite(y_test, names, "test", origin)
    return names, y, y_test


def target_rows(
    values: ArrayLike, names: tuple[str, ...], what: str, origin: str
) -> NDArray[np.float32]:
    """Return targets to compare a trained model's predictions with, float32, shape `(n, m)`.

    Args:
        values: numbers, shape `(n,)` or `(n, m)`.
        names: of the model's `m` targets.
        what: which these are, for messages.
        origin: the data set's name or path, for messages.

    Raises:
        DataError: no numbers, NaN or infinite, or another number of targets.
    """
    y = _as_float32(_as_rows(values, what, origin))
    if y.shape[1] != len(names):
        raise DataError(
            f"{origin} has {y.shape[1]} targets, but the model has {len(names)} "
            f"({', '.join(names[:5])}): give one number for each."
        )
    _check_finite(y, names, what, origin)
    return y


def _default_names(count: int) -> tuple[str, ...]:
    return ("target",) if count == 1 else tuple(f"target_{number}" for number in range(count))


def _as_rows(values: ArrayLike, what: str, origin: str) -> NDArray[Any]:
    """Return numbers of any type, shape `(n, m)`."""
    array = np.asarray(values)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or not array.shape[1]:
        raise DataError(
            f"The {what} targets of {origin} have shape {np.shape(values)}: give one number for "
            "each sample, shape (n,), or m of them, shape (n, m)."
        )
    if array.dtype.kind not in "biuf":
        array = _without_objects(array, what, origin)
    return array


def _as_float32(rows: NDArray[Any]) -> _Targets:
    """Return numbers as float32, infinite beyond its range."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(rows, dtype=np.float32)


def _without_objects(array: NDArray[Any], what: str, origin: str) -> NDArray[Any]:
    strangers = array.dtype.kind != "O" or any(
        isinstance(value, str | bytes) for value in array.flat
    )
    if not strangers:
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError):
            pass
    shown = next((v for v in array.flat if not is_number(v)), array.flat[0])
    raise DataError(
        f"The {what} targets of {origin} are not all numbers (such as {str(shown)[:40]!r}): give "
        "numbers alone, or take them as classes with --task classification."
    )


def _check_finite(y: _Targets, names: tuple[str, ...], what: str, origin: str) -> None:
    bad = ~np.isfinite(y)
    if not bad.any():
        return
    rows = np.flatnonzero(bad.any(axis=1))
    name = names[int(np.argmax(bad[rows[0]]))]
    samples = "1 sample" if len(rows) == 1 else f"{len(rows):,} samples"
    raise DataError(
        f"The {what} targets of {origin} are NaN or infinite in float32 in {samples}, the first "
        f"{name!r} in sample {rows[0]}: replace them or leave those samples out."
    )
