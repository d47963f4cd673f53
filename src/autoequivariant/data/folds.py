"""Folds of train and validation together: each sample is scored once by networks that did not see
it.
"""

from __future__ import annotations

import numpy as np

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.split import DataSet, Split, stratified_order

_FEWEST, _MOST = 2, 10


def joined(data: DataSet) -> Split:
    """Return train and validation together, in this order."""
    return Split(
        np.concatenate([data.train.x, data.validation.x]),
        np.concatenate([data.train.y, data.validation.y]),
    )


def fold_count(data: DataSet) -> int:
    """Return how many folds leave about as many samples to train on as the train split has; 2 to
    10.
    """
    share = len(data.validation) / (len(data.train) + len(data.validation))
    return min(_MOST, max(_FEWEST, round(1 / share)))


def fold(data: DataSet, number: int, count: int, seed: int) -> tuple[Split, Split]:
    """Return fold `number` of `count`: what to train on, and what to score on; test is not touched.

    Args:
        data: a split data set.
        number: 0 to `count - 1`; the scored parts of all folds are disjoint and together
            everything.
        count: number of folds, 2 or more.
        seed: a whole number of 0 or more; the folds depend on it alone.
    """
    both = joined(data)
    order = stratified_order(both.y, stream(seed, Purpose.FOLDS))
    parts = np.array_split(order, count)
    scored = parts[number]
    fitted = np.concatenate([part for k, part in enumerate(parts) if k != number])
    return Split(both.x[fitted], both.y[fitted]), Split(both.x[scored], both.y[scored])
