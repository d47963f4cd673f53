"""The check of the columns of a table, which turns them into arrays of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.labels import text_labels
from autoequivariant.data.messages import short_text
from autoequivariant.data.precision import check_precision
from autoequivariant.data.tables.categories import (
    LONGEST_VALUE,
    Alphabet,
    Categories,
    alphabets,
    longest_text,
    read_text,
)
from autoequivariant.data.tables.column_faults import (
    INFINITE,
    cell_faults,
    kind_faults,
    leave_columns,
    target_faults,
    text_faults,
)
from autoequivariant.errors import DataError


def features_and_targets(
    table: Any,
    features: Sequence[str],
    targets: Sequence[str],
    origin: str,
    drop: str | None = "--drop",
    known: Mapping[str, Alphabet] | None = None,
) -> tuple[NDArray[np.float32], NDArray[Any], Categories]:
    """Return features as float32, shape `(n, features)`, the target as it is, shape `(n,)`, and the
    alphabets of the features, empty if all are numbers.

    Several targets, or none, are float64, shape `(n, targets)`. Booleans among numbers are 0 and 1.
    Features of text are codes of an alphabet; a missing value is one of its values.

    Args:
        table: of Arrow.
        features, targets: names of columns.
        origin: the table's path, for messages.
        drop: the option that leaves columns out, for messages; an empty text if the user leaves
            them out without one, None if they are needed.
        known: the alphabets of the features of text. Default: they follow from the table.

    Raises:
        DataError: numbers that are missing or infinite, text of too many values or of unknown ones,
            or other values; a sentence for each fault.
    """
    kinds = {name: _kind(table[name].type) for name in (*features, *targets)}
    kinds |= {name: "text" for name in known or () if kinds[name] in ("number", "nothing")}
    texts = {
        name: read_text(table[name])
        for name in features
        if kinds[name] == "text"
        and (longest_text(table[name]) <= LONGEST_VALUE if known is None else name in known)
    }
    letters = alphabets(texts) if known is None else known
    x = np.zeros((table.num_rows, len(features)), np.float32)
    missing: dict[str, NDArray[np.bool_]] = {}
    infinite: dict[str, NDArray[np.bool_]] = {}
    for place, name in enumerate(features):
        if kinds[name] == "number":
            x[:, place] = _floats(table[name], "float32")
            missing[name], infinite[name] = np.isnan(x[:, place]), np.isinf(x[:, place])
        elif name in texts:
            x[:, place] = texts[name].codes(letters[name])
        elif kinds[name] != "text":
            missing[name] = _nulls(table[name])
    unlabelled = {name: _missing(table[name], kinds[name]) for name in targets}
    faults = [
        *cell_faults("column", missing, "missing values", ("fill them",), origin, drop),
        *cell_faults("target", unlabelled, "missing values", (), origin, None),
        *kind_faults(table, features, kinds, texts, origin, drop, known),
        *text_faults(table, features, kinds, texts, origin, drop, known),
        *cell_faults("column", infinite, INFINITE, ("replace them",), origin, drop),
        *target_faults(table, targets, kinds, origin),
    ]
    if faults:
        raise DataError(" ".join(faults))
    categories = tuple(letters[name] if name in texts else () for name in features)
    categories = categories if texts else ()
    if not targets:
        return x, np.zeros((len(x), 0)), categories
    if len(targets) == 1:
        return x, _target(table[targets[0]], kinds[targets[0]], origin), categories
    y = np.stack([_floats(table[name], "float64") for name in targets], axis=1)
    return x, y, categories


def check_feature_precision(table: Any, features: Sequence[str], origin: str) -> None:
    """Refuse features of finite numbers that lose too much in float32; others are text.

    Raises:
        DataError: names them.
    """
    numbers = [name for name in features if _kind(table[name].type) == "number"]
    columns = ((name, _floats(table[name], "float64")) for name in numbers)
    check_precision(
        columns, "column", origin, lambda names: f", or {leave_columns(names, '--drop')}"
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
