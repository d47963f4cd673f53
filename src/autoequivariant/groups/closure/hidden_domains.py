"""Hidden domains on which all candidates act soundly (law 4) and without loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autoequivariant.groups.closure.compatibility import is_homomorphic_image
from autoequivariant.groups.domain import Domain, Features, Pairs, make_domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

MAX_HIDDEN_INDICES = 256
"""Target size of a hidden domain: 28x28 is coarsened to 14x14, 64x64 to 16x16."""
MAX_LOSSLESS_INDICES = 1024
"""Size up to which a larger hidden domain is preferred if a smaller one would lose information."""
MOST_DEFAULT_PAIRS = 2**26
"""Largest number of pairs of indices between the input and a coarser domain: of images of 512x512
and hidden layers of 16x16.
"""


def point_action(
    symmetry: Symmetry, source: Domain, domain: Domain, channels: int | None
) -> Permutation:
    """Return how a symmetry of `source` permutes the points of `domain`.

    Points are the indices or, if `channels` is not None, the pairs (channel, index).

    Raises:
        SymmetryError: the symmetry is not defined on `domain`.
    """
    action = symmetry.rescaled(source, domain).action(domain)
    if channels is None:
        return action
    on_channels = symmetry.channel_action(channels) or Permutation.identity(channels)
    return Permutation.kron(on_channels, action)


def suggested_hidden_domain(
    candidates: Sequence[Symmetry], domain: Domain, channels: int = 1, outputs: int | None = None
) -> Domain:
    """Return a coarser domain on which every candidate acts soundly and with its full order.

    If the order of an action shrinks, information is lost: where a shift by 1 of 12 positions
    becomes one of 6, the first layer sums what is 6 positions apart.

    All sides are divided by one common factor of 2 or more: the smallest that leaves at most
    `MAX_HIDDEN_INDICES` indices, or else the largest; at most `MOST_DEFAULT_PAIRS` pairs with the
    input in any case. If there is none, the result is `domain` itself, which loses nothing; if that
    has more than `MAX_LOSSLESS_INDICES` indices, it is a coarser domain that may lose information,
    but none that the outputs depend on. `Features` are never coarsened, since columns have no
    neighbours. Neither are `Pairs`, but those of more than 90 items become their items, which see
    sums over rows and columns alone.

    Args:
        candidates: symmetries, with steps in indices of `domain`.
        domain: of the input.
        channels: number of input channels.
        outputs: number of classes or target components. Default: ignore actions on the outputs.

    Raises:
        SymmetryError: a candidate is not defined on `domain`, the channels or the outputs.
    """
    moves_channels = any(s.channel_action(channels) is not None for s in candidates)
    point_channels = channels if moves_channels else None
    inputs = [point_action(s, domain, domain, point_channels) for s in candidates]
    required = _required_actions(candidates, inputs, outputs)
    fallback = None
    for coarse in _coarser_domains(domain):
        if not all(s.rescaled(domain, coarse).is_defined_on(coarse) for s in candidates):
            continue
        hidden = [point_action(s, domain, coarse, point_channels) for s in candidates]
        is_lossless = all(i.order() == h.order() for i, h in zip(inputs, hidden, strict=True))
        is_preferred = is_lossless and coarse.size <= MAX_LOSSLESS_INDICES
        if (fallback and not is_preferred) or not is_homomorphic_image(inputs, hidden):
            continue
        if required and not is_homomorphic_image(hidden, required):
            continue
        if is_preferred:
            return coarse
        fallback = fallback or coarse
    return domain if fallback is None or domain.size <= MAX_LOSSLESS_INDICES else fallback


def suggested_items(
    candidates: Sequence[Symmetry], hidden: Domain, channels: int = 1, outputs: int | None = None
) -> Domain:
    """Return the items of pairs, of which there are fewer, if every candidate acts soundly on them;
    otherwise the hidden domain itself.

    Args:
        candidates, channels, outputs: as in `suggested_hidden_domain`.
        hidden: what that suggests.
    """
    if not isinstance(hidden, Pairs):
        return hidden
    items = Features(hidden.count)
    if not all(candidate.is_defined_on(items) for candidate in candidates):
        return hidden
    pairs = [point_action(s, hidden, hidden, channels) for s in candidates]
    last = [point_action(s, hidden, items, channels) for s in candidates]
    required = _required_actions(candidates, pairs, outputs)
    is_sound = is_homomorphic_image(pairs, last) and is_homomorphic_image(last, required or last)
    return items if is_sound else hidden


def _required_actions(
    candidates: Sequence[Symmetry], inputs: Sequence[Permutation], outputs: int | None
) -> list[Permutation]:
    """The actions that must be homomorphic images of those on the hidden domain; may be empty.

    These are the actions on the outputs, or, if they contradict each other given the input, the
    actions on the input.
    """
    if outputs is None:
        return []
    actions = [s.output_action(outputs) for s in candidates]
    if all(action is None for action in actions):
        return []
    on_outputs = [action or Permutation.identity(outputs) for action in actions]
    return on_outputs if is_homomorphic_image(inputs, on_outputs) else list(inputs)


def _coarser_domains(domain: Domain) -> list[Domain]:
    """Coarser domains, best first: small ones by decreasing size, then large by increasing size."""
    if isinstance(domain, Features):
        return []
    if isinstance(domain, Pairs):
        return [Features(domain.count)] if domain.size**2 > MOST_DEFAULT_PAIRS else []
    factors = [f for f in range(2, min(domain.shape) // 2 + 1) if math.gcd(f, *domain.shape) == f]
    coarse = [make_domain(domain.kind, tuple(side // f for side in domain.shape)) for f in factors]
    coarse = [d for d in coarse if d.size * domain.size <= MOST_DEFAULT_PAIRS]
    small = [d for d in coarse if d.size <= MAX_HIDDEN_INDICES]
    return [*small, *(d for d in reversed(coarse) if d.size > MAX_HIDDEN_INDICES)]
