"""What both estimators share: a search in `fit`, and the chosen network in `predict`."""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from autoequivariant.data.arrays import Arrays, as_numbers
from autoequivariant.data.layout import arrange
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.split import Split
from autoequivariant.data.tables.data_frame import coded_frame
from autoequivariant.errors import RunError, printable
from autoequivariant.estimator.arguments import (
    DATA_NAME,
    errors_name_arguments,
    settings_of,
    with_argument_names,
)
from autoequivariant.estimator.evidence import evidence_frame, in_memory
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.report.findings.test_scores import test_findings
from autoequivariant.report.render.formatting import counted
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.given import fit
from autoequivariant.searching.named import child_of
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.time_needed import training_in_time
from autoequivariant.training.clock import Clock
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.registry import make_executor
from autoequivariant.training.pruning import quiet_optuna
from autoequivariant.training.singles import Single, Singles

_BATCH_SIZE = 1000  # samples that are predicted at once
_USUAL_CHANNELS = (1, 3, 4)
_COLOURS = 3
_REFIT = 2_000_000  # a replicate: no training of the search has the same seed


class AutoEquivariantEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the estimators; `AutoEquivariantClassifier` documents arguments and attributes.

    `__init__` only stores arguments and `fit` checks them, as scikit-learn requires.
    """

    def __init__(
        self,
        symmetries: str | Sequence[Any] | Mapping[str, Any] | NDArray[Any] | None = None,
        *,
        propose: str | None = None,
        search: bool = True,
        sampler: str = "auto",
        budget: int = 250,
        timeout: float | str | None = None,
        network: str = "auto",
        epochs: int | None = None,
        kind: str | None = None,
        coding: str | None = None,
        device: str = "cpu",
        executor: str = "local",
        ray_address: str | None = None,
        cpus_per_child: float = 1.0,
        gpus_per_child: float = 0.0,
        tests: bool = True,
        smallest: bool = False,
        partial: bool = False,
        fit_time: str | float | None = 20.0,
        storage: str | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.symmetries = symmetries
        self.propose = propose
        self.search = search
        self.sampler = sampler
        self.budget = budget
        self.timeout = timeout
        self.network = network
        self.epochs = epochs
        self.kind = kind
        self.coding = coding
        self.device = device
        self.executor = executor
        self.ray_address = ray_address
        self.cpus_per_child = cpus_per_child
        self.gpus_per_child = gpus_per_child
        self.tests = tests
        self.smallest = smallest
        self.partial = partial
        self.fit_time = fit_time
        self.storage = storage
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def save(self, folder: str | Path) -> None:
        """Save the network for `aen predict`, `aen verify`, `aen export` and
        `autoequivariant.load_model`.

        Args:
            folder: where to write `model.safetensors` and `model.json`, which run no code when
                read; created if missing.

        Raises:
            NotFittedError: `fit` has not been called.
            RunError: the folder cannot be written; writes are atomic.
        """
        check_is_fitted(self, "module_")
        path = Path(folder)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(
                f"The folder {path} cannot be created ({error.strerror}): choose another."
            ) from None
        save_model(
            self.module_,
            path,
            self._classes,
            "float32",
            self._targets,
            self._columns,
            self._categories,
        )

    def _search(
        self,
        arrays: Arrays,
        alphabets: dict[str, tuple[str, ...]],
        task: str,
        classes: tuple[str, ...] = (),
    ) -> None:
        """Search, set the fitted attributes, and train the chosen network on all samples.

        Args:
            arrays: `X` and `y`; a classifier passes indices of classes.
            alphabets: of the columns of a data frame, as `coded_frame` returns them.
            task: `classification` or `regression`.
            classes: names of the classes.
        """
        columns = tuple(map(str, getattr(self, "feature_names_in_", ())))
        with errors_name_arguments(), quiet_optuna(), tempfile.TemporaryDirectory() as folder:
            settings = settings_of(self.get_params(deep=False), task)
            clock = Clock(settings.timeout)
            self._alphabets = alphabets
            categories = tuple(alphabets.values())
            arrays = replace(arrays, columns=columns, categories=categories)
            samples = make_samples(DATA_NAME, arrays, self.kind, task=task, channels_first=True)
            if classes:
                samples = replace(samples, classes=classes)
            self.warnings_: list[str] = []
            self._warn(channels_last(np.shape(arrays.x), self.kind))
            with make_executor(settings.executor) as executor:
                outcome = self._outcome(settings, Path(folder) / "run", samples, executor)
                if not outcome.results.is_finished:
                    raise KeyboardInterrupt
                self._warn(_caveats(outcome))
                self._set_attributes(outcome)
                self._refit(outcome, samples, clock, executor)

    def _outcome(
        self, settings: SearchSettings, out: Path, samples: Samples, executor: Executor
    ) -> Outcome:
        more: dict[str, Any] = {"samples": samples, "executor": executor, "refits": 1}
        if settings.given:
            return fit(settings, out, announce=self._announce_fit, **more)
        return search(settings, out, announce=self._announce, **more)

    def _announce(self, problem: Problem, _: object) -> None:
        self._warn(problem.warnings, 7)

    def _announce_fit(self, experiment: Experiment, _: object) -> None:
        self._warn(experiment.problem.warnings, 7)

    def _warn(self, texts: Sequence[str], depth: int = 4) -> None:
        """Record and issue warnings; `depth` is the number of calls up to that of `fit`."""
        self.warnings_ += issue_warnings(texts, depth + 1)

    def _set_attributes(self, outcome: Outcome) -> None:
        problem, results = outcome.problem, outcome.results
        best, baseline = results.best, results.baseline
        if best.test_score is None or baseline is None:
            raise KeyboardInterrupt  # the search was interrupted
        self.evidence_ = evidence_frame(results.verdicts)
        self.symmetries_ = list(best.symmetries)
        self.generators_ = list(best.generators)
        self.augmentations_ = list(best.augmentations)
        self.test_score_ = best.test_score
        self.baseline_score_ = baseline.test_score
        self.n_parameters_ = best.n_parameters
        self.baseline_n_parameters_ = baseline.n_parameters
        study = SearchStudy(
            outcome.folder / "study.db", problem.space.distributions, problem.directions
        )
        try:
            self.study_ = in_memory(study.optuna)
        finally:
            study.close()

    def _refit(self, outcome: Outcome, samples: Samples, clock: Clock, executor: Executor) -> None:
        """Train the chosen network on all samples, including those held out for its score."""
        everything = Split(samples.x, samples.y)
        child, problem = child_of(outcome.problem, outcome.results.best), outcome.problem
        training = training_in_time(problem, len(everything), clock)
        fit = outcome.results.fit
        if fit is not None:
            child = replace(child, width=fit.width or child.width)
            training = training.of_length(fit.epochs)
            # The recipe's decay depends on the number of samples.
            recipe = problem.full_training(fit.samples).of_length(fit.epochs)
            if fit.weight_decay is not None and recipe.weight_decay:
                factor = fit.weight_decay / recipe.weight_decay
                training = replace(training, weight_decay=factor * training.weight_decay)
        splits, seed = [(everything, everything)], problem.settings.seed
        trainer = Singles(problem.family, splits, seed, problem.device, executor)
        ((_, trained),) = trainer.train([Single(child, training, _REFIT)], lambda _: None)
        self.module_ = trained.model.cpu().eval()
        self._form = (samples.domain.kind, samples.x.shape[1:])
        self._classes, self._targets = samples.classes, samples.targets
        self._columns, self._categories = samples.columns, samples.categories

    def _outputs(self, X: ArrayLike) -> torch.Tensor:
        """Return the network's outputs, float64, shape `(n, outputs)`."""
        check_is_fitted(self, "module_")
        kind, shape = self._form
        with errors_name_arguments():
            X, _ = coded_frame(X, self._alphabets)
        values = validate_data(self, X, reset=False, allow_nd=True)
        with errors_name_arguments():
            x = arrange(
                as_numbers(values, "given", DATA_NAME), kind, DATA_NAME, channels_first=True
            )[1]
        if x.shape[1:] != shape:
            raise ValueError(
                f"X must hold samples of the shape that {type(self).__name__} was fitted on, "
                f"{shape} (channels first); got {values.shape[1:]}."
            )
        # In float64 a prediction does not depend on the other samples of its batch.
        module = copy.deepcopy(self.module_).double()
        with torch.no_grad():
            parts = torch.from_numpy(x).split(_BATCH_SIZE)
            return torch.cat([module(part) for part in parts])


def issue_warnings(texts: Sequence[str], depth: int) -> list[str]:
    """Issue warnings that name arguments, and return them; `depth` is as `stacklevel`."""
    found = [printable(with_argument_names(text)) for text in texts]
    for text in found:
        warnings.warn(text, UserWarning, stacklevel=depth)
    return found


def channels_last(shape: Sequence[int], kind: str | None) -> tuple[str, ...]:
    """Return a warning if images or volumes seem to have their channels last."""
    sides = tuple(shape[1:])
    axes = {None: (3, 4), "grid": (3,), "volume": (4,), "pairs": (3,)}.get(kind, ())
    if len(sides) not in axes or sides[-1] not in _USUAL_CHANNELS or min(sides[:-1]) <= sides[-1]:
        return ()
    if len(set(sides[:-1])) > 1 and sides[-1] != _COLOURS:
        return ()
    return (
        f"X of shape {tuple(shape)} is read as {sides[0]} channels of "
        f"{'x'.join(map(str, sides[1:]))}, channels first: if its channels are last, as it seems, "
        "give np.moveaxis(X, -1, 1).",
    )


def _caveats(outcome: Outcome) -> list[str]:
    """Return what limits the trust in the result."""
    caveats, trained = [], outcome.results.networks_trained
    if outcome.results.status == "timeout":
        caveats.append(
            f"The search reached its timeout after {counted(trained, 'network')} and may have "
            "missed better ones: give more time, or fewer epochs."
        )
    warning = test_findings(outcome).warning
    if warning is not None:
        caveats.append(f"{warning[0].upper()}{warning[1:]}")
    return caveats
