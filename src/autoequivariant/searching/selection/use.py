"""Use: whether networks predict better with a candidate, on the folds of the choice.

That is advice about networks, not a test of symmetry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autoequivariant.evidence.fold_differences import FoldDifferences, together
from autoequivariant.evidence.verdict import Trained, Use, Verdict
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.ablation import (
    Ablation,
    ablate,
    fold_values,
    trained_folds,
)
from autoequivariant.searching.selection.choice import LEAST_FOLDS, Choice, choose_again
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached

ERROR = 0.05
"""Probability that the interval of any candidate misses, about."""


@dataclass(frozen=True)
class WithoutSome:
    """The chosen network without some of its symmetries.

    Attributes:
        left_out: numbers of the candidates left out: one generator, or all.
        child: the network of the other generators.
        n_parameters: its number of parameters.
        score: score on samples that it was not fitted on.
        trained: how much more it loses than the chosen network, with the interval.
        folds: number of folds that both were trained on.
    """

    left_out: tuple[int, ...]
    child: Child
    n_parameters: int
    score: float
    trained: Trained
    folds: int


@dataclass(frozen=True)
class Settled:
    """The choice after what is of no use was dropped.

    Attributes:
        choice: with the network that is left.
        without: that network without each of its symmetries, and without all.
        verdicts: with the use of each candidate, in order.
        dropped: numbers of the candidates that were dropped, in this order.
    """

    choice: Choice
    without: tuple[WithoutSome, ...]
    verdicts: tuple[Verdict, ...]
    dropped: tuple[int, ...]


def settle(problem: Problem, choice: Choice, trainer: FoldTrainer) -> Settled:
    """Measure the use of every candidate that was tried, and drop what is of none.

    An undecided generator of the chosen network that does not help is dropped, unless the smallest
    network is asked for, and so is one that holds but harms. One at a time, the least useful first,
    because of two that do the same neither helps beside the other. The network without it has been
    trained on the same folds.

    Raises:
        Interrupted: the user stopped the run.
    """
    dropped: list[int] = []
    while True:
        ablations = ablate(problem, choice, trainer)
        use = _Uses.measure(problem, choice, ablations, trainer)
        least = use.to_drop(problem)
        if least is None or not _is_complete(least, choice, trainer):
            verdicts = [use.verdict(n, one) for n, one in enumerate(problem.verdicts)]
            return Settled(choice, use.without, tuple(verdicts), tuple(dropped))
        dropped += least.left_out
        choice = choose_again(problem, choice, least.child, trainer)


def _is_complete(without: WithoutSome, choice: Choice, trainer: FoldTrainer) -> bool:
    """Train a network on the folds that it lacks; return whether the deadline allows it."""
    try:
        for number in range(without.folds + 1, choice.folds + 1):
            trainer.train((without.child,), number)
    except DeadlineReached:
        return False
    return True


@dataclass(frozen=True)
class _Uses:
    """The use of candidates, by number, for one chosen network."""

    trained: Mapping[int, Trained]
    without: tuple[WithoutSome, ...]

    @classmethod
    def measure(
        cls,
        problem: Problem,
        choice: Choice,
        ablations: Sequence[Ablation],
        trainer: FoldTrainer,
    ) -> _Uses:
        study, chosen = trainer.study, choice.chosen.child
        n_candidates = len(problem.candidates)
        compared = Compared(trainer.n_folds, clusters=trainer.clusters(trainer.n_folds))
        found: dict[tuple[int, ...], FoldDifferences] = {}
        for one in ablations:
            found[one.left_out] = _ahead(study, chosen, one.child, one.folds, compared)
        for number, other in _with_one_more(problem, chosen):
            folds = trained_folds(study, other, choice.folds)
            if folds >= LEAST_FOLDS:
                found[(number,)] = _ahead(study, other, chosen, folds, compared)
        # All that any network had, as the choice among them looked at these folds, too.
        tried = {n for members, _ in study.trained() for n in members if n < n_candidates}
        level = 1 - ERROR / max(1, len(tried | {key[0] for key in found if len(key) == 1}))
        trained = {
            numbers: Trained(one.mean, one.interval(level))
            for numbers, one in zip(found, together(list(found.values())), strict=True)
        }
        without = tuple(_without(study, one, trained[one.left_out]) for one in ablations)
        singles = {key[0]: value for key, value in trained.items() if len(key) == 1}
        return cls(singles, without)

    def use(self, number: int) -> Use:
        trained = self.trained.get(number)
        if trained is None:
            return "not tried"
        low, high = trained.interval
        return "helps" if low > 0 else "harms" if high < 0 else "harmless"

    def verdict(self, number: int, verdict: Verdict) -> Verdict:
        return replace(verdict, use=self.use(number), trained=self.trained.get(number))

    def to_drop(self, problem: Problem) -> WithoutSome | None:
        """Return the network without the least useful generator that is to be dropped."""
        return min(
            (one for one in self.without if len(one.left_out) == 1 and self._is_idle(problem, one)),
            key=lambda one: one.trained.difference,
            default=None,
        )

    def _is_idle(self, problem: Problem, without: WithoutSome) -> bool:
        if not problem.compares_losses:
            return False
        (number,) = without.left_out
        use = self.use(number)
        if problem.verdicts[number].verdict == "holds":
            return use == "harms"
        return use == "harms" or (use != "helps" and not problem.settings.smallest)


def _with_one_more(problem: Problem, chosen: Child) -> list[tuple[int, Child]]:
    """Return the chosen network with each further candidate that is searched."""
    numbers = [n for n in problem.space.numbers if n < len(problem.candidates)]
    more = [n for n in numbers if n not in chosen.members]
    found = ((n, problem.space.child({*chosen.members, n}, chosen.width)) for n in more)
    whole = set(chosen.members)
    return [
        (n, child)
        for n, child in found
        if n in child.members and whole < set(child.members) and child.width == chosen.width
    ]


def _ahead(
    study: SearchStudy, first: Child, second: Child, folds: int, compared: Compared
) -> FoldDifferences:
    return compared.differences(
        fold_values(study, first, folds, compared), fold_values(study, second, folds, compared)
    )


def _without(study: SearchStudy, ablation: Ablation, trained: Trained) -> WithoutSome:
    first = recorded_evaluation(study, ablation.child, 1)
    evaluations = [recorded_evaluation(study, ablation.child, n + 1) for n in range(ablation.folds)]
    correct = sum(float(one.scores.sum(dtype=float)) for one in evaluations)
    n = sum(one.scores.size for one in evaluations)
    return WithoutSome(
        ablation.left_out,
        ablation.child,
        first.n_parameters,
        correct / n,
        trained,
        ablation.folds,
    )
