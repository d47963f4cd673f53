"""What each symmetry that was found is worth: the chosen network against the same without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autoequivariant.search.child import Child
from autoequivariant.search.choose import Choice, recorded, train_fold
from autoequivariant.search.clock import Clock, OutOfTime
from autoequivariant.search.evidence import Difference, paired_difference
from autoequivariant.search.problem import Problem
from autoequivariant.search.progress import Progress
from autoequivariant.search.study import SearchStudy

MOST_ABLATED = 12
"""More symmetries than this are not looked at: of a table that exchanges all of its columns there
are as many as columns, and each takes some trainings.
"""
BEYOND_DOUBT = 3.0
"""Standard errors that the chosen network has to be ahead for no further training: with more looks
than one, chance alone gets to the two of a 95% interval more often than it says.
"""


@dataclass(frozen=True)
class Ablation:
    """The chosen network without one of its symmetries, trained and scored as the choice was.

    Attributes:
        symmetry: number of the candidate that is left out.
        child: the network of the other generators.
        weights: its number of trainable numbers.
        accuracy: accuracy on samples that it was not fitted on; R² of regression.
        lost: what the chosen network is ahead on the same samples.
        trainings: how often both were trained for this, each time on another fold.
    """

    symmetry: int
    child: Child
    weights: int
    accuracy: float
    lost: Difference
    trainings: int

    @property
    def is_shown(self) -> bool:
        """Whether the data show it: the 95% interval of what is lost without it is above 0."""
        return self.lost.interval()[0] > 0


def ablate(
    problem: Problem,
    study: SearchStudy,
    choice: Choice,
    clock: Clock,
    progress: Progress,
    reserve: float = 0.0,
) -> tuple[Ablation, ...]:
    """Leave each of the chosen network's generators out in turn, at most `MOST_ABLATED` of them.

    The networks are trained on the folds of the choice, where they were not already, so nothing is
    fitted on what it is scored on. What is beyond doubt after some folds is not trained on the
    others. Where the time ends first, the folds that are whole count.

    Returns:
        One for each symmetry; empty where the choice itself had no trainings, or no symmetry.

    Raises:
        Interrupted: a person asked to stop.
    """
    chosen = choice.chosen.child
    first_augmentation = len(problem.candidates)
    generators = problem.space.smallest_generators(chosen)
    left_out = [number for number in generators if number < first_augmentation][:MOST_ABLATED]
    others = {
        number: problem.space.child(set(generators) - {number}, chosen.channels)
        for number in left_out
    }
    trainings = dict.fromkeys(others, 0)
    progress.stage("ablate", len(others) * choice.trainings)
    try:
        for replicate in range(1, choice.trainings + 1):
            left = [
                n for n in others if not _is_beyond_doubt(study, chosen, others[n], trainings[n])
            ]
            progress.advance(len(others) - len(left))
            children = tuple(dict.fromkeys(others[number] for number in left))
            train_fold(problem, children, replicate, study, clock, progress, reserve)
            trainings |= dict.fromkeys(left, replicate)
    except OutOfTime:
        pass
    return tuple(
        _ablation(study, chosen, number, others[number], count)
        for number, count in trainings.items()
        if count
    )


def _is_beyond_doubt(study: SearchStudy, chosen: Child, other: Child, trainings: int) -> bool:
    if not trainings:
        return False
    lost = _ablation(study, chosen, 0, other, trainings).lost
    return lost.mean > BEYOND_DOUBT * lost.standard_error


def _ablation(
    study: SearchStudy, chosen: Child, number: int, other: Child, trainings: int
) -> Ablation:
    replicates = range(1, trainings + 1)
    with_it = np.concatenate([recorded(study, chosen, k).scores for k in replicates])
    evaluations = [recorded(study, other, k) for k in replicates]
    without = np.concatenate([evaluation.scores for evaluation in evaluations])
    lost = paired_difference(with_it[None], without[None])
    weights = evaluations[0].weights
    return Ablation(number, other, weights, float(without.mean()), lost, trainings)
