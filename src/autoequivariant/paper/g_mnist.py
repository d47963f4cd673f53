"""G-MNIST and G-Fashion-MNIST: images transformed once, as in arXiv 2104.04848.

Each chosen transformation is applied to each training and test image with probability 1/2, in the
paper's order. Rotation is by a uniformly random angle and translation by one pixel. All arithmetic
on pixels is on integers, so a seed gives the same bytes on every machine.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.domain import Grid
from autoequivariant.paper.rotation import TURN, check_images, rotated

MIXES = {
    "mix1": "011000100001",
    "mix2": "110000001100",
    "mix3": "100100010010",
    "mix4": "111111000000",
    "mix5": "111111111111",
}
"""The paper's five mixed settings: which of its twelve transformations each applies."""

TRANSFORMATIONS = paper_candidates(step=1)
SINGLES = ("none", *(symmetry.name for symmetry in TRANSFORMATIONS))
"""The settings with at most one transformation."""
SETTINGS = (*SINGLES, *MIXES)


def chosen_transformations(setting: str) -> tuple[int, ...]:
    """Return the indices in `TRANSFORMATIONS` that a setting applies.

    Raises:
        SettingsError: the setting is unknown.
    """
    if setting not in SETTINGS:
        raise SettingsError(f"Setting must be one of {', '.join(SETTINGS)}; got {setting!r}.")
    if setting in MIXES:
        return tuple(index for index, bit in enumerate(MIXES[setting]) if bit == "1")
    return tuple(k for k, symmetry in enumerate(TRANSFORMATIONS) if symmetry.name == setting)


def transformed(samples: Samples, setting: str, seed: int) -> Samples:
    """Apply the transformations of `setting` to training and test images.

    Args:
        samples: 8-bit grayscale images on an even square grid.
        setting: one of `SETTINGS`.
        seed: decides which images are transformed, and the angles.

    Raises:
        SettingsError: the setting is unknown.
        DataError: see `check_images`.
    """
    chosen = chosen_transformations(setting)
    check_images(samples, is_even=True)
    test = samples.x_test
    return replace(
        samples,
        name=f"{samples.name} {setting}",
        x=_apply(samples.x, chosen, stream(seed, Purpose.G_TRAIN)),
        x_test=None if test is None else _apply(test, chosen, stream(seed, Purpose.G_TEST)),
    )


def _apply(
    x: NDArray[np.uint8], chosen: tuple[int, ...], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Transform images of shape `(n, 1, side, side)`; the draws do not depend on the setting."""
    coins = rng.integers(2, size=(len(x), len(TRANSFORMATIONS)), dtype=np.int64).astype(bool)
    angles = rng.integers(TURN, size=len(x), dtype=np.int64)
    images = x[:, 0].copy()
    domain = Grid(*images.shape[1:])
    for index in chosen:
        symmetry, some = TRANSFORMATIONS[index], coins[:, index]
        if symmetry.name == "rot90":
            images[some] = rotated(images[some], angles[some])
        else:
            flat = images[some].reshape(-1, domain.size)
            images[some] = symmetry.action(domain).apply(flat).reshape(-1, *domain.shape)
    return images[:, None]
