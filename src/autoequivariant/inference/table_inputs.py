"""A table for a finished network: its columns are found by name, with targets or without."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.labels import label_names
from autoequivariant.data.tables.columns import listed, quoted, split_names
from autoequivariant.data.tables.reader import open_table
from autoequivariant.data.tables.values import features_and_targets
from autoequivariant.data.targets import target_rows
from autoequivariant.errors import DataError
from autoequivariant.inference.input_spec import InputSpec

_MOST_GUESSED = 3


@dataclass(frozen=True, eq=False)
class TableInput:
    """What a table holds for a network.

    Attributes:
        x: the columns that it reads, in its order, float32, shape `(n, columns)`.
        labels: names of classes, shape `(n,)`, or targets, shape `(n, m)`; None without.
        unlabelled: why there are no labels, and what to do.
        ignored: columns that are of no use.
    """

    x: NDArray[np.float32]
    labels: NDArray[Any] | None
    unlabelled: str
    ignored: tuple[str, ...]


def read_table_input(path: Path, wanted: InputSpec) -> TableInput:
    """Read a table for a network.

    Where the network knows names of columns, those are taken, in any order; otherwise all columns
    but the targets and those that the search dropped.

    Args:
        path: a file with one of `table.TABLE_SUFFIXES`.
        wanted: what the network takes.

    Raises:
        DataError: the file cannot be read, a column is missing, or values cannot be used.
        OSError: the file cannot be opened.
    """
    table = open_table(path)
    names = tuple(table.column_names)
    targets = wanted.targets or split_names(wanted.target or (), names)
    dropped = split_names(wanted.drop or (), names)
    if wanted.columns:
        _refuse_missing(wanted.columns, names, str(path))
        features = wanted.columns
    else:
        features = tuple(name for name in names if name not in {*targets, *dropped})
    if not features:
        raise DataError(f"{path} has {listed(names)} and no features: give the features, too.")
    x, _ = features_and_targets(table, features, (), str(path), may_drop=False)
    ignored = tuple(name for name in names if name not in {*features, *targets, *dropped})
    labels: NDArray[Any] | None = None
    unlabelled = ""
    try:
        labels = _labels(table, targets, wanted, str(path))
    except DataError as error:
        unlabelled = str(error)
    return TableInput(x, labels, unlabelled, ignored)


def _refuse_missing(wanted: Sequence[str], names: Sequence[str], origin: str) -> None:
    missing = [name for name in wanted if name not in names]
    if not missing:
        return
    others = {name.lower(): name for name in names if name not in wanted}
    guesses = []
    for name in missing[:_MOST_GUESSED]:
        close = difflib.get_close_matches(name.lower(), others, n=1)
        guesses += [f"{others[close[0]]!r} for {name!r}"] if close else []
    hint = f"did you mean {', '.join(guesses)}?" if guesses else f"it has {listed(names)}."
    raise DataError(
        f"{origin} has no column{'s' if len(missing) > 1 else ''} {quoted(missing)}, which the "
        f"model reads: {hint}"
    )


def _labels(table: Any, targets: Sequence[str], wanted: InputSpec, origin: str) -> NDArray[Any]:
    """Return what the targets hold.

    Raises:
        DataError: one is not there or cannot be used.
    """
    if not targets:
        raise DataError(
            f"It is not known which column of {origin} holds the labels: give the folder of the "
            "run that was made from a table, or use aen predict."
        )
    missing = [name for name in targets if name not in table.column_names]
    if missing:
        several = "s" if len(missing) > 1 else ""
        raise DataError(
            f"{origin} has no column{several} {quoted(missing)} to compare with: give a labelled "
            "table, or use aen predict."
        )
    _, y = features_and_targets(table, (), targets, origin)
    if wanted.task == "regression":
        return target_rows(y, tuple(targets), "given", origin)
    return label_names(y, origin)
