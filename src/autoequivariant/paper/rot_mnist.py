"""RotMNIST: MNIST with every image rotated by a uniformly random angle.

The split is that of Larochelle et al., "An Empirical Evaluation of Deep Architectures on Problems
with Many Factors of Variation", ICML 2007: 12,000 training and 50,000 test images. Their program is
not public, so these are other images of the same distribution: 62,000 of MNIST's 70,000 training
and test images, drawn without replacement, the first 12,000 of them for training. All arithmetic on
pixels is on integers, so a seed gives the same bytes on every machine.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.samples import Samples
from autoequivariant.errors import DataError
from autoequivariant.paper.rotation import TURN, check_images, rotated

TRAIN, TEST = 12_000, 50_000


def rot_mnist(samples: Samples, seed: int) -> Samples:
    """Return 12,000 training and 50,000 test images of `samples`, each rotated about its center.

    Args:
        samples: see `check_rot_mnist`.
        seed: decides which images are drawn, and the angles.

    Raises:
        DataError: see `check_rot_mnist`.
    """
    check_rot_mnist(samples)
    x, y = samples.x, samples.y
    if samples.x_test is not None and samples.y_test is not None:
        x, y = np.concatenate([x, samples.x_test]), np.concatenate([y, samples.y_test])
    drawn = stream(seed, Purpose.ROT_DRAW).permutation(len(x))[: TRAIN + TEST]
    angles = stream(seed, Purpose.ROT_ANGLES).integers(TURN, size=len(drawn), dtype=np.int64)
    x, y = rotated(x[drawn, 0], angles)[:, None], y[drawn]
    return replace(
        samples, name="rotmnist", x=x[:TRAIN], y=y[:TRAIN], x_test=x[TRAIN:], y_test=y[TRAIN:]
    )


def check_rot_mnist(samples: Samples) -> None:
    """Refuse samples that RotMNIST cannot be made from.

    Raises:
        DataError: they are fewer than 62,000, or not 8-bit grayscale images on a square grid.
    """
    check_images(samples)
    count = len(samples.x) + (0 if samples.x_test is None else len(samples.x_test))
    if count < TRAIN + TEST:
        raise DataError(
            f"RotMNIST needs {TRAIN + TEST:,} training and test images together; {samples.name} "
            f"has {count:,}: provide all four files of MNIST."
        )
