"""Choosing among the leaders: other seeds and splits, paired differences, fewest weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.intervals import Difference, paired_difference
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.study import Key, SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached
from autoequivariant.training.evaluation import Evaluation

FINALISTS = 8
CLEARLY_BEHIND = 2.0
"""Standard errors by which a finalist has to be behind another to be given up before the end."""
LEAST_FOLDS = 2
"""Nor before so many: these errors are over samples, and one training may have had bad luck."""


@dataclass(frozen=True)
class Finalist:
    """A leading network and what its further trainings say.

    Attributes:
        child: which.
        weights: its number of trainable numbers.
        accuracy: accuracy on samples that it was not fitted on.
        behind: how far it is behind the best finalist on the same samples, with its standard error.
        trainings: how often it was trained again; fewer than the others' where it was given up.
    """

    child: Child
    n_parameters: int
    score: float
    behind: Difference
    folds: int


@dataclass(frozen=True)
class Choice:
    """The chosen network and the grounds.

    Attributes:
        chosen: the simplest finalist (`Family.simplicity`) of those not distinguishable from the
            best.
        best: the finalist with the highest accuracy.
        finalists: all of them, best first.
        trainings: how often each was trained again, unless it was given up; 0 if only the search's
            own scores were used.
        samples: how many samples each was scored on.
        smallest_as_accurate: of those not distinguishably behind the plain network, the one with
            the fewest weights.
        best_no_larger: the most accurate of those with no more weights than the plain network.
    """

    chosen: Finalist
    best: Finalist
    finalists: tuple[Finalist, ...]
    folds: int
    samples: int
    smallest_as_accurate: Finalist
    best_no_larger: Finalist


def leading(problem: Problem, study: SearchStudy, most: int = FINALISTS) -> list[Child]:
    """Return the trained networks that lead on validation; of equal ones the smaller first."""
    trained = _whole(study)
    order = sorted(trained, key=lambda key: (-trained[key].score, trained[key].n_parameters, key))
    return [problem.space.child(*key) for key in order[:most]]


def front(problem: Problem, study: SearchStudy, most: int = FINALISTS) -> list[Child]:
    """Return the Pareto front of accuracy on validation and weights, the most accurate first."""
    trained = _whole(study)
    order = sorted(trained, key=lambda key: (-trained[key].score, trained[key].n_parameters, key))
    kept: list[Key] = []
    for key in order:
        if not kept or trained[key].n_parameters < trained[kept[-1]].n_parameters:
            kept.append(key)
    return [problem.space.child(*key) for key in kept[:most]]


def _whole(study: SearchStudy) -> dict[Key, Evaluation]:
    """The search's evaluations of networks that were not given up on the way."""
    return {key: e for key, e in study.trained().items() if not e.pruned}


def choose(problem: Problem, trainer: FoldTrainer) -> Choice:
    """Train the leading networks again and choose one.

    The plain network is compared with them, also where it is behind. Each is trained once for each
    fold of train and validation, every time with another seed, and scored on the samples left out;
    but one that is clearly behind already is given up (successive halving: Karnin, Koren and
    Somekh, 2013), so that the last trainings are spent on those that cannot be told apart.
    The search's own scores do not count here: they are why a network is a finalist, so they flatter
    it. One that is alone is chosen as it is.

    Raises:
        Interrupted: a person asked to stop.
    """
    study, progress = trainer.study, trainer.progress
    children = front(problem, study) if problem.has_two_objectives else leading(problem, study)
    plain = problem.space.baseline
    if plain not in children:
        children.append(plain)  # a symmetry has to stand comparison with none
    count = trainer.count if len(children) > 1 else 0
    progress.stage("compare", len(children) * count)
    found: dict[Child, list[Evaluation]] = {child: [] for child in children}
    left = children
    whole = 0
    try:
        for replicate in range(1, count + 1):
            trainer.train(left, replicate)
            for child in left:
                found[child].append(recorded_evaluation(study, child, replicate))
            whole = replicate
            if whole < LEAST_FOLDS:
                continue
            pruned = _clearly_behind(left, found, plain, problem.has_two_objectives)
            left = [child for child in left if child not in pruned]
            progress.advance(len(pruned) * (count - whole))
    except DeadlineReached:
        pass  # the folds that are whole decide
    if not whole:
        found = {child: [recorded_evaluation(study, child, 0)] for child in children}
    return decide(found, plain, whole, problem.family.simplicity)


def decide(
    found: dict[Child, list[Evaluation]],
    plain: Child,
    folds: int,
    simplicity: Callable[[Child], tuple[int, ...]],
) -> Choice:
    """Choose from evaluations of each child on the same samples in the same order.

    Args:
        found: of each child one evaluation a fold, in the order of the folds; fewer folds where it
            was given up.
        plain: which of them is the plain network.
        trainings: number of folds, or 0 where the evaluations are the search's own.
        simplicity: smaller for simpler children (`Family.simplicity`).
    """
    correct = {child: _joined(evaluations) for child, evaluations in found.items()}
    n_parameters = {child: evaluations[0].n_parameters for child, evaluations in found.items()}
    most = max(len(array) for array in correct.values())
    whole = [child for child in found if len(correct[child]) == most]
    first = max(whole, key=lambda child: (correct[child].mean(), -n_parameters[child]))
    finalists = {
        child: Finalist(
            child,
            n_parameters[child],
            float(array.mean()),
            _behind(correct[first], array),
            len(found[child]) if folds else 0,
        )
        for child, array in correct.items()
    }
    best = finalists[first]
    equal = [finalists[c] for c in whole if not finalists[c].behind.is_distinguishable]
    level = [
        finalists[c] for c in whole if not _behind(correct[plain], correct[c]).is_distinguishable
    ]
    no_larger = [finalists[c] for c in whole if n_parameters[c] <= n_parameters[plain]]
    ordered = sorted(finalists.values(), key=lambda f: (-f.folds, -f.score, f.n_parameters))
    return Choice(
        chosen=min(equal, key=lambda f: (*simplicity(f.child), -f.score, *_smallest(f))),
        best=best,
        finalists=tuple(ordered),
        folds=folds,
        samples=most,
        smallest_as_accurate=min(level, key=_smallest),
        best_no_larger=max(no_larger, key=lambda f: (f.score, -f.n_parameters)),
    )


def _smallest(finalist: Finalist) -> tuple[int, float, Key]:
    return finalist.n_parameters, -finalist.score, finalist.child.key


def _clearly_behind(
    left: Sequence[Child],
    found: dict[Child, list[Evaluation]],
    plain: Child,
    has_two_objectives: bool,
) -> set[Child]:
    """Children that another beats beyond doubt; with two objectives one that is no larger."""
    correct = {child: _joined(found[child]) for child in left}
    n_parameters = {child: found[child][0].n_parameters for child in left}

    def is_beaten(child: Child) -> bool:
        rivals = [
            r for r in left if not has_two_objectives or n_parameters[r] <= n_parameters[child]
        ]
        behind = (_behind(correct[rival], correct[child]) for rival in rivals if rival != child)
        return any(d.mean > CLEARLY_BEHIND * d.standard_error for d in behind)

    return {child for child in left if child != plain and is_beaten(child)}


def _joined(evaluations: Sequence[Evaluation]) -> NDArray[Any]:
    return np.concatenate([evaluation.scores for evaluation in evaluations])


def _behind(best: NDArray[Any], other: NDArray[Any]) -> Difference:
    """How far `other` is behind, on the samples that both were scored on."""
    n = min(len(best), len(other))
    return paired_difference(best[None, :n], other[None, :n])
