"""Choosing among the leaders: other seeds and splits, paired differences, fewest weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data import fold, fold_count
from autoequivariant.groups import Network
from autoequivariant.search.clock import Clock, OutOfTime
from autoequivariant.search.evaluate import Evaluation
from autoequivariant.search.evidence import Difference, paired_difference
from autoequivariant.search.problem import Problem
from autoequivariant.search.progress import Progress
from autoequivariant.search.study import SearchStudy

FINALISTS = 8


@dataclass(frozen=True)
class Finalist:
    """A leading network and what its further trainings say.

    Attributes:
        network: which.
        weights: its number of trainable numbers.
        accuracy: accuracy on samples that it was not fitted on.
        behind: how far it is behind the best finalist, with its standard error.
    """

    network: Network
    weights: int
    accuracy: float
    behind: Difference


@dataclass(frozen=True)
class Choice:
    """The chosen network and the grounds.

    Attributes:
        chosen: the finalist with the fewest weights among those not distinguishable from the best.
        best: the finalist with the highest accuracy.
        finalists: all of them, best first.
        trainings: how often each was trained again; 0 if only the search's own scores were used.
        samples: how many samples each was scored on.
    """

    chosen: Finalist
    best: Finalist
    finalists: tuple[Finalist, ...]
    trainings: int
    samples: int


def leading(problem: Problem, study: SearchStudy, most: int = FINALISTS) -> list[Network]:
    """Return the trained networks that lead on validation; of equal ones the smaller first."""
    trained = study.trained()
    order = sorted(trained, key=lambda m: (-trained[m].accuracy, trained[m].weights, m))
    return [problem.network(frozenset(members)) for members in order[:most]]


def choose(
    problem: Problem,
    study: SearchStudy,
    clock: Clock,
    progress: Progress,
    reserve: float = 0.0,
) -> Choice:
    """Train the leading networks again and choose one.

    The plain network is compared with them, also where it is behind. Each is trained once for each
    fold of train and validation, every time with another seed, and scored on the samples left out.
    The search's own scores do not count here: they are why a network is a finalist, so they flatter
    it.

    Raises:
        Interrupted: a person asked to stop.
    """
    networks = leading(problem, study)
    if problem.plain not in networks:
        networks.append(problem.plain)  # a symmetry has to stand comparison with none
    count = fold_count(problem.data)
    progress.stage("compare", len(networks) * count)
    whole = 0
    try:
        for replicate in range(1, count + 1):
            _train_fold(problem, networks, replicate, study, clock, progress, reserve)
            whole = replicate
    except OutOfTime:
        pass  # the folds that are whole decide
    replicates = range(1, whole + 1) if whole else range(1)
    found = [[_recorded(study, network, r) for r in replicates] for network in networks]
    return decide(networks, found, whole)


def decide(networks: list[Network], found: list[list[Evaluation]], trainings: int) -> Choice:
    """Choose from evaluations of each network on the same samples in the same order."""
    correct = [np.concatenate([evaluation.correct for evaluation in row]) for row in found]
    weights = [row[0].weights for row in found]
    first = max(range(len(networks)), key=lambda k: (correct[k].mean(), -weights[k]))
    finalists = [
        Finalist(network, n, float(array.mean()), _behind(correct[first], array))
        for network, n, array in zip(networks, weights, correct, strict=True)
    ]
    equal = [f for f in finalists if not f.behind.is_distinguishable]
    chosen = min(equal, key=lambda f: (f.weights, -f.accuracy, f.network.members))
    ordered = sorted(finalists, key=lambda f: (-f.accuracy, f.weights))
    return Choice(chosen, finalists[first], tuple(ordered), trainings, correct[0].size)


def _behind(best: NDArray[np.bool_], other: NDArray[np.bool_]) -> Difference:
    return paired_difference(best[None], other[None])


def _recorded(study: SearchStudy, network: Network, replicate: int) -> Evaluation:
    evaluation = study.evaluation(network, replicate)
    if evaluation is None:
        raise LookupError(f"network {network.members} has no evaluation {replicate}")
    return evaluation


def _train_fold(
    problem: Problem,
    networks: list[Network],
    replicate: int,
    study: SearchStudy,
    clock: Clock,
    progress: Progress,
    reserve: float,
) -> None:
    missing = [network for network in networks if study.evaluation(network, replicate) is None]
    progress.advance(len(networks) - len(missing))
    if not missing:
        return
    count = fold_count(problem.data)
    splits = fold(problem.data, replicate - 1, count, problem.settings.seed)
    evaluator = problem.evaluator(*splits)

    def on_step() -> None:
        clock.check(reserve)
        progress.advance(min(len(missing), evaluator.at_once) / evaluator.steps)

    done = 0
    for evaluations in evaluator.evaluate(missing, replicate, on_step):
        study.record(missing[done : done + len(evaluations)], replicate, evaluations)
        done += len(evaluations)
