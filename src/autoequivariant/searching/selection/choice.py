"""Choosing among the leaders: retraining on folds and paired differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autoequivariant.evidence.intervals import Difference, paired_difference
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.compared import Compared, mean_value
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child, Key
from autoequivariant.training.clock import DeadlineReached
from autoequivariant.training.evaluation import Evaluation

FINALISTS = 8
CLEARLY_BEHIND = 2.0
"""A finalist is pruned if it is behind another by more than this many standard errors."""
_FEWEST_CONTENDERS = 2
LEAST_FOLDS = 2
"""Nothing is pruned on fewer folds: standard errors are over samples, not over trainings."""


@dataclass(frozen=True)
class Finalist:
    """A leading network, retrained.

    Attributes:
        child: the network.
        n_parameters: its number of parameters.
        score: score on samples that it was not fitted on.
        value: mean of what is compared (`Compared`), larger is better.
        behind: paired difference from the best finalist, on the same samples.
        folds: number of folds it was retrained on; fewer than others' if it was pruned.
    """

    child: Child
    n_parameters: int
    score: float
    value: float
    behind: Difference
    folds: int


@dataclass(frozen=True)
class Choice:
    """The chosen network and its comparison with others.

    Attributes:
        chosen: of the finalists that are not distinguishable from the best, the first by
            `Problem.preference`; afterwards perhaps one that `use` leaves.
        best: the finalist with the highest mean value.
        finalists: all of them, best first.
        folds: number of folds they were retrained on; 0 if scores of the search were used.
        samples: number of samples that each was scored on.
        smallest_as_good: the finalist with the fewest parameters that is not distinguishably
            behind the baseline.
        best_no_larger: the finalist with the highest mean value and no more parameters than the
            baseline.
        compared: how they were compared.
    """

    chosen: Finalist
    best: Finalist
    finalists: tuple[Finalist, ...]
    folds: int
    samples: int
    smallest_as_good: Finalist
    best_no_larger: Finalist
    compared: Compared


def leading(problem: Problem, study: SearchStudy, most: int = FINALISTS) -> list[Child]:
    """Return the networks with the highest validation scores; of equal ones the smaller first."""
    return [problem.space.child(*key) for key in _ranked(study)[:most]]


def contenders(problem: Problem, trainer: FoldTrainer) -> list[Child]:
    """Return the leading networks; after direct tests, only two and those not clearly behind.

    What the tests leave to training is mostly wrong, and seen to be after one training.
    """
    study, clusters = trainer.study, trainer.clusters(0)
    found = leading(problem, study)
    if not problem.settings.tests or not found:
        return found
    scores = [recorded_evaluation(study, child, 0).scores[None] for child in found]
    behind = [
        paired_difference(scores[0], of_child, None if clusters is None else clusters[0])
        for of_child in scores
    ]
    is_close = [d.mean <= CLEARLY_BEHIND * d.standard_error for d in behind]
    return [child for n, child in enumerate(found) if is_close[n] or n < _FEWEST_CONTENDERS]


def front(problem: Problem, study: SearchStudy, most: int = FINALISTS) -> list[Child]:
    """Return the Pareto front of validation score and parameters, highest score first."""
    trained = study.trained()
    kept: list[Key] = []
    for key in _ranked(study):
        if not kept or trained[key].n_parameters < trained[kept[-1]].n_parameters:
            kept.append(key)
    return [problem.space.child(*key) for key in kept[:most]]


def _ranked(study: SearchStudy) -> list[Key]:
    """Return the networks that were not pruned, highest score first."""
    whole = {key: e for key, e in study.trained().items() if not e.pruned}
    return sorted(whole, key=lambda key: (-whole[key].score, whole[key].n_parameters, key))


def choose(problem: Problem, trainer: FoldTrainer) -> Choice:
    """Retrain the leading networks, the baseline and the start on folds, and choose one.

    Each is trained once for each fold of train and validation, with another seed, and scored on the
    samples left out. One that is clearly behind is pruned (successive halving: Karnin, Koren and
    Somekh, 2013), so that the last folds go to those that are not distinguishable. Scores of the
    search do not count: they selected the finalists, so they are too high. A single finalist is
    chosen without retraining.

    Raises:
        Interrupted: the user stopped the run.
    """
    children = (
        front(problem, trainer.study)
        if problem.has_two_objectives
        else contenders(problem, trainer)
    )
    baseline, start = problem.space.baseline, problem.space.start
    is_trained = trainer.study.evaluation(start) is not None
    for child in (baseline, start) if is_trained else (baseline,):
        if child not in children:
            children.append(child)
    n_folds = trainer.n_folds if len(children) > 1 else 0
    trainer.progress.stage("compare", len(children) * n_folds)
    compared = Compared(trainer.n_folds, problem.compares_losses, trainer.clusters(n_folds))
    found, folds = _retrain(problem, trainer, children, n_folds, compared)
    if not folds:
        found = {child: [recorded_evaluation(trainer.study, child, 0)] for child in children}
        compared = Compared(trainer.n_folds, by_loss=False, clusters=trainer.clusters(0))
    of_tests = start if problem.settings.tests and problem.space.holding else None
    return decide(found, baseline, folds, problem.preference, compared, of_tests=of_tests)


def choose_again(problem: Problem, choice: Choice, chosen: Child, trainer: FoldTrainer) -> Choice:
    """Return the choice with another chosen network, which was trained on all its folds."""
    children = dict.fromkeys([*(one.child for one in choice.finalists), chosen])
    folds = {one.child: one.folds for one in choice.finalists} | {chosen: choice.folds}
    found = {
        child: [recorded_evaluation(trainer.study, child, n + 1) for n in range(folds[child])]
        for child in children
    }
    baseline = problem.space.baseline
    return decide(found, baseline, choice.folds, problem.preference, choice.compared, chosen)


def _retrain(
    problem: Problem,
    trainer: FoldTrainer,
    children: Sequence[Child],
    n_folds: int,
    compared: Compared,
) -> tuple[dict[Child, list[Evaluation]], int]:
    """Return each child's evaluations, and the number of folds that ended before the deadline."""
    found: dict[Child, list[Evaluation]] = {child: [] for child in children}
    left, folds = children, 0
    try:
        for fold in range(1, n_folds + 1):
            trainer.train(left, fold)
            for child in left:
                found[child].append(recorded_evaluation(trainer.study, child, fold))
            folds = fold
            if folds >= LEAST_FOLDS:
                pruned = _clearly_behind(left, found, problem, compared)
                left = [child for child in left if child not in pruned]
                trainer.progress.advance(len(pruned) * (n_folds - folds))
    except DeadlineReached:
        pass  # complete folds decide
    return found, folds


def decide(
    found: dict[Child, list[Evaluation]],
    baseline: Child,
    folds: int,
    preference: Callable[[Child], tuple[int, ...]],
    compared: Compared,
    chosen: Child | None = None,
    of_tests: Child | None = None,
) -> Choice:
    """Choose from evaluations of each child on the same samples in the same order.

    Args:
        found: an evaluation for each child and fold, in order; fewer folds if it was pruned.
        baseline: the child that is the baseline.
        folds: number of folds; 0 if the evaluations are the search's.
        preference: smaller for children to prefer (`Problem.preference`).
        compared: how they are compared.
        chosen: the child to choose. Default: the preferred one.
        of_tests: the closure of what holds, which is preferred unless it is clearly behind: that it
            holds is known, so it need not be shown to help. Default: none.
    """
    scores = {
        child: np.concatenate([evaluation.scores for evaluation in evaluations])
        for child, evaluations in found.items()
    }
    values = {child: compared.values(evaluations) for child, evaluations in found.items()}
    means = {child: mean_value(of_child) for child, of_child in values.items()}
    n_parameters = {child: evaluations[0].n_parameters for child, evaluations in found.items()}
    most = max(len(array) for array in scores.values())
    whole = [child for child in found if len(scores[child]) == most]
    first = max(whole, key=lambda child: (means[child], -n_parameters[child]))
    finalists = {
        child: Finalist(
            child,
            n_parameters[child],
            float(array.mean()),
            means[child],
            compared.ahead(values[first], values[child]),
            len(found[child]) if folds else 0,
        )
        for child, array in scores.items()
    }
    equal = [finalists[c] for c in whole if not finalists[c].behind.is_distinguishable]
    if of_tests in whole and of_tests is not None:
        behind = finalists[of_tests].behind
        if behind.is_distinguishable and behind.mean <= CLEARLY_BEHIND * behind.standard_error:
            equal.append(finalists[of_tests])
    as_good = [
        finalists[c]
        for c in whole
        if not compared.ahead(values[baseline], values[c]).is_distinguishable
    ]
    no_larger = [finalists[c] for c in whole if n_parameters[c] <= n_parameters[baseline]]
    ordered = sorted(finalists.values(), key=lambda f: (-f.folds, -f.value, f.n_parameters))
    preferred = min(equal, key=lambda f: (*preference(f.child), -f.value, *_smallest(f)))
    return Choice(
        chosen=preferred if chosen is None else finalists[chosen],
        best=finalists[first],
        finalists=tuple(ordered),
        folds=folds,
        samples=most,
        smallest_as_good=min(as_good, key=_smallest),
        best_no_larger=max(no_larger, key=lambda f: (f.value, -f.n_parameters)),
        compared=compared,
    )


def _smallest(finalist: Finalist) -> tuple[int, float, Key]:
    return finalist.n_parameters, -finalist.value, finalist.child.key


def _clearly_behind(
    left: Sequence[Child],
    found: dict[Child, list[Evaluation]],
    problem: Problem,
    compared: Compared,
) -> set[Child]:
    """Return children that another clearly beats; with two objectives, one that is no larger."""
    values = {child: compared.values(found[child]) for child in left}
    n_parameters = {child: found[child][0].n_parameters for child in left}

    def is_beaten(child: Child) -> bool:
        behind = (
            compared.ahead(values[rival], values[child])
            for rival in left
            if rival != child
            and (not problem.has_two_objectives or n_parameters[rival] <= n_parameters[child])
        )
        return any(d.mean > CLEARLY_BEHIND * d.standard_error for d in behind)

    kept = problem.space.baseline, problem.space.start
    return {child for child in left if child not in kept and is_beaten(child)}
