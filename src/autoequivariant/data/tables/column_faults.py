"""Faults of the columns of a table, a sentence for each."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.messages import is_number, quoted
from autoequivariant.data.tables.categories import (
    MOST_VALUES,
    Alphabet,
    TextColumn,
    unknown_value,
)

_ROWS_SEARCHED = 100_000  # for an example
_LONGEST_EXAMPLE = 30
_MOST_DROPPED = 5
_LEAVE_ROWS = "leave those rows out"
INFINITE = "values that are infinite in float32"
_REMEDIES = {
    "text": " (such as a column of 0 and 1 for each value)",
    "dates": " (such as days since the first)",
}

_Masks = Mapping[str, NDArray[np.bool_]]


def cell_faults(
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


def kind_faults(
    table: Any,
    features: Sequence[str],
    kinds: Mapping[str, str],
    texts: Mapping[str, TextColumn],
    origin: str,
    drop: str | None,
    known: Mapping[str, Alphabet] | None,
) -> list[str]:
    """Return a sentence for each kind of values that are neither numbers nor categories."""
    faults = []
    words = features if known is None else known
    good = [
        name
        for name in features
        if kinds[name] in ("number", "nothing") or (kinds[name] == "text" and name in words)
    ]
    if known is None:
        good = [name for name in good if name not in texts or not texts[name].has_stray_words]
    bad = [name for name in features if name not in good]
    for kind in dict.fromkeys(kinds[name] for name in bad):
        names = [name for name in bad if kinds[name] == kind]
        example = f" (such as {_example(table[names[0]])})" if kind == "text" else ""
        into = f"numbers{_REMEDIES.get(kind, '')}"
        faults.append(_held(names, origin, f"{kind}{example}", into, drop))
    return faults


def text_faults(
    table: Any,
    features: Sequence[str],
    kinds: Mapping[str, str],
    texts: Mapping[str, TextColumn],
    origin: str,
    drop: str | None,
    known: Mapping[str, Alphabet] | None,
) -> list[str]:
    """Return sentences about columns of text whose values are no categories, or unknown ones."""
    if known is not None:
        faults = (
            unknown_value(name, text, known[name], origin, remedy=_LEAVE_ROWS)
            for name, text in texts.items()
        )
        return list(filter(None, faults))
    words = [name for name in features if kinds[name] == "text"]
    names = [
        name
        for name in words
        if name not in texts or not (texts[name].has_few_values or texts[name].has_stray_words)
    ]
    if not names or not table.num_rows:
        return []
    into = (
        f"numbers, or into short text of at most {MOST_VALUES} values that occur twice on average"
    )
    example = f"(such as {_example(table[names[0]])})"
    held = f"text of too many different values, or too long {example}"
    return [_held(names, origin, held, into, drop)]


def target_faults(
    table: Any, targets: Sequence[str], kinds: Mapping[str, str], origin: str
) -> list[str]:
    """Return a sentence for each target that is of a kind that cannot be predicted."""
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


def _held(names: Sequence[str], origin: str, held: str, into: str, drop: str | None) -> str:
    """Return a sentence about what columns hold, and what to turn it into."""
    hold, them = ("holds", "it") if len(names) == 1 else ("hold", "them")
    remedies = _remedies((f"turn {them} into {into}",), names, drop)
    return f"{_called('column', names)} of {origin} {hold} {held}: {remedies}."


def _called(what: str, names: Sequence[str]) -> str:
    return f"The {what}{'s' if len(names) > 1 else ''} {quoted(names)}"


def _remedies(remedies: tuple[str, ...], names: Sequence[str], drop: str | None) -> str:
    if drop is None:
        return " or ".join(remedies)
    return f"{', '.join(remedies)}, or {leave_columns(names, drop)}"


def leave_columns(names: Sequence[str], drop: str) -> str:
    """Return the remedy that leaves columns out with the option `drop`, if that is not empty."""
    text = f"leave {'that column' if len(names) == 1 else 'those columns'} out"
    if not drop:
        return text
    if len(names) > _MOST_DROPPED:
        return f"{text} with {drop}"
    options = ",".join(names) if not any("," in name for name in names) else "..."
    return f"{text} with {drop} {shlex.quote(options)}"
