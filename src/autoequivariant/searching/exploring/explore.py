"""The search loop: ask for proposals, train the networks that are new, tell their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autoequivariant.evidence.intervals import paired_difference
from autoequivariant.searching.exploring.continuous import search_continuously
from autoequivariant.searching.exploring.rounds import search_in_rounds
from autoequivariant.searching.exploring.trainings import Trainings
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.sampler import load_sampler
from autoequivariant.searching.storage.results import Status
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.progress import Progress

MOST_IN_ROUNDS = 16
"""With more workers than this, a search has no rounds unless the user asks for them: a round has
few proposals, so most workers would wait.
"""


def explore(
    problem: Problem,
    evaluator: Evaluator,
    study: SearchStudy,
    clock: Clock,
    progress: Progress,
    reserve: Callable[[], float],
) -> Status:
    """Search until the budget is spent or nothing is left to train.

    Args:
        problem: what to search, and how.
        evaluator: trains and scores networks.
        study: what to resume from, and where to record everything.
        clock, progress: stop the search, and show it.
        reserve: returns how many seconds to keep before the deadline for what follows.

    Returns:
        Why it ended: `complete`, `decided`, `converged`, `budget`, `repeats`, `timeout` or
            `interrupted`.
    """
    try:
        return _Explorer(Trainings(problem, evaluator, study, clock, progress, reserve)).run()
    except Interrupted:
        return "interrupted"
    except DeadlineReached:
        return "timeout"


@dataclass(frozen=True)
class _Explorer:
    trainings: Trainings

    @property
    def problem(self) -> Problem:
        return self.trainings.problem

    @property
    def study(self) -> SearchStudy:
        return self.trainings.study

    def run(self) -> Status:
        space, budget = self.problem.space, self.problem.settings.budget
        total = min([budget, *self._most()])
        self.trainings.progress.stage("search", total)
        self.trainings.progress.advance(len(self.study.trained()))
        self.trainings.show_best()
        if space.holding or self.problem.is_decided:
            self._train_first(total)
        trained = self.study.trained()
        if all(child.key in trained for child in space.first) and self._start_leads():
            return "decided"
        if self.problem.is_decided:
            return "budget"
        sampler = load_sampler(self.problem.sampler)
        order = sampler.order(space)
        if order is None:
            search = search_in_rounds if self._in_rounds else search_continuously
            return search(self.trainings, sampler, total)
        self._train_in_order(order, total)
        return "complete" if total == space.size else "budget"

    @property
    def _in_rounds(self) -> bool:
        wanted = self.problem.settings.deterministic
        n_workers = self.trainings.evaluator.n_workers
        return n_workers <= MOST_IN_ROUNDS if wanted is None else wanted

    def _start_leads(self) -> bool:
        """Whether nothing is left to search: no neighbour is clearly better than what holds."""
        space, trained = self.problem.space, self.study.trained()
        if self.problem.is_decided:
            return True
        if not space.holding or not self.problem.may_be_decided:
            return False
        start = trained[space.start.key].scores[None]
        ahead = (paired_difference(trained[n.key].scores[None], start) for n in space.neighbours)
        return not any(one.is_distinguishable for one in ahead)

    def _most(self) -> list[int]:
        """Return what else limits the number of networks to train."""
        if self.problem.is_decided:
            return [len(self.problem.space.first)]
        size = self.problem.space.size
        return [] if size is None else [size]

    def _train_first(self, total: int) -> None:
        """Train the start, which the data tell, and its neighbours, before a sampler is asked."""
        first = self.problem.space.first
        left = [child for child in first if self.study.evaluation(child) is None]
        for batch in self.trainings.batches(left[: self._room(total)]):
            self.trainings.check_time()
            self.trainings.train(batch)
        # All at the end and in order, whichever process was faster: samplers see their order.
        proposed = {self.problem.space.child_at(point).key for point in self.study.proposed()}
        self.trainings.add(
            [
                child
                for child in first
                if child.key not in proposed and self.study.evaluation(child) is not None
            ]
        )

    def _train_in_order(self, order: Sequence[Child], total: int) -> None:
        """Train the first networks of a list, as many as the budget allows."""
        proposed = {self.problem.space.child_at(point).key for point in self.study.proposed()}
        trained = [child for child in order if self.study.evaluation(child) is not None]
        # A killed process may have recorded evaluations without trials.
        self.trainings.add([child for child in trained if child.key not in proposed])
        left = [child for child in order if self.study.evaluation(child) is None]
        for batch in self.trainings.batches(left[: self._room(total)]):
            self.trainings.check_time()
            self.trainings.train(batch, self.trainings.add)

    def _room(self, total: int) -> int:
        """Return how many networks are left to train of `total`."""
        return max(0, total - len(self.study.trained()))
