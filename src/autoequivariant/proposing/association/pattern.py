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

from autoequivariant.proposing.association.columns import (
    MOST_DEVIATIONS,
    column_scores,
    exchangeable_columns,
    log_and_root,
    marginals,
    normal_scores,
)
from autoequivariant.proposing.association.prior import Array, fitted_prior

_MOST_OUTPUTS = 3  # combinations of outputs, those with the most association
_ROUNDS = 3  # of backfitting
_PENALTY = 0.01  # of a regression, as a share of the samples


@dataclass(frozen=True, eq=False)
class Association:
    """One kind of association, in units of its noise.

    Attributes:
        values: of columns, shape `(d,)`, or of ordered pairs of columns, shape `(d, d)`.
        of_labels: whether it is with the target.
        is_symmetric: whether pairs are unordered; then `values` equals its transpose.
        is_evidence: whether it counts for a permutation that preserves it; that two columns have
            about the same mean does not.
    """

    values: Array
    of_labels: bool
    is_symmetric: bool = False
    is_evidence: bool = True


@dataclass(frozen=True, eq=False)
class Pattern:
    """Associations of `d` columns, as graphs with coloured vertices and edges.

    Attributes:
        associations: of all kinds.
        exchangeable: whether two columns have about the same distribution, shape `(d, d)`.
    """

    associations: tuple[Association, ...]
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
    z = column_scores(x, alphabets)
    width = z.shape[2]
    flat = z.reshape(n, -1)
    correlation = flat.T @ flat / n
    log, root, noise = log_and_root(correlation)
    u = (flat @ root).reshape(z.shape)
    is_number = np.array([not one for one in alphabets])
    curved = np.where(is_number, u[:, :, 0] ** 2 - 1, 0)
    curved /= np.maximum(curved.std(axis=0), 1e-9)
    logs = np.sqrt(n) * log.reshape(d, width, d, width) / noise
    exchangeable = exchangeable_columns(x, alphabets)
    alone = marginals(x, correlation[::width, ::width], exchangeable)
    for values in alone:
        exchangeable &= np.abs(values[:, np.newaxis] - values) <= MOST_DEVIATIONS * np.sqrt(2)
    found = [Association(values, False, is_evidence=False) for values in alone]
    found += [
        Association(logs[:, a, :, b], False, a == b) for a in range(width) for b in range(a, width)
    ]
    found.append(Association(_moments(curved, u[:, :, 0]), False))
    found += _with_labels(u, curved, _outputs(y, n_classes))
    return Pattern(tuple(found), exchangeable)


def _with_labels(u: Array, curved: Array, outputs: Array) -> list[Association]:
    """Return associations with the target: effects of columns, curvature, and products."""
    n, d, width = u.shape
    flat = u.reshape(n, -1)
    linear = _residuals(flat, outputs)
    both = np.concatenate([flat, curved], axis=1)
    left = _residuals(both, outputs)
    effects = outputs.T @ flat / np.sqrt(n)
    mixed = _strongest(effects, linear, curved, left, flat)
    found = []
    for number in range(mixed.shape[1]):
        second = left @ mixed[:, number]
        curves = _coefficients(both, outputs @ mixed[:, number])[d * width :]
        products, directed, fitted, rest = _products(
            flat, curved if width == 1 else curved[:, :0], second, curves
        )
        noise = float(np.square(rest).mean()) * n / max(n / 4, n - both.shape[1])
        # Part of the noise of effects is that of the correlations by which they are decorrelated.
        whole = outputs @ mixed[:, number] - fitted  # without products
        curves = _coefficients(both, whole)[d * width :]
        of_columns = (whole - curved @ curves) @ flat / np.sqrt(n)
        spread = np.sqrt(noise + np.square(of_columns).sum() / n / 4)
        of_columns = (of_columns / spread).reshape(d, width)
        found += [Association(values, True) for values in of_columns.T]
        spread = np.sqrt(noise + 2 * np.square(curves).mean())
        found.append(Association(np.sqrt(n) * curves / spread, True))
        blocks = products.reshape(d, width, d, width)
        found += [
            Association(blocks[:, a, :, b], True, a == b)
            for a in range(width)
            for b in range(a, width)
        ]
        if width == 1:
            found.append(Association(directed, True))
    return found


def _products(
    flat: Array, curved: Array, residual: Array, curves: Array
) -> tuple[Array, Array, Array, Array]:
    """Return the associations of products of values, those of a value and a curve, the part of a
    residual that these explain, and the rest, as large as it would be on new samples.

    Of each product what the others probably contribute is subtracted first, as in backfitting, so
    that it is not noise to the others.
    """
    n = len(flat)
    fitted, freedom = [np.zeros(n), np.zeros(n)], np.zeros(2)
    factors = [(flat, flat), (curved, flat)]
    found = [np.zeros((one.shape[1], flat.shape[1])) for one, _ in factors]
    effects = list(found)
    is_single = len(curves) == flat.shape[1]
    turns = np.square(curves[:, np.newaxis] + curves) / 2 if is_single else np.zeros_like(found[0])
    for _ in range(_ROUNDS):
        for k, (first, second) in enumerate(factors):
            if not found[k].size:
                continue
            used = _single(k == 0, found[k].shape)
            rest = residual - fitted[0] - fitted[1]
            squares = np.square(first), np.square(second)
            scale = np.maximum(squares[0].T @ squares[1], 1e-9)
            raw = (first * rest[:, np.newaxis]).T @ second / scale + effects[k]
            noise = squares[0].T @ (squares[1] * np.square(rest)[:, np.newaxis]) / scale**2
            # Like the error of what was left out, by generalised cross-validation; and part of the
            # noise is that of the correlations by which the columns are decorrelated.
            left = float(np.median(noise[used])) / (1 - min(0.5, freedom.sum() / n)) ** 2
            shares = np.square(effects[k]).sum() * (0.5 if k == 0 else 0.75) / len(scale)
            turned = turns if k == 0 else np.zeros_like(raw)
            spread = np.maximum(np.sqrt(left + (shares + turned) / n), 1e-12)
            found[k] = np.where(scale > 1e-4, raw / spread, 0.0)
            prior = fitted_prior(found[k][used])
            if prior is None:
                fitted[k], freedom[k], effects[k] = np.zeros(n), 0.0, np.zeros_like(raw)
                continue
            means = prior.means(found[k])
            freedom[k] = (means[used] / np.where(found[k][used] == 0, 1, found[k][used])).sum()
            effects[k] = np.where(used | used.T if k == 0 else used, means, 0) * spread
            values = (first @ effects[k] * second).sum(axis=1)
            fitted[k] = (values - values.mean()) / (2 if k == 0 else 1)
    rest = residual - fitted[0] - fitted[1]
    return found[0], found[1], fitted[0] + fitted[1], rest / (1 - min(0.5, freedom.sum() / n))


def _single(is_symmetric: bool, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which products are different from each other and of different columns."""
    rows, columns = np.indices(shape)
    return np.asarray(rows < columns if is_symmetric else rows != columns)


def _moments(first: Array, second: Array) -> Array:
    """Return the sums of products of columns, in units of their noise."""
    sums = first.T @ second
    spread = np.sqrt(np.square(first).T @ np.square(second))
    return np.asarray(np.where(spread > 1e-9, sums / np.maximum(spread, 1e-9), 0.0))


def _outputs(y: NDArray[Any], n_classes: int) -> Array:
    """Return uncorrelated outputs of variance 1, shape `(n, outputs)`."""
    if n_classes:
        values = np.eye(n_classes)[y]
        values -= values.mean(axis=0)
    else:
        values = normal_scores(np.asarray(y, np.float64).reshape(len(y), -1))
    left, lengths, _ = np.linalg.svd(values, full_matrices=False)
    kept = lengths > 1e-6 * lengths.max(initial=1e-300)
    return np.asarray(left[:, kept] * np.sqrt(len(y)))


def _coefficients(design: Array, outputs: Array) -> Array:
    """Return those of a regression with a slight penalty."""
    centred = design - design.mean(axis=0)
    products = centred.T @ centred
    products[np.diag_indices(len(products))] += 1 + _PENALTY * len(design)
    return np.asarray(np.linalg.solve(products, centred.T @ outputs))


def _residuals(design: Array, outputs: Array) -> Array:
    """Return what a regression leaves of outputs."""
    return np.asarray(outputs - (design - design.mean(axis=0)) @ _coefficients(design, outputs))


def _strongest(effects: Array, linear: Array, curved: Array, left: Array, flat: Array) -> Array:
    """Return combinations of outputs with the most association, shape `(outputs, combinations)`."""
    if len(effects) == 1:
        return np.ones((1, 1))
    i, j = np.triu_indices(flat.shape[1], 1)
    products = [(flat * one[:, np.newaxis]).T @ flat / np.sqrt(len(flat)) for one in left.T]
    parts = [effects, linear.T @ curved / np.sqrt(len(flat)), [one[i, j] for one in products]]
    axes, _, _ = np.linalg.svd(np.concatenate(parts, axis=1), full_matrices=False)
    return np.asarray(axes[:, :_MOST_OUTPUTS])
