"""Point groups: the ten groups that 90-degree turns and reflections of a square generate.

An element is named by what it does to a picture: one of the six symmetries of `POINT_SYMMETRIES`,
`identity` or `rot270`. A feature map of a group convolution has a value for each element `h` and
pixel `x`, and an element `g` moves it as `(g.f)[h](x) = f[g^-1 h](g^-1 x)` (Cohen and Welling,
2016, arXiv 1602.07576, equation 7): the group moves its own elements by left multiplication.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.orbits import Orbits, pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

POINT_SYMMETRIES = ("rot90", "hflip", "vflip", "transpose", "antitranspose", "rot180")
"""The named elements, in the order in which they are preferred as generators."""

_ELEMENTS = ("identity", "rot90", "rot180", "rot270", *POINT_SYMMETRIES[1:5])
_CORNERS = Grid(2, 2)  # the smallest picture on which the eight elements differ
_NONE = "none"


@dataclass(frozen=True)
class PointGroup:
    """A subgroup of the square's eight symmetries; equal groups are equal values.

    Args:
        generators: names from `POINT_SYMMETRIES`, in any order; none for the trivial group.
            Whatever is given, the smallest set of generators that comes first is kept.

    Raises:
        SymmetryError: a name is unknown, or of a symmetry that moves pixels otherwise.
    """

    generators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        strangers = [name for name in self.generators if name not in POINT_SYMMETRIES]
        if strangers:
            known = [str(Symmetry.parse(name)) for name in strangers]  # may suggest a spelling
            raise SymmetryError(
                f"{', '.join(known)} cannot generate a point group: use "
                f"{', '.join(POINT_SYMMETRIES[:-1])} or {POINT_SYMMETRIES[-1]}."
            )
        object.__setattr__(self, "generators", _canonical(frozenset(self.generators)))

    @classmethod
    def generated_by(cls, symmetries: Iterable[str | Symmetry]) -> PointGroup:
        """Return the group that these generate.

        Raises:
            SymmetryError: one of them cannot generate a point group.
        """
        return cls(tuple(str(symmetry).strip() for symmetry in symmetries))

    @classmethod
    def parse(cls, text: str) -> PointGroup:
        """Read `rot90,hflip`, or `none` for the trivial group; the inverse of `str`.

        Raises:
            SymmetryError: an entry cannot generate a point group.
        """
        entries = [entry for entry in text.split(",") if entry.strip() not in ("", _NONE)]
        return cls.generated_by(entries)

    def __str__(self) -> str:
        return ",".join(self.generators) or _NONE

    @cached_property
    def elements(self) -> tuple[str, ...]:
        """Names of all elements, the identity first; element `k` is number `k` on a group axis."""
        found = _closure(frozenset(self.generators))
        return tuple(name for name in _ELEMENTS if name in found)

    @property
    def order(self) -> int:
        """Number of elements."""
        return len(self.elements)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Which of `POINT_SYMMETRIES` it contains, in that order."""
        return tuple(name for name in POINT_SYMMETRIES if name in self.elements)

    @cached_property
    def needs_square(self) -> bool:
        """Whether an element exchanges rows and columns, which only a square picture allows."""
        return not {"rot90", "transpose", "antitranspose"}.isdisjoint(self.elements)

    @cached_property
    def reverses(self) -> tuple[bool, bool]:
        """Whether some element reverses the order of rows, and of columns."""
        both = {"rot90", "rot180", "antitranspose"}
        return (
            not (both | {"vflip"}).isdisjoint(self.elements),
            not (both | {"hflip"}).isdisjoint(self.elements),
        )

    def product(self, first: str, second: str) -> str:
        """Return the element that does `second`, then `first`."""
        number = int(self.left_multiplication(first).image[self._number(second)])
        return self.elements[number]

    def inverse(self, element: str) -> str:
        """Return the element that undoes this one."""
        return self.elements[int(self.left_multiplication(element).inverse().image[0])]

    def left_multiplication(self, element: str) -> Permutation:
        """Return how `element` permutes the numbers of the elements: `h` goes to `element h`."""
        self._number(element)
        return Permutation([self.elements.index(_product(element, h)) for h in self.elements])

    def action(self, element: str, grid: Grid) -> Permutation:
        """Return how `element` permutes the pixels of `grid`.

        Raises:
            SymmetryError: the group has no such element, or it is not defined on `grid`.
        """
        self._number(element)
        return _action(element, grid)

    def feature_action(self, element: str, grid: Grid) -> Permutation:
        """Return how `element` permutes one channel of feature maps, `order * grid.size` values.

        Raises:
            SymmetryError: the group has no such element, or it is not defined on `grid`.
        """
        return Permutation.kron(self.left_multiplication(element), self.action(element, grid))

    def _number(self, element: str) -> int:
        if element not in self.elements:
            raise SymmetryError(
                f"{element!r} is not in the group of {self}: its elements are "
                f"{', '.join(self.elements)}."
            )
        return self.elements.index(element)


@lru_cache
def point_groups() -> tuple[PointGroup, ...]:
    """Return all ten point groups, by their order, the trivial group first."""
    some = (PointGroup(names) for n in range(3) for names in combinations(POINT_SYMMETRIES, n))
    return tuple(sorted(dict.fromkeys(some), key=lambda group: group.order))


@lru_cache
def kernel_orbits(group: PointGroup, side: int, lifting: bool = False) -> Orbits:
    """Return which entries of a group convolution's kernel share a weight (law 6).

    Args:
        group: the point group.
        side: the kernel has `side` rows and columns.
        lifting: the input is a picture, not a feature map.

    Returns:
        Orbits of (out element, in element, row, column), labels of shape
        `(order, order * side * side)`; for a lifting kernel of (out element, row, column), shape
        `(order, side * side)`. The group moves its own elements freely, so each row of labels has
        each number once and the first row counts from 0: the free weights are the kernel of the
        identity.
    """
    grid = Grid(side, side)
    outs = [group.left_multiplication(name) for name in group.generators]
    moves = [group.action(name, grid) for name in group.generators]
    if lifting:
        return pair_orbits(outs, moves, group.order, grid.size)
    ins = [Permutation.kron(out, move) for out, move in zip(outs, moves, strict=True)]
    return pair_orbits(outs, ins, group.order, group.order * grid.size)


@lru_cache
def _action(element: str, grid: Grid) -> Permutation:
    if element == "identity":
        return Permutation.identity(grid.size)
    if element == "rot270":
        return Symmetry("rot90").action(grid).inverse()
    return Symmetry(element).action(grid)


@lru_cache
def _product(first: str, second: str) -> str:
    moved = _action(first, _CORNERS) @ _action(second, _CORNERS)
    return next(name for name in _ELEMENTS if _action(name, _CORNERS) == moved)


@lru_cache
def _closure(generators: frozenset[str]) -> frozenset[str]:
    found = ["identity"]
    for element in found:  # grows while it is read
        found += {_product(g, element) for g in generators} - set(found)
    return frozenset(found)


@lru_cache
def _canonical(generators: frozenset[str]) -> tuple[str, ...]:
    """The first of the smallest sets of generators of the same group; two are always enough."""
    wanted = _closure(generators)
    sets = (names for n in range(3) for names in combinations(POINT_SYMMETRIES, n))
    return next(names for names in sets if _closure(frozenset(names)) == wanted)
