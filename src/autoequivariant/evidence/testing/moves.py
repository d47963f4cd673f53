"""Labelled samples as flat values, and random elements of a candidate's group that move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

MOST_ELEMENTS = 64
"""Elements of a group that a test draws from; a larger group is represented by a random part."""
_FACTORS = 24  # of a random word in several generators


@dataclass(frozen=True, eq=False)
class Labelled:
    """Samples with their labels, as the tests take them.

    Attributes:
        x: values, shape `(n, channels * indices)`, float32, channels first.
        y: class indices, shape `(n,)`; for regression targets, shape `(n, m)`, float32.
        n_classes: number of classes; 0 for regression.
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    n_classes: int

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.y)

    @property
    def n_outputs(self) -> int:
        """Number of classes or targets."""
        return self.n_classes or int(self.y.shape[1])

    def rows(self, chosen: NDArray[Any]) -> Self:
        """Return some of the samples."""
        return replace(self, x=self.x[chosen], y=self.y[chosen])


@dataclass(frozen=True)
class Element:
    """An element of a group by its action on values and on outputs."""

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

    def inverse(self) -> Element:
        """Return the inverse."""
        return Element(self.points.inverse(), self.outputs.inverse())

    def apply_to_outputs(self, values: NDArray[Any]) -> NDArray[Any]:
        """Move outputs, shape `(n, outputs)`, as the labels move."""
        return self.outputs.apply(values)

    def apply(self, samples: Labelled) -> Labelled:
        """Move samples and their labels."""
        y = self.outputs.image[samples.y] if samples.n_classes else self.outputs.apply(samples.y)
        return replace(samples, x=self.points.apply(samples.x), y=y)


def element_of(symmetry: Symmetry, domain: Domain, channels: int, n_outputs: int) -> Element:
    """Return the action of a symmetry on all values of a sample, and on its outputs.

    Raises:
        SymmetryError: it is not defined on the data.
    """
    on_channels = symmetry.channel_action(channels) or Permutation.identity(channels)
    outputs = symmetry.output_action(n_outputs) or Permutation.identity(n_outputs)
    return Element(Permutation.kron(on_channels, symmetry.action(domain)), outputs)


@dataclass(frozen=True)
class Moves:
    """Elements of a group, without the identity, from which tests draw.

    With each element its inverse is among them, so that a sample and its moved copy are
    exchangeable if the distribution is symmetric.
    """

    elements: tuple[Element, ...]

    @classmethod
    def of(cls, generators: Sequence[Element], rng: np.random.Generator) -> Self:
        """Return all elements of a small cyclic group, or random ones of another.

        Args:
            generators: of the group, at least one.
            rng: draws the elements of a large group.
        """
        (first, *others) = generators
        order = _order(first)
        if not others and order <= MOST_ELEMENTS + 1:
            return cls(tuple(first**power for power in range(1, order)))
        found: dict[Element, None] = {}
        orders = [_order(one) for one in generators]
        for _ in range(MOST_ELEMENTS // 2):
            element = _random_element(generators, orders, rng)
            if not element.is_identity:
                found[element] = None
                found[element.inverse()] = None
        return cls(tuple(found))

    def draw(self, clusters: Clusters, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the number of an element for each sample, the same within a cluster."""
        return rng.integers(len(self.elements), size=len(clusters))[clusters.number]

    def apply(self, samples: Labelled, drawn: NDArray[np.int64]) -> Labelled:
        """Move each sample by the element with this number, shape `(n,)`."""
        x, y = np.empty_like(samples.x), np.empty_like(samples.y)
        for number in np.unique(drawn):
            rows = np.flatnonzero(drawn == number)
            moved = self.elements[number].apply(samples.rows(rows))
            x[rows], y[rows] = moved.x, moved.y
        return replace(samples, x=x, y=y)


def is_fixed(samples: Labelled, moved: Labelled) -> NDArray[np.bool_]:
    """Return which samples a move left as they are, label included; shape `(n,)`."""
    same_x = (samples.x == moved.x).all(axis=1)
    same_y = samples.y == moved.y
    return np.asarray(same_x & (same_y if same_y.ndim == 1 else same_y.all(axis=1)))


def _order(element: Element) -> int:
    image = np.concatenate([element.points.image, element.points.size + element.outputs.image])
    signs = np.concatenate([element.points.signs, element.outputs.signs])
    return Permutation(image, signs).order()


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
