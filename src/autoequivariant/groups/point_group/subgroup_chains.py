"""Closed states of whole and partial symmetries: which candidates a chain of groups contains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from autoequivariant.groups.domain import Domain
from autoequivariant.groups.point_group.chain import GroupChain
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.subgroups import Subgroups
from autoequivariant.groups.symmetry import Symmetry


class SubgroupChains:
    """The chains of groups that sets of candidates generate.

    A candidate with a level is of the layers up to it, any other of the whole network. So the group
    of a level is that of the whole candidates and of those with this level or a later one, and a
    candidate follows from a set if the group of its own level has it.

    Args:
        candidates: symmetries of samples on `domain`, whole or partial.
        domain: of the samples.
        channels, outputs: how many there are.

    Raises:
        SymmetryError: as for `PointGroup.of`, of all candidates.
    """

    def __init__(
        self, candidates: Sequence[Symmetry], domain: Domain, channels: int = 1, outputs: int = 1
    ) -> None:
        self.candidates = tuple(candidates)
        bases = tuple(dict.fromkeys(one.whole for one in self.candidates))
        numbers = {base: number for number, base in enumerate(bases)}
        self._bases = [numbers[one.whole] for one in self.candidates]
        self._levels = [inf if one.level is None else one.level for one in self.candidates]
        self._subgroups = Subgroups(bases, domain, channels, outputs)
        self._closures: dict[frozenset[int], frozenset[int]] = {}

    @property
    def has_levels(self) -> bool:
        """Whether some candidate is partial."""
        return any(level != inf for level in self._levels)

    def group(self, state: Iterable[int]) -> PointGroup:
        """Return the group of the whole network."""
        return self._subgroups.group(self._up_to(inf, state))

    def chain(self, state: Iterable[int]) -> GroupChain:
        """Return the group of each level."""
        numbers = frozenset(state)
        levels = {int(self._levels[k]) for k in numbers if self._levels[k] != inf}
        partial = {level: self._subgroups.group(self._up_to(level, numbers)) for level in levels}
        return GroupChain.of(self.group(numbers), partial)

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the numbers of all candidates that follow from a state."""
        numbers = frozenset(state)
        if numbers not in self._closures:
            bases = {
                level: self._subgroups.closure(self._up_to(level, numbers))
                for level in {*self._levels}
            }
            pairs = enumerate(zip(self._bases, self._levels, strict=True))
            closed = frozenset(k for k, (base, level) in pairs if base in bases[level])
            self._closures[numbers] = closed
        return self._closures[numbers]

    def closed_states(
        self, limit: float = inf, excluded: frozenset[int] = frozenset()
    ) -> dict[frozenset[int], tuple[int, ...]]:
        """Return closed states, each with the first of its smallest sets of generators, in the
        order of these sets: shortest first, then by number.

        Args:
            limit: the search ends once there are more. Default: all are found.
            excluded: candidates that no closed state may have. Default: none.
        """
        found: dict[frozenset[int], tuple[int, ...]] = {self.closure(()): ()}
        # If a set is the first that generates a state, so is the set without its last number.
        waiting = list(found.items())
        for members, generators in waiting:  # grows during the loop
            for k in range(generators[-1] + 1 if generators else 0, len(self.candidates)):
                larger = self.closure((*generators, k)) if k not in members else members
                if larger not in found and not larger & excluded:
                    found[larger] = (*generators, k)
                    waiting.append((larger, found[larger]))
            if len(found) > limit:
                break
        return found

    def generators(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return generators of a closed state of which none is superfluous, whole ones first."""
        kept: list[int] = []
        for number in sorted(members):
            if number not in self.closure(kept):
                kept.append(number)
        for number in reversed(kept):
            fewer = [one for one in kept if one != number]
            if self.closure(fewer) == self.closure(kept):
                kept = fewer
        return tuple(kept)

    def _up_to(self, level: float, state: Iterable[int]) -> frozenset[int]:
        """The bases of a state's candidates that the layers of a level have."""
        return frozenset(self._bases[k] for k in state if self._levels[k] >= level)
