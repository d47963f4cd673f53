"""Raw arrays as a source returns them, and the check that turns values into usable numbers."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.errors import DataError

# The most bytes a value that `make_samples` takes, measured as the peak of the process over tables,
# grey and colour images: 2.0 for uint8, 8 to 10 for types of up to 16 bits and float32, 24 for
# int32, 28 for int64 and float64. Labels: 57 for int64, 50 for uint8, 36 for <U1, 144 for <U10.
_COPIES_OF_BYTES = 2
_COPIES_IN_FLOAT32 = 8
_COPIES_IN_FLOAT64 = 20
_COPIES_OF_LABELS = 3
_INDICES_OF_LABELS = 50


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a source returns, unchecked: samples and labels, and a test pair if it has one.

    Attributes:
        x: training samples, the sample axis first.
        y: one label, or one row of numbers, for each of them.
        x_test: test samples, or None.
        y_test: test labels, or None.
        columns: names of the features, if they have names.
        targets: names of the columns of `y`, if they have names.
        kind: of the domain, if the source knows it. Default: by the shape.
        task: `classification` or `regression`, if the source knows it. Default: by the labels.
        categories: of the columns, the values that they hold codes of; empty for a column of
            numbers. Default: all are numbers.
    """

    x: ArrayLike
    y: ArrayLike
    x_test: ArrayLike | None = None
    y_test: ArrayLike | None = None
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    kind: str | None = None
    task: str | None = None
    categories: tuple[tuple[str, ...], ...] = ()


def peak_bytes(shape: Sequence[int], dtype: np.dtype[Any], is_label: bool = False) -> int:
    """Return how much memory an array takes until `make_samples` is done, itself included.

    Args:
        shape: of the array.
        dtype: of the array.
        is_label: whether it holds labels; those of several axes are targets, which are numbers.
    """
    count, size = math.prod(shape), dtype.itemsize
    if is_label and len(shape) == 1:
        return count * (_COPIES_OF_LABELS * size + _INDICES_OF_LABELS)
    if dtype == np.uint8:
        return count * _COPIES_OF_BYTES
    is_exact = np.can_cast(dtype, np.float32)
    return count * (size + (_COPIES_IN_FLOAT32 if is_exact else _COPIES_IN_FLOAT64))


def as_numbers(values: ArrayLike, what: str, origin: str) -> NDArray[Any]:
    """Return samples as uint8 if they are uint8, as float32 if they are other finite real numbers.

    Args:
        values: shape `(n, ...)`.
        what: which array this is, for messages, such as `train`.
        origin: the data set's name or path, for messages.

    Raises:
        DataError: not real numbers, no samples, or NaN or infinite values among them.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise DataError(_not_numbers(array, what, origin))
    if array.ndim == 0:
        raise DataError(
            f"The {what} samples of {origin} are a single number: give one row or picture for each "
            "sample."
        )
    if array.size == 0:
        raise DataError(
            f"The {what} samples of {origin} are empty (shape {array.shape}): "
            "give at least one sample with at least one value."
        )
    if array.dtype == np.uint8:
        return array
    # A float64 beyond the range of float32 becomes infinite here and is reported below.
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    _check_finite(array, what, origin)
    return array


def _not_numbers(array: NDArray[Any], what: str, origin: str) -> str:
    """Return a sentence with the type of the samples and the first value that is not a number."""
    shown = ""
    if array.dtype.kind in "OUSM":
        places = np.ndindex(array.shape)
        place = next((place for place in places if not _is_real(array[place])), None)
        if place is not None:
            where = f"column {place[1]}, sample {place[0]}" if len(place) == 2 else f"{place}"
            shown = f" (such as {str(array[place])[:40]!r} in {where})"
    return (
        f"The {what} samples of {origin} are of type {array.dtype}{shown}: give real numbers, such "
        "as days for dates, and for words one column of 0 and 1 for each."
    )


def _is_real(value: Any) -> bool:
    return isinstance(value, numbers.Real | np.bool_) and not isinstance(value, str | bytes)


def _check_finite(array: NDArray[np.float32], what: str, origin: str) -> None:
    finite = np.isfinite(array)
    if finite.all():
        return
    count = array.size - int(np.count_nonzero(finite))
    per_sample = finite.reshape(len(array), -1).all(axis=1)
    first = int(np.argmin(per_sample))
    values = "1 value that is" if count == 1 else f"{count} values that are"
    raise DataError(
        f"The {what} samples of {origin} hold {values} NaN or infinite in float32, the first in "
        f"sample {first}: replace them or leave those {int((~per_sample).sum())} samples out."
    )
