"""scikit-learn estimators: a search and its network behind `fit` and `predict`."""

from autoequivariant.estimator.estimators import AutoEquivariantClassifier, AutoEquivariantRegressor

__all__ = ["AutoEquivariantClassifier", "AutoEquivariantRegressor"]
