"""Ablation: the chosen network compared with the same network without a symmetry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.selection.pairs import folds_of, train_pairs
from autoequivariant.training.child import Child

MOST_ABLATED = 12
"""Largest number of symmetries to leave out: a table has up to one a column, and each takes several
trainings.
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
    most, chosen = choice.folds, choice.chosen.child
    others = _left_out(problem, chosen)
    train_pairs([(chosen, other) for other in others.values()], most, trainer)
    return tuple(
        Ablation(left_out, other, folds)
        for left_out, other in others.items()
        if (folds := folds_of(trainer.study, chosen, other, most))
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
