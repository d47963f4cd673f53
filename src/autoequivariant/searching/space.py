"""The space of a search: closed states and widths, without what does not hold."""

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
        excluded: numbers of candidates that no child may have. Default: none.
        holding: numbers of candidates that are known to hold; `first` starts from their closure.
            Default: none.
        one_at_a_time: whether a search tries only neighbours of its leading network. Default: no.

    Attributes:
        names: all on/off parameters by name, in the order of their numbers.
        numbers: of the on/off parameters that are searched.
    """

    def __init__(
        self,
        family: Family,
        limit: int,
        widths: Sequence[int] = (),
        excluded: Iterable[int] = (),
        holding: Iterable[int] = (),
        one_at_a_time: bool = False,
    ) -> None:
        self.family = family
        self.names = family.names
        # What every network has cannot be excluded.
        self.excluded = frozenset(excluded) - family.closure(())
        self.holding = frozenset(holding)
        self.one_at_a_time = one_at_a_time
        self.numbers = tuple(n for n in range(len(self.names)) if n not in self.excluded)
        self.default_width = family.default_width
        self.widths = tuple(sorted({self.default_width, *widths}))
        self.enumeration: Enumeration = family.closed_states(limit, self.excluded)
        self._listed = {closed.members: closed for closed in self.enumeration.closed_states}

    @property
    def has_widths(self) -> bool:
        """Whether the width is searched."""
        return len(self.widths) > 1

    @property
    def distributions(self) -> dict[str, CategoricalDistribution]:
        """The on/off parameters, and one for the width if it is searched."""
        names = [self.names[number] for number in self.numbers]
        parameters = {name: CategoricalDistribution((False, True)) for name in names}
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

    @cached_property
    def start(self) -> Child:
        """The closure of what holds, of the default width; the baseline if nothing does."""
        return self.child(self.holding)

    @cached_property
    def neighbours(self) -> tuple[Child, ...]:
        """The neighbours of the start, without the baseline."""
        return tuple(child for child in self.neighbours_of(self.start) if child != self.baseline)

    def neighbours_of(self, child: Child) -> tuple[Child, ...]:
        """Return a child without each of its generators, or with less of it where candidates are
        partial; then with each further parameter; where neighbours alone are tried, then at each
        other width, too.
        """
        members, width = set(child.members), child.width
        generators = self.preferred_generators(child)
        fewer = [self.child(set(generators) - {number}, width) for number in generators]
        less = [(number, self.family.weaker(number)) for number in generators]
        fewer += [
            self.child((set(generators) - {number}) | {weaker}, width)
            for number, weaker in less
            if weaker is not None
        ]
        others = [n for n in self.family.to_add(members) if n not in self.excluded]
        more = [self.child(members | {number}, width) for number in others]
        more = [one for one in more if members < set(one.members)]  # not without one that holds
        widths = self.widths if self.one_at_a_time else ()
        resized = [self.child(members, other) for other in widths]
        return tuple(one for one in dict.fromkeys([*fewer, *more, *resized]) if one != child)

    @property
    def first(self) -> tuple[Child, ...]:
        """What to train first: the baseline, the start and its neighbours."""
        return tuple(dict.fromkeys([self.baseline, self.start, *self.neighbours]))

    def preferred_generators(self, child: Child) -> tuple[int, ...]:
        """Return generators of a child, of what holds as far as possible; none is superfluous."""
        members = sorted(child.members, key=lambda number: (number not in self.holding, number))
        kept: list[int] = []
        for number in members:
            if number not in self.family.closure(kept):
                kept.append(number)
        for number in reversed(kept):
            fewer = [one for one in kept if one != number]
            if self.family.closure(fewer) == frozenset(child.members):
                kept = fewer
        return tuple(kept)

    def baseline_of(self, child: Child) -> Child:
        """Return the baseline that a child is compared with after the final training."""
        return self.child(frozenset(), self.family.baseline_width(child.width))

    def child(self, state: Iterable[int], width: int | None = None) -> Child:
        """Return the child of a state, of the largest allowed width up to `width`.

        Its generators are the listed ones, or else all members. Parameters whose closure with those
        before them has an excluded candidate are left out.
        """
        members = tuple(sorted(self._closure(state)))
        closed = self._listed.get(members)
        generators = members if closed is None else closed.generators
        most = self.default_width if width is None else width
        widths = (w for w in reversed(self.widths) if w <= most)
        allowed = (w for w in widths if self.family.allows_width(generators, w))
        return Child(members, generators, next(allowed, self.default_width))

    def _closure(self, state: Iterable[int]) -> frozenset[int]:
        numbers = sorted(state)
        closed = self.family.closure(numbers)
        if not closed & self.excluded:
            return closed
        kept: list[int] = []
        for number in numbers:
            if not self.family.closure([*kept, number]) & self.excluded:
                kept.append(number)
        return self.family.closure(kept)

    def child_at(self, point: Mapping[str, Any]) -> Child:
        """Return the child that parameters denote."""
        state = [number for number in self.numbers if point[self.names[number]]]
        return self.child(state, point.get(self.family.width_name))

    def point(self, child: Child) -> dict[str, Any]:
        """Return the parameters of a child."""
        on = {self.names[number]: number in child.members for number in self.numbers}
        return {**on, self.family.width_name: child.width} if self.has_widths else on

    def count_parameters(self, child: Child) -> int:
        """Return a child's number of trainable parameters."""
        return self.family.count_parameters(child.generators, child.width)

    def smallest_generators(self, child: Child) -> tuple[int, ...]:
        """Return a smallest set of generators, or a small one if that takes too long."""
        if child.members in self._listed:
            return child.generators
        return self.family.smallest_generators(child.members, MOST_VISITED)
