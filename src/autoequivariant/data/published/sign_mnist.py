"""Sign Language MNIST (ASL) in its two CSV files: https://www.kaggle.com/datamunge/sign-language-mnist.

A line is the label, then 784 pixels row by row. Labels are places in the alphabet, without 9 (J)
and 25 (Z), which are signed by movements.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.messages import library_errors
from autoequivariant.data.published.part_files import Part, read_parts
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

FILES = ("sign_mnist_train.csv", "sign_mnist_test.csv")

_SIDE = 28
_COPIES = 4  # the text, its lines, and the pixels
_HEADER = ",".join(("label", *(f"pixel{number}" for number in range(1, _SIDE * _SIDE + 1))))


def read_sign_mnist(folder: Path, memory: MemoryBudget) -> Arrays:
    """Read `sign_mnist_train.csv` and `sign_mnist_test.csv`.

    Returns:
        Images of shape `(n, 28, 28)` and labels as they are.

    Raises:
        DataError: a file is missing, or is no table of labels and pixels.
        OSError: a file cannot be opened.
    """
    return read_parts(folder, FILES, "Sign Language MNIST", _read_csv, memory)


def _read_csv(path: Path, memory: MemoryBudget) -> Part:
    memory.reserve(_COPIES * path.stat().st_size)
    with library_errors(f"{path} is damaged", "fetch it again"):
        header, *lines = path.read_text("utf-8-sig").splitlines() or [""]
        # Into bytes: a cell that is no whole number of 0 to 255 is refused here.
        table = np.loadtxt(lines or ["0"], np.uint8, delimiter=",", ndmin=2)
    if header.replace('"', "") != _HEADER or table.shape[1] != 1 + _SIDE * _SIDE:
        raise DataError(
            f"{path} is no file of Sign Language MNIST or is cut short: its columns are not label, "
            "pixel1, ..., pixel784; fetch it again."
        )
    return table[:, 1:].reshape(-1, _SIDE, _SIDE), table[:, 0]
