"""Tests whether a candidate leaves the distribution of samples unchanged, alone or with labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.kernel import Embedding, LabelKernel, gram
from autoequivariant.evidence.moves import Labelled
from autoequivariant.evidence.swap_test import (
    linear_test,
    pair_matrix,
    quadratic_test,
    random_signs,
    resolution,
)

X_LEVEL, JOINT_LEVEL = 0.02, 0.01
"""Levels at which the law is rejected, for inputs alone and with labels."""
_LARGEST_DIFFERENCE = 3.0  # of losses, so that one sample does not decide


@dataclass(frozen=True)
class Law:
    """Results of the exact tests.

    Attributes:
        p_x: inputs alone: `hx` has the law of `x`.
        p_joint: inputs with labels: `(hx, hy)` has the law of `(x, y)`.
        z_x, z_joint: statistics of the kernel tests in standard deviations.
        resolution: smallest share of changed samples that the kernel test of inputs would see; None
            if none, or if a test rejects.
        n: number of pairs.
    """

    p_x: float
    p_joint: float
    z_x: float
    z_joint: float
    resolution: float | None
    n: int

    @property
    def x_is_rejected(self) -> bool:
        """Whether inputs are not symmetric."""
        return self.p_x <= X_LEVEL

    @property
    def joint_is_rejected(self) -> bool:
        """Whether inputs with labels are not symmetric."""
        return self.p_joint <= JOINT_LEVEL


def kernel_tests(
    samples: Labelled, moved: Labelled, embedding: Embedding, miss: float, rng: np.random.Generator
) -> Law:
    """Test with kernels; nothing is trained.

    Args:
        samples, moved: pairs that the candidate changes.
        embedding: of both.
        miss: probability with which a departure of the stated resolution may be missed.
        rng: draws the swaps.
    """
    x, hx = embedding(samples.x), embedding(moved.x)
    scale = embedding.scale
    k_zz, k_zm, k_mm = gram(x, x, scale), gram(x, hx, scale), gram(hx, hx, scale)
    signs = random_signs(len(samples), rng)
    inputs = pair_matrix(k_zz, k_zm, k_mm)
    of_x = quadratic_test(inputs, signs)
    labels = LabelKernel(samples, moved)
    k_zz *= labels(samples, samples)
    k_zm *= labels(samples, moved)
    k_mm *= labels(moved, moved)
    joint = pair_matrix(k_zz, k_zm, k_mm)
    of_joint = quadratic_test(joint, signs)
    seen = None
    if of_x.p > X_LEVEL and of_joint.p > JOINT_LEVEL:
        seen = resolution(inputs, of_x, X_LEVEL, miss)
    return Law(of_x.p, of_joint.p, of_x.z, of_joint.z, seen, len(samples))


def loss_test(
    losses: NDArray[np.float64], moved_losses: NDArray[np.float64], rng: np.random.Generator
) -> float:
    """Return the p-value of a predictor's loss, which does not change if the law holds.

    Args:
        losses, moved_losses: of samples and of their moved copies that the predictor was not
            fitted on, shape `(n,)`.
        rng: draws the swaps.
    """
    differences = np.clip(moved_losses - losses, -_LARGEST_DIFFERENCE, _LARGEST_DIFFERENCE)
    return linear_test(differences, random_signs(len(differences), rng)).p
