"""What each symmetry that was found is worth: the chosen network against the same without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autoequivariant.evidence.intervals import Difference, paired_difference
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import LEAST_FOLDS, Choice
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached

MOST_ABLATED = 12
"""More symmetries than this are not looked at: of a table that exchanges all of its columns there
are as many as columns, and each takes some trainings.
"""
ERROR = 0.05
"""How often chance alone may show any symmetry of a network."""
BEYOND_DOUBT = 3.0
"""Standard errors that the chosen network has to be ahead for no further training: with more looks
than one, chance alone gets to the end of an interval more often than it says.
"""


@dataclass(frozen=True)
class Ablation:
    """The chosen network without some of its symmetries, trained and scored as the choice was.

    Attributes:
        left_out: numbers of the candidates that are left out: one, or all that generate it.
        child: the network of the other generators.
        weights: its number of trainable numbers.
        accuracy: accuracy on samples that it was not fitted on; R² of regression.
        lost: what the chosen network is ahead on the same samples.
        interval: of `lost`; all of those that are asked about hold together with at least 95%
            (Bonferroni), so that of many symmetries none is shown by chance alone more often.
        trainings: how often both were trained for this, each time on another fold.
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
        """Whether the data show them: the interval of what is lost without them is above 0."""
        return self.interval[0] > 0


def ablate(problem: Problem, choice: Choice, trainer: FoldTrainer) -> tuple[Ablation, ...]:
    """Leave each of the chosen network's generators out in turn, at most `MOST_ABLATED`, then all.

    The networks are trained on the folds of the choice, where they were not already, so nothing is
    fitted on what it is scored on. What is beyond doubt after some folds is not trained on the
    others. Where the time ends first, what was trained counts.

    Returns:
        One for each symmetry, and one for all where these are more than one; empty where the choice
        itself had no trainings, or no symmetry.

    Raises:
        Interrupted: a person asked to stop.
    """
    study, progress = trainer.study, trainer.progress
    chosen = choice.chosen.child
    symmetries = set(range(len(problem.candidates)))
    generators = problem.space.smallest_generators(chosen)
    members = tuple(number for number in generators if number in symmetries)
    parts = dict.fromkeys([*((number,) for number in members[:MOST_ABLATED]), members])
    others = {
        part: problem.space.child(set(generators) - set(part), chosen.width)
        for part in parts
        if part
    }
    most = choice.folds
    progress.stage("ablate", len(others) * most)
    try:
        for replicate in range(1, most + 1):
            left = [o for o in others.values() if not _is_beyond_doubt(study, chosen, o, most)]
            progress.advance(len(others) - len(left))
            children = tuple(dict.fromkeys(left))
            trainer.train(children, replicate)
    except DeadlineReached:
        pass
    level = 1 - ERROR / max(1, len(others))
    return tuple(
        _ablation(study, chosen, part, other, count, level)
        for part, other in others.items()
        if (count := _trainings(study, other, most))
    )


def _trainings(study: SearchStudy, child: Child, most: int) -> int:
    """How many of the choice's folds a child was trained on, one after the other."""
    replicates = range(1, most + 1)
    return next((k - 1 for k in replicates if study.evaluation(child, k) is None), most)


def _is_beyond_doubt(study: SearchStudy, chosen: Child, other: Child, most: int) -> bool:
    folds = _trainings(study, other, most)
    if folds < LEAST_FOLDS:
        return False
    lost = _lost(study, chosen, other, folds)
    return lost.mean > BEYOND_DOUBT * lost.standard_error


def _ablation(
    study: SearchStudy,
    chosen: Child,
    part: tuple[int, ...],
    other: Child,
    folds: int,
    level: float,
) -> Ablation:
    evaluations = [recorded_evaluation(study, other, k) for k in range(1, folds + 1)]
    scores = np.concatenate([evaluation.scores for evaluation in evaluations])
    lost = _lost(study, chosen, other, folds)
    return Ablation(
        part,
        other,
        evaluations[0].n_parameters,
        float(scores.mean()),
        lost,
        lost.interval(level),
        folds,
    )


def _lost(study: SearchStudy, chosen: Child, other: Child, folds: int) -> Difference:
    """What the chosen network is ahead, over so many trainings of both."""
    of_both = [
        np.concatenate([recorded_evaluation(study, child, k).scores for k in range(1, folds + 1)])[
            None
        ]
        for child in (chosen, other)
    ]
    return paired_difference(*of_both)
