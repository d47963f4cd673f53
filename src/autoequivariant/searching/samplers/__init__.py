"""Samplers: what proposes the networks that a search trains."""

from autoequivariant.searching.samplers.registry import SAMPLERS, sampler_names

__all__ = ["SAMPLERS", "sampler_names"]
