"""Proposals for sequences and grids, from samples without their labels."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.catalogue import default_step
from autoequivariant.groups.custom.definition import Candidate, Definition
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.proposing.channels import one_hot_exchanges, similar_channels
from autoequivariant.proposing.periods import MOST_ENTRIES, period

MOST_PROPOSALS = 4
_SHIFTS = {
    "sequence": ("shift",),
    "grid": ("translate_y", "translate_x"),
    "volume": ("translate_z", "translate_y", "translate_x"),
}
"""Of each axis, the shift along it."""
_DNA_COMPLEMENT = ((0, 3), (1, 2))


def sequence_proposals(
    x: NDArray[Any], domain: Domain, channels: int, is_one_hot: bool, seed: int = 0
) -> list[Proposal]:
    """Return what samples of sequences, grids or volumes suggest, the most promising first.

    Shifts by the period that the autocorrelation shows, and the exchange of two such blocks of a
    sequence; exchanges of channels that look alike, or of values of one-hot sequences that occur in
    similar surroundings. At most four, and none that is a default candidate.

    Args:
        x: samples, shape `(n, channels, *domain.shape)`. Of many, some are looked at.
        domain: of the samples; features have no order and suggest nothing.
        channels: number of channels.
        is_one_hot: in a sequence, whether each position has one channel equal to 1, the others 0.
        seed: of the noise that periods are compared with.
    """
    if domain.kind not in _SHIFTS or not len(x):
        return []
    step = -(-x.size // (4 * MOST_ENTRIES))  # what follows takes fewer again
    some = x[::step].reshape(-1, channels, *domain.shape)
    shifts, blocks = _of_periods(some, domain, seed)
    has_values = is_one_hot and domain.kind == "sequence"
    exchanges = (_of_values if has_values else _of_channels)(some)
    ordered = [one for pair in zip_longest([*shifts, *blocks], exchanges) for one in pair]
    return [one for one in ordered if one is not None][:MOST_PROPOSALS]


def _of_periods(
    x: NDArray[Any], domain: Domain, seed: int
) -> tuple[list[Proposal], list[Proposal]]:
    """Shifts along the axes that have a period, and the exchange of two blocks."""
    shifts, blocks = [], []
    for axis, name in enumerate(_SHIFTS[domain.kind]):
        side = domain.shape[axis]
        found = period(np.moveaxis(x, 2 + axis, -1).reshape(-1, side), seed)
        if found is None:
            continue
        reason = f"the autocorrelation peaks at {found:,} of {side:,}"
        if found != default_step(side, domain.kind == "volume"):
            shifts.append(Proposal(Symmetry(name, (found,)), "data", reason))
        if domain.kind == "sequence":
            cycles = [[place, place + found] for place in range(found)]
            name = f"exchange the first two blocks of {found}"
            blocks.append(_proposal(name, {"cycles": cycles}, reason))
    return shifts, blocks


def _of_channels(x: NDArray[Any]) -> list[Proposal]:
    """The exchange of the two most similar channels of each group, and a ring of the largest."""
    groups = similar_channels(x)
    found = []
    for group in groups[: MOST_PROPOSALS // 2]:
        first, second = group[:2]
        name = f"channels {first} <-> {second}"
        reason = f"channels {first} and {second} have similar distributions"
        found.append(_proposal(name, {"channels": {"cycles": [[first, second]]}}, reason))
    largest = max(groups, key=len, default=())
    if len(largest) > 2:
        name = f"ring of {len(largest)} channels {largest[0]}...{largest[-1]}"
        reason = f"{len(largest)} channels have similar distributions"
        found.append(_proposal(name, {"channels": {"cycles": [list(largest)]}}, reason))
    return found


def _of_values(x: NDArray[Any]) -> list[Proposal]:
    """Exchanges of one-hot channels, other than the complement of DNA with reversal."""
    found = []
    for one in one_hot_exchanges(x):
        if one.reverses and one.pairs == _DNA_COMPLEMENT and x.shape[1] == 4:
            continue
        shown = " ".join(f"{first}/{second}" for first, second in one.pairs)
        moves: dict[str, Any] = {"channels": {"cycles": [list(pair) for pair in one.pairs]}}
        where = "surroundings"
        if one.reverses:
            moves, where = {"like": "reverse", **moves}, "surroundings in reverse"
        name = f"values {shown}{' reversed' if one.reverses else ''}"
        found.append(_proposal(name, moves, f"values {shown} occur in similar {where}"))
    return found


def _proposal(name: str, moves: dict[str, Any], reason: str) -> Proposal:
    candidate: Candidate = Definition.of({"name": name, **moves})
    return Proposal(candidate, "data", reason)
