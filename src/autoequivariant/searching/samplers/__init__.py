"""Optuna samplers of our own, beside Optuna's."""

from autoequivariant.searching.samplers.dqn import DQNSampler
from autoequivariant.searching.samplers.lattice import LatticeSampler
from autoequivariant.searching.samplers.registry import SAMPLERS, SINGLE_OBJECTIVE, make_sampler

__all__ = [
    "SAMPLERS",
    "SINGLE_OBJECTIVE",
    "DQNSampler",
    "LatticeSampler",
    "make_sampler",
]
