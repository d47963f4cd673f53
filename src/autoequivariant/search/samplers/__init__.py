"""Optuna samplers of our own, beside Optuna's."""

from autoequivariant.search.samplers.choice import SAMPLERS, make_sampler
from autoequivariant.search.samplers.exhaustive import ExhaustiveSampler

__all__ = ["SAMPLERS", "ExhaustiveSampler", "make_sampler"]
