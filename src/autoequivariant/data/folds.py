"""Joined parts of a data set, and its cross-validation folds; test is never touched."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.split import DataSet, Split, cluster_start, stratified_order

ENOUGH_SCORED = 1000
"""With fewer validation samples, trainings of a fit are compared on several folds."""
_FEWEST, _MOST = 2, 10
_PARTS, _MOST_HELD_OUT = 6, 10_000


def joined(data: DataSet) -> Split:
    """Return train and validation together, in this order."""
    return _together(data.train, data.validation)


def outside_test(data: DataSet) -> Split:
    """Return all samples that are not for the test: train, further ones and validation."""
    return _together(data.train, data.further, data.validation)


def held_out(data: DataSet, seed: int) -> tuple[Split, Split]:
    """Return the samples outside of test to train on, and some of them to score on.

    Where they are many, these are more than validation has, so that smaller differences are seen: a
    sixth, at most about 10,000. Copies of a sample stay together.
    """
    known = outside_test(data)
    parts = min(_PARTS, len(known) // len(data.validation))
    count = max(2, parts, math.ceil(len(known) / _MOST_HELD_OUT))
    scored, *others = fold_rows(known.y, known.clusters, count, seed)
    return known.rows(np.concatenate(others)), known.rows(scored)


def whole_fold(data: DataSet, number: int, count: int, seed: int) -> tuple[Split, Split]:
    """Return a fold as `fold` does, with the further samples among those to train on."""
    fit, score = fold(data, number, count, seed)
    return _without_copies(_together(fit, data.further), score), score


def _without_copies(fit: Split, score: Split) -> Split:
    """Return the samples to train on that are no copies of those to score on."""
    if fit.clusters is None or score.clusters is None:
        return fit
    return fit.rows(~np.isin(fit.clusters, score.clusters))


def _together(*parts: Split) -> Split:
    clusters = [part.clusters for part in parts if part.clusters is not None]
    looked_at = [part.looked_at for part in parts if part.looked_at is not None]
    return Split(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.y for part in parts]),
        np.concatenate(clusters) if len(clusters) == len(parts) else None,
        np.concatenate(looked_at) if len(looked_at) == len(parts) else None,
    )


def fold_count(data: DataSet) -> int:
    """Return the number of folds, 2 to 10, that trains on about as many samples as the split."""
    share = len(data.validation) / (len(data.train) + len(data.validation))
    return min(_MOST, max(_FEWEST, round(1 / share)))


def scored_folds(data: DataSet) -> int:
    """Return on how many folds trainings of a fit are compared; 1 where samples are many, which are
    then those of `held_out`.
    """
    return min(fold_count(data), math.ceil(ENOUGH_SCORED / len(data.validation)))


def fold(data: DataSet, number: int, count: int, seed: int) -> tuple[Split, Split]:
    """Return the samples to train on and those to score on in fold `number` of `count`.

    Copies of a sample are in one fold.

    Args:
        data: a split data set.
        number: 0 to `count - 1`; the scored parts of all folds are disjoint and cover all samples.
        count: number of folds, 2 or more.
        seed: a whole number of 0 or more; the folds depend on it alone.
    """
    both = joined(data)
    parts = fold_rows(both.y, both.clusters, count, seed)
    scored = parts.pop(number)
    return both.rows(np.concatenate(parts)), both.rows(scored)


def fold_rows(
    y: NDArray[Any], clusters: NDArray[np.int64] | None, count: int, seed: int
) -> list[NDArray[np.int64]]:
    """Return the rows of `joined` samples that are scored in each fold.

    Args:
        y, clusters: of the samples, as in `Split`.
        count, seed: as in `fold`.
    """
    order = stratified_order(y, stream(seed, Purpose.FOLDS), clusters)
    ends = np.cumsum([len(part) for part in np.array_split(order, count)])[:-1]
    if clusters is not None:
        ends = np.array([cluster_start(clusters[order], int(end)) for end in ends])
    return np.split(order, ends)
