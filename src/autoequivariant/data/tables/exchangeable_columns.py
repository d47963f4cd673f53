"""Which columns of a table look alike, and so may be exchangeable."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FARTHEST = 0.25
"""Means of columns that look alike differ by at most so many of their spreads."""
MOST_RATIO = 1.25
"""Of their spreads."""


def exchangeable_columns(x: NDArray[Any]) -> tuple[tuple[int, ...], ...]:
    """Return groups of two or more columns with about the same mean and spread, largest first.

    Columns of other scales measure other things; to exchange them would change samples beyond
    recognition, whatever the task. So by default a search asks of these groups alone.

    Args:
        x: samples, shape `(n, columns)`.
    """
    flat = x.reshape(len(x), -1).astype(np.float64)
    means, spreads = flat.mean(axis=0), flat.std(axis=0)
    left = [int(c) for c in np.lexsort((spreads, means)) if spreads[c] > 0]
    groups = []
    while left:
        first = left[0]
        limit = FARTHEST * spreads[first]
        group = [
            c
            for c in left
            if abs(means[c] - means[first]) <= limit
            and 1 / MOST_RATIO <= spreads[c] / spreads[first] <= MOST_RATIO
        ]
        left = [c for c in left if c not in group]
        if len(group) > 1:
            groups.append(tuple(sorted(group)))
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))
