"""Evidence that undecided symmetries help: pairs of networks beside the chosen one's ablation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.pairs import Pair
from autoequivariant.training.child import Child


@dataclass(frozen=True)
class Further:
    """Pairs that show the use of undecided generators of the chosen network.

    Beside an augmentation that moves samples alike, an exact symmetry is of no use, and beside
    another symmetry that does the same neither is. So a generator is also left out where nothing
    stands in for it: of the same network without augmentations, and of the smallest network that
    has it.

    Attributes:
        problem: what is searched.
        chosen: the chosen network.
    """

    problem: Problem
    chosen: Child

    @cached_property
    def undecided(self) -> tuple[int, ...]:
        """The undecided generators of the chosen network."""
        generators = self.problem.space.preferred_generators(self.chosen)
        verdicts = dict(enumerate(self.problem.verdicts))
        return tuple(n for n in generators if n in verdicts and verdicts[n].verdict == "undecided")

    @cached_property
    def plain(self) -> Child:
        """The chosen network without augmentations."""
        return self._child(self._generators)

    @cached_property
    def known(self) -> Child:
        """The network with only what holds of the chosen one's symmetries."""
        return self._child(self.problem.space.holding & set(self.chosen.members))

    def beside(self, number: int) -> Pair:
        """The chosen network without augmentations, and that without a generator."""
        others = self._generators - {number}
        return Pair((number,), self.plain, self._child({*self.known.members, *others}))

    def alone(self, number: int) -> Pair:
        """The smallest network with a candidate, and that without it."""
        return Pair((number,), self._child({*self.known.members, number}), self.known)

    def augmented(self, number: int) -> Pair:
        """The same with the augmentations of the chosen network."""
        known = {*self.known.members, *self.augmentations}
        return Pair((number,), self._child({*known, number}), self._child(known))

    def levels(self, number: int) -> tuple[int, ...]:
        """The same symmetry up to other levels, if a candidate is partial."""
        candidates = self.problem.candidates
        own = candidates[number]
        return tuple(
            n
            for n in self.problem.space.numbers
            if own.level is not None
            and n != number
            and n < len(candidates)
            and candidates[n].level is not None
            and candidates[n].whole == own.whole
        )

    @cached_property
    def together(self) -> Pair:
        """The chosen network without augmentations, and that without all that is undecided."""
        return Pair(self.undecided, self.plain, self.known)

    def rest(self, number: int) -> Pair:
        """The same for all that is undecided but one."""
        others = tuple(one for one in self.undecided if one != number)
        return Pair(others, self.beside(number).less, self.known)

    @property
    def absent(self) -> tuple[int, ...]:
        """The candidates that are searched and that the chosen network lacks."""
        numbers = (n for n in self.problem.space.numbers if n < len(self.problem.candidates))
        return tuple(number for number in numbers if number not in self.chosen.members)

    def with_one_more(self, number: int) -> Child:
        """The chosen network with a further candidate."""
        return self._child({*self.chosen.members, number})

    def one_more(self) -> list[Pair]:
        """The chosen network with each further candidate, and itself."""
        chosen, whole = self.chosen, set(self.chosen.members)
        found = ((n, self.with_one_more(n)) for n in self.absent)
        return [
            Pair((n,), child, chosen)
            for n, child in found
            if n in child.members and whole < set(child.members) and child.width == chosen.width
        ]

    def pairs(self, idle: Sequence[int]) -> list[Pair]:
        """Return all pairs for generators that do not clearly help the chosen network."""
        found = [pair for n in idle for pair in self._of(n)]
        found += [self.together] * bool(idle)
        return [pair for pair in dict.fromkeys(found) if pair.added and pair.more != pair.less]

    def _of(self, number: int) -> tuple[Pair, ...]:
        pairs = self.beside, self.alone, self.augmented, self.rest
        return tuple(pair(number) for pair in pairs)

    @property
    def augmentations(self) -> set[int]:
        """The augmentations of the chosen network."""
        return {n for n in self.chosen.members if n >= len(self.problem.candidates)}

    @property
    def _generators(self) -> set[int]:
        generators = self.problem.space.preferred_generators(self.chosen)
        return {number for number in generators if number < len(self.problem.candidates)}

    def _child(self, state: Iterable[int]) -> Child:
        return self.problem.space.child(state, self.chosen.width)
