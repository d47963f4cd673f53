"""Published data sets whose files each hold samples with their labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

Part = tuple[NDArray[Any], NDArray[Any]]
"""Samples and labels."""


def holds_any(folder: Path, names: Sequence[str]) -> bool:
    """Return whether a file of one of these names lies in `folder`."""
    return any((folder / name).is_file() for name in names)


def read_parts(
    folder: Path,
    names: Sequence[str],
    title: str,
    read_part: Callable[[Path, MemoryBudget], Part],
    memory: MemoryBudget,
) -> Arrays:
    """Read files of which the last is the test set and the others together are the training set.

    Args:
        folder: the files' folder.
        names: of the files.
        title: what the files are, for messages.
        read_part: reads one file, and reserves memory before.
        memory: what reading may take.

    Raises:
        DataError: a file is missing, or `read_part` refuses it.
        OSError: a file cannot be opened.
    """
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        them = "it" if len(missing) == 1 else "them"
        raise DataError(f"{folder} lacks {', '.join(missing)} of {title}: add {them}.")
    *train, test = (read_part(folder / name, memory) for name in names)
    x, y = train[0] if len(train) == 1 else map(np.concatenate, zip(*train, strict=True))
    return Arrays(x, y, *test)
