"""Which values must share a scale so that normalisation is equivariant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.closure.layer_actions import LayerActions
from autoequivariant.groups.domain import Domain, Features, Pairs
from autoequivariant.groups.orbits import point_orbits
from autoequivariant.groups.permutation import Permutation


@dataclass(frozen=True, eq=False)
class ScaleClasses:
    """Classes of values that share a mean and a scale.

    Attributes:
        labels: the class of each value, numbered from 0, any shape.
        centred: whether the mean of each value is fixed at 0, because a symmetry changes its sign;
            same shape.
    """

    labels: NDArray[np.int32]
    centred: NDArray[np.bool_]

    def moments(
        self, mean: NDArray[np.float64], variance: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean and the scale of each value's class.

        Args:
            mean, variance: of each single value, the shape of the labels.

        Returns:
            Two arrays of that shape; the scale of a constant class is 1.
        """
        labels = self.labels.reshape(-1)
        counts = np.bincount(labels)
        class_means = np.bincount(labels, mean.reshape(-1)) / counts
        common = np.where(self.centred.reshape(-1), 0.0, class_means[labels])
        squares = variance.reshape(-1) + (mean.reshape(-1) - common) ** 2
        scale = np.sqrt(np.bincount(labels, squares) / counts)[labels]
        scale = np.where(scale == 0, 1.0, scale)
        return common.reshape(self.labels.shape), scale.reshape(self.labels.shape)


def input_scale_classes(
    actions: LayerActions, channels: int, members: Iterable[int]
) -> ScaleClasses:
    """Return which input values share a scale in a network that is equivariant to `members`.

    In a table each column has its own scale, except that columns exchanged by a symmetry share one:
    shape `(columns,)`. Elsewhere each channel has, since all its pixels measure the same quantity:
    shape `(channels,)`. Of pairs, those of an item with itself measure another quantity than those
    of two items (a distance of 0, a degree): shape `(channels * indices,)`.

    Args:
        actions: of all candidates.
        channels: number of input channels.
        members: numbers of the candidates to which the network is equivariant.
    """
    domain = actions.domains[0]
    moves = [actions.permutations[member][0] for member in members]
    if domain.kind == "features":
        return scale_classes(moves, domain.size)
    alike = scale_classes([_on_channels(m, channels, domain.size) for m in moves], channels)
    if not isinstance(domain, Pairs):
        return alike
    labels = 2 * alike.labels[:, np.newaxis] + units_of(domain)
    _, labels = np.unique(labels.reshape(-1), return_inverse=True)
    return ScaleClasses(labels.astype(np.int32), np.repeat(alike.centred, domain.size))


def units_of(domain: Domain) -> NDArray[np.int64]:
    """Return which indices of a domain measure the same quantity: a number for each, from 0.

    Each column of a table measures its own. Of pairs, those of an item with itself have number 0,
    the others 1. Elsewhere all have number 0.
    """
    if isinstance(domain, Features):
        return np.arange(domain.count)
    if isinstance(domain, Pairs):
        return 1 - np.eye(domain.count, dtype=np.int64).reshape(-1)
    return np.zeros(domain.size, np.int64)


def output_scale_classes(
    actions: LayerActions, outputs: int, members: Iterable[int]
) -> ScaleClasses:
    """Return which target components share a scale, shape `(outputs,)`."""
    rows = [actions.permutations[member] for member in members]
    moves = [row[-1] for row in rows] if actions.moves_outputs else []
    return scale_classes(moves, outputs)


def scale_classes(moves: Sequence[Permutation], count: int) -> ScaleClasses:
    """Return which values share a scale in a network that is equivariant to some moves of them.

    Args:
        moves: signed permutations of the values.
        count: number of values.
    """
    labels = point_orbits([Permutation(move.image) for move in moves], count).labels
    negated = np.zeros(count, bool)
    for move in moves:
        negated |= move.signs < 0
    return ScaleClasses(labels, np.isin(labels, labels[negated]))


def _on_channels(move: Permutation, channels: int, size: int) -> Permutation:
    """The action on channels; a change of sign anywhere applies to the whole channel."""
    if move.size == size:  # it acts on indices alone, the same in every channel
        sign = -1 if move.is_signed else 1
        return Permutation(np.arange(channels), np.full(channels, sign))
    firsts = move.image[::size] // size
    signs = np.where((move.signs.reshape(channels, size) < 0).any(axis=1), -1, 1)
    return Permutation(firsts, signs)
