"""Pictures of what each symmetry does, in characters."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.domain import Domain, Grid, Pairs, make_domain
from autoequivariant.groups.symmetry import Symmetry

MOST_COLUMNS = 16
_FEWEST_ROWS = 7
_MOST_NAMED = 16

# A letter that no symmetry of the square maps to itself, with a dot in one corner.
_LETTER = (
    "........",
    ".#####..",
    ".#......",
    ".#......",
    ".####...",
    ".#......",
    ".#.....#",
    "........",
)


def small_domain(domain: Domain, symmetries: tuple[Symmetry, ...]) -> Domain:
    """Return a domain that is small enough to draw and on which all `symmetries` are defined, or
    `domain` if there is none.

    It is the smallest copy of a grid or volume with 7 indices a side or more whose sides divide
    those of `domain`, or else, for a wide grid, one of at most `MOST_COLUMNS` columns.
    """
    if domain.kind not in ("grid", "volume"):
        return domain
    factors = range(min(domain.shape) // _FEWEST_ROWS, 1, -1)
    shapes = [
        tuple(side // factor for side in domain.shape)
        for factor in factors
        if not any(side % factor for side in domain.shape)
    ]
    if isinstance(domain, Grid) and domain.width > MOST_COLUMNS:
        shapes += [tuple(min(side, most) for side in domain.shape) for most in (14, 13, 12, 11)]
    for shape in shapes:
        small = make_domain(domain.kind, shape)
        if all(s.rescaled(domain, small).is_defined_on(small) for s in symmetries):
            return small
    return domain


def sample_picture(domain: Grid) -> NDArray[np.int64]:
    """Return the letter, stretched to the grid: 0 and 1, shape `(height, width)`."""
    letter = np.array([[int(c == "#") for c in row] for row in _LETTER])
    rows = np.arange(domain.height) * letter.shape[0] // domain.height
    columns = np.arange(domain.width) * letter.shape[1] // domain.width
    return letter[np.ix_(rows, columns)]


def draw(picture: NDArray[Any]) -> list[str]:
    """Draw 0 and 1 with half blocks, two rows in a line of text."""
    height = picture.shape[0] + picture.shape[0] % 2
    padded = np.zeros((height, picture.shape[1]), np.int64)
    padded[: picture.shape[0]] = picture
    blocks = {(0, 0): "·", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
    return [
        "".join(blocks[int(a), int(b)] for a, b in zip(top, bottom, strict=True))
        for top, bottom in zip(padded[::2], padded[1::2], strict=True)
    ]


def moved_picture(symmetry: Symmetry, domain: Domain) -> list[str]:
    """Return lines that show what `symmetry` does on `domain`: the moved letter on a grid, the new
    order of the first indices on other domains.
    """
    action = symmetry.action(domain)
    if isinstance(domain, Grid):
        picture = sample_picture(domain)
        return draw(np.abs(action.apply(picture.reshape(-1)).reshape(domain.shape)))
    names: NDArray[Any] = np.arange(domain.size)
    if isinstance(domain, Pairs):
        names = np.array([f"{i},{j}" for i, j in np.ndindex(domain.shape)])
    back = action.inverse()
    shown = [
        ("-" if sign < 0 else "") + str(name)
        for name, sign in zip(names[back.image], back.signs, strict=True)
    ]
    return [" ".join(shown[:_MOST_NAMED]) + (" ..." if domain.size > _MOST_NAMED else "")]
