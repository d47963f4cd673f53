"""The unit of training in a search."""

from __future__ import annotations

from dataclasses import dataclass

Key = tuple[tuple[int, ...], int]
"""A child's closed state and width (`Child.key`)."""


@dataclass(frozen=True)
class Child:
    """A closed state at one width.

    Attributes:
        members: sorted numbers of all on/off parameters of the closed state.
        generators: parameters whose closure it is.
        width: see `Family.width_name`.
    """

    members: tuple[int, ...]
    generators: tuple[int, ...]
    width: int

    @property
    def key(self) -> Key:
        """What identifies a child, whatever its generators."""
        return self.members, self.width
