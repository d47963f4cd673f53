"""Cross-validation folds of train and validation together; test is never touched."""

from __future__ import annotations

import numpy as np

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.split import DataSet, Split, stratified_order

_FEWEST, _MOST = 2, 10


def joined(data: DataSet) -> Split:
    """Return train and validation together, in this order."""
    parts = data.train, data.validation
    return Split(np.concatenate([p.x for p in parts]), np.concatenate([p.y for p in parts]))


def fold_count(data: DataSet) -> int:
    """Return the number of folds, 2 to 10, that trains on about as many samples as the split."""
    share = len(data.validation) / (len(data.train) + len(data.validation))
    return min(_MOST, max(_FEWEST, round(1 / share)))


def fold(data: DataSet, number: int, count: int, seed: int) -> tuple[Split, Split]:
    """Return the samples to train on and those to score on in fold `number` of `count`.

    Args:
        data: a split data set.
        number: 0 to `count - 1`; the scored parts of all folds are disjoint and cover all samples.
        count: number of folds, 2 or more.
        seed: a whole number of 0 or more; the folds depend on it alone.
    """
    both = joined(data)
    parts = np.array_split(stratified_order(both.y, stream(seed, Purpose.FOLDS)), count)
    scored = parts.pop(number)
    fitted = np.concatenate(parts)
    return Split(both.x[fitted], both.y[fitted]), Split(both.x[scored], both.y[scored])
