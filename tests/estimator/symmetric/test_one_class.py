"""Classes that `canonical` would all make one."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.svm import SVC

from autoequivariant import SymmetricClassifier
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
