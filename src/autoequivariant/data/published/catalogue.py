"""Published data sets by name: their place on the Hugging Face hub and their original files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.idx_folder import holds_idx_files, read_idx_folder
from autoequivariant.data.formats.numpy_file import read_npz
from autoequivariant.data.published import cifar, sign_mnist, svhn
from autoequivariant.data.published.emnist import holds_emnist, read_emnist, upright
from autoequivariant.data.published.hub import (
    HubFiles,
    fetch_from_hub,
    holds_hub_files,
    read_hub_folder,
)
from autoequivariant.data.published.part_files import holds_any
from autoequivariant.data.source import DataSource, ReadOptions, existing_path
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget


@dataclass(frozen=True)
class OriginalFiles:
    """The files that the authors of a data set publish.

    Attributes:
        names: what they are called, for messages.
        are_in: whether any of them lies in a folder.
        read: reads them from it.
    """

    names: str
    are_in: Callable[[Path], bool]
    read: Callable[[Path, MemoryBudget], Arrays]


@dataclass(frozen=True)
class PublishedSet:
    """A published data set.

    Attributes:
        title: what its authors call it.
        licence: the authors' licence.
        hub: where it is on the Hugging Face hub.
        originals: the authors' files.
        upright: what makes the hub's images upright. Default: they are.
    """

    title: str
    licence: str
    hub: HubFiles
    originals: OriginalFiles
    upright: Callable[[Arrays], Arrays] | None = None


_IDX = OriginalFiles("train-images-idx3-ubyte[.gz], ...", holds_idx_files, read_idx_folder)
_EMNIST = OriginalFiles("emnist-letters-train-images-idx3-ubyte.gz, ...", holds_emnist, read_emnist)
_CIFAR = OriginalFiles("data_batch_1.bin, ..., test_batch.bin", cifar.holds_cifar, cifar.read_cifar)
_SVHN = OriginalFiles(", ".join(svhn.FILES), partial(holds_any, names=svhn.FILES), svhn.read_svhn)
_ASL = OriginalFiles(
    ", ".join(sign_mnist.FILES),
    partial(holds_any, names=sign_mnist.FILES),
    sign_mnist.read_sign_mnist,
)

# Repositories, folders and columns of the hub are taken from its pages and from public programs;
# none of them was fetched when this was written. For `asl` only the repository is certain: its
# splits and its column of labels are known from one program alone. The images of `emnist` are
# transposed there as in the authors' files, according to three programs that read them.
PUBLISHED = MappingProxyType(
    {
        "mnist": PublishedSet("MNIST", "CC BY-SA 3.0", HubFiles("ylecun/mnist", "mnist"), _IDX),
        "fashion_mnist": PublishedSet(
            "Fashion-MNIST",
            "MIT",
            HubFiles("zalando-datasets/fashion_mnist", "fashion_mnist"),
            _IDX,
        ),
        "cifar10": PublishedSet(
            "CIFAR-10",
            "not stated",
            HubFiles("uoft-cs/cifar10", "plain_text", image="img"),
            _CIFAR,
        ),
        "svhn": PublishedSet(
            "SVHN, cropped digits",
            "for non-commercial use",
            HubFiles("ufldl-stanford/svhn", "cropped_digits"),
            _SVHN,
        ),
        "emnist": PublishedSet(
            "EMNIST",
            "not stated",
            HubFiles("tanganke/emnist_letters", "emnist-letters"),
            _EMNIST,
            upright,
        ),
        "kmnist": PublishedSet(
            "Kuzushiji-MNIST", "CC BY-SA 4.0", HubFiles("tanganke/kmnist", "kmnist"), _IDX
        ),
        "asl": PublishedSet(
            "Sign Language MNIST",
            "CC0",
            HubFiles("Voxel51/American-Sign-Language-MNIST"),
            _ASL,
        ),
    }
)


class PublishedData(DataSource):
    """Each data set of `PUBLISHED`, from the hub or with `--source` from files."""

    name = "published"
    names = tuple(PUBLISHED)
    options = frozenset({"source"})

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Return training and test samples in their order; colour is the last axis.

        `options.source` is a folder with the authors' files or with a copy of the hub's repository,
        or an `.npz` file with `x_train`, `y_train`, `x_test` and `y_test`. Default: the hub.
        """
        name = str(data)
        if options.source is None:
            arrays = _fetch(name, options.memory)
        else:
            arrays = _read_files(name, options.source, options.memory)
        return replace(arrays, task="classification")


def _fetch(name: str, memory: MemoryBudget) -> Arrays:
    try:
        return _upright(PUBLISHED[name], fetch_from_hub(name, PUBLISHED[name].hub, memory))
    except DataError as error:
        if existing_path(name) is None:
            raise
        hint = f"{str(error).removesuffix('.')} (to read the local path {name}, write ./{name})."
        raise DataError(hint) from error


def _read_files(name: str, source: Path, memory: MemoryBudget) -> Arrays:
    data = PUBLISHED[name]
    if existing_path(source) is None:
        raise DataError(f"There is no --source {str(source)!r} for {name}: check the path.")
    if source.is_file() and source.suffix.lower() == ".npz":
        return read_npz(source, memory)
    if source.is_dir():
        if data.originals.are_in(source):
            return data.originals.read(source, memory)
        if holds_hub_files(source):
            return _upright(data, read_hub_folder(source, data.hub, memory))
    raise DataError(
        f"--source {source} does not hold {data.title}: give a folder with {data.originals.names} "
        f"or with a copy of the hub's {data.hub.repository}, or an .npz file with x_train and "
        "y_train."
    )


def _upright(data: PublishedSet, arrays: Arrays) -> Arrays:
    return arrays if data.upright is None else data.upright(arrays)
