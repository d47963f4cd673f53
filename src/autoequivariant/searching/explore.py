"""The search itself: ask for proposals, train what is new, tell what came out."""

from __future__ import annotations

from collections.abc import Callable

from optuna.samplers import BaseSampler

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.lattice import LatticeSampler
from autoequivariant.searching.samplers.registry import make_sampler
from autoequivariant.searching.storage.results import Status
from autoequivariant.searching.storage.study import Key, Proposal, SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.progress import Progress
from autoequivariant.training.pruning import Pruning

PROPOSED_TOGETHER = 16
"""Proposals in one round: fixed, so that a search does not depend on the machine."""
PROMISING_TOGETHER = 4
"""The same for the lattice sampler once single symmetries are screened: few, because what comes out
decides what is worth training next.
"""
MOST_REPEATS = 160
"""Proposals in a row without a new network after which a sampler is taken to have no more."""
LEAST_PROMISE = 0.0002
"""A lattice search ends where no network is expected to be better by more than this accuracy: a
fifth of what a single sample of 1,000 counts (chosen on `benchmarks/aen_table`).
"""
LEAST_SCREENINGS = 2
"""Nor before it has trained so many times as many networks as there are single symmetries: those
alone tell little about what symmetries are worth together.
"""

_FIRST_TOGETHER = 2  # with a deadline, until it is known how long a network takes
_SHARE_OF_TIMEOUT = 0.1  # that networks trained together may take


def explore(
    problem: Problem,
    evaluator: Evaluator,
    study: SearchStudy,
    clock: Clock,
    progress: Progress,
    reserve: Callable[[], float],
) -> Status:
    """Search until the budget is spent or nothing is left.

    Args:
        reserve: tells how many seconds before the deadline to keep for what comes after.

    Returns:
        Why it ended: `complete`, `converged`, `budget`, `repeats`, `timeout` or `interrupted`.
    """
    explorer = _Explorer(problem, evaluator, study, clock, progress, reserve)
    try:
        return explorer.run()
    except Interrupted:
        return "interrupted"
    except DeadlineReached:
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
        self.space = problem.space
        self.evaluator = evaluator
        self.study = study
        self.clock = clock
        self.progress = progress
        self.reserve = reserve

    def run(self) -> Status:
        budget = self.problem.settings.budget
        total = budget if self.space.size is None else min(budget, self.space.size)
        self.progress.stage("search", total)
        self.progress.advance(len(self.study.trained()))
        self._show_best()
        if self.problem.sampler == "exhaustive":
            return self._train_all(total)
        if self.study.evaluation(self.space.baseline) is None:
            self._train([self.space.baseline])
        self._train_new(self.study.pending)
        self.study.pending = []
        while self._repeats() < MOST_REPEATS:
            trained = len(self.study.trained())
            if trained >= total:
                return "complete" if trained == self.space.size else "budget"
            sampler = self._sampler()
            if self._has_converged(sampler):
                return "converged"
            self.clock.check(self.reserve())
            wanted = min(self._together(sampler), total - trained)
            self._train_new(self.study.ask(sampler, wanted))
        return "repeats"

    def _train_all(self, total: int) -> Status:
        """Train networks in the order of the list, the plain one first."""
        proposed = {self.space.child_at(point).key for point in self.study.proposed()}
        # A killed process may have recorded evaluations only.
        self._add([c for c in self._trained_children() if c.key not in proposed])
        left = [c for c in self.space.children if self.study.evaluation(c) is None]
        left = left[: total - len(self.study.trained())]
        while left:
            self.clock.check(self.reserve())
            together = self._most_in_time(len(left))
            self._train(left[:together], self._add)
            left = left[together:]
        return "complete" if total == self.space.size else "budget"

    def _trained_children(self) -> list[Child]:
        return [c for c in self.space.children if self.study.evaluation(c) is not None]

    def _add(self, children: list[Child]) -> None:
        trained = self.study.trained()
        found = [trained[child.key] for child in children]
        self.study.add(
            [self.space.point(child) for child in children],
            [self.problem.values(evaluation) for evaluation in found],
            found,
        )

    def _repeats(self) -> int:
        """Count the proposals since the last that was a child not proposed before.

        From the study alone, so that a search that was killed ends where it would have ended.
        """
        seen: set[Key] = set()
        repeats = 0
        for point in self.study.proposed():
            key = self.space.child_at(point).key
            repeats = repeats + 1 if key in seen else 0
            seen.add(key)
        return repeats

    def _sampler(self) -> BaseSampler:
        """A new one for each round, so that it does not matter which process asks it."""
        return make_sampler(
            self.problem.sampler,
            self.space,
            self.problem.settings.seed,
            len(self.study.proposed()),
            self.problem.card.validation_size,
        )

    def _has_converged(self, sampler: BaseSampler) -> bool:
        if not isinstance(sampler, LatticeSampler):
            return False
        if len(self.study.trained()) < LEAST_SCREENINGS * len(sampler.screening()):
            return False
        return sampler.largest_promise(self.study.optuna) < LEAST_PROMISE

    def _together(self, sampler: BaseSampler) -> int:
        if not isinstance(sampler, LatticeSampler):
            return PROPOSED_TOGETHER
        unscreened = sampler.unscreened(self.study.optuna)
        return min(PROPOSED_TOGETHER, len(unscreened) or PROMISING_TOGETHER)

    def _train_new(self, proposals: list[Proposal]) -> None:
        by_child: dict[Child, list[Proposal]] = {}
        for proposal in proposals:
            by_child.setdefault(self.space.child_at(proposal.point), []).append(proposal)
        new = [child for child in by_child if self.study.evaluation(child) is None]
        while new:
            together = self._most_in_time(len(new))
            self._train(new[:together])
            new = new[together:]
        for child, repeated in by_child.items():
            known = self.study.trained()[child.key]
            for proposal in repeated:
                self.study.tell(proposal, self.problem.values(known), known)

    def _train(
        self, children: list[Child], then: Callable[[list[Child]], None] = lambda children: None
    ) -> None:
        def on_step(count: int) -> None:
            self.clock.check(self.reserve())
            self.progress.advance(count / self.evaluator.steps)

        for some, evaluations in self.evaluator.evaluate(children, 0, on_step, self._pruning()):
            self.study.record(some, 0, evaluations)
            then(some)
            self._show_best()

    def _pruning(self) -> Pruning | None:
        """When to give a child up.

        Only what was scored before this round counts, so that a search that was killed within it
        goes on as it would have.
        """
        if self.problem.pruner == "none":
            return None
        settled = dict.fromkeys(self.space.child_at(point).key for point in self.study.settled())
        known = self.study.trained()
        curves = tuple(known[key].curve for key in settled)
        return Pruning(self.problem.pruner, self.problem.training.epochs, curves)

    def _most_in_time(self, wanted: int) -> int:
        """How many networks to train together so that a deadline does not cut off much work."""
        if self.clock.timeout is None:
            return wanted
        seconds = [e.seconds for e in self.study.trained().values()]
        if not seconds:
            return min(wanted, _FIRST_TOGETHER)
        most = int(_SHARE_OF_TIMEOUT * self.clock.timeout * len(seconds) / sum(seconds))
        return max(1, min(wanted, most))

    def _show_best(self) -> None:
        trained = self.study.trained()
        if trained:
            best = max(trained, key=lambda key: (not trained[key].pruned, trained[key].score))
            generators = self.space.child(*best).generators
            names = " ".join(self.problem.names(generators)) or "none"
            score, metric = trained[best].score, self.problem.family.task.metric
            reached = f"{score:.1%}" if metric == "accuracy" else f"{metric} {score:.3f}"
            self.progress.best(f"{reached} {names}")
