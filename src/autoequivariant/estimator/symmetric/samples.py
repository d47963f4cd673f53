"""Samples as a tensor that a group can move, and back to what an estimator takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.utils import get_tags
from torch import Tensor

from autoequivariant.errors import DataError, listed
from autoequivariant.groups.permutation import Permutation


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a data frame, with the values of those that it is exchanged with.

    Attributes:
        name: as in the frame.
        dtype: of pandas or NumPy, for what is moved.
        values: of a column that holds no numbers, the value of each code, in order; else None.
    """

    name: Any
    dtype: Any
    values: tuple[Any, ...] | None

    def codes(self, column: pd.Series) -> NDArray[np.float64]:
        """Return numbers for a column; NaN where a value is missing."""
        if self.values is None:
            return np.asarray(column.to_numpy(np.float64, na_value=np.nan))
        found = pd.Categorical(column, categories=list(self.values)).codes.astype(np.float64)
        return np.where(found < 0, np.nan, found)

    def decoded(self, codes: NDArray[np.float64]) -> Any:
        """Return the column that numbers stand for."""
        if self.values is None:
            return pd.Series(codes).astype(self.dtype)
        places = np.where(np.isnan(codes), -1, codes).astype(np.int64)
        column = pd.Categorical.from_codes(places, categories=list(self.values))
        if isinstance(self.dtype, pd.CategoricalDtype):
            return column
        return pd.Series(column).astype(self.dtype)


@dataclass(frozen=True, eq=False)
class SampleForm:
    """How an estimator takes samples.

    Attributes:
        shape: of a sample.
        is_flat: whether arrays are flattened to `(n, features)`.
        columns: of a data frame; None for arrays.
    """

    shape: tuple[int, ...]
    is_flat: bool
    columns: tuple[Column, ...] | None = None

    @classmethod
    def of(cls, x: Any, estimator: Any, moves: Sequence[Permutation]) -> Self:
        """Return the form of samples.

        Args:
            x: a checked array, or a data frame of pandas.
            estimator: takes more than two axes if its tags say so.
            moves: how generators of the group act on the values of a sample.

        Raises:
            DataError: columns of a frame are exchanged or negated that cannot be.
        """
        if isinstance(x, pd.DataFrame):
            return cls((x.shape[1],), False, _columns_of(x, moves))
        is_flat = x.ndim > 2 and not get_tags(estimator).input_tags.three_d_array
        return cls(tuple(x.shape[1:]), is_flat)

    def encode(self, x: Any) -> Tensor:
        """Return samples as a tensor, shape `(n, *shape)`."""
        if self.columns is not None:
            pairs = zip(self.columns, range(x.shape[1]), strict=True)
            x = np.stack([column.codes(x.iloc[:, k]) for column, k in pairs], axis=1)
        if x.dtype.kind == "u" and x.dtype.itemsize > 1:
            x = x.astype(np.int64)  # torch has no arithmetic of longer unsigned integers
        if x.dtype.kind == "f" and x.dtype.itemsize > 8:
            x = x.astype(np.float64)
        return torch.from_numpy(np.require(x, requirements=["C", "W"]))

    def decode(self, x: Tensor) -> Any:
        """Return samples as the estimator takes them."""
        values = x.numpy()
        if self.columns is not None:
            own = enumerate(self.columns)
            frame = pd.DataFrame({k: column.decoded(values[:, k]) for k, column in own})
            return frame.set_axis([column.name for column in self.columns], axis=1)
        return values.reshape(len(values), -1) if self.is_flat else values


def _columns_of(frame: pd.DataFrame, moves: Sequence[Permutation]) -> tuple[Column, ...]:
    """Return the columns; those that are exchanged share a type and values."""
    count = frame.shape[1]
    starts = np.tile(np.arange(count), len(moves))
    ends = np.concatenate([move.image for move in moves])
    graph = coo_array((np.ones(len(starts), np.int8), (starts, ends)), shape=(count, count))
    orbits = connected_components(graph, directed=False)[1]
    is_negated = np.any([move.signs < 0 for move in moves], axis=0)
    found: dict[int, Column] = {}
    for number in np.unique(orbits):
        places = np.flatnonzero(orbits == number)
        own = [frame.iloc[:, k] for k in places]
        dtype, values = _shared(own, bool(is_negated[places].any()))
        found |= {int(k): Column(frame.columns[k], dtype, values) for k in places}
    return tuple(found[k] for k in range(count))


def _shared(columns: Sequence[pd.Series], is_negated: bool) -> tuple[Any, tuple[Any, ...] | None]:
    """Return the type of columns that are exchanged, and their values if they are no numbers."""
    names = listed([str(column.name) for column in columns])
    are_numbers = {pd.api.types.is_numeric_dtype(column.dtype) for column in columns}
    dtypes = [column.dtype for column in columns]
    if len(are_numbers) > 1:
        raise DataError(f"Columns {names} are exchanged, but only some hold numbers.")
    if are_numbers == {True}:
        first = dtypes[0]
        is_same = all(dtype == first for dtype in dtypes)
        has_no_sign = str(first).lower().startswith(("bool", "u"))
        return (np.dtype(float) if is_negated and has_no_sign or not is_same else first), None
    if is_negated:
        raise DataError(f"Columns {names} hold no numbers and have no sign to change.")
    values = {value for column in columns for value in column.dropna().unique()}
    for dtype in dtypes:
        values |= set(dtype.categories) if isinstance(dtype, pd.CategoricalDtype) else set()
    ordered = tuple(sorted(values, key=lambda value: (type(value).__name__, value)))
    if all(isinstance(dtype, pd.CategoricalDtype) for dtype in dtypes):
        return pd.CategoricalDtype(list(ordered)), ordered
    return (dtypes[0] if all(dtype == dtypes[0] for dtype in dtypes) else np.dtype(object)), ordered
