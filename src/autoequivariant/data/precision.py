"""Numbers that float32, in which networks take their samples, would round too much of away."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.tables.columns import quoted

MOST_LOST = 1e-3
"""Of the spread of a column, by which rounding may move its values: an evenly filled column spans a
thousand steps of float32.
"""


@dataclass(frozen=True)
class Rounded:
    """A column that loses too much.

    Attributes:
        name: of the column.
        mean, spread: of its values; the spread is one standard deviation.
    """

    name: str
    mean: float
    spread: float

    @property
    def offset(self) -> float:
        """A round number near the mean: values less this number keep what tells them apart."""
        step = 10.0 ** math.ceil(math.log10(self.spread))
        return round(self.mean / step) * step


def rounded(columns: Iterable[tuple[str, NDArray[Any]]]) -> tuple[Rounded, ...]:
    """Return those columns that float32 would round too much of away.

    Args:
        columns: names and finite numbers, in the type that they are given in. What is there
            already in float32 cannot be lost.
    """
    return tuple(found for found in (_rounded(*column) for column in columns) if found is not None)


def _rounded(name: str, column: NDArray[Any]) -> Rounded | None:
    if np.can_cast(column.dtype, np.float32):
        return None
    values = column.astype(np.float64, copy=False)
    mean, spread = float(values.mean()), float(values.std())
    is_near = abs(mean) * np.finfo(np.float32).eps <= MOST_LOST * spread
    # Sums that should be one number differ in their last digits: that says nothing.
    is_constant = spread * MOST_LOST <= abs(mean) * np.finfo(np.float64).eps
    if is_near or is_constant:
        return None
    lost = float((values - values.astype(np.float32)).std())
    return Rounded(name, mean, spread) if lost > MOST_LOST * spread else None


def rounding_trouble(what: str, found: Sequence[Rounded], origin: str, remedy: str) -> str:
    """Return a sentence that names columns, and what to do.

    Args:
        what: they are, such as `column`.
        found: one or more.
        origin: the data set's name or path.
        remedy: what follows on `subtract a fixed number`, such as `, or leave them out`.
    """
    first, several = found[0], len(found) > 1
    size = f"{first.mean:.3g} ± {first.spread:.2g}"
    offset = f"{first.offset:.15g}"
    if several:
        size, offset = f"{first.name!r}: {size}", f"{offset} from {first.name!r}"
    return (
        f"The {what}{'s' if several else ''} {quoted([one.name for one in found])} of {origin} "
        f"{'lie' if several else 'lies'} so far from 0 for {'their' if several else 'its'} spread "
        f"({size}) that float32, in which networks compute, rounds too much of it away: subtract a "
        f"fixed number from {'each' if several else 'it'}, such as {offset}{remedy}."
    )
