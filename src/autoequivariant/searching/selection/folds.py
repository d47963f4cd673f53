"""Retraining of networks on folds of train and validation, recorded and resumable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoequivariant.data.folds import fold, fold_count
from autoequivariant.searching.experiment import Experiment
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
        executor: what trains them.
        clock, progress: when to stop, and what shows how far it is.
        reserve: seconds to keep before the deadline.
    """

    experiment: Experiment
    study: SearchStudy
    executor: Executor
    clock: Clock
    progress: Progress
    reserve: float = 0.0

    @property
    def count(self) -> int:
        """Number of folds."""
        return fold_count(self.experiment.data)

    def train(self, children: Sequence[Child], replicate: int) -> None:
        """Train those children that were not, and record them.

        Args:
            children: what to train.
            replicate: which fold, from 1; it is also the seed.

        Raises:
            Interrupted, DeadlineReached: a person or the deadline stopped it.
        """
        missing = [c for c in children if self.study.evaluation(c, replicate) is None]
        self.progress.advance(len(children) - len(missing))
        if not missing:
            return
        seed = self.experiment.problem.settings.seed
        splits = fold(self.experiment.data, replicate - 1, self.count, seed)
        evaluator = self.experiment.problem.evaluator(*splits, self.executor)

        def on_step(together: int) -> None:
            self.clock.check(self.reserve)
            self.progress.advance(together / evaluator.steps)

        for some, evaluations in evaluator.evaluate(missing, replicate, on_step):
            self.study.record(some, replicate, evaluations)


def recorded_evaluation(study: SearchStudy, child: Child, replicate: int) -> Evaluation:
    """Return the evaluation of a child that was trained.

    Raises:
        LookupError: it was not.
    """
    evaluation = study.evaluation(child, replicate)
    if evaluation is None:
        raise LookupError(f"network {child.members} has no evaluation {replicate}")
    return evaluation
