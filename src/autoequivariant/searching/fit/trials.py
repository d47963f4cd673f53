"""Trainings of the fit that are tried: on samples outside of test, recorded and resumable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.folds import fold_count, held_out, scored_folds, whole_fold
from autoequivariant.evidence.intervals import Difference, paired_difference
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.selection.folds import recorded_evaluation
from autoequivariant.searching.sharing.evaluations import evaluations
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.sharing.work import Work, shared
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.time_needed import seconds_to_train
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.loop import Training
from autoequivariant.training.progress import Progress
from autoequivariant.training.singles import Single, Singles
from autoequivariant.training.variant import Variant

FIRST_REPLICATE = 3_000_000
"""Of the trainings here; those of the search, the folds and the final training have others."""
_MOST_FOLDS = 10


@dataclass(frozen=True)
class Fitted:
    """How a network is fitted.

    Attributes:
        child: the network, as wide as it is fitted.
        training: how it is trained.
        tried: number of other trainings that were tried. Default: 0.
    """

    child: Child
    training: Training
    tried: int = 0


@dataclass(frozen=True)
class Trials:
    """Trains networks in several ways and records how they do on samples left out.

    Attributes:
        experiment: the problem and its data.
        study: where evaluations are recorded, under the network that was searched.
        executor: what trains.
        clock, progress: stop the training, and show it.
        checkpoints: where the trainings keep them.
        store: where evaluations are shared with other processes. Default: nowhere.
    """

    experiment: Experiment
    study: SearchStudy
    executor: Executor
    clock: Clock
    progress: Progress
    checkpoints: Checkpoints
    store: Store | None = None

    @property
    def n_folds(self) -> int:
        """Number of folds to compare trainings on."""
        return scored_folds(self.experiment.data)

    @cached_property
    def _singles(self) -> Singles:
        problem, data = self.experiment.problem, self.experiment.data
        seed = problem.settings.seed
        if self.n_folds == 1:
            splits = [held_out(data, seed)]
        else:
            splits = [whole_fold(data, n, fold_count(data), seed) for n in range(self.n_folds)]
        return Singles(problem.family, splits, seed, problem.device, self.executor)

    def evaluate(self, variants: Mapping[Child, Sequence[Variant]], end: float) -> bool:
        """Train and record what has no evaluation yet.

        Args:
            variants: of each network.
            end: when to stop, by the clock. Where seconds are nominal, only a time limit of the
                run counts.

        Returns:
            Whether the time sufficed.

        Raises:
            Interrupted: the user stopped the run.
        """
        missing: dict[Single, Child] = {}
        for child, of_child in variants.items():
            for variant in of_child:
                for number in range(self.n_folds):
                    replicate = _replicate(variant, number)
                    if self.study.evaluation(child, replicate) is None:
                        missing[self._single(child, variant, number)] = child
        if not missing:
            return True
        self.progress.stage("fit", len(missing))
        is_nominal = self._nominal_seconds(list(missing)) is not None
        is_limited = self.clock.timeout is not None or not is_nominal

        def on_part(part: float) -> None:
            self.clock.check()
            if is_limited and self.clock.elapsed > end:
                raise DeadlineReached
            self.progress.advance(part)

        def train(singles: Sequence[Single]) -> Iterator[tuple[list[Single], list[Evaluation]]]:
            for single, evaluation in self._singles.evaluate(singles, on_part):
                yield [single], [evaluation]

        work: Work[Single, Evaluation] = evaluations(
            self.experiment.problem, 0, lambda single: (missing[single], single.replicate)
        )
        parts = shared(self.store, list(missing), work, train, on_part, self.executor.n_workers)
        with suppress(DeadlineReached):
            for singles, found in parts:
                for single, evaluation in zip(singles, found, strict=True):
                    self.study.record([missing[single]], single.replicate, [evaluation])
                    self.checkpoints.remove(single.replicate, [single.child])
            return True
        return False

    def _single(self, child: Child, variant: Variant, number: int) -> Single:
        samples = len(self._singles.splits[number][0])
        recipe = self.experiment.problem.full_training(samples)
        fitted = fitted_as(child, replace(recipe, checkpoints=self.checkpoints), variant)
        return Single(fitted.child, fitted.training, _replicate(variant, number), number)

    def recorded(self, child: Child, variant: Variant) -> list[Evaluation]:
        """Return the evaluations on all folds."""
        return [
            recorded_evaluation(self.study, child, _replicate(variant, number))
            for number in range(self.n_folds)
        ]

    def is_recorded(self, child: Child, variant: Variant) -> bool:
        """Whether all folds have an evaluation."""
        numbers = range(self.n_folds)
        found = (self.study.evaluation(child, _replicate(variant, number)) for number in numbers)
        return all(evaluation is not None for evaluation in found)

    @property
    def clusters(self) -> NDArray[np.int64] | None:
        """The clusters of the scored samples of all folds."""
        found = [score.clusters for _, score in self._singles.splits]
        known = [clusters for clusters in found if clusters is not None]
        return np.concatenate(known) if len(known) == len(found) else None

    def first_seconds(self, child: Child, first: Variant) -> float:
        """Return the seconds of the first trainings, before or after them."""
        singles = [self._single(child, first, number) for number in range(self.n_folds)]
        if self.study.evaluation(child, singles[0].replicate) is not None:
            return self.seconds(child, first, first)
        nominal = self._nominal_seconds(singles)
        if nominal is not None:
            return nominal
        problem, single = self.experiment.problem, singles[0]
        evaluator = problem.evaluator(*self._singles.splits[0], self.executor, single.training)
        return seconds_to_train(evaluator, single.child) * len(singles) / self.executor.n_workers

    def seconds(self, child: Child, variant: Variant, measured: Variant) -> float:
        """Return the seconds of trainings on all folds, from those of another variant if need be.

        They are nominal where that is possible, so that the result does not depend on the machine.
        """
        singles = [self._single(child, variant, number) for number in range(self.n_folds)]
        nominal = self._nominal_seconds(singles)
        if nominal is not None:
            return nominal
        taken = sum(evaluation.seconds for evaluation in self.recorded(child, measured))
        return taken * variant.cost / measured.cost

    def _nominal_seconds(self, singles: Sequence[Single]) -> float | None:
        family, splits = self.experiment.problem.family, self._singles.splits
        each = [
            family.nominal_seconds(one.child, one.training, len(splits[one.split][0]))
            for one in singles
        ]
        known = [seconds for seconds in each if seconds is not None]
        return sum(known) if len(known) == len(each) else None


def gains_of(
    before: Sequence[Evaluation],
    after: Sequence[Evaluation],
    clusters: NDArray[np.int64] | None,
) -> tuple[Difference, Difference]:
    """Return by how much the score is higher and the loss lower afterwards, on the same samples."""

    def together(rows: Iterable[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(list(rows))[None]

    score = paired_difference(
        together(one.scores for one in after), together(one.scores for one in before), clusters
    )
    loss = paired_difference(
        together(one.sample_losses for one in before),
        together(one.sample_losses for one in after),
        clusters,
    )
    return score, loss


def _replicate(variant: Variant, number: int) -> int:
    return FIRST_REPLICATE + variant.number * _MOST_FOLDS + number


def fitted_as(child: Child, training: Training, variant: Variant) -> Fitted:
    """Return how a network is fitted, given the recipe's training."""
    wide = replace(child, width=variant.width(child.width))
    return Fitted(wide, variant.of(training))
