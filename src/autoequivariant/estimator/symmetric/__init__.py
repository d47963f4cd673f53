"""Symmetries put into any scikit-learn estimator."""

from autoequivariant.estimator.symmetric.estimators import SymmetricClassifier, SymmetricRegressor

__all__ = ["SymmetricClassifier", "SymmetricRegressor"]
