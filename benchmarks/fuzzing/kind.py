"""What a kind of input is: valid files, mutations of them, and the program that reads them."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from pathlib import Path

from fuzzing.mutate import Rng

MEMORY_LIMIT = 2**30
"""Bytes that reading may take in every case, as with `--memory-limit 1`."""


class Kind(ABC):
    """A kind of input. To add one, write a subclass and list it in `kinds.KINDS`.

    Attributes:
        name: of the kind, for `--kinds` and the table.
        share: of all cases, relative to other kinds.
    """

    name: str
    share: int

    @abstractmethod
    def make(self, folder: Path) -> None:
        """Write valid inputs into a new folder; called once, before all cases."""

    @abstractmethod
    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        """Write one mutated input into an empty folder.

        Args:
            rng: makes all choices.
            corpus: what `make` wrote; never changed.
            case: the folder.
        """

    @abstractmethod
    def feed(self, rng: Rng, case: Path) -> None:
        """Let the program read the input of a folder, as a command of `aen` would.

        Raises:
            AutoequivariantError: it is refused.
        """


def copy(corpus: Path, case: Path) -> None:
    """Copy the files of a corpus into the empty folder of a case."""
    shutil.copytree(corpus, case, dirs_exist_ok=True)
