"""NumPy files: `.npz` archives and, for a trained model, `.npy` arrays; pickles are never read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.npy import NpyHeader, read_npy_header, read_npy_values
from autoequivariant.data.input_spec import InputSpec, RawInput
from autoequivariant.data.messages import library_errors, quoted
from autoequivariant.data.source import DataSource, ReadOptions
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

_ENDING = ".npy"
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class NumpyFile(DataSource):
    """`.npz` with `x_train`, `y_train` and optionally `x_test`, `y_test`.

    For a trained model also `.npz` with `x` and optionally `y`, and `.npy` with samples alone.
    """

    name = "numpy"
    form = "an .npz file with x_train and y_train"
    suffixes = (".npz", ".npy")

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Read an archive."""
        return read_npz(Path(data), options.memory)

    def read_input(
        self, data: str | Path, spec: InputSpec, memory: MemoryBudget
    ) -> RawInput | None:
        """Read bare arrays."""
        path = Path(data)
        if path.suffix.lower() == _ENDING:
            return RawInput(_read_npy(path, memory))
        with _open(path) as archive:
            if "x" not in archive.keys or "x_train" in archive.keys:
                return None
            arrays = archive.read(("x", "y"), memory)
        labels = spec.labels(arrays["y"], str(path)) if "y" in arrays else None
        return RawInput(arrays["x"], labels)


def read_npz(path: Path, memory: MemoryBudget) -> Arrays:
    """Read the four arrays of an archive made by `numpy.savez` or `numpy.savez_compressed`.

    Args:
        path: of the archive.
        memory: what reading may take; all headers are checked against it before values are read.

    Raises:
        DataError: not an archive, damaged, an array is missing, holds pickled objects, or is too
            large for `memory`.
        OSError: the file cannot be opened.
    """
    with _open(path) as archive:
        missing = [key for key in ("x_train", "y_train") if key not in archive.keys]
        if missing:
            held = quoted(archive.keys) if archive.keys else "nothing"
            raise DataError(
                f"{path} has no {' and no '.join(missing)}, it holds {held}: name its arrays "
                "x_train, y_train and, if there is a test set, x_test and y_test."
            )
        arrays = archive.read(("x_train", "y_train", "x_test", "y_test"), memory)
    test = arrays.get("x_test"), arrays.get("y_test")
    return Arrays(arrays["x_train"], arrays["y_train"], *test)


class _Archive:
    """An open `.npz` file; `keys` are the names of its arrays, as in `NpzFile.files`."""

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file, self._path = file, path
        self._members = {info.filename.removesuffix(_ENDING): info for info in file.infolist()}
        self.keys = tuple(self._members)

    def read(self, keys: tuple[str, ...], memory: MemoryBudget) -> dict[str, NDArray[Any]]:
        """Return those of the arrays that the archive holds."""
        with _damage(self._path):
            headers = {key: self._header(key) for key in keys if key in self._members}
            for key, header in headers.items():
                memory.reserve(header.peak_bytes(key.startswith("y")))
            return {key: self._values(key, header) for key, header in headers.items()}

    def _header(self, key: str) -> NpyHeader:
        member, what = self._members[key], f"{key} in {self._path}"
        if member.compress_type not in _COMPRESSIONS:
            raise DataError(
                f"{what} is compressed in another way than NumPy does: write it with "
                "numpy.savez_compressed."
            )
        with self._file.open(member) as stream:
            header = read_npy_header(stream, member.file_size, what)
        if header is None:
            raise DataError(f"{what} is not an array: write it with numpy.savez.")
        return header

    def _values(self, key: str, header: NpyHeader) -> NDArray[Any]:
        with self._file.open(self._members[key]) as stream:
            return read_npy_values(stream, header)


def _read_npy(path: Path, memory: MemoryBudget) -> NDArray[Any]:
    with path.open("rb") as file:
        header = read_npy_header(file, path.stat().st_size, str(path))
        if header is None:
            raise DataError(f"{path} is not an .npy array: write it with numpy.save.")
        memory.reserve(header.peak_bytes(is_label=False))
        file.seek(0)
        return read_npy_values(file, header)


@contextmanager
def _open(path: Path) -> Iterator[_Archive]:
    with path.open("rb") as file:
        # zipfile also finds archives behind other bytes, which NumPy does not write.
        begins_like_zip = file.read(4) in (b"PK\3\4", b"PK\5\6")
        if not begins_like_zip or not zipfile.is_zipfile(file):
            raise DataError(
                f"{path} is not an .npz archive or is cut short: write it with numpy.savez."
            )
        with _damage(path):
            archive = _Archive(zipfile.ZipFile(file), path)
        yield archive


def _damage(path: Path) -> AbstractContextManager[None]:
    return library_errors(f"{path} is damaged", "fetch or write it again")
