"""One door to every source of data: `read` finds out what a name or path is."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.digits import read_digits
from autoequivariant.data.formats.idx_folder import holds_idx_files, read_idx_folder
from autoequivariant.data.formats.image_folder import holds_images, read_image_folder
from autoequivariant.data.formats.npz import read_npz
from autoequivariant.data.layout import check_kind
from autoequivariant.data.published import NAMED, read_named
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.synthetic.catalogue import KNOWN
from autoequivariant.data.tables.reader import TABLE_SUFFIXES, read_table, table_suffix
from autoequivariant.data.task import check_task
from autoequivariant.errors import DataError, SettingsError

BUILT_IN = ("digits", *KNOWN)
NAMES = (*BUILT_IN, *NAMED)


def read(
    data: str | Path,
    kind: str | None = None,
    source: Path | None = None,
    target: Sequence[str] | None = None,
    task: str | None = None,
    drop: Sequence[str] | None = None,
) -> Samples:
    """Read a labelled data set.

    Args:
        data: one of `NAMES` (a text; a folder of that name is `./digits` or a `Path`), a folder
            with the IDX files of MNIST, an `.npz` file with `x_train`, `y_train` and optionally
            `x_test`, `y_test`, a folder with one folder of images for each class, or a table with
            one of `table.TABLE_SUFFIXES`.
        kind: `grid`, `sequence`, `features` or `volume`. Default: by the number of axes, as
            `layout.arrange` says.
        source: where the files of a data set by name lie. Default: those of `BUILT_IN` have none,
            the others are fetched from the Hugging Face hub.
        target: of a table, the columns to predict; each may be several with commas between them.
        task: `classification` or `regression`. Default: by the labels, as `task.usual_task` says.
        drop: of a table, the columns to leave out, given like `target`.

    Raises:
        DataError: there is no such data, it cannot be read, or it cannot be used; one sentence
            that names the path and the remedy.
        SettingsError: `kind` or `task` is unknown or does not fit the data, a `source`, `target` or
            `drop` does not belong to `data`, or a table has no such column.
    """
    check_kind(kind)
    check_task(task)
    path = Path(data) if source is None else source
    try:
        if data in NAMED:
            _refuse_columns(str(data), target, drop)
            return _read_name(str(data), kind, source, task)
        if source is not None:
            raise _no_source(str(data))
        if data in BUILT_IN:
            _refuse_columns(str(data), target, drop)
            return _read_built_in(str(data), kind, task)
        if not str(data) or not _exists(path):
            raise _not_found(str(data), path)
        if path.is_file() and table_suffix(path):
            arrays = read_table(path, _texts(target), _texts(drop))
        else:
            arrays = _read_path(path)
            _refuse_columns(str(data), target, drop)
        return make_samples(_name(path), arrays, kind, str(path), task)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(
            f"{error.filename or path} cannot be read ({reason}): check the path and its "
            "permissions."
        ) from error
    except MemoryError:
        raise DataError(f"{path} does not fit into memory: give a smaller data set.") from None


def _name(path: Path) -> str:
    name, suffix = path.resolve().name, table_suffix(path) or ".npz"
    return (name[: -len(suffix)] if name.lower().endswith(suffix) else name) or str(path)


def _texts(names: Sequence[str] | None) -> Sequence[str] | None:
    return [names] if isinstance(names, str) else names


def _refuse_columns(data: str, target: Sequence[str] | None, drop: Sequence[str] | None) -> None:
    for option, names in (("--target", target), ("--drop", drop)):
        if names is not None:
            raise SettingsError(
                f"{option} names columns of a table ({', '.join(TABLE_SUFFIXES)}), but {data} is "
                "none and holds its own labels: leave it out."
            )


def _read_built_in(name: str, kind: str | None, task: str | None) -> Samples:
    if name in KNOWN:
        known = KNOWN[name]
        return make_samples(name, known.read(), kind or known.kind, task=task)
    return make_samples(name, read_digits(), kind, task=task)


def _read_name(name: str, kind: str | None, source: Path | None, task: str | None) -> Samples:
    task = task or "classification"
    if source is None:
        return make_samples(name, _fetched(name), kind, task=task)
    if not _exists(source):
        raise DataError(f"There is no --source {str(source)!r} for {name}: check the path.")
    return make_samples(name, read_named(name, source), kind, str(source), task)


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
            "with either, an .npz file or a table (.csv or .parquet)."
        )
    if path.suffix.lower() == ".npz":
        return read_npz(path)
    raise DataError(
        f"{path} is a file, but not an .npz file and no table: give {', '.join(NAMES)}, a folder, "
        f"an .npz file with x_train and y_train, or a table ({', '.join(TABLE_SUFFIXES)})."
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
            if (table_suffix(sibling) or sibling.suffix.lower()) in (".npz", *TABLE_SUFFIXES)
            or (sibling.is_dir() and not sibling.name.startswith("."))
        ]
        matches = difflib.get_close_matches(path.name, siblings, n=2)
        close += [str(path.parent / match) for match in matches]
    except (OSError, ValueError):
        pass
    hint = f" (did you mean {' or '.join(close)}?)" if close else ""
    names = ", ".join(NAMES)
    return DataError(
        f"There is no data set or path {data!r}{hint}: give {names}, a folder, an .npz file or a "
        "table (.csv or .parquet)."
    )
