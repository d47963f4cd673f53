"""Proposals from the pattern of association between the columns of a table and its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.custom.definition import Definition
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.proposing.association.automorphisms import preserving_group
from autoequivariant.proposing.association.generators import simple_generators
from autoequivariant.proposing.association.likelihood import Image, Likelihood
from autoequivariant.proposing.association.pattern import pattern_of

MOST_PROPOSALS = 8
MOST_COLUMNS = 256
"""Columns of a table, at most; of more, nothing is proposed."""
FEWEST_SAMPLES = 50
_MOST_SAMPLES = 2000


def association_proposals(
    x: NDArray[Any],
    y: NDArray[Any],
    n_classes: int,
    columns: Sequence[str] = (),
    categories: Sequence[Sequence[str]] = (),
    seed: int = 0,
) -> list[Proposal]:
    """Propose permutations of columns that preserve how columns and target are associated.

    Args:
        x: samples, shape `(n, d)`; no test may see them.
        y: class indices, shape `(n,)`; for regression targets, shape `(n, m)`.
        n_classes: number of classes; 0 for regression.
        columns: names of the columns, or empty.
        categories: of each column, the values that it holds codes of; empty for a column of
            numbers. Empty if all are.
        seed: draws 2,000 of more samples.

    Returns:
        At most 8 proposals, the most promising first; none for fewer than 50 samples or more than
        256 columns.
    """
    n, d = x.shape
    if n < FEWEST_SAMPLES or not 2 <= d <= MOST_COLUMNS:
        return []
    if n > _MOST_SAMPLES:
        rows = np.random.default_rng([seed, 17]).choice(n, _MOST_SAMPLES, replace=False)
        x, y = x[rows], y[rows]
    likelihood = Likelihood(pattern_of(x, y, n_classes, categories))
    found = simple_generators(likelihood, preserving_group(likelihood))
    names = _distinct([one.name for one in found])
    return [
        Proposal(
            Definition.of({"name": name, **_action(one.image, columns)}),
            "data",
            f"the pattern of association with the target is the same ({one.moved} columns)",
            saw_labels=True,
        )
        for name, one in zip(names[:MOST_PROPOSALS], found, strict=False)
    ]


def _distinct(names: Sequence[str]) -> list[str]:
    """Number names that are taken."""
    found: list[str] = []
    for name in names:
        count = sum(other == name for other in names[: len(found)])
        found.append(f"{name} ({count + 1})" if count else name)
    return found


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
