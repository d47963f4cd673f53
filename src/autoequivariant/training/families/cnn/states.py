"""Canonical states of a search over CNNs: point symmetries and augmentations."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from autoequivariant.groups.closure.lattice import ClosedState, Enumeration
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.groups.symmetry import Symmetry

AUGMENT = "augment_"
"""Prefix of augmentations among the on/off parameters, as some are named like symmetries."""
_IMPLIED = ("hflip", "vflip")
"""Augmentations without effect on networks that are invariant to the symmetry of that name."""


class CNNStates:
    """Sets of point symmetries and augmentations.

    The canonical form of a state has every candidate of the group that it generates, and no
    augmentation to which the network is invariant.

    Args:
        candidates: point symmetries, numbered first.
        augmentations: names from `nn.cnn.augmentation.AUGMENTATIONS`.
    """

    def __init__(self, candidates: Iterable[Symmetry], augmentations: Iterable[str]) -> None:
        self.candidates = tuple(candidates)
        self.augmentations = tuple(augmentations)
        self.names = (*map(str, self.candidates), *(AUGMENT + name for name in self.augmentations))
        self._numbers = {name: number for number, name in enumerate(self.names)}

    def group(self, state: Iterable[int]) -> PointGroup:
        """Return the point group that a state's candidates generate."""
        named = [str(self.candidates[k]) for k in state if k < len(self.candidates)]
        return PointGroup(tuple(named))

    def augmentations_of(self, state: Iterable[int]) -> tuple[str, ...]:
        """Return the augmentations of a state."""
        first = len(self.candidates)
        return tuple(self.augmentations[k - first] for k in sorted(state) if k >= first)

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the canonical form of a state."""
        numbers = frozenset(state)
        members = self.group(numbers).members
        symmetries = {k for k, s in enumerate(self.candidates) if str(s) in members}
        used = {
            self._numbers[AUGMENT + name]
            for name in self.augmentations_of(numbers)
            if not (name in _IMPLIED and name in members)
        }
        return frozenset(symmetries | used)

    def closed_states(self, limit: int, excluded: frozenset[int] = frozenset()) -> Enumeration:
        """Return the canonical states without excluded candidates, fewest generators first."""
        numbers = range(len(self.names))
        first = len(self.candidates)
        states: dict[frozenset[int], ClosedState] = {}
        # A point group needs two generators at most.
        groups = [chosen for n in range(3) for chosen in combinations(numbers[:first], n)]
        augments = [
            chosen
            for n in range(len(self.augmentations) + 1)
            for chosen in combinations(numbers[first:], n)
        ]
        pairs = ((*group, *augment) for group in groups for augment in augments)
        for generators in sorted(pairs, key=lambda chosen: (len(chosen), chosen)):
            closed = self.closure(generators)
            if closed & excluded:
                continue
            if closed not in states and len(closed.intersection(generators)) == len(generators):
                states[closed] = ClosedState(tuple(sorted(closed)), generators)
        every = tuple(states.values())
        return Enumeration(every[:limit], complete=len(every) <= limit)

    def smallest_generators(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return a smallest set with this closure."""
        closed = self.closure(members)
        first = len(self.candidates)
        augments = tuple(k for k in sorted(closed) if k >= first)
        group = self.group(closed)
        symmetries = sorted(k for k in closed if k < first)
        sets = (chosen for n in range(3) for chosen in combinations(symmetries, n))
        return (*next(chosen for chosen in sets if self.group(chosen) == group), *augments)
