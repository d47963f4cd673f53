"""One door to every source of data: `read` finds out what a name or path is."""

from __future__ import annotations

import difflib
from pathlib import Path

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.digits import read_digits
from autoequivariant.data.idx_folder import holds_idx_files, read_idx_folder
from autoequivariant.data.image_folder import holds_images, read_image_folder
from autoequivariant.data.layout import check_kind
from autoequivariant.data.npz import read_npz
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.errors import DataError

BUILT_IN = ("digits",)


def read(source: str | Path, kind: str | None = None) -> Samples:
    """Read a labelled data set.

    Args:
        source: `digits` (scikit-learn's, built in; a folder of that name is `./digits`), a folder
            with the IDX files of MNIST, an `.npz` file with `x_train`, `y_train` and optionally
            `x_test`, `y_test`, or a folder with one folder of images for each class.
        kind: `grid`, `sequence`, `features` or `volume`. Default: by the number of axes, as
            `layout.arrange` says.

    Raises:
        DataError: there is no such data, it cannot be read, or it cannot be used; one sentence
            that names the path and the remedy.
        SettingsError: `kind` is unknown or does not fit the data.
    """
    check_kind(kind)
    if source in BUILT_IN:
        return make_samples(str(source), read_digits(), kind)
    path = Path(source)
    if not str(source) or not _exists(path):
        raise _not_found(str(source), path)
    try:
        name = path.resolve().name.removesuffix(".npz") or str(path)
        return make_samples(name, _read_path(path), kind, origin=str(path))
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(
            f"{error.filename or path} cannot be read ({reason}): check the path and its "
            "permissions."
        ) from error
    except MemoryError:
        raise DataError(f"{path} does not fit into memory: give a smaller data set.") from None


def _read_path(path: Path) -> Arrays:
    if path.is_dir():
        if holds_idx_files(path):
            return read_idx_folder(path)
        if holds_images(path):
            return read_image_folder(path)
        raise DataError(
            f"The folder {path} holds no data set: looked for train-images-idx3-ubyte[.gz] with "
            "train-labels-idx1-ubyte[.gz], and for one folder of images per class; give a folder "
            "with either, or an .npz file."
        )
    if path.suffix.lower() == ".npz":
        return read_npz(path)
    raise DataError(
        f"{path} is a file, but not an .npz file: give {', '.join(BUILT_IN)}, a folder or an .npz "
        "file with x_train and y_train."
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # A name too long or with a null byte cannot exist; a forbidden folder shows nothing.
        return False


def _not_found(source: str, path: Path) -> DataError:
    close = difflib.get_close_matches(source, BUILT_IN, n=1)
    try:
        siblings = [
            sibling.name
            for sibling in path.parent.iterdir()
            if sibling.suffix.lower() == ".npz"
            or (sibling.is_dir() and not sibling.name.startswith("."))
        ]
        matches = difflib.get_close_matches(path.name, siblings, n=2)
        close += [str(path.parent / match) for match in matches]
    except (OSError, ValueError):
        pass
    hint = f" (did you mean {' or '.join(close)}?)" if close else ""
    names = ", ".join(BUILT_IN)
    return DataError(
        f"There is no data set or path {source!r}{hint}: give {names}, a folder or an .npz file."
    )
