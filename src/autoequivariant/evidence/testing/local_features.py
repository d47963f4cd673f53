"""Features of small patches, pooled over all places: what a kernel on whole samples cannot see.

Two sequences of the same letters in another order may be as far apart as any two; how often a
letter follows another is what a reversal changes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autoequivariant.evidence.testing.features import Matrix, median_squared_distance

MOST_SEQUENCES, MOST_IMAGES = 2000, 500
"""Samples of which local features are taken, at most: of one axis, and of more."""
MOST_PLACES = 4_000_000
"""Patches of all samples together, at most."""
_PATTERNS = {1: 32, 2: 16, 3: 16}  # by the number of axes
_SIDE = {1: 5, 2: 3, 3: 3}  # of a patch
_AT_ONCE = 20_000_000  # values of patches


def most_samples(shape: tuple[int, ...]) -> int:
    """Return of how many samples local features are taken, at most."""
    most = MOST_SEQUENCES if len(shape) == 1 else MOST_IMAGES
    return min(most, max(1, MOST_PLACES // math.prod(shape)))


class LocalFeatures:
    """Mean similarity of a sample's patches to each of some patterns.

    Args:
        landmarks: values of samples that no test sees, shape `(m, channels * indices)`.
        channels: number of channels.
        shape: of the domain, one to three axes.
        rng: draws the patterns from the landmarks' patches.
    """

    def __init__(
        self, landmarks: Matrix, channels: int, shape: tuple[int, ...], rng: np.random.Generator
    ) -> None:
        self._shape = (channels, *shape)
        spread = float(landmarks.std(dtype=np.float64))
        self._mean = np.float32(landmarks.mean(dtype=np.float64))
        self._standard = np.float32(1 / spread if spread > 0 else 1.0)
        self._side = tuple(min(_SIDE[len(shape)], length) for length in shape)
        patches = self._patches(landmarks)
        patches = patches.reshape(-1, patches.shape[-1])
        varied = patches[patches.std(axis=1) > 0]
        count = _PATTERNS[len(shape)]
        patches = varied if len(varied) >= count else patches
        chosen = rng.choice(len(patches), min(count, len(patches)), replace=False)
        self._patterns = np.ascontiguousarray(patches[chosen])
        median = median_squared_distance(self._patterns)
        self._rate = np.float32(1 / median if median > 0 else 1.0)
        self._per_unit = np.ones(len(self._patterns), np.float32)
        spreads = self(landmarks).std(axis=0)
        self._per_unit = (1 / np.where(spreads > 0, spreads, 1)).astype(np.float32)

    def __call__(self, x: Matrix) -> Matrix:
        """Return features, shape `(n, patterns)`, for values of shape `(n, channels * indices)`."""
        size = math.prod(self._shape) * self._patterns.shape[1]
        step = max(1, _AT_ONCE // size)
        parts = [self._pooled(x[start : start + step]) for start in range(0, len(x), step)]
        return np.concatenate(parts) * self._per_unit

    def _pooled(self, x: Matrix) -> Matrix:
        patches = self._patches(x)
        similar = 2 * patches @ self._patterns.T
        similar -= np.einsum("npv,npv->np", patches, patches)[..., np.newaxis]
        similar -= np.einsum("kv,kv->k", self._patterns, self._patterns)
        np.minimum(similar, 0, out=similar)  # rounding
        similar *= self._rate
        return np.asarray(np.exp(similar, out=similar).mean(axis=1))

    def _patches(self, x: Matrix) -> Matrix:
        """Return all patches, shape `(n, places, values)`."""
        axes = tuple(range(2, 1 + len(self._shape)))
        x = (x - self._mean) * self._standard
        windows = sliding_window_view(x.reshape(len(x), *self._shape), self._side, axis=axes)
        windows = np.moveaxis(windows, 1, 1 + len(axes))  # n, places..., channels, patch...
        return np.ascontiguousarray(windows).reshape(
            len(x), math.prod(windows.shape[1 : 1 + len(axes)]), -1
        )
