"""The trainings of a search: started in time, recorded, and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.study import Proposal, SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluator import Evaluator, Request
from autoequivariant.training.progress import Progress
from autoequivariant.training.pruning import Pruning

_FIRST_BATCH = 2  # with a deadline, while the time that a network takes is unknown
_SHARE_OF_TIMEOUT = 0.1  # the most that networks trained together may take


@dataclass(frozen=True)
class Trainings:
    """Trains networks of a search and records them.

    Attributes:
        problem: what to search, and how.
        evaluator: trains and scores networks.
        study: where everything is recorded.
        clock, progress: stop the search, and show it.
        reserve: returns how many seconds to keep before the deadline for what follows.
    """

    problem: Problem
    evaluator: Evaluator
    study: SearchStudy
    clock: Clock
    progress: Progress
    reserve: Callable[[], float]

    def check_time(self) -> None:
        """Raise if it is time to stop."""
        self.clock.check(self.reserve())

    def train(
        self,
        children: Sequence[Child],
        then: Callable[[Sequence[Child]], None] = lambda children: None,
    ) -> None:
        """Train and record networks; call `then` with each part as soon as it is recorded."""
        evaluate = self.evaluator.evaluate
        for part, evaluations in evaluate(children, 0, self._on_step, self._pruning()):
            self.study.record(part, 0, evaluations)
            then(part)
            self.show_best()

    def train_each(self, next_child: Callable[[], Child | None]) -> Iterator[Child]:
        """Train and record networks one by one; `next_child` is as in `Evaluator.evaluate_each`."""

        def request() -> Request | None:
            child = next_child()
            return None if child is None else (child, self._pruning())

        for child, evaluation in self.evaluator.evaluate_each(request, self._on_step):
            self.study.record([child], 0, [evaluation])
            yield child
            self.show_best()

    def add(self, children: Sequence[Child]) -> None:
        """Record trained networks as trials that no sampler proposed."""
        evaluations = [self.study.trained()[child.key] for child in children]
        self.study.add(
            [self.problem.space.point(child) for child in children],
            [self.problem.values(evaluation) for evaluation in evaluations],
            evaluations,
        )

    def tell(self, proposals: Sequence[Proposal], child: Child) -> None:
        """Tell the score of a trained network to the sampler that proposed it."""
        evaluation = self.study.trained()[child.key]
        for proposal in proposals:
            self.study.tell(proposal, self.problem.values(evaluation), evaluation)

    def batches(self, children: Sequence[Child]) -> Iterator[Sequence[Child]]:
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

    def _on_step(self, count: int) -> None:
        self.check_time()
        self.progress.advance(count / self.evaluator.steps)

    def _pruning(self) -> Pruning | None:
        """Return when to prune a network.

        Only scores from before its round count, so that a search interrupted within it resumes as
        if it had not been.
        """
        if self.problem.pruner == "none":
            return None
        child_at = self.problem.space.child_at
        settled = dict.fromkeys(child_at(point).key for point in self.study.settled())
        trained = self.study.trained()
        curves = tuple(trained[key].curve for key in settled)
        return Pruning(self.problem.pruner, self.problem.training.epochs, curves)

    def show_best(self) -> None:
        """Show the best network so far."""
        trained = self.study.trained()
        if not trained:
            return
        best = max(trained, key=lambda key: (not trained[key].pruned, trained[key].score))
        generators = self.problem.space.child(*best).generators
        names = " ".join(self.problem.names(generators)) or "none"
        score, metric = trained[best].score, self.problem.family.task.metric
        reached = f"{score:.1%}" if metric == "accuracy" else f"{metric} {score:.3f}"
        self.progress.best(f"{reached} {names}")
