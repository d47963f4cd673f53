"""Test whether a candidate leaves the distribution of samples unchanged, alone or with labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.evidence.testing.features import Matrix
from autoequivariant.evidence.testing.swap_test import Statistic, largest, p_value, threshold

X_LEVEL, JOINT_LEVEL = 0.005, 0.003
"""Levels at which the law is rejected, for inputs alone and with labels."""
_FEATURES = 128  # with labels, of the largest variance


@dataclass(frozen=True)
class Law:
    """Results of the exact tests.

    Attributes:
        p_x: inputs alone: `hx` has the law of `x`.
        p_joint: inputs with labels: `(hx, hy)` has the law of `(x, y)`.
        z_x, z_joint: statistics in standard deviations.
        resolution: smallest share of changed samples that the test of inputs would see; None if
            none, or if a test rejects.
        unseen: numbers of the labels (classes) that are too rare for a change to be seen in them.
        n: number of pairs.
        n_labels: number of functions of the label.
    """

    p_x: float
    p_joint: float
    z_x: float
    z_joint: float
    resolution: float | None
    unseen: tuple[int, ...]
    n: int
    n_labels: int

    @property
    def x_is_rejected(self) -> bool:
        """Whether inputs are not symmetric."""
        return self.p_x <= X_LEVEL

    @property
    def joint_is_rejected(self) -> bool:
        """Whether inputs with labels are not symmetric."""
        return self.p_joint <= JOINT_LEVEL


@dataclass(frozen=True)
class Moved:
    """Features of samples and of their moved copies, of one kind.

    Attributes:
        x, hx: shape `(rows, features)`.
        rows: which of the pairs these are, shape `(rows,)`.
    """

    x: Matrix
    hx: Matrix
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class LawData:
    """Pairs of samples and moved copies.

    Attributes:
        kinds: features; the first are of all pairs, and the resolution is theirs.
        y, hy: functions of the labels, shape `(n, functions)`.
        clusters: of the pairs.
    """

    kinds: Sequence[Moved]
    y: Matrix
    hy: Matrix
    clusters: Clusters


def law_test(pairs: LawData, miss: float, signs: Matrix, loss_p: float | None) -> Law:
    """Test inputs alone, and with labels; nothing is trained.

    With labels, each function of the label (one for each class) has a statistic of its own; the
    largest of these, of their sum and of the inputs' decides.

    Args:
        pairs: those that the candidate changes.
        miss: probability with which a departure of the stated resolution may be missed.
        signs: random swaps of the clusters (`random_signs`).
        loss_p: p-value of a predictor's loss, which tests labels as well; None without one.
    """
    of_inputs, of_labels, sums = [], [], []
    for kind in pairs.kinds:
        inputs = _statistic(kind.x - kind.hx, kind.rows, pairs.clusters, signs)
        of_inputs.append(inputs)
        parts = [_of_label(pairs, kind, number, signs) for number in range(pairs.y.shape[1])]
        of_labels.append(parts)
        sums.append(Statistic.sum(parts))
    z_x, swapped_x = largest(of_inputs)
    p_x = p_value(z_x, swapped_x)
    joint = [*of_inputs, *sums, *(part for parts in of_labels for part in parts)]
    z_joint, swapped = largest(joint)
    p_joint, tests = p_value(z_joint, swapped), 1
    if loss_p is not None:
        p_joint, tests = min(1.0, 2 * min(p_joint, loss_p)), 2
    resolution, unseen = None, []
    if p_x > X_LEVEL and p_joint > JOINT_LEVEL:
        resolution = of_inputs[0].pairs.smallest_share(threshold(swapped_x, X_LEVEL), miss)
        limit = threshold(swapped, JOINT_LEVEL / tests)
        seen = [part.pairs.would_see(1.0, limit, miss) for part in of_labels[0]]
        unseen = [number for number, is_seen in enumerate(seen) if not is_seen]
    n = len(pairs.clusters)
    return Law(p_x, p_joint, z_x, z_joint, resolution, tuple(unseen), n, pairs.y.shape[1])


def _statistic(
    differences: Matrix, rows: NDArray[np.int64], clusters: Clusters, signs: Matrix
) -> Statistic:
    chosen, units = clusters.part(rows)
    used = signs if len(units) == signs.shape[1] else signs[:, units]
    return Statistic.of(chosen.sums(differences), used)


def _of_label(pairs: LawData, kind: Moved, number: int, signs: Matrix) -> Statistic:
    label, moved_label = pairs.y[kind.rows, number], pairs.hy[kind.rows, number]
    rows = np.flatnonzero((label != 0) | (moved_label != 0))
    weighted = kind.x[rows, :_FEATURES] * label[rows, np.newaxis]
    weighted -= kind.hx[rows, :_FEATURES] * moved_label[rows, np.newaxis]
    return _statistic(weighted, kind.rows[rows], pairs.clusters, signs)
