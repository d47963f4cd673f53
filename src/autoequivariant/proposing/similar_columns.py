"""Exchanges of columns of a table with similar distributions, which may be exchangeable."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.catalogue import MAX_ADJACENT_SWAPS
from autoequivariant.groups.custom.definition import Candidate, Definition
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.symmetry import Symmetry

FARTHEST = 0.25
"""Largest difference between the means of similar columns, in standard deviations."""
MOST_RATIO = 1.25
"""Largest ratio of their standard deviations."""
MOST_DISTANCE = 0.25
"""Largest share of rows in which the values of similar columns of categories differ, however the
rows are ordered: their distance in total variation.
"""
MAX_GROUPS = 4
"""How many groups of columns are searched if there are many columns."""


def exchanges_of_similar_columns(
    groups: Sequence[Sequence[int]], columns: Sequence[str] = ()
) -> list[Proposal]:
    """Return candidates that exchange columns within groups; empty if there is no group.

    These are the swaps of neighbours within each group. If there are more than 15, they are, for
    each of the first four groups, one swap and one ring of all its columns, which together generate
    all permutations of the group.

    Args:
        groups: numbers of columns, two or more in each group, largest group first
            (`similar_columns`).
        columns: names of all columns, by which they are identified. Default: by number.
    """
    are_few = sum(len(group) - 1 for group in groups) < MAX_ADJACENT_SWAPS
    found = []
    for group in groups if are_few else groups[:MAX_GROUPS]:
        pairs = pairwise(group) if are_few else [group[:2]]
        own: list[Candidate] = [swap_of(columns, *pair) for pair in pairs]
        if not are_few and len(group) > 2:
            ring = [columns[column] if columns else column for column in group]
            own.append(Definition.of({"ring": ring}))
        reason = f"{len(group)} columns with similar distributions"
        found += [Proposal(candidate, "data", reason) for candidate in own]
    return found


def swap_of(columns: Sequence[str], first: int, second: int) -> Candidate:
    """Return the exchange of two columns, by their names if the notation can express these."""
    names = [_usable_name(columns, column) for column in (first, second)]
    if None in names:
        return Symmetry("swap", (first, second))
    exchange = f"{names[0]} <-> {names[1]}"
    return Definition.of({"swap": [exchange] if "," in exchange else exchange})


def _usable_name(columns: Sequence[str], column: int) -> str | None:
    """The name of a column if the notation can express it, else None."""
    name = columns[column] if columns else ""
    return name if name and name == name.strip() and not set(name) & set("<>\n\r") else None


def similar_columns(
    x: NDArray[Any], categories: Sequence[Sequence[str]] = ()
) -> tuple[tuple[int, ...], ...]:
    """Return groups of two or more columns with similar distributions, largest first.

    Columns of numbers have about the same mean and spread; those of categories the same values,
    about as often. Others measure different things, and exchanging them is meaningless. So by
    default, exchanges are proposed within these groups alone.

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
