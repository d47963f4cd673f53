"""What a search searches: distinct networks, and how wide they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from optuna.distributions import CategoricalDistribution

from autoequivariant.groups import Enumeration, Lattice
from autoequivariant.nn import Architecture

CHANNELS = "channels"
"""The parameter of the width, where that is searched."""
MOST_VISITED = 100
"""Closed states to look at for a smallest set of generators of a network that was not counted."""


@dataclass(frozen=True)
class Child:
    """A distinct network of one width: what a search trains.

    Attributes:
        members: the numbers of all its candidates, in order: a closed state.
        generators: candidates whose closure that is.
        channels: of each hidden layer.
    """

    members: tuple[int, ...]
    generators: tuple[int, ...]
    channels: int

    @property
    def key(self) -> tuple[tuple[int, ...], int]:
        """What tells it from other children, whatever generators it is known by."""
        return self.members, self.channels


class Space:
    """The children of an architecture.

    A width that is not the architecture's own is only for networks that are, with it, no larger
    than the plain network: sharing pays for width.

    Args:
        architecture: what all children have in common; its number of channels is the default.
        limit: how many distinct networks to list at most.
        widths: numbers of channels to search over. Default: the architecture's own alone.
    """

    def __init__(self, architecture: Architecture, limit: int, widths: Sequence[int] = ()) -> None:
        self.architecture = architecture
        self.lattice = Lattice(architecture.actions)
        self.names = tuple(str(s) for s in architecture.actions.candidates)
        self.own_width = architecture.hidden_channels[0]
        self.widths = tuple(sorted({self.own_width, *widths}))
        self.enumeration: Enumeration = self.lattice.networks(limit)
        self._listed = {network.members: network for network in self.enumeration.networks}
        self._counts: dict[tuple[int, ...], tuple[tuple[int, int], ...]] = {}
        self._at = {width: architecture.with_channels(width) for width in self.widths}

    @property
    def has_widths(self) -> bool:
        """Whether the width is searched."""
        return len(self.widths) > 1

    @property
    def distributions(self) -> dict[str, CategoricalDistribution]:
        """One on/off parameter for each candidate, and one for the width where it is searched."""
        space = {name: CategoricalDistribution((False, True)) for name in self.names}
        if self.has_widths:
            space[CHANNELS] = CategoricalDistribution(self.widths)
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
    def plain(self) -> Child:
        """The child of the empty state at the architecture's own width: the baseline."""
        return self.child(frozenset())

    def child(self, state: Iterable[int], channels: int | None = None) -> Child:
        """The child of a state; where it may not be so wide, the widest that it may be.

        Its generators are those that are known for it.
        """
        closed = tuple(sorted(self.lattice.closure(state)))
        network = self._listed.get(closed)
        # Otherwise whatever state it came from must not matter.
        generators = closed if network is None else network.generators
        wanted = self.own_width if channels is None else channels
        for width in sorted((w for w in self.widths if w <= wanted), reverse=True):
            child = Child(closed, generators, width)
            if self._may_be(child):
                return child
        return Child(closed, generators, self.own_width)

    def child_at(self, point: Mapping[str, Any]) -> Child:
        """The child that parameters stand for."""
        state = (number for number, name in enumerate(self.names) if point[name])
        return self.child(state, point.get(CHANNELS))

    def point(self, child: Child) -> dict[str, Any]:
        """The parameters that stand for a child."""
        on = {name: number in child.members for number, name in enumerate(self.names)}
        return {**on, CHANNELS: child.channels} if self.has_widths else on

    def count_weights(self, child: Child) -> int:
        """Return a child's number of trainable numbers."""
        if child.members not in self._counts:
            self._counts[child.members] = self.architecture.orbit_counts(child.generators)
        return self._at[child.channels].weights_of(self._counts[child.members])

    def smallest_generators(self, child: Child) -> tuple[int, ...]:
        """A smallest set of generators of a child, or a small one where that takes long."""
        if child.members in self._listed:
            return child.generators
        return self.lattice.smallest_generators(child.members, MOST_VISITED)

    def _children(self) -> Iterator[Child]:
        for network in self.enumeration.networks:
            for width in self.widths:
                child = Child(network.members, network.generators, width)
                if self._may_be(child):
                    yield child

    def _may_be(self, child: Child) -> bool:
        if child.channels <= self.own_width:
            return True
        return self.count_weights(child) <= self.count_weights(self.plain)
