"""Samples of any model: moved as arrays, and given to the model in the form that they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.element import Element
from autoequivariant.groups.permutation import Permutation


@dataclass(frozen=True, eq=False)
class GivenSamples:
    """Samples as arrays, and how a model takes them.

    Attributes:
        values: shape `(n, ...)`; of a data frame with text, objects.
        form: the samples as they came: an array, a tensor or a data frame.
    """

    values: NDArray[Any]
    form: Any

    @classmethod
    def of(cls, samples: Any) -> GivenSamples:
        """Read an array, a tensor, a data frame, or lists of numbers.

        Raises:
            DataError: there is no sample, or values are not finite numbers.
        """
        if is_frame(samples):
            values = np.asarray(samples.to_numpy())
        elif isinstance(samples, Tensor):
            values = samples.detach().cpu().numpy()
        else:
            try:
                values = samples = np.asarray(samples)
            except ValueError as error:
                raise DataError(f"samples cannot be read as one array: {error}.") from None
            if values.dtype.kind not in "biuf":
                raise DataError(
                    f"samples must be numbers; got an array of {values.dtype}: give text in a data "
                    "frame."
                )
        if values.ndim < 2 or not values.size:
            raise DataError(
                f"samples must have shape (n, ...) with at least one value; got {values.shape}."
            )
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise DataError("samples hold NaN or infinite values: leave out these samples.")
        return cls(values, samples)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.values)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a data frame whose names are all text; else empty."""
        return columns_of(self.form)

    def moved(self, element: Element) -> GivenSamples:
        """Return `g.x`."""
        if is_frame(self.form):
            frame = _moved_frame(self.form, element.points)
            return GivenSamples(np.asarray(frame.to_numpy()), frame)
        values, form = acted(element.points, self.values), self.form
        if isinstance(form, Tensor):
            return GivenSamples(values, torch.from_numpy(values).to(form.device))
        return GivenSamples(values, values)

    def part(self, chosen: slice) -> Any:
        """Return some samples in the form that they came in."""
        return self.form.iloc[chosen] if is_frame(self.form) else self.form[chosen]


def acted(action: Permutation, values: NDArray[Any]) -> NDArray[Any]:
    """Return `g.x` for samples of any shape, signed if the action has signs."""
    flat = values.reshape(len(values), -1)
    if action.is_signed and flat.dtype.kind in "bu":
        wider = {1: np.int16, 2: np.int32}.get(flat.dtype.itemsize, np.int64)
        flat = flat.astype(wider)
    return np.ascontiguousarray(action.apply(flat)).reshape(values.shape)


def is_frame(values: object) -> bool:
    """Whether it is a data frame of pandas or one that works alike."""
    return hasattr(values, "columns") and hasattr(values, "iloc")


def columns_of(samples: Any) -> tuple[str, ...]:
    """Return the columns of a data frame whose names are all text; else an empty tuple."""
    names = tuple(samples.columns) if is_frame(samples) else ()
    return names if all(isinstance(name, str) for name in names) else ()


def flattened_shape(shape: Sequence[int] | None, given: Sequence[int]) -> tuple[int, ...]:
    """Return the shape of a sample: as given, or `shape` if the samples are flattened.

    Raises:
        SettingsError: both have different numbers of values.
    """
    if shape is None:
        return tuple(given)
    sides = tuple(int(side) for side in shape)
    if np.prod(sides) != np.prod(given):
        raise SettingsError(
            f"shape {sides} has {np.prod(sides):,} values, but a sample has {np.prod(given):,}."
        )
    return sides


def _moved_frame(frame: Any, action: Permutation) -> Any:
    """Move the columns of a data frame; each keeps its name, and its type where values allow it."""
    import pandas  # here: arrays do without it

    back = action.inverse()
    columns = []
    for to, (source, sign) in enumerate(zip(back.image, back.signs, strict=True)):
        column = frame.iloc[:, int(source)]
        if sign < 0:
            column = -column
        kind = frame.iloc[:, to].dtype
        if column.dtype != kind:
            try:
                same = column.astype(kind)
            except (TypeError, ValueError):
                same = column
            column = same if same.astype(object).equals(column.astype(object)) else column
        columns.append(column.rename(frame.columns[to]))
    moved = pandas.concat(columns, axis=1)
    moved.columns = frame.columns
    return moved
