"""Positions about a centre: `p-30 ... p-1, p1 ... p30`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from autoequivariant.errors import shortened
from autoequivariant.proposing.names.draft import Draft
from autoequivariant.proposing.names.words import LONGEST_LABEL, MOST_CHARACTERS

LEAST_REACH = 2
"""Positions on each side of the centre, at least."""
_POSITION = re.compile(r"([^0-9+-]*)([+-]?)([0-9]{1,6})([^0-9]*)")


def position_drafts(columns: Sequence[str]) -> list[Draft]:
    """Return the reversal of positions about a centre, of all fields that have the same ones.

    Each field has all positions from -n to n, with or without 0. Positions are in an order, so they
    are no records.
    """
    fields: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    spoilt = set[tuple[str, str]]()
    for column, name in enumerate(columns):
        match = _POSITION.fullmatch(name) if len(name) <= MOST_CHARACTERS else None
        if match is not None:
            position = int(match[3]) * (-1 if match[2] == "-" else 1)
            field = (match[1], match[4])
            spoilt |= {field} if position in fields[field] else set()
            fields[field][position] = column
    whole = {
        field: own for field, own in fields.items() if field not in spoilt and _is_symmetric(own)
    }
    if not whole:
        return []
    reach = max(max(own) for own in whole.values())
    cycles = tuple(
        (own[-position], own[position])
        for own in whole.values()
        for position in sorted(own)
        if position > 0
    )
    label = shortened(next(iter(whole))[0].strip("_ ."), LONGEST_LABEL)
    reason = f"columns {label}-{reach} ... {label}{reach} are positions about a centre"
    return [Draft(f"reverse {label}-{reach}...{label}{reach}", reason, cycles)]


def _is_symmetric(own: dict[int, int]) -> bool:
    reach = max(own)
    return reach >= LEAST_REACH and own.keys() - {0} == set(range(-reach, reach + 1)) - {0}
