"""RotMNIST: MNIST with every image turned by a uniformly random angle.

The split is that of Larochelle et al., "An Empirical Evaluation of Deep Architectures on Problems
with Many Factors of Variation", ICML 2007: 12,000 images to train on and 50,000 to test on. Theirs
were drawn and turned by a program that is not public, so these images are others, made alike: of
MNIST's 60,000 training and 10,000 test images 62,000 are drawn without repetition, the first 12,000
for training. All arithmetic on pixels is on integers, so that a seed gives the same bytes on every
machine.
"""

from __future__ import annotations

import numpy as np

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.samples import Samples
from autoequivariant.errors import DataError
from autoequivariant.groups.domain import Grid
from autoequivariant.paper.g_mnist import TURN, rotated

TRAIN, TEST = 12_000, 50_000

_CHUNK = 2000


def rot_mnist(samples: Samples, seed: int) -> Samples:
    """Return 12,000 training and 50,000 test images of `samples`, each turned about its centre.

    Args:
        samples: 8-bit grey images on a square grid, 62,000 or more with those of the test set.
        seed: decides which images are drawn, and the angles.

    Raises:
        DataError: see `check_rotatable`.
    """
    check_rotatable(samples)
    domain = samples.domain
    x, y = samples.x, samples.y
    if samples.x_test is not None and samples.y_test is not None:
        x, y = np.concatenate([x, samples.x_test]), np.concatenate([y, samples.y_test])
    drawn = stream(seed, Purpose.ROT_DRAW).permutation(len(x))[: TRAIN + TEST]
    angles = stream(seed, Purpose.ROT_ANGLES).integers(TURN, size=len(drawn), dtype=np.int64)
    turned = np.empty((len(drawn), 1, *domain.shape), np.uint8)
    for start in range(0, len(drawn), _CHUNK):
        part = slice(start, start + _CHUNK)
        turned[part, 0] = rotated(x[drawn[part], 0], angles[part])
    y = y[drawn]
    return Samples(
        "rotmnist",
        domain,
        1,
        samples.classes,
        turned[:TRAIN],
        y[:TRAIN],
        turned[TRAIN:],
        y[TRAIN:],
    )


def check_rotatable(samples: Samples) -> None:
    """Refuse what RotMNIST cannot be made of.

    Raises:
        DataError: the images are too few, or not 8-bit grey ones on a square grid.
    """
    domain = samples.domain
    square = isinstance(domain, Grid) and domain.height == domain.width
    if not square or samples.channels != 1 or samples.x.dtype != np.uint8:
        raise DataError(
            f"{samples.name} has {samples.channels} channels of {samples.x.dtype} on {domain}, but "
            "only 8-bit grey images on a square grid are turned."
        )
    count = len(samples.x) + (0 if samples.x_test is None else len(samples.x_test))
    if count < TRAIN + TEST:
        raise DataError(
            f"{samples.name} has {count:,} images, training and test together, but RotMNIST takes "
            f"{TRAIN + TEST:,}: give all files of MNIST."
        )
