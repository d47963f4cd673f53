"""The period of sequences and of lines of a grid, by their autocorrelation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST = 2**16
"""Longer lines are not looked at."""
MOST_ENTRIES = 2**21
"""Numbers that are looked at: of more samples some, evenly spaced."""
LEAST_PEAK = 0.1
"""Height of a clear peak of the autocorrelation above the middle between it and the next."""
LEVEL = 0.01
"""Probability that noise shows a period."""
NEARLY = 0.8
"""Of periods that are multiples of each other the least is taken that has this share of the largest
autocorrelation.
"""
_DRAWS, _MOST_LINES, _PAIRS = 199, 16, 256

_Floats = NDArray[np.float64]


def period(lines: NDArray[Any], seed: int = 0) -> int | None:
    """Return the period of lines, if they clearly have one and it divides their length.

    The mean circular autocorrelation r has to have a peak at the period p: r(p) exceeds its
    neighbours, and (r(p / 2) + r(3 p / 2)) / 2 by `LEAST_PEAK` or more and by more than noise does.
    Noise is autoregressive of order 1, as red as the lines and as long; the largest deviation at
    all divisors is compared with that of 199 draws. Each draw has as many lines as there are
    independent ones, as the squared correlations of random pairs tell. Half the length is no
    candidate: any wave of about that length peaks there, and exchanges of halves are tried anyway.

    Args:
        lines: shape `(n, length)`.
        seed: of the noise.
    """
    length = lines.shape[1]
    periods = np.array([p for p in range(2, length // 3 + 1) if length % p == 0], int)
    if len(periods) == 0 or length > LONGEST or not len(lines):
        return None
    step = -(-lines.size // MOST_ENTRIES)
    normal = _normal(lines[::step].astype(np.float64))
    if not len(normal):
        return None
    correlation = _autocorrelation(normal).mean(axis=0)
    rng = np.random.default_rng(seed)
    independent = _independent(normal, rng)
    heights = _heights(correlation, periods)
    noise = np.stack(
        [_heights(_noise(correlation[1], independent, length, rng), periods) for _ in range(_DRAWS)]
    )
    centre, spread = noise.mean(axis=0), noise.std(axis=0) + 1e-12
    largest = ((noise - centre) / spread).max(axis=1)
    scores = (heights - centre) / spread
    beaten = np.array([(largest >= score).sum() for score in scores])
    is_clear = (1 + beaten) / (1 + _DRAWS) <= LEVEL
    is_clear &= (heights >= LEAST_PEAK) & _are_peaks(correlation, periods)
    clear = periods[is_clear]
    if len(clear) == 0:
        return None
    return int(clear[correlation[clear] >= NEARLY * correlation[clear].max()][0])


def _normal(lines: _Floats) -> _Floats:
    """Lines of mean 0 and length 1, without those that are constant."""
    centred = lines - lines.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    kept = norms > 1e-9 * (1 + np.abs(lines).max(axis=1))
    return np.asarray(centred[kept] / norms[kept, None])


def _autocorrelation(normal: _Floats) -> _Floats:
    """The circular autocorrelation of each line, at lags from 0."""
    power = np.abs(np.fft.rfft(normal, axis=1)) ** 2
    return np.fft.irfft(power, normal.shape[1], axis=1)


def _heights(correlation: _Floats, periods: NDArray[np.int64]) -> _Floats:
    """How far the autocorrelation at periods exceeds that half a period before and after."""
    half = periods // 2
    middle = (correlation[periods - half] + correlation[(periods + half) % len(correlation)]) / 2
    return np.asarray(correlation[periods] - middle)


def _are_peaks(correlation: _Floats, periods: NDArray[np.int64]) -> NDArray[np.bool_]:
    after = correlation[(periods + 1) % len(correlation)]
    return np.asarray(
        (correlation[periods] > correlation[periods - 1]) & (correlation[periods] > after)
    )


def _independent(normal: _Floats, rng: np.random.Generator) -> int:
    """About how many lines are independent: n / (1 + (n - 1) c), c the mean squared correlation."""
    count = len(normal)
    if count == 1:
        return 1
    first = rng.integers(count, size=_PAIRS)
    second = (first + rng.integers(1, count, size=_PAIRS)) % count
    shared = float(((normal[first] * normal[second]).sum(axis=1) ** 2).mean())
    return max(1, min(_MOST_LINES, round(count / (1 + (count - 1) * shared))))


def _noise(redness: float, count: int, length: int, rng: np.random.Generator) -> _Floats:
    """The mean autocorrelation of so many lines of autoregressive noise of order 1."""
    from scipy.signal import lfilter  # here, because it takes long

    memory = min(max(float(redness), 0.0), 0.999)
    warm = min(length, 1000)
    white = rng.standard_normal((count, warm + length))
    red = lfilter([1.0], [1.0, -memory], white, axis=1)[:, warm:]
    return np.asarray(_autocorrelation(_normal(red)).mean(axis=0))
