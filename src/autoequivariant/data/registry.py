"""The registry of data sources, and `read`, which finds the source of a name or path."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autoequivariant.data.formats.idx_folder import IdxFolder
from autoequivariant.data.formats.image_folder import ImageFolder
from autoequivariant.data.formats.numpy_file import NumpyFile
from autoequivariant.data.layout import KINDS
from autoequivariant.data.messages import check_choice
from autoequivariant.data.published.catalogue import PublishedData
from autoequivariant.data.published.digits import Digits
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.source import DataSource, ReadOptions, existing_path, file_suffix
from autoequivariant.data.synthetic.catalogue import SyntheticData
from autoequivariant.data.tables.table_file import TableFile
from autoequivariant.data.task import TASKS
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.memory import MemoryBudget

SOURCES: dict[str, DataSource] = {
    source.name: source
    for source in (
        Digits(),
        SyntheticData(),
        PublishedData(),
        TableFile(),
        NumpyFile(),
        IdxFolder(),
        ImageFolder(),
    )
}
"""Data sources by name, in the order in which they are asked; to add one at run time, write
`SOURCES[source.name] = source`.
"""


def data_names() -> tuple[str, ...]:
    """Return the data sets that can be read by name."""
    return tuple(name for source in SOURCES.values() for name in source.names)


def read(
    data: str | Path,
    kind: str | None = None,
    source: Path | None = None,
    target: Sequence[str] | None = None,
    task: str | None = None,
    drop: Sequence[str] | None = None,
    memory_limit: int | None = None,
) -> Samples:
    """Read a labelled data set.

    Args:
        data: a name (`data_names`) as a text, or the path of what a source of `SOURCES` reads: an
            `.npz` file, a table, a folder of IDX files, or one with a folder of images per class. A
            path that is called like a data set is written `./digits`, or given as a `Path`.
        kind: `grid`, `sequence`, `features`, `volume` or `pairs`. Default: by the number of axes,
            as in `make_samples`.
        source: where the files of a published data set are. Default: the Hugging Face hub.
        target: columns of a table to predict; each text is one name or several with commas.
        task: `classification` or `regression`. Default: by the labels, as in `task.usual_task`.
        drop: columns of a table to leave out, written like `target`.
        memory_limit: bytes that reading may take. Default: a quarter of this machine's memory.

    Raises:
        DataError: there is no such data set, it cannot be read or used, or it takes more memory
            than the limit; one sentence that names the path and the remedy.
        SettingsError: `kind` or `task` is unknown or does not fit the data, an option is not for
            this data, or a table has no such column.
    """
    check_choice("kind", kind, KINDS)
    check_choice("task", task, TASKS)
    memory = MemoryBudget(source or data, memory_limit)
    options = ReadOptions(source, _as_names(target), _as_names(drop), memory)
    with read_errors(source or Path(data)):
        reader = source_of(data)
        _check_options(reader, data, options)
        arrays = reader.read(data, options)
        is_named = data in reader.names
        origin = source or (None if is_named else existing_path(data) or data)
        return make_samples(
            str(data) if is_named else short_name(data) or str(data),
            arrays,
            kind or arrays.kind,
            None if origin is None else str(origin),
            task or arrays.task,
        )


def source_of(data: str | Path) -> DataSource:
    """Return the source that reads a name or path.

    Raises:
        DataError: none does, or nothing is there.
        OSError: a folder cannot be opened.
    """
    for source in SOURCES.values():
        if source.recognises(data):
            return source
    path = existing_path(data)
    if path is not None:
        what = "folder" if path.is_dir() else "file"
        raise DataError(
            f"The {what} {path} holds no data set in a known format: give {_choices()}."
        )
    raise DataError(
        f"There is no data set or path {str(data)!r}{_suggestion(str(data))}: give {_choices()}."
    )


def short_name(data: str | Path) -> str:
    """Return the last part of a path without the ending that a source knows; empty for the root."""
    name = Path(data).resolve().name
    endings = (file_suffix(name, source.suffixes) for source in SOURCES.values())
    return name[: len(name) - len(next(filter(None, endings), ""))]


@contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """Turn errors of the system and of memory into sentences about `path`."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{error.filename or path} cannot be read ({error.strerror or error}): check the path "
            "and its permissions."
        ) from error
    except MemoryError:
        raise DataError(f"{path} does not fit into memory: give a smaller data set.") from None


def _as_names(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else (names,) if isinstance(names, str) else tuple(names)


def _check_options(reader: DataSource, data: str | Path, options: ReadOptions) -> None:
    for option in ("source", "target", "drop"):
        if getattr(options, option) is not None and option not in reader.options:
            users = [source for source in SOURCES.values() if option in source.options]
            what = ", ".join([*(name for user in users for name in user.names), *_forms(users)])
            raise SettingsError(
                f"--{option} is for {what}, not for {data}, which needs none: leave it out."
            )


def _forms(sources: Sequence[DataSource]) -> list[str]:
    return [source.form for source in sources if source.form]


def _choices() -> str:
    *forms, last = [*data_names(), *_forms(tuple(SOURCES.values()))]
    return f"{', '.join(forms)} or {last}"


def _suggestion(data: str) -> str:
    """Return names and neighbouring files that are spelled like `data`, as a hint."""
    close = difflib.get_close_matches(data, data_names(), n=1)
    path = Path(data)
    suffixes = tuple(suffix for source in SOURCES.values() for suffix in source.suffixes)
    try:
        siblings = [
            sibling.name
            for sibling in path.parent.iterdir()
            if file_suffix(sibling, suffixes)
            or (sibling.is_dir() and not sibling.name.startswith("."))
        ]
    except (OSError, ValueError):
        siblings = []
    matches = difflib.get_close_matches(path.name, siblings, n=2)
    close += [str(path.parent / match) for match in matches]
    return f" (did you mean {' or '.join(close)}?)" if close else ""
