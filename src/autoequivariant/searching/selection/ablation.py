"""Ablation: the chosen network compared with the same network without a symmetry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.intervals import Difference, paired_difference
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import LEAST_FOLDS, Choice
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached

MOST_ABLATED = 12
"""Largest number of symmetries to leave out: a table has up to one a column, and each takes several
trainings.
"""
ERROR = 0.05
"""Probability that any interval of a network misses."""
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
        n_parameters: its number of parameters.
        score: score on samples that it was not fitted on.
        lost: paired difference, how far the chosen network is ahead on the same samples.
        interval: of `lost`; the intervals of all ablations hold together with at least 95%
            (Bonferroni).
        folds: number of folds that both were trained on.
    """

    left_out: tuple[int, ...]
    child: Child
    n_parameters: int
    score: float
    lost: Difference
    interval: tuple[float, float]
    folds: int

    @property
    def is_supported(self) -> bool:
        """Whether the data support them: the interval of `lost` is above 0."""
        return self.interval[0] > 0


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
    others = _left_out(problem, choice.chosen.child)
    progress.stage("ablate", len(others) * most)
    try:
        for fold in range(1, most + 1):
            left = [
                o for o in others.values() if not _is_clear(trainer, choice.chosen.child, o, most)
            ]
            progress.advance(len(others) - len(left))
            trainer.train(tuple(dict.fromkeys(left)), fold)
    except DeadlineReached:
        pass
    level = 1 - ERROR / max(1, len(others))
    return tuple(
        _ablation(trainer, choice.chosen.child, left_out, other, folds, level)
        for left_out, other in others.items()
        if (folds := _folds(study, other, most))
    )


def _left_out(problem: Problem, chosen: Child) -> dict[tuple[int, ...], Child]:
    """Return the networks without one generator, and without all, by what is left out."""
    generators = problem.space.smallest_generators(chosen)
    symmetries = tuple(number for number in generators if number < len(problem.candidates))
    parts = dict.fromkeys([*((number,) for number in symmetries[:MOST_ABLATED]), symmetries])
    return {
        part: problem.space.child(set(generators) - set(part), chosen.width)
        for part in parts
        if part
    }


def _folds(study: SearchStudy, child: Child, most: int) -> int:
    """Return on how many of the choice's folds, without a gap, a child was trained."""
    folds = range(1, most + 1)
    return next((fold - 1 for fold in folds if study.evaluation(child, fold) is None), most)


def _is_clear(trainer: FoldTrainer, chosen: Child, other: Child, most: int) -> bool:
    study = trainer.study
    folds = _folds(study, other, most)
    if folds < LEAST_FOLDS:
        return False
    lost = paired_difference(
        _scores(study, chosen, folds), _scores(study, other, folds), trainer.clusters(folds)
    )
    return lost.mean > CLEARLY_AHEAD * lost.standard_error


def _ablation(
    trainer: FoldTrainer,
    chosen: Child,
    left_out: tuple[int, ...],
    other: Child,
    folds: int,
    level: float,
) -> Ablation:
    study = trainer.study
    scores = _scores(study, other, folds)
    lost = paired_difference(_scores(study, chosen, folds), scores, trainer.clusters(folds))
    return Ablation(
        left_out,
        other,
        recorded_evaluation(study, other, 1).n_parameters,
        float(scores[0].mean()),
        lost,
        lost.interval(level),
        folds,
    )


def _scores(study: SearchStudy, child: Child, folds: int) -> NDArray[Any]:
    """Return a child's scores on the first folds, shape `(1, samples)`."""
    evaluations = [recorded_evaluation(study, child, fold) for fold in range(1, folds + 1)]
    return np.concatenate([evaluation.scores for evaluation in evaluations])[None]
