"""One door to every source of data: `read` finds out what a name or path is."""

from __future__ import annotations

import difflib
from pathlib import Path

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.digits import read_digits
from autoequivariant.data.idx_folder import holds_idx_files, read_idx_folder
from autoequivariant.data.image_folder import holds_images, read_image_folder
from autoequivariant.data.layout import check_kind
from autoequivariant.data.named import NAMED, read_named
from autoequivariant.data.npz import read_npz
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.errors import DataError, SettingsError

BUILT_IN = ("digits",)
NAMES = (*BUILT_IN, *NAMED)


def read(data: str | Path, kind: str | None = None, source: Path | None = None) -> Samples:
    """Read a labelled data set.

    Args:
        data: one of `NAMES` (a text; a folder of that name is `./digits` or a `Path`), a folder
            with the IDX files of MNIST, an `.npz` file with `x_train`, `y_train` and optionally
            `x_test`, `y_test`, or a folder with one folder of images for each class.
        kind: `grid`, `sequence`, `features` or `volume`. Default: by the number of axes, as
            `layout.arrange` says.
        source: where the files of a data set by name lie. Default: `digits` comes with
            scikit-learn, the others are fetched from the Hugging Face hub.

    Raises:
        DataError: there is no such data, it cannot be read, or it cannot be used; one sentence
            that names the path and the remedy.
        SettingsError: `kind` is unknown or does not fit the data, or a `source` does not belong to
            `data`.
    """
    check_kind(kind)
    path = Path(data) if source is None else source
    try:
        if data in NAMED:
            return _read_name(str(data), kind, source)
        if source is not None:
            raise _no_source(str(data))
        if data in BUILT_IN:
            return make_samples(str(data), read_digits(), kind)
        if not str(data) or not _exists(path):
            raise _not_found(str(data), path)
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


def _read_name(name: str, kind: str | None, source: Path | None) -> Samples:
    if source is None:
        return make_samples(name, _fetched(name), kind)
    if not _exists(source):
        raise DataError(f"There is no --source {str(source)!r} for {name}: check the path.")
    return make_samples(name, read_named(name, source), kind, origin=str(source))


def _fetched(name: str) -> Arrays:
    try:
        return read_named(name, None)
    except DataError as error:
        if not _exists(Path(name)):
            raise
        hint = f"{str(error).removesuffix('.')} (what is called {name} here is ./{name})."
        raise DataError(hint) from error


def _no_source(data: str) -> SettingsError | DataError:
    if data not in BUILT_IN and not _exists(Path(data)):
        return _not_found(data, Path(data))
    return SettingsError(
        f"--source is for {', '.join(NAMED)}, not for {data}, which needs none: leave it out."
    )


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
        f"{path} is a file, but not an .npz file: give {', '.join(NAMES)}, a folder or an .npz "
        "file with x_train and y_train."
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # A name too long or with a null byte cannot exist; a forbidden folder shows nothing.
        return False


def _not_found(data: str, path: Path) -> DataError:
    close = difflib.get_close_matches(data, NAMES, n=1)
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
    names = ", ".join(NAMES)
    return DataError(
        f"There is no data set or path {data!r}{hint}: give {names}, a folder or an .npz file."
    )
