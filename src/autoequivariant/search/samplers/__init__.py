"""Optuna samplers of our own, beside Optuna's."""

from autoequivariant.search.samplers.choice import SAMPLERS, SINGLE_OBJECTIVE, make_sampler
from autoequivariant.search.samplers.dqn import DQNSampler
from autoequivariant.search.samplers.lattice import LatticeSampler

__all__ = [
    "SAMPLERS",
    "SINGLE_OBJECTIVE",
    "DQNSampler",
    "LatticeSampler",
    "make_sampler",
]
