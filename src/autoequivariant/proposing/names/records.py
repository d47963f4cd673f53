"""Records with the same fields: `x1 y1 x2 y2`, `p1_age p1_dose p2_age p2_dose`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from autoequivariant.errors import shortened
from autoequivariant.proposing.names.draft import Draft, exchanged, ring
from autoequivariant.proposing.names.outputs import STAY, OutputMove, relabelled
from autoequivariant.proposing.names.words import (
    COORDINATES,
    LONGEST_LABEL,
    TIMES,
    UNLIKE,
    YEARS,
    Name,
    is_number,
    words,
)
from autoequivariant.proposing.similar_columns import similar_columns

MOST_GROUPS = 4
"""Groups of records that are proposed."""

_Field = tuple[tuple[str, ...], tuple[str, ...]]
"""The words before and after those that tell the record."""
_Fields = dict[_Field, dict[Any, list[tuple[str, int]]]]
"""Of each field, the records; of each of them what tells it, and the column."""
_Group = tuple[tuple[str, ...], _Fields]
"""The words that all names begin with, and their fields."""


@dataclass(frozen=True)
class Records:
    """Records that may be exchanged as wholes.

    Attributes:
        prefix: words before what tells the record, if all fields share them.
        keys: what tells each record, in order.
        fields: names of the fields.
        columns: of each record, the columns with its fields, in the same order.
    """

    prefix: tuple[str, ...]
    keys: tuple[str, ...]
    fields: tuple[str, ...]
    columns: tuple[tuple[int, ...], ...]


def record_drafts(
    names: Sequence[Name],
    outputs: Sequence[str],
    categories: Sequence[Sequence[str]],
    x: NDArray[Any] | None,
) -> list[Draft]:
    """Return, for each group of records, the exchange of the first two and a ring of all.

    Each record needs the same two or more fields. Numbers tell records, the first or the last in a
    name; else the letters a, b, c and so on. Other words do so only if the samples agree: if all
    columns that would be exchanged have similar distributions.

    Args:
        names: of columns that may be fields.
        outputs: names of the classes or targets, which may be those of the records.
        categories: as in `Samples`.
        x: samples, shape `(n, columns)`, or None.
    """
    found: list[Records] = []
    for place in (_first_number, _last_number):
        found += _records(names, place, by_number)
    if not found:
        for place in (_first_letter, _last_letter):
            found += [own for own in _records(names, place, str) if _are_lettered(own)]
    if not found and x is not None:
        for place in (_first_word, _last_word):
            found += [
                own
                for own in _records(names, place, str)
                if not UNLIKE & {key.casefold() for key in own.keys}
                and _look_alike(own, categories, x)
            ]
    found = list({frozenset(map(frozenset, own.columns)): own for own in found[::-1]}.values())[
        ::-1
    ]
    found.sort(key=lambda own: -sum(map(len, own.columns)))  # stable: the first number first
    return [draft for own in found[:MOST_GROUPS] for draft in _drafts(own, outputs)]


def _drafts(own: Records, outputs: Sequence[str]) -> list[Draft]:
    label = "_".join(own.prefix)
    keys = [shortened(label + key, LONGEST_LABEL) for key in own.keys]
    fields = ", ".join(shortened(field, LONGEST_LABEL) for field in own.fields[:3])
    fields += ", ..." if len(own.fields) > 3 else ""
    reason = f"{len(keys)} records {keys[0]} ... {keys[-1]} have the same fields {fields}"
    two = exchanged(*own.columns[:2])
    drafts = []
    for move in _moves(own, own.keys[:2], outputs):
        name = f"records {keys[0]} <-> {keys[1]}{move.text}"
        drafts.append(Draft(name, reason, two, move.cycles))
    if len(keys) > 2:
        for move in _moves(own, own.keys, outputs):
            name = f"ring of records {keys[0]}...{keys[-1]}{move.text}"
            drafts.append(Draft(name, reason, ring(own.columns), move.cycles))
    return drafts


def _moves(own: Records, keys: Sequence[str], outputs: Sequence[str]) -> list[OutputMove]:
    """What classes or targets do if each record moves to the next: move alike if they are records.

    They are if they have the records' prefix, or are numbers without any and just those of the
    records; then perhaps they only count, and it comes second.
    """
    last = own.prefix[-1].casefold() if own.prefix else ""
    read = [tuple(word.casefold() for word in words(name)) for name in outputs]
    named = [name for name in read if len(name) > 1 and last and last in name]
    lower = [key.casefold() for key in own.keys]
    if not named and sorted(read) != sorted((key,) for key in lower):
        return [STAY]
    moved = [key.casefold() for key in keys]
    cycles = relabelled(outputs, dict(zip(moved, [*moved[1:], moved[0]], strict=True)))
    if not cycles:
        return [STAY]
    move = OutputMove(" and outputs", "", cycles)
    return [move, STAY] if named else [STAY, move]


def by_number(key: str) -> int:
    """Sort numbers by value."""
    return int(key)


def _records(
    names: Sequence[Name],
    place: Callable[[tuple[str, ...]], int | None],
    order: Callable[[str], Any],
) -> list[Records]:
    """The complete groups of records.

    A group has all names that begin alike, if these have two or more endings. Names with a single
    ending form groups together: those that share a record.
    """
    begun: dict[tuple[str, ...], _Fields] = {}
    for name in names:
        at = place(name.words)
        if at is not None:
            prefix, key, suffix = name.words[:at], name.words[at], name.words[at + 1 :]
            fields = begun.setdefault(prefix, {}).setdefault((prefix, suffix), {})
            fields.setdefault(order(key), []).append((key, name.column))
    wide = {prefix: fields for prefix, fields in begun.items() if len(fields) > 1}
    rest = {
        field: keys
        for prefix, fields in begun.items()
        if prefix not in wide
        for field, keys in fields.items()
    }
    groups = _joined_coordinates(list(wide.items())) + [((), own) for own in _connected(rest)]
    return [found for prefix, own in groups if (found := _complete(prefix, own)) is not None]


def _joined_coordinates(groups: list[_Group]) -> list[_Group]:
    """Join `x1_speed` and `y1_speed`, which are coordinates of one record."""
    joined: dict[Hashable, _Fields] = defaultdict(dict)
    others = []
    for prefix, fields in groups:
        if prefix and prefix[-1].casefold() in COORDINATES:
            joined[prefix[:-1]].update(fields)
        else:
            others.append((prefix, fields))
    return others + [((), fields) for fields in joined.values()]


def _connected(
    fields: _Fields,
) -> list[_Fields]:
    """Groups of fields that share records, directly or through others."""
    parents: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while parents.setdefault(node, node) != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for field, keys in fields.items():
        for key in keys:
            parents[root(("record", key))] = root(("field", field))
    groups: dict[Hashable, _Fields] = defaultdict(dict)
    for field, keys in fields.items():
        groups[root(("field", field))][field] = keys
    return list(groups.values())


def _complete(prefix: tuple[str, ...], fields: _Fields) -> Records | None:
    """The records, if there are two or more and each has each of two or more fields once."""
    keys: Collection[Any] = next(iter(fields.values()), {}).keys()
    if len(fields) < 2 or len(keys) < 2 or any(own.keys() != keys for own in fields.values()):
        return None
    if any(len(columns) > 1 for own in fields.values() for columns in own.values()):
        return None
    before = {begun[-1].casefold() if begun else "" for begun, _ in fields}
    if before <= TIMES or all(key in YEARS for key in keys):
        return None
    ordered = sorted(keys)
    first = next(iter(fields.values()))
    return Records(
        prefix,
        tuple(first[key][0][0] for key in ordered),
        tuple("_".join((*before[len(prefix) :], *after)) for before, after in fields),
        tuple(tuple(own[key][0][1] for own in fields.values()) for key in ordered),
    )


def _first_number(own: tuple[str, ...]) -> int | None:
    return next((place for place, word in enumerate(own) if is_number(word)), None)


def _last_number(own: tuple[str, ...]) -> int | None:
    return next((p for p in reversed(range(len(own))) if is_number(own[p])), None)


def _first_letter(own: tuple[str, ...]) -> int | None:
    return next((place for place, word in enumerate(own) if len(word) == 1), None)


def _last_letter(own: tuple[str, ...]) -> int | None:
    return next((p for p in reversed(range(len(own))) if len(own[p]) == 1), None)


def _first_word(own: tuple[str, ...]) -> int | None:
    return 0 if len(own) > 1 else None


def _last_word(own: tuple[str, ...]) -> int | None:
    return len(own) - 1 if len(own) > 1 else None


def _are_lettered(own: Records) -> bool:
    """Whether the records are a, b, c and so on, at least three; a and b are sides."""
    letters = "".join(own.keys)
    return len(letters) > 2 and "abcdefghijklmnopqrstuvwxyz".startswith(letters.casefold())


def _look_alike(own: Records, categories: Sequence[Sequence[str]], x: NDArray[Any]) -> bool:
    """Whether each field has similar distributions in all records."""
    for columns in zip(*own.columns, strict=True):
        values = [categories[column] for column in columns] if categories else ()
        if similar_columns(x[:, list(columns)], values) != (tuple(range(len(columns))),):
            return False
    return True
