"""scikit-learn estimators, which search behind `fit`, and direct tests of symmetries."""

from autoequivariant.estimator.estimators import AutoEquivariantClassifier, AutoEquivariantRegressor
from autoequivariant.estimator.symmetry_tests import test_symmetries

__all__ = ["AutoEquivariantClassifier", "AutoEquivariantRegressor", "test_symmetries"]
