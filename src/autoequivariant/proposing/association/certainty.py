"""Whether a pattern singles out a group among those that differ from it by two columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp

from autoequivariant.proposing.association.likelihood import Image, Likelihood, moved_by, orbits

LEAST_SCORE = 3.0
"""Gain in log likelihood that a group needs, beyond the number of ways to choose it."""
_LEAST_ODDS = 2.0  # logarithm of the odds against all groups that differ by two columns


def is_singled_out(
    likelihood: Likelihood, generators: Sequence[Image], twins: Sequence[Sequence[int]] = ()
) -> bool:
    """Return whether a group is much likelier than those in which two columns take each other's
    parts, and than none, both by all associations and by those with the target.

    Where the columns alone single the group out, the target has to agree; else the target alone has
    to make up for the number of ways to choose it.
    """
    from_columns, from_target = likelihood.gains(generators)
    others = likelihood.exchanged(generators, exchanges(likelihood, generators))
    gains = np.array(others).reshape(-1, 2) - (from_columns, from_target)
    if len(gains) and logsumexp(gains.sum(axis=1)) > -_LEAST_ODDS:
        return False
    if not any(kind.association.of_labels for kind in likelihood.kinds):
        return True
    cost = likelihood.cost(generators, twins)
    if not len(gains) or logsumexp(gains[:, 0]) < -_LEAST_ODDS:
        cost = max(0.0, cost - from_columns)
    return from_target - cost >= LEAST_SCORE


def exchanges(likelihood: Likelihood, generators: Sequence[Image]) -> list[tuple[int, int]]:
    """Return pairs of columns, at least one of which moves, whose exchange changes the group."""
    size = likelihood.size
    _, pairs = orbits(generators, size)
    moved = moved_by(generators, size)
    found = []
    for one in range(size):
        for other in range(one):
            if (moved[one] or moved[other]) and likelihood.exchangeable[one, other]:
                image = np.arange(size)
                image[[one, other]] = other, one
                if not _same_partition(pairs, pairs[np.ix_(image, image)]):
                    found.append((one, other))
    return found


def _same_partition(first: Image, second: Image) -> bool:
    joined = np.unique(first.astype(np.int64) * (int(second.max()) + 1) + second)
    return len(joined) == len(np.unique(first)) == len(np.unique(second))
