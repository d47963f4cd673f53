"""Domains: finite index sets with a shape and an axis order, on which symmetries act.

Indices are row-major: row `r`, column `c` of a `Grid` has index `r * width + c`.
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
    """Shape and size of a domain, whose fields are its side lengths, outermost axis first."""

    kind: ClassVar[str]

    def __post_init__(self) -> None:
        for field, side in zip(fields(self), self.shape, strict=True):
            if not isinstance(side, int) or side < 1:
                raise SettingsError(
                    f"The {field.name} of a {self.kind} domain must be an integer of 1 or more; "
                    f"got {shown(side)}."
                )

    @property
    def shape(self) -> tuple[int, ...]:
        """Side lengths, outermost axis first."""
        return tuple(getattr(self, field.name) for field in fields(self))

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


Domain = Grid | Volume | Sequence | Features


def make_domain(kind: str, shape: tuple[int, ...]) -> Domain:
    """Return the domain of this kind (`grid`, `volume`, `sequence`, `features`) and shape.

    Raises:
        SettingsError: the kind is unknown, or has another number of sides.
    """
    domains: tuple[type[Domain], ...] = (Grid, Volume, Sequence, Features)
    for domain in domains:
        if kind == domain.kind and len(shape) == len(fields(domain)):
            return domain(*shape)
    sides = "x".join(map(str, shape))
    raise SettingsError(
        f"There is no domain of kind {kind!r} with sides {sides}: a grid has 2 sides, a volume 3, "
        "a sequence or features 1."
    )


def parse_domain(text: str) -> Domain:
    """Parse `28x28`, `8x8x8`, `sequence:100` or `features:64`; the inverse of `str`.

    Raises:
        SettingsError: the text has none of these forms, a side is 0, or there are more than
            `MOST_INDICES` indices.
    """
    written = text.strip()
    named = re.fullmatch(r"(sequence|features):([0-9]+)", written)
    if named:
        return _bounded(named[1], named[2])
    if re.fullmatch(r"[0-9]+(x[0-9]+){1,2}", written):
        return _bounded("grid" if written.count("x") == 1 else "volume", written)
    raise SettingsError(
        f"Shape {shown(text)} is not understood: write 28x28 for images, 8x8x8 for volumes, "
        "sequence:100 for sequences or features:64 for tables."
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
