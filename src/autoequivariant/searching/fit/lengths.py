"""How long the network that is handed over is trained: as long as validation improves.

A training's rate falls to 0 at its end, so that a longer one is another training and not the
continuation of a shorter one. The recipe's training is doubled until the loss on validation, whose
samples it was not fitted on, is no lower than before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from autoequivariant.data.folds import fit_and_score
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.selection.folds import recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.time_needed import training_in_time
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.loop import Training
from autoequivariant.training.progress import Progress

FIRST_REPLICATE = 3_000_000
"""Of the trainings here; those of the search, the folds and the final training have others."""
MOST_DOUBLINGS = 6


@dataclass(frozen=True)
class Lengths:
    """Finds how long each network is trained at the end; recorded and resumable.

    Attributes:
        experiment: the problem and its data.
        study: where evaluations are recorded.
        executor: what trains.
        clock, progress: stop the training, and show it.
        checkpoints: where the trainings keep them.
    """

    experiment: Experiment
    study: SearchStudy
    executor: Executor
    clock: Clock
    progress: Progress
    checkpoints: Checkpoints

    def trainings(self, children: Sequence[Child], rounds: int) -> dict[Child, Training]:
        """Return how networks are trained at the end, within the time that is left.

        Args:
            children: the networks.
            rounds: trainings that follow each other then.

        Raises:
            Interrupted: the user stopped the run.
        """
        problem = self.experiment.problem
        doublings = dict.fromkeys(children, 0)
        if problem.settings.fits == "full":
            with suppress(DeadlineReached):
                for found in self._doublings(children):
                    doublings = found
        training = training_in_time(problem, self.experiment.known_size, self.clock, rounds)
        return {child: _doubled(training, times) for child, times in doublings.items()}

    def _doublings(self, children: Sequence[Child]) -> Iterator[dict[Child, int]]:
        """Yield, with each further length, how often each training is doubled at best."""
        spent = 0.0  # also by earlier processes, so that a resumed run tries the same lengths
        best = dict.fromkeys(children, 0)
        losses: dict[Child, float] = {}
        trying = list(children)
        for doublings in range(MOST_DOUBLINGS + 1):
            evaluations = dict(zip(trying, self._evaluated(trying, doublings), strict=True))
            now = {child: float(one.sample_losses.mean()) for child, one in evaluations.items()}
            trying = [child for child in trying if now[child] < losses.get(child, math.inf)]
            losses |= now
            best = best | dict.fromkeys(trying, doublings)
            yield best
            seconds = sum(evaluation.seconds for evaluation in evaluations.values())
            spent += seconds
            # Twice as long to try it, and as long again for the final training.
            if not trying or 2 * 2 * seconds > self._seconds_left(spent):
                return

    def _seconds_left(self, spent: float) -> float:
        left = self.experiment.problem.settings.fit_time - spent
        timeout = self.clock.timeout
        return left if timeout is None else min(left, timeout - self.clock.elapsed)

    def _evaluated(self, children: Sequence[Child], doublings: int) -> list[Evaluation]:
        """Return evaluations on validation, of networks trained on the rest outside of test."""
        replicate = FIRST_REPLICATE + doublings
        missing = [c for c in children if self.study.evaluation(c, replicate) is None]
        if missing:
            fit, score = fit_and_score(self.experiment.data)
            problem = self.experiment.problem
            training = _doubled(problem.full_training(len(fit)), doublings)
            resumable = replace(training, checkpoints=self.checkpoints)
            evaluator = problem.evaluator(fit, score, self.executor, resumable)
            self.progress.stage(f"fit, {training.epochs} epochs", len(missing))

            def on_step(count: int) -> None:
                self.clock.check()
                self.progress.advance(count / evaluator.steps)

            for part, evaluations in evaluator.evaluate(missing, replicate, on_step):
                self.study.record(part, replicate, evaluations)
                self.checkpoints.remove(replicate, part)
        return [recorded_evaluation(self.study, child, replicate) for child in children]


def _doubled(training: Training, doublings: int) -> Training:
    """Return a training of twice as many epochs, so many times."""
    return training.of_length(training.epochs * 2**doublings)
