"""Estimators with symmetries keep scikit-learn's contract, and have the symmetries."""

from collections.abc import Callable
from typing import Any
from unittest import SkipTest

import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from autoequivariant.estimator.symmetric.estimators import SymmetricClassifier, SymmetricRegressor

ODD = {"negate": "all", "outputs": "negate"}


@pytest.mark.slow
@parametrize_with_checks(
    [
        SymmetricClassifier(LogisticRegression(), "reverse", kind="sequence"),
        SymmetricClassifier(LinearSVC(), "reverse", method="canonical", kind="sequence"),
        SymmetricClassifier(
            LogisticRegression(), "reverse", method="lambda", kind="sequence", random_state=0
        ),
        SymmetricRegressor(Ridge(), "reverse", kind="sequence"),
        SymmetricRegressor(DecisionTreeRegressor(random_state=0), ODD, method="canonical"),
        SymmetricRegressor(
            Ridge(), "reverse", method="sample", kind="sequence", random_state=0, members=4
        ),
    ]
)
def test_the_contract_of_scikit_learn(estimator: Any, check: Callable[[Any], None]) -> None:
    """All of it: no check is expected to fail."""
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.skip(f"not here: {reason}")
