"""Names that come round again: hours, weekdays, months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from autoequivariant.proposing.names.draft import Draft, ring
from autoequivariant.proposing.names.words import CALENDARS, PERIODS, Name, by_word, is_number

_GAP = ""  # in place of what comes round
_SPOILT = -1
_MOST_DIGITS = 3

_Reader = Callable[[Sequence[str], int], int | None]
"""The hour, day or month, from 0, that a word at a place of a name tells; `_SPOILT` if it is one
too many, None if it tells none.
"""


def calendar_drafts(names: Sequence[Name]) -> tuple[list[Draft], set[int]]:
    """Return rings over hours, weekdays and months, and the columns that they move.

    One ring moves all fields that have all hours, days or months. A field with half of them or more
    but not all makes the pattern ambiguous; one with fewer is only a word such as sun or may.
    """
    drafts, claimed = [], set[int]()
    having = by_word(names)
    for labels, needed, reader in _kinds():
        named = {name.column: name for word in needed for name in having.get(word, ())}
        fields, count = _fields(named.values(), reader), len(labels)
        whole = [own for own in fields if len(own) == count and _SPOILT not in own]
        if not whole or any(2 * len(own) >= count for own in fields if own not in whole):
            continue
        columns = [tuple(own[at] for own in whole) for at in range(count)]
        reason = f"columns named {labels[0]} to {labels[-1]} come round again"
        drafts.append(Draft(f"ring of {labels[0]} to {labels[-1]}", reason, ring(columns)))
        claimed.update(column for each in columns for column in each)
    return drafts, claimed


def _fields(names: Iterable[Name], reader: _Reader) -> list[dict[int, int]]:
    """Of each field, the columns of each hour, day or month."""
    fields: dict[tuple[str, ...], dict[int, int]] = defaultdict(dict)
    for name in names:
        for place in range(len(name.lower)):
            at = reader(name.lower, place)
            if at is not None:
                own = fields[*name.words[:place], _GAP, *name.words[place + 1 :]]
                own[_SPOILT if at in own else at] = name.column
    return list(fields.values())


def _kinds() -> list[tuple[Sequence[str], Sequence[str], _Reader]]:
    """What comes round, the words that a name needs one of, and how to read it."""
    kinds: list[tuple[Sequence[str], Sequence[str], _Reader]]
    kinds = [(calendar, calendar, _read_word(calendar)) for calendar in CALENDARS]
    for word, count in PERIODS.items():
        for start in (0, 1):
            labels = tuple(f"{word} {number}" for number in range(start, start + count))
            kinds.append((labels, (word,), _read_number(word, start, count)))
    return kinds


def _read_word(calendar: Sequence[str]) -> _Reader:
    places = {word: at for at, word in enumerate(calendar)}
    return lambda own, place: places.get(own[place])


def _read_number(word: str, start: int, count: int) -> _Reader:
    def read(own: Sequence[str], place: int) -> int | None:
        if word not in (*own[max(0, place - 1) : place], *own[place + 1 : place + 2]):
            return None
        if not is_number(own[place]):
            return None
        number = int(own[place][-_MOST_DIGITS:]) - start
        return number if 0 <= number < count else _SPOILT

    return read
