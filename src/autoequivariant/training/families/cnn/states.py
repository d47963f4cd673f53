"""Canonical states of a search over CNNs: symmetries and augmentations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import combinations

from autoequivariant.groups.closure.lattice import ClosedState, Enumeration
from autoequivariant.groups.point_group.chain import GroupChain
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.moves import move_of
from autoequivariant.groups.point_group.subgroup_chains import SubgroupChains
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.architecture import CNNArchitecture

AUGMENT = "augment_"
"""Prefix of augmentations among the on/off parameters, as some are named like symmetries."""
_IMPLIED = ("hflip", "vflip")
"""Augmentations without effect on networks that are invariant to the symmetry of that name."""


class CNNStates:
    """Sets of symmetries and augmentations.

    The canonical form of a state has every candidate of the groups that it generates, and no
    augmentation to which the network is invariant. Candidates may be partial: of the layers up to
    a level (`Symmetry.level`).

    Args:
        architecture: of the networks; its domain, channels and outputs are what candidates move.
        candidates: symmetries that a group convolution can have, numbered first.
        augmentations: names from `nn.cnn.augmentation.AUGMENTATIONS`.

    Raises:
        SymmetryError: no convolution has one of the candidates, or they generate too large a group.
    """

    def __init__(
        self,
        architecture: CNNArchitecture,
        candidates: Iterable[Symmetry],
        augmentations: Iterable[str],
    ) -> None:
        self.candidates = tuple(candidates)
        self.augmentations = tuple(augmentations)
        self.names = (*map(str, self.candidates), *(AUGMENT + name for name in self.augmentations))
        self._numbers = {name: number for number, name in enumerate(self.names)}
        domain, channels = architecture.domain, architecture.in_channels
        self._chains = SubgroupChains(self.candidates, domain, channels, architecture.classes)
        self._implied = {
            name: move_of(Symmetry(name), domain, channels, architecture.classes)
            for name in set(_IMPLIED).intersection(self.augmentations)
        }

    def group(self, state: Iterable[int]) -> PointGroup:
        """Return the group of the whole network that a state's candidates generate."""
        return self._chains.group(self._symmetries(state))

    def chain(self, state: Iterable[int]) -> GroupChain:
        """Return the group of each level."""
        return self._chains.chain(self._symmetries(state))

    def augmentations_of(self, state: Iterable[int]) -> tuple[str, ...]:
        """Return the augmentations of a state."""
        first = len(self.candidates)
        return tuple(self.augmentations[k - first] for k in sorted(state) if k >= first)

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the canonical form of a state."""
        numbers = frozenset(state)
        return self._chains.closure(self._symmetries(numbers)) | self._used(numbers)

    def closed_states(self, limit: int, excluded: frozenset[int] = frozenset()) -> Enumeration:
        """Return the canonical states without excluded candidates, fewest generators first."""
        first = len(self.candidates)
        numbers = range(first, len(self.names))
        augments = [some for n in range(len(numbers) + 1) for some in combinations(numbers, n)]
        found = []
        closed = self._closed
        if self._chains.has_levels:  # there may be many
            closed = self._chains.closed_states(limit, excluded)
        for members, generators in closed.items():
            if not members & excluded:
                unseen = self._used({*members, *numbers})
                found += [
                    ClosedState((*sorted(members), *some), (*generators, *some))
                    for some in augments
                    if unseen.issuperset(some) and not excluded.intersection(some)
                ]
        found.sort(key=lambda state: (len(state.generators), state.generators))
        return Enumeration(tuple(found[:limit]), complete=len(found) <= limit)

    def smallest_generators(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return a smallest set with this closure."""
        closed = self.closure(members)
        symmetries = self._symmetries(closed)
        if self._chains.has_levels:
            return (*self._chains.generators(symmetries), *sorted(self._used(closed)))
        return (*self._closed[symmetries], *sorted(self._used(closed)))

    def weaker(self, number: int) -> int | None:
        """Return the partial candidate that is the next weaker than a candidate; None if none is.

        Of `rot90`, that is the candidate with the last level, of `rot90@2` the one before.
        """
        if number >= len(self.candidates):
            return None
        own = self.candidates[number]
        known = [
            (one.level, k)
            for k, one in enumerate(self.candidates)
            if one.level is not None
            and one.whole == own.whole
            and (own.level is None or one.level < own.level)
        ]
        return max(known)[1] if known else None

    def to_add(self, state: Iterable[int]) -> tuple[int, ...]:
        """Return what a neighbour of a state may have more: whole candidates and augmentations, and
        of the levels of a partial one the next after that of the state.

        Of a symmetry that the state lacks, these are the last level and the middle one.
        """
        members = frozenset(state)
        others = (k for k in range(len(self.names)) if k not in members)
        return tuple(k for k in others if k >= len(self.candidates) or self._is_next(k, members))

    def _is_next(self, number: int, members: frozenset[int]) -> bool:
        own = self.candidates[number]
        if own.level is None:
            return True
        levels = {
            one.level: k
            for k, one in enumerate(self.candidates)
            if one.whole == own.whole and one.level is not None
        }
        if members.isdisjoint(levels.values()):
            ordered = sorted(levels)
            return own.level in (ordered[-1], ordered[(len(ordered) - 1) // 2])
        return self.weaker(number) in members

    @cached_property
    def _closed(self) -> dict[frozenset[int], tuple[int, ...]]:
        return self._chains.closed_states()

    def _symmetries(self, state: Iterable[int]) -> frozenset[int]:
        return frozenset(k for k in state if k < len(self.candidates))

    def _used(self, state: Iterable[int]) -> frozenset[int]:
        """The augmentations of a state that its network does not see anyway."""
        numbers = frozenset(state)
        implied = {name for name, move in self._implied.items() if move in self.group(numbers)}
        names = set(self.augmentations_of(numbers)) - implied
        return frozenset(self._numbers[AUGMENT + name] for name in names)
