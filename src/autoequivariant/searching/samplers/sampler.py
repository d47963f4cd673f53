"""What a search needs from a sampler: the class that every entry of the registry inherits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pkgutil import resolve_name
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from optuna.samplers import BaseSampler
from optuna.study import Study

from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child

BATCH_SIZE = 16
"""Proposals in a round, by default. Fixed, so that a search does not depend on the machine."""

S = TypeVar("S", bound=BaseSampler)


class SearchSampler(ABC, Generic[S]):
    """A way to search; `S` is the Optuna sampler that proposes.

    A search goes in rounds, unless there are many workers. Each round makes a new Optuna sampler,
    asks it for a batch of proposals, trains those that are new, and tells the study their scores.
    An instance is made without arguments and keeps nothing between rounds: what a round proposes
    must depend only on the study and on the arguments of `make`. Then an interrupted search resumes
    as if it had not been interrupted.

    Attributes:
        max_objectives: 1 if it handles the score only; 2 if it also handles the number of
            parameters, to be minimized (`--objective score,parameters`).
        allows_pruning: whether networks may be pruned while it searches.
    """

    max_objectives: ClassVar[int] = 2
    allows_pruning: ClassVar[bool] = True

    @abstractmethod
    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> S:
        """Return the Optuna sampler of one round.

        It is asked for several proposals before any of them is scored.

        Args:
            space: what to search; `space.distributions` are the parameters of the study.
            seed: the seed of the search.
            round_number: number of proposals before this round. Seed random numbers with
                `mixed_seed(seed, round_number)`, so that rounds differ.
            n_samples: number of validation samples behind each score.
        """

    def make_for_continuous(self, space: Space, seed: int, n_samples: int) -> S:
        """Return the Optuna sampler of a search without rounds, asked for one proposal at a time.

        Other networks are running then (`study.get_trials(states=[TrialState.RUNNING])`). Default:
        that of the first round.

        Args:
            space, n_samples: as in `make`.
            seed: of all of its random numbers.
        """
        return self.make(space, seed, 0, n_samples)

    def order(self, space: Space) -> Sequence[Child] | None:
        """Return all networks in the order in which to train them, if scores do not matter.

        The search then trains these and asks for no proposals. Default: None.
        """
        return None

    def batch_size(self, sampler: S, study: Study) -> int:
        """Return how many proposals, 1 or more, form the next round. Default: `BATCH_SIZE`."""
        return BATCH_SIZE

    def has_converged(self, sampler: S, study: Study, n_trained: int) -> bool:
        """Return whether to stop before the budget is spent. Default: False.

        Args:
            sampler: the sampler of the round that is about to start.
            study: the study; in a search with rounds none of its trials is running.
            n_trained: number of distinct networks trained so far.
        """
        return False


def mixed_seed(*numbers: int) -> int:
    """Return a 32-bit seed that depends on all of these non-negative integers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def load_sampler(name: str) -> SearchSampler[Any]:
    """Return the sampler registered under a name."""
    entry = SAMPLERS[name]
    sampler: SearchSampler[Any] = (resolve_name(entry) if isinstance(entry, str) else entry)()
    return sampler


def samplers_for(n_objectives: int) -> tuple[str, ...]:
    """Return the names of the registered samplers that handle this many objectives."""
    return tuple(name for name in SAMPLERS if load_sampler(name).max_objectives >= n_objectives)
