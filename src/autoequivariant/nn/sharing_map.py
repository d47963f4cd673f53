"""Which weights of a layer are shared, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GAP, ZERO = -1, -2
"""In place of a weight number: a gap between pictures; an entry that is forced to zero."""


@dataclass(frozen=True, eq=False)
class SharingMap:
    """A picture of one layer's weights.

    Attributes:
        title: the layer, or a part of it.
        index: number of the free weight at each entry, `GAP` or `ZERO`, shape `(rows, columns)`.
        caption: what it shows, in a sentence.
    """

    title: str
    index: NDArray[np.int64]
    caption: str


def tiled(rows: Sequence[Sequence[NDArray[np.int64]]]) -> NDArray[np.int64]:
    """Arrange pictures of one size in a grid, with gaps."""
    bands = []
    for row in rows:
        gap = np.full((row[0].shape[0], 1), GAP)
        parts = [part for tile in row for part in (tile, gap)][:-1]
        band = np.concatenate(parts, axis=1)
        bands += [band, np.full((1, band.shape[1]), GAP)]
    return np.concatenate(bands[:-1])
