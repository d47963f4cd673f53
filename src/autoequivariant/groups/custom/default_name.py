"""What a symmetry of a person's own is called that was given no name: what it does, in short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autoequivariant.errors import printable

SHORT = 60
"""A longer text is shortened, part by part."""
_TOGETHER, _LEAST = 64, 20
_FIRST, _LAST = 4, 1
_CUT = "..."


def default_name(spec: Mapping[str, Any]) -> str:
    """Return a name that says what a mapping does, without commas.

    Where it would be long, names of columns lose their middle, as their beginnings are often alike,
    and of many columns the first four and the last are named. So two mappings may get one name:
    `resolve` then numbers them.

    Args:
        spec: as `Definition.of` takes it.
    """
    whole = _said(spec, is_short=False)
    if len(whole) <= SHORT:
        return whole
    return _cut(_said(spec, is_short=True), 3 * SHORT)


def _said(spec: Mapping[str, Any], is_short: bool) -> str:
    parts = [f"{key} {_value(key, value, is_short)}" for key, value in spec.items()]
    return printable("; ".join(parts).replace(",", ""))


def _value(key: str, value: Any, is_short: bool) -> str:
    if isinstance(value, Mapping):
        return _said(value, is_short)
    parts = _parts(key, value)
    if not is_short:
        return " ".join(parts)
    if len(parts) > _FIRST + _LAST:
        parts = [*parts[:_FIRST], _CUT, *parts[-_LAST:]]
    pairs = [[one.strip() for one in part.split("<->")] for part in parts]
    longest = max(_LEAST, _TOGETHER // max(1, sum(map(len, pairs))))
    return " ".join(" <-> ".join(_cut(one, longest) for one in pair) for pair in pairs)


def _parts(key: str, value: Any) -> list[str]:
    if key == "cycles" and isinstance(value, list):
        return [f"({' '.join(map(str, c))})" if isinstance(c, list) else str(c) for c in value]
    if isinstance(value, list):
        return [str(part) for part in value]
    text = str(value)
    return [part.strip() for part in text.split(",")] if key == "swap" else text.split()


def _cut(text: str, longest: int) -> str:
    """Leave out the middle of a text that is longer."""
    if len(text) <= longest:
        return text
    last = (longest - len(_CUT)) // 2
    return f"{text[: longest - len(_CUT) - last]}{_CUT}{text[-last:]}"
