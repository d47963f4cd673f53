"""Reads samples for a trained model, with or without labels."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import as_numbers
from autoequivariant.data.copies.find import find_copies
from autoequivariant.data.copies.looked_at import with_looked_at
from autoequivariant.data.input_spec import InputSpec, RawInput
from autoequivariant.data.layout import arrange
from autoequivariant.data.messages import check_choice
from autoequivariant.data.registry import read, read_errors, source_of
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import hold_out
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Domain
from autoequivariant.memory import MemoryBudget

PARTS = ("train", "test", "all")


@dataclass(frozen=True, eq=False)
class InferenceInput:
    """Samples, with labels if there are any.

    Attributes:
        name: of the data.
        part: `train`, `test` or `all`.
        domain: of the samples.
        x: shape `(n, channels, *domain.shape)`, uint8 or float32.
        rows: number of each sample in its part of the source, from 0; in `all`, test samples follow
            the training samples.
        labels: names of classes, shape `(n,)`, or regression targets, float32, shape `(n, m)`; None
            if there are none.
        unlabelled: why there are no labels; empty if there is no special reason.
        ignored: columns of a table that the model does not read.
        training_warning: a sentence if the model may have been trained on some of the samples.
        classes: names of the classes of a labelled data set, in the order of their numbers.
        columns: names of the columns of a table.
        categories: of those columns, as in `data.arrays.Arrays`.
    """

    name: str
    part: str
    domain: Domain
    x: NDArray[Any]
    rows: NDArray[np.int64]
    labels: NDArray[Any] | None
    unlabelled: str = ""
    ignored: tuple[str, ...] = ()
    training_warning: str = ""
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.x)


def read_inputs(
    data: str,
    part: str | None = None,
    source: Path | None = None,
    spec: InputSpec | None = None,
    memory_limit: int | None = None,
) -> InferenceInput:
    """Read samples for a trained model.

    Args:
        data: as in `read`; also a table without labels, an `.npz` file with `x` and optionally `y`,
            or an `.npy` file.
        part: `train`, `test` or `all`. Default: test if there is a test set, else all. For the data
            of the search without a test set, test is the fifth that it held out.
        source: as in `read`.
        spec: what the model expects. Default: unknown.
        memory_limit: as in `read`.

    Raises:
        DataError: the data do not exist, or cannot be read or used.
        SettingsError: `part` is unknown, or the kind or `source` does not suit the data.
    """
    check_choice("--part", part, PARTS)
    spec = spec or InputSpec()
    if source is None:
        samples = _searched_table(data, spec, memory_limit)
        if samples is not None:
            return part_of(samples, data, part, spec)
        with read_errors(Path(data)):
            raw = source_of(data).read_input(data, spec, MemoryBudget(data, memory_limit))
            if raw is not None:
                return _without_parts(raw, data, part, spec)
    samples = read(data, spec.kind, source, task=spec.task, memory_limit=memory_limit)
    return part_of(samples, data, part, spec)


def _searched_table(data: str, spec: InputSpec, memory_limit: int | None) -> Samples | None:
    """Return the table of the search with its targets; None if `data` is another source."""
    if spec.searched is not None and spec.target is not None:
        # A table with other columns is new data.
        with suppress(DataError, SettingsError):
            samples = read(data, spec.kind, None, spec.target, spec.task, spec.drop, memory_limit)
            if samples.fingerprint() == spec.searched[0]:
                return samples
    return None


def _without_parts(raw: RawInput, data: str, part: str | None, spec: InputSpec) -> InferenceInput:
    if part in ("train", "test"):
        raise SettingsError(f"{data} has no parts: omit --part {part}.")
    domain, x = arrange(as_numbers(raw.x, "input", data), spec.kind, data)
    labels = raw.labels
    if labels is not None and len(labels) != len(x):
        raise DataError(f"{data} has {len(x)} samples but {len(labels)} labels: give one for each.")
    rows, warning = np.arange(len(x)), _training_warning(data, "all", spec)
    return InferenceInput(
        *(data, "all", domain, x, rows, labels, raw.unlabelled, raw.ignored, warning),
        columns=raw.columns,
        categories=raw.categories,
    )


def part_of(samples: Samples, data: str, part: str | None, spec: InputSpec) -> InferenceInput:
    """Return a part of a labelled data set; see `read_inputs`.

    Raises:
        SettingsError: there is no such part.
    """
    x, y = samples.x, samples.y
    rows = np.arange(len(x))
    searched = spec.searched
    is_searched = searched is not None and searched[0] == samples.fingerprint()
    if samples.x_test is not None and samples.y_test is not None:
        part = part or "test"
        if part == "test":
            x, y = samples.x_test, samples.y_test
        elif part == "all":
            x, y = np.concatenate([x, samples.x_test]), np.concatenate([y, samples.y_test])
        rows = np.arange(len(x))
    elif searched is not None and is_searched:
        part = part or "test"
        if part != "all":
            copies = find_copies(samples, spec.related)
            if spec.looked_at:
                copies = with_looked_at(copies, samples, searched[1])
            train, test = hold_out(y, searched[1], copies)
            rows = np.sort(test if part == "test" else train)
            x, y = x[rows], y[rows]
    elif part == "test":
        raise SettingsError(f"{samples.name} has no test set: omit --part, or use --part all.")
    part = part or "all"
    labels = np.array(samples.classes)[y] if samples.classes else y
    warning = _training_warning(data, part, spec, is_searched)
    return InferenceInput(
        *(samples.name, part, samples.domain, x, rows, labels),
        training_warning=warning,
        classes=samples.classes,
        columns=samples.columns,
        categories=samples.categories,
    )


def _training_warning(data: str, part: str, spec: InputSpec, is_searched: bool = False) -> str:
    """Return a warning if the model may have been trained on some samples; else an empty string."""
    if part == "test" or spec.searched is None:
        return ""
    if is_searched:
        return "The model was trained on some of these samples: --part test has none of them."
    if spec.data is None or Path(data).name != Path(spec.data).name:
        return ""
    return (
        f"{data} has the name of the searched data but other contents, so the model may have been "
        "trained on some of these samples."
    )
