"""Samplers that Optuna ships."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BruteForceSampler, NSGAIISampler, RandomSampler, TPESampler

from autoequivariant.searching.samplers.sampler import SearchSampler, mixed_seed
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child

_POPULATION = 24  # Optuna's default of 50 is a quarter of all networks of the paper


class Random(SearchSampler[RandomSampler]):
    """Uniformly random states."""

    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> RandomSampler:
        """Return the sampler of one round."""
        return RandomSampler(seed=mixed_seed(seed, round_number))


class TPE(SearchSampler[TPESampler]):
    """Tree-structured Parzen estimator over all parameters together."""

    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> TPESampler:
        """Return the sampler of one round."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            # No proposal of a round is scored before the next, so they must repel each other.
            return TPESampler(
                seed=mixed_seed(seed, round_number), multivariate=True, constant_liar=True
            )


class NSGA2(SearchSampler[NSGAIISampler]):
    """The genetic algorithm NSGA-II."""

    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> NSGAIISampler:
        """Return the sampler of one round."""
        return NSGAIISampler(population_size=_POPULATION, seed=mixed_seed(seed, round_number))


class Exhaustive(SearchSampler[BruteForceSampler]):
    """All distinct networks, fewest generators first: the baseline is the first."""

    allows_pruning = False

    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> BruteForceSampler:
        """Return a sampler of all states, for studies without a list of distinct networks."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return BruteForceSampler(seed=mixed_seed(seed, round_number))

    def order(self, space: Space) -> Sequence[Child]:
        """Return the listed networks."""
        return space.children
