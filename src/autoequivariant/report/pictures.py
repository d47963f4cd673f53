"""What each symmetry does to a small picture, in characters."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups import Domain, Grid, Symmetry, make_domain

MOST_COLUMNS = 16

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
    """Return the smallest coarser copy of `domain` with 8 indices a side or more on which all are
    defined.
    """
    best = domain
    for factor in range(2, min(domain.shape) + 1):
        if any(side % factor for side in domain.shape):
            continue
        small = make_domain(domain.kind, tuple(side // factor for side in domain.shape))
        if min(small.shape) >= 7 and all(
            s.rescaled(domain, small).is_defined_on(small) for s in symmetries
        ):
            best = small
    return best


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
    """Return lines that show what `symmetry` does on `domain`.

    A grid shows the letter, moved; a volume the middle slice of a block of numbers; a sequence or a
    table the order in which its first indices come to stand.
    """
    action = symmetry.action(domain)
    if isinstance(domain, Grid):
        picture = sample_picture(domain)
        return draw(np.abs(action.apply(picture.reshape(-1)).reshape(domain.shape)))
    names = np.arange(domain.size)
    back = action.inverse()
    shown = [
        ("-" if sign < 0 else "") + str(name)
        for name, sign in zip(names[back.image], back.signs, strict=True)
    ]
    return [" ".join(shown[:8]) + (" ..." if domain.size > 8 else "")]
