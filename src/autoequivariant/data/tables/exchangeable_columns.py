"""Columns of a table with similar distributions, which may be exchangeable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FARTHEST = 0.25
"""Largest difference between the means of similar columns, in standard deviations."""
MOST_RATIO = 1.25
"""Largest ratio of their standard deviations."""


MOST_DISTANCE = 0.25
"""Largest share of rows in which the values of similar columns of categories differ, however the
rows are ordered: their distance in total variation.
"""


def exchangeable_columns(
    x: NDArray[Any], categories: Sequence[Sequence[str]] = ()
) -> tuple[tuple[int, ...], ...]:
    """Return groups of two or more columns with similar distributions, largest first.

    Columns of numbers have about the same mean and spread; those of categories the same values,
    about as often. Others measure different things, and exchanging them is meaningless. So by
    default a search proposes exchanges within these groups alone.

    Args:
        x: samples, shape `(n, columns)`.
        categories: as in `Samples`.
    """
    flat = x.reshape(len(x), -1).astype(np.float64)
    alphabets = [tuple(one) for one in categories] or [()] * flat.shape[1]
    numbers = [c for c, alphabet in enumerate(alphabets) if not alphabet]
    groups = _similar_numbers(flat, numbers)
    for alphabet in dict.fromkeys(filter(None, alphabets)):
        columns = [c for c, own in enumerate(alphabets) if own == alphabet]
        groups += _similar_categories(flat, columns, len(alphabet))
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))


def _similar_numbers(flat: NDArray[np.float64], columns: list[int]) -> list[tuple[int, ...]]:
    means, spreads = flat.mean(axis=0), flat.std(axis=0)
    order = np.lexsort((spreads, means))
    left = [int(c) for c in order if spreads[c] > 0 and c in set(columns)]
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
    return groups


def _similar_categories(
    flat: NDArray[np.float64], columns: list[int], values: int
) -> list[tuple[int, ...]]:
    """Return groups of columns of one alphabet; the first of a group has the largest modes."""
    codes = flat[:, columns].astype(np.int64)
    shares = np.stack([np.bincount(own, minlength=values) for own in codes.T]) / len(flat)
    left = [k for k in np.argsort(-shares.max(axis=1), kind="stable") if shares[k].max() < 1]
    groups = []
    while left:
        distances = np.abs(shares[left] - shares[left[0]]).sum(axis=1) / 2
        group = [
            k for k, distance in zip(left, distances, strict=True) if distance <= MOST_DISTANCE
        ]
        left = [k for k in left if k not in group]
        if len(group) > 1:
            groups.append(tuple(sorted(columns[k] for k in group)))
    return groups
