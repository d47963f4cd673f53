"""What both estimators share: moved copies of samples in `fit` and in `predict`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils import Tags, check_array, check_X_y, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor, nn

from autoequivariant.errors import SettingsError, shown
from autoequivariant.estimator.arguments import seed_from
from autoequivariant.estimator.base import issue_warnings
from autoequivariant.estimator.symmetric.learned_weights import (
    Loss,
    learn_weights,
    outputs_of_copies,
)
from autoequivariant.estimator.symmetric.outputs import Combined, EstimatorModule
from autoequivariant.estimator.symmetric.samples import SampleForm
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.symmetrize.group import Group
from autoequivariant.nn.symmetrize.measured import error_of
from autoequivariant.nn.symmetrize.methods import Average, Canonical
from autoequivariant.nn.symmetrize.orbit import Orbit
from autoequivariant.nn.symmetrize.representatives import Sorting, to_representative
from autoequivariant.nn.symmetrize.wrap import METHODS

_MOST_MEASURED = 200  # samples
_MOST_VALUES = 2**24  # of moved copies, to learn weights from
_FOLDS = 5
_SUCH_AS = {"classifier": "SVC()", "regressor": "SVR()"}


class SymmetricEstimator(MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]  # no types
    """Base of the estimators; `SymmetricClassifier` documents arguments and attributes."""

    def __init__(
        self,
        estimator: Any,
        symmetries: Any,
        *,
        method: str = "average",
        kind: str | None = None,
        members: int = 16,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.symmetries = symmetries
        self.method = method
        self.kind = kind
        self.members = members
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = get_tags(self.estimator).input_tags.allow_nan
        return tags

    def _check_estimator(self, kind: str, other: str, is_other: Callable[[Any], bool]) -> None:
        """Raise `ValueError` unless `estimator` is an estimator, and not of the other kind."""
        one = self.estimator
        if one is None or isinstance(one, type) or not hasattr(one, "fit"):
            raise ValueError(
                f"estimator must be a {kind} of scikit-learn, such as {_SUCH_AS[kind]}; got "
                f"{shown(one)}."
            )
        if is_other(one):
            raise ValueError(
                f"{type(self).__name__} needs a {kind}, but {type(one).__name__} is a {other}: use "
                f"Symmetric{other.capitalize()}."
            )
        if isinstance(one, FrozenEstimator):
            check_is_fitted(one.estimator)

    def _checked(self, X: Any, y: Any = "no_validation", **checks: Any) -> Any:
        """Return samples, an array or a data frame of pandas, and labels if there are any."""
        if hasattr(X, "to_pandas"):  # of Polars and the like
            X = X.to_pandas()
        may_miss = get_tags(self.estimator).input_tags.allow_nan
        checks |= {"ensure_all_finite": "allow-nan" if may_miss else True, "allow_nd": True}
        if not isinstance(X, pd.DataFrame):
            return validate_data(self, X, y, **checks)
        is_number = [pd.api.types.is_numeric_dtype(dtype) for dtype in X.dtypes]
        if all(is_number):
            found = validate_data(self, X, y, **checks)
        else:
            reset = {"reset": checks.pop("reset")} if "reset" in checks else {}
            validate_data(self, X, skip_check_array=True, **reset)
            numbers = X.loc[:, is_number] if any(is_number) else np.zeros((len(X), 1))
            found = self._checked_part(numbers, y, **checks)
        return (X, found[1]) if isinstance(found, tuple) else X

    def _checked_part(self, numbers: Any, y: Any, **checks: Any) -> Any:
        """Check the columns of numbers of a data frame, and labels if there are any."""
        checks["estimator"] = type(self).__name__
        if isinstance(y, str) and y == "no_validation":
            return check_array(numbers, **checks)
        return check_X_y(numbers, y, **checks)

    def _fit(
        self,
        X: Any,
        y: NDArray[Any],
        outputs: tuple[str, ...],
        has_classes: bool,
        more: Mapping[str, Any],
    ) -> None:
        """Fit a clone of the estimator.

        Args:
            X: checked samples.
            y: numbers of classes, shape `(n,)`, or targets, shape `(n, targets)`.
            outputs: names of the classes or targets.
            has_classes: whether they are classes.
            more: arguments of the estimator's `fit`.
        """
        if self.method not in METHODS:
            raise SettingsError(
                f"method must be one of {', '.join(METHODS)}; got {shown(self.method)}."
            )
        seed = seed_from(self.random_state)
        columns = tuple(map(str, getattr(self, "feature_names_in_", ())))
        group = Group.on(
            self.symmetries,
            X.shape[1:],
            outputs,
            kind=self.kind,
            columns=columns,
            has_classes=has_classes,
        )
        self.symmetries_ = list(group.names)
        self._moves = [one.points for one in group.generators]
        self._orbit = orbit = self._orbit_of(group, seed)
        form = SampleForm.of(X, self.estimator, self._moves)
        x, labels = form.encode(X), torch.from_numpy(y)
        self._method: nn.Module = Canonical() if self.method == "canonical" else Average()
        if self.method == "canonical":
            x, labels = self._canonical(x, labels, len(outputs) if has_classes else 0)
            if has_classes and not isinstance(self.estimator, FrozenEstimator):
                self._check_classes_remain(y, labels)
        self.estimator_ = self._fitted(form.decode(x), labels, more)
        if self.method == "lambda" and isinstance(orbit, Orbit):
            rows = self._rows(len(x), _MOST_VALUES // (len(orbit) * group.n_values), seed)
            self._method = self._learned(
                orbit, form, x[rows], labels[rows], part_of(more, rows, len(x)), seed
            )
        if self.method == "sample":
            rows = self._rows(len(x), _MOST_MEASURED, seed)
            self._measure(group, form, x[rows])

    def _fitted(self, samples: Any, labels: Tensor, more: Mapping[str, Any]) -> Any:
        """Return a fitted clone of the estimator."""
        return clone(self.estimator).fit(samples, self._as_given(labels), **more)

    def _outputs(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return outputs for samples, shape `(n, outputs)`."""
        check_is_fitted(self)
        checked = self._checked(X, reset=False)
        form = SampleForm.of(checked, self.estimator, self._moves)
        expected = self._orbit.shape
        if form.shape != expected:
            raise ValueError(
                f"X must hold samples of the shape that {type(self).__name__} was fitted on, "
                f"{expected}; got {form.shape}."
            )
        combined = Combined(self._module(self.estimator_, form), self._method, self._orbit)
        with torch.no_grad():
            found: NDArray[np.float64] = combined(form.encode(checked)).numpy()
        return found

    def _orbit_of(self, group: Group, seed: int) -> Orbit | Sorting:
        if self.method == "sample":
            return Orbit(group.members(self.members, seed), group.shape)
        return group.orbit(self.method)

    def _canonical(self, x: Tensor, labels: Tensor, n_classes: int) -> tuple[Tensor, Tensor]:
        """Return the representatives of samples, and labels moved with them."""
        if isinstance(self._orbit, Sorting):
            return self._orbit(x), labels
        numbers = to_representative(self._orbit, x).int().argmax(1)
        moved = self._orbit.moved_by(x, numbers)
        if not n_classes:
            return moved, self._orbit.outputs_moved_by(labels, numbers)
        one_hot = nn.functional.one_hot(labels, n_classes)
        return moved, self._orbit.outputs_moved_by(one_hot, numbers).argmax(1)

    def _check_classes_remain(self, before: NDArray[Any], after: Tensor) -> None:
        if len(np.unique(before)) > 1 and len(after.unique()) == 1:
            raise SettingsError(
                "method='canonical' moves all samples to one class here, so that nothing is left "
                "to learn: use method='average'."
            )

    def _learned(
        self,
        orbit: Orbit,
        form: SampleForm,
        x: Tensor,
        labels: Tensor,
        more: Mapping[str, Any],
        seed: int,
    ) -> nn.Module:
        """Return weights, learned from predictions of clones that have not seen the samples."""
        outputs, seen = [], []
        for known, held_out in self._folds(labels, seed):
            part = part_of(more, known, len(x))
            fitted = self._fitted(form.decode(x[known]), labels[known], part)
            module = self._module(fitted, form)
            outputs.append(outputs_of_copies(module, orbit, x[held_out]))
            seen.append(held_out)
        rows = torch.cat(seen)
        loss = self._loss(labels[rows])
        return learn_weights(orbit, x[rows], torch.cat(outputs), loss, seed)

    def _folds(self, labels: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        is_class = labels.ndim == 1
        fewest = int(labels.unique(return_counts=True)[1].min()) if is_class else len(labels)
        kind = StratifiedKFold if is_class and fewest > 1 else KFold
        count = min(_FOLDS, fewest if kind is StratifiedKFold else len(labels))
        if count < 2:
            return
        folds = kind(count, shuffle=True, random_state=seed % 2**32)
        for known, held_out in folds.split(labels.numpy(), labels.numpy()):
            yield torch.from_numpy(known), torch.from_numpy(held_out)

    def _measure(self, group: Group, form: SampleForm, x: Tensor) -> None:
        """Measure the error of a mean over a part of the group, and warn if it is one."""
        combined = Combined(self._module(self.estimator_, form), self._method, self._orbit)
        found = error_of(combined, group, x)
        self.equivariance_error_ = found.error
        if found.error > TOLERANCES[torch.float32]:
            text = (
                f"A mean over {self.members} elements is not exact: its equivariance error is "
                f"{found}, as a share of the spread of the outputs; more members make it smaller."
            )
            issue_warnings([text], 5)

    @staticmethod
    def _rows(count: int, most: int, seed: int) -> Tensor:
        """Return the numbers of at most so many random samples."""
        order = np.random.default_rng(seed).permutation(count)[: max(1, most)]
        return torch.from_numpy(np.sort(order))

    def _as_given(self, labels: Tensor) -> Any:
        """Return labels as `fit` was given them."""
        raise NotImplementedError

    def _module(self, estimator: Any, form: SampleForm) -> EstimatorModule:
        """Return an estimator as a module."""
        raise NotImplementedError

    def _loss(self, labels: Tensor) -> Loss:
        """Return what weights minimise."""
        raise NotImplementedError


def part_of(more: Mapping[str, Any], rows: Tensor, count: int) -> dict[str, Any]:
    """Return arguments of `fit` for some of the samples.

    Args:
        more: the arguments; those with an entry for each sample are indexed.
        rows: numbers of the samples.
        count: of all samples.
    """
    numbers = rows.numpy()
    has_rows = {name: np.ndim(value) > 0 and len(value) == count for name, value in more.items()}
    return {
        name: np.asarray(value)[numbers] if has_rows[name] else value
        for name, value in more.items()
    }
