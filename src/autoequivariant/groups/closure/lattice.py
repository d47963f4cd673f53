"""Closure, and the distinct networks of a candidate list, found without visiting all subsets.

A state is a set of candidates, written as a frozenset of their numbers. Its closure is every
candidate that maps each orbit of each layer to itself: switching such a candidate on changes
nothing (law 5). Two states with the same closure are the same network, and the closed states,
ordered by inclusion, form a lattice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from autoequivariant.groups.closure.layer_actions import LayerActions, LayerOrbits

State = frozenset[int]


@dataclass(frozen=True)
class ClosedState:
    """A closed state: one distinct network.

    Attributes:
        members: the numbers of all its candidates, in order.
        generators: a smallest set of candidates whose closure it is.
    """

    members: tuple[int, ...]
    generators: tuple[int, ...]


@dataclass(frozen=True)
class Enumeration:
    """Distinct closed_states, fewest generators first.

    Attributes:
        closed_states: the closed_states.
        complete: False where a limit cut the list.
    """

    closed_states: tuple[ClosedState, ...]
    complete: bool


class Lattice:
    """Closures of states under given actions, each computed once.

    Orbits are computed only where what is already known does not settle a closure: every pair of a
    generating set and its closure holds for all larger states too.

    Args:
        actions: the candidates' actions on every layer's domain.
    """

    def __init__(self, actions: LayerActions) -> None:
        self.actions = actions
        self._closures: dict[State, State] = {}
        self._implications: list[tuple[State, State]] = []  # a generating set and its closure
        sizes = actions.sizes
        weights = [before * after for before, after in zip(sizes, sizes[1:], strict=False)]
        self._cheapest_first = sorted(range(len(weights)), key=weights.__getitem__)

    def closure(self, state: Iterable[int]) -> State:
        """Return every candidate that the network of `state` already has."""
        wanted = frozenset(state)
        return self._closure(wanted, wanted)

    def orbits(self, state: Iterable[int]) -> LayerOrbits:
        """Return the orbits of every layer under `state`."""
        return self.actions.orbits(sorted(state))

    def closed_states(self, limit: int | None = None) -> Enumeration:
        """Return the distinct networks, breadth first over closed states from the empty one.

        Because one candidate is added at a time, each is reached first by a smallest set of
        generators.

        Args:
            limit: stop after so many networks. Default: all of them.
        """
        found = self._breadth_first(range(len(self.actions.candidates)))
        networks = tuple(islice(found, limit))
        return Enumeration(networks, complete=limit is None or next(found, None) is None)

    def smallest_generators(self, state: Iterable[int], limit: int = 2000) -> tuple[int, ...]:
        """Return a smallest set of candidates with the same closure as `state`.

        Args:
            state: numbers of candidates.
            limit: closed states to visit below it; beyond that, a set from which nothing can be
                left out, but perhaps not a smallest.
        """
        target = self.closure(state)
        members = tuple(sorted(target))
        for network in islice(self._breadth_first(members), limit):
            if network.members == members:
                return network.generators
        return self._irredundant(target)

    def _breadth_first(self, order: Iterable[int]) -> Iterator[ClosedState]:
        """Closed states that candidates of `order` generate, each as soon as it is found."""
        candidates = tuple(order)
        bottom = self.closure(())
        seen = {bottom}
        waiting: deque[tuple[State, tuple[int, ...]]] = deque([(bottom, ())])
        yield _network(bottom, ())
        while waiting:
            closed, generators = waiting.popleft()
            for candidate in candidates:
                if candidate in closed:
                    continue
                more = (*generators, candidate)
                reached = self._closure(closed | {candidate}, frozenset(more))
                if reached not in seen:
                    seen.add(reached)
                    waiting.append((reached, more))
                    yield _network(reached, more)

    def _closure(self, state: State, generators: State) -> State:
        """The closure of `state`; `generators` are part of it and have the same closure."""
        if state not in self._closures:
            closed, is_whole = self._implied_by(state)
            if not is_whole:
                closed |= self._preserving(generators, closed)
                self._implications.append((generators, closed))
            self._closures[state] = closed
        return self._closures[state]

    def _implied_by(self, state: State) -> tuple[State, bool]:
        """What known closures say is in the closure of `state`, and whether that is all of it."""
        before = None
        while before != state:
            before = state
            for generating, closed in self._implications:
                if generating <= state <= closed:
                    return closed, True
                if generating <= state:
                    state |= closed
        return state, False

    def _preserving(self, generators: State, known: State) -> State:
        """The candidates outside `known` that preserve every layer's orbits under `generators`.

        Layer by layer, the cheapest orbits first, and only for candidates that passed so far.
        """
        left = [c for c in range(len(self.actions.candidates)) if c not in known]
        used = sorted(generators)
        for layer in self._cheapest_first:
            moves = {c: self.actions.permutations[c][layer : layer + 2] for c in left}
            if left:
                biases = self.actions.bias_orbits(layer, used)
                left = [c for c in left if biases.preserved_by(moves[c][1])]
            if left:
                weights = self.actions.weight_orbits(layer, used)
                left = [c for c in left if weights.preserved_by(moves[c][1], moves[c][0])]
        return frozenset(left)

    def _irredundant(self, target: State) -> tuple[int, ...]:
        kept = sorted(target)
        for candidate in sorted(target, reverse=True):
            fewer = [c for c in kept if c != candidate]
            if self.closure(fewer) == target:
                kept = fewer
        return tuple(kept)


def _network(closed: State, generators: tuple[int, ...]) -> ClosedState:
    return ClosedState(tuple(sorted(closed)), generators)
