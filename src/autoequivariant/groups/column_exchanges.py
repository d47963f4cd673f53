"""Candidates of a table: exchanges of columns with similar distributions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from autoequivariant.groups.catalogue import MAX_ADJACENT_SWAPS
from autoequivariant.groups.custom.definition import Candidate, DataSpec, Definition, resolve
from autoequivariant.groups.symmetry import Symmetry

MAX_GROUPS = 4
"""How many groups of columns are searched if there are many columns."""


def exchange_candidates(spec: DataSpec, groups: Sequence[Sequence[int]]) -> tuple[Symmetry, ...]:
    """Return candidates that exchange columns within groups; empty if there is no group.

    These are the swaps of neighbours within each group. If there are more than 15, they are, for
    each of the first four groups, one swap and one ring of all its columns, which together generate
    all permutations of the group.

    Args:
        spec: the data; columns with names are identified by them.
        groups: numbers of columns, two or more in each group, largest group first.
    """
    if sum(len(group) - 1 for group in groups) < MAX_ADJACENT_SWAPS:
        found = [_swap(spec, *pair) for group in groups for pair in pairwise(group)]
    else:
        found = []
        for group in groups[:MAX_GROUPS]:
            found.append(_swap(spec, *group[:2]))
            if len(group) > 2:
                ring = [spec.columns[column] if spec.columns else column for column in group]
                found.append(Definition.of({"ring": ring}))
    return resolve(found, spec)


def _swap(spec: DataSpec, first: int, second: int) -> Candidate:
    names = [_usable_name(spec, column) for column in (first, second)]
    if None in names:
        return Symmetry("swap", (first, second))
    return Definition.of({"swap": f"{names[0]} <-> {names[1]}"})


def _usable_name(spec: DataSpec, column: int) -> str | None:
    """The name of a column if the notation can express it, else None."""
    name = spec.columns[column] if spec.columns else ""
    return name if name and name == name.strip() and not set(name) & set(",<>\n\r") else None
