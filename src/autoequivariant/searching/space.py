"""What a search searches: distinct networks, and how wide they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from optuna.distributions import CategoricalDistribution

from autoequivariant.groups.closure.lattice import Enumeration
from autoequivariant.training.child import Child
from autoequivariant.training.families.family import Family

MOST_VISITED = 100
"""Closed states to look at for a smallest set of generators of a network that was not counted."""


class Space:
    """The children of a family.

    Args:
        family: what all children have in common.
        limit: how many distinct networks to list at most.
        widths: widths to search over. Default: the family's own alone.
    """

    def __init__(self, family: Family, limit: int, widths: Sequence[int] = ()) -> None:
        self.family = family
        self.names = family.names
        self.default_width = family.default_width
        self.widths = tuple(sorted({self.default_width, *widths}))
        self.enumeration: Enumeration = family.closed_states(limit)
        self._listed = {network.members: network for network in self.enumeration.closed_states}

    @property
    def has_widths(self) -> bool:
        """Whether the width is searched."""
        return len(self.widths) > 1

    @property
    def distributions(self) -> dict[str, CategoricalDistribution]:
        """The on/off parameters, and one for the width where it is searched."""
        space = {name: CategoricalDistribution((False, True)) for name in self.names}
        if self.has_widths:
            space[self.family.width_name] = CategoricalDistribution(self.widths)
        return space

    @cached_property
    def children(self) -> tuple[Child, ...]:
        """All children, as far as networks are listed; fewest generators first."""
        return tuple(self._children())

    @property
    def size(self) -> int | None:
        """How many children there are; None where there are more than are listed."""
        return len(self.children) if self.enumeration.complete else None

    @cached_property
    def baseline(self) -> Child:
        """The child of the empty state at the family's own width."""
        return self.child(frozenset())

    def baseline_of(self, child: Child) -> Child:
        """The plain network that a child is compared with in the end."""
        return self.child(frozenset(), self.family.baseline_width(child.width))

    def child(self, state: Iterable[int], channels: int | None = None) -> Child:
        """The child of a state; where it may not be so wide, the widest that it may be.

        Its generators are those that are known for it.
        """
        closed = tuple(sorted(self.family.closure(state)))
        network = self._listed.get(closed)
        # Otherwise whatever state it came from must not matter.
        generators = closed if network is None else network.generators
        wanted = self.default_width if channels is None else channels
        for width in sorted((w for w in self.widths if w <= wanted), reverse=True):
            if self.family.allows_width(generators, width):
                return Child(closed, generators, width)
        return Child(closed, generators, self.default_width)

    def child_at(self, point: Mapping[str, Any]) -> Child:
        """The child that parameters stand for."""
        state = (number for number, name in enumerate(self.names) if point[name])
        return self.child(state, point.get(self.family.width_name))

    def point(self, child: Child) -> dict[str, Any]:
        """The parameters that stand for a child."""
        on = {name: number in child.members for number, name in enumerate(self.names)}
        return {**on, self.family.width_name: child.width} if self.has_widths else on

    def count_parameters(self, child: Child) -> int:
        """Return a child's number of trainable numbers."""
        return self.family.count_parameters(child.generators, child.width)

    def smallest_generators(self, child: Child) -> tuple[int, ...]:
        """A smallest set of generators of a child, or a small one where that takes long."""
        if child.members in self._listed:
            return child.generators
        return self.family.smallest_generators(child.members, MOST_VISITED)

    def _children(self) -> Iterator[Child]:
        for network in self.enumeration.closed_states:
            for width in self.widths:
                if self.family.allows_width(network.generators, width):
                    yield Child(network.members, network.generators, width)
