"""Drafts of proposals, by numbers of columns and outputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autoequivariant.errors import printable, shortened
from autoequivariant.groups.custom.definition import Definition
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.proposing.similar_columns import swap_of

Cycles = tuple[tuple[int, ...], ...]
"""Each index moves to the next of its cycle, the last to the first."""

LONGEST_NAME, LONGEST_REASON = 40, 100


@dataclass(frozen=True)
class Draft:
    """A candidate of a table that names suggest.

    Attributes:
        name: what it is to be called.
        reason: as in `Proposal`.
        cycles: of columns.
        outputs: cycles of classes or targets.
        negates: whether the targets change their sign.
    """

    name: str
    reason: str
    cycles: Cycles
    outputs: Cycles = ()
    negates: bool = False


def exchanged(first: Sequence[int], second: Sequence[int]) -> Cycles:
    """Return the exchange of two lists of columns."""
    return tuple(zip(first, second, strict=True))


def ring(records: Sequence[Sequence[int]]) -> Cycles:
    """Return the ring that moves each list of columns to the next."""
    return tuple(zip(*records, strict=True))


def finished(
    drafts: Iterable[Draft],
    columns: Sequence[str],
    categories: Sequence[Sequence[str]],
    outputs: Sequence[str],
) -> list[Proposal]:
    """Return the proposals, without those that do the same or that columns of text do not allow.

    Args:
        drafts: most promising first.
        columns: their names.
        categories: as in `Samples`.
        outputs: names of the classes or targets.
    """
    found: list[Proposal] = []
    actions, taken = set(), set[str]()
    for draft in drafts:
        action = (_action(draft.cycles), _action(draft.outputs), draft.negates)
        if action in actions or not draft.cycles or not _is_allowed(draft.cycles, categories):
            continue
        actions.add(action)
        reason = shortened(printable(draft.reason), LONGEST_REASON)
        if [len(cycle) for cycle in draft.cycles] == [2] and not (draft.outputs or draft.negates):
            found.append(Proposal(swap_of(columns, *draft.cycles[0]), "names", reason))
            continue
        name = _free_name(draft.name, taken)
        mapping: dict[str, Any] = {"name": name, "cycles": _named(draft.cycles, columns)}
        if draft.outputs:
            mapping["outputs"] = {"cycles": _named(draft.outputs, outputs)}
        elif draft.negates:
            mapping["outputs"] = "negate"
        found.append(Proposal(Definition.of(mapping), "names", reason))
    return found


def _action(cycles: Cycles) -> frozenset[tuple[int, int]]:
    """The moves of a permutation, the same for all ways of writing it."""
    return frozenset(
        move for cycle in cycles for move in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
    )


def _named(cycles: Cycles, names: Sequence[str]) -> list[list[str]]:
    return [[names[index] for index in cycle] for cycle in cycles]


def _is_allowed(cycles: Cycles, categories: Sequence[Sequence[str]]) -> bool:
    """Whether all columns of a cycle hold the same values."""
    if not categories:
        return True
    return all(len({tuple(categories[index]) for index in cycle}) == 1 for cycle in cycles)


def _free_name(name: str, taken: set[str]) -> str:
    plain = printable(" ".join(name.replace(",", " ").split()))
    free, number = shortened(plain, LONGEST_NAME), 1
    while free in taken:
        number += 1
        end = f" ({number})"
        free = shortened(plain, LONGEST_NAME - len(end)) + end
    taken.add(free)
    return free
