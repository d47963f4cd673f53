"""G-MNIST and G-Fashion-MNIST: images with symmetries applied once, as arXiv 2104.04848 makes them.

Each chosen transformation is applied to each image, of training and test alike, with probability
1/2, in the paper's order: rotation by any angle, translation by one pixel, and the others as they
are. All arithmetic on pixels is on integers, so that a seed gives the same bytes on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.samples import Samples
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.domain import Grid

MIXES = {
    "mix1": "011000100001",
    "mix2": "110000001100",
    "mix3": "100100010010",
    "mix4": "111111000000",
    "mix5": "111111111111",
}
"""The paper's five mixed settings: which of its twelve transformations are chosen."""

TRANSFORMATIONS = paper_candidates(step=1)
SETTINGS = ("none", *(symmetry.name for symmetry in TRANSFORMATIONS), *MIXES)

TURN = 1 << 16
"""Angles in a full turn."""

_ONE = 1 << 16  # sine and cosine of 1, as an integer
_CHUNK = 2000


def chosen_transformations(setting: str) -> tuple[int, ...]:
    """Return the places in the paper's twelve of the transformations of a setting.

    Raises:
        SettingsError: there is no such setting.
    """
    if setting not in SETTINGS:
        raise SettingsError(
            f"There is no setting {setting!r}: choose one of {', '.join(SETTINGS)}."
        )
    bits = MIXES.get(setting)
    if bits is not None:
        return tuple(place for place, bit in enumerate(bits) if bit == "1")
    return tuple(k for k, symmetry in enumerate(TRANSFORMATIONS) if symmetry.name == setting)


def transformed(samples: Samples, setting: str, seed: int) -> Samples:
    """Return `samples` with the transformations of `setting` applied to training and test images.

    Args:
        samples: 8-bit grey images on an even square grid.
        setting: one of `SETTINGS`.
        seed: decides which images are transformed, and the angles.

    Raises:
        SettingsError: there is no such setting.
        DataError: the images are not 8-bit grey ones on an even square grid.
    """
    places = chosen_transformations(setting)
    domain = samples.domain
    even_square = (
        isinstance(domain, Grid) and domain.height == domain.width and not domain.width % 2
    )
    if not even_square or samples.channels != 1 or samples.x.dtype != np.uint8:
        raise DataError(
            f"{samples.name} has {samples.channels} channels of {samples.x.dtype} on {domain}, but "
            "the transformations need 8-bit grey images on an even square grid."
        )
    test = samples.x_test
    return Samples(
        f"{samples.name} {setting}",
        domain,
        samples.channels,
        samples.classes,
        _apply(samples.x, places, stream(seed, Purpose.G_TRAIN)),
        samples.y,
        None if test is None else _apply(test, places, stream(seed, Purpose.G_TEST)),
        samples.y_test,
    )


def _apply(
    x: NDArray[np.uint8], places: tuple[int, ...], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Transform images of shape `(n, 1, side, side)`; the draws do not depend on the setting."""
    heads = rng.integers(2, size=(len(x), len(TRANSFORMATIONS)), dtype=np.int64).astype(bool)
    angles = rng.integers(TURN, size=len(x), dtype=np.int64)
    images = x[:, 0].copy()
    domain = Grid(*images.shape[1:])
    for place in places:
        symmetry = TRANSFORMATIONS[place]
        some = np.flatnonzero(heads[:, place])
        if symmetry.name == "rot90":
            for part in np.array_split(some, max(1, len(some) // _CHUNK)):
                images[part] = rotated(images[part], angles[part])
        else:
            flat = images[some].reshape(-1, domain.size)
            images[some] = symmetry.action(domain).apply(flat).reshape(-1, *domain.shape)
    return images[:, None]


def rotated(images: NDArray[np.uint8], angles: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Turn each image about its centre, with bilinear interpolation; what comes from outside is 0.

    Args:
        images: shape `(n, side, side)`, uint8.
        angles: counter-clockwise, in 65536ths of a full turn, shape `(n,)`.
    """
    side = images.shape[1]
    turns = 2 * np.pi * angles / TURN
    cosine = np.rint(np.cos(turns) * _ONE).astype(np.int64)[:, None, None]
    sine = np.rint(np.sin(turns) * _ONE).astype(np.int64)[:, None, None]
    # Twice the distance from the centre is whole; so is everything that follows, in units of
    # 1 / (2 * _ONE) pixels.
    offset = 2 * np.arange(side, dtype=np.int64) - (side - 1)
    down, right = offset[None, :, None], offset[None, None, :]
    centre = (side - 1) * _ONE
    row = centre + cosine * down + sine * right
    column = centre - sine * down + cosine * right
    # The finest that still sums in 32 bits: 256 steps between two pixels.
    y0, x0 = row >> 17, column >> 17
    dy, dx = (row >> 9) & 255, (column >> 9) & 255
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.int64)
    n = np.arange(len(images))[:, None, None]

    def at(y: NDArray[Any], x: NDArray[Any]) -> NDArray[np.int64]:
        inside = (y >= 0) & (y < side) & (x >= 0) & (x < side)
        return padded[n, np.where(inside, y + 1, 0), np.where(inside, x + 1, 0)]

    top = at(y0, x0) * (256 - dx) + at(y0, x0 + 1) * dx
    bottom = at(y0 + 1, x0) * (256 - dx) + at(y0 + 1, x0 + 1) * dx
    mixed = (top * (256 - dy) + bottom * dy + (1 << 15)) >> 16
    turned: NDArray[np.uint8] = mixed.astype(np.uint8)
    return turned
