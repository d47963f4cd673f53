"""Data sets of the Hugging Face hub, and copies of their files, read through `datasets`.

`datasets` is an optional extra and slow to import, so only the functions import it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.pictures import Pictures, stack_pictures
from autoequivariant.data.messages import library_errors
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

INSTALL = "pip install -c constraints.txt -e '.[hub]'"

_CARD = "README.md"
_SPLITS = ("train", "test")
_PATIENCE = 10.0  # seconds to wait for the hub's first answer
_BATCH = 1000


@dataclass(frozen=True)
class HubFiles:
    """Where a data set is on the hub, and what its columns are called.

    Attributes:
        repository: its name there.
        folder: the folder with `train-*` and `test-*`. Default: as in the repository's card.
        image: the column of images.
        label: the column of labels, whole numbers.
    """

    repository: str
    folder: str | None = None
    image: str = "image"
    label: str = "label"


def holds_hub_files(folder: Path) -> bool:
    """Return whether Parquet files lie in `folder` or below."""
    return any(folder.rglob("*.parquet"))


def fetch_from_hub(name: str, files: HubFiles, memory: MemoryBudget) -> Arrays:
    """Fetch a data set from the hub; without a network, use the copy in the hub's cache.

    Returns:
        Images of shape `(n, height, width)` if all are grey, else `(n, height, width, 3)`.

    Raises:
        DataError: `datasets` is not installed, the hub does not answer and nothing is cached, or
            the files are not as expected.
    """
    datasets = _library(f"{name} is fetched")
    if not _answers(files.repository):
        return read_hub_folder(_cached_folder(name, files), files, memory)
    what = f"{name} cannot be fetched from the Hugging Face hub"
    with library_errors(what, "give --source with its files"):
        splits = datasets.load_dataset(files.repository, data_files=_data_files(files))
        return _arrays(datasets, splits, files, memory)


def read_hub_folder(folder: Path, files: HubFiles, memory: MemoryBudget) -> Arrays:
    """Read a copy of a repository of the hub, as `git clone` or a download leaves it.

    Nothing is left on disk, and no network is used.

    Returns:
        Images of shape `(n, height, width)` if all are grey, else `(n, height, width, 3)`.

    Raises:
        DataError: `datasets` is not installed, or the files are not as expected.
    """
    datasets = _library(f"{folder} holds Parquet files, which are read")
    data_files = _data_files(files) if _has_data_files(folder, files) else None
    what = f"{folder} cannot be read as a copy of {files.repository}"
    # Streamed, to avoid a second copy on disk. Even so a lock is left in the cache.
    with (
        library_errors(what, "fetch it again, with git only where git lfs is installed"),
        TemporaryDirectory() as scratch,
    ):
        path = str(folder.resolve())
        splits = datasets.load_dataset(
            path, data_files=data_files, streaming=True, cache_dir=scratch
        )
        return _arrays(datasets, splits, files, memory)


def _library(purpose: str) -> Any:
    try:
        import datasets
    except ImportError:
        raise DataError(
            f"{purpose} through Hugging Face datasets, which is not installed: run {INSTALL}, or "
            "give --source with the original files."
        ) from None
    return datasets


def _data_files(files: HubFiles) -> dict[str, str] | None:
    # Named, so that other configurations and splits (SVHN's 531,131 extra images) are not fetched.
    if files.folder is None:
        return None
    return {split: f"{files.folder}/{split}-*" for split in _SPLITS}


def _has_data_files(folder: Path, files: HubFiles) -> bool:
    return all(any(folder.glob(glob)) for glob in (_data_files(files) or {}).values())


def _answers(repository: str) -> bool:
    """Return whether the hub answers; `datasets` alone would retry for half a minute."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError

    try:
        url = hf_hub_url(repository, _CARD, repo_type="dataset")
        get_hf_file_metadata(url, timeout=_PATIENCE)
    except HfHubHTTPError:
        return True  # fetching the data gives the better message
    except Exception:  # of the network, in the classes of the library beneath
        return False
    return True


def _cached_folder(name: str, files: HubFiles) -> Path:
    """Return the folder of the hub's cache that holds the files of an earlier fetch."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    unreachable = DataError(
        f"{name} cannot be fetched because the Hugging Face hub does not answer: connect to the "
        "network, or give --source with its files."
    )
    try:
        path = snapshot_download(files.repository, repo_type="dataset", local_files_only=True)
    except LocalEntryNotFoundError:
        raise unreachable from None
    if not _has_data_files(Path(path), files):  # an earlier fetch was interrupted
        raise unreachable
    return Path(path)


def _arrays(datasets: Any, splits: Any, files: HubFiles, memory: MemoryBudget) -> Arrays:
    for split in _SPLITS:
        if split not in splits:
            raise DataError(
                f"{files.repository} has no split {split!r}, it has {', '.join(splits)}: give "
                "--source with the original files."
            )
    pictures = Pictures(memory)
    train, test = (_read_split(datasets, splits, name, files, pictures) for name in _SPLITS)
    if not train[0]:
        raise DataError(
            f"{files.repository} holds no images: give --source with the original files."
        )
    x, count = stack_pictures(train[0] + test[0]), len(train[0])
    return Arrays(x[:count], np.array(train[1]), x[count:], test[1])


def _read_split(
    datasets: Any, splits: Any, name: str, files: HubFiles, pictures: Pictures
) -> tuple[list[NDArray[Any]], list[Any]]:
    split = splits[name]
    columns = split.column_names or next(iter(split)).keys()
    for column in (files.image, files.label):
        if column not in columns:
            raise DataError(
                f"{files.repository} has no column {column!r}, it has {', '.join(columns)}: give "
                "--source with the original files."
            )
    # As bytes, which `Pictures` checks before it decodes them.
    split = split.cast_column(files.image, datasets.Image(decode=False))
    pixels: list[NDArray[Any]] = []
    labels: list[Any] = []
    for batch in split.select_columns([files.image, files.label]).iter(_BATCH):
        labels += batch[files.label]
        for image in batch[files.image]:
            what = f"{len(pixels) + 1} of split {name} of {files.repository}"
            pixels.append(pictures.read(io.BytesIO(image["bytes"]), what))
    return pixels, labels
