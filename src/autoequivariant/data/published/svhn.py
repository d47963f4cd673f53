"""SVHN's cropped digits in the MATLAB files of http://ufldl.stanford.edu/housenumbers/.

`X` has the shape `(32, 32, 3, n)`, `y` holds 1 to 10, where 10 stands for the digit 0.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.messages import library_errors
from autoequivariant.data.published.part_files import Part, read_parts
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

FILES = ("train_32x32.mat", "test_32x32.mat")

_VARIABLES = ("X", "y")

# One file, both files, and with channels first.
_COPIES = 3


def read_svhn(folder: Path, memory: MemoryBudget) -> Arrays:
    """Read `train_32x32.mat` and `test_32x32.mat`; `extra_32x32.mat` is left alone.

    Returns:
        Images of shape `(n, 32, 32, 3)` and the digits as labels.

    Raises:
        DataError: a file is missing, damaged, or holds something else.
        OSError: a file cannot be opened.
    """
    return read_parts(folder, FILES, "SVHN's cropped digits", _read_mat, memory)


def _read_mat(path: Path, memory: MemoryBudget) -> Part:
    # Here and not above: no other source needs it, and it takes a while to import.
    from scipy.io import loadmat, whosmat

    with (
        path.open("rb") as file,
        library_errors(f"{path} is damaged or no MATLAB file of SVHN", "fetch it again"),
    ):
        # MATLAB's headers are small, even where the values behind them inflate to gigabytes.
        for name, shape, kind in whosmat(file):
            if name in _VARIABLES:
                memory.reserve(_COPIES * math.prod(shape) * (1 if kind == "uint8" else 8))
        content = loadmat(file, variable_names=_VARIABLES)
        x, y = np.asarray(content["X"]), np.asarray(content["y"]).ravel()
    if x.ndim != 4 or x.dtype != np.uint8 or x.shape[-1] != len(y) or y.dtype.kind not in "biuf":
        raise DataError(
            f"{path} holds X of shape {x.shape} and type {x.dtype} with {len(y)} labels, not "
            "SVHN's (32, 32, 3, n) of uint8 with n: fetch it again."
        )
    return np.moveaxis(x, -1, 0), np.where(y == 10, 0, y)
