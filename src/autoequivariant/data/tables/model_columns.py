"""The columns of a table that a trained model reads, found by name, with or without targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from autoequivariant.data.input_spec import InputSpec, RawInput
from autoequivariant.data.messages import listed_columns, quoted
from autoequivariant.data.tables.categories import names_and_values
from autoequivariant.data.tables.checker import features_and_targets
from autoequivariant.data.tables.columns import split_names, suggestion
from autoequivariant.errors import DataError

TableReader = Callable[[Sequence[str], Sequence[str]], Any]
"""Reads features and targets, by their names, as an Arrow table; it may have more columns."""


def read_model_columns(
    names: tuple[str, ...], read: TableReader, spec: InputSpec, origin: str
) -> RawInput:
    """Return the features that a model reads, in its order, and the labels if they can be used.

    If the model knows the names of its columns, they may be in any order; otherwise its columns are
    all but the targets and those that the search dropped.

    Args:
        names: of all columns of a table.
        read: reads some of them.
        spec: what the model expects.
        origin: the table's path, for messages.

    Raises:
        DataError: a column is missing, or values cannot be used.
    """
    targets = spec.targets or split_names(spec.target or (), names)
    dropped = split_names(spec.drop or (), names)
    features = spec.columns or tuple(name for name in names if name not in {*targets, *dropped})
    missing = [name for name in features if name not in names]
    if missing:
        raise DataError(
            f"{origin} has no {_called(missing)}, which the model reads: "
            f"{suggestion(missing, names, features)}"
        )
    if not features:
        raise DataError(
            f"{origin} has {listed_columns(names)} and no features: give the features, too."
        )
    known = names_and_values(features, spec.categories)
    x, _, categories = features_and_targets(
        read(features, ()), features, (), origin, drop=None, known=known
    )
    ignored = tuple(name for name in names if name not in {*features, *targets, *dropped})
    try:
        labels, reason = _labels(names, read, targets, spec, origin), ""
    except DataError as error:
        labels, reason = None, str(error)
    return RawInput(x, labels, reason, ignored, features, categories)


def _labels(
    names: tuple[str, ...],
    read: TableReader,
    targets: Sequence[str],
    spec: InputSpec,
    origin: str,
) -> NDArray[Any]:
    if not targets:
        raise DataError(
            f"It is not known which column of {origin} holds the labels: give the folder of the "
            "run that was made from a table, or use aen predict."
        )
    missing = [name for name in targets if name not in names]
    if missing:
        raise DataError(
            f"{origin} has no {_called(missing)} to compare with: give a labelled table, or use "
            "aen predict."
        )
    _, y, _ = features_and_targets(read((), targets), (), targets, origin)
    return spec.labels(y, origin)


def _called(names: Sequence[str]) -> str:
    return f"column{'s' if len(names) > 1 else ''} {quoted(names)}"
