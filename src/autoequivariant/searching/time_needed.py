"""How long a run may take, from a few steps of training, and a full training within its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from statistics import median

import numpy as np

from autoequivariant.data.folds import fold_count, scored_folds
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.lattice import BATCH_AFTER_SCREENING, MIN_SCREENINGS
from autoequivariant.searching.samplers.sampler import load_sampler
from autoequivariant.searching.selection.ablation import MOST_ABLATED
from autoequivariant.searching.selection.choice import FINALISTS
from autoequivariant.searching.selection.uses import asks_evidence
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.families.family import Trainer
from autoequivariant.training.loop import Training

_TRIES, _BEST = 5, 2
"""Time of the trainings that a full fit tries for each of `Family.moves`, on each fold, and of the
best on all samples: in units of one by the recipe. Of MLPs of six tables and boards, the tries took
5 to 54 units for four moves, with a median of 20.
"""
_SHARE_FOR_TRAINING = 0.9  # of the time that is left; the rest is for tests and files
_STEPS = 5  # of a training that is timed
_TIMED_TOGETHER = 8  # networks, where several train as one
_CONTENDERS = 0.6  # share of the finalists that are not clearly behind
_ON_FOLDS = 2  # networks that are left out again
_RIVALS, _RIVAL_ROUNDS = 3, 2  # networks at the end: one by one, or two of them side by side


class _Enough(Exception):
    """Ends a training that is only timed."""


def seconds_to_train(
    evaluator: Evaluator, *children: Child, check: Callable[[], None] = lambda: None
) -> float:
    """Return the approximate seconds that one worker takes to train a network, or several as one.

    A few steps are trained on a worker, and their result is forgotten. `check` is called meanwhile,
    also while no worker is free; it may raise to stop.
    """
    return evaluator.on_worker(partial(_seconds_to_train, children), lambda count: check())


def _seconds_to_train(children: Sequence[Child], trainer: Trainer, on_step: OnStep) -> float:
    times: list[float] = []

    def timed(_: int) -> None:
        on_step(0)
        times.append(time.perf_counter())
        if len(times) > _STEPS:
            raise _Enough

    start = time.perf_counter()
    with suppress(_Enough):
        trainer.train(0, children, timed)
    if len(times) <= _STEPS:  # it is over already
        return time.perf_counter() - start
    # The first step allocates memory; another may wait for the machine.
    return trainer.steps * median(np.diff(times[1:]).tolist())


def training_in_time(problem: Problem, n_samples: int, clock: Clock, rounds: int = 1) -> Training:
    """Return the full training, limited to its part of the time that is left.

    Args:
        problem: what is trained.
        n_samples: number of training samples.
        clock: has the time limit, if there is one.
        rounds: trainings that follow each other. Default: 1.
    """
    training = problem.full_training(n_samples)
    if clock.timeout is None:
        return training
    left = max(0.0, clock.timeout - clock.elapsed)
    return replace(training, seconds=_SHARE_FOR_TRAINING * left / rounds)


def seconds_needed(
    experiment: Experiment,
    searched: Evaluator,
    final: Evaluator,
    workers: int,
    rivals: bool,
    check: Callable[[], None] = lambda: None,
) -> float | None:
    """Return how long a run may take until its end.

    None for a search of networks that are trained together: it is short, and a few steps say little
    of it. Before a full fit they say enough, as that takes most of the time.

    Args:
        experiment: what is searched, and the data.
        searched, final: train networks in the search, and those that are handed over; of a full
            fit, as long as the recipe says.
        workers: processes that train.
        rivals: whether the chosen network is compared with its rivals.
        check: as in `seconds_to_train`.
    """
    problem, is_full = experiment.problem, experiment.problem.settings.fits == "full"
    if problem.most_together > 1 and not is_full:
        return None
    some = list(dict.fromkeys([problem.space.baseline, problem.space.start, *_largest(problem)]))
    each = _seconds_each(problem, searched, some, check)
    networks = _networks(problem)
    compared = min(FINALISTS, networks) * _CONTENDERS + _ON_FOLDS
    compared += _evidence(problem)
    last = [seconds_to_train(final, child, check=check) for child in {some[0], some[-1]}]
    finals = max(last) if workers > 1 else sum(last)
    longest = max(last)
    if is_full:
        finals = seconds_of_full_fit(experiment, longest, len(last), workers)
        longest *= _BEST
    finals += rivals * (_RIVAL_ROUNDS if workers > 1 else _RIVALS) * longest
    return (networks + compared * fold_count(experiment.data)) * each / workers + finals


def seconds_of_full_fit(experiment: Experiment, each: float, networks: int, workers: int) -> float:
    """Return about how long a full fit takes, with the other trainings that it tries.

    Args:
        experiment: the problem and its data.
        each: seconds of a training by the recipe, on one core.
        networks: that are fitted.
        workers: processes that train.
    """
    problem, size = experiment.problem, experiment.known_size
    family, allowed = problem.family, problem.settings.fit_seconds
    tries = _TRIES * len(family.moves) * scored_folds(experiment.data)
    nominal = family.nominal_seconds(problem.space.baseline, problem.full_training(size), size)
    if nominal is not None:  # the time is that of one core, which has its own speed
        allowed *= each / nominal / workers
    last = each * networks / min(networks, workers)
    return max(last, min(allowed, networks * tries * each / workers + _BEST * last))


def _seconds_each(
    problem: Problem, evaluator: Evaluator, some: Sequence[Child], check: Callable[[], None]
) -> float:
    """Return the seconds of a network in the search."""
    if problem.most_together == 1:
        return sum(seconds_to_train(evaluator, child, check=check) for child in some) / len(some)
    most = min(problem.most_together, _TIMED_TOGETHER)
    alike = [child for child in problem.space.first if child.width == some[0].width][:most]
    return seconds_to_train(evaluator, *alike, check=check) / len(alike)


def _evidence(problem: Problem) -> int:
    """Return how many networks show the use of undecided candidates: about one for each."""
    undecided = sum(one.verdict == "undecided" for one in problem.verdicts)
    return min(undecided, MOST_ABLATED) if asks_evidence(problem) else 0


def _largest(problem: Problem) -> list[Child]:
    """Return the neighbour with the most symmetries, which takes the longest."""
    return sorted(problem.space.neighbours, key=lambda child: -len(child.members))[:1]


def _networks(problem: Problem) -> int:
    """Return how many networks a search may train."""
    space, budget = problem.space, problem.settings.budget
    first = len(space.first)
    if problem.is_decided:
        return min(first, budget)
    if load_sampler(problem.sampler).order(space) is not None:
        return min(space.size or budget, budget)
    is_screened = space.holding or space.one_at_a_time
    screened = first if is_screened else MIN_SCREENINGS * first
    most = budget if problem.sampler != "lattice" else screened + BATCH_AFTER_SCREENING
    return min(most, budget, space.size or budget)
