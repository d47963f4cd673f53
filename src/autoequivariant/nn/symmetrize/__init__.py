"""Symmetries put into a model that a user already has."""

from autoequivariant.nn.symmetrize.symmetrize import symmetrize
from autoequivariant.nn.symmetrize.symmetrized import Symmetrized

__all__ = ["Symmetrized", "symmetrize"]
