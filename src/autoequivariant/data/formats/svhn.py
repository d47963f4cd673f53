"""SVHN's cropped digits in the MATLAB files of http://ufldl.stanford.edu/housenumbers/.

`X` has the shape `(32, 32, 3, n)`, `y` holds 1 to 10, where 10 stands for the digit 0.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.errors import DataError

FILES = ("train_32x32.mat", "test_32x32.mat")

# What SciPy raises on damaged files, on files of MATLAB 7.3, and on what is no such file.
_DAMAGED = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    IndexError,
    NotImplementedError,
    OverflowError,
    zlib.error,
)


def holds_svhn(folder: Path) -> bool:
    """Whether a file of SVHN's names lies in `folder`."""
    return any((folder / name).is_file() for name in FILES)


def read_svhn(folder: Path) -> Arrays:
    """Read `train_32x32.mat` and `test_32x32.mat`; `extra_32x32.mat` is left alone.

    Returns:
        Images of shape `(n, 32, 32, 3)` and the digits as labels.

    Raises:
        DataError: a file is missing, damaged, or holds something else.
        OSError: a file cannot be opened.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise DataError(f"{folder} lacks {name} of SVHN's cropped digits: add it.")
    train, test = (_read_mat(folder / name) for name in FILES)
    return Arrays(*train, *test)


def _read_mat(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    # Here and not above: no other source needs it, and it takes a while to import.
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    with path.open("rb") as file:  # what the system refuses is refused here
        try:
            content = loadmat(file, variable_names=("X", "y"))
            x, y = np.asarray(content["X"]), np.asarray(content["y"]).ravel()
        except (*_DAMAGED, MatReadError) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise DataError(
                f"{path} is damaged or no MATLAB file of SVHN ({reason}): fetch it again."
            ) from None
    if x.ndim != 4 or x.dtype != np.uint8 or x.shape[-1] != len(y) or y.dtype.kind not in "biuf":
        raise DataError(
            f"{path} holds X of shape {x.shape} and type {x.dtype} with {len(y)} labels, not "
            "SVHN's (32, 32, 3, n) of uint8 with n: fetch it again."
        )
    return np.moveaxis(x, -1, 0), np.where(y == 10, 0, y)
