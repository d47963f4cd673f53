"""Rotation of 8-bit images by any angle, in integers: the same bytes on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.samples import Samples
from autoequivariant.errors import DataError
from autoequivariant.groups.domain import Grid

TURN = 1 << 16
"""Angles in a full turn."""

_ONE = 1 << 16  # sine and cosine of 1, as an integer
_CHUNK = 2000  # images at a time, as the intermediate arrays are int64


def check_images(samples: Samples, is_even: bool = False) -> None:
    """Refuse samples other than 8-bit grayscale images on a square grid.

    Args:
        samples: the data set.
        is_even: also require an even side.

    Raises:
        DataError: the samples are something else.
    """
    domain = samples.domain
    fits = isinstance(domain, Grid) and domain.height == domain.width
    if is_even:
        fits = fits and domain.shape[0] % 2 == 0
    if not fits or samples.channels != 1 or samples.x.dtype != np.uint8:
        raise DataError(
            f"{samples.name} must hold 8-bit grayscale images on {'an even' if is_even else 'a'} "
            f"square grid; got {samples.channels} channels of {samples.x.dtype} on {domain}: "
            "choose another data set."
        )


def rotated(images: NDArray[np.uint8], angles: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Rotate each image about its center, with bilinear interpolation and 0 outside the image.

    Args:
        images: shape `(n, side, side)`.
        angles: counterclockwise, in units of 1 / `TURN` of a full turn, shape `(n,)`.
    """
    turned = np.empty_like(images)
    for start in range(0, len(images), _CHUNK):
        part = slice(start, start + _CHUNK)
        turned[part] = _rotated(images[part], angles[part])
    return turned


def _rotated(images: NDArray[np.uint8], angles: NDArray[np.int64]) -> NDArray[np.uint8]:
    side = images.shape[1]
    radians = 2 * np.pi * angles / TURN
    cosine = np.rint(np.cos(radians) * _ONE).astype(np.int64)[:, None, None]
    sine = np.rint(np.sin(radians) * _ONE).astype(np.int64)[:, None, None]
    # Twice the distance from the center is an integer, so all coordinates below are integers in
    # units of 1 / (2 * _ONE) pixels.
    offset = 2 * np.arange(side, dtype=np.int64) - (side - 1)
    down, right = offset[None, :, None], offset[None, None, :]
    center = (side - 1) * _ONE
    row = center + cosine * down + sine * right
    column = center - sine * down + cosine * right
    # 256 steps between two pixels are the finest resolution whose sums fit into 32 bits.
    y0, x0 = row >> 17, column >> 17
    dy, dx = (row >> 9) & 255, (column >> 9) & 255
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.int64)
    n = np.arange(len(images))[:, None, None]

    def at(y: NDArray[np.int64], x: NDArray[np.int64]) -> NDArray[np.int64]:
        inside = (y >= 0) & (y < side) & (x >= 0) & (x < side)
        return padded[n, np.where(inside, y + 1, 0), np.where(inside, x + 1, 0)]

    top = at(y0, x0) * (256 - dx) + at(y0, x0 + 1) * dx
    bottom = at(y0 + 1, x0) * (256 - dx) + at(y0 + 1, x0 + 1) * dx
    mixed = (top * (256 - dy) + bottom * dy + (1 << 15)) >> 16
    result: NDArray[np.uint8] = mixed.astype(np.uint8)
    return result
