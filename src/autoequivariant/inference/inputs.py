"""Samples that are given to a finished network: labelled or not, and a part of them or all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import as_numbers
from autoequivariant.data.formats.npz import read_bare_npz, read_npy
from autoequivariant.data.labels import label_names
from autoequivariant.data.layout import arrange
from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import hold_out
from autoequivariant.data.tables.reader import table_suffix
from autoequivariant.data.targets import target_rows
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Domain
from autoequivariant.inference.input_spec import InputSpec
from autoequivariant.inference.table_inputs import read_table_input

PARTS = ("train", "test", "all")


@dataclass(frozen=True, eq=False)
class InferenceInput:
    """Samples, and their labels where they have some.

    Attributes:
        name: of the data.
        part: `train`, `test` or `all`.
        domain: what they lie on.
        x: shape `(n, channels, *domain.shape)`, uint8 or float32.
        rows: the number of each sample in its part of the source, counted from 0; with `all`, test
            goes on where train ends.
        labels: names of their classes, shape `(n,)`, or targets of regression, float32, shape
            `(n, m)`; None where there are none.
        unlabelled: why there are none, where there is more to say.
        ignored: columns of a table that the network does not read.
        seen: a sentence where the network was, or may have been, trained on some of them.
    """

    name: str
    part: str
    domain: Domain
    x: NDArray[Any]
    rows: NDArray[np.int64]
    labels: NDArray[Any] | None
    unlabelled: str = ""
    ignored: tuple[str, ...] = ()
    seen: str = ""

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.x)


def read_inputs(
    data: str, part: str | None = None, source: Path | None = None, wanted: InputSpec | None = None
) -> InferenceInput:
    """Read samples for a finished network.

    Args:
        data: whatever `read` reads; an `.npz` with `x`, and `y` if there are labels; an `.npy`; or
            a table, with labels or without.
        part: `train`, `test` or `all`. Default: test if there is one, else all.
        source: as in `read`.
        wanted: what the network takes. Default: nothing is known of it. Where the data are those
            that were searched and have no test set, the fifth that the search held out is test.

    Raises:
        DataError: there is no such data, or it cannot be read or used.
        SettingsError: there is no such part, or the kind or `source` do not fit the data.
    """
    if part is not None and part not in PARTS:
        raise SettingsError(f"--part knows {', '.join(PARTS)}, not {part!r}.")
    wanted = wanted or InputSpec()
    path = Path(data)
    with _refusals(path):
        if source is None and table_suffix(path) and path.is_file():
            return _of_table(path, part, wanted)
        bare = None if source is not None else _bare(path)
    if bare is None:
        samples = read(data, wanted.kind, source, task=wanted.task)
        return _part_of(samples, data, part, wanted)
    _refuse_part(data, part)
    values, labels = bare
    domain, x = arrange(as_numbers(values, "given", data), wanted.kind, data)
    found = None if labels is None else _labels(labels, wanted, data)
    if found is not None and len(found) != len(x):
        raise DataError(f"{data} has {len(x)} samples but {len(found)} labels: give one for each.")
    seen = _seen(data, "all", wanted)
    return InferenceInput(data, "all", domain, x, np.arange(len(x)), found, seen=seen)


def _labels(labels: NDArray[Any], wanted: InputSpec, data: str) -> NDArray[Any]:
    if wanted.task == "regression":
        return target_rows(labels, wanted.targets, "given", data)
    return label_names(labels, data)


def _of_table(path: Path, part: str | None, wanted: InputSpec) -> InferenceInput:
    if wanted.searched is not None and wanted.target is not None:
        # Only with all its columns can it be what was searched.
        with suppress(DataError, SettingsError):
            samples = read(path, wanted.kind, None, wanted.target, wanted.task, wanted.drop)
            if samples.fingerprint() == wanted.searched[0]:
                return _part_of(samples, str(path), part, wanted)
    _refuse_part(str(path), part)
    found = read_table_input(path, wanted)
    domain, x = arrange(found.x, wanted.kind, str(path))
    return InferenceInput(
        str(path),
        "all",
        domain,
        x,
        np.arange(len(x)),
        found.labels,
        found.unlabelled,
        found.ignored,
        _seen(str(path), "all", wanted),
    )


def _seen(data: str, part: str, wanted: InputSpec, is_searched: bool = False) -> str:
    """Say whether a part of some data may hold what the network was trained on."""
    if part == "test" or wanted.searched is None:
        return ""
    if is_searched:
        return "The model was trained on some of these samples: none of them is in --part test."
    if wanted.data is None or Path(data).name != Path(wanted.data).name:
        return ""
    return (
        f"{data} is called like the data that were searched, but its contents differ, so which "
        "samples were held out is not known: the model may have been trained on some of these."
    )


def _refuse_part(data: str, part: str | None) -> None:
    if part in ("train", "test"):
        raise SettingsError(f"{data} has no parts: leave --part {part} out.")


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror or error}): check the path and its "
            "permissions."
        ) from error
    except MemoryError:
        raise DataError(f"{path} does not fit into memory: give a smaller data set.") from None


def _bare(path: Path) -> tuple[NDArray[Any], NDArray[Any] | None] | None:
    if path.suffix.lower() == ".npy" and path.is_file():
        return read_npy(path), None
    if path.suffix.lower() == ".npz" and path.is_file():
        return read_bare_npz(path)
    return None


def _part_of(samples: Samples, data: str, part: str | None, wanted: InputSpec) -> InferenceInput:
    x, y, x_test, y_test = samples.x, samples.y, samples.x_test, samples.y_test
    searched = wanted.searched
    is_searched = searched is not None and searched[0] == samples.fingerprint()
    train = np.arange(len(x))
    if x_test is not None and y_test is not None:
        test = np.arange(len(x_test))
    elif searched is not None and is_searched:
        order, held_out = hold_out(y, searched[1])
        train, test = np.sort(order), np.sort(held_out)
        x_test, y_test = x, y
    elif part == "test":
        raise SettingsError(
            f"{samples.name} has no test set of its own: give --part all, or leave --part out."
        )
    else:
        part = part or "all"
    part = part or "test"
    seen = _seen(data, part, wanted, is_searched)
    if part == "test" and x_test is not None and y_test is not None:
        return _given(samples, part, x_test[test], y_test[test], test, seen)
    if part == "train" or samples.x_test is None or samples.y_test is None:
        rows = train if part == "train" else np.arange(len(x))
        return _given(samples, part, x[rows], y[rows], rows, seen)
    every_x = np.concatenate([x, samples.x_test])
    every_y = np.concatenate([y, samples.y_test])
    return _given(samples, part, every_x, every_y, np.arange(len(every_x)), seen)


def _given(
    samples: Samples,
    part: str,
    x: NDArray[Any],
    y: NDArray[Any],
    rows: NDArray[np.int64],
    seen: str,
) -> InferenceInput:
    labels = np.array(samples.classes)[y] if samples.classes else y
    return InferenceInput(samples.name, part, samples.domain, x, rows, labels, seen=seen)
