"""All proposals for a data set, without repetitions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from autoequivariant.data.samples import Samples
from autoequivariant.errors import SymmetryError
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.custom.proposal import Origin, Proposal, action_key
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.proposing.names.propose import names_proposals, on_boards
from autoequivariant.proposing.sequences import sequence_proposals
from autoequivariant.proposing.similar_columns import (
    exchanges_of_similar_columns,
    similar_columns,
)

MOST_PROPOSALS = 32
"""That are tested; they take seconds."""


def propose(
    samples: Samples,
    spec: DataSpec,
    origins: Collection[Origin],
    looked_at: NDArray[Any] | None = None,
    seed: int = 0,
) -> tuple[Proposal, ...]:
    """Return candidates that nobody listed, most promising first; each is a `Symmetry`.

    Args:
        samples: a data set before it is split.
        spec: of these samples.
        origins: `names`, `data`, or both.
        looked_at: rows of `Samples.x` whose labels may be looked at. Default: none.
        seed: of random draws.
    """
    found: dict[tuple[bytes, ...], Proposal] = {}
    exchanged: list[set[int]] = []  # columns that labels and something else suggest to exchange
    for proposal in _proposals(samples, spec, origins, looked_at, seed):
        with suppress(SymmetryError):  # such as an exchange of columns with other values
            (symmetry,) = resolve([proposal.candidate], spec)
            key, moved = action_key(symmetry, spec), _moved(symmetry, spec)
            if key in found:
                exchanged += [moved] * proposal.saw_labels
                continue
            is_known = any(pair <= moved for pair in exchanged)
            if not (is_known and _is_covered(moved, found.values(), spec)):
                named = _renamed(symmetry, [str(one.candidate) for one in found.values()])
                found[key] = replace(proposal, candidate=named)
        if len(found) == MOST_PROPOSALS:
            break
    return tuple(found.values())


def _moved(symmetry: Symmetry, spec: DataSpec) -> set[int]:
    image = symmetry.action(spec.domain).image
    return set(np.flatnonzero(image != np.arange(len(image))).tolist())


def _is_covered(columns: set[int], found: Iterable[Proposal], spec: DataSpec) -> bool:
    """Whether exchanges of two columns that were found generate all permutations of some columns.

    Then a ring of these columns, beside an exchange of two, says nothing new.
    """
    pairs = [_moved(one.candidate, spec) for one in found if isinstance(one.candidate, Symmetry)]
    inside = [pair for pair in pairs if len(pair) == 2 and pair <= columns]
    reached, grows = {min(columns)}, True
    while grows:
        more = set().union(*(pair for pair in inside if pair & reached)) - reached
        reached, grows = reached | more, bool(more)
    return reached == columns


def _proposals(
    samples: Samples,
    spec: DataSpec,
    origins: Collection[Origin],
    looked_at: NDArray[Any] | None,
    seed: int,
) -> Iterator[Proposal]:
    is_table = spec.domain.kind == "features"
    placed = frozenset[int]()
    if "names" in origins and is_table and spec.columns:
        placed = on_boards(spec.columns)
        yield from names_proposals(
            spec.columns, samples.categories, spec.outputs, spec.has_classes, samples.x
        )
    if "data" in origins and not is_table:
        yield from sequence_proposals(samples.x, spec.domain, spec.channels, spec.is_one_hot, seed)
    if "data" in origins and is_table:
        groups = [
            [column for column in group if column not in placed]
            for group in similar_columns(samples.x, samples.categories)
        ]
        groups = [group for group in groups if len(group) > 1]
        yield from exchanges_of_similar_columns(groups, spec.columns)
    if "data" in origins and is_table and looked_at is not None:
        # Here, because it needs scipy.stats and others that a search of images does without.
        from autoequivariant.proposing.association.propose import association_proposals

        x = samples.x.reshape(len(samples.x), -1)[looked_at]
        n_classes = len(samples.classes)
        with threadpool_limits(limits=1, user_api="blas"):  # the same on any number of cores
            y, categories = samples.y[looked_at], samples.categories
            found = association_proposals(x, y, n_classes, spec.columns, categories)
        yield from found


def _renamed(symmetry: Symmetry, taken: Collection[str]) -> Symmetry:
    """Return a custom symmetry with a number in its name if others have that name."""
    name, number = str(symmetry), 2
    while str(symmetry) in taken:
        symmetry = replace(symmetry, name=f"{name} ({number})")
        number += 1
    return symmetry
