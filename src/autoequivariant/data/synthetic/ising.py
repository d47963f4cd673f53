"""Configurations of the Ising model, a magnet, below and above its critical temperature.

The lattice is square with periodic boundaries.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays

SIDE = 12
SAMPLES = 2000
SWEEPS = 150
"""Updates of every spin: several times the correlation time at the temperatures below."""

ORDERED, DISORDERED = (1.6, 2.1), (2.5, 3.2)
"""Temperatures on both sides of the infinite lattice's critical one, 2.269 (Onsager, Physical
Review 65, 1944), far enough from it for a lattice of this side.
"""


def make_ising() -> Arrays:
    """Return 2,000 configurations of 12x12 spins of 1 and -1, half of each phase.

    Each is drawn independently at its own temperature, by heat-bath updates that alternate between
    the two colours of a chessboard. Those that start ordered are up or down with equal probability.
    """
    rng = np.random.default_rng(0)
    is_ordered = np.arange(SAMPLES) % 2 == 0
    low, high = np.where(is_ordered[:, None], ORDERED, DISORDERED).T
    temperature = rng.uniform(low, high)
    noise = rng.integers(0, 2, (SAMPLES, SIDE, SIDE))
    whole = rng.integers(0, 2, (SAMPLES, 1, 1))
    spins = np.where(is_ordered[:, None, None], whole, noise).astype(np.int8) * 2 - 1
    row, column = np.indices((SIDE, SIDE))
    for _ in range(SWEEPS):
        for colour in (0, 1):
            drawn = _heat_bath(spins, temperature, rng)
            spins = np.where((row + column) % 2 == colour, drawn, spins)
    return Arrays(spins, np.where(is_ordered, "ordered", "disordered"))


def neighbours(spins: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the sum of the four neighbours of every spin, shape `(n, side, side)`."""
    return np.asarray(
        np.roll(spins, 1, 1) + np.roll(spins, -1, 1) + np.roll(spins, 1, 2) + np.roll(spins, -1, 2)
    )


def _heat_bath(
    spins: NDArray[np.int8], temperature: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int8]:
    # A spin is up with probability 1 / (1 + exp(-2 h / T)), where h is -4, -2, 0, 2 or 4.
    fields = np.arange(-4, 5, 2) / temperature[:, None]
    up = (1 / (1 + np.exp(-2 * fields))).astype(np.float32)
    place = (neighbours(spins) + 4) // 2
    chance = up[np.arange(len(spins))[:, None, None], place]
    return np.where(rng.random(spins.shape, np.float32) < chance, 1, -1).astype(np.int8)
