"""Which values must be scaled alike so that scaling commutes with given symmetries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.closure.layer_actions import LayerActions
from autoequivariant.groups.orbits import point_orbits
from autoequivariant.groups.permutation import Permutation


@dataclass(frozen=True, eq=False)
class ScaleClasses:
    """Classes of values that share a mean and a scale.

    Attributes:
        labels: the class of each value, from 0 on, any shape.
        centred: whether each value's mean must be taken as 0, since a symmetry changes its sign;
            the same shape.
    """

    labels: NDArray[np.int32]
    centred: NDArray[np.bool_]

    def moments(
        self, mean: NDArray[np.float64], variance: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean and the scale of each value, over its class.

        Args:
            mean, variance: of each value on its own, of the shape of the labels.

        Returns:
            Two arrays of that shape; a scale of 1 where nothing varies.
        """
        labels = self.labels.reshape(-1)
        counts = np.bincount(labels)
        of_class = np.bincount(labels, mean.reshape(-1)) / counts
        common = np.where(self.centred.reshape(-1), 0.0, of_class[labels])
        squares = variance.reshape(-1) + (mean.reshape(-1) - common) ** 2
        scale = np.sqrt(np.bincount(labels, squares) / counts)[labels]
        scale = np.where(scale == 0, 1.0, scale)
        return common.reshape(self.labels.shape), scale.reshape(self.labels.shape)


def input_scale_classes(
    actions: LayerActions, channels: int, members: Iterable[int]
) -> ScaleClasses:
    """Return which input values share a scale in a network that has some of the candidates.

    Columns of a table are scaled each on its own, but for those that one of these exchanges, shape
    `(columns,)`; elsewhere each channel is, shape `(channels,)`: neighbouring pixels are of one
    kind.

    Args:
        actions: of all candidates.
        channels: of the input.
        members: numbers of the candidates that the network has.
    """
    domain = actions.domains[0]
    moves = [actions.permutations[member][0] for member in members]
    if domain.kind != "features":
        moves = [_on_channels(move, channels, domain.size) for move in moves]
    return _alike(moves, domain.size if domain.kind == "features" else channels)


def output_scale_classes(
    actions: LayerActions, outputs: int, members: Iterable[int]
) -> ScaleClasses:
    """Return which components of the target share a scale, shape `(outputs,)`, likewise."""
    rows = [actions.permutations[member] for member in members]
    moves = [row[-1] for row in rows] if actions.moves_outputs else []
    return _alike(moves, outputs)


def _alike(moves: list[Permutation], count: int) -> ScaleClasses:
    labels = point_orbits([Permutation(move.image) for move in moves], count).labels
    negated = np.zeros(count, bool)
    for move in moves:
        negated |= move.signs < 0
    return ScaleClasses(labels, np.isin(labels, labels[negated]))


def _on_channels(move: Permutation, channels: int, size: int) -> Permutation:
    """What a move of points does to whole channels; a sign anywhere counts for its channel."""
    if move.size == size:  # all channels stay
        sign = -1 if move.is_signed else 1
        return Permutation(np.arange(channels), np.full(channels, sign))
    firsts = move.image[::size] // size
    signs = np.where((move.signs.reshape(channels, size) < 0).any(axis=1), -1, 1)
    return Permutation(firsts, signs)
