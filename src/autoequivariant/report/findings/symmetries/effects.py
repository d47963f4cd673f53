"""What each candidate does to the score: paired differences on the same validation samples.

The main effect compares the network of one symmetry with the baseline. If both were retrained as
finalists, those folds are used, because they did not select the finalists; but they ended early
for a network that was clearly behind. The averaged effect is the mean over all pairs of trained
networks that differ in the candidate alone.

Both are means over samples with a normal 95% interval. An interval holds for other samples of the
same kind, not for other seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.intervals import paired_difference
from autoequivariant.report.render.formatting import augmentation
from autoequivariant.report.render.symmetry_names import in_words
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation


@dataclass(frozen=True)
class Difference:
    """A difference of scores, with minus without a candidate.

    Attributes:
        mean: over samples.
        interval: its 95% interval.
        samples: number of samples.
        pairs: number of pairs of networks.
        folds: folds on which both networks were retrained; 0 for scores of the search.
    """

    mean: float
    interval: tuple[float, float]
    samples: int
    pairs: int
    folds: int


@dataclass(frozen=True)
class Effect:
    """What one candidate or augmentation does to the score.

    Attributes:
        name: of the candidate (`formatting.augmentation` for an augmentation).
        main: the main effect, against the baseline; None if it was not measured.
        reason: why not; empty if it was.
        averaged: the effect averaged over other symmetries; None if there is no pair.
    """

    name: str
    main: Difference | None
    reason: str
    averaged: Difference | None


def effects_of(problem: Problem, study: SearchStudy) -> tuple[Effect, ...]:
    """Return the effects of every candidate, then of every augmentation."""
    first = len(problem.candidates)
    names = list(map(in_words, problem.symmetries(range(first))))
    names += map(augmentation, problem.augmentations(range(len(problem.space.names))))
    found = []
    for number, name in enumerate(names):
        main = _main(problem, study, number)
        averaged = _averaged(problem, study, number)
        if isinstance(main, str):
            found.append(Effect(name, None, main, averaged))
        else:
            found.append(Effect(name, main, "", averaged))
    return tuple(found)


def _main(problem: Problem, study: SearchStudy, number: int) -> Difference | str:
    """The main effect, or why it was not measured."""
    if number in problem.space.excluded:
        return "does not hold, so it was not trained"
    baseline, single = problem.space.baseline, problem.space.child([number])
    if single.key == baseline.key:
        return "changes nothing: the baseline has it already"
    one, other = study.evaluation(single), study.evaluation(baseline)
    if one is None:
        return "not trained alone"
    if other is None:
        return "the baseline was not trained"
    folds = _retrained(study, single, baseline)
    if folds:
        both = tuple(np.concatenate(scores) for scores in zip(*folds, strict=True))
        return _paired([(both[0], both[1])], len(folds))
    pruned = one if one.pruned else other
    if pruned.pruned:
        return f"pruned after {len(pruned.curve)} of {problem.training.epochs} epochs"
    return _paired([(_scores(one), _scores(other))], 0)


def _retrained(
    study: SearchStudy, one: Child, other: Child
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The scores of both on each fold on which both were retrained."""
    found: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    while True:
        replicate = len(found) + 1
        pair = study.evaluation(one, replicate), study.evaluation(other, replicate)
        if pair[0] is None or pair[1] is None:
            return found
        found.append((_scores(pair[0]), _scores(pair[1])))


def _averaged(problem: Problem, study: SearchStudy, number: int) -> Difference | None:
    trained = {key: e for key, e in study.trained().items() if not e.pruned}
    if number in problem.space.excluded:
        return None
    pairs = []
    for (members, width), without in trained.items():
        if number in members:
            continue
        key = problem.space.child({*members, number}, width).key
        if key in trained and key[1] == width:
            pairs.append((_scores(trained[key]), _scores(without)))
    return _paired(pairs, 0) if pairs else None


def _paired(
    pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], folds: int
) -> Difference:
    found = paired_difference(
        np.stack([one for one, _ in pairs]), np.stack([other for _, other in pairs])
    )
    return Difference(found.mean, found.interval(), int(pairs[0][0].size), len(pairs), folds)


def _scores(evaluation: Evaluation) -> NDArray[np.float64]:
    return np.asarray(evaluation.scores, np.float64)
