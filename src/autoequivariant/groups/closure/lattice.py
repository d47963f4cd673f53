"""The lattice of closed states of a list of candidates, enumerated without visiting all subsets.

A state is a set of candidates, represented by the frozenset of their numbers. Its closure is every
candidate that preserves each orbit of each layer: adding such a candidate changes nothing (law 5).
Two states with the same closure are the same network, and the closed states, ordered by inclusion,
form a lattice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from autoequivariant.groups.closure.layer_actions import LayerActions

State = frozenset[int]


@dataclass(frozen=True)
class ClosedState:
    """A closed state, which stands for one distinct network.

    Attributes:
        members: the numbers of all its candidates, in order.
        generators: a smallest set of candidates whose closure it is.
    """

    members: tuple[int, ...]
    generators: tuple[int, ...]


@dataclass(frozen=True)
class Enumeration:
    """Closed states, those with the fewest generators first.

    Attributes:
        closed_states: the closed states.
        complete: whether these are all; False if a limit was reached.
    """

    closed_states: tuple[ClosedState, ...]
    complete: bool


class Lattice:
    """Closures of states under given actions, each computed once.

    Orbits are computed only if known closures do not determine a closure: if a generating set is
    part of a larger state, so is its closure.

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
        """Return every candidate to which the network of `state` is equivariant."""
        candidates = frozenset(state)
        return self._closure(candidates, candidates)

    def closed_states(self, limit: int | None = None, excluded: State = frozenset()) -> Enumeration:
        """Return the closed states by breadth-first search from the empty state.

        The search adds one candidate at a time, so it reaches each closed state first by a smallest
        set of generators.

        Args:
            limit: maximum number of closed states. Default: no limit.
            excluded: candidates that no closed state may have. Default: none.
        """
        search = self._breadth_first(range(len(self.actions.candidates)), excluded)
        found = tuple(islice(search, limit))
        return Enumeration(found, complete=limit is None or next(search, None) is None)

    def smallest_generators(self, state: Iterable[int], limit: int = 2000) -> tuple[int, ...]:
        """Return a smallest set of candidates with the same closure as `state`.

        Args:
            state: numbers of candidates.
            limit: maximum number of closed states to visit; beyond that, the result is irredundant
                but not necessarily smallest.
        """
        target = self.closure(state)
        members = tuple(sorted(target))
        for closed in islice(self._breadth_first(members), limit):
            if closed.members == members:
                return closed.generators
        return self._irredundant(target)

    def _breadth_first(
        self, candidates: Iterable[int], excluded: State = frozenset()
    ) -> Iterator[ClosedState]:
        """Closed states that these candidates generate, each as soon as it is found.

        What is excluded never ends the way to a closed state: all smaller ones are without it, too.
        """
        candidates = tuple(c for c in candidates if c not in excluded)
        bottom = self.closure(())
        seen = {bottom}
        queue: deque[tuple[State, tuple[int, ...]]] = deque([(bottom, ())])
        yield _closed_state(bottom, ())
        while queue:
            closed, generators = queue.popleft()
            for candidate in candidates:
                if candidate in closed:
                    continue
                more = (*generators, candidate)
                reached = self._closure(closed | {candidate}, frozenset(more))
                if reached not in seen and not reached & excluded:
                    seen.add(reached)
                    queue.append((reached, more))
                    yield _closed_state(reached, more)

    def _closure(self, state: State, generators: State) -> State:
        """The closure of `state`; `generators` is a subset of it with the same closure."""
        if state not in self._closures:
            closed, is_complete = self._implied_by(state)
            if not is_complete:
                closed |= self._preserving(generators, closed)
                if closed != generators:  # otherwise it tells nothing of larger states
                    self._implications.append((generators, closed))
            self._closures[state] = closed
        return self._closures[state]

    def _implied_by(self, state: State) -> tuple[State, bool]:
        """The part of the closure that known closures imply, and whether it is all of it."""
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

        Layers with few weights come first; later layers test only the remaining candidates.
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


def _closed_state(closed: State, generators: tuple[int, ...]) -> ClosedState:
    return ClosedState(tuple(sorted(closed)), generators)
