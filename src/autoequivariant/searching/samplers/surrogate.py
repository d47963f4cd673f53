"""A Gaussian process over networks, and the improvement that it expects of each."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child

FloatArray = NDArray[np.float64]

MOST_FITTED = 400
"""The model is fitted on at most this many scored networks: the best of them."""


class Surrogate:
    """Learns scores from a network's symmetries, number of parameters and width.

    The kernel is a linear part, because symmetries that help tend to help together, plus a smooth
    one, because neighbours in the lattice are alike.

    Args:
        space: what is searched.
        n_samples: number of samples behind each score: it sets the noise.
        growth: the kernel is fitted again once there are so many times as many scores; until then
            it is conditioned on them. Default: with each new score.
    """

    def __init__(self, space: Space, n_samples: int, growth: float = 1.0) -> None:
        self._space = space
        self._n_samples = n_samples
        self._growth = growth
        self._fitted: tuple[FloatArray, FloatArray, GaussianProcessRegressor] | None = None
        self._fitted_on = 0

    def expected_improvement(
        self,
        pool: Sequence[Child],
        scored: Mapping[Child, float],
        running: Sequence[Child],
        has_two_objectives: bool,
    ) -> FloatArray:
        """Return the expected improvement of each network of the pool, shape `(len(pool),)`.

        Running networks count as if they had scored what the model expects. With two objectives, a
        network has to improve on the best of those with no more parameters.
        """
        fitted = sorted(scored, key=lambda child: -scored[child])[:MOST_FITTED]
        x, y = self._features(fitted), np.array([scored[child] for child in fitted])
        spread = float(y.std()) or 1.0
        noise = (float((y * (1 - y)).clip(0).mean()) / self._n_samples + 1e-8) / spread**2
        model = self._model(x, y, noise, len(scored))
        if running:
            expected = model.predict(self._features(running))
            y = np.concatenate([y, expected])
            x = np.concatenate([x, self._features(running)])
            model = _fit(x, y, noise, model)
        mean, deviation = model.predict(self._features(pool), return_std=True)
        level = model.predict(x)
        incumbent = np.full(len(pool), level.max())
        if has_two_objectives:
            known = np.array([self._space.count_parameters(c) for c in [*fitted, *running]])
            sizes = np.array([self._space.count_parameters(child) for child in pool])
            is_no_larger = known[None] <= sizes[:, None]
            incumbent = np.where(is_no_larger, level[None], level.min()).max(axis=1)
        deviation = np.maximum(deviation, 1e-12)
        z = (mean - incumbent) / deviation
        improvement: FloatArray = deviation * (z * norm.cdf(z) + norm.pdf(z))
        return improvement

    def _model(
        self, x: FloatArray, y: FloatArray, noise: float, n_scored: int
    ) -> GaussianProcessRegressor:
        """Fit a model, or return the last one: scores do not change within a batch."""
        last = self._fitted
        if last is None or not (np.array_equal(last[0], x) and np.array_equal(last[1], y)):
            like = last[2] if last and n_scored < self._growth * self._fitted_on else None
            if like is None:
                self._fitted_on = n_scored
            self._fitted = last = (x, y, _fit(x, y, noise, like))
        return last[2]

    def _features(self, children: Sequence[Child]) -> FloatArray:
        """Return a bit for each member, and log size and log width relative to the baseline."""
        space = self._space
        features = np.zeros((len(children), len(space.names) + 2))
        baseline = space.count_parameters(space.baseline)
        for row, child in zip(features, children, strict=True):
            row[list(child.members)] = 1
            row[-2] = np.log(space.count_parameters(child) / baseline)
            row[-1] = np.log2(child.width / space.default_width)
        return features


def _fit(
    x: FloatArray, y: FloatArray, noise: float, like: GaussianProcessRegressor | None = None
) -> GaussianProcessRegressor:
    """Fit a Gaussian process, or condition the kernel of `like` on these scores.

    `noise` is the variance of a score relative to the variance of all scores.
    """
    # The smooth part varies at least as much as the scores so far: single symmetries may all be
    # poor where two of them together are best. (Chosen on benchmarks/aen_table.)
    linear = ConstantKernel(1.0, (1e-2, 1e2)) * DotProduct(0.0, "fixed")
    smooth = ConstantKernel(1.0, (1.0, 1e2)) * RBF(2.0, (1.0, 3.0))
    kernel = linear + smooth if like is None else like.kernel_
    optimizer = "fmin_l_bfgs_b" if like is None else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # an optimum on a bound is fine
        model = GaussianProcessRegressor(kernel, alpha=noise, optimizer=optimizer, normalize_y=True)
        return model.fit(x, y)
