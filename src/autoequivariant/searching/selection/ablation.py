"""Ablation: the chosen network compared with the same network without a symmetry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import LEAST_FOLDS, Choice
from autoequivariant.searching.selection.compared import Compared, Values
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached

MOST_ABLATED = 12
"""Largest number of symmetries to leave out: a table has up to one a column, and each takes several
trainings.
"""
CLEARLY_AHEAD = 3.0
"""Training stops early if the chosen network is ahead by more standard errors. More than the 2 of
`CLEARLY_BEHIND`, because an interval that is looked at after every fold misses more often.
"""


@dataclass(frozen=True)
class Ablation:
    """The chosen network without some of its symmetries, trained and scored as finalists are.

    Attributes:
        left_out: numbers of the candidates left out: one generator, or all.
        child: the network of the other generators.
        folds: number of folds that both were trained on.
    """

    left_out: tuple[int, ...]
    child: Child
    folds: int


def ablate(problem: Problem, choice: Choice, trainer: FoldTrainer) -> tuple[Ablation, ...]:
    """Leave out each of the chosen network's generators in turn, at most `MOST_ABLATED`, then all.

    The networks are trained on the folds of the choice, unless they already were, so nothing is
    scored on samples that it was fitted on. One that is clearly behind is not trained on more
    folds. After the deadline, the folds trained so far count.

    Returns:
        One for each symmetry, and one for all if there are several; empty if the choice used no
        folds, or its network has no symmetry.

    Raises:
        Interrupted: the user stopped the run.
    """
    study, progress, most = trainer.study, trainer.progress, choice.folds
    chosen = choice.chosen.child
    compared = Compared(trainer.n_folds, clusters=trainer.clusters(most))
    others = _left_out(problem, chosen)
    progress.stage("ablate", len(others) * most)
    try:
        for fold in range(1, most + 1):
            left = [o for o in others.values() if not _is_clear(study, chosen, o, most, compared)]
            progress.advance(len(others) - len(left))
            trainer.train(tuple(dict.fromkeys(left)), fold)
    except DeadlineReached:
        pass
    return tuple(
        Ablation(left_out, other, folds)
        for left_out, other in others.items()
        if (folds := trained_folds(study, other, most))
    )


def _left_out(problem: Problem, chosen: Child) -> Mapping[tuple[int, ...], Child]:
    """Return the networks without one generator, and without all, by what is left out."""
    generators = problem.space.preferred_generators(chosen)
    symmetries = tuple(number for number in generators if number < len(problem.candidates))
    parts = dict.fromkeys([*((number,) for number in symmetries[:MOST_ABLATED]), symmetries])
    return {
        part: problem.space.child(set(generators) - set(part), chosen.width)
        for part in parts
        if part
    }


def trained_folds(study: SearchStudy, child: Child, most: int) -> int:
    """Return on how many of the choice's folds, without a gap, a child was trained."""
    folds = range(1, most + 1)
    return next((fold - 1 for fold in folds if study.evaluation(child, fold) is None), most)


def fold_values(study: SearchStudy, child: Child, folds: int, compared: Compared) -> Values:
    """Return what is compared of a child on the first folds."""
    return compared.values([recorded_evaluation(study, child, n + 1) for n in range(folds)])


def _is_clear(
    study: SearchStudy, chosen: Child, other: Child, most: int, compared: Compared
) -> bool:
    folds = trained_folds(study, other, most)
    if folds < LEAST_FOLDS:
        return False
    both = (fold_values(study, child, folds, compared) for child in (chosen, other))
    lost = compared.ahead(*both)
    return lost.mean > CLEARLY_AHEAD * lost.standard_error
