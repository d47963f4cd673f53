"""The evidence for a group: how probable the targets are if the function is invariant to it.

`y = f(x) + noise`. The variance of `f` has an inverse gamma prior and is integrated out exactly;
the length scales and the share of noise have normal priors on their logarithms and are integrated
out by Laplace's approximation around their posterior mode. Everything is proper, so groups with
different numbers of length scales can be compared.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs
from scipy.special import gammaln

from autoequivariant.evidence.gaussian_process.kernel import InvariantKernel, Vector

SCALE = 1.0, 1.5
"""Mean and standard deviation of the logarithm of a length scale."""
NOISE = -3.0, 2.0
"""The same of the variance of the noise, as a share of that of the function."""
_SHAPE, _RATE = 1.0, 0.5  # of the variance of the function, for targets of mean square 1
_CONSTANT = 10.0  # variance of the function's mean, as a share of its variance
_SCALES, _NOISES = (-4.0, 8.0), (-13.0, 7.0)  # bounds; noise keeps the kernel matrix invertible
_STARTS = ((0.0, -4.0), (1.5, -4.0), (0.0, -1.0), (1.5, -1.0))
_STEP = 1e-4
_FLOOR = 0.25  # curvature, as a share of the prior's


class Posterior:
    """Targets under one kernel.

    Args:
        kernel: of the samples.
        y: one target, of mean square about 1, shape `(n,)`.
    """

    def __init__(self, kernel: InvariantKernel, y: Vector) -> None:
        self.kernel, self.y = kernel, y
        self._mean = np.array([SCALE[0]] * kernel.n_scales + [NOISE[0]])
        self._precision = np.array([SCALE[1]] * kernel.n_scales + [NOISE[1]]) ** -2.0
        self._diagonal = kernel.rows == kernel.columns
        self._count = np.where(self._diagonal, 1.0, 2.0)

    def __call__(self, theta: Vector) -> tuple[float, Vector]:
        """Return minus the logarithm of the density, and its gradient.

        Args:
            theta: logarithms of the length scales, then of the noise, shape `(n_scales + 1,)`.
        """
        kernel, y, n = self.kernel, self.y, len(self.y)
        pairs, decay = kernel(theta[:-1])
        noise = math.exp(theta[-1])
        matrix = np.zeros((n, n), order="F")
        matrix[kernel.rows, kernel.columns] = pairs + noise * self._diagonal
        if kernel.is_even:
            matrix += _CONSTANT
        factor, _ = dpotrf(matrix, overwrite_a=True)
        solved = dpotrs(factor, y)[0]
        logdet = 2 * float(np.log(np.diag(factor)).sum())
        shape, rate = _SHAPE + n / 2, _RATE + float(y @ solved) / 2
        inverse = dpotri(factor, overwrite_c=True)[0][kernel.rows, kernel.columns]
        slopes = inverse - shape / rate * solved[kernel.rows] * solved[kernel.columns]
        slopes *= self._count / 2
        gradient = np.append(
            kernel.gradient(theta[:-1], decay, slopes), noise * slopes[self._diagonal].sum()
        )
        off = theta - self._mean
        value = logdet / 2 + shape * math.log(rate) + float(self._precision @ off**2) / 2
        return value + self._constant(), gradient + self._precision * off

    def log_evidence(self) -> float:
        """Return the logarithm of the evidence; always finite."""
        from scipy.optimize import minimize  # here, because it takes long

        bounds = [_SCALES] * self.kernel.n_scales + [_NOISES]
        starts = [np.array([scale] * self.kernel.n_scales + [noise]) for scale, noise in _STARTS]
        start = min(starts, key=lambda theta: self(theta)[0])
        found = minimize(
            self, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-7}
        )
        mode, (value, gradient) = found.x, self(found.x)
        steps = _STEP * np.eye(len(mode))
        curvature = np.array([(self(mode + step)[1] - gradient) / _STEP for step in steps])
        # In units of the prior's, because the mode may be at a bound or not quite reached.
        root = np.sqrt(self._precision)
        relative = np.linalg.eigvalsh((curvature + curvature.T) / 2 / np.outer(root, root))
        logdet = np.log(np.maximum(relative, _FLOOR)).sum() + np.log(self._precision).sum()
        return float(-value + len(mode) / 2 * math.log(2 * math.pi) - logdet / 2)

    def _constant(self) -> float:
        n = len(self.y)
        integral = gammaln(_SHAPE + n / 2) - gammaln(_SHAPE) + _SHAPE * math.log(_RATE)
        normal = n * math.log(2 * math.pi) - np.log(self._precision / (2 * math.pi)).sum()
        return float(normal / 2 - integral)


def log_evidence_of_noise(y: Vector) -> float:
    """Return the logarithm of the evidence if the target is a constant and noise."""
    n = len(y)
    total = float(y @ y) - float(y.sum()) ** 2 * _CONSTANT / (1 + n * _CONSTANT)
    shape = _SHAPE + n / 2
    value = math.log(1 + n * _CONSTANT) / 2 + n / 2 * math.log(2 * math.pi)
    value += shape * math.log(_RATE + total / 2)
    return float(gammaln(shape) - gammaln(_SHAPE) + _SHAPE * math.log(_RATE) - value)
