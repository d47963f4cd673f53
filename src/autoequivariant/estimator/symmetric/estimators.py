"""Any scikit-learn estimator with given symmetries: a classifier and a regressor."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, RegressorMixin, is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.utils import Tags, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d
from torch import Tensor

from autoequivariant.data.labels import label_names
from autoequivariant.data.tables.data_frame import target_names
from autoequivariant.errors import shown
from autoequivariant.estimator.arguments import errors_name_arguments
from autoequivariant.estimator.symmetric.base import SymmetricEstimator
from autoequivariant.estimator.symmetric.learned_weights import Loss, log_loss, squared_error
from autoequivariant.estimator.symmetric.outputs import (
    DECISIONS,
    PROBABILITIES,
    TARGETS,
    EstimatorModule,
    kind_of_outputs,
)
from autoequivariant.estimator.symmetric.samples import SampleForm


def _gives(kind: str) -> Any:
    """Return a check that the outputs of the estimator are of this kind."""

    def check(self: SymmetricClassifier) -> bool:
        return kind_of_outputs(getattr(self, "estimator_", self.estimator)) == kind

    return available_if(check)


class SymmetricClassifier(ClassifierMixin, SymmetricEstimator):  # type: ignore[misc]
    """Give a classifier of scikit-learn the symmetries of its task.

    Whatever the classifier has learned, `predict_proba(g.X)` is `predict_proba(X)`, with classes
    exchanged if a symmetry says so. Its probabilities are combined; if it has none, the values of
    its `decision_function`; otherwise its predictions are votes.

    Args:
        estimator: a classifier. It is cloned and fitted; a model that is fitted already is kept in
            a `sklearn.frozen.FrozenEstimator`.
        symmetries: a text such as `swap:0-1`, a ready list such as `square`, the path of a YAML
            file, `Symmetry` objects, mappings such as `{"swap": "left <-> right"}`, whose `outputs`
            name labels as they are in `y`, or several of these.
        method: how predictions are combined.

            - `average`: the mean over all moved copies of a sample, each prediction moved back
              (Basu et al. 2023, https://arxiv.org/abs/2210.06475), of at most 4,096.
            - `lambda`: a weighted mean. A small network learns the weights, so as to minimise the
              log loss or squared error of cross-validated predictions (Basu et al. 2023,
              https://arxiv.org/abs/2305.09900).
            - `canonical`: fitted on and asked for the lexicographically largest of the moved copies
              (Kaba et al. 2023, https://arxiv.org/abs/2211.06489). Groups of all permutations of
              equal blocks of columns, and of free signs, may have any size.
            - `sample`: the mean over `members` random elements. It is not exact: the error is
              measured, and warned of if it is more than rounding.
        kind: `grid`, `sequence`, `features`, `volume` or `pairs`. Default: by the number of axes.
        members: of `sample`. Default: 16.
        random_state: of the elements of `sample` and the weights of `lambda`.

    Attributes:
        estimator_: the fitted classifier.
        symmetries_: names of the symmetries.
        equivariance_error_: of `sample`, the largest error, as a share of the spread of outputs.
        classes_: the labels, in the order of the outputs.
        n_features_in_, feature_names_in_: as in every estimator.

    Raises:
        ValueError: samples, labels or an argument are invalid; one sentence gives the reason.

    Samples of several axes, such as `(n, height, width)` or `(n, channels, height, width)`, are
    flattened for the classifier unless its tags say that it takes them. Columns of a data frame
    that are exchanged must all hold numbers, or none; the classifier gets a frame.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.ensemble import RandomForestClassifier
        >>> from autoequivariant import SymmetricClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> forest = RandomForestClassifier(random_state=0)
        >>> model = SymmetricClassifier(forest, "swap:0-2").fit(X, y)
        >>> bool((model.predict(X) == model.predict(X[:, [2, 1, 0, 3]])).all())
        True
    """

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        own = get_tags(self.estimator).classifier_tags
        if own is not None:
            tags.classifier_tags.multi_class = own.multi_class
        # scikit-learn's checks score on data that have no symmetries.
        tags.classifier_tags.poor_score = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, **fit_params: Any) -> Self:
        """Fit the classifier; `y` has shape `(n,)`.

        `fit_params`, such as `sample_weight`, are those of the classifier's `fit`.
        """
        self._check_estimator("classifier", "regressor", is_regressor)
        X, labels = self._checked(X, y)
        check_classification_targets(labels)
        labels = column_or_1d(labels, warn=True)
        found = np.unique(labels)
        is_frozen = isinstance(self.estimator, FrozenEstimator)
        self.classes_ = np.asarray(self.estimator.classes_) if is_frozen else found
        unknown = found[~np.isin(found, self.classes_)]
        if len(unknown):
            raise ValueError(
                f"y must hold labels that the frozen estimator knows; got {shown(unknown[0])}."
            )
        numbers = np.searchsorted(self.classes_, labels)
        with errors_name_arguments():
            self._fit(X, numbers, tuple(label_names(self.classes_, "y").tolist()), True, fit_params)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class with the largest output of each sample, shape `(n,)`."""
        best = self._outputs(X).argmax(1)
        predicted: NDArray[Any] = self.classes_[best]
        return predicted

    @_gives(PROBABILITIES)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each class, shape `(n, classes)`, ordered as `classes_`."""
        return self._outputs(X)

    @_gives(DECISIONS)  # type: ignore[untyped-decorator]
    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return decision values, shape `(n, classes)`; `(n,)` for two classes."""
        found = self._outputs(X)
        return found[:, 1] if found.shape[1] == 2 else found

    def _as_given(self, labels: Tensor) -> Any:
        return self.classes_[labels.numpy()]

    def _module(self, estimator: Any, form: SampleForm) -> EstimatorModule:
        return EstimatorModule(estimator, form, kind_of_outputs(estimator), self.classes_)

    def _loss(self, labels: Tensor) -> Loss:
        return log_loss(labels, kind_of_outputs(self.estimator) != DECISIONS)


class SymmetricRegressor(RegressorMixin, SymmetricEstimator):  # type: ignore[misc]
    """Give a regressor of scikit-learn the symmetries of its task.

    Arguments and attributes are those of `SymmetricClassifier`, without `classes_`. Symmetries may
    permute and negate targets, as in `{"negate": "all", "outputs": "negate"}`.
    """

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        own = get_tags(self.estimator)
        tags.target_tags.multi_output = own.target_tags.multi_output
        tags.regressor_tags.poor_score = True  # as of the classifier
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, **fit_params: Any) -> Self:
        """Fit the regressor; `y` has shape `(n,)` or `(n, m)`.

        Columns of a data frame `y` name the targets. `fit_params`, such as `sample_weight`, are
        those of the regressor's `fit`.
        """
        self._check_estimator("regressor", "classifier", is_classifier)
        names = target_names(y)
        X, targets = self._checked(X, y, multi_output=True, y_numeric=True)
        self._is_flat = targets.ndim == 1
        numbers = np.array(targets, np.float64).reshape(len(targets), -1)
        with errors_name_arguments():
            self._fit(
                X, numbers, names or tuple(map(str, range(numbers.shape[1]))), False, fit_params
            )
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the predicted targets, in the shape of `y`."""
        targets = self._outputs(X)
        return targets[:, 0] if self._is_flat else targets

    def _as_given(self, labels: Tensor) -> Any:
        targets = labels.numpy()
        return targets[:, 0] if self._is_flat else targets

    def _module(self, estimator: Any, form: SampleForm) -> EstimatorModule:
        return EstimatorModule(estimator, form, TARGETS)

    def _loss(self, labels: Tensor) -> Loss:
        return squared_error(labels)
