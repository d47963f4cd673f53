"""Predictors in closed form on features: ordinary ones, and one that tells samples from copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.special import expit

from autoequivariant.evidence.testing.features import Matrix

_PENALTIES = tuple(10.0 ** np.arange(-3, 2.01, 0.5))  # times the mean eigenvalue
_SHARPEST = 50.0  # slope that turns margins into log-odds

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ridge:
    """Ridge regression on features.

    Attributes:
        weights: shape `(features, outputs)`.
        mean_x, mean_y: of the features and targets that it was fitted on.
        penalty: the chosen one.
    """

    weights: Matrix
    mean_x: Matrix
    mean_y: Array
    penalty: float

    @classmethod
    def fit(cls, x: Matrix, y: Array, penalty: float | None = None) -> Self:
        """Fit targets, shape `(n, outputs)`.

        Default of the penalty: the one with the least leave-one-out error.
        """
        mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
        centred, targets = x - mean_x, (y - mean_y).astype(np.float32)
        if penalty is None:
            values, axes = _axes(centred)
            projected = axes.T @ (centred.T @ targets)
            penalty = _best_penalty(centred @ axes.astype(np.float32), values, projected, targets)
            weights = axes @ (projected / (values + penalty)[:, np.newaxis])
        else:
            products = _products(centred)
            products[np.diag_indices(len(products))] += penalty
            weights = solve(products, centred.T @ targets, assume_a="pos")
        return cls(weights.astype(np.float32), mean_x, mean_y, penalty)

    def __call__(self, x: Matrix) -> Array:
        """Return predictions, shape `(n, outputs)`."""
        return np.asarray(self.mean_y + (x - self.mean_x) @ self.weights, np.float64)


def _axes(centred: Matrix) -> tuple[Array, Array]:
    values, axes = np.linalg.eigh(_products(centred))
    return np.maximum(values, 0), axes


def _products(centred: Matrix) -> Array:
    return (centred.T @ centred).astype(np.float64)


def _best_penalty(along: Matrix, values: Array, projected: Array, targets: Matrix) -> float:
    """Return the penalty with the least squared leave-one-out error."""
    squares = np.square(along)
    best, least = 1.0, np.inf
    for factor in _PENALTIES:
        penalty = factor * float(values.mean()) + 1e-9
        inverse = 1 / (values + penalty)
        residuals = targets - along @ (inverse[:, np.newaxis] * projected).astype(np.float32)
        leverage = 1 / len(along) + squares @ inverse.astype(np.float32)
        error = float(np.square(residuals / np.maximum(1 - leverage, 1e-3)[:, np.newaxis]).mean())
        if error < least:
            best, least = penalty, error
    return best


@dataclass(frozen=True)
class Discriminator:
    """Tells samples from moved copies: the log-odds of a pair's order.

    Attributes:
        weights: of differences of features, shape `(features,)`.
    """

    weights: Matrix

    @classmethod
    def fit(cls, differences: Matrix) -> Self:
        """Fit differences between samples and their copies, shape `(n, features)`.

        Margins are the ridge regression of 1 on the differences. Penalty and the slope of log-odds
        have the least leave-one-out log loss.
        """
        values, axes = _axes(differences)
        along = differences @ axes.astype(np.float32)
        squares, sums = np.square(along), along.sum(axis=0, dtype=np.float64)
        best, least = np.zeros(len(values)), np.log(2)
        for factor in _PENALTIES:
            inverse = 1 / (values + factor * float(values.mean()) + 1e-9)
            margins = along @ (inverse * sums).astype(np.float32)
            leverage = squares @ inverse.astype(np.float32)
            left_out = (margins - leverage) / np.maximum(1 - leverage, 1e-3)
            slope = _slope(left_out.astype(np.float64))
            loss = float(np.logaddexp(0, -slope * left_out).mean())
            if loss < least:
                best, least = slope * inverse * sums, loss
        return cls((axes @ best).astype(np.float32))

    def chances(self, differences: Matrix) -> Array:
        """Return the probability that each pair is in order, shape `(n,)`."""
        return np.asarray(expit((differences @ self.weights).astype(np.float64)))


def _slope(margins: Array) -> float:
    """Return the slope of the logistic regression through the origin, 0 or more."""
    slope = 0.0
    for _ in range(15):
        chance = expit(slope * margins)
        gradient = float((margins * (1 - chance)).sum())
        curvature = float((np.square(margins) * chance * (1 - chance)).sum()) + 1e-9
        slope = float(np.clip(slope + gradient / curvature, 0.0, _SHARPEST))
    return slope
