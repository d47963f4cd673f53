"""Predictors in closed form."""

import numpy as np
import pytest

from autoequivariant.evidence.testing.predictors import Discriminator, Ridge


def test_ridge_with_no_noise_is_least_squares() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    y = x @ rng.normal(size=(4, 2)) + 3
    assert Ridge.fit(x, y)(x) == pytest.approx(y, abs=0.02)


def test_ridge_shrinks_noise() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 50)).astype(np.float32), rng.normal(size=(60, 1))
    new = rng.normal(size=(500, 50)).astype(np.float32)
    assert Ridge.fit(x, y)(new).std() < 0.5 * y.std()


def test_leave_one_out_errors_are_those_of_refitting() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 5)).astype(np.float32)
    y = x[:, :1] + rng.normal(size=(30, 1))
    chosen = Ridge.fit(x, y).penalty

    def error(penalty: float) -> float:
        rows = [np.delete(np.arange(30), k) for k in range(30)]
        fits = [Ridge.fit(x[r], y[r], penalty)(x[k : k + 1]) for k, r in enumerate(rows)]
        return float(np.square(np.concatenate(fits) - y).mean())

    assert error(chosen) <= 1.05 * min(error(chosen * factor) for factor in (0.01, 1, 100))


def test_the_discriminator_is_calibrated() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(0.5, 1, (4000, 3)).astype(np.float32)
    second = rng.normal(-0.5, 1, (4000, 3)).astype(np.float32)
    found = Discriminator.fit((first - second)[:2000]).chances((first - second)[2000:])
    expected = 1 / (1 + np.exp(-(first - second)[2000:].sum(axis=1)))
    assert found == pytest.approx(expected, abs=0.1)


def test_what_cannot_be_told_apart_has_even_chances() -> None:
    rng = np.random.default_rng(1)
    differences = rng.normal(size=(500, 40)).astype(np.float32)
    chances = Discriminator.fit(differences[:250]).chances(differences[250:])
    assert np.abs(chances - 0.5).max() < 0.1
