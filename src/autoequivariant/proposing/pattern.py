"""The pattern of association between the columns of a table and with its target.

Every number of a pattern is in units of its own noise. Columns are turned into normal scores and
decorrelated by the symmetric inverse root of their correlation. A permutation that preserves the
law commutes with that root, so it permutes the decorrelated columns in the same way, and the noise
of their products is nearly independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

Array = NDArray[np.float64]

_MOST_OUTPUTS = 3  # combinations of outputs, those with the most association
_MOST_INDICATORS = 3  # of the categories of a column
_SHRINKAGE = 0.02  # of correlations towards 0
_FARTHEST = 2.2  # Kolmogorov and Smirnov's statistic at a level of 0.0001
_GRID = 64  # points at which distributions are compared


@dataclass(frozen=True, eq=False)
class Pattern:
    """Associations of `d` columns, as graphs with coloured vertices and edges.

    Attributes:
        vertices: properties of columns, shape `(properties, d)`.
        symmetric: associations of unordered pairs, shape `(kinds, d, d)`, each equal to its
            transpose.
        directed: associations of ordered pairs, shape `(kinds, d, d)`.
        exchangeable: whether two columns have about the same distribution, shape `(d, d)`.
    """

    vertices: Array
    symmetric: Array
    directed: Array
    exchangeable: NDArray[np.bool_]


def pattern_of(
    x: NDArray[Any], y: NDArray[Any], n_classes: int, categories: Sequence[Sequence[str]] = ()
) -> Pattern:
    """Return the pattern of a table.

    Args:
        x: samples, shape `(n, d)`.
        y: class indices, shape `(n,)`; for regression targets, shape `(n, m)`.
        n_classes: number of classes; 0 for regression.
        categories: of each column, the values that it holds codes of; empty for a column of
            numbers. Empty if all are.
    """
    n, d = x.shape
    alphabets = [tuple(one) for one in categories] or [()] * d
    exchangeable = _exchangeable(x, alphabets)
    z = _scores(x, alphabets)
    width = z.shape[2]
    flat = z.reshape(n, -1)
    log, root, noise = _log_and_root(flat.T @ flat / n)
    u = (flat @ root).reshape(z.shape)
    outputs = _outputs(y, n_classes)
    linear, residuals, spread = _linear(u, outputs)
    mixed = _strongest(linear, residuals, u)
    residuals = residuals @ mixed
    linear = np.einsum("kdf,kl->lfd", linear, mixed).reshape(-1, d) / spread
    vertices = [linear, _marginals(x, alphabets, exchangeable)]
    symmetric, directed = [], []
    logs = np.sqrt(n) * log.reshape(d, width, d, width) / noise
    curved = np.where(np.array([not one for one in alphabets]), (u[:, :, 0] ** 2 - 1), 0)
    curved /= np.maximum(curved.std(axis=0), 1e-9)
    for a in range(width):
        for b in range(a, width):
            (symmetric if a == b else directed).append(logs[:, a, :, b])
    directed.append(_moments(curved, u[:, :, 0]))
    for residual in residuals.T:
        weighted = u * residual[:, np.newaxis, np.newaxis]
        vertices.append(_moments(curved, residual[:, np.newaxis]).T)
        for a in range(width):
            for b in range(a, width):
                found = _moments(weighted[:, :, a], u[:, :, b])
                (symmetric if a == b else directed).append(found)
        directed.append(_moments(curved, weighted[:, :, 0]))
    pairs = np.stack(symmetric)
    pairs = (pairs + pairs.transpose(0, 2, 1)) / 2
    return Pattern(np.concatenate(vertices), pairs, np.stack(directed), exchangeable)


def _moments(first: Array, second: Array) -> Array:
    """Return the sums of products of columns, in units of their noise."""
    sums = first.T @ second
    spread = np.sqrt(np.square(first).T @ np.square(second))
    return np.asarray(np.where(spread > 1e-9, sums / np.maximum(spread, 1e-9), 0.0))


def _normal_scores(values: Array) -> Array:
    """Return normal scores of columns, standardised; 0 for a constant column."""
    ranks = np.apply_along_axis(rankdata, 0, values)
    scores = ndtri((ranks - 0.5) / len(values))
    spread = scores.std(axis=0)
    return np.asarray((scores - scores.mean(axis=0)) / np.where(spread > 1e-9, spread, np.inf))


def _scores(x: NDArray[Any], alphabets: Sequence[tuple[str, ...]]) -> Array:
    """Return one or several standardised values of each column, shape `(n, d, values)`.

    A column of numbers has one. A column of categories has indicators of those that are the most
    frequent in all columns of its alphabet; the last category follows from the others.
    """
    n, d = x.shape
    width = max(min(max(len(one) - 1, 1), _MOST_INDICATORS) for one in alphabets)
    z = np.zeros((n, d, width))
    numbers = [c for c, alphabet in enumerate(alphabets) if not alphabet]
    if numbers:
        z[:, numbers, 0] = _normal_scores(np.asarray(x[:, numbers], np.float64))
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


def _log_and_root(correlation: Array) -> tuple[Array, Array, float]:
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


def _outputs(y: NDArray[Any], n_classes: int) -> Array:
    """Return uncorrelated outputs of variance 1, shape `(n, outputs)`."""
    if n_classes:
        values = np.eye(n_classes)[y]
        values -= values.mean(axis=0)
    else:
        values = _normal_scores(np.asarray(y, np.float64).reshape(len(y), -1))
    left, lengths, _ = np.linalg.svd(values, full_matrices=False)
    kept = lengths > 1e-6 * lengths.max(initial=1e-300)
    return np.asarray(left[:, kept] * np.sqrt(len(y)))


def _linear(u: Array, outputs: Array) -> tuple[Array, Array, float]:
    """Return linear effects, what they and curvature leave of outputs, and the effects' noise."""
    n = len(u)
    flat = u.reshape(n, -1)
    effects = (outputs.T @ flat / np.sqrt(n)).reshape(-1, *u.shape[1:])
    design = np.concatenate([flat, flat**2 - 1], axis=1)
    design -= design.mean(axis=0)
    products = design.T @ design
    products[np.diag_indices(len(products))] += 1 + 0.01 * n
    residuals = outputs - design @ np.linalg.solve(products, design.T @ outputs)
    left = float(np.square(residuals).mean() * n / max(n / 4, n - design.shape[1]))
    # Part of the noise of effects is that of the correlations by which they are decorrelated.
    return effects, residuals, float(np.sqrt(min(1.0, left + (1 - left) / 4)))


def _strongest(linear: Array, residuals: Array, u: Array) -> Array:
    """Return combinations of outputs with the most association, shape `(outputs, combinations)`."""
    n, d, width = u.shape
    if len(linear) == 1:
        return np.ones((1, 1))
    flat = u.reshape(n, -1)
    i, j = np.triu_indices(d * width, 1)
    parts = [linear.reshape(len(linear), -1)]
    for residual in residuals.T:
        moments = (flat * residual[:, np.newaxis]).T @ flat / np.sqrt(n)
        parts.append(moments[i, j][np.newaxis])
    second = np.concatenate(parts[1:]) - 0.0
    left, _, _ = np.linalg.svd(np.concatenate([parts[0], second], axis=1), full_matrices=False)
    return np.asarray(left[:, :_MOST_OUTPUTS])


def _exchangeable(x: NDArray[Any], alphabets: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
    """Return which columns have about the same distribution."""
    n, d = x.shape
    values = np.asarray(x, np.float64)
    grid = np.unique(np.quantile(values, np.linspace(0, 1, _GRID * 4), axis=0))
    if len(grid) > _GRID * 8:
        grid = grid[np.linspace(0, len(grid) - 1, _GRID * 8).astype(int)]
    shares = np.stack(
        [np.searchsorted(np.sort(column), grid, side="right") / n for column in values.T]
    )
    found = np.zeros((d, d), bool)
    for column in range(d):
        distance = np.abs(shares - shares[column]).max(axis=1)
        found[column] = distance <= _FARTHEST * np.sqrt(2 / n)
    is_constant = np.ptp(values, axis=0) == 0
    same = np.array([[one == other for other in alphabets] for one in alphabets])
    return (found & same & ~is_constant & ~is_constant[:, np.newaxis]) | np.eye(d, dtype=bool)


def _marginals(
    x: NDArray[Any], alphabets: Sequence[tuple[str, ...]], exchangeable: NDArray[np.bool_]
) -> Array:
    """Return how mean and spread of each column differ from those of similar columns."""
    n = len(x)
    values = np.asarray(x, np.float64)
    means, spreads = values.mean(axis=0), values.std(axis=0)
    fourth = ((values - means) ** 4).mean(axis=0)
    weights = exchangeable / exchangeable.sum(axis=1, keepdims=True)
    spread = np.where(spreads > 0, spreads, 1.0)
    logs = np.log(spread)
    noise = np.sqrt(np.maximum(fourth / spread**4 - 1, 0.1)) / 2
    mean = np.sqrt(n) * (means - weights @ means) / np.sqrt(weights @ spread**2)
    size = np.sqrt(n) * (logs - weights @ logs) / np.sqrt(weights @ noise**2)
    return np.stack([mean, size])
