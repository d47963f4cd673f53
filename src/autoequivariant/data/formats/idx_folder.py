"""A folder with the IDX files of MNIST or of a data set in the same form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.idx import read_idx
from autoequivariant.errors import DataError

_AXES = {"images": 3, "labels": 1}


def holds_idx_files(folder: Path, parts: tuple[str, ...] = ("train", "t10k")) -> bool:
    """Whether any file of MNIST's names lies in `folder`; `parts` is what the names begin with."""
    return any(_find(folder, part, content) is not None for part in parts for content in _AXES)


def read_idx_folder(folder: Path, train: str = "train", test: str = "t10k") -> Arrays:
    """Read `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and, if there, the `t10k` pair.

    Each may be gzipped, with or without `.gz` behind its name, and named `train-images.idx3-ubyte`
    as well. Where a file is there twice, the one without `.gz` is read.

    Args:
        folder: where they lie.
        train: what the names of the training pair begin with. Default: as MNIST has it.
        test: what the names of the test pair begin with. Default: as MNIST has it.

    Raises:
        DataError: a file of a pair is missing, damaged, or holds labels instead of images.
        OSError: a file cannot be opened.
    """
    training = _read_pair(folder, train)
    if training is None:
        raise DataError(
            f"{folder} holds the test files of an IDX data set but not {train}-images-idx3-ubyte "
            f"and {train}-labels-idx1-ubyte: add them."
        )
    return Arrays(*training, *(_read_pair(folder, test) or (None, None)))


def _read_pair(folder: Path, part: str) -> tuple[NDArray[Any], NDArray[Any]] | None:
    images, labels = _find(folder, part, "images"), _find(folder, part, "labels")
    if images is not None and labels is not None:
        return _read_images(images), _read_labels(labels)
    present = images or labels
    if present is None:
        return None
    absent = "labels" if images else "images"
    raise DataError(
        f"{folder} holds {present.name} but not {part}-{absent}-idx{_AXES[absent]}-ubyte[.gz]: "
        "add it."
    )


def _read_images(path: Path) -> NDArray[Any]:
    array = read_idx(path)
    if array.ndim < 2:
        raise DataError(
            f"{path} has the wrong magic number for images: it announces {array.ndim} axis, not 3 "
            "(is it a file of labels?)."
        )
    return array


def _read_labels(path: Path) -> NDArray[Any]:
    array = read_idx(path)
    if array.ndim != 1:
        raise DataError(
            f"{path} has the wrong magic number for labels: it announces {array.ndim} axes, not 1 "
            "(is it a file of images?)."
        )
    return array


def _find(folder: Path, part: str, content: str) -> Path | None:
    for zipped in ("", ".gz"):
        for mark in ("-", "."):
            path = folder / f"{part}-{content}{mark}idx{_AXES[content]}-ubyte{zipped}"
            if path.is_file():
                return path
    return None
