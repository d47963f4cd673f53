"""One-hot blocks: `colour=red`, `colour=blue`, of which each row has one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import shortened
from autoequivariant.proposing.names.draft import Draft, exchanged, ring
from autoequivariant.proposing.names.words import LONGEST_LABEL, MOST_CHARACTERS

MOST_BLOCKS = 2
"""Blocks whose values are exchanged: the largest."""
MOST_ENTRIES = 2**24
"""Rows times columns that are read."""
_MOST_PREFIXES = 6  # of one name
_SEPARATOR = re.compile(r"=+|[^\w=]+|_+")


@dataclass(frozen=True)
class Block:
    """A one-hot block.

    Attributes:
        name: what its columns begin with.
        columns: of each value the column, the most frequent value first.
        counts: rows that have each.
    """

    name: str
    columns: dict[str, int]
    counts: tuple[int, ...]


def one_hot_blocks(
    columns: Sequence[str], categories: Sequence[Sequence[str]], x: NDArray[Any]
) -> list[Block]:
    """Return the blocks of columns that begin alike and of which each row has one 1, others 0.

    Args:
        columns: names of all columns.
        categories: as in `Samples`; columns of text are in no block.
        x: samples, shape `(n, columns)`.
    """
    rows = x[: max(1, MOST_ENTRIES // max(1, len(columns)))]
    is_flag = ((rows == 0) | (rows == 1)).all(axis=0)
    begun: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for column in np.flatnonzero(is_flag).tolist():
        name = columns[column]
        if len(name) > MOST_CHARACTERS or (categories and categories[column]):
            continue
        for depth, match in zip(range(_MOST_PREFIXES), _SEPARATOR.finditer(name), strict=False):
            begun[depth, name[: match.end()]].setdefault(name[match.end() :], column)
    found, taken = [], set[int]()
    for (_, name), values in sorted(begun.items(), key=lambda item: item[0][0]):
        own = list(values.values())
        if len(own) < 2 or not taken.isdisjoint(own) or (rows[:, own].sum(axis=1) != 1).any():
            continue
        taken.update(own)
        counts = rows[:, own].sum(axis=0)
        order = np.argsort(-counts, kind="stable").tolist()
        by_count = {value: values[value] for value in np.array(list(values), object)[order]}
        found.append(Block(name, by_count, tuple(counts[order].astype(int).tolist())))
    return found


def one_hot_drafts(blocks: Sequence[Block], claimed: set[int]) -> list[Draft]:
    """Return exchanges of blocks with the same values, then exchanges within blocks.

    Within a block, the two neighbours in frequency that are nearest are exchanged, and a ring moves
    all values in the order of their frequency.

    Args:
        blocks: as `one_hot_blocks` returns them.
        claimed: columns whose values are not exchanged, as they come in an order.
    """
    drafts = []
    alike: dict[frozenset[str], list[Block]] = defaultdict(list)
    for block in blocks:
        alike[frozenset(block.columns)].append(block)
    for values, same in alike.items():
        if len(same) > 1:
            columns = [[block.columns[value] for value in sorted(values)] for block in same]
            names = [_label(block) for block in same]
            reason = f"{len(same)} one-hot blocks {names[0]} ... {names[-1]} have the same values"
            swap = exchanged(*columns[:2])
            drafts.append(Draft(f"blocks {names[0]} <-> {names[1]}", reason, swap))
            if len(same) > 2:
                name = f"ring of blocks {names[0]}...{names[-1]}"
                drafts.append(Draft(name, reason, ring(columns)))
    free = [block for block in blocks if claimed.isdisjoint(block.columns.values())]
    for block in sorted(free, key=lambda block: -len(block.columns))[:MOST_BLOCKS]:
        drafts += _value_drafts(block)
    return drafts


def _value_drafts(block: Block) -> list[Draft]:
    values, columns = list(block.columns), list(block.columns.values())
    gaps = -np.diff(block.counts)
    at = int(gaps.argmin())
    first, second = (shortened(value, LONGEST_LABEL // 2) for value in values[at : at + 2])
    label = _label(block)
    reason = f"{first} and {second} are values of {label}, of which each row has one"
    drafts = [Draft(f"{label} {first} <-> {second}", reason, ((columns[at], columns[at + 1]),))]
    if len(values) > 2:
        reason = f"each row has one of {len(values)} values of {label}"
        drafts.append(Draft(f"ring of values of {label}", reason, (tuple(columns),)))
    return drafts


def _label(block: Block) -> str:
    return shortened(block.name.strip("_=.:-/[( ") or block.name, LONGEST_LABEL)
