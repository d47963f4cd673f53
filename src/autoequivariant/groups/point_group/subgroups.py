"""Closed states of point groups: which candidates the group of some of them contains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from autoequivariant.groups.domain import Domain
from autoequivariant.groups.point_group.element import PointElement
from autoequivariant.groups.point_group.group import PointGroup, circular_axes
from autoequivariant.groups.point_group.moves import CyclicShift, Move, move_of
from autoequivariant.groups.symmetry import Symmetry


class Subgroups:
    """The subgroups that sets of candidates generate, from the table of all products.

    Args:
        candidates: symmetries of samples on `domain`.
        domain: of the samples.
        channels, outputs: how many there are.

    Raises:
        SymmetryError: as for `PointGroup.of`, of all candidates.
    """

    def __init__(
        self, candidates: Sequence[Symmetry], domain: Domain, channels: int = 1, outputs: int = 1
    ) -> None:
        self.candidates = tuple(candidates)
        self.whole = PointGroup.of(self.candidates, domain, channels, outputs)
        self._moves = [move_of(s, domain, channels, outputs) for s in self.candidates]
        elements = self.whole.elements
        self._numbers = {element: number for number, element in enumerate(elements)}
        self._products = [[self._numbers[g @ h] for h in elements] for g in elements]
        self._found: dict[frozenset[int], frozenset[int]] = {}
        self._groups: dict[tuple[frozenset[int], frozenset[int]], PointGroup] = {}

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the numbers of all candidates that the group of a state contains."""
        moves = {self._moves[k] for k in state}
        elements, circular = self._generated(moves)
        return frozenset(
            k
            for k, move in enumerate(self._moves)
            if (
                circular.issuperset(move.axes)
                if isinstance(move, CyclicShift)
                else self._numbers[move] in elements
            )
        )

    def group(self, state: Iterable[int]) -> PointGroup:
        """Return the group that a state generates; its elements have the candidates' names."""
        elements, circular = found = self._generated({self._moves[k] for k in state})
        if found in self._groups:
            return self._groups[found]
        whole = self.whole
        some = tuple(whole.elements[number] for number in sorted(elements))
        given = tuple(pair for pair in whole.given if self._numbers[pair[0]] in elements)
        self._groups[found] = PointGroup(some, tuple(sorted(circular)), given)
        return self._groups[found]

    def closed_states(self) -> dict[frozenset[int], tuple[int, ...]]:
        """Return all closed states, each with the first of its smallest sets of generators, in the
        order of these sets: shortest first, then by number.
        """
        found: dict[frozenset[int], tuple[int, ...]] = {self.closure(()): ()}
        # If a set is the first that generates a state, so is the set without its last number.
        waiting = list(found.items())
        for members, generators in waiting:  # grows during the loop
            for k in range(generators[-1] + 1 if generators else 0, len(self.candidates)):
                larger = self.closure((*generators, k)) if k not in members else members
                if larger not in found:
                    found[larger] = (*generators, k)
                    waiting.append((larger, found[larger]))
        return found

    def _generated(self, moves: Set[Move]) -> tuple[frozenset[int], frozenset[int]]:
        """The numbers of the elements, and the circular axes, of the group of some moves."""
        points = frozenset(self._numbers[m] for m in moves if isinstance(m, PointElement))
        if points not in self._found:
            rows, numbers = [self._products[point] for point in points], [0]
            known = {0}
            for number in numbers:  # grows during the loop
                new = {row[number] for row in rows} - known
                known |= new
                numbers += new
            self._found[points] = frozenset(known)
        elements = self._found[points]
        axes = [axis for m in moves if isinstance(m, CyclicShift) for axis in m.axes]
        if not axes:
            return elements, frozenset()
        some = [self.whole.elements[number] for number in elements]
        return elements, frozenset(circular_axes(some, axes))
