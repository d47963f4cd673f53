"""What each candidate does to the score: paired differences on the same validation samples.

Alone: the network of this one symmetry against the plain one, each as it was trained. Where both
were trained again for the comparison, those trainings are taken: they did not make a network a
finalist. But they ended early for one that was clearly behind, and the choice was made by them. In
company: over all pairs of trained networks that differ in
this candidate alone, the mean difference on each sample.

Both are means over samples with the normal interval of their standard error. So an interval holds
for other samples of the same kind, and not for other seeds: each training is one of many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.intervals import paired_difference
from autoequivariant.report.render.formatting import augmentation
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation


@dataclass(frozen=True)
class Difference:
    """A difference of scores with its 95% interval, and what it comes from.

    Attributes:
        mean: of with and without.
        interval: of the mean.
        samples: how many samples it is a mean of.
        pairs: how many pairs of networks.
        trainings: how often each network was trained again for it; 0 where it is of the search.
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
        name: which; an augmentation is called one, as a symmetry may have the same name.
        alone: against the plain network; None where it cannot be said.
        reason: why not; empty where it can.
        company: over pairs of networks; None where there is no pair.
    """

    name: str
    alone: Difference | None
    reason: str
    company: Difference | None


def effects_of(problem: Problem, study: SearchStudy) -> tuple[Effect, ...]:
    """Return the effect of every candidate, then of every augmentation."""
    first = len(problem.candidates)
    names = [*problem.symmetries(range(first))]
    names += map(augmentation, problem.augmentations(range(len(problem.space.names))))
    found = []
    for number, name in enumerate(names):
        alone = _alone(problem, study, number)
        found.append(
            Effect(
                name,
                alone if isinstance(alone, Difference) else None,
                alone if isinstance(alone, str) else "",
                _in_company(problem, study, number),
            )
        )
    return tuple(found)


def _alone(problem: Problem, study: SearchStudy, number: int) -> Difference | str:
    """The effect against the plain network, or why it cannot be said."""
    plain, single = problem.space.baseline, problem.space.child([number])
    if single.key == plain.key:
        return "changes nothing: the plain network has it already"
    pair = study.evaluation(single), study.evaluation(plain)
    if pair[0] is None:
        return "not trained alone"
    if pair[1] is None:
        return "the plain network was not trained"
    again = _trained_again(study, single, plain)
    if again:
        return _paired(
            [(np.concatenate([a for a, _ in again]), np.concatenate([b for _, b in again]))],
            len(again),
        )
    for evaluation in pair:
        if evaluation is not None and evaluation.pruned:
            return f"given up after {len(evaluation.curve)} of {problem.training.epochs} epochs"
    return _paired([(_hits(pair[0]), _hits(pair[1]))], 0)


def _trained_again(
    study: SearchStudy, one: Child, other: Child
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Scores of both in each further training that both had."""
    found: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    replicate = 1
    while True:
        pair = study.evaluation(one, replicate), study.evaluation(other, replicate)
        if pair[0] is None or pair[1] is None:
            return found
        found.append((_hits(pair[0]), _hits(pair[1])))
        replicate += 1


def _in_company(problem: Problem, study: SearchStudy, number: int) -> Difference | None:
    trained = {key: e for key, e in study.trained().items() if not e.pruned}
    pairs = []
    for (members, width), without in trained.items():
        if number in members:
            continue
        key = problem.space.child({*members, number}, width).key
        if key in trained and key[1] == width:
            pairs.append((_hits(trained[key]), _hits(without)))
    return _paired(pairs, 0) if pairs else None


def _paired(
    pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], folds: int
) -> Difference:
    """Mean over samples of the mean difference over pairs."""
    found = paired_difference(
        np.stack([one for one, _ in pairs]), np.stack([other for _, other in pairs])
    )
    return Difference(found.mean, found.interval(), int(pairs[0][0].size), len(pairs), folds)


def _hits(evaluation: Evaluation) -> NDArray[np.float64]:
    """What each sample adds to the score."""
    return np.asarray(evaluation.scores, np.float64)
