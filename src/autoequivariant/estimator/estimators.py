"""The estimators: a classifier and a regressor."""

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
from autoequivariant.data.tables.data_frame import coded_frame, target_names
from autoequivariant.estimator.arguments import errors_name_arguments
from autoequivariant.estimator.base import AutoEquivariantEstimator


class AutoEquivariantClassifier(ClassifierMixin, AutoEquivariantEstimator):  # type: ignore[misc]
    """Find the symmetries of a classification task and classify with an equivariant network.

    `X` has shape `(n, features)`, `(n, height, width)` or `(n, channels, height, width)`, or the
    shape of its `kind`, **channels first**; a data frame works too, and text in it is taken as
    categories. For arrays with channels last, as most image files are read, give
    `np.moveaxis(X, -1, 1)`.

    Args:
        symmetries: candidates: a text or YAML file as for `aen search --symmetries`; or one or
            several names, `Symmetry` objects, mappings such as `{"swap": "left <-> right"}` and
            index arrays such as `[1, 0, 2]`. Their `outputs` name labels as they are in `y`.
            Default: a list for the shape.
        propose: where further candidates come from that nobody listed: `names`, `data`, `all` or
            `none`, as for `aen search --propose`. Default: all; `names` for images and volumes;
            `none` beside `symmetries`.
        search: whether `symmetries` are candidates. If False, the network has all of them, by
            default none: as in `aen fit`, nothing is tested or searched, and `sampler`, `budget`,
            `tests` and `smallest` do not count; partial symmetries are named, as in `rot180@2`.
            Default: True.
        sampler: as for `aen search --sampler`. Default: `auto`.
        budget: largest number of distinct networks to train. Default: 250.
        timeout: when `fit` should end, with the best network so far: seconds, or a text such as
            `10m` or `1h30m`. Default: never.
        network: `mlp`, `cnn` or `auto`: cnn for images, sequences and volumes that are large
            enough (`docs/cnn.md`).
        epochs: passes over the training samples. Default: about 400 steps, or a CNN's
            recipe.
        kind: `grid`, `sequence`, `features`, `volume` or `pairs`. Default: by the number of axes;
            pairs if all samples are symmetric matrices.
        coding: of a table's columns of few whole numbers, in an MLP: `numbers`, or `one-hot` for a
            unit for each value. Default: the one with which the baseline is better on validation.
        device: `cpu` or `cuda`.
        executor, ray_address, cpus_per_child, gpus_per_child: where networks are trained, as for
            `aen search`: `ray` uses many machines. Default: `local`, a process for each core.
        tests: ask the data about every candidate before any network is trained. Default: True.
        smallest: build in what is undecided and merely harmless, too. Default: False.
        partial: of a CNN, also try to keep each symmetry in the layers up to a level only, as with
            `aen search --partial` (`docs/cnn.md`). Default: False.
        fit_time: time in which other trainings of the chosen network and the baseline are tried, as
            long as validation improves, as with `aen search --fit full --fit-time`: seconds, or a
            text such as `5m`. None: trained once by the recipe. Default: 20.
        storage: store in which processes share the trainings of the same search, as for
            `aen search --storage`. An estimator shows and pickles its arguments, so leave a
            password to `~/.pgpass`. Default: none.
        random_state: of all random numbers. Default: 0, so that the same data give the same result
            (of CNNs, and on a slow or busy machine, with `fit_time=None`).

    Attributes:
        symmetries_: names of the chosen network's symmetries.
        generators_: a smallest subset of them that generates the others.
        augmentations_: of a CNN, those that it was trained with.
        evidence_: DataFrame with a row for each candidate, by name; NaN for what is not known.
            `verdict`: whether it `holds`, `does not hold` or is `undecided`, for the `reason`; from
            `p_joint`, `p_x` and `resolution` of the tests of the law, and `effect`, `p_task` and
            `overlap` of the test of the task (see `docs/search.md`). `use`: whether a network with
            it `helps`, is `harmless` or `harms`, or was `not tried`; `difference`,
            `difference_low`, `difference_high`: how much lower its loss is, with an interval that
            holds for all candidates together with 95%; `measured`: beside what, if not the others
            of the chosen network. `proposed_from`: `names` or `data`, if nobody listed it.
        study_: the Optuna study, in memory; empty without a search.
        module_: the network, a `torch.nn.Module` in evaluation mode that maps `(n, channels, ...)`
            to logits; trained on all samples.
        test_score_, baseline_score_: accuracy of the chosen network and of the baseline, trained
            without a held-out fifth of the samples and scored on it once.
        n_parameters_, baseline_n_parameters_: their numbers of trainable parameters.
        warnings_: warnings of the search; each is also issued as a `UserWarning`.
        classes_: the labels, in the order of the outputs.
        n_features_in_, feature_names_in_: as in every estimator.

    Raises:
        ValueError: samples, labels or an argument are invalid; one sentence gives the reason.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Search, and train the chosen network; `y` has shape `(n,)`."""
        with errors_name_arguments():
            X, alphabets = coded_frame(X)
        values, labels = validate_data(self, X, y, allow_nd=True, ensure_min_samples=2)
        check_classification_targets(labels)
        labels = column_or_1d(labels, warn=True)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        with errors_name_arguments():
            names = tuple(label_names(self.classes_, "y").tolist())
        if len(names) < 2:
            raise ValueError(f"y must hold two classes or more; got only {names[0]!r}.")
        self._search(Arrays(values, numbers), alphabets, "classification", names)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each sample, shape `(n,)`."""
        best = self._outputs(X).argmax(1).numpy()  # first: it checks that this is fitted
        predicted: NDArray[Any] = self.classes_[best]
        return predicted

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each class, shape `(n, classes)`, ordered as `classes_`."""
        probabilities: NDArray[np.float64] = torch.softmax(self._outputs(X), 1).numpy()
        return probabilities


class AutoEquivariantRegressor(RegressorMixin, AutoEquivariantEstimator):  # type: ignore[misc]
    """Find the symmetries of a regression task and predict with an equivariant network.

    Arguments and attributes are those of `AutoEquivariantClassifier`, without `classes_`. Scores
    are R², and `module_` returns targets in their own scale.
    """

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Search, and train the chosen network; `y` has shape `(n,)` or `(n, m)`.

        Columns of a data frame `y` name the targets.
        """
        with errors_name_arguments():
            X, alphabets = coded_frame(X)
        names = target_names(y)
        values, targets = validate_data(
            self, X, y, allow_nd=True, ensure_min_samples=2, multi_output=True, y_numeric=True
        )
        self._is_flat = targets.ndim == 1
        self._search(Arrays(values, targets, targets=names), alphabets, "regression")
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the predicted targets, in the shape of `y`."""
        targets: NDArray[np.float64] = self._outputs(X).numpy()
        return targets[:, 0] if self._is_flat else targets
