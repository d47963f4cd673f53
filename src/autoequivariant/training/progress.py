"""How a search reports its progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a search."""

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        """Begin a stage, in which `total` networks are trained, or candidates are tested."""

    def advance(self, networks: float) -> None:
        """Count more as done; a partly trained network counts as a fraction."""

    def best(self, text: str) -> None:
        """Describe the best network so far."""


class NoProgress:
    """Ignores all progress."""

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        """Do nothing."""

    def advance(self, networks: float) -> None:
        """Do nothing."""

    def best(self, text: str) -> None:
        """Do nothing."""


class PrefixedProgress:
    """Passes progress on, with a prefix before the name of every stage."""

    def __init__(self, progress: Progress, name: str) -> None:
        self.advance = progress.advance
        self.best = progress.best
        self._progress = progress
        self._name = name

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        """Begin a stage."""
        self._progress.stage(f"{self._name} {name}", total, unit)


class HeardProgress:
    """Passes progress on, and tells when there is some.

    Args:
        progress: receives it.
        on_progress: called before each stage, and whenever more is done.
    """

    def __init__(self, progress: Progress, on_progress: Callable[[], None]) -> None:
        self.best = progress.best
        self._progress, self._on_progress = progress, on_progress

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        """Begin a stage."""
        self._on_progress()
        self._progress.stage(name, total, unit)

    def advance(self, networks: float) -> None:
        """Count more as done."""
        if networks:
            self._on_progress()
        self._progress.advance(networks)
