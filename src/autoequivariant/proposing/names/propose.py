"""Proposals from the names of a table's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.proposing.names.board import MOST_BOARDS, board_drafts, boards
from autoequivariant.proposing.names.calendar import calendar_drafts
from autoequivariant.proposing.names.draft import Draft, finished
from autoequivariant.proposing.names.one_hot import one_hot_blocks, one_hot_drafts
from autoequivariant.proposing.names.positions import position_drafts
from autoequivariant.proposing.names.records import record_drafts
from autoequivariant.proposing.names.sides import side_drafts
from autoequivariant.proposing.names.words import names_of

MOST_PROPOSALS = 16


def names_proposals(
    columns: Sequence[str],
    categories: Sequence[Sequence[str]],
    outputs: Sequence[str],
    has_classes: bool,
    x: NDArray[Any] | None = None,
) -> list[Proposal]:
    """Return what the names of a table's columns suggest, most promising first, at most 16.

    Boards and grids with their mirrors and turns, pairs of sides, records to be exchanged as
    wholes, hours, weekdays and months, one-hot blocks, and positions about a centre. Names that fit
    a pattern only in part suggest nothing. No labels are looked at.

    Args:
        columns: their names, without the target.
        categories: as in `Samples`; columns with different values are not exchanged.
        outputs: names of the classes or targets.
        has_classes: whether outputs are classes.
        x: samples, shape `(n, ..., columns)`, without which no one-hot blocks are seen and records
            have to be numbered. None: none.
    """
    names = names_of(columns)
    flat = None if x is None or not x.size else x.reshape(len(x), -1)
    likelier: list[Draft] = []
    less_likely: list[Draft] = []
    placed = set[int]()
    for board in boards(names)[:MOST_BOARDS]:
        (likelier if board.is_natural else less_likely).extend(board_drafts(board, columns))
        if not board.has_letters:
            placed.update(board.layers.ravel().tolist())
    rings, ordered = calendar_drafts(names)
    placed |= ordered
    free = [name for name in names if name.column not in placed]
    drafts = [
        *likelier,
        *side_drafts(names, outputs, has_classes),
        *record_drafts(free, outputs, categories, flat),
        *less_likely,
        *rings,
        *position_drafts(columns),
    ]
    if flat is not None:
        drafts += one_hot_drafts(one_hot_blocks(columns, categories, flat), ordered)
    return finished(drafts, columns, categories, outputs)[:MOST_PROPOSALS]


def on_boards(columns: Sequence[str]) -> frozenset[int]:
    """Return the columns that are places of a board by their names, so that they move together."""
    found = [board for board in boards(names_of(columns))[:MOST_BOARDS] if board.is_natural]
    return frozenset(column for board in found for column in board.layers.ravel().tolist())
