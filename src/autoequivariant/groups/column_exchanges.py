"""Candidates of a table: exchanges of columns that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from autoequivariant.groups.catalogue import MOST_ADJACENT_SWAPS
from autoequivariant.groups.custom.definition import Candidate, DataSpec, Definition, resolve
from autoequivariant.groups.symmetry import Symmetry

MOST_GROUPS = 4
"""Of which exchanges are searched where columns are many."""


def exchange_candidates(spec: DataSpec, groups: Sequence[Sequence[int]]) -> tuple[Symmetry, ...]:
    """Return candidates that exchange columns within groups; none where there is no group.

    Those are swaps of neighbours in each group. Where these are more than 15, they are of each of
    the four largest groups a swap of the first two, and a ring of all, which together exchange its
    columns in every way.

    Args:
        acted: what they act on; columns that have names go by them.
        groups: numbers of columns, two or more each.
    """
    if sum(len(group) - 1 for group in groups) < MOST_ADJACENT_SWAPS:
        found = [_swap(spec, *pair) for group in groups for pair in pairwise(group)]
    else:
        found = []
        for group in groups[:MOST_GROUPS]:
            found.append(_swap(spec, *group[:2]))
            if len(group) > 2:
                tokens = [spec.columns[column] if spec.columns else column for column in group]
                found.append(Definition.of({"ring": tokens}))
    return resolve(found, spec)


def _swap(spec: DataSpec, first: int, second: int) -> Candidate:
    names = [_named(spec, column) for column in (first, second)]
    if None in names:
        return Symmetry("swap", (first, second))
    return Definition.of({"swap": f"{names[0]} <-> {names[1]}"})


def _named(spec: DataSpec, column: int) -> str | None:
    """The name of a column, if it can stand in a text."""
    name = spec.columns[column] if spec.columns else ""
    return name if name and name == name.strip() and not set(name) & set(",<>\n\r") else None
