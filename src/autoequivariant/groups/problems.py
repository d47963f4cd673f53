"""Problems of the entries of a list, reported together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autoequivariant.errors import SymmetryError

MOST_LISTED = 10
"""Further entries are not looked at: a list may be long, and to explain a problem takes time."""


class Problems:
    """Collects what is wrong with single entries.

    Args:
        place: where the entries are, such as `mine.yaml: `; begins the message.
    """

    def __init__(self, place: str = "") -> None:
        self._place = place
        self._found: list[str] = []

    @contextmanager
    def noted(self, entry: str = "") -> Iterator[None]:
        """Note a `SymmetryError` instead of raising it, unless ten were noted before.

        Args:
            entry: which entry it is, such as `entry 3: `.
        """
        try:
            yield
        except SymmetryError as error:
            if len(self._found) == MOST_LISTED:
                self._found.append(f"Only the first {MOST_LISTED} problems are listed.")
                self.raise_if_any()
            self._found.append(f"{entry}{error}")

    def raise_if_any(self) -> None:
        """Raise what was noted.

        Raises:
            SymmetryError: anything was.
        """
        if self._found:
            raise SymmetryError(self._place + " ".join(self._found)) from None
