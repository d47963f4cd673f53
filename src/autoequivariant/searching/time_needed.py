"""How long a run may take, from a few steps of training, and a full training within its time."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from statistics import median

import numpy as np
import torch

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.lattice import BATCH_AFTER_SCREENING, MIN_SCREENINGS
from autoequivariant.searching.samplers.sampler import load_sampler
from autoequivariant.searching.selection.ablation import MOST_ABLATED
from autoequivariant.searching.selection.choice import FINALISTS
from autoequivariant.searching.selection.uses import asks_evidence
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.loop import Training

FULL_FIT = 12
"""Time of a full fit in units of one by the recipe: longer and wider ones, and the best on all
samples.
"""
_SHARE_FOR_TRAINING = 0.9  # of the time that is left; the rest is for tests and files
_STEPS = 5  # of a training that is timed
_CONTENDERS = 0.6  # share of the finalists that are not clearly behind
_ON_FOLDS = 2  # networks that are left out again
_RIVALS, _RIVAL_ROUNDS = 3, 2  # networks at the end: one by one, or two of them side by side


class _Enough(Exception):
    """Ends a training that is only timed."""


def seconds_to_train(evaluator: Evaluator, child: Child) -> float:
    """Return the approximate seconds that one process takes to train a network.

    A few steps are trained in this process, and their result is forgotten.
    """
    times: list[float] = []

    def on_step(_: int) -> None:
        times.append(time.perf_counter())
        if len(times) > _STEPS:
            raise _Enough

    threads, start = torch.get_num_threads(), time.perf_counter()
    torch.set_num_threads(1)  # as in a worker
    try:
        with suppress(_Enough):
            evaluator.trainer.train(0, [child], on_step)
    finally:
        torch.set_num_threads(threads)
    if len(times) <= _STEPS:  # it is over already
        return time.perf_counter() - start
    # The first step allocates memory; another may wait for the machine.
    return evaluator.steps * median(np.diff(times[1:]).tolist())


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
    problem: Problem,
    searched: Evaluator,
    final: Evaluator,
    folds: int,
    workers: int,
    rivals: bool,
) -> float | None:
    """Return how long a run may take until its end; None for networks that are trained together,
    of which a few steps say little.

    Args:
        problem: what is searched.
        searched, final: train networks in the search, and those that are handed over; of a full
            fit, as long as the recipe says.
        folds: on which the leading networks are compared.
        workers: processes that train.
        rivals: whether the chosen network is compared with its rivals.
    """
    if problem.trains_together:
        return None
    some = list(dict.fromkeys([problem.space.baseline, problem.space.start, *_largest(problem)]))
    each = sum(seconds_to_train(searched, child) for child in some) / len(some)
    networks = _networks(problem)
    compared = min(FINALISTS, networks) * _CONTENDERS + _ON_FOLDS
    compared += _evidence(problem)
    last = [seconds_to_train(final, child) for child in {some[0], some[-1]}]
    finals = max(last) if workers > 1 else sum(last)
    longest = max(last)
    if problem.settings.fits == "full":
        finals, longest = min(problem.settings.fit_seconds, finals * FULL_FIT), 2 * longest
    finals += rivals * (_RIVAL_ROUNDS if workers > 1 else _RIVALS) * longest
    return (networks + compared * folds) * each / workers + finals


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
