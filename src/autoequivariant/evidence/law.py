"""Test whether a candidate leaves the distribution of samples unchanged, alone or with labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.clusters import Clusters
from autoequivariant.evidence.features import Matrix
from autoequivariant.evidence.swap_test import Pairs, p_value

X_LEVEL, JOINT_LEVEL = 0.01, 0.005
"""Levels at which the law is rejected, for inputs alone and with labels."""


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

    def with_loss(self, p: float) -> Law:
        """Return it with the p-value of a predictor's loss, which tests labels as well."""
        return replace(self, p_joint=min(1.0, 2 * min(self.p_joint, p)))


@dataclass(frozen=True)
class Moved:
    """Features and labels of samples and of their moved copies.

    Attributes:
        x, hx: features, shape `(n, features)`.
        y, hy: functions of the label, shape `(n, functions)`.
        clusters: of the samples.
    """

    x: Matrix
    hx: Matrix
    y: Matrix
    hy: Matrix
    clusters: Clusters


def law_test(pairs: Moved, miss: float, signs: Matrix) -> Law:
    """Test inputs alone, and with labels; nothing is trained.

    With labels, each function of the label (one for each class) has a statistic of its own; the
    largest of these, of their sum and of the inputs' decides.

    Args:
        pairs: those that the candidate changes.
        miss: probability with which a departure of the stated resolution may be missed.
        signs: random swaps of the clusters (`random_signs`).
    """
    n = len(pairs.clusters)
    inputs = Pairs.of(pairs.clusters.sums(pairs.x - pairs.hx))
    z_x, swapped_x = inputs.observed(), inputs.swapped(signs)
    p_x = p_value(z_x, swapped_x)
    observed, swapped = [z_x], [swapped_x]
    total, total_swapped, variance = 0.0, np.zeros(len(signs)), 0.0
    parts: list[Pairs | None] = []
    for label, moved_label in zip(pairs.y.T, pairs.hy.T, strict=True):
        rows = np.flatnonzero((label != 0) | (moved_label != 0))
        weighted = pairs.x[rows] * label[rows, np.newaxis]
        weighted -= pairs.hx[rows] * moved_label[rows, np.newaxis]
        chosen, units = pairs.clusters.part(rows)
        part = Pairs.of(chosen.sums(weighted))
        parts.append(part if part.deviation > 0 else None)
        if part.deviation <= 0:
            continue
        observed.append(part.observed())
        swapped.append(part.swapped(signs[:, units]))
        total += observed[-1] * part.deviation
        total_swapped += swapped[-1] * part.deviation
        variance += part.deviation**2
    if variance > 0:
        observed.append(total / np.sqrt(variance))
        swapped.append(total_swapped / np.sqrt(variance))
    largest = np.max(swapped, axis=0)
    z_joint = max(observed)
    p_joint = p_value(z_joint, largest)
    resolution, unseen = None, []
    if p_x > X_LEVEL and p_joint > JOINT_LEVEL:
        resolution = inputs.smallest_share(_threshold(swapped_x, X_LEVEL), miss)
        limit = _threshold(largest, JOINT_LEVEL)
        unseen = [k for k, part in enumerate(parts) if not _is_seen(part, limit, miss)]
    return Law(p_x, p_joint, z_x, z_joint, resolution, tuple(unseen), n, len(parts))


def _threshold(swapped: NDArray[np.float64], level: float) -> float:
    return float(np.quantile(swapped, 1 - level, method="higher"))


def _is_seen(part: Pairs | None, threshold: float, miss: float) -> bool:
    return part is not None and part.would_see(1.0, threshold, miss)
