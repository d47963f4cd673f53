"""Large weight matrices that can be multiplied with less arithmetic than a dense product.

A matrix that commuting involutions make a convolution is multiplied block by block (`Blocks`); one
with few distinct rows and columns is multiplied without the copies (`Merged`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.involutions import free_arrangement
from autoequivariant.groups.permutation import Permutation

FEWEST_IN_BLOCKS = 2**15
"""Smaller matrices are faster as dense products (`python benchmarks/batched_step.py`)."""
FEWEST_MERGED = 16
"""Rows and columns are merged where each remaining entry replaces at least this many: more than
commuting involutions save.
"""


@dataclass(frozen=True)
class Blocks:
    """Rows and columns of a weight matrix by orbits of a group of `g` commuting involutions.

    Attributes:
        rows: shape `(g, r / g)`; row `a` holds the images of row 0 under element `a`. The product
            of elements `a` and `b` is element `a ^ b`.
        columns: the same for columns, shape `(g, c / g)`.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


@dataclass(frozen=True)
class Merged:
    """Classes of equal rows and of equal columns of a weight matrix, all of one size.

    Attributes:
        rows: shape `(distinct rows, r / distinct rows)`; each line lists equal rows.
        columns: the same for columns.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


def merged(index: NDArray[np.int32]) -> Merged | None:
    """Find equal rows and equal columns; None where that saves too little.

    Args:
        index: the free weight of each entry, shape `(r, c)`.
    """
    if index.size < FEWEST_IN_BLOCKS:
        return None
    rows, columns = _equal_rows(index), _equal_rows(index.T)
    if rows is None or columns is None:
        return None
    saves_enough = FEWEST_MERGED * len(rows) * len(columns) <= index.size
    return Merged(rows, columns) if saves_enough else None


def _equal_rows(index: NDArray[np.int32]) -> NDArray[np.int64] | None:
    """Return classes of equal rows; None where the classes differ in size."""
    # Equal rows have equal hashes. Unequal rows may collide, which is checked below.
    factors = np.random.default_rng(0).integers(1, 2**62, index.shape[1])
    hashes = (index * factors).sum(axis=1)
    _, first, of_row, sizes = np.unique(
        hashes, return_index=True, return_inverse=True, return_counts=True
    )
    if (sizes != sizes[0]).any() or not np.array_equal(index, index[first[of_row]]):
        return None
    return np.argsort(of_row, kind="stable").reshape(len(first), -1)


def blocks(
    moves: Sequence[Sequence[Permutation]], sizes: Sequence[int], channels: Sequence[int]
) -> list[Blocks | None]:
    """Arrange the units of each layer by a group of involutions; None where that saves too little.

    Args:
        moves: for each generator its action on each domain, input first.
        sizes: number of points of each domain.
        channels: number of channels on each domain.

    Returns:
        One entry for each pair of neighbouring domains.
    """
    widths = [size * count for size, count in zip(sizes, channels, strict=True)]
    large = [a * b >= FEWEST_IN_BLOCKS for a, b in zip(widths, widths[1:], strict=False)]
    found = free_arrangement(moves, list(sizes)) if any(large) else None
    if found is None:
        return [None] * len(large)
    units = [
        np.concatenate([part + k * size for k in range(count)], axis=1)
        for part, size, count in zip(found, sizes, channels, strict=True)
    ]
    pairs = zip(large, units, units[1:], strict=False)
    return [Blocks(rows, columns) if is_large else None for is_large, columns, rows in pairs]
