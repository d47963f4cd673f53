"""Hidden domains on which all candidates act properly, and none loses anything."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autoequivariant.groups.closure.compatibility import incompatibility
from autoequivariant.groups.domain import Domain, make_domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

MOST_HIDDEN_INDICES = 256
"""A hidden domain is coarsened to at most so many indices: 28x28 gives 14x14, 64x64 gives 16x16."""
MOST_KEPT_INDICES = 1024
"""It has up to so many where on fewer a symmetry would lose something: layers are still small."""


def on_points(
    symmetry: Symmetry, source: Domain, domain: Domain, channels: int | None
) -> Permutation:
    """Return how a symmetry of `source` permutes the indices of `domain`, or, if `channels` are
    given, the pairs of a channel and an index.

    Raises:
        SymmetryError: it is not defined there.
    """
    action = symmetry.rescaled(source, domain).action(domain)
    if channels is None:
        return action
    moved = symmetry.channel_action(channels) or Permutation.identity(channels)
    return Permutation.kron(moved, action)


def suggested_hidden_domain(
    candidates: Sequence[Symmetry], domain: Domain, channels: int = 1, outputs: int | None = None
) -> Domain:
    """Return a coarser domain where every candidate acts as an image of its action on `domain`,
    and as often as there: where a shift by 1 of 12 places is one of 6, the first layer adds up what
    is 6 places apart, and no network that has it sees more.

    Each side is divided by one common factor of 2 or more: the smallest that leaves at most
    `MOST_HIDDEN_INDICES` indices, or else the largest. Where there is none, the domain itself is
    returned, on which nothing is lost. Beyond `MOST_KEPT_INDICES` indices something may be lost,
    but not what moves the outputs. Columns of a table have no neighbours, so `Features` are never
    coarsened.

    Args:
        candidates: symmetries, with steps in indices of `domain`.
        domain: the input's.
        channels: of the input.
        outputs: number of classes, or of components of the target. Default: not asked about.

    Raises:
        SymmetryError: a candidate is not defined on `domain` itself, on the channels or on the
            outputs.
    """
    moves_channels = any(s.channel_action(channels) is not None for s in candidates)
    copies = channels if moves_channels else None
    inputs = [on_points(s, domain, domain, copies) for s in candidates]
    ends = _output_actions(candidates, inputs, outputs)
    spare = None
    for coarse in _coarser(domain):
        if not all(s.rescaled(domain, coarse).is_defined_on(coarse) for s in candidates):
            continue
        spec = [on_points(s, domain, coarse, copies) for s in candidates]
        keeps = all(i.order() == a.order() for i, a in zip(inputs, spec, strict=True))
        wanted = keeps and coarse.size <= MOST_KEPT_INDICES
        if (spare and not wanted) or incompatibility(inputs, spec) is not None:
            continue
        if ends and incompatibility(spec, ends) is not None:
            continue
        if wanted:
            return coarse
        spare = spare or coarse
    return domain if spare is None or domain.size <= MOST_KEPT_INDICES else spare


def _output_actions(
    candidates: Sequence[Symmetry], inputs: Sequence[Permutation], outputs: int | None
) -> list[Permutation]:
    """What a hidden domain has to carry to the outputs: nothing, or how candidates move them.

    Where they contradict each other on the input already, it is to carry the input's own action.
    """
    if outputs is None:
        return []
    moved = [s.output_action(outputs) for s in candidates]
    if all(action is None for action in moved):
        return []
    ends = [action or Permutation.identity(outputs) for action in moved]
    return list(inputs) if incompatibility(inputs, ends) is not None else ends


def _coarser(domain: Domain) -> list[Domain]:
    """Coarser domains, best first: of the small enough ones the largest, then the smallest."""
    if domain.kind == "features":
        return []
    factors = [f for f in range(2, min(domain.shape) // 2 + 1) if math.gcd(f, *domain.shape) == f]
    coarse = [make_domain(domain.kind, tuple(side // f for side in domain.shape)) for f in factors]
    small = [d for d in coarse if d.size <= MOST_HIDDEN_INDICES]
    return [*small, *(d for d in reversed(coarse) if d.size > MOST_HIDDEN_INDICES)]
