"""Random streams: an independent generator for each seed and purpose, never a global one."""

from __future__ import annotations

import numbers
from enum import IntEnum

import numpy as np

from autoequivariant.errors import SettingsError


class Purpose(IntEnum):
    """The use of a stream; results depend on these numbers, which never change."""

    SPLIT = 1
    PLANT_TRAIN = 2
    PLANT_VALIDATION = 3
    PLANT_TEST = 4
    FOLDS = 5
    G_TRAIN = 6
    G_TEST = 7
    ROT_DRAW = 8
    ROT_ANGLES = 9
    PLANT_FURTHER = 10


def stream(seed: int, purpose: Purpose) -> np.random.Generator:
    """Return the generator of `seed` for one purpose, independent of those for other purposes.

    Raises:
        SettingsError: the seed is not a whole number of 0 or more.
    """
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
        raise SettingsError(f"The seed must be a whole number of 0 or more, not {seed!r}.")
    return np.random.default_rng((int(seed), int(purpose)))
