"""What a search tells whoever watches it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Something that shows how far a search is."""

    def stage(self, name: str, total: int) -> None:
        """A new part of the work begins: so many networks are to be trained."""

    def advance(self, networks: float) -> None:
        """So many more networks are done; parts of one count."""

    def best(self, text: str) -> None:
        """The best so far has changed."""


class NoProgress:
    """Shows nothing."""

    def stage(self, name: str, total: int) -> None:
        """Show nothing."""

    def advance(self, networks: float) -> None:
        """Show nothing."""

    def best(self, text: str) -> None:
        """Show nothing."""


class PrefixedProgress:
    """Tells another one, of stages whose names begin with its own."""

    def __init__(self, progress: Progress, name: str) -> None:
        self.advance = progress.advance
        self.best = progress.best
        self._progress = progress
        self._name = name

    def stage(self, name: str, total: int) -> None:
        """Tell of a stage."""
        self._progress.stage(f"{self._name} {name}", total)
