"""Default names of custom symmetries: a short description of the action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autoequivariant.errors import printable, shortened

_MAX_LENGTH = 60  # longer descriptions are shortened, part by part
_SHARED_LENGTH, _MIN_LENGTH = 64, 20  # of all names in a part together, and of each
_FIRST, _LAST = 4, 1  # names kept of many
_ELLIPSIS = "..."  # for the names left out


def default_name(mapping: Mapping[str, Any]) -> str:
    """Return a name, without commas, that describes the action of a custom symmetry.

    In a long name each column name loses its middle, since column names often share their
    beginning, and of many columns only the first four and the last are kept. Two symmetries may
    therefore have the same default name; `resolve` then numbers them.

    Args:
        mapping: as `Definition.of` takes it.
    """
    whole = _describe(mapping, is_short=False)
    if len(whole) <= _MAX_LENGTH:
        return whole
    return shortened(_describe(mapping, is_short=True), 3 * _MAX_LENGTH)


def _describe(mapping: Mapping[str, Any], is_short: bool) -> str:
    parts = [f"{key} {_describe_value(key, value, is_short)}" for key, value in mapping.items()]
    return printable("; ".join(parts).replace(",", ""))


def _describe_value(key: str, value: Any, is_short: bool) -> str:
    if isinstance(value, Mapping):
        return _describe(value, is_short)
    parts = _parts(key, value)
    if not is_short:
        return " ".join(parts)
    if len(parts) > _FIRST + _LAST:
        parts = [*parts[:_FIRST], _ELLIPSIS, *parts[-_LAST:]]
    pairs = [[name.strip() for name in part.split("<->")] for part in parts]
    length = max(_MIN_LENGTH, _SHARED_LENGTH // max(1, sum(map(len, pairs))))
    return " ".join(" <-> ".join(shortened(name, length) for name in names) for names in pairs)


def _parts(key: str, value: Any) -> list[str]:
    if key == "cycles" and isinstance(value, list):
        return [f"({' '.join(map(str, c))})" if isinstance(c, list) else str(c) for c in value]
    if isinstance(value, list):
        return [str(part) for part in value]
    text = str(value)
    return [part.strip() for part in text.split(",")] if key == "swap" else text.split()
