"""Columns of few whole numbers, which may be categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST_VALUES, MOST_VALUES = 3, 20
"""Numbers of values of such a column. Two values are the same to a network, however coded."""
FEWEST_ROWS = 5
"""Rows that hold each value, at least."""


def few_values(
    x: NDArray[Any], categories: Sequence[Sequence[str]] = ()
) -> tuple[tuple[float, ...], ...]:
    """Return the values of each column of few whole numbers, sorted; none of another column.

    Args:
        x: samples, shape `(n, 1, columns)`.
        categories: as in `Samples`; columns of text have no such values.
    """
    flat = x.reshape(len(x), -1)
    return tuple(
        () if categories and categories[number] else _values(column)
        for number, column in enumerate(flat.T)
    )


def _values(column: NDArray[Any]) -> tuple[float, ...]:
    if len(np.unique(column[: 2 * MOST_VALUES * FEWEST_ROWS])) > MOST_VALUES:
        return ()
    values, counts = np.unique(column, return_counts=True)
    is_few = FEWEST_VALUES <= len(values) <= MOST_VALUES and counts.min() >= FEWEST_ROWS
    return tuple(map(float, values)) if is_few and (values % 1 == 0).all() else ()
