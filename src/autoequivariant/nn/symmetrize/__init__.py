"""Symmetries put into a model that a user already has."""

from autoequivariant.nn.symmetrize.symmetrized import Symmetrized
from autoequivariant.nn.symmetrize.wrap import symmetrize

__all__ = ["Symmetrized", "symmetrize"]
