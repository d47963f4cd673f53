"""Segments of the range of values of pairs, in which functions of them are linear."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_SEGMENTS = 8
"""Chosen on energies of charged points, distances in clouds and correlations, all drawn at random:
4 are a little worse, 16 are no better.
"""
MOST_EXPANDED = 2**12
"""Values of an expanded sample, at most: of more than 45 items, no value is expanded."""
_MOST_VALUES = 2**19


def knots_of(x: NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    """Return the ends of segments that hold equally many of the distinct values of pairs.

    Args:
        x: samples, shape `(n, channels, items, items)`.

    Returns:
        For each channel those of an item with itself, then those of two items; where there are only
        few distinct values, these. Empty if no function of the values is nonlinear.
    """
    channels, items = x.shape[1:3]
    segments = min(MOST_SEGMENTS, MOST_EXPANDED // (channels * items**2))
    if segments < 2:
        return ()
    some = x[:: max(1, x.size // _MOST_VALUES)]
    diagonal = np.eye(items, dtype=bool)
    found = [
        _ends(some[:, channel, where], segments)
        for channel in range(channels)
        for where in (diagonal, ~diagonal)
    ]
    return tuple(found) if max(map(len, found)) > 2 else ()


def _ends(values: NDArray[Any], segments: int) -> tuple[float, ...]:
    distinct = np.unique(values)
    if len(distinct) > segments + 1:
        distinct = np.unique(np.quantile(distinct, np.linspace(0, 1, segments + 1)))
    return tuple(map(float, distinct))
