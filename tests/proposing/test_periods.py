"""The period that the autocorrelation shows."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from autoequivariant.proposing.periods import period

MOST_SHOWN = 0.05
DRAWS = 200


def noise(rng: np.random.Generator, count: int, length: int, redness: float) -> NDArray[np.float64]:
    white = rng.standard_normal((count, length + 1000))
    return np.asarray(lfilter([1.0], [1.0, -redness], white, axis=1)[:, -length:])


def rings(count: int, length: int, step: int, strength: float, seed: int) -> NDArray[np.float64]:
    """Lines of noise with a pattern of their own that repeats after `step`."""
    rng = np.random.default_rng(seed)
    pattern = rng.standard_normal((count, step))
    return strength * np.tile(pattern, length // step) + rng.standard_normal((count, length))


@pytest.mark.parametrize(
    ("count", "length", "step", "strength"),
    [
        (50, 120, 24, 0.7),
        (200, 60, 5, 0.7),
        (1, 240, 12, 2),
        (3, 720, 24, 1),
        (30, 96, 32, 1),
        (30, 12, 3, 3),
    ],
)
def test_a_known_period_is_found(count: int, length: int, step: int, strength: float) -> None:
    found = [period(rings(count, length, step, strength, seed)) for seed in range(5)]
    assert found == [step] * 5


def test_the_least_of_the_multiples_is_found_unless_a_larger_is_clearer() -> None:
    day, week = rings(40, 504, 24, 1, 0), rings(40, 504, 168, 1, 1)
    assert period(day + 0.3 * week) == 24
    assert period(0.4 * day + 2 * week) == 168


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "length", "redness"),
    [(1, 96, 0), (40, 120, 0), (1, 96, 0.5), (20, 100, 0.9), (1, 360, 0.99), (5, 96, 1)],
)
def test_noise_seldom_shows_a_period(count: int, length: int, redness: float) -> None:
    rng = np.random.default_rng(0)
    shown = [period(noise(rng, count, length, redness), seed) for seed in range(DRAWS)]
    assert sum(one is not None for one in shown) <= MOST_SHOWN * DRAWS


@pytest.mark.slow
def test_samples_that_share_their_noise_count_as_one() -> None:
    shown = []
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        shared = noise(rng, 1, 96, 0.5)
        shown.append(period(shared + 0.1 * rng.standard_normal((100, 96)), seed))
    assert sum(one is not None for one in shown) <= MOST_SHOWN * DRAWS


@pytest.mark.parametrize(
    "lines",
    [
        np.ones((5, 12)),
        np.zeros((0, 12)),
        rings(5, 14, 7, 9, 0)[:, :13],  # no shift by 7 acts on 13 positions
        np.linspace(0, 1, 120)[None] * np.ones((7, 1)),
        np.sin(np.arange(100) / 7.3)[None],  # a period that does not divide the length
        np.sin(np.arange(100) / 4.6)[None],
        rings(30, 96, 48, 2, 0),  # two halves
        np.zeros((1, 2**16 + 2)),
        np.zeros((4, 1)),
    ],
)
def test_lines_without_a_period(lines: NDArray[np.float64]) -> None:
    assert period(lines) is None


def test_units_and_constant_lines_do_not_matter() -> None:
    lines = rings(20, 48, 12, 2, 0)
    lines[:5] = 3
    assert period(lines) == period(1e6 * lines + 1e9) == 12
    assert period(np.round(10 * lines).astype(np.int16)) == 12
