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
"""Proposals of random and TPE in one round: fixed, so that a search does not depend on the machine.
"""
TRAINED_TOGETHER = 32
"""Networks of an exhaustive search that a CPU trains together at most: more is hardly faster, and
what is not recorded yet is lost when a run ends.
"""
MOST_REPEATS = 160
"""Proposals in a row without a new network after which a sampler is taken to have no more."""

_FIRST_TOGETHER = 2  # with a deadline, until it is known how long a network takes
_SHARE_OF_TIMEOUT = 0.1  # that networks trained together may take


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
        Why it ended: `complete`, `budget`, `repeats`, `timeout` or `interrupted`.
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

    def run(self) -> str:
        budget = self.problem.settings.budget
        total = budget if self._distinct is None else min(budget, self._distinct)
        self.progress.stage("search", total)
        self.progress.advance(len(self.study.trained()))
        self._show_best()
        if self.study.evaluation(self.problem.plain) is None and not self._is_exhaustive:
            self._train([self.problem.plain])  # an exhaustive search begins with it
        while self.study.pending or self._repeats() < MOST_REPEATS:
            trained = len(self.study.trained())
            if not self.study.pending and trained >= total:
                return "complete" if trained == self._distinct else "budget"
            self.clock.check(self.reserve())
            proposals = self.study.pending or self._ask(total - trained)
            self.study.pending = []
            self._train_new(proposals)
        return "repeats"

    @property
    def _is_exhaustive(self) -> bool:
        return self.problem.sampler == "exhaustive"

    @property
    def _distinct(self) -> int | None:
        return self.problem.distinct_networks

    def _repeats(self) -> int:
        """Count the proposals since the last that was a network not proposed before.

        From the study alone, so that a search that was killed ends where it would have ended.
        """
        seen: set[frozenset[int]] = set()
        repeats = 0
        for state in self.study.states():
            closed = self.problem.lattice.closure(state)
            repeats = repeats + 1 if closed in seen else 0
            seen.add(closed)
        return repeats

    def _ask(self, left: int) -> list[Proposal]:
        wanted, points = PROPOSED_TOGETHER, self._untrained_points()
        if self._is_exhaustive:
            wanted = self.evaluator.at_once
            if self.problem.device.type == "cpu":
                wanted = min(wanted, TRAINED_TOGETHER)
            left = min(left, len(points))
        seed = self.problem.settings.seed
        sampler = make_sampler(self.problem.sampler, points, seed, len(self.study.states()))
        return self.study.ask(sampler, min(wanted, left))

    def _untrained_points(self) -> list[dict[str, bool]]:
        names = [str(s) for s in self.problem.candidates]
        return [
            {name: number in network.members for number, name in enumerate(names)}
            for network in self.problem.enumeration.networks
            if self.study.evaluation(network) is None
        ]

    def _train_new(self, proposals: list[Proposal]) -> None:
        by_network: dict[Network, list[Proposal]] = {}
        for proposal in proposals:
            by_network.setdefault(self.problem.network(proposal.state), []).append(proposal)
        new = [network for network in by_network if self.study.evaluation(network) is None]
        while new:
            together = min(len(new), self.evaluator.at_once, self._most_in_time())
            self._train(new[:together])
            new = new[together:]
        for network, repeated in by_network.items():
            known = self.study.trained()[network.members]
            for proposal in repeated:
                self.study.tell(proposal, known.accuracy)

    def _train(self, networks: list[Network]) -> None:
        def on_step() -> None:
            self.clock.check(self.reserve())
            self.progress.advance(len(networks) / self.evaluator.steps)

        for evaluations in self.evaluator.evaluate(networks, 0, on_step):
            self.study.record(networks, 0, evaluations)
        self._show_best()

    def _most_in_time(self) -> int:
        """How many networks to train together so that a deadline does not cut off much work."""
        if self.clock.timeout is None:
            return self.evaluator.at_once
        seconds = [e.seconds for e in self.study.trained().values()]
        if not seconds:
            return _FIRST_TOGETHER
        return max(1, int(_SHARE_OF_TIMEOUT * self.clock.timeout * len(seconds) / sum(seconds)))

    def _show_best(self) -> None:
        trained = self.study.trained()
        if trained:
            best = max(trained, key=lambda members: trained[members].accuracy)
            generators = self.problem.network(frozenset(best)).generators
            names = " ".join(self.problem.names(generators)) or "none"
            self.progress.best(f"{trained[best].accuracy:.1%} {names}")
