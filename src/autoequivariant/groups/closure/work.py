"""How much work the closed states of candidates may take: orbits are looked for among pairs."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.errors import SettingsError

MOST_PAIRS = 2**28
"""Largest number of pairs of points between two layers: their labels take 1 GiB."""
MOST_MOVED_PAIRS = 2**30
"""Largest number of pairs times candidates, each of which moves all pairs: about ten seconds."""
MOST_ACTIONS = 100_000
"""Largest number of candidates times layers."""
# Measured: a closure takes as long as this many steps for each pair, and for each candidate.
_STEPS_OF_PAIR, _STEPS_OF_CANDIDATE, _MOST_STEPS = 32, 2**15, 2**35


def countable_states(candidates: int, sizes: Sequence[int]) -> int:
    """Return how many closed states can be counted in about a minute, at least one.

    Args:
        candidates, sizes: as in `check_work`.
    """
    pairs = max((a * b for a, b in zip(sizes, sizes[1:], strict=False)), default=0)
    each = _STEPS_OF_PAIR * pairs + _STEPS_OF_CANDIDATE * candidates
    return max(1, _MOST_STEPS // max(1, each))


def check_work(candidates: int, sizes: Sequence[int], is_signed: bool = False) -> None:
    """Refuse candidates and layers whose closures would take minutes each.

    Args:
        candidates: number of candidates.
        sizes: number of points of each layer, input first.
        is_signed: whether a candidate changes signs, so that each point counts twice.

    Raises:
        SettingsError: they are too many or too large.
    """
    pairs = max((a * b for a, b in zip(sizes, sizes[1:], strict=False)), default=0)
    if pairs > MOST_PAIRS:
        raise SettingsError(
            f"A layer has {pairs:,} parameters before sharing, more than {MOST_PAIRS:,}: use "
            "smaller --layers, or smaller samples."
        )
    if (
        candidates * pairs * (4 if is_signed else 1) > MOST_MOVED_PAIRS
        or candidates * len(sizes) > MOST_ACTIONS
    ):
        raise SettingsError(
            f"{candidates:,} candidates on layers with {pairs:,} pairs of indices take too long to "
            "compare: name fewer candidates, or use smaller --layers."
        )
