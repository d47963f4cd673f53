"""Chains of point groups: the layers of a network keep ever fewer of its first layer's symmetries.

A feature map of a group `G` is one of a subgroup `H`, too: restricted to `H`, the regular
representation of `G` is `|G| / |H|` copies of that of `H` (Weiler and Cesa, 2019, arXiv 1911.08251,
section 2.7), one for each right coset `H r`, because `h` maps the element `k r` to `(h k) r`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.moves import CyclicShift, Move
from autoequivariant.groups.symmetry import Symmetry


@dataclass(frozen=True)
class GroupChain:
    """The group of each level of a network; that of a level contains that of the next.

    Attributes:
        whole: of the head and of all levels after the last of `early`; the outputs have it.
        early: larger groups, each with the last level that has it, in the order of the levels.
    """

    whole: PointGroup
    early: tuple[tuple[int, PointGroup], ...] = ()

    @classmethod
    def of(cls, whole: PointGroup, partial: Mapping[int, PointGroup]) -> GroupChain:
        """Return the chain in canonical form.

        Args:
            whole: of the head.
            partial: by level, the group of the layers up to it, which contains those of later
                levels and `whole`.
        """
        early: list[tuple[int, PointGroup]] = []
        for level in sorted(partial, reverse=True):
            if partial[level] != (early[-1][1] if early else whole):
                early.append((level, partial[level]))
        return cls(whole, tuple(reversed(early)))

    @classmethod
    def generated(
        cls, symmetries: Iterable[Symmetry], domain: Domain, channels: int = 1, outputs: int = 1
    ) -> GroupChain:
        """Return the chain that whole and partial symmetries generate.

        Args:
            symmetries: of samples on `domain`; those with a level are of the layers up to it.
            domain: of the samples.
            channels, outputs: how many there are.

        Raises:
            SymmetryError: as for `PointGroup.of`.
        """
        every = tuple(symmetries)

        def up_to(level: float) -> PointGroup:
            some = [one.whole for one in every if one.level is None or one.level >= level]
            return PointGroup.of(dict.fromkeys(some), domain, channels, outputs)

        levels = {one.level for one in every if one.level is not None}
        return cls.of(up_to(float("inf")), {level: up_to(level) for level in levels})

    def __str__(self) -> str:
        return ",".join(map(str, self.generating_symmetries)) or "none"

    @property
    def first(self) -> PointGroup:
        """The largest group, of the first layer."""
        return self.early[0][1] if self.early else self.whole

    def at(self, level: int) -> PointGroup:
        """Return the group of a level's layers."""
        return next((group for last, group in self.early if level <= last), self.whole)

    @property
    def partial_symmetries(self) -> tuple[Symmetry, ...]:
        """Those generators of earlier groups that the next group lacks, with their levels."""
        found: list[Symmetry] = []
        following = [*(group for _, group in self.early[1:]), self.whole]  # one, if none is early
        for (level, group), smaller in zip(self.early, following, strict=False):
            moves: list[Move] = list(group.generators)
            moves += [CyclicShift((axis,)) for axis in group.circular]
            named = zip(group.generating_symmetries, moves, strict=True)
            found += [replace(one, level=level) for one, move in named if move not in smaller]
        return tuple(found)

    @property
    def generating_symmetries(self) -> tuple[Symmetry, ...]:
        """Those of the whole network, then the partial ones."""
        return (*self.whole.generating_symmetries, *self.partial_symmetries)


def chain_of(groups: PointGroup | GroupChain) -> GroupChain:
    """Return a group as the chain of a network all of whose layers have it."""
    return groups if isinstance(groups, GroupChain) else GroupChain(groups)


def restriction(group: PointGroup, subgroup: PointGroup) -> tuple[int, ...]:
    """Return the maps of a group's feature map in the order of those of a subgroup.

    For each right coset in turn, and each element `h` of the subgroup, the number of the group's
    element `h r`, where `r` is the first element of the coset.

    Raises:
        SymmetryError: the subgroup has an element that the group lacks.
    """
    missing = [one for one in subgroup.elements if one not in group]
    if missing or not set(subgroup.circular) <= set(group.circular):
        raise SymmetryError(f"{subgroup} is no part of {group}: restrict to a subgroup.")
    numbers = {element: number for number, element in enumerate(group.elements)}
    order: dict[int, None] = {}
    for element in group.elements:
        if numbers[element] not in order:
            order |= dict.fromkeys(numbers[h @ element] for h in subgroup.elements)
    return tuple(order)
