"""Domains: finite index sets with a shape and an axis order, on which symmetries act.

Indices are row-major: row `r`, column `c` of a `Grid` has index `r * width + c`, and the pair of
items `i` and `j` of `Pairs` index `i * count + j`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import ClassVar

from autoequivariant.errors import SettingsError, shown
from autoequivariant.groups.whole_number import whole_number

MOST_INDICES = 2**24
"""Largest domain that can be written as text; its indices take 128 MiB."""


@dataclass(frozen=True)
class _Sides:
    """Shape and size of a domain, whose fields are its lengths, outermost axis first.

    Attributes:
        axes: number of axes of each length. Default: 1.
    """

    kind: ClassVar[str]
    axes: ClassVar[int] = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            side = getattr(self, field.name)
            if not isinstance(side, int) or side < 1:
                raise SettingsError(
                    f"The {field.name} of a {self.kind} domain must be an integer of 1 or more; "
                    f"got {shown(side)}."
                )

    @property
    def shape(self) -> tuple[int, ...]:
        """Side lengths, outermost axis first."""
        return tuple(getattr(self, field.name) for field in fields(self) for _ in range(self.axes))

    @property
    def size(self) -> int:
        """Number of indices."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Grid(_Sides):
    """Pixels of an image or squares of a board, shape `(height, width)`."""

    height: int
    width: int
    kind: ClassVar[str] = "grid"

    def __str__(self) -> str:
        return f"{self.height}x{self.width}"


@dataclass(frozen=True)
class Volume(_Sides):
    """Voxels, shape `(depth, height, width)`; the axes are z, y and x."""

    depth: int
    height: int
    width: int
    kind: ClassVar[str] = "volume"

    def __str__(self) -> str:
        return f"{self.depth}x{self.height}x{self.width}"


@dataclass(frozen=True)
class Sequence(_Sides):
    """Positions in time or along a string, shape `(length,)`."""

    length: int
    kind: ClassVar[str] = "sequence"

    def __str__(self) -> str:
        return f"sequence:{self.length}"


@dataclass(frozen=True)
class Features(_Sides):
    """Columns of a table, whose order carries no meaning, shape `(count,)`."""

    count: int
    kind: ClassVar[str] = "features"

    def __str__(self) -> str:
        return f"features:{self.count}"


@dataclass(frozen=True)
class Pairs(_Sides):
    """Pairs of `count` items, such as their distances: a matrix of shape `(count, count)`.

    The order of the items carries no meaning: their symmetries permute rows and columns at once.
    """

    count: int
    kind: ClassVar[str] = "pairs"
    axes: ClassVar[int] = 2

    def __str__(self) -> str:
        return f"pairs:{self.count}"


Domain = Grid | Volume | Sequence | Features | Pairs


def make_domain(kind: str, shape: tuple[int, ...]) -> Domain:
    """Return the domain of this kind (`grid`, `volume`, `sequence`, `features`, `pairs`) and shape.

    Raises:
        SettingsError: the kind is unknown, or has another number of sides, or sides that differ.
    """
    domains: tuple[type[Domain], ...] = (Grid, Volume, Sequence, Features, Pairs)
    for domain in domains:
        if kind == domain.kind and len(shape) == domain.axes * len(fields(domain)):
            found = domain(*shape[:: domain.axes])
            if found.shape == shape:
                return found
    sides = "x".join(map(str, shape))
    raise SettingsError(
        f"There is no domain of kind {kind!r} with sides {sides}: a grid has 2 sides, a volume 3, "
        "a sequence or features 1, and pairs 2 of one length."
    )


def parse_domain(text: str) -> Domain:
    """Parse `28x28`, `8x8x8`, `sequence:100`, `features:64` or `pairs:23`; the inverse of `str`.

    Raises:
        SettingsError: the text has none of these forms, a side is 0, or there are more than
            `MOST_INDICES` indices.
    """
    written = text.strip()
    named = re.fullmatch(r"(sequence|features|pairs):([0-9]+)", written)
    if named:
        sides = f"{named[2]}x{named[2]}" if named[1] == Pairs.kind else named[2]
        return _bounded(named[1], sides)
    if re.fullmatch(r"[0-9]+(x[0-9]+){1,2}", written):
        return _bounded("grid" if written.count("x") == 1 else "volume", written)
    raise SettingsError(
        f"Shape {shown(text)} is not understood: write 28x28 for images, 8x8x8 for volumes, "
        "sequence:100 for sequences, features:64 for tables or pairs:23 for matrices of pairs."
    )


def _bounded(kind: str, sides: str) -> Domain:
    numbers = [whole_number(side) for side in sides.split("x")]
    shape = tuple(number for number in numbers if number is not None)
    domain = make_domain(kind, shape) if len(shape) == len(numbers) else None
    if domain is None or domain.size > MOST_INDICES:
        raise SettingsError(
            f"Shape {shown(sides)} has more than {MOST_INDICES:,} indices: give a smaller one."
        )
    return domain
