"""A Bayesian linear model of scores: the effects of on/off parameters and of their pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_FITTED = 1000
"""The model is fitted on at most this many scores: the last ones. Not the best ones, which would
make the noise look like effects.
"""
MOST_FOR_VARIANCES = 200
"""Variances are estimated from at most this many of them, evenly spaced."""
_CONSTANT = 10.0  # variance of the constant, relative to that of the scores
_FIRST = np.log([0.05, 0.005, 0.01])  # variances where the fit starts
_BOUNDS = ((-9.0, 2.0), (-14.0, 1.0), (-9.0, 2.0))  # of their logarithms


@dataclass(frozen=True)
class Quadratic:
    """A score for every state: `constant + z @ linear + z @ pairs @ z / 2`.

    Attributes:
        constant: of all states.
        linear: main effects, shape `(n_columns,)`.
        pairs: effects of pairs, shape `(n_columns, n_columns)`, symmetric, with zeros on the
            diagonal.
    """

    constant: float
    linear: FloatArray
    pairs: FloatArray

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return the scores of states, shape `(n,)`, from 1 and -1, shape `(n, n_columns)`."""
        found: FloatArray = self.constant + z @ self.linear + ((z @ self.pairs) * z).sum(axis=1) / 2
        return found


class Effects:
    """Learns effects from noisy scores.

    All main effects have one prior variance, all effects of pairs another. These and the variance
    of what neither explains maximize the marginal likelihood. Columns are 1 and -1, so that the
    prior does not depend on which of both means on.

    Args:
        z: states, shape `(n, n_columns)`, of 1 and -1.
        y: their scores, shape `(n,)`.
        noise: variance of a score.
        like: a model whose variances to take over. Default: they are estimated.

    Attributes:
        variances: of main effects, of pairs and of the rest, relative to that of all scores.
    """

    def __init__(self, z: FloatArray, y: FloatArray, noise: float, like: Effects | None = None):
        self._z = z = z[-MOST_FITTED:]
        y = y[-MOST_FITTED:]
        self._mean, self._scale = float(y.mean()), float(y.std()) or 1.0
        self._y = (y - self._mean) / self._scale
        self._known_noise = noise / self._scale**2
        self.variances: FloatArray = self._estimated() if like is None else like.variances
        self._noise = self._known_noise + float(self.variances[2])
        covariance = self._covariance(z, z)
        covariance[np.diag_indices(len(z))] += self._noise
        self._inverse = np.linalg.inv(covariance)

    def _estimated(self) -> FloatArray:
        """Return the variances with the largest marginal likelihood."""
        from scipy.linalg import cho_factor, cho_solve
        from scipy.optimize import minimize

        step = -(-len(self._z) // MOST_FOR_VARIANCES)
        z, y = self._z[::step], self._y[::step]
        gram, unit = z @ z.T, np.eye(len(z))
        parts = (gram, (gram**2 - z.shape[1]) / 2, unit)

        def loss(logarithms: FloatArray) -> tuple[float, FloatArray]:
            variances = np.exp(logarithms)
            covariance = _CONSTANT + self._known_noise * unit
            for variance, part in zip(variances, parts, strict=True):
                covariance += variance * part
            factor = cho_factor(covariance, lower=True)
            inverse = cho_solve(factor, unit)
            solved = inverse @ y
            change = inverse - np.outer(solved, solved)
            value = y @ solved / 2 + np.log(np.diag(factor[0])).sum()
            slopes = [(change * part).sum() / 2 for part in parts]
            return float(value), variances * np.array(slopes)

        found: Any = minimize(
            loss, _FIRST, jac=True, method="L-BFGS-B", bounds=_BOUNDS, options={"maxiter": 20}
        )
        return np.asarray(np.exp(found.x))

    def _covariance(self, a: FloatArray, b: FloatArray) -> FloatArray:
        gram: FloatArray = a @ b.T
        linear, pairs = self.variances[:2]
        covariance: FloatArray = (
            _CONSTANT + linear * gram + pairs * (gram**2 - a.shape[1]) / 2
        )  # as z**2 is 1
        return covariance

    def _corrected(self, prior: Quadratic, residual: FloatArray) -> Quadratic:
        """Return a function with the prior's errors at the fitted states corrected, in units of the
        scores.
        """
        weights = self._inverse @ residual
        pairs = self._z.T @ (weights[:, None] * self._z)
        np.fill_diagonal(pairs, 0.0)
        scale = self._scale
        return Quadratic(
            self._mean + scale * (prior.constant + _CONSTANT * float(weights.sum())),
            scale * (prior.linear + self.variances[0] * (self._z.T @ weights)),
            scale * (prior.pairs + self.variances[1] * pairs),
        )

    @cached_property
    def mean(self) -> Quadratic:
        """What is expected."""
        n_columns = self._z.shape[1]
        nothing = Quadratic(0.0, np.zeros(n_columns), np.zeros((n_columns, n_columns)))
        return self._corrected(nothing, self._y)

    def draw(self, rng: np.random.Generator) -> Quadratic:
        """Return a function drawn from the posterior, by Matheron's rule (Wilson et al., 2020)."""
        n_columns = self._z.shape[1]
        above = np.triu(rng.normal(size=(n_columns, n_columns)), 1) * self.variances[1] ** 0.5
        prior = Quadratic(
            float(rng.normal()) * _CONSTANT**0.5,
            rng.normal(size=n_columns) * self.variances[0] ** 0.5,
            above + above.T,
        )
        errors = self._noise**0.5 * rng.normal(size=len(self._y))
        return self._corrected(prior, self._y - prior(self._z) - errors)
