"""The check of the columns of a table, which turns them into arrays of numbers."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.labels import text_labels
from autoequivariant.data.messages import is_number, quoted, short_text
from autoequivariant.data.precision import check_precision
from autoequivariant.errors import DataError

_ROWS_SEARCHED = 100_000  # for an example
_LONGEST_EXAMPLE = 30
_MOST_DROPPED = 5
_LEAVE_ROWS = "leave those rows out"
_INFINITE = "values that are infinite in float32"
_REMEDIES = {
    "text": " (such as a column of 0 and 1 for each value)",
    "dates": " (such as days since the first)",
}

_Masks = Mapping[str, NDArray[np.bool_]]


def features_and_targets(
    table: Any,
    features: Sequence[str],
    targets: Sequence[str],
    origin: str,
    drop: str | None = "--drop",
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return features as float32, shape `(n, features)`, and the target as it is, shape `(n,)`.

    Several targets, or none, are float64, shape `(n, targets)`. Booleans among numbers are 0 and 1.

    Args:
        table: of Arrow.
        features, targets: names of columns.
        origin: the table's path, for messages.
        drop: the option that leaves columns out, for messages; an empty text if the user leaves
            them out without one, None if they are needed.

    Raises:
        DataError: values that are missing, infinite, or no numbers; a sentence for each fault.
    """
    kinds = {name: _kind(table[name].type) for name in (*features, *targets)}
    x = np.zeros((table.num_rows, len(features)), np.float32)
    missing: dict[str, NDArray[np.bool_]] = {}
    infinite: dict[str, NDArray[np.bool_]] = {}
    for place, name in enumerate(features):
        if kinds[name] == "number":
            x[:, place] = _floats(table[name], "float32")
            missing[name], infinite[name] = np.isnan(x[:, place]), np.isinf(x[:, place])
        else:
            missing[name] = _nulls(table[name])
    unlabelled = {name: _missing(table[name], kinds[name]) for name in targets}
    faults = [
        *_cell_faults("column", missing, "missing values", ("fill them",), origin, drop),
        *_cell_faults("target", unlabelled, "missing values", (), origin, None),
        *_kind_faults(table, features, kinds, origin, drop),
        *_cell_faults("column", infinite, _INFINITE, ("replace them",), origin, drop),
        *_target_faults(table, targets, kinds, origin),
    ]
    if faults:
        raise DataError(" ".join(faults))
    if not targets:
        return x, np.zeros((len(x), 0))
    if len(targets) == 1:
        return x, _target(table[targets[0]], kinds[targets[0]], origin)
    return x, np.stack([_floats(table[name], "float64") for name in targets], axis=1)


def check_feature_precision(table: Any, features: Sequence[str], origin: str) -> None:
    """Refuse features of finite numbers that lose too much in float32.

    Raises:
        DataError: names them.
    """
    columns = ((name, _floats(table[name], "float64")) for name in features)
    check_precision(
        columns, "column", origin, lambda names: f", or {_leave_columns(names, '--drop')}"
    )


def _kind(arrow_type: Any) -> str:
    from pyarrow import types

    if types.is_dictionary(arrow_type):
        return _kind(arrow_type.value_type)
    for kind, tests in {
        "number": (types.is_integer, types.is_floating, types.is_decimal, types.is_boolean),
        "text": (types.is_string, types.is_large_string, types.is_string_view),
        "dates": (types.is_temporal,),
        "bytes, or text that is not in UTF-8": (types.is_binary, types.is_large_binary),
        "nothing": (types.is_null,),
    }.items():
        if any(test(arrow_type) for test in tests):
            return kind
    return f"values of type {short_text(str(arrow_type))}"


def _floats(column: Any, name: str) -> NDArray[Any]:
    """Return numbers as floats; missing ones are NaN, and those out of range infinite."""
    import pyarrow as arrow

    column = _decoded(column)
    if arrow.types.is_decimal(column.type) or arrow.types.is_float16(column.type):
        column = column.cast(arrow.float64(), safe=False)
    with np.errstate(over="ignore"):
        return np.asarray(column.cast(getattr(arrow, name)(), safe=False).to_numpy(), name)


def _decoded(column: Any) -> Any:
    """Return a column whose values are not coded by a dictionary."""
    from pyarrow import types

    return column.cast(column.type.value_type) if types.is_dictionary(column.type) else column


def _target(column: Any, kind: str, origin: str) -> NDArray[Any]:
    import pyarrow as arrow

    if kind == "text":
        coded = column.unify_dictionaries().combine_chunks()
        if not arrow.types.is_dictionary(column.type):
            coded = coded.dictionary_encode()
        values = text_labels(coded.dictionary.to_pylist(), origin)
        return np.asarray(values[coded.indices.to_numpy()])
    column = _decoded(column)
    if arrow.types.is_boolean(column.type) or arrow.types.is_integer(column.type):
        return np.asarray(column.to_numpy())
    return _floats(column, "float64")


def _missing(column: Any, kind: str) -> NDArray[np.bool_]:
    return np.isnan(_floats(column, "float32")) if kind == "number" else _nulls(column)


def _nulls(column: Any) -> NDArray[np.bool_]:
    return np.asarray(column.is_null().to_numpy(), np.bool_)


def _cell_faults(
    what: str,
    masks: _Masks,
    fault: str,
    remedies: tuple[str, ...],
    origin: str,
    drop: str | None,
) -> list[str]:
    """Return a sentence about the columns with a fault in some rows, given by masks."""
    names = [name for name, mask in masks.items() if mask.any()]
    if not names:
        return []
    rows = reduce(np.logical_or, (masks[name] for name in names))
    have = "has" if len(names) == 1 else "have"
    return [
        f"{_called(what, names)} of {origin} {have} {fault}, in {int(rows.sum()):,} of "
        f"{len(rows):,} rows: {_remedies((*remedies, _LEAVE_ROWS), names, drop)}."
    ]


def _kind_faults(
    table: Any, features: Sequence[str], kinds: dict[str, str], origin: str, drop: str | None
) -> list[str]:
    """Return a sentence for each kind of values that are no numbers."""
    faults = []
    bad = [name for name in features if kinds[name] not in ("number", "nothing")]
    for kind in dict.fromkeys(kinds[name] for name in bad):
        names = [name for name in bad if kinds[name] == kind]
        hold, them = ("holds", "it") if len(names) == 1 else ("hold", "them")
        example = f" (such as {_example(table[names[0]])})" if kind == "text" else ""
        turn = f"turn {them} into numbers{_REMEDIES.get(kind, '')}"
        faults.append(
            f"{_called('column', names)} of {origin} {hold} {kind}{example}: "
            f"{_remedies((turn,), names, drop)}."
        )
    return faults


def _target_faults(
    table: Any, targets: Sequence[str], kinds: dict[str, str], origin: str
) -> list[str]:
    faults = []
    several = len(targets) > 1
    need = "several targets are numbers" if several else "a target is numbers or text"
    for name in targets:
        kind = kinds[name]
        if kind in ("number", "nothing") or (kind == "text" and not several):
            continue
        example = f" (such as {_example(table[name])})" if kind == "text" else ""
        faults.append(
            f"The target {name!r} of {origin} holds {kind}{example}, but {need}: choose another."
        )
    return faults


def _example(column: Any) -> str:
    """Return the first text that is no number, such as a stray word in a column of numbers."""
    values = (value.as_py() for value in column.slice(0, _ROWS_SEARCHED))
    row, text = next(
        ((row, text) for row, text in enumerate(values, 1) if text and not is_number(text)),
        (1, str(column[0].as_py())),
    )
    return f"{text[:_LONGEST_EXAMPLE]!r} in row {row:,}"


def _called(what: str, names: Sequence[str]) -> str:
    return f"The {what}{'s' if len(names) > 1 else ''} {quoted(names)}"


def _remedies(remedies: tuple[str, ...], names: Sequence[str], drop: str | None) -> str:
    if drop is None:
        return " or ".join(remedies)
    return f"{', '.join(remedies)}, or {_leave_columns(names, drop)}"


def _leave_columns(names: Sequence[str], drop: str) -> str:
    text = f"leave {'that column' if len(names) == 1 else 'those columns'} out"
    if not drop:
        return text
    if len(names) > _MOST_DROPPED:
        return f"{text} with {drop}"
    options = ",".join(names) if not any("," in name for name in names) else "..."
    return f"{text} with {drop} {shlex.quote(options)}"
