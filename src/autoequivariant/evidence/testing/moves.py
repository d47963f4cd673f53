"""Labelled samples as flat values, and random elements of a candidate's group that move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.groups.element import Element, random_elements

MOST_ELEMENTS = 64
"""Elements of a group that a test draws from; a larger group is represented by a random part."""


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
        order = first.order
        if not others and order <= MOST_ELEMENTS + 1:
            return cls(tuple(first**power for power in range(1, order)))
        return cls(random_elements(generators, MOST_ELEMENTS // 2, rng))

    def draw(self, clusters: Clusters, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the number of an element for each sample, the same within a cluster."""
        return rng.integers(len(self.elements), size=len(clusters))[clusters.number]

    def apply(self, samples: Labelled, drawn: NDArray[np.int64]) -> Labelled:
        """Move each sample by the element with this number, shape `(n,)`."""
        x, y = np.empty_like(samples.x), np.empty_like(samples.y)
        for number in np.unique(drawn):
            rows = np.flatnonzero(drawn == number)
            moved = moved_by(self.elements[number], samples.rows(rows))
            x[rows], y[rows] = moved.x, moved.y
        return replace(samples, x=x, y=y)


def moved_by(element: Element, samples: Labelled) -> Labelled:
    """Move samples and their labels."""
    on_outputs = element.outputs
    y = on_outputs.image[samples.y] if samples.n_classes else on_outputs.apply(samples.y)
    return replace(samples, x=element.points.apply(samples.x), y=y)


def is_fixed(samples: Labelled, moved: Labelled) -> NDArray[np.bool_]:
    """Return which samples a move left as they are, label included; shape `(n,)`."""
    same_x = (samples.x == moved.x).all(axis=1)
    same_y = samples.y == moved.y
    return np.asarray(same_x & (same_y if same_y.ndim == 1 else same_y.all(axis=1)))
