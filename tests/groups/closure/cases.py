"""Symmetries that several tests share."""

from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry

STAGGER = Symmetry(
    "stagger", custom=CustomAction(like=Symmetry("shift", (1,)), outputs=Permutation([1, 0]))
)
"""A shift by one place, after which even is odd."""
