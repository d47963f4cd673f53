"""CIFAR-10 in its binary version: https://www.cs.toronto.edu/~kriz/cifar.html.

A file holds records of 3,073 bytes: the label, then 1,024 red, 1,024 green and 1,024 blue values,
each row by row.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.published.part_files import Part, holds_any, read_parts
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

PICKLES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
FILES = tuple(f"{name}.bin" for name in PICKLES)

_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32
_CLASSES = 10
_COPIES = 3  # one batch, all batches, and with channels first


def holds_cifar(folder: Path) -> bool:
    """Return whether a file of CIFAR-10's names lies in `folder`, binary or pickled."""
    return holds_any(folder, (*FILES, *PICKLES))


def read_cifar(folder: Path, memory: MemoryBudget) -> Arrays:
    """Read `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, in this order.

    Returns:
        Images of shape `(n, 32, 32, 3)` and labels 0 to 9.

    Raises:
        DataError: the files are those of the pickled version, or one is missing or damaged.
        OSError: a file cannot be opened.
    """
    pickled = [name for name in PICKLES if (folder / name).is_file()]
    if pickled and not all((folder / name).is_file() for name in FILES):
        raise DataError(
            f"{folder} holds CIFAR-10's Python version: {pickled[0]} is a pickle, which could run "
            "code and is not read; fetch the binary version (cifar-10-binary.tar.gz)."
        )
    return read_parts(folder, FILES, "CIFAR-10's binary version", _read_batch, memory)


def _read_batch(path: Path, memory: MemoryBudget) -> Part:
    memory.reserve(_COPIES * path.stat().st_size)
    content = np.fromfile(path, np.uint8)
    if not content.size or content.size % _RECORD:
        raise DataError(
            f"{path} has {content.size:,} bytes, which are not records of {_RECORD:,}: it is cut "
            "short or not a file of CIFAR-10's binary version, so fetch it again."
        )
    records = content.reshape(-1, _RECORD)
    labels = records[:, 0]
    if labels.max() >= _CLASSES:
        raise DataError(
            f"{path} holds the label {labels.max()}, but CIFAR-10 has classes 0 to 9: it is "
            "damaged or of another data set, so fetch it again."
        )
    return np.moveaxis(records[:, 1:].reshape(-1, *_SHAPE), 1, -1), labels
