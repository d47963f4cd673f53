"""Columns of a table with similar distributions, which may be exchangeable."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FARTHEST = 0.25
"""Largest difference between the means of similar columns, in standard deviations."""
MOST_RATIO = 1.25
"""Largest ratio of their standard deviations."""


def exchangeable_columns(x: NDArray[Any]) -> tuple[tuple[int, ...], ...]:
    """Return groups of two or more columns with about the same mean and spread, largest first.

    Columns of different scales measure different things, and exchanging them is meaningless. So by
    default a search proposes exchanges within these groups alone.

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
