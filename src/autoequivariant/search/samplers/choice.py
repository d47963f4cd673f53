"""Which samplers there are, by the names that the command line takes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from autoequivariant.search.samplers.exhaustive import ExhaustiveSampler, Point

SAMPLERS = ("auto", "exhaustive", "random", "tpe")


def make_sampler(name: str, points: Sequence[Point], seed: int, round_number: int) -> BaseSampler:
    """Return a sampler for one round of proposals.

    Its random numbers depend on the seed and on how many proposals came before, not on what this
    process drew: so a search that was killed goes on as if it had not been.

    Args:
        name: `exhaustive`, `random` or `tpe`.
        points: for `exhaustive`, what to propose.
        seed: the run's seed.
        round_number: proposals that came before this round.
    """
    if name == "exhaustive":
        return ExhaustiveSampler(points, dict.fromkeys(points[0], (False, True)))
    drawn = int(np.random.SeedSequence((seed, round_number)).generate_state(1)[0])
    if name == "random":
        return RandomSampler(seed=drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        # A round is proposed before any of it is scored, so its own members must repel each other.
        return TPESampler(seed=drawn, multivariate=True, constant_liar=True)
