"""The space of a search: closed states and widths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from optuna.distributions import CategoricalDistribution

from autoequivariant.groups.closure.lattice import Enumeration
from autoequivariant.training.child import Child
from autoequivariant.training.families.family import Family

MOST_VISITED = 100
"""Closed states to visit for a smallest set of generators of a network that is not listed."""


class Space:
    """The children of a family.

    Args:
        family: the family of all children.
        limit: largest number of closed states to list.
        widths: widths to search over. Default: only the family's default width.
    """

    def __init__(self, family: Family, limit: int, widths: Sequence[int] = ()) -> None:
        self.family = family
        self.names = family.names
        self.default_width = family.default_width
        self.widths = tuple(sorted({self.default_width, *widths}))
        self.enumeration: Enumeration = family.closed_states(limit)
        self._listed = {closed.members: closed for closed in self.enumeration.closed_states}

    @property
    def has_widths(self) -> bool:
        """Whether the width is searched."""
        return len(self.widths) > 1

    @property
    def distributions(self) -> dict[str, CategoricalDistribution]:
        """The on/off parameters, and one for the width if it is searched."""
        parameters = {name: CategoricalDistribution((False, True)) for name in self.names}
        if self.has_widths:
            parameters[self.family.width_name] = CategoricalDistribution(self.widths)
        return parameters

    @cached_property
    def children(self) -> tuple[Child, ...]:
        """The children of all listed closed states; fewest generators first."""
        return tuple(
            Child(closed.members, closed.generators, width)
            for closed in self.enumeration.closed_states
            for width in self.widths
            if self.family.allows_width(closed.generators, width)
        )

    @property
    def size(self) -> int | None:
        """Number of children; None if not all closed states are listed."""
        return len(self.children) if self.enumeration.complete else None

    @cached_property
    def baseline(self) -> Child:
        """The child without symmetries, of the default width."""
        return self.child(frozenset())

    def baseline_of(self, child: Child) -> Child:
        """Return the baseline that a child is compared with after the final training."""
        return self.child(frozenset(), self.family.baseline_width(child.width))

    def child(self, state: Iterable[int], width: int | None = None) -> Child:
        """Return the child of a state, of the largest allowed width up to `width`.

        Its generators are the listed ones, or else all members.
        """
        members = tuple(sorted(self.family.closure(state)))
        closed = self._listed.get(members)
        generators = members if closed is None else closed.generators
        most = self.default_width if width is None else width
        widths = (w for w in reversed(self.widths) if w <= most)
        allowed = (w for w in widths if self.family.allows_width(generators, w))
        return Child(members, generators, next(allowed, self.default_width))

    def child_at(self, point: Mapping[str, Any]) -> Child:
        """Return the child that parameters denote."""
        state = (number for number, name in enumerate(self.names) if point[name])
        return self.child(state, point.get(self.family.width_name))

    def point(self, child: Child) -> dict[str, Any]:
        """Return the parameters of a child."""
        on = {name: number in child.members for number, name in enumerate(self.names)}
        return {**on, self.family.width_name: child.width} if self.has_widths else on

    def count_parameters(self, child: Child) -> int:
        """Return a child's number of trainable parameters."""
        return self.family.count_parameters(child.generators, child.width)

    def smallest_generators(self, child: Child) -> tuple[int, ...]:
        """Return a smallest set of generators, or a small one if that takes too long."""
        if child.members in self._listed:
            return child.generators
        return self.family.smallest_generators(child.members, MOST_VISITED)
