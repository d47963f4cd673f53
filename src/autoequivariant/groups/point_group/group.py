"""Point groups: finite groups of turns and reflections of a domain about its centre.

They may move input channels and outputs as well, so the ten groups of the square, the 98 of the
cube, the reverse complement of DNA and the exchange of colours are all of one kind. Cyclic shifts
are not elements: the group names the axes along which they move, and circular padding has them all.

A feature map of a group convolution has a value for each element `h` and position `x`, and `g` acts
on it by `(g.f)[h](x) = f[g^-1 h](g^-1 x)` (Cohen and Welling, 2016, arXiv 1602.07576, equation 7):
on the elements, by left multiplication. So feature maps have no signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import PointElement, Signed
from autoequivariant.groups.point_group.moves import (
    SHIFTS,
    CyclicShift,
    Move,
    move_of,
    named_elements,
)
from autoequivariant.groups.problems import Problems
from autoequivariant.groups.symmetry import Symmetry

MOST_ELEMENTS = 96
"""The cube's 48 elements, with and without a move of channels."""
_SQUARE = ((1, 2), (2, -1), (-1, -2), (-2, 1), (1, -2), (-1, 2), (2, 1), (-2, -1))
"""Axes in the order of elements of a square's group: four rotations, then four reflections."""


@dataclass(frozen=True)
class PointGroup:
    """A finite group, made by `of`; equal groups are equal values, whatever made them.

    Attributes:
        elements: the identity first; the group axis of a feature map has this order. Elements that
            move outputs alike, are adjacent.
        circular: numbers of the axes along which it has all cyclic shifts.
        given: names that do not come from `named_elements`, and the elements that they denote; not
            compared.
    """

    elements: tuple[PointElement, ...]
    circular: tuple[int, ...] = ()
    given: tuple[tuple[PointElement, Symmetry], ...] = field(default=(), compare=False)

    @classmethod
    def of(
        cls, symmetries: Iterable[Symmetry], domain: Domain, channels: int = 1, outputs: int = 1
    ) -> PointGroup:
        """Return the group that symmetries of samples on `domain` generate.

        Args:
            symmetries: named or custom; none for the trivial group.
            domain: of the samples.
            channels, outputs: how many there are.

        Raises:
            SymmetryError: a symmetry is not defined on the samples, no convolution has it, or the
                group has more than `MOST_ELEMENTS` elements.
        """
        problems = Problems()
        found: list[tuple[Symmetry, Move]] = []
        for symmetry in symmetries:
            with problems.noted():
                found.append((symmetry, move_of(symmetry, domain, channels, outputs)))
        problems.raise_if_any()
        elements = {move: s for s, move in reversed(found) if isinstance(move, PointElement)}
        circular = [axis for _, m in found if isinstance(m, CyclicShift) for axis in m.axes]
        group = generated(elements, len(domain.shape))
        return cls(group, circular_axes(group, circular), tuple(reversed(elements.items())))

    def __str__(self) -> str:
        return ",".join(map(str, self.generating_symmetries)) or "none"

    @property
    def dimensions(self) -> int:
        """Number of axes of the domain."""
        return len(self.elements[0].axes)

    @property
    def order(self) -> int:
        """Number of elements."""
        return len(self.elements)

    @cached_property
    def moved_channels(self) -> int:
        """Number of input channels if some element moves any, otherwise 0."""
        return max(len(element.channels) for element in self.elements)

    @cached_property
    def moved_outputs(self) -> int:
        """Number of outputs if some element moves any, otherwise 0."""
        return max(len(element.outputs) for element in self.elements)

    @cached_property
    def stable_order(self) -> int:
        """Number of elements that leave the outputs in place; they come first."""
        return sum(not element.outputs for element in self.elements)

    @cached_property
    def generators(self) -> tuple[PointElement, ...]:
        """A small generating set of named elements, in order of preference."""
        chosen: list[PointElement] = []
        have = {self.elements[0]}
        for element in self.symmetries:
            if element not in have:
                chosen.append(element)
                have = set(generated(chosen, self.dimensions))
        return tuple(chosen)

    @cached_property
    def symmetries(self) -> dict[PointElement, Symmetry]:
        """The elements that have a name and the symmetries of that name, in order of preference."""
        known = named_elements(self.dimensions, self.moved_channels or 1)
        given = dict(self.given)
        names = {**known, **given}  # in the order of the known, by the names that were given
        return {element: name for element, name in names.items() if element in self._numbers}

    @property
    def generating_symmetries(self) -> tuple[Symmetry, ...]:
        """The generators as symmetries, then a shift by one along each circular axis."""
        shifts = (Symmetry.parse(SHIFTS[self.dimensions][axis]) for axis in self.circular)
        return (*(self.symmetries[element] for element in self.generators), *shifts)

    def __contains__(self, move: Move) -> bool:
        """Whether it has an element, or all shifts along some axes."""
        if isinstance(move, CyclicShift):
            return set(move.axes) <= set(self.circular)
        return move in self._numbers

    def name(self, element: PointElement) -> str:
        """Return what an element is called."""
        if element == self.elements[0]:
            return "identity"
        for one, form in ((element, "{}"), (element.inverse(), "inverse of {}")):
            if one in self.symmetries:
                return form.format(self.symmetries[one])
        moves = {"axes": element.axes, "channels": element.channels, "outputs": element.outputs}
        parts = (f"{what} {' '.join(map(str, move))}" for what, move in moves.items() if move)
        return "; ".join(parts)

    def left_multiplication(self, element: PointElement) -> Permutation:
        """Return how `element` permutes the positions of the elements: `h` to `element h`."""
        return Permutation([self._numbers[element @ h] for h in self.elements])

    def coset_action(self, element: PointElement) -> Permutation:
        """Return how `element` permutes the cosets of the elements that leave outputs in place."""
        moved = self.left_multiplication(element).image[:: self.stable_order]
        return Permutation(moved // self.stable_order)

    def fits(self, sides: Sequence[int]) -> bool:
        """Whether axes that the group exchanges have equal sides."""
        return all(
            sides[axis] == sides[abs(image) - 1]
            for element in self.elements
            for axis, image in enumerate(element.axes)
        )

    @cached_property
    def _numbers(self) -> dict[PointElement, int]:
        return {element: number for number, element in enumerate(self.elements)}


def generated(generators: Iterable[PointElement], dimensions: int) -> tuple[PointElement, ...]:
    """Return the elements of the group that some generate, in the order of `PointGroup.elements`.

    Args:
        generators: some elements.
        dimensions: number of axes.

    Raises:
        SymmetryError: there are more than `MOST_ELEMENTS`.
    """
    identity = PointElement.identity(dimensions)
    found = group_elements(tuple(generators), identity, MOST_ELEMENTS)
    if found is None:
        raise SymmetryError(
            f"The symmetries generate a group of more than {MOST_ELEMENTS} elements, too many for "
            "a convolution: name fewer, or use --network mlp."
        )
    return tuple(sorted(found, key=_order))


def circular_axes(elements: Sequence[PointElement], axes: Iterable[int]) -> tuple[int, ...]:
    """Return the axes along which a group has cyclic shifts, if it has them along `axes`."""
    return tuple(sorted({abs(element.axes[axis]) - 1 for element in elements for axis in axes}))


def _order(element: PointElement) -> tuple[Signed, bool, int, Signed, Signed]:
    axes = element.axes
    number = _SQUARE.index(axes) if len(axes) == 2 else 0
    is_moved = axes != tuple(range(1, len(axes) + 1))
    return element.outputs, is_moved, number, axes, element.channels
