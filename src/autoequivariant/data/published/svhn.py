"""SVHN's cropped digits in the MATLAB files of http://ufldl.stanford.edu/housenumbers/.

`X` has the shape `(32, 32, 3, n)`, `y` holds 1 to 10, where 10 stands for the digit 0.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.messages import reason
from autoequivariant.data.published.part_files import Part, read_parts
from autoequivariant.errors import DataError

FILES = ("train_32x32.mat", "test_32x32.mat")

# What SciPy raises on damaged files, on files of MATLAB 7.3, and on other files.
_DAMAGED = (
    *(OSError, ValueError, TypeError, KeyError, EOFError, IndexError),
    *(NotImplementedError, OverflowError, zlib.error),
)


def read_svhn(folder: Path) -> Arrays:
    """Read `train_32x32.mat` and `test_32x32.mat`; `extra_32x32.mat` is left alone.

    Returns:
        Images of shape `(n, 32, 32, 3)` and the digits as labels.

    Raises:
        DataError: a file is missing, damaged, or holds something else.
        OSError: a file cannot be opened.
    """
    return read_parts(folder, FILES, "SVHN's cropped digits", _read_mat)


def _read_mat(path: Path) -> Part:
    # Here and not above: no other source needs it, and it takes a while to import.
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    with path.open("rb") as file:  # an error of the system is raised here, outside of the try
        try:
            content = loadmat(file, variable_names=("X", "y"))
            x, y = np.asarray(content["X"]), np.asarray(content["y"]).ravel()
        except (*_DAMAGED, MatReadError) as error:
            raise DataError(
                f"{path} is damaged or no MATLAB file of SVHN ({reason(error)}): fetch it again."
            ) from None
    if x.ndim != 4 or x.dtype != np.uint8 or x.shape[-1] != len(y) or y.dtype.kind not in "biuf":
        raise DataError(
            f"{path} holds X of shape {x.shape} and type {x.dtype} with {len(y)} labels, not "
            "SVHN's (32, 32, 3, n) of uint8 with n: fetch it again."
        )
    return np.moveaxis(x, -1, 0), np.where(y == 10, 0, y)
