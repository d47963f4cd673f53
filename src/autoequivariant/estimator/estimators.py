"""The estimators themselves: scikit-learn's contract for classes and for numbers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.labels import label_names
from autoequivariant.data.tables.data_frame import check_frame, target_names
from autoequivariant.estimator.arguments import in_pythons_words
from autoequivariant.estimator.base import AutoEquivariantEstimator


class AutoEquivariantClassifier(ClassifierMixin, AutoEquivariantEstimator):  # type: ignore[misc]
    """Finds the symmetries of a classification task, and classifies by the network that has them.

    `X` is of shape `(n, features)`, `(n, height, width)` or `(n, channels, height, width)`, or with
    a `kind` as that says, **channels first**; also a data frame of numbers. Of arrays with channels
    last, as most image files are read, give `np.moveaxis(X, -1, 1)`.

    Args:
        symmetries: candidates: names with commas between them, ready lists or a YAML file, as
            `aen search --symmetries` takes them; or one of, or a list of, names, `Symmetry`
            objects, mappings such as `{"swap": "left <-> right"}` and index arrays such as
            `[1, 0, 2]`. `outputs` name labels as they stand in `y`. Default: a list for the shape.
        sampler: as `aen search --sampler`. Default: `auto`.
        budget: most distinct networks to train. Default: 250.
        timeout: after how long the search ends with the best so far: seconds, or a text such as
            `10m` or `1h30m`. Default: none.
        network: `mlp`, `cnn` or `auto`: cnn for images of 16 pixels a side or more.
        epochs: passes over the training samples. Default: about 400 steps.
        kind: `grid`, `sequence`, `features` or `volume`. Default: by the number of axes.
        device: `cpu` or `cuda`.
        random_state: of everything random. Default: 0, so that the same data give the same answer.

    Attributes:
        symmetries_: names of the symmetries that were found.
        generators_: a smallest set of them that gives all others.
        augmentations_: of a CNN, those that it was trained with.
        evidence_: DataFrame with a row for each candidate, by its name: whether it was `found`, so
            that the network has it; whether it is `shown` by what is `lost` in score when that
            network is trained without it, with its 95% interval (`lost_low`, `lost_high`; NaN where
            that was not trained); and what the plain network gains by having it `alone`, with its
            95% interval (`alone_low`, `alone_high`) on so many `samples`; NaN where that was not
            trained, for the reason in `note`.
        study_: the Optuna study, in memory.
        module_: the network, a `torch.nn.Module` that takes `(n, channels, ...)` and returns
            logits, in evaluation mode; trained on all samples.
        test_score_, baseline_score_: accuracy of it and of the plain network on a fifth of the
            samples, which was held out until both were trained, once, on the others.
        n_parameters_, baseline_n_parameters_: numbers of trainable numbers of both.
        warnings_: what the search warned of; each is a `UserWarning`, too.
        classes_: the labels, in the order of the outputs.
        n_features_in_, feature_names_in_: as in every estimator.

    Raises:
        ValueError: samples, labels or an argument cannot be used; one sentence says why.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Search, and train the network that was found; `y` is of shape `(n,)`."""
        with in_pythons_words():
            check_frame(X)
        values, labels = validate_data(self, X, y, allow_nd=True, ensure_min_samples=2)
        check_classification_targets(labels)
        labels = column_or_1d(labels, warn=True)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        with in_pythons_words():
            names = tuple(label_names(self.classes_, "y").tolist())
        if len(names) < 2:
            raise ValueError(
                f"y holds only one class, {names[0]!r}: give samples of two classes or more."
            )
        self._search(Arrays(values, numbers), "classification", names)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the likeliest class of each sample, shape `(n,)`."""
        best = self._outputs(X).argmax(1).numpy()
        found: NDArray[Any] = self.classes_[best]
        return found

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return a probability for each class, shape `(n, classes)`, in the order of `classes_`."""
        found: NDArray[np.float64] = torch.softmax(self._outputs(X), 1).numpy()
        return found


class AutoEquivariantRegressor(RegressorMixin, AutoEquivariantEstimator):  # type: ignore[misc]
    """Finds the symmetries of a regression task, and predicts by the network that has them.

    Arguments and attributes are those of `AutoEquivariantClassifier`, but `classes_`; scores are
    R². `module_` returns targets in their own scale.
    """

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Search, and train the network that was found; `y` is of shape `(n,)` or `(n, m)`.

        Columns of a data frame `y` are targets by their names.
        """
        with in_pythons_words():
            check_frame(X)
        names = target_names(y)
        values, targets = validate_data(
            self, X, y, allow_nd=True, ensure_min_samples=2, multi_output=True, y_numeric=True
        )
        self._is_flat = targets.ndim == 1
        self._search(Arrays(values, targets, targets=names), "regression")
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the target of each sample, of the shape that `y` had."""
        found: NDArray[np.float64] = self._outputs(X).numpy()
        return found[:, 0] if self._is_flat else found
