"""The search itself: ask for proposals, train what is new, tell what came out."""

from __future__ import annotations

from collections.abc import Callable

from autoequivariant.groups import Network
from autoequivariant.search.clock import Clock, Interrupted, OutOfTime
from autoequivariant.search.evaluate import Evaluator
from autoequivariant.search.problem import Problem
from autoequivariant.search.progress import Progress
from autoequivariant.search.samplers import make_sampler
from autoequivariant.search.study import Proposal, SearchStudy

PROPOSED_TOGETHER = 16
"""Proposals of random and TPE in one round: fixed, so that a search does not depend on the machine."""
MOST_REPEATS = 20
"""Rounds in a row without anything new after which a sampler is taken to have nothing more to propose."""


def explore(
    problem: Problem,
    evaluator: Evaluator,
    study: SearchStudy,
    clock: Clock,
    progress: Progress,
    reserve: Callable[[], float],
) -> str:
    """Search until the budget is spent or nothing is left.

    Args:
        reserve: tells how many seconds before the deadline to keep for what comes after.

    Returns:
        Why it ended: `complete`, `budget`, `timeout` or `interrupted`.
    """
    explorer = _Explorer(problem, evaluator, study, clock, progress, reserve)
    try:
        return explorer.run()
    except Interrupted:
        return "interrupted"
    except OutOfTime:
        return "timeout"


class _Explorer:
    def __init__(
        self,
        problem: Problem,
        evaluator: Evaluator,
        study: SearchStudy,
        clock: Clock,
        progress: Progress,
        reserve: Callable[[], float],
    ) -> None:
        self.problem = problem
        self.evaluator = evaluator
        self.study = study
        self.clock = clock
        self.progress = progress
        self.reserve = reserve
        self.points = [
            {str(s): number in network.members for number, s in enumerate(problem.candidates)}
            for network in problem.enumeration.networks
        ]

    def run(self) -> str:
        budget = self.problem.settings.budget
        total = budget if self._distinct is None else min(budget, self._distinct)
        self.progress.stage("search", total)
        self.progress.advance(len(self.study.trained()))
        self._show_best()
        repeats = 0
        while repeats < MOST_REPEATS:
            trained = len(self.study.trained())
            if not self.study.pending and trained >= total:
                return "complete" if trained == self._distinct else "budget"
            self.clock.check(self.reserve())
            proposals = self.study.pending or self._ask(budget - trained)
            self.study.pending = []
            self._train_new(proposals)
            repeats = repeats + 1 if len(self.study.trained()) == trained else 0
        return "complete" if len(self.study.trained()) == self._distinct else "repeats"

    @property
    def _distinct(self) -> int | None:
        return self.problem.distinct_networks

    def _ask(self, left: int) -> list[Proposal]:
        exhaustive = self.problem.sampler == "exhaustive"
        wanted = self.evaluator.at_once if exhaustive else PROPOSED_TOGETHER
        if exhaustive:
            left = min(left, len(self.points) - len(self.study.trained()))
        round_number = self.study.proposals
        seed = self.problem.settings.seed
        sampler = make_sampler(self.problem.sampler, self.points, seed, round_number)
        return self.study.ask(sampler, max(1, min(wanted, left)))

    def _train_new(self, proposals: list[Proposal]) -> None:
        by_network: dict[Network, list[Proposal]] = {}
        for proposal in proposals:
            by_network.setdefault(self.problem.network(proposal.state), []).append(proposal)
        new = [network for network in by_network if self.study.evaluation(network) is None]
        trained_at_once = min(len(new), self.evaluator.at_once)

        def on_step() -> None:
            self.clock.check(self.reserve())
            self.progress.advance(trained_at_once / self.evaluator.steps)

        done = 0
        for evaluations in self.evaluator.evaluate(new, 0, on_step):
            for network, evaluation in zip(new[done:], evaluations, strict=False):
                self.study.record(network, 0, evaluation)
            done += len(evaluations)
            trained_at_once = min(len(new) - done, self.evaluator.at_once)
            self._show_best()
        for network, repeated in by_network.items():
            evaluation = self.study.evaluation(network)
            for proposal in repeated:
                if evaluation is not None:
                    self.study.tell(proposal, evaluation.accuracy)

    def _show_best(self) -> None:
        trained = self.study.trained()
        if trained:
            best = max(trained, key=lambda members: trained[members].accuracy)
            generators = self.problem.network(frozenset(best)).generators
            names = " ".join(self.problem.names(generators)) or "none"
            self.progress.best(f"{trained[best].accuracy:.1%} {names}")
