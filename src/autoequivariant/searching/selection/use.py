"""Use: whether networks predict better with a candidate, on the folds of the choice.

That is advice about networks, not a test of symmetry.
"""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.evidence.verdict import Trained, Verdict
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.ablation import Ablation
from autoequivariant.searching.selection.choice import Choice, choose_again
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.selection.uses import Uses, asks_evidence, is_complete
from autoequivariant.training.child import Child


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

    What holds but harms is dropped. Unless the smallest network is asked for, so is an undecided
    generator of the chosen network that does not help, one at a time, the least useful first. It
    helps if it clearly lowers the loss of that network, or of that network without augmentations,
    which may stand in for it. One that does so alone stays if it is ahead beside the others, too,
    by more than one standard error; of two that do the same, neither is. So does each of several
    that clearly help only together, if it is ahead like that, and a partial symmetry that clearly
    helps up to another level. At last a symmetry for which an
    augmentation of the chosen network stands in is added, unless that brings back what was dropped.

    A network that is chosen instead has been trained on the same folds.

    Raises:
        Interrupted: the user stopped the run.
    """
    dropped: list[int] = []
    while True:
        use = Uses.measure(problem, choice, trainer, dropped)
        least = use.to_drop()
        other = use.to_add(dropped) if least is None else least.child
        if other is None or not is_complete(other, choice, trainer):
            break
        dropped += () if least is None else least.left_out
        choice = choose_again(problem, choice, other, trainer)
    if asks_evidence(problem):
        use = Uses.measure(problem, choice, trainer, dropped)  # with what was trained since
    verdicts = [use.verdict(n, one) for n, one in enumerate(problem.verdicts)]
    return Settled(
        choice, tuple(_without(one, use) for one in use.ablations), tuple(verdicts), tuple(dropped)
    )


def _without(ablation: Ablation, use: Uses) -> WithoutSome:
    study, folds = use.trainer.study, range(1, ablation.folds + 1)
    evaluations = [recorded_evaluation(study, ablation.child, number) for number in folds]
    correct = sum(float(one.scores.sum(dtype=float)) for one in evaluations)
    n = sum(one.scores.size for one in evaluations)
    return WithoutSome(
        ablation.left_out,
        ablation.child,
        evaluations[0].n_parameters,
        correct / n,
        use.trained(use.own(ablation)),
        ablation.folds,
    )
