"""Numbers of free weights as colours that can be told apart."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

from autoequivariant.report.findings.weight_sharing import GAP, ZERO

_TURN = 0.6180339887498949  # of the colour circle: the golden ratio keeps followers far apart
_TONES = ((0.62, 0.92), (0.80, 0.68), (0.42, 0.98), (0.70, 0.48))
_MOST = 4096  # colours; more numbers than these use them again
_LEAST_SIDE = 240


def coloured(index: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return pixels, shape `(height, width, 4)`: gaps are clear, forced zeros grey."""
    palette = np.array([_colour(number) for number in range(_MOST)], np.uint8)
    pixels = np.full((*index.shape, 4), 255, np.uint8)
    pixels[..., :3] = palette[np.where(index < 0, 0, index) % _MOST]
    pixels[index == GAP] = 0
    pixels[index == ZERO] = (128, 128, 128, 255)
    factor = max(1, _LEAST_SIDE // max(index.shape))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _colour(number: int) -> list[int]:
    saturation, value = _TONES[number % len(_TONES)]
    parts = colorsys.hsv_to_rgb((number * _TURN) % 1, saturation, value)
    return [round(255 * part) for part in parts]
