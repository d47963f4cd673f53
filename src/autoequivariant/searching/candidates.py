"""The candidates of a search, the networks that can have them, and copies of samples under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.copies.find import Copies, find_copies
from autoequivariant.data.samples import Samples
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.problem import network_kind
from autoequivariant.searching.proposals import proposed_spec, unseen
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.families.family import Family
from autoequivariant.training.families.kind import NetworkKind

FARTHEST = 0.1
"""Largest share of the samples that are copies of others that were looked at, and were not."""


@dataclass(frozen=True)
class Candidates:
    """The candidates of a search.

    Attributes:
        spec: what they act on.
        proposals: what led to those that nobody listed.
        kind, family, widths: the networks, which have the candidates, and the widths to search.
        copies: samples that are copies of others under them.
    """

    spec: DataSpec
    proposals: tuple[Proposal, ...]
    kind: NetworkKind
    family: Family
    widths: tuple[int, ...]
    copies: Copies


def find_candidates(
    samples: Samples,
    settings: SearchSettings,
    proposals: tuple[Proposal, ...] | None = None,
    *,
    all_known: bool = False,
    clusters: NDArray[np.int64] | None = None,
) -> Candidates:
    """Return the candidates that settings and samples suggest.

    Labels lead to none if that would take more than their share of the samples: where samples are
    copies of each other, moved or not, all copies of those looked at count as looked at.

    Args:
        samples: the whole data set.
        settings: of the search.
        proposals: as in `proposed_spec`.
        all_known: whether no samples are held out for a test.
        clusters: number of the cluster of each sample. Default: copies are clusters.

    Raises:
        SettingsError, SymmetryError: the settings do not fit the samples.
    """
    spec, proposals = proposed_spec(samples, settings, proposals, all_known)
    kind = network_kind(spec, settings)
    family, widths = kind.family(spec, settings)
    if clusters is None:
        copies = find_copies(samples, related(family.candidates, spec, settings))
    else:
        copies = Copies(clusters)
    plain = unseen(Copies(), proposals, samples, settings.seed, all_known).looked_at
    copies = unseen(copies, proposals, samples, settings.seed, all_known)
    if plain is not None and copies.looked_at is not None:
        added = int(copies.looked_at.sum() - plain.sum())
        if added > FARTHEST * len(samples.y):
            fewer = tuple(one for one in proposals if not one.saw_labels)
            return find_candidates(samples, settings, fewer, all_known=all_known, clusters=clusters)
    return Candidates(spec, proposals, kind, family, widths, copies)


def related(
    candidates: Sequence[Symmetry], spec: DataSpec, settings: SearchSettings
) -> tuple[Symmetry, ...]:
    """Return the symmetries whose moved copies are kept together: candidates and planted ones.

    Partial ones are as their whole ones.
    """
    whole = [one.whole for one in candidates]
    return tuple(dict.fromkeys([*whole, *resolve(settings.plant, spec)]))
