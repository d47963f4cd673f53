"""Small groups that act on columns."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.groups.element import Element
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation


def element(
    image: Sequence[int], signs: Sequence[int] | None = None, outputs: Sequence[int] = (1,)
) -> Element:
    return Element(Permutation(image, signs), Permutation(range(len(outputs)), outputs))


def group(*generators: Element) -> tuple[Element, ...]:
    found = group_elements(generators, generators[0] ** 0, 1000)
    assert found is not None
    return found


IDENTITY = element([0, 1, 2])
MIRROR = element([0, 1, 2], [-1, 1, 1])
OTHER_MIRROR = element([0, 1, 2], [1, -1, 1])
SWAP = element([1, 0, 2])
QUARTER_TURN = element([1, 0, 2], [1, -1, 1])
CYCLE = element([1, 2, 0])
ODD = element([0, 1, 2], [-1, 1, 1], [-1])
"""A mirror that negates the target."""
