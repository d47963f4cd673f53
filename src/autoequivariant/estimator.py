"""scikit-learn estimators: a search and its network behind `fit` and `predict`."""

from __future__ import annotations

import copy
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import optuna
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from autoequivariant.data import Arrays, Samples, Split, arrange, as_numbers, make_samples
from autoequivariant.errors import AutoequivariantError
from autoequivariant.groups import Candidate, candidate_of
from autoequivariant.report.findings.effects import Difference, Effect, effects_of
from autoequivariant.report.findings.summary import Ablated, findings_of
from autoequivariant.search import Outcome, SearchSettings, SearchStudy, read_candidates, search
from autoequivariant.search.pruning import quietly
from autoequivariant.search.workers import Workers

_NAME = "X"
_TOGETHER = 1000
_EVIDENCE = (
    *("found", "shown", "lost", "lost_low", "lost_high"),
    *("difference", "low", "high", "samples", "note"),
)
_REFIT = 2_000_000
"""Of the last training, apart from all replicates of the search and of its end."""


class _Searcher(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """What both estimators share: their arguments are those of `AutoEquivariantClassifier`."""

    def __init__(
        self,
        symmetries: str | Sequence[Any] | None = None,
        *,
        sampler: str = "auto",
        budget: int = 250,
        timeout: float | None = None,
        network: str = "auto",
        epochs: int | None = None,
        kind: str | None = None,
        device: str = "cpu",
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.symmetries = symmetries
        self.sampler = sampler
        self.budget = budget
        self.timeout = timeout
        self.network = network
        self.epochs = epochs
        self.kind = kind
        self.device = device
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _search(self, X: NDArray[Any], y: NDArray[Any], task: str) -> None:
        """Search, keep what was found, and train the network on all samples."""
        columns = tuple(map(str, getattr(self, "feature_names_in_", ())))
        with _in_pythons_words(), quietly(), tempfile.TemporaryDirectory() as folder:
            arrays = Arrays(X, y, columns=columns)
            samples = make_samples(_NAME, arrays, self.kind, task=task, channels_first=True)
            outcome = search(self._settings(task), Path(folder) / "run", samples=samples)
            if outcome.choice is None:
                raise KeyboardInterrupt
            self._keep(outcome)
            self._refit(outcome, samples)

    def _settings(self, task: str) -> SearchSettings:
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        return SearchSettings(
            _NAME,
            kind=self.kind,
            symmetries=_candidates(self.symmetries),
            network=self.network,
            sampler=self.sampler,
            budget=self.budget,
            timeout=self.timeout,
            epochs=self.epochs,
            device=self.device,
            seed=int(seed),
            task=task,
        )

    def _keep(self, outcome: Outcome) -> None:
        problem = outcome.problem
        best, baseline = outcome.results["best"], outcome.results["baseline"]
        self.symmetries_ = list(best["symmetries"])
        self.generators_ = list(best["generators"])
        self.augmentations_ = list(best["augmentations"])
        self.test_score_ = float(best["test_accuracy"])
        self.baseline_score_ = float(baseline["test_accuracy"])
        self.n_weights_ = int(best["weights"])
        self.baseline_n_weights_ = int(baseline["weights"])
        self.warnings_ = list(problem.warnings)
        study = SearchStudy(
            outcome.folder / "study.db", problem.space.distributions, problem.directions
        )
        try:
            self.study_ = _in_memory(study.optuna)
            ablation = findings_of(outcome).ablation
            self.evidence_ = _evidence(effects_of(problem, study), self.symmetries_, ablation)
        finally:
            study.close()

    def _refit(self, outcome: Outcome, samples: Samples) -> None:
        """Train the chosen network once more, also on what was held out for its score."""
        problem, choice = outcome.problem, outcome.choice
        if choice is None:
            return
        everything = Split(samples.x, samples.y)
        with Workers(1) as alone:
            evaluator = replace(problem, workers=alone).evaluator(everything, everything)
            ((_, finished),) = evaluator.finished([choice.chosen.child], _REFIT, lambda _: None)
        self.module_ = finished.model.cpu().eval()
        self._form = (samples.domain.kind, samples.x.shape[1:])

    def _outputs(self, X: ArrayLike) -> torch.Tensor:
        """Return what the network says of samples, float64, shape `(n, outputs)`."""
        check_is_fitted(self, "module_")
        kind, shape = self._form
        values = validate_data(self, X, reset=False, allow_nd=True)
        with _in_pythons_words():
            x = arrange(as_numbers(values, "given", _NAME), kind, _NAME, channels_first=True)[1]
        if x.shape[1:] != shape:
            raise ValueError(
                f"X holds samples of shape {values.shape[1:]}, but {type(self).__name__} was "
                f"fitted on {shape} (channels first): give samples of that shape."
            )
        # In float64: what is said of a sample does not depend on those beside it.
        module = copy.deepcopy(self.module_).double()
        with torch.no_grad():
            parts = torch.from_numpy(x).split(_TOGETHER)
            return torch.cat([module(part) for part in parts])


class AutoEquivariantClassifier(ClassifierMixin, _Searcher):  # type: ignore[misc]
    """Finds the symmetries of a classification task, and classifies by the network that has them.

    `X` is of shape `(n, features)`, `(n, height, width)` or `(n, channels, height, width)`, or with
    a `kind` as that says, channels first; also a data frame of numbers.

    Args:
        symmetries: candidates: names with commas between them, ready lists or a YAML file, as
            `aen search --symmetries` takes them; or a list of names, `Symmetry` objects and
            mappings such as `{"swap": "left <-> right"}`. Default: a list for the shape.
        sampler: as `aen search --sampler`. Default: `auto`.
        budget: most distinct networks to train. Default: 250.
        timeout: seconds after which the search ends with the best so far. Default: none.
        network: `mlp`, `cnn` or `auto`: cnn for images of 16 pixels a side or more.
        epochs: passes over the training samples. Default: about 400 steps.
        kind: `grid`, `sequence`, `features` or `volume`. Default: by the number of axes.
        device: `cpu` or `cuda`.
        random_state: of everything random. Default: 0, so that the same data give the same answer.

    Attributes:
        symmetries_: names of the symmetries that were found.
        generators_: a smallest set of them that gives all others.
        augmentations_: of a CNN, those that it was trained with.
        evidence_: DataFrame with a row for each candidate, by its name: whether it was `found`;
            whether it is `shown` by what is `lost` in score when the network that was found is
            trained without it, with its 95% interval (`lost_low`, `lost_high`; NaN where that was
            not trained); and the `difference` in score from the plain network of the network that
            has it alone, with its 95% interval (`low`, `high`) on so many `samples`; NaN where that
            was not trained, for the reason in `note`.
        study_: the Optuna study, in memory.
        module_: the network, a `torch.nn.Module` that takes `(n, channels, ...)` and returns
            logits, in evaluation mode; trained on all samples.
        test_score_, baseline_score_: accuracy of it and of the plain network on a fifth of the
            samples, which was held out until both were trained, once, on the others.
        n_weights_, baseline_n_weights_: numbers of trainable numbers of both.
        warnings_: what a search says before it starts.
        classes_: the labels, in the order of the outputs.
        n_features_in_, feature_names_in_: as in every estimator.

    Raises:
        ValueError: samples, labels or an argument cannot be used; one sentence says why.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Search, and train the network that was found; `y` is of shape `(n,)`."""
        values, labels = validate_data(self, X, y, allow_nd=True, ensure_min_samples=2)
        check_classification_targets(labels)
        labels = column_or_1d(labels, warn=True)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        self._search(values, numbers, "classification")
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


class AutoEquivariantRegressor(RegressorMixin, _Searcher):  # type: ignore[misc]
    """Finds the symmetries of a regression task, and predicts by the network that has them.

    Arguments and attributes are those of `AutoEquivariantClassifier`, but `classes_`; scores are
    R². `module_` returns targets in their own scale.
    """

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Search, and train the network that was found; `y` is of shape `(n,)` or `(n, m)`."""
        values, targets = validate_data(
            self, X, y, allow_nd=True, ensure_min_samples=2, multi_output=True, y_numeric=True
        )
        self._is_flat = targets.ndim == 1
        self._search(values, targets, "regression")
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the target of each sample, of the shape that `y` had."""
        found: NDArray[np.float64] = self._outputs(X).numpy()
        return found[:, 0] if self._is_flat else found


def _candidates(given: str | Sequence[Any] | None) -> tuple[Candidate, ...] | None:
    if given is None:
        return None
    if isinstance(given, str | Path):
        return read_candidates(str(given))
    return tuple(candidate_of(one) for one in given)


def _in_memory(study: optuna.Study) -> optuna.Study:
    """A copy of a study that needs no file."""
    copy = optuna.create_study(directions=study.directions, study_name=study.study_name)
    copy.add_trials(study.get_trials(deepcopy=False))
    return copy


def _evidence(
    effects: Sequence[Effect], found: Sequence[str], ablation: Sequence[Ablated]
) -> pd.DataFrame:
    left_out = {row.name: row for row in ablation}
    rows = []
    for effect in effects:
        alone: Difference | None = effect.alone
        low, high = (np.nan, np.nan) if alone is None else alone.interval
        without = left_out.get(effect.name)
        lost_low, lost_high = (np.nan, np.nan) if without is None else without.interval
        rows.append(
            {
                "symmetry": effect.name,
                "found": effect.name in found,
                "shown": without is not None and without.is_shown,
                "lost": np.nan if without is None else without.lost,
                "lost_low": lost_low,
                "lost_high": lost_high,
                "difference": np.nan if alone is None else alone.mean,
                "low": low,
                "high": high,
                "samples": 0 if alone is None else alone.samples,
                "note": effect.reason,
            }
        )
    return pd.DataFrame(rows, columns=["symmetry", *_EVIDENCE]).set_index("symmetry")


@contextmanager
def _in_pythons_words() -> Iterator[None]:
    """Options that an error names are arguments here: `--train-size` is `train_size`."""
    try:
        yield
    except AutoequivariantError as error:
        text = re.sub(r"--([a-z]+(?:-[a-z]+)*)", lambda m: m[1].replace("-", "_"), str(error))
        raise type(error)(text.replace("seed", "random_state")) from error
