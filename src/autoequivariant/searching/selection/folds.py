"""Retraining on folds of train and validation, recorded and resumable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.folds import fold, fold_count, fold_rows
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.sharing.evaluations import shared_evaluator
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.progress import Progress


@dataclass(frozen=True)
class FoldTrainer:
    """Trains children on folds, each fold with another seed.

    Attributes:
        experiment: the problem and its data.
        study: where evaluations are recorded.
        executor: what trains children.
        clock, progress: stop the training, and show it.
        reserve: seconds to keep before the deadline.
        store: where evaluations are shared with other processes. Default: nowhere.
    """

    experiment: Experiment
    study: SearchStudy
    executor: Executor
    clock: Clock
    progress: Progress
    reserve: float = 0.0
    store: Store | None = None

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return fold_count(self.experiment.data)

    def clusters(self, folds: int) -> list[NDArray[np.int64]] | None:
        """Return the cluster of each scored sample of each fold; None if copies are not grouped.

        Args:
            folds: number of folds; 0 for the validation samples of the search.
        """
        train, validation = self.experiment.data.train, self.experiment.data.validation
        if train.clusters is None or validation.clusters is None:
            return None
        if not folds:
            return [validation.clusters]
        y, clusters = (
            np.concatenate(pair)
            for pair in ((train.y, validation.y), (train.clusters, validation.clusters))
        )
        seed = self.experiment.problem.settings.seed
        rows = fold_rows(y, clusters, self.n_folds, seed)[:folds]
        return [clusters[of_fold] for of_fold in rows]

    def train(self, children: Sequence[Child], replicate: int) -> None:
        """Train and record the children that have no evaluation yet.

        Args:
            children: what to train.
            replicate: number of the fold, from 1; it also seeds the training.

        Raises:
            Interrupted, DeadlineReached: the user or the deadline stopped it.
        """
        missing = [c for c in children if self.study.evaluation(c, replicate) is None]
        self.progress.advance(len(children) - len(missing))
        if not missing:
            return
        seed = self.experiment.problem.settings.seed
        splits = fold(self.experiment.data, replicate - 1, self.n_folds, seed)
        problem = self.experiment.problem
        evaluator = shared_evaluator(problem, splits, self.executor, self.store)

        def on_step(count: int) -> None:
            self.clock.check(self.reserve)
            self.progress.advance(count / evaluator.steps)

        for part, evaluations in evaluator.evaluate(missing, replicate, on_step):
            self.study.record(part, replicate, evaluations)


def recorded_evaluation(study: SearchStudy, child: Child, replicate: int) -> Evaluation:
    """Return a recorded evaluation.

    Raises:
        LookupError: there is none.
    """
    evaluation = study.evaluation(child, replicate)
    if evaluation is None:
        raise LookupError(f"network {child.members} has no evaluation {replicate}")
    return evaluation
