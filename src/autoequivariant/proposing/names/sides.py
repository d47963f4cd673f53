"""Pairs of sides: `left_x` and `right_x`, home and away, white and black."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.proposing.names.draft import Draft, exchanged
from autoequivariant.proposing.names.outputs import OutputMove, side_moves
from autoequivariant.proposing.names.words import NUMBERED, PLAYERS, SIDES, Name, by_word

_Template = tuple[str, ...]
_GAP = ""  # in place of the word for a side


def side_drafts(names: Sequence[Name], outputs: Sequence[str], has_classes: bool) -> list[Draft]:
    """Return exchanges of all columns of one side with those of the other.

    Every column of a side needs a partner. A word of one letter has to be the first or last of the
    name, and needs two or more pairs.
    """
    drafts = _player_drafts(names, outputs, has_classes)
    having = by_word(names)
    for sides in SIDES:
        moves = side_moves(outputs, has_classes, sides)
        for first, second in zip(sides.first, sides.second, strict=True):
            pairs = _pairs([*having.get(first, ()), *having.get(second, ())], first, second)
            if len(pairs) <= (len(first) == 1) or (
                sides.are_two and _has_third(names, pairs, first, second)
            ):
                continue
            drafts += _drafts(first, second, pairs, moves)
    return drafts


def _drafts(
    first: str, second: str, pairs: Sequence[tuple[int, int]], moves: Sequence[OutputMove]
) -> list[Draft]:
    cycles = exchanged([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    reason = f"{len(pairs)} columns named {first} have partners named {second}"
    reason = reason if len(pairs) > 1 else f"columns are named {first} and {second}"
    return [
        Draft(
            f"{first} <-> {second}{move.text}",
            f"{reason}, {move.reason}" if move.reason else reason,
            cycles,
            move.cycles,
            move.negates,
        )
        for move in moves
    ]


def _player_drafts(names: Sequence[Name], outputs: Sequence[str], has_classes: bool) -> list[Draft]:
    """Exchanges of player 1 and player 2, team A and team B."""
    drafts: list[Draft] = []
    having = by_word(names)
    for player in PLAYERS:
        columns = _numbered(having.get(player, ()), player)
        for first, second in zip(NUMBERED.first, NUMBERED.second, strict=True):
            if columns.keys() != {first, second}:
                continue
            if columns[first].keys() == columns[second].keys():
                pairs = [(columns[first][key], columns[second][key]) for key in columns[first]]
                moves = side_moves(outputs, has_classes, NUMBERED)
                if len(pairs) > (len(player) == 1):
                    drafts += _drafts(player + first, player + second, pairs, moves)
    return drafts


def _numbered(names: Sequence[Name], player: str) -> dict[str, dict[_Template, int]]:
    """Of what follows the player, the columns; empty if two have the same words."""
    columns: dict[str, dict[_Template, int]] = {}
    for name in names:
        place = name.lower.index(player) + 1
        if place < len(name.words):
            template = (*name.words[:place], _GAP, *name.words[place + 1 :])
            own = columns.setdefault(name.lower[place], {})
            if template in own:
                return {}
            own[template] = name.column
    return columns


def _pairs(names: Sequence[Name], first: str, second: str) -> list[tuple[int, int]]:
    """Partners, in the order of the first; empty if any column has none, or is of both sides."""
    columns: tuple[dict[_Template, int], dict[_Template, int]] = ({}, {})
    for name in names:
        own = name.lower
        if len(first) == 1 and not {own[0], own[-1]} & {first, second}:
            continue
        template = _template(name.words, first, second)
        side = columns[second in own]
        if (first in own and second in own) or template in side:
            return []
        side[template] = name.column
    if columns[0].keys() != columns[1].keys():
        return []
    return [(column, columns[1][template]) for template, column in columns[0].items()]


def _template(own: Sequence[str], first: str, second: str) -> _Template:
    return tuple(_GAP if word.casefold() in (first, second) else word for word in own)


def _has_third(
    names: Sequence[Name], pairs: Sequence[tuple[int, int]], first: str, second: str
) -> bool:
    """Whether a column has another word in place of the side."""
    paired = {column for pair in pairs for column in pair}
    templates = {_template(name.words, first, second) for name in names if name.column in paired}
    return any(
        (*name.words[:place], _GAP, *name.words[place + 1 :]) in templates
        for name in names
        if name.column not in paired
        for place in range(len(name.words))
    )
