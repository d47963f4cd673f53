"""What a search trains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Child:
    """A distinct network of one width.

    Attributes:
        members: the numbers of all on/off parameters that it has, in order: a closed state.
        generators: parameters whose closure that is.
        width: its width (`Family.width_name`).
    """

    members: tuple[int, ...]
    generators: tuple[int, ...]
    width: int

    @property
    def key(self) -> tuple[tuple[int, ...], int]:
        """What tells it from other children, whatever generators it is known by."""
        return self.members, self.width
