"""Data sets by name: where the hub has them, and in which files people have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.cifar import holds_cifar, read_cifar
from autoequivariant.data.formats.emnist import holds_emnist, read_emnist, upright
from autoequivariant.data.formats.hub import (
    HubFiles,
    fetch_from_hub,
    holds_hub_files,
    read_hub_folder,
)
from autoequivariant.data.formats.idx_folder import holds_idx_files, read_idx_folder
from autoequivariant.data.formats.npz import read_npz
from autoequivariant.data.formats.sign_mnist import holds_sign_mnist, read_sign_mnist
from autoequivariant.data.formats.svhn import holds_svhn, read_svhn
from autoequivariant.errors import DataError


@dataclass(frozen=True)
class OriginalFiles:
    """The form in which the authors give a data set away.

    Attributes:
        names: what the files are called, for messages.
        are_in: whether any of them lies in a folder.
        read: reads them from it.
    """

    names: str
    are_in: Callable[[Path], bool]
    read: Callable[[Path], Arrays]


@dataclass(frozen=True)
class NamedData:
    """A data set that has a name.

    Attributes:
        title: what its authors call it.
        licence: under which they give it away.
        hub: where it lies on the Hugging Face hub.
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
_CIFAR = OriginalFiles("data_batch_1.bin, ..., test_batch.bin", holds_cifar, read_cifar)
_SVHN = OriginalFiles("train_32x32.mat, test_32x32.mat", holds_svhn, read_svhn)
_ASL = OriginalFiles("sign_mnist_train.csv, sign_mnist_test.csv", holds_sign_mnist, read_sign_mnist)

# Repositories, folders and columns of the hub are those that its pages and public programs name;
# none of them was fetched where this was written. For `asl` only the repository is certain: that it
# has splits and a column of labels stands in one program alone. The images of `emnist` are
# transposed there as in the authors' files, as three programs found that look at them.
NAMED = MappingProxyType(
    {
        "mnist": NamedData("MNIST", "CC BY-SA 3.0", HubFiles("ylecun/mnist", "mnist"), _IDX),
        "fashion_mnist": NamedData(
            "Fashion-MNIST",
            "MIT",
            HubFiles("zalando-datasets/fashion_mnist", "fashion_mnist"),
            _IDX,
        ),
        "cifar10": NamedData(
            "CIFAR-10",
            "not stated",
            HubFiles("uoft-cs/cifar10", "plain_text", image="img"),
            _CIFAR,
        ),
        "svhn": NamedData(
            "SVHN, cropped digits",
            "for non-commercial use",
            HubFiles("ufldl-stanford/svhn", "cropped_digits"),
            _SVHN,
        ),
        "emnist": NamedData(
            "EMNIST",
            "not stated",
            HubFiles("tanganke/emnist_letters", "emnist-letters"),
            _EMNIST,
            upright,
        ),
        "kmnist": NamedData(
            "Kuzushiji-MNIST", "CC BY-SA 4.0", HubFiles("tanganke/kmnist", "kmnist"), _IDX
        ),
        "asl": NamedData(
            "Sign Language MNIST",
            "CC0",
            HubFiles("Voxel51/American-Sign-Language-MNIST"),
            _ASL,
        ),
    }
)


def read_named(name: str, source: Path | None) -> Arrays:
    """Read a data set of `NAMED` from its files, or fetch it from the hub.

    Args:
        name: a key of `NAMED`.
        source: a folder with the authors' files or a copy of the hub's repository, or an `.npz`
            file with `x_train`, `y_train`, `x_test` and `y_test`. Default: the hub.

    Returns:
        Training and test samples in their order; colour is the last axis.

    Raises:
        DataError: it cannot be fetched, or `source` does not hold it.
        OSError: a file cannot be opened.
    """
    data = NAMED[name]
    if source is None:
        return _as_seen(data, fetch_from_hub(name, data.hub))
    if source.is_file() and source.suffix.lower() == ".npz":
        return read_npz(source)
    if source.is_dir():
        if data.originals.are_in(source):
            return data.originals.read(source)
        if holds_hub_files(source):
            return _as_seen(data, read_hub_folder(source, data.hub))
    raise DataError(
        f"--source {source} does not hold {data.title}: give a folder with {data.originals.names} "
        f"or with a copy of the hub's {data.hub.repository}, or an .npz file with x_train and "
        "y_train."
    )


def _as_seen(data: NamedData, arrays: Arrays) -> Arrays:
    return arrays if data.upright is None else data.upright(arrays)
