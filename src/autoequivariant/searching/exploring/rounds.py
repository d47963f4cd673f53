"""Rounds: a sampler proposes several networks, and is asked again when all of them are scored.

What is proposed depends on the scores alone, not on the order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autoequivariant.searching.exploring.trainings import Trainings
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.sampler import SearchSampler
from autoequivariant.searching.storage.results import Status
from autoequivariant.searching.storage.study import Proposal, SearchStudy
from autoequivariant.training.child import Child, Key

MOST_REPEATS = 160
"""After this many proposals in a row without a new network, the search stops."""


def search_in_rounds(trainings: Trainings, sampler: SearchSampler[Any], total: int) -> Status:
    """Train what a sampler proposes, round by round; the baseline comes first.

    Args:
        trainings: trains networks and records them.
        sampler: what proposes.
        total: the most networks to train, those of earlier processes included.

    Raises:
        DeadlineReached, Interrupted: it is time to stop.
    """
    return _Rounds(trainings, sampler, total).run()


@dataclass(frozen=True)
class _Rounds:
    trainings: Trainings
    sampler: SearchSampler[Any]
    total: int

    @property
    def problem(self) -> Problem:
        return self.trainings.problem

    @property
    def study(self) -> SearchStudy:
        return self.trainings.study

    def run(self) -> Status:
        baseline = self.problem.space.baseline
        if self.study.evaluation(baseline) is None:
            self.trainings.train([baseline])
        self._settle(self.study.pending)
        self.study.pending = []
        study, seed = self.study.optuna, self.problem.settings.seed
        n_samples = self.problem.card.validation_size
        while repeats(self.problem, self.study) < MOST_REPEATS:
            trained = len(self.study.trained())
            if trained >= self.total:
                return "complete" if trained == self.problem.space.size else "budget"
            # A new one for each round, so that it does not matter which process asks it.
            round_number = len(self.study.proposed())
            proposer = self.sampler.make(self.problem.space, seed, round_number, n_samples)
            if self.sampler.has_converged(proposer, study, trained):
                return "converged"
            self.trainings.check_time()
            size = min(self.sampler.batch_size(proposer, study), self.total - trained)
            self._settle(self.study.ask(proposer, size))
        return "repeats"

    def _settle(self, proposals: Sequence[Proposal]) -> None:
        """Train the new networks among the proposals, and tell the score of every proposal."""
        by_child: dict[Child, list[Proposal]] = {}
        for proposal in proposals:
            by_child.setdefault(self.problem.space.child_at(proposal.point), []).append(proposal)
        new = [child for child in by_child if self.study.evaluation(child) is None]
        for batch in self.trainings.batches(new):
            self.trainings.train(batch)
        for child, proposed in by_child.items():
            self.trainings.tell(proposed, child)


def repeats(problem: Problem, study: SearchStudy) -> int:
    """Count the proposals since the last new network.

    From the study alone, so that a resumed search stops where it would have stopped.
    """
    seen: set[Key] = set()
    count = 0
    for point in study.proposed():
        key = problem.space.child_at(point).key
        count = count + 1 if key in seen else 0
        seen.add(key)
    return count
