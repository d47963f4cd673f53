"""Proposals from the pattern of association between the columns of a table and its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import shortened
from autoequivariant.groups.custom.definition import Candidate, Definition
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.proposing.association.automorphisms import preserving_group
from autoequivariant.proposing.association.generators import Simple, simple_generators
from autoequivariant.proposing.association.likelihood import Image, Likelihood
from autoequivariant.proposing.association.pattern import pattern_of
from autoequivariant.proposing.similar_columns import swap_of

MOST_PROPOSALS = 8
MOST_COLUMNS = 256
"""The most columns of a table for which anything is proposed."""
FEWEST_SAMPLES = 50
_LONGEST_NAME, _MOST_NAMED = 12, 3


def association_proposals(
    x: NDArray[Any],
    y: NDArray[Any],
    n_classes: int,
    columns: Sequence[str] = (),
    categories: Sequence[Sequence[str]] = (),
) -> list[Proposal]:
    """Propose permutations of columns that preserve how columns and target are associated.

    Args:
        x: samples, shape `(n, d)`; no test may see them.
        y: class indices, shape `(n,)`; for regression targets, shape `(n, m)`.
        n_classes: number of classes; 0 for regression.
        columns: names of the columns, or empty.
        categories: of each column, the values that it holds codes of; empty for a column of
            numbers. Empty if all are.

    Returns:
        At most 8 proposals, the most promising first; none for fewer than 50 samples or more than
        256 columns.
    """
    n, d = x.shape
    if n < FEWEST_SAMPLES or not 2 <= d <= MOST_COLUMNS:
        return []
    likelihood = Likelihood(pattern_of(x, y, n_classes, categories))
    found = simple_generators(likelihood, preserving_group(likelihood))
    return [
        Proposal(
            _candidate(one, columns),
            "data",
            f"same pattern of association with the target: {_moved(one.image, columns)}",
            saw_labels=True,
        )
        for one in found[:MOST_PROPOSALS]
    ]


def _candidate(one: Simple, columns: Sequence[str]) -> Candidate:
    moved = np.flatnonzero(one.image != np.arange(len(one.image))).tolist()
    if len(moved) == 2:
        return swap_of(columns, *moved)
    return Definition.of({"name": one.name, **_action(one.image, columns)})


def _moved(image: Image, columns: Sequence[str]) -> str:
    """Return the columns that are moved, the first few by name or number."""
    moved = np.flatnonzero(image != np.arange(len(image))).tolist()
    some = moved[:_MOST_NAMED]
    names = [shortened(columns[k], _LONGEST_NAME) for k in some] if columns else map(str, some)
    more = f" and {len(moved) - len(some)} more" if len(moved) > len(some) else ""
    return f"{'' if columns else 'columns '}{', '.join(names)}{more}"


def _action(image: Image, columns: Sequence[str]) -> dict[str, Any]:
    """Return cycles of column names, or the images of all columns if there are no names."""
    if not columns or len(set(columns)) < len(columns):
        return {"image": image.tolist()}
    left, cycles = set(np.flatnonzero(image != np.arange(len(image))).tolist()), []
    while left:
        at = min(left)
        members = []
        while at in left:
            left.discard(at)
            members.append(columns[at])
            at = int(image[at])
        cycles.append(members)
    return {"cycles": cycles}
