"""How an MLP reads the columns of a table: as numbers, or with a unit for each value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.permutation import Permutation
from autoequivariant.nn.export.torch_modules import OneHot


@dataclass(frozen=True)
class Coding:
    """The units of the first layer's input.

    A column of numbers is one unit. A column of categories has a unit for each of its values, which
    is 1 where the column has that value and else 0; for a value of no unit, all are 0. So an
    exchange of columns with the same values permutes units.

    Attributes:
        values: of each column, the values that have a unit; empty for numbers.
    """

    values: tuple[tuple[float, ...], ...]

    @cached_property
    def columns(self) -> NDArray[np.int64]:
        """The column of each unit, shape `(units,)`; the units of a column follow each other."""
        return np.repeat(np.arange(len(self.values)), self._widths)

    @property
    def is_coded(self) -> NDArray[np.bool_]:
        """Which columns have a unit for each value, shape `(columns,)`."""
        return np.array([bool(values) for values in self.values])

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.columns)

    def lift(self, move: Permutation) -> Permutation:
        """Return the action on units of an action on columns.

        Raises:
            SymmetryError: it changes the sign of a column of categories, or moves a column to one
                of other values.
        """
        for column, image in enumerate(move.image):
            if self.values[column] != self.values[image]:
                raise SymmetryError(f"column {column} moves to column {image}, of other values")
        if (move.signs[self.is_coded] < 0).any():
            raise SymmetryError("a column of categories has no sign to change")
        first = np.cumsum([0, *self._widths])[:-1]
        within = np.arange(self.units) - first[self.columns]
        return Permutation(first[move.image[self.columns]] + within, move.signs[self.columns])

    def module(self) -> OneHot:
        """Return the module that maps samples, `(n, 1, columns)` or flattened, to units."""
        return OneHot(*self.values)

    def encode(self, x: Tensor) -> Tensor:
        """Return the units of samples, shape `(n, units)`."""
        units: Tensor = self.module().to(x.device)(x)
        return units

    @property
    def _widths(self) -> list[int]:
        return [max(1, len(values)) for values in self.values]
