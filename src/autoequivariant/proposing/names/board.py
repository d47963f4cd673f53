"""Boards and grids: `a1 ... g6`, `r0c0 ... r2c2`, `top-left ... bottom-right`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.proposing.names.draft import Cycles, Draft
from autoequivariant.proposing.names.words import LONGEST_LABEL, Name, is_number

LEAST_SIDES = (2, 3)
"""The shorter and the longer side of the smallest board whose places are numbered."""
MOST_BOARDS = 2
"""Boards that are proposed: the largest."""

_HEIGHTS = {"top": 0, "upper": 0, "bottom": 2, "lower": 2}
_WIDTHS = {"left": 0, "right": 2}
_MIDDLES = dict.fromkeys(("middle", "mid", "center", "centre"), 1)
_DOWN = frozenset({"r", "row", "y", "i", "line", "rank"})
_ACROSS = frozenset({"c", "col", "column", "x", "j", "file"})
_TIMES = frozenset({"x", "by"})

_Rest = tuple[str, ...]
"""The other words of a name: what the field of a place is called."""
_Place = tuple[int, int, _Rest]
"""Row, column and the rest."""


@dataclass(frozen=True)
class Board:
    """A complete board.

    Attributes:
        layers: the columns of each field of a place, shape `(fields, rows, columns)`.
        has_letters: whether letters number its columns, so that each row may as well be a record.
    """

    layers: NDArray[Any]
    has_letters: bool

    @property
    def is_natural(self) -> bool:
        """Whether a board is likelier than records."""
        return not self.has_letters or min(self.layers.shape[1:]) >= max(LEAST_SIDES)


def boards(names: Sequence[Name]) -> list[Board]:
    """Return the complete boards, largest first.

    Fields of the same places, as in `a1_piece, a1_colour`, are one board.
    """
    found = []
    for read in (_numbered, _lettered, _worded):
        cells: dict[_Rest, dict[tuple[int, int], int]] = defaultdict(dict)
        spoilt = set[_Rest]()
        for name in names:
            place = read(name.lower)
            if place is not None:
                row, column, rest = place
                spoilt |= {rest} if (row, column) in cells[rest] else set()
                cells[rest][row, column] = name.column
        same: dict[tuple[int, ...], list[NDArray[Any]]] = defaultdict(list)
        for rest, own in cells.items():
            columns = None if rest in spoilt else _full(own, read is not _worded)
            is_late = read is _lettered and min(column for _, column in own) > 0
            if columns is not None and not is_late:  # x, y and z are fields
                same[columns.shape].append(columns)
        found += [Board(np.stack(each), read is _lettered) for each in same.values()]
    return sorted(found, key=lambda board: -board.layers.size)


def board_drafts(board: Board, columns: Sequence[str]) -> list[Draft]:
    """Return the mirrors of a board and its turn by 90 degrees, or by 180 if it is not square.

    Args:
        board: as `boards` returns it.
        columns: names of all columns.
    """
    height, width = board.layers.shape[1:]
    first, last = (columns[board.layers[0].flat[at]][:LONGEST_LABEL] for at in (0, -1))
    reason = f"columns {first} ... {last} are a board of {height} rows and {width} columns"
    moved = {
        "mirror left-right": board.layers[:, :, ::-1],
        "mirror top-bottom": board.layers[:, ::-1],
    }
    if height == width:
        moved["turn by 90 degrees"] = np.rot90(board.layers, axes=(1, 2))
    else:
        moved["turn by 180 degrees"] = board.layers[:, ::-1, ::-1]
    return [Draft(name, reason, _cycles(board.layers, own)) for name, own in moved.items()]


def _full(cells: dict[tuple[int, int], int], are_numbers: bool) -> NDArray[Any] | None:
    """The columns of all places in order; None if one is missing, or they are too few."""
    rows, columns = (sorted(set(side)) for side in zip(*cells, strict=True))
    shape = (len(rows), len(columns))
    least = LEAST_SIDES if are_numbers else (2, 2)
    if len(cells) != shape[0] * shape[1] or tuple(sorted(shape)) < least or min(shape) < 2:
        return None
    if are_numbers and (rows[-1] - rows[0], columns[-1] - columns[0]) != (
        shape[0] - 1,
        shape[1] - 1,
    ):
        return None
    return np.array([[cells[row, column] for column in columns] for row in rows])


def _cycles(before: NDArray[Any], after: NDArray[Any]) -> Cycles:
    """Cycles of the move that puts each column where `after` has it."""
    image: dict[int, int] = dict(zip(after.ravel().tolist(), before.ravel().tolist(), strict=True))
    found, seen = [], set[int]()
    for start in image:
        cycle, index = [], start
        while index not in seen:
            seen.add(index)
            cycle.append(index)
            index = image[index]
        if len(cycle) > 1:
            found.append(tuple(cycle))
    return tuple(found)


def _numbered(own: tuple[str, ...]) -> _Place | None:
    """The place of `r0c1`, `x1_y0`, `cell_0_1` or `0x1`: row, then column, unless it says so."""
    at = [place for place, word in enumerate(own) if is_number(word)]
    if len(at) != 2 or at[1] - at[0] > 2:
        return None
    before = own[at[0] - 1] if at[0] else ""
    between = own[at[0] + 1] if at[1] - at[0] == 2 else ""
    row, column = int(own[at[0]]), int(own[at[1]])
    rest = (*own[: at[0]], *own[at[1] + 1 :])
    if not between or (between in _TIMES and before not in _DOWN | _ACROSS):
        return row, column, rest
    rest = (*own[: at[0] - 1], *own[at[1] + 1 :])
    if before in _DOWN and between in _ACROSS:
        return row, column, rest
    return (column, row, rest) if before in _ACROSS and between in _DOWN else None


def _lettered(own: tuple[str, ...]) -> _Place | None:
    """The place of `a1`: the letter is the column, as on a chessboard."""
    at = [place for place, word in enumerate(own) if is_number(word)]
    if len(at) != 1 or not at[0]:
        return None
    letter = own[at[0] - 1]
    if len(letter) != 1 or not "a" <= letter <= "z":
        return None
    return int(own[at[0]]), ord(letter) - ord("a"), (*own[: at[0] - 1], *own[at[0] + 1 :])


def _worded(own: tuple[str, ...]) -> _Place | None:
    """The place of `top-left` or `left_top`; `center` alone is the middle of both."""
    said = [word for word in own if word in _HEIGHTS or word in _WIDTHS or word in _MIDDLES]
    rest = tuple(word for word in own if word not in said)
    heights, widths = {**_HEIGHTS, **_MIDDLES}, {**_WIDTHS, **_MIDDLES}
    if len(said) == 1 and said[0] in _MIDDLES:
        return 1, 1, rest
    if len(said) != 2:
        return None
    for height, width in (said, said[::-1]):
        if height in heights and width in widths:
            return heights[height], widths[width], rest
    return None
