"""EMNIST in the IDX files of NIST: https://www.nist.gov/itl/products-and-services/emnist-dataset.

The archive holds six data sets side by side, distinguished by their names, as in
`emnist-letters-train-images-idx3-ubyte.gz`. Its images are stored column by column, so that they
look transposed beside those of MNIST (Cohen et al., arXiv 1702.05373, made them with MATLAB).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.idx_folder import holds_idx_files, read_idx_folder
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

SETS = ("balanced", "byclass", "bymerge", "digits", "letters", "mnist")


def holds_emnist(folder: Path) -> bool:
    """Return whether files of any of EMNIST's sets lie in `folder`."""
    return bool(_sets(folder))


def read_emnist(folder: Path, memory: MemoryBudget) -> Arrays:
    """Read the one set of EMNIST in `folder`, with upright images and unchanged labels.

    Raises:
        DataError: there are several sets, or a file is missing or damaged.
        OSError: a file cannot be opened.
    """
    first, *others = _sets(folder)
    if others:
        raise DataError(
            f"{folder} holds several sets of EMNIST ({', '.join((first, *others))}): give a folder "
            "with the files of one of them."
        )
    return upright(read_idx_folder(folder, memory, *_parts(first)))


def upright(arrays: Arrays) -> Arrays:
    """Return EMNIST's images, shape `(n, a, b)`, in the orientation of MNIST's, `(n, b, a)`."""
    x, test = np.asarray(arrays.x), arrays.x_test
    x_test = None if test is None else np.asarray(test).swapaxes(1, 2)
    return replace(arrays, x=x.swapaxes(1, 2), x_test=x_test)


def _sets(folder: Path) -> list[str]:
    return [name for name in SETS if holds_idx_files(folder, _parts(name))]


def _parts(name: str) -> tuple[str, str]:
    return f"emnist-{name}-train", f"emnist-{name}-test"
