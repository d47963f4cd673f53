"""Elements of a group that acts on samples and on outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.domain import Domain
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

_FACTORS = 24  # of a random word in several generators


@dataclass(frozen=True)
class Element:
    """An element of a group by its action on samples and on outputs.

    Attributes:
        points: permutes all values of a sample, `channels * indices` of them, channels first.
        outputs: permutes classes or targets.
    """

    points: Permutation
    outputs: Permutation

    def __matmul__(self, other: Element) -> Element:
        """Apply `other` first."""
        return Element(self.points @ other.points, self.outputs @ other.outputs)

    def __pow__(self, exponent: int) -> Element:
        """Return a power."""
        return Element(self.points**exponent, self.outputs**exponent)

    @property
    def is_identity(self) -> bool:
        """Whether it fixes everything."""
        return self.points.is_identity and self.outputs.is_identity

    @property
    def order(self) -> int:
        """The smallest positive exponent whose power is the identity."""
        points, outputs = self.points, self.outputs
        image = np.concatenate([points.image, points.size + outputs.image])
        return Permutation(image, np.concatenate([points.signs, outputs.signs])).order()

    def inverse(self) -> Element:
        """Return the inverse."""
        return Element(self.points.inverse(), self.outputs.inverse())

    def apply_to_outputs(self, values: NDArray[Any]) -> NDArray[Any]:
        """Move outputs, shape `(n, outputs)`, as the labels move."""
        return self.outputs.apply(values)


def element_of(symmetry: Symmetry, domain: Domain, channels: int, n_outputs: int) -> Element:
    """Return the action of a symmetry on all values of a sample, and on its outputs.

    Raises:
        SymmetryError: it is not defined on the data.
    """
    on_channels = symmetry.channel_action(channels) or Permutation.identity(channels)
    outputs = symmetry.output_action(n_outputs) or Permutation.identity(n_outputs)
    return Element(Permutation.kron(on_channels, symmetry.action(domain)), outputs)


def members_of(
    generators: Sequence[Element], most: int, rng: np.random.Generator
) -> tuple[Element, ...]:
    """Return all elements of a group, the identity first, or random ones of a large group.

    Args:
        generators: at least one.
        most: elements that are returned.
        rng: draws those of a group with more elements than that.
    """
    identity = generators[0] ** 0
    found = group_elements(generators, identity, most)
    if found is not None:
        return found
    return (identity, *random_elements(generators, most, rng))[:most]


def random_elements(
    generators: Sequence[Element], count: int, rng: np.random.Generator
) -> tuple[Element, ...]:
    """Return distinct random elements, each with its inverse and none the identity.

    Args:
        generators: of the group, at least one.
        count: number of random words; those that agree, and the identity, are left out.
        rng: draws them.
    """
    found: dict[Element, None] = {}
    orders = [one.order for one in generators]
    for _ in range(count):
        element = _random_element(generators, orders, rng)
        if not element.is_identity:
            found[element] = None
            found[element.inverse()] = None
    return tuple(found)


def _random_element(
    generators: Sequence[Element], orders: Sequence[int], rng: np.random.Generator
) -> Element:
    """Return a random word: a power of each generator, then more of randomly chosen ones."""
    numbers = list(range(len(generators)))
    if len(generators) > 1:
        numbers += rng.integers(len(generators), size=_FACTORS).tolist()
    result = generators[0] ** 0
    for number in numbers:
        exponent = int(rng.integers(min(orders[number], 2**62)))
        result = generators[number] ** exponent @ result
    return result
