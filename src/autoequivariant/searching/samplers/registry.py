"""Which samplers there are, by the names that the command line takes."""

from __future__ import annotations

import warnings

import numpy as np
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, NSGAIISampler, RandomSampler, TPESampler

from autoequivariant.searching.samplers.dqn.sampler import DQNSampler
from autoequivariant.searching.samplers.lattice import LatticeSampler
from autoequivariant.searching.space import Space

SAMPLERS = ("auto", "lattice", "exhaustive", "random", "tpe", "nsga2", "dqn")
SINGLE_OBJECTIVE = ("dqn",)
"""Samplers that know one objective only."""

_POPULATION = 24  # of NSGA-II: Optuna's default of 50 is a quarter of all networks of the paper


def make_sampler(
    name: str,
    space: Space,
    seed: int,
    round_number: int,
    samples: int = 1000,
) -> BaseSampler:
    """Return a sampler for one round of proposals.

    Its random numbers depend on the seed and on how many proposals came before, not on what this
    process drew: so a search that was killed goes on as if it had not been.

    Args:
        name: one of `SAMPLERS`, but neither `auto` nor `exhaustive`, which needs none.
        space: what is searched.
        seed: the run's seed.
        round_number: proposals that came before this round.
        samples: for `lattice`, how many samples an accuracy is measured on.
    """
    drawn = int(np.random.SeedSequence((seed, round_number)).generate_state(1)[0])
    if name == "lattice":
        return LatticeSampler(space, samples, drawn)
    if name == "dqn":
        return DQNSampler(
            space.distributions, canonical=lambda point: space.child_at(point).key, seed=drawn
        )
    if name == "random":
        return RandomSampler(seed=drawn)
    if name == "nsga2":
        return NSGAIISampler(population_size=_POPULATION, seed=drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        # A round is proposed before any of it is scored, so its own members must repel each other.
        return TPESampler(seed=drawn, multivariate=True, constant_liar=True)
