"""NumPy files: `.npz` archives and, for a trained model, `.npy` arrays; pickles are never read."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.input_spec import InputSpec, RawInput
from autoequivariant.data.messages import reason
from autoequivariant.data.source import DataSource, ReadOptions
from autoequivariant.errors import DataError

# What damaged archives make zipfile and NumPy raise (NotImplementedError is a RuntimeError).
_DAMAGED = (
    zipfile.BadZipFile,
    ValueError,
    EOFError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    zlib.error,
)


class NumpyFile(DataSource):
    """`.npz` with `x_train`, `y_train` and optionally `x_test`, `y_test`.

    For a trained model also `.npz` with `x` and optionally `y`, and `.npy` with samples alone.
    """

    name = "numpy"
    form = "an .npz file with x_train and y_train"
    suffixes = (".npz", ".npy")

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Read an archive."""
        return read_npz(Path(data))

    def read_input(self, data: str | Path, spec: InputSpec) -> RawInput | None:
        """Read bare arrays."""
        path = Path(data)
        if path.suffix.lower() == ".npy":
            return RawInput(_read_npy(path))
        with _open(path) as archive:
            if "x" not in archive.files or "x_train" in archive.files:
                return None
            x = _read_array(archive, "x", path)
            y = _read_array(archive, "y", path) if "y" in archive.files else None
        return RawInput(x, None if y is None else spec.labels(y, str(path)))


def read_npz(path: Path) -> Arrays:
    """Read the four arrays of an archive made by `numpy.savez` or `numpy.savez_compressed`.

    Raises:
        DataError: not an archive, damaged, an array is missing or holds pickled objects.
        OSError: the file cannot be opened.
    """
    with _open(path) as archive:
        missing = [key for key in ("x_train", "y_train") if key not in archive.files]
        if missing:
            held = ", ".join(archive.files) or "nothing"
            raise DataError(
                f"{path} has no {' and no '.join(missing)}, it holds {held}: name its arrays "
                "x_train, y_train and, if there is a test set, x_test and y_test."
            )
        x, y = (_read_array(archive, key, path) for key in ("x_train", "y_train"))
        x_test, y_test = (
            _read_array(archive, key, path) if key in archive.files else None
            for key in ("x_test", "y_test")
        )
        return Arrays(x, y, x_test, y_test)


def _read_npy(path: Path) -> NDArray[Any]:
    with path.open("rb") as file:
        if file.read(6) != b"\x93NUMPY":
            raise DataError(f"{path} is not an .npy array: write it with numpy.save.")
    try:
        return cast(NDArray[Any], np.load(path, allow_pickle=False))
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _open(path: Path) -> NpzFile:
    with path.open("rb") as file:
        # NumPy takes whatever does not begin like a zip file for a pickle, and says so.
        begins_like_zip = file.read(4) in (b"PK\3\4", b"PK\5\6")
    if not begins_like_zip or not zipfile.is_zipfile(path):
        raise DataError(
            f"{path} is not an .npz archive or is cut short: write it with numpy.savez."
        )
    try:
        return cast(NpzFile, np.load(path, allow_pickle=False))
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _read_array(archive: NpzFile, key: str, path: Path) -> NDArray[Any]:
    try:
        array = archive[key]
    except _DAMAGED as error:
        if "pickle" in str(error):
            raise DataError(
                f"{key} in {path} holds pickled Python objects, which could run code and are not "
                "read: save it as an array of numbers (or, for labels, of text)."
            ) from None
        raise _damaged(path, error) from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"{key} in {path} is not an array: write it with numpy.savez.")
    return array


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(f"{path} is damaged ({reason(error)}): fetch or write it again.")
