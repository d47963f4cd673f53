"""The columns of a table alone: normal scores, correlation, and which are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri
from scipy.stats import rankdata

from autoequivariant.proposing.association.prior import Array

_MOST_INDICATORS = 3  # of the categories of a column
_SHRINKAGE = 0.02  # of correlations towards 0
_FARTHEST = 2.2  # Kolmogorov and Smirnov's statistic at a level of 0.0001
MOST_DEVIATIONS = 4.0
"""Between means or spreads of columns that are alike, in units of their noise."""
_GRID = 512  # points at which distributions are compared


def normal_scores(values: Array) -> Array:
    """Return normal scores of columns, standardised; 0 for a constant column."""
    ranks = np.apply_along_axis(rankdata, 0, values)
    scores = ndtri((ranks - 0.5) / len(values))
    spread = scores.std(axis=0)
    return np.asarray((scores - scores.mean(axis=0)) / np.where(spread > 1e-9, spread, np.inf))


def column_scores(x: NDArray[Any], alphabets: Sequence[tuple[str, ...]]) -> Array:
    """Return one or several standardised values of each column, shape `(n, d, values)`.

    A column of numbers has one. A column of categories has indicators of those that are the most
    frequent in all columns of its alphabet; the last category follows from the others.
    """
    n, d = x.shape
    width = max(min(max(len(one) - 1, 1), _MOST_INDICATORS) for one in alphabets)
    z = np.zeros((n, d, width))
    numbers = [c for c, alphabet in enumerate(alphabets) if not alphabet]
    if numbers:
        z[:, numbers, 0] = normal_scores(np.asarray(x[:, numbers], np.float64))
    for alphabet in dict.fromkeys(filter(None, alphabets)):
        columns = [c for c, own in enumerate(alphabets) if own == alphabet]
        codes = x[:, columns].astype(np.int64)
        counts = np.bincount(codes.ravel(), minlength=len(alphabet))
        for place, code in enumerate(np.argsort(-counts, kind="stable")[: len(alphabet) - 1]):
            if place < width:
                held = (codes == code).astype(np.float64)
                spread = held.std(axis=0)
                z[:, columns, place] = (held - held.mean(axis=0)) / np.where(
                    spread > 0, spread, np.inf
                )
    return z


def log_and_root(correlation: Array) -> tuple[Array, Array, float]:
    """Return the logarithm and the inverse root of a correlation matrix, and the noise of the
    logarithm, as a share of what independent columns have.

    The noise of the logarithm is nearly independent, whatever the correlation; to first order its
    part on two eigenvectors is that of the matrix times a divided difference.
    """
    size = len(correlation)
    shrunk = (1 - _SHRINKAGE) * correlation + _SHRINKAGE * np.eye(size)
    values, axes = np.linalg.eigh(shrunk)
    values = np.maximum(values, _SHRINKAGE / 2)
    gaps = values[:, np.newaxis] - values
    logs = np.log(values)[:, np.newaxis] - np.log(values)
    products = np.sqrt(np.outer(values, values))
    is_close = np.abs(gaps) < 1e-9
    slopes = np.where(is_close, 1.0, products * logs / np.where(is_close, 1.0, gaps))
    noise = float(np.sqrt(np.square(slopes).mean()))
    return (axes * np.log(values)) @ axes.T, (axes / np.sqrt(values)) @ axes.T, noise


def exchangeable_columns(
    x: NDArray[Any], alphabets: Sequence[tuple[str, ...]]
) -> NDArray[np.bool_]:
    """Return which columns have about the same distribution."""
    n, d = x.shape
    values = np.asarray(x, np.float64)
    grid = np.unique(np.quantile(values, np.linspace(0, 1, _GRID // 2), axis=0))
    if len(grid) > _GRID:
        grid = grid[np.linspace(0, len(grid) - 1, _GRID).astype(int)]
    shares = np.stack(
        [np.searchsorted(np.sort(column), grid, side="right") / n for column in values.T]
    )
    found = np.zeros((d, d), bool)
    for column in range(d):
        distance = np.abs(shares - shares[column]).max(axis=1)
        found[column] = distance <= _FARTHEST * np.sqrt(2 / n)
    is_constant = np.ptp(values, axis=0) == 0
    same = np.array([[one == other for other in alphabets] for one in alphabets])
    found &= same & ~is_constant & ~is_constant[:, np.newaxis]
    np.fill_diagonal(found, True)
    return found


def marginals(
    x: NDArray[Any], correlation: Array, exchangeable: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Return means and spreads of columns, compared with those that are alike; their noise is
    decorrelated like the columns.
    """
    n, d = x.shape
    values = np.asarray(x, np.float64)
    means, spreads = values.mean(axis=0), values.std(axis=0)
    spreads = np.where(spreads > 0, spreads, 1.0)
    fourth = (((values - means) / spreads) ** 4).mean(axis=0)
    noise = np.sqrt(np.maximum(fourth - 1, 0.1)) / 2
    mean, size = np.zeros(d), np.zeros(d)
    classes = connected_components(coo_array(exchangeable), directed=False)[1]
    for number in range(int(classes.max()) + 1):
        own = np.flatnonzero(classes == number)
        if len(own) > 1:
            part, logs = correlation[np.ix_(own, own)], np.log(spreads[own])
            away = (means[own] - np.median(means[own])) / np.median(spreads[own])
            mean[own] = np.sqrt(n) * log_and_root(part)[1] @ away
            away = (logs - np.median(logs)) / np.median(noise[own])
            size[own] = np.sqrt(n) * log_and_root(part**2)[1] @ away
    return mean, size
