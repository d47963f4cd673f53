"""Canonical states of a search over CNNs: symmetries and augmentations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import combinations

from autoequivariant.groups.closure.lattice import ClosedState, Enumeration
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.moves import move_of
from autoequivariant.groups.point_group.subgroups import Subgroups
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.architecture import CNNArchitecture

AUGMENT = "augment_"
"""Prefix of augmentations among the on/off parameters, as some are named like symmetries."""
_IMPLIED = ("hflip", "vflip")
"""Augmentations without effect on networks that are invariant to the symmetry of that name."""


class CNNStates:
    """Sets of symmetries and augmentations.

    The canonical form of a state has every candidate of the group that it generates, and no
    augmentation to which the network is invariant.

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
        self._subgroups = Subgroups(self.candidates, domain, channels, architecture.classes)
        self._implied = {
            name: move_of(Symmetry(name), domain, channels, architecture.classes)
            for name in set(_IMPLIED).intersection(self.augmentations)
        }

    def group(self, state: Iterable[int]) -> PointGroup:
        """Return the group that a state's candidates generate."""
        return self._subgroups.group(self._symmetries(state))

    def augmentations_of(self, state: Iterable[int]) -> tuple[str, ...]:
        """Return the augmentations of a state."""
        first = len(self.candidates)
        return tuple(self.augmentations[k - first] for k in sorted(state) if k >= first)

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the canonical form of a state."""
        numbers = frozenset(state)
        return self._subgroups.closure(self._symmetries(numbers)) | self._used(numbers)

    def closed_states(self, limit: int, excluded: frozenset[int] = frozenset()) -> Enumeration:
        """Return the canonical states without excluded candidates, fewest generators first."""
        first = len(self.candidates)
        numbers = range(first, len(self.names))
        augments = [some for n in range(len(numbers) + 1) for some in combinations(numbers, n)]
        found = []
        for members, generators in self._closed.items():
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
        return (*self._closed[self._symmetries(closed)], *sorted(self._used(closed)))

    @cached_property
    def _closed(self) -> dict[frozenset[int], tuple[int, ...]]:
        return self._subgroups.closed_states()

    def _symmetries(self, state: Iterable[int]) -> frozenset[int]:
        return frozenset(k for k in state if k < len(self.candidates))

    def _used(self, state: Iterable[int]) -> frozenset[int]:
        """The augmentations of a state that its network does not see anyway."""
        numbers = frozenset(state)
        implied = {name for name, move in self._implied.items() if move in self.group(numbers)}
        names = set(self.augmentations_of(numbers)) - implied
        return frozenset(self._numbers[AUGMENT + name] for name in names)
