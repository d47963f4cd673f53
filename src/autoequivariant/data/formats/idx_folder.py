"""A folder with the IDX files of MNIST or of a data set in the same form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.idx import read_idx
from autoequivariant.data.source import DataSource, ReadOptions, existing_path
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

_AXES = {"images": 3, "labels": 1}


class IdxFolder(DataSource):
    """`train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and optionally the `t10k` pair."""

    name = "idx folder"
    form = "a folder with train-images-idx3-ubyte[.gz] and train-labels-idx1-ubyte[.gz]"

    def recognises(self, data: str | Path) -> bool:
        """Whether any of these files lies in the folder."""
        path = existing_path(data)
        return path is not None and holds_idx_files(path)

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Read the files of a folder."""
        return read_idx_folder(Path(data), options.memory)


def holds_idx_files(folder: Path, parts: tuple[str, ...] = ("train", "t10k")) -> bool:
    """Return whether any file of MNIST's names lies in `folder`; the names begin with `parts`."""
    return any(_find(folder, part, content) is not None for part in parts for content in _AXES)


def read_idx_folder(
    folder: Path, memory: MemoryBudget, train: str = "train", test: str = "t10k"
) -> Arrays:
    """Read the training pair of a folder and, if it has one, the test pair.

    Each file may be gzipped, with or without `.gz` behind its name, and may also be named like
    `train-images.idx3-ubyte`. If a file exists twice, the one without `.gz` is read.

    Args:
        folder: the files' folder.
        memory: what reading may take.
        train, test: what the names of each pair begin with. Default: as in MNIST.

    Raises:
        DataError: a file of a pair is missing, damaged, too large, or holds labels instead of
            images.
        OSError: a file cannot be opened.
    """
    training = _read_pair(folder, train, memory)
    if training is None:
        raise DataError(
            f"{folder} holds the test files of an IDX data set but not {train}-images-idx3-ubyte "
            f"and {train}-labels-idx1-ubyte: add them."
        )
    return Arrays(*training, *(_read_pair(folder, test, memory) or (None, None)))


def _read_pair(
    folder: Path, part: str, memory: MemoryBudget
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    images, labels = _find(folder, part, "images"), _find(folder, part, "labels")
    if images is not None and labels is not None:
        return _read(images, "images", memory), _read(labels, "labels", memory)
    present = images or labels
    if present is None:
        return None
    absent = "labels" if images else "images"
    raise DataError(
        f"{folder} holds {present.name} but not {part}-{absent}-idx{_AXES[absent]}-ubyte[.gz]: "
        "add it."
    )


def _read(path: Path, content: str, memory: MemoryBudget) -> NDArray[Any]:
    array = read_idx(path, memory)
    if (array.ndim > 1) == (content == "images"):
        return array
    other = "labels" if content == "images" else "images"
    raise DataError(
        f"{path} has the wrong magic number for {content}: the number of axes is {array.ndim}, not "
        f"{_AXES[content]} (is it a file of {other}?)."
    )


def _find(folder: Path, part: str, content: str) -> Path | None:
    for zipped in ("", ".gz"):
        for mark in ("-", "."):
            path = folder / f"{part}-{content}{mark}idx{_AXES[content]}-ubyte{zipped}"
            if path.is_file():
                return path
    return None
