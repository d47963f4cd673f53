"""A check for numbers that lose too much in float32, the type in which networks compute."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.messages import quoted
from autoequivariant.errors import DataError

LARGEST_LOSS = 1e-3
"""Largest rounding error, as a share of the standard deviation of a column: a uniform column then
spans about a thousand steps of float32.
"""


@dataclass(frozen=True)
class LossyColumn:
    """A column that loses too much, with the mean and standard deviation of its values."""

    name: str
    mean: float
    spread: float

    @property
    def offset(self) -> float:
        """A round number near the mean; values less this number fit into float32."""
        step = 10.0 ** math.ceil(math.log10(self.spread))
        return round(self.mean / step) * step


def lossy_columns(columns: Iterable[tuple[str, NDArray[Any]]]) -> tuple[LossyColumn, ...]:
    """Return the columns that lose too much in float32.

    Args:
        columns: names and finite numbers of any type.
    """
    checked = (_loss_of(name, column) for name, column in columns)
    return tuple(column for column in checked if column is not None)


def check_precision(
    columns: Iterable[tuple[str, NDArray[Any]]],
    what: str,
    origin: str,
    remedy: Callable[[Sequence[str]], str] = lambda names: "",
) -> None:
    """Refuse columns that lose too much in float32.

    Args:
        columns: names and finite numbers of any type.
        what: they are, such as `column`.
        origin: the data set's name or path, for messages.
        remedy: of the lossy columns' names, a text that follows on `subtract a fixed number`, such
            as `, or leave them out`. Default: none.

    Raises:
        DataError: names them and a number to subtract.
    """
    lossy = lossy_columns(columns)
    if not lossy:
        return
    first, several = lossy[0], len(lossy) > 1
    names = [column.name for column in lossy]
    size = f"{first.mean:.3g} ± {first.spread:.2g}"
    offset = f"{first.offset:.15g}"
    if several:
        size, offset = f"{first.name!r}: {size}", f"{offset} from {first.name!r}"
    raise DataError(
        f"The {what}{'s' if several else ''} {quoted(names)} of {origin} "
        f"{'lie' if several else 'lies'} so far from 0 for {'their' if several else 'its'} spread "
        f"({size}) that float32, in which networks compute, rounds too much of it away: subtract a "
        f"fixed number from {'each' if several else 'it'}, such as {offset}{remedy(names)}."
    )


def _loss_of(name: str, column: NDArray[Any]) -> LossyColumn | None:
    if np.can_cast(column.dtype, np.float32):
        return None
    values = column.astype(np.float64, copy=False)
    mean, spread = float(values.mean()), float(values.std())
    is_near = abs(mean) * np.finfo(np.float32).eps <= LARGEST_LOSS * spread
    # Sums that should be equal differ in their last digits, which carry no information.
    is_constant = spread * LARGEST_LOSS <= abs(mean) * np.finfo(np.float64).eps
    if is_near or is_constant:
        return None
    loss = float((values - values.astype(np.float32)).std())
    return LossyColumn(name, mean, spread) if loss > LARGEST_LOSS * spread else None
