"""Empirical Bayes for noisy numbers."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from autoequivariant.proposing.association.prior import Prior, fitted_prior


@pytest.mark.parametrize(("share", "variance"), [(1.0, 4.0), (0.3, 9.0), (0.02, 1.0)])
def test_likelihood_of_an_orbit_is_that_of_normal_distributions(
    share: float, variance: float
) -> None:
    values = np.array([1.2, 0.4, 2.0])
    count, total, squares = (
        np.array([3.0]),
        values.sum(keepdims=True),
        (values**2).sum(keepdims=True),
    )
    slab = multivariate_normal(np.zeros(3), np.eye(3) + variance).pdf(values)
    spike = multivariate_normal(np.zeros(3), np.eye(3)).pdf(values)
    found = Prior(share, variance).log_likelihood(count, total, squares)
    expected = np.log(share * slab + (1 - share) * spike) + 1.5 * np.log(2 * np.pi)
    assert found[0] == pytest.approx(expected)


@pytest.mark.parametrize(("share", "variance"), [(1.0, 4.0), (0.2, 9.0)])
def test_expected_true_values(share: float, variance: float) -> None:
    prior = Prior(share, variance)
    true = np.linspace(-40, 40, 80_001)
    slab = np.exp(-0.5 * true**2 / variance) / np.sqrt(variance)
    for value in (0.5, -3.0, 6.0):
        seen = np.exp(-0.5 * (value - true) ** 2)
        step = true[1] - true[0]
        moment, whole = ((true * slab * seen).sum() * step, (slab * seen).sum() * step)
        spike = np.sqrt(2 * np.pi) * np.exp(-0.5 * value**2)
        expected = share * moment / (share * whole + (1 - share) * spike)
        assert prior.means(np.array([value]))[0] == pytest.approx(expected, rel=1e-4)


def test_noise_has_no_prior_and_signals_have_theirs() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=400)
    assert fitted_prior(noise) is None
    assert fitted_prior(np.zeros(0)) is None
    strong = noise.copy()
    strong[:20] += 6 * rng.normal(size=20)
    prior = fitted_prior(strong)
    assert prior is not None
    assert prior.share <= 0.1
    assert 8 <= prior.variance <= 128
