"""The linear model agrees with its slow twin in the space of weights, and finds planted effects."""

from itertools import combinations

import numpy as np
import pytest

from autoequivariant.searching.samplers import effects
from autoequivariant.searching.samplers.effects import Effects, FloatArray

NOISE = 0.01


def planted(n: int, columns: int = 5, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Random states; the first column helps, the next two help together."""
    rng = np.random.default_rng(seed)
    z = np.where(rng.random((n, columns)) < 0.5, 1.0, -1.0)
    y = 0.5 + 0.2 * z[:, 0] + 0.1 * z[:, 1] * z[:, 2] + NOISE**0.5 * rng.normal(size=n)
    return z, y


def slow_posterior(model: Effects, z: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of all weights: constant, single columns, pairs."""
    pairs = list(combinations(range(z.shape[1]), 2))
    features = np.column_stack([np.ones(len(z)), z, *(z[:, a] * z[:, b] for a, b in pairs)])
    prior = np.array([10.0, *[model.variances[0]] * z.shape[1], *[model.variances[1]] * len(pairs)])
    noise = NOISE / y.var() + model.variances[2]
    covariance = np.linalg.inv(features.T @ features / noise + np.diag(1 / prior))
    return covariance @ features.T @ ((y - y.mean()) / y.std()) / noise, covariance


def test_the_mean_is_that_of_the_weights() -> None:
    z, y = planted(30)
    model = Effects(z, y, NOISE)
    weights, _ = slow_posterior(model, z, y)
    found = model.mean
    above = np.triu_indices(5, 1)
    np.testing.assert_allclose(found.linear, y.std() * weights[1:6], atol=1e-8)
    np.testing.assert_allclose(found.pairs[above], y.std() * weights[6:], atol=1e-8)
    assert found.constant == pytest.approx(y.mean() + y.std() * weights[0])
    np.testing.assert_allclose(found.pairs, found.pairs.T)


def test_draws_have_the_mean_and_the_spread_of_the_posterior() -> None:
    z, y = planted(12)
    model = Effects(z, y, NOISE)
    rng = np.random.default_rng(1)
    draws = np.array([model.draw(rng).linear for _ in range(4000)])
    _, covariance = slow_posterior(model, z, y)
    spread = y.std() * np.sqrt(np.diag(covariance)[1:6])
    np.testing.assert_allclose(draws.mean(axis=0), model.mean.linear, atol=4 * spread.max() / 60)
    np.testing.assert_allclose(draws.std(axis=0), spread, rtol=0.1)


def test_planted_effects_are_found_and_no_others() -> None:
    model = Effects(*planted(200), NOISE)
    np.testing.assert_allclose(model.mean.linear, [0.2, 0, 0, 0, 0], atol=0.03)
    assert model.mean.pairs[1, 2] == pytest.approx(0.1, abs=0.03)
    assert abs(model.mean.pairs[0]).max() < 0.03


def test_variances_can_be_taken_over() -> None:
    first, second = planted(30), planted(40, seed=1)
    model = Effects(*first, NOISE)
    assert np.array_equal(Effects(*second, NOISE, model).variances, model.variances)
    assert not np.array_equal(Effects(*second, NOISE).variances, model.variances)


def test_scores_that_are_all_the_same() -> None:
    model = Effects(planted(20)[0], np.full(20, 0.5), NOISE)
    np.testing.assert_allclose(model.mean(planted(9, seed=1)[0]), 0.5)


def test_it_is_fitted_on_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "MOST_FITTED", 10)
    z, y = planted(30)
    last = Effects(z[-10:], y[-10:], NOISE)
    assert np.array_equal(Effects(z, y, NOISE).mean.linear, last.mean.linear)
