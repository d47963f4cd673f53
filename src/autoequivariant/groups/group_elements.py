"""All elements of a group, from its generators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, TypeVar


class Element(Protocol):
    """A hashable value with a product (`other` acts first)."""

    def __matmul__(self, other: Self) -> Self: ...


T = TypeVar("T", bound=Element)


def group_elements(generators: Sequence[T], identity: T, most: int) -> tuple[T, ...] | None:
    """Return all elements of a group, the identity first; None if there are more than `most`."""
    found = {identity: None}
    new = [identity]
    while new:
        products = dict.fromkeys(one @ other for one in generators for other in new)
        new = [one for one in products if one not in found]
        found |= dict.fromkeys(new)
        if len(found) > most:
            return None
    return tuple(found)
