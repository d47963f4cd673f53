"""The values of a table as arrays of numbers, or a sentence for each way in which they are none."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.precision import rounded, rounding_trouble
from autoequivariant.data.tables.columns import quoted
from autoequivariant.errors import DataError

_ROWS_LOOKED_AT = 100_000
_LONGEST_SHOWN = 30
_MOST_DROPPED = 5
_REMEDIES = ("fill them", "replace them")  # for values that are missing, and infinite
_OrDrop = Callable[[Sequence[str]], str]


def features_and_targets(
    table: Any,
    features: Sequence[str],
    targets: Sequence[str],
    origin: str,
    may_drop: bool = True,
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return features as float32, shape `(n, features)`, and the target as it is, shape `(n,)`.

    Several targets, or none, are float64, shape `(n, targets)`. Booleans among numbers are 0 and 1.

    Args:
        table: of Arrow.
        features: names of columns.
        targets: names of columns.
        origin: the table's path, for messages.
        may_drop: whether columns can be left out with `--drop`, for messages.

    Raises:
        DataError: values that are missing, infinite, or no numbers; each way is said.
    """
    kinds = {name: _kind(table[name].type) for name in (*features, *targets)}
    x = np.zeros((table.num_rows, len(features)), np.float32)
    holes = {name: _holes(table[name], kinds[name]) for name in targets}
    for place, name in enumerate(features):
        if kinds[name] == "number":
            x[:, place] = _floats(table[name], "float32")
            holes[name] = np.isnan(x[:, place])
        else:
            holes[name] = _holes(table[name], kinds[name])
    or_drop = _or_drop if may_drop else _no_drop
    rows = "leave those rows out"
    cells, others = (f"{remedy}{',' if may_drop else ' or'} {rows}" for remedy in _REMEDIES)
    troubles = [
        *_missing("column", features, holes, cells, origin, or_drop),
        *_missing("target", targets, holes, rows, origin, _no_drop),
        *_not_numbers(table, features, kinds, origin, or_drop),
        *_infinite(features, x, origin, others, or_drop),
        *_no_targets(table, targets, kinds, origin),
    ]
    if troubles:
        raise DataError(" ".join(troubles))
    if not targets:
        return x, np.zeros((len(x), 0))
    if len(targets) == 1:
        return x, _target(table[targets[0]], kinds[targets[0]])
    return x, np.stack([_floats(table[name], "float64") for name in targets], axis=1)


def refuse_rounded(table: Any, features: Sequence[str], origin: str) -> None:
    """Refuse features that float32 rounds too much of away.

    Args:
        table: of Arrow.
        features: names of columns of finite numbers.
        origin: the table's path, for messages.

    Raises:
        DataError: names them.
    """
    lost = rounded((name, _floats(table[name], "float64")) for name in features)
    if lost:
        remedy = _or_drop([one.name for one in lost])
        raise DataError(rounding_trouble("column", lost, origin, remedy))


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
    return f"values of type {arrow_type}"


def _floats(column: Any, name: str) -> NDArray[Any]:
    """Return numbers as floats; missing ones are NaN, and those out of range infinite."""
    import pyarrow as arrow

    if arrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if arrow.types.is_decimal(column.type) or arrow.types.is_float16(column.type):
        column = column.cast(arrow.float64(), safe=False)
    with np.errstate(over="ignore"):
        return np.asarray(column.cast(getattr(arrow, name)(), safe=False).to_numpy(), name)


def _target(column: Any, kind: str) -> NDArray[Any]:
    import pyarrow as arrow

    if arrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kind == "text":
        coded = column.combine_chunks().dictionary_encode()
        values = np.array(coded.dictionary.to_pylist(), dtype=str)
        return np.asarray(values[coded.indices.to_numpy()])
    if arrow.types.is_boolean(column.type) or arrow.types.is_integer(column.type):
        return np.asarray(column.to_numpy())
    return _floats(column, "float64")


def _missing(
    what: str,
    names: Sequence[str],
    holes: dict[str, NDArray[np.bool_]],
    remedy: str,
    origin: str,
    or_drop: _OrDrop,
) -> list[str]:
    lacking = [name for name in names if holes[name].any()]
    if not lacking:
        return []
    rows = np.zeros_like(holes[lacking[0]])
    for name in lacking:
        rows |= holes[name]
    have, count = _have(lacking), int(rows.sum())
    return [
        f"{_called(what, lacking)} of {origin} {have} missing values, in {count:,} of "
        f"{len(rows):,} rows: {remedy}{or_drop(lacking)}."
    ]


def _holes(column: Any, kind: str) -> NDArray[np.bool_]:
    """Return where values are missing."""
    if kind == "number":
        return np.asarray(np.isnan(_floats(column, "float32")))
    return np.asarray(column.is_null().to_numpy(), np.bool_)


def _not_numbers(
    table: Any, features: Sequence[str], kinds: dict[str, str], origin: str, or_drop: _OrDrop
) -> list[str]:
    troubles = []
    strangers = [name for name in features if kinds[name] not in ("number", "nothing")]
    for kind in dict.fromkeys(kinds[name] for name in strangers):
        names = [name for name in strangers if kinds[name] == kind]
        shown, remedy = "", f"turn {'it' if len(names) == 1 else 'them'} into numbers"
        if kind == "text":
            shown = f" (such as {_example(table[names[0]])})"
            remedy += " (such as a column of 0 and 1 for each value)"
        elif kind == "dates":
            remedy += " (such as days since the first)"
        hold = "holds" if len(names) == 1 else "hold"
        troubles.append(
            f"{_called('column', names)} of {origin} {hold} {kind}{shown}: {remedy}"
            f"{or_drop(names)}."
        )
    return troubles


def _example(column: Any) -> str:
    """Return the first text that is no number, as in a column of numbers with a stray word."""
    values = column.slice(0, _ROWS_LOOKED_AT).to_pylist()
    row, text = next(
        ((row, text) for row, text in enumerate(values, 1) if text and not _is_number(text)),
        (1, str(values[0])),
    )
    return f"{text[:_LONGEST_SHOWN]!r} in row {row:,}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _infinite(
    features: Sequence[str],
    x: NDArray[np.float32],
    origin: str,
    remedy: str,
    or_drop: _OrDrop,
) -> list[str]:
    infinite = np.isinf(x)
    names = [features[int(place)] for place in np.flatnonzero(infinite.any(axis=0))]
    if not names:
        return []
    rows = int(infinite.any(axis=1).sum())
    return [
        f"{_called('column', names)} of {origin} {_have(names)} values that are infinite in "
        f"float32, in {rows:,} of {len(x):,} rows: {remedy}"
        f"{or_drop(names)}."
    ]


def _no_targets(
    table: Any, targets: Sequence[str], kinds: dict[str, str], origin: str
) -> list[str]:
    usable = ("number", "nothing") if len(targets) > 1 else ("number", "nothing", "text")
    troubles = []
    for name in targets:
        if kinds[name] in usable:
            continue
        shown = f" (such as {_example(table[name])})" if kinds[name] == "text" else ""
        need = "several targets are numbers" if len(targets) > 1 else "a target is numbers or text"
        troubles.append(
            f"The target {name!r} of {origin} holds {kinds[name]}{shown}, but {need}: choose "
            "another."
        )
    return troubles


def _called(what: str, names: Sequence[str]) -> str:
    return f"The {what}{'s' if len(names) > 1 else ''} {quoted(names)}"


def _have(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _no_drop(names: Sequence[str]) -> str:
    return ""


def _or_drop(names: Sequence[str]) -> str:
    if len(names) > _MOST_DROPPED:
        return ", or leave those columns out with --drop"
    options = ",".join(names) if not any("," in name for name in names) else "..."
    what = "that column" if len(names) == 1 else "those columns"
    return f", or leave {what} out with --drop {shlex.quote(options)}"
