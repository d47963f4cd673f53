"""Numbers of free weights as colours: few get distinct colours, many a continuous scale."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray
from plotly.colors import sequential, unlabel_rgb

from autoequivariant.nn.sharing_map import GAP, ZERO

_FEW = 48
_TURN = 0.6180339887498949  # of the colour circle: the golden ratio keeps followers far apart
_TONES = ((0.62, 0.92), (0.80, 0.68), (0.42, 0.98), (0.70, 0.48))
_LEAST_SIDE = 240


def coloured(index: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return pixels, shape `(height, width, 4)`: gaps are clear, forced zeros grey."""
    shown, place = np.unique(index, return_inverse=True)
    free = int((shown >= 0).sum())
    rank = place.reshape(index.shape) - (len(shown) - free)
    pixels = np.full((*index.shape, 4), 255, np.uint8)
    if free:
        pixels[..., :3] = _palette(free)[np.maximum(rank, 0)]
    pixels[index == GAP] = 0
    pixels[index == ZERO] = (128, 128, 128, 255)
    factor = max(1, _LEAST_SIDE // max(index.shape))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _palette(count: int) -> NDArray[np.uint8]:
    """A colour for each of so many weights, shape `(count, 3)`."""
    if count <= _FEW:
        return np.array([_colour(number) for number in range(count)], np.uint8)
    ends = np.array([_rgb(text) for text in sequential.Turbo], np.float64)
    at = np.linspace(0, len(ends) - 1, count)
    parts = [np.interp(at, np.arange(len(ends)), ends[:, k]) for k in range(3)]
    return np.round(np.stack(parts, axis=1)).astype(np.uint8)


def _rgb(text: str) -> tuple[float, ...]:
    """Read `#30123b` or `rgb(48,18,59)`."""
    if text.startswith("#"):
        return tuple(int(text[k : k + 2], 16) for k in (1, 3, 5))
    return tuple(float(part) for part in unlabel_rgb(text))


def _colour(number: int) -> list[int]:
    saturation, value = _TONES[number % len(_TONES)]
    parts = colorsys.hsv_to_rgb((number * _TURN) % 1, saturation, value)
    return [round(255 * part) for part in parts]
