"""Estimators that are refused, and classes that `canonical` would all make one."""

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.svm import SVC, SVR

from autoequivariant import SymmetricClassifier, SymmetricRegressor
from autoequivariant.errors import SettingsError


def test_canonical_says_that_it_leaves_one_class() -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    y = np.where(x[:, 0] > x[:, 1], "left", "right")
    exchanged = {"swap": "0 <-> 1", "outputs": {"swap": "left <-> right"}}
    with pytest.raises(SettingsError, match="moves all samples to one class"):
        SymmetricClassifier(SVC(), exchanged, method="canonical").fit(x, y)
    assert SymmetricClassifier(SVC(), exchanged, method="average").fit(x, y).score(x, y) > 0.9


def test_a_frozen_estimator_needs_no_second_class() -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    y = np.where(x[:, 0] > x[:, 1], "left", "right")
    exchanged = {"swap": "0 <-> 1", "outputs": {"swap": "left <-> right"}}
    fitted = FrozenEstimator(SVC().fit(x, y))
    SymmetricClassifier(fitted, exchanged, method="canonical").fit(x, y)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (SymmetricClassifier(None, "swap:0-1"), "must be a classifier .* got None"),
        (SymmetricClassifier(SVC, "swap:0-1"), "must be a classifier"),
        (SymmetricClassifier(SVR(), "swap:0-1"), "SVR is a regressor: use SymmetricRegressor"),
        (SymmetricRegressor(SVC(), "swap:0-1"), "SVC is a classifier: use SymmetricClassifier"),
    ],
)
def test_what_is_no_estimator_of_the_kind_is_named(model: Any, reason: str) -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.raises(ValueError, match=reason):
        model.fit(x, np.arange(40) % 2)


def test_a_frozen_estimator_must_be_fitted() -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.raises(NotFittedError):
        SymmetricClassifier(FrozenEstimator(SVC()), "swap:0-1").fit(x, np.arange(40) % 2)
