"""The search loop: ask for proposals, train the networks that are new, tell their scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autoequivariant.evidence.intervals import paired_difference
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.sampler import SearchSampler, load_sampler
from autoequivariant.searching.storage.results import Status
from autoequivariant.searching.storage.study import Proposal, SearchStudy
from autoequivariant.training.child import Child, Key
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.progress import Progress
from autoequivariant.training.pruning import Pruning

MOST_REPEATS = 160
"""After this many proposals in a row without a new network, the search stops."""

_FIRST_BATCH = 2  # with a deadline, while the time that a network takes is unknown
_SHARE_OF_TIMEOUT = 0.1  # the most that networks trained together may take


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
        return _Explorer(problem, evaluator, study, clock, progress, reserve).run()
    except Interrupted:
        return "interrupted"
    except DeadlineReached:
        return "timeout"


@dataclass(frozen=True)
class _Explorer:
    problem: Problem
    evaluator: Evaluator
    study: SearchStudy
    clock: Clock
    progress: Progress
    reserve: Callable[[], float]

    def run(self) -> Status:
        space, budget = self.problem.space, self.problem.settings.budget
        total = min([budget, *self._most()])
        self.progress.stage("search", total)
        self.progress.advance(len(self.study.trained()))
        self._show_best()
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
            return self._train_proposals(sampler, total)
        self._train_in_order(order, total)
        return self._status(total)

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
        for batch in self._batches(left[: self._room(total)]):
            self.clock.check(self.reserve())
            self._train(batch)
        # All at the end and in order, whichever process was faster: samplers see their order.
        proposed = {self.problem.space.child_at(point).key for point in self.study.proposed()}
        self._add(
            [
                child
                for child in first
                if child.key not in proposed and self.study.evaluation(child) is not None
            ]
        )

    def _status(self, trained: int) -> Status:
        return "complete" if trained == self.problem.space.size else "budget"

    def _train_proposals(self, sampler: SearchSampler[Any], total: int) -> Status:
        """Train what the sampler proposes, round by round; the baseline comes first."""
        baseline = self.problem.space.baseline
        if self.study.evaluation(baseline) is None:
            self._train([baseline])
        self._settle(self.study.pending)
        self.study.pending = []
        study, seed = self.study.optuna, self.problem.settings.seed
        n_samples = self.problem.card.validation_size
        while self._repeats() < MOST_REPEATS:
            trained = len(self.study.trained())
            if trained >= total:
                return self._status(trained)
            # A new one for each round, so that it does not matter which process asks it.
            proposer = sampler.make(self.problem.space, seed, len(self.study.proposed()), n_samples)
            if sampler.has_converged(proposer, study, trained):
                return "converged"
            self.clock.check(self.reserve())
            batch_size = min(sampler.batch_size(proposer, study), total - trained)
            self._settle(self.study.ask(proposer, batch_size))
        return "repeats"

    def _repeats(self) -> int:
        """Count the proposals since the last new network.

        From the study alone, so that a resumed search stops where it would have stopped.
        """
        seen: set[Key] = set()
        repeats = 0
        for point in self.study.proposed():
            key = self.problem.space.child_at(point).key
            repeats = repeats + 1 if key in seen else 0
            seen.add(key)
        return repeats

    def _settle(self, proposals: Sequence[Proposal]) -> None:
        """Train the new networks among the proposals, and tell the score of every proposal."""
        by_child: dict[Child, list[Proposal]] = {}
        for proposal in proposals:
            by_child.setdefault(self.problem.space.child_at(proposal.point), []).append(proposal)
        new = [child for child in by_child if self.study.evaluation(child) is None]
        for batch in self._batches(new):
            self._train(batch)
        for child, repeated in by_child.items():
            evaluation = self.study.trained()[child.key]
            for proposal in repeated:
                self.study.tell(proposal, self.problem.values(evaluation), evaluation)

    def _train_in_order(self, order: Sequence[Child], total: int) -> None:
        """Train the first networks of a list, as many as the budget allows."""
        proposed = {self.problem.space.child_at(point).key for point in self.study.proposed()}
        trained = [child for child in order if self.study.evaluation(child) is not None]
        # A killed process may have recorded evaluations without trials.
        self._add([child for child in trained if child.key not in proposed])
        left = [child for child in order if self.study.evaluation(child) is None]
        for batch in self._batches(left[: self._room(total)]):
            self.clock.check(self.reserve())
            self._train(batch, self._add)

    def _room(self, total: int) -> int:
        """Return how many networks are left to train of `total`."""
        return max(0, total - len(self.study.trained()))

    def _add(self, children: Sequence[Child]) -> None:
        """Record trained networks as trials that no sampler proposed."""
        evaluations = [self.study.trained()[child.key] for child in children]
        self.study.add(
            [self.problem.space.point(child) for child in children],
            [self.problem.values(evaluation) for evaluation in evaluations],
            evaluations,
        )

    def _batches(self, children: Sequence[Child]) -> Iterator[Sequence[Child]]:
        """Split into batches that are small enough for a deadline not to cut off much work."""
        while children:
            size = self._batch_in_time(len(children))
            yield children[:size]
            children = children[size:]

    def _batch_in_time(self, most: int) -> int:
        if self.clock.timeout is None:
            return most
        seconds = [e.seconds for e in self.study.trained().values()]
        if not seconds:
            return min(most, _FIRST_BATCH)
        in_time = int(_SHARE_OF_TIMEOUT * self.clock.timeout * len(seconds) / sum(seconds))
        return max(1, min(most, in_time))

    def _train(
        self,
        children: Sequence[Child],
        then: Callable[[Sequence[Child]], None] = lambda children: None,
    ) -> None:
        """Train and record networks; call `then` with each part as soon as it is recorded."""

        def on_step(count: int) -> None:
            self.clock.check(self.reserve())
            self.progress.advance(count / self.evaluator.steps)

        for part, evaluations in self.evaluator.evaluate(children, 0, on_step, self._pruning()):
            self.study.record(part, 0, evaluations)
            then(part)
            self._show_best()

    def _pruning(self) -> Pruning | None:
        """Return when to prune a network.

        Only scores from before this round count, so that a search interrupted within it resumes as
        if it had not been.
        """
        if self.problem.pruner == "none":
            return None
        child_at = self.problem.space.child_at
        settled = dict.fromkeys(child_at(point).key for point in self.study.settled())
        trained = self.study.trained()
        curves = tuple(trained[key].curve for key in settled)
        return Pruning(self.problem.pruner, self.problem.training.epochs, curves)

    def _show_best(self) -> None:
        trained = self.study.trained()
        if not trained:
            return
        best = max(trained, key=lambda key: (not trained[key].pruned, trained[key].score))
        generators = self.problem.space.child(*best).generators
        names = " ".join(self.problem.names(generators)) or "none"
        score, metric = trained[best].score, self.problem.family.task.metric
        reached = f"{score:.1%}" if metric == "accuracy" else f"{metric} {score:.3f}"
        self.progress.best(f"{reached} {names}")
