"""True values behind noisy numbers: most are 0, or none; fitted by empirical Bayes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

Array = NDArray[np.float64]

_SHARES = (1.0, 0.7, 0.4, 0.2, 0.1, 0.05, 0.02)  # of true values that are not 0
_VARIANCES = tuple(2.0 ** np.arange(0, 18))
_LEVEL = 1e-3  # at which a kind of association is told from noise
_LEAST_GAIN = 3.0  # of the fitted prior over noise alone, in nats


@dataclass(frozen=True)
class Prior:
    """Of true values: `N(0, variance)` with probability `share`, else 0."""

    share: float
    variance: float

    def log_likelihood(self, count: Array, total: Array, squares: Array) -> Array:
        """Return that of orbits with this many numbers, sum and sum of squares.

        The constant `-count / 2 log(2 pi)` is left out.
        """
        whole = 1 + count * self.variance
        slab = -0.5 * np.log(whole) - 0.5 * (squares - total**2 * self.variance / whole)
        if self.share >= 1:
            return np.asarray(slab)
        spike = -0.5 * squares
        found = np.logaddexp(np.log(self.share) + slab, np.log1p(-self.share) + spike)
        return np.asarray(found)

    def means(self, values: Array) -> Array:
        """Return the expected true value of single numbers."""
        factor = self.variance / (1 + self.variance)
        if self.share >= 1:
            return np.asarray(values * factor)
        slab = np.log(self.share) - 0.5 * np.log1p(self.variance) + 0.5 * factor * values**2
        chance = 1 / (1 + np.exp(np.clip(np.log1p(-self.share) - slab, -500, 500)))
        return np.asarray(values * factor * chance)


def fitted_prior(values: Array) -> Prior | None:
    """Return the prior of the largest likelihood; None if the numbers are like noise."""
    if not len(values):
        return None
    ones, squares = np.ones(len(values)), values**2
    if float(chi2.sf(squares.sum(), len(values))) > _LEVEL and (
        float(chi2.sf(squares.max(), 1)) * len(values) > _LEVEL
    ):
        return None
    priors = [Prior(share, variance) for share in _SHARES for variance in _VARIANCES]
    found = [float(one.log_likelihood(ones, values, squares).sum()) for one in priors]
    best = int(np.argmax(found))
    return priors[best] if found[best] + 0.5 * squares.sum() > _LEAST_GAIN else None
